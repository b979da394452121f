/* export_puml_draw.c - one row of a plan as lines of PlantUML.
 *
 * The lifeline of a node that runs is a bar; a second bar inside it is its role, unless it
 * is a follower.  PlantUML 1.2020.2 lets a message open or close one bar of a node, and
 * nothing be opened or closed between "..." and the next message; where no drawn message
 * can carry the mark, an invisible one does. */
#include "traces/export_puml.h"

#include "traces/record.h"

#include <inttypes.h>
#include <string.h>

/* ---- nodes ---------------------------------------------------------------------------- */

void puml_alias(const puml_pen *p, sim_text *out, int lane)
{
    const char *name = p->facts->trace->header.nodes[lane];
    size_t digits = name[0] == 'n' ? strspn(name + 1, "0123456789") : 0;
    if (digits && digits < 4 && !name[1 + digits])
        sim_text_put(out, name);
    else
        sim_text_format(out, "p%d", lane + 1);
}

static int lane_of(const puml_pen *p, const char *name)
{
    return puml_lane(p->facts, name);
}

static void put_lane(puml_pen *p, int lane)
{
    puml_alias(p, p->out, lane);
}

static int role_place(const char *role)
{
    for (int i = 0; trace_role_colours[i].role; i++) {
        if (strcmp(trace_role_colours[i].role, role) == 0)
            return i;
    }
    return 0;
}

const char *puml_fill(const char *role)
{
    return trace_role_colours[role_place(role)].fill;
}

void puml_role_seen(puml_pen *p, const char *role)
{
    p->roles |= 1u << role_place(role);
}

static bool has_bar(const char *role)
{
    return strcmp(role, "follower") != 0;
}

static void put_role(puml_pen *p, const char *role)
{
    sim_text_put(p->out, "<b>");
    puml_text(p->out, strcmp(role, "pre_candidate") == 0 ? "pre-candidate" : role,
              PUML_NAME_MAX);
    sim_text_put(p->out, "</b>");
}

/* ---- messages ---------------------------------------------------------------------------- */

static void drew_message(puml_pen *p)
{
    p->can_close = true;
    p->touched = 0;
}

/* The colon, and the moment when it is not the one that was written last. */
static void start_label(puml_pen *p, const puml_row *r)
{
    sim_text now = {0};
    puml_ms(&now, r->at_us, p->tenths);
    sim_text_put(p->out, " : ");
    if (!p->shown.at || strcmp(p->shown.at, now.at) != 0) {
        sim_text_format(p->out, "<size:10><color:" PUML_DIM ">%s</color></size> ", now.at);
        sim_text_clear(&p->shown);
        sim_text_put(&p->shown, now.at);
    }
    sim_text_free(&now);
}

/* A self-message of a lane; mark is "", " ++ #9FD8A8", " --", " !!". */
static void start_self(puml_pen *p, const puml_row *r, int lane, const char *colour,
                       const char *mark)
{
    put_lane(p, lane);
    sim_text_format(p->out, " -[%s]> ", colour);
    put_lane(p, lane);
    sim_text_put(p->out, mark);
    start_label(p, r);
    drew_message(p);
    if (*mark)
        p->touched |= sim_one((sim_id)(lane + 1));
}

static void close_bar(puml_pen *p, int lane)
{
    if (!p->lanes[lane].bar)
        return;
    p->lanes[lane].bar = false;
    sim_set one = sim_one((sim_id)(lane + 1));
    if (p->can_close && !(p->touched & one)) {
        sim_text_put(p->out, "deactivate ");
        put_lane(p, lane);
    } else {
        put_lane(p, lane);
        sim_text_put(p->out, " -[hidden]> ");
        put_lane(p, lane);
        sim_text_put(p->out, " --");
        drew_message(p);
    }
    p->touched |= one;
    sim_text_char(p->out, '\n');
}

/* ---- boxes and notes ------------------------------------------------------------------------
 */

