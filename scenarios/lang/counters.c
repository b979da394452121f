/* counters.c - what `expect sent` and `expect event` ask for, counted while it happens, in
 * constant memory: what they look for is known before the run. */
#include "scenarios/lang/run.h"

#include <string.h>

static void start_section(lang_run *r, uint32_t section)
{
    const scenario *s = r->s;
    r->section = section;
    r->counters = r->counters_end;
    while (r->counters < s->counters_n && s->counters[r->counters]->section < section)
        r->counters++;
    r->counters_end = r->counters;
    while (r->counters_end < s->counters_n && s->counters[r->counters_end]->section == section)
        r->counters_end++;
}

void lang_count(void *run, const sim_note *n)
{
    lang_run *r = run;
    if (!r->out)
        return;
    if (n->section != r->section)
        start_section(r, n->section);
    for (size_t i = r->counters; i < r->counters_end; i++) {
        const lang_match *m = r->s->counters[i];
        if (n->kind == m->kind && lang_note_matches(r, m, n))
            r->counts[i]++;
    }
}
