/* kv.c - keys and values, both text; words with blanks stand in quotes.
 *
 *     get K           the value; "(none)" when there is no such key
 *     put K V         "ok"
 *     append K V      the value gets V at its end; "ok"; a missing key starts empty
 *     cas K OLD NEW   "ok" when the value was OLD and now is NEW; else "no: " and the
 *                     value, unchanged.  OLD (none) means that there is no such key
 *     delete K        "ok"; "(none)" when there was no such key
 *
 * show lists the keys in byte order, "x=1 y=2"; what would be read wrongly is quoted.
 * No value may be the text "(none)", since that is what a missing key answers. */
#include "sim/apps/apps.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include <stdlib.h>
#include <string.h>

#define NONE "(none)"

/* A key and its value.  Both hashes are folded byte by byte, so that appending to a value
 * costs what is appended. */
typedef struct pair {
    struct pair *next; /* in its bucket; the order is never seen */
    uint64_t key_hash, value_hash;
    sim_text key, value;
} pair;

typedef struct kv {
    pair **buckets; /* buckets_n of them, a power of two */
    size_t buckets_n, pairs_n;
    uint64_t hash; /* the sum of every pair's: the order of commands leaves no mark */
    sim_words words;
} kv;

enum { BUCKETS_MIN = 16 };

static uint64_t fold(uint64_t h, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = sim_hash_mix(h, (uint8_t)s[i]);
    return h;
}

static uint64_t pair_hash(const pair *p)
{
    uint64_t h = sim_hash_mix(p->key_hash, p->key.len);
    return sim_hash_final(sim_hash_mix(sim_hash_mix(h, p->value_hash), p->value.len));
}

static void *kv_create(void)
{
    kv *s = sim_alloc(sizeof *s);
    s->buckets_n = BUCKETS_MIN;
    s->buckets = sim_alloc(s->buckets_n * sizeof(pair *));
    return s;
}

static void pair_free(pair *p)
{
    sim_text_free(&p->key);
    sim_text_free(&p->value);
    free(p);
}

static void kv_free(void *self)
{
    kv *s = self;
    if (!s)
        return;
    for (size_t i = 0; i < s->buckets_n; i++)
        for (pair *p = s->buckets[i], *next; p; p = next) {
            next = p->next;
            pair_free(p);
        }
    sim_text_free(&s->words.text);
    free(s->buckets);
    free(s);
}

/* Where a pair with this key hangs, or would hang. */
static pair **place(const kv *s, uint64_t key_hash, const char *key, size_t len)
{
    pair **at = &s->buckets[sim_hash_final(key_hash) & (s->buckets_n - 1)];
    while (*at && ((*at)->key_hash != key_hash || (*at)->key.len != len ||
                   memcmp((*at)->key.at, key, len) != 0))
        at = &(*at)->next;
    return at;
}

static void grow(kv *s)
{
    size_t old_n = s->buckets_n;
    pair **old = s->buckets;
    s->buckets_n *= 2;
    s->buckets = sim_alloc(s->buckets_n * sizeof(pair *));
    for (size_t i = 0; i < old_n; i++)
        for (pair *p = old[i], *next; p; p = next) {
            next = p->next;
            pair **to = &s->buckets[sim_hash_final(p->key_hash) & (s->buckets_n - 1)];
            p->next = *to;
            *to = p;
        }
    free(old);
}

static pair *add(kv *s, uint64_t key_hash, const char *key, size_t len)
{
    if (s->pairs_n == s->buckets_n)
        grow(s);
    pair *p = sim_alloc(sizeof *p);
    p->key_hash = key_hash;
    sim_text_add(&p->key, key, len);
    sim_text_add(&p->value, "", 0);
    *place(s, key_hash, key, len) = p;
    s->pairs_n++;
    s->hash += pair_hash(p);
    return p;
}

static void extend(kv *s, pair *p, const char *value, size_t len)
{
    s->hash -= pair_hash(p);
    sim_text_add(&p->value, value, len);
    p->value_hash = fold(p->value_hash, value, len);
    s->hash += pair_hash(p);
}

static void set(kv *s, pair *p, const char *value, size_t len)
{
    s->hash -= pair_hash(p);
    sim_text_clear(&p->value);
    p->value_hash = 0;
    s->hash += pair_hash(p);
    extend(s, p, value, len);
}

static void *kv_clone(const void *self)
{
    const kv *from = self;
    kv *s = kv_create();
    for (size_t i = 0; i < from->buckets_n; i++)
        for (const pair *p = from->buckets[i]; p; p = p->next)
            set(s, add(s, p->key_hash, p->key.at, p->key.len), p->value.at, p->value.len);
    return s;
}

/* ---- commands: word 0 is the command, word 1 the key ---------------------------- */

