/* tell.c - the part of the one stream of notes that is not in line (tell.h): the kinds that are
 * told seldom, and observers; and the two ways in which a tank says no. */
#include "sim/membership.h"
#include "sim/tank.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- digest ------------------------------------------------------------------------ */

static void fold_texts(sim_lanes *l, const char *const *texts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        sim_fold(l, n, sim_text_value(texts[i]));
}

void sim_fold_seldom(sim_lanes *l, const sim_note *n)
{
    switch (n->kind) {
    case SIM_NOTE_SECTION:
        sim_fold(l, n->as.section.prepare, sim_text_value(n->as.section.title));
        fold_texts(l, n->as.section.uses, n->as.section.uses_n);
        fold_texts(l, n->as.section.tests, n->as.section.tests_n);
        break;
    case SIM_NOTE_NOTE:
    case SIM_NOTE_COMMAND:
        sim_fold(l, 0, sim_text_value(n->as.text.text));
        break;
    case SIM_NOTE_DROP:
        sim_fold(l, n->as.message.id, n->as.message.drop);
        break;
    case SIM_NOTE_DUPLICATE:
        sim_fold(l, n->as.message.id, n->as.message.copy);
        break;
    case SIM_NOTE_HOLD:
        sim_fold(l, n->as.message.id, sim_pair(n->as.message.due, n->as.message.released));
        break;
    case SIM_NOTE_ROLE:
        sim_fold(l, sim_pair(n->as.role.from, n->as.role.to), sim_text_value(n->as.role.why));
        break;
    case SIM_NOTE_TERM:
        sim_fold(l, n->as.term.from, n->as.term.to);
        break;
    case SIM_NOTE_VOTE:
        sim_fold(l, n->as.vote.candidate, n->as.vote.term);
        break;
    case SIM_NOTE_TRUNCATE:
        sim_fold(l, n->as.truncate.index, n->as.truncate.n);
        break;
    case SIM_NOTE_CRASH:
    case SIM_NOTE_RESTART:
    case SIM_NOTE_PAUSE:
    case SIM_NOTE_RESUME:
        sim_fold(l, 0, sim_text_value(n->as.life.how));
        break;
    case SIM_NOTE_PARTITION:
    case SIM_NOTE_HEAL:
        sim_fold(l, 0, sim_text_value(n->as.links.text));
        break;
    case SIM_NOTE_EXPECT:
        sim_fold(l, sim_text_value(n->as.expect.condition),
                 sim_text_value(n->as.expect.actual));
        sim_fold(l, n->as.expect.passed, 0);
        break;
    case SIM_NOTE_VIOLATION: /* the texts name their events */
        sim_fold(l, sim_text_value(n->as.violation.one), sim_text_value(n->as.violation.other));
        sim_fold(l, sim_text_value(n->as.violation.invariant), 0);
        break;
    case SIM_NOTE_SNAPSHOT:
        sim_fold(l, sim_point_value(n->as.snapshot.last), sim_text_value(n->as.snapshot.op));
        sim_fold(l, n->as.snapshot.bytes, n->as.snapshot.offset);
        break;
    case SIM_NOTE_CONFIG:
        sim_fold(l, n->as.config.index, sim_text_value(n->as.config.why));
        break;
    case SIM_NOTE_TIMER:
    case SIM_NOTE_SEND:
    case SIM_NOTE_DELIVER:
    case SIM_NOTE_APPEND:
    case SIM_NOTE_COMMIT:
    case SIM_NOTE_APPLY:
    case SIM_NOTE_DISK:
    case SIM_NOTE_REQUEST:
    case SIM_NOTE_RESPONSE: /* tell.h */
    case SIM_NOTE_COUNT:
        break;
    }
}

uint64_t sim_digest(const sim *t)
{
    return sim_hash_final(sim_hash_mix(t->digest.a, t->digest.b));
}

/* ---- telling ----------------------------------------------------------------------- */

void sim_show(sim *t, const sim_note *n)
{
    for (uint32_t i = 0; i < t->observers_n; i++)
        t->observers[i].note(t->observers[i].self, n);
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
    sim_text_clear(&t->config);
    if (t->observers_n)
        sim_membership_put(m, t->names, &t->config);
    return t->config.at ? t->config.at : "";
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
