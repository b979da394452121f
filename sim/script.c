/* script.c - the verbs with which a script moves the tank by hand: the story it tells,
 * timers, and messages one by one. */
#include "sim/tank.h"

#include <assert.h>

/* ---- the story --------------------------------------------------------------------- */

void sim_section(sim *t, uint32_t line, bool prepare, const char *title,
                 const char *const *uses, uint32_t uses_n, const char *const *tests,
                 uint32_t tests_n)
{
    sim_tell_from(t, t->section + 1, line);
    t->command = 0;
    sim_note n = {.kind = SIM_NOTE_SECTION};
    n.as.section.title = title;
    n.as.section.prepare = prepare;
    n.as.section.uses = uses;
    n.as.section.uses_n = uses_n;
    n.as.section.tests = tests;
    n.as.section.tests_n = tests_n;
    sim_tell(t, &n);
}

void sim_command(sim *t, uint32_t line, const char *text)
{
    sim_tell_from(t, t->section, line);
    sim_note n = {.kind = SIM_NOTE_COMMAND};
    n.as.text.text = text;
    t->command = sim_tell(t, &n);
}

void sim_remark(sim *t, uint32_t line, const char *text)
{
    sim_tell_from(t, t->section, line);
    sim_note n = {.kind = SIM_NOTE_NOTE};
    n.as.text.text = text;
    sim_tell(t, &n);
}

bool sim_expect(sim *t, uint32_t line, const char *condition, const char *actual, bool passed)
{
    sim_tell_from(t, t->section, line);
    sim_note n = {.kind = SIM_NOTE_EXPECT};
    n.as.expect.condition = condition;
    n.as.expect.actual = actual;
    n.as.expect.passed = passed;
    sim_tell(t, &n);
    return passed;
}

/* ---- timers and clocks ------------------------------------------------------------- */

/* A running node, or an error that says what it is instead. */
sim_node *sim_running(sim *t, sim_id node, sim_error *error)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (!sim_may_move(t, error))
        return NULL;
    if (n->life == SIM_UP)
        return n;
    const bool paused = n->life == SIM_PAUSED;
    sim_fail(error, "%s is %s", t->names[node], paused ? "paused" : "crashed");
    sim_hint(error, "%s %s first", paused ? "resume" : "restart", t->names[node]);
    return NULL;
}

static bool fire(sim *t, sim_id node, sim_timer timer, sim_error *error)
{
    sim_node *n = sim_running(t, node, error);
    if (!n)
        return false;
    const sim_alarm *a = &n->timers[timer];
    if (!a->armed) {
        sim_fail(error, "the %s timer of %s is not running, it is %s", sim_timer_name(timer),
                 t->names[node], sim_role_name(n->view.role));
        if (timer == SIM_TIMER_HEARTBEAT)
            sim_hint(error, "only a leader sends heartbeats");
        else if (n->view.role == SIM_LEADER)
            sim_hint(error, "a leader waits for nobody, unless check_quorum is on");
        return false;
    }
    if (t->now < a->deadline)
        t->now = a->deadline;
    sim_fire(t, n, timer, t->command);
    return sim_may_move(t, error);
}

bool sim_timeout(sim *t, sim_id node, sim_error *error)
{
    return fire(t, node, SIM_TIMER_ELECTION, error);
}

bool sim_heartbeat(sim *t, sim_id node, sim_error *error)
{
    return fire(t, node, SIM_TIMER_HEARTBEAT, error);
}

bool sim_campaign(sim *t, sim_id node, sim_error *error)
{
    sim_node *n = sim_running(t, node, error);
    if (!n)
        return false;
    if (n->view.role == SIM_LEADER) {
        sim_fail(error, "%s leads already", t->names[node]);
        sim_hint(error, "step_down %s first", t->names[node]);
        return false;
    }
    t->engine->campaign(n->engine, sim_clock_now(t, n));
    sim_carry_out(t, n, NULL, t->command);
    return sim_may_move(t, error);
}

bool sim_step_down(sim *t, sim_id node, sim_error *error)
{
    sim_node *n = sim_running(t, node, error);
    if (!n)
        return false;
    if (n->view.role == SIM_FOLLOWER || n->view.role == SIM_LEARNER)
        return sim_fail(error, "%s is %s, it has nothing to give up", t->names[node],
                        sim_role_name(n->view.role));
    t->engine->step_down(n->engine, sim_clock_now(t, n));
    sim_carry_out(t, n, NULL, t->command);
    return sim_may_move(t, error);
}

