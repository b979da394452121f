/* timer.c - the clocks of the nodes, and their timers. */
#include "sim/tank.h"

#include <assert.h>

#define MILLION INT64_C(1000000)

/* ---- clocks ------------------------------------------------------------------------ */

/* How far a clock runs in so much virtual time, and how long it takes to run so far.  Split,
 * so that no product is wider than 64 bits; elapsed(needed(x)) >= x, and no less will do. */
int64_t sim_clock_elapsed(int64_t us, int64_t ppm)
{
    int64_t rate = MILLION + ppm;
    return us / MILLION * rate + us % MILLION * rate / MILLION;
}

static int64_t needed(int64_t local, int64_t ppm)
{
    int64_t rate = MILLION + ppm;
    return local / rate * MILLION + (local % rate * MILLION + rate - 1) / rate;
}

/* When the clock shows local; now at the earliest that it can be told. */
static sim_us virtual_of(const sim_clock *c, int64_t local)
{
    int64_t wait = local - c->local;
    if (wait <= 0)
        return c->since;
    return c->since + (sim_us)(c->ppm ? needed(wait, c->ppm) : wait);
}

/* ---- timers ------------------------------------------------------------------------ */

SIM_OFTEN void queue_timer(sim *t, sim_node *n, sim_timer timer)
{
    sim_alarm *a = &n->timers[timer];
    if (!t->flowing || !a->armed || n->life != SIM_UP || a->queued_at <= a->deadline)
        return;
    a->queued_at = a->deadline;
    a->queued_seq = a->seq;
    sim_queue_push(&t->queue, a->deadline, a->seq, SIM_EVENT_TIMER,
                   (uint32_t)(n->id * SIM_TIMER_COUNT + timer));
}

void sim_arm(sim *t, sim_node *n, sim_timer timer, sim_us min, sim_us max, uint64_t cause)
{
    sim_purpose purpose =
        timer == SIM_TIMER_ELECTION ? SIM_CHOOSE_ELECTION_TIMEOUT : SIM_CHOOSE_HEARTBEAT;
    sim_alarm *a = &n->timers[timer];
    a->armed = true;
    a->local = sim_clock_local(t, &n->clock) + (int64_t)sim_choose(t, purpose, n->id, min, max);
    a->deadline = virtual_of(&n->clock, a->local);
    a->seq = ++t->sequence;
    a->cause = cause;
    queue_timer(t, n, timer);
}

/* Who is no member has no leader that would bring it the end of what it began. */
static bool is_forsaken(const sim_node *n)
{
    const sim_view *v = &n->view;
    return !v->leader && !sim_has(v->voters | v->outgoing | v->learners, n->id);
}

void sim_fire(sim *t, sim_node *n, sim_timer timer, uint64_t cause)
{
    assert(n->life == SIM_UP && n->timers[timer].armed);
    t->events++;
    n->timers[timer].armed = false;
    t->engine->timer(n->engine, sim_clock_now(t, n), timer);
    sim_note note;
    sim_note_begin(&note, SIM_NOTE_TIMER, n->id, cause);
    note.as.timer.timer = timer;
    sim_carry_out(t, n, &note, 0);
    if (timer == SIM_TIMER_ELECTION && n->life == SIM_UP && is_forsaken(n))
        sim_requests_forsaken(t, n, note.seq);
}

bool sim_timer_due(sim *t, const sim_event *e)
{
    sim_node *n = sim_node_at(t, (sim_id)(e->who / SIM_TIMER_COUNT));
    sim_timer timer = (sim_timer)(e->who % SIM_TIMER_COUNT);
    sim_alarm *a = &n->timers[timer];
    if (a->queued_at == SIM_US_MAX || a->queued_seq != e->seq)
        return false; /* an earlier record took its place */
    a->queued_at = SIM_US_MAX;
    if (!a->armed || n->life != SIM_UP)
        return false;
    if (a->seq != e->seq) { /* armed again meanwhile */
        queue_timer(t, n, timer);
        return false;
    }
    if (t->now < e->at)
        t->now = e->at;
    sim_fire(t, n, timer, a->cause ? a->cause : t->command);
    return true;
}

void sim_timers_flow(sim *t, sim_node *n)
{
    for (sim_timer timer = 0; timer < SIM_TIMER_COUNT; timer++)
        queue_timer(t, n, timer);
}

void sim_timers_clear(sim_node *n)
{
    for (sim_timer timer = 0; timer < SIM_TIMER_COUNT; timer++)
        n->timers[timer].armed = false;
}

void sim_clock_change(sim *t, sim_node *n, int64_t skew, int64_t ppm)
{
    assert(ppm > -MILLION);
    n->clock.local = sim_clock_local(t, &n->clock) + skew;
    n->clock.since = t->now;
    n->clock.ppm = ppm;
    for (sim_timer timer = 0; timer < SIM_TIMER_COUNT; timer++) {
        sim_alarm *a = &n->timers[timer];
        if (!a->armed)
            continue;
        a->deadline = virtual_of(&n->clock, a->local);
        a->seq = ++t->sequence;
        queue_timer(t, n, timer);
    }
}

sim_us sim_deadline(const sim *t, sim_id node, sim_timer timer)
{
    assert(sim_is_node(t, node));
    const sim_alarm *a = &sim_node_at(t, node)->timers[timer];
    return a->armed ? a->deadline : SIM_US_MAX;
}
