/* expand.c - blocks, definitions and includes, down to plain lines.
 *
 * First every file is read and the ends of its blocks are found; then definitions are
 * collected, so that their order does not matter; then the lines of the scenario itself
 * are carried out from the top: `repeat` and `for` go round, a definition's name is
 * replaced by its lines, variables by their values. */
#include "scenarios/lang/parser.h"

#include "sim/base/memory.h"
#include <stdlib.h>
#include <string.h>

enum {
    NESTING_MAX = 64,                      /* blocks and calls in each other */
    STEPS_MAX = 4 * SCENARIO_EXPANDED_MAX, /* lines that are looked at */
    PARAMETERS_MAX = 16,
    FOR_MAX = 4096, /* values of one `for` */
    DEFINES_MAX = 4096,
};

typedef struct definition {
    const char *name;
    lang_lines *lines;       /* of its file */
    uint32_t at;             /* its line there */
    const lang_frame *frame; /* how its file was included */
    const lang_token *parameters;
    uint32_t parameters_n;
    bool called;
} definition;

typedef struct expander {
    lang_parser *p;
    definition *defines;
    size_t defines_n, defines_capacity;
    uint64_t steps;
    uint32_t depth;
} expander;

static bool opens(const lang_line *l)
{
    const lang_token *t = &l->tokens[0];
    return lang_is_word(t, "repeat") || lang_is_word(t, "for") || lang_is_word(t, "define");
}

static bool is(const lang_line *l, const char *word)
{
    return lang_is_word(&l->tokens[0], word);
}

static bool at_line(expander *x, const lang_line *l, const lang_frame *frame,
                    const lang_token *t, const char *hint, const char *text)
{
    lang_place place = {l, t ? t->column : 1, t ? t->width : 1, frame};
    if (!t && l->n)
        place.column = l->tokens[l->n - 1].column + l->tokens[l->n - 1].width;
    lang_report(x->p->diags, place, hint, text);
    return false;
}

/* ---- structure: every block with its end ----------------------------------------------------
 */

/* A block without an end goes to the end of the file. */
static void find_ends(expander *x, lang_lines *lines, const lang_frame *frame)
{
    uint32_t open[NESTING_MAX], depth = 0;
    for (size_t i = 0; i < lines->n; i++) {
        lang_line *l = &lines->at[i];
        if (opens(l)) {
            l->match = (uint32_t)lines->n;
            if (depth < NESTING_MAX)
                open[depth] = (uint32_t)i;
            else if (depth == NESTING_MAX)
                at_line(
                    x, l, frame, &l->tokens[0], NULL,
                    lang_format(x->p->arena, "more than %d blocks in each other", NESTING_MAX));
            l->bad |= depth >= NESTING_MAX;
            depth++;
        } else if (is(l, "end")) {
            if (!depth)
                at_line(x, l, frame, &l->tokens[0], NULL,
                        "there is no 'repeat', 'for' or 'define' that this 'end' ends");
            else if (depth-- <= NESTING_MAX)
                lines->at[open[depth]].match = (uint32_t)i;
            if (l->n > 1)
                at_line(x, l, frame, &l->tokens[1], NULL, "nothing stands behind 'end'");
        }
    }
    while (depth-- > 0) {
        if (depth >= NESTING_MAX)
            continue;
        const lang_line *l = &lines->at[open[depth]];
        at_line(x, l, frame, &l->tokens[0], "close it with a line 'end'",
                lang_format(x->p->arena, "this '%s' has no 'end'", l->tokens[0].text));
    }
}

/* ---- definitions
 * ------------------------------------------------------------------------------ */

static definition *definition_named(expander *x, const char *name)
{
    for (size_t i = 0; i < x->defines_n; i++)
        if (!strcmp(x->defines[i].name, name))
            return &x->defines[i];
    return NULL;
}

static bool is_variable_name(const lang_token *t)
{
    return !t->quoted && lang_is_name(t->text, t->len) && !memchr(t->text, '-', t->len);
}

