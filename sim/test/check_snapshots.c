/* check_snapshots.c - logs that begin behind a snapshot: each invariant breaks there as well,
 * and nearly breaks. */
#include "sim/test/check_world.h"
#include "tests/suite.h"

/* n1 leads term 1; n1 and n2 have five entries on disk, all committed; n2 knows of three. */
static world five_committed(uint32_t nodes)
{
    world w = world_new(nodes);
    lead_with_entries(&w, nodes > 3 ? sim_first_nodes(3) : sim_first_nodes(2), 5);
    commit(&w, 1, 5);
    commit(&w, 2, 3);
    be(&w, 3, SIM_FOLLOWER, 1);
    ck_assert(well(&w));
    return w;
}

/* ---- own snapshots -------------------------------------------------------------------- */

START_TEST(snapshot_of_what_is_not_committed)
{
    world w = five_committed(3);
    compact(&w, 1, 5);
    put(&w, 1, 1, "six");
    ck_assert(well(&w));
    compact(&w, 1, 6);
    ck_assert(broke(&w, "State Machine Safety"));
    ck_assert(says(w.breach.one, "no node has committed more than index 5"));
    ck_assert(says(w.breach.other, "n1 took a snapshot of its own up to 6@1"));
    ck_assert_uint_gt(w.breach.one_seq, 0);
    ck_assert_uint_gt(w.breach.other_seq, w.breach.one_seq);
    world_free(&w);
}
END_TEST

START_TEST(snapshot_of_another_entry)
{
    world w = five_committed(3);
    put(&w, 3, 1, "a");
    be(&w, 3, SIM_FOLLOWER, 2);
    put(&w, 3, 2, "mine");
    ck_assert(well(&w));
    compact(&w, 3, 2);
    ck_assert(broke(&w, "State Machine Safety"));
    ck_assert(says(w.breach.one, "n1 committed 2@1"));
    ck_assert(says(w.breach.other, "n3 took a snapshot of its own up to 2@2"));
    world_free(&w);
}
END_TEST

START_TEST(behind_a_snapshot_nothing_may_be_cut)
{
    world w = five_committed(3);
    compact(&w, 2, 3);
    cut(&w, 2, 3);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.one, "n2 had committed up to 3@1"));
    world_free(&w);
}
END_TEST

/* The entry that is cut is behind the snapshot, and n2 does not know that it is committed. */
START_TEST(what_follows_a_snapshot_still_counts)
{
    world w = five_committed(3);
    compact(&w, 2, 3);
    snapshot_durable(&w, 2, 3);
    durable(&w, 2, 5, 5);
    ck_assert(well(&w));
    cut(&w, 2, 5);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.other, "n1 alone has on disk 5@1"));
    world_free(&w);
}
END_TEST

START_TEST(logs_match_behind_snapshots)
{
    world w = five_committed(3);
    compact(&w, 1, 5);
    compact(&w, 2, 3);
    for (uint64_t i = 0; i < 4; i++)
        put(&w, 3, 1, (const char *[]){"a", "b", "c", "d"}[i]);
    ck_assert(well(&w));
    put(&w, 3, 1, "x"); /* 5@1 is e, which n1 has in its snapshot only */
    ck_assert(broke(&w, "Log Matching"));
    world_free(&w);
}
END_TEST

START_TEST(gap_behind_a_snapshot)
{
    world w = five_committed(3);
    compact(&w, 1, 5);
    put(&w, 1, 1, "six");
    ck_assert(well(&w));
    w.at[1].view.last.index = 7;
    write_entry(&w, 1, 1, "eight");
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.one, "the log of n1 ended at index 6"));
    world_free(&w);
}
END_TEST

/* ---- snapshots that arrive ------------------------------------------------------------ */

