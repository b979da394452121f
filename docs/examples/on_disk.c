/* on_disk.c - the core of raft/ in a program of its own: three servers that add numbers, each
 * with a file as its disk (see docs/core.md).
 *
 *     on_disk FOLDER        the files are FOLDER/1, FOLDER/2 and FOLDER/3; started again on
 *                           the same folder it goes on from what they hold
 *
 * What a product does otherwise: each server is a process, messages go through a network and
 * not through a queue, the clock and the delays are real.  Snapshots, reads, sessions and
 * changes of members are left out: who never asks for them never gets their effects. */
#define _POSIX_C_SOURCE 200809L
#include "raft/raft.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SERVERS = 3, WAITING_MAX = 256, ENTRY_BYTES_MAX = 1 << 20 };

/* A message on its way, with all that it points to. */
typedef struct packet {
    struct packet *next;
    raft_msg msg;
    raft_entry entries[];
} packet;

typedef struct server {
    raft_id id;
    raft *core; /* NULL: it is down */
    int disk;
    bool dirty;                   /* written, and not synced yet */
    bool log_moved;               /* of that, anything in the log */
    raft_point end;               /* of the log, as written */
    packet *waiting[WAITING_MAX]; /* they leave when the disk is synced */
    uint32_t waiting_n;
    packet *kept;                  /* what came in: entries of the log point into it */
    raft_us due[RAFT_TIMER_COUNT]; /* 0: not armed */
    raft_index applied;
    int64_t sum;         /* the application */
    uint64_t ticket;     /* a client waits for this one; 0: nobody waits */
    raft_point promised; /* where its entry stands in the log */
} server;

static server servers[SERVERS];
static raft_us now = 1;
static packet *first_packet, **last_packet = &first_packet;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static raft_us random_between(raft_us low, raft_us high)
{
    static uint64_t state = 88172645463325252; /* a product asks the machine */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return low + state % (high - low + 1);
}

/* ---- the disk: a journal of what the core asked to be written --------------------------- */

typedef struct record {
    uint64_t index, term, checksum; /* of the record with checksum 0, and the bytes */
    uint32_t bytes;                 /* behind it */
    char what;                      /* 'H'ard state, 'T'runcate, 'A'ppend */
    uint8_t kind;                   /* of the entry */
    raft_id vote;
} record;

static uint64_t checksum_of(const record *r, const uint8_t *bytes)
{
    record copy = *r;
    uint64_t h = 14695981039346656037U;
    copy.checksum = 0;
    for (size_t i = 0; i < sizeof copy; i++)
        h = (h ^ ((const uint8_t *)&copy)[i]) * 1099511628211U;
    for (uint32_t i = 0; i < r->bytes; i++)
        h = (h ^ bytes[i]) * 1099511628211U;
    return h;
}

static void journal(server *s, record r, const uint8_t *bytes)
{
    record whole;
    assert(r.bytes <= ENTRY_BYTES_MAX);
    memset(&whole, 0, sizeof whole); /* what stands between the members counts as well */
    whole.index = r.index;
    whole.term = r.term;
    whole.bytes = r.bytes;
    whole.what = r.what;
    whole.kind = r.kind;
    whole.vote = r.vote;
    whole.checksum = checksum_of(&whole, bytes);
    if (write(s->disk, &whole, sizeof whole) != (ssize_t)sizeof whole ||
        (r.bytes && write(s->disk, bytes, r.bytes) != (ssize_t)r.bytes))
        fail("write"); /* a server that cannot write must stop */
    s->dirty = true;
}

/* What survived: the last hard state, and the log. */
typedef struct survivors {
    raft_term term;
    raft_id vote;
    raft_entry *entries;
    uint64_t n;
} survivors;

