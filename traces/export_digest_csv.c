/* export_digest_csv.c - the table that is small enough to look at: of each section its
 * first event, every event that is not about a message, and of the messages when they
 * leave and when they arrive.  original_seq is the event's number in the whole trace. */
#include "traces/export_csv.h"
#include "traces/rules.h"

static bool is_wanted(const trace *t, const trace_event *e)
{
    bool first = e->seq == 1 || t->events[e->seq - 2].section != e->section;
    return first || !trace_is_message(e->kind) || e->kind == SIM_NOTE_SEND ||
           e->kind == SIM_NOTE_DELIVER;
}

bool trace_export_digest_csv(const trace *t, trace_sink sink)
{
    return trace_csv(t, sink, "original_seq", is_wanted);
}
