/* network.c - slots, and the list of those in use. */
#include "sim/network.h"
#include "sim/base/memory.h"

#include <assert.h>
#include <stdlib.h>

void sim_network_init(sim_network *w)
{
    *w = (sim_network){0};
    w->slots = sim_grow(w->slots, &w->capacity, 16, sizeof *w->slots);
    w->slots[0] = (sim_flying){0};
    w->slots_n = 1;
}

void sim_network_free(sim_network *w)
{
    free(w->slots);
    *w = (sim_network){0};
}

static void link_before(sim_network *w, uint32_t slot, uint32_t younger)
{
    sim_flying *f = &w->slots[slot], *y = &w->slots[younger];
    f->younger = younger;
    f->older = y->older;
    w->slots[y->older].younger = slot;
    y->older = slot;
}

static void unlink_slot(sim_network *w, uint32_t slot)
{
    sim_flying *f = &w->slots[slot];
    w->slots[f->older].younger = f->younger;
    w->slots[f->younger].older = f->older;
}

uint32_t sim_network_add(sim_network *w)
{
    uint32_t slot = w->free;
    if (slot) {
        w->free = w->slots[slot].younger;
    } else {
        assert(w->slots_n < UINT32_MAX);
        if (w->slots_n == w->capacity)
            w->slots = sim_grow(w->slots, &w->capacity, w->slots_n + 1, sizeof *w->slots);
        slot = (uint32_t)w->slots_n++;
    }
    w->slots[slot] = (sim_flying){.id = ++w->last_id};
    link_before(w, slot, 0);
    w->count++;
    return slot;
}

void sim_network_remove(sim_network *w, uint32_t slot)
{
    assert(slot && w->slots[slot].seq);
    unlink_slot(w, slot);
    w->slots[slot].seq = 0;
    w->slots[slot].younger = w->free;
    w->free = slot;
    w->count--;
}

void sim_network_move_before(sim_network *w, uint32_t slot, uint32_t before)
{
    assert(slot && slot != before);
    unlink_slot(w, slot);
    link_before(w, slot, before);
}