static void start_box(puml_pen *p, const char *shape, int lane, const char *colour)
{
    uint32_t nodes = p->facts->trace->header.nodes_n;
    sim_text_format(p->out, "%s over ", shape);
    put_lane(p, lane >= 0 ? lane : 0);
    if (lane < 0 && nodes > 1) {
        sim_text_put(p->out, ", ");
        put_lane(p, (int)nodes - 1);
    }
    sim_text_format(p->out, " %s : ", colour);
    p->can_close = false;
}

void puml_across(puml_pen *p, const char *shape, const char *colour, const char *text)
{
    start_box(p, shape, -1, colour);
    sim_text_put(p->out, text);
    sim_text_char(p->out, '\n');
}

/* ---- links ----------------------------------------------------------------------------------
 */

static bool is_cut(const trace_node *nodes, uint32_t a, uint32_t b)
{
    return sim_has(nodes[a].cut_to, (sim_id)(b + 1));
}

/* The nodes that a can talk to both ways, with itself. */
static sim_set group_of(const trace_node *nodes, uint32_t n, uint32_t a)
{
    sim_set set = 0;
    for (uint32_t b = 0; b < n; b++) {
        if (a == b || (!is_cut(nodes, a, b) && !is_cut(nodes, b, a)))
            set |= sim_one((sim_id)(b + 1));
    }
    return set;
}

/* Whether the cuts are a partition: groups, whole inside, nothing between them. */
static bool is_partition(const trace_node *nodes, uint32_t n)
{
    for (uint32_t a = 0; a < n; a++) {
        sim_set group = group_of(nodes, n, a);
        for (uint32_t b = 0; b < n; b++) {
            if (sim_has(group, (sim_id)(b + 1)) ? group_of(nodes, n, b) != group
                                                : is_cut(nodes, a, b) != is_cut(nodes, b, a))
                return false;
        }
    }
    return true;
}

static void put_name(sim_text *out, const trace_node *n)
{
    puml_text(out, n->name, PUML_NAME_MAX);
}

static void put_groups(sim_text *out, const trace_node *nodes, uint32_t n)
{
    sim_set done = 0;
    for (uint32_t a = 0; a < n; a++) {
        if (sim_has(done, (sim_id)(a + 1)))
            continue;
        sim_set group = group_of(nodes, n, a);
        const char *between = done ? " | " : "";
        for (sim_id id = 0; (id = sim_next(group, id)); between = " ") {
            sim_text_put(out, between);
            put_name(out, &nodes[id - 1]);
        }
        done |= group;
    }
}

static void put_arrows(sim_text *out, const trace_node *nodes, uint32_t n)
{
    enum { SHOWN = 6 };
    uint32_t shown = 0;
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = 0; b < n; b++) {
            bool back = is_cut(nodes, b, a);
            if (a == b || !is_cut(nodes, a, b) || (back && b < a))
                continue;
            if (shown++ == SHOWN) {
                sim_text_put(out, ", …");
                return;
            }
            sim_text_put(out, shown > 1 ? ", " : "");
            put_name(out, &nodes[a]);
            sim_text_put(out, back ? " <U+003C>-> " : " -> ");
            put_name(out, &nodes[b]);
        }
    }
}

void puml_links(const puml_pen *p, sim_text *out)
{
    uint32_t n;
    const trace_node *nodes = trace_model_nodes(p->model, &n);
    sim_set any = 0;
    for (uint32_t i = 0; i < n; i++)
        any |= nodes[i].cut_to;
    sim_text_put(out, "");
    if (any && is_partition(nodes, n))
        put_groups(out, nodes, n);
    else if (any)
        put_arrows(out, nodes, n);
}

void puml_box_open(puml_pen *p, const char *behind)
{
    if (p->links.len)
        sim_text_format(p->out, "group %s [%s]%s\n",
                        strchr(p->links.at, '|') ? "partition" : "cut", p->links.at, behind);
}

void puml_box_close(puml_pen *p)
{
    if (p->links.len)
        sim_text_put(p->out, "end\n");
}

static void start_divider(puml_pen *p)
{
    sim_text_put(p->out, "== ");
    p->can_close = false;
}

