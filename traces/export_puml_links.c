/* export_puml_links.c - cut links as a box around what happens meanwhile. */
#include "traces/export_puml.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
    sim_text_format(p->out, "group %s%s [%s]\n", strchr(p->links.at, '|') ? "partition" : "cut",
                    behind, p->links.at);
    p->box = PUML_BOX_OPEN;
}

void puml_box_close(puml_pen *p)
{
    if (p->box == PUML_BOX_OPEN)
        sim_text_put(p->out, "end\n");
    p->box = PUML_BOX_NONE;
}

static void draw_divider(puml_pen *p, const puml_row *r)
{
    const char *links = trace_text_of(r->head, "links");
    sim_text_put(p->out, "== ");
    sim_text_put(p->out, r->head->kind == SIM_NOTE_HEAL ? "heal" : "cut");
    if (strcmp(links, "all") != 0) {
        sim_text_char(p->out, ' ');
        puml_text(p->out, links, PUML_LINE_MAX);
    }
    sim_text_put(p->out, " ==\n");
    p->can_close = false;
}

/* A box is opened when something happens in it, so that several cuts in a row make one. */
void puml_draw_links(puml_pen *p, const puml_row *r)
{
    sim_text now = {0};
    trace_model_seek(p->model, r->head->seq);
    puml_links(p, &now);
    if (now.len && p->box == PUML_BOX_OPEN) {
        sim_text_format(p->out, "else %s\n", now.at);
        p->can_close = false;
    } else if (now.len) {
        p->box = PUML_BOX_DUE;
    } else {
        puml_box_close(p);
        draw_divider(p, r);
    }
    sim_text_clear(&p->links);
    sim_text_put(&p->links, now.at);
    sim_text_free(&now);
}
