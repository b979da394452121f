/* runs.c - the same configuration, seed and calls give the same run; storms break nothing. */
#include "sim/base/random.h"
#include "sim/test/tank.h"

/* A script of everything that a tank can be asked, drawn from a seed of its own.  Errors
 * are part of it: they must leave the tank as it was. */
static bool quiet(void *self)
{
    return sim_queue_length(*(sim **)self) < 3;
}

static void one_act(sim *t, sim_random *r)
{
    const uint32_t nodes = sim_nodes(t);
    const sim_id a = (sim_id)sim_random_between(r, 1, nodes);
    const sim_id b = (sim_id)(1 + (a - 1 + sim_random_between(r, 1, nodes - 1)) % nodes);
    const sim_filter link = {.from = a, .to = b};
    switch (sim_random_between(r, 0, 30)) {
    case 0:
        sim_timeout(t, a, NULL);
        break;
    case 1:
        sim_heartbeat(t, a, NULL);
        break;
    case 2:
        sim_campaign(t, a, NULL);
        break;
    case 3:
        sim_step_down(t, a, NULL);
        break;
    case 4:
        sim_crash(t, a, false, NULL);
        break;
    case 5:
        /* An idle disk would lose what was durable: no Raft survives that. */
        if (sim_durable_last(t, a) < sim_view_of(t, a)->last.index)
            sim_crash(t, a, true, NULL);
        break;
    case 6:
    case 7:
        sim_restart(t, a, false, NULL);
        break;
    case 8:
        sim_pause(t, a, NULL);
        break;
    case 9:
    case 10:
        sim_resume(t, a, NULL);
        break;
    case 11:
        sim_partition(t, &(sim_set){sim_one(a) | sim_one(b)}, 1);
        break;
    case 12:
        sim_isolate(t, sim_one(a));
        break;
    case 13:
        sim_cut(t, a, b, sim_random_between(r, 0, 1));
        break;
    case 14:
    case 15:
        sim_heal(t);
        break;
    case 16:
        sim_hold(t, a, b, sim_random_between(r, 0, 1), NULL);
        break;
    case 17:
        sim_release(t, a, b, true, NULL);
        break;
    case 18:
        sim_disk_hold(t, a, NULL);
        break;
    case 19:
        sim_disk_release(t, a, NULL);
        break;
    case 20:
        sim_disk_sync(t, a, NULL);
        break;
    case 21:
        sim_drop_message(t, &link, sim_random_between(r, 0, 1), NULL);
        break;
    case 22:
        sim_duplicate(t, &link, sim_random_between(r, 0, 1), NULL);
        break;
    case 23:
        sim_delay(t, &link, false, sim_random_between(r, 1, 90000), NULL);
        break;
    case 24:
        sim_reorder(t, a, b, NULL);
        break;
    case 25:
        sim_corrupt(t, &link, false, NULL);
        break;
    case 26:
        sim_settle(t, 0, NULL, NULL, NULL);
        break;
    case 27:
        sim_settle(t, 0, quiet, &t, NULL);
        break;
    case 28:
        sim_skew(t, a, (int64_t)sim_random_between(r, 0, 200000) - 100000);
        break;
    case 29:
        sim_deliver_n(t, sim_random_between(r, 1, 9), NULL);
        break;
    default:
        sim_advance(t, sim_random_between(r, 0, 400000), NULL);
        break;
    }
    sim_propose(t, a, "add 1", 5, NULL, NULL);
    sim_propose(t, b, "add 2", 5, "named", NULL);
}

static sim *storm(uint32_t nodes, const sim_options *o, uint64_t seed, uint32_t acts,
                  const sim_observer *observer)
{
    sim_config config = {.nodes = nodes, .seed = seed, .options = *o, .options_set = true};
    if (observer) {
        config.observers = observer;
        config.observers_n = 1;
    }
    sim *t = sim_new(&config, NULL);
    ck_assert_ptr_nonnull(t);
    sim_random r = sim_random_stream(seed, 99, 0);
    for (uint32_t i = 0; i < acts && !sim_violation(t); i++)
        one_act(t, &r);
    const sim_violation_info *v = sim_violation(t);
    ck_assert_msg(!v, "seed %" PRIu64 ": %s: %s; %s", seed, v ? v->invariant : "",
                  v ? v->one : "", v ? v->other : "");
    return t;
}

