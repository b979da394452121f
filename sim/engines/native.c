/* native.c - our own Raft (raft/) as an engine of the tank.
 *
 * This file turns the tank's calls into the core's events and the core's effects into the
 * tank's actions; native_message.c has the messages. */
#include "sim/engines/native.h"
#include "raft/bugs.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/membership.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a cluster keeps what outlives its servers; shared with their clones. */
enum { CONFIGS_SEEN = 16 };

typedef struct native_home {
    sim_arena *arena;
    const char *const *names;                /* of the nodes by id */
    const native_config *seen[CONFIGS_SEEN]; /* the last with each hash: few go and come */
} native_home;

typedef struct native {
    raft *core;
    const raft_effects *effects; /* of the last call */
    sim_pool *pool;
    native_home *home;         /* in its arena */
    const native_config *sent; /* the last that went with a snapshot */
    sim_actions todo;          /* the same, as the tank reads them */
    sim_action *actions;
    size_t actions_capacity;
    sim_entry *out; /* the entries of an APPEND */
    size_t out_capacity;
    raft_entry *in; /* the entries of a message that arrives */
    size_t in_capacity;
} native;

/* ---- configurations as text --------------------------------------------------------- */

const native_config *native_config_new(sim_arena *arena, const char *const *names,
                                       const uint8_t core[RAFT_CONFIGURATION_BYTES])
{
    raft_configuration c;
    const bool read = raft_configuration_decode(core, RAFT_CONFIGURATION_BYTES, &c);
    assert(read);
    (void)read;
    const sim_membership m = native_membership_out(&c);
    sim_text text = {0};
    sim_membership_put(&m, names, &text);
    native_config *both = sim_arena_take(arena, sizeof *both + text.len + 1);
    memcpy(both->core, core, RAFT_CONFIGURATION_BYTES);
    if (text.len)
        memcpy(both->text, text.at, text.len);
    both->text_bytes = (uint32_t)text.len;
    both->checksum = sim_entry_checksum(SIM_ENTRY_CONFIG, both->text, both->text_bytes);
    sim_text_free(&text);
    return both;
}

/* One that was kept before, if it is remembered: the same members come back again and again. */
static const uint8_t *keep(void *self, const uint8_t *bytes, uint32_t bytes_n)
{
    native_home *home = self;
    assert(bytes_n == RAFT_CONFIGURATION_BYTES);
    const native_config **seen = &home->seen[sim_hash_bytes(0, bytes, bytes_n) % CONFIGS_SEEN];
    if (!*seen || memcmp((*seen)->core, bytes, bytes_n) != 0)
        *seen = native_config_new(home->arena, home->names, bytes);
    return (*seen)->core;
}

/* The configuration of a snapshot as text; the same one again costs nothing. */
SIM_APART static const char *config_text(native *n, const raft_configuration *c)
{
    uint8_t core[RAFT_CONFIGURATION_BYTES];
    raft_configuration_encode(c, core);
    if (!n->sent || memcmp(n->sent->core, core, sizeof core) != 0)
        n->sent = native_config_new(n->home->arena, n->home->names, core);
    return n->sent->text;
}

/* ---- life -------------------------------------------------------------------------- */

static void *native_create(const sim_engine_config *c)
{
    native *n = sim_alloc(sizeof *n);
    n->pool = c->pool;
    n->home = sim_arena_take(c->arena, sizeof *n->home);
    *n->home = (native_home){.arena = c->arena, .names = c->names};
    n->core = raft_new(&(raft_config){
        .id = c->id,
        .first = native_membership_in(&c->first),
        .election_min = c->election_min,
        .election_max = c->election_max,
        .heartbeat = c->heartbeat,
        .batch_max = c->batch_max,
        .batch_bytes_max = c->batch_bytes_max,
        .pipeline_max = c->pipeline_max,
        .pre_vote = c->pre_vote,
        .check_quorum = c->check_quorum,
        .disruption_guard = c->disruption_guard,
        .inflight_bytes_max = c->inflight_bytes_max,
        .snapshot_chunk = c->snapshot_chunk,
        .catch_up_rounds = c->catch_up_rounds,
        .log_max = c->log_max,
        .drift_ppm = c->drift_ppm,
        .lease_reads = c->lease_reads,
        .bugs = c->bugs,
        .keep = keep,
        .keep_self = n->home,
    });
    return n;
}

