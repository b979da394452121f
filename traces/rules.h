/* rules.h - which fields an event of each kind has, and what may stand in them: the
 * reader's law, and what the JSON Schema in docs/reference is tested against. */
#ifndef TRACES_RULES_H
#define TRACES_RULES_H
#include "sim/note.h"

typedef enum trace_type {
    TRACE_TYPE_NUMBER,  /* an integer, 0 or more */
    TRACE_TYPE_TEXT,    /* any text */
    TRACE_TYPE_TEXTS,   /* a list of texts */
    TRACE_TYPE_NODE,    /* a node of the header, or "" for nobody */
    TRACE_TYPE_NODES,   /* nodes with a blank between them: "n1 n2" */
    TRACE_TYPE_MEMBERS, /* "n1 n2", "n1 n2 | n1 n3", "n1 n2 learners n3"; "" for nobody */
    TRACE_TYPE_POINT,   /* "3@2" */
    TRACE_TYPE_YESNO,   /* "yes" or "no" */
    TRACE_TYPE_WORD,    /* one of the rule's words */
    TRACE_TYPE_ENTRIES, /* a list of "3@2 command \"add 1\"", indexes without a gap */
} trace_type;

typedef struct trace_rule {
    const char *name;
    trace_type type;
    bool required;
    const char *const *words; /* of a WORD, ends with NULL */
} trace_rule;

/* The fields of a kind, in order; ends with a NULL name.  A `send` has its message's own
 * fields besides: any number, text or list of texts. */
const trace_rule *trace_rules(sim_note_kind kind);
/* The fields of a `state` object. */
const trace_rule *trace_state_rules(void);
/* By name, among rules; NULL when there is none. */
const trace_rule *trace_rule_named(const trace_rule *among, const char *name);
/* About a message: send, deliver, drop, duplicate, hold. */
bool trace_is_message(sim_note_kind kind);
/* What a type accepts, for messages: "a point such as 3@2". */
const char *trace_type_words(trace_type type);
/* The results that a footer may have; ends with NULL. */
extern const char *const trace_results[];

/* No log comes near; so counting from an index on never wraps. */
#define TRACE_INDEX_MAX (UINT64_MAX / 2)

/* An entry as it stands in a trace, taken apart.  False when it is of another form. */
typedef struct trace_entry {
    sim_point at;
    const char *kind_and_text; /* command "add 1" */
} trace_entry;
bool trace_parse_entry(const char *s, trace_entry *out);
/* "3@2"; *end is behind it. */
bool trace_parse_point(const char *s, sim_point *out, const char **end);
/* Decimal digits without leading zeros, no sign. */
bool trace_parse_u64(const char *s, uint64_t *out, const char **end);

#endif
