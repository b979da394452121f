/* time.c - clocks, timers, time that flows and time that stands still. */
#include "sim/test/tank.h"

START_TEST(a_timeout_moves_the_clock_and_fires_one_timer)
{
    sim *t = tank(3);
    sim_us a = sim_deadline(t, A, SIM_TIMER_ELECTION),
           b = sim_deadline(t, B, SIM_TIMER_ELECTION);
    ck_assert_uint_ge(a, 150000);
    ck_assert_uint_le(a, 300000);
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_HEARTBEAT), SIM_US_MAX);
    DO(sim_timeout(t, A, e));
    ck_assert_uint_eq(sim_now(t), a);
    ck_assert_int_eq(sim_view_of(t, B)->role, SIM_FOLLOWER);
    DO(sim_timeout(t, B, e));
    ck_assert_uint_eq(sim_now(t), a > b ? a : b); /* it never goes back */
    DO(settle(t, e));                             /* n1 was first at n3 */
    FAILS(sim_timeout(t, A, e), "the election timer of n1 is not running, it is leader",
          "a leader waits for nobody, unless check_quorum is on");
    FAILS(sim_heartbeat(t, C, e), "the heartbeat timer of n3 is not running, it is follower",
          "only a leader sends heartbeats");
    sim_us beat = sim_deadline(t, A, SIM_TIMER_HEARTBEAT);
    DO(sim_heartbeat(t, A, e));
    ck_assert_uint_eq(sim_now(t), beat);
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_HEARTBEAT), beat + 50000);
    sim_free(t);
}
END_TEST

START_TEST(a_campaign_needs_no_clock)
{
    sim *t = tank(3);
    DO(sim_campaign(t, B, e));
    ck_assert_uint_eq(sim_now(t), 0);
    ck_assert_int_eq(sim_view_of(t, B)->role, SIM_CANDIDATE);
    DO(settle(t, e));
    FAILS(sim_campaign(t, B, e), "n2 leads already", "step_down n2 first");
    DO(sim_step_down(t, B, e));
    STATE(B, "follower term 1 vote n2 follows nobody commit 1 applied 1 last 1@1 durable 1");
    FAILS(sim_step_down(t, B, e), "n2 is follower, it has nothing to give up", "");
    ck_assert_uint_eq(sim_role_changes(t, B), 3);
    FAILS(sim_heartbeat(t, B, e), "the heartbeat timer of n2 is not running, it is follower",
          "only a leader sends heartbeats");
    sim_free(t);
}
END_TEST

START_TEST(elect_says_when_it_could_not)
{
    sim *t = tank(3);
    sim_isolate(t, sim_one(A));
    FAILS(
        sim_elect(t, A, e), "n1 did not become leader, it is candidate of term 1",
        "it needs the votes of a majority that it can reach, and a log as complete as theirs");
    DO(sim_elect(t, B, e));
    ck_assert_int_eq(sim_view_of(t, B)->role, SIM_LEADER);
    sim_disk_set(t, C, SIM_DISK_FULL, 0);
    sim_heal(t);
    FAILS(sim_elect(t, C, e), "n3 did not become leader, it crashed meanwhile",
          "a node stops when its disk fails or is full");
    sim_free(t);
}
END_TEST

static bool somebody_leads(void *self)
{
    const sim *t = *(sim **)self;
    for (sim_id id = 1; id <= sim_nodes(t); id++)
        if (sim_view_of(t, id)->role == SIM_LEADER)
            return true;
    return false;
}

