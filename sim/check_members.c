/* check_members.c - configurations (thesis 4), and whose disks make a quorum. */
#include "sim/base/memory.h"
#include "sim/check_inner.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- quorums ------------------------------------------------------------------------- */

static bool on_disk(const sim_check *c, const check_node *n, uint64_t index)
{
    if (n->synced >= index && check_agrees(c, n, index))
        return true;
    return n->lost_last >= index &&
           (index < n->lost_base ||
            n->lost[index - n->lost_base].chain == check_committed_at(c, index)->chain);
}

static bool is_majority(sim_set set, sim_set of)
{
    return sim_count(set & of) > sim_count(of) / 2;
}

/* Joint consensus: of the old and of the new (thesis 4.3). */
bool check_is_quorum(const sim_check *c, sim_set set)
{
    return is_majority(set, c->voters) && (!c->outgoing || is_majority(set, c->outgoing));
}

bool check_quorum_holds(const sim_check *c, uint64_t index, sim_set *holders)
{
    const uint32_t quorum = sim_count(c->voters) / 2 + 1;
    const sim_set asked = c->voters | c->outgoing;
    uint32_t found = 0;
    *holders = 0;
    for (sim_id id = 0; (id = sim_next(asked, id)) && id <= c->nodes;) {
        if (!on_disk(c, &c->at[id], index))
            continue;
        *holders |= sim_one(id);
        if (++found >= quorum && (!c->outgoing || check_is_quorum(c, *holders)))
            return true;
    }
    return false;
}

static void add(char *to, size_t bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add(char *to, size_t bytes, const char *format, ...)
{
    const size_t len = strlen(to);
    va_list args;
    va_start(args, format);
    vsnprintf(to + len, bytes - len, format, args);
    va_end(args);
}

void check_say_holders(sim_check *c, sim_set holders, uint64_t index, uint64_t seq,
                       const char *format, ...)
{
    char names[120] = "", why[60] = "";
    for (sim_id id = 0; (id = sim_next(holders, id));)
        add(names, sizeof names, "%s%s", names[0] ? " and " : "", check_name(c, id));
    if (format) {
        va_list args;
        va_start(args, format);
        vsnprintf(why, sizeof why, format, args);
        va_end(args);
    }
    const uint32_t n = sim_count(holders);
    /* Of the two majorities of joint consensus, one that it lacks. */
    const bool old = c->outgoing && is_majority(holders, c->voters);
    const sim_set of = old ? c->outgoing : c->voters;
    check_say_other(c, seq,
                    "%s%s %" PRIu64 "@%" PRIu64
                    ": %u of the %u that it takes in a cluster of %u%s%s",
                    n ? names : "no disk holds",
                    n ? n == 1 ? " alone has on disk" : " alone have on disk" : "", index,
                    check_committed_at(c, index)->term, sim_count(holders & of),
                    sim_count(of) / 2 + 1, sim_count(of),
                    !c->outgoing ? ""
                    : old        ? " (the outgoing one)"
                                 : " (the incoming one)",
                    why);
}

/* ---- configurations in logs ---------------------------------------------------------- */

void check_config_push(check_node *n, uint64_t index, uint64_t seq)
{
    n->configs =
        sim_grow(n->configs, &n->configs_capacity, n->configs_n + 1, sizeof *n->configs);
    n->configs[n->configs_n++] = (check_config){index, seq};
    n->config_new = n->config_moved = true;
}

void check_config_cut(check_node *n, uint64_t last)
{
    while (n->configs_n && n->configs[n->configs_n - 1].index > last) {
        n->configs_n--;
        n->config_moved = true;
    }
}

/* The newest configuration that is committed up to index; index 0 when there is none. */
static check_config committed_config(const sim_check *c, uint64_t index)
{
    size_t low = 0, high = c->configs_n; /* the first above index */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c->configs[middle].index <= index)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? c->configs[low - 1] : (check_config){0};
}

void check_config_rebase(const sim_check *c, check_node *n, uint64_t index)
{
    size_t gone = 0;
    while (gone < n->configs_n && n->configs[gone].index <= index)
        gone++;
    n->config_before = committed_config(c, index);
    n->config_moved = true;
    n->configs_n -= gone;
    if (gone && n->configs_n)
        memmove(n->configs, n->configs + gone, n->configs_n * sizeof *n->configs);
}

void check_config_committed(sim_check *c, const check_node *n, uint64_t from, uint64_t to)
{
    size_t first = n->configs_n;
    while (first && n->configs[first - 1].index >= from)
        first--;
    for (; first < n->configs_n && n->configs[first].index <= to; first++) {
        c->configs =
            sim_grow(c->configs, &c->configs_capacity, c->configs_n + 1, sizeof *c->configs);
        c->configs[c->configs_n++] = n->configs[first];
    }
}

/* ---- the configuration in force ------------------------------------------------------ */

static void show_set(const sim_check *c, sim_set set, char *to, size_t bytes)
{
    for (sim_id id = 0; (id = sim_next(set, id)) && id <= c->nodes;)
        add(to, bytes, "%s%s", to[0] ? " " : "", check_name(c, id));
}

