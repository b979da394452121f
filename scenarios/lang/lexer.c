/* lexer.c - a file as lines of words.
 *
 * Words are separated by blanks; `->`, `<->` and `|` are words of their own even without
 * blanks around them; text stands in "double quotes"; a """long text""" may span lines.
 * Every mistake is told at its place, and the rest of the file is still read. */
#include "scenarios/lang/lang.h"

#include "sim/base/memory.h"
#include <stdlib.h>
#include <string.h>

enum { BAD_LINES_MAX = 10 }; /* with bytes that are no text, before it counts as no text */

typedef struct lexer {
    const scenario_file *file;
    sim_arena *arena;
    scenario_diagnostics *diags;
    lang_lines *out;
    size_t at;       /* of the next line */
    uint32_t number; /* of the line that was taken last */
    uint32_t bad_lines;
    /* The line at hand */
    lang_line line;
    lang_token *tokens;
    size_t n, capacity;
    const char *s, *end; /* what is left of it */
    uint32_t column;     /* of s */
    sim_text text;       /* a quoted text while it is read */
} lexer;

static void complain(lexer *x, uint32_t column, uint32_t width, const char *hint,
                     const char *text)
{
    lang_report(x->diags, (lang_place){&x->line, column, width, NULL}, hint, text);
    x->line.bad = true;
}

/* ---- lines ---------------------------------------------------------------------------- */

static size_t first_control(const char *s, size_t len)
{
    size_t i = 0;
    while (i < len && (((unsigned char)s[i] >= 0x20 && s[i] != 0x7F) || s[i] == '\t'))
        i++;
    return i;
}

static bool bytes_are_well(lexer *x, const char *s, size_t len)
{
    size_t bad = len, control = first_control(s, len);
    bool utf8 = sim_text_utf8(s, len, &bad);
    if (utf8 && control == len)
        return true;
    if (control < bad || utf8)
        bad = control;
    unsigned byte = (unsigned char)s[bad];
    const char *text = !byte ? "a NUL byte cannot stand in a scenario"
                       : byte < 0x80
                           ? lang_format(x->arena, "control character 0x%02x in the text", byte)
                           : lang_format(x->arena, "the byte 0x%02x here is not UTF-8", byte);
    uint32_t column = (uint32_t)sim_text_columns(s, bad) + 1;
    complain(x, column, 1, "a scenario is plain text in UTF-8", text);
    x->bad_lines++;
    return false;
}

/* Takes the next line of the file into s..end; false at the end of the file.  A line that
 * cannot be read is told and comes out empty. */
static bool next_line(lexer *x)
{
    if (x->at >= x->file->len)
        return false;
    const char *start = x->file->text + x->at;
    const char *newline = memchr(start, '\n', x->file->len - x->at);
    size_t len = newline ? (size_t)(newline - start) : x->file->len - x->at;
    x->at += len + 1;
    x->number++;
    if (len && start[len - 1] == '\r')
        len--;
    x->line = (lang_line){.file = x->file, .number = x->number, .source = start};
    x->line.source_len = (uint32_t)(len > SCENARIO_LINE_MAX ? SCENARIO_LINE_MAX : len);
    x->s = start;
    x->end = start + len;
    x->column = 1;
    if (len > SCENARIO_LINE_MAX) {
        complain(x, 1, 1,
                 lang_format(x->arena, "a line has at most %d bytes", SCENARIO_LINE_MAX),
                 lang_format(x->arena, "this line is too long: %zu bytes", len));
        x->s = x->end;
    } else if (!bytes_are_well(x, start, len)) {
        x->s = x->end;
    }
    return true;
}

/* ---- words ------------------------------------------------------------------------------ */

static void skip(lexer *x, size_t bytes)
{
    x->column += (uint32_t)sim_text_columns(x->s, bytes);
    x->s += bytes;
}

static void add_token(lexer *x, lang_token token)
{
    token.dollar =
        memchr(token.text, '$', token.len) || memchr(token.text, LANG_DOLLAR, token.len);
    x->tokens = sim_grow(x->tokens, &x->capacity, x->n + 1, sizeof *x->tokens);
    x->tokens[x->n++] = token;
}

static size_t left(const lexer *x)
{
    return (size_t)(x->end - x->s);
}

static bool starts(const lexer *x, const char *with)
{
    size_t n = strlen(with);
    return left(x) >= n && !memcmp(x->s, with, n);
}

