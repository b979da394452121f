/* tell.h - how a note is told: numbered, folded into the digest, shown to observers.
 *
 * In line, for there are several notes to an event: where the kind is known to the compiler,
 * only the folding of that kind's values is left, and a note as such comes to be only where
 * somebody observes.
 *
 * The digest folds each note's binary values, never its text form, in the order in which
 * sim_note_describe() names them.  Below tank.h, which includes this. */
#ifndef SIM_TELL_H
#define SIM_TELL_H
#include "sim/base/hash.h"
#include "sim/tank.h"

#include <string.h>

/* ---- digest ------------------------------------------------------------------------ */

static inline void sim_fold(sim_lanes *l, uint64_t a, uint64_t b)
{
    l->a = sim_hash_mix(l->a, a);
    l->b = sim_hash_mix(l->b, b);
}

/* Two numbers as one: different for all that a run will ever count to. */
static inline uint64_t sim_pair(uint64_t low, uint64_t high)
{
    return low + high * UINT64_C(0xD1342543DE82EF95);
}

static inline uint64_t sim_point_value(sim_point p)
{
    return sim_pair(p.index, p.term);
}

static inline uint64_t sim_text_value(const char *s)
{
    return s ? sim_hash_bytes(1, s, strlen(s)) : 0;
}

SIM_OFTEN void sim_fold_state(sim_lanes *l, const sim_state *s)
{
    const uint32_t c = s->changed;
    if (c & (SIM_STATE_ROLE | SIM_STATE_VOTE | SIM_STATE_LEADER))
        sim_fold(l, c & SIM_STATE_ROLE ? s->role : 0,
                 (c & SIM_STATE_VOTE ? s->vote : 0U) | (c & SIM_STATE_LEADER ? s->leader : 0U)
                                                           << 8);
    if (c & (SIM_STATE_TERM | SIM_STATE_COMMIT))
        sim_fold(l, c & SIM_STATE_TERM ? s->term : 0, c & SIM_STATE_COMMIT ? s->commit : 0);
    if (c & (SIM_STATE_APPLIED | SIM_STATE_LAST))
        sim_fold(l, c & SIM_STATE_APPLIED ? s->applied : 0,
                 c & SIM_STATE_LAST ? sim_point_value(s->last) : 0);
    if (c & (SIM_STATE_DURABLE | SIM_STATE_CONFIG))
        sim_fold(l, c & SIM_STATE_DURABLE ? s->durable : 0,
                 c & SIM_STATE_CONFIG ? s->config.voters : 0);
    if (c & SIM_STATE_CONFIG && (s->config.outgoing | s->config.learners))
        sim_fold(l, s->config.outgoing, s->config.learners);
    if (c & SIM_STATE_SNAPSHOT)
        sim_fold(l, sim_point_value(s->snapshot), 0);
}

SIM_OFTEN void sim_fold_append(sim_lanes *l, const sim_note *n)
{
    sim_fold(l, n->as.append.index, n->as.append.n);
    for (uint32_t i = 0; i < n->as.append.n; i++)
        sim_fold(l, n->as.append.entries[i].term, n->as.append.entries[i].checksum);
}

SIM_OFTEN void sim_fold_disk(sim_lanes *l, const sim_note *n)
{
    const char *op = n->as.disk.op; /* with the write, two letters tell them apart */
    const uint64_t letters = (uint64_t)op[0] << 8 | (uint64_t)op[1];
    sim_fold(l, sim_pair(n->as.disk.write, letters), sim_pair(n->as.disk.n, n->as.disk.index));
    if (n->as.disk.hard_state | (n->as.disk.truncate != 0))
        sim_fold(l, sim_pair(n->as.disk.truncate, n->as.disk.hard_state),
                 n->as.disk.hard_state ? sim_pair(n->as.disk.term, n->as.disk.vote) : 0);
    if (n->as.disk.snapshot.index)
        sim_fold(l, sim_point_value(n->as.disk.snapshot), 1);
    if (n->as.disk.what)
        sim_fold(l, 0, sim_text_value(n->as.disk.what));
    if (n->as.disk.up_to.index)
        sim_fold(l, sim_point_value(n->as.disk.up_to), 2);
}

/* An answer that is ok follows from the entries applied: only what the tank says itself is
 * folded, so that nobody has to make an answer for the digest's sake. */
SIM_OFTEN void sim_fold_request(sim_lanes *l, const sim_note *n)
{
    const uint64_t id = sim_pair(n->as.request.id, sim_text_value(n->as.request.name));
    if (n->kind == SIM_NOTE_REQUEST) {
        sim_fold(l, id, sim_hash_bytes(1, n->as.request.command, n->as.request.command_len));
        return;
    }
    sim_fold(l, id, sim_point_value(n->as.request.point));
    if (n->as.request.status != SIM_STATUS_OK)
        sim_fold(l, n->as.request.status | (uint64_t)n->as.request.leader << 8,
                 sim_text_value(n->as.request.answer));
}

