/* runner.c - carries a scenario out, act by act, to its end or its first failure. */
#include "scenarios/lang/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- failing ----------------------------------------------------------------------------- */

static lang_place place_of(const lang_run *r)
{
    const lang_act *act = r->act;
    const lang_line *l = act ? act->line : NULL;
    if (!l)
        return r->s->elected_at;
    const lang_token *first = &l->tokens[0], *last = &l->tokens[l->n - 1];
    uint32_t end = last->column + last->width;
    return (lang_place){l, first->column, end > first->column ? end - first->column : 1,
                        act->frame};
}

static bool fail(lang_run *r, scenario_result result, const char *hint, const char *text)
{
    r->out->result = result;
    lang_diagnostic_fill(&r->out->where, &r->out->arena, place_of(r), hint, text);
    return false;
}

static bool is_stopped(const lang_run *r)
{
    return r->stop && *r->stop;
}

static void start_sections(lang_run *r, uint32_t up_to);

/* The `expect violation` that is still to come in this scenario; NULL: none. */
static const lang_act *violation_to_come(const lang_run *r)
{
    for (const lang_act *a = r->act ? r->act : r->s->acts, *end = r->s->acts + r->s->acts_n;
         a < end; a++)
        if (lang_expects_violation(a))
            return a;
    return NULL;
}

/* The scenario plants a bug and says what it breaks: that is how it passes. */
static bool was_wanted(lang_run *r)
{
    const lang_act *wanted = violation_to_come(r);
    if (!wanted || !lang_holds(r, wanted->args->condition))
        return false;
    start_sections(r, wanted->section + 1);
    sim_expect(r->t, wanted->story, wanted->args->condition->text,
               wanted->args->condition->text, true);
    r->out->expects++;
    r->caught = true;
    return true;
}

/* A broken invariant and a stop come out of every act as an error: they are told as what
 * they are. */
static bool fail_otherwise(lang_run *r)
{
    const sim_violation_info *v = sim_violation(r->t);
    if (v) {
        if (was_wanted(r))
            return true;
        fail(r, SCENARIO_VIOLATION, v->cite,
             lang_format(&r->out->arena, "%s is violated: %s; %s", v->invariant, v->one,
                         v->other));
        return true;
    }
    if (is_stopped(r))
        fail(r, SCENARIO_STOPPED, NULL, "stopped here");
    return is_stopped(r);
}

bool lang_run_failed(lang_run *r, const sim_error *error)
{
    if (fail_otherwise(r))
        return false;
    return fail(r, error->no_progress ? SCENARIO_NO_PROGRESS : SCENARIO_FAILED, error->hint,
                error->text);
}

bool lang_run_refused(lang_run *r, const char *hint, const char *format, ...)
{
    sim_text t = {0};
    va_list args;
    va_start(args, format);
    sim_text_vformat(&t, format, args);
    va_end(args);
    fail(r, SCENARIO_FAILED, hint, t.at);
    sim_text_free(&t);
    return false;
}

bool lang_run_unmet(lang_run *r, const lang_condition *c, const sim_error *error)
{
    if (fail_otherwise(r))
        return false;
    sim_text wanted = {0}, actual = {0};
    lang_describe(r, c, &wanted, &actual);
    r->out->expected = sim_arena_text(&r->out->arena, wanted.at ? wanted.at : "", wanted.len);
    r->out->actual = sim_arena_text(&r->out->arena, actual.at ? actual.at : "", actual.len);
    sim_text_free(&wanted);
    sim_text_free(&actual);
    if (!error)
        return fail(r, SCENARIO_FAILED, NULL, "the expectation does not hold");
    return fail(r, error->no_progress ? SCENARIO_NO_PROGRESS : SCENARIO_FAILED, error->hint,
                error->text);
}

/* ---- who is meant
 * ---------------------------------------------------------------------------- */

sim_id lang_leader(const lang_run *r)
{
    sim_id leader = 0;
    uint64_t term = 0;
    for (uint32_t i = 1; i <= sim_nodes(r->t); i++) {
        const sim_view *v = sim_view_of(r->t, (sim_id)i);
        if (v->role != SIM_LEADER || sim_life_of(r->t, (sim_id)i) == SIM_CRASHED ||
            v->term < term || (leader && v->term == term))
            continue;
        leader = (sim_id)i;
        term = v->term;
    }
    return leader;
}

static sim_set followers(const lang_run *r)
{
    sim_set set = 0;
    for (uint32_t i = 1; i <= sim_nodes(r->t); i++)
        if (sim_life_of(r->t, (sim_id)i) != SIM_CRASHED &&
            sim_view_of(r->t, (sim_id)i)->role == SIM_FOLLOWER)
            set |= sim_one((sim_id)i);
    return set;
}

