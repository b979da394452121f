/* model.c - a few servers in rough water: random delivery, loss, doubling, partitions,
 * slow disks, crashes that lose what was not synced, clocks that go back, members that come
 * and go, snapshots, transfers, reads.  After every act the promises of thesis fig. 3.2 are
 * checked against all that ever happened; in the end the water calms down, and the members
 * must agree on a leader and a log.
 *
 * The state machine is a hash over the entries: a snapshot is that hash, repeated.
 *
 * A seed names a run.  The tank does this better; this one stands alone, so that the core
 * can be judged without it. */
#include "raft/test/rig.h"

enum {
    NODES_MAX = 5,
    NET_MAX = 96,     /* messages under way; more are lost */
    LOG_MAX = 256,    /* entries; runs stay far below */
    QUEUE_MAX = 1024, /* effects that wait for a disk */
    TERMS_MAX = 4096,
    BATCH = 3,
    ACTS = 1500,
    CALM_ACTS_MAX = 20000,
    SEEDS = 60,
    STATE_BYTES = 24, /* of a snapshot: index, and the hash twice */
    CHUNK = 10,
    KEPT_MAX = 512, /* configurations and snapshots whose bytes live as long as a run */
    READS_MAX = 64,
    NEWS_MAX = 32,
};

typedef struct parcel { /* a message with its entries */
    raft_msg m;
    raft_entry entries[BATCH];
} parcel;

typedef struct snapshot { /* as caller: its bytes stand in the water's keeping */
    raft_snapshot s;
    uint64_t state;
} snapshot;

typedef struct disk {
    raft_term term;
    raft_id vote;
    snapshot snapshot;
    raft_entry log[LOG_MAX]; /* the entry at index i stands at i - 1 */
    uint64_t n;              /* index of the last one */
} disk;

typedef struct job { /* an effect that waits for the writes before it, or is one */
    raft_effect_kind kind;
    raft_term term; /* HARD_STATE */
    raft_id vote;
    raft_index index;  /* TRUNCATE, APPEND */
    snapshot snapshot; /* SNAPSHOT_INSTALL, COMPACT */
    uint32_t n;
    parcel p; /* SEND; APPEND has its entries in p.entries, at most BATCH at a time */
} job;

typedef struct node {
    raft *r;
    disk d;
    job queue[QUEUE_MAX]; /* oldest first */
    uint32_t queued;
    raft_event news[NEWS_MAX]; /* what the disk has done and it has not heard; oldest first */
    uint32_t news_n;
    bool armed[RAFT_TIMER_COUNT];
    raft_index commit; /* told so far since boot; all of it is applied */
    uint64_t state;    /* of the state machine at commit */
    uint8_t *arriving; /* the bytes of a snapshot that is being received */
    snapshot own;      /* the newest one that the core knows of */
} node;

typedef struct asked_read { /* a read that waits for its index to be applied */
    uint64_t ticket;
    uint32_t who;
    raft_index at_least; /* what was committed anywhere when it was asked */
    bool open;
} asked_read;

typedef struct water {
    uint64_t seed, random;
    uint32_t nodes;
    node at[NODES_MAX];
    parcel net[NET_MAX];
    uint32_t under_way;
    raft_set cut;                    /* these hear only each other, and so do the others */
    raft_id leaders[TERMS_MAX];      /* who was elected in each term */
    raft_entry committed[LOG_MAX];   /* what anybody ever committed */
    raft_term committed_in[LOG_MAX]; /* and in which term */
    uint64_t committed_n, proposals; /* proposals: each has a number of its own */
    raft_us now;
    raft_config config;
    uint64_t states[LOG_MAX]; /* of the state machine behind each committed entry */
    uint8_t kept[KEPT_MAX][RAFT_CONFIGURATION_BYTES];
    uint32_t kept_n;
    asked_read reads[READS_MAX];
    uint64_t tickets;
    uint32_t changes, snapshots, installs, transfers, answers; /* that came to a good end */
    bool members_change;
    bool late; /* servers hear late of their disks */
} water;

static uint64_t draw(water *w, uint64_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random % below;
}

#define PROMISE(w, that) ck_assert_msg(that, "seed %" PRIu64 ": " #that, (w)->seed)

/* --- Keeping ------------------------------------------------------------------------ */

static uint8_t *keep(water *w)
{
    ck_assert_uint_lt(w->kept_n, KEPT_MAX);
    return w->kept[w->kept_n++];
}

