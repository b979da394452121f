/* check_clients.c - what clients are told: reads, sessions, answers behind snapshots, and the
 * application's own promise: each breaks, and nearly breaks. */
#include "sim/base/random.h"
#include "sim/test/check_world.h"
#include "tests/suite.h"

/* n1 leads term 1 and committed n entries with n2. */
static world committed(uint64_t n)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), n);
    commit(&w, 1, n);
    ck_assert(well(&w));
    return w;
}

static void answer(world *w, sim_id id, uint64_t request, uint64_t index, uint64_t seq)
{
    told(w, sim_check_read_answered(w->check, id, request, index, seq, &w->breach));
}

/* ---- reads ---------------------------------------------------------------------------- */

START_TEST(read_of_a_stale_state)
{
    world w = committed(3);
    sim_check_read_begins(w.check, 7, 50);
    answer(&w, 3, 7, 2, 51);
    ck_assert(broke(&w, "linearizable"));
    ck_assert(says(w.breach.one, "n1 had committed 3@1 when request 7 began to read at event "
                                 "50"));
    ck_assert_str_eq(w.breach.other, "n3 answered it with its state after index 2 (event 51)");
    ck_assert_uint_gt(w.breach.one_seq, 0);
    ck_assert_uint_eq(w.breach.other_seq, 51);
    world_free(&w);
}
END_TEST

