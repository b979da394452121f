/* queue.c - messages by topic, first in, first out.
 *
 *     put TOPIC MESSAGE   "ok"; a topic that is not there yet begins
 *     get TOPIC           the oldest message, which is gone then; "(none)" when there is none
 *     length TOPIC        how many it holds, 0 when it is not there; also a query
 *     topics              their names in byte order; "(none)" when there are none; also a query
 *
 * PUT and GET are taken as well.  A topic stays when it is empty.  No message may be the text
 * "(none)", since that is what an empty topic answers.
 *
 * Its invariant: no message is lost or doubled.  Messages are numbered by topic, 1, 2, 3 …;
 * those that a topic holds are numbered without a gap from the first that was not got to the
 * last that was put; and over all topics, what was put less what was got is what is held.
 *
 * show lists the topics in byte order, each with its messages, "news=one,two sport=". */
#include "sim/apps/apps.h"
#include "sim/apps/table.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MARK "queue 1"
#define NONE "(none)"

typedef struct message {
    struct message *next;
    uint64_t number;
    sim_text text;
} message;

typedef struct topic {
    sim_item item;
    message *first, *last; /* NULL when it is empty */
    uint64_t put, got;     /* so many, ever */
    uint64_t held;         /* the messages themselves, counted */
} topic;

typedef struct queue {
    sim_table topics;
    uint64_t put, got, held; /* over all topics; held counts the messages themselves */
    uint64_t sum;            /* of the hashes of topics and messages */
    const topic *touched;    /* by the last command; NULL: none */
    sim_words words;
} queue;

/* ---- topics and messages ----------------------------------------------------------------- */

static uint64_t topic_hash(const topic *t)
{
    return sim_hash_final(sim_hash_mix(sim_hash_mix(t->item.name_hash, t->put), t->got));
}

static uint64_t message_hash(const topic *t, const message *m)
{
    return sim_hash_bytes(sim_hash_mix(t->item.name_hash, m->number), m->text.at, m->text.len);
}

static topic *find(const queue *q, const char *name, size_t len)
{
    return (topic *)sim_table_find(&q->topics, name, len);
}

/* put and got: so many were before. */
static topic *begin(queue *q, const char *name, size_t len, uint64_t put, uint64_t got)
{
    topic *t = (topic *)sim_table_add(&q->topics, sizeof *t, name, len);
    t->put = put;
    t->got = got;
    q->put += put;
    q->got += got;
    q->sum += topic_hash(t);
    return t;
}

static void append(queue *q, topic *t, uint64_t number, const char *text, size_t len)
{
    message *m = sim_alloc(sizeof *m);
    m->number = number;
    sim_text_add(&m->text, text, len);
    *(t->last ? &t->last->next : &t->first) = m;
    t->last = m;
    t->held++;
    q->held++;
    q->sum += message_hash(t, m);
}

static void put(queue *q, topic *t, const char *text, size_t len)
{
    q->sum -= topic_hash(t);
    t->put++;
    q->put++;
    q->sum += topic_hash(t);
    append(q, t, t->put, text, len);
}

/* Takes the oldest message out; there is one. */
static void take(queue *q, topic *t, sim_text *answer)
{
    message *m = t->first;
    if (answer)
        sim_text_add(answer, m->text.at, m->text.len);
    q->sum -= message_hash(t, m) + topic_hash(t);
    t->got++;
    q->got++;
    t->held--;
    q->held--;
    q->sum += topic_hash(t);
    t->first = m->next;
    if (!t->first)
        t->last = NULL;
    sim_text_free(&m->text);
    free(m);
}

static void topic_clear(sim_item *item)
{
    for (message *m = ((topic *)item)->first, *next; m; m = next) {
        next = m->next;
        sim_text_free(&m->text);
        free(m);
    }
}

static void *queue_create(void)
{
    return sim_alloc(sizeof(queue));
}

