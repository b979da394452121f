/* persisted.c - a server that hears late that its log is durable (thesis 10.2.1): what it says
 * meanwhile, what it may count, and that nothing stays undone when it hears. */
#include "raft/test/rig.h"

static const uint8_t bytes[4096];

/* n1 of so many on the log that its disk had, leader of the next term; it has not heard that
 * the no-op which opens it is durable. */
static void lead(rig *g, const raft_config *config, const char *log, raft_term term)
{
    rig_start(g, config, term, 0, log);
    rig_elect(g);
}

/* --- A server alone ---------------------------------------------------------------- */

START_TEST(alone_it_leads_at_once_and_commits_when_it_hears)
{
    rig g;
    const raft_config config = rig_config(1, 1);
    lead(&g, &config, "1 1", 1);
    ck_assert_str_eq(rig_look(&g), "leader t2 v1 of n1 c0 3@2");
    ck_assert_str_eq(rig_propose(&g, 5), "append 4@2; accept #5 4@2");
    ck_assert_str_eq(rig_heartbeat(&g), "arm heartbeat");
    ck_assert_str_eq(rig_persisted(&g, 2, 1), "ignored"); /* of that it booted with */
    ck_assert_str_eq(g.why, "known to be durable");
    ck_assert_str_eq(rig_persisted(&g, 4, 2), "commit 4"); /* one piece for both writes */
    ck_assert_str_eq(rig_persisted(&g, 3, 2), "ignored");
    rig_free(&g);
}
END_TEST

/* What it wrote as a follower has come back with its last write, and it hears of the first:
 * that may be a word too early, but commits nothing, for it is no entry of its own term. */
START_TEST(alone_it_commits_nothing_of_an_older_term_by_an_early_word)
{
    rig g;
    const raft_config config = rig_config(1, 2);
    rig_start(&g, &config, 1, 0, "1");
    rig_append(&g, 2, 1, 1, 1, 0, "1"); /* written, and not heard of yet */
    rig_append(&g, 2, 3, 1, 1, 0, "3");
    rig_append(&g, 2, 4, 1, 1, 0, "1"); /* the same again, on its way to the disk */
    rig_append_config(&g, 2, 4, 2, 1, 0, (raft_configuration){.voters = 1});
    rig_elect(&g);
    ck_assert_str_eq(rig_look(&g), "leader t5 v1 of n1 c0 4@5");
    ck_assert_str_eq(rig_persisted(&g, 2, 1), "");
    ck_assert_str_eq(rig_persisted(&g, 3, 4), "");
    ck_assert_uint_eq(g.r->commit, 0);
    ck_assert_str_eq(rig_persisted(&g, 4, 5), "commit 4");
    rig_free(&g);
}
END_TEST

/* Its learner may not know of the term before its disk does (3.8); what it hears ends that. */
START_TEST(alone_it_tells_a_learner_nothing_that_its_disk_has_not)
{
    rig g;
    raft_config config = rig_config(1, 1);
    config.first.learners = 2;
    lead(&g, &config, "1", 1);
    ck_assert_str_eq(rig_heartbeat(&g), ">2 AppendEntries t2 1@1 c0 [2@2] w; arm heartbeat");
    ck_assert_str_eq(rig_persisted(&g, 2, 2), "commit 2");
    ck_assert_str_eq(rig_heartbeat(&g), ">2 AppendEntries t2 1@1 c2 [2@2]; arm heartbeat");
    rig_free(&g);
}
END_TEST

/* The last other voter is removed: the change takes its own disk alone, of which it hears. */
START_TEST(the_last_one_left_waits_for_what_it_hears)
{
    rig g;
    const raft_config config = rig_config(1, 2);
    rig_lead(&g, &config);
    rig_change(&g, 7, RAFT_CHANGE_REMOVE, 2);
    ck_assert_uint_eq(g.r->commit, 1);
    rig_accepted(&g, 2, 1, 1, 2); /* who leaves does not count */
    ck_assert_uint_eq(g.r->commit, 1);
    ck_assert_str_eq(rig_persisted(&g, 2, 1), "commit 2; done #7");
    rig_free(&g);
}
END_TEST

