/* conditions_node.c - what can be said of a node. */
#include "scenarios/lang/conditions.h"

#include <string.h>

enum { LOG_SHOWN_MAX = 40 }; /* entries of a log in a report */

/* ---- reading --------------------------------------------------------------------------- */

bool lang_no_words(lang_parser *p, lang_term *out)
{
    (void)p, (void)out;
    return true;
}

bool lang_number_word(lang_parser *p, lang_term *out)
{
    return lang_parse_number(p, lang_format(p->arena, "'%s'", out->what->name), 0, UINT64_MAX,
                             &out->number);
}

bool lang_node_word(lang_parser *p, lang_term *out)
{
    return lang_take_if(p, "nobody") || lang_parse_node(p, &out->node);
}

bool lang_last_words(lang_parser *p, lang_term *out)
{
    const lang_token *t = lang_need(p, "the last index");
    if (!t)
        return false;
    out->given = !t->quoted && sim_parse_point(t->text, t->len, &out->point);
    if (out->given)
        return true;
    if (!t->quoted && sim_parse_u64(t->text, t->len, &out->number))
        return true;
    return lang_mistake(p, t, "write: last 3, or last 3@2 (index@term)",
                        "%s is neither an index nor index@term", lang_q(p, t));
}

/* A log that was compacted begins behind its snapshot. */
static uint64_t first_index(const char *text, size_t len)
{
    size_t digits = 0;
    uint64_t first = 1;
    while (digits < len && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    bool index = digits < len && text[digits] == '@';
    return index && sim_parse_u64(text, digits, &first) && first ? first : 1;
}

bool lang_log_words(lang_parser *p, lang_term *out)
{
    const lang_token *t = lang_peek(p);
    const char *text;
    size_t len;
    if (!lang_parse_text(p, "the log", &text, &len))
        return false;
    sim_text why = {0};
    sim_point *points = NULL;
    uint64_t first = first_index(text, len);
    const char *wrong =
        sim_parse_log(text, len, p->arena, first, &points, &out->points_n, &why);
    if (wrong)
        lang_mistake(p, t, "a log is written \"1@1 2@1 3@2\": index@term from 1 on", "%s",
                     wrong);
    out->points = points;
    sim_text_free(&why);
    return !wrong;
}

bool lang_state_words(lang_parser *p, lang_term *out)
{
    return lang_parse_text(p, "the state", &out->text, NULL);
}

/* ---- asking ------------------------------------------------------------------------------ */

static const sim_view *view(const lang_run *r, sim_id node)
{
    return sim_view_of(r->t, node);
}

static bool is_crashed(const lang_run *r, sim_id node)
{
    return sim_life_of(r->t, node) == SIM_CRASHED;
}

/* 0 is nobody; a `leader` that there is not is SIM_NODES_MAX + 1: nobody's vote. */
static sim_id named(const lang_run *r, lang_nodes node)
{
    sim_set set = 0;
    if (!node.fixed && !node.words)
        return 0;
    return lang_resolve(r, node, 0, &set, NULL) ? sim_next(set, 0) : SIM_NODES_MAX + 1;
}

/* A crashed node has no role. */
bool lang_is_role(lang_run *r, const lang_term *t, sim_id node)
{
    return !is_crashed(r, node) && !strcmp(sim_role_name(view(r, node)->role), t->what->name);
}

bool lang_is_term(lang_run *r, const lang_term *t, sim_id node)
{
    return view(r, node)->term == t->number;
}

bool lang_is_vote(lang_run *r, const lang_term *t, sim_id node)
{
    return view(r, node)->vote == named(r, t->node);
}

bool lang_is_follows(lang_run *r, const lang_term *t, sim_id node)
{
    const sim_view *v = view(r, node);
    sim_id leader = v->role == SIM_LEADER ? 0 : v->leader;
    return !is_crashed(r, node) && leader == named(r, t->node);
}

bool lang_is_commit(lang_run *r, const lang_term *t, sim_id node)
{
    return view(r, node)->commit == t->number;
}

bool lang_is_applied(lang_run *r, const lang_term *t, sim_id node)
{
    return sim_applied(r->t, node) == t->number;
}

bool lang_is_last(lang_run *r, const lang_term *t, sim_id node)
{
    sim_point last = view(r, node)->last;
    if (t->given)
        return last.index == t->point.index && last.term == t->point.term;
    return last.index == t->number;
}

bool lang_is_first(lang_run *r, const lang_term *t, sim_id node)
{
    return view(r, node)->first == t->number;
}

bool lang_is_durable(lang_run *r, const lang_term *t, sim_id node)
{
    return sim_durable_last(r->t, node) == t->number;
}

bool lang_is_log(lang_run *r, const lang_term *t, sim_id node)
{
    const sim_view *v = view(r, node);
    if (v->last.index + 1 - v->first != t->points_n)
        return false;
    for (uint64_t i = t->points_n; i > 0; i--) {
        sim_entry e;
        sim_point p = t->points[i - 1];
        if (v->first + i - 1 != p.index || !sim_entry_of(r->t, node, p.index, &e) ||
            e.term != p.term)
            return false;
    }
    return true;
}

bool lang_is_state(lang_run *r, const lang_term *t, sim_id node)
{
    sim_text_clear(&r->scratch);
    sim_app_show(r->t, node, &r->scratch);
    return !strcmp(r->scratch.at ? r->scratch.at : "", t->text);
}

bool lang_is_role_changes(lang_run *r, const lang_term *t, sim_id node)
{
    return sim_role_changes(r->t, node) == t->number;
}

static const char *life_name(const lang_run *r, sim_id node)
{
    static const char *const names[] = {
        [SIM_UP] = "up", [SIM_PAUSED] = "paused", [SIM_CRASHED] = "crashed"};
    return names[sim_life_of(r->t, node)];
}

bool lang_is_life(lang_run *r, const lang_term *t, sim_id node)
{
    return !strcmp(life_name(r, node), t->what->name);
}

/* ---- showing ------------------------------------------------------------------------------
 */

static void show_number(const lang_term *t, uint64_t number, sim_text *out)
{
    sim_text_format(out, "%s ", t->what->name);
    sim_text_u64(out, number);
}

static const char *name_of(const lang_run *r, sim_id node)
{
    return node ? sim_name(r->t, node) : "nobody";
}

void lang_show_role(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    sim_text_put(out, is_crashed(r, node) ? "crashed" : sim_role_name(view(r, node)->role));
}

void lang_show_term(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    show_number(t, view(r, node)->term, out);
}

void lang_show_vote(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    sim_text_format(out, "vote %s", name_of(r, view(r, node)->vote));
}

void lang_show_follows(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    const sim_view *v = view(r, node);
    if (is_crashed(r, node))
        sim_text_put(out, "crashed");
    else
        sim_text_format(out, "follows %s", name_of(r, v->role == SIM_LEADER ? 0 : v->leader));
}

void lang_show_commit(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    show_number(t, view(r, node)->commit, out);
}

void lang_show_applied(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    show_number(t, sim_applied(r->t, node), out);
}

void lang_show_last(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    sim_point last = view(r, node)->last;
    show_number(t, last.index, out);
    if (t->given) {
        sim_text_char(out, '@');
        sim_text_u64(out, last.term);
    }
}

void lang_show_first(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    show_number(t, view(r, node)->first, out);
}

void lang_show_durable(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    show_number(t, sim_durable_last(r->t, node), out);
}

void lang_show_log(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    const sim_view *v = view(r, node);
    uint64_t first = v->first, last = v->last.index;
    sim_text_put(out, "log \"");
    for (uint64_t i = first; i <= last; i++) {
        if (i == first - 1 + LOG_SHOWN_MAX / 2 && last - first >= LOG_SHOWN_MAX) {
            i = last - LOG_SHOWN_MAX / 2;
            sim_text_put(out, " …");
            continue;
        }
        sim_entry e;
        if (i > first)
            sim_text_char(out, ' ');
        sim_text_u64(out, i);
        sim_text_char(out, '@');
        sim_text_u64(out, sim_entry_of(r->t, node, i, &e) ? e.term : 0);
    }
    sim_text_char(out, '"');
}

void lang_show_state(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    sim_text_put(out, "state \"");
    sim_app_show(r->t, node, out);
    sim_text_char(out, '"');
}

void lang_show_role_changes(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    show_number(t, sim_role_changes(r->t, node), out);
}

void lang_show_life(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    sim_text_put(out, life_name(r, node));
}
