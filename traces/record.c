/* record.c - one line of a trace, already JSON, is checked and taken over. */
#include "traces/record.h"

#include "sim/base/hash.h"
#include "traces/rules.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool trace_refuse(trace_parser *p, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(p->error->text, sizeof p->error->text, format, args);
    va_end(args);
    (void)snprintf(p->error->hint, sizeof p->error->hint, "%s", hint);
    p->error->line = p->line;
    return false;
}

trace_quoted trace_quote(const char *s)
{
    trace_quoted q;
    size_t n = 0, most = sizeof q.at - sizeof "...";
    for (; s[n] && n < most; n++) {
        unsigned char c = (unsigned char)s[n];
        q.at[n] = '?';
        if (c >= 0x20 && c < 0x7F)
            q.at[n] = s[n];
    }
    q.at[n] = '\0';
    if (s[n])
        memcpy(q.at + n, "...", sizeof "...");
    return q;
}

/* ---- keeping texts --------------------------------------------------------------- */

static const char *keep_word(trace_parser *p, const char *s, size_t len)
{
    uint64_t slot = sim_hash_final(sim_hash_bytes(0, s, len)) & (TRACE_WORDS - 1);
    const char *known = p->words[slot];
    if (!known || strlen(known) != len || memcmp(known, s, len) != 0)
        p->words[slot] = known = sim_arena_text(&p->t->arena, s, len);
    return known;
}

enum { WORD_BYTES_MAX = 48 };

static const char *keep(trace_parser *p, const json_t *text)
{
    const char *s = json_string_value(text);
    size_t len = json_string_length(text);
    return len <= WORD_BYTES_MAX ? keep_word(p, s, len) : sim_arena_text(&p->t->arena, s, len);
}

static const char **keep_list(trace_parser *p, const json_t *list, uint32_t *n)
{
    size_t count = json_array_size(list);
    const char **texts = sim_arena_take(&p->t->arena, (count + 1) * sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = keep(p, json_array_get(list, i));
    *n = (uint32_t)count; /* the reader refuses lines with more values than this holds */
    return texts;
}

static bool is_list_of_texts(const json_t *v)
{
    if (!json_is_array(v))
        return false;
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (!json_is_string(json_array_get(v, i)))
            return false;
    }
    return true;
}

/* ---- numbers and names ------------------------------------------------------------ */

/* Above INT64_MAX a number stands as a string (out.h). */
static bool to_u64(const json_t *v, uint64_t *out)
{
    const char *end;
    if (json_is_integer(v)) {
        *out = (uint64_t)json_integer_value(v);
        return json_integer_value(v) >= 0;
    }
    return json_is_string(v) && trace_parse_u64(json_string_value(v), out, &end) &&
           *end == '\0' && *out > INT64_MAX;
}

int trace_node_index(const trace_header *h, const char *name, size_t len)
{
    for (uint32_t i = 0; i < h->nodes_n; i++) {
        if (strncmp(h->nodes[i], name, len) == 0 && h->nodes[i][len] == '\0')
            return (int)i;
    }
    return -1;
}

static bool is_node(const trace_parser *p, const char *s)
{
    return *s == '\0' || trace_node_index(&p->t->header, s, strlen(s)) >= 0;
}

static bool is_nodes(const trace_parser *p, const char *s)
{
    while (*s) {
        size_t len = strcspn(s, " ");
        if (len == 0 || trace_node_index(&p->t->header, s, len) < 0)
            return false;
        s += len;
        if (s[0] == ' ' && *++s == '\0')
            return false;
    }
    return true;
}

/* Voters; in joint consensus old | new; learners behind them. */
static bool is_members(const trace_parser *p, const char *s)
{
    bool joint = false, learners = false;
    for (size_t len; *s; s += len, s += *s == ' ') {
        len = strcspn(s, " ");
        if (len == 1 && *s == '|' && !joint && !learners)
            joint = true;
        else if (len == 8 && strncmp(s, "learners", len) == 0 && !learners)
            learners = true;
        else if (len == 0 || trace_node_index(&p->t->header, s, len) < 0)
            return false;
        if (s[len] == ' ' && s[len + 1] == '\0')
            return false;
    }
    return true;
}

static bool is_word(const char *s, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(s, *words) == 0)
            return true;
    }
    return false;
}

