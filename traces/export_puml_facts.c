/* export_puml_facts.c - one walk over the trace before anything is drawn: the fate of each
 * message and of each write, and which events are one step. */
#include "traces/export_puml.h"

#include "sim/base/memory.h"
#include "traces/record.h"

#include <stdlib.h>
#include <string.h>

/* ---- steps --------------------------------------------------------------------------- */

/* What can be the consequence of something else on the same node, at once. */
static bool is_effect(sim_note_kind kind)
{
    static const bool effects[SIM_NOTE_COUNT] = {
        [SIM_NOTE_SEND] = true,   [SIM_NOTE_ROLE] = true,   [SIM_NOTE_TERM] = true,
        [SIM_NOTE_VOTE] = true,   [SIM_NOTE_APPEND] = true, [SIM_NOTE_TRUNCATE] = true,
        [SIM_NOTE_COMMIT] = true, [SIM_NOTE_APPLY] = true,  [SIM_NOTE_SNAPSHOT] = true,
        [SIM_NOTE_CONFIG] = true, [SIM_NOTE_DISK] = true,   [SIM_NOTE_RESPONSE] = true,
    };
    return effects[kind];
}

/* What the network does to a message in flight stands beside the steps of the nodes. */
static bool is_fate(sim_note_kind kind)
{
    return kind == SIM_NOTE_DROP || kind == SIM_NOTE_HOLD || kind == SIM_NOTE_DUPLICATE;
}

static void find_steps(puml_facts *f)
{
    const trace *t = f->trace;
    uint64_t now = 0; /* the head of the latest step */
    for (uint64_t i = 0; i < t->events_n; i++) {
        const trace_event *e = &t->events[i];
        f->head[i] = i;
        if (is_fate(e->kind))
            continue;
        if (is_effect(e->kind) && e->cause && e->cause <= i && f->head[e->cause - 1] == now) {
            f->head[i] = now;
            f->led_to[now]++;
        } else {
            now = i;
        }
    }
}

/* ---- messages ------------------------------------------------------------------------ */

static void note_message(puml_facts *f, const trace_event *e)
{
    puml_message *m = puml_message_at(f, e);
    if (!m)
        return;
    if (e->kind == SIM_NOTE_SEND) {
        m->send = m->born = e;
    } else if (e->kind == SIM_NOTE_DUPLICATE) {
        puml_message *copy = puml_message_of(f, trace_number_of(e, "copy"));
        if (!copy || !m->send)
            return;
        copy->send = m->send;
        copy->born = e;
        copy->copy_of = m->id;
        m->duplicated = true;
    } else if (e->kind == SIM_NOTE_HOLD) {
        m->hold = m->hold ? m->hold : e;
    } else if (!m->end) {
        m->end = e;
    }
}

static void find_messages(puml_facts *f)
{
    for (uint64_t i = 0; i <= f->messages_n; i++)
        f->messages[i].id = i;
    for (uint64_t i = 0; i < f->trace->events_n; i++) {
        const trace_event *e = &f->trace->events[i];
        if (e->kind == SIM_NOTE_SEND || e->kind == SIM_NOTE_DELIVER || is_fate(e->kind))
            note_message(f, e);
    }
}

puml_message *puml_message_of(const puml_facts *f, uint64_t id)
{
    return id && id <= f->messages_n ? &f->messages[id] : NULL;
}

puml_message *puml_message_at(const puml_facts *f, const trace_event *e)
{
    return puml_message_of(f, trace_number_of(e, "id"));
}

bool puml_is_reply(const trace_event *send)
{
    const char *type = trace_text_of(send, "type");
    size_t len = strlen(type);
    return len > 5 && strcmp(type + len - 5, "Reply") == 0;
}

bool puml_is_heartbeat(const trace_event *send)
{
    const trace_value *entries = trace_value_of(send, "entries");
    return strcmp(trace_text_of(send, "type"), "AppendEntries") == 0 &&
           (!entries || entries->n == 0);
}

int puml_lane(const puml_facts *f, const char *name)
{
    return *name ? trace_node_index(&f->trace->header, name, strlen(name)) : -1;
}

/* ---- writes -------------------------------------------------------------------------- */

typedef struct writes {
    uint64_t *at; /* by number of the write: position of its submission, plus 1 */
    size_t capacity;
    bool held; /* the disk is, now */
} writes;

static bool is_op(const trace_event *e, const char *op)
{
    return strcmp(trace_text_of(e, "op"), op) == 0;
}

static void note_write(puml_facts *f, writes *w, uint64_t i)
{
    const trace_event *e = &f->trace->events[i];
    uint64_t number = trace_number_of(e, "write");
    if (is_op(e, "held") || is_op(e, "released"))
        w->held = is_op(e, "held");
    f->held[i] = w->held;
    if (!number || number > f->trace->events_n)
        return;
    size_t had = w->capacity;
    if (number >= had) {
        w->at = sim_grow(w->at, &w->capacity, (size_t)number + 1, sizeof *w->at);
        memset(w->at + had, 0, (w->capacity - had) * sizeof *w->at);
    }
    if (is_op(e, "submitted"))
        w->at[number] = i + 1;
    else if (w->at[number] && !f->outcome[w->at[number] - 1])
        f->outcome[w->at[number] - 1] = e;
}

static void find_writes(puml_facts *f)
{
    writes nodes[SIM_NODES_MAX] = {{0}};
    for (uint64_t i = 0; i < f->trace->events_n; i++) {
        const trace_event *e = &f->trace->events[i];
        int lane = e->kind == SIM_NOTE_DISK ? puml_lane(f, e->node) : -1;
        if (lane >= 0)
            note_write(f, &nodes[lane], i);
    }
    for (int i = 0; i < SIM_NODES_MAX; i++)
        free(nodes[i].at);
}

bool puml_write_waits(const puml_facts *f, const trace_event *submitted)
{
    enum { NOTICED_US = 10000 };
    const trace_event *then = f->outcome[submitted->seq - 1];
    if (!then) /* not within the trace */
        then = &f->trace->events[f->trace->events_n - 1];
    return f->held[submitted->seq - 1] || then->at_us - submitted->at_us > NOTICED_US;
}

/* ---- life ---------------------------------------------------------------------------- */

puml_facts *puml_facts_new(const trace *t)
{
    puml_facts *f = sim_alloc(sizeof *f);
    size_t n = (size_t)t->events_n;
    f->trace = t;
    f->messages_n = t->events_n; /* every message has an event that made it */
    f->messages = sim_alloc((n + 1) * sizeof *f->messages);
    f->head = sim_alloc((n + 1) * sizeof *f->head);
    f->led_to = sim_alloc((n + 1) * sizeof *f->led_to);
    f->outcome = sim_alloc((n + 1) * sizeof *f->outcome);
    f->held = sim_alloc((n + 1) * sizeof *f->held);
    find_steps(f);
    find_messages(f);
    find_writes(f);
    for (uint64_t i = 0; !f->violation && i < t->events_n; i++) {
        if (t->events[i].kind == SIM_NOTE_VIOLATION)
            f->violation = &t->events[i];
    }
    return f;
}

void puml_facts_free(puml_facts *f)
{
    if (!f)
        return;
    free(f->messages);
    free(f->head);
    free(f->led_to);
    free(f->outcome);
    free(f->held);
    free(f);
}
