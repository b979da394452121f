/* run.h - a scenario while it is carried out: what its acts and conditions look at.
 *
 * Ownership: the run lives in the tank's memory, because the tank's observer that counts
 * for it lives as long as the tank. */
#ifndef SCENARIOS_LANG_RUN_H
#define SCENARIOS_LANG_RUN_H
#include "scenarios/lang/lang.h"

/* Virtual time does not wrap, it ends: far enough from where its arithmetic would. */
#define LANG_TIME_MAX (INT64_MAX / 8)

struct lang_run {
    const scenario *s;
    sim *t;
    const volatile bool *stop;
    scenario_outcome *out; /* NULL before and after the run */
    const lang_act *act;
    uint32_t section;              /* that the counters are at, 1-based; 0: before the first */
    uint32_t started;              /* sections that were told */
    uint64_t *requests;            /* by name: the tank's number of the newest, 0: none */
    uint64_t skewed;               /* microseconds, all in all */
    uint64_t *counts;              /* by counter */
    size_t counters, counters_end; /* those of the section at hand */
    sim_text scratch;
    bool caught; /* the violation that the scenario expects has come */
};

/* ---- runner.c ---------------------------------------------------------------------------- */

/* The act cannot do what it says; returns false. */
bool lang_run_failed(lang_run *r, const sim_error *error);
bool lang_run_refused(lang_run *r, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The act waited for a condition that does not hold: what is instead. */
bool lang_run_unmet(lang_run *r, const lang_condition *c, const sim_error *error);
/* The nodes that are meant now.  others: those that are not in named.  False when there
 * are none; why then says it, unless NULL. */
bool lang_resolve(const lang_run *r, lang_nodes nodes, sim_set named, sim_set *out,
                  const char **why);
/* The same for an act: the failure is told. */
bool lang_run_nodes_of(lang_run *r, lang_nodes nodes, sim_set named, sim_set *out);
bool lang_run_node_of(lang_run *r, lang_nodes nodes, sim_id *out); /* the first of them */
typedef bool lang_run_node_fn(sim *t, sim_id node, sim_error *error);
bool lang_run_one(lang_run *r, lang_nodes nodes, sim_id *out); /* 0 when nobody is named */
/* A request was made, unless id is 0: its number is kept under its name. */
bool lang_run_made(lang_run *r, const lang_args *a, uint64_t id, const sim_error *error);
const char *lang_run_name(const lang_run *r, const lang_args *a); /* or NULL */
bool lang_run_each(lang_run *r, lang_nodes nodes, lang_run_node_fn *fn);
sim_id lang_leader(const lang_run *r); /* of the highest term, not crashed; 0: none */

/* ---- conditions.c --------------------------------------------------------------------------
 */

bool lang_holds(lang_run *r, const lang_condition *c);
/* What is so, in the words of the condition; and what was wanted of the first atom that
 * does not hold (the whole condition when all do). */
void lang_describe(lang_run *r, const lang_condition *c, sim_text *wanted, sim_text *actual);

/* ---- values.c: how values read in a script
 * ---------------------------------------------------- */

void lang_field_show(const sim *t, const sim_field *f, sim_text *out);
/* Whether the note is one that the match means. */
bool lang_note_matches(lang_run *r, const lang_match *m, const sim_note *n);
bool lang_message_matches(lang_run *r, const sim_forged_field *fields, uint32_t n,
                          const sim_message *m);
bool lang_flight_matches(lang_run *r, const lang_match *m, const sim_flight *f);

/* ---- counters.c
 * ---------------------------------------------------------------------------------- */

void lang_count(void *run, const sim_note *n); /* a sim_observer's function */

/* ---- run_acts.c: the run functions of the table
 * ---------------------------------------------------- */

typedef bool lang_run_fn(lang_run *r, const lang_act *act);
lang_run_fn lang_run_note, lang_run_deliver, lang_run_settle, lang_run_drop, lang_run_duplicate,
    lang_run_delay, lang_run_reorder, lang_run_inject, lang_run_corrupt, lang_run_partition,
    lang_run_isolate, lang_run_cut, lang_run_hold, lang_run_release, lang_run_heal,
    lang_run_pause, lang_run_resume, lang_run_crash, lang_run_restart, lang_run_sync,
    lang_run_disk, lang_run_torn, lang_run_skew, lang_run_drift, lang_run_timeout,
    lang_run_heartbeat, lang_run_campaign, lang_run_elect, lang_run_step_down, lang_run_propose,
    lang_run_advance, lang_run_await, lang_run_never, lang_run_expect;
/* run_admin.c */
lang_run_fn lang_run_transfer, lang_run_change, lang_run_snapshot, lang_run_fail, lang_run_mend,
    lang_run_read;
/* sessions.c */
lang_run_fn lang_run_request, lang_run_retry;

#endif
