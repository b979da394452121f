/* client.c - requests: given to a node, answered once, whatever happens to it. */
#include "sim/base/memory.h"
#include "sim/ring.h"
#include "sim/tank.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- records ----------------------------------------------------------------------- */

static sim_record_chunk *chunk_of(const sim *t, uint64_t id)
{
    assert(id && id <= t->requests_n);
    return t->requests[(id - 1) / SIM_REQUEST_CHUNK];
}

static sim_record *record(const sim *t, uint64_t id)
{
    sim_record_chunk *c = chunk_of(t, id);
    assert(c); /* whoever is pending, or has a name, is not forgotten */
    return &c->at[(id - 1) % SIM_REQUEST_CHUNK];
}

bool sim_request_is_pending(const sim *t, uint64_t id)
{
    const sim_record_chunk *c = chunk_of(t, id);
    return c && c->at[(id - 1) % SIM_REQUEST_CHUNK].status == SIM_STATUS_PENDING;
}

/* ---- the texts of requests that are over ------------------------------------------- */

/* A small command of each takes so much. */
enum { TEXTS_BYTES = 16 * SIM_REQUEST_CHUNK };

static bool is_over(const sim *t, const sim_texts *x)
{
    return !x->last || sim_check_forgot(t->check, x->first, x->last);
}

/* Texts that no log, disk or message can have any more; of those that wait for that two are
 * asked each time, so that all have their turn.  Or fresh ones. */
static sim_texts take_texts(sim *t)
{
    sim_texts x = {0};
    for (int i = 0; i < 2 && t->texts_n && !x.arena.head; i++) {
        sim_texts *asked = &t->texts[t->texts_asked++ % t->texts_n];
        if (!is_over(t, asked))
            continue;
        x.arena = asked->arena;
        *asked = t->texts[--t->texts_n];
    }
    sim_arena_clear(&x.arena);
    return x;
}

/* The requests are answered, but the entries made from them may still be anywhere. */
static void retire_texts(sim *t, sim_texts *x)
{
    if (is_over(t, x)) {
        sim_arena_clear(&x->arena);
        x->first = x->last = 0;
        return;
    }
    const sim_texts fresh = take_texts(t);
    t->texts = sim_grow(t->texts, &t->texts_capacity, t->texts_n + 1, sizeof *t->texts);
    t->texts[t->texts_n++] = *x;
    *x = fresh;
}

sim_arena *sim_request_texts(const sim *t, uint64_t id)
{
    return &chunk_of(t, id)->texts.arena;
}

/* Nobody can want to hear of requests that are all answered and have no name; so a long run
 * does not keep them.  One such chunk, for the next requests; NULL: there is none. */
static sim_record_chunk *forget(sim *t)
{
    for (size_t i = t->chunks_first; i < t->chunks_n; i++) {
        sim_record_chunk *c = t->requests[i];
        const bool over = !c || c->named;
        if (over && i == t->chunks_first)
            t->chunks_first++;
        if (over || c->open)
            continue;
        t->requests[i] = NULL;
        retire_texts(t, &c->texts);
        return c;
    }
    return NULL;
}

/* In chunks, so that a long run never copies what it has. */
static uint64_t new_record(sim *t)
{
    if (t->requests_n == (uint64_t)t->chunks_n * SIM_REQUEST_CHUNK) {
        t->requests =
            sim_grow(t->requests, &t->chunks_capacity, t->chunks_n + 1, sizeof *t->requests);
        sim_record_chunk *c = forget(t);
        if (!c)
            c = sim_alloc(sizeof *c);
        sim_arena_reserve(&c->texts.arena, TEXTS_BYTES);
        c->open = SIM_REQUEST_CHUNK;
        t->requests[t->chunks_n++] = c;
    }
    return ++t->requests_n;
}

uint64_t sim_request_bytes(const sim *t)
{
    uint64_t bytes =
        t->chunks_capacity * sizeof *t->requests + t->texts_capacity * sizeof *t->texts;
    for (size_t i = 0; i < t->chunks_n; i++)
        if (t->requests[i])
            bytes += sizeof **t->requests + sim_arena_bytes(&t->requests[i]->texts.arena);
    for (size_t i = 0; i < t->texts_n; i++)
        bytes += sim_arena_bytes(&t->texts[i].arena);
    return bytes;
}

