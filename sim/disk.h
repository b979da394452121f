/* disk.h - what a node has on disk, and what it has written but the disk has not yet.
 *
 * Everything that a node writes in one step is one write.  Writes become durable one after
 * the other, in the order of submission, and only then does the log on disk change: a crash
 * between leaves the disk as the last durable write left it (thesis 3.8).
 *
 * A snapshot (thesis 5) is a write as well: it stands for the log up to its point, which
 * goes when it is durable.  Half a snapshot is none: the old one is left until then.
 *
 *     sim_disk_put_append(&d, 1, entries, 2);     // the step's writes …
 *     sim_write *w = sim_disk_close(&d);          // … are one
 *     const sim_write *done = sim_disk_complete(&d, &low);
 *
 * Pure data: it knows neither time nor node.  Entries are found damaged by their checksum.
 *
 * Ownership: the disk owns its arrays; the bytes of entries are in the tank's arena; an image
 * is shared by those who hold it, and goes with the last. */
#ifndef SIM_DISK_H
#define SIM_DISK_H
#include "sim/base/arena.h"
#include "sim/types.h"

#include <assert.h>
/* A snapshot: the state of the application, with its sessions, up to a point of the log. */
typedef struct sim_image {
    uint32_t held; /* by so many */
    sim_point last;
    sim_membership membership; /* in force there */
    uint64_t n;
    uint8_t bytes[];
} sim_image;

sim_image *sim_image_new(const void *bytes, uint64_t n); /* held once */
sim_image *sim_image_hold(sim_image *i);
void sim_image_drop(sim_image *i); /* NULL is well */

typedef struct sim_write {
    uint64_t number;   /* 1, 2, 3, … on this disk */
    uint64_t seq;      /* its place in the event queue */
    uint64_t told;     /* the number of the note that told of its submission */
    sim_us due;        /* when it is durable if time flows */
    uint64_t term;     /* with vote, when hard_state */
    uint64_t truncate; /* the log from here on goes, before the append; 0: nothing goes */
    uint64_t index, n; /* then entries index.. index+n-1 come; n 0: none */
    sim_image *image;  /* before all that, it stands for the log up to its last; or NULL */
    sim_id vote;
    bool hard_state;
    bool installs;  /* image: it came from another node */
    bool keeps_log; /* image: what stands behind it stays */
} sim_write;

typedef struct sim_disk {
    /* Durable: survives a crash. */
    uint64_t term;
    sim_id vote;
    sim_image *image; /* NULL: none yet */
    uint64_t base;    /* the last index that it stands for; 0 without one */
    sim_entry *log;   /* log[i] is index base + 1 + i */
    uint64_t log_n;
    uint64_t append_index, append_n; /* the last durable append, for a torn crash */
    size_t log_capacity;
    /* Submitted: lost in a crash.  Two rings; the counters only grow. */
    sim_write *writes;      /* done < numbers <= submitted */
    size_t writes_capacity; /* a power of two */
    uint64_t done, submitted;
    sim_entry *waiting;      /* the entries of the writes, in their order */
    size_t waiting_capacity; /* a power of two */
    uint64_t waiting_first, waiting_last;
    bool is_open; /* the running step fills write submitted + 1 */
    /* How it behaves. */
    bool held, torn;
    uint8_t mode; /* sim_disk_mode */
    sim_us slow;
    /* Its record in the event queue: that of the first write not yet done. */
    uint64_t queued_seq; /* 0: none */
    sim_us last_due;     /* of the last submitted write: none is durable before it */
} sim_disk;

void sim_disk_free(sim_disk *d);
uint64_t
sim_disk_bytes(const sim_disk *d); /* of memory; an image counts for each who holds it */

static inline uint64_t sim_disk_last(const sim_disk *d) /* the last index that is durable */
{
    return d->base + d->log_n;
}
/* A durable entry; base < index <= last. */
static inline const sim_entry *sim_disk_at(const sim_disk *d, uint64_t index)
{
    return &d->log[index - d->base - 1];
}
/* The durable entry at index, or the end of the snapshot: base <= index <= last. */
static inline sim_point sim_disk_point(const sim_disk *d, uint64_t index)
{
    if (index > d->base)
        return (sim_point){index, sim_disk_at(d, index)->term};
    return d->image ? d->image->last : (sim_point){0};
}

/* The running step's writes, in their order. */
void sim_disk_put_hard_state(sim_disk *d, uint64_t term, sim_id vote);
/* A truncation or a snapshot behind an append in one step needs a write of its own: the caller
 * closes the open one first. */
bool sim_disk_must_close(const sim_disk *d);
void sim_disk_put_truncate(sim_disk *d, uint64_t from);
void sim_disk_put_append(sim_disk *d, uint64_t index, const sim_entry *entries, uint64_t n);
/* Takes over the caller's hold on the image. */
void sim_disk_put_image(sim_disk *d, sim_image *image, bool installs, bool keeps_log);
/* Submits the open write.  The caller fills in seq, told and due; valid until the next. */
sim_write *sim_disk_close(sim_disk *d);

static inline bool sim_disk_busy(const sim_disk *d) /* something is not durable yet */
{
    return d->is_open || d->done < d->submitted;
}
/* The number that the last write has, or will have when the step is over. */
static inline uint64_t sim_disk_last_number(const sim_disk *d)
{
    return d->submitted + d->is_open;
}
/* A write that is not durable yet, by its number. */
static inline sim_write *sim_disk_write(const sim_disk *d, uint64_t number)
{
    assert(d->done < number && number <= d->submitted + d->is_open);
    return &d->writes[number & (d->writes_capacity - 1)];
}
/* The first of them; there must be one. */
sim_write *sim_disk_first(const sim_disk *d);
/* Makes it durable.  *low: the lowest last index that the log had meanwhile.  Valid until
 * the next write is submitted; its image is the disk's. */
const sim_write *sim_disk_complete(sim_disk *d, uint64_t *low);
/* All that is not durable is gone. */
void sim_disk_lose(sim_disk *d);

/* How many entries of the torn write there are to choose from: those before the torn one
 * are kept whole.  0: there is no write that could be torn. */
uint64_t sim_disk_tearable(const sim_disk *d);
/* Leaves keep entries of the first write not yet durable (or, when all are, of the last
 * durable append) and half of the next; true when durable data went. */
bool sim_disk_tear(sim_disk *d, sim_arena *a, uint64_t keep);
/* Damages a durable entry. */
void sim_disk_damage(sim_disk *d, sim_arena *a, uint64_t index);
/* The last index up to which every entry has its checksum. */
uint64_t sim_disk_sound(const sim_disk *d);
void sim_disk_wipe(sim_disk *d); /* all that is durable; how it behaves stays */
void sim_disk_cut(sim_disk *d, uint64_t last);
/* Puts a log there before the first boot. */
void sim_disk_preset(sim_disk *d, uint64_t term, sim_id vote, const sim_entry *log, uint64_t n);

#endif
