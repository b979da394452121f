/* hash.h - 64-bit hashing, the same on every machine, byte order and word size.
 *
 * Not cryptographic.  sim_hash_mix() folds one integer into a running hash and is what
 * the digest, the chain hashes and the checkers use; sim_hash_bytes() is for payloads. */
#ifndef SIM_BASE_HASH_H
#define SIM_BASE_HASH_H
#include <stddef.h>
#include <stdint.h>

/* The order of calls matters: mix(mix(h, a), b) differs from mix(mix(h, b), a). */
static inline uint64_t sim_hash_mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9FB21C651E98DF25);
    return h ^ (h >> 32);
}

/* Every output bit depends on every input bit; once, at the end or for a table. */
static inline uint64_t sim_hash_final(uint64_t h)
{
    h = (h ^ (h >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94D049BB133111EB);
    return h ^ (h >> 31);
}

uint64_t sim_hash_bytes(uint64_t seed, const void *data, size_t len);

#endif
