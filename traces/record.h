/* record.h - one line of a trace, already JSON, into the header, an event or the footer.
 *
 * Everything is checked against rules.h.  What is kept is copied into the trace's arena;
 * the JSON may be given back afterwards. */
#ifndef TRACES_RECORD_H
#define TRACES_RECORD_H
#include "traces/trace.h"

#include <jansson.h>

enum { TRACE_WORDS = 512 }; /* a power of two */

typedef struct trace_parser {
    trace *t;
    trace_error *error;
    uint64_t line; /* of the file */
    /* Short texts that came lately, so that names and types are kept once. */
    const char *words[TRACE_WORDS];
} trace_parser;

/* Says what is wrong with the line; always false.  Formats only with trace_quote'd input. */
bool trace_refuse(trace_parser *p, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Foreign text, fit for a message: shortened, without control characters. */
typedef struct trace_quoted {
    char at[64];
} trace_quoted;
trace_quoted trace_quote(const char *s);

bool trace_record_header(trace_parser *p, const json_t *line);
bool trace_record_event(trace_parser *p, const json_t *line, trace_event *out);
bool trace_record_footer(trace_parser *p, const json_t *line);
/* A line without seq and with a result. */
bool trace_record_is_footer(const json_t *line);

#endif
