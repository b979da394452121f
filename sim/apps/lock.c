/* lock.c - locks with one owner each, and a line of those who wait.
 *
 *     acquire LOCK OWNER [ttl TICKS]   "granted", or "waiting 2" with the place in the line
 *     release LOCK OWNER               "ok": the first who waits has it now; who only waits
 *                                      leaves the line; else "no: " and whose it is
 *     drop OWNER                       its owner is gone (crashed): it gives up all that it
 *                                      holds and waits for; how many locks it held
 *     owner LOCK                       who has it, or "(none)"; also a query
 *     waiters LOCK                     in their order, or "(none)"; also a query
 *
 * Time is counted in ticks, one for each command that is applied, so that expiry is decided by
 * the log: a lock that was granted with ttl T at tick t passes on at tick t + T, before that
 * tick's command is carried out.  Who waits gets the whole of its ttl when it is granted the
 * lock.  To acquire what one holds begins its time anew; to acquire it while one waits changes
 * the ttl and keeps the place.  A command that is not understood is no tick.  No owner may be
 * called "(none)".
 *
 * Its invariant: one owner.  Whoever holds a lock is not in its line; a lock that nobody holds
 * has no line; and what was granted less what was given up is what is held.
 *
 * show lists the locks that are held in byte order, each with its owner and those who wait,
 * "db=alice web=bob@17,carol"; @17 is the tick at which it expires. */
#include "sim/apps/apps.h"
#include "sim/apps/table.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MARK "lock 1"
#define NONE "(none)"

/* What somebody has of a lock: the lock itself, or a place in its line. */
typedef struct claim {
    sim_item item;               /* the name of who has it */
    struct claim *next, *before; /* in the line */
    uint64_t since;              /* the tick at which it was granted, or began to wait */
    uint64_t ttl;                /* 0: for ever */
} claim;

typedef struct lock {
    sim_item item;
    claim *owner;        /* never NULL between two commands: such a lock is none */
    claim *first, *last; /* the line */
    sim_table claims;    /* the owner's and those in the line */
    uint64_t waiting;    /* how long the line is */
} lock;

typedef struct locks {
    sim_table table;
    uint64_t tick;
    uint64_t soonest;           /* nothing expires before that tick; UINT64_MAX: never */
    uint64_t granted, given_up; /* ever */
    uint64_t sum;               /* of the hashes of all claims */
    const lock *touched;        /* by the last command; NULL: none that is left */
    sim_words words;
} locks;

/* ---- claims ------------------------------------------------------------------------------ */

static uint64_t claim_hash(const lock *l, const claim *c)
{
    uint64_t h = sim_hash_mix(l->item.name_hash, c->item.name_hash);
    h = sim_hash_mix(sim_hash_mix(h, c->since), c->ttl);
    return sim_hash_final(sim_hash_mix(h, l->owner == c));
}

static uint64_t expires(const claim *c)
{
    return !c->ttl || c->ttl > UINT64_MAX - c->since ? UINT64_MAX : c->since + c->ttl;
}

static claim *claim_of(const lock *l, const char *who, size_t len)
{
    return (claim *)sim_table_find(&l->claims, who, len);
}

static claim *add_claim(lock *l, const char *who, size_t len, uint64_t since, uint64_t ttl)
{
    claim *c = (claim *)sim_table_add(&l->claims, sizeof *c, who, len);
    c->since = since;
    c->ttl = ttl;
    return c;
}

static void join_line(locks *s, lock *l, claim *c)
{
    c->before = l->last;
    *(l->last ? &l->last->next : &l->first) = c;
    l->last = c;
    l->waiting++;
    s->sum += claim_hash(l, c);
}

static void leave_line(locks *s, lock *l, claim *c)
{
    s->sum -= claim_hash(l, c);
    *(c->before ? &c->before->next : &l->first) = c->next;
    *(c->next ? &c->next->before : &l->last) = c->before;
    c->next = c->before = NULL;
    l->waiting--;
}