static void take_record(server *s, survivors *kept, const record *r, packet *bytes)
{
    switch (r->what) {
    case 'H':
        kept->term = r->term;
        kept->vote = r->vote;
        break;
    case 'T':
        kept->n = r->index - 1;
        break;
    case 'A':
        assert(r->index == kept->n + 1);
        kept->entries = realloc(kept->entries, (kept->n + 1) * sizeof *kept->entries);
        kept->entries[kept->n++] = (raft_entry){.term = r->term,
                                                .kind = r->kind,
                                                .bytes = r->bytes,
                                                .data = (const uint8_t *)bytes->entries};
        break;
    }
    bytes->next = s->kept;
    s->kept = bytes;
}

/* Reads the journal up to its end, or to a record that a crash left half written: nobody was
 * told of that one, so it may go. */
static survivors recover(server *s)
{
    survivors kept = {0};
    record r;
    off_t good = 0;
    while (read(s->disk, &r, sizeof r) == (ssize_t)sizeof r && r.bytes <= ENTRY_BYTES_MAX) {
        packet *bytes = calloc(1, sizeof *bytes + r.bytes);
        if (read(s->disk, bytes->entries, r.bytes) != (ssize_t)r.bytes ||
            checksum_of(&r, (const uint8_t *)bytes->entries) != r.checksum) {
            free(bytes);
            break;
        }
        take_record(s, &kept, &r, bytes);
        good += (off_t)(sizeof r + r.bytes);
    }
    if (ftruncate(s->disk, good) != 0 || lseek(s->disk, good, SEEK_SET) != good)
        fail("recover");
    return kept;
}

/* ---- the network ------------------------------------------------------------------------ */

/* As it would be put on the wire: the message and what it points to belongs to the sender. */
static packet *pack(const raft_msg *m)
{
    const uint32_t n = m->kind == RAFT_MSG_APPEND_ENTRIES ? m->as.append.n : 0;
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += m->as.append.entries[i].bytes;
    packet *p = calloc(1, sizeof *p + n * sizeof *p->entries + bytes);
    uint8_t *at = (uint8_t *)(p->entries + n);
    p->msg = *m;
    for (uint32_t i = 0; i < n; i++) {
        p->entries[i] = m->as.append.entries[i];
        if (p->entries[i].bytes)
            memcpy(at, p->entries[i].data, p->entries[i].bytes);
        p->entries[i].data = at;
        at += p->entries[i].bytes;
    }
    if (m->kind == RAFT_MSG_APPEND_ENTRIES)
        p->msg.as.append.entries = p->entries;
    return p;
}

static void leave(packet *p)
{
    p->next = NULL;
    *last_packet = p;
    last_packet = &p->next;
}

/* ---- the application -------------------------------------------------------------------- */

static void apply_up_to(server *s, raft_index commit)
{
    while (s->applied < commit) {
        const raft_entry *e = raft_entry_at(s->core, ++s->applied);
        int64_t number;
        if (e->kind == RAFT_ENTRY_COMMAND) {
            assert(e->bytes == sizeof number);
            memcpy(&number, e->data, sizeof number);
            s->sum += number;
        }
        if (s->ticket && s->promised.index == s->applied) {
            printf("%" PRIu64 " us: server %d answers: %s, %" PRId64 "\n", now, s->id,
                   s->promised.term == e->term ? "ok" : "another entry took its place", s->sum);
            s->ticket = 0;
        }
    }
}

/* ---- the effects ------------------------------------------------------------------------ */