void sim_requests_free(sim *t)
{
    for (size_t i = 0; i < t->chunks_n; i++) {
        if (t->requests[i])
            sim_arena_free(&t->requests[i]->texts.arena);
        free(t->requests[i]);
    }
    for (size_t i = 0; i < t->texts_n; i++)
        sim_arena_free(&t->texts[i].arena);
    free(t->requests);
    free(t->texts);
}

sim_record *sim_request_record(const sim *t, uint64_t id)
{
    return record(t, id);
}

bool sim_request_of(const sim *t, uint64_t id, sim_request *out)
{
    if (!id || id > t->requests_n || !chunk_of(t, id))
        return false;
    const sim_record *r = record(t, id);
    *out = (sim_request){.id = id,
                         .name = r->name,
                         .node = r->node,
                         .status = (sim_status)r->status,
                         .leader = r->leader,
                         .point = r->point,
                         .answer = r->answer};
    return true;
}

/* ---- answers ----------------------------------------------------------------------- */

static uint64_t tell_response(sim *t, uint64_t id, sim_status status, const char *answer,
                              size_t len, sim_id leader, uint64_t cause)
{
    const sim_record *r = record(t, id);
    sim_note n;
    sim_note_begin(&n, SIM_NOTE_RESPONSE, r->node, cause);
    n.as.request.id = id;
    n.as.request.name = r->name;
    n.as.request.command = (const char *)r->command;
    n.as.request.command_len = r->command_len;
    n.as.request.status = status;
    n.as.request.answer = answer;
    n.as.request.answer_len = (uint32_t)len;
    n.as.request.leader = leader;
    n.as.request.point = r->point;
    return sim_tell(t, &n);
}

static void respond(sim *t, uint64_t id, sim_status status, const char *answer, size_t len,
                    uint64_t cause)
{
    sim_record *r = record(t, id);
    assert(r->status == SIM_STATUS_PENDING);
    r->status = (uint8_t)status;
    chunk_of(t, id)->open--;
    tell_response(t, id, status, answer, len, r->leader, cause);
}

/* why is static, or in the arena. */
static void respond_why(sim *t, uint64_t id, sim_status status, const char *why, uint64_t cause)
{
    record(t, id)->answer = why;
    respond(t, id, status, why, strlen(why), cause);
}

/* Nothing comes of it on this node: that is the answer, but for a client with a session, who
 * tries again. */
static void give_up(sim *t, sim_node *n, uint64_t id, sim_status status, const char *why,
                    sim_id leader, uint64_t cause)
{
    sim_record *r = record(t, id);
    if (r->asks == SIM_ASKS_READ)
        sim_check_read_failed(t->check, id);
    if (r->asks == SIM_ASKS_SESSION) {
        if (sim_session_waits(t, n, id))
            sim_session_lost(t, n, id, why, leader,
                             tell_response(t, id, status, why, strlen(why), leader, cause));
        return;
    }
    r->leader = leader;
    respond_why(t, id, status, why, cause);
}

void sim_request_fail(sim *t, uint64_t id, const char *why, uint64_t cause)
{
    respond_why(t, id, SIM_STATUS_FAILED, why, cause);
}

/* A node works at it no more: the others close up. */
void sim_asked_forget(sim_asked_ring *r, uint64_t id)
{
    uint64_t i = r->first;
    while (i != r->last && SIM_RING_AT(r, i)->id != id)
        i++;
    if (i == r->last)
        return;
    for (; i != r->first; i--)
        *SIM_RING_AT(r, i) = *SIM_RING_AT(r, i - 1);
    r->first++;
}

/* An entry made from one of these stands at index.  Where all is forgotten, because operators
 * emptied the disks and the cluster begins anew, nobody would say when it is gone. */
