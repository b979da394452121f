/* messages.c - a script moves messages one by one, and does to them what networks do. */
#include "sim/test/tank.h"

static sim_filter of(sim_id from, sim_id to, uint32_t type)
{
    return (sim_filter){.from = from, .to = to, .type = type};
}

START_TEST(the_oldest_that_fits_is_delivered)
{
    sim *t = tank(3);
    DO(sim_timeout(t, A, e));
    DO(sim_timeout(t, B, e));
    QUEUE("#1 n1 -> n2 RequestVote, #2 n1 -> n3 RequestVote, #3 n2 -> n1 RequestVote, "
          "#4 n2 -> n3 RequestVote");
    DO(sim_deliver(t, &(sim_filter){.to = C}, e));
    QUEUE("#1 n1 -> n2 RequestVote, #3 n2 -> n1 RequestVote, #4 n2 -> n3 RequestVote, "
          "#5 n3 -> n1 RequestVoteReply");
    DO(sim_deliver(t, &(sim_filter){.id = 4}, e));
    DO(sim_deliver(t, &(sim_filter){.type = VOTED}, e));
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    DO(sim_deliver_n(t, 2, e)); /* the votes that they asked each other for */
    QUEUE("#6 n3 -> n2 RequestVoteReply, #7 n1 -> n2 AppendEntries, #8 n1 -> n3 AppendEntries, "
          "#9 n2 -> n1 RequestVoteReply, #10 n1 -> n2 RequestVoteReply");
    sim_free(t);
}
END_TEST

START_TEST(what_is_not_there_is_an_error_that_helps)
{
    sim *t = tank(3);
    FAILS(deliver(t, A, B, VOTE, e), "no message n1 -> n2 RequestVote is in flight",
          "no message is in flight");
    DO(sim_timeout(t, A, e));
    FAILS(deliver(t, A, B, APPEND, e), "no message n1 -> n2 AppendEntries is in flight",
          "in flight: #1 n1 -> n2 RequestVote");
    FAILS(deliver(t, B, A, ANY, e), "no message n2 -> n1 is in flight",
          "in flight: #1 n1 -> n2 RequestVote, #2 n1 -> n3 RequestVote");
    FAILS(deliver(t, B, 0, ANY, e), "no message n2 -> any is in flight",
          "in flight: #1 n1 -> n2 RequestVote, #2 n1 -> n3 RequestVote");
    FAILS(sim_drop_message(t, &(sim_filter){.id = 9}, true, e), "no message #9 is in flight",
          "in flight: #1 n1 -> n2 RequestVote, #2 n1 -> n3 RequestVote");
    ck_assert(!sim_deliver(t, &(sim_filter){.id = 9}, NULL)); /* nobody has to ask why */
    FAILS(sim_deliver_n(t, 9, e), "only 8 of 9 messages could be delivered", "");
    FAILS(sim_deliver_n(t, 1, e), "no message is in flight",
          "timers and requests send some: timeout, heartbeat, propose");
    for (int i = 0; i < 5; i++)
        DO(sim_heartbeat(t, A, e));
    FAILS(deliver(t, B, C, ANY, e), "no message n2 -> n3 is in flight",
          "in flight: #9 n1 -> n2 AppendEntries, #10 n1 -> n3 AppendEntries, "
          "#11 n1 -> n2 AppendEntries, #12 n1 -> n3 AppendEntries, #13 n1 -> n2 AppendEntries, "
          "#14 n1 -> n3 AppendEntries, and 4 more");
    sim_free(t);
}
END_TEST

START_TEST(dropped_messages_never_arrive)
{
    sim *t = tank(3);
    DO(sim_timeout(t, A, e));
    sim_filter any = {0};
    DO(sim_drop_message(t, &any, false, e));
    QUEUE("#2 n1 -> n3 RequestVote");
    DO(sim_timeout(t, A, e));
    sim_filter to_b = of(0, B, ANY), to_c = of(0, C, ANY);
    DO(sim_drop_message(t, &to_c, true, e));
    QUEUE("#3 n1 -> n2 RequestVote");
    DO(sim_drop_message(t, &to_b, true, e));
    FAILS(sim_drop_message(t, &any, true, e), "no message is in flight",
          "timers and requests send some: timeout, heartbeat, propose");
    sim_free(t);
}
END_TEST

