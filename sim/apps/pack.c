/* pack.c - numbers and texts as bytes, the same on every machine, and back. */
#include "sim/apps/apps.h"
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

uint64_t sim_unpack_count(sim_unpacker *u, uint64_t bytes_min)
{
    uint64_t n = sim_unpack_number(u);
    if (n > u->left / bytes_min)
        u->bad = true;
    return u->bad ? 0 : n;
}

void sim_unpack_mark(sim_unpacker *u, const char *mark)
{
    size_t len;
    const char *s = sim_unpack_text(u, &len);
    if (len != strlen(mark) || memcmp(s, mark, len))
        u->bad = true;
}

void sim_unpack_rises(sim_unpacker *u, const sim_text *before, const char *name, size_t len)
{
    if (!before)
        return;
    int order = memcmp(before->at, name, before->len < len ? before->len : len);
    if (order > 0 || (!order && before->len >= len))
        u->bad = true;
}

bool sim_unpack_ends(sim_unpacker *u, uint64_t hash)
{
    return sim_unpack_number(u) == hash && !u->bad && !u->left;
}
