/* apps.c - the applications, command by command, and what all of them promise. */
#include "sim/apps/apps.h"
#include "sim/app.h"
#include "sim/base/random.h"
#include "tests/suite.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct line {
    const char *command, *answer, *show; /* show NULL: as before */
} line;

static void run(const sim_app *app, const line *lines, size_t n)
{
    void *self = app->create();
    sim_text t = {0}, state = {0};
    app->show(self, &state);
    for (size_t i = 0; i < n; i++) {
        uint64_t before = app->hash(self);
        sim_text_clear(&t);
        app->apply(self, (const uint8_t *)lines[i].command, (uint32_t)strlen(lines[i].command),
                   &t);
        ck_assert_str_eq(t.at, lines[i].answer);
        ck_assert_pstr_eq(app->check(self, &t), NULL);
        if (lines[i].show) { /* what is written out may have changed in what show leaves out */
            sim_text_clear(&state);
            sim_text_put(&state, lines[i].show);
        } else {
            ck_assert_uint_eq(app->hash(self), before);
        }
        sim_text_clear(&t);
        app->show(self, &t);
        ck_assert_str_eq(t.at, state.at);
    }
    sim_text_free(&t);
    sim_text_free(&state);
    app->free(self);
}

#define COUNTER_USAGE "error: expected add N, sub N, set N or get"
#define KV_USAGE      "error: expected get K, put K V, append K V, cas K OLD NEW or delete K"
#define KV_NONE       "error: (none) is what a missing key answers, no value"
#define KV_QUOTE      "error: the quotes do not close"

static const line counter_lines[] = {
    {"get", "0", NULL},
    {"add 5", "5", "5"},
    {" sub\t7 ", "-2", "-2"},
    {"set +40", "40", "40"},
    {"set -9223372036854775808", "-9223372036854775808", "-9223372036854775808"},
    {"sub 1", "error: the counter would overflow", NULL},
    {"add -1", "error: the counter would overflow", NULL},
    {"set 9223372036854775807", "9223372036854775807", "9223372036854775807"},
    {"add 1", "error: the counter would overflow", NULL},
    {"set 9223372036854775808", "error: expected a whole number of 64 bits", NULL},
    {"set 99999999999999999999999", "error: expected a whole number of 64 bits", NULL},
    {"add x", "error: expected a whole number of 64 bits", NULL},
    {"add -", "error: expected a whole number of 64 bits", NULL},
    {"add 1.5", "error: expected a whole number of 64 bits", NULL},
    {"", COUNTER_USAGE, NULL},
    {"add", COUNTER_USAGE, NULL},
    {"add 1 2", COUNTER_USAGE, NULL},
    {"get 1", COUNTER_USAGE, NULL},
    {"mul 2", COUNTER_USAGE, NULL},
    {"add \"1", COUNTER_USAGE, NULL},
    {"set \"3\"", "3", "3"},
};

START_TEST(counter_counts)
{
    run(sim_app_find("counter"), counter_lines, sizeof counter_lines / sizeof counter_lines[0]);
}
END_TEST

static const line kv_lines[] = {
    {"get x", "(none)", NULL},
    {"put y 2", "ok", "y=2"},
    {"put x 1", "ok", "x=1 y=2"},
    {"put x 1", "ok", "x=1 y=2"},
    {"get x", "1", NULL},
    {"cas x 1 3", "ok", "x=3 y=2"},
    {"cas x 1 4", "no: 3", NULL},
    {"cas q 1 4", "no: (none)", NULL},
    {"cas q (none) 4", "ok", "q=4 x=3 y=2"},
    {"cas q (none) 5", "no: 4", NULL},
    {"append q 56", "ok", "q=456 x=3 y=2"},
    {"append r a", "ok", "q=456 r=a x=3 y=2"},
    {"delete q", "ok", "r=a x=3 y=2"},
    {"delete q", "(none)", NULL},
    {"delete x", "ok", "r=a y=2"},
    {"put \"a b\" \"c \\\"d\\\" \\\\\"", "ok", "\"a b\"=\"c \\\"d\\\" \\\\\" r=a y=2"},
    {"get \"a b\"", "c \"d\" \\", NULL},
    {"put r \"\"", "ok", "\"a b\"=\"c \\\"d\\\" \\\\\" r=\"\" y=2"},
    {"get r", "", NULL},
    {"put r \"x\\ny\"", "ok", "\"a b\"=\"c \\\"d\\\" \\\\\" r=\"x\\ny\" y=2"},
    {"put r (none)", KV_NONE, NULL},
    {"cas r x (none)", KV_NONE, NULL},
    {"put r (no", "ok", "\"a b\"=\"c \\\"d\\\" \\\\\" r=(no y=2"},
    {"append r ne)", KV_NONE, NULL},
    {"put r \"open", KV_QUOTE, NULL},
    {"put r \"a\"b", KV_QUOTE, NULL},
    {"put r \"a\\q\"", KV_QUOTE, NULL},
    {"put r \"a\\", KV_QUOTE, NULL},
    {"put r", KV_USAGE, NULL},
    {"get r r", KV_USAGE, NULL},
    {"frob", KV_USAGE, NULL},
    {"", KV_USAGE, NULL},
    {"a b c d e f g h i j k l", KV_USAGE, NULL},
};

