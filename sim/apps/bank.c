/* bank.c - accounts and the money on them, in whole units of 64 bits.
 *
 *     open A            "ok"; an account with nothing on it
 *     deposit A N       the balance after it
 *     withdraw A N      the balance after it
 *     transfer A B N    "ok": N goes from A to B
 *     balance A         the balance; also a query
 *     accounts          their names in byte order, or "(none)"; also a query
 *     total             what all accounts hold together; also a query
 *
 * Refused, with nothing changed: "error: there is no account A", "error: there is an account
 * A already", "error: A has only 5" (an overdraft), "error: the bank would overflow" (all
 * money together fits into 64 bits).  N is a whole number without a sign; a transfer to oneself
 * is none, and needs the money all the same.
 *
 * Its invariant: money is conserved.  What the accounts hold together, kept by every change of
 * a balance, is what was ever deposited less what was ever withdrawn, kept by these two alone.
 *
 * show lists the accounts in byte order, "alice=5 bob=7". */
#include "sim/apps/apps.h"
#include "sim/apps/table.h"
#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MARK "bank 1"

typedef struct account {
    sim_item item;
    uint64_t balance;
} account;

typedef struct bank {
    sim_table accounts;
    uint64_t held;                 /* by all accounts */
    uint64_t deposited, withdrawn; /* ever, modulo 2^64; together they are right */
    uint64_t sum;                  /* of every account's hash */
    sim_words words;
} bank;

/* ---- accounts -------------------------------------------------------------------------- */

static uint64_t account_hash(const account *a)
{
    return sim_hash_final(sim_hash_mix(a->item.name_hash, a->balance));
}

/* Every change of a balance comes through here. */
static void set(bank *b, account *a, uint64_t balance)
{
    b->sum -= account_hash(a);
    b->held = b->held - a->balance + balance;
    a->balance = balance;
    b->sum += account_hash(a);
}

static account *add(bank *b, const char *name, size_t len)
{
    account *a = (account *)sim_table_add(&b->accounts, sizeof *a, name, len);
    b->sum += account_hash(a);
    return a;
}

static void *bank_create(void)
{
    return sim_alloc(sizeof(bank));
}

static void *bank_clone(const void *self)
{
    const bank *from = self;
    bank *b = bank_create();
    for (size_t i = 0; i < from->accounts.buckets_n; i++)
        for (const sim_item *at = from->accounts.buckets[i]; at; at = at->next)
            set(b, add(b, at->name.at, at->name.len), ((const account *)at)->balance);
    b->deposited = from->deposited;
    b->withdrawn = from->withdrawn;
    return b;
}

static void bank_free(void *self)
{
    bank *b = self;
    if (!b)
        return;
    sim_table_free(&b->accounts, NULL);
    sim_text_free(&b->words.text);
    free(b);
}

/* ---- commands -------------------------------------------------------------------------- */

static void answer_number(sim_text *answer, uint64_t v)
{
    if (answer)
        sim_text_u64(answer, v);
}

/* "error: " what, with the word at i in its middle. */
static void refuse(const sim_words *w, uint32_t i, sim_text *answer, const char *before,
                   const char *behind)
{
    if (!answer)
        return;
    sim_text_put(answer, before);
    sim_word_show(answer, w->at[i], w->len[i], "=");
    sim_text_put(answer, behind);
}

/* The account that word i names; NULL, with the answer, when there is none. */
static account *named(const bank *b, const sim_words *w, uint32_t i, sim_text *answer)
{
    account *a = (account *)sim_table_find(&b->accounts, w->at[i], w->len[i]);
    if (!a)
        refuse(w, i, answer, "error: there is no account ", "");
    return a;
}

static bool covers(const bank *b, const account *a, uint64_t n, sim_text *answer)
{
    if (a->balance >= n)
        return true;
    refuse(&b->words, 1, answer, "error: ", " has only ");
    answer_number(answer, a->balance);
    return false;
}

