/* sim.h - the tank: a cluster of Raft nodes, a network, disks and clients in one virtual
 * time line, moved by hand or left to flow.
 *
 *     sim *t = sim_new(&(sim_config){.nodes = 3, .seed = 1}, NULL);
 *     sim_timeout(t, 3, NULL);                // n3's election timer fires
 *     sim_settle(t, 0, NULL, NULL, NULL);     // deliver until nothing moves
 *     assert(sim_view_of(t, 3)->role == SIM_LEADER);
 *     sim_free(t);
 *
 * Time.  In still water virtual time stands still: messages wait in a queue until
 * sim_deliver() or sim_settle() moves them, writes are durable at once, timers fire only
 * by sim_timeout() and sim_heartbeat().  In flowing time, sim_advance() and sim_await(),
 * messages arrive after their latency, writes finish after theirs, timers fire.  Both mix.
 *
 * Determinism.  The same configuration, seed and calls give the same notes and the same
 * digest, on every machine.
 *
 * Errors.  A function that can be asked for the impossible returns false and says why in
 * *error (which may be NULL); nothing has changed then.  Calls that name a node that does
 * not exist, and such like, are bugs of the caller and assert.
 *
 * Safety.  Every invariant is checked after every step.  The first violation stops the
 * tank: sim_violation() tells it, and every later call that would move something returns
 * false with it.
 *
 * Ownership.  The tank owns everything; pointers that it returns are valid until it moves
 * again, or until sim_free() where that is said. */
#ifndef SIM_SIM_H
#define SIM_SIM_H
#include "sim/app.h"
#include "sim/base/arena.h"
#include "sim/engine.h"
#include "sim/note.h"
#include "sim/options.h"
#include "sim/types.h"

typedef struct sim sim;

/* ---- decisions ---------------------------------------------------------------- */

#define SIM_PURPOSES(X)                                                                        \
    X(ELECTION_TIMEOUT, "election_timeout")                                                    \
    X(HEARTBEAT, "heartbeat")                                                                  \
    X(LATENCY, "latency")                                                                      \
    X(DISK_LATENCY, "disk_latency")                                                            \
    X(CLOCK_DRIFT, "clock_drift")                                                              \
    X(TORN_WRITE, "torn_write")                                                                \
    X(PERSISTED_LATENCY, "persisted_latency")
#define SIM_NAME(name, text) SIM_CHOOSE_##name,
typedef enum sim_purpose { SIM_PURPOSES(SIM_NAME) SIM_PURPOSE_COUNT } sim_purpose;
#undef SIM_NAME

/* Every decision that a run leaves open is asked here; the answer is in [low, high].
 * who is the node that it concerns, 0 for none.  choose NULL: drawn from the seed, from a
 * stream of its own for each purpose and node, so that one more decision of one kind
 * shifts no other. */
typedef struct sim_chooser {
    uint64_t (*choose)(void *self, sim_purpose purpose, sim_id who, uint64_t low,
                       uint64_t high);
    void *self;
} sim_chooser;

/* ---- life of a tank ----------------------------------------------------------- */

/* What a node finds on its disk when the tank is made (the language's `preset`). */
typedef struct sim_preset {
    sim_id node;
    uint64_t term; /* 0: the term of the last entry */
    sim_id vote;
    const sim_point *points; /* no-op entries at 1..n */
    uint64_t n;
} sim_preset;

typedef struct sim_config {
    uint32_t nodes;           /* 1..SIM_NODES_MAX */
    const char *const *names; /* NULL: n1, n2, … */
    uint64_t seed;
    sim_options options;      /* zero-initialised: all at their defaults */
    bool options_set;         /* true: options is meant as it stands */
    const sim_app *app;       /* NULL: counter */
    const sim_engine *engine; /* NULL: native */
    sim_chooser chooser;
    sim_set spares, learners; /* of the nodes: no members, and learners from the start */
    uint64_t bugs;            /* planted, by the engine's bug_names */
    const sim_preset *presets;
    uint32_t presets_n;
    const sim_observer *observers; /* attached before the nodes boot; copied */
    uint32_t observers_n;          /* at most SIM_OBSERVERS_MAX */
} sim_config;

typedef struct sim_error {
    char text[512];   /* one line: what is wrong */
    char hint[512];   /* what the reader could do about it; may be empty */
    bool no_progress; /* a limit was reached: exit code 3 */
} sim_error;

/* Boots every node.  NULL with *error set when the options or presets contradict each
 * other.  A node that boots empty tells nothing (follower, term 0, log empty is where every
 * reader starts); one with a preset tells its term, vote and entries (thesis 3.8). */
