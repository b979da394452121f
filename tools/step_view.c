/* step_view.c - the screen of `replay --step` (see step_view.h). */
#include "tools/step_view.h"
#include "tools/step.h"
#include "tools/terminal.h"
#include <inttypes.h>
#include <string.h>

static const char *dim(const step *s)
{
    return s->colour ? "\033[2m" : "";
}
static const char *bold(const step *s)
{
    return s->colour ? "\033[1m" : "";
}
static const char *plain(const step *s)
{
    return s->colour ? "\033[0m" : "";
}

bool step_has_failure(const trace *t)
{
    for (uint64_t i = 0; i < t->events_n; i++) {
        const trace_event *e = &t->events[i];
        if (e->kind == SIM_NOTE_VIOLATION ||
            (e->kind == SIM_NOTE_EXPECT && strcmp(trace_text_of(e, "passed"), "no") == 0))
            return true;
    }
    return t->complete && strcmp(t->footer.result, "passed") != 0;
}

static const trace_event *current(const step *s)
{
    return &s->trace->events[s->seq - 1];
}

/* ---- pieces ------------------------------------------------------------------------- */

static void add_title(const step *s, sim_text *out)
{
    const trace_event *e = current(s);
    const char *title = s->trace->header.title;
    sim_text_format(out, "%s%s%s", bold(s), *title ? title : s->trace->header.scenario,
                    plain(s));
    for (uint32_t i = 0; i < s->trace->header.bugs_n; i++)
        sim_text_format(out, "%s%s", i ? " " : "  planted: ", s->trace->header.bugs[i]);
    sim_text_format(out, "\n%sevent %" PRIu64 " of %" PRIu64 ", at ", dim(s), s->seq,
                    s->trace->events_n);
    sim_text_us(out, e->at_us);
    if (e->section > 0) {
        sim_text_format(out, ", section %u", e->section);
        for (uint64_t i = s->seq; i > 0; i--)
            if (s->trace->events[i - 1].kind == SIM_NOTE_SECTION) {
                sim_text_format(out, ": %s", trace_text_of(&s->trace->events[i - 1], "title"));
                break;
            }
    }
    sim_text_format(out, "%s\n", plain(s));
}

