/* export_puml_text.c - what stands on arrows and in boxes.
 *
 * PlantUML reads marks inside every label (creole, tags, variables, page numbers).  What
 * comes from a person is written so that none of them works: a character that could begin
 * a mark becomes <U+XXXX>, which is turned back after the marks were read. */
#include "traces/export_puml.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* ---- escaping ------------------------------------------------------------------------ */

static const char always[] = "<~\\%\"";
static const char doubled[] = "_/*-[]=.^{}|";
static const char at_start[] = "#*=|.-!@';:+&";

static bool is_in(const char *set, uint32_t c)
{
    return c < 0x80 && c && strchr(set, (int)c) != NULL;
}

static bool is_name(uint32_t c)
{
    return c == '_' || (c | 32u) - 'a' < 26;
}

static bool is_mark(uint32_t before, uint32_t c, uint32_t after)
{
    if (is_in(always, c) || (!before && is_in(at_start, c)))
        return true;
    if (c == before && is_in(doubled, c))
        return true;
    if (c == '$')
        return is_name(after);
    return (before == '/' && c == '\'') || (before == '&' && c == '#');
}

/* Takes one code point; U+FFFD for a broken byte. */
static uint32_t next_point(const char **at)
{
    const unsigned char *s = (const unsigned char *)*at;
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    for (size_t i = 1; i < n; i++) {
        if (!s[i])
            n = i;
    }
    if (!sim_text_utf8((const char *)s, n, NULL)) {
        *at += 1;
        return 0xFFFD;
    }
    *at += n;
    if (n == 1)
        return s[0];
    uint32_t c = s[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (s[i] & 0x3Fu);
    return c;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

static void put_point(sim_text *out, const char *from, const char *to, uint32_t c)
{
    if (c == 0xFFFD)
        sim_text_put(out, "\xEF\xBF\xBD");
    else
        sim_text_add(out, from, (size_t)(to - from));
}

void puml_lines(sim_text *out, const char *s, size_t max, size_t line)
{
    uint32_t before = 0;
    size_t columns = 0, on_line = 0;
    while (*s) {
        if (columns++ == max) {
            sim_text_put(out, "…");
            return;
        }
        const char *from = s;
        uint32_t c = next_point(&s);
        const char *peek = s;
        uint32_t after = *s ? next_point(&peek) : 0;
        bool full = c == ' ' && on_line >= line;
        if ((c == '\n' && *s) || full || on_line >= line + line / 2) {
            sim_text_put(out, "\\n");
            before = 0;
            on_line = 0;
            if (c == '\n' || full)
                continue;
        }
        on_line++;
        if (is_control(c))
            c = ' ', sim_text_char(out, ' ');
        else if (is_mark(before, c, after))
            sim_text_format(out, "<U+%04" PRIX32 ">", c);
        else
            put_point(out, from, s, c);
        before = c;
    }
}

void puml_text(sim_text *out, const char *s, size_t max)
{
    puml_lines(out, s, max, SIZE_MAX / 4);
}

/* ---- labels -------------------------------------------------------------------------- */

#define SMALL_OPEN  "\\n<size:10><color:" PUML_DIM ">"
#define SMALL_CLOSE "</color></size>"

/* In a narrow label what was added last goes to the next line if this one is full. */
static void keep_narrow(puml_label *l)
{
    sim_text *out = l->out;
    if (!l->narrow || l->added == l->begin ||
        sim_text_columns(out->at + l->begin, out->len - l->begin) <= PUML_NARROW_MAX)
        return;
    sim_text last = {0};
    sim_text_add(&last, out->at + l->added, out->len - l->added);
    out->len = l->added - strlen(" · ");
    sim_text_put(out, SMALL_CLOSE SMALL_OPEN);
    l->begin = l->added = out->len;
    sim_text_add(out, last.at, last.len);
    sim_text_free(&last);
}

static void open_small(puml_label *l)
{
    if (l->small)
        keep_narrow(l);
    sim_text_put(l->out, l->small ? " · " : SMALL_OPEN);
    l->added = l->out->len;
    if (!l->small)
        l->begin = l->added;
    l->small = true;
}

void puml_small(puml_label *l, const char *format, ...)
{
    open_small(l);
    va_list args;
    va_start(args, format);
    sim_text_vformat(l->out, format, args);
    va_end(args);
}

void puml_small_text(puml_label *l, const char *before, const char *text)
{
    open_small(l);
    sim_text_put(l->out, before);
    puml_text(l->out, text, PUML_LINE_MAX);
}

/* How long the line is that begins at s: the words that fit, and at least one. */
static size_t narrow_line(const char *s)
{
    size_t len = strcspn(s, " ");
    while (s[len]) {
        size_t more = len + 1 + strcspn(s + len + 1, " ");
        if (sim_text_columns(s, more) > PUML_NARROW_MAX)
            break;
        len = more;
    }
    return len;
}

void puml_small_lines(puml_label *l, const char *before, const char *text)
{
    enum { LINES = 4 };
    sim_text all = {0}, line = {0};
    sim_text_put(&all, before);
    sim_text_put(&all, text);
    const char *s = all.at;
    for (int i = 0; i < LINES && *s; i++) {
        size_t len = l->narrow ? narrow_line(s) : strlen(s);
        sim_text_clear(&line);
        sim_text_add(&line, s, len);
        s += len;
        sim_text_put(&line, i == LINES - 1 && *s ? "…" : "");
        puml_small_break(l);
        puml_small_text(l, "", line.at);
        s += *s == ' ';
    }
    sim_text_free(&all);
    sim_text_free(&line);
}

void puml_small_break(puml_label *l)
{
    if (l->small) {
        keep_narrow(l);
        sim_text_put(l->out, SMALL_CLOSE);
    }
    l->small = false;
}

void puml_label_end(puml_label *l)
{
    puml_small_break(l);
    sim_text_char(l->out, '\n');
}

void puml_ms(sim_text *out, uint64_t us, bool tenths)
{
    sim_text_u64(out, us / 1000);
    if (tenths)
        sim_text_format(out, ".%" PRIu64, us / 100 % 10);
}

/* ---- messages ------------------------------------------------------------------------ */

static bool says(const trace_event *send, const char *field, const char *word)
{
    return strcmp(trace_text_of(send, field), word) == 0;
}

const char *puml_message_colour(const trace_event *send)
{
    const char *type = trace_text_of(send, "type");
    if (strcmp(type, "AppendEntriesReply") == 0 && says(send, "ok", "no"))
        return PUML_BAD;
    if (strstr(type, "Vote"))
        return PUML_VOTE;
    return strncmp(type, "AppendEntries", 13) == 0 ? PUML_APPEND : PUML_OTHER;
}

/* What the arrow says in bold. */
static const char *message_word(const trace_event *send)
{
    const char *type = trace_text_of(send, "type");
    if (puml_is_heartbeat(send))
        return "heartbeat";
    if (strcmp(type, "RequestVoteReply") == 0)
        return says(send, "granted", "yes") ? "granted" : "denied";
    if (strcmp(type, "PreVoteReply") == 0)
        return says(send, "granted", "yes") ? "pre-vote granted" : "pre-vote denied";
    if (strcmp(type, "AppendEntriesReply") == 0)
        return says(send, "ok", "yes") ? "ok" : "refused";
    return type;
}

/* `2@1 command "add 1"` as `add 1`, `2@1 noop` as `no-op`. */
static void entry_words(sim_text *out, const char *entry)
{
    enum { ENTRY_MAX = 24 };
    const char *kind = strchr(entry, ' ');
    const char *text = kind ? strchr(kind, '"') : NULL;
    if (!text) {
        puml_text(out, kind && strcmp(kind, " noop") != 0 ? kind + 1 : "no-op", ENTRY_MAX);
        return;
    }
    sim_text plain = {0};
    sim_text_put(&plain, "");
    for (const char *s = text + 1; *s && !(s[0] == '"' && !s[1]); s++) {
        if (*s == '\\' && s[1])
            s++;
        sim_text_char(&plain, *s);
    }
    puml_text(out, plain.at, ENTRY_MAX);
    sim_text_free(&plain);
}

static void entries_words(puml_label *l, const trace_value *entries)
{
    enum { SHOWN = 3 };
    puml_small(l, "+%" PRIu32 " [", entries->n);
    for (uint32_t i = 0; i < entries->n && i < SHOWN; i++) {
        if (i)
            sim_text_put(l->out, ", ");
        entry_words(l->out, entries->texts[i]);
    }
    sim_text_put(l->out, entries->n > SHOWN ? ", …]" : "]");
}

static void put_number(puml_label *l, const trace_event *send, const char *name)
{
    if (trace_value_of(send, name))
        puml_small(l, "%s %" PRIu64, name, trace_number_of(send, name));
}

static void put_word(puml_label *l, const trace_event *send, const char *name)
{
    if (*trace_text_of(send, name)) {
        puml_small(l, "%s ", name);
        puml_text(l->out, trace_text_of(send, name), PUML_NAME_MAX);
    }
}

/* Of a type that we do not know: its first few fields. */
static void foreign_fields(puml_label *l, const trace_event *send)
{
    enum { SHOWN = 4 };
    uint32_t shown = 0;
    for (uint32_t i = 0; i < send->values_n && shown < SHOWN; i++) {
        const char *name = send->values[i].name;
        if (strcmp(name, "id") == 0 || strcmp(name, "from") == 0 || strcmp(name, "to") == 0 ||
            strcmp(name, "type") == 0 || strcmp(name, "term") == 0 ||
            strcmp(name, "forged") == 0)
            continue;
        sim_text_put(l->out, "");
        if (send->values[i].kind == TRACE_NUMBER)
            put_number(l, send, name);
        else
            put_word(l, send, name);
        shown++;
    }
}

void puml_message_fields(puml_label *l, const puml_message *m)
{
    const trace_event *send = m->send;
    const char *type = trace_text_of(send, "type");
    const trace_value *entries = trace_value_of(send, "entries");
    if (strcmp(type, "RequestVote") == 0 || strcmp(type, "PreVote") == 0) {
        put_word(l, send, "last");
    } else if (strcmp(type, "AppendEntries") == 0) {
        put_word(l, send, "prev");
        if (entries && entries->n)
            entries_words(l, entries);
        put_number(l, send, "commit");
    } else if (strcmp(type, "AppendEntriesReply") == 0) {
        if (says(send, "ok", "yes")) {
            put_number(l, send, "match");
        } else {
            put_number(l, send, "prev");
            put_word(l, send, "conflict");
        }
    } else if (strcmp(type, "RequestVoteReply") != 0 && strcmp(type, "PreVoteReply") != 0) {
        foreign_fields(l, send);
    }
}

void puml_message_label(puml_label *l, const puml_message *m, const char *colour, bool id)
{
    sim_text_format(l->out, "<color:%s><b>", colour);
    if (id)
        sim_text_format(l->out, "<U+0023>%" PRIu64 " ", m->id);
    puml_text(l->out, message_word(m->send), PUML_NAME_MAX);
    sim_text_format(l->out, "</b></color> T%" PRIu64, trace_number_of(m->send, "term"));
}

/* ---- disks --------------------------------------------------------------------------- */

void puml_write_words(sim_text *out, const trace_event *disk)
{
    const char *between = "";
    if (trace_value_of(disk, "term")) {
        const char *vote = trace_text_of(disk, "vote");
        sim_text_format(out, "term %" PRIu64, trace_number_of(disk, "term"));
        if (*vote) {
            sim_text_put(out, ", vote ");
            puml_text(out, vote, PUML_NAME_MAX);
        }
        between = " · ";
    }
    if (trace_value_of(disk, "snapshot")) {
        sim_text_format(out, "%ssnapshot ", between);
        puml_text(out, trace_text_of(disk, "snapshot"), PUML_NAME_MAX);
        between = " · ";
    }
    if (trace_value_of(disk, "truncate")) {
        sim_text_format(out, "%scut from %" PRIu64, between, trace_number_of(disk, "truncate"));
        between = " · ";
    }
    uint64_t first = trace_number_of(disk, "first"), n = trace_number_of(disk, "count");
    if (n == 1)
        sim_text_format(out, "%sentry %" PRIu64, between, first);
    else if (n)
        sim_text_format(out, "%sentries %" PRIu64 "..%" PRIu64, between, first, first + n - 1);
    else if (!*between && *trace_text_of(disk, "what"))
        puml_text(out, trace_text_of(disk, "what"), PUML_LINE_MAX);
    else if (!*between)
        sim_text_put(out, "write");
    if (*trace_text_of(disk, "up_to")) {
        sim_text_put(out, " · up to ");
        puml_text(out, trace_text_of(disk, "up_to"), PUML_NAME_MAX);
    }
}
