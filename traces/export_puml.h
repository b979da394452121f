/* export_puml.h - the parts of the PlantUML export, for each other only.
 *
 * export_puml.c        one diagram a section: frame, parts, files
 * export_puml_facts.c  what is known of the whole trace before a line is drawn
 * export_puml_fold.c   heartbeats that change nothing
 * export_puml_plan.c   the events of a section as rows, in an order that does not lie
 * export_puml_draw.c   rows as PlantUML: bars, boxes, steps
 * export_puml_effect.c what a step led to
 * export_puml_arrow.c  messages
 * export_puml_links.c  cut links
 * export_puml_text.c   labels, escaped
 *
 * Facts point into the trace, a plan into the facts; whoever makes one frees it. */
#ifndef TRACES_EXPORT_PUML_H
#define TRACES_EXPORT_PUML_H
#include "traces/trace.h"

/* ---- colours that are not a role's --------------------------------------------------- */

#define PUML_VOTE    "#7A3E9D"
#define PUML_APPEND  "#1F5FA8"
#define PUML_OTHER   "#3C4650"
#define PUML_CLIENT  "#0B7A75"
#define PUML_BAD     "#C62828"
#define PUML_BAD_BOX "#FDECEA"
#define PUML_DIM     "#7C8894"
#define PUML_TIMEOUT "#B8860B"
#define PUML_ELECTED "#2E7D32"
#define PUML_FORGED  "#8D6E63"
#define PUML_QUIET   "#F1F3F5"

/* ---- facts --------------------------------------------------------------------------- */

typedef struct puml_message {
    uint64_t id;
    const trace_event *send; /* the whole message: its own send, or its original's */
    const trace_event *born; /* its own send, or the `duplicate` that made this copy */
    const trace_event *end;  /* its deliver or drop; NULL: in flight when the trace ends */
    const trace_event *hold; /* NULL: it was never held or delayed */
    uint64_t copy_of;        /* 0: it is no copy */
    bool duplicated;         /* copies were made of it */
    bool folded;             /* part of a round of heartbeats that is one row */
} puml_message;

/* A step is what happens at once on a node: its head (a delivery, a timer, a crash, …) and
 * what that led to.  A write that becomes durable later is a head of its own. */
typedef struct puml_facts {
    const trace *trace;
    puml_message *messages; /* by id; those that do not exist have no born */
    uint64_t messages_n;
    uint64_t *head;               /* by position: the position of the head of its step */
    uint32_t *led_to;             /* by position of a head: how many events follow from it */
    const trace_event **outcome;  /* by position of a submitted write: what became of it */
    bool *held;                   /* by position of a disk event: its disk is held */
    const trace_event *violation; /* the first; NULL: nothing was violated */
} puml_facts;

puml_facts *puml_facts_new(const trace *t);
void puml_facts_free(puml_facts *f);

/* NULL when the trace has no such message. */
puml_message *puml_message_of(const puml_facts *f, uint64_t id);
/* The message that an event (send, deliver, drop, hold, duplicate) is about. */
puml_message *puml_message_at(const puml_facts *f, const trace_event *e);
/* Position in header.nodes; -1 for nobody. */
int puml_lane(const puml_facts *f, const char *name);
/* Whether anybody had to wait for this submitted write, so that it is worth showing. */
bool puml_write_waits(const puml_facts *f, const trace_event *submitted);
bool puml_is_heartbeat(const trace_event *send);
bool puml_is_reply(const trace_event *send);

/* ---- folding ------------------------------------------------------------------------- */

typedef struct puml_fold {
    const char *leader;
    uint64_t sent, acknowledged, cut, lossy, crashed, replies_lost;
} puml_fold;

/* If the heartbeats that this timer event sent, and all that followed from them, changed
 * nothing: marks their messages as folded and counts them. */
bool puml_fold_round(puml_facts *f, uint64_t timer, puml_fold *fold);
/* "4 heartbeats from n1, all acknowledged". */
void puml_fold_words(sim_text *out, const puml_fold *fold);

/* ---- plan ---------------------------------------------------------------------------- */

typedef enum puml_row_kind {
    PUML_STEP,    /* something on one line, or across all */
    PUML_WHOLE,   /* a message, sent and delivered */
    PUML_LEAVES,  /* its send only */
    PUML_ARRIVES, /* its delivery only */
    PUML_LOST,    /* a message that did not arrive */
    PUML_FOLDED,  /* rounds of heartbeats */
} puml_row_kind;

typedef struct puml_row {
    puml_row_kind kind;
    const trace_event *head;
    puml_message *message;
    const trace_event *const *effects; /* of the step, in order, without sends */
    uint32_t effects_n;
    uint64_t at_us; /* the time to show; never goes back from row to row */
    bool late;      /* LOST: drawn where it was dropped, sent long before */
    puml_fold fold;
} puml_row;

typedef struct puml_plan {
    puml_row *rows;
    uint64_t rows_n;
    const trace_event **effects;
    uint64_t arrows; /* rows that are messages */
    bool clients;    /* somebody asked or was answered */
    bool halves;     /* some message leaves and arrives apart */
} puml_plan;

/* The events at positions first..last-1. */
puml_plan *puml_plan_new(puml_facts *f, const trace_puml_options *o, uint64_t first,
                         uint64_t last);
