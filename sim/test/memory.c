/* memory.c - with snapshots a run holds as much memory after many commands as after few,
 * whatever happens to nodes, members, messages and sessions meanwhile. */
#include "sim/test/storm.h"
#include "sim/test/tank.h"

enum { ROUND = 400, WARM = 20, MORE = 60, SECOND = 1000000 };

typedef struct run {
    sim *t;
    uint64_t request;
} run;

typedef void round_fn(run *r);

/* n1 stays leader. */
static sim_options steady(void)
{
    sim_options o = standard();
    o.snapshot_every = 100;
    o.pre_vote = o.check_quorum = true;
    return o;
}

static bool is_over(void *self)
{
    const run *r = self;
    sim_request q;
    return sim_request_of(r->t, r->request, &q) && q.status != SIM_STATUS_PENDING;
}

static void is_done(run *r)
{
    sim_request q;
    DO(sim_await(r->t, 10 * SECOND, is_over, r, e));
    ck_assert(sim_request_of(r->t, r->request, &q));
    ck_assert_msg(q.status == SIM_STATUS_OK, "%s", q.answer);
}

static void commands(run *r, int n)
{
    for (int i = 0; i < n; i++) {
        r->request = propose(r->t, A, "add 1", NULL);
        is_done(r);
    }
}

/* Rounds of commands until the tables have their size, and then three times as many.  Some may
 * find it too small once more; all that is known of the commands would be ten times as much. */
static void holds_its_memory(uint32_t nodes, const sim_options *more, round_fn *round)
{
    const sim_options o = more ? *more : steady();
    run r = {.t = tank_with(nodes, &o, 1)};
    DO(sim_elect(r.t, A, e));
    uint64_t least = 0, most = 0;
    for (int i = 0; i < WARM + MORE; i++) {
        round(&r);
        const uint64_t bytes = sim_bytes(r.t);
        if (i < WARM)
            least = bytes > least ? bytes : least;
        else
            most = bytes > most ? bytes : most;
    }
    ck_assert_ptr_null(sim_violation(r.t));
    ck_assert_uint_ge(sim_applied(r.t, A), (WARM + MORE) * ROUND);
    ck_assert_msg(most <= least + least / 4, "%" PRIu64 " bytes, then %" PRIu64, least, most);
    sim_free(r.t);
}

static void plain_round(run *r)
{
    commands(r, ROUND);
}

START_TEST(of_commands)
{
    holds_its_memory(3, NULL, plain_round);
}
END_TEST

static void crash_round(run *r)
{
    commands(r, ROUND / 2);
    DO(sim_crash(r->t, C, false, e));
    commands(r, ROUND / 2);
    DO(sim_restart(r->t, C, false, e));
    DO(sim_advance(r->t, SECOND, e));
    ck_assert_uint_eq(sim_applied(r->t, C), sim_applied(r->t, A));
}

START_TEST(of_nodes_that_crash_and_catch_up)
{
    holds_its_memory(3, NULL, crash_round);
}
END_TEST

static void away_round(run *r)
{
    if (sim_life_of(r->t, C) == SIM_UP) {
        commands(r, 70);
        DO(sim_crash(r->t, C, false, e));
    }
    commands(r, ROUND);
}

/* Its disk holds an old end of the log all the time. */
START_TEST(of_a_node_that_stays_away)
{
    holds_its_memory(3, NULL, away_round);
}
END_TEST

static void members_round(run *r)
{
    for (int i = 0; i < 4; i++) {
        sim_error error = {0};
        const sim_change what = i % 2 ? SIM_CHANGE_ADD_VOTER : SIM_CHANGE_REMOVE;
        r->request = sim_change_members(r->t, A, what, C, NULL, NULL, &error);
        ck_assert_msg(r->request != 0, "%s", error.text);
        is_done(r);
        commands(r, ROUND / 4);
    }
}

START_TEST(of_members_that_leave_and_return)
{
    holds_its_memory(4, NULL, members_round);
}
END_TEST

static void session_round(run *r)
{
    sim_error error = {0};
    for (int i = 0; i < ROUND; i++) {
        r->request =
            sim_session_request(r->t, i % 2 ? "alice" : "bob", "add 1", 5, A, NULL, &error);
        ck_assert_msg(r->request != 0, "%s", error.text);
        is_done(r);
    }
}

