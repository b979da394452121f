/* check_quorum.c - a leader that has lost its majority steps down (thesis 6.2). */
#include "raft/test/rig.h"

static void lead(rig *g, unsigned n, bool check_quorum)
{
    raft_config config = rig_config(1, n);
    config.check_quorum = check_quorum;
    rig_start(g, &config, 0, 0, "");
    rig_elect(g);
}

START_TEST(a_leader_looks_up_once_in_an_election_timeout)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.check_quorum = true;
    rig_start(&g, &config, 0, 0, "");
    rig_timeout(&g);
    ck_assert_str_eq(rig_vote(&g, 2, 1, true),
                     "candidate>leader; append 1@1; >2 AppendEntries t1 0@0 c0 [1@1]; "
                     ">3 AppendEntries t1 0@0 c0 [1@1]; arm election; arm heartbeat");
    rig_free(&g);
}
END_TEST

START_TEST(votes_count_as_heard_for_the_first_period_only)
{
    rig g;
    lead(&g, 3, true);
    ck_assert_str_eq(rig_timeout(&g), "arm election");
    ck_assert_str_eq(rig_timeout(&g), "leader>follower; arm election; disarm heartbeat");
    ck_assert_str_eq(g.why, "heard no majority for an election timeout");
    ck_assert_str_eq(rig_look(&g), "follower t1 v1 of n0 c0 1@1"); /* same term, same vote */
    ck_assert_str_eq(rig_propose(&g, 1), "refuse #1 no_leader_yet 0");
    rig_free(&g);
}
END_TEST

START_TEST(any_answer_of_a_majority_keeps_it_leading)
{
    rig g;
    lead(&g, 5, true);
    rig_timeout(&g);
    rig_accepted(&g, 2, 1, 0, 1);
    rig_refused(&g, 3, 1, 0, 0, 0); /* a refusal is a sign of life as well */
    ck_assert_str_eq(rig_timeout(&g), "arm election");
    rig_accepted(&g, 2, 1, 0, 1);
    rig_accepted(&g, 2, 1, 0, 1); /* twice the same server */
    rig_timeout(&g);
    ck_assert_int_eq(g.r->role, RAFT_FOLLOWER);
    rig_free(&g);
}
END_TEST

START_TEST(half_of_four_is_not_enough)
{
    rig g;
    lead(&g, 4, true);
    rig_timeout(&g);
    rig_accepted(&g, 2, 1, 0, 1);
    rig_timeout(&g);
    ck_assert_int_eq(g.r->role, RAFT_FOLLOWER);
    rig_free(&g);
}
END_TEST

START_TEST(who_is_no_member_is_not_heard)
{
    rig g;
    lead(&g, 3, true);
    rig_timeout(&g);
    ck_assert_str_eq(rig_accepted(&g, 9, 1, 0, 1), "ignored");
    rig_timeout(&g);
    ck_assert_int_eq(g.r->role, RAFT_FOLLOWER);
    rig_free(&g);
}
END_TEST

START_TEST(a_single_node_is_its_own_majority)
{
    rig g;
    lead(&g, 1, true);
    for (int i = 0; i < 5; i++)
        ck_assert_str_eq(rig_timeout(&g), "arm election");
    ck_assert_int_eq(g.r->role, RAFT_LEADER);
    rig_free(&g);
}
END_TEST

START_TEST(without_the_option_a_leader_does_not_wait_for_anybody)
{
    rig g;
    lead(&g, 3, false);
    ck_assert_str_eq(rig_timeout(&g), "ignored");
    ck_assert_str_eq(g.why, "a leader does not wait for a leader");
    ck_assert_int_eq(g.r->role, RAFT_LEADER);
    rig_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft check_quorum");
    TCase *t = tcase_create("check_quorum");
    tcase_add_test(t, a_leader_looks_up_once_in_an_election_timeout);
    tcase_add_test(t, votes_count_as_heard_for_the_first_period_only);
    tcase_add_test(t, any_answer_of_a_majority_keeps_it_leading);
    tcase_add_test(t, half_of_four_is_not_enough);
    tcase_add_test(t, who_is_no_member_is_not_heard);
    tcase_add_test(t, a_single_node_is_its_own_majority);
    tcase_add_test(t, without_the_option_a_leader_does_not_wait_for_anybody);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
