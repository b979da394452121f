"""Requests that cannot be: each is refused by its name, in the client's answer and in the
trace, and the cluster goes on."""
import json

from harness import check, main, test

# The name, and a scenario in which the request `it` is refused so.  n1 leads when it starts;
# {} stands for what must be set up before.
REFUSALS = {
    "not_leader": ["propose n2 \"add 1\" as it", "add n4 at n2 as it", "transfer n2 -> n3 as it",
                   "remove n1 at n3 as it", "reconfigure n1 n2 at n2 as it", "leave at n3 as it",
                   "promote n5 at n2 as it",
                   "read n2 \"get\" as it\ndeliver\nisolate n1\ntimeout n3\nsettle\n"
                   "heartbeat n3\nsettle\npropose n2 \"add 1\" as it"],
    "no_leader_yet": ["campaign n2\npropose n2 \"add 1\" as it", "campaign n2\nread n2 \"get\" as it",
                      "campaign n2\nremove n3 at n2 as it", "campaign n2\ntransfer n2 -> n1 as it",
                      "propose n4 \"add 1\" as it", "read n4 \"get\" as it",
                      "isolate n1\nread n1 \"get\" as it\nstep_down n1"],
    "change_in_progress": ["hold n1 -> n2\nhold n1 -> n3\nremove n3\nremove n2 as it",
                           "hold n1 -> n4\nadd n4\nadd n5 as it",
                           "hold n1 -> n4\nadd n4\ntransfer n1 -> n2 as it",
                           "reconfigure n1 n2 by hand\nsettle\nadd n4 as it",
                           "reconfigure n1 n2 by hand\nsettle\nreconfigure n1 n3 as it",
                           "step_down n1\ntimeout n2\n"
                           "settle until n2 leader\nremove n3 at n2 as it"],
    "not_caught_up": ["isolate n5\npropose n1 \"add 1\"\npropose n1 \"add 1\"\nsettle\n"
                      "promote n5 as it"],
    "transferring": ["isolate n2\ntransfer n1 -> n2\npropose n1 \"add 1\" as it",
                     "isolate n2\ntransfer n1 -> n2\ntransfer n1 -> n3 as it",
                     "isolate n2\ntransfer n1 -> n2\nadd n4 as it"],
    "unknown_node": ["promote n4 as it", "remove n4 as it", "transfer n1 -> n4 as it",
                     "transfer n1 -> n5 as it", "transfer n1 -> n1 as it"],
    "already_member": ["add n2 as it", "add n1 as it", "add n5 as it", "add n5 learner as it",
                       "add n2 learner as it", "promote n2 as it", "reconfigure n1 n2 n3 as it",
                       "leave as it"],
    "last_voter": ["remove n2\nsettle\nremove n3\nsettle\nremove n1 as it"],
    "log_full": ["propose n1 \"add 1\"\npropose n1 \"add 1\"\npropose n1 \"add 1\" as it",
                 "propose n1 \"add 1\"\npropose n1 \"add 1\"\nsettle\nremove n3 as it"],
    "disk_failed": ["disk n1 fail\npropose n1 \"add 1\" as it", "disk n1 full\npropose n1 \"add 1\" as it",
                    "disk n1 fail\nremove n3 as it", "disk n1 fail\nsnapshot n1 as it",
                    "hold disk n1\npropose n1 \"add 1\" as it\ndisk n1 full\nrelease disk n1"],
    "session_expired": ["request bob \"add 1\"\nsettle\nrequest alice \"add 1\"\nsettle\n"
                        "request bob \"add 1\" as it\nsettle"],
    "timeout": ["propose n1 \"add 1\" as it\ncrash n1", "read n1 \"get\" as it\ncrash n1",
                "isolate n4\nadd n4 as it\nadvance 1s", "isolate n2\ntransfer n1 -> n2 as it\n"
                "timeout n1"],
    "nothing_to_snapshot": ["snapshot n1\nsnapshot n1 as it", "snapshot n4 as it"],
}
SET_UP = {"log_full": "option log_max 3\n", "session_expired": "option sessions_max 1\n",
          "not_caught_up": "option batch_max 1\n", "timeout": "option check_quorum off\n"}

# Whatever was refused, the cluster serves when it is whole again.
GOES_ON = """
heal
for a in n1 n2 n3 n4 n5
  disk $a ok
end
{restart}
{release}
await leader within 10s
snapshot leader
advance 2s
propose leader "add 1" as after
await after ok within 5s
"""


def text_of(name, act):
    def lines(verb, *words):
        """What the act did with this word in front, undone by verb."""
        return "\n".join(f"{verb} {rest}" for line in act.split("\n")
                         for rest in [line.partition(words[0])[2]]
                         if line.startswith(words[0]))
    crashed = "restart n1" if "crash n1" in act or name == "disk_failed" else ""
    return (f"cluster 3\nspare n4\nlearner n5\n{SET_UP.get(name, '')}preset elected n1\n{act}\n"
            f"expect it refused {name}\n"
            + GOES_ON.format(restart=crashed, release=lines("release", "hold n")
                             .replace("release ", "release n")))


@test
def every_refusal_reaches_the_client_and_the_trace(t):
    wanted = {}
    for name, acts in REFUSALS.items():
        for i, act in enumerate(acts):
            path = f"scenarios/{name}_{i}.scenario"
            t.scenario(path, text_of(name, act))
            wanted[f"out/json/{name}_{i}.trace.jsonl"] = name
    t.wavetank("run", "--quiet", "scenarios").expect(0)
    for path, name in wanted.items():
        told = [json.loads(line) for line in t.lines(path)]
        answers = [e for e in told if e.get("kind") == "response" and e["name"] == "it"]
        check(answers, f"{path}: no response to it")
        check(answers[-1]["answer"] == name and answers[-1]["status"] != "ok",
              f"{path}: {answers[-1]}")


@test
def every_refusal_is_tried_here_and_explained(t):
    page = t.wavetank("help", "--reference").out.split("\n## Refusals\n")[1].split("\n## ")[0]
    names = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    check(sorted(names) == sorted(REFUSALS), f"{names} are documented, {list(REFUSALS)} tried")
    for name in names:
        t.wavetank("help", name).expect(0, out=f"expect NAME refused {name}")
    t.wavetank("help", "last_votr").expect(2, err="last_voter")


main()
