/* cmd_render.c - `wavetank render`: the diagrams of traces, as PlantUML and as pictures. */
#include "sim/base/memory.h"
#include "tools/plantuml.h"
#include "tools/run.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { OUT, SVG, PNG, PUML_ONLY, HEARTBEATS, MESSAGES, JAR, QUIET };
enum { PATHS_SHOWN = 24 };

const cmd_option cmd_render_options[] = {
    [OUT] = {"out", 'o', "DIR", "where to write (default: out)"},
    [SVG] = {"svg", 0, NULL, "draw SVG (the default)"},
    [PNG] = {"png", 0, NULL, "draw PNG"},
    [PUML_ONLY] = {"puml-only", 0, NULL, "write the PlantUML files and draw nothing"},
    [HEARTBEATS] = {"heartbeats", 0, NULL,
                    "show every heartbeat, also those that change nothing"},
    [MESSAGES] = {"messages", 0, "N",
                  "split a section with more messages than this (default: 50)"},
    [JAR] = {"jar", 0, "FILE",
             "PlantUML's jar (default: $WAVETANK_PLANTUML_JAR, else Debian's)"},
    [QUIET] = {"quiet", 'q', NULL, "do not print where the pictures are"},
    {0},
};

typedef struct render {
    const char *out;
    trace_puml_options options;
    files_list names; /* of the traces, below out */
    files_list pumls; /* all that were written */
    files_list pictures;
    int code;
} render;

static void worsen(render *r, int code)
{
    r->code = cmd_worse(r->code, code);
}

/* ---- traces to PlantUML -------------------------------------------------------------- */

static void cut_end(sim_text *name, const char *suffix)
{
    if (!files_ends_in(name->at, suffix))
        return;
    name->len -= strlen(suffix);
    name->at[name->len] = '\0';
}

/* Where its diagrams stand below --out: the scenario's path, so that it is the place where
 * `run` puts them; of a trace that no scenario made, its file's name.  Never outside. */
static void name_of(const trace *t, const char *path, sim_text *name)
{
    const char *slash = strrchr(path, '/');
    const char *from = *t->header.scenario ? t->header.scenario : slash ? slash + 1 : path;
    while (*from) {
        size_t len = strcspn(from, "/");
        bool up = (len == 1 && from[0] == '.') || (len == 2 && strncmp(from, "..", 2) == 0);
        if (len && !up) {
            sim_text_put(name, name->len ? "/" : "");
            sim_text_add(name, from, len);
        }
        from += len + (from[len] == '/');
    }
    sim_text_put(name, name->len ? "" : "trace");
    cut_end(name, ".scenario");
    cut_end(name, ".jsonl");
    cut_end(name, ".trace");
}

static trace *read_trace(render *r, const char *path)
{
    sim_text bytes = {0};
    int code = CMD_OK;
    trace *t = load_trace_bytes(path, &bytes, &code) ? load_trace(path, &bytes, &code) : NULL;
    if (t && !t->complete)
        cmd_message("%s was cut short: it has no footer; what is there is drawn", path);
    worsen(r, code);
    sim_text_free(&bytes);
    return t;
}

static bool is_taken(const render *r, const char *name)
{
    for (size_t i = 0; i < r->names.n; i++) {
        if (strcmp(r->names.at[i], name) == 0)
            return true;
    }
    return false;
}

static void write_one(render *r, const char *path)
{
    trace *t = read_trace(r, path);
    if (!t)
        return;
    sim_text name = {0};
    files_error error;
    name_of(t, path, &name);
    if (is_taken(r, name.at)) {
        cmd_mistake("draw them one after the other, each with an --out of its own",
                    "%s is a second trace of %s: its diagrams would replace the first's", path,
                    name.at);
        worsen(r, CMD_USAGE);
    } else if (!outputs_diagrams(r->out, name.at, t, &r->options, &r->pumls, &error)) {
        cmd_message("%s", error.text);
        worsen(r, CMD_SYSTEM);
    } else {
        files_list_add(&r->names, name.at);
    }
    sim_text_free(&name);
    trace_free(t);
}

/* A folder stands for all traces below it. */
static void write_all(render *r, const cmd_args *args)
{
    files_list paths = {0};
    files_error error;
    for (int i = 0; i < args->rest_n; i++) {
        if (!files_is_folder(args->rest[i])) {
            files_list_add(&paths, args->rest[i]);
        } else if (!files_walk(args->rest[i], ".trace.jsonl", &paths, &error)) {
            cmd_message("%s", error.text);
            worsen(r, CMD_SYSTEM);
        }
    }
    if (!paths.n && r->code == CMD_OK) {
        cmd_mistake("traces end in .trace.jsonl; `wavetank run` writes them to out/json",
                    "render: there is no trace below %s", args->rest[0]);
        worsen(r, CMD_USAGE);
    }
    for (size_t i = 0; i < paths.n && !cmd_interrupted; i++)
        write_one(r, paths.at[i]);
    files_list_free(&paths);
}

