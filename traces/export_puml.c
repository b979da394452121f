/* export_puml.c - one sequence diagram for each section of a trace.
 *
 * A section with more messages than a person can read on a page becomes several diagrams,
 * each of which begins with every node's bar as it was at that moment. */
#include "traces/export_puml.h"

#include "sim/base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES_MAX = 50, TITLE_COLUMNS = 64, FEATURE_COLUMNS = 90 };

typedef struct span { /* of a section: positions of its events, and its title's event */
    uint64_t first, last;
    uint32_t section;
    const trace_event *title; /* NULL: it has none */
} span;

typedef struct drawing {
    const trace *t;
    const trace_puml_options *options;
    trace_puml_files files;
    puml_facts *facts;
    puml_pen pen;
    span *spans;
    size_t spans_n, spans_capacity;
    sim_text body; /* of one diagram */
} drawing;

/* ---- sections ------------------------------------------------------------------------ */

/* What happens before the first section belongs to it. */
static void find_spans(drawing *d)
{
    for (uint64_t i = 0; i < d->t->events_n; i++) {
        const trace_event *e = &d->t->events[i];
        span *last = d->spans_n ? &d->spans[d->spans_n - 1] : NULL;
        if (!last || (e->section != last->section && last->section)) {
            d->spans = sim_grow(d->spans, &d->spans_capacity, d->spans_n + 1, sizeof *d->spans);
            d->spans[d->spans_n] = (span){i, i, e->section, NULL};
            last = &d->spans[d->spans_n++];
        }
        last->section = e->section;
        last->last = i + 1;
        if (e->kind == SIM_NOTE_SECTION && !last->title)
            last->title = e;
    }
}

/* ---- the frame ----------------------------------------------------------------------- */

static const char skin[] = "hide footbox\n"
                           "skinparam {\n"
                           "  BackgroundColor #FFFFFF\n"
                           "  Shadowing false\n"
                           "  DefaultFontName \"DejaVu Sans\"\n"
                           "  DefaultFontSize 12\n"
                           "  RoundCorner 6\n"
                           "  TitleFontSize 16\n"
                           "  TitleFontStyle bold\n"
                           "  HeaderFontColor #7C8894\n"
                           "  CaptionFontColor #7C8894\n"
                           "  CaptionFontSize 10\n"
                           "}\n"
                           "skinparam sequence {\n"
                           "  ArrowColor #3C4650\n"
                           "  ArrowThickness 1.3\n"
                           "  LifeLineBorderColor #7C8894\n"
                           "  LifeLineBackgroundColor #FFFFFF\n"
                           "  ParticipantBackgroundColor #FFFFFF\n"
                           "  ParticipantBorderColor #3C4650\n"
                           "  ParticipantFontColor #1B2229\n"
                           "  ParticipantFontSize 14\n"
                           "  ParticipantFontStyle bold\n"
                           "  MessageAlign direction\n"
                           "  DividerBackgroundColor #F1F3F5\n"
                           "  DividerBorderColor #B8C0C8\n"
                           "  DividerFontSize 12\n"
                           "  DividerFontColor #3C4650\n"
                           "  DelayFontColor #7C8894\n"
                           "  DelayFontSize 11\n"
                           "  GroupBorderColor #C62828\n"
                           "  GroupBorderThickness 1\n"
                           "  GroupBackgroundColor #FDECEA\n"
                           "  GroupHeaderFontColor #C62828\n"
                           "  GroupFontColor #C62828\n"
                           "}\n"
                           "skinparam note {\n"
                           "  BackgroundColor #FFFDE7\n"
                           "  BorderColor #D9CF9A\n"
                           "  FontSize 11\n"
                           "}\n"
                           "skinparam legend {\n"
                           "  BackgroundColor #FFFFFF\n"
                           "  BorderColor #D5DADF\n"
                           "  FontSize 11\n"
                           "}\n";

/* Few nodes stand far apart, so that a label rarely reaches the next lifeline; farther when
 * there are half arrows, which are as long as their label and must not look as if they
 * arrived. */
static void put_room(drawing *d, const puml_plan *plan)
{
    uint32_t n = d->t->header.nodes_n;
    int room = n <= 3 ? 48 : n <= 5 ? 32 : n <= 9 ? 16 : 4;
    if (plan->halves)
        room = n <= 3 ? 96 : n <= 5 ? 80 : room + room / 2;
    sim_text_format(&d->body, "skinparam ParticipantPadding %d\n", room);
}