static void draw_links(puml_pen *p, const puml_row *r)
{
    sim_text now = {0};
    trace_model_seek(p->model, r->head->seq);
    puml_links(p, &now);
    if (p->links.len && now.len) {
        sim_text_format(p->out, "else %s\n", now.at);
    } else if (now.len) {
        sim_text_put(&p->links, now.at);
        puml_box_open(p, "");
        sim_text_clear(&p->links);
    } else {
        puml_box_close(p);
        start_divider(p);
        sim_text_put(p->out, r->head->kind == SIM_NOTE_HEAL ? "heal" : "partition");
        const char *links = trace_text_of(r->head, "links");
        if (strcmp(links, "all") != 0) {
            sim_text_char(p->out, ' ');
            puml_text(p->out, links, PUML_LINE_MAX);
        }
        sim_text_put(p->out, " ==\n");
    }
    p->can_close = false;
    sim_text_clear(&p->links);
    sim_text_put(&p->links, now.at);
    sim_text_free(&now);
}

/* ---- what a step led to
 * ------------------------------------------------------------------------ */

typedef struct change { /* of role and term in one step */
    const trace_event *role_first, *role_last, *term_first, *term_last, *append;
} change;

static change change_of(const puml_row *r)
{
    change c = {0};
    for (uint32_t i = 0; i < r->effects_n; i++) {
        const trace_event *e = r->effects[i];
        if (e->kind == SIM_NOTE_ROLE) {
            c.role_first = c.role_first ? c.role_first : e;
            c.role_last = e;
        } else if (e->kind == SIM_NOTE_TERM) {
            c.term_first = c.term_first ? c.term_first : e;
            c.term_last = e;
        } else if (e->kind == SIM_NOTE_APPEND) {
            c.append = e;
        }
    }
    if (r->head->kind == SIM_NOTE_ROLE && !c.role_first)
        c.role_first = c.role_last = r->head;
    if (r->head->kind == SIM_NOTE_TERM && !c.term_first)
        c.term_first = c.term_last = r->head;
    return c;
}

static void put_terms(puml_pen *p, const change *c)
{
    sim_text_format(p->out, "T%" PRIu64 " → T%" PRIu64, trace_number_of(c->term_first, "from"),
                    trace_number_of(c->term_last, "to"));
}

/* The entry that a step appended on its own account: "1@1". */
static void put_append(puml_label *l, const change *c)
{
    const trace_value *entries = c->append ? trace_value_of(c->append, "entries") : NULL;
    if (!entries || !entries->n)
        return;
    size_t len = strcspn(entries->texts[0], " ");
    puml_small(l, "appends %.*s", (int)(len < 44 ? len : 44), entries->texts[0]);
    const char *kind = entries->texts[0] + len;
    if (strncmp(kind, " noop", 5) == 0)
        sim_text_put(l->out, " no-op");
}

/* Rises to a role that has a bar, or to none: an arrow from the node to itself. */
static void draw_rise(puml_pen *p, const puml_row *r, int lane, const change *c)
{
    puml_lane_state *s = &p->lanes[lane];
    const char *to = trace_text_of(c->role_last, "to");
    bool same = s->bar && strcmp(puml_fill(s->role), puml_fill(to)) == 0;
    bool falls = !has_bar(to);
    char mark[32] = "";
    if (falls && s->bar) {
        strcpy(mark, " --");
        s->bar = false;
    } else if (!falls && !same) {
        close_bar(p, lane);
        snprintf(mark, sizeof mark, " ++ %s", puml_fill(to));
        s->bar = true;
    }
    bool leads = strcmp(to, "leader") == 0;
    start_self(p, r, lane, leads ? PUML_ELECTED : falls ? PUML_OTHER : PUML_TIMEOUT, mark);
    puml_text(p->out, trace_text_of(c->role_last, "why"), PUML_TEXT_MAX);
    for (uint32_t i = 0; i < r->effects_n; i++) {
        if (r->effects[i]->kind != SIM_NOTE_ROLE)
            continue;
        sim_text_put(p->out, " → ");
        put_role(p, trace_text_of(r->effects[i], "to"));
        puml_role_seen(p, trace_text_of(r->effects[i], "to"));
    }
    if (r->head == c->role_last) {
        sim_text_put(p->out, " → ");
        put_role(p, to);
    }
    sim_text_format(p->out, " T%" PRIu64, s->term);
    puml_label l = {p->out, false};
    if (leads)
        put_append(&l, c);
    puml_label_end(&l);
}

