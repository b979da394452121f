/* load.c - scenarios from disk, and the names that they go by (see load.h). */
#include "tools/load.h"
#include "sim/base/memory.h"
#include "sim/membership.h"
#include "tools/cmd.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------ */

/* The nearest folder of an absolute path that is called "scenarios"; 0: there is none. */
static size_t root_called_scenarios(const char *absolute)
{
    static const char word[] = "/scenarios/";
    size_t found = 0;
    for (const char *at = absolute; (at = strstr(at, word)) != NULL; at++)
        found = (size_t)(at - absolute) + strlen(word) - 1;
    return found;
}

static bool is_below(const char *path, const sim_text *folder)
{
    return folder->len == 1 ||
           (strncmp(path, folder->at, folder->len) == 0 && path[folder->len] == '/');
}

static bool find_root(const char *absolute, const char *given, sim_text *root,
                      files_error *error)
{
    size_t len = root_called_scenarios(absolute);
    if (len > 0) {
        sim_text_add(root, absolute, len);
        return true;
    }
    if (!files_absolute(".", root, error))
        return false;
    if (is_below(absolute, root))
        return true;
    sim_text_clear(root);
    if (files_is_folder(given))
        return files_absolute(given, root, error);
    sim_text_add(root, absolute, (size_t)(strrchr(absolute, '/') - absolute));
    return true;
}

/* path as seen from root: "a/b", "../a". */
static void relative(const char *path, const char *root, sim_text *out)
{
    size_t common = 0;
    for (size_t i = 0;; i++) {
        bool end_path = path[i] == '/' || path[i] == '\0';
        bool end_root = root[i] == '/' || root[i] == '\0';
        if (end_path && end_root)
            common = i;
        if (path[i] != root[i] || path[i] == '\0')
            break;
    }
    for (const char *at = root + common; *at; at++)
        if (*at == '/' && at[1] != '\0')
            sim_text_put(out, "../");
    sim_text_put(out, path + common + (path[common] == '/'));
}

bool load_name_of(load_name *n, const char *path, const char *given, files_error *error)
{
    *n = (load_name){0};
    sim_text absolute = {0};
    bool good = files_absolute(path, &absolute, error) &&
                find_root(absolute.at, given, &n->root, error);
    if (good) {
        sim_text_put(&n->path, path);
        relative(absolute.at, n->root.at, &n->file);
        size_t len = n->file.len;
        if (files_ends_in(n->file.at, ".scenario"))
            len -= strlen(".scenario");
        sim_text_add(&n->short_name, n->file.at, len);
    } else {
        load_name_free(n);
    }
    sim_text_free(&absolute);
    return good;
}

void load_name_free(load_name *n)
{
    sim_text_free(&n->path);
    sim_text_free(&n->root);
    sim_text_free(&n->file);
    sim_text_free(&n->short_name);
}

/* ---- finding ---------------------------------------------------------------------- */

static bool listed(const load_list *list, const load_name *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->at[i].root.at, name->root.at) == 0 &&
            strcmp(list->at[i].file.at, name->file.at) == 0)
            return true;
    return false;
}

static const load_name *clashing(const load_list *list, const load_name *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->at[i].short_name.at, name->short_name.at) == 0)
            return &list->at[i];
    return NULL;
}

static int add_found(load_list *out, const char *path, const char *given)
{
    load_name name;
    files_error error;
    if (!load_name_of(&name, path, given, &error)) {
        cmd_message("%s", error.text);
        return CMD_SYSTEM;
    }
    const load_name *other = NULL;
    if (listed(out, &name)) { /* named twice: run once */
        load_name_free(&name);
        return CMD_OK;
    }
    if ((other = clashing(out, &name)) != NULL) {
        cmd_mistake("put them below one folder called 'scenarios', or run them apart",
                    "%s and %s would both write the trace %s", other->path.at, path,
                    name.short_name.at);
        load_name_free(&name);
        return CMD_USAGE;
    }
    out->at = sim_grow(out->at, &out->capacity, out->n + 1, sizeof *out->at);
    out->at[out->n++] = name;
    return CMD_OK;
}

