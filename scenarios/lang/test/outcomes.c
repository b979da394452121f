/* outcomes.c - how a run ends, and what its report says. */
#include "scenarios/lang/test/lang_test.h"

/* clang-format off */
static const struct outcome {
    const char *name, *text, *told; /* told: as lang_test_run() says it; "…": starts so */
} outcomes[] = {
    {"a wrong role tells whom it follows",
     "cluster 3\n"
     "elect n1\n"
     "expect n3 leader term 2\n",
     "failed 3 the expectation does not hold | expected n3 leader term 2 | actual n3 follower term 1 follows n1"},
    {"the first node that fails is told",
     "cluster 3\n"
     "elect n1\n"
     "expect all log \"1@1\" commit 1\n",
     "failed 3 the expectation does not hold | expected n2 log \"1@1\" commit 1 | actual n2 log \"1@1\" commit 0"},
    {"the part that fails is told",
     "cluster 3\n"
     "elect n1\n"
     "expect n1 leader and n2 commit 1\n",
     "failed 3 the expectation does not hold | expected n2 commit 1 | actual n2 commit 0"},
    {"a condition that should not hold",
     "cluster 3\n"
     "elect n1\n"
     "expect not n1 leader term 1\n",
     "failed 3 the expectation does not hold | expected not n1 leader term 1 | actual n1 leader term 1"},
    {"no leader",
     "cluster 3\n"
     "elect n1\n"
     "expect no leader\n",
     "failed 3 the expectation does not hold | expected no leader | actual leader n1"},
    {"a leader",
     "cluster 3\n"
     "expect leader\n",
     "failed 2 the expectation does not hold | expected leader | actual no leader"},
    {"another leader",
     "cluster 3\n"
     "elect n1\n"
     "expect leader n2\n",
     "failed 3 the expectation does not hold | expected leader n2 | actual leader n1"},
    {"a leader that is not there",
     "cluster 3\n"
     "expect leader term 1\n",
     "failed 2 the expectation does not hold | expected leader term 1 | actual there is no leader"},
    {"a crashed node has no role",
     "cluster 3\n"
     "crash n2\n"
     "expect n2 follower follows n1\n",
     "failed 3 the expectation does not hold | expected n2 follower follows n1 | actual n2 crashed"},
    {"a vote",
     "cluster 3\n"
     "timeout n1\n"
     "expect n1 vote n2\n",
     "failed 3 the expectation does not hold | expected n1 vote n2 | actual n1 vote n1"},
    {"a last entry",
     "cluster 3\n"
     "elect n1\n"
     "expect n1 last 1@2\n",
     "failed 3 the expectation does not hold | expected n1 last 1@2 | actual n1 last 1@1"},
    {"a message that is nearly there",
     "cluster 3\n"
     "timeout n1\n"
     "expect message n1 -> n2 RequestVote term 2\n",
     "failed 3 the expectation does not hold | expected message n1 -> n2 RequestVote term 2 | actual message n1 -> n2 RequestVote term 1 last 0@0"},
    {"a message that is not there",
     "cluster 3\n"
     "timeout n1\n"
     "expect message n2 -> n1 RequestVote\n",
     "failed 3 the expectation does not hold | expected message n2 -> n1 RequestVote | actual no such message among the 2 in flight"},
    {"an empty queue",
     "cluster 3\n"
     "expect message n2 -> n1 RequestVote\n",
     "failed 2 the expectation does not hold | expected message n2 -> n1 RequestVote | actual no message in flight"},
    {"a message that should not be",
     "cluster 3\n"
     "timeout n1\n"
     "expect no message\n",
     "failed 3 the expectation does not hold | expected no message | actual message n1 -> n2 RequestVote term 1 last 0@0"},
    {"the length of the queue",
     "cluster 3\n"
     "timeout n1\n"
     "expect queue 3\n",
     "failed 3 the expectation does not hold | expected queue 3 | actual queue 2"},
    {"messages that were sent",
     "cluster 3\n"
     "elect n1\n"
     "expect sent n1 -> n2 RequestVote 2 times\n",
     "failed 3 the expectation does not hold | expected sent n1 -> n2 RequestVote 2 times | actual sent 1 time since the section began"},
    {"an event",
     "cluster 3\n"
     "elect n1\n"
     "expect event crash n2\n",
     "failed 3 the expectation does not hold | expected event crash n2 | actual it happened 0 times since the section began"},
    {"a request",
     "cluster 3\n"
     "propose n1 \"add 1\" as a\n"
     "expect a ok\n",
     "failed 3 the expectation does not hold | expected a ok | actual a retry \"no_leader_yet\""},
    {"an answer",
     "cluster 3\n"
     "elect n1\n"
     "propose n1 \"add 1\" as a\n"
     "settle\n"
     "expect a ok \"5\"\n",
     "failed 5 the expectation does not hold | expected a ok \"5\" | actual a ok \"1\""},
    {"a redirect",
     "cluster 3\n"
     "elect n1\n"
     "propose n2 \"add 1\" as a\n"
     "expect a redirect n3\n",
     "failed 4 the expectation does not hold | expected a redirect n3 | actual a redirect n1"},
    {"no such message",
     "cluster 3\n"
     "deliver n1 -> n2\n",
     "failed 2 no message n1 -> n2 is in flight"},
    {"no such number",
     "cluster 3\n"
     "drop #7\n",
     "failed 2 no message #7 is in flight"},
    {"no such timer",
     "cluster 3\n"
     "heartbeat n1\n",
     "failed 2 the heartbeat timer of n1 is not running, it is follower"},
    {"an election that is not won",
     "cluster 3\n"
     "isolate n1\n"
     "elect n1\n",
     "failed 3 n1 did not become leader, it is candidate of term 1"},
    {"settle until",
     "cluster 3\n"
     "timeout n1\n"
     "settle until n2 leader\n",
     "failed 3 nothing can move any more, and the condition does not hold | expected n2 leader | actual n2 follower follows n1"},
    {"await",
     "cluster 3\n"
     "crash all\n"
     "await leader within 1s\n",
     "failed 3 the condition did not hold within 1s | expected leader | actual no leader"},
    {"await with several",
     "cluster 3\n"
     "await n1 leader and n2 leader within 2s\n",
     "failed 2 the condition did not hold within 2s | expected n1 leader | actual n1 follower follows n2"},
    {"going round in circles",
     "cluster 3\n"
     "option settle_limit 2\n"
     "timeout n1\n"
     "settle\n",
     "error 4 settle passed its limit of 2…"},
    {"too many events",
     "cluster 3\n"
     "option advance_limit 2\n"
     "advance 10s\n",
     "error 3 advance passed its limit of 2…"},
    {"a command without a leader",
     "cluster 3\n"
     "timeout leader\n",
     "failed 2 there is no leader"},
    {"nothing to give up",
     "cluster 3\n"
     "step_down n1\n",
     "failed 2 n1 is follower, it has nothing to give up"},
    {"crashed twice",
     "cluster 3\n"
     "crash n1\n"
     "crash n1\n",
     "failed 3 n1 is crashed already"},
    {"restarted while it runs",
     "cluster 3\n"
     "restart n1\n",
     "failed 2 n1 is running"},
    {"a timeout of the leader",
     "cluster 3\n"
     "elect n1\n"
     "timeout n1\n",
     "failed 3 the election timer of n1 is not running, it is leader"},
    {"unequal logs",
     "cluster 3\n"
     "elect n1\n"
     "propose n1 \"add 1\"\n"
     "expect logs equal\n",
     "failed 4 the expectation does not hold | expected logs equal | actual n1 has 2@1, n2 ends before 2"},
    {"unequally applied",
     "cluster 3\n"
     "elect n1\n"
     "expect all applied equal\n",
     "failed 3 the expectation does not hold | expected all applied equal | actual n1 applied 1, n2 applied 0, n3 applied 0"},
    {"a state",
     "cluster 3\n"
     "elect n1\n"
     "expect n1 state \"5\"\n",
     "failed 3 the expectation does not hold | expected n1 state \"5\" | actual n1 state \"0\""},
    {"inside a definition",
     "cluster 3\n"
     "define e n\n"
     " timeout $n\n"
     " expect $n leader\n"
     "end\n"
     "e n2\n",
     "failed 4 the expectation does not hold | expected n2 leader | actual n2 candidate"},
    {"a preset that does not come true",
     "cluster 3\n"
     "preset log n1 n2 \"1@1\"\n"
     "preset elected n3\n"
     "settle\n",
     "failed 3 n3 did not become leader, it is candidate of term 1"},
    {"a leader on both sides",
     "cluster 3\n"
     "elect n1\n"
     "partition leader | n1 n2\n",
     "failed 3 n1 stands on both sides"},
    {"nobody else",
     "cluster 3\n"
     "cut n1 n2 n3 -> others\n",
     "failed 2 there are no others"},
    {"a request to a crashed node",
     "cluster 3\n"
     "crash n1\n"
     "propose n1 \"x\"\n",
     "failed 3 n1 is crashed, nobody takes the request"},
    {"a timeout of a paused node",
     "cluster 3\n"
     "pause n1\n"
     "timeout n1\n",
     "failed 3 n1 is paused"},
    {"the end of time",
     "cluster 3\n"
     "option election_timeout 8000h..8000h\n"
     "crash all\n"
     "repeat 100000\n"
     "advance 8000h\n"
     "end\n",
     "failed 5 virtual time is at its end"},
    {"the entries of a message",
     "cluster 3\n"
     "elect n1\n"
     "propose n1 \"add 5\"\n"
     "expect message n1 -> n2 AppendEntries commit 5\n",
     "failed 4 the expectation does not hold | expected message n1 -> n2 AppendEntries commit 5 | actual message n1 -> n2 AppendEntries term 1 prev 1@1 commit 1 entries \"2@1 add 5\""},
    {"a reply",
     "cluster 3\n"
     "timeout n1\n"
     "deliver n1 -> n2\n"
     "expect message n2 -> n1 RequestVoteReply granted no\n",
     "failed 4 the expectation does not hold | expected message n2 -> n1 RequestVoteReply granted no | actual message n2 -> n1 RequestVoteReply term 1 granted yes"},
    {"a long log",
     "cluster 1\n"
     "timeout n1\n"
     "repeat 60\n"
     "  propose n1 \"add 1\"\n"
     "end\n"
     "expect n1 log \"1@1\"\n",
     "failed 6 the expectation does not hold | expected n1 log \"1@1\" | actual n1 log \"1@1 2@1 3@1 4@1 5@1 6@1 7@1 8@1 9@1 10@1 11@1 12@1 13@1 14@1 15@1 16@1 17@1 18@1 19@1 … 42@1 43@1 44@1 45@1 46@1 47@1 48@1 49@1 50@1 51@1 52@1 53@1 54@1 55@1 56@1 57@1 58@1 59@1 60@1 61@1\""},
    {"a log that is longer than it is",
     "cluster 3\n"
     "elect n1\n"
     "expect n1 log \"1@2\"\n",
     "failed 3 the expectation does not hold | expected n1 log \"1@2\" | actual n1 log \"1@1\""},
    {"applied with a node that is down",
     "cluster 3\n"
     "crash n3\n"
     "expect all applied equal\n",
     "failed 3 the expectation does not hold | expected all applied equal | actual n1 applied 0, n2 applied 0, n3 crashed"},
    {"logs of the same length",
     "cluster 3\n"
     "preset log n1 n2 \"1@1 2@1\"\n"
     "preset log n3 \"1@1 2@2\"\n"
     "expect logs equal\n",
     "failed 4 the expectation does not hold | expected logs equal | actual n1 has 2@1, n3 has 2@2"},
    {"a follower that should follow nobody",
     "cluster 3\n"
     "elect n1\n"
     "expect n2 follows nobody\n",
     "failed 3 the expectation does not hold | expected n2 follows nobody | actual n2 follows n1"},
    {"a life",
     "cluster 3\n"
     "pause n2\n"
     "expect n1 n2 up\n",
     "failed 3 the expectation does not hold | expected n2 up | actual n2 paused"},
    {"an application that is not in that state",
     "cluster 3\n"
     "app kv\n"
     "elect n1\n"
     "expect n1 state \"x=1\"\n",
     "failed 4 the expectation does not hold | expected n1 state \"x=1\" | actual n1 state \"\""},
    {"all words of a node",
     "cluster 3\n"
     "elect n1\n"
     "expect n1 leader term 1 vote n1 follows nobody commit 1 applied 1 last 1@1 first 1 durable 1 log \"1@1\" up role_changes 9\n",
     "failed 3 the expectation does not hold | expected n1 leader term 1 vote n1 follows nobody commit 1 applied 1 last 1@1 first 1 durable 1 log \"1@1\" up role_changes 9 | actual n1 leader term 1 vote n1 follows nobody commit 1 applied 1 last 1@1 first 1 durable 1 log \"1@1\" up role_changes 2"},
    {"a failed request",
     "cluster 3\n"
     "elect n1\n"
     "isolate n1\n"
     "propose n1 \"add 1\" as a\n"
     "elect n2\n"
     "heal\n"
     "heartbeat n2\n"
     "settle\n"
     "expect a failed\n"
     "expect a ok\n",
     "failed 10 the expectation does not hold | expected a ok | actual a failed \"lost: replaced by 2@2\""},
    {"more messages than there are",
     "cluster 3\n"
     "timeout n1\n"
     "deliver 20\n",
     "failed 3 only 8 of 20 messages could be delivered"},
    {"nobody to follow",
     "cluster 3\n"
     "timeout n1\n"
     "timeout n2\n"
     "timeout n3\n"
     "expect followers up\n",
     "failed 5 the expectation does not hold | expected followers up | actual there are no followers"},
    {"a link that is not held",
     "cluster 3\n"
     "release n1 -> n2\n",
     "failed 2 n1 -> n2 is not held"},
    {"a link that is not cut",
     "cluster 3\n"
     "heal n1 <-> n2\n",
     "failed 2 n1 <-> n2 is not cut"},
    {"a leader to itself",
     "cluster 3\n"
     "elect n1\n"
     "cut leader -> n1\n",
     "failed 3 a node has no link to itself"},
    {"a forged message to itself",
     "cluster 3\n"
     "elect n1\n"
     "inject leader -> n1 RequestVote\n",
     "failed 3 a node sends nothing to itself"},
    {"no leader to send",
     "cluster 3\n"
     "deliver leader -> n1\n",
     "failed 2 there is no leader"},
    {"no entry to damage",
     "cluster 3\n"
     "corrupt disk n1 entry 5\n",
     "failed 2 there is no entry 5 on the disk of n1"},
    {"clocks set too far",
     "cluster 3\n"
     "repeat 100000\n"
     "  skew n1 -8000h\n"
     "end\n",
     "failed 3 clocks can be set no further"},
    {"commands of the leader when there is none",
     "cluster 3\n"
     "crash leader\n",
     "failed 2 there is no leader"},
    {"a partition without a leader",
     "cluster 3\n"
     "partition leader | others\n",
     "failed 2 there is no leader"},
    {"an isolated leader that is not there",
     "cluster 3\n"
     "isolate leader\n",
     "failed 2 there is no leader"},
    {"a disk of nobody",
     "cluster 3\n"
     "disk leader fail\n",
     "failed 2 there is no leader"},
};
/* clang-format on */

