/* test_real.c - a real tank against its trace: whatever a script does, what the model
 * rebuilds from the trace is what the tank shows.
 *
 * The script is made by a small generator of numbers, so that it is the same every time. */
#include "sim/sim.h"
#include "tests/suite.h"
#include "traces/test/story.h"

#include <inttypes.h>

enum { STEPS = 250, SEEDS = 8 };

typedef struct run {
    memory_sink sink;
    trace_writer *writer;
    sim *t;
    uint64_t random;
    uint32_t nodes;
} run;

static uint32_t pick(run *r, uint32_t below)
{
    r->random = r->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(r->random >> 33) % below;
}

static sim_id pick_node(run *r)
{
    return (sim_id)(1 + pick(r, r->nodes));
}

static void start(run *r, uint32_t nodes, uint64_t seed)
{
    static const char *const names[] = {"n1", "n2", "n3", "n4", "n5"};
    static const sim_point points[] = {{1, 1}, {2, 1}, {3, 2}};
    const sim_preset preset = {.node = 2, .points = points, .n = 3};
    const trace_header header = {.scenario = "",
                                 .title = "",
                                 .about = "",
                                 .engine = "native",
                                 .app = "counter",
                                 .nodes = names,
                                 .nodes_n = nodes,
                                 .seed = seed};
    *r = (run){.random = seed, .nodes = nodes};
    r->writer = trace_writer_new(memory_sink_of(&r->sink), &sim_engine_native, &header);
    const sim_observer observer = trace_writer_observer(r->writer);
    sim_error error;
    sim_config config = {
        .nodes = nodes, .seed = seed, .observers = &observer, .observers_n = 1};
    sim_options_default(&config.options);
    config.options_set = true;
    config.options.pre_vote = seed % 2 ? SIM_ON : SIM_OFF;
    config.options.check_quorum = seed % 3 ? SIM_ON : SIM_OFF;
    config.presets = &preset;
    config.presets_n = seed % 4 == 0;
    r->t = sim_new(&config, &error);
    ck_assert_msg(r->t != NULL, "%s", error.text);
}

/* One act; what is impossible at the moment is refused and changes nothing. */
static void act(run *r)
{
    sim *t = r->t;
    sim_error e;
    sim_id a = pick_node(r), b = (sim_id)(1 + (a + pick(r, r->nodes - 1)) % r->nodes);
    const sim_set group = 1 + pick(r, (1u << r->nodes) - 1);
    switch (pick(r, 24)) {
    case 0:
        sim_timeout(t, a, &e);
        break;
    case 1:
        sim_heartbeat(t, a, &e);
        break;
    case 2:
        sim_propose(t, a, "add 1", 5, NULL, &e);
        break;
    case 3:
        sim_crash(t, a, false, &e);
        break;
    case 4:
        sim_crash(t, a, true, &e);
        break;
    case 5:
    case 6:
        sim_restart(t, a, pick(r, 8) == 0, &e);
        break;
    case 7:
        sim_pause(t, a, &e);
        break;
    case 8:
        sim_resume(t, a, &e);
        break;
    case 9:
        sim_disk_hold(t, a, &e);
        break;
    case 10:
    case 11:
        sim_disk_release(t, a, &e);
        break;
    case 12:
        sim_hold(t, a, b, false, &e);
        break;
    case 13:
        sim_release(t, a, b, false, &e);
        break;
    case 14:
        sim_partition(t, &group, 1);
        break;
    case 15:
        sim_cut(t, a, b, pick(r, 2));
        break;
    case 16:
        sim_heal(t);
        break;
    case 17:
        sim_heal_link(t, a, b, pick(r, 2), &e);
        break;
    case 18:
        sim_advance(t, pick(r, 200000), &e);
        break;
    case 19:
        sim_duplicate(t, &(sim_filter){.from = a}, false, &e);
        break;
    case 20:
        sim_drop_message(t, &(sim_filter){.to = a}, false, &e);
        break;
    case 21:
        sim_delay(t, &(sim_filter){.from = a, .to = b}, true, 1 + pick(r, 50000), &e);
        break;
    default:
        sim_settle(t, 0, NULL, NULL, &e);
        break;
    }
}

