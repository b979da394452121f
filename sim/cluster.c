/* cluster.c - the life of a tank, and time that flows. */
#include "sim/base/memory.h"
#include "sim/tank.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- limits ------------------------------------------------------------------------ */

static size_t tally_size(const sim *t)
{
    return (size_t)(t->nodes + 1) * (t->nodes + 1) * t->engine->type_count;
}

void sim_limit_see_near(const sim *t, const sim_message *m)
{
    const size_t link = (size_t)m->from * (t->nodes + 1) + m->to;
    t->limit->tally[link * t->engine->type_count + m->type]++;
}

/* Says which messages were going round: the link and type seen most often. */
static bool limit_passed(const sim *t, const sim_limit *l, sim_error *error)
{
    const uint32_t types = t->engine->type_count;
    size_t most = 0;
    for (size_t i = 0; l->tally && i < tally_size(t); i++)
        if (l->tally[i] > l->tally[most])
            most = i;
    if (l->tally && l->tally[most]) {
        size_t link = most / types;
        sim_fail(error,
                 "%s passed its limit of %" PRIu64 ": %s -> %s %s went round %" PRIu32
                 " times near the end",
                 l->verb, l->most, t->names[link / (t->nodes + 1)],
                 t->names[link % (t->nodes + 1)],
                 t->engine->type_name((uint32_t)(most % types)), l->tally[most]);
    } else {
        sim_fail(error, "%s passed its limit of %" PRIu64 ", and no message moved near the end",
                 l->verb, l->most);
    }
    sim_hint(error, "option %s_limit raises it", l->verb);
    if (error)
        error->no_progress = true;
    return false;
}

bool sim_limit_near(sim *t, sim_limit *l, sim_error *error)
{
    if (l->count > l->most)
        return limit_passed(t, l, error);
    if (!l->tally) {
        l->tally = sim_alloc(tally_size(t) * sizeof *l->tally);
        t->limit = l;
    }
    return true;
}

void sim_limit_end(sim *t, sim_limit *l)
{
    free(l->tally);
    t->limit = NULL;
}

void sim_stop_on(sim *t, const volatile bool *stop)
{
    t->stop = stop;
}

/* ---- flowing time ------------------------------------------------------------------ */

/* In still water nothing has a record in the event queue; now all that is planned gets one. */
static void begin_flow(sim *t)
{
    assert(!t->flowing);
    t->flowing = true;
    sim_traffic_flow(t);
    for (uint32_t id = 1; id <= t->nodes; id++) {
        sim_timers_flow(t, &t->node[id]);
        sim_store_flow(t, &t->node[id]);
        sim_news_flow(t, &t->node[id]);
    }
    sim_clients_flow(t);
}

/* False: the record was stale, nothing happened. */
static bool happen(sim *t, const sim_event *e)
{
    switch ((sim_event_kind)e->kind) {
    case SIM_EVENT_MESSAGE:
        return sim_message_due(t, e);
    case SIM_EVENT_TIMER:
        return sim_timer_due(t, e);
    case SIM_EVENT_DISK:
        return sim_store_due(t, e);
    case SIM_EVENT_CLIENT:
        return sim_client_due(t, e);
    case SIM_EVENT_PERSISTED:
        return sim_news_due(t, e);
    }
    return false;
}

typedef enum flowed { FLOW_TIME_UP, FLOW_HELD, FLOW_FAILED } flowed;

/* The first record, when its time is not after end. */
static inline bool next_event(sim *t, sim_us end, sim_event *out)
{
    const sim_event *first = sim_queue_first(&t->queue);
    return first && first->at <= end && sim_queue_pop(&t->queue, out);
}

/* One record after the other, until one of them ends it. */
static flowed flow_on(sim *t, sim_us end, sim_until_fn *until, void *self, sim_limit *limit,
                      sim_error *error)
{
    sim_event e;
    while (!sim_is_stopped(t, error)) {
        if (!next_event(t, end, &e))
            return FLOW_TIME_UP;
        if (!happen(t, &e))
            continue;
        if (!sim_may_move(t, error) || !sim_limit_count(t, limit, error))
            break;
        if (until && until(self))
            return FLOW_HELD;
    }
    return FLOW_FAILED;
}

/* Lets time flow to end, or until the condition holds. */
static flowed flow(sim *t, sim_us end, sim_until_fn *until, void *self, sim_error *error)
{
    sim_limit limit = {.most = t->options.advance_limit, .verb = "advance"};
    if (until && until(self))
        return FLOW_HELD;
    begin_flow(t);
    flowed result = flow_on(t, end, until, self, &limit, error);
    if (result == FLOW_TIME_UP && t->now < end)
        t->now = end;
    t->flowing = false;
    sim_limit_end(t, &limit);
    return result;
}

