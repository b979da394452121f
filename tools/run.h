/* run.h - the parts of `wavetank run`: one scenario, many at once, and how they are told.
 *
 * Ownership: a result owns its texts until run_result_free(). */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H
#include "tools/story.h"

typedef struct run_settings {
    const char *out;            /* the output folder; NULL: nothing is written */
    scenario_overrides over;    /* seed and bugs of the command line */
    const char *golden;         /* folder of traces to compare with, or NULL */
    bool bless;                 /* rewrite them instead */
    bool colour;                /* in reports */
    feature_registry *features; /* NULL: any name is accepted */
} run_settings;

typedef enum run_verdict {
    RUN_NOT_RUN, /* interrupted, or the disk was full before it came to it */
    RUN_PASSED,
    RUN_FAILED, /* also: a violation, or another trace than the golden one */
    RUN_NO_PROGRESS,
    RUN_MISTAKES, /* the scenario has some; nothing of it was run */
    RUN_SYSTEM,
    RUN_STOPPED, /* in the middle */
    RUN_VERDICT_COUNT
} run_verdict;

typedef struct run_result {
    run_verdict verdict;
    int code;
    bool fatal;                   /* nothing can be written any more: the others need not try */
    uint64_t expects, events, us; /* us: wall time */
    sim_text report;              /* for standard output */
    sim_text mistakes;            /* for standard error */
    sim_text why;                 /* one line; empty when passed */
    sim_text trace;               /* the path of its trace; empty when none was written */
} run_result;

void run_result_free(run_result *r);
const char *run_verdict_name(run_verdict v); /* "passed", "failed", "no progress", … */

/* Runs one scenario and writes what belongs below --out. */
void run_one(const run_settings *s, const load_name *name, const volatile bool *stop,
             run_result *out);

/* Runs them all, at most jobs at a time, each in a process of its own when that is more
 * than one.  done is called for each in the order of the list, as soon as that is
 * possible. */
typedef void run_done_fn(void *self, size_t i, const run_result *r);
void run_all(const run_settings *s, const load_list *list, unsigned jobs, run_result *results,
             run_done_fn *done, void *self);

/* ---- files below --out (outputs.c) -------------------------------------------------- */

/* OUT/KIND/NAME + suffix. */
void outputs_path(const char *out, const char *kind, const char *name, const char *suffix,
                  sim_text *path);
/* Writes metadata, tables and diagrams of a trace. */
bool outputs_write(const char *out, const char *name, const trace *t, files_error *error);
/* Removes what an earlier run made, where nothing is made from the trace this time. */
void outputs_remove(const char *out, const char *name);
/* Writes OUT/plantuml/NAME_N.puml for each section and adds their paths to written, unless
 * that is NULL.  options: NULL for the defaults. */
bool outputs_diagrams(const char *out, const char *name, const trace *t,
                      const trace_puml_options *options, files_list *written,
                      files_error *error);
/* Removes OUT/KIND/NAME_N + suffix, whatever N: a section that is gone must not leave its
 * diagram behind. */
void outputs_remove_old(const char *out, const char *kind, const char *name,
                        const char *suffix);

/* ---- for other programs (results.c) ---------------------------------------------------- */

typedef struct run_row {
    const load_name *name;
    const run_result *result;
} run_row;
void results_junit(const run_row *rows, size_t n, sim_text *out);
void results_tap(const run_row *rows, size_t n, sim_text *out);

/* ---- golden traces (golden.c) ---------------------------------------------------------- */

/* Compares a trace with GOLDEN/NAME.trace.jsonl, or rewrites that.  False when it differs
 * or cannot be read or written; what is to be told is added to out. */
bool golden_check(const run_settings *s, const load_name *name, const sim_text *bytes,
                  sim_text *out, bool *system_failed);

#endif
