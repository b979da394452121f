/* tree.c - features as text for people: the tree of all, and one whole. */
#include "features/registry.h"
#include <assert.h>
#include <string.h>

enum {
    TREE_SUMMARY_COLUMN = 46,
    SHOW_COLUMNS = 80,
};

feature_colours feature_colours_of(bool colour)
{
    if (!colour)
        return (feature_colours){"", "", "", "", ""};
    return (feature_colours){"\033[1m", "\033[32m", "\033[31m", "\033[2m", "\033[0m"};
}

/* How deep a feature stands below its primary: 0 for a branch without a dot. */
static uint32_t depth(const feature *f)
{
    uint32_t n = 0;
    for (const char *c = f->branch; *c; c++)
        n += *c == '.';
    return n;
}

static void tree_line(const feature *f, feature_colours c, sim_text *out)
{
    /* A child shows its last word below its parent. */
    uint32_t levels = depth(f);
    const char *word = levels ? strrchr(f->branch, '.') + 1 : f->branch;
    size_t columns = 2 + 2 * (size_t)levels + strlen(word);
    sim_text_format(out, "%*s%s", 2 + 2 * (int)levels, "", word);
    /* Not sim_text_pad(): it would count the colours of the line. */
    do
        sim_text_char(out, ' ');
    while (++columns < TREE_SUMMARY_COLUMN);
    sim_text_format(out, "%s%s%s\n", c.dim, f->summary, c.off);
}

/* A folder of branches without a file of its own still needs its line in the tree. */
static void missing_parents(const feature *f, const feature *before, sim_text *out)
{
    uint32_t level = 0;
    const char *start = f->branch;
    for (const char *dot; (dot = strchr(start, '.')); start = dot + 1, level++) {
        size_t len = (size_t)(dot - f->branch);
        if (before && strncmp(before->branch, f->branch, len) == 0 &&
            (before->branch[len] == '.' || before->branch[len] == '\0'))
            continue;
        sim_text_format(out, "%*s%.*s\n", 2 + 2 * (int)level, "", (int)(dot - start), start);
    }
}

void feature_tree(const feature_registry *r, bool colour, sim_text *out)
{
    assert(r->sealed);
    feature_colours c = feature_colours_of(colour);
    for (uint32_t i = 0; i < r->features_n;) {
        uint32_t end = feature_primary_end(r, i), start = i;
        sim_text_format(out, "%s%s%s%s (%u)\n", i ? "\n" : "", c.strong, r->features[i].primary,
                        c.off, end - i);
        for (; i < end; i++) {
            missing_parents(&r->features[i], i > start ? &r->features[i - 1] : NULL, out);
            tree_line(&r->features[i], c, out);
        }
    }
}

/* One paragraph, its words flowing into lines.  Returns where the next one starts. */
static const char *show_paragraph(const char *s, sim_text *out)
{
    size_t column = 0;
    while (*s && !(s[0] == '\n' && s[1] == '\n')) {
        size_t len = strcspn(s, " \n");
        size_t columns = sim_text_columns(s, len);
        if (column && column + 1 + columns > SHOW_COLUMNS) {
            sim_text_char(out, '\n');
            column = 0;
        }
        if (column && len)
            sim_text_char(out, ' ');
        column += columns + (column && len ? 1 : 0);
        sim_text_add(out, s, len);
        s += len;
        if (*s == ' ' || (*s == '\n' && s[1] != '\n'))
            s++;
    }
    sim_text_char(out, '\n');
    while (*s == '\n')
        s++;
    return s;
}

void feature_show(const feature *f, sim_text *out)
{
    sim_text_format(out, "%s\n%s\n", f->name, f->summary);
    for (uint32_t i = 0; i < f->cites_n; i++)
        sim_text_format(out, "cite: %s\n", f->cites[i]);
    for (const char *s = f->narrative; *s;) {
        sim_text_char(out, '\n');
        s = show_paragraph(s, out);
    }
}

static void show_related(const feature_registry *r, const feature *f, bool tests,
                         const char *heading, sim_text *out)
{
    for (uint32_t i = 0; i < r->relations_n; i++) {
        const feature_relation *x = &r->relations[i];
        if (x->tests != tests || strcmp(x->name, f->name) != 0)
            continue;
        sim_text_format(out, "%s  %s\n", heading, r->scenarios[x->scenario]);
        heading = "";
    }
}

void feature_show_scenarios(const feature_registry *r, const feature *f, sim_text *out)
{
    assert(r->sealed);
    show_related(r, f, true, "\nTested by\n", out);
    show_related(r, f, false, "\nUsed by\n", out);
}