static size_t symbol_len(const lexer *x)
{
    return starts(x, "<->") ? 3 : starts(x, "->") ? 2 : starts(x, "|") ? 1 : 0;
}

/* A bare word: up to a blank, a comment, a quote or a symbol. */
static void lex_word(lexer *x)
{
    const char *start = x->s;
    uint32_t column = x->column;
    size_t n = symbol_len(x);
    if (n) {
        skip(x, n);
    } else {
        sim_text_clear(&x->text);
        while (x->s < x->end && !memchr(" \t\"#", *x->s, 4) && !symbol_len(x)) {
            if (starts(x, "\\$")) { /* a dollar that is no variable */
                sim_text_char(&x->text, LANG_DOLLAR);
                skip(x, 2);
                continue;
            }
            size_t bytes = 1;
            while (x->s + bytes < x->end && ((unsigned char)x->s[bytes] & 0xC0) == 0x80)
                bytes++;
            sim_text_add(&x->text, x->s, bytes);
            x->s += bytes;
            x->column++;
        }
        n = x->text.len;
        start = x->text.at;
    }
    add_token(x, (lang_token){.text = sim_arena_text(x->arena, start, n),
                              .len = (uint32_t)n,
                              .column = column,
                              .width = x->column - column});
}

static void lex_escape(lexer *x)
{
    static const char from[] = "\"\\n$", to[] = {'"', '\\', '\n', LANG_DOLLAR};
    const char *known = left(x) > 1 ? strchr(from, x->s[1]) : NULL;
    if (known && *known) {
        sim_text_char(&x->text, to[known - from]);
        skip(x, 2);
        return;
    }
    size_t bytes = left(x) > 1 ? 2 : 1;
    while (x->s + bytes < x->end && ((unsigned char)x->s[bytes] & 0xC0) == 0x80)
        bytes++;
    complain(x, x->column, bytes > 1 ? 2 : 1, "the escapes are \\\" \\\\ \\n and \\$",
             lang_format(x->arena, "there is no escape '%.*s'", (int)bytes, x->s));
    skip(x, bytes);
}

static void lex_quoted(lexer *x)
{
    uint32_t column = x->column;
    sim_text_clear(&x->text);
    skip(x, 1);
    while (x->s < x->end && *x->s != '"') {
        const char *run = x->s;
        while (run < x->end && *run != '"' && *run != '\\')
            run++;
        sim_text_add(&x->text, x->s, (size_t)(run - x->s));
        skip(x, (size_t)(run - x->s));
        if (x->s < x->end && *x->s == '\\')
            lex_escape(x);
    }
    if (x->s == x->end)
        complain(x, column, x->column - column,
                 "end it with \"; a \\\" inside stands for a quote",
                 "this text has no closing quote");
    else
        skip(x, 1);
    add_token(x, (lang_token){.text = sim_arena_text(x->arena, x->text.at ? x->text.at : "",
                                                     x->text.len),
                              .len = (uint32_t)x->text.len,
                              .column = column,
                              .width = x->column - column,
                              .quoted = true});
}

static bool is_blank_line(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] != ' ' && s[i] != '\t')
            return false;
    return true;
}

/* How many blanks all lines of the text but the first begin with. */
static size_t common_indent(const char *s, size_t len)
{
    size_t common = SIZE_MAX;
    const char *line = memchr(s, '\n', len);
    while (line && ++line <= s + len) {
        const char *newline = memchr(line, '\n', len - (size_t)(line - s));
        size_t n = newline ? (size_t)(newline - line) : len - (size_t)(line - s), indent = 0;
        while (indent < n && (line[indent] == ' ' || line[indent] == '\t'))
            indent++;
        if (!is_blank_line(line, n) && indent < common)
            common = indent;
        line = newline;
    }
    return common == SIZE_MAX ? 0 : common;
}

/* A long text without the line of its opening quotes when that is empty, without what all
 * its lines are indented by, and without blanks at its end. */
