/* election.c - who may lead: votes (thesis 3.4, 3.6.1), pre-vote (9.6), the guard against
 * disruptive servers (4.2.3).  Each test is a story, told by what the server does. */
#include "raft/test/rig.h"

/* --- Standing for election --------------------------------------------------------- */

START_TEST(a_timeout_makes_a_candidate_whose_vote_is_written_first)
{
    rig g;
    rig_new(&g, 1, 3);
    ck_assert_str_eq(rig_timeout(&g), "hard t1 v1; follower>candidate; "
                                      ">2 RequestVote t1 0@0 w; >3 RequestVote t1 0@0 w; "
                                      "arm election");
    ck_assert_str_eq(g.why, "election timeout");
    ck_assert_str_eq(rig_look(&g), "candidate t1 v1 of n0 c0 0@0");
    rig_free(&g);
}
END_TEST

START_TEST(a_majority_makes_a_leader_that_opens_its_term)
{
    rig g;
    rig_new(&g, 1, 3);
    rig_timeout(&g);
    ck_assert_str_eq(rig_vote(&g, 2, 1, true),
                     "candidate>leader; append 1@1; >2 AppendEntries t1 0@0 c0 [1@1]; "
                     ">3 AppendEntries t1 0@0 c0 [1@1]; disarm election; arm heartbeat");
    ck_assert_str_eq(rig_look(&g), "leader t1 v1 of n1 c0 1@1");
    ck_assert_int_eq(raft_entry_at(g.r, 1)->kind, RAFT_ENTRY_NOOP);
    ck_assert_str_eq(rig_vote(&g, 3, 1, true), "ignored"); /* it has been won already */
    ck_assert_str_eq(g.why, "a vote for an election that is won");
    rig_free(&g);
}
END_TEST

START_TEST(a_doubled_vote_counts_once)
{
    rig g;
    rig_new(&g, 1, 5);
    rig_timeout(&g);
    ck_assert_str_eq(rig_vote(&g, 2, 1, true), "");
    ck_assert_str_eq(rig_vote(&g, 2, 1, true), "ignored");
    ck_assert_str_eq(g.why, "this server's answer is counted already");
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    rig_vote(&g, 5, 1, true);
    ck_assert_int_eq(g.r->role, RAFT_LEADER);
    rig_free(&g);
}
END_TEST

START_TEST(refusals_do_not_elect_and_are_no_votes_taken_back)
{
    rig g;
    rig_new(&g, 1, 5);
    rig_timeout(&g);
    ck_assert_str_eq(rig_vote(&g, 2, 1, false), "");
    ck_assert_str_eq(rig_vote(&g, 2, 1, false), "ignored");
    ck_assert_str_eq(rig_vote(&g, 3, 1, true), "");
    ck_assert_str_eq(rig_vote(&g, 3, 1, false), "ignored"); /* it voted; this is a forgery */
    ck_assert_str_eq(rig_vote(&g, 4, 1, false), "");
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE); /* it waits for its timer, as 3.4 says */
    rig_vote(&g, 5, 1, true);
    ck_assert_int_eq(g.r->role, RAFT_LEADER);
    rig_free(&g);
}
END_TEST

START_TEST(who_is_no_voter_does_not_count)
{
    rig g;
    rig_new(&g, 1, 3);
    rig_timeout(&g);
    ck_assert_str_eq(rig_vote(&g, 4, 1, true), "ignored");
    ck_assert_str_eq(rig_vote(&g, 64, 1, true), "ignored");
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    rig_free(&g);
}
END_TEST

START_TEST(a_vote_of_an_earlier_term_does_not_count)
{
    rig g;
    rig_new(&g, 1, 3);
    rig_timeout(&g);
    rig_timeout(&g);
    ck_assert_str_eq(rig_look(&g), "candidate t2 v1 of n0 c0 0@0");
    ck_assert_str_eq(rig_vote(&g, 2, 1, true), "ignored");
    ck_assert_str_eq(g.why, "an answer of an earlier term");
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    rig_free(&g);
}
END_TEST

