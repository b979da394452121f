/* trace.h - a run as a file of JSON Lines, and everything that is made from it.
 *
 * The writer turns notes into lines as they come.  The reader checks a file and gives it
 * back as records.  The model rebuilds any moment.  The exports (csv, metadata, plantuml)
 * read a trace and know nothing else.
 *
 * Nothing here opens a file: bytes go to a sink and come from a source. */
#ifndef TRACES_TRACE_H
#define TRACES_TRACE_H
#include "sim/base/arena.h"
#include "sim/base/text.h"
#include "sim/note.h"

#define TRACE_FORMAT          "wavetank-trace/1"
#define TRACE_PROGRAM_VERSION "0.1.0"

/* ---- writing ------------------------------------------------------------------- */

/* Where bytes go.  False: it failed (disk full); the writer remembers and stops. */
typedef struct trace_sink {
    bool (*write)(void *self, const char *bytes, size_t len);
    void *self;
} trace_sink;

typedef struct trace_option {
    const char *name, *value;
} trace_option;
typedef struct trace_source {
    const char *path, *text;
    size_t len;
} trace_source;

/* The first line.  Paths are relative to the scenario root; no machine is named. */
typedef struct trace_header {
    const char *format, *program, *scenario, *title, *about;
    const char *const *cites;
    uint32_t cites_n;
    const char *engine, *app;
    const char *const *nodes;
    uint32_t nodes_n;
    const char *members; /* at the start, as `config` says it; NULL: all nodes are voters */
    uint64_t seed;
    const trace_option *options; /* every option in force, in the order of the table */
    uint32_t options_n;
    const char *const *bugs; /* every bug that is planted, by the scenario or from outside */
    uint32_t bugs_n;
    const trace_source *source; /* the scenario's text, then its includes */
    uint32_t source_n;
} trace_header;

/* The last line. */
typedef struct trace_footer {
    const char *result; /* passed, failed, violation, error */
    const char *why;    /* one line when not passed, else "" */
    uint64_t events, sends, delivers, drops, expects, violations, at_us;
    uint64_t digest;
} trace_footer;

typedef struct trace_writer trace_writer;

trace_writer *trace_writer_new(trace_sink sink, const sim_engine *engine,
                               const trace_header *header);
/* To be given to the tank. */
sim_observer trace_writer_observer(trace_writer *w);
/* Writes the footer (the counts are the writer's own) and flushes.  False when anything
 * that was written did not arrive. */
bool trace_writer_finish(trace_writer *w, const char *result, const char *why, uint64_t digest);
/* Flushes what is there, without a footer: the run was cut short. */
bool trace_writer_flush(trace_writer *w);
bool trace_writer_failed(const trace_writer *w);
void trace_writer_free(trace_writer *w);

/* ---- reading ------------------------------------------------------------------- */

typedef enum trace_value_kind { TRACE_NUMBER, TRACE_TEXT, TRACE_TEXTS } trace_value_kind;
typedef struct trace_value { /* a field that the kind needs, in the file's order */
    const char *name;
    trace_value_kind kind;
    uint64_t number;
    const char *text;
    const char *const *texts;
    uint32_t n;
} trace_value;

typedef struct trace_event {
    uint64_t seq, at_us, cause;
    uint32_t section, line;
    sim_note_kind kind;
    const char *node; /* "" when it is nobody's */
    const trace_value *values;
    uint32_t values_n;
    const trace_value *state; /* the delta; numbers, and texts for names and points */
    uint32_t state_n;
    uint32_t file_line; /* in the trace file, 1 is the header */
} trace_event;

typedef struct trace {
    trace_header header;
    trace_event *events; /* events[i].seq == i + 1 */
    uint64_t events_n;
    trace_footer footer;
    bool complete;             /* false: no footer, the run was cut short */
    struct trace_index *index; /* of messages; the reader's own */
    sim_arena arena;
} trace;

enum { /* of one line of the file; the header holds the scenario's whole text */
       TRACE_LINE_BYTES_MAX = 256 << 20,
       TRACE_LINE_VALUES_MAX = 1 << 20,
       TRACE_LINE_DEPTH_MAX = 8,
};

typedef struct trace_error {
    uint64_t line; /* of the file, 0 when it is the whole file */
    char text[512];
    char hint[256];
} trace_error;

