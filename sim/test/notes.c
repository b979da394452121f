/* notes.c - all that happens is told once, in order, with its cause. */
#include "sim/test/tank.h"

/* From the first timeout to the first commit, word for word. */
START_TEST(an_election_is_told_from_cause_to_effect)
{
    diary d = {0};
    sim_options o = standard();
    sim_observer observer = diary_observer(&d);
    sim *t = sim_new(&(sim_config){.nodes = 2,
                                   .options = o,
                                   .options_set = true,
                                   .observers = &observer,
                                   .observers_n = 1},
                     NULL);
    ck_assert_uint_eq(sim_seq(t), 0); /* nodes that boot empty tell nothing */
    const char *const uses[] = {"a.b"}, *const tests[] = {"c.d", "e.f"};
    sim_section(t, 3, true, "n1 becomes leader", uses, 1, tests, 2);
    sim_command(t, 4, "timeout n1");
    DO(sim_timeout(t, A, e));
    sim_command(t, 5, "settle");
    DO(settle(t, e));
    sim_remark(t, 6, "done");
    ck_assert(sim_expect(t, 7, "n1 leader", "n1 leader", true));
    ck_assert(!sim_expect(t, 8, "n1 term 2", "n1 term 1", false));
    ck_assert_str_eq(
        d.text.at,
        "1 <0 section title n1 becomes leader role prepare uses 1 tests 2\n"
        "2 <0 command text timeout n1\n"
        "3 <2 n1 timer timer election\n"
        "4 <3 n1 term from 0 to 1 | term 1\n"
        "5 <3 n1 vote candidate n1 term 1 | vote n1\n"
        "6 <3 n1 role from follower to candidate why election timeout | role candidate\n"
        "7 <3 n1 disk op submitted write 1 term 1 vote n1\n"
        "8 <7 n1 disk op durable write 1 term 1 vote n1\n"
        "9 <8 n1 send id 1 from n1 to n2 type RequestVote term 1 last 0@0\n"
        "10 <0 command text settle\n"
        "11 <9 n2 deliver id 1 from n1 to n2 type RequestVote\n"
        "12 <11 n2 term from 0 to 1 | term 1\n"
        "13 <11 n2 vote candidate n1 term 1 | vote n1\n"
        "14 <11 n2 disk op submitted write 1 term 1 vote n1\n"
        "15 <14 n2 disk op durable write 1 term 1 vote n1\n"
        "16 <15 n2 send id 2 from n2 to n1 type RequestVoteReply term 1 granted yes\n"
        "17 <16 n1 deliver id 2 from n2 to n1 type RequestVoteReply\n"
        "18 <17 n1 role from candidate to leader why elected by a majority | role leader "
        "leader n1\n"
        "19 <17 n1 append index 1 entries 1 | last 1@1\n"
        "20 <17 n1 send id 3 from n1 to n2 type AppendEntries term 1 prev 0@0 commit 0 entries "
        "1\n"
        "21 <17 n1 disk op submitted write 2 first 1 count 1\n"
        "22 <21 n1 disk op durable write 2 first 1 count 1 | durable 1\n"
        "23 <20 n2 deliver id 3 from n1 to n2 type AppendEntries | leader n1\n"
        "24 <23 n2 append index 1 entries 1 | last 1@1\n"
        "25 <23 n2 disk op submitted write 2 first 1 count 1\n"
        "26 <25 n2 disk op durable write 2 first 1 count 1 | durable 1\n"
        "27 <26 n2 send id 4 from n2 to n1 type AppendEntriesReply term 1 ok yes prev 0 match "
        "1 "
        "conflict 0@0\n"
        "28 <27 n1 deliver id 4 from n2 to n1 type AppendEntriesReply\n"
        "29 <28 n1 commit from 1 to 1 | commit 1\n"
        "30 <29 n1 apply from 1 to 1 | applied 1\n"
        "31 <0 note text done\n"
        "32 <0 expect condition n1 leader actual n1 leader passed yes\n"
        "33 <0 expect condition n1 term 2 actual n1 term 1 passed no\n");
    sim_text_clear(&d.text);

    propose(t, A, "add 5", "five");
    DO(settle(t, e));
    ck_assert_str_eq(d.text.at,
                     "34 <10 n1 request id 1 name five to n1 command add 5\n"
                     "35 <34 n1 append index 2 entries 1 | last 2@1\n"
                     "36 <34 n1 send id 5 from n1 to n2 type AppendEntries term 1 prev 1@1 "
                     "commit 1 entries 1\n"
                     "37 <34 n1 disk op submitted write 3 first 2 count 1\n"
                     "38 <37 n1 disk op durable write 3 first 2 count 1 | durable 2\n"
                     "39 <36 n2 deliver id 5 from n1 to n2 type AppendEntries\n"
                     "40 <39 n2 append index 2 entries 1 | last 2@1\n"
                     "41 <39 n2 commit from 1 to 1 | commit 1\n"
                     "42 <41 n2 apply from 1 to 1 | applied 1\n"
                     "43 <39 n2 disk op submitted write 3 first 2 count 1\n"
                     "44 <43 n2 disk op durable write 3 first 2 count 1 | durable 2\n"
                     "45 <44 n2 send id 6 from n2 to n1 type AppendEntriesReply term 1 ok yes "
                     "prev 1 match 2 "
                     "conflict 0@0\n"
                     "46 <45 n1 deliver id 6 from n2 to n1 type AppendEntriesReply\n"
                     "47 <46 n1 commit from 2 to 2 | commit 2\n"
                     "48 <47 n1 apply from 2 to 2 | applied 2\n"
                     "49 <48 n1 response id 1 name five status ok answer 5 at 2@1\n");
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* Whatever the notes said of a node adds up to what the node is. */
typedef struct mirror {
    sim_state of[SIM_NODES_MAX + 1];
} mirror;

static void reflect(void *self, const sim_note *n)
{
    sim_state *to = &((mirror *)self)->of[n->node];
    const sim_state *s = &n->state;
    ck_assert(n->node || !s->changed);
    ck_assert(n->kind != SIM_NOTE_CRASH || !s->changed);
    if (s->changed & SIM_STATE_ROLE)
        to->role = s->role;
    if (s->changed & SIM_STATE_TERM)
        to->term = s->term;
    if (s->changed & SIM_STATE_VOTE)
        to->vote = s->vote;
    if (s->changed & SIM_STATE_LEADER)
        to->leader = s->leader;
    if (s->changed & SIM_STATE_COMMIT)
        to->commit = s->commit;
    if (s->changed & SIM_STATE_APPLIED)
        to->applied = s->applied;
    if (s->changed & SIM_STATE_LAST)
        to->last = s->last;
    if (s->changed & SIM_STATE_DURABLE)
        to->durable = s->durable;
}

static void compare(const mirror *m, const sim *t)
{
    for (sim_id id = 1; id <= sim_nodes(t); id++) {
        const sim_state *s = &m->of[id];
        const sim_view *v = sim_view_of(t, id);
        if (sim_life_of(t, id) == SIM_CRASHED)
            continue;
        ck_assert_int_eq(s->role, v->role);
        ck_assert_int_eq(s->vote, v->vote);
        ck_assert_int_eq(s->leader, v->leader);
        ck_assert_uint_eq(s->term, v->term);
        ck_assert_uint_eq(s->commit, v->commit);
        ck_assert_uint_eq(s->applied, sim_applied(t, id));
        ck_assert_uint_eq(s->last.index, v->last.index);
        ck_assert_uint_eq(s->last.term, v->last.term);
        ck_assert_uint_eq(s->durable, sim_durable_last(t, id));
    }
}

START_TEST(the_deltas_add_up)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        mirror m = {0};
        sim_options o = standard();
        o.pre_vote = seed % 2 ? SIM_ON : SIM_OFF;
        o.check_quorum = seed % 3 ? SIM_ON : SIM_OFF;
        sim *t = tank_with(5, &o, seed);
        sim_observe(t, (sim_observer){.note = reflect, .self = &m});
        for (int round = 0; round < 20; round++) {
            sim_id id = (sim_id)((uint64_t)round * seed % 5 + 1);
            switch (round % 7) {
            case 0:
                sim_crash(t, id, false, NULL);
                break;
            case 1:
                sim_isolate(t, sim_one(id));
                break;
            case 2:
                sim_campaign(t, id, NULL);
                break;
            case 3:
                sim_step_down(t, id, NULL);
                break;
            case 4:
                sim_heal(t);
                break;
            case 5:
                sim_disk_hold(t, id, NULL);
                break;
            default:
                for (sim_id any = A; any <= E; any++) {
                    sim_restart(t, any, any == id, NULL);
                    sim_disk_release(t, any, NULL);
                }
            }
            for (sim_id any = A; any <= E; any++)
                sim_propose(t, any, "add 1", 5, NULL, NULL);
            compare(&m, t);
            if (!sim_advance(t, 700000, NULL)) /* a wiped node may well have broken it */
                break;
            compare(&m, t);
        }
        sim_free(t);
    }
}
END_TEST

