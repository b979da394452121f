/* rules.c - the fields of every kind of event, as a table. */
#include "traces/rules.h"

#include <assert.h>
#include <string.h>

#define SIM_NAME(name, text) text,
static const char *const roles[] = {SIM_ROLES(SIM_NAME) NULL};
static const char *const drops[] = {SIM_DROPS(SIM_NAME) NULL};
static const char *const statuses[] = {SIM_STATUSES(SIM_NAME) NULL};
static const char *const entry_kinds[] = {SIM_ENTRY_KINDS(SIM_NAME) NULL};
#undef SIM_NAME
static const char *const timers[] = {"election", "heartbeat", NULL};
static const char *const section_roles[] = {"prepare", "section", NULL};
const char *const trace_results[] = {"passed", "failed", "violation", "error", NULL};

#define MUST(name, type)                                                                       \
    {                                                                                          \
        name, TRACE_TYPE_##type, true, NULL                                                    \
    }
#define MAY(name, type)                                                                        \
    {                                                                                          \
        name, TRACE_TYPE_##type, false, NULL                                                   \
    }
#define MUST_WORD(name, choice)                                                                \
    {                                                                                          \
        name, TRACE_TYPE_WORD, true, choice                                                    \
    }
#define MESSAGE MUST("id", NUMBER), MUST("from", NODE), MUST("to", NODE), MUST("type", TEXT)

enum { RULES_MAX = 11 }; /* of a kind, with the empty one at the end */

static const trace_rule rules[SIM_NOTE_COUNT][RULES_MAX] = {
    [SIM_NOTE_SECTION] = {MUST("title", TEXT), MUST_WORD("role", section_roles),
                          MUST("uses", TEXTS), MUST("tests", TEXTS)},
    [SIM_NOTE_NOTE] = {MUST("text", TEXT)},
    [SIM_NOTE_COMMAND] = {MUST("text", TEXT)},
    [SIM_NOTE_TIMER] = {MUST_WORD("timer", timers), MAY("ignored", TEXT)},
    [SIM_NOTE_SEND] = {MESSAGE, MUST("term", NUMBER), MAY("forged", YESNO)},
    [SIM_NOTE_DELIVER] = {MESSAGE, MAY("ignored", TEXT)},
    [SIM_NOTE_DROP] = {MESSAGE, MUST_WORD("reason", drops)},
    [SIM_NOTE_DUPLICATE] = {MESSAGE, MUST("copy", NUMBER)},
    [SIM_NOTE_HOLD] = {MESSAGE, MAY("due", NUMBER), MAY("released", YESNO)},
    [SIM_NOTE_ROLE] = {MUST_WORD("from", roles), MUST_WORD("to", roles), MUST("why", TEXT)},
    [SIM_NOTE_TERM] = {MUST("from", NUMBER), MUST("to", NUMBER)},
    [SIM_NOTE_VOTE] = {MUST("candidate", NODE), MUST("term", NUMBER)},
    [SIM_NOTE_APPEND] = {MUST("index", NUMBER), MUST("entries", ENTRIES)},
    [SIM_NOTE_TRUNCATE] = {MUST("index", NUMBER), MUST("count", NUMBER)},
    [SIM_NOTE_COMMIT] = {MUST("from", NUMBER), MUST("to", NUMBER)},
    [SIM_NOTE_APPLY] = {MUST("from", NUMBER), MUST("to", NUMBER)},
    [SIM_NOTE_SNAPSHOT] = {MUST("op", TEXT), MAY("point", POINT), MAY("bytes", NUMBER),
                           MAY("offset", NUMBER)},
    [SIM_NOTE_CONFIG] = {MUST("members", MEMBERS), MAY("index", NUMBER), MAY("why", TEXT)},
    [SIM_NOTE_DISK] = {MUST("op", TEXT), MUST("write", NUMBER), MAY("term", NUMBER),
                       MAY("vote", NODE), MAY("snapshot", POINT), MAY("truncate", NUMBER),
                       MAY("first", NUMBER), MAY("count", NUMBER), MAY("up_to", POINT),
                       MAY("what", TEXT)},
    [SIM_NOTE_CRASH] = {MAY("how", TEXT)},
    [SIM_NOTE_RESTART] = {MAY("how", TEXT)},
    [SIM_NOTE_PAUSE] = {MAY("how", TEXT)},
    [SIM_NOTE_RESUME] = {MAY("how", TEXT)},
    [SIM_NOTE_PARTITION] = {MUST("links", TEXT)},
    [SIM_NOTE_HEAL] = {MUST("links", TEXT)},
    [SIM_NOTE_REQUEST] = {MUST("id", NUMBER), MUST("name", TEXT), MUST("to", NODE),
                          MUST("command", TEXT)},
    [SIM_NOTE_RESPONSE] = {MUST("id", NUMBER), MUST("name", TEXT),
                           MUST_WORD("status", statuses), MAY("answer", TEXT),
                           MAY("leader", NODE), MAY("at", POINT)},
    [SIM_NOTE_EXPECT] = {MUST("condition", TEXT), MUST("actual", TEXT), MUST("passed", YESNO)},
    [SIM_NOTE_VIOLATION] = {MUST("invariant", TEXT), MUST("cite", TEXT), MUST("one", TEXT),
                            MUST("other", TEXT), MAY("one_seq", NUMBER),
                            MAY("other_seq", NUMBER)},
};

