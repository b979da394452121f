/* snapshots.c - a state that stands for the log: taken, sent, installed, restarted from. */
#include "sim/test/tank.h"

/* "1@1 2@1" from the first entry that is there. */
static const char *tail(const sim *t, sim_id node)
{
    static char text[400];
    size_t len = 0;
    sim_entry e;
    text[0] = '\0';
    for (uint64_t i = sim_view_of(t, node)->first; sim_entry_of(t, node, i, &e); i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%" PRIu64 "@%" PRIu64,
                                len ? " " : "", i, e.term);
    return text;
}
#define TAIL(node, expected) ck_assert_str_eq(tail(t, node), expected)

static const char *snapshot(const sim *t, sim_id node)
{
    static char text[60];
    const sim_point p = sim_view_of(t, node)->snapshot;
    snprintf(text, sizeof text, "%" PRIu64 "@%" PRIu64, p.index, p.term);
    return text;
}
#define SNAPSHOT(node, expected) ck_assert_str_eq(snapshot(t, node), expected)

static void add(sim *t, sim_id leader, int n)
{
    for (int i = 0; i < n; i++)
        propose(t, leader, "add 1", NULL);
    DO(settle(t, e));
}

START_TEST(a_node_takes_one_by_hand)
{
    diary d = {0};
    sim *t = tank(3);
    ck_assert_str_eq(request(t, sim_snapshot_now(t, A, "nothing", NULL)),
                     "failed nothing_to_snapshot");
    DO(sim_elect(t, A, e));
    add(t, A, 4);
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    DO(sim_snapshot_now(t, A, NULL, e));
    SNAPSHOT(A, "5@1");
    TAIL(A, "");
    ck_assert_uint_eq(sim_view_of(t, A)->first, 6);
    ck_assert_uint_eq(sim_durable_last(t, A), 5);
    ck_assert_ptr_nonnull(strstr(d.text.at, "n1 snapshot op taken point 5@1 bytes "));
    ck_assert_ptr_nonnull(strstr(d.text.at, " | snapshot 5@1\n"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "disk op submitted write 7 snapshot 5@1"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "disk op durable write 7 snapshot 5@1"));
    ck_assert_str_eq(request(t, sim_snapshot_now(t, A, "again", NULL)),
                     "failed nothing_to_snapshot");
    add(t, A, 1);
    TAIL(A, "6@1");
    ck_assert_str_eq(app(t, A), "5");
    sim_entry entry;
    ck_assert(!sim_entry_of(t, A, 5, &entry));
    FAILS(sim_disk_corrupt(t, A, 5, e), "there is no entry 5 on the disk of n1",
          "it holds 6 to 6");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_node_restarts_from_its_snapshot_and_what_is_behind)
{
    diary d = {0};
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    add(t, A, 4);
    DO(sim_snapshot_now(t, A, NULL, e));
    add(t, A, 2);
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    DO(sim_crash(t, A, false, e));
    SNAPSHOT(A, "5@1");
    TAIL(A, "6@1 7@1");
    ck_assert_uint_eq(sim_applied(t, A), 5);
    DO(sim_restart(t, A, false, e));
    STATE(A, "follower term 1 vote n1 follows nobody commit 5 applied 5 last 7@1 durable 7");
    ck_assert_str_eq(app(t, A), "4");
    ck_assert_ptr_nonnull(strstr(
        d.text.at, "n1 restart | role follower term 1 vote n1 leader n0 commit 5 applied "
                   "5 last 7@1 durable 7 config n1 n2 n3 snapshot 5@1\n"));
    DO(sim_elect(t, A, e));
    ck_assert_str_eq(app(t, A), "6");
    DO(sim_crash(t, A, false, e));
    DO(sim_restart(t, A, true, e));
    SNAPSHOT(A, "0@0");
    TAIL(A, "");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* A crash before it is durable leaves the log as it was. */
START_TEST(half_a_snapshot_is_none)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    add(t, A, 4);
    DO(sim_disk_hold(t, A, e));
    DO(sim_snapshot_now(t, A, NULL, e));
    SNAPSHOT(A, "5@1");
    DO(sim_crash(t, A, true, e)); /* torn */
    SNAPSHOT(A, "0@0");
    TAIL(A, "1@1 2@1 3@1 4@1 5@1");
    DO(sim_disk_release(t, A, e));
    DO(sim_restart(t, A, false, e));
    TAIL(A, "1@1 2@1 3@1 4@1 5@1");
    DO(sim_elect(t, B, e));
    beat_and_settle(t, B);
    ck_assert_str_eq(app(t, A), "4");
    /* behind a snapshot a torn tail is found like any other */
    DO(sim_snapshot_now(t, A, NULL, e));
    add(t, B, 1);
    beat_and_settle(t, B);
    DO(sim_crash(t, A, true, e));
    DO(sim_restart(t, A, false, e));
    SNAPSHOT(A, "6@2");
    TAIL(A, "");
    beat_and_settle(t, B);
    TAIL(A, "7@2");
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

START_TEST(damage_behind_a_snapshot_is_cut_off)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    add(t, A, 1);
    beat_and_settle(t, A);
    DO(sim_snapshot_now(t, B, NULL, e));
    SNAPSHOT(B, "2@1");
    add(t, A, 1);
    add(t, A, 4);
    beat_and_settle(t, A);
    TAIL(B, "3@1 4@1 5@1 6@1 7@1");
    DO(sim_disk_corrupt(t, B, 5, e));
    DO(sim_crash(t, B, false, e));
    TAIL(B, "3@1 4@1");
    DO(sim_restart(t, B, false, e));
    beat_and_settle(t, A);
    beat_and_settle(t, A);
    TAIL(B, "3@1 4@1 5@1 6@1 7@1");
    ck_assert_str_eq(app(t, B), "6");
    sim_free(t);
}
END_TEST