START_TEST(installed_snapshot_counts_when_it_is_durable)
{
    world w = five_committed(3);
    install(&w, 3, 1, 5, false);
    snapshot_durable(&w, 3, 5);
    durable(&w, 3, 5, 5);
    put(&w, 1, 1, "six");
    sync_from(&w, 1, 5);
    put(&w, 3, 1, "six");
    sync_from(&w, 3, 5);
    commit(&w, 1, 6); /* on n1 and n3 */
    ck_assert(well(&w));
    /* And n2 may lose everything: n1 and n3 are a majority, also of 5@1. */
    crash(&w, 2);
    restart_behind(&w, 2, 0, 0, 1);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* The snapshot was acknowledged, but is not on disk: what stands behind it is not either. */
START_TEST(installed_snapshot_counts_for_nothing_before)
{
    world w = five_committed(3);
    install(&w, 3, 1, 5, false);
    put(&w, 1, 1, "six");
    sync_from(&w, 1, 5);
    put(&w, 3, 1, "six");
    durable(&w, 3, 0, 6); /* the write behind it overtook it */
    commit(&w, 1, 6);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.other, "n1 alone has on disk 6@1"));
    world_free(&w);
}
END_TEST

START_TEST(crash_before_a_snapshot_is_durable)
{
    world w = five_committed(3);
    put(&w, 3, 1, "a");
    put(&w, 3, 1, "b");
    sync_from(&w, 3, 0);
    install(&w, 3, 1, 5, false);
    put(&w, 1, 1, "six");
    put(&w, 3, 1, "six");
    crash(&w, 3);
    restart_behind(&w, 3, 0, 2, 1); /* what was there before */
    ck_assert(well(&w));
    put(&w, 3, 1, "c"); /* and it goes on from there */
    install(&w, 3, 1, 5, false);
    snapshot_durable(&w, 3, 5);
    durable(&w, 3, 5, 5);
    crash(&w, 3);
    restart_behind(&w, 3, 5, 5, 1);
    put(&w, 3, 1, "six");
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(snapshot_replaces_a_log_that_differs)
{
    world w = world_new(3);
    lead(&w, 3, 1);
    put(&w, 3, 1, "lost");
    put(&w, 3, 1, "lost too");
    sync_from(&w, 3, 0);
    for (sim_id id = 1; id <= 2; id++) {
        be(&w, id, id == 1 ? SIM_LEADER : SIM_FOLLOWER, 2);
        for (uint64_t i = 0; i < 4; i++)
            put(&w, id, 2, (const char *[]){"a", "b", "c", "d"}[i]);
        sync_from(&w, id, 0);
    }
    commit(&w, 1, 3);
    be(&w, 3, SIM_FOLLOWER, 2);
    install(&w, 3, 1, 3, false);
    snapshot_durable(&w, 3, 3);
    durable(&w, 3, 3, 3);
    put(&w, 3, 2, "d");
    sync_from(&w, 3, 3);
    ck_assert(well(&w));
    commit(&w, 1, 4);
    lead(&w, 3, 3); /* it has all that was committed */
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(leader_lacks_what_stands_behind_its_snapshot)
{
    world w = five_committed(3);
    install(&w, 3, 1, 4, false);
    ck_assert(well(&w));
    lead(&w, 3, 2);
    ck_assert(broke(&w, "Leader Completeness"));
    ck_assert(says(w.breach.one, "n1 committed 5@1"));
    ck_assert(says(w.breach.other, "a log that ends at 4@1"));
    world_free(&w);
}
END_TEST

START_TEST(snapshot_rolls_a_node_back)
{
    world w = five_committed(3);
    install(&w, 2, 1, 2, false);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.one, "n2 had committed up to 3@1"));
    ck_assert(says(w.breach.other, "n2 put a snapshot up to 2@1 in its place"));
    world_free(&w);
}
END_TEST

START_TEST(snapshot_drops_entries_behind_it)
{
    world w = five_committed(3);
    install(&w, 2, 1, 4, false);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.one, "n1 committed 5@1"));
    ck_assert(says(w.breach.other, "since n2 gave it up"));
    world_free(&w);
}
END_TEST

