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

/* ---- nodes --------------------------------------------------------------------------- */

void puml_alias(const puml_pen *p, sim_text *out, int lane)
{
    const char *name = p->facts->trace->header.nodes[lane];
    size_t digits = name[0] == 'n' ? strspn(name + 1, "0123456789") : 0;
    if (digits && digits < 4 && !name[1 + digits])
        sim_text_put(out, name);
    else
        sim_text_format(out, "p%d", lane + 1);
}

int puml_lane_named(const puml_pen *p, const char *name)
{
    return puml_lane(p->facts, name);
}

void puml_put_lane(puml_pen *p, int lane)
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

bool puml_has_bar(const char *role)
{
    return strcmp(role, "follower") != 0;
}

void puml_put_role(puml_pen *p, const char *role)
{
    sim_text_put(p->out, "<b>");
    puml_text(p->out, strcmp(role, "pre_candidate") == 0 ? "pre-candidate" : role,
              PUML_NAME_MAX);
    sim_text_put(p->out, "</b>");
}

/* ---- messages ------------------------------------------------------------------------ */

void puml_drew_message(puml_pen *p)
{
    p->any_message = p->can_close = true;
    p->touched = 0;
}

/* The colon, and the moment when it is not the one that was written last. */
void puml_start_label(puml_pen *p, const puml_row *r)
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
void puml_start_self(puml_pen *p, const puml_row *r, int lane, const char *colour,
                     const char *mark)
{
    puml_put_lane(p, lane);
    sim_text_format(p->out, " -[%s]> ", colour);
    puml_put_lane(p, lane);
    sim_text_put(p->out, mark);
    puml_start_label(p, r);
    puml_drew_message(p);
    if (*mark)
        p->touched |= sim_one((sim_id)(lane + 1));
}

/* An invisible message, from one lane to another when there is one, which takes less room
 * than one to itself. */
static void start_hidden(puml_pen *p, int from, int to)
{
    puml_put_lane(p, from);
    sim_text_put(p->out, " -[hidden]> ");
    puml_put_lane(p, to);
    puml_drew_message(p);
}

static int neighbour(const puml_pen *p, int lane)
{
    return lane > 0 ? lane - 1 : p->facts->trace->header.nodes_n > 1 ? 1 : 0;
}

void puml_open_bar(puml_pen *p, int lane)
{
    start_hidden(p, neighbour(p, lane), lane);
    sim_text_format(p->out, " ++ %s\n", puml_fill(p->lanes[lane].role));
    p->touched |= sim_one((sim_id)(lane + 1));
    p->lanes[lane].bar = true;
}

void puml_close_bar(puml_pen *p, int lane)
{
    if (!p->lanes[lane].bar)
        return;
    p->lanes[lane].bar = false;
    sim_set one = sim_one((sim_id)(lane + 1));
    if (p->can_close && !(p->touched & one)) {
        sim_text_put(p->out, "deactivate ");
        puml_put_lane(p, lane);
    } else {
        start_hidden(p, lane, neighbour(p, lane));
        sim_text_put(p->out, " --");
    }
    p->touched |= one;
    sim_text_char(p->out, '\n');
}

/* ---- boxes and notes ----------------------------------------------------------------- */

void puml_start_box(puml_pen *p, const char *shape, int lane, const char *colour)
{
    uint32_t nodes = p->facts->trace->header.nodes_n;
    sim_text_format(p->out, "%s over ", shape);
    puml_put_lane(p, lane >= 0 ? lane : 0);
    if (lane < 0 && nodes > 1) {
        sim_text_put(p->out, ", ");
        puml_put_lane(p, (int)nodes - 1);
    }
    sim_text_format(p->out, " %s : ", colour);
    p->can_close = false;
}

/* ---- steps --------------------------------------------------------------------------- */

static void draw_crash(puml_pen *p, const puml_row *r, int lane)
{
    puml_lane_state *s = &p->lanes[lane];
    puml_close_bar(p, lane);
    puml_start_self(p, r, lane, PUML_BAD, s->crashed ? "" : " !!");
    sim_text_put(p->out, "<color:" PUML_BAD "><b>crash</b></color>");
    puml_label l = {.out = p->out};
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
    puml_close_bar(p, lane);
    puml_put_lane(p, lane);
    sim_text_put(p->out, " ->o ");
    puml_put_lane(p, lane);
    if (s->crashed)
        sim_text_format(p->out, " ++ %s", puml_fill("follower"));
    puml_start_label(p, r);
    puml_drew_message(p);
    p->touched |= sim_one((sim_id)(lane + 1));
    sim_text_put(p->out, "<b>restart</b>");
    if (term)
        sim_text_format(p->out, " T%" PRIu64, term->number);
    puml_label l = {.out = p->out};
    if (*trace_text_of(r->head, "how"))
        puml_small_text(&l, "", trace_text_of(r->head, "how"));
    if (last && last->text)
        puml_small_text(&l, "log to ", last->text);
    puml_label_end(&l);
    *s = (puml_lane_state){.role = "follower", .term = term ? term->number : 0};
}

static void draw_request(puml_pen *p, const puml_row *r, int lane)
{
    puml_change c = puml_change_of(r);
    sim_text_put(p->out, "client -[" PUML_CLIENT "]> ");
    puml_put_lane(p, lane);
    puml_start_label(p, r);
    puml_drew_message(p);
    sim_text_put(p->out, "<color:" PUML_CLIENT "><b>");
    puml_text(p->out, trace_text_of(r->head, "command"), PUML_LINE_MAX);
    sim_text_put(p->out, "</b></color>");
    puml_label l = {.out = p->out};
    if (*trace_text_of(r->head, "name"))
        puml_small_text(&l, "", trace_text_of(r->head, "name"));
    puml_put_append(&l, &c);
    puml_label_end(&l);
}

