/* check_members.c - configurations and quorums: each rule breaks, and nearly breaks. */
#include "sim/test/check_world.h"
#include "tests/suite.h"

/* Sets of nodes. */
enum { N12 = 3, N23 = 6, N123 = 7, N124 = 11, N1234 = 15, N145 = 25, N12345 = 31 };

/* The members that all nodes start with; the others are spares. */
static world world_of(uint32_t nodes, sim_set voters)
{
    world w = world_new(nodes);
    for (uint32_t i = 1; i <= nodes; i++)
        w.at[i].view.voters = voters;
    return w;
}

/* n1 leads term 1 and writes its no-op, which these have on disk, and commits it. */
static world led(uint32_t nodes, sim_set voters, sim_set holders)
{
    world w = world_of(nodes, voters);
    lead_with_entries(&w, holders, 1);
    commit(&w, 1, 1);
    ck_assert(well(&w));
    return w;
}

/* ---- quorums -------------------------------------------------------------------------- */

START_TEST(learner_does_not_count)
{
    world w = world_of(4, N123);
    for (sim_id id = 1; id <= 4; id++)
        w.at[id].view.learners = sim_one(4);
    lead_with_entries(&w, sim_one(1) | sim_one(4), 1);
    commit(&w, 1, 1);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.other, "n1 alone has on disk 1@1: 1 of the 2"));
    world_free(&w);
}
END_TEST

START_TEST(new_voter_counts_at_once)
{
    world w = led(4, N123, N12);
    put_config(&w, 1, 1, N1234, 0);
    sync_from(&w, 1, 1);
    put_config(&w, 2, 1, N1234, 0);
    sync_from(&w, 2, 1);
    ck_assert(well(&w));
    world copy = w;
    copy.check = sim_check_clone(w.check);
    commit(&copy, 1, 2); /* two of three, but it takes three of four now */
    ck_assert(broke(&copy, "Committed stays"));
    ck_assert(says(copy.breach.other, "2 of the 3 that it takes in a cluster of 4"));
    put(&w, 4, 1, "a");
    put_config(&w, 4, 1, N1234, 0);
    sync_from(&w, 4, 0);
    commit(&w, 1, 2);
    ck_assert(well(&w));
    world_free(&copy);
    world_free(&w);
}
END_TEST

START_TEST(leader_that_leaves_does_not_count)
{
    world w = led(3, N123, N123);
    for (sim_id id = 1; id <= 2; id++) {
        put_config(&w, id, 1, N23, 0);
        sync_from(&w, id, 1);
    }
    ck_assert(well(&w));
    world copy = w;
    copy.check = sim_check_clone(w.check);
    commit(&copy, 1, 2);
    ck_assert(broke(&copy, "Committed stays"));
    ck_assert(says(copy.breach.other, "n2 alone has on disk 2@1: 1 of the 2"));
    put_config(&w, 3, 1, N23, 0);
    sync_from(&w, 3, 1);
    commit(&w, 1, 2);
    ck_assert(well(&w));
    world_free(&copy);
    world_free(&w);
}
END_TEST

/* Thesis 4.3: of the old and of the new. */
START_TEST(joint_consensus_takes_both_majorities)
{
    static const struct {
        sim_set holders;
        const char *lacks; /* NULL: enough */
    } ways[] = {
        {N124, NULL},
        {N145, "1 of the 2 that it takes in a cluster of 3 (the outgoing one)"},
        {N12, "1 of the 2 that it takes in a cluster of 3 (the incoming one)"},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        world w = led(5, N123, sim_first_nodes(3));
        for (sim_id id = 0; (id = sim_next(ways[i].holders, id));) {
            if (id > 3) {
                be(&w, id, SIM_FOLLOWER, 1);
                put(&w, id, 1, "a");
            }
            put_config(&w, id, 1, N145, N123);
            sync_from(&w, id, id > 3 ? 0 : 1);
        }
        ck_assert(well(&w));
        commit(&w, 1, 2);
        if (ways[i].lacks) {
            ck_assert(broke(&w, "Committed stays"));
            ck_assert(says(w.breach.other, ways[i].lacks));
        } else {
            ck_assert(well(&w));
        }
        world_free(&w);
    }
}
END_TEST

