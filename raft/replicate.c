/* replicate.c - how a leader brings its log to the others (thesis 3.5, 10.2), and when an
 * entry is committed (3.6.2). */
#include "raft/core.h"

enum {
    HINTS_MAX = 2, /* refusals in a row after which a follower's hints are not enough */
};

/* A message's worth of the log. */
typedef struct load {
    uint32_t n;
    uint64_t bytes; /* counted only where they are bounded */
} load;

/* How many payload bytes may go to the peer now.  When nothing is under way, one entry may be
 * larger than that. */
static uint64_t bytes_allowed(const raft *r, const raft_progress *p)
{
    const uint64_t message = r->config.batch_bytes_max ? r->config.batch_bytes_max : UINT64_MAX;
    const uint64_t most = r->config.inflight_bytes_max;
    if (most == 0)
        return message;
    const uint64_t room = most > p->bytes ? most - p->bytes : 0;
    return message < room ? message : room;
}

/* What one message takes from next on: at least one entry, if there is any, unless what is
 * under way leaves no room (thesis 10.2.2).  Scenario: commands/batched_catch_up. */
static load batch(const raft *r, const raft_progress *p)
{
    const uint64_t left = raft_log_last_index(&r->log) - p->next + 1;
    load l = {.n = left < r->config.batch_max ? (uint32_t)left : r->config.batch_max};
    if (l.n == 0 || (r->config.batch_bytes_max | r->config.inflight_bytes_max) == 0)
        return l;
    const uint64_t allowed = bytes_allowed(r, p);
    const uint32_t most = l.n;
    l.bytes = raft_log_entry(&r->log, p->next)->bytes;
    if (l.bytes > allowed && r->config.inflight_bytes_max != 0 && p->ring_n > 0)
        return (load){0};
    for (l.n = 1; l.n < most; l.n++) {
        const uint64_t with = l.bytes + raft_log_entry(&r->log, p->next + l.n)->bytes;
        if (with > allowed)
            break;
        l.bytes = with;
    }
    return l;
}

/* n entries from the peer's next on.  Not marked after_writes: the leader's own disk is one
 * replica among others, written in parallel (thesis 10.2.1). */
static void send_append(raft *r, raft_id to, load l)
{
    raft_progress *p = raft_peer(r, to);
    const raft_index prev = p->next - 1;
    raft_msg *m = raft_send(r, RAFT_MSG_APPEND_ENTRIES, to, false);
    m->as.append.prev = (raft_point){.index = prev, .term = raft_log_term(&r->log, prev)};
    m->as.append.commit = r->commit;
    m->as.append.round = raft_round(r);
    m->as.append.entries = l.n > 0 ? raft_log_entry(&r->log, p->next) : NULL;
    m->as.append.n = l.n;
    if (l.n > 0)
        raft_progress_sent(p, l.n, l.bytes);
}

/* All that the peer lacks, as far as its pipeline has room (thesis 10.2.2); what the log has
 * no more, it gets as a snapshot (5.1).  Scenario: commands/pipeline_is_bounded. */
void raft_replicate(raft *r, raft_id to)
{
    raft_progress *p = raft_peer(r, to);
    while (p->next <= raft_log_last_index(&r->log) && raft_progress_may_send(p)) {
        if (p->next <= r->log.base.index) {
            raft_send_snapshot(r, to);
            return;
        }
        const load l = batch(r, p);
        if (l.n == 0)
            return;
        send_append(r, to, l);
    }
}

void raft_replicate_to_all(raft *r)
{
    for (raft_set left = r->targets; left;)
        raft_replicate(r, raft_set_pop(&left));
}

void raft_lead(raft *r)
{
    const raft_index last = raft_log_last_index(&r->log);
    for (raft_set left = r->targets; left;) {
        const raft_id id = raft_set_pop(&left);
        raft_progress *p = raft_peer(r, id);
        const raft_us heard_at = raft_set_has(r->heard, id) ? p->heard_at : 0;
        raft_progress_reset(p, last + 1);
        p->heard_at = heard_at;
    }
    raft_reads_reset(r);
    r->led = r->term;
    r->term_start = last + 1;
    /* A change that another leader began ends when this term's first entry is committed. */
    const raft_index newest = r->configs.at[r->configs.n - 1].index;
    r->change.at = newest > r->commit || r->conf.outgoing != 0 ? r->term_start : 0;
    r->change.has_ticket = false;
    /* Without an entry of its own term it could commit nothing (thesis 3.6.2, 6.4). */
    if (!RAFT_BUG(r, NO_NOOP))
        raft_log_grow(r, &(raft_entry){.term = r->term, .kind = RAFT_ENTRY_NOOP}, 1);
    raft_replicate_to_all(r);
}

