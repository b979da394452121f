/* check_tables.h - what the checker knows about the whole cluster.
 *
 * A fact is a 64-bit value with who stated it first.  No table is ever walked, so that no
 * order of hashing can be seen. */
#ifndef SIM_CHECK_TABLES_H
#define SIM_CHECK_TABLES_H
#include "sim/types.h"

/* A note's number and a node in one word; 0: nobody has stated anything. */
typedef uint64_t check_who;
static inline check_who check_who_is(uint64_t seq, sim_id node)
{
    return seq << 8 | node;
}
static inline sim_id check_whose(check_who w)
{
    return (sim_id)(w & 0xff);
}
static inline uint64_t check_seq(check_who w)
{
    return w >> 8;
}

/* Facts by two numbers, in open addressing: (term, 0) -> its leader, (index, term) -> the
 * chain of an entry whose index has seen several terms. */
typedef struct check_fact {
    uint64_t a, b, value;
    check_who who; /* 0: the place is free */
} check_fact;

typedef struct check_facts {
    check_fact *at;
    size_t n, capacity; /* capacity: 0 or a power of two, more than half of it free */
} check_facts;

/* The fact about (a, b): the one that is known, or else this one, which is stored then.
 * Valid until the next call. */
const check_fact *check_facts_put(check_facts *f, uint64_t a, uint64_t b, uint64_t value,
                                  check_who who);
/* Puts this fact in the place of what was known about (a, b): that was lost without trace. */
void check_facts_set(check_facts *f, uint64_t a, uint64_t b, uint64_t value, check_who who);
/* What was known about (a, b) is forgotten. */
void check_facts_remove(check_facts *f, uint64_t a, uint64_t b);
/* NULL when nothing is known. */
const check_fact *check_facts_get(const check_facts *f, uint64_t a, uint64_t b);
void check_facts_copy(check_facts *to, const check_facts *from);
void check_facts_free(check_facts *f);
static inline uint64_t check_facts_bytes(const check_facts *f)
{
    return f->capacity * sizeof *f->at;
}

#endif
