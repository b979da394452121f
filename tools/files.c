/* files.c - reading, writing and walking files (see files.h). */
#include "tools/files.h"
#include "sim/base/memory.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(files_error *error, const char *what, const char *path)
{
    int reason = errno;
    snprintf(error->text, sizeof error->text, "cannot %s %s: %s", what, path, strerror(reason));
    error->too_large = false;
    return false;
}

/* ---- paths ------------------------------------------------------------------------ */

bool files_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool files_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool files_ends_in(const char *path, const char *suffix)
{
    size_t n = strlen(path), m = strlen(suffix);
    return n >= m && strcmp(path + n - m, suffix) == 0;
}

void files_join(sim_text *out, const char *a, const char *b)
{
    size_t n = strlen(a);
    sim_text_add(out, a, n);
    if (n > 0 && a[n - 1] != '/')
        sim_text_char(out, '/');
    sim_text_put(out, b);
}

/* Takes one part of a path into a path from the root that is already clean. */
static void add_part(sim_text *out, const char *part, size_t len)
{
    if (len == 0 || (len == 1 && part[0] == '.'))
        return;
    if (len == 2 && part[0] == '.' && part[1] == '.') {
        while (out->len > 0 && out->at[out->len - 1] != '/')
            out->len--;
        if (out->len > 0)
            out->len--;
        if (out->at)
            out->at[out->len] = '\0';
        return;
    }
    sim_text_char(out, '/');
    sim_text_add(out, part, len);
}

static void add_parts(sim_text *out, const char *path)
{
    while (*path) {
        size_t len = strcspn(path, "/");
        add_part(out, path, len);
        path += len + (path[len] == '/');
    }
}

bool files_absolute(const char *path, sim_text *out, files_error *error)
{
    if (path[0] != '/') {
        char *cwd = getcwd(NULL, 0);
        if (!cwd)
            return fail(error, "find", "the current folder");
        add_parts(out, cwd);
        free(cwd);
    }
    add_parts(out, path);
    if (out->len == 0)
        sim_text_char(out, '/');
    return true;
}

/* ---- reading ---------------------------------------------------------------------- */

static bool too_large(files_error *error, const char *path, size_t max)
{
    const size_t mib = (size_t)1 << 20;
    if (max % mib == 0)
        snprintf(error->text, sizeof error->text, "%s is too large: more than %zu MiB", path,
                 max / mib);
    else
        snprintf(error->text, sizeof error->text, "%s is too large: more than %zu bytes", path,
                 max);
    error->too_large = true;
    return false;
}

static bool read_all(FILE *f, const char *path, size_t max, sim_text *out, files_error *error)
{
    char *piece = sim_alloc(1 << 16);
    bool good = true;
    size_t n = 0, total = 0;
    while (good && (n = fread(piece, 1, 1 << 16, f)) > 0) {
        total += n;
        good = total <= max ? true : too_large(error, path, max);
        if (good)
            sim_text_add(out, piece, n);
    }
    free(piece);
    if (good && ferror(f))
        good = fail(error, "read", path);
    return good;
}

bool files_read(const char *path, size_t max, sim_text *out, files_error *error)
{
    if (strcmp(path, "-") == 0)
        return read_all(stdin, "standard input", max, out, error);
    if (files_is_folder(path)) {
        errno = EISDIR;
        return fail(error, "read", path);
    }
    FILE *f = fopen(path, "rb");
    if (!f)
        return fail(error, "read", path);
    struct stat st;
    const bool large =
        fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size > max;
    bool good = large ? too_large(error, path, max) : read_all(f, path, max, out, error);
    fclose(f);
    if (good && !out->at)
        sim_text_put(out, "");
    return good;
}

/* ---- walking ---------------------------------------------------------------------- */

void files_list_add(files_list *list, const char *path)
{
    list->at = sim_grow(list->at, &list->capacity, list->n + 1, sizeof *list->at);
    size_t len = strlen(path);
    char *copy = sim_alloc(len + 1);
    memcpy(copy, path, len);
    list->at[list->n++] = copy;
}

void files_list_free(files_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->at[i]);
    free(list->at);
    *list = (files_list){0};
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum { WALK_DEPTH_MAX = 64 };