static void count(void *self, const sim_note *n)
{
    ck_assert_uint_eq(n->seq, ++*(uint64_t *)self);
}

static const struct {
    uint32_t nodes;
    bool pre_vote, check_quorum;
    uint64_t batch, pipeline;
} worlds[] = {
    {3, false, false, 64, 16}, {3, true, true, 64, 16}, {5, true, false, 1, 1},
    {5, false, true, 2, 256},  {4, true, true, 3, 2},   {2, false, false, 64, 16},
    {7, true, true, 64, 16},
};

static sim_options options_of(int world)
{
    sim_options o = standard();
    o.pre_vote = worlds[world].pre_vote ? SIM_ON : SIM_OFF;
    o.check_quorum = worlds[world].check_quorum ? SIM_ON : SIM_OFF;
    o.batch_max = worlds[world].batch;
    o.pipeline_max = worlds[world].pipeline;
    o.clock_drift = 1000;
    return o;
}

/* Everything is healed, and then the cluster finds together again. */
static void calm(sim *t)
{
    sim_heal(t);
    for (sim_id a = 1; a <= sim_nodes(t); a++) {
        sim_restart(t, a, false, NULL);
        sim_resume(t, a, NULL);
        sim_disk_release(t, a, NULL);
        for (sim_id b = 1; b <= sim_nodes(t); b++)
            if (a != b)
                sim_release(t, a, b, false, NULL);
    }
    DO(sim_advance(t, 10000000, e));
    sim_id leader = 0;
    for (sim_id id = 1; id <= sim_nodes(t); id++)
        if (sim_view_of(t, id)->role == SIM_LEADER)
            leader = id;
    ck_assert_uint_ne(leader, 0);
    uint64_t last = propose(t, leader, "add 1", "last");
    DO(sim_advance(t, 1000000, e));
    sim_request r;
    ck_assert(sim_request_of(t, last, &r));
    ck_assert_int_eq(r.status, SIM_STATUS_OK);
    for (sim_id id = 1; id <= sim_nodes(t); id++) {
        ck_assert_uint_eq(sim_app_hash(t, id), sim_app_hash(t, leader));
        ck_assert_uint_eq(sim_applied(t, id), sim_applied(t, leader));
    }
}

START_TEST(a_storm_by_hand_breaks_nothing)
{
    const sim_options o = options_of(_i);
    for (uint64_t seed = 1; seed <= 15; seed++) {
        sim *t = storm(worlds[_i].nodes, &o, seed, 300, NULL);
        calm(t);
        sim_free(t);
    }
}
END_TEST

/* Nor does it matter who watches. */
START_TEST(the_same_seed_gives_the_same_run)
{
    const sim_options o = options_of(_i);
    uint64_t seen[8];
    for (uint64_t seed = 1; seed <= 8; seed++) {
        uint64_t notes = 0;
        sim *one = storm(worlds[_i].nodes, &o, seed, 120, NULL);
        sim *two = storm(worlds[_i].nodes, &o, seed, 120, &(sim_observer){count, &notes});
        ck_assert_uint_eq(sim_digest(one), sim_digest(two));
        ck_assert_uint_eq(sim_seq(one), sim_seq(two));
        ck_assert_uint_eq(sim_events(one), sim_events(two));
        ck_assert_uint_eq(sim_now(one), sim_now(two));
        ck_assert_uint_eq(sim_seq(two), notes);
        seen[seed - 1] = sim_digest(one);
        for (uint64_t other = 0; other < seed - 1; other++)
            ck_assert_uint_ne(seen[other], seen[seed - 1]);
        sim_free(one);
        sim_free(two);
    }
}
END_TEST

/* One run's digest as a number: it may change with the core or the notes, and then it must
 * change for a reason, and on every machine to the same. */
START_TEST(what_is_done_shows_in_the_digest)
{
    sim *one = tank(3), *two = tank(3);
    ck_assert_uint_eq(sim_digest(one), sim_digest(two));
    sim_remark(one, 0, "a");
    sim_remark(two, 0, "b");
    ck_assert_uint_ne(sim_digest(one), sim_digest(two));
    sim_free(two);
    two = tank(3);
    sim_remark(two, 1, "a"); /* the line counts too */
    ck_assert_uint_ne(sim_digest(one), sim_digest(two));
    sim_free(one);
    sim_free(two);
}
END_TEST