/* A planted bug: as it led last, or as its log allows. */
static raft_term deposed_term(const raft *r)
{
    const raft_term last = raft_log_last(&r->log).term;
    return last > r->led ? last : r->led;
}

/* Thesis 3.5: the leader appends, and nobody else does; it is applied when it is committed.
 * Scenario: commands/command_message_by_message. */
void raft_propose(raft *r, uint64_t ticket, const raft_entry *entry)
{
    assert(entry->kind < RAFT_ENTRY_KIND_COUNT && entry->kind != RAFT_ENTRY_CONFIG &&
           (entry->bytes == 0 || entry->data));
    const bool leads = r->role == RAFT_LEADER ||
                       (RAFT_BUG(r, DEPOSED_APPENDS) && r->led != 0 && r->leader != 0);
    if (!leads) {
        raft_refuse(r, ticket, raft_not_leading(r));
        return;
    }
    if (r->transfer.to && !RAFT_BUG(r, TRANSFER_TAKES_WRITES)) { /* thesis 3.10 */
        if (RAFT_BUG(r, LEADER_DROPS) && raft_log_last_index(&r->log) > r->commit)
            raft_log_cut(r, r->commit + 1);
        raft_refuse(r, ticket, RAFT_REFUSED_TRANSFERRING);
        return;
    }
    if (raft_log_full(&r->log)) {
        raft_refuse(r, ticket, RAFT_REFUSED_LOG_FULL);
        return;
    }
    raft_entry own = *entry;
    own.term = r->role == RAFT_LEADER ? r->term : deposed_term(r);
    raft_log_grow(r, &own, 1);
    raft_effect *e = raft_tell(r, RAFT_FX_ACCEPT);
    e->as.accept.ticket = ticket;
    e->as.accept.at = raft_log_last(&r->log);
    if (RAFT_BUG(r, APPLIES_AHEAD))
        raft_tell(r, RAFT_FX_COMMIT)->as.commit = raft_log_last_index(&r->log);
    if (r->role == RAFT_LEADER)
        raft_replicate_to_all(r);
}

/* A probe that got no answer is asked again, with its entries (thesis 3.5).  To the others a
 * heartbeat names the last entry sent, so that a loss is found by the refusal.
 * Scenario: commands/lost_append_is_sent_again. */
void raft_beat_to(raft *r, raft_id to)
{
    const raft_progress *p = raft_peer(r, to);
    if (p->state == RAFT_SNAPSHOT || p->next <= r->log.base.index)
        raft_send_snapshot(r, to);
    else
        send_append(r, to, p->state == RAFT_PROBE ? batch(r, p) : (load){0});
}

void raft_beat(raft *r)
{
    for (raft_set left = r->targets; left;)
        raft_beat_to(r, raft_set_pop(&left));
}

/* Thesis 3.4: a leader that is heard keeps the others from standing for election.
 * Scenario: elections/heartbeats_prevent_elections. */
void raft_heartbeat(raft *r)
{
    assert(r->role == RAFT_LEADER);
    if (r->change.joining != 0)
        raft_catch_up_in_time(r);
    if (r->reads.n > 0 || r->config.lease_reads)
        raft_begin_round(r);
    raft_beat(r);
    if (r->transfer.to && r->transfer.told)
        raft_hand_over(r); /* again: it may have been lost */
    raft_arm(r, RAFT_TIMER_HEARTBEAT);
}

/* Thesis 3.6.2: an entry is committed once a majority holds it durably, if it is of this
 * term; older ones are committed by being below it.  The leader counts itself as far as
 * its own disk has confirmed (10.2.1), and not at all while it is leaving (4.2.2).
 * Scenarios: log/figure_3_7_old_entry_is_not_committed, commands/leader_writes_in_parallel. */
void raft_advance_commit(raft *r)
{
    const raft_index own =
        RAFT_BUG(r, LEADER_COUNTS_UNWRITTEN) ? raft_log_last_index(&r->log) : r->stable;
    const raft_index commit = raft_reached(r, offsetof(raft_progress, match), own, r->commit);
    if (commit <= r->commit)
        return;
    if (raft_log_term(&r->log, commit) != r->term && !RAFT_BUG(r, COMMIT_OLD_TERM))
        return;
    raft_set_commit(r, commit);
    if (r->change.at != 0 && commit >= r->change.at)
        raft_change_committed(r);
}

