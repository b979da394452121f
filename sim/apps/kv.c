/* kv.c - keys and values, both text; words with blanks stand in quotes.
 *
 *     get K           the value; "(none)" when there is no such key
 *     put K V         "ok"
 *     append K V      the value gets V at its end; "ok"; a missing key starts empty
 *     cas K OLD NEW   "ok" when the value was OLD and now is NEW; else "no: " and the
 *                     value, unchanged.  OLD (none) means that there is no such key
 *     delete K        "ok"; "(none)" when there was no such key
 *
 * get is also a query.  show lists the keys in byte order, "x=1 y=2"; what would be read
 * wrongly is quoted. No value may be the text "(none)", since that is what a missing key
 * answers. */
#include "sim/apps/apps.h"
#include "sim/apps/table.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include <stdlib.h>
#include <string.h>

#define NONE "(none)"
#define MARK "kv 1"

/* A key and its value, whose hash is folded byte by byte, so that appending to it costs
 * what is appended. */
typedef struct pair {
    sim_item key;
    uint64_t value_hash;
    sim_text value;
} pair;

typedef struct kv {
    sim_table pairs;
    uint64_t sum; /* of every pair's hash: the order of commands leaves no mark */
    sim_words words;
} kv;

static uint64_t fold(uint64_t h, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = sim_hash_mix(h, (uint8_t)s[i]);
    return h;
}

static uint64_t pair_hash(const pair *p)
{
    uint64_t h = sim_hash_mix(p->key.name_hash, p->value_hash);
    return sim_hash_final(sim_hash_mix(h, p->value.len));
}

static void *kv_create(void)
{
    return sim_alloc(sizeof(kv));
}

static void pair_clear(sim_item *item)
{
    sim_text_free(&((pair *)item)->value);
}

static void kv_free(void *self)
{
    kv *s = self;
    if (!s)
        return;
    sim_table_free(&s->pairs, pair_clear);
    sim_text_free(&s->words.text);
    free(s);
}

/* word 1 of a command is the key. */
static pair *find(const kv *s, const sim_words *w)
{
    return (pair *)sim_table_find(&s->pairs, w->at[1], w->len[1]);
}

static pair *add(kv *s, const char *key, size_t len)
{
    pair *p = (pair *)sim_table_add(&s->pairs, sizeof *p, key, len);
    sim_text_add(&p->value, "", 0);
    s->sum += pair_hash(p);
    return p;
}

static void extend(kv *s, pair *p, const char *value, size_t len)
{
    s->sum -= pair_hash(p);
    sim_text_add(&p->value, value, len);
    p->value_hash = fold(p->value_hash, value, len);
    s->sum += pair_hash(p);
}

static void set(kv *s, pair *p, const char *value, size_t len)
{
    s->sum -= pair_hash(p);
    sim_text_clear(&p->value);
    p->value_hash = 0;
    s->sum += pair_hash(p);
    extend(s, p, value, len);
}

static void *kv_clone(const void *self)
{
    const kv *from = self;
    kv *s = kv_create();
    for (size_t b = 0; b < from->pairs.buckets_n; b++)
        for (const sim_item *i = from->pairs.buckets[b]; i; i = i->next) {
            const pair *p = (const pair *)i;
            set(s, add(s, i->name.at, i->name.len), p->value.at, p->value.len);
        }
    return s;
}

/* ---- commands: word 0 is the command, word 1 the key ---------------------------- */

static void answer_value(const pair *p, sim_text *answer)
{
    if (!p)
        sim_answer(answer, NONE);
    else if (answer)
        sim_text_add(answer, p->value.at, p->value.len);
}

static void do_get(kv *s, pair *p, sim_text *answer)
{
    (void)s;
    answer_value(p, answer);
}

static pair *found_or_added(kv *s, pair *p)
{
    return p ? p : add(s, s->words.at[1], s->words.len[1]);
}

static void do_put(kv *s, pair *p, sim_text *answer)
{
    set(s, found_or_added(s, p), s->words.at[2], s->words.len[2]);
    sim_answer(answer, "ok");
}

static void do_append(kv *s, pair *p, sim_text *answer)
{
    const sim_words *w = &s->words;
    size_t had = p ? p->value.len : 0;
    /* The one way to get round the check of the words. */
    if (had + w->len[2] == strlen(NONE) && had && !memcmp(p->value.at, NONE, had) &&
        !memcmp(w->at[2], &NONE[had], w->len[2])) {
        sim_answer(answer, "error: " NONE " is what a missing key answers, no value");
        return;
    }
    extend(s, found_or_added(s, p), w->at[2], w->len[2]);
    sim_answer(answer, "ok");
}

static void do_cas(kv *s, pair *p, sim_text *answer)
{
    const sim_words *w = &s->words;
    bool same = p ? p->value.len == w->len[2] && !memcmp(p->value.at, w->at[2], w->len[2])
                  : sim_words_is(w, 2, NONE);
    if (!same) {
        sim_answer(answer, "no: ");
        answer_value(p, answer);
        return;
    }
    set(s, found_or_added(s, p), w->at[3], w->len[3]);
    sim_answer(answer, "ok");
}

static void do_delete(kv *s, pair *p, sim_text *answer)
{
    sim_answer(answer, p ? "ok" : NONE);
    if (!p)
        return;
    s->sum -= pair_hash(p);
    pair_clear(&p->key);
    sim_table_remove(&s->pairs, &p->key);
}

