/* heap.c - see heap.h. */
#include "raft/heap.h"

#include <stdlib.h>

void *raft_heap(void *old, uint64_t n, size_t item_bytes)
{
    if (n > SIZE_MAX / item_bytes)
        abort();
    const size_t bytes = (size_t)n * item_bytes;
    void *at = realloc(old, bytes ? bytes : 1);
    if (!at)
        abort();
    return at;
}
