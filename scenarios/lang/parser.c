/* parser.c - one line at a time: which command it is, and what it leaves behind; and the
 * scenario as a whole. */
#include "scenarios/lang/parser.h"

#include "sim/base/memory.h"
#include <stdlib.h>
#include <string.h>

/* ---- the words of a line as text ----------------------------------------------------- */

static void put_token(sim_text *out, const lang_token *t)
{
    if (!t->quoted) {
        sim_text_add(out, t->text, t->len);
        return;
    }
    sim_text_char(out, '"');
    for (uint32_t i = 0; i < t->len; i++) {
        char c = t->text[i];
        if (c == '"' || c == '\\')
            sim_text_char(out, '\\');
        if (c == '\n')
            sim_text_put(out, "\\n");
        else
            sim_text_char(out, c);
    }
    sim_text_char(out, '"');
}

const char *lang_join(sim_arena *a, const lang_token *tokens, uint32_t n)
{
    sim_text t = {0};
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            sim_text_char(&t, ' ');
        put_token(&t, &tokens[i]);
    }
    return lang_keep(a, &t);
}

uint32_t lang_story_line(const lang_parser *p)
{
    const lang_line *line = p->line;
    for (const lang_frame *f = p->frame; f && line->file != &p->s->files[0]; f = f->up)
        line = f->line;
    return line->number;
}

/* ---- sections ------------------------------------------------------------------------- */

scenario_section *lang_section_now(lang_parser *p)
{
    scenario *s = p->s;
    if (!s->sections_n) {
        s->sections = sim_grow(s->sections, &s->sections_capacity, 1, sizeof *s->sections);
        s->sections[s->sections_n++] =
            (scenario_section){.title = NULL, .line = lang_story_line(p)};
    }
    return &s->sections[s->sections_n - 1];
}

/* ---- one line --------------------------------------------------------------------------- */

static const char *nearest_command(lang_parser *p, const lang_token *t)
{
    const char *names[128];
    uint32_t n;
    const scenario_command_info *c = scenario_commands(&n);
    uint32_t used = 0;
    for (uint32_t i = 0; i < n && used < 128; i++)
        names[used++] = c[i].name;
    return lang_hint_nearest(p, t, names, used, "'wavetank help language' lists the commands");
}

static void add_act(lang_parser *p, const lang_args *args)
{
    scenario *s = p->s;
    if (s->acts_n == SCENARIO_EXPANDED_MAX) {
        p->stopped = true;
        lang_mistake(p, &p->tokens[0], "repeat less",
                     "the scenario has more than %d commands when its blocks are unrolled",
                     SCENARIO_EXPANDED_MAX);
        return;
    }
    lang_section_now(p);
    lang_args *kept = sim_arena_take(p->arena, sizeof *kept);
    *kept = *args;
    s->acts = sim_grow(s->acts, &s->acts_capacity, s->acts_n + 1, sizeof *s->acts);
    s->acts[s->acts_n++] = (lang_act){
        .what = p->command,
        .args = kept,
        .text = lang_join(p->arena, p->tokens, p->n),
        .line = p->line,
        .frame = p->frame,
        .section = (uint32_t)s->sections_n - 1,
        .story = lang_story_line(p),
    };
}

/* An act needs a cluster; that it is missing is told once. */
static bool has_cluster(lang_parser *p)
{
    if (p->cluster_set || p->cluster_missed || p->dry)
        return true;
    p->cluster_missed = p->cluster_doubtful = true;
    return lang_mistake(p, &p->tokens[0], "write 'cluster 3' before the first action",
                        "there is no cluster yet");
}

static bool in_phase(lang_parser *p)
{
    switch (p->command->how->phase) {
    case LANG_ACT:
        if (!p->dry)
            p->acted = true;
        return has_cluster(p);
    case LANG_SETUP:
        if (p->acted)
            return lang_mistake(p, &p->tokens[0], "move it up, before the first action",
                                "'%s' sets the scenario up and comes too late here",
                                p->command->name);
        p->s->setup_last = p->line;
        return true;
    case LANG_DESCRIBE:
    case LANG_BLOCK:
        return true;
    }
    return true;
}

void lang_parse_line(lang_parser *p, const lang_line *line, const lang_token *tokens,
                     uint32_t n, const lang_frame *frame)
{
    p->line = line;
    p->frame = frame;
    p->tokens = tokens;
    p->n = n;
    p->at = 1;
    p->condition = NULL;
    p->command = tokens[0].quoted ? NULL : lang_command_named(tokens[0].text, tokens[0].len);
    if (!p->command) {
        lang_mistake(p, &tokens[0], nearest_command(p, &tokens[0]), "there is no command %s",
                     lang_q(p, &tokens[0]));
        const char *const cluster[] = {"cluster"};
        if (sim_text_nearest(tokens[0].text, cluster, 1)) /* one mistake is enough */
            p->cluster_missed = p->cluster_doubtful = true;
        return;
    }
    if (p->dry && p->command->how->phase != LANG_ACT)
        return;
    lang_args args = {0};
    if (!in_phase(p) || !p->command->how->parse(p, &args))
        return;
    if (!p->dry && p->command->how->run)
        add_act(p, &args);
}