START_TEST(what_changes_nothing_says_why)
{
    diary d = {0};
    sim *t = tank(3);
    sim_observe(t, diary_observer(&d));
    DO(sim_elect(t, A, e));
    DO(sim_inject(t, B, A, VOTED - 1, NULL, 0, e));
    DO(settle(t, e));
    ck_assert_ptr_nonnull(strstr(d.text.at, " type RequestVoteReply ignored "));
    sim_text_free(&d.text);
    sim_free(t);
}
END_TEST

/* ---- the engine ------------------------------------------------------------------------ */

static void collect(void *self, const char *line)
{
    sim_text_put(self, line);
    sim_text_char(self, '\n');
}

START_TEST(the_rules_can_be_read)
{
    sim_text text = {0};
    sim_engine_native.explain(collect, &text);
    static const char *const lines[] = {
        "  follower      answers leaders and candidates",
        "                becomes: pre_candidate candidate learner\n",
        "                always: has voted for itself; its last entry is of its own term\n",
        "  candidate     RequestVote ",
        "                AppendEntriesReply ",
        "ignored: nobody else can lead this term (Election Safety) (3.4, fig. 3.2)\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_msg(strstr(text.at, lines[i]) != NULL, "%s is missing", lines[i]);
    sim_text_free(&text);
}
END_TEST

START_TEST(engines_have_names)
{
    ck_assert_ptr_eq(sim_engine_find("native"), &sim_engine_native);
    ck_assert_ptr_null(sim_engine_find("nativ"));
    for (size_t i = 0; sim_engine_names[i]; i++)
        ck_assert_str_eq(sim_engine_find(sim_engine_names[i])->name, sim_engine_names[i]);
}
END_TEST

/* An engine that was cloned goes on like its original. */
START_TEST(an_engine_can_be_cloned)
{
    const sim_engine *g = &sim_engine_native;
    sim_pool *pool = sim_pool_new();
    sim_arena arena = {0};
    const sim_engine_config config = {.id = 1,
                                      .first.voters = 1,
                                      .election_min = 10,
                                      .election_max = 20,
                                      .heartbeat = 5,
                                      .batch_max = 1,
                                      .pipeline_max = 1,
                                      .snapshot_chunk = 1,
                                      .catch_up_rounds = 1,
                                      .pool = pool,
                                      .arena = &arena,
                                      .names = (const char *const[]){"", "n1", "n2", NULL}};
    void *one = g->create(&config);
    g->start(one, 0, &(sim_durable){0});
    ck_assert_uint_eq(g->outbox(one)->n, 1);
    g->timer(one, 20, SIM_TIMER_ELECTION);
    ck_assert_uint_gt(g->outbox(one)->n, 3);
    void *two = g->clone(one);
    g->free(one);
    g->persisted(two, 20, (sim_point){1, 1});
    const sim_actions *todo = g->outbox(two);
    ck_assert_uint_eq(todo->n, 1);
    ck_assert_int_eq(todo->at[0].kind, SIM_DO_COMMIT);
    sim_view v;
    g->inspect(two, &v);
    ck_assert_int_eq(v.role, SIM_LEADER);
    ck_assert_uint_eq(v.commit, 1);
    g->change(two, 30, 1, SIM_CHANGE_ADD_LEARNER, 2, NULL); /* its bytes are kept elsewhere */
    sim_entry entry;
    ck_assert(g->entry(two, 2, &entry));
    ck_assert_str_eq((const char *)entry.data, "n1 learners n2");
    g->free(two);
    sim_pool_free(pool);
    sim_arena_free(&arena);
}
END_TEST

static const struct {
    uint32_t type;
    const char *field, *value;
    bool heartbeat;
} beats[] = {
    {VOTE, "last", "0@0", false},      {APPEND, "commit", "1", true},
    {APPEND, "entries", "1@1", false}, {APPENDED, "ok", "no", false},
    {APPENDED, "ok", "yes", true},     {APPENDED, "match", "3", false},
};

START_TEST(heartbeats_are_known_as_such)
{
    const sim_engine *g = &sim_engine_native;
    sim_pool *pool = sim_pool_new();
    sim_arena arena = {0};
    char why[100];
    const sim_forged_field field = {beats[_i].field, beats[_i].value};
    sim_message *m = g->forge(pool, &arena, (const char *const[]){"", "n1", "n2", NULL}, A, B,
                              beats[_i].type - 1, &field, 1, why, sizeof why);
    ck_assert_int_eq(g->is_heartbeat(m), beats[_i].heartbeat);
    sim_message *twin = g->message_clone(pool, m);
    ck_assert_uint_eq(g->message_hash(twin), g->message_hash(m));
    g->message_free(pool, m);
    g->message_free(pool, twin);
    sim_arena_free(&arena);
    sim_pool_free(pool);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim notes");
    TCase *tc = tcase_create("notes");
    tcase_add_test(tc, an_election_is_told_from_cause_to_effect);
    tcase_add_test(tc, the_deltas_add_up);
    tcase_add_test(tc, what_changes_nothing_says_why);
    tcase_add_test(tc, the_rules_can_be_read);
    tcase_add_test(tc, engines_have_names);
    tcase_add_test(tc, an_engine_can_be_cloned);
    tcase_add_loop_test(tc, heartbeats_are_known_as_such, 0, sizeof beats / sizeof *beats);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
