/* snapshot.c - states that stand for the log (thesis 5): the own one, sending one in chunks,
 * receiving one, booting from one. */
#include "raft/test/rig.h"

static const uint8_t bytes[4096];

/* n1 leads term 1 with a log of n entries that n2 has; n3 has nothing but the no-op. */
static void lead(rig *g, raft_index n, uint32_t chunk)
{
    raft_config config = rig_config(1, 3);
    config.snapshot_chunk = chunk;
    rig_lead(g, &config);
    for (raft_index i = 2; i <= n; i++)
        rig_propose(g, i);
    rig_persisted(g, n, 1);
    rig_accepted(g, 2, 1, n - 1, n);
    ck_assert_uint_eq(g->r->commit, n);
}

static void follow(rig *g, const char *log, raft_index commit)
{
    const raft_config config = rig_config(2, 3);
    rig_start(g, &config, 5, 0, log);
    if (commit > 0)
        rig_append(g, 1, 5, commit, raft_entry_at(g->r, commit)->term, commit, "");
}

/* --- The own snapshot ---------------------------------------------------------------- */

START_TEST(a_snapshot_stands_for_the_log_below_it)
{
    rig g;
    lead(&g, 5, 1024);
    ck_assert_str_eq(rig_snapshot(&g, 3, bytes, 10), "compact 3@1 keeps n1 n2 n3");
    raft_view v;
    raft_look(g.r, &v);
    ck_assert_uint_eq(v.first, 4);
    ck_assert_uint_eq(v.snapshot.index, 3);
    ck_assert_uint_eq(v.snapshot.term, 1);
    ck_assert_str_eq(rig_log(&g), "4@1 5@1");
    ck_assert_ptr_null(raft_entry_at(g.r, 3));
    ck_assert_str_eq(rig_snapshot(&g, 3, bytes, 10), "ignored");
    ck_assert_str_eq(g.why, "there is a snapshot of as much already");
    ck_assert_str_eq(rig_snapshot(&g, 5, bytes, 11), "compact 5@1 keeps n1 n2 n3");
    rig_propose(&g, 1);
    ck_assert_ptr_nonnull(strstr(g.text, ">2 AppendEntries t1 5@1 c5 [6@1]"));
    rig_free(&g);
}
END_TEST

START_TEST(what_is_not_committed_cannot_be_in_a_snapshot)
{
    rig g;
    lead(&g, 5, 1024);
    rig_propose(&g, 1);
    rig_snapshot(&g, 6, bytes, 1);
}
END_TEST

START_TEST(the_configuration_of_its_last_entry_goes_with_it)
{
    rig g;
    const raft_config config = rig_config(1, 5);
    rig_lead(&g, &config);
    rig_propose(&g, 1);
    rig_change(&g, 2, RAFT_CHANGE_REMOVE, 5);
    rig_persisted(&g, 3, 1);
    rig_accepted(&g, 2, 1, 1, 3);
    rig_accepted(&g, 3, 1, 1, 3);
    ck_assert_uint_eq(g.r->commit, 3);
    ck_assert_str_eq(rig_snapshot(&g, 2, bytes, 1), "compact 2@1 keeps n1 n2 n3 n4 n5");
    ck_assert_uint_eq(g.r->conf_at, 3); /* the change stands behind it */
    ck_assert_str_eq(rig_snapshot(&g, 3, bytes, 1), "compact 3@1 keeps n1 n2 n3 n4");
    ck_assert_uint_eq(g.r->conf_at, 0);
    ck_assert_uint_eq(g.r->conf.voters, 15);
    rig_free(&g);
}
END_TEST

