/* fuzz_scenario.c - any bytes as a scenario: every mistake told with a place that exists,
 * or run, twice with the same end.  What stands behind a line "=====" is the file that
 * `include "inc"` reads. */
#include "scenarios/lang/scenario.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOTES_MAX = 20000, RUN_BYTES_MAX = 8192 };

typedef struct halves {
    const char *text, *inc;
    size_t len, inc_len;
} halves;

static halves split(const char *text, size_t size)
{
    static const char border[] = "\n=====\n";
    const char *at = memmem(text, size, border, sizeof border - 1);
    if (!at)
        return (halves){text, "", size, 0};
    const char *inc = at + sizeof border - 1;
    return (halves){text, inc, (size_t)(at - text) + 1, size - (size_t)(inc - text)};
}

static bool read_half(void *self, const char *from, const char *path, const char **resolved,
                      const char **text, size_t *len, const char **error)
{
    const halves *h = self;
    (void)from;
    *error = "no such file";
    if (strcmp(path, "inc") != 0)
        return false;
    *resolved = "inc";
    *text = h->inc;
    *len = h->inc_len;
    return true;
}

static void check_diagnostic(const scenario_diagnostic *d)
{
    assert(d->file && d->line >= 1 && d->column >= 1 && d->width >= 1);
    assert(*d->text && !strpbrk(d->text, "\n\033"));
    assert(!d->source || (d->caret >= 1 && !strpbrk(d->source, "\n\033")));
    assert(!d->hint || !strpbrk(d->hint, "\n\033"));
}

static void show(const scenario_diagnostics *d)
{
    sim_text out = {0};
    assert(d->n <= SCENARIO_DIAGNOSTICS_MAX && d->n <= d->errors);
    for (uint32_t i = 0; i < d->n; i++) {
        check_diagnostic(&d->at[i]);
        scenario_diagnostic_show(&d->at[i], i & 1, &out);
    }
    size_t bad;
    assert(!out.len || sim_text_utf8(out.at, out.len, &bad));
    sim_text_free(&out);
}

/* A scenario may let time flow for years: it is stopped after so many notes. */
typedef struct brake {
    volatile bool stop;
    uint64_t notes;
} brake;

static void count(void *self, const sim_note *n)
{
    brake *b = self;
    (void)n;
    b->stop = ++b->notes >= NOTES_MAX;
}

static uint64_t run(const scenario *s)
{
    brake b = {.notes = 0};
    const sim_observer observer = {count, &b};
    scenario_diagnostics d = {0};
    uint64_t digest = 0;
    sim *t =
        scenario_tank(s, &(scenario_overrides){.observers = &observer, .observers_n = 1}, &d);
    if (t) {
        scenario_outcome q;
        scenario_run(s, t, &b.stop, &q);
        digest = sim_digest(t);
        if (q.result == SCENARIO_PASSED)
            assert(!q.where.text && !q.expected);
        else
            check_diagnostic(&q.where);
        assert(!q.expected == !q.actual);
        scenario_outcome_free(&q);
        sim_free(t);
    } else {
        assert(d.errors == 1);
        show(&d);
    }
    scenario_diagnostics_free(&d);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    halves h = split((const char *)data, size);
    const scenario_loader loader = {read_half, &h};
    scenario_diagnostics d = {0};
    scenario *s = scenario_parse("fuzz.scenario", h.text, h.len, &loader, NULL, &d);
    show(&d);
    if (!d.errors && size <= RUN_BYTES_MAX) {
        uint64_t first = run(s), again = run(s);
        assert(first == again);
    }
    scenario_free(s);
    scenario_diagnostics_free(&d);
    return 0;
}
