/* native.c - our own Raft (raft/) as an engine of the tank.
 *
 * A message is one block of the tank's pool: the head that the tank knows, the core's
 * message, and behind them copies of its entries (their bytes are immutable and shared).
 * How the fields of each type are called, read, written and hashed comes from one table. */
#include "raft/raft.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/engine.h"
#include "sim/options.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct native {
    raft *core;
    const raft_effects *effects; /* of the last call */
    sim_pool *pool;
    sim_action *actions; /* the same, as the tank reads them */
    size_t actions_capacity;
    sim_entry *out; /* the entries of an APPEND */
    size_t out_capacity;
    raft_entry *in; /* the entries of a message that arrives */
    size_t in_capacity;
} native;

typedef struct native_message {
    sim_message head;
    raft_msg body; /* body.as.append.entries is not used: they stand behind */
    sim_entry entries[];
} native_message;

static_assert((int)SIM_FOLLOWER == RAFT_FOLLOWER && (int)SIM_LEADER == RAFT_LEADER &&
                  (int)SIM_CANDIDATE == RAFT_CANDIDATE &&
                  (int)SIM_PRE_CANDIDATE == RAFT_PRE_CANDIDATE,
              "roles have the same numbers on both sides");
static_assert((int)SIM_ENTRY_NOOP == RAFT_ENTRY_NOOP &&
                  (int)SIM_ENTRY_COMMAND == RAFT_ENTRY_COMMAND &&
                  (int)SIM_ENTRY_CONFIG == RAFT_ENTRY_CONFIG,
              "and so have entry kinds");
static_assert((int)SIM_TIMER_ELECTION == RAFT_TIMER_ELECTION &&
                  (int)SIM_TIMER_HEARTBEAT == RAFT_TIMER_HEARTBEAT,
              "and timers");

/* ---- entries across the border ----------------------------------------------------- */

static inline raft_entry to_core(const sim_entry *e)
{
    return (raft_entry){.term = e->term,
                        .checksum = e->checksum,
                        .data = e->data,
                        .bytes = e->bytes,
                        .kind = e->kind};
}

/* The core makes no-ops itself, and does not know how the tank sums them up. */
static inline sim_entry from_core(const raft_entry *e)
{
    return (sim_entry){.term = e->term,
                       .checksum =
                           e->bytes ? e->checksum : sim_entry_checksum(e->kind, NULL, 0),
                       .data = e->data,
                       .bytes = e->bytes,
                       .kind = e->kind};
}

/* ---- life -------------------------------------------------------------------------- */

static void *native_create(const sim_engine_config *c)
{
    native *n = sim_alloc(sizeof *n);
    n->pool = c->pool;
    n->core = raft_new(&(raft_config){
        .id = c->id,
        .voters = c->voters,
        .election_min = c->election_min,
        .election_max = c->election_max,
        .heartbeat = c->heartbeat,
        .batch_max = c->batch_max,
        .batch_bytes_max = c->batch_bytes_max,
        .pipeline_max = c->pipeline_max,
        .pre_vote = c->pre_vote,
        .check_quorum = c->check_quorum,
        .disruption_guard = c->disruption_guard,
    });
    return n;
}

static void *native_clone(const void *self)
{
    const native *from = self;
    native *n = sim_alloc(sizeof *n);
    n->pool = from->pool;
    n->core = raft_clone(from->core);
    return n;
}

static void native_free(void *self)
{
    native *n = self;
    raft_free(n->core);
    free(n->actions);
    free(n->out);
    free(n->in);
    free(n);
}

/* ---- events ------------------------------------------------------------------------ */

static const raft_entry *entries_in(native *n, const sim_entry *entries, size_t count)
{
    if (count > n->in_capacity)
        n->in = sim_grow(n->in, &n->in_capacity, count, sizeof *n->in);
    for (size_t i = 0; i < count; i++)
        n->in[i] = to_core(&entries[i]);
    return count ? n->in : NULL;
}

static void native_start(void *self, sim_us now, const sim_durable *disk)
{
    native *n = self;
    raft_event e = {.kind = RAFT_EV_START, .now = now};
    e.as.start.term = disk->term;
    e.as.start.vote = disk->vote;
    e.as.start.entries = entries_in(n, disk->entries, (size_t)disk->n);
    e.as.start.n = disk->n;
    n->effects = raft_step(n->core, &e);
}

