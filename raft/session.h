/* session.h - client sessions: what makes a request that is sent again take effect once
 * (thesis 6.3).
 *
 * Pure data, it never sees the server.  The table is part of the replicated state: whoever
 * applies the log keeps one beside the application, feeds it every SESSION and REQUEST
 * entry in the order of the log, and puts it into snapshots.  Everything, expiry too, is
 * decided by the log alone, so equal logs give equal tables.
 *
 *     raft_sessions s = {0};
 *     raft_sessions_init(&s, 1000, 0, 0);
 *     client = raft_sessions_register(&s, index);                    a SESSION entry
 *     switch (raft_sessions_find(&s, client, serial, index, &old)) { a REQUEST entry
 *     case RAFT_SESSION_NEW:      apply it, then raft_sessions_store(&s, …)
 *     case RAFT_SESSION_AGAIN:    give the old answer
 *     case RAFT_SESSION_OLD:      nothing: its client has had the answer
 *     case RAFT_SESSION_EXPIRED:  refuse: it may have been applied, nobody knows any more
 *     }
 *     raft_sessions_free(&s);
 *
 * Always true: there are at most max sessions, and with a ttl none that is registered or
 * found was last used more than ttl entries ago.  A client has one request open at a time, and its serials increase.
 *
 * Ownership: the table owns copies of the answers; an answer that is found is valid until
 * the table changes. */
#ifndef RAFT_SESSION_H
#define RAFT_SESSION_H
#include "raft/raft.h"

typedef struct raft_session {
    uint64_t client;          /* the index of the entry that registered it */
    uint64_t serial;          /* of its latest request; 0: none yet */
    raft_index used;          /* the latest entry that was its own */
    uint8_t *answer;          /* to the latest request */
    uint32_t bytes, capacity; /* of the answer */
    uint64_t mark;            /* digest of all this */
    uint32_t newer, older;    /* slot + 1 by use; 0: none */
    uint32_t next;            /* slot + 1 with the same bucket, or the next free one */
} raft_session;

typedef struct raft_sessions {
    raft_session *at; /* slots, capacity of them */
    uint32_t *bucket; /* slot + 1 of the first; capacity of them, a power of two */
    uint32_t capacity, n;
    uint32_t newest, oldest, free; /* slot + 1; 0: none */
    uint32_t max;                  /* > 0 */
    uint64_t ttl;                  /* in entries of the log; 0: none */
    uint64_t hash;                 /* of the content, whatever its order */
    uint64_t bugs;                 /* planted, see bugs.h */
} raft_sessions;

typedef enum raft_session_news {
    RAFT_SESSION_NEW,
    RAFT_SESSION_AGAIN,
    RAFT_SESSION_OLD,
    RAFT_SESSION_EXPIRED,
} raft_session_news;

typedef struct raft_answer {
    const uint8_t *bytes;
    uint32_t n;
} raft_answer;

/* Empties it. */
void raft_sessions_init(raft_sessions *s, uint32_t max, uint64_t ttl, uint64_t bugs);
void raft_sessions_free(raft_sessions *s);
raft_sessions raft_sessions_copy(const raft_sessions *s);

/* The entry at index opens a session, whose name is that index.  If there are too many, the
 * one that was not used for longest goes. */
uint64_t raft_sessions_register(raft_sessions *s, raft_index index);
/* The entry at index is a request.  answer is set for AGAIN. */
raft_session_news raft_sessions_find(raft_sessions *s, uint64_t client, uint64_t serial,
                                     raft_index index, raft_answer *answer);
/* What was answered to a request that was NEW. */
void raft_sessions_store(raft_sessions *s, uint64_t client, uint64_t serial,
                         raft_answer answer);
bool raft_sessions_has(const raft_sessions *s, uint64_t client);
/* Walks them from the one that was not used for longest: NULL first, then the last one. */
const raft_session *raft_sessions_next(const raft_sessions *s, const raft_session *after);

/* The same on every machine, for snapshots (thesis 6.3): bytes() says how many. */
uint64_t raft_sessions_bytes(const raft_sessions *s);
void raft_sessions_encode(const raft_sessions *s, uint8_t *out);
/* Replaces all; limits stay.  False: not such bytes, and the table is empty. */
bool raft_sessions_decode(raft_sessions *s, const uint8_t *bytes, uint64_t n);

#endif
