/* check_logs.c - logs, disks, commits, applied state and answers: each invariant breaks, and
 * nearly breaks. */
#include "sim/test/check_world.h"
#include "tests/suite.h"

/* ---- Log Matching ------------------------------------------------------------------ */

START_TEST(same_place_another_content)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1), 2);
    be(&w, 2, SIM_FOLLOWER, 1);
    put(&w, 2, 1, "a");
    ck_assert(well(&w));
    put(&w, 2, 1, "x");
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.one, "n1 wrote 2@1 to its log"));
    ck_assert(says(w.breach.other, "n2 wrote 2@1 with another content"));
    world_free(&w);
}
END_TEST

START_TEST(same_entry_behind_another)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1), 1);
    put(&w, 1, 2, "same");
    be(&w, 2, SIM_FOLLOWER, 2);
    put(&w, 2, 2, "x"); /* 1@2, which nobody else has */
    ck_assert(well(&w));
    put(&w, 2, 2, "same");
    ck_assert(broke(&w, "Log Matching"));
    world_free(&w);
}
END_TEST

/* The pair is not the first that its index saw, so it is in the table of the others. */
START_TEST(differs_in_a_later_term)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1), 1);
    for (uint64_t term = 2; term <= 40; term++) {
        lead(&w, 2, term);
        put(&w, 2, term, "x");
        be(&w, 2, SIM_FOLLOWER, term);
        cut(&w, 2, 1);
    }
    be(&w, 3, SIM_FOLLOWER, 40);
    put(&w, 3, 23, "x");
    ck_assert(well(&w));
    cut(&w, 3, 1);
    put(&w, 3, 24, "y");
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.one, "n2 wrote 1@24"));
    world_free(&w);
}
END_TEST

START_TEST(replaced_entries_match)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    lead(&w, 3, 2);
    put(&w, 3, 2, "x");
    be(&w, 2, SIM_FOLLOWER, 2);
    write_cut(&w, 2, 1);
    put(&w, 2, 2, "x");
    cut(&w, 2, 1); /* and back again to what it was */
    put(&w, 2, 1, "a");
    put(&w, 2, 1, "b");
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(log_longer_than_what_was_written)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(2) | sim_one(1), 3);
    be(&w, 2, SIM_FOLLOWER, 2);
    write_cut(&w, 2, 2);
    w.at[2].view.last = (sim_point){3, 1}; /* kept its tail */
    show(&w, 2);
    ck_assert(broke(&w, "Log Matching"));
    ck_assert_str_eq(w.breach.one, "what n2 wrote to its log ends at 1@1 (event 18)");
    ck_assert(says(w.breach.other, "the log of n2 ends at 3@1"));
    world_free(&w);
}
END_TEST

START_TEST(gap_in_a_log)
{
    world w = world_new(3);
    sim_entry e = entry_of(1, "a");
    told(&w, sim_check_append(w.check, 1, 2, &e, 1, 5, &w.breach));
    ck_assert(broke(&w, "Log Matching"));
    ck_assert_str_eq(w.breach.one, "the log of n1 ended at index 0");
    ck_assert_str_eq(w.breach.other, "n1 wrote its next entry at index 2 (event 5)");
    world_free(&w);
}
END_TEST

START_TEST(preset_logs_contradict_each_other)
{
    world w = world_new(3);
    w.at[1].log[0] = w.at[2].log[0] = entry_of(1, "");
    w.at[1].log[1] = w.at[2].log[1] = entry_of(2, "");
    w.at[3].log[0] = entry_of(2, "");
    w.at[3].log[1] = entry_of(2, "");
    restart(&w, 1, 2, 2, 0);
    restart(&w, 2, 2, 2, 0);
    ck_assert(well(&w));
    restart(&w, 3, 2, 2, 0);
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.one, "n1 wrote 2@2"));
    ck_assert(says(w.breach.other, "n3 wrote 2@2"));
    world_free(&w);
}
END_TEST

/* ---- State Machine Safety ------------------------------------------------------------ */

START_TEST(another_entry_is_committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 2);
    commit(&w, 1, 2);
    be(&w, 3, SIM_FOLLOWER, 1);
    put(&w, 3, 1, "a");
    be(&w, 3, SIM_FOLLOWER, 2);
    put(&w, 3, 2, "x");
    commit(&w, 3, 1);
    ck_assert(well(&w));
    commit(&w, 3, 2);
    ck_assert(broke(&w, "State Machine Safety"));
    ck_assert(says(w.breach.one, "n1 committed 2@1"));
    ck_assert(says(w.breach.other, "n3 committed another entry there, 2@2"));
    world_free(&w);
}
END_TEST

