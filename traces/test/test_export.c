/* test_export.c - the tables and the metadata, read back by readers that know nothing of
 * how they were written: a small one of RFC 4180, and jansson. */
#include "tests/suite.h"
#include "traces/out.h"
#include "traces/test/story.h"

#include <jansson.h>
#include <string.h>

/* ---- a reader of CSV, strictly by RFC 4180 (but for the line ends, which are LF) --------- */

enum { ROWS_MAX = 64, CELLS_MAX = 64 };
typedef struct table {
    char *cells[ROWS_MAX][CELLS_MAX];
    int rows, width[ROWS_MAX];
} table;

/* Takes one field from *s; *s is then at what ends it. */
static char *take_field(const char **s)
{
    sim_text field = {0};
    const char *at = *s;
    sim_text_put(&field, "");
    if (*at != '"') {
        size_t len = strcspn(at, ",\n");
        ck_assert_msg(memchr(at, '"', len) == NULL && memchr(at, '\r', len) == NULL,
                      "a bare quote or CR in %.20s", at);
        sim_text_add(&field, at, len);
        at += len;
    } else {
        for (at++; *at != '"' || at[1] == '"'; at++) {
            ck_assert_msg(*at != '\0', "a quote is not closed");
            at += *at == '"';
            sim_text_char(&field, *at);
        }
        at++;
        ck_assert_msg(*at == ',' || *at == '\n', "text behind a quote: %.20s", at);
    }
    *s = at;
    return field.at ? field.at : strdup("");
}

static table *parse_csv(const char *s)
{
    table *t = calloc(1, sizeof *t);
    while (*s) {
        ck_assert_int_lt(t->rows, ROWS_MAX);
        int *n = &t->width[t->rows];
        do {
            ck_assert_int_lt(*n, CELLS_MAX);
            t->cells[t->rows][(*n)++] = take_field(&s);
        } while (*s++ == ',');
        t->rows++;
    }
    return t;
}

static void table_free(table *t)
{
    for (int r = 0; r < t->rows; r++) {
        for (int c = 0; c < t->width[r]; c++)
            free(t->cells[r][c]);
    }
    free(t);
}

/* The cell of a row (1 is the first event) under a head. */
static const char *cell(const table *t, int row, const char *head)
{
    for (int c = 0; c < t->width[0]; c++) {
        if (strcmp(t->cells[0][c], head) == 0)
            return t->cells[row][c];
    }
    ck_abort_msg("there is no column %s", head);
    return "";
}

typedef bool export_fn(const trace *t, trace_sink sink);

static char *exported(export_fn *fn, const trace *t)
{
    memory_sink m = {0};
    ck_assert(fn(t, memory_sink_of(&m)));
    return m.text.at;
}

static table *exported_table(export_fn *fn)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    char *text = exported(fn, t);
    table *csv = parse_csv(text);
    free(text);
    trace_free(t);
    sim_text_free(&s);
    return csv;
}

/* ---- quoting ---------------------------------------------------------------------------- */

static const struct {
    const char *in, *want;
} quoting[] = {
    {"plain", "plain"},
    {"", ""},
    {"a,b", "\"a,b\""},
    {"say \"no\"", "\"say \"\"no\"\"\""},
    {"\"", "\"\"\"\""},
    {"two\nlines", "\"two\nlines\""},
    {"cr\rlf", "\"cr\rlf\""},
    {" padded ", "\" padded \""},
    {"\xE2\x82\xAC", "\xE2\x82\xAC"},
};

START_TEST(a_field_is_in_quotes_when_it_must_be)
{
    memory_sink m = {0};
    trace_out *o = trace_out_new(memory_sink_of(&m));
    trace_out_csv(o, quoting[_i].in, strlen(quoting[_i].in));
    trace_out_char(o, '\n');
    ck_assert(trace_out_flush(o));
    ck_assert_uint_eq(m.text.len, strlen(quoting[_i].want) + 1);
    ck_assert_mem_eq(m.text.at, quoting[_i].want, m.text.len - 1);
    table *t = parse_csv(m.text.at);
    ck_assert_int_eq(t->rows, 1);
    ck_assert_str_eq(t->cells[0][0], quoting[_i].in);
    table_free(t);
    trace_out_free(o);
    sim_text_free(&m.text);
}
END_TEST

/* ---- csv ----------------------------------------------------------------------------------
 */

