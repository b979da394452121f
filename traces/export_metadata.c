/* export_metadata.c - what a trace is about, without its events: for an index, a matrix or
 * a page that lists many runs.
 *
 * Keys in a fixed order, two blanks of indentation, so that two runs can be compared by
 * eye and with diff. */
#include "sim/base/memory.h"
#include "traces/out.h"

#include <stdlib.h>

typedef struct section_span {
    const trace_event *event;
    uint64_t end_seq;
} section_span;

/* ---- pieces of JSON ---------------------------------------------------------------------- */

static void put_line(trace_out *o, const char *indent, const char *key)
{
    trace_out_put(o, indent);
    trace_out_char(o, '"');
    trace_out_put(o, key);
    trace_out_put(o, "\": ");
}

static void put_text(trace_out *o, const char *indent, const char *key, const char *s)
{
    put_line(o, indent, key);
    trace_out_json(o, s, strlen(s));
    trace_out_put(o, ",\n");
}

static void put_number(trace_out *o, const char *indent, const char *key, uint64_t v)
{
    put_line(o, indent, key);
    trace_out_json_u64(o, v);
    trace_out_put(o, ",\n");
}

static void put_texts(trace_out *o, const char *indent, const char *key,
                      const char *const *texts, uint32_t n)
{
    put_line(o, indent, key);
    trace_out_char(o, '[');
    for (uint32_t i = 0; i < n; i++) {
        trace_out_put(o, i ? ", " : "");
        trace_out_json(o, texts[i], strlen(texts[i]));
    }
    trace_out_put(o, "],\n");
}

/* ---- sections ------------------------------------------------------------------------------
 */

static section_span *find_sections(const trace *t, uint32_t *n)
{
    section_span *spans = NULL;
    size_t capacity = 0, count = 0;
    for (uint64_t i = 0; i < t->events_n; i++) {
        if (t->events[i].kind == SIM_NOTE_SECTION) {
            spans = sim_grow(spans, &capacity, count + 1, sizeof *spans);
            spans[count++].event = &t->events[i];
        }
        if (count)
            spans[count - 1].end_seq = i + 1;
    }
    *n = (uint32_t)count;
    return spans;
}

/* What any section names under key, each once, in the order of the trace. */
static void put_union(trace_out *o, const char *key, const section_span *spans, uint32_t n)
{
    const char **seen = NULL;
    size_t capacity = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const trace_value *v = trace_value_of(spans[i].event, key);
        for (uint32_t k = 0; k < v->n; k++) {
            uint32_t at = 0;
            while (at < count && strcmp(seen[at], v->texts[k]) != 0)
                at++;
            if (at < count)
                continue;
            seen = sim_grow(seen, &capacity, count + 1U, sizeof *seen);
            seen[count++] = v->texts[k];
        }
    }
    put_texts(o, "  ", key, seen, count);
    free(seen);
}

static void put_section(trace_out *o, const section_span *s, uint32_t number)
{
    static const char in[] = "      ";
    const trace_value *uses = trace_value_of(s->event, "uses");
    const trace_value *tests = trace_value_of(s->event, "tests");
    trace_out_put(o, number > 1 ? ",\n    {\n" : "\n    {\n");
    put_number(o, in, "section", number);
    put_text(o, in, "title", trace_text_of(s->event, "title"));
    put_text(o, in, "role", trace_text_of(s->event, "role"));
    put_number(o, in, "line", s->event->line);
    put_texts(o, in, "uses", uses->texts, uses->n);
    put_texts(o, in, "tests", tests->texts, tests->n);
    put_number(o, in, "start_seq", s->event->seq);
    put_number(o, in, "end_seq", s->end_seq);
    put_line(o, in, "event_count");
    trace_out_u64(o, s->end_seq - s->event->seq + 1);
    trace_out_put(o, "\n    }");
}

bool trace_export_metadata(const trace *t, trace_sink sink)
{
    const trace_header *h = &t->header;
    uint32_t n;
    section_span *spans = find_sections(t, &n);
    trace_out *o = trace_out_new(sink);
    trace_out_put(o, "{\n");
    put_text(o, "  ", "format", h->format);
    put_text(o, "  ", "program", h->program);
    put_text(o, "  ", "scenario", h->scenario);
    put_text(o, "  ", "title", h->title);
    put_text(o, "  ", "about", h->about);
    put_texts(o, "  ", "cites", h->cites, h->cites_n);
    put_text(o, "  ", "engine", h->engine);
    put_text(o, "  ", "app", h->app);
    put_texts(o, "  ", "nodes", h->nodes, h->nodes_n);
    put_number(o, "  ", "seed", h->seed);
    if (h->bugs_n)
        put_texts(o, "  ", "bugs", h->bugs, h->bugs_n);
    put_union(o, "uses", spans, n);
    put_union(o, "tests", spans, n);
    put_line(o, "  ", "sections");
    trace_out_char(o, '[');
    for (uint32_t i = 0; i < n; i++)
        put_section(o, &spans[i], i + 1);
    trace_out_put(o, n ? "\n  ],\n" : "],\n");
    put_text(o, "  ", "result", t->complete ? t->footer.result : "incomplete");
    put_text(o, "  ", "why", t->footer.why);
    put_number(o, "  ", "event_count", t->events_n);
    put_line(o, "  ", "digest");
    trace_out_char(o, '"');
    if (t->complete)
        trace_out_hex16(o, t->footer.digest);
    trace_out_put(o, "\"\n}\n");
    bool fine = trace_out_flush(o);
    trace_out_free(o);
    free(spans);
    return fine;
}
