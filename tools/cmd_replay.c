/* cmd_replay.c - `wavetank replay`: run a trace again, look at a moment, step through. */
#include "tools/breach.h"
#include "tools/bugs.h"
#include "tools/diverge.h"
#include "tools/step.h"
#include "tools/story.h"
#include <inttypes.h>
#include <string.h>

enum { AT, STEP, SEED, BUG, FEATURES };
enum { LAST_EVENTS = 10 };

const cmd_option cmd_replay_options[] = {
    [AT] = {"at", 'a', "SEQ",
            "print the state right after this event; with --step: start there"},
    [STEP] = {"step", 's', NULL, "step through it"},
    [SEED] = {"seed", 0, "N", "of a scenario: use this seed instead of its own"},
    [BUG] = {"bug", 0, "NAME",
             "of a scenario: plant this bug besides its own; may be given several times"},
    [FEATURES] = {"features", 0, "DIR", "the folder of features (default: found)"},
    {0},
};

/* What is replayed: a trace, from a file or from a run in memory. */
typedef struct subject {
    const char *path;
    sim_text bytes;
    trace *trace;
} subject;

static int read_subject(subject *s)
{
    int code = CMD_OK;
    s->trace = load_trace(s->path, &s->bytes, &code);
    return code;
}

static int tell_mistakes(const load *l)
{
    sim_text out = {0};
    int code = load_tell(l, cmd_colour(stderr), &out);
    fputs(out.at, stderr);
    sim_text_free(&out);
    return code;
}

static int run_in_memory(load *l, const load_name *name, const scenario_overrides *over,
                         sim_text *bytes)
{
    story told;
    cmd_catch_interrupt();
    story_run(l, name, over, files_memory_sink(bytes), &cmd_interrupted, &told);
    int code = !told.ran                      ? tell_mistakes(l)
               : told.code == CMD_INTERRUPTED ? CMD_INTERRUPTED
                                              : CMD_OK;
    story_free(&told);
    return code;
}

static int run_scenario(subject *s, const cmd_args *args)
{
    uint64_t seed = 0;
    bugs_list bugs;
    if ((args->value[SEED] && !cmd_number("seed", args->value[SEED], 0, UINT64_MAX, &seed)) ||
        !bugs_given("replay", args, BUG, &bugs))
        return CMD_USAGE;
    const scenario_overrides over = {
        .seed = args->value[SEED] ? &seed : NULL, .bugs = bugs.names, .bugs_n = bugs.n};
    files_error error;
    feature_registry *features = load_registry(args->value[FEATURES], NULL, &error);
    load_name name;
    if (!load_name_of(&name, s->path, s->path, &error)) {
        cmd_message("%s", error.text);
        return CMD_SYSTEM;
    }
    load l;
    int code = load_scenario(&l, s->path, features) ? run_in_memory(&l, &name, &over, &s->bytes)
                                                    : tell_mistakes(&l);
    load_free(&l);
    load_name_free(&name);
    if (features)
        feature_registry_free(features);
    return code;
}

static int open_subject(subject *s, const cmd_args *args)
{
    int code = CMD_OK;
    if (files_ends_in(s->path, ".scenario")) {
        code = run_scenario(s, args);
    } else if (args->value[SEED] || args->value[BUG]) {
        cmd_mistake("a trace is replayed with the seed and the bugs that stand in it",
                    "replay: --%s goes with a scenario", args->value[SEED] ? "seed" : "bug");
        code = CMD_USAGE;
    } else {
        (void)load_trace_bytes(s->path, &s->bytes, &code);
    }
    return code == CMD_OK ? read_subject(s) : code;
}

/* ---- running it again ------------------------------------------------------------------- */

static void say_same(const subject *s, const trace *again)
{
    if (s->trace->complete)
        printf("%s: the same again: %" PRIu64 " event%s, %s, digest %016" PRIx64 "\n", s->path,
               s->trace->events_n, sim_plural(s->trace->events_n), s->trace->footer.result,
               s->trace->footer.digest);
    else
        printf("%s: the same as far as it goes: %" PRIu64 " of %" PRIu64 " event%s\n", s->path,
               s->trace->events_n, again->events_n, sim_plural(again->events_n));
}

