/* quorum.h - sets of servers and their majorities.
 *
 * Pure data.  A quorum of n voters is n / 2 + 1 of them, for even n too, so that two
 * quorums always share a voter (thesis 3.6). */
#ifndef RAFT_QUORUM_H
#define RAFT_QUORUM_H
#include "raft/raft.h"

static inline raft_set raft_set_of(raft_id id)
{
    return id ? UINT64_C(1) << (id - 1) : 0;
}

static inline bool raft_set_has(raft_set set, raft_id id)
{
    return (set & raft_set_of(id)) != 0;
}

/* Takes the lowest id out of a set that is not empty:
 *     for (raft_set left = set; left;)
 *         use(raft_set_pop(&left)); */
static inline raft_id raft_set_pop(raft_set *left)
{
    const raft_id id = (raft_id)(__builtin_ctzll(*left) + 1);
    *left &= *left - 1;
    return id;
}

uint32_t raft_set_count(raft_set set);
/* The highest id; 0 when the set is empty. */
raft_id raft_set_highest(raft_set set);

/* Highest first. */
void raft_sort_down(uint64_t *values, uint32_t n);
uint32_t raft_quorum_size(uint32_t voters);
/* Do those who said yes hold a quorum of the voters?  Others do not count. */
bool raft_quorum_has(raft_set voters, raft_set yes);
/* The highest value that a quorum of n voters has reached; values is one for each voter,
 * in any order, and is left in another.  0 when n is 0. */
uint64_t raft_quorum_reached(uint64_t *values, uint32_t n);

#endif
