/* admin.c - what is said of members, transfers, snapshots, sessions, reads, planted bugs: its
 * mistakes, and what becomes of what it asks. */
#include "scenarios/lang/test/lang_test.h"

typedef struct row {
    const char *name, *text, *mistakes;
} row;

/* clang-format off */
static const row mistakes[] = {
    {"spare before the cluster",
     "spare n4\ncluster 3\n",
     "1:1+5 there is no cluster yet | write 'cluster 3' before it\n"},
    {"spare and learner at once",
     "cluster 3\nspare n4\nlearner n5 n4\n",
     "3:12+2 'n4' is a spare already\n"},
    {"nobody votes",
     "cluster 2\nspare n1\nlearner n2\n",
     "3:1+10 nobody votes in this cluster | leave a node that votes\n"},
    {"a spare with a bad name",
     "cluster 3\nspare 4n\nlearner commit\nspare\n",
     "2:7+2 '4n' is no name for a node | names are letters, digits, _ and -, and begin with a letter\n"
     "3:9+6 a node cannot be called 'commit': the word has a meaning\n"
     "4:6+1 a node is missing here | write: spare NODE…\n"},
    {"a cluster that is full",
     "cluster 64\nspare one_more\n",
     "2:7+8 a cluster has at most 64 nodes\n"},
    {"an unknown bug",
     "cluster 3\nbug vote_twise\n",
     "2:5+10 there is no bug 'vote_twise' | did you mean 'vote_twice'?\n"},
    {"a doubled bug",
     "cluster 3\nbug vote_twice\nbug vote_twice\nbug\n",
     "3:5+10 the bug 'vote_twice' is planted twice\n"
     "4:4+1 the name of a bug is missing here | write: bug NAME\n"},
    {"administration of nodes that there are not",
     "cluster 3\ntransfer n1 -> n4\nadd n4\nremove n1 at n9\nreconfigure n1 n7\nsnapshot n8\n",
     "2:16+2 there is no node 'n4' in this cluster | the cluster is n1 n2 n3\n"
     "3:5+2 there is no node 'n4' in this cluster | set it up as a node that runs and is no member yet: spare n4\n"
     "4:14+2 there is no node 'n9' in this cluster | the cluster is n1 n2 n3\n"
     "5:16+2 there is no node 'n7' in this cluster | the cluster is n1 n2 n3\n"
     "6:10+2 there is no node 'n8' in this cluster | the cluster is n1 n2 n3\n"},
    {"administration with too much",
     "cluster 3\nadd n1 lerner\nreconfigure n1 by force\nreconfigure others\nleave n1\n",
     "2:8+6 'lerner' does not belong here | write: add NODE [learner] [at NODE] [as NAME]\n"
     "3:19+5 'hand' must stand here, not 'force' | write: reconfigure NODES [by hand] [at NODE] [as NAME]\n"
     "4:13+6 the new voters must be named | name them: reconfigure n1 n2 n4\n"
     "5:7+2 'n1' does not belong here | write: leave [at NODE] [as NAME]\n"},
    {"a node that nobody has started",
     "cluster 3\nadd n4\nadd dave\nreconfigure n1 n4\n",
     "2:5+2 there is no node 'n4' in this cluster | set it up as a node that runs and is no member yet: spare n4\n"
     "3:5+4 there is no node 'dave' in this cluster | the cluster is n1 n2 n3\n"
     "4:16+2 there is no node 'n4' in this cluster | the cluster is n1 n2 n3\n"},
    {"snapshots that are called alike",
     "cluster 3\nsnapshot n1 n2 as it\nsnapshot all as it\nsnapshot n1 at n2\nsnapshot\n",
     "2:16+2 each of several nodes makes a request of its own | name one node: snapshot n1 as NAME\n"
     "3:14+2 each of several nodes makes a request of its own | name one node: snapshot n1 as NAME\n"
     "4:13+2 'at' does not belong here | write: snapshot NODES, or snapshot NODE as NAME\n"
     "5:9+1 a node is missing here | write: snapshot NODES, or snapshot NODE as NAME\n"},
    {"applications that do not fail like this",
     "cluster 3\nfail n1\nfail app n1 for ever\nmend n1\n",
     "2:6+2 'app' must stand here, not 'n1' | write: fail app NODES [for good]\n"
     "3:17+4 'good' must stand here, not 'ever' | write: fail app NODES [for good]\n"
     "4:6+2 'app' must stand here, not 'n1' | write: mend app NODES\n"},
    {"clients that are none",
     "cluster 3\nrequest n1 \"add 1\"\nrequest \"alice\" \"add 1\"\nrequest alice add\n",
     "2:9+2 'n1' is a node, not a client | write: request alice \"add 1\", or propose n1 \"add 1\"\n"
     "3:9+7 'alice' is no name for a client | names are letters, digits, _ and -, and begin with a letter\n"
     "4:15+3 the command must stand in \"quotes\" | write: request CLIENT \"command\" [to NODE] [as NAME]\n"},
    {"a retry of nothing",
     "cluster 3\nrequest alice \"add 1\" as first\nretry frist\nretry\n",
     "3:7+5 no request is called 'frist' up to here | did you mean 'first'?\n"
     "4:6+1 the name of a request is missing here | write: retry NAME [to NODE]\n"},
    {"a read of another kind",
     "cluster 3\nread n1 \"get\" stal\nread n1 get\n",
     "2:15+4 there is no read 'stal' | did you mean 'stale'?\n"
     "3:9+3 the query must stand in \"quotes\" | write: read NODE \"query\" [index|lease|stale] [as NAME]\n"},
    {"an unknown refusal",
     "cluster 3\npropose n1 \"add 1\" as one\nexpect one refused not_leeder\nexpect one refuse\n",
     "3:20+10 there is no refusal 'not_leeder' | did you mean 'not_leader'?\n"
     "4:12+6 a request cannot be 'refuse' | did you mean 'refused'?\n"},
    {"an unknown invariant",
     "cluster 3\nexpect violation \"Election Savety\"\n",
     "2:18+17 there is no invariant 'Election Savety' | did you mean 'Election Safety'?\n"},
    {"a violation without a name",
     "cluster 3\nexpect violation\n",
     "2:17+1 the name of an invariant is missing here | write, for instance: expect violation \"Election Safety\"\n"},
    {"acts behind a violation",
     "cluster 3\nexpect violation \"Log Matching\"\ntimeout n1\nsettle\n",
     "3:1+10 nothing is carried out behind 'expect violation' | an expected violation ends the run: make it the last line\n"},
    {"members that are none",
     "cluster 3\nexpect n1 config n1 n9\nexpect n1 config n1 | n9\nexpect n1 learners\n"
     "expect n1 config leader\nexpect n1 snapshot 4\n",
     "2:21+2 there is no node 'n9' in this cluster | the cluster is n1 n2 n3\n"
     "3:23+2 there is no node 'n9' in this cluster | the cluster is n1 n2 n3\n"
     "4:19+1 a node is missing here | write: expect NODES learners NODE…, or expect NODES learners nobody\n"
     "5:18+6 the members must be named here\n"
     "6:20+1 '4' is not index@term | write: snapshot 5@2 (index@term), or snapshot 0@0 for none\n"},
};

