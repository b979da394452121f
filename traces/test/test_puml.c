/* test_puml.c - diagrams of traces that are told by hand. */
#include "tests/suite.h"
#include "traces/export_puml.h"
#include "traces/test/test_puml_story.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const two[] = {"n2", "n3"};
static const char *const four[] = {"n2", "n3", "n4", "n5"};
static const char ok[] = "\"ok\":\"yes\",\"prev\":1,\"match\":2,\"conflict\":\"0@0\"";
static const char add[] =
    "\"prev\":\"1@1\",\"commit\":1,\"entries\":[\"2@1 command \\\"add 5\\\"\"]";

static book pages; /* one at a time: it is large */

static const char *draw(trace *t, const char *suffix, const trace_puml_options *o)
{
    book_free(&pages);
    book_of(&pages, t, o);
    for (size_t i = 0; i < pages.n; i++)
        lint(pages.page[i].text.at);
    trace_free(t);
    return book_page(&pages, suffix);
}

static void has(const char *page, const char *part)
{
    ck_assert_msg(strstr(page, part) != NULL, "no '%s' in\n%s", part, page);
}

static void has_not(const char *page, const char *part)
{
    ck_assert_msg(strstr(page, part) == NULL, "there is '%s' in\n%s", part, page);
}

static void in_order(const char *page, const char *const *parts)
{
    for (const char *at = page; *parts; parts++) {
        const char *found = strstr(at, *parts);
        ck_assert_msg(found != NULL, "no '%s' where it should be in\n%s", *parts, page);
        at = found + 1;
    }
}

/* ---- golden ------------------------------------------------------------------------------ */

/* WAVETANK_BLESS=1 rewrites; read the difference as if somebody else had written it. */
static void golden(const char *name, const char *page)
{
    sim_text path = {0}, was = {0};
    sim_text_format(&path, "%s/%s.puml", GOLDEN, name);
    if (getenv("WAVETANK_BLESS")) {
        FILE *to = fopen(path.at, "wb");
        ck_assert(to != NULL && fputs(page, to) >= 0 && fclose(to) == 0);
    }
    FILE *from = fopen(path.at, "rb");
    ck_assert_msg(from != NULL, "cannot read %s", path.at);
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, from)) > 0;)
        sim_text_add(&was, piece, n);
    fclose(from);
    ck_assert_msg(strcmp(was.at, page) == 0, "%s is another now:\n%s", path.at, page);
    sim_text_free(&path);
    sim_text_free(&was);
}

START_TEST(an_election_looks_as_before)
{
    tale *t = tale_new("Three nodes elect a leader", "n1 n2 n3");
    tale_section(t, "n1 is elected");
    t->at_us = 217000;
    tale_election(t, "n1", two, 2, 1);
    golden("election", draw(tale_read(t, "passed"), "1", NULL));
}
END_TEST

/* A request that is committed, one that is redirected, a partition, a new leader, the heal. */
static trace *partition(void)
{
    tale *t = tale_new("A partition and its end", "n1 n2 n3");
    tale_section(t, "n1 leads");
    tale_election(t, "n1", two, 2, 1);
    tale_section(t, "It is cut off, and comes back");
    uint64_t step = tale_event(t, "request", "n1", 0,
                               "\"id\":1,\"name\":\"first\",\"to\":\"n1\","
                               "\"command\":\"add 5\"");
    tale_event(t, "append", "n1", step,
               "\"index\":2,\"entries\":[\"2@1 command \\\"add 5\\\"\"]");
    uint64_t a = tale_send(t, "n1", "n2", "AppendEntries", 1, step, add);
    uint64_t b = tale_send(t, "n1", "n3", "AppendEntries", 1, step, add);
    uint64_t cut = tale_event(t, "partition", "", 0, "\"links\":\"n3 | n1 n2\"");
    tale_drop(t, b, "cut", cut);
    step = tale_deliver(t, a, "");
    a = tale_send(t, "n2", "n1", "AppendEntriesReply", 1, step, ok);
    step = tale_deliver(t, a, "");
    tale_event(t, "commit", "n1", step, "\"from\":2,\"to\":2,\"state\":{\"commit\":2}");
    tale_event(t, "response", "n1", step,
               "\"id\":1,\"name\":\"first\",\"status\":\"ok\",\"answer\":\"5\"");
    t->at_us += 140000;
    step = tale_event(t, "timer", "n3", 0, "\"timer\":\"election\"");
    tale_event(t, "term", "n3", step, "\"from\":1,\"to\":2");
    tale_event(t, "role", "n3", step,
               "\"from\":\"follower\",\"to\":\"candidate\",\"why\":\"election timeout\"");
    a = tale_send(t, "n3", "n1", "RequestVote", 2, step, "\"last\":\"1@1\"");
    tale_drop(t, a, "cut", t->seq);
    tale_event(t, "heal", "", 0, "\"links\":\"all\"");
    t->at_us += 60000;
    a = tale_send(t, "n3", "n1", "RequestVote", 3, 0, "\"last\":\"1@1\"");
    step = tale_deliver(t, a, "");
    tale_event(t, "term", "n1", step, "\"from\":1,\"to\":3");
    tale_event(t, "role", "n1", step,
               "\"from\":\"leader\",\"to\":\"follower\",\"why\":\"heard a higher term\"");
    tale_event(t, "expect", "", 0,
               "\"condition\":\"n1 leader\",\"actual\":\"n1 follower\",\"passed\":\"no\"");
    return tale_read(t, "failed");
}