/* The commit was decided before the change began. */
START_TEST(commit_and_change_in_one_step)
{
    world w = world_of(4, N123);
    lead_with_entries(&w, N12, 1);
    w.at[1].view.commit = 1;
    put_config(&w, 1, 1, N1234, 0);
    ck_assert(well(&w));
    world_free(&w);
    w = world_of(4, N123);
    lead_with_entries(&w, sim_one(1), 1);
    w.at[1].view.commit = 1;
    put_config(&w, 1, 1, N1234, 0);
    ck_assert(broke(&w, "Committed stays"));
    world_free(&w);
}
END_TEST

START_TEST(removed_node_may_lose_everything)
{
    world w = led(3, N123, N123);
    for (sim_id id = 1; id <= 2; id++) {
        put_config(&w, id, 1, N12, 0);
        sync_from(&w, id, 1);
    }
    commit(&w, 1, 2);
    crash(&w, 3);
    restart(&w, 3, 0, 1, 0);
    ck_assert(well(&w));
    world copy = w;
    copy.check = sim_check_clone(w.check);
    crash(&copy, 2);
    restart(&copy, 2, 1, 1, 0);
    ck_assert(broke(&copy, "Committed stays"));
    world_free(&copy);
    world_free(&w);
}
END_TEST

/* ---- the configuration in force ------------------------------------------------------- */

START_TEST(configuration_is_used_only_when_committed)
{
    world w = led(4, N123, N12);
    write_config(&w, 1, 1, N1234, 0);
    w.at[1].view.voters = N123;
    w.at[1].view.config_index = 0;
    show(&w, 1);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert(says(w.breach.one, "the newest configuration in the log of n1 is at index 2"));
    ck_assert(says(w.breach.other, "n1 counts by its first one, n1 n2 n3"));
    ck_assert_uint_eq(w.breach.other_seq, w.breach.one_seq + 1);
    world_free(&w);
}
END_TEST

START_TEST(configuration_survives_its_truncation)
{
    world w = led(4, N123, N12);
    put_config(&w, 2, 1, N1234, 0);
    be(&w, 2, SIM_FOLLOWER, 2);
    write_cut(&w, 2, 2);
    world copy = w;
    copy.check = sim_check_clone(w.check);
    show(&copy, 2);
    ck_assert(broke(&copy, "Election Safety"));
    ck_assert(says(copy.breach.one, "there is no configuration in the log of n2"));
    ck_assert(says(copy.breach.other, "n2 counts by the one at index 2, n1 n2 n3 n4"));
    w.at[2].view.voters = N123;
    w.at[2].view.config_index = 0;
    show(&w, 2);
    ck_assert(well(&w));
    world_free(&copy);
    world_free(&w);
}
END_TEST

