/* random.c - SplitMix64 as a counter, and numbers in a range without bias.
 *
 * Only 64-bit arithmetic, so that 32-bit builds draw the same numbers. */
#include "sim/base/random.h"

#define GOLDEN UINT64_C(0x9E3779B97F4A7C15)

sim_random sim_random_stream(uint64_t seed, uint64_t purpose, uint64_t who)
{
    /* Each part is spread before the next comes in, so that neighbouring seeds, purposes
     * and nodes share nothing. */
    uint64_t key = sim_hash_final(seed + GOLDEN);
    key = sim_hash_final((key ^ purpose) + GOLDEN);
    key = sim_hash_final((key ^ who) + GOLDEN);
    return (sim_random){.key = key};
}

uint32_t sim_random_fair(sim_random *r, uint32_t n, uint64_t product)
{
    const uint32_t unfair = (uint32_t)-n % n;
    while ((uint32_t)product < unfair)
        product = (sim_random_next(r) >> 32) * n;
    return (uint32_t)(product >> 32);
}

/* As many bits as the span has, until they are within. */
uint64_t sim_random_wide(sim_random *r, uint64_t span)
{
    uint64_t mask = UINT64_MAX >> __builtin_clzll(span), v;
    do
        v = sim_random_next(r) & mask;
    while (v > span);
    return v;
}
