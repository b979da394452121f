/* native.h - what the files of the native engine share: entries and messages at the border
 * between the core and the tank.
 *
 * The bytes of a CONFIG entry are the core's on one side and a text ("n1 n2 n4") on the
 * other.  Both stand in one block, which lives as long as the tank, so that each leads to
 * the other. */
#ifndef SIM_ENGINES_NATIVE_H
#define SIM_ENGINES_NATIVE_H
#include "raft/raft.h"
#include "sim/engine.h"

#include <assert.h>

static_assert((int)SIM_FOLLOWER == RAFT_FOLLOWER && (int)SIM_LEADER == RAFT_LEADER &&
                  (int)SIM_CANDIDATE == RAFT_CANDIDATE && (int)SIM_LEARNER == RAFT_LEARNER &&
                  (int)SIM_PRE_CANDIDATE == RAFT_PRE_CANDIDATE,
              "roles have the same numbers on both sides");
static_assert((int)SIM_ENTRY_NOOP == RAFT_ENTRY_NOOP &&
                  (int)SIM_ENTRY_COMMAND == RAFT_ENTRY_COMMAND &&
                  (int)SIM_ENTRY_CONFIG == RAFT_ENTRY_CONFIG &&
                  (int)SIM_ENTRY_SESSION == RAFT_ENTRY_SESSION &&
                  (int)SIM_ENTRY_REQUEST == RAFT_ENTRY_REQUEST,
              "and so have entry kinds");
static_assert((int)SIM_TIMER_ELECTION == RAFT_TIMER_ELECTION &&
                  (int)SIM_TIMER_HEARTBEAT == RAFT_TIMER_HEARTBEAT,
              "and timers");
static_assert((int)SIM_CHANGE_ADD_VOTER == RAFT_CHANGE_ADD_VOTER &&
                  (int)SIM_CHANGE_ADD_LEARNER == RAFT_CHANGE_ADD_LEARNER &&
                  (int)SIM_CHANGE_PROMOTE == RAFT_CHANGE_PROMOTE &&
                  (int)SIM_CHANGE_REMOVE == RAFT_CHANGE_REMOVE &&
                  (int)SIM_CHANGE_RECONFIGURE == RAFT_CHANGE_RECONFIGURE &&
                  (int)SIM_CHANGE_LEAVE == RAFT_CHANGE_LEAVE,
              "and changes");

/* The two faces of a CONFIG entry. */
typedef struct native_config {
    uint64_t checksum; /* of the text */
    uint32_t text_bytes;
    uint8_t core[RAFT_CONFIGURATION_BYTES];
    char text[];
} native_config;

const native_config *native_config_new(sim_arena *arena, const char *const *names,
                                       const uint8_t core[RAFT_CONFIGURATION_BYTES]);

static inline const native_config *native_config_of_core(const uint8_t *core)
{
    return (const native_config *)(const void *)(core - offsetof(native_config, core));
}
static inline const native_config *native_config_of_text(const uint8_t *text)
{
    return (const native_config *)(const void *)(text - offsetof(native_config, text));
}

static inline raft_entry native_to_core(const sim_entry *e)
{
    raft_entry out = {.term = e->term,
                      .checksum = e->checksum,
                      .data = e->data,
                      .bytes = e->bytes,
                      .kind = e->kind};
    if (e->kind == SIM_ENTRY_CONFIG) {
        out.data = native_config_of_text(e->data)->core;
        out.bytes = RAFT_CONFIGURATION_BYTES;
    }
    return out;
}

/* The core makes no-ops and configurations itself, and does not know how the tank sums them
 * up. */
static inline sim_entry native_from_core(const raft_entry *e)
{
    sim_entry out = {.term = e->term,
                     .checksum = e->bytes ? e->checksum : sim_entry_checksum(e->kind, NULL, 0),
                     .data = e->data,
                     .bytes = e->bytes,
                     .kind = e->kind};
    if (e->kind == RAFT_ENTRY_CONFIG) {
        const native_config *c = native_config_of_core(e->data);
        out.checksum = c->checksum;
        out.data = (const uint8_t *)c->text;
        out.bytes = c->text_bytes;
    }
    return out;
}

static inline raft_configuration native_membership_in(const sim_membership *m)
{
    return (raft_configuration){.voters = m->voters,
                                .outgoing = m->outgoing,
                                .learners = m->learners,
                                .by_hand = m->by_hand};
}
static inline sim_membership native_membership_out(const raft_configuration *c)
{
    return (sim_membership){.voters = c->voters,
                            .outgoing = c->outgoing,
                            .learners = c->learners,
                            .by_hand = c->by_hand};
}

/* A message is one block of the tank's pool: the head that the tank knows, the core's
 * message, and behind them what the core's message points to, so that it outlives what its
 * sender had: copies of its entries (their bytes are immutable and shared), or the bytes of
 * its part of a snapshot. */
typedef struct native_message {
    sim_message head;
    raft_msg body;      /* append.entries and snapshot.bytes are not used */
    const char *config; /* INSTALL_SNAPSHOT: the configuration as text; in the arena */
    sim_entry entries[];
} native_message;

static inline const native_message *native_message_of(const sim_message *m)
{
    return (const native_message *)m;
}
static inline const uint8_t *native_message_chunk(const native_message *m)
{
    return (const uint8_t *)m->entries;
}
static inline bool native_has_payload(const raft_msg *m)
{
    return m->kind == RAFT_MSG_INSTALL_SNAPSHOT ||
           (m->kind == RAFT_MSG_APPEND_ENTRIES && m->as.append.n);
}
/* body, with the entries or bytes that it points to. */
sim_message *native_message_out(sim_pool *pool, const raft_msg *body, const char *config);

sim_word native_word_of(const sim_message *head);
const char *native_type_name(uint32_t type);
const char *const *native_field_names(uint32_t type);
bool native_is_heartbeat(const sim_message *head);
void native_describe(const sim_message *head, sim_field_fn *fn, void *to);
uint64_t native_hash(const sim_message *head);
sim_message *native_message_clone(sim_pool *pool, const sim_message *head);
void native_message_free(sim_pool *pool, sim_message *head);
sim_message *native_forge(sim_pool *pool, sim_arena *arena, const char *const *names,
                          sim_id from, sim_id to, uint32_t type, const sim_forged_field *fields,
                          uint32_t n, char *error, size_t error_bytes);

void *native_sessions_new(uint32_t max, uint64_t ttl, uint64_t bugs);
void *native_sessions_clone(const void *table);
void native_sessions_free(void *table);
uint64_t native_sessions_open(void *table, uint64_t index);
sim_session_news native_sessions_find(void *table, uint64_t client, uint64_t serial,
                                      uint64_t index, sim_text *answer);
void native_sessions_store(void *table, uint64_t client, uint64_t serial,
                           const sim_text *answer);
uint64_t native_sessions_count(const void *table);
void native_sessions_snapshot(const void *table, sim_text *out);
bool native_sessions_restore(void *table, const uint8_t *bytes, uint64_t n);

#endif
