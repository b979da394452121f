/* test_reader.c - what was written comes back, and what does not fit is refused with the
 * number of its line and a message that says why. */
#include "tests/suite.h"
#include "traces/rules.h"
#include "traces/test/story.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- what was written comes back ---------------------------------------------------- */

START_TEST(the_header_comes_back)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    const trace_header *h = &t->header;
    ck_assert_str_eq(h->format, TRACE_FORMAT);
    ck_assert_str_eq(h->program, TRACE_PROGRAM_VERSION);
    ck_assert_str_eq(h->scenario, "log/story.scenario");
    ck_assert_str_eq(h->title, "A story, with \"quotes\"");
    ck_assert_str_eq(h->about, "Two\nlines.");
    ck_assert_uint_eq(h->cites_n, 1);
    ck_assert_str_eq(h->cites[0], "Raft thesis 3.4");
    ck_assert_str_eq(h->engine, "toy");
    ck_assert_str_eq(h->app, "counter");
    ck_assert_uint_eq(h->nodes_n, 3);
    ck_assert_str_eq(h->nodes[2], "n3");
    ck_assert_uint_eq(h->seed, 42);
    ck_assert_uint_eq(h->options_n, 2);
    ck_assert_str_eq(h->options[1].name, "pre_vote");
    ck_assert_str_eq(h->options[1].value, "off");
    ck_assert_uint_eq(h->source_n, 2);
    ck_assert_str_eq(h->source[0].text, "scenario \"S\"\ncluster 3\n");
    ck_assert_uint_eq(h->source[1].len, 5);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(events_come_back)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    ck_assert_uint_eq(t->events_n, 38);
    const trace_event *role = &t->events[10];
    ck_assert_uint_eq(role->seq, 11);
    ck_assert_uint_eq(role->at_us, 150000);
    ck_assert_uint_eq(role->cause, 2);
    ck_assert_uint_eq(role->section, 1);
    ck_assert_uint_eq(role->line, 7);
    ck_assert_uint_eq(role->file_line, 12);
    ck_assert_int_eq(role->kind, SIM_NOTE_ROLE);
    ck_assert_str_eq(role->node, "n1");
    ck_assert_str_eq(trace_text_of(role, "to"), "leader");
    ck_assert_str_eq(trace_state_of(role, "leader")->text, "n1");
    ck_assert_ptr_null(trace_state_of(role, "term"));
    ck_assert_str_eq(trace_text_of(role, "nothing"), "");
    ck_assert_uint_eq(trace_number_of(role, "nothing"), 0);
    const trace_value *uses = trace_value_of(&t->events[0], "uses");
    ck_assert_int_eq(uses->kind, TRACE_TEXTS);
    ck_assert_uint_eq(uses->n, 2);
    ck_assert_str_eq(uses->texts[1], "c.d");
    ck_assert_str_eq(trace_text_of(&t->events[11], "title"), "Commands, \xE2\x82\xAC and \x01");
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(a_message_is_found_by_its_id_and_by_that_of_its_copy)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    const trace_event *send = trace_message(t, 1);
    ck_assert_ptr_eq(send, &t->events[6]);
    ck_assert_ptr_eq(trace_message(t, 101), send);
    ck_assert_str_eq(trace_text_of(trace_message(t, 2), "type"), "Tell");
    ck_assert_ptr_null(trace_message(t, 3));
    ck_assert_ptr_null(trace_message(t, 0));
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(the_footer_comes_back)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    ck_assert(t->complete);
    ck_assert_str_eq(t->footer.result, "failed");
    ck_assert_str_eq(t->footer.why, "n1 is no leader");
    ck_assert_uint_eq(t->footer.events, 38);
    ck_assert_uint_eq(t->footer.drops, 1);
    ck_assert_uint_eq(t->footer.at_us, 160000);
    ck_assert(t->footer.digest == UINT64_C(0xfeed));
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(numbers_above_63_bits_come_back)
{
    memory_sink m = {0};
    trace_header h = story_header;
    h.seed = UINT64_MAX;
    trace_writer *w = trace_writer_new(memory_sink_of(&m), &toy_engine, &h);
    teller t = {.to = trace_writer_observer(w)};
    tell(&t, SIM_NOTE_TERM, 1,
         (sim_note){.state = {.changed = SIM_STATE_TERM, .term = UINT64_MAX},
                    .as.term = {1, UINT64_MAX}});
    ck_assert(trace_writer_finish(w, "passed", "", UINT64_MAX));
    trace *back = story_read(&m.text);
    ck_assert(back->header.seed == UINT64_MAX);
    ck_assert(trace_number_of(&back->events[0], "to") == UINT64_MAX);
    ck_assert(trace_state_of(&back->events[0], "term")->number == UINT64_MAX);
    ck_assert(back->footer.digest == UINT64_MAX);
    trace_free(back);
    trace_writer_free(w);
    sim_text_free(&m.text);
}
END_TEST

