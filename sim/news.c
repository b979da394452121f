/* news.c - a node hears that a write is durable: in the same moment as a rule, and else later,
 * of one write after the other.
 *
 * The two moments are two in every product: the disk is done, what waited for it may go, and
 * the node learns of it when somebody tells it.  Meanwhile its log may have become another:
 * what the node is told is how far its log was durable then (thesis 3.5, 10.2.1). */
#include "sim/ring.h"
#include "sim/tank.h"

#include <assert.h>

/* The first that it has not heard has a record in the event queue: the others follow it. */
static void queue_news(sim *t, sim_node *n)
{
    sim_news_ring *r = &n->news;
    if (!t->flowing || n->muted || n->life != SIM_UP || n->news_queued || !sim_news_left(n))
        return;
    const sim_news *first = &r->at[r->first & (r->capacity - 1)];
    n->news_queued = first->seq;
    sim_queue_push(&t->queue, first->due, first->seq, SIM_EVENT_PERSISTED, n->id);
}

void sim_news_flow(sim *t, sim_node *n)
{
    queue_news(t, n);
}

static sim_point durable_now(const sim_node *n)
{
    return sim_disk_point(&n->disk, sim_disk_last(&n->disk));
}

/* It hears later of this write, with which the log is durable up to what the disk holds. */
static void put_off(sim *t, sim_node *n, const sim_write *w, uint64_t durable, sim_us delay)
{
    sim_news_ring *r = &n->news;
    sim_news news = {.write = *w,
                     .snapshot = w->image ? w->image->last : (sim_point){0},
                     .up_to = durable_now(n),
                     .durable = durable,
                     .seq = ++t->sequence,
                     .due = t->now + delay};
    news.write.image = NULL; /* the disk's, which may let it go */
    news.write.hard_state = false;
    if (sim_news_left(n)) { /* first in, first out */
        const sim_us before = r->at[(r->last - 1) & (r->capacity - 1)].due;
        news.due = news.due < before ? before : news.due;
    }
    if (r->last - r->first == r->capacity)
        r->at = sim_ring_grow(r->at, &r->capacity, r->first, r->last, sizeof *r->at);
    r->at[r->last++ & (r->capacity - 1)] = news;
    queue_news(t, n);
}

/* The engine hears how far its log is durable. */
static void tell(sim *t, sim_node *n, bool image, sim_point up_to, uint64_t cause)
{
    if (image)
        sim_snapshot_installed(t, n, cause);
    if (n->life != SIM_UP)
        return;
    t->engine->persisted(n->engine, sim_clock_now(t, n), up_to);
    sim_carry_out(t, n, NULL, cause);
}

void sim_news_come(sim *t, sim_node *n, const sim_write *w, uint64_t durable)
{
    const sim_range *range = &t->options.persisted_latency;
    const sim_us delay =
        t->flowing ? sim_choose(t, SIM_CHOOSE_PERSISTED_LATENCY, n->id, range->low, range->high)
                   : 0;
    const bool up = n->life == SIM_UP, image = w->image && w->installs;
    if (n->muted || n->hearing || sim_news_left(n) || (up && delay)) {
        put_off(t, n, w, durable, delay);
    } else if (up) {
        tell(t, n, image, durable_now(n), durable);
    } else {
        n->deaf = durable;
        n->deaf_image |= image;
    }
}

/* The first of what it has not heard. */
static void hear(sim *t, sim_node *n)
{
    sim_news_ring *r = &n->news;
    const sim_news news = r->at[r->first++ & (r->capacity - 1)];
    if (n->news_queued == news.seq)
        n->news_queued = 0;
    sim_note note;
    sim_store_note(&note, n, "told", &news.write, news.durable);
    note.as.disk.snapshot = news.snapshot;
    note.as.disk.up_to = news.up_to;
    n->hearing = true; /* what becomes durable meanwhile waits its turn */
    tell(t, n, news.write.installs, news.up_to, sim_tell(t, &note));
    n->hearing = false;
}

void sim_news_hear_all(sim *t, sim_node *n)
{
    while (sim_news_left(n) && !n->muted && !n->hearing && n->life == SIM_UP &&
           !t->broken.invariant)
        hear(t, n);
}

bool sim_news_due(sim *t, const sim_event *e)
{
    sim_node *n = sim_node_at(t, (sim_id)e->who);
    if (n->news_queued != e->seq)
        return false; /* heard by hand, or forgotten */
    n->news_queued = 0;
    if (n->muted || n->life != SIM_UP)
        return false;
    if (t->now < e->at)
        t->now = e->at;
    t->events++;
    hear(t, n);
    queue_news(t, n);
    return true;
}

void sim_news_thaw(sim *t, sim_node *n, uint64_t cause)
{
    if (n->deaf) {
        const bool image = n->deaf_image;
        n->deaf = 0;
        n->deaf_image = false;
        tell(t, n, image, durable_now(n), cause);
    }
    if (t->flowing)
        queue_news(t, n);
    else
        sim_news_hear_all(t, n);
}

void sim_news_forget(sim_node *n)
{
    n->news.first = n->news.last;
    n->news_queued = n->deaf = 0;
    n->deaf_image = false;
}

/* ---- the script's side ------------------------------------------------------------- */

bool sim_persisted_hold(sim *t, sim_id node, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (n->muted)
        return sim_fail(error, "what %s hears of its disk is held already", t->names[node]);
    n->muted = true;
    if (n->deaf) { /* paused: what it was to hear when it goes on waits for the release now */
        const sim_write all = {.number = n->disk.done, .installs = n->deaf_image};
        put_off(t, n, &all, n->deaf, 0);
        n->deaf = 0;
        n->deaf_image = false;
    }
    sim_store_tell(t, n, "muted", NULL, t->command);
    return true;
}

bool sim_persisted_release(sim *t, sim_id node, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (!n->muted)
        return sim_fail(error, "what %s hears of its disk is not held", t->names[node]);
    n->muted = false;
    sim_store_tell(t, n, "unmuted", NULL, t->command);
    if (t->flowing)
        queue_news(t, n);
    else
        sim_news_hear_all(t, n);
    return sim_may_move(t, error);
}

bool sim_persisted_is_held(const sim *t, sim_id node)
{
    assert(sim_is_node(t, node));
    return sim_node_at(t, node)->muted;
}
