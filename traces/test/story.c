/* story.c - see story.h. */
#include "traces/test/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A test that cannot even begin. */
static void must(bool fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "story: %s\n", what);
    abort();
}

static bool take(void *self, const char *bytes, size_t len)
{
    memory_sink *m = self;
    m->writes++;
    if (m->room && m->text.len + len > m->room)
        return false;
    sim_text_add(&m->text, bytes, len);
    return true;
}

trace_sink memory_sink_of(memory_sink *m)
{
    return (trace_sink){take, m};
}

/* ---- the toy engine --------------------------------------------------------------- */

static const char *toy_type_name(uint32_t type)
{
    return type == TOY_ASK ? "Ask" : "Tell";
}

static void toy_describe(const sim_message *m, sim_field_fn *fn, void *to)
{
    const toy_message *toy = (const toy_message *)m;
    if (m->type == TOY_ASK) {
        fn(to, &(sim_field){.name = "last", .kind = SIM_FIELD_POINT, .point = toy->last});
        return;
    }
    fn(to, &(sim_field){.name = "ok", .kind = SIM_FIELD_YESNO, .number = toy->ok});
    fn(to, &(sim_field){.name = "commit", .kind = SIM_FIELD_NUMBER, .number = toy->commit});
    fn(to, &(sim_field){.name = "entries",
                        .kind = SIM_FIELD_ENTRIES,
                        .number = toy->first,
                        .entries = toy->entries,
                        .n = toy->n});
}

const sim_engine toy_engine = {
    .name = "toy", .type_count = 2, .type_name = toy_type_name, .describe = toy_describe};

static const char *const nodes[] = {"n1", "n2", "n3"};
static const char *const cites[] = {"Raft thesis 3.4"};
static const trace_option options[] = {{"heartbeat", "50ms"}, {"pre_vote", "off"}};
static const trace_source sources[] = {
    {"log/story.scenario", "scenario \"S\"\ncluster 3\n", 23},
    {"log/more.scenario", "# \xC3\xA9\n", 5}};

const trace_header story_header = {
    .scenario = "log/story.scenario",
    .title = "A story, with \"quotes\"",
    .about = "Two\nlines.",
    .cites = cites,
    .cites_n = 1,
    .engine = "toy",
    .app = "counter",
    .nodes = nodes,
    .nodes_n = 3,
    .seed = 42,
    .options = options,
    .options_n = 2,
    .source = sources,
    .source_n = 2,
};

/* ---- telling ------------------------------------------------------------------------ */

void tell(teller *t, sim_note_kind kind, sim_id node, sim_note note)
{
    note.seq = ++t->seq;
    note.cause = t->cause;
    note.at = t->at;
    note.kind = kind;
    note.node = node;
    note.section = t->section;
    note.line = t->line;
    t->to.note(t->to.self, &note);
}

void tell_section(teller *t, const char *title, bool prepare)
{
    static const char *const uses[] = {"a.b", "c.d"};
    t->section++;
    tell(t, SIM_NOTE_SECTION, 0,
         (sim_note){.as.section = {.title = title,
                                   .prepare = prepare,
                                   .uses = uses,
                                   .uses_n = prepare ? 2 : 0,
                                   .tests = uses,
                                   .tests_n = prepare ? 0 : 1}});
}

void tell_send(teller *t, uint64_t id, const toy_message *m)
{
    tell(t, SIM_NOTE_SEND, m->head.from,
         (sim_note){.as.message = {.id = id, .message = &m->head}});
}

void tell_moved(teller *t, sim_note_kind kind, uint64_t id, const toy_message *m)
{
    tell(t, kind, kind == SIM_NOTE_DELIVER ? m->head.to : m->head.from,
         (sim_note){.as.message = {.id = id, .message = &m->head, .copy = id + 100}});
}

void tell_append(teller *t, sim_id node, uint64_t index, uint64_t term, const char *command)
{
    const sim_entry e = {.term = term,
                         .data = (const uint8_t *)command,
                         .bytes = command ? (uint32_t)strlen(command) : 0,
                         .kind = command ? SIM_ENTRY_COMMAND : SIM_ENTRY_NOOP};
    tell(t, SIM_NOTE_APPEND, node,
         (sim_note){.state = {.changed = SIM_STATE_LAST, .last = {index, term}},
                    .as.append = {.index = index, .entries = &e, .n = 1}});
}

