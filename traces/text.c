/* text.c - a trace for people: one event on a line, the nodes as a table, the queue.
 *
 * Colour helps, it never says anything alone: a role stands there as a word, a changed
 * value has a star. */
#include "traces/shorthand.h"

#include <inttypes.h>
#include <string.h>

const trace_role_colour trace_role_colours[] = {
    {"follower", "#E3EAF2", "\033[36m"},  {"pre_candidate", "#FFEFC9", "\033[93m"},
    {"candidate", "#FFD98A", "\033[33m"}, {"leader", "#9FD8A8", "\033[32m"},
    {"learner", "#DCD0EC", "\033[35m"},   {NULL, NULL, NULL},
};

static const char dim[] = "\033[2m", bold[] = "\033[1m", red[] = "\033[31m",
                  plain[] = "\033[0m";

static const char *role_colour(const char *role)
{
    for (const trace_role_colour *c = trace_role_colours; c->role; c++) {
        if (strcmp(c->role, role) == 0)
            return c->ansi;
    }
    return "";
}

/* ---- one event ------------------------------------------------------------------------ */

enum { SEQ_COLUMNS = 7, TIME_COLUMNS = 12 };

/* Blanks until it is as wide as it should be; at least two. */
static void pad(sim_text *out, size_t from, size_t width)
{
    size_t have = sim_text_columns(out->at + from, out->len - from);
    do
        sim_text_char(out, ' ');
    while (++have < width);
}

static size_t name_columns(const trace *t)
{
    size_t most = 0;
    for (uint32_t i = 0; i < t->header.nodes_n; i++) {
        size_t n = sim_text_columns(t->header.nodes[i], strlen(t->header.nodes[i]));
        most = n > most ? n : most;
    }
    return most;
}

static const char *event_colour(const trace_event *e)
{
    if (e->kind == SIM_NOTE_ROLE)
        return role_colour(trace_text_of(e, "to"));
    if (e->kind == SIM_NOTE_SECTION || e->kind == SIM_NOTE_COMMAND)
        return bold;
    if (e->kind == SIM_NOTE_DROP || e->kind == SIM_NOTE_CRASH || e->kind == SIM_NOTE_VIOLATION)
        return red;
    if (e->kind == SIM_NOTE_EXPECT && strcmp(trace_text_of(e, "passed"), "yes") != 0)
        return red;
    return "";
}

/* The delta, where the event's own words do not say it. */
static void put_delta(const trace_event *e, sim_text *out)
{
    if (e->kind != SIM_NOTE_DELIVER && e->kind != SIM_NOTE_TIMER &&
        e->kind != SIM_NOTE_RESTART && e->kind != SIM_NOTE_SNAPSHOT)
        return;
    for (uint32_t i = 0; i < e->state_n; i++) {
        const trace_value *v = &e->state[i];
        sim_text_put(out, i ? ", " : " {");
        sim_text_put(out, v->name);
        sim_text_char(out, ' ');
        if (v->kind == TRACE_NUMBER)
            sim_text_u64(out, v->number);
        else
            sim_text_put(out, *v->text ? v->text : "nobody");
    }
    if (e->state_n)
        sim_text_char(out, '}');
}

void trace_event_line(const trace *t, const trace_event *e, bool colour, sim_text *out)
{
    const char *shade = colour ? event_colour(e) : "";
    if (colour)
        sim_text_put(out, dim);
    size_t from = out->len;
    sim_text_format(out, "#%" PRIu64, e->seq);
    pad(out, from, SEQ_COLUMNS);
    from = out->len;
    sim_text_us(out, e->at_us);
    pad(out, from, TIME_COLUMNS);
    if (colour)
        sim_text_put(out, plain);
    from = out->len;
    sim_text_put(out, *e->node ? e->node : "-");
    pad(out, from, name_columns(t) + 2);
    sim_text_put(out, shade);
    trace_event_words(t, e, out);
    put_delta(e, out);
    if (*shade)
        sim_text_put(out, plain);
}

/* ---- the table of nodes ------------------------------------------------------------------ */