/* Lines of about the same length, none of one word. */
static void put_scenario_title(sim_text *out, const char *title)
{
    size_t columns = sim_text_columns(title, strlen(title));
    columns = columns > 2 * PUML_TEXT_MAX ? 2 * PUML_TEXT_MAX : columns;
    size_t lines = (columns + TITLE_COLUMNS - 1) / TITLE_COLUMNS;
    puml_lines(out, title, 2 * PUML_TEXT_MAX, lines > 1 ? columns / lines : TITLE_COLUMNS);
}

static void put_title(drawing *d, const span *s)
{
    sim_text *out = &d->body;
    const char *title = *d->t->header.title ? d->t->header.title : d->t->header.scenario;
    sim_text_put(out, "title ");
    put_scenario_title(out, *title ? title : "a run");
    if (s->title && *trace_text_of(s->title, "title")) {
        sim_text_put(out, "\\n<size:13>");
        puml_text(out, trace_text_of(s->title, "title"), PUML_LINE_MAX);
        sim_text_put(out, "</size>");
    }
    sim_text_char(out, '\n');
}

static void put_span_of_time(sim_text *out, uint64_t from, uint64_t to)
{
    const uint64_t long_us = 10 * UINT64_C(1000000);
    bool seconds = to >= long_us;
    uint64_t unit = seconds ? 1000 : 1;
    puml_ms(out, from / unit, seconds);
    if (to / 1000 != from / 1000) {
        sim_text_put(out, "–");
        puml_ms(out, to / unit, seconds);
    }
    sim_text_put(out, seconds ? " s" : " ms");
}

static void put_header(drawing *d, const span *s, uint64_t part, uint64_t parts, uint64_t to_us)
{
    sim_text *out = &d->body;
    sim_text_format(out, "header seed %" PRIu64 " · %" PRIu32 " node%s · ", d->t->header.seed,
                    d->t->header.nodes_n, d->t->header.nodes_n == 1 ? "" : "s");
    put_span_of_time(out, d->pen.last_us, to_us);
    for (uint32_t i = 0; i < d->t->header.bugs_n; i++) {
        sim_text_put(out, i ? " " : d->t->header.bugs_n == 1 ? " · bug " : " · bugs ");
        puml_text(out, d->t->header.bugs[i], PUML_NAME_MAX);
    }
    if (d->spans_n > 1)
        sim_text_format(out, " · section %" PRIu32 " of %zu", s->section, d->spans_n);
    if (parts > 1)
        sim_text_format(out, " · part %" PRIu64 " of %" PRIu64, part, parts);
    sim_text_char(out, '\n');
}

static void put_features(sim_text *out, const trace_event *title, const char *field,
                         const char **between)
{
    const trace_value *names = trace_value_of(title, field);
    if (!names || !names->n)
        return;
    sim_text_format(out, "%s%s ", *between, field);
    size_t columns = 0;
    for (uint32_t i = 0; i < names->n; i++) {
        size_t len = strlen(names->texts[i]);
        if (i)
            sim_text_put(out, columns + len > FEATURE_COLUMNS ? " ·\\n" : " · ");
        columns = columns + len > FEATURE_COLUMNS ? len : columns + len;
        puml_text(out, names->texts[i], PUML_LINE_MAX);
    }
    *between = "\\n";
}

/* Not a footer: the legend covers all but the last line of one. */
static void put_caption(drawing *d, const span *s)
{
    const char *between = "caption  \\n";
    if (!s->title)
        return;
    put_features(&d->body, s->title, "tests", &between);
    put_features(&d->body, s->title, "uses", &between);
    if (*between != 'c')
        sim_text_char(&d->body, '\n');
}

static void put_participants(drawing *d, bool clients)
{
    sim_text *out = &d->body;
    if (clients)
        sim_text_put(out, "participant client #F1F3F5\n");
    for (uint32_t i = 0; i < d->t->header.nodes_n; i++) {
        const puml_lane_state *s = &d->pen.lanes[i];
        sim_text_put(out, "participant \"");
        puml_text(out, d->t->header.nodes[i], PUML_NAME_MAX);
        if (s->crashed || s->paused)
            sim_text_format(out, "\\n<size:10><color:" PUML_BAD ">%s</color></size>",
                            s->crashed ? "crashed" : "paused");
        sim_text_put(out, "\" as ");
        puml_alias(&d->pen, out, (int)i);
        sim_text_char(out, '\n');
    }
}

