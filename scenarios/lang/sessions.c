/* sessions.c - what clients with sessions do (thesis 6.3), and what can be said of them. */
#include "scenarios/lang/conditions.h"

#include <inttypes.h>

bool lang_run_request(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_id to;
    if (!lang_run_one(r, a->to, &to))
        return false;
    uint64_t id =
        sim_session_request(r->t, a->client, a->text, a->len, to, lang_run_name(r, a), &error);
    return lang_run_made(r, a, id, &error);
}

bool lang_run_retry(lang_run *r, const lang_act *act)
{
    const lang_args *a = act->args;
    sim_error error = {0};
    sim_id to;
    if (!r->requests[a->request - 1])
        return lang_run_refused(r, NULL, "the request %s was not made",
                                r->s->names[a->request - 1]);
    return lang_run_one(r, a->to, &to) &&
           (sim_retry(r->t, r->requests[a->request - 1], to, &error) ||
            lang_run_failed(r, &error));
}

bool lang_is_sessions(lang_run *r, const lang_term *t, sim_id node)
{
    return sim_sessions(r->t, node) == t->number;
}

void lang_show_sessions(lang_run *r, const lang_term *t, sim_id node, sim_text *out)
{
    (void)t;
    sim_text_format(out, "sessions %" PRIu64, sim_sessions(r->t, node));
}
