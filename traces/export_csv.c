/* export_csv.c - a trace as a table for spreadsheets and pandas: one row an event, and
 * behind it every node as it stands right after the event.
 *
 * Columns: seq, at_us, section, line, cause, kind, node; of an event about a message its
 * id, from, to, type and message_term; detail, which is the message's own fields or what
 * the event says in words; then for each node its role, term, commit, applied, last_index,
 * last_term, leader, vote, reachable and crashed, with its name before.
 *
 * reachable is yes when the node and a majority of the cluster, itself counted, have no cut
 * link between them in either direction.  It is about links: a node that is down says so
 * under crashed. */
#include "traces/export_csv.h"

#include "traces/out.h"
#include "traces/rules.h"
#include "traces/shorthand.h"

static void put_text_cell(trace_out *o, const char *s)
{
    trace_out_char(o, ',');
    trace_out_csv(o, s, strlen(s));
}

static void put_number_cell(trace_out *o, uint64_t v)
{
    trace_out_char(o, ',');
    trace_out_u64(o, v);
}

/* ---- the header ------------------------------------------------------------------------ */

static void put_heads(trace_out *o, const trace *t, const char *first)
{
    static const char *const event[] = {"at_us", "section", "line",         "cause",
                                        "kind",  "node",    "id",           "from",
                                        "to",    "type",    "message_term", "detail"};
    static const char *const node[] = {"role",       "term",      "commit", "applied",
                                       "last_index", "last_term", "leader", "vote",
                                       "reachable",  "crashed"};
    sim_text head = {0};
    trace_out_put(o, first);
    for (size_t i = 0; i < sizeof event / sizeof *event; i++)
        put_text_cell(o, event[i]);
    for (uint32_t n = 0; n < t->header.nodes_n; n++) {
        for (size_t i = 0; i < sizeof node / sizeof *node; i++) {
            sim_text_clear(&head);
            sim_text_format(&head, "%s_%s", t->header.nodes[n], node[i]);
            put_text_cell(o, head.at);
        }
    }
    trace_out_char(o, '\n');
    sim_text_free(&head);
}

/* ---- one event -------------------------------------------------------------------------- */

static void detail_value(sim_text *out, const trace_value *v)
{
    if (out->len)
        sim_text_put(out, "; ");
    sim_text_put(out, v->name);
    sim_text_char(out, ' ');
    if (v->kind == TRACE_NUMBER)
        sim_text_u64(out, v->number);
    else if (v->kind == TRACE_TEXT)
        sim_text_put(out, v->text);
    for (uint32_t i = 0; v->kind == TRACE_TEXTS && i < v->n; i++) {
        sim_text_put(out, i ? ", " : "");
        sim_text_put(out, v->texts[i]);
    }
}

static bool has_column(const char *name)
{
    static const char *const own_columns[] = {"id", "from", "to", "type", "term"};
    for (size_t c = 0; c < sizeof own_columns / sizeof *own_columns; c++) {
        if (name[0] == own_columns[c][0] && strcmp(name, own_columns[c]) == 0)
            return true;
    }
    return false;
}

/* A send's own fields; of what happens to a message later, why. */
static void message_detail(const trace_event *e, sim_text *out)
{
    for (uint32_t i = 0; i < e->values_n; i++) {
        if (!has_column(e->values[i].name))
            detail_value(out, &e->values[i]);
    }
}

static void put_message_cells(trace_out *o, const trace *t, const trace_event *e)
{
    const trace_event *send = trace_message(t, trace_number_of(e, "id"));
    put_number_cell(o, trace_number_of(e, "id"));
    put_text_cell(o, trace_text_of(e, "from"));
    put_text_cell(o, trace_text_of(e, "to"));
    put_text_cell(o, trace_text_of(e, "type"));
    put_number_cell(o, trace_number_of(send, "term"));
}

static void put_event_cells(trace_out *o, const trace *t, const trace_event *e,
                            sim_text *scratch)
{
    trace_out_u64(o, e->seq);
    put_number_cell(o, e->at_us);
    put_number_cell(o, e->section);
    put_number_cell(o, e->line);
    put_number_cell(o, e->cause);
    put_text_cell(o, sim_note_kind_name(e->kind));
    put_text_cell(o, e->node);
    sim_text_clear(scratch);
    if (trace_is_message(e->kind)) {
        put_message_cells(o, t, e);
        message_detail(e, scratch);
    } else {
        trace_out_put(o, ",,,,,");
        trace_event_words(t, e, scratch);
    }
    trace_out_char(o, ',');
    trace_out_csv(o, scratch->len ? scratch->at : "", scratch->len);
}

