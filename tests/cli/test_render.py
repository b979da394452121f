"""`wavetank render`: where diagrams and pictures go, and what is said when they cannot.

Most tests have a java of their own, a script, so that they need none."""
import os
import shutil
import stat

from harness import Skipped, check, main, test

STORY = """cluster 3
section "n1 is elected"
  timeout n1
  settle
section "and works"
  propose n1 "add 1" as one
  settle
  expect one ok
"""

# Draws every *.puml in its folder; the one whose number is $BROKEN it does not understand.
JAVA = """#!/bin/sh
case "$*" in *-version*) exit 0;; esac
echo "$*" >>"$CALLS"
[ -z "$FAIL" ] || { echo "Fontconfig head is null" >&2; exit 1; }
ending=svg; case "$*" in *-tpng*) ending=png;; esac
code=0
for f in *.puml; do
  echo "a picture of $(grep -c . "$f") lines" >"${f%.puml}.$ending"
  if [ -n "$BROKEN" ] && [ "$f" = "$BROKEN" ]; then
    echo "Error line 3 in file: $PWD/$f" >&2; code=200
  fi
done
[ $code = 0 ] || echo "Some diagram description contains errors" >&2
exit $code
"""


def prepare(t, **env):
    """A trace, and what stands for java and the jar."""
    t.scenario("scenarios/deep/story.scenario", STORY)
    t.wavetank("run", "--out", "o", "scenarios").expect(0)
    shutil.rmtree(t.path("o/plantuml"))
    t.write("jdk/bin/java", JAVA)
    os.chmod(t.path("jdk/bin/java"), stat.S_IRWXU)
    t.write("plantuml.jar", "no jar")
    return {"JAVA_HOME": t.path("jdk"), "WAVETANK_PLANTUML_JAR": t.path("plantuml.jar"),
            "CALLS": t.path("calls"), **env}


TRACE = "o/json/deep/story.trace.jsonl"


@test
def svg_is_the_default_and_the_paths_are_printed(t):
    env = prepare(t)
    r = t.wavetank("render", "--out", "o", TRACE, env=env).expect(0)
    check(r.out == "o/svg/deep/story_1.svg\no/svg/deep/story_2.svg\n", r.story())
    check(t.exists("o/plantuml/deep/story_1.puml"), "no PlantUML file")
    check("a picture" in t.read("o/svg/deep/story_2.svg"), "no picture")
    check(not t.exists("o/png"), "PNG was not asked for")
    check(sorted(os.listdir(t.path("o"))) == sorted(
        ["csv", "digest_csv", "json", "metadata", "plantuml", "svg"]),
        f"something was left behind: {os.listdir(t.path('o'))}")


@test
def one_jvm_draws_all_files_of_a_format(t):
    env = prepare(t)
    t.scenario("scenarios/other.scenario", STORY)
    t.wavetank("run", "--out", "o", "scenarios").expect(0)
    t.wavetank("render", "--svg", "--png", "--quiet", "--out", "o", "o/json",
               env=env).expect(0, not_out="svg")
    calls = t.lines("calls")
    check(len(calls) == 2, f"{len(calls)} JVMs")
    for option in ("-Djava.awt.headless=true", "-DPLANTUML_LIMIT_SIZE=", "-nometadata",
                   "-charset UTF-8", "-jar " + t.path("plantuml.jar")):
        check(all(option in call for call in calls), f"no {option}: {calls}")
    for name in ("svg/deep/story_1.svg", "png/deep/story_2.png", "svg/other_1.svg"):
        check(t.exists("o/" + name), f"no {name}")


@test
def puml_only_needs_no_java(t):
    prepare(t)
    r = t.wavetank("render", "--puml-only", "--out", "p", TRACE,
                   env={"PATH": t.folder, "JAVA_HOME": None}).expect(0)
    check(r.out == "p/plantuml/deep/story_1.puml\np/plantuml/deep/story_2.puml\n", r.story())


@test
def without_java_it_says_how_to_get_it(t):
    env = prepare(t, JAVA_HOME=None, PATH=t.folder)
    t.wavetank("render", "--out", "p", TRACE, env=env).expect(
        4, err=["java is needed for pictures", "apt-get install", "below p/plantuml"])
    check(t.exists("p/plantuml/deep/story_1.puml"), "the PlantUML files are kept")


@test
def a_jar_that_is_not_there_is_named(t):
    env = prepare(t)
    t.wavetank("render", "--out", "p", "--jar", "nowhere.jar", TRACE, env=env).expect(
        4, err=["there is no PlantUML jar at nowhere.jar", "--jar"])
    env["WAVETANK_PLANTUML_JAR"] = "gone.jar"
    t.wavetank("render", "--out", "p", TRACE, env=env).expect(
        4, err=["gone.jar", "$WAVETANK_PLANTUML_JAR"])


