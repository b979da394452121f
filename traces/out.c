/* out.c - the buffer before a sink, and how numbers, JSON and CSV are written into it. */
#include "traces/out.h"

#include "sim/base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

trace_out *trace_out_new(trace_sink sink)
{
    trace_out *o = sim_alloc(sizeof *o);
    o->sink = sink;
    return o;
}

void trace_out_free(trace_out *o)
{
    free(o);
}

static void push(trace_out *o, const char *s, size_t len)
{
    if (len && !o->failed)
        o->failed = !o->sink.write(o->sink.self, s, len);
}

bool trace_out_flush(trace_out *o)
{
    push(o, o->bytes, o->len);
    o->len = 0;
    return !o->failed;
}

void trace_out_room(trace_out *o, size_t len)
{
    assert(len <= TRACE_OUT_BYTES);
    if (TRACE_OUT_BYTES - o->len < len)
        (void)trace_out_flush(o);
}

void trace_out_bytes_past(trace_out *o, const char *s, size_t len)
{
    (void)trace_out_flush(o);
    if (len > TRACE_OUT_BYTES)
        push(o, s, len);
    else
        trace_out_bytes(o, s, len);
}

/* ---- numbers ------------------------------------------------------------------- */

enum { U64_DIGITS = 20 };

/* Two digits at a time, for most of a trace is numbers. */
static const char pairs[] = "0001020304050607080910111213141516171819"
                            "2021222324252627282930313233343536373839"
                            "4041424344454647484950515253545556575859"
                            "6061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

static size_t digits_of(uint64_t v)
{
    size_t n = 1;
    for (; v >= 10000; v /= 10000)
        n += 4;
    return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

void trace_out_u64(trace_out *o, uint64_t v)
{
    if (v < 10) { /* often */
        trace_out_char(o, (char)('0' + v));
        return;
    }
    trace_out_room(o, U64_DIGITS);
    o->len += digits_of(v);
    char *to = o->bytes + o->len;
    for (; v >= 100; v /= 100)
        memcpy(to -= 2, &pairs[v % 100 * 2], 2);
    if (v >= 10)
        memcpy(to - 2, &pairs[v * 2], 2);
    else
        to[-1] = (char)('0' + v);
}

void trace_out_hex16(trace_out *o, uint64_t v)
{
    char digits[16];
    for (int i = 15; i >= 0; i--, v >>= 4)
        digits[i] = "0123456789abcdef"[v & 15];
    trace_out_bytes(o, digits, sizeof digits);
}

void trace_out_point(trace_out *o, sim_point p)
{
    trace_out_u64(o, p.index);
    trace_out_char(o, '@');
    trace_out_u64(o, p.term);
}

/* ---- JSON ---------------------------------------------------------------------- */

static const char replacement[] = "\xEF\xBF\xBD";

/* The bytes of the well-formed sequence at s, 0 when there is none (RFC 3629). */
static size_t sequence(const unsigned char *s, size_t len)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t n;
    if (s[0] >= 0xC2 && s[0] <= 0xDF) {
        n = 2;
    } else if (s[0] >= 0xE0 && s[0] <= 0xEF) {
        n = 3;
        low = s[0] == 0xE0 ? 0xA0 : low;
        high = s[0] == 0xED ? 0x9F : high;
    } else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        n = 4;
        low = s[0] == 0xF0 ? 0x90 : low;
        high = s[0] == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (len < n || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++) {
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
    }
    return n;
}

static inline bool is_plain(unsigned char c)
{
    if (c > '\\') /* most are small letters */
        return c < 0x80;
    return c >= 0x20 && c != '"' && c != '\\';
}

static size_t plain_run(const char *s, size_t len)
{
    size_t run = 0;
    while (run < len && is_plain((unsigned char)s[run]))
        run++;
    return run;
}

bool trace_out_json_is_plain(const char *s, size_t len)
{
    return plain_run(s, len) == len;
}

/* One character that is not plain; returns its bytes in s. */
static size_t put_special(trace_out *o, const unsigned char *s, size_t len)
{
    static const char *const shorthand[0x20] = {
        ['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t"};
    if (s[0] == '"' || s[0] == '\\') {
        trace_out_char(o, '\\');
        trace_out_char(o, (char)s[0]);
        return 1;
    }
    if (s[0] > 0 && s[0] < 0x20) {
        if (shorthand[s[0]]) {
            trace_out_put(o, shorthand[s[0]]);
        } else {
            trace_out_put(o, s[0] < 0x10 ? "\\u000" : "\\u001");
            trace_out_char(o, "0123456789abcdef"[s[0] & 15]);
        }
        return 1;
    }
    size_t n = s[0] ? sequence(s, len) : 0;
    if (n)
        trace_out_bytes(o, (const char *)s, n);
    else
        trace_out_put(o, replacement);
    return n ? n : 1;
}

void trace_out_json_inside(trace_out *o, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        const size_t run = plain_run(s + i, len - i);
        trace_out_bytes(o, s + i, run);
        i += run;
        if (i < len)
            i += put_special(o, (const unsigned char *)s + i, len - i);
    }
}

void trace_out_json(trace_out *o, const char *s, size_t len)
{
    trace_out_char(o, '"');
    trace_out_json_inside(o, s, len);
    trace_out_char(o, '"');
}

void trace_out_json_u64(trace_out *o, uint64_t v)
{
    bool quoted = v > INT64_MAX;
    if (quoted)
        trace_out_char(o, '"');
    trace_out_u64(o, v);
    if (quoted)
        trace_out_char(o, '"');
}

/* The text of an entry stands in quotes as a scenario would write it (\" \\ \n), and that
 * again in a JSON string. */
static void put_entry_text(trace_out *o, const char *s, size_t len)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] != '"' && s[i] != '\\' && s[i] != '\n')
            continue;
        trace_out_json_inside(o, s + from, i - from);
        trace_out_json_inside(o, s[i] == '"' ? "\\\"" : s[i] == '\\' ? "\\\\" : "\\n", 2);
        from = i + 1;
    }
    trace_out_json_inside(o, s + from, len - from);
}

void trace_out_json_entry(trace_out *o, uint64_t index, const sim_entry *e)
{
    trace_out_char(o, '"');
    trace_out_point(o, (sim_point){index, e->term});
    trace_out_char(o, ' ');
    trace_out_put(o, sim_entry_kind_name((sim_entry_kind)e->kind));
    if (e->bytes || e->kind == SIM_ENTRY_COMMAND) {
        trace_out_put(o, " \\\"");
        put_entry_text(o, (const char *)e->data, e->bytes);
        trace_out_put(o, "\\\"");
    }
    trace_out_char(o, '"');
}

/* ---- CSV ----------------------------------------------------------------------- */

void trace_out_csv(trace_out *o, const char *s, size_t len)
{
    bool quoted = len && (s[0] == ' ' || s[len - 1] == ' ');
    for (size_t i = 0; i < len && !quoted; i++)
        quoted = s[i] == ',' || s[i] == '"' || s[i] == '\n' || s[i] == '\r';
    if (!quoted) {
        trace_out_bytes(o, s, len);
        return;
    }
    trace_out_char(o, '"');
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '"')
            trace_out_char(o, '"');
        trace_out_char(o, s[i]);
    }
    trace_out_char(o, '"');
}
