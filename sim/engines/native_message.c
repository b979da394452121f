/* native_message.c - the messages of the native engine: how the fields of each type are
 * called, read, written and hashed comes from one table. */
#include "sim/base/hash.h"
#include "sim/engines/native.h"
#include "sim/membership.h"
#include "sim/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- making them --------------------------------------------------------------------- */

static size_t entries_of(const raft_msg *m)
{
    return m->kind == RAFT_MSG_APPEND_ENTRIES ? m->as.append.n : 0;
}

static size_t chunk_of(const raft_msg *m)
{
    return m->kind == RAFT_MSG_INSTALL_SNAPSHOT ? m->as.snapshot.n : 0;
}

static size_t bytes_of(const raft_msg *m)
{
    return sizeof(native_message) + entries_of(m) * sizeof(sim_entry) + chunk_of(m);
}

/* All but INSTALL_SNAPSHOT: an append or its reply is the largest of them. */
#define SIZE(member) sizeof(((raft_msg *)NULL)->as.member)
enum {
    SMALL_BODY = offsetof(raft_msg, as) +
                 (SIZE(append) > SIZE(append_reply) ? SIZE(append) : SIZE(append_reply))
};
static_assert(SIZE(vote) <= SIZE(append_reply) && SIZE(snapshot_reply) <= SIZE(append_reply) &&
                  SIZE(read) <= SIZE(append_reply),
              "no other is larger");

SIM_OFTEN native_message *new_message(sim_pool *pool, const raft_msg *body)
{
    native_message *m = sim_pool_take(pool, bytes_of(body));
    m->head = (sim_message){
        .type = body->kind, .from = body->from, .to = body->to, .term = body->term};
    if (body->kind == RAFT_MSG_INSTALL_SNAPSHOT)
        m->body = *body;
    else
        memcpy(&m->body, body, SMALL_BODY); /* the others are much smaller */
    m->config = "";
    return m;
}

static void put_chunk(native_message *m, const uint8_t *bytes)
{
    if (chunk_of(&m->body))
        memcpy(m->entries, bytes, chunk_of(&m->body));
}

static void put_entries(native_message *m, const raft_entry *entries, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        m->entries[i] = native_from_core(&entries[i]);
}

sim_message *native_message_out(sim_pool *pool, const raft_msg *body, const char *config)
{
    native_message *m = new_message(pool, body);
    if (body->kind == RAFT_MSG_APPEND_ENTRIES)
        put_entries(m, body->as.append.entries, body->as.append.n);
    if (body->kind == RAFT_MSG_INSTALL_SNAPSHOT) {
        m->config = config;
        put_chunk(m, body->as.snapshot.bytes);
    }
    return &m->head;
}

/* ---- the fields of messages --------------------------------------------------------- */

typedef enum value_kind {
    VALUE_END,
    VALUE_INDEX,
    VALUE_SOME, /* an index that shows only when it is not 0 */
    VALUE_YESNO,
    VALUE_YES, /* shows only when it is so */
    VALUE_POINT,
    VALUE_CHUNK, /* so many bytes of a snapshot */
    VALUE_CONFIG,
    VALUE_ENTRIES
} value_kind;

typedef struct value {
    const char *name;
    value_kind kind;
    size_t offset; /* in raft_msg */
} value;

enum { VALUES_MAX = 7 };
#define AT(member) offsetof(raft_msg, as.member)

