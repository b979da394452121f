/* export_puml_plan.c - the events of a section as rows, from top to bottom.
 *
 * An arrow in a sequence diagram is level, so it can stand for a message only if sending
 * and arriving may be drawn as one moment: one between the two at which nothing has to be
 * drawn above what it follows from.  Then the arrow is drawn whole, as near to its arrival
 * as its sender's line allows.  Where there is no such moment (a later message overtook this
 * one, two cross), sending and arriving become two rows.
 *
 * So each thing that happens is a node of a graph, with an edge to what must stand below
 * it.  On the line of one Raft node everything keeps its order, with one exception: a
 * message may be drawn as sent after an arrival that changed nothing, which is no lie about
 * why it was sent.  What stands across all lines (a partition, a remark) is below all that
 * happened and above all that arrives later; a message may be drawn as sent below it.
 *
 * Each node has a key, the seq at which it stands; rows are sorted by it.  Only a whole
 * arrow may stand at another seq than its own, later than its send and not later than its
 * arrival, and just above the node whose seq its key is.  What is above a node in the graph
 * never has a greater key. */
#include "traces/export_puml.h"

#include "sim/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

typedef struct edge {
    uint32_t to, next; /* next: of the same node */
} edge;

typedef struct node {
    const trace_event *head;
    puml_message *message; /* SEND, DELIVER, DROP */
    uint32_t effects, effects_n;
    uint32_t below;  /* the first edge to what stands below it, or NONE */
    uint32_t above;  /* the same, the other way */
    uint32_t sender; /* of an arrival: the node of its send, or NONE */
    uint32_t merged; /* of an arrival: the send that is one with it; of such a send: the
                        arrival; else NONE */
    uint32_t seen;   /* by which search */
    uint32_t before; /* edges that lead here, not yet passed */
    uint64_t key;    /* where it stands: a seq */
    bool folded;
    puml_fold fold;
} node;

typedef struct line {
    uint32_t last;   /* the last thing on it that is no send */
    uint32_t hard;   /* the last that sends are not drawn above */
    uint32_t *sends; /* since the last that sends are not drawn below */
    size_t sends_n, capacity;
} line;

typedef struct planner {
    puml_facts *facts;
    const trace_puml_options *options;
    node *nodes;
    size_t nodes_n, nodes_capacity;
    edge *edges;
    size_t edges_n, edges_capacity;
    const trace_event **effects;
    size_t effects_n, effects_capacity;
    line lines[SIM_NODES_MAX];
    uint32_t lines_n;
    uint32_t *send_of; /* by id of a message: its node, plus 1 */
    size_t send_of_n;
    uint32_t now; /* the node of the step whose effects come, or NONE */
    uint32_t *stack;
    size_t stack_capacity;
    uint32_t search;
    uint32_t cut; /* the node of the latest partition, or NONE */
} planner;

/* ---- the graph ----------------------------------------------------------------------- */

static uint32_t add_node(planner *p, const trace_event *head)
{
    p->nodes = sim_grow(p->nodes, &p->nodes_capacity, p->nodes_n + 1, sizeof *p->nodes);
    p->nodes[p->nodes_n] = (node){.head = head,
                                  .effects = (uint32_t)p->effects_n,
                                  .below = NONE,
                                  .above = NONE,
                                  .sender = NONE,
                                  .merged = NONE,
                                  .key = head->seq};
    return (uint32_t)p->nodes_n++;
}

static void add_half_edge(planner *p, uint32_t *first, uint32_t to)
{
    p->edges = sim_grow(p->edges, &p->edges_capacity, p->edges_n + 1, sizeof *p->edges);
    p->edges[p->edges_n] = (edge){to, *first};
    *first = (uint32_t)p->edges_n++;
}

static void add_edge(planner *p, uint32_t from, uint32_t to)
{
    if (from == NONE || from == to)
        return;
    add_half_edge(p, &p->nodes[from].below, to);
    add_half_edge(p, &p->nodes[to].above, from);
}

/* Something on one line: below all that is no send; hard: below its sends as well, and
 * above the later ones. */