START_TEST(a_duplicate_is_a_message_of_its_own)
{
    sim *t = tank(3);
    DO(sim_timeout(t, A, e));
    sim_filter vote = of(A, B, VOTE);
    DO(sim_duplicate(t, &vote, false, e));
    QUEUE("#1 n1 -> n2 RequestVote, #2 n1 -> n3 RequestVote, #3 n1 -> n2 RequestVote");
    DO(sim_duplicate(t, &(sim_filter){0}, true, e)); /* each once, though there are more now */
    ck_assert_uint_eq(sim_queue_length(t), 6);
    DO(settle(t, e));
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    ck_assert_uint_eq(sim_view_of(t, A)->term, 1);
    propose(t, A, "add 4", NULL);
    DO(sim_duplicate(t, &(sim_filter){.type = APPEND}, true, e)); /* with entries */
    DO(settle(t, e));
    DO(sim_heartbeat(t, A, e));
    DO(settle(t, e));
    for (sim_id id = A; id <= C; id++) {
        LOG(id, "1@1 2@1");
        ck_assert_str_eq(app(t, id), "4");
    }
    sim_free(t);
}
END_TEST

START_TEST(a_delayed_message_waits_for_the_clock)
{
    sim *t = tank(3);
    DO(sim_timeout(t, A, e));
    sim_us now = sim_now(t);
    sim_filter to_b = of(A, B, VOTE);
    DO(sim_delay(t, &to_b, false, 20000, e));
    QUEUE("#1 n1 -> n2 RequestVote delayed, #2 n1 -> n3 RequestVote");
    sim_error error = {0};
    ck_assert(!sim_deliver(t, &to_b, &error));
    ck_assert_str_eq(error.text, "message #1 n1 -> n2 RequestVote cannot move");
    sim_text hint = {0};
    sim_text_put(&hint, "it is delayed until ");
    sim_text_us(&hint, now + 20000);
    sim_text_put(&hint, ": advance 20ms");
    ck_assert_str_eq(error.hint, hint.at);
    sim_text_free(&hint);
    DO(settle(t, e)); /* passes over it */
    QUEUE("#1 n1 -> n2 RequestVote delayed");
    DO(sim_timeout(t, C, e)); /* the clock moves far enough */
    ck_assert_uint_ge(sim_now(t), now + 20000);
    DO(deliver(t, A, B, VOTE, e));
    sim_free(t);
}
END_TEST

/* In flowing time the delay is added to the latency. */
START_TEST(a_delay_is_added_to_the_latency)
{
    sim_options o = standard();
    o.latency = (sim_range){3000, 3000};
    sim *t = tank_with(2, &o, 1);
    DO(sim_elect(t, A, e));
    DO(sim_heartbeat(t, A, e));
    sim_us sent = sim_now(t);
    DO(sim_delay(t, &(sim_filter){0}, true, 20000, e));
    uint64_t cursor = 0;
    sim_flight f;
    ck_assert(sim_queue_next(t, &cursor, &f));
    ck_assert_uint_eq(f.due, sent + 23000);
    DO(sim_advance(t, 22999, e));
    QUEUE("#5 n1 -> n2 AppendEntries");
    DO(sim_advance(t, 1, e));
    QUEUE("#6 n2 -> n1 AppendEntriesReply");
    DO(sim_delay(t, &(sim_filter){0}, true, 5000, e));
    DO(sim_delay(t, &(sim_filter){0}, true, 1000, e)); /* a second one moves it on */
    cursor = 0;
    ck_assert(sim_queue_next(t, &cursor, &f));
    ck_assert_uint_eq(f.due - f.sent, 9000);
    sim_free(t);
}
END_TEST

START_TEST(the_youngest_overtakes)
{
    sim *t = tank(2);
    DO(sim_elect(t, A, e));
    for (int i = 0; i < 3; i++)
        DO(sim_heartbeat(t, A, e));
    QUEUE("#5 n1 -> n2 AppendEntries, #6 n1 -> n2 AppendEntries, #7 n1 -> n2 AppendEntries");
    DO(sim_reorder(t, A, B, e));
    QUEUE("#7 n1 -> n2 AppendEntries, #5 n1 -> n2 AppendEntries, #6 n1 -> n2 AppendEntries");
    FAILS(sim_reorder(t, B, A, e), "no message n2 -> n1 is in flight",
          "in flight: #7 n1 -> n2 AppendEntries, #5 n1 -> n2 AppendEntries, "
          "#6 n1 -> n2 AppendEntries");
    DO(sim_deliver_n(t, 2, e));
    FAILS(sim_reorder(t, A, B, e), "only one message is in flight n1 -> n2",
          "it takes two to overtake");
    sim_free(t);
}
END_TEST

