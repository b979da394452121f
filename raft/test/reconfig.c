/* reconfig.c - changes of membership: one at a time, in force on append (thesis 4.1), after
 * catching up (4.2.1), of the leader itself (4.2.2), joint consensus (4.3), learners. */
#include "raft/membership.h"
#include "raft/test/rig.h"

static void lead(rig *g, unsigned n)
{
    const raft_config config = rig_config(1, n);
    rig_lead(g, &config);
}

static void everybody_has(rig *g, raft_index index)
{
    rig_persisted(g, index, g->r->term);
    for (raft_set left = g->r->targets; left && g->r->role == RAFT_LEADER;)
        rig_accepted(g, raft_set_pop(&left), g->r->term, index, index);
}

/* --- Pure data ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    raft_configuration from;
    raft_change what;
    unsigned who;
    raft_configuration wanted;
    raft_refusal why; /* RAFT_REFUSAL_COUNT: none */
    raft_configuration to;
} change_rows[] = {
    {"add", {.voters = 7}, RAFT_CHANGE_ADD_VOTER, 4, {0}, RAFT_REFUSAL_COUNT, {.voters = 15}},
    {"add a member",
     {.voters = 7},
     RAFT_CHANGE_ADD_VOTER,
     3,
     {0},
     RAFT_REFUSED_ALREADY_MEMBER,
     {0}},
    {"add a learner twice",
     {.voters = 3, .learners = 4},
     RAFT_CHANGE_ADD_LEARNER,
     3,
     {0},
     RAFT_REFUSED_ALREADY_MEMBER,
     {0}},
    {"add nobody",
     {.voters = 7},
     RAFT_CHANGE_ADD_VOTER,
     0,
     {0},
     RAFT_REFUSED_UNKNOWN_NODE,
     {0}},
    {"add n65",
     {.voters = 7},
     RAFT_CHANGE_ADD_LEARNER,
     65,
     {0},
     RAFT_REFUSED_UNKNOWN_NODE,
     {0}},
    {"add a learner",
     {.voters = 3},
     RAFT_CHANGE_ADD_LEARNER,
     3,
     {0},
     RAFT_REFUSAL_COUNT,
     {.voters = 3, .learners = 4}},
    {"promote",
     {.voters = 3, .learners = 4},
     RAFT_CHANGE_PROMOTE,
     3,
     {0},
     RAFT_REFUSAL_COUNT,
     {.voters = 7}},
    {"promote a voter",
     {.voters = 3},
     RAFT_CHANGE_PROMOTE,
     2,
     {0},
     RAFT_REFUSED_ALREADY_MEMBER,
     {0}},
    {"promote a stranger",
     {.voters = 3},
     RAFT_CHANGE_PROMOTE,
     9,
     {0},
     RAFT_REFUSED_UNKNOWN_NODE,
     {0}},
    {"remove", {.voters = 7}, RAFT_CHANGE_REMOVE, 2, {0}, RAFT_REFUSAL_COUNT, {.voters = 5}},
    {"remove a learner",
     {.voters = 1, .learners = 2},
     RAFT_CHANGE_REMOVE,
     2,
     {0},
     RAFT_REFUSAL_COUNT,
     {.voters = 1}},
    {"remove the last voter",
     {.voters = 1, .learners = 2},
     RAFT_CHANGE_REMOVE,
     1,
     {0},
     RAFT_REFUSED_LAST_VOTER,
     {0}},
    {"remove a stranger",
     {.voters = 3},
     RAFT_CHANGE_REMOVE,
     3,
     {0},
     RAFT_REFUSED_UNKNOWN_NODE,
     {0}},
    {"joint",
     {.voters = 7},
     RAFT_CHANGE_RECONFIGURE,
     0,
     {.voters = 11},
     RAFT_REFUSAL_COUNT,
     {.voters = 11, .outgoing = 7}},
    {"joint, by hand",
     {.voters = 7},
     RAFT_CHANGE_RECONFIGURE,
     0,
     {.voters = 3, .learners = 4, .by_hand = true},
     RAFT_REFUSAL_COUNT,
     {.voters = 3, .outgoing = 7, .learners = 4, .by_hand = true}},
    {"learners only",
     {.voters = 7},
     RAFT_CHANGE_RECONFIGURE,
     0,
     {.voters = 7, .learners = 8},
     RAFT_REFUSAL_COUNT,
     {.voters = 7, .learners = 8}},
    {"nobody at all",
     {.voters = 7},
     RAFT_CHANGE_RECONFIGURE,
     0,
     {.learners = 7},
     RAFT_REFUSED_LAST_VOTER,
     {0}},
    {"what is already",
     {.voters = 7},
     RAFT_CHANGE_RECONFIGURE,
     0,
     {.voters = 7},
     RAFT_REFUSED_ALREADY_MEMBER,
     {0}},
    {"both voter and learner",
     {.voters = 7},
     RAFT_CHANGE_RECONFIGURE,
     0,
     {.voters = 3, .learners = 1},
     RAFT_REFUSED_ALREADY_MEMBER,
     {0}},
    {"leave",
     {.voters = 3, .outgoing = 7, .by_hand = true},
     RAFT_CHANGE_LEAVE,
     0,
     {0},
     RAFT_REFUSAL_COUNT,
     {.voters = 3}},
    {"leave what is not joint",
     {.voters = 3},
     RAFT_CHANGE_LEAVE,
     0,
     {0},
     RAFT_REFUSED_ALREADY_MEMBER,
     {0}},
};