START_TEST(a_table_has_a_row_an_event_and_ten_columns_a_node)
{
    static const char *const first[] = {
        "seq",          "at_us",     "section", "line",         "cause",      "kind",
        "node",         "id",        "from",    "to",           "type",       "message_term",
        "detail",       "n1_role",   "n1_term", "n1_commit",    "n1_applied", "n1_last_index",
        "n1_last_term", "n1_leader", "n1_vote", "n1_reachable", "n1_crashed", "n2_role"};
    table *t = exported_table(trace_export_csv);
    ck_assert_int_eq(t->rows, 39);
    for (int r = 0; r < t->rows; r++)
        ck_assert_int_eq(t->width[r], 13 + 3 * 10);
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        ck_assert_str_eq(t->cells[0][i], first[i]);
    table_free(t);
}
END_TEST

static const struct {
    int row;
    const char *head, *want;
} cells[] = {
    {1, "seq", "1"},
    {1, "detail", "prepare \"n1 is elected\""},
    {1, "id", ""},
    {5, "kind", "role"},
    {5, "n1_role", "candidate"},
    {5, "at_us", "150000"},
    {7, "id", "1"},
    {7, "from", "n1"},
    {7, "to", "n2"},
    {7, "type", "Ask"},
    {7, "message_term", "1"},
    {7, "detail", "last 0@0"},
    {9, "node", "n2"},
    {9, "message_term", "1"},
    {9, "detail", ""},
    {10, "id", "101"},
    {10, "detail", "reason script"},
    {11, "n1_leader", "n1"},
    {11, "n1_vote", "n1"},
    {15, "n1_last_index", "3"},
    {15, "n1_last_term", "1"},
    {15, "detail", "append 3@1 command \"b\\\\c\\nd\""},
    {18, "detail", "request #1 first to n1: add, 1"},
    {20, "n1_commit", "2"},
    {20, "n1_applied", "2"},
    {27, "detail", "ok yes; commit 1; entries 2@1 command \"add \\\"1\\\"\""},
    {29, "detail", "ignored stale"},
    {29, "n1_reachable", "yes"},
    {30, "n1_reachable", "yes"}, /* it has n2: two of three */
    {30, "n3_reachable", "no"},
    {31, "n3_reachable", "no"}, /* it hears n1, but n1 does not hear it */
    {34, "n1_crashed", "yes"},
    {34, "n2_crashed", "no"},
    {35, "n1_crashed", "no"},
    {38, "cause", "0"},
    {38, "line", "12"},
    {38, "section", "3"},
};

START_TEST(a_row_says_what_happened_and_how_everybody_stands_then)
{
    table *t = exported_table(trace_export_csv);
    ck_assert_msg(strcmp(cell(t, cells[_i].row, cells[_i].head), cells[_i].want) == 0,
                  "%s of %d is %s", cells[_i].head, cells[_i].row,
                  cell(t, cells[_i].row, cells[_i].head));
    table_free(t);
}
END_TEST

START_TEST(the_digest_leaves_out_what_is_between_leaving_and_arriving)
{
    table *all = exported_table(trace_export_csv);
    table *digest = exported_table(trace_export_digest_csv);
    ck_assert_str_eq(digest->cells[0][0], "original_seq");
    for (int c = 1; c < all->width[0]; c++)
        ck_assert_str_eq(digest->cells[0][c], all->cells[0][c]);
    int row = 1;
    for (int r = 1; r < all->rows; r++) {
        const char *kind = cell(all, r, "kind");
        if (strcmp(kind, "drop") == 0 || strcmp(kind, "duplicate") == 0 ||
            strcmp(kind, "hold") == 0)
            continue;
        for (int c = 0; c < all->width[r]; c++)
            ck_assert_str_eq(digest->cells[row][c], all->cells[r][c]);
        row++;
    }
    ck_assert_int_eq(row, digest->rows);
    ck_assert_int_eq(row, 39 - 3);
    table_free(all);
    table_free(digest);
}
END_TEST

static const toy_message ask = {.head = {TOY_ASK, 1, 2, 1}};

