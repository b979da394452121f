/* load.h - scenarios and features from disk, and the names that they go by.
 *
 * A scenario's name is its path relative to the scenario root, without ".scenario": what
 * stands below --out and in a trace, the same on every machine.  The root is the nearest
 * folder above it that is called "scenarios"; else the current folder when the scenario
 * lies in it; else the folder that was named on the command line; else its own.
 *
 * Ownership: load_free() and load_registry_free() free all; strings inside live until
 * then. */
#ifndef TOOLS_LOAD_H
#define TOOLS_LOAD_H
#include "features/feature.h"
#include "scenarios/lang/scenario.h"
#include "tools/files.h"
#include "traces/trace.h"

enum { LOAD_DIAGNOSTICS_SHOWN = SCENARIO_DIAGNOSTICS_MAX };

typedef struct load_name {
    sim_text path; /* as it was given, for diagnostics: "scenarios/elections/split.scenario" */
    sim_text root; /* the scenario root, from "/" */
    sim_text file; /* below the root: "elections/split.scenario" */
    sim_text short_name; /* the same without ".scenario" */
} load_name;

/* given: the folder or file of the command line that led to path. */
bool load_name_of(load_name *n, const char *path, const char *given, files_error *error);
void load_name_free(load_name *n);

/* ---- features --------------------------------------------------------------------- */

/* Finds the folder of features: folder when it is not NULL, else $WAVETANK_FEATURES, else
 * "features" in the current folder or above, else beside the program's own folder.  NULL
 * with *error when there is none or it cannot be read.  *found: which one; may be NULL. */
feature_registry *load_registry(const char *folder, sim_text *found, files_error *error);

/* A registry as the language asks for it; NULL: any name is accepted. */
scenario_features load_features(feature_registry *registry);

/* ---- traces ----------------------------------------------------------------------- */

/* A trace is held in memory whole, with several times its bytes: no more is read of one. */
enum { LOAD_TRACE_BYTES_MAX = 1 << 30 };

/* Reads a trace's file.  False with the exit code when that was told. */
bool load_trace_bytes(const char *path, sim_text *out, int *code);
/* Takes its bytes apart; NULL with the exit code when what is wrong was told. */
trace *load_trace(const char *path, const sim_text *bytes, int *code);

/* ---- scenarios -------------------------------------------------------------------- */

typedef struct load {
    scenario *scenario; /* NULL when the file could not be read */
    scenario_diagnostics diags;
    files_error error; /* when scenario is NULL */
    sim_text text;     /* of the file */
} load;

/* Reads and parses.  False when there is anything wrong; load_tell() says what. */
bool load_scenario(load *l, const char *path, feature_registry *registry);
/* The same from a trace's header, which holds every text. */
bool load_from_header(load *l, const trace_header *header);
/* Adds every mistake as text.  Returns the exit code that they come to. */
int load_tell(const load *l, bool colour, sim_text *out);
void load_free(load *l);

/* What stands on the first line of the trace of this scenario.  Strings live in the arena,
 * the scenario or its engine. */
void load_header(const scenario *s, const load_name *name, const scenario_overrides *over,
                 sim_arena *arena, trace_header *out);

/* Finds every scenario under the paths of a command line, each once, in order.  Tells
 * mistakes itself; the exit code is the worst of them. */
typedef struct load_list {
    load_name *at;
    size_t n, capacity;
} load_list;
int load_find(char **paths, int n, load_list *out);
void load_list_free(load_list *list);

#endif