static sim_us after(const sim *t, sim_us by)
{
    const sim_us latest = INT64_MAX / 4; /* sums of times stay far from their end */
    return by < latest - t->now ? t->now + by : latest;
}

bool sim_advance(sim *t, sim_us by, sim_error *error)
{
    return sim_may_move(t, error) && flow(t, after(t, by), NULL, NULL, error) != FLOW_FAILED;
}

bool sim_await(sim *t, sim_us within, sim_until_fn *until, void *self, sim_error *error)
{
    if (!sim_may_move(t, error))
        return false;
    switch (flow(t, after(t, within), until, self, error)) {
    case FLOW_HELD:
        return true;
    case FLOW_FAILED:
        return false;
    case FLOW_TIME_UP:
        break;
    }
    sim_text span = {0};
    sim_text_us(&span, within);
    sim_fail(error, "the condition did not hold within %s", span.at);
    sim_text_free(&span);
    return false;
}

/* ---- making a tank ----------------------------------------------------------------- */

static bool take_names(sim *t, const sim_config *c, sim_error *error)
{
    t->names = sim_arena_take(&t->arena, (t->nodes + 2) * sizeof *t->names);
    t->names[0] = "";
    for (uint32_t id = 1; id <= t->nodes; id++) {
        char standard[8];
        const char *name = standard;
        if (c->names)
            name = c->names[id - 1];
        else
            snprintf(standard, sizeof standard, "n%" PRIu32, id);
        if (!*name)
            return sim_fail(error, "node %" PRIu32 " has no name", id);
        if (sim_node_named(t, name, strlen(name)))
            return sim_fail(error, "two nodes are called '%s'", name);
        t->names[id] = sim_arena_text(&t->arena, name, strlen(name));
    }
    return true;
}

static void make_streams(sim *t)
{
    t->streams = sim_arena_take(&t->arena, (t->nodes + 1) * sizeof *t->streams);
    for (uint32_t who = 0; who <= t->nodes; who++)
        for (uint32_t p = 0; p < SIM_PURPOSE_COUNT; p++)
            t->streams[who][p] = sim_random_stream(t->seed, p, who);
}

static void make_nodes(sim *t)
{
    const uint64_t most = t->options.clock_drift;
    t->node = sim_arena_take(&t->arena, (t->nodes + 1) * sizeof *t->node);
    for (uint32_t id = 1; id <= t->nodes; id++) {
        sim_node *n = &t->node[id];
        n->id = (sim_id)id;
        n->life = SIM_CRASHED; /* until it boots */
        for (sim_timer timer = 0; timer < SIM_TIMER_COUNT; timer++)
            n->timers[timer].queued_at = SIM_US_MAX;
        if (most)
            n->clock.ppm = (int64_t)sim_choose(t, SIM_CHOOSE_CLOCK_DRIFT, n->id, 0, 2 * most) -
                           (int64_t)most;
    }
}

/* ---- presets ----------------------------------------------------------------------- */

static bool preset_is_possible(const sim *t, const sim_preset *p, sim_error *error)
{
    if (!sim_is_node(t, p->node))
        return sim_fail(error, "a preset is for node %u, and there is none", p->node);
    const char *name = t->names[p->node];
    if (sim_node_at(t, p->node)->disk.log_n || sim_node_at(t, p->node)->disk.term)
        return sim_fail(error, "%s has two presets", name);
    uint64_t term = 1;
    for (uint64_t i = 0; i < p->n; i++) {
        const sim_point at = p->points[i];
        if (at.index != i + 1)
            return sim_fail(error,
                            "the preset log of %s has %" PRIu64 "@%" PRIu64
                            " where index %" PRIu64 " belongs",
                            name, at.index, at.term, i + 1);
        if (at.term < term)
            return sim_fail(
                error, "the preset log of %s goes back to term %" PRIu64 " at index %" PRIu64,
                name, at.term, at.index);
        term = at.term;
    }
    if (p->n && p->term && p->term < term)
        return sim_fail(error, "%s is preset to term %" PRIu64 ", its log to term %" PRIu64,
                        name, p->term, term);
    if (p->vote && (!sim_is_node(t, p->vote) || (!p->n && !p->term)))
        return sim_fail(error, "the preset vote of %s is for nobody who could stand", name);
    return true;
}

static void put_preset(sim *t, const sim_preset *p)
{
    sim_entry *log = sim_alloc((size_t)p->n * sizeof *log);
    for (uint64_t i = 0; i < p->n; i++)
        log[i] = (sim_entry){.term = p->points[i].term,
                             .kind = SIM_ENTRY_NOOP,
                             .checksum = sim_entry_checksum(SIM_ENTRY_NOOP, NULL, 0)};
    uint64_t term = p->term || !p->n ? p->term : p->points[p->n - 1].term;
    sim_disk_preset(&sim_node_at(t, p->node)->disk, term, p->vote, log, p->n);
    free(log);
}

