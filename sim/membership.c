/* membership.c - who is a member, as text. */
#include "sim/membership.h"

#include <string.h>

static void put_set(sim_set set, const char *const *names, sim_text *out)
{
    const size_t from = out->len;
    for (sim_id id = 0; (id = sim_next(set, id));) {
        if (out->len > from)
            sim_text_char(out, ' ');
        sim_text_put(out, names[id]);
    }
}

void sim_membership_put(const sim_membership *m, const char *const *names, sim_text *out)
{
    if (m->outgoing) {
        put_set(m->outgoing, names, out);
        sim_text_put(out, " | ");
    }
    put_set(m->voters, names, out);
    if (m->learners) {
        sim_text_put(out, " learners ");
        put_set(m->learners, names, out);
    }
}

static sim_id named(const char *s, size_t len, const char *const *names)
{
    for (sim_id id = 1; names[id]; id++)
        if (strlen(names[id]) == len && memcmp(names[id], s, len) == 0)
            return id;
    return 0;
}

static bool is_word(const char *s, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(s, word, len) == 0;
}

bool sim_membership_parse(const char *s, size_t len, const char *const *names,
                          sim_membership *out)
{
    sim_set *into = &out->voters;
    *out = (sim_membership){0};
    for (size_t at = 0, word; at < len; at += word) {
        at += strspn(s + at, " ");
        for (word = 0; at + word < len && s[at + word] != ' ';)
            word++;
        if (word == 0)
            break;
        const sim_id id = named(s + at, word, names);
        if (is_word(s + at, word, "|") && into == &out->voters && !out->outgoing) {
            out->outgoing = out->voters;
            out->voters = 0;
        } else if (is_word(s + at, word, "learners") && into == &out->voters) {
            into = &out->learners;
        } else if (id) {
            *into |= sim_one(id);
        } else {
            return false;
        }
    }
    return out->voters != 0;
}
