/* check_forgets.c - what the checker knows of an index goes when no log, disk or message can
 * bring it back, and not before: old disks, old messages and old sessions are still judged. */
#include "sim/test/check_world.h"
#include "tests/suite.h"

enum { MANY = 300, FEW = 70 }; /* FEW reach into the second block of indexes, MANY far on */

static void fill(world *w, sim_id id, uint64_t last)
{
    while (w->at[id].view.last.index < last)
        put(w, id, 1, "x");
    sync_from(w, id, w->at[id].view.last.index);
}

/* n1 leads term 1.  All have FEW entries on disk and know that they are committed; n1 and n2
 * have MANY. */
static world many_committed(void)
{
    world w = world_new(3);
    lead(&w, 1, 1);
    be(&w, 2, SIM_FOLLOWER, 1);
    be(&w, 3, SIM_FOLLOWER, 1);
    for (sim_id id = 1; id <= 3; id++)
        fill(&w, id, FEW);
    for (sim_id id = 1; id <= 3; id++)
        commit(&w, id, FEW);
    for (sim_id id = 1; id <= 2; id++)
        fill(&w, id, MANY);
    for (sim_id id = 1; id <= 2; id++)
        commit(&w, id, MANY);
    ck_assert(well(&w));
    return w;
}

static void rest_on_snapshot(world *w, sim_id id, uint64_t index)
{
    compact(w, id, index);
    snapshot_durable(w, id, index);
    durable(w, id, w->at[id].view.last.index, w->at[id].view.last.index);
}

static void forget(world *w)
{
    if (sim_check_may_forget(w->check))
        sim_check_forget(w->check);
}

/* n3 follows with a snapshot. */
static void catch_up(world *w, uint64_t index)
{
    install(w, 3, 1, index, false);
    snapshot_durable(w, 3, index);
    durable(w, 3, index, index);
}

/* All three begin behind MANY, and what is before is forgotten. */
static world all_behind_snapshots(void)
{
    world w = many_committed();
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    catch_up(&w, MANY);
    forget(&w);
    ck_assert(well(&w));
    return w;
}

/* ---- what holds it ------------------------------------------------------------------- */

START_TEST(forgotten_behind_the_snapshots_of_all)
{
    world w = many_committed();
    forget(&w);
    ck_assert(!sim_check_forgot(w.check, 1, 10));
    rest_on_snapshot(&w, 1, MANY);
    forget(&w);
    ck_assert(!sim_check_forgot(w.check, 1, 10)); /* n2 and n3 have it */
    rest_on_snapshot(&w, 2, MANY);
    catch_up(&w, MANY);
    ck_assert(!sim_check_forgot(w.check, 1, 10)); /* a message may have it */
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 1, 255));
    ck_assert(!sim_check_forgot(w.check, 1, MANY)); /* the snapshots end there */
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* Rounds of entries, snapshots of all, and forgetting: a round needs what the one before did.
 */
START_TEST(the_same_memory_serves_what_follows)
{
    world w = all_behind_snapshots();
    uint64_t after = 0;
    for (uint64_t last = MANY + 100; last <= MANY + 600; last += 100) {
        for (sim_id id = 1; id <= 3; id++)
            fill(&w, id, last);
        for (sim_id id = 1; id <= 3; id++) {
            commit(&w, id, last);
            rest_on_snapshot(&w, id, last);
        }
        forget(&w);
        ck_assert(sim_check_forgot(w.check, 1, last - 100));
        if (last >= MANY + 300) /* the tables have their size by then */
            ck_assert_uint_eq(sim_check_bytes(w.check), after);
        after = sim_check_bytes(w.check);
    }
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* Between an old disk and what the others have gone on to nothing is needed either. */
START_TEST(crashed_node_holds_what_is_on_its_disk)
{
    world w = many_committed();
    crash(&w, 3);
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    forget(&w);
    ck_assert(!sim_check_forgot(w.check, 1, 1));
    ck_assert(!sim_check_forgot(w.check, FEW, FEW));
    ck_assert(sim_check_forgot(w.check, 128, 255));
    world_free(&w);
}
END_TEST

START_TEST(message_holds_what_it_brings)
{
    world w = many_committed();
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    catch_up(&w, MANY);
    sim_check_keep(w.check, 60, 63); /* two blocks, for what may come behind it */
    forget(&w);
    ck_assert(!sim_check_forgot(w.check, 1, 63));
    ck_assert(!sim_check_forgot(w.check, 64, 127));
    ck_assert(sim_check_forgot(w.check, 128, 255));
    sim_check_keep(w.check, 64, 65); /* of a snapshot up to 65, say */
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 1, 63));
    ck_assert(!sim_check_forgot(w.check, 64, 127));
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 1, 127));
    world_free(&w);
}
END_TEST

