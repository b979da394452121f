/* traffic.c - messages on their way: sent, kept back, lost, delivered. */
#include "sim/tank.h"

#include <assert.h>

SIM_OFTEN void begin_note(sim_note *n, sim_note_kind kind, const sim_flying *f, sim_id node,
                          uint64_t cause)
{
    sim_note_begin(n, kind, node, cause);
    n->as.message.id = f->id;
    n->as.message.message = f->message;
}

void sim_tell_hold(sim *t, const sim_flying *f, uint64_t cause)
{
    sim_note n;
    begin_note(&n, SIM_NOTE_HOLD, f, f->message->to, cause);
    n.as.message.due = f->until;
    n.as.message.released = false;
    sim_tell(t, &n);
}

void sim_tell_release(sim *t, const sim_flying *f, uint64_t cause)
{
    sim_note n;
    begin_note(&n, SIM_NOTE_HOLD, f, f->message->to, cause);
    n.as.message.due = f->until > t->now ? f->until : 0;
    n.as.message.released = true;
    sim_tell(t, &n);
}

bool sim_can_move(const sim *t, const sim_flying *f)
{
    const sim_message *m = f->message;
    return !sim_network_is_held(&t->network, m->from, m->to) && f->until <= t->now &&
           sim_node_at(t, m->to)->life != SIM_PAUSED;
}

/* In flowing time a message without a record is one that somebody holds back. */
SIM_OFTEN void queue_message(sim *t, uint32_t slot)
{
    sim_flying *f = &t->network.slots[slot];
    const sim_message *m = f->message;
    if (!t->flowing || f->queued || sim_network_is_held(&t->network, m->from, m->to) ||
        sim_node_at(t, m->to)->life == SIM_PAUSED)
        return;
    f->queued = true;
    sim_queue_push(&t->queue, f->due, f->seq, SIM_EVENT_MESSAGE, slot);
}

void sim_plan_message(sim *t, uint32_t slot)
{
    t->network.slots[slot].queued = false; /* the record that it may have is stale */
    queue_message(t, slot);
}

void sim_traffic_flow(sim *t)
{
    const sim_network *w = &t->network;
    for (uint32_t slot = sim_network_oldest(w); slot; slot = w->slots[slot].younger)
        queue_message(t, slot);
}

bool sim_message_due(sim *t, const sim_event *e)
{
    sim_flying *f = &t->network.slots[e->who];
    if (f->seq != e->seq || !f->queued)
        return false;
    const sim_message *m = f->message;
    if (sim_network_is_held(&t->network, m->from, m->to) ||
        sim_node_at(t, m->to)->life == SIM_PAUSED) {
        f->queued = false;
        return false;
    }
    if (t->now < e->at)
        t->now = e->at;
    sim_arrive(t, e->who);
    return true;
}

void sim_send(sim *t, sim_message *m, uint64_t cause, bool forged)
{
    sim_us latency = sim_choose(t, SIM_CHOOSE_LATENCY, m->from, t->options.latency.low,
                                t->options.latency.high);
    uint32_t slot = sim_network_add(&t->network);
    sim_flying *f = &t->network.slots[slot];
    f->seq = ++t->sequence;
    f->message = m;
    f->sent = t->now;
    f->due = t->now + latency;
    sim_note n;
    begin_note(&n, SIM_NOTE_SEND, f, m->from, cause);
    n.as.message.forged = forged;
    f->told = sim_tell(t, &n);
    if (sim_network_is_cut(&t->network, m->from, m->to))
        sim_lose(t, slot, SIM_DROP_CUT, f->told);
    else if (sim_network_is_held(&t->network, m->from, m->to))
        sim_tell_hold(t, f, f->told);
    else
        queue_message(t, slot);
}

void sim_copy_message(sim *t, uint32_t slot, uint64_t cause)
{
    sim_message *m = t->engine->message_clone(t->pool, t->network.slots[slot].message);
    const sim_us latency = sim_choose(t, SIM_CHOOSE_LATENCY, m->from, t->options.latency.low,
                                      t->options.latency.high);
    const uint32_t twin = sim_network_add(&t->network);
    const sim_flying *f = &t->network.slots[slot];
    sim_flying *copy = &t->network.slots[twin];
    copy->seq = ++t->sequence;
    copy->message = m;
    copy->sent = t->now;
    copy->due = t->now + latency;
    copy->corrupt = f->corrupt;
    sim_note n;
    begin_note(&n, SIM_NOTE_DUPLICATE, f, m->to, cause);
    n.as.message.copy = copy->id;
    copy->told = sim_tell(t, &n);
    queue_message(t, twin);
}

static bool earlier(const sim_flying *a, const sim_flying *b)
{
    return a->due != b->due ? a->due < b->due : a->seq < b->seq;
}

/* The message of the same link that would arrive right before this one; 0: it is the first. */
static uint32_t just_before(const sim *t, uint32_t slot)
{
    const sim_network *w = &t->network;
    const sim_flying *f = &w->slots[slot];
    uint32_t found = 0;
    for (uint32_t other = sim_network_oldest(w); other; other = w->slots[other].younger) {
        const sim_flying *o = &w->slots[other];
        if (o->message->from == f->message->from && o->message->to == f->message->to &&
            earlier(o, f) && (!found || earlier(&w->slots[found], o)))
            found = other;
    }
    return found;
}

void sim_overtake(sim *t, uint32_t slot)
{
    for (uint32_t other; (other = just_before(t, slot));) {
        sim_flying *f = &t->network.slots[slot], *o = &t->network.slots[other];
        const sim_us due = f->due;
        const uint64_t seq = f->seq;
        f->due = o->due;
        f->seq = o->seq;
        o->due = due;
        o->seq = seq;
        sim_plan_message(t, other);
    }
    sim_plan_message(t, slot);
}

SIM_OFTEN sim_flying take(sim *t, uint32_t slot)
{
    sim_flying f = t->network.slots[slot];
    sim_network_remove(&t->network, slot);
    return f;
}

void sim_lose(sim *t, uint32_t slot, sim_drop why, uint64_t cause)
{
    const sim_flying f = take(t, slot);
    sim_note n;
    begin_note(&n, SIM_NOTE_DROP, &f, f.message->to, cause);
    n.as.message.drop = why;
    sim_tell(t, &n);
    t->engine->message_free(t->pool, f.message);
}

void sim_arrive(sim *t, uint32_t slot)
{
    const sim_flying *waiting = &t->network.slots[slot];
    sim_node *to = sim_node_at(t, waiting->message->to);
    t->events++;
    sim_limit_see(t, waiting->message);
    if (to->life == SIM_CRASHED || waiting->corrupt) {
        sim_drop why = to->life == SIM_CRASHED ? SIM_DROP_CRASHED : SIM_DROP_CORRUPT;
        sim_lose(t, slot, why, waiting->told);
        return;
    }
    assert(to->life == SIM_UP);
    const sim_flying f = take(t, slot);
    t->engine->receive(to->engine, sim_clock_now(t, to), f.message);
    sim_note n;
    begin_note(&n, SIM_NOTE_DELIVER, &f, to->id, f.told);
    sim_carry_out(t, to, &n, 0);
    t->engine->message_free(t->pool, f.message);
}