START_TEST(of_sessions)
{
    holds_its_memory(3, NULL, session_round);
}
END_TEST

static void doubled_round(run *r)
{
    for (int i = 0; i < ROUND; i++) {
        r->request = propose(r->t, A, "add 1", NULL);
        if (i % 5 == 0)
            DO(sim_duplicate(r->t, &(sim_filter){.from = A, .type = APPEND}, true, e));
        is_done(r);
    }
}

START_TEST(of_messages_that_are_late_and_doubled)
{
    sim_options o = steady();
    o.latency = (sim_range){1000, 40000};
    holds_its_memory(3, &o, doubled_round);
}
END_TEST

/* What came with them goes when they are delivered. */
START_TEST(of_messages_that_were_held_for_long)
{
    const sim_options o = steady();
    run r = {.t = tank_with(3, &o, 1)};
    DO(sim_elect(r.t, A, e));
    commands(&r, 20);
    DO(sim_hold(r.t, A, C, false, e));
    commands(&r, 4000);
    DO(sim_release(r.t, A, C, false, e));
    DO(sim_advance(r.t, 5 * SECOND, e));
    ck_assert_ptr_null(sim_violation(r.t));
    ck_assert_uint_eq(sim_applied(r.t, C), sim_applied(r.t, A));
    const uint64_t before = sim_bytes(r.t);
    commands(&r, 10 * 4000);
    ck_assert_ptr_null(sim_violation(r.t));
    ck_assert_uint_le(sim_bytes(r.t), before + before / 50);
    sim_free(r.t);
}
END_TEST

/* An operator empties the only disk: entries come to stand where all is forgotten, and what
 * they say must not go. */
