/* append.c - how a follower's log becomes the leader's (thesis 3.5).
 *
 * Messages may be lost, doubled, reordered and late (3.7), so what a message says is
 * verified against the log, and only what was verified is acknowledged. */
#include <string.h>

#include "raft/core.h"

void raft_refuse_append(raft *r, const raft_msg *m, raft_point conflict)
{
    raft_msg *reply = raft_send(r, RAFT_MSG_APPEND_ENTRIES_REPLY, m->from, true);
    reply->as.append_reply.ok = false;
    reply->as.append_reply.prev = m->as.append.prev.index;
    reply->as.append_reply.match = 0;
    reply->as.append_reply.conflict = conflict;
    reply->as.append_reply.round = m->as.append.round;
}

/* Thesis 3.5: only what was verified is acknowledged, for what follows may be another leader's.
 */
static void accept_append(raft *r, const raft_msg *m, raft_index verified)
{
    raft_msg *reply = raft_send(r, RAFT_MSG_APPEND_ENTRIES_REPLY, m->from, true);
    reply->as.append_reply.ok = true;
    reply->as.append_reply.prev = m->as.append.prev.index;
    reply->as.append_reply.match =
        RAFT_BUG(r, ACK_UNVERIFIED_TAIL) ? raft_log_last_index(&r->log) : verified;
    reply->as.append_reply.conflict = (raft_point){0};
    reply->as.append_reply.round = m->as.append.round;
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

/* Thesis 3.5: is the entry before the message's the leader's?  What a snapshot stands for is
 * committed, so the leader has it too (Leader Completeness, 3.6.3). */
static bool log_agrees(const raft *r, const raft_msg *m)
{
    const raft_point prev = m->as.append.prev;
    if (RAFT_BUG(r, PREV_TERM_IGNORED) && prev.index > r->log.base.index &&
        prev.index <= raft_log_last_index(&r->log))
        return m->as.append.n == 0 ||
               m->as.append.entries[0].term >= raft_log_term(&r->log, prev.index);
    return prev.index < r->log.base.index || raft_log_has(&r->log, prev);
}

/* How many of a message's entries the log holds already, or a snapshot in its place. */
static uint32_t count_held(const raft *r, const raft_msg *m)
{
    const raft_index prev = m->as.append.prev.index, last = raft_log_last_index(&r->log);
    const raft_index base = r->log.base.index;
    const uint64_t below = base > prev + 1 ? base - prev - 1 : 0;
    if (below >= m->as.append.n)
        return m->as.append.n;
    uint32_t held = (uint32_t)below;
    while (held < m->as.append.n && prev + held < last &&
           raft_log_term(&r->log, prev + held + 1) == m->as.append.entries[held].term)
        held++;
    return held;
}

/* A planted bug: entries that conflict are overwritten, what follows them stays. */
static void overwrite(raft *r, raft_index first, const raft_entry *entries, uint32_t n)
{
    raft_entry all[RAFT_BATCH_MAX];
    const raft_index last = raft_log_last_index(&r->log);
    uint32_t total = n;
    memcpy(all, entries, n * sizeof *all);
    for (raft_index i = first + n; i <= last && total < RAFT_BATCH_MAX; i++, total++) {
        all[total] = *raft_log_entry(&r->log, i);
        if (all[total].term < entries[n - 1].term)
            all[total].term = entries[n - 1].term;
    }
    raft_log_cut(r, first);
    raft_log_grow(r, all, total);
}

/* Thesis 3.5: an entry that conflicts goes, with all that follow; entries that agree stay,
 * for the message may be older than what came after it (3.7).
 * Scenarios: log/figure_3_6, log/late_appends_change_nothing. */
static void take_entries(raft *r, const raft_msg *m, uint32_t held)
{
    const raft_index last = raft_log_last_index(&r->log);
    if (held == m->as.append.n) {
        const raft_index end = m->as.append.prev.index + held;
        if (RAFT_BUG(r, STALE_APPEND_TRUNCATES) && held > 0 && end < last && end >= r->commit)
            raft_log_cut(r, end + 1);
        return;
    }
    const raft_index first = m->as.append.prev.index + held + 1;
    if (RAFT_BUG(r, CONFLICT_KEEPS_TAIL) && first <= last) {
        overwrite(r, first, m->as.append.entries + held, m->as.append.n - held);
        return;
    }
    if (first <= last)
        raft_log_cut(r, first);
    raft_log_grow(r, m->as.append.entries + held, m->as.append.n - held);
}

/* Leader Completeness says that no leader can send this (thesis 3.6.3): a forgery.
 * Scenario: log/forged_append_takes_nothing_back. */
static bool contradicts_commit(const raft *r, const raft_msg *m, bool agrees, uint32_t held)
{
    const raft_index prev = m->as.append.prev.index;
    return agrees ? held < m->as.append.n && prev + held < r->commit : prev <= r->commit;
}

/* A planted bug: committed entries are cut off like any others; what a snapshot stands for
 * cannot be. */
static bool roll_back(raft *r, const raft_msg *m, bool agrees, uint32_t held)
{
    const raft_index first = m->as.append.prev.index + (agrees ? held + 1 : 0);
    if (!RAFT_BUG(r, ROLLS_BACK_COMMITTED) || first <= r->log.base.index)
        return false;
    r->commit = first - 1;
    if (first <= raft_log_last_index(&r->log))
        raft_log_cut(r, first);
    return true;
}

void raft_on_append(raft *r, const raft_msg *m)
{
    assert(m->term == r->term && r->role != RAFT_LEADER);
    if (r->leader != 0 && r->leader != m->from) { /* Election Safety says: a forgery */
        raft_ignore(r, "another server leads this term");
        return;
    }
    const raft_point prev = m->as.append.prev;
    const bool agrees = log_agrees(r, m);
    const uint32_t held = agrees ? count_held(r, m) : 0;
    if (contradicts_commit(r, m, agrees, held) && !roll_back(r, m, agrees, held)) {
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
    const raft_index end =
        RAFT_BUG(r, COMMIT_PAST_MATCH) ? raft_log_last_index(&r->log) : verified;
    const raft_index commit = m->as.append.commit < end ? m->as.append.commit : end;
    if (commit > r->commit)
        raft_set_commit(r, commit);
    else if (RAFT_BUG(r, COMMIT_REGRESSES) && commit > r->log.base.index)
        r->commit = commit;
    accept_append(r, m, verified);
    if (r->reads.n > 0 && m->as.append.n == 0)
        raft_ask_again(r, m->as.append.round);
}