static const trace_rule state_rules[] = {
    {"role", TRACE_TYPE_WORD, false, roles},
    MAY("term", NUMBER),
    MAY("vote", NODE),
    MAY("leader", NODE),
    MAY("commit", NUMBER),
    MAY("applied", NUMBER),
    MAY("last", POINT),
    MAY("durable", NUMBER),
    MAY("config", MEMBERS),
    MAY("snapshot", POINT),
    {NULL, TRACE_TYPE_TEXT, false, NULL},
};

const trace_rule *trace_rules(sim_note_kind kind)
{
    assert((uint32_t)kind < SIM_NOTE_COUNT);
    return rules[kind];
}

const trace_rule *trace_state_rules(void)
{
    return state_rules;
}

const trace_rule *trace_rule_named(const trace_rule *among, const char *name)
{
    for (; among->name; among++) {
        if (strcmp(among->name, name) == 0)
            return among;
    }
    return NULL;
}

bool trace_is_message(sim_note_kind kind)
{
    return kind == SIM_NOTE_SEND || kind == SIM_NOTE_DELIVER || kind == SIM_NOTE_DROP ||
           kind == SIM_NOTE_DUPLICATE || kind == SIM_NOTE_HOLD;
}

const char *trace_type_words(trace_type type)
{
    switch (type) {
    case TRACE_TYPE_NUMBER:
        return "an integer, 0 or more";
    case TRACE_TYPE_TEXT:
        return "text";
    case TRACE_TYPE_TEXTS:
        return "a list of texts";
    case TRACE_TYPE_NODE:
        return "a node of the header, or \"\" for nobody";
    case TRACE_TYPE_NODES:
        return "nodes of the header, such as \"n1 n2\"";
    case TRACE_TYPE_MEMBERS:
        return "members such as \"n1 n2\", \"n1 n2 | n1 n3\" or \"n1 n2 learners n3\"";
    case TRACE_TYPE_POINT:
        return "a point such as \"3@2\"";
    case TRACE_TYPE_YESNO:
        return "\"yes\" or \"no\"";
    case TRACE_TYPE_WORD:
        return "one of the words that are known here";
    case TRACE_TYPE_ENTRIES:
        return "a list of entries without a gap, such as \"3@2 command \\\"add 1\\\"\"";
    }
    return "";
}

/* ---- small forms ---------------------------------------------------------------- */

bool trace_parse_u64(const char *s, uint64_t *out, const char **end)
{
    uint64_t v = 0;
    const char *at = s;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    *end = at;
    return at > s && (s[0] != '0' || at == s + 1);
}

bool trace_parse_point(const char *s, sim_point *out, const char **end)
{
    const char *at;
    return trace_parse_u64(s, &out->index, &at) && *at == '@' &&
           trace_parse_u64(at + 1, &out->term, end);
}

/* What follows a kind: nothing, or a text in quotes with \" \\ \n inside. */
static bool is_entry_text(const char *s)
{
    if (*s == '\0')
        return true;
    if (s[0] != ' ' || s[1] != '"')
        return false;
    for (s += 2; *s && *s != '"'; s++) {
        if (*s == '\\' && *++s != '"' && *s != '\\' && *s != 'n')
            return false;
    }
    return s[0] == '"' && s[1] == '\0';
}

bool trace_parse_entry(const char *s, trace_entry *out)
{
    const char *at;
    if (!trace_parse_point(s, &out->at, &at) || *at != ' ' || out->at.index == 0 ||
        out->at.index > TRACE_INDEX_MAX)
        return false;
    out->kind_and_text = ++at;
    size_t word = strcspn(at, " ");
    for (size_t i = 0; entry_kinds[i]; i++) {
        if (strlen(entry_kinds[i]) == word && memcmp(at, entry_kinds[i], word) == 0)
            return is_entry_text(at + word);
    }
    return false;
}