START_TEST(planted_bugs_come_back_and_stand_before_the_source)
{
    static const char *const bugs[] = {"vote_twice", "two_changes"};
    memory_sink m = {0};
    trace_header h = story_header;
    h.bugs = bugs;
    h.bugs_n = 2;
    trace_writer *w = trace_writer_new(memory_sink_of(&m), &toy_engine, &h);
    ck_assert(trace_writer_finish(w, "passed", "", 0));
    ck_assert_ptr_nonnull(strstr(m.text.at, "},\"bugs\":[\"vote_twice\",\"two_changes\"],"
                                            "\"source\":["));
    trace *back = story_read(&m.text);
    ck_assert_uint_eq(back->header.bugs_n, 2);
    ck_assert_str_eq(back->header.bugs[0], "vote_twice");
    ck_assert_str_eq(back->header.bugs[1], "two_changes");
    trace_free(back);
    trace_writer_free(w);
    sim_text_free(&m.text);
}
END_TEST

START_TEST(members_of_the_start_come_back)
{
    memory_sink m = {0};
    trace_header h = story_header;
    h.members = "n1 n2 learners n3";
    trace_writer *w = trace_writer_new(memory_sink_of(&m), &toy_engine, &h);
    ck_assert(trace_writer_finish(w, "passed", "", 0));
    ck_assert_ptr_nonnull(strstr(m.text.at, "],\"members\":\"n1 n2 learners n3\",\"seed\":"));
    trace *back = story_read(&m.text);
    ck_assert_str_eq(back->header.members, h.members);
    trace_model *model = trace_model_new(back);
    uint32_t nodes_n;
    const trace_node *n = trace_model_nodes(model, &nodes_n);
    ck_assert_str_eq(n[0].role, "follower");
    ck_assert_str_eq(n[2].role, "learner");
    ck_assert_str_eq(n[2].config, h.members);
    trace_model_free(model);
    trace_free(back);
    trace_writer_free(w);
    sim_text_free(&m.text);
}
END_TEST

START_TEST(the_rules_know_the_fields_that_notes_have)
{
    for (int k = 0; k < SIM_NOTE_COUNT; k++) {
        const char *const *names = sim_note_field_names((sim_note_kind)k);
        const trace_rule *rules = trace_rules((sim_note_kind)k);
        for (; *names; names++, rules++) {
            ck_assert_msg(rules->name != NULL, "%s has no rule for %s",
                          sim_note_kind_name((sim_note_kind)k), *names);
            ck_assert_str_eq(rules->name, *names);
        }
        ck_assert_ptr_null(rules->name);
    }
}
END_TEST

/* ---- what is cut short ---------------------------------------------------------------- */

