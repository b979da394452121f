/* session.c - client sessions (thesis 6.3): once and only once, and what the log expires. */
#include "raft/session.h"

#include "raft/bugs.h"
#include "raft/test/rig.h"

static raft_sessions table(uint32_t max, uint64_t ttl)
{
    raft_sessions s = {0};
    raft_sessions_init(&s, max, ttl, 0);
    return s;
}

static raft_answer words(const char *text)
{
    return (raft_answer){.bytes = (const uint8_t *)text, .n = (uint32_t)strlen(text)};
}

/* Applies a request as a server would: its answer, or what became of it. */
static const char *apply(raft_sessions *s, uint64_t client, uint64_t serial, raft_index at,
                         const char *answer)
{
    static char text[64];
    raft_answer old;
    switch (raft_sessions_find(s, client, serial, at, &old)) {
    case RAFT_SESSION_NEW:
        raft_sessions_store(s, client, serial, words(answer));
        return answer;
    case RAFT_SESSION_AGAIN:
        snprintf(text, sizeof text, "again %.*s", (int)old.n, (const char *)old.bytes);
        return text;
    case RAFT_SESSION_OLD:
        return "old";
    case RAFT_SESSION_EXPIRED:
        return "expired";
    }
    return NULL;
}

START_TEST(a_request_takes_effect_once)
{
    raft_sessions s = table(10, 0);
    const uint64_t c = raft_sessions_register(&s, 4);
    ck_assert_uint_eq(c, 4);
    ck_assert_str_eq(apply(&s, c, 1, 5, "one"), "one");
    ck_assert_str_eq(apply(&s, c, 1, 6, "two"), "again one");
    ck_assert_str_eq(apply(&s, c, 2, 7, ""), "");
    ck_assert_str_eq(apply(&s, c, 2, 8, "x"), "again ");
    ck_assert_str_eq(apply(&s, c, 1, 9, "x"), "old");       /* late: its client has gone on */
    ck_assert_str_eq(apply(&s, 77, 1, 10, "x"), "expired"); /* never was */
    ck_assert(raft_sessions_has(&s, c) && !raft_sessions_has(&s, 77));
    raft_sessions_free(&s);
}
END_TEST

START_TEST(an_empty_table_knows_nobody)
{
    raft_sessions s = table(1, 0);
    ck_assert(!raft_sessions_has(&s, 1));
    ck_assert_str_eq(apply(&s, 1, 1, 1, "x"), "expired");
    ck_assert_ptr_null(raft_sessions_next(&s, NULL));
    ck_assert_uint_eq(s.hash, 0);
    raft_sessions_free(&s);
}
END_TEST

START_TEST(of_too_many_the_one_not_used_for_longest_goes)
{
    raft_sessions s = table(3, 0);
    for (raft_index i = 1; i <= 3; i++)
        raft_sessions_register(&s, i);
    apply(&s, 1, 1, 4, "a"); /* 2 is the oldest now */
    raft_sessions_register(&s, 5);
    ck_assert_uint_eq(s.n, 3);
    ck_assert(!raft_sessions_has(&s, 2));
    ck_assert_str_eq(apply(&s, 3, 1, 6, "b"), "b");
    raft_sessions_register(&s, 7);
    ck_assert(!raft_sessions_has(&s, 1) && raft_sessions_has(&s, 3));
    raft_sessions_free(&s);
}
END_TEST

START_TEST(a_place_that_is_used_again_has_nothing_of_the_one_before)
{
    raft_sessions used = table(1, 0), fresh = table(1, 0);
    raft_sessions_register(&used, 1);
    apply(&used, 1, 7, 2, "an answer");
    raft_sessions_register(&used, 3); /* takes the place of the first */
    raft_sessions_register(&fresh, 3);
    ck_assert_uint_eq(used.hash, fresh.hash);
    ck_assert_uint_eq(raft_sessions_bytes(&used), raft_sessions_bytes(&fresh));
    ck_assert_str_eq(apply(&used, 3, 1, 4, "new"), "new"); /* its own numbers begin at 1 */
    raft_sessions_free(&used);
    raft_sessions_free(&fresh);
}
END_TEST

START_TEST(the_log_itself_lets_sessions_expire)
{
    raft_sessions s = table(10, 5);
    raft_sessions_register(&s, 1);
    raft_sessions_register(&s, 2);
    ck_assert_str_eq(apply(&s, 1, 1, 6, "a"), "a"); /* five entries ago is not too long */
    ck_assert_str_eq(apply(&s, 2, 1, 8, "b"), "expired");
    ck_assert_str_eq(apply(&s, 1, 1, 11, "x"), "again a"); /* asking again is a use as well */
    raft_sessions_register(&s, 17);
    ck_assert_uint_eq(s.n, 1);
    raft_sessions_free(&s);
}
END_TEST

START_TEST(equal_histories_have_equal_hashes_and_others_do_not)
{
    raft_sessions a = table(10, 0), b = table(10, 0);
    raft_sessions_register(&a, 1);
    raft_sessions_register(&b, 1);
    ck_assert_uint_eq(a.hash, b.hash);
    apply(&a, 1, 1, 2, "x");
    ck_assert_uint_ne(a.hash, b.hash);
    apply(&b, 1, 1, 2, "y");
    ck_assert_uint_ne(a.hash, b.hash);
    apply(&a, 1, 2, 3, "z");
    apply(&b, 1, 2, 3, "z");
    ck_assert_uint_eq(a.hash, b.hash);
    raft_sessions_free(&a);
    raft_sessions_free(&b);
}
END_TEST