/* A node that finds something on its disk tells it; an empty one tells nothing. */
static void tell_preset(sim *t, const sim_node *n)
{
    const sim_disk *d = &n->disk;
    if (d->term) {
        sim_note note = {.kind = SIM_NOTE_TERM, .node = n->id};
        note.as.term.to = note.state.term = d->term;
        note.state.changed = SIM_STATE_TERM;
        sim_tell(t, &note);
    }
    if (d->vote) {
        sim_note note = {.kind = SIM_NOTE_VOTE, .node = n->id};
        note.as.vote.candidate = note.state.vote = d->vote;
        note.as.vote.term = d->term;
        note.state.changed = SIM_STATE_VOTE;
        sim_tell(t, &note);
    }
    if (d->log_n) {
        assert(d->log_n <= UINT32_MAX);
        sim_note note = {.kind = SIM_NOTE_APPEND, .node = n->id};
        note.as.append.index = 1;
        note.as.append.entries = d->log;
        note.as.append.n = (uint32_t)d->log_n;
        note.state.changed = SIM_STATE_LAST | SIM_STATE_DURABLE;
        note.state.last = (sim_point){d->log_n, d->log[d->log_n - 1].term};
        note.state.durable = d->log_n;
        sim_tell(t, &note);
    }
}

static bool boot_all(sim *t, const sim_config *c, sim_error *error)
{
    for (uint32_t i = 0; i < c->presets_n; i++) {
        if (!preset_is_possible(t, &c->presets[i], error))
            return false;
        put_preset(t, &c->presets[i]);
    }
    for (uint32_t id = 1; id <= t->nodes; id++) {
        tell_preset(t, &t->node[id]);
        sim_boot(t, &t->node[id], 0);
    }
    if (!t->broken.invariant)
        return true;
    sim_fail(error, "the presets contradict each other: %s; %s", t->broken.one,
             t->broken.other);
    sim_hint(error, "%s (%s)", t->broken.invariant, t->broken.cite);
    return false;
}

sim *sim_new(const sim_config *c, sim_error *error)
{
    assert(c->nodes >= 1 && c->nodes <= SIM_NODES_MAX && c->observers_n <= SIM_OBSERVERS_MAX);
    sim *t = sim_alloc(sizeof *t);
    t->nodes = c->nodes;
    t->seed = c->seed;
    t->chooser = c->chooser;
    t->bugs = c->bugs;
    t->first.learners = c->learners & ~c->spares;
    t->first.voters = sim_first_nodes(c->nodes) & ~c->spares & ~c->learners;
    t->engine = c->engine ? c->engine : &sim_engine_native;
    t->app = c->app ? c->app : sim_app_find("counter");
    t->options = c->options;
    if (!c->options_set)
        sim_options_default(&t->options);
    t->pool = sim_pool_new();
    sim_network_init(&t->network);
    for (uint32_t i = 0; i < c->observers_n; i++)
        sim_observe(t, c->observers[i]);
    const char *wrong = sim_options_check(&t->options);
    if (!wrong && !t->first.voters)
        wrong = "the cluster has no voter: not every node can be a spare or a learner";
    if (wrong)
        sim_fail(error, "%s", wrong);
    if (wrong || !take_names(t, c, error)) {
        sim_free(t);
        return NULL;
    }
    make_streams(t);
    make_nodes(t);
    t->check = sim_check_new(t->nodes, t->names + 1);
    if (!boot_all(t, c, error)) {
        sim_free(t);
        return NULL;
    }
    return t;
}

static void free_node(sim *t, sim_node *n)
{
    sim_node_free(t, n);
    sim_disk_free(&n->disk);
    sim_text_free(&n->arriving);
    free(n->outbox.at);
    free(n->news.at);
    free(n->pending.at);
    free(n->lost.at);
    free(n->asked.at);
    free(n->inbox.at);
}

void sim_free(sim *t)
{
    if (!t)
        return;
    for (uint32_t id = 1; t->node && id <= t->nodes; id++)
        free_node(t, &t->node[id]);
    sim_network_free(&t->network); /* the messages go with their pool */
    sim_queue_free(&t->queue);
    sim_check_free(t->check);
    sim_requests_free(t);
    for (size_t i = 0; i < t->clients_n; i++)
        free(t->clients[i].waiting.at);
    free(t->clients);
    sim_text_free(&t->answer);
    sim_text_free(&t->wrong);
    sim_text_free(&t->config);
    sim_text_free(&t->entry);
    sim_pool_free(t->pool);
    sim_arena_free(&t->arena);
    free(t);
}

void sim_observe(sim *t, sim_observer observer)
{
    assert(t->observers_n < SIM_OBSERVERS_MAX && observer.note);
    t->observers[t->observers_n++] = observer;
}