static bool define_is_well(expander *x, const lang_line *l, const lang_frame *frame)
{
    sim_arena *a = x->p->arena;
    if (l->n < 2)
        return at_line(x, l, frame, NULL, "write: define NAME PARAMETER …",
                       "a name is missing here");
    const lang_token *name = &l->tokens[1];
    if (name->quoted || !lang_is_name(name->text, name->len))
        return at_line(x, l, frame, name, "names are letters, digits, _ and -",
                       lang_format(a, "%s is no name for a definition", lang_q(x->p, name)));
    if (lang_command_named(name->text, name->len))
        return at_line(x, l, frame, name, "choose another name",
                       lang_format(a, "%s is a command already", lang_q(x->p, name)));
    const definition *old = definition_named(x, name->text);
    if (old)
        return at_line(x, l, frame, name,
                       lang_format(a, "it stands at %s:%u", old->lines->at[old->at].file->path,
                                   old->lines->at[old->at].number),
                       lang_format(a, "%s is defined twice", lang_q(x->p, name)));
    if (l->n - 2 > PARAMETERS_MAX)
        return at_line(
            x, l, frame, name, NULL,
            lang_format(a, "a definition has at most %d parameters", PARAMETERS_MAX));
    for (uint32_t i = 2; i < l->n; i++) {
        const lang_token *t = &l->tokens[i];
        if (!is_variable_name(t))
            return at_line(x, l, frame, t, "write the name only, and $name in the lines below",
                           lang_format(a, "%s is no name for a parameter", lang_q(x->p, t)));
        for (uint32_t j = 2; j < i; j++)
            if (!strcmp(l->tokens[j].text, t->text))
                return at_line(x, l, frame, t, NULL,
                               lang_format(a, "there are two parameters %s", lang_q(x->p, t)));
    }
    return true;
}

static void collect_definition(expander *x, lang_lines *lines, uint32_t at,
                               const lang_frame *frame)
{
    const lang_line *l = &lines->at[at];
    if (l->bad || !define_is_well(x, l, frame))
        return;
    if (x->defines_n == DEFINES_MAX) {
        at_line(x, l, frame, &l->tokens[0], NULL, "there are too many definitions");
        return;
    }
    x->defines =
        sim_grow(x->defines, &x->defines_capacity, x->defines_n + 1, sizeof *x->defines);
    x->defines[x->defines_n++] = (definition){.name = l->tokens[1].text,
                                              .lines = lines,
                                              .at = at,
                                              .frame = frame,
                                              .parameters = l->tokens + 2,
                                              .parameters_n = l->n - 2};
}

/* ---- files
 * ------------------------------------------------------------------------------------------ */

static void read_file(expander *x, const scenario_file *f, const lang_frame *frame);

static void include(expander *x, const lang_line *l, const lang_frame *frame)
{
    lang_parser *p = x->p;
    const scenario_loader *loader = p->loader;
    if (l->n < 2 || !l->tokens[1].quoted) {
        at_line(x, l, frame, l->n < 2 ? NULL : &l->tokens[1], "write: include \"file\"",
                "the file to include must stand in \"quotes\"");
        return;
    }
    const lang_token *name = &l->tokens[1];
    if (l->n > 2) {
        at_line(x, l, frame, &l->tokens[2], "write: include \"file\"",
                lang_format(p->arena, "%s does not belong here", lang_q(p, &l->tokens[2])));
        return;
    }
    const char *path = NULL, *text = NULL, *error = NULL;
    size_t len = 0;
    if (!loader || !loader->read ||
        !loader->read(loader->self, l->file->path, name->text, &path, &text, &len, &error)) {
        at_line(x, l, frame, name, loader && loader->read ? error : "no files can be read here",
                lang_format(p->arena, "%s cannot be included", lang_q(p, name)));
        return;
    }
    uint32_t depth = 0;
    bool loop = !strcmp(p->s->files[0].path, path);
    for (const lang_frame *f = frame; f; f = f->up, depth++)
        loop |= !strcmp(f->line->file->path, path);
    loop |= !strcmp(l->file->path, path);
    if (loop) {
        at_line(x, l, frame, name, NULL,
                lang_format(p->arena, "%s includes itself",
                            lang_quote(p->arena, path, strlen(path))));
        return;
    }
    for (uint32_t i = 0; i < p->s->files_n; i++)
        if (!strcmp(p->s->files[i].path, path))
            return; /* its definitions are there already */
    lang_frame *inner = sim_arena_take(p->arena, sizeof *inner);
    *inner = (lang_frame){.kind = LANG_IN_INCLUDE, .name = name->text, .line = l, .up = frame};
    p->frame = inner;
    const scenario_file *f =
        depth < SCENARIO_INCLUDE_DEPTH_MAX ? lang_add_file(p, path, text, len) : NULL;
    p->frame = NULL;
    if (f)
        read_file(x, f, inner);
    else
        at_line(x, l, frame, name, NULL, "too many files are included");
}

