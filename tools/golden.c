/* golden.c - traces that are kept to be compared with. */
#include "tools/run.h"
#include <inttypes.h>
#include <string.h>

enum { GOLDEN_BYTES_MAX = 1 << 30, SHOWN_MAX = 300 };

static const char *line_end(const char *at)
{
    const char *end = strchr(at, '\n');
    return end ? end : at + strlen(at);
}

/* How much of two long lines to leave out, so that what differs can be seen. */
static size_t same_before(const char *was, const char *is)
{
    enum { ENOUGH = SHOWN_MAX / 2, BEFORE = 60 };
    size_t same = 0;
    while (was[same] == is[same] && was[same] && was[same] != '\n')
        same++;
    if (same < ENOUGH)
        return 0;
    for (same -= BEFORE; ((unsigned char)was[same] & 0xC0) == 0x80;)
        same--;
    return same;
}

static void add_line(const char *mark, const char *at, size_t skip, sim_text *out)
{
    at += skip;
    size_t len = (size_t)(line_end(at) - at);
    sim_text_put(out, mark);
    sim_text_put(out, skip ? "…" : "");
    sim_text_add(out, at, len < SHOWN_MAX ? len : SHOWN_MAX);
    sim_text_put(out, len < SHOWN_MAX ? "\n" : "…\n");
}

/* The first line that differs, and how many do. */
static void add_difference(const char *was, const char *is, sim_text *out)
{
    uint64_t line = 0, differing = 0, first = 0;
    const char *first_was = was, *first_is = is;
    while (*was || *is) {
        line++;
        const char *was_end = line_end(was), *is_end = line_end(is);
        if (was_end - was != is_end - is || memcmp(was, is, (size_t)(is_end - is)) != 0) {
            if (differing++ == 0) {
                first = line;
                first_was = was;
                first_is = is;
            }
        }
        was = *was_end ? was_end + 1 : was_end;
        is = *is_end ? is_end + 1 : is_end;
    }
    sim_text_format(out,
                    "  %" PRIu64 " of %" PRIu64 " lines %s, the first is line %" PRIu64 ":\n",
                    differing, line, differing == 1 ? "differs" : "differ", first);
    const size_t skip = same_before(first_was, first_is);
    add_line("    golden  ", first_was, skip, out);
    add_line("    now     ", first_is, skip, out);
}

static bool bless(const char *path, const sim_text *bytes, sim_text *out, bool *system_failed)
{
    files_error error;
    if (files_write(path, bytes->at, bytes->len, &error))
        return true;
    sim_text_format(out, "wavetank: %s\n", error.text);
    *system_failed = true;
    return false;
}

bool golden_check(const run_settings *s, const load_name *name, const sim_text *bytes,
                  sim_text *out, bool *system_failed)
{
    sim_text path = {0}, golden = {0};
    files_join(&path, s->golden, name->short_name.at);
    sim_text_put(&path, ".trace.jsonl");
    files_error error;
    bool exists = files_exists(path.at), good = true;
    if (exists && !files_read(path.at, GOLDEN_BYTES_MAX, &golden, &error)) {
        sim_text_format(out, "wavetank: %s\n", error.text);
        *system_failed = true;
        good = false;
    } else if (!exists && !s->bless) {
        sim_text_format(out, "%s: there is no golden trace %s; --bless writes it\n",
                        name->path.at, path.at);
        good = false;
    } else if (!exists) {
        sim_text_format(out, "%s: new golden trace %s\n", name->path.at, path.at);
        good = bless(path.at, bytes, out, system_failed);
    } else if (golden.len != bytes->len || memcmp(golden.at, bytes->at, bytes->len) != 0) {
        sim_text_format(out, "%s: %s %s\n", name->path.at,
                        s->bless ? "rewrote the golden trace" : "differs from the golden trace",
                        path.at);
        add_difference(golden.at, bytes->at, out);
        good = s->bless && bless(path.at, bytes, out, system_failed);
    }
    sim_text_free(&path);
    sim_text_free(&golden);
    return good;
}