static const row outcomes[] = {
    {"spares and learners are added with names of their own",
     "cluster alice bob carol\nspare dora\nlearner emil\n"
     "expect alice config alice bob carol learners emil and dora follower\n",
     "passed"},
    {"spares and learners out of the cluster's own",
     "cluster 5\nspare n5\nlearner n4\nelect n1\nexpect n1 config n1 n2 n3 learners n4\n"
     "expect n4 learner last 1 and n5 follower last 0\n",
     "passed"},
    {"what the configuration is instead",
     "cluster 3\nexpect n1 config n1 n2\n",
     "failed 2 the expectation does not hold | expected n1 config n1 n2 | actual n1 config n1 n2 n3"},
    {"learners that there are not",
     "cluster 3\nexpect n1 learners n2\n",
     "failed 2 the expectation does not hold | expected n1 learners n2 | actual n1 learners nobody"},
    {"a snapshot that there is not",
     "cluster 3\nexpect n1 snapshot 3@1\n",
     "failed 2 the expectation does not hold | expected n1 snapshot 3@1 | actual n1 snapshot 0@0"},
    {"refused by whatever status",
     "cluster 3\npropose n1 \"add 1\" as one\nexpect one refused no_leader_yet\nexpect one refused\n"
     "elect n1\npropose n2 \"add 1\" as two\nexpect two refused not_leader\n"
     "expect two refused transferring\n",
     "failed 8 the expectation does not hold | expected two refused transferring | actual two redirect n1"},
    {"no violation came",
     "cluster 3\nelect n1\nexpect violation \"Election Safety\"\n",
     "failed 3 the expectation does not hold | expected violation \"Election Safety\" | actual no invariant was violated"},
    {"a violation that was wanted",
     "cluster 3\nbug vote_twice\ntimeout n1\ntimeout n2\nsettle\nexpect violation election_safety\n",
     "passed"},
    {"another violation than was wanted",
     "cluster 3\nbug vote_twice\ntimeout n1\ntimeout n2\nsettle\nexpect violation Log Matching\n",
     "violation 5 "},
    {"what never should be, and is",
     "cluster 3\nnever leader within 5s\n",
     "failed 2 it came to hold: leader"},
    {"what never should be, and is not",
     "cluster 3\ncrash n1 n2\nnever leader within 5s\n",
     "passed"},
    {"a removed node is not asked whether all are equal",
     "cluster 3\npreset elected n1\nremove n3\nsettle\nheartbeat n1\nsettle\n"
     "expect all applied equal and logs equal\nsnapshot n1\nexpect logs equal\n",
     "passed"},
    {"a member that lags is",
     "cluster 3\nspare n4\npreset elected n1\nisolate n3\npropose n1 \"add 1\"\nsettle\n"
     "heartbeat n1\nsettle\nexpect logs equal\n",
     "failed 9 the expectation does not hold | expected logs equal | actual n1 has 2@1, n3 ends before 2"},
    {"nobody to ask",
     "cluster 3\nremove n3\n",
     "failed 2 there is no leader"},
};
/* clang-format on */