START_TEST(kv_keeps)
{
    run(sim_app_find("kv"), kv_lines, sizeof kv_lines / sizeof kv_lines[0]);
}
END_TEST

/* ---- bank -------------------------------------------------------------------------------- */

#define BANK_USAGE                                                                             \
    "error: expected open A, deposit A N, withdraw A N, transfer A B N, balance A, accounts "  \
    "or "                                                                                      \
    "total"
#define WHOLE "error: expected a whole number without a sign, of 64 bits"

static const line bank_lines[] = {
    {"total", "0", NULL},
    {"accounts", "(none)", NULL},
    {"balance alice", "error: there is no account alice", NULL},
    {"open bob", "ok", "bob=0"},
    {"open alice", "ok", "alice=0 bob=0"},
    {"open alice", "error: there is an account alice already", NULL},
    {"deposit alice 10", "10", "alice=10 bob=0"},
    {"deposit carol 10", "error: there is no account carol", NULL},
    {"withdraw alice 3", "7", "alice=7 bob=0"},
    {"withdraw alice 8", "error: alice has only 7", NULL},
    {"withdraw alice 7", "0", "alice=0 bob=0"},
    {"deposit alice 7", "7", "alice=7 bob=0"},
    {"transfer alice bob 5", "ok", "alice=2 bob=5"},
    {"transfer alice bob 3", "error: alice has only 2", NULL},
    {"transfer alice carol 1", "error: there is no account carol", NULL},
    {"transfer carol alice 1", "error: there is no account carol", NULL},
    {"transfer bob bob 5", "ok", "alice=2 bob=5"},
    {"transfer bob bob 6", "error: bob has only 5", NULL},
    {"transfer bob alice 0", "ok", "alice=2 bob=5"},
    {"balance bob", "5", NULL},
    {"total", "7", NULL},
    {"deposit bob 18446744073709551608", "18446744073709551613",
     "alice=2 bob=18446744073709551613"},
    {"deposit alice 1", "error: the bank would overflow", NULL},
    {"transfer bob alice 18446744073709551613", "ok", "alice=18446744073709551615 bob=0"},
    {"withdraw alice 18446744073709551615", "0", "alice=0 bob=0"},
    {"deposit bob 18446744073709551615", "18446744073709551615",
     "alice=0 bob=18446744073709551615"},
    {"withdraw bob 18446744073709551610", "5", "alice=0 bob=5"},
    {"deposit alice -1", WHOLE, NULL},
    {"deposit alice +1", WHOLE, NULL},
    {"deposit alice 1.5", WHOLE, NULL},
    {"withdraw alice 18446744073709551616", WHOLE, NULL},
    {"transfer alice bob \"\"", WHOLE, NULL},
    {"open \"a b\"", "ok", "\"a b\"=0 alice=0 bob=5"},
    {"accounts", "\"a b\" alice bob", NULL},
    {"accounts alice", BANK_USAGE, NULL},
    {"withdraw \"a b\" 1", "error: \"a b\" has only 0", NULL},
    {"open", BANK_USAGE, NULL},
    {"open a b", BANK_USAGE, NULL},
    {"deposit alice", BANK_USAGE, NULL},
    {"total alice", BANK_USAGE, NULL},
    {"rob alice 5", BANK_USAGE, NULL},
    {"", BANK_USAGE, NULL},
    {"open \"x", KV_QUOTE, NULL},
};

START_TEST(bank_conserves_money)
{
    run(sim_app_find("bank"), bank_lines, sizeof bank_lines / sizeof bank_lines[0]);
}
END_TEST

/* ---- queue ------------------------------------------------------------------------------- */

#define QUEUE_USAGE "error: expected put TOPIC MESSAGE, get TOPIC, length TOPIC or topics"

