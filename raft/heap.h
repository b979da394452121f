/* heap.h - the heap for the core: running out of it aborts (see raft.h). */
#ifndef RAFT_HEAP_H
#define RAFT_HEAP_H
#include <stddef.h>
#include <stdint.h>

/* Room for n items of item_bytes in the block at old, or a new one when old is NULL.
 * Never NULL; what is new is not zeroed. */
void *raft_heap(void *old, uint64_t n, size_t item_bytes) __attribute__((cold));

#endif
