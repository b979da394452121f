/* election.c - who leads: elections (thesis 3.4), pre-vote (9.6), the guard against
 * disruptive servers (4.2.3) and leaders that have lost their quorum (6.2). */
#include "raft/core.h"

static bool is_passive(const raft *r)
{
    return r->role == RAFT_FOLLOWER || r->role == RAFT_LEARNER;
}

/* What a leader has promised and can do no more is refused, not lost (practice: refusals by
 * name).  Scenario: reads/deposed_leader_answers_nothing. */
static void lose_leadership(raft *r)
{
    const raft_id target = r->transfer.to;
    const bool told = r->transfer.told;
    r->transfer.to = 0;
    r->transfer.told = r->transfer.aside = false;
    if (target != 0 && told)
        r->transfer.handed_to = target;
    else if (target != 0)
        raft_refuse(r, 0, raft_not_leading(r));
    raft_change_given_up(r, raft_not_leading(r));
    r->reads.lease = false;
}

/* Another leader, or none: what waited for the one before is not lost, but refused. */
static void change_leader(raft *r, raft_id leader)
{
    r->leader = leader;
    if (r->reads.n > 0)
        raft_refuse_reads(r);
    if (leader != 0 && r->transfer.handed_to != 0)
        raft_transfer_seen(r, leader);
}

/* Thesis 3.4: whom it voted for in this term stays, however often it steps down in it. */
void raft_follow(raft *r, raft_id leader, const char *why)
{
    const bool led = r->role == RAFT_LEADER;
    if (r->leader != leader)
        change_leader(r, leader);
    if (is_passive(r))
        return;
    raft_move(r, RAFT_FOLLOWER, why);
    if (RAFT_BUG(r, VOTE_CLEARED_ON_STEP_DOWN))
        raft_set_hard_state(r, r->term, 0);
    if (led)
        lose_leadership(r);
    raft_settle_role(r);
}

/* Thesis 3.3: whoever is behind in terms follows.
 * Scenario: elections/forged_terms. */
void raft_enter_term(raft *r, raft_term term)
{
    assert(term > r->term);
    raft_set_hard_state(r, term, 0);
    raft_follow(r, 0, "heard a higher term");
}

/* When a leader last had heard a quorum, itself included. */
static raft_us quorum_heard_at(const raft *r)
{
    return raft_reached(r, offsetof(raft_progress, heard_at), r->now, 0);
}

/* Thesis 4.2.3: a leader was heard within the minimum election timeout, so a server that
 * wants an election is mistaken.  A leader has heard itself if a quorum answered.
 * Scenario: elections/deaf_server_does_not_disrupt. */
bool raft_leader_lives(const raft *r)
{
    if (r->leader == 0 && !r->quiet)
        return false;
    const raft_us at = r->role == RAFT_LEADER ? quorum_heard_at(r) : r->heard_at;
    return raft_since(r, at) < r->config.election_min;
}

static void ask_for_votes(raft *r, raft_msg_kind kind, raft_term term, bool transfer)
{
    const raft_point last = raft_log_last(&r->log);
    for (raft_set left = raft_configuration_deciders(&r->conf) & ~raft_set_of(r->id); left;) {
        raft_msg *m = raft_send(r, kind, raft_set_pop(&left), true);
        m->term = term;
        m->as.vote.last = last;
        m->as.vote.transfer = transfer;
    }
}

/* No leader was heard for an election timeout. */
static void miss_leader(raft *r)
{
    r->quiet = false;
    if (r->leader != 0)
        change_leader(r, 0);
    if (r->transfer.handed_to != 0)
        raft_transfer_seen(r, 0);
}

static void collect_votes(raft *r)
{
    miss_leader(r);
    r->yes = raft_set_of(r->id);
    r->no = 0;
}

