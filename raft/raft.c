/* raft.c - the life of a server, and the one way to change each part of it. */
#include "raft/raft.h"

#include <stdlib.h>
#include <string.h>

#include "raft/core.h"
#include "raft/heap.h"

enum { EFFECTS_MIN = 32 };

/* These change the vote within a term. */
#define BUGS_OF_VOTES                                                                          \
    (RAFT_BUG_BIT(VOTE_TWICE) | RAFT_BUG_BIT(VOTE_CLEARED_ON_STEP_DOWN) |                      \
     RAFT_BUG_BIT(PRE_VOTE_CLEARS_VOTE) | RAFT_BUG_BIT(SOLE_VOTER_KEEPS_TERM) |                \
     RAFT_BUG_BIT(SNAPSHOT_CLEARS_VOTE))

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

void raft_make_room(raft *r, raft_id id)
{
    if (id <= r->peers_n)
        return;
    const size_t each = r->config.pipeline_max, more = id - r->peers_n;
    r->peers = raft_heap(r->peers, id, sizeof *r->peers);
    r->rings = raft_heap(r->rings, id * each, sizeof *r->rings);
    memset(r->peers + r->peers_n, 0, more * sizeof *r->peers);
    memset(r->rings + r->peers_n * each, 0, more * each * sizeof *r->rings);
    r->peers_n = id;
    hand_out_rings(r);
}

raft *raft_new(const raft_config *config)
{
    check_config(config);
    raft *r = raft_heap(NULL, 1, sizeof *r);
    *r = (raft){.config = *config, .id = config->id, .conf = config->first};
    r->config.bugs = RAFT_PLANTED_BUGS ? config->bugs : 0;
    r->role = RAFT_FOLLOWER;
    r->log.limit = config->log_max;
    r->hard_at = RAFT_NO_EFFECT;
    raft_history_begin(&r->configs, 0, &r->conf);
    raft_make_room(r, raft_set_highest(raft_configuration_members(&r->conf)));
    raft_make_room(r, r->id);
    return r;
}

static raft_kept *kept_new(raft *r, const uint8_t bytes[RAFT_CONFIGURATION_BYTES])
{
    raft_kept *k = raft_heap(NULL, 1, sizeof *k);
    k->next = r->kept;
    memcpy(k->bytes, bytes, sizeof k->bytes);
    r->kept = k;
    return k;
}

/* The clone's entries must not point to bytes that the original frees. */
static void keep_own(raft *r)
{
    r->kept = NULL;
    for (uint32_t i = 0; !r->config.keep && i < r->configs.n; i++) {
        const raft_index at = r->configs.at[i].index;
        if (at < raft_log_first(&r->log) || at > raft_log_last_index(&r->log))
            continue;
        raft_entry *e = &r->log.at[at - raft_log_first(&r->log)];
        if (e->kind == RAFT_ENTRY_CONFIG && e->data)
            e->data = kept_new(r, e->data)->bytes;
    }
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
    r->configs = raft_history_copy(&from->configs);
    keep_own(r);
    r->reads.at = raft_heap(NULL, r->reads.capacity, sizeof *r->reads.at);
    if (r->reads.n > 0)
        memcpy(r->reads.at, from->reads.at, r->reads.n * sizeof *r->reads.at);
    r->fx = (raft_effects){0}; /* the effects of the last step stay with the original */
    return r;
}

void raft_free(raft *r)
{
    if (!r)
        return;
    raft_log_free(&r->log);
    raft_history_free(&r->configs);
    while (r->kept) {
        raft_kept *next = r->kept->next;
        free(r->kept);
        r->kept = next;
    }
    free(r->reads.at);
    free(r->peers);
    free(r->rings);
    free(r->fx.at);
    free(r);
}

const uint8_t *raft_keep(raft *r, const uint8_t bytes[RAFT_CONFIGURATION_BYTES])
{
    if (r->config.keep)
        return r->config.keep(r->config.keep_self, bytes, RAFT_CONFIGURATION_BYTES);
    return kept_new(r, bytes)->bytes;
}

void raft_more_effects(raft *r)
{
    const uint32_t before = r->fx.capacity;
    r->fx.capacity = before ? 2 * before : EFFECTS_MIN;
    r->fx.at = raft_heap(r->fx.at, r->fx.capacity, sizeof *r->fx.at);
    memset(r->fx.at + before, 0, (r->fx.capacity - before) * sizeof *r->fx.at);
}

