/* step.c - one event in, an ordered list of effects out.
 *
 * A message passes three checks in this order: is it well-formed, does its term fit (one
 * gate for all), and what does this role do with it: a table, in which ignoring is an
 * entry like any other, with its reason. */
#include "raft/core.h"

/* --- The table of handlers --------------------------------------------------------- */

typedef struct handler {
    void (*run)(raft *r, const raft_msg *m); /* NULL: ignored, and rule says why */
    const char *rule, *cite;
} handler;

/* clang-format off */
#define VOTE \
    raft_on_request_vote, "votes once in a term, for a log at least as complete as its own", \
        "3.4, 3.6.1"
#define SAY \
    raft_on_pre_vote, "says whether it would vote for it, and changes nothing", "9.6"
#define FOLLOW \
    raft_on_append, "follows the leader of this term and makes its log agree", "3.5"
#define TAKE \
    raft_on_install_snapshot, "takes a snapshot of the leader, unless its log has as much", "5.1"
#define STAND \
    raft_on_timeout_now, "stands for election at once, asking nobody first", "3.10"
#define DENY_READ raft_on_read_index, "says that it does not lead", "6.4"
#define READ \
    raft_on_read_index_reply, "may answer its reads once that index is applied", "6.4"
#define IGNORE(why, cite) NULL, why, cite
#define NOT_STANDING IGNORE("a vote for an election that is over", "3.4, 3.7")
#define NOT_ASKING IGNORE("a pre-vote for a question that is over", "9.6")
#define NOT_READING IGNORE("its reads were refused when the leader went", "6.4")
#define NOT_LEADING IGNORE("an answer to a leader, which this server is not", "3.7")

