/* diagnostics.c - mistakes with their place, and how they are shown. */
#include "scenarios/lang/lang.h"

#include "sim/base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SOURCE_COLUMNS_MAX = 160, /* of a line that is quoted */
    BEFORE_COLUMNS_MAX = 40,  /* of them before the mistake, when the line is cut */
    QUOTE_MAX = 60,
    WITHIN_MAX = 4, /* callers that are named */
};

/* Neither a control character nor one of the second set, U+0080 to U+009F. */
static bool is_printable(const char *s, size_t len)
{
    unsigned char c = (unsigned char)s[0];
    return c >= 0x20 && c != 0x7F && !(len == 2 && c == 0xC2 && (unsigned char)s[1] < 0xA0);
}

/* The text without what a terminal would act on; each broken byte becomes one '?'. */
static void put_clean(sim_text *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t bad = 0, n = len - i < 4 ? len - i : 4, take = 1;
        while (take < n && !sim_text_utf8(s + i, take, &bad))
            take++;
        if (!sim_text_utf8(s + i, take, &bad))
            take = 1, sim_text_char(out, '?');
        else if (s[i] == '\t')
            sim_text_char(out, ' ');
        else if (is_printable(s + i, take))
            sim_text_add(out, s + i, take);
        else
            sim_text_char(out, '?');
        i += take;
    }
}

const char *lang_keep(sim_arena *a, sim_text *t)
{
    const char *kept = sim_arena_text(a, t->at ? t->at : "", t->len);
    sim_text_free(t);
    return kept;
}

const char *lang_format(sim_arena *a, const char *format, ...)
{
    sim_text t = {0};
    va_list args;
    va_start(args, format);
    sim_text_vformat(&t, format, args);
    va_end(args);
    return lang_keep(a, &t);
}

const char *lang_quote(sim_arena *a, const char *s, size_t len)
{
    size_t shown = len;
    if (shown > QUOTE_MAX) {
        shown = QUOTE_MAX - 3;
        while (shown && ((unsigned char)s[shown] & 0xC0) == 0x80)
            shown--;
    }
    sim_text t = {0};
    sim_text_char(&t, '\'');
    put_clean(&t, s, shown);
    sim_text_put(&t, shown < len ? "…'" : "'");
    return lang_keep(a, &t);
}

/* The byte at which the column begins (1 is the first), at most len. */
static size_t byte_of(const char *s, size_t len, uint32_t column)
{
    size_t i = 0;
    for (uint32_t at = 1; at < column && i < len; at++) {
        i++;
        while (i < len && ((unsigned char)s[i] & 0xC0) == 0x80)
            i++;
    }
    return i;
}

/* The line when it is short, else a piece of it around the column. */
static void quote_line(scenario_diagnostic *d, sim_arena *a, const lang_line *line)
{
    const char *s = line->source;
    size_t len = line->source_len;
    sim_text t = {0};
    uint32_t first = 1;
    if (len > SOURCE_COLUMNS_MAX && d->column > SOURCE_COLUMNS_MAX - BEFORE_COLUMNS_MAX)
        first = d->column - BEFORE_COLUMNS_MAX;
    size_t from = byte_of(s, len, first);
    size_t to = from + byte_of(s + from, len - from, SOURCE_COLUMNS_MAX + 1);
    if (from)
        sim_text_put(&t, "…");
    put_clean(&t, s + from, to - from);
    if (to < len)
        sim_text_put(&t, "…");
    d->caret = d->column - first + 1 + (from ? 1 : 0);
    d->source = lang_keep(a, &t);
}

static const char *frames(sim_arena *a, const lang_frame *f)
{
    sim_text t = {0};
    uint32_t n = 0;
    for (; f && n < WITHIN_MAX; f = f->up, n++) {
        if (n)
            sim_text_put(&t, ", ");
        const char *file = f->line->file->path;
        switch (f->kind) {
        case LANG_IN_DEFINE:
            sim_text_format(&t, "in '%s', called at %s:%u", f->name, file, f->line->number);
            break;
        case LANG_IN_FOR:
            sim_text_format(&t, "with %s = %s, from %s:%u", f->name,
                            lang_quote(a, f->values->text, f->values->len), file,
                            f->line->number);
            break;
        case LANG_IN_INCLUDE:
            sim_text_format(&t, "included at %s:%u", file, f->line->number);
            break;
        }
    }
    if (f)
        sim_text_put(&t, ", …");
    return n ? lang_keep(a, &t) : NULL;
}

