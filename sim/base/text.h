/* text.h - text that is built piece by piece.
 *
 *     sim_text t = {0};
 *     sim_text_put(&t, "term ");
 *     sim_text_u64(&t, 7);
 *     puts(t.at);
 *     sim_text_free(&t);
 *
 * Zero-initialised is valid and empty; at is NULL until the first addition and always
 * NUL-terminated after it (the NUL is not in len).  The owner frees it. */
#ifndef SIM_BASE_TEXT_H
#define SIM_BASE_TEXT_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sim_text {
    char *at;
    size_t len, capacity;
} sim_text;

void sim_text_add(sim_text *t, const char *s, size_t len);
void sim_text_put(sim_text *t, const char *s);
void sim_text_char(sim_text *t, char c);
void sim_text_u64(sim_text *t, uint64_t v);
void sim_text_hex16(sim_text *t, uint64_t v); /* 16 digits, lower case */
void sim_text_format(sim_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sim_text_vformat(sim_text *t, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Pads with blanks to a column counted in code points from the last newline. */
void sim_text_pad(sim_text *t, size_t column);
/* A duration as a scenario would write it: 150us, 20ms, 1.5ms, 2s, 5min. */
void sim_text_us(sim_text *t, uint64_t us);
/* What behind a number makes its noun a plural: "1 event", "2 events". */
static inline const char *sim_plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}
void sim_text_clear(sim_text *t); /* keeps the memory */
void sim_text_free(sim_text *t);

/* Code points in UTF-8 text; a broken byte counts as one. */
size_t sim_text_columns(const char *s, size_t len);
/* True when the bytes are well-formed UTF-8 without NUL; else *bad is the offset. */
bool sim_text_utf8(const char *s, size_t len, size_t *bad);

/* The name among n that is nearest to word by edit distance, or NULL when none is near
 * enough to be worth suggesting (more than a third of its letters differ). */
const char *sim_text_nearest(const char *word, const char *const *names, size_t n);

#endif