SIM_OFTEN void sim_fold_send(sim_lanes *l, const sim *t, const sim_note *n)
{
    const sim_message *m = n->as.message.message;
    const uint64_t link = m->from | (uint64_t)m->to << 8 | (uint64_t)n->as.message.forged << 16;
    sim_fold(l, sim_pair(n->as.message.id, link), t->engine->message_hash(m));
}

/* The kinds that are told once in a while; tell.c. */
SIM_SELDOM void sim_fold_seldom(sim_lanes *l, const sim_note *n);

SIM_OFTEN void sim_fold_kind(sim_lanes *l, const sim *t, const sim_note *n)
{
    switch (n->kind) {
    case SIM_NOTE_TIMER:
        sim_fold(l, n->as.timer.timer, sim_text_value(n->as.timer.ignored));
        break;
    case SIM_NOTE_SEND:
        sim_fold_send(l, t, n);
        break;
    case SIM_NOTE_DELIVER:
        sim_fold(l, n->as.message.id, sim_text_value(n->as.message.ignored));
        break;
    case SIM_NOTE_APPEND:
        sim_fold_append(l, n);
        break;
    case SIM_NOTE_COMMIT:
    case SIM_NOTE_APPLY:
        sim_fold(l, n->as.range.from, n->as.range.to);
        break;
    case SIM_NOTE_DISK:
        sim_fold_disk(l, n);
        break;
    case SIM_NOTE_REQUEST:
    case SIM_NOTE_RESPONSE:
        sim_fold_request(l, n);
        break;
    case SIM_NOTE_SECTION:
    case SIM_NOTE_NOTE:
    case SIM_NOTE_COMMAND:
    case SIM_NOTE_DROP:
    case SIM_NOTE_DUPLICATE:
    case SIM_NOTE_HOLD:
    case SIM_NOTE_ROLE:
    case SIM_NOTE_TERM:
    case SIM_NOTE_VOTE:
    case SIM_NOTE_TRUNCATE:
    case SIM_NOTE_CRASH:
    case SIM_NOTE_RESTART:
    case SIM_NOTE_PAUSE:
    case SIM_NOTE_RESUME:
    case SIM_NOTE_PARTITION:
    case SIM_NOTE_HEAL:
    case SIM_NOTE_EXPECT:
    case SIM_NOTE_VIOLATION:
    case SIM_NOTE_SNAPSHOT:
    case SIM_NOTE_CONFIG:
    case SIM_NOTE_COUNT:
        sim_fold_seldom(l, n);
        break;
    }
}

/* What a kind's own values say already need not be folded again as state. */
SIM_OFTEN uint32_t sim_implied(sim_note_kind kind)
{
    static const uint16_t implied[SIM_NOTE_COUNT] = {
        [SIM_NOTE_ROLE] = SIM_STATE_ROLE,     [SIM_NOTE_TERM] = SIM_STATE_TERM,
        [SIM_NOTE_VOTE] = SIM_STATE_VOTE,     [SIM_NOTE_APPEND] = SIM_STATE_LAST,
        [SIM_NOTE_COMMIT] = SIM_STATE_COMMIT, [SIM_NOTE_APPLY] = SIM_STATE_APPLIED,
        [SIM_NOTE_DISK] = SIM_STATE_DURABLE,
    };
    return implied[kind];
}

SIM_OFTEN void sim_fold_note(sim *t, const sim_note *n)
{
    sim_lanes l = t->digest;
    const uint64_t head = (uint64_t)n->state.changed << 16 | (uint64_t)n->node << 8 | n->kind;
    sim_fold(&l, head + t->place, sim_pair(n->at, n->cause));
    if (n->state.changed & ~sim_implied(n->kind))
        sim_fold_state(&l, &n->state);
    sim_fold_kind(&l, t, n);
    t->digest = l;
}

/* ---- telling ----------------------------------------------------------------------- */

/* Where the script is: what is told from now on belongs there. */
static inline void sim_tell_from(sim *t, uint32_t section, uint32_t line)
{
    t->section = section;
    t->line = line;
    t->place = sim_pair(0, (uint64_t)line << 32 | section);
}

/* Starts a note: what every kind has.  The rest is not cleared, for there are several notes
 * to an event: whoever tells a note sets every member that its kind describes. */
static inline void sim_note_begin(sim_note *n, sim_note_kind kind, sim_id node, uint64_t cause)
{
    n->kind = kind;
    n->node = node;
    n->cause = cause;
    n->state.changed = 0;
}

/* Shows a note to the observers; tell.c. */
SIM_SELDOM void sim_show(sim *t, const sim_note *n);

/* Numbers the note, folds it into the digest and shows it to the observers; its number. */
SIM_OFTEN uint64_t sim_tell(sim *t, sim_note *n)
{
    const uint64_t seq = ++t->seq;
    n->seq = seq;
    n->at = t->now;
    n->section = t->section;
    n->line = t->line;
    sim_fold_note(t, n);
    if (t->observers_n) {
        const sim_note shown = *n; /* so that nobody else needs it in memory */
        sim_show(t, &shown);
    }
    return seq;
}

#endif