static bool walk_folder(const char *path, const char *suffix, int depth, files_list *out,
                        files_error *error)
{
    DIR *folder = opendir(path);
    if (!folder)
        return fail(error, "read", path);
    bool good = true;
    sim_text below = {0};
    for (struct dirent *e; good && (errno = 0, e = readdir(folder));) {
        if (e->d_name[0] == '.')
            continue;
        sim_text_clear(&below);
        files_join(&below, path, e->d_name);
        struct stat st;
        if (lstat(below.at, &st) != 0) /* gone since */
            continue;
        if (S_ISDIR(st.st_mode)) {
            if (depth < WALK_DEPTH_MAX)
                good = walk_folder(below.at, suffix, depth + 1, out, error);
        } else if (files_ends_in(below.at, suffix)) {
            files_list_add(out, below.at);
        }
    }
    sim_text_free(&below);
    closedir(folder);
    return good;
}

bool files_walk(const char *path, const char *suffix, files_list *out, files_error *error)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return fail(error, "read", path);
    if (!S_ISDIR(st.st_mode)) {
        files_list_add(out, path);
        return true;
    }
    size_t before = out->n;
    bool good = walk_folder(path, suffix, 0, out, error);
    if (out->n > before)
        qsort(out->at + before, out->n - before, sizeof *out->at, by_bytes);
    return good;
}

/* ---- writing ---------------------------------------------------------------------- */

bool files_make_folder(const char *path, files_error *error)
{
    size_t len = strlen(path);
    char *copy = sim_alloc(len + 1);
    memcpy(copy, path, len);
    bool good = true;
    for (size_t i = 1; good && i <= len; i++) {
        if (copy[i] != '/' && copy[i] != '\0')
            continue;
        char kept = copy[i];
        copy[i] = '\0';
        if (mkdir(copy, 0777) != 0 && !(errno == EEXIST && files_is_folder(copy))) {
            if (errno == EEXIST)
                errno = ENOTDIR;
            good = fail(error, "make the folder", copy);
        }
        copy[i] = kept;
    }
    free(copy);
    return good;
}

bool files_make_folder_of(const char *path, files_error *error)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return true;
    sim_text folder = {0};
    sim_text_add(&folder, path, (size_t)(slash - path));
    bool good = files_make_folder(folder.at, error);
    sim_text_free(&folder);
    return good;
}

/* A device, a pipe or a link is written through, never replaced. */
static bool is_special(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

bool files_write(const char *path, const char *bytes, size_t len, files_error *error)
{
    if (!files_make_folder_of(path, error))
        return false;
    bool through = is_special(path);
    sim_text beside = {0};
    sim_text_put(&beside, path);
    sim_text_put(&beside, through ? "" : ".part");
    FILE *f = fopen(beside.at, "wb");
    bool good = f != NULL;
    if (f) {
        good = fwrite(bytes, 1, len, f) == len;
        good = fclose(f) == 0 && good;
    }
    if (good && !through)
        good = rename(beside.at, path) == 0;
    if (!good) {
        fail(error, "write", path);
        if (!through)
            unlink(beside.at);
    }
    sim_text_free(&beside);
    return good;
}

bool files_stream_open(files_stream *s, const char *path)
{
    *s = (files_stream){0};
    size_t len = strlen(path);
    s->path = sim_alloc(len + 1);
    memcpy(s->path, path, len);
    if (files_make_folder_of(path, &s->error)) {
        s->file = fopen(path, "wb");
        if (!s->file)
            fail(&s->error, "write", path);
    }
    s->failed = s->file == NULL;
    if (s->failed) {
        free(s->path);
        s->path = NULL;
    }
    return !s->failed;
}

static bool stream_write(void *self, const char *bytes, size_t len)
{
    files_stream *s = self;
    if (!s->failed && fwrite(bytes, 1, len, s->file) != len) {
        fail(&s->error, "write", s->path);
        s->failed = true;
    }
    return !s->failed;
}

trace_sink files_stream_sink(files_stream *s)
{
    return (trace_sink){stream_write, s};
}

bool files_stream_close(files_stream *s)
{
    if (s->file && fclose(s->file) != 0 && !s->failed) {
        fail(&s->error, "write", s->path);
        s->failed = true;
    }
    s->file = NULL;
    free(s->path);
    s->path = NULL;
    return !s->failed;
}

static bool memory_write(void *self, const char *bytes, size_t len)
{
    sim_text_add(self, bytes, len);
    return true;
}

trace_sink files_memory_sink(sim_text *text)
{
    return (trace_sink){memory_write, text};
}
