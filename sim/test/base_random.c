/* base_random.c - hashing and random numbers: their quality, and that they never change.
 *
 * The fixed values are part of what a seed means: a run recorded on one machine must be the
 * same on every other, and with every later version that has this format. */
#include "sim/base/hash.h"
#include "sim/base/random.h"
#include "sim/types.h"
#include "tests/suite.h"
#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

/* sim_hash_bytes(1, letters, len) for len 0.. */
static const uint64_t bytes_hash[] = {
    UINT64_C(0x30600600fd1fa6cf), UINT64_C(0xf724cf64524f77cf), UINT64_C(0x348dbbb695861404),
    UINT64_C(0x3a54f63bd0fbb329), UINT64_C(0xe0e3a84740e5a069), UINT64_C(0x4d5d925772a98ca2),
    UINT64_C(0x3466c9d1b62c6fb5), UINT64_C(0x344adf3fc310fbd1), UINT64_C(0xe6fc8a3d4ba0c8c3),
    UINT64_C(0x33964139bbacdc24), UINT64_C(0x7b5a3df333352dc3), UINT64_C(0x48217a9c509bb72b),
    UINT64_C(0x7255108978cf4127), UINT64_C(0x67719faa32e38d20), UINT64_C(0xa4d8d977a6fafee2),
    UINT64_C(0xfb4cc3f8a916f10d), UINT64_C(0x46a90b8f50350cc4), UINT64_C(0x242853436d22dab8),
    UINT64_C(0xa2b80d2e40d33bee), UINT64_C(0x925e1d77fa25ffab)};

START_TEST(hash_is_what_it_was)
{
    for (size_t len = 0; len < sizeof bytes_hash / sizeof bytes_hash[0]; len++)
        ck_assert_uint_eq(sim_hash_bytes(1, letters, len), bytes_hash[len]);
    ck_assert_uint_eq(sim_hash_mix(1, 2), UINT64_C(0xdf16552f84dcc840));
    ck_assert_uint_eq(sim_hash_final(1), UINT64_C(0x5692161d100b05e5));
    ck_assert_uint_eq(sim_entry_checksum(SIM_ENTRY_COMMAND, "add 5", 5),
                      UINT64_C(0x82320038c61e1c1a));
}
END_TEST

START_TEST(hash_does_not_care_where_bytes_are)
{
    char room[64];
    for (size_t at = 0; at < 9; at++) {
        memcpy(room + at, letters, 26);
        ck_assert_uint_eq(sim_hash_bytes(1, room + at, 26), sim_hash_bytes(1, letters, 26));
    }
}
END_TEST

START_TEST(hash_tells_lengths_apart)
{
    static const char zeros[32];
    for (size_t a = 0; a < 32; a++)
        for (size_t b = 0; b < a; b++)
            ck_assert_uint_ne(sim_hash_bytes(0, zeros, a), sim_hash_bytes(0, zeros, b));
    ck_assert_uint_ne(sim_hash_bytes(0, "a", 1), sim_hash_bytes(1, "a", 1));
    ck_assert_uint_ne(sim_hash_mix(sim_hash_mix(0, 1), 2), sim_hash_mix(sim_hash_mix(0, 2), 1));
}
END_TEST

/* One bit of the input changes about half of the output's. */
START_TEST(hash_spreads_every_bit)
{
    unsigned char data[24];
    uint64_t flips = 0, trials = 0;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 29);
    uint64_t before = sim_hash_bytes(7, data, sizeof data);
    for (size_t bit = 0; bit < sizeof data * 8; bit++, trials++) {
        data[bit / 8] = (unsigned char)(data[bit / 8] ^ 1 << bit % 8);
        uint32_t n = sim_count(before ^ sim_hash_bytes(7, data, sizeof data));
        ck_assert_uint_gt(n, 10);
        ck_assert_uint_lt(n, 54);
        flips += n;
        data[bit / 8] = (unsigned char)(data[bit / 8] ^ 1 << bit % 8);
    }
    ck_assert_uint_gt(flips, trials * 30);
    ck_assert_uint_lt(flips, trials * 34);
}
END_TEST

static const uint64_t drawn[] = {UINT64_C(0xe21d0a42d2165003), UINT64_C(0xb9c750b2fa578647),
                                 UINT64_C(0xb20e6a29eae5e098), UINT64_C(0x25a65d10cb519aa9),
                                 UINT64_C(0x2cc26e06d96cedd0), UINT64_C(0xc02a57f4941f04c1)};