/* Thesis 3.5: more is known to match, or as much: answers may come late (3.7).
 * Scenario: log/late_answer_lowers_nothing. */
static void on_accepted(raft *r, const raft_msg *m)
{
    const raft_index match = m->as.append_reply.match;
    raft_progress *p = raft_peer(r, m->from);
    if (match > raft_log_last_index(&r->log)) {
        raft_ignore(r, "acknowledges entries that this leader does not have");
        return;
    }
    if (RAFT_BUG(r, MATCH_REGRESSES) && match < p->match)
        p->match = match;
    switch (raft_progress_accepted(p, match)) {
    case RAFT_NEWS_STALE:
        raft_ignore(r, "an old acknowledgement, more is known to match");
        return;
    case RAFT_NEWS_MORE:
        if (match > r->commit)
            raft_advance_commit(r);
        if (r->role != RAFT_LEADER || !raft_set_has(r->targets, m->from))
            return; /* one of them has left with that (thesis 4.2.2, 4.3) */
        break;
    case RAFT_NEWS_KNOWN:
        break;
    }
    if (r->change.joining != 0) /* also who has learned all before it joined */
        raft_catch_up(r);
    raft_replicate(r, m->from);
    if (r->transfer.to == m->from && !r->transfer.told)
        raft_hand_over(r);
}

/* Is what may agree below all that the log still has? */
static bool needs_snapshot(const raft *r, const raft_msg *m)
{
    return m->as.append_reply.conflict.index < r->log.base.index ||
           m->as.append_reply.prev <= r->log.base.index;
}

/* The highest entry that may agree by the follower's hint (thesis 3.5).  Two logs that
 * alternate in their terms make each hint good for one term only, so if hints go on failing the
 * guess also goes back by 4, 16, 64, … entries: a few round trips whatever the logs are.
 * Scenario: log/conflict_hint_skips_terms. */
static raft_index guess_below(const raft *r, const raft_progress *p, const raft_msg *m)
{
    const raft_point conflict = m->as.append_reply.conflict;
    const raft_index below = m->as.append_reply.prev - 1;
    const raft_index bound = conflict.index < below ? conflict.index : below;
    const raft_index guess = raft_log_find(&r->log, bound, conflict.term);
    if (p->refusals < HINTS_MAX)
        return guess;
    const uint32_t shift = 2 * (p->refusals - HINTS_MAX + 1);
    assert(shift < 64); /* 4 to the power of that is more than a log can hold */
    const raft_index back = UINT64_C(1) << shift;
    const raft_index floor = raft_log_first(&r->log) - 1;
    return guess - floor > back ? guess - back : floor;
}

/* Thesis 3.5: its log lacks the entry before; the question goes on further down. */
static void on_refused(raft *r, const raft_msg *m)
{
    raft_progress *p = raft_peer(r, m->from);
    if (!raft_progress_refused(p, m->as.append_reply.prev)) {
        raft_ignore(r, "an old refusal, the question has been answered since");
        return;
    }
    if (RAFT_BUG(r, NACK_IS_MATCH) &&
        m->as.append_reply.conflict.index <= raft_log_last_index(&r->log) &&
        raft_progress_accepted(p, m->as.append_reply.conflict.index) == RAFT_NEWS_MORE)
        raft_advance_commit(r);
    if (needs_snapshot(r, m)) {
        raft_send_snapshot(r, m->from);
        return;
    }
    raft_progress_back(p, guess_below(r, p, m));
    raft_replicate(r, m->from);
}

bool raft_heard_from(raft *r, const raft_msg *m, uint64_t round)
{
    const raft_set from = raft_set_of(m->from);
    if (!(r->targets & from)) {
        raft_ignore(r, "an answer from a server that is not a member");
        return false;
    }
    r->heard |= from;
    r->active |= from;
    raft_peer(r, m->from)->heard_at = r->now;
    if (round != 0)
        raft_round_answered(r, m->from, round);
    return true;
}

void raft_on_append_reply(raft *r, const raft_msg *m)
{
    assert(m->term == r->term);
    if (!raft_heard_from(r, m, m->as.append_reply.round))
        return;
    if (m->as.append_reply.ok)
        on_accepted(r, m);
    else
        on_refused(r, m);
}
