/* churn.c - everything at once: members that come and go, snapshots, transfers, reads, clients
 * and failing applications, on a cluster that crashes and is partitioned.  Whatever happens
 * every invariant holds; when it is calm again the nodes agree and the clients are answered. */
#include "sim/base/random.h"
#include "sim/test/tank.h"

enum { NODES = 5, ACTS = 300, CLIENTS = 3 };

typedef struct churn {
    sim *t;
    sim_random random;
    uint64_t asked[ACTS * 2];
    uint32_t asked_n;
} churn;

static uint64_t roll(churn *c, uint64_t most)
{
    return sim_random_between(&c->random, 0, most);
}

static sim_id any(churn *c)
{
    return (sim_id)(1 + roll(c, NODES - 1));
}

static sim_id leader_of(const sim *t)
{
    sim_id found = 0;
    for (sim_id id = 1; id <= NODES; id++)
        if (sim_life_of(t, id) == SIM_UP && sim_view_of(t, id)->role == SIM_LEADER &&
            (!found || sim_view_of(t, id)->term > sim_view_of(t, found)->term))
            found = id;
    return found;
}

static void change_something(churn *c, sim_id at)
{
    const sim_change what = (sim_change)roll(c, SIM_CHANGE_LEAVE);
    sim_membership wanted = {.voters = 0};
    for (int i = 0; i < 3; i++)
        wanted.voters |= sim_one(any(c));
    wanted.by_hand = roll(c, 3) == 0;
    sim_change_members(c->t, at, what, any(c), &wanted, NULL, NULL);
}

static void act(churn *c)
{
    static const char *const clients[CLIENTS] = {"alice", "bob", "carol"};
    sim *t = c->t;
    const sim_id a = any(c), b = any(c), leader = leader_of(t), at = leader ? leader : a;
    switch (roll(c, 19)) {
    case 0:
        sim_crash(t, a, false, NULL);
        break;
    case 1:
    case 2:
        for (sim_id id = 1; id <= NODES; id++)
            sim_restart(t, id, false, NULL);
        break;
    case 3:
        if (a != b)
            sim_cut(t, a, b, roll(c, 1));
        break;
    case 4:
    case 5:
        sim_heal(t);
        break;
    case 6:
        sim_disk_hold(t, a, NULL);
        break;
    case 7:
        for (sim_id id = 1; id <= NODES; id++)
            sim_disk_release(t, id, NULL);
        break;
    case 8:
        sim_transfer(t, at, roll(c, 1) ? b : 0, NULL, NULL);
        break;
    case 9:
    case 10:
        change_something(c, at);
        break;
    case 11:
        sim_snapshot_now(t, a, NULL, NULL);
        break;
    case 12:
        sim_read(t, a, "get", 3, (sim_read_mode)roll(c, SIM_READ_STALE), "read", NULL);
        break;
    case 13:
        sim_app_fail(t, a, roll(c, 1), NULL);
        break;
    case 14:
        for (sim_id id = 1; id <= NODES; id++)
            sim_app_mend(t, id, NULL);
        break;
    case 15:
        sim_pause(t, a, NULL);
        break;
    case 16:
        for (sim_id id = 1; id <= NODES; id++)
            sim_resume(t, id, NULL);
        break;
    default:
        c->asked[c->asked_n++] =
            sim_session_request(t, clients[roll(c, CLIENTS - 1)], "add 1", 5, 0, "ask", NULL);
        sim_propose(t, at, "add 1", 5, NULL, NULL);
        break;
    }
    sim_advance(t, roll(c, 120000), NULL);
}

static void calm(churn *c)
{
    sim *t = c->t;
    sim_heal(t);
    for (sim_id id = 1; id <= NODES; id++) {
        sim_restart(t, id, false, NULL);
        sim_disk_release(t, id, NULL);
        sim_app_mend(t, id, NULL);
        sim_resume(t, id, NULL);
    }
    for (int i = 0; i < 100; i++)
        sim_advance(t, 100000, NULL);
}

static void check_agreement(const churn *c)
{
    const sim *t = c->t;
    const sim_violation_info *v = sim_violation(t);
    ck_assert_msg(v == NULL, "%s: %s; %s", v->invariant, v->one, v->other);
    const sim_id leader = leader_of(t);
    ck_assert_int_ne(leader, 0);
    const sim_view *first = sim_view_of(t, leader);
    for (sim_id id = 0; (id = sim_next(first->voters | first->learners, id));) {
        ck_assert_uint_eq(sim_view_of(t, id)->commit, first->commit);
        ck_assert_uint_eq(sim_applied(t, id), first->commit);
        ck_assert_uint_eq(sim_app_hash(t, id), sim_app_hash(t, leader));
        ck_assert_uint_eq(sim_sessions(t, id), sim_sessions(t, leader));
    }
    for (uint32_t i = 0; i < c->asked_n; i++) {
        sim_request r;
        ck_assert(sim_request_of(t, c->asked[i], &r));
        ck_assert_msg(r.status == SIM_STATUS_OK, "%s is %s: %s", r.name,
                      sim_status_name(r.status), r.answer ? r.answer : "");
    }
}

static uint64_t run(uint64_t seed)
{
    sim_options o = standard();
    o.pre_vote = seed % 2 ? SIM_ON : SIM_OFF;
    o.check_quorum = seed % 3 ? SIM_ON : SIM_OFF;
    o.snapshot_every = seed % 4 * 7;
    o.snapshot_chunk = seed % 5 ? 20 : 1000;
    o.batch_max = seed % 3 ? 64 : 2;
    o.disruption_guard = SIM_ON; /* who is removed may not know it (thesis 4.2.3) */
    o.lease_reads = o.check_quorum;
    churn c = {.random = sim_random_stream(seed, 77, 0)};
    c.t = tank_of(NODES, seed % 2 ? sim_one(E) : 0, seed % 3 ? sim_one(D) : 0, &o);
    for (int i = 0; i < ACTS && !sim_violation(c.t); i++)
        act(&c);
    calm(&c);
    check_agreement(&c);
    const uint64_t digest = sim_digest(c.t);
    sim_free(c.t);
    return digest;
}

START_TEST(whatever_happens_the_promises_are_kept)
{
    run((uint64_t)_i);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_run)
{
    ck_assert_uint_eq(run(3), run(3));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim churn");
    TCase *tc = tcase_create("churn");
    tcase_add_loop_test(tc, whatever_happens_the_promises_are_kept, 1, 61);
    tcase_add_test(tc, the_same_seed_gives_the_same_run);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
