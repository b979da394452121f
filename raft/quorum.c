/* quorum.c - see quorum.h. */
#include "raft/quorum.h"

#include <assert.h>

uint32_t raft_set_count(raft_set set)
{
    return (uint32_t)__builtin_popcountll(set);
}

raft_id raft_set_highest(raft_set set)
{
    return set ? (raft_id)(64 - __builtin_clzll(set)) : 0;
}

uint32_t raft_quorum_size(uint32_t voters)
{
    return voters / 2 + 1;
}

bool raft_quorum_has(raft_set voters, raft_set yes)
{
    return raft_set_count(voters & yes) >= raft_quorum_size(raft_set_count(voters));
}

void raft_sort_down(uint64_t *values, uint32_t n)
{
    assert(n <= RAFT_SERVERS_MAX);
    for (uint32_t i = 1; i < n; i++) { /* they nearly are sorted, mostly */
        const uint64_t value = values[i];
        uint32_t to = i;
        for (; to > 0 && values[to - 1] < value; to--)
            values[to] = values[to - 1];
        values[to] = value;
    }
}

uint64_t raft_quorum_reached(uint64_t *values, uint32_t n)
{
    if (n == 0)
        return 0;
    raft_sort_down(values, n);
    return values[raft_quorum_size(n) - 1];
}
