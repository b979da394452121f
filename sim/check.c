/* check.c - the table of invariants, the life of a checker, and a node's state: terms,
 * votes, leaders. */
#include "sim/check.h"
#include "sim/base/memory.h"
#include "sim/check_inner.h"
#include "sim/ring.h"
#include "sim/sim.h"
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const sim_invariant_info sim_invariants[] = {
    [ELECTION_SAFETY] =
        {"Election Safety", "Raft thesis 3.2, 3.4",
         "a term has at most one leader, elected once, a node votes for at most "
         "one candidate in it, and majorities overlap: every node counts by the "
         "newest configuration in its log, and a leader changes that one "
         "committed step at a time (4.1, 4.3)"},
    [LEADER_APPEND_ONLY] = {"Leader Append-Only", "Raft thesis 3.2, 3.5",
                            "a leader never overwrites or deletes entries of its log, it "
                            "only appends"},
    [LOG_MATCHING] = {"Log Matching", "Raft thesis 3.2, 3.5",
                      "two logs that have an entry of the same index and term are the same "
                      "up to it, and a log is what its node wrote"},
    [LEADER_COMPLETENESS] = {"Leader Completeness", "Raft thesis 3.2, 3.6.3",
                             "an entry that was committed in a term is in the log of every "
                             "leader of a higher term"},
    [STATE_MACHINE_SAFETY] = {"State Machine Safety", "Raft thesis 3.2, 3.6.3",
                              "no two nodes commit or apply different entries at an index, nor "
                              "take a snapshot of them"},
    [COMMITTED_STAYS] = {"Committed stays", "Raft thesis 3.6, 3.8",
                         "a committed entry is on the disks of a majority, stays there and "
                         "never changes, and no crash takes it from a disk whose node has "
                         "acknowledged it"},
    [MONOTONIC_TERM] = {"monotonic term", "Raft thesis 3.3, 3.8",
                        "a node's term never falls, and no crash takes it below a term that "
                        "others have heard from it"},
    [MONOTONIC_COMMIT] = {"monotonic commit", "Raft thesis 3.5",
                          "a node's commit index never falls while it runs, nor passes the "
                          "end of its log"},
    [MONOTONIC_APPLIED] = {"monotonic applied", "Raft thesis 3.5",
                           "a node applies every entry once and in order while it runs, and "
                           "none that it has not committed"},
    [ACKNOWLEDGED] = {"acknowledged", "Raft thesis 3.5, 3.8, 6.3",
                      "a request that was answered ok is committed at the place that the "
                      "answer names, and a session's has taken effect there or before"},
    [EQUAL_STATE] = {"equal state", "Raft thesis 3.2, 5.1",
                     "two nodes that have applied the same index have the same state, "
                     "whether by entries or by a snapshot, and a snapshot is of the state "
                     "that it says"},
    [EXACTLY_ONCE] = {"exactly once", "Raft thesis 6.3",
                      "a session's request takes effect at one index only, however often it "
                      "is sent, and there on every node"},
    [LINEARIZABLE] = {"linearizable", "Raft thesis 6.4",
                      "a read is answered with a state that has all that was committed when "
                      "the read began"},
    [APPLICATION] = {"application", "Raft thesis 2.1, 5.1",
                     "what the application promises of its own state holds (money is "
                     "conserved, no message is lost or doubled, a lock has one owner), and it "
                     "can read every snapshot that it is given"},
    [CHECK_RULES] = {NULL, NULL, NULL},
};

/* ---- breaches -------------------------------------------------------------------- */

bool check_break(sim_check *c, check_rule rule, sim_breach *out)
{
    assert(!c->broken && rule < CHECK_RULES);
    c->broken = true;
    c->breach.invariant = sim_invariants[rule].name;
    c->breach.cite = sim_invariants[rule].cite;
    if (out)
        *out = c->breach;
    return false;
}

static void say(char *to, size_t bytes, uint64_t seq, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));
static void say(char *to, size_t bytes, uint64_t seq, const char *format, va_list args)
{
    vsnprintf(to, bytes, format, args);
    size_t len = strlen(to);
    if (seq)
        snprintf(to + len, bytes - len, " (event %" PRIu64 ")", seq);
}