/* n3 cuts what is not committed; the disk has yet to hear of it. */
START_TEST(disk_holds_what_is_on_its_way_there)
{
    world w = world_new(3);
    lead(&w, 3, 1);
    for (int i = 0; i < MANY; i++)
        put(&w, 3, 1, "mine");
    lead(&w, 1, 2);
    be(&w, 2, SIM_FOLLOWER, 2);
    be(&w, 3, SIM_FOLLOWER, 2);
    cut(&w, 3, 1);
    for (sim_id id = 1; id <= 2; id++) {
        for (int i = 0; i < MANY; i++)
            put(&w, id, 2, "x");
        sync_from(&w, id, MANY);
    }
    for (sim_id id = 1; id <= 2; id++) {
        commit(&w, id, MANY);
        rest_on_snapshot(&w, id, MANY);
    }
    forget(&w);
    ck_assert(!sim_check_forgot(w.check, 128, 255)); /* the write of 1..MANY is to come */
    durable(&w, 3, MANY, MANY);
    durable(&w, 3, 0, 0);
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 64, 255));
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* The same, where a snapshot takes the place of what was not committed. */
START_TEST(disk_holds_what_a_snapshot_is_yet_to_replace)
{
    world w = world_new(3);
    lead(&w, 3, 1);
    for (int i = 0; i < MANY; i++)
        put(&w, 3, 1, "mine");
    lead(&w, 1, 2);
    be(&w, 2, SIM_FOLLOWER, 2);
    be(&w, 3, SIM_FOLLOWER, 2);
    for (sim_id id = 1; id <= 2; id++) {
        for (int i = 0; i < MANY; i++)
            put(&w, id, 2, "x");
        sync_from(&w, id, 0);
    }
    for (sim_id id = 1; id <= 2; id++)
        commit(&w, id, MANY);
    install(&w, 3, 1, 10, false);
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    forget(&w);
    ck_assert(!sim_check_forgot(w.check, 128, 255));
    durable(&w, 3, 0, MANY);
    snapshot_durable(&w, 3, 10);
    durable(&w, 3, 10, 10);
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 128, 255));
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(crash_holds_what_a_torn_write_may_keep)
{
    world w = many_committed();
    for (uint64_t i = FEW; i < MANY; i++)
        put(&w, 3, 1, "x");
    crash(&w, 3);
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    forget(&w);
    ck_assert(!sim_check_forgot(w.check, 128, 255));
    restart(&w, 3, FEW + 1, 1, 0);
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 128, 255));
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

/* n3 writes, applies and takes a snapshot of what its disk has not done yet; the disk gets as
 * far as the middle of it. */
START_TEST(disk_holds_what_its_snapshot_will_stand_for)
{
    world w = many_committed();
    while (w.at[3].view.last.index < MANY)
        put(&w, 3, 1, "x");
    commit(&w, 3, MANY);
    compact(&w, 3, MANY);
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    forget(&w);
    ck_assert(!sim_check_forgot(w.check, 128, 255));
    durable(&w, 3, FEW, 200);
    crash(&w, 3);
    forget(&w);
    restart(&w, 3, 200, 1, 0);
    ck_assert(well(&w));
    put(&w, 3, 1, "another");
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.one, "n1 wrote 201@1 to its log"));
    world_free(&w);
}
END_TEST

/* A node that is behind may write of itself, as it must not.  The first of it may be what was
 * there, as the no-ops of a term are. */