bool sim_elect(sim *t, sim_id node, sim_error *error)
{
    if (!sim_timeout(t, node, error) || !sim_settle(t, 0, NULL, NULL, error))
        return false;
    const sim_view *v = sim_view_of(t, node);
    if (v->role == SIM_LEADER)
        return true;
    if (sim_node_at(t, node)->life == SIM_CRASHED) {
        sim_fail(error, "%s did not become leader, it crashed meanwhile", t->names[node]);
        sim_hint(error, "a node stops when its disk fails or is full");
        return false;
    }
    sim_fail(error, "%s did not become leader, it is %s of term %" PRIu64, t->names[node],
             sim_role_name(v->role), v->term);
    sim_hint(error, "it needs the votes of a majority that it can reach, and a log as complete "
                    "as theirs");
    return false;
}

void sim_skew(sim *t, sim_id node, int64_t by_us)
{
    assert(sim_is_node(t, node));
    sim_node *n = sim_node_at(t, node);
    if (sim_may_move(t, NULL))
        sim_clock_change(t, n, by_us, n->clock.ppm);
}

void sim_drift(sim *t, sim_id node, int64_t ppm)
{
    assert(sim_is_node(t, node));
    if (sim_may_move(t, NULL))
        sim_clock_change(t, sim_node_at(t, node), 0, ppm);
}

/* ---- finding messages -------------------------------------------------------------- */

static bool fits(const sim *t, uint32_t slot, const sim_filter *f)
{
    const sim_flying *fl = &t->network.slots[slot];
    return sim_matches(f, fl->id, fl->message);
}

static uint32_t younger(const sim *t, uint32_t slot)
{
    return t->network.slots[slot].younger;
}

/* The oldest that fits, from a slot on; 0: none. */
static uint32_t find(const sim *t, uint32_t slot, const sim_filter *f)
{
    while (slot && !fits(t, slot, f))
        slot = younger(t, slot);
    return slot;
}

static void put_link(const sim *t, sim_id from, sim_id to, sim_text *out)
{
    sim_text_format(out, " %s -> %s", from ? t->names[from] : "any", to ? t->names[to] : "any");
}

/* " #7 n1 -> n2 RequestVote", as far as the filter says. */
static void put_filter(const sim *t, const sim_filter *f, sim_text *out)
{
    if (f->id)
        sim_text_format(out, " #%" PRIu64, f->id);
    if (f->from || f->to)
        put_link(t, f->from, f->to, out);
    if (f->type)
        sim_text_format(out, " %s", t->engine->type_name(f->type - 1));
}

static void put_message(const sim *t, const sim_flying *f, sim_text *out)
{
    sim_text_format(out, " #%" PRIu64, f->id);
    put_link(t, f->message->from, f->message->to, out);
    sim_text_format(out, " %s", t->engine->type_name(f->message->type));
}

enum { SHOWN_MAX = 6 }; /* messages in a hint */

/* What is in flight, first of all on the link that was meant. */
static void hint_in_flight(const sim *t, const sim_filter *f, sim_error *error)
{
    sim_filter wide = {.from = f->from, .to = f->to};
    if (!find(t, sim_network_oldest(&t->network), &wide))
        wide = (sim_filter){0};
    sim_text list = {0};
    uint32_t shown = 0, more = 0;
    uint32_t slot = sim_network_oldest(&t->network);
    for (; (slot = find(t, slot, &wide)); slot = younger(t, slot)) {
        if (shown == SHOWN_MAX) {
            more++;
            continue;
        }
        sim_text_put(&list, shown++ ? "," : "");
        put_message(t, &t->network.slots[slot], &list);
    }
    if (!shown && (f->from || f->to || f->type || f->id))
        sim_hint(error, "no message is in flight");
    else if (!shown)
        sim_hint(error, "timers and requests send some: timeout, heartbeat, propose");
    else if (more)
        sim_hint(error, "in flight:%s, and %" PRIu32 " more", list.at, more);
    else
        sim_hint(error, "in flight:%s", list.at);
    sim_text_free(&list);
}

static bool fail_none(const sim *t, const sim_filter *f, sim_error *error)
{
    if (!error)
        return false;
    sim_text what = {0};
    put_filter(t, f, &what);
    sim_fail(error, "no message%s is in flight", what.at ? what.at : "");
    hint_in_flight(t, f, error);
    sim_text_free(&what);
    return false;
}

uint32_t sim_find_message(const sim *t, const sim_filter *f, sim_error *error)
{
    uint32_t slot = find(t, sim_network_oldest(&t->network), f);
    if (!slot)
        fail_none(t, f, error);
    return slot;
}

