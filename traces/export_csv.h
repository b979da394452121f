/* export_csv.h - what the two tables of events share: every column is the same, but for
 * the name of the first, and one of them leaves rows out. */
#ifndef TRACES_EXPORT_CSV_H
#define TRACES_EXPORT_CSV_H
#include "traces/trace.h"

typedef bool trace_csv_wanted(const trace *t, const trace_event *e);
/* wanted NULL: every event.  False when the sink failed. */
bool trace_csv(const trace *t, trace_sink sink, const char *first, trace_csv_wanted *wanted);

#endif
