/* read_index.c - reads that write nothing (thesis 6.4), and leases (6.4.1). */
#include "raft/test/rig.h"

static void lead(rig *g, unsigned n)
{
    const raft_config config = rig_config(1, n);
    rig_lead(g, &config);
}

static void follow(rig *g)
{
    const raft_config config = rig_config(2, 3);
    rig_start(g, &config, 1, 0, "1");
    rig_append(g, 1, 1, 1, 1, 1, "");
}

/* --- The leader ------------------------------------------------------------------------ */

START_TEST(a_read_waits_for_a_quorum_to_confirm)
{
    rig g;
    lead(&g, 5);
    ck_assert_str_eq(rig_read(&g, 7, false),
                     ">2 AppendEntries t1 1@1 c1 [] r1; >3 AppendEntries t1 1@1 c1 [] r1; "
                     ">4 AppendEntries t1 1@1 c1 [] r1; >5 AppendEntries t1 1@1 c1 [] r1");
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 1, 1), ""); /* from before: confirms nothing */
    ck_assert_str_eq(rig_round_reply(&g, 2, 1, 1, 1), "");
    ck_assert_str_eq(rig_round_reply(&g, 2, 1, 1, 1), ""); /* doubled */
    ck_assert_str_eq(rig_round_reply(&g, 3, 1, 1, 9), ""); /* never asked */
    ck_assert_str_eq(rig_round_reply(&g, 5, 1, 1, 1), "ready #7 1");
    rig_heartbeat(&g);
    ck_assert_ptr_null(strstr(g.text, " r1")); /* nobody asks any more */
    rig_free(&g);
}
END_TEST

START_TEST(a_refusal_confirms_as_well)
{
    rig g;
    lead(&g, 3);
    rig_read(&g, 7, false);
    raft_msg m = rig_message(&g, RAFT_MSG_APPEND_ENTRIES_REPLY, 2, 1);
    m.as.append_reply.prev = 1;
    m.as.append_reply.round = 1;
    rig_receive(&g, m);
    ck_assert_ptr_nonnull(strstr(g.text, "ready #7 1"));
    rig_free(&g);
}
END_TEST

START_TEST(reads_that_come_meanwhile_share_the_next_round)
{
    rig g;
    lead(&g, 3);
    rig_read(&g, 1, false);
    ck_assert_str_eq(rig_read(&g, 2, false), "");
    ck_assert_str_eq(rig_read(&g, 3, false), "");
    ck_assert_str_eq(rig_round_reply(&g, 2, 1, 1, 1),
                     "ready #1 1; >2 AppendEntries t1 1@1 c1 [] r2; "
                     ">3 AppendEntries t1 1@1 c1 [] r2");
    ck_assert_str_eq(rig_round_reply(&g, 3, 1, 1, 2), "ready #2 1; ready #3 1");
    rig_free(&g);
}
END_TEST

START_TEST(a_round_that_was_lost_is_followed_by_another)
{
    rig g;
    lead(&g, 3);
    rig_read(&g, 1, false);
    rig_read(&g, 2, false);
    rig_heartbeat(&g);
    ck_assert_ptr_nonnull(strstr(g.text, ">2 AppendEntries t1 1@1 c1 [] r2"));
    ck_assert_str_eq(rig_round_reply(&g, 3, 1, 1, 2), "ready #1 1; ready #2 1");
    rig_free(&g);
}
END_TEST

START_TEST(before_the_own_term_has_committed_it_waits_for_that)
{
    rig g;
    const raft_config config = rig_config(1, 3);
    rig_start(&g, &config, 1, 0, "1 1");
    rig_elect(&g);
    rig_read(&g, 7, false);
    ck_assert_str_eq(rig_round_reply(&g, 2, 2, 3, 1),
                     "ready #7 3"); /* the no-op: once applied */
    ck_assert_uint_eq(g.r->commit, 0);
    rig_free(&g);
}
END_TEST

START_TEST(a_sole_voter_needs_nobody)
{
    rig g;
    lead(&g, 1);
    ck_assert_str_eq(rig_read(&g, 7, false), "ready #7 1");
    rig_free(&g);
}
END_TEST

START_TEST(learners_do_not_confirm)
{
    rig g;
    raft_config config = rig_config(1, 2);
    config.first.learners = 4;
    rig_lead(&g, &config);
    rig_read(&g, 7, false);
    ck_assert_str_eq(rig_round_reply(&g, 3, 1, 1, 1), "");
    ck_assert_str_eq(rig_round_reply(&g, 2, 1, 1, 1), "ready #7 1");
    rig_free(&g);
}
END_TEST

