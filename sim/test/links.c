/* links.c - links that are cut lose, links that are held keep; nodes that are paused wait. */
#include "sim/test/tank.h"

START_TEST(a_partition_cuts_between_groups)
{
    diary d = {0};
    sim *t = tank(5);
    sim_observe(t, diary_observer(&d));
    sim_partition(t, (sim_set[]){sim_one(A) | sim_one(B), sim_one(C)}, 2);
    ck_assert_str_eq(d.text.at, "1 <0 partition links n1 n2 | n3 | n4 n5\n");
    static const sim_set sees[] = {0, 0x03, 0x03, 0x04, 0x18, 0x18};
    for (sim_id from = A; from <= E; from++)
        for (sim_id to = A; to <= E; to++)
            ck_assert_int_eq(sim_reachable(t, from, to), sim_has(sees[from], to));
    sim_partition(t, (sim_set[]){sim_one(A)}, 1); /* what was cut stays so */
    ck_assert(!sim_reachable(t, A, B));
    ck_assert(!sim_reachable(t, B, C));
    sim_heal(t);
    for (sim_id from = A; from <= E; from++)
        for (sim_id to = A; to <= E; to++)
            ck_assert(sim_reachable(t, from, to));
    sim_isolate(t, sim_one(D) | sim_one(E));
    ck_assert(!sim_reachable(t, D, E));
    ck_assert(!sim_reachable(t, A, D));
    ck_assert(sim_reachable(t, A, C));
    ck_assert_ptr_nonnull(strstr(d.text.at, "heal links all\n"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "partition links n4 | n5 | n1 n2 n3\n"));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_cut_link_loses_what_is_on_it_and_what_comes)
{
    diary d = {0};
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO(sim_heartbeat(t, A, e));
    d.seq = sim_seq(t);
    uint64_t cut = d.seq + 1;
    sim_observe(t, diary_observer(&d));
    sim_cut(t, A, B, false);
    QUEUE("#10 n1 -> n3 AppendEntries");
    char expected[200];
    snprintf(expected, sizeof expected,
             "%" PRIu64 " <0 partition links n1 -> n2\n"
             "%" PRIu64 " <%" PRIu64
             " n2 drop id 9 from n1 to n2 type AppendEntries reason cut\n",
             cut, cut + 1, cut);
    ck_assert_str_eq(d.text.at, expected);
    DO(sim_heartbeat(t, A, e));
    QUEUE("#10 n1 -> n3 AppendEntries, #12 n1 -> n3 AppendEntries");
    ck_assert_ptr_nonnull(strstr(d.text.at, "drop id 11 from n1 to n2 type AppendEntries "
                                            "reason cut"));
    ck_assert(sim_reachable(t, B, A));
    DO(sim_timeout(t, B, e)); /* the other direction carries */
    DO(deliver(t, B, A, VOTE, e));
    ck_assert_uint_eq(sim_view_of(t, A)->term, 2);

    FAILS(sim_heal_link(t, B, A, false, e), "n2 -> n1 is not cut", "");
    DO(sim_heal_link(t, A, B, true, e));
    ck_assert(sim_reachable(t, A, B));
    FAILS(sim_heal_link(t, A, B, true, e), "n1 <-> n2 is not cut", "");
    sim_cut(t, A, C, true);
    ck_assert(!sim_reachable(t, A, C) && !sim_reachable(t, C, A));
    ck_assert_ptr_nonnull(strstr(d.text.at, "heal links n1 <-> n2\n"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "partition links n1 <-> n3\n"));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_held_link_keeps_what_a_cut_one_loses)
{
    diary d = {0};
    sim *t = tank(3);
    sim_observe(t, diary_observer(&d));
    DO(sim_timeout(t, A, e));
    DO(sim_hold(t, A, B, false, e));
    ck_assert(sim_is_held(t, A, B) && !sim_is_held(t, B, A));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 hold id 1 from n1 to n2 type RequestVote\n"));
    FAILS(sim_hold(t, A, B, false, e), "n1 -> n2 is held already", "");
    FAILS(deliver(t, A, B, ANY, e), "message #1 n1 -> n2 RequestVote cannot move",
          "it is held: release n1 -> n2");
    DO(sim_timeout(t, A, e));
    DO(settle(t, e));
    QUEUE("#1 n1 -> n2 RequestVote held, #3 n1 -> n2 RequestVote held, "
          "#7 n1 -> n2 AppendEntries held");
    DO(sim_advance(t, 1000000, e)); /* time does not move them either */
    ck_assert_ptr_nonnull(strstr(queue(t), "#1 n1 -> n2 RequestVote held, #3 n1 -> n2"));
    DO(sim_drop_message(t, &(sim_filter){.id = 3}, false, e));
    FAILS(sim_release(t, B, A, false, e), "n2 -> n1 is not held", "");
    DO(sim_release(t, A, B, false, e));
    DO(deliver(t, A, B, VOTE, e));
    DO(settle(t, e));
    ck_assert_uint_eq(sim_queue_length(t), 0);
    DO(sim_hold(t, A, B, true, e));
    DO(sim_release(t, A, B, true, e));
    ck_assert(!sim_is_held(t, A, B) && !sim_is_held(t, B, A));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_held_link_can_be_cut)
{
    sim *t = tank(2);
    DO(sim_timeout(t, A, e));
    DO(sim_hold(t, A, B, true, e));
    sim_cut(t, A, B, false);
    ck_assert_uint_eq(sim_queue_length(t), 0);
    sim_heal(t); /* the hold stays */
    DO(sim_timeout(t, A, e));
    QUEUE("#2 n1 -> n2 RequestVote held");
    sim_free(t);
}
END_TEST