static void draw_expect(puml_pen *p, const trace_event *e)
{
    puml_start_box(p, "note", -1, PUML_BAD_BOX);
    sim_text_put(p->out, "<color:" PUML_BAD "><b>✗ expected</b></color> ");
    puml_lines(p->out, trace_text_of(e, "condition"), PUML_TEXT_MAX, PUML_LINE_MAX);
    sim_text_put(p->out, "\\n<color:" PUML_BAD "><b>but</b></color> ");
    puml_lines(p->out, trace_text_of(e, "actual"), PUML_TEXT_MAX, PUML_LINE_MAX);
    sim_text_char(p->out, '\n');
}

static void draw_violation(puml_pen *p, const trace_event *e)
{
    static const char *const facts[] = {"one", "other"};
    puml_start_box(p, "note", -1, PUML_BAD_BOX);
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
    puml_start_box(p, "rnote", lane, PUML_QUIET);
    puml_text(p->out, trace_text_of(r->head, "timer"), PUML_NAME_MAX);
    sim_text_put(p->out, " timeout ignored: ");
    puml_text(p->out, trace_text_of(r->head, "ignored"), PUML_LINE_MAX);
    sim_text_char(p->out, '\n');
}

static void draw_words(puml_pen *p, int lane, const char *shape, const char *colour,
                       const char *text)
{
    puml_start_box(p, shape, lane, colour);
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
        puml_draw_disk(p, r->head);
        break;
    default:
        if (puml_effect_shows(p->facts, r->head))
            puml_draw_effect(p, r, r->head);
        break;
    }
}

static void draw_step(puml_pen *p, const puml_row *r)
{
    int lane = puml_lane_named(p, r->head->node);
    switch ((int)r->head->kind) {
    case SIM_NOTE_PARTITION:
    case SIM_NOTE_HEAL:
        puml_draw_links(p, r);
        break;
    case SIM_NOTE_NOTE:
        draw_words(p, lane, "note", "#FFFDE7", trace_text_of(r->head, "text"));
        break;
    case SIM_NOTE_COMMAND:
        if (!p->facts->led_to[r->head->seq - 1])
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
    puml_draw_effects(p, r);
}

/* ---- time ---------------------------------------------------------------------------- */

enum {
    GAP_US = 50000, /* less is not worth a line */
    LONG_GAP_US = 10000000,
};

static void draw_gap(puml_pen *p, const puml_row *r)
{
    bool far = r->at_us >= p->last_us + GAP_US;
    if (!far && r->kind != PUML_FOLDED)
        return;
    if (!p->any_message) { /* else the bars would go on through the text */
        start_hidden(p, 0, neighbour(p, 0));
        sim_text_char(p->out, '\n');
    }
    sim_text_put(p->out, "... ");
    if (far) {
        uint64_t gap_us = r->at_us - p->last_us;
        bool seconds = gap_us >= LONG_GAP_US;
        sim_text_char(p->out, '+');
        puml_ms(p->out, seconds ? gap_us / 1000 : gap_us, seconds);
        sim_text_put(p->out, seconds ? " s" : " ms");
    }
    if (r->kind == PUML_FOLDED) {
        sim_text_put(p->out, far ? " · " : "");
        puml_fold_words(p->out, &r->fold);
    }
    sim_text_put(p->out, " ...\n");
    p->can_close = false;
}

/* ---- what a violation is about --------------------------------------------------------- */

/* Whether the row is the step that an event belongs to. */
static bool is_step_of(const puml_pen *p, const puml_row *r, uint64_t seq)
{
    const uint64_t head = p->facts->head[seq - 1] + 1;
    if (r->kind == PUML_LEAVES || r->kind == PUML_FOLDED)
        return false;
    return r->head->seq == head ||
           (r->message && r->message->end && r->message->end->seq == head);
}

/* Where one of the two facts came to be, unless the violation itself stands right below. */
static void draw_facts(puml_pen *p, const puml_row *r)
{
    static const char *const facts[] = {"one", "other"}, *const seqs[] = {"one_seq",
                                                                          "other_seq"};
    const trace_event *e = p->facts->violation;
    for (size_t i = 0; e && i < 2; i++) {
        const uint64_t seq = trace_number_of(e, seqs[i]);
        const bool above =
            seq && e->cause && p->facts->head[seq - 1] == p->facts->head[e->cause - 1];
        if (!seq || above || !is_step_of(p, r, seq))
            continue;
        puml_start_box(p, "rnote", puml_lane(p->facts, p->facts->trace->events[seq - 1].node),
                       PUML_BAD_BOX);
        sim_text_put(p->out, "<color:" PUML_BAD "><b>✗</b></color> ");
        puml_lines(p->out, trace_text_of(e, facts[i]), PUML_TEXT_MAX, PUML_LINE_MAX / 2);
        sim_text_char(p->out, '\n');
    }
}

void puml_draw(puml_pen *p, const puml_row *r)
{
    bool links = r->head->kind == SIM_NOTE_PARTITION || r->head->kind == SIM_NOTE_HEAL;
    if (p->box == PUML_BOX_DUE && !links)
        puml_box_open(p, "");
    draw_gap(p, r);
    if (r->at_us > p->last_us)
        p->last_us = r->at_us;
    if (puml_row_is_arrow(r))
        puml_draw_message(p, r);
    else if (r->kind == PUML_STEP)
        draw_step(p, r);
    draw_facts(p, r);
}
