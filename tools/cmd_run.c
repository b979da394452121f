/* cmd_run.c - `wavetank run`: scenarios in, results, traces and pictures out. */
#include "sim/base/memory.h"
#include "tools/bugs.h"
#include "tools/run.h"
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OUT,
    JOBS,
    FILTER,
    SEED,
    BUG,
    SVG,
    PNG,
    JUNIT,
    TAP,
    GOLDEN,
    BLESS,
    QUIET,
    NO_TRACE,
    FEATURES
};

const cmd_option cmd_run_options[] = {
    [OUT] = {"out", 'o', "DIR", "write traces and what is made from them here (default: out)"},
    [JOBS] = {"jobs", 'j', "N", "scenarios at a time (default: one for each core)"},
    [FILTER] = {"filter", 'f', "TEXT", "run only scenarios with TEXT in their path"},
    [SEED] = {"seed", 's', "N", "use this seed instead of the scenarios' own"},
    [BUG] = {"bug", 0, "NAME",
             "plant this bug besides the scenarios' own; may be given several times"},
    [SVG] = {"svg", 0, NULL, "draw the diagrams as SVG"},
    [PNG] = {"png", 0, NULL, "draw the diagrams as PNG"},
    [JUNIT] = {"junit", 0, "FILE", "write the results as JUnit XML"},
    [TAP] = {"tap", 0, NULL, "print the results as TAP"},
    [GOLDEN] = {"golden", 0, "DIR", "compare each trace with DIR/NAME.trace.jsonl"},
    [BLESS] = {"bless", 0, NULL, "with --golden: rewrite those that differ, and say how"},
    [QUIET] = {"quiet", 'q', NULL, "print only what did not pass"},
    [NO_TRACE] = {"no-trace", 0, NULL, "write nothing below --out"},
    [FEATURES] = {"features", 0, "DIR", "the folder of features (default: found)"},
    {0},
};

typedef struct teller {
    const load_list *list;
    bool quiet, tap, line; /* line: one that is rewritten, for a terminal */
    size_t done;
    int code;
    size_t counts[RUN_VERDICT_COUNT];
    uint64_t expects;
} teller;

/* ---- telling ---------------------------------------------------------------------- */

static void clear_line(const teller *t)
{
    if (t->line)
        fputs("\r\033[K", stdout);
}

static void tell_plain(const teller *t, size_t i, const run_result *r)
{
    if (t->quiet && (r->verdict == RUN_PASSED || r->verdict == RUN_NOT_RUN))
        return;
    if (t->line && (r->verdict == RUN_PASSED || r->verdict == RUN_NOT_RUN))
        return;
    printf("%-11s  %s", run_verdict_name(r->verdict), t->list->at[i].short_name.at);
    if (r->verdict == RUN_PASSED)
        printf("  (%" PRIu64 " expectation%s, %" PRIu64 " event%s)", r->expects,
               sim_plural(r->expects), r->events, sim_plural(r->events));
    else if (r->why.len > 0)
        printf("  %s", r->why.at);
    putchar('\n');
}

/* As much of the text as fits into so many columns. */
static int fitting(const char *s, int columns)
{
    int bytes = 0;
    for (; s[bytes] && columns > 0; columns--)
        do
            bytes++;
        while ((s[bytes] & 0xC0) == 0x80);
    return bytes;
}

static void tell_progress(const teller *t, size_t i)
{
    if (!t->line || i + 1 >= t->list->n)
        return;
    const char *name = t->list->at[i + 1].short_name.at;
    printf("[%zu/%zu] %.*s", t->done, t->list->n, fitting(name, 60), name);
    fflush(stdout);
}

static void tell(void *self, size_t i, const run_result *r)
{
    teller *t = self;
    t->done++;
    t->counts[r->verdict]++;
    t->expects += r->expects;
    t->code = cmd_worse(t->code, r->code);
    if (t->tap)
        return;
    clear_line(t);
    tell_plain(t, i, r);
    if (r->report.len > 0)
        printf("%s\n", r->report.at);
    fflush(stdout);
    if (r->mistakes.len > 0)
        fputs(r->mistakes.at, stderr);
    tell_progress(t, i);
}