/* ---- decisions ------------------------------------------------------------------------ */

typedef struct asked {
    uint64_t times[SIM_PURPOSE_COUNT][4];
} asked;

static uint64_t lowest(void *self, sim_purpose purpose, sim_id who, uint64_t low, uint64_t high)
{
    asked *a = self;
    ck_assert_uint_lt(low, high); /* what has one answer is not asked */
    a->times[purpose][who]++;
    return low;
}

START_TEST(every_open_decision_is_asked)
{
    asked a = {0};
    sim *t = sim_new(&(sim_config){.nodes = 3, .chooser = {lowest, &a}}, NULL);
    for (sim_id id = A; id <= C; id++) {
        ck_assert_uint_eq(a.times[SIM_CHOOSE_ELECTION_TIMEOUT][id], 1);
        ck_assert_uint_eq(sim_deadline(t, id, SIM_TIMER_ELECTION), 150000);
    }
    ck_assert_uint_eq(a.times[SIM_CHOOSE_CLOCK_DRIFT][A], 0); /* there is none */
    DO(sim_timeout(t, A, e));
    ck_assert_uint_eq(a.times[SIM_CHOOSE_LATENCY][A], 2);
    ck_assert_uint_eq(a.times[SIM_CHOOSE_DISK_LATENCY][A], 1);
    DO(settle(t, e));
    ck_assert_uint_eq(a.times[SIM_CHOOSE_TORN_WRITE][A], 0);
    DO(sim_advance(t, 200000, e));
    sim_free(t);
}
END_TEST

/* One more decision of one kind shifts no other. */
START_TEST(streams_are_apart)
{
    sim *one = tank(3), *two = tank(3);
    DO(sim_elect(one, A, e));
    DO(sim_elect(two, A, e));
    DO(sim_heartbeat(one, A, e));
    DO(sim_heartbeat(two, A, e));
    DO(sim_duplicate(two, &(sim_filter){0}, true, e)); /* two latencies more */
    DO(sim_drop_message(two, &(sim_filter){.id = 11}, true, e));
    DO(sim_drop_message(two, &(sim_filter){.id = 12}, true, e));
    DO(settle(one, e));
    DO(settle(two, e));
    for (sim_id id = B; id <= C; id++)
        ck_assert_uint_eq(sim_deadline(one, id, SIM_TIMER_ELECTION),
                          sim_deadline(two, id, SIM_TIMER_ELECTION));
    sim_free(one);
    sim_free(two);
}
END_TEST

/* ---- presets and what a tank refuses to be ------------------------------------------- */

