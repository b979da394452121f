/* replicate.c - how a leader brings its log to the others (thesis 3.5, 10.2), and when an
 * entry is committed (3.6.2). */
#include "raft/test/rig.h"

/* n1 of three, leader of the term after its log's last, with the vote of n2. */
static void lead(rig *g, const raft_config *config, raft_term term, const char *log)
{
    rig_start(g, config, term, 0, log);
    rig_elect(g);
}

static void lead_three(rig *g)
{
    const raft_config config = rig_config(1, 3);
    lead(g, &config, 0, "");
}

static raft_progress *peer(rig *g, unsigned id)
{
    return &g->r->peers[id - 1];
}

/* --- Commit ------------------------------------------------------------------------ */

START_TEST(the_leader_counts_itself_when_its_own_disk_has_confirmed)
{
    rig g;
    lead_three(&g);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 0, 1), ""); /* n2 has it; n1 is still writing */
    ck_assert_str_eq(rig_persisted(&g, 1, 1), "commit 1");
    rig_free(&g);
}
END_TEST

START_TEST(a_majority_of_the_others_is_enough)
{
    rig g;
    lead_three(&g);
    rig_accepted(&g, 2, 1, 0, 1);
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 0, 1), "commit 1"); /* thesis 10.2.1 */
    ck_assert_str_eq(rig_persisted(&g, 1, 1), "");
    rig_free(&g);
}
END_TEST

START_TEST(half_of_four_is_no_majority)
{
    rig g;
    const raft_config config = rig_config(1, 4);
    lead(&g, &config, 0, "");
    rig_persisted(&g, 1, 1);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 0, 1), "");
    ck_assert_str_eq(rig_accepted(&g, 4, 1, 0, 1), "commit 1");
    rig_free(&g);
}
END_TEST

START_TEST(a_leader_commits_up_to_what_a_majority_has)
{
    rig g;
    const raft_config config = rig_config(1, 5);
    lead(&g, &config, 0, "");
    for (uint64_t i = 0; i < 4; i++)
        rig_propose(&g, i);
    rig_persisted(&g, 5, 1);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 0, 1),
                     ">2 AppendEntries t1 1@1 c0 [2@1 3@1 4@1 5@1]");
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 0, 1),
                     "commit 1; >3 AppendEntries t1 1@1 c1 [2@1 3@1 4@1 5@1]");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 5), "");
    ck_assert_str_eq(rig_accepted(&g, 3, 1, 1, 5), "commit 5");
    ck_assert_str_eq(rig_accepted(&g, 4, 1, 0, 1),
                     ">4 AppendEntries t1 1@1 c5 [2@1 3@1 4@1 5@1]");
    rig_free(&g);
}
END_TEST

/* Thesis fig. 3.7: an entry of an older term on a majority may still be overwritten, so it
 * is not committed by counting, but by an entry of the own term above it. */
START_TEST(an_entry_of_an_older_term_is_not_committed_by_counting)
{
    rig g;
    const raft_config config = rig_config(1, 5);
    lead(&g, &config, 3, "1 2");
    ck_assert_str_eq(rig_look(&g), "leader t4 v1 of n1 c0 3@4");
    rig_refused(&g, 2, 4, 2, 1, 1);
    rig_refused(&g, 3, 4, 2, 1, 1);
    ck_assert_str_eq(rig_accepted(&g, 2, 4, 1, 2), ">2 AppendEntries t4 2@2 c0 [3@4]");
    ck_assert_str_eq(rig_accepted(&g, 3, 4, 1, 2), ">3 AppendEntries t4 2@2 c0 [3@4]");
    ck_assert_uint_eq(g.r->commit, 0); /* 2@2 is on n1, n2 and n3 */
    rig_persisted(&g, 3, 4);
    ck_assert_str_eq(rig_accepted(&g, 2, 4, 2, 3), "");
    ck_assert_str_eq(rig_accepted(&g, 3, 4, 2, 3), "commit 3"); /* with all below */
    rig_free(&g);
}
END_TEST

START_TEST(a_commit_is_not_broadcast_but_told_with_the_next_message)
{
    rig g;
    lead_three(&g);
    rig_persisted(&g, 1, 1);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 0, 1), "commit 1");
    ck_assert_str_eq(rig_heartbeat(&g),
                     ">2 AppendEntries t1 1@1 c1 []; >3 AppendEntries t1 0@0 c1 [1@1]; "
                     "arm heartbeat");
    rig_free(&g);
}
END_TEST

