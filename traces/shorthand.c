/* shorthand.c - the table of forms, and how a form is filled in. */
#include "traces/shorthand.h"

#include <inttypes.h>
#include <string.h>

#define ROW(kind, form, meaning) [SIM_NOTE_##kind] = {SIM_NOTE_##kind, form, meaning}
const trace_shorthand_row trace_shorthand[SIM_NOTE_COUNT] = {
    ROW(SECTION, "{role} \"{title}\"", "a section of the scenario begins"),
    ROW(NOTE, "note: {text}", "a remark of the scenario"),
    ROW(COMMAND, "> {text}", "what the scenario does next"),
    ROW(TIMER, "{timer} timer[, ignored: {ignored}]", "a timer of the node fired"),
    ROW(SEND, "send #{id} {words} -> {to}[ (forged: {forged})]", "a message leaves"),
    ROW(DELIVER, "deliver #{id} {words} from {from}[, ignored: {ignored}]",
        "a message arrives and is handled"),
    ROW(DROP, "drop #{id} {words} {from} -> {to}: {reason}", "a message is lost, and why"),
    ROW(DUPLICATE, "duplicate #{id} as #{copy} {words} {from} -> {to}",
        "a message is in flight once more"),
    ROW(HOLD, "hold #{id} {words} {from} -> {to}[ until {due}][: {released}]",
        "a message cannot move for now, or can again"),
    ROW(ROLE, "{from} -> {to}[: {why}]", "the node changes its role, and why"),
    ROW(TERM, "term {from} -> {to}", "the node's term grows"),
    ROW(VOTE, "votes for {candidate} in term {term}", "the node gives its vote"),
    ROW(APPEND, "append {entries}", "entries are added to the node's log"),
    ROW(TRUNCATE, "truncate from {index} on[, {count} gone]", "entries go from its log"),
    ROW(COMMIT, "commit {range}", "the node knows more entries to be committed"),
    ROW(APPLY, "apply {range}", "the node's application takes committed entries"),
    ROW(SNAPSHOT, "snapshot[ {op}][ {point}][ at {offset}][, {bytes} bytes]",
        "the node takes or installs a snapshot"),
    ROW(CONFIG, "config[ {members}][ at {index}][: {why}]",
        "another configuration is in force on the node"),
    ROW(DISK,
        "disk {op}[ #{write}][, term {term}][, vote {vote}][, snapshot {snapshot}][, cut from "
        "{truncate}]"
        "[, {written}][, up to {up_to}][, {what}]",
        "a write of the node's disk is submitted, durable, lost, failed, or told late"),
    ROW(CRASH, "crash[ ({how})]", "the node stops and forgets what is not on its disk"),
    ROW(RESTART, "restart[ ({how})]", "the node starts with what its disk holds"),
    ROW(PAUSE, "pause[ ({how})]", "the node is frozen"),
    ROW(RESUME, "resume[ ({how})]", "the node goes on"),
    ROW(PARTITION, "cut {links}", "links are cut"),
    ROW(HEAL, "heal {links}", "links work again"),
    ROW(REQUEST, "request #{id}[ {name}] to {to}: {command}", "a client asks"),
    ROW(RESPONSE, "response #{id}[ {name}] {status}[: {answer}][, leader {leader}][, at {at}]",
        "a client is answered; one with a session tries again when nothing came of it"),
    ROW(EXPECT, "expect {condition}: {verdict}[, {actual}]", "what the scenario expects"),
    ROW(VIOLATION, "VIOLATION of {invariant}[ ({cite})]: {one}; {other}",
        "an invariant is broken"),
};

/* ---- values ---------------------------------------------------------------------------- */

/* Without control characters, which could do anything to a terminal. */
static void put_clean(sim_text *out, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '\n')
            sim_text_put(out, "\\n");
        else if (c < 0x20 || c == 0x7F)
            sim_text_char(out, '?');
        else
            sim_text_char(out, *s);
    }
}

enum { ENTRIES_SHOWN = 4 };

static void put_texts(sim_text *out, const trace_value *v)
{
    for (uint32_t i = 0; i < v->n && i < ENTRIES_SHOWN; i++) {
        if (i)
            sim_text_put(out, ", ");
        put_clean(out, v->texts[i]);
    }
    if (v->n > ENTRIES_SHOWN)
        sim_text_format(out, " and %" PRIu32 " more", v->n - ENTRIES_SHOWN);
}

static void put_value(sim_text *out, const trace_value *v)
{
    if (v->kind == TRACE_TEXTS)
        put_texts(out, v);
    else if (v->kind == TRACE_TEXT)
        put_clean(out, v->text);
    else if (strcmp(v->name, "due") == 0)
        sim_text_us(out, v->number);
    else
        sim_text_u64(out, v->number);
}

/* ---- messages --------------------------------------------------------------------------- */

static const trace_value *own_list(const trace_event *send)
{
    for (uint32_t i = 0; i < send->values_n; i++) {
        if (send->values[i].kind == TRACE_TEXTS)
            return &send->values[i];
    }
    return NULL;
}

