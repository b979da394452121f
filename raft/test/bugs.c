/* bugs.c - each bug that can be planted changes what the server does at its rule: the same
 * short story, without it and with it. */
#include "raft/bugs.h"

#include "raft/test/rig.h"

typedef struct story {
    rig g;
    raft_config config;
} story;

static void start(story *s, raft_term term, raft_id vote, const char *log)
{
    rig_start(&s->g, &s->config, term, vote, log);
}

/* Leads term 2 with the log "1 1 2", all of it committed. */
static void lead(story *s)
{
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
    rig_persisted(&s->g, 3, 2);
    for (raft_set left = s->g.r->targets; left;)
        rig_accepted(&s->g, raft_set_pop(&left), 2, 2, 3);
    ck_assert_uint_eq(s->g.r->commit, 3);
}

/* Follows n2 of term 5, with this log. */
static void follow(story *s, const char *log, raft_index commit)
{
    start(s, 5, 0, log);
    rig_append(&s->g, 2, 5, commit, commit ? raft_entry_at(s->g.r, commit)->term : 0, commit,
               "");
}

/* --- Votes and terms ------------------------------------------------------------------- */

static void vote_twice(story *s)
{
    start(s, 4, 3, "1");
    rig_request_vote(&s->g, 2, 4, 1, 1);
}

static void vote(story *s)
{
    start(s, 4, 0, "1");
    rig_request_vote(&s->g, 2, 5, 1, 1);
}

static void step_down(story *s)
{
    start(s, 4, 0, "1");
    rig_timeout(&s->g);
    rig_step_down(&s->g);
}

static void vote_stale_term(story *s)
{
    start(s, 4, 0, "1");
    rig_request_vote(&s->g, 2, 3, 1, 1);
}

static void vote_counted_twice(story *s)
{
    s->config.first.voters = 31;
    start(s, 4, 0, "1");
    rig_timeout(&s->g);
    rig_vote(&s->g, 2, 5, true);
    rig_vote(&s->g, 2, 5, true);
}

static void vote_from_old_term(story *s)
{
    start(s, 4, 0, "1");
    rig_timeout(&s->g);
    rig_vote(&s->g, 2, 4, true);
}

static void vote_by_length(story *s)
{
    start(s, 4, 0, "1 4");
    rig_request_vote(&s->g, 2, 5, 3, 1);
}

static void pre_vote_is_vote(story *s)
{
    s->config.pre_vote = true;
    start(s, 4, 0, "1");
    rig_timeout(&s->g);
    rig_pre_vote_reply(&s->g, 2, 4, true);
}

static void pre_vote_clears_vote(story *s)
{
    s->config.pre_vote = true;
    start(s, 4, 3, "1");
    rig_timeout(&s->g);
}

static void sole_voter_keeps_term(story *s)
{
    s->config.first.voters = 1;
    start(s, 4, 3, "1");
    rig_timeout(&s->g);
}

static void half_is_quorum(story *s)
{
    s->config.first.voters = 15;
    start(s, 4, 0, "1");
    rig_timeout(&s->g);
    rig_vote(&s->g, 2, 5, true);
}

/* --- Log and commit --------------------------------------------------------------------- */

static void commit_old_term(story *s)
{
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
    rig_persisted(&s->g, 2, 1);
    rig_accepted(&s->g, 2, 2, 1, 2);
}

static void ack_unverified_tail(story *s)
{
    follow(s, "1 1 1", 1);
    rig_append(&s->g, 2, 5, 1, 1, 1, "");
}

static void commit_past_match(story *s)
{
    follow(s, "1 1 1", 1);
    rig_append(&s->g, 2, 5, 1, 1, 9, "");
}

static void stale_append_truncates(story *s)
{
    follow(s, "1 1 1", 1);
    rig_append(&s->g, 2, 5, 1, 1, 1, "1");
}

static void conflict_keeps_tail(story *s)
{
    follow(s, "1 1 1", 1);
    rig_append(&s->g, 2, 5, 1, 1, 1, "5");
}

static void prev_term_ignored(story *s)
{
    follow(s, "1 1 1", 1);
    rig_append(&s->g, 2, 5, 2, 4, 1, "5");
}

static void nack_is_match(story *s)
{
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
    rig_refused(&s->g, 2, 2, 2, 1, 1);
}

static void match_regresses(story *s)
{
    lead(s);
    rig_propose(&s->g, 1);
    rig_accepted(&s->g, 2, 2, 3, 4);
    rig_accepted(&s->g, 2, 2, 2, 3);
}

