/* tank.h - the inside of a tank, for the files of sim/ only.
 *
 * One struct holds a run.  The files share it by the idea that each is:
 *   choose.c   decisions            tell.h     notes, digest (tell.c: seldom ones, violations)
 *   traffic.c  messages in flight   timer.c    clocks and timers of the nodes
 *   node.c     an engine's actions  store.c    what a node has on disk
 *   news.c     what it has not heard of its disk yet
 *   apply.c    entries, snapshots and the application
 *   life.c     boot, crash, pause   client.c   requests, and what becomes of them
 *   session.c  clients with sessions   change.c   answers about membership
 *   admin.c    changes of membership, transfers, reads, failing applications
 *   cluster.c  a tank's life and the flow of time
 *   script.c   a script's verbs: the story, timers, delivering
 *   meddle.c   what it does to messages and links
 *   look.c     what can be seen
 *
 * Always true between two events: no engine's outbox holds anything that was not carried
 * out; in still water nothing is due to happen by itself. */
#ifndef SIM_TANK_H
#define SIM_TANK_H
#include "sim/base/random.h"
#include "sim/check.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/queue.h"
#include "sim/sim.h"

#include <inttypes.h>

/* ---- a node ------------------------------------------------------------------------ */

/* A node's own clock: at virtual time since it showed local, and it runs ppm millionths
 * fast.  local may be below zero; the engine then reads zero. */
typedef struct sim_clock {
    sim_us since;
    int64_t local, ppm;
} sim_clock;

/* A timer is a deadline of the node's clock.  Its record in the event queue may lie before
 * the deadline: whoever pops it puts it back where the deadline is now.  So arming a timer
 * again for later, as each heartbeat does, costs nothing. */
typedef struct sim_alarm {
    bool armed;
    int64_t local;       /* the deadline on the node's clock */
    sim_us deadline;     /* the same in virtual time */
    uint64_t seq, cause; /* cause: the note of the step that armed it */
    sim_us queued_at;    /* of its newest record in the event queue; SIM_US_MAX: none */
    uint64_t queued_seq;
} sim_alarm;

/* A message that waits for the writes before it (thesis 3.8). */
typedef struct sim_waiting {
    sim_message *message;
    uint64_t write; /* leaves when this write is durable */
    uint64_t term;  /* that it makes known to others */
} sim_waiting;

/* A ring whose counters only grow; the capacity is a power of two. */
typedef struct sim_waiting_ring {
    sim_waiting *at;
    size_t capacity;
    uint64_t first, last;
} sim_waiting_ring;
/* A write that is durable, and of which the node has not heard. */
typedef struct sim_news {
    sim_write write;           /* what it wrote to the log; image is NULL */
    sim_point snapshot, up_to; /* up_to: as far as the log was durable with it */
    uint64_t durable;          /* the note that told that it is durable */
    uint64_t seq;              /* its place in the event queue */
    sim_us due;                /* when the node hears of it if time flows */
} sim_news;
typedef struct sim_news_ring {
    sim_news *at;
    size_t capacity;
    uint64_t first, last;
} sim_news_ring;
/* A request with a place in a node's log. */
typedef struct sim_pending {
    uint64_t id;
    sim_point point;
} sim_pending;
typedef struct sim_pending_ring {
    sim_pending *at;
    size_t capacity;
    uint64_t first, last;
} sim_pending_ring;
/* A request that a node works at without a place in its log: a read, a change that has none
 * yet, a transfer. */
typedef struct sim_asked {
    uint64_t id;
    uint64_t index; /* ready: a read, to be answered when this is applied */
    bool ready;
} sim_asked;
typedef struct sim_asked_ring {
    sim_asked *at;
    size_t capacity;
    uint64_t first, last;
} sim_asked_ring;
typedef struct sim_number_ring {
    uint64_t *at;
    size_t capacity;
    uint64_t first, last;
} sim_number_ring;