/* The leader counts a follower whose log it never compared. */
START_TEST(conflicting_log_is_counted)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_one(1), 2);
    lead(&w, 2, 2);
    put(&w, 2, 2, "x");
    put(&w, 2, 2, "y");
    sync_from(&w, 2, 0);
    commit(&w, 1, 1);
    ck_assert(broke(&w, "State Machine Safety"));
    ck_assert(says(w.breach.other, "n2, without which n1 has no majority"));
    world_free(&w);
}
END_TEST

START_TEST(commit_past_the_end)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 2);
    commit(&w, 1, 3);
    ck_assert(broke(&w, "monotonic commit"));
    world_free(&w);
}
END_TEST

START_TEST(commit_falls)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 2);
    commit(&w, 1, 2);
    commit(&w, 1, 1);
    ck_assert(broke(&w, "monotonic commit"));
    ck_assert(says(w.breach.one, "n1 had committed up to index 2"));
    world_free(&w);
}
END_TEST

START_TEST(commit_starts_over_after_a_crash)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 2);
    commit(&w, 1, 2);
    commit(&w, 2, 2);
    crash(&w, 2);
    restart(&w, 2, 2, 1, 0);
    commit(&w, 2, 1);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* ---- Committed stays ------------------------------------------------------------------ */

START_TEST(committed_on_too_few_disks)
{
    world w = world_new(5);
    lead_with_entries(&w, sim_first_nodes(2), 2);
    be(&w, 3, SIM_FOLLOWER, 1);
    put(&w, 3, 1, "a");
    put(&w, 3, 1, "b"); /* in its log, not on its disk */
    commit(&w, 1, 2);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.one, "n1 committed 2@1"));
    ck_assert(says(w.breach.other, "n1 and n2 alone have on disk 2@1: 2 of the 3 that it takes "
                                   "in a cluster of 5"));
    world_free(&w);
}
END_TEST

START_TEST(committed_without_the_leaders_disk)
{
    world w = world_new(3);
    lead(&w, 1, 1);
    put(&w, 1, 1, "a"); /* thesis 10.2.1: the leader's own disk may be the slow one */
    for (sim_id id = 2; id <= 3; id++) {
        be(&w, id, SIM_FOLLOWER, 1);
        put(&w, id, 1, "a");
        sync_from(&w, id, 0);
    }
    commit(&w, 1, 1);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(half_is_no_majority)
{
    world w = world_new(4);
    lead_with_entries(&w, sim_first_nodes(2), 1);
    commit(&w, 1, 1);
    ck_assert(broke(&w, "Committed stays"));
    world_free(&w);
}
END_TEST

START_TEST(spare_disk_does_not_count)
{
    world w = world_new(4);
    for (sim_id id = 1; id <= 4; id++)
        w.at[id].view.voters = sim_first_nodes(3);
    lead_with_entries(&w, sim_one(1) | sim_one(4), 1);
    commit(&w, 1, 1);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.other, "n1 alone has on disk"));
    world_free(&w);
}
END_TEST

START_TEST(disk_loses_what_was_committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 3);
    crash(&w, 2);
    restart(&w, 2, 2, 1, 0);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.one, "n1 committed 3@1"));
    ck_assert(says(w.breach.other, "n1 alone has on disk 3@1"));
    ck_assert(says(w.breach.other, "since n2 gave it up"));
    world_free(&w);
}
END_TEST

START_TEST(disk_loses_what_a_majority_keeps)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(3), 3);
    commit(&w, 1, 3);
    crash(&w, 2);
    restart(&w, 2, 2, 1, 0);
    ck_assert(well(&w));
    crash(&w, 3);
    restart(&w, 3, 0, 1, 0);
    ck_assert(broke(&w, "Committed stays"));
    world_free(&w);
}
END_TEST

START_TEST(disk_loses_what_was_not_committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 2);
    crash(&w, 2);
    restart(&w, 2, 2, 1, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(operator_wipes_a_disk)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 2);
    crash(&w, 2);
    sim_check_excuse(w.check, 2);
    restart(&w, 2, 0, 0, 0);
    ck_assert(well(&w));
    commit(&w, 1, 3); /* n2 had it when it acknowledged it */
    ck_assert(well(&w));
    put(&w, 1, 1, "new");
    sync_from(&w, 1, 3);
    commit(&w, 1, 4); /* this one it never had */
    ck_assert(broke(&w, "Committed stays"));
    world_free(&w);
}
END_TEST

START_TEST(node_cuts_what_it_knows_to_be_committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(3), 3);
    commit(&w, 1, 3);
    commit(&w, 2, 2);
    cut(&w, 2, 3);
    ck_assert(well(&w)); /* n1 and n3 have it still */
    cut(&w, 2, 2);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.one, "n2 had committed up to 2@1"));
    ck_assert(says(w.breach.other, "n2 cut its log from index 2 on"));
    world_free(&w);
}
END_TEST

