/* writer.c - notes into lines of JSON, as they come.
 *
 * Canonical: keys in a fixed order, no blanks, integers and strings only, so that the same
 * run gives the same bytes on every machine.  An event costs no allocation: what it needs
 * goes straight from the note into the buffer. */
#include "sim/base/memory.h"
#include "traces/out.h"

#include <assert.h>
#include <stdlib.h>

typedef struct name {
    char *at;
    size_t len;
    bool plain; /* it stands in a trace as it is */
} name;

enum { PLACE_BYTES = 96 }; /* three keys, three numbers of at most 20 digits, two quotes */

typedef struct place { /* of the last note */
    sim_us at;
    uint32_t section, line;
    size_t len; /* 0: there was none yet */
    char bytes[PLACE_BYTES];
} place;

struct trace_writer {
    trace_out *out;
    place place;
    const sim_engine *engine;
    name nodes[SIM_NODES_MAX + 1]; /* by id; 0 is nobody, the empty name */
    uint32_t nodes_n;
    trace_footer counts;
};

/* ---- values -------------------------------------------------------------------- */

/* Keys are ours: plain words. */
static inline void put_key(trace_out *o, bool first, const char *key)
{
    const size_t len = strlen(key);
    trace_out_room(o, len + 4);
    char *to = o->bytes + o->len;
    if (!first)
        *to++ = ',';
    *to++ = '"';
    memcpy(to, key, len);
    memcpy(to + len, "\":", 2);
    o->len = (size_t)(to - o->bytes) + len + 2;
}

static void put_text(trace_out *o, const char *s)
{
    trace_out_json(o, s ? s : "", s ? strlen(s) : 0);
}

static void put_texts(trace_out *o, const char *const *texts, uint32_t n)
{
    trace_out_char(o, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            trace_out_char(o, ',');
        put_text(o, texts[i]);
    }
    trace_out_char(o, ']');
}

static void put_name(trace_writer *w, uint64_t id)
{
    assert(id <= w->nodes_n);
    const name *n = &w->nodes[id];
    if (n->plain)
        trace_out_bytes(w->out, n->at, n->len);
    else
        trace_out_json_inside(w->out, n->at, n->len);
}

static void put_node(trace_writer *w, uint64_t id)
{
    trace_out_char(w->out, '"');
    put_name(w, id);
    trace_out_char(w->out, '"');
}

static void put_set(trace_writer *w, sim_set set)
{
    bool first = true;
    trace_out_char(w->out, '"');
    for (sim_id id = 0; (id = sim_next(set, id)); first = false) {
        if (!first)
            trace_out_char(w->out, ' ');
        put_name(w, id);
    }
    trace_out_char(w->out, '"');
}

static void put_entries(trace_out *o, uint64_t first, const sim_entry *entries, uint32_t n)
{
    trace_out_char(o, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            trace_out_char(o, ',');
        trace_out_json_entry(o, first + i, &entries[i]);
    }
    trace_out_char(o, ']');
}

static void put_value(trace_writer *w, const sim_field *f)
{
    switch (f->kind) {
    case SIM_FIELD_NUMBER:
        trace_out_json_u64(w->out, f->number);
        break;
    case SIM_FIELD_NODE:
        put_node(w, f->number);
        break;
    case SIM_FIELD_SET:
        put_set(w, f->number);
        break;
    case SIM_FIELD_POINT:
        trace_out_char(w->out, '"');
        trace_out_point(w->out, f->point);
        trace_out_char(w->out, '"');
        break;
    case SIM_FIELD_YESNO:
        trace_out_put(w->out, f->number ? "\"yes\"" : "\"no\"");
        break;
    case SIM_FIELD_TEXT:
        trace_out_json(w->out, f->text, f->len);
        break;
    case SIM_FIELD_TEXTS:
        put_texts(w->out, f->texts, f->n);
        break;
    case SIM_FIELD_ENTRIES:
        put_entries(w->out, f->number, f->entries, f->n);
        break;
    }
}