static const handler handlers[RAFT_ROLE_COUNT][RAFT_MSG_COUNT] = {
    [RAFT_FOLLOWER] = {
        [RAFT_MSG_REQUEST_VOTE]         = {VOTE},
        [RAFT_MSG_REQUEST_VOTE_REPLY]   = {NOT_STANDING},
        [RAFT_MSG_PRE_VOTE]             = {SAY},
        [RAFT_MSG_PRE_VOTE_REPLY]       = {NOT_ASKING},
        [RAFT_MSG_APPEND_ENTRIES]       = {FOLLOW},
        [RAFT_MSG_APPEND_ENTRIES_REPLY] = {NOT_LEADING},
        [RAFT_MSG_INSTALL_SNAPSHOT]       = {TAKE},
        [RAFT_MSG_INSTALL_SNAPSHOT_REPLY] = {NOT_LEADING},
        [RAFT_MSG_TIMEOUT_NOW]            = {STAND},
        [RAFT_MSG_READ_INDEX]             = {DENY_READ},
        [RAFT_MSG_READ_INDEX_REPLY]       = {READ},
    },
    [RAFT_PRE_CANDIDATE] = {
        [RAFT_MSG_REQUEST_VOTE]         = {VOTE},
        [RAFT_MSG_REQUEST_VOTE_REPLY]   = {NOT_STANDING},
        [RAFT_MSG_PRE_VOTE]             = {SAY},
        [RAFT_MSG_PRE_VOTE_REPLY]       = {raft_on_pre_vote_reply,
            "stands for election when a majority would vote for it", "9.6"},
        [RAFT_MSG_APPEND_ENTRIES]       = {FOLLOW},
        [RAFT_MSG_APPEND_ENTRIES_REPLY] = {NOT_LEADING},
        [RAFT_MSG_INSTALL_SNAPSHOT]       = {TAKE},
        [RAFT_MSG_INSTALL_SNAPSHOT_REPLY] = {NOT_LEADING},
        [RAFT_MSG_TIMEOUT_NOW]            = {STAND},
        [RAFT_MSG_READ_INDEX]             = {DENY_READ},
        [RAFT_MSG_READ_INDEX_REPLY]       = {NOT_READING},
    },
    [RAFT_CANDIDATE] = {
        [RAFT_MSG_REQUEST_VOTE]         = {VOTE},
        [RAFT_MSG_REQUEST_VOTE_REPLY]   = {raft_on_request_vote_reply,
            "leads when a majority has voted for it", "3.4"},
        [RAFT_MSG_PRE_VOTE]             = {SAY},
        [RAFT_MSG_PRE_VOTE_REPLY]       = {IGNORE(
            "a pre-vote is not a vote, and its question is over", "9.6")},
        [RAFT_MSG_APPEND_ENTRIES]       = {FOLLOW},
        [RAFT_MSG_APPEND_ENTRIES_REPLY] = {NOT_LEADING},
        [RAFT_MSG_INSTALL_SNAPSHOT]       = {TAKE},
        [RAFT_MSG_INSTALL_SNAPSHOT_REPLY] = {NOT_LEADING},
        [RAFT_MSG_TIMEOUT_NOW]            = {STAND},
        [RAFT_MSG_READ_INDEX]             = {DENY_READ},
        [RAFT_MSG_READ_INDEX_REPLY]       = {NOT_READING},
    },
    [RAFT_LEADER] = {
        [RAFT_MSG_REQUEST_VOTE]         = {VOTE},
        [RAFT_MSG_REQUEST_VOTE_REPLY]   = {IGNORE("a vote for an election that is won", "3.4")},
        [RAFT_MSG_PRE_VOTE]             = {SAY},
        [RAFT_MSG_PRE_VOTE_REPLY]       = {IGNORE(
            "a pre-vote for an election that is won", "9.6")},
        [RAFT_MSG_APPEND_ENTRIES]       = {IGNORE(
            "nobody else can lead this term (Election Safety)", "3.4, fig. 3.2")},
        [RAFT_MSG_APPEND_ENTRIES_REPLY] = {raft_on_append_reply,
            "learns how far the logs agree, commits, sends what is missing", "3.5, 3.6.2"},
        [RAFT_MSG_INSTALL_SNAPSHOT]       = {IGNORE(
            "nobody else can lead this term (Election Safety)", "5.1, fig. 3.2")},
        [RAFT_MSG_INSTALL_SNAPSHOT_REPLY] = {raft_on_install_snapshot_reply,
            "sends the chunk that is wanted, or goes on behind the snapshot", "5.1"},
        [RAFT_MSG_TIMEOUT_NOW]            = {IGNORE(
            "it leads already, and nobody else can hand this term over", "3.10")},
        [RAFT_MSG_READ_INDEX]             = {raft_on_read_index,
            "tells its commit index when a quorum has confirmed that it leads", "6.4"},
        [RAFT_MSG_READ_INDEX_REPLY]       = {IGNORE(
            "it leads and has asked nobody", "6.4")},
    },
    [RAFT_LEARNER] = {
        [RAFT_MSG_REQUEST_VOTE]         = {VOTE},
        [RAFT_MSG_REQUEST_VOTE_REPLY]   = {NOT_STANDING},
        [RAFT_MSG_PRE_VOTE]             = {SAY},
        [RAFT_MSG_PRE_VOTE_REPLY]       = {NOT_ASKING},
        [RAFT_MSG_APPEND_ENTRIES]       = {FOLLOW},
        [RAFT_MSG_APPEND_ENTRIES_REPLY] = {NOT_LEADING},
        [RAFT_MSG_INSTALL_SNAPSHOT]       = {TAKE},
        [RAFT_MSG_INSTALL_SNAPSHOT_REPLY] = {NOT_LEADING},
        [RAFT_MSG_TIMEOUT_NOW]            = {IGNORE("a learner does not stand for election", "3.10, 4.2.1")},
        [RAFT_MSG_READ_INDEX]             = {DENY_READ},
        [RAFT_MSG_READ_INDEX_REPLY]       = {READ},
    },
};
/* clang-format on */

raft_handler_row raft_explain_handler(raft_role role, raft_msg_kind msg)
{
    assert(role < RAFT_ROLE_COUNT && msg < RAFT_MSG_COUNT);
    const handler *h = &handlers[role][msg];
    return (raft_handler_row){
        .role = role, .msg = msg, .ignored = h->run == NULL, .rule = h->rule, .cite = h->cite};
}

/* --- Is the message one that a server could have sent? ----------------------------- */