START_TEST(a_change_leads_somewhere_or_is_refused)
{
    raft_configuration to;
    const raft_refusal why =
        raft_configuration_change(&change_rows[_i].from, change_rows[_i].what,
                                  (raft_id)change_rows[_i].who, &change_rows[_i].wanted, &to);
    ck_assert_msg(why == change_rows[_i].why, "%s: %d", change_rows[_i].name, (int)why);
    if (why == RAFT_REFUSAL_COUNT)
        ck_assert_msg(raft_configuration_equal(&to, &change_rows[_i].to), "%s",
                      change_rows[_i].name);
}
END_TEST

START_TEST(a_change_that_does_not_exist_is_a_bug)
{
    raft_configuration c = {.voters = 1}, to;
    raft_configuration_change(&c, RAFT_CHANGE_COUNT, 1, &c, &to);
}
END_TEST

START_TEST(a_configuration_goes_into_bytes_and_back)
{
    const raft_configuration c = {.voters = UINT64_C(0x8000000000000003),
                                  .outgoing = UINT64_C(0x0102030405060708),
                                  .learners = 4,
                                  .by_hand = true};
    uint8_t bytes[RAFT_CONFIGURATION_BYTES];
    raft_configuration back;
    raft_configuration_encode(&c, bytes);
    ck_assert_uint_eq(bytes[0], 3); /* the same on every machine */
    ck_assert_uint_eq(bytes[7], 0x80);
    ck_assert_uint_eq(bytes[8], 8);
    ck_assert(raft_configuration_decode(bytes, sizeof bytes, &back));
    ck_assert(raft_configuration_equal(&c, &back));
    ck_assert(!raft_configuration_decode(bytes, sizeof bytes - 1, &back));
    ck_assert(!raft_configuration_decode(NULL, sizeof bytes, &back));
    bytes[24] = 2;
    ck_assert(!raft_configuration_decode(bytes, sizeof bytes, &back));
}
END_TEST

START_TEST(a_history_is_cut_and_compacted)
{
    raft_history h = {0};
    raft_history_begin(&h, 0, &(raft_configuration){.voters = 1});
    for (raft_index i = 1; i <= 9; i++)
        raft_history_add(&h, 10 * i, &(raft_configuration){.voters = i});
    ck_assert_uint_eq(raft_history_find(&h, 55)->index, 50);
    ck_assert_uint_eq(raft_history_find(&h, 9)->index, 0);
    ck_assert(!raft_history_cut(&h, 91));
    ck_assert(raft_history_cut(&h, 80));
    ck_assert_uint_eq(raft_history_find(&h, UINT64_MAX)->index, 70);
    raft_history_compact(&h, 45);
    ck_assert_uint_eq(raft_history_find(&h, 1)->index, 40); /* the lowest stays */
    ck_assert(raft_history_cut(&h, 1));
    ck_assert_uint_eq(h.n, 1);
    raft_history_free(&h);
}
END_TEST

/* --- One at a time ------------------------------------------------------------------- */

