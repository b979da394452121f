/* log.c - the log as pure data: indexes, terms, truncation, the bisecting search. */
#include "raft/log.h"

#include "raft/heap.h"
#include "raft/test/rig.h"

static raft_log make(const char *terms)
{
    static raft_entry entries[RIG_ENTRIES_MAX];
    raft_log log = {0};
    raft_log_append(&log, entries, rig_entries(terms, entries));
    return log;
}

static void expect_point(raft_point p, raft_index index, raft_term term)
{
    ck_assert_uint_eq(p.index, index);
    ck_assert_uint_eq(p.term, term);
}

START_TEST(zero_is_an_empty_log)
{
    raft_log log = {0};
    ck_assert_uint_eq(raft_log_first(&log), 1);
    expect_point(raft_log_last(&log), 0, 0);
    ck_assert(raft_log_has(&log, (raft_point){0}));
    ck_assert(!raft_log_has(&log, (raft_point){.index = 1, .term = 1}));
    ck_assert_uint_eq(raft_log_find(&log, 0, 7), 0);
    raft_log_free(&log);
}
END_TEST

START_TEST(entries_are_found_by_index)
{
    raft_log log = make("1 1 3");
    expect_point(raft_log_last(&log), 3, 3);
    ck_assert_uint_eq(raft_log_term(&log, 0), 0);
    ck_assert_uint_eq(raft_log_term(&log, 2), 1);
    ck_assert_uint_eq(raft_log_entry(&log, 3)->term, 3);
    ck_assert(raft_log_has(&log, (raft_point){.index = 2, .term = 1}));
    ck_assert(!raft_log_has(&log, (raft_point){.index = 2, .term = 2}));
    ck_assert(!raft_log_has(&log, (raft_point){.index = 4, .term = 3}));
    raft_log_free(&log);
}
END_TEST

START_TEST(truncation_drops_the_entry_and_all_above)
{
    raft_log log = make("1 2 3 4");
    raft_log_truncate(&log, 3);
    expect_point(raft_log_last(&log), 2, 2);
    raft_log_append(&log, &(raft_entry){.term = 5}, 1);
    expect_point(raft_log_last(&log), 3, 5);
    raft_log_truncate(&log, 1);
    expect_point(raft_log_last(&log), 0, 0);
    raft_log_free(&log);
}
END_TEST

START_TEST(a_log_grows_past_its_first_room_and_keeps_its_entries)
{
    raft_log log = {0};
    for (uint64_t i = 1; i <= 1000; i++)
        raft_log_append(&log, &(raft_entry){.term = i / 10 + 1, .checksum = i}, 1);
    for (raft_index i = 1; i <= 1000; i++)
        ck_assert_uint_eq(raft_log_entry(&log, i)->checksum, i);
    raft_log_free(&log);
}
END_TEST

START_TEST(a_base_shifts_every_index)
{
    raft_log log = {0};
    raft_log_rebase(&log, (raft_point){.index = 10, .term = 4});
    ck_assert_uint_eq(raft_log_first(&log), 11);
    expect_point(raft_log_last(&log), 10, 4);
    raft_log_append(&log, &(raft_entry){.term = 4}, 1);
    raft_log_append(&log, &(raft_entry){.term = 6}, 1);
    expect_point(raft_log_last(&log), 12, 6);
    ck_assert(raft_log_has(&log, (raft_point){.index = 10, .term = 4}));
    ck_assert(!raft_log_has(&log, (raft_point){.index = 9, .term = 4}));
    ck_assert_uint_eq(raft_log_find(&log, 12, 5), 11);
    ck_assert_uint_eq(raft_log_find(&log, 12, 3), 10); /* none: the base */
    raft_log_truncate(&log, 11);
    expect_point(raft_log_last(&log), 10, 4);
    raft_log_free(&log);
}
END_TEST

/* Against the obvious search, from every bound for every term. */
START_TEST(find_is_the_highest_entry_that_is_not_newer)
{
    static const char *const logs[] = {"",
                                       "1",
                                       "1 1 1",
                                       "1 2 3",
                                       "2 2 5 5 5 9",
                                       "1 1 4 4 5 5 6 6 6",
                                       "3 3 3 8",
                                       "7 7 7 7 7 7 7"};
    for (size_t l = 0; l < sizeof logs / sizeof *logs; l++) {
        raft_log log = make(logs[l]);
        for (raft_index bound = 0; bound <= log.n; bound++) {
            for (raft_term term = 0; term <= 10; term++) {
                raft_index best = bound;
                while (best > 0 && raft_log_term(&log, best) > term)
                    best--;
                ck_assert_uint_eq(raft_log_find(&log, bound, term), best);
            }
        }
        raft_log_free(&log);
    }
}
END_TEST

START_TEST(a_copy_is_equal_and_apart)
{
    raft_log log = make("1 2 3");
    raft_log copy = raft_log_copy(&log);
    ck_assert_uint_eq(copy.n, 3);
    ck_assert_mem_eq(copy.at, log.at, 3 * sizeof *log.at);
    raft_log_truncate(&copy, 2);
    expect_point(raft_log_last(&log), 3, 3);
    raft_log empty = {0}, copy_of_empty = raft_log_copy(&empty);
    ck_assert_uint_eq(copy_of_empty.n, 0);
    raft_log_free(&log);
    raft_log_free(&copy);
    raft_log_free(&copy_of_empty);
}
END_TEST

START_TEST(a_log_with_a_limit_says_when_it_is_full)
{
    raft_log log = {.limit = 2};
    ck_assert(!raft_log_full(&log));
    raft_log_append(&log, &(raft_entry){.term = 1}, 1);
    ck_assert(!raft_log_full(&log));
    raft_log_append(&log, &(raft_entry){.term = 1}, 1);
    ck_assert(raft_log_full(&log));
    log.limit = 0;
    ck_assert(!raft_log_full(&log));
    raft_log_free(&log);
}
END_TEST

START_TEST(terms_that_decrease_are_a_bug)
{
    raft_log log = make("1 2");
    raft_log_append(&log, &(raft_entry){.term = 1}, 1);
}
END_TEST

START_TEST(more_than_there_is_memory_for_aborts)
{
    raft_heap(NULL, UINT64_MAX, sizeof(raft_entry));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft log");
    TCase *t = tcase_create("log");
    tcase_add_test(t, zero_is_an_empty_log);
    tcase_add_test(t, entries_are_found_by_index);
    tcase_add_test(t, truncation_drops_the_entry_and_all_above);
    tcase_add_test(t, a_log_grows_past_its_first_room_and_keeps_its_entries);
    tcase_add_test(t, a_base_shifts_every_index);
    tcase_add_test(t, find_is_the_highest_entry_that_is_not_newer);
    tcase_add_test(t, a_copy_is_equal_and_apart);
    tcase_add_test(t, a_log_with_a_limit_says_when_it_is_full);
    tcase_add_test_raise_signal(t, terms_that_decrease_are_a_bug, SIGABRT);
    tcase_add_test_raise_signal(t, more_than_there_is_memory_for_aborts, SIGABRT);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