static bool is_entries(const json_t *v)
{
    uint64_t next = 0;
    for (size_t i = 0; i < json_array_size(v); i++) {
        trace_entry e;
        if (!trace_parse_entry(json_string_value(json_array_get(v, i)), &e) ||
            (i > 0 && e.at.index != next))
            return false;
        next = e.at.index + 1;
    }
    return true;
}

/* Whether a value is what its rule wants. */
static bool fits(const trace_parser *p, const trace_rule *r, const json_t *v)
{
    sim_point point;
    const char *end;
    uint64_t number;
    const char *s = json_string_value(v);
    switch (r->type) {
    case TRACE_TYPE_NUMBER:
        return to_u64(v, &number);
    case TRACE_TYPE_TEXT:
        return s != NULL;
    case TRACE_TYPE_TEXTS:
        return is_list_of_texts(v);
    case TRACE_TYPE_NODE:
        return s && is_node(p, s);
    case TRACE_TYPE_NODES:
        return s && is_nodes(p, s);
    case TRACE_TYPE_MEMBERS:
        return s && is_members(p, s);
    case TRACE_TYPE_POINT:
        return s && trace_parse_point(s, &point, &end) && *end == '\0';
    case TRACE_TYPE_YESNO:
        return s && (strcmp(s, "yes") == 0 || strcmp(s, "no") == 0);
    case TRACE_TYPE_WORD:
        return s && is_word(s, r->words);
    case TRACE_TYPE_ENTRIES:
        return is_list_of_texts(v) && is_entries(v);
    }
    return false;
}

/* Takes a value over; false when it is no number, text or list of texts. */
static bool take(trace_parser *p, const char *name, const json_t *v, bool number,
                 trace_value *out)
{
    *out = (trace_value){.name = name};
    if (json_is_integer(v) || number) {
        out->kind = TRACE_NUMBER;
        return to_u64(v, &out->number);
    }
    if (json_is_string(v)) {
        out->kind = TRACE_TEXT;
        out->text = keep(p, v);
        return true;
    }
    if (!is_list_of_texts(v))
        return false;
    out->kind = TRACE_TEXTS;
    out->texts = (const char *const *)keep_list(p, v, &out->n);
    return true;
}

/* ---- the line's own fields --------------------------------------------------------- */

static const json_t *need(trace_parser *p, const json_t *line, const char *key)
{
    const json_t *v = json_object_get(line, key);
    if (!v)
        (void)trace_refuse(p, "", "'%s' is missing", key);
    return v;
}

static bool number_of(trace_parser *p, const json_t *line, const char *key, uint64_t most,
                      uint64_t *out)
{
    const json_t *v = need(p, line, key);
    if (!v)
        return false;
    if (!to_u64(v, out) || *out > most)
        return trace_refuse(p, "", "'%s' is no integer from 0 to %" PRIu64, key, most);
    return true;
}

static bool text_of(trace_parser *p, const json_t *line, const char *key, const char **out)
{
    const json_t *v = need(p, line, key);
    if (!v)
        return false;
    if (!json_is_string(v))
        return trace_refuse(p, "", "'%s' is no text", key);
    *out = keep(p, v);
    return true;
}

static bool texts_of(trace_parser *p, const json_t *line, const char *key,
                     const char *const **out, uint32_t *n)
{
    const json_t *v = need(p, line, key);
    if (!v)
        return false;
    if (!is_list_of_texts(v))
        return trace_refuse(p, "", "'%s' is no list of texts", key);
    *out = (const char *const *)keep_list(p, v, n);
    return true;
}

/* Every key of the line is among these (which end with NULL). */
static bool only_keys(trace_parser *p, const json_t *line, const char *const *keys)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)line, key, v)
    {
        if (!is_word(key, keys))
            return trace_refuse(p, "", "'%s' is not known here", trace_quote(key).at);
    }
    return true;
}

/* ---- the header -------------------------------------------------------------------- */

