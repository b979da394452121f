/* reconfig.c - how the cluster's members change: one at a time (thesis 4.1), after catching
 * up (4.2.1), the leader too (4.2.2), or any number by joint consensus (4.3). */
#include "raft/core.h"

/* --- Deciding ----------------------------------------------------------------------- */

/* Thesis 3.4: more than half, also of an even number.
 * Scenario: elections/four_nodes_need_three. */
static uint32_t majority(const raft *r, uint32_t voters)
{
    return RAFT_BUG(r, HALF_IS_QUORUM) ? (voters + 1) / 2 : raft_quorum_size(voters);
}

static bool side_decides(const raft *r, raft_set side, raft_set yes)
{
    return raft_set_count(side & yes) >= majority(r, raft_set_count(side));
}

/* Practice: learners.  They decide nothing. */
static raft_set deciding_side(const raft *r)
{
    return r->conf.voters | (RAFT_BUG(r, LEARNER_COUNTS) ? r->conf.learners : 0);
}

/* Thesis 4.3: the old voters decide too, until they are left behind. */
static bool is_joint(const raft *r)
{
    return r->conf.outgoing != 0 && !RAFT_BUG(r, JOINT_NEW_ONLY);
}

/* Thesis 4.3: in joint consensus neither side decides alone.
 * Scenario: membership/joint_needs_both_majorities. */
bool raft_decides(const raft *r, raft_set yes)
{
    return side_decides(r, deciding_side(r), yes) &&
           (!is_joint(r) || side_decides(r, r->conf.outgoing, yes));
}

static uint64_t value_of(const raft *r, raft_id id, size_t field)
{
    return *(const uint64_t *)(const void *)((const char *)&r->peers[id - 1] + field);
}

/* Thesis 3.5: what a majority has.  Who is not in the configuration does not count, a leader
 * that removes itself neither (4.2.2). */
static uint64_t side_reached(const raft *r, raft_set side, size_t field, uint64_t own,
                             uint64_t floor)
{
    uint64_t values[RAFT_SERVERS_MAX];
    uint32_t n = 0, above = 0;
    for (raft_set left = side; left; n++) {
        const raft_id id = raft_set_pop(&left);
        values[n] = id == r->id ? own : value_of(r, id, field);
        above += values[n] > floor;
    }
    const uint32_t need = majority(r, n);
    if (RAFT_BUG(r, REMOVED_LEADER_COUNTS) && !raft_set_has(side, r->id)) {
        values[n++] = own;
        above += own > floor;
    }
    if (above < need)
        return floor;
    if (RAFT_BUG(r, QUORUM_UNSORTED))
        return values[need - 1] > floor ? values[need - 1] : floor;
    raft_sort_down(values, n);
    return values[need - 1];
}

uint64_t raft_reached(const raft *r, size_t field, uint64_t own, uint64_t floor)
{
    const uint64_t one = side_reached(r, deciding_side(r), field, own, floor);
    if (!is_joint(r) || one == floor)
        return one;
    const uint64_t other = side_reached(r, r->conf.outgoing, field, own, floor);
    return one < other ? one : other;
}

/* --- What is in force --------------------------------------------------------------- */

/* Whom a leader knows nothing of yet. */
static void meet(raft *r, raft_set strangers)
{
    while (strangers) {
        const raft_id id = raft_set_pop(&strangers);
        raft_make_room(r, id);
        raft_progress_reset(raft_peer(r, id), raft_log_last_index(&r->log) + 1);
    }
}

static void aim(raft *r)
{
    const raft_set targets =
        (raft_configuration_members(&r->conf) | r->change.joining) & ~raft_set_of(r->id);
    meet(r, targets & ~r->targets);
    r->targets = targets;
}

void raft_configure(raft *r, const char *why)
{
    const raft_index bound = RAFT_BUG(r, CONFIG_AT_COMMIT_ONLY) ? r->commit : UINT64_MAX;
    const raft_configuration_at *newest = raft_history_find(&r->configs, bound);
    const bool in_log = newest->index > r->log.base.index;
    r->conf = newest->c;
    r->conf_at = in_log ? newest->index : 0;
    raft_make_room(r, raft_set_highest(raft_configuration_members(&r->conf)));
    aim(r);
    raft_effect *e = raft_tell(r, RAFT_FX_CONFIGURATION);
    e->as.configuration.now = r->conf;
    e->as.configuration.index = r->conf_at;
    e->as.configuration.why = why;
    raft_settle_role(r);
    if (r->transfer.to && !raft_set_has(r->conf.voters, r->transfer.to))
        raft_transfer_given_up(r, RAFT_REFUSED_UNKNOWN_NODE);
}