static void durable_by_index(story *s)
{
    follow(s, "1 1 1", 1);
    rig_append(&s->g, 2, 5, 1, 1, 1, "5");
    rig_append(&s->g, 2, 5, 2, 5, 1, "5");
    rig_persisted(&s->g, 3, 1);
}

static void quorum_unsorted(story *s)
{
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
    rig_persisted(&s->g, 3, 2);
    rig_accepted(&s->g, 3, 2, 2, 3);
}

static void leader_counts_unwritten(story *s)
{
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
    rig_accepted(&s->g, 2, 2, 2, 3);
}

static void no_noop(story *s)
{
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
}

static void deposed_appends(story *s)
{
    lead(s);
    rig_append(&s->g, 2, 3, 3, 2, 3, "3");
    rig_propose(&s->g, 9);
}

static void rolls_back_committed(story *s)
{
    follow(s, "1 1 1", 3);
    rig_append(&s->g, 2, 5, 1, 1, 3, "5");
}

static void leader_drops(story *s)
{
    lead(s);
    rig_propose(&s->g, 1);
    rig_transfer(&s->g, 2);
    rig_propose(&s->g, 2);
}

static void commit_regresses(story *s)
{
    follow(s, "1 1 1", 3);
    rig_append(&s->g, 2, 5, 1, 1, 1, "1");
}

static void applies_ahead(story *s)
{
    lead(s);
    rig_propose(&s->g, 1);
}

/* --- Membership -------------------------------------------------------------------------- */

static void change_before_own_term(story *s)
{
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
    rig_change(&s->g, 1, RAFT_CHANGE_REMOVE, 3);
}

static void two_changes(story *s)
{
    lead(s);
    rig_change(&s->g, 1, RAFT_CHANGE_REMOVE, 3);
    rig_change(&s->g, 2, RAFT_CHANGE_REMOVE, 2);
}

static void newcomer_counts_at_once(story *s)
{
    lead(s);
    rig_change(&s->g, 1, RAFT_CHANGE_ADD_VOTER, 4);
}

static void config_survives_truncation(story *s)
{
    follow(s, "1", 1);
    rig_append_config(&s->g, 2, 5, 1, 1, 1, (raft_configuration){.voters = 3});
    rig_append(&s->g, 3, 6, 1, 1, 1, "6");
}

static void removed_leader_counts(story *s)
{
    lead(s);
    rig_change(&s->g, 1, RAFT_CHANGE_REMOVE, 1);
    rig_persisted(&s->g, 4, 2);
    rig_accepted(&s->g, 2, 2, 3, 4);
}

static void learner_counts(story *s)
{
    s->config.first.learners = 8;
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
    rig_persisted(&s->g, 3, 2);
    rig_accepted(&s->g, 2, 2, 2, 3); /* a majority of three voters, but not of four */
}

static void joint_new_only(story *s)
{
    s->config.first = (raft_configuration){.voters = 9, .outgoing = 7};
    start(s, 1, 0, "1 1");
    rig_timeout(&s->g);
    rig_vote(&s->g, 4, 2, true);
}

static void config_at_commit_only(story *s)
{
    lead(s);
    rig_change(&s->g, 1, RAFT_CHANGE_REMOVE, 3);
}

/* --- Snapshots ---------------------------------------------------------------------------- */

static void snapshot_rolls_back(story *s)
{
    follow(s, "1 1 1", 3);
    rig_chunk(&s->g, 2, 5, 2, 1, 0, 5, 5);
}

static void snapshot_drops_tail(story *s)
{
    follow(s, "1 1 1", 1);
    rig_chunk(&s->g, 2, 5, 2, 1, 0, 5, 5);
}

static void install(story *s)
{
    start(s, 5, 3, "1");
    rig_chunk(&s->g, 2, 5, 4, 4, 0, 5, 5);
}

static void snapshot_newest_config(story *s)
{
    lead(s);
    rig_change(&s->g, 1, RAFT_CHANGE_REMOVE, 3);
    rig_snapshot(&s->g, 3, (const uint8_t *)"state", 5);
}

static void snapshot_of_commit(story *s)
{
    follow(s, "1 1 1", 3);
    rig_snapshot(&s->g, 2, (const uint8_t *)"state", 5);
}

static void chunk_twice(story *s)
{
    start(s, 5, 3, "1");
    rig_chunk(&s->g, 2, 5, 4, 4, 0, 5, 10);
    rig_chunk(&s->g, 2, 5, 4, 4, 0, 5, 10);
}

static void chunks_mixed(story *s)
{
    start(s, 5, 3, "1");
    rig_chunk(&s->g, 2, 5, 4, 4, 0, 5, 10);
    rig_chunk(&s->g, 2, 5, 6, 4, 5, 5, 10);
}

