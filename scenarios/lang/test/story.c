/* story.c - what a scenario becomes: its words, its unrolled commands, its sections, and
 * what it tells the tank. */
#include "scenarios/lang/test/lang_test.h"

/* Each command, remark, expectation and section of a run, a line each, as told. */
static void tell(void *self, const sim_note *n)
{
    sim_text *out = self;
    if (n->kind == SIM_NOTE_COMMAND)
        sim_text_format(out, "%u %s\n", n->line, n->as.text.text);
    else if (n->kind == SIM_NOTE_NOTE)
        sim_text_format(out, "%u note: %s\n", n->line, n->as.text.text);
    else if (n->kind == SIM_NOTE_EXPECT)
        sim_text_format(out, "%u expect: %s (%s)\n", n->line, n->as.expect.condition,
                        n->as.expect.actual);
    else if (n->kind == SIM_NOTE_SECTION)
        sim_text_format(out, "%u %s: %s\n", n->line,
                        n->as.section.prepare ? "prepare" : "section", n->as.section.title);
}

static void story(const char *text, lang_file *files, const char *wanted)
{
    scenario_diagnostics d = {0};
    scenario_outcome q;
    sim_text told = {0}, mistakes = {0};
    const sim_observer observer = {tell, &told};
    scenario *s = lang_test_parse(text, strlen(text), files, &d);
    lang_test_mistakes(&d, &mistakes);
    ck_assert_msg(!d.errors, "%s", mistakes.at);
    sim *t =
        scenario_tank(s, &(scenario_overrides){.observers = &observer, .observers_n = 1}, &d);
    scenario_run(s, t, NULL, &q);
    ck_assert_msg(q.result == SCENARIO_PASSED, "line %u: %s; expected %s, actual %s",
                  q.where.line, q.where.text, q.expected, q.actual);
    ck_assert_str_eq(told.at, wanted);
    scenario_outcome_free(&q);
    sim_free(t);
    scenario_free(s);
    sim_text_free(&told);
    sim_text_free(&mistakes);
    scenario_diagnostics_free(&d);
}

/* ---- words ------------------------------------------------------------------------------ */

START_TEST(words_are_told_with_one_blank_between_and_without_comments)
{
    story("  cluster\t3   # three\n"
          "\n"
          "# a comment with \"quotes\n"
          "cut n1->n2#no blanks\n"
          "cut   n1<->n3\n"
          "partition n1|n2 n3\n"
          "note \"a # is no comment here\"\n",
          NULL,
          "4 section: x\n"
          "4 cut n1 -> n2\n"
          "5 cut n1 <-> n3\n"
          "6 partition n1 | n2 n3\n"
          "7 note: a # is no comment here\n");
}
END_TEST

START_TEST(texts_have_escapes)
{
    story("cluster 3\nelect n1\npropose n1 \"a \\\"b\\\" \\\\ \\n \\$x $y\" as c\n"
          "note \"tab\there\"\n",
          NULL,
          "2 section: x\n"
          "2 elect n1\n"
          "3 propose n1 \"a \\\"b\\\" \\\\ \\n $x $y\" as c\n"
          "4 note: tab\there\n");
}
END_TEST

START_TEST(a_number_with_a_hash_is_a_message_where_one_can_stand)
{
    story(
        "cluster 3\ntimeout n1\ndeliver #2\nexpect n3 vote n1 #2 is no number here\ndrop #1\n",
        NULL,
        "2 section: x\n"
        "2 timeout n1\n"
        "3 deliver #2\n"
        "4 expect: n3 vote n1 (n3 vote n1)\n"
        "5 drop #1\n");
}
END_TEST

START_TEST(lines_of_other_systems_are_read)
{
    story("\xEF\xBB\xBF"
          "cluster 3\r\nabout \"\"\"\r\n  a\r\n\r\n  b\r\n\"\"\"\r\ntimeout n1\r\n",
          NULL,
          "7 section: x\n"
          "7 timeout n1\n");
}
END_TEST

static void about_is(const char *text, const char *wanted)
{
    scenario_diagnostics d = {0};
    scenario *s = lang_test_parse(text, strlen(text), NULL, &d);
    ck_assert_uint_eq(d.errors, 0);
    ck_assert_str_eq(scenario_about(s), wanted);
    scenario_free(s);
}

