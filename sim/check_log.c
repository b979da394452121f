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
    return a->last >= index && a->log[index - 1].chain == b->log[index - 1].chain;
}

static bool logs_differ(sim_check *c, sim_id node, uint64_t index, uint64_t term,
                        check_who first, uint64_t seq, sim_breach *out)
{
    bool content =
        check_whose(first) != node && same_before(c, check_whose(first), node, index);
    check_say_one(c, "%s wrote %" PRIu64 "@%" PRIu64 " to its log (event %" PRIu64 ")",
                  check_name(c, check_whose(first)), index, term, check_seq(first));
    check_say_other(
        c, "%s wrote %" PRIu64 "@%" PRIu64 " %s (event %" PRIu64 ")", check_name(c, node),
        index, term,
        content ? "with another content" : "behind other entries or with another content", seq);
    return check_break(c, LOG_MATCHING, out);
}

/* Another log has this index and term already, with another chain. */
static bool check_differing(sim_check *c, sim_id node, uint64_t index, check_link link,
                            check_who first, uint64_t seq, sim_breach *out)
{
    if (!check_is_void(c, first, link.term))
        return logs_differ(c, node, index, link.term, first, seq, out);
    check_who me = check_who_is(seq, node);
    if (c->pairs[index].term == link.term)
        c->pairs[index] = (check_pair){link.chain, link.term, me};
    else
        check_facts_set(&c->others, index, link.term, link.chain, me);
    return true;
}

/* The first pair of an index is found by the index alone; an index that sees several terms
 * has the others in a table. */
static inline bool check_pair_of(sim_check *c, sim_id node, uint64_t index, check_link link,
                                 uint64_t seq, sim_breach *out)
{
    check_pair *p = &c->pairs[index];
    if (!p->who) {
        *p = (check_pair){link.chain, link.term, check_who_is(seq, node)};
        return true;
    }
    uint64_t chain = p->chain;
    check_who who = p->who;
    if (p->term != link.term) {
        const check_fact *f =
            check_facts_put(&c->others, index, link.term, link.chain, check_who_is(seq, node));
        chain = f->value;
        who = f->who;
    }
    return chain == link.chain || check_differing(c, node, index, link, who, seq, out);
}

static void reserve(sim_check *c, check_node *n, uint64_t last)
{
    assert(last < SIZE_MAX / sizeof(check_pair) - 1);
    size_t need = (size_t)last + 1;
    if (need > n->log_capacity)
        n->log = sim_grow(n->log, &n->log_capacity, need, sizeof *n->log);
    if (need > c->pairs_capacity)
        c->pairs = sim_grow(c->pairs, &c->pairs_capacity, need, sizeof *c->pairs);
    if (need > c->pairs_n) {
        memset(&c->pairs[c->pairs_n], 0, (need - c->pairs_n) * sizeof *c->pairs);
        c->pairs_n = need;
    }
}

/* Puts entries behind the node's last. */
static bool extend(sim_check *c, sim_id node, const sim_entry *entries, uint64_t n,
                   uint64_t seq, sim_breach *out)
{
    check_node *me = &c->at[node];
    reserve(c, me, me->last + n);
    uint64_t chain = me->log[me->last].chain;
    for (uint64_t i = 0; i < n; i++) {
        chain = sim_hash_mix(sim_hash_mix(chain, entries[i].term), entries[i].checksum);
        check_link link = {chain, entries[i].term};
        me->log[++me->last] = link;
        if (!check_pair_of(c, node, me->last, link, seq, out))
            return false;
    }
    return true;
}

/* ---- disks that hold what is committed ---------------------------------------------- */

static bool on_disk(const sim_check *c, const check_node *n, uint64_t index)
{
    uint64_t chain = c->commits[index].chain;
    return (n->synced >= index && n->log[index].chain == chain) ||
           (n->lost_n >= index && n->lost[index].chain == chain);
}

bool check_quorum_holds(sim_check *c, uint64_t index, sim_set *holders)
{
    uint32_t found = 0, quorum = sim_count(c->voters) / 2 + 1;
    *holders = 0;
    for (sim_id id = 0; (id = sim_next(c->voters, id)) && id <= c->nodes && found < quorum;)
        if (on_disk(c, &c->at[id], index)) {
            *holders |= sim_one(id);
            found++;
        }
    return found >= quorum;
}

void check_say_holders(sim_check *c, sim_set holders, uint64_t index, uint64_t seq)
{
    char names[160] = "no disk holds";
    size_t len = 0;
    for (sim_id id = 0; (id = sim_next(holders, id)) && len < sizeof names;)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? " and " : "",
                                check_name(c, id));
    uint32_t voters = sim_count(c->voters), n = sim_count(holders);
    check_say_other(c,
                    "%s%s %" PRIu64 "@%" PRIu64
                    ": %u of the %u that it takes in a cluster of %u (event %" PRIu64 ")",
                    names, n ? n == 1 ? " alone has on disk" : " alone have on disk" : "",
                    index, c->commits[index].term, n, voters / 2 + 1, voters, seq);
}

