/* client.c - requests: given to a node, answered once, whatever happens to it. */
#include "sim/base/memory.h"
#include "sim/ring.h"
#include "sim/tank.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- records ----------------------------------------------------------------------- */

static sim_record *record(const sim *t, uint64_t id)
{
    assert(id && id <= t->requests_n);
    return &t->requests[(id - 1) / SIM_REQUEST_CHUNK][(id - 1) % SIM_REQUEST_CHUNK];
}

/* In chunks, so that a long run never copies what it has. */
static uint64_t new_record(sim *t)
{
    if (t->requests_n == (uint64_t)t->chunks_n * SIM_REQUEST_CHUNK) {
        t->requests =
            sim_grow(t->requests, &t->chunks_capacity, t->chunks_n + 1, sizeof *t->requests);
        t->requests[t->chunks_n++] = sim_alloc(SIM_REQUEST_CHUNK * sizeof(sim_record));
    }
    return ++t->requests_n;
}

bool sim_request_of(const sim *t, uint64_t id, sim_request *out)
{
    if (!id || id > t->requests_n)
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

static void push(sim_number_ring *r, uint64_t v)
{
    if (r->last - r->first == r->capacity)
        r->at = sim_ring_grow(r->at, &r->capacity, r->first, r->last, sizeof *r->at);
    r->at[r->last++ & (r->capacity - 1)] = v;
}

static uint64_t at(const sim_number_ring *r, uint64_t i)
{
    return r->at[i & (r->capacity - 1)];
}

/* ---- answers ----------------------------------------------------------------------- */

static void respond(sim *t, uint64_t id, sim_status status, const char *answer, size_t len,
                    uint64_t cause)
{
    sim_record *r = record(t, id);
    assert(r->status == SIM_STATUS_PENDING);
    r->status = (uint8_t)status;
    sim_note n;
    sim_note_begin(&n, SIM_NOTE_RESPONSE, r->node, cause);
    n.as.request.id = id;
    n.as.request.name = r->name;
    n.as.request.command = (const char *)r->command;
    n.as.request.command_len = r->command_len;
    n.as.request.status = status;
    n.as.request.answer = answer;
    n.as.request.answer_len = (uint32_t)len;
    n.as.request.leader = r->leader;
    n.as.request.point = r->point;
    sim_tell(t, &n);
}

/* why is static, or in the arena. */
static void respond_why(sim *t, uint64_t id, sim_status status, const char *why, uint64_t cause)
{
    record(t, id)->answer = why;
    respond(t, id, status, why, strlen(why), cause);
}

void sim_request_accepted(sim *t, sim_node *n, uint64_t id, sim_point point)
{
    assert(n->pending.first == n->pending.last ||
           record(t, at(&n->pending, n->pending.last - 1))->point.index < point.index);
    record(t, id)->point = point;
    push(&n->pending, id);
}

void sim_request_refused(sim *t, uint64_t id, const char *why, sim_id leader, uint64_t cause)
{
    sim_status status = SIM_STATUS_FAILED;
    if (leader)
        status = SIM_STATUS_REDIRECT;
    else if (strcmp(why, "no_leader_yet") == 0)
        status = SIM_STATUS_RETRY;
    record(t, id)->leader = leader;
    respond_why(t, id, status, why, cause);
}

bool sim_request_waits(const sim *t, const sim_node *n, uint64_t index)
{
    return n->pending.first != n->pending.last &&
           record(t, at(&n->pending, n->pending.first))->point.index == index;
}

bool sim_request_wants_answer(const sim *t, const sim_node *n)
{
    return t->observers_n || record(t, at(&n->pending, n->pending.first))->name;
}

static void respond_replaced(sim *t, uint64_t id, sim_point by, uint64_t cause)
{
    char why[80];
    int len =
        snprintf(why, sizeof why, "lost: replaced by %" PRIu64 "@%" PRIu64, by.index, by.term);
    respond_why(t, id, SIM_STATUS_FAILED, sim_arena_text(&t->arena, why, (size_t)len), cause);
}

void sim_request_applied(sim *t, sim_node *n, sim_point point, const sim_text *answer,
                         uint64_t cause)
{
    const uint64_t id = at(&n->pending, n->pending.first++);
    sim_record *r = record(t, id);
    if (r->point.term != point.term) {
        respond_replaced(t, id, point, cause);
        return;
    }
    const char *text = answer ? answer->at ? answer->at : "" : NULL;
    const size_t len = answer ? answer->len : 0;
    if (text && r->name)
        r->answer = sim_arena_text(&t->arena, text, len);
    respond(t, id, SIM_STATUS_OK, text, len, cause);
    sim_breach breach;
    if (!sim_check_acknowledged(t->check, n->id, id, point, t->seq, &breach))
        sim_broken(t, n->id, &breach, t->seq);
}

/* ---- what a truncation takes ------------------------------------------------------- */

void sim_request_cut(sim *t, sim_node *n, uint64_t index)
{
    sim_number_ring *r = &n->pending;
    uint64_t keep = r->last;
    while (keep != r->first && record(t, at(r, keep - 1))->point.index >= index)
        keep--;
    for (uint64_t i = keep; i != r->last; i++)
        push(&n->lost, at(r, i));
    r->last = keep;
}

void sim_request_replaced(sim *t, sim_node *n, uint64_t first, const sim_entry *entries,
                          uint32_t entries_n, uint64_t cause)
{
    sim_number_ring *r = &n->lost;
    while (r->first != r->last) {
        const uint64_t id = at(r, r->first), index = record(t, id)->point.index;
        if (!entries_n || index < first) {
            respond_why(t, id, SIM_STATUS_FAILED, "lost: cut off", cause);
        } else if (index - first < entries_n) {
            respond_replaced(t, id, (sim_point){index, entries[index - first].term}, cause);
        } else {
            break; /* nothing came in its place in this append */
        }
        r->first++;
    }
}

void sim_requests_time_out(sim *t, sim_node *n, uint64_t cause)
{
    sim_number_ring *const rings[] = {&n->pending, &n->lost, &n->inbox};
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++)
        while (rings[i]->first != rings[i]->last)
            respond_why(t, at(rings[i], rings[i]->first++), SIM_STATUS_TIMEOUT, "timeout",
                        cause);
}

