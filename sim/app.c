/* app.c - the table of applications. */
#include "sim/app.h"
#include "sim/apps/apps.h"
#include <string.h>

static const sim_app *const apps[] = {&sim_app_counter, &sim_app_kv, &sim_app_bank,
                                      &sim_app_queue, &sim_app_lock};
const char *const sim_app_names[] = {"counter", "kv", "bank", "queue", "lock", NULL};

const sim_app *sim_app_find(const char *name)
{
    for (size_t i = 0; i < sizeof apps / sizeof apps[0]; i++)
        if (!strcmp(apps[i]->name, name))
            return apps[i];
    return NULL;
}