START_TEST(node_holds_what_it_may_write_behind_its_log)
{
    world w = world_new(3);
    lead(&w, 1, 1);
    be(&w, 2, SIM_FOLLOWER, 1);
    be(&w, 3, SIM_FOLLOWER, 1);
    for (sim_id id = 1; id <= 3; id++)
        fill(&w, id, id < 3 ? MANY : 127);
    for (sim_id id = 1; id <= 2; id++) {
        commit(&w, id, MANY);
        rest_on_snapshot(&w, id, MANY);
    }
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 192, 255));
    put(&w, 3, 1, "x");
    ck_assert(well(&w));
    put(&w, 3, 1, "of its own");
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.one, "n1 wrote 129@1 to its log"));
    world_free(&w);
}
END_TEST

/* ---- what is judged nevertheless ------------------------------------------------------- */

START_TEST(old_disk_is_judged_when_it_comes_back)
{
    world w = many_committed();
    crash(&w, 3);
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    forget(&w);
    w.at[3].log[FEW - 1] = entry_of(1, "changed");
    sim_check_excuse(w.check, 3);
    told(&w, sim_check_load(w.check, 3, w.at[3].log, FEW - 1, ++w.seq, &w.breach));
    ck_assert(well(&w));
    w.at[3].view.last = point_at(&w, 3, FEW - 1);
    w.at[3].view.commit = 0;
    put(&w, 3, 1, "changed");
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.one, "n1 wrote 70@1 to its log"));
    world_free(&w);
}
END_TEST

/* The log of n3 is the first FEW entries; the lowest that it lacks is forgotten by then. */
START_TEST(old_disk_does_not_lead)
{
    world w = many_committed();
    crash(&w, 3);
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    forget(&w);
    restart(&w, 3, FEW, 1, 0);
    ck_assert(well(&w));
    lead(&w, 3, 2);
    ck_assert(broke(&w, "Leader Completeness"));
    ck_assert(says(w.breach.one, "n1 committed 71@1"));
    ck_assert(says(w.breach.other, "with a log that ends at 70@1"));
    world_free(&w);
}
END_TEST

START_TEST(empty_disk_does_not_lead)
{
    world w = all_behind_snapshots();
    crash(&w, 3);
    sim_check_excuse(w.check, 3);
    restart(&w, 3, 0, 0, 0);
    ck_assert(well(&w));
    lead(&w, 3, 2);
    ck_assert(broke(&w, "Leader Completeness"));
    ck_assert(says(w.breach.one, "n1 committed 1@1")); /* the beginning is remembered */
    ck_assert(says(w.breach.other, "with a log that ends at 0@0"));
    world_free(&w);
}
END_TEST

/* It was sent when n1 still had these entries, and n3 lost its disk since. */
START_TEST(old_message_is_judged)
{
    world w = many_committed();
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    crash(&w, 3);
    sim_check_excuse(w.check, 3);
    restart(&w, 3, 0, 1, 0);
    sim_check_keep(w.check, 1, 3);
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 64, 255));
    put(&w, 3, 1, "x");
    put(&w, 3, 1, "x");
    ck_assert(well(&w));
    put(&w, 3, 1, "another");
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.one, "n1 wrote 3@1 to its log"));
    world_free(&w);
}
END_TEST

START_TEST(old_snapshot_is_judged)
{
    world w = many_committed();
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    crash(&w, 3);
    sim_check_excuse(w.check, 3);
    restart(&w, 3, 0, 1, 0);
    sim_check_keep(w.check, 200, 200);
    forget(&w);
    told(&w, sim_check_install(w.check, 3, (sim_point){200, 3}, false, ++w.seq, &w.breach));
    ck_assert(broke(&w, "State Machine Safety"));
    ck_assert(says(w.breach.one, "n1 committed 200@1"));
    world_free(&w);
}
END_TEST

/* What nobody had any more can only be forged: there is nothing to compare it with, until it
 * comes to what is remembered. */
START_TEST(forgery_is_judged_where_memory_begins)
{
    world w = all_behind_snapshots();
    crash(&w, 3);
    sim_check_excuse(w.check, 3);
    restart(&w, 3, 0, 1, 0);
    for (uint64_t i = 0; i < 255; i++)
        put(&w, 3, 1, i == 100 ? "forged" : "x");
    commit(&w, 3, 20);
    told(&w, sim_check_applied(w.check, 3, 20, 4711, ++w.seq, &w.breach));
    told(&w, sim_check_session_applied(w.check, 3, 4, 1, 20, ++w.seq, &w.breach));
    ck_assert(well(&w));
    put(&w, 3, 1, "x");
    ck_assert(broke(&w, "Log Matching"));
    ck_assert(says(w.breach.other, "n3 wrote 256@1 behind other entries"));
    world_free(&w);
}
END_TEST

