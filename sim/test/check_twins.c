/* check_twins.c - what the checkers forget, nothing would have needed: of two tanks that go
 * through the same storm one forgets and the other never does, and they say the same.
 *
 * Here an index is a block of its own, and a few requests share their texts (meson.build), so
 * that all that can go goes at once.  The storms have all that brings old indexes back: disks
 * that are held, torn, damaged and wiped, news of them that come late, messages that wait,
 * double and overtake, snapshots in many chunks, sessions that ask again. */
#include "sim/tank.h"
#include "sim/test/storm.h"
#include <assert.h>

enum { STEPS = 250 };

/* What a violation says of itself; where it came from is in its texts, if it is remembered. */
typedef struct verdict {
    const char *invariant; /* NULL: none */
    sim_id node;
    uint64_t seq;
} verdict;

typedef struct twin {
    sim *t;
    verdict verdict;
    bool spoilt; /* an entry's text */
} twin;

typedef struct twins {
    storm storm;
    sim_engine engine;
    twin forgets, keeps;
    bool parted; /* different things happen to them */
} twins;

/* ---- two tanks in one storm ------------------------------------------------------------ */

/* An engine whose messages all wait for the disk, as a leader's need not (thesis 10.2.1). */
static const sim_actions *wait_with_all(void *self)
{
    const sim_actions *todo = sim_engine_native.outbox(self);
    for (uint32_t i = 0; i < todo->n; i++)
        ((sim_action *)todo->at)[i].after_writes = true;
    return todo;
}

/* An entry says what it said when it was made: its text has not become another's. */
static void listen(void *self, const sim_note *n)
{
    twin *w = self;
    if (n->kind == SIM_NOTE_VIOLATION)
        w->verdict = (verdict){n->as.violation.invariant, n->node, n->seq};
    if (n->kind != SIM_NOTE_APPEND)
        return;
    for (uint32_t i = 0; i < n->as.append.n; i++) {
        const sim_entry *e = &n->as.append.entries[i];
        w->spoilt |= sim_entry_checksum(e->kind, e->data, e->bytes) != e->checksum;
    }
}

static void begin(twins *w, uint64_t seed, uint64_t bugs)
{
    *w = (twins){.forgets.t = NULL};
    sim_config config = storm_config(&w->storm, seed);
    config.bugs = bugs;
    config.engine = &w->engine;
    w->engine = sim_engine_native;
    if (seed / (5 * HARMS) % 2)
        w->engine.outbox = wait_with_all;
    config.options.snapshot_every = seed % 3 ? 3 + roll(&w->storm, 18) : 0;
    config.observers_n = 1;
    twin *const both[] = {&w->forgets, &w->keeps};
    for (int i = 0; i < 2; i++) {
        const sim_observer observer = {.note = listen, .self = both[i]};
        config.observers = &observer;
        both[i]->t = sim_new(&config, NULL);
        assert(both[i]->t);
    }
    sim_check_keep_all(w->keeps.t->check);
}

static void step(twins *w, harm_kind harm)
{
    storm *s = &w->storm;
    const sim_random dice = s->dice;
    s->t = w->keeps.t;
    act_roughly(s, harm);
    const sim_random after = s->dice;
    s->dice = dice;
    s->t = w->forgets.t;
    act_roughly(s, harm);
    w->parted |= s->dice.n != after.n;
}

/* A cluster that begins anew writes other entries where all is forgotten: of these nothing is
 * said, and nothing that is wrong either. */
static bool is_same(const twins *w, harm_kind harm)
{
    const verdict *a = &w->forgets.verdict, *b = &w->keeps.verdict;
    if (w->forgets.spoilt)
        return false;
    if (harm == HARM_TO_ALL && b->invariant && (!a->invariant || a->seq >= b->seq))
        return true;
    if (w->parted)
        return false;
    if (!a->invariant || !b->invariant)
        return a->invariant == b->invariant &&
               sim_digest(w->forgets.t) == sim_digest(w->keeps.t);
    return strcmp(a->invariant, b->invariant) == 0 && a->node == b->node && a->seq == b->seq;
}

static const char *said(const sim *t)
{
    static char text[2][700];
    static int which;
    const sim_violation_info *v = sim_violation(t);
    which = !which;
    if (!v)
        return "nothing";
    snprintf(text[which], sizeof text[which], "%s at event %" PRIu64 ": %s; %s", v->invariant,
             v->seq, v->one, v->other);
    return text[which];
}

