/* base_text.c - text, UTF-8, durations, and the nearest name. */
#include "sim/base/text.h"
#include "tests/suite.h"
#include <string.h>

START_TEST(grows_from_nothing)
{
    sim_text t = {0};
    ck_assert_ptr_null(t.at);
    sim_text_put(&t, "term ");
    sim_text_u64(&t, 7);
    sim_text_char(&t, ' ');
    sim_text_u64(&t, UINT64_MAX);
    sim_text_format(&t, " %s=%d", "x", -3);
    ck_assert_str_eq(t.at, "term 7 18446744073709551615 x=-3");
    ck_assert_uint_eq(t.len, strlen(t.at));
    sim_text_clear(&t);
    ck_assert_str_eq(t.at, "");
    for (int i = 0; i < 10000; i++)
        sim_text_put(&t, "ab");
    ck_assert_uint_eq(t.len, 20000);
    ck_assert_uint_eq(strlen(t.at), 20000);
    sim_text_free(&t);
    ck_assert_ptr_null(t.at);
}
END_TEST

START_TEST(hex_has_16_digits)
{
    sim_text t = {0};
    sim_text_hex16(&t, 0xabc);
    sim_text_hex16(&t, UINT64_MAX);
    ck_assert_str_eq(t.at, "0000000000000abcffffffffffffffff");
    sim_text_free(&t);
}
END_TEST

START_TEST(pads_in_code_points)
{
    sim_text t = {0};
    sim_text_pad(&t, 0);
    sim_text_put(&t, "line\n\xc3\xa9\xe2\x82\xac");
    sim_text_pad(&t, 4);
    sim_text_char(&t, '|');
    sim_text_pad(&t, 3);
    ck_assert_str_eq(t.at, "line\n\xc3\xa9\xe2\x82\xac  |");
    sim_text_free(&t);
    sim_text_pad(&t, 2);
    ck_assert_str_eq(t.at, "  ");
    sim_text_free(&t);
}
END_TEST

static const struct {
    uint64_t us;
    const char *text;
} durations[] = {
    {0, "0ms"},
    {1, "1us"},
    {150, "150us"},
    {999, "999us"},
    {1000, "1ms"},
    {1500, "1.5ms"},
    {1050, "1.05ms"},
    {20000, "20ms"},
    {150001, "150.001ms"},
    {2000000, "2s"},
    {2000001, "2.000001s"},
    {90000000, "90s"},
    {120000000, "2min"},
    {5400000000, "90min"},
    {3600000000, "1h"},
    {3600000001, "3600.000001s"},
};

START_TEST(duration_is_exact_and_short)
{
    sim_text t = {0};
    sim_text_us(&t, durations[_i].us);
    ck_assert_str_eq(t.at, durations[_i].text);
    sim_text_free(&t);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
    bool well;
    size_t bad, columns;
} utf8[] = {
    {"", 0, true, 0, 0},
    {"abc", 3, true, 0, 3},
    {"a\0b", 3, false, 1, 3},
    {"\xc3\xa9", 2, true, 0, 1},
    {"x\xc3", 2, false, 1, 2},        /* cut off */
    {"\xc0\xaf", 2, false, 0, 2},     /* overlong */
    {"\xe0\x9f\xbf", 3, false, 0, 3}, /* overlong */
    {"\xe2\x82\xac", 3, true, 0, 1},
    {"\xed\xa0\x80", 3, false, 0, 3},     /* a surrogate */
    {"\xf0\x9f\x8c\x8a", 4, true, 0, 1},  /* a wave */
    {"\xf0\x8f\xbf\xbf", 4, false, 0, 4}, /* overlong */
    {"\xf4\x8f\xbf\xbf", 4, true, 0, 1},  /* the last one */
    {"\xf4\x90\x80\x80", 4, false, 0, 4}, /* past it */
    {"\xff", 1, false, 0, 1},
    {"ok\x80", 3, false, 2, 3}, /* a continuation alone */
};

START_TEST(utf8_is_judged)
{
    size_t bad = 99;
    ck_assert_int_eq(sim_text_utf8(utf8[_i].bytes, utf8[_i].len, &bad), utf8[_i].well);
    if (!utf8[_i].well)
        ck_assert_uint_eq(bad, utf8[_i].bad);
    ck_assert_uint_eq(sim_text_columns(utf8[_i].bytes, utf8[_i].len), utf8[_i].columns);
    ck_assert_int_eq(sim_text_utf8(utf8[_i].bytes, utf8[_i].len, NULL), utf8[_i].well);
}
END_TEST

static const struct {
    const char *word, *near;
} words[] = {
    {"leader", "leader"},
    {"laeder", "leader"},
    {"leder", "leader"},
    {"folower", "follower"},
    {"candydate", "candidate"},
    {"zebra", NULL},
    {"", NULL},
    {"n7", "n1"},
    {"heartbaet", "heartbeat"},
};

START_TEST(nearest_name)
{
    static const char *const names[] = {"follower", "candidate", "leader",
                                        "n1",       "n2",        "heartbeat"};
    const char *near = sim_text_nearest(words[_i].word, names, sizeof names / sizeof names[0]);
    if (words[_i].near)
        ck_assert_pstr_eq(near, words[_i].near);
    else
        ck_assert_ptr_null(near);
}
END_TEST

START_TEST(nearest_copes_with_long_words)
{
    char word[5000];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = 0;
    const char *names[] = {"a", word};
    ck_assert_ptr_null(sim_text_nearest(word, names, 2));
    ck_assert_ptr_null(sim_text_nearest("word", names, 0));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("base text");
    TCase *t = tcase_create("text");
    suite_add_tcase(s, t);
    tcase_add_test(t, grows_from_nothing);
    tcase_add_test(t, hex_has_16_digits);
    tcase_add_test(t, pads_in_code_points);
    tcase_add_loop_test(t, duration_is_exact_and_short, 0,
                        sizeof durations / sizeof durations[0]);
    tcase_add_loop_test(t, utf8_is_judged, 0, sizeof utf8 / sizeof utf8[0]);
    tcase_add_loop_test(t, nearest_name, 0, sizeof words / sizeof words[0]);
    tcase_add_test(t, nearest_copes_with_long_words);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
