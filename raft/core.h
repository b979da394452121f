/* core.h - the inside of a server, shared by the files that hold the rules.
 *
 * Nobody outside raft/ includes this.  A step runs in three parts (step.c): what came is
 * checked and passes the gate of terms, one handler runs, and at the end the timers that
 * the handler wished for are told and the invariants are asserted.
 *
 * What changes the server goes through one function each, which also tells the effect:
 * raft_move() the role, raft_set_hard_state() term and vote, raft_log_grow() and
 * raft_log_cut() the log, raft_set_commit() the commit index. */
#ifndef RAFT_CORE_H
#define RAFT_CORE_H
#include <assert.h>

#include "raft/bugs.h"
#include "raft/log.h"
#include "raft/membership.h"
#include "raft/progress.h"
#include "raft/quorum.h"
#include "raft/raft.h"

#define RAFT_NO_EFFECT UINT32_MAX

enum { RAFT_ROUNDS_KEPT = 16 };

/* Bytes of a configuration's entry that the server keeps itself. */
typedef struct raft_kept {
    struct raft_kept *next;
    uint8_t bytes[RAFT_CONFIGURATION_BYTES];
} raft_kept;

typedef struct raft_read {
    uint64_t ticket;  /* the caller's, or that of the server that asks */
    uint64_t round;   /* leader: ready when this round is confirmed */
    raft_index index; /* leader: the commit index when it came */
    raft_id from;     /* 0: asked here */
} raft_read;

typedef struct raft_reads { /* thesis 6.4 */
    raft_read *at;          /* oldest first; rounds do not decrease */
    uint32_t n, capacity;
    uint64_t round;                    /* leader: the newest round of heartbeats */
    uint64_t confirmed;                /* <= round; a quorum has answered this one */
    raft_us sent_at[RAFT_ROUNDS_KEPT]; /* of the newest rounds, at round % RAFT_ROUNDS_KEPT */
    uint64_t timed;                    /* rounds below this have no time */
    raft_us lease_at;                  /* when the round that gave the lease was sent */
    bool lease;                        /* there is one, as long as it lasts */
    raft_us asked_at;                  /* follower: when it last asked its leader */
} raft_reads;

struct raft {
    /* On disk (thesis fig. 3.1): term never decreases, vote changes once in a term. */
    raft_term term;
    raft_id vote;
    raft_log log;

    raft_id id;
    raft_id leader; /* of this term, when known; own id when leading */
    raft_role role;
    bool started;

    raft_history configs;    /* those that the log holds, and the one below it */
    raft_configuration conf; /* in force (thesis 4.1) */
    raft_index conf_at;      /* of its entry; 0: the first, or from a snapshot */
    raft_set targets;        /* whom a leader replicates to: members and who is joining */
    raft_kept *kept;         /* bytes of configurations, when the caller keeps none */

    struct {                       /* leader: a change of membership (thesis 4) */
        raft_set joining;          /* new voters that are catching up (4.2.1); 0: nobody */
        raft_configuration wanted; /* to be appended when they have */
        uint64_t ticket;
        uint32_t round;   /* of catching up, from 1 */
        raft_index until; /* a round brings them this far */
        raft_us began;    /* the round */
        raft_us asked;    /* the change */
        raft_index at;    /* its commit is awaited; 0: of none */
        bool has_ticket;  /* somebody waits for that commit */
    } change;

    struct {               /* leadership transfer (thesis 3.10) */
        raft_id to;        /* leader: the target; 0: none */
        raft_id handed_to; /* was leader: who was told to campaign; until a leader is heard */
        bool told;         /* the target was told to campaign, in this term */
        bool aside;        /* the application failed: never serve again in this term */
    } transfer;

    raft_snapshot snapshot; /* stands for the log up to its base; last 0@0: none */
    bool snapshot_held;     /* its bytes are known, it can be sent */
    struct {                /* a snapshot that is being received */
        raft_point last;    /* 0@0: none */
        raft_term term;     /* of the leader that sends it */
        uint64_t total, next;
    } arriving;

    raft_reads reads; /* what waits to be answered */

    raft_index commit;     /* <= last; volatile (thesis 3.8) */
    raft_index term_start; /* leader: its no-op; <= last */
    raft_index stable;     /* <= last; known to be on the own disk up to here.  That index and
                            * term name an entry leaves one doubt: it may have been replaced and
                            * have come back, with the last write under way.  A leader cannot be
                            * in it: before it was elected its RequestVote waited for every
                            * write, and since then it only appends.  One that had nobody to
                            * ask may be, but not about an entry of its term, which comes behind
                            * all those on its disk, and no other commits anything (3.6.2). */

