/* parts.c - the plain data of a tank: the queue of events, rings, slots, a disk. */
#include "sim/base/random.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/queue.h"
#include "sim/ring.h"
#include "tests/suite.h"

/* ---- the queue of events ------------------------------------------------------------- */

START_TEST(events_come_by_time_then_by_sequence)
{
    sim_queue q = {0};
    sim_random r = sim_random_stream(1, 2, 3);
    for (uint64_t seq = 1; seq <= 1000; seq++)
        sim_queue_push(&q, sim_random_between(&r, 0, 50), seq, SIM_EVENT_DISK, 1);
    sim_event last = {0}, e;
    for (uint64_t i = 0; i < 1000; i++) {
        ck_assert(sim_queue_pop(&q, &e));
        ck_assert(e.at > last.at || (e.at == last.at && e.seq > last.seq));
        last = e;
    }
    ck_assert(!sim_queue_pop(&q, &e));
    sim_queue_free(&q);
}
END_TEST

START_TEST(a_queue_is_used_while_it_is_filled)
{
    sim_queue q = {0};
    sim_random r = sim_random_stream(4, 5, 6);
    sim_us now = 0;
    uint64_t seq = 0, popped = 0;
    for (uint32_t i = 0; i < 10; i++, seq++)
        sim_queue_push(&q, i, seq, SIM_EVENT_DISK, 1);
    for (sim_event e; popped < 5000 && sim_queue_pop(&q, &e); popped++) {
        ck_assert_uint_ge(e.at, now);
        now = e.at;
        sim_queue_push(&q, now + sim_random_between(&r, 0, 9), seq++, SIM_EVENT_DISK, 1);
    }
    ck_assert_uint_eq(popped, 5000);
    ck_assert_uint_eq(sim_queue_count(&q), 10);
    sim_queue_free(&q);
}
END_TEST

/* Many at once, few at once, and all that is between: the order is the same. */
START_TEST(a_queue_fills_and_empties_in_waves)
{
    sim_queue q = {0};
    sim_random r = sim_random_stream(7, 8, 9);
    sim_event last = {0}, e;
    uint64_t seq = 0;
    for (int wave = 0; wave < 200; wave++) {
        for (uint64_t n = sim_random_between(&r, 0, 60); n; n--, seq++)
            sim_queue_push(&q, last.at + sim_random_between(&r, 0, 99), seq, SIM_EVENT_DISK, 1);
        for (uint64_t n = sim_random_between(&r, 0, 58); n && sim_queue_pop(&q, &e); n--) {
            ck_assert(e.at > last.at || (e.at == last.at && e.seq > last.seq) || !last.at);
            last = e;
        }
    }
    const sim_event *first;
    for (size_t left = sim_queue_count(&q); left; left--) {
        first = sim_queue_first(&q);
        ck_assert_ptr_nonnull(first);
        ck_assert_uint_ge(first->at, last.at);
        ck_assert(sim_queue_pop(&q, &last));
    }
    ck_assert_ptr_null(sim_queue_first(&q));
    sim_queue_free(&q);
}
END_TEST

START_TEST(a_ring_keeps_its_items_when_it_grows)
{
    uint64_t *at = NULL;
    size_t capacity = 0;
    uint64_t first = 0, last = 0;
    for (uint64_t round = 0; round < 7; round++) { /* so that it grows while it is wrapped */
        for (uint64_t i = 0; i < 13; i++) {
            if (last - first == capacity)
                at = sim_ring_grow(at, &capacity, first, last, sizeof *at);
            at[last & (capacity - 1)] = last * 3;
            last++;
        }
        for (uint64_t i = 0; i < 5; i++, first++)
            ck_assert_uint_eq(at[first & (capacity - 1)], first * 3);
    }
    for (; first != last; first++)
        ck_assert_uint_eq(at[first & (capacity - 1)], first * 3);
    free(at);
}
END_TEST

/* ---- messages in flight -------------------------------------------------------------- */

