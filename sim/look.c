/* look.c - what can be seen of a tank without moving it. */
#include "sim/tank.h"

#include <assert.h>
#include <string.h>

static const sim_node *looked_at(const sim *t, sim_id node)
{
    assert(sim_is_node(t, node));
    return sim_node_at(t, node);
}

sim_us sim_now(const sim *t)
{
    return t->now;
}

uint32_t sim_nodes(const sim *t)
{
    return t->nodes;
}

const char *sim_name(const sim *t, sim_id node)
{
    assert(node <= t->nodes);
    return t->names[node];
}

sim_id sim_node_named(const sim *t, const char *name, size_t len)
{
    for (uint32_t id = 1; id <= t->nodes; id++) {
        const char *other = t->names[id];
        if (other && strlen(other) == len && memcmp(other, name, len) == 0)
            return (sim_id)id;
    }
    return 0;
}

sim_life sim_life_of(const sim *t, sim_id node)
{
    return looked_at(t, node)->life;
}

const sim_view *sim_view_of(const sim *t, sim_id node)
{
    return &looked_at(t, node)->view;
}

uint64_t sim_applied(const sim *t, sim_id node)
{
    return looked_at(t, node)->applied;
}

uint64_t sim_durable_last(const sim *t, sim_id node)
{
    const sim_node *n = looked_at(t, node);
    return n->life == SIM_CRASHED ? n->view.last.index : sim_disk_last(&n->disk);
}

bool sim_entry_of(const sim *t, sim_id node, uint64_t index, sim_entry *out)
{
    const sim_node *n = looked_at(t, node);
    if (n->engine)
        return t->engine->entry(n->engine, index, out);
    if (index <= n->disk.base || index > n->view.last.index)
        return false;
    *out = *sim_disk_at(&n->disk, index);
    return true;
}

void sim_app_show(const sim *t, sim_id node, sim_text *out)
{
    const sim_node *n = looked_at(t, node);
    if (n->app)
        t->app->show(n->app, out);
}

uint64_t sim_app_hash(const sim *t, sim_id node)
{
    const sim_node *n = looked_at(t, node);
    return n->app ? t->app->hash(n->app) : 0;
}

uint64_t sim_role_changes(const sim *t, sim_id node)
{
    return looked_at(t, node)->role_changes;
}

const sim_engine *sim_engine_of(const sim *t)
{
    return t->engine;
}

const sim_app *sim_app_of(const sim *t)
{
    return t->app;
}

const sim_options *sim_options_of(const sim *t)
{
    return &t->options;
}

uint64_t sim_seed(const sim *t)
{
    return t->seed;
}

uint64_t sim_seq(const sim *t)
{
    return t->seq;
}

uint64_t sim_events(const sim *t)
{
    return t->events;
}

sim_arena *sim_memory(sim *t)
{
    return &t->arena;
}

static uint64_t node_bytes(const sim_node *n)
{
    return sim_disk_bytes(&n->disk) + n->arriving.capacity +
           n->outbox.capacity * sizeof *n->outbox.at +
           (n->pending.capacity + n->lost.capacity) * sizeof *n->pending.at +
           n->asked.capacity * sizeof *n->asked.at + n->inbox.capacity * sizeof *n->inbox.at;
}

uint64_t sim_bytes(const sim *t)
{
    uint64_t bytes = sizeof *t + sim_arena_bytes(&t->arena) + sim_pool_bytes(t->pool) +
                     sim_request_bytes(t) + sim_check_bytes(t->check) +
                     t->network.capacity * sizeof *t->network.slots +
                     t->queue.heap_capacity * sizeof *t->queue.heap;
    for (uint32_t id = 1; id <= t->nodes; id++)
        bytes += node_bytes(&t->node[id]);
    for (size_t i = 0; i < t->clients_n; i++)
        bytes += sizeof *t->clients +
                 t->clients[i].waiting.capacity * sizeof *t->clients[i].waiting.at;
    return bytes;
}

const sim_violation_info *sim_violation(const sim *t)
{
    return t->broken.invariant ? &t->broken : NULL;
}

/* ---- the queue --------------------------------------------------------------------- */

uint64_t sim_queue_length(const sim *t)
{
    return t->network.count;
}

bool sim_queue_next(const sim *t, uint64_t *cursor, sim_flight *out)
{
    const uint32_t slot = t->network.slots[*cursor].younger;
    if (!slot)
        return false;
    const sim_flying *f = &t->network.slots[slot];
    const sim_message *m = f->message;
    *out = (sim_flight){.id = f->id,
                        .message = m,
                        .sent = f->sent,
                        .due = f->due,
                        .held = sim_network_is_held(&t->network, m->from, m->to),
                        .delayed = f->until > t->now,
                        .paused = sim_life_of(t, m->to) == SIM_PAUSED,
                        .corrupt = f->corrupt};
    *cursor = slot;
    return true;
}

bool sim_matches(const sim_filter *f, uint64_t id, const sim_message *m)
{
    return (!f->from || f->from == m->from) && (!f->to || f->to == m->to) &&
           (!f->type || f->type == m->type + 1U) && (!f->id || f->id == id);
}

bool sim_reachable(const sim *t, sim_id from, sim_id to)
{
    return !sim_network_is_cut(&t->network, from, to);
}

bool sim_is_held(const sim *t, sim_id from, sim_id to)
{
    return sim_network_is_held(&t->network, from, to);
}