static bool is_told(const char *told, const char *wanted)
{
    const char *dots = strstr(wanted, "…");
    return dots && !dots[strlen("…")] ? !strncmp(told, wanted, (size_t)(dots - wanted))
                                      : !strcmp(told, wanted);
}

START_TEST(each_failure_says_what_was_wanted_and_what_is)
{
    const struct outcome *o = &outcomes[_i];
    sim_text told = {0};
    lang_test_run(o->text, NULL, &told);
    ck_assert_msg(is_told(told.at, o->told), "%s: %s\nwas expected: %s", o->name, told.at,
                  o->told);
    sim_text_free(&told);
}
END_TEST

static void ends(const char *text, const volatile bool *stop, scenario_result result,
                 scenario_outcome *q)
{
    scenario_diagnostics d = {0};
    scenario *s = lang_test_parse(text, strlen(text), NULL, &d);
    ck_assert_uint_eq(d.errors, 0);
    sim *t = scenario_tank(s, NULL, &d);
    ck_assert_ptr_nonnull(t);
    scenario_run(s, t, stop, q);
    ck_assert_int_eq(q->result, result);
    sim_free(t);
    scenario_free(s); /* the outcome owns what it says */
    scenario_diagnostics_free(&d);
}

START_TEST(the_place_of_a_failure_is_shown_like_a_mistake)
{
    scenario_outcome q;
    sim_text shown = {0};
    ends("cluster 3\nsection \"s\"\n  deliver n1 -> n2\n", NULL, SCENARIO_FAILED, &q);
    scenario_diagnostic_show(&q.where, false, &shown);
    ck_assert_str_eq(shown.at, "x.scenario:3:3: error: no message n1 -> n2 is in flight\n"
                               "    3 |   deliver n1 -> n2\n"
                               "      |   ^~~~~~~~~~~~~~~~\n"
                               "      = no message is in flight\n");
    ck_assert_ptr_null(q.expected);
    sim_text_free(&shown);
    scenario_outcome_free(&q);
}
END_TEST

