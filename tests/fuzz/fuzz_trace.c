/* fuzz_trace.c - any bytes as a trace: read, or refused with a message; what was read is
 * stepped through, gone back in, shown and exported. */
#include "traces/trace.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool swallow(void *self, const char *bytes, size_t len)
{
    size_t *taken = self;
    (void)bytes;
    *taken += len;
    return true;
}

static bool open_diagram(void *self, const char *suffix, trace_sink *sink)
{
    assert(*suffix);
    *sink = (trace_sink){swallow, self};
    return true;
}

static bool close_diagram(void *self)
{
    (void)self;
    return true;
}

static void export_all(const trace *t)
{
    size_t taken = 0;
    const trace_sink sink = {swallow, &taken};
    const trace_puml_options options = {.messages_max = 10};
    assert(trace_export_csv(t, sink));
    assert(trace_export_digest_csv(t, sink));
    assert(trace_export_metadata(t, sink));
    assert(trace_export_puml(t, &options,
                             (trace_puml_files){open_diagram, close_diagram, &taken}));
    assert(taken > 0);
}

static void show(const trace *t, const trace_model *m)
{
    sim_text out = {0};
    uint32_t n;
    const trace_node *nodes = trace_model_nodes(m, &n);
    uint64_t seq = trace_model_seq(m);
    if (seq)
        trace_event_line(t, &t->events[seq - 1], true, &out);
    trace_model_table(m, true, &out);
    trace_model_queue_lines(m, false, &out);
    for (uint32_t i = 0; i < n; i++)
        (void)trace_model_entry(m, i, nodes[i].last_index, NULL, NULL);
    sim_text_free(&out);
}

enum { SHOWN_MAX = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trace_error error;
    trace *t = trace_read((const char *)data, size, &error);
    if (!t) {
        assert(*error.text && !strpbrk(error.text, "\n\033"));
        return 0;
    }
    trace_model *m = trace_model_new(t);
    for (uint64_t i = 0; trace_model_step(m) && i < SHOWN_MAX; i++)
        show(t, m);
    trace_model_seek(m, t->events_n);
    trace_model_seek(m, t->events_n / 2);
    show(t, m);
    trace_model_free(m);
    export_all(t);
    trace_free(t);
    return 0;
}