/* Thesis 4.1: a server uses the newest configuration in its log, committed or not.
 * Scenario: membership/add_follower. */
void raft_configs_grow(raft *r, raft_index first, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const raft_entry *e = raft_log_entry(&r->log, first + i);
        if (e->kind != RAFT_ENTRY_CONFIG)
            continue;
        raft_configuration c;
        if (!raft_configuration_decode(e->data, e->bytes, &c))
            continue; /* refused at the gate; from a disk, not ours to judge */
        raft_history_add(&r->configs, first + i, &c);
        if (r->started && !RAFT_BUG(r, CONFIG_AT_COMMIT_ONLY))
            raft_configure(r, "appended");
    }
}

/* Thesis 4.1: what is cut off was never in force.  Scenario: membership/reversed_add. */
void raft_configs_cut(raft *r, raft_index from)
{
    if (RAFT_BUG(r, CONFIG_SURVIVES_TRUNCATION))
        return;
    if (raft_history_cut(&r->configs, from))
        raft_configure(r, "truncated");
}

/* --- Changing ----------------------------------------------------------------------- */

static void append_configuration(raft *r, const raft_configuration *c)
{
    uint8_t bytes[RAFT_CONFIGURATION_BYTES];
    raft_configuration_encode(c, bytes);
    const raft_entry entry = {.term = r->term,
                              .data = raft_keep(r, bytes),
                              .bytes = RAFT_CONFIGURATION_BYTES,
                              .kind = RAFT_ENTRY_CONFIG};
    r->change.at = raft_log_last_index(&r->log) + 1;
    raft_log_grow(r, &entry, 1);
}

static void begin_change(raft *r, uint64_t ticket, const raft_configuration *c)
{
    r->change.joining = 0;
    r->change.ticket = ticket;
    r->change.has_ticket = true;
    const raft_set known = r->targets;
    append_configuration(r, c);
    raft_effect *e = raft_tell(r, RAFT_FX_ACCEPT);
    e->as.accept.ticket = ticket;
    e->as.accept.at = raft_log_last(&r->log);
    raft_replicate_to_all(r);
    for (raft_set left = r->targets & ~known; left;)
        raft_beat_to(r, raft_set_pop(&left)); /* what does it have? */
}

/* Thesis 4.1 and its erratum of 2015: before an entry of its own term is committed, a leader
 * cannot know whether an earlier leader's change is.  One change at a time: the majorities of
 * neighbours overlap.
 * Scenarios: membership/own_term_commit_first, membership/one_change_at_a_time. */
static bool change_is_open(const raft *r)
{
    const raft_index newest = r->configs.at[r->configs.n - 1].index;
    if (raft_log_term(&r->log, r->commit) != r->term && !RAFT_BUG(r, CHANGE_BEFORE_OWN_TERM))
        return true;
    return (newest > r->commit || r->change.joining != 0) && !RAFT_BUG(r, TWO_CHANGES);
}

/* Practice: learners.  One is near when one message can bring it what it lacks.
 * Scenario: membership/learner_behind_is_not_promoted. */
static bool is_near(raft *r, raft_id id)
{
    const raft_progress *p = raft_peer(r, id);
    const raft_index last = raft_log_last_index(&r->log);
    return p->state == RAFT_REPLICATE && last - p->match <= r->config.batch_max;
}

static raft_refusal may_change(raft *r, raft_change what)
{
    if (r->role != RAFT_LEADER)
        return raft_not_leading(r);
    if (r->transfer.to && !RAFT_BUG(r, TRANSFER_TAKES_WRITES))
        return RAFT_REFUSED_TRANSFERRING;
    const bool joint = r->conf.outgoing != 0 && what != RAFT_CHANGE_LEAVE;
    if (change_is_open(r) || (joint && !RAFT_BUG(r, TWO_CHANGES)))
        return RAFT_REFUSED_CHANGE_IN_PROGRESS;
    return raft_log_full(&r->log) ? RAFT_REFUSED_LOG_FULL : RAFT_REFUSAL_COUNT;
}

/* Thesis 4.2.1: until they have caught up, new voters receive the log and do not vote, so
 * that the cluster does not wait for them.  Scenario: membership/add_follower_long_log. */
static void begin_joining(raft *r, raft_set newcomers)
{
    r->change.joining = newcomers;
    r->change.round = 1;
    r->change.until = raft_log_last_index(&r->log);
    r->change.began = r->change.asked = r->now;
    r->change.has_ticket = true;
    aim(r);
    for (raft_set left = newcomers; left;)
        raft_beat_to(r, raft_set_pop(&left));
}

