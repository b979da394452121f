/* check_inner.h - what the checker remembers, shared by its files: check.c (a node's state
 * and elections), check_log.c (logs and disks), check_snapshot.c (logs that begin behind a
 * snapshot), check_members.c (configurations and quorums), check_commit.c (what is committed
 * and applied), check_client.c (what clients are told), check_blocks.c (facts by index, and
 * how they go). */
#ifndef SIM_CHECK_INNER_H
#define SIM_CHECK_INNER_H
#include "sim/check.h"
#include "sim/check_tables.h"
#include <assert.h>

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
    EXACTLY_ONCE,
    LINEARIZABLE,
    APPLICATION,
    CHECK_RULES
} check_rule;

/* An entry of a log: its term, and the chain hash over it and all before it. */
typedef struct check_link {
    uint64_t chain, term;
} check_link;

/* What is known about an index of the logs: the first (index, term) that any log had there.
 * Other terms at the same index, which are seldom, are in check_block.others. */
typedef struct check_pair {
    uint64_t chain, term;
    check_who who; /* 0: no log has had this index */
} check_pair;

typedef struct check_commit {
    uint64_t chain, term; /* of the entry */
    check_who who;        /* who committed it first */
} check_commit;

/* So many terms are known that had a leader and are over, and of as many or twice as many how
 * far things had come when they began. */
enum { CHECK_TERMS_KEPT = 1024 };

/* From this index on entries were committed by a leader of this term.  Terms rise. */
typedef struct check_run {
    uint64_t index, term;
} check_run;

typedef struct check_applied {
    uint64_t hash;
    check_who who; /* 0: nobody has told its state at this index */
} check_applied;

/* A truncation that the disk has not done yet, or a snapshot that is to take its log's place:
 * from this index on the disk holds what the log has no more. */
typedef struct check_cut {
    uint64_t from;
    uint64_t installs; /* the snapshot's index; 0: a truncation */
    bool keeps_log;
} check_cut;

typedef struct check_config { /* a configuration entry of a log */
    uint64_t index, seq;      /* seq: the note that told of its append; 0: by a snapshot */
} check_config;

/* What the entry of a session's request came to, when it was applied. */
typedef struct check_effect {
    uint64_t client, serial;
    check_who who; /* 0: nobody has told of one */
    bool took;     /* it took effect */
} check_effect;

/* All that is known about an index: the entries that logs had there, the one that is
 * committed, the state after it. */
typedef struct check_index {
    check_pair pair;
    check_commit commit; /* who 0: none is committed */
    check_applied state;
} check_index;

#ifndef CHECK_BLOCK_SHIFT /* a test has smaller blocks, so that much is forgotten soon */
#define CHECK_BLOCK_SHIFT 6
#endif
enum { CHECK_BLOCK = 1 << CHECK_BLOCK_SHIFT };
/* So many blocks, the first ones, are known for good. */
enum { CHECK_BEGINNING = CHECK_BLOCK_SHIFT ? 1 : 4 };

typedef struct check_block { /* the indexes from a multiple of CHECK_BLOCK on */
    uint32_t holds;          /* by so many logs and disks */
    bool is_idle;            /* it stands among sim_check.idle */
    uint64_t kept;           /* for a message, in this forget; 0: never */
    check_facts others;      /* (index, term) -> chain, of the terms that pair does not have */
    check_facts members;     /* (index, chain) of a configuration -> memberships[value] */
    sim_membership *memberships;
    size_t memberships_capacity, memberships_n;
    check_effect *effects;    /* CHECK_BLOCK of them; NULL: none was told */
    struct check_block *next; /* of those that are spare */
    check_index at[CHECK_BLOCK];
} check_block;

typedef struct check_range { /* of blocks, from first to last */
    uint64_t first, last;
} check_range;

/* A committed configuration entry. */
typedef struct check_settled {
    check_config config;
    sim_membership members;
    check_who who; /* who counted by it first; 0: nobody has yet */
} check_settled;

