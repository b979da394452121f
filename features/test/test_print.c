/* What the registry prints: the tree, one feature, the matrix, and what is wrong. */
#include "features/feature.h"
#include "tests/suite.h"
#include <stdio.h>
#include <string.h>

static void add(feature_registry *r, const char *path, const char *text)
{
    ck_assert(feature_registry_add(r, path, text, strlen(text)));
}

static feature_registry *small(void)
{
    feature_registry *r = feature_registry_new();
    add(r, "leader_election/re_election.md", "Elected again\ncite: Raft thesis 3.4\n\nText.\n");
    add(r, "leader_election/all_yes_votes.md", "All say yes\n\nText.\n");
    add(r, "leader_election/all_yes_votes/with_pre_vote.md", "Twice\n\nText.\n");
    add(r, "network_partition/one_way/deaf.md", "Hears nobody\n\nText.\n");
    feature_registry_seal(r);
    return r;
}

/* Compares and frees. */
static void shows(sim_text *t, const char *wanted)
{
    ck_assert_str_eq(t->at ? t->at : "", wanted);
    sim_text_free(t);
}

START_TEST(the_tree_shows_children_below_their_parent)
{
    feature_registry *r = small();
    sim_text t = {0};
    feature_tree(r, false, &t);
    shows(&t, "leader_election (3)\n"
              "  all_yes_votes                               All say yes\n"
              "    with_pre_vote                             Twice\n"
              "  re_election                                 Elected again\n"
              "\n"
              "network_partition (1)\n"
              "  one_way\n"
              "    deaf                                      Hears nobody\n");
    feature_registry_free(r);
}
END_TEST

START_TEST(colour_changes_no_letter)
{
    feature_registry *r = small();
    feature_use(r, "elections/a", "leader_election.re_election", true);
    sim_text plain = {0}, coloured = {0}, stripped = {0};
    feature_tree(r, false, &plain);
    feature_matrix(r, false, &plain);
    feature_check(r, false, &plain);
    feature_tree(r, true, &coloured);
    feature_matrix(r, true, &coloured);
    feature_check(r, true, &coloured);
    ck_assert_ptr_null(strchr(plain.at, '\033'));
    ck_assert_ptr_nonnull(strchr(coloured.at, '\033'));
    for (const char *c = coloured.at; *c; c++)
        if (*c == '\033')
            c += strcspn(c, "m");
        else
            sim_text_char(&stripped, *c);
    ck_assert_str_eq(stripped.at, plain.at);
    sim_text_free(&plain);
    sim_text_free(&coloured);
    sim_text_free(&stripped);
    feature_registry_free(r);
}
END_TEST

START_TEST(one_feature_is_shown_whole_in_lines_of_a_page)
{
    feature_registry *r = feature_registry_new();
    add(r, "a/b.md",
        "Short\ncite: Raft thesis 3.4\n\n"
        "A narrative whose lines were broken\nsomewhere by an editor flows again, "
        "and is broken where a page ends.\n\nSecond\nparagraph.\n");
    feature_registry_seal(r);
    sim_text t = {0};
    feature_show(feature_find(r, "a.b"), &t);
    shows(&t, "a.b\nShort\ncite: Raft thesis 3.4\n\n"
              "A narrative whose lines were broken somewhere by an editor flows again, and is\n"
              "broken where a page ends.\n\n"
              "Second paragraph.\n");
    feature_registry_free(r);
}
END_TEST

START_TEST(one_feature_names_its_scenarios)
{
    feature_registry *r = small();
    feature_use(r, "elections/b", "leader_election.re_election", true);
    feature_use(r, "elections/a", "leader_election.re_election", true);
    feature_use(r, "elections/a", "leader_election.re_election", true); /* in two sections */
    feature_use(r, "elections/c", "leader_election.re_election", false);
    feature_use(r, "elections/c", "leader_election.all_yes_votes", false);
    sim_text t = {0};
    feature_show_scenarios(r, feature_find(r, "leader_election.re_election"), &t);
    shows(&t, "\nTested by\n  elections/b\n  elections/a\n\nUsed by\n  elections/c\n");
    feature_show_scenarios(r, feature_find(r, "leader_election.all_yes_votes"), &t);
    shows(&t, "\nUsed by\n  elections/c\n");
    feature_show_scenarios(r, feature_find(r, "network_partition.one_way.deaf"), &t);
    shows(&t, "");
    feature_registry_free(r);
}
END_TEST

START_TEST(the_matrix_names_who_tests_and_who_uses)
{
    feature_registry *r = small();
    feature_scenario(r, "elections/b");
    feature_use(r, "elections/b", "leader_election.re_election", true);
    feature_use(r, "elections/b", "leader_election.all_yes_votes", false);
    feature_use(r, "elections/a", "leader_election.re_election", true);
    feature_use(r, "elections/a", "leader_election.re_election", true); /* in two sections */
    feature_use(r, "elections/a", "leader_election.re_election", false);
    sim_text t = {0};
    feature_matrix(r, false, &t);
    shows(&t, "leader_election: 1 of 3 tested\n"
              "  all_yes_votes                           no scenario tests it\n"
              "                                          uses: elections/b\n"
              "  all_yes_votes.with_pre_vote             no scenario tests it\n"
              "  re_election                             tests: elections/a, elections/b\n"
              "                                          uses: elections/a\n"
              "\n"
              "network_partition: 0 of 1 tested\n"
              "  one_way.deaf                            no scenario tests it\n"
              "\n"
              "1 of 4 features is tested, by 2 scenarios\n");
    feature_registry_free(r);
}
END_TEST