START_TEST(alone_it_answers_no_read_before_its_term_is_durable)
{
    rig g;
    raft_config config = rig_config(1, 1);
    config.lease_reads = config.disruption_guard = true;
    rig_start(&g, &config, 1, 0, "1");
    g.now += 1000 * RIG_MS;
    rig_elect(&g);
    rig_heartbeat(&g); /* a round that it confirms itself, and so a lease */
    ck_assert_str_eq(rig_read(&g, 3, false), "ready #3 2"); /* when the no-op is applied */
    ck_assert_str_eq(rig_read(&g, 4, true), "refuse #4 no_lease 1"); /* it opens its term */
    ck_assert_uint_eq(g.r->commit, 0);
    ck_assert_str_eq(rig_persisted(&g, 2, 2), "commit 2");
    ck_assert_str_eq(rig_read(&g, 5, true), "ready #5 2");
    rig_free(&g);
}
END_TEST

/* --- A leader among others --------------------------------------------------------- */

START_TEST(a_leader_hears_of_what_it_wrote_before_it_led)
{
    rig g;
    const raft_config config = rig_config(1, 3);
    rig_start(&g, &config, 1, 0, "1");
    rig_append(&g, 2, 1, 1, 1, 0, "1 1");
    rig_elect(&g);
    ck_assert_str_eq(rig_log(&g), "1@1 2@1 3@1 4@2");
    rig_accepted(&g, 3, 2, 3, 4);
    ck_assert_str_eq(rig_persisted(&g, 3, 1), ""); /* its own copy of an older term (3.6.2) */
    ck_assert_uint_eq(g.r->stable, 3);
    ck_assert_str_eq(rig_persisted(&g, 4, 2), "commit 4");
    rig_free(&g);
}
END_TEST

START_TEST(a_leader_is_not_told_of_its_new_entries_by_news_of_the_old)
{
    rig g;
    const raft_config config = rig_config(1, 3);
    rig_start(&g, &config, 1, 0, "1");
    rig_append(&g, 2, 1, 1, 1, 0, "1 1");
    rig_append(&g, 3, 2, 1, 1, 1, "2");
    rig_elect(&g);
    ck_assert_str_eq(rig_log(&g), "1@1 2@2 3@3");
    rig_accepted(&g, 3, 3, 2, 3);
    ck_assert_str_eq(rig_persisted(&g, 3, 1), "ignored");
    ck_assert_str_eq(g.why, "what was written has been replaced since");
    ck_assert_str_eq(rig_persisted(&g, 2, 2), "");
    ck_assert_uint_eq(g.r->commit, 1);
    ck_assert_str_eq(rig_persisted(&g, 3, 3), "commit 3");
    rig_free(&g);
}
END_TEST

START_TEST(a_candidate_and_a_follower_hear_as_well)
{
    rig g;
    const raft_config config = rig_config(1, 3);
    rig_start(&g, &config, 1, 0, "1");
    rig_append(&g, 2, 1, 1, 1, 0, "1 1");
    rig_timeout(&g);
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    ck_assert_str_eq(rig_persisted(&g, 2, 1), "");
    ck_assert_uint_eq(g.r->stable, 2);
    rig_append(&g, 3, 2, 3, 1, 0, "2");
    ck_assert_str_eq(rig_persisted(&g, 3, 1), "");
    ck_assert_str_eq(rig_persisted(&g, 4, 2), "");
    ck_assert_uint_eq(g.r->stable, 4);
    rig_free(&g);
}
END_TEST

/* The others were enough; the leader's own log is shorter than it has heard of by then. */
START_TEST(news_of_what_a_snapshot_stands_for_comes_too_late)
{
    rig g;
    const raft_config config = rig_config(1, 3);
    rig_lead(&g, &config);
    for (raft_index i = 2; i <= 5; i++)
        rig_propose(&g, i);
    rig_accepted(&g, 2, 1, 4, 5);
    rig_accepted(&g, 3, 1, 4, 5);
    ck_assert_uint_eq(g.r->commit, 5);
    ck_assert_str_eq(rig_snapshot(&g, 4, bytes, 10), "compact 4@1 keeps n1 n2 n3");
    ck_assert_str_eq(rig_persisted(&g, 3, 1), "ignored");
    ck_assert_str_eq(rig_persisted(&g, 4, 1), ""); /* where the log begins */
    rig_propose(&g, 6);
    rig_accepted(&g, 2, 1, 5, 6);
    ck_assert_uint_eq(g.r->commit, 5);
    ck_assert_str_eq(rig_persisted(&g, 6, 1), "commit 6");
    rig_free(&g);
}
END_TEST