static void do_get(kv *s, pair **at, sim_text *answer)
{
    (void)s;
    if (!*at)
        sim_answer(answer, NONE);
    else if (answer)
        sim_text_add(answer, (*at)->value.at, (*at)->value.len);
}

static pair *found_or_added(kv *s, pair **at)
{
    const sim_words *w = &s->words;
    return *at ? *at : add(s, fold(0, w->at[1], w->len[1]), w->at[1], w->len[1]);
}

static void do_put(kv *s, pair **at, sim_text *answer)
{
    set(s, found_or_added(s, at), s->words.at[2], s->words.len[2]);
    sim_answer(answer, "ok");
}

static void do_append(kv *s, pair **at, sim_text *answer)
{
    const sim_words *w = &s->words;
    size_t had = *at ? (*at)->value.len : 0;
    /* The one way to get round the check of the words. */
    if (had + w->len[2] == strlen(NONE) && had && !memcmp((*at)->value.at, NONE, had) &&
        !memcmp(w->at[2], &NONE[had], w->len[2])) {
        sim_answer(answer, "error: " NONE " is what a missing key answers, no value");
        return;
    }
    extend(s, found_or_added(s, at), w->at[2], w->len[2]);
    sim_answer(answer, "ok");
}

static void do_cas(kv *s, pair **at, sim_text *answer)
{
    const sim_words *w = &s->words;
    const pair *p = *at;
    bool same = p ? p->value.len == w->len[2] && !memcmp(p->value.at, w->at[2], w->len[2])
                  : sim_words_is(w, 2, NONE);
    if (!same) {
        sim_answer(answer, "no: ");
        do_get(s, at, answer);
        return;
    }
    set(s, found_or_added(s, at), w->at[3], w->len[3]);
    sim_answer(answer, "ok");
}

static void do_delete(kv *s, pair **at, sim_text *answer)
{
    pair *p = *at;
    if (p) {
        *at = p->next;
        s->pairs_n--;
        s->hash -= pair_hash(p);
        pair_free(p);
    }
    sim_answer(answer, p ? "ok" : NONE);
}

static const struct {
    const char *name;
    uint32_t words;
    uint32_t value; /* which word becomes a value; 0: none */
    void (*run)(kv *s, pair **at, sim_text *answer);
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
            commands[i].run(s, place(s, fold(0, w->at[1], w->len[1]), w->at[1], w->len[1]),
                            answer);
        return;
    }
    sim_answer(answer, "error: expected get K, put K V, append K V, cas K OLD NEW or delete K");
}

static uint64_t kv_hash(const void *self)
{
    const kv *s = self;
    return sim_hash_final(s->hash + s->pairs_n);
}

/* ---- show ------------------------------------------------------------------------ */

static int by_key(const void *a, const void *b)
{
    const pair *const *one = a, *const *other = b;
    const sim_text *x = &(*one)->key, *y = &(*other)->key;
    int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static bool wants_quotes(const sim_text *t)
{
    for (size_t i = 0; i < t->len; i++)
        if ((unsigned char)t->at[i] <= ' ' || strchr("\"\\=", t->at[i]))
            return true;
    return !t->len;
}

static void show_word(const sim_text *t, sim_text *out)
{
    if (!wants_quotes(t)) {
        sim_text_add(out, t->at, t->len);
        return;
    }
    sim_text_char(out, '"');
    for (size_t i = 0; i < t->len; i++) {
        char c = t->at[i];
        if (c == '"' || c == '\\' || c == '\n')
            sim_text_char(out, '\\');
        sim_text_char(out, c == '\n' ? 'n' : c);
    }
    sim_text_char(out, '"');
}

static void kv_show(const void *self, sim_text *out)
{
    const kv *s = self;
    const pair **all = sim_alloc(s->pairs_n * sizeof(const pair *));
    size_t n = 0;
    for (size_t i = 0; i < s->buckets_n; i++)
        for (const pair *p = s->buckets[i]; p; p = p->next)
            all[n++] = p;
    if (n)
        qsort(all, n, sizeof *all, by_key);
    sim_text_add(out, "", 0);
    for (size_t i = 0; i < n; i++) {
        if (i)
            sim_text_char(out, ' ');
        show_word(&all[i]->key, out);
        sim_text_char(out, '=');
        show_word(&all[i]->value, out);
    }
    free(all);
}

static const char *const kv_commands[] = {"get K",         "put K V",  "append K V",
                                          "cas K OLD NEW", "delete K", NULL};

const sim_app sim_app_kv = {
    .name = "kv",
    .summary = "keys and values; get answers the value or (none), a change answers ok",
    .commands = kv_commands,
    .create = kv_create,
    .clone = kv_clone,
    .free = kv_free,
    .apply = kv_apply,
    .hash = kv_hash,
    .show = kv_show,
};
