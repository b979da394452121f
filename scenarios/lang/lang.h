/* lang.h - what the files of the language share; nobody else includes it.
 *
 * The way of a text: lexer.c makes lines of words, expand.c unrolls blocks, definitions
 * and includes and gives each resulting line to parser.c, which finds the command in the
 * table (commands.c) and lets its parse function fill a lang_args.  The result is a flat
 * list of acts, which runner.c carries out.
 *
 * Always true: a scenario that was parsed without a mistake is immutable, and everything
 * in it lives in its arena; acts point at arguments that may be shared between the rounds
 * of a `repeat`. */
#ifndef SCENARIOS_LANG_LANG_H
#define SCENARIOS_LANG_LANG_H
#include "scenarios/lang/scenario.h"

/* ---- words, lines, places ------------------------------------------------------- */

/* An escaped dollar is kept as this byte (which a file cannot hold) until variables are
 * put in, so that "\$n" is not taken for one. */
#define LANG_DOLLAR '\x01'

typedef struct lang_token {
    const char *text; /* without quotes and escapes, NUL-terminated */
    uint32_t len;
    uint32_t column, width; /* in the source line, in code points */
    bool quoted;
    bool dollar; /* holds a '$' or an escaped one */
} lang_token;

typedef struct lang_line {
    const scenario_file *file;
    uint32_t number;
    uint32_t source_len;
    const char *source; /* the line (the first, of a long text) as it stands in the file */
    const lang_token *tokens;
    uint32_t n;
    uint32_t match;  /* repeat, for, define: where its end is; expand.c fills it */
    uint32_t faults; /* rounds in which it had a mistake; expand.c counts */
    bool bad;        /* a mistake was told already: it only opens and closes blocks */
} lang_line;

typedef struct lang_lines {
    lang_line *at;
    size_t n, capacity;
} lang_lines;

/* How a line came to be where it is carried out. */
typedef enum lang_frame_kind { LANG_IN_DEFINE, LANG_IN_FOR, LANG_IN_INCLUDE } lang_frame_kind;
typedef struct lang_frame {
    lang_frame_kind kind;
    const char *name;        /* of the definition, the variable, the included file */
    const lang_line *line;   /* that called, opened, included it */
    const lang_token *names; /* variables and their values; none for an include */
    const lang_token *values;
    uint32_t n;
    const struct lang_frame *up;
} lang_frame;

/* ---- conditions_members.c --------------------------------------------------------- */

/* Why a request came to nothing: the name that its client hears, and what it means. */
typedef struct lang_refusal {
    const char *name, *meaning;
} lang_refusal;
extern const lang_refusal lang_refusals[]; /* ends with a NULL name */

/* ---- diagnostics.c --------------------------------------------------------------- */

typedef struct lang_place {
    const lang_line *line;
    uint32_t column, width;
    const lang_frame *frame;
} lang_place;

/* Adds a diagnostic, unless the very same one is there already. */
void lang_report(scenario_diagnostics *d, lang_place place, const char *hint, const char *text);
/* Puts those from the first on into the order of the scenario's files and lines. */
void lang_sort_diagnostics(scenario_diagnostics *d, uint32_t first, const scenario *s);
/* Fills one, with its strings in the arena. */
void lang_diagnostic_fill(scenario_diagnostic *out, sim_arena *a, lang_place place,
                          const char *hint, const char *text);