sim *sim_new(const sim_config *config, sim_error *error);
void sim_free(sim *t);
enum { SIM_OBSERVERS_MAX = 8 };
/* The observer sees every note from now on. */
void sim_observe(sim *t, sim_observer observer);

/* ---- the story: sections, commands, expectations ------------------------------- */

/* Starts a section of the trace.  The strings must live as long as the tank. */
void sim_section(sim *t, uint32_t line, bool prepare, const char *title,
                 const char *const *uses, uint32_t uses_n, const char *const *tests,
                 uint32_t tests_n);
/* Says what the script does next; the acts that follow have this note as their cause.
 * text is the command as a scenario would write it. */
void sim_command(sim *t, uint32_t line, const char *text);
/* A remark for the trace and the diagram. */
void sim_remark(sim *t, uint32_t line, const char *text);
/* Tells what was expected, what was found, and whether that passed.  Returns passed. */
bool sim_expect(sim *t, uint32_t line, const char *condition, const char *actual, bool passed);

/* ---- messages ------------------------------------------------------------------ */

/* Which messages are meant; a zero field means any.  type is 1 + the engine's type. */
typedef struct sim_filter {
    sim_id from, to;
    uint32_t type;
    uint64_t id;
} sim_filter;

/* Delivers the oldest message that fits and can move. */
bool sim_deliver(sim *t, const sim_filter *f, sim_error *error);
/* Delivers the next n messages. */
bool sim_deliver_n(sim *t, uint64_t n, sim_error *error);
/* Delivers, oldest first, until nothing can move.  Writes that were on their way to a disk
 * when time stopped flowing are durable first, but on a disk that is held.  only: just
 * messages from and to these nodes (0: all).  until: stop as soon as it says so, asked
 * before the first delivery and after each; NULL: never.  False when settle_limit is passed,
 * when until never held, or on a violation. */
typedef bool sim_until_fn(void *self);
bool sim_settle(sim *t, sim_set only, sim_until_fn *until, void *self, sim_error *error);
/* The same filters: the oldest that fits, or every one. */
bool sim_drop_message(sim *t, const sim_filter *f, bool all, sim_error *error);
bool sim_duplicate(sim *t, const sim_filter *f, bool all, sim_error *error);
/* Keeps it from moving for so long from now on (added to what it had to wait anyway in
 * flowing time).  settle and deliver pass over it until the clock has come that far. */
bool sim_delay(sim *t, const sim_filter *f, bool all, sim_us delay, sim_error *error);
bool sim_corrupt(sim *t, const sim_filter *f, bool all, sim_error *error);
/* The youngest message of the link overtakes all others of it. */
bool sim_reorder(sim *t, sim_id from, sim_id to, sim_error *error);
bool sim_inject(sim *t, sim_id from, sim_id to, uint32_t type, const sim_forged_field *fields,
                uint32_t n, sim_error *error);

/* A message in flight. */
typedef struct sim_flight {
    uint64_t id;
    const sim_message *message;
    sim_us sent, due;                    /* due: when it arrives if time flows */
    bool held, delayed, paused, corrupt; /* why it cannot move now, if it cannot */
} sim_flight;
uint64_t sim_queue_length(const sim *t);
/* The messages in flight in the order in which settle would take them: start with
 * *cursor 0; false at the end.  Nothing may move between calls. */
bool sim_queue_next(const sim *t, uint64_t *cursor, sim_flight *out);
bool sim_matches(const sim_filter *f, uint64_t id, const sim_message *m);

/* ---- links and nodes ----------------------------------------------------------- */

/* Cuts every link between nodes of different groups.  A node in no group is one group
 * together with the others in none.  What is in flight on a cut link is lost. */
void sim_partition(sim *t, const sim_set *groups, uint32_t n);
void sim_isolate(sim *t, sim_set nodes); /* each of them from every other */
void sim_cut(sim *t, sim_id from, sim_id to, bool both);
bool sim_heal_link(sim *t, sim_id from, sim_id to, bool both, sim_error *error);
void sim_heal(sim *t); /* every cut; holds stay */
bool sim_hold(sim *t, sim_id from, sim_id to, bool both, sim_error *error);
bool sim_release(sim *t, sim_id from, sim_id to, bool both, sim_error *error);
bool sim_pause(sim *t, sim_id node, sim_error *error);
bool sim_resume(sim *t, sim_id node, sim_error *error);
bool sim_crash(sim *t, sim_id node, bool torn, sim_error *error);
bool sim_restart(sim *t, sim_id node, bool wiped, sim_error *error);
bool sim_reachable(const sim *t, sim_id from, sim_id to); /* the link is not cut */
bool sim_is_held(const sim *t, sim_id from, sim_id to);

