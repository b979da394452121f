/* check_words.c - what a node has told others binds it across crashes: its vote in a term, and
 * how far its disk holds the log. */
#include "sim/sim.h"
#include "sim/test/check_world.h"
#include "tests/suite.h"

/* ---- votes (thesis 3.4, 3.8) --------------------------------------------------------- */

static world voted(void)
{
    world w = world_new(3);
    vote(&w, 3, 2, 1);
    sim_check_voted(w.check, 3, 1, 2, 41);
    crash(&w, 3);
    return w;
}

START_TEST(vote_told_and_forgotten)
{
    world w = voted();
    restart(&w, 3, 0, 2, 0);
    ck_assert(well(&w)); /* as long as it votes for nobody else */
    vote(&w, 3, 2, 2);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert_str_eq(w.breach.one, "n3 voted for n1 in term 2 (event 41)");
    ck_assert(says(w.breach.other, "n3 voted for n2 in term 2"));
    world_free(&w);
}
END_TEST

START_TEST(vote_comes_back_for_another)
{
    world w = voted();
    restart(&w, 3, 0, 2, 2);
    ck_assert(broke(&w, "Election Safety"));
    world_free(&w);
}
END_TEST

START_TEST(vote_told_and_kept)
{
    world w = voted();
    restart(&w, 3, 0, 2, 1);
    vote(&w, 3, 2, 1);
    vote(&w, 3, 3, 2); /* another term, another vote */
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(vote_of_a_wiped_node)
{
    world w = voted();
    sim_check_excuse(w.check, 3);
    restart(&w, 3, 0, 0, 0);
    vote(&w, 3, 2, 2);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(word_of_an_earlier_vote_is_late)
{
    world w = world_new(3);
    vote(&w, 3, 3, 2);
    sim_check_voted(w.check, 3, 2, 3, 50);
    sim_check_voted(w.check, 3, 1, 2, 51); /* waited for the disk */
    crash(&w, 3);
    restart(&w, 3, 0, 3, 0);
    vote(&w, 3, 3, 1);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert_str_eq(w.breach.one, "n3 voted for n2 in term 3 (event 50)");
    world_free(&w);
}
END_TEST

/* ---- logs (thesis 3.8) --------------------------------------------------------------- */

/* All three have 1..3 on disk, and n3 has said so. */
static world held(uint64_t committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1) | sim_one(2) | sim_one(3), 3);
    commit(&w, 1, committed);
    sim_check_holds(w.check, 3, 1, 2, 1, 40);
    sim_check_holds(w.check, 3, 1, 3, 1, 41);
    sim_check_holds(w.check, 3, 1, 2, 1, 42); /* a late one takes nothing back */
    return w;
}

START_TEST(acknowledged_and_lost)
{
    world w = held(3);
    crash(&w, 3);
    restart(&w, 3, 1, 1, 0);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert_str_eq(w.breach.one,
                     "n3 told n1 that it holds the log up to index 3, which is committed up to "
                     "3 (event 41)");
    ck_assert(says(w.breach.other, "n3 started again with a log that ends at 1@1"));
    world_free(&w);
}
END_TEST

/* n3 has 1@1 to 3@1 on disk and n1 is to hear so when it has cut 3@1 off for the leader of term
 * 2: it holds another 3 then, or none. */
START_TEST(cut_off_before_it_was_told)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1) | sim_one(3), 3);
    be(&w, 2, SIM_FOLLOWER, 1);
    put(&w, 2, 1, "a");
    put(&w, 2, 1, "b");
    sync_from(&w, 2, 0);
    lead(&w, 2, 2);
    put(&w, 2, 2, "x");
    sync_from(&w, 2, 2);
    write_cut(&w, 3, 3);
    be(&w, 3, SIM_FOLLOWER, 2);
    sim_check_holds(w.check, 3, 1, 3, 1, 40);
    durable(&w, 3, 2, 2);
    write_cut(&w, 1, 3);
    be(&w, 1, SIM_FOLLOWER, 2);
    put(&w, 1, 2, "x");
    sync_from(&w, 1, 2);
    commit(&w, 2, 3);
    crash(&w, 3);
    restart(&w, 3, 2, 2, 0);
    ck_assert(well(&w));
    sim_check_holds(w.check, 3, 2, 3, 2, 50);
    crash(&w, 3);
    restart(&w, 3, 2, 2, 0);
    ck_assert(broke(&w, "Committed stays"));
    world_free(&w);
}
END_TEST

START_TEST(what_is_not_committed_may_be_lost)
{
    world w = held(2);
    crash(&w, 3);
    restart(&w, 3, 2, 1, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(what_was_never_said_may_be_lost)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1) | sim_one(2) | sim_one(3), 3);
    commit(&w, 1, 3);
    crash(&w, 3);
    restart(&w, 3, 1, 1, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* A later leader may take back what was acknowledged to an earlier one; the promise ends there
 * and does not come back with the index. */
START_TEST(truncated_since_it_was_acknowledged)
{
    world w = held(2);
    cut(&w, 3, 3);
    crash(&w, 3);
    restart(&w, 3, 2, 1, 0);
    commit(&w, 1, 3);
    crash(&w, 3);
    restart(&w, 3, 2, 1, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(operator_takes_what_was_acknowledged)
{
    world w = held(3);
    sim_check_excuse(w.check, 3);
    crash(&w, 3);
    restart(&w, 3, 1, 1, 0);
    crash(&w, 3);
    restart(&w, 3, 1, 1, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check words");
    TCase *t = tcase_create("votes");
    suite_add_tcase(s, t);
    tcase_add_test(t, vote_told_and_forgotten);
    tcase_add_test(t, vote_comes_back_for_another);
    tcase_add_test(t, vote_told_and_kept);
    tcase_add_test(t, vote_of_a_wiped_node);
    tcase_add_test(t, word_of_an_earlier_vote_is_late);
    t = tcase_create("logs");
    suite_add_tcase(s, t);
    tcase_add_test(t, acknowledged_and_lost);
    tcase_add_test(t, cut_off_before_it_was_told);
    tcase_add_test(t, what_is_not_committed_may_be_lost);
    tcase_add_test(t, what_was_never_said_may_be_lost);
    tcase_add_test(t, truncated_since_it_was_acknowledged);
    tcase_add_test(t, operator_takes_what_was_acknowledged);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
