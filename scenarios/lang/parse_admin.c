/* parse_admin.c - the commands of an operator and of clients with sessions. */
#include "scenarios/lang/parser.h"

#include <string.h>

/* ---- who is asked, and what the request is called -------------------------------------------
 */

/* `[at NODE] [as NAME]`, in either order, to the end of the line. */
static bool parse_at_as(lang_parser *p, lang_args *out, const char *at)
{
    bool said_at = false, said_as = false;
    while (lang_peek(p)) {
        if (!said_at && at && lang_take_if(p, at)) {
            said_at = true;
            if (!lang_parse_node(p, &out->to))
                return false;
        } else if (!said_as && lang_take_if(p, "as")) {
            said_as = true;
            if (!lang_parse_as(p, &out->request))
                return false;
        } else {
            return lang_parse_done(p);
        }
    }
    return true;
}

/* A change of members goes to the leader of the moment, unless another is named. */
static bool parse_change(lang_parser *p, lang_args *out, sim_change what)
{
    out->mode = (uint8_t)what;
    out->to = (lang_nodes){0, LANG_LEADER};
    return parse_at_as(p, out, "at");
}

/* ---- leadership and membership
 * ---------------------------------------------------------------
 */

bool lang_parse_transfer(lang_parser *p, lang_args *out)
{
    lang_nodes target = {0};
    if (!lang_parse_node(p, &out->nodes))
        return false;
    if (lang_take_if(p, "->") && !lang_parse_node(p, &target))
        return false;
    if (!parse_at_as(p, out, NULL))
        return false;
    out->to = target;
    return true;
}

bool lang_parse_add(lang_parser *p, lang_args *out)
{
    const lang_token *t = lang_peek(p);
    if (t && p->cluster_set && !p->dry && !t->quoted && lang_looks_like_node(t) &&
        !lang_node_of(p, t)) /* it is to come, but nobody has started it */
        return lang_mistake(p, lang_take(p),
                            lang_format(p->arena,
                                        "set it up as a node that runs and is no "
                                        "member yet: spare %s",
                                        t->text),
                            "there is no node %s in this cluster", lang_q(p, t));
    if (!lang_parse_node(p, &out->nodes))
        return false;
    bool learner = lang_take_if(p, "learner");
    return parse_change(p, out, learner ? SIM_CHANGE_ADD_LEARNER : SIM_CHANGE_ADD_VOTER);
}

bool lang_parse_promote(lang_parser *p, lang_args *out)
{
    return lang_parse_node(p, &out->nodes) && parse_change(p, out, SIM_CHANGE_PROMOTE);
}

bool lang_parse_remove(lang_parser *p, lang_args *out)
{
    return lang_parse_node(p, &out->nodes) && parse_change(p, out, SIM_CHANGE_REMOVE);
}

bool lang_parse_reconfigure(lang_parser *p, lang_args *out)
{
    const lang_token *first = lang_peek(p);
    if (!lang_parse_nodes(p, &out->nodes))
        return false;
    if (out->nodes.words & (LANG_FOLLOWERS | LANG_OTHERS))
        return lang_mistake(p, first, "name them: reconfigure n1 n2 n4",
                            "the new voters must be named");
    if (lang_take_if(p, "by")) {
        out->by_hand = true;
        if (!lang_need_word(p, "hand"))
            return false;
    }
    return parse_change(p, out, SIM_CHANGE_RECONFIGURE);
}

bool lang_parse_leave(lang_parser *p, lang_args *out)
{
    return parse_change(p, out, SIM_CHANGE_LEAVE);
}

/* A name is of one request, so then one node must be meant. */
bool lang_parse_snapshot(lang_parser *p, lang_args *out)
{
    if (!lang_parse_nodes(p, &out->nodes))
        return false;
    const bool one = out->nodes.words ? out->nodes.words == LANG_LEADER && !out->nodes.fixed
                                      : sim_count(out->nodes.fixed) == 1;
    const lang_token *as = lang_peek(p);
    if (as && !one && lang_is_word(as, "as"))
        return lang_mistake(p, as, "name one node: snapshot n1 as NAME",
                            "each of several nodes makes a request of its own");
    return parse_at_as(p, out, NULL);
}

/* ---- applications that fail
 * ------------------------------------------------------------------
 */

bool lang_parse_fail(lang_parser *p, lang_args *out)
{
    if (!lang_need_word(p, "app") || !lang_parse_nodes(p, &out->nodes))
        return false;
    if (lang_take_if(p, "for")) {
        out->all = true;
        if (!lang_need_word(p, "good"))
            return false;
    }
    return lang_parse_done(p);
}

bool lang_parse_mend(lang_parser *p, lang_args *out)
{
    return lang_need_word(p, "app") && lang_parse_several(p, out);
}

/* ---- clients with sessions, and reads
 * --------------------------------------------------------
 */

static bool parse_client(lang_parser *p, const char **out)
{
    const lang_token *t = lang_need(p, "the name of a client");
    if (!t)
        return false;
    if (lang_node_of(p, t) || lang_looks_like_node(t))
        return lang_mistake(p, t, "write: request alice \"add 1\", or propose n1 \"add 1\"",
                            "%s is a node, not a client", lang_q(p, t));
    if (t->quoted || !lang_is_name(t->text, t->len))
        return lang_mistake(p, t, "names are letters, digits, _ and -, and begin with a letter",
                            "%s is no name for a client", lang_q(p, t));
    *out = t->text;
    return true;
}

bool lang_parse_request(lang_parser *p, lang_args *out)
{
    /* without `to` the client looks for the leader itself */
    return parse_client(p, &out->client) && lang_parse_command(p, "the command", out) &&
           parse_at_as(p, out, "to");
}

bool lang_parse_retry(lang_parser *p, lang_args *out)
{
    const lang_token *t = lang_need(p, "the name of a request");
    uint32_t at = 0;
    if (!t)
        return false;
    if (t->quoted || (!lang_request_find(p, t->text, &at) && !p->dry)) {
        const char *const *names = p->s->names;
        return lang_mistake(p, t,
                            lang_hint_nearest(p, t, names, p->s->names_n,
                                              "request CLIENT \"command\" as NAME makes one"),
                            "no request is called %s up to here", lang_q(p, t));
    }
    out->request = at + 1;
    if (lang_take_if(p, "to") && !lang_parse_node(p, &out->to))
        return false;
    return lang_parse_done(p);
}

bool lang_parse_read(lang_parser *p, lang_args *out)
{
    static const char *const modes[] = {
        [SIM_READ_INDEX] = "index", [SIM_READ_LEASE] = "lease", [SIM_READ_STALE] = "stale"};
    if (!lang_parse_node(p, &out->nodes) || !lang_parse_command(p, "the query", out))
        return false;
    out->mode = SIM_READ_INDEX;
    const lang_token *t = lang_peek(p);
    if (t && !lang_is_word(t, "as")) {
        uint8_t mode = 0;
        while (mode < 3 && !lang_is_word(t, modes[mode]))
            mode++;
        if (mode == 3)
            return lang_mistake(p, t, lang_hint_nearest(p, t, modes, 3, lang_hint_forms(p)),
                                "there is no read %s", lang_q(p, t));
        out->mode = mode;
        lang_take(p);
    }
    return parse_at_as(p, out, NULL);
}