static bool point_is_possible(raft_point p, raft_term at_most)
{
    return (p.index == 0) == (p.term == 0) && p.term <= at_most;
}

static bool entries_are_possible(const raft_msg *m)
{
    const uint32_t n = m->as.append.n;
    if (n > RAFT_BATCH_MAX || (n > 0 && !m->as.append.entries))
        return false;
    if (m->as.append.prev.index > UINT64_MAX - RAFT_BATCH_MAX)
        return false;
    raft_term term = m->as.append.prev.term ? m->as.append.prev.term : 1;
    for (uint32_t i = 0; i < n; i++) {
        const raft_entry *e = &m->as.append.entries[i];
        if (e->term < term || e->term > m->term || e->kind >= RAFT_ENTRY_KIND_COUNT)
            return false;
        raft_configuration c;
        if (e->kind == RAFT_ENTRY_CONFIG && !raft_configuration_decode(e->data, e->bytes, &c))
            return false;
        term = e->term;
    }
    return true;
}

static bool chunk_is_possible(const raft_msg *m)
{
    const uint64_t offset = m->as.snapshot.offset, total = m->as.snapshot.total;
    return m->as.snapshot.last.index > 0 && point_is_possible(m->as.snapshot.last, m->term) &&
           offset <= total && m->as.snapshot.n <= total - offset &&
           (m->as.snapshot.n == 0 || m->as.snapshot.bytes) &&
           raft_configuration_is_possible(&m->as.snapshot.configuration);
}

static bool is_possible(const raft *r, const raft_msg *m)
{
    if (m->kind >= RAFT_MSG_COUNT || m->to != r->id || m->from == r->id || m->from == 0 ||
        m->from > RAFT_SERVERS_MAX)
        return false;
    switch ((raft_msg_kind)m->kind) {
    case RAFT_MSG_REQUEST_VOTE:
    case RAFT_MSG_PRE_VOTE:
        return m->term > 0 && point_is_possible(m->as.vote.last, m->term);
    case RAFT_MSG_APPEND_ENTRIES:
        return m->term > 0 && point_is_possible(m->as.append.prev, m->term) &&
               entries_are_possible(m);
    case RAFT_MSG_INSTALL_SNAPSHOT:
        return m->term > 0 && chunk_is_possible(m);
    case RAFT_MSG_TIMEOUT_NOW:
    case RAFT_MSG_READ_INDEX:
        return m->term > 0;
    case RAFT_MSG_REQUEST_VOTE_REPLY:
    case RAFT_MSG_PRE_VOTE_REPLY:
    case RAFT_MSG_APPEND_ENTRIES_REPLY:
    case RAFT_MSG_INSTALL_SNAPSHOT_REPLY:
    case RAFT_MSG_READ_INDEX_REPLY:
    case RAFT_MSG_COUNT:
        break;
    }
    return true;
}

/* --- The gate of terms (thesis 3.3) ------------------------------------------------ */

#define BIT(kind) (1U << (kind))
#define ANSWERS                                                                                \
    (BIT(RAFT_MSG_REQUEST_VOTE_REPLY) | BIT(RAFT_MSG_PRE_VOTE_REPLY) |                         \
     BIT(RAFT_MSG_APPEND_ENTRIES_REPLY) | BIT(RAFT_MSG_INSTALL_SNAPSHOT_REPLY) |               \
     BIT(RAFT_MSG_READ_INDEX_REPLY))

static bool is_answer(const raft_msg *m)
{
    return BIT(m->kind) & ANSWERS;
}

