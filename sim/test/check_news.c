/* check_news.c - random runs in which nodes hear late of their disks (thesis 10.2.1): a core
 * that takes an index for an entry is found out, and a correct one breaks nothing. */
#include "sim/base/random.h"
#include "sim/sim.h"
#include "tests/suite.h"
#include <inttypes.h>
#include <stdio.h>

static sim_id newest_leader(const sim *t)
{
    sim_id found = 0;
    for (sim_id id = 1; id <= sim_nodes(t); id++) {
        const sim_view *v = sim_view_of(t, id);
        if (v->role == SIM_LEADER && (!found || v->term > sim_view_of(t, found)->term))
            found = id;
    }
    return found;
}

/* Clients whose requests go on while time flows, for what a script does is heard at once. */
static void keep_busy(sim *t)
{
    enum { CLIENTS = 8, REQUESTS = 100 };
    for (int client = 0; client < CLIENTS; client++) {
        char name[8];
        snprintf(name, sizeof name, "c%d", client);
        for (int i = 0; i < REQUESTS; i++)
            sim_session_request(t, name, "add 1", 5, 0, NULL, NULL);
    }
}

/* Leaders are cut off and come back, on slow disks of which they hear later yet; true when an
 * invariant is broken. */
static bool rough(uint64_t seed, uint64_t bugs, uint64_t *applied)
{
    enum { STEPS = 60 };
    sim_config config = {
        .nodes = seed % 2 ? 3 : 5, .seed = seed, .bugs = bugs, .options_set = true};
    sim_options_default(&config.options);
    config.options.disk_latency.high = 100000;
    config.options.persisted_latency.high = 1500000;
    sim *t = sim_new(&config, NULL);
    sim_random dice = sim_random_stream(seed, 1000, 0);
    keep_busy(t);
    for (int i = 0; i < STEPS && !sim_violation(t); i++) {
        if (sim_random_between(&dice, 0, 1))
            sim_heal(t);
        sim_advance(t, sim_random_between(&dice, 0, 400000), NULL);
        const sim_id leader = newest_leader(t);
        if (leader && sim_random_between(&dice, 0, 1))
            sim_isolate(t, sim_one(leader));
        sim_advance(t, sim_random_between(&dice, 0, 800000), NULL);
    }
    const bool broken = sim_violation(t) != NULL;
    *applied += sim_applied(t, 1);
    sim_free(t);
    return broken;
}

START_TEST(chance_finds_who_takes_an_index_for_an_entry)
{
    enum { SEEDS = 60 };
    uint64_t caught = 0, applied = 0;
    const uint64_t bug = sim_engine_bug(&sim_engine_native, "durable_by_index");
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        caught += rough(seed, bug, &applied);
    ck_assert_uint_gt(caught, 0);
}
END_TEST

START_TEST(a_core_that_hears_late_breaks_nothing)
{
    enum { SEEDS = 60 };
    uint64_t applied = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        ck_assert_msg(!rough(seed, 0, &applied), "seed %" PRIu64, seed);
    ck_assert_uint_gt(applied, 20 * SEEDS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim check news");
    TCase *tc = tcase_create("chance");
    if (sim_engine_bug(&sim_engine_native, "durable_by_index")) /* built with bugs */
        tcase_add_test(tc, chance_finds_who_takes_an_index_for_an_entry);
    tcase_add_test(tc, a_core_that_hears_late_breaks_nothing);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
