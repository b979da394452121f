/* raft.h - the Raft protocol core: one server, no I/O, no clock, no randomness.
 *
 * An event goes in, an ordered list of effects comes out, nothing else happens:
 *
 *     raft *r = raft_new(&config);
 *     const raft_effects *todo = raft_step(r, &event);
 *     for (uint32_t i = 0; i < todo->n; i++)
 *         carry_out(&todo->at[i]);
 *
 * The specification is Ongaro's thesis, "Consensus: Bridging Theory and Practice"
 * (2014); sections are cited where a rule is enforced.
 *
 * Always true:
 *   - The effects are carried out in their order.  Those that write (HARD_STATE,
 *     TRUNCATE, APPEND) are durable in that order.
 *   - A SEND marked after_writes must not leave before every write that this server
 *     has issued so far, in this list or an earlier one, is durable (thesis 3.8).
 *     Only what a leader sends to replicate its log is unmarked: that is the parallel
 *     disk write of thesis 10.2.1.
 *   - A crash is the caller dropping the server; recovery is RAFT_EV_START with what
 *     survived on disk.
 *
 * Ownership: the caller owns the server and frees it with raft_free().  Effects, and
 * the entries that they point to, belong to the server and are valid until its next
 * step.  The bytes of an entry belong to the caller: they are never copied, must not
 * change, and must live as long as any server or message that holds the entry.
 *
 * Running out of memory aborts; nothing else does, but for a broken invariant. */
#ifndef RAFT_H
#define RAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t raft_term;  /* 0 before the first election (thesis 3.3) */
typedef uint64_t raft_index; /* the first entry is 1; 0 means "none" */
typedef uint8_t raft_id;     /* 1..RAFT_SERVERS_MAX; 0 means "nobody" */
typedef uint64_t raft_set;   /* bit (id - 1) is the server with that id */
typedef uint64_t raft_us;    /* microseconds of this server's own clock */

enum {
    RAFT_SERVERS_MAX = 64,
    RAFT_BATCH_MAX = 4096,   /* entries in one message, the most that batch_max may say */
    RAFT_PIPELINE_MAX = 256, /* messages in flight to one follower, likewise */
};

/* One line per name: the enum, its order and its printed form come from here. */
#define RAFT_ROLES(X)                                                                          \
    X(FOLLOWER, "follower")                                                                    \
    X(PRE_CANDIDATE, "pre_candidate")                                                          \
    X(CANDIDATE, "candidate")                                                                  \
    X(LEADER, "leader")                                                                        \
    X(LEARNER, "learner")

#define RAFT_MSGS(X)                                                                           \
    X(REQUEST_VOTE, "RequestVote")                                                             \
    X(REQUEST_VOTE_REPLY, "RequestVoteReply")                                                  \
    X(PRE_VOTE, "PreVote")                                                                     \
    X(PRE_VOTE_REPLY, "PreVoteReply")                                                          \
    X(APPEND_ENTRIES, "AppendEntries")                                                         \
    X(APPEND_ENTRIES_REPLY, "AppendEntriesReply")                                              \
    X(INSTALL_SNAPSHOT, "InstallSnapshot")                                                     \
    X(INSTALL_SNAPSHOT_REPLY, "InstallSnapshotReply")                                          \
    X(TIMEOUT_NOW, "TimeoutNow")                                                               \
    X(READ_INDEX, "ReadIndex")                                                                 \
    X(READ_INDEX_REPLY, "ReadIndexReply")

#define RAFT_ENTRY_KINDS(X)                                                                    \
    X(NOOP, "noop")                                                                            \
    X(COMMAND, "command")                                                                      \
    X(CONFIG, "config")                                                                        \
    X(SESSION, "session")                                                                      \
    X(REQUEST, "request")

#define RAFT_TIMERS(X)                                                                         \
    X(ELECTION, "election")                                                                    \
    X(HEARTBEAT, "heartbeat")

