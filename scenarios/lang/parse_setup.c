/* parse_setup.c - the commands that describe a scenario and set its cluster up. */
#include "scenarios/lang/parser.h"

#include "sim/base/memory.h"
#include <inttypes.h>
#include <string.h>

/* A thing that may be said once.  *at remembers where. */
static bool once(lang_parser *p, const lang_line **at)
{
    if (*at)
        return lang_mistake(p, &p->tokens[0],
                            lang_format(p->arena, "it stands in line %u", (*at)->number),
                            "there is a second '%s'", p->command->name);
    *at = p->line;
    return true;
}

/* ---- describing -------------------------------------------------------------------------- */

bool lang_parse_scenario(lang_parser *p, lang_args *out)
{
    (void)out;
    return once(p, &p->title_at) && lang_parse_text(p, "the title", &p->s->title, NULL) &&
           lang_parse_done(p);
}

bool lang_parse_about(lang_parser *p, lang_args *out)
{
    (void)out;
    return once(p, &p->about_at) && lang_parse_text(p, "the text", &p->s->about, NULL) &&
           lang_parse_done(p);
}

bool lang_parse_cite(lang_parser *p, lang_args *out)
{
    (void)out;
    scenario *s = p->s;
    const char *text;
    if (!lang_parse_text(p, "the source", &text, NULL) || !lang_parse_done(p))
        return false;
    s->cites = sim_grow(s->cites, &s->cites_capacity, s->cites_n + 1, sizeof *s->cites);
    s->cites[s->cites_n++] = text;
    return true;
}

static bool add_section(lang_parser *p, bool prepare)
{
    scenario *s = p->s;
    const char *title;
    if (!lang_parse_text(p, "the title", &title, NULL) || !lang_parse_done(p))
        return false;
    if (s->sections_n == SCENARIO_EXPANDED_MAX) {
        p->stopped = true;
        return lang_mistake(p, &p->tokens[0], "repeat less", "there are too many sections");
    }
    s->sections =
        sim_grow(s->sections, &s->sections_capacity, s->sections_n + 1, sizeof *s->sections);
    s->sections[s->sections_n++] =
        (scenario_section){.title = title, .prepare = prepare, .line = lang_story_line(p)};
    return true;
}

bool lang_parse_section(lang_parser *p, lang_args *out)
{
    (void)out;
    return add_section(p, false);
}

bool lang_parse_prepare(lang_parser *p, lang_args *out)
{
    (void)out;
    return add_section(p, true);
}

static bool is_feature_form(const char *s)
{
    const char *dot = strchr(s, '.');
    if (!dot || dot == s)
        return false;
    for (; *s; s++) {
        bool letter = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '_';
        if (!letter && !(*s == '.' && s[1] && s[1] != '.'))
            return false;
    }
    return true;
}

static bool feature_is_known(lang_parser *p, const lang_token *t)
{
    const scenario_features *f = p->features;
    if (t->quoted || !is_feature_form(t->text))
        return lang_mistake(p, t,
                            "a feature is written primary.branch: leader_election.re_election",
                            "%s is no name of a feature", lang_q(p, t));
    if (!f || !f->known || f->known(f->self, t->text))
        return true;
    const char *near = f->nearest ? f->nearest(f->self, t->text) : NULL;
    return lang_mistake(p, t,
                        near ? lang_format(p->arena, "did you mean '%s'?", near)
                             : "'wavetank features' lists them",
                        "there is no feature %s", lang_q(p, t));
}

static bool is_in(const char *const *list, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(list[i], name))
            return true;
    return false;
}

/* Lists are short: each addition makes a new one in the arena. */
static const char *const *longer(sim_arena *a, const char *const *list, uint32_t n,
                                 const char *name)
{
    const char **now = sim_arena_take(a, (n + 1) * sizeof *now);
    if (n)
        memcpy(now, list, n * sizeof *now);
    now[n] = name;
    return now;
}