/* The line of the scenario that the event belongs to. */
static void add_source(const step *s, sim_text *out)
{
    uint32_t line = current(s)->line;
    if (line == 0 || s->trace->header.source_n == 0) {
        sim_text_char(out, '\n');
        return;
    }
    const char *at = s->trace->header.source[0].text;
    for (uint32_t i = 1; i < line && at; i++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    size_t len = at ? strcspn(at, "\n") : 0;
    sim_text_format(out, "%s%5u |%s %.*s\n", dim(s), line, plain(s), (int)len, at ? at : "");
}

static void add_event(const step *s, uint64_t seq, sim_text *out)
{
    trace_event_line(s->trace, &s->trace->events[seq - 1], s->colour, out);
    sim_text_char(out, '\n');
}

static void add_cause(const step *s, sim_text *out)
{
    sim_text_format(out, "%s  because of%s ", dim(s), plain(s));
    if (current(s)->cause == 0)
        sim_text_format(out, "%sthe script%s\n", dim(s), plain(s));
    else
        add_event(s, current(s)->cause, out);
}

/* The facts of a violation on lines of their own: its event's line may be cut short. */
static void add_facts(const step *s, sim_text *out)
{
    const trace_event *e = current(s);
    if (e->kind != SIM_NOTE_VIOLATION)
        return;
    sim_text_format(out, "%s  1%s %s\n%s  2%s %s\n", bold(s), plain(s), trace_text_of(e, "one"),
                    bold(s), plain(s), trace_text_of(e, "other"));
}

static uint32_t add_queue(const step *s, int rows, sim_text *out)
{
    uint32_t n = 0;
    trace_model_queue(s->model, &n);
    sim_text_format(out, "%sQueue (%u)%s\n", bold(s), n, plain(s));
    if (n == 0)
        return 1;
    sim_text lines = {0};
    trace_model_queue_lines(s->model, s->colour, &lines);
    uint32_t added = 1;
    const char *at = lines.at;
    while (at && *at && (int)added < rows) {
        size_t len = strcspn(at, "\n");
        bool more = (int)added == rows - 1 && at[len] == '\n' && at[len + 1] != '\0';
        if (more) {
            sim_text_format(out, "  %sand %u more%s\n", dim(s), n - (added - 1), plain(s));
        } else {
            sim_text_put(out, "  ");
            sim_text_add(out, at, len);
            sim_text_char(out, '\n');
        }
        added++;
        at += len + (at[len] == '\n');
    }
    sim_text_free(&lines);
    return added;
}

/* Events around the current one, which is marked. */
static void add_around(const step *s, int rows, sim_text *out)
{
    uint64_t n = s->trace->events_n, room = (uint64_t)rows;
    uint64_t before = room * 2 / 3;
    uint64_t from = s->seq > before ? s->seq - before : 1;
    if (from + room > n + 1)
        from = n + 1 > room ? n + 1 - room : 1;
    for (uint64_t i = from; i <= n && i < from + room; i++) {
        sim_text_put(out, i == s->seq ? (s->colour ? "\033[7m>\033[0m " : "> ") : "  ");
        add_event(s, i, out);
    }
}

/* ---- a table that is too wide ---------------------------------------------------------- */

enum { TABLE_COLUMNS_MAX = 512 };

/* The next character of a line that takes room, and its bytes; NULL at the end. */
static const char *next_place(const char *at, const char *end, size_t *len)
{
    *len = 0;
    while (at < end && *at == '\033') { /* a colour: no room */
        while (at < end && *at != 'm')
            at++;
        at += at < end;
    }
    if (at == end)
        return NULL;
    *len = 1;
    while (at + *len < end && (at[*len] & 0xC0) == 0x80)
        (*len)++;
    return at;
}

/* Marks the places that are not blank in some line; the width of the widest line. */
static size_t mark_places(const sim_text *table, bool used[TABLE_COLUMNS_MAX])
{
    size_t widest = 0, len = 0;
    for (const char *line = table->at; *line; line += strcspn(line, "\n") + 1) {
        const char *end = line + strcspn(line, "\n");
        size_t place = 0;
        for (const char *at = line; (at = next_place(at, end, &len)) != NULL; at += len) {
            if (place < TABLE_COLUMNS_MAX && *at != ' ')
                used[place] = true;
            place++;
        }
        widest = place > widest ? place : widest;
    }
    return widest;
}

/* The first of the nodes that are shown when only some fit: the one that the event is about
 * is among them. */
static int first_shown(const step *s, int nodes, int shown)
{
    const char *name = current(s)->node;
    int node = *name ? trace_node_index(&s->trace->header, name, strlen(name)) : 0;
    int first = node < shown ? 0 : node - shown / 2;
    return first + shown > nodes ? nodes - shown : first;
}

/* Adds the table of the nodes, as many as fit into the rows; one that is wider than the
 * screen gets one blank between its columns. */
static void add_table(const step *s, int rows, int columns, sim_text *out)
{
    bool used[TABLE_COLUMNS_MAX] = {false};
    sim_text table = {0};
    size_t len = 0;
    trace_model_table(s->model, s->colour, &table);
    bool squeeze = mark_places(&table, used) > (size_t)columns;
    const int nodes = (int)s->trace->header.nodes_n;
    const int shown = nodes + 1 <= rows ? nodes : rows > 3 ? rows - 2 : 1;
    const int first = first_shown(s, nodes, shown);
    int row = -1; /* the heads, then the nodes from 0 on */
    for (const char *line = table.at; *line; line += strcspn(line, "\n") + 1, row++) {
        if (row >= 0 && (row < first || row >= first + shown))
            continue;
        const char *end = line + strcspn(line, "\n"), *from = line;
        size_t place = 0;
        for (const char *at = line; (at = next_place(at, end, &len)) != NULL; place++) {
            bool spare = squeeze && place > 0 && place < TABLE_COLUMNS_MAX && !used[place] &&
                         !used[place - 1];
            sim_text_add(out, from, (size_t)(at - from)); /* its colours */
            if (!spare)
                sim_text_add(out, at, len);
            from = at += len;
        }
        sim_text_add(out, from, (size_t)(end - from));
        sim_text_char(out, '\n');
    }
    if (shown < nodes)
        sim_text_format(out, "  %sand %d more node%s%s\n", dim(s), nodes - shown,
                        sim_plural((uint64_t)(nodes - shown)), plain(s));
    sim_text_free(&table);
}

static int count_lines(const sim_text *text)
{
    int n = 0;
    for (size_t i = 0; i < text->len; i++)
        n += text->at[i] == '\n';
    return n;
}

/* ---- whole views ---------------------------------------------------------------------- */

static void add_footer(const step *s, sim_text *out)
{
    if (s->message.len > 0) {
        sim_text_format(out, "%s%s%s", s->colour ? "\033[33m" : "", s->message.at, plain(s));
        return;
    }
    sim_text_format(
        out, "%sn next  p back  N message  s section  %s  c cause  / find  h help  q quit%s",
        dim(s), step_has_failure(s->trace) ? "f failure" : "e expect", plain(s));
    if (!s->trace->complete)
        sim_text_format(out, "  %s(the run was cut short)%s", dim(s), plain(s));
}

static void fill_to(int lines, sim_text *out)
{
    for (int n = count_lines(out); n < lines; n++)
        sim_text_char(out, '\n');
}

/* Cuts what stands below a line away. */
static void cut_at(int lines, sim_text *out)
{
    int n = 0;
    for (size_t i = 0; i < out->len; i++) {
        n += out->at[i] == '\n';
        if (n == lines) {
            out->len = i + 1;
            out->at[out->len] = '\0';
            return;
        }
    }
}

void step_screen(step *s, int rows, int columns, sim_text *out)
{
    enum { EVENTS_MIN = 5, QUEUE_MIN = 4 };
    if (s->help) {
        sim_text_format(out, "%sKeys%s\n", bold(s), plain(s));
        step_keys(out);
        cut_at(rows - 1, out);
        fill_to(rows - 1, out);
        sim_text_format(out, "%sq quits, any other key goes back%s", dim(s), plain(s));
        return;
    }
    trace_model_seek(s->model, s->seq);
    add_title(s, out);
    add_source(s, out);
    add_event(s, s->seq, out);
    add_cause(s, out);
    add_facts(s, out);
    add_table(s, rows - 1 - EVENTS_MIN - QUEUE_MIN - count_lines(out), columns, out);
    cut_at(rows - 1 - EVENTS_MIN - QUEUE_MIN, out);
    int left = rows - 1 - count_lines(out);
    add_queue(s, left - EVENTS_MIN > QUEUE_MIN ? left - EVENTS_MIN : QUEUE_MIN, out);
    left = rows - 1 - count_lines(out);
    if (left > 1) {
        sim_text_format(out, "%sEvents%s\n", bold(s), plain(s));
        add_around(s, left - 1, out);
    }
    cut_at(rows - 1, out);
    fill_to(rows - 1, out);
    add_footer(s, out);
}

void step_print(step *s, sim_text *out)
{
    if (s->message.len > 0)
        sim_text_format(out, "%s\n", s->message.at);
    if (s->help) {
        step_keys(out);
        return;
    }
    trace_model_seek(s->model, s->seq);
    add_title(s, out);
    add_source(s, out);
    add_event(s, s->seq, out);
    add_cause(s, out);
    add_facts(s, out);
    trace_model_table(s->model, s->colour, out);
    add_queue(s, INT32_MAX, out);
    sim_text_char(out, '\n');
}