/* The same places in time, in the new order, however the latencies fell. */
START_TEST(the_youngest_overtakes_in_flowing_time_too)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        sim_options o = standard();
        o.heartbeat = 1000;
        o.latency = (sim_range){10000, 60000};
        sim *t = tank_with(2, &o, seed);
        DO(sim_elect(t, A, e));
        for (int i = 0; i < 4; i++)
            DO(sim_heartbeat(t, A, e));
        sim_us due[4], least = SIM_US_MAX, sum = 0, after = 0;
        uint64_t order[4], cursor = 0, n = 0;
        sim_flight f;
        for (; sim_queue_next(t, &cursor, &f); n++) {
            order[n] = f.id;
            due[n] = f.due;
            sum += f.due;
            if (f.due < least)
                least = f.due;
        }
        ck_assert_uint_eq(n, 4);
        DO(sim_reorder(t, A, B, e));
        cursor = n = 0;
        sim_us moved[4] = {0};
        for (; sim_queue_next(t, &cursor, &f); after += f.due, n++) {
            moved[f.id - order[0]] = f.due;
            ck_assert(n > 0 || (f.id == order[3] && f.due == least));
        }
        ck_assert_uint_eq(sum, after);
        for (int i = 0; i < 3; i++) /* the others keep their order in time */
            for (int j = 0; j < 3; j++)
                ck_assert(due[i] >= due[j] || moved[i] < moved[j]);
        DO(sim_advance(t, 100000, e));
        ck_assert_ptr_null(sim_violation(t));
        sim_free(t);
    }
}
END_TEST