/* What was released in the past of its due time arrives at once when time flows, in the
 * order of due times. */
START_TEST(released_messages_arrive_when_time_flows)
{
    sim *t = tank(2);
    DO(sim_elect(t, A, e));
    DO(sim_hold(t, A, B, false, e));
    DO(sim_advance(t, 120000, e));
    ck_assert_uint_eq(sim_queue_length(t), 2);
    DO(sim_release(t, A, B, false, e));
    DO(sim_advance(t, 0, e));
    QUEUE("#7 n2 -> n1 AppendEntriesReply, #8 n2 -> n1 AppendEntriesReply");
    DO(sim_advance(t, 5000, e));
    ck_assert_uint_eq(sim_queue_length(t), 0);
    sim_free(t);
}
END_TEST

START_TEST(a_paused_node_finds_everything_when_it_resumes)
{
    diary d = {0};
    sim *t = tank(3);
    sim_observe(t, diary_observer(&d));
    DO(sim_elect(t, A, e));
    DO(sim_pause(t, B, e));
    ck_assert_int_eq(sim_life_of(t, B), SIM_PAUSED);
    FAILS(sim_pause(t, B, e), "n2 is paused already", "");
    FAILS(sim_timeout(t, B, e), "n2 is paused", "resume n2 first");
    FAILS(sim_campaign(t, B, e), "n2 is paused", "resume n2 first");
    FAILS(sim_restart(t, B, false, e), "n2 is running", "crash n2 first");
    propose(t, A, "add 1", NULL);
    FAILS(deliver(t, A, B, ANY, e), "message #9 n1 -> n2 AppendEntries cannot move",
          "n2 is paused: resume n2");
    DO(settle(t, e));
    QUEUE("#9 n1 -> n2 AppendEntries paused");
    uint64_t asked = propose(t, B, "add 2", "asked");
    REQUEST(asked, "pending");
    DO(sim_advance(t, 400000, e)); /* its timer waits too */
    ck_assert_uint_eq(sim_view_of(t, B)->term, 1);
    ck_assert_uint_eq(sim_deadline(t, B, SIM_TIMER_ELECTION) < sim_now(t), 1);
    DO(sim_resume(t, B, e));
    FAILS(sim_resume(t, B, e), "n2 is not paused", "");
    REQUEST(asked, "redirect n1 not_leader");
    DO(settle(t, e));
    LOG(B, "1@1 2@1");
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 pause\n"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 resume\n"));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* Its disk goes on meanwhile, but it hears of it only afterwards. */
START_TEST(the_disk_of_a_paused_node_goes_on)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO(sim_disk_hold(t, B, e));
    propose(t, A, "add 1", NULL);
    DO(deliver(t, A, B, ANY, e));
    DO(sim_pause(t, B, e));
    DO(sim_disk_release(t, B, e));
    ck_assert_uint_eq(sim_durable_last(t, B), 2);
    QUEUE("#10 n1 -> n3 AppendEntries"); /* the reply has not left */
    DO(sim_resume(t, B, e));
    QUEUE("#10 n1 -> n3 AppendEntries, #11 n2 -> n1 AppendEntriesReply");
    DO(settle(t, e));
    ck_assert_uint_eq(sim_view_of(t, A)->commit, 2);
    sim_free(t);
}
END_TEST

START_TEST(a_paused_leader_is_replaced_and_steps_down)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    uint64_t lost = 0;
    DO(sim_pause(t, A, e));
    DO(sim_elect(t, B, e));
    lost = propose(t, A, "add 9", "lost");
    DO(sim_resume(t, A, e)); /* it still believes that it leads */
    REQUEST(lost, "pending");
    DO(settle(t, e));
    REQUEST(lost, "failed lost: replaced by 2@2");
    STATE(A, "follower term 2 vote nobody follows n2 commit 1 applied 1 last 2@2 durable 2");
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim links");
    TCase *tc = tcase_create("links");
    tcase_add_test(tc, a_partition_cuts_between_groups);
    tcase_add_test(tc, a_cut_link_loses_what_is_on_it_and_what_comes);
    tcase_add_test(tc, a_held_link_keeps_what_a_cut_one_loses);
    tcase_add_test(tc, a_held_link_can_be_cut);
    tcase_add_test(tc, released_messages_arrive_when_time_flows);
    tcase_add_test(tc, a_paused_node_finds_everything_when_it_resumes);
    tcase_add_test(tc, the_disk_of_a_paused_node_goes_on);
    tcase_add_test(tc, a_paused_leader_is_replaced_and_steps_down);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
