/* registry.c - the registry of features: reads feature files, finds names, keeps which
 * scenario tests or uses what. */
#include "features/registry.h"
#include "sim/base/memory.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    FEATURE_SUMMARY_MAX = 120, /* code points: it stands beside the name in a terminal */
    FEATURE_CITES_MAX = 16,
};

feature_registry *feature_registry_new(void)
{
    return sim_alloc(sizeof(feature_registry));
}

void feature_registry_free(feature_registry *r)
{
    if (!r)
        return;
    sim_arena_free(&r->arena);
    free(r->features);
    free(r->problems);
    free(r->scenarios);
    free(r->relations);
    free(r);
}

static const char *keep(feature_registry *r, const char *s)
{
    return sim_arena_text(&r->arena, s, strlen(s));
}

/* Always false, so that a reader of files can return it. */
static bool problem(feature_registry *r, const char *path, uint32_t line, const char *text,
                    const char *hint)
{
    r->problems = sim_grow(r->problems, &r->problems_capacity, (size_t)r->problems_n + 1,
                           sizeof *r->problems);
    r->problems[r->problems_n++] =
        (feature_problem){keep(r, path), line, keep(r, text), hint ? keep(r, hint) : NULL};
    return false;
}

/* ---- a feature file ------------------------------------------------------------- */

typedef struct lines {
    const char *at, *end;
    uint32_t number; /* of the line that was taken last */
} lines;

/* The next line without its newline; false at the end. */
static bool next_line(lines *l, const char **line, size_t *len)
{
    if (l->at == l->end)
        return false;
    const char *newline = memchr(l->at, '\n', (size_t)(l->end - l->at));
    const char *stop = newline ? newline : l->end;
    *line = l->at;
    *len = (size_t)(stop - l->at);
    if (*len && (*line)[*len - 1] == '\r')
        (*len)--;
    l->at = newline ? newline + 1 : l->end;
    l->number++;
    return true;
}

static bool is_word(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '_'))
            return false;
    return len > 0;
}

/* "a/b/c.md" to "a.b.c"; NULL when it has another form. */
static char *name_of_path(feature_registry *r, const char *path)
{
    size_t len = strlen(path);
    if (len < 3 || strcmp(path + len - 3, ".md") != 0)
        return NULL;
    char *name = sim_arena_text(&r->arena, path, len - 3);
    uint32_t words = 0;
    for (char *word = name;;) {
        size_t n = strcspn(word, "/");
        if (!is_word(word, n))
            return NULL;
        words++;
        if (!word[n])
            return words >= 2 ? name : NULL;
        word[n] = '.';
        word += n + 1;
    }
}

static void name_feature(feature_registry *r, feature *f, const char *name)
{
    size_t primary_len = strcspn(name, ".");
    f->name = name;
    f->primary = sim_arena_text(&r->arena, name, primary_len);
    f->branch = name + primary_len + 1;
}

static bool read_summary(feature_registry *r, feature *f, lines *l)
{
    const char *line;
    size_t len;
    if (!next_line(l, &line, &len) || len == 0)
        return problem(r, f->path, 1, "the first line is empty",
                       "the first line is the short description of the feature");
    if (line[0] == '#')
        return problem(r, f->path, 1, "the first line is a heading",
                       "write the short description without a mark");
    if (len >= 5 && memcmp(line, "cite:", 5) == 0)
        return problem(r, f->path, 1, "the short description is missing",
                       "it comes first, before the citations");
    if (sim_text_columns(line, len) > FEATURE_SUMMARY_MAX)
        return problem(r, f->path, 1, "the short description is too long",
                       "at most 120 characters; the narrative has room for more");
    f->summary = sim_arena_text(&r->arena, line, len);
    return true;
}

static bool read_cites(feature_registry *r, feature *f, lines *l)
{
    const char *cites[FEATURE_CITES_MAX];
    const char *line;
    size_t len;
    while (next_line(l, &line, &len) && len > 0) {
        if (len < 5 || memcmp(line, "cite:", 5) != 0)
            return problem(r, f->path, l->number, "expected a line 'cite: …' or an empty line",
                           "the narrative starts after an empty line");
        size_t skip = 5;
        while (skip < len && line[skip] == ' ')
            skip++;
        if (skip == len)
            return problem(r, f->path, l->number, "the citation is empty",
                           "for example: cite: Raft thesis 3.4");
        if (f->cites_n == FEATURE_CITES_MAX)
            return problem(r, f->path, l->number, "more than 16 citations", NULL);
        cites[f->cites_n++] = sim_arena_text(&r->arena, line + skip, len - skip);
    }
    const char **kept = sim_arena_take(&r->arena, (f->cites_n + 1) * sizeof *kept);
    memcpy(kept, cites, f->cites_n * sizeof *kept);
    f->cites = kept;
    return true;
}

static bool read_narrative(feature_registry *r, feature *f, lines *l)
{
    while (l->at < l->end && strchr(" \r\n", *l->at))
        l->at++;
    while (l->end > l->at && strchr(" \r\n", l->end[-1]))
        l->end--;
    if (l->at == l->end)
        return problem(r, f->path, 0, "the narrative is missing",
                       "after an empty line: what happens, why, and what goes wrong without");
    f->narrative = sim_arena_text(&r->arena, l->at, (size_t)(l->end - l->at));
    return true;
}

