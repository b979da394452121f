/* node.c - carries out what an engine asks for, in its order, and tells of it. */
#include "sim/membership.h"
#include "sim/ring.h"
#include "sim/tank.h"

#include <assert.h>

typedef struct step {
    sim *t;
    sim_node *n;
    uint64_t cause;        /* the note of the engine's call */
    uint64_t last, commit; /* the last index of the log and what is committed, as told so far */
    uint64_t commit_told;  /* the note that told of what is to be applied; 0: nothing is */
    bool judged;           /* all writes were told, and the checker has seen the state */
} step;

static inline void begin_note(const step *s, sim_note *note, sim_note_kind kind)
{
    sim_note_begin(note, kind, s->n->id, s->cause);
}

/* Whom the node follows has no note of its own: it goes with the first that comes. */
static void add_leader(sim_node *n, sim_note *note)
{
    if (n->told_leader == n->view.leader)
        return;
    n->told_leader = n->view.leader;
    note->state.changed |= SIM_STATE_LEADER;
    note->state.leader = n->view.leader;
}

/* ---- writes ------------------------------------------------------------------------ */

static void do_hard_state(step *s, const sim_action *a)
{
    sim_node *n = s->n;
    sim_disk_put_hard_state(&n->disk, a->term, a->vote);
    if (a->term != n->told_term) {
        sim_note note;
        begin_note(s, &note, SIM_NOTE_TERM);
        note.as.term.from = n->told_term;
        note.as.term.to = a->term;
        note.state.changed = SIM_STATE_TERM;
        note.state.term = n->told_term = a->term;
        if (n->told_vote) { /* a new term starts without one */
            note.state.changed |= SIM_STATE_VOTE;
            note.state.vote = n->told_vote = 0;
        }
        sim_tell(s->t, &note);
    }
    if (a->vote != n->told_vote) {
        sim_note note;
        begin_note(s, &note, SIM_NOTE_VOTE);
        note.as.vote.candidate = a->vote;
        note.as.vote.term = a->term;
        note.state.changed = SIM_STATE_VOTE;
        note.state.vote = n->told_vote = a->vote;
        sim_tell(s->t, &note);
    }
}

static void do_truncate(step *s, const sim_action *a)
{
    sim *t = s->t;
    sim_node *n = s->n;
    if (sim_disk_must_close(&n->disk))
        sim_store_submit(t, n, s->cause);
    sim_disk_put_truncate(&n->disk, a->index);
    sim_note note;
    begin_note(s, &note, SIM_NOTE_TRUNCATE);
    note.as.truncate.index = a->index;
    note.as.truncate.n = s->last >= a->index ? s->last - a->index + 1 : 0;
    s->last = a->index - 1;
    note.state.changed = SIM_STATE_LAST;
    note.state.last = (sim_point){0};
    sim_entry kept;
    if (a->index > 1 && t->engine->entry(n->engine, a->index - 1, &kept))
        note.state.last = (sim_point){a->index - 1, kept.term};
    uint64_t told = sim_tell(t, &note);
    sim_request_cut(t, n, a->index);
    sim_breach breach;
    if (!sim_check_truncate(t->check, n->id, a->index, told, &breach))
        sim_broken(t, n->id, &breach, told);
}

static void do_append(step *s, const sim_action *a)
{
    sim *t = s->t;
    sim_node *n = s->n;
    assert(a->n);
    sim_disk_put_append(&n->disk, a->index, a->entries, a->n);
    sim_note note;
    begin_note(s, &note, SIM_NOTE_APPEND);
    note.as.append.index = a->index;
    note.as.append.entries = a->entries;
    note.as.append.n = a->n;
    note.state.changed = SIM_STATE_LAST;
    s->last = a->index + a->n - 1;
    note.state.last = (sim_point){s->last, a->entries[a->n - 1].term};
    uint64_t told = sim_tell(t, &note);
    sim_breach breach;
    if (!sim_check_append(t->check, n->id, a->index, a->entries, a->n, told, &breach))
        sim_broken(t, n->id, &breach, told);
    if (n->lost.first != n->lost.last)
        sim_request_replaced(t, n, a->index, a->entries, a->n, told);
}