START_TEST(a_change_is_in_force_when_it_is_appended)
{
    rig g;
    lead(&g, 3);
    ck_assert_str_eq(rig_change(&g, 5, RAFT_CHANGE_REMOVE, 3),
                     "append 2@1; config n1 n2 at 2; accept #5 2@1; "
                     ">2 AppendEntries t1 1@1 c1 [2@1]");
    raft_view v;
    raft_look(g.r, &v);
    ck_assert_uint_eq(v.configuration.voters, 3);
    ck_assert_uint_eq(v.configuration_index, 2);
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 1, 2), "ignored"); /* it is no member any more */
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 2), "");
    ck_assert_str_eq(rig_persisted(&g, 2, 1), "commit 2; done #5");
    rig_free(&g);
}
END_TEST

START_TEST(a_follower_takes_it_from_the_log_and_back_when_it_is_cut)
{
    rig g;
    const raft_config config = rig_config(2, 3);
    rig_start(&g, &config, 1, 0, "1");
    ck_assert_str_eq(rig_append_config(&g, 1, 1, 1, 1, 1, (raft_configuration){.voters = 3}),
                     "append 2@1; config n1 n2 at 2; commit 1; "
                     ">1 AppendEntriesReply t1 ok 1 to 2 w; arm election");
    ck_assert_str_eq(rig_append(&g, 3, 2, 1, 1, 1, "2"),
                     "hard t2 v0; cut 2; config n1 n2 n3 at 0; append 2@2; "
                     ">3 AppendEntriesReply t2 ok 1 to 2 w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(a_second_change_waits_for_the_first)
{
    rig g;
    lead(&g, 5);
    rig_change(&g, 1, RAFT_CHANGE_REMOVE, 5);
    ck_assert_str_eq(rig_change(&g, 2, RAFT_CHANGE_REMOVE, 4),
                     "refuse #2 change_in_progress 1");
    everybody_has(&g, 2);
    rig_change(&g, 3, RAFT_CHANGE_REMOVE, 4);
    ck_assert_ptr_nonnull(strstr(g.text, "config n1 n2 n3 at 3; accept #3 3@1"));
    rig_free(&g);
}
END_TEST

/* The erratum of 2015. */
START_TEST(no_change_before_an_entry_of_the_own_term_is_committed)
{
    rig g;
    const raft_config config = rig_config(1, 3);
    rig_start(&g, &config, 3, 0, "1 2");
    rig_elect(&g);
    ck_assert_str_eq(rig_change(&g, 1, RAFT_CHANGE_REMOVE, 3),
                     "refuse #1 change_in_progress 1");
    rig_persisted(&g, 3, 4);
    rig_accepted(&g, 2, 4, 2, 3);
    ck_assert_uint_eq(g.r->commit, 3);
    rig_change(&g, 2, RAFT_CHANGE_REMOVE, 3);
    ck_assert_ptr_nonnull(strstr(g.text, "accept #2 4@4"));
    rig_free(&g);
}
END_TEST

START_TEST(only_a_leader_changes_the_members)
{
    rig g;
    rig_new(&g, 1, 3);
    ck_assert_str_eq(rig_change(&g, 1, RAFT_CHANGE_REMOVE, 2), "refuse #1 no_leader_yet 0");
    rig_append(&g, 3, 1, 0, 0, 0, "");
    ck_assert_str_eq(rig_change(&g, 2, RAFT_CHANGE_REMOVE, 2), "refuse #2 not_leader 3");
    rig_free(&g);
    lead(&g, 1);
    ck_assert_str_eq(rig_change(&g, 3, RAFT_CHANGE_REMOVE, 1), "refuse #3 last_voter 1");
    g.r->log.limit = 1;
    ck_assert_str_eq(rig_change(&g, 4, RAFT_CHANGE_ADD_LEARNER, 2), "refuse #4 log_full 1");
    rig_free(&g);
}
END_TEST

START_TEST(a_new_leader_ends_what_another_began)
{
    rig g;
    const raft_config config = rig_config(2, 3);
    rig_start(&g, &config, 1, 0, "1");
    rig_append_config(&g, 1, 1, 1, 1, 1, (raft_configuration){.voters = 11, .outgoing = 7});
    rig_elect(&g);
    ck_assert_uint_eq(g.r->term, 2);
    rig_persisted(&g, 3, 2);
    rig_accepted(&g, 1, 2, 2, 3); /* a majority of both sides */
    ck_assert_str_eq(g.text, "commit 3; append 4@2; config n1 n2 n4 at 4; "
                             ">1 AppendEntries t2 3@2 c3 [4@2]");
    rig_free(&g);
}
END_TEST

START_TEST(a_reboot_finds_the_members_in_the_log)
{
    rig g = {.now = 1000 * RIG_MS};
    raft_configuration c = {.voters = 3, .learners = 4};
    uint8_t bytes[RAFT_CONFIGURATION_BYTES];
    raft_configuration_encode(&c, bytes);
    const raft_entry log[] = {
        {.term = 1},
        {.term = 1,
         .kind = RAFT_ENTRY_CONFIG,
         .data = bytes,
         .bytes = RAFT_CONFIGURATION_BYTES},
        {.term = 1, .kind = RAFT_ENTRY_CONFIG, .data = bytes, .bytes = 1}};
    raft_config config = rig_config(3, 3);
    raft_event e = {.kind = RAFT_EV_START};
    e.as.start.term = 1;
    e.as.start.entries = log;
    e.as.start.n = 3; /* the last one is damaged: it is nobody's configuration */
    g.r = raft_new(&config);
    ck_assert_str_eq(rig_step(&g, e), "config n1 n2 +n3 at 2; arm election");
    ck_assert_int_eq(g.r->role, RAFT_LEARNER);
    rig_free(&g);
}
END_TEST

/* --- Catching up (4.2.1) -------------------------------------------------------------- */

START_TEST(a_new_voter_catches_up_before_it_votes)
{
    rig g;
    lead(&g, 3);
    ck_assert_str_eq(rig_change(&g, 5, RAFT_CHANGE_ADD_VOTER, 4),
                     ">4 AppendEntries t1 1@1 c1 []");
    raft_view v;
    raft_look(g.r, &v);
    ck_assert_uint_eq(v.configuration.voters, 7); /* it does not vote yet */
    ck_assert_str_eq(rig_change(&g, 6, RAFT_CHANGE_REMOVE, 3),
                     "refuse #6 change_in_progress 1");
    ck_assert_str_eq(rig_refused(&g, 4, 1, 1, 0, 0), ">4 AppendEntries t1 0@0 c1 [1@1]");
    ck_assert_str_eq(rig_accepted(&g, 4, 1, 0, 1),
                     "append 2@1; config n1 n2 n3 n4 at 2; accept #5 2@1; "
                     ">2 AppendEntries t1 1@1 c1 [2@1]; >3 AppendEntries t1 1@1 c1 [2@1]; "
                     ">4 AppendEntries t1 1@1 c1 [2@1]");
    rig_free(&g);
}
END_TEST

/* A learner may have all when it is asked to vote: that it answers is enough. */
START_TEST(who_has_everything_needs_no_news_to_join)
{
    rig g;
    lead(&g, 2);
    rig_change(&g, 5, RAFT_CHANGE_ADD_LEARNER, 3);
    everybody_has(&g, 2);
    rig_reconfigure(&g, 6, 7, 0, false);
    ck_assert_str_eq(g.text, ">3 AppendEntries t1 2@1 c2 []");
    rig_accepted(&g, 3, 1, 2, 2);
    ck_assert_ptr_nonnull(
        strstr(g.text, "append 3@1; config n1 n2 | n1 n2 n3 at 3; accept #6"));
    rig_free(&g);
}
END_TEST

START_TEST(who_is_catching_up_does_not_count)
{
    rig g;
    lead(&g, 3);
    rig_change(&g, 5, RAFT_CHANGE_ADD_VOTER, 4);
    rig_propose(&g, 1);
    rig_persisted(&g, 2, 1);
    rig_refused(&g, 4, 1, 1, 0, 0);
    g.now += 200 * RIG_MS;
    ck_assert_str_eq(rig_accepted(&g, 4, 1, 0, 1), ">4 AppendEntries t1 1@1 c1 [2@1]");
    ck_assert_uint_eq(g.r->commit, 1); /* n1 and n4 are no majority of n1 n2 n3 */
    rig_free(&g);
}
END_TEST

START_TEST(slow_rounds_are_followed_by_others)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.catch_up_rounds = 2;
    rig_lead(&g, &config);
    rig_change(&g, 5, RAFT_CHANGE_ADD_VOTER, 4);
    rig_refused(&g, 4, 1, 1, 0, 0);
    rig_propose(&g, 1);
    g.now += 200 * RIG_MS; /* longer than the shortest election timeout */
    rig_accepted(&g, 4, 1, 0, 1);
    ck_assert_uint_eq(g.r->change.round, 2);
    ck_assert_uint_eq(g.r->change.until, 2);
    if (_i == 0) { /* the second is quick */
        g.now += 100 * RIG_MS;
        rig_accepted(&g, 4, 1, 1, 2);
        ck_assert_ptr_nonnull(strstr(g.text, "accept #5 3@1"));
    } else if (_i == 1) { /* and the last one is not */
        g.now += 150 * RIG_MS;
        ck_assert_str_eq(rig_accepted(&g, 4, 1, 1, 2), "refuse #5 not_caught_up 1");
        ck_assert_str_eq(rig_accepted(&g, 4, 1, 1, 2), "ignored"); /* a stranger again */
    } else { /* it need not end to be known as too slow */
        g.now += 150 * RIG_MS;
        rig_heartbeat(&g);
        ck_assert_ptr_nonnull(strstr(g.text, "refuse #5 not_caught_up 1"));
    }
    rig_free(&g);
}
END_TEST

START_TEST(a_newcomer_that_does_not_answer_is_given_up)
{
    rig g;
    lead(&g, 3);
    rig_change(&g, 5, RAFT_CHANGE_ADD_VOTER, 4);
    g.now += 299 * RIG_MS;
    rig_heartbeat(&g);
    ck_assert_ptr_null(strstr(g.text, "refuse"));
    g.now += RIG_MS;
    rig_heartbeat(&g);
    ck_assert_ptr_nonnull(strstr(g.text, "refuse #5 timeout 1"));
    rig_free(&g);
}
END_TEST

START_TEST(a_clock_that_goes_back_does_not_end_a_round_early)
{
    rig g;
    lead(&g, 3);
    rig_change(&g, 5, RAFT_CHANGE_ADD_VOTER, 4);
    g.now -= 900 * RIG_MS;
    rig_heartbeat(&g);
    ck_assert_uint_eq(g.r->change.began, g.now);
    rig_free(&g);
}
END_TEST

START_TEST(a_clock_that_goes_back_a_little_gives_no_time_for_silence)
{
    rig g;
    lead(&g, 3);
    rig_change(&g, 5, RAFT_CHANGE_ADD_VOTER, 4);
    g.now += 250 * RIG_MS;
    rig_heartbeat(&g);
    g.now -= RIG_MS;
    rig_heartbeat(&g);
    ck_assert_ptr_null(strstr(g.text, "refuse"));
    g.now += 50 * RIG_MS; /* 299 ms of silence */
    rig_heartbeat(&g);
    ck_assert_ptr_null(strstr(g.text, "refuse"));
    g.now += RIG_MS;
    rig_heartbeat(&g);
    ck_assert_ptr_nonnull(strstr(g.text, "refuse #5 timeout 1"));
    rig_free(&g);
}
END_TEST

START_TEST(when_leadership_goes_the_change_is_refused)
{
    rig g;
    lead(&g, 3);
    rig_change(&g, 5, RAFT_CHANGE_ADD_VOTER, 4);
    ck_assert_str_eq(rig_step_down(&g), "leader>follower; refuse #5 no_leader_yet 0; "
                                        "arm election; disarm heartbeat");
    rig_free(&g);
}
END_TEST

START_TEST(a_transfer_waits_for_the_newcomer)
{
    rig g;
    lead(&g, 3);
    rig_change(&g, 5, RAFT_CHANGE_ADD_VOTER, 4);
    ck_assert_str_eq(rig_transfer(&g, 2), "refuse #0 change_in_progress 1");
    rig_free(&g);
}
END_TEST

/* --- The leader leaves (4.2.2) --------------------------------------------------------- */

START_TEST(a_leader_that_leaves_does_not_count_itself)
{
    rig g;
    lead(&g, 3);
    rig_change(&g, 5, RAFT_CHANGE_REMOVE, 1);
    ck_assert_str_eq(rig_persisted(&g, 2, 1), "");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 2), ""); /* one of n2 n3 is no majority */
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 1, 2),
                     "commit 2; done #5; leader>follower; arm election; disarm heartbeat");
    ck_assert_str_eq(g.why, "it is no voter any more");
    ck_assert_str_eq(rig_timeout(&g), "ignored; arm election"); /* and stands no more */
    rig_free(&g);
}
END_TEST