/* Falls back to follower because of a message: the bar ends where it arrived. */
static void draw_fall(puml_pen *p, int lane, const change *c)
{
    close_bar(p, lane);
    start_box(p, "rnote", lane, puml_fill("follower"));
    if (c->term_first) {
        put_terms(p, c);
        sim_text_put(p->out, ", ");
    }
    put_role(p, trace_text_of(c->role_last, "to"));
    puml_label l = {p->out, false};
    puml_small_text(&l, "", trace_text_of(c->role_last, "why"));
    puml_label_end(&l);
}

static void draw_change(puml_pen *p, const puml_row *r)
{
    change c = change_of(r);
    int lane = c.role_last   ? lane_of(p, c.role_last->node)
               : c.term_last ? lane_of(p, c.term_last->node)
                             : -1;
    if (lane < 0)
        return;
    if (c.term_last)
        p->lanes[lane].term = trace_number_of(c.term_last, "to");
    if (c.role_last) {
        const char *to = trace_text_of(c.role_last, "to");
        if (!has_bar(to) && puml_row_is_arrow(r))
            draw_fall(p, lane, &c);
        else
            draw_rise(p, r, lane, &c);
        p->lanes[lane].role = to;
        puml_role_seen(p, to);
    } else if (r->head->kind == SIM_NOTE_TIMER || r->head->kind == SIM_NOTE_COMMAND) {
        start_self(p, r, lane, PUML_TIMEOUT, ""); /* the same role in another term */
        puml_text(p->out,
                  r->head->kind == SIM_NOTE_TIMER ? "election timeout"
                                                  : trace_text_of(r->head, "text"),
                  PUML_TEXT_MAX);
        sim_text_put(p->out, " → ");
        put_role(p, p->lanes[lane].role);
        sim_text_format(p->out, " T%" PRIu64 "\n", trace_number_of(c.term_last, "to"));
    } else if (!puml_row_is_arrow(r)) {
        start_box(p, "rnote", lane, puml_fill("follower"));
        put_terms(p, &c);
        sim_text_char(p->out, '\n');
    }
}

static void draw_commit(puml_pen *p, const trace_event *e)
{
    int lane = lane_of(p, e->node);
    if (lane < 0)
        return;
    start_box(p, "hnote", lane, puml_fill(p->lanes[lane].role));
    sim_text_format(p->out, "commit %" PRIu64 "→%" PRIu64 "\n", trace_number_of(e, "from"),
                    trace_number_of(e, "to"));
}

static void draw_truncate(puml_pen *p, const trace_event *e)
{
    uint64_t from = trace_number_of(e, "index"), n = trace_number_of(e, "count");
    start_box(p, "rnote", lane_of(p, e->node), PUML_BAD_BOX);
    if (n <= 1)
        sim_text_format(p->out, "drops entry %" PRIu64 "\n", from);
    else
        sim_text_format(p->out, "drops entries %" PRIu64 "..%" PRIu64 "\n", from, from + n - 1);
}

static void draw_disk(puml_pen *p, const trace_event *e)
{
    static const struct {
        const char *op, *words;
        bool bad;
    } table[] = {
        {"submitted", "waits for the disk: ", false},
        {"durable", "on disk: ", false},
        {"lost", "never reached the disk, lost: ", true},
        {"failed", "the disk failed: ", true},
        {"torn", "half written: ", true},
        {"discarded", "half an entry found, cut off: ", true},
        {"corrupt", "a bad entry found, cut off: ", true},
    };
    const char *op = trace_text_of(e, "op");
    size_t at = 0;
    while (at < sizeof table / sizeof *table && strcmp(table[at].op, op) != 0)
        at++;
    bool known = at < sizeof table / sizeof *table;
    start_box(p, "rnote", lane_of(p, e->node),
              known && !table[at].bad ? PUML_QUIET : PUML_BAD_BOX);
    if (known) {
        sim_text_put(p->out, table[at].words);
    } else {
        puml_text(p->out, op, PUML_NAME_MAX);
        sim_text_put(p->out, ": ");
    }
    puml_write_words(p->out, e);
    sim_text_char(p->out, '\n');
}

