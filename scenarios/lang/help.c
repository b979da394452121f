/* help.c - what the tables know, as text for a terminal, as the reference page, and as
 * words for completion. */
#include "scenarios/lang/lang.h"

#include <stdlib.h>
#include <string.h>

enum { WRAP = 78 };

/* ---- plain text ------------------------------------------------------------------------- */

static void put_plain(sim_text *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != '`')
            sim_text_char(out, text[i]);
}

/* Fills lines up to WRAP columns; backquotes are for Markdown and go. */
static void put_wrapped(sim_text *out, const char *text, const char *indent)
{
    size_t column = 0;
    while (*text) {
        size_t n = strcspn(text, " "), quotes = 0;
        for (size_t i = 0; i < n; i++)
            quotes += text[i] == '`';
        size_t columns = sim_text_columns(text, n) - quotes;
        if (column && column + 1 + columns > WRAP - strlen(indent)) {
            sim_text_char(out, '\n');
            column = 0;
        }
        sim_text_put(out, column ? " " : indent);
        column += columns + (column > 0);
        put_plain(out, text, n);
        text += n + strspn(text + n, " ");
    }
    sim_text_char(out, '\n');
}

static void put_lines(sim_text *out, const char *text, const char *indent)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        sim_text_put(out, n ? indent : "");
        sim_text_add(out, text, n);
        sim_text_char(out, '\n');
        text += n + (text[n] == '\n');
    }
}

static void help_info(const scenario_command_info *c, bool condition, sim_text *out)
{
    sim_text_format(out, "%s - ", c->name);
    put_plain(out, c->summary, strlen(c->summary));
    sim_text_put(out, "\n\n");
    put_lines(out, c->forms, condition ? "    expect " : "    ");
    if (*c->text) {
        sim_text_char(out, '\n');
        put_wrapped(out, c->text, "");
    }
    sim_text_put(out, "\nFor example:\n\n");
    put_lines(out, c->example, "    ");
}

static const sim_option_info *option_named(const char *name)
{
    for (const sim_option_info *o = sim_option_table; o->name; o++)
        if (!strcmp(o->name, name))
            return o;
    return NULL;
}

static void help_option(const sim_option_info *o, sim_text *out)
{
    sim_text_format(out, "option %s - %s\n\n    option %s %s      (the default)\n", o->name,
                    o->help, o->name, o->standard);
}

static const lang_refusal *refusal_named(const char *name)
{
    for (const lang_refusal *r = lang_refusals; r->name; r++)
        if (!strcmp(r->name, name))
            return r;
    return NULL;
}

static void help_refusal(const lang_refusal *r, sim_text *out)
{
    sim_text_format(out, "%s - why a request came to nothing\n\n", r->name);
    put_wrapped(out, r->meaning, "");
    sim_text_format(out, "\n    expect NAME refused %s\n", r->name);
}

/* What all applications have in common. */
static const char app_manners[] =
    "Words of a command that hold blanks stand in quotes: `propose n1 \"put k \\\"two "
    "words\\\"\"`. What an application does not understand, or refuses, changes nothing and is "
    "answered with `error: …`: an answer like any other, so the request is `ok`.";

static void help_app(const sim_app *app, sim_text *out)
{
    sim_text_format(out, "app %s - %s\n\n", app->name, app->summary);
    for (const sim_app_command *c = app->commands; c->usage; c++) {
        sim_text_format(out, "    %s%s\n", c->usage, c->query ? "      (also with read)" : "");
        put_wrapped(out, c->answer, "        ");
    }
    sim_text_char(out, '\n');
    put_wrapped(out, app->text, "");
    sim_text_char(out, '\n');
    put_wrapped(out, app_manners, "");
}

static bool has_word(const char *forms, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = forms; len && (at = strstr(at, word)); at += len) {
        bool left = at == forms || at[-1] == ' ' || at[-1] == '\n' || at[-1] == '[';
        if (left && strchr(" \n]", at[len]))
            return true;
    }
    return false;
}

/* A word that stands in the forms of a condition (`redirect`), when it has no entry of its
 * own. */
