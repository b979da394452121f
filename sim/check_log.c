/* check_log.c - what nodes write to their logs, what is on their disks, and Log Matching. */
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/check_inner.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Log Matching ------------------------------------------------------------------ */

/* Whether the first who had this pair still has it, with the same entry before it. */
static bool same_before(const sim_check *c, sim_id first, sim_id node, uint64_t index)
{
    const check_node *a = &c->at[first], *b = &c->at[node];
    return a->last >= index &&
           check_at(c, a, index - 1).chain == check_at(c, b, index - 1).chain;
}

static bool logs_differ(sim_check *c, sim_id node, uint64_t index, uint64_t term,
                        check_who first, uint64_t seq, sim_breach *out)
{
    bool content =
        check_whose(first) != node && same_before(c, check_whose(first), node, index);
    check_say_one(c, check_seq(first), "%s wrote %" PRIu64 "@%" PRIu64 " to its log",
                  check_name(c, check_whose(first)), index, term);
    check_say_other(
        c, seq, "%s wrote %" PRIu64 "@%" PRIu64 " %s", check_name(c, node), index, term,
        content ? "with another content" : "behind other entries or with another content");
    return check_break(c, LOG_MATCHING, out);
}

/* Another log has this index and term already, with another chain. */
static bool check_differing(sim_check *c, sim_id node, uint64_t index, check_link link,
                            check_who first, uint64_t seq, sim_breach *out)
{
    if (!check_is_void(c, first, link.term))
        return logs_differ(c, node, index, link.term, first, seq, out);
    check_who me = check_who_is(seq, node);
    check_block *b = check_block_need(c, index);
    check_pair *p = &b->at[index & (CHECK_BLOCK - 1)].pair;
    if (p->term == link.term)
        *p = (check_pair){link.chain, link.term, me};
    else
        check_facts_set(&b->others, index, link.term, link.chain, me);
    return true;
}

/* The first pair of an index is found by the index alone; an index that sees several terms
 * has the others in a table. */
static inline bool check_pair_of(sim_check *c, check_block *b, sim_id node, uint64_t index,
                                 check_link link, uint64_t seq, sim_breach *out)
{
    check_pair *p = &b->at[index & (CHECK_BLOCK - 1)].pair;
    if (!p->who) {
        *p = (check_pair){link.chain, link.term, check_who_is(seq, node)};
        return true;
    }
    uint64_t chain = p->chain;
    check_who who = p->who;
    if (p->term != link.term) {
        const check_fact *f =
            check_facts_put(&b->others, index, link.term, link.chain, check_who_is(seq, node));
        chain = f->value;
        who = f->who;
    }
    return chain == link.chain || check_differing(c, node, index, link, who, seq, out);
}

static void reserve(check_node *n, uint64_t last)
{
    assert(last - n->base < SIZE_MAX / sizeof(check_link) - 1);
    const size_t links = (size_t)(last - n->base) + 1;
    if (links > n->log_capacity)
        n->log = sim_grow(n->log, &n->log_capacity, links, sizeof *n->log);
}

/* Puts entries behind the node's last. */
static bool extend(sim_check *c, sim_id node, const sim_entry *entries, uint64_t n,
                   uint64_t seq, sim_breach *out)
{
    check_node *me = &c->at[node];
    reserve(me, me->last + n);
    me->log_seq = seq;
    check_link *to = &me->log[me->last - me->base];
    check_block *b = NULL;
    uint64_t chain = to->chain;
    for (uint64_t i = 0; i < n; i++) {
        chain = sim_hash_mix(sim_hash_mix(chain, entries[i].term), entries[i].checksum);
        check_link link = {chain, entries[i].term};
        *++to = link;
        me->last++;
        if (entries[i].kind == SIM_ENTRY_CONFIG)
            check_config_push(me, me->last, seq);
        if (!b || me->last % CHECK_BLOCK == 0)
            b = check_block_need(c, me->last);
        if (b && !check_pair_of(c, b, node, me->last, link, seq, out))
            return false;
    }
    return true;
}

/* ---- disks that hold what is committed ---------------------------------------------- */