/* ---- comparing -------------------------------------------------------------------------- */

static const char *name_or_nobody(const run *r, sim_id id)
{
    return id ? sim_name(r->t, id) : "";
}

static void same_log(const run *r, const trace_model *m, sim_id id, int step)
{
    sim_entry e;
    uint64_t term, index = 1;
    for (; sim_entry_of(r->t, id, index, &e); index++) {
        ck_assert_msg(trace_model_entry(m, id - 1u, index, &term, NULL) && term == e.term,
                      "step %d: n%d has %u@%u", step, id, (unsigned)index, (unsigned)e.term);
    }
    sim_life life = sim_life_of(r->t, id);
    ck_assert_msg(life == SIM_CRASHED || !trace_model_entry(m, id - 1u, index, &term, NULL),
                  "step %d: n%d has no %u", step, id, (unsigned)index);
}

static void same_node(const run *r, const trace_model *m, const trace_node *n, sim_id id,
                      int step)
{
    const sim_view *v = sim_view_of(r->t, id);
    const sim_life life = sim_life_of(r->t, id);
    ck_assert(n->crashed == (life == SIM_CRASHED));
    ck_assert(n->paused == (life == SIM_PAUSED));
    for (sim_id to = 1; to <= r->nodes; to++)
        ck_assert_msg(to == id || sim_has(n->cut_to, to) == !sim_reachable(r->t, id, to),
                      "step %d: link %d -> %d", step, id, to);
    same_log(r, m, id, step);
    if (life == SIM_CRASHED)
        return;
    ck_assert_msg(strcmp(n->role, sim_role_name(v->role)) == 0, "step %d: n%d is %s", step, id,
                  sim_role_name(v->role));
    ck_assert_msg(n->term == v->term && n->commit == v->commit &&
                      n->applied == sim_applied(r->t, id) && n->last_index == v->last.index &&
                      n->last_term == v->last.term && n->durable == sim_durable_last(r->t, id),
                  "step %d: n%d term %u commit %u applied %u last %u durable %u", step, id,
                  (unsigned)v->term, (unsigned)v->commit, (unsigned)sim_applied(r->t, id),
                  (unsigned)v->last.index, (unsigned)sim_durable_last(r->t, id));
    ck_assert_msg(strcmp(n->vote, name_or_nobody(r, v->vote)) == 0, "step %d: n%d voted for %s",
                  step, id, name_or_nobody(r, v->vote));
    ck_assert_msg(strcmp(n->leader, name_or_nobody(r, v->leader)) == 0,
                  "step %d: n%d follows %s, not %s", step, id, name_or_nobody(r, v->leader),
                  n->leader);
}

static void same_queue(const run *r, const trace_model *m, int step)
{
    uint32_t n;
    uint64_t cursor = 0;
    sim_flight flight;
    const trace_flying *queue = trace_model_queue(m, &n);
    ck_assert_msg(n == sim_queue_length(r->t), "step %d: %u in flight", step,
                  (unsigned)sim_queue_length(r->t));
    while (sim_queue_next(r->t, &cursor, &flight)) {
        uint32_t i = 0;
        while (i < n && queue[i].id != flight.id)
            i++;
        ck_assert_msg(i < n, "step %d: #%u is in flight", step, (unsigned)flight.id);
        ck_assert_msg(queue[i].held == (flight.held || flight.delayed), "step %d: #%u held %d",
                      step, (unsigned)flight.id, flight.held);
    }
}

static void same_moment(run *r, int step)
{
    uint32_t n;
    ck_assert(trace_writer_flush(r->writer));
    trace *t = story_read(&r->sink.text);
    trace_model *m = trace_model_new(t);
    trace_model_seek(m, UINT64_MAX);
    const trace_node *nodes = trace_model_nodes(m, &n);
    ck_assert_uint_eq(trace_model_seq(m), sim_seq(r->t));
    for (sim_id id = 1; id <= r->nodes; id++)
        same_node(r, m, &nodes[id - 1], id, step);
    same_queue(r, m, step);
    trace_model_free(m);
    trace_free(t);
}