static const uint8_t *keep_configuration(void *self, const uint8_t *bytes, uint32_t n)
{
    return memcpy(keep(self), bytes, n);
}

static uint64_t apply(uint64_t state, const raft_entry *e)
{
    state = (state ^ e->checksum ^ (uint64_t)e->kind << 60) * UINT64_C(0x9E3779B97F4A7C15);
    return state ^ state >> 31;
}

static void state_to_bytes(raft_index index, uint64_t state, uint8_t *out)
{
    memcpy(out, &index, 8);
    memcpy(out + 8, &state, 8);
    memcpy(out + 16, &state, 8);
}

/* --- The promises ------------------------------------------------------------------- */

static bool same(const raft_entry *a, const raft_entry *b)
{
    return a->term == b->term && a->checksum == b->checksum && a->kind == b->kind;
}

/* Log Matching: where two logs have the same term, they are equal up to there. */
static void check_logs(water *w, uint32_t changed)
{
    const raft *a = w->at[changed].r;
    for (uint32_t i = 0; i < w->nodes; i++) {
        const raft *b = w->at[i].r;
        bool agree = false;
        for (raft_index at = LOG_MAX; i != changed && at > 0; at--) {
            const raft_entry *one = raft_entry_at(a, at), *other = raft_entry_at(b, at);
            if (!one || !other)
                continue;
            agree = agree || one->term == other->term;
            if (agree)
                PROMISE(w, same(one, other));
        }
    }
}

/* Election Safety, Leader Completeness.  Who wins an election that is out of date may lack
 * what a later leader has committed meanwhile; it will not get anything committed itself. */
static void check_leader(water *w, uint32_t who)
{
    raft_view v;
    raft_look(w->at[who].r, &v);
    ck_assert_uint_lt(v.term, TERMS_MAX);
    PROMISE(w, w->leaders[v.term] == 0 || w->leaders[v.term] == v.id);
    w->leaders[v.term] = v.id;
    for (raft_index i = v.first; i <= w->committed_n; i++) {
        const raft_entry *e = raft_entry_at(w->at[who].r, i);
        if (w->committed_in[i - 1] < v.term)
            PROMISE(w, e && same(e, &w->committed[i - 1]));
    }
}

/* State Machine Safety: what one has committed, no other commits otherwise. */
static void check_commit(water *w, uint32_t who, raft_index commit)
{
    node *n = &w->at[who];
    PROMISE(w, commit > n->commit);
    for (raft_index i = n->commit + 1; i <= commit; i++) {
        const raft_entry *e = raft_entry_at(n->r, i);
        PROMISE(w, e != NULL);
        if (i > w->committed_n) {
            const uint64_t before = i > 1 ? w->states[i - 2] : 0;
            w->committed_in[w->committed_n] = n->r->term;
            w->states[w->committed_n] = apply(before, e);
            w->committed[w->committed_n++] = *e;
        }
        PROMISE(w, same(e, &w->committed[i - 1]));
        n->state = apply(n->state, e);
        PROMISE(w, n->state == w->states[i - 1]);
    }
    n->commit = commit;
}

/* Thesis 6.4: an answer shows all that was committed anywhere when the read was asked. */
static void check_read(water *w, uint64_t ticket, raft_index index)
{
    asked_read *a = &w->reads[ticket % READS_MAX];
    if (!a->open || a->ticket != ticket)
        return;
    PROMISE(w, index >= a->at_least);
    a->open = false;
    w->answers++;
}

/* A snapshot that arrived is the state that was committed. */
static void check_snapshot(water *w, uint32_t who, const raft_effect *e)
{
    node *n = &w->at[who];
    const raft_point last = e->as.snapshot.last;
    uint64_t parts[3];
    memcpy(parts, n->arriving, sizeof parts);
    PROMISE(w, parts[0] == last.index && parts[1] == parts[2]);
    PROMISE(w, last.index <= w->committed_n && parts[1] == w->states[last.index - 1]);
    PROMISE(w, last.index > n->commit);
    n->commit = last.index;
    n->state = parts[1];
}

/* --- Carrying out what a server wants ------------------------------------------------ */

static void send_parcel(water *w, const parcel *p)
{
    if (w->under_way < NET_MAX)
        w->net[w->under_way++] = *p;
}

static parcel wrap(const raft_msg *m)
{
    parcel p = {.m = *m};
    if (m->kind == RAFT_MSG_APPEND_ENTRIES) {
        ck_assert_uint_le(m->as.append.n, BATCH);
        for (uint32_t i = 0; i < m->as.append.n; i++)
            p.entries[i] = m->as.append.entries[i];
    }
    return p;
}

