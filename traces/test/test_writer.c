/* test_writer.c - notes into lines: canonical, valid for every reader, and honest when the
 * disk is full. */
#include "tests/suite.h"
#include "traces/out.h"
#include "traces/test/story.h"

#include <inttypes.h>
#include <jansson.h>

/* The nth line of a text, 1 is the first; the caller frees it. */
static char *line_of(const sim_text *text, int n)
{
    const char *s = text->at;
    while (--n)
        s = strchr(s, '\n') + 1;
    return strndup(s, strcspn(s, "\n"));
}

static void line_is(const sim_text *text, int n, const char *want)
{
    char *line = line_of(text, n);
    ck_assert_str_eq(line, want);
    free(line);
}

START_TEST(the_header_has_its_keys_in_order)
{
    sim_text s = story_text();
    line_is(&s, 1,
            "{\"format\":\"wavetank-trace/1\",\"program\":\"0.1.0\","
            "\"scenario\":\"log/story.scenario\",\"title\":\"A story, with \\\"quotes\\\"\","
            "\"about\":\"Two\\nlines.\",\"cites\":[\"Raft thesis 3.4\"],\"engine\":\"toy\","
            "\"app\":\"counter\",\"nodes\":[\"n1\",\"n2\",\"n3\"],\"seed\":42,"
            "\"options\":{\"heartbeat\":\"50ms\",\"pre_vote\":\"off\"},"
            "\"source\":[{\"path\":\"log/story.scenario\","
            "\"text\":\"scenario \\\"S\\\"\\ncluster 3\\n\"},"
            "{\"path\":\"log/more.scenario\",\"text\":\"# \xC3\xA9\\n\"}]}");
    sim_text_free(&s);
}
END_TEST

START_TEST(events_have_the_common_keys_then_their_own_then_the_state)
{
    sim_text s = story_text();
    line_is(&s, 2,
            "{\"seq\":1,\"at_us\":0,\"section\":1,\"line\":0,\"cause\":0,\"kind\":\"section\","
            "\"node\":\"\",\"title\":\"n1 is elected\",\"role\":\"prepare\","
            "\"uses\":[\"a.b\",\"c.d\"],\"tests\":[]}");
    line_is(&s, 6,
            "{\"seq\":5,\"at_us\":150000,\"section\":1,\"line\":7,\"cause\":2,"
            "\"kind\":\"role\",\"node\":\"n1\",\"from\":\"follower\",\"to\":\"candidate\","
            "\"why\":\"election timeout\",\"state\":{\"role\":\"candidate\"}}");
    line_is(&s, 28,
            "{\"seq\":27,\"at_us\":150000,\"section\":3,\"line\":12,\"cause\":0,"
            "\"kind\":\"send\",\"node\":\"n2\",\"id\":2,\"from\":\"n2\",\"to\":\"n1\","
            "\"type\":\"Tell\",\"term\":1,\"ok\":\"yes\",\"commit\":1,"
            "\"entries\":[\"2@1 command \\\"add \\\\\\\"1\\\\\\\"\\\"\"]}");
    sim_text_free(&s);
}
END_TEST

START_TEST(the_footer_counts_for_itself)
{
    sim_text s = story_text();
    line_is(&s, 40,
            "{\"result\":\"failed\",\"why\":\"n1 is no leader\",\"events\":38,\"sends\":2,"
            "\"delivers\":2,\"drops\":1,\"expects\":1,\"violations\":1,\"at_us\":160000,"
            "\"digest\":\"000000000000feed\"}");
    ck_assert_int_eq(s.at[s.len - 1], '\n');
    sim_text_free(&s);
}
END_TEST

START_TEST(the_same_run_gives_the_same_bytes)
{
    sim_text a = story_text(), b = story_text();
    ck_assert_uint_eq(a.len, b.len);
    ck_assert_mem_eq(a.at, b.at, a.len);
    sim_text_free(&a);
    sim_text_free(&b);
}
END_TEST