void check_say_one(sim_check *c, uint64_t seq, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    c->breach.one_seq = seq;
    say(c->breach.one, sizeof c->breach.one, seq, format, args);
    va_end(args);
}

void check_say_other(sim_check *c, uint64_t seq, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    c->breach.other_seq = seq;
    say(c->breach.other, sizeof c->breach.other, seq, format, args);
    va_end(args);
}

void check_say_committed(sim_check *c, uint64_t index)
{
    const check_commit *it = check_committed_at(c, index);
    if (!it->who)
        check_say_one(c, 0, "index %" PRIu64 " was committed", index);
    else
        check_say_one(c, check_seq(it->who), "%s committed %" PRIu64 "@%" PRIu64,
                      check_name(c, check_whose(it->who)), index, it->term);
}

/* ---- life ------------------------------------------------------------------------- */

static void node_init(check_node *n)
{
    n->log = sim_grow(NULL, &n->log_capacity, 1, sizeof *n->log);
    n->log[0] = (check_link){.chain = CHECK_CHAIN_START};
}

sim_check *sim_check_new(uint32_t nodes, const char *const *names)
{
    assert(nodes >= 1 && nodes <= SIM_NODES_MAX);
    sim_check *c = sim_alloc(sizeof *c);
    c->nodes = nodes;
    c->names = names;
    c->at = sim_alloc((nodes + 1) * sizeof *c->at);
    check_block_need(c, 0)->at[0].commit.chain = CHECK_CHAIN_START; /* no entry is there */
    for (uint32_t i = 1; i <= nodes; i++) {
        node_init(&c->at[i]);
        check_node_holds(c, &c->at[i]);
    }
    return c;
}

static void *copy(const void *from, size_t n, size_t item_bytes)
{
    void *to = sim_alloc(n * item_bytes);
    if (n && from)
        memcpy(to, from, n * item_bytes);
    return to;
}

static void node_clone(check_node *to, const check_node *from)
{
    *to = *from;
    to->log_capacity = (size_t)(from->last - from->base) + 1;
    to->log = copy(from->log, to->log_capacity, sizeof *to->log);
    to->cuts_capacity = from->cuts_n;
    to->cuts = copy(from->cuts, from->cuts_n, sizeof *to->cuts);
    to->configs_capacity = from->configs_n;
    to->configs = copy(from->configs, from->configs_n, sizeof *to->configs);
    if (from->lost)
        to->lost =
            copy(from->lost, (size_t)(from->lost_last - from->lost_base) + 1, sizeof *to->lost);
}

sim_check *sim_check_clone(const sim_check *from)
{
    sim_check *c = sim_alloc(sizeof *c);
    *c = *from;
    c->at = sim_alloc((c->nodes + 1) * sizeof *c->at);
    for (uint32_t i = 1; i <= c->nodes; i++)
        node_clone(&c->at[i], &from->at[i]);
    check_blocks_copy(c, from);
    c->runs = copy(from->runs, c->runs_capacity = from->runs_n, sizeof *c->runs);
    c->configs = copy(from->configs, c->configs_capacity = from->configs_n, sizeof *c->configs);
    check_facts_copy(&c->leaders, &from->leaders);
    check_facts_copy(&c->reads, &from->reads);
    check_facts_copy(&c->sessions, &from->sessions);
    for (int i = 0; i < 2; i++)
        check_facts_copy(&c->done[i], &from->done[i]);
    c->led = copy(from->led, c->led_capacity, sizeof *c->led);
    return c;
}

void sim_check_free(sim_check *c)
{
    if (!c)
        return;
    for (uint32_t i = 1; i <= c->nodes; i++) {
        free(c->at[i].log);
        free(c->at[i].cuts);
        free(c->at[i].configs);
        free(c->at[i].lost);
    }
    free(c->at);
    check_blocks_free(c);
    free(c->runs);
    free(c->configs);
    free(c->led);
    check_facts_free(&c->leaders);
    check_facts_free(&c->reads);
    check_facts_free(&c->sessions);
    for (int i = 0; i < 2; i++)
        check_facts_free(&c->done[i]);
    free(c);
}

static uint64_t node_bytes(const check_node *n)
{
    return n->log_capacity * sizeof *n->log + n->cuts_capacity * sizeof *n->cuts +
           n->configs_capacity * sizeof *n->configs +
           (n->lost ? (n->lost_last - n->lost_base + 1) * sizeof *n->lost : 0);
}