static void note_place(const sim *t, sim_texts *x, uint64_t index)
{
    if (sim_check_forgot(t->check, index, index))
        x->last = UINT64_MAX;
    if (!x->last || index < x->first)
        x->first = index;
    if (index > x->last)
        x->last = index;
}

void sim_request_accepted(sim *t, sim_node *n, uint64_t id, sim_point point)
{
    sim_pending_ring *r = &n->pending;
    assert(r->first == r->last || SIM_RING_AT(r, r->last - 1)->point.index < point.index);
    if (record(t, id)->asks == SIM_ASKS_CHANGE)
        sim_asked_forget(&n->asked, id);
    record(t, id)->point = point;
    note_place(t, &chunk_of(t, id)->texts, point.index);
    SIM_RING_PUSH(r, ((sim_pending){.id = id, .point = point}));
}

void sim_request_refused(sim *t, sim_node *n, uint64_t id, const char *why, sim_id leader,
                         uint64_t cause)
{
    if (!id) /* a transfer has no ticket */
        id = t->asking ? t->asking : n->transfer;
    if (id == n->transfer)
        n->transfer = 0;
    if (!id || !sim_request_is_pending(t, id))
        return;
    sim_asked_forget(&n->asked, id);
    sim_status status = SIM_STATUS_FAILED;
    if (leader && strcmp(why, "not_leader") == 0)
        status = SIM_STATUS_REDIRECT;
    else if (strcmp(why, "no_leader_yet") == 0)
        status = SIM_STATUS_RETRY;
    give_up(t, n, id, status, why, status == SIM_STATUS_REDIRECT ? leader : 0, cause);
}

/* What was refused or done meanwhile waits no more. */
bool sim_request_waits(sim *t, sim_node *n, uint64_t index)
{
    sim_pending_ring *r = &n->pending;
    while (r->first != r->last && SIM_RING_AT(r, r->first)->point.index <= index) {
        const sim_pending *p = SIM_RING_AT(r, r->first);
        if (p->point.index == index && sim_request_is_pending(t, p->id))
            return true;
        r->first++;
    }
    return false;
}

static bool wants_answer(const sim *t, uint64_t id)
{
    return t->observers_n || record(t, id)->name;
}

bool sim_request_wants_answer(const sim *t, const sim_node *n)
{
    return wants_answer(t, SIM_RING_AT(&n->pending, n->pending.first)->id);
}

static void give_up_replaced(sim *t, sim_node *n, uint64_t id, sim_point by, uint64_t cause)
{
    char why[80];
    int len =
        snprintf(why, sizeof why, "lost: replaced by %" PRIu64 "@%" PRIu64, by.index, by.term);
    const char *kept = sim_arena_text(sim_request_texts(t, id), why, (size_t)len);
    give_up(t, n, id, SIM_STATUS_FAILED, kept, 0, cause);
}

/* The app's answer, kept when somebody may ask for it. */
static void respond_ok(sim *t, uint64_t id, const sim_text *answer, uint64_t cause)
{
    sim_record *r = record(t, id);
    const char *text = answer ? answer->at ? answer->at : "" : NULL;
    const size_t len = answer ? answer->len : 0;
    if (text && r->name)
        r->answer = sim_arena_text(sim_request_texts(t, id), text, len);
    respond(t, id, SIM_STATUS_OK, text, len, cause);
}

void sim_request_acknowledge(sim *t, sim_node *n, uint64_t id, const sim_text *answer,
                             uint64_t cause)
{
    sim_record *r = record(t, id);
    uint64_t client = 0, serial = 0;
    if (r->asks == SIM_ASKS_SESSION)
        sim_session_number(t, id, &client, &serial);
    respond_ok(t, id, answer, cause);
    sim_breach breach;
    if (!sim_check_acknowledged(t->check, n->id, id, r->point, client, serial, t->seq, &breach))
        sim_broken(t, n->id, &breach, t->seq);
    if (r->asks == SIM_ASKS_SESSION)
        sim_session_over(t, id, t->seq);
}