/* Headers of old traces leave it to the scenario's text which bugs are planted. */
static bool header_is_older(const subject *s, const subject *again)
{
    return s->trace->header.bugs_n == 0 && again->trace->header.bugs_n > 0;
}

static int compare(const subject *s, const subject *again, bool other_version)
{
    diverge_side a = {"the trace", s->trace, s->bytes.at, s->bytes.len};
    diverge_side b = {"this run", again->trace, again->bytes.at, again->bytes.len};
    sim_text out = {0};
    bool same = diverge_compare(&a, &b, other_version || header_is_older(s, again),
                                cmd_colour(stdout), &out);
    if (same)
        say_same(s, again->trace);
    else
        printf("%s: %s", s->path, out.at);
    sim_text_free(&out);
    return same ? CMD_OK : CMD_FAILED;
}

static int run_again(const subject *s)
{
    const trace_header *header = &s->trace->header;
    bool other_version = strcmp(header->program, TRACE_PROGRAM_VERSION) != 0;
    if (other_version)
        cmd_message("%s was written by version %s, this is %s: a difference may come from that",
                    s->path, header->program, TRACE_PROGRAM_VERSION);
    if (!s->trace->complete)
        cmd_message("%s was cut short: it has no footer; what is there is compared", s->path);
    if (header->source_n == 0) {
        cmd_mistake("--at and --step work without it",
                    "%s holds no scenario, so it cannot be run again", s->path);
        return CMD_USAGE;
    }
    if (!bugs_of_trace(s->path, header))
        return CMD_USAGE;
    const scenario_overrides over = {
        .seed = &header->seed, .bugs = header->bugs, .bugs_n = header->bugs_n};
    load l;
    load_name name = {0};
    sim_text_put(&name.file, header->scenario);
    sim_text_put(&name.path, header->scenario);
    subject again = {.path = s->path};
    int code = load_from_header(&l, header) ? run_in_memory(&l, &name, &over, &again.bytes)
                                            : tell_mistakes(&l);
    if (code == CMD_OK)
        code = read_subject(&again);
    if (code == CMD_OK)
        code = compare(s, &again, other_version);
    if (again.trace)
        trace_free(again.trace);
    sim_text_free(&again.bytes);
    load_free(&l);
    load_name_free(&name);
    return code;
}

/* ---- looking --------------------------------------------------------------------------- */

static int show_moment(const subject *s, uint64_t seq)
{
    sim_text out = {0};
    const trace_header *h = &s->trace->header;
    sim_text_format(&out, "%s\n", *h->title ? h->title : h->scenario);
    story_bugs(h, &out);
    if (seq && s->trace->events[seq - 1].kind == SIM_NOTE_VIOLATION)
        breach_tell(s->trace, &s->trace->events[seq - 1], cmd_colour(stdout), &out);
    story_moment(s->trace, seq, LAST_EVENTS, cmd_colour(stdout), &out);
    fputs(out.at, stdout);
    sim_text_free(&out);
    return CMD_OK;
}

static int replay(const subject *s, const cmd_args *args)
{
    uint64_t seq = 0;
    if (args->value[AT] && !cmd_number("at", args->value[AT], 0, s->trace->events_n, &seq))
        return CMD_USAGE;
    if (args->value[STEP])
        return step_walk(s->trace, seq);
    if (args->value[AT])
        return show_moment(s, seq);
    return run_again(s);
}

int cmd_replay(int argc, char **argv)
{
    cmd_args args;
    if (!cmd_parse(cmd_replay_options, argc, argv, &args))
        return args.exit_code;
    if (args.rest_n != 1) {
        cmd_mistake("for example: wavetank replay out/json/partitions/x.trace.jsonl",
                    "replay: name one trace or scenario");
        return CMD_USAGE;
    }
    subject s = {.path = args.rest[0]};
    int code = open_subject(&s, &args);
    if (code == CMD_OK)
        code = replay(&s, &args);
    if (s.trace)
        trace_free(s.trace);
    sim_text_free(&s.bytes);
    return cmd_flush(code);
}