START_TEST(while_its_removal_may_not_be_committed_it_may_have_to_stand)
{
    rig g;
    const raft_config config = rig_config(1, 2);
    rig_start(&g, &config, 1, 0, "1");
    rig_append_config(&g, 2, 1, 1, 1, 1, (raft_configuration){.voters = 2});
    rig_timeout(&g);
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    rig_vote(&g, 2, 2, true);
    ck_assert_int_eq(g.r->role, RAFT_LEADER); /* by n2's vote alone */
    rig_accepted(&g, 2, 2, 2, 3);
    ck_assert_str_eq(rig_look(&g), "follower t2 v1 of n0 c3 3@2");
    rig_free(&g);
}
END_TEST

/* --- Joint consensus (4.3) ------------------------------------------------------------- */

START_TEST(both_sides_must_agree)
{
    rig g;
    lead(&g, 3);
    rig_reconfigure(&g, 5, rig_first_nodes(5) & ~UINT64_C(6), 0, false); /* n1 n4 n5 */
    ck_assert_str_eq(g.text, ">4 AppendEntries t1 1@1 c1 []; >5 AppendEntries t1 1@1 c1 []");
    rig_accepted(&g, 4, 1, 1, 1);
    ck_assert_str_eq(rig_accepted(&g, 5, 1, 1, 1),
                     "append 2@1; config n1 n2 n3 | n1 n4 n5 at 2; accept #5 2@1; "
                     ">2 AppendEntries t1 1@1 c1 [2@1]; >3 AppendEntries t1 1@1 c1 [2@1]; "
                     ">4 AppendEntries t1 1@1 c1 [2@1]; >5 AppendEntries t1 1@1 c1 [2@1]");
    ck_assert_str_eq(rig_change(&g, 6, RAFT_CHANGE_REMOVE, 2),
                     "refuse #6 change_in_progress 1");
    rig_persisted(&g, 2, 1);
    ck_assert_str_eq(rig_accepted(&g, 4, 1, 1, 2), ""); /* the new side alone */
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 2),
                     "commit 2; append 3@1; config n1 n4 n5 at 3; "
                     ">4 AppendEntries t1 2@1 c2 [3@1]; >5 AppendEntries t1 2@1 c2 [3@1]");
    rig_persisted(&g, 3, 1);
    ck_assert_str_eq(rig_accepted(&g, 5, 1, 1, 3), "commit 3; done #5");
    rig_free(&g);
}
END_TEST

