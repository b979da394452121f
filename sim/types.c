/* types.c - the printed names of the shared types, and the checksum of an entry. */
#include "sim/types.h"
#include "sim/base/hash.h"
#include <assert.h>

#define SIM_NAME(name, text) [SIM_##name] = text,
static const char *const role_names[] = {SIM_ROLES(SIM_NAME)};
#undef SIM_NAME
#define SIM_NAME(name, text) [SIM_ENTRY_##name] = text,
static const char *const entry_kind_names[] = {SIM_ENTRY_KINDS(SIM_NAME)};
#undef SIM_NAME
static const char *const timer_names[] = {
    [SIM_TIMER_ELECTION] = "election",
    [SIM_TIMER_HEARTBEAT] = "heartbeat",
};

const char *sim_role_name(sim_role role)
{
    assert((unsigned)role < SIM_ROLE_COUNT);
    return role_names[role];
}

const char *sim_entry_kind_name(sim_entry_kind kind)
{
    assert((unsigned)kind < SIM_ENTRY_KIND_COUNT);
    return entry_kind_names[kind];
}

const char *sim_timer_name(sim_timer timer)
{
    assert((unsigned)timer < SIM_TIMER_COUNT);
    return timer_names[timer];
}

/* The term is not part of it: an entry is checked where it stands, with its term, by the
 * chain hash and by the disk. */
uint64_t sim_entry_checksum(uint8_t kind, const void *data, uint32_t bytes)
{
    return sim_hash_bytes(kind, data, bytes);
}