/* Thesis 4.2.1: a change that brings new voters begins when they have caught up; one that was
 * promoted has. */
void raft_change_members(raft *r, const raft_event *e)
{
    const raft_change what = e->as.change.what;
    const uint64_t ticket = e->as.change.ticket;
    raft_configuration next;
    raft_refusal why = may_change(r, what);
    if (why == RAFT_REFUSAL_COUNT)
        why = raft_configuration_change(&r->conf, what, e->as.change.who, &e->as.change.wanted,
                                        &next);
    if (why == RAFT_REFUSAL_COUNT && what == RAFT_CHANGE_PROMOTE &&
        !is_near(r, e->as.change.who))
        why = RAFT_REFUSED_NOT_CAUGHT_UP;
    if (why != RAFT_REFUSAL_COUNT) {
        raft_refuse(r, ticket, why);
        return;
    }
    const raft_set newcomers = next.voters & ~r->conf.voters & ~raft_set_of(r->id);
    if (newcomers == 0 || what == RAFT_CHANGE_PROMOTE || RAFT_BUG(r, NEWCOMER_COUNTS_AT_ONCE)) {
        begin_change(r, ticket, &next);
        return;
    }
    r->change.ticket = ticket;
    r->change.wanted = next;
    begin_joining(r, newcomers);
}

void raft_change_given_up(raft *r, raft_refusal why)
{
    if (r->change.joining != 0) {
        r->change.joining = 0;
        aim(r);
        raft_refuse(r, r->change.ticket, why);
    }
    r->change.at = 0;
    r->change.has_ticket = false;
}

static bool all_have(const raft *r, raft_set who, raft_index index)
{
    while (who) {
        if (r->peers[raft_set_pop(&who) - 1].match < index)
            return false;
    }
    return true;
}

/* Thesis 4.2.1: a round brings what was in the log when it began.  When one was shorter than
 * an election timeout, so will be the wait for the rest.
 * Scenarios: membership/two_rounds, membership/three_rounds. */
void raft_catch_up(raft *r)
{
    while (r->change.joining != 0 && !r->grew &&
           all_have(r, r->change.joining, r->change.until)) {
        if (raft_since(r, r->change.began) < r->config.election_min) {
            begin_change(r, r->change.ticket, &r->change.wanted);
        } else if (r->change.round >= r->config.catch_up_rounds) {
            raft_change_given_up(r, RAFT_REFUSED_NOT_CAUGHT_UP);
        } else {
            r->change.round++;
            r->change.until = raft_log_last_index(&r->log);
            r->change.began = r->now;
        }
    }
}

static bool is_silent(const raft *r, raft_id id)
{
    const raft_us heard = r->peers[id - 1].heard_at;
    const raft_us at = heard > r->change.asked ? heard : r->change.asked;
    return raft_since(r, at) >= r->config.election_max;
}

/* Thesis 4.2.1: a newcomer that does not answer, or is too slow to ever catch up, is not waited
 * for.  Scenarios: membership/too_many_rounds, membership/joiner_is_silent. */
void raft_catch_up_in_time(raft *r)
{
    for (raft_set left = r->change.joining; left;) {
        if (is_silent(r, raft_set_pop(&left))) {
            raft_change_given_up(r, RAFT_REFUSED_TIMEOUT);
            return;
        }
    }
    if (r->change.joining != 0 && r->change.round >= r->config.catch_up_rounds &&
        raft_since(r, r->change.began) >= r->config.election_min)
        raft_change_given_up(r, RAFT_REFUSED_NOT_CAUGHT_UP);
}

static void change_is_done(raft *r)
{
    if (r->change.has_ticket)
        raft_tell(r, RAFT_FX_DONE)->as.done = r->change.ticket;
    r->change.has_ticket = false;
    /* Thesis 4.2.2: it has replicated its own removal without counting itself; now the
     * others can go on without it.  Scenario: membership/remove_leader. */
    if (!raft_set_has(raft_configuration_deciders(&r->conf), r->id))
        raft_follow(r, 0, "it is no voter any more");
}

/* Thesis 4.3: once both sides have agreed to the joint configuration, the new one may stand
 * alone.  Scenarios: membership/joint_replaces_one, membership/joint_by_hand. */
void raft_change_committed(raft *r)
{
    r->change.at = 0;
    if (r->conf.outgoing == 0 || r->conf.by_hand) {
        change_is_done(r);
        return;
    }
    raft_configuration alone = r->conf;
    alone.outgoing = 0;
    append_configuration(r, &alone);
    raft_replicate_to_all(r);
}