@test
def a_diagram_that_is_refused_is_named_and_the_others_are_kept(t):
    env = prepare(t, BROKEN="00000000.puml")
    r = t.wavetank("render", "--out", "o", TRACE, env=env).expect(
        4, err="PlantUML does not understand o/plantuml/deep/story_1.puml")
    check(r.out == "o/svg/deep/story_2.svg\n", r.story())
    check(not t.exists("o/svg/deep/story_1.svg"), "a picture of an error was kept")


@test
def what_a_failing_jvm_says_is_passed_on(t):
    env = prepare(t, FAIL="yes")
    t.wavetank("render", "--out", "o", TRACE, env=env).expect(
        4, err=["Fontconfig head is null", "fontconfig"])


@test
def diagrams_of_sections_that_are_gone_are_removed(t):
    env = prepare(t)
    for name in ("plantuml/deep/story_9.puml", "svg/deep/story_9.svg", "svg/deep/story_1_2.svg",
                 "svg/deep/story_long_9.svg"):
        t.write("o/" + name, "old")
    t.wavetank("render", "--out", "o", TRACE, env=env).expect(0)
    check(not t.exists("o/plantuml/deep/story_9.puml"), "an old diagram")
    check(not t.exists("o/svg/deep/story_9.svg") and not t.exists("o/svg/deep/story_1_2.svg"),
          "an old picture")
    check(t.exists("o/svg/deep/story_long_9.svg"), "another scenario's picture is gone")


@test
def messages_and_heartbeats_are_switches(t):
    prepare(t)
    t.wavetank("render", "--puml-only", "--messages", "3", "--out", "p", TRACE).expect(
        0, out="story_1_2.puml")
    t.wavetank("render", "--messages", "0", TRACE).expect(2, err="messages")
    t.wavetank("render", "--puml-only", "--svg", TRACE).expect(2, err="does not go with")
    t.wavetank("render").expect(2, err="name a trace")
    t.scenario("beats.scenario", 'cluster 3\nelect n1\nheartbeat n1\nsettle\nheartbeat n1\n'
               'settle\n')
    t.wavetank("run", "--out", "o", "beats.scenario").expect(0)
    t.wavetank("render", "--puml-only", "--out", "p", "o/json/beats.trace.jsonl").expect(0)
    check("2 heartbeats from n1, all acknowledged" in t.read("p/plantuml/beats_1.puml"),
          t.read("p/plantuml/beats_1.puml"))
    t.wavetank("render", "--puml-only", "--heartbeats", "--out", "p",
               "o/json/beats.trace.jsonl").expect(0)
    check(t.read("p/plantuml/beats_1.puml").count("<b>heartbeat") == 4, "four heartbeats")


@test
def a_bad_trace_does_not_keep_the_others_from_being_drawn(t):
    env = prepare(t)
    t.write("bad.jsonl", '{"format":"wavetank-trace/1"\n')
    t.wavetank("render", "--out", "o", "bad.jsonl", TRACE, env=env).expect(
        2, out="story_1.svg", err="bad.jsonl")
    t.wavetank("render", "--out", "o", "nowhere.jsonl", env=env).expect(4, err="nowhere.jsonl")
    os.makedirs(t.path("empty"))
    t.wavetank("render", "empty", env=env).expect(2, err="there is no trace below empty")


@test
def a_trace_that_was_cut_short_is_drawn_and_says_so(t):
    env = prepare(t)
    lines = t.read(TRACE).splitlines(keepends=True)
    t.write("cut.jsonl", "".join(lines[:30]) + lines[30][:40])
    t.wavetank("render", "--out", "p", "cut.jsonl", env=env).expect(0, err="cut short")
    check("the run was cut short here" in t.read("p/plantuml/deep/story_1.puml"), "not said")


@test
def a_trace_cannot_write_outside_the_output_folder(t):
    prepare(t)
    lines = t.read(TRACE).splitlines(keepends=True)
    lines[0] = lines[0].replace('"deep/story.scenario"', '"/../../../x/../evil.scenario"')
    t.write("evil.jsonl", "".join(lines))
    r = t.wavetank("render", "--puml-only", "--out", "a/b/c", "evil.jsonl").expect(0)
    check(r.out.startswith("a/b/c/plantuml/x/evil_1.puml\n"), r.story())


@test
def two_traces_of_one_scenario_do_not_overwrite_each_other(t):
    prepare(t)
    shutil.copy(t.path(TRACE), t.path("second.jsonl"))
    t.wavetank("render", "--puml-only", "--out", "p", TRACE, "second.jsonl").expect(
        2, err="second.jsonl is a second trace of deep/story")


@test
def plantuml_itself_draws_them(t):
    prepare(t)
    if not os.path.exists("/usr/share/plantuml/plantuml.jar") or not shutil.which("java"):
        raise Skipped("no PlantUML, or no java")
    t.wavetank("render", "--svg", "--png", "--out", "o", TRACE,
               env={"WAVETANK_PLANTUML_JAR": None}).expect(0)
    check("<svg" in t.read("o/svg/deep/story_1.svg"), "no SVG")
    with open(t.path("o/png/deep/story_2.png"), "rb") as f:
        check(f.read(8) == b"\x89PNG\r\n\x1a\n", "no PNG")


main()