/* n3 votes once; the script forges that it voted twice. */
START_TEST(a_broken_invariant_names_the_facts)
{
    scenario_outcome q;
    ends("cluster 3\n"
         "timeout n1\n"
         "timeout n2\n"
         "inject n3 -> n1 RequestVoteReply term 1 granted yes\n"
         "inject n3 -> n2 RequestVoteReply term 1 granted yes\n"
         "deliver n3 -> n1\n"
         "deliver n3 -> n2\n"
         "expect n1 leader\n",
         NULL, SCENARIO_VIOLATION, &q);
    ck_assert_uint_eq(q.where.line, 7);
    ck_assert_ptr_nonnull(strstr(q.where.text, "Election Safety is violated: "));
    ck_assert_ptr_nonnull(strstr(q.where.text, "n1"));
    ck_assert_ptr_nonnull(strstr(q.where.text, "n2"));
    ck_assert_ptr_nonnull(q.where.hint);
    ck_assert_str_eq(scenario_result_name(q.result), "violation");
    ck_assert_uint_eq(q.expects, 0);
    scenario_outcome_free(&q);
}
END_TEST

START_TEST(a_limit_is_no_progress)
{
    scenario_outcome q;
    ends("cluster 3\noption settle_limit 1\ntimeout n1\nsettle\n", NULL, SCENARIO_NO_PROGRESS,
         &q);
    ck_assert_str_eq(scenario_result_name(q.result), "error");
    ck_assert_ptr_nonnull(strstr(q.where.hint, "settle_limit"));
    scenario_outcome_free(&q);
}
END_TEST

