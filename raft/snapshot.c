/* snapshot.c - a state that stands for the log up to a point (thesis 5): the caller's own
 * ones shorten the log, and a follower that lacks what the log has no more gets one, in
 * chunks. */
#include "raft/core.h"

/* --- The own snapshot --------------------------------------------------------------- */

static void hold(raft *r, raft_point last, const raft_configuration *c, const uint8_t *bytes,
                 uint64_t n)
{
    r->snapshot = (raft_snapshot){.last = last, .configuration = *c, .bytes = bytes, .n = n};
    r->snapshot_held = true;
}

static void tell_snapshot(raft *r, raft_effect_kind kind, bool keeps_log)
{
    raft_effect *e = raft_tell(r, kind);
    e->as.snapshot.last = r->snapshot.last;
    e->as.snapshot.configuration = r->snapshot.configuration;
    e->as.snapshot.keeps_log = keeps_log;
}

/* Thesis 5.1: it stands for what is committed, and for the configuration of its last entry;
 * entries behind it stay.  Scenario: snapshots/leaders_snapshot. */
void raft_take_snapshot(raft *r, const raft_event *e)
{
    const raft_index index = RAFT_BUG(r, SNAPSHOT_OF_COMMIT) ? r->commit : e->as.snapshot.index;
    assert(index <= r->commit);
    if (index <= r->log.base.index) {
        raft_ignore(r, "there is a snapshot of as much already");
        return;
    }
    const raft_point last = {.index = index, .term = raft_log_term(&r->log, index)};
    const raft_index bound = RAFT_BUG(r, SNAPSHOT_NEWEST_CONFIG) ? UINT64_MAX : index;
    const raft_configuration c = raft_history_find(&r->configs, bound)->c;
    r->hard_at = RAFT_NO_EFFECT;
    hold(r, last, &c, e->as.snapshot.bytes, e->as.snapshot.n);
    raft_log_rest_on(r, last, &c, true);
    tell_snapshot(r, RAFT_FX_COMPACT, true);
    if (r->conf_at <= index)
        r->conf_at = 0;
}

void raft_snapshot_installed(raft *r, const raft_event *e)
{
    const raft_point last = e->as.installed.last;
    if (last.index != r->snapshot.last.index || last.term != r->snapshot.last.term) {
        raft_ignore(r, "a newer snapshot has taken its place");
        return;
    }
    hold(r, last, &r->snapshot.configuration, e->as.installed.bytes, e->as.installed.n);
    if (r->stable < last.index)
        r->stable = last.index;
}

/* --- The leader's side -------------------------------------------------------------- */

/* Thesis 5.1: sends the chunk that the follower wants.  A new snapshot begins anew: the bytes
 * of the one before are the caller's to free.
 * Scenarios: snapshots/slow_follower_gets_the_snapshot, snapshots/chunks. */
void raft_send_snapshot(raft *r, raft_id to)
{
    raft_progress *p = raft_peer(r, to);
    const raft_snapshot *s = &r->snapshot;
    if (p->state != RAFT_SNAPSHOT || p->snapshot != s->last.index)
        raft_progress_needs_snapshot(p, s->last.index);
    if (!r->snapshot_held)
        return; /* received and not yet durable: its bytes are to come */
    const uint64_t left = s->n - p->offset;
    const uint32_t n =
        left < r->config.snapshot_chunk ? (uint32_t)left : r->config.snapshot_chunk;
    raft_msg *m = raft_send(r, RAFT_MSG_INSTALL_SNAPSHOT, to, false);
    m->as.snapshot.last = s->last;
    m->as.snapshot.configuration = s->configuration;
    m->as.snapshot.offset = p->offset;
    m->as.snapshot.total = s->n;
    m->as.snapshot.bytes = n > 0 ? s->bytes + p->offset : NULL;
    m->as.snapshot.n = n;
    m->as.snapshot.round = raft_round(r);
}

/* From probing to sending ahead again (thesis 10.2.2). */
static void snapshot_is_there(raft *r, raft_id from, raft_index index)
{
    if (RAFT_BUG(r, PROBE_STUCK))
        return;
    if (index > r->commit) {
        raft_ignore(r, "a snapshot of what is not committed");
        return;
    }
    if (raft_progress_has_snapshot(raft_peer(r, from), index) == RAFT_NEWS_STALE) {
        raft_ignore(r, "an old acknowledgement, more is known to match");
        return;
    }
    raft_replicate(r, from);
    raft_catch_up(r);
    if (r->transfer.to == from && r->role == RAFT_LEADER)
        raft_hand_over(r);
}

/* Each chunk answers the follower's wish; a wish that is repeated is answered by the next
 * heartbeat, so that doubled messages do not multiply (thesis 3.7). */
