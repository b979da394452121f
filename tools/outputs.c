/* outputs.c - the files that `wavetank run` writes from a trace, in folders by kind. */
#include "tools/run.h"
#include <dirent.h>
#include <string.h>
#include <unistd.h>

void outputs_path(const char *out, const char *kind, const char *name, const char *suffix,
                  sim_text *path)
{
    sim_text_clear(path);
    files_join(path, out, kind);
    sim_text_char(path, '/');
    sim_text_put(path, name);
    sim_text_put(path, suffix);
}

typedef bool export_fn(const trace *t, trace_sink sink);

static bool write_export(const char *path, export_fn *fn, const trace *t, files_error *error)
{
    files_stream stream;
    if (!files_stream_open(&stream, path)) {
        *error = stream.error;
        return false;
    }
    bool made = fn(t, files_stream_sink(&stream));
    bool closed = files_stream_close(&stream);
    if (!closed)
        *error = stream.error;
    else if (!made)
        snprintf(error->text, sizeof error->text, "cannot write %.900s", path);
    return made && closed;
}

/* ---- diagrams: one file each ---------------------------------------------------------- */

typedef struct diagrams {
    const char *out, *name;
    files_stream stream;
    files_error error;
    sim_text path;
    files_list *written; /* or NULL */
} diagrams;

static bool diagram_open(void *self, const char *suffix, trace_sink *sink)
{
    diagrams *d = self;
    sim_text ending = {0};
    sim_text_format(&ending, "_%s.puml", suffix);
    outputs_path(d->out, "plantuml", d->name, ending.at, &d->path);
    sim_text_free(&ending);
    bool good = files_stream_open(&d->stream, d->path.at);
    if (good)
        *sink = files_stream_sink(&d->stream);
    else
        d->error = d->stream.error;
    if (good && d->written)
        files_list_add(d->written, d->path.at);
    return good;
}

static bool diagram_close(void *self)
{
    diagrams *d = self;
    bool good = files_stream_close(&d->stream);
    if (!good)
        d->error = d->stream.error;
    return good;
}

static bool is_old_diagram(const char *file, const char *base, size_t base_len,
                           const char *suffix)
{
    return strncmp(file, base, base_len) == 0 && file[base_len] == '_' &&
           files_ends_in(file, suffix) &&
           strspn(file + base_len, "_0123456789") == strlen(file + base_len) - strlen(suffix);
}

void outputs_remove_old(const char *out, const char *kind, const char *name, const char *suffix)
{
    sim_text folder = {0}, path = {0};
    outputs_path(out, kind, name, "", &folder);
    char *slash = strrchr(folder.at, '/');
    const char *base = slash + 1;
    size_t base_len = strlen(base);
    *slash = '\0';
    DIR *at = opendir(folder.at);
    for (struct dirent *e; at && (e = readdir(at));) {
        if (!is_old_diagram(e->d_name, base, base_len, suffix))
            continue;
        sim_text_clear(&path);
        files_join(&path, folder.at, e->d_name);
        unlink(path.at);
    }
    if (at)
        closedir(at);
    sim_text_free(&folder);
    sim_text_free(&path);
}

bool outputs_diagrams(const char *out, const char *name, const trace *t,
                      const trace_puml_options *options, files_list *written,
                      files_error *error)
{
    outputs_remove_old(out, "plantuml", name, ".puml");
    diagrams d = {.out = out, .name = name, .written = written};
    trace_puml_files files = {diagram_open, diagram_close, &d};
    bool good = trace_export_puml(t, options, files);
    if (!good) {
        *error = d.error;
        if (!error->text[0])
            snprintf(error->text, sizeof error->text, "cannot write the diagrams of %.800s",
                     name);
    }
    sim_text_free(&d.path);
    return good;
}

enum { TABLES = 3 };
static const struct {
    const char *kind, *suffix;
    export_fn *fn;
} tables[TABLES] = {
    {"metadata", ".json", trace_export_metadata},
    {"csv", ".csv", trace_export_csv},
    {"digest_csv", ".csv", trace_export_digest_csv},
};

void outputs_remove(const char *out, const char *name)
{
    sim_text path = {0};
    for (size_t i = 0; i < TABLES; i++) {
        outputs_path(out, tables[i].kind, name, tables[i].suffix, &path);
        unlink(path.at);
    }
    outputs_remove_old(out, "plantuml", name, ".puml");
    sim_text_free(&path);
}

bool outputs_write(const char *out, const char *name, const trace *t, files_error *error)
{
    sim_text path = {0};
    bool good = true;
    for (size_t i = 0; good && i < TABLES; i++) {
        outputs_path(out, tables[i].kind, name, tables[i].suffix, &path);
        good = write_export(path.at, tables[i].fn, t, error);
    }
    sim_text_free(&path);
    return good && outputs_diagrams(out, name, t, NULL, NULL, error);
}
