/* meddle.c - what a script does to messages in flight and to the links: drop, duplicate,
 * delay, reorder, forge; cut, heal, hold, release. */
#include "sim/tank.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- messages ---------------------------------------------------------------------- */

typedef void meddle_fn(sim *t, uint32_t slot, sim_us delay);

/* Does it to the oldest that fits, or to all that were in flight when it began. */
static bool meddle(sim *t, const sim_filter *f, bool all, meddle_fn *fn, sim_us delay,
                   sim_error *error)
{
    if (!sim_may_move(t, error))
        return false;
    const uint64_t newest = t->network.last_id;
    uint32_t slot = sim_find_message(t, f, error);
    if (!slot)
        return false;
    while (slot) {
        const uint32_t next = t->network.slots[slot].younger;
        const sim_flying *fl = &t->network.slots[slot];
        if (fl->id <= newest && sim_matches(f, fl->id, fl->message)) {
            fn(t, slot, delay);
            if (!all)
                break;
        }
        slot = next;
    }
    return true;
}

static void drop(sim *t, uint32_t slot, sim_us delay)
{
    (void)delay;
    sim_lose(t, slot, SIM_DROP_SCRIPT, t->command);
}

bool sim_drop_message(sim *t, const sim_filter *f, bool all, sim_error *error)
{
    return meddle(t, f, all, drop, 0, error);
}

static void duplicate(sim *t, uint32_t slot, sim_us delay)
{
    (void)delay;
    sim_copy_message(t, slot, t->command);
}

bool sim_duplicate(sim *t, const sim_filter *f, bool all, sim_error *error)
{
    return meddle(t, f, all, duplicate, 0, error);
}

static void delay_by(sim *t, uint32_t slot, sim_us delay)
{
    sim_flying *f = &t->network.slots[slot];
    if (f->until < t->now + delay)
        f->until = t->now + delay;
    f->due = (f->due > t->now ? f->due : t->now) + delay;
    f->seq = ++t->sequence;
    sim_plan_message(t, slot);
    sim_tell_hold(t, f, t->command);
}

bool sim_delay(sim *t, const sim_filter *f, bool all, sim_us delay, sim_error *error)
{
    return meddle(t, f, all, delay_by, delay, error);
}

static void corrupt(sim *t, uint32_t slot, sim_us delay)
{
    (void)delay;
    t->network.slots[slot].corrupt = true;
}

bool sim_corrupt(sim *t, const sim_filter *f, bool all, sim_error *error)
{
    return meddle(t, f, all, corrupt, 0, error);
}

/* In still water the youngest goes before the oldest.  In flowing time it takes the first
 * of the link's places in time, and each of the others the next: the same places, in the
 * new order. */
bool sim_reorder(sim *t, sim_id from, sim_id to, sim_error *error)
{
    if (!sim_may_move(t, error))
        return false;
    const sim_filter link = {.from = from, .to = to};
    const uint32_t oldest = sim_find_message(t, &link, error);
    if (!oldest)
        return false;
    uint32_t youngest = oldest;
    for (uint32_t slot = oldest; slot; slot = t->network.slots[slot].younger)
        if (sim_matches(&link, 0, t->network.slots[slot].message))
            youngest = slot;
    if (youngest == oldest) {
        sim_fail(error, "only one message is in flight %s -> %s", t->names[from], t->names[to]);
        sim_hint(error, "it takes two to overtake");
        return false;
    }
    sim_network_move_before(&t->network, youngest, oldest);
    sim_overtake(t, youngest);
    return true;
}

bool sim_inject(sim *t, sim_id from, sim_id to, uint32_t type, const sim_forged_field *fields,
                uint32_t n, sim_error *error)
{
    enum { FIELDS_MAX = 16, WHY_BYTES = 256 };
    assert(sim_is_node(t, from) && sim_is_node(t, to) && from != to);
    assert(type < t->engine->type_count);
    if (!sim_may_move(t, error))
        return false;
    if (n >= FIELDS_MAX)
        return sim_fail(error, "a %s has no such many fields", t->engine->type_name(type));
    sim_forged_field given[FIELDS_MAX];
    char term[24], why[WHY_BYTES] = "";
    bool has_term = false;
    for (uint32_t i = 0; i < n; i++) {
        given[i] = fields[i];
        has_term |= strcmp(fields[i].name, "term") == 0;
    }
    if (!has_term) { /* what the sender would say now */
        snprintf(term, sizeof term, "%" PRIu64, sim_view_of(t, from)->term);
        given[n++] = (sim_forged_field){.name = "term", .value = term};
    }
    sim_message *m = t->engine->forge(t->pool, &t->arena, t->names, from, to, type, given, n,
                                      why, sizeof why);
    if (!m)
        return sim_fail(error, "%s", why);
    sim_send(t, m, t->command, true);
    return true;
}

/* ---- links ------------------------------------------------------------------------- */

/* What is in flight on a link that is cut is lost. */
static void drop_cut(sim *t, uint64_t cause)
{
    uint32_t slot = sim_network_oldest(&t->network);
    while (slot) {
        const uint32_t next = t->network.slots[slot].younger;
        const sim_message *m = t->network.slots[slot].message;
        if (sim_network_is_cut(&t->network, m->from, m->to))
            sim_lose(t, slot, SIM_DROP_CUT, cause);
        slot = next;
    }
}

static uint64_t tell_links(sim *t, sim_note_kind kind, const char *text)
{
    sim_note n = {.kind = kind, .cause = t->command};
    n.as.links.text = text;
    return sim_tell(t, &n);
}

