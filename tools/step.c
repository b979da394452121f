/* step.c - `wavetank replay --step`: one trace, one place in it, and keys that move it.
 *
 * The same table of keys serves the terminal and, when standard input is no terminal,
 * lines of commands; the same views are drawn on the screen and printed. */
#include "tools/step.h"
#include "sim/base/memory.h"
#include "sim/options.h"
#include "tools/breach.h"
#include "tools/cmd.h"
#include "tools/step_view.h"
#include "tools/story.h"
#include "tools/terminal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 10 };

/* ---- moving ------------------------------------------------------------------------- */

static void say(step *s, const char *text)
{
    sim_text_clear(&s->message);
    sim_text_put(&s->message, text);
}

static const trace_event *event_at(const step *s, uint64_t seq)
{
    return &s->trace->events[seq - 1];
}

/* The nearest event after (or before) the current one for which wanted holds. */
static void find(step *s, bool (*wanted)(const trace_event *e), bool back, const char *none)
{
    for (uint64_t i = s->seq; back ? i > 1 : i < s->trace->events_n;) {
        i = back ? i - 1 : i + 1;
        if (wanted(event_at(s, i))) {
            s->seq = i;
            return;
        }
    }
    say(s, none);
}

static bool is_landmark(const trace_event *e)
{
    switch ((int)e->kind) {
    case SIM_NOTE_SECTION:
    case SIM_NOTE_SEND:
    case SIM_NOTE_DELIVER:
    case SIM_NOTE_DROP:
    case SIM_NOTE_DUPLICATE:
    case SIM_NOTE_HOLD:
        return true;
    default:
        return false;
    }
}

static bool is_section(const trace_event *e)
{
    return e->kind == SIM_NOTE_SECTION;
}

static bool is_judgement(const trace_event *e)
{
    return e->kind == SIM_NOTE_EXPECT || e->kind == SIM_NOTE_VIOLATION;
}

static void go(step *s, uint64_t seq, const char *beyond)
{
    uint64_t last = s->trace->events_n;
    if (seq < 1 || seq > last)
        say(s, beyond);
    s->seq = seq < 1 ? 1 : seq > last ? last : seq;
}

static void next(step *s, const char *a)
{
    (void)a;
    go(s, s->seq + 1, "this is the last event");
}
static void previous(step *s, const char *a)
{
    (void)a;
    go(s, s->seq - 1, "this is the first event");
}
static void page_next(step *s, const char *a)
{
    (void)a;
    go(s, s->seq + PAGE, "this is the last event");
}
static void page_previous(step *s, const char *a)
{
    (void)a;
    go(s, s->seq > PAGE ? s->seq - PAGE : 0, "this is the first event");
}
static void first(step *s, const char *a)
{
    (void)a;
    s->seq = 1;
}
static void last(step *s, const char *a)
{
    (void)a;
    s->seq = s->trace->events_n;
}
static void next_message(step *s, const char *a)
{
    (void)a;
    find(s, is_landmark, false, "no message or section after this");
}
static void previous_message(step *s, const char *a)
{
    (void)a;
    find(s, is_landmark, true, "no message or section before this");
}
static void next_section(step *s, const char *a)
{
    (void)a;
    find(s, is_section, false, "this is the last section");
}
static void previous_section(step *s, const char *a)
{
    (void)a;
    find(s, is_section, true, "no section before this");
}

/* First to what went wrong, if anything did; then from one expectation to the next. */
static void next_judgement(step *s, const char *a)
{
    (void)a;
    find(s, is_judgement, false, "no expectation after this");
}
static void failure(step *s, const char *a)
{
    (void)a;
    if (step_has_failure(s->trace))
        s->seq = story_failing_seq(s->trace);
    else
        say(s, "nothing failed in this trace");
}

static void cause(step *s, const char *a)
{
    (void)a;
    uint64_t seq = event_at(s, s->seq)->cause;
    if (seq == 0)
        say(s, "its cause is the script itself");
    else
        s->seq = seq;
}