static void add_to_line(planner *p, int at, uint32_t n, bool hard)
{
    if (at < 0 || at >= (int)p->lines_n)
        return;
    line *l = &p->lines[at];
    add_edge(p, l->last, n);
    l->last = n;
    if (!hard)
        return;
    for (size_t i = 0; i < l->sends_n; i++)
        add_edge(p, l->sends[i], n);
    l->sends_n = 0;
    l->hard = n;
}

static void add_across(planner *p, uint32_t n)
{
    for (uint32_t i = 0; i < p->lines_n; i++) {
        add_edge(p, p->lines[i].last, n);
        p->lines[i].last = p->lines[i].hard = n;
    }
}

static void add_send(planner *p, const trace_event *e, puml_message *m)
{
    uint32_t n = add_node(p, e);
    p->nodes[n].message = m;
    p->send_of[m->id] = n + 1;
    if (m->copy_of || *trace_text_of(e, "forged")) /* the sender's line knows nothing of it */
        return;
    int at = puml_lane(p->facts, trace_text_of(e, "from"));
    if (at < 0 || at >= (int)p->lines_n)
        return;
    line *l = &p->lines[at];
    add_edge(p, l->hard, n);
    l->sends = sim_grow(l->sends, &l->capacity, l->sends_n + 1, sizeof *l->sends);
    l->sends[l->sends_n++] = n;
}

static void join_message(planner *p, uint32_t n, puml_message *m)
{
    p->nodes[n].message = m;
    if (!m || m->id >= p->send_of_n || !p->send_of[m->id])
        return;
    p->nodes[n].sender = p->send_of[m->id] - 1;
    add_edge(p, p->nodes[n].sender, n);
}

static bool is_dropped_at_node(const trace_event *drop)
{
    return strcmp(trace_text_of(drop, "reason"), "crashed") == 0;
}

/* The node whose step a head begins: its own, or, of a command of the script, the one that
 * it moved. */
static const char *node_of(const planner *p, const trace_event *e)
{
    if (e->kind == SIM_NOTE_DELIVER)
        return trace_text_of(e, "to");
    return *e->node || !p->facts->led_to[e->seq - 1] ? e->node : e[1].node;
}

static bool stands_across(const planner *p, const trace_event *e)
{
    return !*node_of(p, e) || e->kind == SIM_NOTE_PARTITION || e->kind == SIM_NOTE_HEAL ||
           e->kind == SIM_NOTE_EXPECT || e->kind == SIM_NOTE_VIOLATION;
}

/* A command of the script is seen by what it does; it is shown when that is nothing that
 * the trace tells: `hold n1 -> n2`, `skew n2 +200ms`. */
static bool is_seen_otherwise(const planner *p, const trace_event *command)
{
    static const char *const waiting[] = {"settle", "advance", "await", "deliver"};
    const trace *t = p->facts->trace;
    if (p->facts->led_to[command->seq - 1])
        return false;
    const char *text = trace_text_of(command, "text");
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++) {
        size_t len = strlen(waiting[i]);
        if (strncmp(text, waiting[i], len) == 0 && (!text[len] || text[len] == ' '))
            return true;
    }
    if (command->seq >= t->events_n)
        return false;
    sim_note_kind next = command[1].kind;
    return next != SIM_NOTE_COMMAND && next != SIM_NOTE_EXPECT && next != SIM_NOTE_SECTION;
}

static bool shows_nothing(const planner *p, const trace_event *e)
{
    return e->kind == SIM_NOTE_SECTION ||
           (e->kind == SIM_NOTE_EXPECT && strcmp(trace_text_of(e, "passed"), "yes") == 0) ||
           (e->kind == SIM_NOTE_COMMAND && is_seen_otherwise(p, e));
}

