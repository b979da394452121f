/* native_session.c - the core's client sessions (raft/session.h) for the tank. */
#include "raft/session.h"
#include "sim/base/memory.h"
#include "sim/engines/native.h"

#include <stdlib.h>

static_assert((int)SIM_SESSION_NEW == RAFT_SESSION_NEW &&
                  (int)SIM_SESSION_AGAIN == RAFT_SESSION_AGAIN &&
                  (int)SIM_SESSION_OLD == RAFT_SESSION_OLD &&
                  (int)SIM_SESSION_EXPIRED == RAFT_SESSION_EXPIRED,
              "both sides call it the same");

void *native_sessions_new(uint32_t max, uint64_t ttl, uint64_t bugs)
{
    raft_sessions *s = sim_alloc(sizeof *s);
    raft_sessions_init(s, max, ttl, bugs);
    return s;
}

void *native_sessions_clone(const void *table)
{
    raft_sessions *s = sim_alloc(sizeof *s);
    *s = raft_sessions_copy(table);
    return s;
}

void native_sessions_free(void *table)
{
    raft_sessions_free(table);
    free(table);
}

uint64_t native_sessions_open(void *table, uint64_t index)
{
    return raft_sessions_register(table, index);
}

sim_session_news native_sessions_find(void *table, uint64_t client, uint64_t serial,
                                      uint64_t index, sim_text *answer)
{
    raft_answer old = {0};
    const raft_session_news news = raft_sessions_find(table, client, serial, index, &old);
    if (news == RAFT_SESSION_AGAIN && old.n)
        sim_text_add(answer, (const char *)old.bytes, old.n);
    return (sim_session_news)news;
}

void native_sessions_store(void *table, uint64_t client, uint64_t serial,
                           const sim_text *answer)
{
    raft_sessions_store(
        table, client, serial,
        (raft_answer){.bytes = (const uint8_t *)answer->at, .n = (uint32_t)answer->len});
}

uint64_t native_sessions_count(const void *table)
{
    return ((const raft_sessions *)table)->n;
}

void native_sessions_snapshot(const void *table, sim_text *out)
{
    const uint64_t n = raft_sessions_bytes(table);
    uint8_t *bytes = sim_alloc((size_t)n);
    raft_sessions_encode(table, bytes);
    if (n)
        sim_text_add(out, (const char *)bytes, (size_t)n);
    free(bytes);
}

bool native_sessions_restore(void *table, const uint8_t *bytes, uint64_t n)
{
    return raft_sessions_decode(table, bytes, n);
}
