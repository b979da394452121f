/* storm.h - a cluster and all that can happen to it, act by act, as dice will have it. */
#ifndef SIM_TEST_STORM_H
#define SIM_TEST_STORM_H
#include "sim/base/random.h"
#include "sim/tank.h"
#include "tests/suite.h"
#include <stdio.h>
#include <string.h>

typedef struct storm {
    sim *t;
    sim_random dice;
    uint32_t nodes, wildness; /* wildness: of a hundred acts, so many are faults */
    uint64_t app;             /* which of apps */
    sim_id victim;            /* of harm to disks; 0: all are */
    bool leases;              /* no clock jumps then: leases trust in how fast clocks run */
} storm;

static uint64_t roll(storm *s, uint64_t below)
{
    return sim_random_between(&s->dice, 0, below - 1);
}

static sim_id anybody(storm *s)
{
    return (sim_id)(1 + roll(s, s->nodes));
}

static const struct {
    const char *name, *query, *commands[4];
} apps[] = {
    {"counter", "get", {"add 1", "sub 2", "add 3", "add 4"}},
    {"bank", "total", {"open a", "open b", "deposit a 9", "transfer a b 4"}},
    {"queue", "topics", {"put news one", "get news", "put art two", "put news three"}},
    {"lock",
     "owner db",
     {"acquire db ann ttl 5", "acquire db ben", "drop ben", "release db ann"}},
    {"kv", "get x", {"put x 1", "append x 2", "delete x", "cas x 1 3"}},
};
enum { APPS = sizeof apps / sizeof apps[0] };

static const char *some_command(storm *s)
{
    return apps[s->app].commands[roll(s, 4)];
}

static void crash_or_restart(storm *s)
{
    sim_id n = anybody(s);
    if (sim_life_of(s->t, n) != SIM_CRASHED)
        sim_crash(s->t, n, false, NULL);
    else
        sim_restart(s->t, n, false, NULL);
}

static void pause_or_resume(storm *s)
{
    sim_id n = anybody(s);
    if (sim_life_of(s->t, n) == SIM_PAUSED)
        sim_resume(s->t, n, NULL);
    else
        sim_pause(s->t, n, NULL);
}

static void part(storm *s)
{
    sim_set group = roll(s, UINT64_C(1) << s->nodes);
    if (group && group != sim_first_nodes(s->nodes))
        sim_partition(s->t, &group, 1);
}

static void touch_link(storm *s)
{
    sim_id a = anybody(s), b = anybody(s);
    if (a == b)
        return;
    switch (roll(s, 3)) {
    case 0:
        sim_cut(s->t, a, b, roll(s, 2));
        break;
    case 1:
        sim_hold(s->t, a, b, roll(s, 2), NULL);
        break;
    default:
        sim_release(s->t, a, b, roll(s, 2), NULL);
        break;
    }
}

static void touch_messages(storm *s)
{
    sim_filter f = {.from = (sim_id)roll(s, s->nodes + 1), .to = (sim_id)roll(s, s->nodes + 1)};
    bool all = roll(s, 4) == 0;
    switch (roll(s, 5)) {
    case 0:
        sim_drop_message(s->t, &f, all, NULL);
        break;
    case 1:
        sim_duplicate(s->t, &f, false, NULL);
        break;
    case 2:
        sim_delay(s->t, &f, all, roll(s, 200000), NULL);
        break;
    case 3:
        sim_corrupt(s->t, &f, false, NULL);
        break;
    default:
        sim_deliver(s->t, &f, NULL);
        break;
    }
}

static void touch_disk(storm *s)
{
    sim_id n = anybody(s);
    switch (roll(s, 7)) {
    case 0:
        sim_disk_hold(s->t, n, NULL);
        break;
    case 1:
        sim_disk_release(s->t, n, NULL);
        break;
    case 2:
        sim_disk_sync(s->t, n, NULL);
        break;
    case 3:
        sim_persisted_hold(s->t, n, NULL);
        break;
    case 4:
        sim_persisted_release(s->t, n, NULL);
        break;
    case 5:
        sim_disk_set(s->t, n, SIM_DISK_SLOW, roll(s, 100000));
        break;
    default:
        sim_disk_set(s->t, n, SIM_DISK_OK, 0);
        break;
    }
}

