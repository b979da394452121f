/* cmd_check.c - `wavetank check`: mistakes in scenarios, features and traces. */
#include "tools/cmd.h"
#include "tools/load.h"
#include <inttypes.h>
#include <string.h>

enum { FEATURES, QUIET };
enum { CHECK_FEATURE_BYTES_MAX = 1 << 20 };

const cmd_option cmd_check_options[] = {
    [FEATURES] = {"features", 0, "DIR", "the folder of features (default: found)"},
    [QUIET] = {"quiet", 'q', NULL, "print only mistakes"},
    {0},
};

typedef struct counts {
    uint64_t files, bad;
} counts;

static int check_scenario(const char *path, feature_registry *registry)
{
    load l;
    int code = CMD_OK;
    sim_text out = {0};
    if (!load_scenario(&l, path, registry))
        code = load_tell(&l, cmd_colour(stderr), &out);
    if (out.at)
        fputs(out.at, stderr);
    sim_text_free(&out);
    load_free(&l);
    return code;
}

static int check_trace(const char *path)
{
    sim_text bytes = {0};
    int code = CMD_OK;
    trace *t = load_trace_bytes(path, &bytes, &code) ? load_trace(path, &bytes, &code) : NULL;
    if (t && !t->complete) {
        fprintf(stderr,
                "%s: error: the run was cut short: the trace has no footer and ends after "
                "event %" PRIu64 "\n",
                path, t->events_n);
        code = CMD_USAGE;
    }
    if (t)
        trace_free(t);
    sim_text_free(&bytes);
    return code;
}

/* A feature is named by its path below a folder called "features". */
static int check_feature(const char *path)
{
    const char *below = path;
    for (const char *at = path; (at = strstr(at, "features/")) != NULL; at++)
        if (at == path || at[-1] == '/')
            below = at + strlen("features/");
    if (!strchr(below, '/')) /* no feature, but a page about them */
        return CMD_OK;
    sim_text text = {0};
    files_error error;
    if (!files_read(path, CHECK_FEATURE_BYTES_MAX, &text, &error)) {
        cmd_message("%s", error.text);
        sim_text_free(&text);
        return CMD_SYSTEM;
    }
    feature_registry *registry = feature_registry_new();
    bool good = feature_registry_add(registry, below, text.at, text.len);
    uint32_t n = 0;
    const feature_problem *problems = feature_problems(registry, &n);
    for (uint32_t i = 0; i < n; i++) {
        fprintf(stderr, "%s:%u: error: %s\n", path, problems[i].line ? problems[i].line : 1,
                problems[i].text);
        if (problems[i].hint)
            fprintf(stderr, "          = %s\n", problems[i].hint);
    }
    feature_registry_free(registry);
    sim_text_free(&text);
    return good && n == 0 ? CMD_OK : CMD_USAGE;
}

static int check_file(const char *path, feature_registry *registry, bool named, counts *n)
{
    int code = CMD_OK;
    if (files_ends_in(path, ".scenario"))
        code = check_scenario(path, registry);
    else if (files_ends_in(path, ".jsonl"))
        code = check_trace(path);
    else if (files_ends_in(path, ".md"))
        code = check_feature(path);
    else if (named) {
        cmd_mistake("files end in .scenario, .trace.jsonl or .md",
                    "check: %s is no scenario, trace or feature", path);
        code = CMD_USAGE;
    } else {
        return CMD_OK;
    }
    n->files++;
    n->bad += code != CMD_OK;
    return code;
}

static int check_path(const char *path, feature_registry *registry, counts *n)
{
    files_list found = {0};
    files_error error;
    if (!files_walk(path, "", &found, &error)) {
        cmd_message("%s", error.text);
        files_list_free(&found);
        return CMD_SYSTEM;
    }
    int code = CMD_OK;
    bool named = !files_is_folder(path);
    for (size_t i = 0; i < found.n; i++)
        code = cmd_worse(code, check_file(found.at[i], registry, named, n));
    files_list_free(&found);
    return code;
}

int cmd_check(int argc, char **argv)
{
    cmd_args args;
    if (!cmd_parse(cmd_check_options, argc, argv, &args))
        return args.exit_code;
    if (args.rest_n == 0) {
        cmd_mistake("for example: wavetank check scenarios features",
                    "check: name files or folders");
        return CMD_USAGE;
    }
    files_error error;
    feature_registry *registry = load_registry(args.value[FEATURES], NULL, &error);
    if (!registry) {
        cmd_message("%s", error.text);
        if (args.value[FEATURES])
            return CMD_SYSTEM;
    }
    counts n = {0};
    int code = CMD_OK;
    for (int i = 0; i < args.rest_n; i++)
        code = cmd_worse(code, check_path(args.rest[i], registry, &n));
    if (!args.value[QUIET])
        printf("%" PRIu64 " file%s checked, %" PRIu64 " with mistakes\n", n.files,
               sim_plural(n.files), n.bad);
    if (registry)
        feature_registry_free(registry);
    return cmd_flush(code);
}
