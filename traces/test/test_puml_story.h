/* test_puml_story.h - what the tests of diagrams share: traces told by hand, diagrams kept
 * in memory, and a reader of PlantUML that knows the rules of version 1.2020.2. */
#ifndef TRACES_TEST_PUML_STORY_H
#define TRACES_TEST_PUML_STORY_H
#include "traces/trace.h"

#include <check.h>

/* ---- traces told by hand ---------------------------------------------------------------- */

enum { TALE_MESSAGES = 4096 };

typedef struct tale {
    sim_text lines;
    uint64_t seq, at_us, sends, delivers, drops, expects, violations, messages;
    uint32_t section;
    struct {
        const char *from, *to, *type;
    } message[TALE_MESSAGES];
} tale;

/* nodes: names with blanks between them. */
tale *tale_new(const char *title, const char *nodes);
/* One event; fields is JSON: "\"from\":0,\"to\":1".  Returns its seq. */
uint64_t tale_event(tale *t, const char *kind, const char *node, uint64_t cause,
                    const char *fields, ...) __attribute__((format(printf, 5, 6)));
/* The same without fields. */
uint64_t tale_plain(tale *t, const char *kind, const char *node, uint64_t cause);
void tale_section(tale *t, const char *title);
/* Return the message's id. */
uint64_t tale_send(tale *t, const char *from, const char *to, const char *type, uint64_t term,
                   uint64_t cause, const char *fields);
uint64_t tale_duplicate(tale *t, uint64_t id);
/* Returns the seq. */
uint64_t tale_deliver(tale *t, uint64_t id, const char *fields);
void tale_drop(tale *t, uint64_t id, const char *reason, uint64_t cause);
void tale_hold(tale *t, uint64_t id);
/* Any text as a JSON string in quotes; valid until the next call. */
const char *tale_quote(const char *text);

/* c's timer fires, everybody votes for it, its no-op reaches everybody. */
void tale_election(tale *t, const char *c, const char *const *others, uint32_t n,
                   uint64_t term);
/* l's heartbeats reach everybody, or are cut, and are answered. */
void tale_heartbeats(tale *t, const char *l, const char *const *others, uint32_t n,
                     uint64_t term, bool cut);

/* Ends the tale and reads it; frees the tale. */
trace *tale_read(tale *t, const char *result);

/* ---- diagrams in memory -------------------------------------------------------------------
 */

enum { BOOK_PAGES = 512 };

typedef struct book {
    struct {
        char suffix[32];
        sim_text text;
    } page[BOOK_PAGES];
    size_t n;
    bool refuse; /* writing fails */
} book;

/* Exports; the test fails when that fails. */
void book_of(book *b, const trace *t, const trace_puml_options *o);
trace_puml_files book_files(book *b);
void book_free(book *b);
/* The text of a page by its suffix; the test fails when there is none. */
const char *book_page(const book *b, const char *suffix);
/* How often a text stands in another. */
uint32_t times(const char *text, const char *part);

/* Fails the test, with the line, when PlantUML 1.2020.2 would refuse the text or draw it
 * wrong: bars that open and close in balance, no mark after "..." before the next message,
 * one mark of a node a message, boxes that end, nodes that are declared. */
void lint(const char *text);

#endif