START_TEST(the_digest_keeps_the_first_event_of_a_section_whatever_it_is)
{
    memory_sink m = {0};
    trace_writer *w = trace_writer_new(memory_sink_of(&m), &toy_engine, &story_header);
    teller to = {.to = trace_writer_observer(w)};
    tell_send(&to, 1, &ask); /* before the first section */
    tell_moved(&to, SIM_NOTE_DUPLICATE, 1, &ask);
    tell_moved(&to, SIM_NOTE_DROP, 1, &ask);
    ck_assert(trace_writer_finish(w, "passed", "", 1));
    trace *t = story_read(&m.text);
    char *text = exported(trace_export_digest_csv, t);
    table *csv = parse_csv(text);
    ck_assert_int_eq(csv->rows, 2);
    ck_assert_str_eq(cell(csv, 1, "original_seq"), "1");
    table_free(csv);
    free(text);
    trace_free(t);
    trace_writer_free(w);
    sim_text_free(&m.text);
}
END_TEST

/* ---- metadata ------------------------------------------------------------------------------
 */

static const char *text_at(const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));
    ck_assert_msg(s != NULL, "%s is no text", key);
    return s;
}

static json_int_t number_at(const json_t *j, const char *key)
{
    ck_assert_msg(json_is_integer(json_object_get(j, key)), "%s is no number", key);
    return json_integer_value(json_object_get(j, key));
}

START_TEST(metadata_is_json_with_sections_and_features)
{
    sim_text s = story_text();
    trace *t = story_read(&s);
    char *text = exported(trace_export_metadata, t);
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(j);
    ck_assert_str_eq(text_at(j, "title"), "A story, with \"quotes\"");
    ck_assert_str_eq(text_at(j, "about"), "Two\nlines.");
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(j, "cites"), 0)),
                     "Raft thesis 3.4");
    ck_assert_str_eq(text_at(j, "result"), "failed");
    ck_assert_int_eq(number_at(j, "event_count"), 38);
    ck_assert_str_eq(text_at(j, "digest"), "000000000000feed");
    ck_assert_uint_eq(json_array_size(json_object_get(j, "uses")), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "tests")), 1);
    const json_t *sections = json_object_get(j, "sections");
    static const int spans[][2] = {{1, 11}, {12, 25}, {26, 38}};
    ck_assert_uint_eq(json_array_size(sections), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *section = json_array_get(sections, i);
        ck_assert_int_eq(number_at(section, "start_seq"), spans[i][0]);
        ck_assert_int_eq(number_at(section, "end_seq"), spans[i][1]);
        ck_assert_int_eq(number_at(section, "event_count"), spans[i][1] - spans[i][0] + 1);
        ck_assert_str_eq(text_at(section, "role"), i ? "section" : "prepare");
    }
    json_decref(j);
    free(text);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(metadata_of_a_run_that_was_cut_short_says_so)
{
    trace_error error;
    sim_text s = story_text();
    size_t header = strcspn(s.at, "\n") + 1;
    trace *t = trace_read(s.at, header, &error);
    ck_assert_ptr_nonnull(t);
    char *text = exported(trace_export_metadata, t);
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(j);
    ck_assert_str_eq(text_at(j, "result"), "incomplete");
    ck_assert_str_eq(text_at(j, "digest"), "");
    ck_assert_int_eq(number_at(j, "event_count"), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "sections")), 0);
    json_decref(j);
    free(text);
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
    static export_fn *const exports[] = {trace_export_csv, trace_export_digest_csv,
                                         trace_export_metadata};
    sim_text s = story_text();
    trace *t = story_read(&s);
    for (size_t i = 0; i < sizeof exports / sizeof *exports; i++) {
        memory_sink m = {.room = 10};
        ck_assert(!exports[i](t, memory_sink_of(&m)));
        sim_text_free(&m.text);
    }
    trace_free(t);
    sim_text_free(&s);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("export");
    TCase *c = tcase_create("export");
    tcase_add_loop_test(c, a_field_is_in_quotes_when_it_must_be, 0,
                        (int)(sizeof quoting / sizeof *quoting));
    tcase_add_test(c, a_table_has_a_row_an_event_and_ten_columns_a_node);
    tcase_add_loop_test(c, a_row_says_what_happened_and_how_everybody_stands_then, 0,
                        (int)(sizeof cells / sizeof *cells));
    tcase_add_test(c, the_digest_leaves_out_what_is_between_leaving_and_arriving);
    tcase_add_test(c, the_digest_keeps_the_first_event_of_a_section_whatever_it_is);
    tcase_add_test(c, metadata_is_json_with_sections_and_features);
    tcase_add_test(c, metadata_of_a_run_that_was_cut_short_says_so);
    tcase_add_test(c, a_full_disk_is_told);
    suite_add_tcase(s, c);
    return suite_main(s);
}