/* ---- PlantUML to pictures ------------------------------------------------------------ */

/* OUT/plantuml/NAME_N.puml becomes OUT/svg/NAME_N.svg. */
static void picture_path(const render *r, const char *puml, const char *suffix, sim_text *path)
{
    sim_text folder = {0};
    files_join(&folder, r->out, "plantuml/");
    files_join(path, r->out, suffix);
    sim_text_char(path, '/');
    sim_text_add(path, puml + folder.len, strlen(puml) - folder.len - strlen("puml"));
    sim_text_put(path, suffix);
    sim_text_free(&folder);
}

static void tell_error(const plantuml_error *error)
{
    if (error->hint[0])
        cmd_mistake(error->hint, "%s", error->text);
    else
        cmd_message("%s", error->text);
}

static void draw_format(render *r, const plantuml *tool, plantuml_format format)
{
    const char *suffix = plantuml_suffix(format);
    plantuml_job *jobs = sim_alloc((r->pumls.n + 1) * sizeof *jobs);
    files_list pictures = {0};
    char ending[8];
    snprintf(ending, sizeof ending, ".%s", suffix);
    for (size_t i = 0; i < r->names.n; i++)
        outputs_remove_old(r->out, suffix, r->names.at[i], ending);
    for (size_t i = 0; i < r->pumls.n; i++) {
        sim_text path = {0};
        picture_path(r, r->pumls.at[i], suffix, &path);
        files_list_add(&pictures, path.at);
        sim_text_free(&path);
    }
    for (size_t i = 0; i < r->pumls.n; i++)
        jobs[i] = (plantuml_job){r->pumls.at[i], pictures.at[i], false};
    plantuml_error error;
    int code = plantuml_draw(tool, format, jobs, r->pumls.n, r->out, &error);
    if (code == CMD_SYSTEM)
        tell_error(&error);
    worsen(r, code);
    for (size_t i = 0; i < r->pumls.n; i++) {
        if (jobs[i].drawn)
            files_list_add(&r->pictures, jobs[i].picture);
    }
    files_list_free(&pictures);
    free(jobs);
}

static void draw_all(render *r, const cmd_args *args)
{
    plantuml tool;
    plantuml_error error;
    bool png = args->value[PNG] != NULL, svg = args->value[SVG] || !png;
    if (plantuml_find(&tool, args->value[JAR], &error)) {
        if (svg)
            draw_format(r, &tool, PLANTUML_SVG);
        if (png && !cmd_interrupted)
            draw_format(r, &tool, PLANTUML_PNG);
    } else {
        tell_error(&error);
        cmd_message("no pictures; the PlantUML files are below %s/plantuml", r->out);
        worsen(r, CMD_SYSTEM);
    }
    plantuml_free(&tool);
}

/* ---- the command --------------------------------------------------------------------- */

static void tell_paths(const render *r, const files_list *list, const char *what)
{
    if (list->n > PATHS_SHOWN) {
        printf("%zu %s of %zu traces below %s\n", list->n, what, r->names.n, r->out);
        return;
    }
    for (size_t i = 0; i < list->n; i++)
        puts(list->at[i]);
}

static bool agree(const cmd_args *args)
{
    if (args->rest_n == 0) {
        cmd_mistake("for example: wavetank render out/json",
                    "render: name a trace, or a folder of traces");
        return false;
    }
    if (args->value[PUML_ONLY] && (args->value[SVG] || args->value[PNG])) {
        cmd_mistake(NULL, "render: --puml-only draws nothing: it does not go with --svg or "
                          "--png");
        return false;
    }
    return true;
}

int cmd_render(int argc, char **argv)
{
    cmd_args args;
    if (!cmd_parse(cmd_render_options, argc, argv, &args))
        return args.exit_code;
    uint64_t messages = 0;
    if (!agree(&args) || (args.value[MESSAGES] &&
                          !cmd_number("messages", args.value[MESSAGES], 1, 100000, &messages)))
        return CMD_USAGE;
    render r = {.out = args.value[OUT] ? args.value[OUT] : "out",
                .options = {args.value[HEARTBEATS] != NULL, (uint32_t)messages}};
    cmd_catch_interrupt();
    write_all(&r, &args);
    if (!args.value[PUML_ONLY] && r.pumls.n && !cmd_interrupted)
        draw_all(&r, &args);
    if (!args.value[QUIET])
        tell_paths(&r, args.value[PUML_ONLY] ? &r.pumls : &r.pictures,
                   args.value[PUML_ONLY] ? "diagrams" : "pictures");
    if (cmd_interrupted)
        worsen(&r, CMD_INTERRUPTED);
    files_list_free(&r.names);
    files_list_free(&r.pumls);
    files_list_free(&r.pictures);
    return cmd_flush(r.code);
}