static int find_under(const char *path, load_list *out)
{
    files_list found = {0};
    files_error error;
    int code = CMD_OK;
    if (!files_walk(path, ".scenario", &found, &error)) {
        cmd_message("%s", error.text);
        code = CMD_SYSTEM;
    } else if (found.n == 0) {
        cmd_mistake("scenarios are files that end in .scenario", "no scenario under %s", path);
        code = CMD_USAGE;
    }
    for (size_t i = 0; i < found.n; i++)
        code = cmd_worse(code, add_found(out, found.at[i], path));
    files_list_free(&found);
    return code;
}

int load_find(char **paths, int n, load_list *out)
{
    int code = CMD_OK;
    for (int i = 0; i < n; i++)
        code = cmd_worse(code, find_under(paths[i], out));
    return code;
}

void load_list_free(load_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        load_name_free(&list->at[i]);
    free(list->at);
    *list = (load_list){0};
}

/* ---- traces ----------------------------------------------------------------------- */

bool load_trace_bytes(const char *path, sim_text *out, int *code)
{
    files_error error;
    if (files_read(path, LOAD_TRACE_BYTES_MAX, out, &error))
        return true;
    *code = error.too_large ? CMD_USAGE : CMD_SYSTEM;
    if (error.too_large)
        cmd_mistake("jq, grep and tail read a trace of any length; for the rest run less of it",
                    "%s", error.text);
    else
        cmd_message("%s", error.text);
    return false;
}

trace *load_trace(const char *path, const sim_text *bytes, int *code)
{
    trace_error error;
    trace *t = trace_read(bytes->at, bytes->len, &error);
    if (t)
        return t;
    fflush(stdout); /* so that both streams in one terminal keep their order */
    if (error.line > 0)
        fprintf(stderr, "%s:%" PRIu64 ": error: %s\n", path, error.line, error.text);
    else
        fprintf(stderr, "%s: error: %s\n", path, error.text);
    if (error.hint[0])
        fprintf(stderr, "          = %s\n", error.hint);
    *code = CMD_USAGE;
    return NULL;
}

/* ---- texts ------------------------------------------------------------------------ */

/* What one parse needs to read the files that it includes. */
typedef struct reader {
    const trace_header *header; /* the texts stand there; NULL: on disk */
    sim_text resolved, text;
    files_error error;
} reader;

/* The path that an include means, as text: PATH seen from the folder of FROM. */
static void resolve(const char *from, const char *path, sim_text *out)
{
    const char *slash = strrchr(from, '/');
    if (path[0] != '/' && slash)
        sim_text_add(out, from, (size_t)(slash - from) + 1);
    sim_text_put(out, path);
}

/* "a/./b/../c" is "a/c"; leading ".." stay. */
static void tidy(sim_text *path)
{
    sim_text out = {0};
    sim_text_put(&out, path->at[0] == '/' ? "/" : "");
    size_t floor = out.len; /* nothing before this can be taken back */
    for (const char *at = path->at; *at;) {
        size_t len = strcspn(at, "/");
        if (len == 2 && at[0] == '.' && at[1] == '.') {
            if (out.len > floor) {
                while (out.len > floor && out.at[out.len - 1] != '/')
                    out.len--;
                out.len -= out.len > floor;
                out.at[out.len] = '\0';
            } else {
                sim_text_put(&out, out.len > 0 && out.at[out.len - 1] != '/' ? "/.." : "..");
                floor = out.len;
            }
        } else if (len > 0 && !(len == 1 && at[0] == '.')) {
            if (out.len > 0 && out.at[out.len - 1] != '/')
                sim_text_char(&out, '/');
            sim_text_add(&out, at, len);
        }
        at += len + (at[len] == '/');
    }
    sim_text_free(path);
    *path = out;
}