START_TEST(a_partition_looks_as_before)
{
    golden("partition", draw(partition(), "2", NULL));
}
END_TEST

START_TEST(a_crash_looks_as_before)
{
    tale *t = tale_new("A leader crashes and comes back", "n1 n2 n3");
    tale_election(t, "n1", two, 2, 1);
    uint64_t step = tale_plain(t, "crash", "n1", 0);
    tale_event(t, "disk", "n1", step, "\"op\":\"lost\",\"write\":4,\"first\":2,\"count\":2");
    t->at_us += 100000;
    tale_event(t, "restart", "n1", 0,
               "\"state\":{\"role\":\"follower\",\"term\":1,\"last\":\"1@1\"}");
    tale_plain(t, "pause", "n2", 0);
    tale_plain(t, "resume", "n2", 0);
    tale_event(t, "note", "", 0, "\"text\":\"And so on.\"");
    golden("crash", draw(tale_read(t, "passed"), "1", NULL));
}
END_TEST

/* ---- order ----------------------------------------------------------------------------------
 */

START_TEST(in_still_water_every_message_is_one_arrow)
{
    tale *t = tale_new("", "n1 n2 n3 n4 n5");
    tale_election(t, "n1", four, 4, 1);
    const char *page = draw(tale_read(t, "passed"), "1", NULL);
    has_not(page, "?");
    ck_assert_uint_eq(times(page, "RequestVote</b>"), 4);
    ck_assert_uint_eq(times(page, "granted</b>"), 4);
    ck_assert_uint_eq(times(page, "AppendEntries</b>"), 4);
    in_order(page, (const char *const[]){"election timeout", "n1 -[#7A3E9D]> n5",
                                         "n2 -[#7A3E9D]-> n1", "<b>leader</b>", "a late vote",
                                         "n1 -[#1F5FA8]> n2", "commit 0→1", NULL});
}
END_TEST

START_TEST(what_is_overtaken_leaves_and_arrives_apart)
{
    tale *t = tale_new("", "n1 n2");
    uint64_t step = tale_event(t, "request", "n1", 0,
                               "\"id\":1,\"name\":\"\",\"to\":\"n1\",\"command\":\"a\"");
    uint64_t slow = tale_send(t, "n1", "n2", "AppendEntries", 1, step, add);
    step = tale_event(t, "request", "n1", 0,
                      "\"id\":2,\"name\":\"\",\"to\":\"n1\",\"command\":\"b\"");
    uint64_t fast = tale_send(t, "n1", "n2", "AppendEntries", 1, step, add);
    step = tale_deliver(t, fast, "");
    tale_send(t, "n2", "n1", "AppendEntriesReply", 1, step, ok);
    t->at_us = 30000;
    step = tale_deliver(t, slow, "");
    tale_send(t, "n2", "n1", "AppendEntriesReply", 1, step, ok);
    const char *page = draw(tale_read(t, "passed"), "1", NULL);
    in_order(page, (const char *const[]){"<b>a</b>", "n1 -[#1F5FA8]>?", "<U+0023>1 Append",
                                         "to n2", "arrives below", "<b>b</b>",
                                         "n1 -[#1F5FA8]> n2", "?-[#1F5FA8]> n2", "from n1",
                                         "sent above", "after 30 ms", NULL});
    ck_assert_uint_eq(times(page, "still in flight at the end"), 2);
    /* room for them to end before the next lifeline */
    ck_assert_uint_eq(times(page, "ParticipantPadding 96\n"), 1);
}
END_TEST

