/* run_one.c - one scenario for `wavetank run`: from the file to what stands below --out. */
#include "tools/run.h"
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum {
    KEPT_BYTES_MAX = 64 << 20, /* of a trace in memory while it is written */
};

const char *run_verdict_name(run_verdict v)
{
    static const char *const names[RUN_VERDICT_COUNT] = {
        [RUN_NOT_RUN] = "not run",         [RUN_PASSED] = "passed",     [RUN_FAILED] = "failed",
        [RUN_NO_PROGRESS] = "no progress", [RUN_MISTAKES] = "mistakes", [RUN_SYSTEM] = "error",
        [RUN_STOPPED] = "interrupted",
    };
    return names[v];
}

void run_result_free(run_result *r)
{
    sim_text_free(&r->report);
    sim_text_free(&r->mistakes);
    sim_text_free(&r->why);
    sim_text_free(&r->trace);
    *r = (run_result){0};
}

static void set(run_result *out, run_verdict verdict, int code)
{
    out->verdict = verdict;
    out->code = code;
}

/* The system failed: told on standard error, and nobody else needs to try to write. */
static void broken(run_result *out, const load_name *name, const char *text)
{
    set(out, RUN_SYSTEM, CMD_SYSTEM);
    out->fatal = true;
    sim_text_format(&out->mistakes, "wavetank: %s: %s\n", name->path.at, text);
    sim_text_clear(&out->why);
    sim_text_put(&out->why, text);
}

static void tell_mistakes(const load *l, run_result *out)
{
    int code = load_tell(l, false, &out->mistakes);
    set(out, code == CMD_SYSTEM ? RUN_SYSTEM : RUN_MISTAKES, code);
    const scenario_diagnostics *d = &l->diags;
    if (d->n == 0)
        sim_text_put(&out->why, l->error.text);
    else
        sim_text_format(&out->why, "%u:%u: %s", d->at[0].line, d->at[0].column, d->at[0].text);
    if (d->errors > 1)
        sim_text_format(&out->why, " (and %u more)", d->errors - 1);
}

static run_verdict verdict_of(int code)
{
    switch (code) {
    case CMD_OK:
        return RUN_PASSED;
    case CMD_NO_PROGRESS:
        return RUN_NO_PROGRESS;
    case CMD_INTERRUPTED:
        return RUN_STOPPED;
    default:
        return RUN_FAILED;
    }
}

/* The trace as it was written: where all that follows comes from.  NULL: it was told why. */
static trace *read_back(const sim_text *bytes, run_result *out, const load_name *name)
{
    trace_error error;
    trace *t = trace_read(bytes->at, bytes->len, &error);
    if (!t) {
        sim_text why = {0};
        sim_text_format(&why, "its trace cannot be read: line %" PRIu64 ": %s", error.line,
                        error.text);
        broken(out, name, why.at);
        sim_text_free(&why);
    }
    return t;
}

static void after_run(const run_settings *s, const load_name *name, const story *ran,
                      const sim_text *bytes, run_result *out)
{
    trace *t = read_back(bytes, out, name);
    if (!t)
        return;
    if (out->code == CMD_FAILED || out->code == CMD_NO_PROGRESS)
        story_report(ran, name, t, out->trace.len > 0 ? out->trace.at : NULL, &s->over,
                     s->colour, &out->report);
    files_error error = {0};
    if (s->out && !outputs_write(s->out, name->short_name.at, t, &error))
        broken(out, name, error.text);
    bool system_failed = false;
    if (s->golden && ran->code != CMD_INTERRUPTED && out->code != CMD_SYSTEM &&
        !golden_check(s, name, bytes, &out->report, &system_failed)) {
        set(out, system_failed ? RUN_SYSTEM : RUN_FAILED,
            system_failed ? CMD_SYSTEM : cmd_worse(out->code, CMD_FAILED));
        if (out->why.len == 0)
            sim_text_put(&out->why, "the trace differs from the golden one");
    }
    trace_free(t);
}