/* ---- events -------------------------------------------------------------------- */

static void field(void *self, const sim_field *f)
{
    trace_writer *w = self;
    put_key(w->out, false, f->name);
    put_value(w, f);
}

typedef struct delta {
    trace_writer *w;
    bool first;
} delta;

static void state_field(void *self, const sim_field *f)
{
    delta *d = self;
    put_key(d->w->out, d->first, f->name);
    put_value(d->w, f);
    d->first = false;
}

static void put_state(trace_writer *w, const sim_state *s)
{
    delta d = {w, true};
    put_key(w->out, false, "state");
    trace_out_char(w->out, '{');
    sim_state_describe(s, state_field, &d);
    trace_out_char(w->out, '}');
}

static void count(trace_footer *f, const sim_note *n)
{
    f->events++;
    f->sends += n->kind == SIM_NOTE_SEND;
    f->delivers += n->kind == SIM_NOTE_DELIVER;
    f->drops += n->kind == SIM_NOTE_DROP;
    f->expects += n->kind == SIM_NOTE_EXPECT;
    f->violations += n->kind == SIM_NOTE_VIOLATION;
    f->at_us = n->at;
}

static inline void put_part(trace_out *o, const char *before, uint64_t v)
{
    trace_out_put(o, before);
    trace_out_json_u64(o, v);
}

/* Several notes belong to one moment and one line of the scenario: what they say of it is put
 * into bytes once. */
static void put_place(trace_writer *w, const sim_note *n)
{
    trace_out *o = w->out;
    place *p = &w->place;
    if (p->len && n->at == p->at && n->section == p->section && n->line == p->line) {
        trace_out_bytes(o, p->bytes, p->len);
        return;
    }
    trace_out_room(o, sizeof p->bytes);
    const size_t from = o->len;
    put_part(o, ",\"at_us\":", n->at);
    put_part(o, ",\"section\":", n->section);
    put_part(o, ",\"line\":", n->line);
    p->at = n->at;
    p->section = n->section;
    p->line = n->line;
    p->len = o->len - from;
    assert(p->len <= sizeof p->bytes);
    memcpy(p->bytes, o->bytes + from, p->len);
}

static void note(void *self, const sim_note *n)
{
    trace_writer *w = self;
    trace_out *o = w->out;
    count(&w->counts, n);
    if (o->failed)
        return;
    put_part(o, "{\"seq\":", n->seq);
    put_place(w, n);
    put_part(o, ",\"cause\":", n->cause);
    trace_out_put(o, ",\"kind\":\"");
    trace_out_put(o, sim_note_kind_name(n->kind));
    trace_out_put(o, "\",\"node\":");
    put_node(w, n->node);
    sim_note_describe(w->engine, n, field, w);
    if (n->state.changed)
        put_state(w, &n->state);
    trace_out_bytes(o, "}\n", 2);
}

sim_observer trace_writer_observer(trace_writer *w)
{
    return (sim_observer){note, w};
}

/* ---- header and footer --------------------------------------------------------- */

static void put_options(trace_out *o, const trace_header *h)
{
    trace_out_char(o, '{');
    for (uint32_t i = 0; i < h->options_n; i++) {
        if (i)
            trace_out_char(o, ',');
        put_text(o, h->options[i].name);
        trace_out_char(o, ':');
        put_text(o, h->options[i].value);
    }
    trace_out_char(o, '}');
}

static void put_source(trace_out *o, const trace_header *h)
{
    trace_out_char(o, '[');
    for (uint32_t i = 0; i < h->source_n; i++) {
        trace_out_put(o, i ? ",{\"path\":" : "{\"path\":");
        put_text(o, h->source[i].path);
        trace_out_put(o, ",\"text\":");
        trace_out_json(o, h->source[i].text, h->source[i].len);
        trace_out_char(o, '}');
    }
    trace_out_char(o, ']');
}

