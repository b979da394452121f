/* terms.c - the gate of terms (thesis 3.3), and messages that no server can have sent. */
#include "raft/test/rig.h"

/* n1 of three in term 5 and in some role, with the log "1 5"; a leader has its no-op too. */
static void start_as(rig *g, raft_role role)
{
    raft_config config = rig_config(1, 3);
    config.pre_vote = role == RAFT_PRE_CANDIDATE;
    const bool stands = role == RAFT_CANDIDATE || role == RAFT_LEADER;
    if (role == RAFT_LEARNER) {
        config.first.voters = 6;
        config.first.learners = 1;
    }
    rig_start(g, &config, stands ? 4 : 5, 0, stands ? "1 4" : "1 5");
    if (role != RAFT_FOLLOWER && role != RAFT_LEARNER)
        rig_timeout(g);
    if (role == RAFT_LEADER)
        rig_vote(g, 2, 5, true);
    ck_assert_int_eq(g->r->role, role);
    ck_assert_uint_eq(g->r->term, 5);
}

static const char *send(rig *g, raft_msg_kind kind, raft_term term)
{
    raft_msg m = rig_message(g, kind, 3, term);
    if (kind == RAFT_MSG_APPEND_ENTRIES_REPLY)
        m.as.append_reply.ok = true;
    if (kind == RAFT_MSG_INSTALL_SNAPSHOT) {
        m.as.snapshot.last = (raft_point){7, term};
        m.as.snapshot.configuration.voters = 7;
        m.as.snapshot.total = 100;
    }
    return rig_receive(g, m);
}

START_TEST(a_lower_term_changes_nothing_in_any_role)
{
    static const char *const answers[RAFT_MSG_COUNT] = {
        [RAFT_MSG_REQUEST_VOTE] = ">3 RequestVoteReply t5 no w",
        [RAFT_MSG_REQUEST_VOTE_REPLY] = "ignored",
        [RAFT_MSG_PRE_VOTE] = ">3 PreVoteReply t5 no w",
        [RAFT_MSG_APPEND_ENTRIES] = ">3 AppendEntriesReply t5 no 0 try 0@0 w",
        [RAFT_MSG_APPEND_ENTRIES_REPLY] = "ignored",
        [RAFT_MSG_INSTALL_SNAPSHOT] = ">3 InstallSnapshotReply t5 7@4 next 0 w",
        [RAFT_MSG_INSTALL_SNAPSHOT_REPLY] = "ignored",
        [RAFT_MSG_TIMEOUT_NOW] = "ignored",
        [RAFT_MSG_READ_INDEX] = ">3 ReadIndexReply t5 #0 0 no w",
        [RAFT_MSG_READ_INDEX_REPLY] = "ignored",
    };
    for (raft_msg_kind kind = 0; kind < RAFT_MSG_COUNT; kind++) {
        if (kind == RAFT_MSG_PRE_VOTE_REPLY)
            continue; /* of a server that is behind in terms: welcome, see below */
        rig g;
        start_as(&g, (raft_role)_i);
        char before[128];
        strcpy(before, rig_look(&g));
        ck_assert_str_eq(send(&g, kind, 4), answers[kind]);
        ck_assert_str_eq(rig_look(&g), before);
        rig_free(&g);
    }
}
END_TEST

START_TEST(a_pre_vote_of_a_server_behind_in_terms_counts_for_who_asked)
{
    rig g;
    start_as(&g, (raft_role)_i);
    raft_msg m = rig_message(&g, RAFT_MSG_PRE_VOTE_REPLY, 3, 4);
    m.as.vote_reply.granted = true;
    rig_receive(&g, m);
    ck_assert_uint_eq(g.r->term, _i == RAFT_PRE_CANDIDATE ? 6 : 5);
    if (_i != RAFT_PRE_CANDIDATE)
        ck_assert_str_eq(g.text, "ignored");
    rig_free(&g);
}
END_TEST

START_TEST(a_higher_term_makes_a_follower_of_any_role)
{
    for (raft_msg_kind kind = 0; kind < RAFT_MSG_COUNT; kind++) {
        rig g;
        start_as(&g, (raft_role)_i);
        const char *text = send(&g, kind, 9);
        if (kind == RAFT_MSG_PRE_VOTE) { /* but the question of a pre-vote: 9.6 */
            ck_assert_str_eq(text, ">3 PreVoteReply t5 no w");
            ck_assert_uint_eq(g.r->term, 5);
            ck_assert_int_eq(g.r->role, _i);
        } else if (kind == RAFT_MSG_TIMEOUT_NOW && _i != RAFT_LEARNER) { /* and stands: 3.10 */
            ck_assert_int_eq(g.r->role, RAFT_CANDIDATE);
            ck_assert_uint_eq(g.r->term, 10);
        } else {
            const bool leads =
                kind == RAFT_MSG_APPEND_ENTRIES || kind == RAFT_MSG_INSTALL_SNAPSHOT;
            ck_assert_msg(strncmp(text, "hard t9 v0", 10) == 0, "%s", text);
            ck_assert_int_eq(g.r->role, _i == RAFT_LEARNER ? RAFT_LEARNER : RAFT_FOLLOWER);
            ck_assert_uint_eq(g.r->term, 9);
            ck_assert_uint_eq(g.r->leader, leads ? 3 : 0);
            if (kind != RAFT_MSG_TIMEOUT_NOW) /* it did change something */
                ck_assert_ptr_null(strstr(text, "ignored"));
        }
        rig_free(&g);
    }
}
END_TEST

