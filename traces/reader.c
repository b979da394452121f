/* reader.c - a file of JSON Lines into a trace, or one clear message why not.
 *
 * It never guesses: a line that does not fit its rules, a number that is missing in the
 * sequence, a message that nobody sent, counts in the footer that are not those of the
 * events: each is refused with the number of the line.  Only a file that ends too early is
 * taken as far as it goes. */
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "traces/record.h"
#include "traces/rules.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- messages by id ----------------------------------------------------------------- */

typedef struct message_slot {
    uint64_t id;    /* 0: free */
    uint64_t event; /* its send, position in events */
} message_slot;

/* Ids are given out one after the other, so most stand in a list by id; one that is far ahead
 * of its trace is looked for by its hash: open addressing, at most half full. */
struct trace_index {
    uint64_t *near; /* by id: 1 + the position of its send; 0: none */
    size_t near_n, near_capacity;
    message_slot *at;
    size_t slots, used; /* slots: 0 or a power of two */
};

enum { NEAR_MIN = 1024 };

/* The slot of the id, or the free one where it belongs. */
static message_slot *slot_of(const struct trace_index *x, uint64_t id)
{
    size_t i = (size_t)sim_hash_final(id) & (x->slots - 1);
    while (x->at[i].id && x->at[i].id != id)
        i = (i + 1) & (x->slots - 1);
    return &x->at[i];
}

/* 1 + the position of the message's send; 0: it has none. */
static uint64_t index_find(const struct trace_index *x, uint64_t id)
{
    if (id < x->near_n && x->near[id])
        return x->near[id];
    const message_slot *s = id && x->slots ? slot_of(x, id) : NULL;
    return s && s->id ? s->event + 1 : 0;
}

static void index_grow(struct trace_index *x)
{
    struct trace_index old = *x;
    x->slots = old.slots ? old.slots * 2 : 64;
    x->at = sim_alloc(x->slots * sizeof *x->at);
    for (size_t i = 0; i < old.slots; i++) {
        if (old.at[i].id)
            *slot_of(x, old.at[i].id) = old.at[i];
    }
    free(old.at);
}

static bool is_near(uint64_t id, uint64_t events)
{
    return id < NEAR_MIN || id / 4 < events;
}

/* now: how many events there are so far. */
static bool index_add(struct trace_index *x, uint64_t id, uint64_t event, uint64_t now)
{
    if (index_find(x, id))
        return false;
    if (is_near(id, now)) {
        x->near = sim_grow(x->near, &x->near_capacity, (size_t)id + 1, sizeof *x->near);
        for (; x->near_n <= id; x->near_n++)
            x->near[x->near_n] = 0;
        x->near[id] = event + 1;
        return true;
    }
    if (x->used * 2 >= x->slots)
        index_grow(x);
    *slot_of(x, id) = (message_slot){id, event};
    x->used++;
    return true;
}

const trace_event *trace_message(const trace *t, uint64_t id)
{
    const uint64_t found = index_find(t->index, id);
    return found ? &t->events[found - 1] : NULL;
}

/* ---- values by name ------------------------------------------------------------------ */

static const trace_value *among(const trace_value *values, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (values[i].name[0] == name[0] && strcmp(values[i].name, name) == 0)
            return &values[i];
    }
    return NULL;
}

const trace_value *trace_value_of(const trace_event *e, const char *name)
{
    return among(e->values, e->values_n, name);
}

const trace_value *trace_state_of(const trace_event *e, const char *name)
{
    return among(e->state, e->state_n, name);
}

const char *trace_text_of(const trace_event *e, const char *name)
{
    const trace_value *v = trace_value_of(e, name);
    return v && v->kind == TRACE_TEXT ? v->text : "";
}

uint64_t trace_number_of(const trace_event *e, const char *name)
{
    const trace_value *v = trace_value_of(e, name);
    return v && v->kind == TRACE_NUMBER ? v->number : 0;
}

/* ---- what must fit between events ------------------------------------------------------ */

static const char order_hint[] = "lines are missing, doubled or out of order";

