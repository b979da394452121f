/* bugs.c - names of planted bugs from the command line and from traces (see bugs.h). */
#include "tools/bugs.h"
#include "sim/base/text.h"
#include "sim/engine.h"
#include <stdio.h>

static uint32_t count(const char *const *names)
{
    uint32_t n = 0;
    while (names && names[n])
        n++;
    return n;
}

/* Whether any engine knows it; if not, the name that is nearest (or NULL), and how many
 * there are in all. */
static bool is_known(const char *name, const char **nearest, uint32_t *all)
{
    *nearest = NULL;
    *all = 0;
    for (size_t i = 0; sim_engine_names[i]; i++) {
        const sim_engine *e = sim_engine_find(sim_engine_names[i]);
        const uint32_t n = count(e->bug_names);
        if (sim_engine_bug(e, name))
            return true;
        *all += n;
        if (!*nearest && n)
            *nearest = sim_text_nearest(name, e->bug_names, n);
    }
    return false;
}

static const char none_text[] = "this wavetank is built without bugs that could be planted",
                  none_hint[] = "build it without -DRAFT_PLANTED_BUGS=0";

bool bugs_given(const char *command, const cmd_args *args, int option, bugs_list *out)
{
    out->n = cmd_values(args, option, out->names);
    for (uint32_t i = 0; i < out->n; i++) {
        const char *near;
        uint32_t all;
        char hint[128] = "all of them: wavetank help language";
        if (is_known(out->names[i], &near, &all))
            continue;
        if (near)
            snprintf(hint, sizeof hint, "did you mean '%s'?", near);
        if (all)
            cmd_mistake(hint, "%s: there is no bug '%s'", command, out->names[i]);
        else
            cmd_mistake(none_hint, "%s: --bug %s: %s", command, out->names[i], none_text);
        return false;
    }
    return true;
}

bool bugs_of_trace(const char *path, const trace_header *header)
{
    for (uint32_t i = 0; i < header->bugs_n; i++) {
        const char *near;
        uint32_t all;
        if (is_known(header->bugs[i], &near, &all))
            continue;
        if (all)
            cmd_mistake("--at and --step work without it",
                        "%s was made with the bug '%s', which this version does not know", path,
                        header->bugs[i]);
        else
            cmd_mistake(none_hint, "%s was made with the bug '%s': %s", path, header->bugs[i],
                        none_text);
        return false;
    }
    return true;
}
