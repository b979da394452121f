/* export_puml_fold.c - rounds of heartbeats that change nothing, as one line.
 *
 * A round is what one firing of a leader's heartbeat timer sends, and the answers.  It is
 * folded as a whole or not at all: a round of which one heartbeat matters is drawn in full,
 * because the others are what it is compared with. */
#include "traces/export_puml.h"

#include <inttypes.h>
#include <string.h>

/* The only event of a step is a send: gives its message. */
static puml_message *only_send(const puml_facts *f, uint64_t head)
{
    const trace *t = f->trace;
    if (f->led_to[head] != 1)
        return NULL;
    for (uint64_t i = head + 1; i < t->events_n; i++) {
        if (f->head[i] == head)
            return t->events[i].kind == SIM_NOTE_SEND ? puml_message_at(f, &t->events[i])
                                                      : NULL;
    }
    return NULL;
}

/* Delivered or lost, untouched by the script, within the section.  A cut that takes what is
 * in flight is worth seeing; one that was there before is not. */
static bool is_plain(const puml_message *m, uint32_t section)
{
    if (!m || !m->born || m->copy_of || m->duplicated || m->hold || !m->end ||
        m->end->section != section || *trace_text_of(m->send, "forged"))
        return false;
    const char *reason = trace_text_of(m->end, "reason");
    if (strcmp(reason, "cut") == 0)
        return m->end->seq == m->born->seq + 1;
    return m->end->kind == SIM_NOTE_DELIVER || strcmp(reason, "crashed") == 0 ||
           strcmp(reason, "lossy") == 0;
}

static void count_lost(puml_fold *fold, const trace_event *drop)
{
    const char *reason = trace_text_of(drop, "reason");
    if (strcmp(reason, "cut") == 0)
        fold->cut++;
    else if (strcmp(reason, "crashed") == 0)
        fold->crashed++;
    else
        fold->lossy++;
}

/* The answer to a heartbeat that arrived at this position; false when it matters. */
static bool fold_reply(const puml_facts *f, uint64_t arrival, puml_fold *fold,
                       puml_message **reply)
{
    uint32_t section = f->trace->events[arrival].section;
    *reply = only_send(f, arrival);
    if (!is_plain(*reply, section) || !puml_is_reply((*reply)->send) ||
        strcmp(trace_text_of((*reply)->send, "ok"), "yes") != 0)
        return false;
    const trace_event *end = (*reply)->end;
    if (end->kind == SIM_NOTE_DROP) {
        fold->replies_lost++;
        return true;
    }
    fold->acknowledged++;
    return f->led_to[end->seq - 1] == 0 && end->state_n == 0;
}

/* One heartbeat of a round; false when it matters.  Marks it when mark is true. */
static bool fold_one(const puml_facts *f, puml_message *m, bool mark, puml_fold *fold)
{
    if (!is_plain(m, m && m->born ? m->born->section : 0) || !puml_is_heartbeat(m->send))
        return false;
    puml_message *reply = NULL;
    fold->sent++;
    if (m->end->kind == SIM_NOTE_DROP) {
        count_lost(fold, m->end);
    } else {
        if (m->end->state_n || *trace_text_of(m->end, "ignored") ||
            !fold_reply(f, m->end->seq - 1, fold, &reply))
            return false;
    }
    if (mark) {
        m->folded = true;
        if (reply)
            reply->folded = true;
    }
    return true;
}

static bool fold_all(const puml_facts *f, uint64_t timer, bool mark, puml_fold *fold)
{
    uint32_t left = f->led_to[timer];
    *fold = (puml_fold){.leader = f->trace->events[timer].node};
    for (uint64_t i = timer + 1; left && i < f->trace->events_n; i++) {
        const trace_event *e = &f->trace->events[i];
        if (f->head[i] != timer)
            continue;
        left--;
        if (e->kind != SIM_NOTE_SEND || !fold_one(f, puml_message_at(f, e), mark, fold))
            return false;
    }
    return fold->sent > 0;
}

bool puml_fold_round(puml_facts *f, uint64_t timer, puml_fold *fold)
{
    const trace_event *e = &f->trace->events[timer];
    if (e->kind != SIM_NOTE_TIMER || strcmp(trace_text_of(e, "timer"), "heartbeat") != 0 ||
        e->state_n || !fold_all(f, timer, false, fold))
        return false;
    return fold_all(f, timer, true, fold);
}

static void put_count(sim_text *out, const char **between, uint64_t n, const char *what)
{
    if (n) {
        sim_text_format(out, "%s%" PRIu64 " %s", *between, n, what);
        *between = ", ";
    }
}

void puml_fold_words(sim_text *out, const puml_fold *fold)
{
    sim_text_format(out, "%" PRIu64 " heartbeat%s from ", fold->sent,
                    fold->sent == 1 ? "" : "s");
    puml_text(out, fold->leader, PUML_NAME_MAX);
    sim_text_put(out, ", ");
    if (fold->acknowledged == fold->sent) {
        sim_text_put(out, fold->sent == 1 ? "acknowledged" : "all acknowledged");
        return;
    }
    if (fold->cut == fold->sent) {
        sim_text_put(out, fold->sent == 1 ? "lost, link cut" : "all lost, links cut");
        return;
    }
    const char *between = "";
    put_count(out, &between, fold->acknowledged, "acknowledged");
    put_count(out, &between, fold->cut, "lost to a cut link");
    put_count(out, &between, fold->lossy, "lost");
    put_count(out, &between, fold->crashed, "to a crashed node");
    put_count(out, &between, fold->replies_lost, "whose answer was lost");
}