enum { FEATURES_MAX = 100 }; /* in one section */

static bool add_features(lang_parser *p, bool tests)
{
    scenario_section *s = lang_section_now(p);
    bool well = true;
    if (!lang_peek(p))
        return lang_need(p, "a feature") != NULL;
    while (lang_peek(p)) {
        const lang_token *t = lang_take(p);
        if (!feature_is_known(p, t)) {
            well = false;
        } else if (is_in(s->uses, s->uses_n, t->text) || is_in(s->tests, s->tests_n, t->text)) {
            well = lang_mistake(p, t, "a feature that a section tests it uses as well",
                                "this section names %s already", lang_q(p, t));
        } else if (s->uses_n + s->tests_n == FEATURES_MAX) {
            return lang_mistake(p, t, NULL, "a section names at most %d features",
                                FEATURES_MAX);
        } else if (tests) {
            s->tests = longer(p->arena, s->tests, s->tests_n++, t->text);
        } else {
            s->uses = longer(p->arena, s->uses, s->uses_n++, t->text);
        }
    }
    return well;
}

bool lang_parse_uses(lang_parser *p, lang_args *out)
{
    (void)out;
    return add_features(p, false);
}

bool lang_parse_tests(lang_parser *p, lang_args *out)
{
    (void)out;
    return add_features(p, true);
}

bool lang_parse_note(lang_parser *p, lang_args *out)
{
    return lang_parse_text(p, "the text", &out->text, &out->len) && lang_parse_done(p);
}

/* ---- the cluster ------------------------------------------------------------------------- */

/* Words with which a condition begins: neither a node nor a request can be called so. */
static const char *const beginnings[] = {"all",   "leader", "followers", "others",   "no",
                                         "not",   "logs",   "message",   "queue",    "sent",
                                         "event", "and",    "within",    "violation"};
/* Words that may stand behind nodes. */
static const char *const after_nodes[] = {
    "nobody",       "only",     "until",    "disk",     "term",      "vote",    "follows",
    "commit",       "applied",  "last",     "first",    "durable",   "log",     "up",
    "crashed",      "paused",   "state",    "follower", "candidate", "learner", "pre_candidate",
    "role_changes", "entry",    "wiped",    "fail",     "full",      "slow",    "ok",
    "times",        "config",   "snapshot", "learners", "sessions",  "as",      "at",
    "by",           "to",       "lease",    "index",    "stale",     "for",     "refused",
    "transferring", "persisted"};

bool lang_is_reserved(const char *word, bool for_node)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (!strcmp(beginnings[i], word))
            return true;
    for (size_t i = 0; for_node && i < sizeof after_nodes / sizeof *after_nodes; i++)
        if (!strcmp(after_nodes[i], word))
            return true;
    return false;
}

static bool parse_names(lang_parser *p)
{
    const char **names = sim_arena_take(p->arena, SIM_NODES_MAX * sizeof *names);
    uint32_t n = 0;
    bool well = true;
    while (lang_peek(p)) {
        const lang_token *t = lang_take(p);
        if (t->quoted || !lang_is_name(t->text, t->len)) {
            well = lang_mistake(p, t,
                                "names are letters, digits, _ and -, and begin with a letter",
                                "%s is no name for a node", lang_q(p, t));
        } else if (lang_is_reserved(t->text, true)) {
            well = lang_mistake(
                p, t, NULL, "a node cannot be called %s: the word has a meaning", lang_q(p, t));
        } else if (is_in(names, n, t->text)) {
            well = lang_mistake(p, t, NULL, "there are two nodes %s", lang_q(p, t));
        } else if (n == SIM_NODES_MAX) {
            return lang_mistake(p, t, NULL, "a cluster has at most %d nodes", SIM_NODES_MAX);
        } else {
            names[n++] = t->text;
        }
    }
    p->s->config.names = names;
    p->s->config.nodes = n;
    return well;
}