/* ---- asking ------------------------------------------------------------------------ */

static void give(sim *t, sim_node *n, uint64_t id, uint64_t cause)
{
    const sim_record *r = record(t, id);
    const sim_entry entry = {
        .kind = SIM_ENTRY_COMMAND,
        .data = r->command_len ? r->command : NULL,
        .bytes = r->command_len,
        .checksum = sim_entry_checksum(SIM_ENTRY_COMMAND, r->command, r->command_len)};
    t->engine->propose(n->engine, sim_clock_now(t, n), id, &entry);
    sim_carry_out(t, n, NULL, cause);
}

void sim_requests_give(sim *t, sim_node *n, uint64_t cause)
{
    while (n->inbox.first != n->inbox.last && n->life == SIM_UP)
        give(t, n, at(&n->inbox, n->inbox.first++), cause);
}

uint64_t sim_propose(sim *t, sim_id node, const char *command, size_t len, const char *name,
                     sim_error *error)
{
    assert(sim_is_node(t, node) && len <= UINT32_MAX);
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return 0;
    if (n->life == SIM_CRASHED) {
        sim_fail(error, "%s is crashed, nobody takes the request", t->names[node]);
        sim_hint(error, "restart %s, or ask another node", t->names[node]);
        return 0;
    }
    const uint64_t id = new_record(t);
    sim_record *r = record(t, id);
    *r = (sim_record){.command = (const uint8_t *)sim_arena_text(&t->arena, command, len),
                      .command_len = (uint32_t)len,
                      .name = name ? sim_arena_text(&t->arena, name, strlen(name)) : NULL,
                      .node = node,
                      .status = SIM_STATUS_PENDING};
    sim_note note;
    sim_note_begin(&note, SIM_NOTE_REQUEST, node, t->command);
    note.as.request.id = id;
    note.as.request.name = r->name;
    note.as.request.command = (const char *)r->command;
    note.as.request.command_len = r->command_len;
    note.as.request.status = SIM_STATUS_PENDING;
    const uint64_t told = sim_tell(t, &note);
    if (n->life == SIM_UP)
        give(t, n, id, told);
    else
        push(&n->inbox, id); /* it is taken up when the node resumes */
    return id;
}