static bool read_from_header(reader *r, const char **text, size_t *len)
{
    for (uint32_t i = 0; i < r->header->source_n; i++) {
        const trace_source *s = &r->header->source[i];
        if (strcmp(s->path, r->resolved.at) != 0)
            continue;
        *text = s->text;
        *len = s->len;
        return true;
    }
    snprintf(r->error.text, sizeof r->error.text, "the trace does not hold the file %.900s",
             r->resolved.at);
    return false;
}

static bool read_include(void *self, const char *from, const char *path, const char **resolved,
                         const char **text, size_t *len, const char **error)
{
    reader *r = self;
    sim_text_clear(&r->resolved);
    resolve(from, path, &r->resolved);
    tidy(&r->resolved);
    *resolved = r->resolved.at;
    *error = r->error.text;
    if (r->header)
        return read_from_header(r, text, len);
    sim_text_clear(&r->text);
    if (!files_read(r->resolved.at, SCENARIO_TEXT_MAX, &r->text, &r->error))
        return false;
    *text = r->text.at;
    *len = r->text.len;
    return true;
}

static void parse(load *l, const char *path, const char *text, size_t len, reader *r,
                  feature_registry *registry)
{
    scenario_loader loader = {read_include, r};
    scenario_features features = load_features(registry);
    l->scenario = scenario_parse(path, text, len, &loader, &features, &l->diags);
    sim_text_free(&r->resolved);
    sim_text_free(&r->text);
}

bool load_scenario(load *l, const char *path, feature_registry *registry)
{
    *l = (load){0};
    if (!files_read(path, (size_t)SCENARIO_TEXT_MAX, &l->text, &l->error))
        return false;
    reader r = {0};
    parse(l, path, l->text.at, l->text.len, &r, registry);
    return l->diags.errors == 0;
}

bool load_from_header(load *l, const trace_header *header)
{
    *l = (load){0};
    if (header->source_n == 0) {
        snprintf(l->error.text, sizeof l->error.text, "its header holds no scenario");
        return false;
    }
    reader r = {.header = header};
    const trace_source *s = &header->source[0];
    parse(l, s->path, s->text, s->len, &r, NULL);
    return l->diags.errors == 0;
}

int load_tell(const load *l, bool colour, sim_text *out)
{
    if (!l->scenario) {
        sim_text_format(out, "wavetank: %s\n", l->error.text);
        return l->error.too_large ? CMD_USAGE : CMD_SYSTEM;
    }
    for (uint32_t i = 0; i < l->diags.n; i++)
        scenario_diagnostic_show(&l->diags.at[i], colour, out);
    if (l->diags.errors > l->diags.n)
        sim_text_format(out, "wavetank: %u more mistake%s not shown\n",
                        l->diags.errors - l->diags.n,
                        l->diags.errors - l->diags.n == 1 ? " is" : "s are");
    if (l->diags.passed > 0)
        sim_text_format(out,
                        "wavetank: a line with %d mistakes has told enough; %" PRIu64
                        " more round%s of it %s not looked at\n",
                        SCENARIO_DIAGNOSTICS_MAX, l->diags.passed, sim_plural(l->diags.passed),
                        l->diags.passed == 1 ? "was" : "were");
    return l->diags.errors > 0 ? CMD_USAGE : CMD_OK;
}

void load_free(load *l)
{
    if (l->scenario)
        scenario_free(l->scenario);
    scenario_diagnostics_free(&l->diags);
    sim_text_free(&l->text);
    *l = (load){0};
}

/* ---- the header of a trace -------------------------------------------------------- */

static const char *kept(sim_arena *arena, sim_text *text)
{
    const char *copy = sim_arena_text(arena, text->at, text->len);
    sim_text_clear(text);
    return copy;
}

static void header_nodes(const sim_config *config, sim_arena *arena, trace_header *out)
{
    out->nodes_n = config->nodes;
    out->nodes = config->names;
    if (config->names)
        return;
    const char **names = sim_arena_take(arena, config->nodes * sizeof *names);
    sim_text text = {0};
    for (uint32_t i = 0; i < config->nodes; i++) {
        sim_text_format(&text, "n%u", i + 1);
        names[i] = kept(arena, &text);
    }
    sim_text_free(&text);
    out->nodes = names;
}

