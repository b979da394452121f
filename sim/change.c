/* change.c - what a node answers to who asked it for a change of membership.
 *
 * Until the change has a place in the log, the engine says what becomes of it.  Then the log
 * does: the entry is committed, or replaced.  A node that the change leaves out may never hear;
 * when it leads no more it says so. */
#include "sim/ring.h"
#include "sim/tank.h"

/* Thesis 4.3: joint consensus is over when the configuration behind it is committed, and only
 * that can come behind it, whoever leads by then.  Unless it is to be left by hand. */
static bool goes_on(const sim_membership *m)
{
    return m->outgoing && !m->by_hand;
}

static bool is_member(const sim_node *n)
{
    return (n->view.voters | n->view.learners) & sim_one(n->id);
}

/* The place of a change that is not answered; 0: it has none, or it is no such request. */
static uint64_t place_of(const sim *t, uint64_t id)
{
    const bool open =
        sim_request_is_pending(t, id) && sim_request_record(t, id)->asks == SIM_ASKS_CHANGE;
    return open ? sim_request_record(t, id)->point.index : 0;
}

static void refuse(sim *t, sim_node *n, uint64_t id, uint64_t cause)
{
    const sim_id leader = n->view.leader;
    if (place_of(t, id))
        sim_request_refused(t, n, id, leader ? "not_leader" : "no_leader_yet", leader, cause);
}

void sim_change_applied(sim *t, sim_node *n, uint64_t id, uint64_t cause)
{
    sim_entry e;
    sim_membership m;
    const uint64_t index = sim_request_record(t, id)->point.index;
    if (!t->engine->entry(n->engine, index, &e) || !t->engine->membership_of(&e, &m) ||
        !goes_on(&m)) {
        sim_request_acknowledge(t, n, id, &(sim_text){0}, cause);
        return;
    }
    SIM_RING_PUSH(&n->asked, ((sim_asked){.id = id}));
    if (n->view.role != SIM_LEADER)
        sim_changes_deposed(t, n, cause);
}

void sim_changes_settled(sim *t, sim_node *n, uint64_t index, const sim_membership *m,
                         uint64_t cause)
{
    if (goes_on(m))
        return;
    for (uint64_t i = n->asked.first; i < n->asked.last; i++) {
        const uint64_t id = SIM_RING_AT(&n->asked, i)->id, at = place_of(t, id);
        if (!at || at >= index)
            continue;
        sim_asked_forget(&n->asked, id); /* those before it move up by one */
        sim_request_acknowledge(t, n, id, &(sim_text){0}, cause);
    }
}

void sim_changes_deposed(sim *t, sim_node *n, uint64_t cause)
{
    if (is_member(n))
        return;
    for (uint64_t i = n->asked.first; i < n->asked.last; i++)
        refuse(t, n, SIM_RING_AT(&n->asked, i)->id, cause);
    for (uint64_t i = n->pending.first; i < n->pending.last; i++)
        refuse(t, n, SIM_RING_AT(&n->pending, i)->id, cause);
}