uint64_t check_agrees_up_to(const sim_check *c, const check_node *n, uint64_t low,
                            uint64_t high)
{
    while (low < high) {
        uint64_t middle = high - (high - low) / 2;
        if (check_agrees(c, n, middle))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Before the disk of a node stops agreeing with its log from an index on: the highest
 * committed entry that goes with it; 0 when none does. */
static uint64_t highest_held(const sim_check *c, const check_node *n, uint64_t from)
{
    uint64_t high = n->synced < c->committed ? n->synced : c->committed;
    if (high < from || !from || !check_agrees(c, n, from))
        return 0;
    return check_agrees_up_to(c, n, from, high);
}

static bool still_held(sim_check *c, sim_id node, uint64_t index, uint64_t seq, sim_breach *out)
{
    sim_set holders;
    if (!check_committed_at(c, index)->who || check_quorum_holds(c, index, &holders))
        return true;
    check_say_committed(c, index);
    check_say_holders(c, holders, index, seq, ", since %s gave it up", check_name(c, node));
    return check_break(c, COMMITTED_STAYS, out);
}

bool check_lower_synced(sim_check *c, sim_id node, uint64_t synced, uint64_t seq,
                        sim_breach *out)
{
    check_node *n = &c->at[node];
    if (synced >= n->synced)
        return true;
    uint64_t held = highest_held(c, n, synced + 1);
    n->synced = synced;
    return still_held(c, node, held, seq, out);
}

/* ---- what the node tells ------------------------------------------------------------- */

/* A node that knows an entry to be committed must never cut it off. */
static bool cuts_committed(sim_check *c, sim_id node, uint64_t from, uint64_t seq,
                           sim_breach *out)
{
    const check_node *n = &c->at[node];
    check_say_one(c, check_seq(n->commit_at), "%s had committed up to %" PRIu64 "@%" PRIu64,
                  check_name(c, node), n->commit, check_at(c, n, n->commit).term);
    check_say_other(c, seq, "%s cut its log from index %" PRIu64 " on", check_name(c, node),
                    from);
    return check_break(c, COMMITTED_STAYS, out);
}

void check_push_cut(check_node *n, check_cut cut)
{
    if (n->cuts_n == n->cuts_capacity)
        n->cuts = sim_grow(n->cuts, &n->cuts_capacity, n->cuts_n + 1, sizeof *n->cuts);
    n->cuts[n->cuts_n++] = cut;
}

void check_pop_cut(check_node *n)
{
    n->cuts_n--;
    memmove(n->cuts, n->cuts + 1, n->cuts_n * sizeof *n->cuts);
}

bool sim_check_truncate(sim_check *c, sim_id node, uint64_t from, uint64_t seq, sim_breach *out)
{
    check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    assert(from > 0);
    if (from > n->last)
        return true;
    if (from <= n->commit)
        return cuts_committed(c, node, from, seq, out);
    check_push_cut(n, (check_cut){.from = from});
    if (n->doomed < n->last)
        n->doomed = n->last;
    if (!n->cut_from || from < n->cut_from)
        n->cut_from = from;
    n->wrote = true;
    /* What is gone from the log may stay on disk for a while; it is not counted on any
     * more.  A node that made up a quorum never truncates, so that costs nothing. */
    bool well = check_lower_synced(c, node, from - 1, seq, out);
    n->last = from - 1;
    n->log_seq = seq;
    if (n->holds > n->last)
        n->holds = n->last;
    if (n->last < n->base)
        check_rebase(c, n, n->last);
    check_config_cut(n, n->last);
    check_node_moved(c, n);
    return well;
}

static bool leaves_gap(sim_check *c, sim_id node, uint64_t first, uint64_t seq, sim_breach *out)
{
    check_say_one(c, c->at[node].log_seq, "the log of %s ended at index %" PRIu64,
                  check_name(c, node), c->at[node].last);
    check_say_other(c, seq, "%s wrote its next entry at index %" PRIu64, check_name(c, node),
                    first);
    return check_break(c, LOG_MATCHING, out);
}

bool sim_check_append(sim_check *c, sim_id node, uint64_t first, const sim_entry *entries,
                      uint32_t n, uint64_t seq, sim_breach *out)
{
    check_node *me = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    if (first > me->last + 1)
        return leaves_gap(c, node, first, seq, out);
    /* Writing over entries is cutting them off first. */
    if (first <= me->last && !sim_check_truncate(c, node, first, seq, out))
        return false;
    me->wrote = true;
    const bool well = extend(c, node, entries, n, seq, out);
    check_log_may_have_moved(c, me);
    return well;
}

bool sim_check_durable(sim_check *c, sim_id node, uint64_t low, uint64_t last, uint64_t seq,
                       sim_breach *out)
{
    check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    assert(low <= last);
    /* Writes are done in order, so one that lowered the end did the oldest cut. */
    if (low < n->on_disk && n->cuts_n)
        check_pop_cut(n);
    n->on_disk = last;
    if (low < n->synced && !check_lower_synced(c, node, low, seq, out))
        return false;
    /* Behind a cut that is still to come, the disk holds what the log has no more. */
    uint64_t same = last < n->last ? last : n->last;
    for (size_t i = 0; i < n->cuts_n; i++)
        if (n->cuts[i].from - 1 < same)
            same = n->cuts[i].from - 1;
    if (same > n->synced)
        n->synced = same;
    if (!n->cuts_n)
        n->doomed = 0;
    check_disk_may_have_moved(c, n);
    return true;
}

bool sim_check_load(sim_check *c, sim_id node, const sim_entry *entries, uint64_t n,
                    uint64_t seq, sim_breach *out)
{
    check_node *me = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    const uint64_t behind = me->boots_behind.index, last = behind + n;
    /* Up to synced the disk is known; only what lies behind is read. */
    uint64_t known = last < me->synced ? last : me->synced;
    if (!check_lower_synced(c, node, known, seq, out))
        return false;
    me->last = known;
    if (behind > known || behind > me->base)
        check_rest_on(c, me, me->boots_behind);
    else if (me->base > known)
        check_rebase(c, me, known);
    check_config_cut(me, me->last);
    me->cuts_n = 0;
    me->wrote = true;
    const uint64_t skip = me->last - behind;
    if (n > skip && !extend(c, node, entries + skip, n - skip, seq, out))
        return false;
    me->on_disk = me->synced = last;
    me->disk_base = behind;
    me->doomed = 0;
    check_node_moved(c, me);
    return true;
}

void sim_check_excuse(sim_check *c, sim_id node)
{
    check_node *n = &c->at[node];
    n->excused = true;
    if (n->synced <= n->lost_last)
        return; /* what it lost before was more */
    n->lost_base = n->synced < n->base ? n->synced : n->base;
    n->lost_last = n->synced;
    const size_t links = (size_t)(n->lost_last - n->lost_base) + 1;
    n->lost = sim_realloc(n->lost, links * sizeof *n->lost);
    for (size_t i = 0; i < links; i++)
        n->lost[i] = check_at(c, n, n->lost_base + i);
}