static void win(raft *r)
{
    const raft_set voted = r->yes;
    r->leader = r->id;
    /* Who asks nobody has not waited for its disk: nobody may hear of the term before. */
    r->unheard = voted == raft_set_of(r->id);
    raft_move(r, RAFT_LEADER, "elected by a majority");
    r->heard = r->active = voted; /* a vote is a sign of life */
    raft_lead(r);
}

/* Thesis 3.4: a new term, a vote for itself, durable before anyone is asked (3.8).
 * Scenarios: elections/three_nodes_message_by_message,
 * elections/candidate_waits_for_its_own_disk. */
void raft_stand(raft *r, const char *why, bool transfer)
{
    const bool keeps_term = RAFT_BUG(r, SOLE_VOTER_KEEPS_TERM) && r->term > 0 &&
                            raft_decides(r, raft_set_of(r->id));
    raft_set_hard_state(r, r->term + !keeps_term, r->id);
    collect_votes(r);
    if (r->role != RAFT_CANDIDATE)
        raft_move(r, RAFT_CANDIDATE, why);
    raft_arm(r, RAFT_TIMER_ELECTION);
    ask_for_votes(r, RAFT_MSG_REQUEST_VOTE, r->term, transfer);
    if (raft_decides(r, r->yes))
        win(r);
}

/* Thesis 9.6: would the others vote for it?  Neither term nor vote change.
 * Scenarios: elections/pre_vote_message_by_message,
 * elections/isolated_pre_candidate_keeps_its_term. */
static void ask_first(raft *r, const char *why)
{
    collect_votes(r);
    if (RAFT_BUG(r, PRE_VOTE_CLEARS_VOTE))
        raft_set_hard_state(r, r->term, 0);
    if (r->role != RAFT_PRE_CANDIDATE)
        raft_move(r, RAFT_PRE_CANDIDATE, why);
    raft_arm(r, RAFT_TIMER_ELECTION);
    ask_for_votes(r, RAFT_MSG_PRE_VOTE, r->term + 1, false);
    if (raft_decides(r, r->yes))
        raft_stand(r, "a majority would vote for it", false);
}

/* Thesis 4.2.2: a server that its newest configuration leaves out does not count itself, but
 * while that may not be committed the others may need its log to go on.
 * Scenario: membership/superseded_by_majority. */
bool raft_may_stand(const raft *r)
{
    if (raft_set_has(raft_configuration_deciders(&r->conf), r->id))
        return true;
    if (r->conf_at <= r->commit)
        return false;
    const raft_configuration *before = &raft_history_find(&r->configs, r->conf_at - 1)->c;
    return raft_set_has(raft_configuration_deciders(before), r->id);
}

void raft_campaign(raft *r, const char *why)
{
    assert(r->role != RAFT_LEADER);
    if (!raft_may_stand(r)) {
        miss_leader(r);
        raft_arm(r, RAFT_TIMER_ELECTION);
        raft_ignore(r, "this server is not a voter, it does not stand for election");
        return;
    }
    if (r->config.pre_vote)
        ask_first(r, why);
    else
        raft_stand(r, why, false);
}

/* Thesis 3.6.1: only a log that is at least as complete as the voter's may lead.
 * Scenarios: elections/stale_log_loses, elections/newer_term_beats_longer_log. */
static bool up_to_date(const raft *r, raft_point last)
{
    const raft_point own = raft_log_last(&r->log);
    if (RAFT_BUG(r, VOTE_BY_LENGTH))
        return last.index >= own.index;
    return last.term > own.term || (last.term == own.term && last.index >= own.index);
}

static void answer_vote(raft *r, const raft_msg *m, raft_msg_kind kind, bool granted)
{
    raft_send(r, kind, m->from, true)->as.vote_reply.granted = granted;
}

void raft_refuse_vote(raft *r, const raft_msg *m)
{
    answer_vote(r, m, RAFT_MSG_REQUEST_VOTE_REPLY, false);
}

/* Thesis 3.4: one vote in a term, first come, first served.
 * Scenarios: elections/one_vote_per_term,
 * elections/refusing_does_not_restart_the_timer. */
