/* cmd_explain.c - `wavetank explain`: the core's own tables, as text. */
#include "sim/base/text.h"
#include "sim/engine.h"
#include "tools/cmd.h"
#include <string.h>

enum { ENGINE };

const cmd_option cmd_explain_options[] = {
    [ENGINE] = {"engine", 0, "NAME", "whose rules (default: native)"},
    {0},
};

/* Parts are what stands between empty lines; a part is chosen by a word of its first. */
typedef struct chooser {
    const char *wanted; /* how its first line begins; NULL: all */
    bool at_start, chosen, any;
} chooser;

static void explain_line(void *to, const char *text)
{
    chooser *c = to;
    if (c->at_start && *text) {
        c->chosen = !c->wanted || strncmp(text, c->wanted, strlen(c->wanted)) == 0;
        if (c->chosen && c->any)
            putchar('\n');
        c->any = c->any || c->chosen;
    }
    c->at_start = *text == '\0';
    if (c->chosen && *text)
        puts(text);
}

/* The name of each part, and how an engine heads it. */
static const char *const parts[][2] = {{"roles", "Roles"}, {"handlers", "Messages"}};

/* NULL: there is none, which was told. */
static const char *const *find_part(const char *name)
{
    const char *names[sizeof parts / sizeof *parts];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        names[i] = parts[i][0];
        if (strcmp(name, names[i]) == 0)
            return parts[i];
    }
    const char *near = sim_text_nearest(name, names, sizeof parts / sizeof *parts);
    cmd_mistake(near ? near : "roles or handlers", "explain: there is no part '%s'", name);
    return NULL;
}

int cmd_explain(int argc, char **argv)
{
    cmd_args args;
    if (!cmd_parse(cmd_explain_options, argc, argv, &args))
        return args.exit_code;
    const char *name = args.value[ENGINE] ? args.value[ENGINE] : "native";
    const sim_engine *engine = sim_engine_find(name);
    if (!engine) {
        size_t n = 0;
        while (sim_engine_names[n])
            n++;
        const char *near = sim_text_nearest(name, sim_engine_names, n);
        cmd_mistake(near, "explain: there is no engine '%s'", name);
        return CMD_USAGE;
    }
    if (!engine->explain) {
        cmd_message("explain: the engine '%s' does not explain itself", name);
        return CMD_FAILED;
    }
    if (args.rest_n > 1) {
        cmd_mistake("roles or handlers", "explain: one part at a time");
        return CMD_USAGE;
    }
    const char *const *part = args.rest_n == 1 ? find_part(args.rest[0]) : NULL;
    if (args.rest_n == 1 && !part)
        return CMD_USAGE;
    chooser c = {.wanted = part ? part[1] : NULL, .at_start = true};
    engine->explain(explain_line, &c);
    return cmd_flush(CMD_OK);
}