static const line queue_lines[] = {
    {"topics", "(none)", NULL},
    {"get news", "(none)", NULL},
    {"length news", "0", NULL},
    {"put news one", "ok", "news=one"},
    {"PUT news two", "ok", "news=one,two"},
    {"put art \"a, b\"", "ok", "art=\"a, b\" news=one,two"},
    {"put news one", "ok", "art=\"a, b\" news=one,two,one"},
    {"length news", "3", NULL},
    {"topics", "art news", NULL},
    {"get news", "one", "art=\"a, b\" news=two,one"},
    {"GET news", "two", "art=\"a, b\" news=one"},
    {"GET art", "a, b", "art= news=one"},
    {"get news", "one", "art= news="},
    {"get news", "(none)", NULL},
    {"length art", "0", NULL},
    {"topics", "art news", NULL},
    {"put art \"\"", "ok", "art=\"\" news="},
    {"get art", "", "art= news="},
    {"put news (none)", "error: (none) is what an empty topic answers, no message", NULL},
    {"put news", QUEUE_USAGE, NULL},
    {"get", QUEUE_USAGE, NULL},
    {"Get news", QUEUE_USAGE, NULL},
    {"get news 1", QUEUE_USAGE, NULL},
    {"topics news", QUEUE_USAGE, NULL},
    {"", QUEUE_USAGE, NULL},
    {"put news \"x", KV_QUOTE, NULL},
};

START_TEST(queue_is_first_in_first_out)
{
    run(sim_app_find("queue"), queue_lines, sizeof queue_lines / sizeof queue_lines[0]);
}
END_TEST

/* ---- lock -------------------------------------------------------------------------------- */

#define LOCK_USAGE                                                                             \
    "error: expected acquire LOCK OWNER [ttl TICKS], release LOCK OWNER, drop OWNER, owner "   \
    "LOCK or waiters LOCK"

/* Each command that is understood is a tick, and so changes the state: show is written out. */
static const line lock_lines[] = {
    {"owner db", "(none)", ""},
    {"waiters db", "(none)", ""},
    {"release db alice", "no: (none)", ""},
    {"acquire db alice", "granted", "db=alice"},
    {"acquire db alice", "granted", "db=alice"},
    {"acquire db bob", "waiting 1", "db=alice,bob"},
    {"acquire db carol", "waiting 2", "db=alice,bob,carol"},
    {"acquire db bob", "waiting 1", "db=alice,bob,carol"},
    {"owner db", "alice", "db=alice,bob,carol"},
    {"waiters db", "bob carol", "db=alice,bob,carol"},
    {"release db dave", "no: alice", "db=alice,bob,carol"},
    {"release db alice", "ok", "db=bob,carol"},
    {"acquire db alice", "waiting 2", "db=bob,carol,alice"},
    {"release db carol", "ok", "db=bob,alice"},
    {"acquire web bob", "granted", "db=bob,alice web=bob"},
    {"acquire web alice", "waiting 1", "db=bob,alice web=bob,alice"},
    {"acquire log carol", "granted", "db=bob,alice log=carol web=bob,alice"},
    {"acquire log bob", "waiting 1", "db=bob,alice log=carol,bob web=bob,alice"},
    {"drop bob", "2", "db=alice log=carol web=alice"},
    {"drop bob", "0", "db=alice log=carol web=alice"},
    {"drop alice", "2", "log=carol"},
    {"drop carol", "1", ""},
    /* The next tick is 23. */
    {"acquire db alice ttl 3", "granted", "db=alice@26"},
    {"acquire db bob ttl 2", "waiting 1", "db=alice@26,bob"},
    {"acquire db carol", "waiting 2", "db=alice@26,bob,carol"},
    {"owner db", "bob", "db=bob@28,carol"},
    {"owner db", "bob", "db=bob@28,carol"},
    {"acquire db bob ttl 2", "waiting 1", "db=carol,bob"}, /* too late by a tick */
    {"release db carol", "ok", "db=bob@31"},
    {"acquire db bob ttl 5", "granted", "db=bob@35"}, /* in time */
    {"acquire db bob", "granted", "db=bob"},
    {"acquire web carol ttl 1", "granted", "db=bob web=carol@33"},
    {"owner web", "(none)", "db=bob"},
    {"acquire web carol ttl 18446744073709551615", "granted",
     "db=bob web=carol@18446744073709551615"},
    {"release web carol", "ok", "db=bob"},
    {"acquire \"a b\" \"c,d\"", "granted", "\"a b\"=\"c,d\" db=bob"},
    {"owner \"a b\"", "\"c,d\"", "\"a b\"=\"c,d\" db=bob"},
    /* What is not understood is no tick. */
    {"acquire db carol ttl 0", "error: expected a number of ticks, at least 1", NULL},
    {"acquire db carol ttl x", "error: expected a number of ticks, at least 1", NULL},
    {"acquire db (none)", "error: (none) is what a free lock answers, no owner", NULL},
    {"acquire db carol ttl", LOCK_USAGE, NULL},
    {"acquire db carol for 5", LOCK_USAGE, NULL},
    {"release db bob ttl 5", LOCK_USAGE, NULL},
    {"acquire db", LOCK_USAGE, NULL},
    {"owner", LOCK_USAGE, NULL},
    {"steal db", LOCK_USAGE, NULL},
    {"", LOCK_USAGE, NULL},
    {"acquire \"db", KV_QUOTE, NULL},
};