void raft_on_install_snapshot_reply(raft *r, const raft_msg *m)
{
    if (!raft_heard_from(r, m, m->as.snapshot_reply.round))
        return;
    raft_progress *p = raft_peer(r, m->from);
    const raft_point last = m->as.snapshot_reply.last;
    if (m->as.snapshot_reply.done) {
        snapshot_is_there(r, m->from, last.index);
        return;
    }
    if (p->state != RAFT_SNAPSHOT || p->snapshot != last.index ||
        r->snapshot.last.index != last.index || m->as.snapshot_reply.next > r->snapshot.n) {
        raft_ignore(r, "about a snapshot that is not being sent");
        return;
    }
    if (m->as.snapshot_reply.next == p->offset) {
        raft_ignore(r, "it wants what is under way");
        return;
    }
    p->offset = m->as.snapshot_reply.next;
    if (p->offset < r->snapshot.n)
        raft_send_snapshot(r, m->from);
}

/* --- The follower's side ------------------------------------------------------------ */

/* A snapshot is a write like any other: it is acknowledged when it is durable (thesis 3.8). */
static void reply(raft *r, const raft_msg *m, uint64_t next, bool done)
{
    raft_msg *a = raft_send(r, RAFT_MSG_INSTALL_SNAPSHOT_REPLY, m->from,
                            !(done && RAFT_BUG(r, SNAPSHOT_ACK_EARLY)));
    a->as.snapshot_reply.last = m->as.snapshot.last;
    a->as.snapshot_reply.next = next;
    a->as.snapshot_reply.done = done;
    a->as.snapshot_reply.round = m->as.snapshot.round;
}

/* Thesis 5.1: what the log has, it need not be sent; entries behind it stay, and what was
 * acknowledged stays acknowledged.  Scenarios: snapshots/entries_behind_it_are_kept,
 * snapshots/older_snapshot_does_not_roll_back. */
static bool is_needless(const raft *r, raft_point last)
{
    if (last.index <= r->commit)
        return !RAFT_BUG(r, SNAPSHOT_ROLLS_BACK);
    return raft_log_has(&r->log, last) && !RAFT_BUG(r, SNAPSHOT_DROPS_TAIL);
}

/* Thesis 5.1: the state replaces the whole log.  The configuration comes with it.
 * Scenario: snapshots/configuration_travels_with_it. */
static void install(raft *r, const raft_msg *m)
{
    const raft_configuration *c =
        RAFT_BUG(r, SNAPSHOT_OLD_CONFIG) ? &r->conf : &m->as.snapshot.configuration;
    r->snapshot = (raft_snapshot){.last = m->as.snapshot.last, .configuration = *c};
    r->snapshot_held = false;
    r->arriving.last = (raft_point){0};
    r->hard_at = RAFT_NO_EFFECT;
    r->commit = m->as.snapshot.last.index;
    raft_log_rest_on(r, r->snapshot.last, &r->snapshot.configuration, false);
    tell_snapshot(r, RAFT_FX_SNAPSHOT_INSTALL, false);
    raft_configure(r, "from a snapshot");
    if (RAFT_BUG(r, SNAPSHOT_CLEARS_VOTE))
        raft_set_hard_state(r, r->term, 0);
}

/* Are these the next bytes?  Bytes of the same point are the same bytes, whoever sends
 * them: after a change of leader the new one goes on where the old one was (thesis 5.1,
 * fig. 5.3).  Scenario: snapshots/leader_changes_in_the_middle. */
static bool take_chunk(raft *r, const raft_msg *m)
{
    const raft_point last = m->as.snapshot.last;
    const bool same = r->arriving.last.index == last.index &&
                      r->arriving.last.term == last.term &&
                      r->arriving.total == m->as.snapshot.total;
    const bool begun = r->arriving.last.index != 0;
    if (!same && !(begun && RAFT_BUG(r, CHUNKS_MIXED)))
        r->arriving.next = 0;
    r->arriving.last = last;
    r->arriving.total = m->as.snapshot.total;
    r->arriving.term = m->term;
    if (m->as.snapshot.offset != r->arriving.next && !RAFT_BUG(r, CHUNK_TWICE))
        return false;
    raft_effect *e = raft_tell(r, RAFT_FX_SNAPSHOT_CHUNK);
    e->as.chunk.last = last;
    e->as.chunk.offset = r->arriving.next;
    e->as.chunk.total = m->as.snapshot.total;
    e->as.chunk.bytes = m->as.snapshot.bytes;
    e->as.chunk.n = m->as.snapshot.n;
    r->arriving.next += m->as.snapshot.n;
    return true;
}

void raft_on_install_snapshot(raft *r, const raft_msg *m)
{
    assert(m->term == r->term && r->role != RAFT_LEADER);
    const raft_point last = m->as.snapshot.last;
    if (r->leader != 0 && r->leader != m->from) {
        raft_ignore(r, "another server leads this term");
        return;
    }
    raft_follow(r, m->from, "heard the leader of this term");
    r->heard_at = r->now;
    raft_arm(r, RAFT_TIMER_ELECTION);
    if (is_needless(r, last)) {
        if (last.index > r->commit)
            raft_set_commit(r, last.index);
        reply(r, m, m->as.snapshot.total, true);
        return;
    }
    if (r->arriving.term == m->term && last.index < r->arriving.last.index) {
        raft_ignore(r, "the leader is sending a newer snapshot");
        return;
    }
    const bool taken = take_chunk(r, m);
    const bool whole = taken && r->arriving.next >= r->arriving.total;
    const uint64_t next = r->arriving.next;
    if (whole)
        install(r, m);
    reply(r, m, next, whole);
}