START_TEST(a_leader_that_is_behind_follows_and_its_tail_is_replaced)
{
    rig g;
    start_as(&g, RAFT_LEADER);
    rig_propose(&g, 1);
    ck_assert_str_eq(rig_append(&g, 3, 6, 2, 4, 2, "6"),
                     "hard t6 v0; leader>follower; cut 3; append 3@6; commit 2; "
                     ">3 AppendEntriesReply t6 ok 2 to 3 w; arm election; disarm heartbeat");
    ck_assert_str_eq(rig_look(&g), "follower t6 v0 of n3 c2 3@6");
    rig_free(&g);
}
END_TEST

/* --- What no server can have sent --------------------------------------------------- */

static raft_entry entries_up[] = {{.term = 2}, {.term = 3}};
static raft_entry entries_down[] = {{.term = 3}, {.term = 2}};
static raft_entry entries_future[] = {{.term = 9}};
static raft_entry entries_zero[] = {{.term = 0}};
static raft_entry entries_odd[] = {{.term = 2, .kind = RAFT_ENTRY_KIND_COUNT}};

static const uint8_t some_bytes[RAFT_CONFIGURATION_BYTES];
static raft_entry entries_config[] = {
    {.term = 2, .kind = RAFT_ENTRY_CONFIG, .data = some_bytes, .bytes = 3}};
static raft_entry entries_nobody[] = {{.term = 2,
                                       .kind = RAFT_ENTRY_CONFIG,
                                       .data = some_bytes,
                                       .bytes = RAFT_CONFIGURATION_BYTES}};

#define CHUNK(...)                                                                             \
    {                                                                                          \
        .kind = RAFT_MSG_INSTALL_SNAPSHOT, .from = 3, .to = 1, .term = 5, __VA_ARGS__          \
    }
#define APPEND(...)                                                                            \
    {                                                                                          \
        .kind = RAFT_MSG_APPEND_ENTRIES, .from = 3, .to = 1, .term = 5, __VA_ARGS__            \
    }

static const struct {
    const char *name;
    raft_msg m;
} bad_rows[] = {
    {"unknown kind", {.kind = RAFT_MSG_COUNT, .from = 3, .to = 1, .term = 9}},
    {"for another", {.kind = RAFT_MSG_REQUEST_VOTE, .from = 3, .to = 2, .term = 9}},
    {"from itself", {.kind = RAFT_MSG_REQUEST_VOTE, .from = 1, .to = 1, .term = 9}},
    {"from nobody", {.kind = RAFT_MSG_REQUEST_VOTE, .from = 0, .to = 1, .term = 9}},
    {"from n65", {.kind = RAFT_MSG_REQUEST_VOTE, .from = 65, .to = 1, .term = 9}},
    {"vote in term 0", {.kind = RAFT_MSG_REQUEST_VOTE, .from = 3, .to = 1}},
    {"pre-vote for term 0", {.kind = RAFT_MSG_PRE_VOTE, .from = 3, .to = 1}},
    {"append in term 0", {.kind = RAFT_MSG_APPEND_ENTRIES, .from = 3, .to = 1}},
    {"a log from the future",
     {.kind = RAFT_MSG_REQUEST_VOTE, .from = 3, .to = 1, .term = 9, .as.vote.last = {4, 10}}},
    {"an entry of no term",
     {.kind = RAFT_MSG_PRE_VOTE, .from = 3, .to = 1, .term = 9, .as.vote.last = {4, 0}}},
    {"a term before the first entry", APPEND(.as.append.prev = {0, 1})},
    {"prev from the future", APPEND(.as.append.prev = {2, 6})},
    {"prev beyond all", APPEND(.as.append.prev = {UINT64_MAX, 5})},
    {"entries missing", APPEND(.as.append.n = 1)},
    {"too many entries", APPEND(.as.append = {.entries = entries_up, .n = RAFT_BATCH_MAX + 1})},
    {"terms decrease", APPEND(.as.append = {.entries = entries_down, .n = 2})},
    {"terms below prev", APPEND(.as.append = {.prev = {1, 3}, .entries = entries_up, .n = 2})},
    {"entry from the future", APPEND(.as.append = {.entries = entries_future, .n = 1})},
    {"entry of no term", APPEND(.as.append = {.entries = entries_zero, .n = 1})},
    {"a configuration that is none", APPEND(.as.append = {.entries = entries_config, .n = 1})},
    {"a configuration without voters",
     APPEND(.as.append = {.entries = entries_nobody, .n = 1})},
    {"a snapshot of nothing", CHUNK(.as.snapshot = {.configuration = {.voters = 7}})},
    {"a snapshot from the future",
     CHUNK(.as.snapshot = {.last = {4, 6}, .configuration = {.voters = 7}})},
    {"a snapshot of nobody", CHUNK(.as.snapshot = {.last = {4, 4}})},
    {"a chunk beyond the end", CHUNK(.as.snapshot = {.last = {4, 4},
                                                     .configuration = {.voters = 7},
                                                     .offset = 2,
                                                     .total = 1})},
    {"a chunk that is too long", CHUNK(.as.snapshot = {.last = {4, 4},
                                                       .configuration = {.voters = 7},
                                                       .total = 1,
                                                       .bytes = some_bytes,
                                                       .n = 2})},
    {"a chunk without bytes", CHUNK(.as.snapshot = {.last = {4, 4},
                                                    .configuration = {.voters = 7},
                                                    .total = 1,
                                                    .n = 1})},
    {"a transfer in term 0", {.kind = RAFT_MSG_TIMEOUT_NOW, .from = 3, .to = 1}},
    {"a read in term 0", {.kind = RAFT_MSG_READ_INDEX, .from = 3, .to = 1}},
    {"unknown kind of entry", APPEND(.as.append = {.entries = entries_odd, .n = 1})},
};

