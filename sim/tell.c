/* tell.c - the one stream of notes: numbered, folded into the digest, shown to observers;
 * and the two ways in which a tank says no.
 *
 * The digest folds each note's binary values, never its text form, in the order in which
 * sim_note_describe() names them. */
#include "sim/base/hash.h"
#include "sim/tank.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- digest ------------------------------------------------------------------------ */

static inline void fold(sim *t, uint64_t a, uint64_t b)
{
    t->digest[0] = sim_hash_mix(t->digest[0], a);
    t->digest[1] = sim_hash_mix(t->digest[1], b);
}

static uint64_t text_value(const char *s)
{
    return s ? sim_hash_bytes(1, s, strlen(s)) : 0;
}

static void fold_texts(sim *t, const char *const *texts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        fold(t, n, text_value(texts[i]));
}

static inline void fold_state(sim *t, const sim_state *s)
{
    const uint32_t c = s->changed;
    if (!c)
        return;
    uint64_t small = c;
    if (c & SIM_STATE_ROLE)
        small |= (uint64_t)s->role << 32;
    if (c & SIM_STATE_VOTE)
        small |= (uint64_t)s->vote << 40;
    if (c & SIM_STATE_LEADER)
        small |= (uint64_t)s->leader << 48;
    fold(t, small, c & SIM_STATE_TERM ? s->term : 0);
    if (c & (SIM_STATE_COMMIT | SIM_STATE_APPLIED))
        fold(t, c & SIM_STATE_COMMIT ? s->commit : 0, c & SIM_STATE_APPLIED ? s->applied : 0);
    if (c & SIM_STATE_LAST)
        fold(t, s->last.index, s->last.term);
    if (c & (SIM_STATE_DURABLE | SIM_STATE_CONFIG))
        fold(t, c & SIM_STATE_DURABLE ? s->durable : 0, c & SIM_STATE_CONFIG ? s->config : 0);
}

static inline void fold_entries(sim *t, const sim_entry *entries, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        fold(t, entries[i].term, entries[i].checksum);
}

static inline void fold_disk(sim *t, const sim_note *n)
{
    const char *op = n->as.disk.op; /* with the write, two letters tell them apart */
    fold(t, n->as.disk.write ^ (uint64_t)op[0] << 48 ^ (uint64_t)op[1] << 56,
         text_value(n->as.disk.what));
    if (n->as.disk.hard_state)
        fold(t, n->as.disk.term, UINT64_C(256) | n->as.disk.vote);
    if (n->as.disk.truncate | n->as.disk.n)
        fold(t, n->as.disk.truncate ^ n->as.disk.index << 32, n->as.disk.n);
}

/* An answer that is ok follows from the entries applied: only what the tank says itself is
 * folded, so that nobody has to make an answer for the digest's sake. */
static inline void fold_request(sim *t, const sim_note *n)
{
    fold(t, n->as.request.id, text_value(n->as.request.name));
    if (n->kind == SIM_NOTE_REQUEST) {
        fold(t, n->as.request.command_len,
             sim_hash_bytes(1, n->as.request.command, n->as.request.command_len));
        return;
    }
    fold(t, n->as.request.point.index, n->as.request.point.term);
    fold(t, n->as.request.status | (uint64_t)n->as.request.leader << 8,
         n->as.request.status == SIM_STATUS_OK ? 0 : text_value(n->as.request.answer));
}

static inline void fold_send(sim *t, const sim_note *n)
{
    const sim_message *m = n->as.message.message;
    uint64_t link = m->from | (uint64_t)m->to << 8 | (uint64_t)n->as.message.forged << 16;
    fold(t, n->as.message.id ^ link << 40, t->engine->message_hash(m));
}