static void *queue_clone(const void *self)
{
    const queue *from = self;
    queue *q = queue_create();
    for (size_t b = 0; b < from->topics.buckets_n; b++)
        for (const sim_item *i = from->topics.buckets[b]; i; i = i->next) {
            const topic *old = (const topic *)i;
            topic *t = begin(q, i->name.at, i->name.len, old->put, old->got);
            for (const message *m = old->first; m; m = m->next)
                append(q, t, m->number, m->text.at, m->text.len);
        }
    return q;
}

static void queue_free(void *self)
{
    queue *q = self;
    if (!q)
        return;
    sim_table_free(&q->topics, topic_clear);
    sim_text_free(&q->words.text);
    free(q);
}

/* ---- commands ---------------------------------------------------------------------------- */

static void do_put(queue *q, sim_text *answer)
{
    const sim_words *w = &q->words;
    if (sim_words_is(w, 2, NONE)) {
        sim_answer(answer, "error: " NONE " is what an empty topic answers, no message");
        return;
    }
    topic *t = find(q, w->at[1], w->len[1]);
    if (!t)
        t = begin(q, w->at[1], w->len[1], 0, 0);
    put(q, t, w->at[2], w->len[2]);
    q->touched = t;
    sim_answer(answer, "ok");
}

static void do_get(queue *q, sim_text *answer)
{
    topic *t = find(q, q->words.at[1], q->words.len[1]);
    q->touched = t;
    if (t && t->first)
        take(q, t, answer);
    else
        sim_answer(answer, NONE);
}

/* False: it is no query. */
static bool ask(const queue *q, const sim_words *w, sim_text *answer)
{
    if (w->n == 1 && sim_words_is(w, 0, "topics")) {
        sim_table_names(&q->topics, "=,", answer);
        return true;
    }
    if (w->n != 2 || !sim_words_is(w, 0, "length"))
        return false;
    const topic *t = find(q, w->at[1], w->len[1]);
    if (answer)
        sim_text_u64(answer, t ? t->held : 0);
    return true;
}

static void queue_apply(void *self, const uint8_t *command, uint32_t bytes, sim_text *answer)
{
    queue *q = self;
    sim_words *w = &q->words;
    q->touched = NULL;
    if (!sim_words_split(w, command, bytes))
        sim_answer(answer, "error: the quotes do not close");
    else if (w->n == 3 && (sim_words_is(w, 0, "put") || sim_words_is(w, 0, "PUT")))
        do_put(q, answer);
    else if (w->n == 2 && (sim_words_is(w, 0, "get") || sim_words_is(w, 0, "GET")))
        do_get(q, answer);
    else if (!ask(q, w, answer))
        sim_answer(answer,
                   "error: expected put TOPIC MESSAGE, get TOPIC, length TOPIC or topics");
}

static void queue_query(const void *self, const char *query, size_t len, sim_text *answer)
{
    sim_words w = {0};
    if (len > UINT32_MAX || !sim_words_split(&w, (const uint8_t *)query, (uint32_t)len) ||
        !ask(self, &w, answer))
        sim_answer(answer, "error: expected length TOPIC or topics");
    sim_text_free(&w.text);
}

/* ---- the whole --------------------------------------------------------------------------- */

static uint64_t queue_hash(const void *self)
{
    const queue *q = self;
    return sim_hash_final(sim_hash_mix(q->sum, q->topics.n));
}

/* The numbers of what a topic holds, at both of its ends. */
static bool is_numbered(const topic *t)
{
    if (!t->first || !t->last)
        return t->put == t->got && !t->first && !t->last;
    return t->first->number == t->got + 1 && t->last->number == t->put && !t->last->next &&
           (!t->first->next || t->first->next->number == t->got + 2);
}

static const char *queue_check(const void *self, sim_text *out)
{
    const queue *q = self;
    if (q->put - q->got != q->held)
        sim_text_format(out,
                        "a message was lost or doubled: %" PRIu64 " were put and %" PRIu64
                        " got, but %" PRIu64 " are held",
                        q->put, q->got, q->held);
    else if (q->touched && !is_numbered(q->touched))
        sim_text_format(out,
                        "a message was lost or doubled: a topic of which %" PRIu64
                        " were put and %" PRIu64 " got is numbered with gaps",
                        q->touched->put, q->touched->got);
    else
        return NULL;
    return out->at;
}

