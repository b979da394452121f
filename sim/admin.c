/* admin.c - what an operator asks of a node, and reads: each is a request, shown as a scenario
 * would write it. */
#include "sim/membership.h"
#include "sim/tank.h"

#include <assert.h>

static uint64_t give(sim *t, sim_id node, sim_asks asks, const sim_wish *wish, sim_text *shown,
                     const char *name, sim_error *error)
{
    const uint64_t id =
        sim_request_give(t, node, asks, wish, shown->at, shown->len, name, error);
    sim_text_free(shown);
    return id;
}

uint64_t sim_change_members(sim *t, sim_id node, sim_change what, sim_id who,
                            const sim_membership *wanted, const char *name, sim_error *error)
{
    static const char *const verbs[] = {
        [SIM_CHANGE_ADD_VOTER] = "add",           [SIM_CHANGE_ADD_LEARNER] = "add",
        [SIM_CHANGE_PROMOTE] = "promote",         [SIM_CHANGE_REMOVE] = "remove",
        [SIM_CHANGE_RECONFIGURE] = "reconfigure", [SIM_CHANGE_LEAVE] = "leave"};
    sim_wish wish = {.what = what, .who = who};
    sim_text shown = {0};
    sim_text_put(&shown, verbs[what]);
    if (what == SIM_CHANGE_RECONFIGURE) {
        assert(wanted);
        wish.wanted = *wanted;
        sim_text_char(&shown, ' ');
        sim_membership_put(wanted, t->names, &shown);
        sim_text_put(&shown, wanted->by_hand ? " by hand" : "");
    } else if (what != SIM_CHANGE_LEAVE) {
        assert(sim_is_node(t, who));
        sim_text_format(&shown, " %s%s", t->names[who],
                        what == SIM_CHANGE_ADD_LEARNER ? " learner" : "");
    }
    return give(t, node, SIM_ASKS_CHANGE, &wish, &shown, name, error);
}

uint64_t sim_transfer(sim *t, sim_id from, sim_id to, const char *name, sim_error *error)
{
    assert(!to || sim_is_node(t, to));
    const sim_wish wish = {.who = to};
    sim_text shown = {0};
    sim_text_format(&shown, "transfer %s", t->names[from]);
    if (to)
        sim_text_format(&shown, " -> %s", t->names[to]);
    return give(t, from, SIM_ASKS_TRANSFER, &wish, &shown, name, error);
}

uint64_t sim_snapshot_now(sim *t, sim_id node, const char *name, sim_error *error)
{
    sim_text shown = {0};
    sim_text_format(&shown, "snapshot %s", t->names[node]);
    return give(t, node, SIM_ASKS_SNAPSHOT, NULL, &shown, name, error);
}

uint64_t sim_read(sim *t, sim_id node, const char *query, size_t len, sim_read_mode mode,
                  const char *name, sim_error *error)
{
    static const char *const modes[] = {
        [SIM_READ_INDEX] = "index", [SIM_READ_LEASE] = "lease", [SIM_READ_STALE] = "stale"};
    const sim_wish wish = {.mode = mode, .query = query, .query_len = len};
    sim_text shown = {0};
    sim_text_put(&shown, "read \"");
    sim_text_add(&shown, query, len);
    sim_text_format(&shown, "\" %s", modes[mode]);
    return give(t, node, SIM_ASKS_READ, &wish, &shown, name, error);
}