START_TEST(a_long_text_loses_its_indentation)
{
    about_is("cluster 3\nabout \"\"\"\n    one\n      two\n\n    three \\n\n    \"\"\"\n",
             "one\n  two\n\nthree \\n");
    about_is("cluster 3\nabout \"\"\"one \"two\" three\"\"\" # and a comment\n",
             "one \"two\" three");
    about_is("cluster 3\nabout \"\"\"first\n  second\n\"\"\"\n", "first\nsecond");
    about_is("cluster 3\nabout \"\"\"\"\"\"\n", "");
    about_is("cluster 3\r\nabout \"\"\"\r\n  a\r\n\r\n  b\r\n\"\"\"\r\n", "a\n\nb");
    about_is("cluster 3\nabout \"\"\"\n\ta\n\t\tb\n\"\"\"\n", "a\n\tb");
}
END_TEST

/* ---- what it is
 * ------------------------------------------------------------------------------ */

START_TEST(a_scenario_describes_itself)
{
    const char *text = "scenario \"T\"\nabout \"A\"\ncite \"one\"\ncite \"two\"\n"
                       "cluster a b\nseed 9\noption pre_vote on\napp kv\n"
                       "prepare \"P\"\n  uses leader_election.x leader_election.y\n"
                       "section \"S\"\n  tests leader_election.z\n";
    scenario_diagnostics d = {0};
    uint32_t n;
    scenario *s = lang_test_parse(text, strlen(text), NULL, &d);
    ck_assert_uint_eq(d.errors, 0);
    ck_assert_str_eq(scenario_title(s), "T");
    ck_assert_str_eq(scenario_about(s), "A");
    const char *const *cites = scenario_cites(s, &n);
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(cites[1], "two");
    const scenario_section *sections = scenario_sections(s, &n);
    ck_assert_uint_eq(n, 2);
    ck_assert(sections[0].prepare && !sections[1].prepare);
    ck_assert_uint_eq(sections[0].line, 9);
    ck_assert_uint_eq(sections[0].uses_n, 2);
    ck_assert_str_eq(sections[0].uses[1], "leader_election.y");
    ck_assert_str_eq(sections[1].tests[0], "leader_election.z");
    const sim_config *c = scenario_config(s);
    ck_assert_uint_eq(c->nodes, 2);
    ck_assert_str_eq(c->names[1], "b");
    ck_assert_uint_eq(c->seed, 9);
    ck_assert_str_eq(c->app->name, "kv");
    ck_assert_int_eq(c->options.pre_vote, SIM_ON);
    const scenario_file *files = scenario_files(s, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(files[0].len, strlen(text));
    ck_assert_str_eq(files[0].text, text);
    scenario_free(s);
}
END_TEST

START_TEST(a_title_that_is_missing_is_the_name_of_the_file)
{
    static const char *const paths[][2] = {
        {"a/b/split_vote.scenario", "split_vote"}, {"plain", "plain"}, {".hidden", ".hidden"}};
    for (size_t i = 0; i < 3; i++) {
        scenario_diagnostics d = {0};
        scenario *s = scenario_parse(paths[i][0], "cluster 1", 9, NULL, NULL, &d);
        ck_assert_uint_eq(d.errors, 0);
        ck_assert_str_eq(scenario_title(s), paths[i][1]);
        scenario_free(s);
    }
}
END_TEST

START_TEST(what_stands_before_the_first_section_is_one)
{
    story("scenario \"T\"\ncluster 1\ntimeout n1\nsection \"A\"\nsection \"B\"\nexpect n1 up\n",
          NULL,
          "3 section: T\n"
          "3 timeout n1\n"
          "4 section: A\n"
          "5 section: B\n"
          "6 expect: n1 up (n1 up)\n");
    story("scenario \"T\"\ncluster 1\nprepare \"A\"\n  timeout n1\n", NULL,
          "3 prepare: A\n"
          "4 timeout n1\n");
    story("cluster 1\n", NULL, "1 section: x\n");
}
END_TEST

/* ---- blocks
 * -------------------------------------------------------------------------------------- */

START_TEST(repeat_goes_round)
{
    story("cluster 3\nrepeat 2\n  pause n1\n  repeat 2\n    skew n2 +1ms\n  end\n  resume "
          "n1\nend\n",
          NULL,
          "3 section: x\n"
          "3 pause n1\n"
          "5 skew n2 +1ms\n"
          "5 skew n2 +1ms\n"
          "7 resume n1\n"
          "3 pause n1\n"
          "5 skew n2 +1ms\n"
          "5 skew n2 +1ms\n"
          "7 resume n1\n");
}
END_TEST

START_TEST(for_puts_its_word_in)
{
    story("cluster 3\nfor n in n2 n3\n  for i in 1..2\n    note \"$n and $i, \\$n\"\n  end\n"
          "  pause $n\nend\nfor n in all\n  expect $n term 0\nend\n",
          NULL,
          "4 section: x\n"
          "4 note: n2 and 1, $n\n"
          "4 note: n2 and 2, $n\n"
          "6 pause n2\n"
          "4 note: n3 and 1, $n\n"
          "4 note: n3 and 2, $n\n"
          "6 pause n3\n"
          "9 expect: n1 term 0 (n1 term 0)\n"
          "9 expect: n2 term 0 (n2 term 0)\n"
          "9 expect: n3 term 0 (n3 term 0)\n");
}
END_TEST

START_TEST(sections_may_stand_in_blocks)
{
    story("cluster a b\nfor n in all\n  section \"$n\"\n  note \"$n\"\nend\n"
          "repeat 2\n  section \"again\"\n  note \"x\"\nend\n",
          NULL,
          "3 section: a\n"
          "4 note: a\n"
          "3 section: b\n"
          "4 note: b\n"
          "7 section: again\n"
          "8 note: x\n"
          "7 section: again\n"
          "8 note: x\n");
}
END_TEST

START_TEST(definitions_take_words_and_texts)
{
    story("cluster 3\n"
          "both n1 \"add 1\"\n"
          "define both node text\n"
          "  elect $node\n"
          "  say $text $node\n"
          "end\n"
          "define say what who\n"
          "  propose $who $what as it-$who\n"
          "  note \"$who: $what\"\n"
          "end\n",
          NULL,
          "4 section: x\n"
          "4 elect n1\n"
          "8 propose n1 \"add 1\" as it-n1\n"
          "9 note: n1: add 1\n");
}
END_TEST

START_TEST(included_definitions_tell_the_line_that_called_them)
{
    lang_file files[] = {{"a.inc", "include \"b.inc\"\ndefine outer n\n  inner $n\nend\n"},
                         {"b.inc", "# comment\ndefine inner n\n  timeout $n\nend\n"},
                         {NULL, NULL}};
    story("cluster 3\ninclude \"a.inc\"\ninclude \"b.inc\"\nouter n2\n", files,
          "4 section: x\n"
          "4 timeout n2\n");
    scenario_diagnostics d = {0};
    uint32_t n;
    const char *text = "cluster 3\ninclude \"a.inc\"\n";
    scenario *s = lang_test_parse(text, strlen(text), files, &d);
    const scenario_file *f = scenario_files(s, &n);
    ck_assert_uint_eq(n, 3);
    ck_assert_str_eq(f[0].path, "x.scenario");
    ck_assert_str_eq(f[1].path, "a.inc");
    ck_assert_str_eq(f[2].path, "b.inc");
    ck_assert_str_eq(f[2].text, files[1].text);
    scenario_free(s);
}
END_TEST

START_TEST(many_rounds_are_quick)
{
    sim_text told = {0};
    lang_test_run("cluster 1\ntimeout n1\nrepeat 99999\n  expect n1 leader\nend\n", NULL,
                  &told);
    ck_assert_str_eq(told.at, "passed");
    sim_text_free(&told);
}
END_TEST

/* ---- nodes and conditions when it runs
 * ---------------------------------------------------------------- */

START_TEST(words_for_nodes_mean_what_is_so_then)
{
    story("cluster 5\n"
          "elect n2\n"
          "expect leader term 1 and others follower\n"
          "expect n2 leader and followers follows leader\n"
          "partition leader n1 | others\n"
          "elect n4\n"
          "expect leader n4\n"
          "crash leader n5\n"
          "expect n2 leader and n4 n5 crashed and others follower\n"
          "cut others -> n1\n"
          "heal others <-> n1\n",
          NULL,
          "2 section: x\n"
          "2 elect n2\n"
          "3 expect: leader term 1 and others follower (n2 term 1 and n1 n3 n4 n5 follower)\n"
          "4 expect: n2 leader and followers follows leader (n2 leader and n1 n3 n4 n5 follows "
          "n2)\n"
          "5 partition leader n1 | others\n"
          "6 elect n4\n"
          "7 expect: leader n4 (leader n4)\n"
          "8 crash leader n5\n"
          "9 expect: n2 leader and n4 n5 crashed and others follower (n2 leader and n4 n5 "
          "crashed "
          "and n1 n3 follower)\n"
          "10 cut others -> n1\n"
          "11 heal others <-> n1\n");
}
END_TEST

START_TEST(counts_start_with_each_section)
{
    sim_text told = {0};
    lang_test_run("cluster 3\n"
                  "section \"A\"\n"
                  "  elect n1\n"
                  "  expect sent n1 -> n2 RequestVote 1 times\n"
                  "  expect sent RequestVote 2 times\n"
                  "  expect sent n1 -> n2 AppendEntries entries 1 1 times\n"
                  "  expect sent n1 -> n2 AppendEntries entries \"1@1\" prev 0@0\n"
                  "  expect event role n1 to leader 1 times\n"
                  "  expect event role n1 to leader from candidate 1 time\n"
                  "  expect event deliver from n1 to n2 type RequestVote last 0@0\n"
                  "  expect event role 2 times and no event crash\n"
                  "section \"B\"\n"
                  "  expect not sent RequestVote\n"
                  "  expect sent RequestVote 0 times\n"
                  "  inject n2 -> n3 RequestVote term 1\n"
                  "  expect not sent n2 -> n3 RequestVote\n"
                  "  expect event send n2 forged yes\n"
                  "  drop n2 -> n3\n"
                  "  expect event drop reason script from n2 1 times\n"
                  "  crash n2\n"
                  "  expect event crash n2 and not event crash n3\n"
                  "section \"C\"\n"
                  "  restart n2 wiped\n"
                  "  expect event restart n2 how wiped and no event crash\n"
                  "  propose n1 \"add 2\" as two\n"
                  "  settle until two ok\n"
                  "  expect event request name two command \"add 2\"\n"
                  "  expect event response n1 status ok answer 2 at 2@1\n",
                  NULL, &told);
    ck_assert_str_eq(told.at, "passed");
    sim_text_free(&told);
}
END_TEST

START_TEST(a_name_means_its_newest_request)
{
    sim_text told = {0};
    lang_test_run("cluster 3\n"
                  "propose n1 \"add 1\" as it\n"
                  "expect it retry\n"
                  "elect n1\n"
                  "for i in 1..3\n"
                  "  propose n1 \"add 1\" as it\n"
                  "  expect it pending\n"
                  "  settle\n"
                  "  expect it ok \"$i\"\n"
                  "end\n"
                  "propose n1 \"add 1\" as first\n"
                  "crash n1\n"
                  "expect first timeout and n1 first 1\n",
                  NULL, &told);
    ck_assert_str_eq(told.at, "passed");
    sim_text_free(&told);
}
END_TEST

START_TEST(presets_start_where_it_gets_interesting)
{
    sim_text told = {0};
    lang_test_run("cluster 3\n"
                  "preset log all \"1@1 2@1\"\n"
                  "preset log n4 \"\"\n",
                  NULL, &told);
    ck_assert_ptr_nonnull(strstr(told.at, "there is no node 'n4'"));
    sim_text_clear(&told);
    lang_test_run("cluster 3\n"
                  "preset log n1 n2 \"1@1 2@2\"\n"
                  "preset term n3 5\n"
                  "preset vote n3 n1\n"
                  "preset elected n1\n"
                  "expect n1 leader and others follows n1\n"
                  "expect all log \"1@1 2@2 3@6\" commit 3\n"
                  "expect sent RequestVote 0 times\n",
                  NULL, &told);
    ck_assert_ptr_nonnull(strstr(told.at, "n1 did not become leader"));
    sim_text_clear(&told);
    lang_test_run("cluster 3\n"
                  "preset log n1 n2 \"1@1 2@2\"\n"
                  "preset elected n1\n"
                  "expect n1 leader term 3 and others follows n1\n"
                  "expect all log \"1@1 2@2 3@3\" commit 3\n"
                  "expect sent RequestVote 0 times\n",
                  NULL, &told);
    ck_assert_str_eq(told.at, "passed");
    sim_text_free(&told);
}
END_TEST

START_TEST(every_act_on_messages)
{
    sim_text told = {0};
    lang_test_run(
        "cluster 3\n"
        "preset elected n1\n"
        "propose n1 \"add 1\" as one\n"
        "propose n1 \"add 2\" as two\n"
        "duplicate n1 -> n2 AppendEntries\n"
        "reorder n1 -> n2\n"
        "delay all n1 -> n3 20ms\n"
        "corrupt n1 -> n2\n"
        "deliver 2\n"
        "inject n2 -> n1 AppendEntriesReply term 1 ok yes prev 1 match 1\n"
        "inject n1 -> n3 AppendEntries term 1 prev 0@0 commit 0 entries \"1@1, 2@1 add 5\"\n"
        "drop all n1 -> n3 AppendEntries\n"
        "settle only n1 n2 until n2 last 3\n"
        "expect message n2 -> n1 AppendEntriesReply ok yes and queue 3\n",
        NULL, &told);
    ck_assert_str_eq(told.at, "passed");
    sim_text_free(&told);
}
END_TEST

START_TEST(every_act_on_nodes)
{
    sim_text told = {0};
    lang_test_run("cluster 5\n"
                  "option pre_vote on\n"
                  "option check_quorum on\n"
                  "option election_timeout 100ms..100ms\n"
                  "elect n1\n"
                  "partition leader n2 | others\n"
                  "cut n1 -> n2\n"
                  "cut n3 <-> n4 n5\n"
                  "heal n1 -> n2\n"
                  "hold n1 -> n2\n"
                  "hold disk n4\n"
                  "sync n4\n"
                  "disk n5 slow 5ms\n"
                  "torn crash n4\n"
                  "restart n4\n"
                  "release disk n4\n"
                  "crash n2\n"
                  "restart n2 wiped\n"
                  "corrupt disk n3 entry 1\n"
                  "skew n1 -20ms\n"
                  "drift n2 1/200\n"
                  "advance 2s\n"
                  "heal\n"
                  "release n1 -> n2\n"
                  "await leader and logs equal within 10s\n"
                  "expect no event response\n",
                  NULL, &told);
    ck_assert_str_eq(told.at, "passed");
    sim_text_free(&told);
}
END_TEST

START_TEST(links_may_join_many_nodes)
{
    sim_text told = {0};
    lang_test_run("cluster 5\n"
                  "hold n1 <-> others\n"
                  "timeout n1\n"
                  "settle\n"
                  "expect queue 4\n"
                  "release n1 -> n2 n3\n"
                  "settle\n"
                  "expect n2 n3 vote n1 and n4 n5 vote nobody\n"
                  "expect message n2 -> n1 RequestVoteReply and message n1 -> n4\n"
                  "release n2 n3 -> n1\n"
                  "settle until leader n1\n"
                  "cut all <-> all\n"
                  "expect queue 0 and event drop reason cut\n"
                  "heal all <-> all\n"
                  "expect no message\n",
                  NULL, &told);
    ck_assert_str_eq(told.at, "passed");
    sim_text_free(&told);
}
END_TEST

START_TEST(many_requests_have_names)
{
    sim_text told = {0};
    lang_test_run("cluster 1\n"
                  "timeout n1\n"
                  "for i in 1..500\n"
                  "  propose n1 \"add 1\" as r$i\n"
                  "end\n"
                  "for i in 1..500\n"
                  "  expect r$i ok \"$i\" and not r$i pending\n"
                  "end\n"
                  "expect n1 state \"500\" commit 501 and not no leader\n",
                  NULL, &told);
    ck_assert_str_eq(told.at, "passed");
    sim_text_free(&told);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        words_are_told_with_one_blank_between_and_without_comments,
        texts_have_escapes,
        a_number_with_a_hash_is_a_message_where_one_can_stand,
        lines_of_other_systems_are_read,
        a_long_text_loses_its_indentation,
        a_scenario_describes_itself,
        a_title_that_is_missing_is_the_name_of_the_file,
        what_stands_before_the_first_section_is_one,
        repeat_goes_round,
        for_puts_its_word_in,
        sections_may_stand_in_blocks,
        definitions_take_words_and_texts,
        included_definitions_tell_the_line_that_called_them,
        many_rounds_are_quick,
        words_for_nodes_mean_what_is_so_then,
        counts_start_with_each_section,
        a_name_means_its_newest_request,
        presets_start_where_it_gets_interesting,
        every_act_on_messages,
        every_act_on_nodes,
        links_may_join_many_nodes,
        many_requests_have_names,
        NULL,
    };
    return lang_test_main("story", tests);
}
