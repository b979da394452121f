/* corpus_main.c - a fuzz target without a fuzzer: runs it once on every file of the folders
 * (or on the files) that are named, in the order of their names.
 *
 *     fuzz_trace_corpus tests/fuzz/corpus/trace
 *
 * So what a fuzzer once found is tried in every run of the tests, with any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned files;

static void fail(const char *path)
{
    perror(path);
    exit(EXIT_FAILURE);
}

static void run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        fail(path);
    long size = ftell(f);
    if (size < 0 || fseek(f, 0, SEEK_SET) != 0)
        fail(path);
    /* A block of just this size, so that a step behind its end is seen. */
    uint8_t *data = malloc(size ? (size_t)size : 1);
    if (!data || fread(data, 1, (size_t)size, f) != (size_t)size)
        fail(path);
    fclose(f);
    (void)LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    files++;
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void run(const char *path)
{
    struct stat is;
    struct dirent **names;
    if (stat(path, &is) != 0)
        fail(path);
    if (!S_ISDIR(is.st_mode)) {
        run_file(path);
        return;
    }
    int n = scandir(path, &names, is_file, alphasort);
    if (n < 0)
        fail(path);
    for (int i = 0; i < n; i++) {
        char *inside;
        if (asprintf(&inside, "%s/%s", path, names[i]->d_name) < 0)
            fail(path);
        run(inside);
        free(inside);
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run(argv[i]);
    printf("%u files\n", files);
    return files ? EXIT_SUCCESS : EXIT_FAILURE; /* an empty corpus is a mistake */
}
