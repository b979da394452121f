/* queue.h - what will happen, by time and then by sequence.
 *
 *     sim_queue q = {0};
 *     sim_queue_push(&q, 5, 1, SIM_EVENT_DISK, 2);
 *     sim_event e;
 *     while (sim_queue_pop(&q, &e))
 *         …
 *     sim_queue_free(&q);
 *
 * The nearest few stand sorted in a row: what a cluster plans is mostly for soon (a message,
 * a write), so taking the next costs nothing and adding one a few steps.  The rest is a
 * d-ary heap behind it.  Nothing is ever taken out of the middle: a record whose reason is
 * gone stays until its time comes, and whoever pops it sees that it is stale by its seq,
 * which is drawn once for every thing that is planned and never again.
 *
 * Always true: the row is sorted, the next at its end; none in the row is after one in the
 * heap; (at, seq) of a parent in the heap is not above that of its children.
 * Ownership: the queue owns its array; zero-initialised is valid and empty. */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H
#include "sim/types.h"

typedef enum sim_event_kind {
    SIM_EVENT_MESSAGE,
    SIM_EVENT_TIMER,
    SIM_EVENT_DISK,
    SIM_EVENT_CLIENT,
    SIM_EVENT_PERSISTED
} sim_event_kind;

typedef struct sim_event {
    sim_us at;
    uint64_t seq;
    uint32_t kind; /* sim_event_kind */
    uint32_t who;  /* MESSAGE: its slot; TIMER: node * SIM_TIMER_COUNT + timer; DISK,
                    * PERSISTED: node; CLIENT: its place among the clients */
} sim_event;

enum { SIM_QUEUE_NEAR = 32 };

typedef struct sim_queue {
    sim_event near[SIM_QUEUE_NEAR];
    uint32_t near_n;
    sim_event *heap;
    size_t heap_n, heap_capacity;
} sim_queue;

void sim_queue_push(sim_queue *q, sim_us at, uint64_t seq, sim_event_kind kind, uint32_t who);
/* The first, or NULL when there is none; valid until the queue changes. */
const sim_event *sim_queue_first(sim_queue *q);
/* Takes the first; false when there is none. */
bool sim_queue_pop(sim_queue *q, sim_event *out);
void sim_queue_free(sim_queue *q);

static inline size_t sim_queue_count(const sim_queue *q)
{
    return q->near_n + q->heap_n;
}

#endif