static void own(locks *s, lock *l, claim *c)
{
    l->owner = c;
    s->sum += claim_hash(l, c);
    if (expires(c) < s->soonest)
        s->soonest = expires(c);
}

static void disown(locks *s, lock *l)
{
    s->sum -= claim_hash(l, l->owner);
    l->owner = NULL;
}

static lock *find(const locks *s, const char *name, size_t len)
{
    return (lock *)sim_table_find(&s->table, name, len);
}

static lock *add_lock(locks *s, const char *name, size_t len)
{
    return (lock *)sim_table_add(&s->table, sizeof(lock), name, len);
}

static void lock_clear(sim_item *item)
{
    sim_table_free(&((lock *)item)->claims, NULL);
}

/* The owner gives it up: the first in the line has it now, or else it is no lock any more.
 * False: it is gone. */
static bool pass_on(locks *s, lock *l)
{
    claim *old = l->owner, *c = l->first;
    disown(s, l);
    s->given_up++;
    sim_table_remove(&l->claims, &old->item);
    if (!c) {
        lock_clear(&l->item);
        sim_table_remove(&s->table, &l->item);
        return false;
    }
    leave_line(s, l, c);
    c->since = s->tick;
    own(s, l, c);
    s->granted++;
    return true;
}

/* Locks do not depend on each other, so the order in which they expire cannot be seen. */
static void expire(locks *s)
{
    if (s->tick < s->soonest)
        return;
    s->soonest = UINT64_MAX;
    for (size_t b = 0; b < s->table.buckets_n; b++)
        for (sim_item *i = s->table.buckets[b], *next; i; i = next) {
            next = i->next;
            lock *l = (lock *)i;
            if (expires(l->owner) <= s->tick && !pass_on(s, l))
                continue;
            if (expires(l->owner) < s->soonest)
                s->soonest = expires(l->owner);
        }
}

/* ---- life -------------------------------------------------------------------------------- */

static void *locks_create(void)
{
    locks *s = sim_alloc(sizeof *s);
    s->soonest = UINT64_MAX;
    return s;
}

static void locks_free(void *self)
{
    locks *s = self;
    if (!s)
        return;
    sim_table_free(&s->table, lock_clear);
    sim_text_free(&s->words.text);
    free(s);
}

static void *locks_clone(const void *self)
{
    const locks *from = self;
    locks *s = locks_create();
    s->tick = from->tick;
    s->granted = from->granted;
    s->given_up = from->given_up;
    for (size_t b = 0; b < from->table.buckets_n; b++)
        for (const sim_item *i = from->table.buckets[b]; i; i = i->next) {
            const lock *old = (const lock *)i;
            const claim *o = old->owner;
            lock *l = add_lock(s, i->name.at, i->name.len);
            own(s, l, add_claim(l, o->item.name.at, o->item.name.len, o->since, o->ttl));
            for (const claim *c = old->first; c; c = c->next)
                join_line(s, l,
                          add_claim(l, c->item.name.at, c->item.name.len, c->since, c->ttl));
        }
    return s;
}

/* ---- commands: word 1 is the lock, word 2 the owner -------------------------------------- */

static void answer_place(const lock *l, const claim *c, sim_text *answer)
{
    uint64_t place = 1;
    if (!answer)
        return;
    for (const claim *at = l->first; at != c; at = at->next)
        place++;
    sim_text_format(answer, "waiting %" PRIu64, place);
}

static void renew(locks *s, lock *l, claim *c, uint64_t ttl, sim_text *answer)
{
    s->sum -= claim_hash(l, c);
    c->ttl = ttl;
    if (c == l->owner)
        c->since = s->tick;
    s->sum += claim_hash(l, c);
    if (c != l->owner) {
        answer_place(l, c, answer);
        return;
    }
    if (expires(c) < s->soonest)
        s->soonest = expires(c);
    sim_answer(answer, "granted");
}