/* Thesis 3.3: who asks in an earlier term is told this one, who answers is not heard. */
static void answer_earlier_term(raft *r, const raft_msg *m)
{
    switch ((raft_msg_kind)m->kind) {
    case RAFT_MSG_REQUEST_VOTE:
        raft_refuse_vote(r, m);
        if (RAFT_BUG(r, VOTE_STALE_TERM)) {
            raft_msg *vote = &r->fx.at[r->fx.n - 1].as.send.msg;
            vote->term = m->term;
            vote->as.vote_reply.granted = true;
        }
        break;
    case RAFT_MSG_APPEND_ENTRIES:
        raft_refuse_append(r, m, (raft_point){0});
        break;
    case RAFT_MSG_INSTALL_SNAPSHOT:
        raft_send(r, RAFT_MSG_INSTALL_SNAPSHOT_REPLY, m->from, true)->as.snapshot_reply.last =
            m->as.snapshot.last;
        break;
    case RAFT_MSG_READ_INDEX:
        raft_send(r, RAFT_MSG_READ_INDEX_REPLY, m->from, true)->as.read.ticket =
            m->as.read.ticket;
        break;
    case RAFT_MSG_TIMEOUT_NOW:
        raft_ignore(r, "a leader of an earlier term cannot hand it over");
        break;
    case RAFT_MSG_PRE_VOTE: /* passes the gate */
    case RAFT_MSG_REQUEST_VOTE_REPLY:
    case RAFT_MSG_PRE_VOTE_REPLY:
    case RAFT_MSG_APPEND_ENTRIES_REPLY:
    case RAFT_MSG_INSTALL_SNAPSHOT_REPLY:
    case RAFT_MSG_READ_INDEX_REPLY:
    case RAFT_MSG_COUNT:
        raft_ignore(r, "an answer of an earlier term");
        break;
    }
}

/* Thesis 4.2.3: an election that nobody needs.  A transfer is what the leader itself wants
 * (3.10).  Scenario: membership/removed_server_does_not_disrupt. */
static bool is_disruptive(const raft *r, const raft_msg *m)
{
    return m->kind == RAFT_MSG_REQUEST_VOTE && r->config.disruption_guard &&
           m->term >= r->term && !m->as.vote.transfer && raft_leader_lives(r) &&
           !RAFT_BUG(r, VOTES_WHILE_LEADER_LIVES);
}

/* True when the message may go on to its handler; its term is the server's then (thesis 3.3),
 * but for the two messages of a pre-vote: the question has the term of an election that may
 * never be, and a server that is behind in terms may well say yes (thesis 9.6). */
static bool pass_terms(raft *r, const raft_msg *m)
{
    if (m->kind == RAFT_MSG_PRE_VOTE)
        return true;
    if (is_disruptive(r, m)) {
        raft_ignore(r, "the leader lives, no election is wanted (thesis 4.2.3)");
        return false;
    }
    if (m->term > r->term) {
        raft_enter_term(r, m->term);
        return !is_answer(m); /* an answer to what it no longer is has nothing else to say */
    }
    if (m->term == r->term || m->kind == RAFT_MSG_PRE_VOTE_REPLY)
        return true;
    if (RAFT_BUG(r, VOTE_FROM_OLD_TERM) && m->kind == RAFT_MSG_REQUEST_VOTE_REPLY)
        return true;
    answer_earlier_term(r, m);
    return false;
}

/* --- Events ------------------------------------------------------------------------ */

/* Thesis 3.8, 5.1: the state of a snapshot was committed, and so is the log below it.
 * Scenario: snapshots/restart_from_snapshot_and_tail. */
static void start_from_snapshot(raft *r, const raft_snapshot *s)
{
    assert(s->last.index == 0 || raft_configuration_is_possible(&s->configuration));
    if (s->last.index == 0)
        return;
    r->snapshot = *s;
    r->snapshot_held = true;
    r->commit = s->last.index;
    raft_log_rest_on(r, s->last, &s->configuration, false);
}

/* The configuration is that of the log, the snapshot, or the caller, in this order. */
static void start_configuration(raft *r, raft_index first, uint64_t n)
{
    const raft_configuration given = r->conf;
    for (uint64_t done = 0; done < n;) { /* a log may be longer than a count of 32 bits */
        const uint32_t some = n - done < UINT32_MAX ? (uint32_t)(n - done) : UINT32_MAX;
        raft_configs_grow(r, first + done, some);
        done += some;
    }
    raft_configure(r, "at the start");
    if (raft_configuration_equal(&given, &r->conf))
        r->fx.n = 0; /* nothing new */
}

/* Thesis 3.8: term, vote and log come back; what is committed is learned anew.
 * Scenario: log/whole_cluster_loses_power. */
