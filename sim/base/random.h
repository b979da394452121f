/* random.h - the tank's own generator, so that it never changes under us.
 *
 * SplitMix64 (Steele, Lea, Flood, 2014) as a counter: the n-th value of a stream depends
 * on (key, n) only, so a stream is copied, compared and skipped by copying 16 bytes. */
#ifndef SIM_BASE_RANDOM_H
#define SIM_BASE_RANDOM_H
#include "sim/base/hash.h"
#include "sim/base/often.h"
#include <assert.h>
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

/* What is seldom below: draws until the answer is fair, and from wide ranges. */
SIM_SELDOM uint32_t sim_random_fair(sim_random *r, uint32_t n, uint64_t product);
SIM_SELDOM uint64_t sim_random_wide(sim_random *r, uint64_t span);

/* Uniform in [low, high], both ends included, without bias; low <= high.
 *
 * Lemire, "Fast random integer generation in an interval" (2019), with 32-bit words: the
 * product's high half is the answer; the few low halves that would favour some answers are
 * drawn again. */
static inline uint64_t sim_random_between(sim_random *r, uint64_t low, uint64_t high)
{
    assert(low <= high);
    const uint64_t span = high - low; /* one less than the number of answers */
    if (span >= UINT32_MAX)
        return low + sim_random_wide(r, span);
    const uint32_t n = (uint32_t)span + 1;
    const uint64_t product = (sim_random_next(r) >> 32) * n;
    return low + ((uint32_t)product < n ? sim_random_fair(r, n, product) : product >> 32);
}

#endif
