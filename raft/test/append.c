/* append.c - how a follower's log becomes the leader's (thesis 3.5), whatever the network
 * does to the messages (3.7). */
#include "raft/test/rig.h"

static void start(rig *g, raft_term term, const char *log)
{
    const raft_config config = rig_config(2, 3);
    rig_start(g, &config, term, 0, log);
}

START_TEST(a_heartbeat_names_the_leader_and_starts_the_timer_anew)
{
    rig g;
    start(&g, 1, "1");
    ck_assert_str_eq(rig_append(&g, 1, 1, 1, 1, 0, ""),
                     ">1 AppendEntriesReply t1 ok 1 to 1 w; arm election");
    ck_assert_uint_eq(g.fx->at[1].as.arm.min, 150 * RIG_MS);
    ck_assert_uint_eq(g.fx->at[1].as.arm.max, 300 * RIG_MS);
    ck_assert_str_eq(rig_look(&g), "follower t1 v0 of n1 c0 1@1");
    rig_free(&g);
}
END_TEST

START_TEST(entries_are_written_before_the_reply_leaves)
{
    rig g;
    start(&g, 0, "");
    ck_assert_str_eq(rig_append(&g, 1, 1, 0, 0, 1, "1 1"),
                     "hard t1 v0; append 1@1 2@1; commit 1; "
                     ">1 AppendEntriesReply t1 ok 0 to 2 w; arm election");
    ck_assert_str_eq(rig_log(&g), "1@1 2@1");
    rig_free(&g);
}
END_TEST

START_TEST(a_gap_is_refused_with_the_own_end_as_hint)
{
    rig g;
    start(&g, 2, "1 1 2");
    ck_assert_str_eq(rig_append(&g, 1, 2, 7, 2, 0, "2"),
                     ">1 AppendEntriesReply t2 no 7 try 3@2 w; arm election");
    rig_free(&g);
}
END_TEST

static const struct {
    const char *name, *own;
    raft_point prev;
    const char *text;
} hint_rows[] = {
    {"empty log", "", {9, 3}, ">1 AppendEntriesReply t9 no 9 try 0@0 w; arm election"},
    {"shorter", "1 1", {9, 3}, ">1 AppendEntriesReply t9 no 9 try 2@1 w; arm election"},
    {"shorter, with newer terms: they cannot match",
     "1 1 4 5",
     {9, 3},
     ">1 AppendEntriesReply t9 no 9 try 2@1 w; arm election"},
    {"other term at that index, all newer",
     "4 4 4 4",
     {3, 3},
     ">1 AppendEntriesReply t9 no 3 try 0@0 w; arm election"},
    {"other term, older below",
     "1 2 2 4 4 4",
     {5, 3},
     ">1 AppendEntriesReply t9 no 5 try 3@2 w; arm election"},
    {"older term at that index: the entry below may match",
     "1 2 2 2 2",
     {4, 5},
     ">1 AppendEntriesReply t9 no 4 try 3@2 w; arm election"},
    {"the first entry differs",
     "1",
     {1, 2},
     ">1 AppendEntriesReply t9 no 1 try 0@0 w; arm election"},
};

START_TEST(a_refusal_carries_the_best_guess)
{
    rig g;
    start(&g, 9, hint_rows[_i].own);
    const raft_point prev = hint_rows[_i].prev;
    ck_assert_msg(
        strcmp(rig_append(&g, 1, 9, prev.index, prev.term, 0, "9"), hint_rows[_i].text) == 0,
        "%s: %s", hint_rows[_i].name, g.text);
    rig_free(&g);
}
END_TEST

/* Thesis fig. 3.6: what followers may look like when the leader of term 8 is elected, with
 * the log 1 1 1 4 4 5 5 6 6 6.  The leader sends from the guesses that it gets. */
static const struct {
    char name;
    const char *own;
    uint32_t refusals;
} figure_3_6[] = {
    {'a', "1 1 1 4 4 5 5 6 6", 1},     {'b', "1 1 1 4", 1},
    {'c', "1 1 1 4 4 5 5 6 6 6 6", 0}, {'d', "1 1 1 4 4 5 5 6 6 6 7 7", 0},
    {'e', "1 1 1 4 4 4 4", 1},         {'f', "1 1 1 2 2 2 3 3 3 3 3", 1},
};

