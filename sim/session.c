/* session.c - clients with sessions (thesis 6.3): they register themselves through the log,
 * number their requests, follow redirects, and try again until they are answered.
 *
 * The entry that opens a session carries the client's name; the entry of a request says
 * "CLIENT SERIAL COMMAND".  A client learns of a crash by hearing nothing more. */
#include "sim/base/memory.h"
#include "sim/ring.h"
#include "sim/tank.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- entries ----------------------------------------------------------------------- */

static size_t digits(const uint8_t *s, size_t len)
{
    size_t n = 0;
    while (n < len && s[n] >= '0' && s[n] <= '9')
        n++;
    return n;
}

/* A number and the blank behind it. */
static bool take_number(const uint8_t **s, size_t *len, uint64_t *out)
{
    const size_t n = digits(*s, *len);
    if (n == *len || (*s)[n] != ' ' || !sim_parse_u64((const char *)*s, n, out))
        return false;
    *s += n + 1;
    *len -= n + 1;
    return true;
}

bool sim_session_read(const sim_entry *e, sim_session_parts *out)
{
    const uint8_t *s = e->data;
    size_t len = e->bytes;
    if (!take_number(&s, &len, &out->client) || !take_number(&s, &len, &out->serial))
        return false;
    out->command = s;
    out->bytes = (uint32_t)len;
    return true;
}

static void propose(sim *t, sim_node *n, uint64_t id, sim_entry_kind kind, const char *text,
                    size_t len)
{
    const char *kept = sim_arena_text(sim_request_texts(t, id), text, len);
    const sim_entry entry = {.kind = (uint8_t)kind,
                             .data = (const uint8_t *)kept,
                             .bytes = (uint32_t)len,
                             .checksum =
                                 sim_entry_checksum((uint8_t)kind, kept, (uint32_t)len)};
    t->engine->propose(n->engine, sim_clock_now(t, n), id, &entry);
}

/* ---- clients ----------------------------------------------------------------------- */

static sim_client *client_of(const sim *t, uint64_t id)
{
    return &t->clients[sim_request_record(t, id)->wish->client];
}

static uint64_t open_request(const sim_client *c) /* 0: none */
{
    const sim_number_ring *r = &c->waiting;
    return r->first == r->last ? 0 : r->at[r->first & (r->capacity - 1)];
}

static uint32_t client_named(sim *t, const char *name)
{
    for (size_t i = 0; i < t->clients_n; i++)
        if (strcmp(t->clients[i].name, name) == 0)
            return (uint32_t)i;
    t->clients =
        sim_grow(t->clients, &t->clients_capacity, t->clients_n + 1, sizeof *t->clients);
    t->clients[t->clients_n] = (sim_client){
        .name = sim_arena_text(&t->arena, name, strlen(name)), .again = SIM_US_MAX};
    return (uint32_t)t->clients_n++;
}

void sim_session_propose(sim *t, sim_node *n, uint64_t id)
{
    const sim_client *c = client_of(t, id);
    const sim_wish *w = sim_request_record(t, id)->wish;
    if (!c->session) {
        propose(t, n, id, SIM_ENTRY_SESSION, c->name, strlen(c->name));
        return;
    }
    sim_text *text = &t->entry;
    sim_text_clear(text);
    sim_text_u64(text, c->session);
    sim_text_char(text, ' ');
    sim_text_u64(text, c->serial);
    sim_text_char(text, ' ');
    sim_text_add(text, w->query, w->query_len);
    propose(t, n, id, SIM_ENTRY_REQUEST, text->at, text->len);
}

void sim_session_number(const sim *t, uint64_t id, uint64_t *session, uint64_t *serial)
{
    const sim_client *c = client_of(t, id);
    *session = c->session;
    *serial = c->serial;
}

/* ---- whom to ask, and when --------------------------------------------------------- */

/* The leader it knows, else the next node in turn: one that is down refuses at once. */
static sim_id whom(const sim *t, const sim_client *c)
{
    if (c->leader && sim_node_at(t, c->leader)->life != SIM_CRASHED)
        return c->leader;
    sim_id id = c->asked;
    for (uint32_t i = 0; i < t->nodes; i++) {
        id = (sim_id)(id < t->nodes ? id + 1 : 1);
        if (sim_node_at(t, id)->life != SIM_CRASHED)
            return id;
    }
    return (sim_id)(c->asked ? c->asked : 1);
}

static void queue_client(sim *t, sim_client *c)
{
    if (!t->flowing || c->queued_seq || c->again == SIM_US_MAX)
        return;
    c->queued_seq = ++t->sequence;
    sim_queue_push(&t->queue, c->again, c->queued_seq, SIM_EVENT_CLIENT,
                   (uint32_t)(c - t->clients));
}

/* If it hears nothing, it tries again after an election timeout. */
static void plan(sim *t, sim_client *c)
{
    c->again = t->now + t->options.election_timeout.high;
    c->queued_seq = 0; /* the record that it may have is stale */
    queue_client(t, c);
}

static void attempt(sim *t, sim_client *c, sim_id to, uint64_t cause)
{
    const uint64_t id = open_request(c);
    assert(id);
    c->due = false;
    c->asked = to;
    c->told = false;
    plan(t, c);
    sim_request_send(t, id, to, cause);
}

/* Not from within a node's step: when that is over. */
static void send_soon(sim *t, sim_client *c, sim_id to, uint64_t cause)
{
    c->due = t->clients_due = true;
    c->to = to;
    c->cause = cause;
}

