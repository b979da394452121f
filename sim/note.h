/* note.h - the one stream of all that happens.
 *
 * Every note has a number (1, 2, 3, …), a virtual time, a cause (the number of the note
 * that led to it, 0 for the script) and a kind.  Observers receive each note once, in
 * order, and cannot change the run.  A note and all it points to is valid only during
 * the call.  Nothing is formatted: sim_note_describe() names a note's values for those
 * who want to write or compare them. */
#ifndef SIM_NOTE_H
#define SIM_NOTE_H
#include "sim/engine.h"
#include "sim/types.h"

#define SIM_NOTES(X)                                                                           \
    X(SECTION, "section")                                                                      \
    X(NOTE, "note")                                                                            \
    X(COMMAND, "command")                                                                      \
    X(TIMER, "timer")                                                                          \
    X(SEND, "send")                                                                            \
    X(DELIVER, "deliver")                                                                      \
    X(DROP, "drop")                                                                            \
    X(DUPLICATE, "duplicate")                                                                  \
    X(HOLD, "hold")                                                                            \
    X(ROLE, "role")                                                                            \
    X(TERM, "term")                                                                            \
    X(VOTE, "vote")                                                                            \
    X(APPEND, "append")                                                                        \
    X(TRUNCATE, "truncate")                                                                    \
    X(COMMIT, "commit")                                                                        \
    X(APPLY, "apply")                                                                          \
    X(SNAPSHOT, "snapshot")                                                                    \
    X(CONFIG, "config")                                                                        \
    X(DISK, "disk")                                                                            \
    X(CRASH, "crash")                                                                          \
    X(RESTART, "restart")                                                                      \
    X(PAUSE, "pause")                                                                          \
    X(RESUME, "resume")                                                                        \
    X(PARTITION, "partition")                                                                  \
    X(HEAL, "heal")                                                                            \
    X(REQUEST, "request")                                                                      \
    X(RESPONSE, "response")                                                                    \
    X(EXPECT, "expect")                                                                        \
    X(VIOLATION, "violation")
#define SIM_NAME(name, text) SIM_NOTE_##name,
typedef enum sim_note_kind { SIM_NOTES(SIM_NAME) SIM_NOTE_COUNT } sim_note_kind;
#undef SIM_NAME

/* Why a message did not arrive. */
#define SIM_DROPS(X)                                                                           \
    X(CUT, "cut")                                                                              \
    X(LOSSY, "lossy")                                                                          \
    X(SCRIPT, "script")                                                                        \
    X(CRASHED, "crashed")                                                                      \
    X(CORRUPT, "corrupt")
#define SIM_NAME(name, text) SIM_DROP_##name,
typedef enum sim_drop { SIM_DROPS(SIM_NAME) SIM_DROP_COUNT } sim_drop;
#undef SIM_NAME

/* What a request came to. */
#define SIM_STATUSES(X)                                                                        \
    X(PENDING, "pending")                                                                      \
    X(OK, "ok")                                                                                \
    X(FAILED, "failed")                                                                        \
    X(REDIRECT, "redirect")                                                                    \
    X(RETRY, "retry")                                                                          \
    X(TIMEOUT, "timeout")
#define SIM_NAME(name, text) SIM_STATUS_##name,
typedef enum sim_status { SIM_STATUSES(SIM_NAME) SIM_STATUS_COUNT } sim_status;
#undef SIM_NAME

/* Which of a node's visible values a note changed. */
enum {
    SIM_STATE_ROLE = 1 << 0,
    SIM_STATE_TERM = 1 << 1,
    SIM_STATE_VOTE = 1 << 2,
    SIM_STATE_LEADER = 1 << 3,
    SIM_STATE_COMMIT = 1 << 4,
    SIM_STATE_APPLIED = 1 << 5,
    SIM_STATE_LAST = 1 << 6,
    SIM_STATE_DURABLE = 1 << 7,
    SIM_STATE_CONFIG = 1 << 8,
    SIM_STATE_SNAPSHOT = 1 << 9,
};
typedef struct sim_state {
    uint32_t changed; /* SIM_STATE_ bits; only these values are meaningful */
    sim_role role;
    sim_id vote, leader;
    uint64_t term, commit, applied, durable; /* durable: the last index on disk */
    sim_point last, snapshot;
    sim_membership config;
    const char *config_text; /* "n1 n2 n4", "n1 n2 n3 | n1 n2 n4", "n1 n2 learners n3" */
} sim_state;