typedef struct sim_node {
    sim_id id;
    sim_life life;
    void *engine;     /* NULL while crashed */
    void *app;        /* likewise */
    void *sessions;   /* of the clients, beside the application; likewise */
    sim_view view;    /* after its last step; crashed: what the disk would give back */
    uint64_t applied; /* <= view.commit */
    sim_alarm timers[SIM_TIMER_COUNT];
    sim_clock clock;
    sim_disk disk;
    sim_waiting_ring outbox;
    /* What it has not heard of its disk: one write after the other; or, of a paused node that
     * will hear of all at once, the note of the last.  Never both. */
    sim_news_ring news;
    uint64_t news_queued; /* the seq of its record in the event queue; 0: none */
    uint64_t deaf;        /* 0: nothing became durable while it was paused */
    bool deaf_image;      /* a snapshot did that came from another node */
    bool muted;           /* it is not told */
    bool hearing;         /* it is being told */
    /* What the notes have told of it so far. */
    uint64_t told_term;
    sim_id told_vote, told_leader;
    sim_membership told_config;
    sim_pending_ring pending; /* requests with a place in its log, by index */
    sim_pending_ring lost;    /* of those, what a truncation of this step took away */
    sim_asked_ring asked;
    sim_number_ring inbox; /* requests that came while it was paused */
    uint64_t transfer;     /* the request for the transfer under way; 0: none */
    uint64_t role_changes;
    /* Snapshots (thesis 5).  The engine reads image's bytes. */
    sim_image *image, *taking; /* taking: the one that the engine is about to hear of */
    sim_text arriving;         /* the chunks of one that comes from another node */
    bool installing;           /* one has arrived, and is not durable yet */
    uint64_t snapshot_at;      /* takes one when this is applied; UINT64_MAX: never */
    /* A failing application. */
    bool app_fails, app_retriable;
    bool app_stuck;  /* an apply has failed, and was not tried again yet */
    uint32_t duties; /* SIM_DUTY_ bits: what is to be done when its step is over */
} sim_node;

enum {
    SIM_DUTY_SNAPSHOT = 1 << 0,
    SIM_DUTY_APP_FAILED = 1 << 1,
};

/* A limit on what one command may move.  Near its end it counts which messages go round,
 * so that passing it can say so. */
typedef struct sim_limit {
    uint64_t most, count;
    const char *verb;
    uint32_t *tally; /* [(from * (nodes + 1) + to) * types + type]; NULL: not near yet */
} sim_limit;

/* ---- the tank ---------------------------------------------------------------------- */

#ifndef SIM_REQUEST_CHUNK /* a test has fewer, so that their texts go soon */
#define SIM_REQUEST_CHUNK 1024
#endif

typedef enum sim_asks {
    SIM_ASKS_COMMAND,
    SIM_ASKS_READ,
    SIM_ASKS_CHANGE,
    SIM_ASKS_TRANSFER,
    SIM_ASKS_SESSION, /* a command, within a client's session */
    SIM_ASKS_SNAPSHOT,
} sim_asks;

/* What a request asks for that is no command. */
typedef struct sim_wish {
    sim_read_mode mode; /* READ, with the query */
    const char *query;  /* SESSION: the command */
    size_t query_len;
    uint32_t client; /* SESSION: its place among the clients */
    sim_change what; /* CHANGE, with who or wanted */
    sim_id who;      /* also TRANSFER */
    sim_membership wanted;
} sim_wish;

typedef struct sim_record { /* a request */
    const uint8_t *command; /* as the trace shows it */
    const char *name, *answer;
    const sim_wish *wish; /* NULL for a command */
    sim_point point;
    uint32_t command_len;
    sim_id node, leader;
    uint8_t status; /* sim_status */
    uint8_t asks;   /* sim_asks */
} sim_record;

/* A client with a session.  Of its requests one is open at a time; the others wait. */
typedef struct sim_client {
    const char *name;
    uint64_t session;        /* as the log knows it; 0: not registered */
    uint64_t serial;         /* of the open request */
    sim_number_ring waiting; /* requests; the first is the open one */
    sim_id asked;            /* by the open request, last */
    bool told;               /* that nothing came of it there */
    sim_id leader;           /* whom to ask first; 0: nobody known */
    uint32_t hops;           /* redirects followed since it tried by itself */
    bool due;                /* it has something to send now, */
    sim_id to;               /* to this node, */
    uint64_t cause;          /* because of this note */
    sim_us again;            /* when it tries again if time flows; SIM_US_MAX: never */
    uint64_t queued_seq;     /* of its record in the event queue; 0: none */
} sim_client;

/* The texts of requests, which are also the bytes of the entries that are made from them: these
 * stand in logs at indexes from first to last.  0: no log has taken one. */
typedef struct sim_texts {
    sim_arena arena;
    uint64_t first, last;
} sim_texts;

typedef struct sim_record_chunk {
    uint32_t open; /* not answered yet, or not made yet */
    bool named;    /* somebody may ask for one of them */
    sim_texts texts;
    sim_record at[SIM_REQUEST_CHUNK];
} sim_record_chunk;

