/* check_snapshot.c - logs that begin behind a snapshot (thesis 5).
 *
 * A snapshot stands for committed entries, and what was committed at an index never changes.
 * So behind a snapshot a node's log is the committed one, which is known: its links need not
 * be kept, and yet every comparison goes on as before. */
#include "sim/base/memory.h"
#include "sim/check_inner.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

void check_rebase(const sim_check *c, check_node *n, uint64_t index)
{
    assert(index <= c->committed);
    if (index > n->base && index <= n->last) {
        const size_t links = (size_t)(n->last - index) + 1;
        memmove(n->log, n->log + (index - n->base), links * sizeof *n->log);
    } else {
        const check_commit *it = check_committed_at(c, index);
        n->log[0] = (check_link){it->chain, it->term};
        n->last = index;
    }
    n->base = index;
    check_config_rebase(c, n, index);
}

void check_rest_on(const sim_check *c, check_node *n, sim_point last)
{
    check_rebase(c, n, last.index);
    if (!check_committed_at(c, last.index)->who)
        n->log[0].term = last.term; /* it was forgotten */
}

/* A snapshot of what nobody committed, or of another entry than was committed there. */
static bool stands_for_other(sim_check *c, sim_id node, sim_point last, const char *did,
                             uint64_t seq, sim_breach *out)
{
    if (last.index <= c->committed)
        check_say_committed(c, last.index);
    else
        check_say_one(c, check_seq(check_committed_at(c, c->committed)->who),
                      "no node has committed more than index %" PRIu64, c->committed);
    check_say_other(c, seq, "%s %s %" PRIu64 "@%" PRIu64, check_name(c, node), did, last.index,
                    last.term);
    return check_break(c, STATE_MACHINE_SAFETY, out);
}

/* Of a point that is forgotten it is taken for true. */
static bool is_committed(const sim_check *c, sim_point p)
{
    const check_commit *it = check_committed_at(c, p.index);
    return p.index && p.index <= c->committed && (!it->who || it->term == p.term);
}

bool sim_check_snapshot(sim_check *c, sim_id node, sim_point last, uint64_t seq,
                        sim_breach *out)
{
    if (check_is_broken(c, &seq, out))
        return false;
    if (!is_committed(c, last))
        return stands_for_other(c, node, last, "started on a snapshot up to", seq, out);
    c->at[node].boots_behind = last;
    return true;
}

bool sim_check_compact(sim_check *c, sim_id node, sim_point last, uint64_t seq, sim_breach *out)
{
    check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    if (!is_committed(c, last) || !check_agrees(c, n, last.index))
        return stands_for_other(c, node, last, "took a snapshot of its own up to", seq, out);
    if (last.index > n->base)
        check_rebase(c, n, last.index);
    check_node_moved(c, n);
    n->wrote = true;
    return true;
}

/* An older state takes the place of a newer one. */
static bool rolls_back(sim_check *c, sim_id node, sim_point last, uint64_t seq, sim_breach *out)
{
    const check_node *n = &c->at[node];
    check_say_one(c, check_seq(n->commit_at), "%s had committed up to %" PRIu64 "@%" PRIu64,
                  check_name(c, node), n->commit, check_at(c, n, n->commit).term);
    check_say_other(c, seq, "%s put a snapshot up to %" PRIu64 "@%" PRIu64 " in its place",
                    check_name(c, node), last.index, last.term);
    return check_break(c, COMMITTED_STAYS, out);
}

/* It keeps entries that stood behind another entry than the snapshot's last. */
static bool keeps_others(sim_check *c, sim_id node, sim_point last, uint64_t seq,
                         sim_breach *out)
{
    const check_node *n = &c->at[node];
    if (n->last < last.index)
        check_say_one(c, n->log_seq, "the log of %s ended at index %" PRIu64,
                      check_name(c, node), n->last);
    else
        check_say_one(c, n->log_seq, "the log of %s has %" PRIu64 "@%" PRIu64,
                      check_name(c, node), last.index, check_at(c, n, last.index).term);
    check_say_other(c, seq, "%s kept its entries behind a snapshot up to %" PRIu64 "@%" PRIu64,
                    check_name(c, node), last.index, last.term);
    return check_break(c, LOG_MATCHING, out);
}

bool sim_check_install(sim_check *c, sim_id node, sim_point last, bool keeps_log, uint64_t seq,
                       sim_breach *out)
{
    check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    if (!is_committed(c, last))
        return stands_for_other(c, node, last, "installed a snapshot up to", seq, out);
    if (last.index < n->commit)
        return rolls_back(c, node, last, seq, out);
    if (keeps_log && !check_agrees(c, n, last.index))
        return keeps_others(c, node, last, seq, out);
    /* What the disk holds is right only up to where the old log was, until it is done. */
    uint64_t same = n->last;
    if (!keeps_log) {
        same = n->last < last.index ? n->last : last.index;
        same = check_agrees_up_to(c, n, same < n->base ? same : n->base, same);
    }
    check_push_cut(
        n, (check_cut){.from = same + 1, .installs = last.index, .keeps_log = keeps_log});
    if (n->doomed < n->last)
        n->doomed = n->last;
    if (!keeps_log && n->last > last.index && !n->cut_from)
        n->cut_from = last.index + 1;
    /* Entries behind it that agree, but are not kept, are given up (thesis 5.1). */
    if (!check_lower_synced(c, node, same, seq, out))
        return false;
    if (!keeps_log) {
        n->last = same;
        if (n->holds > last.index)
            n->holds = last.index;
    }
    check_config_cut(n, n->last);
    if (last.index > n->base)
        check_rest_on(c, n, last);
    check_node_moved(c, n);
    n->log_seq = seq;
    n->wrote = true;
    return true;
}

bool sim_check_snapshot_durable(sim_check *c, sim_id node, sim_point last, uint64_t seq,
                                sim_breach *out)
{
    check_node *n = &c->at[node];
    if (check_is_broken(c, &seq, out))
        return false;
    bool keeps_log = true;
    if (n->cuts_n && n->cuts[0].installs == last.index) {
        keeps_log = n->cuts[0].keeps_log;
        check_pop_cut(n);
    }
    if (!keeps_log || n->on_disk < last.index)
        n->on_disk = last.index;
    /* Up to the snapshot the disk is right; the rest follows with sim_check_durable(). */
    if (n->synced < last.index && n->last >= last.index)
        n->synced = last.index;
    n->disk_base = last.index;
    check_node_moved(c, n);
    return true;
}