static const toy_message ask = {.head = {TOY_ASK, 1, 2, 1}, .last = {0, 0}};
static const sim_entry carried = {
    .term = 1, .data = (const uint8_t *)"add \"1\"", .bytes = 7, .kind = SIM_ENTRY_COMMAND};
static const toy_message tell_back = {.head = {TOY_TELL, 2, 1, 1},
                                      .commit = 1,
                                      .entries = &carried,
                                      .first = 2,
                                      .n = 1,
                                      .ok = true};

static void tell_election(teller *t)
{
    tell_section(t, "n1 is elected", true);
    t->line = 7;
    tell(t, SIM_NOTE_COMMAND, 0, (sim_note){.as.text.text = "timeout n1"});
    t->cause = t->seq;
    t->at = 150000;
    tell(t, SIM_NOTE_TIMER, 1, (sim_note){.as.timer.timer = SIM_TIMER_ELECTION});
    tell(t, SIM_NOTE_TERM, 1,
         (sim_note){.state = {.changed = SIM_STATE_TERM | SIM_STATE_VOTE, .term = 1},
                    .as.term = {0, 1}});
    tell(t, SIM_NOTE_ROLE, 1,
         (sim_note){.state = {.changed = SIM_STATE_ROLE, .role = SIM_CANDIDATE},
                    .as.role = {SIM_FOLLOWER, SIM_CANDIDATE, "election timeout"}});
    tell(t, SIM_NOTE_VOTE, 1,
         (sim_note){.state = {.changed = SIM_STATE_VOTE, .vote = 1}, .as.vote = {1, 1}});
    tell_send(t, 1, &ask);
    tell_moved(t, SIM_NOTE_DUPLICATE, 1, &ask);
    tell_moved(t, SIM_NOTE_DELIVER, 1, &ask);
    tell(t, SIM_NOTE_DROP, 1,
         (sim_note){.as.message = {.id = 101, .message = &ask.head, .drop = SIM_DROP_SCRIPT}});
    tell(t, SIM_NOTE_ROLE, 1,
         (sim_note){.state = {.changed = SIM_STATE_ROLE | SIM_STATE_LEADER,
                              .role = SIM_LEADER,
                              .leader = 1},
                    .as.role = {SIM_CANDIDATE, SIM_LEADER, "2 of 3 votes"}});
    t->cause = 0;
}

static void tell_commands(teller *t)
{
    tell_section(t, "Commands, \xE2\x82\xAC and \x01", false);
    t->line = 12;
    tell_append(t, 1, 1, 1, NULL);
    tell_append(t, 1, 2, 1, "add \"1\"");
    tell_append(t, 1, 3, 1, "b\\c\nd");
    tell(t, SIM_NOTE_DISK, 1,
         (sim_note){.as.disk = {.op = "submitted", .write = 1, .index = 1, .n = 3}});
    tell(t, SIM_NOTE_DISK, 1,
         (sim_note){.state = {.changed = SIM_STATE_DURABLE, .durable = 3},
                    .as.disk = {.op = "durable", .write = 1, .index = 1, .n = 3}});
    tell(t, SIM_NOTE_REQUEST, 1,
         (sim_note){
             .as.request = {.id = 1, .name = "first", .command = "add, 1", .command_len = 6}});
    tell(t, SIM_NOTE_COMMIT, 1,
         (sim_note){.state = {.changed = SIM_STATE_COMMIT, .commit = 2}, .as.range = {1, 2}});
    tell(t, SIM_NOTE_APPLY, 1,
         (sim_note){.state = {.changed = SIM_STATE_APPLIED, .applied = 2}, .as.range = {1, 2}});
    tell(t, SIM_NOTE_RESPONSE, 1,
         (sim_note){.as.request = {.id = 1,
                                   .name = "first",
                                   .status = SIM_STATUS_OK,
                                   .answer = "1",
                                   .answer_len = 1,
                                   .point = {2, 1}}});
    tell(t, SIM_NOTE_RESPONSE, 2,
         (sim_note){.as.request = {.id = 2, .status = SIM_STATUS_REDIRECT, .leader = 1}});
    tell(t, SIM_NOTE_TRUNCATE, 1,
         (sim_note){.state = {.changed = SIM_STATE_LAST, .last = {2, 1}},
                    .as.truncate = {3, 1}});
    tell(t, SIM_NOTE_SNAPSHOT, 1,
         (sim_note){.state = {.changed = SIM_STATE_SNAPSHOT, .snapshot = {1, 1}},
                    .as.snapshot = {.op = "taken", .last = {1, 1}, .bytes = 12}});
    tell(t, SIM_NOTE_CONFIG, 1,
         (sim_note){.state = {.changed = SIM_STATE_CONFIG,
                              .config = {.voters = 5},
                              .config_text = "n1 n3"},
                    .as.config = {.text = "n1 n3", .index = 2, .why = "appended"}});
}

