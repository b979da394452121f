/* cmd_help.c - `wavetank help`: everything that the tables know, for people, for bash and
 * for man. */
#include "scenarios/lang/scenario.h"
#include "sim/base/memory.h"
#include "tools/cmd.h"
#include "traces/trace.h"
#include <stdlib.h>
#include <string.h>

enum { REFERENCE, COMPLETION, MAN, COMMANDS };

const cmd_option cmd_help_options[] = {
    [REFERENCE] = {"reference", 0, NULL, "the reference of the language, in Markdown"},
    [COMPLETION] = {"completion", 0, NULL, "completion for bash"},
    [MAN] = {"man", 0, NULL, "the manual page: wavetank help --man | man -l -"},
    [COMMANDS] = {"commands", 0, NULL, "the reference of the subcommands, in Markdown"},
    {0},
};

enum { WIDTH = 78 };

/* Adds text with lines broken between words; the first continues at column. */
static void add_wrapped(const char *text, size_t indent, size_t column, sim_text *out)
{
    for (const char *at = text; *at;) {
        if (*at == '\n') {
            sim_text_char(out, '\n');
            at++;
            column = 0;
            continue;
        }
        size_t len = strcspn(at, " \n");
        size_t wide = sim_text_columns(at, len);
        if (column > indent && column + 1 + wide > WIDTH) {
            sim_text_char(out, '\n');
            column = 0;
        }
        if (column == 0) {
            sim_text_format(out, "%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            sim_text_char(out, ' ');
            column++;
        }
        sim_text_add(out, at, len);
        column += wide;
        at += len;
        at += *at == ' ';
    }
    sim_text_char(out, '\n');
}

/* ---- subcommands for people -------------------------------------------------------- */

static void option_form(const cmd_option *o, sim_text *out)
{
    if (o->letter)
        sim_text_format(out, "-%c, ", o->letter);
    sim_text_format(out, "--%s", o->name);
    if (o->value)
        sim_text_format(out, " %s", o->value);
}

static const cmd_option help_option = {"help", 'h', NULL, "print this"};

static void add_option(const cmd_option *o, sim_text *out)
{
    enum { COLUMN = 24 };
    sim_text form = {0};
    sim_text_put(&form, o->letter ? "  " : "      ");
    option_form(o, &form);
    size_t wide = sim_text_columns(form.at, form.len);
    sim_text_put(out, form.at);
    if (wide + 1 >= COLUMN) {
        sim_text_char(out, '\n');
        wide = 0;
    } else {
        sim_text_format(out, "%*s", (int)(COLUMN - wide), "");
        wide = COLUMN;
    }
    add_wrapped(o->help, COLUMN, wide, out);
    sim_text_free(&form);
}

static void add_examples(const char *examples, const char *before, const char *between,
                         const char *after, sim_text *out)
{
    for (const char *at = examples; *at;) {
        size_t len = strcspn(at, "\n"), command = strcspn(at, "\t\n");
        sim_text_put(out, before);
        sim_text_add(out, at, command);
        sim_text_put(out, between);
        if (command < len)
            sim_text_add(out, at + command + 1, len - command - 1);
        sim_text_put(out, after);
        at += len + (at[len] == '\n');
    }
}

void cmd_help_one(const cmd *c, FILE *to)
{
    sim_text out = {0};
    sim_text_format(&out, "Usage: wavetank %s %s\n\n", c->name, c->usage);
    add_wrapped(c->text, 0, 0, &out);
    sim_text_put(&out, "\nOptions:\n");
    for (const cmd_option *o = c->options; o->name; o++)
        add_option(o, &out);
    add_option(&help_option, &out);
    if (c->examples) {
        sim_text_put(&out, "\nExamples:\n");
        add_examples(c->examples, "  ", "\n      ", "\n", &out);
    }
    fputs(out.at, to);
    sim_text_free(&out);
}

static const char exit_codes[] =
    "0   all passed\n"
    "1   an expectation failed, an invariant was violated, or a run differs\n"
    "2   usage, or a mistake in a scenario or trace\n"
    "3   no progress: a limit was reached\n"
    "4   the system failed: a disk is full, a file unreadable, no memory\n"
    "130 interrupted\n";

static void add_overview(sim_text *out)
{
    sim_text_put(out, "Usage: wavetank SUBCOMMAND [OPTIONS] …\n\n"
                      "A deterministic simulator for Raft: scripted scenarios in, traces and "
                      "diagrams out.\n\nSubcommands:\n");
    for (const cmd *c = cmd_table; c->name; c++)
        sim_text_format(out, "  %-10s %s\n", c->name, c->summary);
    sim_text_put(out, "\n  wavetank SUBCOMMAND --help   its options\n"
                      "  wavetank help WORD           a word of the scenario language\n"
                      "\nExit codes:\n");
    for (const char *at = exit_codes; *at;) {
        size_t len = strcspn(at, "\n") + 1;
        sim_text_put(out, "  ");
        sim_text_add(out, at, len);
        at += len;
    }
}

/* ---- words of the language ----------------------------------------------------------- */

static void add_lines(const char *text, const char *before, sim_text *out)
{
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, "\n");
        if (len > 0)
            sim_text_put(out, before);
        sim_text_add(out, at, len);
        sim_text_char(out, '\n');
        at += len + (at[len] == '\n');
    }
}

