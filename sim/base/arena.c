/* arena.c - a chain of blocks; the newest is filled from its start. */
#include "sim/base/arena.h"
#include "sim/base/memory.h"
#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES_MIN = 4096, BLOCK_BYTES_MAX = 1 << 20 };

typedef struct sim_arena_block {
    struct sim_arena_block *older;
    size_t used, size; /* used <= size, of bytes */
    alignas(max_align_t) unsigned char bytes[];
} block;

static block *block_new(block *older, size_t bytes)
{
    /* Each block is twice the last, so that a small run stays small and a long one
     * allocates seldom. */
    size_t size = older ? older->size * 2 : BLOCK_BYTES_MIN;
    if (size > BLOCK_BYTES_MAX)
        size = BLOCK_BYTES_MAX;
    if (size < bytes)
        size = bytes;
    block *b = sim_alloc(sizeof *b + size);
    b->size = size;
    return b;
}

void *sim_arena_take(sim_arena *a, size_t bytes)
{
    assert(bytes <= SIZE_MAX / 4);
    const size_t unit = alignof(max_align_t);
    size_t padded = (bytes + unit - 1) / unit * unit;
    if (!padded)
        padded = unit;
    block *b = a->head;
    if (!b || b->size - b->used < padded) {
        block *fresh = block_new(b, padded);
        /* A piece larger than what is left of a good block goes behind it, so that the
         * rest of the block is not lost. */
        if (b && fresh->size == padded) {
            fresh->older = b->older;
            b->older = fresh;
        } else {
            fresh->older = b;
            a->head = fresh;
        }
        b = fresh;
    }
    void *p = b->bytes + b->used;
    b->used += padded;
    a->used_bytes += bytes;
    return p;
}

char *sim_arena_text(sim_arena *a, const char *s, size_t len)
{
    assert(len < SIZE_MAX / 4);
    char *copy = sim_arena_take(a, len + 1);
    if (len)
        memcpy(copy, s, len);
    return copy;
}

void sim_arena_reserve(sim_arena *a, size_t bytes)
{
    if (a->head && a->head->size - a->head->used >= bytes)
        return;
    block *b = sim_alloc(sizeof *b + bytes);
    b->size = bytes;
    b->older = a->head;
    a->head = b;
}

void sim_arena_clear(sim_arena *a)
{
    block *keep = a->head;
    for (block *b = keep; b; b = b->older)
        if (b->size > keep->size)
            keep = b;
    for (block *b = a->head, *older; b; b = older) {
        older = b->older;
        if (b != keep)
            free(b);
    }
    if (keep) {
        memset(keep->bytes, 0, keep->used);
        keep->used = 0;
        keep->older = NULL;
    }
    *a = (sim_arena){.head = keep};
}

size_t sim_arena_bytes(const sim_arena *a)
{
    size_t bytes = 0;
    for (const block *b = a->head; b; b = b->older)
        bytes += sizeof *b + b->size;
    return bytes;
}

void sim_arena_free(sim_arena *a)
{
    for (block *b = a->head, *older; b; b = older) {
        older = b->older;
        free(b);
    }
    *a = (sim_arena){0};
}