static const struct {
    const char *name, *in, *want;
    size_t len; /* 0: up to the NUL */
} escapes[] = {
    {"plain", "add 1", "\"add 1\"", 0},
    {"empty", "", "\"\"", 0},
    {"quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\"", 0},
    {"line ends and tabs", "\n\r\t\b\f", "\"\\n\\r\\t\\b\\f\"", 0},
    {"other control characters", "\x01\x1f", "\"\\u0001\\u001f\"", 0},
    {"NUL", "a\0b",
     "\"a\xEF\xBF\xBD"
     "b\"",
     3},
    {"DEL is plain", "\x7f", "\"\x7f\"", 0},
    {"two bytes", "\xC3\xA9", "\"\xC3\xA9\"", 0},
    {"three bytes", "\xE2\x82\xAC", "\"\xE2\x82\xAC\"", 0},
    {"four bytes", "\xF0\x9F\x8C\x8A", "\"\xF0\x9F\x8C\x8A\"", 0},
    {"a lone continuation", "\x80x", "\"\xEF\xBF\xBDx\"", 0},
    {"cut in half", "\xE2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"", 0},
    {"too long a form", "\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"", 0},
    {"a surrogate", "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"", 0},
    {"beyond Unicode", "\xF4\x90\x80\x80",
     "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"", 0},
    {"no byte of UTF-8", "\xff", "\"\xEF\xBF\xBD\"", 0},
};

START_TEST(text_is_escaped_and_always_utf8)
{
    size_t len = escapes[_i].len ? escapes[_i].len : strlen(escapes[_i].in);
    memory_sink m = {0};
    trace_out *o = trace_out_new(memory_sink_of(&m));
    trace_out_json(o, escapes[_i].in, len);
    ck_assert(trace_out_flush(o));
    ck_assert_msg(strcmp(m.text.at, escapes[_i].want) == 0, "%s: %s", escapes[_i].name,
                  m.text.at);
    json_t *back = json_loadb(m.text.at, m.text.len, JSON_DECODE_ANY, NULL);
    ck_assert_ptr_nonnull(back);
    json_decref(back);
    trace_out_free(o);
    sim_text_free(&m.text);
}
END_TEST

START_TEST(numbers_stay_exact_to_the_last_bit)
{
    static const struct {
        uint64_t v;
        const char *want;
    } rows[] = {{0, "0"},
                {9007199254740993, "9007199254740993"},
                {INT64_MAX, "9223372036854775807"},
                {(uint64_t)INT64_MAX + 1, "\"9223372036854775808\""},
                {UINT64_MAX, "\"18446744073709551615\""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memory_sink m = {0};
        trace_out *o = trace_out_new(memory_sink_of(&m));
        trace_out_json_u64(o, rows[i].v);
        ck_assert(trace_out_flush(o));
        ck_assert_str_eq(m.text.at, rows[i].want);
        trace_out_free(o);
        sim_text_free(&m.text);
    }
}
END_TEST

/* Around each power of ten, and so often that they come to stand across the buffer's end. */
START_TEST(numbers_of_every_width_are_written)
{
    memory_sink m = {0};
    trace_out *o = trace_out_new(memory_sink_of(&m));
    sim_text want = {0};
    while (want.len < 2 * TRACE_OUT_BYTES) {
        uint64_t power = 1;
        for (int digits = 1; digits <= 20; digits++, power *= 10) {
            for (uint64_t v = power - 1; v <= power + 1; v++) {
                trace_out_u64(o, v);
                trace_out_char(o, ' ');
                sim_text_format(&want, "%" PRIu64 " ", v);
            }
        }
    }
    ck_assert(trace_out_flush(o));
    ck_assert_uint_eq(m.text.len, want.len);
    ck_assert_str_eq(m.text.at, want.at);
    trace_out_free(o);
    sim_text_free(&m.text);
    sim_text_free(&want);
}
END_TEST

START_TEST(a_text_longer_than_the_buffer_goes_through_whole)
{
    size_t len = 3 * TRACE_OUT_BYTES + 17;
    char *big = malloc(len);
    memory_sink m = {0};
    trace_out *o = trace_out_new(memory_sink_of(&m));
    for (size_t i = 0; i < len; i++)
        big[i] = (char)('a' + i % 26);
    trace_out_json(o, big, len);
    ck_assert(trace_out_flush(o));
    ck_assert_uint_eq(m.text.len, len + 2);
    ck_assert_mem_eq(m.text.at + 1, big, len);
    trace_out_free(o);
    sim_text_free(&m.text);
    free(big);
}
END_TEST

START_TEST(a_run_that_is_cut_short_leaves_whole_lines_and_no_footer)
{
    memory_sink m = {0};
    trace_writer *w = trace_writer_new(memory_sink_of(&m), &toy_engine, &story_header);
    teller t = {.to = trace_writer_observer(w)};
    tell_section(&t, "One", false);
    ck_assert(trace_writer_flush(w));
    trace_writer_free(w);
    trace *back = story_read(&m.text);
    ck_assert(!back->complete);
    ck_assert_uint_eq(back->events_n, 1);
    trace_free(back);
    sim_text_free(&m.text);
}
END_TEST

START_TEST(a_full_disk_is_remembered_and_asked_no_more)
{
    memory_sink m = {.room = 1000};
    trace_writer *w = trace_writer_new(memory_sink_of(&m), &toy_engine, &story_header);
    teller t = {.to = trace_writer_observer(w)};
    for (int i = 0; i < 3000; i++)
        tell_section(&t, "One more", false);
    ck_assert(trace_writer_failed(w));
    uint32_t writes = m.writes;
    ck_assert(!trace_writer_finish(w, "passed", "", 1));
    ck_assert_uint_eq(m.writes, writes);
    ck_assert_uint_le(m.text.len, 1000);
    trace_writer_free(w);
    sim_text_free(&m.text);
}
END_TEST

START_TEST(results_are_the_four_that_a_trace_knows)
{
    static const char *const rows[][2] = {{"passed", "passed"},       {"failed", "failed"},
                                          {"violation", "violation"}, {"no_progress", "failed"},
                                          {"error", "error"},         {"something", "error"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memory_sink m = {0};
        trace_writer *w = trace_writer_new(memory_sink_of(&m), &toy_engine, &story_header);
        ck_assert(trace_writer_finish(w, rows[i][0], "", 1));
        trace *t = story_read(&m.text);
        ck_assert_str_eq(t->footer.result, rows[i][1]);
        trace_free(t);
        trace_writer_free(w);
        sim_text_free(&m.text);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("writer");
    TCase *c = tcase_create("writer");
    tcase_add_test(c, the_header_has_its_keys_in_order);
    tcase_add_test(c, events_have_the_common_keys_then_their_own_then_the_state);
    tcase_add_test(c, the_footer_counts_for_itself);
    tcase_add_test(c, the_same_run_gives_the_same_bytes);
    tcase_add_loop_test(c, text_is_escaped_and_always_utf8, 0,
                        (int)(sizeof escapes / sizeof *escapes));
    tcase_add_test(c, numbers_stay_exact_to_the_last_bit);
    tcase_add_test(c, numbers_of_every_width_are_written);
    tcase_add_test(c, a_text_longer_than_the_buffer_goes_through_whole);
    tcase_add_test(c, a_run_that_is_cut_short_leaves_whole_lines_and_no_footer);
    tcase_add_test(c, a_full_disk_is_remembered_and_asked_no_more);
    tcase_add_test(c, results_are_the_four_that_a_trace_knows);
    suite_add_tcase(s, c);
    return suite_main(s);
}