START_TEST(two_that_cross_are_not_both_level)
{
    tale *t = tale_new("", "n1 n2");
    uint64_t a = tale_send(t, "n1", "n2", "Ping", 1,
                           tale_event(t, "timer", "n1", 0, "\"timer\":\"heartbeat\""),
                           "\"colour\":\"blue\",\"size\":3");
    uint64_t b = tale_send(t, "n2", "n1", "Ping", 1,
                           tale_event(t, "timer", "n2", 0, "\"timer\":\"heartbeat\""), "");
    tale_event(t, "commit", "n2", tale_deliver(t, a, ""), "\"from\":1,\"to\":1");
    tale_event(t, "commit", "n1", tale_deliver(t, b, ""), "\"from\":1,\"to\":1");
    const char *page = draw(tale_read(t, "passed"), "1", NULL);
    has(page, "n1 -[#3C4650]> n2");
    has(page, "colour blue · size 3");
    has(page, "?<[#3C4650]- n2");
    has(page, "n1 <[#3C4650]-?");
}
END_TEST

START_TEST(a_remark_stands_between_a_send_and_its_arrival)
{
    tale *t = tale_new("", "n1 n2");
    uint64_t step = tale_event(t, "timer", "n1", 0, "\"timer\":\"heartbeat\"");
    uint64_t a = tale_send(t, "n1", "n2", "Ping", 1, step, "");
    tale_plain(t, "crash", "n1", 0);
    tale_event(t, "note", "", 0, "\"text\":\"it is on its way\"");
    tale_deliver(t, a, "");
    in_order(draw(tale_read(t, "passed"), "1", NULL),
             (const char *const[]){"n1 -[#3C4650]>?", "<b>crash</b>", "it is on its way",
                                   "?-[#3C4650]> n2", NULL});
}
END_TEST

START_TEST(sections_say_what_crosses_them)
{
    tale *t = tale_new("", "n1 n2");
    tale_section(t, "one");
    uint64_t a = tale_send(t, "n1", "n2", "Ping", 1, 0, "");
    uint64_t b = tale_send(t, "n1", "n2", "Ping", 1, 0, "");
    tale_section(t, "two");
    tale_deliver(t, a, "");
    tale_drop(t, b, "script", 0);
    const char *page = draw(tale_read(t, "passed"), "1", NULL);
    ck_assert_uint_eq(times(page, "in flight until section 2"), 2);
    page = book_page(&pages, "2");
    in_order(page, (const char *const[]){"?-[#3C4650]> n2", "from n1 · sent in section 1",
                                         "n1 -[#C62828]>x n2", "dropped by the script",
                                         "sent in section 1", NULL});
}
END_TEST

/* An arrow that ends nowhere is as long as its words: with long ones it would seem to come
 * from a node that it only passes by. */
START_TEST(an_arrow_from_nowhere_has_short_lines)
{
    static const char words[] = "\\n<size:10><color:#7C8894>";
    tale *t = tale_new("", "n1 n2 n3");
    tale_section(t, "one");
    uint64_t a = tale_send(t, "n1", "n3", "InstallSnapshot", 1, 0,
                           "\"last\":\"21@1\",\"offset\":100,\"total\":891,\"bytes\":100");
    tale_section(t, "two");
    tale_deliver(t, a, "\"ignored\":\"nobody waits for this state any more, it is there\"");
    const char *page = draw(tale_read(t, "passed"), "2", NULL);
    in_order(page, (const char *const[]){
                       "?-[#3C4650]> n3", "last 21@1 · offset 100</color>",
                       ">total 891 · bytes 100</color>", ">from n1 · sent in section 1</color>",
                       ">ignored: nobody waits for</color>",
                       ">this state any more, it is</color>", ">there</color>", NULL});
    for (const char *at = page; (at = strstr(at, words)); at++) {
        const char *line = at + strlen(words);
        size_t len = (size_t)(strchr(line, '<') - line);
        ck_assert_msg(sim_text_columns(line, len) <= PUML_NARROW_MAX, "%.*s", (int)len, line);
    }
    has(book_page(&pages, "1"), "last 21@1 · offset 100</color>");
}
END_TEST

