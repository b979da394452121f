/* model.c - any moment of a trace, rebuilt from the deltas.
 *
 * A node has two logs here, as it has in the tank: what it works with, and what its disk
 * holds.  An append goes into the first; the disk's writes, which name indexes only, take
 * their entries from it when they are submitted and put them into the second when they are
 * durable.  A restart begins with what the disk holds.
 *
 * Going back is going forward again from the start: a step costs so little that a trace of
 * a million events is there in a moment. */
#include "sim/base/memory.h"
#include "traces/log.h"
#include "traces/trace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef struct pending_write { /* submitted, not durable yet */
    uint64_t number, truncate;
    const trace_event *told; /* when it was submitted */
    entry_log entries;       /* what it appends, if anything */
} pending_write;

typedef struct node_disk {
    entry_log log;
    sim_point snapshot; /* the log begins behind it */
    uint64_t term;
    const char *vote;
    pending_write *writes;
    uint32_t writes_n;
    size_t capacity;
} node_disk;

typedef struct brake { /* why a message cannot move */
    bool link;         /* its link is held */
    uint64_t until;    /* it was delayed; 0: it was not */
} brake;

struct trace_model {
    const trace *t;
    uint64_t seq, at_us;
    uint32_t nodes_n;
    trace_node nodes[SIM_NODES_MAX];
    entry_log logs[SIM_NODES_MAX];
    node_disk disks[SIM_NODES_MAX];
    trace_node *changed;  /* by the last step, or NULL */
    trace_flying *queue;  /* by id */
    struct brake *brakes; /* of each in the queue */
    uint32_t queue_n;
    size_t queue_capacity, brakes_capacity;
    bool delays; /* some message was delayed */
};

/* ---- the queue -------------------------------------------------------------------- */