static void carry_out(server *s, const raft_effect *e)
{
    switch (e->kind) {
    case RAFT_FX_HARD_STATE:
        journal(
            s,
            (record){.what = 'H', .term = e->as.hard_state.term, .vote = e->as.hard_state.vote},
            NULL);
        break;
    case RAFT_FX_TRUNCATE:
        journal(s, (record){.what = 'T', .index = e->as.truncate}, NULL);
        s->end.index = e->as.truncate - 1;
        s->end.term = s->end.index ? raft_entry_at(s->core, s->end.index)->term : 0;
        s->log_moved = true;
        break;
    case RAFT_FX_APPEND:
        for (uint32_t i = 0; i < e->as.append.n; i++) {
            const raft_entry *entry = &e->as.append.at[i];
            s->end = (raft_point){e->as.append.first + i, entry->term};
            journal(s,
                    (record){.what = 'A',
                             .index = s->end.index,
                             .term = entry->term,
                             .kind = entry->kind,
                             .bytes = entry->bytes},
                    entry->data);
        }
        s->log_moved = true;
        break;
    case RAFT_FX_SEND: /* thesis 3.8, 10.2.1 */
        assert(s->waiting_n < WAITING_MAX);
        if (e->as.send.after_writes && s->dirty)
            s->waiting[s->waiting_n++] = pack(&e->as.send.msg);
        else
            leave(pack(&e->as.send.msg));
        break;
    case RAFT_FX_ARM:
        s->due[e->as.arm.timer] = now + random_between(e->as.arm.min, e->as.arm.max);
        break;
    case RAFT_FX_DISARM:
        s->due[e->as.disarm] = 0;
        break;
    case RAFT_FX_COMMIT:
        apply_up_to(s, e->as.commit);
        break;
    case RAFT_FX_ACCEPT:
        s->ticket = e->as.accept.ticket;
        s->promised = e->as.accept.at;
        break;
    case RAFT_FX_REFUSE:
        printf("%" PRIu64 " us: server %d refuses: %s, the leader is %d\n", now, s->id,
               raft_refusal_name(e->as.refuse.why), e->as.refuse.leader);
        break;
    case RAFT_FX_ROLE:
        printf("%" PRIu64 " us: server %d: %s -> %s, %s\n", now, s->id,
               raft_role_name(e->as.role.from), raft_role_name(e->as.role.to), e->as.role.why);
        break;
    case RAFT_FX_CONFIGURATION:
    case RAFT_FX_IGNORED:
        break; /* for logs and metrics */
    case RAFT_FX_SNAPSHOT_CHUNK:
    case RAFT_FX_SNAPSHOT_INSTALL:
    case RAFT_FX_COMPACT:
    case RAFT_FX_READ_READY:
    case RAFT_FX_DONE:
    case RAFT_EFFECT_COUNT:
        abort(); /* never asked for */
    }
}

/* Gives the core an event, and does what it says: in its order, then the sync, then what
 * had to wait for it, and then the core hears that its log is durable. */
static void step(server *s, const raft_event *event)
{
    const raft_effects *todo = raft_step(s->core, event);
    for (uint32_t i = 0; i < todo->n; i++)
        carry_out(s, &todo->at[i]);
    if (!s->dirty)
        return;
    if (fsync(s->disk) != 0)
        fail("fsync"); /* what is on the disk is unknown: stop */
    s->dirty = false;
    for (uint32_t i = 0; i < s->waiting_n; i++)
        leave(s->waiting[i]);
    s->waiting_n = 0;
    if (s->log_moved) {
        s->log_moved = false;
        step(s, &(raft_event){.kind = RAFT_EV_PERSISTED, .now = now, .as.persisted = s->end});
    }
}

/* ---- the life of a server --------------------------------------------------------------- */

static void start(server *s, raft_id id, const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%d", folder, id);
    *s = (server){.id = id, .disk = open(path, O_RDWR | O_CREAT, 0600)};
    const int above = open(folder, O_RDONLY); /* that the file exists must survive, too */
    if (s->disk < 0 || above < 0 || fsync(above) != 0)
        fail(path);
    close(above);
    survivors kept = recover(s);
    s->core = raft_new(&(raft_config){
        .id = id,
        .first.voters = (UINT64_C(1) << SERVERS) - 1, /* the same on all, for ever */
        .election_min = 150000,
        .election_max = 300000,
        .heartbeat = 50000,
        .batch_max = 64,
        .pipeline_max = 16,
        .snapshot_chunk = 65536,
        .catch_up_rounds = 10,
        .pre_vote = true,
        .check_quorum = true,
        .disruption_guard = true,
    });
    step(s, &(raft_event){.kind = RAFT_EV_START,
                          .now = now,
                          .as.start = {.term = kept.term,
                                       .vote = kept.vote,
                                       .entries = kept.entries,
                                       .n = kept.n}});
    free(kept.entries);
}

