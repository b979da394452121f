/* test_puml_story.c - see test_puml_story.h. */
#include "traces/test/test_puml_story.h"

#include "sim/base/memory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- traces told by hand ---------------------------------------------------------------- */

const char *tale_quote(const char *text)
{
    static sim_text out;
    sim_text_clear(&out);
    sim_text_char(&out, '"');
    for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
        if (*s == '"' || *s == '\\' || *s < 0x20)
            sim_text_format(&out, "\\u%04x", *s);
        else
            sim_text_char(&out, (char)*s);
    }
    sim_text_char(&out, '"');
    return out.at;
}

tale *tale_new(const char *title, const char *nodes)
{
    tale *t = sim_alloc(sizeof *t);
    sim_text_format(&t->lines,
                    "{\"format\":\"" TRACE_FORMAT "\",\"program\":\"" TRACE_PROGRAM_VERSION
                    "\",\"scenario\":\"a/b.scenario\",\"title\":%s,\"about\":\"\",\"cites\":[],"
                    "\"engine\":\"native\",\"app\":\"counter\",\"nodes\":[",
                    tale_quote(title));
    for (const char *s = nodes; *s;) {
        size_t len = strcspn(s, " ");
        sim_text_format(&t->lines, "%s\"%.*s\"", s == nodes ? "" : ",", (int)len, s);
        s += len + (s[len] == ' ');
    }
    sim_text_put(&t->lines, "],\"seed\":7,\"options\":{},\"source\":[]}\n");
    return t;
}

static void count(tale *t, const char *kind)
{
    t->sends += strcmp(kind, "send") == 0;
    t->delivers += strcmp(kind, "deliver") == 0;
    t->drops += strcmp(kind, "drop") == 0;
    t->expects += strcmp(kind, "expect") == 0;
    t->violations += strcmp(kind, "violation") == 0;
}

uint64_t tale_plain(tale *t, const char *kind, const char *node, uint64_t cause)
{
    sim_text_format(&t->lines,
                    "{\"seq\":%" PRIu64 ",\"at_us\":%" PRIu64 ",\"section\":%" PRIu32
                    ",\"line\":1,\"cause\":%" PRIu64 ",\"kind\":\"%s\",\"node\":\"%s\"}\n",
                    ++t->seq, t->at_us, t->section, cause, kind, node);
    count(t, kind);
    return t->seq;
}

uint64_t tale_event(tale *t, const char *kind, const char *node, uint64_t cause,
                    const char *fields, ...)
{
    va_list args;
    uint64_t seq = tale_plain(t, kind, node, cause);
    t->lines.len -= strlen("}\n");
    sim_text_char(&t->lines, ',');
    va_start(args, fields);
    sim_text_vformat(&t->lines, fields, args);
    va_end(args);
    sim_text_put(&t->lines, "}\n");
    return seq;
}

void tale_section(tale *t, const char *title)
{
    t->section++;
    tale_event(t, "section", "", 0,
               "\"title\":%s,\"role\":\"section\",\"uses\":[\"a.uses\"],"
               "\"tests\":[\"a.tests\",\"b.tests\"]",
               tale_quote(title));
}

static void about(tale *t, uint64_t id, sim_text *out)
{
    sim_text_format(out, "\"id\":%" PRIu64 ",\"from\":\"%s\",\"to\":\"%s\",\"type\":\"%s\"", id,
                    t->message[id].from, t->message[id].to, t->message[id].type);
}

static uint64_t event_about(tale *t, const char *kind, uint64_t cause, uint64_t id,
                            const char *more)
{
    sim_text s = {0};
    about(t, id, &s);
    const char *node = strcmp(kind, "deliver") == 0 ? t->message[id].to : t->message[id].from;
    uint64_t seq = tale_event(t, kind, node, cause, "%s%s%s", s.at, *more ? "," : "", more);
    sim_text_free(&s);
    return seq;
}

static uint64_t new_message(tale *t, const char *from, const char *to, const char *type)
{
    uint64_t id = ++t->messages;
    ck_assert_uint_lt(id, TALE_MESSAGES);
    t->message[id].from = from;
    t->message[id].to = to;
    t->message[id].type = type;
    return id;
}

