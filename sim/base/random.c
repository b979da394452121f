/* random.c - SplitMix64 as a counter, and numbers in a range without bias.
 *
 * Only 64-bit arithmetic, so that 32-bit builds draw the same numbers. */
#include "sim/base/random.h"
#include <assert.h>

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

/* Lemire, "Fast random integer generation in an interval" (2019), with 32-bit words: the
 * product's high half is the answer; the few low halves that would favour some answers are
 * drawn again. */
static uint64_t below_32(sim_random *r, uint32_t n)
{
    uint64_t product = (sim_random_next(r) >> 32) * n;
    if ((uint32_t)product < n) {
        uint32_t unfair = (uint32_t)-n % n;
        while ((uint32_t)product < unfair)
            product = (sim_random_next(r) >> 32) * n;
    }
    return product >> 32;
}

uint64_t sim_random_between(sim_random *r, uint64_t low, uint64_t high)
{
    assert(low <= high);
    uint64_t span = high - low; /* one less than the number of answers */
    if (span < UINT32_MAX)
        return low + below_32(r, (uint32_t)span + 1);
    /* Wide ranges are seldom: take as many bits as the span has until they are within. */
    uint64_t mask = UINT64_MAX >> __builtin_clzll(span), v;
    do
        v = sim_random_next(r) & mask;
    while (v > span);
    return low + v;
}
