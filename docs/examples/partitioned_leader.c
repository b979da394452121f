/* partitioned_leader.c - a partition scenario as a unit test in C, without a scenario file.
 *
 * It does what scenarios/partitions/partitioned_leader_steps_down.scenario does, step by
 * step, and leaves the same events in its trace.  docs/from_c.md walks through it.
 *
 *     partitioned_leader            runs the test
 *     partitioned_leader FILE       the same, and leaves the trace in FILE */
#include "sim/sim.h"
#include "tests/suite.h"
#include "traces/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { N1 = 1, N2 = 2, N3 = 3 };

static const char *trace_path; /* from the command line; NULL: no trace */

/* ---- saying what happens and what must be true ------------------------------------ */

/* Tells the trace what was wanted and what was found, and fails the test when they differ.
 * found is what the tank shows, as text. */
static void expect(sim *t, const char *condition, const char *wanted, sim_text *found)
{
    bool holds = strcmp(found->at, wanted) == 0;
    sim_expect(t, 0, condition, found->at, holds);
    ck_assert_msg(holds, "expected %s, found %s", condition, found->at);
    sim_text_free(found);
}

/* "n3 leader term 1" */
static sim_text role_and_term(sim *t, sim_id node)
{
    const sim_view *v = sim_view_of(t, node);
    sim_text out = {0};
    sim_text_format(&out, "%s %s term %" PRIu64, sim_name(t, node), sim_role_name(v->role),
                    v->term);
    return out;
}

/* "1@1 2@2" */
static void put_log(sim *t, sim_id node, sim_text *out)
{
    sim_entry e;
    for (uint64_t i = 1; sim_entry_of(t, node, i, &e); i++)
        sim_text_format(out, "%s%" PRIu64 "@%" PRIu64, i > 1 ? " " : "", i, e.term);
}

/* "lost failed", and the answer when there is one */
static sim_text outcome(sim *t, uint64_t request)
{
    sim_request r;
    sim_text out = {0};
    ck_assert(sim_request_of(t, request, &r));
    sim_text_format(&out, "%s %s", r.name, sim_status_name(r.status));
    if (r.answer)
        sim_text_format(&out, " \"%s\"", r.answer);
    return out;
}

/* ---- moving the tank: each act is said first, so that the trace can tell it --------- */

static void settle(sim *t)
{
    sim_error error;
    sim_command(t, 0, "settle");
    ck_assert_msg(sim_settle(t, 0, NULL, NULL, &error), "%s", error.text);
}

static void timeout(sim *t, sim_id node, const char *said)
{
    sim_error error;
    sim_command(t, 0, said);
    ck_assert_msg(sim_timeout(t, node, &error), "%s", error.text);
}

/* ---- the story ---------------------------------------------------------------------- */

static void n3_becomes_leader(sim *t)
{
    static const char *const uses[] = {"leader_election.all_yes_votes.with_pre_vote"};
    sim_section(t, 0, true, "n3 becomes leader", uses, 1, NULL, 0);
    timeout(t, N3, "timeout n3");
    settle(t);

    sim_text found = role_and_term(t, N3);
    sim_text_format(&found, " commit %" PRIu64, sim_view_of(t, N3)->commit);
    expect(t, "n3 leader term 1 commit 1", "n3 leader term 1 commit 1", &found);

    bool follow = true;
    for (sim_id id = N1; id <= N2; id++)
        follow = follow && sim_view_of(t, id)->role == SIM_FOLLOWER &&
                 sim_view_of(t, id)->leader == N3;
    found = (sim_text){0};
    sim_text_put(&found, follow ? "n1 n2 follower follows n3" : "somebody does not follow n3");
    expect(t, "n1 n2 follower follows n3", "n1 n2 follower follows n3", &found);
}

static uint64_t the_leader_is_cut_off(sim *t)
{
    static const char *const tests[] = {"network_partition.leader_isolation"};
    sim_section(t, 0, false, "The leader is cut off", NULL, 0, tests, 1);

    sim_command(t, 0, "partition n3 | n1 n2");
    sim_partition(t, (sim_set[]){sim_one(N3), sim_one(N1) | sim_one(N2)}, 2);

    sim_command(t, 0, "propose n3 \"add 1\" as lost");
    uint64_t lost = sim_propose(t, N3, "add 1", strlen("add 1"), "lost", NULL);
    settle(t);

    const sim_view *v = sim_view_of(t, N3);
    sim_text found = {0};
    sim_text_format(&found, "n3 commit %" PRIu64 " last %" PRIu64, v->commit, v->last.index);
    expect(t, "n3 commit 1 last 2", "n3 commit 1 last 2", &found);
    found = outcome(t, lost);
    expect(t, "lost pending", "lost pending", &found);
    return lost;
}