static void do_open(bank *b, uint64_t n, sim_text *answer)
{
    const sim_words *w = &b->words;
    (void)n;
    if (sim_table_find(&b->accounts, w->at[1], w->len[1])) {
        refuse(w, 1, answer, "error: there is an account ", " already");
        return;
    }
    add(b, w->at[1], w->len[1]);
    sim_answer(answer, "ok");
}

static void do_deposit(bank *b, uint64_t n, sim_text *answer)
{
    account *a = named(b, &b->words, 1, answer);
    if (!a)
        return;
    if (n > UINT64_MAX - b->held) {
        sim_answer(answer, "error: the bank would overflow");
        return;
    }
    set(b, a, a->balance + n);
    b->deposited += n;
    answer_number(answer, a->balance);
}

static void do_withdraw(bank *b, uint64_t n, sim_text *answer)
{
    account *a = named(b, &b->words, 1, answer);
    if (!a || !covers(b, a, n, answer))
        return;
    set(b, a, a->balance - n);
    b->withdrawn += n;
    answer_number(answer, a->balance);
}

static void do_transfer(bank *b, uint64_t n, sim_text *answer)
{
    account *from = named(b, &b->words, 1, answer);
    account *to = from ? named(b, &b->words, 2, answer) : NULL;
    if (!to || !covers(b, from, n, answer))
        return;
    set(b, from, from->balance - n);
    set(b, to, to->balance + n);
    sim_answer(answer, "ok");
}

/* False: it is no query. */
static bool ask(const bank *b, const sim_words *w, sim_text *answer)
{
    if (w->n == 2 && sim_words_is(w, 0, "balance")) {
        const account *a = named(b, w, 1, answer);
        if (a)
            answer_number(answer, a->balance);
        return true;
    }
    if (w->n == 1 && sim_words_is(w, 0, "accounts")) {
        sim_table_names(&b->accounts, "=", answer);
        return true;
    }
    if (w->n != 1 || !sim_words_is(w, 0, "total"))
        return false;
    answer_number(answer, b->held);
    return true;
}

static const struct {
    const char *name;
    uint32_t words;
    bool amount; /* its last word */
    void (*run)(bank *b, uint64_t n, sim_text *answer);
} commands[] = {
    {"open", 2, false, do_open},
    {"deposit", 3, true, do_deposit},
    {"withdraw", 3, true, do_withdraw},
    {"transfer", 4, true, do_transfer},
};

static void bank_apply(void *self, const uint8_t *command, uint32_t bytes, sim_text *answer)
{
    bank *b = self;
    sim_words *w = &b->words;
    if (!sim_words_split(w, command, bytes)) {
        sim_answer(answer, "error: the quotes do not close");
        return;
    }
    if (ask(b, w, answer))
        return;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        uint64_t n = 0;
        if (!sim_words_is(w, 0, commands[i].name) || w->n != commands[i].words)
            continue;
        if (commands[i].amount && !sim_words_number(w, w->n - 1, &n))
            sim_answer(answer, "error: expected a whole number without a sign, of 64 bits");
        else
            commands[i].run(b, n, answer);
        return;
    }
    sim_answer(answer, "error: expected open A, deposit A N, withdraw A N, transfer A B N, "
                       "balance A, accounts or total");
}

static void bank_query(const void *self, const char *query, size_t len, sim_text *answer)
{
    sim_words w = {0};
    if (len > UINT32_MAX || !sim_words_split(&w, (const uint8_t *)query, (uint32_t)len) ||
        !ask(self, &w, answer))
        sim_answer(answer, "error: expected balance A, accounts or total");
    sim_text_free(&w.text);
}

/* ---- the whole ------------------------------------------------------------------------- */

static uint64_t bank_hash(const void *self)
{
    const bank *b = self;
    uint64_t h = sim_hash_mix(b->sum, b->accounts.n);
    return sim_hash_final(sim_hash_mix(sim_hash_mix(h, b->deposited), b->withdrawn));
}