START_TEST(why_a_message_is_ignored_stands_on_a_line_of_its_own)
{
    tale *t = tale_new("", "n1 n2 n3");
    uint64_t a = tale_send(t, "n1", "n2", "AppendEntriesReply", 1, 0, ok);
    tale_deliver(t, a, "\"ignored\":\"an answer to a leader, which this server is not\"");
    has(draw(tale_read(t, "passed"), "1", NULL),
        "match 2</color></size>\\n<size:10><color:#7C8894>ignored: an answer to a leader, "
        "which this server is not</color>");
}
END_TEST

/* ---- marks
 * ------------------------------------------------------------------------------------ */

START_TEST(held_forged_and_doubled_messages_are_marked)
{
    tale *t = tale_new("", "n1 n2");
    uint64_t a = tale_send(t, "n1", "n2", "PreVote", 2, 0, "\"last\":\"1@1\"");
    tale_hold(t, a);
    uint64_t forged =
        tale_send(t, "n2", "n1", "PreVoteReply", 2, 0, "\"granted\":\"no\",\"forged\":\"yes\"");
    uint64_t copy = tale_duplicate(t, forged);
    tale_deliver(t, forged, "");
    tale_deliver(t, copy, "\"ignored\":\"counted already\"");
    tale_deliver(t, a, "");
    const char *page = draw(tale_read(t, "passed"), "1", NULL);
    in_order(page, (const char *const[]){"n1 -[#7A3E9D]>?", "held", "-[#8D6E63]->o n1",
                                         "pre-vote denied", "forged by the script",
                                         "copy of <U+0023>2", "ignored: counted already",
                                         "sent above", NULL});
    has(page, "forged  |");
}
END_TEST

START_TEST(every_reason_of_a_loss_has_its_words)
{
    static const char *const reasons[][2] = {{"cut", "lost, link cut"},
                                             {"lossy", "lost by the network"},
                                             {"script", "dropped by the script"},
                                             {"crashed", "node down"},
                                             {"corrupt", "damaged, refused by its checksum"}};
    for (size_t i = 0; i < 5; i++) {
        tale *t = tale_new("", "n1 n2");
        tale_drop(t, tale_send(t, "n1", "n2", "Ping", 1, 0, ""), reasons[i][0], 0);
        const char *page = draw(tale_read(t, "passed"), "1", NULL);
        has(page, "n1 -[#C62828]>x n2");
        has(page, reasons[i][1]);
        has(page, "×</b></color>  lost");
    }
}
END_TEST

START_TEST(a_write_that_nobody_waits_for_is_not_drawn)
{
    tale *t = tale_new("", "n1 n2");
    uint64_t a = tale_send(t, "n1", "n2", "RequestVote", 1, 0, "\"last\":\"0@0\"");
    uint64_t step = tale_deliver(t, a, "");
    step = tale_event(t, "disk", "n2", step,
                      "\"op\":\"submitted\",\"write\":1,\"term\":1,\"vote\":\"n1\"");
    step = tale_event(t, "disk", "n2", step, "\"op\":\"durable\",\"write\":1");
    tale_send(t, "n2", "n1", "RequestVoteReply", 1, step, "\"granted\":\"yes\"");
    has_not(draw(tale_read(t, "passed"), "1", NULL), "disk");
}
END_TEST

START_TEST(a_vote_that_waits_for_the_disk_is_seen_waiting)
{
    tale *t = tale_new("", "n1 n2");
    tale_event(t, "disk", "n2", 0, "\"op\":\"held\",\"write\":0");
    uint64_t a = tale_send(t, "n1", "n2", "RequestVote", 1, 0, "\"last\":\"0@0\"");
    uint64_t step = tale_deliver(t, a, "");
    uint64_t write = tale_event(t, "disk", "n2", step,
                                "\"op\":\"submitted\",\"write\":1,\"term\":1,\"vote\":\"n1\"");
    tale_event(t, "expect", "", 0, "\"condition\":\"c\",\"actual\":\"a\",\"passed\":\"yes\"");
    tale_event(t, "disk", "n2", 0, "\"op\":\"released\",\"write\":0");
    step = tale_event(t, "disk", "n2", write,
                      "\"op\":\"durable\",\"write\":1,\"term\":1,\"vote\":\"n1\"");
    tale_send(t, "n2", "n1", "RequestVoteReply", 1, step, "\"granted\":\"yes\"");
    in_order(draw(tale_read(t, "passed"), "1", NULL),
             (const char *const[]){"disk held", "RequestVote",
                                   "waits for the disk: term 1, vote n1", "disk released",
                                   "on disk: term 1, vote n1", "granted", NULL});
}
END_TEST

