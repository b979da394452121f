/* quorum.c - majorities of 1 to 64 voters. */
#include "raft/quorum.h"

#include "raft/test/rig.h"

START_TEST(two_quorums_always_share_a_voter)
{
    for (uint32_t n = 1; n <= RAFT_SERVERS_MAX; n++) {
        const uint32_t size = raft_quorum_size(n);
        ck_assert_uint_gt(2 * size, n);
        ck_assert_uint_le(size, n);
        ck_assert_uint_le(2 * (size - 1), n); /* and no more than needed */
    }
    static const uint32_t sizes[][2] = {{1, 1}, {2, 2}, {3, 2}, {4, 3}, {5, 3}, {64, 33}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        ck_assert_uint_eq(raft_quorum_size(sizes[i][0]), sizes[i][1]);
}
END_TEST

START_TEST(only_voters_count)
{
    ck_assert(raft_quorum_has(0x7, 0x3));
    ck_assert(!raft_quorum_has(0x7, 0x1));
    ck_assert(!raft_quorum_has(0x7, 0xF9)); /* n1 and many who are no voters */
    ck_assert(!raft_quorum_has(0xF, 0x3));  /* half of four is no majority */
    ck_assert(raft_quorum_has(0xF, 0xB));
    ck_assert(!raft_quorum_has(0, 0xFF)); /* nobody votes, nobody wins */
    ck_assert(raft_quorum_has(UINT64_MAX, UINT64_MAX >> 31));
    ck_assert(!raft_quorum_has(UINT64_MAX, UINT64_MAX >> 32));
}
END_TEST

START_TEST(sets_are_walked_in_the_order_of_ids)
{
    raft_set left = raft_set_of(1) | raft_set_of(5) | raft_set_of(64);
    ck_assert_uint_eq(raft_set_count(left), 3);
    ck_assert_uint_eq(raft_set_highest(left), 64);
    ck_assert(raft_set_has(left, 5) && !raft_set_has(left, 4) && !raft_set_has(left, 0));
    ck_assert_uint_eq(raft_set_pop(&left), 1);
    ck_assert_uint_eq(raft_set_pop(&left), 5);
    ck_assert_uint_eq(raft_set_pop(&left), 64);
    ck_assert_uint_eq(left, 0);
    ck_assert_uint_eq(raft_set_highest(0), 0);
    ck_assert_uint_eq(raft_set_of(0), 0);
}
END_TEST

static const struct {
    uint64_t values[7];
    uint32_t n;
    uint64_t reached;
} reached_rows[] = {
    {{0}, 0, 0},
    {{7}, 1, 7},
    {{7, 3}, 2, 3}, /* both of two */
    {{1, 9, 5}, 3, 5},
    {{9, 5, 1}, 3, 5},
    {{5, 1, 9}, 3, 5},
    {{4, 4, 0}, 3, 4},
    {{9, 8, 2, 1}, 4, 2}, /* three of four */
    {{1, 2, 8, 9}, 4, 2},
    {{1, 5, 2, 4, 3}, 5, 3},
    {{0, 0, 0, 6, 6}, 5, 0},
    {{0, 6, 0, 6, 6}, 5, 6},
    {{7, 6, 5, 4, 3, 2, 1}, 7, 4},
};

START_TEST(a_quorum_has_reached)
{
    uint64_t values[7];
    memcpy(values, reached_rows[_i].values, sizeof values);
    ck_assert_uint_eq(raft_quorum_reached(values, reached_rows[_i].n),
                      reached_rows[_i].reached);
}
END_TEST

/* Whatever the order: a quorum is at or above the answer, none is above it. */
START_TEST(reached_is_the_highest_for_any_number_of_voters)
{
    uint64_t seed = 88172645463325252u;
    for (uint32_t n = 1; n <= RAFT_SERVERS_MAX; n++) {
        uint64_t values[RAFT_SERVERS_MAX], sorted[RAFT_SERVERS_MAX];
        for (uint32_t i = 0; i < n; i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            values[i] = sorted[i] = seed % 20;
        }
        const uint64_t reached = raft_quorum_reached(sorted, n);
        uint32_t at_least = 0, above = 0;
        for (uint32_t i = 0; i < n; i++) {
            at_least += values[i] >= reached;
            above += values[i] > reached;
        }
        ck_assert_uint_ge(at_least, raft_quorum_size(n));
        ck_assert_uint_lt(above, raft_quorum_size(n));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft quorum");
    TCase *t = tcase_create("quorum");
    tcase_add_test(t, two_quorums_always_share_a_voter);
    tcase_add_test(t, only_voters_count);
    tcase_add_test(t, sets_are_walked_in_the_order_of_ids);
    tcase_add_loop_test(t, a_quorum_has_reached, 0, ROWS(reached_rows));
    tcase_add_test(t, reached_is_the_highest_for_any_number_of_voters);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
