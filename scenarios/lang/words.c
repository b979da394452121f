/* words.c - what one can ask of the words of a line: numbers, texts, nodes, messages. */
#include "scenarios/lang/parser.h"

#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- mistakes ------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 0))) static void
report(lang_parser *p, lang_place place, const char *hint, const char *format, va_list args)
{
    sim_text t = {0};
    sim_text_vformat(&t, format, args);
    lang_report(p->diags, place, hint, t.at);
    sim_text_free(&t);
}

bool lang_mistake(lang_parser *p, const lang_token *at, const char *hint, const char *format,
                  ...)
{
    lang_place place = {p->line, 1, 1, p->frame};
    if (at) {
        place.column = at->column;
        place.width = at->width;
    } else if (p->n) {
        const lang_token *last = &p->tokens[p->n - 1];
        place.column = last->column + last->width;
    }
    va_list args;
    va_start(args, format);
    report(p, place, hint, format, args);
    va_end(args);
    return false;
}

bool lang_mistake_line(lang_parser *p, const lang_line *line, const lang_frame *frame,
                       const char *hint, const char *format, ...)
{
    lang_place place = {line, 1, 1, frame};
    if (line->n) {
        const lang_token *first = &line->tokens[0], *last = &line->tokens[line->n - 1];
        place.column = first->column;
        if (last->column + last->width > first->column)
            place.width = last->column + last->width - first->column;
    }
    va_list args;
    va_start(args, format);
    report(p, place, hint, format, args);
    va_end(args);
    return false;
}

const char *lang_q(lang_parser *p, const lang_token *t)
{
    return lang_quote(p->arena, t->text, t->len);
}

const char *lang_hint_nearest(lang_parser *p, const lang_token *t, const char *const *names,
                              size_t n, const char *otherwise)
{
    const char *nearest = sim_text_nearest(t->text, names, n);
    return nearest ? lang_format(p->arena, "did you mean '%s'?", nearest) : otherwise;
}

const char *lang_hint_list(lang_parser *p, const char *lead, const char *const *names)
{
    sim_text t = {0};
    sim_text_put(&t, lead);
    for (; *names; names++) {
        sim_text_char(&t, ' ');
        sim_text_put(&t, *names);
    }
    return lang_keep(p->arena, &t);
}

/* "write: cut A -> B, or cut A <-> B"; the lines inside a block are no forms. */
const char *lang_hint_forms(lang_parser *p)
{
    const scenario_command_info *of = p->condition ? p->condition : p->command;
    if (!of)
        return NULL;
    sim_text t = {0};
    for (const char *line = of->forms; *line;) {
        size_t n = strcspn(line, "\n");
        if (p->condition || !strncmp(line, of->name, strlen(of->name))) {
            sim_text_put(&t, t.len ? ", or " : "write: ");
            sim_text_put(&t, p->condition ? "expect " : "");
            sim_text_add(&t, line, n);
        }
        line += n + (line[n] == '\n');
    }
    return lang_keep(p->arena, &t);
}

/* ---- words ---------------------------------------------------------------------------------
 */

bool lang_is_word(const lang_token *t, const char *word)
{
    return t && !t->quoted && !strcmp(t->text, word);
}

const lang_token *lang_peek(const lang_parser *p)
{
    return p->at < p->n ? &p->tokens[p->at] : NULL;
}

bool lang_next_is(const lang_parser *p, const char *word)
{
    return lang_is_word(lang_peek(p), word);
}

bool lang_at_end(const lang_parser *p)
{
    return p->at >= p->n || lang_next_is(p, "and") || lang_next_is(p, "within");
}

const lang_token *lang_take(lang_parser *p)
{
    return p->at < p->n ? &p->tokens[p->at++] : NULL;
}

bool lang_take_if(lang_parser *p, const char *word)
{
    bool is = lang_next_is(p, word);
    p->at += is;
    return is;
}

const lang_token *lang_need(lang_parser *p, const char *what)
{
    const lang_token *t = lang_take(p);
    if (!t)
        lang_mistake(p, NULL, lang_hint_forms(p), "%s is missing here", what);
    return t;
}

bool lang_need_word(lang_parser *p, const char *word)
{
    if (lang_take_if(p, word))
        return true;
    const lang_token *t = lang_peek(p);
    if (!t)
        return lang_mistake(p, NULL, lang_hint_forms(p), "'%s' is missing here", word);
    return lang_mistake(p, t, lang_hint_forms(p), "'%s' must stand here, not %s", word,
                        lang_q(p, t));
}

