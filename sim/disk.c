/* disk.c - a durable log behind a snapshot, and a ring of writes that are on their way to it.
 */
#include "sim/disk.h"
#include "sim/base/memory.h"
#include "sim/ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- images ---------------------------------------------------------------------- */

sim_image *sim_image_new(const void *bytes, uint64_t n)
{
    sim_image *i = sim_alloc(sizeof *i + (size_t)n);
    i->held = 1;
    i->n = n;
    if (n)
        memcpy(i->bytes, bytes, (size_t)n);
    return i;
}

sim_image *sim_image_hold(sim_image *i)
{
    i->held++;
    return i;
}

void sim_image_drop(sim_image *i)
{
    if (i && --i->held == 0)
        free(i);
}

static void drop_images(sim_disk *d)
{
    for (uint64_t i = d->done + 1; i <= sim_disk_last_number(d); i++)
        sim_image_drop(sim_disk_write(d, i)->image);
}

void sim_disk_free(sim_disk *d)
{
    drop_images(d);
    sim_image_drop(d->image);
    free(d->log);
    free(d->writes);
    free(d->waiting);
    *d = (sim_disk){0};
}

uint64_t sim_disk_bytes(const sim_disk *d)
{
    return d->log_capacity * sizeof *d->log + d->writes_capacity * sizeof *d->writes +
           d->waiting_capacity * sizeof *d->waiting +
           (d->image ? sizeof *d->image + d->image->n : 0);
}

/* ---- the running step ------------------------------------------------------------ */

SIM_OFTEN sim_write *open_write(sim_disk *d)
{
    const uint64_t number = d->submitted + 1;
    if (d->is_open)
        return sim_disk_write(d, number);
    if (d->submitted - d->done == d->writes_capacity)
        d->writes = sim_ring_grow(d->writes, &d->writes_capacity, d->done + 1, d->submitted + 1,
                                  sizeof *d->writes);
    d->is_open = true;
    sim_write *w = sim_disk_write(d, number);
    *w = (sim_write){.number = number};
    return w;
}

bool sim_disk_must_close(const sim_disk *d)
{
    return d->is_open && sim_disk_write(d, d->submitted + 1)->n;
}

void sim_disk_put_hard_state(sim_disk *d, uint64_t term, sim_id vote)
{
    sim_write *w = open_write(d);
    w->hard_state = true;
    w->term = term;
    w->vote = vote;
}

void sim_disk_put_truncate(sim_disk *d, uint64_t from)
{
    assert(from && !sim_disk_must_close(d));
    sim_write *w = open_write(d);
    if (!w->truncate || from < w->truncate)
        w->truncate = from;
}

void sim_disk_put_append(sim_disk *d, uint64_t index, const sim_entry *entries, uint64_t n)
{
    sim_write *w = open_write(d);
    assert(index && (!w->n || w->index + w->n == index));
    if (!w->n)
        w->index = index;
    w->n += n;
    while (d->waiting_last - d->waiting_first + n > d->waiting_capacity)
        d->waiting = sim_ring_grow(d->waiting, &d->waiting_capacity, d->waiting_first,
                                   d->waiting_last, sizeof *d->waiting);
    uint64_t last = d->waiting_last;
    for (uint64_t i = 0; i < n; i++)
        d->waiting[last++ & (d->waiting_capacity - 1)] = entries[i];
    d->waiting_last = last;
}

void sim_disk_put_image(sim_disk *d, sim_image *image, bool installs, bool keeps_log)
{
    assert(!sim_disk_must_close(d));
    sim_write *w = open_write(d);
    assert(!w->image && !w->truncate);
    w->image = image;
    w->installs = installs;
    w->keeps_log = keeps_log;
}

sim_write *sim_disk_close(sim_disk *d)
{
    assert(d->is_open);
    d->is_open = false;
    d->submitted++;
    return sim_disk_write(d, d->submitted);
}

/* ---- becoming durable ------------------------------------------------------------ */

sim_write *sim_disk_first(const sim_disk *d)
{
    return sim_disk_write(d, d->done + 1);
}

/* The first n entries that wait come to the log's end. */
SIM_OFTEN void take_waiting(sim_disk *d, uint64_t n)
{
    if (d->log_n + n > d->log_capacity)
        d->log = sim_grow(d->log, &d->log_capacity, (size_t)(d->log_n + n), sizeof *d->log);
    const uint64_t first = d->waiting_first;
    for (uint64_t i = 0; i < n; i++)
        d->log[d->log_n + i] = d->waiting[(first + i) & (d->waiting_capacity - 1)];
    d->waiting_first += n;
    d->log_n += n;
}

/* The image takes the place of the log up to its last. */
static void put_image(sim_disk *d, const sim_write *w)
{
    const uint64_t last = w->image->last.index;
    const bool keeps = (!w->installs || w->keeps_log) && last >= d->base;
    const uint64_t gone = keeps && last < sim_disk_last(d) ? last - d->base : d->log_n;
    sim_image_drop(d->image);
    d->image = w->image;
    d->log_n -= gone;
    if (d->log_n)
        memmove(d->log, d->log + gone, (size_t)d->log_n * sizeof *d->log);
    d->base = last;
}

