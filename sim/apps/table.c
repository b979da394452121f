/* table.c - things with a name, in buckets. */
#include "sim/apps/table.h"
#include "sim/apps/apps.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS_MIN = 16 };

static uint64_t hash_of(const char *name, size_t len)
{
    return sim_hash_bytes(len, name, len);
}

static sim_item **bucket(const sim_table *t, uint64_t hash)
{
    return &t->buckets[hash & (t->buckets_n - 1)];
}

sim_item *sim_table_find(const sim_table *t, const char *name, size_t len)
{
    if (!t->n)
        return NULL;
    uint64_t hash = hash_of(name, len);
    sim_item *i = *bucket(t, hash);
    while (i && (i->name_hash != hash || i->name.len != len || memcmp(i->name.at, name, len)))
        i = i->next;
    return i;
}

static void grow(sim_table *t)
{
    sim_table old = *t;
    t->buckets_n = old.buckets_n ? old.buckets_n * 2 : BUCKETS_MIN;
    t->buckets = sim_alloc(t->buckets_n * sizeof *t->buckets);
    for (size_t b = 0; b < old.buckets_n; b++)
        for (sim_item *i = old.buckets[b], *next; i; i = next) {
            next = i->next;
            sim_item **to = bucket(t, i->name_hash);
            i->next = *to;
            *to = i;
        }
    free(old.buckets);
}

sim_item *sim_table_add(sim_table *t, size_t item_bytes, const char *name, size_t len)
{
    assert(item_bytes >= sizeof(sim_item) && !sim_table_find(t, name, len));
    if (t->n == t->buckets_n)
        grow(t);
    sim_item *i = sim_alloc(item_bytes);
    i->name_hash = hash_of(name, len);
    sim_text_add(&i->name, name, len);
    sim_item **to = bucket(t, i->name_hash);
    i->next = *to;
    *to = i;
    t->n++;
    return i;
}

void sim_table_remove(sim_table *t, sim_item *item)
{
    sim_item **at = bucket(t, item->name_hash);
    while (*at != item)
        at = &(*at)->next;
    *at = item->next;
    t->n--;
    sim_text_free(&item->name);
    free(item);
}

static int by_name(const void *a, const void *b)
{
    const sim_item *const *one = a, *const *other = b;
    const sim_text *x = &(*one)->name, *y = &(*other)->name;
    int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

sim_item **sim_table_sorted(const sim_table *t)
{
    sim_item **all = sim_alloc(t->n * sizeof *all);
    size_t n = 0;
    for (size_t b = 0; b < t->buckets_n; b++)
        for (sim_item *i = t->buckets[b]; i; i = i->next)
            all[n++] = i;
    if (n)
        qsort(all, n, sizeof(sim_item *), by_name);
    return all;
}

void sim_table_names(const sim_table *t, const char *also, sim_text *out)
{
    if (!out)
        return;
    sim_item **all = sim_table_sorted(t);
    for (size_t i = 0; i < t->n; i++) {
        if (i)
            sim_text_char(out, ' ');
        sim_word_show(out, all[i]->name.at, all[i]->name.len, also);
    }
    free(all);
    if (!t->n)
        sim_text_put(out, "(none)");
}

void sim_table_free(sim_table *t, void (*clear)(sim_item *item))
{
    for (size_t b = 0; b < t->buckets_n; b++)
        for (sim_item *i = t->buckets[b], *next; i; i = next) {
            next = i->next;
            if (clear)
                clear(i);
            sim_text_free(&i->name);
            free(i);
        }
    free(t->buckets);
    *t = (sim_table){0};
}