static void put_answer(puml_pen *p, puml_label *l, const trace_event *e)
{
    const char *status = trace_text_of(e, "status"), *answer = trace_text_of(e, "answer");
    bool good = strcmp(status, "ok") == 0;
    sim_text_format(p->out, "<color:%s><b>", good ? PUML_CLIENT : PUML_BAD);
    puml_text(p->out, status, PUML_NAME_MAX);
    sim_text_put(p->out, "</b></color>");
    if (*trace_text_of(e, "leader")) {
        sim_text_put(p->out, " to ");
        puml_text(p->out, trace_text_of(e, "leader"), PUML_NAME_MAX);
    } else if (*answer && good) {
        sim_text_char(p->out, ' ');
        puml_text(p->out, answer, PUML_LINE_MAX);
    }
    if (*trace_text_of(e, "name"))
        puml_small_text(l, "", trace_text_of(e, "name"));
    if (*answer && !good)
        puml_small_text(l, "", answer);
}

static void draw_response(puml_pen *p, const puml_row *r, const trace_event *e)
{
    int lane = lane_of(p, e->node);
    puml_label l = {p->out, false};
    if (lane < 0 || p->lanes[lane].crashed) {
        sim_text_put(p->out, "rnote over client " PUML_BAD_BOX " : ");
        p->can_close = false;
    } else {
        bool good = strcmp(trace_text_of(e, "status"), "ok") == 0;
        put_lane(p, lane);
        sim_text_format(p->out, " -[%s]-> client", good ? PUML_CLIENT : PUML_BAD);
        start_label(p, r);
        drew_message(p);
    }
    put_answer(p, &l, e);
    puml_label_end(&l);
}

static void draw_effect(puml_pen *p, const puml_row *r, const trace_event *e)
{
    switch ((int)e->kind) {
    case SIM_NOTE_COMMIT:
        draw_commit(p, e);
        break;
    case SIM_NOTE_TRUNCATE:
        draw_truncate(p, e);
        break;
    case SIM_NOTE_DISK:
        draw_disk(p, e);
        break;
    case SIM_NOTE_RESPONSE:
        draw_response(p, r, e);
        break;
    case SIM_NOTE_SNAPSHOT:
    case SIM_NOTE_CONFIG:
        start_box(p, "rnote", lane_of(p, e->node), PUML_QUIET);
        sim_text_format(p->out, "%s\n", sim_note_kind_name(e->kind));
        break;
    default:
        break;
    }
}

static void draw_effects(puml_pen *p, const puml_row *r)
{
    draw_change(p, r);
    for (uint32_t i = 0; i < r->effects_n; i++) {
        if (puml_effect_shows(p->facts, r->effects[i]))
            draw_effect(p, r, r->effects[i]);
    }
}

/* ---- messages as arrows
 * ------------------------------------------------------------------------- */

static bool is_forged(const puml_row *r)
{
    return *trace_text_of(r->message->send, "forged") != '\0';
}

static void drop_reason(puml_label *l, const puml_row *r)
{
    const char *reason = trace_text_of(r->head, "reason");
    if (strcmp(reason, "cut") == 0)
        puml_small(l, "lost, link cut");
    else if (strcmp(reason, "lossy") == 0)
        puml_small(l, "lost by the network");
    else if (strcmp(reason, "script") == 0)
        puml_small(l, "dropped by the script");
    else if (strcmp(reason, "crashed") == 0)
        puml_small(l, "node down");
    else if (strcmp(reason, "corrupt") == 0)
        puml_small(l, "damaged, refused by its checksum");
    else
        puml_small_text(l, "", reason);
}

static void leaving_words(puml_label *l, const puml_message *m)
{
    if (m->hold && trace_value_of(m->hold, "due"))
        puml_small(l, "delayed");
    else if (m->hold)
        puml_small(l, "held");
    if (!m->end)
        puml_small(l, "still in flight at the end");
    else if (m->end->section != m->born->section)
        puml_small(l, "in flight until section %" PRIu32, m->end->section);
    else if (!m->hold)
        puml_small(l, "arrives below");
}

