/* role.c - the roles of a server: what each means, what it may become, what always holds
 * in it (thesis 3.3, fig. 3.3), and the one function that moves. */
#include "raft/core.h"

/* Practice: learners.  In joint consensus an old voter may have become one: it decides until
 * that is left (thesis 4.3).  Scenario: membership/learner_never_campaigns. */
static bool is_learner(const raft *r)
{
    return raft_set_has(r->conf.learners, r->id) && !raft_set_has(r->conf.outgoing, r->id);
}

static bool follower_holds(const raft *r)
{
    return r->leader != r->id && r->yes == 0 && r->no == 0 && !is_learner(r);
}

static bool learner_holds(const raft *r)
{
    return r->leader != r->id && r->yes == 0 && r->no == 0 && is_learner(r);
}

static bool pre_candidate_holds(const raft *r)
{
    return r->leader == 0 && raft_set_has(r->yes, r->id) && raft_may_stand(r);
}

static bool candidate_holds(const raft *r)
{
    return pre_candidate_holds(r) && r->vote == r->id;
}

static bool leader_holds(const raft *r)
{
    return r->leader == r->id && r->vote == r->id &&
           (raft_log_last(&r->log).term == r->term || RAFT_BUG(r, NO_NOOP) ||
            RAFT_BUG(r, LEADER_DROPS));
}

#define BIT(role) (UINT64_C(1) << (role))

static const struct {
    raft_role_row row;
    bool (*holds)(const raft *r);
} roles[RAFT_ROLE_COUNT] = {
    [RAFT_FOLLOWER] = {{RAFT_FOLLOWER,
                        BIT(RAFT_PRE_CANDIDATE) | BIT(RAFT_CANDIDATE) | BIT(RAFT_LEARNER),
                        "answers leaders and candidates; stands when it hears no leader",
                        "does not lead, collects no votes, and is no learner", "3.3"},
                       follower_holds},
    [RAFT_PRE_CANDIDATE] = {{RAFT_PRE_CANDIDATE, BIT(RAFT_FOLLOWER) | BIT(RAFT_CANDIDATE),
                             "asks whether it would be elected, without a new term",
                             "may vote, knows no leader, would vote for itself", "9.6"},
                            pre_candidate_holds},
    [RAFT_CANDIDATE] = {{RAFT_CANDIDATE,
                         BIT(RAFT_FOLLOWER) | BIT(RAFT_PRE_CANDIDATE) | BIT(RAFT_LEADER),
                         "asks for votes in a new term",
                         "may vote, knows no leader, has voted for itself", "3.4"},
                        candidate_holds},
    [RAFT_LEADER] = {{RAFT_LEADER, BIT(RAFT_FOLLOWER),
                      "appends to its log and replicates it to the others",
                      "has voted for itself; its last entry is of its own term", "3.5"},
                     leader_holds},
    [RAFT_LEARNER] = {{RAFT_LEARNER,
                       BIT(RAFT_FOLLOWER) | BIT(RAFT_PRE_CANDIDATE) | BIT(RAFT_CANDIDATE),
                       "receives the log and counts for nothing; stands only where what made "
                       "it a learner may not be committed",
                       "is a learner in its log's newest configuration, and no voter",
                       "4.2.1, 4.2.2"},
                      learner_holds},
};

raft_role_row raft_explain_role(raft_role role)
{
    assert(role < RAFT_ROLE_COUNT);
    return roles[role].row;
}

bool raft_role_holds(const raft *r)
{
    return roles[r->role].holds(r);
}

/* Every server waits for a leader, but for the leader itself: it keeps the others from
 * waiting, and with check-quorum it too looks up once in an election timeout. */
static void set_timers(raft *r)
{
    if (r->role != RAFT_LEADER) {
        raft_disarm(r, RAFT_TIMER_HEARTBEAT);
        raft_arm(r, RAFT_TIMER_ELECTION);
        return;
    }
    raft_arm(r, RAFT_TIMER_HEARTBEAT);
    if (r->config.check_quorum)
        raft_arm(r, RAFT_TIMER_ELECTION);
    else
        raft_disarm(r, RAFT_TIMER_ELECTION);
}

/* Thesis 3.3, fig. 3.3: only along the ways of the table.
 * Scenario: elections/roles_follow_one_another. */
void raft_move(raft *r, raft_role to, const char *why)
{
    assert(roles[r->role].row.next & BIT(to));
    raft_effect *e = raft_tell(r, RAFT_FX_ROLE);
    e->as.role.from = r->role;
    e->as.role.to = to;
    e->as.role.why = why;
    r->role = to;
    if (to != RAFT_CANDIDATE && to != RAFT_PRE_CANDIDATE) /* nobody is asked any more */
        r->yes = r->no = 0;
    set_timers(r);
}

void raft_settle_role(raft *r)
{
    if (!r->started)
        r->role = is_learner(r) ? RAFT_LEARNER : RAFT_FOLLOWER;
    else if (r->role == RAFT_FOLLOWER && is_learner(r))
        raft_move(r, RAFT_LEARNER, "a learner by its newest configuration");
    else if (r->role == RAFT_LEARNER && !is_learner(r))
        raft_move(r, RAFT_FOLLOWER, "no learner by its newest configuration");
}