/* Why a request was refused; the name reaches the client and the trace. */
#define RAFT_REFUSALS(X)                                                                       \
    X(NOT_LEADER, "not_leader")                                                                \
    X(NO_LEADER_YET, "no_leader_yet")                                                          \
    X(CHANGE_IN_PROGRESS, "change_in_progress")                                                \
    X(NOT_CAUGHT_UP, "not_caught_up")                                                          \
    X(TRANSFERRING, "transferring")                                                            \
    X(UNKNOWN_NODE, "unknown_node")                                                            \
    X(ALREADY_MEMBER, "already_member")                                                        \
    X(LAST_VOTER, "last_voter")                                                                \
    X(LOG_FULL, "log_full")                                                                    \
    X(DISK_FAILED, "disk_failed")                                                              \
    X(SESSION_EXPIRED, "session_expired")                                                      \
    X(NO_LEASE, "no_lease")                                                                    \
    X(TIMEOUT, "timeout")

#define RAFT_NAME(name, text) RAFT_##name,
typedef enum raft_role { RAFT_ROLES(RAFT_NAME) RAFT_ROLE_COUNT } raft_role;
#undef RAFT_NAME
#define RAFT_NAME(name, text) RAFT_MSG_##name,
typedef enum raft_msg_kind { RAFT_MSGS(RAFT_NAME) RAFT_MSG_COUNT } raft_msg_kind;
#undef RAFT_NAME
#define RAFT_NAME(name, text) RAFT_ENTRY_##name,
typedef enum raft_entry_kind {
    RAFT_ENTRY_KINDS(RAFT_NAME) RAFT_ENTRY_KIND_COUNT
} raft_entry_kind;
#undef RAFT_NAME
#define RAFT_NAME(name, text) RAFT_TIMER_##name,
typedef enum raft_timer { RAFT_TIMERS(RAFT_NAME) RAFT_TIMER_COUNT } raft_timer;
#undef RAFT_NAME
#define RAFT_NAME(name, text) RAFT_REFUSED_##name,
typedef enum raft_refusal { RAFT_REFUSALS(RAFT_NAME) RAFT_REFUSAL_COUNT } raft_refusal;
#undef RAFT_NAME

typedef struct raft_point { /* "3@2": the entry at index 3, of term 2; 0@0 is the empty log */
    raft_index index;
    raft_term term;
} raft_point;

/* Who is a member (thesis 4).  In force as soon as it stands in a server's log. */
typedef struct raft_configuration {
    raft_set voters;   /* who decides; while outgoing is set, the new ones */
    raft_set outgoing; /* joint consensus: the old voters, who must agree as well (4.3) */
    raft_set learners; /* receive the log and count for nothing; never also voters */
    bool by_hand;      /* joint: stays so until somebody says LEAVE */
} raft_configuration;

enum { RAFT_CONFIGURATION_BYTES = 25 };
/* The bytes of a CONFIG entry, the same on every machine, and back; false: not such bytes. */
void raft_configuration_encode(const raft_configuration *c,
                               uint8_t out[RAFT_CONFIGURATION_BYTES]);
bool raft_configuration_decode(const uint8_t *bytes, uint32_t n, raft_configuration *out);

/* A state that stands for all entries up to a point (thesis 5).  bytes are the caller's,
 * like those of entries: the application's state, with its client sessions. */
typedef struct raft_snapshot {
    raft_point last; /* 0@0: none */
    raft_configuration configuration;
    const uint8_t *bytes;
    uint64_t n;
} raft_snapshot;

typedef struct raft_entry {
    raft_term term;
    uint64_t checksum;   /* of kind and data, by the caller; the core only carries it */
    const uint8_t *data; /* borrowed, immutable; NULL when bytes is 0 */
    uint32_t bytes;
    uint8_t kind; /* raft_entry_kind */
} raft_entry;

/* Plain data: copying it is an assignment.  entries points into the sender's log and
 * must be copied before that server steps again. */
