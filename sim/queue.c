/* queue.c - a 4-ary heap: flatter than a binary one, and four records are two cache lines. */
#include "sim/queue.h"
#include "sim/base/memory.h"

#include <stdlib.h>

enum { ARITY = 4 };

static inline bool before(const sim_event *a, const sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

void sim_queue_push(sim_queue *q, sim_event e)
{
    if (q->n == q->capacity)
        q->at = sim_grow(q->at, &q->capacity, q->n + 1, sizeof *q->at);
    size_t i = q->n++;
    while (i) {
        size_t parent = (i - 1) / ARITY;
        if (!before(&e, &q->at[parent]))
            break;
        q->at[i] = q->at[parent];
        i = parent;
    }
    q->at[i] = e;
}

/* Puts e, which may be later than what is below, where it belongs, from the top down. */
static void sink(sim_event *at, size_t n, sim_event e)
{
    size_t i = 0;
    for (;;) {
        size_t child = i * ARITY + 1;
        if (child >= n)
            break;
        size_t end = child + ARITY < n ? child + ARITY : n, least = child;
        for (size_t c = child + 1; c < end; c++)
            if (before(&at[c], &at[least]))
                least = c;
        if (!before(&at[least], &e))
            break;
        at[i] = at[least];
        i = least;
    }
    at[i] = e;
}

bool sim_queue_pop(sim_queue *q, sim_event *out)
{
    if (!q->n)
        return false;
    *out = q->at[0];
    if (--q->n)
        sink(q->at, q->n, q->at[q->n]);
    return true;
}

void sim_queue_free(sim_queue *q)
{
    free(q->at);
    *q = (sim_queue){0};
}
