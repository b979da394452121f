/* parse_acts.c - the commands that move the tank. */
#include "scenarios/lang/parser.h"

#include <string.h>

/* ---- messages --------------------------------------------------------------------------- */

static bool is_number(const lang_token *t)
{
    return t && !t->quoted && t->text[0] >= '0' && t->text[0] <= '9';
}

bool lang_parse_deliver(lang_parser *p, lang_args *out)
{
    if (is_number(lang_peek(p)))
        return lang_parse_number(p, "the number of messages", 1, SCENARIO_EXPANDED_MAX,
                                 &out->number) &&
               lang_parse_done(p);
    return lang_parse_filter(p, true, &out->filter) && lang_parse_done(p);
}

bool lang_parse_settle(lang_parser *p, lang_args *out)
{
    if (lang_take_if(p, "only") && !lang_parse_nodes(p, &out->nodes))
        return false;
    if (lang_take_if(p, "until")) {
        out->condition = lang_parse_condition(p);
        if (!out->condition)
            return false;
    }
    return lang_parse_done(p);
}

bool lang_parse_drop(lang_parser *p, lang_args *out)
{
    out->all = lang_take_if(p, "all");
    return lang_parse_filter(p, true, &out->filter) && lang_parse_done(p);
}

bool lang_parse_delay(lang_parser *p, lang_args *out)
{
    out->all = lang_take_if(p, "all");
    if (!is_number(lang_peek(p)) && !lang_parse_filter(p, true, &out->filter))
        return false;
    return lang_parse_us(p, "the time", &out->us) && lang_parse_done(p);
}

bool lang_parse_corrupt(lang_parser *p, lang_args *out)
{
    if (!lang_take_if(p, "disk"))
        return lang_parse_drop(p, out);
    out->mode = 1;
    return lang_parse_node(p, &out->nodes) && lang_need_word(p, "entry") &&
           lang_parse_number(p, "the entry", 1, UINT64_MAX, &out->number) && lang_parse_done(p);
}

bool lang_parse_reorder(lang_parser *p, lang_args *out)
{
    return lang_parse_node(p, &out->nodes) && lang_need_word(p, "->") &&
           lang_parse_node(p, &out->to) && lang_parse_done(p);
}

bool lang_parse_inject(lang_parser *p, lang_args *out)
{
    lang_filter *f = &out->filter;
    if (!lang_parse_node(p, &f->from) || !lang_need_word(p, "->") ||
        !lang_parse_node(p, &f->to))
        return false;
    if (f->from.fixed && f->from.fixed == f->to.fixed)
        return lang_mistake(p, &p->tokens[p->at - 1], NULL, "a node sends nothing to itself");
    if (!lang_parse_type(p, &f->type) ||
        !lang_parse_fields(p, f->type, &out->fields, &out->fields_n))
        return false;
    return lang_parse_done(p);
}

/* ---- links and nodes -----------------------------------------------------------------------
 */

bool lang_parse_partition(lang_parser *p, lang_args *out)
{
    lang_nodes groups[SIM_NODES_MAX];
    uint32_t n = 0;
    lang_nodes seen = {0};
    do {
        const lang_token *first = lang_peek(p);
        if (n == SIM_NODES_MAX)
            return lang_mistake(p, first, NULL, "there are more groups than nodes");
        if (!lang_parse_nodes(p, &groups[n]))
            return false;
        if (groups[n].words & LANG_ALL)
            return lang_mistake(p, first, "write the groups apart: partition n1 n2 | n3",
                                "'all' leaves nobody on the other side");
        if ((groups[n].fixed & seen.fixed) || (groups[n].words & seen.words))
            return lang_mistake(p, first, NULL, "a node stands on both sides");
        seen.fixed |= groups[n].fixed;
        seen.words |= groups[n].words;
        n++;
    } while (lang_take_if(p, "|"));
    const lang_token *rest = lang_peek(p);
    if (rest && !rest->quoted && lang_is_name(rest->text, rest->len))
        return lang_no_node(p, rest);
    if (!lang_parse_done(p))
        return false;
    lang_nodes *kept = sim_arena_take(p->arena, n * sizeof *kept);
    memcpy(kept, groups, n * sizeof *kept);
    out->groups = kept;
    out->groups_n = n;
    return true;
}