/* An included file holds definitions, and nothing that acts. */
static void only_definitions(expander *x, const lang_line *l, const lang_frame *frame)
{
    if (!l->bad && !is(l, "end"))
        at_line(x, l, frame, &l->tokens[0], "put it between 'define NAME' and 'end'",
                lang_format(x->p->arena, "an included file holds definitions only, not %s",
                            lang_q(x->p, &l->tokens[0])));
}

static void nothing_nested(expander *x, const lang_lines *lines, uint32_t from, uint32_t to,
                           const lang_frame *frame)
{
    for (uint32_t i = from; i < to && i < lines->n; i++) {
        const lang_line *l = &lines->at[i];
        if (is(l, "define") || is(l, "include"))
            at_line(x, l, frame, &l->tokens[0], "move it to the top of the file",
                    lang_format(x->p->arena, "'%s' cannot stand inside a block",
                                l->tokens[0].text));
    }
}

static void read_file(expander *x, const scenario_file *f, const lang_frame *frame)
{
    lang_parser *p = x->p;
    lang_lines *lines = &p->s->lines[f - p->s->files];
    lang_lex(f, p->arena, p->diags, lines);
    find_ends(x, lines, frame);
    for (uint32_t i = 0; i < lines->n; i++) {
        const lang_line *l = &lines->at[i];
        if (is(l, "define"))
            collect_definition(x, lines, i, frame);
        else if (is(l, "include") && !l->bad)
            include(x, l, frame);
        else if (frame)
            only_definitions(x, l, frame);
        if (opens(l)) {
            nothing_nested(x, lines, i + 1, l->match, frame);
            i = l->match;
        }
    }
}

/* ---- variables
 * ----------------------------------------------------------------------------------------- */

static const lang_token *variable(const lang_frame *f, const char *name, size_t len)
{
    for (; f; f = f->up) {
        for (uint32_t i = 0; i < f->n; i++)
            if (f->names[i].len == len && !memcmp(f->names[i].text, name, len))
                return &f->values[i];
        if (f->kind == LANG_IN_DEFINE) /* a definition does not see its caller's */
            return NULL;
    }
    return NULL;
}

static bool in_scope(const lang_frame *f)
{
    for (; f; f = f->up) {
        if (f->n)
            return true;
        if (f->kind == LANG_IN_DEFINE)
            return true;
    }
    return false;
}

static size_t name_len(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') ||
                       s[n] == '_' || (n && s[n] >= '0' && s[n] <= '9')))
        n++;
    return n;
}

static bool no_variable(expander *x, const lang_line *l, const lang_frame *frame,
                        const lang_token *t, const char *name, size_t len)
{
    sim_arena *a = x->p->arena;
    const char *names[PARAMETERS_MAX * 4];
    uint32_t n = 0;
    for (const lang_frame *f = frame; f; f = f->kind == LANG_IN_DEFINE ? NULL : f->up)
        for (uint32_t i = 0; i < f->n && n < PARAMETERS_MAX * 4; i++)
            names[n++] = f->names[i].text;
    const char *word = sim_arena_text(a, name, len), *near = sim_text_nearest(word, names, n);
    return at_line(x, l, frame, t,
                   near ? lang_format(a, "did you mean '$%s'?", near)
                        : "a dollar that is none is written \\$",
                   lang_format(a, "there is no variable %s here",
                               lang_quote(a, lang_format(a, "$%s", word), len + 1)));
}

enum { VALUE_MAX = 1 << 20 };

static bool substitute_token(expander *x, const lang_line *l, const lang_frame *frame,
                             lang_token *t)
{
    sim_text out = {0};
    const lang_token from = *t;
    for (uint32_t i = 0; i < from.len;) {
        char c = from.text[i];
        size_t n = c == '$' ? name_len(from.text + i + 1, from.len - i - 1) : 0;
        if (!n) {
            sim_text_char(&out, c == LANG_DOLLAR ? '$' : c);
            i++;
            continue;
        }
        const lang_token *value = variable(frame, from.text + i + 1, n);
        if (value && n + 1 == from.len && !from.quoted) { /* all of the word: it stays quoted */
            *t = *value;
            t->column = from.column;
            t->width = from.width;
            sim_text_free(&out);
            return true;
        }
        if (!value && (!from.quoted || in_scope(frame))) {
            sim_text_free(&out);
            return no_variable(x, l, frame, &from, from.text + i + 1, n);
        }
        if (value)
            sim_text_add(&out, value->text, value->len);
        else
            sim_text_add(&out, from.text + i, n + 1);
        i += (uint32_t)n + 1;
        if (out.len > VALUE_MAX) {
            sim_text_free(&out);
            return at_line(x, l, frame, &from, NULL, "this grows too long");
        }
    }
    t->len = (uint32_t)out.len;
    t->text = lang_keep(x->p->arena, &out);
    t->dollar = false;
    return true;
}