static void fill(raft_sessions *s)
{
    raft_index at = 0;
    for (int i = 0; i < 100; i++) {
        const uint64_t c = raft_sessions_register(s, ++at);
        for (uint64_t serial = 1; serial <= c % 3; serial++)
            apply(s, c, serial, ++at, serial % 2 ? "odd" : "even, and longer");
        if (c % 5 == 0)
            apply(s, c / 2, 1, ++at, "late");
    }
}

static void expect_equal(const raft_sessions *a, const raft_sessions *b)
{
    const raft_session *x = NULL, *y = NULL;
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_uint_eq(a->hash, b->hash);
    while ((x = raft_sessions_next(a, x))) {
        y = raft_sessions_next(b, y);
        ck_assert_ptr_nonnull(y);
        ck_assert_uint_eq(x->client, y->client);
        ck_assert_uint_eq(x->serial, y->serial);
        ck_assert_uint_eq(x->used, y->used);
        ck_assert_uint_eq(x->bytes, y->bytes);
        if (x->bytes > 0)
            ck_assert_mem_eq(x->answer, y->answer, x->bytes);
    }
    ck_assert_ptr_null(raft_sessions_next(b, y));
}

START_TEST(a_table_goes_into_bytes_and_back)
{
    static uint8_t bytes[1 << 14];
    raft_sessions s = table(40, 0);
    fill(&s);
    const uint64_t n = raft_sessions_bytes(&s);
    ck_assert_uint_le(n, sizeof bytes);
    raft_sessions_encode(&s, bytes);

    raft_sessions t = table(40, 0);
    raft_sessions_register(&t, 9999); /* it is replaced */
    ck_assert(raft_sessions_decode(&t, bytes, n));
    expect_equal(&s, &t);
    raft_sessions u = raft_sessions_copy(&s);
    expect_equal(&s, &u);
    apply(&s, 1000, 1, 1000, "x");
    raft_sessions_register(&s, 1001); /* all go on alike */
    raft_sessions_register(&t, 1001);
    expect_equal(&s, &t);
    ck_assert_uint_ne(u.hash, s.hash); /* and the copy on its own */

    for (uint64_t cut = 0; cut < n; cut++) {
        ck_assert(!raft_sessions_decode(&t, bytes, cut));
        ck_assert_uint_eq(t.n, 0);
    }
    raft_sessions_free(&s);
    raft_sessions_free(&t);
    raft_sessions_free(&u);
}
END_TEST

START_TEST(bytes_that_no_table_has_are_refused)
{
    uint8_t bytes[128];
    raft_sessions s = table(4, 0), t = table(4, 0);
    raft_sessions_register(&s, 1);
    raft_sessions_register(&s, 2);
    const uint64_t n = raft_sessions_bytes(&s);
    raft_sessions_encode(&s, bytes);
    ck_assert(raft_sessions_decode(&t, bytes, n));
    ck_assert(!raft_sessions_decode(&t, bytes, n + 1)); /* something behind */
    bytes[4] = 2;                                       /* twice the same client */
    ck_assert(!raft_sessions_decode(&t, bytes, n));
    bytes[4] = 1;
    bytes[4 + 16] = 9; /* used after the one that follows */
    ck_assert(!raft_sessions_decode(&t, bytes, n));
    raft_sessions_free(&s);
    raft_sessions_free(&t);
}
END_TEST

#if RAFT_PLANTED_BUGS
START_TEST(bugs_of_sessions)
{
    uint8_t bytes[64];
    raft_sessions s = {0};
    raft_sessions_init(&s, 4, 0, RAFT_BUG_BIT(NO_DEDUPE));
    raft_sessions_register(&s, 1);
    apply(&s, 1, 1, 2, "once");
    ck_assert_str_eq(apply(&s, 1, 1, 3, "twice"), "twice");
    raft_sessions_init(&s, 4, 0, RAFT_BUG_BIT(SESSIONS_NOT_IN_SNAPSHOT));
    raft_sessions_register(&s, 1);
    ck_assert_uint_eq(raft_sessions_bytes(&s), 4);
    raft_sessions_encode(&s, bytes);
    ck_assert(raft_sessions_decode(&s, bytes, 4));
    ck_assert_uint_eq(s.n, 0);
    raft_sessions_init(&s, 4, 0, RAFT_BUG_BIT(EXPIRED_IS_DONE));
    ck_assert_str_eq(apply(&s, 1, 1, 2, "x"), "again ");
    raft_sessions_free(&s);
}
END_TEST

#endif

START_TEST(an_answer_to_what_was_not_new_is_a_bug)
{
    raft_sessions s = table(4, 0);
    raft_sessions_register(&s, 1);
    apply(&s, 1, 1, 2, "x");
    raft_sessions_store(&s, 1, 1, words("y"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft session");
    TCase *t = tcase_create("session");
    tcase_add_test(t, a_request_takes_effect_once);
    tcase_add_test(t, an_empty_table_knows_nobody);
    tcase_add_test(t, of_too_many_the_one_not_used_for_longest_goes);
    tcase_add_test(t, a_place_that_is_used_again_has_nothing_of_the_one_before);
    tcase_add_test(t, the_log_itself_lets_sessions_expire);
    tcase_add_test(t, equal_histories_have_equal_hashes_and_others_do_not);
    tcase_add_test(t, a_table_goes_into_bytes_and_back);
    tcase_add_test(t, bytes_that_no_table_has_are_refused);
#if RAFT_PLANTED_BUGS
    tcase_add_test(t, bugs_of_sessions);
#endif
    tcase_add_test_raise_signal(t, an_answer_to_what_was_not_new_is_a_bug, SIGABRT);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