START_TEST(acknowledgements_are_believed_within_reason)
{
    rig g;
    lead_three(&g);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 0, 2), "ignored"); /* beyond the leader's end */
    ck_assert_str_eq(rig_accepted(&g, 4, 1, 0, 1), "ignored"); /* no member */
    ck_assert_str_eq(rig_refused(&g, 60, 1, 0, 0, 0), "ignored");
    ck_assert_uint_eq(g.r->commit, 0);
    rig_free(&g);
}
END_TEST

/* --- Proposals --------------------------------------------------------------------- */

START_TEST(a_proposal_is_written_accepted_and_sent_at_once)
{
    rig g;
    lead_three(&g);
    rig_accepted(&g, 2, 1, 0, 1);
    rig_accepted(&g, 3, 1, 0, 1);
    ck_assert_str_eq(rig_propose(&g, 42),
                     "append 2@1; accept #42 2@1; >2 AppendEntries t1 1@1 c1 [2@1]; "
                     ">3 AppendEntries t1 1@1 c1 [2@1]");
    ck_assert_int_eq(raft_entry_at(g.r, 2)->kind, RAFT_ENTRY_COMMAND);
    rig_free(&g);
}
END_TEST

START_TEST(proposals_wait_while_a_probe_is_out)
{
    rig g;
    lead_three(&g);
    ck_assert_str_eq(rig_propose(&g, 1), "append 2@1; accept #1 2@1");
    ck_assert_str_eq(rig_propose(&g, 2), "append 3@1; accept #2 3@1");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 0, 1), ">2 AppendEntries t1 1@1 c0 [2@1 3@1]");
    rig_free(&g);
}
END_TEST

START_TEST(a_full_log_refuses)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.log_max = 2;
    lead(&g, &config, 0, "");
    ck_assert_str_eq(rig_propose(&g, 1), "append 2@1; accept #1 2@1");
    ck_assert_str_eq(rig_propose(&g, 2), "refuse #2 log_full 1");
    ck_assert_uint_eq(g.r->log.n, 2);
    rig_free(&g);
}
END_TEST

/* --- Batches and pipeline ---------------------------------------------------------- */

START_TEST(a_batch_is_bounded_by_count)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.batch_max = 3;
    config.pipeline_max = 2;
    lead(&g, &config, 1, "1 1 1 1 1 1 1 1 1");
    ck_assert_str_eq(rig_refused(&g, 2, 2, 9, 0, 0),
                     ">2 AppendEntries t2 0@0 c0 [1@1 2@1 3@1]");
    ck_assert_str_eq(rig_accepted(&g, 2, 2, 0, 3), ">2 AppendEntries t2 3@1 c0 [4@1 5@1 6@1]; "
                                                   ">2 AppendEntries t2 6@1 c0 [7@1 8@1 9@1]");
    ck_assert_str_eq(rig_accepted(&g, 2, 2, 3, 6), ">2 AppendEntries t2 9@1 c0 [10@2]");
    rig_free(&g);
}
END_TEST

/* Payload sizes, the bound, and how the leader cuts them into messages. */
static const struct {
    const char *name;
    uint32_t bytes[5], bytes_max;
    uint32_t batches[6];
} bytes_rows[] = {
    {"no bound", {10, 10, 10, 10, 10}, 0, {5}},
    {"exactly", {10, 10, 10, 10, 10}, 50, {5}},
    {"one too many", {10, 10, 10, 10, 10}, 49, {4, 1}},
    {"one big entry always fits", {10, 100, 10, 10, 10}, 30, {1, 1, 3}},
    {"all too big", {9, 9, 9, 9, 9}, 1, {1, 1, 1, 1, 1}},
    {"empty entries cost nothing", {0, 0, 0, 0, 5}, 4, {4, 1}},
};

START_TEST(a_batch_is_bounded_by_bytes)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.batch_bytes_max = bytes_rows[_i].bytes_max;
    lead(&g, &config, 0, "");
    for (uint32_t i = 0; i < 5; i++)
        rig_propose_bytes(&g, i, bytes_rows[_i].bytes[i]);
    rig_accepted(&g, 2, 1, 0, 1);
    uint32_t sent = 0;
    for (uint32_t i = 0; i < g.fx->n; i++) {
        if (g.fx->at[i].kind == RAFT_FX_SEND)
            ck_assert_msg(g.fx->at[i].as.send.msg.as.append.n == bytes_rows[_i].batches[sent++],
                          "%s: %s", bytes_rows[_i].name, g.text);
    }
    ck_assert_uint_eq(bytes_rows[_i].batches[sent], 0);
    rig_free(&g);
}
END_TEST

