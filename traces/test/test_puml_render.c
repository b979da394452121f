/* test_puml_render.c - PlantUML itself draws wild diagrams, if it and java are there.
 * Exit code 77: they are not, the test was left out. */
#include "traces/test/test_puml_wild.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LEFT_OUT = 77, TRACES = 12 };

static book pages;

static const char *jar(void)
{
    const char *named = getenv("WAVETANK_PLANTUML_JAR");
    return named && *named ? named : "/usr/share/plantuml/plantuml.jar";
}

static int run(const char *command)
{
    int status = system(command);
    return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void path_of(char *path, size_t bytes, const char *folder, unsigned n,
                    const char *suffix)
{
    snprintf(path, bytes, "%s/%u.%s", folder, n, suffix);
}

static unsigned write_pages(const char *folder, unsigned n)
{
    char path[256];
    for (size_t i = 0; i < pages.n; i++, n++) {
        path_of(path, sizeof path, folder, n, "puml");
        FILE *to = fopen(path, "wb");
        if (!to || fputs(pages.page[i].text.at, to) < 0 || fclose(to) != 0)
            return 0;
    }
    book_free(&pages);
    return n;
}

static unsigned write_all(const char *folder)
{
    unsigned n = 0;
    for (uint64_t seed = 0; seed < TRACES; seed++) {
        trace *t = seed % 2 ? wild_tank(seed) : wild_events(seed);
        book_of(&pages, t, NULL);
        n = write_pages(folder, n);
        trace_free(t);
    }
    return n;
}

/* Counts the pictures and removes everything. */
static unsigned take_pictures(const char *folder, unsigned n)
{
    char path[256];
    unsigned pictures = 0;
    struct stat st;
    for (unsigned i = 0; i < n; i++) {
        path_of(path, sizeof path, folder, i, "svg");
        pictures += stat(path, &st) == 0 && st.st_size > 0;
        unlink(path);
        path_of(path, sizeof path, folder, i, "puml");
        unlink(path);
    }
    rmdir(folder);
    return pictures;
}

START_TEST(plantuml_draws_them)
{
    char folder[] = "/tmp/wavetank-puml-XXXXXX", command[1024];
    ck_assert(mkdtemp(folder) != NULL);
    unsigned n = write_all(folder);
    snprintf(command, sizeof command,
             "cd %s && java -Djava.awt.headless=true -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "
             "-jar '%s' -failfast2 -tsvg -nometadata -charset UTF-8 '*.puml'",
             folder, jar());
    int code = run(command);
    unsigned pictures = take_pictures(folder, n);
    ck_assert_msg(code == 0, "PlantUML ends with %d", code);
    ck_assert_uint_gt(n, TRACES);
    ck_assert_uint_eq(pictures, n);
}
END_TEST

int main(void)
{
    if (access(jar(), R_OK) != 0 || run("java -version >/dev/null 2>&1") != 0) {
        puts("no PlantUML, or no java: left out (apt-get install --no-install-recommends "
             "plantuml default-jre-headless)");
        return LEFT_OUT;
    }
    Suite *suite = suite_create("PlantUML");
    TCase *tcase = tcase_create("draws");
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, plantuml_draws_them);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