static void add_count(const teller *t, run_verdict v, const char *words)
{
    if (t->counts[v] > 0)
        printf(", %zu %s", t->counts[v], words);
}

static void tell_summary(const teller *t, uint64_t us)
{
    if (t->tap)
        return;
    printf("%zu passed, %zu failed", t->counts[RUN_PASSED], t->counts[RUN_FAILED]);
    add_count(t, RUN_NO_PROGRESS, "without progress");
    add_count(t, RUN_MISTAKES, "with mistakes");
    add_count(t, RUN_SYSTEM, "that the system failed");
    add_count(t, RUN_STOPPED, "interrupted");
    add_count(t, RUN_NOT_RUN, "not run");
    printf(" (%" PRIu64 " expectation%s, %" PRIu64 ".%02" PRIu64 " s)\n", t->expects,
           sim_plural(t->expects), us / 1000000, us / 10000 % 100);
}

static void tell_interrupted(const teller *t, const run_settings *s, const run_result *results)
{
    size_t whole = t->list->n - t->counts[RUN_STOPPED] - t->counts[RUN_NOT_RUN];
    cmd_message("interrupted: %zu of %zu scenario%s %s run to the end%s%s", whole, t->list->n,
                sim_plural(t->list->n), t->list->n == 1 ? "was" : "were",
                s->out ? "; what they wrote is kept below " : "", s->out ? s->out : "");
    for (size_t i = 0; i < t->list->n; i++)
        if (results[i].verdict == RUN_STOPPED && results[i].trace.len > 0)
            cmd_message("%s holds %s up to the interruption", results[i].trace.at,
                        t->list->at[i].path.at);
}

/* ---- files for others ------------------------------------------------------------- */

static int write_results(const cmd_args *args, const load_list *list, run_result *results)
{
    run_row *rows = sim_alloc((list->n + 1) * sizeof *rows);
    for (size_t i = 0; i < list->n; i++)
        rows[i] = (run_row){&list->at[i], &results[i]};
    int code = CMD_OK;
    sim_text text = {0};
    if (args->value[TAP]) {
        results_tap(rows, list->n, &text);
        fputs(text.at, stdout);
    }
    files_error error;
    if (args->value[JUNIT]) {
        sim_text_clear(&text);
        results_junit(rows, list->n, &text);
        if (!files_write(args->value[JUNIT], text.at, text.len, &error)) {
            cmd_message("%s", error.text);
            code = CMD_SYSTEM;
        }
    }
    sim_text_free(&text);
    free(rows);
    return code;
}

static int draw(const cmd_args *args, const load_list *list, const run_result *results)
{
    char **argv = sim_alloc((list->n + 8) * sizeof *argv);
    char render[] = "render", svg[] = "--svg", png[] = "--png", out[] = "--out",
         quiet[] = "--quiet";
    char standard[] = "out";
    int argc = 0;
    argv[argc++] = render;
    if (args->value[SVG])
        argv[argc++] = svg;
    if (args->value[PNG])
        argv[argc++] = png;
    if (args->value[QUIET] || args->value[TAP])
        argv[argc++] = quiet;
    argv[argc++] = out;
    char *given = args->value[OUT] ? strdup(args->value[OUT]) : NULL;
    argv[argc++] = given ? given : standard;
    int first = argc;
    for (size_t i = 0; i < list->n; i++)
        if (results[i].trace.len > 0 && results[i].verdict != RUN_SYSTEM)
            argv[argc++] = results[i].trace.at;
    int code = argc > first ? cmd_render(argc, argv) : CMD_OK;
    free(given);
    free(argv);
    return code;
}

/* ---- the command ------------------------------------------------------------------ */

static unsigned cores(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > 0 ? (unsigned)n : 1;
}

static void filter(load_list *list, const char *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (strstr(list->at[i].path.at, text))
            list->at[kept++] = list->at[i];
        else
            load_name_free(&list->at[i]);
    }
    list->n = kept;
}