START_TEST(lock_has_one_owner)
{
    run(sim_app_find("lock"), lock_lines, sizeof lock_lines / sizeof lock_lines[0]);
}
END_TEST

static void say(const sim_app *app, void *self, const char *command)
{
    app->apply(self, (const uint8_t *)command, (uint32_t)strlen(command), NULL);
}

/* The hash is of the state alone, not of the way to it. */
START_TEST(kv_hash_forgets_the_way)
{
    const sim_app *kv = sim_app_find("kv");
    void *a = kv->create(), *b = kv->create();
    ck_assert_uint_eq(kv->hash(a), kv->hash(b));
    char command[40];
    for (int i = 0; i < 200; i++) {
        snprintf(command, sizeof command, "put k%d v%d", i, i);
        say(kv, a, command);
        snprintf(command, sizeof command, "append k%d v", 199 - i);
        say(kv, b, command);
        snprintf(command, sizeof command, "append k%d %d", 199 - i, 199 - i);
        say(kv, b, command);
    }
    ck_assert_uint_eq(kv->hash(a), kv->hash(b));
    say(kv, a, "put k7 other");
    ck_assert_uint_ne(kv->hash(a), kv->hash(b));
    say(kv, a, "delete k7");
    ck_assert_uint_ne(kv->hash(a), kv->hash(b));
    say(kv, a, "put k7 v7");
    ck_assert_uint_eq(kv->hash(a), kv->hash(b));
    kv->free(a);
    kv->free(b);
}
END_TEST

/* What is key and what is value matters, and so does which value is whose. */
START_TEST(kv_hash_tells_pairs_apart)
{
    static const char *const ways[][2] = {
        {"put a b", "put b a"},  {"put ab c", "put a bc"},      {"put x \"\"", "get x"},
        {"put a 1", "put a 01"}, {"put \"\" \"\"", "get \"\""},
    };
    const sim_app *kv = sim_app_find("kv");
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        void *a = kv->create(), *b = kv->create();
        say(kv, a, ways[i][0]);
        say(kv, b, ways[i][1]);
        ck_assert_uint_ne(kv->hash(a), kv->hash(b));
        kv->free(a);
        kv->free(b);
    }
}
END_TEST

/* ---- every application --------------------------------------------------------------- */

/* What fills an application, and a query of it. */
static const struct {
    const char *name, *query, *answer;
    const char *commands[16];
} filled[] = {
    {"counter", "get", "-7", {"add 5", "sub 12"}},
    {"kv",
     "get \"a b\"",
     "two words",
     {"put y 2", "put \"a b\" \"two words\"", "append z \"\"", "put y 3", "put gone 1",
      "delete gone"}},
    {"bank",
     "balance alice",
     "4",
     {"open bob", "deposit bob 10", "open alice", "open \"\"", "withdraw bob 1",
      "transfer bob alice 4"}},
    {"queue",
     "length news",
     "2",
     {"put news one", "put news two", "get news", "put empty x", "get empty", "put art \"\"",
      "put news three"}},
    {"lock",
     "waiters db",
     "carol alice",
     {"acquire db alice", "acquire db bob ttl 20", "acquire db carol ttl 9", "release db alice",
      "acquire db alice", "acquire web bob ttl 40", "owner db"}},
};
enum { FILLED = sizeof filled / sizeof filled[0] };

static void *fill(const sim_app *app, int which)
{
    void *self = app->create();
    for (size_t i = 0; filled[which].commands[i]; i++)
        say(app, self, filled[which].commands[i]);
    return self;
}