/* The number that follows, a cause that came before, time and sections that only grow. */
static bool fits_sequence(trace_parser *p, const trace_event *e)
{
    const trace *t = p->t;
    const trace_event *before = t->events_n ? &t->events[t->events_n - 1] : NULL;
    uint64_t section = before ? before->section : 0;
    if (e->seq != t->events_n + 1)
        return trace_refuse(p, order_hint,
                            "event %" PRIu64 " was expected here, this is event %" PRIu64,
                            t->events_n + 1, e->seq);
    if (e->cause >= e->seq)
        return trace_refuse(p, "", "event %" PRIu64 " has a later one as its cause, %" PRIu64,
                            e->seq, e->cause);
    if (before && e->at_us < before->at_us)
        return trace_refuse(p, order_hint,
                            "time runs back, from %" PRIu64 " us to %" PRIu64 " us",
                            before->at_us, e->at_us);
    if (e->section != section + (e->kind == SIM_NOTE_SECTION ? 1 : 0))
        return trace_refuse(p, order_hint,
                            "section %" PRIu32 " does not follow section %" PRIu64, e->section,
                            section);
    return true;
}

/* A message was sent before anything else happens to it, and is what its send says. */
static bool fits_message(trace_parser *p, const trace_event *e)
{
    uint64_t id = trace_number_of(e, "id");
    if (e->kind == SIM_NOTE_SEND) {
        if (id && index_add(p->t->index, id, e->seq - 1, e->seq))
            return true;
        return trace_refuse(p, order_hint, "message #%" PRIu64 " was sent before", id);
    }
    const trace_event *send = trace_message(p->t, id);
    if (!send)
        return trace_refuse(p, order_hint, "message #%" PRIu64 " was never sent", id);
    if (strcmp(trace_text_of(send, "from"), trace_text_of(e, "from")) != 0 ||
        strcmp(trace_text_of(send, "to"), trace_text_of(e, "to")) != 0 ||
        strcmp(trace_text_of(send, "type"), trace_text_of(e, "type")) != 0)
        return trace_refuse(p, "", "message #%" PRIu64 " was sent as something else", id);
    uint64_t copy = trace_number_of(e, "copy");
    if (e->kind == SIM_NOTE_DUPLICATE &&
        (!copy || !index_add(p->t->index, copy, (uint64_t)(send - p->t->events), e->seq)))
        return trace_refuse(p, order_hint, "message #%" PRIu64 " was sent before", copy);
    return true;
}

/* The entries of an append stand where it says. */
static bool fits_append(trace_parser *p, const trace_event *e)
{
    const trace_value *entries = trace_value_of(e, "entries");
    uint64_t index = trace_number_of(e, "index");
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64 "@", index);
    if (entries->n && strncmp(entries->texts[0], digits, (size_t)len) == 0)
        return true;
    return trace_refuse(p, "", "the entries do not start at index %" PRIu64, index);
}

/* Facts come from events that came before. */
static bool fits_violation(trace_parser *p, const trace_event *e)
{
    static const char *const keys[] = {"one_seq", "other_seq"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const trace_value *v = trace_value_of(e, keys[i]);
        if (v && (v->number == 0 || v->number >= e->seq))
            return trace_refuse(p, "", "'%s' of event %" PRIu64 " names no earlier event",
                                keys[i], e->seq);
    }
    return true;
}

static bool count_fits(trace_parser *p, const char *what, uint64_t said, uint64_t found)
{
    if (said == found)
        return true;
    return trace_refuse(p, "lines are missing or were changed",
                        "the footer counts %" PRIu64 " %s%s, the trace has %" PRIu64, said,
                        what, sim_plural(said), found);
}

static bool fits_footer(trace_parser *p)
{
    const trace *t = p->t;
    const trace_footer *f = &t->footer;
    uint64_t n[SIM_NOTE_COUNT] = {0};
    uint64_t at_us = t->events_n ? t->events[t->events_n - 1].at_us : 0;
    for (uint64_t i = 0; i < t->events_n; i++)
        n[t->events[i].kind]++;
    return count_fits(p, "event", f->events, t->events_n) &&
           count_fits(p, "send", f->sends, n[SIM_NOTE_SEND]) &&
           count_fits(p, "deliver", f->delivers, n[SIM_NOTE_DELIVER]) &&
           count_fits(p, "drop", f->drops, n[SIM_NOTE_DROP]) &&
           count_fits(p, "expect", f->expects, n[SIM_NOTE_EXPECT]) &&
           count_fits(p, "violation", f->violations, n[SIM_NOTE_VIOLATION]) &&
           (f->at_us == at_us ||
            trace_refuse(p, "lines are missing or were changed",
                         "the footer ends at %" PRIu64 " us, the trace at %" PRIu64 " us",
                         f->at_us, at_us));
}

/* ---- lines ------------------------------------------------------------------------------ */

