/* session.c - see session.h.  Slots in a vector; a list by use, and chains by client. */
#include "raft/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "raft/bugs.h"
#include "raft/heap.h"

enum { CAPACITY_MIN = 8, HEAD_BYTES = 4, ITEM_BYTES = 28 };

#define MIX_A UINT64_C(0x9E3779B97F4A7C15)
#define MIX_B UINT64_C(0xBF58476D1CE4E5B9)

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * MIX_A;
    h = (h ^ h >> 29) * MIX_B;
    return h ^ h >> 32;
}

static uint64_t digest(const raft_session *x)
{
    uint64_t h = mix(mix(mix(1, x->client), x->serial), x->used);
    h = mix(h, x->bytes);
    for (uint32_t i = 0; i < x->bytes; i++)
        h = mix(h, x->answer[i]);
    return h;
}

static void mark(raft_sessions *s, raft_session *x)
{
    s->hash ^= x->mark;
    x->mark = digest(x);
    s->hash ^= x->mark;
}

/* --- The list by use and the chains by client --------------------------------------- */

static uint32_t *chain(const raft_sessions *s, uint64_t client)
{
    return &s->bucket[mix(0, client) & (s->capacity - 1)];
}

static uint32_t slot_of(const raft_sessions *s, const raft_session *x)
{
    return (uint32_t)(x - s->at) + 1;
}

static raft_session *find(const raft_sessions *s, uint64_t client)
{
    for (uint32_t slot = s->capacity ? *chain(s, client) : 0; slot;
         slot = s->at[slot - 1].next) {
        if (s->at[slot - 1].client == client)
            return &s->at[slot - 1];
    }
    return NULL;
}

static void unlist(raft_sessions *s, raft_session *x)
{
    *(x->newer ? &s->at[x->newer - 1].older : &s->newest) = x->older;
    *(x->older ? &s->at[x->older - 1].newer : &s->oldest) = x->newer;
}

static void list_newest(raft_sessions *s, raft_session *x)
{
    x->newer = 0;
    x->older = s->newest;
    *(s->newest ? &s->at[s->newest - 1].newer : &s->oldest) = slot_of(s, x);
    s->newest = slot_of(s, x);
}

static void add_to_chain(raft_sessions *s, raft_session *x)
{
    uint32_t *first = chain(s, x->client);
    x->next = *first;
    *first = slot_of(s, x);
}

static void drop(raft_sessions *s, raft_session *x)
{
    uint32_t *from = chain(s, x->client);
    while (*from != slot_of(s, x))
        from = &s->at[*from - 1].next;
    *from = x->next;
    unlist(s, x);
    s->hash ^= x->mark;
    x->mark = 0;
    x->next = s->free;
    s->free = slot_of(s, x);
    s->n--;
}

static void grow(raft_sessions *s)
{
    const uint32_t before = s->capacity;
    s->capacity = before ? 2 * before : CAPACITY_MIN;
    s->at = raft_heap(s->at, s->capacity, sizeof *s->at);
    s->bucket = raft_heap(s->bucket, s->capacity, sizeof *s->bucket);
    memset(s->at + before, 0, (s->capacity - before) * sizeof *s->at);
    memset(s->bucket, 0, s->capacity * sizeof *s->bucket);
    for (uint32_t slot = s->oldest; slot; slot = s->at[slot - 1].newer)
        add_to_chain(s, &s->at[slot - 1]);
    for (uint32_t slot = s->capacity; slot > before; slot--) {
        s->at[slot - 1].next = s->free;
        s->free = slot;
    }
}

static raft_session *add(raft_sessions *s, uint64_t client)
{
    if (s->free == 0)
        grow(s);
    raft_session *x = &s->at[s->free - 1];
    s->free = x->next;
    x->client = client;
    x->serial = 0;
    x->bytes = 0;
    list_newest(s, x);
    add_to_chain(s, x);
    s->n++;
    return x;
}

/* --- Life --------------------------------------------------------------------------- */

void raft_sessions_free(raft_sessions *s)
{
    for (uint32_t i = 0; i < s->capacity; i++)
        free(s->at[i].answer);
    free(s->at);
    free(s->bucket);
    *s = (raft_sessions){0};
}

void raft_sessions_init(raft_sessions *s, uint32_t max, uint64_t ttl, uint64_t bugs)
{
    assert(max > 0);
    raft_sessions_free(s);
    s->max = max;
    s->ttl = ttl;
    s->bugs = bugs;
}

static void set_answer(raft_session *x, raft_answer answer)
{
    if (answer.n > x->capacity) {
        x->answer = raft_heap(x->answer, answer.n, 1);
        x->capacity = answer.n;
    }
    if (answer.n > 0)
        memcpy(x->answer, answer.bytes, answer.n);
    x->bytes = answer.n;
}

static void put_copy(raft_sessions *s, const raft_session *x)
{
    raft_session *own = add(s, x->client);
    own->serial = x->serial;
    own->used = x->used;
    set_answer(own, (raft_answer){.bytes = x->answer, .n = x->bytes});
    mark(s, own);
}

raft_sessions raft_sessions_copy(const raft_sessions *s)
{
    raft_sessions copy = {.max = s->max, .ttl = s->ttl, .bugs = s->bugs};
    for (const raft_session *x = NULL; (x = raft_sessions_next(s, x));)
        put_copy(&copy, x);
    return copy;
}

