/* queue.c - a sorted row of the nearest, and a 4-ary heap of the others: flatter than a
 * binary one, and its four children are two cache lines. */
#include "sim/queue.h"
#include "sim/base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { ARITY = 4, REFILL = SIM_QUEUE_NEAR / 2 };

static inline bool before(const sim_event *a, const sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

/* ---- the heap ----------------------------------------------------------------------- */

static void heap_push(sim_queue *q, sim_event e)
{
    if (q->heap_n == q->heap_capacity)
        q->heap = sim_grow(q->heap, &q->heap_capacity, q->heap_n + 1, sizeof *q->heap);
    size_t i = q->heap_n++;
    while (i) {
        size_t parent = (i - 1) / ARITY;
        if (!before(&e, &q->heap[parent]))
            break;
        q->heap[i] = q->heap[parent];
        i = parent;
    }
    q->heap[i] = e;
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

static sim_event heap_pop(sim_queue *q)
{
    sim_event first = q->heap[0];
    if (--q->heap_n)
        sink(q->heap, q->heap_n, q->heap[q->heap_n]);
    return first;
}

/* ---- the row ------------------------------------------------------------------------ */

/* Makes room: the later half goes to the heap. */
static void near_spill(sim_queue *q)
{
    const uint32_t keep = SIM_QUEUE_NEAR - REFILL;
    for (uint32_t i = 0; i < REFILL; i++)
        heap_push(q, q->near[i]);
    memmove(q->near, q->near + REFILL, keep * sizeof *q->near);
    q->near_n = keep;
}

/* From the end, where what is next stands, for most of what is planned is for soon. */
SIM_OFTEN void near_push(sim_queue *q, sim_event e)
{
    sim_event *to = q->near + q->near_n++;
    for (; to != q->near && !before(&e, to - 1); to--)
        *to = to[-1];
    *to = e;
}

/* There is a heap, or the row is full. */
SIM_APART static void push_far(sim_queue *q, sim_event e)
{
    if (q->near_n == SIM_QUEUE_NEAR)
        near_spill(q);
    if (q->near_n && before(&e, &q->near[0]))
        near_push(q, e);
    else
        heap_push(q, e); /* it may be after one there */
}

void sim_queue_push(sim_queue *q, sim_us at, uint64_t seq, sim_event_kind kind, uint32_t who)
{
    const sim_event e = {.at = at, .seq = seq, .kind = kind, .who = who};
    if (q->heap_n || q->near_n == SIM_QUEUE_NEAR)
        push_far(q, e);
    else
        near_push(q, e);
}

static void refill(sim_queue *q)
{
    while (q->heap_n && q->near_n < REFILL)
        q->near[q->near_n++] = heap_pop(q);
    for (uint32_t i = 0, j = q->near_n; i + 1 < j; i++) { /* the next belongs at the end */
        sim_event e = q->near[i];
        q->near[i] = q->near[--j];
        q->near[j] = e;
    }
}

const sim_event *sim_queue_first(sim_queue *q)
{
    if (!q->near_n)
        refill(q);
    return q->near_n ? &q->near[q->near_n - 1] : NULL;
}

bool sim_queue_pop(sim_queue *q, sim_event *out)
{
    const sim_event *first = sim_queue_first(q);
    if (!first)
        return false;
    *out = *first;
    q->near_n--;
    return true;
}

void sim_queue_free(sim_queue *q)
{
    free(q->heap);
    *q = (sim_queue){0};
}