static void probe_stuck(story *s)
{
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
    rig_persisted(&s->g, 3, 2);
    rig_accepted(&s->g, 3, 2, 2, 3);
    rig_snapshot(&s->g, 3, (const uint8_t *)"state", 5);
    rig_propose(&s->g, 1);
    rig_refused(&s->g, 2, 2, 2, 0, 0);
    rig_chunk_reply(&s->g, 2, 2, 3, 2, 5, true);
}

/* --- Reads and progress --------------------------------------------------------------------
 */

static void read_unconfirmed(story *s)
{
    lead(s);
    rig_read(&s->g, 1, false);
}

static void read_before_own_term(story *s)
{
    start(s, 1, 0, "1 1");
    rig_elect(&s->g);
    rig_read(&s->g, 1, false);
    rig_round_reply(&s->g, 2, 2, 2, 1);
}

static void read_joins_round(story *s)
{
    lead(s);
    rig_read(&s->g, 1, false);
    rig_read(&s->g, 2, false);
    rig_round_reply(&s->g, 2, 2, 3, 1);
}

static void late_read_index(story *s)
{
    follow(s, "1", 1);
    rig_read(&s->g, 7, false);
    rig_read_reply(&s->g, 2, 5, 6, 1, true);
}

static void lead_with_lease(story *s)
{
    s->config.lease_reads = s->config.disruption_guard = true;
    lead(s);
    rig_heartbeat(&s->g);
    rig_round_reply(&s->g, 2, 2, 3, 1);
}

static void lease_survives_transfer(story *s)
{
    lead_with_lease(s);
    rig_transfer(&s->g, 3);
    rig_read(&s->g, 1, true);
}

static void votes_while_leader_lives(story *s)
{
    s->config.disruption_guard = true;
    follow(s, "1", 1);
    rig_request_vote(&s->g, 3, 6, 1, 1);
}

static void lease_ignores_drift(story *s)
{
    s->config.drift_ppm = 100000;
    lead_with_lease(s);
    s->g.now += 140 * RIG_MS;
    rig_read(&s->g, 1, true);
}

static void transfer_takes_writes(story *s)
{
    lead(s);
    rig_transfer(&s->g, 2);
    rig_propose(&s->g, 1);
}

static void transfer_to_lagging(story *s)
{
    lead(s);
    rig_propose(&s->g, 1);
    rig_transfer(&s->g, 2);
}

static void transfer_never_ends(story *s)
{
    lead(s);
    rig_propose(&s->g, 1);
    rig_transfer(&s->g, 2);
    rig_timeout(&s->g);
}

static void quorum_heard_once(story *s)
{
    s->config.check_quorum = true;
    lead(s);
    rig_timeout(&s->g);
    rig_timeout(&s->g);
}

static void pre_vote_never_learns(story *s)
{
    start(s, 4, 0, "1");
    rig_pre_vote(&s->g, 2, 3, 1, 1);
}

static void time_wraps(story *s)
{
    s->config.disruption_guard = true;
    follow(s, "1", 1);
    s->g.now += UINT64_C(2147483648) * RIG_MS;
    rig_request_vote(&s->g, 3, 6, 1, 1);
}

static void in_sessions(story *s)
{
    start(s, 0, 0, "");
}