START_TEST(truncation_brings_back_the_one_before)
{
    world w = led(4, N123, N123);
    for (sim_id id = 1; id <= 3; id++) {
        put_config(&w, id, 1, N1234, 0);
        sync_from(&w, id, 1);
    }
    commit(&w, 1, 2);
    put_config(&w, 3, 1, N123, 0);
    be(&w, 3, SIM_FOLLOWER, 2);
    write_cut(&w, 3, 3);
    w.at[3].view.voters = N1234;
    w.at[3].view.config_index = 2;
    show(&w, 3);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(two_nodes_read_an_entry_otherwise)
{
    world w = led(4, N123, N12);
    put_config(&w, 1, 1, N1234, 0);
    write_config(&w, 2, 1, N1234, 0);
    w.at[2].view.voters = N124;
    show(&w, 2);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert(says(w.breach.one, "n1 counts by n1 n2 n3 n4 since index 2"));
    ck_assert(says(w.breach.other, "n2 counts by n1 n2 n4 since index 2"));
    world_free(&w);
}
END_TEST

/* n1 and n2 committed a configuration; n3 gets it with a snapshot. */
static world changed(void)
{
    world w = led(4, N123, N123);
    for (sim_id id = 1; id <= 2; id++) {
        put_config(&w, id, 1, N12, 0);
        sync_from(&w, id, 1);
    }
    commit(&w, 1, 2);
    return w;
}

START_TEST(snapshot_with_an_old_configuration)
{
    world w = changed();
    write_install(&w, 3, 1, 2, false); /* it keeps n1 n2 n3 */
    show(&w, 3);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert(says(w.breach.one, "n1 counts by n1 n2 since index 2"));
    ck_assert(says(w.breach.other, "n3 counts by n1 n2 n3 since index 2"));
    world_free(&w);
}
END_TEST

START_TEST(snapshot_brings_the_configuration)
{
    world w = changed();
    write_install(&w, 3, 1, 2, false);
    w.at[3].view.voters = N12;
    show(&w, 3); /* the view need not say where it stood */
    compact(&w, 1, 2);
    w.at[1].view.config_index = 0;
    show(&w, 1);
    ck_assert(well(&w));
    /* And behind it the next one. */
    put(&w, 1, 1, "x");
    put_config(&w, 1, 1, N123, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(restart_with_an_old_configuration)
{
    world w = changed();
    compact(&w, 2, 2);
    snapshot_durable(&w, 2, 2);
    durable(&w, 2, 2, 2);
    crash(&w, 2);
    world copy = w;
    copy.check = sim_check_clone(w.check);
    w.at[2].view.config_index = 0;
    restart_behind(&w, 2, 2, 2, 1);
    ck_assert(well(&w));
    copy.at[2].view.config_index = 0;
    copy.at[2].view.voters = N123;
    restart_behind(&copy, 2, 2, 2, 1);
    ck_assert(broke(&copy, "Election Safety"));
    world_free(&copy);
    world_free(&w);
}
END_TEST

/* ---- one change at a time ------------------------------------------------------------- */

START_TEST(two_changes_at_once)
{
    world w = led(5, N123, N12);
    put_config(&w, 1, 1, N1234, 0);
    put(&w, 1, 1, "between");
    ck_assert(well(&w));
    put_config(&w, 1, 1, N12345, 0);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert(says(w.breach.one, "n1 has a change of the configuration at index 2, and 1 is "
                                 "the highest index that was committed"));
    ck_assert(says(w.breach.other, "n1, leading term 1, began another at index 4"));
    ck_assert_uint_lt(w.breach.one_seq, w.breach.other_seq);
    world_free(&w);
}
END_TEST

START_TEST(one_change_after_the_other)
{
    world w = changed();
    put_config(&w, 1, 1, N123, 0);
    sync_from(&w, 1, 2);
    put_config(&w, 2, 1, N123, 0);
    sync_from(&w, 2, 2);
    /* It is committed in the step that begins the next: joint consensus is left so. */
    w.at[1].view.commit = 3;
    put_config(&w, 1, 1, N1234, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* A follower does not know what is committed, and a leader writes what others began. */
START_TEST(followers_are_not_asked)
{
    world w = changed();
    be(&w, 4, SIM_FOLLOWER, 1);
    put(&w, 4, 1, "a");
    write_config(&w, 4, 1, N12, 0);
    put_config(&w, 1, 1, N123, 0);
    write_config(&w, 4, 1, N123, 0);
    show(&w, 4);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(change_left_by_another_leader)
{
    world w = led(4, N123, N123);
    put_config(&w, 2, 1, N1234, 0); /* of n1, not committed */
    lead(&w, 2, 2);
    put(&w, 2, 2, "noop");
    ck_assert(well(&w));
    put_config(&w, 2, 2, N123, 0);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert(says(w.breach.other, "n2, leading term 2, began another at index 4"));
    world_free(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check members");
    TCase *t = tcase_create("quorums");
    suite_add_tcase(s, t);
    tcase_add_test(t, learner_does_not_count);
    tcase_add_test(t, new_voter_counts_at_once);
    tcase_add_test(t, leader_that_leaves_does_not_count);
    tcase_add_test(t, joint_consensus_takes_both_majorities);
    tcase_add_test(t, commit_and_change_in_one_step);
    tcase_add_test(t, removed_node_may_lose_everything);
    t = tcase_create("in force");
    suite_add_tcase(s, t);
    tcase_add_test(t, configuration_is_used_only_when_committed);
    tcase_add_test(t, configuration_survives_its_truncation);
    tcase_add_test(t, truncation_brings_back_the_one_before);
    tcase_add_test(t, two_nodes_read_an_entry_otherwise);
    tcase_add_test(t, snapshot_with_an_old_configuration);
    tcase_add_test(t, snapshot_brings_the_configuration);
    tcase_add_test(t, restart_with_an_old_configuration);
    t = tcase_create("one change at a time");
    suite_add_tcase(s, t);
    tcase_add_test(t, two_changes_at_once);
    tcase_add_test(t, one_change_after_the_other);
    tcase_add_test(t, followers_are_not_asked);
    tcase_add_test(t, change_left_by_another_leader);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