static bool done_with_nodes(lang_parser *p)
{
    const lang_token *rest = lang_peek(p);
    if (rest && !rest->quoted && lang_is_name(rest->text, rest->len))
        return lang_no_node(p, rest);
    return lang_parse_done(p);
}

bool lang_parse_several(lang_parser *p, lang_args *out)
{
    return lang_parse_nodes(p, &out->nodes) && done_with_nodes(p);
}

bool lang_parse_one(lang_parser *p, lang_args *out)
{
    return lang_parse_node(p, &out->nodes) && lang_parse_done(p);
}

bool lang_parse_cut(lang_parser *p, lang_args *out)
{
    return lang_parse_link(p, &out->nodes, &out->to, &out->both) && lang_parse_done(p);
}

bool lang_parse_heal(lang_parser *p, lang_args *out)
{
    out->all = !lang_peek(p);
    return out->all || lang_parse_cut(p, out);
}

/* hold and release: a link, a disk, or what nodes hear of it */
bool lang_parse_hold(lang_parser *p, lang_args *out)
{
    if (lang_take_if(p, "disk"))
        out->mode = LANG_HOLD_DISK;
    else if (lang_take_if(p, "persisted"))
        out->mode = LANG_HOLD_PERSISTED;
    else
        return lang_parse_cut(p, out);
    return lang_parse_several(p, out);
}

bool lang_parse_restart(lang_parser *p, lang_args *out)
{
    if (!lang_parse_nodes(p, &out->nodes))
        return false;
    out->mode = lang_take_if(p, "wiped");
    const lang_token *rest = lang_peek(p);
    const char *const wiped[] = {"wiped"};
    if (rest && sim_text_nearest(rest->text, wiped, 1))
        return lang_mistake(p, rest, "did you mean 'wiped'?", "%s does not belong here",
                            lang_q(p, rest));
    return done_with_nodes(p);
}

bool lang_parse_disk(lang_parser *p, lang_args *out)
{
    static const char *const modes[] = {[SIM_DISK_OK] = "ok",
                                        [SIM_DISK_FAIL] = "fail",
                                        [SIM_DISK_FULL] = "full",
                                        [SIM_DISK_SLOW] = "slow"};
    if (!lang_parse_nodes(p, &out->nodes))
        return false;
    const lang_token *t = lang_need(p, "what the disk does");
    if (!t)
        return false;
    for (uint8_t i = 0; i < 4; i++)
        if (lang_is_word(t, modes[i])) {
            out->mode = i;
            return (i != SIM_DISK_SLOW || lang_parse_us(p, "the time", &out->us)) &&
                   lang_parse_done(p);
        }
    return lang_mistake(p, t, lang_hint_nearest(p, t, modes, 4, lang_hint_forms(p)),
                        "a disk cannot be %s", lang_q(p, t));
}

bool lang_parse_torn(lang_parser *p, lang_args *out)
{
    return lang_need_word(p, "crash") && lang_parse_several(p, out);
}

/* A sign in front of the next word; the word without it goes to parse. */
static bool parse_signed(lang_parser *p, lang_token *bare, bool *negative, const char *what)
{
    const lang_token *t = lang_need(p, what);
    if (!t)
        return false;
    *bare = *t;
    *negative = t->text[0] == '-';
    if (t->text[0] == '-' || t->text[0] == '+') {
        bare->text++;
        bare->len--;
    }
    return true;
}

