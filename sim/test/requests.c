/* requests.c - what becomes of a client's command. */
#include "sim/test/tank.h"

START_TEST(the_leader_answers_when_it_has_applied)
{
    sim *t = tank(3);
    uint64_t early = propose(t, A, "add 1", "early");
    REQUEST(early, "retry no_leader_yet");
    DO(sim_elect(t, A, e));
    uint64_t one = propose(t, A, "add 5", "one"), two = propose(t, A, "add 2", NULL);
    REQUEST(one, "pending");
    sim_request r;
    ck_assert(sim_request_of(t, one, &r));
    ck_assert_uint_eq(r.point.index, 2);
    ck_assert_uint_eq(r.point.term, 1);
    ck_assert_str_eq(r.name, "one");
    ck_assert_int_eq(r.node, A);
    DO(settle(t, e));
    REQUEST(one, "ok 5");
    REQUEST(two, "ok"); /* nobody asked for the answer of a request without a name */
    uint64_t away = propose(t, B, "add 1", NULL);
    REQUEST(away, "redirect n1 not_leader");
    uint64_t odd = propose(t, A, "frobnicate", "odd");
    DO(settle(t, e));
    ck_assert_ptr_nonnull(strstr(request(t, odd), "ok error: "));
    ck_assert(!sim_request_of(t, 0, &r));
    ck_assert(!sim_request_of(t, odd + 1, &r));
    sim_free(t);
}
END_TEST

START_TEST(a_single_node_answers_at_once)
{
    sim *t = tank(1);
    DO(sim_elect(t, A, e));
    STATE(A, "leader term 1 vote n1 follows n1 commit 1 applied 1 last 1@1 durable 1");
    uint64_t one = propose(t, A, "add 5", "one");
    REQUEST(one, "ok 5");
    DO(sim_disk_hold(t, A, e));
    uint64_t two = propose(t, A, "add 1", "two");
    REQUEST(two, "pending"); /* not before it is durable */
    DO(sim_disk_release(t, A, e));
    REQUEST(two, "ok 6");
    sim_free(t);
}
END_TEST

START_TEST(a_crash_times_out_what_is_pending)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    uint64_t one = propose(t, A, "add 5", "one");
    DO(sim_crash(t, A, false, e));
    REQUEST(one, "timeout timeout");
    DO(settle(t, e));
    DO(sim_elect(t, B, e));
    DO(sim_restart(t, A, false, e));
    DO(sim_heartbeat(t, B, e));
    DO(settle(t, e));
    REQUEST(one, "timeout timeout"); /* it was carried out, but the client cannot know */
    DO(sim_pause(t, C, e));
    uint64_t two = propose(t, C, "add 1", "two");
    DO(sim_crash(t, C, false, e));
    REQUEST(two, "timeout timeout");
    sim_free(t);
}
END_TEST

/* Of three entries of a deposed leader the new one replaces one and cuts off the others. */
START_TEST(what_is_replaced_and_what_is_cut_off)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    sim_isolate(t, sim_one(A));
    uint64_t one = propose(t, A, "add 1", "one"), two = propose(t, A, "add 2", "two"),
             three = propose(t, A, "add 3", "three");
    DO(sim_elect(t, B, e));
    sim_heal(t);
    DO(sim_heartbeat(t, B, e));
    DO(settle(t, e));
    REQUEST(one, "failed lost: replaced by 2@2");
    REQUEST(two, "failed lost: cut off");
    REQUEST(three, "failed lost: cut off");
    LOG(A, "1@1 2@2");
    sim_free(t);
}
END_TEST

START_TEST(a_deposed_leader_answers_when_its_entry_is_committed_after_all)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    uint64_t one = propose(t, A, "add 1", "one");
    DO(deliver(t, A, B, ANY, e));
    sim_isolate(t, sim_one(A));
    DO(sim_elect(t, B, e));
    sim_heal(t);
    DO(sim_heartbeat(t, B, e));
    DO(settle(t, e));
    DO(sim_heartbeat(t, B, e));
    DO(settle(t, e));
    REQUEST(one, "ok 1");
    sim_free(t);
}
END_TEST

/* Who removed itself hears no more what became of the rest: its clients are not left waiting
 * (thesis 4.2.2). */
START_TEST(a_leader_that_left_answers_what_it_cannot_know)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    uint64_t gone = change(t, A, SIM_CHANGE_REMOVE, A), late = propose(t, A, "add 1", "late");
    DO(settle(t, e));
    REQUEST(gone, "ok ");
    REQUEST(late, "pending");
    DO(sim_timeout(t, A, e));
    REQUEST(late, "timeout timeout");
    sim_free(t);
}
END_TEST

