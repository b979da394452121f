/* log.c - see log.h. */
#include "traces/log.h"

#include "sim/base/memory.h"

#include <stdlib.h>
#include <string.h>

void log_free(entry_log *l)
{
    free(l->at);
    *l = (entry_log){0};
}

void log_cut(entry_log *l, uint64_t index)
{
    if (index <= l->base) {
        l->base = index ? index - 1 : 0;
        l->n = 0;
    } else if (index <= log_last(l)) {
        l->n = index - 1 - l->base;
    }
}

void log_drop(entry_log *l, uint64_t index)
{
    if (index <= l->base)
        return;
    uint64_t gone = index < log_last(l) ? index - l->base : l->n;
    l->n -= gone;
    if (l->n)
        memmove(l->at, l->at + gone, (size_t)l->n * sizeof *l->at);
    l->base = index;
}

void log_put(entry_log *l, uint64_t index, log_entry e)
{
    log_cut(l, index);
    if (index != log_last(l) + 1) {
        l->base = index - 1;
        l->n = 0;
    }
    l->at = sim_grow(l->at, &l->capacity, (size_t)l->n + 1, sizeof *l->at);
    l->at[l->n++] = e;
}

const log_entry *log_at(const entry_log *l, uint64_t index)
{
    return index > l->base && index <= log_last(l) ? &l->at[index - l->base - 1] : NULL;
}

void log_copy(entry_log *to, const entry_log *from, uint64_t last)
{
    to->base = from->base;
    to->n = 0;
    for (uint64_t i = 0; i < from->n && from->base + 1 + i <= last; i++)
        log_put(to, from->base + 1 + i, from->at[i]);
}
