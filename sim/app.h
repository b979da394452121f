/* app.h - the state machines that the nodes run (apps/: counter, kv, bank,
 * queue, lock).
 *
 * Deterministic: the same commands in the same order give the same state, answers and
 * hash on every machine. */
#ifndef SIM_APP_H
#define SIM_APP_H
#include "sim/base/text.h"
#include "sim/types.h"

/* What an application understands, for help and for the reference page. */
typedef struct sim_app_command {
    const char *usage;  /* "add N" */
    const char *answer; /* what it answers, and what it refuses */
    bool query;         /* it changes nothing, and can be read without a place in the log */
} sim_app_command;

typedef struct sim_app {
    const char *name;                /* "counter" */
    const char *summary;             /* one line for help */
    const char *text;                /* what it promises, and how it shows its state */
    const sim_app_command *commands; /* a NULL usage ends them */
    void *(*create)(void);
    void *(*clone)(const void *self);
    void (*free)(void *self);
    /* Carries out a command.  A command that the app does not understand, or refuses,
     * changes nothing and answers "error: …": an answer like any other.  answer is NULL
     * when nobody waits for it. */
    void (*apply)(void *self, const uint8_t *command, uint32_t bytes, sim_text *answer);
    /* What a query answers; changes nothing (reads, thesis 6.4). */
    void (*query)(const void *self, const char *query, size_t len, sim_text *answer);
    /* The state as bytes, the same on every machine, and back (thesis 5); false: not such. */
    void (*snapshot)(const void *self, sim_text *out);
    bool (*restore)(void *self, const uint8_t *bytes, uint64_t n);
    /* Its own invariant ("money is conserved"); NULL when all is well, else what is wrong,
     * in out.  Asked after every apply; constant time. */
    const char *(*check)(const void *self, sim_text *out);
    uint64_t (*hash)(const void *self);            /* of the state; constant time */
    void (*show)(const void *self, sim_text *out); /* the state on one line: "6", "x=1 y=2" */
} sim_app;

const sim_app *sim_app_find(const char *name); /* NULL when there is none */
extern const char *const sim_app_names[];      /* NULL-terminated */

#endif
