/* check_client.c - what clients are told: acknowledged requests, reads, sessions, and the
 * application's own promises. */
#include "sim/check_inner.h"
#include <inttypes.h>

/* Nothing that is committed stands where the answer says. */
static bool not_committed(sim_check *c, sim_id node, uint64_t request, sim_point point,
                          uint64_t seq, sim_breach *out)
{
    check_say_one(c, seq, "%s answered request %" PRIu64 " as done by %" PRIu64 "@%" PRIu64,
                  check_name(c, node), request, point.index, point.term);
    if (point.index && point.index <= c->committed) {
        const check_commit *it = check_committed_at(c, point.index);
        check_say_other(c, check_seq(it->who), "%s committed %" PRIu64 "@%" PRIu64 " there",
                        check_name(c, check_whose(it->who)), point.index, it->term);
    } else {
        check_say_other(c, check_seq(check_committed_at(c, c->committed)->who),
                        "no node has committed more than index %" PRIu64, c->committed);
    }
    return check_break(c, ACKNOWLEDGED, out);
}

/* What is left of a session whose requests are forgotten. */
typedef struct past {
    uint64_t serial, index; /* of the newest of them; serial 0: there is none */
    check_who who;
} past;

static past past_of(const sim_check *c, uint64_t client)
{
    for (int i = 0; i < 2; i++) {
        const check_fact *serial = check_facts_get(&c->done[i], client, 0);
        const check_fact *index = check_facts_get(&c->done[i], client, 1);
        if (serial)
            return (past){serial->value, index->value, serial->who};
    }
    return (past){0};
}

/* Thesis 6.3: a session's request is done when it has taken effect, once, and not because an
 * entry of it is committed: that one may have been refused, or be a copy. */
static bool took_no_effect(sim_check *c, sim_id node, uint64_t request, sim_point point,
                           uint64_t client, uint64_t serial, uint64_t seq, sim_breach *out)
{
    const check_effect *it = check_effect_at(c, point.index);
    check_say_one(c, it ? check_seq(it->who) : 0,
                  "request %" PRIu64 " of session %" PRIu64 " took no effect at index %" PRIu64
                  ", nor before",
                  serial, client, point.index);
    check_say_other(c, seq,
                    "%s answered it, the run's request %" PRIu64 ", as done by %" PRIu64
                    "@%" PRIu64,
                    check_name(c, node), request, point.index, point.term);
    return check_break(c, ACKNOWLEDGED, out);
}

bool sim_check_acknowledged(sim_check *c, sim_id node, uint64_t request, sim_point point,
                            uint64_t client, uint64_t serial, uint64_t seq, sim_breach *out)
{
    if (check_is_broken(c, &seq, out))
        return false;
    /* That a committed entry is and stays on a majority's disks is checked where it is
     * committed and wherever a disk gives something up, not once more here. */
    const check_commit *it = check_committed_at(c, point.index);
    if (!point.index || point.index > c->committed || (it->who && it->term != point.term))
        return not_committed(c, node, request, point, seq, out);
    if (client) {
        const check_fact *effect = check_facts_get(&c->sessions, client, serial);
        if (effect ? effect->value > point.index : past_of(c, client).serial < serial)
            return took_no_effect(c, node, request, point, client, serial, seq, out);
    }
    return true;
}

/* ---- reads (thesis 6.4) -------------------------------------------------------------- */

/* What was committed then may have been answered to somebody, so a later read has to show it.
 * Nothing that was not committed can have been. */
void sim_check_read_begins(sim_check *c, uint64_t request, uint64_t seq)
{
    if (!check_is_broken(c, &seq, NULL))
        check_facts_set(&c->reads, request, 0, c->committed, check_who_is(seq, 0) | 1);
}

void sim_check_read_failed(sim_check *c, uint64_t request)
{
    check_facts_remove(&c->reads, request, 0);
}

bool sim_check_read_answered(sim_check *c, sim_id node, uint64_t request, uint64_t index,
                             uint64_t seq, sim_breach *out)
{
    if (check_is_broken(c, &seq, out))
        return false;
    const check_fact *began = check_facts_get(&c->reads, request, 0);
    const uint64_t committed = began ? began->value : 0;
    const uint64_t when = began ? check_seq(began->who) : 0;
    check_facts_remove(&c->reads, request, 0);
    if (index >= committed)
        return true;
    const check_commit *it = check_committed_at(c, committed);
    if (it->who)
        check_say_one(c, check_seq(it->who),
                      "%s had committed %" PRIu64 "@%" PRIu64 " when request %" PRIu64
                      " began to read at event %" PRIu64,
                      check_name(c, check_whose(it->who)), committed, it->term, request, when);
    else
        check_say_one(c, when,
                      "index %" PRIu64 " was committed when request %" PRIu64 " began to read",
                      committed, request);
    check_say_other(c, seq, "%s answered it with its state after index %" PRIu64,
                    check_name(c, node), index);
    return check_break(c, LINEARIZABLE, out);
}

