/* breach.h - a violation for the person who has to understand it: the invariant and what it
 * promises, and for each of the two facts that contradict each other the event that caused
 * it, how the script came there, and what it led to on its node. */
#ifndef TOOLS_BREACH_H
#define TOOLS_BREACH_H
#include "traces/trace.h"

void breach_tell(const trace *t, const trace_event *violation, bool colour, sim_text *out);
/* The event that caused the first fact (0) or the other (1); 0: the trace names none. */
uint64_t breach_seq(const trace_event *violation, int fact);
/* What the invariant promises, in a sentence; "" for one that is not known here. */
const char *breach_promise(const char *invariant);

#endif