static bool same_text(const sim_text *a, const sim_text *b)
{
    return a->len == b->len && !memcmp(a->at, b->at, a->len);
}

/* The bytes of a snapshot make the same state of whatever was there before. */
START_TEST(restored_as_it_was)
{
    const sim_app *app = sim_app_find(filled[_i].name);
    sim_text bytes = {0}, again = {0}, show = {0}, said = {0};
    void *a = fill(app, _i), *b = fill(app, _i);
    for (size_t i = 0; filled[_i].commands[i] && i < 2; i++)
        say(app, b, filled[_i].commands[i]); /* b is elsewhere */
    app->snapshot(a, &bytes);
    ck_assert(app->restore(b, (const uint8_t *)bytes.at, bytes.len));
    ck_assert_uint_eq(app->hash(a), app->hash(b));
    app->show(a, &show);
    app->show(b, &said);
    ck_assert_str_eq(show.at, said.at);
    app->snapshot(b, &again);
    ck_assert(same_text(&bytes, &again));
    sim_text_clear(&said);
    app->query(b, filled[_i].query, strlen(filled[_i].query), &said);
    ck_assert_str_eq(said.at, filled[_i].answer);
    ck_assert_ptr_null(app->check(b, &said));
    /* What was restored goes on as the other does. */
    for (size_t i = 0; filled[_i].commands[i]; i++) {
        say(app, a, filled[_i].commands[i]);
        say(app, b, filled[_i].commands[i]);
    }
    ck_assert_uint_eq(app->hash(a), app->hash(b));
    /* And an empty one is a state too. */
    void *empty = app->create();
    sim_text_clear(&bytes);
    app->snapshot(empty, &bytes);
    ck_assert(app->restore(b, (const uint8_t *)bytes.at, bytes.len));
    ck_assert_uint_eq(app->hash(b), app->hash(empty));
    app->free(a);
    app->free(b);
    app->free(empty);
    sim_text_free(&bytes);
    sim_text_free(&again);
    sim_text_free(&show);
    sim_text_free(&said);
}
END_TEST

/* Bytes that end early, go on, or were damaged anywhere are no state, and change nothing. */
START_TEST(damaged_bytes_are_refused)
{
    const sim_app *app = sim_app_find(filled[_i].name);
    sim_text bytes = {0};
    void *a = fill(app, _i), *b = app->create();
    const uint64_t empty = app->hash(b);
    app->snapshot(a, &bytes);
    for (size_t n = 0; n < bytes.len; n++)
        ck_assert(!app->restore(b, (const uint8_t *)bytes.at, n));
    for (size_t i = 0; i < bytes.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.at[i] = (char)(bytes.at[i] ^ 1 << bit);
            ck_assert(!app->restore(b, (const uint8_t *)bytes.at, bytes.len));
            bytes.at[i] = (char)(bytes.at[i] ^ 1 << bit);
        }
    sim_text_char(&bytes, 0);
    ck_assert(!app->restore(b, (const uint8_t *)bytes.at, bytes.len));
    ck_assert_uint_eq(app->hash(b), empty);
    const sim_app *other = sim_app_find(filled[(_i + 1) % FILLED].name);
    void *c = other->create();
    ck_assert(!other->restore(c, (const uint8_t *)bytes.at, bytes.len - 1));
    other->free(c);
    ck_assert(app->restore(b, (const uint8_t *)bytes.at, bytes.len - 1));
    ck_assert_uint_eq(app->hash(b), app->hash(a));
    app->free(a);
    app->free(b);
    sim_text_free(&bytes);
}
END_TEST

/* A query answers and changes nothing; what changes something is no query. */
START_TEST(queries_change_nothing)
{
    const sim_app *app = sim_app_find(filled[_i].name);
    sim_text said = {0};
    void *a = fill(app, _i);
    const uint64_t before = app->hash(a);
    app->query(a, filled[_i].query, strlen(filled[_i].query), &said);
    ck_assert_str_eq(said.at, filled[_i].answer);
    const char *const refused[] = {filled[_i].commands[0], "", "\"", "frob", "get x y z"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        sim_text_clear(&said);
        app->query(a, refused[i], strlen(refused[i]), &said);
        ck_assert_int_eq(strncmp(said.at, "error: expected ", 16), 0);
    }
    ck_assert_uint_eq(app->hash(a), before);
    app->free(a);
    sim_text_free(&said);
}
END_TEST