/* ---- sessions (thesis 6.3) ----------------------------------------------------------- */

/* Whether the request at index takes effect is the same on every node; else one of them does
 * not know the session as it should. */
static bool same_effect(sim_check *c, sim_id node, const check_effect *mine, uint64_t index,
                        uint64_t seq, sim_breach *out)
{
    static const char *const did[] = {"did not apply", "applied"};
    check_effect *first = check_effect_at(c, index);
    if (first && !first->who)
        *first = *mine;
    if (!first || first->took == mine->took)
        return true;
    check_say_one(c, check_seq(first->who),
                  "%s %s request %" PRIu64 " of session %" PRIu64 " at index %" PRIu64,
                  check_name(c, check_whose(first->who)), did[first->took], first->serial,
                  first->client, index);
    check_say_other(c, seq, "%s %s it there", check_name(c, node), did[mine->took]);
    return check_break(c, EXACTLY_ONCE, out);
}

bool sim_check_session_skipped(sim_check *c, sim_id node, uint64_t client, uint64_t serial,
                               uint64_t index, uint64_t seq, sim_breach *out)
{
    if (check_is_broken(c, &seq, out))
        return false;
    const check_effect none = {client, serial, check_who_is(seq, node), false};
    return same_effect(c, node, &none, index, seq, out);
}

/* A session's requests take effect in the order of their serials. */
static bool applied_again(sim_check *c, sim_id node, const check_effect *mine, uint64_t index,
                          const past *before, uint64_t seq, sim_breach *out)
{
    check_say_one(c, check_seq(before->who),
                  "%s applied request %" PRIu64 " of session %" PRIu64 " at index %" PRIu64,
                  check_name(c, check_whose(before->who)), before->serial, mine->client,
                  before->index);
    check_say_other(c, seq,
                    "%s applied request %" PRIu64 " of session %" PRIu64 " at index %" PRIu64,
                    check_name(c, node), mine->serial, mine->client, index);
    return check_break(c, EXACTLY_ONCE, out);
}

bool sim_check_session_applied(sim_check *c, sim_id node, uint64_t client, uint64_t serial,
                               uint64_t index, uint64_t seq, sim_breach *out)
{
    if (check_is_broken(c, &seq, out))
        return false;
    const check_effect mine = {client, serial, check_who_is(seq, node), true};
    if (!same_effect(c, node, &mine, index, seq, out))
        return false;
    const past before = past_of(c, client);
    const check_fact *first = check_facts_get(&c->sessions, client, serial);
    if (!first && before.serial >= serial)
        return applied_again(c, node, &mine, index, &before, seq, out);
    first = check_facts_put(&c->sessions, client, serial, index, mine.who);
    const past once = {serial, first->value, first->who};
    return first->value == index || applied_again(c, node, &mine, index, &once, seq, out);
}

/* So many sessions at least are remembered, those that were used last: more than the log keeps
 * (option sessions_max). */
enum { SESSIONS_KEPT = 1 << 16 };

static void forget_effect(sim_check *c, const check_effect *e)
{
    const check_fact *f = check_facts_get(&c->sessions, e->client, e->serial);
    const past before = past_of(c, e->client);
    if (!e->took || !f)
        return;
    const past now = before.serial > e->serial ? before : (past){e->serial, f->value, f->who};
    check_facts_remove(&c->sessions, e->client, e->serial);
    check_facts_set(&c->done[0], e->client, 0, now.serial, now.who);
    check_facts_set(&c->done[0], e->client, 1, now.index, now.who);
    if (c->done[0].n < 2 * SESSIONS_KEPT)
        return;
    check_facts_free(&c->done[1]);
    c->done[1] = c->done[0];
    c->done[0] = (check_facts){0};
}

void check_effects_forget(sim_check *c, const check_effect *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at[i].who)
            forget_effect(c, &at[i]);
}

/* ---- the application ----------------------------------------------------------------- */

bool sim_check_application(sim_check *c, sim_id node, uint64_t index, const char *wrong,
                           uint64_t seq, sim_breach *out)
{
    if (check_is_broken(c, &seq, out))
        return false;
    if (!wrong)
        return true;
    const check_node *n = &c->at[node];
    check_say_one(c, check_seq(n->applied_at), "%s has applied up to index %" PRIu64,
                  check_name(c, node), index);
    check_say_other(c, seq, "%s", wrong);
    return check_break(c, APPLICATION, out);
}

bool sim_check_unreadable(sim_check *c, sim_id node, sim_point last, uint64_t bytes,
                          uint64_t seq, sim_breach *out)
{
    if (check_is_broken(c, &seq, out))
        return false;
    check_say_committed(c, last.index);
    check_say_other(c, seq,
                    "the application of %s cannot read the snapshot of what is committed up to "
                    "there, as it arrived: %" PRIu64 " bytes",
                    check_name(c, node), bytes);
    return check_break(c, APPLICATION, out);
}
