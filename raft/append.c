/* append.c - how a follower's log becomes the leader's (thesis 3.5).
 *
 * Messages may be lost, doubled, reordered and late (3.7), so what a message says is
 * verified against the log, and only what was verified is acknowledged. */
#include "raft/core.h"

void raft_refuse_append(raft *r, const raft_msg *m, raft_point conflict)
{
    raft_msg *reply = raft_send(r, RAFT_MSG_APPEND_ENTRIES_REPLY, m->from, true);
    reply->as.append_reply.ok = false;
    reply->as.append_reply.prev = m->as.append.prev.index;
    reply->as.append_reply.conflict = conflict;
}

static void accept_append(raft *r, const raft_msg *m, raft_index verified)
{
    raft_msg *reply = raft_send(r, RAFT_MSG_APPEND_ENTRIES_REPLY, m->from, true);
    reply->as.append_reply.ok = true;
    reply->as.append_reply.prev = m->as.append.prev.index;
    reply->as.append_reply.match = verified;
}

/* Where the logs may agree at best: terms do not decrease in a log, so above the last
 * entry that is not newer than the leader's previous one nothing can (thesis 3.5).
 * Scenario: log/conflict_hint_skips_newer_terms. */
static raft_point best_guess(const raft *r, raft_point prev)
{
    const raft_index last = raft_log_last_index(&r->log);
    const raft_index bound = prev.index > last ? last : prev.index - 1;
    const raft_index guess = raft_log_find(&r->log, bound, prev.term);
    return (raft_point){.index = guess, .term = raft_log_term(&r->log, guess)};
}

/* How many of a message's entries the log holds already. */
static uint32_t count_held(const raft *r, const raft_msg *m)
{
    const raft_index prev = m->as.append.prev.index, last = raft_log_last_index(&r->log);
    uint32_t held = 0;
    while (held < m->as.append.n && prev + held < last &&
           raft_log_term(&r->log, prev + held + 1) == m->as.append.entries[held].term)
        held++;
    return held;
}

/* Thesis 3.5: an entry that conflicts goes, with all that follow; entries that agree stay,
 * for the message may be older than what came after it (3.7).
 * Scenarios: log/figure_3_6, log/late_appends_change_nothing. */
static void take_entries(raft *r, const raft_msg *m, uint32_t held)
{
    if (held == m->as.append.n)
        return;
    const raft_index first = m->as.append.prev.index + held + 1;
    if (first <= raft_log_last_index(&r->log))
        raft_log_cut(r, first);
    raft_log_grow(r, m->as.append.entries + held, m->as.append.n - held);
}

void raft_on_append(raft *r, const raft_msg *m)
{
    assert(m->term == r->term && r->role != RAFT_LEADER);
    if (r->leader != 0 && r->leader != m->from) { /* Election Safety says: a forgery */
        raft_ignore(r, "another server leads this term");
        return;
    }
    const raft_point prev = m->as.append.prev;
    const bool agrees = raft_log_has(&r->log, prev);
    const uint32_t held = agrees ? count_held(r, m) : 0;
    if (agrees ? held < m->as.append.n && prev.index + held < r->commit
               : prev.index <= r->commit) { /* Leader Completeness says: a forgery */
        raft_ignore(r, "contradicts an entry that is committed");
        return;
    }

    raft_follow(r, m->from, "heard the leader of this term");
    r->heard_at = r->now;
    raft_arm(r, RAFT_TIMER_ELECTION);
    if (!agrees) {
        raft_refuse_append(r, m, best_guess(r, prev));
        return;
    }
    take_entries(r, m, held);
    /* Behind what was verified may stand another leader's entries (thesis 3.5).
     * Scenario: log/commit_only_what_was_verified. */
    const raft_index verified = prev.index + m->as.append.n;
    const raft_index commit = m->as.append.commit < verified ? m->as.append.commit : verified;
    if (commit > r->commit)
        raft_set_commit(r, commit);
    accept_append(r, m, verified);
}
