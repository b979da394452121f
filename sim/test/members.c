/* members.c - leadership handed over, and members that come and go. */
#include "sim/test/tank.h"

/* ---- transfer (thesis 3.10) ------------------------------------------------------------- */

START_TEST(leadership_is_handed_over)
{
    diary d = {0};
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    sim_error error = {0};
    uint64_t over = sim_transfer(t, A, B, "over", &error);
    ck_assert_uint_ne(over, 0);
    REQUEST(over, "pending");
    ck_assert_uint_eq(sim_view_of(t, A)->transferring_to, B);
    uint64_t late = propose(t, A, "add 1", "late");
    REQUEST(late, "failed transferring");
    DO(settle(t, e));
    REQUEST(over, "ok ");
    STATE(B, "leader term 2 vote n2 follows n2 commit 2 applied 2 last 2@2 durable 2");
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_FOLLOWER);
    ck_assert_ptr_nonnull(
        strstr(d.text.at, "request id 1 name over to n1 command transfer n1 -> n2"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "type TimeoutNow term 1"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "type RequestVote term 2 last 1@1 transfer yes"));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_transfer_is_refused_or_given_up)
{
    sim *t = tank(3);
    sim_error error = {0};
    uint64_t none = sim_transfer(t, A, B, "none", &error);
    REQUEST(none, "retry no_leader_yet");
    DO(sim_elect(t, A, e));
    uint64_t not_here = sim_transfer(t, B, C, "not here", &error);
    REQUEST(not_here, "redirect n1 not_leader");
    uint64_t self = sim_transfer(t, A, A, "self", &error);
    REQUEST(self, "failed unknown_node");
    sim_isolate(t, sim_one(C));
    uint64_t lost = sim_transfer(t, A, C, "lost", &error),
             second = sim_transfer(t, A, B, "second", &error);
    REQUEST(lost, "pending");
    REQUEST(second, "failed transferring");
    DO(settle(t, e));
    DO(sim_timeout(t, A, e)); /* nothing came of it: it serves again */
    REQUEST(lost, "failed timeout");
    uint64_t on = propose(t, A, "add 1", "on");
    DO(settle(t, e));
    REQUEST(on, "ok 1");
    DO(sim_crash(t, A, false, e));
    FAILS(sim_transfer(t, A, B, NULL, e), "n1 is crashed, nobody takes the request",
          "restart n1, or ask another node");
    sim_free(t);
}
END_TEST

START_TEST(a_crash_ends_a_transfer)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    sim_isolate(t, sim_one(C));
    sim_error error = {0};
    uint64_t over = sim_transfer(t, A, C, "over", &error);
    DO(sim_crash(t, A, false, e));
    REQUEST(over, "timeout timeout");
    sim_free(t);
}
END_TEST

/* ---- one at a time (thesis 4.1, 4.2) ------------------------------------------------------
 */

START_TEST(a_node_with_nothing_is_brought_up_to_date_and_joins)
{
    diary d = {0};
    sim_options o = standard();
    o.batch_max = 8;
    sim *t = tank_of(4, sim_one(D), 0, &o);
    MEMBERS(D, "n1 n2 n3");
    ck_assert(!sim_elect(t, D, NULL)); /* it may not stand */
    DO(sim_elect(t, A, e));
    for (int i = 0; i < 100; i++)
        propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    ck_assert_uint_eq(sim_view_of(t, D)->last.index, 0); /* nobody writes to it */
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    uint64_t add = change(t, A, SIM_CHANGE_ADD_VOTER, D);
    REQUEST(add, "pending");
    MEMBERS(A, "n1 n2 n3"); /* it has to catch up first */
    DO(settle(t, e));
    REQUEST(add, "ok ");
    MEMBERS(A, "n1 n2 n3 n4");
    beat_and_settle(t, A);
    MEMBERS(D, "n1 n2 n3 n4");
    ck_assert_str_eq(app(t, D), "100");
    ck_assert_ptr_nonnull(
        strstr(d.text.at, "n1 config members n1 n2 n3 n4 index 102 why appended"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "| config n1 n2 n3 n4\n"));
    sim_entry entry;
    ck_assert(sim_entry_of(t, D, 102, &entry));
    ck_assert_int_eq(entry.kind, SIM_ENTRY_CONFIG);
    ck_assert_str_eq((const char *)entry.data, "n1 n2 n3 n4"); /* as people write it */
    DO(sim_crash(t, A, false, e));
    DO(sim_crash(t, B, false, e));
    MEMBERS(B, "n1 n2 n3 n4"); /* its disk says so */
    DO(sim_restart(t, B, false, e));
    DO(sim_elect(t, D, e));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_change_can_be_refused)
{
    sim *t = tank_of(5, sim_one(D) | sim_one(E), 0, NULL);
    REQUEST(change(t, A, SIM_CHANGE_ADD_VOTER, D), "retry no_leader_yet");
    DO(sim_timeout(t, A, e));
    DO(deliver(t, A, B, ANY, e));
    DO(deliver(t, B, A, ANY, e)); /* it leads, and has committed nothing of its own yet */
    REQUEST(change(t, A, SIM_CHANGE_REMOVE, B), "failed change_in_progress");
    DO(settle(t, e));
    REQUEST(change(t, B, SIM_CHANGE_REMOVE, C), "redirect n1 not_leader");
    REQUEST(change(t, A, SIM_CHANGE_ADD_VOTER, B), "failed already_member");
    REQUEST(change(t, A, SIM_CHANGE_REMOVE, D), "failed unknown_node");
    REQUEST(change(t, A, SIM_CHANGE_PROMOTE, D), "failed unknown_node");
    uint64_t one = change(t, A, SIM_CHANGE_REMOVE, C);
    REQUEST(change(t, A, SIM_CHANGE_REMOVE, B), "failed change_in_progress");
    DO(settle(t, e));
    REQUEST(one, "ok ");
    uint64_t two = change(t, A, SIM_CHANGE_REMOVE, B);
    DO(settle(t, e));
    REQUEST(two, "ok ");
    MEMBERS(A, "n1");
    REQUEST(change(t, A, SIM_CHANGE_REMOVE, A), "failed last_voter");
    sim_free(t);
}
END_TEST

