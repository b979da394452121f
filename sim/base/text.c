/* text.c - growing text, durations, UTF-8 and the nearest name. */
#include "sim/base/text.h"
#include "sim/base/memory.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *room(sim_text *t, size_t len)
{
    assert(len < SIZE_MAX / 4 && t->len < SIZE_MAX / 4);
    t->at = sim_grow(t->at, &t->capacity, t->len + len + 1, 1);
    return t->at + t->len;
}

void sim_text_add(sim_text *t, const char *s, size_t len)
{
    char *to = room(t, len);
    if (len)
        memcpy(to, s, len);
    to[len] = 0;
    t->len += len;
}

void sim_text_put(sim_text *t, const char *s)
{
    sim_text_add(t, s, strlen(s));
}

void sim_text_char(sim_text *t, char c)
{
    sim_text_add(t, &c, 1);
}

void sim_text_u64(sim_text *t, uint64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + v % 10);
    while (v /= 10);
    sim_text_add(t, digits + at, sizeof digits - at);
}

void sim_text_hex16(sim_text *t, uint64_t v)
{
    char digits[16];
    for (int i = 15; i >= 0; i--, v >>= 4)
        digits[i] = "0123456789abcdef"[v & 15];
    sim_text_add(t, digits, sizeof digits);
}

void sim_text_format(sim_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sim_text_vformat(t, format, args);
    va_end(args);
}

void sim_text_vformat(sim_text *t, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    assert(len >= 0);
    vsnprintf(room(t, (size_t)len), (size_t)len + 1, format, again);
    t->len += (size_t)len;
    va_end(again);
}

void sim_text_pad(sim_text *t, size_t column)
{
    size_t start = t->len;
    while (start && t->at[start - 1] != '\n')
        start--;
    size_t now = t->len > start ? sim_text_columns(t->at + start, t->len - start) : 0;
    if (now >= column)
        return;
    char *to = room(t, column - now);
    memset(to, ' ', column - now);
    to[column - now] = 0;
    t->len += column - now;
}

/* The largest unit of which the duration has at least one, with as many decimals as it
 * takes to be exact; minutes and hours, which are not decimal, only when they are whole. */
void sim_text_us(sim_text *t, uint64_t us)
{
    static const struct {
        uint64_t us;
        const char *name;
        bool decimal;
    } units[] = {
        {UINT64_C(3600000000), "h", false},
        {60000000, "min", false},
        {1000000, "s", true},
        {1000, "ms", true},
        {1, "us", true},
    };
    size_t i = us ? 0 : 3; /* nothing is "0ms" */
    while (us && (us < units[i].us || (!units[i].decimal && us % units[i].us)))
        i++;
    sim_text_u64(t, us / units[i].us);
    uint64_t rest = us % units[i].us;
    if (rest) {
        sim_text_char(t, '.');
        for (uint64_t unit = units[i].us / 10; rest; rest %= unit, unit /= 10)
            sim_text_char(t, (char)('0' + rest / unit));
    }
    sim_text_put(t, units[i].name);
}

void sim_text_clear(sim_text *t)
{
    t->len = 0;
    if (t->at)
        t->at[0] = 0;
}

void sim_text_free(sim_text *t)
{
    free(t->at);
    *t = (sim_text){0};
}

/* The length of the well-formed code point at s, 0 when there is none: no overlong forms,
 * no surrogates, nothing past U+10FFFF (RFC 3629). */
static size_t point_len(const unsigned char *s, size_t len)
{
    unsigned char a = s[0];
    if (a < 0x80)
        return 1;
    size_t n = a < 0xC2 ? 0 : a < 0xE0 ? 2 : a < 0xF0 ? 3 : a < 0xF5 ? 4 : 0;
    if (!n || n > len)
        return 0;
    unsigned char low = a == 0xE0 ? 0xA0 : a == 0xF0 ? 0x90 : 0x80;
    unsigned char high = a == 0xED ? 0x9F : a == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

size_t sim_text_columns(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t columns = 0;
    for (size_t i = 0; i < len; columns++) {
        size_t n = point_len(p + i, len - i);
        i += n ? n : 1;
    }
    return columns;
}

bool sim_text_utf8(const char *s, size_t len, size_t *bad)
{
    const unsigned char *p = (const unsigned char *)s;
    for (size_t i = 0; i < len;) {
        size_t n = p[i] ? point_len(p + i, len - i) : 0;
        if (!n) {
            if (bad)
                *bad = i;
            return false;
        }
        i += n;
    }
    return true;
}

enum { NEAREST_MAX = 64 }; /* no name is longer; a longer word is near to none */

/* Letters to insert, drop, replace, or swap with their neighbour (optimal string
 * alignment); more than limit is as good as limit + 1. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][NEAREST_MAX + 1];
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = up[j - 1] + (a[i - 1] != b[j - 1]);
            if (up[j] + 1 < best)
                best = up[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                up2[j - 2] + 1 < best)
                best = up2[j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[a_len % 3][b_len];
}

const char *sim_text_nearest(const char *word, const char *const *names, size_t n)
{
    size_t word_len = strlen(word), best_distance = SIZE_MAX;
    const char *best = NULL;
    if (word_len > NEAREST_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(names[i]);
        if (len > NEAREST_MAX)
            continue;
        size_t d = distance(word, word_len, names[i], len);
        size_t longer = len > word_len ? len : word_len;
        size_t most = longer < 3 ? 1 : longer / 3;
        if (d <= most && d < longer && d < best_distance) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}
