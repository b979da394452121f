/* conditions.c - conditions as a whole: `not A and NODES x y and B`, read, asked and shown. */
#include "scenarios/lang/conditions.h"

#include <string.h>

enum { ATOMS_MAX = 32, TERMS_MAX = 16 };

/* ---- reading --------------------------------------------------------------------------- */

/* Names for a suggestion: of the conditions that stand behind nodes, or alone. */
static uint32_t condition_names(bool of_nodes, const char **names, uint32_t max)
{
    uint32_t n, used = 0;
    const scenario_command_info *all = scenario_conditions(&n);
    for (uint32_t i = 0; i < n && used < max; i++)
        if (of_nodes ? all[i].how->node_parse != NULL : all[i].how->alone_parse != NULL)
            names[used++] = all[i].name;
    return used;
}

static bool no_condition(lang_parser *p, const lang_token *t)
{
    const char *names[64];
    uint32_t n = condition_names(true, names, 64);
    if (lang_looks_like_node(t))
        return lang_no_node(p, t);
    return lang_mistake(p, t,
                        lang_hint_nearest(p, t, names, n, "'wavetank help expect' lists them"),
                        "there is no condition %s on a node", lang_q(p, t));
}

static bool is_node_condition(const lang_token *t)
{
    const scenario_command_info *c =
        t && !t->quoted ? lang_condition_named(t->text, t->len) : NULL;
    return c && c->how->node_parse;
}

static bool parse_terms(lang_parser *p, lang_atom *out)
{
    lang_term terms[TERMS_MAX];
    uint32_t n = 0;
    if (!lang_parse_subjects(p, &out->nodes))
        return false;
    if (lang_at_end(p))
        return lang_mistake(p, lang_peek(p), "write, for instance: expect n1 leader term 1",
                            "what must be true of the nodes is missing here");
    while (!lang_at_end(p)) {
        const lang_token *t = lang_take(p);
        if (!is_node_condition(t))
            return no_condition(p, t);
        const scenario_command_info *what = lang_condition_named(t->text, t->len);
        for (uint32_t i = 0; i < n; i++)
            if (terms[i].what == what)
                return lang_mistake(p, t, NULL, "%s is said twice of the same nodes",
                                    lang_q(p, t));
        if (n == TERMS_MAX)
            return lang_mistake(p, t, "use 'and'", "too many conditions on the same nodes");
        terms[n] = (lang_term){.what = what};
        p->condition = what;
        if (!what->how->node_parse(p, &terms[n++]))
            return false;
        p->condition = NULL;
    }
    lang_term *kept = sim_arena_take(p->arena, n * sizeof *kept);
    memcpy(kept, terms, n * sizeof *kept);
    out->terms = kept;
    out->n = n;
    out->of_nodes = true;
    return true;
}

static bool parse_alone(lang_parser *p, const scenario_command_info *what, lang_atom *out,
                        uint32_t request)
{
    lang_term *term = sim_arena_take(p->arena, sizeof *term);
    *term = (lang_term){.what = what, .request = request};
    out->terms = term;
    out->n = 1;
    p->condition = what;
    if (!what->how->alone_parse(p, term))
        return false;
    p->condition = NULL;
    return true;
}

/* `leader`, `leader n1`: of the cluster; `leader term 2`: of that node. */
static bool leader_is_alone(const lang_parser *p)
{
    const lang_token *next = p->at + 1 < p->n ? &p->tokens[p->at + 1] : NULL;
    const lang_token *third = p->at + 2 < p->n ? &p->tokens[p->at + 2] : NULL;
    if (!lang_next_is(p, "leader"))
        return false;
    if (!next || lang_is_word(next, "and") || lang_is_word(next, "within"))
        return true;
    return (lang_node_of(p, next) || lang_looks_like_node(next)) &&
           (!third || lang_is_word(third, "and") || lang_is_word(third, "within"));
}

static bool applied_is_alone(const lang_parser *p)
{
    return lang_next_is(p, "all") && p->at + 2 < p->n &&
           lang_is_word(&p->tokens[p->at + 1], "applied") &&
           lang_is_word(&p->tokens[p->at + 2], "equal");
}

static bool is_status(const lang_token *t)
{
    for (uint32_t i = 0; i < SIM_STATUS_COUNT; i++)
        if (lang_is_word(t, sim_status_name((sim_status)i)))
            return true;
    return lang_is_word(t, "refused");
}

