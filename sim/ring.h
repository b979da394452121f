/* ring.h - a queue in an array that is used round and round.
 *
 * The counters only grow: the items are first.. last-1, item i stands at i modulo the
 * capacity, which is a power of two.
 *
 *     if (r.last - r.first == r.capacity)
 *         r.at = sim_ring_grow(r.at, &r.capacity, r.first, r.last, sizeof *r.at);
 *     r.at[r.last++ & (r.capacity - 1)] = v; */
#ifndef SIM_RING_H
#define SIM_RING_H
#include "sim/types.h"

/* A ring of twice the capacity (at least 16) with the same items; frees the old one. */
SIM_SELDOM void *sim_ring_grow(void *at, size_t *capacity, uint64_t first, uint64_t last,
                               size_t item_bytes);

/* For rings of any kind: a struct with at, capacity, first and last. */
#define SIM_RING_PUSH(r, v)                                                                    \
    do {                                                                                       \
        if ((r)->last - (r)->first == (r)->capacity)                                           \
            (r)->at = sim_ring_grow((r)->at, &(r)->capacity, (r)->first, (r)->last,            \
                                    sizeof *(r)->at);                                          \
        (r)->at[(r)->last++ & ((r)->capacity - 1)] = (v);                                      \
    } while (0)
#define SIM_RING_AT(r, i) (&(r)->at[(i) & ((r)->capacity - 1)])

#endif