static bool header_nodes(trace_parser *p, const json_t *line, trace_header *h)
{
    if (!texts_of(p, line, "nodes", &h->nodes, &h->nodes_n))
        return false;
    if (h->nodes_n < 1 || h->nodes_n > SIM_NODES_MAX)
        return trace_refuse(p, "", "a cluster has 1 to %d nodes, this header names %" PRIu32,
                            SIM_NODES_MAX, h->nodes_n);
    for (uint32_t i = 0; i < h->nodes_n; i++) {
        const char *name = h->nodes[i];
        if (!*name || strpbrk(name, " \"\\,|<>\t\n\r"))
            return trace_refuse(p, "", "'%s' is no name for a node", trace_quote(name).at);
        if ((uint32_t)trace_node_index(h, name, strlen(name)) != i)
            return trace_refuse(p, "", "two nodes are named '%s'", trace_quote(name).at);
    }
    return true;
}

static bool header_options(trace_parser *p, const json_t *line, trace_header *h)
{
    const json_t *v = need(p, line, "options");
    if (!v)
        return false;
    if (!json_is_object(v))
        return trace_refuse(p, "", "'options' is no object");
    trace_option *options =
        sim_arena_take(&p->t->arena, (json_object_size(v) + 1) * sizeof *options);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)v, name, value)
    {
        if (!json_is_string(value))
            return trace_refuse(p, "", "the option '%s' is no text", trace_quote(name).at);
        options[h->options_n++] =
            (trace_option){keep_word(p, name, strlen(name)), keep(p, value)};
    }
    h->options = options;
    return true;
}

/* Without the key all nodes are voters. */
static bool header_members(trace_parser *p, const json_t *line, trace_header *h)
{
    if (!json_object_get(line, "members"))
        return true;
    return text_of(p, line, "members", &h->members) &&
           (is_members(p, h->members) ||
            trace_refuse(p, "", "'members' says '%s', which are no members",
                         trace_quote(h->members).at));
}

enum { BUGS_MAX = 64 }; /* bits of a sim_engine_config.bugs */

/* Without the key nothing is planted, or the scenario in source says what. */
static bool header_bugs(trace_parser *p, const json_t *line, trace_header *h)
{
    if (!json_object_get(line, "bugs"))
        return true;
    if (!texts_of(p, line, "bugs", &h->bugs, &h->bugs_n))
        return false;
    if (!h->bugs_n || h->bugs_n > BUGS_MAX)
        return trace_refuse(p, "", "%s",
                            h->bugs_n ? "'bugs' names more than an engine can have"
                                      : "'bugs' is left out when there are none");
    for (uint32_t i = 1; i < h->bugs_n; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(h->bugs[i], h->bugs[k]) == 0)
                return trace_refuse(p, "", "the bug '%s' is planted twice",
                                    trace_quote(h->bugs[i]).at);
        }
    }
    return true;
}

static bool header_source(trace_parser *p, const json_t *line, trace_header *h)
{
    static const char *const keys[] = {"path", "text", NULL};
    const json_t *v = need(p, line, "source");
    if (!v)
        return false;
    if (!json_is_array(v))
        return trace_refuse(p, "", "'source' is no list");
    size_t n = json_array_size(v);
    trace_source *source = sim_arena_take(&p->t->arena, (n + 1) * sizeof *source);
    for (size_t i = 0; i < n; i++) {
        const json_t *file = json_array_get(v, i);
        if (!json_is_object(file))
            return trace_refuse(p, "", "'source' holds something that is no file");
        if (!only_keys(p, file, keys) || !text_of(p, file, "path", &source[i].path) ||
            !text_of(p, file, "text", &source[i].text))
            return false;
        source[i].len = json_string_length(json_object_get(file, "text"));
    }
    h->source = source;
    h->source_n = (uint32_t)n;
    return true;
}

static bool header_format(trace_parser *p, const json_t *line)
{
    static const char hint[] = "a trace starts with {\"format\":\"" TRACE_FORMAT "\"";
    const char *format = json_string_value(json_object_get(line, "format"));
    const char *program = json_string_value(json_object_get(line, "program"));
    if (!format)
        return trace_refuse(p, hint, "this is no wavetank trace: it has no 'format'");
    if (strncmp(format, TRACE_FORMAT, sizeof "wavetank-trace/" - 1) != 0)
        return trace_refuse(p, hint, "this is no wavetank trace: its format is '%s'",
                            trace_quote(format).at);
    if (strcmp(format, TRACE_FORMAT) != 0) {
        char with[160];
        (void)snprintf(with, sizeof with, "read it with the program that wrote it, wavetank %s",
                       program ? trace_quote(program).at : "of another version");
        return trace_refuse(p, with, "the format is '%s', this program reads '%s'",
                            trace_quote(format).at, TRACE_FORMAT);
    }
    return true;
}