typedef struct words {
    const char **at;
    size_t n, capacity;
} words;

static void add_name(words *w, const char *name)
{
    w->at = sim_grow(w->at, &w->capacity, w->n + 1, sizeof *w->at);
    w->at[w->n++] = name;
}

static void add_helped(void *self, const char *kind, const char *name)
{
    if (strcmp(kind, "command") == 0 || strcmp(kind, "condition") == 0 ||
        strcmp(kind, "option") == 0 || strcmp(kind, "refusal") == 0 || strcmp(kind, "app") == 0)
        add_name(self, name);
}

/* Every word that `wavetank help` explains. */
static words all_words(void)
{
    words w = {0};
    for (const cmd *c = cmd_table; c->name; c++)
        add_name(&w, c->name);
    scenario_names(add_helped, &w);
    for (const char *const *bug = sim_engine_native.bug_names; *bug; bug++)
        add_name(&w, *bug);
    add_name(&w, "language");
    return w;
}

static void add_list(const scenario_command_info *at, uint32_t n, const char *group,
                     sim_text *out)
{
    for (uint32_t i = 0; i < n; i++) {
        if (at[i].group && (!group || strcmp(group, at[i].group) != 0)) {
            group = at[i].group;
            sim_text_format(out, "\n%s\n", group);
        }
        sim_text_format(out, "  %-14s %s\n", at[i].name, at[i].summary);
    }
}

static void add_language(sim_text *out)
{
    uint32_t n = 0;
    sim_text_put(out, "The words of a scenario; wavetank help WORD tells more.\n");
    const scenario_command_info *at = scenario_commands(&n);
    add_list(at, n, NULL, out);
    sim_text_put(out, "\nConditions, behind expect, await and settle until\n");
    at = scenario_conditions(&n);
    add_list(at, n, n > 0 ? at[0].group : NULL, out);
    sim_text_put(out, "\nOptions, with their defaults\n");
    for (const sim_option_info *o = sim_option_table; o->name; o++)
        sim_text_format(out, "  %-18s %s\n", o->name, o->standard);
    sim_text_put(out, "\nApplications\n");
    for (const char *const *name = sim_app_names; *name; name++)
        sim_text_format(out, "  %-14s %s\n", *name, sim_app_find(*name)->summary);
    sim_text_put(out, "\nInvariants, checked after every event\n");
    for (const sim_invariant_info *i = sim_invariants; i->name; i++)
        sim_text_format(out, "  %s: %s (%s)\n", i->name, i->meaning, i->cite);
    sim_text_put(out, "\nBugs that can be planted, by a line of a scenario or by --bug NAME\n");
    const sim_engine *e = &sim_engine_native;
    for (size_t i = 0; e->bug_names[i]; i++)
        sim_text_format(out, "  %-26s %s\n", e->bug_names[i], e->bug_texts[i]);
}

