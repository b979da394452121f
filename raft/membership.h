/* membership.h - configurations: who is a member, which change leads where, and which
 * configurations a log holds (thesis 4).
 *
 * Pure data, it never sees the server.  Always true of a configuration in a history: it has
 * a voter, and no learner is among the new voters.
 *
 * A history is the configuration below a log and those that stand in it, oldest first:
 *
 *     raft_history h = {0};
 *     raft_history_begin(&h, 0, &first);
 *     raft_history_add(&h, 7, &changed);      the entry at 7
 *     raft_history_cut(&h, 7);                the log was truncated there: first again
 *     raft_history_free(&h);
 *
 * It owns its vector.  The newest one is in force (4.1). */
#ifndef RAFT_MEMBERSHIP_H
#define RAFT_MEMBERSHIP_H
#include "raft/raft.h"

typedef struct raft_configuration_at {
    raft_index index; /* of the entry; for the lowest one, of what it came with */
    raft_configuration c;
} raft_configuration_at;

typedef struct raft_history {
    raft_configuration_at *at; /* indexes increase */
    uint32_t n, capacity;      /* n > 0 once it has begun */
} raft_history;

/* Forgets all, and begins with c. */
void raft_history_begin(raft_history *h, raft_index index, const raft_configuration *c);
/* What stands at index or above goes. */
void raft_history_add(raft_history *h, raft_index index, const raft_configuration *c);
/* True when something went.  The lowest one stays. */
bool raft_history_cut(raft_history *h, raft_index from);
/* The log begins behind index now. */
void raft_history_compact(raft_history *h, raft_index index);
/* The newest one at index or below; the lowest when there is none. */
const raft_configuration_at *raft_history_find(const raft_history *h, raft_index index);
raft_history raft_history_copy(const raft_history *h);
void raft_history_free(raft_history *h);

bool raft_configuration_is_possible(const raft_configuration *c);

static inline bool raft_configuration_equal(const raft_configuration *a,
                                            const raft_configuration *b)
{
    return a->voters == b->voters && a->outgoing == b->outgoing && a->learners == b->learners &&
           a->by_hand == b->by_hand;
}
/* Who may lead and decide; while it is joint, of either side (4.3). */
static inline raft_set raft_configuration_deciders(const raft_configuration *c)
{
    return c->voters | c->outgoing;
}
static inline raft_set raft_configuration_members(const raft_configuration *c)
{
    return c->voters | c->outgoing | c->learners;
}

/* Where a change leads from c: RAFT_REFUSAL_COUNT and the configuration in out, or why it
 * leads nowhere.  wanted is for RECONFIGURE. */
raft_refusal raft_configuration_change(const raft_configuration *c, raft_change what,
                                       raft_id who, const raft_configuration *wanted,
                                       raft_configuration *out);

#endif
