/* check_elections.c - terms, votes and leaders: each invariant breaks, and nearly breaks. */
#include "sim/sim.h"
#include "sim/test/check_world.h"
#include "tests/suite.h"

START_TEST(two_leaders_in_a_term)
{
    world w = world_new(3);
    lead(&w, 1, 3);
    lead(&w, 2, 3);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert_str_eq(w.breach.one, "n1 became leader of term 3 (event 1)");
    ck_assert_str_eq(w.breach.other, "n2 became leader of term 3 (event 2)");
    ck_assert_str_eq(w.breach.cite, "Raft thesis 3.2, 3.4");
    world_free(&w);
}
END_TEST

START_TEST(two_leaders_in_two_terms)
{
    world w = world_new(3);
    lead(&w, 1, 3);
    lead(&w, 2, 4);
    be(&w, 1, SIM_FOLLOWER, 4);
    lead(&w, 1, 5);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(many_terms_are_remembered)
{
    world w = world_new(3);
    for (uint64_t term = 1; term <= 1000; term++)
        lead(&w, (sim_id)(1 + term % 3), term * 7);
    ck_assert(well(&w));
    w.at[1].view.term = 0; /* whatever n1 was: a node that was elsewhere meanwhile */
    be(&w, 2, SIM_FOLLOWER, 7001);
    lead(&w, 2, 7001);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(elected_again_in_the_same_term)
{
    world w = world_new(1);
    lead(&w, 1, 1);
    crash(&w, 1);
    restart(&w, 1, 0, 1, 1);
    ck_assert(well(&w));
    lead(&w, 1, 1);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert(says(w.breach.other, "once more"));
    world_free(&w);
}
END_TEST

/* A sole voter leads before its disk is done.  When a crash takes term and entries, nobody
 * can have heard of either, and the next life may use both again. */
START_TEST(unheard_term_may_be_won_again)
{
    world w = world_new(1);
    static const char *const lives[] = {"one", "other", "third"};
    for (size_t life = 0; life < 3; life++) {
        if (life) {
            crash(&w, 1);
            restart(&w, 1, 0, 1, 0);
        }
        lead(&w, 1, 2);
        put(&w, 1, 2, lives[life]);
        be(&w, 1, SIM_FOLLOWER, 3);
        cut(&w, 1, 1);
        lead(&w, 1, 4); /* a second term at the same index */
        put(&w, 1, 4, lives[life]);
    }
    ck_assert(well(&w));
    /* What it told others of stays. */
    told(&w, sim_check_sent(w.check, 1, 4, ++w.seq, &w.breach));
    crash(&w, 1);
    restart(&w, 1, 0, 1, 0);
    ck_assert(broke(&w, "monotonic term"));
    world_free(&w);
}
END_TEST

START_TEST(second_vote_in_a_term)
{
    world w = world_new(3);
    vote(&w, 3, 2, 1);
    vote(&w, 3, 2, 2);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert_str_eq(w.breach.one, "n3 voted for n1 in term 2 (event 1)");
    ck_assert_str_eq(w.breach.other, "n3 voted for n2 in term 2 (event 2)");
    world_free(&w);
}
END_TEST

START_TEST(vote_cleared_and_given_again)
{
    world w = world_new(3);
    vote(&w, 3, 2, 1);
    vote(&w, 3, 2, 0);
    ck_assert(well(&w));
    vote(&w, 3, 2, 2);
    ck_assert(broke(&w, "Election Safety"));
    world_free(&w);
}
END_TEST

START_TEST(a_vote_in_each_term)
{
    world w = world_new(3);
    vote(&w, 3, 2, 1);
    vote(&w, 3, 2, 1);
    vote(&w, 3, 3, 0);
    vote(&w, 3, 3, 2);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(unwritten_vote_may_be_lost)
{
    world w = world_new(3);
    vote(&w, 3, 2, 1); /* never on disk, so nobody heard of it */
    crash(&w, 3);
    restart(&w, 3, 0, 0, 0);
    vote(&w, 3, 2, 2);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(term_falls)
{
    world w = world_new(3);
    be(&w, 2, SIM_FOLLOWER, 4);
    be(&w, 2, SIM_FOLLOWER, 3);
    ck_assert(broke(&w, "monotonic term"));
    ck_assert_str_eq(w.breach.one, "n2 was in term 4 (event 1)");
    ck_assert_str_eq(w.breach.other, "n2 is in term 3 (event 2)");
    world_free(&w);
}
END_TEST

START_TEST(term_told_and_forgotten)
{
    world w = world_new(3);
    be(&w, 2, SIM_CANDIDATE, 4);
    told(&w, sim_check_sent(w.check, 2, 4, 41, &w.breach));
    crash(&w, 2);
    restart(&w, 2, 0, 3, 0);
    ck_assert(broke(&w, "monotonic term"));
    ck_assert_str_eq(w.breach.one, "n2 told others of term 4 (event 41)");
    ck_assert(says(w.breach.other, "n2 started again in term 3"));
    world_free(&w);
}
END_TEST

START_TEST(term_not_told_may_be_lost)
{
    world w = world_new(3);
    be(&w, 2, SIM_FOLLOWER, 3);
    /* A PreVote speaks of the term that would follow. */
    told(&w, sim_check_sent(w.check, 2, 4, 41, &w.breach));
    be(&w, 2, SIM_CANDIDATE, 4);
    crash(&w, 2);
    restart(&w, 2, 0, 3, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(wiped_node_is_excused)
{
    world w = world_new(3);
    be(&w, 2, SIM_FOLLOWER, 4);
    told(&w, sim_check_sent(w.check, 2, 4, 41, &w.breach));
    crash(&w, 2);
    sim_check_excuse(w.check, 2);
    restart(&w, 2, 0, 0, 0);
    ck_assert(well(&w));
    /* Once: what it says from now on counts. */
    be(&w, 2, SIM_FOLLOWER, 5);
    told(&w, sim_check_sent(w.check, 2, 5, 60, &w.breach));
    crash(&w, 2);
    restart(&w, 2, 0, 4, 0);
    ck_assert(broke(&w, "monotonic term"));
    world_free(&w);
}
END_TEST

START_TEST(leader_lacks_what_was_committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1) | sim_one(2), 2);
    commit(&w, 1, 2);
    ck_assert(well(&w));
    lead(&w, 3, 2);
    ck_assert(broke(&w, "Leader Completeness"));
    ck_assert(says(w.breach.one, "n1 committed 1@1"));
    ck_assert(says(w.breach.other, "n3 became leader of term 2 with a log that ends at 0@0"));
    world_free(&w);
}
END_TEST

/* Thesis figure 3.7: an old entry, counted as committed, is overwritten by a leader that
 * never had it. */
START_TEST(leader_has_another_entry_there)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1) | sim_one(2), 2);
    be(&w, 3, SIM_FOLLOWER, 1);
    put(&w, 3, 1, "a");
    lead(&w, 3, 2);
    put(&w, 3, 2, "other");
    ck_assert(well(&w));
    be(&w, 3, SIM_FOLLOWER, 2);
    lead(&w, 1, 3);
    commit(&w, 1, 2);
    ck_assert(well(&w));
    lead(&w, 3, 4);
    ck_assert(broke(&w, "Leader Completeness"));
    ck_assert(says(w.breach.one, "n1 committed 2@1"));
    ck_assert(says(w.breach.other, "another entry there, 2@2"));
    world_free(&w);
}
END_TEST

START_TEST(leader_has_what_was_committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(3), 2);
    commit(&w, 1, 2);
    lead(&w, 3, 2);
    put(&w, 3, 2, "noop");
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* A leader of an old term wins late: what was committed in higher terms is not its fault. */
START_TEST(late_winner_of_an_old_term)
{
    world w = world_new(5);
    lead_with_entries(&w, sim_first_nodes(4), 1);
    commit(&w, 1, 1);
    lead(&w, 2, 5);
    for (sim_id id = 2; id <= 4; id++) {
        be(&w, id, id == 2 ? SIM_LEADER : SIM_FOLLOWER, 5);
        put(&w, id, 5, "five");
        sync_from(&w, id, 1);
    }
    commit(&w, 2, 2);
    ck_assert(well(&w));
    lead(&w, 1, 3); /* has 1@1, which is all that was committed below term 3 */
    ck_assert(well(&w));
    lead(&w, 5, 2); /* has not even that */
    ck_assert(broke(&w, "Leader Completeness"));
    world_free(&w);
}
END_TEST

/* The commit comes after the election of a leader that lacks the entry. */
START_TEST(commit_behind_a_newer_leaders_back)
{
    world w = world_new(5);
    lead_with_entries(&w, sim_first_nodes(3), 1);
    lead(&w, 5, 2);
    ck_assert(well(&w));
    commit(&w, 1, 1);
    ck_assert(broke(&w, "Leader Completeness"));
    ck_assert(says(w.breach.one, "n5 leads term 2 without 1@1"));
    world_free(&w);
}
END_TEST

START_TEST(leader_cuts_its_own_log)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1), 3);
    cut(&w, 1, 3);
    ck_assert(broke(&w, "Leader Append-Only"));
    ck_assert_str_eq(w.breach.one, "n1 leads term 1 (event 1)");
    ck_assert(says(w.breach.other, "cut its own log from index 3 on"));
    world_free(&w);
}
END_TEST

