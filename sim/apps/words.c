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

/* A word in quotes: its letters go to the text, its start and length are noted.  *at is where
 * it begins, and then behind it. */
static bool quoted_word(sim_words *w, uint32_t i, const uint8_t **at, const uint8_t *end)
{
    sim_text *to = &w->text;
    const size_t start = to->len;
    for (const uint8_t *s = *at + 1; s < end; s++) {
        if (*s == '"') {
            *at = s + 1;
            if (i < SIM_WORDS_MAX) {
                w->at[i] = NULL; /* the text may move while it grows */
                w->start[i] = start;
                w->len[i] = to->len - start;
            }
            return s + 1 == end || blank(s[1]);
        }
        char c = (char)*s;
        if (c == '\\' && (++s == end || !(c = escaped(*s))))
            return false;
        sim_text_char(to, c);
    }
    return false;
}

bool sim_words_split(sim_words *w, const uint8_t *command, uint32_t bytes)
{
    const uint8_t *at = command, *const end = bytes ? command + bytes : command;
    bool quoted = false;
    uint32_t n = 0;
    w->n = 0;
    for (;; n++) {
        while (at < end && blank(*at))
            at++;
        if (at == end)
            break;
        if (*at == '"') {
            if (!quoted)
                sim_text_clear(&w->text);
            quoted = true;
            if (!quoted_word(w, n, &at, end))
                return false;
            continue;
        }
        const uint8_t *from = at;
        while (at < end && !blank(*at))
            at++;
        if (n < SIM_WORDS_MAX) {
            w->at[n] = (const char *)from;
            w->len[n] = (size_t)(at - from);
        }
    }
    w->n = n;
    for (uint32_t i = 0; quoted && i < n && i < SIM_WORDS_MAX; i++)
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
