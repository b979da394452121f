/* sessions.c - clients that try again, and are answered exactly once (thesis 6.3). */
#include "sim/test/tank.h"

START_TEST(a_client_registers_and_is_answered)
{
    diary d = {0};
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    uint64_t one = ask(t, "alice", "add 5", A);
    REQUEST(one, "pending");
    uint64_t two = ask(t, "alice", "add 2", 0); /* waits for the first */
    DO(settle(t, e));
    REQUEST(one, "ok 5");
    REQUEST(two, "ok 7");
    ck_assert_uint_eq(sim_sessions(t, A), 1);
    beat_and_settle(t, A);
    ck_assert_uint_eq(sim_sessions(t, B), 1);
    ck_assert_str_eq(app(t, B), "7");
    sim_entry entry;
    ck_assert(sim_entry_of(t, A, 2, &entry));
    ck_assert_int_eq(entry.kind, SIM_ENTRY_SESSION);
    ck_assert_str_eq((const char *)entry.data, "alice");
    ck_assert(sim_entry_of(t, A, 4, &entry));
    ck_assert_int_eq(entry.kind, SIM_ENTRY_REQUEST);
    ck_assert_str_eq((const char *)entry.data, "2 2 add 2");
    ck_assert_ptr_nonnull(
        strstr(d.text.at, "request id 1 name ask to n1 command alice: add 5"));
    FAILS(sim_retry(t, one, 0, e), "the request of alice is answered already",
          "it was ok; a new request asks anew");
    uint64_t plain = propose(t, A, "add 1", NULL);
    FAILS(sim_retry(t, plain, 0, e), "request 3 is not of a client's session",
          "it was given to one node, once");
    FAILS(sim_retry(t, 99, 0, e), "request 99 is not of a client's session", "");
    uint64_t three = ask(t, "bob", "add 1", A), four = ask(t, "bob", "add 1", A);
    FAILS(sim_retry(t, four, 0, e), "bob waits for the answer to an earlier request", "");
    DO(settle(t, e));
    REQUEST(three, "ok 9");
    REQUEST(four, "ok 10");
    DO(sim_crash(t, A, false, e));
    ck_assert_uint_eq(sim_sessions(t, A), 0);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_redirect_is_followed)
{
    sim *t = tank(3);
    uint64_t early = ask(t, "alice", "add 1", B);
    REQUEST(early, "pending no_leader_yet");
    DO(sim_elect(t, A, e));
    DO(sim_retry(t, early, B, e));
    sim_request r;
    ck_assert(sim_request_of(t, early, &r));
    ck_assert_int_eq(r.node, A); /* n2 knew who leads */
    DO(settle(t, e));
    REQUEST(early, "ok 1");
    uint64_t next = ask(t, "alice", "add 1", 0); /* and now it knows whom to ask */
    ck_assert(sim_request_of(t, next, &r));
    ck_assert_int_eq(r.node, A);
    DO(settle(t, e));
    REQUEST(next, "ok 2");
    sim_free(t);
}
END_TEST

