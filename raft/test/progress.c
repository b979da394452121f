/* progress.c - what a leader knows of one follower, as pure data. */
#include "raft/progress.h"

#include "raft/test/rig.h"

enum { RING = 3 };

typedef struct bench {
    raft_progress p;
    raft_flight ring[RING];
} bench;

/* A peer of a leader whose last index is last. */
static raft_progress *fresh(bench *b, raft_index last)
{
    b->p = (raft_progress){.ring = b->ring, .ring_size = RING};
    raft_progress_reset(&b->p, last + 1);
    return &b->p;
}

/* One whose log is known to agree up to match. */
static raft_progress *replicating(bench *b, raft_index match)
{
    raft_progress *p = fresh(b, match);
    ck_assert_int_eq(raft_progress_accepted(p, match),
                     match ? RAFT_NEWS_MORE : RAFT_NEWS_KNOWN);
    ck_assert_int_eq(p->state, RAFT_REPLICATE);
    return p;
}

START_TEST(a_new_office_forgets_all_that_the_last_one_knew)
{
    bench b;
    raft_progress *p = replicating(&b, 9);
    raft_progress_sent(p, 2, 30);
    ck_assert(raft_progress_refused(p, 11));
    raft_progress_back(p, 9);
    raft_progress_sent(p, 2, 30);
    ck_assert(raft_progress_refused(p, 9)); /* what it had acknowledged */
    p->round = 4;
    p->heard_at = 5;
    ck_assert(p->probing && p->denied && p->refusals == 1 && p->match == 9);

    raft_progress_reset(p, 7);
    ck_assert_uint_eq(p->match, 0);
    ck_assert_uint_eq(p->next, 7);
    ck_assert_int_eq(p->state, RAFT_PROBE);
    ck_assert(raft_progress_may_send(p));
    ck_assert(!p->denied);
    ck_assert_uint_eq(p->refusals, 0);
    ck_assert_uint_eq(p->round, 0);
    ck_assert_uint_eq(p->heard_at, 0);
    ck_assert_uint_eq(p->ring_n, 0);
    ck_assert_uint_eq(p->bytes, 0);
}
END_TEST

START_TEST(a_refusal_frees_the_bytes_in_flight)
{
    bench b;
    raft_progress *p = replicating(&b, 3);
    raft_progress_sent(p, 1, 30);
    raft_progress_sent(p, 1, 12);
    ck_assert_uint_eq(p->bytes, 42);
    ck_assert(raft_progress_refused(p, 4));
    raft_progress_back(p, 3);
    ck_assert_uint_eq(p->bytes, 0);
}
END_TEST

START_TEST(a_probe_waits_for_its_answer)
{
    bench b;
    raft_progress *p = fresh(&b, 5);
    ck_assert(raft_progress_may_send(p));
    raft_progress_sent(p, 2, 0);
    ck_assert(!raft_progress_may_send(p));
    ck_assert_uint_eq(p->next, 6); /* a guess until it is answered */
    ck_assert_int_eq(raft_progress_accepted(p, 7), RAFT_NEWS_MORE);
    ck_assert_int_eq(p->state, RAFT_REPLICATE);
    ck_assert_uint_eq(p->match, 7);
    ck_assert_uint_eq(p->next, 8);
    ck_assert(raft_progress_may_send(p));
}
END_TEST

START_TEST(the_pipeline_is_bounded_and_freed_in_order)
{
    bench b;
    raft_progress *p = replicating(&b, 0);
    for (int i = 0; i < RING; i++) {
        ck_assert(raft_progress_may_send(p));
        raft_progress_sent(p, 2, 0);
    }
    ck_assert(!raft_progress_may_send(p));
    ck_assert_uint_eq(p->next, 7);
    ck_assert_int_eq(raft_progress_accepted(p, 1), RAFT_NEWS_MORE); /* half of the first */
    ck_assert(!raft_progress_may_send(p));
    raft_progress_accepted(p, 4); /* the reply to the first was lost: the second says all */
    ck_assert_uint_eq(p->ring_n, 1);
    raft_progress_sent(p, 1, 0); /* goes round the end of the ring */
    raft_progress_sent(p, 1, 0);
    ck_assert(!raft_progress_may_send(p));
    ck_assert_uint_eq(p->next, 9);
    raft_progress_accepted(p, 8);
    ck_assert_uint_eq(p->ring_n, 0);
}
END_TEST

START_TEST(match_never_regresses)
{
    bench b;
    raft_progress *p = replicating(&b, 9);
    ck_assert_int_eq(raft_progress_accepted(p, 4), RAFT_NEWS_STALE);
    ck_assert_int_eq(raft_progress_accepted(p, 9), RAFT_NEWS_KNOWN);
    ck_assert(!raft_progress_refused(p, 5));
    ck_assert_uint_eq(p->match, 9);
    ck_assert_uint_eq(p->next, 10);
    ck_assert_int_eq(p->state, RAFT_REPLICATE);
}
END_TEST

START_TEST(a_refusal_of_what_was_not_asked_is_stale)
{
    bench b;
    raft_progress *p = replicating(&b, 3);
    ck_assert(!raft_progress_refused(p, 0)); /* the beginning cannot be refused */
    ck_assert(!raft_progress_refused(p, 4)); /* never sent */
    raft_progress_sent(p, 1, 0);
    raft_progress_sent(p, 1, 0);
    ck_assert(raft_progress_refused(p, 5));
    raft_progress_back(p, 4);
    ck_assert_int_eq(p->state, RAFT_PROBE);
    ck_assert_uint_eq(p->next, 5);
    ck_assert_uint_eq(p->ring_n, 0);
    raft_progress_sent(p, 1, 0);
    ck_assert(!raft_progress_refused(p, 5)); /* a doubled refusal, or of the second message */
    ck_assert(!raft_progress_may_send(p));
    ck_assert(raft_progress_refused(p, 4)); /* this is the probe's answer */
}
END_TEST