START_TEST(when_leadership_goes_reads_are_refused_and_not_lost)
{
    rig g;
    lead(&g, 3);
    rig_read(&g, 7, false);
    raft_msg m = rig_message(&g, RAFT_MSG_READ_INDEX, 3, 1);
    m.as.read.ticket = 44;
    ck_assert_str_eq(rig_receive(&g, m), "");
    rig_append(&g, 2, 2, 1, 1, 1, "2");
    ck_assert_ptr_nonnull(strstr(g.text, "refuse #7 no_leader_yet 0; "
                                         ">3 ReadIndexReply t2 #44 0 no w; leader>follower"));
    ck_assert_uint_eq(g.r->reads.n, 0);
    rig_free(&g);
}
END_TEST

START_TEST(a_follower_is_told_the_index)
{
    rig g;
    lead(&g, 3);
    raft_msg m = rig_message(&g, RAFT_MSG_READ_INDEX, 3, 1);
    m.as.read.ticket = 44;
    rig_receive(&g, m);
    ck_assert_str_eq(rig_round_reply(&g, 2, 1, 1, 1), ">3 ReadIndexReply t1 #44 1 ok w");
    rig_free(&g);
}
END_TEST

START_TEST(a_snapshots_answer_confirms_too)
{
    rig g;
    lead(&g, 3);
    rig_read(&g, 7, false);
    raft_msg m = rig_message(&g, RAFT_MSG_INSTALL_SNAPSHOT_REPLY, 2, 1);
    m.as.snapshot_reply.last = (raft_point){1, 1};
    m.as.snapshot_reply.round = 1;
    rig_receive(&g, m);
    ck_assert_str_eq(g.text, "ready #7 1; ignored");
    rig_free(&g);
}
END_TEST

/* --- The follower ----------------------------------------------------------------------- */

START_TEST(a_follower_asks_its_leader)
{
    rig g;
    follow(&g);
    ck_assert_str_eq(rig_read(&g, 7, false), ">1 ReadIndex t1 #7 w");
    ck_assert_str_eq(rig_read(&g, 8, false), ">1 ReadIndex t1 #8 w");
    ck_assert_str_eq(rig_read(&g, 5, true), "refuse #5 not_leader 1"); /* it has no lease */
    ck_assert_str_eq(rig_read(&g, 9, false), ">1 ReadIndex t1 #9 w");
    ck_assert_str_eq(rig_read_reply(&g, 3, 1, 9, 5, true), "ignored"); /* it is no leader */
    ck_assert_str_eq(rig_read_reply(&g, 1, 1, 8, 5, true), "ready #7 5; ready #8 5");
    ck_assert_str_eq(rig_read_reply(&g, 1, 1, 8, 5, true), "ignored");
    ck_assert_str_eq(g.why, "nobody waits for this read any more");
    ck_assert_str_eq(rig_read_reply(&g, 1, 1, 9, 0, false), "refuse #9 not_leader 1");
    rig_free(&g);
}
END_TEST

START_TEST(a_lost_question_is_asked_again_with_the_next_heartbeat)
{
    rig g;
    follow(&g);
    rig_read(&g, 7, false);
    rig_read(&g, 8, false);
    ck_assert_str_eq(
        rig_append(&g, 1, 1, 1, 1, 1, ""),
        ">1 AppendEntriesReply t1 ok 1 to 1 w; >1 ReadIndex t1 #8 w; arm election");
    rig_free(&g);
}
END_TEST

/* The round is for this question, or began before it; only when the leader has had the time
 * for another heartbeat is the question asked again. */
START_TEST(a_heartbeat_of_a_round_does_not_ask_again_at_once)
{
    rig g;
    follow(&g);
    rig_read(&g, 7, false);
    raft_msg m = rig_message(&g, RAFT_MSG_APPEND_ENTRIES, 1, 1);
    m.as.append.prev = (raft_point){.index = 1, .term = 1};
    m.as.append.round = 1;
    rig_receive(&g, m);
    ck_assert_ptr_null(strstr(g.text, "ReadIndex"));
    g.now += rig_config(2, 3).heartbeat;
    rig_receive(&g, m);
    ck_assert_ptr_nonnull(strstr(g.text, ">1 ReadIndex t1 #7"));
    rig_receive(&g, m); /* that was just now */
    ck_assert_ptr_null(strstr(g.text, "ReadIndex"));
    rig_free(&g);
}
END_TEST