/* A lease is the others' promise, and needs no disk of its own; the answer needs a commit. */
START_TEST(a_lease_does_not_wait_for_the_own_disk)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.lease_reads = config.disruption_guard = true;
    lead(&g, &config, "", 0);
    rig_accepted(&g, 2, 1, 0, 1);
    rig_heartbeat(&g);
    rig_round_reply(&g, 2, 1, 1, 1);
    ck_assert(g.r->reads.lease);
    ck_assert_uint_eq(g.r->commit, 0); /* n2's copy alone */
    ck_assert_str_eq(rig_read(&g, 7, true), "refuse #7 no_lease 1");
    ck_assert_str_eq(rig_persisted(&g, 1, 1), "commit 1");
    ck_assert_str_eq(rig_read(&g, 8, true), "ready #8 1");
    rig_free(&g);
}
END_TEST

/* Who is to take over needs the whole log, and the leader's disk is not asked. */
START_TEST(a_leader_that_has_not_heard_can_hand_over)
{
    rig g;
    const raft_config config = rig_config(1, 3);
    rig_lead(&g, &config);
    rig_propose(&g, 1);
    rig_accepted(&g, 2, 1, 1, 2);
    ck_assert_ptr_nonnull(strstr(rig_transfer(&g, 2), ">2 TimeoutNow t1"));
    rig_append(&g, 2, 2, 2, 1, 1, "2");
    ck_assert_str_eq(rig_look(&g), "follower t2 v0 of n2 c1 3@2");
    ck_assert_str_eq(rig_persisted(&g, 2, 1), ""); /* it leads no more, and commits nothing */
    ck_assert_str_eq(rig_persisted(&g, 3, 2), "");
    ck_assert_uint_eq(g.r->stable, 3);
    rig_free(&g);
}
END_TEST

/* --- Snapshots ----------------------------------------------------------------------- */

/* It leads before it hears that the snapshot is in force: it cannot send it on yet, and when
 * it hears, the next heartbeat does. */
START_TEST(a_leader_hears_late_of_the_snapshot_that_it_got)
{
    rig g;
    const raft_config config = rig_config(2, 4);
    rig_start(&g, &config, 1, 0, "");
    ck_assert_str_eq(
        rig_chunk(&g, 1, 1, 5, 1, 0, 10, 10),
        "chunk 5@1 0+10/10; install 5@1 n1 n2 n3 n4; "
        "config n1 n2 n3 n4 at 0; >1 InstallSnapshotReply t1 5@1 next 10 done w; arm election");
    rig_append(&g, 1, 1, 5, 1, 5, "1");
    rig_elect(&g);
    ck_assert_str_eq(rig_log(&g), "6@1 7@2");
    rig_refused(&g, 3, 2, 6, 0, 0);
    ck_assert_ptr_null(strstr(g.text, "InstallSnapshot"));
    ck_assert_ptr_null(strstr(rig_heartbeat(&g), "InstallSnapshot"));
    ck_assert_str_eq(rig_installed(&g, 5, 1, bytes, 10), "");
    ck_assert_uint_eq(g.r->stable, 5);
    ck_assert_ptr_nonnull(strstr(rig_heartbeat(&g), ">3 InstallSnapshot t2 5@1 0+10/10"));
    rig_accepted(&g, 1, 2, 6, 7);
    rig_accepted(&g, 4, 2, 6, 7);
    ck_assert_uint_eq(g.r->commit, 5);
    ck_assert_str_eq(rig_persisted(&g, 6, 1), "");
    ck_assert_str_eq(rig_persisted(&g, 7, 2), "commit 7");
    rig_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft persisted");
    TCase *t = tcase_create("persisted");
    tcase_add_test(t, alone_it_leads_at_once_and_commits_when_it_hears);
    tcase_add_test(t, alone_it_commits_nothing_of_an_older_term_by_an_early_word);
    tcase_add_test(t, alone_it_tells_a_learner_nothing_that_its_disk_has_not);
    tcase_add_test(t, the_last_one_left_waits_for_what_it_hears);
    tcase_add_test(t, alone_it_answers_no_read_before_its_term_is_durable);
    tcase_add_test(t, a_leader_hears_of_what_it_wrote_before_it_led);
    tcase_add_test(t, a_leader_is_not_told_of_its_new_entries_by_news_of_the_old);
    tcase_add_test(t, a_candidate_and_a_follower_hear_as_well);
    tcase_add_test(t, news_of_what_a_snapshot_stands_for_comes_too_late);
    tcase_add_test(t, a_lease_does_not_wait_for_the_own_disk);
    tcase_add_test(t, a_leader_that_has_not_heard_can_hand_over);
    tcase_add_test(t, a_leader_hears_late_of_the_snapshot_that_it_got);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
