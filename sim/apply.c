/* apply.c - what is committed reaches the application; and the application's state goes into
 * snapshots and comes out of them (thesis 5).
 *
 * A snapshot's bytes: how long the application's state is, that state, then the sessions. */
#include "sim/tank.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- the state as bytes -------------------------------------------------------------- */

enum { LENGTH_BYTES = 8 };

static sim_image *pack(const sim *t, const sim_node *n)
{
    sim_text state = {0}, all = {0};
    t->app->snapshot(n->app, &state);
    for (int i = 0; i < LENGTH_BYTES; i++) /* little end first, on every machine */
        sim_text_char(&all, (char)(uint8_t)((uint64_t)state.len >> 8 * i));
    if (state.len)
        sim_text_add(&all, state.at, state.len);
    t->engine->sessions_snapshot(n->sessions, &all);
    sim_image *image = sim_image_new(all.at, all.len);
    sim_text_free(&state);
    sim_text_free(&all);
    return image;
}

/* What a node replicates: its application and the sessions of the clients. */
typedef struct machine {
    void *app, *sessions;
} machine;

static machine new_machine(const sim *t)
{
    const sim_options *o = &t->options;
    return (machine){t->app->create(), t->engine->sessions_new((uint32_t)o->sessions_max,
                                                               o->session_ttl, t->bugs)};
}

static void free_machine(const sim *t, machine m)
{
    t->app->free(m.app);
    t->engine->sessions_free(m.sessions);
}

static bool restore(const sim *t, machine m, const sim_image *image)
{
    uint64_t state_n = 0;
    if (image->n < LENGTH_BYTES)
        return false;
    for (int i = 0; i < LENGTH_BYTES; i++)
        state_n |= (uint64_t)image->bytes[i] << 8 * i;
    const uint64_t left = image->n - LENGTH_BYTES;
    const uint8_t *state = image->bytes + LENGTH_BYTES;
    return state_n <= left && t->app->restore(m.app, state, state_n) &&
           t->engine->sessions_restore(m.sessions, state + state_n, left - state_n);
}

static bool is_readable(const sim *t, const sim_image *image)
{
    const machine m = new_machine(t);
    const bool readable = restore(t, m, image);
    free_machine(t, m);
    return readable;
}

/* The node goes on with what the image holds; nothing that cannot be read is ever written. */
static void take_over(sim *t, sim_node *n, const sim_image *image)
{
    const machine m = new_machine(t);
    const bool restored = !image || restore(t, m, image);
    assert(restored);
    (void)restored;
    if (n->app)
        free_machine(t, (machine){n->app, n->sessions});
    n->app = m.app;
    n->sessions = m.sessions;
}

/* Thesis 5.1.2: when the log has grown by so much.  Scenario: snapshots/by_size_of_the_log. */
static void plan_snapshot(const sim *t, sim_node *n, uint64_t behind)
{
    const uint64_t every = t->options.snapshot_every;
    n->snapshot_at = every && every <= UINT64_MAX - behind ? behind + every : UINT64_MAX;
}

/* ---- applying ------------------------------------------------------------------------ */

static bool needs_app(const sim_entry *e)
{
    return e->kind == SIM_ENTRY_COMMAND || e->kind == SIM_ENTRY_REQUEST;
}

/* The checker hears of the state at the last index that was applied. */
static void check_applied(sim *t, sim_node *n, uint64_t told)
{
    sim_breach breach;
    if (!sim_check_applied(t->check, n->id, n->applied, t->app->hash(n->app), told, &breach))
        sim_broken(t, n->id, &breach, told);
    const char *wrong = t->app->check ? t->app->check(n->app, &t->wrong) : NULL;
    if (wrong && !sim_check_application(t->check, n->id, n->applied, wrong, told, &breach))
        sim_broken(t, n->id, &breach, told);
}