/* "name" in quotes for a message: long ones cut short, what cannot be printed replaced. */
const char *lang_quote(sim_arena *a, const char *s, size_t len);
const char *lang_format(sim_arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *lang_keep(sim_arena *a, sim_text *t); /* copies, and frees the text */

/* ---- lexer.c ----------------------------------------------------------------------- */

/* Splits a file into lines of words; empty lines are left out.  Lines and words live in
 * the arena, the list on the heap. */
void lang_lex(const scenario_file *file, sim_arena *a, scenario_diagnostics *d,
              lang_lines *out);

/* ---- what an act knows --------------------------------------------------------------- */

/* Nodes as a script names them: by name, and by words that are resolved when it runs. */
enum {
    LANG_ALL = 1 << 0,
    LANG_LEADER = 1 << 1,
    LANG_FOLLOWERS = 1 << 2,
    LANG_OTHERS = 1 << 3,
};
typedef struct lang_nodes {
    sim_set fixed;
    uint8_t words; /* LANG_ALL, … */
} lang_nodes;

/* Which messages: `[A -> B] [TYPE] [#ID]`; nothing set is any. */
typedef struct lang_filter {
    lang_nodes from, to;
    uint32_t type; /* 1 + the engine's type */
    uint64_t id;
} lang_filter;

/* Which notes an `expect sent` or `expect event` counts. */
typedef struct lang_match {
    sim_note_kind kind;
    sim_id node;         /* 0: any */
    bool genuine;        /* what a script forged was not sent by its node */
    lang_filter message; /* for messages; fixed nodes only in counted ones */
    const sim_forged_field *fields;
    uint32_t fields_n;
    uint32_t section; /* whose beginning starts the count */
    uint32_t counter; /* its place in the scenario's counters */
} lang_match;

/* Refused by whatever status: failed, redirect, retry. */
enum { LANG_REFUSED = SIM_STATUS_COUNT };

/* One thing that is said of a node or of the cluster: `term 2`, `queue 3`. */
typedef struct lang_term {
    const scenario_command_info *what;
    uint64_t number;
    sim_point point;
    lang_nodes node;  /* vote, follows, config: empty is nobody */
    lang_nodes old;   /* config: the old voters of joint consensus */
    bool given;       /* an optional part was there */
    uint8_t status;   /* of a request: sim_status, or LANG_REFUSED */
    uint32_t request; /* its place in the scenario's request names */
    const char *text; /* state, answer */
    const sim_point *points;
    uint64_t points_n;
    const lang_match *match;
} lang_term;

typedef struct lang_atom {
    const char *text; /* as written, without `not` */
    bool negated, of_nodes;
    lang_nodes nodes;
    const lang_term *terms; /* one, unless of nodes */
    uint32_t n;
} lang_atom;

typedef struct lang_condition {
    const char *text;
    const lang_atom *atoms; /* all must hold */
    uint32_t n;
} lang_condition;

typedef enum lang_held { /* what `hold` and `release` are about */
                         LANG_HOLD_LINK,
                         LANG_HOLD_DISK,
                         LANG_HOLD_PERSISTED
} lang_held;

typedef struct lang_args { /* which members mean something is each command's own matter */
    lang_nodes nodes, to;
    const lang_nodes *groups;
    lang_filter filter;
    uint64_t number;
    int64_t amount;
    sim_us us;
    const char *text;
    size_t len;
    uint32_t request; /* 1 + its place in the scenario's request names; 0: none */
    const sim_forged_field *fields;
    uint32_t fields_n, groups_n;
    const lang_condition *condition;
    const char *client; /* of a request with a session */
    uint8_t mode;
    bool all, both, negated;
    bool by_hand; /* joint consensus is left by hand */
} lang_args;

typedef struct lang_act {
    const scenario_command_info *what;
    const lang_args *args;
    const char *text; /* the command as a scenario would write it, variables put in */
    const lang_line *line;
    const lang_frame *frame;
    uint32_t section; /* 0-based */
    uint32_t story;   /* the line for the trace: of the scenario's own file */
} lang_act;

struct scenario {
    sim_arena arena;
    const char *title, *about;
    const char **cites;
    size_t cites_n, cites_capacity;
    scenario_section *sections;
    size_t sections_n, sections_capacity;
    scenario_file *files; /* allocated once: lines point at them */
    uint32_t files_n;
    lang_lines lines[SCENARIO_INCLUDE_DEPTH_MAX * 4]; /* one for each file */
    lang_act *acts;
    size_t acts_n, acts_capacity;
    const char **names; /* of requests */
    size_t names_n, names_capacity;
    uint32_t *names_slots; /* a hash table: 1 + the place among the names, 0 is free */
    size_t names_slots_n;
    const lang_match **counters;
    size_t counters_n, counters_capacity;
    sim_config config;
    sim_id elected; /* preset elected; 0: none */
    lang_place elected_at;
    const lang_line *setup_last; /* the last line that set something up */
};
enum { LANG_FILES_MAX = SCENARIO_INCLUDE_DEPTH_MAX * 4 };

/* ---- the table ---------------------------------------------------------------------- */

typedef struct lang_parser lang_parser;
typedef struct lang_run lang_run;

typedef enum lang_phase {
    LANG_DESCRIBE, /* may stand anywhere, moves nothing */
    LANG_SETUP,    /* before the first action */
    LANG_ACT,      /* becomes an act */
    LANG_BLOCK,    /* expand.c sees to it */
} lang_phase;

struct lang_how {
    lang_phase phase;
    /* Commands.  parse is false when it told a mistake; run is false when the act failed
     * and lang_run_failed() was told. */
    bool (*parse)(lang_parser *p, lang_args *out);
    bool (*run)(lang_run *r, const lang_act *act);
    /* Conditions on a node: said behind NODES. */
    bool (*node_parse)(lang_parser *p, lang_term *out);
    bool (*node_holds)(lang_run *r, const lang_term *t, sim_id node);
    void (*node_actual)(lang_run *r, const lang_term *t, sim_id node, sim_text *out);
    /* Conditions on the cluster: said alone. */
    bool (*alone_parse)(lang_parser *p, lang_term *out);
    bool (*alone_holds)(lang_run *r, const lang_term *t);
    void (*alone_actual)(lang_run *r, const lang_term *t, sim_text *out);
};

/* `expect violation NAME`: the run passes when it comes, and ends there. */
bool lang_expects_violation(const lang_act *act);
const scenario_command_info *lang_command_named(const char *name, size_t len);
const scenario_command_info *lang_condition_named(const char *name, size_t len);

#endif