void sim_request_applied(sim *t, sim_node *n, sim_point point, const sim_text *answer,
                         uint64_t cause)
{
    const sim_pending p = *SIM_RING_AT(&n->pending, n->pending.first++);
    sim_record *r = record(t, p.id);
    if (p.point.term != point.term) {
        give_up_replaced(t, n, p.id, point, cause);
        return;
    }
    r->node = n->id; /* of several attempts the one that was answered */
    r->point = p.point;
    if (r->asks == SIM_ASKS_CHANGE)
        sim_change_applied(t, n, p.id, cause);
    else
        sim_request_acknowledge(t, n, p.id, answer, cause);
}

bool sim_request_take(sim *t, sim_node *n, sim_point point, uint64_t *id, uint64_t cause)
{
    const sim_pending p = *SIM_RING_AT(&n->pending, n->pending.first++);
    *id = p.id;
    if (p.point.term == point.term)
        return true;
    give_up_replaced(t, n, p.id, point, cause);
    return false;
}

void sim_request_done(sim *t, sim_node *n, uint64_t id, uint64_t cause)
{
    if (!id) {
        id = n->transfer;
        n->transfer = 0;
    }
    if (!id || !sim_request_is_pending(t, id))
        return;
    sim_asked_forget(&n->asked, id);
    if (record(t, id)->asks == SIM_ASKS_CHANGE)
        sim_request_acknowledge(t, n, id, &(sim_text){0}, cause);
    else
        respond_ok(t, id, &(sim_text){0}, cause);
}

/* ---- reads ------------------------------------------------------------------------- */

static void answer_read(sim *t, sim_node *n, uint64_t id, uint64_t cause)
{
    const sim_wish *w = record(t, id)->wish;
    sim_text_clear(&t->answer);
    if (wants_answer(t, id))
        t->app->query(n->app, w->query, w->query_len, &t->answer);
    respond_ok(t, id, &t->answer, cause);
    sim_breach breach;
    if (w->mode != SIM_READ_STALE &&
        !sim_check_read_answered(t->check, n->id, id, n->applied, t->seq, &breach))
        sim_broken(t, n->id, &breach, t->seq);
}

void sim_read_ready(sim *t, sim_node *n, uint64_t id, uint64_t index, uint64_t cause)
{
    if (!sim_request_is_pending(t, id))
        return;
    if (n->applied >= index) {
        sim_asked_forget(&n->asked, id);
        answer_read(t, n, id, cause);
        return;
    }
    for (uint64_t i = n->asked.first; i != n->asked.last; i++) {
        sim_asked *a = SIM_RING_AT(&n->asked, i);
        if (a->id == id) {
            a->ready = true;
            a->index = index;
        }
    }
}

void sim_reads_forsaken(sim *t, sim_node *n, uint64_t cause)
{
    for (uint64_t i = n->asked.first; i < n->asked.last; i++) {
        const sim_asked a = *SIM_RING_AT(&n->asked, i);
        if (!a.ready)
            continue;
        sim_asked_forget(&n->asked, a.id); /* those before it move up by one */
        give_up(t, n, a.id, SIM_STATUS_RETRY, "no_leader_yet", 0, cause);
    }
}

void sim_reads_answer(sim *t, sim_node *n, uint64_t cause)
{
    for (uint64_t i = n->asked.first; i < n->asked.last; i++) {
        const sim_asked a = *SIM_RING_AT(&n->asked, i);
        if (!a.ready || a.index > n->applied)
            continue;
        sim_asked_forget(&n->asked, a.id); /* those before it move up by one */
        answer_read(t, n, a.id, cause);
    }
}

/* ---- what a truncation takes ------------------------------------------------------- */

void sim_request_cut(sim *t, sim_node *n, uint64_t index)
{
    (void)t;
    sim_pending_ring *r = &n->pending;
    uint64_t keep = r->last;
    while (keep != r->first && SIM_RING_AT(r, keep - 1)->point.index >= index)
        keep--;
    for (uint64_t i = keep; i != r->last; i++)
        SIM_RING_PUSH(&n->lost, *SIM_RING_AT(r, i));
    r->last = keep;
}