/* A crash: what is not on the disk is gone, and so is what was about to leave. */
static void stop(server *s)
{
    raft_free(s->core);
    close(s->disk);
    for (uint32_t i = 0; i < s->waiting_n; i++)
        free(s->waiting[i]);
    while (s->kept) {
        packet *next = s->kept->next;
        free(s->kept);
        s->kept = next;
    }
    *s = (server){.id = s->id};
}

static void arrive(packet *p)
{
    server *s = &servers[p->msg.to - 1];
    if (!s->core) {
        free(p);
        return;
    }
    p->next = s->kept; /* its bytes may stand in the log from now on */
    s->kept = p;
    step(s, &(raft_event){.kind = RAFT_EV_RECEIVE, .now = now, .as.receive = &p->msg});
}

static void fire_next_timer(void)
{
    server *next = NULL;
    raft_timer timer = RAFT_TIMER_ELECTION;
    for (int i = 0; i < SERVERS; i++)
        for (int t = 0; servers[i].core && t < RAFT_TIMER_COUNT; t++)
            if (servers[i].due[t] && (!next || servers[i].due[t] < next->due[timer])) {
                next = &servers[i];
                timer = (raft_timer)t;
            }
    assert(next);
    now = next->due[timer];
    next->due[timer] = 0;
    step(next, &(raft_event){.kind = RAFT_EV_TIMER, .now = now, .as.timer = timer});
}

static void run_for(raft_us us)
{
    const raft_us end = now + us;
    while (now < end) {
        packet *p = first_packet;
        if (p) {
            first_packet = p->next;
            if (!first_packet)
                last_packet = &first_packet;
            arrive(p);
        } else {
            fire_next_timer();
        }
    }
}

static server *some(raft_role role)
{
    for (int i = 0; i < SERVERS; i++) {
        raft_view v = {0};
        if (servers[i].core)
            raft_look(servers[i].core, &v);
        if (servers[i].core && v.role == role)
            return &servers[i];
    }
    fprintf(stderr, "there is no %s\n", raft_role_name(role));
    exit(1);
}

static void add(server *s, uint64_t ticket, const int64_t *number)
{
    step(s, &(raft_event){.kind = RAFT_EV_PROPOSE,
                          .now = now,
                          .as.propose = {.ticket = ticket,
                                         .entry = {.kind = RAFT_ENTRY_COMMAND,
                                                   .data = (const uint8_t *)number,
                                                   .bytes = sizeof *number}}});
}

int main(int argc, char **argv)
{
    static const int64_t five = 5, seven = 7; /* they live as long as the log holds them */
    if (argc != 2) {
        fprintf(stderr, "usage: on_disk FOLDER\n");
        return 2;
    }
    for (int i = 0; i < SERVERS; i++)
        start(&servers[i], (raft_id)(i + 1), argv[1]);
    run_for(1000000);
    server *old = some(RAFT_LEADER);
    add(old, 1, &five);
    run_for(1000000);
    printf("server %d crashes\n", old->id);
    stop(old);
    run_for(1000000);
    add(some(RAFT_FOLLOWER), 2, &seven);
    add(some(RAFT_LEADER), 3, &seven);
    run_for(1000000);
    printf("server %d starts again\n", old->id);
    start(old, old->id, argv[1]);
    run_for(1000000);
    bool equal = true;
    for (int i = 0; i < SERVERS; i++) {
        printf("server %d: %" PRId64 "\n", servers[i].id, servers[i].sum);
        equal = equal && servers[i].sum == servers[0].sum;
    }
    for (int i = 0; i < SERVERS; i++)
        stop(&servers[i]);
    while (first_packet) {
        packet *next = first_packet->next;
        free(first_packet);
        first_packet = next;
    }
    return equal ? 0 : 1;
}
