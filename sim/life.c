/* life.c - a node boots, pauses, crashes and comes back with what its disk kept. */
#include "sim/tank.h"

#include <assert.h>

/* ---- booting ----------------------------------------------------------------------- */

static sim_engine_config engine_config(sim *t, sim_id id)
{
    const sim_options *o = &t->options;
    bool guard = o->disruption_guard == SIM_ON;
    if (o->disruption_guard == SIM_AUTO)
        guard = o->pre_vote == SIM_ON || o->check_quorum == SIM_ON || o->lease_reads == SIM_ON;
    return (sim_engine_config){
        .id = id,
        .first = t->first,
        .election_min = o->election_timeout.low,
        .election_max = o->election_timeout.high,
        .heartbeat = o->heartbeat,
        .batch_max = (uint32_t)o->batch_max,
        .batch_bytes_max = (uint32_t)o->batch_bytes_max,
        .pipeline_max = (uint32_t)o->pipeline_max,
        .pre_vote = o->pre_vote == SIM_ON,
        .check_quorum = o->check_quorum == SIM_ON,
        .disruption_guard = guard,
        .inflight_bytes_max = (uint32_t)o->inflight_bytes_max,
        .snapshot_chunk = (uint32_t)o->snapshot_chunk,
        .catch_up_rounds = (uint32_t)o->catch_up_rounds,
        .log_max = o->log_max,
        .drift_ppm = (uint32_t)o->clock_drift,
        .lease_reads = o->lease_reads == SIM_ON,
        .bugs = t->bugs,
        .pool = t->pool,
        .arena = &t->arena,
        .names = t->names,
    };
}

/* Who is a member as the disk has it: what its log says last, or its snapshot, or what every
 * node starts with. */
static sim_membership membership_on(const sim *t, const sim_disk *d, uint64_t last,
                                    uint64_t *index)
{
    sim_membership m;
    for (*index = last; *index > d->base; --*index)
        if (t->engine->membership_of(sim_disk_at(d, *index), &m))
            return m;
    *index = 0;
    return d->image ? d->image->membership : t->first;
}

void sim_look_at_disk(sim *t, sim_node *n)
{
    const sim_disk *d = &n->disk;
    const uint64_t last = sim_disk_sound(d);
    uint64_t config_index;
    const sim_membership m = membership_on(t, d, last, &config_index);
    n->view = (sim_view){.role = sim_has(m.learners, n->id) ? SIM_LEARNER : SIM_FOLLOWER,
                         .vote = d->vote,
                         .term = d->term,
                         .commit = d->base,
                         .first = d->base + 1,
                         .last = sim_disk_point(d, last),
                         .voters = m.voters,
                         .outgoing = m.outgoing,
                         .learners = m.learners,
                         .config_index = config_index,
                         .snapshot = sim_disk_point(d, d->base)};
    n->applied = d->base;
    n->told_config = m;
}

void sim_boot(sim *t, sim_node *n, uint64_t cause)
{
    const sim_disk *d = &n->disk;
    const sim_engine_config config = engine_config(t, n->id);
    sim_look_at_disk(t, n);
    n->life = SIM_UP;
    n->engine = t->engine->create(&config);
    sim_app_boot(t, n);
    n->told_term = d->term;
    n->told_vote = d->vote;
    n->told_leader = 0;
    sim_breach breach;
    if (d->image && !sim_check_snapshot(t->check, n->id, d->image->last, cause, &breach))
        sim_broken(t, n->id, &breach, cause);
    if (!sim_check_load(t->check, n->id, d->log, d->log_n, cause, &breach))
        sim_broken(t, n->id, &breach, cause);
    sim_durable kept = {.term = d->term, .vote = d->vote, .entries = d->log, .n = d->log_n};
    if (d->image)
        kept.snapshot = (sim_snapshot){.last = d->image->last,
                                       .membership = d->image->membership,
                                       .bytes = d->image->bytes,
                                       .n = d->image->n};
    t->engine->start(n->engine, sim_clock_now(t, n), &kept);
    t->engine->inspect(n->engine, &n->view);
    if (!sim_check_start(t->check, n->id, &n->view, cause, &breach))
        sim_broken(t, n->id, &breach, cause);
    sim_app_booted(t, n, cause);
    sim_store_forget(t);
    sim_carry_out(t, n, NULL, cause);
}