/* The line's words with variables put in; the line's own when there are none.  NULL after
 * a mistake. */
static const lang_token *substitute(expander *x, const lang_line *l, const lang_frame *frame)
{
    bool any = false, well = true;
    for (uint32_t i = 0; i < l->n; i++)
        any |= l->tokens[i].dollar;
    if (!any)
        return l->tokens;
    lang_token *tokens = sim_arena_take(x->p->arena, l->n * sizeof *tokens);
    memcpy(tokens, l->tokens, l->n * sizeof *tokens);
    for (uint32_t i = 0; i < l->n; i++)
        if (tokens[i].dollar)
            well &= substitute_token(x, l, frame, &tokens[i]);
    return well ? tokens : NULL;
}

/* ---- carrying out
 * ----------------------------------------------------------------------------------------- */

static void expand_lines(expander *x, lang_lines *lines, uint32_t from, uint32_t to,
                         const lang_frame *frame);

static bool enter(expander *x, const lang_line *l, const lang_frame *frame)
{
    if (x->depth <= NESTING_MAX) { /* the file itself is one */
        x->depth++;
        return true;
    }
    x->p->stopped = true;
    return at_line(
        x, l, frame, &l->tokens[0], NULL,
        lang_format(x->p->arena, "more than %d blocks and calls in each other", NESTING_MAX));
}

/* The acts of one round are those of every round: they are copied. */
static void copy_round(expander *x, const lang_line *l, const lang_frame *frame, size_t first,
                       uint64_t times)
{
    scenario *s = x->p->s;
    size_t n = s->acts_n - first;
    if (!n)
        return;
    if (times > (SCENARIO_EXPANDED_MAX - s->acts_n) / n) {
        x->p->stopped = true;
        at_line(
            x, l, frame, &l->tokens[0], "repeat less",
            lang_format(x->p->arena,
                        "the scenario has more than %d commands when its blocks are unrolled",
                        SCENARIO_EXPANDED_MAX));
        return;
    }
    size_t need = s->acts_n + n * (size_t)times;
    s->acts = sim_grow(s->acts, &s->acts_capacity, need, sizeof *s->acts);
    for (; times; times--, s->acts_n += n)
        memcpy(s->acts + s->acts_n, s->acts + first, n * sizeof *s->acts);
}

static void repeat(expander *x, lang_lines *lines, uint32_t at, const lang_token *tokens,
                   const lang_frame *frame)
{
    lang_parser *p = x->p;
    const lang_line *l = &lines->at[at];
    uint64_t times = 1;
    p->line = l;
    p->frame = frame;
    p->tokens = tokens;
    p->n = l->n;
    p->at = 1;
    p->condition = NULL;
    p->command = lang_command_named("repeat", 6);
    bool well =
        lang_parse_number(p, "the number of rounds", 1, SCENARIO_EXPANDED_MAX, &times) &&
        lang_parse_done(p);
    scenario *s = p->s;
    size_t acts = s->acts_n;
    for (uint64_t i = 0; i < (well ? times : 1) && !p->stopped; i++) {
        size_t sections = s->sections_n, cites = s->cites_n;
        uint32_t errors = p->diags->errors;
        acts = s->acts_n;
        expand_lines(x, lines, at + 1, l->match, frame);
        if (p->diags->errors != errors)
            return;
        if (s->sections_n <= sections + (sections == 0) && s->cites_n == cites) {
            if (!p->stopped)
                copy_round(x, l, frame, acts, times - i - 1);
            return;
        }
    }
}

