/* note.c - the names of the notes and of their values: the one place where a note's
 * members get the names and the order under which traces, reports and conditions show
 * them. */
#include "sim/note.h"

#include <assert.h>
#include <string.h>

/* ---- names --------------------------------------------------------------------- */

#define SIM_NAME(name, text) [SIM_NOTE_##name] = text,
static const char *const kind_names[SIM_NOTE_COUNT] = {SIM_NOTES(SIM_NAME)};
#undef SIM_NAME
#define SIM_NAME(name, text) [SIM_DROP_##name] = text,
static const char *const drop_names[SIM_DROP_COUNT] = {SIM_DROPS(SIM_NAME)};
#undef SIM_NAME
#define SIM_NAME(name, text) [SIM_STATUS_##name] = text,
static const char *const status_names[SIM_STATUS_COUNT] = {SIM_STATUSES(SIM_NAME)};
#undef SIM_NAME

const char *sim_note_kind_name(sim_note_kind kind)
{
    assert((uint32_t)kind < SIM_NOTE_COUNT);
    return kind_names[kind];
}

const char *sim_drop_name(sim_drop drop)
{
    assert((uint32_t)drop < SIM_DROP_COUNT);
    return drop_names[drop];
}

const char *sim_status_name(sim_status status)
{
    assert((uint32_t)status < SIM_STATUS_COUNT);
    return status_names[status];
}

enum { FIELDS_MAX = 11 }; /* of a kind, with the NULL */

/* In the order of sim_note_describe().  A SEND has its message's own fields between term
 * and forged: sim_engine.field_names knows those. */
static const char *const field_names[SIM_NOTE_COUNT][FIELDS_MAX] = {
    [SIM_NOTE_SECTION] = {"title", "role", "uses", "tests"},
    [SIM_NOTE_NOTE] = {"text"},
    [SIM_NOTE_COMMAND] = {"text"},
    [SIM_NOTE_TIMER] = {"timer", "ignored"},
    [SIM_NOTE_SEND] = {"id", "from", "to", "type", "term", "forged"},
    [SIM_NOTE_DELIVER] = {"id", "from", "to", "type", "ignored"},
    [SIM_NOTE_DROP] = {"id", "from", "to", "type", "reason"},
    [SIM_NOTE_DUPLICATE] = {"id", "from", "to", "type", "copy"},
    [SIM_NOTE_HOLD] = {"id", "from", "to", "type", "due", "released"},
    [SIM_NOTE_ROLE] = {"from", "to", "why"},
    [SIM_NOTE_TERM] = {"from", "to"},
    [SIM_NOTE_VOTE] = {"candidate", "term"},
    [SIM_NOTE_APPEND] = {"index", "entries"},
    [SIM_NOTE_TRUNCATE] = {"index", "count"},
    [SIM_NOTE_COMMIT] = {"from", "to"},
    [SIM_NOTE_APPLY] = {"from", "to"},
    [SIM_NOTE_DISK] = {"op", "write", "term", "vote", "snapshot", "truncate", "first", "count",
                       "up_to", "what"},
    [SIM_NOTE_SNAPSHOT] = {"op", "point", "bytes", "offset"},
    [SIM_NOTE_CONFIG] = {"members", "index", "why"},
    [SIM_NOTE_CRASH] = {"how"},
    [SIM_NOTE_RESTART] = {"how"},
    [SIM_NOTE_PAUSE] = {"how"},
    [SIM_NOTE_RESUME] = {"how"},
    [SIM_NOTE_PARTITION] = {"links"},
    [SIM_NOTE_HEAL] = {"links"},
    [SIM_NOTE_REQUEST] = {"id", "name", "to", "command"},
    [SIM_NOTE_RESPONSE] = {"id", "name", "status", "answer", "leader", "at"},
    [SIM_NOTE_EXPECT] = {"condition", "actual", "passed"},
    [SIM_NOTE_VIOLATION] = {"invariant", "cite", "one", "other", "one_seq", "other_seq"},
};

const char *const *sim_note_field_names(sim_note_kind kind)
{
    assert((uint32_t)kind < SIM_NOTE_COUNT);
    return field_names[kind];
}

/* ---- values -------------------------------------------------------------------- */

typedef struct teller {
    sim_field_fn *fn;
    void *to;
} teller;

static void tell_scalar(const teller *t, const char *name, sim_field_kind kind, uint64_t v)
{
    t->fn(t->to, &(sim_field){.name = name, .kind = kind, .number = v});
}

static void tell_number(const teller *t, const char *name, uint64_t v)
{
    tell_scalar(t, name, SIM_FIELD_NUMBER, v);
}

static void tell_node(const teller *t, const char *name, sim_id id)
{
    tell_scalar(t, name, SIM_FIELD_NODE, id);
}

