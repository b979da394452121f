/* reads.c - linearizable reads (thesis 6.4), leases, and applications that fail. */
#include "sim/test/tank.h"

#define MS 1000

START_TEST(a_leader_asks_before_it_answers)
{
    diary d = {0};
    sim *t = tank(3);
    REQUEST(read_at(t, A, "get", SIM_READ_INDEX), "retry no_leader_yet");
    DO(sim_elect(t, A, e));
    DO((propose(t, A, "add 5", NULL), settle(t, e)));
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    uint64_t one = read_at(t, A, "get", SIM_READ_INDEX),
             two = read_at(t, A, "nonsense", SIM_READ_INDEX);
    REQUEST(one, "pending");
    DO(deliver(t, A, B, ANY, e));
    DO(deliver(t, B, A, ANY, e)); /* a majority takes it for the leader */
    REQUEST(one, "ok 5");
    DO(settle(t, e));
    REQUEST(two, "ok error: expected get");
    ck_assert_ptr_nonnull(strstr(d.text.at, "command read \"get\" index"));
    ck_assert_ptr_nonnull(strstr(d.text.at, " round "));
    ck_assert_uint_eq(sim_view_of(t, A)->last.index, 2); /* nothing was written */
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_deposed_leader_answers_no_read)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO((propose(t, A, "add 5", NULL), settle(t, e)));
    sim_isolate(t, sim_one(A));
    DO(sim_elect(t, B, e));
    DO((propose(t, B, "add 1", NULL), settle(t, e)));
    uint64_t index = read_at(t, A, "get", SIM_READ_INDEX);
    uint64_t stale = read_at(t, A, "get", SIM_READ_STALE);
    DO(settle(t, e));
    REQUEST(index, "pending");
    REQUEST(stale, "ok 5"); /* as it says */
    sim_heal(t);
    beat_and_settle(t, B);
    sim_request r;
    ck_assert(sim_request_of(t, index, &r));
    ck_assert_int_ne(r.status, SIM_STATUS_OK);
    ck_assert_int_ne(r.status, SIM_STATUS_PENDING);
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

START_TEST(a_follower_asks_the_leader_for_its_index)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO((propose(t, A, "add 5", NULL), settle(t, e)));
    ck_assert_str_eq(app(t, B), "0"); /* it does not know yet that this is committed */
    uint64_t read = read_at(t, B, "get", SIM_READ_INDEX);
    uint64_t stale = read_at(t, B, "get", SIM_READ_STALE);
    REQUEST(stale, "ok 0");
    REQUEST(read, "pending");
    DO(settle(t, e));
    beat_and_settle(t, A);
    REQUEST(read, "ok 5");
    uint64_t gone = read_at(t, B, "get", SIM_READ_INDEX);
    DO(sim_crash(t, B, false, e));
    REQUEST(gone, "timeout timeout");
    sim_free(t);
}
END_TEST

/* Answered when it is applied: here the disk is not slow but the node frozen. */
START_TEST(a_read_waits_until_its_index_is_applied)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO((propose(t, A, "add 5", NULL), settle(t, e)));
    DO(sim_app_fail(t, B, true, e));
    uint64_t read = read_at(t, B, "get", SIM_READ_INDEX);
    DO(settle(t, e));
    beat_and_settle(t, A);
    REQUEST(read, "pending"); /* the entry cannot be applied */
    ck_assert_uint_eq(sim_view_of(t, B)->commit, 2);
    ck_assert_uint_eq(sim_applied(t, B), 1);
    DO(sim_app_mend(t, B, e));
    REQUEST(read, "ok 5");
    sim_free(t);
}
END_TEST

static sim *tank_of_leases(void)
{
    sim_options o = standard();
    o.check_quorum = o.lease_reads = SIM_ON;
    o.clock_drift = 10000; /* 1 % is reckoned with */
    o.heartbeat = 50 * MS;
    return tank_with(3, &o, 1);
}

START_TEST(a_lease_answers_at_once_and_ends)
{
    sim *t = tank_of_leases();
    DO(sim_elect(t, A, e));
    DO((propose(t, A, "add 5", NULL), settle(t, e)));
    beat_and_settle(t, A);
    uint64_t at_once = read_at(t, A, "get", SIM_READ_LEASE);
    REQUEST(at_once, "ok 5");
    sim_isolate(t, sim_one(A));
    sim_skew(t, A, 149 * MS); /* the lease is over before the followers may vote */
    uint64_t late = read_at(t, A, "get", SIM_READ_LEASE);
    REQUEST(late, "failed no_lease");
    sim_free(t);
}
END_TEST

/* ---- applications that fail ----------------------------------------------------------------
 */

