/* transfer.c - handing leadership over (thesis 3.10): the leader takes no more writes,
 * brings the target up to date and tells it to campaign at once.  If nothing comes of it
 * within an election timeout, it serves again. */
#include "raft/core.h"

/* The other voter whose log is known to agree furthest; of equals the lowest id. */
static raft_id furthest(raft *r)
{
    raft_id best = 0;
    for (raft_set left = r->conf.voters & ~raft_set_of(r->id); left;) {
        const raft_id id = raft_set_pop(&left);
        if (best == 0 || raft_peer(r, id)->match > raft_peer(r, best)->match)
            best = id;
    }
    return best;
}

/* Thesis 3.10: to another voter only.  Scenario: elections/power_transfer_to_a_bad_target. */
static raft_refusal may_transfer(const raft *r, raft_id to)
{
    if (r->role != RAFT_LEADER)
        return raft_not_leading(r);
    if (r->transfer.to)
        return RAFT_REFUSED_TRANSFERRING;
    if (r->change.joining != 0)
        return RAFT_REFUSED_CHANGE_IN_PROGRESS;
    if (to == 0 || to > RAFT_SERVERS_MAX || to == r->id || !raft_set_has(r->conf.voters, to))
        return RAFT_REFUSED_UNKNOWN_NODE;
    return RAFT_REFUSAL_COUNT;
}

/* Thesis 3.10: only a target whose log is complete can win.
 * Scenario: elections/power_transfer_to_a_node_behind. */
void raft_hand_over(raft *r)
{
    const raft_id to = r->transfer.to;
    if (raft_peer(r, to)->match < raft_log_last_index(&r->log) &&
        !RAFT_BUG(r, TRANSFER_TO_LAGGING))
        return;
    r->transfer.told = true;
    raft_send(r, RAFT_MSG_TIMEOUT_NOW, to, true);
}

static bool begin(raft *r, raft_id to)
{
    if (to == 0)
        to = r->role == RAFT_LEADER ? furthest(r) : 0;
    const raft_refusal why = may_transfer(r, to);
    if (why != RAFT_REFUSAL_COUNT) {
        raft_refuse(r, 0, why);
        return false;
    }
    r->transfer.to = to;
    if (!RAFT_BUG(r, LEASE_SURVIVES_TRANSFER))
        r->reads.lease = false; /* the target may lead before the lease is over (6.4.1) */
    raft_arm(r, RAFT_TIMER_ELECTION);
    raft_hand_over(r);
    if (!r->transfer.told)
        raft_beat_to(r, to); /* what it lacks may have been lost on its way */
    return true;
}

void raft_transfer(raft *r, raft_id to)
{
    begin(r, to);
}

void raft_transfer_given_up(raft *r, raft_refusal why)
{
    r->transfer.to = 0;
    if (!r->config.check_quorum)
        raft_disarm(r, RAFT_TIMER_ELECTION);
    raft_refuse(r, 0, why);
}

void raft_transfer_seen(raft *r, raft_id leader)
{
    if (leader == r->transfer.handed_to)
        raft_tell(r, RAFT_FX_DONE)->as.done = 0;
    else
        raft_refuse(r, 0, leader ? RAFT_REFUSED_NOT_LEADER : RAFT_REFUSED_TIMEOUT);
    r->transfer.handed_to = 0;
}

/* Practice: failing applications.  A leader whose state machine has stopped can answer nobody.
 * Scenario: commands/leaders_application_fails. */
void raft_app_failed(raft *r)
{
    if (r->role != RAFT_LEADER) {
        if (r->role == RAFT_CANDIDATE || r->role == RAFT_PRE_CANDIDATE)
            raft_follow(r, 0, "its application failed");
        else
            raft_ignore(r, "it does not lead");
        return;
    }
    r->transfer.aside = true;
    if (r->transfer.to)
        raft_ignore(r, "it is handing over already");
    else if (furthest(r) == 0 || !begin(r, 0))
        raft_follow(r, 0, "its application failed");
}

/* Thesis 3.10: as if its election timer had fired, but nobody need be asked first (9.6).
 * Scenario: elections/power_transfer_among_five. */
void raft_on_timeout_now(raft *r, const raft_msg *m)
{
    if (r->leader != 0 && r->leader != m->from) {
        raft_ignore(r, "another server leads this term");
        return;
    }
    if (!raft_may_stand(r)) {
        raft_ignore(r, "this server is not a voter, it does not stand for election");
        return;
    }
    raft_stand(r, "the leader hands over", true);
}
