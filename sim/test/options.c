/* options.c - options and the values that scenarios write. */
#include "sim/options.h"
#include "tests/suite.h"
#include <string.h>

/* What is set comes back as it is written in one way only. */
static const struct {
    const char *name, *value, *back;
} well[] = {
    {"election_timeout", "150ms..300ms", "150ms..300ms"},
    {"election_timeout", "1s", "1s..1s"},
    {"election_timeout", "1500us..0.01s", "1.5ms..10ms"},
    {"heartbeat", "100ms", "100ms"},
    {"heartbeat", "1.5s", "1.5s"},
    {"heartbeat", "8760h", "8760h"},
    {"latency", "0..5ms", "0ms..5ms"},
    {"disk_latency", "0ms..0ms", "0ms..0ms"},
    {"pre_vote", "on", "on"},
    {"check_quorum", "off", "off"},
    {"disruption_guard", "auto", "auto"},
    {"disruption_guard", "on", "on"},
    {"batch_max", "1", "1"},
    {"batch_bytes_max", "0", "0"},
    {"batch_bytes_max", "65536", "64KiB"},
    {"batch_bytes_max", "2MiB", "2MiB"},
    {"batch_bytes_max", "1000", "1000"},
    {"batch_bytes_max", "3GiB", "3GiB"},
    {"pipeline_max", "256", "256"},
    {"inflight_bytes_max", "0", "0"},
    {"inflight_bytes_max", "256KiB", "256KiB"},
    {"snapshot_chunk", "1", "1"},
    {"snapshot_chunk", "65536", "64KiB"},
    {"snapshot_every", "0", "0"},
    {"snapshot_every", "18446744073709551615", "18446744073709551615"},
    {"catch_up_rounds", "1", "1"},
    {"lease_reads", "on", "on"},
    {"sessions_max", "1", "1"},
    {"session_ttl", "500", "500"},
    {"clock_drift", "1%", "1%"},
    {"clock_drift", "0.05%", "0.05%"},
    {"clock_drift", "1/200", "0.5%"},
    {"clock_drift", "1/30", "3.3333%"},
    {"clock_drift", "0", "0%"},
    {"settle_limit", "4294967295", "4294967295"},
    {"advance_limit", "18446744073709551615", "18446744073709551615"},
};

START_TEST(set_and_got_back)
{
    sim_options o;
    sim_text said = {0}, t = {0}, again = {0};
    sim_options_default(&o);
    ck_assert_ptr_null(sim_options_set(&o, well[_i].name, well[_i].value, &said));
    ck_assert_ptr_null(sim_options_check(&o));
    sim_options_get(&o, well[_i].name, &t);
    ck_assert_str_eq(t.at, well[_i].back);
    ck_assert_ptr_null(sim_options_set(&o, well[_i].name, t.at, &said));
    sim_options_get(&o, well[_i].name, &again);
    ck_assert_str_eq(again.at, t.at);
    sim_text_free(&said);
    sim_text_free(&t);
    sim_text_free(&again);
}
END_TEST

static const struct {
    const char *name, *value, *says;
} wrong[] = {
    {"election_timeout", "soon", "expected a range such as 150ms..300ms, or one duration"},
    {"election_timeout", "300ms..150ms", "the range begins above its end"},
    {"election_timeout", "0..1ms", "election_timeout must be between 1us and 8760h"},
    {"election_timeout", "1ms..8761h", "election_timeout must be between 1us and 8760h"},
    {"election_timeout", "1ms..", "expected a range such as 150ms..300ms, or one duration"},
    {"heartbeat", "50", "expected a duration such as 150us, 20ms or 2s"},
    {"heartbeat", "0", "heartbeat must be between 1us and 8760h"},
    {"heartbeat", "-5ms", "expected a duration such as 150us, 20ms or 2s"},
    {"pre_vote", "auto", "expected on or off"},
    {"pre_vote", "ON", "expected on or off"},
    {"disruption_guard", "maybe", "expected on, off or auto"},
    {"batch_max", "0", "batch_max must be between 1 and 4096"},
    {"batch_max", "4097", "batch_max must be between 1 and 4096"},
    {"batch_max", "1e3", "expected a whole number"},
    {"batch_bytes_max", "1MB", "expected a size such as 100, 64KiB or 1MiB"},
    {"batch_bytes_max", "4GiB", "batch_bytes_max must be between 0 and 4294967295"},
    {"snapshot_chunk", "0", "snapshot_chunk must be between 1 and 4294967295"},
    {"snapshot_chunk", "4GiB", "snapshot_chunk must be between 1 and 4294967295"},
    {"inflight_bytes_max", "some", "expected a size such as 100, 64KiB or 1MiB"},
    {"catch_up_rounds", "0", "catch_up_rounds must be between 1 and 4294967295"},
    {"sessions_max", "0", "sessions_max must be between 1 and 4294967295"},
    {"session_ttl", "5s", "expected a whole number"},
    {"snapshot_every", "never", "expected a whole number"},
    {"lease_reads", "auto", "expected on or off"},
    {"clock_drift", "21%", "clock_drift must be between 0% and 20%"},
    {"clock_drift", "1/0", "expected a ratio such as 5%, 0.5% or 1/200"},
    {"clock_drift", "0.1", "expected a ratio such as 5%, 0.5% or 1/200"},
    {"prevote", "on", "there is no option 'prevote'; did you mean 'pre_vote'?"},
    {"tide", "high", "there is no option 'tide'"},
};