START_TEST(time_that_flows_elects_a_leader)
{
    sim *t = tank(5);
    DO(sim_advance(t, 140000, e));
    ck_assert_uint_eq(sim_now(t), 140000);
    ck_assert_uint_eq(sim_events(t), 0); /* nobody's patience is over */
    DO(sim_await(t, 5000000, somebody_leads, &t, e));
    sim_us then = sim_now(t);
    ck_assert_uint_lt(then, 5140000);
    DO(sim_await(t, 1, somebody_leads, &t, e)); /* asked before anything moves */
    ck_assert_uint_eq(sim_now(t), then);
    DO(sim_advance(t, 10000000, e));
    ck_assert_uint_eq(sim_now(t), then + 10000000);
    uint64_t leaders = 0;
    for (sim_id id = A; id <= E; id++)
        leaders += sim_view_of(t, id)->role == SIM_LEADER;
    ck_assert_uint_eq(leaders, 1); /* and heartbeats keep it */
    sim_free(t);
}
END_TEST

static bool never(void *self)
{
    ++*(uint64_t *)self;
    return false;
}

START_TEST(what_never_comes_is_awaited_in_vain)
{
    sim *t = tank(3);
    uint64_t asked = 0;
    FAILS(sim_await(t, 1500000, never, &asked, e), "the condition did not hold within 1.5s",
          "");
    ck_assert_uint_eq(sim_now(t), 1500000);
    ck_assert_uint_eq(asked, sim_events(t) + 1); /* first, and after every event */
    FAILS(sim_settle(t, 0, never, &asked, e),
          "nothing can move any more, and the condition does not hold", "");
    sim_free(t);
}
END_TEST

static bool two_votes(void *self)
{
    return sim_queue_length(*(sim **)self) == 2;
}

START_TEST(settle_stops_when_it_is_told)
{
    sim *t = tank(5);
    DO(sim_timeout(t, A, e));
    ck_assert_uint_eq(sim_queue_length(t), 4);
    DO(sim_settle(t, 0, somebody_leads, &t, e));
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    DO(sim_drop_message(t, &(sim_filter){0}, true, e));
    DO(sim_heartbeat(t, A, e));
    DO(sim_drop_message(t, &(sim_filter){.to = B}, true, e));
    DO(sim_drop_message(t, &(sim_filter){.to = C}, true, e));
    DO(sim_settle(t, 0, two_votes, &t, e)); /* it holds already: nothing moves */
    QUEUE("#15 n1 -> n4 AppendEntries, #16 n1 -> n5 AppendEntries");
    sim_free(t);
}
END_TEST

START_TEST(settle_only_moves_what_is_between_some)
{
    sim *t = tank(3);
    DO(sim_timeout(t, A, e));
    DO(sim_settle(t, sim_one(A) | sim_one(C), NULL, NULL, e));
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    ck_assert_uint_eq(sim_view_of(t, A)->commit, 1);
    QUEUE("#1 n1 -> n2 RequestVote, #4 n1 -> n2 AppendEntries");
    sim_free(t);
}
END_TEST

START_TEST(messages_arrive_after_their_latency)
{
    sim_options o = standard();
    o.latency = (sim_range){4000, 4000};
    sim *t = tank_with(3, &o, 1);
    DO(sim_elect(t, A, e));
    DO(sim_heartbeat(t, A, e));
    DO(sim_advance(t, 3999, e));
    QUEUE("#9 n1 -> n2 AppendEntries, #10 n1 -> n3 AppendEntries");
    DO(sim_advance(t, 1, e));
    QUEUE("#11 n2 -> n1 AppendEntriesReply, #12 n3 -> n1 AppendEntriesReply");
    DO(settle(t, e)); /* still water takes no time */
    ck_assert_uint_eq(sim_queue_length(t), 0);
    DO(sim_advance(t, 10000, e)); /* and the records of what it moved are stale */
    ck_assert_uint_eq(sim_queue_length(t), 0);
    sim_free(t);
}
END_TEST