bool lang_parse_done(lang_parser *p)
{
    const lang_token *t = lang_peek(p);
    if (!t)
        return true;
    return lang_mistake(p, t, lang_hint_forms(p), "%s does not belong here", lang_q(p, t));
}

bool lang_is_name(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool letter =
            (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_';
        bool later = (s[i] >= '0' && s[i] <= '9') || s[i] == '-';
        if (!letter && !(later && i))
            return false;
    }
    return len > 0 && len <= 64;
}

bool lang_parse_text(lang_parser *p, const char *what, const char **text, size_t *len)
{
    const lang_token *t = lang_need(p, what);
    if (!t)
        return false;
    if (!t->quoted)
        return lang_mistake(p, t, lang_hint_forms(p), "%s must stand in \"quotes\"", what);
    *text = t->text;
    if (len)
        *len = t->len;
    return true;
}

static bool all_digits(const lang_token *t)
{
    for (uint32_t i = 0; i < t->len; i++)
        if (t->text[i] < '0' || t->text[i] > '9')
            return false;
    return t->len > 0;
}

bool lang_parse_number(lang_parser *p, const char *what, uint64_t low, uint64_t high,
                       uint64_t *out)
{
    const lang_token *t = lang_need(p, what);
    if (!t)
        return false;
    bool well = !t->quoted && sim_parse_u64(t->text, t->len, out);
    if (!well && (t->quoted || !all_digits(t)))
        return lang_mistake(p, t, lang_hint_forms(p), "%s must be a number, not %s", what,
                            lang_q(p, t));
    if (well && *out >= low && *out <= high)
        return true;
    sim_text range = {0};
    sim_text_format(&range, "at least %" PRIu64, low);
    if (high != UINT64_MAX)
        sim_text_format(&range, " and at most %" PRIu64, high);
    else if (!well)
        sim_text_format(&range, " and at most %" PRIu64, UINT64_MAX);
    return lang_mistake(p, t, NULL, "%s must be %s, not %s", what, lang_keep(p->arena, &range),
                        lang_q(p, t));
}

/* A number with a unit that is too large to be held. */
static bool is_huge_us(const lang_token *t)
{
    uint32_t i = 0;
    while (i < t->len && ((t->text[i] >= '0' && t->text[i] <= '9') || t->text[i] == '.'))
        i++;
    static const char *const units[] = {"us", "ms", "s", "min", "h"};
    for (size_t u = 0; i && u < sizeof units / sizeof *units; u++)
        if (!strcmp(t->text + i, units[u]) && t->text[0] != '.')
            return true;
    return false;
}

bool lang_parse_us(lang_parser *p, const char *what, sim_us *out)
{
    const lang_token *t = lang_need(p, what);
    if (!t)
        return false;
    if (!t->quoted && sim_parse_us(t->text, t->len, out)) {
        if (*out <= SIM_OPTION_US_MAX)
            return true;
        return lang_mistake(p, t, "a year is the most: 8760h", "%s is too long", lang_q(p, t));
    }
    if (!t->quoted && is_huge_us(t) && t->len > 12)
        return lang_mistake(p, t, "a year is the most: 8760h", "%s is too long", lang_q(p, t));
    return lang_mistake(p, t, "durations are written 150us, 20ms, 2s, 5min, 1h",
                        "%s must be a duration, not %s", what, lang_q(p, t));
}

/* ---- nodes
 * ------------------------------------------------------------------------------------ */

sim_id lang_node_of(const lang_parser *p, const lang_token *t)
{
    const sim_config *c = &p->s->config;
    if (!t || t->quoted)
        return 0;
    if (c->names) {
        for (uint32_t i = 0; i < c->nodes; i++)
            if (!strcmp(c->names[i], t->text))
                return (sim_id)(i + 1);
        return 0;
    }
    if (t->len < 2 || t->len > 3 || t->text[0] != 'n' || t->text[1] == '0')
        return 0;
    uint64_t id = 0;
    if (!sim_parse_u64(t->text + 1, t->len - 1, &id) || !id)
        return 0;
    bool any = p->cluster_doubtful || p->dry;
    return id <= (any && !p->cluster_set ? (uint64_t)SIM_NODES_MAX : c->nodes) ? (sim_id)id : 0;
}