/* ---- crashing ---------------------------------------------------------------------- */

static void lose_outbox(sim *t, sim_node *n)
{
    sim_waiting_ring *r = &n->outbox;
    for (; r->first != r->last; r->first++)
        t->engine->message_free(t->pool, r->at[r->first & (r->capacity - 1)].message);
}

void sim_node_free(sim *t, sim_node *n)
{
    lose_outbox(t, n);
    if (n->engine)
        t->engine->free(n->engine);
    if (n->app)
        t->app->free(n->app);
    if (n->sessions)
        t->engine->sessions_free(n->sessions);
    n->engine = n->app = n->sessions = NULL;
    sim_image_drop(n->image);
    sim_image_drop(n->taking);
    n->image = n->taking = NULL;
}

/* The write at the disk is half there (or, when the disk was idle, the last append). */
static void tear(sim *t, sim_node *n, uint64_t cause)
{
    sim_disk *d = &n->disk;
    const uint64_t whole = sim_disk_tearable(d);
    const uint64_t keep = sim_choose(t, SIM_CHOOSE_TORN_WRITE, n->id, 0, whole - 1);
    sim_write w = {.index = d->append_index, .n = d->append_n};
    if (d->done < d->submitted)
        w = *sim_disk_first(d);
    if (sim_disk_tear(d, &t->arena, keep))
        sim_check_excuse(t->check, n->id);
    sim_store_tell(t, n, "torn", &w, cause);
}

/* What the disk had not done is lost; a torn write is told as such. */
static void tell_lost(sim *t, sim_node *n, bool torn, uint64_t cause)
{
    sim_disk *d = &n->disk;
    for (uint64_t i = d->done + 1 + torn; i <= d->submitted; i++)
        sim_store_tell(t, n, "lost", sim_disk_write(d, i), cause);
}

static void stop(sim *t, sim_node *n, const char *how, bool torn, bool disk, uint64_t cause)
{
    assert(n->life != SIM_CRASHED);
    sim_note note = {.kind = SIM_NOTE_CRASH, .node = n->id, .cause = cause};
    note.as.life.how = how;
    uint64_t told = sim_tell(t, &note);
    n->life = SIM_CRASHED;
    sim_news_forget(n);
    if (torn)
        tear(t, n, told);
    tell_lost(t, n, torn && n->disk.done < n->disk.submitted, told);
    sim_disk_lose(&n->disk);
    sim_timers_clear(n);
    sim_node_free(t, n);
    sim_check_crash(t->check, n->id);
    sim_look_at_disk(t, n);
    sim_requests_stopped(t, n, disk, told);
}

void sim_die(sim *t, sim_node *n, const char *how, bool torn, uint64_t cause)
{
    stop(t, n, how, torn, false, cause);
}

void sim_die_of_disk(sim *t, sim_node *n, const char *how, uint64_t cause)
{
    stop(t, n, how, false, true, cause);
}

bool sim_crash(sim *t, sim_id node, bool torn, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (n->life == SIM_CRASHED) {
        sim_fail(error, "%s is crashed already", t->names[node]);
        sim_hint(error, "restart %s", t->names[node]);
        return false;
    }
    if (torn && !sim_disk_tearable(&n->disk))
        return sim_fail(error, "%s has written nothing that could be torn", t->names[node]);
    sim_die(t, n, torn ? "torn" : NULL, torn, t->command);
    return true;
}

/* ---- coming back ------------------------------------------------------------------- */

/* What the checksums do not confirm is cut off: the tail of a torn write as a matter of
 * course, anything else with a word that says so. */