static void on_start(raft *r, const raft_event *e)
{
    assert(!r->started);
    r->term = r->boot_term = e->as.start.term;
    r->vote = e->as.start.vote;
    start_from_snapshot(r, &e->as.start.snapshot);
    raft_log_append(&r->log, e->as.start.entries, e->as.start.n);
    const raft_point last = raft_log_last(&r->log);
    if (RAFT_BUG(r, TERM_NOT_DURABLE) && last.term > r->term)
        r->term = last.term;
    assert(last.term <= r->term); /* the term was written before */
    r->stable = last.index;
    start_configuration(r, raft_log_first(&r->log), e->as.start.n);
    /* Before the crash it may have heard a leader that counts on it (thesis 6.4.1). */
    r->quiet = r->config.lease_reads && r->term > 0;
    r->heard_at = r->now;
    r->started = true;
    raft_arm(r, RAFT_TIMER_ELECTION);
}

static void on_receive(raft *r, const raft_event *e)
{
    const raft_msg *m = e->as.receive;
    if (!is_possible(r, m)) {
        raft_ignore(r, "a message that no server can have sent to this one");
        return;
    }
    if (!pass_terms(r, m))
        return;
    const handler *h = &handlers[r->role][m->kind];
    if (h->run)
        h->run(r, m);
    else
        raft_ignore(r, h->rule);
}

/* Once in an election timeout a leader gives up a transfer that nothing came of (thesis 3.10)
 * and asks whether it still has a quorum (6.2).  Scenario: elections/power_transfer_times_out.
 */
static void leader_timeout(raft *r)
{
    const bool transferring = r->transfer.to != 0;
    if (transferring && !RAFT_BUG(r, TRANSFER_NEVER_ENDS))
        raft_transfer_given_up(r, RAFT_REFUSED_TIMEOUT);
    if (r->transfer.aside)
        raft_follow(r, 0, "its application failed");
    else if (r->config.check_quorum)
        raft_check_quorum(r);
    else if (!transferring)
        raft_ignore(r, "a leader does not wait for a leader");
}

static void on_timer(raft *r, const raft_event *e)
{
    const raft_timer timer = e->as.timer;
    assert(timer < RAFT_TIMER_COUNT);
    r->armed &= (uint8_t) ~(1U << timer);
    if (timer == RAFT_TIMER_HEARTBEAT) {
        if (r->role == RAFT_LEADER)
            raft_heartbeat(r);
        else
            raft_ignore(r, "only a leader sends heartbeats");
    } else if (r->role != RAFT_LEADER) {
        raft_campaign(r, "election timeout");
    } else {
        leader_timeout(r);
    }
}

/* Index and term together name an entry and all before it; an index alone might mean one
 * that was replaced while the disk was busy (thesis 10.2.1, 3.5).
 * Scenario: log/durable_index_needs_its_term. */
static void on_persisted(raft *r, const raft_event *e)
{
    raft_point p = e->as.persisted;
    const raft_index last = raft_log_last_index(&r->log);
    if (RAFT_BUG(r, DURABLE_BY_INDEX) && p.index > r->log.base.index)
        p = (raft_point){.index = p.index < last ? p.index : last,
                         .term = raft_log_term(&r->log, p.index < last ? p.index : last)};
    if (!raft_log_has(&r->log, p)) {
        raft_ignore(r, "what was written has been replaced since");
        return;
    }
    if (p.index <= r->stable) {
        raft_ignore(r, "known to be durable");
        return;
    }
    r->stable = p.index;
    if (p.term == r->term)
        r->unheard = false;
    if (r->role == RAFT_LEADER && p.index > r->commit)
        raft_advance_commit(r);
}

static void on_propose(raft *r, const raft_event *e)
{
    raft_propose(r, e->as.propose.ticket, &e->as.propose.entry);
}

static void on_campaign(raft *r, const raft_event *e)
{
    (void)e;
    if (r->role == RAFT_LEADER)
        raft_ignore(r, "it leads already");
    else
        raft_campaign(r, "told to stand for election");
}

static void on_step_down(raft *r, const raft_event *e)
{
    (void)e;
    if (r->role == RAFT_FOLLOWER || r->role == RAFT_LEARNER)
        raft_ignore(r, "it neither leads nor stands for election");
    else
        raft_follow(r, 0, "told to step down"); /* its vote in this term stands (3.4) */
}

