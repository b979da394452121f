/* tank.h - what the tests of the tank share: a tank made in one line, states asserted in
 * one line, and the notes that it told. */
#ifndef SIM_TEST_TANK_H
#define SIM_TEST_TANK_H
#include "sim/base/text.h"
#include "sim/sim.h"
#include "tests/suite.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { A = 1, B = 2, C = 3, D = 4, E = 5 };

/* Types of messages as filters name them. */
enum { ANY, VOTE, VOTED, PRE, PRED, APPEND, APPENDED, INSTALL, INSTALLED, TIMEOUT_NOW };

static inline sim *tank_with(uint32_t nodes, const sim_options *options, uint64_t seed)
{
    sim_config config = {.nodes = nodes, .seed = seed};
    if (options) {
        config.options = *options;
        config.options_set = true;
    }
    sim_error error = {0};
    sim *t = sim_new(&config, &error);
    ck_assert_msg(t != NULL, "%s", error.text);
    return t;
}

/* Some of the nodes are no members, or learners. */
static inline sim *tank_of(uint32_t nodes, sim_set spares, sim_set learners,
                           const sim_options *options)
{
    sim_config config = {.nodes = nodes, .seed = 1, .spares = spares, .learners = learners};
    if (options) {
        config.options = *options;
        config.options_set = true;
    }
    sim_error error = {0};
    sim *t = sim_new(&config, &error);
    ck_assert_msg(t != NULL, "%s", error.text);
    return t;
}

static inline sim *tank(uint32_t nodes)
{
    return tank_with(nodes, NULL, 1);
}

static inline sim_options standard(void)
{
    sim_options o;
    sim_options_default(&o);
    return o;
}