START_TEST(snapshot_keeps_entries_behind_it)
{
    world w = five_committed(3);
    install(&w, 2, 1, 4, true);
    snapshot_durable(&w, 2, 4);
    durable(&w, 2, 5, 5);
    crash(&w, 2);
    restart_behind(&w, 2, 4, 5, 1);
    put(&w, 2, 1, "f");
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(snapshot_drops_what_a_majority_keeps)
{
    world w = five_committed(5);
    for (sim_id id = 4; id <= 5; id++) {
        be(&w, id, SIM_FOLLOWER, 1);
        for (uint64_t i = 0; i < 5; i++)
            put(&w, id, 1, (const char *[]){"a", "b", "c", "d", "e"}[i]);
        sync_from(&w, id, 0);
    }
    install(&w, 2, 1, 4, false);
    ck_assert(well(&w));
    install(&w, 3, 1, 4, false);
    ck_assert(well(&w));
    install(&w, 4, 1, 4, false); /* and now it is on n1 and n5 only */
    ck_assert(broke(&w, "Committed stays"));
    world_free(&w);
}
END_TEST

START_TEST(entries_are_kept_behind_another_one)
{
    world w = five_committed(3);
    be(&w, 3, SIM_FOLLOWER, 2);
    put(&w, 3, 2, "other");
    put(&w, 3, 2, "others");
    ck_assert(well(&w));
    write_install(&w, 3, 1, 1, true);
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.one, "the log of n3 has 1@2"));
    ck_assert(says(w.breach.other, "n3 kept its entries behind a snapshot up to 1@1"));
    world_free(&w);
}
END_TEST

START_TEST(snapshot_that_nobody_committed_arrives)
{
    world w = five_committed(3);
    put(&w, 1, 1, "six");
    write_install(&w, 3, 1, 6, false);
    ck_assert(broke(&w, "State Machine Safety"));
    ck_assert(says(w.breach.other, "n3 installed a snapshot up to 6@1"));
    world_free(&w);
}
END_TEST

/* ---- restarts and state --------------------------------------------------------------- */

START_TEST(restart_from_snapshot_and_tail)
{
    world w = five_committed(3);
    compact(&w, 2, 3);
    snapshot_durable(&w, 2, 3);
    durable(&w, 2, 5, 5);
    crash(&w, 2);
    restart_behind(&w, 2, 3, 5, 1);
    commit(&w, 2, 5);
    compact(&w, 2, 5);
    snapshot_durable(&w, 2, 5);
    durable(&w, 2, 5, 5);
    crash(&w, 2);
    restart_behind(&w, 2, 5, 5, 1);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(restart_from_snapshot_without_its_tail)
{
    world w = five_committed(3);
    compact(&w, 2, 3);
    snapshot_durable(&w, 2, 3);
    durable(&w, 2, 5, 5);
    crash(&w, 2);
    restart_behind(&w, 2, 3, 4, 1);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.other, "n1 alone has on disk 5@1"));
    world_free(&w);
}
END_TEST

START_TEST(restart_from_another_snapshot)
{
    world w = five_committed(3);
    compact(&w, 2, 3);
    crash(&w, 2);
    told(&w, sim_check_snapshot(w.check, 2, (sim_point){3, 2}, 90, &w.breach));
    ck_assert(broke(&w, "State Machine Safety"));
    ck_assert_str_eq(w.breach.other, "n2 started on a snapshot up to 3@2 (event 90)");
    ck_assert_uint_eq(w.breach.other_seq, 90);
    world_free(&w);
}
END_TEST

