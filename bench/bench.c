/* bench.c - how fast the tank is: a table of cases, each in a process of its own, so that
 * none inherits another's memory.
 *
 *     wavetank-bench                   every case, as a table
 *     wavetank-bench --only flow-3     one case
 *     wavetank-bench --json            one JSON object a case, a line each
 *
 * An event is a delivery, a timer or a finished disk write, with all that follows from it:
 * the engine's step, its effects, every invariant, the digest.  Commands are given one at a
 * time: the next when the last was answered.  Times are CPU times of the case's process,
 * without its set-up.
 *
 * A long run also shows each tenth of it: what costs more the more is stored would show as a
 * rate that falls, and what is kept for good as a peak of memory that goes on rising. */
#include "sim/sim.h"
#include "traces/trace.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TENTHS = 10 };

typedef struct tenth {
    uint64_t events, cpu_ns, peak_kib;
} tenth;

typedef struct result {
    uint64_t events, commands, virtual_us, cpu_ns, notes;
    tenth tenths[TENTHS];
    uint32_t tenths_n; /* 0: not a long run */
    char error[512];   /* empty: all went well */
} result;

typedef struct bench_case {
    const char *name, *about;
    uint32_t nodes;
    uint64_t commands; /* how many, before --scale */
    void (*run)(const struct bench_case *c, result *out);
} bench_case;

/* ---- a tank under commands ----------------------------------------------------------- */

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

typedef struct load {
    sim *t;
    sim_id leader;
    uint64_t request;
    uint64_t applied; /* by the leader when it was given the request */
} load;

static sim_id leader_of(const sim *t)
{
    for (uint32_t i = 1; i <= sim_nodes(t); i++)
        if (sim_view_of(t, (sim_id)i)->role == SIM_LEADER)
            return (sim_id)i;
    return 0;
}

static bool has_leader(void *self)
{
    return leader_of(self) != 0;
}

static bool answered(void *self)
{
    const load *l = self;
    sim_request r;
    /* This is asked after every event.  Until the node has applied something, it has no
     * answer; a deposed one gets its answer when it follows and applies. */
    if (sim_applied(l->t, l->leader) == l->applied)
        return false;
    return sim_request_of(l->t, l->request, &r) && r.status != SIM_STATUS_PENDING;
}

static bool fail(result *out, const sim_error *e)
{
    snprintf(out->error, sizeof out->error, "%s", e->text);
    return false;
}

static bool load_start(load *l, const sim_config *config, result *out)
{
    sim_error e = {0};
    *l = (load){.t = sim_new(config, &e)};
    if (!l->t || !sim_await(l->t, 60 * UINT64_C(1000000), has_leader, l->t, &e))
        return fail(out, &e);
    l->leader = leader_of(l->t);
    return true;
}

/* Commands one at a time, each to the leader and asked for again until it is done. */
static bool load_run(load *l, uint64_t commands, result *out)
{
    sim_error e = {0};
    for (uint64_t done = 0; done < commands;) {
        l->applied = sim_applied(l->t, l->leader);
        l->request = sim_propose(l->t, l->leader, "add 1", 5, NULL, &e);
        if (!l->request || !sim_await(l->t, 60 * UINT64_C(1000000), answered, l, &e))
            return fail(out, &e);
        sim_request r;
        sim_request_of(l->t, l->request, &r);
        if (r.status == SIM_STATUS_OK)
            done++;
        else if (!sim_await(l->t, 60 * UINT64_C(1000000), has_leader, l->t, &e))
            return fail(out, &e);
        else
            l->leader = leader_of(l->t);
    }
    return true;
}

typedef struct mark {
    uint64_t events, at, cpu, notes;
} mark;

static mark mark_now(const sim *t)
{
    return (mark){sim_events(t), sim_now(t), cpu_ns(), sim_seq(t)};
}

static uint64_t peak_kib_now(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss;
}

static void measured(const sim *t, mark from, uint64_t commands, result *out)
{
    mark to = mark_now(t);
    out->events += to.events - from.events;
    out->virtual_us += to.at - from.at;
    out->cpu_ns += to.cpu - from.cpu;
    out->notes += to.notes - from.notes;
    out->commands += commands;
}