static void native_receive(void *self, sim_us now, const sim_message *m)
{
    native *n = self;
    const native_message *from = (const native_message *)m;
    raft_msg body = from->body;
    if (body.kind == RAFT_MSG_APPEND_ENTRIES)
        body.as.append.entries = entries_in(n, from->entries, body.as.append.n);
    n->effects = raft_step(
        n->core, &(raft_event){.kind = RAFT_EV_RECEIVE, .now = now, .as.receive = &body});
}

static void native_timer(void *self, sim_us now, sim_timer timer)
{
    native *n = self;
    n->effects = raft_step(
        n->core,
        &(raft_event){.kind = RAFT_EV_TIMER, .now = now, .as.timer = (raft_timer)timer});
}

static void native_persisted(void *self, sim_us now, sim_point up_to)
{
    native *n = self;
    n->effects = raft_step(n->core, &(raft_event){.kind = RAFT_EV_PERSISTED,
                                                  .now = now,
                                                  .as.persisted = {up_to.index, up_to.term}});
}

static void native_propose(void *self, sim_us now, uint64_t ticket, const sim_entry *entry)
{
    native *n = self;
    raft_event e = {.kind = RAFT_EV_PROPOSE, .now = now};
    e.as.propose.ticket = ticket;
    e.as.propose.entry = to_core(entry);
    n->effects = raft_step(n->core, &e);
}

static void native_campaign(void *self, sim_us now)
{
    native *n = self;
    n->effects = raft_step(n->core, &(raft_event){.kind = RAFT_EV_CAMPAIGN, .now = now});
}

static void native_step_down(void *self, sim_us now)
{
    native *n = self;
    n->effects = raft_step(n->core, &(raft_event){.kind = RAFT_EV_STEP_DOWN, .now = now});
}

/* ---- effects, as the tank reads them ------------------------------------------------ */

static size_t entries_of(const raft_msg *m)
{
    return m->kind == RAFT_MSG_APPEND_ENTRIES ? m->as.append.n : 0;
}

static size_t bytes_of(const raft_msg *m)
{
    return sizeof(native_message) + entries_of(m) * sizeof(sim_entry);
}

static native_message *new_message(sim_pool *pool, const raft_msg *body)
{
    native_message *m = sim_pool_take(pool, bytes_of(body));
    m->head = (sim_message){
        .type = body->kind, .from = body->from, .to = body->to, .term = body->term};
    m->body = *body;
    return m;
}

static sim_message *message_out(sim_pool *pool, const raft_msg *body)
{
    native_message *m = new_message(pool, body);
    for (size_t i = 0; i < entries_of(body); i++)
        m->entries[i] = from_core(&body->as.append.entries[i]);
    return &m->head;
}

static const sim_entry *entries_out(native *n, const raft_entry *entries, size_t count)
{
    if (count > n->out_capacity)
        n->out = sim_grow(n->out, &n->out_capacity, count, sizeof *n->out);
    for (size_t i = 0; i < count; i++)
        n->out[i] = from_core(&entries[i]);
    return n->out;
}

static void translate(native *n, const raft_effect *e, sim_action *a)
{
    switch (e->kind) {
    case RAFT_FX_HARD_STATE:
        a->kind = SIM_DO_HARD_STATE;
        a->term = e->as.hard_state.term;
        a->vote = e->as.hard_state.vote;
        break;
    case RAFT_FX_TRUNCATE:
        a->kind = SIM_DO_TRUNCATE;
        a->index = e->as.truncate;
        break;
    case RAFT_FX_APPEND: /* the core appends once in a step */
        a->kind = SIM_DO_APPEND;
        a->index = e->as.append.first;
        a->n = e->as.append.n;
        a->entries = entries_out(n, e->as.append.at, e->as.append.n);
        break;
    case RAFT_FX_SEND:
        a->kind = SIM_DO_SEND;
        a->message = message_out(n->pool, &e->as.send.msg);
        a->after_writes = e->as.send.after_writes;
        break;
    case RAFT_FX_ARM:
        a->kind = SIM_DO_ARM;
        a->timer = (uint8_t)e->as.arm.timer;
        a->min = e->as.arm.min;
        a->max = e->as.arm.max;
        break;
    case RAFT_FX_DISARM:
        a->kind = SIM_DO_DISARM;
        a->timer = (uint8_t)e->as.disarm;
        break;
    case RAFT_FX_COMMIT:
        a->kind = SIM_DO_COMMIT;
        a->index = e->as.commit;
        break;
    case RAFT_FX_ACCEPT:
        a->kind = SIM_DO_ACCEPT;
        a->ticket = e->as.accept.ticket;
        a->point = (sim_point){e->as.accept.at.index, e->as.accept.at.term};
        break;
    case RAFT_FX_REFUSE:
        a->kind = SIM_DO_REFUSE;
        a->ticket = e->as.refuse.ticket;
        a->text = raft_refusal_name(e->as.refuse.why);
        a->leader = e->as.refuse.leader;
        break;
    case RAFT_FX_ROLE:
        a->kind = SIM_DO_ROLE;
        a->from = (uint8_t)e->as.role.from;
        a->to = (uint8_t)e->as.role.to;
        a->text = e->as.role.why;
        break;
    case RAFT_FX_IGNORED:
        a->kind = SIM_DO_IGNORED;
        a->text = e->as.ignored;
        break;
    case RAFT_EFFECT_COUNT:
        assert(false); /* no effect is of this kind */
    }
}