static uint64_t forgotten(const sim *t)
{
    uint64_t n = 0, last = 0;
    for (uint32_t id = 1; id <= t->nodes; id++)
        if (sim_view_of(t, (sim_id)id)->last.index > last)
            last = sim_view_of(t, (sim_id)id)->last.index;
    for (uint64_t i = 1; i <= last; i++)
        n += sim_check_forgot(t->check, i, i);
    return n;
}

typedef struct tally {
    uint64_t runs, forgotten, broken, differing; /* forgotten: indexes */
} tally;

static harm_kind harm_of(storm *s, uint64_t seed)
{
    const harm_kind harm = (harm_kind)(seed / 5 % HARMS);
    if (harm == HARM_TO_ONE)
        s->victim = 1;
    return harm == HARM_TO_ONE && s->nodes < 3 ? NO_HARM : harm;
}

/* In step with each other to the end, or until one of them finds something. */
static void go_through(uint64_t seed, const char *bug, tally *sum)
{
    twins w;
    begin(&w, seed, bug ? sim_engine_bug(&sim_engine_native, bug) : 0);
    const harm_kind harm = harm_of(&w.storm, seed);
    int i = 0;
    while (i++ < STEPS && is_same(&w, harm) && !w.keeps.verdict.invariant)
        step(&w, harm);
    const bool cries_wolf = w.keeps.verdict.invariant && !bug && harm == NO_HARM;
    if (!is_same(&w, harm) || cries_wolf) {
        fprintf(stderr, "seed %" PRIu64 ", %s, step %d: %s; but with all in mind %s\n", seed,
                bug ? bug : "no bug", i, said(w.forgets.t), said(w.keeps.t));
        sum->differing++;
    }
    sum->runs++;
    sum->broken += w.keeps.verdict.invariant != NULL;
    sum->forgotten += forgotten(w.forgets.t);
    sim_free(w.forgets.t);
    sim_free(w.keeps.t);
}

static void go_through_many(const char *bug, uint64_t first, uint64_t last, tally *sum)
{
    for (uint64_t seed = first; seed <= last; seed++)
        go_through(seed, bug, sum);
}

/* ---- runs -------------------------------------------------------------------------------- */

enum { GOOD = 200, BAD = 12 };

START_TEST(a_run_is_judged_the_same)
{
    tally sum = {0};
    go_through_many(NULL, 1, GOOD, &sum);
    ck_assert_uint_eq(sum.differing, 0);
    ck_assert_uint_gt(sum.forgotten, GOOD * 20);
}
END_TEST

START_TEST(a_planted_bug_is_found_in_the_same_event)
{
    tally sum = {0};
    const char *const *names = sim_engine_native.bug_names;
    for (size_t i = 0; names[i]; i++)
        go_through_many(names[i], 1 + i * BAD, (i + 1) * BAD, &sum);
    ck_assert_uint_eq(sum.differing, 0);
    ck_assert_uint_gt(sum.broken, 100);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check twins");
    TCase *t = tcase_create("twins");
    suite_add_tcase(s, t);
    tcase_add_test(t, a_run_is_judged_the_same);
    if (sim_engine_native.bug_names[0])
        tcase_add_test(t, a_planted_bug_is_found_in_the_same_event);
    return s;
}

static uint64_t tell_of(const char *bug, uint64_t first, uint64_t last)
{
    tally sum = {0};
    go_through_many(bug, first, last, &sum);
    printf("%-30s %8" PRIu64 " runs, %8" PRIu64 " broken, %8" PRIu64 " forgotten, %" PRIu64
           " differing\n",
           bug ? bug : "no bug", sum.runs, sum.broken, sum.forgotten, sum.differing);
    fflush(stdout);
    return sum.differing;
}

/* With two numbers: all these seeds, good and with each bug.  With a third, that bug only. */
static int run_for_long(uint64_t first, uint64_t last, const char *only)
{
    const char *const *names = sim_engine_native.bug_names;
    uint64_t differing = !only || strcmp(only, "none") == 0 ? tell_of(NULL, first, last) : 0;
    for (size_t i = 0; names[i]; i++)
        if (!only || strcmp(only, names[i]) == 0)
            differing += tell_of(names[i], first, last);
    return differing ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return run_for_long(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10), argv[3]);
    return suite_main(suite());
}
