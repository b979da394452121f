/* ring.c - making a ring larger. */
#include "sim/ring.h"
#include "sim/base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { RING_MIN = 16 };

void *sim_ring_grow(void *at, size_t *capacity, uint64_t first, uint64_t last,
                    size_t item_bytes)
{
    size_t old = *capacity, larger = old ? old * 2 : RING_MIN;
    unsigned char *to = sim_alloc(larger * item_bytes);
    const unsigned char *from = at;
    for (uint64_t i = first; i < last; i++)
        memcpy(to + (size_t)(i & (larger - 1)) * item_bytes,
               from + (size_t)(i & (old - 1)) * item_bytes, item_bytes);
    free(at);
    *capacity = larger;
    return to;
}
