/* queue.h - what will happen, by time and then by sequence.
 *
 *     sim_queue q = {0};
 *     sim_queue_push(&q, (sim_event){.at = 5, .seq = 1, .kind = SIM_EVENT_DISK, .who = 2});
 *     sim_event e;
 *     while (sim_queue_pop(&q, &e))
 *         …
 *     sim_queue_free(&q);
 *
 * A d-ary heap of small records.  Nothing is ever taken out of its middle: a record whose
 * reason is gone stays until its time comes, and whoever pops it sees that it is stale by
 * its seq, which is drawn once for every thing that is planned and never again.
 *
 * Always true: (at, seq) of a parent is not above that of its children.
 * Ownership: the queue owns its array; zero-initialised is valid and empty. */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H
#include "sim/types.h"

typedef enum sim_event_kind {
    SIM_EVENT_MESSAGE,
    SIM_EVENT_TIMER,
    SIM_EVENT_DISK,
    SIM_EVENT_CLIENT
} sim_event_kind;

typedef struct sim_event {
    sim_us at;
    uint64_t seq;
    uint32_t kind; /* sim_event_kind */
    uint32_t who;  /* MESSAGE: its slot; TIMER: node * SIM_TIMER_COUNT + timer; DISK: node;
                    * CLIENT: its place among the clients */
} sim_event;

typedef struct sim_queue {
    sim_event *at; /* at[0] is the next */
    size_t n, capacity;
} sim_queue;

void sim_queue_push(sim_queue *q, sim_event e);
/* Takes the first; false when there is none. */
bool sim_queue_pop(sim_queue *q, sim_event *out);
void sim_queue_free(sim_queue *q);

#endif