bool lang_parse_cluster(lang_parser *p, lang_args *out)
{
    (void)out;
    if (!once(p, &p->cluster_at))
        return false;
    p->cluster_doubtful = p->cluster_missed = true;
    const lang_token *t = lang_peek(p);
    uint64_t n = 0;
    if (!t)
        return lang_need(p, "the number of nodes, or their names,") != NULL;
    bool number = !t->quoted && ((t->text[0] >= '0' && t->text[0] <= '9') || t->text[0] == '-');
    if (number) {
        if (!lang_parse_number(p, "the number of nodes", 1, SIM_NODES_MAX, &n) ||
            !lang_parse_done(p))
            return false;
        p->s->config.nodes = (uint32_t)n;
    } else if (!parse_names(p)) {
        p->s->config.names = NULL;
        return false;
    }
    p->cluster_set = true;
    p->cluster_doubtful = false;
    return true;
}

/* ---- options, application, engine, seed -----------------------------------------------------
 */

static uint32_t option_count(void)
{
    uint32_t n = 0;
    while (sim_option_table[n].name)
        n++;
    return n;
}

static bool no_option(lang_parser *p, const lang_token *t)
{
    const char *names[64];
    uint32_t n = 0;
    for (; sim_option_table[n].name && n < 63; n++)
        names[n] = sim_option_table[n].name;
    names[n] = NULL;
    return lang_mistake(
        p, t, lang_hint_nearest(p, t, names, n, lang_hint_list(p, "the options are", names)),
        "there is no option %s", lang_q(p, t));
}

bool lang_parse_option(lang_parser *p, lang_args *out)
{
    (void)out;
    const lang_token *name = lang_need(p, "the name of an option");
    if (!name)
        return false;
    uint32_t row = 0, rows = option_count();
    while (row < rows && !lang_is_word(name, sim_option_table[row].name))
        row++;
    if (row == rows)
        return no_option(p, name);
    const lang_token *value =
        lang_need(p, lang_format(p->arena, "the value of '%s'", name->text));
    if (!value || !lang_parse_done(p))
        return false;
    if (!p->options_at)
        p->options_at = sim_arena_take(p->arena, rows * sizeof *p->options_at);
    if (p->options_at[row])
        return lang_mistake(
            p, name, lang_format(p->arena, "it stands in line %u", p->options_at[row]->number),
            "the option %s is set twice", lang_q(p, name));
    p->options_at[row] = p->line;
    sim_text text = {0};
    const char *wrong = sim_options_set(&p->s->config.options, name->text, value->text, &text);
    if (wrong)
        lang_mistake(p, value,
                     lang_format(p->arena, "%s: %s; default %s", name->text,
                                 sim_option_table[row].help, sim_option_table[row].standard),
                     "%s", wrong);
    sim_text_free(&text);
    return !wrong;
}

static size_t names_count(const char *const *names)
{
    size_t n = 0;
    while (names[n])
        n++;
    return n;
}

static bool no_such(lang_parser *p, const lang_token *t, const char *what,
                    const char *const *names)
{
    const char *all = lang_hint_list(p, lang_format(p->arena, "there is:"), names);
    return lang_mistake(p, t, lang_hint_nearest(p, t, names, names_count(names), all),
                        "there is no %s %s", what, lang_q(p, t));
}

bool lang_parse_app(lang_parser *p, lang_args *out)
{
    (void)out;
    const lang_token *t = lang_need(p, "the name of an application");
    if (!t || !lang_parse_done(p) || !once(p, &p->app_at))
        return false;
    const sim_app *app = t->quoted ? NULL : sim_app_find(t->text);
    if (!app)
        return no_such(p, t, "application", sim_app_names);
    p->s->config.app = app;
    return true;
}

bool lang_parse_engine(lang_parser *p, lang_args *out)
{
    (void)out;
    const lang_token *t = lang_need(p, "the name of an engine");
    if (!t || !lang_parse_done(p) || !once(p, &p->engine_at))
        return false;
    const sim_engine *engine = t->quoted ? NULL : sim_engine_find(t->text);
    if (!engine)
        return no_such(p, t, "engine", sim_engine_names);
    p->s->config.engine = engine;
    return true;
}