uint64_t sim_check_bytes(const sim_check *c)
{
    uint64_t bytes = sizeof *c + (c->nodes + 1) * sizeof *c->at + check_blocks_bytes(c) +
                     c->led_capacity * sizeof *c->led + c->runs_capacity * sizeof *c->runs +
                     c->configs_capacity * sizeof *c->configs;
    for (uint32_t i = 1; i <= c->nodes; i++)
        bytes += node_bytes(&c->at[i]);
    return bytes + check_facts_bytes(&c->leaders) + check_facts_bytes(&c->reads) +
           check_facts_bytes(&c->sessions) + check_facts_bytes(&c->done[0]) +
           check_facts_bytes(&c->done[1]);
}

/* ---- state ------------------------------------------------------------------------- */

static bool term_fell(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                      sim_breach *out)
{
    const check_node *n = &c->at[node];
    check_say_one(c, check_seq(n->term_at), "%s was in term %" PRIu64, check_name(c, node),
                  n->term);
    check_say_other(c, seq, "%s is in term %" PRIu64, check_name(c, node), v->term);
    return check_break(c, MONOTONIC_TERM, out);
}

/* A vote that is cleared and given again in the same term counts as well as one that
 * changes (thesis 3.4: each server votes for at most one candidate in a term). */
static bool check_vote(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                       sim_breach *out)
{
    check_node *n = &c->at[node];
    if (v->term != n->term)
        n->voted = 0;
    if (!v->vote || v->vote == n->voted)
        return true;
    if (n->voted) {
        const char *name = check_name(c, node);
        check_say_one(c, check_seq(n->voted_at), "%s voted for %s in term %" PRIu64, name,
                      check_name(c, n->voted), v->term);
        check_say_other(c, seq, "%s voted for %s in term %" PRIu64, name,
                        check_name(c, v->vote), v->term);
        return check_break(c, ELECTION_SAFETY, out);
    }
    n->voted = v->vote;
    n->voted_at = check_who_is(seq, node);
    return true;
}

/* The log that a node shows ends where its writes ended. */
static bool check_end(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                      sim_breach *out)
{
    check_node *n = &c->at[node];
    uint64_t term = check_at(c, n, n->last).term;
    if (v->last.index == n->last && v->last.term == term)
        return true;
    const char *name = check_name(c, node);
    check_say_one(c, n->log_seq, "what %s wrote to its log ends at %" PRIu64 "@%" PRIu64, name,
                  n->last, term);
    check_say_other(c, seq, "the log of %s ends at %" PRIu64 "@%" PRIu64, name, v->last.index,
                    v->last.term);
    return check_break(c, LOG_MATCHING, out);
}

static bool check_append_only(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                              sim_breach *out)
{
    check_node *n = &c->at[node];
    uint64_t from = n->cut_from;
    n->cut_from = 0;
    if (from)
        n->cut_term = v->term;
    if (!from || n->role != SIM_LEADER || v->role != SIM_LEADER || n->term != v->term)
        return true;
    check_say_one(c, n->role_seq, "%s leads term %" PRIu64, check_name(c, node), v->term);
    check_say_other(c, seq, "%s cut its own log from index %" PRIu64 " on", check_name(c, node),
                    from);
    return check_break(c, LEADER_APPEND_ONLY, out);
}

/* Which terms may yet have a leader: a node leads none that is below its own.  Unless its disk
 * was emptied, so that it begins anew: therefore the last that are over are known all the same.
 */
static void forget_terms(sim_check *c)
{
    uint64_t low = UINT64_MAX;
    if (c->keeps_all)
        return;
    for (uint32_t i = 1; i <= c->nodes; i++) {
        const check_node *n = &c->at[i];
        const uint64_t term = n->told > n->start_term ? n->told : n->start_term;
        if (term < low)
            low = term;
    }
    for (; c->led_last - c->led_first > CHECK_TERMS_KEPT; c->led_first++) {
        const uint64_t term = c->led[c->led_first & (c->led_capacity - 1)];
        if (term >= low)
            break;
        check_facts_remove(&c->leaders, term, 0);
    }
    check_runs_forget(c, low);
}

