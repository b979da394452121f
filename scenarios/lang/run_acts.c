/* run_acts.c - the acts of the table, one function each: from what the script says to what
 * the tank does. */
#include "scenarios/lang/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- who is meant --------------------------------------------------------------------------
 */

bool lang_run_nodes_of(lang_run *r, lang_nodes nodes, sim_set named, sim_set *out)
{
    const char *why = NULL;
    if (lang_resolve(r, nodes, named, out, &why))
        return true;
    return lang_run_refused(r, NULL, "%s", why);
}

bool lang_run_node_of(lang_run *r, lang_nodes nodes, sim_id *out)
{
    sim_set set = 0;
    if (!lang_run_nodes_of(r, nodes, 0, &set))
        return false;
    *out = sim_next(set, 0);
    return true;
}

static bool filter_of(lang_run *r, const lang_filter *f, sim_filter *out)
{
    *out = (sim_filter){.type = f->type, .id = f->id};
    if ((f->from.fixed || f->from.words) && !lang_run_node_of(r, f->from, &out->from))
        return false;
    return (!f->to.fixed && !f->to.words) || lang_run_node_of(r, f->to, &out->to);
}

static bool did(lang_run *r, bool done, const sim_error *error)
{
    return done || lang_run_failed(r, error);
}

/* ---- messages
 * -------------------------------------------------------------------------------- */

bool lang_run_note(lang_run *r, const lang_act *act)
{
    sim_remark(r->t, act->story, act->args->text);
    return true;
}

bool lang_run_deliver(lang_run *r, const lang_act *act)
{
    sim_error error = {0};
    sim_filter f;
    if (act->args->number)
        return did(r, sim_deliver_n(r->t, act->args->number, &error), &error);
    return filter_of(r, &act->args->filter, &f) &&
           did(r, sim_deliver(r->t, &f, &error), &error);
}

typedef struct wait {
    lang_run *r;
    const lang_condition *condition;
} wait;

static bool is_met(void *self)
{
    const wait *w = self;
    return lang_holds(w->r, w->condition);
}

bool lang_run_settle(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_set only = 0;
    wait w = {r, a->condition};
    if ((a->nodes.fixed || a->nodes.words) && !lang_run_nodes_of(r, a->nodes, 0, &only))
        return false;
    if (sim_settle(r->t, only, w.condition ? is_met : NULL, &w, &error))
        return true;
    return w.condition ? lang_run_unmet(r, w.condition, &error) : lang_run_failed(r, &error);
}

bool lang_run_drop(lang_run *r, const lang_act *act)
{
    sim_error error = {0};
    sim_filter f;
    return filter_of(r, &act->args->filter, &f) &&
           did(r, sim_drop_message(r->t, &f, act->args->all, &error), &error);
}

bool lang_run_duplicate(lang_run *r, const lang_act *act)
{
    sim_error error = {0};
    sim_filter f;
    return filter_of(r, &act->args->filter, &f) &&
           did(r, sim_duplicate(r->t, &f, act->args->all, &error), &error);
}

bool lang_run_delay(lang_run *r, const lang_act *act)
{
    sim_error error = {0};
    sim_filter f;
    return filter_of(r, &act->args->filter, &f) &&
           did(r, sim_delay(r->t, &f, act->args->all, act->args->us, &error), &error);
}

bool lang_run_reorder(lang_run *r, const lang_act *act)
{
    sim_error error = {0};
    sim_id from, to;
    return lang_run_node_of(r, act->args->nodes, &from) &&
           lang_run_node_of(r, act->args->to, &to) &&
           did(r, sim_reorder(r->t, from, to, &error), &error);
}

bool lang_run_inject(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_id from, to;
    if (!lang_run_node_of(r, a->filter.from, &from) || !lang_run_node_of(r, a->filter.to, &to))
        return false;
    if (from == to)
        return lang_run_refused(r, NULL, "a node sends nothing to itself");
    return did(r,
               sim_inject(r->t, from, to, a->filter.type - 1, a->fields, a->fields_n, &error),
               &error);
}

bool lang_run_corrupt(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_filter f;
    sim_id node;
    if (a->mode)
        return lang_run_node_of(r, a->nodes, &node) &&
               did(r, sim_disk_corrupt(r->t, node, a->number, &error), &error);
    return filter_of(r, &a->filter, &f) &&
           did(r, sim_corrupt(r->t, &f, a->all, &error), &error);
}