static void touch_clock(storm *s)
{
    sim_id n = anybody(s);
    switch (roll(s, 4)) {
    case 0:
        if (!s->leases)
            sim_skew(s->t, n, (int64_t)roll(s, 400000) - 200000);
        break;
    case 1:
        sim_timeout(s->t, n, NULL);
        break;
    case 2:
        sim_campaign(s->t, n, NULL);
        break;
    default:
        sim_step_down(s->t, n, NULL);
        break;
    }
}

static void flow(storm *s);

/* To everybody, and to each another: whoever leads will take it. */
static void propose_to_all(storm *s)
{
    for (uint32_t i = 1; i <= s->nodes; i++) {
        const char *command = some_command(s);
        sim_propose(s->t, (sim_id)i, command, strlen(command), NULL, NULL);
    }
}

/* Whoever leads will take it; the others refuse. */
static void change_members(storm *s)
{
    const sim_change what = (sim_change)roll(s, SIM_CHANGE_LEAVE + 1);
    const sim_id who = anybody(s);
    sim_membership wanted = {.voters = roll(s, UINT64_C(1) << s->nodes), .by_hand = roll(s, 2)};
    wanted.learners = roll(s, UINT64_C(1) << s->nodes) & ~wanted.voters;
    for (uint32_t i = 1; i <= s->nodes; i++)
        sim_change_members(s->t, (sim_id)i, what, who, &wanted, NULL, NULL);
}

static void hand_over(storm *s)
{
    const sim_id to = (sim_id)roll(s, s->nodes + 1);
    for (uint32_t i = 1; i <= s->nodes; i++)
        sim_transfer(s->t, (sim_id)i, to, NULL, NULL);
}

static void take_snapshots(storm *s)
{
    for (uint32_t i = 1; i <= s->nodes; i++)
        if (roll(s, 2))
            sim_snapshot_now(s->t, (sim_id)i, NULL, NULL);
}

static void read_all(storm *s)
{
    for (uint32_t i = 1; i <= s->nodes; i++)
        sim_read(s->t, (sim_id)i, apps[s->app].query, strlen(apps[s->app].query),
                 roll(s, 2) ? SIM_READ_LEASE : SIM_READ_INDEX, NULL, NULL);
}

static void ask_in_session(storm *s)
{
    static const char *const clients[] = {"ann", "ben", "cat"};
    const char *command = some_command(s);
    const uint64_t id = sim_session_request(s->t, clients[roll(s, 3)], command, strlen(command),
                                            (sim_id)roll(s, s->nodes + 1), NULL, NULL);
    flow(s);
    if (id && roll(s, 2))
        sim_retry(s->t, id, (sim_id)roll(s, s->nodes + 1), NULL);
}

static void touch_app(storm *s)
{
    const sim_id n = anybody(s);
    if (roll(s, 3))
        sim_app_mend(s->t, n, NULL);
    else
        sim_app_fail(s->t, n, roll(s, 2), NULL);
}

static void flow(storm *s)
{
    sim_advance(s->t, roll(s, 500000), NULL);
}

static void settle_all(storm *s)
{
    sim_settle(s->t, 0, NULL, NULL, NULL);
}

static void calm(storm *s)
{
    sim_heal(s->t);
    for (uint32_t i = 1; i <= s->nodes; i++) {
        sim_restart(s->t, (sim_id)i, false, NULL);
        sim_resume(s->t, (sim_id)i, NULL);
        sim_disk_release(s->t, (sim_id)i, NULL);
        sim_persisted_release(s->t, (sim_id)i, NULL);
        sim_app_mend(s->t, (sim_id)i, NULL);
        sim_disk_set(s->t, (sim_id)i, SIM_DISK_OK, 0);
        for (uint32_t k = 1; k <= s->nodes; k++)
            if (k != i)
                sim_release(s->t, (sim_id)i, (sim_id)k, false, NULL);
    }
    flow(s);
}

static void (*const faults[])(storm *) = {
    crash_or_restart, crash_or_restart, pause_or_resume, part,
    touch_link,       touch_messages,   touch_messages,  touch_disk,
    touch_disk,       touch_clock,      touch_app,       hand_over,
};
static void (*const works[])(storm *) = {
    propose_to_all, propose_to_all, flow,           flow,     settle_all,
    calm,           change_members, take_snapshots, read_all, ask_in_session,
};

static inline void act(storm *s)
{
    if (roll(s, 100) < s->wildness)
        faults[roll(s, sizeof faults / sizeof faults[0])](s);
    else
        works[roll(s, sizeof works / sizeof works[0])](s);
}

/* ---- rougher than that --------------------------------------------------------------- */

