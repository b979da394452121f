/* story.c - one run of one scenario (see story.h). */
#include "tools/story.h"
#include "tools/breach.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { REPORT_EVENTS = 10 };

static int exit_code_of(scenario_result result)
{
    static const int codes[] = {
        [SCENARIO_PASSED] = CMD_OK,           [SCENARIO_FAILED] = CMD_FAILED,
        [SCENARIO_VIOLATION] = CMD_FAILED,    [SCENARIO_NO_PROGRESS] = CMD_NO_PROGRESS,
        [SCENARIO_STOPPED] = CMD_INTERRUPTED,
    };
    return codes[result];
}

void story_why(const scenario_outcome *outcome, sim_text *out)
{
    if (outcome->result == SCENARIO_PASSED)
        return;
    if (outcome->where.line > 0)
        sim_text_format(out, "line %u: ", outcome->where.line);
    if (outcome->expected && outcome->actual)
        sim_text_format(out, "expected %s, found %s", outcome->expected, outcome->actual);
    else
        sim_text_put(out, outcome->where.text ? outcome->where.text : "");
}

static void run_tank(load *l, sim *tank, trace_writer *writer, const volatile bool *stop,
                     story *out)
{
    scenario_run(l->scenario, tank, stop, &out->outcome);
    out->ran = true;
    out->code = exit_code_of(out->outcome.result);
    out->events = sim_events(tank);
    out->seqs = sim_seq(tank);
    out->digest = sim_digest(tank);
    if (out->outcome.result == SCENARIO_STOPPED) {
        out->written = trace_writer_flush(writer); /* cut short: no footer */
        return;
    }
    sim_text why = {0};
    sim_text_put(&why, "");
    story_why(&out->outcome, &why);
    out->written = trace_writer_finish(writer, scenario_result_name(out->outcome.result),
                                       why.at, out->digest);
    sim_text_free(&why);
}

void story_run(load *l, const load_name *name, const scenario_overrides *over, trace_sink sink,
               const volatile bool *stop, story *out)
{
    *out = (story){.code = CMD_USAGE, .written = true};
    sim_arena arena = {0};
    trace_header header;
    load_header(l->scenario, name, over, &arena, &header);
    const sim_engine *engine = scenario_config(l->scenario)->engine;
    trace_writer *writer = trace_writer_new(sink, engine, &header);
    sim_observer observer = trace_writer_observer(writer);
    scenario_overrides observed = *over;
    observed.observers = &observer;
    observed.observers_n = 1;
    sim *tank = scenario_tank(l->scenario, &observed, &l->diags);
    if (tank) {
        run_tank(l, tank, writer, stop, out);
        sim_free(tank);
    }
    trace_writer_free(writer);
    sim_arena_free(&arena);
}

void story_free(story *s)
{
    if (s->ran)
        scenario_outcome_free(&s->outcome);
    *s = (story){0};
}

/* ---- a moment --------------------------------------------------------------------- */

static void heading(const char *text, bool colour, sim_text *out)
{
    sim_text_format(out, "\n%s%s%s\n", colour ? "\033[1m" : "", text, colour ? "\033[0m" : "");
}

/* Lines of other text, each behind two blanks. */
static void add_indented(const sim_text *text, sim_text *out)
{
    const char *at = text->at;
    while (at && *at) {
        size_t len = strcspn(at, "\n");
        if (len > 0)
            sim_text_put(out, "  ");
        sim_text_add(out, at, len);
        sim_text_char(out, '\n');
        at += len + (at[len] == '\n');
    }
}

static void add_events(const trace *t, uint64_t seq, uint32_t events_max, bool colour,
                       sim_text *out)
{
    uint64_t first = seq > events_max ? seq - events_max + 1 : 1;
    for (uint64_t i = first; i <= seq; i++) {
        trace_event_line(t, &t->events[i - 1], colour, out);
        sim_text_char(out, '\n');
    }
}