static void put_named(trace_out *o, const char *key, const char *text)
{
    put_key(o, false, key);
    put_text(o, text);
}

static void put_header(trace_out *o, const trace_header *h)
{
    trace_out_char(o, '{');
    put_key(o, true, "format");
    put_text(o, h->format ? h->format : TRACE_FORMAT);
    put_named(o, "program", h->program ? h->program : TRACE_PROGRAM_VERSION);
    put_named(o, "scenario", h->scenario);
    put_named(o, "title", h->title);
    put_named(o, "about", h->about);
    put_key(o, false, "cites");
    put_texts(o, h->cites, h->cites_n);
    put_named(o, "engine", h->engine);
    put_named(o, "app", h->app);
    put_key(o, false, "nodes");
    put_texts(o, h->nodes, h->nodes_n);
    if (h->members) /* like bugs below: seldom */
        put_named(o, "members", h->members);
    put_part(o, ",\"seed\":", h->seed);
    put_key(o, false, "options");
    put_options(o, h);
    if (h->bugs_n) { /* seldom: a header without planted bugs does not speak of them */
        put_key(o, false, "bugs");
        put_texts(o, h->bugs, h->bugs_n);
    }
    put_key(o, false, "source");
    put_source(o, h);
    trace_out_bytes(o, "}\n", 2);
}

/* A trace knows four results; what a runner has beyond them is one of these. */
static const char *result_word(const char *result)
{
    static const char *const words[] = {"passed", "failed", "violation", "error"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(result, words[i]) == 0)
            return words[i];
    }
    return strcmp(result, "no_progress") == 0 ? "failed" : "error";
}

static void put_footer(trace_out *o, const trace_footer *f, const char *result, const char *why,
                       uint64_t digest)
{
    trace_out_char(o, '{');
    put_key(o, true, "result");
    put_text(o, result_word(result));
    put_named(o, "why", why);
    put_part(o, ",\"events\":", f->events);
    put_part(o, ",\"sends\":", f->sends);
    put_part(o, ",\"delivers\":", f->delivers);
    put_part(o, ",\"drops\":", f->drops);
    put_part(o, ",\"expects\":", f->expects);
    put_part(o, ",\"violations\":", f->violations);
    put_part(o, ",\"at_us\":", f->at_us);
    trace_out_put(o, ",\"digest\":\"");
    trace_out_hex16(o, digest);
    trace_out_bytes(o, "\"}\n", 3);
}

/* ---- life ---------------------------------------------------------------------- */

trace_writer *trace_writer_new(trace_sink sink, const sim_engine *engine,
                               const trace_header *header)
{
    assert(header->nodes_n <= SIM_NODES_MAX);
    trace_writer *w = sim_alloc(sizeof *w);
    w->out = trace_out_new(sink);
    w->engine = engine;
    w->nodes_n = header->nodes_n;
    w->nodes[0] = (name){.at = NULL};
    for (uint32_t i = 0; i < header->nodes_n; i++) {
        name *n = &w->nodes[i + 1];
        n->len = strlen(header->nodes[i]);
        n->at = sim_alloc(n->len + 1);
        memcpy(n->at, header->nodes[i], n->len);
        n->plain = trace_out_json_is_plain(n->at, n->len);
    }
    put_header(w->out, header);
    return w;
}

bool trace_writer_finish(trace_writer *w, const char *result, const char *why, uint64_t digest)
{
    put_footer(w->out, &w->counts, result, why, digest);
    return trace_out_flush(w->out);
}

bool trace_writer_flush(trace_writer *w)
{
    return trace_out_flush(w->out);
}

bool trace_writer_failed(const trace_writer *w)
{
    return w->out->failed;
}

void trace_writer_free(trace_writer *w)
{
    if (!w)
        return;
    for (uint32_t i = 1; i <= w->nodes_n; i++)
        free(w->nodes[i].at);
    trace_out_free(w->out);
    free(w);
}