START_TEST(without_a_leader_or_with_another_the_read_is_refused)
{
    rig g;
    follow(&g);
    rig_read(&g, 7, false);
    rig_append(&g, 3, 2, 1, 1, 1, "");
    ck_assert_ptr_nonnull(strstr(g.text, "refuse #7 no_leader_yet 0"));
    rig_read(&g, 8, false);
    rig_timeout(&g);
    ck_assert_ptr_nonnull(strstr(g.text, "refuse #8 no_leader_yet 0"));
    ck_assert_str_eq(rig_read(&g, 9, false), "refuse #9 no_leader_yet 0");
    rig_free(&g);

    const raft_config stranger = rig_config(4, 3);
    rig_start(&g, &stranger, 1, 0, "1");
    rig_append(&g, 1, 1, 1, 1, 1, "");
    rig_read(&g, 7, false);
    ck_assert_str_eq(rig_timeout(&g), "refuse #7 no_leader_yet 0; ignored; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(who_does_not_lead_says_so)
{
    rig g;
    follow(&g);
    raft_msg m = rig_message(&g, RAFT_MSG_READ_INDEX, 3, 1);
    m.as.read.ticket = 44;
    ck_assert_str_eq(rig_receive(&g, m), ">3 ReadIndexReply t1 #44 0 no w");
    rig_free(&g);
}
END_TEST

START_TEST(many_reads_find_room)
{
    rig g;
    lead(&g, 3);
    for (uint64_t i = 1; i <= 100; i++)
        rig_read(&g, i, false);
    ck_assert_uint_eq(g.r->reads.n, 100);
    rig_round_reply(&g, 2, 1, 1, 1);
    ck_assert_uint_eq(g.r->reads.n, 99);
    rig_round_reply(&g, 2, 1, 1, 2);
    ck_assert_uint_eq(g.r->reads.n, 0);
    rig_free(&g);
}
END_TEST

/* --- Leases (6.4.1) ----------------------------------------------------------------------- */

/* A leader of three with a lease from now on, of 150 ms less the drift. */
static void lead_with_lease(rig *g, uint32_t drift_ppm)
{
    raft_config config = rig_config(1, 3);
    config.lease_reads = true;
    config.disruption_guard = true;
    config.drift_ppm = drift_ppm;
    rig_lead(g, &config);
    rig_heartbeat(g);
    rig_round_reply(g, 2, 1, 1, 1);
    ck_assert(g->r->reads.lease);
}

START_TEST(within_the_lease_it_answers_without_asking)
{
    rig g;
    lead_with_lease(&g, 0);
    ck_assert_str_eq(rig_read(&g, 1, true), "ready #1 1");
    g.now += 150 * RIG_MS - 1;
    ck_assert_str_eq(rig_read(&g, 2, true), "ready #2 1");
    g.now += 1;
    ck_assert_str_eq(rig_read(&g, 3, true), "refuse #3 no_lease 1"); /* it has run out */
    rig_free(&g);
}
END_TEST

START_TEST(drift_makes_it_shorter)
{
    rig g;
    lead_with_lease(&g, 200000); /* 20 %: two thirds are left */
    g.now += 100 * RIG_MS - 1;
    ck_assert_str_eq(rig_read(&g, 2, true), "ready #2 1");
    g.now += 1;
    ck_assert_str_eq(rig_read(&g, 3, true), "refuse #3 no_lease 1");
    rig_free(&g);
    lead_with_lease(&g, 2000000); /* no clock can be trusted */
    ck_assert_str_eq(rig_read(&g, 3, true), "refuse #3 no_lease 1");
    rig_free(&g);
}
END_TEST

START_TEST(it_counts_from_when_the_round_was_sent)
{
    rig g;
    lead_with_lease(&g, 0);
    g.now += 100 * RIG_MS;
    rig_heartbeat(&g);
    g.now += 100 * RIG_MS;
    rig_round_reply(&g, 3, 1, 1, 2);
    g.now += 50 * RIG_MS - 1;
    ck_assert_str_eq(rig_read(&g, 2, true), "ready #2 1");
    g.now += 1;
    ck_assert_str_eq(rig_read(&g, 3, true), "refuse #3 no_lease 1");
    rig_free(&g);
}
END_TEST

START_TEST(it_is_given_up_before_a_transfer)
{
    rig g;
    lead_with_lease(&g, 0);
    rig_transfer(&g, 2);
    ck_assert_str_eq(rig_read(&g, 1, true), "refuse #1 no_lease 1");
    rig_timeout(&g); /* the transfer is given up, but the target may have been told */
    rig_round_reply(&g, 2, 1, 1, 2);
    ck_assert_str_eq(rig_read(&g, 2, true), "refuse #2 no_lease 1");
    rig_free(&g);
}
END_TEST

START_TEST(a_clock_that_goes_back_ends_it)
{
    rig g;
    lead_with_lease(&g, 0);
    rig_heartbeat(&g);
    g.now -= RIG_MS;
    ck_assert_str_eq(rig_round_reply(&g, 2, 1, 1, 2), ""); /* of a round that has no time now */
    ck_assert_str_eq(rig_read(&g, 1, true), "refuse #1 no_lease 1");
    rig_free(&g);
}
END_TEST

START_TEST(the_first_round_after_the_jump_gives_a_new_one)
{
    rig g;
    lead_with_lease(&g, 0);
    g.now -= RIG_MS;
    rig_heartbeat(&g); /* round 2, sent by the clock as it is now */
    rig_round_reply(&g, 2, 1, 1, 2);
    ck_assert(g.r->reads.lease);
    ck_assert_str_eq(rig_read(&g, 1, true), "ready #1 1");
    rig_free(&g);
}
END_TEST

START_TEST(a_jump_in_an_earlier_leadership_is_forgotten)
{
    rig g;
    lead_with_lease(&g, 0);
    for (int i = 0; i < 10; i++)
        rig_heartbeat(&g);
    g.now -= RIG_MS;
    rig_step_down(&g);
    rig_timeout(&g);
    rig_vote(&g, 2, 2, true);
    rig_accepted(&g, 2, 2, 1, 2);
    rig_persisted(&g, 2, 2);
    rig_heartbeat(&g);
    rig_round_reply(&g, 2, 2, 2, 1); /* the new office counts its rounds from 1 */
    ck_assert_str_eq(rig_read(&g, 1, true), "ready #1 2");
    rig_free(&g);
}
END_TEST

START_TEST(a_round_too_long_ago_gives_none)
{
    rig g;
    lead_with_lease(&g, 0);
    g.r->reads.lease = false;
    for (int i = 0; i < 20; i++)
        rig_heartbeat(&g);
    rig_round_reply(&g, 2, 1, 1, 3);
    ck_assert(!g.r->reads.lease);
    rig_round_reply(&g, 2, 1, 1, 20);
    ck_assert(g.r->reads.lease);
    rig_free(&g);
}
END_TEST

START_TEST(without_guard_or_option_there_is_none)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.lease_reads = true; /* but followers may vote at any time */
    rig_lead(&g, &config);
    rig_heartbeat(&g);
    rig_round_reply(&g, 2, 1, 1, 1);
    ck_assert_str_eq(rig_read(&g, 1, true), "refuse #1 no_lease 1");
    rig_free(&g);
}
END_TEST

START_TEST(after_a_reboot_no_vote_breaks_a_lease)
{
    rig g;
    raft_config config = rig_config(2, 3);
    config.lease_reads = true;
    config.disruption_guard = true;
    rig_start(&g, &config, 1, 0, "1");
    g.now += 149 * RIG_MS;
    ck_assert_str_eq(rig_request_vote(&g, 3, 2, 1, 1), "ignored");
    g.now += RIG_MS;
    ck_assert_str_eq(rig_request_vote(&g, 3, 2, 1, 1),
                     "hard t2 v3; >3 RequestVoteReply t2 yes w; arm election");
    rig_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft read_index");
    TCase *t = tcase_create("leader");
    tcase_add_test(t, a_read_waits_for_a_quorum_to_confirm);
    tcase_add_test(t, a_refusal_confirms_as_well);
    tcase_add_test(t, reads_that_come_meanwhile_share_the_next_round);
    tcase_add_test(t, a_round_that_was_lost_is_followed_by_another);
    tcase_add_test(t, before_the_own_term_has_committed_it_waits_for_that);
    tcase_add_test(t, a_sole_voter_needs_nobody);
    tcase_add_test(t, learners_do_not_confirm);
    tcase_add_test(t, when_leadership_goes_reads_are_refused_and_not_lost);
    tcase_add_test(t, a_follower_is_told_the_index);
    tcase_add_test(t, a_snapshots_answer_confirms_too);
    tcase_add_test(t, many_reads_find_room);
    suite_add_tcase(suite, t);
    t = tcase_create("follower");
    tcase_add_test(t, a_follower_asks_its_leader);
    tcase_add_test(t, a_lost_question_is_asked_again_with_the_next_heartbeat);
    tcase_add_test(t, a_heartbeat_of_a_round_does_not_ask_again_at_once);
    tcase_add_test(t, without_a_leader_or_with_another_the_read_is_refused);
    tcase_add_test(t, who_does_not_lead_says_so);
    suite_add_tcase(suite, t);
    t = tcase_create("lease");
    tcase_add_test(t, within_the_lease_it_answers_without_asking);
    tcase_add_test(t, drift_makes_it_shorter);
    tcase_add_test(t, it_counts_from_when_the_round_was_sent);
    tcase_add_test(t, it_is_given_up_before_a_transfer);
    tcase_add_test(t, a_clock_that_goes_back_ends_it);
    tcase_add_test(t, the_first_round_after_the_jump_gives_a_new_one);
    tcase_add_test(t, a_jump_in_an_earlier_leadership_is_forgotten);
    tcase_add_test(t, a_round_too_long_ago_gives_none);
    tcase_add_test(t, without_guard_or_option_there_is_none);
    tcase_add_test(t, after_a_reboot_no_vote_breaks_a_lease);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