/* ---- the cases ------------------------------------------------------------------------- */

static void run_flow(const bench_case *c, result *out)
{
    load l;
    if (!load_start(&l, &(sim_config){.nodes = c->nodes, .seed = 1}, out))
        return;
    mark from = mark_now(l.t);
    if (load_run(&l, c->commands, out))
        measured(l.t, from, c->commands, out);
    sim_free(l.t);
}

/* As many commands as the long log's tail, but always at the start of a log. */
static void run_short_log(const bench_case *c, result *out)
{
    enum { TANKS = 10 };
    for (uint32_t i = 0; i < TANKS && !out->error[0]; i++) {
        load l;
        if (!load_start(&l, &(sim_config){.nodes = c->nodes, .seed = i + 1}, out))
            return;
        uint64_t n = c->commands / TANKS;
        mark from = mark_now(l.t);
        if (load_run(&l, n, out))
            measured(l.t, from, n, out);
        sim_free(l.t);
    }
}

/* The last tenth of a log that is never compacted. */
static void run_long_log(const bench_case *c, result *out)
{
    load l;
    uint64_t tail = c->commands / 10;
    if (!load_start(&l, &(sim_config){.nodes = c->nodes, .seed = 1}, out))
        return;
    if (load_run(&l, c->commands - tail, out)) {
        mark from = mark_now(l.t);
        if (load_run(&l, tail, out))
            measured(l.t, from, tail, out);
    }
    sim_free(l.t);
}

typedef bool part_fn(load *l, uint64_t commands, result *out);

/* A long run, tenth by tenth. */
static void run_tenths(load *l, const bench_case *c, part_fn *part, result *out)
{
    for (uint32_t i = 0; i < TENTHS && !out->error[0]; i++) {
        const uint64_t commands = c->commands * (i + 1) / TENTHS - c->commands * i / TENTHS;
        const uint64_t events = out->events, cpu = out->cpu_ns;
        const mark from = mark_now(l->t);
        if (!part(l, commands, out))
            return;
        measured(l->t, from, commands, out);
        out->tenths[out->tenths_n++] = (tenth){
            .events = out->events - events,
            .cpu_ns = out->cpu_ns - cpu,
            .peak_kib = peak_kib_now(),
        };
    }
}

static bool is_over(void *self)
{
    const load *l = self;
    sim_request r;
    return sim_request_of(l->t, l->request, &r) && r.status != SIM_STATUS_PENDING;
}

/* One change of the membership, asked for until it is made. */
static bool change(load *l, sim_change what, sim_id who, result *out)
{
    enum { TRIES = 1000, PAUSE_US = 10000 };
    sim_error e = {0};
    sim_request r = {0};
    for (int i = 0; i < TRIES; i++) {
        l->request = sim_change_members(l->t, l->leader, what, who, NULL, NULL, &e);
        if (!l->request || !sim_await(l->t, 60 * UINT64_C(1000000), is_over, l, &e))
            return fail(out, &e);
        sim_request_of(l->t, l->request, &r);
        if (r.status == SIM_STATUS_OK)
            return true;
        if (!sim_advance(l->t, PAUSE_US, &e) ||
            !sim_await(l->t, 60 * UINT64_C(1000000), has_leader, l->t, &e))
            return fail(out, &e);
        l->leader = leader_of(l->t);
    }
    snprintf(out->error, sizeof out->error, "a change of the membership goes on failing: %s",
             r.answer ? r.answer : "unknown");
    return false;
}

/* A member leaves and comes back, around every CHURN commands. */
static bool churn(load *l, uint64_t commands, result *out)
{
    enum { CHURN = 20 };
    for (uint64_t done = 0; done < commands;) {
        const uint64_t some = commands - done < CHURN ? commands - done : CHURN;
        const sim_id who = (sim_id)(l->leader % sim_nodes(l->t) + 1);
        if (!change(l, SIM_CHANGE_REMOVE, who, out) || !load_run(l, some, out) ||
            !change(l, SIM_CHANGE_ADD_VOTER, who, out))
            return false;
        done += some;
    }
    return true;
}