static int run_list(const cmd_args *args, const run_settings *s, const load_list *list,
                    unsigned jobs)
{
    uint64_t began = cmd_wall_us();
    teller t = {.list = list,
                .quiet = args->value[QUIET] != NULL,
                .tap = args->value[TAP] != NULL,
                .line = isatty(STDOUT_FILENO) && !args->value[TAP] && !args->value[QUIET]};
    run_result *results = sim_alloc((list->n + 1) * sizeof *results);
    cmd_catch_interrupt();
    run_all(s, list, jobs, results, tell, &t);
    int code = cmd_worse(t.code, write_results(args, list, results));
    tell_summary(&t, cmd_wall_us() - began);
    if ((args->value[SVG] || args->value[PNG]) && !cmd_interrupted)
        code = cmd_worse(code, draw(args, list, results));
    if (cmd_interrupted) {
        tell_interrupted(&t, s, results);
        code = CMD_INTERRUPTED;
    }
    for (size_t i = 0; i < list->n; i++)
        run_result_free(&results[i]);
    free(results);
    return cmd_flush(code);
}

static bool read_numbers(const cmd_args *args, uint64_t *seed, uint64_t *jobs)
{
    *jobs = cores();
    return (!args->value[SEED] || cmd_number("seed", args->value[SEED], 0, UINT64_MAX, seed)) &&
           (!args->value[JOBS] || cmd_number("jobs", args->value[JOBS], 1, 1024, jobs));
}

static bool agree(const cmd_args *args)
{
    if (args->value[BLESS] && !args->value[GOLDEN]) {
        cmd_mistake("for example: --golden tests/golden --bless",
                    "run: --bless wants --golden DIR beside it");
        return false;
    }
    if (args->value[NO_TRACE] && (args->value[SVG] || args->value[PNG])) {
        cmd_mistake(NULL, "run: a diagram is drawn from a trace: --no-trace does not go with "
                          "--svg or --png");
        return false;
    }
    if (args->rest_n == 0) {
        cmd_mistake("for example: wavetank run scenarios",
                    "run: name a scenario or a folder of scenarios");
        return false;
    }
    return true;
}

int cmd_run(int argc, char **argv)
{
    cmd_args args;
    if (!cmd_parse(cmd_run_options, argc, argv, &args))
        return args.exit_code;
    uint64_t seed = 0, jobs = 1;
    bugs_list bugs;
    if (!agree(&args) || !read_numbers(&args, &seed, &jobs) ||
        !bugs_given("run", &args, BUG, &bugs))
        return CMD_USAGE;
    files_error error;
    feature_registry *features = load_registry(args.value[FEATURES], NULL, &error);
    if (!features && args.value[FEATURES]) {
        cmd_message("%s", error.text);
        return CMD_SYSTEM;
    }
    if (!features)
        cmd_message("%s; the names of features are not checked", error.text);

    load_list list = {0};
    int code = load_find(args.rest, args.rest_n, &list);
    if (args.value[FILTER])
        filter(&list, args.value[FILTER]);
    if (list.n > 0) {
        run_settings settings = {
            .out = args.value[NO_TRACE] ? NULL
                   : args.value[OUT]    ? args.value[OUT]
                                        : "out",
            .over = {.seed = args.value[SEED] ? &seed : NULL,
                     .bugs = bugs.names,
                     .bugs_n = bugs.n},
            .golden = args.value[GOLDEN],
            .bless = args.value[BLESS] != NULL,
            .colour = cmd_colour(stdout) && !args.value[TAP] && !args.value[JUNIT],
            .features = features,
        };
        code = cmd_worse(code, run_list(&args, &settings, &list, (unsigned)jobs));
    } else if (code == CMD_OK) {
        cmd_mistake(NULL, "run: no scenario has '%s' in its path", args.value[FILTER]);
        code = CMD_USAGE;
    }
    load_list_free(&list);
    if (features)
        feature_registry_free(features);
    return code;
}
