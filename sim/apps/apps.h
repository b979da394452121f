/* apps.h - what the applications share: a command taken apart into words, and a state put
 * into bytes.
 *
 *     put greeting "hello world"      three words; in quotes \" \\ and \n
 *
 * Bytes of a snapshot are the same on every machine: the application's mark, then numbers
 * (eight bytes, the lowest first) and texts (their length, then they), what has a name in
 * the order of names, and at the end a seal: the hash of all that.  So a state has one form in
 * bytes, and bytes that were damaged are no state.
 *
 * Below app.h: nobody but the applications includes this. */
#ifndef SIM_APPS_APPS_H
#define SIM_APPS_APPS_H
#include "sim/app.h"
#include <string.h>

extern const sim_app sim_app_counter, sim_app_kv, sim_app_bank, sim_app_queue, sim_app_lock;

/* ---- words (words.c) ----------------------------------------------------------------- */

enum { SIM_WORDS_MAX = 8 };

typedef struct sim_words {
    const char *at[SIM_WORDS_MAX]; /* into the command or text; not NUL-terminated */
    size_t len[SIM_WORDS_MAX];
    size_t start[SIM_WORDS_MAX]; /* of a word that stood in quotes, in text */
    uint32_t n;                  /* may be more than SIM_WORDS_MAX: the rest is not kept */
    sim_text text;               /* the words that stood in quotes; the caller frees it */
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

/* Where the bytes begin, for the seal. */
size_t sim_pack_begin(sim_text *out, const char *mark);
void sim_pack_number(sim_text *out, uint64_t v);
void sim_pack_text(sim_text *out, const char *s, size_t len);
void sim_pack_end(sim_text *out, size_t from);

typedef struct sim_unpacker {
    const uint8_t *at;
    uint64_t left;
    bool
        bad; /* they were damaged, ended too early, or held what cannot be: what follows is 0 */
} sim_unpacker;

/* Bad when seal or mark are not right. */
sim_unpacker sim_unpack_begin(const uint8_t *bytes, uint64_t n, const char *mark);
uint64_t sim_unpack_number(sim_unpacker *u);
/* The text lies in the bytes; a length of 0 when they are bad. */
const char *sim_unpack_text(sim_unpacker *u, size_t *len);
/* A number of things to come, each of which takes at least so many bytes: no more than the
 * bytes could hold. */
uint64_t sim_unpack_count(sim_unpacker *u, uint64_t bytes_min);
/* Bad when the names do not rise: before is the one that came last, or NULL. */
void sim_unpack_rises(sim_unpacker *u, const sim_text *before, const char *name, size_t len);
/* Whether all was well, and nothing is left. */
bool sim_unpack_ends(const sim_unpacker *u);

#endif