START_TEST(a_stop_ends_the_run_before_its_first_act)
{
    volatile bool stop = true;
    scenario_outcome q;
    ends("cluster 3\nadvance 1000h\n", &stop, SCENARIO_STOPPED, &q);
    scenario_outcome_free(&q);
}
END_TEST

typedef struct brake {
    volatile bool stop;
    uint64_t seen, at;
} brake;

static void stop_later(void *self, const sim_note *n)
{
    brake *b = self;
    (void)n;
    b->seen++;
    b->stop |= b->seen == b->at;
}

START_TEST(a_stop_ends_a_long_advance_in_the_middle)
{
    const char *text = "cluster 3\nadvance 1000h\nexpect n1 leader term 99\n";
    brake b = {.at = 1000};
    const sim_observer observer = {stop_later, &b};
    scenario_diagnostics d = {0};
    scenario_outcome q;
    scenario *s = lang_test_parse(text, strlen(text), NULL, &d);
    sim *t =
        scenario_tank(s, &(scenario_overrides){.observers = &observer, .observers_n = 1}, &d);
    scenario_run(s, t, &b.stop, &q);
    ck_assert_int_eq(q.result, SCENARIO_STOPPED);
    ck_assert_uint_eq(q.where.line, 2);
    ck_assert_uint_lt(b.seen, 1200);
    scenario_outcome_free(&q);
    sim_free(t);
    scenario_free(s);
}
END_TEST