    raft_us now;      /* the latest event's; may go back */
    raft_us heard_at; /* <= now; when the leader was last heard, when there is one */

    bool unheard; /* it elected itself alone, in a term that is not durable yet (thesis 3.8) */
    raft_set yes, no; /* pre-candidate, candidate: who would vote for it and who not */
    raft_set heard;   /* leader: heard since it was elected; peers have the time */
    raft_set active;  /* leader: heard since quorum was last checked (thesis 6.2) */

    raft_progress *peers; /* of id at id - 1; meaningful for the other voters of a leader */
    uint32_t peers_n;     /* the highest id of all */
    raft_flight *rings;   /* the peers' rings, one after the other */

    raft_effects fx;
    uint32_t hard_at;    /* where this step's HARD_STATE is while nothing depends on it */
    bool grew;           /* the log has grown in this step: entries may not move again */
    raft_term boot_term; /* what the disk had at the start */
    raft_term led;       /* the latest term in which it led, since boot */
    bool quiet;          /* just rebooted: it may have promised a leader not to vote (6.4.1) */
    uint8_t armed;       /* bit per timer: the caller has it armed */
    uint8_t arm, disarm; /* bit per timer: the wish of this step; never both */

    raft_config config;
};

/* --- raft.c: effects, and the one way to change each thing ------------------------- */

void raft_more_effects(raft *r) __attribute__((cold));
/* The next effect.  Its other members are not cleared: who tells it sets all of its kind's. */
static inline raft_effect *raft_tell(raft *r, raft_effect_kind kind)
{
    if (r->fx.n == r->fx.capacity)
        raft_more_effects(r);
    raft_effect *e = &r->fx.at[r->fx.n++];
    e->kind = kind;
    return e;
}
void raft_ignore(raft *r, const char *why);
/* A message to one server, with its head filled in. */
raft_msg *raft_send(raft *r, raft_msg_kind kind, raft_id to, bool after_writes);
/* Starts the timer anew, or stops it, when the step ends. */
void raft_arm(raft *r, raft_timer timer);
void raft_disarm(raft *r, raft_timer timer);

void raft_set_hard_state(raft *r, raft_term term, raft_id vote);
void raft_log_grow(raft *r, const raft_entry *entries, uint32_t n);
void raft_log_cut(raft *r, raft_index from);
void raft_set_commit(raft *r, raft_index commit);
/* Forgets the log up to last, and all of it when !keeps_log; c is in force at last. */
void raft_log_rest_on(raft *r, raft_point last, const raft_configuration *c, bool keeps_log);
/* Room for what is known of this peer.  Moves the peers. */
void raft_make_room(raft *r, raft_id id);
/* Bytes that live as long as entries do. */
const uint8_t *raft_keep(raft *r, const uint8_t bytes[RAFT_CONFIGURATION_BYTES]);
/* Refuses a request; ticket 0 is a transfer. */
void raft_refuse(raft *r, uint64_t ticket, raft_refusal why);
/* Why a server that does not lead cannot serve. */
raft_refusal raft_not_leading(const raft *r);

static inline raft_progress *raft_peer(raft *r, raft_id id)
{
    assert(id >= 1 && id <= r->peers_n);
    return &r->peers[id - 1];
}

/* Time since an earlier event; none when the clock went back meanwhile. */
static inline raft_us raft_since(const raft *r, raft_us then)
{
    return r->now > then ? r->now - then : 0;
}

/* --- role.c ------------------------------------------------------------------------ */

/* The only function that changes the role.  why is static text. */
void raft_move(raft *r, raft_role to, const char *why);
bool raft_role_holds(const raft *r);
/* A follower is a learner while the configuration says so (4.2.1). */
void raft_settle_role(raft *r);

/* --- election.c (thesis 3.4, 9.6, 4.2.3, 6.2) -------------------------------------- */

void raft_campaign(raft *r, const char *why);
/* Without asking first; transfer: the leader wants it (3.10). */
void raft_stand(raft *r, const char *why, bool transfer);
/* A message of a higher term was seen. */
void raft_enter_term(raft *r, raft_term term);
/* Back to follower within the term, if it is not one already. */
void raft_follow(raft *r, raft_id leader, const char *why);
bool raft_leader_lives(const raft *r);
void raft_check_quorum(raft *r);
void raft_refuse_vote(raft *r, const raft_msg *m);
bool raft_may_stand(const raft *r);

