/* test_model.c - any moment of a trace: node by node, log by log, message by message, and
 * the same whether one steps there or jumps. */
#include "tests/suite.h"
#include "traces/test/story.h"

#include <string.h>

/* A trace that a test tells by hand. */
typedef struct told {
    memory_sink sink;
    trace_writer *writer;
    teller to;
    trace *t;
    trace_model *m;
} told;

static told *told_new(void)
{
    told *d = calloc(1, sizeof *d);
    d->writer = trace_writer_new(memory_sink_of(&d->sink), &toy_engine, &story_header);
    d->to.to = trace_writer_observer(d->writer);
    return d;
}

static trace_model *told_model(told *d)
{
    ck_assert(trace_writer_finish(d->writer, "passed", "", 1));
    d->t = story_read(&d->sink.text);
    return d->m = trace_model_new(d->t);
}

static void told_free(told *d)
{
    trace_model_free(d->m);
    trace_free(d->t);
    trace_writer_free(d->writer);
    sim_text_free(&d->sink.text);
    free(d);
}

static const trace_node *node_at(trace_model *m, uint64_t seq, uint32_t node)
{
    uint32_t n;
    trace_model_seek(m, seq);
    return &trace_model_nodes(m, &n)[node - 1];
}

/* The log as "1@1 2@1". */
static void log_is(const trace_model *m, uint32_t node, const char *want)
{
    sim_text s = {0};
    uint64_t term;
    sim_text_put(&s, "");
    for (uint64_t i = 1; trace_model_entry(m, node - 1, i, &term, NULL); i++)
        sim_text_format(&s, i > 1 ? " %u@%u" : "%u@%u", (unsigned)i, (unsigned)term);
    ck_assert_str_eq(s.at ? s.at : "", want);
    sim_text_free(&s);
}

static void tell_disk(told *d, const char *op, uint64_t write, uint64_t truncate,
                      uint64_t index, uint64_t n)
{
    tell(&d->to, SIM_NOTE_DISK, 1,
         (sim_note){
             .as.disk = {
                 .op = op, .write = write, .truncate = truncate, .index = index, .n = n}});
}

static void tell_restart(told *d, uint64_t index, uint64_t term)
{
    tell(&d->to, SIM_NOTE_RESTART, 1,
         (sim_note){.state = {.changed = SIM_STATE_ROLE | SIM_STATE_LAST | SIM_STATE_DURABLE,
                              .last = {index, term},
                              .durable = index}});
}