static void do_acquire(locks *s, const sim_words *w, uint64_t ttl, sim_text *answer)
{
    lock *l = find(s, w->at[1], w->len[1]);
    claim *c = l ? claim_of(l, w->at[2], w->len[2]) : NULL;
    const bool is_free = !l;
    if (is_free)
        l = add_lock(s, w->at[1], w->len[1]);
    s->touched = l;
    if (c) {
        renew(s, l, c, ttl, answer);
        return;
    }
    c = add_claim(l, w->at[2], w->len[2], s->tick, ttl);
    if (is_free) {
        own(s, l, c);
        s->granted++;
        sim_answer(answer, "granted");
    } else {
        join_line(s, l, c);
        answer_place(l, c, answer);
    }
}

static void answer_owner(const lock *l, sim_text *answer)
{
    if (!l)
        sim_answer(answer, NONE);
    else if (answer)
        sim_word_show(answer, l->owner->item.name.at, l->owner->item.name.len, "=,@");
}

/* Gives up what somebody has of a lock, which there is.  False: the lock is gone. */
static bool give_up(locks *s, lock *l, claim *c)
{
    if (c == l->owner)
        return pass_on(s, l);
    leave_line(s, l, c);
    sim_table_remove(&l->claims, &c->item);
    return true;
}

static void do_release(locks *s, const sim_words *w, uint64_t ttl, sim_text *answer)
{
    lock *l = find(s, w->at[1], w->len[1]);
    claim *c = l ? claim_of(l, w->at[2], w->len[2]) : NULL;
    (void)ttl;
    if (!c) {
        sim_answer(answer, "no: ");
        answer_owner(l, answer);
        return;
    }
    s->touched = give_up(s, l, c) ? l : NULL;
    sim_answer(answer, "ok");
}

static void do_drop(locks *s, const sim_words *w, uint64_t ttl, sim_text *answer)
{
    uint64_t held = 0;
    (void)ttl;
    for (size_t b = 0; b < s->table.buckets_n; b++)
        for (sim_item *i = s->table.buckets[b], *next; i; i = next) {
            next = i->next;
            lock *l = (lock *)i;
            claim *c = claim_of(l, w->at[1], w->len[1]);
            if (!c)
                continue;
            held += c == l->owner;
            give_up(s, l, c);
        }
    if (answer)
        sim_text_u64(answer, held);
}

static void answer_waiters(const lock *l, sim_text *answer)
{
    if (!l || !l->first) {
        sim_answer(answer, NONE);
        return;
    }
    for (const claim *c = l->first; answer && c; c = c->next) {
        if (c != l->first)
            sim_text_char(answer, ' ');
        sim_word_show(answer, c->item.name.at, c->item.name.len, "=,@");
    }
}

static bool is_query(const sim_words *w)
{
    return w->n == 2 && (sim_words_is(w, 0, "owner") || sim_words_is(w, 0, "waiters"));
}

static void ask(const locks *s, const sim_words *w, sim_text *answer)
{
    const lock *l = find(s, w->at[1], w->len[1]);
    if (sim_words_is(w, 0, "owner"))
        answer_owner(l, answer);
    else
        answer_waiters(l, answer);
}

