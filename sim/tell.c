/* tell.c - the one stream of notes: numbered, folded into the digest, shown to observers;
 * and the two ways in which a tank says no.
 *
 * The digest folds each note's binary values, never its text form, in the order in which
 * sim_note_describe() names them. */
#include "sim/base/hash.h"
#include "sim/membership.h"
#include "sim/tank.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- digest ------------------------------------------------------------------------ */

/* Two lanes, so that a processor can fold them side by side; kept in registers while a note
 * is folded. */
typedef struct lanes {
    uint64_t a, b;
} lanes;

static inline void fold(lanes *l, uint64_t a, uint64_t b)
{
    l->a = sim_hash_mix(l->a, a);
    l->b = sim_hash_mix(l->b, b);
}

/* Two numbers as one: different for all that a run will ever count to. */
static inline uint64_t pair(uint64_t low, uint64_t high)
{
    return low + high * UINT64_C(0xD1342543DE82EF95);
}

static inline uint64_t point_value(sim_point p)
{
    return pair(p.index, p.term);
}

static uint64_t text_value(const char *s)
{
    return s ? sim_hash_bytes(1, s, strlen(s)) : 0;
}

static void fold_texts(lanes *l, const char *const *texts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        fold(l, n, text_value(texts[i]));
}

static void fold_state(lanes *l, const sim_state *s)
{
    const uint32_t c = s->changed;
    if (c & (SIM_STATE_ROLE | SIM_STATE_VOTE | SIM_STATE_LEADER))
        fold(l, c & SIM_STATE_ROLE ? s->role : 0,
             (c & SIM_STATE_VOTE ? s->vote : 0U) | (c & SIM_STATE_LEADER ? s->leader : 0U)
                                                       << 8);
    if (c & (SIM_STATE_TERM | SIM_STATE_COMMIT))
        fold(l, c & SIM_STATE_TERM ? s->term : 0, c & SIM_STATE_COMMIT ? s->commit : 0);
    if (c & (SIM_STATE_APPLIED | SIM_STATE_LAST))
        fold(l, c & SIM_STATE_APPLIED ? s->applied : 0,
             c & SIM_STATE_LAST ? point_value(s->last) : 0);
    if (c & (SIM_STATE_DURABLE | SIM_STATE_CONFIG))
        fold(l, c & SIM_STATE_DURABLE ? s->durable : 0,
             c & SIM_STATE_CONFIG ? s->config.voters : 0);
    if (c & SIM_STATE_CONFIG && (s->config.outgoing | s->config.learners))
        fold(l, s->config.outgoing, s->config.learners);
    if (c & SIM_STATE_SNAPSHOT)
        fold(l, point_value(s->snapshot), 0);
}

static inline void fold_entries(lanes *l, const sim_entry *entries, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        fold(l, entries[i].term, entries[i].checksum);
}

static inline void fold_disk(lanes *l, const sim_note *n)
{
    const char *op = n->as.disk.op; /* with the write, two letters tell them apart */
    const uint64_t letters = (uint64_t)op[0] << 8 | (uint64_t)op[1];
    fold(l, pair(n->as.disk.write, letters), pair(n->as.disk.n, n->as.disk.index));
    if (n->as.disk.hard_state | (n->as.disk.truncate != 0))
        fold(l, pair(n->as.disk.truncate, n->as.disk.hard_state),
             n->as.disk.hard_state ? pair(n->as.disk.term, n->as.disk.vote) : 0);
    if (n->as.disk.snapshot.index)
        fold(l, point_value(n->as.disk.snapshot), 1);
    if (n->as.disk.what)
        fold(l, 0, text_value(n->as.disk.what));
}

/* An answer that is ok follows from the entries applied: only what the tank says itself is
 * folded, so that nobody has to make an answer for the digest's sake. */
static inline void fold_request(lanes *l, const sim_note *n)
{
    const uint64_t id = pair(n->as.request.id, text_value(n->as.request.name));
    if (n->kind == SIM_NOTE_REQUEST) {
        fold(l, id, sim_hash_bytes(1, n->as.request.command, n->as.request.command_len));
        return;
    }
    fold(l, id, point_value(n->as.request.point));
    if (n->as.request.status != SIM_STATUS_OK)
        fold(l, n->as.request.status | (uint64_t)n->as.request.leader << 8,
             text_value(n->as.request.answer));
}

static inline void fold_send(lanes *l, const sim *t, const sim_note *n)
{
    const sim_message *m = n->as.message.message;
    const uint64_t link = m->from | (uint64_t)m->to << 8 | (uint64_t)n->as.message.forged << 16;
    fold(l, pair(n->as.message.id, link), t->engine->message_hash(m));
}