START_TEST(a_split_vote_is_tried_again_in_a_new_term)
{
    rig g;
    rig_new(&g, 1, 4);
    rig_timeout(&g);
    rig_vote(&g, 2, 1, true); /* two of four are no majority */
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    ck_assert_str_eq(rig_request_vote(&g, 3, 1, 0, 0), ">3 RequestVoteReply t1 no w");
    ck_assert_str_eq(rig_timeout(&g),
                     "hard t2 v1; >2 RequestVote t2 0@0 w; >3 RequestVote t2 0@0 w; "
                     ">4 RequestVote t2 0@0 w; arm election"); /* no role change to tell */
    rig_vote(&g, 2, 2, true);
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE); /* the old votes are gone */
    rig_vote(&g, 4, 2, true);
    ck_assert_int_eq(g.r->role, RAFT_LEADER);
    rig_free(&g);
}
END_TEST

START_TEST(a_candidate_follows_the_leader_of_its_term)
{
    rig g;
    rig_new(&g, 1, 3);
    rig_timeout(&g);
    ck_assert_str_eq(rig_append(&g, 2, 1, 0, 0, 0, "1"),
                     "candidate>follower; append 1@1; >2 AppendEntriesReply t1 ok 0 to 1 w; "
                     "arm election");
    ck_assert_str_eq(rig_look(&g), "follower t1 v1 of n2 c0 1@1");
    ck_assert_str_eq(rig_vote(&g, 3, 1, true), "ignored"); /* a late yes */
    rig_free(&g);
}
END_TEST

START_TEST(campaigning_by_hand_is_like_a_timeout)
{
    rig g;
    rig_new(&g, 1, 3);
    ck_assert_str_eq(rig_campaign(&g), "hard t1 v1; follower>candidate; "
                                       ">2 RequestVote t1 0@0 w; >3 RequestVote t1 0@0 w; "
                                       "arm election");
    ck_assert_str_eq(g.why, "told to stand for election");
    rig_vote(&g, 2, 1, true);
    ck_assert_str_eq(rig_campaign(&g), "ignored");
    ck_assert_str_eq(g.why, "it leads already");
    rig_free(&g);
}
END_TEST

START_TEST(stepping_down_by_hand_keeps_term_and_vote)
{
    rig g;
    rig_new(&g, 1, 3);
    ck_assert_str_eq(rig_step_down(&g), "ignored");
    rig_elect(&g);
    ck_assert_str_eq(rig_step_down(&g), "leader>follower; arm election; disarm heartbeat");
    ck_assert_str_eq(g.why, "told to step down");
    ck_assert_str_eq(rig_look(&g), "follower t1 v1 of n0 c0 1@1");
    ck_assert_str_eq(rig_request_vote(&g, 2, 1, 5, 1), ">2 RequestVoteReply t1 no w");
    rig_timeout(&g);
    ck_assert_str_eq(rig_step_down(&g), "candidate>follower; arm election");
    ck_assert_str_eq(rig_look(&g), "follower t2 v1 of n0 c0 1@1");
    rig_free(&g);
}
END_TEST

START_TEST(who_is_no_voter_does_not_stand)
{
    rig g;
    rig_new(&g, 4, 3);
    rig_append(&g, 1, 1, 0, 0, 0, "1");
    ck_assert_str_eq(rig_timeout(&g), "ignored; arm election");
    ck_assert_str_eq(rig_look(&g), "follower t1 v0 of n0 c0 1@1"); /* it looks for a leader */
    ck_assert_str_eq(rig_campaign(&g), "ignored; arm election");
    ck_assert_str_eq(rig_request_vote(&g, 1, 2, 1, 1), /* but it may be asked (4.2.2) */
                     "hard t2 v1; >1 RequestVoteReply t2 yes w; arm election");
    rig_free(&g);
}
END_TEST

/* --- Voting ------------------------------------------------------------------------ */

