/* values.c - named values as a script writes them, and whether they are the ones it means. */
#include "scenarios/lang/run.h"

#include <stdlib.h>
#include <string.h>

static void put_node(const sim *t, sim_id id, sim_text *out)
{
    sim_text_put(out, id && id <= sim_nodes(t) ? sim_name(t, id) : "nobody");
}

static void put_set(const sim *t, sim_set set, sim_text *out)
{
    const char *blank = "";
    for (sim_id id = 0; (id = sim_next(set, id)); blank = " ") {
        sim_text_put(out, blank);
        put_node(t, id, out);
    }
}

static void put_point(sim_point point, sim_text *out)
{
    sim_text_u64(out, point.index);
    sim_text_char(out, '@');
    sim_text_u64(out, point.term);
}

/* Whole: "2@1 add 5, 3@2", as inject takes them; else the points alone: "2@1 3@2". */
static void put_entries(const sim_field *f, bool whole, sim_text *out)
{
    for (uint32_t i = 0; i < f->n; i++) {
        const sim_entry *e = &f->entries[i];
        if (i)
            sim_text_put(out, whole ? ", " : " ");
        put_point((sim_point){f->number + i, e->term}, out);
        if (whole && e->kind == SIM_ENTRY_COMMAND && e->bytes) {
            sim_text_char(out, ' ');
            sim_text_add(out, (const char *)e->data, e->bytes);
        }
    }
}

static void put_field(const sim *t, const sim_field *f, sim_text *out)
{
    switch (f->kind) {
    case SIM_FIELD_NUMBER:
        sim_text_u64(out, f->number);
        break;
    case SIM_FIELD_NODE:
        put_node(t, (sim_id)f->number, out);
        break;
    case SIM_FIELD_SET:
        put_set(t, f->number, out);
        break;
    case SIM_FIELD_POINT:
        put_point(f->point, out);
        break;
    case SIM_FIELD_YESNO:
        sim_text_put(out, f->number ? "yes" : "no");
        break;
    case SIM_FIELD_TEXT:
        sim_text_add(out, f->text, f->len);
        break;
    case SIM_FIELD_TEXTS:
        for (uint32_t i = 0; i < f->n; i++) {
            sim_text_put(out, i ? " " : "");
            sim_text_put(out, f->texts[i]);
        }
        break;
    case SIM_FIELD_ENTRIES:
        put_entries(f, true, out);
        break;
    }
}

void lang_field_show(const sim *t, const sim_field *f, sim_text *out)
{
    bool quotes = f->kind == SIM_FIELD_ENTRIES || f->kind == SIM_FIELD_TEXT ||
                  f->kind == SIM_FIELD_TEXTS || f->kind == SIM_FIELD_SET;
    if (quotes)
        sim_text_char(out, '"');
    put_field(t, f, out);
    if (quotes)
        sim_text_char(out, '"');
}

static bool is(const sim_text *text, const char *value)
{
    return !strcmp(text->at ? text->at : "", value);
}

static bool entries_match(const sim_field *f, const char *value, sim_text *scratch)
{
    uint64_t count;
    if (sim_parse_u64(value, strlen(value), &count))
        return count == f->n;
    for (int whole = 0; whole < 2; whole++) {
        sim_text_clear(scratch);
        put_entries(f, whole, scratch);
        if (is(scratch, value))
            return true;
    }
    return false;
}

static bool field_matches(lang_run *r, const sim_field *f, const char *value)
{
    uint64_t number;
    if (f->kind == SIM_FIELD_NUMBER)
        return sim_parse_u64(value, strlen(value), &number) && number == f->number;
    if (f->kind == SIM_FIELD_ENTRIES)
        return entries_match(f, value, &r->scratch);
    sim_text_clear(&r->scratch);
    put_field(r->t, f, &r->scratch);
    return is(&r->scratch, value);
}

/* ---- all fields of a script against all of a note
 * --------------------------------------------- */

typedef struct matcher {
    lang_run *r;
    const sim_forged_field *fields;
    uint32_t n;
    uint64_t found, wrong; /* bits, by place among fields */
} matcher;

static void match_field(void *self, const sim_field *f)
{
    matcher *m = self;
    for (uint32_t i = 0; i < m->n; i++) {
        uint64_t bit = UINT64_C(1) << i;
        if ((m->found & bit) || strcmp(f->name, m->fields[i].name) != 0)
            continue;
        m->found |= bit;
        if (!field_matches(m->r, f, m->fields[i].value))
            m->wrong |= bit;
    }
}

static bool all_matched(const matcher *m)
{
    return !m->wrong && m->found == (UINT64_C(1) << m->n) - 1;
}

static void match_message(matcher *m, const sim_message *message)
{
    match_field(
        m, &(sim_field){.name = "term", .kind = SIM_FIELD_NUMBER, .number = message->term});
    sim_engine_of(m->r->t)->describe(message, match_field, m);
}

bool lang_message_matches(lang_run *r, const sim_forged_field *fields, uint32_t n,
                          const sim_message *message)
{
    matcher m = {.r = r, .fields = fields, .n = n};
    if (n)
        match_message(&m, message);
    return all_matched(&m);
}

static bool end_matches(const lang_run *r, lang_nodes nodes, sim_id id)
{
    sim_set set = 0;
    if (!nodes.fixed && !nodes.words)
        return true;
    return lang_resolve(r, nodes, 0, &set, NULL) && sim_has(set, id);
}

static bool head_matches(const lang_run *r, const lang_filter *f, uint64_t id,
                         const sim_message *m)
{
    return (!f->id || f->id == id) && (!f->type || f->type == m->type + 1u) &&
           end_matches(r, f->from, m->from) && end_matches(r, f->to, m->to);
}

bool lang_flight_matches(lang_run *r, const lang_match *m, const sim_flight *f)
{
    return head_matches(r, &m->message, f->id, f->message) &&
           lang_message_matches(r, m->fields, m->fields_n, f->message);
}

static bool is_about_message(sim_note_kind kind)
{
    return kind == SIM_NOTE_SEND || kind == SIM_NOTE_DELIVER || kind == SIM_NOTE_DROP ||
           kind == SIM_NOTE_DUPLICATE || kind == SIM_NOTE_HOLD;
}

bool lang_note_matches(lang_run *r, const lang_match *m, const sim_note *n)
{
    if (n->kind != m->kind || (m->node && n->node != m->node))
        return false;
    bool message = is_about_message(n->kind);
    if (m->genuine && n->as.message.forged)
        return false;
    if (message && !head_matches(r, &m->message, n->as.message.id, n->as.message.message))
        return false;
    if (!m->fields_n)
        return true;
    matcher all = {.r = r, .fields = m->fields, .n = m->fields_n};
    sim_note_describe(sim_engine_of(r->t), n, match_field, &all);
    if (message)
        match_message(&all, n->as.message.message);
    return all_matched(&all);
}