/* A bug, which is named behind `bug` and `--bug`. */
static bool help_bug(const char *word, sim_text *out)
{
    const sim_engine *e = &sim_engine_native;
    for (size_t i = 0; e->bug_names[i]; i++) {
        if (strcmp(word, e->bug_names[i]) != 0)
            continue;
        sim_text_format(out,
                        "bug %s - %s\n\nWhat catches it: %s\n\n"
                        "    bug %s                               in a scenario\n"
                        "    wavetank run --bug %s scenarios      from the command line\n",
                        word, e->bug_texts[i], e->bug_catchers[i], word, word);
        return true;
    }
    return false;
}

/* An invariant, with _ for blanks if that is easier to type. */
static bool help_invariant(const char *word, sim_text *out)
{
    for (const sim_invariant_info *i = sim_invariants; i->name; i++) {
        size_t n = 0;
        while (word[n] && (word[n] == i->name[n] || (word[n] == '_' && i->name[n] == ' ')))
            n++;
        if (word[n] || i->name[n])
            continue;
        sim_text_format(out, "%s - an invariant, checked after every event (%s)\n\n", i->name,
                        i->cite);
        add_wrapped(i->meaning, 0, 0, out);
        return true;
    }
    return false;
}

static int help_word(const char *word, sim_text *out)
{
    const cmd *c = cmd_find(word);
    if (c)
        cmd_help_one(c, stdout);
    if (strcmp(word, "language") == 0) {
        add_language(out);
        return CMD_OK;
    }
    bool found = scenario_help(word, out);
    if (c && found) /* a word of both worlds: one after the other */
        putchar('\n');
    if (c || found) {
        if (!found)
            sim_text_clear(out);
        return CMD_OK;
    }
    sim_text_clear(out);
    if (help_bug(word, out) || help_invariant(word, out))
        return CMD_OK;
    words w = all_words();
    const char *near = sim_text_nearest(word, w.at, w.n);
    sim_text hint = {0};
    if (near)
        sim_text_format(&hint, "did you mean '%s'?", near);
    else
        sim_text_put(&hint, "see: wavetank help, and wavetank help language");
    cmd_mistake(hint.at, "help: nothing is called '%s'", word);
    sim_text_free(&hint);
    free(w.at);
    return CMD_USAGE;
}

/* ---- for other programs ---------------------------------------------------------------- */

static void add_bug(void *self, const char *kind, const char *name)
{
    if (strcmp(kind, "bug") == 0)
        sim_text_format(self, " %s", name);
}