static void arriving_words(puml_pen *p, puml_label *l, const puml_row *r)
{
    const puml_message *m = r->message;
    if (m->born->section != r->head->section)
        puml_small(l, "sent in section %" PRIu32, m->born->section);
    else
        puml_small(l, "sent above");
    uint64_t took = r->head->at_us - m->born->at_us;
    if (took >= 1000) {
        puml_small(l, "after ");
        puml_ms(p->out, took, false);
        sim_text_put(p->out, " ms");
    }
}

static void put_marks(puml_label *l, const puml_row *r)
{
    if (is_forged(r))
        puml_small(l, "forged by the script");
    if (r->message->copy_of)
        puml_small(l, "copy of <U+0023>%" PRIu64, r->message->copy_of);
}

static void put_arrival(puml_pen *p, puml_label *l, const puml_row *r)
{
    if (r->kind != PUML_WHOLE && r->kind != PUML_ARRIVES)
        return;
    change c = change_of(r);
    if (c.term_last && !c.role_last) {
        puml_small(l, "%s", "");
        puml_text(p->out, c.term_last->node, PUML_NAME_MAX);
        sim_text_char(p->out, ' ');
        put_terms(p, &c);
    }
    if (*trace_text_of(r->head, "ignored"))
        puml_small_text(l, "ignored: ", trace_text_of(r->head, "ignored"));
}

/* An arrow that leaves to nowhere, or comes from there, on the side of the other node. */
static void put_half(puml_pen *p, const puml_row *r, int near, int far, const char *colour)
{
    bool right = far > near, leaves = r->kind == PUML_LEAVES;
    const char *dash = puml_is_reply(r->message->send) ? "-" : "";
    if (right)
        put_lane(p, near);
    else
        sim_text_char(p->out, '?');
    if (right == leaves)
        sim_text_format(p->out, right ? " -[%s]%s>" : "-[%s]%s> ", colour, dash);
    else
        sim_text_format(p->out, right ? " <%s[%s]-" : "<%s[%s]- ", dash, colour);
    if (right)
        sim_text_char(p->out, '?');
    else
        put_lane(p, near);
}

/* From, arrow and to, as far as the row shows them. */
static void put_ends(puml_pen *p, const puml_row *r, const char *colour)
{
    const puml_message *m = r->message;
    int from = lane_of(p, trace_text_of(m->send, "from"));
    int to = lane_of(p, trace_text_of(m->send, "to"));
    if (r->kind == PUML_LEAVES || r->kind == PUML_ARRIVES) {
        bool leaves = r->kind == PUML_LEAVES;
        put_half(p, r, leaves ? from : to, leaves ? to : from, colour);
        return;
    }
    put_lane(p, from);
    sim_text_format(p->out, " -[%s]%s>", colour, puml_is_reply(m->send) ? "-" : "");
    sim_text_put(p->out, r->kind == PUML_LOST ? "x " : is_forged(r) ? "o " : " ");
    put_lane(p, to);
}

static void draw_message(puml_pen *p, const puml_row *r)
{
    const puml_message *m = r->message;
    bool split = r->kind == PUML_LEAVES || r->kind == PUML_ARRIVES || r->late;
    const char *colour = r->kind == PUML_LOST ? PUML_BAD
                         : is_forged(r)       ? PUML_FORGED
                                              : puml_message_colour(m->send);
    put_ends(p, r, colour);
    start_label(p, r);
    drew_message(p);
    puml_label l = {p->out, false};
    puml_message_label(&l, m, colour, split || m->copy_of || m->duplicated || is_forged(r));
    put_marks(&l, r);
    if (r->kind == PUML_LOST)
        drop_reason(&l, r);
    if (r->kind == PUML_LEAVES)
        leaving_words(&l, m);
    if (r->kind == PUML_ARRIVES || r->late)
        arriving_words(p, &l, r);
    put_arrival(p, &l, r);
    puml_label_end(&l);
    p->lost |= r->kind == PUML_LOST;
    p->split |= split && r->kind != PUML_LOST;
    p->forged |= is_forged(r);
    draw_effects(p, r);
}

