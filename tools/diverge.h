/* diverge.h - where two traces of the same scenario part, and what that means. */
#ifndef TOOLS_DIVERGE_H
#define TOOLS_DIVERGE_H
#include "traces/trace.h"

typedef struct diverge_side {
    const char *name; /* "the trace", "this run" */
    const trace *trace;
    const char *bytes; /* of the whole file */
    size_t len;
} diverge_side;

/* Compares line by line, as bytes.  True: the same, as far as the first one goes when it
 * was cut short.  skip_header: the first lines are known to differ.  Else the first
 * difference is explained in out. */
bool diverge_compare(const diverge_side *a, const diverge_side *b, bool skip_header,
                     bool colour, sim_text *out);

#endif