START_TEST(what_no_server_can_have_sent_is_ignored)
{
    rig g;
    start_as(&g, RAFT_FOLLOWER);
    ck_assert_msg(strcmp(rig_receive(&g, bad_rows[_i].m), "ignored") == 0, "%s: %s",
                  bad_rows[_i].name, g.text);
    ck_assert_str_eq(g.why, "a message that no server can have sent to this one");
    ck_assert_str_eq(rig_look(&g), "follower t5 v0 of n0 c0 2@5");
    rig_free(&g);
}
END_TEST

static raft_entry entries_full[RAFT_BATCH_MAX]; /* all of term 5, filled by the test */
static raft_entry entries_equal[] = {{.term = 5}, {.term = 5}};

static const struct {
    const char *name;
    raft_msg m;
} odd_rows[] = {
    {"from n64", {.kind = RAFT_MSG_REQUEST_VOTE, .from = 64, .to = 1, .term = 9}},
    {"a vote for an empty log", {.kind = RAFT_MSG_PRE_VOTE, .from = 3, .to = 1, .term = 6}},
    {"a log as new as the term",
     {.kind = RAFT_MSG_REQUEST_VOTE, .from = 3, .to = 1, .term = 9, .as.vote.last = {4, 9}}},
    {"as many entries as may be",
     APPEND(.as.append = {.prev = {2, 5}, .entries = entries_full, .n = RAFT_BATCH_MAX})},
    {"entries of prev's term and of the message's",
     APPEND(.as.append = {.prev = {2, 5}, .entries = entries_equal, .n = 2})},
    {"the last chunk", CHUNK(.as.snapshot = {.last = {4, 5},
                                             .configuration = {.voters = 7},
                                             .total = 2,
                                             .bytes = some_bytes,
                                             .n = 2})},
    {"a snapshot of no bytes",
     CHUNK(.as.snapshot = {.last = {4, 5}, .configuration = {.voters = 7}})},
};

START_TEST(what_is_just_possible_is_not)
{
    rig g;
    for (uint32_t i = 0; i < RAFT_BATCH_MAX; i++)
        entries_full[i] = (raft_entry){.term = 5};
    start_as(&g, RAFT_FOLLOWER);
    rig_receive(&g, odd_rows[_i].m);
    ck_assert_msg(!strstr(g.text, "ignored"), "%s: %s", odd_rows[_i].name, g.text);
    rig_free(&g);
}
END_TEST

START_TEST(who_is_no_member_may_lead)
{
    rig g;
    start_as(&g, RAFT_FOLLOWER); /* it may not know the configuration yet: thesis 4.1 */
    ck_assert_str_eq(rig_append(&g, 64, 5, 2, 5, 1, ""),
                     "commit 1; >64 AppendEntriesReply t5 ok 2 to 2 w; arm election");
    rig_free(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft terms");
    TCase *t = tcase_create("gate");
    tcase_add_loop_test(t, a_lower_term_changes_nothing_in_any_role, 0, RAFT_ROLE_COUNT);
    tcase_add_loop_test(t, a_pre_vote_of_a_server_behind_in_terms_counts_for_who_asked, 0,
                        RAFT_ROLE_COUNT);
    tcase_add_loop_test(t, a_higher_term_makes_a_follower_of_any_role, 0, RAFT_ROLE_COUNT);
    tcase_add_test(t, a_leader_that_is_behind_follows_and_its_tail_is_replaced);
    suite_add_tcase(suite, t);
    t = tcase_create("impossible");
    tcase_add_loop_test(t, what_no_server_can_have_sent_is_ignored, 0, ROWS(bad_rows));
    tcase_add_loop_test(t, what_is_just_possible_is_not, 0, ROWS(odd_rows));
    tcase_add_test(t, who_is_no_member_may_lead);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
