/* registry.h - the inside of the feature registry, for the files of this folder only.
 *
 * registry.c reads the files and keeps the facts; tree.c, matrix.c and audit.c print what
 * the registry knows.  Always true once it is sealed: features are in the order of their
 * names, no name stands twice, and each relation is (scenario, name, tests) once. */
#ifndef FEATURES_REGISTRY_H
#define FEATURES_REGISTRY_H
#include "features/feature.h"

/* Scenario `scenario` (an index) names `name`, as something that it tests or uses. */
typedef struct feature_relation {
    uint32_t scenario;
    const char *name;
    bool tests;
} feature_relation;

struct feature_registry {
    sim_arena arena;
    feature *features;
    feature_problem *problems;
    const char **scenarios; /* in the order in which they were told; no name twice */
    feature_relation *relations;
    uint32_t features_n, problems_n, scenarios_n, relations_n;
    size_t features_capacity, problems_capacity, scenarios_capacity, relations_capacity;
    bool sealed;
};

/* The features of one primary stand together: returns where the next primary starts. */
uint32_t feature_primary_end(const feature_registry *r, uint32_t start);
/* How many scenarios have this relation to the feature. */
uint32_t feature_relations_count(const feature_registry *r, const char *name, bool tests);

/* Colours, empty when colour is false. */
typedef struct feature_colours {
    const char *strong, *good, *bad, *dim, *off;
} feature_colours;
feature_colours feature_colours_of(bool colour);

#endif
