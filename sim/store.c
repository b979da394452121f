/* store.c - a node's disk in time: writes are submitted, and some time later durable. */
#include "sim/tank.h"

#include <assert.h>

void sim_store_note(sim_note *note, const sim_node *n, const char *op, const sim_write *w,
                    uint64_t cause)
{
    sim_note_begin(note, SIM_NOTE_DISK, n->id, cause);
    note->as.disk.op = op;
    note->as.disk.what = NULL;
    note->as.disk.write = w->number;
    note->as.disk.hard_state = w->hard_state;
    note->as.disk.term = w->term;
    note->as.disk.vote = w->vote;
    note->as.disk.snapshot = w->image ? w->image->last : (sim_point){0};
    note->as.disk.truncate = w->truncate;
    note->as.disk.index = w->index;
    note->as.disk.n = w->n;
    note->as.disk.up_to = (sim_point){0};
}

SIM_OFTEN uint64_t tell(sim *t, const sim_node *n, const char *op, const sim_write *w,
                        uint64_t cause)
{
    sim_note note;
    sim_store_note(&note, n, op, w ? w : &(const sim_write){0}, cause);
    return sim_tell(t, &note);
}

uint64_t sim_store_tell(sim *t, const sim_node *n, const char *op, const sim_write *w,
                        uint64_t cause)
{
    return tell(t, n, op, w ? w : &(const sim_write){0}, cause);
}

/* Only the first write that is not durable has a record: the others follow it. */
SIM_OFTEN void queue_disk(sim *t, sim_node *n)
{
    sim_disk *d = &n->disk;
    if (!t->flowing || d->held || d->queued_seq || d->done == d->submitted)
        return;
    const sim_write *w = sim_disk_first(d);
    d->queued_seq = w->seq;
    sim_queue_push(&t->queue, w->due, w->seq, SIM_EVENT_DISK, n->id);
}

void sim_store_flow(sim *t, sim_node *n)
{
    queue_disk(t, n);
}

void sim_store_submit(sim *t, sim_node *n, uint64_t cause)
{
    sim_disk *d = &n->disk;
    sim_write *w = sim_disk_close(d);
    w->seq = ++t->sequence;
    w->due = t->now + d->slow +
             sim_choose(t, SIM_CHOOSE_DISK_LATENCY, n->id, t->options.disk_latency.low,
                        t->options.disk_latency.high);
    if (w->due < d->last_due) /* first in, first out */
        w->due = d->last_due;
    d->last_due = w->due;
    w->told = tell(t, n, "submitted", w, cause);
    queue_disk(t, n);
}

/* Practice: failing disks.  A node that cannot write must not go on: it would have to
 * acknowledge what it may lose.
 * Scenarios: log/failing_disk_stops_the_leader, log/full_disk_stops_the_server. */
static bool fails(sim *t, sim_node *n, const sim_write *w)
{
    const bool full = n->disk.mode == SIM_DISK_FULL;
    if (n->disk.mode != SIM_DISK_FAIL && !(full && (w->n || w->image)))
        return false;
    uint64_t told = sim_store_tell(t, n, "failed", w, w->told);
    sim_die_of_disk(t, n, full ? "disk full" : "disk failed", told);
    return true;
}

static void keep(sim *t, const sim_message *m)
{
    const sim_word word = t->engine->word_of(m);
    if (word.kind == SIM_WORD_BRINGS)
        sim_check_keep(t->check, word.first, word.last);
}

void sim_store_forget(sim *t)
{
    if (!t->engine->word_of || !sim_check_may_forget(t->check))
        return;
    const sim_network *w = &t->network;
    for (uint32_t slot = sim_network_oldest(w); slot; slot = w->slots[slot].younger)
        keep(t, w->slots[slot].message);
    for (uint32_t id = 1; id <= t->nodes; id++) {
        const sim_waiting_ring *r = &t->node[id].outbox;
        for (uint64_t i = r->first; i != r->last; i++)
            keep(t, r->at[i & (r->capacity - 1)].message);
    }
    sim_check_forget(t->check);
}