static void put_bars(drawing *d)
{
    for (uint32_t i = 0; i < d->t->header.nodes_n; i++) {
        if (d->pen.lanes[i].crashed)
            continue;
        puml_role_seen(&d->pen, "follower");
        sim_text_put(&d->body, "activate ");
        puml_alias(&d->pen, &d->body, (int)i);
        sim_text_format(&d->body, " %s\n", puml_fill("follower"));
    }
    /* Two bars that are opened before any message would have the colour of the second. */
    for (uint32_t i = 0; i < d->t->header.nodes_n; i++) {
        if (d->pen.lanes[i].crashed)
            continue;
        puml_role_seen(&d->pen, d->pen.lanes[i].role);
        if (puml_has_bar(d->pen.lanes[i].role))
            puml_open_bar(&d->pen, (int)i);
    }
}

static void put_legend(drawing *d)
{
    sim_text *out = &d->body;
    const puml_pen *p = &d->pen;
    sim_text_put(out, "legend bottom\n");
    for (int i = 0; trace_role_colours[i].role; i++) {
        const char *role = trace_role_colours[i].role;
        if (!(p->roles & 1u << i))
            continue;
        if (strcmp(role, "follower") == 0)
            role = "up";
        else if (strcmp(role, "pre_candidate") == 0)
            role = "pre-candidate";
        sim_text_format(out, "|<%s>    | %s  ", trace_role_colours[i].fill, role);
    }
    if (p->lost)
        sim_text_put(out, "| <color:" PUML_BAD "><b>×</b></color>  lost  ");
    if (p->split)
        sim_text_put(out, "| <b><U+0023>n</b> leaves and arrives apart  ");
    if (p->forged)
        sim_text_put(out, "| <color:" PUML_FORGED "><b>○</b></color>  forged  ");
    sim_text_put(out, "|\nendlegend\n");
}

/* ---- parts --------------------------------------------------------------------------- */

static uint64_t arrows_in(const puml_plan *plan, uint64_t from)
{
    uint64_t n = 0;
    for (uint64_t i = from; i < plan->rows_n; i++)
        n += puml_row_is_arrow(&plan->rows[i]);
    return n;
}

/* Where the part that begins at a row ends: all that is left; else before the last election
 * that begins in the second half of the page; else where the page is full. */
static uint64_t part_end(const puml_plan *plan, uint64_t from, uint64_t max)
{
    if (arrows_in(plan, from) <= max)
        return plan->rows_n;
    uint64_t n = 0, best = 0, i = from;
    for (; i < plan->rows_n; i++) {
        const puml_row *r = &plan->rows[i];
        if (n >= max / 2 && i > from && puml_row_is_campaign(r))
            best = i;
        if (puml_row_is_arrow(r) && n++ == max)
            break;
    }
    return best ? best : i;
}

static uint64_t count_parts(const puml_plan *plan, uint64_t max)
{
    uint64_t parts = 1;
    for (uint64_t at = 0; (at = part_end(plan, at, max)) < plan->rows_n;)
        parts++;
    return parts;
}

/* What the trace says about its own end, below the last row. */
static void put_end(drawing *d)
{
    bool told = false;
    for (uint64_t i = 0; i < d->t->events_n && !told; i++) {
        const trace_event *e = &d->t->events[i];
        told = e->kind == SIM_NOTE_VIOLATION ||
               (e->kind == SIM_NOTE_EXPECT && strcmp(trace_text_of(e, "passed"), "no") == 0);
    }
    sim_text why = {0};
    if (!d->t->complete)
        sim_text_put(&why, "the run was cut short here");
    else if (!told && strcmp(d->t->footer.result, "passed") != 0)
        puml_lines(&why, d->t->footer.why, 2 * PUML_TEXT_MAX, PUML_LINE_MAX);
    if (why.len) {
        sim_text red = {0};
        sim_text_format(&red, "<color:" PUML_BAD "><b>✗</b></color> %s", why.at);
        puml_start_box(&d->pen, "note", -1, PUML_BAD_BOX);
        sim_text_put(&d->body, red.at);
        sim_text_char(&d->body, '\n');
        sim_text_free(&red);
    }
    sim_text_free(&why);
}