/* The digest: two lanes, so that a processor can fold them side by side. */
typedef struct sim_lanes {
    uint64_t a, b;
} sim_lanes;

struct sim {
    sim_us now;
    uint64_t seq;      /* notes */
    uint64_t sequence; /* of things planned: equal times happen in this order */
    uint64_t events;
    sim_lanes digest;
    uint64_t command; /* the note of the script's running command; 0: none */
    uint64_t place;   /* section and line, as every note folds them into the digest */
    uint32_t nodes, section, line, observers_n;
    bool flowing;
    const sim_engine *engine;
    const sim_app *app;
    sim_options options;
    sim_queue queue;
    sim_network network;
    sim_node *node; /* by id; [0] is unused */
    sim_check *check;
    sim_random (*streams)[SIM_PURPOSE_COUNT]; /* [who][purpose]; 0: nobody */
    sim_chooser chooser;
    sim_pool *pool;
    sim_record_chunk **requests;                    /* NULL: forgotten */
    size_t chunks_n, chunks_capacity, chunks_first; /* first: all before it stay as they are */
    uint64_t requests_n;
    sim_texts *texts; /* of requests that are forgotten; entries made from them are not */
    size_t texts_n, texts_capacity, texts_asked;
    sim_client *clients;
    size_t clients_n, clients_capacity;
    bool clients_due;                      /* one of them is */
    uint64_t asking;                       /* the request that a node is being given; 0: none */
    sim_text answer, wrong, config, entry; /* that are being made */
    sim_membership first;                  /* of a node that finds none on its disk */
    uint64_t bugs;
    const char **names; /* by id; a NULL behind the last */
    uint64_t seed;
    const volatile bool *stop;
    sim_limit *limit; /* of the running command, when it is near its end; else NULL */
    sim_arena arena;
    sim_violation_info broken; /* invariant NULL: none */
    sim_observer observers[SIM_OBSERVERS_MAX];
};

/* ---- choose.c ---------------------------------------------------------------------- */

SIM_SELDOM uint64_t sim_choose_asked(sim *t, sim_purpose purpose, sim_id who, uint64_t low,
                                     uint64_t high);
/* Asks whoever decides, or the seed's stream for this purpose and node. */
static inline uint64_t sim_choose(sim *t, sim_purpose purpose, sim_id who, uint64_t low,
                                  uint64_t high)
{
    if (low == high)
        return low; /* nothing is open */
    if (t->chooser.choose)
        return sim_choose_asked(t, purpose, who, low, high);
    return sim_random_between(&t->streams[who][purpose], low, high);
}

/* ---- tell.c; tell.h has what is told often ------------------------------------------- */