static void add_completion(sim_text *out)
{
    words w = all_words();
    sim_text_put(out, "# bash completion for wavetank; made by: wavetank help --completion\n"
                      "_wavetank()\n{\n"
                      "    local word=${COMP_WORDS[COMP_CWORD]} options= words=\n"
                      "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"");
    for (const cmd *c = cmd_table; c->name; c++)
        sim_text_format(out, "%s ", c->name);
    sim_text_put(out, "--help --version\"\n        COMPREPLY=($(compgen -W \"$words\" -- "
                      "\"$word\"))\n        return\n    fi\n"
                      "    case ${COMP_WORDS[1]} in\n");
    for (const cmd *c = cmd_table; c->name; c++) {
        sim_text_format(out, "    %s) options=\"", c->name);
        for (const cmd_option *o = c->options; o->name; o++)
            sim_text_format(out, "--%s ", o->name);
        sim_text_put(out, "--help\" ;;\n");
    }
    sim_text_put(
        out, "    esac\n    [ \"${COMP_WORDS[COMP_CWORD-1]}\" = --bug ] && options= words=\"");
    scenario_names(add_bug, out);
    sim_text_put(out, "\"\n    [ \"${COMP_WORDS[1]}\" = help ] && words=\"");
    for (size_t i = 0; i < w.n; i++)
        sim_text_format(out, "%s%s", i > 0 ? " " : "", w.at[i]);
    sim_text_put(out, "\"\n    COMPREPLY=($(compgen -W \"$options $words\" -- \"$word\"))\n"
                      "    [ -n \"$words\" ] || COMPREPLY+=($(compgen -f -- \"$word\"))\n"
                      "}\ncomplete -o filenames -F _wavetank wavetank\n");
    free(w.at);
}

/* Text for man: a backslash and a leading dot or quote mean something there. */
static void add_roff(const char *text, sim_text *out)
{
    for (bool at_start = true; *text; text++) {
        if (at_start && (*text == '.' || *text == '\''))
            sim_text_put(out, "\\&");
        at_start = *text == '\n';
        if (*text == '\\')
            sim_text_put(out, "\\e");
        else if (*text == '-')
            sim_text_put(out, "\\-");
        else if (text[0] == '\n' && text[1] == '\n')
            sim_text_put(out, "\n.PP");
        else
            sim_text_char(out, *text);
    }
}

static void add_roff_option(const cmd_option *o, sim_text *out)
{
    sim_text form = {0};
    option_form(o, &form);
    sim_text_put(out, ".TP\n.B ");
    add_roff(form.at, out);
    sim_text_char(out, '\n');
    add_roff(o->help, out);
    sim_text_char(out, '\n');
    sim_text_free(&form);
}

static void add_man(sim_text *out)
{
    sim_text_format(out,
                    ".TH WAVETANK 1 \"\" \"wavetank %s\" \"User Commands\"\n.SH NAME\n"
                    "wavetank \\- a deterministic simulator for Raft\n.SH SYNOPSIS\n"
                    ".B wavetank\nSUBCOMMAND [OPTIONS] …\n.SH SUBCOMMANDS\n",
                    TRACE_PROGRAM_VERSION);
    for (const cmd *c = cmd_table; c->name; c++) {
        sim_text_format(out, ".SS \"%s ", c->name);
        add_roff(c->usage, out);
        sim_text_put(out, "\"\n");
        add_roff(c->text, out);
        sim_text_char(out, '\n');
        for (const cmd_option *o = c->options; o->name; o++)
            add_roff_option(o, out);
    }
    sim_text_put(out, ".SH EXIT STATUS\n.nf\n");
    add_roff(exit_codes, out);
    sim_text_put(out, ".fi\n.SH ENVIRONMENT\n.TP\n.B WAVETANK_FEATURES\n"
                      "the folder of features\n.TP\n.B NO_COLOR\nno colour when set\n");
}

static void add_commands_reference(sim_text *out)
{
    sim_text_put(out, "# The program\n\nMade by `wavetank help --commands` from the table of "
                      "subcommands.\n");
    for (const cmd *c = cmd_table; c->name; c++) {
        sim_text_format(out, "\n## wavetank %s\n\n    wavetank %s %s\n\n%s\n", c->name, c->name,
                        c->usage, c->text);
        if (c->options[0].name)
            sim_text_put(out, "\n| option | |\n|---|---|\n");
        for (const cmd_option *o = c->options; o->name; o++) {
            sim_text_put(out, "| `");
            option_form(o, out);
            sim_text_format(out, "` | %s |\n", o->help);
        }
        if (c->examples) {
            sim_text_char(out, '\n');
            add_examples(c->examples, "- `", "`: ", "\n", out);
        }
    }
    sim_text_put(out, "\n## Exit codes\n\n");
    add_lines(exit_codes, "    ", out);
}

int cmd_help(int argc, char **argv)
{
    cmd_args args;
    if (!cmd_parse(cmd_help_options, argc, argv, &args))
        return args.exit_code;
    sim_text out = {0};
    int code = CMD_OK;
    if (args.value[REFERENCE])
        scenario_reference(&out);
    else if (args.value[COMPLETION])
        add_completion(&out);
    else if (args.value[MAN])
        add_man(&out);
    else if (args.value[COMMANDS])
        add_commands_reference(&out);
    else if (args.rest_n == 0)
        add_overview(&out);
    else
        code = help_word(args.rest[0], &out);
    if (out.at)
        fputs(out.at, stdout);
    sim_text_free(&out);
    return cmd_flush(code);
}
