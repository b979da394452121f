/* replicate.c - how a leader brings its log to the others (thesis 3.5, 10.2), and when an
 * entry is committed (3.6.2). */
#include "raft/core.h"

enum {
    HINTS_MAX = 2, /* refusals in a row after which a follower's hints are not enough */
};

static raft_set others(const raft *r)
{
    return r->conf.voters & ~raft_set_of(r->id);
}

/* How many entries from next on one message takes: at least one, if there is any. */
static uint32_t batch(const raft *r, raft_index next)
{
    const raft_index last = raft_log_last_index(&r->log);
    const uint64_t left = last - next + 1;
    const uint32_t most = left < r->config.batch_max ? (uint32_t)left : r->config.batch_max;
    if (most <= 1 || r->config.batch_bytes_max == 0)
        return most;
    uint64_t bytes = raft_log_entry(&r->log, next)->bytes;
    uint32_t n = 1;
    while (n < most) {
        bytes += raft_log_entry(&r->log, next + n)->bytes;
        if (bytes > r->config.batch_bytes_max)
            break;
        n++;
    }
    return n;
}

/* n entries from the peer's next on.  Not marked after_writes: the leader's own disk is one
 * replica among others, written in parallel (thesis 10.2.1). */
static void send_append(raft *r, raft_id to, uint32_t n)
{
    raft_progress *p = raft_peer(r, to);
    const raft_index prev = p->next - 1;
    raft_msg *m = raft_send(r, RAFT_MSG_APPEND_ENTRIES, to, false);
    m->as.append.prev = (raft_point){.index = prev, .term = raft_log_term(&r->log, prev)};
    m->as.append.commit = r->commit;
    m->as.append.entries = n > 0 ? raft_log_entry(&r->log, p->next) : NULL;
    m->as.append.n = n;
    if (n > 0)
        raft_progress_sent(p, n);
}

/* All that the peer lacks, as far as its pipeline has room (thesis 10.2.2).
 * Scenario: commands/pipeline_is_bounded. */
static void replicate(raft *r, raft_id to)
{
    raft_progress *p = raft_peer(r, to);
    while (p->next <= raft_log_last_index(&r->log) && raft_progress_may_send(p))
        send_append(r, to, batch(r, p->next));
}

static void replicate_to_all(raft *r)
{
    for (raft_set left = others(r); left;)
        replicate(r, raft_set_pop(&left));
}

void raft_lead(raft *r)
{
    const raft_index last = raft_log_last_index(&r->log);
    for (raft_set left = others(r); left;) {
        raft_progress *p = raft_peer(r, raft_set_pop(&left));
        const raft_us heard_at = p->heard_at;
        raft_progress_reset(p, last + 1);
        p->heard_at = heard_at;
    }
    /* Without an entry of its own term it could commit nothing (thesis 3.6.2, 6.4). */
    raft_log_grow(r, &(raft_entry){.term = r->term, .kind = RAFT_ENTRY_NOOP}, 1);
    replicate_to_all(r);
}

void raft_propose(raft *r, uint64_t ticket, const raft_entry *entry)
{
    assert(entry->kind < RAFT_ENTRY_KIND_COUNT && (entry->bytes == 0 || entry->data));
    const bool leads = r->role == RAFT_LEADER;
    if (!leads || raft_log_full(&r->log)) {
        raft_effect *e = raft_tell(r, RAFT_FX_REFUSE);
        e->as.refuse.ticket = ticket;
        e->as.refuse.leader = r->leader;
        e->as.refuse.why = leads            ? RAFT_REFUSED_LOG_FULL
                           : r->leader != 0 ? RAFT_REFUSED_NOT_LEADER
                                            : RAFT_REFUSED_NO_LEADER_YET;
        return;
    }
    raft_entry own = *entry;
    own.term = r->term;
    raft_log_grow(r, &own, 1);
    raft_effect *e = raft_tell(r, RAFT_FX_ACCEPT);
    e->as.accept.ticket = ticket;
    e->as.accept.at = raft_log_last(&r->log);
    replicate_to_all(r);
}

/* A probe that got no answer is asked again, with its entries.  To the others a heartbeat
 * names the last entry sent, so that a loss is found by the refusal.
 * Scenario: commands/lost_append_is_sent_again. */
void raft_heartbeat(raft *r)
{
    assert(r->role == RAFT_LEADER);
    for (raft_set left = others(r); left;) {
        const raft_id to = raft_set_pop(&left);
        const raft_progress *p = raft_peer(r, to);
        send_append(r, to, p->state == RAFT_PROBE ? batch(r, p->next) : 0);
    }
    raft_arm(r, RAFT_TIMER_HEARTBEAT);
}

/* Thesis 3.6.2: an entry is committed once a majority holds it durably, if it is of this
 * term; older ones are committed by being below it.  The leader counts itself as far as
 * its own disk has confirmed (10.2.1).
 * Scenarios: log/figure_3_7_old_entry_is_not_committed, commands/leader_writes_in_parallel. */
void raft_advance_commit(raft *r)
{
    uint64_t reached[RAFT_SERVERS_MAX];
    uint32_t n = 0, ahead = 0;
    for (raft_set left = r->conf.voters; left;) {
        const raft_id id = raft_set_pop(&left);
        reached[n] = id == r->id ? r->stable : r->peers[id - 1].match;
        ahead += reached[n] > r->commit;
        n++;
    }
    if (ahead < raft_quorum_size(n))
        return;
    const raft_index commit = raft_quorum_reached(reached, n);
    if (raft_log_term(&r->log, commit) == r->term)
        raft_set_commit(r, commit);
}

static void on_accepted(raft *r, const raft_msg *m)
{
    if (m->as.append_reply.match > raft_log_last_index(&r->log)) {
        raft_ignore(r, "acknowledges entries that this leader does not have");
        return;
    }
    switch (raft_progress_accepted(raft_peer(r, m->from), m->as.append_reply.match)) {
    case RAFT_NEWS_STALE:
        raft_ignore(r, "an old acknowledgement, more is known to match");
        return;
    case RAFT_NEWS_MORE:
        if (m->as.append_reply.match > r->commit)
            raft_advance_commit(r);
        break;
    case RAFT_NEWS_KNOWN:
        break;
    }
    replicate(r, m->from);
}

/* The highest entry that may agree by the follower's hint.  Two logs that alternate in
 * their terms make each hint good for one term only, so if hints go on failing the guess
 * also goes back by 4, 16, 64, … entries: a few round trips whatever the logs are.
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

static void on_refused(raft *r, const raft_msg *m)
{
    raft_progress *p = raft_peer(r, m->from);
    if (!raft_progress_refused(p, m->as.append_reply.prev)) {
        raft_ignore(r, "an old refusal, the question has been answered since");
        return;
    }
    raft_progress_back(p, guess_below(r, p, m));
    replicate(r, m->from);
}

void raft_on_append_reply(raft *r, const raft_msg *m)
{
    assert(m->term == r->term);
    const raft_set from = raft_set_of(m->from);
    if (!(r->conf.voters & from)) {
        raft_ignore(r, "an answer from a server that is not a member");
        return;
    }
    r->heard |= from;
    r->active |= from;
    raft_peer(r, m->from)->heard_at = r->now;
    if (m->as.append_reply.ok)
        on_accepted(r, m);
    else
        on_refused(r, m);
}
