/* export_puml_effect.c - what a step led to: roles, terms, commits, writes, answers. */
#include "traces/export_puml.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CONFIG_SHOWN_MAX = 120 };

puml_change puml_change_of(const puml_row *r)
{
    puml_change c = {0};
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

void puml_put_terms(puml_pen *p, const puml_change *c)
{
    sim_text_format(p->out, "T%" PRIu64 " → T%" PRIu64, trace_number_of(c->term_first, "from"),
                    trace_number_of(c->term_last, "to"));
}

/* The entry that a step appended on its own account: "1@1". */
void puml_put_append(puml_label *l, const puml_change *c)
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
static void draw_rise(puml_pen *p, const puml_row *r, int lane, const puml_change *c)
{
    puml_lane_state *s = &p->lanes[lane];
    const char *to = trace_text_of(c->role_last, "to");
    bool same = s->crashed || (s->bar && strcmp(puml_fill(s->role), puml_fill(to)) == 0);
    bool falls = !puml_has_bar(to);
    char mark[32] = "";
    if (falls && s->bar) {
        strcpy(mark, " --");
        s->bar = false;
    } else if (!falls && !same) {
        puml_close_bar(p, lane);
        snprintf(mark, sizeof mark, " ++ %s", puml_fill(to));
        s->bar = true;
    }
    bool leads = strcmp(to, "leader") == 0;
    puml_start_self(p, r, lane, leads ? PUML_ELECTED : falls ? PUML_OTHER : PUML_TIMEOUT, mark);
    puml_text(p->out, trace_text_of(c->role_first, "why"), PUML_TEXT_MAX);
    for (uint32_t i = 0; i < r->effects_n; i++) {
        if (r->effects[i]->kind != SIM_NOTE_ROLE)
            continue;
        sim_text_put(p->out, " → ");
        puml_put_role(p, trace_text_of(r->effects[i], "to"));
        puml_role_seen(p, trace_text_of(r->effects[i], "to"));
    }
    if (r->head == c->role_last) {
        sim_text_put(p->out, " → ");
        puml_put_role(p, to);
    }
    sim_text_format(p->out, " T%" PRIu64, s->term);
    puml_label l = {.out = p->out};
    if (leads)
        puml_put_append(&l, c);
    puml_label_end(&l);
}

/* Falls back to follower because of a message: the bar ends where it arrived. */
static void draw_fall(puml_pen *p, int lane, const puml_change *c)
{
    puml_close_bar(p, lane);
    puml_start_box(p, "rnote", lane, puml_fill("follower"));
    if (c->term_first) {
        puml_put_terms(p, c);
        sim_text_put(p->out, ", ");
    }
    puml_put_role(p, trace_text_of(c->role_last, "to"));
    puml_label l = {.out = p->out};
    puml_small_text(&l, "", trace_text_of(c->role_last, "why"));
    puml_label_end(&l);
}

static void draw_change(puml_pen *p, const puml_row *r)
{
    puml_change c = puml_change_of(r);
    int lane = c.role_last   ? puml_lane_named(p, c.role_last->node)
               : c.term_last ? puml_lane_named(p, c.term_last->node)
                             : -1;
    if (lane < 0)
        return;
    if (c.term_last)
        p->lanes[lane].term = trace_number_of(c.term_last, "to");
    if (c.role_last) {
        const char *to = trace_text_of(c.role_last, "to");
        if (!puml_has_bar(to) && puml_row_is_arrow(r))
            draw_fall(p, lane, &c);
        else
            draw_rise(p, r, lane, &c);
        p->lanes[lane].role = to;
        puml_role_seen(p, to);
    } else if (r->head->kind == SIM_NOTE_TIMER || r->head->kind == SIM_NOTE_COMMAND) {
        puml_start_self(p, r, lane, PUML_TIMEOUT, ""); /* the same role in another term */
        puml_text(p->out,
                  r->head->kind == SIM_NOTE_TIMER ? "election timeout"
                                                  : trace_text_of(r->head, "text"),
                  PUML_TEXT_MAX);
        sim_text_put(p->out, " → ");
        puml_put_role(p, p->lanes[lane].role);
        sim_text_format(p->out, " T%" PRIu64 "\n", trace_number_of(c.term_last, "to"));
    } else if (!puml_row_is_arrow(r)) {
        puml_start_box(p, "rnote", lane, puml_fill("follower"));
        puml_put_terms(p, &c);
        sim_text_char(p->out, '\n');
    }
}

static void draw_commit(puml_pen *p, const trace_event *e)
{
    int lane = puml_lane_named(p, e->node);
    if (lane < 0)
        return;
    puml_start_box(p, "hnote", lane, puml_fill(p->lanes[lane].role));
    uint64_t from = trace_number_of(e, "from"); /* the first that is new */
    sim_text_format(p->out, "commit %" PRIu64 "→%" PRIu64 "\n", from ? from - 1 : 0,
                    trace_number_of(e, "to"));
}

static void draw_truncate(puml_pen *p, const trace_event *e)
{
    uint64_t from = trace_number_of(e, "index"), n = trace_number_of(e, "count");
    puml_start_box(p, "rnote", puml_lane_named(p, e->node), PUML_BAD_BOX);
    if (n <= 1)
        sim_text_format(p->out, "drops entry %" PRIu64 "\n", from);
    else
        sim_text_format(p->out, "drops entries %" PRIu64 "..%" PRIu64 "\n", from, from + n - 1);
}

static void draw_snapshot(puml_pen *p, const trace_event *e)
{
    puml_start_box(p, "rnote", puml_lane_named(p, e->node), PUML_QUIET);
    sim_text_put(p->out, "snapshot ");
    puml_text(p->out, trace_text_of(e, "point"), PUML_NAME_MAX);
    sim_text_char(p->out, ' ');
    puml_text(p->out, trace_text_of(e, "op"), PUML_NAME_MAX);
    sim_text_char(p->out, '\n');
}

/* Who is a member now, as this node sees it. */
static void draw_config(puml_pen *p, const trace_event *e)
{
    const char *members = trace_text_of(e, "members");
    puml_start_box(p, "rnote", puml_lane_named(p, e->node), PUML_QUIET);
    sim_text_put(p->out, "members: ");
    puml_text(p->out, *members ? members : "nobody", CONFIG_SHOWN_MAX);
    puml_label l = {.out = p->out};
    puml_small_text(&l, "", trace_text_of(e, "why"));
    puml_label_end(&l);
}

typedef struct disk_words {
    const char *op, *words; /* words that end in a blank go on with what was written */
    bool bad;
} disk_words;

static const disk_words *disk_words_of(const char *op)
{
    static const disk_words table[] = {
        {"submitted", "waits for the disk: ", false},
        {"durable", "on disk: ", false},
        {"told", "hears of its disk: ", false},
        {"lost", "never reached the disk, lost: ", true},
        {"failed", "the disk failed: ", true},
        {"torn", "half written: ", true},
        {"discarded", "half an entry found: ", true},
        {"damaged", "damaged on the disk: ", true},
        {"corrupt", "a bad entry found: ", true},
        {"held", "disk held", false},
        {"released", "disk released", false},
        {"muted", "does not hear of its disk", false},
        {"unmuted", "hears of its disk again", false},
        {"slow", "disk slow", false},
        {"fail", "disk fails", true},
        {"full", "disk full", true},
        {"ok", "disk mended", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].op, op) == 0)
            return &table[i];
    }
    return NULL;
}

