/* check_world.h - a small cluster by hand, for tests of the checker: each call moves a model
 * of a node and tells the checker, as the tank would.
 *
 *     world w = world_new(3);
 *     lead(&w, 1, 1);                  // n1 wins term 1
 *     put(&w, 1, 1, "noop");           // n1 writes 1@1
 *     sync(&w, 1);                     // … which is on its disk now
 *     ck_assert(broke(&w, "Election Safety"));
 *
 * A breach stays; nothing that follows is told. */
#ifndef SIM_TEST_CHECK_WORLD_H
#define SIM_TEST_CHECK_WORLD_H
#include "sim/check.h"
#include "sim/types.h"
#include <check.h>
#include <stdio.h>
#include <string.h>

enum { WORLD_NODES = 5, WORLD_ENTRIES = 3000 };

typedef struct world_node {
    sim_view view;
    sim_entry log[WORLD_ENTRIES]; /* log[i] is index i + 1 */
} world_node;

typedef struct world {
    sim_check *check;
    uint64_t seq;
    bool broken;
    sim_breach breach;
    world_node at[WORLD_NODES + 1];
} world;

static const char *const world_names[] = {"n1", "n2", "n3", "n4", "n5"};

static inline world world_new(uint32_t nodes)
{
    world w = {.check = sim_check_new(nodes, world_names)};
    for (uint32_t i = 1; i <= nodes; i++)
        w.at[i].view = (sim_view){.first = 1, .voters = sim_first_nodes(nodes)};
    return w;
}

static inline void world_free(world *w)
{
    sim_check_free(w->check);
}

static inline void told(world *w, bool well)
{
    if (!well)
        w->broken = true;
}

/* The state as it stands in the model. */
static inline void show(world *w, sim_id id)
{
    told(w, sim_check_state(w->check, id, &w->at[id].view, ++w->seq, &w->breach));
}

static inline void be(world *w, sim_id id, sim_role role, uint64_t term)
{
    sim_view *v = &w->at[id].view;
    if (v->term != term)
        v->vote = 0;
    v->term = term;
    v->role = role;
    show(w, id);
}

static inline void vote(world *w, sim_id id, uint64_t term, sim_id candidate)
{
    sim_view *v = &w->at[id].view;
    v->term = term;
    v->vote = candidate;
    show(w, id);
}

static inline void lead(world *w, sim_id id, uint64_t term)
{
    w->at[id].view.vote = id;
    w->at[id].view.term = term;
    w->at[id].view.role = SIM_LEADER;
    show(w, id);
}

static inline sim_entry entry_of(uint64_t term, const char *text)
{
    uint32_t bytes = (uint32_t)strlen(text);
    return (sim_entry){.term = term,
                       .checksum = sim_entry_checksum(SIM_ENTRY_COMMAND, text, bytes),
                       .data = (const uint8_t *)text,
                       .bytes = bytes,
                       .kind = SIM_ENTRY_COMMAND};
}

/* Writes without telling the state, as the first half of a step. */
static inline void write_entry(world *w, sim_id id, uint64_t term, const char *text)
{
    world_node *n = &w->at[id];
    sim_entry e = entry_of(term, text);
    n->log[n->view.last.index] = e;
    n->view.last = (sim_point){n->view.last.index + 1, term};
    told(w, sim_check_append(w->check, id, n->view.last.index, &e, 1, ++w->seq, &w->breach));
}

static inline void write_cut(world *w, sim_id id, uint64_t from)
{
    world_node *n = &w->at[id];
    n->view.last = from > 1 ? (sim_point){from - 1, n->log[from - 2].term} : (sim_point){0, 0};
    told(w, sim_check_truncate(w->check, id, from, ++w->seq, &w->breach));
}

static inline void put(world *w, sim_id id, uint64_t term, const char *text)
{
    write_entry(w, id, term, text);
    show(w, id);
}

static inline void cut(world *w, sim_id id, uint64_t from)
{
    write_cut(w, id, from);
    show(w, id);
}

/* A write is done: the disk's log went down to low and is up to last now. */
static inline void durable(world *w, sim_id id, uint64_t low, uint64_t last)
{
    told(w, sim_check_durable(w->check, id, low, last, ++w->seq, &w->breach));
}

/* One write that brings the disk up to the log. */
static inline void sync_from(world *w, sim_id id, uint64_t low)
{
    durable(w, id, low, w->at[id].view.last.index);
}

static inline void commit(world *w, sim_id id, uint64_t index)
{
    w->at[id].view.commit = index;
    show(w, id);
}

static inline void crash(world *w, sim_id id)
{
    sim_check_crash(w->check, id);
}

/* Comes back with the first n entries of its log, in this term and with this vote. */
static inline void restart(world *w, sim_id id, uint64_t n, uint64_t term, sim_id voted)
{
    world_node *node = &w->at[id];
    sim_view *v = &node->view;
    told(w, sim_check_load(w->check, id, node->log, n, ++w->seq, &w->breach));
    v->last = n ? (sim_point){n, node->log[n - 1].term} : (sim_point){0, 0};
    v->role = SIM_FOLLOWER;
    v->term = term;
    v->vote = voted;
    v->commit = 0;
    told(w, sim_check_start(w->check, id, v, ++w->seq, &w->breach));
}