START_TEST(clone_goes_its_own_way)
{
    const sim_app *app = sim_app_find(filled[_i].name);
    void *a = fill(app, _i), *b = app->clone(a);
    sim_text was = {0}, is = {0};
    app->snapshot(a, &was);
    app->snapshot(b, &is);
    ck_assert(same_text(&was, &is));
    say(app, a, filled[_i].commands[0]);
    say(app, a, filled[_i].commands[1]);
    ck_assert_uint_ne(app->hash(a), app->hash(b));
    sim_text_clear(&is);
    app->snapshot(b, &is);
    ck_assert(same_text(&was, &is));
    say(app, b, filled[_i].commands[0]);
    say(app, b, filled[_i].commands[1]);
    ck_assert_uint_eq(app->hash(a), app->hash(b));
    ck_assert_ptr_null(app->check(b, &is));
    app->free(a);
    app->free(b);
    app->free(NULL);
    sim_text_free(&was);
    sim_text_free(&is);
}
END_TEST

/* ---- what breaks an invariant ------------------------------------------------------------ */

/* A state as no command makes it, in bytes as the application writes them: n and s by turns. */
static void forge(sim_text *out, const char *mark, const char *form, ...)
{
    va_list args;
    sim_text_clear(out);
    const size_t from = sim_pack_begin(out, mark);
    va_start(args, form);
    for (; *form; form++) {
        const char *s = *form == 's' ? va_arg(args, const char *) : NULL;
        if (s)
            sim_pack_text(out, s, strlen(s));
        else
            sim_pack_number(out, (uint64_t)va_arg(args, int));
    }
    va_end(args);
    sim_pack_end(out, from);
}

static const char *wrong(const sim_app *app, const sim_text *bytes, const char *command,
                         sim_text *said)
{
    void *self = app->create();
    ck_assert(app->restore(self, (const uint8_t *)bytes->at, bytes->len));
    if (command)
        say(app, self, command);
    sim_text_clear(said);
    const char *is = app->check(self, said);
    app->free(self);
    return is;
}

START_TEST(bank_tells_money_that_was_made)
{
    const sim_app *app = sim_app_find("bank");
    sim_text t = {0}, said = {0};
    /* deposited, withdrawn, accounts, name, balance */
    forge(&t, "bank 1", "nnnsnsn", 10, 3, 2, "alice", 4, "bob", 3);
    ck_assert_ptr_null(wrong(app, &t, NULL, &said));
    forge(&t, "bank 1", "nnnsnsn", 10, 3, 2, "alice", 4, "bob", 4);
    ck_assert_pstr_eq(wrong(app, &t, NULL, &said),
                      "money is not conserved: the accounts hold 8, deposits less withdrawals "
                      "make 7");
    ck_assert_ptr_nonnull(wrong(app, &t, "transfer alice bob 1", &said));
    sim_text_free(&t);
    sim_text_free(&said);
}
END_TEST

START_TEST(queue_tells_a_message_that_is_missing)
{
    const sim_app *app = sim_app_find("queue");
    sim_text t = {0}, said = {0};
    /* topics, name, put, got, held, messages */
    forge(&t, "queue 1", "nsnnnss", 1, "news", 5, 3, 2, "four", "five");
    ck_assert_ptr_null(wrong(app, &t, NULL, &said));
    ck_assert_ptr_null(wrong(app, &t, "get news", &said));
    ck_assert_ptr_null(wrong(app, &t, "put news six", &said));
    forge(&t, "queue 1", "nsnnns", 1, "news", 5, 3, 1, "four");
    ck_assert_pstr_eq(wrong(app, &t, NULL, &said),
                      "a message was lost or doubled: 5 were put and 3 got, but 1 are held");
    /* Lost in one topic, doubled in another: the sum is right, the numbers are not. */
    forge(&t, "queue 1", "nsnnnsnnnsss", 2, "art", 2, 1, 0, "news", 5, 3, 3, "four", "five",
          "six");
    ck_assert_ptr_null(wrong(app, &t, NULL, &said));
    ck_assert_pstr_eq(wrong(app, &t, "get news", &said),
                      "a message was lost or doubled: a topic of which 5 were put and 4 got is "
                      "numbered with gaps");
    ck_assert_ptr_nonnull(wrong(app, &t, "get art", &said));
    ck_assert_ptr_nonnull(wrong(app, &t, "put art more", &said));
    sim_text_free(&t);
    sim_text_free(&said);
}
END_TEST

