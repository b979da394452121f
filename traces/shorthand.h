/* shorthand.h - how an event is said in a few words: one table, from which the lines for
 * people, the legend and the pages are made, so that they cannot differ.
 *
 * A form is text with {fields} of the event.  What stands in [brackets] is left out when
 * one of its fields is absent or empty.  {words} is the message in a few words, {due} a
 * time, {entries} the first few, {range} and {written} indexes, {verdict} passed or FAILED. */
#ifndef TRACES_SHORTHAND_H
#define TRACES_SHORTHAND_H
#include "traces/trace.h"

typedef struct trace_shorthand_row {
    sim_note_kind kind;
    const char *form, *meaning;
} trace_shorthand_row;

/* One row a kind, in their order. */
extern const trace_shorthand_row trace_shorthand[SIM_NOTE_COUNT];

/* The event in the form of its kind; without control characters. */
void trace_event_words(const trace *t, const trace_event *e, sim_text *out);

#endif
