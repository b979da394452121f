/* rig.h - a server on the bench: give it an event, read what it does as one line of text.
 *
 *     rig n1 = rig_new(1, 3);
 *     ck_assert_str_eq(rig_timeout(&n1), "hard t1 v1; follower>candidate; …");
 *     rig_free(&n1);
 *
 * The text of an effect:
 *     hard t2 v1              term 2, vote for n1
 *     cut 3 · append 3@2 4@2  writes to the log
 *     >2 RequestVote t1 0@0 w          sent to n2; w: not before its writes are durable
 *     >2 AppendEntries t1 0@0 c0 [1@1] prev, commit, entries
 *     <reply> yes · no · ok 0 to 3 (prev, match) · no 5 try 2@1 (prev, conflict)
 *     arm election · disarm heartbeat · commit 3 · accept #7 2@1 · refuse #7 not_leader 3
 *     follower>candidate · ignored
 *     config n1 n2 +n3 at 4   a configuration (+: learners, old | new) and its entry
 *     chunk 5@2 0+10/20 · install 5@2 n1 n2 · compact 5@2 keeps n1 n2 · done #7
 *     ready #7 5              a read, once 5 is applied
 *     r3                      behind a message: its round, transfer: wanted by the leader
 * Between them stands "; ".  The text is valid until the next one is asked for. */
#ifndef RAFT_TEST_RIG_H
#define RAFT_TEST_RIG_H
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "raft/core.h"
#include "raft/raft.h"
#include "tests/suite.h"

#define ROWS(table) (int)(sizeof(table) / sizeof *(table)) /* for loop tests */

enum { RIG_MS = 1000, RIG_TEXT_BYTES = 1 << 16, RIG_ENTRIES_MAX = 4096 };

enum { RIG_CONFIGS_MAX = 16 };

typedef struct rig {
    uint8_t configs[RIG_CONFIGS_MAX][RAFT_CONFIGURATION_BYTES]; /* of entries, for as long */
    unsigned configs_n;
    raft *r;
    raft_us now;
    const raft_effects *fx;
    const char *why; /* of the last IGNORED or ROLE effect, else NULL */
    char text[RIG_TEXT_BYTES];
} rig;

