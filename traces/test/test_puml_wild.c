/* test_puml_wild.c - see test_puml_wild.h. */
#include "traces/test/test_puml_wild.h"

#include "sim/sim.h"

#include <inttypes.h>
#include <stdio.h>

uint32_t dice_below(dice *d, uint32_t n)
{
    d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(d->state >> 33) % n;
}

/* ---- a tank --------------------------------------------------------------------------------
 */

enum { TANK_ACTS = 60, TANK_SECTION_EVERY = 20 };

static bool to_text(void *self, const char *bytes, size_t len)
{
    sim_text_add(self, bytes, len);
    return true;
}

static void shake_network(sim *t, dice *d, sim_id a, sim_id b)
{
    sim_error e;
    const sim_set group = 1 + dice_below(d, (1u << sim_nodes(t)) - 1);
    switch (dice_below(d, 8)) {
    case 0:
        sim_partition(t, &group, 1);
        break;
    case 1:
        sim_cut(t, a, b, dice_below(d, 2));
        break;
    case 2:
        sim_heal(t);
        break;
    case 3:
        sim_drop_message(t, &(sim_filter){.to = a}, false, &e);
        break;
    case 4:
        sim_duplicate(t, &(sim_filter){.from = a}, false, &e);
        break;
    case 5:
        sim_hold(t, a, b, false, &e);
        break;
    case 6:
        sim_release(t, a, b, false, &e);
        break;
    default:
        sim_reorder(t, a, b, &e);
        break;
    }
}

static void shake_node(sim *t, dice *d, sim_id a)
{
    sim_error e;
    switch (dice_below(d, 10)) {
    case 0:
        sim_crash(t, a, dice_below(d, 2), &e);
        break;
    case 1:
    case 2:
    case 3:
        sim_restart(t, a, false, &e);
        break;
    case 4:
        sim_pause(t, a, &e);
        break;
    case 5:
        sim_resume(t, a, &e);
        break;
    case 6:
        sim_disk_hold(t, a, &e);
        break;
    case 7:
        sim_disk_release(t, a, &e);
        break;
    case 8:
        sim_step_down(t, a, &e);
        break;
    default:
        sim_campaign(t, a, &e);
        break;
    }
}

static void move(sim *t, dice *d, sim_id a)
{
    sim_error e;
    switch (dice_below(d, 6)) {
    case 0:
        sim_timeout(t, a, &e);
        break;
    case 1:
        sim_propose(t, a, "add 1", 5, NULL, &e);
        break;
    case 2:
        sim_heartbeat(t, a, &e);
        break;
    case 3:
        sim_advance(t, dice_below(d, 200000), &e);
        break;
    case 4:
        sim_deliver_n(t, 1 + dice_below(d, 4), &e);
        break;
    default:
        sim_settle(t, 0, NULL, NULL, &e);
        break;
    }
}

static void shake(sim *t, dice *d)
{
    for (int i = 0; i < TANK_ACTS; i++) {
        sim_id a = (sim_id)(1 + dice_below(d, sim_nodes(t)));
        sim_id b = (sim_id)(1 + a % sim_nodes(t));
        if (i % TANK_SECTION_EVERY == 0)
            sim_section(t, 0, false, "another", NULL, 0, NULL, 0);
        uint32_t what = dice_below(d, 10);
        if (what == 0 && sim_nodes(t) > 1)
            shake_network(t, d, a, b);
        else if (what == 1)
            shake_node(t, d, a);
        else if (what == 2)
            sim_remark(t, 0, "look");
        else
            move(t, d, a);
    }
}

trace *wild_tank(uint64_t seed)
{
    static const char *const names[] = {"n1", "n2", "n3", "n4", "n5"};
    dice d = {seed};
    sim_text text = {0};
    sim_error e;
    const trace_header header = {.scenario = "",
                                 .title = "shaken",
                                 .about = "",
                                 .engine = "native",
                                 .app = "counter",
                                 .nodes = names,
                                 .nodes_n = 1 + dice_below(&d, 5),
                                 .seed = seed};
    trace_writer *w =
        trace_writer_new((trace_sink){to_text, &text}, &sim_engine_native, &header);
    const sim_observer observer = trace_writer_observer(w);
    sim_config config = {
        .nodes = header.nodes_n, .seed = seed, .observers = &observer, .observers_n = 1};
    sim_options_default(&config.options);
    config.options_set = true;
    config.options.pre_vote = dice_below(&d, 2) ? SIM_ON : SIM_OFF;
    sim *t = sim_new(&config, &e);
    ck_assert_msg(t != NULL, "%s", e.text);
    shake(t, &d);
    ck_assert(trace_writer_finish(w, "passed", "", sim_digest(t)));
    sim_free(t);
    trace_writer_free(w);
    trace_error error;
    trace *read = trace_read(text.at, text.len, &error);
    ck_assert_msg(read != NULL, "line %" PRIu64 ": %s", error.line, error.text);
    sim_text_free(&text);
    return read;
}

/* ---- events that make no sense
 * --------------------------------------------------------------- */

enum { WILD_EVENTS = 300 };

