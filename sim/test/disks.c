/* disks.c - what survives a crash, and what disks do when they fail (thesis 3.8). */
#include "sim/test/tank.h"

START_TEST(a_crashed_node_comes_back_with_its_disk)
{
    diary d = {0};
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    propose(t, A, "add 7", NULL);
    DO(settle(t, e));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    ck_assert_str_eq(app(t, B), "7");
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    DO(sim_crash(t, B, false, e));
    ck_assert_int_eq(sim_life_of(t, B), SIM_CRASHED);
    STATE(B, "follower term 1 vote n1 follows nobody commit 0 applied 0 last 2@1 durable 2");
    LOG(B, "1@1 2@1");
    ck_assert_str_eq(app(t, B), "");
    ck_assert_uint_eq(sim_app_hash(t, B), 0);
    ck_assert_uint_eq(sim_deadline(t, B, SIM_TIMER_ELECTION), SIM_US_MAX);
    FAILS(sim_crash(t, B, false, e), "n2 is crashed already", "restart n2");
    FAILS(sim_pause(t, B, e), "n2 is crashed already", "");
    FAILS(sim_resume(t, B, e), "n2 is not paused", "it is crashed: restart n2");
    FAILS(sim_timeout(t, B, e), "n2 is crashed", "restart n2 first");
    FAILS(sim_disk_sync(t, B, e), "n2 is crashed, nothing is on its way to its disk",
          "restart n2");
    FAILS(sim_propose(t, B, "add 1", 5, NULL, e), "n2 is crashed, nobody takes the request",
          "restart n2, or ask another node");
    DO(sim_restart(t, B, false, e));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 crash\n"));
    ck_assert_ptr_nonnull(strstr(
        d.text.at, "n2 restart | role follower term 1 vote n1 leader n0 commit 0 applied "
                   "0 last 2@1 durable 2 config n1 n2 n3\n"));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    ck_assert_str_eq(app(t, B), "7"); /* applied again from its log */
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(messages_to_a_crashed_node_are_dropped_on_arrival)
{
    diary d = {0};
    sim *t = tank(3);
    sim_observe(t, diary_observer(&d));
    DO(sim_timeout(t, A, e));
    DO(sim_crash(t, B, false, e));
    QUEUE("#1 n1 -> n2 RequestVote, #2 n1 -> n3 RequestVote");
    DO(settle(t, e));
    ck_assert_ptr_nonnull(
        strstr(d.text.at, "n2 drop id 1 from n1 to n2 type RequestVote reason crashed\n"));
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    DO(sim_heartbeat(t, A, e));
    DO(sim_crash(t, A, false, e)); /* what it has sent is on its way */
    DO(sim_restart(t, B, false, e));
    DO(settle(t, e));
    LOG(B, "1@1");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_reply_waits_for_its_write)
{
    diary d = {0};
    sim *t = tank(3);
    DO(sim_disk_hold(t, B, e));
    FAILS(sim_disk_hold(t, B, e), "the disk of n2 is held already", "");
    ck_assert(sim_disk_is_held(t, B) && !sim_disk_is_held(t, A));
    DO(sim_timeout(t, A, e));
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    DO(deliver(t, A, B, VOTE, e));
    QUEUE("#2 n1 -> n3 RequestVote"); /* the vote is not durable, so it was not given */
    DO(sim_disk_sync(t, B, e));
    QUEUE("#2 n1 -> n3 RequestVote, #3 n2 -> n1 RequestVoteReply");
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 disk op submitted write 1 term 1 vote n1\n"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 disk op durable write 1 term 1 vote n1\n"));

    DO(sim_disk_release(t, B, e));
    FAILS(sim_disk_release(t, B, e), "the disk of n2 is not held", "");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_vote_that_was_not_durable_is_forgotten_and_was_never_sent)
{
    sim *t = tank(3);
    DO(sim_disk_hold(t, B, e));
    DO(sim_timeout(t, A, e));
    DO(deliver(t, A, B, VOTE, e));
    ck_assert_int_eq(sim_view_of(t, B)->vote, A);
    DO(sim_crash(t, B, false, e));
    ck_assert_int_eq(sim_view_of(t, B)->vote, 0);
    ck_assert_uint_eq(sim_view_of(t, B)->term, 0);
    DO(sim_restart(t, B, false, e));
    DO(settle(t, e));
    ck_assert_uint_eq(sim_view_of(t, A)->term, 1); /* n3's vote was enough */
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

START_TEST(a_wiped_node_starts_from_nothing)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    propose(t, A, "add 3", NULL);
    DO(settle(t, e));
    DO(sim_crash(t, B, false, e));
    FAILS(sim_restart(t, A, true, e), "n1 is running", "crash n1 first");
    DO(sim_restart(t, B, true, e));
    STATE(B,
          "follower term 0 vote nobody follows nobody commit 0 applied 0 last 0@0 durable 0");
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    LOG(B, "1@1 2@1");
    sim_free(t);
}
END_TEST