START_TEST(refused_and_unchanged)
{
    sim_options o, before;
    sim_text said = {0}, now = {0}, then = {0};
    sim_options_default(&o);
    before = o;
    ck_assert_pstr_eq(sim_options_set(&o, wrong[_i].name, wrong[_i].value, &said),
                      wrong[_i].says);
    for (const sim_option_info *i = sim_option_table; i->name; i++) {
        sim_options_get(&o, i->name, &now);
        sim_options_get(&before, i->name, &then);
    }
    ck_assert_str_eq(now.at, then.at);
    sim_text_free(&said);
    sim_text_free(&now);
    sim_text_free(&then);
}
END_TEST

START_TEST(defaults_are_as_the_table_says)
{
    sim_options o;
    sim_options_default(&o);
    ck_assert_ptr_null(sim_options_check(&o));
    ck_assert_uint_eq(o.election_timeout.low, 150000);
    ck_assert_uint_eq(o.election_timeout.high, 300000);
    ck_assert_uint_eq(o.heartbeat, 50000);
    ck_assert_uint_eq(o.batch_bytes_max, 1 << 20);
    ck_assert_uint_eq(o.inflight_bytes_max, 0);
    ck_assert_uint_eq(o.snapshot_chunk, 64 << 10);
    ck_assert_uint_eq(o.snapshot_every, 0);
    ck_assert_uint_eq(o.catch_up_rounds, 10);
    ck_assert_uint_eq(o.sessions_max, 1000);
    ck_assert_uint_eq(o.session_ttl, 0);
    ck_assert_int_eq(o.lease_reads, SIM_OFF);
    ck_assert_int_eq(o.pre_vote, SIM_OFF);
    ck_assert_int_eq(o.disruption_guard, SIM_AUTO);
    for (const sim_option_info *i = sim_option_table; i->name; i++) {
        sim_text t = {0};
        sim_options_get(&o, i->name, &t);
        ck_assert_str_eq(t.at, i->standard);
        ck_assert_uint_gt(strlen(i->help), 10);
        ck_assert_uint_gt(strlen(i->kind), 0);
        sim_text_free(&t);
    }
}
END_TEST

START_TEST(values_from_c_are_checked_too)
{
    sim_options o;
    sim_options_default(&o);
    o.heartbeat = 0;
    ck_assert_str_eq(sim_options_check(&o), "heartbeat is out of its bounds");
    sim_options_default(&o);
    o.latency = (sim_range){5, 4};
    ck_assert_str_eq(sim_options_check(&o), "latency is out of its bounds");
    sim_options_default(&o);
    o.pre_vote = SIM_AUTO;
    ck_assert_str_eq(sim_options_check(&o), "pre_vote is out of its bounds");
}
END_TEST

static const struct {
    const char *text;
    bool well;
    uint64_t us;
} durations[] = {
    {"0", true, 0},
    {"0ms", true, 0},
    {"150us", true, 150},
    {"20ms", true, 20000},
    {"1.5ms", true, 1500},
    {"2s", true, 2000000},
    {"0.000001s", true, 1},
    {"0.0000010s", true, 1},
    {"5min", true, 300000000},
    {"1.5min", true, 90000000},
    {"1h", true, UINT64_C(3600000000)},
    {"18446744073709551615us", true, UINT64_MAX},
    {"18446744073709551616us", false, 0},
    {"18446744073709551615ms", false, 0},
    {"18446744073709.551616s", false, 0},
    {"0.0000001s", false, 0},
    {"1.5us", false, 0},
    {"1.s", false, 0},
    {".5s", false, 0},
    {"5", false, 0},
    {"5 ms", false, 0},
    {"5m", false, 0},
    {"5msx", false, 0},
    {"ms", false, 0},
    {"", false, 0},
    {"-1ms", false, 0},
    {"+1ms", false, 0},
};

START_TEST(durations_are_read_exactly)
{
    sim_us us = 42;
    const char *s = durations[_i].text;
    ck_assert_int_eq(sim_parse_us(s, strlen(s), &us), durations[_i].well);
    ck_assert_uint_eq(us, durations[_i].well ? durations[_i].us : 42);
}
END_TEST