static void *native_clone(const void *self)
{
    const native *from = self;
    native *n = sim_alloc(sizeof *n);
    n->pool = from->pool;
    n->home = from->home;
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
        n->in[i] = native_to_core(&entries[i]);
    return count ? n->in : NULL;
}

static void native_start(void *self, sim_us now, const sim_durable *disk)
{
    native *n = self;
    raft_event e = {.kind = RAFT_EV_START, .now = now};
    e.as.start.term = disk->term;
    e.as.start.vote = disk->vote;
    e.as.start.snapshot = (raft_snapshot){
        .last = {disk->snapshot.last.index, disk->snapshot.last.term},
        .configuration = native_membership_in(&disk->snapshot.membership),
        .bytes = disk->snapshot.bytes,
        .n = disk->snapshot.n,
    };
    e.as.start.entries = entries_in(n, disk->entries, (size_t)disk->n);
    e.as.start.n = disk->n;
    n->effects = raft_step(n->core, &e);
}

/* An event whose other members are not set: there are many of them. */
static inline void begin_event(raft_event *e, raft_event_kind kind, sim_us now)
{
    e->kind = kind;
    e->now = now;
}

/* A copy of the message's body that points to what it brings. */
static const raft_msg *with_payload(native *n, const native_message *m, raft_msg *copy)
{
    *copy = m->body;
    if (copy->kind == RAFT_MSG_INSTALL_SNAPSHOT)
        copy->as.snapshot.bytes = native_message_chunk(m);
    else
        copy->as.append.entries = entries_in(n, m->entries, copy->as.append.n);
    return copy;
}

static void native_receive(void *self, sim_us now, const sim_message *head)
{
    native *n = self;
    const native_message *m = native_message_of(head);
    raft_msg copy;
    raft_event e;
    begin_event(&e, RAFT_EV_RECEIVE, now);
    e.as.receive = native_has_payload(&m->body) ? with_payload(n, m, &copy) : &m->body;
    n->effects = raft_step(n->core, &e);
}

static void native_timer(void *self, sim_us now, sim_timer timer)
{
    native *n = self;
    raft_event e;
    begin_event(&e, RAFT_EV_TIMER, now);
    e.as.timer = (raft_timer)timer;
    n->effects = raft_step(n->core, &e);
}

static void native_persisted(void *self, sim_us now, sim_point up_to)
{
    native *n = self;
    raft_event e;
    begin_event(&e, RAFT_EV_PERSISTED, now);
    e.as.persisted = (raft_point){up_to.index, up_to.term};
    n->effects = raft_step(n->core, &e);
}

