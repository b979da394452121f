/* story.h - what the tests of traces share: a sink in memory, a toy engine with two types
 * of message, and a short run with every kind of note, told to a writer by hand. */
#ifndef TRACES_TEST_STORY_H
#define TRACES_TEST_STORY_H
#include "traces/trace.h"

typedef struct memory_sink {
    sim_text text;
    uint64_t room;   /* fails when this many bytes were taken; 0: never */
    uint32_t writes; /* how often it was called */
} memory_sink;

trace_sink memory_sink_of(memory_sink *m);

/* Ask (last: a point) and Tell (ok: yes or no, commit, entries). */
enum { TOY_ASK, TOY_TELL };
typedef struct toy_message {
    sim_message head;
    sim_point last;
    uint64_t commit;
    const sim_entry *entries;
    uint64_t first;
    uint32_t n;
    bool ok;
} toy_message;
extern const sim_engine toy_engine;

extern const trace_header story_header; /* nodes n1 n2 n3 */

/* Tells notes to a writer one after the other: numbers them and keeps section and time. */
typedef struct teller {
    sim_observer to;
    uint64_t seq, cause;
    sim_us at;
    uint32_t section, line;
} teller;

void tell(teller *t, sim_note_kind kind, sim_id node, sim_note note);
void tell_section(teller *t, const char *title, bool prepare);
void tell_send(teller *t, uint64_t id, const toy_message *m);
void tell_moved(teller *t, sim_note_kind kind, uint64_t id, const toy_message *m);
void tell_append(teller *t, sim_id node, uint64_t index, uint64_t term, const char *command);

/* The run with every kind, whole, as a trace's text.  The caller frees it. */
sim_text story_text(void);
/* A longer one, with n messages sent and delivered. */
sim_text story_long(uint64_t n);
/* Reads a text that must be a trace. */
trace *story_read(const sim_text *text);

#endif