uint64_t tale_send(tale *t, const char *from, const char *to, const char *type, uint64_t term,
                   uint64_t cause, const char *fields)
{
    uint64_t id = new_message(t, from, to, type);
    sim_text more = {0};
    sim_text_format(&more, "\"term\":%" PRIu64 "%s%s", term, *fields ? "," : "", fields);
    event_about(t, "send", cause, id, more.at);
    sim_text_free(&more);
    return id;
}

uint64_t tale_duplicate(tale *t, uint64_t id)
{
    uint64_t copy = new_message(t, t->message[id].from, t->message[id].to, t->message[id].type);
    char more[64];
    snprintf(more, sizeof more, "\"copy\":%" PRIu64, copy);
    event_about(t, "duplicate", 0, id, more);
    return copy;
}

uint64_t tale_deliver(tale *t, uint64_t id, const char *fields)
{
    return event_about(t, "deliver", 0, id, fields);
}

void tale_drop(tale *t, uint64_t id, const char *reason, uint64_t cause)
{
    char more[64];
    snprintf(more, sizeof more, "\"reason\":\"%s\"", reason);
    event_about(t, "drop", cause, id, more);
}

void tale_hold(tale *t, uint64_t id)
{
    event_about(t, "hold", t->seq, id, "");
}

void tale_election(tale *t, const char *c, const char *const *others, uint32_t n, uint64_t term)
{
    uint64_t ids[SIM_NODES_MAX], answers[SIM_NODES_MAX];
    char entries[128];
    snprintf(entries, sizeof entries,
             "\"prev\":\"0@0\",\"commit\":0,\"entries\":[\"1@%" PRIu64 " noop\"]", term);
    uint64_t step = tale_event(t, "timer", c, 0, "\"timer\":\"election\"");
    tale_event(t, "term", c, step, "\"from\":%" PRIu64 ",\"to\":%" PRIu64, term - 1, term);
    tale_event(t, "role", c, step,
               "\"from\":\"follower\",\"to\":\"candidate\",\"why\":\"election timeout\","
               "\"state\":{\"role\":\"candidate\"}");
    for (uint32_t i = 0; i < n; i++)
        ids[i] = tale_send(t, c, others[i], "RequestVote", term, step, "\"last\":\"0@0\"");
    for (uint32_t i = 0; i < n; i++) {
        step = tale_deliver(t, ids[i], "");
        tale_event(t, "term", others[i], step, "\"from\":%" PRIu64 ",\"to\":%" PRIu64, term - 1,
                   term);
        answers[i] =
            tale_send(t, others[i], c, "RequestVoteReply", term, step, "\"granted\":\"yes\"");
    }
    for (uint32_t i = 0; i < n; i++) {
        bool late = i + 1 > (n + 1) / 2;
        step = tale_deliver(t, answers[i], late ? "\"ignored\":\"a late vote\"" : "");
        if (i + 1 != (n + 1) / 2)
            continue;
        tale_event(t, "role", c, step,
                   "\"from\":\"candidate\",\"to\":\"leader\",\"why\":\"elected\","
                   "\"state\":{\"role\":\"leader\"}");
        for (uint32_t k = 0; k < n; k++)
            ids[k] = tale_send(t, c, others[k], "AppendEntries", term, step, entries);
    }
    for (uint32_t i = 0; i < n; i++) {
        step = tale_deliver(t, ids[i], "");
        answers[i] = tale_send(t, others[i], c, "AppendEntriesReply", term, step,
                               "\"ok\":\"yes\",\"prev\":0,\"match\":1,\"conflict\":\"0@0\"");
    }
    for (uint32_t i = 0; i < n; i++) {
        step = tale_deliver(t, answers[i], "");
        if (i + 1 == (n + 1) / 2)
            tale_event(t, "commit", c, step, "\"from\":1,\"to\":1,\"state\":{\"commit\":1}");
    }
}