bool lang_resolve(const lang_run *r, lang_nodes nodes, sim_set named, sim_set *out,
                  const char **why)
{
    sim_set all = sim_first_nodes(sim_nodes(r->t)), set = nodes.fixed;
    const char *missing = NULL;
    if (nodes.words & LANG_ALL)
        set |= all;
    if (nodes.words & LANG_LEADER) {
        sim_id leader = lang_leader(r);
        missing = leader ? NULL : "there is no leader";
        set |= sim_one(leader);
    }
    if (nodes.words & LANG_FOLLOWERS) {
        sim_set some = followers(r);
        missing = missing ? missing : some ? NULL : "there are no followers";
        set |= some;
    }
    if (nodes.words & LANG_OTHERS) {
        sim_set some = all & ~(named | set);
        missing = missing ? missing : some ? NULL : "there are no others";
        set |= some;
    }
    *out = set;
    if (missing && why)
        *why = missing;
    return !missing;
}

/* ---- the run
 * ------------------------------------------------------------------------------------ */

static bool override(sim_config *config, const scenario_overrides *o, sim_error *error)
{
    config->seed = o->seed ? *o->seed : config->seed;
    config->observers = o->observers;
    config->observers_n = o->observers_n;
    for (uint32_t i = 0; i < o->bugs_n; i++) {
        const uint64_t bit = sim_engine_bug(config->engine, o->bugs[i]);
        if (!bit) {
            snprintf(error->text, sizeof error->text,
                     "the engine '%s' has no bug '%.64s' that could be planted",
                     config->engine->name, o->bugs[i]);
            return false;
        }
        config->bugs |= bit;
    }
    return true;
}

sim *scenario_tank(const scenario *s, const scenario_overrides *o, scenario_diagnostics *diags)
{
    sim_config config = s->config;
    sim_error error = {0};
    sim *t = !o || override(&config, o, &error) ? sim_new(&config, &error) : NULL;
    if (!t) {
        lang_line none = {.file = &s->files[0], .number = 1};
        const lang_line *at = s->setup_last ? s->setup_last : &none;
        lang_report(diags,
                    (lang_place){at, at->n ? at->tokens[0].column : 1,
                                 at->n ? at->tokens[0].width : 1, NULL},
                    error.hint, error.text);
    }
    return t;
}

/* Sections without acts of their own are told as well. */
static void start_sections(lang_run *r, uint32_t up_to)
{
    for (uint32_t i = r->started; i < up_to; i++) {
        const scenario_section *s = &r->s->sections[i];
        sim_section(r->t, s->line, s->prepare, s->title, s->uses, s->uses_n, s->tests,
                    s->tests_n);
        r->started = i + 1;
    }
}

/* A whole election before the story begins, for `preset elected`. */
static bool elect_first(lang_run *r)
{
    sim_id id = r->s->elected;
    sim_error error = {0};
    if (!id)
        return true;
    if (!sim_elect(r->t, id, &error) || !sim_heartbeat(r->t, id, &error) ||
        !sim_settle(r->t, 0, NULL, NULL, &error))
        return lang_run_failed(r, &error);
    return true;
}

static bool carry_out(lang_run *r, const lang_act *act)
{
    r->act = act;
    if (is_stopped(r))
        return fail(r, SCENARIO_STOPPED, NULL, "stopped here");
    start_sections(r, act->section + 1);
    if (sim_now(r->t) > LANG_TIME_MAX)
        return lang_run_refused(r, NULL, "virtual time is at its end");
    if (act->what->how->run != lang_run_expect && act->what->how->run != lang_run_note)
        sim_command(r->t, act->story, act->text);
    if (!act->what->how->run(r, act))
        return false;
    return !fail_otherwise(r);
}

static lang_run *new_run(const scenario *s, sim *t, const volatile bool *stop,
                         scenario_outcome *out)
{
    sim_arena *a = sim_memory(t);
    lang_run *r = sim_arena_take(a, sizeof *r);
    r->s = s;
    r->t = t;
    r->stop = stop;
    r->out = out;
    r->requests = sim_arena_take(a, (s->names_n + 1) * sizeof *r->requests);
    r->counts = sim_arena_take(a, (s->counters_n + 1) * sizeof *r->counts);
    if (s->counters_n)
        sim_observe(t, (sim_observer){lang_count, r});
    sim_stop_on(t, stop);
    return r;
}

void scenario_run(const scenario *s, sim *t, const volatile bool *stop, scenario_outcome *out)
{
    *out = (scenario_outcome){.result = SCENARIO_PASSED};
    lang_run *r = new_run(s, t, stop, out);
    bool well = elect_first(r);
    for (size_t i = 0; well && i < s->acts_n; i++)
        well = carry_out(r, &s->acts[i]);
    if (well)
        start_sections(r, (uint32_t)s->sections_n);
    r->out = NULL;
    sim_stop_on(t, NULL);
    sim_text_free(&r->scratch);
}

void scenario_outcome_free(scenario_outcome *out)
{
    sim_arena_free(&out->arena);
    *out = (scenario_outcome){0};
}

const char *scenario_result_name(scenario_result r)
{
    switch (r) {
    case SCENARIO_PASSED:
        return "passed";
    case SCENARIO_FAILED:
        return "failed";
    case SCENARIO_VIOLATION:
        return "violation";
    case SCENARIO_NO_PROGRESS:
    case SCENARIO_STOPPED:
        return "error";
    }
    return "error";
}