START_TEST(a_reboot_starts_from_snapshot_and_tail)
{
    rig g = {.now = 1000 * RIG_MS};
    raft_entry tail[2];
    raft_config config = rig_config(1, 3);
    raft_event e = {.kind = RAFT_EV_START};
    e.as.start.term = 3;
    e.as.start.snapshot = (raft_snapshot){
        .last = {5, 2}, .configuration = {.voters = 3}, .bytes = bytes, .n = 10};
    e.as.start.n = rig_entries("2 3", tail);
    e.as.start.entries = tail;
    g.r = raft_new(&config);
    ck_assert_str_eq(rig_step(&g, e), "config n1 n2 at 0; arm election");
    ck_assert_str_eq(rig_look(&g), "follower t3 v0 of n0 c5 7@3"); /* a snapshot is committed */
    ck_assert_str_eq(rig_log(&g), "6@2 7@3");
    rig_elect(&g); /* and can be sent on */
    ck_assert_str_eq(rig_refused(&g, 2, 4, 7, 4, 2), ">2 InstallSnapshot t4 5@2 0+10/10");
    rig_free(&g);
}
END_TEST

/* --- Sending it ------------------------------------------------------------------------ */

START_TEST(a_follower_behind_the_log_gets_the_snapshot_then_entries)
{
    rig g;
    lead(&g, 5, 10);
    rig_snapshot(&g, 5, bytes, 25);
    rig_propose(&g, 1);
    ck_assert_str_eq(rig_refused(&g, 3, 1, 5, 1, 1), ">3 InstallSnapshot t1 5@1 0+10/25");
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 5, 1, 10, false),
                     ">3 InstallSnapshot t1 5@1 10+10/25");
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 5, 1, 20, false),
                     ">3 InstallSnapshot t1 5@1 20+5/25");
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 5, 1, 25, true),
                     ">3 AppendEntries t1 5@1 c5 [6@1]");
    ck_assert_int_eq(g.r->peers[2].state, RAFT_REPLICATE);
    ck_assert_uint_eq(g.r->peers[2].match, 5);
    rig_free(&g);
}
END_TEST

START_TEST(a_lost_chunk_is_sent_again_by_the_heartbeat)
{
    rig g;
    lead(&g, 5, 10);
    rig_snapshot(&g, 5, bytes, 25);
    rig_propose(&g, 1);
    rig_refused(&g, 3, 1, 5, 1, 1);
    rig_chunk_reply(&g, 3, 1, 5, 1, 10, false);
    rig_heartbeat(&g);
    ck_assert_ptr_nonnull(strstr(g.text, ">3 InstallSnapshot t1 5@1 10+10/25"));
    rig_free(&g);
}
END_TEST

START_TEST(doubled_wishes_do_not_multiply)
{
    rig g;
    lead(&g, 5, 10);
    rig_snapshot(&g, 5, bytes, 25);
    rig_refused(&g, 3, 1, 5, 1, 1);
    rig_chunk_reply(&g, 3, 1, 5, 1, 10, false);
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 5, 1, 10, false), "ignored");
    ck_assert_str_eq(g.why, "it wants what is under way");
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 5, 1, 0, false), /* it began anew */
                     ">3 InstallSnapshot t1 5@1 0+10/25");
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 4, 1, 20, false), "ignored"); /* another one */
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 5, 1, 26, false),
                     "ignored"); /* beyond its end */
    ck_assert_str_eq(rig_chunk_reply(&g, 9, 1, 5, 1, 10, false), "ignored"); /* a stranger */
    ck_assert_str_eq(rig_chunk_reply(&g, 2, 1, 5, 1, 10, false), "ignored"); /* gets none */
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 6, 1, 10, true), "ignored");
    ck_assert_str_eq(g.why, "a snapshot of what is not committed");
    rig_free(&g);
}
END_TEST

START_TEST(a_new_leader_goes_on_where_the_follower_is)
{
    rig g;
    lead(&g, 5, 10);
    rig_snapshot(&g, 5, bytes, 45);
    rig_refused(&g, 3, 1, 5, 1, 1);
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 5, 1, 30, false),
                     ">3 InstallSnapshot t1 5@1 30+10/45");
    rig_free(&g);
}
END_TEST