void raft_on_request_vote(raft *r, const raft_msg *m)
{
    assert(m->term == r->term);
    const bool free = r->vote == 0 || r->vote == m->from || RAFT_BUG(r, VOTE_TWICE);
    const bool granted = free && up_to_date(r, m->as.vote.last);
    if (granted) {
        raft_set_hard_state(r, r->term, m->from);
        if (!is_passive(r)) /* a pre-candidate; the others have voted already */
            raft_follow(r, 0, "gave its vote to another");
        raft_arm(r, RAFT_TIMER_ELECTION);
    }
    answer_vote(r, m, RAFT_MSG_REQUEST_VOTE_REPLY, granted);
}

/* Thesis 9.6: the answer says what it would do, and changes nothing.  A refusal carries
 * the own term, so that a server that is behind learns of it.
 * Scenarios: elections/pre_vote_refusal_teaches_the_term,
 * elections/pre_vote_rejected_while_the_leader_lives. */
void raft_on_pre_vote(raft *r, const raft_msg *m)
{
    const bool disruptive =
        r->config.disruption_guard && !m->as.vote.transfer && raft_leader_lives(r);
    const bool granted = !disruptive && m->term > r->term && up_to_date(r, m->as.vote.last);
    answer_vote(r, m, RAFT_MSG_PRE_VOTE_REPLY, granted);
    if (RAFT_BUG(r, PRE_VOTE_NEVER_LEARNS) && m->term <= r->term)
        r->fx.at[r->fx.n - 1].as.send.msg.term = m->term - 1;
}

/* True when this vote makes a majority.  Each server counts once (thesis 3.4, 3.7).
 * Scenario: elections/doubled_vote_replies_count_once. */
static bool count_vote(raft *r, const raft_msg *m)
{
    const raft_set voters = raft_configuration_deciders(&r->conf);
    const raft_set from = raft_set_of(m->from);
    if (RAFT_BUG(r, VOTE_COUNTED_TWICE) && m->as.vote_reply.granted && r->yes & from) {
        r->yes |= (voters & ~r->yes) & -(voters & ~r->yes); /* as if another had sent it */
        return raft_decides(r, r->yes);
    }
    if (!(voters & from)) {
        raft_ignore(r, "a vote from a server that is not a voter");
        return false;
    }
    if ((r->yes | (m->as.vote_reply.granted ? 0 : r->no)) & from) {
        raft_ignore(r, "this server's answer is counted already");
        return false;
    }
    if (!m->as.vote_reply.granted) {
        r->no |= from;
        return false;
    }
    r->no &= ~from;
    r->yes |= from;
    raft_peer(r, m->from)->heard_at = r->now;
    return raft_decides(r, r->yes);
}

void raft_on_request_vote_reply(raft *r, const raft_msg *m)
{
    if (count_vote(r, m))
        win(r);
}

/* Thesis 9.6: enough would vote for it, so it asks for their votes. */
void raft_on_pre_vote_reply(raft *r, const raft_msg *m)
{
    if (!count_vote(r, m))
        return;
    const raft_set yes = r->yes;
    raft_stand(r, "a majority would vote for it", false);
    if (RAFT_BUG(r, PRE_VOTE_IS_VOTE) && r->role == RAFT_CANDIDATE) {
        r->yes = yes;
        win(r);
    }
}

/* Thesis 6.2: without a quorum it may have been replaced, and its clients should look for
 * the new leader.  Scenario: elections/isolated_leader_steps_down_by_check_quorum. */
void raft_check_quorum(raft *r)
{
    assert(r->role == RAFT_LEADER);
    if (!raft_decides(r, r->active | raft_set_of(r->id))) {
        raft_follow(r, 0, "heard no majority for an election timeout");
        return;
    }
    if (!RAFT_BUG(r, QUORUM_HEARD_ONCE))
        r->active = 0;
    raft_arm(r, RAFT_TIMER_ELECTION);
}