/* A client's request, whose entry says "CLIENT SERIAL COMMAND", takes effect once. */
static sim_session_news apply_request(sim *t, sim_node *n, uint64_t index, const sim_entry *e,
                                      uint64_t told)
{
    sim_session_parts p;
    if (!sim_session_read(e, &p)) {
        sim_text_put(&t->answer, "error: this is no request of a session");
        return SIM_SESSION_AGAIN; /* forged: it changes nothing */
    }
    const sim_session_news news =
        t->engine->sessions_find(n->sessions, p.client, p.serial, index, &t->answer);
    sim_breach breach;
    bool well;
    if (news == SIM_SESSION_NEW) {
        t->app->apply(n->app, p.command, p.bytes, &t->answer);
        t->engine->sessions_store(n->sessions, p.client, p.serial, &t->answer);
        well = sim_check_session_applied(t->check, n->id, p.client, p.serial, index, told,
                                         &breach);
    } else {
        well = sim_check_session_skipped(t->check, n->id, p.client, p.serial, index, told,
                                         &breach);
    }
    if (!well)
        sim_broken(t, n->id, &breach, told);
    return news;
}

/* Index is applied; told: the note of the apply. */
static void apply_entry(sim *t, sim_node *n, uint64_t index, uint64_t told)
{
    sim_entry e;
    bool there = t->engine->entry(n->engine, index, &e);
    assert(there);
    (void)there;
    const bool asked = sim_request_waits(t, n, index);
    sim_text *answer = asked && sim_request_wants_answer(t, n) ? &t->answer : NULL;
    sim_session_news news = SIM_SESSION_NEW;
    uint64_t client = 0;
    sim_text_clear(&t->answer);
    if (e.kind == SIM_ENTRY_COMMAND)
        t->app->apply(n->app, e.data, e.bytes, answer);
    else if (e.kind == SIM_ENTRY_REQUEST)
        news = apply_request(t, n, index, &e, told);
    else if (e.kind == SIM_ENTRY_SESSION)
        client = t->engine->sessions_open(n->sessions, index);
    n->applied = index;
    check_applied(t, n, told);
    sim_membership m;
    if (e.kind == SIM_ENTRY_CONFIG && t->engine->membership_of(&e, &m))
        sim_changes_settled(t, n, index, &m, told);
    if (!asked)
        return;
    if (client)
        sim_session_opened(t, n, (sim_point){index, e.term}, client, told);
    else if (news == SIM_SESSION_EXPIRED || news == SIM_SESSION_OLD)
        sim_session_expired(t, n, (sim_point){index, e.term}, told);
    else
        sim_request_applied(t, n, (sim_point){index, e.term}, answer, told);
}

/* The last index that a failing application does not have to do anything for. */
static uint64_t before_failure(const sim *t, const sim_node *n, uint64_t to)
{
    sim_entry e;
    for (uint64_t i = n->applied + 1; i <= to; i++)
        if (t->engine->entry(n->engine, i, &e) && needs_app(&e))
            return i - 1;
    return to;
}

static void remark(sim *t, sim_node *n, const char *text, uint64_t cause)
{
    sim_note note = {.kind = SIM_NOTE_NOTE, .node = n->id, .cause = cause};
    note.as.text.text = text;
    sim_tell(t, &note);
}

/* The apply of the next entry failed: it stays where it is, and the engine hears of it when
 * the step is over. */
static void fail(sim *t, sim_node *n, uint64_t cause)
{
    if (n->app_stuck)
        return;
    char text[120];
    snprintf(text, sizeof text, "the application of %.40s fails at entry %" PRIu64 "%s",
             t->names[n->id], n->applied + 1,
             n->app_retriable ? ", to be tried again" : ", for good");
    remark(t, n, text, cause);
    n->app_stuck = true;
    n->duties |= SIM_DUTY_APP_FAILED;
}

void sim_apply(sim *t, sim_node *n, uint64_t to, uint64_t cause)
{
    if (n->installing)
        return; /* what is before it comes with the snapshot */
    const uint64_t end = n->app_fails ? before_failure(t, n, to) : to;
    if (end > n->applied) {
        sim_note note;
        sim_note_begin(&note, SIM_NOTE_APPLY, n->id, cause);
        note.as.range.from = n->applied + 1;
        note.as.range.to = end;
        note.state.changed = SIM_STATE_APPLIED;
        note.state.applied = end;
        uint64_t told = sim_tell(t, &note);
        for (uint64_t i = n->applied + 1; i <= end; i++)
            apply_entry(t, n, i, told);
        if (n->asked.first != n->asked.last)
            sim_reads_answer(t, n, told);
        if (n->applied >= n->snapshot_at)
            n->duties |= SIM_DUTY_SNAPSHOT;
    }
    if (end < to)
        fail(t, n, cause);
}