/* The first event that this one led to. */
static void effect(step *s, const char *a)
{
    (void)a;
    for (uint64_t i = s->seq + 1; i <= s->trace->events_n; i++)
        if (event_at(s, i)->cause == s->seq) {
            s->seq = i;
            return;
        }
    say(s, "it led to nothing");
}

/* To what caused a fact of the violation, wherever in the trace one stands. */
static void fact(step *s, int which)
{
    const uint64_t failing = story_failing_seq(s->trace);
    const trace_event *e = event_at(s, s->seq);
    if (e->kind != SIM_NOTE_VIOLATION)
        e = event_at(s, failing);
    const uint64_t seq = e->kind == SIM_NOTE_VIOLATION ? breach_seq(e, which) : 0;
    if (seq)
        s->seq = seq;
    else
        say(s, e->kind == SIM_NOTE_VIOLATION ? "no event led to it: it was so from the start"
                                             : "nothing is violated in this trace");
}
static void first_fact(step *s, const char *a)
{
    (void)a;
    fact(s, 0);
}
static void other_fact(step *s, const char *a)
{
    (void)a;
    fact(s, 1);
}

static void go_to(step *s, const char *argument)
{
    uint64_t seq = 0;
    if (!sim_parse_u64(argument, strlen(argument), &seq) || seq < 1 ||
        seq > s->trace->events_n) {
        sim_text_clear(&s->message);
        sim_text_format(&s->message, "there is no event '%s': 1 to %" PRIu64, argument,
                        s->trace->events_n);
        s->mistakes++;
    } else {
        s->seq = seq;
    }
}

static void search(step *s, const char *argument)
{
    if (*argument) {
        sim_text_clear(&s->wanted);
        sim_text_put(&s->wanted, argument);
    }
    if (s->wanted.len == 0)
        return;
    sim_text line = {0};
    for (uint64_t n = 1; n <= s->trace->events_n; n++) {
        uint64_t i = (s->seq - 1 + n) % s->trace->events_n + 1;
        sim_text_clear(&line);
        trace_event_line(s->trace, event_at(s, i), false, &line);
        if (!strcasestr(line.at, s->wanted.at))
            continue;
        if (i <= s->seq)
            say(s, "searched on from the start");
        s->seq = i;
        sim_text_free(&line);
        return;
    }
    sim_text_free(&line);
    sim_text_clear(&s->message);
    sim_text_format(&s->message, "'%s' is nowhere", s->wanted.at);
}

static void show_help(step *s, const char *a)
{
    (void)a;
    s->help = !s->help;
}
static void quit(step *s, const char *a)
{
    (void)a;
    s->done = true;
}

static const struct key {
    int keys[5]; /* the first one is shown */
    const char *shown, *what;
    const char *ask; /* the key wants a word behind it */
    void (*act)(step *s, const char *argument);
} keys[] = {
    {{'n', ' ', KEY_RIGHT, KEY_DOWN, '\r'}, "n  space  →", "next event", NULL, next},
    {{'p', KEY_LEFT, KEY_UP, 127, 'b'}, "p  ←", "previous event", NULL, previous},
    {{'N'}, "N", "next message or section", NULL, next_message},
    {{'P'}, "P", "previous message or section", NULL, previous_message},
    {{'s'}, "s", "next section", NULL, next_section},
    {{'S'}, "S", "previous section", NULL, previous_section},
    {{'e'}, "e", "next expectation or violation", NULL, next_judgement},
    {{'f'}, "f", "the failure, if there is one", NULL, failure},
    {{'1'}, "1", "what caused the first fact of a violation", NULL, first_fact},
    {{'2'}, "2", "what caused the fact that contradicts it", NULL, other_fact},
    {{'c'}, "c", "the cause: the event that led to this one", NULL, cause},
    {{'v'}, "v", "the effect: the first event that this one led to", NULL, effect},
    {{'g'}, "g SEQ", "go to an event", "go to event: ", go_to},
    {{'/'}, "/ TEXT", "search on; empty: the same again", "/", search},
    {{KEY_PAGE_DOWN, 'd'}, "d  PgDn", "ten events on", NULL, page_next},
    {{KEY_PAGE_UP, 'u'}, "u  PgUp", "ten events back", NULL, page_previous},
    {{KEY_HOME, '<'}, "<  Home", "the first event", NULL, first},
    {{KEY_END, '>'}, ">  End", "the last event", NULL, last},
    {{'h', '?'}, "h  ?", "this help, and away with it", NULL, show_help},
    {{'q', KEY_CLOSED}, "q", "quit", NULL, quit},
};

