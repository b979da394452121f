/* check.h - the invariants, checked after every event, in constant time.
 *
 * The node tells the checker what the engine did: writes to the log, state after a step,
 * what was sent, applied, answered, lost.  The checker keeps global facts in tables that
 * grow with the content of the logs (terms to leaders, (index, term) to chain hash,
 * committed index to chain hash) and compares each new fact with them.  It never reads a
 * log through and never switches off.
 *
 * A chain hash covers an entry and all before it: chain(i) = mix(chain(i-1), term, checksum).
 * Two logs that have the same chain at an index are equal up to there.
 *
 * The order in which a step is told: its writes (append, truncate), then state, then all
 * that follows from it (durable, sent, applied, acknowledged), in the order in which it
 * happens.
 *
 * Nothing becomes vacuous by compaction: a snapshot stands for entries that are committed, and
 * what is committed is remembered; so an index behind a node's snapshot is compared with that.
 * It is remembered for as long as a log, a disk (also of a crashed node) or a message reaches
 * down to it: then nothing that is there can come back, and a long run does not grow by it.
 * How the log began is remembered for good, for a cluster whose disks were emptied begins anew.
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H
#include "sim/engine.h"
#include "sim/types.h"

typedef struct sim_check sim_check;

typedef struct sim_breach {
    const char *invariant, *cite; /* static */
    char one[256], other[256];    /* the two facts that contradict each other */
    uint64_t one_seq, other_seq;  /* the events that caused each; 0: so from the start */
} sim_breach;

/* names: of the nodes, for the facts; must live as long as the checker. */
sim_check *sim_check_new(uint32_t nodes, const char *const *names);
sim_check *sim_check_clone(const sim_check *from);
void sim_check_free(sim_check *c);

/* Each returns true when all is well; else the breach is in *out and the first one stays.
 * seq: the number of the note that is being told, so that facts can say where. */

/* A preset or a restart: the node's log is now the n entries that its disk holds, all of
 * them durable.  Cheap where the chain is known already. */
bool sim_check_load(sim_check *c, sim_id node, const sim_entry *entries, uint64_t n,
                    uint64_t seq, sim_breach *out);
/* To be told before that load when the disk holds a snapshot: the entries begin behind it. */
bool sim_check_snapshot(sim_check *c, sim_id node, sim_point last, uint64_t seq,
                        sim_breach *out);
/* The node starts on what was loaded.  When it has a snapshot, v->commit reaches up to it,
 * and sim_check_applied() follows once the application is restored. */
bool sim_check_start(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                     sim_breach *out);
/* The node issued these writes to its log (not durable yet). */
bool sim_check_append(sim_check *c, sim_id node, uint64_t first, const sim_entry *entries,
                      uint32_t n, uint64_t seq, sim_breach *out);
bool sim_check_truncate(sim_check *c, sim_id node, uint64_t from, uint64_t seq,
                        sim_breach *out);
/* A snapshot stands for the log up to last from this step on: the node's own, or one that
 * arrived (keeps_log: the entries behind it stay).  A write like append and truncate, told
 * when the engine's log begins behind it. */
bool sim_check_compact(sim_check *c, sim_id node, sim_point last, uint64_t seq,
                       sim_breach *out);
/* To be told after that compact: the state in the snapshot is the one that the node has applied
 * so far, and the snapshot says that it is the one after last. */
bool sim_check_taken(sim_check *c, sim_id node, sim_point last, uint64_t seq, sim_breach *out);
bool sim_check_install(sim_check *c, sim_id node, sim_point last, bool keeps_log, uint64_t seq,
                       sim_breach *out);
/* The state after a step, with the writes of the step told before.  Covers role, term,
 * vote, commit, last, and who is a member: quorums are counted by the membership that is in
 * force on the node that commits, in joint consensus by both of its majorities. */
bool sim_check_state(sim_check *c, sim_id node, const sim_view *v, uint64_t seq,
                     sim_breach *out);
/* A message of this term left the node: others know the term now.  (A PreVote's term, one
 * above the node's own, is taken for the node's own: thesis 9.6.) */
bool sim_check_sent(sim_check *c, sim_id node, uint64_t term, uint64_t seq, sim_breach *out);
/* The node gave others its word, which binds it across crashes: that its vote in a term is for
 * one server (thesis 3.4), that it holds the log of that term's leader up to last on its disk
 * (thesis 3.8).  Told when the message has left, seq being the note of that; a forged one is
 * nobody's word.  Whether it was broken is found when the node votes or starts. */
