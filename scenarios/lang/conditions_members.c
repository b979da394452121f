/* conditions_members.c - what can be said of membership, snapshots, refusals and
 * violations. */
#include "scenarios/lang/conditions.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* ---- nodes behind a condition --------------------------------------------------------------
 */

static bool parse_some(lang_parser *p, lang_nodes *out)
{
    if (lang_take_if(p, "nobody"))
        return true;
    const lang_token *first = lang_peek(p);
    if (!lang_parse_subjects(p, out))
        return false;
    return !(out->words & ~LANG_ALL) ||
           lang_mistake(p, first, NULL, "the members must be named here");
}

bool lang_members_words(lang_parser *p, lang_term *out)
{
    if (!parse_some(p, &out->node))
        return false;
    if (!lang_take_if(p, "|"))
        return true;
    out->old = out->node;
    out->node = (lang_nodes){0};
    return parse_some(p, &out->node);
}

bool lang_learners_words(lang_parser *p, lang_term *out)
{
    return parse_some(p, &out->node);
}

static sim_set set_of(const lang_run *r, lang_nodes nodes)
{
    sim_set set = 0;
    lang_resolve(r, nodes, 0, &set, NULL);
    return set;
}

bool lang_is_config(lang_run *r, const lang_term *t, sim_id node)
{
    const sim_view *v = sim_view_of(r->t, node);
    return v->voters == set_of(r, t->node) && v->outgoing == set_of(r, t->old);
}

bool lang_is_learners(lang_run *r, const lang_term *t, sim_id node)
{
    return sim_view_of(r->t, node)->learners == set_of(r, t->node);
}

static void show_set(const lang_run *r, sim_set set, sim_text *out)
{
    if (!set)
        sim_text_put(out, " nobody");
    for (sim_id id = 0; (id = sim_next(set, id));)
        sim_text_format(out, " %s", sim_name(r->t, id));
}

void lang_show_config(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    const sim_view *v = sim_view_of(r->t, node);
    sim_text_put(out, "config");
    if (v->outgoing) {
        show_set(r, v->outgoing, out);
        sim_text_put(out, " |");
    }
    show_set(r, v->voters, out);
}

void lang_show_learners(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    sim_text_put(out, "learners");
    show_set(r, sim_view_of(r->t, node)->learners, out);
}

bool lang_is_transferring(lang_run *r, const lang_term *t, sim_id node)
{
    return sim_one(sim_view_of(r->t, node)->transferring_to) == set_of(r, t->node);
}

void lang_show_transferring(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    sim_text_put(out, "transferring");
    show_set(r, sim_one(sim_view_of(r->t, node)->transferring_to), out);
}

/* ---- snapshots ------------------------------------------------------------------------------
 */

bool lang_snapshot_words(lang_parser *p, lang_term *out)
{
    const lang_token *t = lang_need(p, "the snapshot's last entry");
    if (!t)
        return false;
    if (!t->quoted && sim_parse_point(t->text, t->len, &out->point))
        return true;
    return lang_mistake(p, t, "write: snapshot 5@2 (index@term), or snapshot 0@0 for none",
                        "%s is not index@term", lang_q(p, t));
}

bool lang_is_snapshot(lang_run *r, const lang_term *t, sim_id node)
{
    sim_point p = sim_view_of(r->t, node)->snapshot;
    return p.index == t->point.index && p.term == t->point.term;
}

void lang_show_snapshot(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    sim_point p = sim_view_of(r->t, node)->snapshot;
    sim_text_format(out, "snapshot %" PRIu64 "@%" PRIu64, p.index, p.term);
}

/* ---- refusals -------------------------------------------------------------------------------
 */