START_TEST(each_mistake_is_told)
{
    const row *r = &mistakes[_i];
    if (!lang_test_can_run(r->text))
        return;
    scenario_diagnostics d = {0};
    sim_text told = {0};
    scenario *s = lang_test_parse(r->text, strlen(r->text), NULL, &d);
    lang_test_mistakes(&d, &told);
    ck_assert_msg(!strcmp(told.at ? told.at : "", r->mistakes), "%s:\n%s\nwas expected:\n%s",
                  r->name, told.at ? told.at : "", r->mistakes);
    sim_text_free(&told);
    scenario_free(s);
    scenario_diagnostics_free(&d);
}
END_TEST

/* A violation's own words are the checkers' matter. */
START_TEST(each_comes_out_as_it_should)
{
    const row *r = &outcomes[_i];
    if (!lang_test_can_run(r->text))
        return;
    sim_text told = {0};
    lang_test_run(r->text, NULL, &told);
    ck_assert_msg(!strncmp(told.at, r->mistakes, strlen(r->mistakes)),
                  "%s:\n%s\nwas expected:\n%s", r->name, told.at, r->mistakes);
    sim_text_free(&told);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("administration");
    TCase *all = tcase_create("administration");
    tcase_add_loop_test(all, each_mistake_is_told, 0, sizeof mistakes / sizeof *mistakes);
    tcase_add_loop_test(all, each_comes_out_as_it_should, 0,
                        sizeof outcomes / sizeof *outcomes);
    suite_add_tcase(suite, all);
    return suite_main(suite);
}
