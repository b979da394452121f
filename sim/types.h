/* types.h - the few plain types that everything in the tank shares. */
#ifndef SIM_TYPES_H
#define SIM_TYPES_H
#include "sim/base/often.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t sim_id;   /* a node: 1..SIM_NODES_MAX; 0 means "nobody" or "the script" */
typedef uint64_t sim_set; /* bit (id - 1) is the node with that id */
typedef uint64_t sim_us;  /* microseconds of virtual time */

enum { SIM_NODES_MAX = 64 };
#define SIM_US_MAX UINT64_MAX /* never */

static inline sim_set sim_one(sim_id id)
{
    return id ? UINT64_C(1) << (id - 1) : 0;
}
static inline bool sim_has(sim_set set, sim_id id)
{
    return (set & sim_one(id)) != 0;
}
static inline sim_set sim_first_nodes(uint32_t n) /* 1..n */
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}
/* Walks a set in the order of ids: for (sim_id id = 0; (id = sim_next(set, id));) */
static inline sim_id sim_next(sim_set set, sim_id after)
{
    if (after >= 64)
        return 0;
    set &= ~sim_first_nodes(after);
    return set ? (sim_id)(__builtin_ctzll(set) + 1) : 0;
}
static inline uint32_t sim_count(sim_set set)
{
    return (uint32_t)__builtin_popcountll(set);
}

typedef struct sim_point { /* written "3@2": index 3, term 2 */
    uint64_t index, term;
} sim_point;

#define SIM_ROLES(X)                                                                           \
    X(FOLLOWER, "follower")                                                                    \
    X(PRE_CANDIDATE, "pre_candidate")                                                          \
    X(CANDIDATE, "candidate")                                                                  \
    X(LEADER, "leader")                                                                        \
    X(LEARNER, "learner")
#define SIM_NAME(name, text) SIM_##name,
typedef enum sim_role { SIM_ROLES(SIM_NAME) SIM_ROLE_COUNT } sim_role;
#undef SIM_NAME

typedef enum sim_timer { SIM_TIMER_ELECTION, SIM_TIMER_HEARTBEAT, SIM_TIMER_COUNT } sim_timer;

#define SIM_ENTRY_KINDS(X)                                                                     \
    X(NOOP, "noop")                                                                            \
    X(COMMAND, "command")                                                                      \
    X(CONFIG, "config")                                                                        \
    X(SESSION, "session")                                                                      \
    X(REQUEST, "request")
#define SIM_NAME(name, text) SIM_ENTRY_##name,
typedef enum sim_entry_kind { SIM_ENTRY_KINDS(SIM_NAME) SIM_ENTRY_KIND_COUNT } sim_entry_kind;
#undef SIM_NAME

/* An entry of a log.  The bytes live in the tank's arena until the run ends. */
typedef struct sim_entry {
    uint64_t term;
    uint64_t checksum; /* sim_entry_checksum(kind, data, bytes) */
    const uint8_t *data;
    uint32_t bytes;
    uint8_t kind; /* sim_entry_kind */
} sim_entry;

/* Who is a member (thesis 4). */
typedef struct sim_membership {
    sim_set voters, outgoing, learners;
    bool by_hand; /* joint: left by hand */
} sim_membership;

/* What can be seen of a node from outside.  Checkers and traces read nothing else, so
 * they judge every engine alike. */
typedef struct sim_view {
    sim_role role;
    sim_id vote, leader;
    uint64_t term, commit, first;
    sim_point last;
    sim_set voters;   /* in joint consensus the new ones */
    sim_set outgoing; /* the old voters of joint consensus, else 0 (thesis 4.3) */
    sim_set learners;
    uint64_t config_index;  /* of the entry in force; 0: the first, or from a snapshot */
    sim_point snapshot;     /* 0@0: none */
    sim_id transferring_to; /* 0: not transferring */
} sim_view;

/* A named value: how messages and notes show themselves to readers that do not know
 * their type (the trace writer, conditions, reports). */
typedef enum sim_field_kind {
    SIM_FIELD_NUMBER,  /* number */
    SIM_FIELD_NODE,    /* number is a sim_id; 0 is nobody, written "" in traces */
    SIM_FIELD_SET,     /* number is a sim_set, written "n1 n2" */
    SIM_FIELD_POINT,   /* point, written "3@2" */
    SIM_FIELD_YESNO,   /* number is 0 or 1, written "no" or "yes" */
    SIM_FIELD_TEXT,    /* text, len bytes of UTF-8 */
    SIM_FIELD_TEXTS,   /* texts, n strings: an array in the trace */
    SIM_FIELD_ENTRIES, /* entries, n, the first at index number: an array in the trace */
} sim_field_kind;

typedef struct sim_field {
    const char *name;
    sim_field_kind kind;
    uint64_t number;
    sim_point point;
    const char *text;
    size_t len;
    const char *const *texts;
    const sim_entry *entries;
    uint32_t n;
} sim_field;

typedef void sim_field_fn(void *self, const sim_field *field);

const char *sim_role_name(sim_role role);
const char *sim_entry_kind_name(sim_entry_kind kind);
const char *sim_timer_name(sim_timer timer);
uint64_t sim_entry_checksum(uint8_t kind, const void *data, uint32_t bytes);

#endif