/* What is in flight is bounded over all messages, not in each one. */
START_TEST(the_pipeline_is_bounded_by_bytes)
{
    rig g;
    raft_config config = rig_config(1, 2);
    config.inflight_bytes_max = 25;
    lead(&g, &config, 0, "");
    rig_accepted(&g, 2, 1, 0, 1);
    ck_assert_str_eq(rig_propose_bytes(&g, 1, 10),
                     "append 2@1; accept #1 2@1; >2 AppendEntries t1 1@1 c0 [2@1]");
    ck_assert_str_eq(rig_propose_bytes(&g, 2, 15),
                     "append 3@1; accept #2 3@1; >2 AppendEntries t1 2@1 c0 [3@1]");
    ck_assert_str_eq(rig_propose_bytes(&g, 3, 20), "append 4@1; accept #3 4@1");
    ck_assert_str_eq(rig_propose_bytes(&g, 4, 5), "append 5@1; accept #4 5@1");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 2), ""); /* ten bytes are not enough */
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 2, 3), ">2 AppendEntries t1 3@1 c0 [4@1 5@1]");
    ck_assert_uint_eq(g.r->peers[1].bytes, 25);
    rig_propose_bytes(&g, 5, 100);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 3, 5), /* alone, it may be larger */
                     ">2 AppendEntries t1 5@1 c0 [6@1]");
    rig_heartbeat(&g);
    ck_assert_ptr_nonnull(strstr(g.text, "6@1 c0 []")); /* a sign of life needs no room */
    rig_accepted(&g, 2, 1, 5, 6);
    ck_assert_uint_eq(g.r->peers[1].bytes, 0);
    rig_free(&g);
}
END_TEST

START_TEST(both_bounds_in_bytes_hold)
{
    rig g;
    raft_config config = rig_config(1, 2);
    config.inflight_bytes_max = 25;
    config.batch_bytes_max = 10;
    lead(&g, &config, 0, "");
    for (uint64_t i = 1; i <= 4; i++)
        rig_propose_bytes(&g, i, 6);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 0, 1), ">2 AppendEntries t1 1@1 c0 [2@1]; "
                                                   ">2 AppendEntries t1 2@1 c0 [3@1]; "
                                                   ">2 AppendEntries t1 3@1 c0 [4@1]; "
                                                   ">2 AppendEntries t1 4@1 c0 [5@1]");
    rig_propose_bytes(&g, 5, 1);
    rig_propose_bytes(&g, 6, 1);
    ck_assert_str_eq(g.text, "append 7@1; accept #6 7@1"); /* 25 are out */
    rig_free(&g);
}
END_TEST

START_TEST(the_pipeline_is_bounded)
{
    rig g;
    raft_config config = rig_config(1, 2);
    config.pipeline_max = 2;
    lead(&g, &config, 0, "");
    rig_accepted(&g, 2, 1, 0, 1);
    ck_assert_str_eq(rig_propose(&g, 1),
                     "append 2@1; accept #1 2@1; >2 AppendEntries t1 1@1 c0 [2@1]");
    ck_assert_str_eq(rig_propose(&g, 2),
                     "append 3@1; accept #2 3@1; >2 AppendEntries t1 2@1 c0 [3@1]");
    ck_assert_str_eq(rig_propose(&g, 3), "append 4@1; accept #3 4@1");
    ck_assert_str_eq(rig_propose(&g, 4), "append 5@1; accept #4 5@1");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 2), ">2 AppendEntries t1 3@1 c0 [4@1 5@1]");
    ck_assert_str_eq(rig_propose(&g, 5), "append 6@1; accept #5 6@1");
    ck_assert_str_eq(rig_heartbeat(&g), ">2 AppendEntries t1 5@1 c0 []; arm heartbeat");
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 5, 5), /* its answer frees the whole pipeline */
                     ">2 AppendEntries t1 5@1 c0 [6@1]");
    rig_free(&g);
}
END_TEST

/* --- Losses and late answers (thesis 3.7) ------------------------------------------- */

START_TEST(a_lost_append_is_found_by_the_heartbeat)
{
    rig g;
    lead_three(&g);
    rig_accepted(&g, 2, 1, 0, 1);
    rig_propose(&g, 1); /* lost */
    ck_assert_str_eq(rig_heartbeat(&g), ">2 AppendEntries t1 2@1 c0 []; "
                                        ">3 AppendEntries t1 0@0 c0 [1@1 2@1]; arm heartbeat");
    ck_assert_str_eq(rig_refused(&g, 2, 1, 2, 1, 1), ">2 AppendEntries t1 1@1 c0 [2@1]");
    ck_assert_str_eq(rig_refused(&g, 2, 1, 2, 1, 1), "ignored"); /* doubled */
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 1, 2), "");
    ck_assert_int_eq(peer(&g, 2)->state, RAFT_REPLICATE);
    rig_free(&g);
}
END_TEST

