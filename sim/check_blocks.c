/* check_blocks.c - what is known by index, in blocks of so many; and how it goes.
 *
 * A fact about an index is needed as long as an entry or a snapshot at that index can still
 * turn up somewhere.  It can come out of
 *   - a log: from its snapshot on, and what its node writes next of itself comes behind it;
 *   - a disk, that of a crashed node too: from its snapshot on to its end, and further to the
 *     end of what is on its way there, of which a torn write may leave a part, although the log
 *     has cut it off, or has a snapshot in its place, that the disk has not done yet;
 *   - a message on the network, held, late, doubled and damaged ones too, or one that waits at
 *     its sender for the disk: its entries, or its snapshot's last.  What a node has of a
 *     snapshot that has not come whole is of no use without the last chunk, which is a message,
 *     and who sends that has its own log begin there;
 * and out of nothing else: what a node hears late of its disk is on that disk, an application
 * is given entries of a log behind what it has applied, which is not before the log's snapshot,
 * a client that asks again makes an entry at a new index, and a read names none.
 *
 * Logs and disks hold the blocks that they reach into.  Blocks of committed entries that nobody
 * holds are idle; who moves the messages says from time to time which of them one brings, and
 * the others are forgotten, wherever they stand: behind the snapshots of all, or between an old
 * disk and what the others have gone on to.
 *
 * So every question about an index of a log finds its facts.  What was forgotten is named again
 * by a forged message, or by a cluster that begins anew because operators emptied its disks:
 * then there is nothing to compare with, and nothing is said.  But who begins anew begins at
 * index 1: the facts about the first indexes are never forgotten, and the first entry of those
 * that is another one is a breach.
 *
 * A forgotten block never comes back, and one that is not there is not held; so each release
 * finds the block that was held. */
#include "sim/base/memory.h"
#include "sim/check_inner.h"
#include "sim/ring.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static check_block **slot_of(const sim_check *c, uint64_t i)
{
    return &c->blocks[i & (c->blocks_capacity - 1)];
}

static bool is_within(const sim_check *c, uint64_t i)
{
    return c->blocks_first <= i && i < c->blocks_end;
}

static check_block *new_block(sim_check *c)
{
    check_block *b = c->spare;
    if (!b)
        return sim_alloc(sizeof *b);
    c->spare = b->next;
    memset(b, 0, sizeof *b);
    return b;
}

check_block *check_block_make(sim_check *c, uint64_t index)
{
    const uint64_t i = index >> CHECK_BLOCK_SHIFT;
    while (c->blocks_end <= i) {
        if (c->blocks_end - c->blocks_first == c->blocks_capacity)
            c->blocks = sim_ring_grow(c->blocks, &c->blocks_capacity, c->blocks_first,
                                      c->blocks_end, sizeof(check_block *));
        *slot_of(c, c->blocks_end++) = new_block(c);
    }
    return is_within(c, i) ? *slot_of(c, i) : NULL;
}

check_effect *check_effect_at(sim_check *c, uint64_t index)
{
    check_block *b = check_block_need(c, index);
    if (!b)
        return NULL;
    if (!b->effects)
        b->effects = sim_alloc(CHECK_BLOCK * sizeof *b->effects);
    return &b->effects[index & (CHECK_BLOCK - 1)];
}

/* ---- forgetting ---------------------------------------------------------------------- */

static void empty_block(check_block *b)
{
    check_facts_free(&b->others);
    check_facts_free(&b->members);
    free(b->memberships);
    free(b->effects);
}

/* Its facts are gone, unless they are of the beginning, which stays apart from the others. */
static void retire(sim_check *c, uint64_t i)
{
    check_block *b = *slot_of(c, i);
    *slot_of(c, i) = NULL;
    if (i < CHECK_BEGINNING) {
        c->beginning[i] = b;
        return;
    }
    if (b->effects)
        check_effects_forget(c, b->effects, CHECK_BLOCK);
    empty_block(b);
    b->next = c->spare;
    c->spare = b;
}

static void forget(sim_check *c, uint64_t i)
{
    retire(c, i);
    if (i != c->blocks_first)
        return;
    while (!*slot_of(c, c->blocks_first)) /* that of the last committed entry is there */
        c->blocks_first++;
    check_configs_forget(c, c->blocks_first << CHECK_BLOCK_SHIFT);
}

static void is_idle_now(sim_check *c, uint64_t i)
{
    check_block *b = is_within(c, i) ? *slot_of(c, i) : NULL;
    if (!b || b->holds || b->is_idle || i >= c->committed >> CHECK_BLOCK_SHIFT)
        return;
    b->is_idle = true;
    c->idle = sim_grow(c->idle, &c->idle_capacity, c->idle_n + 1, sizeof *c->idle);
    c->idle[c->idle_n++] = i;
}

void check_blocks_committed(sim_check *c, uint64_t before)
{
    for (uint64_t i = before >> CHECK_BLOCK_SHIFT; i < c->committed >> CHECK_BLOCK_SHIFT; i++)
        is_idle_now(c, i);
}

bool sim_check_may_forget(const sim_check *c)
{
    return c->idle_n > 0 && !c->keeps_all;
}

void sim_check_keep_all(sim_check *c)
{
    c->keeps_all = true;
}

void sim_check_keep(sim_check *c, uint64_t first, uint64_t last)
{
    const uint64_t end = last < UINT64_MAX - CHECK_AHEAD ? last : UINT64_MAX - CHECK_AHEAD;
    const uint64_t from = first >> CHECK_BLOCK_SHIFT, to = check_reach(end);
    for (uint64_t i = from < c->blocks_first ? c->blocks_first : from;
         i <= to && i < c->blocks_end; i++)
        if (*slot_of(c, i))
            (*slot_of(c, i))->kept = c->forgets + 1;
}