/* ---- links
 * ------------------------------------------------------------------------------------- */

bool lang_run_partition(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_set groups[SIM_NODES_MAX], named = 0, seen = 0;
    for (uint32_t i = 0; i < a->groups_n; i++) {
        lang_nodes own = a->groups[i];
        own.words &= (uint8_t)~LANG_OTHERS;
        groups[i] = 0;
        if ((own.fixed || own.words) && !lang_run_nodes_of(r, own, 0, &groups[i]))
            return false;
        named |= groups[i];
    }
    for (uint32_t i = 0; i < a->groups_n; i++) {
        if ((a->groups[i].words & LANG_OTHERS) &&
            !lang_run_nodes_of(r, a->groups[i], named, &groups[i]))
            return false;
        if (seen & groups[i])
            return lang_run_refused(r, NULL, "%s stands on both sides",
                                    sim_name(r->t, sim_next(seen & groups[i], 0)));
        seen |= groups[i];
    }
    sim_partition(r->t, groups, a->groups_n);
    return true;
}

bool lang_run_isolate(lang_run *r, const lang_act *act)
{
    sim_set set = 0;
    if (!lang_run_nodes_of(r, act->args->nodes, 0, &set))
        return false;
    sim_isolate(r->t, set);
    return true;
}

typedef bool link_fn(sim *t, sim_id from, sim_id to, bool both, sim_error *error);

static bool cut_link(sim *t, sim_id from, sim_id to, bool both, sim_error *error)
{
    (void)error;
    sim_cut(t, from, to, both);
    return true;
}

/* Each link between the two sides once. */
static bool each_link(lang_run *r, const lang_args *a, link_fn *fn)
{
    sim_set from = 0, to = 0, named = 0, done[SIM_NODES_MAX + 1] = {0};
    lang_nodes left = a->nodes, right = a->to;
    bool left_rest = left.words & LANG_OTHERS;
    if (!lang_run_nodes_of(r, left_rest ? right : left, 0, &named) ||
        !lang_run_nodes_of(r, left_rest ? left : right, named, left_rest ? &from : &to))
        return false;
    *(left_rest ? &to : &from) = named;
    uint32_t links = 0;
    for (sim_id x = 0; (x = sim_next(from, x));)
        for (sim_id y = 0; (y = sim_next(to, y));) {
            sim_error error = {0};
            if (x == y || (a->both && sim_has(done[y], x)))
                continue;
            done[x] |= sim_one(y);
            links++;
            if (!fn(r->t, x, y, a->both, &error))
                return lang_run_failed(r, &error);
        }
    return links || lang_run_refused(r, NULL, "a node has no link to itself");
}

bool lang_run_cut(lang_run *r, const lang_act *act)
{
    return each_link(r, act->args, cut_link);
}

bool lang_run_each(lang_run *r, lang_nodes nodes, lang_run_node_fn *fn)
{
    sim_set set = 0;
    if (!lang_run_nodes_of(r, nodes, 0, &set))
        return false;
    for (sim_id id = 0; (id = sim_next(set, id));) {
        sim_error error = {0};
        if (!fn(r->t, id, &error))
            return lang_run_failed(r, &error);
        if (sim_violation(r->t))
            return true; /* the runner tells it */
    }
    return true;
}

/* By lang_held; a link is another matter. */
static lang_run_node_fn *const hold_on[] = {
    [LANG_HOLD_DISK] = sim_disk_hold, [LANG_HOLD_PERSISTED] = sim_persisted_hold};
static lang_run_node_fn *const release_of[] = {
    [LANG_HOLD_DISK] = sim_disk_release, [LANG_HOLD_PERSISTED] = sim_persisted_release};

bool lang_run_hold(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    return a->mode != LANG_HOLD_LINK ? lang_run_each(r, a->nodes, hold_on[a->mode])
                                     : each_link(r, a, sim_hold);
}

bool lang_run_release(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    return a->mode != LANG_HOLD_LINK ? lang_run_each(r, a->nodes, release_of[a->mode])
                                     : each_link(r, a, sim_release);
}

bool lang_run_heal(lang_run *r, const lang_act *act)
{
    if (!act->args->all)
        return each_link(r, act->args, sim_heal_link);
    sim_heal(r->t);
    return true;
}