void puml_draw_disk(puml_pen *p, const trace_event *e)
{
    const disk_words *w = disk_words_of(trace_text_of(e, "op"));
    puml_start_box(p, "rnote", puml_lane_named(p, e->node),
                   w && !w->bad ? PUML_QUIET : PUML_BAD_BOX);
    if (w) {
        sim_text_put(p->out, w->words);
    } else {
        puml_text(p->out, trace_text_of(e, "op"), PUML_NAME_MAX);
        sim_text_put(p->out, ": ");
    }
    if (!w || w->words[strlen(w->words) - 1] == ' ')
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
    } else if (*answer && strcmp(answer, status) != 0) {
        sim_text_char(p->out, ' ');
        puml_text(p->out, answer, PUML_LINE_MAX);
    }
    if (*trace_text_of(e, "name"))
        puml_small_text(l, "", trace_text_of(e, "name"));
    if (*trace_text_of(e, "leader"))
        puml_small_text(l, "", answer);
}

static void draw_response(puml_pen *p, const puml_row *r, const trace_event *e)
{
    int lane = puml_lane_named(p, e->node);
    puml_label l = {.out = p->out};
    if (lane < 0 || p->lanes[lane].crashed) {
        sim_text_put(p->out, "rnote over client " PUML_BAD_BOX " : ");
        p->can_close = false;
    } else {
        bool good = strcmp(trace_text_of(e, "status"), "ok") == 0;
        puml_put_lane(p, lane);
        sim_text_format(p->out, " -[%s]-> client", good ? PUML_CLIENT : PUML_BAD);
        puml_start_label(p, r);
        puml_drew_message(p);
    }
    put_answer(p, &l, e);
    puml_label_end(&l);
}

void puml_draw_effect(puml_pen *p, const puml_row *r, const trace_event *e)
{
    switch ((int)e->kind) {
    case SIM_NOTE_COMMIT:
        draw_commit(p, e);
        break;
    case SIM_NOTE_TRUNCATE:
        draw_truncate(p, e);
        break;
    case SIM_NOTE_DISK:
        puml_draw_disk(p, e);
        break;
    case SIM_NOTE_RESPONSE:
        draw_response(p, r, e);
        break;
    case SIM_NOTE_SNAPSHOT:
        draw_snapshot(p, e);
        break;
    case SIM_NOTE_CONFIG:
        draw_config(p, e);
        break;
    default:
        break;
    }
}

void puml_draw_effects(puml_pen *p, const puml_row *r)
{
    draw_change(p, r);
    for (uint32_t i = 0; i < r->effects_n; i++) {
        if (puml_effect_shows(p->facts, r->effects[i]))
            puml_draw_effect(p, r, r->effects[i]);
    }
}