START_TEST(every_follower_of_figure_3_6_is_repaired)
{
    static rig leader, follower;
    const raft_config one = rig_config(1, 3), two = rig_config(2, 3);
    rig_start(&leader, &one, 7, 0, "1 1 1 4 4 5 5 6 6 6");
    rig_start(&follower, &two, 7, 0, figure_3_6[_i].own);
    rig_timeout(&leader);
    rig_vote(&leader, 3, 8, true);
    ck_assert_int_eq(leader.r->role, RAFT_LEADER);

    uint32_t refusals = 0;
    for (bool more = true; more;) { /* the message to n2, its reply, and so on */
        more = false;
        for (uint32_t i = 0; i < leader.fx->n; i++) {
            const raft_effect *e = &leader.fx->at[i];
            if (e->kind != RAFT_FX_SEND || e->as.send.msg.to != 2)
                continue;
            rig_receive(&follower, e->as.send.msg);
            const raft_effect *reply = NULL;
            for (uint32_t j = 0; j < follower.fx->n; j++) {
                if (follower.fx->at[j].kind == RAFT_FX_SEND)
                    reply = &follower.fx->at[j];
            }
            ck_assert_ptr_nonnull(reply);
            refusals += !reply->as.send.msg.as.append_reply.ok;
            rig_receive(&leader, reply->as.send.msg);
            more = true;
            break;
        }
    }
    ck_assert_str_eq(rig_log(&follower), "1@1 2@1 3@1 4@4 5@4 6@5 7@5 8@6 9@6 10@6 11@8");
    ck_assert_msg(refusals == figure_3_6[_i].refusals, "%c: %u refusals", figure_3_6[_i].name,
                  refusals);
    rig_free(&leader);
    rig_free(&follower);
}
END_TEST

START_TEST(a_conflict_takes_away_all_that_follows)
{
    rig g;
    start(&g, 3, "1 2 2 2");
    ck_assert_str_eq(rig_append(&g, 1, 3, 1, 1, 0, "3"),
                     "cut 2; append 2@3; >1 AppendEntriesReply t3 ok 1 to 2 w; arm election");
    ck_assert_str_eq(rig_log(&g), "1@1 2@3");
    rig_free(&g);
}
END_TEST

START_TEST(entries_that_agree_are_kept_up_to_the_conflict)
{
    rig g;
    start(&g, 3, "1 2 2 2");
    ck_assert_str_eq(rig_append(&g, 1, 3, 1, 1, 0, "2 3 3"),
                     "cut 3; append 3@3 4@3; >1 AppendEntriesReply t3 ok 1 to 4 w; "
                     "arm election");
    ck_assert_str_eq(rig_log(&g), "1@1 2@2 3@3 4@3");
    rig_free(&g);
}
END_TEST

START_TEST(a_late_shorter_append_cuts_nothing_off)
{
    rig g;
    start(&g, 2, "1 2 2 2 2");
    ck_assert_str_eq(rig_append(&g, 1, 2, 1, 1, 0, "2 2"),
                     ">1 AppendEntriesReply t2 ok 1 to 3 w; arm election");
    ck_assert_str_eq(rig_append(&g, 1, 2, 1, 1, 0, "2 2"), /* and doubled */
                     ">1 AppendEntriesReply t2 ok 1 to 3 w; arm election");
    ck_assert_str_eq(rig_append(&g, 1, 2, 0, 0, 0, ""),
                     ">1 AppendEntriesReply t2 ok 0 to 0 w; arm election");
    ck_assert_str_eq(rig_log(&g), "1@1 2@2 3@2 4@2 5@2");
    rig_free(&g);
}
END_TEST

START_TEST(appends_that_overtake_each_other_end_alike)
{
    rig g;
    start(&g, 1, "");
    ck_assert_str_eq(rig_append(&g, 1, 1, 1, 1, 1, "1"),
                     ">1 AppendEntriesReply t1 no 1 try 0@0 w; arm election");
    rig_append(&g, 1, 1, 0, 0, 0, "1");
    rig_append(&g, 1, 1, 1, 1, 1, "1");
    rig_append(&g, 1, 1, 0, 0, 0, "1");
    ck_assert_str_eq(rig_look(&g), "follower t1 v0 of n1 c1 2@1");
    rig_free(&g);
}
END_TEST