static void (*const stories[RAFT_BUG_COUNT])(story *s) = {
    [RAFT_BUG_VOTE_TWICE] = vote_twice,
    [RAFT_BUG_VOTE_NOT_DURABLE] = vote,
    [RAFT_BUG_TERM_NOT_DURABLE] = vote,
    [RAFT_BUG_VOTE_CLEARED_ON_STEP_DOWN] = step_down,
    [RAFT_BUG_VOTE_STALE_TERM] = vote_stale_term,
    [RAFT_BUG_VOTE_COUNTED_TWICE] = vote_counted_twice,
    [RAFT_BUG_VOTE_FROM_OLD_TERM] = vote_from_old_term,
    [RAFT_BUG_VOTE_BY_LENGTH] = vote_by_length,
    [RAFT_BUG_PRE_VOTE_IS_VOTE] = pre_vote_is_vote,
    [RAFT_BUG_PRE_VOTE_CLEARS_VOTE] = pre_vote_clears_vote,
    [RAFT_BUG_SOLE_VOTER_KEEPS_TERM] = sole_voter_keeps_term,
    [RAFT_BUG_HALF_IS_QUORUM] = half_is_quorum,
    [RAFT_BUG_COMMIT_OLD_TERM] = commit_old_term,
    [RAFT_BUG_ACK_UNVERIFIED_TAIL] = ack_unverified_tail,
    [RAFT_BUG_COMMIT_PAST_MATCH] = commit_past_match,
    [RAFT_BUG_STALE_APPEND_TRUNCATES] = stale_append_truncates,
    [RAFT_BUG_CONFLICT_KEEPS_TAIL] = conflict_keeps_tail,
    [RAFT_BUG_PREV_TERM_IGNORED] = prev_term_ignored,
    [RAFT_BUG_NACK_IS_MATCH] = nack_is_match,
    [RAFT_BUG_MATCH_REGRESSES] = match_regresses,
    [RAFT_BUG_REPLY_BEFORE_DURABLE] = vote,
    [RAFT_BUG_DURABLE_BY_INDEX] = durable_by_index,
    [RAFT_BUG_LEADER_COUNTS_UNWRITTEN] = leader_counts_unwritten,
    [RAFT_BUG_QUORUM_UNSORTED] = quorum_unsorted,
    [RAFT_BUG_DEPOSED_APPENDS] = deposed_appends,
    [RAFT_BUG_ROLLS_BACK_COMMITTED] = rolls_back_committed,
    [RAFT_BUG_LEADER_DROPS] = leader_drops,
    [RAFT_BUG_COMMIT_REGRESSES] = commit_regresses,
    [RAFT_BUG_APPLIES_AHEAD] = applies_ahead,
    [RAFT_BUG_CHANGE_BEFORE_OWN_TERM] = change_before_own_term,
    [RAFT_BUG_TWO_CHANGES] = two_changes,
    [RAFT_BUG_CONFIG_SURVIVES_TRUNCATION] = config_survives_truncation,
    [RAFT_BUG_REMOVED_LEADER_COUNTS] = removed_leader_counts,
    [RAFT_BUG_LEARNER_COUNTS] = learner_counts,
    [RAFT_BUG_JOINT_NEW_ONLY] = joint_new_only,
    [RAFT_BUG_CONFIG_AT_COMMIT_ONLY] = config_at_commit_only,
    [RAFT_BUG_NEWCOMER_COUNTS_AT_ONCE] = newcomer_counts_at_once,
    [RAFT_BUG_SNAPSHOT_ROLLS_BACK] = snapshot_rolls_back,
    [RAFT_BUG_SNAPSHOT_DROPS_TAIL] = snapshot_drops_tail,
    [RAFT_BUG_SNAPSHOT_OLD_CONFIG] = install,
    [RAFT_BUG_SNAPSHOT_NEWEST_CONFIG] = snapshot_newest_config,
    [RAFT_BUG_SNAPSHOT_ACK_EARLY] = install,
    [RAFT_BUG_SNAPSHOT_CLEARS_VOTE] = install,
    [RAFT_BUG_SNAPSHOT_OF_COMMIT] = snapshot_of_commit,
    [RAFT_BUG_CHUNK_TWICE] = chunk_twice,
    [RAFT_BUG_CHUNKS_MIXED] = chunks_mixed,
    [RAFT_BUG_READ_UNCONFIRMED] = read_unconfirmed,
    [RAFT_BUG_READ_BEFORE_OWN_TERM] = read_before_own_term,
    [RAFT_BUG_READ_JOINS_ROUND] = read_joins_round,
    [RAFT_BUG_LATE_READ_INDEX] = late_read_index,
    [RAFT_BUG_LEASE_IGNORES_DRIFT] = lease_ignores_drift,
    [RAFT_BUG_LEASE_SURVIVES_TRANSFER] = lease_survives_transfer,
    [RAFT_BUG_VOTES_WHILE_LEADER_LIVES] = votes_while_leader_lives,
    [RAFT_BUG_NO_DEDUPE] = in_sessions, /* see session.c */
    [RAFT_BUG_SESSIONS_NOT_IN_SNAPSHOT] = in_sessions,
    [RAFT_BUG_EXPIRED_IS_DONE] = in_sessions,
    [RAFT_BUG_TRANSFER_TAKES_WRITES] = transfer_takes_writes,
    [RAFT_BUG_TRANSFER_TO_LAGGING] = transfer_to_lagging,
    [RAFT_BUG_TRANSFER_NEVER_ENDS] = transfer_never_ends,
    [RAFT_BUG_NO_NOOP] = no_noop,
    [RAFT_BUG_QUORUM_HEARD_ONCE] = quorum_heard_once,
    [RAFT_BUG_PRE_VOTE_NEVER_LEARNS] = pre_vote_never_learns,
    [RAFT_BUG_PROBE_STUCK] = probe_stuck,
    [RAFT_BUG_TIME_WRAPS] = time_wraps,
};