START_TEST(a_vote_and_its_term_are_one_write_before_the_reply)
{
    rig g;
    rig_new(&g, 2, 3);
    ck_assert_str_eq(rig_request_vote(&g, 1, 1, 0, 0),
                     "hard t1 v1; >1 RequestVoteReply t1 yes w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(one_vote_in_a_term)
{
    rig g;
    rig_new(&g, 2, 3);
    rig_request_vote(&g, 1, 1, 0, 0);
    ck_assert_str_eq(rig_request_vote(&g, 3, 1, 0, 0), ">3 RequestVoteReply t1 no w");
    ck_assert_str_eq(rig_request_vote(&g, 1, 1, 0, 0), /* doubled: the same answer */
                     ">1 RequestVoteReply t1 yes w; arm election");
    ck_assert_str_eq(rig_request_vote(&g, 3, 2, 0, 0),
                     "hard t2 v3; >3 RequestVoteReply t2 yes w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(a_vote_survives_a_reboot)
{
    rig g;
    const raft_config config = rig_config(2, 3);
    rig_start(&g, &config, 4, 1, "1 4");
    ck_assert_str_eq(rig_look(&g), "follower t4 v1 of n0 c0 2@4");
    ck_assert_str_eq(rig_request_vote(&g, 3, 4, 9, 4), ">3 RequestVoteReply t4 no w");
    ck_assert_str_eq(rig_request_vote(&g, 1, 4, 9, 4),
                     ">1 RequestVoteReply t4 yes w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(a_lower_term_gets_no_vote_and_learns_the_term)
{
    rig g;
    const raft_config config = rig_config(2, 3);
    rig_start(&g, &config, 4, 0, "");
    ck_assert_str_eq(rig_request_vote(&g, 1, 3, 9, 3), ">1 RequestVoteReply t4 no w");
    ck_assert_str_eq(rig_look(&g), "follower t4 v0 of n0 c0 0@0");
    rig_free(&g);
}
END_TEST

static const struct {
    const char *name, *own;
    raft_index index;
    raft_term term;
    bool granted;
} log_rows[] = {
    {"both empty", "", 0, 0, true},
    {"voter empty", "", 3, 2, true},
    {"candidate empty", "1", 0, 0, false},
    {"equal", "1 1 2", 3, 2, true},
    {"longer, same term", "1 1 2", 4, 2, true},
    {"shorter, same term", "1 1 2", 2, 2, false},
    {"shorter, newer term", "1 1 2", 1, 3, true},
    {"longer, older term", "1 1 2", 99, 1, false},
};

/* Thesis 3.6.1: the later term wins, then the longer log. */
START_TEST(only_a_log_as_complete_as_the_voters_gets_the_vote)
{
    rig g;
    const raft_config config = rig_config(2, 3);
    rig_start(&g, &config, 5, 0, log_rows[_i].own);
    const bool granted = log_rows[_i].granted;
    ck_assert_msg(strcmp(rig_request_vote(&g, 1, 6, log_rows[_i].index, log_rows[_i].term),
                         granted ? "hard t6 v1; >1 RequestVoteReply t6 yes w; arm election"
                                 : "hard t6 v0; >1 RequestVoteReply t6 no w") == 0,
                  "%s: %s", log_rows[_i].name, g.text);
    ck_assert_msg(strcmp(rig_pre_vote(&g, 3, 7, log_rows[_i].index, log_rows[_i].term),
                         granted ? ">3 PreVoteReply t6 yes w" : ">3 PreVoteReply t6 no w") == 0,
                  "%s: %s", log_rows[_i].name, g.text);
    rig_free(&g);
}
END_TEST

/* --- Pre-vote ---------------------------------------------------------------------- */

static void start_with_pre_vote(rig *g, unsigned id, unsigned n, const char *log)
{
    raft_config config = rig_config(id, n);
    config.pre_vote = true;
    config.disruption_guard = true;
    rig_start(g, &config, 5, 0, log);
}

START_TEST(a_pre_candidate_asks_without_a_new_term)
{
    rig g;
    start_with_pre_vote(&g, 1, 3, "5");
    ck_assert_str_eq(rig_timeout(&g), "follower>pre_candidate; >2 PreVote t6 1@5 w; "
                                      ">3 PreVote t6 1@5 w; arm election");
    ck_assert_str_eq(rig_look(&g), "pre_candidate t5 v0 of n0 c0 1@5");
    ck_assert_str_eq(rig_timeout(&g), /* nobody answered: again, and still no new term */
                     ">2 PreVote t6 1@5 w; >3 PreVote t6 1@5 w; arm election");
    ck_assert_str_eq(rig_look(&g), "pre_candidate t5 v0 of n0 c0 1@5");
    rig_free(&g);
}
END_TEST

START_TEST(a_majority_of_pre_votes_opens_the_real_election)
{
    rig g;
    start_with_pre_vote(&g, 1, 3, "5");
    rig_timeout(&g);
    ck_assert_str_eq(rig_pre_vote_reply(&g, 3, 5, true),
                     "hard t6 v1; pre_candidate>candidate; >2 RequestVote t6 1@5 w; "
                     ">3 RequestVote t6 1@5 w; arm election");
    ck_assert_str_eq(g.why, "a majority would vote for it");
    ck_assert_str_eq(rig_pre_vote_reply(&g, 2, 5, true), "ignored"); /* it is no vote */
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    rig_vote(&g, 2, 6, true);
    ck_assert_int_eq(g.r->role, RAFT_LEADER);
    ck_assert_str_eq(rig_pre_vote_reply(&g, 3, 6, true), "ignored");
    rig_free(&g);
}
END_TEST

START_TEST(a_pre_vote_is_counted_once_and_a_vote_is_no_pre_vote)
{
    rig g;
    start_with_pre_vote(&g, 1, 5, "5");
    rig_timeout(&g);
    ck_assert_str_eq(rig_pre_vote_reply(&g, 3, 5, true), "");
    ck_assert_str_eq(rig_pre_vote_reply(&g, 3, 5, true), "ignored");
    ck_assert_str_eq(rig_vote(&g, 2, 5, true), "ignored");
    ck_assert_int_eq(g.r->role, RAFT_PRE_CANDIDATE);
    ck_assert_str_eq(rig_pre_vote_reply(&g, 4, 2, true), /* behind in terms, and willing */
                     "hard t6 v1; pre_candidate>candidate; >2 RequestVote t6 1@5 w; "
                     ">3 RequestVote t6 1@5 w; >4 RequestVote t6 1@5 w; "
                     ">5 RequestVote t6 1@5 w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(a_server_that_refused_may_change_its_mind)
{
    rig g;
    start_with_pre_vote(&g, 1, 3, "5");
    rig_timeout(&g);
    ck_assert_str_eq(rig_pre_vote_reply(&g, 2, 5, false), "");
    ck_assert_str_eq(rig_pre_vote_reply(&g, 2, 5, false), "ignored");
    rig_pre_vote_reply(&g, 2, 5, true);
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    rig_free(&g);
}
END_TEST

START_TEST(a_candidate_that_fails_asks_again_first)
{
    rig g;
    start_with_pre_vote(&g, 1, 3, "5");
    rig_timeout(&g);
    rig_pre_vote_reply(&g, 3, 5, true);
    ck_assert_str_eq(rig_timeout(&g), "candidate>pre_candidate; >2 PreVote t7 1@5 w; "
                                      ">3 PreVote t7 1@5 w; arm election");
    ck_assert_str_eq(rig_look(&g), "pre_candidate t6 v1 of n0 c0 1@5"); /* its vote stands */
    rig_free(&g);
}
END_TEST

START_TEST(answering_a_pre_vote_changes_nothing)
{
    rig g;
    start_with_pre_vote(&g, 2, 3, "5");
    const char *const before = "follower t5 v0 of n0 c0 1@5";
    ck_assert_str_eq(rig_pre_vote(&g, 1, 6, 1, 5), ">1 PreVoteReply t5 yes w");
    ck_assert_str_eq(rig_look(&g), before);
    ck_assert_str_eq(rig_pre_vote(&g, 3, 99, 1, 5), ">3 PreVoteReply t5 yes w"); /* several */
    ck_assert_str_eq(rig_look(&g), before); /* a pre-vote never bumps a term */
    ck_assert_str_eq(rig_pre_vote(&g, 1, 5, 1, 5), ">1 PreVoteReply t5 no w"); /* not newer */
    ck_assert_str_eq(rig_pre_vote(&g, 1, 3, 1, 3), ">1 PreVoteReply t5 no w");
    ck_assert_str_eq(rig_look(&g), before);
    rig_free(&g);
}
END_TEST

START_TEST(a_refused_pre_vote_tells_the_higher_term)
{
    rig g;
    start_with_pre_vote(&g, 1, 3, "5");
    rig_timeout(&g);
    ck_assert_str_eq(rig_pre_vote_reply(&g, 2, 8, false),
                     "hard t8 v0; pre_candidate>follower; arm election");
    ck_assert_str_eq(g.why, "heard a higher term");
    ck_assert_str_eq(rig_timeout(&g), "follower>pre_candidate; >2 PreVote t9 1@5 w; "
                                      ">3 PreVote t9 1@5 w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(a_pre_candidate_gives_way)
{
    rig g;
    start_with_pre_vote(&g, 1, 3, "5");
    rig_timeout(&g);
    ck_assert_str_eq(rig_request_vote(&g, 2, 5, 1, 5), /* in this very term, not yet voted */
                     "hard t5 v2; pre_candidate>follower; >2 RequestVoteReply t5 yes w; "
                     "arm election");
    ck_assert_str_eq(g.why, "gave its vote to another");
    rig_timeout(&g);
    ck_assert_str_eq(rig_append(&g, 2, 5, 1, 5, 0, ""),
                     "pre_candidate>follower; >2 AppendEntriesReply t5 ok 1 to 1 w; "
                     "arm election");
    ck_assert_str_eq(rig_look(&g), "follower t5 v2 of n2 c0 1@5");
    rig_free(&g);
}
END_TEST

/* --- The guard against disruptive servers ------------------------------------------ */

START_TEST(a_server_that_hears_its_leader_wants_no_election)
{
    rig g;
    start_with_pre_vote(&g, 2, 3, "5");
    rig_append(&g, 1, 5, 1, 5, 0, "");
    g.now += 150 * RIG_MS - 1;
    ck_assert_str_eq(rig_request_vote(&g, 3, 9, 9, 8), "ignored");
    ck_assert_str_eq(g.why, "the leader lives, no election is wanted (thesis 4.2.3)");
    ck_assert_str_eq(rig_request_vote(&g, 3, 5, 9, 5), "ignored");
    ck_assert_str_eq(rig_pre_vote(&g, 3, 9, 9, 8), ">3 PreVoteReply t5 no w");
    ck_assert_str_eq(rig_request_vote(&g, 3, 4, 9, 4), ">3 RequestVoteReply t5 no w");
    ck_assert_str_eq(rig_look(&g), "follower t5 v0 of n1 c0 1@5");
    g.now += 1; /* the minimum election timeout is over */
    ck_assert_str_eq(rig_pre_vote(&g, 3, 9, 9, 8), ">3 PreVoteReply t5 yes w");
    ck_assert_str_eq(rig_request_vote(&g, 3, 9, 9, 8),
                     "hard t9 v3; >3 RequestVoteReply t9 yes w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(without_the_guard_a_disruptive_server_wins)
{
    rig g;
    rig_new(&g, 2, 3);
    rig_append(&g, 1, 5, 0, 0, 0, "");
    ck_assert_str_eq(rig_pre_vote(&g, 3, 9, 0, 0), ">3 PreVoteReply t5 yes w");
    ck_assert_str_eq(rig_request_vote(&g, 3, 9, 0, 0),
                     "hard t9 v3; >3 RequestVoteReply t9 yes w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(a_timeout_ends_the_guard_for_the_server_itself)
{
    rig g;
    start_with_pre_vote(&g, 2, 3, "5");
    rig_append(&g, 1, 5, 1, 5, 0, "");
    rig_timeout(&g); /* its own clock says the leader is gone */
    ck_assert_str_eq(rig_pre_vote(&g, 3, 6, 1, 5), ">3 PreVoteReply t5 yes w");
    rig_free(&g);
}
END_TEST

START_TEST(so_does_a_campaign_after_a_reboot)
{
    rig g;
    raft_config config = rig_config(2, 3);
    config.pre_vote = config.disruption_guard = config.lease_reads = true;
    rig_start(&g, &config, 5, 0, "5");
    /* It may have promised a leader not to vote before it crashed (thesis 6.4.1). */
    ck_assert_str_eq(rig_pre_vote(&g, 3, 6, 1, 5), ">3 PreVoteReply t5 no w");
    rig_campaign(&g); /* whoever tells it to stand knows better */
    ck_assert_str_eq(rig_pre_vote(&g, 3, 6, 1, 5), ">3 PreVoteReply t5 yes w");
    rig_free(&g);
}
END_TEST

START_TEST(a_leader_is_guarded_while_it_hears_a_quorum)
{
    rig g;
    start_with_pre_vote(&g, 1, 5, "5");
    rig_elect(&g); /* with the votes of n2 and n3 */
    ck_assert_str_eq(rig_request_vote(&g, 5, 9, 9, 8), "ignored");
    g.now += 100 * RIG_MS;
    rig_accepted(&g, 4, 6, 1, 2); /* one is not enough: it counts with n2 and n3 then */
    g.now += 50 * RIG_MS;
    ck_assert_str_eq(rig_pre_vote(&g, 5, 9, 9, 8), ">5 PreVoteReply t6 yes w");
    rig_accepted(&g, 5, 6, 1, 2);
    ck_assert_str_eq(rig_pre_vote(&g, 5, 9, 9, 8), ">5 PreVoteReply t6 no w");
    ck_assert_str_eq(rig_request_vote(&g, 5, 9, 9, 8), "ignored");
    g.now += 100 * RIG_MS; /* n4 was last heard 150 ms ago */
    ck_assert_str_eq(rig_request_vote(&g, 5, 9, 9, 8),
                     "hard t9 v5; leader>follower; >5 RequestVoteReply t9 yes w; "
                     "arm election; disarm heartbeat");
    rig_free(&g);
}
END_TEST

START_TEST(a_clock_that_goes_back_does_not_stretch_the_guard)
{
    rig g;
    start_with_pre_vote(&g, 2, 3, "5");
    g.now = 3600 * 1000 * (raft_us)RIG_MS;
    rig_append(&g, 1, 5, 1, 5, 0, "");
    g.now = 10 * RIG_MS;
    ck_assert_str_eq(rig_request_vote(&g, 3, 9, 9, 8), "ignored");
    g.now += 150 * RIG_MS; /* an election timeout after the jump, not an hour */
    rig_request_vote(&g, 3, 9, 9, 8);
    ck_assert_str_eq(rig_look(&g), "follower t9 v3 of n0 c0 1@5");
    rig_free(&g);
}
END_TEST

START_TEST(a_clock_that_goes_back_a_little_does_not_renew_the_guard)
{
    rig g;
    start_with_pre_vote(&g, 2, 3, "5");
    rig_append(&g, 1, 5, 1, 5, 0, "");
    g.now += 140 * RIG_MS;
    rig_pre_vote(&g, 3, 6, 1, 5);
    g.now -= 20 * RIG_MS;
    ck_assert_str_eq(rig_pre_vote(&g, 3, 6, 1, 5), ">3 PreVoteReply t5 no w");
    g.now += 30 * RIG_MS; /* 150 ms after the leader was heard */
    ck_assert_str_eq(rig_pre_vote(&g, 3, 6, 1, 5), ">3 PreVoteReply t5 yes w");
    rig_free(&g);
}
END_TEST

START_TEST(a_clock_that_goes_back_does_not_stretch_a_leaders_guard)
{
    rig g;
    start_with_pre_vote(&g, 1, 3, "5");
    g.now = 3600 * 1000 * (raft_us)RIG_MS;
    rig_elect(&g);
    g.now = 10 * RIG_MS;
    ck_assert_str_eq(rig_request_vote(&g, 3, 9, 9, 8), "ignored");
    g.now += 150 * RIG_MS;
    rig_request_vote(&g, 3, 9, 9, 8);
    ck_assert_str_eq(rig_look(&g), "follower t9 v3 of n0 c0 2@6");
    rig_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft election");
    TCase *t = tcase_create("standing");
    tcase_add_test(t, a_timeout_makes_a_candidate_whose_vote_is_written_first);
    tcase_add_test(t, a_majority_makes_a_leader_that_opens_its_term);
    tcase_add_test(t, a_doubled_vote_counts_once);
    tcase_add_test(t, refusals_do_not_elect_and_are_no_votes_taken_back);
    tcase_add_test(t, who_is_no_voter_does_not_count);
    tcase_add_test(t, a_vote_of_an_earlier_term_does_not_count);
    tcase_add_test(t, a_split_vote_is_tried_again_in_a_new_term);
    tcase_add_test(t, a_candidate_follows_the_leader_of_its_term);
    tcase_add_test(t, campaigning_by_hand_is_like_a_timeout);
    tcase_add_test(t, stepping_down_by_hand_keeps_term_and_vote);
    tcase_add_test(t, who_is_no_voter_does_not_stand);
    suite_add_tcase(suite, t);
    t = tcase_create("voting");
    tcase_add_test(t, a_vote_and_its_term_are_one_write_before_the_reply);
    tcase_add_test(t, one_vote_in_a_term);
    tcase_add_test(t, a_vote_survives_a_reboot);
    tcase_add_test(t, a_lower_term_gets_no_vote_and_learns_the_term);
    tcase_add_loop_test(t, only_a_log_as_complete_as_the_voters_gets_the_vote, 0,
                        ROWS(log_rows));
    suite_add_tcase(suite, t);
    t = tcase_create("pre-vote");
    tcase_add_test(t, a_pre_candidate_asks_without_a_new_term);
    tcase_add_test(t, a_majority_of_pre_votes_opens_the_real_election);
    tcase_add_test(t, a_pre_vote_is_counted_once_and_a_vote_is_no_pre_vote);
    tcase_add_test(t, a_server_that_refused_may_change_its_mind);
    tcase_add_test(t, a_candidate_that_fails_asks_again_first);
    tcase_add_test(t, answering_a_pre_vote_changes_nothing);
    tcase_add_test(t, a_refused_pre_vote_tells_the_higher_term);
    tcase_add_test(t, a_pre_candidate_gives_way);
    suite_add_tcase(suite, t);
    t = tcase_create("guard");
    tcase_add_test(t, a_server_that_hears_its_leader_wants_no_election);
    tcase_add_test(t, without_the_guard_a_disruptive_server_wins);
    tcase_add_test(t, a_timeout_ends_the_guard_for_the_server_itself);
    tcase_add_test(t, so_does_a_campaign_after_a_reboot);
    tcase_add_test(t, a_leader_is_guarded_while_it_hears_a_quorum);
    tcase_add_test(t, a_clock_that_goes_back_does_not_stretch_the_guard);
    tcase_add_test(t, a_clock_that_goes_back_a_little_does_not_renew_the_guard);
    tcase_add_test(t, a_clock_that_goes_back_does_not_stretch_a_leaders_guard);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
