/* scenario.h - the scenario language: from text to a tank that was moved by it.
 *
 *     scenario_loader loader = {read_file, self};
 *     scenario *s = scenario_parse("split.scenario", text, len, &loader, &features, &diags);
 *     if (diags.errors == 0) {
 *         sim *t = scenario_tank(s, NULL, &diags);
 *         scenario_run(s, t, NULL, &outcome);
 *     }
 *
 * The parser reports every mistake of a file before anything runs.  Nothing here opens a
 * file, prints, or reads a clock: text comes from the loader, mistakes and outcomes are
 * returned.
 *
 * Ownership: a scenario owns its text and everything that it points to, until
 * scenario_free(); it must outlive the tanks made from it. */
#ifndef SCENARIOS_LANG_SCENARIO_H
#define SCENARIOS_LANG_SCENARIO_H
#include "sim/sim.h"

enum {
    SCENARIO_LINE_MAX = 1 << 16,  /* bytes in a line */
    SCENARIO_TEXT_MAX = 16 << 20, /* bytes in a file */
    SCENARIO_INCLUDE_DEPTH_MAX = 16,
    SCENARIO_EXPANDED_MAX = 1000000, /* commands after repeat, for and define */
    SCENARIO_DIAGNOSTICS_MAX = 100,  /* more are counted, not kept */
};

/* ---- diagnostics --------------------------------------------------------------- */

typedef struct scenario_diagnostic {
    const char *file;
    uint32_t line, column, width; /* 1, 1, …; column and width in code points */
    const char *text;             /* "there is no node 'n7' in this cluster" */
    const char *source;           /* the line, or NULL; a piece of it when it is very long */
    uint32_t caret;               /* the column of source under which the caret stands */
    const char *hint;             /* or NULL */
    const char *within;           /* "in 'elect_and_commit', called at FILE:LINE", or NULL */
} scenario_diagnostic;

typedef struct scenario_diagnostics {
    scenario_diagnostic *at;
    uint32_t n;      /* kept */
    uint32_t errors; /* found; the same mistake at the same place counts once */
    uint64_t told;   /* found, however often */
    uint64_t passed; /* rounds of lines that had told enough: nobody looked at them */
    sim_arena arena;
    size_t capacity;
} scenario_diagnostics; /* zero-initialised is empty */

/* Appends one diagnostic the way SCENARIOS shows it: place, "error:", text, the line, a
 * caret line and the hint.  colour: with ANSI colours. */
void scenario_diagnostic_show(const scenario_diagnostic *d, bool colour, sim_text *out);
void scenario_diagnostics_free(scenario_diagnostics *d);

/* ---- parsing ------------------------------------------------------------------- */

/* Reads an included file.  path is as the scenario wrote it, from the including file's
 * folder; *resolved is what names the file in diagnostics and tells the same file again.
 * False with *error when that failed.  The text is copied before the next call. */
typedef struct scenario_loader {
    bool (*read)(void *self, const char *from, const char *path, const char **resolved,
                 const char **text, size_t *len, const char **error);
    void *self;
} scenario_loader;

/* Which feature names exist; all NULL: any name is accepted. */
typedef struct scenario_features {
    bool (*known)(void *self, const char *name);
    const char *(*nearest)(void *self, const char *name); /* or NULL */
    void *self;
} scenario_features;

typedef struct scenario_section {
    const char *title;
    bool prepare;
    uint32_t line;
    const char *const *uses, *const *tests;
    uint32_t uses_n, tests_n;
} scenario_section;

typedef struct scenario_file { /* a text that the scenario is made of; the first is itself */
    const char *path;          /* as the diagnostics name it */
    const char *text;
    size_t len;
} scenario_file;

typedef struct scenario scenario;

/* Never NULL; use it only when no errors were added to diags.  An unset title is the
 * file's base name without its ending.
 * path names the scenario in diagnostics. */
scenario *scenario_parse(const char *path, const char *text, size_t len,
                         const scenario_loader *loader, const scenario_features *features,
                         scenario_diagnostics *diags);
void scenario_free(scenario *s);

const char *scenario_title(const scenario *s);
const char *scenario_about(const scenario *s); /* "" when there is none */
const char *const *scenario_cites(const scenario *s, uint32_t *n);
const scenario_section *scenario_sections(const scenario *s, uint32_t *n);
const scenario_file *scenario_files(const scenario *s, uint32_t *n);
const sim_config *scenario_config(const scenario *s); /* as the file sets it up */

/* ---- running ------------------------------------------------------------------- */

/* What the caller may set over the file. */
typedef struct scenario_overrides {
    const uint64_t *seed;          /* NULL: the file's */
    const sim_observer *observers; /* attached before the nodes boot */
    uint32_t observers_n;
    const char *const *bugs; /* names of bugs to plant besides the file's own */
    uint32_t bugs_n;
} scenario_overrides;

/* A tank as the scenario describes it.  NULL with a diagnostic when that is impossible. */
sim *scenario_tank(const scenario *s, const scenario_overrides *o, scenario_diagnostics *diags);

typedef enum scenario_result {
    SCENARIO_PASSED,
    SCENARIO_FAILED,      /* an expectation failed, or a command could not do what it says */
    SCENARIO_VIOLATION,   /* an invariant was broken */
    SCENARIO_NO_PROGRESS, /* a limit was passed */
    SCENARIO_STOPPED,     /* the caller asked */
} scenario_result;

typedef struct scenario_outcome {
    scenario_result result;
    uint32_t expects; /* expectations that were checked */
    /* When not passed: where and what, owned by the scenario's outcome. */
    scenario_diagnostic where;
    char *expected, *actual; /* "n3 term 2", "n3 term 1"; NULL when it was no expectation */
    sim_arena arena;
} scenario_outcome;

/* Runs to the end or the first failure.  stop, when not NULL, is looked at between
 * commands and events; true ends the run with SCENARIO_STOPPED. */
void scenario_run(const scenario *s, sim *t, const volatile bool *stop, scenario_outcome *out);
void scenario_outcome_free(scenario_outcome *out);
const char *scenario_result_name(scenario_result r); /* "passed", "failed", … as in traces */

/* ---- the table of commands ------------------------------------------------------ */

/* From this table come the parser, `wavetank help COMMAND`, the reference page, and
 * completion. */
typedef struct scenario_command_info {
    const char *name;           /* "partition" */
    const char *group;          /* "Links and nodes" */
    const char *forms;          /* canonical forms, one a line */
    const char *summary;        /* one line */
    const char *text;           /* a paragraph or more */
    const char *example;        /* a whole scenario that passes; a test runs each */
    const struct lang_how *how; /* how it is parsed and run: the language's own */
} scenario_command_info;

const scenario_command_info *scenario_commands(uint32_t *n); /* in the order of the reference */
const scenario_command_info *scenario_conditions(uint32_t *n); /* the same for conditions */

/* Plain text for a terminal about a command, a condition or an option.  False, with the
 * nearest name in out when there is one, for a name that is none of these. */
bool scenario_help(const char *name, sim_text *out);
/* The reference page of the language, in Markdown. */
void scenario_reference(sim_text *out);
/* Tells every word that a scenario can be completed with.  kind: command, condition,
 * option, message, app, engine, event, word. */
typedef void scenario_name_fn(void *self, const char *kind, const char *name);
void scenario_names(scenario_name_fn *fn, void *self);

#endif