static sim_actions native_outbox(void *self)
{
    native *n = self;
    const raft_effects *fx = n->effects;
    if (fx->n > n->actions_capacity)
        n->actions = sim_grow(n->actions, &n->actions_capacity, fx->n, sizeof *n->actions);
    for (uint32_t i = 0; i < fx->n; i++)
        translate(n, &fx->at[i], &n->actions[i]);
    return (sim_actions){.at = n->actions, .n = fx->n};
}

/* ---- looking ------------------------------------------------------------------------ */

static void native_inspect(const void *self, sim_view *out)
{
    const native *n = self;
    raft_view view;
    raft_look(n->core, &view);
    /* Read one by one: a wide load of what was stored in halves an instant ago would wait
     * for the stores, and this is done at every event. */
    const volatile raft_view *v = &view;
    *out = (sim_view){.role = (sim_role)v->role,
                      .vote = v->vote,
                      .leader = v->leader,
                      .term = v->term,
                      .commit = v->commit,
                      .first = v->first,
                      .last = {v->last.index, v->last.term},
                      .voters = v->voters};
}

static bool native_entry(const void *self, uint64_t index, sim_entry *out)
{
    const native *n = self;
    const raft_entry *e = raft_entry_at(n->core, index);
    if (e)
        *out = from_core(e);
    return e != NULL;
}

/* ---- the fields of messages --------------------------------------------------------- */

typedef enum value_kind {
    VALUE_END,
    VALUE_INDEX,
    VALUE_YESNO,
    VALUE_POINT,
    VALUE_ENTRIES
} value_kind;

typedef struct value {
    const char *name;
    value_kind kind;
    size_t offset; /* in raft_msg */
} value;

enum { VALUES_MAX = 5 };
/* So far from the end of the numbers that no run gets there, one term at a time. */
#define FORGED_TERM_MAX (UINT64_MAX / 2)
#define AT(member)      offsetof(raft_msg, as.member)

static const value values[RAFT_MSG_COUNT][VALUES_MAX] = {
    [RAFT_MSG_REQUEST_VOTE] = {{"last", VALUE_POINT, AT(vote.last)}},
    [RAFT_MSG_REQUEST_VOTE_REPLY] = {{"granted", VALUE_YESNO, AT(vote_reply.granted)}},
    [RAFT_MSG_PRE_VOTE] = {{"last", VALUE_POINT, AT(vote.last)}},
    [RAFT_MSG_PRE_VOTE_REPLY] = {{"granted", VALUE_YESNO, AT(vote_reply.granted)}},
    [RAFT_MSG_APPEND_ENTRIES] = {{"prev", VALUE_POINT, AT(append.prev)},
                                 {"commit", VALUE_INDEX, AT(append.commit)},
                                 {"entries", VALUE_ENTRIES, AT(append.entries)}},
    [RAFT_MSG_APPEND_ENTRIES_REPLY] = {{"ok", VALUE_YESNO, AT(append_reply.ok)},
                                       {"prev", VALUE_INDEX, AT(append_reply.prev)},
                                       {"match", VALUE_INDEX, AT(append_reply.match)},
                                       {"conflict", VALUE_POINT, AT(append_reply.conflict)}},
};

static const char *const names[RAFT_MSG_COUNT][VALUES_MAX + 1] = {
    [RAFT_MSG_REQUEST_VOTE] = {"term", "last"},
    [RAFT_MSG_REQUEST_VOTE_REPLY] = {"term", "granted"},
    [RAFT_MSG_PRE_VOTE] = {"term", "last"},
    [RAFT_MSG_PRE_VOTE_REPLY] = {"term", "granted"},
    [RAFT_MSG_APPEND_ENTRIES] = {"term", "prev", "commit", "entries"},
    [RAFT_MSG_APPEND_ENTRIES_REPLY] = {"term", "ok", "prev", "match", "conflict"},
};