START_TEST(a_preset_is_what_a_node_finds_on_its_disk)
{
    diary d = {0};
    const sim_point log[] = {{1, 1}, {2, 1}, {3, 2}};
    const sim_preset presets[] = {{.node = B, .points = log, .n = 3},
                                  {.node = C, .term = 3, .vote = B, .points = log, .n = 2}};
    const sim_observer observer = diary_observer(&d);
    sim *t = sim_new(&(sim_config){.nodes = 3,
                                   .presets = presets,
                                   .presets_n = 2,
                                   .observers = &observer,
                                   .observers_n = 1},
                     NULL);
    STATE(B,
          "follower term 2 vote nobody follows nobody commit 0 applied 0 last 3@2 durable 3");
    STATE(C, "follower term 3 vote n2 follows nobody commit 0 applied 0 last 2@1 durable 2");
    ck_assert_str_eq(d.text.at, "1 <0 n2 term from 0 to 2 | term 2\n"
                                "2 <0 n2 append index 1 entries 3 | last 3@2 durable 3\n"
                                "3 <0 n3 term from 0 to 3 | term 3\n"
                                "4 <0 n3 vote candidate n2 term 3 | vote n2\n"
                                "5 <0 n3 append index 1 entries 2 | last 2@1 durable 2\n");
    DO(sim_timeout(t, B, e));
    DO(settle(t, e));
    ck_assert_int_eq(sim_view_of(t, B)->role, SIM_LEADER);
    LOG(A, "1@1 2@1 3@2 4@3");
    LOG(C, "1@1 2@1 3@2 4@3");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

static const struct {
    sim_preset presets[2];
    const char *text;
} impossible[] = {
    {{{.node = 4, .term = 1}, {0}}, "a preset is for node 4, and there is none"},
    {{{.node = 1, .term = 1}, {.node = 1, .term = 1}}, "n1 has two presets"},
    {{{.node = 1, .points = (sim_point[]){{2, 1}}, .n = 1}, {0}},
     "the preset log of n1 has 2@1 where index 1 belongs"},
    {{{.node = 1, .points = (sim_point[]){{1, 2}, {2, 1}}, .n = 2}, {0}},
     "the preset log of n1 goes back to term 1 at index 2"},
    {{{.node = 1, .points = (sim_point[]){{1, 0}}, .n = 1}, {0}},
     "the preset log of n1 goes back to term 0 at index 1"},
    {{{.node = 1, .term = 1, .points = (sim_point[]){{1, 2}}, .n = 1}, {0}},
     "n1 is preset to term 1, its log to term 2"},
    {{{.node = 1, .vote = 2}, {0}}, "the preset vote of n1 is for nobody who could stand"},
};

START_TEST(an_impossible_preset_is_refused)
{
    const uint32_t n = impossible[_i].presets[1].node ? 2 : 1;
    sim_error error = {0};
    sim *t = sim_new(
        &(sim_config){.nodes = 3, .presets = impossible[_i].presets, .presets_n = n}, &error);
    ck_assert_ptr_null(t);
    ck_assert_str_eq(error.text, impossible[_i].text);
}
END_TEST

START_TEST(presets_that_no_raft_could_reach_are_refused)
{
    const sim_preset presets[] = {
        {.node = 1, .points = (sim_point[]){{1, 1}, {2, 2}, {3, 3}}, .n = 3},
        {.node = 2, .points = (sim_point[]){{1, 1}, {2, 1}, {3, 3}}, .n = 3}};
    sim_error error = {0};
    ck_assert_ptr_null(
        sim_new(&(sim_config){.nodes = 3, .presets = presets, .presets_n = 2}, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "the presets contradict each other: "));
    ck_assert_ptr_nonnull(strstr(error.hint, "Log Matching"));
}
END_TEST

START_TEST(names_and_options_are_checked)
{
    sim_error error = {0};
    const char *const twins[] = {"bob", "bob"}, *const mute[] = {"bob", ""};
    ck_assert_ptr_null(sim_new(&(sim_config){.nodes = 2, .names = twins}, &error));
    ck_assert_str_eq(error.text, "two nodes are called 'bob'");
    ck_assert_ptr_null(sim_new(&(sim_config){.nodes = 2, .names = mute}, &error));
    ck_assert_str_eq(error.text, "node 2 has no name");
    sim_options o = standard();
    o.election_timeout = (sim_range){300000, 150000};
    ck_assert_ptr_null(
        sim_new(&(sim_config){.nodes = 2, .options = o, .options_set = true}, &error));
    ck_assert_uint_gt(strlen(error.text), 0);

    const char *const names[] = {"alice", "bob", "carol"};
    sim *t = sim_new(&(sim_config){.nodes = 3, .names = names, .seed = 8}, &error);
    ck_assert_str_eq(sim_name(t, 2), "bob");
    ck_assert_int_eq(sim_node_named(t, "carol", 5), 3);
    ck_assert_int_eq(sim_node_named(t, "car", 3), 0);
    ck_assert_uint_eq(sim_seed(t), 8);
    ck_assert_str_eq(sim_app_of(t)->name, "counter");
    ck_assert_str_eq(sim_engine_of(t)->name, "native");
    ck_assert_uint_eq(sim_options_of(t)->heartbeat, 50000);
    ck_assert_ptr_nonnull(sim_memory(t));
    FAILS(deliver(t, 1, 2, ANY, e), "no message alice -> bob is in flight",
          "no message is in flight");
    sim_free(t);
    sim_free(NULL);
}
END_TEST

/* ---- violations ------------------------------------------------------------------------ */

#define FIELDS(...)                                                                            \
    (sim_forged_field[])                                                                       \
    {                                                                                          \
        __VA_ARGS__                                                                            \
    }

/* A forged leader makes n2 commit what no majority has. */
START_TEST(a_violation_stops_the_tank)
{
    diary d = {0};
    sim *t = tank(3);
    sim_observe(t, diary_observer(&d));
    ck_assert_ptr_null(sim_violation(t));
    DO(sim_inject(t, A, B, APPEND - 1,
                  FIELDS({"term", "1"}, {"entries", "1@1"}, {"commit", "1"}), 3, e));
    sim_error error = {0};
    ck_assert(!settle(t, &error));
    const sim_violation_info *v = sim_violation(t);
    ck_assert_ptr_nonnull(v);
    ck_assert_str_eq(v->invariant, "Committed stays");
    ck_assert_ptr_nonnull(strstr(error.text, "Committed stays is violated (Raft thesis"));
    ck_assert_ptr_nonnull(strstr(error.text, v->one));
    ck_assert_ptr_nonnull(strstr(error.text, v->other));
    ck_assert_ptr_nonnull(strstr(error.hint, "the tank stands still since event "));
    ck_assert_ptr_nonnull(strstr(d.text.at, "n2 violation invariant Committed stays cite "));
    ck_assert_uint_lt(v->seq, d.seq + 1);
    ck_assert_uint_lt(0, v->one_seq);
    ck_assert_uint_lt(v->one_seq, v->seq);
    ck_assert_uint_lt(0, v->other_seq);
    ck_assert_uint_lt(v->other_seq, v->seq);
    sim_text events_of_facts = {0};
    sim_text_format(&events_of_facts, " one_seq %" PRIu64 " other_seq %" PRIu64, v->one_seq,
                    v->other_seq);
    ck_assert_ptr_nonnull(strstr(d.text.at, events_of_facts.at));
    sim_text_free(&events_of_facts);

    const uint64_t events = sim_events(t), digest_seq = sim_seq(t);
    sim_error none = {0};
    ck_assert(!sim_timeout(t, A, &none));
    ck_assert_str_eq(none.text, error.text);
    ck_assert(!sim_advance(t, 1000000, NULL));
    ck_assert(!sim_await(t, 1000000, quiet, &t, NULL));
    ck_assert(!sim_settle(t, 0, NULL, NULL, NULL));
    ck_assert(!sim_deliver(t, &(sim_filter){0}, NULL));
    ck_assert(!sim_crash(t, A, false, NULL));
    ck_assert(!sim_restart(t, A, false, NULL));
    ck_assert(!sim_pause(t, A, NULL));
    ck_assert(!sim_resume(t, A, NULL));
    ck_assert(!sim_hold(t, A, B, true, NULL));
    ck_assert(!sim_release(t, A, B, true, NULL));
    ck_assert(!sim_heal_link(t, A, B, true, NULL));
    ck_assert(!sim_disk_hold(t, A, NULL));
    ck_assert(!sim_disk_release(t, A, NULL));
    ck_assert(!sim_disk_sync(t, A, NULL));
    ck_assert(!sim_disk_corrupt(t, A, 1, NULL));
    ck_assert(!sim_reorder(t, A, B, NULL));
    ck_assert(!sim_duplicate(t, &(sim_filter){0}, true, NULL));
    ck_assert(!sim_inject(t, A, B, 0, NULL, 0, NULL));
    ck_assert_uint_eq(sim_propose(t, A, "add 1", 5, NULL, NULL), 0);
    sim_partition(t, &(sim_set){1}, 1);
    sim_cut(t, A, B, true);
    sim_heal(t);
    sim_skew(t, A, 1);
    sim_drift(t, A, 1);
    sim_disk_set(t, A, SIM_DISK_FAIL, 0);
    ck_assert_uint_eq(sim_events(t), events);
    ck_assert_uint_eq(sim_seq(t), digest_seq);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim runs");
    TCase *tc = tcase_create("runs");
    const int worlds_n = sizeof worlds / sizeof *worlds;
    tcase_add_loop_test(tc, a_storm_by_hand_breaks_nothing, 0, worlds_n);
    tcase_add_loop_test(tc, the_same_seed_gives_the_same_run, 0, worlds_n);
    tcase_add_test(tc, what_is_done_shows_in_the_digest);
    tcase_add_test(tc, every_open_decision_is_asked);
    tcase_add_test(tc, streams_are_apart);
    tcase_add_test(tc, a_preset_is_what_a_node_finds_on_its_disk);
    tcase_add_loop_test(tc, an_impossible_preset_is_refused, 0,
                        sizeof impossible / sizeof *impossible);
    tcase_add_test(tc, presets_that_no_raft_could_reach_are_refused);
    tcase_add_test(tc, names_and_options_are_checked);
    tcase_add_test(tc, a_violation_stops_the_tank);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