START_TEST(late_append_cuts_what_is_committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 3);
    cut(&w, 2, 2); /* a majority had it, n2 among them */
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.one, "n1 committed 3@1"));
    world_free(&w);
}
END_TEST

/* n2's log agrees with what is committed up to 2 only: that much it gives up. */
START_TEST(a_part_of_the_log_is_given_up)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(3), 2);
    put(&w, 2, 1, "c");
    put(&w, 2, 1, "d");
    sync_from(&w, 2, 2);
    lead(&w, 3, 2);
    be(&w, 1, SIM_FOLLOWER, 2);
    for (sim_id id = 1; id <= 3; id += 2) {
        put(&w, id, 2, "x");
        put(&w, id, 2, "y");
        sync_from(&w, id, 2);
    }
    commit(&w, 3, 4);
    ck_assert(well(&w));
    be(&w, 2, SIM_FOLLOWER, 2);
    cut(&w, 2, 1); /* n1 and n3 have it all */
    ck_assert(well(&w));
    crash(&w, 1);
    restart(&w, 1, 1, 2, 0);
    ck_assert(broke(&w, "Committed stays"));
    world_free(&w);
}
END_TEST

/* The highest entry given up counts, not the lowest: here a majority keeps 1@1. */
START_TEST(only_the_top_is_given_up)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    be(&w, 3, SIM_FOLLOWER, 1);
    put(&w, 3, 1, "a");
    sync_from(&w, 3, 0);
    commit(&w, 1, 3);
    ck_assert(well(&w));
    crash(&w, 2);
    restart(&w, 2, 0, 1, 0);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.one, "3@1"));
    world_free(&w);
}
END_TEST

/* The disk says "durable up to 2", but of the entry that stood there before: an index
 * alone has an ABA race. */
START_TEST(old_entry_on_disk_does_not_count)
{
    world w = world_new(3);
    be(&w, 2, SIM_FOLLOWER, 1);
    put(&w, 2, 1, "a");
    put(&w, 2, 1, "old");
    lead(&w, 1, 2);
    put(&w, 1, 1, "a");
    put(&w, 1, 2, "new");
    sync_from(&w, 1, 0);
    be(&w, 2, SIM_FOLLOWER, 2);
    write_cut(&w, 2, 2);
    put(&w, 2, 2, "new");
    durable(&w, 2, 0, 2); /* the first write; the second is still under way */
    commit(&w, 1, 2);
    ck_assert(broke(&w, "Committed stays"));
    world_free(&w);
}
END_TEST

START_TEST(new_entry_on_disk_counts)
{
    world w = world_new(3);
    be(&w, 2, SIM_FOLLOWER, 1);
    put(&w, 2, 1, "a");
    put(&w, 2, 1, "old");
    lead(&w, 1, 2);
    put(&w, 1, 1, "a");
    put(&w, 1, 2, "new");
    sync_from(&w, 1, 0);
    be(&w, 2, SIM_FOLLOWER, 2);
    write_cut(&w, 2, 2);
    put(&w, 2, 2, "new");
    durable(&w, 2, 0, 2);
    durable(&w, 2, 1, 2);
    commit(&w, 1, 2);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* The truncation never reached the disk: the old entries are back. */
START_TEST(crash_before_a_truncation_is_durable)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    sim_entry old[3];
    memcpy(old, w.at[2].log, sizeof old);
    be(&w, 2, SIM_FOLLOWER, 2);
    write_cut(&w, 2, 2);
    put(&w, 2, 2, "x");
    crash(&w, 2);
    memcpy(w.at[2].log, old, sizeof old);
    restart(&w, 2, 3, 2, 0);
    ck_assert(well(&w));
    commit(&w, 1, 3);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* ---- applied and answered --------------------------------------------------------------- */

START_TEST(applied_before_committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 2);
    told(&w, sim_check_applied(w.check, 1, 2, 5, 70, &w.breach));
    ck_assert(well(&w));
    told(&w, sim_check_applied(w.check, 1, 3, 6, 71, &w.breach));
    ck_assert(broke(&w, "monotonic applied"));
    ck_assert_str_eq(w.breach.one, "n1 has committed up to index 2 (event 17)");
    ck_assert_str_eq(w.breach.other, "n1 applied up to index 3 (event 71)");
    world_free(&w);
}
END_TEST

START_TEST(applied_twice)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 3);
    told(&w, sim_check_applied(w.check, 1, 2, 5, 70, &w.breach));
    told(&w, sim_check_applied(w.check, 1, 2, 5, 71, &w.breach));
    ck_assert(broke(&w, "monotonic applied"));
    ck_assert_str_eq(w.breach.one, "n1 had applied up to index 2 (event 70)");
    world_free(&w);
}
END_TEST

