/* check_members.c - configurations (thesis 4), and whose disks make a quorum. */
#include "sim/base/memory.h"
#include "sim/check_inner.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- quorums ------------------------------------------------------------------------- */

/* chain: of the committed entry at index. */
static inline bool on_disk(const check_node *n, uint64_t index, uint64_t chain)
{
    if (n->synced >= index && (index <= n->base || n->log[index - n->base].chain == chain))
        return true;
    return n->lost_last >= index &&
           (index < n->lost_base || n->lost[index - n->lost_base].chain == chain);
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
    const uint64_t chain = check_committed_at(c, index)->chain;
    uint32_t found = 0;
    *holders = 0;
    for (sim_id id = 0; (id = sim_next(asked, id)) && id <= c->nodes;) {
        if (!on_disk(&c->at[id], index, chain))
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

/* The newest configuration that is committed up to index; NULL when there is none. */
static check_settled *committed_config(const sim_check *c, uint64_t index)
{
    size_t low = 0, high = c->configs_n; /* the first above index */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c->configs[middle].config.index <= index)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &c->configs[low - 1] : NULL;
}

void check_config_rebase(const sim_check *c, check_node *n, uint64_t index)
{
    size_t gone = 0;
    while (gone < n->configs_n && n->configs[gone].index <= index)
        gone++;
    const check_settled *before = committed_config(c, index);
    n->config_before = before ? before->config : (check_config){0};
    n->config_moved = true;
    n->configs_n -= gone;
    if (gone && n->configs_n)
        memmove(n->configs, n->configs + gone, n->configs_n * sizeof *n->configs);
}

/* What was known of it while it was not committed goes with it. */
static void settle(sim_check *c, check_config config)
{
    const check_block *b = check_block_need(c, config.index);
    const check_fact *f =
        check_facts_get(&b->members, config.index, check_committed_at(c, config.index)->chain);
    c->configs =
        sim_grow(c->configs, &c->configs_capacity, c->configs_n + 1, sizeof *c->configs);
    check_settled *s = &c->configs[c->configs_n++];
    *s = (check_settled){.config = config};
    if (f) {
        s->members = b->memberships[f->value];
        s->who = f->who;
    }
}

void check_config_committed(sim_check *c, const check_node *n, uint64_t from, uint64_t to)
{
    size_t first = n->configs_n;
    while (first && n->configs[first - 1].index >= from)
        first--;
    for (; first < n->configs_n && n->configs[first].index <= to; first++)
        settle(c, n->configs[first]);
}

void check_configs_forget(sim_check *c, uint64_t index)
{
    const check_settled *newest = committed_config(c, index);
    const size_t gone = newest ? (size_t)(newest - c->configs) : 0;
    if (!gone)
        return;
    c->configs_n -= gone;
    memmove(c->configs, c->configs + gone, c->configs_n * sizeof *c->configs);
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

/* What is known of the configuration at index in the node's log, or else what it says now. */
static const sim_membership *known_of(sim_check *c, const check_node *n, uint64_t index,
                                      const sim_membership *now, check_who *who)
{
    if (index <= c->committed && check_agrees(c, n, index)) {
        check_settled *s = committed_config(c, index);
        if (!s || s->config.index != index)
            return now; /* it was forgotten */
        if (!s->who)
            *s = (check_settled){s->config, *now, *who};
        *who = s->who;
        return &s->members;
    }
    check_block *b = check_block_need(c, index);
    if (!b)
        return now;
    const check_fact *f = check_facts_put(&b->members, index, check_at(c, n, index).chain,
                                          b->memberships_n, *who);
    if (f->value == b->memberships_n) {
        b->memberships = sim_grow(b->memberships, &b->memberships_capacity,
                                  b->memberships_n + 1, sizeof *b->memberships);
        b->memberships[b->memberships_n++] = *now;
    }
    *who = f->who;
    return &b->memberships[f->value];
}

/* What the entry says is what all who have it say. */
static bool check_same_members(sim_check *c, sim_id node, const sim_view *v, uint64_t index,
                               uint64_t seq, sim_breach *out)
{
    const sim_membership m = {v->voters, v->outgoing, v->learners, false};
    check_who who = check_who_is(seq, node);
    const sim_membership *known = known_of(c, &c->at[node], index, &m, &who);
    return (known->voters == m.voters && known->outgoing == m.outgoing &&
            known->learners == m.learners) ||
           reads_it_otherwise(c, node, known, who, index, &m, seq, out);
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