static const scenario_command_info *condition_with(const char *word)
{
    uint32_t n;
    const scenario_command_info *all = scenario_conditions(&n);
    for (uint32_t i = 0; i < n; i++)
        if (has_word(all[i].forms, word) && word[0] >= 'a' && word[0] <= 'z')
            return &all[i];
    return NULL;
}

static void list_conditions(sim_text *out)
{
    uint32_t n;
    const scenario_command_info *all = scenario_conditions(&n);
    sim_text_put(out, "\nConditions ('help NAME' says more):\n");
    for (uint32_t i = 0; i < n; i++) {
        if (!i || strcmp(all[i].group, all[i - 1].group) != 0)
            sim_text_format(out, "\n%s\n", all[i].group);
        put_lines(out, all[i].forms, "    ");
    }
}

static const char *nearest_name(const char *name)
{
    const char *names[256];
    uint32_t commands, conditions, n = 0;
    const scenario_command_info *c = scenario_commands(&commands);
    const scenario_command_info *d = scenario_conditions(&conditions);
    for (uint32_t i = 0; i < commands && n < 256; i++)
        names[n++] = c[i].name;
    for (uint32_t i = 0; i < conditions && n < 256; i++)
        names[n++] = d[i].name;
    for (const sim_option_info *o = sim_option_table; o->name && n < 256; o++)
        names[n++] = o->name;
    for (const lang_refusal *r = lang_refusals; r->name && n < 256; r++)
        names[n++] = r->name;
    return sim_text_nearest(name, names, n);
}

bool scenario_help(const char *name, sim_text *out)
{
    const scenario_command_info *command = lang_command_named(name, strlen(name));
    const scenario_command_info *condition = lang_condition_named(name, strlen(name));
    const sim_option_info *option = option_named(name);
    const lang_refusal *refusal = refusal_named(name);
    if (!command && !condition && !option && !refusal)
        condition = condition_with(name);
    if (command)
        help_info(command, false, out);
    if (command && !strcmp(command->name, "expect"))
        list_conditions(out);
    if (condition) {
        if (command)
            sim_text_char(out, '\n');
        help_info(condition, true, out);
    }
    if (option) {
        if (command || condition)
            sim_text_char(out, '\n');
        help_option(option, out);
    }
    const sim_app *app = sim_app_find(name);
    if (refusal)
        help_refusal(refusal, out);
    if (app && !command) {
        if (condition || option)
            sim_text_char(out, '\n');
        help_app(app, out);
    }
    const bool found = command || condition || option || refusal || app;
    const char *near = found ? NULL : nearest_name(name);
    if (near)
        sim_text_put(out, near);
    return found;
}

/* ---- the reference page
 * ----------------------------------------------------------------------- */

static void reference_info(const scenario_command_info *c, const char *level, sim_text *out)
{
    sim_text_format(out, "%s `%s`\n\n%s\n\n", level, c->name, c->summary);
    put_lines(out, c->forms, "    ");
    sim_text_char(out, '\n');
    if (*c->text)
        sim_text_format(out, "%s\n\n", c->text);
    sim_text_put(out, "```scenario\n");
    sim_text_put(out, c->example);
    sim_text_put(out, "```\n\n");
}

static void reference_table(const scenario_command_info *all, uint32_t n, const char *level,
                            const char *entry, sim_text *out)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!i || strcmp(all[i].group, all[i - 1].group) != 0)
            sim_text_format(out, "%s %s\n\n", level, all[i].group);
        reference_info(&all[i], entry, out);
    }
}

/* A cell of a table must not hold a bar. */
static void put_cell(sim_text *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '|')
            sim_text_char(out, '\\');
        sim_text_char(out, *s);
    }
}

static void reference_options(sim_text *out)
{
    sim_text_put(out,
                 "## Options\n\nSet by `option NAME VALUE` before the first action. Times "
                 "are written with their unit, `20ms`, and a range with both ends, "
                 "`1ms..5ms`, or as one time; sizes in bytes, `100`, or as `64KiB`, `1MiB`; "
                 "ratios as `5%` or `1/200`; switches as `on` or `off`; all else is a "
                 "count.\n\n| option | default | what it is |\n|---|---|---|\n");
    for (const sim_option_info *o = sim_option_table; o->name; o++) {
        sim_text_format(out, "| `%s` | `%s` | ", o->name, o->standard);
        put_cell(out, o->help);
        sim_text_put(out, " |\n");
    }
    sim_text_char(out, '\n');
}

