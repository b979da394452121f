/* counter.c - one signed 64-bit number, 0 at first.
 *
 *     add N   sub N   set N   get
 *
 * Each answers the value after it; get is also a query.  What would go past the ends of 64 bits
 * is refused: "error: the counter would overflow", and the value stays. */
#include "sim/apps/apps.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include <stdlib.h>

#define MARK "counter 1"

typedef struct counter {
    int64_t value;
    sim_words words; /* of the command in hand */
} counter;

static void *counter_create(void)
{
    return sim_alloc(sizeof(counter));
}

static void *counter_clone(const void *self)
{
    counter *copy = counter_create();
    copy->value = ((const counter *)self)->value;
    return copy;
}

static void counter_free(void *self)
{
    counter *c = self;
    if (c)
        sim_text_free(&c->words.text);
    free(c);
}

/* -9223372036854775808 … 9223372036854775807, also with a +. */
static bool number(const char *s, size_t len, int64_t *out)
{
    bool minus = len && s[0] == '-';
    size_t i = minus || (len && s[0] == '+');
    uint64_t v = 0, most = minus ? UINT64_C(1) << 63 : (UINT64_C(1) << 63) - 1;
    if (i == len)
        return false;
    for (; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s[i] - '0');
        if (v > (most - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = minus ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* NULL when the command was carried out, else why not. */
static const char *carry_out(counter *c, const uint8_t *command, uint32_t bytes)
{
    static const char usage[] = "error: expected add N, sub N, set N or get";
    sim_words *w = &c->words;
    if (!sim_words_split(w, command, bytes))
        return usage;
    if (w->n != 2)
        return w->n == 1 && sim_words_is(w, 0, "get") ? NULL : usage;
    const bool add = sim_words_is(w, 0, "add"), sub = !add && sim_words_is(w, 0, "sub");
    if (!add && !sub && !sim_words_is(w, 0, "set"))
        return usage;
    int64_t n, value = 0;
    if (!number(w->at[1], w->len[1], &n))
        return "error: expected a whole number of 64 bits";
    bool over = add   ? __builtin_add_overflow(c->value, n, &value)
                : sub ? __builtin_sub_overflow(c->value, n, &value)
                      : __builtin_add_overflow(0, n, &value);
    if (over)
        return "error: the counter would overflow";
    c->value = value;
    return NULL;
}

static void counter_show(const void *self, sim_text *out)
{
    const counter *c = self;
    if (c->value < 0)
        sim_text_char(out, '-');
    sim_text_u64(out, c->value < 0 ? 0 - (uint64_t)c->value : (uint64_t)c->value);
}

static void counter_apply(void *self, const uint8_t *command, uint32_t bytes, sim_text *answer)
{
    const char *error = carry_out(self, command, bytes);
    if (error)
        sim_answer(answer, error);
    else if (answer)
        counter_show(self, answer);
}

static void counter_query(const void *self, const char *query, size_t len, sim_text *answer)
{
    sim_words w = {0};
    if (len <= UINT32_MAX && sim_words_split(&w, (const uint8_t *)query, (uint32_t)len) &&
        w.n == 1 && sim_words_is(&w, 0, "get"))
        counter_show(self, answer);
    else
        sim_answer(answer, "error: expected get");
    sim_text_free(&w.text);
}

static uint64_t counter_hash(const void *self)
{
    return sim_hash_final((uint64_t)((const counter *)self)->value);
}

static void counter_snapshot(const void *self, sim_text *out)
{
    const size_t from = sim_pack_begin(out, MARK);
    sim_pack_number(out, (uint64_t)((const counter *)self)->value);
    sim_pack_end(out, from);
}

static bool counter_restore(void *self, const uint8_t *bytes, uint64_t n)
{
    sim_unpacker u = sim_unpack_begin(bytes, n, MARK);
    const counter fresh = {.value = (int64_t)sim_unpack_number(&u)};
    if (!sim_unpack_ends(&u))
        return false;
    ((counter *)self)->value = fresh.value;
    return true;
}

/* A number is a number. */
static const char *counter_check(const void *self, sim_text *out)
{
    (void)self, (void)out;
    return NULL;
}

static const sim_app_command counter_commands[] = {
    {"add N", "the value after it; an error when that would not fit into 64 bits", false},
    {"sub N", "likewise", false},
    {"set N", "the value after it", false},
    {"get", "the value", true},
    {NULL, NULL, false},
};

const sim_app sim_app_counter = {
    .name = "counter",
    .summary = "one number that is added to; each command answers the new value",
    .text = "The number is signed, has 64 bits and is 0 at first. Its state is the number.",
    .commands = counter_commands,
    .create = counter_create,
    .clone = counter_clone,
    .free = counter_free,
    .apply = counter_apply,
    .query = counter_query,
    .snapshot = counter_snapshot,
    .restore = counter_restore,
    .check = counter_check,
    .hash = counter_hash,
    .show = counter_show,
};