START_TEST(a_cluster_that_begins_anew_keeps_what_is_in_its_log)
{
    enum { BEFORE = 5000, ANEW = 4500, SAME = 100 }; /* the beginning is remembered */
    sim *t = tank(1);
    DO(sim_elect(t, A, e));
    for (int i = 0; i < BEFORE; i++)
        propose(t, A, "add 1", NULL);
    ck_assert_uint_ne(sim_snapshot_now(t, A, NULL, NULL), 0);
    DO(sim_crash(t, A, false, e));
    DO(sim_restart(t, A, true, e));
    DO(sim_elect(t, A, e));
    for (int i = 0; i < ANEW; i++)
        propose(t, A, i < SAME ? "add 1" : "add 2", NULL);
    DO(sim_crash(t, A, false, e));
    DO(sim_restart(t, A, false, e));
    ck_assert_uint_eq(sim_view_of(t, A)->last.index, ANEW + 1); /* no text is corrupt */
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

/* Behind snapshots, and with all disks emptied: what was committed first is remembered, so the
 * first other entry in its place is a breach. */
START_TEST(a_cluster_that_begins_anew_is_judged_by_its_beginning)
{
    sim_options o = standard();
    o.snapshot_every = 100;
    run r = {.t = tank_with(3, &o, 1)};
    DO(sim_elect(r.t, A, e));
    commands(&r, 2000);
    for (sim_id id = A; id <= C; id++)
        DO(sim_crash(r.t, id, false, e));
    DO(sim_advance(r.t, SECOND, e)); /* nothing is on its way any more */
    for (sim_id id = A; id <= C; id++)
        DO(sim_restart(r.t, id, true, e));
    DO(sim_elect(r.t, B, e));
    DO(settle(r.t, e));
    ck_assert_ptr_null(sim_violation(r.t)); /* the same no-op as n1's */
    propose(r.t, B, "add 5", NULL);
    sim_settle(r.t, 0, NULL, NULL, &(sim_error){0});
    const sim_violation_info *v = sim_violation(r.t);
    ck_assert_ptr_nonnull(v);
    ck_assert_str_eq(v->invariant, "State Machine Safety");
    ck_assert_ptr_nonnull(strstr(v->one, "n1 committed 2@1"));
    ck_assert_ptr_nonnull(strstr(v->other, "n2 committed another entry there, 2@1"));
    sim_free(r.t);
}
END_TEST

/* An engine whose messages all wait for the disk, as a leader's need not (thesis 10.2.1). */
static const sim_actions *wait_with_all(void *self)
{
    const sim_actions *todo = sim_engine_native.outbox(self);
    for (uint32_t i = 0; i < todo->n; i++)
        ((sim_action *)todo->at)[i].after_writes = true;
    return todo;
}

/* n1 has a message for n3 that waits for its disk, with entries from 1 on.  It takes a snapshot
 * and is paused; its disk is done, and all have gone on. */
START_TEST(what_a_paused_node_has_yet_to_send_is_remembered)
{
    sim_engine engine = sim_engine_native;
    engine.outbox = wait_with_all;
    sim *t = sim_new(&(sim_config){.nodes = 3, .seed = 1, .engine = &engine}, NULL);
    sim_isolate(t, sim_one(C));
    DO(sim_elect(t, A, e));
    for (int i = 0; i < 300; i++) {
        propose(t, A, "add 1", NULL);
        DO(settle(t, e));
    }
    sim_heal(t);
    DO(sim_disk_hold(t, A, e));
    propose(t, A, "add 1", NULL);
    DO(sim_heartbeat(t, A, e));
    ck_assert_uint_ne(sim_snapshot_now(t, A, NULL, NULL), 0);
    DO(sim_pause(t, A, e));
    DO(sim_disk_release(t, A, e));
    ck_assert_uint_ne(sim_snapshot_now(t, B, NULL, NULL), 0);
    DO(sim_elect(t, B, e));
    beat_and_settle(t, B);
    beat_and_settle(t, B);
    ck_assert_uint_eq(sim_view_of(t, C)->snapshot.index, 300);
    ck_assert(!sim_check_forgot(t->check, 1, 63)); /* the message has them */
    ck_assert(sim_check_forgot(t->check, 128, 255));
    DO(sim_resume(t, A, e));
    DO(settle(t, e));
    for (sim_id id = A; id <= C; id++)
        sim_snapshot_now(t, id, NULL, NULL);
    ck_assert(sim_check_forgot(t->check, 1, 255));
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

/* What the checker has in use at most, each time when the weather is calm. */
static uint64_t most_in_use(storm *s, int steps)
{
    enum { CALM = 50 };
    uint64_t most = 0;
    for (int i = 0; i < steps; i++) {
        act_roughly(s, NO_HARM);
        if (i % CALM)
            continue;
        calm(s);
        sim_advance(s->t, 2000000, NULL);
        const uint64_t bytes = sim_check_bytes(s->t->check);
        most = bytes > most ? bytes : most;
    }
    return most;
}

START_TEST(memory_stays_as_it_is_in_a_storm)
{
    enum { EARLY = 500, LATE = 6000, OF_TERMS = 300000 };
    storm s;
    sim_config config = storm_config(&s, (uint64_t)_i);
    config.options.snapshot_every = 3 + roll(&s, 18);
    config.spares = config.learners = 0; /* they would be in no term */
    s.t = sim_new(&config, NULL);
    const uint64_t early = most_in_use(&s, EARLY), from = sim_view_of(s.t, 1)->commit;
    const uint64_t late = most_in_use(&s, LATE), to = sim_view_of(s.t, 1)->commit;
    const sim_violation_info *v = sim_violation(s.t);
    ck_assert_msg(!v, "%s: %s; %s", v->invariant, v->one, v->other);
    ck_assert_uint_ge(to - from, 9000); /* of each a hundred bytes, if nothing went */
    ck_assert_msg(late <= early + OF_TERMS, "%" PRIu64 " bytes, then %" PRIu64, early, late);
    sim_free(s.t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim memory");
    TCase *tc = tcase_create("memory");
    tcase_add_test(tc, of_commands);
    tcase_add_test(tc, of_nodes_that_crash_and_catch_up);
    tcase_add_test(tc, of_a_node_that_stays_away);
    tcase_add_test(tc, of_members_that_leave_and_return);
    tcase_add_test(tc, of_sessions);
    tcase_add_test(tc, of_messages_that_are_late_and_doubled);
    tcase_add_test(tc, of_messages_that_were_held_for_long);
    tcase_add_test(tc, a_cluster_that_begins_anew_keeps_what_is_in_its_log);
    tcase_add_test(tc, a_cluster_that_begins_anew_is_judged_by_its_beginning);
    tcase_add_test(tc, what_a_paused_node_has_yet_to_send_is_remembered);
    tcase_add_loop_test(tc, memory_stays_as_it_is_in_a_storm, 1, 8);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