bool lang_parse_seed(lang_parser *p, lang_args *out)
{
    (void)out;
    return lang_parse_number(p, "the seed", 0, UINT64_MAX, &p->s->config.seed) &&
           lang_parse_done(p) && once(p, &p->seed_at);
}

/* ---- presets
 * ---------------------------------------------------------------------------------- */

static bool parse_preset_elected(lang_parser *p)
{
    sim_id id;
    if (p->s->elected)
        return lang_mistake(p, &p->tokens[0], NULL, "a second leader is preset");
    if (!lang_parse_node_name(p, &id) || !lang_parse_done(p))
        return false;
    const lang_token *last = &p->tokens[p->n - 1];
    p->s->elected = id;
    p->s->elected_at = (lang_place){p->line, p->tokens[0].column,
                                    last->column + last->width - p->tokens[0].column, p->frame};
    return true;
}

static bool term_is_well(lang_parser *p, const lang_token *at, const sim_preset *q)
{
    uint64_t last = q->n ? q->points[q->n - 1].term : 0;
    if (q->term && last > q->term)
        return lang_mistake(p, at, NULL,
                            "its log has an entry of term %" PRIu64
                            ", so its term cannot be %" PRIu64,
                            last, q->term);
    return true;
}

/* Log Matching (thesis 3.5): where two logs agree about an index and its term, they agree
 * about all before it. */
static bool logs_match(lang_parser *p, const lang_token *at, const sim_preset *a,
                       const sim_preset *b)
{
    uint64_t n = a->n < b->n ? a->n : b->n, differ = 0;
    for (uint64_t i = 0; i < n; i++) {
        if (a->points[i].term != b->points[i].term)
            differ = differ ? differ : i + 1;
        else if (differ)
            return lang_mistake(
                p, at,
                "no run of Raft leads there: equal index and term mean equal logs up to it",
                "Log Matching: this log and that of %s agree at %" PRIu64 "@%" PRIu64
                " but differ at %" PRIu64,
                p->s->config.names ? p->s->config.names[b->node - 1]
                                   : lang_format(p->arena, "n%u", b->node),
                i + 1, a->points[i].term, differ);
    }
    return true;
}

static bool preset_log(lang_parser *p, const lang_token *node, const lang_token *log, sim_id id,
                       const sim_point *points, uint64_t n)
{
    sim_preset *q = &p->presets[id - 1];
    if (p->preset_logs[id - 1])
        return lang_mistake(
            p, node,
            lang_format(p->arena, "it stands in line %u", p->preset_logs[id - 1]->number),
            "the log of %s is preset twice", lang_q(p, node));
    p->preset_logs[id - 1] = p->line;
    q->node = id;
    q->points = points;
    q->n = n;
    if (!term_is_well(p, log, q))
        return false;
    for (uint32_t other = 0; other < SIM_NODES_MAX; other++)
        if (other != id - 1u && p->presets[other].n &&
            !logs_match(p, log, q, &p->presets[other]))
            return false;
    return true;
}

static bool parse_preset_log(lang_parser *p)
{
    lang_nodes nodes;
    const lang_token *first = lang_peek(p);
    if (!lang_parse_nodes(p, &nodes))
        return false;
    if (nodes.words & ~LANG_ALL)
        return lang_mistake(p, first, NULL, "nodes must be named here: nobody leads yet");
    const lang_token *log = lang_need(p, "the log");
    if (!log)
        return false;
    if (!log->quoted)
        return lang_mistake(p, log, "a log is written \"1@1 2@1 3@2\"",
                            "the log must stand in \"quotes\"");
    if (!lang_parse_done(p))
        return false;
    sim_text why = {0};
    sim_point *points = NULL;
    uint64_t n = 0;
    const char *wrong = sim_parse_log(log->text, log->len, p->arena, 1, &points, &n, &why);
    if (wrong)
        lang_mistake(p, log, "a log is written \"1@1 2@1 3@2\": index@term from 1 on", "%s",
                     wrong);
    sim_text_free(&why);
    if (wrong)
        return false;
    sim_set set = nodes.words ? sim_first_nodes(p->s->config.nodes) : nodes.fixed;
    for (sim_id id = 0; (id = sim_next(set, id));)
        if (!preset_log(p, first, log, id, points, n))
            return false;
    return true;
}