static bool is_head(const char *name)
{
    return strcmp(name, "id") == 0 || strcmp(name, "from") == 0 || strcmp(name, "to") == 0 ||
           strcmp(name, "type") == 0 || strcmp(name, "term") == 0 ||
           strcmp(name, "forged") == 0;
}

/* What says nothing: where the logs agree in a refusal, where they may in an agreement. */
static bool is_moot(const trace_event *send, const trace_value *v)
{
    bool refused = strcmp(trace_text_of(send, "ok"), "no") == 0;
    return (refused && strcmp(v->name, "match") == 0) ||
           (!refused && strcmp(v->name, "conflict") == 0);
}

static void put_own(sim_text *out, const trace_value *v)
{
    bool no = v->kind == TRACE_TEXT && strcmp(v->text, "no") == 0;
    if (no || (v->kind == TRACE_TEXT && strcmp(v->text, "yes") == 0)) {
        sim_text_put(out, no ? " not " : " ");
        put_clean(out, v->name);
        return;
    }
    sim_text_char(out, ' ');
    put_clean(out, v->name);
    sim_text_char(out, ' ');
    put_value(out, v);
}

void trace_message_words(const trace_event *send, sim_text *out)
{
    const trace_value *list = own_list(send);
    put_clean(out, trace_text_of(send, "type"));
    sim_text_format(out, " T%" PRIu64, trace_number_of(send, "term"));
    for (uint32_t i = 0; i < send->values_n; i++) {
        const trace_value *v = &send->values[i];
        if (is_head(v->name) || v->kind == TRACE_TEXTS || is_moot(send, v))
            continue;
        if (list && list->n && strcmp(v->name, "commit") == 0) {
            sim_text_format(out, " +%" PRIu32, list->n);
            list = NULL;
        }
        put_own(out, v);
    }
    if (list && list->n)
        sim_text_format(out, " +%" PRIu32, list->n);
}

/* ---- forms --------------------------------------------------------------------------------
 */

typedef struct filler {
    const trace *t;
    const trace_event *e;
    sim_text *out;
} filler;

/* One index, or the first and the last. */
static void put_range(sim_text *out, uint64_t first, uint64_t last)
{
    sim_text_u64(out, first);
    if (last != first)
        sim_text_format(out, "..%" PRIu64, last);
}

/* What is made of several fields. */
static bool put_made(const filler *f, const char *name)
{
    uint64_t first = trace_number_of(f->e, "first"), n = trace_number_of(f->e, "count");
    if (strcmp(name, "words") == 0) {
        const trace_event *send = trace_message(f->t, trace_number_of(f->e, "id"));
        trace_message_words(send ? send : f->e, f->out);
    } else if (strcmp(name, "verdict") == 0) {
        bool passed = strcmp(trace_text_of(f->e, "passed"), "yes") == 0;
        sim_text_put(f->out, passed ? "passed" : "FAILED");
    } else if (strcmp(name, "released") == 0 &&
               strcmp(trace_text_of(f->e, "released"), "yes") == 0) {
        sim_text_put(f->out, "released");
    } else if (strcmp(name, "range") == 0) {
        put_range(f->out, trace_number_of(f->e, "from"), trace_number_of(f->e, "to"));
    } else if (strcmp(name, "written") == 0 && n) {
        sim_text_put(f->out, n == 1 ? "entry " : "entries ");
        put_range(f->out, first, first + n - 1);
    } else {
        return false;
    }
    return true;
}

/* Puts one field; false when it is absent or empty. */
static bool put_field(const filler *f, const char *name)
{
    size_t before = f->out->len;
    if (put_made(f, name))
        return true;
    const trace_value *v = trace_value_of(f->e, name);
    bool none = v && v->kind == TRACE_NUMBER && !v->number && strcmp(name, "write") == 0;
    if (v && !none) /* what a script does to a disk is no write, it has no number */
        put_value(f->out, v);
    return f->out->len > before;
}

/* Fills in up to the end, or the bracket's; returns what is behind. */
static const char *fill(const filler *f, const char *form, bool *whole)
{
    while (*form && *form != ']') {
        char name[16];
        size_t len = strcspn(form, "{}[]");
        sim_text_add(f->out, form, len);
        form += len;
        if (*form == '{') {
            len = strcspn(form, "}");
            memcpy(name, form + 1, len - 1);
            name[len - 1] = '\0';
            *whole &= put_field(f, name);
            form += len + 1;
        } else if (*form == '[') {
            size_t before = f->out->len;
            bool inside = true;
            form = fill(f, form + 1, &inside) + 1;
            if (!inside && f->out->at) {
                f->out->len = before;
                f->out->at[before] = '\0';
            }
        }
    }
    return form;
}

void trace_event_words(const trace *t, const trace_event *e, sim_text *out)
{
    bool whole = true;
    const filler f = {t, e, out};
    (void)fill(&f, trace_shorthand[e->kind].form, &whole);
}
