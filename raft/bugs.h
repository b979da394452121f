/* bugs.h - bugs that can be planted into the core, to prove that the checkers catch them.
 *
 * Nearly all of these were shipped by some Raft library.  Each is one deviation at the
 * line of the rule that it breaks:
 *
 *     if (!up_to_date(r, last) && !RAFT_BUG(r, VOTE_BY_LENGTH))
 *
 * raft_config.bugs says which are planted.  Built for others (raft/product, or
 * -DRAFT_PLANTED_BUGS=0) the test is constant false and none can be.  An assertion that states
 * a rule lets the bug that breaks it pass, so that what follows can be seen from outside. */
#ifndef RAFT_BUGS_H
#define RAFT_BUGS_H
#include <stdint.h>

#ifndef RAFT_PLANTED_BUGS
#define RAFT_PLANTED_BUGS 1
#endif

/* name, text, what it does, who catches it, the file of the rule */
/* clang-format off */
#define RAFT_BUGS(X) \
    /* votes and terms (thesis 3.3, 3.4, 9.6) */ \
    X(VOTE_TWICE, "vote_twice", "grants a second vote in a term", \
      "Election Safety", "election.c") \
    X(VOTE_NOT_DURABLE, "vote_not_durable", "the vote is forgotten in a crash", \
      "Election Safety", "raft.c") \
    X(TERM_NOT_DURABLE, "term_not_durable", "the term is forgotten in a crash", \
      "monotonic term", "raft.c") \
    X(VOTE_CLEARED_ON_STEP_DOWN, "vote_cleared_on_step_down", \
      "stepping down within the term clears the vote", "Election Safety", "election.c") \
    X(VOTE_STALE_TERM, "vote_stale_term", "grants a vote to a lower term", \
      "Election Safety", "step.c") \
    X(VOTE_COUNTED_TWICE, "vote_counted_twice", "a doubled reply counts twice", \
      "Election Safety", "election.c") \
    X(VOTE_FROM_OLD_TERM, "vote_from_old_term", "a reply of an earlier term counts", \
      "Election Safety", "step.c") \
    X(VOTE_BY_LENGTH, "vote_by_length", "compares log length only, not last term", \
      "Leader Completeness", "election.c") \
    X(PRE_VOTE_IS_VOTE, "pre_vote_is_vote", "a pre-vote reply counts as a vote", \
      "Election Safety", "election.c") \
    X(PRE_VOTE_CLEARS_VOTE, "pre_vote_clears_vote", "starting a pre-vote clears the vote", \
      "Election Safety", "election.c") \
    X(SOLE_VOTER_KEEPS_TERM, "sole_voter_keeps_term", \
      "a sole voter elects itself without a new term", \
      "Election Safety, State Machine Safety", "election.c") \
    X(HALF_IS_QUORUM, "half_is_quorum", "ceil(n/2) is taken for a majority", \
      "Election Safety", "reconfig.c") \
    /* log and commit (thesis 3.5, 3.6, 3.8, 10.2.1) */ \
    X(COMMIT_OLD_TERM, "commit_old_term", "counts replicas of an older term's entry", \
      "Leader Completeness", "replicate.c") \
    X(ACK_UNVERIFIED_TAIL, "ack_unverified_tail", \
      "a success reply reports the node's last index, not the verified one", \
      "State Machine Safety", "append.c") \
    X(COMMIT_PAST_MATCH, "commit_past_match", "commits min(leader commit, own last index)", \
      "State Machine Safety", "append.c") \
    X(STALE_APPEND_TRUNCATES, "stale_append_truncates", \
      "a late, shorter append cuts off newer entries", "Committed stays", "append.c") \
    X(CONFLICT_KEEPS_TAIL, "conflict_keeps_tail", \
      "overwrites at a conflict, keeps what follows", "Log Matching", "append.c") \
    X(PREV_TERM_IGNORED, "prev_term_ignored", \
      "checks the index of the previous entry, not its term", "Log Matching", "append.c") \
    X(NACK_IS_MATCH, "nack_is_match", "takes a refusal's hint for a match", \
      "State Machine Safety", "replicate.c") \
    X(MATCH_REGRESSES, "match_regresses", "a late reply lowers what is known to match", \
      "no progress", "replicate.c") \
    X(REPLY_BEFORE_DURABLE, "reply_before_durable", \
      "replies before its writes are on disk", "Committed stays", "raft.c") \
    X(DURABLE_BY_INDEX, "durable_by_index", "takes \"durable up to i\" for any term at i", \
      "Committed stays", "step.c") \
    X(LEADER_COUNTS_UNWRITTEN, "leader_counts_unwritten", \
      "a leader counts itself before its own disk is done", "Committed stays", \
      "replicate.c") \
    X(QUORUM_UNSORTED, "quorum_unsorted", \
      "takes the middle of an unsorted list for the quorum's index", "Committed stays", \
      "reconfig.c") \
    X(DEPOSED_APPENDS, "deposed_appends", \
      "appends a proposal under a term it no longer leads", "Log Matching", "replicate.c") \
    X(ROLLS_BACK_COMMITTED, "rolls_back_committed", \
      "rollback does not stop at the commit index", "Committed stays", "append.c") \
    X(LEADER_DROPS, "leader_drops", \
      "a leader that hands over drops what is not committed", "Leader Append-Only", \
      "replicate.c") \
    X(COMMIT_REGRESSES, "commit_regresses", "a late append lowers the commit index", \
      "monotonic commit", "append.c") \
    X(APPLIES_AHEAD, "applies_ahead", "a leader applies a proposal before it is committed", \
      "monotonic applied", "replicate.c") \
    /* membership (thesis 4) */ \
    X(CHANGE_BEFORE_OWN_TERM, "change_before_own_term", \
      "a change before an entry of the own term is committed", "Election Safety", \
      "reconfig.c") \
    X(TWO_CHANGES, "two_changes", "a second change while one is open", "Election Safety", \
      "reconfig.c") \
    X(CONFIG_SURVIVES_TRUNCATION, "config_survives_truncation", \
      "a truncated configuration stays in force", "Election Safety", "reconfig.c") \
    X(REMOVED_LEADER_COUNTS, "removed_leader_counts", \
      "a leader that is leaving counts itself", "Committed stays", "reconfig.c") \
    X(LEARNER_COUNTS, "learner_counts", "a learner counts for quorum", "Committed stays", \
      "reconfig.c") \
    X(JOINT_NEW_ONLY, "joint_new_only", "joint decisions by the new majority alone", \
      "Election Safety", "reconfig.c") \
    X(CONFIG_AT_COMMIT_ONLY, "config_at_commit_only", \
      "the old configuration is used until commit, mixed with append-time rules", \
      "Election Safety", "reconfig.c") \
    X(NEWCOMER_COUNTS_AT_ONCE, "newcomer_counts_at_once", \
      "a new server votes before it has caught up", "no progress", "reconfig.c") \
    /* snapshots (thesis 5) */ \
    X(SNAPSHOT_ROLLS_BACK, "snapshot_rolls_back", \
      "an older snapshot replaces a newer log", "Committed stays", "snapshot.c") \
    X(SNAPSHOT_DROPS_TAIL, "snapshot_drops_tail", \
      "entries behind the snapshot that agree are dropped after they were acknowledged", \
      "Committed stays", "snapshot.c") \
    X(SNAPSHOT_OLD_CONFIG, "snapshot_old_config", \
      "installs a snapshot, keeps the old configuration", "Election Safety", "snapshot.c") \
    X(SNAPSHOT_NEWEST_CONFIG, "snapshot_newest_config", \
      "a snapshot carries the newest configuration, committed or not", "Election Safety", \
      "snapshot.c") \
    X(SNAPSHOT_ACK_EARLY, "snapshot_ack_early", "acknowledged before it is durable", \
      "Committed stays", "snapshot.c") \
    X(SNAPSHOT_CLEARS_VOTE, "snapshot_clears_vote", \
      "installing clears the vote of this term", "Election Safety", "snapshot.c") \
    X(SNAPSHOT_OF_COMMIT, "snapshot_of_commit", \
      "a snapshot is labelled with the commit index, whatever was applied", "equal state", \
      "snapshot.c") \
    X(CHUNK_TWICE, "chunk_twice", "a doubled chunk of a snapshot is appended once more", \
      "application", "snapshot.c") \
    X(CHUNKS_MIXED, "chunks_mixed", \
      "goes on with a newer snapshot where an older one stopped", "equal state", \
      "snapshot.c") \
    /* clients and reads (thesis 6.3, 6.4) */ \
    X(READ_UNCONFIRMED, "read_unconfirmed", "an index read without asking the quorum", \
      "linearizable", "read_index.c") \
    X(READ_BEFORE_OWN_TERM, "read_before_own_term", \
      "an index read before the own term's first commit", "linearizable", "read_index.c") \
    X(READ_JOINS_ROUND, "read_joins_round", \
      "a read is confirmed by a round of heartbeats that began before it", "linearizable", \
      "read_index.c") \
    X(LATE_READ_INDEX, "late_read_index", \
      "a late answer to an earlier read serves a later one", "linearizable", \
      "read_index.c") \
    X(LEASE_IGNORES_DRIFT, "lease_ignores_drift", \
      "a lease longer than the drift bound allows", "linearizable", "read_index.c") \
    X(LEASE_SURVIVES_TRANSFER, "lease_survives_transfer", \
      "a leader that hands over keeps its lease", "linearizable", "transfer.c") \
    X(VOTES_WHILE_LEADER_LIVES, "votes_while_leader_lives", \
      "a server votes although it heard the leader just now", "linearizable", "step.c") \
    X(NO_DEDUPE, "no_dedupe", "a retried request is applied again", "exactly once", \
      "session.c") \
    X(SESSIONS_NOT_IN_SNAPSHOT, "sessions_not_in_snapshot", \
      "sessions are lost with a snapshot", "exactly once", "session.c") \
    X(EXPIRED_IS_DONE, "expired_is_done", \
      "a request of an expired session is taken for one that was applied", "acknowledged", \
      "session.c") \
    /* progress (thesis 3.10, 9.6, 5) */ \
    X(TRANSFER_TAKES_WRITES, "transfer_takes_writes", \
      "accepts writes while handing over", "no progress", "replicate.c") \
    X(TRANSFER_TO_LAGGING, "transfer_to_lagging", \
      "tells a node that is behind to campaign", "no progress", "transfer.c") \
    X(TRANSFER_NEVER_ENDS, "transfer_never_ends", \
      "a transfer that nothing comes of is not given up", "no progress", "step.c") \
    X(NO_NOOP, "no_noop", "a leader opens its term with no entry", "no progress", \
      "replicate.c") \
    X(QUORUM_HEARD_ONCE, "quorum_heard_once", \
      "check-quorum counts who answered in an earlier period", "no progress", \
      "election.c") \
    X(PRE_VOTE_NEVER_LEARNS, "pre_vote_never_learns", \
      "a refused pre-vote does not tell the higher term", "no progress", "election.c") \
    X(PROBE_STUCK, "probe_stuck", "after a snapshot the leader never resumes replication", \
      "no progress", "snapshot.c") \
    X(TIME_WRAPS, "time_wraps", "a 32-bit millisecond clock (24.8 days)", "no progress", \
      "step.c")
/* clang-format on */

#define RAFT_NAME(name, text, deviation, caught_by, file) RAFT_BUG_##name,
typedef enum raft_bug { RAFT_BUGS(RAFT_NAME) RAFT_BUG_COUNT } raft_bug; /* at most 64 */
#undef RAFT_NAME

#define RAFT_BUG_BIT(name) (UINT64_C(1) << RAFT_BUG_##name)

#if RAFT_PLANTED_BUGS
#define RAFT_BUG_IN(mask, name) __builtin_expect(((mask)&RAFT_BUG_BIT(name)) != 0, 0)
#else
#define RAFT_BUG_IN(mask, name) ((void)(mask), 0)
#endif
/* Is this one planted into the server r? */
#define RAFT_BUG(r, name) RAFT_BUG_IN((r)->config.bugs, name)

#endif
