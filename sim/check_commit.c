/* check_commit.c - what is committed and applied. */
#include "sim/base/memory.h"
#include "sim/check_inner.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

uint64_t check_committed_before(const sim_check *c, uint64_t term)
{
    /* Nearly always all of it: the winner of an election is of the newest term. */
    size_t low = 0, high = c->runs_n;
    if (!high || c->runs[high - 1].term < term)
        return c->committed;
    while (low < high) { /* the first run of this term or a higher one */
        size_t middle = low + (high - low) / 2;
        if (c->runs[middle].term < term)
            low = middle + 1;
        else
            high = middle;
    }
    /* The first of all began at 1; of a term before one that is forgotten nothing is known. */
    return low == 0 && c->runs[0].index > 1 ? 0 : c->runs[low].index - 1;
}

void check_runs_forget(sim_check *c, uint64_t term)
{
    if (c->runs_n <= 2 * CHECK_TERMS_KEPT)
        return;
    size_t gone = 0;
    while (gone < CHECK_TERMS_KEPT && c->runs[gone].term < term)
        gone++;
    c->runs_n -= gone;
    if (gone)
        memmove(c->runs, c->runs + gone, c->runs_n * sizeof *c->runs);
}

uint64_t check_first_lacking(const sim_check *c, const check_node *n, uint64_t index)
{
    uint64_t low = n->base ? n->base : 1;
    while (low < index && (check_agrees(c, n, low) || !check_committed_at(c, low)->who))
        low++;
    return low;
}

/* ---- committing ---------------------------------------------------------------------- */

static bool beyond_end(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                       sim_breach *out)
{
    check_say_one(c, c->at[node].log_seq, "the log of %s ends at index %" PRIu64,
                  check_name(c, node), c->at[node].last);
    check_say_other(c, seq, "%s committed up to index %" PRIu64, check_name(c, node),
                    v->commit);
    return check_break(c, MONOTONIC_COMMIT, out);
}

/* The node's log is not the committed one at index, which it says it has committed. */
static bool commits_differ(sim_check *c, sim_id node, uint64_t index, uint64_t seq,
                           sim_breach *out)
{
    const check_node *n = &c->at[node];
    const uint64_t low = check_first_lacking(c, n, index);
    check_say_committed(c, low);
    check_say_other(c, seq, "%s committed another entry there, %" PRIu64 "@%" PRIu64,
                    check_name(c, node), low, check_at(c, n, low).term);
    return check_break(c, STATE_MACHINE_SAFETY, out);
}

static void store_commits(sim_check *c, sim_id node, const sim_view *v, uint64_t seq)
{
    const check_node *n = &c->at[node];
    /* The run's term: the committing leader's, which does not fall from commit to commit as
     * long as all is well; where it does, Leader Completeness or this check speaks. */
    if (!c->runs_n || c->runs[c->runs_n - 1].term < v->term) {
        c->runs = sim_grow(c->runs, &c->runs_capacity, c->runs_n + 1, sizeof *c->runs);
        c->runs[c->runs_n++] = (check_run){c->committed + 1, v->term};
    }
    /* It does not reach behind base, where all is committed already. */
    const check_link *link = &n->log[c->committed + 1 - n->base];
    for (uint64_t i = c->committed + 1; i <= v->commit; i++, link++)
        check_index_of(c, i)->commit =
            (check_commit){link->chain, link->term, check_who_is(seq, node)};
    const uint64_t before = c->committed;
    c->committed = v->commit;
    if (n->configs_n)
        check_config_committed(c, n, before + 1, v->commit);
    if (before >> CHECK_BLOCK_SHIFT != v->commit >> CHECK_BLOCK_SHIFT)
        check_blocks_committed(c, before);
}

/* Whose disks count from now on.  Who knows no members counts by what was known. */
static bool count_by(sim_check *c, sim_set voters, sim_set outgoing, uint64_t index,
                     sim_set *holders)
{
    if (voters) {
        c->voters = voters;
        c->outgoing = outgoing;
    }
    return check_quorum_holds(c, index, holders);
}

/* By the membership in force on the node that committed it (thesis 4.1, 4.3).  A leader that
 * begins a change in the same step did so after the commit. */
static bool quorum_holds(sim_check *c, const check_node *n, const sim_view *v, sim_set *holders)
{
    if (count_by(c, v->voters, v->outgoing, v->commit, holders))
        return true;
    if (v->voters == n->voters && v->outgoing == n->outgoing)
        return false;
    return count_by(c, n->voters, n->outgoing, v->commit, holders) ||
           count_by(c, v->voters, v->outgoing, v->commit, holders);
}

/* The entry that was committed just now is on too few disks.  Where it would be enough if
 * those counted whose log has another entry at this place, the leader took theirs for its
 * own: two nodes will apply different entries. */
