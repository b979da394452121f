/* engine.h - what the tank asks of a Raft implementation that it hosts.
 *
 * The tank does not know our Raft, it knows an engine.  An engine is a table of
 * functions; engines/native.c wraps raft/.  Nothing above this header may include
 * raft.h.
 *
 * Each call that can make something happen (start, receive, timer, persisted, propose,
 * campaign, step_down) leaves its actions in an outbox, which the tank reads with
 * outbox() and carries out in order before the next call to that node.  A call that leaves
 * no action has changed nothing that inspect() shows.
 *
 * Ownership: a message that leaves in an action belongs to the tank, which gives it back
 * with message_free().  Everything else that an action points to belongs to the engine
 * and is valid until its next call. */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H
#include "sim/base/arena.h"
#include "sim/base/pool.h"
#include "sim/types.h"

/* The head of every message; the engine's own fields follow behind it in memory. */
typedef struct sim_message {
    uint8_t type; /* below sim_engine.type_count */
    sim_id from, to;
    uint64_t term;
} sim_message;

typedef struct sim_engine_config {
    sim_id id;
    sim_set voters;
    sim_us election_min, election_max, heartbeat;
    uint32_t batch_max, batch_bytes_max, pipeline_max;
    bool pre_vote, check_quorum, disruption_guard;
    sim_pool *pool; /* for messages; shared by the nodes of a tank */
} sim_engine_config;

/* What a disk holds when a node starts. */
typedef struct sim_durable {
    uint64_t term;
    sim_id vote;
    const sim_entry *entries; /* indexes 1..n */
    uint64_t n;
} sim_durable;

typedef enum sim_action_kind {
    SIM_DO_HARD_STATE, /* write term and vote */
    SIM_DO_TRUNCATE,   /* write: drop index and above */
    SIM_DO_APPEND,     /* write: n entries from index on */
    SIM_DO_SEND,       /* message; after_writes: not before all writes so far are durable */
    SIM_DO_ARM,        /* timer: the tank picks a delay in [min, max] of the node's clock */
    SIM_DO_DISARM,
    SIM_DO_COMMIT,     /* index: apply what is new up to here */
    SIM_DO_ACCEPT,     /* ticket has a place in the log: point */
    SIM_DO_REFUSE,     /* ticket has none: text says why, leader says where to go */
    SIM_DO_ROLE,       /* observation: text says why */
    SIM_DO_IGNORED,    /* observation: text says why the event changed nothing */
} sim_action_kind;

typedef struct sim_action {
    sim_action_kind kind;
    bool after_writes;
    uint8_t timer;        /* sim_timer */
    uint8_t from, to;     /* ROLE: sim_role */
    sim_id vote, leader;
    uint32_t n;
    uint64_t term, index, ticket;
    sim_point point;
    sim_us min, max;
    const sim_entry *entries;
    sim_message *message;
    const char *text; /* static */
} sim_action;

typedef struct sim_actions {
    const sim_action *at;
    uint32_t n;
} sim_actions;

/* A field of a forged message, as the script wrote it. */
typedef struct sim_forged_field {
    const char *name, *value;
} sim_forged_field;

typedef struct sim_engine {
    const char *name;
    uint32_t type_count;

    void *(*create)(const sim_engine_config *config);
    void *(*clone)(const void *self);
    void (*free)(void *self);

    void (*start)(void *self, sim_us now, const sim_durable *disk);
    void (*receive)(void *self, sim_us now, const sim_message *m);
    void (*timer)(void *self, sim_us now, sim_timer timer);
    void (*persisted)(void *self, sim_us now, sim_point up_to);
    void (*propose)(void *self, sim_us now, uint64_t ticket, const sim_entry *entry);
    void (*campaign)(void *self, sim_us now);
    void (*step_down)(void *self, sim_us now);
    sim_actions (*outbox)(void *self);

    void (*inspect)(const void *self, sim_view *out);
    bool (*entry)(const void *self, uint64_t index, sim_entry *out); /* false: none there */

    const char *(*type_name)(uint32_t type);
    bool (*is_heartbeat)(const sim_message *m); /* nothing but a sign of life, or its reply */
    void (*describe)(const sim_message *m, sim_field_fn *fn, void *to); /* own fields, in order */
    uint64_t (*message_hash)(const sim_message *m); /* type, term and every field */
    sim_message *(*message_clone)(sim_pool *pool, const sim_message *m);
    void (*message_free)(sim_pool *pool, sim_message *m);
    /* A message as the script wrote it; NULL on a mistake, which then stands in error
     * (at most error_bytes with the NUL).  node_of turns a name into an id, 0 if unknown.
     * Entry bytes are taken from the arena. */
    sim_message *(*forge)(sim_pool *pool, sim_arena *arena, sim_id from, sim_id to,
                          uint32_t type, const sim_forged_field *fields, uint32_t n,
                          char *error, size_t error_bytes);
    /* The names of the fields that forge and describe know for a type, NULL-terminated. */
    const char *const *(*field_names)(uint32_t type);

    /* The engine's rules as text, a line a call, for `wavetank explain`; may be NULL. */
    void (*explain)(void (*line)(void *to, const char *text), void *to);
} sim_engine;

extern const sim_engine sim_engine_native;

/* Looks an engine up by name; NULL when there is none.  names: NULL-terminated. */
const sim_engine *sim_engine_find(const char *name);
extern const char *const sim_engine_names[];

#endif