static bool parse_preset_term(lang_parser *p)
{
    sim_id id;
    const lang_token *node = lang_peek(p);
    uint64_t term;
    if (!lang_parse_node_name(p, &id) ||
        !lang_parse_number(p, "the term", 1, UINT64_MAX / 2, &term) || !lang_parse_done(p))
        return false;
    if (sim_has(p->preset_terms, id))
        return lang_mistake(p, node, NULL, "the term of %s is preset twice", lang_q(p, node));
    p->preset_terms |= sim_one(id);
    p->presets[id - 1].node = id;
    p->presets[id - 1].term = term;
    return term_is_well(p, &p->tokens[p->n - 1], &p->presets[id - 1]);
}

static bool parse_preset_vote(lang_parser *p)
{
    sim_id id, vote;
    const lang_token *node = lang_peek(p);
    if (!lang_parse_node_name(p, &id) || !lang_parse_node_name(p, &vote) || !lang_parse_done(p))
        return false;
    if (sim_has(p->preset_votes, id))
        return lang_mistake(p, node, NULL, "the vote of %s is preset twice", lang_q(p, node));
    p->preset_votes |= sim_one(id);
    p->presets[id - 1].node = id;
    p->presets[id - 1].vote = vote;
    p->preset_votes_at[id - 1] = p->line;
    return true;
}

bool lang_need_cluster(lang_parser *p)
{
    if (p->cluster_set)
        return true;
    if (p->cluster_missed)
        return false;
    p->cluster_missed = p->cluster_doubtful = true;
    return lang_mistake(p, &p->tokens[0], "write 'cluster 3' before it",
                        "there is no cluster yet");
}

bool lang_parse_preset(lang_parser *p, lang_args *out)
{
    (void)out;
    static const char *const kinds[] = {"elected", "log", "term", "vote"};
    static bool (*const parse[])(lang_parser *) = {parse_preset_elected, parse_preset_log,
                                                   parse_preset_term, parse_preset_vote};
    if (!lang_need_cluster(p))
        return false;
    const lang_token *kind = lang_need(p, "what to preset");
    if (!kind)
        return false;
    for (uint32_t i = 0; i < 4; i++)
        if (lang_is_word(kind, kinds[i]))
            return parse[i](p);
    return lang_mistake(p, kind, lang_hint_nearest(p, kind, kinds, 4, lang_hint_forms(p)),
                        "there is no preset %s", lang_q(p, kind));
}

/* ---- when all was read
 * ------------------------------------------------------------------------ */

void lang_setup_finish(lang_parser *p)
{
    sim_config *c = &p->s->config;
    lang_members_finish(p);
    lang_violation_finish(p);
    sim_preset *kept = sim_arena_take(p->arena, SIM_NODES_MAX * sizeof *kept);
    for (uint32_t i = 0; i < SIM_NODES_MAX; i++)
        if (p->presets[i].node)
            kept[c->presets_n++] = p->presets[i];
    c->presets = kept;
    for (sim_id id = 0; (id = sim_next(p->preset_votes, id));) {
        const sim_preset *q = &p->presets[id - 1];
        if (!q->term && !q->n && !p->diags->errors)
            lang_mistake_line(p, p->preset_votes_at[id - 1], NULL,
                              "add: preset term NODE 1, or preset log NODE \"1@1\"",
                              "a vote is cast in a term, and this one has none");
    }
}
