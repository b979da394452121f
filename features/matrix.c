/* matrix.c - features against scenarios: for people, grouped by primary, and as CSV.
 *
 * A grid of all features by all scenarios fits no terminal, so each feature is a line that
 * names the scenarios that test it and those that only use it. */
#include "features/registry.h"
#include "sim/base/memory.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    MATRIX_NAMES_COLUMN = 42,
    MATRIX_COLUMNS = 110,
};

/* A line that breaks between words and counts columns itself, since colours have none. */
typedef struct flow {
    sim_text *out;
    size_t column;
} flow;

static void flow_to(flow *f, size_t column)
{
    do {
        sim_text_char(f->out, ' ');
        f->column++;
    } while (f->column < column);
}

/* A new line, unless this one is still empty. */
static void flow_break(flow *f)
{
    if (f->column == MATRIX_NAMES_COLUMN)
        return;
    sim_text_char(f->out, '\n');
    f->column = 0;
    flow_to(f, MATRIX_NAMES_COLUMN);
}

static void flow_word(flow *f, const char *before, const char *word, const char *after)
{
    size_t columns = sim_text_columns(word, strlen(word));
    if (f->column > MATRIX_NAMES_COLUMN && f->column + 1 + columns > MATRIX_COLUMNS)
        flow_break(f);
    else if (f->column > MATRIX_NAMES_COLUMN)
        flow_to(f, 0);
    sim_text_format(f->out, "%s%s%s", before, word, after);
    f->column += columns;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The scenarios with this relation to the feature, by name; the caller frees them. */
static const char **scenarios_of(const feature_registry *r, const char *name, bool tests,
                                 uint32_t *n)
{
    const char **found = sim_alloc((r->scenarios_n + 1) * sizeof *found);
    *n = 0;
    for (uint32_t i = 0; i < r->relations_n; i++)
        if (r->relations[i].tests == tests && strcmp(r->relations[i].name, name) == 0)
            found[(*n)++] = r->scenarios[r->relations[i].scenario];
    qsort(found, *n, sizeof *found, by_text);
    return found;
}

/* What has this relation to the feature, on lines of its own. */
static void names_lines(const feature_registry *r, const feature *f, bool tests,
                        const char *label, const char *colour, const char *off, flow *line)
{
    uint32_t n;
    const char **names = scenarios_of(r, f->name, tests, &n);
    if (n) {
        flow_break(line);
        flow_word(line, colour, label, off);
    }
    for (uint32_t i = 0; i < n; i++) {
        sim_text word = {0};
        sim_text_put(&word, names[i]);
        if (i + 1 < n)
            sim_text_char(&word, ',');
        flow_word(line, "", word.at, "");
        sim_text_free(&word);
    }
    free(names);
}

static void matrix_line(const feature_registry *r, const feature *f, feature_colours c,
                        sim_text *out)
{
    flow line = {out, 2 + strlen(f->branch)};
    sim_text_format(out, "  %s", f->branch);
    flow_to(&line, MATRIX_NAMES_COLUMN);
    if (!feature_relations_count(r, f->name, true))
        flow_word(&line, c.bad, "no scenario tests it", c.off);
    names_lines(r, f, true, "tests:", c.good, c.off, &line);
    names_lines(r, f, false, "uses:", c.dim, c.off, &line);
    sim_text_char(out, '\n');
}

void feature_matrix(const feature_registry *r, bool colour, sim_text *out)
{
    assert(r->sealed);
    feature_colours c = feature_colours_of(colour);
    uint32_t tested_in_all = 0;
    for (uint32_t i = 0; i < r->features_n;) {
        uint32_t end = feature_primary_end(r, i), tested = 0;
        for (uint32_t k = i; k < end; k++)
            tested += feature_relations_count(r, r->features[k].name, true) > 0;
        sim_text_format(out, "%s%s%s: %u of %u tested\n", c.strong, r->features[i].primary,
                        c.off, tested, end - i);
        for (; i < end; i++)
            matrix_line(r, &r->features[i], c, out);
        sim_text_char(out, '\n');
        tested_in_all += tested;
    }
    sim_text_format(out, "%u of %u feature%s %s tested, by %u scenario%s\n", tested_in_all,
                    r->features_n, sim_plural(r->features_n), tested_in_all == 1 ? "is" : "are",
                    r->scenarios_n, sim_plural(r->scenarios_n));
}

static void csv_field(const char *s, sim_text *out)
{
    if (!s[strcspn(s, ",\"\r\n")]) {
        sim_text_put(out, s);
        return;
    }
    sim_text_char(out, '"');
    for (; *s; s++) {
        if (*s == '"')
            sim_text_char(out, '"');
        sim_text_char(out, *s);
    }
    sim_text_char(out, '"');
}

static void csv_rows(const feature_registry *r, const feature *f, bool tests, sim_text *out)
{
    uint32_t n;
    const char **names = scenarios_of(r, f->name, tests, &n);
    for (uint32_t i = 0; i < n; i++) {
        csv_field(f->name, out);
        sim_text_char(out, ',');
        csv_field(names[i], out);
        sim_text_put(out, tests ? ",tests\n" : ",uses\n");
    }
    free(names);
}

/* Quoting as RFC 4180; lines end as text does here, so that cut and grep find the last
 * column clean.  A hole is a feature without a row that says "tests". */
void feature_matrix_csv(const feature_registry *r, sim_text *out)
{
    assert(r->sealed);
    sim_text_put(out, "feature,scenario,relation\n");
    for (uint32_t i = 0; i < r->features_n; i++) {
        csv_rows(r, &r->features[i], true, out);
        csv_rows(r, &r->features[i], false, out);
    }
}