/* The first word means nothing that is known. */
static bool no_subject(lang_parser *p, const lang_token *t)
{
    const char *names[96];
    uint32_t n = 0;
    const lang_token *next = p->at < p->n ? &p->tokens[p->at] : NULL;
    if (t->quoted)
        return lang_mistake(p, t, "write, for instance: expect n1 leader term 1",
                            "a condition does not begin with a text");
    if (next && is_status(next)) {
        for (size_t i = 0; i < p->s->names_n && n < 64; i++)
            names[n++] = p->s->names[i];
        return lang_mistake(
            p, t,
            lang_hint_nearest(p, t, names, n, "propose NODE \"command\" as NAME makes one"),
            "no request is called %s up to here", lang_q(p, t));
    }
    if (lang_looks_like_node(t) || is_node_condition(next))
        return lang_no_node(p, t);
    n = condition_names(false, names, 32);
    for (size_t i = 0; i < p->s->names_n && n < 64; i++)
        names[n++] = p->s->names[i];
    for (uint32_t i = 0; p->s->config.names && i < p->s->config.nodes && n < 96; i++)
        names[n++] = p->s->config.names[i];
    return lang_mistake(p, t,
                        lang_hint_nearest(p, t, names, n, "'wavetank help expect' lists them"),
                        "there is no node, request or condition %s", lang_q(p, t));
}

static bool parse_subject(lang_parser *p, lang_atom *out)
{
    const lang_token *t = lang_peek(p);
    uint32_t request = 0;
    if (leader_is_alone(p)) {
        p->at++;
        return parse_alone(p, lang_condition_named("leader", 6), out, 0);
    }
    if (applied_is_alone(p)) {
        p->at++;
        return parse_alone(p, lang_condition_named("applied", 7), out, 0);
    }
    if (lang_starts_nodes(p))
        return parse_terms(p, out);
    lang_take(p);
    const scenario_command_info *what =
        t->quoted ? NULL : lang_condition_named(t->text, t->len);
    if (what && what->how->alone_parse && strcmp(what->name, "applied") != 0)
        return parse_alone(p, what, out, 0);
    const scenario_command_info *outcome = lang_condition_named("pending", 7);
    if (!t->quoted && lang_request_find(p, t->text, &request))
        return parse_alone(p, outcome, out, request);
    if (p->dry && lang_peek(p) && is_status(lang_peek(p)))
        return parse_alone(p, outcome, out, 0);
    return no_subject(p, t);
}

/* What `no` may stand before: what there is or is not. */
static bool no_fits(const lang_parser *p)
{
    return leader_is_alone(p) || lang_next_is(p, "message") || lang_next_is(p, "event");
}

static bool parse_atom(lang_parser *p, lang_atom *out)
{
    *out = (lang_atom){0};
    out->negated = lang_take_if(p, "not");
    uint32_t from = p->at;
    if (lang_take_if(p, "no")) {
        out->negated = !out->negated;
        if (!lang_at_end(p) && !no_fits(p))
            return lang_mistake(p, &p->tokens[p->at - 1], "write 'not' instead",
                                "'no' goes with leader, message and event");
    }
    if (lang_at_end(p))
        return lang_mistake(p, lang_peek(p), "write, for instance: expect n1 leader term 1",
                            "a condition is missing here");
    if (!parse_subject(p, out))
        return false;
    out->text = lang_join(p->arena, p->tokens + from, p->at - from);
    return true;
}

/* `others` are those that the condition does not name: it must name some. */
static bool others_are_clear(lang_parser *p, const lang_atom *atoms, uint32_t n)
{
    lang_nodes all = {0};
    for (uint32_t i = 0; i < n; i++) {
        all.fixed |= atoms[i].nodes.fixed;
        all.words |= atoms[i].nodes.words;
    }
    if (!(all.words & LANG_OTHERS) || all.fixed || (all.words & (LANG_LEADER | LANG_FOLLOWERS)))
        return true;
    return lang_mistake(p, &p->tokens[0], "name some: expect n1 leader and others follower",
                        "'others' are those that the line does not name, and it names none");
}

const lang_condition *lang_parse_condition(lang_parser *p)
{
    lang_atom atoms[ATOMS_MAX];
    uint32_t n = 0, from = p->at;
    do {
        if (n == ATOMS_MAX) {
            lang_mistake(p, lang_peek(p), "use several lines", "too many conditions in a line");
            return NULL;
        }
        if (!parse_atom(p, &atoms[n++]))
            return NULL;
    } while (lang_take_if(p, "and"));
    if (!others_are_clear(p, atoms, n))
        return NULL;
    lang_condition *c = sim_arena_take(p->arena, sizeof *c);
    lang_atom *kept = sim_arena_take(p->arena, n * sizeof *kept);
    memcpy(kept, atoms, n * sizeof *kept);
    c->atoms = kept;
    c->n = n;
    c->text = lang_join(p->arena, p->tokens + from, p->at - from);
    return c;
}

/* ---- asking ------------------------------------------------------------------------------ */

/* All nodes that the line names itself, for `others`. */
static sim_set named_nodes(const lang_run *r, const lang_condition *c)
{
    sim_set named = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        lang_nodes own = c->atoms[i].nodes;
        sim_set set = 0;
        own.words &= (uint8_t)~LANG_OTHERS;
        if ((own.fixed || own.words) && lang_resolve(r, own, 0, &set, NULL))
            named |= set;
    }
    return named;
}

static bool node_holds(lang_run *r, const lang_atom *a, sim_id node)
{
    for (uint32_t i = 0; i < a->n; i++)
        if (!a->terms[i].what->how->node_holds(r, &a->terms[i], node))
            return false;
    return true;
}