START_TEST(the_caller_may_choose_the_seed)
{
    const char *text = "cluster 3\nseed 1\nadvance 1s\n";
    scenario_diagnostics d = {0};
    uint64_t digests[3];
    for (uint64_t i = 0; i < 3; i++) {
        scenario_outcome q;
        uint64_t seed = i / 2 + 1; /* 1, 1, 2 */
        scenario *s = lang_test_parse(text, strlen(text), NULL, &d);
        sim *t = scenario_tank(s, &(scenario_overrides){.seed = &seed}, &d);
        scenario_run(s, t, NULL, &q);
        digests[i] = sim_digest(t);
        scenario_outcome_free(&q);
        sim_free(t);
        scenario_free(s);
    }
    ck_assert_uint_eq(digests[0], digests[1]);
    ck_assert_uint_ne(digests[0], digests[2]);
}
END_TEST

START_TEST(a_scenario_may_run_in_several_tanks)
{
    const char *text = "cluster 3\nelect n1\nexpect sent n1 -> n2 RequestVote 1 times\n";
    scenario_diagnostics d = {0};
    scenario *s = lang_test_parse(text, strlen(text), NULL, &d);
    for (int i = 0; i < 2; i++) {
        scenario_outcome q;
        sim *t = scenario_tank(s, NULL, &d);
        scenario_run(s, t, NULL, &q);
        ck_assert_int_eq(q.result, SCENARIO_PASSED);
        scenario_outcome_free(&q);
        sim_settle(t, 0, NULL, NULL, NULL); /* the tank may go on after the scenario */
        sim_free(t);
    }
    scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outcomes");
    TCase *all = tcase_create("outcomes");
    tcase_add_loop_test(all, each_failure_says_what_was_wanted_and_what_is, 0,
                        sizeof outcomes / sizeof *outcomes);
    tcase_add_test(all, the_place_of_a_failure_is_shown_like_a_mistake);
    tcase_add_test(all, a_broken_invariant_names_the_facts);
    tcase_add_test(all, a_limit_is_no_progress);
    tcase_add_test(all, a_stop_ends_the_run_before_its_first_act);
    tcase_add_test(all, a_stop_ends_a_long_advance_in_the_middle);
    tcase_add_test(all, the_caller_may_choose_the_seed);
    tcase_add_test(all, a_scenario_may_run_in_several_tanks);
    suite_add_tcase(suite, all);
    return suite_main(suite);
}