static uint8_t word_of(const lang_token *t)
{
    static const struct {
        const char *word;
        uint8_t bit;
    } words[] = {{"all", LANG_ALL},
                 {"leader", LANG_LEADER},
                 {"followers", LANG_FOLLOWERS},
                 {"others", LANG_OTHERS}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (lang_is_word(t, words[i].word))
            return words[i].bit;
    return 0;
}

bool lang_starts_nodes(const lang_parser *p)
{
    const lang_token *t = lang_peek(p);
    return t && (lang_node_of(p, t) || word_of(t));
}

bool lang_looks_like_node(const lang_token *t)
{
    if (t->quoted || t->len < 2 || t->text[0] != 'n')
        return false;
    for (uint32_t i = 1; i < t->len; i++)
        if (t->text[i] < '0' || t->text[i] > '9')
            return false;
    return true;
}

static const char *cluster_hint(lang_parser *p, const lang_token *t)
{
    const sim_config *c = &p->s->config;
    sim_text hint = {0};
    const char *near =
        c->names && t->len > 2 ? sim_text_nearest(t->text, c->names, c->nodes) : NULL;
    if (near)
        sim_text_format(&hint, "did you mean '%s'? ", near);
    sim_text_put(&hint, "the cluster is");
    for (uint32_t i = 0; i < c->nodes; i++) {
        if (c->names)
            sim_text_format(&hint, " %s", c->names[i]);
        else if (c->nodes <= 16)
            sim_text_format(&hint, " n%u", i + 1);
    }
    if (!c->names && c->nodes > 16)
        sim_text_format(&hint, " n1 to n%u", c->nodes);
    return lang_keep(p->arena, &hint);
}

/* What can only stand behind a node: there is none. */
static bool is_behind_a_node(const lang_token *t)
{
    static const char *const words[] = {"->", "<->", "|", "as", "at", "by", "and", "within"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (lang_is_word(t, words[i]))
            return true;
    }
    return false;
}

bool lang_no_node(lang_parser *p, const lang_token *t)
{
    if (is_behind_a_node(t))
        return lang_mistake(p, t, lang_hint_forms(p), "a node is missing before %s",
                            lang_q(p, t));
    if (!p->cluster_set) /* told, or a definition that nobody calls */
        return lang_looks_like_node(t) || p->cluster_doubtful || p->dry
                   ? false
                   : lang_mistake(p, t, NULL, "%s is no node", lang_q(p, t));
    return lang_mistake(p, t, cluster_hint(p, t), "there is no node %s in this cluster",
                        lang_q(p, t));
}

bool lang_parse_node_name(lang_parser *p, sim_id *out)
{
    const lang_token *t = lang_need(p, "a node");
    if (!t)
        return false;
    *out = lang_node_of(p, t);
    if (*out)
        return true;
    if (word_of(t))
        return lang_mistake(p, t, NULL, "one node must be named here, not %s", lang_q(p, t));
    return lang_no_node(p, t);
}

bool lang_parse_node(lang_parser *p, lang_nodes *out)
{
    if (lang_take_if(p, "leader")) {
        *out = (lang_nodes){0, LANG_LEADER};
        return true;
    }
    sim_id id = 0;
    if (!lang_parse_node_name(p, &id))
        return false;
    *out = (lang_nodes){sim_one(id), 0};
    return true;
}

static bool parse_nodes(lang_parser *p, bool subjects, lang_nodes *out)
{
    *out = (lang_nodes){0};
    const lang_token *t = lang_peek(p);
    if (!t)
        return lang_need(p, "a node") != NULL;
    while (lang_starts_nodes(p)) {
        if (subjects && (out->fixed || out->words) && lang_next_is(p, "leader"))
            break; /* a role here */
        t = lang_take(p);
        sim_id id = lang_node_of(p, t);
        uint8_t word = id ? 0 : word_of(t);
        if (sim_has(out->fixed, id) || (out->words & word))
            return lang_mistake(p, t, NULL, "%s is named twice", lang_q(p, t));
        out->fixed |= sim_one(id);
        out->words |= word;
    }
    t = lang_peek(p);
    if ((!out->fixed && !out->words) || (t && lang_looks_like_node(t)))
        return lang_no_node(p, t);
    return true;
}

bool lang_parse_nodes(lang_parser *p, lang_nodes *out)
{
    return parse_nodes(p, false, out);
}

bool lang_parse_subjects(lang_parser *p, lang_nodes *out)
{
    return parse_nodes(p, true, out);
}

/* Nodes that end at a symbol or at the line's end: what stands there otherwise was meant
 * as a node. */
static bool parse_side(lang_parser *p, lang_nodes *out)
{
    if (!lang_parse_nodes(p, out))
        return false;
    const lang_token *t = lang_peek(p);
    return !t || lang_is_word(t, "->") || lang_is_word(t, "<->") || lang_no_node(p, t);
}

bool lang_parse_link(lang_parser *p, lang_nodes *from, lang_nodes *to, bool *both)
{
    if (!parse_side(p, from))
        return false;
    bool two_ways = both && lang_take_if(p, "<->");
    if (!two_ways && !lang_need_word(p, "->"))
        return false;
    if (both)
        *both = two_ways;
    if (!parse_side(p, to))
        return false;
    if (!from->words && !to->words && from->fixed == to->fixed && sim_count(to->fixed) == 1)
        return lang_mistake(p, &p->tokens[p->at - 1], NULL, "a node has no link to itself");
    return true;
}

/* ---- messages
 * --------------------------------------------------------------------------------- */

static uint32_t type_of(const lang_parser *p, const lang_token *t)
{
    const sim_engine *e = p->s->config.engine;
    for (uint32_t i = 0; i < e->type_count; i++)
        if (lang_is_word(t, e->type_name(i)))
            return i + 1;
    return 0;
}

bool lang_parse_type(lang_parser *p, uint32_t *out)
{
    const lang_token *t = lang_need(p, "a type of message");
    if (!t)
        return false;
    *out = type_of(p, t);
    if (*out)
        return true;
    const sim_engine *e = p->s->config.engine;
    const char *names[257];
    uint32_t n = 0;
    for (; n < e->type_count && n < 256; n++)
        names[n] = e->type_name(n);
    names[n] = NULL;
    return lang_mistake(
        p, t, lang_hint_nearest(p, t, names, n, lang_hint_list(p, "the types are", names)),
        "there is no message type %s", lang_q(p, t));
}

static bool parse_id(lang_parser *p, uint64_t *out)
{
    const lang_token *t = lang_take(p);
    if (sim_parse_u64(t->text + 1, t->len - 1, out) && *out)
        return true;
    return lang_mistake(p, t, NULL, "messages are numbered from #1");
}

static bool is_id(const lang_token *t)
{
    return t && !t->quoted && t->text[0] == '#';
}

bool lang_parse_filter(lang_parser *p, bool any, lang_filter *out)
{
    *out = (lang_filter){0};
    const lang_token *first = lang_peek(p);
    bool some = false;
    if (first && !first->quoted && !is_id(first) && !type_of(p, first) &&
        (lang_starts_nodes(p) || (p->at + 1 < p->n && lang_is_word(first + 1, "->")))) {
        if (!lang_parse_node(p, &out->from) || !lang_need_word(p, "->") ||
            !lang_parse_node(p, &out->to))
            return false;
        some = true;
        if (out->from.fixed == out->to.fixed && out->from.words == out->to.words)
            return lang_mistake(p, &p->tokens[p->at - 1], NULL,
                                "a node sends nothing to itself");
    }
    const lang_token *t = lang_peek(p);
    if (t && !t->quoted && type_of(p, t)) {
        out->type = type_of(p, lang_take(p));
        some = true;
    } else if (t && !t->quoted && t->text[0] >= 'A' && t->text[0] <= 'Z') {
        return lang_parse_type(p, &out->type);
    }
    if (is_id(lang_peek(p))) {
        some = true;
        if (!parse_id(p, &out->id))
            return false;
    }
    if (!some && first && !lang_at_end(p))
        return lang_looks_like_node(first) || !lang_is_name(first->text, first->len)
                   ? lang_no_node(p, first)
                   : lang_mistake(p, first, lang_hint_forms(p),
                                  "%s is no node, type or number of a message",
                                  lang_q(p, first));
    return some || any || lang_need(p, "a message") != NULL;
}

/* ---- fields of messages
 * -------------------------------------------------------------------------- */

static bool field_is_known(lang_parser *p, const lang_token *t, uint32_t type)
{
    const sim_engine *e = p->s->config.engine;
    const char *const *known = e->field_names(type - 1);
    const char *names[34];
    uint32_t n = 0;
    names[n++] = "term";
    for (; known && *known && n < 33; known++)
        if (strcmp(*known, "term") != 0)
            names[n++] = *known;
    names[n] = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (lang_is_word(t, names[i]))
            return true;
    return lang_mistake(
        p, t, lang_hint_nearest(p, t, names, n, lang_hint_list(p, "its fields are", names)),
        "%s has no field %s", e->type_name(type - 1), lang_q(p, t));
}

/* The names of the nodes by id, a NULL behind the last, as an engine wants them. */
static const char *const *names_by_id(const lang_parser *p, sim_arena *a)
{
    const sim_config *c = &p->s->config;
    const char **names = sim_arena_take(a, (SIM_NODES_MAX + 2) * sizeof *names);
    names[0] = "";
    for (uint32_t id = 1; id <= c->nodes; id++) {
        char standard[8];
        const int len = snprintf(standard, sizeof standard, "n%u", (unsigned)id);
        names[id] = c->names ? c->names[id - 1] : sim_arena_text(a, standard, (size_t)len);
    }
    return names;
}

/* Lets the engine make a message with this one field, to hear whether its value is one. */
static bool value_is_well(lang_parser *p, const lang_token *value, uint32_t type,
                          const sim_forged_field *field)
{
    const sim_engine *e = p->s->config.engine;
    sim_pool *pool = sim_pool_new();
    sim_arena scratch = {0};
    char error[256] = "";
    sim_message *m = e->forge(pool, &scratch, names_by_id(p, &scratch), 1, 2, type - 1, field,
                              1, error, sizeof error);
    if (m)
        e->message_free(pool, m);
    else
        lang_mistake(p, value, NULL, "%s", *error ? error : "this is no value for the field");
    sim_arena_free(&scratch);
    sim_pool_free(pool);
    return m != NULL;
}

/* `entries 2` counts them where a message is looked for; everything else is written as
 * for inject. */
static bool is_count(const lang_parser *p, const char *name, const lang_token *value)
{
    return strcmp(p->command->name, "inject") != 0 && !strcmp(name, "entries") &&
           !value->quoted && all_digits(value);
}

bool lang_parse_fields(lang_parser *p, uint32_t type, const sim_forged_field **out, uint32_t *n)
{
    sim_forged_field fields[32];
    uint32_t used = 0;
    while (!lang_at_end(p) && !all_digits(lang_peek(p))) {
        const lang_token *name = lang_take(p);
        if (!type)
            return lang_mistake(p, name,
                                "say which type first: message n1 -> n2 RequestVote term 1",
                                "%s does not belong here", lang_q(p, name));
        if (!field_is_known(p, name, type))
            return false;
        for (uint32_t i = 0; i < used; i++)
            if (!strcmp(fields[i].name, name->text))
                return lang_mistake(p, name, NULL, "the field %s stands here twice",
                                    lang_q(p, name));
        const lang_token *value =
            lang_need(p, lang_format(p->arena, "the value of '%s'", name->text));
        if (!value)
            return false;
        if (used == 32)
            return lang_mistake(p, name, NULL, "too many fields");
        fields[used] = (sim_forged_field){name->text, value->text};
        if (!is_count(p, name->text, value) && !value_is_well(p, value, type, &fields[used]))
            return false;
        used++;
    }
    sim_forged_field *kept = used ? sim_arena_take(p->arena, used * sizeof *kept) : NULL;
    if (used)
        memcpy(kept, fields, used * sizeof *kept);
    *out = kept;
    *n = used;
    return true;
}

/* ---- requests
 * ---------------------------------------------------------------------------------- */

static size_t slot_of(const scenario *s, const char *name)
{
    uint64_t hash = sim_hash_final(sim_hash_bytes(1, name, strlen(name)));
    size_t mask = s->names_slots_n - 1, i = (size_t)hash & mask;
    while (s->names_slots[i] && strcmp(s->names[s->names_slots[i] - 1], name) != 0)
        i = (i + 1) & mask;
    return i;
}

bool lang_request_find(const lang_parser *p, const char *name, uint32_t *out)
{
    uint32_t at = p->s->names_n ? p->s->names_slots[slot_of(p->s, name)] : 0;
    *out = at ? at - 1 : 0;
    return at != 0;
}

uint32_t lang_request_named(lang_parser *p, const char *name)
{
    scenario *s = p->s;
    uint32_t at;
    if (lang_request_find(p, name, &at))
        return at;
    if ((s->names_n + 1) * 2 > s->names_slots_n) { /* at most half full */
        s->names_slots_n = s->names_slots_n ? s->names_slots_n * 2 : 16;
        free(s->names_slots);
        s->names_slots = sim_alloc(s->names_slots_n * sizeof *s->names_slots);
        for (size_t i = 0; i < s->names_n; i++)
            s->names_slots[slot_of(s, s->names[i])] = (uint32_t)i + 1;
    }
    s->names = sim_grow(s->names, &s->names_capacity, s->names_n + 1, sizeof *s->names);
    s->names[s->names_n++] = name;
    s->names_slots[slot_of(s, name)] = (uint32_t)s->names_n;
    return (uint32_t)s->names_n - 1;
}