/* A long run in which every node takes a snapshot after so many entries, so that no log is
 * longer. */
static void run_behind_snapshots(const bench_case *c, part_fn *part, result *out)
{
    sim_config config = {.nodes = c->nodes, .seed = 1, .options_set = true};
    sim_options_default(&config.options);
    config.options.snapshot_every = 1000;
    load l;
    if (!load_start(&l, &config, out))
        return;
    run_tenths(&l, c, part, out);
    sim_free(l.t);
}

static void run_snapshots(const bench_case *c, result *out)
{
    run_behind_snapshots(c, load_run, out);
}

static void run_churn(const bench_case *c, result *out)
{
    run_behind_snapshots(c, churn, out);
}

/* Nothing but heartbeats, every 100 ms.  commands: virtual seconds. */
static void run_idle(const bench_case *c, result *out)
{
    sim_config config = {.nodes = c->nodes, .seed = 1, .options_set = true};
    sim_options_default(&config.options);
    config.options.heartbeat = 100000;
    load l;
    if (!load_start(&l, &config, out))
        return;
    sim_error e = {0};
    mark from = mark_now(l.t);
    if (sim_advance(l.t, c->commands * 1000000, &e))
        measured(l.t, from, 0, out);
    else
        fail(out, &e);
    sim_free(l.t);
}

static bool sink_nothing(void *self, const char *bytes, size_t len)
{
    (void)bytes;
    *(uint64_t *)self += len;
    return true;
}

static bool sink_file(void *self, const char *bytes, size_t len)
{
    return fwrite(bytes, 1, len, self) == len;
}

static void run_traced(const bench_case *c, trace_sink sink, result *out)
{
    static const char *const nodes[] = {"n1", "n2", "n3"};
    trace_header header = {.format = TRACE_FORMAT,
                           .program = TRACE_PROGRAM_VERSION,
                           .scenario = "bench",
                           .title = "bench",
                           .about = "",
                           .engine = "native",
                           .app = "counter",
                           .nodes = nodes,
                           .nodes_n = 3,
                           .seed = 1};
    trace_writer *w = trace_writer_new(sink, &sim_engine_native, &header);
    sim_observer observer = trace_writer_observer(w);
    load l;
    if (load_start(
            &l, &(sim_config){.nodes = 3, .seed = 1, .observers = &observer, .observers_n = 1},
            out)) {
        mark from = mark_now(l.t);
        bool well = load_run(&l, c->commands, out);
        if (!trace_writer_finish(w, "passed", "", sim_digest(l.t)) && well)
            snprintf(out->error, sizeof out->error, "the trace could not be written");
        measured(l.t, from, c->commands, out);
        sim_free(l.t);
    }
    trace_writer_free(w);
}

static void run_trace_null(const bench_case *c, result *out)
{
    uint64_t bytes = 0;
    run_traced(c, (trace_sink){sink_nothing, &bytes}, out);
}

static void run_trace_file(const bench_case *c, result *out)
{
    FILE *file = tmpfile();
    if (!file) {
        snprintf(out->error, sizeof out->error, "no temporary file: %s", strerror(errno));
        return;
    }
    run_traced(c, (trace_sink){sink_file, file}, out);
    fclose(file);
}