START_TEST(clients_stand_there_only_when_they_ask)
{
    tale *t = tale_new("", "client n2");
    tale_section(t, "nobody asks");
    tale_plain(t, "crash", "n2", 0);
    tale_section(t, "somebody asks");
    uint64_t step = tale_event(t, "request", "client", 0,
                               "\"id\":1,\"name\":\"one\",\"to\":\"client\",\"command\":\"x\"");
    tale_event(t, "response", "client", step,
               "\"id\":1,\"name\":\"one\",\"status\":\"redirect\",\"answer\":\"not_leader\","
               "\"leader\":\"n2\"");
    const char *page = draw(tale_read(t, "passed"), "1", NULL);
    has_not(page, "participant client");
    has(page, "participant \"client\" as p1");
    page = book_page(&pages, "2");
    has(page, "participant client #");
    has(page, "client -[#0B7A75]> p1");
    has(page, "p1 -[#C62828]-> client");
    has(page, "<b>redirect</b></color> to n2");
    has(page, "n2\\n<size:10><color:#C62828>crashed");
}
END_TEST

START_TEST(a_refusal_stands_there_by_its_name)
{
    tale *t = tale_new("", "n1");
    uint64_t step = tale_event(t, "request", "n1", 0,
                               "\"id\":1,\"name\":\"one\",\"to\":\"n1\",\"command\":\"x\"");
    tale_event(t, "response", "n1", step,
               "\"id\":1,\"name\":\"one\",\"status\":\"failed\",\"answer\":\"last_voter\"");
    step = tale_event(t, "request", "n1", 0,
                      "\"id\":2,\"name\":\"two\",\"to\":\"n1\",\"command\":\"y\"");
    tale_event(t, "response", "n1", step,
               "\"id\":2,\"name\":\"two\",\"status\":\"timeout\",\"answer\":\"timeout\"");
    in_order(draw(tale_read(t, "passed"), "1", NULL),
             (const char *const[]){"<b>failed</b></color> last_voter\\n", ">one<",
                                   "<b>timeout</b></color>\\n", ">two<", NULL});
}
END_TEST

START_TEST(failures_stand_in_red_and_what_passed_does_not_stand_there)
{
    tale *t = tale_new("", "n1 n2");
    tale_event(t, "expect", "", 0,
               "\"condition\":\"it rains\",\"actual\":\"it does\",\"passed\":\"yes\"");
    tale_event(t, "violation", "", 0,
               "\"invariant\":\"Election Safety\",\"cite\":\"Raft thesis 3.2\","
               "\"one\":\"n1 led\",\"other\":\"n2 leads\"");
    const char *page = draw(tale_read(t, "violation"), "1", NULL);
    has_not(page, "it rains");
    has_not(page, "because of");
    in_order(page,
             (const char *const[]){"note over n1, n2 #FDECEA", "Election Safety", "violated",
                                   "Raft thesis 3.2", "n1 led", "n2 leads", NULL});
    t = tale_new("", "n1 n2");
    tale_event(t, "note", "", 0, "\"text\":\"x\"");
    has(draw(tale_read(t, "failed"), "1", NULL), "because of <U+003C>b>this");
}
END_TEST

START_TEST(commands_show_only_where_nothing_else_does)
{
    tale *t = tale_new("", "n1 n2");
    tale_event(t, "command", "", 0, "\"text\":\"settle\"");
    tale_event(t, "command", "", 0, "\"text\":\"hold n1 -> n2\"");
    tale_event(t, "command", "", 0, "\"text\":\"campaign n1\"");
    uint64_t step = t->seq;
    tale_event(t, "term", "n1", step, "\"from\":0,\"to\":1");
    tale_event(t, "role", "n1", step,
               "\"from\":\"follower\",\"to\":\"candidate\",\"why\":\"told to\"");
    tale_event(t, "command", "", 0, "\"text\":\"crash n2\"");
    tale_plain(t, "crash", "n2", t->seq);
    const char *page = draw(tale_read(t, "passed"), "1", NULL);
    has(page, "hold n1 -> n2");
    has(page, "told to → <b>candidate</b> T1");
    has_not(page, "settle");
    has_not(page, "campaign");
    has_not(page, "crash n2");
}
END_TEST

