/* base_types.c - sets of nodes, and the printed names of the shared types. */
#include "sim/types.h"
#include "tests/suite.h"
#include <string.h>

START_TEST(sets_are_walked_in_order)
{
    sim_set set = sim_one(64) | sim_one(1) | sim_one(33) | sim_one(2);
    sim_id seen[5], n = 0;
    for (sim_id id = 0; (id = sim_next(set, id));)
        seen[n++] = id;
    ck_assert_uint_eq(n, 4);
    ck_assert_mem_eq(seen, ((sim_id[]){1, 2, 33, 64}), 4);
    ck_assert_uint_eq(sim_count(set), 4);
    ck_assert_uint_eq(sim_next(set, 64), 0);
    ck_assert_uint_eq(sim_next(0, 0), 0);
}
END_TEST

START_TEST(sets_of_the_first_nodes)
{
    ck_assert_uint_eq(sim_first_nodes(0), 0);
    ck_assert_uint_eq(sim_first_nodes(3), 7);
    ck_assert_uint_eq(sim_first_nodes(63), UINT64_MAX >> 1);
    ck_assert_uint_eq(sim_first_nodes(64), UINT64_MAX);
    ck_assert_uint_eq(sim_one(0), 0);
    ck_assert(sim_has(5, 3) && !sim_has(5, 2) && !sim_has(UINT64_MAX, 0));
}
END_TEST

START_TEST(names_are_as_in_traces)
{
    ck_assert_str_eq(sim_role_name(SIM_FOLLOWER), "follower");
    ck_assert_str_eq(sim_role_name(SIM_PRE_CANDIDATE), "pre_candidate");
    ck_assert_str_eq(sim_role_name(SIM_CANDIDATE), "candidate");
    ck_assert_str_eq(sim_role_name(SIM_LEADER), "leader");
    ck_assert_str_eq(sim_role_name(SIM_LEARNER), "learner");
    ck_assert_str_eq(sim_entry_kind_name(SIM_ENTRY_NOOP), "noop");
    ck_assert_str_eq(sim_entry_kind_name(SIM_ENTRY_COMMAND), "command");
    ck_assert_str_eq(sim_entry_kind_name(SIM_ENTRY_CONFIG), "config");
    ck_assert_str_eq(sim_timer_name(SIM_TIMER_ELECTION), "election");
    ck_assert_str_eq(sim_timer_name(SIM_TIMER_HEARTBEAT), "heartbeat");
}
END_TEST

START_TEST(checksum_covers_kind_and_bytes)
{
    uint64_t sum = sim_entry_checksum(SIM_ENTRY_COMMAND, "add 5", 5);
    ck_assert_uint_eq(sum, sim_entry_checksum(SIM_ENTRY_COMMAND, "add 5", 5));
    ck_assert_uint_ne(sum, sim_entry_checksum(SIM_ENTRY_CONFIG, "add 5", 5));
    ck_assert_uint_ne(sum, sim_entry_checksum(SIM_ENTRY_COMMAND, "add 6", 5));
    ck_assert_uint_ne(sum, sim_entry_checksum(SIM_ENTRY_COMMAND, "add 5", 4));
    ck_assert_uint_eq(sim_entry_checksum(SIM_ENTRY_NOOP, NULL, 0),
                      sim_entry_checksum(SIM_ENTRY_NOOP, "", 0));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("base types");
    TCase *t = tcase_create("types");
    suite_add_tcase(s, t);
    tcase_add_test(t, sets_are_walked_in_order);
    tcase_add_test(t, sets_of_the_first_nodes);
    tcase_add_test(t, names_are_as_in_traces);
    tcase_add_test(t, checksum_covers_kind_and_bytes);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