START_TEST(it_can_be_left_by_hand)
{
    rig g;
    lead(&g, 3);
    rig_reconfigure(&g, 5, 3, 4, true);
    ck_assert_ptr_nonnull(strstr(g.text, "config n1 n2 n3 | n1 n2 +n3 by hand at 2"));
    ck_assert_str_eq(rig_change(&g, 6, RAFT_CHANGE_LEAVE, 0), "refuse #6 change_in_progress 1");
    rig_persisted(&g, 2, 1);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 2), "commit 2; done #5");
    ck_assert_str_eq(rig_change(&g, 7, RAFT_CHANGE_REMOVE, 2),
                     "refuse #7 change_in_progress 1"); /* still joint */
    rig_change(&g, 8, RAFT_CHANGE_LEAVE, 0);
    ck_assert_ptr_nonnull(strstr(g.text, "config n1 n2 +n3 at 3; accept #8 3@1"));
    rig_persisted(&g, 3, 1);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 2, 3), "commit 3; done #8");
    ck_assert_str_eq(rig_change(&g, 9, RAFT_CHANGE_LEAVE, 0), "refuse #9 already_member 1");
    rig_free(&g);
}
END_TEST

START_TEST(an_election_needs_both_sides)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.first.outgoing = 7;
    config.first.voters = 0x19; /* n1 n4 n5 */
    rig_start(&g, &config, 1, 0, "");
    rig_timeout(&g);
    ck_assert_uint_eq(g.fx->n, 7); /* the term, the role, four questions, the timer */
    rig_vote(&g, 2, 2, true);
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    rig_vote(&g, 5, 2, true);
    ck_assert_int_eq(g.r->role, RAFT_LEADER);
    rig_free(&g);
}
END_TEST

