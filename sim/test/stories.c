/* stories.c - the examples of the scenario language, told in C. */
#include "sim/test/tank.h"

/* A partitioned leader steps down when the partition heals (thesis 3.4, 3.5). */
START_TEST(a_partitioned_leader_steps_down)
{
    sim_options o = standard();
    o.pre_vote = SIM_ON;
    sim *t = tank_with(3, &o, 1);

    DO(sim_timeout(t, C, e));
    DO(settle(t, e));
    STATE(C, "leader term 1 vote n3 follows n3 commit 1 applied 1 last 1@1 durable 1");
    STATE(A, "follower term 1 vote n3 follows n3 commit 0 applied 0 last 1@1 durable 1");
    STATE(B, "follower term 1 vote n3 follows n3 commit 0 applied 0 last 1@1 durable 1");

    sim_partition(t, (sim_set[]){sim_one(C), sim_one(A) | sim_one(B)}, 2);
    uint64_t lost = propose(t, C, "add 1", "lost");
    DO(settle(t, e));
    STATE(C, "leader term 1 vote n3 follows n3 commit 1 applied 1 last 2@1 durable 2");
    REQUEST(lost, "pending");

    DO(sim_timeout(t, A, e));
    DO(settle(t, e));
    STATE(A, "leader term 2 vote n1 follows n1 commit 2 applied 2 last 2@2 durable 2");
    STATE(C, "leader term 1 vote n3 follows n3 commit 1 applied 1 last 2@1 durable 2");

    sim_heal(t);
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    STATE(C, "follower term 2 vote nobody follows n1 commit 2 applied 2 last 2@2 durable 2");
    for (sim_id id = A; id <= C; id++) {
        LOG(id, "1@1 2@2");
        ck_assert_uint_eq(sim_view_of(t, id)->commit, 2);
    }
    REQUEST(lost, "failed lost: replaced by 2@2");
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

/* A lost vote reply splits nothing: one vote is enough with the candidate's own. */
START_TEST(one_vote_is_enough)
{
    sim *t = tank(3);
    DO(sim_timeout(t, A, e));
    QUEUE("#1 n1 -> n2 RequestVote, #2 n1 -> n3 RequestVote");
    DO(deliver(t, A, B, ANY, e));
    DO(deliver(t, A, C, ANY, e));
    DO(sim_drop_message(t, &(sim_filter){.from = C, .to = A, .type = VOTED}, false, e));
    STATE(A, "candidate term 1 vote n1 follows nobody commit 0 applied 0 last 0@0 durable 0");
    DO(deliver(t, B, A, ANY, e));
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    ck_assert_uint_eq(sim_queue_length(t), 2);
    QUEUE("#5 n1 -> n2 AppendEntries, #6 n1 -> n3 AppendEntries");
    sim_free(t);
}
END_TEST

/* Entries that were never synced are lost in a crash, acknowledged ones are not. */
START_TEST(what_was_never_synced_is_lost)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO(sim_disk_hold(t, B, e));
    uint64_t first = propose(t, A, "add 5", "first");
    DO(settle(t, e));
    ck_assert_uint_eq(sim_view_of(t, B)->last.index, 2);
    ck_assert_uint_eq(sim_durable_last(t, B), 1);
    REQUEST(first, "ok 5");
    DO(sim_crash(t, B, false, e));
    ck_assert_uint_eq(sim_view_of(t, B)->last.index, 1);
    DO(sim_restart(t, B, false, e));
    STATE(B, "follower term 1 vote n1 follows nobody commit 0 applied 0 last 1@1 durable 1");
    DO(sim_disk_release(t, B, e));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    for (sim_id id = A; id <= C; id++) {
        LOG(id, "1@1 2@1");
        ck_assert_uint_eq(sim_view_of(t, id)->commit, 2);
        ck_assert_str_eq(app(t, id), "5");
    }
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim stories");
    TCase *tc = tcase_create("stories");
    tcase_add_test(tc, a_partitioned_leader_steps_down);
    tcase_add_test(tc, one_vote_is_enough);
    tcase_add_test(tc, what_was_never_synced_is_lost);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
