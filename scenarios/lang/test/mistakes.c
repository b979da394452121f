/* mistakes.c - every mistake of a file is told, at its place, with a hint. */
#include "scenarios/lang/test/lang_test.h"
#include "scenarios/lang/test/mistakes_blocks.h"
#include "scenarios/lang/test/mistakes_words.h"

#include <stdio.h>
#include <stdlib.h>

static lang_file files[] = {
    {"defs.inc", "define twice n\n  crash $n\n  restart $n\nend\n"},
    {"acts.inc", "define z\nend\ncrash n1\ncluster 4\nrepeat 2\nend\n"},
    {"loop.inc", "include \"loop2.inc\"\n"},
    {"loop2.inc", "include \"loop.inc\"\n"},
    {"back.inc", "include \"x.scenario\"\n"},
    {"x.scenario", ""},
    {"bad.inc", "define b\n  crush n1\nend\n"},
    {NULL, NULL},
};

static void is_told(const struct mistake *m)
{
    scenario_diagnostics d = {0};
    sim_text told = {0};
    scenario_free(lang_test_parse(m->text, m->len, files, &d));
    lang_test_mistakes(&d, &told);
    ck_assert_msg(!strcmp(told.at, m->told), "%s:\n%swas expected:\n%s", m->name, told.at,
                  m->told);
    ck_assert_uint_eq(d.errors, d.n);
    sim_text_free(&told);
    scenario_diagnostics_free(&d);
}

START_TEST(each_mistake_in_words_is_told)
{
    is_told(&of_words[_i]);
}
END_TEST

START_TEST(each_mistake_in_blocks_is_told)
{
    is_told(&of_blocks[_i]);
}
END_TEST

static void shows(const char *text, size_t len, const char *wanted)
{
    scenario_diagnostics d = {0};
    sim_text shown = {0};
    scenario_free(lang_test_parse(text, len, files, &d));
    for (uint32_t i = 0; i < d.n; i++)
        scenario_diagnostic_show(&d.at[i], false, &shown);
    ck_assert_str_eq(shown.at, wanted);
    sim_text_free(&shown);
    scenario_diagnostics_free(&d);
}

START_TEST(a_mistake_is_shown_with_its_line_and_a_caret)
{
    shows(TEXT("cluster 5\n\n\n\n\n\n\n\n\n\n\n\n\n  deliver n7 -> n2\n"),
          "x.scenario:14:11: error: there is no node 'n7' in this cluster\n"
          "   14 |   deliver n7 -> n2\n"
          "      |           ^~\n"
          "      = the cluster is n1 n2 n3 n4 n5\n");
}
END_TEST

START_TEST(a_tab_is_one_column_and_so_is_a_letter_of_many_bytes)
{
    shows(TEXT("cluster 3\n\tnote \"\303\251\342\206\222\" n7\n"),
          "x.scenario:2:12: error: 'n7' does not belong here\n"
          "    2 |  note \"\303\251\342\206\222\" n7\n"
          "      |            ^~\n"
          "      = write: note \"text\"\n");
}
END_TEST

START_TEST(a_mistake_inside_a_definition_tells_who_called)
{
    shows(TEXT("cluster 3\ndefine e node\n  elect $node\nend\ne n7\n"),
          "x.scenario:3:9: error: there is no node 'n7' in this cluster\n"
          "    3 |   elect $node\n"
          "      |         ^~~~~\n"
          "      = the cluster is n1 n2 n3\n"
          "      = in 'e', called at x.scenario:5\n");
}
END_TEST

START_TEST(what_a_terminal_would_act_on_is_not_shown)
{
    shows(TEXT("cluster 3\nno\033[2Jte\n\302\233x\n"),
          "x.scenario:2:3: error: control character 0x1b in the text\n"
          "    2 | no?[2Jte\n"
          "      |   ^\n"
          "      = a scenario is plain text in UTF-8\n"
          "x.scenario:3:1: error: there is no command '?x'\n"
          "    3 | ?x\n"
          "      | ^~\n"
          "      = 'wavetank help language' lists the commands\n");
}
END_TEST

START_TEST(colours_are_only_around_the_words)
{
    scenario_diagnostics d = {0};
    sim_text shown = {0};
    scenario_free(lang_test_parse(TEXT("cluster 3\ncrush\n"), NULL, &d));
    scenario_diagnostic_show(&d.at[0], true, &shown);
    ck_assert_str_eq(shown.at,
                     "\033[1mx.scenario:2:1:\033[0m \033[1;31merror:\033[0m \033[1mthere is no "
                     "command 'crush'\033[0m\n"
                     "    2 | crush\n"
                     "      | \033[1;31m^~~~~\033[0m\n"
                     "      = did you mean 'crash'?\n");
    sim_text_free(&shown);
    scenario_diagnostics_free(&d);
}
END_TEST

/* ---- sizes ---------------------------------------------------------------------------- */

static void told_of(char *text, size_t len, sim_text *told, uint32_t *errors)
{
    scenario_diagnostics d = {0};
    scenario_free(lang_test_parse(text, len, NULL, &d));
    for (uint32_t i = 0; i < d.n; i++)
        scenario_diagnostic_show(&d.at[i], false, told);
    *errors = d.errors;
    scenario_diagnostics_free(&d);
}

