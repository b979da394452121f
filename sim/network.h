/* network.h - the links between the nodes, and the messages that are in flight on them.
 *
 * Pure data: it moves nothing by itself and knows no node.  A link is an ordered pair; it
 * may be cut (what is sent into it is lost) or held (it is kept).
 *
 * A message in flight lives in a slot.  The slots in use form one list, oldest first: that
 * is the order of still water.  In flowing time a message also has a record in the event
 * queue, at (due, seq); the record is stale when the slot's seq is another.
 *
 * Always true: ids rise along the list, but where a message was made to overtake;
 * slots[0] is no message but the list's head; a free slot has seq 0.
 *
 * Ownership: the network owns its slots; the messages belong to the tank, which frees what
 * it removes. */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H
#include "sim/engine.h"
#include "sim/types.h"

#include <assert.h>

typedef struct sim_flying {
    uint64_t id;   /* 1, 2, 3, … in the order of sending */
    uint64_t seq;  /* of its record in the event queue; 0: the slot is free */
    uint64_t told; /* the number of the note that told of its sending */
    sim_message *message;
    sim_us sent;
    sim_us due;              /* when it arrives if time flows */
    sim_us until;            /* it cannot move before, in still water neither; 0: it can */
    uint32_t older, younger; /* slots; 0 is the head */
    bool queued;             /* it has a record in the event queue */
    bool corrupt;
} sim_flying;

typedef struct sim_network {
    sim_set cut[SIM_NODES_MAX + 1], held[SIM_NODES_MAX + 1]; /* [from] has to */
    sim_flying *slots;
    size_t slots_n, capacity;
    uint32_t free; /* a list by younger; 0: none */
    uint64_t count, last_id;
} sim_network;

void sim_network_init(sim_network *w);
void sim_network_free(sim_network *w); /* not the messages */

uint32_t sim_network_new_slot(sim_network *w); /* when none is free */

static inline void sim_network_link(sim_network *w, uint32_t slot, uint32_t younger)
{
    sim_flying *f = &w->slots[slot], *y = &w->slots[younger];
    f->younger = younger;
    f->older = y->older;
    w->slots[y->older].younger = slot;
    y->older = slot;
}

static inline void sim_network_unlink(sim_network *w, uint32_t slot)
{
    sim_flying *f = &w->slots[slot];
    w->slots[f->older].younger = f->younger;
    w->slots[f->younger].older = f->older;
}

/* The youngest of all, with the next id, free to move; the caller sets seq, told, message, sent
 * and due.  May move the slots in memory. */
static inline uint32_t sim_network_add(sim_network *w)
{
    uint32_t slot = w->free;
    if (slot) {
        w->free = w->slots[slot].younger;
    } else {
        slot = sim_network_new_slot(w);
    }
    sim_flying *f = &w->slots[slot];
    f->id = ++w->last_id;
    f->until = 0;
    f->queued = f->corrupt = false;
    sim_network_link(w, slot, 0);
    w->count++;
    return slot;
}

static inline void sim_network_remove(sim_network *w, uint32_t slot)
{
    assert(slot && w->slots[slot].seq);
    sim_network_unlink(w, slot);
    w->slots[slot].seq = 0;
    w->slots[slot].younger = w->free;
    w->free = slot;
    w->count--;
}

/* Takes a message out of its place in the list and puts it right before another. */
void sim_network_move_before(sim_network *w, uint32_t slot, uint32_t before);

static inline uint32_t sim_network_oldest(const sim_network *w)
{
    return w->slots[0].younger;
}
static inline bool sim_network_is_cut(const sim_network *w, sim_id from, sim_id to)
{
    return sim_has(w->cut[from], to);
}
static inline bool sim_network_is_held(const sim_network *w, sim_id from, sim_id to)
{
    return sim_has(w->held[from], to);
}

#endif
