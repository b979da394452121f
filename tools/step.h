/* step.h - walking through a trace, forward and back, in a terminal or line by line. */
#ifndef TOOLS_STEP_H
#define TOOLS_STEP_H
#include "traces/trace.h"

/* Walks until the reader leaves it, from the moment after event seq on (at least 1).
 * Returns an exit code. */
int step_walk(const trace *t, uint64_t seq);

/* The keys, one a line, for help. */
void step_keys(sim_text *out);

#endif