static void add_head(planner *p, const trace_event *e)
{
    puml_message *m = e->kind == SIM_NOTE_DELIVER ? puml_message_at(p->facts, e) : NULL;
    p->now = NONE;
    if (shows_nothing(p, e) || (m && m->folded))
        return;
    uint32_t n = add_node(p, e);
    p->now = n;
    if (!p->options->heartbeats && puml_fold_round(p->facts, e->seq - 1, &p->nodes[n].fold)) {
        p->nodes[n].folded = true;
        return;
    }
    if (e->kind == SIM_NOTE_PARTITION)
        p->cut = n;
    if (stands_across(p, e)) {
        add_across(p, n);
        return;
    }
    bool hard = e->kind != SIM_NOTE_DELIVER || p->facts->led_to[e->seq - 1] || e->state_n;
    add_to_line(p, puml_lane(p->facts, node_of(p, e)), n, hard);
    if (e->kind == SIM_NOTE_DELIVER)
        join_message(p, n, m);
}

static void add_effect(planner *p, const trace_event *e)
{
    if (p->now == NONE)
        return;
    p->effects =
        sim_grow(p->effects, &p->effects_capacity, p->effects_n + 1, sizeof *p->effects);
    p->effects[p->effects_n++] = e;
    p->nodes[p->now].effects_n++;
}

static void add_event(planner *p, const trace_event *e)
{
    puml_message *m = puml_message_at(p->facts, e);
    switch ((int)e->kind) {
    case SIM_NOTE_SEND:
        if (m && !m->folded)
            add_send(p, e, m);
        break;
    case SIM_NOTE_DUPLICATE:
        m = puml_message_of(p->facts, trace_number_of(e, "copy"));
        if (m && m->born)
            add_send(p, e, m);
        break;
    case SIM_NOTE_DROP:
        if (m && m->born && !m->folded) {
            uint32_t n = add_node(p, e);
            if (p->cut != NONE && p->nodes[p->cut].head->seq == e->cause)
                add_edge(p, p->cut, n); /* lost with the link */
            if (is_dropped_at_node(e))
                add_to_line(p, puml_lane(p->facts, trace_text_of(e, "to")), n, false);
            join_message(p, n, m);
        }
        break;
    case SIM_NOTE_HOLD:
        break;
    default:
        if (p->facts->head[e->seq - 1] == e->seq - 1)
            add_head(p, e);
        else
            add_effect(p, e);
        break;
    }
}

/* ---- whole arrows -------------------------------------------------------------------- */

/* A send that is one with its arrival is found there. */
static uint32_t stands_for(const planner *p, uint32_t n)
{
    const node *x = &p->nodes[n];
    return x->merged != NONE && x->head->seq < p->nodes[x->merged].head->seq ? x->merged : n;
}

/* The lowest key among what must stand below a node. */
static uint64_t key_below(const planner *p, uint32_t n, uint64_t most)
{
    for (uint32_t e = p->nodes[n].below; e != NONE; e = p->edges[e].next) {
        uint64_t key = p->nodes[stands_for(p, p->edges[e].to)].key;
        most = key < most ? key : most;
    }
    return most;
}

static size_t push(planner *p, size_t n, uint32_t what)
{
    p->stack = sim_grow(p->stack, &p->stack_capacity, n + 1, sizeof *p->stack);
    p->stack[n] = what;
    return n + 1;
}

typedef struct move { /* a message that would be drawn whole */
    uint32_t send, arrival;
    uint64_t key;
    size_t depth; /* on the stack: the arrows that would have to move up with it */
} move;

/* Looks at what must stand above a node that moves up, and puts those arrows on the stack
 * that would have to move as well.  False when one cannot: it stands for itself, it would be
 * drawn before it was sent, or it is the message itself. */
static bool push_above(planner *p, move *m, uint32_t n)
{
    for (uint32_t e = p->nodes[n].above; e != NONE; e = p->edges[e].next) {
        uint32_t up = stands_for(p, p->edges[e].to);
        const node *x = &p->nodes[up];
        if (n == m->arrival && up == m->send)
            continue; /* these two become one */
        if (up == m->send || up == m->arrival)
            return false;
        if (x->key < m->key || x->seen == p->search)
            continue;
        if (x->merged == NONE || p->nodes[x->merged].head->seq >= m->key)
            return false;
        p->nodes[up].seen = p->search;
        m->depth = push(p, m->depth, up);
    }
    return true;
}