typedef struct sim_note {
    uint64_t seq, cause;
    sim_us at;
    sim_note_kind kind;
    sim_id node;      /* whose state or act it is; 0 when it is nobody's */
    uint32_t section; /* 1, 2, …; 0 before the first */
    uint32_t line;    /* of the scenario; 0 when driven from C without lines */
    sim_state state;
    union {
        struct {
            const char *title;
            bool prepare;
            const char *const *uses, *const *tests;
            uint32_t uses_n, tests_n;
        } section;
        struct { /* NOTE, COMMAND */
            const char *text;
        } text;
        struct {
            sim_timer timer;
            const char *ignored; /* why nothing came of it, or NULL */
        } timer;
        struct {         /* SEND, DELIVER, DROP, DUPLICATE, HOLD */
            uint64_t id; /* 1, 2, 3, … in the order of sending */
            const sim_message *message;
            const char *ignored; /* DELIVER: why nothing came of it, or NULL */
            sim_drop drop;       /* DROP */
            uint64_t copy;       /* DUPLICATE: the id of the new message */
            bool forged;         /* SEND: by inject */
            sim_us due;          /* HOLD: delayed until then; 0: until released */
            bool released;       /* HOLD: its link is held no more; it moves, or at due */
        } message;
        struct {
            sim_role from, to;
            const char *why;
        } role;
        struct {
            uint64_t from, to;
        } term;
        struct {
            sim_id candidate;
            uint64_t term;
        } vote;
        struct { /* APPEND: n entries from index on */
            uint64_t index;
            const sim_entry *entries;
            uint32_t n;
        } append;
        struct { /* TRUNCATE: from index on; n entries went */
            uint64_t index, n;
        } truncate;
        struct { /* COMMIT, APPLY */
            uint64_t from, to;
        } range;
        struct { /* DISK.  A write: "submitted", then "durable", "lost", "failed" or "torn"; and
                  * "told" when the node hears later than that that it is durable (up_to: as far
                  * as its log was then).
                  * At a restart: "discarded" (the tail of a torn write) or "corrupt", cut off
                  * from truncate on.  The script's doing, write 0: "damaged" (entry index),
                  * "held", "released", "ok", "fail", "full", "slow"; "muted", "unmuted": the
                  * node is not told of its writes. */
            const char *op;
            const char *what; /* a static word more, or NULL */
            uint64_t write;   /* its number on this disk: 1, 2, 3, … */
            uint64_t term;
            sim_id vote;
            bool hard_state;
            sim_point snapshot;          /* stands for the log up to there; 0@0: none */
            uint64_t truncate, index, n; /* entries index.. index+n-1; truncate 0: none */
            sim_point up_to;             /* "told"; else 0@0 */
        } disk;
        struct {             /* CRASH, RESTART, PAUSE, RESUME */
            const char *how; /* "torn", "wiped", …, or NULL */
        } life;
        struct {              /* PARTITION, HEAL: the links that changed */
            const char *text; /* "n1 n2 | n3", "n1 -> n2", "all" */
        } links;
        struct {              /* REQUEST, RESPONSE */
            uint64_t id;      /* 1, 2, 3, … */
            const char *name; /* the script's, or NULL */
            const char *command;
            uint32_t command_len;
            sim_status status;
            const char *answer; /* RESPONSE ok: the app's; failed: why */
            uint32_t answer_len;
            sim_id leader; /* redirect */
            sim_point point;
        } request;
        struct {
            const char *condition, *actual;
            bool passed;
        } expect;
        struct { /* SNAPSHOT: op "taken", "chunk", "arrived", "installed" */
            const char *op;
            sim_point last;
            uint64_t bytes, offset;
        } snapshot;
        struct { /* CONFIG */
            sim_membership now;
            const char *text; /* the same, as in sim_state */
            uint64_t index;   /* of its entry; 0: from a snapshot or the start */
            const char *why;
        } config;
        struct {
            const char *invariant, *cite, *one, *other;
            uint64_t one_seq, other_seq; /* the events that caused each; 0: so from the start */
        } violation;
    } as;
} sim_note;

typedef struct sim_observer {
    void (*note)(void *self, const sim_note *n);
    void *self;
} sim_observer;

/* Calls fn for each value that the note's kind has, in the order of the trace; without
 * seq, at_us, section, line, cause, kind, node and state, which every note has.
 * A SEND shows its message whole, the others by id. */
void sim_note_describe(const sim_engine *engine, const sim_note *n, sim_field_fn *fn, void *to);
/* The same for the state delta: role, term, vote, leader, commit, applied, last, durable,
 * config, snapshot; only what changed. */
void sim_state_describe(const sim_state *s, sim_field_fn *fn, void *to);

const char *sim_note_kind_name(sim_note_kind kind);
const char *sim_drop_name(sim_drop drop);
const char *sim_status_name(sim_status status);
/* The names of the fields that a kind can have, NULL-terminated (for hints). */
const char *const *sim_note_field_names(sim_note_kind kind);

#endif