bool trace_record_header(trace_parser *p, const json_t *line)
{
    static const char *const keys[] = {"format", "program", "scenario", "title",  "about",
                                       "cites",  "engine",  "app",      "nodes",  "members",
                                       "seed",   "options", "bugs",     "source", NULL};
    trace_header *h = &p->t->header;
    return header_format(p, line) && only_keys(p, line, keys) &&
           text_of(p, line, "format", &h->format) && text_of(p, line, "program", &h->program) &&
           text_of(p, line, "scenario", &h->scenario) && text_of(p, line, "title", &h->title) &&
           text_of(p, line, "about", &h->about) &&
           texts_of(p, line, "cites", &h->cites, &h->cites_n) &&
           text_of(p, line, "engine", &h->engine) && text_of(p, line, "app", &h->app) &&
           header_nodes(p, line, h) && header_members(p, line, h) &&
           number_of(p, line, "seed", UINT64_MAX, &h->seed) && header_options(p, line, h) &&
           header_bugs(p, line, h) && header_source(p, line, h);
}

/* ---- events ------------------------------------------------------------------------- */

static const char *const base_keys[] = {"seq",  "at_us", "section", "line", "cause",
                                        "kind", "node",  "state",   NULL};
enum { BASE_KEYS_REQUIRED = 7 }; /* all but state */

static bool event_kind(trace_parser *p, const json_t *line, sim_note_kind *out)
{
    const char *names[SIM_NOTE_COUNT];
    const json_t *v = need(p, line, "kind");
    if (!v)
        return false;
    const char *s = json_string_value(v);
    if (!s)
        return trace_refuse(p, "", "'kind' is no text");
    for (uint32_t i = 0; i < SIM_NOTE_COUNT; i++) {
        names[i] = sim_note_kind_name((sim_note_kind)i);
        if (strcmp(s, names[i]) == 0) {
            *out = (sim_note_kind)i;
            return true;
        }
    }
    const char *near = sim_text_nearest(trace_quote(s).at, names, SIM_NOTE_COUNT);
    char hint[80] = "";
    if (near)
        (void)snprintf(hint, sizeof hint, "perhaps '%s' is meant", near);
    return trace_refuse(p, hint, "the kind '%s' is not known", trace_quote(s).at);
}

static bool refuse_value(trace_parser *p, const trace_rule *r, const json_t *v)
{
    char hint[200];
    size_t len = (size_t)snprintf(hint, sizeof hint, "%s",
                                  r->words ? "known are" : trace_type_words(r->type));
    for (const char *const *w = r->words; w && *w && len < sizeof hint; w++)
        len += (size_t)snprintf(hint + len, sizeof hint - len, " %s", *w);
    if (json_is_string(v))
        return trace_refuse(p, hint, "'%s' is '%s', which does not fit", r->name,
                            trace_quote(json_string_value(v)).at);
    return trace_refuse(p, hint, "'%s' holds a value of the wrong type", r->name);
}

/* One value of an event or a state by its rule; rule NULL: one of a message's own. */
static bool one_value(trace_parser *p, const trace_rule *r, const char *key, const json_t *v,
                      trace_value *out)
{
    if (!r) {
        if (take(p, keep_word(p, key, strlen(key)), v, false, out))
            return true;
        return trace_refuse(p, "a number, text or list of texts",
                            "'%s' holds a value of the wrong type", trace_quote(key).at);
    }
    if (!fits(p, r, v))
        return refuse_value(p, r, v);
    return take(p, r->name, v, r->type == TRACE_TYPE_NUMBER, out);
}

static bool all_required(trace_parser *p, const trace_rule *rules, const json_t *line)
{
    for (; rules->name; rules++) {
        if (rules->required && !need(p, line, rules->name))
            return false;
    }
    return true;
}