/* Two committed entries, and a third that n2 has written but not synced. */
static sim *with_unsynced(sim_observer observer)
{
    sim_config config = {.nodes = 3, .seed = 3, .observers = &observer, .observers_n = 1};
    sim *t = sim_new(&config, NULL);
    DO(sim_elect(t, A, e));
    propose(t, A, "add 3", NULL);
    DO(settle(t, e));
    DO(sim_disk_hold(t, B, e));
    propose(t, A, "add 4", NULL);
    DO(deliver(t, A, B, ANY, e));
    return t;
}

START_TEST(a_torn_write_is_discarded)
{
    diary d = {0};
    sim *t = with_unsynced(diary_observer(&d));
    DO(sim_crash(t, B, true, e));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 crash how torn\n"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 disk op torn write 4 first 3 count 1\n"));
    LOG(B, "1@1 2@1");
    DO(sim_restart(t, B, false, e));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 disk op discarded write 0 truncate 3\n"));
    LOG(B, "1@1 2@1");
    DO(sim_disk_release(t, B, e));
    DO(settle(t, e));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    LOG(B, "1@1 2@1 3@1");
    ck_assert_ptr_null(sim_violation(t));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* When nothing was on its way, it is the last durable append that is half there. */
START_TEST(a_torn_crash_of_an_idle_disk_takes_the_last_append)
{
    diary d = {0};
    sim *t = with_unsynced(diary_observer(&d));
    DO(sim_disk_release(t, B, e));
    ck_assert_uint_eq(sim_durable_last(t, B), 3);
    DO(sim_crash(t, B, true, e));
    LOG(B, "1@1 2@1");
    ck_assert_uint_eq(sim_durable_last(t, B), 2);
    DO(sim_restart(t, B, false, e));
    DO(settle(t, e));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    LOG(B, "1@1 2@1 3@1");
    ck_assert_ptr_null(sim_violation(t)); /* the operator's doing, not the protocol's */
    sim *empty = tank(3);
    FAILS(sim_crash(empty, C, true, e), "n3 has written nothing that could be torn", "");
    sim_free(empty);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* A batch is torn anywhere: what was whole is kept. */
START_TEST(a_torn_batch_keeps_what_was_whole)
{
    bool kept[6] = {false};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        sim *t = tank_with(3, NULL, seed);
        DO(sim_elect(t, A, e));
        sim_cut(t, A, B, false);
        for (int i = 0; i < 5; i++)
            propose(t, A, "add 1", NULL);
        DO(settle(t, e));
        sim_heal(t);
        DO(sim_heartbeat(t, A, e));
        DO(sim_settle(t, sim_one(A) | sim_one(C), NULL, NULL, e));
        DO(deliver(t, A, B, ANY, e));
        DO(deliver(t, B, A, ANY, e));
        DO(sim_disk_hold(t, B, e));
        DO(deliver(t, A, B, ANY, e));
        ck_assert_uint_eq(sim_view_of(t, B)->last.index, 6);
        DO(sim_crash(t, B, true, e));
        uint64_t last = sim_view_of(t, B)->last.index;
        ck_assert_uint_le(last, 5);
        kept[last] = true;
        DO(sim_restart(t, B, false, e));
        ck_assert_uint_eq(sim_view_of(t, B)->last.index, last);
        DO(sim_disk_release(t, B, e));
        DO(sim_heartbeat(t, A, e));
        DO(settle(t, e));
        DO(sim_heartbeat(t, A, e));
        DO(settle(t, e));
        LOG(B, "1@1 2@1 3@1 4@1 5@1 6@1");
        sim_free(t);
    }
    for (int i = 1; i <= 5; i++)
        ck_assert_msg(kept[i], "never torn behind %d", i);
}
END_TEST