/* ---- the nodes --------------------------------------------------------------------------- */

static bool is_reachable(const trace_node *nodes, uint32_t n, uint32_t i)
{
    uint32_t with = 1;
    for (uint32_t k = 0; k < n; k++) {
        with += k != i && !sim_has(nodes[i].cut_to, (sim_id)(k + 1)) &&
                !sim_has(nodes[k].cut_to, (sim_id)(i + 1));
    }
    return with > n / 2;
}

static void add_word(sim_text *out, const char *s)
{
    sim_text_char(out, ',');
    sim_text_put(out, s); /* roles and names of nodes need no quotes */
}

static void add_number(sim_text *out, uint64_t v)
{
    sim_text_char(out, ',');
    sim_text_u64(out, v);
}

static void node_cells(const trace_node *nodes, uint32_t count, uint32_t i, sim_text *out)
{
    const trace_node *n = &nodes[i];
    sim_text_clear(out);
    add_word(out, n->role);
    add_number(out, n->term);
    add_number(out, n->commit);
    add_number(out, n->applied);
    add_number(out, n->last_index);
    add_number(out, n->last_term);
    add_word(out, n->leader);
    add_word(out, n->vote);
    add_word(out, is_reachable(nodes, count, i) ? "yes" : "no");
    add_word(out, n->crashed ? "yes" : "no");
}

/* The end of a row: the cells of all nodes, one behind the other.  An event changes those of
 * its own node, but for links, which change who reaches whom; so the text is kept from row to
 * row and mended. */
typedef struct tail {
    sim_text text, cells;
    size_t begin[SIM_NODES_MAX + 1]; /* of each node's cells in text, and the end */
} tail;

static void tail_mend(tail *t, const trace_node *nodes, uint32_t n, uint32_t i)
{
    node_cells(nodes, n, i, &t->cells);
    const size_t was = t->begin[i + 1] - t->begin[i], is = t->cells.len;
    const size_t behind = t->text.len - t->begin[i + 1];
    for (size_t k = was; k < is; k++)
        sim_text_char(&t->text, ' '); /* room */
    char *at = t->text.at + t->begin[i];
    memmove(at + is, at + was, behind);
    memcpy(at, t->cells.at, is);
    t->text.len = t->begin[i] + is + behind;
    for (uint32_t k = i + 1; is != was && k <= n; k++)
        t->begin[k] = t->begin[k] - was + is;
}

static void tail_take(tail *t, const trace *of, const trace_event *e, const trace_node *nodes,
                      uint32_t n)
{
    if (e->kind == SIM_NOTE_PARTITION || e->kind == SIM_NOTE_HEAL) {
        for (uint32_t i = 0; i < n; i++)
            tail_mend(t, nodes, n, i);
    } else if (e->state_n || e->kind == SIM_NOTE_CRASH || e->kind == SIM_NOTE_RESTART ||
               e->kind == SIM_NOTE_DISK) {
        const int i = *e->node ? trace_node_index(&of->header, e->node, strlen(e->node)) : -1;
        if (i >= 0)
            tail_mend(t, nodes, n, (uint32_t)i);
    }
}

bool trace_csv(const trace *t, trace_sink sink, const char *first, trace_csv_wanted *wanted)
{
    trace_out *o = trace_out_new(sink);
    trace_model *m = trace_model_new(t);
    sim_text scratch = {0};
    tail rest = {0};
    uint32_t n;
    const trace_node *nodes = trace_model_nodes(m, &n);
    put_heads(o, t, first);
    for (uint32_t i = 0; i < n; i++)
        tail_mend(&rest, nodes, n, i);
    for (uint64_t i = 0; i < t->events_n && !o->failed; i++) {
        const trace_event *e = &t->events[i];
        (void)trace_model_step(m);
        tail_take(&rest, t, e, nodes, n);
        if (wanted && !wanted(t, e))
            continue;
        put_event_cells(o, t, e, &scratch);
        trace_out_bytes(o, rest.text.at, rest.text.len);
        trace_out_char(o, '\n');
    }
    bool fine = trace_out_flush(o);
    sim_text_free(&scratch);
    sim_text_free(&rest.text);
    sim_text_free(&rest.cells);
    trace_model_free(m);
    trace_out_free(o);
    return fine;
}

bool trace_export_csv(const trace *t, trace_sink sink)
{
    return trace_csv(t, sink, "seq", NULL);
}
