/* network.c - slots, and the list of those in use. */
#include "sim/network.h"
#include "sim/base/memory.h"

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

uint32_t sim_network_new_slot(sim_network *w)
{
    assert(w->slots_n < UINT32_MAX);
    if (w->slots_n == w->capacity)
        w->slots = sim_grow(w->slots, &w->capacity, w->slots_n + 1, sizeof *w->slots);
    return (uint32_t)w->slots_n++;
}

void sim_network_move_before(sim_network *w, uint32_t slot, uint32_t before)
{
    assert(slot && slot != before);
    sim_network_unlink(w, slot);
    sim_network_link(w, slot, before);
}