static void tell_bytes(const teller *t, const char *name, const char *text, size_t len)
{
    t->fn(t->to, &(sim_field){.name = name, .kind = SIM_FIELD_TEXT, .text = text, .len = len});
}

/* NULL is the empty text. */
static void tell_text(const teller *t, const char *name, const char *text)
{
    tell_bytes(t, name, text ? text : "", text ? strlen(text) : 0);
}

static void tell_text_if(const teller *t, const char *name, const char *text)
{
    if (text)
        tell_text(t, name, text);
}

static void tell_texts(const teller *t, const char *name, const char *const *texts, uint32_t n)
{
    t->fn(t->to, &(sim_field){.name = name, .kind = SIM_FIELD_TEXTS, .texts = texts, .n = n});
}

static void tell_point(const teller *t, const char *name, sim_point point)
{
    t->fn(t->to, &(sim_field){.name = name, .kind = SIM_FIELD_POINT, .point = point});
}

/* What every note about a message starts with. */
static void tell_message(const teller *t, const sim_engine *engine, const sim_note *n)
{
    const sim_message *m = n->as.message.message;
    tell_number(t, "id", n->as.message.id);
    tell_node(t, "from", m->from);
    tell_node(t, "to", m->to);
    tell_text(t, "type", engine->type_name(m->type));
}

static void tell_send(const teller *t, const sim_engine *engine, const sim_note *n)
{
    tell_message(t, engine, n);
    tell_number(t, "term", n->as.message.message->term);
    engine->describe(n->as.message.message, t->fn, t->to);
    if (n->as.message.forged)
        tell_scalar(t, "forged", SIM_FIELD_YESNO, 1);
}

static void tell_disk(const teller *t, const sim_note *n)
{
    tell_text(t, "op", n->as.disk.op);
    tell_number(t, "write", n->as.disk.write);
    if (n->as.disk.hard_state) {
        tell_number(t, "term", n->as.disk.term);
        tell_node(t, "vote", n->as.disk.vote);
    }
    if (n->as.disk.snapshot.index)
        tell_point(t, "snapshot", n->as.disk.snapshot);
    if (n->as.disk.truncate)
        tell_number(t, "truncate", n->as.disk.truncate);
    if (n->as.disk.n) {
        tell_number(t, "first", n->as.disk.index);
        tell_number(t, "count", n->as.disk.n);
    }
    if (n->as.disk.up_to.index)
        tell_point(t, "up_to", n->as.disk.up_to);
    tell_text_if(t, "what", n->as.disk.what);
}

static void tell_request(const teller *t, const sim_note *n)
{
    tell_number(t, "id", n->as.request.id);
    tell_text(t, "name", n->as.request.name);
    tell_node(t, "to", n->node);
    tell_bytes(t, "command", n->as.request.command, n->as.request.command_len);
}

static void tell_response(const teller *t, const sim_note *n)
{
    tell_number(t, "id", n->as.request.id);
    tell_text(t, "name", n->as.request.name);
    tell_text(t, "status", sim_status_name(n->as.request.status));
    if (n->as.request.answer)
        tell_bytes(t, "answer", n->as.request.answer, n->as.request.answer_len);
    if (n->as.request.leader)
        tell_node(t, "leader", n->as.request.leader);
    if (n->as.request.point.index)
        tell_point(t, "at", n->as.request.point);
}

