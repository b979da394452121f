/* words.c - the words of a command. */
#include "sim/apps/apps.h"
#include <string.h>

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

bool sim_words_number(const sim_words *w, uint32_t i, uint64_t *out)
{
    uint64_t v = 0;
    if (i >= w->n || i >= SIM_WORDS_MAX || !w->len[i])
        return false;
    for (size_t k = 0; k < w->len[i]; k++) {
        char c = w->at[i][k];
        uint64_t digit = (uint64_t)(c - '0');
        if (c < '0' || c > '9' || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

static bool wants_quotes(const char *s, size_t len, const char *also)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] <= ' ' || strchr("\"\\", s[i]) || strchr(also, s[i]))
            return true;
    return !len;
}

void sim_word_show(sim_text *out, const char *s, size_t len, const char *also)
{
    if (!wants_quotes(s, len, also)) {
        sim_text_add(out, s, len);
        return;
    }
    sim_text_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '"' || s[i] == '\\' || s[i] == '\n')
            sim_text_char(out, '\\');
        sim_text_char(out, s[i] == '\n' ? 'n' : s[i]);
    }
    sim_text_char(out, '"');
}
