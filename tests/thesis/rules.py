"""The rules of Raft, section by section: the only part of docs/reference/thesis.md that is
written by hand.  Everything else on that page is read from the sources by thesis.py.

Sections are those of Ongaro's thesis, "Consensus: Bridging Theory and Practice" (2014).
What production systems agreed on beyond it is called practice, and named by its topic.
"""
from dataclasses import dataclass, field


@dataclass(eq=False)
class Rule:
    number: str  # "3.6.2"; for practice the topic
    title: str
    text: str
    heart: str = None  # the function at the heart of it, where the first to cite it is not
    also: tuple = ()  # further sections whose citations belong here
    # Why it has no "code", "scenario" or "bug"; what is found nevertheless is an error.
    without: dict = field(default_factory=dict)

    @property
    def is_practice(self):
        return not self.number[0].isdigit()

    @property
    def heading(self):
        return self.title if self.is_practice else f"{self.number} {self.title}"


RULES = [
    Rule("3.3", "Terms and roles",
         "Time is divided into terms, numbered upwards. Every message carries its sender's term: "
         "who sees a higher one enters it as a follower, and what comes from a lower one is "
         "refused or not heard. A server is a follower, a candidate or a leader, and moves only "
         "along fixed ways."),
    Rule("3.4", "Leader election",
         "A follower that hears no leader for a random election timeout enters the next term, "
         "votes for itself and asks the others. Each server votes once in a term, first come, "
         "first served; a majority makes a leader, and its heartbeats keep the others quiet. "
         "When votes are split, timeouts that differ let somebody through the next time.",
         also=("9.1", "9.2")),
    Rule("3.5", "Log replication",
         "The leader appends commands to its log and sends them on with the index and term of "
         "the entry before them. A follower whose log lacks that entry refuses and hints where "
         "the logs may agree; one that has it drops what conflicts and keeps what agrees. An "
         "entry on a majority is committed, heartbeats tell the others, and all apply it in "
         "order.", heart="take_entries", also=("2.1",)),
    Rule("3.6.1", "Election restriction",
         "A vote goes only to a log at least as up to date as the voter's own: a higher last "
         "term wins, and with equal last terms the longer log. So every leader has every "
         "committed entry."),
    Rule("3.6.2", "Committing entries from previous terms",
         "A leader commits by counting copies only entries of its own term; older ones are "
         "committed by being below such an entry. A no-op opens each term, so that this does "
         "not wait for a client."),
    Rule("3.6.3", "Safety argument",
         "What is committed is in the log of every later leader, so it is never cut off, and a "
         "message that would do so is a forgery.", also=("3.2", "3.6")),
    Rule("3.7", "Crashes, and messages sent again",
         "Messages may be lost, doubled, delayed and reordered. Whoever gets no answer asks "
         "again, so every handler gives the same result when it meets a message a second "
         "time.", heart="take_entries"),
    Rule("3.8", "Persisted state and restarts",
         "Term, vote and log are on disk before anything is said that depends on them. After a "
         "crash they come back, and the commit index is learned anew."),
    Rule("3.9", "Timing and availability",
         "Safety never depends on time; only progress does. Timers are asked for as deadlines, "
         "and a clock that jumps or runs fast changes who stands first, not what is true."),
    Rule("3.10", "Leadership transfer",
         "A leader that hands over takes no more writes, brings the target up to date and tells "
         "it to stand at once. If nothing comes of it within an election timeout, it serves "
         "again.", heart="raft_hand_over"),
    Rule("4.1", "Single-server changes",
         "One server is added or removed at a time, so that old and new majorities overlap. The "
         "change is in force as soon as it is appended and undone when it is cut off; the next "
         "one waits until it is committed, and a new leader waits for the first entry of its "
         "own term (the erratum of 2015).", also=("4.4",)),
    Rule("4.2.1", "Catching up new servers",
         "A new server first receives the log without a vote, in rounds. When a round was "
         "shorter than an election timeout it is added; when none is within the limit, or it "
         "falls silent, it is given up and the client is told."),
    Rule("4.2.2", "Removing the current leader",
         "A leader that removes itself replicates that entry without counting itself, and steps "
         "down when it is committed.", heart="change_is_done"),
    Rule("4.2.3", "Disruptive servers",
         "Who heard a leader within the minimum election timeout ignores requests for votes, so "
         "that a server that was removed or cut off deposes nobody. A transfer is let through: "
         "the leader itself wants it."),
    Rule("4.3", "Joint consensus",
         "Any number of servers may change at once by way of a configuration in which the old "
         "and the new majority must both agree. It is left when it is committed, by the leader "
         "or by hand."),
    Rule("5.1", "Snapshots",
         "A server stores its state with the last index and term that it stands for, the "
         "configuration and the sessions, and forgets the log up to there. A follower that "
         "lacks what is gone receives the snapshot in chunks; entries behind it that agree "
         "stay, and an older one takes nothing back.", also=("5", "5.1.2")),
    Rule("6.2", "Routing requests, and check-quorum",
         "Clients are told who leads. A leader that has not heard a majority for an election "
         "timeout steps down, so that its clients look for the new one."),
    Rule("6.3", "Client sessions",
         "A client registers through the log and numbers its requests; the answer to the latest "
         "is kept, so that a request that is sent again is carried out once. Sessions expire by "
         "the log, on every server at the same entry.", heart="raft_sessions_find"),
    Rule("6.4", "Linearizable reads",
         "A leader reads without writing to the log once a majority has confirmed, after the "
         "read came, that it still leads, and once the first entry of its term is committed. "
         "Reads share a round, and followers ask their leader for its index."),
    Rule("6.4.1", "Leases",
         "A majority that was heard lately will not elect another leader for an election "
         "timeout, less a bound on clock drift; that long reads need no round. Without a lease "
         "they are refused, and it is given up before a transfer."),
    Rule("9.6", "Pre-vote",
         "Before it enters a new term a server asks whether it would be elected. Answering "
         "changes nothing, servers that hear a leader say no, and a refusal tells the term to "
         "who is behind."),
    Rule("10.2.1", "Writing to the leader's disk in parallel",
         "The leader sends entries while its own disk is still busy, and counts itself for an "
         "entry only when that very entry, index and term, is durable."),
    Rule("10.2.2", "Batching and pipelining",
         "Entries travel many in a message, and messages without waiting for answers, both "
         "bounded in number and in bytes. For each follower the leader is probing for where the "
         "logs agree, replicating ahead, or sending a snapshot.",
         heart="raft_replicate"),
    Rule("learners", "Learners",
         "A learner receives the log, counts for nothing and does not stand for election; it is "
         "promoted when it is close behind."),
    Rule("refusals by name", "Refusals by name",
         "What cannot be served is refused, not lost: by a name that reaches client and trace, "
         "with the leader's where it is known. That holds for requests that wait when leadership "
         "goes.",
         without={"bug": "a refusal changes no state that an invariant could judge; scenarios "
                         "and unit tests expect each name"}),
    Rule("failing applications", "Failing applications",
         "An entry that the application fails on stays where it is and is tried again. A leader "
         "whose application fails steps aside, and a server whose application fails for good "
         "takes no part until it is mended.",
         without={"bug": "the state machine is not the core's, where bugs are planted; what it "
                         "promises of its own state is the invariant `application`"}),
    Rule("failing disks", "Failing disks",
         "A server whose write fails does not know what is on its disk, so it stops and says "
         "so.",
         without={"bug": "the rule is carried out by whoever owns the disk, and bugs are planted "
                         "in the core"}),
]

# Sources beside the thesis that a citation may name, as regular expressions.
OTHER_SOURCES = [
    r"Raft paper (figure|section) \d+",
    r"Ongaro, raft-dev, 10 July 2015",
    r"Wavetank design: [a-z ,]+",
]
