/* conditions_cluster.c - what can be said of the cluster, its messages, its requests, and
 * of what happened. */
#include "scenarios/lang/conditions.h"

#include "sim/base/memory.h"
#include <inttypes.h>
#include <string.h>

enum { ANSWER_SHOWN_MAX = 200, FIELDS_MAX = 16 };

/* ---- the leader ----------------------------------------------------------------------------
 */

bool lang_leader_words(lang_parser *p, lang_term *out)
{
    out->given = !lang_at_end(p);
    return !out->given || lang_parse_node(p, &out->node);
}

bool lang_has_leader(lang_run *r, const lang_term *t)
{
    sim_id leader = lang_leader(r);
    return leader && (!t->given || sim_has(t->node.fixed, leader));
}

void lang_show_leader(lang_run *r, const lang_term *t, sim_text *out)
{
    (void)t;
    sim_id leader = lang_leader(r);
    if (leader)
        sim_text_format(out, "leader %s", sim_name(r->t, leader));
    else
        sim_text_put(out, "no leader");
}

/* ---- messages in flight
 * ------------------------------------------------------------------------- */

bool lang_message_words(lang_parser *p, lang_term *out)
{
    lang_match *m = sim_arena_take(p->arena, sizeof *m);
    out->match = m;
    m->kind = SIM_NOTE_SEND;
    return lang_parse_filter(p, true, &m->message) &&
           lang_parse_fields(p, m->message.type, &m->fields, &m->fields_n);
}

bool lang_has_message(lang_run *r, const lang_term *t)
{
    sim_flight f;
    for (uint64_t cursor = 0; sim_queue_next(r->t, &cursor, &f);)
        if (lang_flight_matches(r, t->match, &f))
            return true;
    return false;
}

typedef struct shower {
    const lang_run *r;
    sim_text *out;
} shower;

static void show_field(void *self, const sim_field *f)
{
    const shower *s = self;
    sim_text_format(s->out, " %s ", f->name);
    lang_field_show(s->r->t, f, s->out);
}

static void show_flight(lang_run *r, const sim_flight *f, sim_text *out)
{
    const sim_engine *e = sim_engine_of(r->t);
    const sim_message *m = f->message;
    sim_text_format(out, "message %s -> %s %s term %" PRIu64, sim_name(r->t, m->from),
                    sim_name(r->t, m->to), e->type_name(m->type), m->term);
    shower s = {r, out};
    e->describe(m, show_field, &s);
}

/* The message that comes nearest: the same link and type, or the same link. */
void lang_show_message(lang_run *r, const lang_term *t, sim_text *out)
{
    lang_match loose[3] = {*t->match, *t->match, *t->match};
    loose[1].fields_n = 0;
    loose[2].fields_n = 0;
    loose[2].message.type = 0;
    for (uint32_t i = 0; i < 3; i++) {
        sim_flight f;
        for (uint64_t cursor = 0; sim_queue_next(r->t, &cursor, &f);)
            if (lang_flight_matches(r, &loose[i], &f)) {
                show_flight(r, &f, out);
                return;
            }
    }
    uint64_t n = sim_queue_length(r->t);
    if (n)
        sim_text_format(out, "no such message among the %" PRIu64 " in flight", n);
    else
        sim_text_put(out, "no message in flight");
}

bool lang_queue_words(lang_parser *p, lang_term *out)
{
    return lang_number_word(p, out);
}

bool lang_is_queue(lang_run *r, const lang_term *t)
{
    return sim_queue_length(r->t) == t->number;
}

void lang_show_queue(lang_run *r, const lang_term *t, sim_text *out)
{
    (void)t;
    sim_text_format(out, "queue %" PRIu64, sim_queue_length(r->t));
}

/* ---- what was counted since the section began
 * ------------------------------------------------------ */

static bool is_count(const lang_parser *p)
{
    const lang_token *t = lang_peek(p);
    return t && !t->quoted && t->text[0] >= '0' && t->text[0] <= '9';
}

/* `[N times]`, and the counter's place. */
static bool parse_times(lang_parser *p, lang_term *out, lang_match *m)
{
    if (is_count(p)) {
        out->given = true;
        if (!lang_parse_number(p, "the number of times", 0, UINT64_MAX, &out->number))
            return false;
        if (!lang_take_if(p, "time") && !lang_need_word(p, "times"))
            return false;
    }
    out->match = m;
    if (p->dry)
        return true;
    scenario *s = p->s;
    lang_section_now(p);
    m->section = (uint32_t)s->sections_n;
    m->counter = (uint32_t)s->counters_n;
    s->counters =
        sim_grow(s->counters, &s->counters_capacity, s->counters_n + 1, sizeof *s->counters);
    s->counters[s->counters_n++] = m;
    return true;
}