/* Left out when all nodes are voters. */
static void header_members(const sim_config *config, sim_arena *arena, trace_header *out)
{
    const char *names[SIM_NODES_MAX + 2] = {NULL};
    const sim_membership m = {.voters = sim_first_nodes(config->nodes) & ~config->spares &
                                        ~config->learners,
                              .learners = config->learners & ~config->spares};
    if (m.voters == sim_first_nodes(config->nodes))
        return;
    for (uint32_t i = 0; i < out->nodes_n; i++)
        names[i + 1] = out->nodes[i];
    sim_text text = {0};
    sim_membership_put(&m, names, &text);
    out->members = kept(arena, &text);
    sim_text_free(&text);
}

static void header_options(const sim_config *config, sim_arena *arena, trace_header *out)
{
    sim_options options = config->options;
    if (!config->options_set)
        sim_options_default(&options);
    uint32_t n = 0;
    while (sim_option_table[n].name)
        n++;
    trace_option *at = sim_arena_take(arena, n * sizeof *at);
    sim_text text = {0};
    for (uint32_t i = 0; i < n; i++) {
        sim_options_get(&options, sim_option_table[i].name, &text);
        at[i] = (trace_option){sim_option_table[i].name, kept(arena, &text)};
    }
    sim_text_free(&text);
    out->options = at;
    out->options_n = n;
}

static void header_bugs(const sim_config *config, const scenario_overrides *over,
                        sim_arena *arena, trace_header *out)
{
    const sim_engine *engine = config->engine;
    uint64_t mask = config->bugs;
    for (uint32_t i = 0; i < over->bugs_n; i++)
        mask |= sim_engine_bug(engine, over->bugs[i]);
    if (!mask)
        return;
    const char **names = sim_arena_take(arena, 64 * sizeof *names);
    for (uint32_t i = 0; i < 64; i++) {
        if (mask >> i & 1)
            names[out->bugs_n++] = engine->bug_names[i];
    }
    out->bugs = names;
}

static void header_source(const scenario *s, const load_name *name, sim_arena *arena,
                          trace_header *out)
{
    const scenario_file *files = scenario_files(s, &out->source_n);
    trace_source *at = sim_arena_take(arena, out->source_n * sizeof *at);
    sim_text absolute = {0}, below = {0};
    for (uint32_t i = 0; i < out->source_n; i++) {
        files_error error;
        at[i] = (trace_source){files[i].path, files[i].text, files[i].len};
        sim_text_clear(&absolute);
        if (i == 0) {
            at[i].path = out->scenario;
        } else if (name->root.len > 0 && files_absolute(files[i].path, &absolute, &error)) {
            relative(absolute.at, name->root.at, &below);
            at[i].path = kept(arena, &below);
        }
    }
    sim_text_free(&absolute);
    sim_text_free(&below);
    out->source = at;
}

void load_header(const scenario *s, const load_name *name, const scenario_overrides *over,
                 sim_arena *arena, trace_header *out)
{
    const sim_config *config = scenario_config(s);
    *out = (trace_header){
        .format = TRACE_FORMAT,
        .program = TRACE_PROGRAM_VERSION,
        .scenario = sim_arena_text(arena, name->file.at, name->file.len),
        .title = scenario_title(s),
        .about = scenario_about(s),
        .engine = (config->engine ? config->engine : &sim_engine_native)->name,
        .app = config->app ? config->app->name : "counter",
        .seed = over->seed ? *over->seed : config->seed,
    };
    out->cites = scenario_cites(s, &out->cites_n);
    header_nodes(config, arena, out);
    header_members(config, arena, out);
    header_options(config, arena, out);
    header_bugs(config, over, arena, out);
    header_source(s, name, arena, out);
}
