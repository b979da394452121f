/* second_vote.c - asks a server of the installed core for its vote twice in a term, with a
 * bug planted that would give it twice, and says how often it did. */
#include <raft/raft.h>
#include <stdio.h>

#if RAFT_PLANTED_BUGS
#include <raft/bugs.h>
#define BUGS RAFT_BUG_BIT(VOTE_TWICE)
#else
#define BUGS UINT64_MAX /* whatever it is that has no effect */
#endif

static int asked_for_vote(raft *r, raft_id candidate)
{
    const raft_msg m = {.kind = RAFT_MSG_REQUEST_VOTE, .from = candidate, .to = 1, .term = 1};
    const raft_effects *todo =
        raft_step(r, &(raft_event){.kind = RAFT_EV_RECEIVE, .now = 1, .as.receive = &m});
    for (uint32_t i = 0; i < todo->n; i++) {
        const raft_effect *e = &todo->at[i];
        if (e->kind == RAFT_FX_SEND && e->as.send.msg.kind == RAFT_MSG_REQUEST_VOTE_REPLY)
            return e->as.send.msg.as.vote_reply.granted;
    }
    return 0;
}

int main(void)
{
    raft *r = raft_new(&(raft_config){.id = 1,
                                      .first.voters = 7,
                                      .election_min = 150000,
                                      .election_max = 300000,
                                      .heartbeat = 50000,
                                      .batch_max = 64,
                                      .pipeline_max = 16,
                                      .snapshot_chunk = 65536,
                                      .catch_up_rounds = 10,
                                      .bugs = BUGS});
    raft_step(r, &(raft_event){.kind = RAFT_EV_START, .now = 1});
    int votes = asked_for_vote(r, 2);
    votes += asked_for_vote(r, 3);
    printf("%d\n", votes);
    raft_free(r);
    return 0;
}