static job *enqueue(node *n, raft_effect_kind kind)
{
    ck_assert_uint_lt(n->queued, QUEUE_MAX);
    job *j = &n->queue[n->queued++];
    *j = (job){.kind = kind};
    return j;
}

static void carry_out(water *w, uint32_t who, const raft_effect *e)
{
    node *n = &w->at[who];
    switch (e->kind) {
    case RAFT_FX_HARD_STATE: {
        job *j = enqueue(n, e->kind);
        j->term = e->as.hard_state.term;
        j->vote = e->as.hard_state.vote;
        break;
    }
    case RAFT_FX_TRUNCATE:
        enqueue(n, e->kind)->index = e->as.truncate;
        break;
    case RAFT_FX_APPEND: {
        job *j = enqueue(n, e->kind);
        ck_assert_uint_le(e->as.append.n, BATCH);
        j->index = e->as.append.first;
        j->n = e->as.append.n;
        for (uint32_t i = 0; i < j->n; i++)
            j->p.entries[i] = e->as.append.at[i];
        break;
    }
    case RAFT_FX_SEND: {
        const parcel p = wrap(&e->as.send.msg);
        if (e->as.send.after_writes && n->queued > 0)
            enqueue(n, e->kind)->p = p;
        else
            send_parcel(w, &p);
        break;
    }
    case RAFT_FX_ARM:
        n->armed[e->as.arm.timer] = true;
        break;
    case RAFT_FX_DISARM:
        PROMISE(w, n->armed[e->as.disarm]);
        n->armed[e->as.disarm] = false;
        break;
    case RAFT_FX_COMMIT:
        check_commit(w, who, e->as.commit);
        break;
    case RAFT_FX_SNAPSHOT_CHUNK:
        ck_assert_uint_eq(e->as.chunk.total, STATE_BYTES);
        if (e->as.chunk.offset == 0)
            n->arriving = keep(w);
        memcpy(n->arriving + e->as.chunk.offset, e->as.chunk.bytes, e->as.chunk.n);
        break;
    case RAFT_FX_SNAPSHOT_INSTALL:
        check_snapshot(w, who, e);
        n->own.s.bytes = n->arriving;
        n->own.s.n = STATE_BYTES;
        n->own.state = n->state;
        w->installs++;
        /* fall through */
    case RAFT_FX_COMPACT:
        n->own.s.last = e->as.snapshot.last;
        n->own.s.configuration = e->as.snapshot.configuration;
        enqueue(n, e->kind)->snapshot = n->own;
        break;
    case RAFT_FX_READ_READY:
        check_read(w, e->as.read_ready.ticket, e->as.read_ready.index);
        break;
    case RAFT_FX_DONE:
        *(e->as.done ? &w->changes : &w->transfers) += 1;
        break;
    case RAFT_FX_ROLE:
    case RAFT_FX_CONFIGURATION:
    case RAFT_FX_ACCEPT:
    case RAFT_FX_REFUSE:
    case RAFT_FX_IGNORED:
    case RAFT_EFFECT_COUNT:
        break;
    }
}

static void step(water *w, uint32_t who, raft_event e)
{
    raft *r = w->at[who].r;
    e.now = w->now;
    const raft_effects *fx = raft_step(r, &e);
    bool log_changed = false, elected = false;
    for (uint32_t i = 0; i < fx->n; i++) {
        carry_out(w, who, &fx->at[i]);
        log_changed |= fx->at[i].kind == RAFT_FX_APPEND;
        elected |= fx->at[i].kind == RAFT_FX_ROLE && fx->at[i].as.role.to == RAFT_LEADER;
    }
    if (log_changed)
        check_logs(w, who);
    if (elected)
        check_leader(w, who);
}

/* A server hears of the oldest write of which it has not. */
static void hear_one(water *w, uint32_t who)
{
    node *n = &w->at[who];
    if (n->news_n == 0)
        return;
    const raft_event e = n->news[0];
    memmove(n->news, n->news + 1, --n->news_n * sizeof *n->news);
    step(w, who, e);
}

static void tell(water *w, uint32_t who, raft_event e)
{
    node *n = &w->at[who];
    if (n->news_n == NEWS_MAX)
        hear_one(w, who);
    n->news[n->news_n++] = e;
    if (!w->late)
        hear_one(w, who);
}