void sim_note_describe(const sim_engine *engine, const sim_note *n, sim_field_fn *fn, void *to)
{
    const teller t = {fn, to};
    switch (n->kind) {
    case SIM_NOTE_SECTION:
        tell_text(&t, "title", n->as.section.title);
        tell_text(&t, "role", n->as.section.prepare ? "prepare" : "section");
        tell_texts(&t, "uses", n->as.section.uses, n->as.section.uses_n);
        tell_texts(&t, "tests", n->as.section.tests, n->as.section.tests_n);
        break;
    case SIM_NOTE_NOTE:
    case SIM_NOTE_COMMAND:
        tell_text(&t, "text", n->as.text.text);
        break;
    case SIM_NOTE_TIMER:
        tell_text(&t, "timer", sim_timer_name(n->as.timer.timer));
        tell_text_if(&t, "ignored", n->as.timer.ignored);
        break;
    case SIM_NOTE_SEND:
        tell_send(&t, engine, n);
        break;
    case SIM_NOTE_DELIVER:
        tell_message(&t, engine, n);
        tell_text_if(&t, "ignored", n->as.message.ignored);
        break;
    case SIM_NOTE_DROP:
        tell_message(&t, engine, n);
        tell_text(&t, "reason", sim_drop_name(n->as.message.drop));
        break;
    case SIM_NOTE_DUPLICATE:
        tell_message(&t, engine, n);
        tell_number(&t, "copy", n->as.message.copy);
        break;
    case SIM_NOTE_HOLD:
        tell_message(&t, engine, n);
        if (n->as.message.due)
            tell_number(&t, "due", n->as.message.due);
        if (n->as.message.released)
            tell_scalar(&t, "released", SIM_FIELD_YESNO, 1);
        break;
    case SIM_NOTE_ROLE:
        tell_text(&t, "from", sim_role_name(n->as.role.from));
        tell_text(&t, "to", sim_role_name(n->as.role.to));
        tell_text(&t, "why", n->as.role.why);
        break;
    case SIM_NOTE_TERM:
        tell_number(&t, "from", n->as.term.from);
        tell_number(&t, "to", n->as.term.to);
        break;
    case SIM_NOTE_VOTE:
        tell_node(&t, "candidate", n->as.vote.candidate);
        tell_number(&t, "term", n->as.vote.term);
        break;
    case SIM_NOTE_APPEND:
        tell_number(&t, "index", n->as.append.index);
        fn(to, &(sim_field){.name = "entries",
                            .kind = SIM_FIELD_ENTRIES,
                            .number = n->as.append.index,
                            .entries = n->as.append.entries,
                            .n = n->as.append.n});
        break;
    case SIM_NOTE_TRUNCATE:
        tell_number(&t, "index", n->as.truncate.index);
        tell_number(&t, "count", n->as.truncate.n);
        break;
    case SIM_NOTE_COMMIT:
    case SIM_NOTE_APPLY:
        tell_number(&t, "from", n->as.range.from);
        tell_number(&t, "to", n->as.range.to);
        break;
    case SIM_NOTE_DISK:
        tell_disk(&t, n);
        break;
    case SIM_NOTE_CRASH:
    case SIM_NOTE_RESTART:
    case SIM_NOTE_PAUSE:
    case SIM_NOTE_RESUME:
        tell_text_if(&t, "how", n->as.life.how);
        break;
    case SIM_NOTE_PARTITION:
    case SIM_NOTE_HEAL:
        tell_text(&t, "links", n->as.links.text);
        break;
    case SIM_NOTE_REQUEST:
        tell_request(&t, n);
        break;
    case SIM_NOTE_RESPONSE:
        tell_response(&t, n);
        break;
    case SIM_NOTE_EXPECT:
        tell_text(&t, "condition", n->as.expect.condition);
        tell_text(&t, "actual", n->as.expect.actual);
        tell_scalar(&t, "passed", SIM_FIELD_YESNO, n->as.expect.passed);
        break;
    case SIM_NOTE_VIOLATION:
        tell_text(&t, "invariant", n->as.violation.invariant);
        tell_text(&t, "cite", n->as.violation.cite);
        tell_text(&t, "one", n->as.violation.one);
        tell_text(&t, "other", n->as.violation.other);
        if (n->as.violation.one_seq)
            tell_number(&t, "one_seq", n->as.violation.one_seq);
        if (n->as.violation.other_seq)
            tell_number(&t, "other_seq", n->as.violation.other_seq);
        break;
    case SIM_NOTE_SNAPSHOT:
        tell_text(&t, "op", n->as.snapshot.op);
        if (n->as.snapshot.last.index)
            tell_point(&t, "point", n->as.snapshot.last);
        if (n->as.snapshot.bytes)
            tell_number(&t, "bytes", n->as.snapshot.bytes);
        if (n->as.snapshot.offset)
            tell_number(&t, "offset", n->as.snapshot.offset);
        break;
    case SIM_NOTE_CONFIG:
        tell_text(&t, "members", n->as.config.text);
        if (n->as.config.index)
            tell_number(&t, "index", n->as.config.index);
        tell_text_if(&t, "why", n->as.config.why);
        break;
    case SIM_NOTE_COUNT:
        break;
    }
}

void sim_state_describe(const sim_state *s, sim_field_fn *fn, void *to)
{
    const teller t = {fn, to};
    if (s->changed & SIM_STATE_ROLE)
        tell_text(&t, "role", sim_role_name(s->role));
    if (s->changed & SIM_STATE_TERM)
        tell_number(&t, "term", s->term);
    if (s->changed & SIM_STATE_VOTE)
        tell_node(&t, "vote", s->vote);
    if (s->changed & SIM_STATE_LEADER)
        tell_node(&t, "leader", s->leader);
    if (s->changed & SIM_STATE_COMMIT)
        tell_number(&t, "commit", s->commit);
    if (s->changed & SIM_STATE_APPLIED)
        tell_number(&t, "applied", s->applied);
    if (s->changed & SIM_STATE_LAST)
        tell_point(&t, "last", s->last);
    if (s->changed & SIM_STATE_DURABLE)
        tell_number(&t, "durable", s->durable);
    if (s->changed & SIM_STATE_CONFIG)
        tell_text(&t, "config", s->config_text);
    if (s->changed & SIM_STATE_SNAPSHOT)
        tell_point(&t, "snapshot", s->snapshot);
}