/* ---- nodes
 * ----------------------------------------------------------------------------------------- */

bool lang_run_pause(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, sim_pause);
}

bool lang_run_resume(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, sim_resume);
}

static bool crash(sim *t, sim_id node, sim_error *error)
{
    return sim_crash(t, node, false, error);
}

static bool crash_torn(sim *t, sim_id node, sim_error *error)
{
    return sim_crash(t, node, true, error);
}

static bool restart(sim *t, sim_id node, sim_error *error)
{
    return sim_restart(t, node, false, error);
}

static bool restart_wiped(sim *t, sim_id node, sim_error *error)
{
    return sim_restart(t, node, true, error);
}

bool lang_run_crash(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, crash);
}

bool lang_run_torn(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, crash_torn);
}

bool lang_run_restart(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, act->args->mode ? restart_wiped : restart);
}

bool lang_run_sync(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, sim_disk_sync);
}

bool lang_run_disk(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_set set = 0;
    if (!lang_run_nodes_of(r, a->nodes, 0, &set))
        return false;
    for (sim_id id = 0; (id = sim_next(set, id));)
        sim_disk_set(r->t, id, (sim_disk_mode)a->mode, a->us);
    return true;
}

bool lang_run_skew(lang_run *r, const lang_act *act)
{
    sim_set set = 0;
    int64_t amount = act->args->amount;
    if (!lang_run_nodes_of(r, act->args->nodes, 0, &set))
        return false;
    r->skewed += (uint64_t)(amount < 0 ? -amount : amount);
    if (r->skewed > LANG_TIME_MAX)
        return lang_run_refused(r, NULL, "clocks can be set no further");
    for (sim_id id = 0; (id = sim_next(set, id));)
        sim_skew(r->t, id, amount);
    return true;
}

bool lang_run_drift(lang_run *r, const lang_act *act)
{
    sim_set set = 0;
    if (!lang_run_nodes_of(r, act->args->nodes, 0, &set))
        return false;
    for (sim_id id = 0; (id = sim_next(set, id));)
        sim_drift(r->t, id, act->args->amount);
    return true;
}

/* ---- timers and Raft
 * ----------------------------------------------------------------------------------- */

bool lang_run_timeout(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, sim_timeout);
}

bool lang_run_heartbeat(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, sim_heartbeat);
}

bool lang_run_campaign(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, sim_campaign);
}

bool lang_run_elect(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, sim_elect);
}

bool lang_run_step_down(lang_run *r, const lang_act *act)
{
    return lang_run_each(r, act->args->nodes, sim_step_down);
}

/* ---- clients, time, expectations
 * ------------------------------------------------------------------------ */

bool lang_run_propose(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_id node;
    if (!lang_run_node_of(r, a->nodes, &node))
        return false;
    const char *name = a->request ? r->s->names[a->request - 1] : NULL;
    uint64_t id = sim_propose(r->t, node, a->text, a->len, name, &error);
    if (!id)
        return lang_run_failed(r, &error);
    if (a->request)
        r->requests[a->request - 1] = id;
    return true;
}

bool lang_run_advance(lang_run *r, const lang_act *act)
{
    sim_error error = {0};
    return did(r, sim_advance(r->t, act->args->us, &error), &error);
}

bool lang_run_await(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    wait w = {r, a->condition};
    return sim_await(r->t, a->us, is_met, &w, &error) ||
           lang_run_unmet(r, a->condition, &error);
}

bool lang_run_never(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    wait w = {r, a->condition};
    if (sim_await(r->t, a->us, is_met, &w, &error))
        return lang_run_refused(r, NULL, "it came to hold: %s", a->condition->text);
    return (!sim_violation(r->t) && !error.no_progress && !(r->stop && *r->stop)) ||
           lang_run_failed(r, &error);
}

bool lang_run_expect(lang_run *r, const lang_act *act)
{
    const lang_condition *c = act->args->condition;
    sim_text wanted = {0}, actual = {0};
    bool holds = lang_holds(r, c);
    r->out->expects++;
    lang_describe(r, c, &wanted, &actual);
    sim_expect(r->t, act->story, c->text, actual.at ? actual.at : "", holds);
    sim_text_free(&wanted);
    sim_text_free(&actual);
    return holds || lang_run_unmet(r, c, NULL);
}