void step_keys(sim_text *out)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        sim_text_format(out, "  %s", keys[i].shown);
        sim_text_pad(out, 16);
        sim_text_format(out, "%s\n", keys[i].what);
    }
}

static const struct key *key_of(int code)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (size_t k = 0; k < sizeof keys[i].keys / sizeof *keys[i].keys; k++)
            if (keys[i].keys[k] == code && code != 0)
                return &keys[i];
    return NULL;
}

/* ---- line by line -------------------------------------------------------------------- */

static void do_line(step *s, char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    char code = line[0] ? line[0] : 'n'; /* an empty line is "next" */
    const struct key *k = key_of(code);
    const char *argument = line[0] ? line + 1 : line;
    while (*argument == ' ')
        argument++;
    if (!k || (!k->ask && *argument)) {
        sim_text_clear(&s->message);
        sim_text_format(&s->message, "there is no command '%s'; h lists them", line);
        s->mistakes++;
        return;
    }
    k->act(s, argument);
}

static int walk_lines(step *s)
{
    sim_text out = {0};
    char *line = NULL;
    size_t capacity = 0;
    while (!s->done) {
        sim_text_clear(&out);
        step_print(s, &out);
        fputs(out.at, stdout);
        fflush(stdout);
        sim_text_clear(&s->message);
        s->help = false;
        if (getline(&line, &capacity, stdin) < 0)
            break;
        do_line(s, line);
    }
    free(line);
    sim_text_free(&out);
    return cmd_flush(s->mistakes > 0 ? CMD_USAGE : CMD_OK);
}

/* ---- in the terminal ------------------------------------------------------------------- */

static void do_key(step *s, int code)
{
    const struct key *k = key_of(code);
    if (code == KEY_RESIZED)
        return;
    if (s->help && code != 'q' && code != KEY_CLOSED) { /* any key puts the help away */
        s->help = false;
        return;
    }
    if (!k) {
        say(s, "h lists the keys");
        return;
    }
    sim_text answer = {0};
    sim_text_put(&answer, "");
    if (!k->ask || terminal_ask(k->ask, &answer))
        k->act(s, answer.at);
    sim_text_free(&answer);
}

static int walk_screen(step *s)
{
    sim_text out = {0};
    int code = CMD_OK;
    while (!s->done) {
        int rows, columns;
        terminal_size(&rows, &columns);
        sim_text_clear(&out);
        step_screen(s, rows, columns, &out);
        terminal_draw(&out);
        int key = terminal_key();
        sim_text_clear(&s->message);
        if (key == KEY_CLOSED)
            code = CMD_INTERRUPTED;
        do_key(s, key);
    }
    sim_text_free(&out);
    return code;
}

int step_walk(const trace *t, uint64_t seq)
{
    if (t->events_n == 0) {
        cmd_message("replay: the trace has no events");
        return CMD_USAGE;
    }
    step s = {.trace = t, .model = trace_model_new(t), .seq = seq < 1 ? 1 : seq};
    if (s.seq > t->events_n)
        s.seq = t->events_n;
    int code;
    if (terminal_open()) {
        s.colour = cmd_colour(stdout);
        code = walk_screen(&s);
        terminal_close();
    } else {
        code = walk_lines(&s);
    }
    trace_model_free(s.model);
    sim_text_free(&s.message);
    sim_text_free(&s.wanted);
    return code;
}
