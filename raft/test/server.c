/* server.c - a server's life: boot, clones, clusters of 1 and of 64, the caller's part of
 * the contract. */
#include "raft/test/rig.h"

START_TEST(a_reboot_starts_with_what_the_disk_kept)
{
    rig g;
    const raft_config config = rig_config(2, 3);
    rig_start(&g, &config, 7, 3, "1 1 4");
    ck_assert_str_eq(rig_look(&g), "follower t7 v3 of n0 c0 3@4"); /* commit is volatile */
    ck_assert_str_eq(rig_log(&g), "1@1 2@1 3@4");
    raft_view v;
    raft_look(g.r, &v);
    ck_assert_uint_eq(v.id, 2);
    ck_assert_uint_eq(v.first, 1);
    ck_assert_uint_eq(v.configuration.voters, 7);
    ck_assert_ptr_null(raft_entry_at(g.r, 0));
    ck_assert_ptr_null(raft_entry_at(g.r, 4));
    rig_free(&g);
    raft_free(NULL);
}
END_TEST

START_TEST(a_single_node_elects_itself_and_commits_when_its_disk_confirms)
{
    rig g;
    raft_config config = rig_config(1, 1);
    rig_start(&g, &config, 0, 0, "");
    ck_assert_str_eq(rig_timeout(&g), "hard t1 v1; follower>candidate; candidate>leader; "
                                      "append 1@1; arm heartbeat");
    ck_assert_str_eq(rig_propose(&g, 5), "append 2@1; accept #5 2@1");
    ck_assert_str_eq(rig_persisted(&g, 1, 1), "commit 1");
    ck_assert_str_eq(rig_persisted(&g, 2, 1), "commit 2");
    ck_assert_str_eq(rig_heartbeat(&g), "arm heartbeat");
    rig_free(&g);

    config.pre_vote = true;
    rig_start(&g, &config, 1, 1, "1 1");
    ck_assert_str_eq(rig_timeout(&g), "follower>pre_candidate; hard t2 v1; "
                                      "pre_candidate>candidate; candidate>leader; append 3@2; "
                                      "arm heartbeat");
    ck_assert_str_eq(rig_persisted(&g, 3, 2), "commit 3");
    rig_free(&g);
}
END_TEST

START_TEST(two_nodes_need_both)
{
    rig g;
    rig_new(&g, 2, 2);
    rig_timeout(&g);
    ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
    rig_vote(&g, 1, 1, true);
    ck_assert_int_eq(g.r->role, RAFT_LEADER);
    ck_assert_str_eq(rig_persisted(&g, 1, 1), "");
    ck_assert_str_eq(rig_accepted(&g, 1, 1, 0, 1), "commit 1");
    rig_free(&g);
}
END_TEST

START_TEST(sixty_four_nodes_need_thirty_three)
{
    rig g;
    raft_config config = rig_config(64, 64);
    config.disruption_guard = true;
    rig_start(&g, &config, 0, 0, "");
    rig_timeout(&g);
    for (unsigned id = 1; id <= 31; id++)
        ck_assert_str_eq(rig_vote(&g, id, 1, true), "");
    rig_vote(&g, 63, 1, true);
    ck_assert_int_eq(g.r->role, RAFT_LEADER);
    ck_assert_str_eq(rig_request_vote(&g, 40, 9, 9, 8), "ignored"); /* it heard a quorum */
    rig_persisted(&g, 1, 1);
    for (unsigned id = 32; id <= 62; id++)
        ck_assert_str_eq(rig_accepted(&g, id, 1, 0, 1), "");
    ck_assert_str_eq(rig_accepted(&g, 1, 1, 0, 1), "commit 1");
    rig_free(&g);
}
END_TEST