static const char *tidy(lexer *x, size_t *out_len)
{
    const char *s = x->text.at ? x->text.at : "";
    size_t len = x->text.len, indent = common_indent(s, len);
    sim_text t = {0};
    for (size_t i = 0, first = 1; i <= len; first = 0) {
        const char *newline = i < len ? memchr(s + i, '\n', len - i) : NULL;
        size_t n = newline ? (size_t)(newline - s) - i : len - i;
        size_t cut = first ? 0 : n < indent ? n : indent;
        while (n > cut && (s[i + n - 1] == ' ' || s[i + n - 1] == '\t'))
            n--;
        sim_text_add(&t, s + i + cut, n - cut);
        if (newline && !(first && !n))
            sim_text_char(&t, '\n');
        i = newline ? (size_t)(newline - s) + 1 : len + 1;
    }
    while (t.len && t.at[t.len - 1] == '\n')
        t.len--;
    *out_len = t.len;
    return lang_keep(x->arena, &t);
}

/* Reads on over lines until the closing quotes.  Escapes mean nothing inside. */
static void lex_long(lexer *x)
{
    lang_token token = {.column = x->column, .width = 3, .quoted = true};
    lang_line line = x->line;
    sim_text_clear(&x->text);
    skip(x, 3);
    bool closed = false;
    for (;;) {
        const char *close = left(x) >= 3 ? memmem(x->s, left(x), "\"\"\"", 3) : NULL;
        size_t n = close ? (size_t)(close - x->s) : left(x);
        sim_text_add(&x->text, x->s, n);
        skip(x, n);
        closed = close;
        if (closed || x->bad_lines > BAD_LINES_MAX || !next_line(x))
            break;
        line.bad |= x->line.bad;
        sim_text_char(&x->text, '\n');
    }
    x->line = line;
    if (closed)
        skip(x, 3);
    else
        complain(x, token.column, 3, "end it with \"\"\"", "this long text has no end");
    size_t len;
    token.text = tidy(x, &len);
    token.len = (uint32_t)len;
    add_token(x, token);
}

/* `#7` names a message, behind a command that takes one; elsewhere # starts a comment. */
static bool starts_id(const lexer *x)
{
    static const char *const takers[] = {"deliver", "drop", "duplicate", "delay", "corrupt"};
    const char *s = x->s + 1;
    while (s < x->end && *s >= '0' && *s <= '9')
        s++;
    if (s == x->s + 1 || (s < x->end && *s != ' ' && *s != '\t') || !x->n)
        return false;
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
        if (!strcmp(x->tokens[0].text, takers[i]))
            return true;
    return false;
}

static void lex_id(lexer *x)
{
    const char *start = x->s;
    uint32_t column = x->column;
    while (x->s < x->end && *x->s != ' ' && *x->s != '\t')
        skip(x, 1);
    size_t n = (size_t)(x->s - start);
    add_token(x, (lang_token){.text = sim_arena_text(x->arena, start, n),
                              .len = (uint32_t)n,
                              .column = column,
                              .width = (uint32_t)n});
}

static void lex_line(lexer *x)
{
    x->n = 0;
    while (x->s < x->end) {
        if (*x->s == ' ' || *x->s == '\t')
            skip(x, 1);
        else if (*x->s == '#' && !starts_id(x))
            break;
        else if (*x->s == '#')
            lex_id(x);
        else if (starts(x, "\"\"\""))
            lex_long(x);
        else if (*x->s == '"')
            lex_quoted(x);
        else
            lex_word(x);
    }
}

static void add_line(lexer *x)
{
    lang_lines *out = x->out;
    if (!x->n)
        return;
    lang_token *tokens = sim_arena_take(x->arena, x->n * sizeof *tokens);
    memcpy(tokens, x->tokens, x->n * sizeof *tokens);
    x->line.tokens = tokens;
    x->line.n = (uint32_t)x->n;
    out->at = sim_grow(out->at, &out->capacity, out->n + 1, sizeof *out->at);
    out->at[out->n++] = x->line;
}

void lang_lex(const scenario_file *file, sim_arena *a, scenario_diagnostics *d, lang_lines *out)
{
    lexer x = {.file = file, .arena = a, .diags = d, .out = out};
    if (file->len >= 3 && !memcmp(file->text, "\xEF\xBB\xBF", 3))
        x.at = 3; /* a byte order mark */
    while (next_line(&x)) {
        lex_line(&x);
        add_line(&x);
        if (x.bad_lines > BAD_LINES_MAX) {
            complain(&x, 1, 1, "is this a scenario?",
                     "too many bytes that are not text; reading stops here");
            break;
        }
    }
    sim_text_free(&x.text);
    free(x.tokens);
}