START_TEST(a_corrupt_message_is_dropped_by_its_receiver)
{
    diary d = {0};
    sim *t = tank(3);
    sim_observe(t, diary_observer(&d));
    DO(sim_timeout(t, A, e));
    sim_filter to_b = of(A, B, ANY);
    DO(sim_corrupt(t, &to_b, false, e));
    QUEUE("#1 n1 -> n2 RequestVote corrupt, #2 n1 -> n3 RequestVote");
    DO(sim_duplicate(t, &to_b, false, e)); /* a copy of what is broken is broken */
    DO(deliver(t, A, B, ANY, e));
    DO(deliver(t, A, B, ANY, e));
    QUEUE("#2 n1 -> n3 RequestVote");
    STATE(B,
          "follower term 0 vote nobody follows nobody commit 0 applied 0 last 0@0 durable 0");
    ck_assert_ptr_nonnull(
        strstr(d.text.at, "n2 drop id 1 from n1 to n2 type RequestVote reason corrupt"));
    ck_assert_ptr_nonnull(
        strstr(d.text.at, "n2 drop id 3 from n1 to n2 type RequestVote reason corrupt"));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* ---- forged messages ------------------------------------------------------------------ */

#define FIELDS(...)                                                                            \
    (sim_forged_field[])                                                                       \
    {                                                                                          \
        __VA_ARGS__                                                                            \
    }

START_TEST(a_peers_reply_can_be_scripted)
{
    sim *t = tank(3);
    DO(sim_timeout(t, A, e));
    DO(sim_drop_message(t, &(sim_filter){0}, true, e));
    DO(sim_inject(t, B, A, VOTED - 1, FIELDS({"term", "1"}, {"granted", "yes"}), 2, e));
    DO(settle(t, e));
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    sim_free(t);
}
END_TEST

START_TEST(a_forged_leader_brings_entries)
{
    sim *t = tank(3);
    DO(sim_inject(
        t, C, A, APPEND - 1,
        FIELDS({"term", "2"}, {"prev", "0@0"}, {"entries", "1@1, 2@2 add 5, 6 , 3@2 x"}), 3,
        e));
    QUEUE("#1 n3 -> n1 AppendEntries");
    uint64_t cursor = 0;
    sim_flight f;
    ck_assert(sim_queue_next(t, &cursor, &f));
    DO(sim_deliver(t, &(sim_filter){0}, e));
    LOG(A, "1@1 2@2 3@2");
    sim_entry entry;
    ck_assert(sim_entry_of(t, A, 1, &entry));
    ck_assert_uint_eq(entry.kind, SIM_ENTRY_NOOP);
    ck_assert(sim_entry_of(t, A, 2, &entry));
    ck_assert_uint_eq(entry.kind, SIM_ENTRY_COMMAND);
    ck_assert_uint_eq(entry.bytes, 8);
    ck_assert_mem_eq(entry.data, "add 5, 6", 8); /* a comma in a command is its own */
    STATE(A, "follower term 2 vote nobody follows n3 commit 0 applied 0 last 3@2 durable 3");
    FAILS(sim_inject(t, C, A, APPEND - 1, FIELDS({"prev", "3@2"}, {"entries", "7@2"}), 2, e),
          "the entries begin at 7, but prev is 3@2", "");
    sim_free(t);
}
END_TEST

static const struct {
    uint32_t type;
    const char *name, *value, *error;
} mistakes[] = {
    {VOTE, "last", "7", "last is an index and a term such as 3@2, not '7'"},
    {VOTE, "commit", "7", "RequestVote has no field 'commit'"},
    {PRE, "term", "x", "term is a number, not 'x'"},
    {PRE, "term", "9223372036854775808",
     "term is at most 9223372036854775807, not 9223372036854775808"},
    {PRED, "granted", "maybe", "granted is yes or no, not 'maybe'"},
    {APPENDED, "match", "-1", "match is a number, not '-1'"},
    {APPENDED, "conflict", "@", "conflict is an index and a term such as 3@2, not '@'"},
    {APPEND, "entries", "what", "'what' is no entry: expected one such as 2@1 or 2@1 add 5"},
    {APPEND, "entries", "1@0", "'1@0' is no entry: expected one such as 2@1 or 2@1 add 5"},
    {APPEND, "entries", "1@1, 3@1", "entry 3@1 does not follow on 1"},
    {APPEND, "entries", "1@1, 2@1 x, 2@1", "entry 2@1 does not follow on 2"},
};

START_TEST(a_mistake_in_a_forged_message_is_told)
{
    sim *t = tank(2);
    sim_forged_field field = {mistakes[_i].name, mistakes[_i].value};
    FAILS(sim_inject(t, A, B, mistakes[_i].type - 1, &field, 1, e), mistakes[_i].error, "");
    ck_assert_uint_eq(sim_queue_length(t), 0);
    sim_free(t);
}
END_TEST

/* The sender's term is filled in, all else is zero, no and empty. */
static const struct {
    uint32_t type;
    const char *fields;
} defaults[] = {
    {VOTE, "term 1 last 0@0 forged yes"},
    {VOTED, "term 1 granted no forged yes"},
    {PRE, "term 1 last 0@0 forged yes"},
    {PRED, "term 1 granted no forged yes"},
    {APPEND, "term 1 prev 0@0 commit 0 entries 0 forged yes"},
    {APPENDED, "term 1 ok no prev 0 match 0 conflict 0@0 forged yes"},
};

START_TEST(missing_fields_have_defaults)
{
    diary d = {0};
    sim *t = tank(3);
    DO(sim_elect(t, A, e));
    d.seq = sim_seq(t);
    sim_observe(t, diary_observer(&d));
    DO(sim_inject(t, B, A, defaults[_i].type - 1, NULL, 0, e));
    ck_assert_ptr_nonnull(strstr(d.text.at, defaults[_i].fields));
    DO(settle(t, e)); /* none of them does harm */
    ck_assert_ptr_null(sim_violation(t));
    ck_assert_int_eq(sim_view_of(t, A)->role, SIM_LEADER);
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

START_TEST(every_type_says_which_fields_it_has)
{
    for (uint32_t type = 0; type < sim_engine_native.type_count; type++) {
        const char *const *names = sim_engine_native.field_names(type);
        ck_assert_str_eq(names[0], "term");
        sim *t = tank(2);
        for (uint32_t i = 0; names[i]; i++) { /* and forge knows each of them */
            static const char *const values[] = {"1", "yes", "0@0", "", "n1 n2"};
            int taken = 0;
            for (int v = 0; v < 5; v++)
                taken += sim_inject(t, A, B, type, FIELDS({names[i], values[v]}), 1, NULL);
            ck_assert_int_ge(taken, 1);
        }
        sim_free(t);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim messages");
    TCase *tc = tcase_create("messages");
    tcase_add_test(tc, the_oldest_that_fits_is_delivered);
    tcase_add_test(tc, what_is_not_there_is_an_error_that_helps);
    tcase_add_test(tc, dropped_messages_never_arrive);
    tcase_add_test(tc, a_duplicate_is_a_message_of_its_own);
    tcase_add_test(tc, a_delayed_message_waits_for_the_clock);
    tcase_add_test(tc, a_delay_is_added_to_the_latency);
    tcase_add_test(tc, the_youngest_overtakes);
    tcase_add_test(tc, the_youngest_overtakes_in_flowing_time_too);
    tcase_add_test(tc, a_corrupt_message_is_dropped_by_its_receiver);
    tcase_add_test(tc, a_peers_reply_can_be_scripted);
    tcase_add_test(tc, a_forged_leader_brings_entries);
    tcase_add_loop_test(tc, a_mistake_in_a_forged_message_is_told, 0,
                        sizeof mistakes / sizeof *mistakes);
    tcase_add_loop_test(tc, missing_fields_have_defaults, 0,
                        sizeof defaults / sizeof *defaults);
    tcase_add_test(tc, every_type_says_which_fields_it_has);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