static const char *const *native_field_names(uint32_t type)
{
    assert(type < RAFT_MSG_COUNT);
    return names[type];
}

static const char *native_type_name(uint32_t type)
{
    return raft_msg_name((raft_msg_kind)type);
}

static const native_message *native_of(const sim_message *m)
{
    return (const native_message *)m;
}

static const void *member(const native_message *m, const value *v)
{
    return (const char *)&m->body + v->offset;
}

static void native_describe(const sim_message *head, sim_field_fn *fn, void *to)
{
    const native_message *m = native_of(head);
    for (const value *v = values[head->type]; v->name; v++) {
        sim_field f = {.name = v->name};
        raft_point p;
        switch (v->kind) {
        case VALUE_INDEX:
            f.kind = SIM_FIELD_NUMBER;
            f.number = *(const raft_index *)member(m, v);
            break;
        case VALUE_YESNO:
            f.kind = SIM_FIELD_YESNO;
            f.number = *(const bool *)member(m, v);
            break;
        case VALUE_POINT:
            p = *(const raft_point *)member(m, v);
            f.kind = SIM_FIELD_POINT;
            f.point = (sim_point){p.index, p.term};
            break;
        case VALUE_ENTRIES:
            f.kind = SIM_FIELD_ENTRIES;
            f.number = m->body.as.append.prev.index + 1;
            f.entries = m->entries;
            f.n = m->body.as.append.n;
            break;
        case VALUE_END:
            continue;
        }
        fn(to, &f);
    }
}

/* Keeps an index and a term apart when they are folded as one number. */
#define TERM_SPREAD UINT64_C(0xD1342543DE82EF95)

static uint64_t hash_entries(uint64_t h, const native_message *m)
{
    for (uint32_t i = 0; i < m->body.as.append.n; i++)
        h = sim_hash_mix(h, m->entries[i].checksum + m->entries[i].term * TERM_SPREAD);
    return h;
}

static uint64_t native_hash(const sim_message *head)
{
    const native_message *m = native_of(head);
    uint64_t h = sim_hash_mix(head->term, head->type);
    for (const value *v = values[head->type]; v->name; v++) {
        const raft_point *p;
        switch (v->kind) {
        case VALUE_INDEX:
            h = sim_hash_mix(h, *(const raft_index *)member(m, v));
            break;
        case VALUE_YESNO:
            h = sim_hash_mix(h, *(const bool *)member(m, v));
            break;
        case VALUE_POINT:
            p = member(m, v);
            h = sim_hash_mix(h, p->index + p->term * TERM_SPREAD);
            break;
        case VALUE_ENTRIES:
            h = hash_entries(h, m);
            break;
        case VALUE_END:
            break;
        }
    }
    return h;
}

/* A sign of life that brings nothing new, or the answer to one. */
static bool native_is_heartbeat(const sim_message *head)
{
    const raft_msg *m = &native_of(head)->body;
    if (m->kind == RAFT_MSG_APPEND_ENTRIES)
        return m->as.append.n == 0;
    return m->kind == RAFT_MSG_APPEND_ENTRIES_REPLY && m->as.append_reply.ok &&
           m->as.append_reply.match == m->as.append_reply.prev;
}

static sim_message *native_message_clone(sim_pool *pool, const sim_message *head)
{
    const native_message *from = native_of(head);
    native_message *m = new_message(pool, &from->body);
    for (size_t i = 0; i < entries_of(&from->body); i++)
        m->entries[i] = from->entries[i];
    return &m->head;
}

static void native_message_free(sim_pool *pool, sim_message *head)
{
    sim_pool_give(pool, head, bytes_of(&native_of(head)->body));
}

/* ---- forging ------------------------------------------------------------------------ */

typedef struct forger {
    sim_arena *arena;
    raft_msg body;
    sim_entry *entries;
    uint64_t first; /* the index of the first entry, as written */
    char *error;
    size_t error_bytes;
} forger;