/* ---- disks --------------------------------------------------------------------- */

typedef enum sim_disk_mode {
    SIM_DISK_OK,
    SIM_DISK_FAIL,
    SIM_DISK_FULL,
    SIM_DISK_SLOW
} sim_disk_mode;

bool sim_disk_hold(sim *t, sim_id node, sim_error *error);
bool sim_disk_release(sim *t, sim_id node, sim_error *error);
/* All that was submitted is durable now, held or not; the node hears of it as ever. */
bool sim_disk_sync(sim *t, sim_id node, sim_error *error);
/* The node is not told that a write is durable until the release: then of one write after the
 * other, in their order.  What waited for a write leaves when it is durable all the same: it
 * is the disk that lets it go.  A crash forgets what was not told. */
bool sim_persisted_hold(sim *t, sim_id node, sim_error *error);
bool sim_persisted_release(sim *t, sim_id node, sim_error *error);
/* What a disk is when a write comes to it (FAIL and FULL are found then, not when they are
 * set).  FAIL: every write fails; the node stops and says so.  FULL: the same for appends.
 * SLOW: extra time for every write.  OK: as new. */
void sim_disk_set(sim *t, sim_id node, sim_disk_mode mode, sim_us slow);
/* Damages an entry on the disk; found by its checksum when the node restarts. */
bool sim_disk_corrupt(sim *t, sim_id node, uint64_t index, sim_error *error);

/* ---- clocks and timers --------------------------------------------------------- */

/* A node's timers are deadlines of its own clock: set forward they come earlier, set back
 * later, and a clock that runs fast (ppm above 0; above -1000000) reaches them sooner. */
void sim_skew(sim *t, sim_id node, int64_t by_us);
void sim_drift(sim *t, sim_id node, int64_t ppm);
/* The clock moves to the node's deadline, when that is in the future, and only that timer
 * fires. */
bool sim_timeout(sim *t, sim_id node, sim_error *error);
bool sim_heartbeat(sim *t, sim_id node, sim_error *error);
bool sim_campaign(sim *t, sim_id node, sim_error *error);
bool sim_step_down(sim *t, sim_id node, sim_error *error);
/* timeout, settle, and an error if it did not become leader. */
bool sim_elect(sim *t, sim_id node, sim_error *error);
bool sim_advance(sim *t, sim_us by, sim_error *error);
/* Lets time flow until the condition holds; asked first and after every event. */
bool sim_await(sim *t, sim_us within, sim_until_fn *until, void *self, sim_error *error);
/* While *stop is true, settle, advance and await end before their next event with the error
 * "stopped".  NULL: never.  stop must live as long as the tank, or until it is replaced. */
void sim_stop_on(sim *t, const volatile bool *stop);
/* When the node's timer is due in virtual time; SIM_US_MAX when it is not armed. */
sim_us sim_deadline(const sim *t, sim_id node, sim_timer timer);

/* ---- administration of Raft ------------------------------------------------------ */

/* Each is given to a node as an operator would, and is a request: its status and answer tell
 * what came of it ("not_leader", "change_in_progress", …); names as in sim_propose().  0 with
 * an error when the node is crashed. */
uint64_t sim_change_members(sim *t, sim_id node, sim_change what, sim_id who,
                            const sim_membership *wanted, const char *name, sim_error *error);
uint64_t sim_transfer(sim *t, sim_id from, sim_id to, const char *name, sim_error *error);
/* The node takes a snapshot of what it has applied, and its log starts behind it.  When its
 * snapshot holds all that already: "nothing_to_snapshot". */
uint64_t sim_snapshot_now(sim *t, sim_id node, const char *name, sim_error *error);
/* The node's application fails every apply until mended: retriable: it tries again when
 * mended; else the node takes no part until then (a leader steps aside in both cases). */
bool sim_app_fail(sim *t, sim_id node, bool retriable, sim_error *error);
bool sim_app_mend(sim *t, sim_id node, sim_error *error);

/* A linearizable read (thesis 6.4), or a stale one, straight from the node's state. */
typedef enum sim_read_mode { SIM_READ_INDEX, SIM_READ_LEASE, SIM_READ_STALE } sim_read_mode;
uint64_t sim_read(sim *t, sim_id node, const char *query, size_t len, sim_read_mode mode,
                  const char *name, sim_error *error);