START_TEST(a_probe_is_one_question)
{
    bench b;
    raft_progress *p = fresh(&b, 9);
    raft_progress_sent(p, 1, 0);
    ck_assert(!raft_progress_refused(p, 5)); /* of an earlier question, delayed */
    ck_assert(raft_progress_refused(p, 9));
}
END_TEST

START_TEST(a_guess_below_what_is_known_is_raised)
{
    bench b;
    raft_progress *p = replicating(&b, 3);
    raft_progress_sent(p, 4, 0);
    ck_assert(raft_progress_refused(p, 7));
    raft_progress_back(p, 1);
    ck_assert_uint_eq(p->next, 4);
    ck_assert_uint_eq(p->refusals, 1);
}
END_TEST

START_TEST(a_late_yes_below_the_probe_does_not_end_it)
{
    bench b;
    raft_progress *p = fresh(&b, 9);
    raft_progress_sent(p, 1, 0);
    ck_assert_int_eq(raft_progress_accepted(p, 4), RAFT_NEWS_MORE);
    ck_assert_uint_eq(p->match, 4);
    ck_assert_int_eq(p->state, RAFT_PROBE);
    ck_assert_uint_eq(p->next, 10);
    ck_assert(!raft_progress_may_send(p));
}
END_TEST

START_TEST(what_was_in_flight_does_not_come_before_a_snapshot)
{
    bench b;
    raft_progress *p = replicating(&b, 3);
    for (int i = 0; i < RING; i++)
        raft_progress_sent(p, 1, 10);
    raft_progress_needs_snapshot(p, 9);
    ck_assert(!raft_progress_may_send(p));
    ck_assert_uint_eq(p->ring_n, 0);
    ck_assert_uint_eq(p->bytes, 0);
    ck_assert_int_eq(raft_progress_has_snapshot(p, 9), RAFT_NEWS_MORE);
    ck_assert_uint_eq(p->next, 10);
    for (int i = 0; i < RING; i++) { /* the whole pipeline is free again */
        ck_assert(raft_progress_may_send(p));
        raft_progress_sent(p, 1, 10);
    }
    ck_assert_int_eq(raft_progress_has_snapshot(p, 9), RAFT_NEWS_KNOWN); /* doubled */
    ck_assert_uint_eq(p->next, 13);
    ck_assert_uint_eq(p->ring_n, RING);
}
END_TEST

/* A disk that lost entries after they were acknowledged (wiped, torn, corrupt). */
START_TEST(a_follower_that_denies_its_acknowledgement_is_taught_again)
{
    bench b;
    raft_progress *p = replicating(&b, 9);
    ck_assert(raft_progress_refused(p, 9));
    raft_progress_back(p, 2);
    ck_assert_uint_eq(p->next, 3);
    ck_assert_uint_eq(p->match, 9); /* it stays, whoever is right */
    raft_progress_sent(p, 2, 0);
    ck_assert_int_eq(raft_progress_accepted(p, 4), RAFT_NEWS_KNOWN);
    ck_assert_int_eq(p->state, RAFT_REPLICATE);
    ck_assert_uint_eq(p->next, 5);
    raft_progress_sent(p, 5, 0);
    ck_assert_int_eq(raft_progress_accepted(p, 9), RAFT_NEWS_KNOWN);
    ck_assert(!p->denied);
    ck_assert_uint_eq(p->next, 10);
    ck_assert_int_eq(raft_progress_accepted(p, 4), RAFT_NEWS_STALE);
}
END_TEST

START_TEST(a_new_leader_knows_nothing)
{
    bench b;
    raft_progress *p = replicating(&b, 9);
    raft_progress_sent(p, 1, 0);
    p->heard_at = 7;
    raft_progress_reset(p, 4);
    ck_assert_uint_eq(p->match, 0);
    ck_assert_uint_eq(p->next, 4);
    ck_assert_uint_eq(p->ring_n, 0);
    ck_assert_int_eq(p->state, RAFT_PROBE);
    ck_assert(raft_progress_may_send(p));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raft progress");
    TCase *t = tcase_create("progress");
    tcase_add_test(t, a_new_office_forgets_all_that_the_last_one_knew);
    tcase_add_test(t, a_refusal_frees_the_bytes_in_flight);
    tcase_add_test(t, a_probe_waits_for_its_answer);
    tcase_add_test(t, the_pipeline_is_bounded_and_freed_in_order);
    tcase_add_test(t, match_never_regresses);
    tcase_add_test(t, a_refusal_of_what_was_not_asked_is_stale);
    tcase_add_test(t, a_probe_is_one_question);
    tcase_add_test(t, a_guess_below_what_is_known_is_raised);
    tcase_add_test(t, a_late_yes_below_the_probe_does_not_end_it);
    tcase_add_test(t, what_was_in_flight_does_not_come_before_a_snapshot);
    tcase_add_test(t, a_follower_that_denies_its_acknowledgement_is_taught_again);
    tcase_add_test(t, a_new_leader_knows_nothing);
    suite_add_tcase(suite, t);
    return suite_main(suite);
}