START_TEST(a_long_line_of_the_matrix_breaks_between_names)
{
    feature_registry *r = small();
    char name[40];
    for (int i = 10; i < 40; i++) {
        snprintf(name, sizeof name, "elections/scenario_number_%d", i);
        feature_use(r, name, "network_partition.one_way.deaf", true);
    }
    sim_text t = {0};
    feature_matrix(r, false, &t);
    uint32_t found = 0;
    for (const char *line = t.at; *line; line += strcspn(line, "\n") + 1) {
        ck_assert_uint_le(strcspn(line, "\n"), 110);
        const char *end = line + strcspn(line, "\n");
        for (const char *c = line; (c = strstr(c, "scenario_number_")) && c < end; c++)
            found++;
    }
    ck_assert_uint_eq(found, 30);
    sim_text_free(&t);
    feature_registry_free(r);
}
END_TEST

START_TEST(the_csv_quotes_what_needs_it)
{
    feature_registry *r = small();
    feature_use(r, "odd, \"name\"", "leader_election.re_election", true);
    feature_use(r, "elections/a", "leader_election.re_election", false);
    feature_use(r, "elections/a", "leader_election.all_yes_votes", true);
    sim_text t = {0};
    feature_matrix_csv(r, &t);
    shows(&t, "feature,scenario,relation\n"
              "leader_election.all_yes_votes,elections/a,tests\n"
              "leader_election.re_election,\"odd, \"\"name\"\"\",tests\n"
              "leader_election.re_election,elections/a,uses\n");
    feature_registry_free(r);
}
END_TEST

START_TEST(the_check_counts_holes_and_errors)
{
    feature_registry *r = feature_registry_new();
    add(r, "leader_election/re_election.md", "Elected again\n\nText.\n");
    add(r, "leader_election/all_yes_votes.md", "All say yes\n\nText.\n");
    add(r, "network_partition/bridge.md", "Bridge\n\nText.\n");
    ck_assert(!feature_registry_add(r, "log/bad.md", "Short\nText.\n", 12));
    feature_registry_seal(r);
    feature_scenario(r, "elections/names_nothing");
    feature_use(r, "elections/a", "leader_election.re_election", true);
    feature_use(r, "elections/a", "leader_election.all_yes_votes", false);
    feature_use(r, "elections/a", "leader_election.re_electoin", true);
    sim_text t = {0};
    feature_audit audit = feature_check(r, false, &t);
    ck_assert_uint_eq(audit.errors, 3);
    ck_assert_uint_eq(audit.holes, 2);
    shows(&t, "error: log/bad.md:2: expected a line 'cite: …' or an empty line\n"
              "       = the narrative starts after an empty line\n"
              "error: elections/names_nothing: the scenario names no feature\n"
              "       = say in a section what it tests: tests PRIMARY.BRANCH\n"
              "error: elections/a: there is no feature 'leader_election.re_electoin'\n"
              "       = did you mean 'leader_election.re_election'?\n"
              "hole: leader_election.all_yes_votes: scenarios use it, none tests it\n"
              "hole: network_partition.bridge: no scenario names it\n"
              "3 features, 2 scenarios: 3 errors, 2 holes\n");
    feature_registry_free(r);
}
END_TEST

START_TEST(a_clean_set_has_neither)
{
    feature_registry *r = feature_registry_new();
    add(r, "a/b.md", "One\n\nText.\n");
    feature_registry_seal(r);
    feature_use(r, "s", "a.b", true);
    sim_text t = {0};
    feature_audit audit = feature_check(r, false, &t);
    ck_assert_uint_eq(audit.errors + audit.holes, 0);
    shows(&t, "1 feature, 1 scenario: 0 errors, 0 holes\n");
    feature_registry_free(r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("features print");
    TCase *c = tcase_create("print");
    tcase_add_test(c, the_tree_shows_children_below_their_parent);
    tcase_add_test(c, colour_changes_no_letter);
    tcase_add_test(c, one_feature_is_shown_whole_in_lines_of_a_page);
    tcase_add_test(c, one_feature_names_its_scenarios);
    tcase_add_test(c, the_matrix_names_who_tests_and_who_uses);
    tcase_add_test(c, a_long_line_of_the_matrix_breaks_between_names);
    tcase_add_test(c, the_csv_quotes_what_needs_it);
    tcase_add_test(c, the_check_counts_holes_and_errors);
    tcase_add_test(c, a_clean_set_has_neither);
    suite_add_tcase(s, c);
    return suite_main(s);
}