void raft_ignore(raft *r, const char *why)
{
    raft_tell(r, RAFT_FX_IGNORED)->as.ignored = why;
}

/* Practice: refusals by name, with the leader's (thesis 6.2), so that a client knows what to
 * do next.  Scenario: commands/redirect_at_a_follower. */
void raft_refuse(raft *r, uint64_t ticket, raft_refusal why)
{
    raft_effect *e = raft_tell(r, RAFT_FX_REFUSE);
    e->as.refuse.ticket = ticket;
    e->as.refuse.why = why;
    e->as.refuse.leader = r->leader;
}

raft_refusal raft_not_leading(const raft *r)
{
    return r->leader != 0 ? RAFT_REFUSED_NOT_LEADER : RAFT_REFUSED_NO_LEADER_YET;
}

/* Thesis 3.8: what a message says must survive a crash, so it waits for the writes before it.
 * Scenarios: elections/vote_waits_for_the_disk, log/crash_between_append_and_sync. */
raft_msg *raft_send(raft *r, raft_msg_kind kind, raft_id to, bool after_writes)
{
    assert(to != r->id && to != 0);
    r->hard_at = RAFT_NO_EFFECT; /* this message depends on what was written before it */
    raft_effect *e = raft_tell(r, RAFT_FX_SEND);
    e->as.send.after_writes =
        (after_writes || r->unheard) && !RAFT_BUG(r, REPLY_BEFORE_DURABLE);
    raft_msg *m = &e->as.send.msg;
    /* Nearly all traffic is appends and their answers: who sends one sets every member. */
    if (kind != RAFT_MSG_APPEND_ENTRIES && kind != RAFT_MSG_APPEND_ENTRIES_REPLY)
        *m = (raft_msg){0};
    m->kind = (uint8_t)kind;
    m->from = r->id;
    m->to = to;
    m->term = r->term;
    return m;
}

/* Thesis 3.9: the core counts no ticks, it asks for timers, and who has a clock sets them.
 * Scenario: elections/fast_clock_stands_first. */
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
 * a new term within the step, before anything was sent, is the same write.
 * Scenario: elections/vote_survives_a_crash. */
void raft_set_hard_state(raft *r, raft_term term, raft_id vote)
{
    assert(term > r->term || (term == r->term && (r->vote == 0 || r->vote == vote)) ||
           r->config.bugs & BUGS_OF_VOTES);
    if (term == r->term && vote == r->vote)
        return;
    r->term = term;
    r->vote = vote;
    if (r->hard_at == RAFT_NO_EFFECT) {
        raft_tell(r, RAFT_FX_HARD_STATE);
        r->hard_at = r->fx.n - 1;
    }
    raft_effect *e = &r->fx.at[r->hard_at];
    e->as.hard_state.term = RAFT_BUG(r, TERM_NOT_DURABLE) ? r->boot_term : term;
    e->as.hard_state.vote = RAFT_BUG(r, VOTE_NOT_DURABLE) ? 0 : vote;
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
    raft_configs_grow(r, first, n);
}

void raft_log_cut(raft *r, raft_index from)
{
    assert(from > r->commit || RAFT_BUG(r, ROLLS_BACK_COMMITTED)); /* thesis 3.6.3 */
    /* Leader Append-Only (thesis 3.5, fig. 3.2) */
    assert(r->role != RAFT_LEADER || RAFT_BUG(r, LEADER_DROPS));
    assert(!r->grew);
    r->hard_at = RAFT_NO_EFFECT;
    raft_log_truncate(&r->log, from);
    if (r->stable >= from)
        r->stable = from - 1;
    raft_tell(r, RAFT_FX_TRUNCATE)->as.truncate = from;
    raft_configs_cut(r, from);
}

void raft_log_rest_on(raft *r, raft_point last, const raft_configuration *c, bool keeps_log)
{
    if (keeps_log) {
        raft_log_compact(&r->log, last.index);
        raft_history_compact(&r->configs, last.index);
        return;
    }
    raft_log_rebase(&r->log, last);
    raft_history_begin(&r->configs, last.index, c);
    if (r->stable > last.index)
        r->stable = last.index;
}

void raft_set_commit(raft *r, raft_index commit)
{
    assert(commit > r->commit && commit <= raft_log_last_index(&r->log));
    r->commit = commit;
    raft_tell(r, RAFT_FX_COMMIT)->as.commit = commit;
    if (RAFT_BUG(r, CONFIG_AT_COMMIT_ONLY))
        raft_configure(r, "committed");
}
