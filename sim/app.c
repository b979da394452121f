/* app.c - the table of applications, and the words of a command. */
#include "sim/app.h"
#include "sim/apps/apps.h"
#include <string.h>

static const sim_app *const apps[] = {&sim_app_counter, &sim_app_kv};
const char *const sim_app_names[] = {"counter", "kv", NULL};

const sim_app *sim_app_find(const char *name)
{
    for (size_t i = 0; i < sizeof apps / sizeof apps[0]; i++)
        if (!strcmp(apps[i]->name, name))
            return apps[i];
    return NULL;
}

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The letter behind a backslash; 0 when it stands for nothing. */
static char escaped(uint8_t c)
{
    return (char)(c == 'n' ? '\n' : c == '"' || c == '\\' ? c : 0);
}

static bool quoted_word(sim_text *to, const uint8_t *s, uint32_t bytes, uint32_t *at)
{
    for (uint32_t i = *at + 1; i < bytes; i++) {
        if (s[i] == '"') {
            *at = i + 1;
            return i + 1 == bytes || blank(s[i + 1]);
        }
        char c = (char)s[i];
        if (c == '\\' && (++i == bytes || !(c = escaped(s[i]))))
            return false;
        sim_text_char(to, c);
    }
    return false;
}

bool sim_words_split(sim_words *w, const uint8_t *command, uint32_t bytes)
{
    size_t quoted[SIM_WORDS_MAX] = {0}; /* where a word starts in text, which may move */
    w->n = 0;
    sim_text_clear(&w->text);
    for (uint32_t at = 0;; w->n++) {
        while (at < bytes && blank(command[at]))
            at++;
        if (at == bytes)
            break;
        size_t in_text = w->text.len;
        uint32_t from = at;
        if (command[at] == '"') {
            if (!quoted_word(&w->text, command, bytes, &at))
                return false;
        } else {
            while (at < bytes && !blank(command[at]))
                at++;
        }
        if (w->n >= SIM_WORDS_MAX)
            continue;
        bool in_quotes = command[from] == '"';
        w->at[w->n] = in_quotes ? NULL : (const char *)command + from;
        w->len[w->n] = in_quotes ? w->text.len - in_text : at - from;
        quoted[w->n] = in_text;
    }
    for (uint32_t i = 0; i < w->n && i < SIM_WORDS_MAX; i++)
        if (!w->at[i])
            w->at[i] = w->text.at ? w->text.at + quoted[i] : "";
    return true;
}

void sim_answer(sim_text *answer, const char *text)
{
    if (answer)
        sim_text_put(answer, text);
}