START_TEST(a_refusal_is_no_acknowledgement)
{
    rig g;
    const raft_config config = rig_config(1, 3);
    lead(&g, &config, 3, "1 3 3");
    rig_persisted(&g, 4, 4);
    ck_assert_str_eq(rig_refused(&g, 2, 4, 3, 2, 3), ">2 AppendEntries t4 2@3 c0 [3@3 4@4]");
    ck_assert_uint_eq(peer(&g, 2)->match, 0); /* the hint is a guess, not a promise */
    ck_assert_uint_eq(g.r->commit, 0);
    rig_free(&g);
}
END_TEST

START_TEST(a_probe_without_answer_is_asked_again_by_the_heartbeat)
{
    rig g;
    lead_three(&g);
    ck_assert_str_eq(rig_heartbeat(&g), ">2 AppendEntries t1 0@0 c0 [1@1]; "
                                        ">3 AppendEntries t1 0@0 c0 [1@1]; arm heartbeat");
    rig_propose(&g, 1);
    ck_assert_str_eq(rig_heartbeat(&g), ">2 AppendEntries t1 0@0 c0 [1@1 2@1]; "
                                        ">3 AppendEntries t1 0@0 c0 [1@1 2@1]; arm heartbeat");
    rig_free(&g);
}
END_TEST

START_TEST(late_answers_do_not_regress_match)
{
    rig g;
    lead_three(&g);
    rig_propose(&g, 1);
    rig_accepted(&g, 2, 1, 0, 2);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 0, 1), "ignored");
    ck_assert_str_eq(g.why, "an old acknowledgement, more is known to match");
    ck_assert_str_eq(rig_refused(&g, 2, 1, 1, 0, 0), "ignored");
    ck_assert_str_eq(g.why, "an old refusal, the question has been answered since");
    ck_assert_str_eq(rig_refused(&g, 2, 1, 0, 0, 0), "ignored");
    ck_assert_str_eq(rig_refused(&g, 2, 1, 3, 0, 0), "ignored"); /* nobody asked that */
    ck_assert_uint_eq(peer(&g, 2)->match, 2);
    ck_assert_uint_eq(peer(&g, 2)->next, 3);
    rig_free(&g);
}
END_TEST

START_TEST(a_follower_whose_disk_lost_entries_is_taught_again)
{
    rig g;
    lead_three(&g);
    rig_propose(&g, 1);
    rig_accepted(&g, 2, 1, 0, 2);
    ck_assert_str_eq(rig_refused(&g, 2, 1, 2, 0, 0), ">2 AppendEntries t1 0@0 c0 [1@1 2@1]");
    ck_assert_uint_eq(peer(&g, 2)->match, 2);
    ck_assert_str_eq(rig_accepted(&g, 2, 1, 0, 2), "");
    ck_assert_int_eq(peer(&g, 2)->state, RAFT_REPLICATE);
    rig_free(&g);
}
END_TEST

START_TEST(a_hint_that_claims_too_much_is_cut_to_size)
{
    rig g;
    const raft_config config = rig_config(1, 3);
    lead(&g, &config, 3, "1 1 2 3");
    ck_assert_str_eq(rig_refused(&g, 2, 4, 4, 99, 99), ">2 AppendEntries t4 3@2 c0 [4@3 5@4]");
    ck_assert_str_eq(rig_refused(&g, 2, 4, 3, 2, 0), ">2 AppendEntries t4 0@0 c0 "
                                                     "[1@1 2@1 3@2 4@3 5@4]");
    rig_free(&g);
}
END_TEST

/* --- How many round trips until two logs agree -------------------------------------- */

enum { FAR = 1000 };

/* The terms from, from + by, …: n of them. */
static const char *terms(raft_term from, raft_term by, uint32_t n, char *out, size_t bytes)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < n; i++)
        used += (size_t)snprintf(out + used, bytes - used, "%" PRIu64 " ", from + i * by);
    return out;
}

