/* conditions_equal.c - whether the members have the same log, and the same state.
 *
 * Who is no member any more, or not yet, is not told what the others do: so the members are
 * meant, as the leader of the highest term knows them; without a leader, all nodes. */
#include "scenarios/lang/conditions.h"

#include <inttypes.h>

bool lang_equal_words(lang_parser *p, lang_term *out)
{
    (void)out;
    return lang_need_word(p, "applied") && lang_need_word(p, "equal");
}

bool lang_logs_words(lang_parser *p, lang_term *out)
{
    (void)out;
    return lang_need_word(p, "equal");
}

static sim_set members(const lang_run *r)
{
    const sim_id leader = lang_leader(r);
    const sim_view *v = leader ? sim_view_of(r->t, leader) : NULL;
    const sim_set known = v ? v->voters | v->outgoing | v->learners : 0;
    return known ? known : sim_first_nodes(sim_nodes(r->t));
}

/* ---- applied ------------------------------------------------------------------------------
 */

bool lang_applied_equal(lang_run *r, const lang_term *t)
{
    (void)t;
    const sim_set all = members(r);
    const sim_id first = sim_next(all, 0);
    for (sim_id id = 0; (id = sim_next(all, id));)
        if (sim_life_of(r->t, id) == SIM_CRASHED ||
            sim_applied(r->t, id) != sim_applied(r->t, first) ||
            sim_app_hash(r->t, id) != sim_app_hash(r->t, first))
            return false;
    return true;
}

void lang_show_applied_equal(lang_run *r, const lang_term *t, sim_text *out)
{
    const sim_set all = members(r);
    const sim_id first = sim_next(all, 0);
    if (lang_applied_equal(r, t)) {
        sim_text_format(out, "all applied %" PRIu64, sim_applied(r->t, first));
        return;
    }
    for (sim_id id = 0; (id = sim_next(all, id));) {
        sim_text_format(out, "%s%s ", id != first ? ", " : "", sim_name(r->t, id));
        if (sim_life_of(r->t, id) == SIM_CRASHED)
            sim_text_put(out, "crashed");
        else
            sim_text_format(out, "applied %" PRIu64, sim_applied(r->t, id));
    }
}

/* ---- logs ---------------------------------------------------------------------------------
 */

static bool same_entry(const lang_run *r, sim_id a, sim_id b, uint64_t index)
{
    sim_entry one, other;
    return sim_entry_of(r->t, a, index, &one) && sim_entry_of(r->t, b, index, &other) &&
           one.term == other.term && one.kind == other.kind && one.checksum == other.checksum;
}

/* Where the logs of two nodes differ; 0: nowhere.  What a snapshot stands for is committed,
 * and so the same in all. */
static uint64_t difference(const lang_run *r, sim_id a, sim_id b)
{
    const sim_view one = *sim_view_of(r->t, a), other = *sim_view_of(r->t, b);
    const uint64_t last = one.last.index,
                   first = one.first > other.first ? one.first : other.first;
    if (last != other.last.index)
        return (last < other.last.index ? last : other.last.index) + 1;
    for (uint64_t i = last; i >= first && i > 0; i--)
        if (!same_entry(r, a, b, i))
            return i;
    return 0;
}

/* The first member whose log is not that of the first of them, and where; 0: none. */
static sim_id unequal(const lang_run *r, uint64_t *index)
{
    const sim_set all = members(r);
    const sim_id first = sim_next(all, 0);
    for (sim_id id = first; (id = sim_next(all, id));) {
        *index = difference(r, first, id);
        if (*index)
            return id;
    }
    return 0;
}

bool lang_logs_equal(lang_run *r, const lang_term *t)
{
    (void)t;
    uint64_t index;
    return !unequal(r, &index);
}

void lang_show_logs_equal(lang_run *r, const lang_term *t, sim_text *out)
{
    (void)t;
    uint64_t index = 0;
    const sim_id other = unequal(r, &index);
    if (!other) {
        sim_text_put(out, "logs equal");
        return;
    }
    const sim_id ids[] = {sim_next(members(r), 0), other};
    for (uint32_t i = 0; i < 2; i++) {
        sim_entry e;
        sim_text_format(out, "%s%s ", i ? ", " : "", sim_name(r->t, ids[i]));
        if (sim_entry_of(r->t, ids[i], index, &e))
            sim_text_format(out, "has %" PRIu64 "@%" PRIu64, index, e.term);
        else
            sim_text_format(out, "ends before %" PRIu64, index);
    }
}
