/* diverge.c - the first difference of two traces, explained (see diverge.h). */
#include "tools/diverge.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CONTEXT = 3, SNIPPET = 60 };

/* ---- lines -------------------------------------------------------------------------- */

typedef struct line {
    const char *at; /* NULL: there is none */
    size_t len;
    bool whole; /* its newline is there */
} line;

static line take_line(const char **at, const char *end)
{
    if (*at == end)
        return (line){0};
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    line l = {*at, (size_t)((newline ? newline : end) - *at), newline != NULL};
    *at = newline ? newline + 1 : end;
    return l;
}

static bool same(line a, line b)
{
    return a.at && b.at && a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* ---- fields ------------------------------------------------------------------------- */

static void add_value(const trace_value *v, sim_text *out)
{
    if (!v)
        sim_text_put(out, "(none)");
    else if (v->kind == TRACE_NUMBER)
        sim_text_u64(out, v->number);
    else if (v->kind == TRACE_TEXT)
        sim_text_format(out, "\"%s\"", v->text);
    else
        for (uint32_t i = 0; i < v->n; i++)
            sim_text_format(out, "%s\"%s\"", i > 0 ? " " : "", v->texts[i]);
}

static void add_row(const char *name, const char *a, const char *b, sim_text *out)
{
    if (strcmp(a, b) != 0)
        sim_text_format(out, "    %-12s %s, %s\n", name, a, b);
}

static void row_of_values(const char *prefix, const char *name, const trace_value *a,
                          const trace_value *b, sim_text *out)
{
    sim_text label = {0}, left = {0}, right = {0};
    sim_text_format(&label, "%s%s", prefix, name);
    add_value(a, &left);
    add_value(b, &right);
    sim_text_put(&left, "");
    sim_text_put(&right, "");
    add_row(label.at, left.at, right.at, out);
    sim_text_free(&label);
    sim_text_free(&left);
    sim_text_free(&right);
}

static void row_of_numbers(const char *name, uint64_t a, uint64_t b, sim_text *out)
{
    char left[24], right[24];
    snprintf(left, sizeof left, "%" PRIu64, a);
    snprintf(right, sizeof right, "%" PRIu64, b);
    add_row(name, left, right, out);
}

typedef const trace_value *find_fn(const trace_event *e, const char *name);

static void rows_of(const char *prefix, const trace_event *a, const trace_event *b,
                    const trace_value *of_a, uint32_t a_n, const trace_value *of_b,
                    uint32_t b_n, find_fn *find, sim_text *out)
{
    for (uint32_t i = 0; i < a_n; i++)
        row_of_values(prefix, of_a[i].name, &of_a[i], find(b, of_a[i].name), out);
    for (uint32_t i = 0; i < b_n; i++)
        if (!find(a, of_b[i].name))
            row_of_values(prefix, of_b[i].name, NULL, &of_b[i], out);
}

static void add_fields(const trace_event *a, const trace_event *b, sim_text *out)
{
    row_of_numbers("at_us", a->at_us, b->at_us, out);
    row_of_numbers("section", a->section, b->section, out);
    row_of_numbers("line", a->line, b->line, out);
    row_of_numbers("cause", a->cause, b->cause, out);
    add_row("kind", sim_note_kind_name(a->kind), sim_note_kind_name(b->kind), out);
    add_row("node", *a->node ? a->node : "(none)", *b->node ? b->node : "(none)", out);
    if (a->kind == b->kind)
        rows_of("", a, b, a->values, a->values_n, b->values, b->values_n, trace_value_of, out);
    rows_of("state.", a, b, a->state, a->state_n, b->state, b->state_n, trace_state_of, out);
}

/* ---- the explanation ------------------------------------------------------------------ */

static void add_event(const trace *t, const trace_event *e, const char *before, bool colour,
                      sim_text *out)
{
    sim_text_format(out, "  %s", before);
    trace_event_line(t, e, colour, out);
    sim_text_char(out, '\n');
}

/* Where two lines that are no events part. */
static void add_snippets(const diverge_side *a, line la, const diverge_side *b, line lb,
                         sim_text *out)
{
    size_t at = 0;
    while (la.at && lb.at && at < la.len && at < lb.len && la.at[at] == lb.at[at])
        at++;
    size_t from = at > SNIPPET / 3 ? at - SNIPPET / 3 : 0;
    const diverge_side *sides[] = {a, b};
    line lines[] = {la, lb};
    for (int i = 0; i < 2; i++) {
        if (!lines[i].at) {
            sim_text_format(out, "  %-10s ends here\n", sides[i]->name);
            continue;
        }
        size_t left = lines[i].len - from;
        sim_text_format(out, "  %-10s %s", sides[i]->name, from > 0 ? "…" : "");
        sim_text_add(out, lines[i].at + from, left < SNIPPET ? left : SNIPPET);
        sim_text_put(out, left < SNIPPET ? "\n" : "…\n");
    }
    sim_text_format(out, "  they agree up to column %zu\n", at + 1);
}

static const trace_event *event_of(const trace *t, uint64_t line_number)
{
    return line_number >= 2 && line_number - 2 < t->events_n ? &t->events[line_number - 2]
                                                             : NULL;
}

static void explain(const diverge_side *a, line la, const diverge_side *b, line lb,
                    uint64_t line_number, bool colour, sim_text *out)
{
    const trace_event *ea = event_of(a->trace, line_number);
    const trace_event *eb = event_of(b->trace, line_number);
    if (ea || eb)
        sim_text_format(
            out, "%s and %s differ from event %" PRIu64 " on (line %" PRIu64 " of the file)\n",
            a->name, b->name, line_number - 1, line_number);
    else
        sim_text_format(out, "%s and %s differ in the %s (line %" PRIu64 " of the file)\n",
                        a->name, b->name, line_number == 1 ? "header" : "footer", line_number);
    uint64_t first = line_number > CONTEXT + 1 ? line_number - CONTEXT : 2;
    for (uint64_t i = first; i < line_number; i++)
        if (event_of(a->trace, i))
            add_event(a->trace, event_of(a->trace, i), "both        ", colour, out);
    if (!ea || !eb) {
        add_snippets(a, la, b, lb, out);
        return;
    }
    sim_text label = {0};
    sim_text_format(&label, "%-11s ", a->name);
    add_event(a->trace, ea, label.at, colour, out);
    sim_text_clear(&label);
    sim_text_format(&label, "%-11s ", b->name);
    add_event(b->trace, eb, label.at, colour, out);
    sim_text_free(&label);
    sim_text_format(out, "  what differs (%s, %s):\n", a->name, b->name);
    add_fields(ea, eb, out);
}

bool diverge_compare(const diverge_side *a, const diverge_side *b, bool skip_header,
                     bool colour, sim_text *out)
{
    const char *at_a = a->bytes, *at_b = b->bytes;
    const char *end_a = a->bytes + a->len, *end_b = b->bytes + b->len;
    for (uint64_t number = 1;; number++) {
        line la = take_line(&at_a, end_a), lb = take_line(&at_b, end_b);
        if (!la.at && !lb.at)
            return true;
        if (!a->trace->complete && (!la.at || !la.whole))
            return true; /* cut short: what is there agrees */
        if (same(la, lb) || (number == 1 && skip_header))
            continue;
        explain(a, la, b, lb, number, colour, out);
        return false;
    }
}
