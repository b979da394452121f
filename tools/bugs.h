/* bugs.h - `--bug NAME`: bugs that the command line plants besides a scenario's own. */
#ifndef TOOLS_BUGS_H
#define TOOLS_BUGS_H
#include "tools/cmd.h"
#include "traces/trace.h"

typedef struct bugs_list {
    const char *names[CMD_GIVEN_MAX];
    uint32_t n;
} bugs_list;

/* Takes them from the command line.  False when one is in no engine: that was told. */
bool bugs_given(const char *command, const cmd_args *args, int option, bugs_list *out);
/* Whether every bug that a trace names can be planted by this program; else it was told. */
bool bugs_of_trace(const char *path, const trace_header *header);

#endif