static void remember_led(sim_check *c, uint64_t term)
{
    if (c->led_last - c->led_first == c->led_capacity)
        c->led =
            sim_ring_grow(c->led, &c->led_capacity, c->led_first, c->led_last, sizeof *c->led);
    c->led[c->led_last++ & (c->led_capacity - 1)] = term;
    forget_terms(c);
}

static bool check_one_leader(sim_check *c, sim_id node, uint64_t term, uint64_t seq,
                             sim_breach *out)
{
    check_who me = check_who_is(seq, node);
    const check_fact *first = check_facts_put(&c->leaders, term, 0, 0, me);
    if (first->who == me) {
        remember_led(c, term);
        return true;
    }
    if (check_is_void(c, first->who, term)) {
        check_facts_set(&c->leaders, term, 0, 0, me);
        return true;
    }
    check_say_one(c, check_seq(first->who), "%s became leader of term %" PRIu64,
                  check_name(c, check_whose(first->who)), term);
    check_say_other(c, seq, "%s became leader of term %" PRIu64 "%s", check_name(c, node), term,
                    check_whose(first->who) == node ? " once more" : "");
    return check_break(c, ELECTION_SAFETY, out);
}

static bool check_complete(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                           sim_breach *out)
{
    const check_node *n = &c->at[node];
    uint64_t index = check_committed_before(c, v->term);
    if (!index || check_agrees(c, n, index))
        return true;
    const uint64_t low = check_first_lacking(c, n, index);
    check_say_committed(c, low);
    const char *name = check_name(c, node);
    if (n->last < low)
        check_say_other(c, seq,
                        "%s became leader of term %" PRIu64 " with a log that ends at %" PRIu64
                        "@%" PRIu64,
                        name, v->term, n->last, check_at(c, n, n->last).term);
    else
        check_say_other(c, seq,
                        "%s became leader of term %" PRIu64 " with another entry there, "
                        "%" PRIu64 "@%" PRIu64,
                        name, v->term, low, check_at(c, n, low).term);
    return check_break(c, LEADER_COMPLETENESS, out);
}

static bool check_elected(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                          sim_breach *out)
{
    const check_node *n = &c->at[node];
    if (v->role != SIM_LEADER || (n->role == SIM_LEADER && n->term == v->term))
        return true;
    return check_one_leader(c, node, v->term, seq, out) && check_complete(c, node, v, seq, out);
}

static bool commit_fell(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                        sim_breach *out)
{
    const check_node *n = &c->at[node];
    check_say_one(c, check_seq(n->commit_at), "%s had committed up to index %" PRIu64,
                  check_name(c, node), n->commit);
    check_say_other(c, seq, "%s shows commit index %" PRIu64, check_name(c, node), v->commit);
    return check_break(c, MONOTONIC_COMMIT, out);
}

static void remember(check_node *n, sim_id node, const sim_view *v, uint64_t seq)
{
    if (n->term != v->term)
        n->term_at = check_who_is(seq, node);
    if (n->commit != v->commit)
        n->commit_at = check_who_is(seq, node);
    if (n->role != v->role || n->term != v->term)
        n->role_seq = seq;
    n->role = v->role;
    n->term = v->term;
    n->vote = v->vote;
    n->commit = v->commit;
    n->point = v->last;
    n->wrote = n->config_new = false;
}

static inline bool same_members(const check_node *n, const sim_view *v)
{
    return !n->config_moved && v->voters == n->voters && v->config_index == n->config_told &&
           v->outgoing == n->outgoing && v->learners == n->learners;
}

/* Nothing that is looked at has changed, but perhaps who is a member. */
static inline bool is_same(const check_node *n, const sim_view *v)
{
    return !n->wrote && v->term == n->term && v->commit == n->commit && v->role == n->role &&
           v->vote == n->vote && v->last.index == n->point.index &&
           v->last.term == n->point.term;
}

bool sim_check_state(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                     sim_breach *out)
{
    check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    const bool members = same_members(n, v);
    if (members && is_same(n, v))
        return true;
    if (v->term < n->term)
        return term_fell(c, node, v, seq, out);
    if (v->commit < n->commit)
        return commit_fell(c, node, v, seq, out);
    if (!check_vote(c, node, v, seq, out) || !check_end(c, node, v, seq, out) ||
        !check_append_only(c, node, v, seq, out) || !check_elected(c, node, v, seq, out))
        return false;
    if (v->commit > n->commit && !check_commit_to(c, node, v, seq, out))
        return false;
    if (!members && !check_membership(c, node, v, seq, out))
        return false;
    if (n->config_new && !check_one_change(c, node, v, out))
        return false;
    remember(n, node, v, seq);
    return true;
}