static const bench_case cases[] = {
    {"flow-3", "commands one at a time, all invariants, digest", 3, 100000, run_flow},
    {"flow-5", "the same, 5 nodes", 5, 100000, run_flow},
    {"flow-9", "the same, 9 nodes", 9, 100000, run_flow},
    {"flow-33", "the same, 33 nodes", 33, 20000, run_flow},
    {"short-log-3", "ten fresh tanks, 1,000 commands each", 3, 10000, run_short_log},
    {"long-log-3", "the last 10,000 of 100,000 commands", 3, 100000, run_long_log},
    {"short-log-5", "the same with 5 nodes", 5, 10000, run_short_log},
    {"long-log-5", "the same with 5 nodes", 5, 100000, run_long_log},
    {"snapshots-3", "a long run with snapshots", 3, 1000000, run_snapshots},
    {"churn-5", "a member leaves and comes back every 20 commands", 5, 100000, run_churn},
    {"idle-3", "heartbeats every 100 ms and nothing else", 3, 100000, run_idle},
    {"memory-25k", "peak memory with 25,000 entries", 3, 25000, run_flow},
    {"memory-50k", "peak memory with 50,000 entries", 3, 50000, run_flow},
    {"memory-100k", "peak memory with 100,000 entries", 3, 100000, run_flow},
    {"trace-null", "a full trace, written to nowhere", 3, 20000, run_trace_null},
    {"trace-file", "a full trace, written to a file", 3, 20000, run_trace_file},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* ---- one case in a process of its own -----------------------------------------------------
 */

static _Noreturn void child(const bench_case *c, int to)
{
    result r = {0};
    c->run(c, &r);
    bool well = write(to, &r, sizeof r) == (ssize_t)sizeof r;
    _exit(well ? 0 : 1);
}

static bool run_case(const bench_case *c, result *out, uint64_t *peak_kib)
{
    int pipe_ends[2];
    if (pipe(pipe_ends)) {
        perror("wavetank-bench: pipe");
        return false;
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        perror("wavetank-bench: fork");
        return false;
    }
    if (!pid) {
        close(pipe_ends[0]);
        child(c, pipe_ends[1]);
    }
    close(pipe_ends[1]);
    ssize_t got = read(pipe_ends[0], out, sizeof *out);
    close(pipe_ends[0]);
    int status = 0;
    struct rusage usage;
    if (wait4(pid, &status, 0, &usage) < 0 || got != (ssize_t)sizeof *out || status) {
        fprintf(stderr, "wavetank-bench: case %s ended early\n", c->name);
        return false;
    }
    if (out->error[0]) {
        fprintf(stderr, "wavetank-bench: case %s: %s\n", c->name, out->error);
        return false;
    }
    *peak_kib = (uint64_t)usage.ru_maxrss;
    return true;
}

/* ---- output ---------------------------------------------------------------------------------
 */

typedef struct rates {
    double virtual_s, cpu_s, events, commands, notes, seconds; /* the last four a CPU second */
} rates;

static rates rates_of(const result *r)
{
    double cpu = r->cpu_ns ? (double)r->cpu_ns / 1e9 : 1e-9;
    double seconds = (double)r->virtual_us / 1e6;
    return (rates){seconds,
                   cpu,
                   (double)r->events / cpu,
                   (double)r->commands / cpu,
                   (double)r->notes / cpu,
                   seconds / cpu};
}

static void print_head(void)
{
    printf("%-12s %5s %10s %8s %10s %7s %9s %12s %12s %12s  %s\n", "case", "nodes", "events",
           "commands", "virtual s", "cpu s", "peak KiB", "events/s", "commands/s",
           "virtual s/s", "what");
}

static double tenth_rate(const tenth *t)
{
    return (double)t->events / (t->cpu_ns ? (double)t->cpu_ns / 1e9 : 1e-9);
}

static void print_tenths(const result *r)
{
    printf("%-12s each tenth, million events/s:", "");
    for (uint32_t i = 0; i < r->tenths_n; i++)
        printf(" %.2f", tenth_rate(&r->tenths[i]) / 1e6);
    printf("\n%-12s each tenth, peak KiB:", "");
    for (uint32_t i = 0; i < r->tenths_n; i++)
        printf(" %" PRIu64, r->tenths[i].peak_kib);
    printf("\n");
}

static void print_row(const bench_case *c, const result *r, uint64_t peak_kib)
{
    rates s = rates_of(r);
    printf("%-12s %5u %10" PRIu64 " %8" PRIu64 " %10.0f %7.2f %9" PRIu64
           " %12.0f %12.0f %12.0f  %s\n",
           c->name, c->nodes, r->events, r->commands, s.virtual_s, s.cpu_s, peak_kib, s.events,
           s.commands, s.seconds, c->about);
    if (r->tenths_n)
        print_tenths(r);
    fflush(stdout);
}

static void print_json_tenths(const result *r)
{
    printf(",\"tenths\":[");
    for (uint32_t i = 0; i < r->tenths_n; i++)
        printf("%s{\"events_per_s\":%.0f,\"peak_kib\":%" PRIu64 "}", i ? "," : "",
               tenth_rate(&r->tenths[i]), r->tenths[i].peak_kib);
    printf("]");
}

static void print_json(const bench_case *c, const result *r, uint64_t peak_kib)
{
    rates s = rates_of(r);
    printf("{\"case\":\"%s\",\"nodes\":%u,\"events\":%" PRIu64 ",\"commands\":%" PRIu64
           ",\"notes\":%" PRIu64 ",\"virtual_s\":%.6f,\"cpu_s\":%.6f,\"peak_kib\":%" PRIu64
           ",\"events_per_s\":%.0f,\"commands_per_s\":%.0f,\"notes_per_s\":%.0f,"
           "\"virtual_per_s\":%.0f",
           c->name, c->nodes, r->events, r->commands, r->notes, s.virtual_s, s.cpu_s, peak_kib,
           s.events, s.commands, s.notes, s.seconds);
    if (r->tenths_n)
        print_json_tenths(r);
    printf("}\n");
    fflush(stdout);
}

/* ---- the command line
 * -------------------------------------------------------------------------- */

static const char help[] =
    "usage: wavetank-bench [--json] [--only CASE] [--scale N] [--list] [--help]\n"
    "\n"
    "Measures the tank: events, commands and virtual seconds a CPU second, and the peak of\n"
    "memory.  Each case runs in a process of its own.\n"
    "\n"
    "  --json       one JSON object a case, a line each, instead of the table\n"
    "  --only CASE  this case; may be given more than once\n"
    "  --scale N    do 1/N of the work (figures get rough)\n"
    "  --list       the names of the cases\n"
    "  --help       this text\n";

typedef struct arguments {
    bool json, only[CASES], some;
    uint64_t scale;
} arguments;

static int usage_error(const char *what, const char *argument)
{
    fprintf(stderr, "wavetank-bench: %s '%s'; see wavetank-bench --help\n", what, argument);
    return 2;
}

static bool choose(arguments *a, const char *name)
{
    for (size_t i = 0; i < CASES; i++)
        if (!strcmp(cases[i].name, name))
            return a->only[i] = a->some = true;
    return false;
}

/* -1: go on; else the exit code. */
static int parse(arguments *a, int argc, char **argv)
{
    *a = (arguments){.scale = 1};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(argv[i], "--help")) {
            fputs(help, stdout);
            return 0;
        } else if (!strcmp(argv[i], "--list")) {
            for (size_t k = 0; k < CASES; k++)
                printf("%-12s %s\n", cases[k].name, cases[k].about);
            return 0;
        } else if (!strcmp(argv[i], "--json")) {
            a->json = true;
        } else if (!strcmp(argv[i], "--only")) {
            if (!value || !choose(a, value))
                return usage_error("no such case", value ? value : "");
            i++;
        } else if (!strcmp(argv[i], "--scale")) {
            if (!value || !sim_parse_u64(value, strlen(value), &a->scale) || !a->scale)
                return usage_error("--scale wants a number, not", value ? value : "");
            i++;
        } else {
            return usage_error("unknown argument", argv[i]);
        }
    }
    return -1;
}

int main(int argc, char **argv)
{
    arguments a;
    int code = parse(&a, argc, argv);
    if (code >= 0)
        return code;
    if (!a.json)
        print_head();
    bool well = true;
    for (size_t i = 0; i < CASES; i++) {
        if (a.some && !a.only[i])
            continue;
        bench_case c = cases[i];
        c.commands = c.commands / a.scale < 10 ? 10 : c.commands / a.scale;
        result r = {0};
        uint64_t peak_kib = 0;
        if (!run_case(&c, &r, &peak_kib))
            well = false;
        else if (a.json)
            print_json(&c, &r, peak_kib);
        else
            print_row(&c, &r, peak_kib);
    }
    return well ? 0 : 1;
}