void tale_heartbeats(tale *t, const char *l, const char *const *others, uint32_t n,
                     uint64_t term, bool cut)
{
    uint64_t ids[SIM_NODES_MAX], answers[SIM_NODES_MAX];
    uint64_t step = tale_event(t, "timer", l, 0, "\"timer\":\"heartbeat\"");
    for (uint32_t i = 0; i < n; i++) {
        ids[i] = tale_send(t, l, others[i], "AppendEntries", term, step,
                           "\"prev\":\"1@1\",\"commit\":1,\"entries\":[]");
        if (cut)
            tale_drop(t, ids[i], "cut", t->seq);
    }
    for (uint32_t i = 0; i < n && !cut; i++) {
        step = tale_deliver(t, ids[i], "");
        answers[i] = tale_send(t, others[i], l, "AppendEntriesReply", term, step,
                               "\"ok\":\"yes\",\"prev\":1,\"match\":1,\"conflict\":\"0@0\"");
    }
    for (uint32_t i = 0; i < n && !cut; i++)
        tale_deliver(t, answers[i], "");
}

trace *tale_read(tale *t, const char *result)
{
    sim_text_format(&t->lines,
                    "{\"result\":\"%s\",\"why\":\"because of <b>this</b>\",\"events\":%" PRIu64
                    ",\"sends\":%" PRIu64 ",\"delivers\":%" PRIu64 ",\"drops\":%" PRIu64
                    ",\"expects\":%" PRIu64 ",\"violations\":%" PRIu64 ",\"at_us\":%" PRIu64
                    ",\"digest\":\"0123456789abcdef\"}\n",
                    result, t->seq, t->sends, t->delivers, t->drops, t->expects, t->violations,
                    t->at_us);
    trace_error error;
    trace *read = trace_read(t->lines.at, t->lines.len, &error);
    ck_assert_msg(read != NULL, "line %" PRIu64 ": %s (%s)", error.line, error.text,
                  error.hint);
    sim_text_free(&t->lines);
    free(t);
    return read;
}

/* ---- diagrams in memory -------------------------------------------------------------------
 */

static bool page_write(void *self, const char *bytes, size_t len)
{
    book *b = self;
    sim_text_add(&b->page[b->n - 1].text, bytes, len);
    return !b->refuse;
}

static bool page_open(void *self, const char *suffix, trace_sink *sink)
{
    book *b = self;
    ck_assert_uint_lt(b->n, BOOK_PAGES);
    snprintf(b->page[b->n].suffix, sizeof b->page[b->n].suffix, "%s", suffix);
    b->n++;
    *sink = (trace_sink){page_write, b};
    return true;
}

static bool page_close(void *self)
{
    (void)self;
    return true;
}

trace_puml_files book_files(book *b)
{
    return (trace_puml_files){page_open, page_close, b};
}

void book_of(book *b, const trace *t, const trace_puml_options *o)
{
    memset(b, 0, sizeof *b);
    ck_assert(trace_export_puml(t, o, book_files(b)));
}

void book_free(book *b)
{
    for (size_t i = 0; i < b->n; i++)
        sim_text_free(&b->page[i].text);
    b->n = 0;
}

const char *book_page(const book *b, const char *suffix)
{
    for (size_t i = 0; i < b->n; i++) {
        if (strcmp(b->page[i].suffix, suffix) == 0)
            return b->page[i].text.at;
    }
    ck_abort_msg("there is no page %s", suffix);
    return "";
}