START_TEST(a_line_of_100_megabytes_is_told_shortly)
{
    size_t len = 100u << 20;
    char *text = malloc(len);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', len);
    memcpy(text, "cluster 3\n", 10);
    sim_text told = {0};
    uint32_t errors;
    told_of(text, len, &told, &errors);
    ck_assert_uint_eq(errors, 1);
    ck_assert_ptr_nonnull(strstr(told.at, "x.scenario:2:1: error: this line is too long"));
    ck_assert_uint_lt(told.len, 600);
    sim_text_free(&told);
    free(text);
}
END_TEST

START_TEST(a_long_line_does_not_hide_the_other_mistakes)
{
    sim_text text = {0}, told = {0};
    sim_text_put(&text, "cluster 3\nnote \"");
    for (int i = 0; i <= SCENARIO_LINE_MAX; i++)
        sim_text_char(&text, 'y');
    sim_text_put(&text, "\"\ncrash n9\nexpect");
    sim_text_pad(&text, 300);
    sim_text_put(&text, "n7 leader\n");
    uint32_t errors;
    told_of(text.at, text.len, &told, &errors);
    ck_assert_uint_eq(errors, 3);
    ck_assert_ptr_nonnull(strstr(told.at, "x.scenario:2:1: error: this line is too long"));
    ck_assert_ptr_nonnull(strstr(told.at, "x.scenario:3:7: error: there is no node 'n9'"));
    ck_assert_ptr_nonnull(strstr(told.at, "x.scenario:4:301: error: there is no node 'n7'"));
    ck_assert_uint_lt(told.len, 1000);
    sim_text_free(&told);
    sim_text_free(&text);
}
END_TEST

START_TEST(binary_junk_is_told_once_and_briefly)
{
    char text[4096];
    uint32_t state = 1, errors;
    for (size_t i = 0; i < sizeof text; i++) {
        state = state * 1664525u + 1013904223u;
        text[i] = (char)(i % 40 ? state >> 24 : '\n');
    }
    sim_text told = {0};
    told_of(text, sizeof text, &told, &errors);
    ck_assert_uint_ge(errors, 1);
    ck_assert_uint_le(errors, 40);
    ck_assert_ptr_nonnull(strstr(told.at, "too many bytes that are not text"));
    sim_text_free(&told);
}
END_TEST

START_TEST(more_mistakes_than_are_kept_are_counted)
{
    sim_text text = {0};
    sim_text_put(&text, "cluster 3\n");
    for (int i = 0; i < 3 * SCENARIO_DIAGNOSTICS_MAX; i++)
        sim_text_put(&text, "crush\n");
    scenario_diagnostics d = {0};
    scenario_free(lang_test_parse(text.at, text.len, NULL, &d));
    ck_assert_uint_eq(d.n, SCENARIO_DIAGNOSTICS_MAX);
    ck_assert_uint_eq(d.errors, 3 * SCENARIO_DIAGNOSTICS_MAX);
    scenario_diagnostics_free(&d);
    sim_text_free(&text);
}
END_TEST

START_TEST(includes_go_no_deeper_than_they_may)
{
    enum { N = SCENARIO_INCLUDE_DEPTH_MAX + 2 };
    static char names[N][16], texts[N][32];
    lang_file chain[N + 1] = {{NULL, NULL}};
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "f%d", i);
        snprintf(texts[i], sizeof texts[i], "include \"f%d\"\n", i + 1);
        chain[i] = (lang_file){names[i], texts[i]};
    }
    scenario_diagnostics d = {0};
    scenario_free(lang_test_parse(TEXT("cluster 3\ninclude \"f0\"\n"), chain, &d));
    ck_assert_uint_eq(d.errors, 1);
    ck_assert_str_eq(d.at[0].text, "too many files are included");
    scenario_diagnostics_free(&d);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mistakes");
    TCase *all = tcase_create("mistakes");
    tcase_add_loop_test(all, each_mistake_in_words_is_told, 0,
                        sizeof of_words / sizeof *of_words);
    tcase_add_loop_test(all, each_mistake_in_blocks_is_told, 0,
                        sizeof of_blocks / sizeof *of_blocks);
    tcase_add_test(all, a_mistake_is_shown_with_its_line_and_a_caret);
    tcase_add_test(all, a_tab_is_one_column_and_so_is_a_letter_of_many_bytes);
    tcase_add_test(all, a_mistake_inside_a_definition_tells_who_called);
    tcase_add_test(all, what_a_terminal_would_act_on_is_not_shown);
    tcase_add_test(all, colours_are_only_around_the_words);
    tcase_add_test(all, a_line_of_100_megabytes_is_told_shortly);
    tcase_add_test(all, a_long_line_does_not_hide_the_other_mistakes);
    tcase_add_test(all, binary_junk_is_told_once_and_briefly);
    tcase_add_test(all, more_mistakes_than_are_kept_are_counted);
    tcase_add_test(all, includes_go_no_deeper_than_they_may);
    suite_add_tcase(suite, all);
    return suite_main(suite);
}
