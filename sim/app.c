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
    return c <= ' ' && (c == ' ' || c == '\t' || c == '\n' || c == '\r');
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
    bool quoted = false;
    w->n = 0;
    for (uint32_t at = 0;; w->n++) {
        while (at < bytes && blank(command[at]))
            at++;
        if (at == bytes)
            break;
        const uint32_t from = at;
        size_t in_text = 0, len;
        if (command[at] == '"') {
            if (!quoted)
                sim_text_clear(&w->text);
            quoted = true;
            in_text = w->text.len;
            if (!quoted_word(&w->text, command, bytes, &at))
                return false;
            len = w->text.len - in_text;
        } else {
            while (at < bytes && !blank(command[at]))
                at++;
            len = at - from;
        }
        if (w->n >= SIM_WORDS_MAX)
            continue;
        /* The text may move while it grows, so a quoted word is its place in it for now. */
        w->at[w->n] = command[from] == '"' ? NULL : (const char *)command + from;
        w->start[w->n] = in_text;
        w->len[w->n] = len;
    }
    for (uint32_t i = 0; quoted && i < w->n && i < SIM_WORDS_MAX; i++)
        if (!w->at[i])
            w->at[i] = w->text.at ? w->text.at + w->start[i] : "";
    return true;
}

void sim_answer(sim_text *answer, const char *text)
{
    if (answer)
        sim_text_put(answer, text);
}
