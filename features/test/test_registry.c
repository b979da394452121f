/* The registry: which files it takes, what it says about the others, how names are found. */
#include "features/feature.h"
#include "tests/suite.h"
#include <string.h>

static const char good[] = "A vote is granted\n"
                           "cite: Raft thesis 3.4\n"
                           "cite:Raft paper section 5.2\n"
                           "\n"
                           "First line of it,\nsecond line.\n\nSecond paragraph.\n\n";

static bool add(feature_registry *r, const char *path, const char *text)
{
    return feature_registry_add(r, path, text, strlen(text));
}

START_TEST(a_file_becomes_a_feature)
{
    feature_registry *r = feature_registry_new();
    ck_assert(add(r, "leader_election/all_yes_votes/with_pre_vote.md", good));
    feature_registry_seal(r);
    const feature *f = feature_find(r, "leader_election.all_yes_votes.with_pre_vote");
    ck_assert_ptr_nonnull(f);
    ck_assert_str_eq(f->primary, "leader_election");
    ck_assert_str_eq(f->branch, "all_yes_votes.with_pre_vote");
    ck_assert_str_eq(f->path, "leader_election/all_yes_votes/with_pre_vote.md");
    ck_assert_str_eq(f->summary, "A vote is granted");
    ck_assert_uint_eq(f->cites_n, 2);
    ck_assert_str_eq(f->cites[0], "Raft thesis 3.4");
    ck_assert_str_eq(f->cites[1], "Raft paper section 5.2");
    ck_assert_str_eq(f->narrative, "First line of it,\nsecond line.\n\nSecond paragraph.");
    feature_registry_free(r);
}
END_TEST

START_TEST(what_is_given_is_copied)
{
    feature_registry *r = feature_registry_new();
    char path[] = "a/b.md", text[] = "One\n\nTwo.\n";
    ck_assert(feature_registry_add(r, path, text, strlen(text)));
    memset(path, 'x', sizeof path - 1);
    memset(text, 'x', sizeof text - 1);
    feature_registry_seal(r);
    const feature *f = feature_find(r, "a.b");
    ck_assert_ptr_nonnull(f);
    ck_assert_str_eq(f->path, "a/b.md");
    ck_assert_str_eq(f->summary, "One");
    ck_assert_str_eq(f->narrative, "Two.");
    feature_registry_free(r);
}
END_TEST

START_TEST(lines_may_end_as_on_other_systems_and_cites_may_lack)
{
    feature_registry *r = feature_registry_new();
    ck_assert(add(r, "a/b.md", "One\r\ncite: Raft thesis 3.4\r\n\r\nText.\r\n"));
    ck_assert(add(r, "a/c.md", "Two\n\nText without an end of line"));
    feature_registry_seal(r);
    ck_assert_str_eq(feature_find(r, "a.b")->summary, "One");
    ck_assert_str_eq(feature_find(r, "a.b")->cites[0], "Raft thesis 3.4");
    ck_assert_str_eq(feature_find(r, "a.b")->narrative, "Text.");
    ck_assert_uint_eq(feature_find(r, "a.c")->cites_n, 0);
    feature_registry_free(r);
}
END_TEST

static const struct {
    const char *path, *text, *problem;
    uint32_t line;
} wrong[] = {
    {"README.md", "One\n\nTwo.\n", "the name of the file is not that of a feature", 0},
    {"a/b.txt", "One\n\nTwo.\n", "the name of the file is not that of a feature", 0},
    {"a/B.md", "One\n\nTwo.\n", "the name of the file is not that of a feature", 0},
    {"a//b.md", "One\n\nTwo.\n", "the name of the file is not that of a feature", 0},
    {"a/b.c.md", "One\n\nTwo.\n", "the name of the file is not that of a feature", 0},
    {"a/.md", "One\n\nTwo.\n", "the name of the file is not that of a feature", 0},
    {"a/b.md", "", "the first line is empty", 1},
    {"a/b.md", "\nOne\n\nTwo.\n", "the first line is empty", 1},
    {"a/b.md", "# One\n\nTwo.\n", "the first line is a heading", 1},
    {"a/b.md", "cite: Raft thesis 3.4\n\nTwo.\n", "the short description is missing", 1},
    {"a/b.md", "One\nTwo.\n", "expected a line 'cite: …' or an empty line", 2},
    {"a/b.md", "One\ncite: x\nTwo.\n", "expected a line 'cite: …' or an empty line", 3},
    {"a/b.md", "One\ncite:  \n\nTwo.\n", "the citation is empty", 2},
    {"a/b.md", "One\n", "the narrative is missing", 0},
    {"a/b.md", "One\ncite: x\n\n  \n", "the narrative is missing", 0},
    {"a/b.md", "One\n\n\xff\xfe\n", "the file is not UTF-8 text", 0},
};