START_TEST(an_append_that_reaches_beyond_the_end_adds_only_what_is_new)
{
    rig g;
    start(&g, 2, "1 2");
    ck_assert_str_eq(rig_append(&g, 1, 2, 0, 0, 0, "1 2 2 2"),
                     "append 3@2 4@2; >1 AppendEntriesReply t2 ok 0 to 4 w; arm election");
    rig_free(&g);
}
END_TEST

/* Only what was verified is acknowledged and committed: what stands behind may be another
 * leader's. */
static const struct {
    const char *name, *sent;
    raft_index prev, leader_commit, commit, match;
} commit_rows[] = {
    {"a heartbeat verifies its previous entry", "", 2, 9, 2, 2},
    {"the leader has committed less", "2 2", 2, 3, 3, 4},
    {"the leader has committed more", "2", 2, 9, 3, 3},
    {"the beginning verifies nothing", "", 0, 9, 0, 0},
    {"nothing is committed yet", "2", 2, 0, 0, 3},
};

START_TEST(commit_is_the_leaders_as_far_as_verified)
{
    rig g;
    start(&g, 2, "1 1 2 2 2");
    const raft_index prev = commit_rows[_i].prev;
    rig_append(&g, 1, 2, prev, prev ? 1 : 0, commit_rows[_i].leader_commit,
               commit_rows[_i].sent);
    uint32_t replies = 0;
    for (uint32_t i = 0; i < g.fx->n; i++) {
        if (g.fx->at[i].kind == RAFT_FX_SEND) {
            ck_assert_uint_eq(g.fx->at[i].as.send.msg.as.append_reply.match,
                              commit_rows[_i].match);
            replies++;
        }
    }
    ck_assert_uint_eq(replies, 1);
    raft_view v;
    raft_look(g.r, &v);
    ck_assert_msg(v.commit == commit_rows[_i].commit, "%s: %" PRIu64, commit_rows[_i].name,
                  v.commit);
    rig_free(&g);
}
END_TEST

START_TEST(commit_never_goes_back)
{
    rig g;
    start(&g, 1, "1 1 1");
    rig_append(&g, 1, 1, 3, 1, 3, "");
    ck_assert_str_eq(rig_append(&g, 1, 1, 3, 1, 1, ""),
                     ">1 AppendEntriesReply t1 ok 3 to 3 w; arm election");
    ck_assert_str_eq(rig_look(&g), "follower t1 v0 of n1 c3 3@1");
    rig_free(&g);
}
END_TEST