/* What the last event of the story did, and what the server looks like then. */
static void tell(void (*of)(story *s), uint64_t bugs, char *out, size_t bytes)
{
    static story s;
    s.config = rig_config(1, 3);
    s.config.bugs = bugs;
    of(&s);
    const size_t n = (size_t)snprintf(out, bytes, "%s | ", s.g.text);
    raft_configuration conf = s.g.r->conf;
    const raft_index match = s.g.r->peers_n > 1 ? s.g.r->peers[1].match : 0,
                     stable = s.g.r->stable;
    snprintf(out + n, bytes - n, "%s %" PRIu64 " %" PRIu64 " %" PRIx64 " ", rig_look(&s.g),
             match, stable, conf.voters);
    rig_free(&s.g);
}

START_TEST(a_planted_bug_shows_at_its_rule_and_only_then)
{
    char without[2048], with[2048], others[2048];
    const bool elsewhere = stories[_i] == in_sessions;
    ck_assert_ptr_nonnull(stories[_i]);
    tell(stories[_i], 0, without, sizeof without);
    tell(stories[_i], UINT64_C(1) << _i, with, sizeof with);
    ck_assert_msg((strcmp(without, with) == 0) == elsewhere, "bug %d: %s", _i, with);
    for (int other = 0; other < RAFT_BUG_COUNT; other++) {
        if (stories[other] != in_sessions || other == _i)
            continue;
        tell(stories[_i], UINT64_C(1) << other, others, sizeof others);
        ck_assert_str_eq(without, others);
    }
}
END_TEST

#define RAFT_NAME(name, text, deviation, caught_by, file) {text, deviation, caught_by, file},
static const struct {
    const char *name, *deviation, *caught_by, *file;
} rows[] = {RAFT_BUGS(RAFT_NAME)};
#undef RAFT_NAME

START_TEST(every_bug_has_a_name_and_a_place)
{
    ck_assert_int_eq(ROWS(rows), RAFT_BUG_COUNT);
    ck_assert_int_le(RAFT_BUG_COUNT, 64);
    for (int i = 0; i < ROWS(rows); i++) {
        ck_assert(rows[i].name[0] && rows[i].deviation[0] && rows[i].caught_by[0]);
        ck_assert_ptr_nonnull(strstr(rows[i].file, ".c"));
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(rows[i].name, rows[j].name);
    }
}
END_TEST

/* A server with a planted bug is wrong, but it goes on: no assertion stops it. */
START_TEST(an_old_vote_elects_with_the_bug)
{
    story s = {.config = rig_config(1, 3)};
    s.config.bugs = RAFT_BUG_BIT(VOTE_FROM_OLD_TERM);
    vote_from_old_term(&s);
    ck_assert_int_eq(s.g.r->role, RAFT_LEADER);
    rig_free(&s.g);
    s.config.bugs = RAFT_BUG_BIT(PRE_VOTE_IS_VOTE);
    pre_vote_is_vote(&s);
    ck_assert_int_eq(s.g.r->role, RAFT_LEADER);
    rig_free(&s.g);
}
END_TEST

START_TEST(a_forgotten_term_is_found_in_the_log)
{
    rig g;
    raft_config config = rig_config(1, 3);
    config.bugs = RAFT_BUG_BIT(TERM_NOT_DURABLE);
    rig_start(&g, &config, 2, 0, "1 7");
    ck_assert_uint_eq(g.r->term, 7);
    rig_free(&g);
}
END_TEST

START_TEST(a_configuration_that_waits_for_its_commit)
{
    story s = {.config = rig_config(1, 3)};
    s.config.bugs = RAFT_BUG_BIT(CONFIG_AT_COMMIT_ONLY);
    config_at_commit_only(&s);
    ck_assert_uint_eq(s.g.r->conf.voters, 7);
    rig_persisted(&s.g, 4, 2);
    rig_accepted(&s.g, 2, 2, 3, 4);
    ck_assert_uint_eq(s.g.r->conf.voters, 3);
    rig_free(&s.g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft bugs");
    TCase *t = tcase_create("bugs");
    tcase_add_loop_test(t, a_planted_bug_shows_at_its_rule_and_only_then, 0, RAFT_BUG_COUNT);
    tcase_add_test(t, every_bug_has_a_name_and_a_place);
    tcase_add_test(t, an_old_vote_elects_with_the_bug);
    tcase_add_test(t, a_forgotten_term_is_found_in_the_log);
    tcase_add_test(t, a_configuration_that_waits_for_its_commit);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
