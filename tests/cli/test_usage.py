"""How the program is called: subcommands, options, help, exit codes."""
import os
import subprocess

from harness import PROGRAM, ROOT, bugs_that_can_be, check, main, needs_bugs, test


@test
def no_subcommand_prints_the_overview_and_is_a_mistake(t):
    t.wavetank().expect(2, out=["Usage: wavetank", "run ", "replay", "Exit codes:"])


@test
def help_is_everywhere(t):
    overview = t.wavetank("--help").expect(0, out="Usage: wavetank").out
    check(overview == t.wavetank("help").out, "--help and help differ")
    for name in ("run", "replay", "render", "check", "features", "explain", "new", "help",
                 "version"):
        check(f"  {name} " in overview, f"{name} is not in the overview")
        one = t.wavetank(name, "--help").expect(0, out=f"Usage: wavetank {name}").out
        check(one == t.wavetank("help", name).out, f"help {name} and {name} --help differ")
        check("--help" in one, "the options miss --help")


@test
def an_unknown_subcommand_gets_the_nearest_name(t):
    t.wavetank("rnu", "x").expect(2, err=["there is no subcommand 'rnu'", "did you mean 'run'?"])
    t.wavetank("zzzzzz").expect(2, err=["there is no subcommand 'zzzzzz'", "wavetank help"])


@test
def an_unknown_option_gets_the_nearest_name(t):
    t.wavetank("run", "--flter", "x", "y").expect(2, err=["there is no option --flter",
                                                          "did you mean --filter?"])
    t.wavetank("run", "-Z", "y").expect(2, err=["there is no option -Z", "--help"])


@test
def options_with_wrong_values_say_what_they_want(t):
    t.wavetank("run", "x", "--out").expect(2, err="--out wants a value: --out DIR")
    t.wavetank("run", "x", "--quiet=yes").expect(2, err="--quiet takes no value")
    t.wavetank("run", "x", "--jobs", "0").expect(2, err="--jobs wants a whole number from 1")
    t.wavetank("run", "x", "--seed", "-3").expect(2, err="--seed wants a whole number")
    t.wavetank("run", "x", "--seed", "99999999999999999999").expect(2, err="--seed wants")
    t.wavetank("run", "x", "--bless").expect(2, err="--bless wants --golden DIR")
    t.wavetank("run", "x", "--svg", "--no-trace").expect(2, err="does not go with")
    t.wavetank("run").expect(2, err="name a scenario or a folder")
    t.wavetank("replay").expect(2, err="name one trace or scenario")
    t.wavetank("check").expect(2, err="name files or folders")
    t.wavetank("new").expect(2, err="give one name")


@test
def the_version_is_one_line(t):
    r = t.wavetank("version").expect(0, out="wavetank 0.1.0")
    check(r.out == t.wavetank("--version").out and r.out.count("\n") == 1, r.out)


@test
def words_of_the_language_are_explained(t):
    t.wavetank("help", "partition").expect(0, out=["partition", "|"])
    t.wavetank("help", "election_timeout").expect(0, out="150ms..300ms")
    t.wavetank("help", "language").expect(0, out=["deliver", "settle", "expect", "pre_vote",
                                                  "counter", "Election Safety"])
    t.wavetank("help", "counter").expect(0, out=["app counter", "add "])
    for name in ("Log Matching", "Log_Matching"):
        t.wavetank("help", name).expect(0, out=["an invariant", "Raft thesis 3.2", "two logs"])
    t.wavetank("help", "partitoin").expect(2, err="did you mean 'partition'?")


@test
def the_reference_pages_are_up_to_date(t):
    needs_bugs(t)
    for option, page in (("--reference", "language.md"), ("--commands", "program.md")):
        now = t.wavetank("help", option).expect(0).out
        path = os.path.join(ROOT, "docs", "reference", page)
        if os.environ.get("BLESS"):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(now)
        with open(path, encoding="utf-8") as f:
            check(f.read() == now, f"docs/reference/{page} is old; write it again: "
                                   f"wavetank help {option} > docs/reference/{page}")