/* `1..5` as five words, `all` as the cluster's names, everything else as itself. */
static bool for_value(expander *x, const lang_line *l, const lang_frame *frame,
                      const lang_token *t, lang_token *out, uint32_t *n)
{
    lang_parser *p = x->p;
    const char *dots = t->quoted ? NULL : strstr(t->text, "..");
    uint64_t low, high;
    const sim_config *c = &p->s->config;
    bool all = lang_is_word(t, "all");
    if (lang_is_word(t, "followers") || lang_is_word(t, "others"))
        return at_line(
            x, l, frame, t, "name the nodes, or write 'all'",
            lang_format(p->arena, "who the %s are is known only when it runs", t->text));
    if (dots && sim_parse_u64(t->text, (size_t)(dots - t->text), &low) &&
        sim_parse_u64(dots + 2, t->len - (size_t)(dots + 2 - t->text), &high)) {
        if (low > high || high - low >= FOR_MAX)
            return at_line(x, l, frame, t, "a range goes up: 1..5",
                           low > high ? "this range goes down" : "this range is too long");
    } else if (all) {
        low = 1;
        high = c->nodes;
    } else {
        if (*n < FOR_MAX)
            out[(*n)++] = *t;
        return true;
    }
    for (uint64_t i = low; i <= high && *n < FOR_MAX && high; i++) {
        const char *text = all && c->names
                               ? c->names[i - 1]
                               : lang_format(p->arena, all ? "n%u" : "%u", (unsigned)i);
        out[*n] = *t;
        out[*n].text = text;
        out[(*n)++].len = (uint32_t)strlen(text);
    }
    return true;
}

static bool for_is_well(expander *x, const lang_line *l, const lang_token *tokens,
                        const lang_frame *frame)
{
    sim_arena *a = x->p->arena;
    if (l->n < 2)
        return at_line(x, l, frame, NULL, "write: for n in n1 n2 n3",
                       "a variable is missing here");
    if (!is_variable_name(&tokens[1]))
        return at_line(
            x, l, frame, &tokens[1], "write: for n in n1 n2 n3",
            lang_format(a, "%s is no name for a variable", lang_q(x->p, &tokens[1])));
    if (l->n < 3 || !lang_is_word(&tokens[2], "in"))
        return at_line(x, l, frame, l->n < 3 ? NULL : &tokens[2], "write: for n in n1 n2 n3",
                       "'in' is missing here");
    if (l->n < 4)
        return at_line(x, l, frame, NULL, "write: for n in n1 n2 n3",
                       "what to go through is missing here");
    if (variable(frame, tokens[1].text, tokens[1].len))
        return at_line(x, l, frame, &tokens[1], "choose another name",
                       lang_format(a, "'$%s' means something here already", tokens[1].text));
    return true;
}

static void go_through(expander *x, lang_lines *lines, uint32_t at, const lang_token *tokens,
                       const lang_frame *frame)
{
    lang_parser *p = x->p;
    const lang_line *l = &lines->at[at];
    if (!for_is_well(x, l, tokens, frame))
        return;
    lang_token *values = sim_alloc(FOR_MAX * sizeof *values);
    uint32_t n = 0;
    for (uint32_t i = 3; i < l->n; i++)
        for_value(x, l, frame, &tokens[i], values, &n);
    for (uint32_t i = 0; i < n && !p->stopped; i++) {
        lang_frame *inner = sim_arena_take(p->arena, sizeof *inner);
        lang_token *value = sim_arena_take(p->arena, sizeof *value);
        *value = values[i];
        *inner = (lang_frame){.kind = LANG_IN_FOR,
                              .name = tokens[1].text,
                              .line = l,
                              .names = &tokens[1],
                              .values = value,
                              .n = 1,
                              .up = frame};
        expand_lines(x, lines, at + 1, l->match, inner);
    }
    free(values);
}

static bool calls_itself(const definition *d, const lang_frame *frame)
{
    for (; frame; frame = frame->up)
        if (frame->kind == LANG_IN_DEFINE && !strcmp(frame->name, d->name))
            return true;
    return false;
}

static void call(expander *x, definition *d, const lang_line *l, const lang_token *tokens,
                 const lang_frame *frame)
{
    lang_parser *p = x->p;
    const lang_line *head = &d->lines->at[d->at];
    d->called = true;
    if (calls_itself(d, frame)) {
        at_line(x, l, frame, &tokens[0], "a definition cannot use itself",
                lang_format(p->arena, "'%s' calls itself", d->name));
        return;
    }
    if (l->n - 1 != d->parameters_n) {
        at_line(x, l, frame, l->n - 1 < d->parameters_n ? NULL : &tokens[1 + d->parameters_n],
                lang_format(p->arena, "write: %s",
                            lang_join(p->arena, head->tokens + 1, head->n - 1)),
                lang_format(p->arena, "'%s' takes %u %s, not %u", d->name, d->parameters_n,
                            d->parameters_n == 1 ? "word" : "words", l->n - 1));
        return;
    }
    lang_frame *inner = sim_arena_take(p->arena, sizeof *inner);
    *inner = (lang_frame){.kind = LANG_IN_DEFINE,
                          .name = d->name,
                          .line = l,
                          .names = d->parameters,
                          .values = tokens + 1,
                          .n = d->parameters_n,
                          .up = frame};
    expand_lines(x, d->lines, d->at + 1, head->match, inner);
}