void sim_check_forget(sim_check *c)
{
    size_t kept = 0;
    c->forgets++;
    for (size_t i = 0; i < c->idle_n; i++) {
        check_block *b = *slot_of(c, c->idle[i]);
        if (b->holds)
            b->is_idle = false;
        else if (b->kept == c->forgets)
            c->idle[kept++] = c->idle[i];
        else
            forget(c, c->idle[i]);
    }
    c->idle_n = kept;
}

bool sim_check_forgot(const sim_check *c, uint64_t first, uint64_t last)
{
    uint64_t i = first >> CHECK_BLOCK_SHIFT;
    for (i = i < c->blocks_first ? c->blocks_first : i; i <= last >> CHECK_BLOCK_SHIFT; i++)
        if (i >= c->blocks_end || *slot_of(c, i))
            return false;
    return true;
}

/* ---- holding ------------------------------------------------------------------------- */

static void hold(sim_check *c, uint64_t first, uint64_t last)
{
    for (uint64_t i = first; i <= last; i++) {
        check_block *b = check_block_make(c, i << CHECK_BLOCK_SHIFT);
        if (b)
            b->holds++;
    }
}

static void release(sim_check *c, uint64_t first, uint64_t last)
{
    for (uint64_t i = first; i <= last; i++) {
        check_block *b = is_within(c, i) ? *slot_of(c, i) : NULL;
        if (!b)
            continue;
        assert(b->holds);
        if (--b->holds == 0)
            is_idle_now(c, i);
    }
}

/* A node reaches from one index to another now; what it holds anew before what it lets go. */
static void cover(sim_check *c, check_range *r, uint64_t first, uint64_t last)
{
    const check_range old = *r, now = {first >> CHECK_BLOCK_SHIFT, check_reach(last)};
    *r = now;
    if (now.first > old.last || now.last < old.first) {
        hold(c, now.first, now.last);
        release(c, old.first, old.last);
        return;
    }
    if (now.first < old.first)
        hold(c, now.first, old.first - 1);
    if (now.last > old.last)
        hold(c, old.last + 1, now.last);
    if (now.first > old.first)
        release(c, old.first, now.first - 1);
    if (now.last < old.last)
        release(c, now.last + 1, old.last);
}

void check_node_moved(sim_check *c, check_node *n)
{
    /* First the disk: what the log gives up may be on its way there. */
    cover(c, &n->disk_holds, n->disk_base, check_disk_end(n));
    cover(c, &n->log_holds, n->base, n->last);
}

void check_node_holds(sim_check *c, check_node *n)
{
    hold(c, n->log_holds.first, n->log_holds.last);
    hold(c, n->disk_holds.first, n->disk_holds.last);
    check_node_moved(c, n);
}

/* ---- life ---------------------------------------------------------------------------- */

static void *copy(const void *from, size_t bytes)
{
    void *to = sim_alloc(bytes);
    if (bytes)
        memcpy(to, from, bytes);
    return to;
}

static check_block *copy_block(const check_block *from)
{
    check_block *b = copy(from, sizeof *from);
    check_facts_copy(&b->others, &from->others);
    check_facts_copy(&b->members, &from->members);
    b->memberships_capacity = from->memberships_n;
    b->memberships = copy(from->memberships, from->memberships_n * sizeof *b->memberships);
    if (from->effects)
        b->effects = copy(from->effects, CHECK_BLOCK * sizeof *b->effects);
    return b;
}

void check_blocks_copy(sim_check *to, const sim_check *from)
{
    to->spare = NULL;
    to->idle = copy(from->idle, (to->idle_capacity = from->idle_n) * sizeof *to->idle);
    to->blocks = sim_alloc(to->blocks_capacity * sizeof *to->blocks);
    for (uint64_t i = from->blocks_first; i < from->blocks_end; i++)
        if (*slot_of(from, i))
            *slot_of(to, i) = copy_block(*slot_of(from, i));
    for (uint64_t i = 0; i < CHECK_BEGINNING; i++)
        if (from->beginning[i])
            to->beginning[i] = copy_block(from->beginning[i]);
}

static uint64_t block_bytes(const check_block *b)
{
    return sizeof *b + check_facts_bytes(&b->others) + check_facts_bytes(&b->members) +
           b->memberships_capacity * sizeof *b->memberships +
           (b->effects ? CHECK_BLOCK * sizeof *b->effects : 0);
}

uint64_t check_blocks_bytes(const sim_check *c)
{
    uint64_t bytes =
        c->blocks_capacity * sizeof *c->blocks + c->idle_capacity * sizeof *c->idle;
    for (uint64_t i = c->blocks_first; i < c->blocks_end; i++)
        if (*slot_of(c, i))
            bytes += block_bytes(*slot_of(c, i));
    for (uint64_t i = 0; i < CHECK_BEGINNING; i++)
        if (c->beginning[i])
            bytes += block_bytes(c->beginning[i]);
    for (const check_block *b = c->spare; b; b = b->next)
        bytes += sizeof *b;
    return bytes;
}

void check_blocks_free(sim_check *c)
{
    for (uint64_t i = c->blocks_first; i < c->blocks_end; i++) {
        if (*slot_of(c, i))
            empty_block(*slot_of(c, i));
        free(*slot_of(c, i));
    }
    for (uint64_t i = 0; i < CHECK_BEGINNING; i++) {
        if (c->beginning[i])
            empty_block(c->beginning[i]);
        free(c->beginning[i]);
    }
    for (check_block *b = c->spare, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(c->blocks);
    free(c->idle);
}