/* Without its `not`.  *failing is the node at fault; 0 when there is none. */
static bool atom_is(lang_run *r, const lang_atom *a, sim_set named, sim_id *failing)
{
    sim_set set = 0;
    *failing = 0;
    if (!a->of_nodes)
        return a->terms[0].what->how->alone_holds(r, &a->terms[0]);
    if (!lang_resolve(r, a->nodes, named, &set, NULL))
        return false;
    for (sim_id id = 0; (id = sim_next(set, id));)
        if (!node_holds(r, a, id)) {
            *failing = id;
            return false;
        }
    return true;
}

bool lang_holds(lang_run *r, const lang_condition *c)
{
    sim_set named = named_nodes(r, c);
    sim_id failing;
    for (uint32_t i = 0; i < c->n; i++)
        if (atom_is(r, &c->atoms[i], named, &failing) == c->atoms[i].negated)
            return false;
    return true;
}

/* ---- showing -------------------------------------------------------------------------------
 */

/* Roles say more than their name: whom a follower follows. */
static void add_follows(lang_run *r, const lang_atom *a, sim_id node, sim_text *out)
{
    const sim_view *v = sim_view_of(r->t, node);
    bool role = false;
    for (uint32_t i = 0; i < a->n; i++) {
        const lang_term *t = &a->terms[i];
        role |= t->what->how->node_holds == lang_is_role && !lang_is_role(r, t, node);
        if (t->what->how->node_holds == lang_is_follows)
            return;
    }
    if (role && v->role == SIM_FOLLOWER && v->leader && sim_life_of(r->t, node) != SIM_CRASHED)
        sim_text_format(out, " follows %s", sim_name(r->t, v->leader));
}

static void show_node(lang_run *r, const lang_atom *a, sim_id node, sim_text *out)
{
    size_t last = 0, len = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        sim_text_char(out, ' ');
        size_t start = out->len;
        a->terms[i].what->how->node_actual(r, &a->terms[i], node, out);
        /* "crashed" instead of a role and of whom it follows: once is enough */
        if (len && out->len - start == len && !memcmp(out->at + last, out->at + start, len)) {
            out->len = start - 1;
            out->at[out->len] = 0;
            continue;
        }
        last = start;
        len = out->len - start;
    }
    add_follows(r, a, node, out);
}

/* The words of the atom behind its nodes. */
static const char *said(const lang_run *r, const lang_atom *a)
{
    const char *s = a->text;
    while (*s) {
        size_t n = strcspn(s, " ");
        bool node = sim_node_named(r->t, s, n) || (n == 3 && !strncmp(s, "all", 3)) ||
                    (n == 6 && !strncmp(s, "leader", 6) && s == a->text) ||
                    (n == 9 && !strncmp(s, "followers", 9)) ||
                    (n == 6 && !strncmp(s, "others", 6));
        if (!node)
            return s;
        s += n + (s[n] == ' ');
    }
    return a->text;
}

static void show_set(const lang_run *r, sim_set set, sim_text *out)
{
    const char *blank = "";
    for (sim_id id = 0; (id = sim_next(set, id)); blank = " ")
        sim_text_format(out, "%s%s", blank, sim_name(r->t, id));
}

static void show_atom(lang_run *r, const lang_atom *a, sim_set named, sim_text *wanted,
                      sim_text *actual)
{
    sim_id failing;
    bool is = atom_is(r, a, named, &failing);
    if (a->negated)
        sim_text_put(wanted, strncmp(a->text, "no ", 3) ? "not " : "");
    if (!a->of_nodes) {
        sim_text_put(wanted, a->text);
        a->terms[0].what->how->alone_actual(r, &a->terms[0], actual);
        return;
    }
    sim_set set = 0;
    const char *why = "";
    if (!lang_resolve(r, a->nodes, named, &set, &why)) {
        sim_text_put(wanted, a->text);
        sim_text_put(actual, why);
        return;
    }
    if (is || !failing) {
        sim_text_put(wanted, a->text);
        show_set(r, set, actual);
        show_node(r, a, sim_next(set, 0), actual);
        return;
    }
    sim_text_format(wanted, "%s %s", sim_name(r->t, failing), said(r, a));
    sim_text_put(actual, sim_name(r->t, failing));
    show_node(r, a, failing, actual);
}

void lang_describe(lang_run *r, const lang_condition *c, sim_text *wanted, sim_text *actual)
{
    sim_set named = named_nodes(r, c);
    sim_id failing;
    for (uint32_t i = 0; i < c->n; i++)
        if (atom_is(r, &c->atoms[i], named, &failing) == c->atoms[i].negated) {
            show_atom(r, &c->atoms[i], named, wanted, actual);
            return;
        }
    for (uint32_t i = 0; i < c->n; i++) {
        sim_text_put(wanted, i ? " and " : "");
        sim_text_put(actual, i ? " and " : "");
        show_atom(r, &c->atoms[i], named, wanted, actual);
    }
}