START_TEST(a_trace_that_is_cut_anywhere_is_taken_as_far_as_it_goes)
{
    sim_text s = story_text();
    size_t header = strcspn(s.at, "\n");
    for (size_t len = 0; len <= s.len; len++) {
        trace_error error;
        char *cut = malloc(len + 1); /* its own block, so that a step too far is seen */
        memcpy(cut, s.at, len);
        trace *t = trace_read(cut, len, &error);
        if (len < header) {
            ck_assert_ptr_null(t);
            ck_assert_uint_eq(error.line, len ? 1 : 0);
        } else {
            uint64_t lines = 0;
            for (size_t i = header + 1; i < len; i++)
                lines += s.at[i] == '\n';
            ck_assert_msg(t != NULL, "at byte %zu: %s", len, error.text);
            ck_assert(t->complete == (len + 1 >= s.len));
            ck_assert_uint_ge(t->events_n + t->complete, lines);
            ck_assert_uint_le(t->events_n + t->complete, lines + 1);
        }
        trace_free(t);
        free(cut);
    }
    sim_text_free(&s);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------- */

/* ' stands for ". */
#define HEAD                                                                                   \
    "{'format':'wavetank-trace/1','program':'0.1.0','scenario':'s','title':'','about':'',"     \
    "'cites':[],'engine':'native','app':'counter','nodes':['n1','n2'],'seed':1,"               \
    "'options':{},'source':[]}\n"
#define EV(seq, rest) "{'seq':" #seq ",'at_us':0,'section':0,'line':0,'cause':0," rest "}\n"
#define NOTE(seq)     EV(seq, "'kind':'note','node':'','text':'x'")
#define SEND(seq, id)                                                                          \
    EV(seq, "'kind':'send','node':'n1','id':" #id                                              \
            ",'from':'n1','to':'n2','type':'RequestVote','term':1,'last':'0@0'")
#define FOOT(events)                                                                           \
    "{'result':'passed','why':'','events':" #events                                            \
    ",'sends':0,'delivers':0,'drops':0,'expects':0,'violations':0,'at_us':0,"                  \
    "'digest':'0123456789abcdef'}\n"

static const struct {
    const char *text;
    uint64_t line;
    const char *says, *hints; /* parts of the message and its hint */
} refusals[] = {
    {"", 0, "the file is empty", ""},
    {"hello\n", 1, "no JSON", "a trace starts with"},
    {"[1]\n", 1, "no JSON object", ""},
    {"{'a':1}\n", 1, "no wavetank trace: it has no 'format'", "a trace starts with"},
    {"{'format':1}\n", 1, "no 'format'", ""},
    {"{'format':'other/1'}\n", 1, "its format is 'other/1'", ""},
    {"{'format':'wavetank-trace/2','program':'9.1'}\n", 1,
     "the format is 'wavetank-trace/2', this program reads 'wavetank-trace/1'", "wavetank 9.1"},
    {"{'format':'wavetank-trace/1'}\n", 1, "'program' is missing", ""},
    {"{'format':'wavetank-trace/1','colour':1}\n", 1, "'colour' is not known here", ""},
    {"{'format':'wavetank-trace/1','format':'wavetank-trace/1'}\n", 1, "duplicate", ""},
    {HEAD "\n" NOTE(1), 2, "the line is empty", ""},
    {HEAD "{'seq':1,\n" NOTE(2), 2, "the line is no JSON", ""},
    {HEAD NOTE(1) "junk", 3, "the line is no JSON", ""},
    {HEAD NOTE(1) "\xff\xfe\n", 3, "the line is no JSON", ""},
    {HEAD "{}\n", 2, "'seq' is missing", ""},
    {HEAD NOTE(2), 2, "event 1 was expected here, this is event 2", "missing, doubled"},
    {HEAD NOTE(1) NOTE(1), 3, "event 2 was expected here, this is event 1", "missing"},
    {HEAD "{'seq':-1}\n", 2, "'seq' is no integer", ""},
    {HEAD "{'seq':1.5}\n", 2, "'seq' is no integer", ""},
    {HEAD "{'seq':'1'}\n", 2, "'seq' is no integer", ""},
    {HEAD "{'seq':99999999999999999999}\n", 2, "no JSON", ""},
    {HEAD "{'seq':1,'at_us':0,'section':4294967296}\n", 2, "from 0 to 4294967295", ""},
    {HEAD EV(1, "'kind':'nap','node':''"), 2, "the kind 'nap' is not known", ""},
    {HEAD EV(1, "'kind':'delivr','node':''"), 2, "'delivr' is not known",
     "perhaps 'deliver' is meant"},
    {HEAD EV(1, "'kind':7,'node':''"), 2, "'kind' is no text", ""},
    {HEAD EV(1, "'kind':'crash','node':'n9'"), 2, "there is no node 'n9'", "the header"},
    {HEAD EV(1, "'kind':'crash'"), 2, "'node' is missing", ""},
    {HEAD EV(1, "'kind':'note','node':''"), 2, "'text' is missing", ""},
    {HEAD EV(1, "'kind':'note','node':'','text':7"), 2, "'text' holds a value of the wrong",
     "text"},
    {HEAD EV(1, "'kind':'note','node':'','text':null"), 2, "wrong type", ""},
    {HEAD EV(1, "'kind':'note','node':'','text':'x','mood':'y'"), 2, "a 'note' has no 'mood'",
     ""},
    {HEAD EV(1, "'kind':'commit','node':'n1','from':'0','to':1"), 2, "'from' is '0'",
     "an integer"},
    {HEAD EV(1, "'kind':'role','node':'n1','from':'follower','to':'king','why':''"), 2,
     "'to' is 'king'", "known are follower"},
    {HEAD EV(1, "'kind':'vote','node':'n1','candidate':'n7','term':1"), 2,
     "'candidate' is 'n7'", "a node of the header"},
    {HEAD EV(1, "'kind':'crash','node':'n1','state':7"), 2, "'state' is no object", ""},
    {HEAD EV(1, "'kind':'note','node':'','text':'x','state':{}"), 2, "a state of no node", ""},
    {HEAD EV(1, "'kind':'crash','node':'n1','state':{'mood':1}"), 2, "a 'state' has no 'mood'",
     ""},
    {HEAD EV(1, "'kind':'crash','node':'n1','state':{'last':'3'}"), 2, "'last' is '3'",
     "a point such as"},
    {HEAD EV(1, "'kind':'crash','node':'n1','state':{'config':'n1  n2'}"), 2,
     "'config' is 'n1  n2'", "members such as"},
    {HEAD EV(1, "'kind':'crash','node':'n1','state':{'config':'n1 | n2 | n3'}"), 2,
     "'config' is 'n1 | n2 | n3'", "members such as"},
    {HEAD EV(1, "'kind':'crash','node':'n1','state':{'config':'n1 learners n9'}"), 2,
     "'config' is 'n1 learners n9'", "members such as"},
    {HEAD EV(1, "'kind':'append','node':'n1','index':1,'entries':['1@1 nop']"), 2,
     "'entries' holds", "a list of entries"},
    {HEAD EV(1, "'kind':'append','node':'n1','index':1,'entries':['1@1 noop','3@1 noop']"), 2,
     "'entries' holds", "without a gap"},
    {HEAD EV(1, "'kind':'append','node':'n1','index':2,'entries':['1@1 noop']"), 2,
     "do not start at index 2", ""},
    {HEAD EV(1, "'kind':'append','node':'n1','index':1,'entries':[]"), 2,
     "do not start at index 1", ""},
    {HEAD EV(1, "'kind':'append','node':'n1','index':1,'entries':['1@1 command \\'a']"), 2,
     "'entries' holds", ""},
    {HEAD "{'seq':1,'at_us':0,'section':0,'line':0,'cause':1,'kind':'pause','node':'n1'}\n", 2,
     "event 1 has a later one as its cause", ""},
    {HEAD "{'seq':1,'at_us':9,'section':0,'line':0,'cause':0,'kind':'pause','node':'n1'}\n" EV(
         2, "'kind':'pause','node':'n1'"),
     3, "time runs back, from 9 us to 0 us", ""},
    {HEAD "{'seq':1,'at_us':0,'section':1,'line':0,'cause':0,'kind':'pause','node':'n1'}\n", 2,
     "section 1 does not follow section 0", ""},
    {HEAD EV(1, "'kind':'section','node':'','title':'','role':'section','uses':[],'tests':[]"),
     2, "section 0 does not follow", ""},
    {HEAD EV(1, "'kind':'section','node':'','title':'','role':'section','uses':[1],'tests':[]"),
     2, "'uses' holds a value of the wrong type", "a list of texts"},
    {HEAD SEND(1, 1) SEND(2, 1), 3, "message #1 was sent before", ""},
    {HEAD SEND(1, 0), 2, "message #0 was sent before", ""},
    {HEAD SEND(1, 900719925474099) SEND(2, 900719925474099), 3,
     "message #900719925474099 was sent before", ""},
    {HEAD EV(1, "'kind':'deliver','node':'n2','id':4,'from':'n1','to':'n2','type':'X'"), 2,
     "message #4 was never sent", ""},
    {HEAD SEND(1, 1)
         EV(2, "'kind':'deliver','node':'n2','id':1,'from':'n1','to':'n2','type':'PreVote'"),
     3, "message #1 was sent as something else", ""},
    {HEAD SEND(1, 1) EV(2, "'kind':'duplicate','node':'n1','id':1,'from':'n1','to':'n2',"
                           "'type':'RequestVote','copy':1"),
     3, "message #1 was sent before", ""},
    {HEAD EV(1, "'kind':'send','node':'n1','id':1,'from':'n1','to':'n2','type':'T','term':1,"
                "'x':{'y':1}"),
     2, "'x' holds a value of the wrong type", "a number, text or list"},
    {HEAD NOTE(1) FOOT(2), 3, "the footer counts 2 events, the trace has 1", "changed"},
    {HEAD EV(1, "'kind':'violation','node':'','invariant':'a','cite':'b','one':'c','other':'d',"
                "'one_seq':1"),
     2, "'one_seq' of event 1 names no earlier event", ""},
    {HEAD EV(1, "'kind':'violation','node':'','invariant':'a','cite':'b','one':'c','other':'d',"
                "'other_seq':0"),
     2, "'other_seq' of event 1 names no earlier event", ""},
    {HEAD SEND(1, 1) FOOT(1), 3, "the footer counts 0 sends, the trace has 1", ""},
    {HEAD NOTE(1) FOOT(1) NOTE(2), 4, "something stands behind the footer", "two traces"},
    {HEAD FOOT(0) "{'seq'", 3, "no JSON", ""},
    {HEAD "{'result':'great'}\n", 2, "the result 'great' is not known", "passed failed"},
    {HEAD "{'result':'passed'}\n", 2, "'why' is missing", ""},
    {HEAD "{'result':'passed','why':'','events':0,'sends':0,'delivers':0,'drops':0,"
          "'expects':0,'violations':0,'at_us':0,'digest':'xyz'}\n",
     2, "'digest' has not 16 hexadecimal digits", ""},
    {HEAD "{'result':'passed','mood':1}\n", 2, "'mood' is not known here", ""},
    {HEAD "{'a':[[[[[[[[[[1]]]]]]]]]]}\n", 2, "nested too deep", ""},
    {"{'format':'wavetank-trace/1','program':'0','scenario':'s','title':7}\n", 1,
     "'title' is no text", ""},
};

static char *quoted(const char *s)
{
    char *text = strdup(s);
    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return text;
}

START_TEST(what_does_not_fit_is_refused)
{
    trace_error error;
    char *text = quoted(refusals[_i].text);
    trace *t = trace_read(text, strlen(text), &error);
    ck_assert_msg(t == NULL, "row %d was taken", _i);
    ck_assert_msg(strstr(error.text, refusals[_i].says) != NULL, "row %d: %s", _i, error.text);
    ck_assert_msg(strstr(error.hint, refusals[_i].hints) != NULL, "row %d: %s", _i, error.hint);
    ck_assert_msg(error.line == refusals[_i].line, "row %d: line %d", _i, (int)error.line);
    free(text);
}
END_TEST

START_TEST(messages_are_found_by_any_id)
{
    static const uint64_t ids[] = {1, 1023, 1024, UINT64_MAX / 2, 2, 900719925474099, 5000};
    enum { IDS = sizeof ids / sizeof *ids };
    trace_error error;
    sim_text s = {0};
    sim_text_put(&s, HEAD);
    for (uint32_t i = 0; i < IDS; i++)
        sim_text_format(&s,
                        "{'seq':%u,'at_us':0,'section':0,'line':0,'cause':0,'kind':'send',"
                        "'node':'n1','id':%" PRIu64 ",'from':'n1','to':'n2','type':'T%u',"
                        "'term':1}\n",
                        i + 1, ids[i], i);
    char *text = quoted(s.at);
    trace *t = trace_read(text, strlen(text), &error);
    ck_assert_msg(t != NULL, "%s", error.text);
    for (uint32_t i = 0; i < IDS; i++)
        ck_assert_ptr_eq(trace_message(t, ids[i]), &t->events[i]);
    ck_assert_ptr_null(trace_message(t, 0));
    ck_assert_ptr_null(trace_message(t, 3));
    ck_assert_ptr_null(trace_message(t, 5001));
    ck_assert_ptr_null(trace_message(t, UINT64_MAX));
    trace_free(t);
    free(text);
    sim_text_free(&s);
}
END_TEST

static const struct {
    const char *from, *to, *says;
} headers[] = {
    {"['n1','n2']", "[]", "a cluster has 1 to 64 nodes, this header names 0"},
    {"['n1','n2']", "['n1','n1']", "two nodes are named 'n1'"},
    {"['n1','n2']", "['n1','']", "'' is no name for a node"},
    {"['n1','n2']", "['a b']", "'a b' is no name for a node"},
    {"['n1','n2']", "'n1'", "'nodes' is no list of texts"},
    {"'seed':1", "'members':'n1 n9','seed':1", "'n1 n9', which are no members"},
    {"'seed':1", "'members':[],'seed':1", "'members' is no text"},
    {"'seed':1", "'seed':'1'", "'seed' is no integer"},
    {"'options':{}", "'options':{'a':1}", "the option 'a' is no text"},
    {"'options':{}", "'options':[]", "'options' is no object"},
    {"'source':[]", "'source':{}", "'source' is no list"},
    {"'source':[]", "'source':['x']", "'source' holds something that is no file"},
    {"'source':[]", "'source':[{'path':'x'}]", "'text' is missing"},
    {"'source':[]", "'source':[{'path':'x','text':'','mode':''}]", "'mode' is not known"},
    {"'cites':[]", "'cites':[1]", "'cites' is no list of texts"},
    {"'source':[]", "'bugs':'a','source':[]", "'bugs' is no list of texts"},
    {"'source':[]", "'bugs':[],'source':[]", "'bugs' is left out when there are none"},
    {"'source':[]", "'bugs':['a','b','a'],'source':[]", "the bug 'a' is planted twice"},
};

START_TEST(a_header_that_does_not_fit_is_refused)
{
    trace_error error;
    const char *at = strstr(HEAD, headers[_i].from);
    sim_text s = {0};
    sim_text_format(&s, "%.*s%s%s", (int)(at - HEAD), HEAD, headers[_i].to,
                    at + strlen(headers[_i].from));
    char *text = quoted(s.at);
    ck_assert_ptr_null(trace_read(text, strlen(text), &error));
    ck_assert_msg(strstr(error.text, headers[_i].says) != NULL, "row %d: %s", _i, error.text);
    ck_assert_uint_eq(error.line, 1);
    free(text);
    sim_text_free(&s);
}
END_TEST

START_TEST(what_is_quoted_from_the_file_cannot_hurt_a_terminal)
{
    trace_error error;
    char *text = quoted(HEAD EV(1, "'kind':'\\u001b[2J\\u0007x','node':''"));
    ck_assert_ptr_null(trace_read(text, strlen(text), &error));
    ck_assert_str_eq(error.text, "the kind '?[2J?x' is not known");
    free(text);
}
END_TEST

START_TEST(absurd_lines_are_refused_before_anything_is_made_of_them)
{
    trace_error error;
    size_t deep = 1 << 20;
    char *text = malloc(deep);
    memset(text, '[', deep);
    ck_assert_ptr_null(trace_read(text, deep, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "nested too deep"));
    for (size_t i = 1; i < deep; i++)
        text[i] = ",1"[i % 2];
    ck_assert_ptr_null(trace_read(text, deep, &error)); /* half a million values: no JSON */
    ck_assert_ptr_nonnull(strstr(error.text, "no JSON"));
    memset(text + 1, ',', deep - 1);
    ck_assert_ptr_null(trace_read(text, deep, &error));
    free(text);
}
END_TEST

START_TEST(a_line_that_a_windows_editor_ended_is_read)
{
    trace_error error;
    char *text = quoted(HEAD "{'seq':1,'at_us':0,'section':0,'line':0,'cause':0,"
                             "'kind':'note','node':'','text':'x'}\r\n");
    trace *t = trace_read(text, strlen(text), &error);
    ck_assert_ptr_nonnull(t);
    ck_assert_uint_eq(t->events_n, 1);
    trace_free(t);
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("reader");
    TCase *c = tcase_create("reader");
    tcase_add_test(c, the_header_comes_back);
    tcase_add_test(c, events_come_back);
    tcase_add_test(c, a_message_is_found_by_its_id_and_by_that_of_its_copy);
    tcase_add_test(c, the_footer_comes_back);
    tcase_add_test(c, numbers_above_63_bits_come_back);
    tcase_add_test(c, messages_are_found_by_any_id);
    tcase_add_test(c, planted_bugs_come_back_and_stand_before_the_source);
    tcase_add_test(c, members_of_the_start_come_back);
    tcase_add_test(c, the_rules_know_the_fields_that_notes_have);
    tcase_add_test(c, a_trace_that_is_cut_anywhere_is_taken_as_far_as_it_goes);
    tcase_add_loop_test(c, what_does_not_fit_is_refused, 0,
                        (int)(sizeof refusals / sizeof *refusals));
    tcase_add_loop_test(c, a_header_that_does_not_fit_is_refused, 0,
                        (int)(sizeof headers / sizeof *headers));
    tcase_add_test(c, what_is_quoted_from_the_file_cannot_hurt_a_terminal);
    tcase_add_test(c, absurd_lines_are_refused_before_anything_is_made_of_them);
    tcase_add_test(c, a_line_that_a_windows_editor_ended_is_read);
    suite_add_tcase(s, c);
    return suite_main(s);
}