bool lang_sent_words(lang_parser *p, lang_term *out)
{
    lang_match *m = sim_arena_take(p->arena, sizeof *m);
    const lang_token *first = lang_peek(p);
    m->kind = SIM_NOTE_SEND;
    m->genuine = true;
    if (!lang_parse_filter(p, false, &m->message) ||
        !lang_parse_fields(p, m->message.type, &m->fields, &m->fields_n))
        return false;
    if (m->message.from.words || m->message.to.words)
        return lang_mistake(p, first, "what was sent is counted as it happens",
                            "nodes must be named here, not 'leader'");
    return parse_times(p, out, m);
}

static bool parse_kind(lang_parser *p, sim_note_kind *out)
{
    const lang_token *t = lang_need(p, "the kind of event");
    if (!t)
        return false;
    const char *names[SIM_NOTE_COUNT + 1] = {0};
    for (uint32_t i = 0; i < SIM_NOTE_COUNT; i++) {
        names[i] = sim_note_kind_name((sim_note_kind)i);
        *out = (sim_note_kind)i;
        if (lang_is_word(t, names[i]))
            return true;
    }
    return lang_mistake(p, t,
                        lang_hint_nearest(p, t, names, SIM_NOTE_COUNT,
                                          lang_hint_list(p, "the kinds are", names)),
                        "there is no kind of event %s", lang_q(p, t));
}

static bool is_about_message(sim_note_kind kind)
{
    return kind == SIM_NOTE_SEND || kind == SIM_NOTE_DELIVER || kind == SIM_NOTE_DROP ||
           kind == SIM_NOTE_DUPLICATE || kind == SIM_NOTE_HOLD;
}

static uint32_t add_name(const char **names, uint32_t n, uint32_t max, const char *name)
{
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(names[i], name))
            return n;
    if (n + 1 < max)
        names[n++] = name;
    return n;
}

enum { FIELD_NAMES_MAX = 64 };

/* Every field that a note of the kind can have, its message's own included. */
static uint32_t field_names(const lang_parser *p, sim_note_kind kind, const char **names)
{
    uint32_t n = 0;
    for (const char *const *f = sim_note_field_names(kind); f && *f; f++)
        n = add_name(names, n, FIELD_NAMES_MAX, *f);
    const sim_engine *e = p->s->config.engine;
    if (is_about_message(kind)) {
        n = add_name(names, n, FIELD_NAMES_MAX, "term");
        for (uint32_t type = 0; type < e->type_count; type++)
            for (const char *const *f = e->field_names(type); f && *f; f++)
                n = add_name(names, n, FIELD_NAMES_MAX, *f);
    }
    names[n] = NULL;
    return n;
}

/* The values of a field that is always one of a few words; NULL: anything goes. */
static const char *const *words_of(const lang_parser *p, sim_note_kind kind, const char *field,
                                   const char **room)
{
    uint32_t n = 0;
    if (kind == SIM_NOTE_ROLE && (!strcmp(field, "from") || !strcmp(field, "to"))) {
        for (; n < SIM_ROLE_COUNT; n++)
            room[n] = sim_role_name((sim_role)n);
    } else if (kind == SIM_NOTE_DROP && !strcmp(field, "reason")) {
        for (; n < SIM_DROP_COUNT; n++)
            room[n] = sim_drop_name((sim_drop)n);
    } else if (kind == SIM_NOTE_RESPONSE && !strcmp(field, "status")) {
        for (; n < SIM_STATUS_COUNT; n++)
            room[n] = sim_status_name((sim_status)n);
    } else if (is_about_message(kind) && !strcmp(field, "type")) {
        const sim_engine *e = p->s->config.engine;
        for (; n < e->type_count && n < FIELD_NAMES_MAX - 1; n++)
            room[n] = e->type_name(n);
    }
    room[n] = NULL;
    return n ? room : NULL;
}

static bool value_is_well(lang_parser *p, sim_note_kind kind, const char *field,
                          const lang_token *t)
{
    const char *room[FIELD_NAMES_MAX];
    const char *const *words = words_of(p, kind, field, room);
    uint32_t n = 0;
    bool names_node =
        (is_about_message(kind) && (!strcmp(field, "from") || !strcmp(field, "to"))) ||
        !strcmp(field, "candidate") || (kind == SIM_NOTE_DISK && !strcmp(field, "vote")) ||
        (kind == SIM_NOTE_RESPONSE && !strcmp(field, "leader")) ||
        (kind == SIM_NOTE_REQUEST && !strcmp(field, "to"));
    if (names_node)
        return lang_node_of(p, t) || lang_is_word(t, "nobody") || lang_no_node(p, t);
    for (; words && words[n]; n++)
        if (!strcmp(words[n], t->text))
            return true;
    return !words || lang_mistake(p, t,
                                  lang_hint_nearest(p, t, words, n,
                                                    lang_hint_list(p, "it is one of", words)),
                                  "%s is never %s", field, lang_q(p, t));
}