/* n1 leads term 1; these nodes have its entries 1..n at term 1 on disk. */
static inline void lead_with_entries(world *w, sim_set nodes, uint64_t n)
{
    static const char *const texts[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    lead(w, 1, 1);
    for (sim_id id = 0; (id = sim_next(nodes, id));) {
        if (id != 1)
            be(w, id, SIM_FOLLOWER, 1);
        for (uint64_t i = 0; i < n; i++)
            put(w, id, 1, texts[i % 8]);
        sync_from(w, id, 0);
    }
}

/* ---- configurations ------------------------------------------------------------------ */

/* Writes one, which is in force from then on, without telling the state. */
static inline void write_config(world *w, sim_id id, uint64_t term, sim_set voters,
                                sim_set outgoing)
{
    world_node *n = &w->at[id];
    char text[40];
    const int len = snprintf(text, sizeof text, "%u|%u", (unsigned)outgoing, (unsigned)voters);
    const sim_entry e = {.term = term,
                         .checksum = sim_entry_checksum(SIM_ENTRY_CONFIG, text, (uint32_t)len),
                         .kind = SIM_ENTRY_CONFIG};
    n->log[n->view.last.index] = e;
    n->view.last = (sim_point){n->view.last.index + 1, term};
    n->view.voters = voters;
    n->view.outgoing = outgoing;
    n->view.config_index = n->view.last.index;
    told(w, sim_check_append(w->check, id, n->view.last.index, &e, 1, ++w->seq, &w->breach));
}

static inline void put_config(world *w, sim_id id, uint64_t term, sim_set voters,
                              sim_set outgoing)
{
    write_config(w, id, term, voters, outgoing);
    show(w, id);
}

/* ---- snapshots ----------------------------------------------------------------------- */

static inline sim_point point_at(const world *w, sim_id id, uint64_t index)
{
    return (sim_point){index, index ? w->at[id].log[index - 1].term : 0};
}

static inline void compact(world *w, sim_id id, uint64_t index)
{
    const sim_point last = point_at(w, id, index);
    told(w, sim_check_compact(w->check, id, last, ++w->seq, &w->breach));
    w->at[id].view.snapshot = last;
    show(w, id);
}

static inline void snapshot_durable(world *w, sim_id id, uint64_t index)
{
    const sim_point last = point_at(w, id, index);
    told(w, sim_check_snapshot_durable(w->check, id, last, ++w->seq, &w->breach));
}

/* It gets the snapshot of another node, with what that has committed up to there.  The state
 * is not told. */
static inline void write_install(world *w, sim_id id, sim_id from, uint64_t index, bool keeps)
{
    world_node *n = &w->at[id];
    const sim_point last = point_at(w, from, index);
    for (uint64_t i = 0; i < index; i++)
        n->log[i] = w->at[from].log[i];
    if (!keeps || n->view.last.index < index)
        n->view.last = last;
    if (n->view.commit < index)
        n->view.commit = index;
    n->view.snapshot = last;
    told(w, sim_check_install(w->check, id, last, keeps, ++w->seq, &w->breach));
}

static inline void install(world *w, sim_id id, sim_id from, uint64_t index, bool keeps)
{
    write_install(w, id, from, index, keeps);
    show(w, id);
}

/* Comes back with a snapshot up to base, and with the entries up to last. */
static inline void restart_behind(world *w, sim_id id, uint64_t base, uint64_t last,
                                  uint64_t term)
{
    world_node *n = &w->at[id];
    const sim_point snapshot = point_at(w, id, base);
    if (base)
        told(w, sim_check_snapshot(w->check, id, snapshot, ++w->seq, &w->breach));
    told(w, sim_check_load(w->check, id, n->log + base, last - base, ++w->seq, &w->breach));
    n->view.last = point_at(w, id, last);
    n->view.snapshot = snapshot;
    n->view.role = SIM_FOLLOWER;
    n->view.term = term;
    n->view.vote = 0;
    n->view.commit = base;
    told(w, sim_check_start(w->check, id, &n->view, ++w->seq, &w->breach));
}

static inline bool broke(const world *w, const char *invariant)
{
    if (w->broken && !strcmp(w->breach.invariant, invariant))
        return true;
    fprintf(stderr, "wanted %s, got %s: %s / %s\n", invariant,
            w->broken ? w->breach.invariant : "nothing", w->breach.one, w->breach.other);
    return false;
}

static inline bool well(const world *w)
{
    if (w->broken)
        fprintf(stderr, "wanted nothing, got %s: %s / %s\n", w->breach.invariant, w->breach.one,
                w->breach.other);
    return !w->broken;
}

static inline bool says(const char *fact, const char *wanted)
{
    if (strstr(fact, wanted))
        return true;
    fprintf(stderr, "wanted \"%s\" in \"%s\"\n", wanted, fact);
    return false;
}

#endif