/* Before sealing, names stand in no order. */
static bool is_taken(const feature_registry *r, const char *name)
{
    for (uint32_t i = 0; i < r->features_n; i++)
        if (strcmp(r->features[i].name, name) == 0)
            return true;
    return false;
}

bool feature_registry_add(feature_registry *r, const char *path, const char *text, size_t len)
{
    assert(!r->sealed);
    feature f = {.path = keep(r, path)};
    const char *name = name_of_path(r, path);
    if (!name)
        return problem(r, path, 0, "the name of the file is not that of a feature",
                       "PRIMARY/BRANCH.md, in small letters, digits and '_'");
    if (is_taken(r, name))
        return problem(r, path, 0, "the feature is defined twice", NULL);
    size_t bad;
    if (!sim_text_utf8(text, len, &bad))
        return problem(r, path, 0, "the file is not UTF-8 text", NULL);
    name_feature(r, &f, name);
    lines l = {text, text + len, 0};
    if (!read_summary(r, &f, &l) || !read_cites(r, &f, &l) || !read_narrative(r, &f, &l))
        return false;
    r->features = sim_grow(r->features, &r->features_capacity, (size_t)r->features_n + 1,
                           sizeof *r->features);
    r->features[r->features_n++] = f;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const feature *)a)->name, ((const feature *)b)->name);
}

static int by_path(const void *a, const void *b)
{
    const feature_problem *p = a, *q = b;
    int order = strcmp(p->path, q->path);
    return order ? order : (p->line > q->line) - (p->line < q->line);
}

void feature_registry_seal(feature_registry *r)
{
    if (r->features_n)
        qsort(r->features, r->features_n, sizeof *r->features, by_name);
    if (r->problems_n)
        qsort(r->problems, r->problems_n, sizeof *r->problems, by_path);
    r->sealed = true;
}

/* ---- looking up ------------------------------------------------------------------- */

const feature *feature_find(const feature_registry *r, const char *name)
{
    assert(r->sealed);
    feature key = {.name = name};
    return r->features_n
               ? bsearch(&key, r->features, r->features_n, sizeof *r->features, by_name)
               : NULL;
}

/* A branch that was written without its primary, or with a wrong one, names its feature
 * better than any distance between letters. */
static const char *same_branch(const feature_registry *r, const char *name)
{
    const char *dot = strchr(name, '.');
    for (uint32_t i = 0; i < r->features_n; i++) {
        const char *branch = r->features[i].branch;
        if (strcmp(branch, name) == 0 || (dot && strcmp(branch, dot + 1) == 0))
            return r->features[i].name;
    }
    return NULL;
}

const char *feature_nearest(const feature_registry *r, const char *name)
{
    assert(r->sealed);
    const char *found = same_branch(r, name);
    if (found || r->features_n == 0)
        return found;
    const char **names = sim_alloc(r->features_n * sizeof *names);
    for (uint32_t i = 0; i < r->features_n; i++)
        names[i] = r->features[i].name;
    found = sim_text_nearest(name, names, r->features_n);
    free(names);
    return found;
}

const feature *feature_list(const feature_registry *r, uint32_t *n)
{
    assert(r->sealed);
    *n = r->features_n;
    return r->features;
}

const feature_problem *feature_problems(const feature_registry *r, uint32_t *n)
{
    *n = r->problems_n;
    return r->problems;
}

uint32_t feature_primary_end(const feature_registry *r, uint32_t start)
{
    uint32_t i = start;
    while (i < r->features_n && strcmp(r->features[i].primary, r->features[start].primary) == 0)
        i++;
    return i;
}

/* ---- scenarios ---------------------------------------------------------------------- */

/* From the youngest on: a scenario's features are told together. */
static uint32_t scenario_index(feature_registry *r, const char *scenario)
{
    for (uint32_t i = r->scenarios_n; i-- > 0;)
        if (strcmp(r->scenarios[i], scenario) == 0)
            return i;
    r->scenarios = sim_grow(r->scenarios, &r->scenarios_capacity, (size_t)r->scenarios_n + 1,
                            sizeof *r->scenarios);
    r->scenarios[r->scenarios_n] = keep(r, scenario);
    return r->scenarios_n++;
}

void feature_scenario(feature_registry *r, const char *scenario)
{
    scenario_index(r, scenario);
}

void feature_use(feature_registry *r, const char *scenario, const char *name, bool tests)
{
    uint32_t index = scenario_index(r, scenario);
    for (uint32_t i = 0; i < r->relations_n; i++) {
        const feature_relation *known = &r->relations[i];
        if (known->scenario == index && known->tests == tests && !strcmp(known->name, name))
            return;
    }
    r->relations = sim_grow(r->relations, &r->relations_capacity, (size_t)r->relations_n + 1,
                            sizeof *r->relations);
    r->relations[r->relations_n++] = (feature_relation){index, keep(r, name), tests};
}

uint32_t feature_relations_count(const feature_registry *r, const char *name, bool tests)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->relations_n; i++)
        n += r->relations[i].tests == tests && strcmp(r->relations[i].name, name) == 0;
    return n;
}