/* Reads a whole trace from memory.  NULL with *error for an unknown format version, a bad
 * line, or a sequence that does not fit.  A last line that is cut in half, or a missing
 * footer, is no error: complete is false. */
trace *trace_read(const char *bytes, size_t len, trace_error *error);
void trace_free(trace *t);

/* A value by name, or NULL. */
const trace_value *trace_value_of(const trace_event *e, const char *name);
const char *trace_text_of(const trace_event *e, const char *name);         /* "" when absent */
uint64_t trace_number_of(const trace_event *e, const char *name);          /* 0 when absent */
const trace_value *trace_state_of(const trace_event *e, const char *name); /* NULL: unchanged */
/* The send of a message, whole; NULL when the trace has none. */
const trace_event *trace_message(const trace *t, uint64_t id);

/* Position in header.nodes, or -1. */
int trace_node_index(const trace_header *h, const char *name, size_t len);

/* ---- the model: any moment of a trace ------------------------------------------ */

typedef struct trace_node {
    const char *name, *role, *vote, *leader, *config; /* names; "" for nobody */
    uint64_t term, commit, applied, durable, last_index, last_term;
    uint64_t snapshot_index, snapshot_term; /* 0@0: none */
    bool crashed, paused; /* crashed: no leader, nothing applied, the rest is on the disk */
    sim_set cut_to;       /* links from this node that are cut, by position in header.nodes */
    uint32_t changed;     /* SIM_STATE_ bits that the last step changed */
} trace_node;

typedef struct trace_flying {
    uint64_t id;
    const trace_event *send;
    bool held;         /* it cannot move: its link is held, or it is delayed */
    uint64_t until_us; /* held, and by a delay alone, which ends then; else 0 */
} trace_flying;

typedef struct trace_model trace_model;

trace_model *trace_model_new(const trace *t);
void trace_model_free(trace_model *m);
/* Takes one event; false at the end. */
bool trace_model_step(trace_model *m);
/* Goes to the moment right after seq (0: before the first event), forward or back. */
void trace_model_seek(trace_model *m, uint64_t seq);
const trace *trace_model_trace(const trace_model *m);
uint64_t trace_model_seq(const trace_model *m);
uint64_t trace_model_at_us(const trace_model *m);
const trace_node *trace_model_nodes(const trace_model *m, uint32_t *n);
const trace_flying *trace_model_queue(const trace_model *m, uint32_t *n); /* oldest first */
/* The entries of a node's log as "index@term", or NULL when it has none at index. */
bool trace_model_entry(const trace_model *m, uint32_t node, uint64_t index, uint64_t *term,
                       const char **kind_and_text);

/* ---- text for people (text.c) ---------------------------------------------------- */

/* One event as one line without newline: "#12  1.5ms  n1  send AppendEntries -> n2 …". */
void trace_event_line(const trace *t, const trace_event *e, bool colour, sim_text *out);
/* Every node's state as a table, and the queue, at the model's moment. */
void trace_model_table(const trace_model *m, bool colour, sim_text *out);
void trace_model_queue_lines(const trace_model *m, bool colour, sim_text *out);
/* A message in a few words: "AppendEntries T2 prev 1@1 +1 commit 1". */
void trace_message_words(const trace_event *send, sim_text *out);

/* ---- exports ----------------------------------------------------------------------- */

bool trace_export_csv(const trace *t, trace_sink sink);
bool trace_export_digest_csv(const trace *t, trace_sink sink);
bool trace_export_metadata(const trace *t, trace_sink sink);

typedef struct trace_puml_options {
    bool heartbeats;       /* show every heartbeat instead of folding */
    uint32_t messages_max; /* a diagram; 0: 50 */
} trace_puml_options;
/* Calls open for each diagram with its name behind the trace's ("1", "2", "2_2": section 2,
 * second part), then writes it to the sink that open gave. */
typedef struct trace_puml_files {
    bool (*open)(void *self, const char *suffix, trace_sink *sink);
    bool (*close)(void *self);
    void *self;
} trace_puml_files;
bool trace_export_puml(const trace *t, const trace_puml_options *o, trace_puml_files files);

/* Colours of the roles, the same in every picture, table and page. */
typedef struct trace_role_colour {
    const char *role, *fill, *ansi;
} trace_role_colour;
extern const trace_role_colour trace_role_colours[]; /* ends with a NULL role */

#endif
