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

/* A send's own fields; of what happens to a message later, why. */
static void message_detail(const trace_event *e, sim_text *out)
{
    static const char *const own_columns[] = {"id", "from", "to", "type", "term"};
    for (uint32_t i = 0; i < e->values_n; i++) {
        bool shown = false;
        for (size_t c = 0; c < sizeof own_columns / sizeof *own_columns; c++)
            shown |= strcmp(e->values[i].name, own_columns[c]) == 0;
        if (!shown)
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

static void put_node_cells(trace_out *o, const trace_node *nodes, uint32_t count, uint32_t i)
{
    const trace_node *n = &nodes[i];
    put_text_cell(o, n->role);
    put_number_cell(o, n->term);
    put_number_cell(o, n->commit);
    put_number_cell(o, n->applied);
    put_number_cell(o, n->last_index);
    put_number_cell(o, n->last_term);
    put_text_cell(o, n->leader);
    put_text_cell(o, n->vote);
    put_text_cell(o, is_reachable(nodes, count, i) ? "yes" : "no");
    put_text_cell(o, n->crashed ? "yes" : "no");
}

bool trace_csv(const trace *t, trace_sink sink, const char *first, trace_csv_wanted *wanted)
{
    trace_out *o = trace_out_new(sink);
    trace_model *m = trace_model_new(t);
    sim_text scratch = {0};
    uint32_t n;
    const trace_node *nodes = trace_model_nodes(m, &n);
    put_heads(o, t, first);
    for (uint64_t i = 0; i < t->events_n && !o->failed; i++) {
        (void)trace_model_step(m);
        if (wanted && !wanted(t, &t->events[i]))
            continue;
        put_event_cells(o, t, &t->events[i], &scratch);
        for (uint32_t k = 0; k < n; k++)
            put_node_cells(o, nodes, n, k);
        trace_out_char(o, '\n');
    }
    bool fine = trace_out_flush(o);
    sim_text_free(&scratch);
    trace_model_free(m);
    trace_out_free(o);
    return fine;
}

bool trace_export_csv(const trace *t, trace_sink sink)
{
    return trace_csv(t, sink, "seq", NULL);
}