static bool parse_event_fields(lang_parser *p, lang_match *m)
{
    sim_forged_field fields[FIELDS_MAX];
    const char *names[FIELD_NAMES_MAX];
    uint32_t names_n = field_names(p, m->kind, names);
    while (!lang_at_end(p) && !is_count(p)) {
        const lang_token *t = lang_take(p);
        uint32_t i = 0;
        while (i < names_n && !lang_is_word(t, names[i]))
            i++;
        if (i == names_n && lang_looks_like_node(t))
            return lang_no_node(p, t);
        const char *kind = sim_note_kind_name(m->kind);
        if (i == names_n)
            return lang_mistake(
                p, t,
                lang_hint_nearest(p, t, names, names_n, lang_hint_list(p, "it has:", names)),
                "an event '%s' has no value %s", kind, lang_q(p, t));
        if (m->fields_n == FIELDS_MAX)
            return lang_mistake(p, t, NULL, "at most %d values can be named", FIELDS_MAX);
        const lang_token *value =
            lang_need(p, lang_format(p->arena, "the value of '%s'", t->text));
        if (!value || !value_is_well(p, m->kind, t->text, value))
            return false;
        fields[m->fields_n++] = (sim_forged_field){t->text, value->text};
    }
    sim_forged_field *kept = sim_arena_take(p->arena, (m->fields_n + 1) * sizeof *kept);
    memcpy(kept, fields, m->fields_n * sizeof *kept);
    m->fields = kept;
    return true;
}

bool lang_event_words(lang_parser *p, lang_term *out)
{
    lang_match *m = sim_arena_take(p->arena, sizeof *m);
    if (!parse_kind(p, &m->kind))
        return false;
    m->node = lang_node_of(p, lang_peek(p));
    p->at += m->node != 0;
    return parse_event_fields(p, m) && parse_times(p, out, m);
}

bool lang_was_counted(lang_run *r, const lang_term *t)
{
    uint64_t n = r->counts[t->match->counter];
    return t->given ? n == t->number : n > 0;
}

void lang_show_counted(lang_run *r, const lang_term *t, sim_text *out)
{
    uint64_t n = r->counts[t->match->counter];
    const char *what = t->match->genuine ? "sent" : "it happened";
    sim_text_format(out, "%s %" PRIu64 " %s since the section began", what, n,
                    n == 1 ? "time" : "times");
}

/* ---- requests
 * ----------------------------------------------------------------------------------- */

/* Stands behind the request's name, which is in out->request already. */
bool lang_request_words(lang_parser *p, lang_term *out)
{
    const lang_token *t = lang_need(p, "what became of the request");
    if (!t)
        return false;
    const char *names[SIM_STATUS_COUNT + 2] = {0};
    uint8_t status = SIM_STATUS_COUNT;
    if (lang_is_word(t, "refused"))
        return lang_refusal_word(p, out);
    for (uint32_t i = 0; i < SIM_STATUS_COUNT; i++) {
        names[i] = sim_status_name((sim_status)i);
        if (lang_is_word(t, names[i]))
            status = (uint8_t)i;
    }
    names[SIM_STATUS_COUNT] = "refused";
    if (status == SIM_STATUS_COUNT)
        return lang_mistake(p, t,
                            lang_hint_nearest(p, t, names, SIM_STATUS_COUNT + 1,
                                              lang_hint_list(p, "a request is", names)),
                            "a request cannot be %s", lang_q(p, t));
    out->status = status;
    const lang_token *next = lang_peek(p);
    if (next && next->quoted && (status == SIM_STATUS_OK || status == SIM_STATUS_FAILED))
        return lang_parse_text(p, "the answer", &out->text, NULL);
    if (status == SIM_STATUS_REDIRECT && !lang_at_end(p)) {
        out->given = true;
        return lang_parse_node(p, &out->node);
    }
    return true;
}

static bool request_of(const lang_run *r, const lang_term *t, sim_request *out)
{
    uint64_t id = r->requests[t->request];
    return id && sim_request_of(r->t, id, out);
}

bool lang_is_request(lang_run *r, const lang_term *t)
{
    sim_request q;
    sim_set to = 0;
    if (t->status == LANG_REFUSED)
        return request_of(r, t, &q) && lang_was_refused(&q, t->text);
    if (!request_of(r, t, &q) || q.status != (sim_status)t->status)
        return false;
    if (t->text && strcmp(q.answer ? q.answer : "", t->text) != 0)
        return false;
    return !t->given || (lang_resolve(r, t->node, 0, &to, NULL) && sim_has(to, q.leader));
}

void lang_show_request(lang_run *r, const lang_term *t, sim_text *out)
{
    sim_request q;
    sim_text_put(out, r->s->names[t->request]);
    if (!request_of(r, t, &q)) {
        sim_text_put(out, " was not made");
        return;
    }
    sim_text_format(out, " %s", sim_status_name(q.status));
    if (q.status == SIM_STATUS_REDIRECT && q.leader)
        sim_text_format(out, " %s", sim_name(r->t, q.leader));
    else if (q.answer)
        sim_text_format(out, " \"%.*s\"", ANSWER_SHOWN_MAX, q.answer);
}
