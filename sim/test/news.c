/* news.c - a node hears later than its disk is done (thesis 10.2.1): by hand, after a random
 * time, paused and crashed. */
#include "sim/test/tank.h"

/* n1 leads, n3 hears nothing: what is committed takes n1's own disk, or n1's hearing of it. */
static sim *two_of_three(const sim_options *o)
{
    sim *t = tank_with(3, o, 1);
    DO(sim_elect(t, A, e));
    sim_isolate(t, sim_one(C));
    return t;
}

static uint64_t commit_of(const sim *t, sim_id node)
{
    return sim_view_of(t, node)->commit;
}

static bool told(const diary *d, const char *what)
{
    return d->text.at && strstr(d->text.at, what) != NULL;
}

static void watch(sim *t, diary *d)
{
    d->seq = sim_seq(t);
    sim_observe(t, diary_observer(d));
}

/* ---- by hand ------------------------------------------------------------------------- */

START_TEST(a_held_node_writes_and_answers_and_does_not_hear)
{
    sim *t = two_of_three(NULL);
    DO(sim_persisted_hold(t, B, e));
    FAILS(sim_persisted_hold(t, B, e), "what n2 hears of its disk is held already", "");
    ck_assert(sim_persisted_is_held(t, B) && !sim_persisted_is_held(t, A));
    ck_assert(!sim_disk_is_held(t, B));
    propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    ck_assert_uint_eq(sim_durable_last(t, B), 2);
    ck_assert_uint_eq(commit_of(t, A), 2); /* the answer left */
    DO(sim_persisted_release(t, B, e));
    FAILS(sim_persisted_release(t, B, e), "what n2 hears of its disk is not held", "");
    sim_free(t);
}
END_TEST