/* An operator takes everything from all.  The cluster begins anew, and of what is forgotten
 * nothing is said, neither what is true nor what is not. */
START_TEST(cluster_that_begins_anew_is_judged_where_memory_begins)
{
    world w = all_behind_snapshots();
    for (uint64_t term = 2; term < 2200; term++) {
        lead(&w, 2, term);
        be(&w, 3, SIM_FOLLOWER, term);
        for (sim_id id = 2; id <= 3; id++) {
            put(&w, id, term, "x");
            sync_from(&w, id, w.at[id].view.last.index - 1);
        }
        commit(&w, 2, w.at[2].view.last.index);
    }
    be(&w, 1, SIM_FOLLOWER, 2199);
    for (sim_id id = 1; id <= 3; id++)
        told(&w, sim_check_sent(w.check, id, 2199, ++w.seq, &w.breach));
    lead(&w, 2, 2200); /* how far things were in term 1 is forgotten with that */
    ck_assert(well(&w));
    for (sim_id id = 1; id <= 3; id++) {
        crash(&w, id);
        sim_check_excuse(w.check, id);
        w.at[id].view.snapshot = (sim_point){0};
        restart(&w, id, 0, 0, 0);
    }
    lead(&w, 1, 1);
    for (sim_id id = 1; id <= 3; id++) {
        if (id != 1)
            be(&w, id, SIM_FOLLOWER, 1);
        for (int i = 0; i < 200; i++)
            put(&w, id, 1, "anew");
        sync_from(&w, id, 0);
        commit(&w, id, 200);
        told(&w, sim_check_applied(w.check, id, 200, 4711, ++w.seq, &w.breach));
    }
    ck_assert(well(&w));
    rest_on_snapshot(&w, 1, 150);
    crash(&w, 3);
    sim_check_excuse(w.check, 3);
    w.at[3].view.snapshot = (sim_point){0};
    restart(&w, 3, 0, 0, 0);
    catch_up(&w, 150);
    ck_assert(well(&w));
    crash(&w, 3);
    restart_behind(&w, 3, 150, 150, 1);
    ck_assert(well(&w));
    while (w.at[1].view.last.index < 256)
        put(&w, 1, 1, "anew");
    commit(&w, 1, 255);
    ck_assert(well(&w));
    commit(&w, 1, 256);
    ck_assert(broke(&w, "State Machine Safety"));
    world_free(&w);
}
END_TEST

START_TEST(disk_gives_up_what_is_forgotten)
{
    world w = world_new(1);
    lead(&w, 1, 1);
    fill(&w, 1, MANY);
    commit(&w, 1, MANY);
    crash(&w, 1);
    sim_check_excuse(w.check, 1);
    restart(&w, 1, 0, 0, 0);
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 64, 255));
    lead(&w, 1, 1);
    for (int i = 0; i < 200; i++)
        put(&w, 1, 1, "anew");
    sync_from(&w, 1, 0);
    commit(&w, 1, 150);
    crash(&w, 1);
    sim_check_excuse(w.check, 1);
    restart(&w, 1, 100, 1, 0);
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(committed_entries_stay_behind_snapshots)
{
    world w = all_behind_snapshots();
    for (sim_id id = 1; id <= 2; id++)
        fill(&w, id, MANY + 10);
    commit(&w, 1, MANY + 10);
    ck_assert(well(&w));
    crash(&w, 2);
    restart_behind(&w, 2, MANY, MANY + 9, 1);
    ck_assert(broke(&w, "Committed stays"));
    ck_assert(says(w.breach.one, "n1 committed 310@1"));
    world_free(&w);
}
END_TEST