static uint32_t add(sim_network *w)
{
    uint32_t slot = sim_network_add(w);
    w->slots[slot].seq = w->slots[slot].id;
    return slot;
}

static void expect_ids(const sim_network *w, const uint64_t *ids, uint64_t n)
{
    uint32_t slot = sim_network_oldest(w);
    for (uint64_t i = 0; i < n; i++, slot = w->slots[slot].younger)
        ck_assert_uint_eq(w->slots[slot].id, ids[i]);
    ck_assert_uint_eq(slot, 0);
    ck_assert_uint_eq(w->count, n);
}

START_TEST(messages_stand_in_the_order_of_sending)
{
    sim_network w;
    sim_network_init(&w);
    uint32_t one = add(&w), two = add(&w), three = add(&w);
    expect_ids(&w, (uint64_t[]){1, 2, 3}, 3);
    sim_network_remove(&w, two);
    expect_ids(&w, (uint64_t[]){1, 3}, 2);
    ck_assert_uint_eq(add(&w), two); /* the slot is used again, the id is not */
    expect_ids(&w, (uint64_t[]){1, 3, 4}, 3);
    sim_network_move_before(&w, two, one);
    expect_ids(&w, (uint64_t[]){4, 1, 3}, 3);
    sim_network_remove(&w, one);
    sim_network_remove(&w, two);
    sim_network_remove(&w, three);
    expect_ids(&w, NULL, 0);
    sim_network_free(&w);
}
END_TEST

/* ---- disks --------------------------------------------------------------------------- */

static sim_entry entry(uint64_t term, const char *text)
{
    sim_entry e = {.term = term, .kind = SIM_ENTRY_COMMAND, .data = (const uint8_t *)text};
    while (text[e.bytes])
        e.bytes++;
    e.checksum = sim_entry_checksum(e.kind, e.data, e.bytes);
    return e;
}

static void write_append(sim_disk *d, uint64_t index, uint64_t term, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        sim_entry e = entry(term, "some bytes");
        sim_disk_put_append(d, index + i, &e, 1);
    }
}

START_TEST(a_log_changes_when_a_write_is_durable)
{
    sim_disk d = {0};
    uint64_t low;
    ck_assert(!sim_disk_busy(&d));
    sim_disk_put_hard_state(&d, 1, 2);
    write_append(&d, 1, 1, 3);
    ck_assert(sim_disk_busy(&d));
    ck_assert_uint_eq(sim_disk_last_number(&d), 1);
    ck_assert_uint_eq(sim_disk_close(&d)->number, 1);
    ck_assert_uint_eq(d.log_n, 0);
    ck_assert_uint_eq(d.term, 0);

    sim_disk_put_truncate(&d, 3);
    sim_disk_put_truncate(&d, 2); /* the lower one holds */
    ck_assert(!sim_disk_must_close(&d));
    write_append(&d, 2, 2, 1);
    ck_assert(sim_disk_must_close(&d));
    sim_disk_close(&d);

    ck_assert_uint_eq(sim_disk_complete(&d, &low)->number, 1);
    ck_assert_uint_eq(low, 0);
    ck_assert_uint_eq(d.log_n, 3);
    ck_assert_uint_eq(d.term, 1);
    ck_assert_uint_eq(d.vote, 2);
    sim_disk_complete(&d, &low);
    ck_assert_uint_eq(low, 1);
    ck_assert_uint_eq(d.log_n, 2);
    ck_assert_uint_eq(d.log[1].term, 2);
    ck_assert(!sim_disk_busy(&d));
    ck_assert_uint_eq(sim_disk_sound(&d), 2);
    sim_disk_free(&d);
}
END_TEST

