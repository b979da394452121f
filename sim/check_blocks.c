/* check_blocks.c - what is known by index, in blocks of so many. */
#include "sim/base/memory.h"
#include "sim/check_inner.h"
#include "sim/ring.h"
#include <stdlib.h>
#include <string.h>

static check_block **slot_of(const sim_check *c, uint64_t i)
{
    return &c->blocks[i & (c->blocks_capacity - 1)];
}

check_block *check_block_need(sim_check *c, uint64_t index)
{
    const uint64_t i = index >> CHECK_BLOCK_SHIFT;
    while (c->blocks_end <= i) {
        if (c->blocks_end - c->blocks_first == c->blocks_capacity)
            c->blocks = sim_ring_grow(c->blocks, &c->blocks_capacity, c->blocks_first,
                                      c->blocks_end, sizeof(check_block *));
        *slot_of(c, c->blocks_end++) = sim_alloc(sizeof(check_block));
    }
    return *slot_of(c, i);
}

check_effect *check_effect_at(sim_check *c, uint64_t index)
{
    check_block *b = check_block_need(c, index);
    if (!b->effects)
        b->effects = sim_alloc(CHECK_BLOCK * sizeof *b->effects);
    return &b->effects[index & (CHECK_BLOCK - 1)];
}

static check_block *copy_block(const check_block *from)
{
    check_block *b = sim_alloc(sizeof *b);
    *b = *from;
    check_facts_copy(&b->others, &from->others);
    if (from->effects) {
        b->effects = sim_alloc(CHECK_BLOCK * sizeof *b->effects);
        memcpy(b->effects, from->effects, CHECK_BLOCK * sizeof *b->effects);
    }
    return b;
}

void check_blocks_copy(sim_check *to, const sim_check *from)
{
    to->blocks = sim_alloc(to->blocks_capacity * sizeof *to->blocks);
    for (uint64_t i = from->blocks_first; i < from->blocks_end; i++)
        *slot_of(to, i) = copy_block(*slot_of(from, i));
}

static void free_block(check_block *b)
{
    check_facts_free(&b->others);
    free(b->effects);
    free(b);
}

void check_blocks_free(sim_check *c)
{
    for (uint64_t i = c->blocks_first; i < c->blocks_end; i++)
        free_block(*slot_of(c, i));
    free(c->blocks);
}
