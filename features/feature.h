/* feature.h - what Raft and the tank can do, as data.
 *
 * A feature is `primary.branch`, defined by features/PRIMARY/BRANCH.md (a dot in a branch
 * is a folder): the first line is the short description, then `cite:` lines, a blank line,
 * and the narrative.  The registry is filled by whoever can read files, and then knows
 * every name, finds the nearest one, and makes the tree, the matrix and the list of holes.
 *
 * Ownership: the registry copies what it is given. */
#ifndef FEATURES_FEATURE_H
#define FEATURES_FEATURE_H
#include "sim/base/arena.h"
#include "sim/base/text.h"

typedef struct feature {
    const char *name;             /* "leader_election.all_yes_votes.with_pre_vote" */
    const char *primary, *branch; /* "leader_election", "all_yes_votes.with_pre_vote" */
    const char *path;             /* as it was given */
    const char *summary;          /* the first line */
    const char *const *cites;
    uint32_t cites_n;
    const char *narrative; /* paragraphs, as written */
} feature;

typedef struct feature_registry feature_registry;

/* What is wrong in a feature file, or in how scenarios name features. */
typedef struct feature_problem {
    const char *path; /* the file, or "" */
    uint32_t line;    /* 0: the whole file */
    const char *text, *hint;
} feature_problem;

feature_registry *feature_registry_new(void);
void feature_registry_free(feature_registry *r);

/* Adds a file.  path is relative to the features folder ("leader_election/re_election.md");
 * false with a problem added when its form is wrong. */
bool feature_registry_add(feature_registry *r, const char *path, const char *text, size_t len);
/* To be called after the last file: sorts. */
void feature_registry_seal(feature_registry *r);

const feature *feature_find(const feature_registry *r, const char *name);
const char *feature_nearest(const feature_registry *r, const char *name);
const feature *feature_list(const feature_registry *r, uint32_t *n); /* by name */
const feature_problem *feature_problems(const feature_registry *r, uint32_t *n);

/* Which scenario tests or uses what. */
void feature_scenario(feature_registry *r, const char *scenario);
void feature_use(feature_registry *r, const char *scenario, const char *name, bool tests);

void feature_tree(const feature_registry *r, bool colour, sim_text *out);
void feature_matrix(const feature_registry *r, bool colour, sim_text *out);
void feature_show(const feature *f, sim_text *out);
/* The scenarios that test it, and those that use it, one a line; nothing when none does. */
void feature_show_scenarios(const feature_registry *r, const feature *f, sim_text *out);
/* Machine-readable: feature,scenario,relation (RFC 4180). */
void feature_matrix_csv(const feature_registry *r, sim_text *out);
/* Holes (a feature that no scenario tests) and errors (a scenario that names no feature,
 * a name that is not defined, a file of the wrong form).  Returns how many of each. */
typedef struct feature_audit {
    uint32_t holes, errors;
} feature_audit;
feature_audit feature_check(const feature_registry *r, bool colour, sim_text *out);

#endif