static const struct {
    const char *name;
    uint32_t words;
    uint32_t owner; /* which word */
    bool ttl;       /* may follow */
    void (*run)(locks *s, const sim_words *w, uint64_t ttl, sim_text *answer);
} commands[] = {
    {"acquire", 3, 2, true, do_acquire},
    {"release", 3, 2, false, do_release},
    {"drop", 2, 1, false, do_drop},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* Which command it is, with its ttl; COMMANDS when it is none, with the answer. */
static size_t which(const sim_words *w, uint64_t *ttl, sim_text *answer)
{
    *ttl = 0;
    for (size_t i = 0; i < COMMANDS; i++) {
        const bool with_ttl =
            commands[i].ttl && w->n == commands[i].words + 2 && sim_words_is(w, 3, "ttl");
        if (!sim_words_is(w, 0, commands[i].name) || (w->n != commands[i].words && !with_ttl))
            continue;
        if (with_ttl && (!sim_words_number(w, 4, ttl) || !*ttl)) {
            sim_answer(answer, "error: expected a number of ticks, at least 1");
            return COMMANDS;
        }
        if (sim_words_is(w, commands[i].owner, NONE)) {
            sim_answer(answer, "error: " NONE " is what a free lock answers, no owner");
            return COMMANDS;
        }
        return i;
    }
    sim_answer(answer, "error: expected acquire LOCK OWNER [ttl TICKS], release LOCK OWNER, "
                       "drop OWNER, owner LOCK or waiters LOCK");
    return COMMANDS;
}

static void locks_apply(void *self, const uint8_t *command, uint32_t bytes, sim_text *answer)
{
    locks *s = self;
    sim_words *w = &s->words;
    if (!sim_words_split(w, command, bytes)) {
        sim_answer(answer, "error: the quotes do not close");
        return;
    }
    uint64_t ttl = 0;
    const size_t i = is_query(w) ? COMMANDS : which(w, &ttl, answer);
    if (i == COMMANDS && !is_query(w))
        return;
    s->touched = NULL;
    s->tick++;
    expire(s);
    if (i == COMMANDS)
        ask(s, w, answer);
    else
        commands[i].run(s, w, ttl, answer);
}

static void locks_query(const void *self, const char *query, size_t len, sim_text *answer)
{
    sim_words w = {0};
    if (len <= UINT32_MAX && sim_words_split(&w, (const uint8_t *)query, (uint32_t)len) &&
        is_query(&w))
        ask(self, &w, answer);
    else
        sim_answer(answer, "error: expected owner LOCK or waiters LOCK");
    sim_text_free(&w.text);
}

/* ---- the whole --------------------------------------------------------------------------- */

static uint64_t locks_hash(const void *self)
{
    const locks *s = self;
    uint64_t h = sim_hash_mix(sim_hash_mix(s->sum, s->table.n), s->tick);
    return sim_hash_final(sim_hash_mix(sim_hash_mix(h, s->granted), s->given_up));
}

static const char *locks_check(const void *self, sim_text *out)
{
    const locks *s = self;
    const lock *l = s->touched;
    if (s->granted - s->given_up != s->table.n)
        sim_text_format(out,
                        "a lock has not one owner: %" PRIu64 " were granted and %" PRIu64
                        " given up, but %zu are held",
                        s->granted, s->given_up, s->table.n);
    else if (l && !l->owner)
        sim_text_put(out, "a lock has not one owner: nobody holds it, but some wait");
    else if (l && (l->owner->before || l->owner->next || l->first == l->owner ||
                   l->claims.n != l->waiting + 1))
        sim_text_put(out, "a lock has not one owner: who holds it waits for it too");
    else
        return NULL;
    return out->at;
}

static void pack_claim(const claim *c, sim_text *out)
{
    sim_pack_text(out, c->item.name.at, c->item.name.len);
    sim_pack_number(out, c->since);
    sim_pack_number(out, c->ttl);
}

static void locks_snapshot(const void *self, sim_text *out)
{
    const locks *s = self;
    sim_item **all = sim_table_sorted(&s->table);
    const size_t from = sim_pack_begin(out, MARK);
    sim_pack_number(out, s->tick);
    sim_pack_number(out, s->granted);
    sim_pack_number(out, s->given_up);
    sim_pack_number(out, s->table.n);
    for (size_t i = 0; i < s->table.n; i++) {
        const lock *l = (const lock *)all[i];
        sim_pack_text(out, l->item.name.at, l->item.name.len);
        sim_pack_number(out, l->waiting);
        pack_claim(l->owner, out);
        for (const claim *c = l->first; c; c = c->next)
            pack_claim(c, out);
    }
    sim_pack_end(out, from);
    free(all);
}

/* NULL when the bytes are bad. */
static claim *unpack_claim(lock *l, sim_unpacker *u)
{
    size_t len;
    const char *who = sim_unpack_text(u, &len);
    const uint64_t since = sim_unpack_number(u), ttl = sim_unpack_number(u);
    if (u->bad || claim_of(l, who, len)) {
        u->bad = true;
        return NULL;
    }
    return add_claim(l, who, len, since, ttl);
}

/* NULL when the bytes are bad; the table holds it none the less. */
static lock *unpack_lock(locks *s, sim_unpacker *u, const lock *before)
{
    size_t len;
    const char *name = sim_unpack_text(u, &len);
    uint64_t waiting = sim_unpack_count(u, 24);
    sim_unpack_rises(u, before ? &before->item.name : NULL, name, len);
    if (u->bad)
        return NULL;
    lock *l = add_lock(s, name, len);
    claim *c = unpack_claim(l, u);
    if (c)
        own(s, l, c);
    for (; c && waiting; waiting--)
        if ((c = unpack_claim(l, u)))
            join_line(s, l, c);
    return c ? l : NULL;
}

static bool locks_restore(void *self, const uint8_t *bytes, uint64_t n)
{
    locks *s = self, *fresh = locks_create();
    sim_unpacker u = sim_unpack_begin(bytes, n, MARK);
    fresh->tick = sim_unpack_number(&u);
    fresh->granted = sim_unpack_number(&u);
    fresh->given_up = sim_unpack_number(&u);
    const lock *before = NULL;
    for (uint64_t left = sim_unpack_count(&u, 40); left && !u.bad; left--)
        if (!(before = unpack_lock(fresh, &u, before)))
            u.bad = true;
    bool well = sim_unpack_ends(&u);
    if (well) {
        const locks old = *s;
        *s = *fresh;
        *fresh = old;
    }
    locks_free(fresh);
    return well;
}

static void locks_show(const void *self, sim_text *out)
{
    const locks *s = self;
    sim_item **all = sim_table_sorted(&s->table);
    sim_text_add(out, "", 0);
    for (size_t i = 0; i < s->table.n; i++) {
        const lock *l = (const lock *)all[i];
        if (i)
            sim_text_char(out, ' ');
        sim_word_show(out, l->item.name.at, l->item.name.len, "=,@");
        sim_text_char(out, '=');
        answer_owner(l, out);
        if (l->owner->ttl)
            sim_text_format(out, "@%" PRIu64, expires(l->owner));
        for (const claim *c = l->first; c; c = c->next) {
            sim_text_char(out, ',');
            sim_word_show(out, c->item.name.at, c->item.name.len, "=,@");
        }
    }
    free(all);
}

static const sim_app_command lock_commands[] = {
    {"acquire LOCK OWNER [ttl TICKS]",
     "granted, or 'waiting 2' with the place in the line. To acquire it again begins the "
     "owner's time anew, and changes the ttl of who waits",
     false},
    {"release LOCK OWNER",
     "ok: the first who waits has it now, and who only waits leaves the line; else 'no: ' and "
     "whose it is",
     false},
    {"drop OWNER",
     "how many locks it held: it gives up all that it holds and waits for, as one that crashed",
     false},
    {"owner LOCK", "whose it is, or (none)", true},
    {"waiters LOCK", "who waits, in their order, or (none)", true},
    {NULL, NULL, false},
};

const sim_app sim_app_lock = {
    .name = "lock",
    .summary = "locks with one owner each and a line of those who wait, granted in order",
    .text = "A tick is one command that is applied, so expiry is decided by the log: what was "
            "granted with a ttl of 5 goes to the next in line before the fifth command from "
            "then on is carried out. No owner may be called (none). It promises that a lock "
            "has one owner, who does not wait for it too. Its state lists the locks that are "
            "held in byte order, each with its owner, the tick at which it expires, and those "
            "who wait: db=alice web=bob@17,carol.",
    .commands = lock_commands,
    .create = locks_create,
    .clone = locks_clone,
    .free = locks_free,
    .apply = locks_apply,
    .query = locks_query,
    .snapshot = locks_snapshot,
    .restore = locks_restore,
    .check = locks_check,
    .hash = locks_hash,
    .show = locks_show,
};