typedef struct raft_msg {
    uint8_t kind; /* raft_msg_kind */
    raft_id from, to;
    raft_term term; /* of the sender; of the election that would follow, for PRE_VOTE */
    union {
        struct { /* REQUEST_VOTE, PRE_VOTE (thesis 3.4, 9.6) */
            raft_point last;
            bool transfer; /* the leader asked for it (3.10): the guard of 4.2.3 lets it pass */
        } vote;
        struct { /* REQUEST_VOTE_REPLY, PRE_VOTE_REPLY */
            bool granted;
        } vote_reply;
        struct { /* APPEND_ENTRIES; a heartbeat carries no entries (thesis 3.5) */
            raft_point prev;
            raft_index commit;
            uint64_t round; /* of heartbeats; its answers confirm leadership (6.4) */
            const raft_entry *entries;
            uint32_t n;
        } append;
        struct { /* APPEND_ENTRIES_REPLY */
            bool ok;
            raft_index prev;     /* the prev.index that this answers */
            raft_index match;    /* ok: the log agrees with the leader's up to here */
            raft_point conflict; /* not ok: the follower's best guess where it may agree */
            uint64_t round;      /* the one that this answers */
        } append_reply;
        struct { /* INSTALL_SNAPSHOT (thesis 5.1, fig. 5.3): a chunk */
            raft_point last;
            raft_configuration configuration;
            uint64_t offset, total;
            const uint8_t *bytes; /* n of them, into the snapshot's own */
            uint32_t n;
            uint64_t round;
        } snapshot;
        struct {             /* INSTALL_SNAPSHOT_REPLY */
            raft_point last; /* the snapshot that is meant */
            uint64_t next;   /* the offset that is wanted next; total: it has them all */
            bool done;       /* it is installed, or was not needed */
            uint64_t round;
        } snapshot_reply;
        struct { /* READ_INDEX, from a follower, and its reply (thesis 6.4) */
            uint64_t ticket;
            raft_index index;
            bool ok; /* reply: false: not the leader, or it has gone */
        } read;
    } as;
} raft_msg;

#define RAFT_CHANGES(X)                                                                        \
    X(ADD_VOTER, "add")                                                                        \
    X(ADD_LEARNER, "add_learner")                                                              \
    X(PROMOTE, "promote")                                                                      \
    X(REMOVE, "remove")                                                                        \
    X(RECONFIGURE, "reconfigure")                                                              \
    X(LEAVE, "leave")
#define RAFT_NAME(name, text) RAFT_CHANGE_##name,
typedef enum raft_change { RAFT_CHANGES(RAFT_NAME) RAFT_CHANGE_COUNT } raft_change;
#undef RAFT_NAME

typedef enum raft_event_kind {
    RAFT_EV_START,      /* boot or reboot, with what the disk kept (thesis 3.8) */
    RAFT_EV_RECEIVE,    /* a message arrived */
    RAFT_EV_TIMER,      /* an armed timer fired */
    RAFT_EV_PERSISTED,  /* the log was durable up to this point, however long ago */
    RAFT_EV_PROPOSE,    /* a client's command */
    RAFT_EV_CAMPAIGN,   /* stand for election now, by hand */
    RAFT_EV_STEP_DOWN,  /* give up leadership or candidacy, by hand */
    RAFT_EV_TRANSFER,   /* hand leadership over (thesis 3.10) */
    RAFT_EV_CHANGE,     /* change the membership (thesis 4) */
    RAFT_EV_READ,       /* a linearizable read (thesis 6.4) */
    RAFT_EV_SNAPSHOT,   /* the caller took a snapshot of what it has applied (thesis 5) */
    RAFT_EV_INSTALLED,  /* a received snapshot is durable (in force) */
    RAFT_EV_APP_FAILED, /* the application cannot go on: a leader steps aside */
    RAFT_EVENT_COUNT
} raft_event_kind;

