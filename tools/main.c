/* main.c - the program: one table of subcommands, and the way to each. */
#include "sim/base/memory.h"
#include "sim/base/text.h"
#include "tools/cmd.h"
#include "traces/trace.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const cmd cmd_table[] = {
    {"run", "run scenarios and write their traces", "[OPTIONS] PATH…",
     "Runs each scenario, and every scenario below each folder, in the order of their paths. "
     "A scenario that fails is told with every node's state, the queue, the last ten events "
     "and the commands to replay and draw it.\n\n"
     "Below --out stand, in folders by kind, json/NAME.trace.jsonl (the whole trace), "
     "metadata/NAME.json, csv/NAME.csv, digest_csv/NAME.csv and plantuml/NAME_N.puml; with "
     "--svg or --png the pictures. NAME is the scenario's path below the nearest folder that "
     "is called 'scenarios', else below the current folder, without '.scenario'.\n\n"
     "The exit code is the worst of all scenarios: 130 (interrupted), 4, 2, 3, 1, 0. A "
     "scenario with mistakes runs nothing of itself; the others still run. An interrupt "
     "(SIGINT, SIGTERM) ends the run between two events and keeps what was finished; a "
     "second one ends the program at once.",
     "wavetank run scenarios\trun them all\n"
     "wavetank run --svg scenarios/partitions\trun some and draw them\n"
     "wavetank run --junit out/junit.xml scenarios\tfor a CI system\n"
     "wavetank run --golden tests/golden scenarios\tcompare with traces kept before\n"
     "wavetank run --bug vote_twice scenarios\tsee which scenarios notice a broken rule\n",
     cmd_run_options, cmd_run},
    {"replay", "run a trace again and compare; look at any moment; step through it",
     "[OPTIONS] TRACE|SCENARIO",
     "A trace holds its scenario. Without options it is run again and every event is compared "
     "with the trace: the first that differs is shown with what was before it, exit code 1. "
     "A scenario is run first, in memory.\n\n"
     "--at shows every node, the queue and the last events at one point. --step walks "
     "through the trace in the terminal; press h there for the keys. When standard input is "
     "no terminal, --step takes the same keys line by line.",
     "wavetank replay out/json/partitions/x.trace.jsonl\tdoes it still do the same?\n"
     "wavetank replay --at 40 x.trace.jsonl\tthe state after event 40\n"
     "wavetank replay --step x.trace.jsonl\tstep through it\n",
     cmd_replay_options, cmd_replay},
    {"render", "draw the diagrams of traces", "[OPTIONS] TRACE…",
     "Writes a PlantUML sequence diagram for each section of each trace and draws them all "
     "in one go.",
     "wavetank render out/json/partitions/x.trace.jsonl\tone scenario's pictures\n",
     cmd_render_options, cmd_render},
    {"check", "look for mistakes in scenarios, features and traces, without running",
     "[OPTIONS] PATH…",
     "Files that end in .scenario are parsed, files that end in .jsonl are read as traces, "
     "files that end in .md are read as features; folders are searched for all three. Every "
     "mistake is told. The exit code is 2 when there are any.",
     "wavetank check scenarios features\tall that is in the tree\n", cmd_check_options,
     cmd_check},
    {"features", "what Raft and the tank can do, and which scenarios show it",
     "[OPTIONS] [NAME…]",
     "Without options prints the tree of features; with a NAME its text and the scenarios "
     "that test and use it.",
     "wavetank features\tthe tree\n"
     "wavetank features log_replication.conflict_resolution\tone of them\n"
     "wavetank features --matrix\twhich scenario tests what\n"
     "wavetank features --check\tholes and errors; exit code 2 when there are errors; holes "
     "are "
     "work to do and change nothing\n",
     cmd_features_options, cmd_features},
    {"explain", "print the rules that the core runs on", "[OPTIONS] [roles|handlers]",
     "Prints the core's own tables: the roles, what each may become and what always holds "
     "in it; and for each role and message the rule, or why it is ignored, with the section "
     "of the thesis.",
     "wavetank explain roles\tthe roles only\n", cmd_explain_options, cmd_explain},
    {"new", "write a commented scenario to start from", "[OPTIONS] NAME",
     "Writes NAME.scenario, which passes as it stands. A file that exists is never "
     "overwritten.",
     "wavetank new scenarios/partitions/my_case\tthen: wavetank run it\n", cmd_new_options,
     cmd_new},
    {"help", "explain a subcommand, or a word of the scenario language", "[OPTIONS] [WORD]",
     "WORD is a subcommand, a command or condition of the scenario language, an option of a "
     "scenario, a refusal, an application, a planted bug, an invariant, or 'language' for a "
     "list "
     "of all of these.",
     "wavetank help run\ta subcommand\n"
     "wavetank help partition\ta command of the language\n"
     "wavetank help language\tall words\n"
     "source <(wavetank help --completion)\tcompletion for bash\n",
     cmd_help_options, cmd_help},
    {"version", "print the version", "", "Prints the program's version and the trace format.",
     NULL, cmd_version_options, cmd_version},
    {0},
};

const cmd *cmd_find(const char *name)
{
    for (const cmd *c = cmd_table; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const char *cmd_nearest(const char *name)
{
    const char *names[sizeof cmd_table / sizeof *cmd_table];
    size_t n = 0;
    for (const cmd *c = cmd_table; c->name; c++)
        names[n++] = c->name;
    return sim_text_nearest(name, names, n);
}

const cmd_option cmd_version_options[] = {{0}};

int cmd_version(int argc, char **argv)
{
    cmd_args args;
    if (!cmd_parse(cmd_version_options, argc, argv, &args))
        return args.exit_code;
    printf("wavetank %s (traces: %s)\n", TRACE_PROGRAM_VERSION, TRACE_FORMAT);
    return cmd_flush(CMD_OK);
}

static void no_memory(size_t bytes)
{
    static const char text[] = "wavetank: out of memory\n";
    (void)bytes;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(CMD_SYSTEM);
    _exit(CMD_SYSTEM);
}

static int unknown(const char *word)
{
    const char *near = cmd_nearest(word);
    sim_text hint = {0};
    if (near)
        sim_text_format(&hint, "did you mean '%s'?", near);
    else
        sim_text_put(&hint, "see: wavetank help");
    cmd_mistake(hint.at, "there is no subcommand '%s'", word);
    sim_text_free(&hint);
    return CMD_USAGE;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write */
    signal(SIGXFSZ, SIG_IGN); /* so is a file that may not grow */
    sim_memory_on_failure(no_memory);
    char help[] = "help", version[] = "version";
    if (argc < 2) {
        char *none[] = {help, NULL};
        cmd_help(1, none);
        return cmd_flush(CMD_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        argv[1] = help;
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
        argv[1] = version;
    const cmd *c = cmd_find(argv[1]);
    return c ? c->run(argc - 1, argv + 1) : unknown(argv[1]);
}