static const value values[RAFT_MSG_COUNT][VALUES_MAX] = {
    [RAFT_MSG_REQUEST_VOTE] = {{"last", VALUE_POINT, AT(vote.last)},
                               {"transfer", VALUE_YES, AT(vote.transfer)}},
    [RAFT_MSG_REQUEST_VOTE_REPLY] = {{"granted", VALUE_YESNO, AT(vote_reply.granted)}},
    [RAFT_MSG_PRE_VOTE] = {{"last", VALUE_POINT, AT(vote.last)},
                           {"transfer", VALUE_YES, AT(vote.transfer)}},
    [RAFT_MSG_PRE_VOTE_REPLY] = {{"granted", VALUE_YESNO, AT(vote_reply.granted)}},
    [RAFT_MSG_APPEND_ENTRIES] = {{"prev", VALUE_POINT, AT(append.prev)},
                                 {"commit", VALUE_INDEX, AT(append.commit)},
                                 {"entries", VALUE_ENTRIES, AT(append.entries)},
                                 {"round", VALUE_SOME, AT(append.round)}},
    [RAFT_MSG_APPEND_ENTRIES_REPLY] = {{"ok", VALUE_YESNO, AT(append_reply.ok)},
                                       {"prev", VALUE_INDEX, AT(append_reply.prev)},
                                       {"match", VALUE_INDEX, AT(append_reply.match)},
                                       {"conflict", VALUE_POINT, AT(append_reply.conflict)},
                                       {"round", VALUE_SOME, AT(append_reply.round)}},
    [RAFT_MSG_INSTALL_SNAPSHOT] = {{"last", VALUE_POINT, AT(snapshot.last)},
                                   {"offset", VALUE_INDEX, AT(snapshot.offset)},
                                   {"total", VALUE_INDEX, AT(snapshot.total)},
                                   {"bytes", VALUE_CHUNK, AT(snapshot.n)},
                                   {"config", VALUE_CONFIG, AT(snapshot.configuration)},
                                   {"round", VALUE_SOME, AT(snapshot.round)}},
    [RAFT_MSG_INSTALL_SNAPSHOT_REPLY] = {{"last", VALUE_POINT, AT(snapshot_reply.last)},
                                         {"next", VALUE_INDEX, AT(snapshot_reply.next)},
                                         {"done", VALUE_YESNO, AT(snapshot_reply.done)},
                                         {"round", VALUE_SOME, AT(snapshot_reply.round)}},
    [RAFT_MSG_READ_INDEX] = {{"ticket", VALUE_INDEX, AT(read.ticket)}},
    [RAFT_MSG_READ_INDEX_REPLY] = {{"ticket", VALUE_INDEX, AT(read.ticket)},
                                   {"index", VALUE_INDEX, AT(read.index)},
                                   {"ok", VALUE_YESNO, AT(read.ok)}},
};

static const char *const field_names[RAFT_MSG_COUNT][VALUES_MAX + 1] = {
    [RAFT_MSG_REQUEST_VOTE] = {"term", "last", "transfer"},
    [RAFT_MSG_REQUEST_VOTE_REPLY] = {"term", "granted"},
    [RAFT_MSG_PRE_VOTE] = {"term", "last", "transfer"},
    [RAFT_MSG_PRE_VOTE_REPLY] = {"term", "granted"},
    [RAFT_MSG_APPEND_ENTRIES] = {"term", "prev", "commit", "entries", "round"},
    [RAFT_MSG_APPEND_ENTRIES_REPLY] = {"term", "ok", "prev", "match", "conflict", "round"},
    [RAFT_MSG_INSTALL_SNAPSHOT] = {"term", "last", "offset", "total", "bytes", "config",
                                   "round"},
    [RAFT_MSG_INSTALL_SNAPSHOT_REPLY] = {"term", "last", "next", "done", "round"},
    [RAFT_MSG_TIMEOUT_NOW] = {"term"},
    [RAFT_MSG_READ_INDEX] = {"term", "ticket"},
    [RAFT_MSG_READ_INDEX_REPLY] = {"term", "ticket", "index", "ok"},
};

const char *const *native_field_names(uint32_t type)
{
    assert(type < RAFT_MSG_COUNT);
    return field_names[type];
}

const char *native_type_name(uint32_t type)
{
    return raft_msg_name((raft_msg_kind)type);
}

static const void *member(const native_message *m, const value *v)
{
    return (const char *)&m->body + v->offset;
}

static void describe_value(const native_message *m, const value *v, sim_field *f)
{
    raft_point p;
    switch (v->kind) {
    case VALUE_INDEX:
    case VALUE_SOME:
        f->kind = SIM_FIELD_NUMBER;
        f->number = *(const raft_index *)member(m, v);
        break;
    case VALUE_YESNO:
    case VALUE_YES:
        f->kind = SIM_FIELD_YESNO;
        f->number = *(const bool *)member(m, v);
        break;
    case VALUE_POINT:
        p = *(const raft_point *)member(m, v);
        f->kind = SIM_FIELD_POINT;
        f->point = (sim_point){p.index, p.term};
        break;
    case VALUE_CHUNK:
        f->kind = SIM_FIELD_NUMBER;
        f->number = m->body.as.snapshot.n;
        break;
    case VALUE_CONFIG:
        f->kind = SIM_FIELD_TEXT;
        f->text = m->config;
        f->len = strlen(m->config);
        break;
    case VALUE_ENTRIES:
        f->kind = SIM_FIELD_ENTRIES;
        f->number = m->body.as.append.prev.index + 1;
        f->entries = m->entries;
        f->n = m->body.as.append.n;
        break;
    case VALUE_END:
        break;
    }
}

