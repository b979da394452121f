/* apps.h - what the applications share: a command taken apart into words.
 *
 *     put greeting "hello world"      three words; in quotes \" \\ and \n
 *
 * Below app.h: nobody but the applications includes this. */
#ifndef SIM_APPS_APPS_H
#define SIM_APPS_APPS_H
#include "sim/app.h"
#include <string.h>

extern const sim_app sim_app_counter, sim_app_kv;

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
/* Puts text, when somebody waits for it. */
void sim_answer(sim_text *answer, const char *text);

#endif