/* Each attempt that came to nothing is told once, by the name of why, before the next one. */
START_TEST(what_comes_of_an_attempt_is_told)
{
    diary d = {0};
    sim *t = tank(3);
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    uint64_t one = ask(t, "alice", "add 1", B);
    const char *at =
        strstr(d.text.at, "response id 1 name ask status retry answer no_leader_yet");
    ck_assert_ptr_nonnull(at);
    DO(sim_elect(t, A, e));
    sim_text_clear(&d.text);
    DO(sim_retry(t, one, B, e));
    at =
        strstr(d.text.at, "response id 1 name ask status redirect answer not_leader leader n1");
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_nonnull(strstr(at, "request id 1 name ask to n1"));
    DO(sim_retry(t, one, A, e)); /* once more, while it works at it */
    sim_text_clear(&d.text);
    DO(sim_crash(t, A, false, e));
    at = strstr(d.text.at, "response id 1 name ask status timeout answer timeout");
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_null(strstr(at + 1, "response id 1"));
    REQUEST(one, "pending timeout");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* The leader carried it out and died before it could say so: the next one knows the answer. */
START_TEST(a_request_that_is_sent_again_takes_effect_once)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    uint64_t hello = ask(t, "alice", "add 1", 0);
    DO(settle(t, e));
    REQUEST(hello, "ok 1");
    sim_cut(t, B, A, false); /* no acknowledgement reaches the leader */
    sim_cut(t, C, A, false);
    uint64_t once = ask(t, "alice", "add 5", 0);
    DO(settle(t, e));
    REQUEST(once, "pending");
    DO(sim_crash(t, A, false, e));
    REQUEST(once, "pending timeout");
    sim_heal(t);
    DO(sim_elect(t, B, e));
    ck_assert_str_eq(app(t, B), "6"); /* it was carried out */
    DO(sim_retry(t, once, 0, e));
    DO(settle(t, e));
    REQUEST(once, "ok 6");
    ck_assert_str_eq(app(t, B), "6"); /* and not again */
    DO(sim_restart(t, A, false, e));
    beat_and_settle(t, B);
    beat_and_settle(t, B);
    for (sim_id id = A; id <= C; id++)
        ck_assert_str_eq(app(t, id), "6");
    uint64_t next = ask(t, "alice", "add 1", 0);
    DO(settle(t, e));
    REQUEST(next, "ok 7");
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

/* Two attempts stand in two logs: the first is lost with its leader, the second counts. */
START_TEST(an_attempt_that_is_lost_is_no_answer)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO((ask(t, "alice", "add 1", A), settle(t, e)));
    sim_isolate(t, sim_one(A));
    uint64_t twice = ask(t, "alice", "add 5", A);
    DO(sim_elect(t, B, e));
    DO(sim_retry(t, twice, B, e));
    DO(settle(t, e));
    REQUEST(twice, "ok 6");
    sim_heal(t);
    beat_and_settle(t, B);
    beat_and_settle(t, B);
    REQUEST(twice, "ok 6");
    ck_assert_str_eq(app(t, A), "6");
    sim_free(t);
}
END_TEST

START_TEST(sessions_go_with_snapshots)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    sim_isolate(t, sim_one(C));
    uint64_t one = ask(t, "alice", "add 5", A);
    DO(settle(t, e));
    REQUEST(one, "ok 5");
    sim_cut(t, B, A, false);
    uint64_t once = ask(t, "alice", "add 2", A); /* n2 has it, and n1 does not hear so */
    DO(settle(t, e));
    DO(sim_heal_link(t, B, A, false, e));
    DO(sim_crash(t, A, false, e));
    DO(sim_restart(t, A, false, e));
    DO(sim_elect(t, B, e));
    sim_heal(t);
    DO(sim_snapshot_now(t, B, NULL, e));
    beat_and_settle(t, B);
    beat_and_settle(t, B);
    ck_assert_uint_gt(sim_view_of(t, C)->snapshot.index, 0);
    ck_assert_uint_eq(sim_sessions(t, C), 1);
    DO(sim_crash(t, C, false, e));
    DO(sim_restart(t, C, false, e));
    ck_assert_uint_eq(sim_sessions(t, C), 1);
    DO(sim_step_down(t, B, e));
    DO(sim_elect(t, C, e));
    DO(sim_retry(t, once, C, e));
    DO(settle(t, e));
    REQUEST(once, "ok 7");
    ck_assert_str_eq(app(t, C), "7");
    sim_free(t);
}
END_TEST