START_TEST(leader_writes_over_its_own_log)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1), 3);
    w.at[1].view.last.index = 1;
    write_entry(&w, 1, 1, "b");
    show(&w, 1);
    ck_assert(broke(&w, "Leader Append-Only"));
    world_free(&w);
}
END_TEST

START_TEST(old_leader_cuts_its_log_as_it_steps_down)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1), 3);
    write_cut(&w, 1, 3); /* the writes of a step are told before its state */
    be(&w, 1, SIM_FOLLOWER, 2);
    ck_assert(well(&w));
    /* And the next leadership starts clean. */
    cut(&w, 1, 2);
    lead(&w, 1, 3);
    put(&w, 1, 3, "noop");
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(first_breach_stays)
{
    world w = world_new(3);
    lead(&w, 1, 3);
    lead(&w, 2, 3);
    sim_breach again = {0};
    ck_assert(!sim_check_sent(w.check, 3, 1, 99, &again));
    ck_assert_str_eq(again.invariant, "Election Safety");
    ck_assert_str_eq(again.one, w.breach.one);
    const sim_view v = {0};
    ck_assert(!sim_check_append(w.check, 3, 9, NULL, 0, 99, NULL));
    ck_assert(!sim_check_truncate(w.check, 3, 1, 99, NULL));
    ck_assert(!sim_check_durable(w.check, 3, 0, 0, 99, NULL));
    ck_assert(!sim_check_load(w.check, 3, NULL, 0, 99, NULL));
    ck_assert(!sim_check_start(w.check, 3, &v, 99, NULL));
    ck_assert(!sim_check_applied(w.check, 3, 1, 1, 99, NULL));
    ck_assert(!sim_check_acknowledged(w.check, 3, 1, (sim_point){1, 1}, 0, 0, 99, NULL));
    world_free(&w);
}
END_TEST