typedef struct raft_event {
    raft_event_kind kind;
    raft_us now; /* this server's clock; it may jump, the core copes */
    union {
        struct {
            raft_term term;
            raft_id vote;
            raft_snapshot snapshot;    /* last 0@0: none, and configuration is the first */
            const raft_entry *entries; /* from snapshot.last.index + 1 on; copied */
            uint64_t n;
        } start;
        const raft_msg *receive;
        raft_timer timer;
        raft_point persisted; /* index AND term: an index alone has an ABA race */
        struct {
            uint64_t ticket;  /* the caller's; comes back in ACCEPT or REFUSE */
            raft_entry entry; /* term is ignored; COMMAND, SESSION or REQUEST */
        } propose;
        raft_id transfer; /* to whom; 0: the voter that is furthest */
        struct {
            uint64_t ticket; /* comes back in ACCEPT or REFUSE */
            raft_change what;
            raft_id who;               /* ADD_VOTER, ADD_LEARNER, PROMOTE, REMOVE */
            raft_configuration wanted; /* RECONFIGURE: voters, learners, by_hand */
        } change;
        struct {
            uint64_t ticket; /* never used for another read, not even after a reboot */
            bool lease;      /* within the lease or not at all, without asking (6.4.1) */
        } read;
        struct {
            raft_index index; /* <= commit; the configuration is the core's own knowledge */
            const uint8_t *bytes;
            uint64_t n;
        } snapshot;
        struct { /* the bytes that were collected; they may be sent on to others */
            raft_point last;
            const uint8_t *bytes;
            uint64_t n;
        } installed;
    } as;
} raft_event;

typedef enum raft_effect_kind {
    RAFT_FX_HARD_STATE, /* write term and vote */
    RAFT_FX_TRUNCATE,   /* write: drop this index and everything above */
    RAFT_FX_APPEND,     /* write: entries first, first + 1, … */
    RAFT_FX_SEND,
    RAFT_FX_ARM, /* timer: the caller picks a delay within [min, max]; replaces */
    RAFT_FX_DISARM,
    RAFT_FX_COMMIT,           /* committed up to here: apply what is new, in order */
    RAFT_FX_ACCEPT,           /* the proposal or change has a place in the log; not committed
                               * yet */
    RAFT_FX_REFUSE,           /* a proposal, change or read comes to nothing, and why;
                               * ticket 0: a transfer */
    RAFT_FX_SNAPSHOT_CHUNK,   /* keep these bytes of a snapshot that is arriving */
    RAFT_FX_SNAPSHOT_INSTALL, /* write: the snapshot that arrived replaces the application's
                               * state and its whole log, and is committed; then INSTALLED */
    RAFT_FX_COMPACT,          /* write: the own snapshot stands for the log up to here */
    RAFT_FX_READ_READY,       /* the read may be answered once index is applied */
    RAFT_FX_DONE,             /* the change was committed by the leader that accepted it, or the
                               * target of the transfer was heard as leader */
    RAFT_FX_CONFIGURATION,    /* observation: who is a member has changed */
    RAFT_FX_ROLE,             /* observation only, no action is needed */
    RAFT_FX_IGNORED,          /* observation only: the event changed nothing, and why */
    RAFT_EFFECT_COUNT
} raft_effect_kind;

typedef struct raft_effect {
    raft_effect_kind kind;
    union {
        struct {
            raft_term term;
            raft_id vote;
        } hard_state;
        raft_index truncate;
        struct {
            raft_index first;
            const raft_entry *at;
            uint32_t n;
        } append;
        struct {
            raft_msg msg;
            bool after_writes;
        } send;
        struct {
            raft_timer timer;
            raft_us min, max; /* min <= max */
        } arm;
        raft_timer disarm;
        raft_index commit;
        struct {
            uint64_t ticket;
            raft_point at;
        } accept;
        struct {
            uint64_t ticket;
            raft_refusal why;
            raft_id leader; /* 0 when not known */
        } refuse;
        struct { /* SNAPSHOT_CHUNK: bytes as in the message; offset 0 begins anew */
            raft_point last;
            uint64_t offset, total;
            const uint8_t *bytes;
            uint32_t n;
        } chunk;
        struct { /* SNAPSHOT_INSTALL, COMPACT; bytes are the caller's, who collected them */
            raft_point last;
            raft_configuration configuration;
            bool keeps_log; /* the entries behind it agree and stay (thesis 5.1) */
        } snapshot;
        struct {
            uint64_t ticket;
            raft_index index;
        } read_ready;
        uint64_t done; /* ticket of a change; 0: a transfer */
        struct {
            raft_configuration now;
            raft_index index; /* of the entry; 0: from the snapshot or the start */
            const char *why;  /* static: "appended", "truncated", "from a snapshot" */
        } configuration;
        struct {
            raft_role from, to;
            const char *why; /* static */
        } role;
        const char *ignored; /* static */
    } as;
} raft_effect;