START_TEST(what_is_committed_is_never_cut_off)
{
    rig g;
    start(&g, 2, "1 1 2");
    rig_append(&g, 1, 2, 3, 2, 2, "");
    ck_assert_str_eq(rig_append(&g, 1, 3, 1, 1, 2, "3"), "hard t3 v0; ignored");
    ck_assert_str_eq(g.why, "contradicts an entry that is committed");
    ck_assert_str_eq(rig_append(&g, 1, 3, 2, 3, 2, "3"), "ignored");
    ck_assert_str_eq(rig_log(&g), "1@1 2@1 3@2");
    ck_assert_str_eq(rig_append(&g, 1, 3, 2, 1, 2, "3"), /* above it, anything goes */
                     "cut 3; append 3@3; >1 AppendEntriesReply t3 ok 2 to 3 w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(two_leaders_in_a_term_are_a_forgery)
{
    rig g;
    start(&g, 1, "1");
    rig_append(&g, 1, 1, 1, 1, 0, "1");
    ck_assert_str_eq(rig_append(&g, 3, 1, 1, 1, 0, "1 1"), "ignored");
    ck_assert_str_eq(g.why, "another server leads this term");
    ck_assert_str_eq(rig_look(&g), "follower t1 v0 of n1 c0 2@1");
    rig_free(&g);
}
END_TEST

START_TEST(an_append_to_the_leader_of_its_term_is_a_forgery)
{
    rig g;
    rig_new(&g, 1, 3);
    rig_elect(&g);
    ck_assert_str_eq(rig_append(&g, 2, 1, 0, 0, 0, "1 1"), "ignored");
    ck_assert_str_eq(rig_look(&g), "leader t1 v1 of n1 c0 1@1");
    rig_free(&g);
}
END_TEST

/* --- What the disk says, and which entry it means ---------------------------------- */

START_TEST(a_write_that_was_replaced_confirms_nothing)
{
    rig g;
    start(&g, 2, "1");
    rig_append(&g, 1, 2, 1, 1, 0, "2 2");
    rig_append(&g, 3, 3, 1, 1, 0, "3 3 3");
    ck_assert_str_eq(rig_persisted(&g, 3, 2), "ignored");
    ck_assert_str_eq(g.why, "what was written has been replaced since");
    ck_assert_uint_eq(g.r->stable, 1);
    ck_assert_str_eq(rig_persisted(&g, 4, 3), "");
    ck_assert_uint_eq(g.r->stable, 4);
    ck_assert_str_eq(rig_persisted(&g, 3, 3), "ignored"); /* late */
    ck_assert_str_eq(rig_persisted(&g, 9, 3), "ignored"); /* never written */
    ck_assert_uint_eq(g.r->stable, 4);
    rig_free(&g);
}
END_TEST

START_TEST(what_is_cut_off_is_not_durable_any_more)
{
    rig g;
    start(&g, 2, "1 2 2");
    ck_assert_uint_eq(g.r->stable, 3);
    rig_append(&g, 1, 3, 1, 1, 0, "3");
    ck_assert_uint_eq(g.r->stable, 1);
    rig_free(&g);
}
END_TEST

START_TEST(a_follower_refuses_proposals_and_says_where_to_go)
{
    rig g;
    start(&g, 1, "");
    ck_assert_str_eq(rig_propose(&g, 7), "refuse #7 no_leader_yet 0");
    rig_append(&g, 3, 1, 0, 0, 0, "");
    ck_assert_str_eq(rig_propose(&g, 8), "refuse #8 not_leader 3");
    ck_assert_str_eq(rig_heartbeat(&g), "ignored");
    rig_timeout(&g);
    ck_assert_str_eq(rig_propose(&g, 9), "refuse #9 no_leader_yet 0");
    rig_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft append");
    TCase *t = tcase_create("append");
    tcase_add_test(t, a_heartbeat_names_the_leader_and_starts_the_timer_anew);
    tcase_add_test(t, entries_are_written_before_the_reply_leaves);
    tcase_add_test(t, a_gap_is_refused_with_the_own_end_as_hint);
    tcase_add_loop_test(t, a_refusal_carries_the_best_guess, 0, ROWS(hint_rows));
    tcase_add_loop_test(t, every_follower_of_figure_3_6_is_repaired, 0, ROWS(figure_3_6));
    tcase_add_test(t, a_conflict_takes_away_all_that_follows);
    tcase_add_test(t, entries_that_agree_are_kept_up_to_the_conflict);
    tcase_add_test(t, a_late_shorter_append_cuts_nothing_off);
    tcase_add_test(t, appends_that_overtake_each_other_end_alike);
    tcase_add_test(t, an_append_that_reaches_beyond_the_end_adds_only_what_is_new);
    tcase_add_loop_test(t, commit_is_the_leaders_as_far_as_verified, 0, ROWS(commit_rows));
    tcase_add_test(t, commit_never_goes_back);
    tcase_add_test(t, what_is_committed_is_never_cut_off);
    tcase_add_test(t, two_leaders_in_a_term_are_a_forgery);
    tcase_add_test(t, an_append_to_the_leader_of_its_term_is_a_forgery);
    suite_add_tcase(suite, t);
    t = tcase_create("durable");
    tcase_add_test(t, a_write_that_was_replaced_confirms_nothing);
    tcase_add_test(t, what_is_cut_off_is_not_durable_any_more);
    tcase_add_test(t, a_follower_refuses_proposals_and_says_where_to_go);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
