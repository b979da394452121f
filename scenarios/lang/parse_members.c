/* parse_members.c - set-up of who is a member from the start, and of planted bugs. */
#include "scenarios/lang/parser.h"

#include <string.h>

/* ---- spare and learner ------------------------------------------------------------------- */

/* Names of its own, so that one more can be added behind them. */
static void spell_names(lang_parser *p, const char *added)
{
    sim_config *c = &p->s->config;
    bool next = !c->names && !strcmp(added, lang_format(p->arena, "n%u", c->nodes + 1));
    if (!next) {
        const char **names = sim_arena_take(p->arena, SIM_NODES_MAX * sizeof *names);
        for (uint32_t i = 0; i < c->nodes; i++)
            names[i] = c->names ? c->names[i] : lang_format(p->arena, "n%u", i + 1);
        names[c->nodes] = added;
        c->names = names;
    }
    c->nodes++;
}

/* A node that the cluster has already, or one more. */
static bool parse_member(lang_parser *p, sim_id *out)
{
    const lang_token *t = lang_take(p);
    *out = lang_node_of(p, t);
    if (*out)
        return true;
    if (t->quoted || !lang_is_name(t->text, t->len))
        return lang_mistake(p, t, "names are letters, digits, _ and -, and begin with a letter",
                            "%s is no name for a node", lang_q(p, t));
    if (lang_is_reserved(t->text, true))
        return lang_mistake(p, t, NULL, "a node cannot be called %s: the word has a meaning",
                            lang_q(p, t));
    if (p->s->config.nodes == SIM_NODES_MAX)
        return lang_mistake(p, t, NULL, "a cluster has at most %d nodes", SIM_NODES_MAX);
    spell_names(p, t->text);
    *out = (sim_id)p->s->config.nodes;
    return true;
}

static bool parse_members(lang_parser *p, sim_set *set)
{
    sim_config *c = &p->s->config;
    if (!lang_need_cluster(p))
        return false;
    p->members_at = p->line;
    if (!lang_peek(p))
        return lang_need(p, "a node") != NULL;
    while (lang_peek(p)) {
        const lang_token *t = lang_peek(p);
        sim_id id;
        if (!parse_member(p, &id))
            return false;
        if (sim_has(c->spares | c->learners, id))
            return lang_mistake(p, t, NULL, "%s is a %s already", lang_q(p, t),
                                sim_has(c->spares, id) ? "spare" : "learner");
        *set |= sim_one(id);
    }
    return true;
}

bool lang_parse_spare(lang_parser *p, lang_args *out)
{
    (void)out;
    return parse_members(p, &p->s->config.spares);
}

bool lang_parse_learner(lang_parser *p, lang_args *out)
{
    (void)out;
    return parse_members(p, &p->s->config.learners);
}

void lang_members_finish(lang_parser *p)
{
    const sim_config *c = &p->s->config;
    sim_set all = sim_first_nodes(c->nodes);
    if (p->members_at && p->cluster_set && !(all & ~(c->spares | c->learners)))
        lang_mistake_line(p, p->members_at, NULL, "leave a node that votes",
                          "nobody votes in this cluster");
}

/* ---- planted bugs --------------------------------------------------------------------------
 */

bool lang_parse_bug(lang_parser *p, lang_args *out)
{
    (void)out;
    const lang_token *t = lang_need(p, "the name of a bug");
    if (!t || !lang_parse_done(p))
        return false;
    const sim_engine *engine = p->s->config.engine;
    const char *const *names = engine->bug_names;
    const uint64_t bit = t->quoted ? 0 : sim_engine_bug(engine, t->text);
    uint32_t n = 0;
    while (names && names[n])
        n++;
    if (!n)
        return lang_mistake(p, t,
                            "build without -DRAFT_PLANTED_BUGS=0, or choose another engine",
                            "no bug can be planted in this engine");
    if (!bit)
        return lang_mistake(
            p, t, lang_hint_nearest(p, t, names, n, lang_hint_list(p, "the bugs are", names)),
            "there is no bug %s", lang_q(p, t));
    if (p->s->config.bugs & bit)
        return lang_mistake(p, t, NULL, "the bug %s is planted twice", lang_q(p, t));
    p->s->config.bugs |= bit;
    return true;
}

/* ---- a violation that is wanted -------------------------------------------------------------
 */

/* It ends the run, so what stands behind it would be skipped in silence. */
void lang_violation_finish(lang_parser *p)
{
    const scenario *s = p->s;
    for (size_t i = 0; i + 1 < s->acts_n; i++)
        if (lang_expects_violation(&s->acts[i])) {
            const lang_act *next = &s->acts[i + 1];
            lang_mistake_line(p, next->line, next->frame,
                              "an expected violation ends the run: make it the last line",
                              "nothing is carried out behind 'expect violation'");
            return;
        }
}