bool lang_parse_skew(lang_parser *p, lang_args *out)
{
    lang_token bare;
    bool negative;
    sim_us us;
    if (!lang_parse_nodes(p, &out->nodes) || !parse_signed(p, &bare, &negative, "how much"))
        return false;
    const lang_token *t = &p->tokens[p->at - 1];
    if (bare.quoted || !sim_parse_us(bare.text, bare.len, &us))
        return lang_mistake(p, t, "write: skew n2 +200ms, or skew n2 -1s",
                            "%s is no duration with a sign", lang_q(p, t));
    if (us > SIM_OPTION_US_MAX)
        return lang_mistake(p, t, "a year is the most: 8760h", "%s is too long", lang_q(p, t));
    out->amount = negative ? -(int64_t)us : (int64_t)us;
    return lang_parse_done(p);
}

enum { DRIFT_PPM_MAX = 500000 };

bool lang_parse_drift(lang_parser *p, lang_args *out)
{
    lang_token bare;
    bool negative;
    uint64_t ppm;
    if (!lang_parse_nodes(p, &out->nodes) || !parse_signed(p, &bare, &negative, "how much"))
        return false;
    const lang_token *t = &p->tokens[p->at - 1];
    if (bare.quoted || !sim_parse_ppm(bare.text, bare.len, &ppm))
        return lang_mistake(p, t, "write: drift n2 1%, drift n2 -0.5%, or drift n2 1/200",
                            "%s is no ratio", lang_q(p, t));
    if (ppm > DRIFT_PPM_MAX)
        return lang_mistake(p, t, "at most 50%", "no clock drifts by %s", lang_q(p, t));
    out->amount = negative ? -(int64_t)ppm : (int64_t)ppm;
    return lang_parse_done(p);
}

/* ---- clients, time, expectations
 * ------------------------------------------------------------- */

bool lang_parse_as(lang_parser *p, uint32_t *request)
{
    const lang_token *t = lang_need(p, "a name");
    if (!t)
        return false;
    if (t->quoted || !lang_is_name(t->text, t->len))
        return lang_mistake(p, t, "names are letters, digits, _ and -, and begin with a letter",
                            "%s is no name for a request", lang_q(p, t));
    if (lang_is_reserved(t->text, false))
        return lang_mistake(p, t, NULL, "a request cannot be called %s: the word has a meaning",
                            lang_q(p, t));
    if (lang_node_of(p, t) || lang_looks_like_node(t))
        return lang_mistake(p, t, NULL, "a request cannot be called %s: that is a node",
                            lang_q(p, t));
    if (!p->dry)
        *request = 1 + lang_request_named(p, t->text);
    return true;
}

enum { COMMAND_BYTES_MAX = 1 << 16 };

bool lang_parse_command(lang_parser *p, const char *what, lang_args *out)
{
    if (!lang_parse_text(p, what, &out->text, &out->len))
        return false;
    return out->len <= COMMAND_BYTES_MAX ||
           lang_mistake(p, &p->tokens[p->at - 1], NULL, "a command has at most %d bytes",
                        COMMAND_BYTES_MAX);
}

bool lang_parse_propose(lang_parser *p, lang_args *out)
{
    if (!lang_parse_node(p, &out->nodes) || !lang_parse_command(p, "the command", out))
        return false;
    if (lang_take_if(p, "as") && !lang_parse_as(p, &out->request))
        return false;
    return lang_parse_done(p);
}

bool lang_parse_advance(lang_parser *p, lang_args *out)
{
    return lang_parse_us(p, "the time", &out->us) && lang_parse_done(p);
}

bool lang_parse_await(lang_parser *p, lang_args *out)
{
    out->condition = lang_parse_condition(p);
    return out->condition && lang_need_word(p, "within") &&
           lang_parse_us(p, "the time", &out->us) && lang_parse_done(p);
}

bool lang_parse_expect(lang_parser *p, lang_args *out)
{
    out->condition = lang_parse_condition(p);
    return out->condition && lang_parse_done(p);
}