/* The oldest write becomes durable, and all that waited for it alone leaves. */
static void sync_one(water *w, uint32_t who)
{
    node *n = &w->at[who];
    if (n->queued == 0)
        return;
    const job j = n->queue[0];
    uint32_t done = 1;
    if (j.kind == RAFT_FX_HARD_STATE) {
        PROMISE(w, j.term > n->d.term || (j.term == n->d.term && n->d.vote == 0));
        n->d.term = j.term;
        n->d.vote = j.vote;
    } else if (j.kind == RAFT_FX_TRUNCATE) {
        n->d.n = j.index - 1;
    } else if (j.kind == RAFT_FX_COMPACT) {
        n->d.snapshot = j.snapshot;
    } else if (j.kind == RAFT_FX_SNAPSHOT_INSTALL) {
        n->d.snapshot = j.snapshot;
        n->d.n = j.snapshot.s.last.index;
    } else {
        PROMISE(w, j.index == n->d.n + 1);
        for (uint32_t i = 0; i < j.n; i++)
            n->d.log[n->d.n++] = j.p.entries[i];
        ck_assert_uint_lt(n->d.n, LOG_MAX - BATCH);
    }
    for (; done < n->queued && n->queue[done].kind == RAFT_FX_SEND; done++)
        send_parcel(w, &n->queue[done].p);
    n->queued -= done;
    memmove(n->queue, n->queue + done, n->queued * sizeof *n->queue);
    if (j.kind == RAFT_FX_SNAPSHOT_INSTALL) {
        raft_event e = {.kind = RAFT_EV_INSTALLED};
        e.as.installed.last = j.snapshot.s.last;
        e.as.installed.bytes = j.snapshot.s.bytes;
        e.as.installed.n = j.snapshot.s.n;
        tell(w, who, e);
    }
    if (j.kind == RAFT_FX_APPEND) {
        raft_event e = {.kind = RAFT_EV_PERSISTED};
        e.as.persisted = (raft_point){j.index + j.n - 1, j.p.entries[j.n - 1].term};
        tell(w, who, e);
    }
}

/* Who asked nobody for its vote may lead before its disk has the term; it crashed, nobody had
 * heard of that (thesis 3.8), and the term may be won again. */
static void forget_unheard_terms(water *w, uint32_t who)
{
    const node *n = &w->at[who];
    for (raft_term t = n->d.term + 1; n->r && t <= n->r->term; t++) {
        if (w->leaders[t] == who + 1)
            w->leaders[t] = 0;
    }
}

static void boot(water *w, uint32_t who)
{
    node *n = &w->at[who];
    forget_unheard_terms(w, who);
    raft_free(n->r);
    w->config.id = (raft_id)(who + 1);
    n->r = raft_new(&w->config);
    n->queued = n->news_n = 0;
    n->own = n->d.snapshot;
    n->commit = n->own.s.last.index;
    n->state = n->own.state;
    memset(n->armed, 0, sizeof n->armed);
    raft_event e = {.kind = RAFT_EV_START};
    e.as.start.term = n->d.term;
    e.as.start.vote = n->d.vote;
    e.as.start.snapshot = n->d.snapshot.s;
    e.as.start.entries = n->d.log + n->commit;
    e.as.start.n = n->d.n - n->commit;
    step(w, who, e);
}

static void lose(water *w, uint32_t which)
{
    w->net[which] = w->net[--w->under_way];
}

static void deliver(water *w, uint32_t which, bool keep)
{
    parcel p = w->net[which];
    if (!keep)
        lose(w, which);
    if (raft_set_has(w->cut, p.m.from) != raft_set_has(w->cut, p.m.to))
        return;
    if (p.m.kind == RAFT_MSG_APPEND_ENTRIES)
        p.m.as.append.entries = p.m.as.append.n ? p.entries : NULL;
    step(w, p.m.to - 1U, (raft_event){.kind = RAFT_EV_RECEIVE, .as.receive = &p.m});
}

static void fire(water *w, uint32_t who, raft_timer timer)
{
    if (!w->at[who].armed[timer])
        return;
    w->at[who].armed[timer] = false;
    step(w, who, (raft_event){.kind = RAFT_EV_TIMER, .as.timer = timer});
}

static void propose(water *w, uint32_t who)
{
    raft_event e = {.kind = RAFT_EV_PROPOSE};
    e.as.propose.ticket = ++w->proposals;
    e.as.propose.entry = (raft_entry){.kind = RAFT_ENTRY_COMMAND, .checksum = w->proposals};
    step(w, who, e);
}

