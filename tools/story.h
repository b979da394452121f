/* story.h - one run of one scenario, its trace, and what is made from the trace.
 *
 * story_run() moves a tank by a scenario and lets the trace flow into a sink.
 * story_report() is what a person needs when that went wrong; it is made from the trace
 * alone, by the same code as `wavetank replay --at`. */
#ifndef TOOLS_STORY_H
#define TOOLS_STORY_H
#include "tools/cmd.h"
#include "tools/load.h"

typedef struct story {
    scenario_outcome outcome;
    int code;              /* the exit code that the outcome comes to */
    bool ran;              /* false: the scenario contradicts itself, see load->diags */
    bool written;          /* every byte of the trace reached the sink */
    uint64_t events, seqs; /* what happened, and how many notes told of it */
    uint64_t digest;
} story;

/* over: what the command line says, its observers unused; bugs are names that an engine
 * knows.  stop: ends the run when it becomes true. */
void story_run(load *l, const load_name *name, const scenario_overrides *over, trace_sink sink,
               const volatile bool *stop, story *out);
void story_free(story *s);

/* What the run came to, on one line: for the trace's footer and for lists. */
void story_why(const scenario_outcome *outcome, sim_text *out);

/* "planted bugs: NAME NAME" and a newline, when the run of a trace had any. */
void story_bugs(const trace_header *header, sim_text *out);
/* The state of a moment: every node as a table, the queue, the last events (at most
 * events_max). */
void story_moment(const trace *t, uint64_t seq, uint32_t events_max, bool colour,
                  sim_text *out);
/* Where and what, the moment, and the commands that lead there.  trace_path: of the file,
 * or NULL when none was written. */
void story_report(const story *s, const load_name *name, const trace *t, const char *trace_path,
                  const scenario_overrides *over, bool colour, sim_text *out);

/* Adds a path as one word for a shell: quoted only when it must be. */
void story_shell_word(const char *path, sim_text *out);

/* The seq at which a person wants to look first: the first expectation that failed, the
 * first violation, or the last event. */
uint64_t story_failing_seq(const trace *t);

#endif