void sim_store_complete(sim *t, sim_node *n)
{
    sim_disk *d = &n->disk;
    sim_breach breach;
    t->events++;
    const sim_write *w = sim_disk_first(d);
    if (fails(t, n, w))
        return;
    if (d->queued_seq == w->seq)
        d->queued_seq = 0;
    uint64_t low;
    sim_disk_complete(d, &low);
    const bool log = w->truncate || w->n || (w->image && w->installs);
    sim_note note;
    sim_store_note(&note, n, "durable", w, w->told);
    if (log) {
        note.state.changed = SIM_STATE_DURABLE;
        note.state.durable = sim_disk_last(d);
    }
    uint64_t told = sim_tell(t, &note);
    if (w->image && !sim_check_snapshot_durable(t->check, n->id, w->image->last, told, &breach))
        sim_broken(t, n->id, &breach, told);
    if ((log || w->image) &&
        !sim_check_durable(t->check, n->id, low, sim_disk_last(d), told, &breach))
        sim_broken(t, n->id, &breach, told);
    if (w->image)
        sim_store_forget(t);
    if (n->life == SIM_UP)
        sim_store_let_go(t, n, told);
    if (log)
        sim_news_come(t, n, w, told);
}

void sim_store_let_go(sim *t, sim_node *n, uint64_t cause)
{
    sim_waiting_ring *r = &n->outbox;
    while (r->first != r->last) {
        const sim_waiting w = r->at[r->first & (r->capacity - 1)];
        if (w.write > n->disk.done)
            break;
        r->first++;
        sim_leave(t, n, w.message, w.term, cause);
    }
}

void sim_store_complete_all(sim *t, sim_node *n)
{
    while (n->life != SIM_CRASHED && n->disk.done < n->disk.submitted)
        sim_store_complete(t, n);
    if (!t->flowing && sim_news_left(n))
        sim_news_hear_all(t, n);
}

bool sim_store_due(sim *t, const sim_event *e)
{
    sim_node *n = sim_node_at(t, (sim_id)e->who);
    sim_disk *d = &n->disk;
    if (d->queued_seq != e->seq)
        return false; /* done by hand, or lost */
    d->queued_seq = 0;
    if (d->held)
        return false;
    if (t->now < e->at)
        t->now = e->at;
    sim_store_complete(t, n);
    queue_disk(t, n);
    return true;
}

/* ---- the script's side ------------------------------------------------------------- */

bool sim_disk_hold(sim *t, sim_id node, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (n->disk.held)
        return sim_fail(error, "the disk of %s is held already", t->names[node]);
    n->disk.held = true;
    sim_store_tell(t, n, "held", NULL, t->command);
    return true;
}

bool sim_disk_release(sim *t, sim_id node, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (!n->disk.held)
        return sim_fail(error, "the disk of %s is not held", t->names[node]);
    n->disk.held = false;
    sim_store_tell(t, n, "released", NULL, t->command);
    if (t->flowing)
        queue_disk(t, n);
    else
        sim_store_complete_all(t, n);
    return sim_may_move(t, error);
}

bool sim_disk_sync(sim *t, sim_id node, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (n->life == SIM_CRASHED) {
        sim_fail(error, "%s is crashed, nothing is on its way to its disk", t->names[node]);
        sim_hint(error, "restart %s", t->names[node]);
        return false;
    }
    sim_store_complete_all(t, n);
    queue_disk(t, n);
    return sim_may_move(t, error);
}

void sim_disk_set(sim *t, sim_id node, sim_disk_mode mode, sim_us slow)
{
    static const char *const ops[] = {[SIM_DISK_OK] = "ok",
                                      [SIM_DISK_FAIL] = "fail",
                                      [SIM_DISK_FULL] = "full",
                                      [SIM_DISK_SLOW] = "slow"};
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, NULL))
        return;
    n->disk.mode = (uint8_t)mode;
    n->disk.slow = mode == SIM_DISK_SLOW ? slow : 0;
    sim_store_tell(t, n, ops[mode], NULL, t->command);
}

bool sim_disk_corrupt(sim *t, sim_id node, uint64_t index, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    const sim_disk *d = &n->disk;
    if (index <= d->base || index > sim_disk_last(d)) {
        sim_fail(error, "there is no entry %" PRIu64 " on the disk of %s", index,
                 t->names[node]);
        if (d->log_n)
            sim_hint(error, "it holds %" PRIu64 " to %" PRIu64, d->base + 1, sim_disk_last(d));
        else
            sim_hint(error, "it is empty");
        return false;
    }
    sim_disk_damage(&n->disk, &t->arena, index);
    sim_check_excuse(t->check, node);
    const sim_write hit = {.index = index, .n = 1};
    sim_store_tell(t, n, "damaged", &hit, t->command);
    if (n->life == SIM_CRASHED)
        sim_look_at_disk(t, n);
    return true;
}

bool sim_disk_is_held(const sim *t, sim_id node)
{
    assert(sim_is_node(t, node));
    return sim_node_at(t, node)->disk.held;
}

sim_disk_mode sim_disk_mode_of(const sim *t, sim_id node)
{
    assert(sim_is_node(t, node));
    return (sim_disk_mode)sim_node_at(t, node)->disk.mode;
}
