/* cmd_features.c - `wavetank features`: the tree, one feature, the matrix, the holes. */
#include "tools/cmd.h"
#include "tools/load.h"
#include <string.h>

enum { CHECK, MATRIX, CSV, FEATURES, SCENARIOS };

const cmd_option cmd_features_options[] = {
    [CHECK] = {"check", 0, NULL, "print holes and errors"},
    [MATRIX] = {"matrix", 0, NULL, "print which scenario tests or uses which feature"},
    [CSV] = {"csv", 0, NULL, "the matrix as CSV: feature,scenario,relation"},
    [FEATURES] = {"features", 0, "DIR", "the folder of features (default: found)"},
    [SCENARIOS] = {"scenarios", 0, "DIR", "the scenarios (default: beside the features)"},
    {0},
};

static void add_scenario(feature_registry *registry, const load_name *name, scenario *s)
{
    feature_scenario(registry, name->short_name.at);
    uint32_t n = 0;
    const scenario_section *sections = scenario_sections(s, &n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < sections[i].uses_n; k++)
            feature_use(registry, name->short_name.at, sections[i].uses[k], false);
        for (uint32_t k = 0; k < sections[i].tests_n; k++)
            feature_use(registry, name->short_name.at, sections[i].tests[k], true);
    }
}

/* Scenarios with mistakes are told, and counted as far as they were understood. */
static int add_scenarios(feature_registry *registry, char *folder)
{
    load_list list = {0};
    int code = load_find(&folder, 1, &list);
    for (size_t i = 0; i < list.n; i++) {
        load l;
        if (!load_scenario(&l, list.at[i].path.at, NULL)) {
            sim_text text = {0};
            code = cmd_worse(code, load_tell(&l, cmd_colour(stderr), &text));
            fputs(text.at, stderr);
            sim_text_free(&text);
        } else {
            add_scenario(registry, &list.at[i], l.scenario);
        }
        load_free(&l);
    }
    load_list_free(&list);
    return code;
}

/* The folder of scenarios stands beside the folder of features. */
static int find_scenarios(feature_registry *registry, const char *given,
                          const sim_text *features)
{
    sim_text folder = {0};
    int code = CMD_OK;
    if (given) {
        sim_text_put(&folder, given);
    } else {
        const char *slash = strrchr(features->at, '/');
        sim_text_add(&folder, features->at, slash ? (size_t)(slash - features->at) + 1 : 0);
        sim_text_put(&folder, "scenarios");
    }
    if (given || files_is_folder(folder.at))
        code = add_scenarios(registry, folder.at);
    else
        cmd_message("features: no scenarios: there is no folder %s", folder.at);
    sim_text_free(&folder);
    return code;
}

/* The features below a primary, or below a branch that is none itself. */
static bool show_below(const feature_registry *registry, const char *name, sim_text *out)
{
    const size_t len = strlen(name);
    bool any = false;
    uint32_t n;
    const feature *all = feature_list(registry, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (strncmp(all[i].name, name, len) != 0 || all[i].name[len] != '.')
            continue;
        sim_text_format(out, "%s: %s\n", all[i].name, all[i].summary);
        any = true;
    }
    return any;
}

static int show(feature_registry *registry, const char *name, sim_text *out)
{
    const feature *f = feature_find(registry, name);
    if (f) {
        feature_show(f, out);
        feature_show_scenarios(registry, f, out);
        return CMD_OK;
    }
    if (show_below(registry, name, out))
        return CMD_OK;
    const char *near = feature_nearest(registry, name);
    sim_text hint = {0};
    if (near)
        sim_text_format(&hint, "did you mean %s?", near);
    cmd_mistake(near ? hint.at : "see: wavetank features", "features: there is no feature '%s'",
                name);
    sim_text_free(&hint);
    return CMD_USAGE;
}

static int check(feature_registry *registry, bool colour, sim_text *out)
{
    feature_audit audit = feature_check(registry, colour, out);
    return audit.errors > 0 ? CMD_USAGE : CMD_OK; /* a hole is work to do, no mistake */
}

static int show_all(feature_registry *registry, const cmd_args *args, sim_text *out)
{
    bool colour = cmd_colour(stdout);
    int code = CMD_OK;
    for (int i = 0; i < args->rest_n; i++) {
        if (i > 0)
            sim_text_char(out, '\n');
        code = cmd_worse(code, show(registry, args->rest[i], out));
    }
    if (args->value[CSV])
        feature_matrix_csv(registry, out);
    else if (args->value[MATRIX])
        feature_matrix(registry, colour, out);
    if (args->value[CHECK])
        code = cmd_worse(code, check(registry, colour, out));
    if (args->rest_n == 0 && !args->value[CSV] && !args->value[MATRIX] && !args->value[CHECK])
        feature_tree(registry, colour, out);
    return code;
}

int cmd_features(int argc, char **argv)
{
    cmd_args args;
    if (!cmd_parse(cmd_features_options, argc, argv, &args))
        return args.exit_code;
    files_error error;
    sim_text found = {0}, out = {0};
    feature_registry *registry = load_registry(args.value[FEATURES], &found, &error);
    if (!registry) {
        cmd_message("%s", error.text);
        sim_text_free(&found);
        return CMD_SYSTEM;
    }
    int code = find_scenarios(registry, args.value[SCENARIOS], &found);
    code = cmd_worse(code, show_all(registry, &args, &out));
    if (out.at)
        fputs(out.at, stdout);
    feature_registry_free(registry);
    sim_text_free(&found);
    sim_text_free(&out);
    return cmd_flush(code);
}