START_TEST(lock_tells_who_was_granted_too_much)
{
    const sim_app *app = sim_app_find("lock");
    sim_text t = {0}, said = {0};
    /* tick, granted, given up, locks, name, waiting, who, since, ttl */
    forge(&t, "lock 1", "nnnnsnsnnsnn", 9, 5, 4, 1, "db", 1, "alice", 3, 0, "bob", 4, 0);
    ck_assert_ptr_null(wrong(app, &t, NULL, &said));
    ck_assert_ptr_null(wrong(app, &t, "release db alice", &said));
    forge(&t, "lock 1", "nnnnsnsnn", 9, 6, 4, 1, "db", 0, "alice", 3, 0);
    ck_assert_pstr_eq(
        wrong(app, &t, NULL, &said),
        "a lock has not one owner: 6 were granted and 4 given up, but 1 are held");
    sim_text_free(&t);
    sim_text_free(&said);
}
END_TEST

/* Bytes whose seal is right, but which no state has. */
START_TEST(forged_bytes_are_refused)
{
    sim_text t[12] = {0};
    forge(&t[0], "bank 1", "nnnsnsn", 7, 0, 2, "bob", 4, "alice", 3); /* out of order */
    forge(&t[1], "bank 1", "nnnsnsn", 7, 0, 2, "bob", 4, "bob", 3);
    forge(&t[2], "bank 1", "nnnsn", 7, 0, 2, "bob", 7); /* one too few */
    forge(&t[3], "bank 1", "nnnsnn", 7, 0, 1, "bob", 7, 0);
    forge(&t[4], "queue 1", "nsnnnsn", 2, "news", 1, 1, 0, "x", 1);
    forge(&t[5], "queue 1", "nsnnns", 1, "news", 3, 1, 2, "one");
    forge(&t[6], "queue 1", "nsnnns", 1, "news", 1, 0, -1, "one"); /* 2^64 - 1 messages */
    forge(&t[7], "lock 1", "nnnnsnsnnsnn", 9, 5, 4, 1, "db", 1, "al", 3, 0, "al", 4, 0);
    forge(&t[8], "lock 1", "nnnnsnsnn", 9, 5, 4, 1, "db", 1, "alice", 3, 0);
    forge(&t[9], "kv 1", "nssss", 2, "k", "v", "k", "w");
    forge(&t[10], "kv 1", "nss", -1, "k", "v");
    forge(&t[11], "counter 2", "n", 5); /* of another version */
    static const char *const names[] = {"bank",  "bank", "bank", "bank", "queue", "queue",
                                        "queue", "lock", "lock", "kv",   "kv",    "counter"};
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const sim_app *app = sim_app_find(names[i]);
        void *self = app->create();
        ck_assert(!app->restore(self, (const uint8_t *)t[i].at, t[i].len));
        app->free(self);
        sim_text_free(&t[i]);
    }
}
END_TEST

/* Many commands at random: the state that bytes gave goes on like the one that they are of,
 * the hash is of the state alone, and the application's invariant holds all the way. */
static const struct {
    const char *name;
    const char *forms[6]; /* %d: one of a few */
} random_commands[] = {
    {"counter", {"add %d", "sub %d", "set %d"}},
    {"kv", {"put k%d v%d", "append k%d w%d", "delete k%d", "cas k%d v%d v%d", "get k%d"}},
    {"bank",
     {"open a%d", "deposit a%d %d", "withdraw a%d %d", "transfer a%d a%d %d", "balance a%d"}},
    {"queue", {"put t%d m%d", "get t%d", "put t%d m%d", "length t%d"}},
    {"lock",
     {"acquire l%d o%d ttl %d", "acquire l%d o%d", "release l%d o%d", "drop o%d", "owner l%d"}},
};