static void on_transfer(raft *r, const raft_event *e)
{
    raft_transfer(r, e->as.transfer);
}

static void on_read(raft *r, const raft_event *e)
{
    raft_read_index(r, e->as.read.ticket, e->as.read.lease);
}

static void on_app_failed(raft *r, const raft_event *e)
{
    (void)e;
    raft_app_failed(r);
}

static void (*const events[RAFT_EVENT_COUNT])(raft *r, const raft_event *e) = {
    [RAFT_EV_START] = on_start,
    [RAFT_EV_RECEIVE] = on_receive,
    [RAFT_EV_TIMER] = on_timer,
    [RAFT_EV_PERSISTED] = on_persisted,
    [RAFT_EV_PROPOSE] = on_propose,
    [RAFT_EV_CAMPAIGN] = on_campaign,
    [RAFT_EV_STEP_DOWN] = on_step_down,
    [RAFT_EV_TRANSFER] = on_transfer,
    [RAFT_EV_CHANGE] = raft_change_members,
    [RAFT_EV_READ] = on_read,
    [RAFT_EV_SNAPSHOT] = raft_take_snapshot,
    [RAFT_EV_INSTALLED] = raft_snapshot_installed,
    [RAFT_EV_APP_FAILED] = on_app_failed,
};

/* --- The step ---------------------------------------------------------------------- */

/* Thesis 3.9: safety does not hang on clocks.  One that goes back makes the past look like the
 * present, never like the future. */
static void set_clock(raft *r, raft_us now)
{
    if (RAFT_BUG(r, TIME_WRAPS)) {
        r->now = now / 1000 % INT32_MAX * 1000;
        return;
    }
    if (now < r->now) {
        r->reads.lease = false; /* nobody knows how much of it has passed */
        r->reads.timed = r->reads.round + 1;
        if (r->change.began > now)
            r->change.began = now;
        if (r->change.asked > now)
            r->change.asked = now;
        if (r->heard_at > now)
            r->heard_at = now;
        for (uint32_t i = 0; i < r->peers_n; i++) {
            if (r->peers[i].heard_at > now)
                r->peers[i].heard_at = now;
        }
    }
    r->now = now;
}

/* Thesis 3.4: election timeouts are random within a range, so that votes are rarely split.
 * Scenario: elections/equal_timeouts_collide. */
static void tell_armed(raft *r, raft_timer timer)
{
    const raft_config *c = &r->config;
    const bool election = timer == RAFT_TIMER_ELECTION;
    raft_effect *e = raft_tell(r, RAFT_FX_ARM);
    e->as.arm.timer = timer;
    e->as.arm.min = election ? c->election_min : c->heartbeat;
    e->as.arm.max = election ? c->election_max : c->heartbeat;
}

static void tell_timers(raft *r)
{
    for (raft_timer timer = 0; timer < RAFT_TIMER_COUNT; timer++) {
        if (r->arm >> timer & 1)
            tell_armed(r, timer);
        else if ((r->disarm & r->armed) >> timer & 1)
            raft_tell(r, RAFT_FX_DISARM)->as.disarm = timer;
    }
    r->armed = (uint8_t)((r->armed & ~r->disarm) | r->arm);
}

static void check_invariants(const raft *r)
{
    const raft_point last = raft_log_last(&r->log);
    assert(r->commit <= last.index && r->stable <= last.index && last.term <= r->term);
    assert(r->heard_at <= r->now || RAFT_BUG(r, TIME_WRAPS));
    assert(raft_role_holds(r));
}

const raft_effects *raft_step(raft *r, const raft_event *event)
{
    assert(event->kind < RAFT_EVENT_COUNT);
    assert(r->started || event->kind == RAFT_EV_START);
    r->fx.n = 0;
    r->hard_at = RAFT_NO_EFFECT;
    r->grew = false;
    r->arm = r->disarm = 0;
    set_clock(r, event->now);

    events[event->kind](r, event);

    if (r->arm | r->disarm)
        tell_timers(r);
    check_invariants(r);
    return &r->fx;
}