/* sim_text_us() writes what sim_parse_us() reads. */
START_TEST(durations_come_back)
{
    uint64_t us = 1;
    for (int i = 0; i < 63; i++, us = us * 2 + (uint64_t)(i % 2)) {
        sim_text t = {0};
        sim_us back = 0;
        sim_text_us(&t, us);
        ck_assert(sim_parse_us(t.at, t.len, &back));
        ck_assert_uint_eq(back, us);
        sim_text_free(&t);
    }
}
END_TEST

START_TEST(numbers_and_points)
{
    uint64_t v;
    sim_point p;
    ck_assert(sim_parse_u64("0018", 4, &v) && v == 18);
    ck_assert(!sim_parse_u64("", 0, &v));
    ck_assert(!sim_parse_u64("18446744073709551616", 20, &v));
    ck_assert(!sim_parse_u64("1 ", 2, &v));
    ck_assert(sim_parse_point("3@2", 3, &p) && p.index == 3 && p.term == 2);
    ck_assert(sim_parse_point("0@0", 3, &p) && !p.index && !p.term);
    ck_assert(!sim_parse_point("3@", 2, &p));
    ck_assert(!sim_parse_point("@2", 2, &p));
    ck_assert(!sim_parse_point("3", 1, &p));
    ck_assert(!sim_parse_point("3@2x", 4, &p));
    ck_assert(sim_parse_ppm("100%", 4, &v) && v == 1000000);
    ck_assert(sim_parse_ppm("0.0001%", 7, &v) && v == 1);
    ck_assert(!sim_parse_ppm("0.00001%", 8, &v));
    ck_assert(!sim_parse_ppm("1/", 2, &v));
    ck_assert(!sim_parse_ppm("1/2/3", 5, &v));
    ck_assert(!sim_parse_ppm("5", 1, &v));
    ck_assert(!sim_parse_ppm("%", 1, &v));
    ck_assert(sim_parse_bytes("64KiB", 5, &v) && v == 65536);
    ck_assert(!sim_parse_bytes("64kib", 5, &v));
    ck_assert(!sim_parse_bytes("17179869184GiB", 14, &v));
    ck_assert(!sim_parse_bytes("KiB", 3, &v));
}
END_TEST

static const struct {
    const char *text;
    uint64_t first, n;
    const char *says; /* NULL: well */
} logs[] = {
    {"", 1, 0, NULL},
    {"1@1", 1, 1, NULL},
    {" 1@1  2@1\t3@2\n", 1, 3, NULL},
    {"4@2 5@2", 4, 2, NULL},
    {"1@1 3@1", 1, 0, "3@1 does not follow: expected index 2"},
    {"2@1", 1, 0, "2@1 does not follow: expected index 1"},
    {"1@1 2@0", 1, 0, "2@0: no entry has term 0; the first term is 1"},
    {"1@2 2@1", 1, 0, "2@1 follows 1@2: terms never fall along a log"},
    {"1@1 two", 1, 0, "'two' is not an entry; expected index@term such as 2@1"},
    {"1-1", 1, 0, "'1-1' is not an entry; expected index@term such as 1@1"},
};

START_TEST(logs_are_read)
{
    sim_arena a = {0};
    sim_text out = {0};
    sim_point *points = NULL;
    uint64_t n = 0;
    const char *says = sim_parse_log(logs[_i].text, strlen(logs[_i].text), &a, logs[_i].first,
                                     &points, &n, &out);
    if (logs[_i].says)
        ck_assert_pstr_eq(says, logs[_i].says);
    else
        ck_assert_ptr_null(says);
    ck_assert_uint_eq(n, logs[_i].n);
    for (uint64_t i = 0; i < n; i++)
        ck_assert_uint_eq(points[i].index, logs[_i].first + i);
    sim_text_free(&out);
    sim_arena_free(&a);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("options");
    TCase *t = tcase_create("options");
    suite_add_tcase(s, t);
    tcase_add_loop_test(t, set_and_got_back, 0, sizeof well / sizeof well[0]);
    tcase_add_loop_test(t, refused_and_unchanged, 0, sizeof wrong / sizeof wrong[0]);
    tcase_add_test(t, defaults_are_as_the_table_says);
    tcase_add_test(t, values_from_c_are_checked_too);
    t = tcase_create("values");
    suite_add_tcase(s, t);
    tcase_add_loop_test(t, durations_are_read_exactly, 0,
                        sizeof durations / sizeof durations[0]);
    tcase_add_test(t, durations_come_back);
    tcase_add_test(t, numbers_and_points);
    tcase_add_loop_test(t, logs_are_read, 0, sizeof logs / sizeof logs[0]);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
