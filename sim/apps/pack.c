/* pack.c - numbers and texts as bytes, the same on every machine, and back. */
#include "sim/apps/apps.h"
#include "sim/base/hash.h"
#include <string.h>

enum { NUMBER_BYTES = 8 };

void sim_pack_number(sim_text *out, uint64_t v)
{
    char bytes[NUMBER_BYTES];
    for (size_t i = 0; i < NUMBER_BYTES; i++)
        bytes[i] = (char)(v >> (8 * i) & 0xff);
    sim_text_add(out, bytes, sizeof bytes);
}

void sim_pack_text(sim_text *out, const char *s, size_t len)
{
    sim_pack_number(out, len);
    sim_text_add(out, s, len);
}

size_t sim_pack_begin(sim_text *out, const char *mark)
{
    const size_t from = out->len;
    sim_pack_text(out, mark, strlen(mark));
    return from;
}

static uint64_t seal(const void *bytes, uint64_t n)
{
    return sim_hash_bytes(n, bytes, (size_t)n);
}

void sim_pack_end(sim_text *out, size_t from)
{
    sim_pack_number(out, seal(out->at + from, out->len - from));
}

static const uint8_t *take(sim_unpacker *u, uint64_t n)
{
    if (u->bad || n > u->left) {
        u->bad = true;
        return NULL;
    }
    const uint8_t *at = u->at;
    u->at += n;
    u->left -= n;
    return at;
}

uint64_t sim_unpack_number(sim_unpacker *u)
{
    const uint8_t *at = take(u, NUMBER_BYTES);
    uint64_t v = 0;
    for (size_t i = 0; at && i < NUMBER_BYTES; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

const char *sim_unpack_text(sim_unpacker *u, size_t *len)
{
    uint64_t n = sim_unpack_number(u);
    const uint8_t *at = take(u, n);
    *len = at ? (size_t)n : 0;
    return at ? (const char *)at : "";
}

sim_unpacker sim_unpack_begin(const uint8_t *bytes, uint64_t n, const char *mark)
{
    if (n < NUMBER_BYTES)
        return (sim_unpacker){.bad = true};
    sim_unpacker sealed = {.at = bytes + (n - NUMBER_BYTES), .left = NUMBER_BYTES};
    sim_unpacker u = {.at = bytes, .left = n - NUMBER_BYTES};
    u.bad = sim_unpack_number(&sealed) != seal(bytes, u.left);
    size_t len;
    const char *s = sim_unpack_text(&u, &len);
    if (len != strlen(mark) || memcmp(s, mark, len))
        u.bad = true;
    return u;
}

uint64_t sim_unpack_count(sim_unpacker *u, uint64_t bytes_min)
{
    uint64_t n = sim_unpack_number(u);
    if (n > u->left / bytes_min)
        u->bad = true;
    return u->bad ? 0 : n;
}

void sim_unpack_rises(sim_unpacker *u, const sim_text *before, const char *name, size_t len)
{
    if (!before)
        return;
    int order = memcmp(before->at, name, before->len < len ? before->len : len);
    if (order > 0 || (!order && before->len >= len))
        u->bad = true;
}

bool sim_unpack_ends(const sim_unpacker *u)
{
    return !u->bad && !u->left;
}