void sim_check_voted(sim_check *c, sim_id node, sim_id vote, uint64_t term, uint64_t seq);
void sim_check_holds(sim_check *c, sim_id node, sim_id to, uint64_t last, uint64_t term,
                     uint64_t seq);
/* A write is on the node's disk: its log there reached down to low (lower than before only
 * when the write truncated it, or a snapshot in it did away with it) and now reaches up to
 * last.  Once for each write that touches the log, in their order. */
bool sim_check_durable(sim_check *c, sim_id node, uint64_t low, uint64_t last, uint64_t seq,
                       sim_breach *out);
/* A write with a snapshot is on the node's disk.  Told just before the sim_check_durable() of
 * that write, for each compact and install, in the order of the writes. */
bool sim_check_snapshot_durable(sim_check *c, sim_id node, sim_point last, uint64_t seq,
                                sim_breach *out);
/* The operator takes durable data away (wiped, corrupted, torn): not the protocol's fault,
 * so the node goes on counting for what it held.  To be told before the load that shows
 * the loss. */
void sim_check_excuse(sim_check *c, sim_id node);
void sim_check_crash(sim_check *c, sim_id node);
/* The node applied up to index and its application's state hashes to hash; or it restored
 * the state from a snapshot up to there. */
bool sim_check_applied(sim_check *c, sim_id node, uint64_t index, uint64_t hash, uint64_t seq,
                       sim_breach *out);
/* A request was answered ok: its entry stands at point.  client and serial: of a session's
 * request, which must have taken effect there or before; client 0: it is of no session. */
bool sim_check_acknowledged(sim_check *c, sim_id node, uint64_t request, sim_point point,
                            uint64_t client, uint64_t serial, uint64_t seq, sim_breach *out);
/* A session's request took effect at index (thesis 6.3: once, at one index on every node;
 * not told when the answer was remembered).  client: of the session, never used again. */
bool sim_check_session_applied(sim_check *c, sim_id node, uint64_t client, uint64_t serial,
                               uint64_t index, uint64_t seq, sim_breach *out);
/* The same for a request that took none on this node: its answer was remembered, or its
 * session is not known.  Then it takes none at that index on any. */
bool sim_check_session_skipped(sim_check *c, sim_id node, uint64_t client, uint64_t serial,
                               uint64_t index, uint64_t seq, sim_breach *out);
/* What the application's own check() said after it applied index, or restored it; wrong NULL:
 * all is well. */
bool sim_check_application(sim_check *c, sim_id node, uint64_t index, const char *wrong,
                           uint64_t seq, sim_breach *out);
/* A snapshot of so many bytes arrived that the application cannot read: always a breach.  To be
 * told after sim_check_install(). */
bool sim_check_unreadable(sim_check *c, sim_id node, sim_point last, uint64_t bytes,
                          uint64_t seq, sim_breach *out);
/* ---- memory ---- */

/* There are indexes that no log and no disk has any more.  Then sim_check_forget() forgets what
 * is known of them, but for those that a message on its way brings: each is to be told by
 * sim_check_keep() just before (its entries first..last, or the snapshot up to last). */
bool sim_check_may_forget(const sim_check *c);
void sim_check_keep(sim_check *c, uint64_t first, uint64_t last);
void sim_check_forget(sim_check *c);
/* Nothing at all is forgotten from now on: what a checker that forgets is measured by. */
void sim_check_keep_all(sim_check *c);
/* All of these indexes are forgotten: no log, no disk and no message has them. */
bool sim_check_forgot(const sim_check *c, uint64_t first, uint64_t last);
/* So much memory the checker has in use. */
uint64_t sim_check_bytes(const sim_check *c);

/* ---- reads ---- */

/* A linearizable read began: it was given to a node, for the first time or once more.  Then
 * either it is answered with the state at index, or it is not (refused, lost). */
void sim_check_read_begins(sim_check *c, uint64_t request, uint64_t seq);
bool sim_check_read_answered(sim_check *c, sim_id node, uint64_t request, uint64_t index,
                             uint64_t seq, sim_breach *out);
void sim_check_read_failed(sim_check *c, uint64_t request);

#endif
