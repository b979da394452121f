/* memory.h - the heap, where failing is not an option the caller has to think about.
 *
 * These never return NULL (but for a size of 0).  When memory runs out they call the
 * function that the program set, which must not return; without one they abort(). */
#ifndef SIM_BASE_MEMORY_H
#define SIM_BASE_MEMORY_H
#include <stddef.h>

void sim_memory_on_failure(void (*fn)(size_t bytes));

void *sim_alloc(size_t bytes);                      /* zeroed */
void *sim_realloc(void *old, size_t bytes);         /* new bytes are not zeroed */
/* Makes room for at least need items of item_bytes in *at, doubling; updates *capacity. */
void *sim_grow(void *at, size_t *capacity, size_t need, size_t item_bytes);

#endif