START_TEST(states_differ)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 3);
    commit(&w, 2, 3);
    told(&w, sim_check_applied(w.check, 1, 2, 5, 70, &w.breach));
    told(&w, sim_check_applied(w.check, 1, 3, 6, 71, &w.breach));
    told(&w, sim_check_applied(w.check, 2, 2, 5, 72, &w.breach));
    ck_assert(well(&w));
    told(&w, sim_check_applied(w.check, 2, 3, 7, 73, &w.breach));
    ck_assert(broke(&w, "equal state"));
    ck_assert_str_eq(w.breach.one,
                     "the state of n1 after index 3 hashes to 0000000000000006 (event 71)");
    world_free(&w);
}
END_TEST

START_TEST(applied_again_after_a_crash)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 3);
    commit(&w, 2, 3);
    told(&w, sim_check_applied(w.check, 2, 3, 5, 70, &w.breach));
    crash(&w, 2);
    restart(&w, 2, 3, 1, 0);
    commit(&w, 2, 3);
    told(&w, sim_check_applied(w.check, 2, 3, 5, 80, &w.breach));
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(answered_before_committed)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 2);
    told(&w, sim_check_acknowledged(w.check, 1, 4, (sim_point){2, 1}, 0, 0, 70, &w.breach));
    ck_assert(well(&w));
    told(&w, sim_check_acknowledged(w.check, 1, 5, (sim_point){3, 1}, 0, 0, 71, &w.breach));
    ck_assert(broke(&w, "acknowledged"));
    ck_assert_str_eq(w.breach.one, "n1 answered request 5 as done by 3@1 (event 71)");
    ck_assert_str_eq(w.breach.other, "no node has committed more than index 2 (event 17)");
    world_free(&w);
}
END_TEST

START_TEST(answered_for_another_entry)
{
    world w = world_new(3);
    lead_with_entries(&w, sim_first_nodes(2), 3);
    commit(&w, 1, 3);
    told(&w, sim_check_acknowledged(w.check, 1, 5, (sim_point){3, 2}, 0, 0, 71, &w.breach));
    ck_assert(broke(&w, "acknowledged"));
    ck_assert(says(w.breach.other, "n1 committed 3@1 there"));
    world_free(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check logs");
    TCase *t = tcase_create("log matching");
    suite_add_tcase(s, t);
    tcase_add_test(t, same_place_another_content);
    tcase_add_test(t, same_entry_behind_another);
    tcase_add_test(t, differs_in_a_later_term);
    tcase_add_test(t, replaced_entries_match);
    tcase_add_test(t, log_longer_than_what_was_written);
    tcase_add_test(t, gap_in_a_log);
    tcase_add_test(t, preset_logs_contradict_each_other);
    t = tcase_create("commit");
    suite_add_tcase(s, t);
    tcase_add_test(t, another_entry_is_committed);
    tcase_add_test(t, conflicting_log_is_counted);
    tcase_add_test(t, commit_past_the_end);
    tcase_add_test(t, commit_falls);
    tcase_add_test(t, commit_starts_over_after_a_crash);
    t = tcase_create("committed stays");
    suite_add_tcase(s, t);
    tcase_add_test(t, committed_on_too_few_disks);
    tcase_add_test(t, committed_without_the_leaders_disk);
    tcase_add_test(t, half_is_no_majority);
    tcase_add_test(t, spare_disk_does_not_count);
    tcase_add_test(t, disk_loses_what_was_committed);
    tcase_add_test(t, disk_loses_what_a_majority_keeps);
    tcase_add_test(t, disk_loses_what_was_not_committed);
    tcase_add_test(t, operator_wipes_a_disk);
    tcase_add_test(t, node_cuts_what_it_knows_to_be_committed);
    tcase_add_test(t, late_append_cuts_what_is_committed);
    tcase_add_test(t, a_part_of_the_log_is_given_up);
    tcase_add_test(t, only_the_top_is_given_up);
    tcase_add_test(t, old_entry_on_disk_does_not_count);
    tcase_add_test(t, new_entry_on_disk_counts);
    tcase_add_test(t, crash_before_a_truncation_is_durable);
    t = tcase_create("applied and answered");
    suite_add_tcase(s, t);
    tcase_add_test(t, applied_before_committed);
    tcase_add_test(t, applied_twice);
    tcase_add_test(t, states_differ);
    tcase_add_test(t, applied_again_after_a_crash);
    tcase_add_test(t, answered_before_committed);
    tcase_add_test(t, answered_for_another_entry);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
