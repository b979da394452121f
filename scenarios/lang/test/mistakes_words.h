/* mistakes_words.h - texts with mistakes in words, nodes, values and set-up (see mistakes.c).
 */
#ifndef SCENARIOS_LANG_TEST_MISTAKES_WORDS_H
#define SCENARIOS_LANG_TEST_MISTAKES_WORDS_H
#include <stddef.h>

#define TEXT(s) s, sizeof s - 1

struct mistake {
    const char *name, *text;
    size_t len;
    const char *told; /* as lang_test_mistakes() shows them */
};

/* clang-format off */
static const struct mistake of_words[] = {
    {"an unknown node",
     TEXT("cluster 5\n"
          "section \"s\"\n"
          "  deliver n7 -> n2\n"),
     "3:11+2 there is no node 'n7' in this cluster | the cluster is n1 n2 n3 n4 n5\n"},
    {"an unknown node among others",
     TEXT("cluster 5\n"
          "crash n1 n9\n"),
     "2:10+2 there is no node 'n9' in this cluster | the cluster is n1 n2 n3 n4 n5\n"},
    {"an unknown node in a group",
     TEXT("cluster 5\n"
          "partition n1 n2 | n3 n8\n"),
     "2:22+2 there is no node 'n8' in this cluster | the cluster is n1 n2 n3 n4 n5\n"},
    {"an unknown node in a condition",
     TEXT("cluster 5\n"
          "expect n1 n7 leader\n"),
     "2:11+2 there is no node 'n7' in this cluster | the cluster is n1 n2 n3 n4 n5\n"},
    {"an unknown node behind a condition",
     TEXT("cluster 5\n"
          "expect n2 follows n7\n"),
     "2:19+2 there is no node 'n7' in this cluster | the cluster is n1 n2 n3 n4 n5\n"},
    {"a nearest node",
     TEXT("cluster alice bob carol\n"
          "crash alise\n"
          "expect bobb leader\n"
          "elect dave\n"),
     "2:7+5 there is no node 'alise' in this cluster | did you mean 'alice'? the cluster is alice bob carol\n"
     "3:8+4 there is no node 'bobb' in this cluster | did you mean 'bob'? the cluster is alice bob carol\n"
     "4:7+4 there is no node 'dave' in this cluster | the cluster is alice bob carol\n"},
    {"a word where one node must be named",
     TEXT("cluster 5\n"
          "elect all\n"
          "timeout followers\n"),
     "2:7+3 one node must be named here, not 'all'\n"
     "3:9+9 one node must be named here, not 'followers'\n"},
    {"a node named twice",
     TEXT("cluster 5\n"
          "crash n1 n2 n1\n"),
     "2:13+2 'n1' is named twice\n"},
    {"a node on both sides",
     TEXT("cluster 5\n"
          "partition n1 n2 | n2 n3\n"
          "partition all | n1\n"),
     "2:19+2 a node stands on both sides\n"
     "3:11+3 'all' leaves nobody on the other side | write the groups apart: partition n1 n2 | n3\n"},
    {"a node to itself",
     TEXT("cluster 5\n"
          "cut n1 -> n1\n"
          "reorder n2 ->\n"),
     "2:11+2 a node has no link to itself\n"
     "3:14+1 a node is missing here | write: reorder A -> B\n"},
    {"a missing arrow",
     TEXT("cluster 5\n"
          "cut n1 n2\n"
          "heal n1\n"),
     "2:10+1 '->' is missing here | write: cut A -> B, or cut A <-> B\n"
     "3:8+1 '->' is missing here | write: heal, or heal A -> B, or heal A <-> B\n"},
    {"an unknown command",
     TEXT("cluster 5\n"
          "delivr n1\n"
          "nemesis loss 5%\n"),
     "2:1+6 there is no command 'delivr' | did you mean 'deliver'?\n"
     "3:1+7 there is no command 'nemesis' | 'wavetank help language' lists the commands\n"},
    {"a missing node",
     TEXT("cluster 3\n"
          "transfer -> n2\n"
          "partition | n1\n"
          "remove at n1\n"
          "reconfigure as x\n"
          "expect n1 follows and n2 up\n"),
     "2:10+2 a node is missing before '->' | write: transfer NODE -> NODE [as NAME], or transfer NODE [as NAME]\n"
     "3:11+1 a node is missing before '|' | write: partition NODES | NODES [| NODES]…\n"
     "4:8+2 a node is missing before 'at' | write: remove NODE [at NODE] [as NAME]\n"
     "5:13+2 a node is missing before 'as' | write: reconfigure NODES [by hand] [at NODE] [as NAME]\n"
     "6:19+3 a node is missing before 'and' | write: expect NODES follows NODE, or expect NODES follows nobody\n"},
    {"an unknown option",
     TEXT("cluster 5\n"
          "option prevote on\n"
          "option zzz 1\n"),
     "2:8+7 there is no option 'prevote' | did you mean 'pre_vote'?\n"
     "3:8+3 there is no option 'zzz' | the options are election_timeout heartbeat latency disk_latency persisted_latency pre_vote check_quorum disruption_guard batch_max batch_bytes_max pipeline_max inflight_bytes_max snapshot_chunk snapshot_every log_max catch_up_rounds lease_reads sessions_max session_ttl clock_drift settle_limit advance_limit\n"},
    {"a bad option",
     TEXT("cluster 5\n"
          "option pre_vote maybe\n"
          "option batch_max 0\n"
          "option election_timeout 300ms..150ms\n"
          "option heartbeat\n"),
     "2:17+5 expected on or off | pre_vote: ask before standing for election (thesis 9.6); default off\n"
     "3:18+1 batch_max must be between 1 and 4096 | batch_max: entries in one AppendEntries; default 64\n"
     "4:25+12 the range begins above its end | election_timeout: how long a follower waits for a leader before it stands for election; default 150ms..300ms\n"
     "5:17+1 the value of 'heartbeat' is missing here | write: option NAME VALUE\n"},
    {"a doubled option",
     TEXT("cluster 5\n"
          "option heartbeat 50ms\n"
          "option heartbeat 60ms\n"),
     "3:8+9 the option 'heartbeat' is set twice | it stands in line 2\n"},
    {"an unknown application",
     TEXT("cluster 5\n"
          "app bnak\n"),
          "2:5+4 there is no application 'bnak' | did you mean 'bank'?\n"},
    {"a second application",
     TEXT("cluster 5\n"
          "app kv\n"
          "app counter\n"),
     "3:1+3 there is a second 'app' | it stands in line 2\n"},
    {"an unknown engine",
     TEXT("cluster 5\n"
          "engine natve\n"),
     "2:8+5 there is no engine 'natve' | did you mean 'native'?\n"},
    {"a bad seed",
     TEXT("cluster 5\n"
          "seed x\n"
          "seed 99999999999999999999999\n"
          "seed -1\n"),
     "2:6+1 the seed must be a number, not 'x' | write: seed N\n"
     "3:6+23 the seed must be at least 0 and at most 18446744073709551615, not '99999999999999999999999'\n"
     "4:6+2 the seed must be a number, not '-1' | write: seed N\n"},
    {"an unknown message type",
     TEXT("cluster 5\n"
          "deliver n1 -> n2 RequestVot\n"
          "inject n1 -> n2 Hello\n"),
     "2:18+10 there is no message type 'RequestVot' | did you mean 'RequestVote'?\n"
     "3:17+5 there is no message type 'Hello' | the types are RequestVote RequestVoteReply PreVote PreVoteReply AppendEntries AppendEntriesReply InstallSnapshot InstallSnapshotReply TimeoutNow ReadIndex ReadIndexReply\n"},
    {"an unknown field",
     TEXT("cluster 5\n"
          "expect message n1 -> n2 RequestVote lst 0@0\n"),
     "2:37+3 RequestVote has no field 'lst' | did you mean 'last'?\n"},
    {"a bad field",
     TEXT("cluster 5\n"
          "inject n1 -> n2 RequestVote last 5\n"
          "inject n1 -> n2 AppendEntries entries \"hello\"\n"
          "expect message n1 -> n2 RequestVoteReply granted maybe\n"),
     "2:34+1 last is an index and a term such as 3@2, not '5'\n"
     "3:39+7 'hello' is no entry: expected one such as 2@1 or 2@1 add 5\n"
     "4:50+5 granted is yes or no, not 'maybe'\n"},
    {"a doubled field",
     TEXT("cluster 5\n"
          "inject n1 -> n2 RequestVote term 1 term 2\n"),
     "2:36+4 the field 'term' stands here twice\n"},
    {"a field without a type",
     TEXT("cluster 5\n"
          "expect message n1 -> n2 term 1\n"),
     "2:25+4 'term' does not belong here | say which type first: message n1 -> n2 RequestVote term 1\n"},
    {"an unknown condition",
     TEXT("cluster 5\n"
          "expect n1 termm 2\n"
          "expect foo\n"
          "expect n1\n"
          "expect\n"
          "expect not\n"
          "expect n1 leader and\n"),
     "2:11+5 there is no condition 'termm' on a node | did you mean 'term'?\n"
     "3:8+3 there is no node, request or condition 'foo' | 'wavetank help expect' lists them\n"
     "4:10+1 what must be true of the nodes is missing here | write, for instance: expect n1 leader term 1\n"
     "5:7+1 a condition is missing here | write, for instance: expect n1 leader term 1\n"
     "6:11+1 a condition is missing here | write, for instance: expect n1 leader term 1\n"
     "7:21+1 a condition is missing here | write, for instance: expect n1 leader term 1\n"},
    {"a doubled condition",
     TEXT("cluster 5\n"
          "expect n1 term 1 term 2\n"),
     "2:18+4 'term' is said twice of the same nodes\n"},
    {"a bad log",
     TEXT("cluster 5\n"
          "expect n1 log \"2@1 4@1\"\n"
          "expect n1 log 1@1\n"
          "expect n1 last x\n"),
     "2:15+9 4@1 does not follow: expected index 3 | a log is written \"1@1 2@1 3@2\": index@term from 1 on\n"
     "3:15+3 the log must stand in \"quotes\" | write: expect NODES log \"1@1 2@1 …\"\n"
     "4:16+1 'x' is neither an index nor index@term | write: last 3, or last 3@2 (index@term)\n"},
    {"no with what it does not go with",
     TEXT("cluster 5\n"
          "expect no n1 leader\n"),
     "2:8+2 'no' goes with leader, message and event | write 'not' instead\n"},
    {"others of nobody",
     TEXT("cluster 5\n"
          "expect others leader\n"),
     "2:1+6 'others' are those that the line does not name, and it names none | name some: expect n1 leader and others follower\n"},
    {"an unknown request",
     TEXT("cluster 5\n"
          "expect foo ok\n"
          "propose n1 \"x\" as foo\n"
          "expect fooo ok\n"
          "expect foo okk\n"),
     "2:8+3 no request is called 'foo' up to here | propose NODE \"command\" as NAME makes one\n"
     "4:8+4 no request is called 'fooo' up to here | did you mean 'foo'?\n"
     "5:12+3 a request cannot be 'okk' | did you mean 'ok'?\n"},
    {"a request that cannot be called so",
     TEXT("cluster 5\n"
          "propose n1 \"x\" as n1\n"
          "propose n1 \"x\" as leader\n"
          "propose n1 \"x\" as 5\n"),
     "2:19+2 a request cannot be called 'n1': that is a node\n"
     "3:19+6 a request cannot be called 'leader': the word has a meaning\n"
     "4:19+1 '5' is no name for a request | names are letters, digits, _ and -, and begin with a letter\n"},
    {"an unknown event",
     TEXT("cluster 5\n"
          "expect event rol n1\n"
          "expect event role n1 too leader\n"
          "expect event role n1 to leeder\n"
          "expect event drop reason cutt\n"
          "expect event vote candidate n9\n"),
     "2:14+3 there is no kind of event 'rol' | did you mean 'role'?\n"
     "3:22+3 an event 'role' has no value 'too' | did you mean 'to'?\n"
     "4:25+6 to is never 'leeder' | did you mean 'leader'?\n"
     "5:26+4 reason is never 'cutt' | did you mean 'cut'?\n"
     "6:29+2 there is no node 'n9' in this cluster | the cluster is n1 n2 n3 n4 n5\n"},
    {"a count without times",
     TEXT("cluster 5\n"
          "expect event role n1 2\n"
          "expect sent n1 -> n2 RequestVote 2 tims\n"),
     "2:23+1 'times' is missing here | write: expect event KIND [NODE] [FIELD VALUE]… [N times], or expect no event KIND [NODE] [FIELD VALUE]…\n"
     "3:36+4 'times' must stand here, not 'tims' | write: expect sent A -> B TYPE [FIELD VALUE]… [N times]\n"},
    {"a count of what is not named",
     TEXT("cluster 5\n"
          "expect sent leader -> n2 RequestVote\n"
          "expect sent\n"),
     "2:13+6 nodes must be named here, not 'leader' | what was sent is counted as it happens\n"
     "3:12+1 a message is missing here | write: expect sent A -> B TYPE [FIELD VALUE]… [N times]\n"},
    {"no nodes",
     TEXT("cluster 0\n"
          "crash n1\n"),
     "1:9+1 the number of nodes must be at least 1 and at most 64, not '0'\n"},
    {"too many nodes",
     TEXT("cluster 65\n"
          "crash n1\n"),
     "1:9+2 the number of nodes must be at least 1 and at most 64, not '65'\n"},
    {"nodes with odd names",
     TEXT("cluster a 1b all a \"x\"\n"),
     "1:11+2 '1b' is no name for a node | names are letters, digits, _ and -, and begin with a letter\n"
     "1:14+3 a node cannot be called 'all': the word has a meaning\n"
     "1:18+1 there are two nodes 'a'\n"
     "1:20+3 'x' is no name for a node | names are letters, digits, _ and -, and begin with a letter\n"},
    {"two clusters",
     TEXT("cluster 5\n"
          "cluster 3\n"),
     "2:1+7 there is a second 'cluster' | it stands in line 1\n"},
    {"no cluster",
     TEXT("timeout n1\n"
          "settle\n"),
     "1:1+7 there is no cluster yet | write 'cluster 3' before the first action\n"},
    {"nothing at all",
     TEXT(""),
     "1:1+1 the scenario has no cluster | write 'cluster 3'\n"},
    {"bad durations",
     TEXT("cluster 5\n"
          "advance 5\n"
          "advance 99999999999999999999h\n"
          "advance 9000h\n"
          "await leader within x\n"),
     "2:9+1 the time must be a duration, not '5' | durations are written 150us, 20ms, 2s, 5min, 1h\n"
     "3:9+21 '99999999999999999999h' is too long | a year is the most: 8760h\n"
     "4:9+5 '9000h' is too long | a year is the most: 8760h\n"
     "5:21+1 the time must be a duration, not 'x' | durations are written 150us, 20ms, 2s, 5min, 1h\n"},
    {"missing times",
     TEXT("cluster 5\n"
          "await leader within\n"
          "await leader\n"),
     "2:20+1 the time is missing here | write: await CONDITION within DURATION\n"
     "3:13+1 'within' is missing here | write: await CONDITION within DURATION\n"},
    {"bad numbers",
     TEXT("cluster 5\n"
          "corrupt disk n1 entry 0\n"
          "deliver 0\n"
          "expect queue -1\n"
          "expect n1 term 99999999999999999999\n"),
     "2:23+1 the entry must be at least 1, not '0'\n"
     "3:9+1 the number of messages must be at least 1 and at most 1000000, not '0'\n"
     "4:14+2 'queue' must be a number, not '-1' | write: expect queue N\n"
     "5:16+20 'term' must be at least 0 and at most 18446744073709551615, not '99999999999999999999'\n"},
    {"bad ratios",
     TEXT("cluster 5\n"
          "drift n1 200%\n"
          "drift n1 x\n"
          "skew n1 200\n"),
     "2:10+4 no clock drifts by '200%' | at most 50%\n"
     "3:10+1 'x' is no ratio | write: drift n2 1%, drift n2 -0.5%, or drift n2 1/200\n"
     "4:9+3 '200' is no duration with a sign | write: skew n2 +200ms, or skew n2 -1s\n"},
    {"bad disks",
     TEXT("cluster 5\n"
          "disk n1 broken\n"
          "disk n1 slow\n"
          "restart n1 wipped\n"
          "torn n1\n"),
     "2:9+6 a disk cannot be 'broken' | write: disk NODES fail, or disk NODES full, or disk NODES slow DURATION, or disk NODES ok\n"
     "3:13+1 the time is missing here | write: disk NODES fail, or disk NODES full, or disk NODES slow DURATION, or disk NODES ok\n"
     "4:12+6 'wipped' does not belong here | did you mean 'wiped'?\n"
     "5:6+2 'crash' must stand here, not 'n1' | write: torn crash NODES\n"},
    {"missing words",
     TEXT("cluster 5\n"
          "propose n1 add\n"
          "propose n1\n"
          "propose n1 \"x\" az foo\n"
          "crash\n"
          "settle until\n"),
     "2:12+3 the command must stand in \"quotes\" | write: propose NODE \"command\" [as NAME]\n"
     "3:11+1 the command is missing here | write: propose NODE \"command\" [as NAME]\n"
     "4:16+2 'az' does not belong here | write: propose NODE \"command\" [as NAME]\n"
     "5:6+1 a node is missing here | write: crash NODES\n"
     "6:13+1 a condition is missing here | write, for instance: expect n1 leader term 1\n"},
    {"words too many",
     TEXT("cluster 5\n"
          "scenario \"a\" b\n"
          "heartbeat n1 n2\n"
          "seed 1 2\n"),
     "2:14+1 'b' does not belong here | write: scenario \"title\"\n"
     "3:14+2 'n2' does not belong here | write: heartbeat NODE\n"
     "4:1+4 'seed' sets the scenario up and comes too late here | move it up, before the first action\n"},
    {"set-up too late",
     TEXT("cluster 5\n"
          "timeout n1\n"
          "option check_quorum on\n"
          "cluster 3\n"
          "preset elected n1\n"),
     "3:1+6 'option' sets the scenario up and comes too late here | move it up, before the first action\n"
     "4:1+7 'cluster' sets the scenario up and comes too late here | move it up, before the first action\n"
     "5:1+6 'preset' sets the scenario up and comes too late here | move it up, before the first action\n"},
    {"a second title",
     TEXT("cluster 5\n"
          "scenario \"a\"\n"
          "scenario \"b\"\n"
          "about \"a\"\n"
          "about \"b\"\n"),
     "3:1+8 there is a second 'scenario' | it stands in line 2\n"
     "5:1+5 there is a second 'about' | it stands in line 4\n"},
    {"preset logs that contradict each other",
     TEXT("cluster 5\n"
          "preset log n1 \"1@1 2@1 3@3\"\n"
          "preset log n2 \"1@1 2@2 3@3\"\n"),
     "3:15+13 Log Matching: this log and that of n1 agree at 3@3 but differ at 2 | no run of Raft leads there: equal index and term mean equal logs up to it\n"},
    {"preset logs that cannot be",
     TEXT("cluster 5\n"
          "preset log n3 \"1@2 2@1\"\n"
          "preset log n4 \"1@0\"\n"
          "preset log n5 1@1\n"),
     "2:15+9 2@1 follows 1@2: terms never fall along a log | a log is written \"1@1 2@1 3@2\": index@term from 1 on\n"
     "3:15+5 1@0: no entry has term 0; the first term is 1 | a log is written \"1@1 2@1 3@2\": index@term from 1 on\n"
     "4:15+3 the log must stand in \"quotes\" | a log is written \"1@1 2@1 3@2\"\n"},
    {"presets that contradict each other",
     TEXT("cluster 5\n"
          "preset log n1 \"1@3\"\n"
          "preset log n1 \"1@1\"\n"
          "preset term n1 2\n"
          "preset elected n1\n"
          "preset elected n2\n"),
     "3:12+2 the log of 'n1' is preset twice | it stands in line 2\n"
     "4:16+1 its log has an entry of term 3, so its term cannot be 2\n"
     "6:1+6 a second leader is preset\n"},
    {"a preset vote without a term",
     TEXT("cluster 5\n"
          "preset vote n4 n1\n"),
     "2:1+17 a vote is cast in a term, and this one has none | add: preset term NODE 1, or preset log NODE \"1@1\"\n"},
    {"an unknown preset",
     TEXT("cluster 5\n"
          "preset lag n1 \"1@1\"\n"
          "preset elected leader\n"
          "preset log followers \"1@1\"\n"),
     "2:8+3 there is no preset 'lag' | did you mean 'log'?\n"
     "3:16+6 one node must be named here, not 'leader'\n"
     "4:12+9 nodes must be named here: nobody leads yet\n"},
    {"a preset without a cluster",
     TEXT("preset elected n1\n"),
     "1:1+6 there is no cluster yet | write 'cluster 3' before it\n"},
};
/* clang-format on */

#endif
