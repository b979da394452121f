/* transfer.c - handing leadership over (thesis 3.10). */
#include "raft/test/rig.h"

static void lead(rig *g, bool check_quorum)
{
    raft_config config = rig_config(1, 3);
    config.check_quorum = check_quorum;
    config.disruption_guard = true;
    rig_lead(g, &config);
}

START_TEST(a_target_that_has_all_is_told_at_once)
{
    rig g;
    lead(&g, false);
    ck_assert_str_eq(rig_transfer(&g, 3), ">3 TimeoutNow t1 w; arm election");
    raft_view v;
    raft_look(g.r, &v);
    ck_assert_uint_eq(v.transferring_to, 3);
    rig_free(&g);
}
END_TEST

START_TEST(a_target_that_is_behind_catches_up_first)
{
    rig g;
    lead(&g, false);
    rig_propose(&g, 1);
    rig_propose(&g, 2);
    ck_assert_str_eq(rig_transfer(&g, 2), ">2 AppendEntries t1 3@1 c1 []; arm election");
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 1, 3), "");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 2), "commit 2");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 2, 3), "commit 3; >2 TimeoutNow t1 w");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 3, 3), ""); /* told once */
    rig_heartbeat(&g);                                  /* but it may have been lost */
    ck_assert_ptr_nonnull(strstr(g.text, ">2 TimeoutNow t1 w"));
    rig_free(&g);
}
END_TEST

START_TEST(it_takes_no_writes_and_no_changes_meanwhile)
{
    rig g;
    lead(&g, false);
    rig_transfer(&g, 2);
    ck_assert_str_eq(rig_propose(&g, 7), "refuse #7 transferring 1");
    ck_assert_str_eq(rig_change(&g, 8, RAFT_CHANGE_REMOVE, 3), "refuse #8 transferring 1");
    ck_assert_str_eq(rig_transfer(&g, 3), "refuse #0 transferring 1");
    rig_free(&g);
}
END_TEST

START_TEST(after_an_election_timeout_it_serves_again)
{
    rig g;
    lead(&g, _i);
    rig_transfer(&g, 2);
    ck_assert_str_eq(rig_timeout(&g),
                     _i ? "refuse #0 timeout 1; arm election" : "refuse #0 timeout 1");
    ck_assert_str_eq(rig_propose(&g, 7), "append 2@1; accept #7 2@1; "
                                         ">2 AppendEntries t1 1@1 c1 [2@1]; "
                                         ">3 AppendEntries t1 1@1 c1 [2@1]");
    if (!_i)
        ck_assert_str_eq(rig_timeout(&g), "ignored");
    rig_free(&g);
}
END_TEST