static void take_snapshot(water *w, uint32_t who)
{
    node *n = &w->at[who];
    if (n->commit <= n->own.s.last.index || w->kept_n > KEPT_MAX / 2)
        return;
    uint8_t *bytes = keep(w);
    state_to_bytes(n->commit, n->state, bytes);
    n->own.state = n->state;
    n->own.s.bytes = bytes;
    n->own.s.n = STATE_BYTES;
    raft_event e = {.kind = RAFT_EV_SNAPSHOT};
    e.as.snapshot.index = n->commit;
    e.as.snapshot.bytes = bytes;
    e.as.snapshot.n = STATE_BYTES;
    step(w, who, e);
    w->snapshots++;
}

static void ask_read(water *w, uint32_t who)
{
    raft_event e = {.kind = RAFT_EV_READ};
    e.as.read.ticket = ++w->tickets;
    w->reads[w->tickets % READS_MAX] = (asked_read){
        .ticket = w->tickets, .who = who, .at_least = w->committed_n, .open = true};
    step(w, who, e);
}

static void change_members(water *w, uint32_t who)
{
    if (!w->members_change || w->kept_n > KEPT_MAX / 2)
        return;
    raft_event e = {.kind = RAFT_EV_CHANGE};
    e.as.change.ticket = ++w->tickets;
    e.as.change.what = (raft_change)draw(w, RAFT_CHANGE_COUNT);
    e.as.change.who = (raft_id)(1 + draw(w, w->nodes));
    e.as.change.wanted.voters = draw(w, UINT64_C(1) << w->nodes);
    e.as.change.wanted.learners = draw(w, UINT64_C(1) << w->nodes) & ~e.as.change.wanted.voters;
    e.as.change.wanted.by_hand = draw(w, 2);
    step(w, who, e);
}

/* --- Weather ------------------------------------------------------------------------- */

/* Mostly a leader, for what only leaders do. */
static uint32_t draw_leader(water *w)
{
    const uint32_t from = (uint32_t)draw(w, w->nodes);
    for (uint32_t i = 0; draw(w, 8) > 0 && i < w->nodes; i++) {
        if (w->at[(from + i) % w->nodes].r->role == RAFT_LEADER)
            return (from + i) % w->nodes;
    }
    return from;
}

static void act(water *w)
{
    const uint32_t who = (uint32_t)draw(w, w->nodes);
    const uint64_t dice = draw(w, 1000);
    if (w->late && draw(w, 8) == 0)
        hear_one(w, (uint32_t)draw(w, w->nodes));
    w->now += draw(w, 4 * RIG_MS);
    if (dice < 520 && w->under_way > 0)
        deliver(w, (uint32_t)draw(w, w->under_way), draw(w, 20) == 0);
    else if (dice < 560 && w->under_way > 0)
        lose(w, (uint32_t)draw(w, w->under_way));
    else if (dice < 830)
        sync_one(w, who);
    else if (dice < 880)
        fire(w, who, RAFT_TIMER_HEARTBEAT);
    else if (dice < 908)
        fire(w, who, RAFT_TIMER_ELECTION);
    else if (dice < 955)
        propose(w, who);
    else if (dice < 965)
        change_members(w, draw_leader(w));
    else if (dice < 972)
        take_snapshot(w, who);
    else if (dice < 979)
        ask_read(w, draw(w, 2) ? who : draw_leader(w));
    else if (dice < 980)
        step(w, draw_leader(w),
             (raft_event){.kind = RAFT_EV_TRANSFER,
                          .as.transfer = (raft_id)draw(w, w->nodes + 1)});
    else if (dice < 990)
        boot(w, who);
    else if (dice < 993)
        step(w, who, (raft_event){.kind = RAFT_EV_CAMPAIGN});
    else if (dice < 995)
        step(w, who, (raft_event){.kind = RAFT_EV_STEP_DOWN});
    else if (dice < 997)
        w->now -= draw(w, w->now / 2 + 1); /* clocks may be set back */
    else
        w->cut = draw(w, 2) ? draw(w, UINT64_C(1) << w->nodes) : 0;
}

