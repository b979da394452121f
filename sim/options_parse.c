/* options_parse.c - values as scenarios write them. */
#include "sim/options.h"
#include <inttypes.h>
#include <string.h>

/* The digits at s[*at], as a number; false when there is none or it does not fit. */
static bool digits(const char *s, size_t len, size_t *at, uint64_t *out)
{
    uint64_t v = 0;
    size_t i = *at;
    for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
        uint64_t digit = (uint64_t)(s[i] - '0');
        if (v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    if (i == *at)
        return false;
    *at = i;
    *out = v;
    return true;
}

static bool rest_is(const char *s, size_t len, size_t at, const char *word)
{
    size_t n = strlen(word);
    return len - at == n && !memcmp(s + at, word, n);
}

/* A decimal number ahead of a unit: "1.5" is whole 1 and fraction "5".  Then whole and
 * fraction in units; false when that is not a whole number, or too large. */
typedef struct decimal {
    uint64_t whole;
    const char *fraction;
    size_t fraction_len;
} decimal;

static bool decimal_at(const char *s, size_t len, size_t *at, decimal *out)
{
    *out = (decimal){0};
    if (!digits(s, len, at, &out->whole))
        return false;
    if (*at < len && s[*at] == '.') {
        size_t from = ++*at;
        while (*at < len && s[*at] >= '0' && s[*at] <= '9')
            ++*at;
        out->fraction = s + from;
        out->fraction_len = *at - from;
        return out->fraction_len > 0;
    }
    return true;
}

static bool decimal_times(const decimal *d, uint64_t unit, uint64_t *out)
{
    if (d->whole > UINT64_MAX / unit)
        return false;
    uint64_t v = d->whole * unit;
    for (size_t i = 0; i < d->fraction_len; i++) {
        uint64_t digit = (uint64_t)(d->fraction[i] - '0');
        /* A tenth of the unit, a hundredth …: what is not whole is not exact. */
        if (digit && unit % 10)
            return false;
        unit = unit % 10 ? 1 : unit / 10;
        if (digit * unit > UINT64_MAX - v)
            return false;
        v += digit * unit;
    }
    *out = v;
    return true;
}

bool sim_parse_us(const char *s, size_t len, sim_us *out)
{
    static const struct {
        const char *name;
        uint64_t us;
    } units[] = {{"us", 1},
                 {"ms", 1000},
                 {"s", 1000000},
                 {"min", 60000000},
                 {"h", UINT64_C(3600000000)}};
    size_t at = 0;
    decimal d;
    if (!decimal_at(s, len, &at, &d))
        return false;
    if (at == len && !d.whole && !d.fraction) {
        *out = 0;
        return true;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (rest_is(s, len, at, units[i].name))
            return decimal_times(&d, units[i].us, out);
    return false;
}

bool sim_parse_range(const char *s, size_t len, sim_range *out)
{
    size_t dots = 0;
    while (dots + 1 < len && (s[dots] != '.' || s[dots + 1] != '.'))
        dots++;
    sim_range r;
    if (dots + 1 >= len) {
        if (!sim_parse_us(s, len, &r.low))
            return false;
        r.high = r.low;
    } else if (!sim_parse_us(s, dots, &r.low) ||
               !sim_parse_us(s + dots + 2, len - dots - 2, &r.high) || r.low > r.high) {
        return false;
    }
    *out = r;
    return true;
}

bool sim_parse_ppm(const char *s, size_t len, uint64_t *out)
{
    size_t at = 0;
    decimal d;
    if (!decimal_at(s, len, &at, &d))
        return false;
    if (rest_is(s, len, at, "%"))
        return decimal_times(&d, 10000, out);
    if (d.fraction)
        return false;
    if (at == len && !d.whole) {
        *out = 0;
        return true;
    }
    /* "1/200"; what is finer than a millionth is rounded down. */
    uint64_t parts;
    if (at == len || s[at++] != '/' || !digits(s, len, &at, &parts) || at != len || !parts ||
        d.whole > UINT64_MAX / 1000000)
        return false;
    *out = d.whole * 1000000 / parts;
    return true;
}

bool sim_parse_bytes(const char *s, size_t len, uint64_t *out)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB"};
    size_t at = 0;
    uint64_t v;
    if (!digits(s, len, &at, &v))
        return false;
    for (unsigned i = 0; i < 4; i++) {
        if (!rest_is(s, len, at, units[i]))
            continue;
        if (v > UINT64_MAX >> (10 * i))
            return false;
        *out = v << (10 * i);
        return true;
    }
    return false;
}

bool sim_parse_u64(const char *s, size_t len, uint64_t *out)
{
    size_t at = 0;
    uint64_t v;
    if (!digits(s, len, &at, &v) || at != len)
        return false;
    *out = v;
    return true;
}

bool sim_parse_point(const char *s, size_t len, sim_point *out)
{
    size_t at = 0;
    sim_point p;
    if (!digits(s, len, &at, &p.index) || at == len || s[at++] != '@' ||
        !digits(s, len, &at, &p.term) || at != len)
        return false;
    *out = p;
    return true;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word of s from *at on; false at the end. */
static bool word_at(const char *s, size_t len, size_t *at, const char **word, size_t *word_len)
{
    size_t i = *at;
    while (i < len && blank(s[i]))
        i++;
    size_t from = i;
    while (i < len && !blank(s[i]))
        i++;
    *at = i;
    *word = s + from;
    *word_len = i - from;
    return i > from;
}

enum { SHOWN_MAX = 40 }; /* bytes of a wrong word in a message */

static const char *point_mistake(const char *word, size_t len, uint64_t wanted, sim_text *out)
{
    sim_text_char(out, '\'');
    sim_text_add(out, word, len < SHOWN_MAX ? len : SHOWN_MAX);
    sim_text_format(out, "' is not an entry; expected index@term such as %" PRIu64 "@1",
                    wanted);
    return out->at;
}

/* What is wrong with an entry of a log after the one before it; NULL when nothing is. */
static const char *entry_mistake(sim_point p, sim_point before, uint64_t wanted, sim_text *out)
{
    if (p.index != wanted)
        sim_text_format(out, "%" PRIu64 "@%" PRIu64 " does not follow: expected index %" PRIu64,
                        p.index, p.term, wanted);
    else if (!p.term)
        sim_text_format(out, "%" PRIu64 "@0: no entry has term 0; the first term is 1",
                        p.index);
    else if (p.term < before.term)
        sim_text_format(out,
                        "%" PRIu64 "@%" PRIu64 " follows %" PRIu64 "@%" PRIu64
                        ": terms never fall along a log",
                        p.index, p.term, before.index, before.term);
    else
        return NULL;
    return out->at;
}

const char *sim_parse_log(const char *s, size_t len, sim_arena *a, uint64_t first_wanted,
                          sim_point **points, uint64_t *n, sim_text *out)
{
    const char *word;
    size_t word_len, words = 0;
    for (size_t at = 0; word_at(s, len, &at, &word, &word_len);)
        words++;
    sim_point *all = words ? sim_arena_take(a, words * sizeof *all) : NULL;
    sim_point before = {0};
    size_t at = 0;
    for (size_t i = 0; i < words; i++) {
        word_at(s, len, &at, &word, &word_len);
        uint64_t wanted = first_wanted + i;
        if (!sim_parse_point(word, word_len, &all[i]))
            return point_mistake(word, word_len, wanted, out);
        const char *mistake = entry_mistake(all[i], before, wanted, out);
        if (mistake)
            return mistake;
        before = all[i];
    }
    *points = all;
    *n = words;
    return NULL;
}
