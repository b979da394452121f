/* breach.c - a violation, told from its trace (see breach.h). */
#include "tools/breach.h"
#include "sim/sim.h"
#include <inttypes.h>
#include <string.h>

enum {
    CAUSES_MAX = 8,  /* events from the script to a fact; of more the first are left out */
    EFFECTS_MAX = 8, /* that are told of it */
    NEAR_MAX = 4096, /* events behind it that are looked through for them */
};

static const char *const facts[2] = {"one", "other"};
static const char *const seqs[2] = {"one_seq", "other_seq"};

uint64_t breach_seq(const trace_event *violation, int fact)
{
    return trace_number_of(violation, seqs[fact]);
}

const char *breach_promise(const char *invariant)
{
    for (const sim_invariant_info *i = sim_invariants; i->name; i++)
        if (strcmp(i->name, invariant) == 0)
            return i->meaning;
    return "";
}

static const trace_event *event_of(const trace *t, uint64_t seq)
{
    return &t->events[seq - 1];
}

static void add_event(const trace *t, uint64_t seq, const char *before, bool colour,
                      sim_text *out)
{
    sim_text_put(out, before);
    trace_event_line(t, event_of(t, seq), colour, out);
    sim_text_char(out, '\n');
}

/* How the script came to the event, oldest first; not the event itself. */
static void add_causes(const trace *t, uint64_t seq, bool colour, sim_text *out)
{
    uint64_t causes[CAUSES_MAX];
    uint32_t n = 0, left_out = 0;
    for (uint64_t at = event_of(t, seq)->cause; at; at = event_of(t, at)->cause) {
        if (n < CAUSES_MAX)
            causes[n++] = at;
        else
            left_out++;
    }
    if (left_out)
        sim_text_format(out, "      %" PRIu32 " event%s before these\n", left_out,
                        sim_plural(left_out));
    while (n)
        add_event(t, causes[--n], "      ", colour, out);
}

/* What happens to a node, as opposed to its disk and its messages. */
static bool is_change(sim_note_kind kind)
{
    switch ((int)kind) {
    case SIM_NOTE_TERM:
    case SIM_NOTE_VOTE:
    case SIM_NOTE_ROLE:
    case SIM_NOTE_APPEND:
    case SIM_NOTE_TRUNCATE:
    case SIM_NOTE_COMMIT:
    case SIM_NOTE_APPLY:
    case SIM_NOTE_SNAPSHOT:
    case SIM_NOTE_CONFIG:
    case SIM_NOTE_RESPONSE:
        return true;
    default:
        return false;
    }
}

static void add_effects(const trace *t, uint64_t seq, uint64_t end, bool colour, sim_text *out)
{
    uint32_t told = 0;
    for (uint64_t i = seq + 1; i < end && i - seq <= NEAR_MAX && told < EFFECTS_MAX; i++) {
        if (event_of(t, i)->cause != seq || !is_change(event_of(t, i)->kind))
            continue;
        add_event(t, i, "      ", colour, out);
        told++;
    }
}

static void add_fact(const trace *t, const trace_event *violation, int fact, bool colour,
                     sim_text *out)
{
    const uint64_t seq = breach_seq(violation, fact);
    sim_text_format(out, "  %s%s%s\n", colour ? "\033[31m" : "",
                    trace_text_of(violation, facts[fact]), colour ? "\033[0m" : "");
    if (!seq) {
        sim_text_put(out, "      so from the start: no event led to it\n");
    } else if (fact == 1 && seq == breach_seq(violation, 0)) {
        sim_text_put(out, "      the same event\n");
    } else {
        add_causes(t, seq, colour, out);
        add_event(t, seq, "    > ", colour, out);
        add_effects(t, seq, violation->seq, colour, out);
    }
}

void breach_tell(const trace *t, const trace_event *violation, bool colour, sim_text *out)
{
    const char *invariant = trace_text_of(violation, "invariant");
    const char *promise = breach_promise(invariant);
    sim_text_format(out, "\n%s%s (%s)%s\n", colour ? "\033[1m" : "", invariant,
                    trace_text_of(violation, "cite"), colour ? "\033[0m" : "");
    if (*promise)
        sim_text_format(out, "  It promises: %s.\n", promise);
    sim_text_put(out, "  These two contradict each other:\n");
    add_fact(t, violation, 0, colour, out);
    add_fact(t, violation, 1, colour, out);
}