START_TEST(a_model_begins_with_followers_that_know_nothing)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    trace_model *m = trace_model_new(t);
    const trace_node *n = node_at(m, 0, 2);
    ck_assert_str_eq(n->name, "n2");
    ck_assert_str_eq(n->role, "follower");
    ck_assert_str_eq(n->vote, "");
    ck_assert_str_eq(n->leader, "");
    ck_assert_uint_eq(n->term, 0);
    ck_assert_uint_eq(n->last_index, 0);
    ck_assert(!n->crashed && !n->paused && !n->cut_to);
    ck_assert_uint_eq(trace_model_seq(m), 0);
    trace_model_free(m);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(deltas_add_up_and_the_last_change_is_marked)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    trace_model *m = trace_model_new(t);
    const trace_node *n = node_at(m, 4, 1);
    ck_assert_uint_eq(n->term, 1);
    ck_assert_uint_eq(n->changed, SIM_STATE_TERM | SIM_STATE_VOTE);
    n = node_at(m, 11, 1);
    ck_assert_str_eq(n->role, "leader");
    ck_assert_str_eq(n->leader, "n1");
    ck_assert_str_eq(n->vote, "n1");
    ck_assert_uint_eq(n->changed, SIM_STATE_ROLE | SIM_STATE_LEADER);
    n = node_at(m, 12, 1);
    ck_assert_uint_eq(n->changed, 0);
    n = node_at(m, 20, 1);
    ck_assert_uint_eq(n->commit, 2);
    ck_assert_uint_eq(n->applied, 2);
    ck_assert_uint_eq(n->durable, 3);
    ck_assert_uint_eq(n->last_index, 3);
    ck_assert_uint_eq(n->last_term, 1);
    ck_assert_uint_eq(node_at(m, 24, 1)->snapshot_index, 1);
    ck_assert_uint_eq(node_at(m, 24, 1)->snapshot_term, 1);
    ck_assert(!trace_model_entry(m, 0, 1, NULL, NULL)); /* the snapshot stands for it */
    ck_assert(trace_model_entry(m, 0, 2, NULL, NULL));
    ck_assert_str_eq(node_at(m, 25, 1)->config, "n1 n3");
    ck_assert(node_at(m, 32, 3)->paused);
    ck_assert(!node_at(m, 33, 3)->paused);
    ck_assert(node_at(m, 34, 1)->crashed);
    ck_assert(!node_at(m, 35, 1)->crashed);
    ck_assert_uint_eq(trace_model_at_us(m), 160000);
    trace_model_free(m);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(entries_have_their_text)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    trace_model *m = trace_model_new(t);
    const char *text;
    uint64_t term;
    trace_model_seek(m, 15);
    log_is(m, 1, "1@1 2@1 3@1");
    log_is(m, 2, "");
    ck_assert(trace_model_entry(m, 0, 2, &term, &text));
    ck_assert_str_eq(text, "command \"add \\\"1\\\"\"");
    ck_assert(trace_model_entry(m, 0, 1, NULL, &text));
    ck_assert_str_eq(text, "noop");
    ck_assert(!trace_model_entry(m, 0, 4, &term, &text));
    ck_assert(!trace_model_entry(m, 0, 0, &term, &text));
    trace_model_seek(m, 23);
    log_is(m, 1, "1@1 2@1");
    trace_model_seek(m, 35); /* the disk kept what was truncated in memory only */
    log_is(m, 1, "1@1 2@1 3@1");
    trace_model_free(m);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(the_queue_holds_what_is_in_flight_oldest_first)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    trace_model *m = trace_model_new(t);
    static const struct {
        uint64_t seq;
        uint32_t n;
        uint64_t first, last;
        bool held;
    } rows[] = {{6, 0, 0, 0, false},     {7, 1, 1, 1, false},  {8, 2, 1, 101, false},
                {9, 1, 101, 101, false}, {10, 0, 0, 0, false}, {27, 1, 2, 2, false},
                {28, 1, 2, 2, true},     {29, 0, 0, 0, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t n;
        trace_model_seek(m, rows[i].seq);
        const trace_flying *q = trace_model_queue(m, &n);
        ck_assert_uint_eq(n, rows[i].n);
        if (!n)
            continue;
        ck_assert_uint_eq(q[0].id, rows[i].first);
        ck_assert_uint_eq(q[n - 1].id, rows[i].last);
        ck_assert(q[0].held == rows[i].held);
        ck_assert_ptr_eq(q[0].send, trace_message(t, q[0].id));
    }
    trace_model_free(m);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

static const toy_message ask = {.head = {TOY_ASK, 1, 2, 1}};

START_TEST(a_delay_ends_with_its_time_and_a_hold_when_the_link_is_released)
{
    told *d = told_new();
    uint32_t n;
    tell_send(&d->to, 1, &ask);
    tell_send(&d->to, 2, &ask);
    tell(&d->to, SIM_NOTE_HOLD, 2,
         (sim_note){.as.message = {.id = 1, .message = &ask.head, .due = 50}});
    tell(&d->to, SIM_NOTE_HOLD, 2, (sim_note){.as.message = {.id = 2, .message = &ask.head}});
    d->to.at = 49;
    tell(&d->to, SIM_NOTE_NOTE, 0, (sim_note){.as.text.text = "not yet"});
    d->to.at = 50;
    tell(&d->to, SIM_NOTE_NOTE, 0, (sim_note){.as.text.text = "now"});
    tell(&d->to, SIM_NOTE_COMMAND, 0, (sim_note){.as.text.text = "release n2 -> n1"});
    tell(&d->to, SIM_NOTE_COMMAND, 0, (sim_note){.as.text.text = "release n2 <-> n1"});
    trace_model *m = told_model(d);
    trace_model_seek(m, 5);
    const trace_flying *q = trace_model_queue(m, &n);
    ck_assert(n == 2 && q[0].held && q[1].held);
    ck_assert_uint_eq(q[0].until_us, 50);
    ck_assert_uint_eq(q[1].until_us, 0);
    sim_text words = {0};
    trace_model_queue_lines(m, false, &words);
    ck_assert_ptr_nonnull(strstr(words.at, "(delayed until 50us)\n"));
    ck_assert_ptr_nonnull(strstr(words.at, "(held)\n"));
    sim_text_free(&words);
    trace_model_seek(m, 6);
    ck_assert(!q[0].held && q[1].held);
    ck_assert_uint_eq(q[0].until_us, 0);
    trace_model_seek(m, 7);
    ck_assert(q[1].held);
    trace_model_seek(m, 8);
    ck_assert(!q[1].held);
    told_free(d);
}
END_TEST

START_TEST(a_release_is_told_of_each_message)
{
    told *d = told_new();
    uint32_t n;
    tell_send(&d->to, 1, &ask);
    tell(&d->to, SIM_NOTE_HOLD, 2, (sim_note){.as.message = {.id = 1, .message = &ask.head}});
    tell(&d->to, SIM_NOTE_HOLD, 2,
         (sim_note){.as.message = {.id = 1, .message = &ask.head, .due = 50}});
    tell(
        &d->to, SIM_NOTE_HOLD, 2,
        (sim_note){.as.message = {.id = 1, .message = &ask.head, .due = 50, .released = true}});
    d->to.at = 50;
    tell(&d->to, SIM_NOTE_NOTE, 0, (sim_note){.as.text.text = "now"});
    tell(&d->to, SIM_NOTE_HOLD, 2, (sim_note){.as.message = {.id = 1, .message = &ask.head}});
    tell(&d->to, SIM_NOTE_HOLD, 2,
         (sim_note){.as.message = {.id = 1, .message = &ask.head, .released = true}});
    trace_model *m = told_model(d);
    static const bool held[] = {false, true, true, true, false, true, false};
    for (uint32_t i = 0; i < sizeof held; i++) {
        trace_model_seek(m, i + 1);
        const trace_flying *q = trace_model_queue(m, &n);
        ck_assert_msg(n == 1 && q[0].held == held[i], "after event %u", i + 1);
    }
    told_free(d);
}
END_TEST

START_TEST(a_release_is_understood_however_the_scenario_says_it)
{
    static const struct {
        const char *command;
        bool held;
    } rows[] = {
        {"release n1 -> n2", false},         {"release n1->n2", false},
        {"release n2<->n1", false},          {"release leader -> n2", false},
        {"release leader -> others", false}, {"release n1 -> followers", false},
        {"release all <-> all", false},      {"release\tn3 n1  ->\tn3 n2", false},
        {"release followers -> n1", true},   {"release others -> n1", true},
        {"release disk n1", true},           {"release n1 -> n3", true},
        {"released n1 -> n2", true},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    for (size_t i = 0; i < ROWS; i++) {
        told *d = told_new();
        uint32_t n;
        tell(&d->to, SIM_NOTE_ROLE, 1,
             (sim_note){.state = {.changed = SIM_STATE_ROLE, .role = SIM_LEADER},
                        .as.role = {SIM_FOLLOWER, SIM_LEADER, "x"}});
        tell_send(&d->to, 1, &ask);
        tell(&d->to, SIM_NOTE_HOLD, 2,
             (sim_note){.as.message = {.id = 1, .message = &ask.head}});
        tell(&d->to, SIM_NOTE_COMMAND, 0, (sim_note){.as.text.text = rows[i].command});
        trace_model *m = told_model(d);
        trace_model_seek(m, 4);
        const trace_flying *q = trace_model_queue(m, &n);
        ck_assert_msg(n == 1 && q[0].held == rows[i].held, "%s", rows[i].command);
        told_free(d);
    }
}
END_TEST

START_TEST(links_are_cut_and_healed_in_every_form)
{
    static const struct {
        sim_note_kind kind;
        const char *links;
        sim_set cut[3];
    } rows[] = {
        {SIM_NOTE_PARTITION, "n1 n2 | n3", {4, 4, 3}},
        {SIM_NOTE_HEAL, "n1 -> n3", {0, 4, 3}},
        {SIM_NOTE_HEAL, "all", {0, 0, 0}},
        {SIM_NOTE_PARTITION, "n1 | n2 | n3", {6, 5, 3}},
        {SIM_NOTE_HEAL, "n1 <-> n2, n3 -> n2", {4, 4, 1}},
        {SIM_NOTE_HEAL, "n1 n2 | n3", {0, 0, 0}},
        {SIM_NOTE_PARTITION, "n2", {0, 0, 0}}, /* says nothing */
        {SIM_NOTE_PARTITION, "n2 | ", {2, 5, 2}},
        {SIM_NOTE_HEAL, "all", {0, 0, 0}},
        {SIM_NOTE_PARTITION, "n1 -> n2 n3", {6, 0, 0}},
        {SIM_NOTE_PARTITION, "n9 -> ?", {6, 0, 0}},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    told *d = told_new();
    for (size_t i = 0; i < ROWS; i++)
        tell(&d->to, rows[i].kind, 0, (sim_note){.as.links.text = rows[i].links});
    trace_model *m = told_model(d);
    for (size_t i = 0; i < ROWS; i++) {
        for (uint32_t k = 1; k <= 3; k++)
            ck_assert_msg(node_at(m, i + 1, k)->cut_to == rows[i].cut[k - 1], "%s: n%u has %u",
                          rows[i].links, (unsigned)k, (unsigned)node_at(m, i + 1, k)->cut_to);
    }
    told_free(d);
}
END_TEST

START_TEST(a_crash_takes_back_what_was_not_durable)
{
    told *d = told_new();
    tell_append(&d->to, 1, 1, 1, NULL);
    tell_disk(d, "submitted", 1, 0, 1, 1);
    tell_disk(d, "durable", 1, 0, 1, 1);
    tell_append(&d->to, 1, 2, 1, "lost");
    tell_disk(d, "submitted", 2, 0, 2, 1);
    tell(&d->to, SIM_NOTE_CRASH, 1, (sim_note){0});
    tell_disk(d, "lost", 2, 0, 2, 1);
    tell_restart(d, 1, 1);
    trace_model *m = told_model(d);
    trace_model_seek(m, 5);
    log_is(m, 1, "1@1 2@1");
    trace_model_seek(m, 6);
    log_is(m, 1, "1@1"); /* what its disk holds */
    ck_assert_uint_eq(node_at(m, 6, 1)->last_index, 1);
    ck_assert_uint_eq(node_at(m, 6, 1)->last_term, 1);
    trace_model_seek(m, 8);
    log_is(m, 1, "1@1");
    told_free(d);
}
END_TEST

/* The disk holds 1@1 2@1; in memory 2@1 gave way to 2@2, which was not durable. */
START_TEST(a_crash_brings_back_what_was_replaced_in_memory_only)
{
    told *d = told_new();
    tell_append(&d->to, 1, 1, 1, NULL);
    tell_append(&d->to, 1, 2, 1, "old");
    tell_disk(d, "submitted", 1, 0, 1, 2);
    tell_disk(d, "durable", 1, 0, 1, 2);
    tell(&d->to, SIM_NOTE_TRUNCATE, 1, (sim_note){.as.truncate = {2, 1}});
    tell_append(&d->to, 1, 2, 2, "new");
    tell_disk(d, "submitted", 2, 2, 2, 1);
    tell(&d->to, SIM_NOTE_CRASH, 1, (sim_note){0});
    tell_restart(d, 2, 1);
    trace_model *m = told_model(d);
    const char *text;
    trace_model_seek(m, 7);
    log_is(m, 1, "1@1 2@2");
    trace_model_seek(m, 9);
    log_is(m, 1, "1@1 2@1");
    ck_assert(trace_model_entry(m, 0, 2, NULL, &text));
    ck_assert_str_eq(text, "command \"old\"");
    told_free(d);
}
END_TEST

START_TEST(a_torn_write_leaves_what_the_restart_says)
{
    told *d = told_new();
    tell_append(&d->to, 1, 1, 1, NULL);
    tell_append(&d->to, 1, 2, 1, "whole");
    tell_append(&d->to, 1, 3, 1, "half");
    tell_disk(d, "submitted", 1, 0, 1, 3);
    tell(&d->to, SIM_NOTE_CRASH, 1, (sim_note){.as.life.how = "torn"});
    tell_disk(d, "torn", 1, 0, 1, 3);
    tell_restart(d, 2, 1);
    tell_disk(d, "discarded", 0, 3, 0, 0);
    trace_model *m = told_model(d);
    ck_assert_uint_eq(node_at(m, 5, 1)->last_index, 0); /* down, and not torn yet */
    ck_assert_uint_eq(node_at(m, 6, 1)->last_index, 2);
    ck_assert_uint_eq(node_at(m, 6, 1)->durable, 2);
    trace_model_seek(m, 8);
    log_is(m, 1, "1@1 2@1");
    told_free(d);
}
END_TEST

START_TEST(a_wiped_node_has_nothing)
{
    told *d = told_new();
    tell_append(&d->to, 1, 1, 1, NULL);
    tell_disk(d, "submitted", 1, 0, 1, 1);
    tell_disk(d, "durable", 1, 0, 1, 1);
    tell(&d->to, SIM_NOTE_CRASH, 1, (sim_note){0});
    tell_restart(d, 0, 0);
    tell_append(&d->to, 1, 1, 3, NULL);
    trace_model *m = told_model(d);
    trace_model_seek(m, 5);
    log_is(m, 1, "");
    trace_model_seek(m, 6);
    log_is(m, 1, "1@3");
    told_free(d);
}
END_TEST

START_TEST(a_log_that_is_there_from_the_start_is_on_the_disk_too)
{
    told *d = told_new();
    tell_append(&d->to, 1, 1, 2, NULL);
    tell(&d->to, SIM_NOTE_TERM, 1,
         (sim_note){.state = {.changed = SIM_STATE_DURABLE, .durable = 1}, .as.term = {0, 2}});
    tell(&d->to, SIM_NOTE_CRASH, 1, (sim_note){0});
    tell_restart(d, 1, 2);
    trace_model *m = told_model(d);
    trace_model_seek(m, 4);
    log_is(m, 1, "1@2");
    told_free(d);
}
END_TEST

/* All that the model shows, as one text. */
static void show(const trace_model *m, sim_text *out)
{
    uint32_t n;
    sim_text_clear(out);
    sim_text_format(out, "%u at %u\n", (unsigned)trace_model_seq(m),
                    (unsigned)trace_model_at_us(m));
    trace_model_table(m, false, out);
    trace_model_queue_lines(m, false, out);
    (void)trace_model_nodes(m, &n);
    for (uint32_t i = 0; i < n; i++) {
        const char *text;
        for (uint64_t index = 1; trace_model_entry(m, i, index, NULL, &text); index++)
            sim_text_format(out, "%u:%s\n", (unsigned)index, text);
    }
}

START_TEST(jumping_there_is_the_same_as_stepping_there)
{
    sim_text s = story_text(), steps[64] = {{0}}, now = {0};
    trace *t = story_read(&s);
    trace_model *m = trace_model_new(t);
    show(m, &steps[0]);
    for (uint64_t i = 1; trace_model_step(m); i++)
        show(m, &steps[i]);
    ck_assert_uint_eq(trace_model_seq(m), t->events_n);
    for (uint64_t from = 0; from <= t->events_n; from++) {
        for (uint64_t to = 0; to <= t->events_n; to++) {
            trace_model_seek(m, from);
            trace_model_seek(m, to);
            show(m, &now);
            ck_assert_str_eq(now.at, steps[to].at);
        }
    }
    trace_model_seek(m, UINT64_MAX);
    ck_assert_uint_eq(trace_model_seq(m), t->events_n);
    ck_assert(!trace_model_step(m));
    for (size_t i = 0; i < 64; i++)
        sim_text_free(&steps[i]);
    sim_text_free(&now);
    trace_model_free(m);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("model");
    TCase *c = tcase_create("model");
    tcase_add_test(c, a_model_begins_with_followers_that_know_nothing);
    tcase_add_test(c, deltas_add_up_and_the_last_change_is_marked);
    tcase_add_test(c, entries_have_their_text);
    tcase_add_test(c, the_queue_holds_what_is_in_flight_oldest_first);
    tcase_add_test(c, a_delay_ends_with_its_time_and_a_hold_when_the_link_is_released);
    tcase_add_test(c, a_release_is_told_of_each_message);
    tcase_add_test(c, a_release_is_understood_however_the_scenario_says_it);
    tcase_add_test(c, links_are_cut_and_healed_in_every_form);
    tcase_add_test(c, a_crash_takes_back_what_was_not_durable);
    tcase_add_test(c, a_crash_brings_back_what_was_replaced_in_memory_only);
    tcase_add_test(c, a_torn_write_leaves_what_the_restart_says);
    tcase_add_test(c, a_wiped_node_has_nothing);
    tcase_add_test(c, a_log_that_is_there_from_the_start_is_on_the_disk_too);
    tcase_add_test(c, jumping_there_is_the_same_as_stepping_there);
    suite_add_tcase(s, c);
    return suite_main(s);
}
