/* audit.c - what is wrong between features and scenarios: files of the wrong form,
 * scenarios that name nothing or nothing that exists, and features that no scenario tests. */
#include "features/registry.h"
#include <assert.h>
#include <string.h>

static void audit_line(const char *colour, const char *kind, const char *off, const char *place,
                       uint32_t line, const char *text, const char *hint, sim_text *out)
{
    sim_text_format(out, "%s%s:%s ", colour, kind, off);
    if (place[0])
        sim_text_put(out, place);
    if (place[0] && line)
        sim_text_format(out, ":%u", line);
    sim_text_format(out, "%s%s\n", place[0] ? ": " : "", text);
    if (hint)
        sim_text_format(out, "       = %s\n", hint);
}

static uint32_t check_files(const feature_registry *r, feature_colours c, sim_text *out)
{
    for (uint32_t i = 0; i < r->problems_n; i++) {
        const feature_problem *p = &r->problems[i];
        audit_line(c.bad, "error", c.off, p->path, p->line, p->text, p->hint, out);
    }
    return r->problems_n;
}

static uint32_t check_names(const feature_registry *r, uint32_t scenario, feature_colours c,
                            sim_text *out)
{
    uint32_t named = 0, errors = 0;
    for (uint32_t i = 0; i < r->relations_n; i++) {
        const feature_relation *rel = &r->relations[i];
        if (rel->scenario != scenario)
            continue;
        named++;
        if (feature_find(r, rel->name))
            continue;
        errors++;
        sim_text text = {0}, hint = {0};
        sim_text_format(&text, "there is no feature '%s'", rel->name);
        const char *nearest = feature_nearest(r, rel->name);
        if (nearest)
            sim_text_format(&hint, "did you mean '%s'?", nearest);
        audit_line(c.bad, "error", c.off, r->scenarios[scenario], 0, text.at, hint.at, out);
        sim_text_free(&text);
        sim_text_free(&hint);
    }
    if (named)
        return errors;
    audit_line(c.bad, "error", c.off, r->scenarios[scenario], 0,
               "the scenario names no feature",
               "say in a section what it tests: tests PRIMARY.BRANCH", out);
    return 1;
}

static uint32_t check_holes(const feature_registry *r, feature_colours c, sim_text *out)
{
    uint32_t holes = 0;
    for (uint32_t i = 0; i < r->features_n; i++) {
        const char *name = r->features[i].name;
        if (feature_relations_count(r, name, true))
            continue;
        holes++;
        audit_line(c.strong, "hole", c.off, name, 0,
                   feature_relations_count(r, name, false) ? "scenarios use it, none tests it"
                                                           : "no scenario names it",
                   NULL, out);
    }
    return holes;
}

feature_audit feature_check(const feature_registry *r, bool colour, sim_text *out)
{
    assert(r->sealed);
    feature_colours c = feature_colours_of(colour);
    feature_audit audit = {0};
    audit.errors = check_files(r, c, out);
    for (uint32_t i = 0; i < r->scenarios_n; i++)
        audit.errors += check_names(r, i, c, out);
    audit.holes = check_holes(r, c, out);
    sim_text_format(out, "%u feature%s, %u scenario%s: %u error%s, %u hole%s\n", r->features_n,
                    sim_plural(r->features_n), r->scenarios_n, sim_plural(r->scenarios_n),
                    audit.errors, sim_plural(audit.errors), audit.holes,
                    sim_plural(audit.holes));
    return audit;
}