static void queue_snapshot(const void *self, sim_text *out)
{
    const queue *q = self;
    sim_item **all = sim_table_sorted(&q->topics);
    const size_t from = sim_pack_begin(out, MARK);
    sim_pack_number(out, q->topics.n);
    for (size_t i = 0; i < q->topics.n; i++) {
        const topic *t = (const topic *)all[i];
        sim_pack_text(out, t->item.name.at, t->item.name.len);
        sim_pack_number(out, t->put);
        sim_pack_number(out, t->got);
        sim_pack_number(out, t->held);
        for (const message *m = t->first; m; m = m->next)
            sim_pack_text(out, m->text.at, m->text.len);
    }
    sim_pack_end(out, from);
    free(all);
}

/* A topic with its messages; NULL when the bytes are bad. */
static topic *unpack_topic(queue *q, sim_unpacker *u, const topic *before)
{
    size_t len;
    const char *name = sim_unpack_text(u, &len);
    const uint64_t n = sim_unpack_number(u), got = sim_unpack_number(u);
    uint64_t left = sim_unpack_count(u, 8);
    sim_unpack_rises(u, before ? &before->item.name : NULL, name, len);
    if (u->bad)
        return NULL;
    topic *t = begin(q, name, len, n, got);
    for (uint64_t number = got + 1; left && !u->bad; left--, number++) {
        const char *text = sim_unpack_text(u, &len);
        append(q, t, number, text, len);
    }
    return u->bad ? NULL : t;
}

static bool queue_restore(void *self, const uint8_t *bytes, uint64_t n)
{
    queue *q = self, *fresh = queue_create();
    sim_unpacker u = sim_unpack_begin(bytes, n, MARK);
    const topic *before = NULL;
    for (uint64_t left = sim_unpack_count(&u, 32); left && !u.bad; left--)
        if (!(before = unpack_topic(fresh, &u, before)))
            u.bad = true;
    bool well = sim_unpack_ends(&u);
    if (well) {
        const queue old = *q;
        *q = *fresh;
        *fresh = old;
    }
    queue_free(fresh);
    return well;
}

static void queue_show(const void *self, sim_text *out)
{
    const queue *q = self;
    sim_item **all = sim_table_sorted(&q->topics);
    sim_text_add(out, "", 0);
    for (size_t i = 0; i < q->topics.n; i++) {
        if (i)
            sim_text_char(out, ' ');
        sim_word_show(out, all[i]->name.at, all[i]->name.len, "=,");
        sim_text_char(out, '=');
        const message *first = ((const topic *)all[i])->first;
        for (const message *m = first; m; m = m->next) {
            if (m != first)
                sim_text_char(out, ',');
            sim_word_show(out, m->text.at, m->text.len, "=,");
        }
    }
    free(all);
}

static const sim_app_command queue_commands[] = {
    {"put TOPIC MESSAGE", "ok; a topic that is not there yet begins", false},
    {"get TOPIC", "the oldest message, which is gone then, or (none)", false},
    {"length TOPIC", "how many messages it holds, 0 when it is not there", true},
    {"topics", "their names in byte order, or (none)", true},
    {NULL, NULL, false},
};

const sim_app sim_app_queue = {
    .name = "queue",
    .summary = "messages by topic, first in, first out; get answers the message or (none)",
    .text =
        "PUT and GET are taken as well. No message may be the text (none). It promises that no "
        "message is lost or doubled: those that a topic holds are numbered without a gap. Its "
        "state lists the topics in byte order, each with its messages: news=one,two sport=.",
    .commands = queue_commands,
    .create = queue_create,
    .clone = queue_clone,
    .free = queue_free,
    .apply = queue_apply,
    .query = queue_query,
    .snapshot = queue_snapshot,
    .restore = queue_restore,
    .check = queue_check,
    .hash = queue_hash,
    .show = queue_show,
};
