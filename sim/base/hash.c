/* hash.c - bytes taken as little-endian words, whatever the machine's order. */
#include "sim/base/hash.h"
#include <string.h>

static uint64_t word_at(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static uint64_t tail_at(const unsigned char *p, size_t len)
{
    uint64_t v = 0;
    for (size_t i = 0; i < len; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

uint64_t sim_hash_bytes(uint64_t seed, const void *data, size_t len)
{
    const unsigned char *p = data;
    /* The length goes in first, so that "a" and "a\0" differ. */
    uint64_t h = sim_hash_mix(seed, (uint64_t)len);
    for (; len >= 8; p += 8, len -= 8)
        h = sim_hash_mix(h, word_at(p));
    if (len)
        h = sim_hash_mix(h, tail_at(p, len));
    return sim_hash_final(h);
}
