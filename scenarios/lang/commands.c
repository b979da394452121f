/* commands.c - the table of commands.  The parser, the runner, help, the reference page,
 * completion and the fuzzer's dictionary all read it, so it says everything once. */
#include "scenarios/lang/parser.h"
#include "scenarios/lang/run.h"

#include <string.h>

/* clang-format off */
#define DESCRIBES(name) \
    .how = &(const struct lang_how){.phase = LANG_DESCRIBE, .parse = lang_parse_##name}
#define SETS_UP(name) \
    .how = &(const struct lang_how){.phase = LANG_SETUP, .parse = lang_parse_##name}
#define BLOCK() .how = &(const struct lang_how){.phase = LANG_BLOCK}
#define ACTS(parser, name) \
    .how = &(const struct lang_how){ \
        .phase = LANG_ACT, .parse = lang_parse_##parser, .run = lang_run_##name}
/* clang-format on */

static const scenario_command_info commands[] = {
    /* ---- describe -------------------------------------------------------------------- */
    {.name = "scenario",
     .group = "Describe",
     .forms = "scenario \"title\"",
     .summary = "Names the scenario.",
     .text = "The title stands on the page, over the diagrams and in the summary of a run, so "
             "it best says what the scenario shows, as a sentence. Without this line the "
             "file's base name is the title.",
     .example = "scenario \"A lone node elects itself\"\n"
                "cluster 1\n"
                "timeout n1\n"
                "expect n1 leader term 1\n",
     DESCRIBES(scenario)},
    {.name = "about",
     .group = "Describe",
     .forms = "about \"text\"\nabout \"\"\"\ntext\n\"\"\"",
     .summary = "Tells the story in a few sentences.",
     .text = "The text opens the scenario's page. A long text stands between three quotes and "
             "may span lines; what all of them are indented by is taken away, and nothing in "
             "it needs an escape.",
     .example = "about \"\"\"\n"
                "  The smallest cluster: its only node is a majority of one.\n"
                "\"\"\"\n"
                "cluster 1\n"
                "timeout n1\n"
                "expect leader n1\n",
     DESCRIBES(about)},
    {.name = "cite",
     .group = "Describe",
     .forms = "cite \"source\"",
     .summary = "Names where the shown behaviour is written down.",
     .text = "One source a line, as many lines as there are sources. They stand on the page "
             "and in the trace.",
     .example = "cite \"Raft thesis 3.4\"\n"
                "cluster 3\n"
                "elect n1\n"
                "expect n1 leader\n",
     DESCRIBES(cite)},
    {.name = "prepare",
     .group = "Describe",
     .forms = "prepare \"title\"",
     .summary = "Starts a section that only leads to what the scenario is about.",
     .text = "Like `section`, but marked as preparation: pages and diagrams may show it "
             "smaller. What it needs of Raft is named with `uses`.",
     .example = "cluster 3\n"
                "prepare \"A leader\"\n"
                "  uses leader_election.all_yes_votes\n"
                "  elect n1\n"
                "section \"A command\"\n"
                "  tests log_replication.normal_replication\n"
                "  propose n1 \"add 1\" as one\n"
                "  settle\n"
                "  expect one ok \"1\"\n",
     DESCRIBES(prepare)},
    {.name = "section",
     .group = "Describe",
     .forms = "section \"title\"",
     .summary = "Starts a section of the scenario: one diagram, one part of the page.",
     .text = "Everything up to the next `section` or `prepare` belongs to it. What stands "
             "before the first is a section of its own, called like the scenario. Counting "
             "conditions (`sent`, `event`) start anew with each section.",
     .example = "cluster 3\n"
                "section \"An election\"\n"
                "  elect n2\n"
                "section \"A heartbeat\"\n"
                "  heartbeat n2\n"
                "  settle\n"
                "  expect all commit 1\n",
     DESCRIBES(section)},
    {.name = "uses",
     .group = "Describe",
     .forms = "uses FEATURE…",
     .summary = "Says which features this section needs without testing them.",
     .text = "A feature is named `primary.branch`; `wavetank features` prints the tree. An "
             "unknown one is a mistake, and the nearest name is suggested. A section names a "
             "feature once, either here or with `tests`.",
     .example = "cluster 3\n"
                "prepare \"A leader\"\n"
                "  uses leader_election.all_yes_votes\n"
                "  elect n1\n"
                "  expect leader n1\n",
     DESCRIBES(uses)},
    {.name = "tests",
     .group = "Describe",
     .forms = "tests FEATURE…",
     .summary = "Says which features this section tests.",
     .text = "A feature that no scenario tests is a hole that `wavetank features --check` "
             "reports, and a scenario that names no feature is reported too.",
     .example = "cluster 3\n"
                "section \"A follower stands for election\"\n"
                "  tests leader_election.follower_promotion\n"
                "  timeout n1\n"
                "  expect n1 candidate\n",
     DESCRIBES(tests)},
    {.name = "note",
     .group = "Describe",
     .forms = "note \"text\"",
     .summary = "Puts a remark into the trace and onto the diagram.",
     .text = "It stands between the events where it stands in the scenario.",
     .example = "cluster 3\n"
                "note \"Nobody has voted yet.\"\n"
                "timeout n1\n"
                "expect n1 vote n1\n",
     ACTS(note, note)},
    {.name = "include",
     .group = "Describe",
     .forms = "include \"file\"",
     .summary = "Takes the definitions of another file.",
     .text = "The file is looked for in the folder of the file that includes it. It may hold "
             "`define` blocks, further includes and comments, and nothing that acts; a file "
             "that is included twice counts once. Definitions may be used before the line "
             "that includes them. The trace carries the text of included files, so that it "
             "replays without them.",
     .example = "# include \"common.inc\"   would take the definition below from a file\n"
                "cluster 3\n"
                "define settle_and_count n\n"
                "  settle\n"
                "  expect queue $n\n"
                "end\n"
                "settle_and_count 0\n",
     BLOCK()},

    /* ---- set up ------------------------------------------------------------------------ */
    {.name = "cluster",
     .group = "Set up",
     .forms = "cluster N\ncluster NAME…",
     .summary = "Says how many nodes there are, or what they are called.",
     .text = "1 to 64 nodes. With a number they are n1, n2, and so on. All are members, "
             "followers of term 0 with an empty log, and their election timers run.",
     .example = "cluster alice bob carol\n"
                "elect bob\n"
                "expect alice carol follows bob\n",
     SETS_UP(cluster)},
    {.name = "spare",
     .group = "Set up",
     .forms = "spare NODE…",
     .summary = "Nodes that run but are no members.",
     .text = "They stand behind `cluster`, and are added to it unless it has them already. A "
             "spare does not vote and never stands for election; `add` makes it a member.",
     .example = "cluster 3\n"
                "spare n4\n"
                "preset elected n1\n"
                "expect n4 follower config n1 n2 n3\n"
                "add n4\n"
                "settle\n"
                "expect n4 config n1 n2 n3 n4\n",
     SETS_UP(spare)},
    {.name = "learner",
     .group = "Set up",
     .forms = "learner NODE…",
     .summary = "Nodes that learn from the start: they receive the log, and do not vote.",
     .text = "They stand behind `cluster`, and are added to it unless it has them already. "
             "`promote` makes a learner a voter.",
     .example = "cluster 3\n"
                "learner n4\n"
                "elect n1\n"
                "expect n4 learner last 1\n",
     SETS_UP(learner)},
    {.name = "bug",
     .group = "Set up",
     .forms = "bug NAME",
     .summary = "Plants a known bug in every node.",
     .text = "Each is one deviation from one rule, which real libraries have shipped. The "
             "scenario ends in the `expect violation` that it leads to. A scenario may plant "
             "several; `wavetank run --bug NAME` plants them from outside.",
     .example = "cluster 3\n"
                "bug vote_twice\n"
                "timeout n1\n"
                "timeout n2\n"
                "settle\n"
                "expect violation \"Election Safety\"\n",
     SETS_UP(bug)},
    {.name = "option",
     .group = "Set up",
     .forms = "option NAME VALUE",
     .summary = "Sets one of the cluster's options.",
     .text = "Every option has a sensible default; the list stands under \"Options\". "
             "Durations are 150us, 20ms, 2s, 5min, 1h; ranges 150ms..300ms; ratios 5% or "
             "1/200; sizes 64KiB.",
     .example = "cluster 3\n"
                "option pre_vote on\n"
                "timeout n1\n"
                "expect n1 pre_candidate term 0\n"
                "expect message n1 -> n2 PreVote term 1\n",
     SETS_UP(option)},
    {.name = "app",
     .group = "Set up",
     .forms = "app counter|kv|bank|queue|lock",
     .summary = "Chooses the state machine that the nodes run.",
     .text = "`counter` is the default. What an application answers to a command is what "
             "`expect NAME ok \"…\"` sees, and its state is what `expect NODE state \"…\"` "
             "sees. Their commands and answers stand under \"Applications\".",
     .example = "cluster 3\n"
                "app counter\n"
                "elect n1\n"
                "propose n1 \"add 5\" as five\n"
                "settle\n"
                "expect five ok \"5\"\n"
                "expect n1 state \"5\"\n",
     SETS_UP(app)},
    {.name = "engine",
     .group = "Set up",
     .forms = "engine NAME",
     .summary = "Chooses which Raft the nodes run.",
     .text = "`native`, the default, is the Raft that the tank ships.",
     .example = "engine native\n"
                "cluster 3\n"
                "elect n1\n"
                "expect n1 leader\n",
     SETS_UP(engine)},
    {.name = "seed",
     .group = "Set up",
     .forms = "seed N",
     .summary = "Starts every random decision of the run.",
     .text = "The same file with the same seed gives the same trace, byte for byte. The "
             "default is 1; `wavetank run --seed` sets another.",
     .example = "cluster 3\n"
                "seed 7\n"
                "await leader within 5s\n",
     SETS_UP(seed)},
    {.name = "preset",
     .group = "Set up",
     .forms = "preset elected NODE\npreset log NODES \"1@1 2@1 3@2\"\npreset term NODE N\n"
              "preset vote NODE NODE",
     .summary = "Starts the scenario where it gets interesting.",
     .text = "`elected` runs a whole election before the first section: the node's timer "
             "fires, all messages are delivered, and a heartbeat tells the others what is "
             "committed. `log` is what nodes find on their disks, index@term from 1 on; the "
             "term is that of the last entry unless `term` says more, and `vote` is whom the "
             "node voted for in it. Logs that no run of Raft can lead to are mistakes: terms "
             "that go down, or two logs that agree about an entry but not about what is "
             "before it.",
     .example = "cluster 3\n"
                "preset log n1 n2 \"1@1 2@1\"\n"
                "preset log n3 \"1@1\"\n"
                "preset term n3 2\n"
                "expect n1 last 2@1 term 1\n"
                "expect n3 last 1@1 term 2\n"
                "timeout n3\n"
                "settle\n"
                "expect n3 candidate          # its log is too old for n1 and n2\n",
     SETS_UP(preset)},

    /* ---- messages ---------------------------------------------------------------------- */
    {.name = "deliver",
     .group = "Messages",
     .forms = "deliver [A -> B] [TYPE] [#ID]\ndeliver N",
     .summary = "Delivers one message, the oldest that fits, or the next N.",
     .text = "Without any filter it is the oldest message that can move. A message that is "
             "held, delayed, or on its way to a paused node cannot. That there is none that "
             "fits is a failure: nothing is skipped in silence. Messages are numbered #1, #2 "
             "and so on in the order of sending, as traces show them.",
     .example = "cluster 3\n"
                "timeout n1\n"
                "deliver n1 -> n2 RequestVote\n"
                "expect n2 vote n1\n"
                "deliver n2 -> n1\n"
                "expect n1 leader\n",
     ACTS(deliver, deliver)},
    {.name = "settle",
     .group = "Messages",
     .forms = "settle [only NODES] [until CONDITION]",
     .summary = "Delivers messages, oldest first, until nothing can move.",
     .text = "With `only`, just those between the named nodes; with `until`, up to the moment "
             "when the condition holds, and it is a failure when it never does. Timers do not "
             "fire. More deliveries than the option `settle_limit` count as going round in "
             "circles: the run ends as one without progress.",
     .example = "cluster 3\n"
                "timeout n1\n"
                "settle until n1 leader\n"
                "expect n2 last 0\n"
                "settle only n1 n2\n"
                "expect n2 last 1\n"
                "expect n3 last 0\n"
                "settle\n"
                "expect all last 1\n",
     ACTS(settle, settle)},
    {.name = "drop",
     .group = "Messages",
     .forms = "drop [all] [A -> B] [TYPE] [#ID]",
     .summary = "Loses the oldest message that fits, or with `all` every one.",
     .text = "It is a failure when none fits. The diagram shows the message with a cross.",
     .example = "cluster 3\n"
                "timeout n1\n"
                "drop n1 -> n3\n"
                "settle\n"
                "expect n1 leader\n"
                "expect n3 vote nobody\n",
     ACTS(drop, drop)},
    {.name = "duplicate",
     .group = "Messages",
     .forms = "duplicate [all] [A -> B] [TYPE] [#ID]",
     .summary = "Doubles a message: the copy stands at the end of the queue.",
     .text = "Raft must not care (thesis 3.7): every handler is idempotent.",
     .example = "cluster 3\n"
                "timeout n1\n"
                "duplicate n1 -> n2 RequestVote\n"
                "expect queue 3\n"
                "settle\n"
                "expect n1 leader term 1\n",
     ACTS(drop, duplicate)},
    {.name = "delay",
     .group = "Messages",
     .forms = "delay [all] [A -> B] [TYPE] [#ID] DURATION",
     .summary = "Keeps a message from moving for so long from now on.",
     .text = "`deliver` and `settle` pass it over until the clock has come that far; in still "
             "water a timer or `advance` moves the clock.",
     .example = "cluster 3\n"
                "timeout n1\n"
                "delay n1 -> n2 1s\n"
                "settle\n"
                "expect n2 vote nobody\n"
                "expect message n1 -> n2 RequestVote\n",
     ACTS(delay, delay)},
    {.name = "reorder",
     .group = "Messages",
     .forms = "reorder A -> B",
     .summary = "The youngest message of the link overtakes all others of it.",
     .text = "It is a failure when fewer than two messages are on the link.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "propose n1 \"add 1\"\n"
                "propose n1 \"add 2\"\n"
                "reorder n1 -> n2\n"
                "deliver n1 -> n2\n"
                "expect n2 last 1             # what came first has a gap before it\n"
                "settle\n"
                "heartbeat n1\n"
                "settle\n"
                "expect all last 3 commit 3\n",
     ACTS(reorder, reorder)},
    {.name = "inject",
     .group = "Messages",
     .forms = "inject A -> B TYPE [FIELD VALUE]…",
     .summary = "Puts a forged message into the queue, as if A had sent it to B.",
     .text = "The way to script a peer's reply, or to play a stale or wrong one. Fields that "
             "are not named are zero, no or empty; `term` is the sender's current one. "
             "Entries stand in one text, \"2@2 add 5, 3@2\": index@term and the command, "
             "without one a no-op. The fields of each type stand under \"Messages and their "
             "fields\".",
     .example = "cluster 3\n"
                "timeout n1\n"
                "inject n2 -> n1 RequestVoteReply term 1 granted yes\n"
                "deliver n2 -> n1\n"
                "expect n1 leader\n",
     ACTS(inject, inject)},
    {.name = "corrupt",
     .group = "Messages",
     .forms = "corrupt [all] [A -> B] [TYPE] [#ID]\ncorrupt disk NODE entry N",
     .summary = "Damages a message on its way, or an entry on a disk.",
     .text = "A damaged message is dropped by the node that receives it, because its checksum "
             "is wrong. A damaged entry is found when the node restarts: the log is cut off "
             "before it, and the leader sends the rest again.",
     .example = "cluster 3\n"
                "timeout n1\n"
                "corrupt n1 -> n2 RequestVote\n"
                "settle\n"
                "expect n2 vote nobody\n"
                "expect event drop reason corrupt 1 times\n",
     ACTS(corrupt, corrupt)},

    /* ---- links and nodes --------------------------------------------------------------- */
    {.name = "partition",
     .group = "Links and nodes",
     .forms = "partition NODES | NODES [| NODES]…",
     .summary = "Cuts every link between the groups.",
     .text = "Nodes that no group names are a group of their own, together. What is in flight "
             "on a cut link is lost, and so is what is sent into it, until `heal`. `others` "
             "are the nodes that the line does not name.",
     .example = "cluster 5\n"
                "preset elected n1\n"
                "partition n1 n2 | others\n"
                "timeout n3\n"
                "settle\n"
                "expect n3 leader term 2\n"
                "expect n1 leader term 1\n",
     ACTS(partition, partition)},
    {.name = "isolate",
     .group = "Links and nodes",
     .forms = "isolate NODES",
     .summary = "Cuts each of the nodes off from every other.",
     .text = "The same as a partition in which each of them is alone.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "isolate n3\n"
                "propose n1 \"add 1\"\n"
                "settle\n"
                "expect n1 commit 2\n"
                "expect n3 last 1\n",
     ACTS(several, isolate)},
    {.name = "cut",
     .group = "Links and nodes",
     .forms = "cut A -> B\ncut A <-> B",
     .summary = "Cuts a link, one way or both.",
     .text = "Messages in flight on it are lost, and those that are sent into it. Both sides "
             "may be several nodes: `cut n1 -> n2 n3`.",
     .example = "cluster 3\n"
                "cut n1 -> n2\n"
                "timeout n1\n"
                "settle\n"
                "expect n1 leader             # n3 heard it\n"
                "expect n2 term 0\n",
     ACTS(cut, cut)},
    {.name = "hold",
     .group = "Links and nodes",
     .forms = "hold A -> B\nhold A <-> B\nhold disk NODES\nhold persisted NODES",
     .summary = "Keeps what is on a link, what a disk should write, or what a node hears of "
                "its disk, for later.",
     .text = "Unlike a cut link, a held one loses nothing: messages wait until `release`. A "
             "held disk takes writes but does not make them durable: a crash before `release "
             "disk` or `sync` loses them, and what must not be said before they are durable "
             "is not said. With `hold persisted` writes become durable, and messages that "
             "waited for them leave, but the node itself is not told: a leader does not count "
             "itself, a snapshot that arrived is not taken over. A crash forgets what was not "
             "told, and the node finds it on its disk.",
     .example = "cluster 3\n"
                "hold n1 -> n2\n"
                "timeout n1\n"
                "settle\n"
                "expect message n1 -> n2 RequestVote\n"
                "release n1 -> n2\n"
                "settle\n"
                "expect n2 vote n1\n",
     ACTS(hold, hold)},
    {.name = "release",
     .group = "Links and nodes",
     .forms = "release A -> B\nrelease A <-> B\nrelease disk NODES\nrelease persisted NODES",
     .summary = "Ends a hold.",
     .text = "Messages of the link can move again; the writes of a disk are made durable; the "
             "node is told of one write after the other, each time how far its log was durable "
             "with it, which need not be what its log holds now.",
     .example = "cluster 3\n"
                "hold disk n2\n"
                "timeout n1\n"
                "deliver n1 -> n2\n"
                "expect no message n2 -> n1   # the vote is not on the disk yet\n"
                "release disk n2\n"
                "expect message n2 -> n1 RequestVoteReply granted yes\n",
     ACTS(hold, release)},
    {.name = "heal",
     .group = "Links and nodes",
     .forms = "heal\nheal A -> B\nheal A <-> B",
     .summary = "Mends every cut, or that of one link.",
     .text = "What a cut lost stays lost. Holds stay.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "isolate n1\n"
                "timeout n2\n"
                "settle\n"
                "expect n1 leader term 1\n"
                "heal\n"
                "heartbeat n2\n"
                "settle\n"
                "expect n1 follows n2\n",
     ACTS(heal, heal)},
    {.name = "pause",
     .group = "Links and nodes",
     .forms = "pause NODES",
     .summary = "Freezes a process: its timers and its inbox wait.",
     .text = "Messages to a paused node stay in the queue and cannot move; its disk goes on.",
     .example = "cluster 3\n"
                "pause n2\n"
                "timeout n1\n"
                "settle\n"
                "expect n2 paused term 0\n"
                "expect n1 leader\n"
                "resume n2\n"
                "settle\n"
                "expect n2 follows n1\n",
     ACTS(several, pause)},
    {.name = "resume",
     .group = "Links and nodes",
     .forms = "resume NODES",
     .summary = "Lets a paused node go on.",
     .text = "Timers that were due meanwhile fire as soon as time flows.",
     .example = "cluster 3\n"
                "pause n2 n3\n"
                "resume n2\n"
                "expect n2 up\n"
                "expect n3 paused\n",
     ACTS(several, resume)},
    {.name = "crash",
     .group = "Links and nodes",
     .forms = "crash NODES",
     .summary = "Stops nodes; they lose all but what is durable on their disks.",
     .text = "Term, vote and log come back with `restart` as far as they were durable. What "
             "the node had sent stays in flight; what arrives while it is down is lost. A "
             "request that waits for it becomes `timeout`.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "crash leader\n"
                "expect n1 crashed\n"
                "expect no leader\n"
                "elect n2\n"
                "expect n2 leader term 2\n",
     ACTS(several, crash)},
    {.name = "restart",
     .group = "Links and nodes",
     .forms = "restart NODES [wiped]",
     .summary = "Boots crashed nodes from their disks, or with `wiped` from empty ones.",
     .text = "A wiped node has forgotten its vote and what it acknowledged. The checkers know "
             "that it was the operator and do not blame the node for what it lost; but when a "
             "majority forgets, Raft promises nothing any more, and a second leader of a term "
             "or a committed entry that is gone for good is still a violation.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "crash n2\n"
                "restart n2\n"
                "expect n2 follower term 1 vote n1 last 1 commit 0\n",
     ACTS(restart, restart)},
    {.name = "sync",
     .group = "Links and nodes",
     .forms = "sync NODES",
     .summary = "Makes durable what was written so far, also on a held disk.",
     .text = "The disk stays held: later writes wait again.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "hold disk n2\n"
                "propose n1 \"add 1\"\n"
                "settle\n"
                "expect n2 last 2 durable 1\n"
                "sync n2\n"
                "expect n2 durable 2\n",
     ACTS(several, sync)},
    {.name = "disk",
     .group = "Links and nodes",
     .forms = "disk NODES fail\ndisk NODES full\ndisk NODES slow DURATION\ndisk NODES ok",
     .summary = "Makes disks fail, be full, be slow, or be well again.",
     .text = "A node whose write fails stops and says so, since it must never acknowledge "
             "what it cannot keep; a full disk fails when entries are appended. `slow` adds "
             "to the time of every write in flowing time.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "disk n2 full\n"
                "propose n1 \"add 1\" as one\n"
                "settle\n"
                "expect n2 crashed\n"
                "expect one ok\n",
     ACTS(disk, disk)},
    {.name = "torn",
     .group = "Links and nodes",
     .forms = "torn crash NODES",
     .summary = "Crashes nodes in the middle of a write.",
     .text = "Half of an entry is on the disk: of the oldest write that is not durable, or of "
             "the last one when nothing is pending. The checksum finds it at the restart, and "
             "it is cut off.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "hold disk n2\n"
                "propose n1 \"add 1\"\n"
                "settle\n"
                "torn crash n2\n"
                "restart n2\n"
                "expect n2 last 1\n",
     ACTS(torn, torn)},
    {.name = "skew",
     .group = "Links and nodes",
     .forms = "skew NODES +DURATION\nskew NODES -DURATION",
     .summary = "Sets a node's clock forward or back.",
     .text = "Raft measures only how long something takes: the clock that jumps makes timers "
             "fire early or late, and nothing else.",
     .example = "cluster 3\n"
                "skew n2 +200ms\n"
                "await leader within 5s\n",
     ACTS(skew, skew)},
    {.name = "drift",
     .group = "Links and nodes",
     .forms = "drift NODES PERCENT",
     .summary = "Makes a node's clock run fast or, with a minus, slow.",
     .text = "`drift n2 1%` gains a hundredth of a second a second; at most 50%. The option "
             "`clock_drift` gives every node a drift of its own.",
     .example = "cluster 3\n"
                "drift n2 -5%\n"
                "await leader within 5s\n",
     ACTS(drift, drift)},

    /* ---- timers ------------------------------------------------------------------------ */
    {.name = "timeout",
     .group = "Timers",
     .forms = "timeout NODE",
     .summary = "Moves the clock to a node's election deadline, and only that timer fires.",
     .text = "The usual start of an election in still water. A node without an election timer "
             "cannot: one that is crashed, or a leader (unless `check_quorum` is on: then the "
             "timer asks whether a majority was heard).",
     .example = "cluster 3\n"
                "timeout n2\n"
                "expect n2 candidate term 1 vote n2\n"
                "expect queue 2\n",
     ACTS(one, timeout)},
    {.name = "heartbeat",
     .group = "Timers",
     .forms = "heartbeat NODE",
     .summary = "The same for the heartbeat timer of a leader.",
     .text = "A heartbeat also tells followers what is committed, and finds what they lack.",
     .example = "cluster 3\n"
                "elect n1\n"
                "expect n2 commit 0\n"
                "heartbeat n1\n"
                "settle\n"
                "expect n2 commit 1\n",
     ACTS(one, heartbeat)},
    {.name = "campaign",
     .group = "Timers",
     .forms = "campaign NODE",
     .summary = "Starts an election now; the clock stays.",
     .text = "The node obeys the same rules as when its timer fires: with `pre_vote` it asks "
             "first.",
     .example = "cluster 3\n"
                "campaign n3\n"
                "expect n3 candidate term 1\n",
     ACTS(one, campaign)},

    /* ---- Raft administration ------------------------------------------------------------ */
    {.name = "elect",
     .group = "Raft administration",
     .forms = "elect NODE",
     .summary = "Timeout and settle; a failure if the node did not become leader.",
     .text = "What every scenario needs before it begins. The followers have the leader's "
             "first entry then, and learn with the next message that it is committed.",
     .example = "cluster 3\n"
                "elect n1\n"
                "expect n1 leader term 1 commit 1\n"
                "expect others commit 0 and n1 last 1\n",
     ACTS(one, elect)},
    {.name = "step_down",
     .group = "Raft administration",
     .forms = "step_down NODE",
     .summary = "A leader or candidate becomes a follower of its own will.",
     .text = "It keeps its term. A node that is a follower already cannot.",
     .example = "cluster 3\n"
                "elect n1\n"
                "step_down n1\n"
                "expect n1 follower term 1\n"
                "expect no leader\n",
     ACTS(one, step_down)},

#include "scenarios/lang/commands_admin.h"

    /* ---- time ------------------------------------------------------------------------------
     */
    {.name = "advance",
     .group = "Time",
     .forms = "advance DURATION",
     .summary = "Lets time flow for so long.",
     .text = "Messages arrive after their latency, writes are durable after theirs, timers "
             "fire. What is overdue acts first. More events than the option `advance_limit` "
             "end the run as one without progress.",
     .example = "cluster 3\n"
                "advance 2s\n"
                "expect leader\n"
                "expect all commit 1\n",
     ACTS(advance, advance)},
    {.name = "await",
     .group = "Time",
     .forms = "await CONDITION within DURATION",
     .summary = "Lets time flow until the condition holds.",
     .text = "It is asked first and after every event; it is a failure when it does not hold "
             "in time.",
     .example = "cluster 5\n"
                "await leader within 5s\n"
                "await all commit 1 within 1s\n",
     ACTS(await, await)},

    {.name = "never",
     .group = "Time",
     .forms = "never CONDITION within DURATION",
     .summary = "Lets time flow, and fails when the condition comes to hold.",
     .text = "The contrary of `await`: how a scenario shows that something does not happen, or "
             "that a planted bug keeps the cluster from ever getting somewhere.",
     .example = "cluster 3\n"
                "crash n1 n2\n"
                "never leader within 5s\n",
     ACTS(await, never)},

    /* ---- say what must be true
       ---------------------------------------------------------------- */
    {.name = "expect",
     .group = "Say what must be true",
     .forms = "expect CONDITION [and CONDITION]…\nexpect not CONDITION",
     .summary = "Says what must be true now; the scenario fails when it is not.",
     .text = "The conditions stand below. `not` belongs to the condition behind it, up to the "
             "next `and`. A condition on nodes names one or more of them and says one or more "
             "things of each: `expect n1 n2 follower follows n3`. Of several nodes all must "
             "meet it. `all` is every node, `leader` the leader of the highest term, "
             "`followers` all that are followers now, `others` those that the line does not "
             "name. The safety of Raft is checked after every step without being asked.",
     .example = "cluster 3\n"
                "elect n1\n"
                "expect n1 leader term 1 and others follower\n"
                "expect not n2 leader\n"
                "expect all log \"1@1\"\n",
     ACTS(expect, expect)},

    /* ---- repeat
       ---------------------------------------------------------------------------------- */
    {.name = "repeat",
     .group = "Repeat",
     .forms = "repeat N\n  …\nend",
     .summary = "Carries its lines out N times.",
     .text = "At least once. A scenario has at most 1000000 commands in all when its blocks "
             "are unrolled.",
     .example = "cluster 3\n"
                "elect n1\n"
                "repeat 3\n"
                "  propose n1 \"add 1\"\n"
                "  settle\n"
                "end\n"
                "expect n1 commit 4 state \"3\"\n",
     BLOCK()},
    {.name = "for",
     .group = "Repeat",
     .forms = "for NAME in WORD…\n  …\nend",
     .summary = "Carries its lines out for each of the words; $NAME is the word.",
     .text =
         "`$n` is replaced in words and in texts; `\\$` is a dollar. `1..5` stands for five "
         "words, `all` for every node of the cluster. Sections may stand inside.",
     .example = "cluster 3\n"
                "for n in n1 n2 n3\n"
                "  section \"$n leads\"\n"
                "  elect $n\n"
                "  expect leader $n\n"
                "end\n",
     BLOCK()},
    {.name = "define",
     .group = "Repeat",
     .forms = "define NAME [PARAMETER]…\n  …\nend",
     .summary = "Makes a command of its own.",
     .text = "`NAME word word` then carries the lines out, with $PARAMETER replaced by the "
             "words; a text in quotes is one word. A definition stands at the top of a file, "
             "before or after its use, and does not use itself. Mistakes inside it name the "
             "line that called it.",
     .example = "cluster 3\n"
                "define elect_and_commit node text\n"
                "  elect $node\n"
                "  propose $node $text as it\n"
                "  settle\n"
                "  expect it ok\n"
                "end\n"
                "elect_and_commit n1 \"add 1\"\n"
                "elect_and_commit n2 \"add 1\"\n",
     BLOCK()},
    {.name = "end",
     .group = "Repeat",
     .forms = "end",
     .summary = "Closes the innermost repeat, for or define.",
     .text = "Blocks may stand in each other, but a definition only at the top.",
     .example = "cluster 3\n"
                "repeat 2\n"
                "  for n in all\n"
                "    expect $n up\n"
                "  end\n"
                "end\n",
     BLOCK()},
};

const scenario_command_info *scenario_commands(uint32_t *n)
{
    *n = sizeof commands / sizeof *commands;
    return commands;
}

const scenario_command_info *lang_command_named(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strlen(commands[i].name) == len && !memcmp(commands[i].name, name, len))
            return &commands[i];
    return NULL;
}