static inline void fold_kind(lanes *l, const sim *t, const sim_note *n)
{
    switch (n->kind) {
    case SIM_NOTE_SECTION:
        fold(l, n->as.section.prepare, text_value(n->as.section.title));
        fold_texts(l, n->as.section.uses, n->as.section.uses_n);
        fold_texts(l, n->as.section.tests, n->as.section.tests_n);
        break;
    case SIM_NOTE_NOTE:
    case SIM_NOTE_COMMAND:
        fold(l, 0, text_value(n->as.text.text));
        break;
    case SIM_NOTE_TIMER:
        fold(l, n->as.timer.timer, text_value(n->as.timer.ignored));
        break;
    case SIM_NOTE_SEND:
        fold_send(l, t, n);
        break;
    case SIM_NOTE_DELIVER:
        fold(l, n->as.message.id, text_value(n->as.message.ignored));
        break;
    case SIM_NOTE_DROP:
        fold(l, n->as.message.id, n->as.message.drop);
        break;
    case SIM_NOTE_DUPLICATE:
        fold(l, n->as.message.id, n->as.message.copy);
        break;
    case SIM_NOTE_HOLD:
        fold(l, n->as.message.id, n->as.message.due);
        break;
    case SIM_NOTE_ROLE:
        fold(l, pair(n->as.role.from, n->as.role.to), text_value(n->as.role.why));
        break;
    case SIM_NOTE_TERM:
        fold(l, n->as.term.from, n->as.term.to);
        break;
    case SIM_NOTE_VOTE:
        fold(l, n->as.vote.candidate, n->as.vote.term);
        break;
    case SIM_NOTE_APPEND:
        fold(l, n->as.append.index, n->as.append.n);
        fold_entries(l, n->as.append.entries, n->as.append.n);
        break;
    case SIM_NOTE_TRUNCATE:
        fold(l, n->as.truncate.index, n->as.truncate.n);
        break;
    case SIM_NOTE_COMMIT:
    case SIM_NOTE_APPLY:
        fold(l, n->as.range.from, n->as.range.to);
        break;
    case SIM_NOTE_DISK:
        fold_disk(l, n);
        break;
    case SIM_NOTE_CRASH:
    case SIM_NOTE_RESTART:
    case SIM_NOTE_PAUSE:
    case SIM_NOTE_RESUME:
        fold(l, 0, text_value(n->as.life.how));
        break;
    case SIM_NOTE_PARTITION:
    case SIM_NOTE_HEAL:
        fold(l, 0, text_value(n->as.links.text));
        break;
    case SIM_NOTE_REQUEST:
    case SIM_NOTE_RESPONSE:
        fold_request(l, n);
        break;
    case SIM_NOTE_EXPECT:
        fold(l, text_value(n->as.expect.condition), text_value(n->as.expect.actual));
        fold(l, n->as.expect.passed, 0);
        break;
    case SIM_NOTE_VIOLATION: /* the texts name their events */
        fold(l, text_value(n->as.violation.one), text_value(n->as.violation.other));
        fold(l, text_value(n->as.violation.invariant), 0);
        break;
    case SIM_NOTE_SNAPSHOT:
        fold(l, point_value(n->as.snapshot.last), text_value(n->as.snapshot.op));
        fold(l, n->as.snapshot.bytes, n->as.snapshot.offset);
        break;
    case SIM_NOTE_CONFIG:
        fold(l, n->as.config.index, text_value(n->as.config.why));
        break;
    case SIM_NOTE_COUNT:
        break;
    }
}

/* What a kind's own values say already need not be folded again as state. */
static const uint16_t implied[SIM_NOTE_COUNT] = {
    [SIM_NOTE_ROLE] = SIM_STATE_ROLE,     [SIM_NOTE_TERM] = SIM_STATE_TERM,
    [SIM_NOTE_VOTE] = SIM_STATE_VOTE,     [SIM_NOTE_APPEND] = SIM_STATE_LAST,
    [SIM_NOTE_COMMIT] = SIM_STATE_COMMIT, [SIM_NOTE_APPLY] = SIM_STATE_APPLIED,
    [SIM_NOTE_DISK] = SIM_STATE_DURABLE,
};

static void fold_note(sim *t, const sim_note *n)
{
    lanes l = {t->digest[0], t->digest[1]};
    const uint64_t head = (uint64_t)n->state.changed << 16 | (uint64_t)n->node << 8 | n->kind;
    fold(&l, pair(head, (uint64_t)n->line << 32 | n->section), pair(n->at, n->cause));
    if (n->state.changed & ~(uint32_t)implied[n->kind])
        fold_state(&l, &n->state);
    fold_kind(&l, t, n);
    t->digest[0] = l.a;
    t->digest[1] = l.b;
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
        .one_seq = breach->one_seq,
        .other_seq = breach->other_seq,
    };
    sim_note n = {.kind = SIM_NOTE_VIOLATION, .node = node, .cause = cause};
    n.as.violation.invariant = t->broken.invariant;
    n.as.violation.cite = t->broken.cite;
    n.as.violation.one = t->broken.one;
    n.as.violation.other = t->broken.other;
    n.as.violation.one_seq = t->broken.one_seq;
    n.as.violation.other_seq = t->broken.other_seq;
    t->broken.seq = sim_tell(t, &n);
}

const char *sim_config_text(sim *t, const sim_membership *m)
{
    sim_text text = {0};
    sim_membership_put(m, t->names, &text);
    const char *kept = sim_arena_text(&t->arena, text.at ? text.at : "", text.len);
    sim_text_free(&text);
    return kept;
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

bool sim_fail_broken(const sim *t, sim_error *error)
{
    sim_fail(error, "%s is violated (%s): %s; %s", t->broken.invariant, t->broken.cite,
             t->broken.one, t->broken.other);
    sim_hint(error, "the tank stands still since event %" PRIu64, t->broken.seq);
    return false;
}