void raft_on_request_vote(raft *r, const raft_msg *m);
void raft_on_request_vote_reply(raft *r, const raft_msg *m);
void raft_on_pre_vote(raft *r, const raft_msg *m);
void raft_on_pre_vote_reply(raft *r, const raft_msg *m);

/* --- reconfig.c (thesis 4) --------------------------------------------------------- */

/* Is yes enough to decide?  In joint consensus both sides must agree (4.3). */
bool raft_decides(const raft *r, raft_set yes);
/* The highest value that a quorum has reached.  field is the offset of a uint64_t in
 * raft_progress, own is this server's value; floor when a quorum is not above it. */
uint64_t raft_reached(const raft *r, size_t field, uint64_t own, uint64_t floor);

/* Takes the newest configuration of the log as the one in force, and tells it. */
void raft_configure(raft *r, const char *why);
/* The log has grown by n entries from first on, or was cut. */
void raft_configs_grow(raft *r, raft_index first, uint32_t n);
void raft_configs_cut(raft *r, raft_index from);

void raft_change_members(raft *r, const raft_event *e);
/* A joining server has got further, or time has passed. */
void raft_catch_up(raft *r);
void raft_catch_up_in_time(raft *r);
/* The configuration in force is committed. */
void raft_change_committed(raft *r);
void raft_change_given_up(raft *r, raft_refusal why);

/* --- transfer.c (thesis 3.10) ------------------------------------------------------ */

void raft_transfer(raft *r, raft_id to);
/* Tells the target to campaign, if it has all that it needs. */
void raft_hand_over(raft *r);
void raft_transfer_given_up(raft *r, raft_refusal why);
/* Somebody leads, or nobody was found: is it whom this server handed over to? */
void raft_transfer_seen(raft *r, raft_id leader);
void raft_app_failed(raft *r);
void raft_on_timeout_now(raft *r, const raft_msg *m);

/* --- snapshot.c (thesis 5) --------------------------------------------------------- */

void raft_take_snapshot(raft *r, const raft_event *e);
void raft_snapshot_installed(raft *r, const raft_event *e);
/* Leader: the next chunk for a follower that lacks what the log has no more. */
void raft_send_snapshot(raft *r, raft_id to);
void raft_on_install_snapshot(raft *r, const raft_msg *m);
void raft_on_install_snapshot_reply(raft *r, const raft_msg *m);

/* --- read_index.c (thesis 6.4) ----------------------------------------------------- */

void raft_read_index(raft *r, uint64_t ticket, bool lease);
/* The round that a message to a follower belongs to; 0 when nobody asks. */
static inline uint64_t raft_round(const raft *r)
{
    return r->reads.n > 0 || r->config.lease_reads ? r->reads.round : 0;
}
void raft_begin_round(raft *r);
void raft_round_answered(raft *r, raft_id from, uint64_t round);
/* Leadership has gone, or another leads: what waits is refused, not lost. */
void raft_refuse_reads(raft *r);
/* A heartbeat of that round came while reads wait (6.4). */
void raft_ask_again(raft *r, uint64_t round);
void raft_reads_reset(raft *r);
void raft_on_read_index(raft *r, const raft_msg *m);
void raft_on_read_index_reply(raft *r, const raft_msg *m);

/* --- append.c: the follower's side (thesis 3.5) ------------------------------------ */

void raft_on_append(raft *r, const raft_msg *m);
void raft_refuse_append(raft *r, const raft_msg *m, raft_point conflict);

/* --- replicate.c: the leader's side (thesis 3.5, 3.6.2, 10.2) ---------------------- */

/* Just elected: forgets what it knew of the others, opens the term with a no-op. */
void raft_lead(raft *r);
void raft_propose(raft *r, uint64_t ticket, const raft_entry *entry);
void raft_heartbeat(raft *r);
/* A sign of life to all, which carries what a probe would. */
void raft_beat(raft *r);
/* To one; what it lacks, as far as it may be sent. */
void raft_beat_to(raft *r, raft_id to);
void raft_replicate(raft *r, raft_id to);
void raft_replicate_to_all(raft *r);
/* A follower answered: it lives.  False: it is none, and the answer is ignored. */
bool raft_heard_from(raft *r, const raft_msg *m, uint64_t round);
void raft_advance_commit(raft *r);
void raft_on_append_reply(raft *r, const raft_msg *m);

#endif