void puml_plan_free(puml_plan *p);
/* Whether an effect is worth a mark of its own. */
bool puml_effect_shows(const puml_facts *f, const trace_event *e);
/* Whether a row is a message (what a diagram counts). */
bool puml_row_is_arrow(const puml_row *r);
/* Whether a row begins an election: the best place to turn the page. */
bool puml_row_is_campaign(const puml_row *r);

/* ---- text ---------------------------------------------------------------------------- */

enum { PUML_TEXT_MAX = 160, PUML_LINE_MAX = 72, PUML_NAME_MAX = 32, PUML_NARROW_MAX = 28 };

/* Foreign text as PlantUML shows it letter by letter: at most max columns, then "…". */
void puml_text(sim_text *out, const char *s, size_t max);
/* The same in lines of at most line columns. */
void puml_lines(sim_text *out, const char *s, size_t max, size_t line);
/* A second, smaller line below a label; opens it or adds to it. */
typedef struct puml_label {
    sim_text *out;
    bool small;   /* the small line is open */
    bool narrow;  /* the arrow is as long as its label: small lines of few columns */
    size_t begin; /* of the open small line's text, and of what was added to it last */
    size_t added;
} puml_label;
void puml_small(puml_label *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void puml_small_text(puml_label *l, const char *before, const char *text);
/* On lines of its own. */
void puml_small_lines(puml_label *l, const char *before, const char *text);
void puml_label_end(puml_label *l);

const char *puml_message_colour(const trace_event *send);
/* Closes the small line, so that the next addition opens another. */
void puml_small_break(puml_label *l);
/* "RequestVote T1" in its colour; its fields that matter are a small line of their own. */
void puml_message_label(puml_label *l, const puml_message *m, const char *colour, bool id);
void puml_message_fields(puml_label *l, const puml_message *m);
/* "entries 3..5 · term 2 vote n1" of a disk event. */
void puml_write_words(sim_text *out, const trace_event *disk);
/* "155", "155.2": a moment in milliseconds. */
void puml_ms(sim_text *out, uint64_t us, bool tenths);

/* ---- drawing ------------------------------------------------------------------------- */

typedef struct puml_lane_state {
    const char *role; /* its word, from the trace */
    uint64_t term;
    bool crashed, paused, bar; /* bar: the inner one is open */
} puml_lane_state;

/* The box around what happens while links are cut. */
typedef enum puml_box { PUML_BOX_NONE, PUML_BOX_DUE, PUML_BOX_OPEN } puml_box;

typedef struct puml_pen {
    const puml_facts *facts;
    sim_text *out;
    trace_model *model; /* for links only; moves forward */
    puml_lane_state lanes[SIM_NODES_MAX];
    sim_text links; /* what is cut */
    puml_box box;
    sim_text shown;   /* the last moment that was written */
    uint64_t last_us; /* when the last row was */
    sim_set touched;  /* lanes that the last message opened or closed */
    bool can_close;   /* the last thing drawn is a message without such a mark here */
    bool any_message; /* something was drawn that bars can be told by */
    bool tenths;      /* moments show tenths of a millisecond */
    /* what the legend must explain */
    bool lost, split, forged, paused;
    uint32_t roles; /* bits by position in trace_role_colours */
} puml_pen;

/* The name that PlantUML knows a node by. */
void puml_alias(const puml_pen *p, sim_text *out, int lane);
void puml_put_lane(puml_pen *p, int lane);
int puml_lane_named(const puml_pen *p, const char *name);
const char *puml_fill(const char *role);
/* Marks a role for the legend. */
void puml_role_seen(puml_pen *p, const char *role);
bool puml_has_bar(const char *role);
void puml_put_role(puml_pen *p, const char *role);

void puml_draw(puml_pen *p, const puml_row *r);

/* The inner bar of a lane, in the colour of its role. */
void puml_open_bar(puml_pen *p, int lane);
void puml_close_bar(puml_pen *p, int lane);

/* A message was begun: later marks are its own. */
void puml_drew_message(puml_pen *p);
/* The colon, and the moment when it is not the one that was written last. */
void puml_start_label(puml_pen *p, const puml_row *r);
/* A message of a lane to itself; mark is "", " ++ #9FD8A8", " --" or " !!". */
void puml_start_self(puml_pen *p, const puml_row *r, int lane, const char *colour,
                     const char *mark);
/* A note over one lane, over all with -1. */
void puml_start_box(puml_pen *p, const char *shape, int lane, const char *colour);

/* export_puml_effect.c */
typedef struct puml_change { /* of role and term in one step */
    const trace_event *role_first, *role_last, *term_first, *term_last, *append;
} puml_change;
puml_change puml_change_of(const puml_row *r);
void puml_put_terms(puml_pen *p, const puml_change *c);
/* The entry that a step appended on its own account: "appends 1@1". */
void puml_put_append(puml_label *l, const puml_change *c);
void puml_draw_disk(puml_pen *p, const trace_event *e);
void puml_draw_effect(puml_pen *p, const puml_row *r, const trace_event *e);
void puml_draw_effects(puml_pen *p, const puml_row *r);

/* export_puml_arrow.c */
void puml_draw_message(puml_pen *p, const puml_row *r);

/* export_puml_links.c: what is cut at the model's moment ("n1 | n2 n3", "n1 -> n2"; empty
 * for nothing), and the box. */
void puml_links(const puml_pen *p, sim_text *out);
void puml_draw_links(puml_pen *p, const puml_row *r);
void puml_box_open(puml_pen *p, const char *behind);
void puml_box_close(puml_pen *p);

#endif