START_TEST(a_leader_removes_itself)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    uint64_t go = change(t, A, SIM_CHANGE_REMOVE, A);
    MEMBERS(A, "n2 n3"); /* in force at once, and it does not count itself (thesis 4.2.2) */
    DO(deliver(t, A, B, APPEND, e));
    DO(deliver(t, B, A, APPENDED, e));
    REQUEST(go, "pending");
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    DO(settle(t, e));
    REQUEST(go, "ok ");
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_FOLLOWER);
    DO(sim_elect(t, B, e));
    MEMBERS(B, "n2 n3");
    sim_free(t);
}
END_TEST

/* A leader's change that nobody else has is undone by the next leader (thesis 4.1). */
START_TEST(a_change_is_undone_with_its_entry)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    sim_isolate(t, sim_one(A));
    uint64_t lost = change(t, A, SIM_CHANGE_REMOVE, C);
    MEMBERS(A, "n1 n2");
    DO(sim_elect(t, B, e));
    sim_heal(t);
    beat_and_settle(t, B);
    REQUEST(lost, "failed lost: replaced by 2@2");
    MEMBERS(A, "n1 n2 n3");
    sim_free(t);
}
END_TEST

START_TEST(a_learner_is_promoted)
{
    sim *t = tank_of(4, 0, sim_one(D), NULL);
    MEMBERS(A, "n1 n2 n3 learners n4");
    ck_assert_int_eq(sim_view_of(t, D)->role, SIM_LEARNER);
    DO(sim_elect(t, A, e));
    propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    beat_and_settle(t, A);
    ck_assert_str_eq(app(t, D), "1");
    uint64_t up = change(t, A, SIM_CHANGE_PROMOTE, D);
    DO(settle(t, e));
    REQUEST(up, "ok ");
    MEMBERS(D, "n1 n2 n3 n4");
    ck_assert_int_eq(sim_view_of(t, D)->role, SIM_FOLLOWER);
    sim_free(t);
}
END_TEST

START_TEST(a_cluster_needs_a_voter)
{
    sim_error error = {0};
    sim_config config = {.nodes = 2, .spares = sim_one(A), .learners = sim_one(B)};
    ck_assert_ptr_null(sim_new(&config, &error));
    ck_assert_str_eq(error.text,
                     "the cluster has no voter: not every node can be a spare or a learner");
}
END_TEST

/* ---- joint consensus (thesis 4.3) ----------------------------------------------------------
 */

static uint64_t reconfigure(sim *t, sim_set voters, bool by_hand)
{
    sim_error error = {0};
    const sim_membership wanted = {.voters = voters, .by_hand = by_hand};
    uint64_t id = sim_change_members(t, A, SIM_CHANGE_RECONFIGURE, 0, &wanted, "joint", &error);
    ck_assert_msg(id != 0, "%s", error.text);
    return id;
}