/* A membership as notes show it, if somebody observes them; valid until the next one. */
const char *sim_config_text(sim *t, const sim_membership *m);
/* The first breach becomes the tank's violation.  cause: the note that led to it. */
SIM_SELDOM void sim_broken(sim *t, sim_id node, const sim_breach *breach, uint64_t cause);
/* False, with the text; the hint is empty then. */
SIM_SELDOM bool sim_fail(sim_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sim_hint(sim_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* False with the violation when there is one: nothing moves any more. */
SIM_SELDOM bool sim_fail_broken(const sim *t, sim_error *error);
static inline bool sim_may_move(const sim *t, sim_error *error)
{
    return SIM_MOSTLY(!t->broken.invariant) || sim_fail_broken(t, error);
}

/* ---- traffic.c --------------------------------------------------------------------- */

/* A message leaves for the network. */
void sim_send(sim *t, sim_message *m, uint64_t cause, bool forged);
/* It arrives, or meets a crashed node. */
void sim_arrive(sim *t, uint32_t slot);
void sim_lose(sim *t, uint32_t slot, sim_drop why, uint64_t cause);
/* It may be handed over now: no hold, no pause, no delay. */
bool sim_can_move(const sim *t, const sim_flying *f);
/* Plans a message anew; in flowing time with a record in the event queue. */
void sim_plan_message(sim *t, uint32_t slot);
/* The record of a message came up.  False: it was stale, or the message cannot move. */
bool sim_message_due(sim *t, const sim_event *e);
/* In flowing time, messages without a record get one. */
void sim_traffic_flow(sim *t);
/* A copy of a message leaves beside it. */
void sim_copy_message(sim *t, uint32_t slot, uint64_t cause);
/* A message takes the first of its link's places in time, the others the next. */
void sim_overtake(sim *t, uint32_t slot);
/* script.c: a running node, or NULL with an error that says what it is instead. */
sim_node *sim_running(sim *t, sim_id node, sim_error *error);
/* script.c: the oldest that fits; 0 with the error. */
uint32_t sim_find_message(const sim *t, const sim_filter *f, sim_error *error);
void sim_tell_hold(sim *t, const sim_flying *f, uint64_t cause);
void sim_tell_release(sim *t, const sim_flying *f, uint64_t cause);

/* ---- timer.c ----------------------------------------------------------------------- */

int64_t sim_clock_elapsed(int64_t us, int64_t ppm);
static inline int64_t sim_clock_local(const sim *t, const sim_clock *c)
{
    const int64_t passed = (int64_t)(t->now - c->since);
    return c->local + (c->ppm ? sim_clock_elapsed(passed, c->ppm) : passed);
}
/* What a node's engine is told. */
static inline sim_us sim_clock_now(const sim *t, const sim_node *n)
{
    const int64_t local = sim_clock_local(t, &n->clock);
    return local > 0 ? (sim_us)local : 0;
}
void sim_arm(sim *t, sim_node *n, sim_timer timer, sim_us min, sim_us max, uint64_t cause);
void sim_fire(sim *t, sim_node *n, sim_timer timer, uint64_t cause);
bool sim_timer_due(sim *t, const sim_event *e);
void sim_timers_flow(sim *t, sim_node *n);
void sim_timers_clear(sim_node *n);
void sim_clock_change(sim *t, sim_node *n, int64_t skew, int64_t ppm);

/* ---- node.c ------------------------------------------------------------------------ */

/* A message of a node leaves it: term becomes known to others. */
void sim_leave(sim *t, sim_node *n, sim_message *m, uint64_t term, uint64_t cause);
/* Carries out what the engine's last call left in its outbox.  wrap: the note that tells of
 * the call; it is told first, with what came of the call, and is the cause of the rest.
 * NULL: cause is. */
void sim_carry_out(sim *t, sim_node *n, sim_note *wrap, uint64_t cause);

/* ---- store.c ----------------------------------------------------------------------- */

/* Submits the running step's writes. */
void sim_store_submit(sim *t, sim_node *n, uint64_t cause);
/* The first write that is not durable is now. */
void sim_store_complete(sim *t, sim_node *n);
/* Every write is; an error of the disk ends it early. */
void sim_store_complete_all(sim *t, sim_node *n);
bool sim_store_due(sim *t, const sim_event *e);
void sim_store_flow(sim *t, sim_node *n);
/* What waited for the disk leaves. */
void sim_store_let_go(sim *t, sim_node *n, uint64_t cause);
/* Begins a note about a write. */
void sim_store_note(sim_note *note, const sim_node *n, const char *op, const sim_write *w,
                    uint64_t cause);
/* Logs and disks begin later now: what nobody can bring back is forgotten. */
void sim_store_forget(sim *t);
/* w may be NULL: it is no write that the note is about. */
uint64_t sim_store_tell(sim *t, const sim_node *n, const char *op, const sim_write *w,
                        uint64_t cause);

/* ---- news.c ------------------------------------------------------------------------ */

/* This write to the log is durable, as the note says: the node hears of it now or later. */
void sim_news_come(sim *t, sim_node *n, const sim_write *w, uint64_t durable);
/* It hears of all of which it may. */
void sim_news_hear_all(sim *t, sim_node *n);
bool sim_news_due(sim *t, const sim_event *e);
void sim_news_flow(sim *t, sim_node *n);
/* It goes on after a pause. */
void sim_news_thaw(sim *t, sim_node *n, uint64_t cause);
/* It crashed. */
void sim_news_forget(sim_node *n);
static inline bool sim_news_left(const sim_node *n)
{
    return n->news.first != n->news.last;
}

/* ---- life.c ------------------------------------------------------------------------ */

/* Starts an engine on what the disk holds.  cause: the note that tells of it, 0: none. */
void sim_boot(sim *t, sim_node *n, uint64_t cause);
/* how: as the note tells it, or NULL.  torn: the write at the disk is left half there. */
void sim_die(sim *t, sim_node *n, const char *how, bool torn, uint64_t cause);
/* The same, because it cannot write any more: whoever waits for it hears that. */
void sim_die_of_disk(sim *t, sim_node *n, const char *how, uint64_t cause);
void sim_node_free(sim *t, sim_node *n);
/* What a crashed node shows: what its disk would give back. */
void sim_look_at_disk(sim *t, sim_node *n);
/* It freezes, or goes on; how: as the note tells it, or NULL. */
void sim_freeze(sim *t, sim_node *n, const char *how, uint64_t cause);
void sim_thaw(sim *t, sim_node *n, const char *how);

/* ---- apply.c ----------------------------------------------------------------------- */

/* An application as the node's disk would have it: fresh, or from the snapshot there. */
void sim_app_boot(sim *t, sim_node *n);
/* The engine has started: the checker hears what was restored. */
void sim_app_booted(sim *t, sim_node *n, uint64_t cause);
/* Applies what is committed up to to, as far as the application lets it. */
void sim_apply(sim *t, sim_node *n, uint64_t to, uint64_t cause);
/* The actions about snapshots, each within a step. */
void sim_snapshot_chunk(sim *t, sim_node *n, const sim_action *a, uint64_t cause);
void sim_snapshot_install(sim *t, sim_node *n, const sim_action *a, uint64_t cause);
void sim_snapshot_compact(sim *t, sim_node *n, const sim_action *a, uint64_t cause);
/* A snapshot that came from another node is durable: the application has its state. */
void sim_snapshot_installed(sim *t, sim_node *n, uint64_t cause);
/* A snapshot of what it has applied.  False: it holds as much already. */
bool sim_snapshot_take(sim *t, sim_node *n, uint64_t cause);
/* What a step left to be done when it is over. */
void sim_duties(sim *t, sim_node *n, uint64_t cause);

/* ---- client.c ---------------------------------------------------------------------- */

sim_record *sim_request_record(const sim *t, uint64_t id);
bool sim_request_is_pending(const sim *t, uint64_t id);
/* What the log says is so: the node answers ok, and the checker asks whether it may. */
void sim_request_acknowledge(sim *t, sim_node *n, uint64_t id, const sim_text *answer,
                             uint64_t cause);
/* A node works at it no more; what it works at from before moves up by one. */
void sim_asked_forget(sim_asked_ring *r, uint64_t id);
sim_arena *sim_request_texts(const sim *t, uint64_t id);
/* The memory that requests hold. */
uint64_t sim_request_bytes(const sim *t);
void sim_requests_free(sim *t);
/* Tells of a request and gives it to the node, now or when it resumes.  0 with the error when
 * the node is crashed.  name, command and wish are copied. */
uint64_t sim_request_give(sim *t, sim_id node, sim_asks asks, const sim_wish *wish,
                          const char *command, size_t len, const char *name, sim_error *error);
void sim_request_accepted(sim *t, sim_node *n, uint64_t id, sim_point point);
void sim_request_refused(sim *t, sim_node *n, uint64_t id, const char *why, sim_id leader,
                         uint64_t cause);
/* The entry at index is to be applied on this node, and somebody waits for it. */
bool sim_request_waits(sim *t, sim_node *n, uint64_t index);
/* Somebody will read the answer to the first that waits. */
bool sim_request_wants_answer(const sim *t, const sim_node *n);
void sim_request_applied(sim *t, sim_node *n, sim_point point, const sim_text *answer,
                         uint64_t cause);
/* The log was cut from index on; answered when it is known what came instead. */
void sim_request_cut(sim *t, sim_node *n, uint64_t index);
/* Answers those that were cut: these entries came instead (entries_n 0: none did). */
void sim_request_replaced(sim *t, sim_node *n, uint64_t first, const sim_entry *entries,
                          uint32_t entries_n, uint64_t cause);
/* A snapshot took the place of the log up to index: what became of these is not known. */
void sim_requests_passed(sim *t, sim_node *n, uint64_t index, uint64_t cause);
/* It has stopped; disk: because its disk failed. */
void sim_requests_stopped(sim *t, sim_node *n, bool disk, uint64_t cause);
/* Nobody counts it as a member or tells it anything: what waits for a place in its log to be
 * committed waits in vain. */
void sim_requests_forsaken(sim *t, sim_node *n, uint64_t cause);
/* What came while the node was paused is taken up. */
void sim_requests_give(sim *t, sim_node *n, uint64_t cause);
/* A change (or with id 0 the transfer) has come to a good end. */
void sim_request_done(sim *t, sim_node *n, uint64_t id, uint64_t cause);
/* A read may be answered when index is applied. */
void sim_read_ready(sim *t, sim_node *n, uint64_t id, uint64_t index, uint64_t cause);
/* The node knows no leader any more, who would bring what its reads wait for. */
void sim_reads_forsaken(sim *t, sim_node *n, uint64_t cause);
/* Answers the reads that waited for what is applied now. */
void sim_reads_answer(sim *t, sim_node *n, uint64_t cause);

/* Notes a request down; it is sent by sim_request_send(). */
uint64_t sim_request_new(sim *t, sim_asks asks, const sim_wish *wish, const char *command,
                         size_t len, const char *name);
/* Takes the first that waits on the node off the list.  False: another entry came to stand at
 * its place. */
bool sim_request_take(sim *t, sim_node *n, sim_point point, uint64_t *id, uint64_t cause);
/* Tells of a request that is given to a node, and gives it. */
void sim_request_send(sim *t, uint64_t id, sim_id node, uint64_t cause);
/* Answers it for good. */
void sim_request_fail(sim *t, uint64_t id, const char *why, uint64_t cause);

/* ---- change.c ---------------------------------------------------------------------- */

/* The entry of a change is applied on the node that was asked for it. */
void sim_change_applied(sim *t, sim_node *n, uint64_t id, uint64_t cause);
/* The node has applied up to index, and m is committed there: joint consensus may be over. */
void sim_changes_settled(sim *t, sim_node *n, uint64_t index, const sim_membership *m,
                         uint64_t cause);
/* The node leads no more. */
void sim_changes_deposed(sim *t, sim_node *n, uint64_t cause);

/* ---- session.c --------------------------------------------------------------------- */

/* What the entry of a request says. */
typedef struct sim_session_parts {
    uint64_t client, serial;
    const uint8_t *command;
    uint32_t bytes;
} sim_session_parts;
bool sim_session_read(const sim_entry *e, sim_session_parts *out);
/* Proposes the request, or before it the session that it lacks. */
void sim_session_propose(sim *t, sim_node *n, uint64_t id);
/* How the log knows the open request: its session, and its number there. */
void sim_session_number(const sim *t, uint64_t id, uint64_t *session, uint64_t *serial);
/* The first that waits on the node has got its session; or has none any more. */
void sim_session_opened(sim *t, sim_node *n, sim_point point, uint64_t client, uint64_t cause);
void sim_session_expired(sim *t, sim_node *n, sim_point point, uint64_t cause);
/* Whether its client waits for this node; else it has given up what it asked there, or was told
 * already that nothing came of it. */
bool sim_session_waits(const sim *t, const sim_node *n, uint64_t id);
/* Nothing came of an attempt: the client goes on to the leader that it was told, or tries
 * again later. */
void sim_session_lost(sim *t, sim_node *n, uint64_t id, const char *why, sim_id leader,
                      uint64_t cause);
/* The request was answered. */
void sim_session_over(sim *t, uint64_t id, uint64_t cause);
/* Sends what the clients have to send. */
void sim_clients_go(sim *t);
void sim_clients_flow(sim *t);
bool sim_client_due(sim *t, const sim_event *e);

/* ---- cluster.c --------------------------------------------------------------------- */

/* A message is about to arrive. */
SIM_SELDOM void sim_limit_see_near(const sim *t, const sim_message *m);
static inline void sim_limit_see(const sim *t, const sim_message *m)
{
    if (t->limit)
        sim_limit_see_near(t, m);
}
SIM_SELDOM bool sim_limit_near(sim *t, sim_limit *l, sim_error *error);
enum { SIM_LIMIT_NEAR = 4096 }; /* so many before the end, what moves is counted */
/* Counts one; false with the error when that passes the limit. */
static inline bool sim_limit_count(sim *t, sim_limit *l, sim_error *error)
{
    return SIM_MOSTLY(++l->count + SIM_LIMIT_NEAR < l->most) || sim_limit_near(t, l, error);
}
void sim_limit_end(sim *t, sim_limit *l);
/* True, with the error, when the caller wants to stop. */
static inline bool sim_is_stopped(const sim *t, sim_error *error)
{
    return t->stop && *t->stop && !sim_fail(error, "stopped");
}

static inline sim_node *sim_node_at(const sim *t, sim_id id)
{
    return &t->node[id];
}
static inline bool sim_is_node(const sim *t, sim_id id)
{
    return id >= 1 && id <= t->nodes;
}

#include "sim/tell.h"

#endif