START_TEST(a_file_of_another_form_is_a_problem)
{
    feature_registry *r = feature_registry_new();
    ck_assert(!add(r, wrong[_i].path, wrong[_i].text));
    feature_registry_seal(r);
    uint32_t n;
    const feature_problem *p = feature_problems(r, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(p->path, wrong[_i].path);
    ck_assert_str_eq(p->text, wrong[_i].problem);
    ck_assert_uint_eq(p->line, wrong[_i].line);
    feature_list(r, &n);
    ck_assert_uint_eq(n, 0);
    feature_registry_free(r);
}
END_TEST

START_TEST(a_summary_that_fits_no_line_is_a_problem)
{
    char text[200];
    memset(text, 'x', sizeof text);
    memcpy(text + 121, "\n\nTwo.\n", 8);
    feature_registry *r = feature_registry_new();
    ck_assert(!add(r, "a/b.md", text));
    uint32_t n;
    ck_assert_str_eq(feature_problems(r, &n)->text, "the short description is too long");
    memcpy(text + 120, "\n\nTwo.\n", 8);
    ck_assert(add(r, "a/b.md", text));
    feature_registry_free(r);
}
END_TEST

START_TEST(too_many_cites_are_a_problem)
{
    sim_text text = {0};
    sim_text_put(&text, "One\n");
    for (int i = 0; i < 17; i++)
        sim_text_put(&text, "cite: x\n");
    sim_text_put(&text, "\nTwo.\n");
    feature_registry *r = feature_registry_new();
    ck_assert(!feature_registry_add(r, "a/b.md", text.at, text.len));
    uint32_t n;
    ck_assert_uint_eq(feature_problems(r, &n)->line, 18);
    sim_text_free(&text);
    feature_registry_free(r);
}
END_TEST

START_TEST(a_name_can_be_defined_once)
{
    feature_registry *r = feature_registry_new();
    ck_assert(add(r, "a/b.md", "One\n\nTwo.\n"));
    ck_assert(!add(r, "a/b.md", "Another\n\nText.\n"));
    feature_registry_seal(r);
    ck_assert_str_eq(feature_find(r, "a.b")->summary, "One");
    feature_registry_free(r);
}
END_TEST

START_TEST(problems_come_by_path)
{
    feature_registry *r = feature_registry_new();
    add(r, "c/d.md", "");
    add(r, "a/b.md", "");
    feature_registry_seal(r);
    uint32_t n;
    const feature_problem *p = feature_problems(r, &n);
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(p[0].path, "a/b.md");
    ck_assert_str_eq(p[1].path, "c/d.md");
    feature_registry_free(r);
}
END_TEST

static feature_registry *five(void)
{
    feature_registry *r = feature_registry_new();
    add(r, "leader_election/re_election.md", "Re\n\nText.\n");
    add(r, "leader_election/all_yes_votes/with_pre_vote.md", "With\n\nText.\n");
    add(r, "network_partition/bridge.md", "Bridge\n\nText.\n");
    add(r, "leader_election/all_yes_votes.md", "All\n\nText.\n");
    add(r, "leader_election/all_yes_votes_late.md", "Late\n\nText.\n");
    feature_registry_seal(r);
    return r;
}

START_TEST(the_list_is_by_name_and_children_follow_their_parent)
{
    feature_registry *r = five();
    uint32_t n;
    const feature *f = feature_list(r, &n);
    static const char *const names[] = {
        "leader_election.all_yes_votes",      "leader_election.all_yes_votes.with_pre_vote",
        "leader_election.all_yes_votes_late", "leader_election.re_election",
        "network_partition.bridge",
    };
    ck_assert_uint_eq(n, 5);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_str_eq(f[i].name, names[i]);
    feature_registry_free(r);
}
END_TEST

static const struct {
    const char *name, *nearest;
} near[] = {
    {"leader_election.re_electoin", "leader_election.re_election"},
    {"leader_elections.re_election", "leader_election.re_election"},
    {"network.bridge", "network_partition.bridge"},
    {"bridge", "network_partition.bridge"},
    {"all_yes_votes.with_pre_vote", "leader_election.all_yes_votes.with_pre_vote"},
    {"something.else.entirely", NULL},
};

START_TEST(the_nearest_name_is_found)
{
    feature_registry *r = five();
    ck_assert_ptr_null(feature_find(r, near[_i].name));
    const char *found = feature_nearest(r, near[_i].name);
    ck_assert_pstr_eq(found, near[_i].nearest);
    feature_registry_free(r);
}
END_TEST

START_TEST(an_empty_registry_knows_nothing)
{
    feature_registry *r = feature_registry_new();
    feature_registry_seal(r);
    uint32_t n = 1;
    feature_list(r, &n);
    ck_assert_uint_eq(n, 0);
    ck_assert_ptr_null(feature_find(r, "a.b"));
    ck_assert_ptr_null(feature_nearest(r, "a.b"));
    feature_registry_free(r);
    feature_registry_free(NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("features registry");
    TCase *c = tcase_create("files");
    tcase_add_test(c, a_file_becomes_a_feature);
    tcase_add_test(c, what_is_given_is_copied);
    tcase_add_test(c, lines_may_end_as_on_other_systems_and_cites_may_lack);
    tcase_add_loop_test(c, a_file_of_another_form_is_a_problem, 0,
                        sizeof wrong / sizeof wrong[0]);
    tcase_add_test(c, a_summary_that_fits_no_line_is_a_problem);
    tcase_add_test(c, too_many_cites_are_a_problem);
    tcase_add_test(c, a_name_can_be_defined_once);
    tcase_add_test(c, problems_come_by_path);
    suite_add_tcase(s, c);
    c = tcase_create("names");
    tcase_add_test(c, the_list_is_by_name_and_children_follow_their_parent);
    tcase_add_loop_test(c, the_nearest_name_is_found, 0, sizeof near / sizeof near[0]);
    tcase_add_test(c, an_empty_registry_knows_nothing);
    suite_add_tcase(s, c);
    return suite_main(s);
}