START_TEST(a_leader_counts_itself_when_it_hears_one_by_one)
{
    diary d = {0};
    sim *t = two_of_three(NULL);
    DO(sim_persisted_hold(t, A, e));
    watch(t, &d);
    propose(t, A, "add 1", NULL);
    propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    STATE(A, "leader term 1 vote n1 follows n1 commit 1 applied 1 last 3@1 durable 3");
    ck_assert(!told(&d, "op told"));
    DO(sim_persisted_release(t, A, e));
    const char *first =
        strstr(d.text.at, "n1 disk op told write 3 first 2 count 1 up_to 2@1\n");
    ck_assert_ptr_nonnull(first);
    const char *commit = strstr(first, "n1 commit from 2 to 2 | commit 2\n");
    ck_assert_ptr_nonnull(commit);
    ck_assert_ptr_nonnull(
        strstr(commit, "n1 disk op told write 4 first 3 count 1 up_to 3@1\n"));
    ck_assert_uint_eq(commit_of(t, A), 3);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* What it is told was true when the disk was done, and need not be what its log holds. */
START_TEST(it_hears_of_entries_that_are_gone)
{
    diary d = {0};
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    DO(sim_persisted_hold(t, A, e));
    sim_isolate(t, sim_one(A));
    propose(t, A, "add 1", NULL);
    propose(t, A, "add 2", NULL);
    DO(sim_elect(t, B, e));
    sim_heal(t);
    beat_and_settle(t, B);
    LOG(A, "1@1 2@2");
    watch(t, &d);
    DO(sim_persisted_release(t, A, e));
    ck_assert(told(&d, "n1 disk op told write 4 first 3 count 1 up_to 3@1\n"));
    ck_assert(told(&d, "n1 disk op told write 5 truncate 2 first 2 count 1 up_to 2@2\n"));
    LOG(A, "1@1 2@2");
    ck_assert_uint_eq(sim_durable_last(t, A), 2);
    ck_assert_ptr_null(sim_violation(t));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(sync_writes_and_tells_unless_that_is_held)
{
    sim *t = two_of_three(NULL);
    DO(sim_disk_hold(t, A, e));
    DO(sim_persisted_hold(t, A, e));
    propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    DO(sim_disk_sync(t, A, e));
    ck_assert_uint_eq(sim_durable_last(t, A), 2);
    ck_assert_uint_eq(commit_of(t, A), 1);
    DO(sim_persisted_release(t, A, e));
    ck_assert_uint_eq(commit_of(t, A), 2);
    propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    ck_assert_uint_eq(commit_of(t, A), 2);
    DO(sim_disk_sync(t, A, e)); /* as ever */
    ck_assert_uint_eq(commit_of(t, A), 3);
    sim_free(t);
}
END_TEST

START_TEST(a_crash_forgets_what_was_not_heard)
{
    diary d = {0};
    sim *t = two_of_three(NULL);
    DO(sim_persisted_hold(t, A, e));
    propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    DO(sim_crash(t, A, false, e));
    watch(t, &d);
    DO(sim_restart(t, A, false, e));
    LOG(A, "1@1 2@1"); /* it was durable */
    ck_assert(sim_persisted_is_held(t, A));
    DO(sim_persisted_release(t, A, e));
    ck_assert(!told(&d, "op told"));
    DO(sim_elect(t, A, e));
    ck_assert_uint_eq(commit_of(t, A), 3);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* The first piece of news commits a joint configuration, the leader appends the one behind it,
 * and that is the write at which its disk fails: the second piece has nobody to hear it. */
START_TEST(a_node_that_dies_of_what_it_hears_hears_no_more)
{
    diary d = {0};
    sim *t = two_of_three(NULL);
    DO(sim_persisted_hold(t, A, e));
    const sim_membership wanted = {.voters = sim_one(A) | sim_one(B)};
    ck_assert(sim_change_members(t, A, SIM_CHANGE_RECONFIGURE, 0, &wanted, NULL, NULL));
    propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    ck_assert_uint_eq(commit_of(t, A), 1);
    sim_disk_set(t, A, SIM_DISK_FAIL, 0);
    watch(t, &d);
    DO(sim_persisted_release(t, A, e));
    ck_assert_int_eq(sim_life_of(t, A), SIM_CRASHED);
    ck_assert(told(&d, "op told write 3"));
    ck_assert(!told(&d, "op told write 4"));
    sim_disk_set(t, A, SIM_DISK_OK, 0);
    DO(sim_restart(t, A, false, e));
    DO(sim_elect(t, B, e));
    beat_and_settle(t, B);
    MEMBERS(A, "n1 n2");
    ck_assert_ptr_null(sim_violation(t));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* ---- paused nodes -------------------------------------------------------------------- */

/* A leader that is paused while its disk writes what n2 has acknowledged; n2's answer waits. */
static sim *paused_leader(diary *d)
{
    sim *t = two_of_three(NULL);
    DO(sim_disk_hold(t, A, e));
    propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    DO(sim_pause(t, A, e));
    watch(t, d);
    return t;
}

START_TEST(a_paused_node_hears_when_it_goes_on)
{
    diary d = {0};
    sim *t = paused_leader(&d);
    DO(sim_disk_release(t, A, e));
    ck_assert_uint_eq(commit_of(t, A), 1);
    DO(sim_resume(t, A, e));
    ck_assert_uint_eq(commit_of(t, A), 2);
    ck_assert(!told(&d, "op told")); /* in the moment in which it could */
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(a_hold_takes_effect_on_a_paused_node)
{
    diary d = {0};
    sim *t = paused_leader(&d);
    DO(sim_disk_release(t, A, e));
    DO(sim_persisted_hold(t, A, e)); /* before it could hear */
    DO(sim_resume(t, A, e));
    ck_assert_uint_eq(commit_of(t, A), 1);
    DO(sim_persisted_release(t, A, e));
    ck_assert(told(&d, "op told write 3 up_to 2@1\n"));
    ck_assert_uint_eq(commit_of(t, A), 2);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(what_is_released_while_it_is_paused_waits_for_it)
{
    diary d = {0};
    sim *t = paused_leader(&d);
    DO(sim_persisted_hold(t, A, e));
    DO(sim_disk_release(t, A, e));
    DO(sim_persisted_release(t, A, e));
    ck_assert(!told(&d, "op told"));
    DO(sim_crash(t, A, false, e));
    DO(sim_restart(t, A, false, e));
    DO(sim_elect(t, A, e));
    ck_assert(!told(&d, "op told")); /* forgotten */
    ck_assert_uint_eq(commit_of(t, A), 3);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* A snapshot that came from another node and was durable while n3 was paused. */
START_TEST(a_paused_node_takes_a_snapshot_over_when_it_hears)
{
    sim *t = two_of_three(NULL);
    for (int i = 0; i < 4; i++)
        propose(t, A, "add 1", NULL);
    DO(settle(t, e));
    DO(sim_snapshot_now(t, A, NULL, e));
    sim_heal(t);
    DO(sim_disk_hold(t, C, e));
    beat_and_settle(t, A);
    DO(sim_pause(t, C, e));
    DO(sim_disk_release(t, C, e));
    DO(sim_persisted_hold(t, C, e));
    DO(sim_resume(t, C, e));
    beat_and_settle(t, A);
    ck_assert_uint_eq(sim_view_of(t, C)->commit, 5);
    ck_assert_str_eq(app(t, C), "0");
    DO(sim_persisted_release(t, C, e));
    ck_assert_str_eq(app(t, C), "4");
    ck_assert_ptr_null(sim_violation(t));
    sim_free(t);
}
END_TEST

/* ---- flowing time -------------------------------------------------------------------- */

static sim_options slow_news(sim_us disk, sim_us low, sim_us high)
{
    sim_options o = standard();
    o.disk_latency = (sim_range){disk, disk};
    o.persisted_latency = (sim_range){low, high};
    o.latency = (sim_range){1000, 1000};
    return o;
}

/* A leader whose no-op is on its way to its disk, in a time that flows. */
static sim *alone(const sim_options *o)
{
    sim *t = tank_with(1, o, 1);
    DO(sim_advance(t, sim_deadline(t, A, SIM_TIMER_ELECTION), e));
    STATE(A, "leader term 1 vote n1 follows n1 commit 0 applied 0 last 1@1 durable 0");
    return t;
}

START_TEST(it_hears_after_the_latency)
{
    diary d = {0};
    const sim_options o = slow_news(10000, 5000, 5000);
    sim *t = alone(&o);
    watch(t, &d);
    DO(sim_advance(t, 10000, e));
    ck_assert_uint_eq(sim_durable_last(t, A), 1);
    DO(sim_advance(t, 4999, e));
    ck_assert_uint_eq(commit_of(t, A), 0);
    DO(sim_advance(t, 1, e));
    ck_assert_uint_eq(commit_of(t, A), 1);
    ck_assert(told(&d, "n1 disk op told write 1 first 1 count 1 up_to 1@1\n"));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* Time stops before it has heard: water that settles is still down to the disks, and so does
 * the next write in still water come behind. */
START_TEST(what_time_left_behind_is_heard_in_still_water)
{
    for (int way = 0; way < 4; way++) {
        const sim_options o = slow_news(10000, 500000, 500000);
        sim *t = alone(&o);
        DO(sim_advance(t, 12000, e));
        ck_assert_uint_eq(sim_durable_last(t, A), 1);
        ck_assert_uint_eq(commit_of(t, A), 0);
        if (way == 0)
            DO(settle(t, e));
        else if (way == 1)
            propose(t, A, "add 1", NULL);
        else if (way == 2)
            DO(sim_disk_sync(t, A, e));
        ck_assert_uint_eq(commit_of(t, A), way == 3 ? 0 : way == 1 ? 2 : 1);
        DO(sim_advance(t, 600000, e)); /* its record in the queue is stale, or not */
        ck_assert_uint_eq(commit_of(t, A), way == 1 ? 2 : 1);
        sim_free(t);
    }
}
END_TEST

START_TEST(a_hold_and_a_crash_leave_a_stale_record)
{
    for (int crash = 0; crash <= 1; crash++) {
        const sim_options o = slow_news(10000, 50000, 50000);
        sim *t = alone(&o);
        DO(sim_advance(t, 12000, e)); /* it has a record in the queue now */
        if (crash)
            DO(sim_crash(t, A, false, e));
        else
            DO(sim_persisted_hold(t, A, e));
        DO(sim_advance(t, 100000, e));
        ck_assert_uint_eq(commit_of(t, A), 0);
        if (crash)
            DO(sim_restart(t, A, false, e));
        else
            DO(sim_persisted_release(t, A, e));
        DO(sim_advance(t, 1000000, e));
        ck_assert_uint_eq(commit_of(t, A), crash ? 2 : 1);
        sim_free(t);
    }
}
END_TEST

/* It is paused when the time has come: it hears when it goes on. */
START_TEST(the_time_comes_while_it_is_paused)
{
    const sim_options o = slow_news(10000, 50000, 50000);
    sim *t = alone(&o);
    DO(sim_advance(t, 12000, e));
    DO(sim_pause(t, A, e));
    DO(sim_advance(t, 100000, e));
    ck_assert_uint_eq(commit_of(t, A), 0);
    DO(sim_resume(t, A, e));
    ck_assert_uint_eq(commit_of(t, A), 1);
    sim_free(t);
}
END_TEST

/* Each draw is between the bounds, and nobody overtakes. */
typedef struct order {
    uint64_t write, n;
    sim_us durable[1000];
} order;

static void in_order(void *self, const sim_note *n)
{
    order *o = self;
    if (n->kind != SIM_NOTE_DISK)
        return;
    const uint64_t write = n->as.disk.write;
    ck_assert_uint_lt(write, 1000);
    if (!strcmp(n->as.disk.op, "durable"))
        o->durable[write] = n->at;
    if (strcmp(n->as.disk.op, "told") != 0)
        return;
    ck_assert_uint_gt(write, o->write);
    ck_assert_uint_ge(n->at, o->durable[write] + 1000);
    ck_assert_uint_le(n->at, o->durable[write] + 90000);
    o->write = write;
    o->n++;
}

START_TEST(nothing_is_heard_out_of_its_order)
{
    order o = {0};
    const sim_options options = slow_news(2000, 1000, 90000);
    sim *t = tank_with(1, &options, 1);
    sim_observe(t, (sim_observer){.note = in_order, .self = &o});
    for (int i = 0; i < 10; i++) { /* nobody leads yet: they ask again while time flows */
        ask(t, "ann", "add 1", 0);
        ask(t, "ben", "add 1", 0);
        ask(t, "cat", "add 1", 0);
    }
    DO(sim_advance(t, 5000000, e));
    ck_assert_uint_gt(o.n, 20);
    ck_assert_str_eq(app(t, A), "30");
    sim_free(t);
}
END_TEST

static uint64_t lowest(void *self, sim_purpose purpose, sim_id who, uint64_t low, uint64_t high)
{
    ck_assert_uint_lt(low, high);
    ((uint64_t *)self)[purpose]++;
    return purpose == SIM_CHOOSE_ELECTION_TIMEOUT ? low + who * UINT64_C(20000) : low;
}

START_TEST(by_default_nothing_is_late_and_nothing_is_drawn)
{
    uint64_t times[SIM_PURPOSE_COUNT] = {0};
    diary d = {0};
    sim_config config = {.nodes = 3, .chooser = {lowest, times}};
    sim *t = sim_new(&config, NULL);
    watch(t, &d);
    DO(sim_advance(t, 2000000, e));
    ck_assert_uint_gt(times[SIM_CHOOSE_DISK_LATENCY], 0);
    ck_assert_uint_eq(times[SIM_CHOOSE_PERSISTED_LATENCY], 0);
    ck_assert(!told(&d, "op told"));
    sim_free(t);

    sim_options_default(&config.options);
    config.options_set = true;
    config.options.persisted_latency.high = 9000;
    d.seq = 0;
    t = sim_new(&config, NULL);
    watch(t, &d);
    DO(sim_advance(t, 2000000, e));
    ck_assert_uint_gt(times[SIM_CHOOSE_PERSISTED_LATENCY], 0);
    ck_assert(!told(&d, "op told")); /* the lowest is at once */
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim news");
    TCase *tc = tcase_create("news");
    tcase_add_test(tc, a_held_node_writes_and_answers_and_does_not_hear);
    tcase_add_test(tc, a_leader_counts_itself_when_it_hears_one_by_one);
    tcase_add_test(tc, it_hears_of_entries_that_are_gone);
    tcase_add_test(tc, sync_writes_and_tells_unless_that_is_held);
    tcase_add_test(tc, a_crash_forgets_what_was_not_heard);
    tcase_add_test(tc, a_node_that_dies_of_what_it_hears_hears_no_more);
    tcase_add_test(tc, a_paused_node_hears_when_it_goes_on);
    tcase_add_test(tc, a_hold_takes_effect_on_a_paused_node);
    tcase_add_test(tc, what_is_released_while_it_is_paused_waits_for_it);
    tcase_add_test(tc, a_paused_node_takes_a_snapshot_over_when_it_hears);
    tcase_add_test(tc, it_hears_after_the_latency);
    tcase_add_test(tc, what_time_left_behind_is_heard_in_still_water);
    tcase_add_test(tc, a_hold_and_a_crash_leave_a_stale_record);
    tcase_add_test(tc, the_time_comes_while_it_is_paused);
    tcase_add_test(tc, nothing_is_heard_out_of_its_order);
    tcase_add_test(tc, by_default_nothing_is_late_and_nothing_is_drawn);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
