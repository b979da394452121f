/* random.h - the tank's own generator, so that it never changes under us.
 *
 * SplitMix64 (Steele, Lea, Flood, 2014) as a counter: the n-th value of a stream depends
 * on (key, n) only, so a stream is copied, compared and skipped by copying 16 bytes. */
#ifndef SIM_BASE_RANDOM_H
#define SIM_BASE_RANDOM_H
#include "sim/base/hash.h"
#include <stdint.h>

typedef struct sim_random {
    uint64_t key, n;
} sim_random;

sim_random sim_random_stream(uint64_t seed, uint64_t purpose, uint64_t who);
static inline uint64_t sim_random_next(sim_random *r)
{
    /* The step is odd: 2^64 divided by the golden ratio. */
    return sim_hash_final(r->key + UINT64_C(0x9E3779B97F4A7C15) * ++r->n);
}
/* Uniform in [low, high], both ends included, without bias; low <= high. */
uint64_t sim_random_between(sim_random *r, uint64_t low, uint64_t high);

#endif