/* Why a message that is there cannot be delivered. */
static bool fail_stuck(const sim *t, uint32_t slot, sim_error *error)
{
    if (!error)
        return false;
    const sim_flying *f = &t->network.slots[slot];
    const sim_message *m = f->message;
    const char *from = t->names[m->from], *to = t->names[m->to];
    sim_text text = {0};
    put_message(t, f, &text);
    sim_fail(error, "message%s cannot move", text.at);
    sim_text_clear(&text);
    if (sim_network_is_held(&t->network, m->from, m->to)) {
        sim_hint(error, "it is held: release %s -> %s", from, to);
    } else if (f->until > t->now) {
        sim_text_put(&text, "it is delayed until ");
        sim_text_us(&text, f->until);
        sim_text_put(&text, ": advance ");
        sim_text_us(&text, f->until - t->now);
        sim_hint(error, "%s", text.at);
    } else {
        sim_hint(error, "%s is paused: resume %s", to, to);
    }
    sim_text_free(&text);
    return false;
}

/* ---- delivering -------------------------------------------------------------------- */

/* The oldest that fits and can move, from a slot on; 0: none. */
static uint32_t find_movable(const sim *t, uint32_t slot, const sim_filter *f)
{
    while ((slot = find(t, slot, f)) && !sim_can_move(t, &t->network.slots[slot]))
        slot = younger(t, slot);
    return slot;
}

bool sim_deliver(sim *t, const sim_filter *f, sim_error *error)
{
    if (!sim_may_move(t, error))
        return false;
    const uint32_t oldest = sim_network_oldest(&t->network);
    uint32_t slot = find_movable(t, oldest, f);
    if (!slot) {
        uint32_t stuck = find(t, oldest, f);
        return stuck ? fail_stuck(t, stuck, error) : fail_none(t, f, error);
    }
    sim_arrive(t, slot);
    return sim_may_move(t, error);
}

bool sim_deliver_n(sim *t, uint64_t n, sim_error *error)
{
    for (uint64_t i = 0; i < n; i++) {
        if (sim_deliver(t, &(sim_filter){0}, error))
            continue;
        if (!sim_violation(t) && i)
            sim_fail(error, "only %" PRIu64 " of %" PRIu64 " message%s could be delivered", i,
                     n, sim_plural(n));
        return false;
    }
    return true;
}

/* ---- settling ---------------------------------------------------------------------- */

static bool takes_part(sim_set only, sim_id id)
{
    return !only || sim_has(only, id);
}

/* Writes that were left when time stopped flowing are done too, and heard of: water that
 * settles is still down to the disks. */
static void settle_disks(sim *t, sim_set only)
{
    for (sim_id id = 0; (id = sim_next(sim_first_nodes(t->nodes), id));) {
        sim_node *n = sim_node_at(t, id);
        if (takes_part(only, id) && !n->disk.held)
            sim_store_complete_all(t, n);
        if (takes_part(only, id))
            sim_news_hear_all(t, n);
    }
}

/* The slot after the last one that was passed over.  Nothing that cannot move now can move
 * later in the same settle, so each is looked at once. */
static uint32_t next_to_settle(const sim *t, uint32_t passed, sim_set only, uint32_t *last)
{
    uint32_t slot = younger(t, passed);
    for (; slot; passed = slot, slot = younger(t, slot)) {
        const sim_flying *f = &t->network.slots[slot];
        if (takes_part(only, f->message->from) && takes_part(only, f->message->to) &&
            sim_can_move(t, f))
            break;
    }
    *last = passed;
    return slot;
}

static bool settle(sim *t, sim_set only, sim_until_fn *until, void *self, sim_limit *limit,
                   sim_error *error)
{
    uint32_t passed = 0, slot; /* slot 0 is the list's head */
    settle_disks(t, only);
    for (;;) {
        if (!sim_may_move(t, error) || sim_is_stopped(t, error))
            return false;
        if (until && until(self))
            return true;
        slot = next_to_settle(t, passed, only, &passed);
        if (!slot)
            break;
        if (!sim_limit_count(t, limit, error))
            return false;
        sim_arrive(t, slot);
    }
    return until ? sim_fail(error, "nothing can move any more, and the condition does not hold")
                 : true;
}

bool sim_settle(sim *t, sim_set only, sim_until_fn *until, void *self, sim_error *error)
{
    if (!sim_may_move(t, error))
        return false;
    sim_limit limit = {.most = t->options.settle_limit, .verb = "settle"};
    bool settled = settle(t, only, until, self, &limit, error);
    sim_limit_end(t, &limit);
    return settled;
}