static const uint64_t in_ranges[] = {
    UINT64_C(0x0000000000000000), UINT64_C(0x0000000000000006), UINT64_C(0x000000000003e17a),
    UINT64_C(0x0000000025a65d0f), UINT64_C(0x00000000d96cedd0), UINT64_C(0x000000f4941f04c2),
    UINT64_C(0xd09ffbfcb0f2027a), UINT64_C(0xfffffffffffffffe)};

/* The widths that take each way through the generator. */
static const struct {
    uint64_t low, high;
} ranges[] = {
    {0, 0},           {5, 6},
    {150000, 300000}, {0, UINT32_MAX - 1},
    {0, UINT32_MAX},  {1, UINT64_C(1) << 40},
    {0, UINT64_MAX},  {UINT64_MAX - 2, UINT64_MAX},
};
enum { RANGES = sizeof ranges / sizeof ranges[0] };

START_TEST(random_is_what_it_was)
{
    sim_random r = sim_random_stream(7, 2, 3);
    for (size_t i = 0; i < sizeof drawn / sizeof drawn[0]; i++)
        ck_assert_uint_eq(sim_random_next(&r), drawn[i]);
    r = sim_random_stream(7, 2, 3);
    for (size_t i = 0; i < RANGES; i++)
        ck_assert_uint_eq(sim_random_between(&r, ranges[i].low, ranges[i].high), in_ranges[i]);
}
END_TEST

START_TEST(random_stays_in_its_range)
{
    sim_random r = sim_random_stream(1, 0, 0);
    for (int k = 0; k < 20000; k++) {
        uint64_t v = sim_random_between(&r, ranges[_i].low, ranges[_i].high);
        ck_assert(ranges[_i].low <= v && v <= ranges[_i].high);
    }
}
END_TEST

/* Each answer of a small range comes about as often as the others; also where the number
 * of answers does not divide a power of two. */
START_TEST(random_is_fair)
{
    enum { DRAWS = 70000 };
    sim_random r = sim_random_stream(99, 1, 1);
    for (uint32_t n = 2; n <= 7; n++) {
        uint32_t seen[7] = {0}, mean = DRAWS / n;
        for (int k = 0; k < DRAWS; k++)
            seen[sim_random_between(&r, 10, 10 + n - 1) - 10]++;
        for (uint32_t i = 0; i < n; i++) {
            ck_assert_uint_gt(seen[i], mean - mean / 20);
            ck_assert_uint_lt(seen[i], mean + mean / 20);
        }
    }
}
END_TEST

/* A range of two thirds of 2^32, where taking a remainder would favour the lower third. */
START_TEST(random_has_no_bias_in_wide_ranges)
{
    const uint64_t n = UINT64_C(2863311530);
    sim_random r = sim_random_stream(5, 1, 1);
    uint32_t thirds[3] = {0};
    for (int k = 0; k < 60000; k++)
        thirds[sim_random_between(&r, 0, n - 1) * 3 / n]++;
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_gt(thirds[i], 19000);
        ck_assert_uint_lt(thirds[i], 21000);
    }
}
END_TEST

START_TEST(streams_are_apart)
{
    sim_random a = sim_random_stream(1, 0, 1);
    sim_random others[] = {sim_random_stream(2, 0, 1), sim_random_stream(1, 1, 1),
                           sim_random_stream(1, 0, 2), sim_random_stream(0, 1, 1)};
    for (int k = 0; k < 100; k++) {
        uint64_t v = sim_random_next(&a);
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            ck_assert_uint_ne(v, sim_random_next(&others[i]));
    }
    sim_random copy = a;
    ck_assert_uint_eq(sim_random_next(&copy), sim_random_next(&a));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("base random");
    TCase *t = tcase_create("hash");
    suite_add_tcase(s, t);
    tcase_add_test(t, hash_is_what_it_was);
    tcase_add_test(t, hash_does_not_care_where_bytes_are);
    tcase_add_test(t, hash_tells_lengths_apart);
    tcase_add_test(t, hash_spreads_every_bit);
    t = tcase_create("random");
    suite_add_tcase(s, t);
    tcase_add_test(t, random_is_what_it_was);
    tcase_add_loop_test(t, random_stays_in_its_range, 0, RANGES);
    tcase_add_test(t, random_is_fair);
    tcase_add_test(t, random_has_no_bias_in_wide_ranges);
    tcase_add_test(t, streams_are_apart);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