void native_describe(const sim_message *head, sim_field_fn *fn, void *to)
{
    const native_message *m = native_message_of(head);
    for (const value *v = values[head->type]; v->name; v++) {
        sim_field f = {.name = v->name};
        describe_value(m, v, &f);
        if (f.number || (v->kind != VALUE_SOME && v->kind != VALUE_YES))
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

static uint64_t hash_config(uint64_t h, const raft_configuration *c)
{
    h = sim_hash_mix(h, c->voters);
    h = sim_hash_mix(h, c->outgoing + c->by_hand);
    return sim_hash_mix(h, c->learners);
}

static uint64_t hash_point(uint64_t h, raft_point p)
{
    return sim_hash_mix(h, p.index + p.term * TERM_SPREAD);
}

/* The two that nearly all traffic is made of, as the table would have it. */
static uint64_t hash_append(uint64_t h, const native_message *m)
{
    h = hash_point(h, m->body.as.append.prev);
    h = sim_hash_mix(h, m->body.as.append.commit);
    h = hash_entries(h, m);
    return m->body.as.append.round ? sim_hash_mix(h, m->body.as.append.round) : h;
}

static uint64_t hash_append_reply(uint64_t h, const native_message *m)
{
    h = sim_hash_mix(h, m->body.as.append_reply.ok);
    h = sim_hash_mix(h, m->body.as.append_reply.prev);
    h = sim_hash_mix(h, m->body.as.append_reply.match);
    h = hash_point(h, m->body.as.append_reply.conflict);
    return m->body.as.append_reply.round ? sim_hash_mix(h, m->body.as.append_reply.round) : h;
}

static uint64_t hash_value(uint64_t h, const native_message *m, const value *v)
{
    switch (v->kind) {
    case VALUE_INDEX:
        return sim_hash_mix(h, *(const raft_index *)member(m, v));
    case VALUE_SOME:
        return *(const raft_index *)member(m, v)
                   ? sim_hash_mix(h, *(const raft_index *)member(m, v))
                   : h;
    case VALUE_YESNO:
        return sim_hash_mix(h, *(const bool *)member(m, v));
    case VALUE_YES:
        return *(const bool *)member(m, v) ? sim_hash_mix(h, 1) : h;
    case VALUE_POINT:
        return hash_point(h, *(const raft_point *)member(m, v));
    case VALUE_CHUNK:
        return sim_hash_mix(h, sim_hash_bytes(1, native_message_chunk(m), chunk_of(&m->body)));
    case VALUE_CONFIG:
        return hash_config(h, member(m, v));
    case VALUE_ENTRIES:
        return hash_entries(h, m);
    case VALUE_END:
        break;
    }
    return h;
}

uint64_t native_hash(const sim_message *head)
{
    const native_message *m = native_message_of(head);
    uint64_t h = sim_hash_mix(head->term, head->type);
    if (head->type == RAFT_MSG_APPEND_ENTRIES)
        return hash_append(h, m);
    if (head->type == RAFT_MSG_APPEND_ENTRIES_REPLY)
        return hash_append_reply(h, m);
    for (const value *v = values[head->type]; v->name; v++)
        h = hash_value(h, m, v);
    return h;
}

/* A sign of life that brings nothing new, or the answer to one. */
bool native_is_heartbeat(const sim_message *head)
{
    const raft_msg *m = &native_message_of(head)->body;
    if (m->kind == RAFT_MSG_APPEND_ENTRIES)
        return m->as.append.n == 0;
    return m->kind == RAFT_MSG_APPEND_ENTRIES_REPLY && m->as.append_reply.ok &&
           m->as.append_reply.match == m->as.append_reply.prev;
}

sim_word native_word_of(const sim_message *head)
{
    const raft_msg *m = &native_message_of(head)->body;
    if (m->kind == RAFT_MSG_APPEND_ENTRIES_REPLY && m->as.append_reply.ok)
        return (sim_word){.kind = SIM_WORD_HOLDS, .last = m->as.append_reply.match};
    if (m->kind == RAFT_MSG_INSTALL_SNAPSHOT_REPLY && m->as.snapshot_reply.done)
        return (sim_word){.kind = SIM_WORD_HOLDS, .last = m->as.snapshot_reply.last.index};
    if (m->kind == RAFT_MSG_REQUEST_VOTE)
        return (sim_word){.kind = SIM_WORD_VOTE, .who = m->from};
    if (m->kind == RAFT_MSG_REQUEST_VOTE_REPLY && m->as.vote_reply.granted)
        return (sim_word){.kind = SIM_WORD_VOTE, .who = m->to};
    if (m->kind == RAFT_MSG_APPEND_ENTRIES && m->as.append.n)
        return (sim_word){.kind = SIM_WORD_BRINGS,
                          .first = m->as.append.prev.index + 1,
                          .last = m->as.append.prev.index + m->as.append.n};
    if (m->kind == RAFT_MSG_INSTALL_SNAPSHOT)
        return (sim_word){.kind = SIM_WORD_BRINGS,
                          .first = m->as.snapshot.last.index,
                          .last = m->as.snapshot.last.index};
    return (sim_word){0};
}

sim_message *native_message_clone(sim_pool *pool, const sim_message *head)
{
    const native_message *from = native_message_of(head);
    native_message *m = new_message(pool, &from->body);
    for (size_t i = 0; i < entries_of(&from->body); i++)
        m->entries[i] = from->entries[i];
    m->config = from->config;
    put_chunk(m, native_message_chunk(from));
    return &m->head;
}

void native_message_free(sim_pool *pool, sim_message *head)
{
    sim_pool_give(pool, head, bytes_of(&native_message_of(head)->body));
}

/* ---- forging ------------------------------------------------------------------------ */

typedef struct forger {
    sim_arena *arena;
    const char *const *names;
    raft_msg body;
    const char *config;
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

/* "config n1 n2 n4" */
static bool forge_config(const forger *f, const char *s, size_t len, sim_entry *e)
{
    static const char word[] = "config ";
    const size_t skip = sizeof word - 1;
    sim_membership m;
    if (len <= skip || memcmp(s, word, skip) != 0 ||
        !sim_membership_parse(s + skip, len - skip, f->names, &m))
        return false;
    uint8_t core[RAFT_CONFIGURATION_BYTES];
    const raft_configuration c = native_membership_in(&m);
    raft_configuration_encode(&c, core);
    const native_config *both = native_config_new(f->arena, f->names, core);
    const raft_entry made = {.term = e->term,
                             .kind = RAFT_ENTRY_CONFIG,
                             .data = both->core,
                             .bytes = RAFT_CONFIGURATION_BYTES};
    *e = native_from_core(&made);
    return true;
}

/* "2@2 add 5", "2@2 config n1 n2 n4", or "2@2" for a no-op. */
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
    const char *payload = s + point_len + blanks(s + point_len);
    if (point_len < len && forge_config(f, payload, (size_t)(s + len - payload), e))
        return true;
    if (point_len < len) {
        e->bytes = (uint32_t)(s + len - payload);
        e->data = (const uint8_t *)sim_arena_text(f->arena, payload, e->bytes);
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

enum { FORGED_CHUNK_MAX = 65536 };
/* So far from the end of the numbers that no run gets there, one term at a time. */
#define FORGED_TERM_MAX (UINT64_MAX / 2)

static bool forge_value(forger *f, const value *v, const char *text)
{
    void *to = (char *)&f->body + v->offset;
    const size_t len = strlen(text);
    sim_point p;
    uint64_t number;
    sim_membership m;
    switch (v->kind) {
    case VALUE_INDEX:
    case VALUE_SOME:
        if (!sim_parse_u64(text, len, &number))
            return mistake(f, "%s is a number, not '%s'", v->name, text);
        *(raft_index *)to = number;
        break;
    case VALUE_CHUNK:
        if (!sim_parse_u64(text, len, &number) || number > FORGED_CHUNK_MAX)
            return mistake(f, "%s is how many (zeros) are forged, at most %d, not '%s'",
                           v->name, FORGED_CHUNK_MAX, text);
        *(uint32_t *)to = (uint32_t)number;
        break;
    case VALUE_CONFIG:
        if (!sim_membership_parse(text, len, f->names, &m))
            return mistake(f, "%s is who is a member, such as n1 n2 n4, not '%s'", v->name,
                           text);
        *(raft_configuration *)to = native_membership_in(&m);
        f->config = sim_arena_text(f->arena, text, len);
        break;
    case VALUE_YESNO:
    case VALUE_YES:
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

sim_message *native_forge(sim_pool *pool, sim_arena *arena, const char *const *names,
                          sim_id from, sim_id to, uint32_t type, const sim_forged_field *fields,
                          uint32_t n, char *error, size_t error_bytes)
{
    assert(type < RAFT_MSG_COUNT);
    forger f = {.arena = arena,
                .names = names,
                .config = "",
                .error = error,
                .error_bytes = error_bytes};
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
    m->config = f.config;
    memset(m->entries, 0, chunk_of(&f.body));
    if (append)
        memcpy(m->entries, f.entries, f.body.as.append.n * sizeof *f.entries);
    return &m->head;
}
