/* apps.c - the counter and the key-value store, command by command. */
#include "sim/apps/apps.h"
#include "sim/app.h"
#include "tests/suite.h"
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
        if (lines[i].show) {
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
    static const char *const change[] = {"add 5", "put x 1"};
    const sim_app *app = sim_app_find(sim_app_names[_i]);
    void *a = app->create();
    say(app, a, change[_i]);
    void *b = app->clone(a);
    ck_assert_uint_eq(app->hash(a), app->hash(b));
    say(app, a, _i ? "put y 2" : "add 1");
    ck_assert_uint_ne(app->hash(a), app->hash(b));
    sim_text t = {0};
    app->show(b, &t);
    ck_assert_str_eq(t.at, _i ? "x=1" : "5");
    sim_text_free(&t);
    app->free(a);
    app->free(b);
    app->free(NULL);
}
END_TEST

START_TEST(names_find_their_apps)
{
    size_t n = 0;
    for (; sim_app_names[n]; n++) {
        const sim_app *app = sim_app_find(sim_app_names[n]);
        ck_assert_ptr_nonnull(app);
        ck_assert_str_eq(app->name, sim_app_names[n]);
        ck_assert_ptr_nonnull(app->commands[0]);
    }
    ck_assert_uint_eq(n, 2);
    ck_assert_ptr_null(sim_app_find("blockchain"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("apps");
    TCase *t = tcase_create("apps");
    suite_add_tcase(s, t);
    tcase_add_test(t, counter_counts);
    tcase_add_test(t, kv_keeps);
    tcase_add_test(t, kv_hash_forgets_the_way);
    tcase_add_test(t, kv_hash_tells_pairs_apart);
    tcase_add_loop_test(t, restored_as_it_was, 0, FILLED);
    tcase_add_loop_test(t, damaged_bytes_are_refused, 0, FILLED);
    tcase_add_loop_test(t, queries_change_nothing, 0, FILLED);
    tcase_add_loop_test(t, clone_goes_its_own_way, 0, 2);
    tcase_add_test(t, names_find_their_apps);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