static void fold_note(sim *t, const sim_note *n)
{
    fold(t,
         (uint64_t)n->line << 32 | (uint64_t)n->section << 16 | (uint64_t)n->node << 8 |
             n->kind,
         n->at);
    fold_state(t, &n->state);
    switch (n->kind) {
    case SIM_NOTE_SECTION:
        fold(t, n->as.section.prepare, text_value(n->as.section.title));
        fold_texts(t, n->as.section.uses, n->as.section.uses_n);
        fold_texts(t, n->as.section.tests, n->as.section.tests_n);
        break;
    case SIM_NOTE_NOTE:
    case SIM_NOTE_COMMAND:
        fold(t, n->cause, text_value(n->as.text.text));
        break;
    case SIM_NOTE_TIMER:
        fold(t, n->cause, n->as.timer.timer | text_value(n->as.timer.ignored) << 8);
        break;
    case SIM_NOTE_SEND:
        fold(t, n->cause, 0);
        fold_send(t, n);
        break;
    case SIM_NOTE_DELIVER:
        fold(t, n->cause, n->as.message.id ^ text_value(n->as.message.ignored) << 24);
        break;
    case SIM_NOTE_DROP:
        fold(t, n->cause, n->as.message.id ^ (uint64_t)n->as.message.drop << 56);
        break;
    case SIM_NOTE_DUPLICATE:
        fold(t, n->as.message.copy, n->as.message.id);
        break;
    case SIM_NOTE_HOLD:
        fold(t, n->as.message.due, n->as.message.id);
        break;
    case SIM_NOTE_ROLE:
        fold(t, n->cause, text_value(n->as.role.why));
        fold(t, n->as.role.from, n->as.role.to);
        break;
    case SIM_NOTE_TERM:
        fold(t, n->as.term.from, n->as.term.to);
        break;
    case SIM_NOTE_VOTE:
        fold(t, n->as.vote.candidate, n->as.vote.term);
        break;
    case SIM_NOTE_APPEND:
        fold(t, n->cause, n->as.append.index);
        fold_entries(t, n->as.append.entries, n->as.append.n);
        break;
    case SIM_NOTE_TRUNCATE:
        fold(t, n->as.truncate.index, n->as.truncate.n);
        break;
    case SIM_NOTE_COMMIT:
    case SIM_NOTE_APPLY:
        fold(t, n->as.range.from, n->as.range.to);
        break;
    case SIM_NOTE_DISK:
        fold(t, n->cause, 0);
        fold_disk(t, n);
        break;
    case SIM_NOTE_CRASH:
    case SIM_NOTE_RESTART:
    case SIM_NOTE_PAUSE:
    case SIM_NOTE_RESUME:
        fold(t, n->cause, text_value(n->as.life.how));
        break;
    case SIM_NOTE_PARTITION:
    case SIM_NOTE_HEAL:
        fold(t, n->cause, text_value(n->as.links.text));
        break;
    case SIM_NOTE_REQUEST:
    case SIM_NOTE_RESPONSE:
        fold_request(t, n);
        break;
    case SIM_NOTE_EXPECT:
        fold(t, text_value(n->as.expect.condition), text_value(n->as.expect.actual));
        fold(t, n->as.expect.passed, 0);
        break;
    case SIM_NOTE_VIOLATION:
        fold(t, text_value(n->as.violation.one), text_value(n->as.violation.other));
        fold(t, n->cause, text_value(n->as.violation.invariant));
        break;
    case SIM_NOTE_SNAPSHOT:
    case SIM_NOTE_CONFIG:
    case SIM_NOTE_COUNT:
        break;
    }
}

uint64_t sim_digest(const sim *t)
{
    return sim_hash_final(sim_hash_mix(t->digest[0], t->digest[1]));
}

/* ---- telling ----------------------------------------------------------------------- */

uint64_t sim_tell(sim *t, sim_note *n)
{
    n->seq = ++t->seq;
    n->at = t->now;
    n->section = t->section;
    n->line = t->line;
    fold_note(t, n);
    for (uint32_t i = 0; i < t->observers_n; i++)
        t->observers[i].note(t->observers[i].self, n);
    return n->seq;
}

void sim_broken(sim *t, sim_id node, const sim_breach *breach, uint64_t cause)
{
    if (t->broken.invariant)
        return; /* what follows from the first one proves nothing */
    t->broken = (sim_violation_info){
        .invariant = breach->invariant,
        .cite = breach->cite,
        .one = sim_arena_text(&t->arena, breach->one, strlen(breach->one)),
        .other = sim_arena_text(&t->arena, breach->other, strlen(breach->other)),
    };
    sim_note n = {.kind = SIM_NOTE_VIOLATION, .node = node, .cause = cause};
    n.as.violation.invariant = t->broken.invariant;
    n.as.violation.cite = t->broken.cite;
    n.as.violation.one = t->broken.one;
    n.as.violation.other = t->broken.other;
    t->broken.seq = sim_tell(t, &n);
}

/* ---- saying no --------------------------------------------------------------------- */

bool sim_fail(sim_error *error, const char *format, ...)
{
    if (!error)
        return false;
    error->no_progress = false;
    error->hint[0] = '\0';
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return false;
}

void sim_hint(sim_error *error, const char *format, ...)
{
    if (!error)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(error->hint, sizeof error->hint, format, args);
    va_end(args);
}

bool sim_may_move(const sim *t, sim_error *error)
{
    if (!t->broken.invariant)
        return true;
    sim_fail(error, "%s is violated (%s): %s; %s", t->broken.invariant, t->broken.cite,
             t->broken.one, t->broken.other);
    sim_hint(error, "the tank stands still since event %" PRIu64, t->broken.seq);
    return false;
}
