/* test_puml_any.c - what holds for the diagrams of any trace: PlantUML draws them, no
 * message is left out, nothing stands above what it follows from, and what happened on a
 * node stands on its line in the order in which it happened. */
#include "tests/suite.h"
#include "traces/export_puml.h"
#include "traces/test/test_puml_wild.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SEEDS = 60 };

static book pages;

static void draws(const trace *t, const trace_puml_options *o)
{
    book_of(&pages, t, o);
    for (size_t i = 0; i < pages.n; i++)
        lint(pages.page[i].text.at);
    book_free(&pages);
}

START_TEST(bars_and_boxes_of_any_trace_are_in_balance)
{
    const trace_puml_options small = {.heartbeats = true, .messages_max = 7};
    trace *t = _i % 2 ? wild_tank((uint64_t)_i) : wild_events((uint64_t)_i);
    draws(t, NULL);
    draws(t, &small);
    trace_free(t);
}
END_TEST

START_TEST(the_same_trace_gives_the_same_diagrams)
{
    static book again;
    trace *t = wild_tank((uint64_t)_i);
    book_of(&pages, t, NULL);
    book_of(&again, t, NULL);
    ck_assert_uint_eq(pages.n, again.n);
    for (size_t i = 0; i < pages.n; i++)
        ck_assert_str_eq(pages.page[i].text.at, again.page[i].text.at);
    book_free(&pages);
    book_free(&again);
    trace_free(t);
}
END_TEST

/* ---- the plan ------------------------------------------------------------------------------
 */

typedef struct checked {
    const trace *t;
    puml_facts *facts;
    puml_plan *plan;
    uint64_t first, last; /* positions of the section */
    uint64_t *row;        /* by position of an event: its row, plus 1 */
} checked;

static void place(checked *c, const trace_event *e, uint64_t row)
{
    ck_assert_msg(c->row[e->seq - 1] == 0, "event %" PRIu64 " stands there twice", e->seq);
    c->row[e->seq - 1] = row + 1;
}

static void place_rows(checked *c)
{
    for (uint64_t i = 0; i < c->plan->rows_n; i++) {
        const puml_row *r = &c->plan->rows[i];
        if (r->kind == PUML_FOLDED)
            continue;
        place(c, r->head, i);
        for (uint32_t k = 0; k < r->effects_n; k++)
            place(c, r->effects[k], i);
        if (r->kind == PUML_WHOLE || (r->kind == PUML_LOST && !r->late))
            place(c, r->message->born, i);
    }
}

/* A message that was neither folded nor doubled away stands where it left and where it
 * ended. */
static void check_messages(const checked *c)
{
    for (uint64_t i = c->first; i < c->last; i++) {
        const trace_event *e = &c->t->events[i];
        if (e->kind != SIM_NOTE_SEND && e->kind != SIM_NOTE_DELIVER && e->kind != SIM_NOTE_DROP)
            continue;
        const puml_message *m = puml_message_at(c->facts, e);
        bool again = e->kind != SIM_NOTE_SEND && m->end != e;
        ck_assert_msg(c->row[i] || m->folded || again, "event %" PRIu64 " is left out", e->seq);
    }
}

static void check_causes(const checked *c)
{
    for (uint64_t i = c->first; i < c->last; i++) {
        uint64_t cause = c->t->events[i].cause;
        if (!cause || cause - 1 < c->first || !c->row[i] || !c->row[cause - 1])
            continue;
        ck_assert_msg(c->row[cause - 1] <= c->row[i],
                      "event %" PRIu64 " stands above its cause %" PRIu64, i + 1, cause);
    }
}

/* On one line: what is no send keeps its order; a send stays below what may have led to it
 * and above all that changed something later. */
static void check_line(const checked *c, const char *name)
{
    uint64_t any = 0, hard = 0, sent = 0;
    for (uint64_t i = c->first; i < c->last; i++) {
        const trace_event *e = &c->t->events[i];
        uint64_t row = c->row[i];
        if (!row || strcmp(e->node, name) != 0 || e->kind == SIM_NOTE_DROP ||
            e->kind == SIM_NOTE_DUPLICATE || *trace_text_of(e, "forged"))
            continue;
        if (e->kind == SIM_NOTE_SEND) {
            ck_assert_msg(row >= hard, "send %" PRIu64 " stands too high", e->seq);
            sent = row > sent ? row : sent;
            continue;
        }
        bool changes = e->kind != SIM_NOTE_DELIVER || c->facts->led_to[i] || e->state_n;
        ck_assert_msg(row >= any, "event %" PRIu64 " stands too high", e->seq);
        ck_assert_msg(!changes || c->facts->head[i] != i || row >= sent,
                      "event %" PRIu64 " stands above an earlier send", e->seq);
        any = row;
        hard = changes ? row : hard;
    }
}

static void check_section(checked *c, const trace_puml_options *o)
{
    c->plan = puml_plan_new(c->facts, o, c->first, c->last);
    c->row = calloc((size_t)c->t->events_n + 1, sizeof *c->row);
    place_rows(c);
    check_messages(c);
    check_causes(c);
    for (uint32_t i = 0; i < c->t->header.nodes_n; i++)
        check_line(c, c->t->header.nodes[i]);
    for (uint64_t i = 1; i < c->plan->rows_n; i++)
        ck_assert_uint_ge(c->plan->rows[i].at_us, c->plan->rows[i - 1].at_us);
    free(c->row);
    puml_plan_free(c->plan);
}

START_TEST(no_diagram_lies_about_what_came_first)
{
    const trace_puml_options o = {.heartbeats = _i % 3 == 0};
    trace *t = wild_tank(1000 + (uint64_t)_i);
    checked c = {.t = t, .facts = puml_facts_new(t)};
    while (c.first < t->events_n) {
        c.last = c.first + 1;
        while (c.last < t->events_n && t->events[c.last].section == t->events[c.first].section)
            c.last++;
        check_section(&c, &o);
        c.first = c.last;
    }
    puml_facts_free(c.facts);
    trace_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diagrams of any trace");
    TCase *tcase = tcase_create("any");
    tcase_add_loop_test(tcase, bars_and_boxes_of_any_trace_are_in_balance, 0, SEEDS);
    tcase_add_loop_test(tcase, the_same_trace_gives_the_same_diagrams, 0, 4);
    tcase_add_loop_test(tcase, no_diagram_lies_about_what_came_first, 0, SEEDS);
    suite_add_tcase(suite, tcase);
    return suite_main(suite);
}