/* Bytes go to a file as the run goes, and are kept for what is made from them, as long as
 * they are not too many. */
typedef struct tee {
    files_stream *file; /* NULL: only kept */
    sim_text *kept;
    bool too_many; /* kept is empty: the file has them, if there is one */
} tee;

static bool tee_write(void *self, const char *bytes, size_t len)
{
    tee *both = self;
    if (!both->too_many && both->kept->len + len > KEPT_BYTES_MAX) {
        both->too_many = true;
        sim_text_free(both->kept);
    }
    if (!both->too_many)
        sim_text_add(both->kept, bytes, len);
    if (!both->file)
        return true;
    trace_sink sink = files_stream_sink(both->file);
    return sink.write(sink.self, bytes, len);
}

/* Reads the file that was just written.  A trace beyond all bounds is no failure: it
 * stands there whole, only nothing more is made from it. */
static bool fetch(tee *both, run_result *out, const load_name *name)
{
    files_error error;
    if (!both->too_many)
        return true;
    if (both->file && files_read(out->trace.at, LOAD_TRACE_BYTES_MAX, both->kept, &error))
        return true;
    if (both->file)
        sim_text_format(&out->mistakes,
                        "wavetank: %s\n          = it stands there whole; no tables and no "
                        "diagrams were made from it, and old ones were removed\n",
                        error.text);
    else
        sim_text_format(&out->mistakes,
                        "wavetank: %s: the trace is too long to be reported from memory\n"
                        "          = run it without --no-trace\n",
                        name->path.at);
    return false;
}

static void say_outcome(const story *ran, run_result *out)
{
    set(out, verdict_of(ran->code), ran->code);
    out->expects = ran->outcome.expects;
    out->events = ran->seqs;
    if (out->code != CMD_OK)
        story_why(&ran->outcome, &out->why);
}

static void run_loaded(const run_settings *s, load *l, const load_name *name,
                       const volatile bool *stop, run_result *out)
{
    files_stream file = {0};
    sim_text bytes = {0};
    tee both = {s->out ? &file : NULL, &bytes, false};
    if (s->out) {
        outputs_path(s->out, "json", name->short_name.at, ".trace.jsonl", &out->trace);
        if (!files_stream_open(&file, out->trace.at)) {
            broken(out, name, file.error.text);
            return;
        }
    }
    story told;
    story_run(l, name, &s->over, (trace_sink){tee_write, &both}, stop, &told);
    bool closed = !s->out || files_stream_close(&file);
    if (!told.ran) {
        tell_mistakes(l, out);
        if (s->out)
            unlink(out->trace.at);
    } else {
        say_outcome(&told, out);
        if (!closed || (!told.written && s->out)) {
            broken(out, name, file.error.text);
            sim_text_format(&out->mistakes,
                            "          = what was finished before is kept; %s ends early\n",
                            out->trace.at);
        } else if (!s->out && !s->golden && out->code == CMD_OK) {
            /* nothing is to be made from the trace */
        } else if (out->verdict != RUN_STOPPED && fetch(&both, out, name)) {
            after_run(s, name, &told, &bytes, out);
        } else { /* who interrupts does not want to wait for more */
            if (s->out)
                outputs_remove(s->out, name->short_name.at);
            if (out->verdict == RUN_FAILED || out->verdict == RUN_NO_PROGRESS)
                scenario_diagnostic_show(&told.outcome.where, s->colour, &out->report);
        }
    }
    story_free(&told);
    sim_text_free(&bytes);
}

void run_one(const run_settings *s, const load_name *name, const volatile bool *stop,
             run_result *out)
{
    *out = (run_result){0};
    uint64_t began = cmd_wall_us();
    load l;
    if (load_scenario(&l, name->path.at, s->features))
        run_loaded(s, &l, name, stop, out);
    else
        tell_mistakes(&l, out);
    load_free(&l);
    out->us = cmd_wall_us() - began;
}