enum { COLUMNS = 13 };
static const struct {
    const char *head;
    uint32_t bit;
} columns[COLUMNS] = {
    {"node", 0},
    {"role", SIM_STATE_ROLE},
    {"term", SIM_STATE_TERM},
    {"vote", SIM_STATE_VOTE},
    {"leader", SIM_STATE_LEADER},
    {"commit", SIM_STATE_COMMIT},
    {"applied", SIM_STATE_APPLIED},
    {"last", SIM_STATE_LAST},
    {"durable", SIM_STATE_DURABLE},
    {"config", SIM_STATE_CONFIG},
    {"snapshot", SIM_STATE_SNAPSHOT},
    {"is", 0},
    {"cut to", 0},
};

static void put_names(const trace *t, sim_set set, sim_text *out)
{
    const char *blank = "";
    for (sim_id id = 0; (id = sim_next(set, id)) && id <= t->header.nodes_n; blank = " ") {
        sim_text_put(out, blank);
        sim_text_put(out, t->header.nodes[id - 1]);
    }
}

/* At the start, when the trace does not say it, all nodes are members. */
static void put_config(const trace *t, const trace_node *n, sim_text *out)
{
    if (*n->config || t->header.members)
        sim_text_put(out, n->config);
    else
        put_names(t, sim_first_nodes(t->header.nodes_n), out);
}

/* What a node that is down does not have: it is gone with the process. */
static bool is_gone(const trace_node *n, int column)
{
    static const uint32_t kept = SIM_STATE_TERM | SIM_STATE_VOTE | SIM_STATE_LAST |
                                 SIM_STATE_DURABLE | SIM_STATE_CONFIG | SIM_STATE_SNAPSHOT;
    return n->crashed && (columns[column].bit & ~kept) != 0;
}

static void put_cell(const trace *t, const trace_node *n, int column, sim_text *out)
{
    static const char nobody[] = "-";
    if (is_gone(n, column)) {
        sim_text_put(out, nobody);
        return;
    }
    switch (column) {
    case 0:
        sim_text_put(out, n->name);
        break;
    case 1:
        sim_text_put(out, n->role);
        break;
    case 2:
        sim_text_u64(out, n->term);
        break;
    case 3:
        sim_text_put(out, *n->vote ? n->vote : nobody);
        break;
    case 4:
        sim_text_put(out, *n->leader ? n->leader : nobody);
        break;
    case 5:
        sim_text_u64(out, n->commit);
        break;
    case 6:
        sim_text_u64(out, n->applied);
        break;
    case 7:
        sim_text_format(out, "%" PRIu64 "@%" PRIu64, n->last_index, n->last_term);
        break;
    case 8:
        sim_text_u64(out, n->durable);
        break;
    case 9:
        put_config(t, n, out);
        break;
    case 10:
        if (n->snapshot_index)
            sim_text_format(out, "%" PRIu64 "@%" PRIu64, n->snapshot_index, n->snapshot_term);
        break;
    case 11:
        sim_text_put(out, n->crashed ? "crashed" : n->paused ? "paused" : "up");
        break;
    case 12:
        put_names(t, n->cut_to, out);
        break;
    }
    if (n->changed & columns[column].bit)
        sim_text_char(out, '*');
}

/* Whether each node has all nodes as members, as most have: then nothing is to be said. */
static bool all_are_members(const trace_model *m)
{
    uint32_t n;
    const trace *t = trace_model_trace(m);
    const trace_node *nodes = trace_model_nodes(m, &n);
    sim_text all = {0}, config = {0};
    bool are = true;
    put_names(t, sim_first_nodes(t->header.nodes_n), &all);
    for (uint32_t i = 0; i < n && are; i++) {
        sim_text_clear(&config);
        put_config(t, &nodes[i], &config);
        are = config.len == all.len && memcmp(config.at, all.at, all.len) == 0;
    }
    sim_text_free(&all);
    sim_text_free(&config);
    return are;
}