/* ---- steps
 * ------------------------------------------------------------------------------------ */

static void draw_crash(puml_pen *p, const puml_row *r, int lane)
{
    puml_lane_state *s = &p->lanes[lane];
    close_bar(p, lane);
    start_self(p, r, lane, PUML_BAD, s->crashed ? "" : " !!");
    sim_text_put(p->out, "<color:" PUML_BAD "><b>crash</b></color>");
    puml_label l = {p->out, false};
    if (*trace_text_of(r->head, "how"))
        puml_small_text(&l, "", trace_text_of(r->head, "how"));
    puml_label_end(&l);
    *s = (puml_lane_state){.role = "follower", .term = s->term, .crashed = true};
}

static void draw_restart(puml_pen *p, const puml_row *r, int lane)
{
    puml_lane_state *s = &p->lanes[lane];
    const trace_value *term = trace_state_of(r->head, "term");
    const trace_value *last = trace_state_of(r->head, "last");
    put_lane(p, lane);
    sim_text_put(p->out, " ->o ");
    put_lane(p, lane);
    if (s->crashed)
        sim_text_format(p->out, " ++ %s", puml_fill("follower"));
    start_label(p, r);
    drew_message(p);
    p->touched |= sim_one((sim_id)(lane + 1));
    sim_text_put(p->out, "<b>restart</b>");
    if (term)
        sim_text_format(p->out, " T%" PRIu64, term->number);
    puml_label l = {p->out, false};
    if (*trace_text_of(r->head, "how"))
        puml_small_text(&l, "", trace_text_of(r->head, "how"));
    if (last && last->text)
        puml_small_text(&l, "log to ", last->text);
    puml_label_end(&l);
    *s = (puml_lane_state){.role = "follower", .term = term ? term->number : 0};
}

static void draw_request(puml_pen *p, const puml_row *r, int lane)
{
    change c = change_of(r);
    sim_text_put(p->out, "client -[" PUML_CLIENT "]> ");
    put_lane(p, lane);
    start_label(p, r);
    drew_message(p);
    sim_text_put(p->out, "<color:" PUML_CLIENT "><b>");
    puml_text(p->out, trace_text_of(r->head, "command"), PUML_LINE_MAX);
    sim_text_put(p->out, "</b></color>");
    puml_label l = {p->out, false};
    if (*trace_text_of(r->head, "name"))
        puml_small_text(&l, "", trace_text_of(r->head, "name"));
    put_append(&l, &c);
    puml_label_end(&l);
}

static void draw_expect(puml_pen *p, const trace_event *e)
{
    start_box(p, "note", -1, PUML_BAD_BOX);
    sim_text_put(p->out, "<color:" PUML_BAD "><b>✗ expected</b></color> ");
    puml_lines(p->out, trace_text_of(e, "condition"), PUML_TEXT_MAX, PUML_LINE_MAX);
    sim_text_put(p->out, "\\n<color:" PUML_BAD "><b>but</b></color> ");
    puml_lines(p->out, trace_text_of(e, "actual"), PUML_TEXT_MAX, PUML_LINE_MAX);
    sim_text_char(p->out, '\n');
}

static void draw_violation(puml_pen *p, const trace_event *e)
{
    static const char *const facts[] = {"one", "other"};
    start_box(p, "note", -1, PUML_BAD_BOX);
    sim_text_put(p->out, "<color:" PUML_BAD "><b>✗ ");
    puml_text(p->out, trace_text_of(e, "invariant"), PUML_TEXT_MAX);
    sim_text_put(p->out, " is violated</b></color>");
    if (*trace_text_of(e, "cite")) {
        sim_text_put(p->out, " (");
        puml_text(p->out, trace_text_of(e, "cite"), PUML_LINE_MAX);
        sim_text_char(p->out, ')');
    }
    for (size_t i = 0; i < 2; i++) {
        if (!*trace_text_of(e, facts[i]))
            continue;
        sim_text_put(p->out, "\\n");
        puml_lines(p->out, trace_text_of(e, facts[i]), PUML_TEXT_MAX, PUML_LINE_MAX);
    }
    sim_text_char(p->out, '\n');
}

