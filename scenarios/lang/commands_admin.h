/* commands_admin.h - rows of the table of commands: what an operator and what clients do.
 * commands.c includes it in the middle of the table. */

    {.name = "transfer",
     .group = "Raft administration",
     .forms = "transfer NODE -> NODE [as NAME]\ntransfer NODE [as NAME]",
     .summary = "A leader hands leadership over (thesis 3.10).",
     .text = "It takes no more commands, brings the other up to date and tells it to stand for "
             "election at once; after an election timeout it gives up and serves again. "
             "Without a target it is the voter that is furthest. A request like any other: "
             "it is ok when it went well, or refused by name.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "transfer n1 -> n2 as handing_over\n"
                "settle\n"
                "expect n2 leader term 2\n",
     ACTS(transfer, transfer)},
    {.name = "add",
     .group = "Raft administration",
     .forms = "add NODE [learner] [at NODE] [as NAME]",
     .summary = "Adds a voter, or with `learner` a node that only receives the log.",
     .text = "The new node catches up in rounds before it counts (thesis 4.2.1). The leader of "
             "the moment is asked, unless `at` names another node. What became of it is asked "
             "by name, as of a command: ok when the change is committed, or refused with "
             "not_leader, change_in_progress, not_caught_up, already_member, unknown_node.",
     .example = "cluster 3\n"
                "spare n4\n"
                "preset elected n1\n"
                "add n4 as it\n"
                "settle\n"
                "expect it ok\n"
                "expect n1 config n1 n2 n3 n4\n",
     ACTS(add, change)},
    {.name = "promote",
     .group = "Raft administration",
     .forms = "promote NODE [at NODE] [as NAME]",
     .summary = "Makes a learner a voter.",
     .text = "It must have caught up, or it is refused with not_caught_up.",
     .example = "cluster 3\n"
                "learner n4\n"
                "preset elected n1\n"
                "promote n4 as it\n"
                "settle\n"
                "expect it ok and n1 config n1 n2 n3 n4 learners nobody\n",
     ACTS(promote, change)},
    {.name = "remove",
     .group = "Raft administration",
     .forms = "remove NODE [at NODE] [as NAME]",
     .summary = "Takes a voter or a learner out of the cluster.",
     .text = "The last voter cannot go: last_voter. A leader that removes itself steps down "
             "when that is committed (thesis 4.2.2).",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "remove n3 as it\n"
                "settle\n"
                "expect it ok and n1 config n1 n2\n",
     ACTS(remove, change)},
    {.name = "reconfigure",
     .group = "Raft administration",
     .forms = "reconfigure NODES [by hand] [at NODE] [as NAME]",
     .summary = "Makes these the voters, by joint consensus (thesis 4.3).",
     .text = "Old and new majorities decide together until the joint configuration is left: "
             "by the leader when it is committed, or with `by hand` when `leave` says so. "
             "Learners that are not named stay what they are.",
     .example = "cluster 3\n"
                "spare n4\n"
                "preset elected n1\n"
                "reconfigure n1 n2 n4 as it\n"
                "settle until n1 config n1 n2 n3 | n1 n2 n4\n"
                "expect it pending\n"
                "settle\n"
                "expect it ok and n1 config n1 n2 n4\n",
     ACTS(reconfigure, change)},
    {.name = "leave",
     .group = "Raft administration",
     .forms = "leave [at NODE] [as NAME]",
     .summary = "Leaves a joint configuration that was entered by hand.",
     .text = "Otherwise the leader leaves it by itself.",
     .example = "cluster 3\n"
                "spare n4\n"
                "preset elected n1\n"
                "reconfigure n1 n2 n4 by hand\n"
                "settle\n"
                "expect n1 config n1 n2 n3 | n1 n2 n4\n"
                "leave\n"
                "settle\n"
                "expect n1 config n1 n2 n4\n",
     ACTS(leave, change)},
    {.name = "snapshot",
     .group = "Raft administration",
     .forms = "snapshot NODES\nsnapshot NODE as NAME",
     .summary = "Nodes take a snapshot of what they have applied (thesis 5).",
     .text = "It stands for the log up to there, which begins behind it from then on. The "
             "option `snapshot_every` makes nodes do so by themselves. A request like any "
             "other: it is refused with nothing_to_snapshot when the node has applied nothing "
             "that its snapshot does not hold already.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "propose n1 \"add 1\"\n"
                "settle\n"
                "snapshot n1\n"
                "expect n1 snapshot 2@1 first 3 state \"1\"\n",
     ACTS(snapshot, snapshot)},
    {.name = "fail",
     .group = "Raft administration",
     .forms = "fail app NODES [for good]",
     .summary = "Makes applications fail every entry until they are mended.",
     .text = "The node applies nothing; a leader steps aside. With `for good` the failure "
             "is one that trying again does not help: the node takes no part until it is "
             "mended.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "fail app n2\n"
                "propose n1 \"add 1\"\n"
                "settle\n"
                "heartbeat n1\n"
                "settle\n"
                "expect n2 commit 2 applied 1\n"
                "mend app n2\n"
                "expect n2 applied 2\n",
     ACTS(fail, fail)},
    {.name = "mend",
     .group = "Raft administration",
     .forms = "mend app NODES",
     .summary = "Makes applications work again; they go on where they were.",
     .text = "What was committed meanwhile is applied at once.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "fail app n2 for good\n"
                "mend app n2\n"
                "expect n2 up\n",
     ACTS(mend, mend)},

    /* ---- clients ------------------------------------------------------------------------- */
    {.name = "propose",
     .group = "Clients",
     .forms = "propose NODE \"command\" [as NAME]",
     .summary = "Gives a command to a node, as a client does that tries once.",
     .text = "What becomes of it is asked with `expect NAME pending`, `ok`, `failed`, "
             "`redirect`, `retry` or `timeout`. A name that is used again means the newest "
             "request from then on. `leader` finds the node itself: the one of the highest "
             "term.",
     .example = "cluster 3\n"
                "elect n1\n"
                "propose n2 \"add 1\" as wrong\n"
                "expect wrong redirect n1\n"
                "propose leader \"add 1\" as right\n"
                "expect right pending\n"
                "settle\n"
                "expect right ok \"1\"\n",
     ACTS(propose, propose)},

    {.name = "request",
     .group = "Clients",
     .forms = "request CLIENT \"command\" [to NODE] [as NAME]",
     .summary = "Gives a command as a client with a session does (thesis 6.3).",
     .text = "The client, any name, registers with its first request and numbers what it asks, "
             "so that a command that it sends again is carried out once. Without `to` it looks "
             "for the leader itself. It follows redirects; in still water it tries again when "
             "`retry` says so, in flowing time after an election timeout.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "request alice \"add 1\" as one\n"
                "settle\n"
                "expect one ok \"1\"\n",
     ACTS(request, request)},
    {.name = "retry",
     .group = "Clients",
     .forms = "retry NAME [to NODE]",
     .summary = "A client with a session sends a request of its again.",
     .text = "If it was carried out meanwhile it is answered from the session, and not "
             "carried out a second time. A request that was answered is over.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "request alice \"add 1\" as one\n"
                "settle until n1 sessions 1\n"
                "retry one\n"
                "settle\n"
                "expect one ok \"1\" and n1 state \"1\"\n",
     ACTS(retry, retry)},
    {.name = "read",
     .group = "Clients",
     .forms = "read NODE \"query\" [index|lease|stale] [as NAME]",
     .summary = "Asks the application without a place in the log (thesis 6.4).",
     .text =
         "`index`, the default, is linearizable: the leader makes sure that it still leads, "
         "and answers when it has applied what was committed; a follower asks the leader "
         "where that is. `lease` is answered at once by a leader that a majority has answered "
         "lately (6.4.1; option `lease_reads`), and refused with `no_lease` by one that would "
         "have to ask: the lease has run out, has not come with a heartbeat yet, or was given "
         "up for a transfer. `stale` answers at once with what the node has.",
     .example = "cluster 3\n"
                "preset elected n1\n"
                "propose n1 \"add 3\"\n"
                "settle\n"
                "read n1 \"get\" as answer\n"
                "expect answer pending\n"
                "settle\n"
                "expect answer ok \"3\"\n",
     ACTS(read, read)},