static void cut_from(sim_disk *d, uint64_t index)
{
    if (index <= sim_disk_last(d))
        d->log_n = index > d->base ? index - d->base - 1 : 0;
}

/* The log makes way for what a write brings.  An engine that appends below the end of its log
 * replaces what was there. */
static void make_way(sim_disk *d, const sim_write *w)
{
    if (w->image)
        put_image(d, w);
    if (w->truncate)
        cut_from(d, w->truncate);
    if (w->n)
        cut_from(d, w->index);
}

/* What a write does to the disk but for its entries. */
SIM_OFTEN void begin_write(sim_disk *d, const sim_write *w, uint64_t *low)
{
    if (w->hard_state) {
        d->term = w->term;
        d->vote = w->vote;
    }
    if (w->image || w->truncate || (w->n && w->index <= sim_disk_last(d)))
        make_way(d, w);
    *low = sim_disk_last(d);
    assert(!w->n || w->index == *low + 1);
}

const sim_write *sim_disk_complete(sim_disk *d, uint64_t *low)
{
    const sim_write *w = sim_disk_first(d);
    begin_write(d, w, low);
    if (w->n) {
        take_waiting(d, w->n);
        d->append_index = w->index;
        d->append_n = w->n;
    }
    d->done++;
    return w;
}

void sim_disk_lose(sim_disk *d)
{
    drop_images(d);
    d->is_open = false;
    d->done = d->submitted; /* their numbers are not given again */
    d->waiting_first = d->waiting_last;
    d->queued_seq = 0;
    d->last_due = 0;
}

/* ---- damage ---------------------------------------------------------------------- */

static bool is_sound(const sim_entry *e)
{
    return sim_entry_checksum(e->kind, e->data, e->bytes) == e->checksum;
}

/* Another payload than the checksum was made for; for an entry without payload it is the
 * checksum that is hit.  What is damaged stays damaged. */
static void damage(sim_entry *e, sim_arena *a)
{
    if (!is_sound(e))
        return;
    if (e->bytes) {
        uint8_t *half = sim_arena_take(a, e->bytes);
        memcpy(half, e->data, e->bytes / 2);
        e->data = half; /* what was not written reads as zero */
        if (is_sound(e))
            half[0] ^= 1;
    } else {
        e->checksum ^= 1;
    }
    assert(!is_sound(e));
}

/* The entries of the last durable append that are still on disk. */
static uint64_t append_left(const sim_disk *d)
{
    const uint64_t end = d->append_index + d->append_n, last = sim_disk_last(d);
    if (!d->append_n || d->append_index <= d->base || d->append_index > last)
        return 0;
    return end <= last ? d->append_n : last - d->append_index + 1;
}

uint64_t sim_disk_tearable(const sim_disk *d)
{
    if (d->done == d->submitted)
        return append_left(d);
    const sim_write *w = sim_disk_first(d);
    return w->n && !w->image ? w->n : 1; /* anything else is there or not, and here it is not */
}

bool sim_disk_tear(sim_disk *d, sim_arena *a, uint64_t keep)
{
    assert(keep < sim_disk_tearable(d));
    d->torn = true;
    if (d->done == d->submitted) {
        d->log_n = d->append_index + keep - d->base;
        damage(&d->log[d->log_n - 1], a);
        return true;
    }
    const sim_write *w = sim_disk_first(d);
    if (!w->n || w->image)
        return false;
    uint64_t low;
    begin_write(d, w, &low);
    take_waiting(d, keep + 1);
    damage(&d->log[d->log_n - 1], a);
    return false;
}

void sim_disk_damage(sim_disk *d, sim_arena *a, uint64_t index)
{
    assert(index > d->base && index <= sim_disk_last(d));
    damage(&d->log[index - d->base - 1], a);
}

uint64_t sim_disk_sound(const sim_disk *d)
{
    for (uint64_t i = 0; i < d->log_n; i++)
        if (!is_sound(&d->log[i]))
            return d->base + i;
    return sim_disk_last(d);
}

void sim_disk_wipe(sim_disk *d)
{
    d->term = 0;
    d->vote = 0;
    sim_image_drop(d->image);
    d->image = NULL;
    d->base = d->log_n = 0;
    d->append_n = 0;
    d->torn = false;
}

void sim_disk_cut(sim_disk *d, uint64_t last)
{
    assert(d->base <= last && last <= sim_disk_last(d));
    d->log_n = last - d->base;
    d->torn = false;
}

void sim_disk_preset(sim_disk *d, uint64_t term, sim_id vote, const sim_entry *log, uint64_t n)
{
    assert(!d->log_n && !d->submitted);
    d->term = term;
    d->vote = vote;
    d->log = sim_grow(d->log, &d->log_capacity, (size_t)n, sizeof *d->log);
    for (uint64_t i = 0; i < n; i++)
        d->log[d->log_n++] = log[i];
}