void sim_request_replaced(sim *t, sim_node *n, uint64_t first, const sim_entry *entries,
                          uint32_t entries_n, uint64_t cause)
{
    sim_pending_ring *r = &n->lost;
    for (; r->first != r->last; r->first++) {
        const sim_pending p = *SIM_RING_AT(r, r->first);
        const uint64_t index = p.point.index;
        if (!sim_request_is_pending(t, p.id))
            continue;
        if (!entries_n || index < first) {
            give_up(t, n, p.id, SIM_STATUS_FAILED, "lost: cut off", 0, cause);
        } else if (index - first < entries_n) {
            give_up_replaced(t, n, p.id, (sim_point){index, entries[index - first].term},
                             cause);
        } else {
            break; /* nothing came in its place in this append */
        }
    }
}

static const char timed_out[] = "timeout";

/* The client cannot know: it may have been carried out. */
static void time_out(sim *t, sim_node *n, uint64_t id, const char *why, uint64_t cause)
{
    if (sim_request_is_pending(t, id))
        give_up(t, n, id, SIM_STATUS_TIMEOUT, why, 0, cause);
}

void sim_requests_passed(sim *t, sim_node *n, uint64_t index, uint64_t cause)
{
    sim_pending_ring *r = &n->pending;
    while (r->first != r->last && SIM_RING_AT(r, r->first)->point.index <= index)
        time_out(t, n, SIM_RING_AT(r, r->first++)->id, timed_out, cause);
}

void sim_requests_forsaken(sim *t, sim_node *n, uint64_t cause)
{
    sim_requests_passed(t, n, UINT64_MAX, cause);
}

void sim_requests_stopped(sim *t, sim_node *n, bool disk, uint64_t cause)
{
    const char *why = disk ? "disk_failed" : timed_out;
    sim_pending_ring *const rings[] = {&n->pending, &n->lost};
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++)
        while (rings[i]->first != rings[i]->last)
            time_out(t, n, SIM_RING_AT(rings[i], rings[i]->first++)->id, why, cause);
    while (n->asked.first != n->asked.last)
        time_out(t, n, SIM_RING_AT(&n->asked, n->asked.first++)->id, why, cause);
    while (n->inbox.first != n->inbox.last)
        time_out(t, n, *SIM_RING_AT(&n->inbox, n->inbox.first++), why, cause);
    n->transfer = 0;
}

/* ---- asking ------------------------------------------------------------------------ */

static void propose(sim *t, sim_node *n, uint64_t id)
{
    const sim_record *r = record(t, id);
    const sim_entry entry = {
        .kind = SIM_ENTRY_COMMAND,
        .data = r->command_len ? r->command : NULL,
        .bytes = r->command_len,
        .checksum = sim_entry_checksum(SIM_ENTRY_COMMAND, r->command, r->command_len)};
    t->engine->propose(n->engine, sim_clock_now(t, n), id, &entry);
}

static void take_snapshot(sim *t, sim_node *n, uint64_t id, uint64_t cause)
{
    const bool taken = sim_snapshot_take(t, n, cause);
    if (!sim_request_is_pending(t, id))
        return; /* its disk failed in the attempt */
    sim_asked_forget(&n->asked, id);
    if (taken) {
        record(t, id)->point = n->view.snapshot;
        respond_ok(t, id, &(sim_text){0}, cause);
    } else {
        sim_request_fail(t, id, "nothing_to_snapshot", cause);
    }
}

