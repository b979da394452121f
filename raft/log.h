/* log.h - the replicated log: one contiguous vector of entries behind a base point.
 *
 * Pure data, it never sees the server.  Always true:
 *   - the indexes are contiguous: first = base.index + 1, …, last;
 *   - the terms do not decrease from base.term to the last entry (thesis 3.5), which is
 *     why raft_log_find() may bisect.
 *
 *     raft_log log = {0};
 *     raft_log_append(&log, entries, n);
 *     raft_log_free(&log);
 *
 * Zero-initialised is valid and empty.  The log owns the vector but not the bytes of its
 * entries.  Pointers into it are valid until the next append or truncation.  Nobody reads
 * the vector past these functions: base moves when there are snapshots. */
#ifndef RAFT_LOG_H
#define RAFT_LOG_H
#include <assert.h>

#include "raft/raft.h"

typedef struct raft_log {
    raft_entry *at;       /* the entry at index i is at[i - base.index - 1] */
    uint64_t n, capacity; /* n <= capacity */
    uint64_t limit;       /* entries it may hold; 0: as many as memory can address */
    raft_point base;      /* the point before the first entry; 0@0 without a snapshot */
    raft_point last;      /* the last entry, at index base.index + n; base when there is none */
} raft_log;

static inline raft_index raft_log_first(const raft_log *log)
{
    return log->base.index + 1;
}

static inline raft_index raft_log_last_index(const raft_log *log)
{
    return log->last.index;
}

/* index must be in the log. */
static inline const raft_entry *raft_log_entry(const raft_log *log, raft_index index)
{
    assert(index > log->base.index && index <= raft_log_last_index(log));
    return &log->at[index - log->base.index - 1];
}

/* index must be in the log or its base. */
static inline raft_term raft_log_term(const raft_log *log, raft_index index)
{
    return index == log->base.index ? log->base.term : raft_log_entry(log, index)->term;
}

static inline raft_point raft_log_last(const raft_log *log)
{
    return log->last;
}

/* Does the log hold this very entry?  Then it agrees with every other log that holds it,
 * up to there (Log Matching, thesis 3.5). */
static inline bool raft_log_has(const raft_log *log, raft_point p)
{
    return p.index >= log->base.index && p.index <= raft_log_last_index(log) &&
           raft_log_term(log, p.index) == p.term;
}

/* The highest index <= bound whose term is <= term; the base when there is none.  bound
 * must be in the log or its base.  O(log n). */
raft_index raft_log_find(const raft_log *log, raft_index bound, raft_term term);

bool raft_log_full(const raft_log *log);
/* Copies n entries behind the last.  Their terms must not decrease. */
void raft_log_append(raft_log *log, const raft_entry *entries, uint64_t n);
/* Drops the entry at from and all above; from must be in the log. */
void raft_log_truncate(raft_log *log, raft_index from);

/* Forgets the entries up to index, which must be in the log: it is the base from now on. */
void raft_log_compact(raft_log *log, raft_index index);
/* Forgets all: the log is empty behind base. */
void raft_log_rebase(raft_log *log, raft_point base);

raft_log raft_log_copy(const raft_log *log);
void raft_log_free(raft_log *log);

#endif
