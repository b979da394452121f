/* progress.h - what a leader knows of one follower's log, and how much it may send.
 *
 * Pure data, it never sees the server (thesis 3.5, 10.2.2).  Three states:
 *   - PROBE: the leader looks for the point where the logs agree.  One message at a time,
 *     the next one after an answer or with a heartbeat.
 *   - REPLICATE: the logs agree up to next - 1 if nothing was lost.  Messages follow each
 *     other without waiting, as many as the ring and the bytes in flight have room for.
 *   - SNAPSHOT: the log has no more what it lacks.  A snapshot goes there in chunks, each one
 *     the follower's answer to the one before (thesis 5.1).
 *
 * Always true: match never decreases; match < next, but for a follower that denied what
 * it had acknowledged (its disk lost entries), which is taught again from further below. */
#ifndef RAFT_PROGRESS_H
#define RAFT_PROGRESS_H
#include "raft/raft.h"

typedef enum raft_progress_state {
    RAFT_PROBE,
    RAFT_REPLICATE,
    RAFT_SNAPSHOT
} raft_progress_state;

typedef struct raft_flight { /* a message under way */
    raft_index last;
    uint64_t bytes;
} raft_flight;

typedef struct raft_progress {
    raft_index match;    /* the follower's log is known to agree up to here, durably */
    raft_index next;     /* the next entry to send */
    raft_us heard_at;    /* when the leader last heard from it */
    uint64_t round;      /* the newest round of heartbeats that it has answered (6.4) */
    raft_flight *ring;   /* the messages in flight, oldest at head; borrowed */
    uint64_t bytes;      /* in flight, the sum of the ring's */
    raft_index snapshot; /* SNAPSHOT: the point of the one that is being sent */
    uint64_t offset;     /* SNAPSHOT: what the follower wants next */
    uint32_t ring_size;  /* the bound of the pipeline */
    uint32_t ring_head;  /* < ring_size */
    uint32_t ring_n;     /* <= ring_size; 0 in PROBE */
    uint32_t refusals;   /* in a row */
    uint8_t state;       /* raft_progress_state */
    bool probing;        /* PROBE: a message is out, wait */
    bool denied;         /* it refused what it had acknowledged; next may be <= match */
} raft_progress;

typedef enum raft_progress_news {
    RAFT_NEWS_STALE, /* an old reply: nothing changed */
    RAFT_NEWS_KNOWN, /* match stays */
    RAFT_NEWS_MORE,  /* match grew */
} raft_progress_news;

/* A new leader knows nothing and guesses that the logs are equal: next is its last index
 * + 1.  Keeps the ring. */
void raft_progress_reset(raft_progress *p, raft_index next);

bool raft_progress_may_send(const raft_progress *p);
/* A message with n > 0 entries from next on has left, of so many payload bytes. */
void raft_progress_sent(raft_progress *p, uint32_t n, uint64_t bytes);
/* It needs the snapshot of the log up to this index. */
void raft_progress_needs_snapshot(raft_progress *p, raft_index snapshot);
/* It has it, or needs it no more: its log is known to agree that far. */
raft_progress_news raft_progress_has_snapshot(raft_progress *p, raft_index snapshot);

/* The follower's log agrees up to match. */
raft_progress_news raft_progress_accepted(raft_progress *p, raft_index match);

/* The follower refused a message whose prev.index was prev.  False: the refusal is stale.
 * True: the leader makes a better guess and says so with raft_progress_back(). */
bool raft_progress_refused(raft_progress *p, raft_index prev);
/* Probe with guess as the previous entry.  A guess below what is known is raised. */
void raft_progress_back(raft_progress *p, raft_index guess);

#endif