static inline raft_set rig_first_nodes(unsigned n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static inline raft_config rig_config(unsigned id, unsigned n)
{
    return (raft_config){.id = (raft_id)id,
                         .first.voters = rig_first_nodes(n),
                         .election_min = 150 * RIG_MS,
                         .election_max = 300 * RIG_MS,
                         .heartbeat = 50 * RIG_MS,
                         .batch_max = 64,
                         .batch_bytes_max = 0,
                         .pipeline_max = 16,
                         .snapshot_chunk = 1024,
                         .catch_up_rounds = 10};
}

static inline void rig_say(rig *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void rig_say(rig *g, const char *format, ...)
{
    const size_t used = strlen(g->text);
    va_list args;
    va_start(args, format);
    vsnprintf(g->text + used, sizeof g->text - used, format, args);
    va_end(args);
}

static inline uint64_t rig_round(const raft_msg *m)
{
    switch ((raft_msg_kind)m->kind) {
    case RAFT_MSG_APPEND_ENTRIES:
        return m->as.append.round;
    case RAFT_MSG_APPEND_ENTRIES_REPLY:
        return m->as.append_reply.round;
    case RAFT_MSG_INSTALL_SNAPSHOT:
        return m->as.snapshot.round;
    case RAFT_MSG_INSTALL_SNAPSHOT_REPLY:
        return m->as.snapshot_reply.round;
    case RAFT_MSG_REQUEST_VOTE:
    case RAFT_MSG_REQUEST_VOTE_REPLY:
    case RAFT_MSG_PRE_VOTE:
    case RAFT_MSG_PRE_VOTE_REPLY:
    case RAFT_MSG_TIMEOUT_NOW:
    case RAFT_MSG_READ_INDEX:
    case RAFT_MSG_READ_INDEX_REPLY:
    case RAFT_MSG_COUNT:
        break;
    }
    return 0;
}

static inline void rig_say_message(rig *g, const raft_msg *m, bool after_writes)
{
    rig_say(g, ">%u %s t%" PRIu64, m->to, raft_msg_name(m->kind), m->term);
    switch ((raft_msg_kind)m->kind) {
    case RAFT_MSG_REQUEST_VOTE:
    case RAFT_MSG_PRE_VOTE:
        rig_say(g, " %" PRIu64 "@%" PRIu64 "%s", m->as.vote.last.index, m->as.vote.last.term,
                m->as.vote.transfer ? " transfer" : "");
        break;
    case RAFT_MSG_REQUEST_VOTE_REPLY:
    case RAFT_MSG_PRE_VOTE_REPLY:
        rig_say(g, m->as.vote_reply.granted ? " yes" : " no");
        break;
    case RAFT_MSG_APPEND_ENTRIES:
        rig_say(g, " %" PRIu64 "@%" PRIu64 " c%" PRIu64 " [", m->as.append.prev.index,
                m->as.append.prev.term, m->as.append.commit);
        for (uint32_t i = 0; i < m->as.append.n; i++)
            rig_say(g, "%s%" PRIu64 "@%" PRIu64, i ? " " : "", m->as.append.prev.index + i + 1,
                    m->as.append.entries[i].term);
        rig_say(g, "]");
        break;
    case RAFT_MSG_APPEND_ENTRIES_REPLY:
        if (m->as.append_reply.ok)
            rig_say(g, " ok %" PRIu64 " to %" PRIu64, m->as.append_reply.prev,
                    m->as.append_reply.match);
        else
            rig_say(g, " no %" PRIu64 " try %" PRIu64 "@%" PRIu64, m->as.append_reply.prev,
                    m->as.append_reply.conflict.index, m->as.append_reply.conflict.term);
        break;
    case RAFT_MSG_INSTALL_SNAPSHOT:
        rig_say(g, " %" PRIu64 "@%" PRIu64 " %" PRIu64 "+%u/%" PRIu64,
                m->as.snapshot.last.index, m->as.snapshot.last.term, m->as.snapshot.offset,
                m->as.snapshot.n, m->as.snapshot.total);
        break;
    case RAFT_MSG_INSTALL_SNAPSHOT_REPLY:
        rig_say(g, " %" PRIu64 "@%" PRIu64 " next %" PRIu64 "%s",
                m->as.snapshot_reply.last.index, m->as.snapshot_reply.last.term,
                m->as.snapshot_reply.next, m->as.snapshot_reply.done ? " done" : "");
        break;
    case RAFT_MSG_TIMEOUT_NOW:
        break;
    case RAFT_MSG_READ_INDEX:
        rig_say(g, " #%" PRIu64, m->as.read.ticket);
        break;
    case RAFT_MSG_READ_INDEX_REPLY:
        rig_say(g, " #%" PRIu64 " %" PRIu64 "%s", m->as.read.ticket, m->as.read.index,
                m->as.read.ok ? " ok" : " no");
        break;
    case RAFT_MSG_COUNT:
        break;
    }
    const uint64_t round = rig_round(m);
    if (round)
        rig_say(g, " r%" PRIu64, round);
    if (after_writes)
        rig_say(g, " w");
}

static inline void rig_say_set(rig *g, raft_set set)
{
    const char *between = "";
    while (set) {
        rig_say(g, "%sn%u", between, raft_set_pop(&set));
        between = " ";
    }
}

/* "n1 n2 n3", joint "n1 n2 | n2 n3", with learners "n1 +n4", by hand "… by hand". */
static inline void rig_say_configuration(rig *g, const raft_configuration *c)
{
    if (c->outgoing) {
        rig_say_set(g, c->outgoing);
        rig_say(g, " | ");
    }
    rig_say_set(g, c->voters);
    for (raft_set left = c->learners; left;)
        rig_say(g, " +n%u", raft_set_pop(&left));
    rig_say(g, c->by_hand ? " by hand" : "");
}

static inline void rig_say_effect(rig *g, const raft_effect *e)
{
    switch (e->kind) {
    case RAFT_FX_HARD_STATE:
        rig_say(g, "hard t%" PRIu64 " v%u", e->as.hard_state.term, e->as.hard_state.vote);
        break;
    case RAFT_FX_TRUNCATE:
        rig_say(g, "cut %" PRIu64, e->as.truncate);
        break;
    case RAFT_FX_APPEND:
        rig_say(g, "append");
        for (uint32_t i = 0; i < e->as.append.n; i++)
            rig_say(g, " %" PRIu64 "@%" PRIu64, e->as.append.first + i,
                    e->as.append.at[i].term);
        break;
    case RAFT_FX_SEND:
        rig_say_message(g, &e->as.send.msg, e->as.send.after_writes);
        break;
    case RAFT_FX_ARM:
        rig_say(g, "arm %s", raft_timer_name(e->as.arm.timer));
        break;
    case RAFT_FX_DISARM:
        rig_say(g, "disarm %s", raft_timer_name(e->as.disarm));
        break;
    case RAFT_FX_COMMIT:
        rig_say(g, "commit %" PRIu64, e->as.commit);
        break;
    case RAFT_FX_ACCEPT:
        rig_say(g, "accept #%" PRIu64 " %" PRIu64 "@%" PRIu64, e->as.accept.ticket,
                e->as.accept.at.index, e->as.accept.at.term);
        break;
    case RAFT_FX_REFUSE:
        rig_say(g, "refuse #%" PRIu64 " %s %u", e->as.refuse.ticket,
                raft_refusal_name(e->as.refuse.why), e->as.refuse.leader);
        break;
    case RAFT_FX_ROLE:
        rig_say(g, "%s>%s", raft_role_name(e->as.role.from), raft_role_name(e->as.role.to));
        g->why = e->as.role.why;
        break;
    case RAFT_FX_IGNORED:
        rig_say(g, "ignored");
        g->why = e->as.ignored;
        break;
    case RAFT_FX_SNAPSHOT_CHUNK:
        rig_say(g, "chunk %" PRIu64 "@%" PRIu64 " %" PRIu64 "+%u/%" PRIu64,
                e->as.chunk.last.index, e->as.chunk.last.term, e->as.chunk.offset,
                e->as.chunk.n, e->as.chunk.total);
        break;
    case RAFT_FX_SNAPSHOT_INSTALL:
    case RAFT_FX_COMPACT:
        rig_say(g, "%s %" PRIu64 "@%" PRIu64 "%s ",
                e->kind == RAFT_FX_COMPACT ? "compact" : "install", e->as.snapshot.last.index,
                e->as.snapshot.last.term, e->as.snapshot.keeps_log ? " keeps" : "");
        rig_say_configuration(g, &e->as.snapshot.configuration);
        break;
    case RAFT_FX_READ_READY:
        rig_say(g, "ready #%" PRIu64 " %" PRIu64, e->as.read_ready.ticket,
                e->as.read_ready.index);
        break;
    case RAFT_FX_DONE:
        rig_say(g, "done #%" PRIu64, e->as.done);
        break;
    case RAFT_FX_CONFIGURATION:
        rig_say(g, "config ");
        rig_say_configuration(g, &e->as.configuration.now);
        rig_say(g, " at %" PRIu64, e->as.configuration.index);
        break;
    case RAFT_EFFECT_COUNT:
        ck_abort();
    }
}

static inline const char *rig_step(rig *g, raft_event e)
{
    e.now = g->now;
    g->fx = raft_step(g->r, &e);
    g->text[0] = '\0';
    g->why = NULL;
    for (uint32_t i = 0; i < g->fx->n; i++) {
        rig_say(g, i ? "; " : "");
        rig_say_effect(g, &g->fx->at[i]);
    }
    return g->text;
}

/* A log as the terms of its entries, "1 1 2"; returns how many. */
static inline uint32_t rig_entries(const char *terms, raft_entry *out)
{
    uint32_t n = 0;
    for (const char *at = terms; *at;) {
        char *end;
        const raft_term term = strtoull(at, &end, 10);
        ck_assert_ptr_ne(end, at);
        out[n++] = (raft_entry){.term = term, .kind = RAFT_ENTRY_COMMAND, .checksum = term};
        ck_assert_uint_lt(n, RIG_ENTRIES_MAX);
        at = end + strspn(end, " ");
    }
    return n;
}

static inline void rig_start(rig *g, const raft_config *config, raft_term term, raft_id vote,
                             const char *terms)
{
    static raft_entry entries[RIG_ENTRIES_MAX];
    *g = (rig){.r = raft_new(config), .now = 1000 * RIG_MS};
    raft_event e = {.kind = RAFT_EV_START};
    e.as.start.term = term;
    e.as.start.vote = vote;
    e.as.start.n = rig_entries(terms, entries);
    e.as.start.entries = entries;
    ck_assert_str_eq(rig_step(g, e), "arm election");
}

static inline void rig_new(rig *g, unsigned id, unsigned n)
{
    const raft_config config = rig_config(id, n);
    rig_start(g, &config, 0, 0, "");
}

static inline void rig_free(rig *g)
{
    raft_free(g->r);
    g->r = NULL;
}

static inline const char *rig_timer(rig *g, raft_timer timer)
{
    return rig_step(g, (raft_event){.kind = RAFT_EV_TIMER, .as.timer = timer});
}
static inline const char *rig_timeout(rig *g)
{
    return rig_timer(g, RAFT_TIMER_ELECTION);
}
static inline const char *rig_heartbeat(rig *g)
{
    return rig_timer(g, RAFT_TIMER_HEARTBEAT);
}
static inline const char *rig_campaign(rig *g)
{
    return rig_step(g, (raft_event){.kind = RAFT_EV_CAMPAIGN});
}
static inline const char *rig_step_down(rig *g)
{
    return rig_step(g, (raft_event){.kind = RAFT_EV_STEP_DOWN});
}
static inline const char *rig_persisted(rig *g, raft_index index, raft_term term)
{
    return rig_step(g, (raft_event){.kind = RAFT_EV_PERSISTED,
                                    .as.persisted = {.index = index, .term = term}});
}
static inline const char *rig_propose_bytes(rig *g, uint64_t ticket, uint32_t bytes)
{
    static const uint8_t data[4096];
    raft_event e = {.kind = RAFT_EV_PROPOSE};
    e.as.propose.ticket = ticket;
    e.as.propose.entry =
        (raft_entry){.kind = RAFT_ENTRY_COMMAND, .data = bytes ? data : NULL, .bytes = bytes};
    return rig_step(g, e);
}
static inline const char *rig_propose(rig *g, uint64_t ticket)
{
    return rig_propose_bytes(g, ticket, 0);
}

static inline const char *rig_receive(rig *g, raft_msg m)
{
    return rig_step(g, (raft_event){.kind = RAFT_EV_RECEIVE, .as.receive = &m});
}

/* A message to this server, with its head filled in. */
static inline raft_msg rig_message(const rig *g, raft_msg_kind kind, unsigned from,
                                   raft_term term)
{
    return (raft_msg){
        .kind = (uint8_t)kind, .from = (raft_id)from, .to = g->r->id, .term = term};
}

static inline const char *rig_request(rig *g, raft_msg_kind kind, unsigned from, raft_term term,
                                      raft_index last_index, raft_term last_term)
{
    raft_msg m = rig_message(g, kind, from, term);
    m.as.vote.last = (raft_point){.index = last_index, .term = last_term};
    return rig_receive(g, m);
}
static inline const char *rig_request_vote(rig *g, unsigned from, raft_term term,
                                           raft_index last_index, raft_term last_term)
{
    return rig_request(g, RAFT_MSG_REQUEST_VOTE, from, term, last_index, last_term);
}
static inline const char *rig_pre_vote(rig *g, unsigned from, raft_term term,
                                       raft_index last_index, raft_term last_term)
{
    return rig_request(g, RAFT_MSG_PRE_VOTE, from, term, last_index, last_term);
}
static inline const char *rig_answer(rig *g, raft_msg_kind kind, unsigned from, raft_term term,
                                     bool granted)
{
    raft_msg m = rig_message(g, kind, from, term);
    m.as.vote_reply.granted = granted;
    return rig_receive(g, m);
}
static inline const char *rig_vote(rig *g, unsigned from, raft_term term, bool granted)
{
    return rig_answer(g, RAFT_MSG_REQUEST_VOTE_REPLY, from, term, granted);
}
static inline const char *rig_pre_vote_reply(rig *g, unsigned from, raft_term term,
                                             bool granted)
{
    return rig_answer(g, RAFT_MSG_PRE_VOTE_REPLY, from, term, granted);
}

static inline const char *rig_append(rig *g, unsigned from, raft_term term,
                                     raft_index prev_index, raft_term prev_term,
                                     raft_index commit, const char *terms)
{
    raft_entry entries[RIG_ENTRIES_MAX];
    raft_msg m = rig_message(g, RAFT_MSG_APPEND_ENTRIES, from, term);
    m.as.append.prev = (raft_point){.index = prev_index, .term = prev_term};
    m.as.append.commit = commit;
    m.as.append.n = rig_entries(terms, entries);
    m.as.append.entries = m.as.append.n ? entries : NULL;
    return rig_receive(g, m);
}
static inline const char *rig_accepted(rig *g, unsigned from, raft_term term, raft_index prev,
                                       raft_index match)
{
    raft_msg m = rig_message(g, RAFT_MSG_APPEND_ENTRIES_REPLY, from, term);
    m.as.append_reply.ok = true;
    m.as.append_reply.prev = prev;
    m.as.append_reply.match = match;
    return rig_receive(g, m);
}
static inline const char *rig_refused(rig *g, unsigned from, raft_term term, raft_index prev,
                                      raft_index conflict_index, raft_term conflict_term)
{
    raft_msg m = rig_message(g, RAFT_MSG_APPEND_ENTRIES_REPLY, from, term);
    m.as.append_reply.prev = prev;
    m.as.append_reply.conflict = (raft_point){.index = conflict_index, .term = conflict_term};
    return rig_receive(g, m);
}

static inline const char *rig_transfer(rig *g, unsigned to)
{
    return rig_step(g, (raft_event){.kind = RAFT_EV_TRANSFER, .as.transfer = (raft_id)to});
}
static inline const char *rig_timeout_now(rig *g, unsigned from, raft_term term)
{
    return rig_receive(g, rig_message(g, RAFT_MSG_TIMEOUT_NOW, from, term));
}
static inline const char *rig_app_failed(rig *g)
{
    return rig_step(g, (raft_event){.kind = RAFT_EV_APP_FAILED});
}
static inline const char *rig_change(rig *g, uint64_t ticket, raft_change what, unsigned who)
{
    raft_event e = {.kind = RAFT_EV_CHANGE};
    e.as.change.ticket = ticket;
    e.as.change.what = what;
    e.as.change.who = (raft_id)who;
    return rig_step(g, e);
}
static inline const char *rig_reconfigure(rig *g, uint64_t ticket, raft_set voters,
                                          raft_set learners, bool by_hand)
{
    raft_event e = {.kind = RAFT_EV_CHANGE};
    e.as.change.ticket = ticket;
    e.as.change.what = RAFT_CHANGE_RECONFIGURE;
    e.as.change.wanted.voters = voters;
    e.as.change.wanted.learners = learners;
    e.as.change.wanted.by_hand = by_hand;
    return rig_step(g, e);
}
static inline const char *rig_read(rig *g, uint64_t ticket, bool lease)
{
    raft_event e = {.kind = RAFT_EV_READ};
    e.as.read.ticket = ticket;
    e.as.read.lease = lease;
    return rig_step(g, e);
}
/* What the leader says to a follower that asked it. */
static inline const char *rig_read_reply(rig *g, unsigned from, raft_term term, uint64_t ticket,
                                         raft_index index, bool ok)
{
    raft_msg m = rig_message(g, RAFT_MSG_READ_INDEX_REPLY, from, term);
    m.as.read.ticket = ticket;
    m.as.read.index = index;
    m.as.read.ok = ok;
    return rig_receive(g, m);
}
static inline const char *rig_snapshot(rig *g, raft_index index, const void *bytes, uint64_t n)
{
    raft_event e = {.kind = RAFT_EV_SNAPSHOT};
    e.as.snapshot.index = index;
    e.as.snapshot.bytes = bytes;
    e.as.snapshot.n = n;
    return rig_step(g, e);
}
static inline const char *rig_installed(rig *g, raft_index index, raft_term term,
                                        const void *bytes, uint64_t n)
{
    raft_event e = {.kind = RAFT_EV_INSTALLED};
    e.as.installed.last = (raft_point){index, term};
    e.as.installed.bytes = bytes;
    e.as.installed.n = n;
    return rig_step(g, e);
}
/* A chunk of a snapshot of the voters n1 n2 n3 n4. */
static inline const char *rig_chunk(rig *g, unsigned from, raft_term term, raft_index index,
                                    raft_term last_term, uint64_t offset, uint32_t n,
                                    uint64_t total)
{
    static const uint8_t bytes[4096];
    raft_msg m = rig_message(g, RAFT_MSG_INSTALL_SNAPSHOT, from, term);
    m.as.snapshot.last = (raft_point){index, last_term};
    m.as.snapshot.configuration.voters = rig_first_nodes(4);
    m.as.snapshot.offset = offset;
    m.as.snapshot.total = total;
    m.as.snapshot.bytes = n ? bytes : NULL;
    m.as.snapshot.n = n;
    return rig_receive(g, m);
}
static inline const char *rig_chunk_reply(rig *g, unsigned from, raft_term term,
                                          raft_index index, raft_term last_term, uint64_t next,
                                          bool done)
{
    raft_msg m = rig_message(g, RAFT_MSG_INSTALL_SNAPSHOT_REPLY, from, term);
    m.as.snapshot_reply.last = (raft_point){index, last_term};
    m.as.snapshot_reply.next = next;
    m.as.snapshot_reply.done = done;
    return rig_receive(g, m);
}
/* A heartbeat's answer, to a round. */
static inline const char *rig_round_reply(rig *g, unsigned from, raft_term term,
                                          raft_index match, uint64_t round)
{
    raft_msg m = rig_message(g, RAFT_MSG_APPEND_ENTRIES_REPLY, from, term);
    m.as.append_reply.ok = true;
    m.as.append_reply.prev = match;
    m.as.append_reply.match = match;
    m.as.append_reply.round = round;
    return rig_receive(g, m);
}
/* An append of one configuration. */
static inline const char *rig_append_config(rig *g, unsigned from, raft_term term,
                                            raft_index prev_index, raft_term prev_term,
                                            raft_index commit, raft_configuration c)
{
    ck_assert_uint_lt(g->configs_n, RIG_CONFIGS_MAX);
    uint8_t *bytes = g->configs[g->configs_n++];
    raft_configuration_encode(&c, bytes);
    const raft_entry entry = {.term = term,
                              .data = bytes,
                              .bytes = RAFT_CONFIGURATION_BYTES,
                              .kind = RAFT_ENTRY_CONFIG};
    raft_msg m = rig_message(g, RAFT_MSG_APPEND_ENTRIES, from, term);
    m.as.append.prev = (raft_point){.index = prev_index, .term = prev_term};
    m.as.append.commit = commit;
    m.as.append.n = 1;
    m.as.append.entries = &entry;
    return rig_receive(g, m);
}
/* The server's log as text, "1@1 2@1 3@2". */
static inline const char *rig_log(rig *g)
{
    g->text[0] = '\0';
    raft_view v;
    raft_look(g->r, &v);
    for (raft_index i = v.first; i <= v.last.index; i++)
        rig_say(g, "%s%" PRIu64 "@%" PRIu64, i > v.first ? " " : "", i,
                raft_entry_at(g->r, i)->term);
    return g->text;
}

/* What is seen from outside: "leader t1 v1 of n1 c0 1@1" (role, term, vote, leader, commit,
 * last). */
static inline const char *rig_look(rig *g)
{
    raft_view v;
    raft_look(g->r, &v);
    g->text[0] = '\0';
    rig_say(g, "%s t%" PRIu64 " v%u of n%u c%" PRIu64 " %" PRIu64 "@%" PRIu64,
            raft_role_name(v.role), v.term, v.vote, v.leader, v.commit, v.last.index,
            v.last.term);
    return g->text;
}

/* Makes it leader of the next term: its timer fires, then the others vote as needed. */
static inline void rig_elect(rig *g)
{
    if (g->r->role != RAFT_CANDIDATE)
        rig_timeout(g);
    for (unsigned from = 1; g->r->role == RAFT_PRE_CANDIDATE; from++) {
        if (from != g->r->id)
            rig_pre_vote_reply(g, from, g->r->term, true);
    }
    for (unsigned from = 1; g->r->role == RAFT_CANDIDATE; from++) {
        if (from != g->r->id)
            rig_vote(g, from, g->r->term, true);
    }
    ck_assert_int_eq(g->r->role, RAFT_LEADER);
}

/* A leader n1 of term 1 whose no-op all others have, and its own disk. */
static inline void rig_lead(rig *g, const raft_config *config)
{
    rig_start(g, config, 0, 0, "");
    rig_elect(g);
    rig_persisted(g, 1, 1);
    for (raft_set left = g->r->targets; left;)
        rig_accepted(g, raft_set_pop(&left), 1, 0, 1);
    ck_assert_uint_eq(g->r->commit, 1);
}

#endif