/* How wide each column is; 0: nothing is to be said in it, it is left out. */
static void measure(const trace_model *m, size_t width[COLUMNS])
{
    uint32_t n;
    const trace_node *nodes = trace_model_nodes(m, &n);
    sim_text cell = {0};
    for (int c = 0; c < COLUMNS; c++) {
        width[c] = 0;
        for (uint32_t i = 0; i < n; i++) {
            sim_text_clear(&cell);
            put_cell(trace_model_trace(m), &nodes[i], c, &cell);
            size_t w = cell.len ? sim_text_columns(cell.at, cell.len) : 0;
            width[c] = w > width[c] ? w : width[c];
        }
        if (columns[c].bit == SIM_STATE_CONFIG && all_are_members(m))
            width[c] = 0;
        if (width[c] && width[c] < strlen(columns[c].head))
            width[c] = strlen(columns[c].head);
    }
    sim_text_free(&cell);
}

static void put_blanks(sim_text *out, size_t n)
{
    while (n--)
        sim_text_char(out, ' ');
}

/* A cell with its colour around the text only, so that the blanks stay as they are. */
static void put_row_cell(const trace_model *m, const trace_node *n, int c, size_t blanks,
                         bool colour, sim_text *out)
{
    const char *shade = "";
    sim_text cell = {0};
    put_cell(trace_model_trace(m), n, c, &cell);
    if (colour && c == 1 && !n->crashed)
        shade = role_colour(n->role);
    if (colour && c == 11 && (n->crashed || n->paused))
        shade = red;
    put_blanks(out, blanks);
    if (colour && (n->changed & columns[c].bit))
        sim_text_put(out, bold);
    sim_text_put(out, shade);
    sim_text_add(out, cell.len ? cell.at : "", cell.len);
    if (colour && (*shade || (n->changed & columns[c].bit)))
        sim_text_put(out, plain);
    sim_text_free(&cell);
}

static size_t cell_columns(const trace_model *m, const trace_node *n, int c)
{
    sim_text cell = {0};
    put_cell(trace_model_trace(m), n, c, &cell);
    size_t w = cell.len ? sim_text_columns(cell.at, cell.len) : 0;
    sim_text_free(&cell);
    return w;
}

void trace_model_table(const trace_model *m, bool colour, sim_text *out)
{
    uint32_t n;
    size_t width[COLUMNS], blanks = 2;
    const trace_node *nodes = trace_model_nodes(m, &n);
    measure(m, width);
    for (int c = 0; c < COLUMNS; c++) {
        if (!width[c])
            continue;
        put_blanks(out, blanks);
        sim_text_put(out, columns[c].head);
        blanks = width[c] - strlen(columns[c].head) + 2;
    }
    sim_text_char(out, '\n');
    for (uint32_t i = 0; i < n; i++) {
        blanks = 2;
        for (int c = 0; c < COLUMNS; c++) {
            size_t w = width[c] ? cell_columns(m, &nodes[i], c) : 0;
            if (!width[c])
                continue;
            if (w)
                put_row_cell(m, &nodes[i], c, blanks, colour, out);
            blanks = w ? width[c] - w + 2 : blanks + width[c] + 2;
        }
        sim_text_char(out, '\n');
    }
}

/* ---- the queue ----------------------------------------------------------------------------
 */

static void put_brake(const trace_flying *f, bool colour, sim_text *out)
{
    sim_text_put(out, colour ? " \033[33m(" : " (");
    sim_text_put(out, f->until_us ? "delayed until " : "held");
    if (f->until_us)
        sim_text_us(out, f->until_us);
    sim_text_put(out, colour ? ")\033[0m" : ")");
}

void trace_model_queue_lines(const trace_model *m, bool colour, sim_text *out)
{
    uint32_t n;
    const trace_flying *queue = trace_model_queue(m, &n);
    for (uint32_t i = 0; i < n; i++) {
        const trace_event *send = queue[i].send;
        sim_text_format(out, "  #%-4" PRIu64 " %s -> %s  ", queue[i].id,
                        trace_text_of(send, "from"), trace_text_of(send, "to"));
        trace_message_words(send, out);
        if (queue[i].held)
            put_brake(&queue[i], colour, out);
        sim_text_char(out, '\n');
    }
    if (!n)
        sim_text_put(out, "  nothing is in flight\n");
}