START_TEST(what_is_not_durable_is_lost)
{
    sim_disk d = {0};
    uint64_t low;
    write_append(&d, 1, 1, 2);
    sim_disk_close(&d);
    sim_disk_complete(&d, &low);
    for (uint64_t i = 0; i < 40; i++) { /* more than the rings begin with */
        write_append(&d, 3 + i * 2, 1, 2);
        sim_disk_close(&d);
    }
    sim_disk_lose(&d);
    ck_assert_uint_eq(d.log_n, 2);
    ck_assert(!sim_disk_busy(&d));
    write_append(&d, 3, 2, 1);
    ck_assert_uint_eq(sim_disk_close(&d)->number, 42); /* numbers are not given again */
    sim_disk_complete(&d, &low);
    ck_assert_uint_eq(d.log_n, 3);
    ck_assert_uint_eq(d.log[2].term, 2);
    sim_disk_free(&d);
}
END_TEST

START_TEST(a_torn_write_is_found_by_its_checksum)
{
    sim_disk d = {0};
    sim_arena a = {0};
    uint64_t low;
    ck_assert_uint_eq(sim_disk_tearable(&d), 0);
    write_append(&d, 1, 1, 3);
    sim_disk_close(&d);
    ck_assert_uint_eq(sim_disk_tearable(&d), 3);
    ck_assert(!sim_disk_tear(&d, &a, 1)); /* nothing that was durable went */
    sim_disk_lose(&d);
    ck_assert_uint_eq(d.log_n, 2);
    ck_assert_uint_eq(sim_disk_sound(&d), 1);
    ck_assert(d.torn);
    sim_disk_cut(&d, 1);
    ck_assert(!d.torn);

    write_append(&d, 2, 1, 4);
    sim_disk_close(&d);
    sim_disk_complete(&d, &low);
    ck_assert_uint_eq(sim_disk_tearable(&d), 4); /* the last durable append */
    ck_assert(sim_disk_tear(&d, &a, 0));
    ck_assert_uint_eq(d.log_n, 2);
    ck_assert_uint_eq(sim_disk_sound(&d), 1);
    sim_disk_cut(&d, 1);
    ck_assert_uint_eq(sim_disk_tearable(&d), 0); /* nothing of that append is left */

    sim_disk_put_hard_state(&d, 9, 1);
    sim_disk_close(&d);
    ck_assert_uint_eq(sim_disk_tearable(&d), 1);
    ck_assert(!sim_disk_tear(&d, &a, 0));
    sim_disk_lose(&d);
    ck_assert_uint_eq(d.term, 0);
    ck_assert_uint_eq(sim_disk_sound(&d), 1);
    sim_arena_free(&a);
    sim_disk_free(&d);
}
END_TEST

START_TEST(damage_shows_whatever_the_entry)
{
    static const char *const texts[] = {"", "x", "\1", "add 1", "a longer command than that"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sim_disk d = {0};
        sim_arena a = {0};
        sim_entry log[3] = {entry(1, "one"), entry(1, texts[i]), entry(1, "three")};
        sim_disk_preset(&d, 1, 0, log, 3);
        ck_assert_uint_eq(sim_disk_sound(&d), 3);
        sim_disk_damage(&d, &a, 2);
        ck_assert_uint_eq(sim_disk_sound(&d), 1);
        sim_disk_wipe(&d);
        ck_assert_uint_eq(sim_disk_sound(&d), 0);
        sim_arena_free(&a);
        sim_disk_free(&d);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim parts");
    TCase *tc = tcase_create("parts");
    tcase_add_test(tc, events_come_by_time_then_by_sequence);
    tcase_add_test(tc, a_queue_is_used_while_it_is_filled);
    tcase_add_test(tc, a_queue_fills_and_empties_in_waves);
    tcase_add_test(tc, a_ring_keeps_its_items_when_it_grows);
    tcase_add_test(tc, messages_stand_in_the_order_of_sending);
    tcase_add_test(tc, a_log_changes_when_a_write_is_durable);
    tcase_add_test(tc, what_is_not_durable_is_lost);
    tcase_add_test(tc, a_torn_write_is_found_by_its_checksum);
    tcase_add_test(tc, damage_shows_whatever_the_entry);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
