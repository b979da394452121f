/* out.h - bytes on their way to a sink, through one buffer of fixed size, and the ways in
 * which traces and exports write numbers and text.
 *
 *     trace_out *o = trace_out_new(sink);
 *     trace_out_json(o, "n1 said \"no\"", 12);
 *     bool all_arrived = trace_out_flush(o);
 *     trace_out_free(o);
 *
 * Nothing is allocated after trace_out_new().  When the sink fails once, the rest is
 * dropped and every flush returns false.  The owner frees it; the sink is borrowed. */
#ifndef TRACES_OUT_H
#define TRACES_OUT_H
#include "traces/trace.h"

#include <string.h>

enum { TRACE_OUT_BYTES = 1 << 16 };

typedef struct trace_out {
    trace_sink sink;
    size_t len; /* <= TRACE_OUT_BYTES */
    bool failed;
    char bytes[TRACE_OUT_BYTES];
} trace_out;

trace_out *trace_out_new(trace_sink sink);
void trace_out_free(trace_out *o); /* without a flush; NULL is fine */
bool trace_out_flush(trace_out *o);

/* Room for len more bytes at once; len <= TRACE_OUT_BYTES. */
void trace_out_room(trace_out *o, size_t len);
/* The same as trace_out_bytes(), when the buffer has no room for so many. */
void trace_out_bytes_past(trace_out *o, const char *s, size_t len);
void trace_out_u64(trace_out *o, uint64_t v);
void trace_out_hex16(trace_out *o, uint64_t v);
void trace_out_point(trace_out *o, sim_point p); /* 3@2 */

/* The inside of a JSON string.  What is not UTF-8, and NUL, becomes U+FFFD, so that every
 * reader can read the file. */
void trace_out_json_inside(trace_out *o, const char *s, size_t len);
void trace_out_json(trace_out *o, const char *s, size_t len); /* with the quotes */
/* Whether it is the same inside a JSON string. */
bool trace_out_json_is_plain(const char *s, size_t len);
/* A number: as a string above INT64_MAX, since many JSON readers know no more. */
void trace_out_json_u64(trace_out *o, uint64_t v);
/* An entry as it stands in a trace: 2@1 command "add 1", with the quotes of JSON. */
void trace_out_json_entry(trace_out *o, uint64_t index, const sim_entry *e);

/* A field of CSV (RFC 4180): in quotes only when it must be. */
void trace_out_csv(trace_out *o, const char *s, size_t len);

static inline void trace_out_char(trace_out *o, char c)
{
    if (o->len == TRACE_OUT_BYTES)
        trace_out_room(o, 1);
    o->bytes[o->len++] = c;
}
/* In line, for most of what is written is short, and of a length that the compiler knows. */
static inline void trace_out_bytes(trace_out *o, const char *s, size_t len)
{
    if (len > TRACE_OUT_BYTES - o->len) {
        trace_out_bytes_past(o, s, len);
        return;
    }
    if (len)
        memcpy(o->bytes + o->len, s, len);
    o->len += len;
}
static inline void trace_out_put(trace_out *o, const char *s)
{
    trace_out_bytes(o, s, strlen(s));
}

#endif