/* ---- messages ---------------------------------------------------------------------- */

static void push_waiting(sim_waiting_ring *r, sim_waiting w)
{
    if (r->last - r->first == r->capacity)
        r->at = sim_ring_grow(r->at, &r->capacity, r->first, r->last, sizeof *r->at);
    r->at[r->last++ & (r->capacity - 1)] = w;
}

void sim_leave(sim *t, sim_node *n, sim_message *m, uint64_t term, uint64_t cause)
{
    sim_breach breach;
    if (!sim_check_sent(t->check, n->id, term, cause, &breach))
        sim_broken(t, n->id, &breach, cause);
    const sim_word word = t->engine->word_of ? t->engine->word_of(m) : (sim_word){0};
    const uint64_t told = t->seq + 1; /* the note of the sending is the next */
    const sim_id to = m->to;
    const uint64_t of_term = m->term;
    sim_send(t, m, cause, false);
    if (word.kind == SIM_WORD_HOLDS)
        sim_check_holds(t->check, n->id, to, word.last, of_term, told);
    else if (word.kind == SIM_WORD_VOTE)
        sim_check_voted(t->check, n->id, word.who, of_term, told);
}

static void do_send(step *s, const sim_action *a)
{
    sim *t = s->t;
    sim_node *n = s->n;
    /* A request for a pre-vote names the term that would follow, which is nobody's yet. */
    uint64_t term = a->message->term < n->view.term ? a->message->term : n->view.term;
    if (a->after_writes && sim_disk_busy(&n->disk)) {
        push_waiting(&n->outbox, (sim_waiting){.message = a->message,
                                               .write = sim_disk_last_number(&n->disk),
                                               .term = term});
        return;
    }
    sim_leave(t, n, a->message, term, s->cause);
}

/* ---- commit and apply -------------------------------------------------------------- */

static void apply(step *s)
{
    if (s->commit > s->n->applied)
        sim_apply(s->t, s->n, s->commit, s->commit_told);
    s->commit_told = 0;
}

static void do_commit(step *s, const sim_action *a)
{
    sim_note note;
    begin_note(s, &note, SIM_NOTE_COMMIT);
    note.as.range.from = s->commit + 1;
    note.as.range.to = a->index;
    note.state.changed = SIM_STATE_COMMIT;
    note.state.commit = a->index;
    s->commit = a->index;
    s->commit_told = sim_tell(s->t, &note);
    if (s->judged)
        apply(s);
}

/* The checker sees the state once all writes of the step were told; only then can a commit
 * be judged, and what is committed be applied. */
static void judge(step *s)
{
    sim_breach breach;
    s->judged = true;
    if (!sim_check_state(s->t->check, s->n->id, &s->n->view, s->cause, &breach))
        sim_broken(s->t, s->n->id, &breach, s->cause);
    if (s->commit_told)
        apply(s);
}

/* ---- the whole step ---------------------------------------------------------------- */

static void do_role(step *s, const sim_action *a)
{
    sim_note note;
    begin_note(s, &note, SIM_NOTE_ROLE);
    note.as.role.from = (sim_role)a->from;
    note.as.role.to = (sim_role)a->to;
    note.as.role.why = a->text;
    note.state.changed = SIM_STATE_ROLE;
    note.state.role = (sim_role)a->to;
    add_leader(s->n, &note);
    s->n->role_changes++;
    const uint64_t told = sim_tell(s->t, &note);
    if (a->from == SIM_LEADER)
        sim_changes_deposed(s->t, s->n, told);
}

static void do_membership(step *s, const sim_action *a)
{
    sim_node *n = s->n;
    if (sim_membership_equal(&n->told_config, &a->membership))
        return; /* it starts with what everybody knows, or what its disk holds */
    n->told_config = a->membership;
    sim_note note;
    begin_note(s, &note, SIM_NOTE_CONFIG);
    note.as.config.now = a->membership;
    note.as.config.text = sim_config_text(s->t, &a->membership);
    note.as.config.index = a->index;
    note.as.config.why = a->text;
    note.state.changed = SIM_STATE_CONFIG;
    note.state.config = a->membership;
    note.state.config_text = note.as.config.text;
    sim_tell(s->t, &note);
}

