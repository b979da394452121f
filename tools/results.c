/* results.c - what a run came to, for other programs: JUnit's XML and TAP. */
#include "tools/run.h"
#include <inttypes.h>
#include <string.h>

/* ---- JUnit ------------------------------------------------------------------------ */

/* Text inside XML; what XML 1.0 cannot hold becomes '?'. */
static void add_xml(const char *s, sim_text *out)
{
    for (; s && *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '&')
            sim_text_put(out, "&amp;");
        else if (c == '<')
            sim_text_put(out, "&lt;");
        else if (c == '>')
            sim_text_put(out, "&gt;");
        else if (c == '"')
            sim_text_put(out, "&quot;");
        else if (c < 0x20 && c != '\n' && c != '\t')
            sim_text_char(out, '?');
        else
            sim_text_char(out, *s);
    }
}

static void add_seconds(uint64_t us, sim_text *out)
{
    sim_text_format(out, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

static bool is_failure(const run_result *r)
{
    return r->verdict == RUN_FAILED || r->verdict == RUN_NO_PROGRESS;
}

static bool is_skipped(const run_result *r)
{
    return r->verdict == RUN_NOT_RUN || r->verdict == RUN_STOPPED;
}

static void add_body(const run_result *r, sim_text *out)
{
    if (is_skipped(r)) {
        sim_text_format(out, "    <skipped message=\"%s\"/>\n", run_verdict_name(r->verdict));
        return;
    }
    const char *tag = is_failure(r) ? "failure" : "error";
    sim_text_format(out, "    <%s type=\"%s\" message=\"", tag, run_verdict_name(r->verdict));
    add_xml(r->why.at, out);
    sim_text_put(out, "\">");
    add_xml(r->report.at, out);
    add_xml(r->mistakes.at, out);
    sim_text_format(out, "</%s>\n", tag);
}

static void add_case(const run_row *row, sim_text *out)
{
    const char *name = row->name->short_name.at, *slash = strrchr(name, '/');
    sim_text_put(out, "  <testcase classname=\"");
    sim_text folder = {0};
    sim_text_put(&folder, slash ? "" : "scenarios");
    if (slash)
        sim_text_add(&folder, name, (size_t)(slash - name));
    add_xml(folder.at, out);
    sim_text_free(&folder);
    sim_text_put(out, "\" name=\"");
    add_xml(slash ? slash + 1 : name, out);
    sim_text_put(out, "\" file=\"");
    add_xml(row->name->path.at, out);
    sim_text_put(out, "\" time=\"");
    add_seconds(row->result->us, out);
    if (row->result->verdict == RUN_PASSED) {
        sim_text_put(out, "\"/>\n");
        return;
    }
    sim_text_put(out, "\">\n");
    add_body(row->result, out);
    sim_text_put(out, "  </testcase>\n");
}

void results_junit(const run_row *rows, size_t n, sim_text *out)
{
    size_t failures = 0, errors = 0, skipped = 0;
    uint64_t us = 0;
    for (size_t i = 0; i < n; i++) {
        failures += is_failure(rows[i].result);
        skipped += is_skipped(rows[i].result);
        errors +=
            rows[i].result->verdict == RUN_MISTAKES || rows[i].result->verdict == RUN_SYSTEM;
        us += rows[i].result->us;
    }
    sim_text_put(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    sim_text_format(out,
                    "<testsuite name=\"wavetank\" tests=\"%zu\" failures=\"%zu\" "
                    "errors=\"%zu\" skipped=\"%zu\" time=\"",
                    n, failures, errors, skipped);
    add_seconds(us, out);
    sim_text_put(out, "\">\n");
    for (size_t i = 0; i < n; i++)
        add_case(&rows[i], out);
    sim_text_put(out, "</testsuite>\n");
}

/* ---- TAP -------------------------------------------------------------------------- */

static void add_comment(const sim_text *text, sim_text *out)
{
    for (const char *at = text->at; at && *at;) {
        size_t len = strcspn(at, "\n");
        sim_text_put(out, len > 0 ? "# " : "#");
        sim_text_add(out, at, len);
        sim_text_char(out, '\n');
        at += len + (at[len] == '\n');
    }
}

void results_tap(const run_row *rows, size_t n, sim_text *out)
{
    sim_text_format(out, "TAP version 13\n1..%zu\n", n);
    for (size_t i = 0; i < n; i++) {
        const run_result *r = rows[i].result;
        bool good = r->verdict == RUN_PASSED || is_skipped(r);
        sim_text_format(out, "%s %zu - %s", good ? "ok" : "not ok", i + 1,
                        rows[i].name->short_name.at);
        if (is_skipped(r))
            sim_text_format(out, " # SKIP %s", run_verdict_name(r->verdict));
        sim_text_char(out, '\n');
        add_comment(&r->report, out);
        add_comment(&r->mistakes, out);
    }
}