static bool fits(planner *p, move *m)
{
    p->search++;
    if (m->key <= p->nodes[m->send].head->seq || !push_above(p, m, m->send) ||
        !push_above(p, m, m->arrival))
        return false;
    for (size_t i = 0; i < m->depth; i++) {
        uint32_t n = p->stack[i];
        if (!push_above(p, m, n) || !push_above(p, m, p->nodes[n].merged))
            return false;
    }
    return true;
}

/* Draws a message whole if there is a place for it. */
static void merge(planner *p, uint32_t send, uint32_t arrival)
{
    move m = {send, arrival, p->nodes[arrival].key, 0};
    m.key = key_below(p, send, m.key);
    m.key = key_below(p, arrival, m.key);
    if (!fits(p, &m))
        return;
    for (size_t i = 0; i < m.depth; i++)
        p->nodes[p->stack[i]].key = m.key;
    p->nodes[arrival].key = m.key;
    p->nodes[arrival].merged = send;
    p->nodes[send].merged = arrival;
}

static void merge_all(planner *p)
{
    for (uint32_t n = 0; n < p->nodes_n; n++) {
        uint32_t send = p->nodes[n].sender;
        if (send != NONE && p->nodes[send].merged == NONE && !p->nodes[n].message->hold)
            merge(p, send, n);
    }
}

/* ---- order --------------------------------------------------------------------------- */

static void count_before(planner *p)
{
    for (uint32_t n = 0; n < p->nodes_n; n++)
        p->nodes[n].before = 0;
    for (uint32_t n = 0; n < p->nodes_n; n++) {
        for (uint32_t e = p->nodes[n].below; e != NONE; e = p->edges[e].next) {
            uint32_t to = stands_for(p, p->edges[e].to);
            p->nodes[to].before += to != stands_for(p, n);
        }
    }
}

/* By key, then by the order of the events. */
static bool goes_first(const planner *p, uint32_t a, uint32_t b)
{
    if (p->nodes[a].key != p->nodes[b].key)
        return p->nodes[a].key < p->nodes[b].key;
    return a < b;
}

static void heap_add(planner *p, uint32_t *heap, size_t n, uint32_t what)
{
    for (; n && goes_first(p, what, heap[(n - 1) / 2]); n = (n - 1) / 2)
        heap[n] = heap[(n - 1) / 2];
    heap[n] = what;
}

static uint32_t heap_take(planner *p, uint32_t *heap, size_t n)
{
    uint32_t first = heap[0], last = heap[n - 1];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < n - 1; at = child) {
        if (child + 1 < n - 1 && goes_first(p, heap[child + 1], heap[child]))
            child++;
        if (!goes_first(p, heap[child], last))
            break;
        heap[at] = heap[child];
    }
    heap[at] = last;
    return first;
}

/* A topological order, at every step that which goes first.  Returns how many. */
static size_t sort(planner *p, uint32_t *order)
{
    uint32_t *heap = sim_alloc((p->nodes_n + 1) * sizeof *heap);
    size_t heap_n = 0, n = 0;
    count_before(p);
    for (uint32_t i = 0; i < p->nodes_n; i++) {
        if (stands_for(p, i) == i && !p->nodes[i].before)
            heap_add(p, heap, heap_n++, i);
    }
    while (heap_n) {
        uint32_t now = order[n++] = heap_take(p, heap, heap_n--);
        uint32_t both[2] = {now, p->nodes[now].merged};
        for (int i = 0; i < 2 && both[i] != NONE; i++) {
            for (uint32_t e = p->nodes[both[i]].below; e != NONE; e = p->edges[e].next) {
                uint32_t to = stands_for(p, p->edges[e].to);
                if (to != now && --p->nodes[to].before == 0)
                    heap_add(p, heap, heap_n++, to);
            }
        }
    }
    free(heap);
    return n;
}

/* Nodes that are not merged into another. */
static size_t rows_left(const planner *p)
{
    size_t left = 0;
    for (uint32_t n = 0; n < p->nodes_n; n++)
        left += stands_for(p, n) == n;
    return left;
}

/* ---- rows ---------------------------------------------------------------------------- */

