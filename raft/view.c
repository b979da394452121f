/* view.c - what can be seen of a server from outside, and the names of things. */
#include "raft/core.h"

void raft_look(const raft *r, raft_view *out)
{
    *out = (raft_view){
        .id = r->id,
        .leader = r->leader,
        .vote = r->vote,
        .role = r->role,
        .term = r->term,
        .commit = r->commit,
        .first = raft_log_first(&r->log),
        .last = raft_log_last(&r->log),
        .snapshot = r->snapshot.last,
        .configuration = r->conf,
        .configuration_index = r->conf_at,
        .transferring_to = r->transfer.to,
    };
}

const raft_entry *raft_entry_at(const raft *r, raft_index index)
{
    const bool there =
        index >= raft_log_first(&r->log) && index <= raft_log_last_index(&r->log);
    return there ? raft_log_entry(&r->log, index) : NULL;
}

#define RAFT_TEXT(name, text) text,

const char *raft_role_name(raft_role role)
{
    static const char *const names[] = {RAFT_ROLES(RAFT_TEXT)};
    assert(role < RAFT_ROLE_COUNT);
    return names[role];
}

const char *raft_msg_name(raft_msg_kind kind)
{
    static const char *const names[] = {RAFT_MSGS(RAFT_TEXT)};
    assert(kind < RAFT_MSG_COUNT);
    return names[kind];
}

const char *raft_entry_kind_name(raft_entry_kind kind)
{
    static const char *const names[] = {RAFT_ENTRY_KINDS(RAFT_TEXT)};
    assert(kind < RAFT_ENTRY_KIND_COUNT);
    return names[kind];
}

const char *raft_timer_name(raft_timer timer)
{
    static const char *const names[] = {RAFT_TIMERS(RAFT_TEXT)};
    assert(timer < RAFT_TIMER_COUNT);
    return names[timer];
}

const char *raft_refusal_name(raft_refusal why)
{
    static const char *const names[] = {RAFT_REFUSALS(RAFT_TEXT)};
    assert(why < RAFT_REFUSAL_COUNT);
    return names[why];
}
