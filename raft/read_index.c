/* read_index.c - linearizable reads that write nothing to the log (thesis 6.4): a leader
 * that has confirmed, after the read came, that it still leads may answer from its state as
 * of its commit index.  Rounds of heartbeats confirm; reads share them.  Followers ask the
 * leader for its index.  A lease confirms in advance (6.4.1).
 *
 * A read's index is never below the no-op that opened the leader's term: what stands before
 * it may be committed without the leader knowing it. */
#include "raft/core.h"
#include "raft/heap.h"

enum { READS_MIN = 8, PPM = 1000000 };

static void add(raft *r, raft_read read)
{
    raft_reads *q = &r->reads;
    if (q->n == q->capacity) {
        q->capacity = q->capacity ? 2 * q->capacity : READS_MIN;
        q->at = raft_heap(q->at, q->capacity, sizeof *q->at);
    }
    assert(q->n == 0 || q->at[q->n - 1].round <= read.round);
    q->at[q->n++] = read;
}

static void drop_oldest(raft *r, uint32_t n)
{
    raft_reads *q = &r->reads;
    q->n -= n;
    for (uint32_t i = 0; i < q->n; i++)
        q->at[i] = q->at[n + i];
}

static void ready(raft *r, const raft_read *read)
{
    if (read->from == 0) {
        raft_effect *e = raft_tell(r, RAFT_FX_READ_READY);
        e->as.read_ready.ticket = read->ticket;
        e->as.read_ready.index = read->index;
        return;
    }
    raft_msg *m = raft_send(r, RAFT_MSG_READ_INDEX_REPLY, read->from, true);
    m->as.read.ticket = read->ticket;
    m->as.read.index = read->index;
    m->as.read.ok = true;
}

static void refuse(raft *r, const raft_read *read)
{
    if (read->from == 0) {
        raft_refuse(r, read->ticket, raft_not_leading(r));
        return;
    }
    raft_send(r, RAFT_MSG_READ_INDEX_REPLY, read->from, true)->as.read.ticket = read->ticket;
}

/* Practice: refusals by name.  Scenario: reads/deposed_leader_answers_nothing. */
void raft_refuse_reads(raft *r)
{
    for (uint32_t i = 0; i < r->reads.n; i++)
        refuse(r, &r->reads.at[i]);
    r->reads.n = 0;
}

/* A new leader: its rounds are its own. */
void raft_reads_reset(raft *r)
{
    assert(r->reads.n == 0);
    r->reads.round = r->reads.confirmed = 0;
    r->reads.timed = 0;
    r->reads.lease = false;
}

/* --- Rounds ------------------------------------------------------------------------- */

/* Thesis 6.4: a quorum has answered a round that began after the read came, so nobody else
 * led before that.  Scenario: reads/read_is_confirmed. */
static void confirm(raft *r)
{
    raft_reads *q = &r->reads;
    const uint64_t confirmed =
        raft_reached(r, offsetof(raft_progress, round), q->round, q->confirmed);
    if (confirmed == q->confirmed)
        return;
    q->confirmed = confirmed;
    if (confirmed >= q->timed && q->round - confirmed < RAFT_ROUNDS_KEPT) {
        q->lease_at = q->sent_at[confirmed % RAFT_ROUNDS_KEPT];
        q->lease = !r->transfer.told && r->transfer.to == 0;
    }
    uint32_t n = 0;
    while (n < q->n && q->at[n].round <= confirmed)
        ready(r, &q->at[n++]);
    drop_oldest(r, n);
}

void raft_begin_round(raft *r)
{
    r->reads.round++;
    r->reads.sent_at[r->reads.round % RAFT_ROUNDS_KEPT] = r->now;
    confirm(r); /* a sole voter needs nobody */
}

void raft_round_answered(raft *r, raft_id from, uint64_t round)
{
    raft_progress *p = raft_peer(r, from);
    if (round <= p->round || round > r->reads.round)
        return;
    p->round = round;
    confirm(r);
    if (r->reads.n > 0 && r->reads.at[0].round > r->reads.round) { /* they came meanwhile */
        raft_begin_round(r);
        raft_beat(r);
    }
}

/* --- Leases (thesis 6.4.1) ---------------------------------------------------------- */

/* Thesis 6.4.1: followers that have heard it will not vote for an election timeout of their
 * clocks, since they guard against disruptive servers; theirs may run fast by the bound, and
 * its own slow.  Scenario: reads/lease_and_drift. */
static raft_us lease_lasts(const raft *r)
{
    if (RAFT_BUG(r, LEASE_IGNORES_DRIFT))
        return r->config.election_max;
    const uint64_t drift = r->config.drift_ppm < PPM ? r->config.drift_ppm : PPM;
    const raft_us whole = r->config.election_min / (PPM + drift) * (PPM - drift);
    return whole + r->config.election_min % (PPM + drift) * (PPM - drift) / (PPM + drift);
}

