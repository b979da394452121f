/* apps.h - what the applications share: a command taken apart into words, and a state put
 * into bytes.
 *
 *     put greeting "hello world"      three words; in quotes \" \\ and \n
 *
 * Bytes of a snapshot are the same on every machine: the application's mark, then numbers
 * (eight bytes, the lowest first) and texts (their length, then they), what has a name in
 * the order of names, and at the end the hash of the state.  So a state has one form in
 * bytes, and bytes that were damaged are no state.
 *
 * Below app.h: nobody but the applications includes this. */
#ifndef SIM_APPS_APPS_H
#define SIM_APPS_APPS_H
#include "sim/app.h"
#include <string.h>

extern const sim_app sim_app_counter, sim_app_kv;

/* ---- words (words.c) ----------------------------------------------------------------- */

enum { SIM_WORDS_MAX = 8 };

typedef struct sim_words {
    const char *at[SIM_WORDS_MAX]; /* into the command or text; not NUL-terminated */
    size_t len[SIM_WORDS_MAX];
    uint32_t n;    /* may be more than SIM_WORDS_MAX: the rest is not kept */
    sim_text text; /* the words that stood in quotes; the caller frees it */
} sim_words;

/* False when the quotes do not close or a \ is followed by something else. */
bool sim_words_split(sim_words *w, const uint8_t *command, uint32_t bytes);
static inline bool sim_words_is(const sim_words *w, uint32_t i, const char *word)
{
    return i < w->n && w->len[i] == strlen(word) && !memcmp(w->at[i], word, w->len[i]);
}
/* A whole number of 64 bits, without a sign; false: it is none. */
bool sim_words_number(const sim_words *w, uint32_t i, uint64_t *out);
/* Puts text, when somebody waits for it. */
void sim_answer(sim_text *answer, const char *text);
/* Puts a word as a command would write it: in quotes where it must be, and where it holds
 * one of the characters also. */
void sim_word_show(sim_text *out, const char *s, size_t len, const char *also);

/* ---- bytes (pack.c) ------------------------------------------------------------------ */

void sim_pack_number(sim_text *out, uint64_t v);
void sim_pack_text(sim_text *out, const char *s, size_t len);

typedef struct sim_unpacker {
    const uint8_t *at;
    uint64_t left;
    bool bad; /* it ended too early, or held what cannot be; all that follows is 0 */
} sim_unpacker;

uint64_t sim_unpack_number(sim_unpacker *u);
/* The text lies in the bytes; a length of 0 when they are bad. */
const char *sim_unpack_text(sim_unpacker *u, size_t *len);
/* A number of things to come, each of which takes at least so many bytes: no more than the
 * bytes could hold. */
uint64_t sim_unpack_count(sim_unpacker *u, uint64_t bytes_min);
/* Bad when the text is not this one. */
void sim_unpack_mark(sim_unpacker *u, const char *mark);
/* Bad when the names do not rise: before is the one that came last, or NULL. */
void sim_unpack_rises(sim_unpacker *u, const sim_text *before, const char *name, size_t len);
/* Whether the hash and nothing else is left, and it is this one. */
bool sim_unpack_ends(sim_unpacker *u, uint64_t hash);

#endif