static const char *const wild_nodes[] = {"n1", "n2", "alice", "client", "end"};

static const char *any_node(dice *d)
{
    return wild_nodes[dice_below(d, 5)];
}

static void wild_message(tale *t, dice *d, uint64_t cause)
{
    static const char *const types[] = {"RequestVote", "AppendEntries", "AppendEntriesReply",
                                        "Ping"};
    static const char *const reasons[] = {"cut", "lossy", "script", "crashed", "corrupt"};
    uint64_t id = t->messages ? 1 + dice_below(d, (uint32_t)t->messages) : 0;
    switch (id ? dice_below(d, 8) : 0) {
    case 0:
    case 1:
    case 2:
        tale_send(t, any_node(d), any_node(d), types[dice_below(d, 4)], dice_below(d, 9), cause,
                  dice_below(d, 9) ? "\"ok\":\"yes\"" : "\"forged\":\"yes\"");
        break;
    case 3:
        tale_drop(t, id, reasons[dice_below(d, 5)], cause);
        break;
    case 4:
        tale_hold(t, id);
        break;
    case 5:
        tale_duplicate(t, id);
        break;
    default:
        tale_deliver(t, id, "");
        break;
    }
}

static void wild_change(tale *t, dice *d, uint64_t cause)
{
    static const char *const roles[] = {"follower", "pre_candidate", "candidate", "leader",
                                        "learner"};
    static const char *const ops[] = {"submitted", "durable", "lost", "failed", "odd"};
    const char *n = any_node(d);
    switch (dice_below(d, 8)) {
    case 0:
    case 1:
        tale_event(t, "role", n, cause, "\"from\":\"%s\",\"to\":\"%s\",\"why\":\"why\"",
                   roles[dice_below(d, 5)], roles[dice_below(d, 5)]);
        break;
    case 2:
        tale_event(t, "term", n, cause, "\"from\":%u,\"to\":%u", dice_below(d, 9),
                   dice_below(d, 9));
        break;
    case 3:
        tale_event(t, "commit", n, cause, "\"from\":%u,\"to\":%u", dice_below(d, 9),
                   dice_below(d, 9));
        break;
    case 4:
        tale_event(t, "truncate", n, cause, "\"index\":1,\"count\":%u", dice_below(d, 3));
        break;
    case 5:
        tale_event(t, "disk", n, cause, "\"op\":\"%s\",\"write\":%u", ops[dice_below(d, 5)],
                   dice_below(d, 9));
        break;
    case 6:
        tale_event(t, "response", n, cause,
                   "\"id\":1,\"name\":\"\",\"status\":\"timeout\",\"answer\":\"x\"");
        break;
    default:
        if (dice_below(d, 2))
            tale_event(t, "snapshot", n, cause, "\"op\":\"%s\",\"point\":\"%u@1\"",
                       dice_below(d, 2) ? "taken" : "installed", dice_below(d, 9));
        else
            tale_event(t, "config", n, cause, "\"members\":\"%s\",\"why\":\"appended\"",
                       dice_below(d, 2) ? "n1 n2" : "");
        break;
    }
}

static void wild_life(tale *t, dice *d)
{
    static const char *const lives[] = {"crash", "restart", "restart", "pause", "resume"};
    static const char *const links[] = {"n1 | n2", "n1 -> n2", "all", "n2 <-> end",
                                        "alice n1 | client"};
    switch (dice_below(d, 6)) {
    case 0:
    case 1:
        tale_plain(t, lives[dice_below(d, 5)], any_node(d), 0);
        break;
    case 2:
        tale_event(t, dice_below(d, 2) ? "partition" : "heal", "", 0, "\"links\":\"%s\"",
                   links[dice_below(d, 5)]);
        break;
    case 3:
        tale_event(t, "timer", any_node(d), 0, "\"timer\":\"%s\"",
                   dice_below(d, 2) ? "election" : "heartbeat");
        break;
    case 4:
        tale_event(t, "command", "", 0, "\"text\":\"do it\"");
        break;
    default:
        tale_event(t, "expect", "", 0, "\"condition\":\"c\",\"actual\":\"a\",\"passed\":\"%s\"",
                   dice_below(d, 2) ? "yes" : "no");
        break;
    }
}

trace *wild_events(uint64_t seed)
{
    dice d = {seed};
    tale *t = tale_new("wild", "n1 n2 alice client end");
    for (int i = 0; i < WILD_EVENTS; i++) {
        uint64_t near = t->seq < 5 ? (uint64_t)t->seq : 5;
        uint64_t cause = near ? t->seq - dice_below(&d, (uint32_t)near) : 0;
        t->at_us += dice_below(&d, 4) ? 0 : dice_below(&d, 90000);
        uint32_t what = dice_below(&d, 20);
        if (what == 0 && dice_below(&d, 3) == 0)
            tale_section(t, "next");
        else if (what < 9)
            wild_message(t, &d, cause);
        else if (what < 16)
            wild_change(t, &d, cause);
        else
            wild_life(t, &d);
    }
    return tale_read(t, "passed");
}
