/* base_memory.c - arena, pool, growing arrays, and what happens when memory runs out. */
#include "sim/base/arena.h"
#include "sim/base/memory.h"
#include "sim/base/pool.h"
#include "tests/suite.h"
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* How many bytes from the first on have this value. */
static size_t run_of(const void *at, size_t bytes, unsigned char value)
{
    size_t n = 0;
    while (n < bytes && ((const unsigned char *)at)[n] == value)
        n++;
    return n;
}

START_TEST(arena_pieces_are_apart)
{
    sim_arena a = {0};
    unsigned char *piece[500];
    for (int i = 0; i < 500; i++) {
        size_t bytes = (size_t)(i * 37 % 911);
        piece[i] = sim_arena_take(&a, bytes);
        ck_assert_uint_eq((uintptr_t)piece[i] % alignof(max_align_t), 0);
        ck_assert_uint_eq(run_of(piece[i], bytes, 0), bytes);
        memset(piece[i], i, bytes);
    }
    for (int i = 0; i < 500; i++) {
        size_t bytes = (size_t)(i * 37 % 911);
        ck_assert_uint_eq(run_of(piece[i], bytes, (unsigned char)i), bytes);
    }
    sim_arena_free(&a);
    ck_assert_ptr_null(a.head);
    ck_assert_uint_eq(a.used_bytes, 0);
}
END_TEST

START_TEST(arena_takes_large_pieces)
{
    sim_arena a = {0};
    char *small = sim_arena_text(&a, "n1", 2);
    char *large = sim_arena_take(&a, 5 << 20);
    large[(5 << 20) - 1] = 'x';
    /* The block that was begun goes on. */
    char *next = sim_arena_text(&a, "n2", 2);
    ck_assert_str_eq(small, "n1");
    ck_assert_str_eq(next, "n2");
    ck_assert(next > small && next < small + 4096);
    ck_assert_uint_eq(a.used_bytes, 3 + (5 << 20) + 3);
    ck_assert_str_eq(sim_arena_text(&a, NULL, 0), "");
    sim_arena_free(&a);
}
END_TEST

START_TEST(arena_is_cleared_and_used_again)
{
    sim_arena a = {0};
    sim_arena_reserve(&a, 1000);
    const size_t reserved = sim_arena_bytes(&a);
    for (int round = 0; round < 3; round++) {
        uint8_t *p = sim_arena_take(&a, 600);
        for (int i = 0; i < 600; i++)
            ck_assert_uint_eq(p[i], 0); /* zeroed each time */
        memset(p, 7, 600);
        ck_assert_str_eq(sim_arena_text(&a, "n1", 2), "n1");
        ck_assert_uint_eq(sim_arena_bytes(&a), reserved);
        sim_arena_clear(&a);
    }
    sim_arena_take(&a, 100000); /* of several blocks the largest stays */
    sim_arena_take(&a, 10);
    sim_arena_clear(&a);
    ck_assert_uint_ge(sim_arena_bytes(&a), 100000);
    ck_assert_uint_lt(sim_arena_bytes(&a), 101000);
    sim_arena_free(&a);
    ck_assert_uint_eq(sim_arena_bytes(&a), 0);
    sim_arena_clear(&a); /* of nothing */
    sim_arena_free(&a);
}
END_TEST

START_TEST(pool_gives_back_what_was_freed)
{
    static const size_t sizes[] = {0, 1, 16, 17, 40, 512, 513, 1024, 1025, 70000, 3 << 20};
    enum { N = sizeof sizes / sizeof sizes[0] };
    sim_pool *p = sim_pool_new();
    void *block[N];
    for (int i = 0; i < N; i++) {
        block[i] = sim_pool_take(p, sizes[i]);
        memset(block[i], i, sizes[i]);
    }
    for (int i = 0; i < N; i++) {
        ck_assert_uint_eq(run_of(block[i], sizes[i], (unsigned char)i), sizes[i]);
    }
    for (int i = 0; i < N; i++)
        sim_pool_give(p, block[i], sizes[i]);
    /* The last one freed of a size comes first. */
    for (int i = N - 1; i >= 0; i--)
        ck_assert_ptr_eq(sim_pool_take(p, sizes[i]), block[i]);
    sim_pool_give(p, NULL, 8);
    sim_pool_free(p);
    sim_pool_free(NULL);
}
END_TEST

START_TEST(pool_at_a_steady_state_takes_nothing_new)
{
    sim_pool *p = sim_pool_new();
    void *seen[8] = {0};
    for (int round = 0; round < 1000; round++) {
        void *now[8];
        for (int i = 0; i < 8; i++) {
            now[i] = sim_pool_take(p, 100);
            bool known = round == 0;
            for (int k = 0; k < 8; k++)
                known |= seen[k] == now[i];
            ck_assert(known);
        }
        memcpy(seen, now, sizeof now);
        for (int i = 0; i < 8; i++)
            sim_pool_give(p, now[i], 100);
    }
    sim_pool_free(p);
}
END_TEST

START_TEST(grow_doubles)
{
    size_t capacity = 0, moves = 0;
    uint32_t *at = NULL;
    for (uint32_t i = 0; i < 100000; i++) {
        size_t before = capacity;
        at = sim_grow(at, &capacity, i + 1, sizeof *at);
        moves += capacity != before;
        at[i] = i;
    }
    ck_assert_uint_le(moves, 20);
    for (uint32_t i = 0; i < 100000; i++)
        ck_assert_uint_eq(at[i], i);
    at = sim_realloc(at, 0);
    ck_assert_ptr_null(at);
    ck_assert_ptr_null(sim_alloc(0));
}
END_TEST

static void leave(size_t bytes)
{
    exit(bytes > 1000 ? 7 : 8);
}

START_TEST(out_of_memory_is_the_programs_affair)
{
    sim_memory_on_failure(leave);
    size_t capacity = 0;
    sim_grow(NULL, &capacity, SIZE_MAX / 2, 16);
}
END_TEST

START_TEST(out_of_memory_aborts)
{
    size_t capacity = 0;
    sim_grow(NULL, &capacity, SIZE_MAX / 2, 16);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("base memory");
    TCase *t = tcase_create("memory");
    suite_add_tcase(s, t);
    tcase_add_test(t, arena_pieces_are_apart);
    tcase_add_test(t, arena_takes_large_pieces);
    tcase_add_test(t, arena_is_cleared_and_used_again);
    tcase_add_test(t, pool_gives_back_what_was_freed);
    tcase_add_test(t, pool_at_a_steady_state_takes_nothing_new);
    tcase_add_test(t, grow_doubles);
    tcase_add_exit_test(t, out_of_memory_is_the_programs_affair, 7);
    tcase_add_test_raise_signal(t, out_of_memory_aborts, 6);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