/* What operators do to disks: nothing; to that of one node among others; to all, so that the
 * cluster may begin anew. */
typedef enum harm_kind { NO_HARM, HARM_TO_ONE, HARM_TO_ALL, HARMS } harm_kind;

static inline void burst(storm *s)
{
    for (uint64_t n = 1 + roll(s, 30); n > 0; n--)
        propose_to_all(s);
    flow(s);
}

static inline void ask_much_in_sessions(storm *s)
{
    for (uint64_t n = 1 + roll(s, 10); n > 0; n--)
        ask_in_session(s);
}

static inline void overtake(storm *s)
{
    const sim_id a = anybody(s), b = anybody(s);
    if (a != b)
        sim_reorder(s->t, a, b, NULL);
}

static inline sim_id victim(storm *s)
{
    return s->victim ? s->victim : anybody(s);
}

static inline void tear(storm *s)
{
    const sim_id n = victim(s);
    if (sim_life_of(s->t, n) != SIM_CRASHED)
        sim_crash(s->t, n, true, NULL);
}

static inline void damage(storm *s)
{
    const sim_id n = victim(s);
    sim_disk_corrupt(s->t, n, sim_durable_last(s->t, n) - roll(s, 3), NULL);
}

static inline void wipe(storm *s)
{
    const sim_id n = victim(s);
    sim_crash(s->t, n, false, NULL);
    sim_restart(s->t, n, true, NULL);
}

/* All of it on its way for long. */
static inline void hold_back(storm *s)
{
    const sim_id a = anybody(s);
    for (uint32_t b = 1; b <= s->nodes; b++)
        if (b != a)
            sim_hold(s->t, a, (sim_id)b, roll(s, 2), NULL);
    burst(s);
}

/* Its disk gets behind what it has applied, and then a part of the way. */
static inline void lag(storm *s)
{
    const sim_id n = anybody(s);
    sim_disk_hold(s->t, n, NULL);
    for (uint64_t i = roll(s, 4); i > 0; i--)
        burst(s);
    if (roll(s, 2))
        sim_disk_set(s->t, n, SIM_DISK_SLOW, 1 + roll(s, 50000));
    sim_disk_release(s->t, n, NULL);
    flow(s);
    if (roll(s, 2)) /* a write that is not done may tear, and no harm done */
        sim_crash(s->t, n, sim_disk_busy(&s->t->node[n].disk), NULL);
}

static inline void act_roughly(storm *s, harm_kind harm)
{
    /* the last three are harm */
    static void (*const rough[])(storm *) = {
        burst, ask_much_in_sessions, overtake, hold_back, lag,
        burst, ask_much_in_sessions, lag,      tear,      damage,
        wipe,
    };
    const size_t n = sizeof rough / sizeof rough[0] - (harm ? 0 : 3);
    if (roll(s, 4))
        act(s);
    else
        rough[roll(s, n)](s);
}

/* Clusters of all sizes, applications and options; what the seed does not say the dice do. */
static inline sim_config storm_config(storm *s, uint64_t seed)
{
    static const uint32_t sizes[] = {3, 5, 4, 1, 7, 2};
    sim_config config = {.seed = seed, .options_set = true};
    s->victim = 0;
    config.nodes = s->nodes = sizes[seed % 6];
    config.app = sim_app_find(apps[s->app = seed / 6 % APPS].name);
    sim_options_default(&config.options);
    config.options.pre_vote = seed / 6 % 2 ? SIM_ON : SIM_OFF;
    config.options.check_quorum = seed / 12 % 2 ? SIM_ON : SIM_OFF;
    config.options.batch_max = seed % 7 ? 64 : 2;
    config.options.clock_drift = seed % 5 ? 0 : 50000;
    config.options.lease_reads = (s->leases = seed % 3 == 0) ? SIM_ON : SIM_OFF;
    config.options.snapshot_every = seed % 4 * 5;
    config.options.snapshot_chunk = seed % 7 % 2 ? 65536 : 16;
    config.options.persisted_latency.high = seed % 4 < 2 ? 0 : 400000;
    config.options.sessions_max = seed % 8 ? 1000 : 2;
    if (s->nodes > 3)
        config.spares = sim_one(3);
    if (s->nodes > 4)
        config.learners = sim_one(5);
    s->dice = sim_random_stream(seed, 1000, 0);
    s->wildness = 20 + (uint32_t)roll(s, 50);
    return config;
}

#endif