static bool mistake(forger *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool mistake(forger *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(f->error, f->error_bytes, format, args);
    va_end(args);
    return false;
}

static size_t blanks(const char *s)
{
    return strspn(s, " \t");
}

/* Where the next entry starts: behind a comma that a point follows.  A comma in a command
 * is its own. */
static const char *entry_end(const char *s)
{
    for (; (s = strchr(s, ',')); s++) {
        const char *next = s + 1 + blanks(s + 1);
        sim_point p;
        if (sim_parse_point(next, strcspn(next, " ,"), &p))
            return s;
    }
    return NULL;
}

/* "2@2 add 5", or "2@2" for a no-op. */
static bool forge_entry(forger *f, const char *s, size_t len, uint32_t i)
{
    const size_t point_len = strcspn(s, " ,");
    sim_point p;
    if (!sim_parse_point(s, point_len < len ? point_len : len, &p) || !p.index || !p.term)
        return mistake(f, "'%.*s' is no entry: expected one such as 2@1 or 2@1 add 5", (int)len,
                       s);
    if (i == 0)
        f->first = p.index;
    if (p.index != f->first + i)
        return mistake(f, "entry %" PRIu64 "@%" PRIu64 " does not follow on %" PRIu64, p.index,
                       p.term, f->first + i - 1);
    sim_entry *e = &f->entries[i];
    e->term = p.term;
    if (point_len < len) {
        const char *command = s + point_len + blanks(s + point_len);
        e->bytes = (uint32_t)(s + len - command);
        e->data = (const uint8_t *)sim_arena_text(f->arena, command, e->bytes);
    }
    e->kind = e->bytes ? SIM_ENTRY_COMMAND : SIM_ENTRY_NOOP;
    e->checksum = sim_entry_checksum(e->kind, e->data, e->bytes);
    return true;
}

static bool forge_entries(forger *f, const char *s)
{
    uint32_t n = 0, most = 1;
    for (const char *c = s; *c; c++)
        most += *c == ',';
    if (most > RAFT_BATCH_MAX)
        return mistake(f, "more than %d entries in a message", RAFT_BATCH_MAX);
    f->entries = sim_arena_take(f->arena, most * sizeof *f->entries);
    for (s += blanks(s); *s; n++) {
        const char *end = entry_end(s), *stop = end ? end : s + strlen(s);
        size_t len = (size_t)(stop - s);
        while (len && (s[len - 1] == ' ' || s[len - 1] == '\t'))
            len--;
        if (!forge_entry(f, s, len, n))
            return false;
        s = end ? end + 1 + blanks(end + 1) : stop;
    }
    f->body.as.append.n = n;
    return true;
}

static bool forge_value(forger *f, const value *v, const char *text)
{
    void *to = (char *)&f->body + v->offset;
    const size_t len = strlen(text);
    sim_point p;
    uint64_t number;
    switch (v->kind) {
    case VALUE_INDEX:
        if (!sim_parse_u64(text, len, &number))
            return mistake(f, "%s is a number, not '%s'", v->name, text);
        *(raft_index *)to = number;
        break;
    case VALUE_YESNO:
        if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
            return mistake(f, "%s is yes or no, not '%s'", v->name, text);
        *(bool *)to = text[0] == 'y';
        break;
    case VALUE_POINT:
        if (!sim_parse_point(text, len, &p))
            return mistake(f, "%s is an index and a term such as 3@2, not '%s'", v->name, text);
        *(raft_point *)to = (raft_point){p.index, p.term};
        break;
    case VALUE_ENTRIES:
        return forge_entries(f, text);
    case VALUE_END:
        break;
    }
    return true;
}

static bool forge_field(forger *f, const sim_forged_field *field)
{
    const raft_msg_kind kind = (raft_msg_kind)f->body.kind;
    if (strcmp(field->name, "term") == 0) {
        if (!sim_parse_u64(field->value, strlen(field->value), &f->body.term))
            return mistake(f, "term is a number, not '%s'", field->value);
        if (f->body.term > FORGED_TERM_MAX)
            return mistake(f, "term is at most %" PRIu64 ", not %" PRIu64, FORGED_TERM_MAX,
                           f->body.term);
        return true;
    }
    for (const value *v = values[kind]; v->name; v++)
        if (strcmp(v->name, field->name) == 0)
            return forge_value(f, v, field->value);
    return mistake(f, "%s has no field '%s'", raft_msg_name(kind), field->name);
}

static bool is_given(const sim_forged_field *fields, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(fields[i].name, name) == 0)
            return true;
    return false;
}

