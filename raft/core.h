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
#include "raft/progress.h"
#include "raft/quorum.h"
#include "raft/raft.h"

#define RAFT_NO_EFFECT UINT32_MAX

struct raft {
    /* On disk (thesis fig. 3.1): term never decreases, vote changes once in a term. */
    raft_term term;
    raft_id vote;
    raft_log log;

    raft_id id;
    raft_id leader; /* of this term, when known; own id when leading */
    raft_role role;
    bool started;

    raft_configuration conf; /* in force (thesis 4.1) */

    raft_index commit; /* <= last; volatile (thesis 3.8) */
    raft_index stable; /* <= last; known to be on the own disk up to here.  That index and
                        * term name an entry leaves one doubt: it may have been replaced and
                        * have come back, with the last write under way.  A leader cannot be
                        * in it: before it was elected its RequestVote waited for every
                        * write, and since then it only appends. */

    raft_us now;      /* the latest event's; may go back */
    raft_us heard_at; /* <= now; when the leader was last heard, when there is one */

    raft_set yes, no; /* pre-candidate, candidate: who would vote for it and who not */
    raft_set heard;   /* leader: heard since it was elected; peers have the time */
    raft_set active;  /* leader: heard since quorum was last checked (thesis 6.2) */

    raft_progress *peers; /* of id at id - 1; meaningful for the other voters of a leader */
    uint32_t peers_n;     /* the highest id of all */
    raft_index *rings;    /* the peers' rings, one after the other */

    raft_effects fx;
    uint32_t hard_at;    /* where this step's HARD_STATE is while nothing depends on it */
    bool grew;           /* the log has grown in this step: entries may not move again */
    uint8_t armed;       /* bit per timer: the caller has it armed */
    uint8_t arm, disarm; /* bit per timer: the wish of this step; never both */

    raft_config config;
};

/* --- raft.c: effects, and the one way to change each thing ------------------------- */

raft_effect *raft_tell(raft *r, raft_effect_kind kind);
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

/* --- election.c (thesis 3.4, 9.6, 4.2.3, 6.2) -------------------------------------- */

void raft_campaign(raft *r, const char *why);
/* A message of a higher term was seen. */
void raft_enter_term(raft *r, raft_term term);
/* Back to follower within the term, if it is not one already. */
void raft_follow(raft *r, raft_id leader, const char *why);
bool raft_leader_lives(const raft *r);
void raft_check_quorum(raft *r);
void raft_refuse_vote(raft *r, const raft_msg *m);

void raft_on_request_vote(raft *r, const raft_msg *m);
void raft_on_request_vote_reply(raft *r, const raft_msg *m);
void raft_on_pre_vote(raft *r, const raft_msg *m);
void raft_on_pre_vote_reply(raft *r, const raft_msg *m);

/* --- append.c: the follower's side (thesis 3.5) ------------------------------------ */

void raft_on_append(raft *r, const raft_msg *m);
void raft_refuse_append(raft *r, const raft_msg *m, raft_point conflict);

/* --- replicate.c: the leader's side (thesis 3.5, 3.6.2, 10.2) ---------------------- */

/* Just elected: forgets what it knew of the others, opens the term with a no-op. */
void raft_lead(raft *r);
void raft_propose(raft *r, uint64_t ticket, const raft_entry *entry);
void raft_heartbeat(raft *r);
void raft_advance_commit(raft *r);
void raft_on_append_reply(raft *r, const raft_msg *m);

#endif