/* The call must work; when it does not, its error is the message. */
#define DO(call)                                                                               \
    do {                                                                                       \
        sim_error error_ = {0};                                                                \
        sim_error *e = &error_;                                                                \
        ck_assert_msg(call, "%s: %s (%s)", #call, error_.text, error_.hint);                   \
    } while (0)

/* The call must fail, with this text and this hint. */
#define FAILS(call, text_, hint_)                                                              \
    do {                                                                                       \
        sim_error error_ = {0};                                                                \
        sim_error *e = &error_;                                                                \
        ck_assert_msg(!(call), "%s did not fail", #call);                                      \
        ck_assert_str_eq(error_.text, text_);                                                  \
        ck_assert_str_eq(error_.hint, hint_);                                                  \
    } while (0)

static inline bool deliver(sim *t, sim_id from, sim_id to, uint32_t type, sim_error *e)
{
    return sim_deliver(t, &(sim_filter){.from = from, .to = to, .type = type}, e);
}

static inline bool settle(sim *t, sim_error *e)
{
    return sim_settle(t, 0, NULL, NULL, e);
}

static inline uint64_t propose(sim *t, sim_id node, const char *command, const char *name)
{
    sim_error error = {0};
    uint64_t id = sim_propose(t, node, command, strlen(command), name, &error);
    ck_assert_msg(id != 0, "%s", error.text);
    return id;
}

/* "leader term 1 vote n1 follows n1 commit 1 applied 1 last 1@1 durable 1" */
static inline const char *state(const sim *t, sim_id node)
{
    static char text[200];
    const sim_view *v = sim_view_of(t, node);
    snprintf(text, sizeof text,
             "%s term %" PRIu64 " vote %s follows %s commit %" PRIu64 " applied %" PRIu64
             " last %" PRIu64 "@%" PRIu64 " durable %" PRIu64,
             sim_role_name(v->role), v->term, v->vote ? sim_name(t, v->vote) : "nobody",
             v->leader ? sim_name(t, v->leader) : "nobody", v->commit, sim_applied(t, node),
             v->last.index, v->last.term, sim_durable_last(t, node));
    return text;
}
#define STATE(node, expected) ck_assert_str_eq(state(t, node), expected)

/* "1@1 2@1" */
static inline const char *log_of(const sim *t, sim_id node)
{
    static char text[400];
    size_t len = 0;
    sim_entry e;
    text[0] = '\0';
    for (uint64_t i = 1; sim_entry_of(t, node, i, &e); i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%" PRIu64 "@%" PRIu64,
                                len ? " " : "", i, e.term);
    return text;
}
#define LOG(node, expected) ck_assert_str_eq(log_of(t, node), expected)

/* "#1 n1 -> n2 RequestVote, #2 …": the queue in its order, with what holds it back. */
static inline const char *queue(const sim *t)
{
    static char text[1000];
    size_t len = 0;
    uint64_t cursor = 0;
    sim_flight f;
    text[0] = '\0';
    while (sim_queue_next(t, &cursor, &f))
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "%s#%" PRIu64 " %s -> %s %s%s%s%s%s", len ? ", " : "", f.id,
                                sim_name(t, f.message->from), sim_name(t, f.message->to),
                                sim_engine_of(t)->type_name(f.message->type),
                                f.held ? " held" : "", f.delayed ? " delayed" : "",
                                f.paused ? " paused" : "", f.corrupt ? " corrupt" : "");
    return text;
}
#define QUEUE(expected) ck_assert_str_eq(queue(t), expected)

/* "ok 5", "redirect n1 not_leader", "pending" */
static inline const char *request(const sim *t, uint64_t id)
{
    static char text[200];
    sim_request r;
    ck_assert(sim_request_of(t, id, &r));
    snprintf(text, sizeof text, "%s%s%s%s%s", sim_status_name(r.status), r.leader ? " " : "",
             r.leader ? sim_name(t, r.leader) : "", r.answer ? " " : "",
             r.answer ? r.answer : "");
    return text;
}
#define REQUEST(id, expected) ck_assert_str_eq(request(t, id), expected)

static inline uint64_t change(sim *t, sim_id node, sim_change what, sim_id who)
{
    sim_error error = {0};
    uint64_t id = sim_change_members(t, node, what, who, NULL, "change", &error);
    ck_assert_msg(id != 0, "%s", error.text);
    return id;
}

static inline uint64_t read_at(sim *t, sim_id node, const char *query, sim_read_mode mode)
{
    sim_error error = {0};
    uint64_t id = sim_read(t, node, query, strlen(query), mode, "read", &error);
    ck_assert_msg(id != 0, "%s", error.text);
    return id;
}

static inline uint64_t ask(sim *t, const char *client, const char *command, sim_id to)
{
    sim_error error = {0};
    uint64_t id = sim_session_request(t, client, command, strlen(command), to, "ask", &error);
    ck_assert_msg(id != 0, "%s", error.text);
    return id;
}

static inline void beat_and_settle(sim *t, sim_id leader)
{
    DO(sim_heartbeat(t, leader, e));
    DO(settle(t, e));
}

/* "n1 n2 n3", "n1 n2 | n1 n3", "n1 n2 learners n3" */
static inline const char *members(const sim *t, sim_id node)
{
    static char text[400];
    const sim_view *v = sim_view_of(t, node);
    const sim_set sets[] = {v->outgoing, v->voters, v->learners};
    size_t len = 0;
    text[0] = '\0';
    for (int i = 0; i < 3; i++) {
        if (i == 2 && sets[2])
            len += (size_t)snprintf(text + len, sizeof text - len, "learners ");
        for (sim_id id = 0; (id = sim_next(sets[i], id));)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s ", sim_name(t, id));
        if (i == 0 && sets[0])
            len += (size_t)snprintf(text + len, sizeof text - len, "| ");
    }
    if (len)
        text[len - 1] = '\0';
    return text;
}
#define MEMBERS(node, expected) ck_assert_str_eq(members(t, node), expected)

static inline const char *app(const sim *t, sim_id node)
{
    static char text[200];
    sim_text out = {0};
    sim_app_show(t, node, &out);
    snprintf(text, sizeof text, "%s", out.at ? out.at : "");
    sim_text_free(&out);
    return text;
}

/* ---- an observer that writes down what it is told ------------------------------------- */

typedef struct diary {
    sim_text text;
    const sim *t;
    uint64_t seq;
} diary;

static inline void diary_put(void *self, const sim_field *f)
{
    diary *d = self;
    sim_text_format(&d->text, " %s ", f->name);
    switch (f->kind) {
    case SIM_FIELD_NUMBER:
        sim_text_u64(&d->text, f->number);
        break;
    case SIM_FIELD_NODE:
        sim_text_format(&d->text, "n%u", (unsigned)f->number);
        break;
    case SIM_FIELD_SET:
        sim_text_format(&d->text, "set %" PRIx64, f->number);
        break;
    case SIM_FIELD_POINT:
        sim_text_format(&d->text, "%" PRIu64 "@%" PRIu64, f->point.index, f->point.term);
        break;
    case SIM_FIELD_YESNO:
        sim_text_put(&d->text, f->number ? "yes" : "no");
        break;
    case SIM_FIELD_TEXT:
        sim_text_add(&d->text, f->text, f->len);
        break;
    case SIM_FIELD_TEXTS:
    case SIM_FIELD_ENTRIES:
        sim_text_format(&d->text, "%u", f->n);
        break;
    }
}

static inline void diary_note(void *self, const sim_note *n)
{
    diary *d = self;
    ck_assert_uint_eq(n->seq, ++d->seq);
    ck_assert_uint_lt(n->cause, n->seq);
    sim_text_format(&d->text, "%" PRIu64 " <%" PRIu64 " ", n->seq, n->cause);
    if (n->node)
        sim_text_format(&d->text, "n%u ", n->node);
    sim_text_put(&d->text, sim_note_kind_name(n->kind));
    sim_note_describe(&sim_engine_native, n, diary_put, d);
    if (n->state.changed) {
        sim_text_put(&d->text, " |");
        sim_state_describe(&n->state, diary_put, d);
    }
    sim_text_char(&d->text, '\n');
}

static inline sim_observer diary_observer(diary *d)
{
    return (sim_observer){.note = diary_note, .self = d};
}

#endif