START_TEST(a_clone_forgets_by_itself)
{
    world w = many_committed();
    for (sim_id id = 1; id <= 2; id++)
        rest_on_snapshot(&w, id, MANY);
    catch_up(&w, MANY);
    world copy = w;
    copy.check = sim_check_clone(w.check);
    forget(&copy);
    ck_assert(sim_check_forgot(copy.check, 1, 255));
    ck_assert(!sim_check_forgot(w.check, 1, 255));
    world third = copy;
    third.check = sim_check_clone(copy.check);
    ck_assert(sim_check_forgot(third.check, 1, 255));
    fill(&third, 1, MANY + 1);
    ck_assert(well(&third));
    world_free(&third);
    world_free(&copy);
    world_free(&w);
}
END_TEST

/* ---- sessions, configurations, terms ------------------------------------------------ */

static void took_effect(world *w, sim_id id, uint64_t serial, uint64_t index)
{
    told(w, sim_check_session_applied(w->check, id, 4, serial, index, ++w->seq, &w->breach));
}

/* Session 4: request 1 at 110, request 2 at 120, and a copy of that at 130; all forgotten. */
static world session_forgotten(void)
{
    world w = many_committed();
    for (sim_id id = 1; id <= 2; id++) {
        took_effect(&w, id, 1, 110);
        took_effect(&w, id, 2, 120);
        told(&w, sim_check_session_skipped(w.check, id, 4, 2, 130, ++w.seq, &w.breach));
        rest_on_snapshot(&w, id, MANY);
    }
    catch_up(&w, MANY);
    forget(&w);
    ck_assert(sim_check_forgot(w.check, 1, 63));
    for (sim_id id = 1; id <= 2; id++)
        fill(&w, id, MANY + 9);
    commit(&w, 1, MANY + 9);
    ck_assert(well(&w));
    return w;
}

START_TEST(old_request_takes_effect_again)
{
    world w = session_forgotten();
    took_effect(&w, 1, 3, MANY + 1);
    ck_assert(well(&w));
    took_effect(&w, 1, 2, MANY + 2);
    ck_assert(broke(&w, "exactly once"));
    ck_assert(says(w.breach.one, "n1 applied request 2 of session 4 at index 120"));
    ck_assert(says(w.breach.other, "n1 applied request 2 of session 4 at index 302"));
    world_free(&w);
}
END_TEST

/* The first is not remembered itself any more, but that the second came behind it. */
START_TEST(older_request_takes_effect_again)
{
    world w = session_forgotten();
    took_effect(&w, 2, 1, MANY + 2);
    ck_assert(broke(&w, "exactly once"));
    ck_assert(says(w.breach.one, "n1 applied request 2 of session 4 at index 120"));
    ck_assert(says(w.breach.other, "n2 applied request 1 of session 4 at index 302"));
    world_free(&w);
}
END_TEST

START_TEST(old_request_is_answered_again)
{
    world w = session_forgotten();
    const sim_point at = {MANY + 3, 1};
    told(&w, sim_check_acknowledged(w.check, 1, 9, at, 4, 2, ++w.seq, &w.breach));
    ck_assert(well(&w));
    told(&w, sim_check_acknowledged(w.check, 1, 9, at, 4, 3, ++w.seq, &w.breach));
    ck_assert(broke(&w, "acknowledged"));
    world_free(&w);
}
END_TEST

/* Joint consensus is over, and its request answered, long after the request's entry. */
START_TEST(old_entry_is_acknowledged)
{
    world w = all_behind_snapshots();
    told(&w,
         sim_check_acknowledged(w.check, 1, 9, (sim_point){10, 1}, 0, 0, ++w.seq, &w.breach));
    ck_assert(well(&w));
    world_free(&w);
}
END_TEST

START_TEST(newest_configuration_is_remembered)
{
    world w = world_new(3);
    for (sim_id id = 1; id <= 3; id++) {
        if (id == 1)
            lead(&w, 1, 1);
        else
            be(&w, id, SIM_FOLLOWER, 1);
        put_config(&w, id, 1, 7, 0);
        fill(&w, id, 80);
    }
    for (sim_id id = 1; id <= 3; id++)
        commit(&w, id, 80);
    for (sim_id id = 1; id <= 3; id++) {
        put_config(&w, id, 1, 3, 0);
        fill(&w, id, MANY);
    }
    for (sim_id id = 1; id <= 3; id++) {
        commit(&w, id, MANY);
        rest_on_snapshot(&w, id, MANY);
    }
    forget(&w);
    ck_assert(well(&w));
    ck_assert(sim_check_forgot(w.check, 1, 255));
    crash(&w, 2);
    w.at[2].view.voters = 3;
    restart_behind(&w, 2, MANY, MANY, 1);
    ck_assert(well(&w));
    crash(&w, 2);
    w.at[2].view.voters = 7;
    restart_behind(&w, 2, MANY, MANY, 1);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert(says(w.breach.one, "counts by n1 n2 since index 81"));
    ck_assert(says(w.breach.other, "n2 counts by n1 n2 n3 since index 81"));
    world_free(&w);
}
END_TEST

