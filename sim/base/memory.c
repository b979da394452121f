/* memory.c - allocation that does not fail, as far as the caller is concerned. */
#include "sim/base/memory.h"
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

/* The one word of global state in the tank: what the program does when the system has no
 * memory left.  It is set once, before anything runs, and nothing that a run decides
 * depends on it. */
static void (*on_failure)(size_t bytes);

void sim_memory_on_failure(void (*fn)(size_t bytes))
{
    on_failure = fn;
}

static void *must(void *p, size_t bytes)
{
    if (p || !bytes)
        return p;
    if (on_failure)
        on_failure(bytes);
    abort();
}

void *sim_alloc(size_t bytes)
{
    return bytes ? must(calloc(1, bytes), bytes) : NULL;
}

void *sim_realloc(void *old, size_t bytes)
{
    if (bytes)
        return must(realloc(old, bytes), bytes);
    free(old);
    return NULL;
}

void *sim_grow(void *at, size_t *capacity, size_t need, size_t item_bytes)
{
    assert(item_bytes);
    if (need <= *capacity)
        return at;
    size_t most = SIZE_MAX / item_bytes;
    size_t want = *capacity < 8 ? 8 : *capacity;
    while (want < need && want <= most / 2)
        want *= 2;
    if (want < need)
        want = need;
    if (want > most)
        must(NULL, SIZE_MAX);
    at = sim_realloc(at, want * item_bytes);
    *capacity = want;
    return at;
}
