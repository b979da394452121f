/* check_storm.c - a correct core breaks no invariant, whatever happens to it: no checker
 * cries wolf.  Random faults of every kind, many seeds, a few hundred steps each. */
#include "sim/test/storm.h"

/* How far the cluster came. */
static uint64_t rage(uint64_t seed, uint32_t steps)
{
    storm s;
    const sim_config config = storm_config(&s, seed);
    s.t = sim_new(&config, NULL);
    ck_assert_ptr_nonnull(s.t);
    for (uint32_t i = 0; i < steps && !sim_violation(s.t); i++)
        act(&s);
    const sim_violation_info *v = sim_violation(s.t);
    if (v)
        fprintf(stderr, "seed %u: %s: %s / %s\n", (unsigned)seed, v->invariant, v->one,
                v->other);
    ck_assert_ptr_null(v);
    uint64_t applied = sim_applied(s.t, 1);
    sim_free(s.t);
    return applied;
}

enum { SEEDS = 50 };

START_TEST(no_false_alarm)
{
    uint64_t applied = 0;
    for (uint64_t i = 0; i < SEEDS; i++)
        applied += rage((uint64_t)_i * SEEDS + i, 400);
    ck_assert_uint_gt(applied, SEEDS * 10); /* a cluster that does nothing breaks nothing */
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check storm");
    TCase *t = tcase_create("storm");
    suite_add_tcase(s, t);
    tcase_add_loop_test(t, no_false_alarm, 0, 8);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