/* ---- taking snapshots ---------------------------------------------------------------- */

static void begin_note(sim_note *note, const sim_node *n, const char *op, sim_point last,
                       uint64_t bytes, uint64_t cause)
{
    sim_note_begin(note, SIM_NOTE_SNAPSHOT, n->id, cause);
    note->as.snapshot.op = op;
    note->as.snapshot.last = last;
    note->as.snapshot.bytes = bytes;
    note->as.snapshot.offset = 0;
}

static void take_snapshot(sim *t, sim_node *n, uint64_t cause)
{
    sim_image *image = pack(t, n);
    n->taking = image;
    t->engine->snapshot(n->engine, sim_clock_now(t, n), n->applied, image->bytes, image->n);
    plan_snapshot(t, n, n->applied);
    sim_carry_out(t, n, NULL, cause);
    if (n->taking == image) { /* the engine had no use for it */
        sim_image_drop(image);
        n->taking = NULL;
    }
}

static void write_image(sim *t, sim_node *n, sim_image *image, const sim_action *a,
                        bool installs, uint64_t cause)
{
    image->last = a->point;
    image->membership = a->membership;
    if (sim_disk_must_close(&n->disk))
        sim_store_submit(t, n, cause);
    sim_disk_put_image(&n->disk, image, installs, a->keeps_log);
}

void sim_snapshot_compact(sim *t, sim_node *n, const sim_action *a, uint64_t cause)
{
    assert(n->taking);
    sim_image_drop(n->image);
    n->image = n->taking;
    n->taking = NULL;
    write_image(t, n, sim_image_hold(n->image), a, false, cause);
    sim_note note;
    begin_note(&note, n, "taken", a->point, n->image->n, cause);
    note.state.changed = SIM_STATE_SNAPSHOT;
    note.state.snapshot = a->point;
    const uint64_t told = sim_tell(t, &note);
    sim_breach breach;
    if (!sim_check_compact(t->check, n->id, a->point, told, &breach) ||
        !sim_check_taken(t->check, n->id, a->point, told, &breach))
        sim_broken(t, n->id, &breach, told);
}

bool sim_snapshot_take(sim *t, sim_node *n, uint64_t cause)
{
    const uint64_t index = n->applied;
    if (index <= n->view.snapshot.index)
        return false;
    take_snapshot(t, n, cause);
    return n->view.snapshot.index == index;
}

/* ---- snapshots that arrive ----------------------------------------------------------- */

void sim_snapshot_chunk(sim *t, sim_node *n, const sim_action *a, uint64_t cause)
{
    if (a->offset == 0)
        sim_text_clear(&n->arriving);
    assert(a->offset == n->arriving.len); /* the engine takes them in their order */
    if (a->n_bytes)
        sim_text_add(&n->arriving, (const char *)a->bytes, a->n_bytes);
    sim_note note;
    begin_note(&note, n, "chunk", a->point, a->n_bytes, cause);
    note.as.snapshot.offset = a->offset;
    sim_tell(t, &note);
}

/* From this step on the engine's log begins behind it.  The application follows when it is
 * durable; one that it cannot read must not take the place of one that it can. */
void sim_snapshot_install(sim *t, sim_node *n, const sim_action *a, uint64_t cause)
{
    sim_image *image = sim_image_new(n->arriving.at, n->arriving.len);
    sim_text_clear(&n->arriving);
    sim_note note;
    begin_note(&note, n, "arrived", a->point, image->n, cause);
    note.state.changed = SIM_STATE_SNAPSHOT | SIM_STATE_COMMIT | SIM_STATE_LAST;
    note.state.snapshot = a->point;
    note.state.commit = n->view.commit;
    note.state.last = n->view.last;
    const uint64_t told = sim_tell(t, &note);
    sim_breach breach;
    if (!sim_check_install(t->check, n->id, a->point, a->keeps_log, told, &breach))
        sim_broken(t, n->id, &breach, told);
    n->installing = true;
    if (!a->keeps_log)
        sim_request_cut(t, n, a->point.index + 1);
    if (is_readable(t, image)) {
        write_image(t, n, image, a, true, cause);
        return;
    }
    if (!sim_check_unreadable(t->check, n->id, a->point, image->n, told, &breach))
        sim_broken(t, n->id, &breach, told);
    sim_image_drop(image);
}

