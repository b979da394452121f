/* test_text.c - what people see: lines, tables, the legend, colours only when asked. */
#include "tests/suite.h"
#include "traces/rules.h"
#include "traces/shorthand.h"
#include "traces/test/story.h"

#include <string.h>

static const char *const lines[] = {
    "#1     0ms         -   prepare \"n1 is elected\"",
    "#2     0ms         -   > timeout n1",
    "#3     150ms       n1  election timer",
    "#4     150ms       n1  term 0 -> 1",
    "#5     150ms       n1  follower -> candidate: election timeout",
    "#6     150ms       n1  votes for n1 in term 1",
    "#7     150ms       n1  send #1 Ask T1 last 0@0 -> n2",
    "#8     150ms       n1  duplicate #1 as #101 Ask T1 last 0@0 n1 -> n2",
    "#9     150ms       n2  deliver #1 Ask T1 last 0@0 from n1",
    "#10    150ms       n1  drop #101 Ask T1 last 0@0 n1 -> n2: script",
    "#11    150ms       n1  candidate -> leader: 2 of 3 votes",
    "#12    150ms       -   section \"Commands, \xE2\x82\xAC and ?\"",
    "#13    150ms       n1  append 1@1 noop",
    "#14    150ms       n1  append 2@1 command \"add \\\"1\\\"\"",
    "#15    150ms       n1  append 3@1 command \"b\\\\c\\nd\"",
    "#16    150ms       n1  disk submitted #1, entries 1..3",
    "#17    150ms       n1  disk durable #1, entries 1..3",
    "#18    150ms       n1  request #1 first to n1: add, 1",
    "#19    150ms       n1  commit 1..2",
    "#20    150ms       n1  apply 1..2",
    "#21    150ms       n1  response #1 first ok: 1, at 2@1",
    "#22    150ms       n2  response #2 redirect, leader n1",
    "#23    150ms       n1  truncate from 3 on, 1 gone",
    "#24    150ms       n1  snapshot taken 1@1, 12 bytes {snapshot 1@1}",
    "#25    150ms       n1  config n1 n3 at 2: appended",
    "#26    150ms       -   section \"Trouble\"",
    "#27    150ms       n2  send #2 Tell T1 ok +1 commit 1 -> n1",
    "#28    150ms       n1  hold #2 Tell T1 ok +1 commit 1 n2 -> n1 until 160ms",
    "#29    160ms       n1  deliver #2 Tell T1 ok +1 commit 1 from n2, ignored: stale",
    "#30    160ms       -   cut n1 n2 | n3",
    "#31    160ms       -   heal n1 -> n3",
    "#32    160ms       n3  pause",
    "#33    160ms       n3  resume",
    "#34    160ms       n1  crash (torn)",
    ("#35    160ms       n1  restart {role follower, term 1, vote n1, leader nobody, commit 0, "
     "applied 0, last 3@1, durable 3, config n1 n2 n3}"),
    "#36    160ms       -   note: a remark",
    "#37    160ms       -   expect n1 leader: FAILED, n1 follower",
    "#38    160ms       n1  VIOLATION of Election Safety (thesis 3.2): one; other",
};