static bool too_few_disks(sim_check *c, sim_id node, uint64_t index, sim_set holders,
                          uint64_t seq, sim_breach *out)
{
    sim_set differing = 0;
    for (sim_id id = 0; (id = sim_next(c->voters | c->outgoing, id)) && id <= c->nodes;) {
        const check_node *n = &c->at[id];
        if (n->last >= index && !check_agrees(c, n, index))
            differing |= sim_one(id);
    }
    check_say_committed(c, index);
    check_say_holders(c, holders, index, seq, NULL);
    if (!check_is_quorum(c, holders | differing))
        return check_break(c, COMMITTED_STAYS, out);
    const sim_id differs = sim_next(differing, 0);
    check_say_other(c, c->at[differs].log_seq,
                    "%s, without which %s has no majority, has another entry there, %" PRIu64
                    "@%" PRIu64,
                    check_name(c, differs), check_name(c, node), index,
                    check_at(c, &c->at[differs], index).term);
    return check_break(c, STATE_MACHINE_SAFETY, out);
}

/* Leader Completeness the other way round: an entry that is committed after a leader of a
 * higher term was elected must be in that leader's log already. */
static bool leaders_have(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                         sim_breach *out)
{
    for (uint32_t i = 1; i <= c->nodes; i++) {
        const check_node *n = &c->at[i];
        if (i == node || n->role != SIM_LEADER || n->term <= v->term ||
            check_agrees(c, n, v->commit))
            continue;
        check_say_one(c, n->role_seq, "%s leads term %" PRIu64 " without %" PRIu64 "@%" PRIu64,
                      check_name(c, (sim_id)i), n->term, v->commit,
                      check_committed_at(c, v->commit)->term);
        check_say_other(c, seq, "%s committed it in term %" PRIu64, check_name(c, node),
                        v->term);
        return check_break(c, LEADER_COMPLETENESS, out);
    }
    return true;
}

bool check_commit_to(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                     sim_breach *out)
{
    const check_node *n = &c->at[node];
    if (v->commit > n->last)
        return beyond_end(c, node, v, seq, out);
    uint64_t both = v->commit < c->committed ? v->commit : c->committed;
    if (both && !check_agrees(c, n, both))
        return commits_differ(c, node, both, seq, out);
    if (v->commit <= c->committed)
        return true;
    store_commits(c, node, v, seq);
    sim_set holders;
    if (!quorum_holds(c, n, v, &holders))
        return too_few_disks(c, node, v->commit, holders, seq, out);
    return leaders_have(c, node, v, seq, out);
}

/* ---- applying ------------------------------------------------------------------------ */

static bool applied_wrongly(sim_check *c, sim_id node, uint64_t index, uint64_t seq,
                            sim_breach *out)
{
    const check_node *n = &c->at[node];
    const char *name = check_name(c, node);
    if (index > n->commit)
        check_say_one(c, check_seq(n->commit_at), "%s has committed up to index %" PRIu64, name,
                      n->commit);
    else
        check_say_one(c, check_seq(n->applied_at), "%s had applied up to index %" PRIu64, name,
                      n->applied);
    check_say_other(c, seq, "%s applied up to index %" PRIu64, name, index);
    return check_break(c, MONOTONIC_APPLIED, out);
}

bool sim_check_applied(sim_check *c, sim_id node, uint64_t index, uint64_t hash, uint64_t seq,
                       sim_breach *out)
{
    check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    /* What is committed on a node agrees with all others, so the index is enough. */
    const bool restored = index == n->applied && index == n->base; /* the same once more */
    if ((index <= n->applied && !restored) || index > n->commit)
        return applied_wrongly(c, node, index, seq, out);
    n->applied = index;
    n->applied_at = check_who_is(seq, node);
    check_index *it = check_index_of(c, index);
    if (!it)
        return true; /* it was forgotten */
    check_applied *s = &it->state;
    if (!s->who)
        *s = (check_applied){hash, n->applied_at};
    if (s->hash == hash)
        return true;
    check_say_one(c, check_seq(s->who),
                  "the state of %s after index %" PRIu64 " hashes to %016" PRIx64,
                  check_name(c, check_whose(s->who)), index, s->hash);
    check_say_other(c, seq, "the state of %s after index %" PRIu64 " hashes to %016" PRIx64,
                    check_name(c, node), index, hash);
    return check_break(c, EQUAL_STATE, out);
}

bool sim_check_taken(sim_check *c, sim_id node, sim_point last, uint64_t seq, sim_breach *out)
{
    const check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    if (last.index == n->applied)
        return true;
    const char *name = check_name(c, node);
    check_say_one(c, check_seq(n->applied_at), "%s has applied up to index %" PRIu64, name,
                  n->applied);
    check_say_other(c, seq,
                    "%s took a snapshot of this state and says that it is the one after "
                    "%" PRIu64 "@%" PRIu64,
                    name, last.index, last.term);
    return check_break(c, EQUAL_STATE, out);
}
