/* table.h - things with a name, found by it: keys, accounts, topics, locks.
 *
 *     typedef struct account { sim_item item; uint64_t balance; } account;
 *     account *a = (account *)sim_table_find(&t, "alice", 5);
 *     if (!a)
 *         a = (account *)sim_table_add(&t, sizeof *a, "alice", 5);
 *
 * An item is the first member of what an application keeps.  The order inside a table is
 * never seen: what is shown or written to a snapshot is sorted by name, byte by byte.
 * Zero-initialised is valid and empty.  The table owns its items. */
#ifndef SIM_APPS_TABLE_H
#define SIM_APPS_TABLE_H
#include "sim/base/text.h"

typedef struct sim_item {
    struct sim_item *next;
    uint64_t name_hash; /* the same on every machine */
    sim_text name;      /* at is never NULL */
} sim_item;

typedef struct sim_table {
    sim_item **buckets;
    size_t buckets_n, n; /* buckets_n: 0 or a power of two, at least n */
} sim_table;

sim_item *sim_table_find(const sim_table *t, const char *name, size_t len); /* or NULL */
/* There must be none of that name.  The rest of the item's bytes are zero. */
sim_item *sim_table_add(sim_table *t, size_t item_bytes, const char *name, size_t len);
/* Frees the item too; what it owns besides its name is the caller's to free before. */
void sim_table_remove(sim_table *t, sim_item *item);
/* All n items by name; the caller frees the array. */
sim_item **sim_table_sorted(const sim_table *t);
/* Their names by byte, each as a command would write it (also: see sim_word_show), with a blank
 * between them; "(none)" when there are none.  out NULL: nothing. */
void sim_table_names(const sim_table *t, const char *also, sim_text *out);
/* clear: frees what an item owns besides its name; may be NULL. */
void sim_table_free(sim_table *t, void (*clear)(sim_item *item));

#endif
