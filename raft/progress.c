/* progress.c - see progress.h. */
#include "raft/progress.h"

#include <assert.h>

static void ring_clear(raft_progress *p)
{
    p->ring_head = 0;
    p->ring_n = 0;
    p->bytes = 0;
}

static void ring_add(raft_progress *p, raft_index last, uint64_t bytes)
{
    assert(p->ring_n < p->ring_size);
    uint32_t at = p->ring_head + p->ring_n;
    if (at >= p->ring_size)
        at -= p->ring_size;
    p->ring[at] = (raft_flight){.last = last, .bytes = bytes};
    p->ring_n++;
    p->bytes += bytes;
}

/* An answer to one message answers all that went before it: replies may be lost. */
static void ring_release(raft_progress *p, raft_index match)
{
    while (p->ring_n > 0 && p->ring[p->ring_head].last <= match) {
        p->bytes -= p->ring[p->ring_head].bytes;
        if (++p->ring_head == p->ring_size)
            p->ring_head = 0;
        p->ring_n--;
    }
}

void raft_progress_reset(raft_progress *p, raft_index next)
{
    assert(next > 0);
    p->match = 0;
    p->next = next;
    p->heard_at = 0;
    p->round = 0;
    p->refusals = 0;
    p->state = RAFT_PROBE;
    p->probing = false;
    p->denied = false;
    ring_clear(p);
}

/* Thesis 10.2.2: sends go ahead of their answers, as far as the ring has room; while it is not
 * known where the logs agree, one at a time. */
bool raft_progress_may_send(const raft_progress *p)
{
    if (p->state == RAFT_REPLICATE)
        return p->ring_n < p->ring_size;
    return p->state == RAFT_PROBE && !p->probing;
}

void raft_progress_sent(raft_progress *p, uint32_t n, uint64_t bytes)
{
    assert(n > 0);
    if (p->state == RAFT_PROBE) {
        p->probing = true; /* next stays: it is a guess */
        return;
    }
    p->next += n;
    ring_add(p, p->next - 1, bytes);
}

void raft_progress_needs_snapshot(raft_progress *p, raft_index snapshot)
{
    p->state = RAFT_SNAPSHOT;
    p->probing = false;
    p->snapshot = snapshot;
    p->offset = 0;
    ring_clear(p);
}

raft_progress_news raft_progress_has_snapshot(raft_progress *p, raft_index snapshot)
{
    if (p->state == RAFT_SNAPSHOT) {
        p->state = RAFT_PROBE; /* and its answer is this one */
        p->next = snapshot + 1;
    }
    return raft_progress_accepted(p, snapshot);
}

raft_progress_news raft_progress_accepted(raft_progress *p, raft_index match)
{
    if (match < p->match && !p->denied)
        return RAFT_NEWS_STALE;
    const bool more = match > p->match;
    if (match >= p->match) {
        p->match = match;
        p->denied = false;
    }
    if (p->state == RAFT_SNAPSHOT && match >= p->snapshot) { /* it got there without */
        p->state = RAFT_PROBE;
        p->next = match + 1;
    }
    if (p->state == RAFT_PROBE && match + 1 >= p->next) {
        p->state = RAFT_REPLICATE;
        p->probing = false;
    }
    if (p->state == RAFT_REPLICATE) {
        p->refusals = 0;
        if (p->next <= match)
            p->next = match + 1;
        ring_release(p, match);
    }
    return more ? RAFT_NEWS_MORE : RAFT_NEWS_KNOWN;
}

bool raft_progress_refused(raft_progress *p, raft_index prev)
{
    /* The log's beginning cannot be refused, nor what was not asked; a probe is one
     * question, so only the answer to that one counts. */
    if (p->state == RAFT_SNAPSHOT || prev == 0 || prev >= p->next ||
        (p->state == RAFT_PROBE && prev != p->next - 1))
        return false;
    if (prev > p->match)
        return true;
    /* What it had acknowledged is refused: a late answer (thesis 3.7), unless it is about
     * the latest question.  Then its disk may have lost entries (3.8).  Sending them again is
     * harmless in either case, and match stays as it is.
     * Scenario: log/follower_returns_with_an_empty_disk. */
    if (prev != p->next - 1)
        return false;
    p->denied = true;
    return true;
}

void raft_progress_back(raft_progress *p, raft_index guess)
{
    if (guess < p->match && !p->denied)
        guess = p->match;
    assert(guess < p->next);
    p->state = RAFT_PROBE;
    p->probing = false;
    p->next = guess + 1;
    p->refusals++;
    ring_clear(p);
}
