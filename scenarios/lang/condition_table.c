/* condition_table.c - the table of conditions: what `expect`, `await` and `settle until`
 * understand, with their documentation. */
#include "scenarios/lang/conditions.h"

#include <string.h>

#define OF_NODES(words, is, show)                                                              \
    .how = &(const struct lang_how)                                                            \
    {                                                                                          \
        .node_parse = lang_##words, .node_holds = lang_##is, .node_actual = lang_##show        \
    }
#define ALONE(words, is, show)                                                                 \
    .how = &(const struct lang_how)                                                            \
    {                                                                                          \
        .alone_parse = lang_##words, .alone_holds = lang_##is, .alone_actual = lang_##show     \
    }
#define BOTH(words, is, show, alone_words, alone_is, alone_show)                               \
    .how = &(const struct lang_how)                                                            \
    {                                                                                          \
        .node_parse = lang_##words, .node_holds = lang_##is, .node_actual = lang_##show,       \
        .alone_parse = lang_##alone_words, .alone_holds = lang_##alone_is,                     \
        .alone_actual = lang_##alone_show                                                      \
    }

static const scenario_command_info conditions[] = {
    /* ---- of nodes ------------------------------------------------------------------------ */
    {.name = "follower",
     .group = "Of nodes",
     .forms = "NODES follower",
     .summary = "The nodes are followers.",
     .text = "A crashed node has no role.",
     .example = "cluster 3\nexpect all follower\n",
     OF_NODES(no_words, is_role, show_role)},
    {.name = "pre_candidate",
     .group = "Of nodes",
     .forms = "NODES pre_candidate",
     .summary = "They ask whether an election could be won (thesis 9.6).",
     .text = "Only with the option `pre_vote`.",
     .example = "cluster 3\noption pre_vote on\ntimeout n1\nexpect n1 pre_candidate\n",
     OF_NODES(no_words, is_role, show_role)},
    {.name = "candidate",
     .group = "Of nodes",
     .forms = "NODES candidate",
     .summary = "They stand for election.",
     .text = "",
     .example = "cluster 3\ntimeout n1\nexpect n1 candidate\n",
     OF_NODES(no_words, is_role, show_role)},
    {.name = "learner",
     .group = "Of nodes",
     .forms = "NODES learner",
     .summary = "They receive the log and count for nothing (thesis 4.2.1).",
     .text = "A spare that is no member yet is a follower that never stands for election.",
     .example = "cluster 3\nlearner n4\nelect n1\nexpect n4 learner and not n1 learner\n",
     OF_NODES(no_words, is_role, show_role)},
    {.name = "leader",
     .group = "Of nodes",
     .forms = "NODES leader\nleader\nleader NODE\nno leader",
     .summary = "They lead; or alone: there is a leader, it is that node, there is none.",
     .text = "Alone, the leader is the one of the highest term among nodes that are not "
             "crashed: behind a partition an older one may still believe that it leads. A "
             "node that is behind others can be asked with `expect n3 leader`.",
     .example = "cluster 3\nexpect no leader\nelect n1\nexpect leader\nexpect leader n1\n"
                "expect n1 leader\n",
     BOTH(no_words, is_role, show_role, leader_words, has_leader, show_leader)},
    {.name = "term",
     .group = "Of nodes",
     .forms = "NODES term N",
     .summary = "Their current term.",
     .text = "A crashed node shows what its disk would give it back; the same goes for `vote`, "
             "`last`, `first`, `durable` and `log`.",
     .example = "cluster 3\ntimeout n1\nexpect n1 term 1\nexpect n2 term 0\n",
     OF_NODES(number_word, is_term, show_term)},
    {.name = "vote",
     .group = "Of nodes",
     .forms = "NODES vote NODE\nNODES vote nobody",
     .summary = "Whom they voted for in their term.",
     .text = "",
     .example = "cluster 3\ntimeout n1\nexpect n1 vote n1\nexpect n2 vote nobody\n",
     OF_NODES(node_word, is_vote, show_vote)},
    {.name = "follows",
     .group = "Of nodes",
     .forms = "NODES follows NODE\nNODES follows nobody",
     .summary = "Whom they know as the leader of their term.",
     .text = "A leader follows nobody.",
     .example = "cluster 3\nelect n1\nexpect n2 n3 follows n1\nexpect n1 follows nobody\n"
                "expect followers follows leader\n",
     OF_NODES(node_word, is_follows, show_follows)},
    {.name = "commit",
     .group = "Of nodes",
     .forms = "NODES commit N",
     .summary = "The highest index that they know to be committed.",
     .text = "It is not kept on disk: a node that restarts begins at 0 (thesis 3.8).",
     .example = "cluster 3\nelect n1\nexpect n1 commit 1\nexpect n2 commit 0\n",
     OF_NODES(number_word, is_commit, show_commit)},
    {.name = "applied",
     .group = "Of nodes",
     .forms = "NODES applied N\nall applied equal",
     .summary = "The highest index that their application has carried out.",
     .text =
         "`all applied equal` holds when no member is crashed, all have applied equally far "
         "and their applications are in the same state. Members are those that the leader "
         "of the highest term counts as such, and without one all nodes.",
     .example = "cluster 3\nelect n1\nexpect n1 applied 1\nexpect not all applied equal\n"
                "heartbeat n1\nsettle\nexpect all applied equal\n",
     BOTH(number_word, is_applied, show_applied, equal_words, applied_equal,
          show_applied_equal)},
    {.name = "last",
     .group = "Of nodes",
     .forms = "NODES last N\nNODES last N@T",
     .summary = "The last index of their log, and its term.",
     .text = "0, or 0@0, is the empty log.",
     .example = "cluster 3\nexpect all last 0@0\nelect n1\nexpect all last 1@1\n",
     OF_NODES(last_words, is_last, show_last)},
    {.name = "first",
     .group = "Of nodes",
     .forms = "NODES first N",
     .summary = "The lowest index that they keep in their log.",
     .text = "It is 1 as long as nothing was compacted, and the one behind the snapshot then.",
     .example = "cluster 3\npreset elected n1\nexpect n1 first 1\nsnapshot n1\n"
                "expect n1 first 2\n",
     OF_NODES(number_word, is_first, show_first)},
    {.name = "durable",
     .group = "Of nodes",
     .forms = "NODES durable N",
     .summary = "The highest index that is safe on their disks.",
     .text = "Less than `last` while writes are under way or the disk is held.",
     .example = "cluster 3\npreset elected n1\nhold disk n2\npropose n1 \"add 1\"\nsettle\n"
                "expect n2 last 2 durable 1\n",
     OF_NODES(number_word, is_durable, show_durable)},
    {.name = "log",
     .group = "Of nodes",
     .forms = "NODES log \"1@1 2@1 …\"",
     .summary = "Their whole log, index@term from the first on that they keep.",
     .text = "An empty text is an empty log. What a snapshot stands for is not in it.",
     .example = "cluster 3\nexpect all log \"\"\nelect n1\nexpect all log \"1@1\"\n",
     OF_NODES(log_words, is_log, show_log)},
    {.name = "snapshot",
     .group = "Of nodes",
     .forms = "NODES snapshot N@T",
     .summary = "The last entry, and its term, that their snapshot stands for (thesis 5).",
     .text = "`snapshot 0@0` is none.",
     .example = "cluster 3\npreset elected n1\nexpect all snapshot 0@0\nsnapshot n2\n"
                "expect n2 snapshot 1@1 log \"\"\n",
     OF_NODES(snapshot_words, is_snapshot, show_snapshot)},
    {.name = "config",
     .group = "Of nodes",
     .forms = "NODES config NODE…\nNODES config NODE… | NODE…",
     .summary = "Who votes, as far as they know; in joint consensus old | new (thesis 4).",
     .text =
         "A configuration is in force as soon as it stands in a node's log, committed or "
         "not (thesis 4.1), so nodes can differ. A spare knows who is, and is not among them.",
     .example = "cluster 3\nspare n4\npreset elected n1\nexpect n1 config n1 n2 n3\n"
                "add n4\nsettle\nexpect n1 config n1 n2 n3 n4\n",
     OF_NODES(members_words, is_config, show_config)},
    {.name = "learners",
     .group = "Of nodes",
     .forms = "NODES learners NODE…\nNODES learners nobody",
     .summary = "Who learns without a vote, as far as they know (thesis 4.2.1).",
     .text = "",
     .example = "cluster 3\nlearner n4\nelect n1\nexpect n1 config n1 n2 n3 learners n4\n",
     OF_NODES(learners_words, is_learners, show_learners)},
    {.name = "transferring",
     .group = "Of nodes",
     .forms = "NODES transferring NODE\nNODES transferring nobody",
     .summary = "To whom they are handing leadership over (thesis 3.10).",
     .text = "While that goes on a leader refuses commands.",
     .example = "cluster 3\npreset elected n1\nisolate n2\ntransfer n1 -> n2\n"
                "expect n1 leader transferring n2\n",
     OF_NODES(learners_words, is_transferring, show_transferring)},
    {.name = "sessions",
     .group = "Of nodes",
     .forms = "NODES sessions N",
     .summary = "How many clients have an open session in their state (thesis 6.3).",
     .text = "Sessions are made and expire by the log, so nodes that have applied as much "
             "have the same. One that has not been used for so long (`session_ttl`) goes when "
             "the next entry of any session is applied.",
     .example = "cluster 3\npreset elected n1\nrequest alice \"add 1\" as one\nsettle\n"
                "expect one ok \"1\" and n1 sessions 1\n",
     OF_NODES(number_word, is_sessions, show_sessions)},
    {.name = "up",
     .group = "Of nodes",
     .forms = "NODES up",
     .summary = "They run: neither crashed nor paused.",
     .text = "",
     .example = "cluster 3\nexpect all up\n",
     OF_NODES(no_words, is_life, show_life)},
    {.name = "crashed",
     .group = "Of nodes",
     .forms = "NODES crashed",
     .summary = "They are down.",
     .text = "",
     .example = "cluster 3\ncrash n2\nexpect n2 crashed\n",
     OF_NODES(no_words, is_life, show_life)},
    {.name = "paused",
     .group = "Of nodes",
     .forms = "NODES paused",
     .summary = "Their process is frozen.",
     .text = "",
     .example = "cluster 3\npause n2\nexpect n2 paused\n",
     OF_NODES(no_words, is_life, show_life)},
    {.name = "state",
     .group = "Of nodes",
     .forms = "NODES state \"text\"",
     .summary = "What their application shows of itself.",
     .text = "A crashed node's application is gone until it restarts.",
     .example = "cluster 3\nelect n1\npropose n1 \"add 2\"\nsettle\nexpect n1 state \"2\"\n",
     OF_NODES(state_words, is_state, show_state)},
    {.name = "role_changes",
     .group = "Of nodes",
     .forms = "NODES role_changes N",
     .summary = "How often they changed their role since the scenario began.",
     .text = "",
     .example = "cluster 3\nelect n1\nexpect n1 role_changes 2\nexpect n2 role_changes 0\n",
     OF_NODES(number_word, is_role_changes, show_role_changes)},

    /* ---- of the cluster --------------------------------------------------------------------
     */
    {.name = "logs",
     .group = "Of the cluster",
     .forms = "logs equal",
     .summary = "All members have the same log, entry by entry.",
     .text = "Of a crashed node the log on its disk counts. Where a snapshot stands for the "
             "beginning of a log only the rest is compared.",
     .example = "cluster 3\nelect n1\nexpect logs equal\n",
     ALONE(logs_words, logs_equal, show_logs_equal)},
    {.name = "message",
     .group = "Of the cluster",
     .forms =
         "message [A -> B] [TYPE] [FIELD VALUE]…\nno message [A -> B] [TYPE] [FIELD VALUE]…",
     .summary = "Such a message is in flight, or none is.",
     .text = "Held and delayed ones count. The fields of each type stand under \"Messages and "
             "their fields\"; `entries 2` is a number of entries, `entries \"2@1 3@1\"` their "
             "places, `entries \"2@1 add 5\"` the whole of them.",
     .example = "cluster 3\ntimeout n1\nexpect message n1 -> n2 RequestVote term 1 last 0@0\n"
                "expect no message n2 -> n1\n",
     ALONE(message_words, has_message, show_message)},
    {.name = "queue",
     .group = "Of the cluster",
     .forms = "queue N",
     .summary = "So many messages are in flight.",
     .text = "Those that are held or delayed are among them.",
     .example = "cluster 3\nexpect queue 0\ntimeout n1\nexpect queue 2\n",
     ALONE(queue_words, is_queue, show_queue)},

    /* ---- of what happened
       --------------------------------------------------------------------- */
    {.name = "sent",
     .group = "Of what happened",
     .forms = "sent A -> B TYPE [FIELD VALUE]… [N times]",
     .summary = "Such a message was sent so often since the section began.",
     .text = "Without a number: at least once. Link or type may be left out. Messages that a "
             "script injected do not count, those that were lost do.",
     .example = "cluster 3\nelect n1\nexpect sent n1 -> n2 RequestVote 1 times\n"
                "expect sent n2 -> n1 RequestVoteReply granted yes 1 times\n"
                "expect not sent n2 -> n3 AppendEntries\n",
     ALONE(sent_words, was_counted, show_counted)},
    {.name = "event",
     .group = "Of what happened",
     .forms = "event KIND [NODE] [FIELD VALUE]… [N times]\nno event KIND [NODE] [FIELD VALUE]…",
     .summary = "Such an event is in the trace since the section began.",
     .text = "Without a number: at least once. Kinds and their values are those of the trace; "
             "they stand under \"Events and their values\". NODE is the one whose event it is.",
     .example = "cluster 3\nelect n1\nexpect event role n1 to leader\n"
                "expect event vote candidate n1 3 times\nexpect no event crash\n",
     ALONE(event_words, was_counted, show_counted)},

    {.name = "violation",
     .group = "Of what happened",
     .forms = "violation \"INVARIANT\"",
     .summary = "This invariant was broken: how a scenario with a planted bug ends.",
     .text = "A violation fails a scenario on the spot, unless it plants a `bug` and names the "
             "invariant in an `expect violation` further down: then the scenario passes and "
             "ends when it comes, wherever that is before the line. Another violation, or none "
             "up to the line, fails it. The name may be written with _ for blanks.",
     .example = "cluster 3\nbug vote_twice\ntimeout n1\ntimeout n2\nsettle\n"
                "expect violation \"Election Safety\"\n",
     ALONE(violation_words, is_violated, show_violated)},

    /* ---- of requests
       ---------------------------------------------------------------------------- */
    {.name = "pending",
     .group = "Of requests",
     .forms =
         "NAME pending\nNAME ok [\"answer\"]\nNAME failed [\"why\"]\nNAME redirect [NODE]\n"
         "NAME retry\nNAME timeout\nNAME refused [WHY]",
     .summary = "What became of a request that `… as NAME` made.",
     .text =
         "`pending`: nothing yet. `ok`: committed and applied, with the application's "
         "answer. `failed`: it was refused, or its entry was replaced by another leader's. "
         "`redirect`: the "
         "node is not the leader and named it. `retry`: no leader is known yet. "
         "`timeout`: the node crashed, or left the cluster; whether the command was carried "
         "out is open. `refused`: it came to nothing, whatever the status, and by which "
         "name; they stand under \"Refusals\", and `wavetank help NAME` explains each.",
     .example = "cluster 3\npropose n1 \"add 1\" as early\nexpect early retry\nelect n1\n"
                "propose n2 \"add 1\" as there\nexpect there redirect n1\n"
                "propose n1 \"add 1\" as here\nexpect here pending\nsettle\n"
                "expect here ok \"1\"\n",
     ALONE(request_words, is_request, show_request)},
};

const scenario_command_info *scenario_conditions(uint32_t *n)
{
    *n = sizeof conditions / sizeof *conditions;
    return conditions;
}

const scenario_command_info *lang_condition_named(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (strlen(conditions[i].name) == len && !memcmp(conditions[i].name, name, len))
            return &conditions[i];
    return NULL;
}