/* --- Learners --------------------------------------------------------------------------- */

START_TEST(a_learner_receives_the_log_and_counts_for_nothing)
{
    rig g;
    lead(&g, 2);
    rig_change(&g, 5, RAFT_CHANGE_ADD_LEARNER, 3);
    ck_assert_str_eq(g.text, "append 2@1; config n1 n2 +n3 at 2; accept #5 2@1; "
                             ">2 AppendEntries t1 1@1 c1 [2@1]; "
                             ">3 AppendEntries t1 2@1 c1 []");
    rig_persisted(&g, 2, 1);
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 2, 2), "");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 2), "commit 2; done #5");
    rig_free(&g);
}
END_TEST

START_TEST(a_learner_is_promoted_when_it_is_near)
{
    rig g;
    raft_config config = rig_config(1, 1);
    config.batch_max = 2;
    rig_lead(&g, &config);
    rig_change(&g, 1, RAFT_CHANGE_ADD_LEARNER, 2);
    rig_persisted(&g, 2, 1);
    ck_assert_str_eq(rig_change(&g, 2, RAFT_CHANGE_PROMOTE, 2), "refuse #2 not_caught_up 1");
    rig_accepted(&g, 2, 1, 1, 2);
    for (uint64_t i = 0; i < 3; i++)
        rig_propose(&g, i);
    ck_assert_str_eq(rig_change(&g, 3, RAFT_CHANGE_PROMOTE, 2), "refuse #3 not_caught_up 1");
    rig_accepted(&g, 2, 1, 2, 3);
    ck_assert_str_eq(rig_change(&g, 4, RAFT_CHANGE_PROMOTE, 2),
                     "append 6@1; config n1 n2 at 6; accept #4 6@1; "
                     ">2 AppendEntries t1 5@1 c2 [6@1]");
    rig_free(&g);
}
END_TEST