uint32_t times(const char *text, const char *part)
{
    uint32_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* ---- a reader of PlantUML -------------------------------------------------------------------
 */

enum { LINT_NODES = SIM_NODES_MAX + 1 };

typedef struct linter {
    const char *line;
    char names[LINT_NODES][32];
    int level[LINT_NODES];
    bool marked[LINT_NODES]; /* by the last message */
    uint32_t nodes;
    int boxes;
    bool delayed, any_message, ended;
} linter;

#define WRONG(l, what) ck_abort_msg("%s: %.*s", what, (int)strcspn((l)->line, "\n"), (l)->line)

static bool begins(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

static size_t word_length(const char *s)
{
    return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789");
}

static int lint_node(linter *l, const char *s)
{
    size_t len = word_length(s);
    for (uint32_t i = 0; i < l->nodes; i++) {
        if (strlen(l->names[i]) == len && strncmp(l->names[i], s, len) == 0)
            return (int)i;
    }
    WRONG(l, "a node that is not declared");
    return 0;
}

static void lint_participant(linter *l)
{
    const char *s = l->line + strlen("participant "), *as = NULL;
    if (*s == '"') {
        const char *close = strchr(s + 1, '"');
        if (!close || !begins(close, "\" as "))
            WRONG(l, "a name that does not end");
        as = close + strlen("\" as ");
    } else {
        as = s;
    }
    ck_assert_uint_lt(l->nodes, LINT_NODES);
    snprintf(l->names[l->nodes++], sizeof l->names[0], "%.*s", (int)word_length(as), as);
}

static void lint_mark(linter *l, int node, int by)
{
    if (l->marked[node])
        WRONG(l, "two marks of one node at a message");
    l->marked[node] = l->any_message;
    l->level[node] += by;
    if (l->level[node] < 0 || l->level[node] > 2)
        WRONG(l, "bars out of balance");
}

static void lint_bar(linter *l, const char *word, int by)
{
    if (l->delayed)
        WRONG(l, "a mark behind a delay");
    int node = lint_node(l, l->line + strlen(word));
    if (by < 0 && !l->any_message)
        WRONG(l, "a bar that ends before any message");
    lint_mark(l, node, by);
}

/* NODE ARROW NODE [mark] : label */
static void lint_message(linter *l)
{
    const char *s = l->line;
    int left = *s == '?' ? -1 : lint_node(l, s);
    s += *s == '?' ? 1 : word_length(s);
    s += strspn(s, " ");
    const char *close = strchr(s, ']');
    if (*s != '-' && *s != '<')
        WRONG(l, "what is this");
    if (close && (size_t)(close - l->line) < strcspn(l->line, ":\n"))
        s = close + 1;
    s += strspn(s, "-<>xo");
    s += strspn(s, " ");
    int right = *s == '?' ? -1 : lint_node(l, s);
    s += *s == '?' ? 1 : word_length(s);
    memset(l->marked, 0, sizeof l->marked);
    l->any_message = true;
    l->delayed = false;
    s += strspn(s, " ");
    if (begins(s, "++ #") && right >= 0)
        lint_mark(l, right, 1);
    else if (begins(s, "--") && left >= 0)
        lint_mark(l, left, -1);
    else if (begins(s, "!!") && right >= 0 && l->level[right] != 1)
        WRONG(l, "a crash inside of a bar");
    else if (begins(s, "!!") && right >= 0)
        lint_mark(l, right, -1);
    else if (*s != ':' && *s != '\n')
        WRONG(l, "a strange end of a message");
}

static void lint_over(linter *l)
{
    const char *s = strstr(l->line, " over ") + strlen(" over ");
    lint_node(l, s);
    s += word_length(s);
    if (*s == ',')
        lint_node(l, s + 2);
    if (!strstr(s, " : "))
        WRONG(l, "a note without text");
}

static void lint_line(linter *l)
{
    if (begins(l->line, "participant "))
        lint_participant(l);
    else if (begins(l->line, "activate "))
        lint_bar(l, "activate ", 1);
    else if (begins(l->line, "deactivate "))
        lint_bar(l, "deactivate ", -1);
    else if (begins(l->line, "... "))
        l->delayed = true;
    else if (begins(l->line, "group "))
        l->boxes++;
    else if (begins(l->line, "else "))
        ck_assert_int_gt(l->boxes, 0);
    else if (begins(l->line, "end\n"))
        ck_assert_int_ge(--l->boxes, 0);
    else if (begins(l->line, "note over ") || begins(l->line, "rnote over ") ||
             begins(l->line, "hnote over "))
        lint_over(l);
    else if (begins(l->line, "@enduml\n"))
        l->ended = true;
    else if (!begins(l->line, "== ") && !begins(l->line, "legend bottom\n") &&
             !begins(l->line, "|") && !begins(l->line, "endlegend\n"))
        lint_message(l);
    if (times(l->line, "\n") && l->boxes > 1)
        WRONG(l, "a box in a box");
}

void lint(const char *text)
{
    linter l = {0};
    bool drawing = false;
    ck_assert(begins(text, "@startuml\n"));
    for (const char *s = text; *s; s += strcspn(s, "\n") + 1) {
        l.line = s;
        if (l.ended)
            WRONG(&l, "something behind the end");
        for (const char *c = s; *c && *c != '\n'; c++) {
            if ((unsigned char)*c < 0x20)
                WRONG(&l, "a control character");
        }
        drawing |= begins(s, "participant ");
        if (drawing)
            lint_line(&l);
    }
    ck_assert(l.ended);
    ck_assert_int_eq(l.boxes, 0);
}
