/* log.c - see log.h. */
#include "raft/log.h"

#include <stdlib.h>
#include <string.h>

#include "raft/heap.h"

enum { CAPACITY_MIN = 64 };

raft_index raft_log_find(const raft_log *log, raft_index bound, raft_term term)
{
    assert(bound >= log->base.index && bound <= raft_log_last_index(log));
    raft_index low = log->base.index, high = bound; /* the answer is in [low, high] */
    while (low < high) {
        const raft_index middle = high - (high - low) / 2;
        if (raft_log_term(log, middle) <= term)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

bool raft_log_full(const raft_log *log)
{
    const uint64_t most = SIZE_MAX / sizeof *log->at;
    return log->n >= (log->limit ? log->limit : most);
}

static void reserve(raft_log *log, uint64_t need)
{
    if (need <= log->capacity)
        return;
    uint64_t capacity = log->capacity ? log->capacity : CAPACITY_MIN;
    while (capacity < need)
        capacity *= 2;
    log->at = raft_heap(log->at, capacity, sizeof *log->at);
    log->capacity = capacity;
}

void raft_log_append(raft_log *log, const raft_entry *entries, uint64_t n)
{
    if (n == 0)
        return;
    reserve(log, log->n + n);
    raft_entry *to = log->at + log->n;
    for (uint64_t i = 0; i < n; i++) {
        assert(entries[i].term >= log->last.term);
        log->last.term = entries[i].term;
        to[i] = entries[i];
    }
    log->n += n;
    log->last.index += n;
}

void raft_log_truncate(raft_log *log, raft_index from)
{
    assert(from > log->base.index && from <= raft_log_last_index(log));
    log->last = (raft_point){.index = from - 1, .term = raft_log_term(log, from - 1)};
    log->n = from - log->base.index - 1;
}

void raft_log_compact(raft_log *log, raft_index index)
{
    const raft_point base = {.index = index, .term = raft_log_entry(log, index)->term};
    const uint64_t gone = index - log->base.index;
    log->n -= gone;
    memmove(log->at, log->at + gone, (size_t)log->n * sizeof *log->at);
    log->base = base;
}

void raft_log_rebase(raft_log *log, raft_point base)
{
    log->n = 0;
    log->base = log->last = base;
}

raft_log raft_log_copy(const raft_log *log)
{
    raft_log copy = *log;
    copy.at = NULL;
    copy.capacity = 0;
    reserve(&copy, log->n);
    if (log->n > 0)
        memcpy(copy.at, log->at, (size_t)log->n * sizeof *log->at);
    return copy;
}

void raft_log_free(raft_log *log)
{
    free(log->at);
    *log = (raft_log){0};
}
