/* engine.h - what the tank asks of a Raft implementation that it hosts.
 *
 * The tank does not know our Raft, it knows an engine.  An engine is a table of
 * functions; engines/native.c wraps raft/.  Nothing above this header may include
 * raft.h.
 *
 * Each call that can make something happen (start, receive, timer, persisted, propose,
 * campaign and all that follow them up to app_failed) leaves its actions in an outbox, which
 * the tank reads with outbox() and carries out in order before the next call to that node.
 * A call that leaves no action has changed nothing that inspect() shows.
 *
 * Ownership: a message that leaves in an action belongs to the tank, which gives it back
 * with message_free().  Everything else that an action points to belongs to the engine
 * and is valid until its next call. */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H
#include "sim/base/arena.h"
#include "sim/base/pool.h"
#include "sim/base/text.h"
#include "sim/types.h"

/* The head of every message; the engine's own fields follow behind it in memory. */
typedef struct sim_message {
    uint8_t type; /* below sim_engine.type_count */
    sim_id from, to;
    uint64_t term;
} sim_message;

typedef struct sim_engine_config {
    sim_id id;
    sim_membership first; /* in force with an empty log */
    sim_us election_min, election_max, heartbeat;
    uint32_t batch_max, batch_bytes_max, pipeline_max;
    uint32_t inflight_bytes_max, snapshot_chunk, catch_up_rounds, drift_ppm;
    uint64_t log_max;
    bool pre_vote, check_quorum, disruption_guard, lease_reads;
    uint64_t bugs;            /* planted: bit i is bug_names[i] of the engine */
    sim_pool *pool;           /* for messages; shared by the nodes of a tank */
    sim_arena *arena;         /* for bytes that live as long as the tank */
    const char *const *names; /* of the nodes by id, a NULL behind the last; the tank's */
} sim_engine_config;

/* What a disk holds when a node starts. */
typedef struct sim_snapshot {
    sim_point last; /* 0@0: none */
    sim_membership membership;
    const uint8_t *bytes; /* the application's state and the client sessions; the tank's */
    uint64_t n;
} sim_snapshot;

typedef struct sim_durable {
    uint64_t term;
    sim_id vote;
    sim_snapshot snapshot;
    const sim_entry *entries; /* from snapshot.last.index + 1 on */
    uint64_t n;
} sim_durable;

typedef enum sim_change {
    SIM_CHANGE_ADD_VOTER,
    SIM_CHANGE_ADD_LEARNER,
    SIM_CHANGE_PROMOTE,
    SIM_CHANGE_REMOVE,
    SIM_CHANGE_RECONFIGURE, /* membership.voters, learners, by_hand (thesis 4.3) */
    SIM_CHANGE_LEAVE,       /* joint consensus, by hand */
} sim_change;

typedef enum sim_action_kind {
    SIM_DO_HARD_STATE, /* write term and vote */
    SIM_DO_TRUNCATE,   /* write: drop index and above */
    SIM_DO_APPEND,     /* write: n entries from index on */
    SIM_DO_SEND,       /* message; after_writes: not before all writes so far are durable */
    SIM_DO_ARM,        /* timer: the tank picks a delay in [min, max] of the node's clock */
    SIM_DO_DISARM,
    SIM_DO_COMMIT,           /* index: apply what is new up to here */
    SIM_DO_ACCEPT,           /* ticket has a place in the log: point */
    SIM_DO_REFUSE,           /* ticket has none: text says why, leader says where to go */
    SIM_DO_SNAPSHOT_CHUNK,   /* keep n_bytes of bytes at offset of total; point is its last */
    SIM_DO_SNAPSHOT_INSTALL, /* write: what was kept replaces state and log up to point;
                              * keeps_log: the entries behind it stay; then installed() */
    SIM_DO_COMPACT,          /* write: the own snapshot stands for the log up to point */
    SIM_DO_READ_READY,       /* ticket may be answered once index is applied */
    SIM_DO_DONE,             /* ticket: a change has come to a good end; 0: a transfer */
    SIM_DO_MEMBERSHIP, /* observation: membership is in force; text says why, index whence */
    SIM_DO_ROLE,       /* observation: text says why */
    SIM_DO_IGNORED,    /* observation: text says why the event changed nothing */
} sim_action_kind;

typedef struct sim_action {
    sim_action_kind kind;
    bool after_writes;
    uint8_t timer;    /* sim_timer */
    uint8_t from, to; /* ROLE: sim_role */
    sim_id vote, leader;
    bool keeps_log;
    uint32_t n;
    sim_message *message;
    uint64_t index;
    const sim_entry *entries;
    sim_us min, max;
    uint64_t ticket; /* what nearly all actions use is within one line of the cache */
    sim_point point;
    uint64_t term;
    const char *text; /* static */
    uint64_t offset, total;
    const uint8_t *bytes;
    uint32_t n_bytes;
    sim_membership membership;
} sim_action;

/* What a call left to be done, and what the tank must know before it begins. */
typedef struct sim_actions {
    const sim_action *at;
    uint32_t n;
    uint32_t writes;     /* none from this place on writes anything; 0: none at all */
    bool role;           /* one of them is ROLE */
    const char *ignored; /* the text of one that is IGNORED, or NULL */
} sim_actions;