/* Definitions are commands too, where a name is looked for. */
static bool suggest_definition(expander *x, const lang_line *l, const lang_token *tokens,
                               const lang_frame *frame)
{
    const char *names[64];
    uint32_t n = 0;
    for (size_t i = 0; i < x->defines_n && n < 64; i++)
        names[n++] = x->defines[i].name;
    const char *near = sim_text_nearest(tokens[0].text, names, n);
    if (!near || tokens[0].quoted)
        return false;
    at_line(x, l, frame, &tokens[0], lang_format(x->p->arena, "did you mean '%s'?", near),
            lang_format(x->p->arena, "there is no command %s", lang_q(x->p, &tokens[0])));
    return true;
}

static void expand_line(expander *x, lang_lines *lines, uint32_t at, const lang_frame *frame)
{
    const lang_line *l = &lines->at[at];
    const lang_token *tokens = substitute(x, l, frame);
    if (!tokens)
        return;
    if (is(l, "repeat")) {
        repeat(x, lines, at, tokens, frame);
        return;
    }
    if (is(l, "for")) {
        go_through(x, lines, at, tokens, frame);
        return;
    }
    definition *d = tokens[0].quoted ? NULL : definition_named(x, tokens[0].text);
    if (d)
        call(x, d, l, tokens, frame);
    else if (lang_command_named(tokens[0].text, tokens[0].len) ||
             !suggest_definition(x, l, tokens, frame))
        lang_parse_line(x->p, l, tokens, l->n, frame);
}

/* A line that had so many mistakes has told enough: in a block that goes round often, more
 * of the same would only take time. */
static void expand_lines(expander *x, lang_lines *lines, uint32_t from, uint32_t to,
                         const lang_frame *frame)
{
    if (from >= lines->n || from >= to || !enter(x, &lines->at[from], frame))
        return;
    for (uint32_t i = from; i < to && i < lines->n && !x->p->stopped; i++) {
        lang_line *l = &lines->at[i];
        uint64_t told = x->p->diags->told;
        if (x->steps++ == STEPS_MAX) {
            x->p->stopped = true;
            at_line(x, l, frame, &l->tokens[0], "repeat less",
                    "blocks and definitions unroll to too many lines");
        } else if (l->faults >= SCENARIO_DIAGNOSTICS_MAX) {
            x->p->diags->passed++;
        } else if (!l->bad && !is(l, "define") && !is(l, "include") && !is(l, "end")) {
            expand_line(x, lines, i, frame);
        }
        l->faults += x->p->diags->told != told;
        if (opens(l))
            i = l->match;
    }
    x->depth--;
}

/* What nobody calls is looked at as far as that can be done without its parameters. */
static void check_uncalled(expander *x, const definition *d)
{
    lang_parser *p = x->p;
    const lang_line *head = &d->lines->at[d->at];
    for (uint32_t i = d->at + 1; i < head->match && i < d->lines->n; i++) {
        const lang_line *l = &d->lines->at[i];
        bool open = false;
        for (uint32_t t = 0; t < l->n; t++)
            open |= l->tokens[t].dollar;
        if (l->bad || opens(l) || is(l, "end") || definition_named(x, l->tokens[0].text) ||
            is(l, "include"))
            continue;
        if (!open || !lang_command_named(l->tokens[0].text, l->tokens[0].len)) {
            if (!l->tokens[0].dollar)
                lang_parse_line(p, l, l->tokens, l->n, d->frame);
        }
    }
}

void lang_expand(lang_parser *p)
{
    expander x = {.p = p};
    read_file(&x, &p->s->files[0], NULL);
    expand_lines(&x, &p->s->lines[0], 0, (uint32_t)p->s->lines[0].n, NULL);
    p->dry = true;
    for (size_t i = 0; i < x.defines_n && !p->stopped; i++)
        if (!x.defines[i].called)
            check_uncalled(&x, &x.defines[i]);
    p->dry = false;
    free(x.defines);
}
