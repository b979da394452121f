/* run_admin.c - the acts of an operator, and reads. */
#include "scenarios/lang/run.h"

/* Keeps the number of a request under its name. */
bool lang_run_made(lang_run *r, const lang_args *a, uint64_t id, const sim_error *error)
{
    if (!id)
        return lang_run_failed(r, error);
    if (a->request)
        r->requests[a->request - 1] = id;
    return true;
}

const char *lang_run_name(const lang_run *r, const lang_args *a)
{
    return a->request ? r->s->names[a->request - 1] : NULL;
}

/* Nobody named is nobody (0). */
bool lang_run_one(lang_run *r, lang_nodes nodes, sim_id *out)
{
    *out = 0;
    return (!nodes.fixed && !nodes.words) || lang_run_node_of(r, nodes, out);
}

bool lang_run_transfer(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_id from, to;
    return lang_run_node_of(r, a->nodes, &from) && lang_run_one(r, a->to, &to) &&
           lang_run_made(r, a, sim_transfer(r->t, from, to, lang_run_name(r, a), &error),
                         &error);
}

/* Learners that are not named stay what they are. */
static bool wanted_of(lang_run *r, const lang_args *a, sim_id asked, sim_membership *out)
{
    if (a->mode != SIM_CHANGE_RECONFIGURE)
        return true;
    if (!lang_run_nodes_of(r, a->nodes, 0, &out->voters))
        return false;
    out->learners = sim_view_of(r->t, asked)->learners & ~out->voters;
    out->by_hand = a->by_hand;
    return true;
}

bool lang_run_change(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_membership wanted = {0};
    sim_id asked, who = 0;
    if (!lang_run_node_of(r, a->to, &asked) || !wanted_of(r, a, asked, &wanted))
        return false;
    if (a->mode != SIM_CHANGE_RECONFIGURE && !lang_run_one(r, a->nodes, &who))
        return false;
    uint64_t id = sim_change_members(r->t, asked, (sim_change)a->mode, who, &wanted,
                                     lang_run_name(r, a), &error);
    return lang_run_made(r, a, id, &error);
}

bool lang_run_snapshot(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_set set;
    if (!lang_run_nodes_of(r, a->nodes, 0, &set))
        return false;
    for (sim_id id = 0; (id = sim_next(set, id));)
        if (!lang_run_made(r, a, sim_snapshot_now(r->t, id, lang_run_name(r, a), &error),
                           &error))
            return false;
    return true;
}

static bool fail_for_now(sim *t, sim_id node, sim_error *error)
{
    return sim_app_fail(t, node, true, error);
}

static bool fail_for_good(sim *t, sim_id node, sim_error *error)
{
    return sim_app_fail(t, node, false, error);
}

bool lang_run_fail(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, act->args->all ? fail_for_good : fail_for_now);
}

bool lang_run_mend(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, sim_app_mend);
}

bool lang_run_read(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_id node;
    return lang_run_node_of(r, a->nodes, &node) &&
           lang_run_made(r, a,
                         sim_read(r->t, node, a->text, a->len, (sim_read_mode)a->mode,
                                  lang_run_name(r, a), &error),
                         &error);
}