/* ---- heartbeats
 * --------------------------------------------------------------------------------- */

START_TEST(heartbeats_that_change_nothing_are_one_line)
{
    tale *t = tale_new("", "n1 n2 n3");
    for (int i = 0; i < 3; i++) {
        t->at_us += 50000;
        tale_heartbeats(t, "n1", two, 2, 1, false);
    }
    t->at_us += 50000;
    tale_plain(t, "crash", "n2", 0);
    trace *read = tale_read(t, "passed");
    const char *page = draw(read, "1", NULL);
    has(page, "... +150 ms · 6 heartbeats from n1, all acknowledged ...");
    has_not(page, "</b></color> T1");
    t = tale_new("", "n1 n2 n3");
    tale_plain(t, "pause", "n2", 0);
    t->at_us = 12345678;
    tale_plain(t, "resume", "n2", 0);
    page = draw(tale_read(t, "passed"), "1", NULL);
    has(page, "... +12.3 s ...");
    has(page, "0.0–12.3 s");
}
END_TEST

START_TEST(a_switch_shows_them)
{
    tale *t = tale_new("", "n1 n2 n3");
    tale_heartbeats(t, "n1", two, 2, 1, false);
    const trace_puml_options all = {.heartbeats = true};
    const char *page = draw(tale_read(t, "passed"), "1", &all);
    ck_assert_uint_eq(times(page, "heartbeat</b>"), 2);
    ck_assert_uint_eq(times(page, "ok</b>"), 2);
}
END_TEST

START_TEST(lost_heartbeats_are_counted_by_what_took_them)
{
    tale *t = tale_new("", "n1 n2 n3");
    tale_heartbeats(t, "n1", two, 2, 1, true);
    tale_heartbeats(t, "n1", two, 2, 1, false);
    tale_heartbeats(t, "n2", &two[1], 1, 2, true);
    has(draw(tale_read(t, "passed"), "1", NULL),
        "4 heartbeats from n1, 2 acknowledged, 2 lost to a cut link ...\n"
        "... 1 heartbeat from n2, lost, link cut ...");
}
END_TEST

/* A round is drawn whole when one of its heartbeats matters. */
START_TEST(a_heartbeat_that_matters_is_drawn)
{
    static const char *const spoilers[] = {"commit", "script", "state"};
    for (size_t i = 0; i < 3; i++) {
        tale *t = tale_new("", "n1 n2 n3");
        uint64_t ids[2], step = tale_event(t, "timer", "n1", 0, "\"timer\":\"heartbeat\"");
        for (size_t k = 0; k < 2; k++)
            ids[k] = tale_send(t, "n1", two[k], "AppendEntries", 1, step,
                               "\"prev\":\"1@1\",\"commit\":1,\"entries\":[]");
        step = tale_deliver(t, ids[0], "");
        tale_send(t, "n2", "n1", "AppendEntriesReply", 1, step, ok);
        tale_deliver(t, t->messages, "");
        if (i == 1) {
            tale_drop(t, ids[1], "script", 0);
        } else {
            step = tale_deliver(t, ids[1], i == 2 ? "\"state\":{\"leader\":\"n1\"}" : "");
            if (i == 0)
                tale_event(t, "commit", "n3", step, "\"from\":1,\"to\":1");
            tale_send(t, "n3", "n1", "AppendEntriesReply", 1, step, ok);
            tale_deliver(t, t->messages, "");
        }
        const char *page = draw(tale_read(t, "passed"), "1", NULL);
        ck_assert_msg(times(page, "heartbeat</b>") == 2, "%s:\n%s", spoilers[i], page);
        has_not(page, "heartbeats from");
    }
}
END_TEST

/* ---- parts
 * ---------------------------------------------------------------------------------------- */

static trace *long_one(uint32_t elections)
{
    tale *t = tale_new("A long one", "n1 n2 n3");
    tale_event(t, "partition", "", 0, "\"links\":\"n3 -> n2\"");
    for (uint32_t i = 1; i <= elections; i++) {
        t->at_us += 200000;
        tale_election(t, "n1", two, 2, i);
    }
    tale_plain(t, "crash", "n1", 0);
    return tale_read(t, "passed");
}

