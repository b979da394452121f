/* conditions.h - the functions of the table of conditions.
 *
 * A condition on a node is parsed once, asked often (after every event of an `await`), and
 * shows what is so in the words in which it is written. */
#ifndef SCENARIOS_LANG_CONDITIONS_H
#define SCENARIOS_LANG_CONDITIONS_H
#include "scenarios/lang/parser.h"
#include "scenarios/lang/run.h"

typedef bool lang_term_parse(lang_parser *p, lang_term *out);
typedef bool lang_node_holds(lang_run *r, const lang_term *t, sim_id node);
typedef void lang_node_actual(lang_run *r, const lang_term *t, sim_id node, sim_text *out);
typedef bool lang_alone_holds(lang_run *r, const lang_term *t);
typedef void lang_alone_actual(lang_run *r, const lang_term *t, sim_text *out);

/* conditions_node.c */
lang_term_parse lang_no_words, lang_number_word, lang_node_word, lang_last_words,
    lang_log_words, lang_state_words;
lang_node_holds lang_is_role, lang_is_term, lang_is_vote, lang_is_follows, lang_is_commit,
    lang_is_applied, lang_is_last, lang_is_first, lang_is_durable, lang_is_log, lang_is_state,
    lang_is_role_changes, lang_is_life;
lang_node_actual lang_show_role, lang_show_term, lang_show_vote, lang_show_follows,
    lang_show_commit, lang_show_applied, lang_show_last, lang_show_first, lang_show_durable,
    lang_show_log, lang_show_state, lang_show_role_changes, lang_show_life;

/* conditions_cluster.c */
lang_term_parse lang_leader_words, lang_message_words, lang_queue_words, lang_sent_words,
    lang_event_words, lang_request_words;
lang_alone_holds lang_has_leader, lang_has_message, lang_is_queue, lang_was_counted,
    lang_is_request;
lang_alone_actual lang_show_leader, lang_show_message, lang_show_queue, lang_show_counted,
    lang_show_request;

/* conditions_equal.c */
lang_term_parse lang_equal_words, lang_logs_words;
lang_alone_holds lang_applied_equal, lang_logs_equal;
lang_alone_actual lang_show_applied_equal, lang_show_logs_equal;

/* conditions_members.c */
lang_term_parse lang_members_words, lang_learners_words, lang_snapshot_words, lang_refusal_word,
    lang_violation_words;
lang_node_holds lang_is_config, lang_is_learners, lang_is_transferring, lang_is_snapshot,
    lang_is_sessions;
lang_node_actual lang_show_config, lang_show_learners, lang_show_transferring,
    lang_show_snapshot, lang_show_sessions;
lang_alone_holds lang_is_violated;
lang_alone_actual lang_show_violated;
/* Whether the request came to nothing, and why if that is said. */
bool lang_was_refused(const sim_request *q, const char *why);

#endif
