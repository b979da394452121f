/* engine.c - the engines by name. */
#include "sim/engine.h"

#include <string.h>

static const sim_engine *const engines[] = {&sim_engine_native};

const char *const sim_engine_names[] = {"native", NULL};

const sim_engine *sim_engine_find(const char *name)
{
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
        if (strcmp(engines[i]->name, name) == 0)
            return engines[i];
    return NULL;
}

uint64_t sim_engine_bug(const sim_engine *e, const char *name)
{
    for (uint32_t i = 0; e->bug_names && e->bug_names[i]; i++)
        if (strcmp(e->bug_names[i], name) == 0)
            return UINT64_C(1) << i;
    return 0;
}