typedef struct check_node {
    /* The log from base on: log[0] is the entry at base (base 0: before the first entry), and
     * so on up to last.  Up to base it is the committed log: base <= sim_check.committed. */
    check_link *log;
    size_t log_capacity;
    uint64_t base, last;
    sim_point boots_behind; /* the snapshot that the next load begins behind; 0@0: none */
    /* Its configuration entries behind base, and the newest one up to base (index 0: none). */
    check_config *configs;
    size_t configs_capacity, configs_n;
    check_config config_before;
    bool config_new, config_moved; /* since the last state: it wrote one; any came or went */
    /* The disk's log: it reaches up to on_disk; up to synced it is the same as log, and
     * synced <= on_disk, synced <= last.  What was truncated but is still on disk lies
     * between; cuts are what the disk has not done yet, oldest first. */
    uint64_t on_disk, synced;
    check_cut *cuts;
    size_t cuts_capacity, cuts_n;
    uint64_t disk_base; /* the snapshot there: the disk's log begins behind it */
    uint64_t doomed; /* up to here entries may yet come to the disk that the log has no more */
    check_range log_holds, disk_holds; /* the blocks that it may ask about */
    /* What an operator took from the disk, which goes on counting: up to lost_last; up to
     * lost_base it was the committed log, lost[0] is the entry at lost_base. */
    check_link *lost;
    uint64_t lost_base, lost_last;
    /* As last told. */
    sim_role role;
    uint64_t term, commit, applied;
    sim_point point; /* the view's last */
    sim_set voters, outgoing, learners;
    uint64_t config_told; /* where the view said that they stand in its log */
    sim_id vote;          /* of the last state; voted keeps it until the term changes */
    sim_id voted;
    check_who voted_at, commit_at, applied_at, term_at;
    uint64_t role_seq, log_seq; /* the notes that told of its role and of its log's end */
    /* The highest term that others have heard from it, crashes or not. */
    uint64_t told;
    check_who told_at;
    /* Its word to others, crashes or not: whom it votes for in a term, and how far its disk
     * holds the log; what it truncates since it does not hold any more. */
    uint64_t vote_term;
    sim_id vote_given; /* in vote_term; 0: nobody has heard of a vote */
    sim_id holds_to;
    uint64_t holds, holds_seq;
    check_who vote_given_at;
    /* When it started last, and in which term. */
    uint64_t start_seq, start_term;
    uint64_t cut_from; /* the lowest truncation since the last state; 0: none */
    uint64_t cut_term; /* the term of its last truncation */
    bool wrote;        /* the log changed since the last state */
    bool excused;
} check_node;

struct sim_check {
    uint32_t nodes;
    const char *const *names; /* names[id - 1] */
    check_node *at;           /* at[id] */
    /* What is known by index: block number i, of the indexes from i * CHECK_BLOCK on, stands
     * at blocks[i] modulo the capacity, a power of two. */
    check_block **blocks; /* NULL: forgotten */
    size_t blocks_capacity;
    uint64_t blocks_first, blocks_end;
    check_block *spare;
    check_block *beginning[CHECK_BEGINNING]; /* that are no more among blocks */
    uint64_t *idle; /* those that no node holds, and perhaps some that one does again */
    size_t idle_capacity, idle_n;
    uint64_t forgets; /* so many times it has forgotten something, and one more */
    bool keeps_all;   /* nothing is forgotten */
    /* Election Safety. */
    check_facts leaders; /* (term, 0) */
    uint64_t *led;       /* their terms, in a ring */
    size_t led_capacity;
    uint64_t led_first, led_last;
    /* What is committed: 1..committed. */
    uint64_t committed;
    check_run *runs;
    size_t runs_capacity, runs_n;
    sim_set voters, outgoing; /* of whoever moved committed last: whose disks count */
    check_settled *configs;   /* the committed configuration entries that are not forgotten */
    size_t configs_capacity, configs_n;
    /* Clients. */
    check_facts reads;    /* (request, 0) -> what was committed when it began */
    check_facts sessions; /* (client, serial) -> the index at which it took effect */
    /* Of each session the newest request whose effect is forgotten: (client, 0) -> its serial,
     * (client, 1) -> its index.  Those that were forgotten last are in done[0]. */
    check_facts done[2];
    uint64_t now; /* the highest number of a note so far; a step may have none of its own */
    bool broken;
    sim_breach breach;
};