START_TEST(a_newer_snapshot_begins_anew)
{
    rig g;
    lead(&g, 5, 10);
    rig_snapshot(&g, 4, bytes, 25);
    rig_refused(&g, 3, 1, 5, 1, 1);
    rig_chunk_reply(&g, 3, 1, 4, 1, 10, false);
    rig_snapshot(&g, 5, bytes, 15);
    rig_heartbeat(&g);
    ck_assert_ptr_nonnull(strstr(g.text, ">3 InstallSnapshot t1 5@1 0+10/15"));
    rig_free(&g);
}
END_TEST

START_TEST(who_gets_there_without_needs_it_no_more)
{
    rig g;
    lead(&g, 5, 10);
    rig_snapshot(&g, 4, bytes, 25);
    rig_refused(&g, 3, 1, 5, 1, 1);
    ck_assert_str_eq(rig_refused(&g, 3, 1, 5, 1, 1), "ignored"); /* late */
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 2, 3), "");          /* late too, and not enough */
    ck_assert_int_eq(g.r->peers[2].state, RAFT_SNAPSHOT);
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 3, 4), ">3 AppendEntries t1 4@1 c5 [5@1]");
    ck_assert_int_eq(g.r->peers[2].state, RAFT_REPLICATE);
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 3, 1, 0, true), "ignored"); /* older */
    rig_free(&g);
}
END_TEST

START_TEST(a_pipeline_that_the_log_overtook_gets_a_snapshot)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.pipeline_max = 1;
    rig_lead(&g, &config);
    for (uint64_t i = 2; i <= 5; i++)
        rig_propose(&g, i);
    rig_persisted(&g, 5, 1);
    rig_accepted(&g, 2, 1, 1, 2);
    rig_accepted(&g, 2, 1, 2, 5);
    rig_snapshot(&g, 5, bytes, 5);
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 1, 2), ">3 InstallSnapshot t1 5@1 0+5/5");
    rig_free(&g);
}
END_TEST

START_TEST(an_empty_state_is_a_snapshot_too)
{
    rig g;
    lead(&g, 3, 10);
    rig_snapshot(&g, 3, NULL, 0);
    ck_assert_str_eq(rig_refused(&g, 3, 1, 3, 1, 1), ">3 InstallSnapshot t1 3@1 0+0/0");
    rig_free(&g);
    follow(&g, "", 0);
    ck_assert_str_eq(rig_chunk(&g, 1, 5, 3, 1, 0, 0, 0),
                     "chunk 3@1 0+0/0; install 3@1 n1 n2 n3 n4; config n1 n2 n3 n4 at 0; "
                     ">1 InstallSnapshotReply t5 3@1 next 0 done w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(a_snapshot_that_is_not_durable_yet_is_not_sent)
{
    rig g;
    follow(&g, "1", 0);
    rig_chunk(&g, 1, 5, 3, 2, 0, 10, 10);
    rig_elect(&g);
    ck_assert_str_eq(rig_refused(&g, 3, 6, 3, 0, 0), "");
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 6, 3, 2, 5, false), "ignored");
    ck_assert_str_eq(rig_installed(&g, 3, 2, bytes, 10), "");
    rig_heartbeat(&g);
    ck_assert_ptr_nonnull(strstr(g.text, ">3 InstallSnapshot t6 3@2 0+10/10"));
    rig_free(&g);
}
END_TEST

START_TEST(a_newcomer_may_need_one)
{
    rig g;
    lead(&g, 5, 10);
    rig_snapshot(&g, 5, bytes, 10);
    rig_change(&g, 7, RAFT_CHANGE_ADD_VOTER, 4);
    ck_assert_str_eq(rig_refused(&g, 4, 1, 5, 0, 0), ">4 InstallSnapshot t1 5@1 0+10/10");
    rig_chunk_reply(&g, 4, 1, 5, 1, 10, true);
    ck_assert_ptr_nonnull(strstr(g.text, "config n1 n2 n3 n4 at 6; accept #7 6@1"));
    rig_free(&g);
}
END_TEST

