/* pool.h - blocks of a few sizes that come and go all the time (messages in flight).
 *
 * A freed block is kept for the next of its size, so that a run at its steady state
 * allocates nothing.  Not zeroed.  One owner: the tank; all blocks die with the pool. */
#ifndef SIM_BASE_POOL_H
#define SIM_BASE_POOL_H
#include <stddef.h>

typedef struct sim_pool sim_pool;

sim_pool *sim_pool_new(void);
void *sim_pool_take(sim_pool *p, size_t bytes);
/* bytes is what was asked for when the block was taken. */
void sim_pool_give(sim_pool *p, void *block, size_t bytes);
void sim_pool_free(sim_pool *p);
size_t sim_pool_bytes(const sim_pool *p); /* that it holds of the heap */

#endif