/* Another one may have arrived since: the application waits for the last. */
static bool newer_arrived(const sim_node *n)
{
    const sim_disk *d = &n->disk;
    for (uint64_t i = n->news.first; i < n->news.last; i++)
        if (n->news.at[i & (n->news.capacity - 1)].write.installs)
            return true;
    for (uint64_t i = d->done + 1; i <= d->submitted; i++)
        if (sim_disk_write(d, i)->installs)
            return true;
    return false;
}

void sim_snapshot_installed(sim *t, sim_node *n, uint64_t cause)
{
    if (newer_arrived(n))
        return;
    sim_image *image = sim_image_hold(n->disk.image), *before = n->image;
    take_over(t, n, image);
    n->applied = image->last.index;
    n->installing = n->app_stuck = false;
    n->image = image;
    plan_snapshot(t, n, n->applied);
    t->engine->installed(n->engine, sim_clock_now(t, n), image->last, image->bytes, image->n);
    sim_note note;
    begin_note(&note, n, "installed", image->last, image->n, cause);
    note.state.changed = SIM_STATE_APPLIED;
    note.state.applied = n->applied;
    sim_carry_out(t, n, &note, cause);
    sim_image_drop(before);
    check_applied(t, n, note.seq);
    sim_requests_passed(t, n, n->applied, note.seq);
    sim_changes_settled(t, n, n->applied, &image->membership, note.seq);
    sim_reads_answer(t, n, note.seq);
    sim_apply(t, n, n->view.commit, note.seq);
    if (n->duties | t->clients_due)
        sim_duties(t, n, note.seq);
}

/* ---- booting ------------------------------------------------------------------------- */

void sim_app_boot(sim *t, sim_node *n)
{
    sim_image *image = n->disk.image;
    take_over(t, n, image);
    n->image = image ? sim_image_hold(image) : NULL;
    n->applied = n->disk.base;
    n->installing = false;
    n->app_fails = n->app_stuck = false;
    n->duties = 0;
    sim_text_clear(&n->arriving);
    plan_snapshot(t, n, n->disk.base);
}

void sim_app_booted(sim *t, sim_node *n, uint64_t cause)
{
    if (n->image)
        check_applied(t, n, cause);
}

/* ---- an application that fails ------------------------------------------------------- */

bool sim_app_fail(sim *t, sim_id node, bool retriable, sim_error *error)
{
    sim_node *n = sim_running(t, node, error);
    if (!n)
        return false;
    if (n->app_fails)
        return sim_fail(error, "the application of %s fails already", t->names[node]);
    n->app_fails = true;
    n->app_retriable = retriable;
    return true;
}

bool sim_app_mend(sim *t, sim_id node, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return false;
    if (n->life == SIM_CRASHED || !n->app_fails)
        return sim_fail(error, "the application of %s does not fail", t->names[node]);
    const bool stuck = n->app_stuck;
    n->app_fails = n->app_stuck = false;
    if (n->life == SIM_PAUSED && stuck && !n->app_retriable)
        sim_thaw(t, n, "application mended");
    else if (stuck)
        remark(t, n, "the application is mended", t->command);
    if (n->life == SIM_UP && n->view.commit > n->applied)
        sim_apply(t, n, n->view.commit, t->seq);
    if (n->duties | t->clients_due)
        sim_duties(t, n, t->seq);
    return sim_may_move(t, error);
}

/* Practice: failing applications.  A leader with one steps aside; one that fails for good takes
 * the node out of service.  Scenario: commands/disabled_until_mended. */
static void app_failed(sim *t, sim_node *n, uint64_t cause)
{
    t->engine->app_failed(n->engine, sim_clock_now(t, n));
    sim_carry_out(t, n, NULL, cause);
    if (!n->app_retriable && n->life == SIM_UP)
        sim_freeze(t, n, "application failed", cause);
}

void sim_duties(sim *t, sim_node *n, uint64_t cause)
{
    const uint32_t duties = n->life == SIM_UP ? n->duties : 0;
    n->duties = 0;
    if (t->broken.invariant)
        return;
    if (duties & SIM_DUTY_SNAPSHOT)
        take_snapshot(t, n, cause);
    if (duties & SIM_DUTY_APP_FAILED && n->life == SIM_UP)
        app_failed(t, n, cause);
    if (t->clients_due)
        sim_clients_go(t);
}
