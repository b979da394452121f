/* parser.h - one line's words, read from the left, and the few questions that the parse
 * functions of commands and conditions ask.
 *
 *     bool parse_crash(lang_parser *p, lang_args *out)
 *     {
 *         return lang_parse_nodes(p, &out->nodes) && lang_parse_done(p);
 *     }
 *
 * Always true: a function that returns false has told the mistake, with its place. */
#ifndef SCENARIOS_LANG_PARSER_H
#define SCENARIOS_LANG_PARSER_H
#include "scenarios/lang/lang.h"

struct lang_parser {
    scenario *s;
    sim_arena *arena; /* the scenario's */
    scenario_diagnostics *diags;
    const scenario_loader *loader;
    const scenario_features *features;
    /* The line at hand */
    const lang_line *line;
    const lang_frame *frame;
    const lang_token *tokens;
    uint32_t n, at;
    const scenario_command_info *command;
    const scenario_command_info *condition; /* that is being read, or NULL */
    bool dry; /* a definition that nobody calls: mistakes are told, nothing comes of it */
    /* What was set up so far */
    bool cluster_set,
        cluster_doubtful; /* doubtful: its line had a mistake; names are let pass */
    bool cluster_missed;  /* that was told */
    bool acted, stopped;
    const lang_line *title_at, *about_at, *seed_at, *app_at, *engine_at, *cluster_at;
    const lang_line *members_at;  /* the last `spare` or `learner` */
    const lang_line **options_at; /* one for each row of sim_option_table */
    sim_preset presets[SIM_NODES_MAX];
    const lang_line *preset_logs[SIM_NODES_MAX], *preset_votes_at[SIM_NODES_MAX];
    sim_set preset_terms, preset_votes;
};

/* ---- mistakes ---------------------------------------------------------------------- */