/* Before the disk of a node stops agreeing with its log from an index on: the highest
 * committed entry that goes with it; 0 when none does. */
static uint64_t highest_held(const sim_check *c, const check_node *n, uint64_t from)
{
    uint64_t high = n->synced < c->committed ? n->synced : c->committed;
    if (high < from || !from || n->log[from].chain != c->commits[from].chain)
        return 0;
    uint64_t low = from; /* agrees; above high nothing can */
    while (low < high) {
        uint64_t middle = high - (high - low) / 2;
        if (n->log[middle].chain == c->commits[middle].chain)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static bool still_held(sim_check *c, sim_id node, uint64_t index, uint64_t seq, sim_breach *out)
{
    sim_set holders;
    if (!index || check_quorum_holds(c, index, &holders))
        return true;
    const check_commit *it = &c->commits[index];
    check_say_one(c, "%s committed %" PRIu64 "@%" PRIu64 " (event %" PRIu64 ")",
                  check_name(c, check_whose(it->who)), index, it->term, check_seq(it->who));
    check_say_holders(c, holders, index, seq);
    size_t len = strlen(c->breach.other);
    snprintf(c->breach.other + len, sizeof c->breach.other - len, ", since %s gave it up",
             check_name(c, node));
    return check_break(c, COMMITTED_STAYS, out);
}

/* The node's disk and log agree up to synced only, from now on. */
static bool lower_synced(sim_check *c, sim_id node, uint64_t synced, uint64_t seq,
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
    check_say_one(c, "%s had committed up to %" PRIu64 "@%" PRIu64 " (event %" PRIu64 ")",
                  check_name(c, node), n->commit, n->log[n->commit].term,
                  check_seq(n->commit_at));
    check_say_other(c, "%s cut its log from index %" PRIu64 " on (event %" PRIu64 ")",
                    check_name(c, node), from, seq);
    return check_break(c, COMMITTED_STAYS, out);
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
    if (n->cuts_n == n->cuts_capacity)
        n->cuts = sim_grow(n->cuts, &n->cuts_capacity, n->cuts_n + 1, sizeof *n->cuts);
    n->cuts[n->cuts_n++] = from;
    if (!n->cut_from || from < n->cut_from)
        n->cut_from = from;
    n->wrote = true;
    /* What is gone from the log may stay on disk for a while; it is not counted on any
     * more.  A node that made up a quorum never truncates, so that costs nothing. */
    bool well = lower_synced(c, node, from - 1, seq, out);
    n->last = from - 1;
    return well;
}

static bool leaves_gap(sim_check *c, sim_id node, uint64_t first, uint64_t seq, sim_breach *out)
{
    check_say_one(c, "the log of %s ended at index %" PRIu64, check_name(c, node),
                  c->at[node].last);
    check_say_other(c, "%s wrote its next entry at index %" PRIu64 " (event %" PRIu64 ")",
                    check_name(c, node), first, seq);
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
    return extend(c, node, entries, n, seq, out);
}

bool sim_check_durable(sim_check *c, sim_id node, uint64_t low, uint64_t last, uint64_t seq,
                       sim_breach *out)
{
    check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    assert(low <= last);
    /* Writes are done in order, so one that lowered the end did the oldest cut. */
    if (low < n->on_disk && n->cuts_n) {
        n->cuts_n--;
        memmove(n->cuts, n->cuts + 1, n->cuts_n * sizeof *n->cuts);
    }
    n->on_disk = last;
    if (low < n->synced && !lower_synced(c, node, low, seq, out))
        return false;
    /* Behind a cut that is still to come, the disk holds what the log has no more. */
    uint64_t same = last < n->last ? last : n->last;
    for (size_t i = 0; i < n->cuts_n; i++)
        if (n->cuts[i] - 1 < same)
            same = n->cuts[i] - 1;
    if (same > n->synced)
        n->synced = same;
    return true;
}

bool sim_check_load(sim_check *c, sim_id node, const sim_entry *entries, uint64_t n,
                    uint64_t seq, sim_breach *out)
{
    check_node *me = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    /* Up to synced the disk is known; only what lies behind is read. */
    uint64_t known = n < me->synced ? n : me->synced;
    if (!lower_synced(c, node, known, seq, out))
        return false;
    me->last = known;
    me->cuts_n = 0;
    me->wrote = true;
    if (n > known && !extend(c, node, entries + known, n - known, seq, out))
        return false;
    me->on_disk = me->synced = n;
    return true;
}

void sim_check_excuse(sim_check *c, sim_id node)
{
    check_node *n = &c->at[node];
    n->excused = true;
    if (n->synced <= n->lost_n)
        return; /* what it lost before was more */
    n->lost = sim_realloc(n->lost, ((size_t)n->synced + 1) * sizeof *n->lost);
    memcpy(n->lost, n->log, ((size_t)n->synced + 1) * sizeof *n->lost);
    n->lost_n = n->synced;
}