static void draw_part(drawing *d, const span *s, const puml_plan *plan, uint64_t from,
                      uint64_t to, uint64_t part, uint64_t parts)
{
    puml_pen *p = &d->pen;
    uint64_t to_us = p->last_us;
    for (uint64_t i = from; i < to; i++)
        to_us = plan->rows[i].at_us > to_us ? plan->rows[i].at_us : to_us;
    p->lost = p->split = p->forged = false;
    p->roles = 0;
    p->touched = 0;
    p->any_message = p->can_close = false;
    p->tenths = to_us - p->last_us > 0 && to_us - p->last_us < 50000;
    sim_text_clear(&p->shown);
    sim_text_put(&d->body, "@startuml\n");
    sim_text_put(&d->body, skin);
    put_room(d, plan);
    put_title(d, s);
    put_header(d, s, part, parts, to_us);
    put_caption(d, s);
    put_participants(d, plan->clients);
    put_bars(d);
    if (part > 1)
        sim_text_format(&d->body, "== continued from part %" PRIu64 " ==\n", part - 1);
    if (p->links.len && part > 1)
        puml_box_open(p, " (continued)");
    else
        p->box = p->links.len ? PUML_BOX_DUE : PUML_BOX_NONE;
    for (uint64_t i = from; i < to; i++)
        puml_draw(p, &plan->rows[i]);
    if (p->box == PUML_BOX_DUE && to > from)
        puml_box_open(p, "");
    if (part == parts && s->last == d->t->events_n)
        put_end(d);
    puml_box_close(p);
    if (part < parts)
        sim_text_format(&d->body, "== continued in part %" PRIu64 " ==\n", part + 1);
    put_legend(d);
    sim_text_put(&d->body, "@enduml\n");
}

static bool write_part(drawing *d, const span *s, uint64_t part)
{
    sim_text suffix = {0};
    sim_text_u64(&suffix, s->section ? s->section : 1);
    if (part > 1)
        sim_text_format(&suffix, "_%" PRIu64, part);
    trace_sink sink = {0};
    bool good = d->files.open(d->files.self, suffix.at, &sink);
    if (good) {
        good = sink.write(sink.self, d->body.at, d->body.len);
        good = d->files.close(d->files.self) && good;
    }
    sim_text_free(&suffix);
    return good;
}

/* ---- a section ----------------------------------------------------------------------- */

static void set_lanes(drawing *d, const span *s)
{
    trace_model_seek(d->pen.model, s->first);
    uint32_t n;
    const trace_node *nodes = trace_model_nodes(d->pen.model, &n);
    for (uint32_t i = 0; i < n; i++) {
        bool up = !nodes[i].crashed;
        d->pen.lanes[i] = (puml_lane_state){
            .role = up ? nodes[i].role : "follower",
            .term = nodes[i].term,
            .crashed = !up,
            .paused = nodes[i].paused,
        };
    }
    sim_text_clear(&d->pen.links);
    puml_links(&d->pen, &d->pen.links);
    d->pen.last_us = d->t->events[s->first].at_us;
}

static bool draw_section(drawing *d, const span *s)
{
    uint64_t max = d->options->messages_max ? d->options->messages_max : MESSAGES_MAX;
    puml_plan *plan = puml_plan_new(d->facts, d->options, s->first, s->last);
    uint64_t parts = count_parts(plan, max), at = 0;
    bool good = true;
    set_lanes(d, s);
    for (uint64_t part = 1; good && part <= parts; part++) {
        uint64_t to = part_end(plan, at, max);
        sim_text_clear(&d->body);
        draw_part(d, s, plan, at, to, part, parts);
        good = write_part(d, s, part);
        at = to;
    }
    puml_plan_free(plan);
    return good;
}

bool trace_export_puml(const trace *t, const trace_puml_options *o, trace_puml_files files)
{
    static const trace_puml_options defaults = {0};
    drawing d = {.t = t, .options = o ? o : &defaults, .files = files};
    d.facts = puml_facts_new(t);
    d.pen.facts = d.facts;
    d.pen.out = &d.body;
    d.pen.model = trace_model_new(t);
    find_spans(&d);
    bool good = true;
    for (size_t i = 0; good && i < d.spans_n; i++)
        good = draw_section(&d, &d.spans[i]);
    puml_facts_free(d.facts);
    trace_model_free(d.pen.model);
    sim_text_free(&d.pen.links);
    sim_text_free(&d.pen.shown);
    sim_text_free(&d.body);
    free(d.spans);
    return good;
}
