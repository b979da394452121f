/* membership.h - who is a member, as people read and write it.
 *
 *     n1 n2 n3                          the voters
 *     n1 n2 n3 learners n4              and those that only receive the log
 *     n1 n2 n3 | n1 n2 n4               joint consensus (thesis 4.3): the old, the new
 *
 * names: of the nodes by id; names[0] is not used, a NULL stands behind the last. */
#ifndef SIM_MEMBERSHIP_H
#define SIM_MEMBERSHIP_H
#include "sim/base/text.h"
#include "sim/types.h"

void sim_membership_put(const sim_membership *m, const char *const *names, sim_text *out);
/* False: not of that form, or a name that no node has. */
bool sim_membership_parse(const char *s, size_t len, const char *const *names,
                          sim_membership *out);
static inline bool sim_membership_equal(const sim_membership *a, const sim_membership *b)
{
    return a->voters == b->voters && a->outgoing == b->outgoing && a->learners == b->learners &&
           a->by_hand == b->by_hand;
}

#endif