START_TEST(a_corrupt_entry_is_found_at_restart)
{
    diary d = {0};
    sim *t = with_unsynced(diary_observer(&d));
    DO(sim_disk_release(t, B, e));
    FAILS(sim_disk_corrupt(t, B, 4, e), "there is no entry 4 on the disk of n2",
          "it holds 1 to 3");
    FAILS(sim_disk_corrupt(t, B, 0, e), "there is no entry 0 on the disk of n2",
          "it holds 1 to 3");
    DO(sim_disk_corrupt(t, B, 2, e));
    LOG(B, "1@1 2@1 3@1"); /* it works from its memory */
    DO(settle(t, e));
    DO(sim_crash(t, B, false, e));
    LOG(B, "1@1");
    DO(sim_restart(t, B, false, e));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 disk op corrupt write 0 truncate 2\n"));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    LOG(B, "1@1 2@1 3@1");
    DO(sim_crash(t, C, false, e));
    DO(sim_disk_corrupt(t, C, 1, e)); /* also while it is down, */
    DO(sim_disk_corrupt(t, C, 1, e)); /* and not mended by more of it */
    LOG(C, "");
    DO(sim_restart(t, C, false, e));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    LOG(C, "1@1 2@1 3@1");
    ck_assert_ptr_null(sim_violation(t));
    sim *empty = tank(1);
    FAILS(sim_disk_corrupt(empty, A, 1, e), "there is no entry 1 on the disk of n1",
          "it is empty");
    sim_free(empty);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_node_with_a_failing_disk_stops)
{
    diary d = {0};
    sim *t = with_unsynced(diary_observer(&d));
    sim_disk_set(t, B, SIM_DISK_FAIL, 0);
    ck_assert_int_eq(sim_disk_mode_of(t, B), SIM_DISK_FAIL);
    DO(sim_disk_release(t, B, e));
    ck_assert_int_eq(sim_life_of(t, B), SIM_CRASHED);
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 disk op failed write 4 first 3 count 1\n"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 crash how disk failed\n"));
    DO(settle(t, e));
    DO(sim_restart(t, B, false, e));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e)); /* it reads, but it cannot write */
    ck_assert_int_eq(sim_life_of(t, B), SIM_CRASHED);
    sim_disk_set(t, B, SIM_DISK_OK, 0);
    DO(sim_restart(t, B, false, e));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    LOG(B, "1@1 2@1 3@1");
    ck_assert_ptr_null(sim_violation(t));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_full_disk_still_takes_votes)
{
    diary d = {0};
    sim *t = tank(3);
    sim_observe(t, diary_observer(&d));
    sim_disk_set(t, B, SIM_DISK_FULL, 0);
    DO(sim_timeout(t, A, e));
    DO(deliver(t, A, B, VOTE, e));
    DO(deliver(t, B, A, VOTED, e));
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    DO(settle(t, e));
    ck_assert_int_eq(sim_life_of(t, B), SIM_CRASHED);
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 crash how disk full\n"));
    ck_assert_uint_eq(sim_view_of(t, A)->commit, 1);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* A leader whose own disk fails in the middle of a step. */
START_TEST(a_leader_with_a_failing_disk_answers_nobody)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    sim_disk_set(t, A, SIM_DISK_FAIL, 0);
    uint64_t asked = propose(t, A, "add 1", NULL);
    ck_assert_int_eq(sim_life_of(t, A), SIM_CRASHED);
    REQUEST(asked, "timeout disk_failed");
    DO(settle(t, e));
    sim_disk_set(t, A, SIM_DISK_OK, 0);
    DO(sim_elect(t, B, e));
    DO(sim_restart(t, A, false, e));
    DO(sim_heartbeat(t, B, e));
    DO(settle(t, e));
    LOG(A, "1@1 2@1 3@2"); /* the others had it, and it is committed after all */
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

START_TEST(disks_take_their_time_when_it_flows)
{
    sim_options o = standard();
    o.disk_latency = (sim_range){2000, 2000};
    o.latency = (sim_range){1000, 1000};
    sim *t = tank_with(3, &o, 1);
    DO(sim_elect(t, A, e));
    sim_disk_set(t, B, SIM_DISK_SLOW, 50000);
    propose(t, A, "add 1", NULL);
    DO(sim_advance(t, 1000, e)); /* the entries are there, */
    ck_assert_uint_eq(sim_view_of(t, B)->last.index, 2);
    ck_assert_uint_eq(sim_view_of(t, C)->last.index, 2);
    DO(sim_advance(t, 1999, e));
    ck_assert_uint_eq(sim_durable_last(t, C), 1);
    DO(sim_advance(t, 1, e)); /* durable after 2ms, */
    ck_assert_uint_eq(sim_durable_last(t, C), 2);
    ck_assert_uint_eq(sim_view_of(t, A)->commit, 1);
    DO(sim_advance(t, 1000, e)); /* and the answer takes 1ms */
    ck_assert_uint_eq(sim_view_of(t, A)->commit, 2);
    ck_assert_uint_eq(sim_durable_last(t, B), 1);
    DO(sim_advance(t, 48999, e));
    ck_assert_uint_eq(sim_durable_last(t, B), 1);
    DO(sim_advance(t, 1, e));
    ck_assert_uint_eq(sim_durable_last(t, B), 2);
    sim_free(t);
}
END_TEST

/* What was on its way to the disk when time stopped is done when the water settles, and
 * lost when the node crashes before. */
START_TEST(a_write_that_time_left_behind)
{
    for (int crash = 0; crash <= 1; crash++) {
        sim_options o = standard();
        o.disk_latency = (sim_range){100000, 100000};
        sim *t = tank_with(3, &o, 1);
        DO(sim_elect(t, A, e));
        propose(t, A, "add 1", NULL);
        DO(sim_advance(t, 6000, e));
        ck_assert_uint_eq(sim_view_of(t, B)->last.index, 2);
        ck_assert_uint_eq(sim_durable_last(t, B), 1);
        if (crash)
            DO(sim_crash(t, B, false, e));
        DO(settle(t, e));
        ck_assert_uint_eq(sim_durable_last(t, B), crash ? 1 : 2);
        ck_assert_uint_eq(sim_durable_last(t, C), 2);
        DO(sim_advance(t, 200000, e)); /* its record in the queue is stale */
        ck_assert_ptr_null(sim_violation(t));
        sim_free(t);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim disks");
    TCase *tc = tcase_create("disks");
    tcase_add_test(tc, a_crashed_node_comes_back_with_its_disk);
    tcase_add_test(tc, messages_to_a_crashed_node_are_dropped_on_arrival);
    tcase_add_test(tc, a_reply_waits_for_its_write);
    tcase_add_test(tc, a_vote_that_was_not_durable_is_forgotten_and_was_never_sent);
    tcase_add_test(tc, a_wiped_node_starts_from_nothing);
    tcase_add_test(tc, a_torn_write_is_discarded);
    tcase_add_test(tc, a_torn_crash_of_an_idle_disk_takes_the_last_append);
    tcase_add_test(tc, a_torn_batch_keeps_what_was_whole);
    tcase_add_test(tc, a_corrupt_entry_is_found_at_restart);
    tcase_add_test(tc, a_node_with_a_failing_disk_stops);
    tcase_add_test(tc, a_full_disk_still_takes_votes);
    tcase_add_test(tc, a_leader_with_a_failing_disk_answers_nobody);
    tcase_add_test(tc, disks_take_their_time_when_it_flows);
    tcase_add_test(tc, a_write_that_time_left_behind);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