bool puml_effect_shows(const puml_facts *f, const trace_event *e)
{
    switch ((int)e->kind) {
    case SIM_NOTE_ROLE:
    case SIM_NOTE_TERM:
    case SIM_NOTE_COMMIT:
    case SIM_NOTE_TRUNCATE:
    case SIM_NOTE_RESPONSE:
    case SIM_NOTE_CONFIG:
        return true;
    case SIM_NOTE_SNAPSHOT: /* that a piece came the arrow says */
        return strcmp(trace_text_of(e, "op"), "chunk") != 0;
    case SIM_NOTE_DISK:
        if (strcmp(trace_text_of(e, "op"), "submitted") == 0)
            return puml_write_waits(f, e);
        return strcmp(trace_text_of(e, "op"), "durable") != 0;
    default:
        return false;
    }
}

/* A write that somebody waited for and that is there now. */
static bool is_awaited(const puml_facts *f, const trace_event *e)
{
    if (e->kind != SIM_NOTE_DISK || strcmp(trace_text_of(e, "op"), "durable") != 0 ||
        !e->cause || e->cause >= e->seq)
        return false;
    const trace_event *submitted = &f->trace->events[e->cause - 1];
    return submitted->kind == SIM_NOTE_DISK && puml_write_waits(f, submitted);
}

static bool step_shows(const puml_facts *f, const puml_row *r)
{
    for (uint32_t i = 0; i < r->effects_n; i++) {
        if (puml_effect_shows(f, r->effects[i]))
            return true;
    }
    switch ((int)r->head->kind) {
    case SIM_NOTE_TIMER:
        return *trace_text_of(r->head, "ignored") != '\0';
    case SIM_NOTE_DISK:
        return puml_effect_shows(f, r->head) || is_awaited(f, r->head);
    case SIM_NOTE_COMMAND:
        return f->led_to[r->head->seq - 1] == 0;
    case SIM_NOTE_VOTE:
    case SIM_NOTE_APPEND:
    case SIM_NOTE_APPLY:
        return false;
    default:
        return true;
    }
}

bool puml_row_is_arrow(const puml_row *r)
{
    return r->kind == PUML_WHOLE || r->kind == PUML_LEAVES || r->kind == PUML_ARRIVES ||
           r->kind == PUML_LOST;
}

bool puml_row_is_campaign(const puml_row *r)
{
    for (uint32_t i = 0; r->kind == PUML_STEP && i < r->effects_n; i++) {
        if (r->effects[i]->kind == SIM_NOTE_TERM || r->effects[i]->kind == SIM_NOTE_ROLE)
            return true;
    }
    return false;
}

static puml_row row_of(const planner *p, const node *x)
{
    puml_row r = {.head = x->head,
                  .message = x->message,
                  .effects = p->effects ? p->effects + x->effects : NULL,
                  .effects_n = x->effects_n,
                  .at_us = x->head->at_us,
                  .fold = x->fold};
    bool merged = x->merged != NONE;
    switch ((int)x->head->kind) {
    case SIM_NOTE_SEND:
    case SIM_NOTE_DUPLICATE:
        r.kind = PUML_LEAVES;
        break;
    case SIM_NOTE_DELIVER:
        r.kind = merged ? PUML_WHOLE : PUML_ARRIVES;
        break;
    case SIM_NOTE_DROP:
        r.kind = PUML_LOST;
        r.late = !merged;
        break;
    default:
        r.kind = x->folded ? PUML_FOLDED : PUML_STEP;
        break;
    }
    return r;
}

static bool has_ends(const planner *p, const puml_row *r)
{
    const trace_event *send = r->message ? r->message->send : NULL;
    return send && puml_lane(p->facts, trace_text_of(send, "from")) >= 0 &&
           puml_lane(p->facts, trace_text_of(send, "to")) >= 0;
}

static bool row_shows(const planner *p, const puml_row *r)
{
    if (puml_row_is_arrow(r) && !has_ends(p, r))
        return false;
    if (r->kind == PUML_LEAVES && r->message->copy_of)
        return !r->message->end; /* a copy shows where it arrives */
    return r->kind != PUML_STEP || step_shows(p->facts, r);
}

/* An arrow stands for all the time from its send to its end: shows one that lets time run
 * forward from row to row. */