static uint32_t round_trips(const char *leaders, const char *followers, raft_term term)
{
    static rig leader, follower;
    raft_config one = rig_config(1, 3), two = rig_config(2, 3);
    one.batch_max = 4096;
    rig_start(&leader, &one, term, 0, leaders);
    rig_start(&follower, &two, term, 0, followers);
    rig_elect(&leader); /* by n2's forged vote: its log may be the better one */
    uint32_t trips = 0;
    while (follower.r->log.n != leader.r->log.n ||
           raft_log_last(&follower.r->log).term != leader.r->term) {
        raft_msg to_follower = {0}, reply = {0};
        for (uint32_t i = 0; i < leader.fx->n; i++) {
            if (leader.fx->at[i].kind == RAFT_FX_SEND && leader.fx->at[i].as.send.msg.to == 2)
                to_follower = leader.fx->at[i].as.send.msg;
        }
        ck_assert_uint_eq(to_follower.to, 2);
        rig_receive(&follower, to_follower);
        for (uint32_t i = 0; i < follower.fx->n; i++) {
            if (follower.fx->at[i].kind == RAFT_FX_SEND)
                reply = follower.fx->at[i].as.send.msg;
        }
        rig_receive(&leader, reply);
        trips++;
    }
    for (raft_index i = 1; i <= leader.r->log.n; i++)
        ck_assert_uint_eq(raft_log_term(&follower.r->log, i), raft_log_term(&leader.r->log, i));
    rig_free(&leader);
    rig_free(&follower);
    return trips;
}

START_TEST(a_follower_a_thousand_terms_behind_needs_a_few_round_trips)
{
    char one[16 * FAR], other[16 * FAR];
    const raft_term term = 3 * FAR;
    const char *const all = terms(1, 1, FAR, one, sizeof one);
    ck_assert_uint_eq(round_trips(all, "", term), 2);
    ck_assert_uint_eq(round_trips(all, "1", term), 2);
    ck_assert_uint_eq(round_trips(all, terms(1, 1, FAR / 2, other, sizeof other), term), 2);
    ck_assert_uint_eq(round_trips(all, all, term), 1);
    ck_assert_uint_eq(round_trips("1 3000", all, term), 2); /* it is the one with more */
    /* A thousand entries of an old leader that nobody else has. */
    const char *const even = terms(2, 2, FAR, one, sizeof one);
    ck_assert_uint_le(round_trips(even, terms(5, 0, FAR, other, sizeof other), term), 3);
    /* The worst: the terms alternate, each hint is good for one of them only. */
    const char *const odd = terms(1, 2, FAR, one, sizeof one);
    ck_assert_uint_le(round_trips(odd, terms(2, 2, FAR, other, sizeof other), term), 9);
    ck_assert_uint_le(round_trips(terms(2, 2, FAR, other, sizeof other), odd, term), 9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft replicate");
    TCase *t = tcase_create("commit");
    tcase_add_test(t, the_leader_counts_itself_when_its_own_disk_has_confirmed);
    tcase_add_test(t, a_majority_of_the_others_is_enough);
    tcase_add_test(t, half_of_four_is_no_majority);
    tcase_add_test(t, a_leader_commits_up_to_what_a_majority_has);
    tcase_add_test(t, an_entry_of_an_older_term_is_not_committed_by_counting);
    tcase_add_test(t, a_commit_is_not_broadcast_but_told_with_the_next_message);
    tcase_add_test(t, acknowledgements_are_believed_within_reason);
    suite_add_tcase(suite, t);
    t = tcase_create("proposals");
    tcase_add_test(t, a_proposal_is_written_accepted_and_sent_at_once);
    tcase_add_test(t, proposals_wait_while_a_probe_is_out);
    tcase_add_test(t, a_full_log_refuses);
    suite_add_tcase(suite, t);
    t = tcase_create("flow");
    tcase_add_test(t, a_batch_is_bounded_by_count);
    tcase_add_loop_test(t, a_batch_is_bounded_by_bytes, 0, ROWS(bytes_rows));
    tcase_add_test(t, the_pipeline_is_bounded);
    tcase_add_test(t, the_pipeline_is_bounded_by_bytes);
    tcase_add_test(t, both_bounds_in_bytes_hold);
    suite_add_tcase(suite, t);
    t = tcase_create("losses");
    tcase_add_test(t, a_lost_append_is_found_by_the_heartbeat);
    tcase_add_test(t, a_refusal_is_no_acknowledgement);
    tcase_add_test(t, a_probe_without_answer_is_asked_again_by_the_heartbeat);
    tcase_add_test(t, late_answers_do_not_regress_match);
    tcase_add_test(t, a_follower_whose_disk_lost_entries_is_taught_again);
    tcase_add_test(t, a_hint_that_claims_too_much_is_cut_to_size);
    tcase_add_test(t, a_follower_a_thousand_terms_behind_needs_a_few_round_trips);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