void story_moment(const trace *t, uint64_t seq, uint32_t events_max, bool colour, sim_text *out)
{
    trace_model *model = trace_model_new(t);
    trace_model_seek(model, seq);
    sim_text part = {0};
    uint32_t queue_n = 0;

    sim_text title = {0};
    sim_text_format(&title, "Nodes after event %" PRIu64 " of %" PRIu64 ", at ", seq,
                    t->events_n);
    sim_text_us(&title, trace_model_at_us(model));
    heading(title.at, colour, out);
    trace_model_table(model, colour, out);

    trace_model_queue(model, &queue_n);
    sim_text_clear(&title);
    sim_text_format(&title, "Queue (%u message%s in flight)", queue_n, sim_plural(queue_n));
    heading(title.at, colour, out);
    trace_model_queue_lines(model, colour, out);

    if (events_max > 0 && seq > 0) {
        heading(seq > 1 ? "Last events" : "Last event", colour, out);
        add_events(t, seq, events_max, colour, &part);
        add_indented(&part, out);
    }
    sim_text_free(&title);
    sim_text_free(&part);
    trace_model_free(model);
}

void story_bugs(const trace_header *header, sim_text *out)
{
    if (!header->bugs_n)
        return;
    sim_text_put(out, header->bugs_n == 1 ? "planted bug:" : "planted bugs:");
    for (uint32_t i = 0; i < header->bugs_n; i++)
        sim_text_format(out, " %s", header->bugs[i]);
    sim_text_char(out, '\n');
}

/* ---- the report ------------------------------------------------------------------- */

uint64_t story_failing_seq(const trace *t)
{
    for (uint64_t i = 0; i < t->events_n; i++) {
        const trace_event *e = &t->events[i];
        if (e->kind == SIM_NOTE_VIOLATION)
            return e->seq;
        if (e->kind == SIM_NOTE_EXPECT && strcmp(trace_text_of(e, "passed"), "no") == 0)
            return e->seq;
    }
    return t->events_n;
}

void story_shell_word(const char *path, sim_text *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./,:=+@%";
    if (*path && strspn(path, plain) == strlen(path)) {
        sim_text_put(out, path);
        return;
    }
    sim_text_char(out, '\'');
    for (; *path; path++) {
        if (*path == '\'')
            sim_text_put(out, "'\\''");
        else
            sim_text_char(out, *path);
    }
    sim_text_char(out, '\'');
}

/* The commands can be typed as they stand, so the program is called as it was. */
static void add_command(const char *what, const char *command, const char *path,
                        const char *behind, sim_text *out)
{
    sim_text_format(out, "  %-13s ", what);
    story_shell_word(program_invocation_name, out);
    sim_text_format(out, " %s ", command);
    story_shell_word(path, out);
    sim_text_format(out, "%s\n", behind);
}

/* A trace holds all that its run was given; a scenario has to be given it again. */
static void add_commands(const load_name *name, const char *trace_path, uint64_t seq,
                         const scenario_overrides *over, sim_text *out)
{
    const char *path = trace_path ? trace_path : name->path.at;
    sim_text again = {0}, at = {0};
    sim_text_put(&again, "");
    if (!trace_path && over->seed)
        sim_text_format(&again, " --seed %" PRIu64, *over->seed);
    for (uint32_t i = 0; !trace_path && i < over->bugs_n; i++)
        sim_text_format(&again, " --bug %s", over->bugs[i]);
    sim_text_format(&at, "%s --at %" PRIu64, again.at, seq);
    add_command("replay to it", "replay", path, at.at, out);
    add_command("step to it", "replay --step", path, at.at, out);
    add_command("draw it", trace_path ? "render" : "run --svg", path, again.at, out);
    sim_text_free(&again);
    sim_text_free(&at);
}

void story_report(const story *s, const load_name *name, const trace *t, const char *trace_path,
                  const scenario_overrides *over, bool colour, sim_text *out)
{
    scenario_diagnostic_show(&s->outcome.where, colour, out);
    if (s->outcome.expected)
        sim_text_format(out, "          expected  %s\n          actual    %s\n",
                        s->outcome.expected, s->outcome.actual ? s->outcome.actual : "");
    uint64_t seq = story_failing_seq(t);
    if (seq && t->events[seq - 1].kind == SIM_NOTE_VIOLATION)
        breach_tell(t, &t->events[seq - 1], colour, out);
    story_moment(t, seq, REPORT_EVENTS, colour, out);
    heading("What next", colour, out);
    add_commands(name, trace_path, seq, over, out);
}