static const struct {
    const char *name;
    uint32_t words;
    uint32_t value; /* which word becomes a value; 0: none */
    void (*run)(kv *s, pair *p, sim_text *answer);
} commands[] = {
    {"get", 2, 0, do_get}, {"put", 3, 2, do_put},       {"append", 3, 2, do_append},
    {"cas", 4, 3, do_cas}, {"delete", 2, 0, do_delete},
};

static void kv_apply(void *self, const uint8_t *command, uint32_t bytes, sim_text *answer)
{
    kv *s = self;
    sim_words *w = &s->words;
    if (!sim_words_split(w, command, bytes)) {
        sim_answer(answer, "error: the quotes do not close");
        return;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (!sim_words_is(w, 0, commands[i].name) || w->n != commands[i].words)
            continue;
        if (commands[i].value && sim_words_is(w, commands[i].value, NONE))
            sim_answer(answer, "error: " NONE " is what a missing key answers, no value");
        else
            commands[i].run(s, find(s, w), answer);
        return;
    }
    sim_answer(answer, "error: expected get K, put K V, append K V, cas K OLD NEW or delete K");
}

static void kv_query(const void *self, const char *query, size_t len, sim_text *answer)
{
    sim_words w = {0};
    if (len <= UINT32_MAX && sim_words_split(&w, (const uint8_t *)query, (uint32_t)len) &&
        w.n == 2 && sim_words_is(&w, 0, "get"))
        answer_value(find(self, &w), answer);
    else
        sim_answer(answer, "error: expected get K");
    sim_text_free(&w.text);
}

static uint64_t kv_hash(const void *self)
{
    const kv *s = self;
    return sim_hash_final(s->sum + s->pairs.n);
}

/* ---- snapshots ------------------------------------------------------------------- */

static void kv_snapshot(const void *self, sim_text *out)
{
    const kv *s = self;
    sim_item **all = sim_table_sorted(&s->pairs);
    const size_t from = sim_pack_begin(out, MARK);
    sim_pack_number(out, s->pairs.n);
    for (size_t i = 0; i < s->pairs.n; i++) {
        const pair *p = (const pair *)all[i];
        sim_pack_text(out, p->key.name.at, p->key.name.len);
        sim_pack_text(out, p->value.at, p->value.len);
    }
    sim_pack_end(out, from);
    free(all);
}

static bool kv_restore(void *self, const uint8_t *bytes, uint64_t n)
{
    kv *s = self, *fresh = kv_create();
    sim_unpacker u = sim_unpack_begin(bytes, n, MARK);
    const pair *before = NULL;
    for (uint64_t left = sim_unpack_count(&u, 16); left && !u.bad; left--) {
        size_t key_len, value_len;
        const char *key = sim_unpack_text(&u, &key_len);
        const char *value = sim_unpack_text(&u, &value_len);
        sim_unpack_rises(&u, before ? &before->key.name : NULL, key, key_len);
        if (u.bad)
            break;
        pair *p = add(fresh, key, key_len);
        set(fresh, p, value, value_len);
        before = p;
    }
    bool well = sim_unpack_ends(&u);
    if (well) {
        const kv old = *s;
        *s = *fresh;
        *fresh = old;
    }
    kv_free(fresh);
    return well;
}

/* What is counted is there: a key that was lost or doubled shows in the sum. */
static const char *kv_check(const void *self, sim_text *out)
{
    const kv *s = self;
    if (s->pairs.n || !s->sum)
        return NULL;
    sim_text_format(out, "there is no key, but the hashes of the pairs do not add up to 0");
    return out->at;
}

/* ---- show ------------------------------------------------------------------------ */

static void kv_show(const void *self, sim_text *out)
{
    const kv *s = self;
    sim_item **all = sim_table_sorted(&s->pairs);
    sim_text_add(out, "", 0);
    for (size_t i = 0; i < s->pairs.n; i++) {
        const pair *p = (const pair *)all[i];
        if (i)
            sim_text_char(out, ' ');
        sim_word_show(out, p->key.name.at, p->key.name.len, "=");
        sim_text_char(out, '=');
        sim_word_show(out, p->value.at, p->value.len, "=");
    }
    free(all);
}

static const sim_app_command kv_commands[] = {
    {"get K", "the value, or (none) when there is no such key", true},
    {"put K V", "ok", false},
    {"append K V", "ok: V stands at the end of the value; a missing key starts empty", false},
    {"cas K OLD NEW",
     "ok when the value was OLD and now is NEW; else 'no: ' and the value, unchanged. OLD "
     "(none) means that there is no such key",
     false},
    {"delete K", "ok, or (none) when there was no such key", false},
    {NULL, NULL, false},
};

const sim_app sim_app_kv = {
    .name = "kv",
    .summary = "keys and values; get answers the value or (none), a change answers ok",
    .text = "No value may be the text (none). Its state lists the keys in byte order: x=1 y=2.",
    .commands = kv_commands,
    .create = kv_create,
    .clone = kv_clone,
    .free = kv_free,
    .apply = kv_apply,
    .query = kv_query,
    .snapshot = kv_snapshot,
    .restore = kv_restore,
    .check = kv_check,
    .hash = kv_hash,
    .show = kv_show,
};