START_TEST(a_transfer_may_need_one)
{
    rig g;
    lead(&g, 5, 10);
    rig_snapshot(&g, 5, bytes, 10);
    rig_refused(&g, 3, 1, 5, 0, 0);
    rig_transfer(&g, 3);
    ck_assert_str_eq(rig_chunk_reply(&g, 3, 1, 5, 1, 10, true), ">3 TimeoutNow t1 w");
    rig_free(&g);
}
END_TEST

/* --- Receiving it ----------------------------------------------------------------------- */

START_TEST(chunks_become_the_state_and_the_log)
{
    rig g;
    follow(&g, "1 1", 1);
    ck_assert_str_eq(rig_chunk(&g, 1, 5, 7, 4, 0, 10, 25),
                     "chunk 7@4 0+10/25; >1 InstallSnapshotReply t5 7@4 next 10 w; "
                     "arm election");
    ck_assert_str_eq(rig_look(&g), "follower t5 v0 of n1 c1 2@1"); /* nothing yet */
    rig_chunk(&g, 1, 5, 7, 4, 10, 10, 25);
    ck_assert_str_eq(rig_chunk(&g, 1, 5, 7, 4, 20, 5, 25),
                     "chunk 7@4 20+5/25; install 7@4 n1 n2 n3 n4; config n1 n2 n3 n4 at 0; "
                     ">1 InstallSnapshotReply t5 7@4 next 25 done w; arm election");
    ck_assert_str_eq(rig_look(&g), "follower t5 v0 of n1 c7 7@4");
    ck_assert_str_eq(rig_log(&g), "");
    ck_assert_str_eq(rig_installed(&g, 7, 4, bytes, 25), "");
    ck_assert_uint_eq(g.r->stable, 7);
    ck_assert_str_eq(rig_append(&g, 1, 5, 7, 4, 7, "5"),
                     "append 8@5; >1 AppendEntriesReply t5 ok 7 to 8 w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(lost_and_doubled_chunks_are_asked_for_by_offset)
{
    rig g;
    follow(&g, "", 0);
    ck_assert_str_eq(rig_chunk(&g, 1, 5, 7, 4, 10, 10, 25), /* the first one was lost */
                     ">1 InstallSnapshotReply t5 7@4 next 0 w; arm election");
    rig_chunk(&g, 1, 5, 7, 4, 0, 10, 25);
    ck_assert_str_eq(rig_chunk(&g, 1, 5, 7, 4, 0, 10, 25),
                     ">1 InstallSnapshotReply t5 7@4 next 10 w; arm election");
    ck_assert_str_eq(rig_chunk(&g, 1, 5, 7, 4, 20, 5, 25),
                     ">1 InstallSnapshotReply t5 7@4 next 10 w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(what_arrived_is_kept_through_a_change_of_leader)
{
    rig g;
    follow(&g, "", 0);
    rig_chunk(&g, 1, 5, 7, 4, 0, 10, 25);
    ck_assert_str_eq(rig_chunk(&g, 3, 6, 7, 4, 0, 10, 25),
                     "hard t6 v0; >3 InstallSnapshotReply t6 7@4 next 10 w; arm election");
    ck_assert_str_eq(rig_chunk(&g, 3, 6, 8, 4, 0, 10, 25), /* but not of another one */
                     "chunk 8@4 0+10/25; >3 InstallSnapshotReply t6 8@4 next 10 w; "
                     "arm election");
    ck_assert_str_eq(rig_chunk(&g, 3, 6, 7, 4, 10, 10, 25), "ignored; arm election");
    ck_assert_str_eq(g.why, "the leader is sending a newer snapshot");
    rig_free(&g);
}
END_TEST

START_TEST(what_is_committed_is_not_rolled_back)
{
    rig g;
    follow(&g, "1 1 1", 3);
    ck_assert_str_eq(rig_chunk(&g, 1, 5, 2, 1, 0, 10, 25),
                     ">1 InstallSnapshotReply t5 2@1 next 25 done w; arm election");
    ck_assert_str_eq(rig_look(&g), "follower t5 v0 of n1 c3 3@1");
    rig_free(&g);
}
END_TEST

START_TEST(entries_that_agree_stay_with_what_follows_them)
{
    rig g;
    follow(&g, "1 1 1 1", 1);
    ck_assert_str_eq(rig_chunk(&g, 1, 5, 3, 1, 0, 10, 25),
                     "commit 3; >1 InstallSnapshotReply t5 3@1 next 25 done w; arm election");
    ck_assert_str_eq(rig_log(&g), "1@1 2@1 3@1 4@1");
    ck_assert_str_eq(rig_chunk(&g, 1, 5, 4, 2, 0, 5, 5), /* 4@1 does not agree with 4@2 */
                     "chunk 4@2 0+5/5; install 4@2 n1 n2 n3 n4; config n1 n2 n3 n4 at 0; "
                     ">1 InstallSnapshotReply t5 4@2 next 5 done w; arm election");
    rig_free(&g);
}
END_TEST

START_TEST(a_second_leader_of_the_term_is_a_forgery)
{
    rig g;
    follow(&g, "1", 1);
    ck_assert_str_eq(rig_chunk(&g, 3, 5, 7, 4, 0, 10, 25), "ignored");
    ck_assert_str_eq(g.why, "another server leads this term");
    rig_free(&g);
}
END_TEST

START_TEST(an_older_one_that_became_durable_is_not_the_newest)
{
    rig g;
    follow(&g, "", 0);
    rig_chunk(&g, 1, 5, 3, 2, 0, 5, 5);
    rig_chunk(&g, 1, 5, 4, 2, 0, 5, 5);
    ck_assert_str_eq(rig_installed(&g, 3, 2, bytes, 5), "ignored");
    ck_assert_str_eq(rig_installed(&g, 4, 2, bytes, 5), "");
    rig_free(&g);
}
END_TEST

START_TEST(a_learner_by_the_snapshot_is_one)
{
    rig g;
    follow(&g, "", 0);
    raft_msg m = rig_message(&g, RAFT_MSG_INSTALL_SNAPSHOT, 1, 5);
    m.as.snapshot.last = (raft_point){3, 2};
    m.as.snapshot.configuration = (raft_configuration){.voters = 5, .learners = 2};
    rig_receive(&g, m);
    ck_assert_ptr_nonnull(strstr(g.text, "config n1 n3 +n2 at 0; follower>learner"));
    rig_free(&g);
}
END_TEST

/* --- A log that begins behind a snapshot ------------------------------------------------- */

static void follow_from_snapshot(rig *g)
{
    follow(g, "", 0);
    rig_chunk(g, 1, 5, 7, 4, 0, 5, 5);
    rig_installed(g, 7, 4, bytes, 5);
    rig_append(g, 1, 5, 7, 4, 7, "5");
}

static const struct {
    const char *name;
    raft_index prev_index;
    raft_term prev_term;
    const char *entries, *effects;
} late_rows[] = {
    {"all below", 2, 1, "1 1", ">1 AppendEntriesReply t5 ok 2 to 4 w; arm election"},
    {"a heartbeat from below", 3, 1, "", ">1 AppendEntriesReply t5 ok 3 to 3 w; arm election"},
    {"up to it", 5, 3, "4 4", ">1 AppendEntriesReply t5 ok 5 to 7 w; arm election"},
    {"across it", 5, 3, "4 4 5", ">1 AppendEntriesReply t5 ok 5 to 8 w; arm election"},
    {"across it and on", 6, 4, "4 5 5",
     "append 9@5; >1 AppendEntriesReply t5 ok 6 to 9 w; arm election"},
    {"another entry at its point", 6, 3, "3 5", "ignored"},
    {"another entry before it", 7, 3, "5", "ignored"},
};

START_TEST(late_appends_from_below_a_snapshot_are_held)
{
    rig g;
    follow_from_snapshot(&g);
    rig_append(&g, 1, 5, late_rows[_i].prev_index, late_rows[_i].prev_term, 7,
               late_rows[_i].entries);
    ck_assert_msg(strcmp(g.text, late_rows[_i].effects) == 0, "%s: %s", late_rows[_i].name,
                  g.text);
    rig_free(&g);
}
END_TEST

START_TEST(writes_below_a_snapshot_confirm_nothing)
{
    rig g;
    follow_from_snapshot(&g);
    ck_assert_str_eq(rig_persisted(&g, 3, 1), "ignored");
    ck_assert_str_eq(rig_persisted(&g, 8, 5), "");
    rig_free(&g);
}
END_TEST

START_TEST(hints_do_not_go_below_a_snapshot)
{
    rig g;
    follow_from_snapshot(&g);
    ck_assert_str_eq(rig_append(&g, 1, 5, 12, 5, 7, "5"),
                     ">1 AppendEntriesReply t5 no 12 try 8@5 w; arm election");
    rig_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft snapshot");
    TCase *t = tcase_create("own");
    tcase_add_test(t, a_snapshot_stands_for_the_log_below_it);
    tcase_add_test_raise_signal(t, what_is_not_committed_cannot_be_in_a_snapshot, SIGABRT);
    tcase_add_test(t, the_configuration_of_its_last_entry_goes_with_it);
    tcase_add_test(t, a_reboot_starts_from_snapshot_and_tail);
    suite_add_tcase(suite, t);
    t = tcase_create("sending");
    tcase_add_test(t, a_follower_behind_the_log_gets_the_snapshot_then_entries);
    tcase_add_test(t, a_lost_chunk_is_sent_again_by_the_heartbeat);
    tcase_add_test(t, doubled_wishes_do_not_multiply);
    tcase_add_test(t, a_new_leader_goes_on_where_the_follower_is);
    tcase_add_test(t, a_newer_snapshot_begins_anew);
    tcase_add_test(t, who_gets_there_without_needs_it_no_more);
    tcase_add_test(t, a_pipeline_that_the_log_overtook_gets_a_snapshot);
    tcase_add_test(t, an_empty_state_is_a_snapshot_too);
    tcase_add_test(t, a_snapshot_that_is_not_durable_yet_is_not_sent);
    tcase_add_test(t, a_newcomer_may_need_one);
    tcase_add_test(t, a_transfer_may_need_one);
    suite_add_tcase(suite, t);
    t = tcase_create("receiving");
    tcase_add_test(t, chunks_become_the_state_and_the_log);
    tcase_add_test(t, lost_and_doubled_chunks_are_asked_for_by_offset);
    tcase_add_test(t, what_arrived_is_kept_through_a_change_of_leader);
    tcase_add_test(t, what_is_committed_is_not_rolled_back);
    tcase_add_test(t, entries_that_agree_stay_with_what_follows_them);
    tcase_add_test(t, a_second_leader_of_the_term_is_a_forgery);
    tcase_add_test(t, an_older_one_that_became_durable_is_not_the_newest);
    tcase_add_test(t, a_learner_by_the_snapshot_is_one);
    suite_add_tcase(suite, t);
    t = tcase_create("behind");
    tcase_add_loop_test(t, late_appends_from_below_a_snapshot_are_held, 0, ROWS(late_rows));
    tcase_add_test(t, writes_below_a_snapshot_confirm_nothing);
    tcase_add_test(t, hints_do_not_go_below_a_snapshot);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