/* Where the message is in the queue, or where it belongs. */
static uint32_t queue_place(const trace_model *m, uint64_t id)
{
    uint32_t low = 0, high = m->queue_n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (m->queue[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static trace_flying *queue_find(trace_model *m, uint64_t id)
{
    uint32_t i = queue_place(m, id);
    return i < m->queue_n && m->queue[i].id == id ? &m->queue[i] : NULL;
}

static void queue_add(trace_model *m, uint64_t id)
{
    uint32_t i = queue_place(m, id);
    size_t behind = m->queue_n - i;
    m->queue = sim_grow(m->queue, &m->queue_capacity, m->queue_n + 1U, sizeof *m->queue);
    m->brakes = sim_grow(m->brakes, &m->brakes_capacity, m->queue_n + 1U, sizeof *m->brakes);
    memmove(m->queue + i + 1, m->queue + i, behind * sizeof *m->queue);
    memmove(m->brakes + i + 1, m->brakes + i, behind * sizeof *m->brakes);
    m->queue[i] = (trace_flying){.id = id, .send = trace_message(m->t, id)};
    m->brakes[i] = (brake){false, 0};
    m->queue_n++;
}

/* On the same link: held when that is. */
static void queue_copy(trace_model *m, uint64_t id, uint64_t copy)
{
    const trace_flying *f = queue_find(m, id);
    const bool held = f && m->brakes[f - m->queue].link;
    queue_add(m, copy);
    uint32_t i = queue_place(m, copy);
    m->brakes[i].link = m->queue[i].held = held;
}

static void queue_remove(trace_model *m, uint64_t id)
{
    trace_flying *f = queue_find(m, id);
    if (!f)
        return;
    size_t i = (size_t)(f - m->queue), behind = --m->queue_n - i;
    memmove(f, f + 1, behind * sizeof *f);
    memmove(m->brakes + i, m->brakes + i + 1, behind * sizeof *m->brakes);
}

static void queue_look(trace_model *m, uint32_t i)
{
    const brake *b = &m->brakes[i];
    m->queue[i].held = b->link || b->until > m->at_us;
    m->queue[i].until_us = m->queue[i].held && !b->link ? b->until : 0;
}

/* due 0: as long as the link is held, unless it is so no more. */
static void queue_hold(trace_model *m, uint64_t id, uint64_t due, bool released)
{
    const trace_flying *f = queue_find(m, id);
    if (!f)
        return;
    brake *b = &m->brakes[f - m->queue];
    b->link = !released && (b->link || due == 0);
    b->until = due ? due : b->until;
    m->delays |= due != 0;
    queue_look(m, (uint32_t)(f - m->queue));
}

/* A delay is over when the clock has come that far. */
static void queue_time(trace_model *m, uint64_t at_us)
{
    bool moved = at_us != m->at_us;
    m->at_us = at_us;
    for (uint32_t i = 0; m->delays && moved && i < m->queue_n; i++)
        queue_look(m, i);
}

/* ---- links ------------------------------------------------------------------------- */

/* Reads names until something else; moves *s there. */
static sim_set read_nodes(const trace_model *m, const char **s)
{
    sim_set set = 0;
    for (;;) {
        *s += strspn(*s, " ");
        size_t len = strcspn(*s, " ,");
        int i = len ? trace_node_index(&m->t->header, *s, len) : -1;
        if (i < 0)
            return set;
        set |= sim_one((sim_id)(i + 1));
        *s += len;
    }
}

static void set_links(trace_model *m, sim_set from, sim_set to, bool cut)
{
    for (sim_id a = 0; (a = sim_next(from, a));) {
        sim_set others = to & ~sim_one(a);
        if (cut)
            m->nodes[a - 1].cut_to |= others;
        else
            m->nodes[a - 1].cut_to &= ~others;
    }
}

static sim_set node_named(const trace_model *m, const char *name)
{
    return sim_one((sim_id)(trace_node_index(&m->t->header, name, strlen(name)) + 1));
}

/* What was held on these links can move again. */
static void release_links(trace_model *m, sim_set from, sim_set to)
{
    for (uint32_t i = 0; i < m->queue_n; i++) {
        const trace_event *send = m->queue[i].send;
        if (!(from & node_named(m, trace_text_of(send, "from"))) ||
            !(to & node_named(m, trace_text_of(send, "to"))))
            continue;
        m->brakes[i].link = false;
        queue_look(m, i);
    }
}

/* Both ways between different groups; who is in none is one more group with the others in
 * none. */
static void change_groups(trace_model *m, const sim_set *groups, uint32_t n, bool cut)
{
    sim_set rest = sim_first_nodes(m->nodes_n);
    for (uint32_t i = 0; i < n; i++) {
        rest &= ~groups[i];
        for (uint32_t other = 0; other < n; other++) {
            if (other != i)
                set_links(m, groups[i], groups[other], cut);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        set_links(m, groups[i], rest, cut);
        set_links(m, rest, groups[i], cut);
    }
}

/* Behind the first set: its arrow, and the second; true when it goes both ways. */
static bool read_arrow(const trace_model *m, const char **s, sim_set *to)
{
    bool both = **s == '<';
    *s += strcspn(*s, ">");
    *s += **s == '>';
    *to = read_nodes(m, s);
    return both;
}

static void take_arrow(trace_model *m, sim_set from, const char **s, bool cut)
{
    sim_set to;
    bool both = read_arrow(m, s, &to);
    set_links(m, from, to, cut);
    if (both)
        set_links(m, to, from, cut);
}

/* The leader of the highest term. */
static sim_set leader_now(const trace_model *m)
{
    const trace_node *leader = NULL;
    for (uint32_t i = 0; i < m->nodes_n; i++) {
        const trace_node *n = &m->nodes[i];
        if (!n->crashed && strcmp(n->role, "leader") == 0 &&
            (!leader || n->term > leader->term))
            leader = n;
    }
    return leader ? node_named(m, leader->name) : 0;
}

static sim_set followers_now(const trace_model *m)
{
    sim_set set = 0;
    for (uint32_t i = 0; i < m->nodes_n; i++) {
        if (!m->nodes[i].crashed && strcmp(m->nodes[i].role, "follower") == 0)
            set |= sim_one((sim_id)(i + 1));
    }
    return set;
}

static bool is_word(const char *s, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(s, word, len) == 0;
}

/* Up to a blank or an arrow, which needs no blank before it. */
static size_t word_length(const char *s)
{
    size_t n = 0;
    while (s[n] && s[n] != ' ' && s[n] != '\t' && s[n] != '<' && strncmp(s + n, "->", 2) != 0)
        n++;
    return n;
}

/* The nodes of one side of a command, as a person wrote them; moves *s behind them. */
static sim_set read_side(const trace_model *m, const char **s, bool *others)
{
    sim_set set = 0;
    for (;;) {
        *s += strspn(*s, " \t");
        size_t len = word_length(*s);
        if (len == 0)
            return set;
        int node = trace_node_index(&m->t->header, *s, len);
        if (node >= 0)
            set |= sim_one((sim_id)(node + 1));
        else if (is_word(*s, len, "all"))
            set |= sim_first_nodes(m->nodes_n);
        else if (is_word(*s, len, "leader"))
            set |= leader_now(m);
        else if (is_word(*s, len, "followers"))
            set |= followers_now(m);
        else if (is_word(*s, len, "others"))
            *others = true;
        else
            return set;
        *s += len;
    }
}

/* In older traces it is the command alone that says that a link is held no more. */
static void take_command(trace_model *m, const char *s)
{
    bool from_others = false, to_others = false;
    size_t len = word_length(s);
    if (!is_word(s, len, "release"))
        return;
    s += len;
    sim_set from = read_side(m, &s, &from_others);
    bool both = strncmp(s, "<->", 3) == 0;
    if (!both && strncmp(s, "->", 2) != 0)
        return;
    s += both ? strlen("<->") : strlen("->");
    sim_set to = read_side(m, &s, &to_others);
    sim_set rest = sim_first_nodes(m->nodes_n) & ~(from | to);
    from |= from_others ? rest : 0;
    to |= to_others ? rest : 0;
    release_links(m, from, to);
    if (both)
        release_links(m, to, from);
}

/* "n1 n2 | n3", "n1 -> n2", "n1 <-> n2", several of them with a comma between, or "all":
 * every cut. */
static void take_links(trace_model *m, const char *s, bool cut)
{
    sim_set all = sim_first_nodes(m->nodes_n);
    if (strcmp(s, "all") == 0) {
        set_links(m, all, all, cut);
        return;
    }
    for (;; s++) {
        sim_set groups[SIM_NODES_MAX] = {read_nodes(m, &s)};
        uint32_t n = 1;
        for (; *s == '|' && n < SIM_NODES_MAX; n++) {
            s++;
            groups[n] = read_nodes(m, &s);
        }
        if (n > 1)
            change_groups(m, groups, n, cut);
        else if (*s == '-' || *s == '<')
            take_arrow(m, groups[0], &s, cut);
        if (*s != ',')
            return;
    }
}

/* ---- logs and disks ------------------------------------------------------------------ */

static void drop_write(node_disk *d, uint32_t i)
{
    log_free(&d->writes[i].entries);
    memmove(d->writes + i, d->writes + i + 1, (--d->writes_n - i) * sizeof *d->writes);
}

static void disk_forget(node_disk *d)
{
    while (d->writes_n)
        drop_write(d, d->writes_n - 1);
}

static void disk_submit(trace_model *m, uint32_t node, const trace_event *e)
{
    node_disk *d = &m->disks[node];
    uint64_t first = trace_number_of(e, "first"), count = trace_number_of(e, "count");
    d->writes = sim_grow(d->writes, &d->capacity, d->writes_n + 1U, sizeof *d->writes);
    pending_write *w = &d->writes[d->writes_n++];
    *w = (pending_write){trace_number_of(e, "write"), trace_number_of(e, "truncate"), e, {0}};
    for (uint64_t i = 0; i < count; i++) {
        const log_entry *entry = log_at(&m->logs[node], first + i);
        if (!entry)
            break;
        log_put(&w->entries, first + i, *entry);
    }
}

/* The term and the vote, which stand together when either is written. */
static void disk_take_vote(node_disk *d, const trace_event *e)
{
    if (!trace_value_of(e, "term"))
        return;
    d->term = trace_number_of(e, "term");
    d->vote = trace_text_of(e, "vote");
}

static void disk_write(node_disk *d, const pending_write *w)
{
    disk_take_vote(d, w->told);
    const trace_value *snapshot = trace_value_of(w->told, "snapshot");
    const char *end;
    if (snapshot && trace_parse_point(snapshot->text, &d->snapshot, &end))
        log_drop(&d->log, d->snapshot.index);
    if (w->truncate)
        log_cut(&d->log, w->truncate);
    for (uint64_t k = 0; k < w->entries.n; k++)
        log_put(&d->log, w->entries.base + 1 + k, w->entries.at[k]);
}

/* The write is durable, or torn: then a part of its entries is there, and the restart will
 * say how many; or lost.  Whichever it is, it is pending no more. */
static void disk_end(node_disk *d, uint64_t number, const char *op)
{
    bool torn = strcmp(op, "torn") == 0;
    for (uint32_t i = 0; i < d->writes_n; i++) {
        const pending_write *w = &d->writes[i];
        if (w->number != number)
            continue;
        if (strcmp(op, "durable") == 0 || (torn && w->entries.n))
            disk_write(d, w);
        drop_write(d, i);
        return;
    }
}

/* How much of a torn write is whole shows at the next restart; without one, or when that
 * finds another disk, all that is certain is what was there before. */
static uint64_t sound_after(const trace_model *m, const trace_event *torn)
{
    const uint64_t first = trace_number_of(torn, "first");
    for (uint64_t i = torn->seq; i < m->t->events_n; i++) {
        const trace_event *e = &m->t->events[i];
        if (e->kind != SIM_NOTE_RESTART || strcmp(e->node, torn->node) != 0)
            continue;
        const trace_value *last = trace_state_of(e, "last");
        sim_point point;
        const char *end;
        if (last && trace_parse_point(last->text, &point, &end) && point.index >= first)
            return point.index;
        break;
    }
    return first - 1;
}

static void take_torn(trace_model *m, uint32_t node, const trace_event *e)
{
    trace_node *n = &m->nodes[node];
    const node_disk *d = &m->disks[node];
    if (!n->crashed || !trace_number_of(e, "first"))
        return;
    const uint64_t sound = sound_after(m, e);
    const log_entry *last = log_at(&d->log, sound);
    n->term = d->term;
    n->vote = d->vote;
    n->last_index = n->durable = last ? sound : 0;
    n->last_term = last ? last->term : 0;
}

static void take_disk(trace_model *m, uint32_t node, const trace_event *e)
{
    const char *op = trace_text_of(e, "op");
    uint64_t number = trace_number_of(e, "write");
    if (strcmp(op, "submitted") == 0)
        disk_submit(m, node, e);
    else if (number)
        disk_end(&m->disks[node], number, op);
    if (strcmp(op, "torn") == 0)
        take_torn(m, node, e);
}

static void take_entries(trace_model *m, uint32_t node, const trace_event *e)
{
    const trace_value *v = trace_value_of(e, "entries");
    for (uint32_t i = 0; i < v->n; i++) {
        trace_entry entry;
        bool fine = trace_parse_entry(v->texts[i], &entry);
        assert(fine); /* the reader saw to it */
        log_put(&m->logs[node], entry.at.index,
                (log_entry){entry.at.term, entry.kind_and_text});
    }
}

/* What is on the disk without a write that was told: a node that boots with a log. */
static void disk_catch_up(trace_model *m, uint32_t node, uint64_t durable)
{
    entry_log *disk = &m->disks[node].log;
    const log_entry *e;
    for (uint64_t i = log_last(disk) + 1; i <= durable && (e = log_at(&m->logs[node], i)); i++)
        log_put(disk, i, *e);
}

/* The node starts on what its disk holds, up to its last entry. */
static void take_restart(trace_model *m, uint32_t node, uint64_t last)
{
    entry_log *log = &m->logs[node];
    disk_forget(&m->disks[node]);
    log_copy(log, &m->disks[node].log, last);
    if (log_last(log) != last) {
        log->base = last; /* the trace does not tell what it holds */
        log->n = 0;
    }
    log_copy(&m->disks[node].log, log, last);
}

/* Down, a node is what its disk would give it back. */
static void take_crash(trace_model *m, uint32_t node)
{
    trace_node *n = &m->nodes[node];
    const node_disk *d = &m->disks[node];
    const log_entry *e = log_at(&d->log, log_last(&d->log));
    n->term = d->term;
    n->vote = d->vote;
    n->last_index = n->durable = log_last(&d->log);
    n->last_term = e ? e->term : d->snapshot.term;
    n->snapshot_index = d->snapshot.index;
    n->snapshot_term = d->snapshot.term;
    n->leader = "";
    n->commit = n->applied = 0;
}

/* A node that boots has its term and its vote from the disk. */
static void take_boot(trace_model *m, uint32_t node)
{
    m->disks[node].term = m->nodes[node].term;
    m->disks[node].vote = m->nodes[node].vote;
    m->disks[node].snapshot =
        (sim_point){m->nodes[node].snapshot_index, m->nodes[node].snapshot_term};
}

/* What the snapshot stands for is no longer in the log; neither is what did not agree with
 * one that was installed: then the log ends with it. */
static void take_snapshot(trace_model *m, uint32_t node)
{
    const trace_node *n = &m->nodes[node];
    log_drop(&m->logs[node], n->snapshot_index);
    log_cut(&m->logs[node], n->last_index + 1);
}

/* ---- one event ------------------------------------------------------------------------ */

static const struct {
    const char *name;
    uint32_t bit;
} state_bits[] = {
    {"role", SIM_STATE_ROLE},     {"term", SIM_STATE_TERM},
    {"vote", SIM_STATE_VOTE},     {"leader", SIM_STATE_LEADER},
    {"commit", SIM_STATE_COMMIT}, {"applied", SIM_STATE_APPLIED},
    {"last", SIM_STATE_LAST},     {"durable", SIM_STATE_DURABLE},
    {"config", SIM_STATE_CONFIG}, {"snapshot", SIM_STATE_SNAPSHOT},
};

static void take_value(trace_node *n, const trace_value *v, uint32_t bit)
{
    sim_point point = {0, 0};
    const char *end;
    n->changed |= bit;
    switch (bit) {
    case SIM_STATE_ROLE:
        n->role = v->text;
        break;
    case SIM_STATE_TERM:
        n->term = v->number;
        break;
    case SIM_STATE_VOTE:
        n->vote = v->text;
        break;
    case SIM_STATE_LEADER:
        n->leader = v->text;
        break;
    case SIM_STATE_COMMIT:
        n->commit = v->number;
        break;
    case SIM_STATE_APPLIED:
        n->applied = v->number;
        break;
    case SIM_STATE_DURABLE:
        n->durable = v->number;
        break;
    case SIM_STATE_CONFIG:
        n->config = v->text;
        break;
    case SIM_STATE_LAST:
        (void)trace_parse_point(v->text, &point, &end); /* the reader saw to it */
        n->last_index = point.index;
        n->last_term = point.term;
        break;
    case SIM_STATE_SNAPSHOT:
        (void)trace_parse_point(v->text, &point, &end);
        n->snapshot_index = point.index;
        n->snapshot_term = point.term;
        break;
    }
}

static void take_state(trace_model *m, uint32_t node, const trace_event *e)
{
    trace_node *n = &m->nodes[node];
    for (size_t i = 0; i < sizeof state_bits / sizeof *state_bits && e->state_n; i++) {
        const trace_value *v = trace_state_of(e, state_bits[i].name);
        if (v)
            take_value(n, v, state_bits[i].bit);
    }
    if (n->changed)
        m->changed = n;
}

static void take_message(trace_model *m, const trace_event *e)
{
    uint64_t id = trace_number_of(e, "id");
    if (e->kind == SIM_NOTE_SEND)
        queue_add(m, id);
    else if (e->kind == SIM_NOTE_DUPLICATE)
        queue_copy(m, id, trace_number_of(e, "copy"));
    else if (e->kind == SIM_NOTE_HOLD)
        queue_hold(m, id, trace_number_of(e, "due"),
                   strcmp(trace_text_of(e, "released"), "yes") == 0);
    else
        queue_remove(m, id);
}

/* What a kind does to its node, with the state already taken. */
static void take_node_event(trace_model *m, uint32_t node, const trace_event *e)
{
    trace_node *n = &m->nodes[node];
    if (e->kind == SIM_NOTE_APPEND)
        take_entries(m, node, e);
    else if (e->kind == SIM_NOTE_TRUNCATE)
        log_cut(&m->logs[node], trace_number_of(e, "index"));
    else if (e->kind == SIM_NOTE_DISK)
        take_disk(m, node, e);
    else if (e->kind == SIM_NOTE_RESTART)
        take_restart(m, node, n->last_index);
    else if (e->kind == SIM_NOTE_CRASH)
        take_crash(m, node);
    /* without a cause: what the scenario prepared */
    if (e->kind == SIM_NOTE_RESTART || (e->cause == 0 && e->state_n))
        take_boot(m, node);
    if (e->kind == SIM_NOTE_CRASH || e->kind == SIM_NOTE_RESTART) {
        n->crashed = e->kind == SIM_NOTE_CRASH;
        n->paused = false;
    }
    if (e->kind == SIM_NOTE_PAUSE || e->kind == SIM_NOTE_RESUME)
        n->paused = e->kind == SIM_NOTE_PAUSE;
    if (n->changed & SIM_STATE_SNAPSHOT)
        take_snapshot(m, node);
    if (n->changed & SIM_STATE_DURABLE)
        disk_catch_up(m, node, n->durable);
}

bool trace_model_step(trace_model *m)
{
    if (m->seq >= m->t->events_n)
        return false;
    const trace_event *e = &m->t->events[m->seq++];
    if (m->changed)
        m->changed->changed = 0;
    m->changed = NULL;
    queue_time(m, e->at_us);
    if (trace_is_message(e->kind))
        take_message(m, e);
    else if (e->kind == SIM_NOTE_PARTITION || e->kind == SIM_NOTE_HEAL)
        take_links(m, trace_text_of(e, "links"), e->kind == SIM_NOTE_PARTITION);
    else if (e->kind == SIM_NOTE_COMMAND)
        take_command(m, trace_text_of(e, "text"));
    if (*e->node) {
        uint32_t node = (uint32_t)trace_node_index(&m->t->header, e->node, strlen(e->node));
        take_state(m, node, e);
        take_node_event(m, node, e);
    }
    return true;
}

/* ---- moving about ---------------------------------------------------------------------- */

/* Does the node learn from the start? */
static bool is_learner(const char *members, const char *name)
{
    static const char learners[] = "learners";
    const char *at = members ? strstr(members, " learners ") : NULL;
    if (!at && members && strncmp(members, learners, sizeof learners - 1) == 0)
        at = members;
    const size_t len = strlen(name);
    for (; at && *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strcspn(at, " ") == len && strncmp(at, name, len) == 0)
            return true;
    }
    return false;
}

static void start(trace_model *m)
{
    const trace_header *h = &m->t->header;
    m->seq = m->at_us = 0;
    m->changed = NULL;
    m->queue_n = 0;
    for (uint32_t i = 0; i < m->nodes_n; i++) {
        m->nodes[i] =
            (trace_node){.name = h->nodes[i],
                         .role = is_learner(h->members, h->nodes[i]) ? "learner" : "follower",
                         .vote = "",
                         .leader = "",
                         .config = h->members ? h->members : ""};
        m->logs[i].n = m->logs[i].base = 0;
        m->disks[i].log.n = m->disks[i].log.base = 0;
        m->disks[i].snapshot = (sim_point){0};
        m->disks[i].term = 0;
        m->disks[i].vote = "";
        disk_forget(&m->disks[i]);
    }
}

trace_model *trace_model_new(const trace *t)
{
    trace_model *m = sim_alloc(sizeof *m);
    m->t = t;
    m->nodes_n = t->header.nodes_n;
    start(m);
    return m;
}

void trace_model_free(trace_model *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; i < m->nodes_n; i++) {
        disk_forget(&m->disks[i]);
        free(m->disks[i].writes);
        log_free(&m->disks[i].log);
        log_free(&m->logs[i]);
    }
    free(m->queue);
    free(m->brakes);
    free(m);
}

void trace_model_seek(trace_model *m, uint64_t seq)
{
    if (seq < m->seq)
        start(m);
    while (m->seq < seq && trace_model_step(m))
        continue;
}

/* ---- looking ---------------------------------------------------------------------------- */

const trace *trace_model_trace(const trace_model *m)
{
    return m->t;
}

uint64_t trace_model_seq(const trace_model *m)
{
    return m->seq;
}

uint64_t trace_model_at_us(const trace_model *m)
{
    return m->at_us;
}

const trace_node *trace_model_nodes(const trace_model *m, uint32_t *n)
{
    *n = m->nodes_n;
    return m->nodes;
}

const trace_flying *trace_model_queue(const trace_model *m, uint32_t *n)
{
    *n = m->queue_n;
    return m->queue;
}

bool trace_model_entry(const trace_model *m, uint32_t node, uint64_t index, uint64_t *term,
                       const char **kind_and_text)
{
    assert(node < m->nodes_n);
    const entry_log *log = m->nodes[node].crashed ? &m->disks[node].log : &m->logs[node];
    const log_entry *e = log_at(log, index);
    if (!e)
        return false;
    if (term)
        *term = e->term;
    if (kind_and_text)
        *kind_and_text = e->kind_and_text;
    return true;
}