START_TEST(read_of_what_was_committed)
{
    world w = committed(3);
    sim_check_read_begins(w.check, 7, 50);
    answer(&w, 3, 7, 3, 51);
    sim_check_read_begins(w.check, 8, 52);
    answer(&w, 2, 8, 4, 53); /* more than it must */
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* What is committed after a read began may be in its answer or not. */
START_TEST(read_that_began_before)
{
    world w = committed(2);
    sim_check_read_begins(w.check, 7, 50);
    put(&w, 1, 1, "c");
    sync_from(&w, 1, 2);
    put(&w, 2, 1, "c");
    sync_from(&w, 2, 2);
    commit(&w, 1, 3);
    sim_check_read_begins(w.check, 8, 60);
    answer(&w, 3, 7, 2, 61);
    ck_assert(well(&w));
    answer(&w, 3, 8, 2, 62);
    ck_assert(broke(&w, "linearizable"));
    ck_assert(says(w.breach.one, "n1 had committed 3@1"));
    world_free(&w);
}
END_TEST

/* It is sent once more: what was committed meanwhile is in force. */
START_TEST(read_that_is_sent_again)
{
    world w = committed(2);
    sim_check_read_begins(w.check, 7, 50);
    sim_check_read_failed(w.check, 7);
    sim_check_read_failed(w.check, 99); /* there is none */
    put(&w, 1, 1, "c");
    sync_from(&w, 1, 2);
    put(&w, 2, 1, "c");
    sync_from(&w, 2, 2);
    commit(&w, 1, 3);
    sim_check_read_begins(w.check, 7, 60);
    answer(&w, 3, 7, 2, 61);
    ck_assert(broke(&w, "linearizable"));
    world_free(&w);
}
END_TEST

/* Thousands of reads at once, answered and failed in any order: the table forgets the right
 * ones. */
START_TEST(many_reads_at_once)
{
    enum { READS = 3000 };
    world w = committed(5);
    static bool open[READS + 1];
    sim_random dice = sim_random_stream(3, 3, 3);
    for (int i = 0; i < READS * 10; i++) {
        const uint64_t r = sim_random_between(&dice, 1, READS);
        if (!open[r])
            sim_check_read_begins(w.check, r, 100);
        else if (sim_random_between(&dice, 0, 2))
            answer(&w, 1, r, 5, 101);
        else
            sim_check_read_failed(w.check, r);
        open[r] = !open[r];
    }
    ck_assert(well(&w));
    for (uint64_t r = 1; r <= READS; r++)
        if (!open[r])
            answer(&w, 1, r, 0, 102); /* nothing is known of it: nothing is asked of it */
    ck_assert(well(&w));
    uint64_t last = READS;
    while (!open[last])
        last--;
    for (uint64_t r = 1; r < last; r++)
        if (open[r])
            answer(&w, 1, r, 5, 103);
    ck_assert(well(&w));
    answer(&w, 1, last, 4, 104);
    ck_assert(broke(&w, "linearizable"));
    world_free(&w);
}
END_TEST

/* ---- sessions ------------------------------------------------------------------------- */

static void took_effect(world *w, sim_id id, uint64_t client, uint64_t serial, uint64_t index,
                        uint64_t seq)
{
    told(w, sim_check_session_applied(w->check, id, client, serial, index, seq, &w->breach));
}

START_TEST(request_takes_effect_twice)
{
    world w = committed(5);
    took_effect(&w, 1, 4, 1, 2, 50);
    took_effect(&w, 1, 4, 2, 3, 51);
    ck_assert(well(&w));
    took_effect(&w, 1, 4, 1, 5, 52);
    ck_assert(broke(&w, "exactly once"));
    ck_assert_str_eq(w.breach.one, "n1 applied request 1 of session 4 at index 2 (event 50)");
    ck_assert_str_eq(w.breach.other, "n1 applied request 1 of session 4 at index 5 (event 52)");
    ck_assert_uint_eq(w.breach.one_seq, 50);
    ck_assert_uint_eq(w.breach.other_seq, 52);
    world_free(&w);
}
END_TEST

/* Every node applies it, also once more after a crash; sessions and numbers differ. */
START_TEST(request_takes_effect_once_on_every_node)
{
    world w = committed(5);
    for (sim_id id = 1; id <= 3; id++)
        for (uint64_t client = 1; client <= 200; client++)
            for (uint64_t serial = 1; serial <= 3; serial++)
                took_effect(&w, id, client, serial, client * 3 + serial, 50);
    crash(&w, 2);
    took_effect(&w, 2, 150, 2, 452, 51);
    ck_assert(well(&w));
    /* A node that lost its sessions with a snapshot. */
    took_effect(&w, 3, 150, 2, 700, 52);
    ck_assert(broke(&w, "exactly once"));
    ck_assert(says(w.breach.one, "n1 applied request 2 of session 150 at index 452"));
    ck_assert(says(w.breach.other, "n3 applied request 2 of session 150 at index 700"));
    world_free(&w);
}
END_TEST

static void took_none(world *w, sim_id id, uint64_t client, uint64_t serial, uint64_t index,
                      uint64_t seq)
{
    told(w, sim_check_session_skipped(w->check, id, client, serial, index, seq, &w->breach));
}

/* A node that lost its sessions refuses what the others carry out. */
START_TEST(request_takes_no_effect_on_a_node)
{
    world w = committed(5);
    took_effect(&w, 1, 4, 1, 2, 50);
    took_none(&w, 1, 4, 1, 3, 51); /* sent again */
    took_none(&w, 2, 4, 1, 3, 52);
    took_effect(&w, 3, 4, 1, 2, 53);
    ck_assert(well(&w));
    took_none(&w, 2, 4, 1, 2, 54);
    ck_assert(broke(&w, "exactly once"));
    ck_assert_str_eq(w.breach.one, "n1 applied request 1 of session 4 at index 2 (event 50)");
    ck_assert_str_eq(w.breach.other, "n2 did not apply it there (event 54)");
    world_free(&w);
}
END_TEST

START_TEST(request_takes_effect_where_it_took_none)
{
    world w = committed(5);
    took_none(&w, 2, 4, 1, 2, 50);
    took_effect(&w, 1, 4, 1, 3, 51);
    ck_assert(well(&w));
    took_effect(&w, 1, 4, 1, 2, 52);
    ck_assert(broke(&w, "exactly once"));
    ck_assert(says(w.breach.one, "n2 did not apply request 1 of session 4 at index 2"));
    ck_assert(says(w.breach.other, "n1 applied it there"));
    world_free(&w);
}
END_TEST

/* ---- answers, and the application ------------------------------------------------------ */

START_TEST(answered_behind_a_snapshot)
{
    world w = committed(5);
    compact(&w, 1, 5);
    crash(&w, 2);
    restart(&w, 2, 5, 1, 0);
    told(&w, sim_check_acknowledged(w.check, 1, 9, (sim_point){3, 1}, 0, 0, 70, &w.breach));
    ck_assert(well(&w));
    told(&w, sim_check_acknowledged(w.check, 1, 9, (sim_point){3, 2}, 0, 0, 71, &w.breach));
    ck_assert(broke(&w, "acknowledged"));
    ck_assert_uint_eq(w.breach.one_seq, 71);
    ck_assert_uint_gt(w.breach.other_seq, 0);
    world_free(&w);
}
END_TEST

/* A session's request is done when it has taken effect, there or before. */
START_TEST(answered_without_effect)
{
    world w = committed(5);
    const sim_point second = {2, 1}, third = {3, 1}, fifth = {5, 1};
    took_effect(&w, 1, 1, 1, 2, 50);
    took_none(&w, 1, 1, 1, 3, 51); /* its copy */
    told(&w, sim_check_acknowledged(w.check, 1, 9, second, 1, 1, 52, &w.breach));
    told(&w, sim_check_acknowledged(w.check, 1, 9, third, 1, 1, 53, &w.breach));
    ck_assert(well(&w));
    world early = w, other = w;
    early.check = sim_check_clone(w.check);
    other.check = sim_check_clone(w.check);

    took_none(&w, 1, 1, 2, 5, 60);
    told(&w, sim_check_acknowledged(w.check, 1, 10, fifth, 1, 2, 61, &w.breach));
    ck_assert(broke(&w, "acknowledged"));
    ck_assert_str_eq(w.breach.one, "request 2 of session 1 took no effect at index 5, nor "
                                   "before (event 60)");
    ck_assert_str_eq(w.breach.other,
                     "n1 answered it, the run's request 10, as done by 5@1 (event 61)");

    took_effect(&early, 2, 1, 2, 5, 60); /* later than the answer says */
    told(&early, sim_check_acknowledged(early.check, 1, 10, third, 1, 2, 61, &early.breach));
    ck_assert(broke(&early, "acknowledged"));
    told(&other, sim_check_acknowledged(other.check, 1, 10, fifth, 3, 1, 61, &other.breach));
    ck_assert(broke(&other, "acknowledged"));
    ck_assert_uint_eq(other.breach.one_seq, 0); /* no event tells of what did not happen */
    world_free(&other);
    world_free(&early);
    world_free(&w);
}
END_TEST

START_TEST(snapshot_of_another_state)
{
    world w = committed(5);
    told(&w, sim_check_applied(w.check, 1, 3, 77, 70, &w.breach));
    compact(&w, 1, 3);
    told(&w, sim_check_taken(w.check, 1, (sim_point){3, 1}, 71, &w.breach));
    ck_assert(well(&w));
    compact(&w, 1, 5);
    told(&w, sim_check_taken(w.check, 1, (sim_point){5, 1}, 72, &w.breach));
    ck_assert(broke(&w, "equal state"));
    ck_assert_str_eq(w.breach.one, "n1 has applied up to index 3 (event 70)");
    ck_assert_str_eq(w.breach.other, "n1 took a snapshot of this state and says that it is the "
                                     "one after 5@1 (event 72)");
    world_free(&w);
}
END_TEST

START_TEST(snapshot_that_cannot_be_read)
{
    world w = committed(5);
    told(&w, sim_check_unreadable(w.check, 3, (sim_point){4, 1}, 99, 70, &w.breach));
    ck_assert(broke(&w, "application"));
    ck_assert(says(w.breach.one, "n1 committed 4@1"));
    ck_assert(says(w.breach.other, "cannot read the snapshot"));
    ck_assert(says(w.breach.other, "99 bytes"));
    ck_assert_uint_eq(w.breach.other_seq, 70);
    world_free(&w);
}
END_TEST

START_TEST(application_breaks_its_promise)
{
    world w = committed(5);
    told(&w, sim_check_applied(w.check, 1, 5, 77, 70, &w.breach));
    told(&w, sim_check_application(w.check, 1, 5, NULL, 71, &w.breach));
    ck_assert(well(&w));
    told(&w, sim_check_application(w.check, 1, 5, "money is not conserved", 72, &w.breach));
    ck_assert(broke(&w, "application"));
    ck_assert_str_eq(w.breach.one, "n1 has applied up to index 5 (event 70)");
    ck_assert_str_eq(w.breach.other, "money is not conserved (event 72)");
    world_free(&w);
}
END_TEST

START_TEST(clone_knows_reads_and_sessions)
{
    world w = committed(3);
    sim_check_read_begins(w.check, 7, 50);
    took_effect(&w, 1, 4, 1, 2, 51);
    world copy = w, other = w;
    copy.check = sim_check_clone(w.check);
    other.check = sim_check_clone(w.check);
    answer(&copy, 1, 7, 2, 52);
    ck_assert(broke(&copy, "linearizable"));
    took_effect(&other, 1, 4, 1, 3, 52);
    ck_assert(broke(&other, "exactly once"));
    answer(&w, 1, 7, 3, 52);
    ck_assert(well(&w));
    world_free(&other);
    world_free(&copy);
    world_free(&w);
}
END_TEST

START_TEST(nothing_is_checked_behind_a_breach)
{
    world w = committed(3);
    lead(&w, 3, 1);
    ck_assert(broke(&w, "Election Safety"));
    sim_breach again = {0};
    sim_check_read_begins(w.check, 7, 50);
    ck_assert(!sim_check_read_answered(w.check, 1, 7, 0, 51, &again));
    ck_assert_str_eq(again.invariant, "Election Safety");
    ck_assert(!sim_check_session_applied(w.check, 1, 1, 1, 1, 51, NULL));
    ck_assert(!sim_check_session_skipped(w.check, 1, 1, 1, 1, 51, NULL));
    ck_assert(!sim_check_application(w.check, 1, 1, "wrong", 51, NULL));
    ck_assert(!sim_check_unreadable(w.check, 1, (sim_point){9, 9}, 1, 51, NULL));
    ck_assert(!sim_check_compact(w.check, 1, (sim_point){9, 9}, 51, NULL));
    ck_assert(!sim_check_taken(w.check, 1, (sim_point){9, 9}, 51, NULL));
    ck_assert(!sim_check_install(w.check, 1, (sim_point){9, 9}, false, 51, NULL));
    ck_assert(!sim_check_snapshot(w.check, 1, (sim_point){9, 9}, 51, NULL));
    ck_assert(!sim_check_snapshot_durable(w.check, 1, (sim_point){9, 9}, 51, NULL));
    world_free(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check clients");
    TCase *t = tcase_create("reads");
    suite_add_tcase(s, t);
    tcase_add_test(t, read_of_a_stale_state);
    tcase_add_test(t, read_of_what_was_committed);
    tcase_add_test(t, read_that_began_before);
    tcase_add_test(t, read_that_is_sent_again);
    tcase_add_test(t, many_reads_at_once);
    t = tcase_create("sessions");
    suite_add_tcase(s, t);
    tcase_add_test(t, request_takes_effect_twice);
    tcase_add_test(t, request_takes_effect_once_on_every_node);
    tcase_add_test(t, request_takes_no_effect_on_a_node);
    tcase_add_test(t, request_takes_effect_where_it_took_none);
    t = tcase_create("answers and the application");
    suite_add_tcase(s, t);
    tcase_add_test(t, answered_behind_a_snapshot);
    tcase_add_test(t, answered_without_effect);
    tcase_add_test(t, snapshot_of_another_state);
    tcase_add_test(t, snapshot_that_cannot_be_read);
    tcase_add_test(t, application_breaks_its_promise);
    tcase_add_test(t, clone_knows_reads_and_sessions);
    tcase_add_test(t, nothing_is_checked_behind_a_breach);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