static void do_action(step *s, const sim_action *a)
{
    switch (a->kind) {
    case SIM_DO_HARD_STATE:
        do_hard_state(s, a);
        break;
    case SIM_DO_TRUNCATE:
        do_truncate(s, a);
        break;
    case SIM_DO_APPEND:
        do_append(s, a);
        break;
    case SIM_DO_SEND:
        do_send(s, a);
        break;
    case SIM_DO_ARM:
        sim_arm(s->t, s->n, (sim_timer)a->timer, a->min, a->max, s->cause);
        break;
    case SIM_DO_DISARM:
        s->n->timers[a->timer].armed = false;
        break;
    case SIM_DO_COMMIT:
        do_commit(s, a);
        break;
    case SIM_DO_ACCEPT:
        sim_request_accepted(s->t, s->n, a->ticket, a->point);
        break;
    case SIM_DO_REFUSE:
        sim_request_refused(s->t, s->n, a->ticket, a->text, a->leader, s->cause);
        break;
    case SIM_DO_SNAPSHOT_CHUNK:
        sim_snapshot_chunk(s->t, s->n, a, s->cause);
        break;
    case SIM_DO_SNAPSHOT_INSTALL:
        sim_snapshot_install(s->t, s->n, a, s->cause);
        break;
    case SIM_DO_COMPACT:
        sim_snapshot_compact(s->t, s->n, a, s->cause);
        break;
    case SIM_DO_READ_READY:
        sim_read_ready(s->t, s->n, a->ticket, a->index, s->cause);
        break;
    case SIM_DO_DONE:
        sim_request_done(s->t, s->n, a->ticket, s->cause);
        break;
    case SIM_DO_MEMBERSHIP:
        do_membership(s, a);
        break;
    case SIM_DO_ROLE:
        do_role(s, a);
        break;
    case SIM_DO_IGNORED: /* told with the call */
        break;
    }
}

static uint64_t tell_call(sim *t, sim_node *n, sim_note *wrap, const sim_actions *todo)
{
    if (wrap->kind == SIM_NOTE_TIMER)
        wrap->as.timer.ignored = todo->ignored;
    else if (wrap->kind == SIM_NOTE_DELIVER)
        wrap->as.message.ignored = todo->ignored;
    if (!todo->role)
        add_leader(n, wrap);
    return sim_tell(t, wrap);
}

SIM_APART static void carry_out(sim *t, sim_node *n, sim_note *wrap, uint64_t cause,
                                const sim_actions *todo)
{
    step s = {.t = t, .n = n, .last = n->view.last.index, .commit = n->view.commit};
    t->engine->inspect(n->engine, &n->view);
    s.cause = wrap ? tell_call(t, n, wrap, todo) : cause;
    for (uint32_t i = 0;; i++) {
        if (i == todo->writes)
            judge(&s);
        if (i == todo->n)
            break;
        do_action(&s, &todo->at[i]);
    }
    if (n->lost.first != n->lost.last)
        sim_request_replaced(t, n, 0, NULL, 0, s.cause);
    if (!n->view.leader && n->asked.first != n->asked.last)
        sim_reads_forsaken(t, n, s.cause);
    if (n->disk.is_open)
        sim_store_submit(t, n, s.cause);
    if (todo->writes && !t->flowing && !n->disk.held)
        sim_store_complete_all(t, n); /* in still water a write is durable at once */
    if (n->duties | t->clients_due)
        sim_duties(t, n, s.cause);
}

void sim_carry_out(sim *t, sim_node *n, sim_note *wrap, uint64_t cause)
{
    const sim_actions *todo = t->engine->outbox(n->engine);
    if (todo->n || wrap) /* else nothing that can be seen has changed */
        carry_out(t, n, wrap, cause, todo);
}