START_TEST(three_nodes_are_replaced_at_once)
{
    diary d = {0};
    sim *t = tank_of(5, sim_one(D) | sim_one(E), 0, NULL);
    DO(sim_elect(t, A, e));
    propose(t, A, "add 7", NULL);
    DO(settle(t, e));
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    uint64_t joint = reconfigure(t, sim_one(A) | sim_one(D) | sim_one(E), false);
    ck_assert_ptr_nonnull(strstr(d.text.at, "command reconfigure n1 n4 n5"));
    DO(settle(t, e));
    REQUEST(joint, "ok ");
    MEMBERS(A, "n1 n4 n5");
    ck_assert_ptr_nonnull(
        strstr(d.text.at, "members n1 n2 n3 | n1 n4 n5 index 3 why appended"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "members n1 n4 n5 index 4 why appended"));
    beat_and_settle(t, A);
    ck_assert_str_eq(app(t, E), "7");
    DO(sim_crash(t, B, false, e));
    DO(sim_crash(t, C, false, e));
    uint64_t on = propose(t, A, "add 1", "on");
    DO(settle(t, e));
    REQUEST(on, "ok 8");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(joint_consensus_is_left_by_hand)
{
    sim *t = tank_of(4, sim_one(D), 0, NULL);
    DO(sim_elect(t, A, e));
    uint64_t joint = reconfigure(t, sim_one(A) | sim_one(B) | sim_one(D), true);
    DO(settle(t, e));
    REQUEST(joint, "ok ");
    MEMBERS(A, "n1 n2 n3 | n1 n2 n4");
    uint64_t leave = change(t, A, SIM_CHANGE_LEAVE, 0);
    DO(settle(t, e));
    REQUEST(leave, "ok ");
    MEMBERS(A, "n1 n2 n4");
    sim_free(t);
}
END_TEST

/* A leads in joint consensus, which B and D have, and whose end has reached nobody. */
static uint64_t half_way(sim *t, sim_set voters)
{
    DO(sim_elect(t, A, e));
    sim_isolate(t, sim_one(C));
    uint64_t joint = reconfigure(t, voters, false);
    for (int i = 0; i < 50 && !sim_view_of(t, A)->outgoing; i++)
        DO(sim_deliver_n(t, 1, e));
    for (int i = 0; i < 50 && sim_view_of(t, A)->commit < 2; i++)
        DO(sim_deliver_n(t, 1, e));
    ck_assert(!sim_view_of(t, A)->outgoing);
    REQUEST(joint, "pending");
    sim_isolate(t, sim_one(A));
    sim_heal(t);
    return joint;
}

START_TEST(a_deposed_leader_answers_when_another_ends_joint_consensus)
{
    sim *t = tank_of(4, sim_one(D), 0, NULL);
    uint64_t joint = half_way(t, sim_one(A) | sim_one(B) | sim_one(D));
    DO(sim_step_down(t, A, e));
    REQUEST(joint, "pending");
    DO(sim_elect(t, B, e));
    beat_and_settle(t, B);
    REQUEST(joint, "ok ");
    MEMBERS(A, "n1 n2 n4");
    sim_free(t);
}
END_TEST

START_TEST(a_snapshot_tells_that_joint_consensus_is_over)
{
    sim *t = tank_of(4, sim_one(D), 0, NULL);
    uint64_t joint = half_way(t, sim_one(A) | sim_one(B) | sim_one(D));
    sim_isolate(t, sim_one(A));
    DO(sim_step_down(t, A, e));
    DO(sim_elect(t, B, e));
    beat_and_settle(t, B);
    DO(sim_snapshot_now(t, B, NULL, e));
    REQUEST(joint, "pending");
    sim_heal(t);
    beat_and_settle(t, B);
    ck_assert_uint_gt(sim_view_of(t, A)->snapshot.index, 2);
    REQUEST(joint, "ok ");
    sim_free(t);
}
END_TEST

/* Nobody will tell it more. */
START_TEST(a_deposed_leader_that_leaves_refuses_what_it_will_not_hear)
{
    sim *t = tank_of(4, sim_one(D), 0, NULL);
    uint64_t joint = half_way(t, sim_one(B) | sim_one(C) | sim_one(D));
    DO(sim_step_down(t, A, e));
    REQUEST(joint, "retry no_leader_yet");
    sim_free(t);

    t = tank_of(3, 0, 0, NULL);
    DO(sim_elect(t, A, e));
    uint64_t gone = change(t, A, SIM_CHANGE_REMOVE, A), other = propose(t, A, "add 1", "it");
    DO(sim_step_down(t, A, e));
    REQUEST(gone, "retry no_leader_yet");
    REQUEST(other, "pending"); /* it may be carried out or not */
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim members");
    TCase *tc = tcase_create("members");
    tcase_add_test(tc, leadership_is_handed_over);
    tcase_add_test(tc, a_transfer_is_refused_or_given_up);
    tcase_add_test(tc, a_crash_ends_a_transfer);
    tcase_add_test(tc, a_node_with_nothing_is_brought_up_to_date_and_joins);
    tcase_add_test(tc, a_change_can_be_refused);
    tcase_add_test(tc, a_leader_removes_itself);
    tcase_add_test(tc, a_change_is_undone_with_its_entry);
    tcase_add_test(tc, a_learner_is_promoted);
    tcase_add_test(tc, a_cluster_needs_a_voter);
    tcase_add_test(tc, three_nodes_are_replaced_at_once);
    tcase_add_test(tc, joint_consensus_is_left_by_hand);
    tcase_add_test(tc, a_deposed_leader_answers_when_another_ends_joint_consensus);
    tcase_add_test(tc, a_snapshot_tells_that_joint_consensus_is_over);
    tcase_add_test(tc, a_deposed_leader_that_leaves_refuses_what_it_will_not_hear);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