static void set_times(const puml_plan *plan)
{
    uint64_t next = UINT64_MAX;
    for (uint64_t i = plan->rows_n; i--;) {
        puml_row *r = &plan->rows[i];
        uint64_t earliest = r->at_us;
        if ((r->kind == PUML_WHOLE || r->kind == PUML_LOST) && r->message->born)
            earliest = r->message->born->at_us;
        if (r->at_us > next)
            r->at_us = next > earliest ? next : earliest;
        else if (r->kind == PUML_FOLDED && next != UINT64_MAX)
            r->at_us = next; /* they fill the time until then */
        next = r->at_us < next ? r->at_us : next;
    }
}

static bool same_fold(const puml_row *a, const puml_row *b)
{
    return a->kind == PUML_FOLDED && b->kind == PUML_FOLDED &&
           strcmp(a->fold.leader, b->fold.leader) == 0;
}

static void add_fold(puml_row *to, const puml_row *more)
{
    to->fold.sent += more->fold.sent;
    to->fold.acknowledged += more->fold.acknowledged;
    to->fold.cut += more->fold.cut;
    to->fold.lossy += more->fold.lossy;
    to->fold.crashed += more->fold.crashed;
    to->fold.replies_lost += more->fold.replies_lost;
    to->at_us = more->at_us;
}

/* Adds a row; a fold joins an equal one that only other folds part it from. */
static void add_row(puml_plan *plan, const puml_row *r)
{
    for (uint64_t i = plan->rows_n; i-- && plan->rows[i].kind == PUML_FOLDED;) {
        if (same_fold(&plan->rows[i], r)) {
            add_fold(&plan->rows[i], r);
            return;
        }
    }
    plan->rows[plan->rows_n++] = *r;
    plan->arrows += puml_row_is_arrow(r);
    plan->halves |= r->kind == PUML_LEAVES || r->kind == PUML_ARRIVES;
    plan->clients |= r->head->kind == SIM_NOTE_REQUEST || r->head->kind == SIM_NOTE_RESPONSE;
    for (uint32_t i = 0; i < r->effects_n; i++)
        plan->clients |= r->effects[i]->kind == SIM_NOTE_RESPONSE;
}

static puml_plan *make_rows(planner *p, const uint32_t *order, size_t n)
{
    puml_plan *plan = sim_alloc(sizeof *plan);
    plan->rows = sim_alloc((n + 1) * sizeof *plan->rows);
    for (size_t i = 0; i < n; i++) {
        puml_row r = row_of(p, &p->nodes[order[i]]);
        if (row_shows(p, &r))
            add_row(plan, &r);
    }
    plan->effects = p->effects;
    p->effects = NULL;
    set_times(plan);
    return plan;
}

/* ---- life ---------------------------------------------------------------------------- */

static void free_planner(planner *p)
{
    for (uint32_t i = 0; i < SIM_NODES_MAX; i++)
        free(p->lines[i].sends);
    free(p->nodes);
    free(p->edges);
    free(p->effects);
    free(p->send_of);
    free(p->stack);
}

puml_plan *puml_plan_new(puml_facts *f, const trace_puml_options *o, uint64_t first,
                         uint64_t last)
{
    planner p = {.facts = f, .options = o, .now = NONE, .cut = NONE};
    p.lines_n = f->trace->header.nodes_n;
    for (uint32_t i = 0; i < p.lines_n; i++)
        p.lines[i].last = p.lines[i].hard = NONE;
    p.send_of_n = (size_t)f->messages_n + 1;
    p.send_of = sim_alloc(p.send_of_n * sizeof *p.send_of);
    for (uint64_t i = first; i < last; i++)
        add_event(&p, &f->trace->events[i]);
    merge_all(&p);
    uint32_t *order = sim_alloc((p.nodes_n + 1) * sizeof *order);
    size_t n = sort(&p, order);
    assert(n == rows_left(&p)); /* fewer: merging closed a circle */
    puml_plan *plan = make_rows(&p, order, n);
    free(order);
    free_planner(&p);
    return plan;
}

void puml_plan_free(puml_plan *p)
{
    if (!p)
        return;
    free(p->rows);
    free(p->effects);
    free(p);
}