START_TEST(it_is_done_when_the_target_is_heard_as_leader)
{
    rig g;
    lead(&g, false);
    rig_transfer(&g, 2);
    ck_assert_str_eq(rig_request_vote(&g, 2, 2, 1, 1), "ignored"); /* not by the guard */
    raft_msg m = rig_message(&g, RAFT_MSG_REQUEST_VOTE, 2, 2);
    m.as.vote.last = (raft_point){1, 1};
    m.as.vote.transfer = true;
    ck_assert_str_eq(rig_receive(&g, m), "hard t2 v2; leader>follower; "
                                         ">2 RequestVoteReply t2 yes w; arm election; "
                                         "disarm heartbeat");
    ck_assert_str_eq(rig_append(&g, 2, 2, 1, 1, 1, "2"),
                     "done #0; append 2@2; >2 AppendEntriesReply t2 ok 1 to 2 w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(it_is_not_when_another_leads_or_nobody_does)
{
    rig g;
    lead(&g, false);
    rig_transfer(&g, 2);
    rig_append(&g, 3, 2, 1, 1, 1, "2");
    ck_assert_ptr_nonnull(strstr(g.text, "refuse #0 not_leader 3"));
    rig_free(&g);

    lead(&g, false);
    rig_transfer(&g, 2);
    rig_accepted(&g, 3, 9, 0, 0); /* a higher term */
    ck_assert_int_eq(g.r->role, RAFT_FOLLOWER);
    rig_timeout(&g);
    ck_assert_ptr_nonnull(strstr(g.text, "refuse #0 timeout 0"));
    rig_free(&g);

    lead(&g, false);
    rig_propose(&g, 1);
    rig_transfer(&g, 2); /* not told yet when leadership goes */
    rig_append(&g, 3, 2, 1, 1, 1, "2");
    ck_assert_ptr_nonnull(strstr(g.text, "refuse #0 no_leader_yet 0"));
    rig_free(&g);
}
END_TEST

START_TEST(its_end_is_told_once)
{
    rig g;
    lead(&g, false);
    rig_transfer(&g, 2);
    rig_append(&g, 2, 2, 1, 1, 1, "2");
    ck_assert_ptr_nonnull(strstr(g.text, "done #0"));
    rig_append(&g, 3, 3, 2, 2, 2, "3"); /* whoever leads after it has nothing to do with it */
    ck_assert_ptr_null(strstr(g.text, "#0"));
    rig_timeout(&g);
    ck_assert_ptr_null(strstr(g.text, "#0"));
    rig_free(&g);
}
END_TEST

START_TEST(nothing_of_it_is_left_for_the_next_leadership)
{
    rig g;
    lead(&g, false);
    rig_app_failed(&g); /* it hands over to n2 and means to go */
    rig_accepted(&g, 3, 4, 0, 0);
    rig_timeout(&g);
    rig_vote(&g, 3, 5, true);
    raft_view v;
    raft_look(g.r, &v);
    ck_assert_int_eq(v.role, RAFT_LEADER);
    ck_assert_uint_eq(v.transferring_to, 0);
    rig_propose(&g, 7);
    ck_assert_ptr_nonnull(strstr(g.text, "accept #7 3@5"));
    ck_assert_str_eq(rig_timeout(&g), "ignored"); /* and it stays */
    rig_heartbeat(&g);
    ck_assert_ptr_null(strstr(g.text, "TimeoutNow"));
    rig_transfer(&g, 2); /* n2 is behind: it is not told before it has all */
    ck_assert_ptr_null(strstr(g.text, "TimeoutNow"));
    rig_heartbeat(&g);
    ck_assert_ptr_null(strstr(g.text, "TimeoutNow"));
    rig_free(&g);
}
END_TEST

/* Nobody tells who has left that the target leads; it does not stand for election itself. */
START_TEST(a_leader_that_left_hears_no_end_of_it)
{
    rig g;
    lead(&g, false);
    rig_change(&g, 4, RAFT_CHANGE_REMOVE, 1);
    rig_persisted(&g, 2, 1);
    rig_accepted(&g, 2, 1, 1, 2); /* n2 has it, and is told to lead before it is committed */
    rig_transfer(&g, 2);
    rig_accepted(&g, 3, 1, 1, 2);
    ck_assert_int_eq(g.r->role, RAFT_FOLLOWER);
    ck_assert_str_eq(rig_timeout(&g), "refuse #0 timeout 0; ignored; arm election");
    ck_assert_str_eq(rig_timeout(&g), "ignored; arm election"); /* once */
    rig_free(&g);
}
END_TEST

START_TEST(targets_that_cannot_be_are_refused)
{
    rig g;
    lead(&g, false);
    ck_assert_str_eq(rig_transfer(&g, 1), "refuse #0 unknown_node 1"); /* itself */
    ck_assert_str_eq(rig_transfer(&g, 9), "refuse #0 unknown_node 1");
    ck_assert_str_eq(rig_transfer(&g, 65), "refuse #0 unknown_node 1");
    rig_free(&g);

    rig_new(&g, 1, 3);
    ck_assert_str_eq(rig_transfer(&g, 2), "refuse #0 no_leader_yet 0");
    rig_append(&g, 3, 1, 0, 0, 0, "");
    ck_assert_str_eq(rig_transfer(&g, 2), "refuse #0 not_leader 3");
    rig_free(&g);

    const raft_config alone = rig_config(1, 1);
    rig_lead(&g, &alone);
    ck_assert_str_eq(rig_transfer(&g, 0), "refuse #0 unknown_node 1"); /* there is nobody */
    rig_free(&g);
}
END_TEST

START_TEST(without_a_name_the_furthest_gets_it)
{
    rig g;
    lead(&g, false);
    rig_propose(&g, 1);
    rig_accepted(&g, 3, 1, 1, 2);
    ck_assert_str_eq(rig_transfer(&g, 0), ">3 TimeoutNow t1 w; arm election");
    rig_free(&g);
}
END_TEST

/* --- The target's side --------------------------------------------------------------- */

START_TEST(the_target_campaigns_at_once_without_asking_first)
{
    rig g;
    raft_config config = rig_config(2, 3);
    config.pre_vote = true;
    rig_start(&g, &config, 1, 1, "1");
    rig_append(&g, 1, 1, 1, 1, 1, "");
    ck_assert_str_eq(rig_timeout_now(&g, 3, 1), "ignored"); /* not the leader */
    ck_assert_str_eq(rig_timeout_now(&g, 1, 1),
                     "hard t2 v2; follower>candidate; >1 RequestVote t2 1@1 transfer w; "
                     ">3 RequestVote t2 1@1 transfer w; arm election");
    ck_assert_str_eq(rig_timeout_now(&g, 1, 1), "ignored"); /* doubled: of an earlier term */
    rig_free(&g);
}
END_TEST

START_TEST(who_may_not_stand_does_not)
{
    rig g;
    raft_config config = rig_config(4, 3);
    rig_start(&g, &config, 1, 0, "1");
    ck_assert_str_eq(rig_timeout_now(&g, 1, 1), "ignored");
    ck_assert_str_eq(g.why, "this server is not a voter, it does not stand for election");
    rig_free(&g);
}
END_TEST

START_TEST(a_transfer_passes_the_guard)
{
    rig g;
    raft_config config = rig_config(3, 3);
    config.disruption_guard = true;
    rig_start(&g, &config, 1, 0, "1");
    rig_append(&g, 1, 1, 1, 1, 1, "");
    ck_assert_str_eq(rig_request_vote(&g, 2, 2, 1, 1), "ignored");
    raft_msg m = rig_message(&g, RAFT_MSG_PRE_VOTE, 2, 2);
    m.as.vote.last = (raft_point){1, 1};
    ck_assert_str_eq(rig_receive(&g, m), ">2 PreVoteReply t1 no w");
    m.as.vote.transfer = true;
    ck_assert_str_eq(rig_receive(&g, m), ">2 PreVoteReply t1 yes w");
    m.kind = RAFT_MSG_REQUEST_VOTE;
    ck_assert_str_eq(rig_receive(&g, m),
                     "hard t2 v2; >2 RequestVoteReply t2 yes w; arm election");
    rig_free(&g);
}
END_TEST

/* --- A leader whose application failed ------------------------------------------------ */

START_TEST(a_leader_without_application_steps_aside)
{
    rig g;
    lead(&g, false);
    ck_assert_str_eq(rig_app_failed(&g), ">2 TimeoutNow t1 w; arm election");
    ck_assert_str_eq(rig_app_failed(&g), "ignored");
    ck_assert_str_eq(rig_timeout(&g),
                     "refuse #0 timeout 1; leader>follower; arm election; disarm heartbeat");
    ck_assert_str_eq(g.why, "its application failed");
    ck_assert_str_eq(rig_app_failed(&g), "ignored");
    rig_timeout(&g);
    ck_assert_str_eq(rig_app_failed(&g), "candidate>follower; arm election");
    rig_free(&g);

    const raft_config alone = rig_config(1, 1);
    rig_lead(&g, &alone);
    ck_assert_str_eq(rig_app_failed(&g), "leader>follower; arm election; disarm heartbeat");
    rig_free(&g);
}
END_TEST

START_TEST(a_target_that_is_removed_ends_it)
{
    rig g;
    lead(&g, false);
    rig_reconfigure(&g, 4, 3, 0, false); /* n3 leaves; joint now */
    ck_assert_str_eq(rig_transfer(&g, 3), "refuse #0 unknown_node 1");
    rig_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft transfer");
    TCase *t = tcase_create("leader");
    tcase_add_test(t, a_target_that_has_all_is_told_at_once);
    tcase_add_test(t, a_target_that_is_behind_catches_up_first);
    tcase_add_test(t, it_takes_no_writes_and_no_changes_meanwhile);
    tcase_add_loop_test(t, after_an_election_timeout_it_serves_again, 0, 2);
    tcase_add_test(t, it_is_done_when_the_target_is_heard_as_leader);
    tcase_add_test(t, it_is_not_when_another_leads_or_nobody_does);
    tcase_add_test(t, its_end_is_told_once);
    tcase_add_test(t, nothing_of_it_is_left_for_the_next_leadership);
    tcase_add_test(t, a_leader_that_left_hears_no_end_of_it);
    tcase_add_test(t, targets_that_cannot_be_are_refused);
    tcase_add_test(t, without_a_name_the_furthest_gets_it);
    tcase_add_test(t, a_target_that_is_removed_ends_it);
    suite_add_tcase(suite, t);
    t = tcase_create("target");
    tcase_add_test(t, the_target_campaigns_at_once_without_asking_first);
    tcase_add_test(t, who_may_not_stand_does_not);
    tcase_add_test(t, a_transfer_passes_the_guard);
    suite_add_tcase(suite, t);
    t = tcase_create("application");
    tcase_add_test(t, a_leader_without_application_steps_aside);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