/* Remembers the breach, hands it out, returns false.  one and other by check_say(). */
SIM_SELDOM bool check_break(sim_check *c, check_rule rule, sim_breach *out);
/* Writes one of the two facts and the event that caused it; seq 0: not known. */
void check_say_one(sim_check *c, uint64_t seq, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void check_say_other(sim_check *c, uint64_t seq, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "n1 committed 3@2" as the first fact. */
void check_say_committed(sim_check *c, uint64_t index);
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

/* ---- check_blocks.c ---- */

/* The block of an index; NULL when there is none. */
static inline check_block *check_block_of(const sim_check *c, uint64_t index)
{
    const uint64_t i = index >> CHECK_BLOCK_SHIFT;
    check_block *b = NULL;
    if (i >= c->blocks_first && i < c->blocks_end)
        b = c->blocks[i & (c->blocks_capacity - 1)];
    return b || i >= CHECK_BEGINNING ? b : c->beginning[i];
}
/* The same, which is made when there was none yet; NULL: it was forgotten. */
check_block *check_block_make(sim_check *c, uint64_t index);
static inline check_block *check_block_need(sim_check *c, uint64_t index)
{
    check_block *b = check_block_of(c, index);
    return b ? b : check_block_make(c, index);
}
/* What is known about an index; NULL when nothing is. */
static inline check_index *check_index_of(const sim_check *c, uint64_t index)
{
    check_block *b = check_block_of(c, index);
    return b ? &b->at[index & (CHECK_BLOCK - 1)] : NULL;
}
/* What the request at an index came to, to be told; NULL: it was forgotten. */
check_effect *check_effect_at(sim_check *c, uint64_t index);
/* Any number will do for the chain before the first entry, if it is the same for all. */
#define CHECK_CHAIN_START UINT64_C(0x57617665746e6b31)
/* The committed entry at index; who 0 when it is not known, or none is committed there. */
static inline const check_commit *check_committed_at(const sim_check *c, uint64_t index)
{
    static const check_commit none = {.chain = CHECK_CHAIN_START};
    const check_index *it = check_index_of(c, index);
    return it ? &it->commit : &none;
}
/* The last block that somebody asks about who has a log up to this index.  What he writes of
 * himself comes behind it; and the first of it may be the same as what was there, as the no-ops
 * of a term are. */
enum { CHECK_AHEAD = 8 };
static inline uint64_t check_reach(uint64_t last)
{
    return (last + CHECK_AHEAD) >> CHECK_BLOCK_SHIFT;
}
/* More is committed than before. */
void check_blocks_committed(sim_check *c, uint64_t before);
/* The ends of a node's log or disk have moved. */
void check_node_moved(sim_check *c, check_node *n);
void check_node_holds(sim_check *c, check_node *n); /* a new one: nothing yet */
/* The last index that may be on the node's disk one day, but for what its log has: also what
 * a snapshot stands for in the log already and not yet on the disk. */
static inline uint64_t check_disk_end(const check_node *n)
{
    const uint64_t end = n->on_disk > n->doomed ? n->on_disk : n->doomed;
    return end > n->base ? end : n->base;
}
/* Its log has become longer, its disk as it is.  Seldom: most moves stay within a block. */
static inline void check_log_may_have_moved(sim_check *c, check_node *n)
{
    if (check_reach(n->last) != n->log_holds.last)
        check_node_moved(c, n);
}
/* The other way round. */
static inline void check_disk_may_have_moved(sim_check *c, check_node *n)
{
    if (check_reach(check_disk_end(n)) != n->disk_holds.last)
        check_node_moved(c, n);
}
void check_blocks_copy(sim_check *to, const sim_check *from);
void check_blocks_free(sim_check *c);
uint64_t check_blocks_bytes(const sim_check *c);

/* An entry of the node's log; index <= n->last. */
static inline check_link check_at(const sim_check *c, const check_node *n, uint64_t index)
{
    if (index >= n->base)
        return n->log[index - n->base];
    const check_commit *it = check_committed_at(c, index);
    return (check_link){it->chain, it->term};
}
/* Whether the node's log has the committed entry at index, which is committed. */
static inline bool check_agrees(const sim_check *c, const check_node *n, uint64_t index)
{
    assert(index <= c->committed);
    if (n->last < index || index <= n->base)
        return n->last >= index;
    const check_commit *it = check_committed_at(c, index);
    return !it->who || it->chain == n->log[index - n->base].chain;
}

/* ---- check_log.c ---- */

/* The highest index from low on, which agrees, up to high at which it still does. */
uint64_t check_agrees_up_to(const sim_check *c, const check_node *n, uint64_t low,
                            uint64_t high);

/* The node's disk and log agree up to synced only, from now on.  False: a breach of
 * Committed stays. */
bool check_lower_synced(sim_check *c, sim_id node, uint64_t synced, uint64_t seq,
                        sim_breach *out);
void check_push_cut(check_node *n, check_cut cut);
void check_pop_cut(check_node *n);

/* ---- check_snapshot.c ---- */

/* The links up to index, where the log is the committed one, are not kept any more; or, when
 * index is lower than base, they are kept from there on. */
void check_rebase(const sim_check *c, check_node *n, uint64_t index);
/* The same where a snapshot says what stood there. */
void check_rest_on(const sim_check *c, check_node *n, sim_point last);

/* ---- check_members.c ---- */

/* Whether enough disks hold the committed entry at index, an operator's losses counted in;
 * holders: those that were looked at and do. */
bool check_quorum_holds(const sim_check *c, uint64_t index, sim_set *holders);
/* Whether the set is a majority of those whose disks count, in joint consensus of both. */
bool check_is_quorum(const sim_check *c, sim_set set);
/* Says which disks hold an entry and which would be needed; why: appended, or NULL. */
void check_say_holders(sim_check *c, sim_set holders, uint64_t index, uint64_t seq,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));
void check_config_push(check_node *n, uint64_t index, uint64_t seq);
/* The log ends at last now. */
void check_config_cut(check_node *n, uint64_t last);
/* The log begins at index now, up to which it is the committed one. */
void check_config_rebase(const sim_check *c, check_node *n, uint64_t index);
static inline const check_config *check_config_of(const check_node *n)
{
    return n->configs_n ? &n->configs[n->configs_n - 1] : &n->config_before;
}
/* The node's log is committed from one index to another now. */
void check_config_committed(sim_check *c, const check_node *n, uint64_t from, uint64_t to);
/* Of the committed configurations those below index are not needed, but for the newest. */
void check_configs_forget(sim_check *c, uint64_t index);
bool check_membership(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                      sim_breach *out);
/* After the commits of the step. */
bool check_one_change(sim_check *c, sim_id node, const sim_view *v, sim_breach *out);

/* ---- check_client.c ---- */

/* What these n requests came to is forgotten, but for the newest of each session. */
void check_effects_forget(sim_check *c, const check_effect *at, size_t n);

/* ---- check_commit.c ---- */

bool check_commit_to(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                     sim_breach *out);
/* The highest index that was committed in a term below this one. */
uint64_t check_committed_before(const sim_check *c, uint64_t term);
/* The lowest committed entry that the node's log lacks and that is not forgotten; there is one,
 * not above index. */
uint64_t check_first_lacking(const sim_check *c, const check_node *n, uint64_t index);
/* No leader of a term below this one can be elected any more, unless a disk was emptied. */
void check_runs_forget(sim_check *c, uint64_t term);

#endif