void lang_diagnostic_fill(scenario_diagnostic *out, sim_arena *a, lang_place place,
                          const char *hint, const char *text)
{
    const lang_line *line = place.line;
    *out = (scenario_diagnostic){
        .file = sim_arena_text(a, line->file->path, strlen(line->file->path)),
        .line = line->number,
        .column = place.column,
        .width = place.width ? place.width : 1,
        .text = sim_arena_text(a, text, strlen(text)),
        .hint = hint && *hint ? sim_arena_text(a, hint, strlen(hint)) : NULL,
        .within = frames(a, place.frame),
    };
    if (line->source && line->source_len)
        quote_line(out, a, line);
}

static bool is_same(const scenario_diagnostic *d, lang_place place, const char *text)
{
    return d->line == place.line->number && d->column == place.column &&
           !strcmp(d->text, text) && !strcmp(d->file, place.line->file->path);
}

void lang_report(scenario_diagnostics *d, lang_place place, const char *hint, const char *text)
{
    d->told++;
    for (uint32_t i = 0; i < d->n; i++)
        if (is_same(&d->at[i], place, text))
            return;
    d->errors++;
    if (d->n == SCENARIO_DIAGNOSTICS_MAX)
        return;
    d->at = sim_grow(d->at, &d->capacity, d->n + 1, sizeof *d->at);
    lang_diagnostic_fill(&d->at[d->n++], &d->arena, place, hint, text);
}

static uint32_t file_of(const scenario *s, const scenario_diagnostic *d)
{
    uint32_t i = 0;
    while (i < s->files_n && strcmp(s->files[i].path, d->file) != 0)
        i++;
    return i;
}

static bool is_before(const scenario *s, const scenario_diagnostic *a,
                      const scenario_diagnostic *b)
{
    uint32_t file_a = file_of(s, a), file_b = file_of(s, b);
    if (file_a != file_b)
        return file_a < file_b;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void lang_sort_diagnostics(scenario_diagnostics *d, uint32_t first, const scenario *s)
{
    for (uint32_t i = first; i < d->n; i++)
        for (uint32_t j = i; j > first && is_before(s, &d->at[j], &d->at[j - 1]); j--) {
            scenario_diagnostic swap = d->at[j];
            d->at[j] = d->at[j - 1];
            d->at[j - 1] = swap;
        }
}

void scenario_diagnostics_free(scenario_diagnostics *d)
{
    free(d->at);
    sim_arena_free(&d->arena);
    *d = (scenario_diagnostics){0};
}

/* ---- showing ----------------------------------------------------------------------- */

static void put_caret(const scenario_diagnostic *d, bool colour, int gutter, sim_text *out)
{
    sim_text_format(out, "%*s | ", gutter, "");
    for (uint32_t i = 1; i < d->caret; i++)
        sim_text_char(out, ' ');
    sim_text_put(out, colour ? "\033[1;31m^" : "^");
    size_t columns = sim_text_columns(d->source, strlen(d->source));
    for (uint32_t i = 1; i < d->width && d->caret + i <= columns; i++)
        sim_text_char(out, '~');
    sim_text_put(out, colour ? "\033[0m\n" : "\n");
}

void scenario_diagnostic_show(const scenario_diagnostic *d, bool colour, sim_text *out)
{
    const char *bold = colour ? "\033[1m" : "", *red = colour ? "\033[1;31m" : "";
    const char *plain = colour ? "\033[0m" : "";
    sim_text_format(out, "%s%s:%u:%u:%s %serror:%s %s%s%s\n", bold, d->file, d->line, d->column,
                    plain, red, plain, bold, d->text, plain);
    char number[16];
    int gutter = snprintf(number, sizeof number, "%5u", d->line);
    if (d->source) {
        sim_text_format(out, "%s | %s\n", number, d->source);
        put_caret(d, colour, gutter, out);
    }
    if (d->hint)
        sim_text_format(out, "%*s = %s\n", gutter, "", d->hint);
    if (d->within)
        sim_text_format(out, "%*s = %s\n", gutter, "", d->within);
}