static void give(sim *t, sim_node *n, uint64_t id, uint64_t cause)
{
    if (!sim_request_is_pending(t, id))
        return; /* answered by another node meanwhile, and perhaps forgotten */
    const sim_record *r = record(t, id);
    const sim_wish *w = r->wish;
    const sim_us now = sim_clock_now(t, n);
    if (r->asks != SIM_ASKS_COMMAND && r->asks != SIM_ASKS_SESSION)
        SIM_RING_PUSH(&n->asked, ((sim_asked){.id = id}));
    switch ((sim_asks)r->asks) {
    case SIM_ASKS_COMMAND:
        propose(t, n, id);
        break;
    case SIM_ASKS_READ:
        if (w->mode == SIM_READ_STALE) {
            sim_read_ready(t, n, id, 0, cause);
            return;
        }
        sim_check_read_begins(t->check, id, cause);
        t->engine->read(n->engine, now, id, w->mode == SIM_READ_LEASE);
        break;
    case SIM_ASKS_CHANGE:
        t->engine->change(n->engine, now, id, w->what, w->who, &w->wanted);
        break;
    case SIM_ASKS_TRANSFER:
        t->engine->transfer(n->engine, now, w->who);
        break;
    case SIM_ASKS_SESSION:
        sim_session_propose(t, n, id);
        break;
    case SIM_ASKS_SNAPSHOT:
        take_snapshot(t, n, id, cause);
        return;
    }
    t->asking = id;
    sim_carry_out(t, n, NULL, cause);
    t->asking = 0;
    if (r->asks == SIM_ASKS_TRANSFER && sim_request_is_pending(t, id))
        n->transfer = id;
}

void sim_requests_give(sim *t, sim_node *n, uint64_t cause)
{
    while (n->inbox.first != n->inbox.last && n->life == SIM_UP && !t->broken.invariant)
        give(t, n, *SIM_RING_AT(&n->inbox, n->inbox.first++), cause);
}

static const sim_wish *keep_wish(sim_arena *texts, const sim_wish *wish)
{
    if (!wish)
        return NULL;
    sim_wish *w = sim_arena_take(texts, sizeof *w);
    *w = *wish;
    if (w->query)
        w->query = sim_arena_text(texts, w->query, w->query_len);
    return w;
}

uint64_t sim_request_new(sim *t, sim_asks asks, const sim_wish *wish, const char *command,
                         size_t len, const char *name)
{
    assert(len <= UINT32_MAX);
    const uint64_t id = new_record(t);
    sim_arena *texts = sim_request_texts(t, id);
    *record(t, id) =
        (sim_record){.command = (const uint8_t *)sim_arena_text(texts, command, len),
                     .command_len = (uint32_t)len,
                     .name = name ? sim_arena_text(texts, name, strlen(name)) : NULL,
                     .wish = keep_wish(texts, wish),
                     .asks = (uint8_t)asks,
                     .status = SIM_STATUS_PENDING};
    chunk_of(t, id)->named |= name != NULL;
    return id;
}

void sim_request_send(sim *t, uint64_t id, sim_id node, uint64_t cause)
{
    sim_node *n = sim_node_at(t, node);
    sim_record *r = record(t, id);
    r->node = node;
    r->point = (sim_point){0}; /* that of an earlier attempt */
    sim_note note;
    sim_note_begin(&note, SIM_NOTE_REQUEST, node, cause);
    note.as.request.id = id;
    note.as.request.name = r->name;
    note.as.request.command = (const char *)r->command;
    note.as.request.command_len = r->command_len;
    note.as.request.status = SIM_STATUS_PENDING;
    const uint64_t told = sim_tell(t, &note);
    if (n->life == SIM_UP)
        give(t, n, id, told);
    else if (n->life == SIM_PAUSED)
        SIM_RING_PUSH(&n->inbox, id); /* it is taken up when the node resumes */
    else
        time_out(t, n, id, timed_out, told);
}

uint64_t sim_request_give(sim *t, sim_id node, sim_asks asks, const sim_wish *wish,
                          const char *command, size_t len, const char *name, sim_error *error)
{
    assert(sim_is_node(t, node));
    if (!sim_may_move(t, error))
        return 0;
    if (sim_node_at(t, node)->life == SIM_CRASHED) {
        sim_fail(error, "%s is crashed, nobody takes the request", t->names[node]);
        sim_hint(error, "restart %s, or ask another node", t->names[node]);
        return 0;
    }
    const uint64_t id = sim_request_new(t, asks, wish, command, len, name);
    sim_request_send(t, id, node, t->command);
    return id;
}

uint64_t sim_propose(sim *t, sim_id node, const char *command, size_t len, const char *name,
                     sim_error *error)
{
    return sim_request_give(t, node, SIM_ASKS_COMMAND, NULL, command, len, name, error);
}
