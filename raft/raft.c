/* raft.c - the life of a server, and the one way to change each part of it. */
#include "raft/raft.h"

#include <stdlib.h>
#include <string.h>

#include "raft/core.h"
#include "raft/heap.h"

enum { EFFECTS_MIN = 32 };

static void check_config(const raft_config *c)
{
    assert(c->id >= 1 && c->id <= RAFT_SERVERS_MAX);
    assert(c->election_min > 0 && c->election_max >= c->election_min);
    assert(c->heartbeat > 0);
    assert(c->batch_max >= 1 && c->batch_max <= RAFT_BATCH_MAX);
    assert(c->pipeline_max >= 1 && c->pipeline_max <= RAFT_PIPELINE_MAX);
    assert((c->first.voters & c->first.learners) == 0);
}

/* Each peer's ring is a slice of one block, so that a clone is two copies. */
static void hand_out_rings(raft *r)
{
    for (uint32_t i = 0; i < r->peers_n; i++) {
        r->peers[i].ring = r->rings + (size_t)i * r->config.pipeline_max;
        r->peers[i].ring_size = r->config.pipeline_max;
    }
}

raft *raft_new(const raft_config *config)
{
    check_config(config);
    raft *r = raft_heap(NULL, 1, sizeof *r);
    *r = (raft){.config = *config, .id = config->id, .conf = config->first};
    r->role = RAFT_FOLLOWER;
    r->peers_n = raft_set_highest(r->conf.voters | raft_set_of(r->id));
    r->hard_at = RAFT_NO_EFFECT;

    const uint64_t slots = (uint64_t)r->peers_n * config->pipeline_max;
    r->peers = raft_heap(NULL, r->peers_n, sizeof *r->peers);
    r->rings = raft_heap(NULL, slots, sizeof *r->rings);
    memset(r->peers, 0, r->peers_n * sizeof *r->peers);
    memset(r->rings, 0, (size_t)slots * sizeof *r->rings);
    hand_out_rings(r);
    return r;
}

raft *raft_clone(const raft *from)
{
    raft *r = raft_heap(NULL, 1, sizeof *r);
    *r = *from;
    const size_t slots = (size_t)from->peers_n * from->config.pipeline_max;
    r->peers = raft_heap(NULL, r->peers_n, sizeof *r->peers);
    r->rings = raft_heap(NULL, slots, sizeof *r->rings);
    memcpy(r->peers, from->peers, r->peers_n * sizeof *r->peers);
    memcpy(r->rings, from->rings, slots * sizeof *r->rings);
    hand_out_rings(r);
    r->log = raft_log_copy(&from->log);
    r->fx = (raft_effects){0}; /* the effects of the last step stay with the original */
    return r;
}

void raft_free(raft *r)
{
    if (!r)
        return;
    raft_log_free(&r->log);
    free(r->peers);
    free(r->rings);
    free(r->fx.at);
    free(r);
}

raft_effect *raft_tell(raft *r, raft_effect_kind kind)
{
    if (r->fx.n == r->fx.capacity) {
        r->fx.capacity = r->fx.capacity ? 2 * r->fx.capacity : EFFECTS_MIN;
        r->fx.at = raft_heap(r->fx.at, r->fx.capacity, sizeof *r->fx.at);
    }
    raft_effect *e = &r->fx.at[r->fx.n++];
    *e = (raft_effect){.kind = kind};
    return e;
}

void raft_ignore(raft *r, const char *why)
{
    raft_tell(r, RAFT_FX_IGNORED)->as.ignored = why;
}

raft_msg *raft_send(raft *r, raft_msg_kind kind, raft_id to, bool after_writes)
{
    assert(to != r->id && to != 0);
    r->hard_at = RAFT_NO_EFFECT; /* this message depends on what was written before it */
    raft_effect *e = raft_tell(r, RAFT_FX_SEND);
    e->as.send.after_writes = after_writes;
    raft_msg *m = &e->as.send.msg;
    m->kind = (uint8_t)kind;
    m->from = r->id;
    m->to = to;
    m->term = r->term;
    return m;
}

void raft_arm(raft *r, raft_timer timer)
{
    r->arm |= (uint8_t)(1U << timer);
    r->disarm &= (uint8_t) ~(1U << timer);
}

void raft_disarm(raft *r, raft_timer timer)
{
    r->disarm |= (uint8_t)(1U << timer);
    r->arm &= (uint8_t) ~(1U << timer);
}

/* A change is told once, before all that depends on it (thesis 3.8).  A vote that follows
 * a new term within the step, before anything was sent, is the same write. */
void raft_set_hard_state(raft *r, raft_term term, raft_id vote)
{
    assert(term > r->term || (term == r->term && (r->vote == 0 || r->vote == vote)));
    if (term == r->term && vote == r->vote)
        return;
    r->term = term;
    r->vote = vote;
    if (r->hard_at == RAFT_NO_EFFECT) {
        raft_tell(r, RAFT_FX_HARD_STATE);
        r->hard_at = r->fx.n - 1;
    }
    raft_effect *e = &r->fx.at[r->hard_at];
    e->as.hard_state.term = term;
    e->as.hard_state.vote = vote;
}

void raft_log_grow(raft *r, const raft_entry *entries, uint32_t n)
{
    assert(!r->grew); /* effects of this step point into the log, it must not move */
    assert(n > 0 && entries[n - 1].term <= r->term);
    r->grew = true;
    r->hard_at = RAFT_NO_EFFECT;
    const raft_index first = raft_log_last_index(&r->log) + 1;
    raft_log_append(&r->log, entries, n);
    raft_effect *e = raft_tell(r, RAFT_FX_APPEND);
    e->as.append.first = first;
    e->as.append.at = raft_log_entry(&r->log, first);
    e->as.append.n = n;
}

void raft_log_cut(raft *r, raft_index from)
{
    assert(from > r->commit);       /* what is committed stays (thesis 3.6) */
    assert(r->role != RAFT_LEADER); /* Leader Append-Only (thesis fig. 3.2) */
    assert(!r->grew);
    r->hard_at = RAFT_NO_EFFECT;
    raft_log_truncate(&r->log, from);
    if (r->stable >= from)
        r->stable = from - 1;
    raft_tell(r, RAFT_FX_TRUNCATE)->as.truncate = from;
}

void raft_set_commit(raft *r, raft_index commit)
{
    assert(commit > r->commit && commit <= raft_log_last_index(&r->log));
    r->commit = commit;
    raft_tell(r, RAFT_FX_COMMIT)->as.commit = commit;
}