static void draw_timer(puml_pen *p, const puml_row *r, int lane)
{
    if (!*trace_text_of(r->head, "ignored"))
        return;
    start_box(p, "rnote", lane, PUML_QUIET);
    puml_text(p->out, trace_text_of(r->head, "timer"), PUML_NAME_MAX);
    sim_text_put(p->out, " timeout ignored: ");
    puml_text(p->out, trace_text_of(r->head, "ignored"), PUML_LINE_MAX);
    sim_text_char(p->out, '\n');
}

static void draw_words(puml_pen *p, int lane, const char *shape, const char *colour,
                       const char *text)
{
    start_box(p, shape, lane, colour);
    puml_lines(p->out, text, 3 * PUML_TEXT_MAX, PUML_LINE_MAX);
    sim_text_char(p->out, '\n');
}

/* A step on a node: what it began with. */
static void draw_on_lane(puml_pen *p, const puml_row *r, int lane)
{
    switch ((int)r->head->kind) {
    case SIM_NOTE_TIMER:
        draw_timer(p, r, lane);
        break;
    case SIM_NOTE_CRASH:
        draw_crash(p, r, lane);
        break;
    case SIM_NOTE_RESTART:
        draw_restart(p, r, lane);
        break;
    case SIM_NOTE_PAUSE:
    case SIM_NOTE_RESUME:
        p->lanes[lane].paused = r->head->kind == SIM_NOTE_PAUSE;
        draw_words(p, lane, "rnote", PUML_QUIET, p->lanes[lane].paused ? "paused" : "resumed");
        break;
    case SIM_NOTE_REQUEST:
        draw_request(p, r, lane);
        break;
    case SIM_NOTE_DISK:
        draw_disk(p, r->head);
        break;
    default:
        if (puml_effect_shows(p->facts, r->head))
            draw_effect(p, r, r->head);
        break;
    }
}

static bool changes_role(const puml_row *r)
{
    change c = change_of(r);
    return c.role_last || c.term_last;
}

static void draw_step(puml_pen *p, const puml_row *r)
{
    int lane = lane_of(p, r->head->node);
    switch ((int)r->head->kind) {
    case SIM_NOTE_PARTITION:
    case SIM_NOTE_HEAL:
        draw_links(p, r);
        break;
    case SIM_NOTE_NOTE:
        draw_words(p, lane, "note", "#FFFDE7", trace_text_of(r->head, "text"));
        break;
    case SIM_NOTE_COMMAND:
        if (!changes_role(r))
            draw_words(p, lane, "rnote", PUML_QUIET, trace_text_of(r->head, "text"));
        break;
    case SIM_NOTE_EXPECT:
        draw_expect(p, r->head);
        break;
    case SIM_NOTE_VIOLATION:
        draw_violation(p, r->head);
        break;
    default:
        if (lane >= 0)
            draw_on_lane(p, r, lane);
        break;
    }
    draw_effects(p, r);
}

/* ---- time
 * -------------------------------------------------------------------------------------- */

enum { GAP_US = 50000 }; /* less is not worth a line */

static void draw_gap(puml_pen *p, const puml_row *r)
{
    bool far = r->at_us >= p->last_us + GAP_US;
    if (!far && r->kind != PUML_FOLDED)
        return;
    sim_text_put(p->out, "... ");
    if (far) {
        sim_text_char(p->out, '+');
        puml_ms(p->out, r->at_us - p->last_us, false);
        sim_text_put(p->out, " ms");
    }
    if (r->kind == PUML_FOLDED) {
        sim_text_put(p->out, far ? " · " : "");
        puml_fold_words(p->out, &r->fold);
    }
    sim_text_put(p->out, " ...\n");
    p->can_close = false;
}

void puml_draw(puml_pen *p, const puml_row *r)
{
    draw_gap(p, r);
    if (r->at_us > p->last_us)
        p->last_us = r->at_us;
    if (puml_row_is_arrow(r))
        draw_message(p, r);
    else if (r->kind == PUML_STEP)
        draw_step(p, r);
}