const raft_session *raft_sessions_next(const raft_sessions *s, const raft_session *after)
{
    const uint32_t slot = after ? after->newer : s->oldest;
    return slot ? &s->at[slot - 1] : NULL;
}

/* --- The log ------------------------------------------------------------------------ */

/* Thesis 6.3: expiry must be the same on every server, so it is by the log's own measure.
 * Scenario: commands/sessions_expire_by_the_log. */
static void expire(raft_sessions *s, raft_index index)
{
    while (s->ttl != 0 && s->oldest != 0 && index - s->at[s->oldest - 1].used > s->ttl)
        drop(s, &s->at[s->oldest - 1]);
}

uint64_t raft_sessions_register(raft_sessions *s, raft_index index)
{
    expire(s, index);
    if (s->n >= s->max)
        drop(s, &s->at[s->oldest - 1]);
    raft_session *x = add(s, index);
    x->used = index;
    mark(s, x);
    return index;
}

/* Thesis 6.3: a request that was carried out is answered with the old answer.
 * Scenarios: commands/exactly_once, commands/exactly_once_across_leaders. */
raft_session_news raft_sessions_find(raft_sessions *s, uint64_t client, uint64_t serial,
                                     raft_index index, raft_answer *answer)
{
    *answer = (raft_answer){0};
    expire(s, index);
    raft_session *x = find(s, client);
    if (!x)
        return RAFT_BUG_IN(s->bugs, EXPIRED_IS_DONE) ? RAFT_SESSION_AGAIN
                                                     : RAFT_SESSION_EXPIRED;
    unlist(s, x);
    list_newest(s, x);
    x->used = index;
    mark(s, x);
    if (serial > x->serial || RAFT_BUG_IN(s->bugs, NO_DEDUPE))
        return RAFT_SESSION_NEW;
    if (serial < x->serial)
        return RAFT_SESSION_OLD;
    *answer = (raft_answer){.bytes = x->answer, .n = x->bytes};
    return RAFT_SESSION_AGAIN;
}

void raft_sessions_store(raft_sessions *s, uint64_t client, uint64_t serial, raft_answer answer)
{
    raft_session *x = find(s, client);
    assert(x && (serial > x->serial || RAFT_BUG_IN(s->bugs, NO_DEDUPE)));
    x->serial = serial;
    set_answer(x, answer);
    mark(s, x);
}

bool raft_sessions_has(const raft_sessions *s, uint64_t client)
{
    return find(s, client) != NULL;
}

/* --- Bytes -------------------------------------------------------------------------- */

static uint8_t *put(uint8_t *out, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *out++ = (uint8_t)(v >> (8 * i));
    return out;
}

static uint64_t get(const uint8_t **at, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v |= (uint64_t) * (*at)++ << (8 * i);
    return v;
}

/* Thesis 6.3: sessions are part of the state that a snapshot holds.
 * Scenario: commands/sessions_travel_with_snapshots. */
static uint32_t count_in_snapshot(const raft_sessions *s)
{
    return RAFT_BUG_IN(s->bugs, SESSIONS_NOT_IN_SNAPSHOT) ? 0 : s->n;
}

uint64_t raft_sessions_bytes(const raft_sessions *s)
{
    uint64_t n = HEAD_BYTES;
    if (count_in_snapshot(s) == 0)
        return n;
    for (const raft_session *x = NULL; (x = raft_sessions_next(s, x));)
        n += ITEM_BYTES + x->bytes;
    return n;
}

void raft_sessions_encode(const raft_sessions *s, uint8_t *out)
{
    const uint32_t n = count_in_snapshot(s);
    out = put(out, n, HEAD_BYTES);
    for (const raft_session *x = NULL; n > 0 && (x = raft_sessions_next(s, x));) {
        out = put(out, x->client, 8);
        out = put(out, x->serial, 8);
        out = put(out, x->used, 8);
        out = put(out, x->bytes, 4);
        if (x->bytes > 0)
            memcpy(out, x->answer, x->bytes);
        out += x->bytes;
    }
}

/* One session; false: it does not fit, or not behind the one before. */
static bool decode_one(raft_sessions *s, const uint8_t **at, const uint8_t *end)
{
    if (end - *at < ITEM_BYTES)
        return false;
    const uint64_t client = get(at, 8), serial = get(at, 8), used = get(at, 8);
    const uint32_t bytes = (uint32_t)get(at, 4);
    const raft_session *before = s->newest ? &s->at[s->newest - 1] : NULL;
    if ((uint64_t)(end - *at) < bytes || find(s, client) || (before && used < before->used))
        return false;
    raft_session *x = add(s, client);
    x->serial = serial;
    x->used = used;
    set_answer(x, (raft_answer){.bytes = *at, .n = bytes});
    *at += bytes;
    mark(s, x);
    return true;
}

bool raft_sessions_decode(raft_sessions *s, const uint8_t *bytes, uint64_t n)
{
    raft_sessions_init(s, s->max, s->ttl, s->bugs);
    const uint8_t *at = bytes, *end = bytes + n;
    if (n < HEAD_BYTES)
        return false;
    bool good = true;
    for (uint64_t left = get(&at, HEAD_BYTES); good && left > 0; left--)
        good = decode_one(s, &at, end);
    if (good && at == end)
        return true;
    raft_sessions_init(s, s->max, s->ttl, s->bugs);
    return false;
}