/* The cells of all nodes as the model has them at its moment, made anew. */
static void put_nodes(const trace_model *m, sim_text *out)
{
    uint32_t n;
    const trace_node *nodes = trace_model_nodes(m, &n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t with = 1;
        for (uint32_t k = 0; k < n; k++)
            with += k != i && !sim_has(nodes[i].cut_to, (sim_id)(k + 1)) &&
                    !sim_has(nodes[k].cut_to, (sim_id)(i + 1));
        sim_text_format(
            out, ",%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s,%s,%s,%s",
            nodes[i].role, nodes[i].term, nodes[i].commit, nodes[i].applied,
            nodes[i].last_index, nodes[i].last_term, nodes[i].leader, nodes[i].vote,
            with > n / 2 ? "yes" : "no", nodes[i].crashed ? "yes" : "no");
    }
    sim_text_char(out, '\n');
}

/* The table keeps the cells of nodes from row to row: they are those of the model. */
static void same_table(const trace *t)
{
    memory_sink csv = {0};
    sim_text wanted = {0};
    trace_model *m = trace_model_new(t);
    ck_assert(trace_export_csv(t, memory_sink_of(&csv)));
    const char *row = csv.text.at;
    for (uint64_t seq = 1; trace_model_step(m); seq++) {
        row = strchr(row, '\n') + 1; /* no text of this script holds a newline */
        sim_text_clear(&wanted);
        put_nodes(m, &wanted);
        const size_t len = (size_t)(strchr(row, '\n') + 1 - row);
        ck_assert_uint_lt(wanted.len, len);
        ck_assert_msg(memcmp(row + len - wanted.len, wanted.at, wanted.len) == 0,
                      "event %u: %.*s", (unsigned)seq, (int)len, row);
    }
    trace_model_free(m);
    sim_text_free(&wanted);
    sim_text_free(&csv.text);
}

START_TEST(the_model_is_what_the_tank_shows)
{
    run r;
    start(&r, _i % 2 ? 5 : 3, (uint64_t)_i + 1);
    same_moment(&r, 0);
    for (int step = 1; step <= STEPS && !sim_violation(r.t); step++) {
        act(&r);
        same_moment(&r, step);
    }
    ck_assert_msg(sim_violation(r.t) == NULL, "%s", sim_violation(r.t)->one);
    ck_assert(trace_writer_finish(r.writer, "passed", "", sim_digest(r.t)));
    trace *t = story_read(&r.sink.text);
    ck_assert(t->complete);
    ck_assert(t->footer.digest == sim_digest(r.t));
    same_table(t);
    trace_free(t);
    trace_writer_free(r.writer);
    sim_text_free(&r.sink.text);
    sim_free(r.t);
}
END_TEST

START_TEST(a_message_that_is_delayed_and_then_held_stays_held)
{
    run r;
    sim_error e;
    start(&r, 3, 1);
    ck_assert(sim_timeout(r.t, 1, &e));
    ck_assert(sim_delay(r.t, &(sim_filter){.from = 1, .to = 2}, false, 20000, &e));
    ck_assert(sim_hold(r.t, 1, 2, false, &e));
    same_moment(&r, 1);
    ck_assert(sim_advance(r.t, 2000000, &e));
    same_moment(&r, 2);
    ck_assert(sim_release(r.t, 1, 2, false, &e));
    same_moment(&r, 3);
    trace_writer_free(r.writer);
    sim_text_free(&r.sink.text);
    sim_free(r.t);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("real");
    TCase *c = tcase_create("real");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, the_model_is_what_the_tank_shows, 0, SEEDS);
    tcase_add_test(c, a_message_that_is_delayed_and_then_held_stays_held);
    suite_add_tcase(s, c);
    return suite_main(s);
}
