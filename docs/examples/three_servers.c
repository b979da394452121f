/* three_servers.c - the core alone, without the tank: three servers in one process, with a
 * disk, a network and a clock that are as simple as can be.  docs/core.md walks through it.
 *
 * Here a write is durable when it is made and a message arrives in order; a product hands
 * both to somebody else, and tells the core when they are done. */
#include "raft/raft.h"

#include <assert.h>
#include <stdio.h>

enum { SERVERS = 3, LOG_MAX = 64, WIRE_MAX = 256, MS = 1000 };

typedef struct server {
    raft *r;
    raft_us due[RAFT_TIMER_COUNT]; /* 0: not armed */
    raft_entry log[LOG_MAX];       /* its disk: the entry at index i is log[i - 1] */
    raft_index commit;
    uint64_t sum; /* its state machine: the sum of all bytes of all commands */
    uint64_t answered, read;
} server;

typedef struct parcel { /* a message with its own copy of the entries */
    raft_msg m;
    raft_entry entries[LOG_MAX];
} parcel;

static server servers[SERVERS];
static parcel wire[WIRE_MAX];
static uint32_t wire_first, wire_n;
static raft_us now;

static void put_on_wire(const raft_msg *m)
{
    assert(wire_n < WIRE_MAX);
    parcel *p = &wire[(wire_first + wire_n++) % WIRE_MAX];
    p->m = *m;
    if (m->kind == RAFT_MSG_APPEND_ENTRIES) { /* they stand in the sender's log, which moves */
        assert(m->as.append.n <= LOG_MAX);
        for (uint32_t i = 0; i < m->as.append.n; i++)
            p->entries[i] = m->as.append.entries[i];
    }
}

static void apply(server *s, raft_index commit)
{
    while (s->commit < commit) {
        const raft_entry *e = &s->log[s->commit++];
        for (uint32_t i = 0; e->kind == RAFT_ENTRY_COMMAND && i < e->bytes; i++)
            s->sum += e->data[i];
    }
}

/* What the core wants done, in its order.  written: the last entry that was written. */
static void carry_out(server *s, const raft_effect *e, raft_point *written)
{
    switch (e->kind) {
    case RAFT_FX_APPEND:
        for (uint32_t i = 0; i < e->as.append.n; i++) {
            const raft_index index = e->as.append.first + i;
            assert(index <= LOG_MAX);
            s->log[index - 1] = e->as.append.at[i];
            *written = (raft_point){.index = index, .term = e->as.append.at[i].term};
        }
        break;
    case RAFT_FX_SEND: /* all writes before it are durable, so after_writes is kept */
        put_on_wire(&e->as.send.msg);
        break;
    case RAFT_FX_ARM: /* any delay in the range; the servers' must differ now and then */
        s->due[e->as.arm.timer] = now + e->as.arm.min + (raft_us)(s - servers) * 10 * MS;
        assert(s->due[e->as.arm.timer] <= now + e->as.arm.max);
        break;
    case RAFT_FX_DISARM:
        s->due[e->as.disarm] = 0;
        break;
    case RAFT_FX_COMMIT:
        apply(s, e->as.commit);
        break;
    case RAFT_FX_ACCEPT:
        s->answered = e->as.accept.ticket;
        break;
    case RAFT_FX_READ_READY: /* the state at this index, or a later one, may be answered */
        assert(s->commit >= e->as.read_ready.index);
        s->read = e->as.read_ready.ticket;
        break;
    case RAFT_FX_REFUSE:
        printf("refused: %s\n", raft_refusal_name(e->as.refuse.why));
        break;
    case RAFT_FX_HARD_STATE: /* to be written: without it a crash forgets a vote */
    case RAFT_FX_TRUNCATE:   /* what is above is overwritten by the next append here */
    case RAFT_FX_SNAPSHOT_CHUNK:
    case RAFT_FX_SNAPSHOT_INSTALL:
    case RAFT_FX_COMPACT:
    case RAFT_FX_DONE:
    case RAFT_FX_CONFIGURATION:
    case RAFT_FX_ROLE:
    case RAFT_FX_IGNORED:
    case RAFT_EFFECT_COUNT:
        break;
    }
}