/* What a REQUEST entry of a client's session is (thesis 6.3). */
typedef enum sim_session_news {
    SIM_SESSION_NEW,     /* apply it, then store the answer */
    SIM_SESSION_AGAIN,   /* it was applied: this is the answer that it got */
    SIM_SESSION_OLD,     /* its client has had the answer */
    SIM_SESSION_EXPIRED, /* nobody knows its session any more */
} sim_session_news;

/* A field of a forged message, as the script wrote it. */
typedef struct sim_forged_field {
    const char *name, *value;
} sim_forged_field;

/* What a message brings, or what its sender gives its word for.  The tank remembers what is on
 * its way; checkers hold a node to its word, also when a crash has made the node forget. */
typedef enum sim_word_kind {
    SIM_WORD_NONE,
    SIM_WORD_VOTE,   /* its vote in the message's term is for `who` (thesis 3.4) */
    SIM_WORD_HOLDS,  /* its disk holds the log up to `last` (thesis 3.8) */
    SIM_WORD_BRINGS, /* entries first..last of a log; of a snapshot, both are its last index */
} sim_word_kind;

typedef struct sim_word {
    sim_word_kind kind;
    sim_id who;
    uint64_t first, last;
} sim_word;

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
    void (*transfer)(void *self, sim_us now, sim_id to); /* 0: the voter that is furthest */
    void (*change)(void *self, sim_us now, uint64_t ticket, sim_change what, sim_id who,
                   const sim_membership *wanted);
    void (*read)(void *self, sim_us now, uint64_t ticket, bool lease);
    /* The tank took a snapshot of the application at index, which is applied. */
    void (*snapshot)(void *self, sim_us now, uint64_t index, const uint8_t *bytes, uint64_t n);
    /* What was kept of the snapshot up to last is in force and durable. */
    void (*installed)(void *self, sim_us now, sim_point last, const uint8_t *bytes, uint64_t n);
    void (*app_failed)(void *self, sim_us now); /* a leader steps aside */
    const sim_actions *(*outbox)(void *self);

    void (*inspect)(const void *self, sim_view *out);
    bool (*entry)(const void *self, uint64_t index, sim_entry *out); /* false: none there */
    /* What a CONFIG entry, whose bytes are a text for people here, says; false: it is none. */
    bool (*membership_of)(const sim_entry *e, sim_membership *out);

    /* NULL: nobody knows what its messages say; so nodes are held to no word, and nothing is
     * ever forgotten. */
    sim_word (*word_of)(const sim_message *m);
    const char *(*type_name)(uint32_t type);
    bool (*is_heartbeat)(const sim_message *m); /* nothing but a sign of life, or its reply */
    void (*describe)(const sim_message *m, sim_field_fn *fn,
                     void *to);                     /* own fields, in order */
    uint64_t (*message_hash)(const sim_message *m); /* type, term and every field */
    sim_message *(*message_clone)(sim_pool *pool, const sim_message *m);
    void (*message_free)(sim_pool *pool, sim_message *m);
    /* A message as the script wrote it; NULL on a mistake, which then stands in error
     * (at most error_bytes with the NUL).  names: as in sim_engine_config.  Entry bytes are
     * taken from the arena. */
    sim_message *(*forge)(sim_pool *pool, sim_arena *arena, const char *const *names,
                          sim_id from, sim_id to, uint32_t type, const sim_forged_field *fields,
                          uint32_t n, char *error, size_t error_bytes);
    /* The names of the fields that forge and describe know for a type, NULL-terminated. */
    const char *const *(*field_names)(uint32_t type);

    /* Client sessions (thesis 6.3): a table beside the application, part of the replicated
     * state, that is fed every SESSION and REQUEST entry in the order of the log. */
    void *(*sessions_new)(uint32_t max, uint64_t ttl, uint64_t bugs);
    void *(*sessions_clone)(const void *table);
    void (*sessions_free)(void *table);
    uint64_t (*sessions_open)(void *table, uint64_t index); /* who it is from now on */
    sim_session_news (*sessions_find)(void *table, uint64_t client, uint64_t serial,
                                      uint64_t index, sim_text *answer); /* set when AGAIN */
    void (*sessions_store)(void *table, uint64_t client, uint64_t serial,
                           const sim_text *answer);
    uint64_t (*sessions_count)(const void *table);
    /* As bytes of a snapshot, and back; false: not such bytes. */
    void (*sessions_snapshot)(const void *table, sim_text *out);
    bool (*sessions_restore)(void *table, const uint8_t *bytes, uint64_t n);

    /* The bugs that can be planted, NULL-terminated; bit i of sim_engine_config.bugs.  What
     * each does and what catches it stand at the same place of the others. */
    const char *const *bug_names, *const *bug_texts, *const *bug_catchers;

    /* The engine's rules as text, a line a call, for `wavetank explain`; may be NULL. */
    void (*explain)(void (*line)(void *to, const char *text), void *to);
} sim_engine;

extern const sim_engine sim_engine_native;

/* Looks an engine up by name; NULL when there is none.  names: NULL-terminated. */
const sim_engine *sim_engine_find(const char *name);
extern const char *const sim_engine_names[];

/* The bit of a bug that can be planted in an engine; 0: it knows none of that name. */
uint64_t sim_engine_bug(const sim_engine *e, const char *name);

#endif