static void put_names(const char *const *names, sim_text *out)
{
    const char *comma = "";
    for (; names && *names; names++, comma = ", ")
        sim_text_format(out, "%s`%s`", comma, *names);
}

static void reference_messages(sim_text *out)
{
    const sim_engine *e = &sim_engine_native;
    sim_text_put(out, "## Messages and their fields\n\n"
                      "Every message also has `term`. `last` and `conflict` are index@term, "
                      "`granted` and `ok` are yes or no. A heartbeat is an AppendEntries "
                      "without entries.\n\n| type | fields |\n|---|---|\n");
    for (uint32_t type = 0; type < e->type_count; type++) {
        sim_text_format(out, "| `%s` | ", e->type_name(type));
        put_names(e->field_names(type), out);
        sim_text_put(out, " |\n");
    }
    sim_text_char(out, '\n');
}

static void reference_events(sim_text *out)
{
    sim_text_put(out, "## Events and their values\n\n"
                      "What `event` can ask for. The events about messages (send, deliver, "
                      "drop, duplicate, hold) also know the fields of the message.\n\n"
                      "| kind | values |\n|---|---|\n");
    for (uint32_t i = 0; i < SIM_NOTE_COUNT; i++) {
        sim_text_format(out, "| `%s` | ", sim_note_kind_name((sim_note_kind)i));
        put_names(sim_note_field_names((sim_note_kind)i), out);
        sim_text_put(out, " |\n");
    }
    sim_text_char(out, '\n');
}

static void reference_invariants(sim_text *out)
{
    sim_text_put(out, "## Invariants\n\nChecked after every step; `violation` names them.\n\n"
                      "| name | cite | what it says |\n|---|---|---|\n");
    for (const sim_invariant_info *i = sim_invariants; i->name; i++)
        sim_text_format(out, "| `%s` | %s | %s |\n", i->name, i->cite, i->meaning);
    sim_text_char(out, '\n');
}

static void reference_bugs(sim_text *out)
{
    const char *const *names = sim_engine_native.bug_names;
    if (!names || !*names)
        return;
    sim_text_put(out,
                 "## Bugs that can be planted\n\n"
                 "[Planted bugs](../bugs.md) tells how to use them, and [the thesis, section "
                 "by section](thesis.md) which rule each one breaks.\n\n"
                 "| name | what it does | what catches it |\n|---|---|---|\n");
    for (size_t i = 0; names[i]; i++)
        sim_text_format(out, "| `%s` | %s | %s |\n", names[i], sim_engine_native.bug_texts[i],
                        sim_engine_native.bug_catchers[i]);
    sim_text_char(out, '\n');
}

static void reference_refusals(sim_text *out)
{
    sim_text_put(out, "## Refusals\n\nWhy a request came to nothing, as `NAME refused WHY` "
                      "names it, and `response` in the trace.\n\n| name | when |\n|---|---|\n");
    for (const lang_refusal *r = lang_refusals; r->name; r++) {
        sim_text_format(out, "| `%s` | ", r->name);
        put_cell(out, r->meaning);
        sim_text_put(out, " |\n");
    }
    sim_text_char(out, '\n');
}

static void reference_apps(sim_text *out)
{
    sim_text_format(out,
                    "## Applications\n\n%s Those that say so can also be asked with "
                    "`read`.\n\n",
                    app_manners);
    for (const char *const *name = sim_app_names; *name; name++) {
        const sim_app *app = sim_app_find(*name);
        sim_text_format(out, "### `%s`\n\n%s\n\n| command | answer | `read` |\n|---|---|---|\n",
                        *name, app->summary);
        for (const sim_app_command *c = app->commands; c->usage; c++) {
            sim_text_format(out, "| `%s` | ", c->usage);
            put_cell(out, c->answer);
            sim_text_put(out, c->query ? " | yes |\n" : " | |\n");
        }
        sim_text_format(out, "\n%s\n\n", app->text);
    }
}