/* A client with a session (thesis 6.3): registers itself with its first request, numbers its
 * requests, is redirected and tries again, and is answered exactly once.  client is its name;
 * to 0: the client looks for the leader itself.  In still water its retries go when the script
 * calls sim_retry(); in flowing time after an election timeout. */
uint64_t sim_session_request(sim *t, const char *client, const char *command, size_t len,
                             sim_id to, const char *name, sim_error *error);
bool sim_retry(sim *t, uint64_t request, sim_id to, sim_error *error);
uint64_t sim_sessions(const sim *t, sim_id node); /* open ones, as the node's state has it */

/* ---- clients ------------------------------------------------------------------- */

/* Gives a command to a node, as a client without a session would: no retry, no redirect.
 * name may be NULL; it and the command are copied.  Returns the request's number.  0 with
 * an error when the node is crashed. */
uint64_t sim_propose(sim *t, sim_id node, const char *command, size_t len, const char *name,
                     sim_error *error);

typedef struct sim_request {
    uint64_t id;
    const char *name; /* or NULL */
    sim_id node;      /* whom it was given to */
    sim_status status;
    sim_id leader;   /* redirect: where to */
    sim_point point; /* its place in the log, when it has one */
    /* ok: the app's answer, kept for requests with a name only; else why: "not_leader",
     * "no_leader_yet", "lost: replaced by 2@2", "timeout", "disk_failed"; NULL while it is
     * pending, but for a request of a session: what came of the attempt that it will make
     * again. */
    const char *answer;
} sim_request;
/* False: there was none; or it had no name, was answered, and is forgotten after some
 * thousand others, so that a long run does not grow by what nobody asks for. */
bool sim_request_of(const sim *t, uint64_t id, sim_request *out);

/* ---- looking ------------------------------------------------------------------- */

typedef enum sim_life { SIM_UP, SIM_PAUSED, SIM_CRASHED } sim_life;

sim_us sim_now(const sim *t);
uint32_t sim_nodes(const sim *t);
const char *sim_name(const sim *t, sim_id node);
sim_id sim_node_named(const sim *t, const char *name, size_t len); /* 0: none */
sim_life sim_life_of(const sim *t, sim_id node);
/* A crashed node shows what its disk would give it back. */
const sim_view *sim_view_of(const sim *t, sim_id node);
uint64_t sim_applied(const sim *t, sim_id node);
uint64_t sim_durable_last(const sim *t, sim_id node);
/* The entry in the node's log (a crashed node: on its disk).  False when it has none. */
bool sim_entry_of(const sim *t, sim_id node, uint64_t index, sim_entry *out);
void sim_app_show(const sim *t, sim_id node, sim_text *out);
uint64_t sim_app_hash(const sim *t, sim_id node);
/* How often the node changed its role since it was created. */
uint64_t sim_role_changes(const sim *t, sim_id node);
bool sim_disk_is_held(const sim *t, sim_id node);
bool sim_persisted_is_held(const sim *t, sim_id node);
sim_disk_mode sim_disk_mode_of(const sim *t, sim_id node);

const sim_engine *sim_engine_of(const sim *t);
const sim_app *sim_app_of(const sim *t);
const sim_options *sim_options_of(const sim *t);
uint64_t sim_seed(const sim *t);
uint64_t sim_seq(const sim *t);    /* notes so far */
uint64_t sim_events(const sim *t); /* deliveries, timers, writes done or told late so far */
uint64_t sim_digest(const sim *t); /* a hash over all notes so far */
sim_arena *sim_memory(sim *t);     /* lives as long as the tank */
/* The memory that the tank has in use: what the checkers know, requests, messages, disks; not
 * what engines and applications keep.  With snapshots it does not grow with the commands. */
uint64_t sim_bytes(const sim *t);

/* The first broken invariant, or NULL; valid until sim_free(). */
typedef struct sim_violation_info {
    const char *invariant;   /* "Election Safety" */
    const char *cite;        /* "Raft thesis 3.2" */
    const char *one, *other; /* the two facts that contradict each other */
    uint64_t seq;
    uint64_t one_seq, other_seq; /* the events that caused each; 0: it was so from the start */
} sim_violation_info;
const sim_violation_info *sim_violation(const sim *t);

/* The invariants by name, for help and for `expect violation`; ends with a NULL name. */
typedef struct sim_invariant_info {
    const char *name, *cite, *meaning;
} sim_invariant_info;
extern const sim_invariant_info sim_invariants[];

#endif