@test
def completion_is_bash_that_completes(t):
    script = t.write("completion.bash", t.wavetank("help", "--completion").expect(0).out)

    def complete(*words):
        line = " ".join(f"'{w}'" for w in words)
        done = subprocess.run(
            ["bash", "-c", f"source {script}; COMP_WORDS=({line}); "
             f"COMP_CWORD={len(words) - 1}; _wavetank; printf '%s\\n' \"${{COMPREPLY[@]}}\""],
            cwd=t.folder, capture_output=True, check=False)
        check(done.returncode == 0 and not done.stderr, done.stderr.decode())
        return done.stdout.decode().split()

    check("replay" in complete("wavetank", "re") and "render" in complete("wavetank", "re"),
          "subcommands")
    check(complete("wavetank", "run", "--fil") == ["--filter"], "options")
    check("partition" in complete("wavetank", "help", "parti"), "words of the language")


@test
def the_manual_page_names_every_option(t):
    page = t.wavetank("help", "--man").expect(0, out=[".TH WAVETANK 1", "EXIT STATUS"]).out
    check(".B \\-\\-junit FILE" in page, "an option is missing")
    check(".SS \"replay " in page, "a subcommand is missing")


@test
def options_can_be_written_in_every_usual_way(t):
    t.scenario("x.scenario", "cluster 3\nelect n1\n")
    t.wavetank("run", "-qo", "one", "-j2", "x.scenario").expect(0)
    t.wavetank("run", "x.scenario", "-q", "--out=two", "-j", "1").expect(0)
    t.wavetank("run", "-q", "-othree", "--", "x.scenario").expect(0)
    for out in ("one", "two", "three"):
        check(t.exists(out + "/json/x.trace.jsonl"), out)
    t.wavetank("run", "-h").expect(0, out="Usage: wavetank run")
    t.wavetank("run", "x.scenario", "-o").expect(2, err="--out wants a value")
    t.wavetank("run", "--", "--out").expect(4, err="cannot read --out")


@test
def check_looks_without_running(t):
    t.write("scenarios/good.scenario", 'scenario "x"\ncluster 3\nexpect n1 leader\n')
    t.write("features/a/good.md", "A good thing\ncite: Raft thesis 3\n\nIt happens.\n")
    t.write("features/README.md", "No feature, but a page about them.\n")
    t.write("features/notes.txt", "nothing\n")
    t.wavetank("check", "scenarios", "features").expect(0, out="0 with mistakes")
    r = t.wavetank("check", "-q", "scenarios").expect(0)
    check(r.out == r.err == "", r.story())
    t.write("features/a/bad.md", "")
    t.wavetank("check", "features").expect(2, out="1 with mistakes", err="features/a/bad.md:1:")
    t.write("scenarios/bad.scenario", 'scenario "x"\ncluster 3\nfrob\n')
    t.wavetank("check", ".").expect(2, out="2 with mistakes",
                                    err=["features/a/bad.md", "scenarios/bad.scenario:3:"])
    t.wavetank("check", "--features", "nowhere", "scenarios").expect(4, err="nowhere")


@test
def the_folder_of_features_is_found(t):
    t.write("features/a/only.md", "The only one\ncite: Raft thesis 3\n\nIt happens.\n")
    t.write("deep/down/x.scenario", 'scenario "x"\ncluster 3\nsection "s"\n  tests a.only\n')
    env = {"WAVETANK_FEATURES": None}
    t.wavetank("features", env=env, cwd=t.path("deep/down")).expect(0, out="The only one")
    t.wavetank("run", "x.scenario", env=env, cwd=t.path("deep/down")).expect(0)
    # In the build folder of this tree, the program finds the tree's own.
    os.remove(t.path("features/a/only.md"))
    os.removedirs(t.path("features/a"))
    beside = os.path.join(os.path.dirname(os.path.dirname(PROGRAM)), "features")
    r = t.wavetank("features", env=env)
    # Without bugs that can be planted, the scenarios of the bugs are mistakes.
    there = 0 if bugs_that_can_be(t) else 2
    check(r.code == (there if os.path.isdir(beside) else 4), r.story())