START_TEST(a_steady_state_allocates_nothing)
{
    rig g;
    const raft_config config = rig_config(1, 5);
    rig_start(&g, &config, 0, 0, "");
    rig_elect(&g);
    for (unsigned id = 2; id <= 5; id++)
        rig_accepted(&g, id, 1, 0, 1);
    rig_heartbeat(&g);
    const raft_effect *const effects = g.r->fx.at;
    const raft_entry *const entries = g.r->log.at;
    for (uint32_t i = 2; i <= 60; i++) {
        rig_propose(&g, i);
        rig_persisted(&g, i, 1);
        for (unsigned id = 2; id <= 5; id++)
            rig_accepted(&g, id, 1, i - 1, i);
        rig_heartbeat(&g);
    }
    ck_assert_uint_eq(g.r->commit, 60);
    ck_assert_ptr_eq(g.r->fx.at, effects);
    ck_assert_ptr_eq(g.r->log.at, entries);
    rig_free(&g);
}
END_TEST

START_TEST(effects_grow_to_what_a_step_needs)
{
    rig g;
    raft_config config = rig_config(1, 64);
    config.batch_max = 1;
    config.pipeline_max = 256;
    rig_start(&g, &config, 1, 0, "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1");
    rig_elect(&g);
    rig_refused(&g, 2, 2, 30, 0, 0);
    rig_accepted(&g, 2, 2, 0, 1);
    ck_assert_uint_eq(g.fx->n, 30); /* a message for each entry that is left */
    rig_heartbeat(&g);
    ck_assert_uint_eq(g.fx->n, 64); /* 63 heartbeats and the timer */
    rig_free(&g);
}
END_TEST

START_TEST(a_vote_after_a_message_is_a_write_of_its_own)
{
    rig g;
    rig_new(&g, 2, 3);
    g.r->fx.n = 0;
    raft_set_hard_state(g.r, 4, 0);
    raft_set_hard_state(g.r, 4, 3); /* the same write: nothing has left in between */
    raft_send(g.r, RAFT_MSG_REQUEST_VOTE_REPLY, 3, true);
    raft_set_hard_state(g.r, 5, 0);
    raft_set_hard_state(g.r, 5, 0); /* no change, no effect */
    ck_assert_uint_eq(g.r->fx.n, 3);
    ck_assert_int_eq(g.r->fx.at[0].kind, RAFT_FX_HARD_STATE);
    ck_assert_uint_eq(g.r->fx.at[0].as.hard_state.term, 4);
    ck_assert_uint_eq(g.r->fx.at[0].as.hard_state.vote, 3);
    ck_assert_int_eq(g.r->fx.at[2].kind, RAFT_FX_HARD_STATE);
    ck_assert_uint_eq(g.r->fx.at[2].as.hard_state.term, 5);
    rig_free(&g);
}
END_TEST

/* --- Clones ------------------------------------------------------------------------- */

static void expect_equal(rig *a, rig *b)
{
    char one[256], other[256];
    snprintf(one, sizeof one, "%s", rig_look(a));
    snprintf(other, sizeof other, "%s", rig_look(b));
    ck_assert_str_eq(one, other);
    ck_assert_uint_eq(a->r->stable, b->r->stable);
    ck_assert_uint_eq(a->r->yes, b->r->yes);
    ck_assert_uint_eq(a->r->log.n, b->r->log.n);
    if (a->r->log.n > 0)
        ck_assert_mem_eq(a->r->log.at, b->r->log.at, (size_t)a->r->log.n * sizeof(raft_entry));
    for (uint32_t i = 0; i < a->r->peers_n; i++) {
        ck_assert_uint_eq(a->r->peers[i].match, b->r->peers[i].match);
        ck_assert_uint_eq(a->r->peers[i].next, b->r->peers[i].next);
        ck_assert_uint_eq(a->r->peers[i].ring_n, b->r->peers[i].ring_n);
        ck_assert_ptr_ne(a->r->peers[i].ring, b->r->peers[i].ring);
    }
}