/* As long as a node may yet be in it, a term's leader is known, and some time longer. */
static world many_terms(void)
{
    world w = world_new(3);
    for (uint64_t term = 1; term <= 5000; term++) {
        const sim_id leader = (sim_id)(1 + term % 2);
        lead(&w, leader, term);
        for (sim_id id = 1; id <= 3; id++) {
            if (id != leader)
                be(&w, id, SIM_FOLLOWER, term);
            told(&w, sim_check_sent(w.check, id, term, ++w.seq, &w.breach));
        }
    }
    ck_assert(well(&w));
    return w;
}

START_TEST(leaders_of_terms_that_are_over_go)
{
    world w = many_terms();
    ck_assert_uint_lt(sim_check_bytes(w.check), 200000);
    lead(&w, 3, 5000);
    ck_assert(broke(&w, "Election Safety"));
    world_free(&w);
}
END_TEST

START_TEST(empty_disk_leads_a_term_that_is_over)
{
    world w = many_terms();
    crash(&w, 3);
    sim_check_excuse(w.check, 3);
    restart(&w, 3, 0, 0, 0);
    ck_assert(well(&w));
    lead(&w, 3, 4000);
    ck_assert(broke(&w, "Election Safety"));
    ck_assert(says(w.breach.one, "n1 became leader of term 4000"));
    world_free(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("check forgets");
    TCase *t = tcase_create("what holds it");
    suite_add_tcase(s, t);
    tcase_add_test(t, forgotten_behind_the_snapshots_of_all);
    tcase_add_test(t, the_same_memory_serves_what_follows);
    tcase_add_test(t, crashed_node_holds_what_is_on_its_disk);
    tcase_add_test(t, message_holds_what_it_brings);
    tcase_add_test(t, disk_holds_what_is_on_its_way_there);
    tcase_add_test(t, disk_holds_what_a_snapshot_is_yet_to_replace);
    tcase_add_test(t, crash_holds_what_a_torn_write_may_keep);
    tcase_add_test(t, disk_holds_what_its_snapshot_will_stand_for);
    tcase_add_test(t, node_holds_what_it_may_write_behind_its_log);
    t = tcase_create("what is judged nevertheless");
    suite_add_tcase(s, t);
    tcase_add_test(t, old_disk_is_judged_when_it_comes_back);
    tcase_add_test(t, old_disk_does_not_lead);
    tcase_add_test(t, empty_disk_does_not_lead);
    tcase_add_test(t, old_message_is_judged);
    tcase_add_test(t, old_snapshot_is_judged);
    tcase_add_test(t, forgery_is_judged_where_memory_begins);
    tcase_add_test(t, cluster_that_begins_anew_is_judged_where_memory_begins);
    tcase_add_test(t, disk_gives_up_what_is_forgotten);
    tcase_add_test(t, committed_entries_stay_behind_snapshots);
    tcase_add_test(t, a_clone_forgets_by_itself);
    t = tcase_create("sessions, configurations, terms");
    suite_add_tcase(s, t);
    tcase_add_test(t, old_request_takes_effect_again);
    tcase_add_test(t, older_request_takes_effect_again);
    tcase_add_test(t, old_request_is_answered_again);
    tcase_add_test(t, old_entry_is_acknowledged);
    tcase_add_test(t, newest_configuration_is_remembered);
    tcase_add_test(t, leaders_of_terms_that_are_over_go);
    tcase_add_test(t, empty_disk_leads_a_term_that_is_over);
    return s;
}

int main(void)
{
    return suite_main(suite());
}
