/* step_view.h - what `replay --step` shows of the place where it stands. */
#ifndef TOOLS_STEP_VIEW_H
#define TOOLS_STEP_VIEW_H
#include "traces/trace.h"

typedef struct step {
    const trace *trace;
    trace_model *model;
    uint64_t seq; /* 1..events_n: the moment right after this event */
    bool colour, help, done;
    sim_text message; /* for the reader, until the next key */
    sim_text wanted;  /* what was searched for */
    uint32_t mistakes;
} step;

/* A screen of so many rows. */
void step_screen(step *s, int rows, int columns, sim_text *out);
/* The same without a screen: the event, its cause, the nodes, the queue. */
void step_print(step *s, sim_text *out);

bool step_has_failure(const trace *t);

#endif