static void step(server *s, raft_event e)
{
    raft_point written = {0};
    e.now = now;
    const raft_effects *todo = raft_step(s->r, &e);
    for (uint32_t i = 0; i < todo->n; i++)
        carry_out(s, &todo->at[i], &written);
    if (written.index > 0) /* a step of its own: the effects end with the next one */
        step(s, (raft_event){.kind = RAFT_EV_PERSISTED, .as.persisted = written});
}

static void deliver_all(void)
{
    while (wire_n > 0) {
        parcel p = wire[wire_first];
        wire_first = (wire_first + 1) % WIRE_MAX;
        wire_n--;
        if (p.m.kind == RAFT_MSG_APPEND_ENTRIES)
            p.m.as.append.entries = p.entries;
        step(&servers[p.m.to - 1], (raft_event){.kind = RAFT_EV_RECEIVE, .as.receive = &p.m});
    }
}

/* The earliest timer fires. */
static void fire_next(void)
{
    server *who = NULL;
    raft_timer which = RAFT_TIMER_ELECTION;
    for (server *s = servers; s < servers + SERVERS; s++) {
        for (uint32_t k = 0; k < RAFT_TIMER_COUNT; k++) {
            if (s->due[k] != 0 && (!who || s->due[k] < who->due[which])) {
                who = s;
                which = (raft_timer)k;
            }
        }
    }
    assert(who);
    now = who->due[which];
    who->due[which] = 0;
    step(who, (raft_event){.kind = RAFT_EV_TIMER, .as.timer = which});
    deliver_all();
}

static server *leader(void)
{
    for (server *s = servers; s < servers + SERVERS; s++) {
        raft_view v;
        raft_look(s->r, &v);
        if (v.role == RAFT_LEADER)
            return s;
    }
    return NULL;
}

static void boot(server *s, raft_id id)
{
    const raft_config config = {
        .id = id,
        .first = {.voters = (UINT64_C(1) << SERVERS) - 1},
        .election_min = 150 * MS,
        .election_max = 300 * MS,
        .heartbeat = 50 * MS,
        .batch_max = LOG_MAX,
        .pipeline_max = 16,
        .snapshot_chunk = 64 * 1024,
        .catch_up_rounds = 10,
        .pre_vote = true,
        .check_quorum = true,
        .disruption_guard = true,
    };
    s->r = raft_new(&config);
    step(s, (raft_event){.kind = RAFT_EV_START}); /* its disk is empty */
}

int main(void)
{
    static const uint8_t command[] = {5, 7}; /* lives as long as any server holds it */
    for (raft_id id = 1; id <= SERVERS; id++)
        boot(&servers[id - 1], id);
    while (!leader())
        fire_next();

    const raft_entry entry = {
        .kind = RAFT_ENTRY_COMMAND, .data = command, .bytes = sizeof command};
    step(leader(),
         (raft_event){.kind = RAFT_EV_PROPOSE, .as.propose = {.ticket = 1, .entry = entry}});
    deliver_all();
    step(leader(), (raft_event){.kind = RAFT_EV_READ, .as.read = {.ticket = 2}});
    deliver_all();
    assert(leader()->answered == 1 && leader()->read == 2 && leader()->sum == 12);

    fire_next(); /* a heartbeat tells the others what is committed */
    for (server *s = servers; s < servers + SERVERS; s++) {
        printf("server %d: commit %u, sum %u\n", (int)(s - servers) + 1, (unsigned)s->commit,
               (unsigned)s->sum);
        assert(s->sum == 12);
        raft_free(s->r);
    }
    return 0;
}
