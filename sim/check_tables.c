/* check_tables.c - facts by two numbers. */
#include "sim/check_tables.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include <stdlib.h>
#include <string.h>

enum { FACTS_MIN = 16 };

static check_fact *place(const check_facts *f, uint64_t a, uint64_t b)
{
    size_t mask = f->capacity - 1;
    size_t i = (size_t)sim_hash_final(sim_hash_mix(a, b)) & mask;
    while (f->at[i].who && (f->at[i].a != a || f->at[i].b != b))
        i = (i + 1) & mask;
    return &f->at[i];
}

static void grow(check_facts *f)
{
    check_facts old = *f;
    f->capacity = old.capacity ? old.capacity * 2 : FACTS_MIN;
    f->at = sim_alloc(f->capacity * sizeof *f->at);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.at[i].who)
            *place(f, old.at[i].a, old.at[i].b) = old.at[i];
    free(old.at);
}

const check_fact *check_facts_put(check_facts *f, uint64_t a, uint64_t b, uint64_t value,
                                  check_who who)
{
    if (f->n * 2 >= f->capacity)
        grow(f);
    check_fact *at = place(f, a, b);
    if (!at->who) {
        *at = (check_fact){a, b, value, who};
        f->n++;
    }
    return at;
}

void check_facts_set(check_facts *f, uint64_t a, uint64_t b, uint64_t value, check_who who)
{
    check_facts_put(f, a, b, value, who);
    *place(f, a, b) = (check_fact){a, b, value, who};
}

void check_facts_remove(check_facts *f, uint64_t a, uint64_t b)
{
    check_fact *hole = f->capacity ? place(f, a, b) : NULL;
    if (!hole || !hole->who)
        return;
    const size_t mask = f->capacity - 1;
    hole->who = 0;
    f->n--;
    /* What stood behind it, and was put there because it was not free, moves up. */
    for (size_t i = ((size_t)(hole - f->at) + 1) & mask; f->at[i].who; i = (i + 1) & mask) {
        const check_fact moved = f->at[i];
        f->at[i].who = 0;
        *place(f, moved.a, moved.b) = moved;
    }
}

const check_fact *check_facts_get(const check_facts *f, uint64_t a, uint64_t b)
{
    const check_fact *at = f->capacity ? place(f, a, b) : NULL;
    return at && at->who ? at : NULL;
}

void check_facts_copy(check_facts *to, const check_facts *from)
{
    *to = *from;
    if (!from->capacity)
        return;
    to->at = sim_alloc(from->capacity * sizeof *to->at);
    memcpy(to->at, from->at, from->capacity * sizeof *to->at);
}

void check_facts_free(check_facts *f)
{
    free(f->at);
    *f = (check_facts){0};
}