START_TEST(clone_goes_its_own_way)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 2);
    told(&w, sim_check_applied(w.check, 1, 2, 77, 50, &w.breach));
    world copy = w;
    copy.check = sim_check_clone(w.check);
    lead(&copy, 3, 1);
    ck_assert(broke(&copy, "Election Safety"));
    be(&w, 3, SIM_FOLLOWER, 1);
    put(&w, 3, 1, "a");
    ck_assert(well(&w));
    world other = w;
    other.check = sim_check_clone(w.check);
    put(&other, 3, 1, "not b");
    ck_assert(broke(&other, "Log Matching"));
    put(&w, 3, 1, "b");
    ck_assert(well(&w));
    world_free(&other);
    world_free(&copy);
    world_free(&w);
}
END_TEST

START_TEST(table_is_whole)
{
    size_t n = 0;
    for (const sim_invariant_info *i = sim_invariants; i->name; i++, n++) {
        ck_assert_ptr_nonnull(strstr(i->cite, "Raft thesis"));
        ck_assert_uint_gt(strlen(i->meaning), 20);
        for (const sim_invariant_info *j = sim_invariants; j < i; j++)
            ck_assert_str_ne(i->name, j->name);
    }
    ck_assert_uint_eq(n, 14);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check elections");
    TCase *t = tcase_create("terms, votes, leaders");
    suite_add_tcase(s, t);
    tcase_add_test(t, two_leaders_in_a_term);
    tcase_add_test(t, two_leaders_in_two_terms);
    tcase_add_test(t, many_terms_are_remembered);
    tcase_add_test(t, elected_again_in_the_same_term);
    tcase_add_test(t, unheard_term_may_be_won_again);
    tcase_add_test(t, second_vote_in_a_term);
    tcase_add_test(t, vote_cleared_and_given_again);
    tcase_add_test(t, a_vote_in_each_term);
    tcase_add_test(t, unwritten_vote_may_be_lost);
    tcase_add_test(t, term_falls);
    tcase_add_test(t, term_told_and_forgotten);
    tcase_add_test(t, term_not_told_may_be_lost);
    tcase_add_test(t, wiped_node_is_excused);
    tcase_add_test(t, leader_lacks_what_was_committed);
    tcase_add_test(t, leader_has_another_entry_there);
    tcase_add_test(t, leader_has_what_was_committed);
    tcase_add_test(t, late_winner_of_an_old_term);
    tcase_add_test(t, commit_behind_a_newer_leaders_back);
    tcase_add_test(t, leader_cuts_its_own_log);
    tcase_add_test(t, leader_writes_over_its_own_log);
    tcase_add_test(t, old_leader_cuts_its_log_as_it_steps_down);
    tcase_add_test(t, first_breach_stays);
    tcase_add_test(t, clone_goes_its_own_way);
    tcase_add_test(t, table_is_whole);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