/* Tells a mistake at the token (NULL: behind the last word); returns false. */
bool lang_mistake(lang_parser *p, const lang_token *at, const char *hint, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
/* The same for a whole line. */
bool lang_mistake_line(lang_parser *p, const lang_line *line, const lang_frame *frame,
                       const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* "did you mean 'x'?" or otherwise. */
const char *lang_hint_nearest(lang_parser *p, const lang_token *t, const char *const *names,
                              size_t n, const char *otherwise);
const char *lang_hint_list(lang_parser *p, const char *lead, const char *const *names);
const char *lang_hint_forms(lang_parser *p);
const char *lang_q(lang_parser *p, const lang_token *t); /* the word in quotes */
/* Words as a scenario would write them, with one blank between. */
const char *lang_join(sim_arena *a, const lang_token *tokens, uint32_t n);

/* ---- words ------------------------------------------------------------------------- */

const lang_token *lang_peek(const lang_parser *p); /* NULL at the end */
bool lang_at_end(const lang_parser *p);            /* no word left, or `and`, `within` */
bool lang_next_is(const lang_parser *p, const char *word);
bool lang_take_if(lang_parser *p, const char *word);
const lang_token *lang_take(lang_parser *p); /* NULL at the end */
/* The next word, which must be there; what: "a node". */
const lang_token *lang_need(lang_parser *p, const char *what);
bool lang_need_word(lang_parser *p, const char *word);
bool lang_parse_done(lang_parser *p);
bool lang_is_word(const lang_token *t, const char *word);
bool lang_is_name(const char *s, size_t len); /* letters, digits, _ and -, no digit first */

bool lang_parse_text(lang_parser *p, const char *what, const char **text, size_t *len);
bool lang_parse_number(lang_parser *p, const char *what, uint64_t low, uint64_t high,
                       uint64_t *out);
bool lang_parse_us(lang_parser *p, const char *what, sim_us *out);

/* ---- nodes and messages ---------------------------------------------------------------- */

sim_id lang_node_of(const lang_parser *p, const lang_token *t); /* 0: no name of a node */
bool lang_starts_nodes(const lang_parser *p);           /* the next word is one for nodes */
bool lang_looks_like_node(const lang_token *t);         /* n7 */
bool lang_no_node(lang_parser *p, const lang_token *t); /* tells it; false */
bool lang_parse_node_name(lang_parser *p, sim_id *out); /* a name */
bool lang_parse_node(lang_parser *p, lang_nodes *out);  /* a name, or `leader` */
bool lang_parse_nodes(lang_parser *p, lang_nodes *out); /* one or more, and words */
/* The same in front of a condition: `leader` behind the first is a role. */
bool lang_parse_subjects(lang_parser *p, lang_nodes *out);
/* `A -> B` or, when both is not NULL, `A <-> B`, each several nodes. */
bool lang_parse_link(lang_parser *p, lang_nodes *from, lang_nodes *to, bool *both);
/* `[A -> B] [TYPE] [#ID]`.  any: nothing at all is fine. */
bool lang_parse_filter(lang_parser *p, bool any, lang_filter *out);
bool lang_parse_type(lang_parser *p, uint32_t *out);
/* `field value …` of a message, up to the end; checked with the engine's forge. */
bool lang_parse_fields(lang_parser *p, uint32_t type, const sim_forged_field **out,
                       uint32_t *n);
/* The place among the names of requests; made when it is new. */
uint32_t lang_request_named(lang_parser *p, const char *name);
bool lang_request_find(const lang_parser *p, const char *name, uint32_t *out);
bool lang_is_reserved(const char *word, bool for_node);
/* `as NAME` behind its `as`: 1 + its place among the names of requests. */
bool lang_parse_as(lang_parser *p, uint32_t *request);
/* The text of a command or a query, not longer than one may be. */
bool lang_parse_command(lang_parser *p, const char *what, lang_args *out);

/* ---- conditions.c ------------------------------------------------------------------------ */

/* Up to the end or `within`. */
const lang_condition *lang_parse_condition(lang_parser *p);

/* ---- parse_*.c: the parse functions of the table ------------------------------------------
 */

typedef bool lang_parse_fn(lang_parser *p, lang_args *out);
lang_parse_fn lang_parse_scenario, lang_parse_about, lang_parse_cite, lang_parse_section,
    lang_parse_prepare, lang_parse_uses, lang_parse_tests, lang_parse_note, lang_parse_cluster,
    lang_parse_option, lang_parse_app, lang_parse_engine, lang_parse_seed, lang_parse_preset,
    lang_parse_deliver, lang_parse_settle, lang_parse_drop, lang_parse_delay,
    lang_parse_reorder, lang_parse_inject, lang_parse_corrupt, lang_parse_partition,
    lang_parse_several, lang_parse_one, lang_parse_cut, lang_parse_heal, lang_parse_hold,
    lang_parse_restart, lang_parse_disk, lang_parse_torn, lang_parse_skew, lang_parse_drift,
    lang_parse_propose, lang_parse_advance, lang_parse_await, lang_parse_expect;
/* parse_members.c, parse_admin.c */
lang_parse_fn lang_parse_spare, lang_parse_learner, lang_parse_bug, lang_parse_transfer,
    lang_parse_add, lang_parse_promote, lang_parse_remove, lang_parse_reconfigure,
    lang_parse_leave, lang_parse_snapshot, lang_parse_request, lang_parse_retry,
    lang_parse_read, lang_parse_fail, lang_parse_mend;

/* What can only be said when the whole file was read. */
/* Some set-up names nodes, so it comes behind the cluster; the want of one is told once. */
bool lang_need_cluster(lang_parser *p);
void lang_setup_finish(lang_parser *p);
void lang_members_finish(lang_parser *p);   /* somebody votes */
void lang_violation_finish(lang_parser *p); /* nothing is done behind `expect violation` */

/* ---- parser.c and expand.c ------------------------------------------------------------------
 */

/* The line at hand for the trace: of the scenario's own file. */
uint32_t lang_story_line(const lang_parser *p);
/* The section that acts belong to now, made when there is none. */
scenario_section *lang_section_now(lang_parser *p);
/* One line whose variables are in place. */
void lang_parse_line(lang_parser *p, const lang_line *line, const lang_token *tokens,
                     uint32_t n, const lang_frame *frame);
/* Reads the files and carries the blocks out, down to lines. */
void lang_expand(lang_parser *p);
/* Adds a copy of the file's text; NULL when there are too many files. */
const scenario_file *lang_add_file(lang_parser *p, const char *path, const char *text,
                                   size_t len);

#endif