static void tell_trouble(teller *t)
{
    tell_section(t, "Trouble", false);
    tell_send(t, 2, &tell_back);
    tell(t, SIM_NOTE_HOLD, 1,
         (sim_note){.as.message = {.id = 2, .message = &tell_back.head, .due = 160000}});
    t->at = 160000;
    tell(t, SIM_NOTE_DELIVER, 1,
         (sim_note){.as.message = {.id = 2, .message = &tell_back.head, .ignored = "stale"}});
    tell(t, SIM_NOTE_PARTITION, 0, (sim_note){.as.links.text = "n1 n2 | n3"});
    tell(t, SIM_NOTE_HEAL, 0, (sim_note){.as.links.text = "n1 -> n3"});
    tell(t, SIM_NOTE_PAUSE, 3, (sim_note){0});
    tell(t, SIM_NOTE_RESUME, 3, (sim_note){0});
    tell(t, SIM_NOTE_CRASH, 1, (sim_note){.as.life.how = "torn"});
    tell(t, SIM_NOTE_RESTART, 1,
         (sim_note){.state = {.changed = SIM_STATE_ROLE | SIM_STATE_TERM | SIM_STATE_VOTE |
                                         SIM_STATE_LEADER | SIM_STATE_COMMIT |
                                         SIM_STATE_APPLIED | SIM_STATE_LAST |
                                         SIM_STATE_DURABLE | SIM_STATE_CONFIG,
                              .term = 1,
                              .vote = 1,
                              .last = {3, 1},
                              .durable = 3,
                              .config = {.voters = 7},
                              .config_text = "n1 n2 n3"}});
    tell(t, SIM_NOTE_NOTE, 0, (sim_note){.as.text.text = "a remark"});
    tell(t, SIM_NOTE_EXPECT, 0, (sim_note){.as.expect = {"n1 leader", "n1 follower", false}});
    tell(t, SIM_NOTE_VIOLATION, 1,
         (sim_note){.as.violation = {.invariant = "Election Safety",
                                     .cite = "thesis 3.2",
                                     .one = "one",
                                     .other = "other",
                                     .one_seq = 5}});
}

sim_text story_text(void)
{
    memory_sink m = {0};
    trace_writer *w = trace_writer_new(memory_sink_of(&m), &toy_engine, &story_header);
    teller t = {.to = trace_writer_observer(w)};
    tell_election(&t);
    tell_commands(&t);
    tell_trouble(&t);
    must(trace_writer_finish(w, "failed", "n1 is no leader", UINT64_C(0xfeed)), "write");
    trace_writer_free(w);
    return m.text;
}

sim_text story_long(uint64_t n)
{
    memory_sink m = {0};
    trace_writer *w = trace_writer_new(memory_sink_of(&m), &toy_engine, &story_header);
    teller t = {.to = trace_writer_observer(w)};
    tell_section(&t, "Long", false);
    for (uint64_t id = 1; id <= n; id++) {
        const toy_message *message = id % 2 ? &ask : &tell_back;
        t.at += 10;
        t.cause = t.seq;
        tell_send(&t, id, message);
        tell_append(&t, 1, id, 1, "add 1");
        tell_moved(&t, SIM_NOTE_DELIVER, id, message);
    }
    must(trace_writer_finish(w, "passed", "", 1), "write");
    trace_writer_free(w);
    return m.text;
}

trace *story_read(const sim_text *text)
{
    trace_error error;
    trace *t = trace_read(text->at, text->len, &error);
    must(t != NULL, error.text);
    return t;
}
