/* election.c - who leads: elections (thesis 3.4), pre-vote (9.6), the guard against
 * disruptive servers (4.2.3) and leaders that have lost their quorum (6.2). */
#include "raft/core.h"

void raft_follow(raft *r, raft_id leader, const char *why)
{
    r->leader = leader;
    if (r->role != RAFT_FOLLOWER)
        raft_move(r, RAFT_FOLLOWER, why);
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
    const raft_set heard = r->heard | raft_set_of(r->id);
    assert(raft_quorum_has(r->conf.voters, heard)); /* those who elected it, at least */
    raft_us times[RAFT_SERVERS_MAX];
    uint32_t n = 0;
    for (raft_set left = r->conf.voters; left;) {
        const raft_id id = raft_set_pop(&left);
        if (id == r->id)
            times[n++] = r->now;
        else
            times[n++] = raft_set_has(heard, id) ? r->peers[id - 1].heard_at : 0;
    }
    return raft_quorum_reached(times, n);
}

/* Thesis 4.2.3: a leader was heard within the minimum election timeout, so a server that
 * wants an election is mistaken.  A leader has heard itself if a quorum answered.
 * Scenario: elections/deaf_server_does_not_disrupt. */
bool raft_leader_lives(const raft *r)
{
    if (r->leader == 0)
        return false;
    const raft_us at = r->role == RAFT_LEADER ? quorum_heard_at(r) : r->heard_at;
    return raft_since(r, at) < r->config.election_min;
}

static void ask_for_votes(raft *r, raft_msg_kind kind, raft_term term)
{
    const raft_point last = raft_log_last(&r->log);
    for (raft_set left = r->conf.voters & ~raft_set_of(r->id); left;) {
        raft_msg *m = raft_send(r, kind, raft_set_pop(&left), true);
        m->term = term;
        m->as.vote.last = last;
    }
}

static void collect_votes(raft *r)
{
    r->leader = 0;
    r->yes = raft_set_of(r->id);
    r->no = 0;
}

static void win(raft *r)
{
    const raft_set voted = r->yes;
    r->leader = r->id;
    raft_move(r, RAFT_LEADER, "elected by a majority");
    r->heard = r->active = voted; /* a vote is a sign of life */
    raft_lead(r);
}

/* Thesis 3.4: a new term, a vote for itself, durable before anyone is asked.
 * Scenarios: elections/three_nodes_message_by_message,
 * elections/candidate_waits_for_its_own_disk. */
static void stand(raft *r, const char *why)
{
    raft_set_hard_state(r, r->term + 1, r->id);
    collect_votes(r);
    if (r->role != RAFT_CANDIDATE)
        raft_move(r, RAFT_CANDIDATE, why);
    raft_arm(r, RAFT_TIMER_ELECTION);
    ask_for_votes(r, RAFT_MSG_REQUEST_VOTE, r->term);
    if (raft_quorum_has(r->conf.voters, r->yes))
        win(r);
}

/* Thesis 9.6: would the others vote for it?  Neither term nor vote change.
 * Scenarios: elections/pre_vote_message_by_message,
 * elections/isolated_pre_candidate_keeps_its_term. */
static void ask_first(raft *r, const char *why)
{
    collect_votes(r);
    if (r->role != RAFT_PRE_CANDIDATE)
        raft_move(r, RAFT_PRE_CANDIDATE, why);
    raft_arm(r, RAFT_TIMER_ELECTION);
    ask_for_votes(r, RAFT_MSG_PRE_VOTE, r->term + 1);
    if (raft_quorum_has(r->conf.voters, r->yes))
        stand(r, "a majority would vote for it");
}

void raft_campaign(raft *r, const char *why)
{
    assert(r->role != RAFT_LEADER);
    if (!raft_set_has(r->conf.voters, r->id)) {
        r->leader = 0;
        raft_arm(r, RAFT_TIMER_ELECTION);
        raft_ignore(r, "this server is not a voter, it does not stand for election");
        return;
    }
    if (r->config.pre_vote)
        ask_first(r, why);
    else
        stand(r, why);
}

/* Thesis 3.6.1: only a log that is at least as complete as the voter's may lead.
 * Scenarios: elections/stale_log_loses, elections/newer_term_beats_longer_log. */
static bool up_to_date(const raft *r, raft_point last)
{
    const raft_point own = raft_log_last(&r->log);
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
    const bool granted = (r->vote == 0 || r->vote == m->from) && up_to_date(r, m->as.vote.last);
    if (granted) {
        raft_set_hard_state(r, r->term, m->from);
        if (r->role != RAFT_FOLLOWER) /* a pre-candidate; the others have voted already */
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
    const bool disruptive = r->config.disruption_guard && raft_leader_lives(r);
    const bool granted = !disruptive && m->term > r->term && up_to_date(r, m->as.vote.last);
    answer_vote(r, m, RAFT_MSG_PRE_VOTE_REPLY, granted);
}

/* True when this vote makes a majority.  Each server counts once (thesis 3.4, 3.7).
 * Scenario: elections/doubled_vote_replies_count_once. */
static bool count_vote(raft *r, const raft_msg *m)
{
    const raft_set from = raft_set_of(m->from);
    if (!(r->conf.voters & from)) {
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
    return raft_quorum_has(r->conf.voters, r->yes);
}

void raft_on_request_vote_reply(raft *r, const raft_msg *m)
{
    if (count_vote(r, m))
        win(r);
}

void raft_on_pre_vote_reply(raft *r, const raft_msg *m)
{
    if (count_vote(r, m))
        stand(r, "a majority would vote for it");
}

/* Thesis 6.2: without a quorum it may have been replaced, and its clients should look for
 * the new leader.  Scenario: elections/isolated_leader_steps_down_by_check_quorum. */
void raft_check_quorum(raft *r)
{
    assert(r->role == RAFT_LEADER);
    if (!raft_quorum_has(r->conf.voters, r->active | raft_set_of(r->id))) {
        raft_follow(r, 0, "heard no majority for an election timeout");
        return;
    }
    r->active = 0;
    raft_arm(r, RAFT_TIMER_ELECTION);
}