void sim_clients_go(sim *t)
{
    t->clients_due = false;
    for (size_t i = 0; i < t->clients_n && !t->broken.invariant; i++) {
        sim_client *c = &t->clients[i];
        if (c->due && open_request(c))
            attempt(t, c, c->to, c->cause);
    }
}

void sim_clients_flow(sim *t)
{
    for (size_t i = 0; i < t->clients_n; i++) {
        t->clients[i].queued_seq = 0;
        queue_client(t, &t->clients[i]);
    }
}

bool sim_client_due(sim *t, const sim_event *e)
{
    sim_client *c = &t->clients[e->who];
    if (c->queued_seq != e->seq)
        return false;
    c->queued_seq = 0;
    if (t->now < e->at)
        t->now = e->at;
    c->again = SIM_US_MAX;
    c->leader = 0; /* it did not answer */
    c->hops = 0;
    attempt(t, c, whom(t, c), t->command);
    return true;
}

/* ---- what comes of an attempt ------------------------------------------------------ */

void sim_session_opened(sim *t, sim_node *n, sim_point point, uint64_t session, uint64_t cause)
{
    uint64_t id;
    if (!sim_request_take(t, n, point, &id, cause))
        return;
    sim_client *c = client_of(t, id);
    if (c->session)
        return; /* by an earlier attempt: this one is of no use to anybody */
    c->session = session;
    c->serial = 1;
    c->leader = n->id;
    send_soon(t, c, n->id, cause);
}

void sim_session_over(sim *t, uint64_t id, uint64_t cause)
{
    sim_client *c = client_of(t, id);
    assert(open_request(c) == id);
    c->waiting.first++;
    c->serial++;
    c->leader = sim_request_record(t, id)->node;
    c->hops = 0;
    c->due = false;
    c->again = SIM_US_MAX;
    c->queued_seq = 0;
    if (open_request(c))
        send_soon(t, c, whom(t, c), cause);
}

void sim_session_expired(sim *t, sim_node *n, sim_point point, uint64_t cause)
{
    uint64_t id;
    if (!sim_request_take(t, n, point, &id, cause))
        return;
    client_of(t, id)->session = 0; /* its next request registers it anew */
    sim_request_record(t, id)->node = n->id;
    sim_request_fail(t, id, "session_expired", cause);
    sim_session_over(t, id, cause);
}

bool sim_session_waits(const sim *t, const sim_node *n, uint64_t id)
{
    const sim_client *c = client_of(t, id);
    return c->asked == n->id && !c->told;
}

void sim_session_lost(sim *t, sim_node *n, uint64_t id, const char *why, sim_id leader,
                      uint64_t cause)
{
    sim_client *c = client_of(t, id);
    assert(sim_session_waits(t, n, id));
    c->told = true;
    sim_request_record(t, id)->answer = why; /* as far as it knows */
    c->leader = leader;
    if (leader && leader != n->id && c->hops++ < t->nodes)
        send_soon(t, c, leader, cause);
}

/* ---- the script's side ------------------------------------------------------------- */

uint64_t sim_session_request(sim *t, const char *client, const char *command, size_t len,
                             sim_id to, const char *name, sim_error *error)
{
    assert(!to || sim_is_node(t, to));
    if (!sim_may_move(t, error))
        return 0;
    const sim_wish wish = {
        .client = client_named(t, client), .query = command, .query_len = len};
    sim_text shown = {0};
    sim_text_format(&shown, "%s: ", client);
    sim_text_add(&shown, command, len);
    const uint64_t id = sim_request_new(t, SIM_ASKS_SESSION, &wish, shown.at, shown.len, name);
    sim_text_free(&shown);
    sim_client *c = &t->clients[wish.client];
    const bool first = !open_request(c);
    if (c->waiting.last - c->waiting.first == c->waiting.capacity)
        c->waiting.at = sim_ring_grow(c->waiting.at, &c->waiting.capacity, c->waiting.first,
                                      c->waiting.last, sizeof *c->waiting.at);
    c->waiting.at[c->waiting.last++ & (c->waiting.capacity - 1)] = id;
    if (first) {
        attempt(t, c, to ? to : whom(t, c), t->command);
        sim_clients_go(t); /* a redirect is followed at once */
    }
    return id;
}

static bool refuse_retry(sim_error *error, uint64_t request, const sim_request *r)
{
    sim_fail(error, "request %" PRIu64 " is not of a client's session", request);
    if (r->id)
        sim_hint(error, "%s was given to one node, once", r->name ? r->name : "it");
    return false;
}

bool sim_retry(sim *t, uint64_t request, sim_id to, sim_error *error)
{
    assert(!to || sim_is_node(t, to));
    sim_request r = {0};
    if (!sim_may_move(t, error))
        return false;
    if (!sim_request_of(t, request, &r) ||
        sim_request_record(t, request)->asks != SIM_ASKS_SESSION)
        return refuse_retry(error, request, &r);
    sim_client *c = client_of(t, request);
    if (r.status != SIM_STATUS_PENDING) {
        sim_fail(error, "the request of %s is answered already", c->name);
        sim_hint(error, "it was %s; a new request asks anew", sim_status_name(r.status));
        return false;
    }
    if (open_request(c) != request)
        return sim_fail(error, "%s waits for the answer to an earlier request", c->name);
    c->hops = 0;
    if (!to && c->leader == c->asked)
        c->leader = 0; /* it did not answer */
    attempt(t, c, to ? to : whom(t, c), t->command);
    sim_clients_go(t);
    return sim_may_move(t, error);
}

uint64_t sim_sessions(const sim *t, sim_id node)
{
    assert(sim_is_node(t, node));
    const sim_node *n = sim_node_at(t, node);
    return n->sessions ? t->engine->sessions_count(n->sessions) : 0;
}
