/* export_puml_arrow.c - messages as arrows, whole or in two halves. */
#include "traces/export_puml.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
    puml_small_text(l, "to ", trace_text_of(m->send, "to"));
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
    if (r->kind == PUML_ARRIVES)
        puml_small_text(l, "from ", trace_text_of(m->send, "from"));
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
    puml_change c = puml_change_of(r);
    if (c.term_last && !c.role_last) {
        puml_small(l, "%s", "");
        puml_text(p->out, c.term_last->node, PUML_NAME_MAX);
        sim_text_char(p->out, ' ');
        puml_put_terms(p, &c);
    }
    if (*trace_text_of(r->head, "ignored"))
        puml_small_lines(l, "ignored: ", trace_text_of(r->head, "ignored"));
}

/* An arrow that leaves to nowhere, or comes from there, on the side of the other node. */
static void put_half(puml_pen *p, const puml_row *r, int near, int far, const char *colour)
{
    bool right = far > near, leaves = r->kind == PUML_LEAVES;
    const char *dash = puml_is_reply(r->message->send) ? "-" : "";
    if (right)
        puml_put_lane(p, near);
    else
        sim_text_char(p->out, '?');
    if (right == leaves)
        sim_text_format(p->out, right ? " -[%s]%s>" : "-[%s]%s> ", colour, dash);
    else
        sim_text_format(p->out, right ? " <%s[%s]-" : "<%s[%s]- ", dash, colour);
    if (right)
        sim_text_char(p->out, '?');
    else
        puml_put_lane(p, near);
}

/* From, arrow and to, as far as the row shows them. */
static void put_ends(puml_pen *p, const puml_row *r, const char *colour)
{
    const puml_message *m = r->message;
    int from = puml_lane_named(p, trace_text_of(m->send, "from"));
    int to = puml_lane_named(p, trace_text_of(m->send, "to"));
    if (r->kind == PUML_LEAVES || r->kind == PUML_ARRIVES) {
        bool leaves = r->kind == PUML_LEAVES;
        put_half(p, r, leaves ? from : to, leaves ? to : from, colour);
        return;
    }
    puml_put_lane(p, from);
    sim_text_format(p->out, " -[%s]%s>", colour, puml_is_reply(m->send) ? "-" : "");
    sim_text_put(p->out, r->kind == PUML_LOST ? "x " : is_forged(r) ? "o " : " ");
    puml_put_lane(p, to);
}

void puml_draw_message(puml_pen *p, const puml_row *r)
{
    const puml_message *m = r->message;
    bool split = r->kind == PUML_LEAVES || r->kind == PUML_ARRIVES || r->late;
    const char *colour = r->kind == PUML_LOST ? PUML_BAD
                         : is_forged(r)       ? PUML_FORGED
                                              : puml_message_colour(m->send);
    put_ends(p, r, colour);
    puml_start_label(p, r);
    puml_drew_message(p);
    puml_label l = {.out = p->out, .narrow = r->kind == PUML_LEAVES || r->kind == PUML_ARRIVES};
    puml_message_label(&l, m, colour, split || m->copy_of || m->duplicated || is_forged(r));
    if (r->kind != PUML_ARRIVES || m->born->section != r->head->section)
        puml_message_fields(&l, m); /* else they stand where it left */
    if (split)
        puml_small_break(&l);
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
    puml_draw_effects(p, r);
}