static void native_propose(void *self, sim_us now, uint64_t ticket, const sim_entry *entry)
{
    native *n = self;
    raft_event e;
    begin_event(&e, RAFT_EV_PROPOSE, now);
    e.as.propose.ticket = ticket;
    e.as.propose.entry = native_to_core(entry);
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

static void native_transfer(void *self, sim_us now, sim_id to)
{
    native *n = self;
    n->effects = raft_step(
        n->core, &(raft_event){.kind = RAFT_EV_TRANSFER, .now = now, .as.transfer = to});
}

static void native_change(void *self, sim_us now, uint64_t ticket, sim_change what, sim_id who,
                          const sim_membership *wanted)
{
    native *n = self;
    raft_event e = {.kind = RAFT_EV_CHANGE, .now = now};
    e.as.change.ticket = ticket;
    e.as.change.what = (raft_change)what;
    e.as.change.who = who;
    if (wanted)
        e.as.change.wanted = native_membership_in(wanted);
    n->effects = raft_step(n->core, &e);
}

static void native_read(void *self, sim_us now, uint64_t ticket, bool lease)
{
    native *n = self;
    n->effects = raft_step(
        n->core, &(raft_event){.kind = RAFT_EV_READ, .now = now, .as.read = {ticket, lease}});
}

static void native_snapshot(void *self, sim_us now, uint64_t index, const uint8_t *bytes,
                            uint64_t bytes_n)
{
    native *n = self;
    n->effects = raft_step(n->core, &(raft_event){.kind = RAFT_EV_SNAPSHOT,
                                                  .now = now,
                                                  .as.snapshot = {index, bytes, bytes_n}});
}

static void native_installed(void *self, sim_us now, sim_point last, const uint8_t *bytes,
                             uint64_t bytes_n)
{
    native *n = self;
    n->effects = raft_step(
        n->core, &(raft_event){.kind = RAFT_EV_INSTALLED,
                               .now = now,
                               .as.installed = {{last.index, last.term}, bytes, bytes_n}});
}

static void native_app_failed(void *self, sim_us now)
{
    native *n = self;
    n->effects = raft_step(n->core, &(raft_event){.kind = RAFT_EV_APP_FAILED, .now = now});
}

/* ---- effects, as the tank reads them ------------------------------------------------ */

static const sim_entry *entries_out(native *n, const raft_entry *entries, size_t count)
{
    if (count > n->out_capacity)
        n->out = sim_grow(n->out, &n->out_capacity, count, sizeof *n->out);
    for (size_t i = 0; i < count; i++)
        n->out[i] = native_from_core(&entries[i]);
    return n->out;
}

static sim_message *message_out(native *n, const raft_msg *m)
{
    const bool snapshot = m->kind == RAFT_MSG_INSTALL_SNAPSHOT;
    return native_message_out(n->pool, m,
                              snapshot ? config_text(n, &m->as.snapshot.configuration) : "");
}

/* The action that comes next is the last write so far. */
static inline void count_write(sim_actions *todo)
{
    todo->writes = todo->n + 1;
}

static inline void translate(native *n, const raft_effect *e, sim_action *a)
{
    switch (e->kind) {
    case RAFT_FX_HARD_STATE:
        a->kind = SIM_DO_HARD_STATE;
        count_write(&n->todo);
        a->term = e->as.hard_state.term;
        a->vote = e->as.hard_state.vote;
        break;
    case RAFT_FX_TRUNCATE:
        a->kind = SIM_DO_TRUNCATE;
        count_write(&n->todo);
        a->index = e->as.truncate;
        break;
    case RAFT_FX_APPEND: /* the core appends once in a step */
        a->kind = SIM_DO_APPEND;
        count_write(&n->todo);
        a->index = e->as.append.first;
        a->n = e->as.append.n;
        a->entries = entries_out(n, e->as.append.at, e->as.append.n);
        break;
    case RAFT_FX_SEND:
        a->kind = SIM_DO_SEND;
        a->message = message_out(n, &e->as.send.msg);
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
        n->todo.role = true;
        break;
    case RAFT_FX_IGNORED:
        a->kind = SIM_DO_IGNORED;
        a->text = n->todo.ignored = e->as.ignored;
        break;
    case RAFT_FX_SNAPSHOT_CHUNK:
        a->kind = SIM_DO_SNAPSHOT_CHUNK;
        a->point = (sim_point){e->as.chunk.last.index, e->as.chunk.last.term};
        a->offset = e->as.chunk.offset;
        a->total = e->as.chunk.total;
        a->bytes = e->as.chunk.bytes;
        a->n_bytes = e->as.chunk.n;
        break;
    case RAFT_FX_SNAPSHOT_INSTALL:
    case RAFT_FX_COMPACT:
        a->kind = e->kind == RAFT_FX_COMPACT ? SIM_DO_COMPACT : SIM_DO_SNAPSHOT_INSTALL;
        count_write(&n->todo);
        a->point = (sim_point){e->as.snapshot.last.index, e->as.snapshot.last.term};
        a->membership = native_membership_out(&e->as.snapshot.configuration);
        a->keeps_log = e->as.snapshot.keeps_log;
        break;
    case RAFT_FX_READ_READY:
        a->kind = SIM_DO_READ_READY;
        a->ticket = e->as.read_ready.ticket;
        a->index = e->as.read_ready.index;
        break;
    case RAFT_FX_DONE:
        a->kind = SIM_DO_DONE;
        a->ticket = e->as.done;
        break;
    case RAFT_FX_CONFIGURATION:
        a->kind = SIM_DO_MEMBERSHIP;
        a->membership = native_membership_out(&e->as.configuration.now);
        a->index = e->as.configuration.index;
        a->text = e->as.configuration.why;
        break;
    case RAFT_EFFECT_COUNT:
        assert(false); /* no effect is of this kind */
    }
}

SIM_APART static void translate_all(native *n, const raft_effects *fx)
{
    if (fx->n > n->actions_capacity)
        n->actions = sim_grow(n->actions, &n->actions_capacity, fx->n, sizeof *n->actions);
    n->todo.at = n->actions;
    const raft_effect *e = fx->at;
    for (sim_action *a = n->actions; n->todo.n < fx->n; n->todo.n++)
        translate(n, e++, a++);
}

static const sim_actions *native_outbox(void *self)
{
    native *n = self;
    n->todo = (sim_actions){.n = 0};
    if (n->effects->n)
        translate_all(n, n->effects);
    return &n->todo;
}

/* ---- looking ------------------------------------------------------------------------ */

static void native_inspect(const void *self, sim_view *out)
{
    const native *n = self;
    raft_view view;
    raft_look(n->core, &view);
    const raft_view *v = &view;
    *out = (sim_view){.role = (sim_role)v->role,
                      .vote = v->vote,
                      .leader = v->leader,
                      .term = v->term,
                      .commit = v->commit,
                      .first = v->first,
                      .last = {v->last.index, v->last.term},
                      .voters = v->configuration.voters,
                      .outgoing = v->configuration.outgoing,
                      .learners = v->configuration.learners,
                      .config_index = v->configuration_index,
                      .snapshot = {v->snapshot.index, v->snapshot.term},
                      .transferring_to = v->transferring_to};
}

static bool native_membership_of(const sim_entry *e, sim_membership *out)
{
    raft_configuration c;
    if (e->kind != SIM_ENTRY_CONFIG ||
        !raft_configuration_decode(native_config_of_text(e->data)->core,
                                   RAFT_CONFIGURATION_BYTES, &c))
        return false;
    *out = native_membership_out(&c);
    return true;
}

static bool native_entry(const void *self, uint64_t index, sim_entry *out)
{
    const native *n = self;
    const raft_entry *e = raft_entry_at(n->core, index);
    if (e)
        *out = native_from_core(e);
    return e != NULL;
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

#define NAME(id, text, does, caught, file)   text,
#define DOES(id, text, does, caught, file)   does,
#define CAUGHT(id, text, does, caught, file) caught,
#if RAFT_PLANTED_BUGS
static const char *const bug_names[] = {RAFT_BUGS(NAME) NULL};
static const char *const bug_texts[] = {RAFT_BUGS(DOES) NULL};
static const char *const bug_catchers[] = {RAFT_BUGS(CAUGHT) NULL};
#else
static const char *const bug_names[] = {NULL}, *const bug_texts[] = {NULL},
                         *const bug_catchers[] = {NULL};
#endif
#undef NAME
#undef DOES
#undef CAUGHT

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
    .transfer = native_transfer,
    .change = native_change,
    .read = native_read,
    .snapshot = native_snapshot,
    .installed = native_installed,
    .app_failed = native_app_failed,
    .outbox = native_outbox,
    .inspect = native_inspect,
    .entry = native_entry,
    .membership_of = native_membership_of,
    .word_of = native_word_of,
    .type_name = native_type_name,
    .is_heartbeat = native_is_heartbeat,
    .describe = native_describe,
    .message_hash = native_hash,
    .message_clone = native_message_clone,
    .message_free = native_message_free,
    .forge = native_forge,
    .field_names = native_field_names,
    .sessions_new = native_sessions_new,
    .sessions_clone = native_sessions_clone,
    .sessions_free = native_sessions_free,
    .sessions_open = native_sessions_open,
    .sessions_find = native_sessions_find,
    .sessions_store = native_sessions_store,
    .sessions_count = native_sessions_count,
    .sessions_snapshot = native_sessions_snapshot,
    .sessions_restore = native_sessions_restore,
    .bug_names = bug_names,
    .bug_texts = bug_texts,
    .bug_catchers = bug_catchers,
    .explain = native_explain,
};