/* What was left over while time stood still acts as soon as it flows, by its time. */
START_TEST(the_overdue_act_in_their_order)
{
    sim_options o = standard();
    o.latency = o.disk_latency = (sim_range){4000, 4000};
    sim *t = tank_with(3, &o, 1);
    diary d = {0};
    sim_us a = sim_deadline(t, A, SIM_TIMER_ELECTION);
    sim_us b = sim_deadline(t, B, SIM_TIMER_ELECTION);
    sim_us c = sim_deadline(t, C, SIM_TIMER_ELECTION);
    sim_id last = a > b ? (a > c ? A : C) : (b > c ? B : C);
    DO(sim_timeout(t, last, e)); /* the clock jumps over the other two */
    sim_observe(t, diary_observer(&d));
    d.seq = sim_seq(t);
    sim_us now = sim_now(t);
    uint64_t events = sim_events(t);
    DO(sim_advance(t, 0, e));
    ck_assert_uint_eq(sim_now(t), now);
    ck_assert_uint_eq(sim_events(t), events + 2);
    sim_id first = last == A ? (b < c ? B : C) : last == B ? (a < c ? A : C) : (a < b ? A : B);
    char expected[32];
    snprintf(expected, sizeof expected, " n%u timer timer election", first);
    const char *one = strstr(d.text.at, expected);
    ck_assert_ptr_nonnull(one);
    snprintf(expected, sizeof expected, " n%u timer timer election", 6U - first - last);
    const char *other = strstr(d.text.at, expected);
    ck_assert_ptr_nonnull(other);
    ck_assert(one < other);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* ---- clocks --------------------------------------------------------------------------- */

START_TEST(a_clock_that_is_set_forward_times_out_earlier)
{
    sim *t = tank(3);
    sim_us deadline = sim_deadline(t, A, SIM_TIMER_ELECTION);
    sim_skew(t, A, 100000);
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_ELECTION), deadline - 100000);
    sim_skew(t, A, -40000);
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_ELECTION), deadline - 60000);
    sim_skew(t, A, -1000000); /* before its own beginning */
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_ELECTION), deadline + 940000);
    DO(sim_timeout(t, A, e));
    ck_assert_uint_eq(sim_now(t), deadline + 940000);
    sim_skew(t, B, 5000000); /* overdue: it acts as soon as time flows */
    ck_assert_uint_eq(sim_deadline(t, B, SIM_TIMER_ELECTION), sim_now(t));
    DO(sim_advance(t, 0, e));
    ck_assert_int_ne(sim_view_of(t, B)->role, SIM_FOLLOWER);
    sim_free(t);
}
END_TEST

START_TEST(a_fast_clock_times_out_earlier)
{
    sim *t = tank(3);
    sim_us deadline = sim_deadline(t, A, SIM_TIMER_ELECTION);
    sim_drift(t, A, 250000); /* five seconds in four */
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_ELECTION), (deadline * 4 + 4) / 5);
    sim_drift(t, A, 0);
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_ELECTION), deadline);
    DO(sim_advance(t, 100000, e));
    sim_drift(t, A, -500000); /* half the speed from here on */
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_ELECTION), 100000 + (deadline - 100000) * 2);
    DO(sim_timeout(t, A, e));
    DO(settle(t, e));
    sim_us now = sim_now(t);
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_HEARTBEAT), now + 100000);
    DO(sim_advance(t, 99999, e));
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_HEARTBEAT), now + 100000);
    DO(sim_advance(t, 1, e));
    ck_assert_uint_eq(sim_deadline(t, A, SIM_TIMER_HEARTBEAT), now + 200000);
    sim_free(t);
}
END_TEST

START_TEST(drift_is_chosen_within_its_bound)
{
    sim_options o = standard();
    o.clock_drift = 10000; /* 1% */
    o.election_timeout = (sim_range){1000000, 1000000};
    bool differs = false;
    for (uint64_t seed = 1; seed < 20; seed++) {
        sim *t = tank_with(3, &o, seed);
        for (sim_id id = A; id <= C; id++) {
            sim_us deadline = sim_deadline(t, id, SIM_TIMER_ELECTION);
            ck_assert_uint_ge(deadline, 990000);
            ck_assert_uint_le(deadline, 1010102);
            differs |= deadline != 1000000;
        }
        DO(sim_advance(t, 20000000, e));
        ck_assert_ptr_null(sim_violation(t));
        sim_free(t);
    }
    ck_assert(differs);
}
END_TEST