START_TEST(the_role_of_a_learner_moves_with_its_log)
{
    rig g;
    raft_config config = rig_config(3, 2);
    rig_start(&g, &config, 1, 0, "1");
    const raft_configuration learner = {.voters = 3, .learners = 4};
    rig_append_config(&g, 1, 1, 1, 1, 1, learner);
    ck_assert_ptr_nonnull(strstr(g.text, "config n1 n2 +n3 at 2; follower>learner"));
    ck_assert_str_eq(rig_timeout(&g), "ignored; arm election"); /* it does not stand */
    ck_assert_str_eq(rig_step_down(&g), "ignored");
    ck_assert_str_eq(rig_request_vote(&g, 2, 2, 9, 1), /* and votes as anybody does */
                     "hard t2 v2; >2 RequestVoteReply t2 yes w; arm election");
    rig_append_config(&g, 1, 3, 2, 1, 1, (raft_configuration){.voters = 7});
    ck_assert_ptr_nonnull(strstr(g.text, "config n1 n2 n3 at 3; learner>follower"));
    rig_append(&g, 2, 4, 2, 1, 1, "4");
    ck_assert_ptr_nonnull(strstr(g.text, "cut 3; config n1 n2 +n3 at 2; follower>learner"));
    rig_free(&g);
}
END_TEST

START_TEST(a_leader_that_becomes_a_learner_steps_down)
{
    rig g;
    lead(&g, 3);
    rig_reconfigure(&g, 5, 6, 1, false); /* n2 n3, and n1 to learn */
    everybody_has(&g, 2);
    ck_assert_uint_eq(g.r->conf.outgoing, 0);
    everybody_has(&g, 3);
    ck_assert_int_eq(g.r->role, RAFT_LEARNER);
    rig_free(&g);
}
END_TEST