static sim *tank_chunks(uint64_t bytes, uint32_t nodes)
{
    sim_options o = standard();
    o.snapshot_chunk = bytes;
    return tank_with(nodes, &o, 1);
}

/* n3 was away for so long that the leader's log does not reach back to it. */
static void leave_behind(sim *t)
{
    DO(sim_elect(t, A, e));
    sim_isolate(t, sim_one(C));
    add(t, A, 5);
    beat_and_settle(t, A);
    DO(sim_snapshot_now(t, A, NULL, e));
    DO(sim_snapshot_now(t, B, NULL, e));
    sim_heal(t);
}

START_TEST(a_slow_follower_gets_it_in_chunks)
{
    diary d = {0};
    sim *t = tank_chunks(8, 3);
    leave_behind(t);
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    add(t, A, 2);
    beat_and_settle(t, A);
    SNAPSHOT(C, "6@1");
    TAIL(C, "7@1 8@1");
    beat_and_settle(t, A);
    ck_assert_str_eq(app(t, C), "7");
    ck_assert_ptr_nonnull(
        strstr(d.text.at, "type InstallSnapshot term 1 last 6@1 offset 0 total "));
    ck_assert_ptr_nonnull(strstr(d.text.at, " bytes 8 config n1 n2 n3"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n3 snapshot op chunk point 6@1 bytes 8 offset 8"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n3 snapshot op arrived point 6@1"));
    ck_assert_ptr_nonnull(strstr(d.text.at, " | commit 6 last 6@1 snapshot 6@1\n"));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n3 snapshot op installed point 6@1"));
    ck_assert_ptr_nonnull(strstr(d.text.at, " | applied 6\n"));
    DO(sim_crash(t, C, false, e));
    DO(sim_restart(t, C, false, e));
    ck_assert_str_eq(app(t, C), "5");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* One chunk is lost, one comes twice, and the leader changes in the middle. */
START_TEST(an_interrupted_transfer_goes_on)
{
    diary d = {0};
    sim *t = tank_chunks(4, 3);
    leave_behind(t);
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    DO(sim_heartbeat(t, A, e));
    for (int i = 0; i < 3; i++) { /* the heartbeat and its refusal, then chunks */
        DO(deliver(t, A, C, ANY, e));
        DO(deliver(t, C, A, ANY, e));
    }
    const sim_filter chunk = {.from = A, .to = C, .type = INSTALL};
    DO(sim_drop_message(t, &chunk, false, e));
    DO(sim_heartbeat(t, A, e)); /* it sends the lost one again */
    DO(sim_duplicate(t, &chunk, false, e));
    DO(sim_deliver(t, &chunk, e));
    DO(sim_deliver(t, &chunk, e));
    SNAPSHOT(C, "0@0");
    sim_isolate(t, sim_one(A));
    DO(sim_elect(t, B, e)); /* it goes on where the old one was */
    beat_and_settle(t, B);
    beat_and_settle(t, B);
    SNAPSHOT(C, "6@1");
    ck_assert_str_eq(app(t, C), "5");
    ck_assert_uint_eq(sim_view_of(t, C)->last.index, 7);
    uint32_t begun = 0;
    for (const char *s = d.text.at; (s = strstr(s, "op chunk point 6@1 bytes 4\n")); s++)
        begun++;
    ck_assert_uint_eq(begun, 1); /* the bytes that had come were not sent once more */
    ck_assert_ptr_null(sim_violation(t));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* What is committed meanwhile waits for the application to have the snapshot's state. */
START_TEST(a_slow_disk_delays_the_state_and_not_the_log)
{
    sim *t = tank_chunks(1000, 3);
    leave_behind(t);
    DO(sim_disk_hold(t, C, e));
    beat_and_settle(t, A);
    SNAPSHOT(C, "6@1");
    ck_assert_uint_eq(sim_applied(t, C), 0);
    add(t, A, 2);
    beat_and_settle(t, A);
    ck_assert_uint_eq(sim_applied(t, C), 0);
    DO(sim_disk_release(t, C, e));
    beat_and_settle(t, A);
    ck_assert_str_eq(app(t, C), "7");
    ck_assert_uint_eq(sim_applied(t, C), 8);
    sim_free(t);

    t = tank_chunks(1000, 3);
    leave_behind(t);
    DO(sim_disk_hold(t, C, e));
    beat_and_settle(t, A);
    DO(sim_pause(t, C, e));
    DO(sim_disk_release(t, C, e)); /* durable, and the node is not told */
    ck_assert_uint_eq(sim_applied(t, C), 0);
    DO(sim_resume(t, C, e));
    ck_assert_uint_eq(sim_applied(t, C), 6);
    DO(settle(t, e));
    sim_free(t);

    t = tank_chunks(1000, 3);
    leave_behind(t);
    DO(sim_disk_hold(t, C, e));
    beat_and_settle(t, A);
    DO(sim_crash(t, C, false, e)); /* before it is durable: as if it had never come */
    SNAPSHOT(C, "0@0");
    DO(sim_disk_release(t, C, e));
    DO(sim_restart(t, C, false, e));
    beat_and_settle(t, A);
    SNAPSHOT(C, "6@1");
    ck_assert_str_eq(app(t, C), "5");
    sim_free(t);
}
END_TEST

START_TEST(a_new_node_gets_it)
{
    sim *t = tank_of(4, sim_one(D), 0, NULL);
    DO(sim_elect(t, A, e));
    add(t, A, 5);
    DO(sim_snapshot_now(t, A, NULL, e));
    uint64_t join = change(t, A, SIM_CHANGE_ADD_VOTER, D);
    DO(settle(t, e));
    REQUEST(join, "ok ");
    beat_and_settle(t, A);
    SNAPSHOT(D, "6@1");
    ck_assert_str_eq(app(t, D), "5");
    MEMBERS(D, "n1 n2 n3 n4");
    sim_free(t);
}
END_TEST

START_TEST(a_node_takes_them_by_itself)
{
    sim_options o = standard();
    o.snapshot_every = 10;
    sim *t = tank_with(3, &o, 3);
    DO(sim_elect(t, A, e));
    for (int i = 0; i < 40; i++) {
        add(t, A, 1);
        ck_assert_uint_le(sim_view_of(t, A)->last.index - sim_view_of(t, A)->first + 1, 10);
    }
    SNAPSHOT(A, "40@1");
    ck_assert_uint_ge(sim_view_of(t, B)->snapshot.index, 30);
    DO(sim_crash(t, A, false, e));
    DO(sim_restart(t, A, false, e));
    DO(sim_advance(t, 2000000, e));
    ck_assert_str_eq(app(t, A), "40");
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

/* Bytes that are no state are not let near the one that is there. */
START_TEST(a_snapshot_that_cannot_be_read_is_a_breach)
{
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    const sim_forged_field fields[] = {{"last", "1@1"},
                                       {"offset", "0"},
                                       {"total", "12"},
                                       {"bytes", "12"},
                                       {"config", "n1 n2 n3"}};
    sim_isolate(t, sim_one(C));
    DO(sim_crash(t, C, false, e));
    DO(sim_restart(t, C, true, e));
    sim_heal(t);
    DO(sim_inject(t, A, C, INSTALL - 1, fields, 5, e));
    sim_error error;
    ck_assert(!settle(t, &error));
    ck_assert_str_eq(sim_violation(t)->invariant, "application");
    ck_assert_ptr_nonnull(strstr(sim_violation(t)->other, "12 bytes"));
    ck_assert_str_eq(app(t, C), "0");
    sim_free(t);
}
END_TEST

/* Also for who mixes up the chunks of two snapshots. */
START_TEST(a_snapshot_behind_a_whole_one_begins_anew)
{
    sim_config config = {.nodes = 3,
                         .seed = 1,
                         .options = standard(),
                         .options_set = true,
                         .bugs = sim_engine_bug(&sim_engine_native, "chunks_mixed")};
    config.options.snapshot_chunk = 8;
    sim *t = sim_new(&config, NULL);
    DO(sim_elect(t, A, e));
    for (int i = 0; i < 2; i++) {
        sim_isolate(t, sim_one(C));
        add(t, A, 5);
        DO(sim_snapshot_now(t, A, NULL, e));
        sim_heal(t);
        beat_and_settle(t, A);
    }
    SNAPSHOT(C, "11@1");
    ck_assert_str_eq(app(t, C), "10");
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim snapshots");
    TCase *tc = tcase_create("snapshots");
    tcase_add_test(tc, a_node_takes_one_by_hand);
    tcase_add_test(tc, a_node_restarts_from_its_snapshot_and_what_is_behind);
    tcase_add_test(tc, half_a_snapshot_is_none);
    tcase_add_test(tc, damage_behind_a_snapshot_is_cut_off);
    tcase_add_test(tc, a_slow_follower_gets_it_in_chunks);
    tcase_add_test(tc, an_interrupted_transfer_goes_on);
    tcase_add_test(tc, a_slow_disk_delays_the_state_and_not_the_log);
    tcase_add_test(tc, a_new_node_gets_it);
    tcase_add_test(tc, a_node_takes_them_by_itself);
    tcase_add_test(tc, a_snapshot_that_cannot_be_read_is_a_breach);
    tcase_add_test(tc, a_snapshot_behind_a_whole_one_begins_anew);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