/* The leader's answer names an index that a node which was removed meanwhile never gets. */
START_TEST(a_read_at_a_node_that_left_is_refused)
{
    sim *t = tank(3);
    DO(sim_elect(t, C, e));
    change(t, C, SIM_CHANGE_REMOVE, A);
    DO(settle(t, e));
    uint64_t r = read_at(t, A, "get", SIM_READ_INDEX);
    DO(settle(t, e));
    REQUEST(r, "pending");
    DO(sim_timeout(t, A, e));
    REQUEST(r, "retry no_leader_yet");
    sim_free(t);
}
END_TEST

/* Deposed and elected again, its engine has forgotten whom it owes the end of joint consensus,
 * which the log tells; that of one to be left by hand is its beginning (thesis 4.3). */
START_TEST(a_change_is_answered_by_a_leader_that_leads_again)
{
    for (int by_hand = 0; by_hand < 2; by_hand++) {
        sim *t = tank(3);
        sim_error error = {0};
        const sim_membership wanted = {.voters = sim_one(A) | sim_one(B), .by_hand = by_hand};
        DO(sim_elect(t, A, e));
        sim_isolate(t, sim_one(A));
        uint64_t id =
            sim_change_members(t, A, SIM_CHANGE_RECONFIGURE, 0, &wanted, "it", &error);
        DO(sim_step_down(t, A, e));
        sim_heal(t);
        REQUEST(id, "pending");
        DO(sim_elect(t, A, e));
        DO(sim_heartbeat(t, A, e));
        DO(settle(t, e));
        REQUEST(id, "ok ");
        sim_free(t);
    }
}
END_TEST

START_TEST(many_requests_keep_their_answers)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    for (uint64_t i = 1; i <= 3000; i++) {
        char name[24], answer[32];
        snprintf(name, sizeof name, "r%" PRIu64, i);
        uint64_t id = propose(t, A, "add 1", name);
        ck_assert_uint_eq(id, i);
        if (i % 100 == 0) {
            DO(settle(t, e));
            snprintf(answer, sizeof answer, "ok %" PRIu64, i - 50);
            REQUEST(i - 50, answer);
        }
    }
    REQUEST(1, "ok 1");
    REQUEST(1024, "ok 1024");
    REQUEST(1025, "ok 1025");
    REQUEST(3000, "ok 3000");
    sim_free(t);
}
END_TEST

START_TEST(a_command_may_be_empty)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    uint64_t one = propose(t, A, "", "one");
    DO(settle(t, e));
    ck_assert_ptr_nonnull(strstr(request(t, one), "ok "));
    ck_assert_uint_eq(sim_view_of(t, A)->commit, 2);
    DO(sim_crash(t, B, false, e));
    DO(sim_restart(t, B, false, e)); /* and it is sound on disk */
    LOG(B, "1@1 2@1");
    sim_free(t);
}
END_TEST

/* A long run does not grow by what nobody can ask for. */
START_TEST(requests_without_a_name_are_forgotten)
{
    sim *t = tank(1);
    sim_request r;
    DO(sim_elect(t, A, e));
    uint64_t first = propose(t, A, "add 1", NULL), named = 0, last = 0;
    for (int i = 0; i < 5000; i++) {
        uint64_t id = propose(t, A, "add 1", i == 2000 ? "named" : NULL);
        if (i == 2000)
            named = id;
        last = id;
    }
    ck_assert(!sim_request_of(t, first, &r));
    ck_assert(sim_request_of(t, last, &r));
    REQUEST(named, "ok 2002");
    ck_assert_str_eq(app(t, A), "5001");
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim requests");
    TCase *tc = tcase_create("requests");
    tcase_add_test(tc, the_leader_answers_when_it_has_applied);
    tcase_add_test(tc, a_single_node_answers_at_once);
    tcase_add_test(tc, a_crash_times_out_what_is_pending);
    tcase_add_test(tc, what_is_replaced_and_what_is_cut_off);
    tcase_add_test(tc, a_deposed_leader_answers_when_its_entry_is_committed_after_all);
    tcase_add_test(tc, a_leader_that_left_answers_what_it_cannot_know);
    tcase_add_test(tc, a_read_at_a_node_that_left_is_refused);
    tcase_add_test(tc, a_change_is_answered_by_a_leader_that_leads_again);
    tcase_add_test(tc, many_requests_keep_their_answers);
    tcase_add_test(tc, a_command_may_be_empty);
    tcase_add_test(tc, requests_without_a_name_are_forgotten);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