static const char opening[] =
    "# The scenario language\n\n"
    "*This page is made from the table of commands: `wavetank help --reference`. Every "
    "example on it is run by a test.*\n\n"
    "A scenario is a text file, `NAME.scenario`, that sets up a cluster, moves it step by step "
    "and says what must be true. One command a line, words separated by blanks, text in "
    "\"double quotes\" (with `\\\"`, `\\\\`, `\\n`, `\\$`), longer text between `\"\"\"`, "
    "comments from `#`. Indentation is for people. The symbols `->`, `<->` and `|` need no "
    "blanks around them. Durations are `150us`, `20ms`, `2s`, `5min`, `1h`; ranges "
    "`150ms..300ms`; ratios `5%` or `1/200`. `[ ]` is optional, `…` repeats.\n\n"
    "In **still water**, the default, virtual time stands still: `deliver` moves one message, "
    "`settle` all that can move, timers fire only by `timeout` and `heartbeat`, and a write is "
    "durable at once unless the disk is held. Time **flows** in `advance` and `await`: "
    "messages "
    "arrive after their latency, writes finish after theirs, timers fire. Both mix freely.\n\n"
    "**Nodes** are named one by one, or by a word: `all`; `leader`, which is the one of the "
    "highest term; `followers`, which are all that are followers at that moment; `others`, "
    "which are those that the line does not name. Where several nodes are named, they act in "
    "the order of the cluster.\n\n"
    "**Messages** are meant by their link, their type, or their number: `#7` behind `deliver`, "
    "`drop`, `duplicate`, `delay` and `corrupt` is the seventh that was sent; everywhere else "
    "`#` starts a comment. What is not said is any; of several that fit, the oldest is "
    "taken.\n\n"
    "A `cluster` must be set up, everything else has a default. Set-up stands before the first "
    "action. Every mistake of a file is reported before anything runs. A command that cannot "
    "do "
    "what it says fails the scenario, and so does the first broken invariant.\n\n";

void scenario_reference(sim_text *out)
{
    uint32_t n;
    sim_text_put(out, opening);
    const scenario_command_info *all = scenario_commands(&n);
    reference_table(all, n, "##", "###", out);
    sim_text_put(out, "## Conditions\n\nAfter `expect`, `await` and `settle until`.\n\n");
    all = scenario_conditions(&n);
    reference_table(all, n, "###", "####", out);
    reference_options(out);
    reference_messages(out);
    reference_events(out);
    reference_refusals(out);
    reference_apps(out);
    reference_invariants(out);
    reference_bugs(out);
}

/* ---- completion
 * ------------------------------------------------------------------------------------ */

void scenario_names(scenario_name_fn *fn, void *self)
{
    static const char *const words[] = {
        "all",    "leader",  "followers", "others",   "nobody", "and",      "not",   "no",
        "within", "only",    "until",     "as",       "wiped",  "disk",     "entry", "in",
        "times",  "elected", "equal",     "on",       "off",    "auto",     "fail",  "full",
        "slow",   "ok",      "failed",    "redirect", "retry",  "persisted"};
    uint32_t n;
    const scenario_command_info *all = scenario_commands(&n);
    for (uint32_t i = 0; i < n; i++)
        fn(self, "command", all[i].name);
    all = scenario_conditions(&n);
    for (uint32_t i = 0; i < n; i++)
        fn(self, "condition", all[i].name);
    for (const sim_option_info *o = sim_option_table; o->name; o++)
        fn(self, "option", o->name);
    for (uint32_t type = 0; type < sim_engine_native.type_count; type++)
        fn(self, "message", sim_engine_native.type_name(type));
    for (const char *const *name = sim_app_names; *name; name++)
        fn(self, "app", *name);
    for (const char *const *name = sim_engine_names; *name; name++)
        fn(self, "engine", *name);
    for (const char *const *name = sim_engine_native.bug_names; name && *name; name++)
        fn(self, "bug", *name);
    for (const lang_refusal *r = lang_refusals; r->name; r++)
        fn(self, "refusal", r->name);
    for (uint32_t i = 0; i < SIM_NOTE_COUNT; i++)
        fn(self, "event", sim_note_kind_name((sim_note_kind)i));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        fn(self, "word", words[i]);
}
