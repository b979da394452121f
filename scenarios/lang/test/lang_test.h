/* lang_test.h - what the tests of the language share: a text in, its mistakes or its
 * outcome out, each as text that can be compared at a glance. */
#ifndef SCENARIOS_LANG_TEST_LANG_TEST_H
#define SCENARIOS_LANG_TEST_LANG_TEST_H
#include "scenarios/lang/scenario.h"
#include "sim/engine.h"
#include "tests/suite.h"
#include <string.h>

/* Files that can be included, by name. */
typedef struct lang_file {
    const char *path, *text;
} lang_file;

static inline bool lang_test_read(void *self, const char *from, const char *path,
                                  const char **resolved, const char **text, size_t *len,
                                  const char **error)
{
    (void)from;
    for (const lang_file *f = self; f && f->path; f++)
        if (!strcmp(f->path, path)) {
            *resolved = f->path;
            *text = f->text;
            *len = strlen(f->text);
            return true;
        }
    *error = "no such file";
    return false;
}

static inline bool lang_test_known(void *self, const char *name)
{
    (void)self;
    return strncmp(name, "leader_election.", 16) == 0;
}

static inline const char *lang_test_nearest(void *self, const char *name)
{
    (void)self;
    return strncmp(name, "leader", 6) == 0 ? "leader_election.re_election" : NULL;
}

static inline scenario *lang_test_parse(const char *text, size_t len, lang_file *files,
                                        scenario_diagnostics *d)
{
    const scenario_loader loader = {lang_test_read, files};
    const scenario_features features = {lang_test_known, lang_test_nearest, NULL};
    return scenario_parse("x.scenario", text, len, &loader, &features, d);
}

/* Each mistake as "LINE:COLUMN+WIDTH text | hint | within", the last two when they are there;
 * other files by their name in front. */
static inline void lang_test_mistakes(const scenario_diagnostics *d, sim_text *out)
{
    for (uint32_t i = 0; i < d->n; i++) {
        const scenario_diagnostic *q = &d->at[i];
        if (strcmp(q->file, "x.scenario") != 0)
            sim_text_format(out, "%s:", q->file);
        sim_text_format(out, "%u:%u+%u %s", q->line, q->column, q->width, q->text);
        if (q->hint)
            sim_text_format(out, " | %s", q->hint);
        if (q->within)
            sim_text_format(out, " | %s", q->within);
        sim_text_char(out, '\n');
    }
}

/* False: it plants a bug, and this build has none (RAFT_PLANTED_BUGS=0). */
static inline bool lang_test_can_run(const char *text)
{
    const sim_engine *native = sim_engine_find("native");
    return (native->bug_names && native->bug_names[0]) || !strstr(text, "\nbug ");
}

/* Runs a text; "passed", the mistakes, or "RESULT LINE text [| expected X | actual Y]". */
static inline void lang_test_run(const char *text, const scenario_overrides *o, sim_text *out)
{
    scenario_diagnostics d = {0};
    scenario *s = lang_test_parse(text, strlen(text), NULL, &d);
    sim *t = d.errors ? NULL : scenario_tank(s, o, &d);
    scenario_outcome q = {0};
    if (t)
        scenario_run(s, t, NULL, &q);
    lang_test_mistakes(&d, out);
    if (t && q.result == SCENARIO_PASSED)
        sim_text_put(out, "passed");
    else if (t)
        sim_text_format(out, "%s %u %s", scenario_result_name(q.result), q.where.line,
                        q.where.text);
    if (t && q.expected)
        sim_text_format(out, " | expected %s | actual %s", q.expected, q.actual);
    scenario_outcome_free(&q);
    if (t)
        sim_free(t);
    scenario_free(s);
    scenario_diagnostics_free(&d);
}

static inline int lang_test_main(const char *name, const TTest *const *tests)
{
    Suite *suite = suite_create(name);
    TCase *all = tcase_create(name);
    for (; *tests; tests++)
        tcase_add_test(all, *tests);
    suite_add_tcase(suite, all);
    return suite_main(suite);
}

#endif