static void the_majority_elects_n1(sim *t)
{
    static const char *const tests[] = {"leader_election.post_partition"};
    sim_section(t, 0, false, "The majority elects n1", NULL, 0, tests, 1);
    timeout(t, N1, "timeout n1");
    settle(t);

    sim_text found = role_and_term(t, N1);
    sim_text_format(&found, " commit %" PRIu64, sim_view_of(t, N1)->commit);
    expect(t, "n1 leader term 2 commit 2", "n1 leader term 2 commit 2", &found);
    found = role_and_term(t, N3); /* it has not heard */
    expect(t, "n3 leader term 1", "n3 leader term 1", &found);
}

static void the_partition_heals(sim *t, uint64_t lost)
{
    static const char *const tests[] = {"leader_election.step_down_on_higher_term",
                                        "log_replication.conflict_resolution"};
    sim_section(t, 0, false, "The partition heals", NULL, 0, tests, 2);
    sim_command(t, 0, "heal");
    sim_heal(t);
    sim_command(t, 0, "heartbeat n1");
    ck_assert(sim_heartbeat(t, N1, NULL));
    settle(t);

    sim_text found = role_and_term(t, N3);
    sim_text_format(&found, " follows %s", sim_name(t, sim_view_of(t, N3)->leader));
    expect(t, "n3 follower term 2 follows n1", "n3 follower term 2 follows n1", &found);

    found = (sim_text){0};
    sim_text_put(&found, "n1 n2 n3 commit 2 log \"1@1 2@2\"");
    for (sim_id id = N1; id <= N3; id++) {
        sim_text log = {0};
        put_log(t, id, &log);
        if (sim_view_of(t, id)->commit != 2 || strcmp(log.at, "1@1 2@2") != 0) {
            sim_text_clear(&found);
            sim_text_format(&found, "%s commit %" PRIu64 " log \"%s\"", sim_name(t, id),
                            sim_view_of(t, id)->commit, log.at);
        }
        sim_text_free(&log);
    }
    expect(t, "all commit 2 log \"1@1 2@2\"", "n1 n2 n3 commit 2 log \"1@1 2@2\"", &found);

    found = outcome(t, lost);
    expect(t, "lost failed", "lost failed \"lost: replaced by 2@2\"", &found);
}

/* ---- the trace, for those who want one ------------------------------------------------ */

static bool write_file(void *file, const char *bytes, size_t len)
{
    return fwrite(bytes, 1, len, file) == len;
}

static const trace_header header = {
    .format = TRACE_FORMAT,
    .program = TRACE_PROGRAM_VERSION,
    .scenario = "partitioned_leader.c",
    .title = "A partitioned leader steps down when the partition heals",
    .about = "",
    .engine = "native",
    .app = "counter",
    .nodes = (const char *const[]){"n1", "n2", "n3"},
    .nodes_n = 3,
    .seed = 1,
};

START_TEST(a_partitioned_leader_steps_down_when_the_partition_heals)
{
    FILE *file = trace_path ? fopen(trace_path, "w") : NULL;
    ck_assert(!trace_path || file);
    trace_writer *w =
        file ? trace_writer_new((trace_sink){write_file, file}, &sim_engine_native, &header)
             : NULL;
    sim_observer observer = w ? trace_writer_observer(w) : (sim_observer){0};

    sim_options options;
    sim_options_default(&options);
    options.pre_vote = SIM_ON;
    sim_error error;
    sim *t = sim_new(&(sim_config){.nodes = 3,
                                   .seed = 1,
                                   .options = options,
                                   .options_set = true,
                                   .observers = &observer,
                                   .observers_n = w ? 1 : 0},
                     &error);
    ck_assert_msg(t != NULL, "%s", error.text);

    n3_becomes_leader(t);
    uint64_t lost = the_leader_is_cut_off(t);
    the_majority_elects_n1(t);
    the_partition_heals(t, lost);

    ck_assert(!sim_violation(t)); /* every invariant was checked after every step */
    if (w) {
        ck_assert(trace_writer_finish(w, "passed", "", sim_digest(t)));
        trace_writer_free(w);
        ck_assert_int_eq(fclose(file), 0);
    }
    sim_free(t);
}
END_TEST

int main(int argc, char **argv)
{
    trace_path = argc > 1 ? argv[1] : NULL;
    Suite *suite = suite_create("partitioned_leader");
    TCase *story = tcase_create("story");
    tcase_add_test(story, a_partitioned_leader_steps_down_when_the_partition_heals);
    suite_add_tcase(suite, story);
    return suite_main(suite);
}