START_TEST(wiped_node_gets_a_snapshot)
{
    world w = five_committed(3);
    compact(&w, 2, 3);
    snapshot_durable(&w, 2, 3);
    durable(&w, 2, 5, 5);
    crash(&w, 2);
    sim_check_excuse(w.check, 2);
    restart_behind(&w, 2, 0, 0, 0);
    ck_assert(well(&w)); /* an operator's loss goes on counting */
    be(&w, 2, SIM_FOLLOWER, 1);
    put(&w, 2, 1, "a");
    sync_from(&w, 2, 0);
    install(&w, 2, 1, 5, false);
    snapshot_durable(&w, 2, 5);
    durable(&w, 2, 5, 5);
    put(&w, 2, 1, "six");
    ck_assert(well(&w));
    /* The leader's disk is lost now: n2 has all of it on its own. */
    crash(&w, 1);
    sim_check_excuse(w.check, 1);
    restart_behind(&w, 1, 0, 0, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(restored_state_differs)
{
    world w = five_committed(3);
    told(&w, sim_check_applied(w.check, 1, 4, 77, 70, &w.breach));
    install(&w, 3, 1, 4, false);
    told(&w, sim_check_applied(w.check, 3, 4, 77, 71, &w.breach));
    told(&w, sim_check_applied(w.check, 3, 4, 77, 71, &w.breach)); /* once more the same */
    ck_assert(well(&w));
    install(&w, 2, 1, 4, true);
    told(&w, sim_check_applied(w.check, 2, 4, 78, 72, &w.breach));
    ck_assert(broke(&w, "equal state"));
    ck_assert_uint_eq(w.breach.one_seq, 70);
    ck_assert_uint_eq(w.breach.other_seq, 72);
    world_free(&w);
}
END_TEST

START_TEST(state_goes_back_by_a_snapshot)
{
    world w = five_committed(3);
    told(&w, sim_check_applied(w.check, 1, 4, 77, 70, &w.breach));
    told(&w, sim_check_applied(w.check, 1, 3, 76, 71, &w.breach));
    ck_assert(broke(&w, "monotonic applied"));
    world_free(&w);
}
END_TEST

START_TEST(clone_with_snapshots_goes_its_own_way)
{
    world w = five_committed(3);
    compact(&w, 1, 5);
    compact(&w, 2, 3);
    install(&w, 3, 1, 4, false); /* on its way */
    world copy = w;
    copy.check = sim_check_clone(w.check);
    lead(&copy, 3, 2);
    ck_assert(broke(&copy, "Leader Completeness"));
    snapshot_durable(&w, 3, 4);
    durable(&w, 3, 4, 4);
    put(&w, 3, 1, "e");
    lead(&w, 3, 2);
    ck_assert(well(&w));
    world_free(&copy);
    world_free(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check snapshots");
    TCase *t = tcase_create("own");
    suite_add_tcase(s, t);
    tcase_add_test(t, snapshot_of_what_is_not_committed);
    tcase_add_test(t, snapshot_of_another_entry);
    tcase_add_test(t, behind_a_snapshot_nothing_may_be_cut);
    tcase_add_test(t, what_follows_a_snapshot_still_counts);
    tcase_add_test(t, logs_match_behind_snapshots);
    tcase_add_test(t, gap_behind_a_snapshot);
    t = tcase_create("arriving");
    suite_add_tcase(s, t);
    tcase_add_test(t, installed_snapshot_counts_when_it_is_durable);
    tcase_add_test(t, installed_snapshot_counts_for_nothing_before);
    tcase_add_test(t, crash_before_a_snapshot_is_durable);
    tcase_add_test(t, snapshot_replaces_a_log_that_differs);
    tcase_add_test(t, leader_lacks_what_stands_behind_its_snapshot);
    tcase_add_test(t, snapshot_rolls_a_node_back);
    tcase_add_test(t, snapshot_drops_entries_behind_it);
    tcase_add_test(t, snapshot_keeps_entries_behind_it);
    tcase_add_test(t, snapshot_drops_what_a_majority_keeps);
    tcase_add_test(t, entries_are_kept_behind_another_one);
    tcase_add_test(t, snapshot_that_nobody_committed_arrives);
    t = tcase_create("restarts and state");
    suite_add_tcase(s, t);
    tcase_add_test(t, restart_from_snapshot_and_tail);
    tcase_add_test(t, restart_from_snapshot_without_its_tail);
    tcase_add_test(t, restart_from_another_snapshot);
    tcase_add_test(t, wiped_node_gets_a_snapshot);
    tcase_add_test(t, restored_state_differs);
    tcase_add_test(t, state_goes_back_by_a_snapshot);
    tcase_add_test(t, clone_with_snapshots_goes_its_own_way);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