START_TEST(an_event_is_one_line)
{
    sim_text s = story_text(), out = {0};
    trace *t = story_read(&s);
    ck_assert_uint_eq(t->events_n, sizeof lines / sizeof *lines);
    for (uint64_t i = 0; i < t->events_n; i++) {
        sim_text_clear(&out);
        trace_event_line(t, &t->events[i], false, &out);
        ck_assert_str_eq(out.at, lines[i]);
    }
    sim_text_free(&out);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

/* Takes the colours out again. */
static void bleach(sim_text *text)
{
    size_t to = 0;
    for (size_t i = 0; i < text->len; i++) {
        if (text->at[i] == '\033')
            i += strcspn(text->at + i, "m");
        else
            text->at[to++] = text->at[i];
    }
    text->at[text->len = to] = '\0';
}

START_TEST(colour_changes_no_word_and_no_blank)
{
    sim_text s = story_text(), with = {0}, without = {0};
    trace *t = story_read(&s);
    trace_model *m = trace_model_new(t);
    bool coloured = false;
    for (uint64_t i = 0; i < t->events_n; i++) {
        (void)trace_model_step(m);
        sim_text_clear(&with);
        sim_text_clear(&without);
        trace_event_line(t, &t->events[i], true, &with);
        trace_event_line(t, &t->events[i], false, &without);
        trace_model_table(m, true, &with);
        trace_model_table(m, false, &without);
        trace_model_queue_lines(m, true, &with);
        trace_model_queue_lines(m, false, &without);
        coloured |= strchr(with.at, '\033') != NULL;
        ck_assert_ptr_null(strchr(without.at, '\033'));
        bleach(&with);
        ck_assert_str_eq(with.at, without.at);
    }
    ck_assert(coloured);
    sim_text_free(&with);
    sim_text_free(&without);
    trace_model_free(m);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(the_table_is_aligned_and_stars_what_changed)
{
    sim_text s = story_text(), out = {0};
    trace *t = story_read(&s);
    trace_model *m = trace_model_new(t);
    trace_model_seek(m, 11);
    trace_model_table(m, false, &out);
    ck_assert_str_eq(
        out.at, "  node  role      term  vote  leader  commit  applied  last  durable  is\n"
                "  n1    leader*   1     n1    n1*     0       0        0@0   0        up\n"
                "  n2    follower  0     -     -       0       0        0@0   0        up\n"
                "  n3    follower  0     -     -       0       0        0@0   0        up\n");
    sim_text_clear(&out);
    trace_model_seek(m, 34);
    trace_model_table(m, false, &out);
    ck_assert_str_eq(
        out.at,
        "  node  role      term  vote  leader  commit  applied  last  durable  config   "
        " snapshot  is       cut to\n"
        "  n1    -         1     n1    -       -       -        3@1   3        n1 n3    "
        " 1@1       crashed\n"
        "  n2    follower  0     -     -       0       0        0@0   0        n1 n2 n3 "
        "           up       n3\n"
        "  n3    follower  0     -     -       0       0        0@0   0        n1 n2 n3 "
        "           up       n1 n2\n");
    sim_text_free(&out);
    trace_model_free(m);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(the_queue_says_who_what_and_whether_it_is_held)
{
    sim_text s = story_text(), out = {0};
    trace *t = story_read(&s);
    trace_model *m = trace_model_new(t);
    trace_model_seek(m, 8);
    trace_model_queue_lines(m, false, &out);
    ck_assert_str_eq(out.at, "  #1    n1 -> n2  Ask T1 last 0@0\n"
                             "  #101  n1 -> n2  Ask T1 last 0@0\n");
    sim_text_clear(&out);
    trace_model_seek(m, 28);
    trace_model_queue_lines(m, false, &out);
    ck_assert_str_eq(out.at,
                     "  #2    n2 -> n1  Tell T1 ok +1 commit 1 (delayed until 160ms)\n");
    sim_text_clear(&out);
    trace_model_seek(m, 0);
    trace_model_queue_lines(m, false, &out);
    ck_assert_str_eq(out.at, "  nothing is in flight\n");
    sim_text_free(&out);
    trace_model_free(m);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

/* A message as the native engine writes it, and the words for it. */
static const struct {
    const char *fields, *words;
} messages[] = {
    {"'type':'RequestVote','term':2,'last':'3@1'", "RequestVote T2 last 3@1"},
    {"'type':'RequestVoteReply','term':2,'granted':'yes'", "RequestVoteReply T2 granted"},
    {"'type':'PreVoteReply','term':2,'granted':'no'", "PreVoteReply T2 not granted"},
    {"'type':'AppendEntries','term':2,'prev':'1@1','commit':1,'entries':['2@1 noop']",
     "AppendEntries T2 prev 1@1 +1 commit 1"},
    {"'type':'AppendEntries','term':2,'prev':'1@1','commit':1,'entries':[]",
     "AppendEntries T2 prev 1@1 commit 1"},
    {"'type':'AppendEntriesReply','term':2,'ok':'yes','prev':1,'match':2,'conflict':'0@0'",
     "AppendEntriesReply T2 ok prev 1 match 2"},
    {"'type':'AppendEntriesReply','term':2,'ok':'no','prev':5,'match':0,'conflict':'3@1'",
     "AppendEntriesReply T2 not ok prev 5 conflict 3@1"},
};

START_TEST(a_message_has_few_words)
{
    sim_text text = {0}, out = {0}, story = story_text();
    sim_text_add(&text, story.at, strcspn(story.at, "\n") + 1); /* its header */
    size_t from = text.len;
    sim_text_format(&text,
                    "{'seq':1,'at_us':0,'section':0,'line':0,'cause':0,'kind':'send',"
                    "'node':'n1','id':1,'from':'n1','to':'n2',%s}\n",
                    messages[_i].fields);
    for (size_t i = from; i < text.len; i++)
        text.at[i] = text.at[i] == '\'' ? '"' : text.at[i];
    trace *t = story_read(&text);
    trace_message_words(trace_message(t, 1), &out);
    ck_assert_str_eq(out.at, messages[_i].words);
    trace_free(t);
    sim_text_free(&out);
    sim_text_free(&text);
    sim_text_free(&story);
}
END_TEST

START_TEST(every_kind_has_its_row_in_the_legend)
{
    static const char *const made[] = {"words", "verdict", "range", "written"};
    for (int k = 0; k < SIM_NOTE_COUNT; k++) {
        const trace_shorthand_row *row = &trace_shorthand[k];
        ck_assert_int_eq(row->kind, k);
        ck_assert(*row->form && *row->meaning);
        for (const char *s = strchr(row->form, '{'); s; s = strchr(s + 1, '{')) {
            char name[16];
            size_t len = strcspn(s, "}") - 1;
            ck_assert_uint_lt(len, sizeof name);
            memcpy(name, s + 1, len);
            name[len] = '\0';
            bool known = trace_rule_named(trace_rules(row->kind), name) != NULL;
            for (size_t i = 0; i < sizeof made / sizeof *made; i++)
                known |= strcmp(name, made[i]) == 0;
            ck_assert_msg(known, "%s has no %s", sim_note_kind_name(row->kind), name);
        }
    }
}
END_TEST

START_TEST(every_role_has_a_colour_of_its_own)
{
    int n = 0;
    for (const trace_role_colour *c = trace_role_colours; c->role; c++, n++) {
        bool known = false;
        for (int r = 0; r < SIM_ROLE_COUNT; r++)
            known |= strcmp(sim_role_name((sim_role)r), c->role) == 0;
        ck_assert_msg(known, "there is no role %s", c->role);
        for (const trace_role_colour *o = trace_role_colours; o != c; o++)
            ck_assert(strcmp(o->fill, c->fill) != 0 && strcmp(o->ansi, c->ansi) != 0);
    }
    ck_assert_int_eq(n, SIM_ROLE_COUNT);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("text");
    TCase *c = tcase_create("text");
    tcase_add_test(c, an_event_is_one_line);
    tcase_add_test(c, colour_changes_no_word_and_no_blank);
    tcase_add_test(c, the_table_is_aligned_and_stars_what_changed);
    tcase_add_test(c, the_queue_says_who_what_and_whether_it_is_held);
    tcase_add_loop_test(c, a_message_has_few_words, 0,
                        (int)(sizeof messages / sizeof *messages));
    tcase_add_test(c, every_kind_has_its_row_in_the_legend);
    tcase_add_test(c, every_role_has_a_colour_of_its_own);
    suite_add_tcase(s, c);
    return suite_main(s);
}