static bool event_values(trace_parser *p, const json_t *line, trace_event *e)
{
    const trace_rule *rules = trace_rules(e->kind);
    if (!all_required(p, rules, line))
        return false;
    size_t own =
        json_object_size(line) - BASE_KEYS_REQUIRED - (json_object_get(line, "state") ? 1 : 0);
    trace_value *values = sim_arena_take(&p->t->arena, own * sizeof *values);
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)line, key, v)
    {
        if (is_word(key, base_keys))
            continue;
        const trace_rule *r = trace_rule_named(rules, key);
        if (!r && e->kind != SIM_NOTE_SEND)
            return trace_refuse(p, "", "a '%s' has no '%s'", sim_note_kind_name(e->kind),
                                trace_quote(key).at);
        if (!one_value(p, r, key, v, &values[e->values_n]))
            return false;
        e->values_n++;
    }
    e->values = values;
    return true;
}

static bool event_state(trace_parser *p, const json_t *line, trace_event *e)
{
    const json_t *state = json_object_get(line, "state");
    if (!state)
        return true;
    if (!json_is_object(state) || !*e->node)
        return trace_refuse(p, "", "%s",
                            *e->node ? "'state' is no object" : "a state of no node");
    trace_value *values =
        sim_arena_take(&p->t->arena, (json_object_size(state) + 1) * sizeof *values);
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)state, key, v)
    {
        const trace_rule *r = trace_rule_named(trace_state_rules(), key);
        if (!r)
            return trace_refuse(p, "", "a 'state' has no '%s'", trace_quote(key).at);
        if (!one_value(p, r, key, v, &values[e->state_n]))
            return false;
        e->state_n++;
    }
    e->state = values;
    return true;
}

bool trace_record_event(trace_parser *p, const json_t *line, trace_event *e)
{
    uint64_t section = 0, script_line = 0;
    *e = (trace_event){.file_line = (uint32_t)p->line};
    if (!number_of(p, line, "seq", UINT64_MAX, &e->seq) ||
        !number_of(p, line, "at_us", UINT64_MAX, &e->at_us) ||
        !number_of(p, line, "section", UINT32_MAX, &section) ||
        !number_of(p, line, "line", UINT32_MAX, &script_line) ||
        !number_of(p, line, "cause", UINT64_MAX, &e->cause) || !event_kind(p, line, &e->kind) ||
        !text_of(p, line, "node", &e->node))
        return false;
    e->section = (uint32_t)section;
    e->line = (uint32_t)script_line;
    if (!is_node(p, e->node))
        return trace_refuse(p, "the header names the nodes", "there is no node '%s'",
                            trace_quote(e->node).at);
    return event_values(p, line, e) && event_state(p, line, e);
}

/* ---- the footer ---------------------------------------------------------------------- */

bool trace_record_is_footer(const json_t *line)
{
    return !json_object_get(line, "seq") && json_object_get(line, "result");
}

static bool footer_digest(trace_parser *p, const json_t *line, uint64_t *out)
{
    const char *s = "";
    if (!text_of(p, line, "digest", &s))
        return false;
    if (strlen(s) != 16 || strspn(s, "0123456789abcdef") != 16)
        return trace_refuse(p, "", "'digest' has not 16 hexadecimal digits");
    for (*out = 0; *s; s++)
        *out = *out << 4 | (uint64_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10);
    return true;
}

bool trace_record_footer(trace_parser *p, const json_t *line)
{
    static const char *const keys[] = {"result",   "why",    "events",  "sends",
                                       "delivers", "drops",  "expects", "violations",
                                       "at_us",    "digest", NULL};
    trace_footer *f = &p->t->footer;
    if (!only_keys(p, line, keys) || !text_of(p, line, "result", &f->result))
        return false;
    if (!is_word(f->result, trace_results))
        return trace_refuse(p, "known are passed failed violation error",
                            "the result '%s' is not known", trace_quote(f->result).at);
    return text_of(p, line, "why", &f->why) &&
           number_of(p, line, "events", UINT64_MAX, &f->events) &&
           number_of(p, line, "sends", UINT64_MAX, &f->sends) &&
           number_of(p, line, "delivers", UINT64_MAX, &f->delivers) &&
           number_of(p, line, "drops", UINT64_MAX, &f->drops) &&
           number_of(p, line, "expects", UINT64_MAX, &f->expects) &&
           number_of(p, line, "violations", UINT64_MAX, &f->violations) &&
           number_of(p, line, "at_us", UINT64_MAX, &f->at_us) &&
           footer_digest(p, line, &f->digest);
}