START_TEST(a_clone_does_what_the_original_does_and_lives_on_its_own)
{
    static rig a, b;
    const raft_config config = rig_config(1, 3);
    rig_start(&a, &config, 3, 0, "1 2 3");
    rig_elect(&a);
    rig_accepted(&a, 2, 4, 3, 4);
    for (uint64_t i = 0; i < 5; i++)
        rig_propose(&a, i);
    b = a;
    b.r = raft_clone(a.r);
    expect_equal(&a, &b);

    char one[512], other[512];
#define BOTH(call)                                                                             \
    do {                                                                                       \
        rig *g = &a;                                                                           \
        snprintf(one, sizeof one, "%s", call);                                                 \
        g = &b;                                                                                \
        snprintf(other, sizeof other, "%s", call);                                             \
        ck_assert_str_eq(one, other);                                                          \
        expect_equal(&a, &b);                                                                  \
    } while (0)
    BOTH(rig_accepted(g, 2, 4, 4, 6));
    BOTH(rig_persisted(g, 9, 4));
    BOTH(rig_propose(g, 77));
    BOTH(rig_heartbeat(g));
    BOTH(rig_refused(g, 2, 4, 9, 6, 4));
    BOTH(rig_append(g, 3, 9, 6, 4, 1, "9"));
#undef BOTH

    rig_timeout(&b); /* the clone goes its own way */
    ck_assert_str_eq(rig_look(&a), "follower t9 v0 of n3 c6 7@9");
    rig_free(&a);
    ck_assert_int_eq(b.r->role, RAFT_CANDIDATE);
    rig_elect(&b);
    rig_free(&b);
}
END_TEST

/* --- The caller's part -------------------------------------------------------------- */

static raft *never_started(void)
{
    const raft_config config = rig_config(1, 3);
    return raft_new(&config);
}

START_TEST(a_step_before_start_is_a_bug)
{
    raft_step(never_started(), &(raft_event){.kind = RAFT_EV_CAMPAIGN});
}
END_TEST

START_TEST(a_second_start_is_a_bug)
{
    raft *r = never_started();
    raft_step(r, &(raft_event){.kind = RAFT_EV_START});
    raft_step(r, &(raft_event){.kind = RAFT_EV_START});
}
END_TEST

START_TEST(a_disk_with_entries_beyond_its_term_is_a_bug)
{
    const raft_entry entry = {.term = 3};
    raft_event e = {.kind = RAFT_EV_START};
    e.as.start.entries = &entry;
    e.as.start.n = 1;
    raft_step(never_started(), &e);
}
END_TEST

START_TEST(a_server_without_number_is_a_bug)
{
    raft_config config = rig_config(1, 3);
    config.id = 0;
    raft_new(&config);
}
END_TEST

START_TEST(cutting_off_what_is_committed_is_a_bug)
{
    rig g;
    rig_new(&g, 2, 3);
    rig_append(&g, 1, 1, 0, 0, 2, "1 1");
    raft_log_cut(g.r, 2);
}
END_TEST

START_TEST(a_second_vote_in_a_term_is_a_bug)
{
    rig g;
    rig_new(&g, 2, 3);
    rig_request_vote(&g, 1, 1, 0, 0);
    raft_set_hard_state(g.r, 1, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft server");
    TCase *t = tcase_create("life");
    tcase_add_test(t, a_reboot_starts_with_what_the_disk_kept);
    tcase_add_test(t, a_single_node_elects_itself_and_commits_when_its_disk_confirms);
    tcase_add_test(t, two_nodes_need_both);
    tcase_add_test(t, sixty_four_nodes_need_thirty_three);
    tcase_add_test(t, a_steady_state_allocates_nothing);
    tcase_add_test(t, effects_grow_to_what_a_step_needs);
    tcase_add_test(t, a_vote_after_a_message_is_a_write_of_its_own);
    tcase_add_test(t, a_clone_does_what_the_original_does_and_lives_on_its_own);
    suite_add_tcase(suite, t);
    t = tcase_create("contract");
    tcase_add_test_raise_signal(t, a_step_before_start_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(t, a_second_start_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(t, a_disk_with_entries_beyond_its_term_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(t, a_server_without_number_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(t, cutting_off_what_is_committed_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(t, a_second_vote_in_a_term_is_a_bug, SIGABRT);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