/* A look at the shape before anything is allocated for it. */
static bool fits_size(trace_parser *p, const char *s, size_t len)
{
    size_t values = 0;
    int depth = 0;
    bool quoted = false;
    if (len > TRACE_LINE_BYTES_MAX)
        return trace_refuse(p, "is this a trace?", "the line has more than %d MiB",
                            TRACE_LINE_BYTES_MAX >> 20);
    for (size_t i = 0; i < len; i++) {
        if (quoted) {
            if (s[i] == '\\')
                i++;
            else
                quoted = s[i] != '"';
            continue;
        }
        quoted = s[i] == '"';
        values += s[i] == ',';
        depth += (s[i] == '{' || s[i] == '[') - (s[i] == '}' || s[i] == ']');
        if (depth > TRACE_LINE_DEPTH_MAX || values > TRACE_LINE_VALUES_MAX)
            return trace_refuse(p, "is this a trace?",
                                "the line is nested too deep or holds "
                                "too many values");
    }
    return true;
}

static bool take_event(trace_parser *p, const json_t *line, size_t *capacity)
{
    trace *t = p->t;
    trace_event e;
    if (!trace_record_event(p, line, &e) || !fits_sequence(p, &e))
        return false;
    if (trace_is_message(e.kind) && !fits_message(p, &e))
        return false;
    if ((e.kind == SIM_NOTE_APPEND && !fits_append(p, &e)) ||
        (e.kind == SIM_NOTE_VIOLATION && !fits_violation(p, &e)))
        return false;
    t->events = sim_grow(t->events, capacity, (size_t)t->events_n + 1, sizeof *t->events);
    t->events[t->events_n++] = e;
    return true;
}

static bool take_line(trace_parser *p, const json_t *line, size_t *capacity)
{
    if (!json_is_object(line))
        return trace_refuse(p, "", "the line is no JSON object");
    if (p->line == 1)
        return trace_record_header(p, line);
    if (p->t->complete)
        return trace_refuse(p, "two traces in one file?", "something stands behind the footer");
    if (!trace_record_is_footer(line))
        return take_event(p, line, capacity);
    p->t->complete = true;
    return trace_record_footer(p, line) && fits_footer(p);
}

static bool refuse_json(trace_parser *p, const json_error_t *why)
{
    /* jansson quotes the input in its text */
    return trace_refuse(
        p, p->line == 1 ? "a trace starts with {\"format\":\"" TRACE_FORMAT "\"" : "",
        "the line is no JSON: %s", trace_quote(why->text).at);
}

/* The last line when it has no end: whole, or cut in half, which is no error unless it is
 * the header. */
static bool is_cut(const trace_parser *p, const char *s, bool ended)
{
    return !ended && s[0] == '{' && p->line > 1 && !p->t->complete;
}

static bool read_lines(trace_parser *p, const char *bytes, size_t len)
{
    size_t capacity = 0;
    for (size_t at = 0; at < len;) {
        const char *s = bytes + at;
        const char *newline = memchr(s, '\n', len - at);
        size_t n = newline ? (size_t)(newline - s) : len - at;
        json_error_t why;
        p->line++;
        if (n == 0)
            return trace_refuse(p, "", "the line is empty");
        if (!fits_size(p, s, n))
            return false;
        json_t *line = json_loadb(s, n, JSON_REJECT_DUPLICATES, &why);
        if (!line)
            return is_cut(p, s, newline != NULL) || refuse_json(p, &why);
        bool fine = take_line(p, line, &capacity);
        json_decref(line);
        if (!fine)
            return false;
        at += n + (newline != NULL);
    }
    return true;
}

trace *trace_read(const char *bytes, size_t len, trace_error *error)
{
    *error = (trace_error){0};
    json_object_seed(1); /* the same order and cost in every run */
    trace *t = sim_alloc(sizeof *t);
    t->index = sim_alloc(sizeof *t->index);
    trace_parser *p = sim_alloc(sizeof *p);
    *p = (trace_parser){.t = t, .error = error};
    bool fine = len ? read_lines(p, bytes, len) : trace_refuse(p, "", "the file is empty");
    if (!t->complete) {
        t->footer = (trace_footer){.result = "", .why = ""};
        t->footer.events = t->events_n;
    }
    free(p);
    if (fine)
        return t;
    trace_free(t);
    return NULL;
}

void trace_free(trace *t)
{
    if (!t)
        return;
    free(t->events);
    free(t->index->near);
    free(t->index->at);
    free(t->index);
    sim_arena_free(&t->arena);
    free(t);
}
