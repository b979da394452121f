/* pool.c - free lists by size class, over blocks that are carved from slabs.
 *
 * A class is a multiple of 16 bytes up to 512, above that a power of two. */
#include "sim/base/pool.h"
#include "sim/base/arena.h"
#include "sim/base/memory.h"
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    STEP = 16,
    SMALL_MAX = 512,
    SMALL_CLASSES = SMALL_MAX / STEP, /* 16, 32 … 512 */
    CLASSES = SMALL_CLASSES + (int)sizeof(size_t) * 8,
};

typedef struct free_block {
    struct free_block *next;
} free_block;

struct sim_pool {
    free_block *free[CLASSES];
    sim_arena memory;
};

sim_pool *sim_pool_new(void)
{
    return sim_alloc(sizeof(sim_pool));
}

/* The class of a size, and the bytes that its blocks have. */
static size_t class_of(size_t bytes, size_t *size)
{
    if (bytes <= SMALL_MAX) {
        size_t slot = bytes ? (bytes - 1) / STEP : 0;
        *size = (slot + 1) * STEP;
        return slot;
    }
    size_t slot = SMALL_CLASSES;
    *size = (size_t)SMALL_MAX * 2;
    while (*size < bytes) {
        assert(*size <= SIZE_MAX / 4);
        *size *= 2;
        slot++;
    }
    return slot;
}

void *sim_pool_take(sim_pool *p, size_t bytes)
{
    size_t size, slot = class_of(bytes, &size);
    free_block *b = p->free[slot];
    if (!b)
        return sim_arena_take(&p->memory, size);
    p->free[slot] = b->next;
    return b;
}

void sim_pool_give(sim_pool *p, void *block, size_t bytes)
{
    if (!block)
        return;
    size_t size, slot = class_of(bytes, &size);
    free_block *b = block;
    b->next = p->free[slot];
    p->free[slot] = b;
}

size_t sim_pool_bytes(const sim_pool *p)
{
    return sizeof *p + sim_arena_bytes(&p->memory);
}

void sim_pool_free(sim_pool *p)
{
    if (!p)
        return;
    sim_arena_free(&p->memory);
    free(p);
}
