/* membership.c - see membership.h. */
#include "raft/membership.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "raft/heap.h"
#include "raft/quorum.h"

enum { CAPACITY_MIN = 4 };

/* --- The bytes of an entry ---------------------------------------------------------- */

static void put_set(raft_set set, uint8_t *out)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(set >> (8 * i));
}

static raft_set get_set(const uint8_t *bytes)
{
    raft_set set = 0;
    for (int i = 0; i < 8; i++)
        set |= (raft_set)bytes[i] << (8 * i);
    return set;
}

void raft_configuration_encode(const raft_configuration *c,
                               uint8_t out[RAFT_CONFIGURATION_BYTES])
{
    put_set(c->voters, out);
    put_set(c->outgoing, out + 8);
    put_set(c->learners, out + 16);
    out[24] = c->by_hand;
}

bool raft_configuration_decode(const uint8_t *bytes, uint32_t n, raft_configuration *out)
{
    if (n != RAFT_CONFIGURATION_BYTES || !bytes || bytes[24] > 1)
        return false;
    *out = (raft_configuration){.voters = get_set(bytes),
                                .outgoing = get_set(bytes + 8),
                                .learners = get_set(bytes + 16),
                                .by_hand = bytes[24]};
    return raft_configuration_is_possible(out);
}

bool raft_configuration_is_possible(const raft_configuration *c)
{
    return c->voters != 0 && (c->voters & c->learners) == 0 &&
           (c->outgoing != 0 || !c->by_hand);
}

/* --- The history -------------------------------------------------------------------- */

static void push(raft_history *h, raft_index index, const raft_configuration *c)
{
    if (h->n == h->capacity) {
        h->capacity = h->capacity ? 2 * h->capacity : CAPACITY_MIN;
        h->at = raft_heap(h->at, h->capacity, sizeof *h->at);
    }
    h->at[h->n++] = (raft_configuration_at){.index = index, .c = *c};
}

void raft_history_begin(raft_history *h, raft_index index, const raft_configuration *c)
{
    const raft_configuration own = *c; /* it may stand in this very history */
    h->n = 0;
    push(h, index, &own);
}

bool raft_history_cut(raft_history *h, raft_index from)
{
    const uint32_t before = h->n;
    while (h->n > 1 && h->at[h->n - 1].index >= from)
        h->n--;
    return h->n < before;
}

void raft_history_add(raft_history *h, raft_index index, const raft_configuration *c)
{
    assert(h->n > 0);
    raft_history_cut(h, index);
    push(h, index, c);
}

const raft_configuration_at *raft_history_find(const raft_history *h, raft_index index)
{
    assert(h->n > 0);
    uint32_t i = h->n - 1;
    while (i > 0 && h->at[i].index > index)
        i--;
    return &h->at[i];
}

void raft_history_compact(raft_history *h, raft_index index)
{
    const uint32_t gone = (uint32_t)(raft_history_find(h, index) - h->at);
    h->n -= gone;
    memmove(h->at, h->at + gone, h->n * sizeof *h->at);
}

raft_history raft_history_copy(const raft_history *h)
{
    raft_history copy = {0};
    for (uint32_t i = 0; i < h->n; i++)
        push(&copy, h->at[i].index, &h->at[i].c);
    return copy;
}

void raft_history_free(raft_history *h)
{
    free(h->at);
    *h = (raft_history){0};
}

/* --- Changes ------------------------------------------------------------------------ */

static raft_refusal add(const raft_configuration *c, bool voter, raft_id who,
                        raft_configuration *out)
{
    if (who == 0 || who > RAFT_SERVERS_MAX)
        return RAFT_REFUSED_UNKNOWN_NODE;
    if (raft_set_has(raft_configuration_members(c), who))
        return RAFT_REFUSED_ALREADY_MEMBER;
    *(voter ? &out->voters : &out->learners) |= raft_set_of(who);
    return RAFT_REFUSAL_COUNT;
}

/* Practice: learners.  Scenario: membership/learner_is_promoted. */
static raft_refusal promote(const raft_configuration *c, raft_id who, raft_configuration *out)
{
    if (raft_set_has(c->voters, who))
        return RAFT_REFUSED_ALREADY_MEMBER;
    if (!raft_set_has(c->learners, who))
        return RAFT_REFUSED_UNKNOWN_NODE;
    out->learners &= ~raft_set_of(who);
    out->voters |= raft_set_of(who);
    return RAFT_REFUSAL_COUNT;
}

static raft_refusal drop(const raft_configuration *c, raft_id who, raft_configuration *out)
{
    if (!raft_set_has(c->voters | c->learners, who))
        return RAFT_REFUSED_UNKNOWN_NODE;
    if (c->voters == raft_set_of(who))
        return RAFT_REFUSED_LAST_VOTER;
    out->voters &= ~raft_set_of(who);
    out->learners &= ~raft_set_of(who);
    return RAFT_REFUSAL_COUNT;
}

/* Thesis 4.3: old and new voters decide together until it is left.  Learners alone need no
 * such care.  Scenario: membership/joint_replaces_three. */
static raft_refusal reconfigure(const raft_configuration *c, const raft_configuration *wanted,
                                raft_configuration *out)
{
    if (wanted->voters == 0)
        return RAFT_REFUSED_LAST_VOTER;
    if (wanted->voters == c->voters && wanted->learners == c->learners)
        return RAFT_REFUSED_ALREADY_MEMBER;
    if (wanted->voters & wanted->learners)
        return RAFT_REFUSED_ALREADY_MEMBER;
    out->voters = wanted->voters;
    out->learners = wanted->learners;
    if (wanted->voters != c->voters) {
        out->outgoing = c->voters;
        out->by_hand = wanted->by_hand;
    }
    return RAFT_REFUSAL_COUNT;
}

static raft_refusal leave(const raft_configuration *c, raft_configuration *out)
{
    if (c->outgoing == 0) /* the new configuration stands alone already */
        return RAFT_REFUSED_ALREADY_MEMBER;
    out->outgoing = 0;
    out->by_hand = false;
    return RAFT_REFUSAL_COUNT;
}

raft_refusal raft_configuration_change(const raft_configuration *c, raft_change what,
                                       raft_id who, const raft_configuration *wanted,
                                       raft_configuration *out)
{
    *out = *c;
    switch (what) {
    case RAFT_CHANGE_ADD_VOTER:
        return add(c, true, who, out);
    case RAFT_CHANGE_ADD_LEARNER:
        return add(c, false, who, out);
    case RAFT_CHANGE_PROMOTE:
        return promote(c, who, out);
    case RAFT_CHANGE_REMOVE:
        return drop(c, who, out);
    case RAFT_CHANGE_RECONFIGURE:
        return reconfigure(c, wanted, out);
    case RAFT_CHANGE_LEAVE:
        return leave(c, out);
    case RAFT_CHANGE_COUNT:
        break;
    }
    assert(false); /* no such change */
    return RAFT_REFUSED_UNKNOWN_NODE;
}