/* ---- limits --------------------------------------------------------------------------- */

START_TEST(a_settle_that_goes_on_and_on_says_what_moves)
{
    sim_options o = standard();
    o.settle_limit = 5;
    sim *t = tank_with(3, &o, 1);
    DO(sim_timeout(t, A, e));
    sim_error error = {0};
    ck_assert(!settle(t, &error));
    ck_assert(error.no_progress);
    ck_assert_str_eq(error.text,
                     "settle passed its limit of 5: n1 -> n2 RequestVote went round "
                     "1 times near the end");
    ck_assert_str_eq(error.hint, "option settle_limit raises it");
    sim_free(t);
}
END_TEST

START_TEST(an_advance_that_goes_on_and_on_says_what_moves)
{
    sim_options o = standard();
    o.advance_limit = 30000;
    sim *t = tank_with(2, &o, 1);
    DO(sim_elect(t, A, e));
    sim_error error = {0};
    ck_assert(!sim_advance(t, UINT64_C(3600) * 1000000, &error));
    ck_assert(error.no_progress);
    ck_assert_ptr_nonnull(strstr(error.text, "advance passed its limit of 30000: n"));
    ck_assert_ptr_nonnull(strstr(error.text, " AppendEntries"));
    ck_assert_str_eq(error.hint, "option advance_limit raises it");
    DO(sim_advance(t, 1000, e)); /* the tank itself is well */

    o.advance_limit = 5;
    sim *mute = tank_with(3, &o, 1);
    sim_isolate(mute, sim_one(A) | sim_one(B));
    ck_assert(!sim_advance(mute, UINT64_C(3600) * 1000000, &error));
    ck_assert(error.no_progress);
    ck_assert_str_eq(error.text,
                     "advance passed its limit of 5, and no message moved near the end");
    sim_free(mute);
    sim_free(t);
}
END_TEST

START_TEST(the_caller_can_stop_a_run)
{
    volatile bool stop = true;
    sim *t = tank(3);
    DO(sim_timeout(t, A, e));
    sim_stop_on(t, &stop);
    FAILS(settle(t, e), "stopped", "");
    FAILS(sim_advance(t, 1000000, e), "stopped", "");
    uint64_t asked = 0;
    FAILS(sim_await(t, 1000000, never, &asked, e), "stopped", "");
    stop = false;
    DO(settle(t, e));
    stop = true;
    sim_stop_on(t, NULL);
    DO(sim_advance(t, 1000000, e));
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim time");
    TCase *tc = tcase_create("time");
    tcase_add_test(tc, a_timeout_moves_the_clock_and_fires_one_timer);
    tcase_add_test(tc, a_campaign_needs_no_clock);
    tcase_add_test(tc, elect_says_when_it_could_not);
    tcase_add_test(tc, time_that_flows_elects_a_leader);
    tcase_add_test(tc, what_never_comes_is_awaited_in_vain);
    tcase_add_test(tc, settle_stops_when_it_is_told);
    tcase_add_test(tc, settle_only_moves_what_is_between_some);
    tcase_add_test(tc, messages_arrive_after_their_latency);
    tcase_add_test(tc, the_overdue_act_in_their_order);
    tcase_add_test(tc, a_clock_that_is_set_forward_times_out_earlier);
    tcase_add_test(tc, a_fast_clock_times_out_earlier);
    tcase_add_test(tc, drift_is_chosen_within_its_bound);
    tcase_add_test(tc, a_settle_that_goes_on_and_on_says_what_moves);
    tcase_add_test(tc, an_advance_that_goes_on_and_on_says_what_moves);
    tcase_add_test(tc, the_caller_can_stop_a_run);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