/* The members of the leader's configuration follow it and have all that it has. */
static bool agreed(const water *w)
{
    for (uint32_t l = 0; l < w->nodes; l++) {
        raft_view lead, other;
        raft_look(w->at[l].r, &lead);
        if (lead.role != RAFT_LEADER || lead.commit != lead.last.index ||
            lead.configuration.outgoing != 0)
            continue;
        bool all = true;
        for (uint32_t i = 0; i < w->nodes; i++) {
            raft_look(w->at[i].r, &other);
            if (!raft_set_has(lead.configuration.voters | lead.configuration.learners,
                              other.id))
                continue;
            all = all && other.leader == lead.id && other.term == lead.term &&
                  other.commit == lead.commit && other.last.index == lead.last.index;
        }
        if (all)
            return true;
    }
    return false;
}

/* A joint configuration that waits for a hand does so for ever. */
static void leave_by_hand(water *w)
{
    for (uint32_t i = 0; i < w->nodes; i++) {
        raft_view v;
        raft_look(w->at[i].r, &v);
        raft_event e = {.kind = RAFT_EV_CHANGE};
        e.as.change.ticket = ++w->tickets;
        e.as.change.what = RAFT_CHANGE_LEAVE;
        if (v.role == RAFT_LEADER && v.configuration.by_hand && v.commit == v.last.index)
            step(w, i, e);
    }
}

static void sync_all(water *w)
{
    for (uint32_t i = 0; i < w->nodes; i++) {
        while (w->at[i].queued > 0 || w->at[i].news_n > 0) {
            sync_one(w, i);
            hear_one(w, i);
        }
    }
}

/* Everything arrives, and timers fire when nothing else happens. */
static void calm_down(water *w)
{
    uint32_t acts = 0;
    w->cut = 0;
    for (uint32_t turn = 0; !agreed(w); turn++) {
        sync_all(w);
        while (w->under_way > 0) {
            deliver(w, 0, false);
            sync_all(w);
            PROMISE(w, ++acts < CALM_ACTS_MAX);
        }
        w->now += 400 * RIG_MS;
        leave_by_hand(w);
        bool led = false;
        for (uint32_t i = 0; i < w->nodes; i++) {
            led |= w->at[i].armed[RAFT_TIMER_HEARTBEAT];
            fire(w, i, RAFT_TIMER_HEARTBEAT);
        }
        if (!led || turn % 8 == 7)
            fire(w, (uint32_t)draw(w, w->nodes), RAFT_TIMER_ELECTION);
        PROMISE(w, turn < 400);
    }
}

static void run(water *w, uint64_t seed, uint32_t nodes, unsigned options)
{
    memset(w, 0, sizeof *w);
    w->seed = seed;
    w->random = (seed + 1) * 0x9E3779B97F4A7C15u;
    w->nodes = nodes;
    w->now = 1000 * RIG_MS;
    w->config = rig_config(1, nodes);
    w->config.batch_max = BATCH;
    w->config.pipeline_max = 1 + (uint32_t)draw(w, 3);
    w->config.pre_vote = options & 1;
    w->config.check_quorum = options & 2;
    w->config.disruption_guard = options & 3;
    w->config.snapshot_chunk = CHUNK;
    w->config.catch_up_rounds = 3;
    w->config.inflight_bytes_max = options & 1 ? 40 : 0;
    w->config.keep = keep_configuration; /* messages and disks hold them as well */
    w->config.keep_self = w;
    w->late = seed / 8 % 2;
    w->members_change = nodes > 1 && options & 4;
    for (uint32_t i = 0; i < nodes; i++)
        boot(w, i);
    for (uint32_t i = 0; i < ACTS; i++)
        act(w);
    calm_down(w);
}

static const uint32_t sizes[] = {1, 2, 3, 4, 5};

START_TEST(the_promises_hold_in_rough_water)
{
    static water w;
    const uint32_t nodes = sizes[_i];
    uint64_t committed = 0, changes = 0, installs = 0, transfers = 0, answers = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        run(&w, seed, nodes, (unsigned)(seed % 8));
        committed += w.committed_n;
        changes += w.changes;
        installs += w.installs;
        transfers += w.transfers;
        answers += w.answers;
        for (uint32_t i = 0; i < nodes; i++)
            raft_free(w.at[i].r);
    }
    ck_assert_uint_gt(committed, 10 * SEEDS); /* the runs are not empty */
    ck_assert_uint_gt(answers, SEEDS / 10);
    if (nodes > 2) {
        ck_assert_uint_gt(changes, SEEDS / 10);
        ck_assert_uint_gt(installs, SEEDS / 10);
        ck_assert_uint_gt(transfers, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft model");
    TCase *t = tcase_create("model");
    tcase_add_loop_test(t, the_promises_hold_in_rough_water, 0, ROWS(sizes));
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