static sim_message *native_forge(sim_pool *pool, sim_arena *arena, sim_id from, sim_id to,
                                 uint32_t type, const sim_forged_field *fields, uint32_t n,
                                 char *error, size_t error_bytes)
{
    assert(type < RAFT_MSG_COUNT);
    forger f = {.arena = arena, .error = error, .error_bytes = error_bytes};
    f.body.kind = (uint8_t)type;
    f.body.from = from;
    f.body.to = to;
    for (uint32_t i = 0; i < n; i++)
        if (!forge_field(&f, &fields[i]))
            return NULL;
    const bool append = type == RAFT_MSG_APPEND_ENTRIES && f.body.as.append.n;
    if (append && !is_given(fields, n, "prev") && f.first > 1) /* the likeliest place before */
        f.body.as.append.prev = (raft_point){f.first - 1, f.entries[0].term};
    if (append && f.first != f.body.as.append.prev.index + 1) {
        mistake(&f, "the entries begin at %" PRIu64 ", but prev is %" PRIu64 "@%" PRIu64,
                f.first, f.body.as.append.prev.index, f.body.as.append.prev.term);
        return NULL;
    }
    native_message *m = new_message(pool, &f.body);
    if (append)
        memcpy(m->entries, f.entries, f.body.as.append.n * sizeof *f.entries);
    return &m->head;
}

/* ---- the tables of the core, as text ------------------------------------------------ */

typedef struct lines {
    void (*line)(void *to, const char *text);
    void *to;
    sim_text text;
} lines;

static void end_line(lines *l)
{
    l->line(l->to, l->text.at ? l->text.at : "");
    sim_text_clear(&l->text);
}

static void put_line(lines *l, const char *text)
{
    sim_text_put(&l->text, text);
    end_line(l);
}

enum { COLUMN_NAME = 16, COLUMN_RULE = 38 };

static void explain_role(lines *l, raft_role role)
{
    const raft_role_row row = raft_explain_role(role);
    sim_text_format(&l->text, "  %s", raft_role_name(role));
    sim_text_pad(&l->text, COLUMN_NAME);
    sim_text_format(&l->text, "%s (%s)", row.meaning, row.cite);
    end_line(l);
    sim_text_pad(&l->text, COLUMN_NAME);
    sim_text_format(&l->text, "always: %s", row.invariant);
    end_line(l);
    sim_text_pad(&l->text, COLUMN_NAME);
    sim_text_put(&l->text, "becomes:");
    for (raft_role next = 0; next < RAFT_ROLE_COUNT; next++)
        if (row.next >> next & 1)
            sim_text_format(&l->text, " %s", raft_role_name(next));
    end_line(l);
}

static void explain_handler(lines *l, raft_role role, raft_msg_kind msg)
{
    const raft_handler_row row = raft_explain_handler(role, msg);
    sim_text_format(&l->text, "  %s", msg ? "" : raft_role_name(role));
    sim_text_pad(&l->text, COLUMN_NAME);
    sim_text_put(&l->text, raft_msg_name(msg));
    sim_text_pad(&l->text, COLUMN_RULE);
    sim_text_format(&l->text, "%s%s (%s)", row.ignored ? "ignored: " : "", row.rule, row.cite);
    end_line(l);
}

static void native_explain(void (*line)(void *to, const char *text), void *to)
{
    lines l = {.line = line, .to = to};
    put_line(&l, "Roles, and the section of Ongaro's thesis for each");
    for (raft_role role = 0; role < RAFT_ROLE_COUNT; role++)
        explain_role(&l, role);
    end_line(&l);
    put_line(&l, "Messages: what each role does with a message of its own term");
    for (raft_role role = 0; role < RAFT_ROLE_COUNT; role++)
        for (raft_msg_kind msg = 0; msg < RAFT_MSG_COUNT; msg++)
            explain_handler(&l, role, msg);
    sim_text_free(&l.text);
}

const sim_engine sim_engine_native = {
    .name = "native",
    .type_count = RAFT_MSG_COUNT,
    .create = native_create,
    .clone = native_clone,
    .free = native_free,
    .start = native_start,
    .receive = native_receive,
    .timer = native_timer,
    .persisted = native_persisted,
    .propose = native_propose,
    .campaign = native_campaign,
    .step_down = native_step_down,
    .outbox = native_outbox,
    .inspect = native_inspect,
    .entry = native_entry,
    .type_name = native_type_name,
    .is_heartbeat = native_is_heartbeat,
    .describe = native_describe,
    .message_hash = native_hash,
    .message_clone = native_message_clone,
    .message_free = native_message_free,
    .forge = native_forge,
    .field_names = native_field_names,
    .explain = native_explain,
};