/* ---- the whole ------------------------------------------------------------------------------
 */

static const char *base_name(sim_arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return sim_arena_text(a, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

/* The first line that is too long, or else the first; its number in *number. */
static const char *line_at_fault(const char *text, size_t len, uint32_t *number, size_t *bytes)
{
    size_t first = 0;
    *number = 1;
    for (size_t at = 0; at < len; ++*number) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t n = newline ? (size_t)(newline - text) - at : len - at;
        first = at ? first : n;
        *bytes = n;
        if (n > SCENARIO_LINE_MAX)
            return text + at;
        at += n + 1;
    }
    *number = 1;
    *bytes = first;
    return text;
}

/* Of a text that is too long only a piece of a line is kept, for the report. */
static void report_length(lang_parser *p, const scenario_file *f, const char *text, size_t len)
{
    lang_line line = {.file = f};
    size_t bytes = 0;
    const char *start = line_at_fault(text, len, &line.number, &bytes);
    const char *what = bytes > SCENARIO_LINE_MAX ? "this line is too long, and so is the file"
                                                 : "this file is too long";
    line.source_len = (uint32_t)(bytes < 512 ? bytes : 512);
    line.source = sim_arena_text(p->arena, start, line.source_len);
    lang_report(p->diags, (lang_place){&line, 1, 1, p->frame},
                lang_format(p->arena, "a scenario has at most %d MiB, and a line %d KiB",
                            SCENARIO_TEXT_MAX >> 20, SCENARIO_LINE_MAX >> 10),
                lang_format(p->arena, "%s: %zu bytes", what, len));
}

const scenario_file *lang_add_file(lang_parser *p, const char *path, const char *text,
                                   size_t len)
{
    scenario *s = p->s;
    if (s->files_n == LANG_FILES_MAX)
        return NULL;
    scenario_file *f = &s->files[s->files_n++];
    f->path = sim_arena_text(p->arena, path, strlen(path));
    f->len = len > SCENARIO_TEXT_MAX ? 0 : len;
    f->text = sim_arena_text(p->arena, text ? text : "", f->len);
    if (len > SCENARIO_TEXT_MAX)
        report_length(p, f, text, len);
    return f;
}

static void finish(lang_parser *p, const char *path)
{
    scenario *s = p->s;
    if (!s->title)
        s->title = base_name(p->arena, path);
    if (!s->about)
        s->about = "";
    lang_line first = {.file = &s->files[0], .number = 1, .source = ""};
    p->line = &first;
    p->frame = NULL;
    bool unread = p->diags->errors && !s->lines[0].n;
    if (!p->cluster_set && !p->cluster_missed && !unread)
        lang_mistake_line(p, &first, NULL, "write 'cluster 3'", "the scenario has no cluster");
    lang_section_now(p);
    for (size_t i = 0; i < s->sections_n; i++)
        if (!s->sections[i].title)
            s->sections[i].title = s->title;
    lang_setup_finish(p);
}

scenario *scenario_parse(const char *path, const char *text, size_t len,
                         const scenario_loader *loader, const scenario_features *features,
                         scenario_diagnostics *diags)
{
    scenario *s = sim_alloc(sizeof *s);
    s->files = sim_alloc(LANG_FILES_MAX * sizeof *s->files);
    s->config = (sim_config){.seed = 1, .options_set = true};
    s->config.engine = &sim_engine_native;
    s->config.app = sim_app_find("counter");
    sim_options_default(&s->config.options);
    lang_parser *p = sim_alloc(sizeof *p);
    p->s = s;
    p->arena = &s->arena;
    p->diags = diags;
    p->loader = loader;
    p->features = features;
    lang_add_file(p, path, text, len);
    uint32_t before = diags->n;
    lang_expand(p);
    finish(p, path);
    lang_sort_diagnostics(diags, before, s);
    free(p);
    return s;
}

void scenario_free(scenario *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->files_n; i++)
        free(s->lines[i].at);
    free(s->files);
    free(s->cites);
    free(s->sections);
    free(s->acts);
    free(s->names);
    free(s->names_slots);
    free(s->counters);
    sim_arena_free(&s->arena);
    free(s);
}

const char *scenario_title(const scenario *s)
{
    return s->title;
}

const char *scenario_about(const scenario *s)
{
    return s->about;
}

const char *const *scenario_cites(const scenario *s, uint32_t *n)
{
    *n = (uint32_t)s->cites_n;
    return s->cites;
}

const scenario_section *scenario_sections(const scenario *s, uint32_t *n)
{
    *n = (uint32_t)s->sections_n;
    return s->sections;
}

const scenario_file *scenario_files(const scenario *s, uint32_t *n)
{
    *n = s->files_n;
    return s->files;
}

const sim_config *scenario_config(const scenario *s)
{
    return &s->config;
}
