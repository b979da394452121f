/* options.h - every tunable of a tank: one table, from which come the language's `option`,
 * the header of a trace, and the reference page. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H
#include "sim/base/arena.h"
#include "sim/base/text.h"
#include "sim/types.h"

typedef struct sim_range {
    sim_us low, high;
} sim_range;

typedef enum sim_toggle { SIM_OFF, SIM_ON, SIM_AUTO } sim_toggle;

/* field, kind, default as a scenario writes it, lowest, highest, help.
 * Kinds: RANGE and DURATION in microseconds, COUNT, BYTES, PPM (a ratio in millionths),
 * TOGGLE (on, off), TOGGLE3 (on, off, auto). */
#define SIM_OPTIONS(X)                                                                         \
    X(election_timeout, RANGE, "150ms..300ms", 1, SIM_OPTION_US_MAX,                           \
      "how long a follower waits for a leader before it stands for election")                  \
    X(heartbeat, DURATION, "50ms", 1, SIM_OPTION_US_MAX,                                       \
      "how often a leader shows that it lives")                                                \
    X(latency, RANGE, "1ms..5ms", 0, SIM_OPTION_US_MAX,                                        \
      "how long a message travels when time flows")                                            \
    X(disk_latency, RANGE, "0ms..2ms", 0, SIM_OPTION_US_MAX,                                   \
      "how long a write takes to be durable when time flows")                                  \
    X(persisted_latency, RANGE, "0ms..0ms", 0, SIM_OPTION_US_MAX,                              \
      "how long a node takes to hear that a write is durable when time flows; messages that "  \
      "waited for the write do not wait for that")                                             \
    X(pre_vote, TOGGLE, "off", 0, 1, "ask before standing for election (thesis 9.6)")          \
    X(check_quorum, TOGGLE, "off", 0, 1,                                                       \
      "a leader that hears no majority for an election timeout steps down (thesis 6.2)")       \
    X(disruption_guard, TOGGLE3, "auto", 0, 2,                                                 \
      "ignore requests for votes while a leader lives (thesis 4.2.3); auto: on with "          \
      "pre_vote, check_quorum or lease_reads")                                                 \
    X(batch_max, COUNT, "64", 1, 4096, "entries in one AppendEntries")                         \
    X(batch_bytes_max, BYTES, "1MiB", 0, UINT32_MAX,                                           \
      "payload bytes in one AppendEntries; 0: no limit; one entry always fits")                \
    X(pipeline_max, COUNT, "16", 1, 256, "AppendEntries in flight to one follower")            \
    X(inflight_bytes_max, BYTES, "0", 0, UINT32_MAX,                                           \
      "payload bytes in flight to one follower; 0: no limit; one entry always fits")           \
    X(snapshot_chunk, BYTES, "64KiB", 1, UINT32_MAX,                                           \
      "bytes of a snapshot in one InstallSnapshot (thesis 5)")                                 \
    X(snapshot_every, COUNT, "0", 0, UINT64_MAX,                                               \
      "entries in the log after which a node takes a snapshot by itself; 0: by hand only")     \
    X(log_max, COUNT, "0", 0, UINT64_MAX,                                                      \
      "entries in a leader's log after which it refuses more with log_full, until a snapshot " \
      "makes room; 0: no limit")                                                               \
    X(catch_up_rounds, COUNT, "10", 1, UINT32_MAX,                                             \
      "rounds in which a new voter must have caught up (thesis 4.2.1)")                        \
    X(lease_reads, TOGGLE, "off", 0, 1,                                                        \
      "a leader answers lease reads without asking, as far as clock_drift allows "             \
      "(thesis 6.4.1)")                                                                        \
    X(sessions_max, COUNT, "1000", 1, UINT32_MAX,                                              \
      "client sessions that are kept; the one used longest ago expires first (thesis 6.3)")    \
    X(session_ttl, COUNT, "0", 0, UINT64_MAX,                                                  \
      "entries of the log after which a session that is not used expires; it goes with the "   \
      "next entry of any session (thesis 6.3); 0: never")                                      \
    X(clock_drift, PPM, "0%", 0, 200000,                                                       \
      "each node's clock runs fast or slow by up to this, chosen when it is created")          \
    X(settle_limit, COUNT, "100000", 1, UINT32_MAX,                                            \
      "deliveries in one settle before it counts as going round in circles")                   \
    X(advance_limit, COUNT, "100000000", 1, UINT64_MAX,                                        \
      "events in one advance or await before it counts as going round in circles")

#define SIM_OPTION_US_MAX (UINT64_C(1000000) * 3600 * 24 * 365)

typedef struct sim_options {
    sim_range election_timeout, latency, disk_latency, persisted_latency;
    sim_us heartbeat;
    sim_toggle pre_vote, check_quorum, disruption_guard, lease_reads;
    uint64_t batch_max, batch_bytes_max, pipeline_max, inflight_bytes_max, clock_drift;
    uint64_t snapshot_chunk, snapshot_every, log_max, catch_up_rounds;
    uint64_t sessions_max, session_ttl;
    uint64_t settle_limit, advance_limit;
} sim_options;

typedef struct sim_option_info {
    const char *name, *kind, *standard, *help;
} sim_option_info;

extern const sim_option_info sim_option_table[]; /* ends with a NULL name */

void sim_options_default(sim_options *o);
/* Sets one option from text.  NULL when that went well, else what is wrong with it,
 * static or in out ("expected a range such as 150ms..300ms"). */
const char *sim_options_set(sim_options *o, const char *name, const char *value, sim_text *out);
/* What holds between options (heartbeat > 0, low <= high); NULL when all is well. */
const char *sim_options_check(const sim_options *o);
/* The value in force, as a scenario would write it. */
void sim_options_get(const sim_options *o, const char *name, sim_text *out);

/* Values as scenarios write them, shared with the language.  False: not of that form.
 * Durations 150us 20ms 2s 5min 1h, also 1.5s; a plain 0 is a duration. */
bool sim_parse_us(const char *s, size_t len, sim_us *out);
bool sim_parse_range(const char *s, size_t len, sim_range *out); /* one value is low = high */
bool sim_parse_ppm(const char *s, size_t len, uint64_t *out);    /* 5%, 0.5%, 1/200 */
bool sim_parse_bytes(const char *s, size_t len, uint64_t *out);  /* 64KiB, 1MiB, 100 */
bool sim_parse_u64(const char *s, size_t len, uint64_t *out);
bool sim_parse_point(const char *s, size_t len, sim_point *out); /* 3@2 */
/* A log as scenarios write it, "1@1 2@1 3@2"; indexes must be contiguous from first_wanted.
 * Takes the points from the arena.  NULL when well, else what is wrong, in out. */
const char *sim_parse_log(const char *s, size_t len, sim_arena *a, uint64_t first_wanted,
                          sim_point **points, uint64_t *n, sim_text *out);

#endif