static void show(const sim_check *c, const sim_membership *m, char *to, size_t bytes)
{
    char part[3][60] = {"", "", ""};
    show_set(c, m->outgoing, part[0], sizeof part[0]);
    show_set(c, m->voters, part[1], sizeof part[1]);
    show_set(c, m->learners, part[2], sizeof part[2]);
    snprintf(to, bytes, "%s%s%s%s%s", part[0], part[0][0] ? " | " : "", part[1],
             part[2][0] ? " learners " : "", part[2]);
}

/* A configuration is in force as soon as it stands in the log (thesis 4.1), and not any more
 * when it does not. */
static bool counts_by_other(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                            sim_breach *out)
{
    const check_config *newest = check_config_of(&c->at[node]);
    char text[160] = "";
    show(c, &(sim_membership){v->voters, v->outgoing, v->learners, false}, text, sizeof text);
    if (newest->index)
        check_say_one(c, newest->seq,
                      "the newest configuration in the log of %s is at index %" PRIu64,
                      check_name(c, node), newest->index);
    else
        check_say_one(c, c->at[node].log_seq, "there is no configuration in the log of %s",
                      check_name(c, node));
    if (v->config_index)
        check_say_other(c, seq, "%s counts by the one at index %" PRIu64 ", %s",
                        check_name(c, node), v->config_index, text);
    else
        check_say_other(c, seq, "%s counts by its first one, %s", check_name(c, node), text);
    return check_break(c, ELECTION_SAFETY, out);
}

static bool reads_it_otherwise(sim_check *c, sim_id node, const sim_membership *known,
                               check_who who, uint64_t index, const sim_membership *m,
                               uint64_t seq, sim_breach *out)
{
    char text[160] = "", since[40] = "from the start";
    if (index)
        snprintf(since, sizeof since, "since index %" PRIu64, index);
    show(c, known, text, sizeof text);
    check_say_one(c, check_seq(who), "%s counts by %s %s", check_name(c, check_whose(who)),
                  text, since);
    show(c, m, text, sizeof text);
    check_say_other(c, seq, "%s counts by %s %s", check_name(c, node), text, since);
    return check_break(c, ELECTION_SAFETY, out);
}

/* What the entry says is what all who have it say. */
static bool check_same_members(sim_check *c, sim_id node, const sim_view *v, uint64_t index,
                               uint64_t seq, sim_breach *out)
{
    const sim_membership m = {v->voters, v->outgoing, v->learners, false};
    const check_who me = check_who_is(seq, node);
    const check_fact *f = check_facts_put(
        &c->members, index, check_at(c, &c->at[node], index).chain, c->memberships_n, me);
    if (f->value == c->memberships_n) {
        c->memberships = sim_grow(c->memberships, &c->memberships_capacity,
                                  c->memberships_n + 1, sizeof *c->memberships);
        c->memberships[c->memberships_n++] = m;
        return true;
    }
    const sim_membership *known = &c->memberships[f->value];
    return (known->voters == m.voters && known->outgoing == m.outgoing &&
            known->learners == m.learners) ||
           reads_it_otherwise(c, node, known, f->who, index, &m, seq, out);
}

bool check_membership(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                      sim_breach *out)
{
    check_node *n = &c->at[node];
    const uint64_t newest = check_config_of(n)->index;
    /* Behind a snapshot the view may have forgotten where the configuration stood. */
    if (v->config_index != newest && (v->config_index || newest > n->base))
        return counts_by_other(c, node, v, seq, out);
    if (!check_same_members(c, node, v, newest, seq, out))
        return false;
    n->config_moved = false;
    n->config_told = v->config_index;
    n->voters = v->voters;
    n->outgoing = v->outgoing;
    n->learners = v->learners;
    return true;
}

/* ---- one change at a time ------------------------------------------------------------ */

/* With two changes open, two majorities need not overlap, and each could elect a leader of
 * the same term (thesis 4.1): so this speaks of Election Safety. */
bool check_one_change(sim_check *c, sim_id node, const sim_view *v, sim_breach *out)
{
    const check_node *n = &c->at[node];
    if (v->role != SIM_LEADER || n->configs_n < 2)
        return true; /* what is behind base is committed */
    const check_config *now = &n->configs[n->configs_n - 1], *before = now - 1;
    if (check_at(c, n, now->index).term != v->term)
        return true; /* it was written for another leader */
    if (before->index <= c->committed && check_agrees(c, n, before->index))
        return true;
    check_say_one(c, before->seq,
                  "%s has a change of the configuration at index %" PRIu64 ", and %" PRIu64
                  " is the highest index that was committed",
                  check_name(c, node), before->index, c->committed);
    check_say_other(c, now->seq,
                    "%s, leading term %" PRIu64 ", began another at index %" PRIu64,
                    check_name(c, node), v->term, now->index);
    return check_break(c, ELECTION_SAFETY, out);
}