/* What a node has acknowledged counts for a majority, now or later: a crash must not take of it
 * what is committed (thesis 3.8). */
static bool holds_still(sim_check *c, sim_id node, uint64_t seq, sim_breach *out)
{
    const check_node *n = &c->at[node];
    const uint64_t high = n->holds < c->committed ? n->holds : c->committed;
    if (high <= n->last)
        return true;
    check_say_one(c, n->holds_seq,
                  "%s told %s that it holds the log up to index %" PRIu64
                  ", which is committed up to %" PRIu64,
                  check_name(c, node), check_name(c, n->holds_to), n->holds, c->committed);
    check_say_other(c, seq, "%s started again with a log that ends at %" PRIu64 "@%" PRIu64,
                    check_name(c, node), n->last, check_at(c, n, n->last).term);
    return check_break(c, COMMITTED_STAYS, out);
}

bool sim_check_start(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                     sim_breach *out)
{
    check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    /* Who lost its disk to an operator may have lost its term with it (wiped). */
    if (n->excused && !v->term)
        n->told = n->vote_given = 0;
    if (n->excused && n->holds > n->last)
        n->holds = n->last;
    n->excused = false;
    if (v->term < n->told) {
        check_say_one(c, check_seq(n->told_at), "%s told others of term %" PRIu64,
                      check_name(c, node), n->told);
        check_say_other(c, seq, "%s started again in term %" PRIu64, check_name(c, node),
                        v->term);
        return check_break(c, MONOTONIC_TERM, out);
    }
    if (!holds_still(c, node, seq, out))
        return false;
    n->role = SIM_FOLLOWER;
    n->start_seq = seq;
    n->start_term = v->term;
    n->term = v->term;
    n->term_at = check_who_is(seq, node);
    n->commit = n->applied = 0;
    n->vote = 0;
    n->voted = n->vote_term == v->term ? n->vote_given : 0;
    n->voted_at = n->vote_given_at;
    n->cut_from = 0;
    n->wrote = true; /* so that the state is looked at whole */
    return sim_check_state(c, node, v, seq, out);
}

bool sim_check_sent(sim_check *c, sim_id node, uint64_t term, uint64_t seq, sim_breach *out)
{
    if (check_is_broken(c, &seq, out))
        return false;
    check_node *n = &c->at[node];
    if (term > n->term)
        term = n->term;
    if (term > n->told) {
        n->told = term;
        n->told_at = check_who_is(seq, node);
    }
    return true;
}

void sim_check_voted(sim_check *c, sim_id node, sim_id vote, uint64_t term, uint64_t seq)
{
    check_node *n = &c->at[node];
    if (term < n->vote_term || (term == n->vote_term && n->vote_given))
        return;
    n->vote_term = term;
    n->vote_given = vote;
    n->vote_given_at = check_who_is(seq, node);
}

void sim_check_holds(sim_check *c, sim_id node, sim_id to, uint64_t last, uint64_t term,
                     uint64_t seq)
{
    check_node *n = &c->at[node];
    /* A message that waited for the disk may speak of what its node has cut off since, for the
     * leader of a later term. */
    if (last <= n->holds || term < n->cut_term)
        return;
    n->holds = last;
    n->holds_to = to;
    n->holds_seq = seq;
}

void sim_check_crash(sim_check *c, sim_id node)
{
    check_node *n = &c->at[node];
    /* Of its log only what is on disk is left; what the disk has not truncated yet comes
     * back with the load. */
    if (n->doomed < n->last)
        n->doomed = n->last; /* a torn write keeps a part of it */
    n->last = n->synced;
    if (n->base > n->last) /* a snapshot that was not durable */
        check_rebase(c, n, n->last);
    check_config_cut(n, n->last);
    check_node_moved(c, n);
    n->boots_behind = (sim_point){0};
    n->cuts_n = 0;
    n->role = SIM_FOLLOWER;
    n->commit = n->applied = 0;
    n->vote = n->voted = 0;
    n->cut_from = 0;
    n->config_new = false;
}