static void put_group(const sim *t, sim_set group, sim_text *out)
{
    if (!group)
        return;
    if (out->len)
        sim_text_put(out, " |");
    for (sim_id id = 0; (id = sim_next(group, id));)
        sim_text_format(out, "%s%s", out->len ? " " : "", t->names[id]);
}

void sim_partition(sim *t, const sim_set *groups, uint32_t n)
{
    if (!sim_may_move(t, NULL))
        return;
    const sim_set all = sim_first_nodes(t->nodes);
    sim_set rest = all;
    sim_text text = {0};
    for (uint32_t i = 0; i <= n; i++) {
        const sim_set group = i < n ? groups[i] & all : rest;
        assert((group & ~rest) == 0); /* a node stands in one group */
        rest &= ~group;
        for (sim_id id = 0; (id = sim_next(group, id));)
            t->network.cut[id] |= all & ~group;
        put_group(t, group, &text);
    }
    drop_cut(t, tell_links(t, SIM_NOTE_PARTITION, text.at ? text.at : ""));
    sim_text_free(&text);
}

void sim_isolate(sim *t, sim_set nodes)
{
    sim_set groups[SIM_NODES_MAX];
    uint32_t n = 0;
    for (sim_id id = 0; (id = sim_next(nodes & sim_first_nodes(t->nodes), id));)
        groups[n++] = sim_one(id);
    sim_partition(t, groups, n);
}

/* Sets or clears a link in a matrix; false when it was so already. */
static bool set_link(sim_set *matrix, sim_id from, sim_id to, bool on)
{
    if (sim_has(matrix[from], to) == on)
        return false;
    matrix[from] ^= sim_one(to);
    return true;
}

static bool set_links(sim_set *matrix, sim_id from, sim_id to, bool both, bool on)
{
    bool changed = set_link(matrix, from, to, on);
    if (both)
        changed |= set_link(matrix, to, from, on);
    return changed;
}

static void put_arrow(const sim *t, sim_id from, sim_id to, bool both, sim_text *out)
{
    sim_text_format(out, "%s %s %s", t->names[from], both ? "<->" : "->", t->names[to]);
}

void sim_cut(sim *t, sim_id from, sim_id to, bool both)
{
    assert(sim_is_node(t, from) && sim_is_node(t, to) && from != to);
    if (!sim_may_move(t, NULL))
        return;
    set_links(t->network.cut, from, to, both, true);
    sim_text text = {0};
    put_arrow(t, from, to, both, &text);
    drop_cut(t, tell_links(t, SIM_NOTE_PARTITION, text.at));
    sim_text_free(&text);
}

static bool fail_link(const sim *t, sim_id from, sim_id to, bool both, const char *what,
                      sim_error *error)
{
    sim_text text = {0};
    put_arrow(t, from, to, both, &text);
    sim_fail(error, "%s is %s", text.at, what);
    sim_text_free(&text);
    return false;
}

bool sim_heal_link(sim *t, sim_id from, sim_id to, bool both, sim_error *error)
{
    assert(sim_is_node(t, from) && sim_is_node(t, to) && from != to);
    if (!sim_may_move(t, error))
        return false;
    if (!set_links(t->network.cut, from, to, both, false))
        return fail_link(t, from, to, both, "not cut", error);
    sim_text text = {0};
    put_arrow(t, from, to, both, &text);
    tell_links(t, SIM_NOTE_HEAL, text.at);
    sim_text_free(&text);
    return true;
}

void sim_heal(sim *t)
{
    if (!sim_may_move(t, NULL))
        return;
    for (uint32_t id = 1; id <= t->nodes; id++)
        t->network.cut[id] = 0;
    tell_links(t, SIM_NOTE_HEAL, "all");
}

typedef void tell_fn(sim *t, const sim_flying *f, uint64_t cause);

/* Tells of each message on its way between two nodes whose link was not yet as it is now. */
static void tell_link(sim *t, sim_id from, sim_id to, bool both, const sim_set before[2],
                      tell_fn *tell)
{
    const sim_network *w = &t->network;
    for (uint32_t slot = sim_network_oldest(w); slot; slot = w->slots[slot].younger) {
        const sim_message *m = w->slots[slot].message;
        const bool there = m->from == from && m->to == to &&
                           sim_has(before[0], to) != sim_has(w->held[from], to);
        const bool back = both && m->from == to && m->to == from &&
                          sim_has(before[1], from) != sim_has(w->held[to], from);
        if (there || back)
            tell(t, &w->slots[slot], t->command);
    }
}

static void tell_held(sim *t, const sim_flying *f, uint64_t cause)
{
    sim_flying held = *f;
    held.until = 0; /* of the link; a delay that it may have was told before */
    sim_tell_hold(t, &held, cause);
}

bool sim_hold(sim *t, sim_id from, sim_id to, bool both, sim_error *error)
{
    assert(sim_is_node(t, from) && sim_is_node(t, to) && from != to);
    if (!sim_may_move(t, error))
        return false;
    const sim_set before[2] = {t->network.held[from], t->network.held[to]};
    if (!set_links(t->network.held, from, to, both, true))
        return fail_link(t, from, to, both, "held already", error);
    tell_link(t, from, to, both, before, tell_held);
    return true;
}

bool sim_release(sim *t, sim_id from, sim_id to, bool both, sim_error *error)
{
    assert(sim_is_node(t, from) && sim_is_node(t, to) && from != to);
    if (!sim_may_move(t, error))
        return false;
    const sim_set before[2] = {t->network.held[from], t->network.held[to]};
    if (!set_links(t->network.held, from, to, both, false))
        return fail_link(t, from, to, both, "not held", error);
    tell_link(t, from, to, both, before, sim_tell_release);
    sim_traffic_flow(t);
    return true;
}
