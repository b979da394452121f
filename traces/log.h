/* log.h - the entries of one node's log, as a trace tells them: the terms and the texts,
 * which stay in the trace.
 *
 * Holds the indexes base + 1 .. base + n without a gap.  base is 0 unless a trace starts a
 * log somewhere else.  Zero-initialised is empty; the owner frees it. */
#ifndef TRACES_LOG_H
#define TRACES_LOG_H
#include "traces/rules.h"

typedef struct log_entry {
    uint64_t term;
    const char *kind_and_text; /* command "add 1" */
} log_entry;

typedef struct entry_log {
    log_entry *at;
    uint64_t base, n;
    size_t capacity;
} entry_log;

void log_free(entry_log *l);                 /* leaves it empty */
void log_cut(entry_log *l, uint64_t index);  /* index and all behind it go */
void log_drop(entry_log *l, uint64_t index); /* index and all before it go */
/* What stood at index and behind it goes.  A gap before it forgets all that was there. */
void log_put(entry_log *l, uint64_t index, log_entry e);
void log_copy(entry_log *to, const entry_log *from, uint64_t last); /* up to last */
static inline uint64_t log_last(const entry_log *l)
{
    return l->base + l->n;
}
const log_entry *log_at(const entry_log *l, uint64_t index); /* NULL: none */

#endif