START_TEST(a_session_that_the_log_forgot_is_refused)
{
    sim_options o = standard();
    o.sessions_max = 1;
    sim *t = tank_with(3, &o, 1);
    DO(sim_elect(t, A, e));
    DO((ask(t, "alice", "add 1", A), settle(t, e)));
    DO((ask(t, "bob", "add 1", A), settle(t, e))); /* in the place of alice's */
    ck_assert_uint_eq(sim_sessions(t, A), 1);
    uint64_t late = ask(t, "alice", "add 1", A);
    DO(settle(t, e));
    REQUEST(late, "failed session_expired");
    ck_assert_str_eq(app(t, A), "2");
    uint64_t anew = ask(t, "alice", "add 1", A); /* registers again */
    DO(settle(t, e));
    REQUEST(anew, "ok 3");
    sim_free(t);
}
END_TEST

/* When time flows, clients look for the leader themselves. */
START_TEST(clients_find_the_leader_when_time_flows)
{
    sim *t = tank_with(3, NULL, 5);
    uint64_t ids[20];
    static const char *const names[] = {"alice", "bob", "carol", "dave"};
    for (int i = 0; i < 20; i++)
        ids[i] = ask(t, names[i % 4], "add 1", 0);
    DO(sim_advance(t, 300000, e));
    for (sim_id id = A; id <= C; id++) { /* each in turn is away for a while */
        DO(sim_crash(t, id, false, e));
        DO(sim_advance(t, 700000, e));
        DO(sim_restart(t, id, false, e));
        for (int i = 0; i < 3; i++)
            ask(t, names[i], "add 1", 0);
    }
    DO(sim_pause(t, A, e));
    DO(sim_advance(t, 2000000, e));
    DO(sim_resume(t, A, e));
    DO(sim_advance(t, 5000000, e));
    for (int i = 0; i < 20; i++) {
        sim_request r;
        ck_assert(sim_request_of(t, ids[i], &r));
        ck_assert_int_eq(r.status, SIM_STATUS_OK);
    }
    for (sim_id id = A; id <= C; id++)
        ck_assert_str_eq(app(t, id), "29");
    ck_assert_uint_ge(sim_sessions(t, A), 4);
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

START_TEST(a_single_node_answers_a_client_at_once)
{
    sim *t = tank(1);
    DO(sim_elect(t, A, e));
    REQUEST(ask(t, "alice", "add 3", A), "ok 3");
    ck_assert_str_eq(app(t, A), "3");
    ck_assert_uint_eq(sim_sessions(t, A), 1);
    sim_free(t);
}
END_TEST

/* Its client went to another node meanwhile, and was answered so long ago that the tank has
 * forgotten the request. */
START_TEST(a_paused_node_takes_up_what_is_forgotten)
{
    sim *t = tank(3);
    sim_request r;
    DO(sim_elect(t, A, e));
    DO(sim_pause(t, C, e));
    const uint64_t id = sim_session_request(t, "alice", "add 1", 5, C, NULL, NULL);
    DO(sim_retry(t, id, A, e));
    DO(settle(t, e));
    ck_assert(sim_request_of(t, id, &r));
    ck_assert_int_eq(r.status, SIM_STATUS_OK);
    for (int i = 0; i < 2100; i++) {
        propose(t, A, "add 1", NULL);
        DO(settle(t, e));
    }
    ck_assert(!sim_request_of(t, id, &r));
    DO(sim_resume(t, C, e));
    DO(settle(t, e));
    beat_and_settle(t, A);
    ck_assert_str_eq(app(t, C), "2101");
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim sessions");
    TCase *tc = tcase_create("sessions");
    tcase_add_test(tc, a_client_registers_and_is_answered);
    tcase_add_test(tc, a_redirect_is_followed);
    tcase_add_test(tc, what_comes_of_an_attempt_is_told);
    tcase_add_test(tc, a_request_that_is_sent_again_takes_effect_once);
    tcase_add_test(tc, an_attempt_that_is_lost_is_no_answer);
    tcase_add_test(tc, sessions_go_with_snapshots);
    tcase_add_test(tc, a_session_that_the_log_forgot_is_refused);
    tcase_add_test(tc, clients_find_the_leader_when_time_flows);
    tcase_add_test(tc, a_single_node_answers_a_client_at_once);
    tcase_add_test(tc, a_paused_node_takes_up_what_is_forgotten);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