@test
def colour_needs_a_terminal(t):
    t.scenario("x.scenario", "cluster 3\nexpect n1 leader\n")
    r = t.wavetank("run", "x.scenario").expect(1)
    check("\x1b" not in r.out + r.err, "colour in a pipe")


@test
def a_full_standard_output_is_told(t):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "help", "language"], stdout=full,
                              stderr=subprocess.PIPE, check=False)
    check(done.returncode == 4, f"exit code {done.returncode}")
    check(b"cannot write to standard output" in done.stderr, done.stderr.decode())


@test
def a_reader_that_has_enough_is_no_failure(t):
    needs_bugs(t)
    running = subprocess.Popen([PROGRAM, "features"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=t.environment(), cwd=ROOT)
    running.stdout.close()
    err = running.stderr.read().decode()
    check(running.wait() == 0 and err == "", f"exit code {running.returncode}: {err}")


@test
def the_core_explains_its_tables(t):
    both = t.wavetank("explain").expect(0, out=["follower", "leader", "AppendEntries", "3."]).out
    roles = t.wavetank("explain", "roles").expect(0, out="candidate").out
    handlers = t.wavetank("explain", "handlers").expect(0, out=["RequestVote", "ignore"]).out
    check(roles != handlers and len(both) >= len(roles), "parts")
    t.wavetank("explain", "handler").expect(2, err=["there is no part 'handler'", "handlers"])
    t.wavetank("explain", "--engine", "nativ").expect(2, err=["no engine 'nativ'", "native"])


@test
def a_new_scenario_passes_and_is_not_overwritten(t):
    t.wavetank("new", "mine/first_try").expect(0, out="wrote mine/first_try.scenario")
    check("First try" in t.read("mine/first_try.scenario"), "the title comes from the name")
    t.wavetank("run", "mine/first_try.scenario").expect(0, out="1 passed, 0 failed")
    before = t.read("mine/first_try.scenario")
    t.wavetank("new", "mine/first_try.scenario").expect(2, err="exists and is not overwritten")
    check(t.read("mine/first_try.scenario") == before, "it was overwritten")


@test
def features_are_shown_and_named(t):
    needs_bugs(t)
    t.wavetank("features").expect(0, out=["leader_election", "split_vote_scenario"])
    t.wavetank("features", "leader_election.re_election").expect(
        0, out=["re_election", "Tested by\n", "  elections/leadership_wanders\n", "Used by\n"],
        not_out="Tested by\n\n")
    t.wavetank("features", "node_lifecycle").expect(
        0, out=["node_lifecycle.torn_write: ", "node_lifecycle.disk_full: "])
    t.wavetank("features", "leader_election.re_electoin").expect(
        2, err=["there is no feature", "leader_election.re_election"])
    t.wavetank("features", "--csv").expect(0, out="feature,scenario,relation")
    t.wavetank("features", "--matrix").expect(0)
    t.wavetank("features", "--features", "nowhere").expect(4, err="no folder of features")


@test
def features_check_finds_holes_and_errors(t):
    t.write("features/a/good.md", "A good thing\ncite: Raft thesis 3\n\nIt happens.\n")
    t.write("features/a/hole.md", "A hole\ncite: Raft thesis 3\n\nNobody tests it.\n")
    t.write("scenarios/one.scenario",
            'scenario "One"\ncluster 3\nsection "s"\n  tests a.good\n  timeout n1\n')
    env = {"WAVETANK_FEATURES": None}
    t.wavetank("features", "--check", env=env).expect(0, out="a.hole")
    t.write("scenarios/two.scenario", 'scenario "Two"\ncluster 3\ntimeout n1\n')
    t.wavetank("features", "--check", env=env).expect(2, out="two")


main()