/* The names that reach a client (thesis 3.10, 4, 6). */
const lang_refusal lang_refusals[] = {
    {"not_leader", "another node leads; the answer names it if it is known (`redirect`)"},
    {"no_leader_yet", "nobody is known to lead (`retry`)"},
    {"change_in_progress",
     "a change of members is open: the last one is not committed, the leader has not yet "
     "committed an entry of its own term, a newcomer is catching up, or a joint configuration "
     "was not left"},
    {"not_caught_up",
     "a newcomer needed too many or too long rounds (`catch_up_rounds`), or a learner lacks "
     "too much to be promoted"},
    {"transferring", "the leader is handing over, and takes no commands and changes meanwhile"},
    {"unknown_node", "that node is not among those whom this is about: no member, or for a "
                     "transfer no other voter"},
    {"already_member", "the node is already what it was to become, or the configuration that "
                       "was asked for is in force"},
    {"last_voter", "nobody would be left to vote"},
    {"log_full", "the leader's log holds `log_max` entries; a snapshot makes room"},
    {"disk_failed", "the node stopped because a write to its disk failed; whether the request "
                    "was carried out is open (`timeout`)"},
    {"session_expired", "the log has let the client's session go; its next request registers "
                        "it anew; whether an earlier attempt was carried out is open"},
    {"no_lease",
     "the leader would have to ask before it may answer: its lease has run out, has "
     "not come with a heartbeat yet, was given up for a transfer, or is not wanted "
     "(`lease_reads`)"},
    {"timeout", "the node crashed or left the cluster, a newcomer was silent, or a transfer "
                "led nowhere; whether a command was carried out is open"},
    {"nothing_to_snapshot", "the node's snapshot holds all that it has applied"},
    {NULL, NULL},
};

bool lang_refusal_word(lang_parser *p, lang_term *out)
{
    out->status = LANG_REFUSED;
    if (lang_at_end(p))
        return true;
    const lang_token *t = lang_take(p);
    const char *names[sizeof lang_refusals / sizeof *lang_refusals] = {NULL};
    uint32_t n = 0;
    for (; lang_refusals[n].name; n++) {
        names[n] = lang_refusals[n].name;
        if (!strcmp(t->text, names[n])) {
            out->text = names[n];
            return true;
        }
    }
    return lang_mistake(
        p, t, lang_hint_nearest(p, t, names, n, lang_hint_list(p, "the refusals are", names)),
        "there is no refusal %s", lang_q(p, t));
}

bool lang_was_refused(const sim_request *q, const char *why)
{
    bool refused = q->status == SIM_STATUS_FAILED || q->status == SIM_STATUS_REDIRECT ||
                   q->status == SIM_STATUS_RETRY || q->status == SIM_STATUS_TIMEOUT;
    return refused && (!why || !strcmp(q->answer ? q->answer : "", why));
}

/* ---- violations -----------------------------------------------------------------------------
 */

/* "Election Safety", election_safety, election-safety: one name. */
static bool same_name(const char *a, const char *b, size_t len)
{
    if (strlen(a) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char x = a[i] == '_' || a[i] == '-' ? ' ' : a[i];
        char y = b[i] == '_' || b[i] == '-' ? ' ' : b[i];
        if (strncasecmp(&x, &y, 1) != 0)
            return false;
    }
    return true;
}

bool lang_violation_words(lang_parser *p, lang_term *out)
{
    const lang_token *first = lang_peek(p);
    uint32_t from = p->at;
    if (lang_at_end(p))
        return lang_mistake(p, first,
                            "write, for instance: expect violation \"Election Safety\"",
                            "the name of an invariant is missing here");
    while (!lang_at_end(p))
        lang_take(p);
    const char *name = lang_join(p->arena, p->tokens + from, p->at - from);
    if (p->at == from + 1)
        name = first->text;
    const char *names[64];
    uint32_t n = 0;
    for (const sim_invariant_info *i = sim_invariants; i->name && n < 63; i++) {
        names[n++] = i->name;
        if (same_name(i->name, name, strlen(name))) {
            out->text = i->name;
            return true;
        }
    }
    names[n] = NULL;
    const char *near = sim_text_nearest(name, names, n);
    return lang_mistake(p, first,
                        near ? lang_format(p->arena, "did you mean '%s'?", near)
                             : lang_hint_list(p, "the invariants are", names),
                        "there is no invariant %s", lang_quote(p->arena, name, strlen(name)));
}

bool lang_is_violated(lang_run *r, const lang_term *t)
{
    const sim_violation_info *v = sim_violation(r->t);
    return v && same_name(v->invariant, t->text, strlen(t->text));
}

void lang_show_violated(lang_run *r, const lang_term *t, sim_text *out)
{
    (void)t;
    const sim_violation_info *v = sim_violation(r->t);
    if (v)
        sim_text_format(out, "violation %s", v->invariant);
    else
        sim_text_put(out, "no invariant was violated");
}

bool lang_expects_violation(const lang_act *act)
{
    const lang_condition *c =
        act->what->how->run == lang_run_expect ? act->args->condition : NULL;
    for (uint32_t i = 0; c && i < c->n; i++)
        if (!c->atoms[i].negated && !c->atoms[i].of_nodes &&
            c->atoms[i].terms[0].what->how->alone_holds == lang_is_violated)
            return true;
    return false;
}