typedef struct raft_effects {
    raft_effect *at;
    uint32_t n, capacity;
} raft_effects;

typedef struct raft_config {
    raft_id id;               /* 1..64, a member of voters or not */
    raft_configuration first; /* in force with an empty log; all voters may be in it or not */
    raft_us election_min;     /* > 0 */
    raft_us election_max;     /* >= election_min */
    raft_us heartbeat;        /* > 0 */
    uint32_t batch_max;       /* entries a message, 1..RAFT_BATCH_MAX */
    uint32_t batch_bytes_max; /* payload bytes a message; one entry always fits; 0: no limit */
    uint32_t pipeline_max;    /* messages in flight a follower, 1..RAFT_PIPELINE_MAX */
    bool pre_vote;            /* thesis 9.6 */
    bool check_quorum;        /* thesis 6.2 */
    bool disruption_guard;    /* thesis 4.2.3: ignore votes while a leader lives */
    uint32_t inflight_bytes_max; /* payload bytes in flight a follower; 0: no limit */
    uint32_t snapshot_chunk;     /* bytes of one INSTALL_SNAPSHOT, > 0 */
    uint64_t log_max;            /* entries in the log before proposals and changes are
                                  * refused; 0: no limit */
    uint32_t catch_up_rounds;    /* a new voter must be near after so many (4.2.1); > 0 */
    uint32_t drift_ppm;          /* bound on clock drift, for leases (6.4.1) */
    bool lease_reads; /* READ with lease: else there is none; needs disruption_guard too */
    /* Keeps the bytes of a CONFIG entry that this server makes, for as long as entries
     * live; called within a step, and must do nothing else.  NULL: the server keeps them
     * itself until raft_free(), which is right when entries leave it by copy. */
    const uint8_t *(*keep)(void *self, const uint8_t *bytes, uint32_t n);
    void *keep_self;
    uint64_t bugs; /* planted ones, bit per RAFT_BUG_… of bugs.h; 0: none.  Of no effect in a
                    * core that was built without them (raft/product). */
} raft_config;

typedef struct raft raft; /* opaque: look through raft_look() */

raft *raft_new(const raft_config *config);
raft *raft_clone(const raft *from);
void raft_free(raft *r);

/* Takes one event and returns what is to be done about it, valid until the next step.
 * The first event of a server's life is START.  A bad message is ignored with an
 * IGNORED effect; a caller who breaks the contract meets an assertion. */
const raft_effects *raft_step(raft *r, const raft_event *event);

typedef struct raft_view { /* what can be seen from outside; plain data */
    raft_id id, leader, vote;
    raft_role role;
    raft_term term;
    raft_index commit; /* <= last.index */
    raft_index first;  /* lowest index kept */
    raft_point last;
    raft_point snapshot;              /* 0@0: none */
    raft_configuration configuration; /* in force */
    raft_index configuration_index;   /* of its entry; 0: the first, or from a snapshot */
    raft_id transferring_to;          /* 0: not transferring */
} raft_view;

void raft_look(const raft *r, raft_view *out);

/* The entry at index, or NULL when the log has none; valid until the next step. */
const raft_entry *raft_entry_at(const raft *r, raft_index index);

const char *raft_role_name(raft_role role);
const char *raft_msg_name(raft_msg_kind kind);
const char *raft_entry_kind_name(raft_entry_kind kind);
const char *raft_timer_name(raft_timer timer);
const char *raft_refusal_name(raft_refusal why);

/* The tables that the core runs on, as data, for `wavetank explain`.  rule names the
 * handler or says why the message is ignored; cite is the thesis section. */
typedef struct raft_handler_row {
    raft_role role;
    raft_msg_kind msg;
    bool ignored;
    const char *rule, *cite;
} raft_handler_row;
typedef struct raft_role_row {
    raft_role role;
    raft_set next; /* bit per raft_role: the roles it may become */
    const char *meaning, *invariant, *cite;
} raft_role_row;

raft_handler_row raft_explain_handler(raft_role role, raft_msg_kind msg);
raft_role_row raft_explain_role(raft_role role);

#endif
