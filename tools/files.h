/* files.h - the only place where wavetank touches the file system.
 *
 * Every function that can fail returns false and leaves one line in *error ("cannot read
 * out/x: No such file or directory"), which the caller prints or passes on.
 *
 * Ownership: what a function gives back in a sim_text or a list is the caller's, to be
 * freed by sim_text_free() or files_list_free(). */
#ifndef TOOLS_FILES_H
#define TOOLS_FILES_H
#include "sim/base/text.h"
#include "traces/trace.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct files_error {
    char text[1024];
    bool too_large; /* of files_read() */
} files_error;

/* Reads a whole file ("-" is standard input) of at most max bytes into out; a file that is
 * larger is not read at all. */
bool files_read(const char *path, size_t max, sim_text *out, files_error *error);

/* Makes the folder and all above it. */
bool files_make_folder(const char *path, files_error *error);
/* Makes the folders above a file. */
bool files_make_folder_of(const char *path, files_error *error);

/* Replaces a file as a whole: readers see the old bytes or the new ones.  Makes folders.
 * What is no file, a device or a link, is written through. */
bool files_write(const char *path, const char *bytes, size_t len, files_error *error);

/* Files below a folder whose names end in suffix (or a file itself, whatever its name),
 * sorted by the bytes of their paths, so that the order is the same on every machine.
 * Names that begin with a dot are left out. */
typedef struct files_list {
    char **at;
    size_t n, capacity;
} files_list;
bool files_walk(const char *path, const char *suffix, files_list *out, files_error *error);
void files_list_add(files_list *list, const char *path);
void files_list_free(files_list *list);

bool files_is_folder(const char *path);
bool files_exists(const char *path);
bool files_ends_in(const char *path, const char *suffix);

/* A/B with one slash between them. */
void files_join(sim_text *out, const char *a, const char *b);
/* The path from the root, without "." and "..", as text only (links are not followed). */
bool files_absolute(const char *path, sim_text *out, files_error *error);

/* ---- a file that is written as the run goes --------------------------------------- */

typedef struct files_stream {
    FILE *file;
    char *path; /* of the file */
    bool failed;
    files_error error; /* why, when failed */
} files_stream;

/* Makes folders and opens for writing. */
bool files_stream_open(files_stream *s, const char *path);
trace_sink files_stream_sink(files_stream *s);
/* False when anything that was written did not arrive; the reason is in s->error. */
bool files_stream_close(files_stream *s);

/* A sink that collects in memory. */
trace_sink files_memory_sink(sim_text *text);

#endif