START_TEST(anything_goes_on_after_a_snapshot)
{
    const sim_app *app = sim_app_find(random_commands[_i].name);
    sim_random dice = sim_random_stream(7, 1, (uint64_t)_i);
    size_t forms = 0;
    while (forms < 6 && random_commands[_i].forms[forms])
        forms++;
    void *a = app->create(), *b = app->create();
    sim_text bytes = {0}, said = {0}, other = {0};
    for (int round = 0; round < 3000; round++) {
        char command[80];
        int d[3];
        for (int k = 0; k < 3; k++)
            d[k] = (int)sim_random_between(&dice, 1, 6);
        const size_t form = (size_t)sim_random_between(&dice, 0, forms - 1);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(command, sizeof command, random_commands[_i].forms[form], d[0], d[1], d[2]);
#pragma GCC diagnostic pop
        sim_text_clear(&said);
        sim_text_clear(&other);
        app->apply(a, (const uint8_t *)command, (uint32_t)strlen(command), &said);
        app->apply(b, (const uint8_t *)command, (uint32_t)strlen(command), &other);
        ck_assert_str_eq(said.at, other.at);
        ck_assert_uint_eq(app->hash(a), app->hash(b));
        ck_assert_pstr_eq(app->check(a, &said), NULL);
        ck_assert_pstr_eq(app->check(b, &said), NULL);
        if (sim_random_between(&dice, 0, 19))
            continue;
        sim_text_clear(&bytes);
        app->snapshot(a, &bytes);
        app->free(b);
        b = app->create();
        ck_assert(app->restore(b, (const uint8_t *)bytes.at, bytes.len));
        ck_assert_uint_eq(app->hash(a), app->hash(b));
    }
    app->free(a);
    app->free(b);
    sim_text_free(&bytes);
    sim_text_free(&said);
    sim_text_free(&other);
}
END_TEST

START_TEST(names_find_their_apps)
{
    size_t n = 0;
    for (; sim_app_names[n]; n++) {
        const sim_app *app = sim_app_find(sim_app_names[n]);
        ck_assert_ptr_nonnull(app);
        ck_assert_str_eq(app->name, sim_app_names[n]);
        ck_assert_ptr_nonnull(app->commands[0].usage);
    }
    ck_assert_uint_eq(n, 5);
    ck_assert_ptr_null(sim_app_find("blockchain"));
}
END_TEST

/* "transfer A B N" as "transfer x x 1", without what may be left out. */
static void fill_in(const char *usage, sim_text *out)
{
    sim_text_clear(out);
    for (const char *at = usage; *at && *at != '['; at += strcspn(at, " "), at += *at == ' ') {
        const size_t len = strcspn(at, " ");
        if (out->len)
            sim_text_char(out, ' ');
        if (*at >= 'a')
            sim_text_add(out, at, len);
        else
            sim_text_put(out, len == 1 && *at == 'N' ? "1" : "x");
    }
}

static bool begins(const sim_text *t, const char *with)
{
    return t->len >= strlen(with) && !memcmp(t->at, with, strlen(with));
}

/* What help says of an application is so: each command is one, and reads are what it says. */
START_TEST(what_is_documented_is_understood)
{
    const sim_app *app = sim_app_find(sim_app_names[_i]);
    void *self = app->create();
    sim_text said = {0}, command = {0};
    for (const sim_app_command *c = app->commands; c->usage; c++) {
        ck_assert(*c->answer);
        fill_in(c->usage, &command);
        const uint64_t before = app->hash(self);
        sim_text_clear(&said);
        app->query(self, command.at, command.len, &said);
        ck_assert_msg(begins(&said, "error: expected") == !c->query, "%s: %s", c->usage,
                      said.at);
        ck_assert_uint_eq(app->hash(self), before);
        sim_text_clear(&said);
        app->apply(self, (const uint8_t *)command.at, (uint32_t)command.len, &said);
        ck_assert_msg(!begins(&said, "error: expected"), "%s: %s", c->usage, said.at);
    }
    sim_text_free(&said);
    sim_text_free(&command);
    app->free(self);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("apps");
    TCase *t = tcase_create("apps");
    suite_add_tcase(s, t);
    tcase_add_test(t, counter_counts);
    tcase_add_test(t, kv_keeps);
    tcase_add_test(t, bank_conserves_money);
    tcase_add_test(t, queue_is_first_in_first_out);
    tcase_add_test(t, lock_has_one_owner);
    tcase_add_test(t, kv_hash_forgets_the_way);
    tcase_add_test(t, kv_hash_tells_pairs_apart);
    tcase_add_loop_test(t, restored_as_it_was, 0, FILLED);
    tcase_add_loop_test(t, damaged_bytes_are_refused, 0, FILLED);
    tcase_add_loop_test(t, queries_change_nothing, 0, FILLED);
    tcase_add_loop_test(t, clone_goes_its_own_way, 0, FILLED);
    tcase_add_loop_test(t, anything_goes_on_after_a_snapshot, 0, FILLED);
    tcase_add_test(t, bank_tells_money_that_was_made);
    tcase_add_test(t, queue_tells_a_message_that_is_missing);
    tcase_add_test(t, lock_tells_who_was_granted_too_much);
    tcase_add_test(t, forged_bytes_are_refused);
    tcase_add_test(t, names_find_their_apps);
    tcase_add_loop_test(t, what_is_documented_is_understood, 0, 5);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
