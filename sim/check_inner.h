/* check_inner.h - what the checker remembers, shared by its files: check.c (a node's state
 * and elections), check_log.c (logs and disks), check_commit.c (what is committed). */
#ifndef SIM_CHECK_INNER_H
#define SIM_CHECK_INNER_H
#include "sim/check.h"
#include "sim/check_tables.h"

typedef enum check_rule {
    ELECTION_SAFETY,
    LEADER_APPEND_ONLY,
    LOG_MATCHING,
    LEADER_COMPLETENESS,
    STATE_MACHINE_SAFETY,
    COMMITTED_STAYS,
    MONOTONIC_TERM,
    MONOTONIC_COMMIT,
    MONOTONIC_APPLIED,
    ACKNOWLEDGED,
    EQUAL_STATE,
    CHECK_RULES
} check_rule;

/* An entry of a log: its term, and the chain hash over it and all before it. */
typedef struct check_link {
    uint64_t chain, term;
} check_link;

/* What is known about an index of the logs: the first (index, term) that any log had there.
 * Other terms at the same index, which are seldom, are in sim_check.others. */
typedef struct check_pair {
    uint64_t chain, term;
    check_who who; /* 0: no log has had this index */
} check_pair;

typedef struct check_commit {
    uint64_t chain, term; /* of the entry */
    check_who who;        /* who committed it first */
} check_commit;

/* From this index on entries were committed by a leader of this term.  Terms rise. */
typedef struct check_run {
    uint64_t index, term;
} check_run;

typedef struct check_applied {
    uint64_t hash;
    check_who who; /* 0: nobody has told its state at this index */
} check_applied;

typedef struct check_node {
    check_link *log; /* log[0] stands before the first entry; 0..last */
    size_t log_capacity;
    uint64_t last;
    /* The disk's log: it reaches up to on_disk; up to synced it is the same as log, and
     * synced <= on_disk, synced <= last.  What was truncated but is still on disk lies
     * between; cuts are the truncations that the disk has not done yet, oldest first. */
    uint64_t on_disk, synced;
    uint64_t *cuts;
    size_t cuts_capacity, cuts_n;
    /* What an operator took from the disk, which goes on counting: lost[0..lost_n]. */
    check_link *lost;
    uint64_t lost_n;
    /* As last told. */
    sim_role role;
    uint64_t term, commit, applied;
    sim_point point; /* the view's last */
    sim_id vote;     /* of the last state; voted keeps it until the term changes */
    sim_id voted;
    check_who voted_at, commit_at, applied_at, term_at;
    /* The highest term that others have heard from it, crashes or not. */
    uint64_t told;
    check_who told_at;
    /* When it started last, and in which term. */
    uint64_t start_seq, start_term;
    uint64_t cut_from; /* the lowest truncation since the last state; 0: none */
    bool wrote;        /* the log changed since the last state */
    bool excused;
} check_node;

struct sim_check {
    uint32_t nodes;
    const char *const *names; /* names[id - 1] */
    check_node *at;           /* at[id] */
    /* Log Matching. */
    check_pair *pairs; /* by index */
    size_t pairs_capacity, pairs_n;
    check_facts others;
    /* Election Safety. */
    check_facts leaders; /* (term, 0) */
    /* What is committed: commits[1..committed]. */
    check_commit *commits;
    size_t commits_capacity;
    uint64_t committed;
    check_run *runs;
    size_t runs_capacity, runs_n;
    sim_set voters; /* of whoever moved committed last: whose disks count */
    /* Equal State. */
    check_applied *states; /* by index */
    size_t states_capacity, states_n;
    uint64_t now; /* the highest number of a note so far; a step may have none of its own */
    bool broken;
    sim_breach breach;
};

/* Remembers the breach, hands it out, returns false.  one and other by check_say(). */
bool check_break(sim_check *c, check_rule rule, sim_breach *out);
/* Writes one of the two facts. */
void check_say_one(sim_check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_say_other(sim_check *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Every call begins with this: after a breach nothing is checked any more. */
static inline bool check_is_broken(sim_check *c, uint64_t *seq, sim_breach *out)
{
    if (*seq > c->now)
        c->now = *seq;
    *seq = c->now;
    if (c->broken && out)
        *out = c->breach;
    return c->broken;
}
/* Whether a node stated this about a term, and has forgotten since that it ever was in it:
 * a crash took the term before it was durable, so that nobody else heard of it, neither of
 * the leader (a sole voter elects itself before its disk is done) nor of its entries. */
static inline bool check_is_void(const sim_check *c, check_who who, uint64_t term)
{
    const check_node *n = &c->at[check_whose(who)];
    return n->start_term < term && check_seq(who) < n->start_seq;
}
static inline const char *check_name(const sim_check *c, sim_id node)
{
    return c->names[node - 1];
}

/* ---- check_log.c ---- */

/* Whether the node's log has the committed entry at index. */
static inline bool check_agrees(const sim_check *c, const check_node *n, uint64_t index)
{
    return n->last >= index && n->log[index].chain == c->commits[index].chain;
}
/* Whether enough disks hold the committed entry at index, an operator's losses counted
 * in.  False: a breach of Committed stays, whose first fact is said. */
bool check_quorum_holds(sim_check *c, uint64_t index, sim_set *holders);
/* Says which disks hold an entry and which would be needed. */
void check_say_holders(sim_check *c, sim_set holders, uint64_t index, uint64_t seq);

/* ---- check_commit.c ---- */

bool check_commit_to(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                     sim_breach *out);
/* The highest index that was committed in a term below this one. */
uint64_t check_committed_before(const sim_check *c, uint64_t term);

#endif