static const char *bank_check(const void *self, sim_text *out)
{
    const bank *b = self;
    const uint64_t should = b->deposited - b->withdrawn;
    if (b->held == should)
        return NULL;
    sim_text_format(out,
                    "money is not conserved: the accounts hold %" PRIu64
                    ", deposits less withdrawals make %" PRIu64,
                    b->held, should);
    return out->at;
}

static void bank_snapshot(const void *self, sim_text *out)
{
    const bank *b = self;
    sim_item **all = sim_table_sorted(&b->accounts);
    const size_t from = sim_pack_begin(out, MARK);
    sim_pack_number(out, b->deposited);
    sim_pack_number(out, b->withdrawn);
    sim_pack_number(out, b->accounts.n);
    for (size_t i = 0; i < b->accounts.n; i++) {
        sim_pack_text(out, all[i]->name.at, all[i]->name.len);
        sim_pack_number(out, ((const account *)all[i])->balance);
    }
    sim_pack_end(out, from);
    free(all);
}

static bool bank_restore(void *self, const uint8_t *bytes, uint64_t n)
{
    bank *b = self, *fresh = bank_create();
    sim_unpacker u = sim_unpack_begin(bytes, n, MARK);
    fresh->deposited = sim_unpack_number(&u);
    fresh->withdrawn = sim_unpack_number(&u);
    const sim_text *before = NULL;
    for (uint64_t left = sim_unpack_count(&u, 16); left && !u.bad; left--) {
        size_t len;
        const char *name = sim_unpack_text(&u, &len);
        const uint64_t balance = sim_unpack_number(&u);
        sim_unpack_rises(&u, before, name, len);
        if (u.bad)
            break;
        account *a = add(fresh, name, len);
        set(fresh, a, balance);
        before = &a->item.name;
    }
    bool well = sim_unpack_ends(&u);
    if (well) {
        const bank old = *b;
        *b = *fresh;
        *fresh = old;
    }
    bank_free(fresh);
    return well;
}

static void bank_show(const void *self, sim_text *out)
{
    const bank *b = self;
    sim_item **all = sim_table_sorted(&b->accounts);
    sim_text_add(out, "", 0);
    for (size_t i = 0; i < b->accounts.n; i++) {
        if (i)
            sim_text_char(out, ' ');
        sim_word_show(out, all[i]->name.at, all[i]->name.len, "=");
        sim_text_char(out, '=');
        sim_text_u64(out, ((const account *)all[i])->balance);
    }
    free(all);
}

static const sim_app_command bank_commands[] = {
    {"open A", "ok: an account with nothing on it; an error when there is one already", false},
    {"deposit A N",
     "the balance after it; an error without such an account, or when all money together would "
     "not fit into 64 bits",
     false},
    {"withdraw A N",
     "the balance after it; an error without such an account, or when it holds less than N",
     false},
    {"transfer A B N",
     "ok: N goes from A to B; an error without one of the accounts, or when A holds less than "
     "N",
     false},
    {"balance A", "what the account holds; an error when there is none", true},
    {"accounts", "their names in byte order, or (none)", true},
    {"total", "what all accounts hold together", true},
    {NULL, NULL, false},
};

const sim_app sim_app_bank = {
    .name = "bank",
    .summary = "accounts and money; a change answers the balance or ok, an overdraft an error",
    .text = "N is a whole number without a sign. It promises that money is conserved: the "
            "accounts hold what was deposited less what was withdrawn. Its state lists the "
            "accounts in byte order: alice=5 bob=7.",
    .commands = bank_commands,
    .create = bank_create,
    .clone = bank_clone,
    .free = bank_free,
    .apply = bank_apply,
    .query = bank_query,
    .snapshot = bank_snapshot,
    .restore = bank_restore,
    .check = bank_check,
    .hash = bank_hash,
    .show = bank_show,
};