START_TEST(a_long_section_is_split_at_an_election)
{
    const trace_puml_options o = {.messages_max = 20};
    const char *page = draw(long_one(5), "1", &o);
    ck_assert_uint_eq(pages.n, 3);
    uint32_t messages = 0;
    for (size_t i = 0; i < pages.n; i++)
        messages += times(pages.page[i].text.at, "</b></color> T");
    ck_assert_uint_eq(messages, 5 * 8);
    has(page, "== continued in part 2 ==\n");
    has(page, "part 1 of 3");
    has(page, "group cut [n3 -> n2]\n");
    page = book_page(&pages, "1_2");
    in_order(page,
             (const char *const[]){
                 "activate n1 #E3EAF2", "-[hidden]> n1 ++ #9FD8A8",
                 "== continued from part 1 ==", "group cut (continued) [n3 -> n2]",
                 "election timeout → <b>candidate</b> T3", "== continued in part 3 ==", NULL});
    has(book_page(&pages, "1_3"), "<b>crash</b>");
    has_not(book_page(&pages, "1_3"), "continued in");
}
END_TEST

START_TEST(without_an_election_it_is_split_where_the_page_is_full)
{
    tale *t = tale_new("", "n1 n2");
    for (int i = 0; i < 51; i++)
        tale_deliver(t, tale_send(t, "n1", "n2", "Ping", 1, 0, ""), "");
    draw(tale_read(t, "passed"), "1", NULL);
    ck_assert_uint_eq(pages.n, 2);
    ck_assert_uint_eq(times(book_page(&pages, "1"), "Ping</b>"), 50);
    ck_assert_uint_eq(times(book_page(&pages, "1_2"), "Ping</b>"), 1);
}
END_TEST

/* ---- text
 * ------------------------------------------------------------------------------------------ */