static void mend_disk(sim *t, sim_node *n, uint64_t cause)
{
    sim_disk *d = &n->disk;
    const uint64_t sound = sim_disk_sound(d);
    const bool torn = d->torn;
    if (sound < sim_disk_last(d) || torn) {
        const bool tail = torn && sound + 1 >= sim_disk_last(d);
        const sim_write gone = {.truncate = sound < sim_disk_last(d) ? sound + 1 : 0};
        sim_store_tell(t, n, tail ? "discarded" : "corrupt", &gone, cause);
    }
    sim_disk_cut(d, sound);
}

static void add_whole_state(sim *t, const sim_node *n, sim_note *note)
{
    note->state = (sim_state){
        .changed = SIM_STATE_ROLE | SIM_STATE_TERM | SIM_STATE_VOTE | SIM_STATE_LEADER |
                   SIM_STATE_COMMIT | SIM_STATE_APPLIED | SIM_STATE_LAST | SIM_STATE_DURABLE |
                   SIM_STATE_CONFIG | (n->disk.image ? SIM_STATE_SNAPSHOT : 0U),
        .role = n->view.role,
        .vote = n->view.vote,
        .term = n->view.term,
        .commit = n->view.commit,
        .applied = n->applied,
        .durable = n->view.last.index,
        .last = n->view.last,
        .snapshot = n->view.snapshot,
        .config = n->told_config,
        .config_text = sim_config_text(t, &n->told_config)};
}

bool sim_restart(sim *t, sim_id node, bool wiped, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (n->life != SIM_CRASHED) {
        sim_fail(error, "%s is running", t->names[node]);
        sim_hint(error, "crash %s first", t->names[node]);
        return false;
    }
    if (wiped) {
        sim_check_excuse(t->check, node);
        sim_disk_wipe(&n->disk);
        sim_look_at_disk(t, n);
    }
    sim_note note = {.kind = SIM_NOTE_RESTART, .node = node, .cause = t->command};
    note.as.life.how = wiped ? "wiped" : NULL;
    add_whole_state(t, n, &note);
    uint64_t told = sim_tell(t, &note);
    mend_disk(t, n, told);
    sim_boot(t, n, told);
    return sim_may_move(t, error);
}

/* ---- pausing ----------------------------------------------------------------------- */

void sim_freeze(sim *t, sim_node *n, const char *how, uint64_t cause)
{
    n->life = SIM_PAUSED;
    sim_note note = {.kind = SIM_NOTE_PAUSE, .node = n->id, .cause = cause};
    note.as.life.how = how;
    sim_tell(t, &note);
}

bool sim_pause(sim *t, sim_id node, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (n->life != SIM_UP)
        return sim_fail(error, "%s is %s already", t->names[node],
                        n->life == SIM_PAUSED ? "paused" : "crashed");
    sim_freeze(t, n, NULL, t->command);
    return true;
}

void sim_thaw(sim *t, sim_node *n, const char *how)
{
    n->life = SIM_UP;
    sim_note note = {.kind = SIM_NOTE_RESUME, .node = n->id, .cause = t->command};
    note.as.life.how = how;
    uint64_t told = sim_tell(t, &note);
    sim_store_let_go(t, n, told);
    sim_news_thaw(t, n, told);
    if (n->life == SIM_UP && n->view.commit > n->applied)
        sim_apply(t, n, n->view.commit, told); /* its application was mended meanwhile */
    if (n->duties | t->clients_due)
        sim_duties(t, n, told);
    sim_requests_give(t, n, told);
    if (t->flowing) {
        sim_timers_flow(t, n);
        sim_traffic_flow(t);
    }
}

bool sim_resume(sim *t, sim_id node, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (n->life != SIM_PAUSED) {
        sim_fail(error, "%s is not paused", t->names[node]);
        if (n->life == SIM_CRASHED)
            sim_hint(error, "it is crashed: restart %s", t->names[node]);
        return false;
    }
    if (n->app_stuck && !n->app_retriable) {
        sim_fail(error, "%s is out of service: its application failed", t->names[node]);
        sim_hint(error, "mend the application of %s", t->names[node]);
        return false;
    }
    sim_thaw(t, n, NULL);
    return sim_may_move(t, error);
}