/* The server keeps the bytes itself, and a clone has its own. */
START_TEST(a_clone_keeps_its_own_configurations)
{
    rig a;
    static rig b;
    lead(&a, 3);
    rig_change(&a, 5, RAFT_CHANGE_REMOVE, 3);
    rig_read(&a, 9, false);
    b = a;
    b.r = raft_clone(a.r);
    ck_assert_ptr_ne(raft_entry_at(a.r, 2)->data, raft_entry_at(b.r, 2)->data);
    rig_free(&a);
    raft_configuration c;
    const raft_entry *e = raft_entry_at(b.r, 2);
    ck_assert(raft_configuration_decode(e->data, e->bytes, &c));
    ck_assert_uint_eq(c.voters, 3);
    ck_assert_str_eq(rig_round_reply(&b, 2, 1, 2, 1), "ready #9 1");
    rig_free(&b);
}
END_TEST

static const uint8_t *keep_here(void *self, const uint8_t *bytes, uint32_t n)
{
    return memcpy(self, bytes, n);
}

START_TEST(the_caller_may_keep_the_bytes)
{
    rig g;
    uint8_t kept[RAFT_CONFIGURATION_BYTES];
    raft_config config = rig_config(1, 3);
    config.keep = keep_here;
    config.keep_self = kept;
    rig_lead(&g, &config);
    rig_change(&g, 5, RAFT_CHANGE_REMOVE, 3);
    ck_assert_ptr_eq(raft_entry_at(g.r, 2)->data, kept);
    raft *clone = raft_clone(g.r);
    ck_assert_ptr_eq(raft_entry_at(clone, 2)->data, kept);
    raft_free(clone);
    rig_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft reconfig");
    TCase *t = tcase_create("configurations");
    tcase_add_loop_test(t, a_change_leads_somewhere_or_is_refused, 0, ROWS(change_rows));
    tcase_add_test_raise_signal(t, a_change_that_does_not_exist_is_a_bug, SIGABRT);
    tcase_add_test(t, a_configuration_goes_into_bytes_and_back);
    tcase_add_test(t, a_history_is_cut_and_compacted);
    suite_add_tcase(suite, t);
    t = tcase_create("one at a time");
    tcase_add_test(t, a_change_is_in_force_when_it_is_appended);
    tcase_add_test(t, a_follower_takes_it_from_the_log_and_back_when_it_is_cut);
    tcase_add_test(t, a_second_change_waits_for_the_first);
    tcase_add_test(t, no_change_before_an_entry_of_the_own_term_is_committed);
    tcase_add_test(t, only_a_leader_changes_the_members);
    tcase_add_test(t, a_new_leader_ends_what_another_began);
    tcase_add_test(t, a_reboot_finds_the_members_in_the_log);
    suite_add_tcase(suite, t);
    t = tcase_create("catching up");
    tcase_add_test(t, a_new_voter_catches_up_before_it_votes);
    tcase_add_test(t, who_has_everything_needs_no_news_to_join);
    tcase_add_test(t, who_is_catching_up_does_not_count);
    tcase_add_loop_test(t, slow_rounds_are_followed_by_others, 0, 3);
    tcase_add_test(t, a_newcomer_that_does_not_answer_is_given_up);
    tcase_add_test(t, a_clock_that_goes_back_does_not_end_a_round_early);
    tcase_add_test(t, a_clock_that_goes_back_a_little_gives_no_time_for_silence);
    tcase_add_test(t, when_leadership_goes_the_change_is_refused);
    tcase_add_test(t, a_transfer_waits_for_the_newcomer);
    suite_add_tcase(suite, t);
    t = tcase_create("leaving");
    tcase_add_test(t, a_leader_that_leaves_does_not_count_itself);
    tcase_add_test(t, while_its_removal_may_not_be_committed_it_may_have_to_stand);
    suite_add_tcase(suite, t);
    t = tcase_create("joint");
    tcase_add_test(t, both_sides_must_agree);
    tcase_add_test(t, it_can_be_left_by_hand);
    tcase_add_test(t, an_election_needs_both_sides);
    suite_add_tcase(suite, t);
    t = tcase_create("learners");
    tcase_add_test(t, a_learner_receives_the_log_and_counts_for_nothing);
    tcase_add_test(t, a_learner_is_promoted_when_it_is_near);
    tcase_add_test(t, the_role_of_a_learner_moves_with_its_log);
    tcase_add_test(t, a_leader_that_becomes_a_learner_steps_down);
    suite_add_tcase(suite, t);
    t = tcase_create("bytes");
    tcase_add_test(t, a_clone_keeps_its_own_configurations);
    tcase_add_test(t, the_caller_may_keep_the_bytes);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
