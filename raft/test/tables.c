/* tables.c - the tables that the core runs on: complete, and what `explain` says is what
 * the server does. */
#include "raft/test/rig.h"

START_TEST(every_cell_has_a_rule_and_a_source)
{
    for (raft_role role = 0; role < RAFT_ROLE_COUNT; role++) {
        for (raft_msg_kind msg = 0; msg < RAFT_MSG_COUNT; msg++) {
            const raft_handler_row row = raft_explain_handler(role, msg);
            ck_assert_int_eq(row.role, role);
            ck_assert_int_eq(row.msg, msg);
            ck_assert_ptr_nonnull(row.rule);
            ck_assert_uint_gt(strlen(row.rule), 10);
            ck_assert_ptr_nonnull(row.cite);
            ck_assert_msg(row.cite[0] >= '3' && row.cite[0] <= '9', "%s", row.cite);
        }
    }
}
END_TEST

/* A server in each role gets each message of its own term: it is ignored, with the words
 * of the table, if and only if the table says so. */
START_TEST(explain_agrees_with_what_is_done)
{
    const raft_role role = (raft_role)_i;
    for (raft_msg_kind msg = 0; msg < RAFT_MSG_COUNT; msg++) {
        rig g;
        raft_config config = rig_config(1, 3);
        config.pre_vote = role == RAFT_PRE_CANDIDATE;
        if (role == RAFT_LEARNER)
            config.first = (raft_configuration){.voters = 6, .learners = 1};
        rig_start(&g, &config, 5, 0, "");
        if (role == RAFT_LEADER)
            rig_elect(&g);
        else if (role != RAFT_FOLLOWER && role != RAFT_LEARNER)
            rig_timeout(&g);
        ck_assert_int_eq(g.r->role, role);
        raft_msg m = rig_message(&g, msg, 2, g.r->term);
        if (msg == RAFT_MSG_INSTALL_SNAPSHOT) {
            m.as.snapshot.last = (raft_point){1, 1};
            m.as.snapshot.configuration.voters = 7;
        }
        rig_receive(&g, m);

        const raft_handler_row row = raft_explain_handler(role, msg);
        const bool same_words = g.why && strcmp(g.why, row.rule) == 0;
        ck_assert_msg(same_words == row.ignored, "%s, %s: %s", raft_role_name(role),
                      raft_msg_name(msg), g.text);
        if (row.ignored)
            ck_assert_str_eq(g.text, "ignored");
        rig_free(&g);
    }
}
END_TEST

START_TEST(every_role_says_what_it_is_and_what_it_may_become)
{
    for (raft_role role = 0; role < RAFT_ROLE_COUNT; role++) {
        const raft_role_row row = raft_explain_role(role);
        ck_assert_int_eq(row.role, role);
        ck_assert(row.meaning && row.invariant && row.cite);
        ck_assert_uint_eq(row.next & (UINT64_C(1) << role), 0); /* not itself */
        ck_assert_uint_eq(row.next >> RAFT_ROLE_COUNT, 0);      /* roles that exist */
        if (role != RAFT_FOLLOWER)                              /* all can step down */
            ck_assert_uint_ne(row.next & (UINT64_C(1) << RAFT_FOLLOWER), 0);
        const bool may_lead = row.next & (UINT64_C(1) << RAFT_LEADER);
        ck_assert_int_eq(may_lead, role == RAFT_CANDIDATE); /* only by election */
    }
}
END_TEST

START_TEST(a_move_that_the_table_forbids_is_a_bug)
{
    rig g;
    rig_new(&g, 1, 3);
    raft_move(g.r, RAFT_LEADER, "a coup");
}
END_TEST

START_TEST(names_are_those_of_the_lists)
{
    static const char *const roles[] = {"follower", "pre_candidate", "candidate", "leader",
                                        "learner"};
    static const char *const msgs[] = {
        "RequestVote",   "RequestVoteReply",   "PreVote",         "PreVoteReply",
        "AppendEntries", "AppendEntriesReply", "InstallSnapshot", "InstallSnapshotReply",
        "TimeoutNow",    "ReadIndex",          "ReadIndexReply"};
    static const char *const kinds[] = {"noop", "command", "config", "session", "request"};
    static const char *const timers[] = {"election", "heartbeat"};
    static const char *const refusals[] = {
        "not_leader",   "no_leader_yet", "change_in_progress", "not_caught_up",
        "transferring", "unknown_node",  "already_member",     "last_voter",
        "log_full",     "disk_failed",   "session_expired",    "no_lease",
        "timeout"};
    ck_assert_int_eq(ROWS(roles), RAFT_ROLE_COUNT);
    for (int i = 0; i < ROWS(roles); i++)
        ck_assert_str_eq(raft_role_name((raft_role)i), roles[i]);
    ck_assert_int_eq(ROWS(msgs), RAFT_MSG_COUNT);
    for (int i = 0; i < ROWS(msgs); i++)
        ck_assert_str_eq(raft_msg_name((raft_msg_kind)i), msgs[i]);
    ck_assert_int_eq(ROWS(kinds), RAFT_ENTRY_KIND_COUNT);
    for (int i = 0; i < ROWS(kinds); i++)
        ck_assert_str_eq(raft_entry_kind_name((raft_entry_kind)i), kinds[i]);
    ck_assert_int_eq(ROWS(timers), RAFT_TIMER_COUNT);
    for (int i = 0; i < ROWS(timers); i++)
        ck_assert_str_eq(raft_timer_name((raft_timer)i), timers[i]);
    ck_assert_int_eq(ROWS(refusals), RAFT_REFUSAL_COUNT);
    for (int i = 0; i < ROWS(refusals); i++)
        ck_assert_str_eq(raft_refusal_name((raft_refusal)i), refusals[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft tables");
    TCase *t = tcase_create("tables");
    tcase_add_test(t, every_cell_has_a_rule_and_a_source);
    tcase_add_loop_test(t, explain_agrees_with_what_is_done, 0, RAFT_ROLE_COUNT);
    tcase_add_test(t, every_role_says_what_it_is_and_what_it_may_become);
    tcase_add_test_raise_signal(t, a_move_that_the_table_forbids_is_a_bug, SIGABRT);
    tcase_add_test(t, names_are_those_of_the_lists);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