/* Thesis 6.4.1: as long as the lease lasts nobody need be asked.
 * Scenario: reads/lease_read. */
static bool lease_holds(const raft *r)
{
    return r->config.lease_reads && r->config.disruption_guard && r->reads.lease &&
           raft_since(r, r->reads.lease_at) < lease_lasts(r) &&
           raft_log_term(&r->log, r->commit) == r->term;
}

/* --- Asking ------------------------------------------------------------------------- */

/* Thesis 6.4: the own term's first entry tells a leader how far the others' terms went.
 * Scenario: reads/not_before_the_own_term. */
static raft_index read_index(const raft *r)
{
    if (RAFT_BUG(r, READ_BEFORE_OWN_TERM) || r->commit >= r->term_start)
        return r->commit;
    return r->term_start;
}

/* Thesis 6.4: reads that come while a round is under way share the next one. */
static void ask_quorum(raft *r, uint64_t ticket, raft_id from)
{
    raft_reads *q = &r->reads;
    raft_read read = {.ticket = ticket, .index = read_index(r), .from = from};
    if (RAFT_BUG(r, READ_UNCONFIRMED)) {
        ready(r, &read);
        return;
    }
    const bool under_way = q->n > 0; /* a round that began before this read came */
    read.round = q->round + (under_way && RAFT_BUG(r, READ_JOINS_ROUND) ? 0 : 1);
    add(r, read);
    if (under_way)
        return;
    raft_begin_round(r);
    if (r->reads.n > 0)
        raft_beat(r);
}

static void ask_leader(raft *r)
{
    assert(r->role != RAFT_LEADER && r->leader != 0 && r->reads.n > 0);
    r->reads.asked_at = r->now;
    raft_send(r, RAFT_MSG_READ_INDEX, r->leader, true)->as.read.ticket =
        r->reads.at[r->reads.n - 1].ticket;
}

/* The question or its answer may have been lost (thesis 6.4).  A heartbeat of a round may be
 * for this very question: asking again at each would lead to the next round without end while
 * the answer is on its way.  Scenario: reads/answer_waits_for_the_leaders_disk. */
void raft_ask_again(raft *r, uint64_t round)
{
    if (round == 0 || raft_since(r, r->reads.asked_at) >= r->config.heartbeat)
        ask_leader(r);
}

/* Thesis 6.4.1: who wants no round is told when it would take one, and may ask again, with one.
 * Scenarios: reads/lease_read, reads/lease_and_drift. */
static void read_within_lease(raft *r, uint64_t ticket)
{
    if (r->role != RAFT_LEADER)
        raft_refuse(r, ticket, raft_not_leading(r));
    else if (!lease_holds(r))
        raft_refuse(r, ticket, RAFT_REFUSED_NO_LEASE);
    else
        ready(r, &(raft_read){.ticket = ticket, .index = read_index(r)});
}

void raft_read_index(raft *r, uint64_t ticket, bool lease)
{
    if (lease) {
        read_within_lease(r, ticket);
        return;
    }
    if (r->role == RAFT_LEADER) {
        ask_quorum(r, ticket, 0);
        return;
    }
    if (r->leader == 0) {
        raft_refuse(r, ticket, RAFT_REFUSED_NO_LEADER_YET);
        return;
    }
    add(r, (raft_read){.ticket = ticket});
    ask_leader(r);
}

/* Thesis 6.4: a follower reads too, at the index that its leader has confirmed.
 * Scenario: reads/follower_reads. */
void raft_on_read_index(raft *r, const raft_msg *m)
{
    const raft_read read = {.ticket = m->as.read.ticket, .from = m->from};
    if (r->role == RAFT_LEADER)
        ask_quorum(r, read.ticket, read.from);
    else
        refuse(r, &read);
}

/* Thesis 6.4: an index that was read after an ask serves all that were asked before it.  The
 * answer must name an ask: one that comes late or twice (3.7), or from before a reboot, would
 * be too old. */
void raft_on_read_index_reply(raft *r, const raft_msg *m)
{
    raft_reads *q = &r->reads;
    uint32_t n = q->n;
    if (m->from != r->leader) {
        raft_ignore(r, "another server leads this term");
        return;
    }
    while (n > 0 && q->at[n - 1].ticket != m->as.read.ticket && !RAFT_BUG(r, LATE_READ_INDEX))
        n--;
    if (n == 0) {
        raft_ignore(r, "nobody waits for this read any more");
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        q->at[i].index = m->as.read.index;
        if (m->as.read.ok)
            ready(r, &q->at[i]);
        else
            refuse(r, &q->at[i]);
    }
    drop_oldest(r, n);
}