START_TEST(a_follower_that_fails_tries_again_when_mended)
{
    diary d = {0};
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    DO(sim_app_fail(t, B, true, e));
    FAILS(sim_app_fail(t, B, true, e), "the application of n2 fails already", "");
    uint64_t on = propose(t, A, "add 5", "on");
    DO(settle(t, e));
    beat_and_settle(t, A);
    REQUEST(on, "ok 5");
    ck_assert_str_eq(app(t, B), "0");
    ck_assert_ptr_nonnull(strstr(
        d.text.at, "n2 note text the application of n2 fails at entry 2, to be tried again"));
    propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    DO(sim_app_mend(t, B, e));
    ck_assert_str_eq(app(t, B), "5");
    beat_and_settle(t, A);
    ck_assert_str_eq(app(t, B), "6");
    FAILS(sim_app_mend(t, B, e), "the application of n2 does not fail", "");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(what_is_mended_in_a_frozen_node_is_applied_when_it_goes_on)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO(sim_app_fail(t, B, true, e));
    DO((propose(t, A, "add 5", NULL), settle(t, e)));
    beat_and_settle(t, A);
    DO(sim_pause(t, B, e));
    DO(sim_app_mend(t, B, e));
    ck_assert_str_eq(app(t, B), "0");
    DO(sim_resume(t, B, e));
    ck_assert_str_eq(app(t, B), "5");
    sim_free(t);
}
END_TEST

START_TEST(a_leader_whose_application_fails_steps_aside)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO(sim_app_fail(t, A, true, e));
    uint64_t stuck = propose(t, A, "add 5", "stuck");
    DO(settle(t, e));
    REQUEST(stuck, "pending");
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_FOLLOWER);
    sim_id leader = sim_view_of(t, B)->role == SIM_LEADER ? B : C;
    ck_assert_int_eq(sim_view_of(t, leader)->role, SIM_LEADER);
    ck_assert_str_eq(app(t, leader), "5");
    DO(sim_app_mend(t, A, e));
    beat_and_settle(t, leader);
    REQUEST(stuck, "ok 5");
    sim_free(t);
}
END_TEST

START_TEST(a_node_that_fails_for_good_is_out_of_service)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO(sim_app_fail(t, B, false, e));
    DO((propose(t, A, "add 5", NULL), settle(t, e)));
    beat_and_settle(t, A);
    ck_assert_int_eq(sim_life_of(t, B), SIM_PAUSED);
    FAILS(sim_resume(t, B, e), "n2 is out of service: its application failed",
          "mend the application of n2");
    DO((propose(t, A, "add 1", NULL), settle(t, e)));
    DO(sim_app_mend(t, B, e));
    ck_assert_int_eq(sim_life_of(t, B), SIM_UP);
    DO(settle(t, e));
    beat_and_settle(t, A);
    ck_assert_str_eq(app(t, B), "6");
    DO(sim_app_fail(t, B, false, e));
    DO((propose(t, A, "add 1", NULL), settle(t, e)));
    beat_and_settle(t, A);
    DO(sim_crash(t, B, false, e)); /* a restart mends it too */
    FAILS(sim_app_mend(t, B, e), "the application of n2 does not fail", "");
    DO(sim_restart(t, B, false, e));
    beat_and_settle(t, A);
    ck_assert_str_eq(app(t, B), "7");
    sim_free(t);
}
END_TEST

START_TEST(a_leader_that_fails_for_good_hands_over_and_is_out_of_service)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO(sim_app_fail(t, A, false, e));
    propose(t, A, "add 5", NULL);
    DO(settle(t, e));
    ck_assert_int_eq(sim_life_of(t, A), SIM_PAUSED);
    ck_assert(sim_view_of(t, B)->role == SIM_LEADER || sim_view_of(t, C)->role == SIM_LEADER);
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim reads");
    TCase *tc = tcase_create("reads");
    tcase_add_test(tc, a_leader_asks_before_it_answers);
    tcase_add_test(tc, a_deposed_leader_answers_no_read);
    tcase_add_test(tc, a_follower_asks_the_leader_for_its_index);
    tcase_add_test(tc, a_read_waits_until_its_index_is_applied);
    tcase_add_test(tc, a_lease_answers_at_once_and_ends);
    suite_add_tcase(suite, tc);
    tc = tcase_create("applications that fail");
    tcase_add_test(tc, a_follower_that_fails_tries_again_when_mended);
    tcase_add_test(tc, what_is_mended_in_a_frozen_node_is_applied_when_it_goes_on);
    tcase_add_test(tc, a_leader_whose_application_fails_steps_aside);
    tcase_add_test(tc, a_node_that_fails_for_good_is_out_of_service);
    tcase_add_test(tc, a_leader_that_fails_for_good_hands_over_and_is_out_of_service);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