START_TEST(no_mark_of_plantuml_survives_in_foreign_text)
{
    static const char *const rows[][2] = {
        {"plain words, n1's too: 5 < 6", "plain words, n1's too: 5 <U+003C> 6"},
        {"__a__ //b// **c** --d-- \"\"e\"\"",
         "_<U+005F>a_<U+005F> /<U+002F>b/<U+002F> *<U+002A>c*<U+002A> -<U+002D>d-<U+002D> "
         "<U+0022><U+0022>e<U+0022><U+0022>"},
        {"<b>x</b> [[y]] ~z", "<U+003C>b>x<U+003C>/b> [<U+005B>y]<U+005D> <U+007E>z"},
        {"a\\nb %date() &#95; $name $5", "a<U+005C>nb <U+0025>date() &<U+0023>95; "
                                         "<U+0024>name $5"},
        {"* one\n# two\n== three", "<U+002A> one\\n<U+0023> two\\n<U+003D><U+003D> three"},
        {"bell\a\ttab\x7f", "bell  tab "},
        {"broken \xff\xc3(", "broken \xEF\xBF\xBD\xEF\xBF\xBD("},
        {"/' x '/ @enduml", "/<U+0027> x '/ @enduml"},
        {"日本語 ✓", "日本語 ✓"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sim_text out = {0};
        puml_text(&out, rows[i][0], PUML_TEXT_MAX);
        ck_assert_str_eq(out.at, rows[i][1]);
        sim_text_free(&out);
    }
}
END_TEST

START_TEST(long_text_is_shortened_and_broken)
{
    sim_text out = {0};
    puml_text(&out, "0123456789", 5);
    ck_assert_str_eq(out.at, "01234…");
    sim_text_clear(&out);
    puml_lines(&out, "one two three four", 100, 7);
    ck_assert_str_eq(out.at, "one two\\nthree four");
    sim_text_clear(&out);
    puml_lines(&out, "aaaaaaaaaaaaaaaaaaaa", 100, 8);
    ck_assert_str_eq(out.at, "aaaaaaaaaaaa\\naaaaaaaa");
    sim_text_free(&out);
}
END_TEST

START_TEST(foreign_text_is_safe_wherever_it_stands)
{
    const char *evil = "\" <b>__x__ \\n== y\n@enduml";
    tale *t = tale_new(evil, "n1 end");
    tale_section(t, evil);
    tale_event(t, "note", "", 0, "\"text\":%s", tale_quote(evil));
    tale_event(t, "command", "", 0, "\"text\":%s", tale_quote(evil));
    tale_event(t, "expect", "", 0, "\"condition\":%s,\"actual\":\"x\",\"passed\":\"no\"",
               tale_quote(evil));
    uint64_t step =
        tale_event(t, "request", "end", 0,
                   "\"id\":1,\"name\":\"x\",\"to\":\"end\",\"command\":%s", tale_quote(evil));
    tale_event(t, "response", "end", step,
               "\"id\":1,\"name\":\"x\",\"status\":\"failed\",\"answer\":%s", tale_quote(evil));
    const char *page = draw(tale_read(t, "failed"), "1", NULL);
    has_not(page, "<b>_");
    has_not(page, "__x__");
    ck_assert_uint_eq(times(page, "\n@enduml"), 1);
    ck_assert_uint_ge(times(page, "<U+003C>b>_<U+005F>x_<U+005F>"), 7);
}
END_TEST

START_TEST(any_number_of_nodes_with_names_of_any_length)
{
    sim_text names = {0};
    for (int i = 0; i < SIM_NODES_MAX; i++)
        sim_text_format(&names, "%sa_server_with_a_rather_long_name_%d", i ? " " : "", i);
    tale *t = tale_new("", names.at);
    tale_event(t, "note", "", 0, "\"text\":\"all of them\"");
    const char *page = draw(tale_read(t, "passed"), "1", NULL);
    ck_assert_uint_eq(times(page, "\nparticipant "), SIM_NODES_MAX);
    has(page, "note over p1, p64");
    sim_text_free(&names);
    t = tale_new("", "n1");
    tale_event(t, "note", "", 0, "\"text\":\"alone\"");
    has(draw(tale_read(t, "passed"), "1", NULL), "note over n1 #");
}
END_TEST

START_TEST(a_sink_that_fails_is_told)
{
    tale *t = tale_new("", "n1");
    tale_event(t, "note", "", 0, "\"text\":\"x\"");
    trace *read = tale_read(t, "passed");
    book_free(&pages);
    pages.refuse = true;
    ck_assert(!trace_export_puml(read, NULL, book_files(&pages)));
    book_free(&pages);
    pages.refuse = false;
    trace_free(read);
}
END_TEST

int main(void)
{
    const struct {
        const char *name;
        const TTest *tests[12];
    } cases[] = {
        {"golden",
         {an_election_looks_as_before, a_partition_looks_as_before, a_crash_looks_as_before,
          NULL}},
        {"order",
         {in_still_water_every_message_is_one_arrow, what_is_overtaken_leaves_and_arrives_apart,
          two_that_cross_are_not_both_level, a_remark_stands_between_a_send_and_its_arrival,
          sections_say_what_crosses_them, an_arrow_from_nowhere_has_short_lines,
          why_a_message_is_ignored_stands_on_a_line_of_its_own, NULL}},
        {"marks",
         {held_forged_and_doubled_messages_are_marked, every_reason_of_a_loss_has_its_words,
          a_write_that_nobody_waits_for_is_not_drawn,
          a_vote_that_waits_for_the_disk_is_seen_waiting,
          clients_stand_there_only_when_they_ask, a_refusal_stands_there_by_its_name,
          failures_stand_in_red_and_what_passed_does_not_stand_there,
          commands_show_only_where_nothing_else_does, NULL}},
        {"heartbeats",
         {heartbeats_that_change_nothing_are_one_line, a_switch_shows_them,
          lost_heartbeats_are_counted_by_what_took_them, a_heartbeat_that_matters_is_drawn,
          NULL}},
        {"parts",
         {a_long_section_is_split_at_an_election,
          without_an_election_it_is_split_where_the_page_is_full, NULL}},
        {"text",
         {no_mark_of_plantuml_survives_in_foreign_text, long_text_is_shortened_and_broken,
          foreign_text_is_safe_wherever_it_stands, any_number_of_nodes_with_names_of_any_length,
          a_sink_that_fails_is_told, NULL}},
    };
    Suite *suite = suite_create("diagrams");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        TCase *tcase = tcase_create(cases[i].name);
        for (size_t k = 0; cases[i].tests[k]; k++)
            tcase_add_test(tcase, cases[i].tests[k]);
        suite_add_tcase(suite, tcase);
    }
    return suite_main(suite);
}
