/* plantuml.c - runs PlantUML's jar over many diagrams at once (see plantuml.h). */
#include "tools/plantuml.h"
#include "sim/base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LOG_BYTES_MAX = 1 << 20,
    PUML_BYTES_MAX = 64 << 20,
    JAR_SAYS_ERRORS = 200, /* its exit code when a diagram has a mistake */
    NO_JAVA = 127,
};

static const char install_hint[] =
    "on Debian: apt-get install --no-install-recommends plantuml default-jre-headless "
    "fontconfig fonts-dejavu-core";

const char *plantuml_suffix(plantuml_format format)
{
    return format == PLANTUML_SVG ? "svg" : "png";
}

static bool fail(plantuml_error *error, const char *hint, const char *what, const char *detail)
{
    snprintf(error->text, sizeof error->text, "%s%.1500s", what, detail);
    snprintf(error->hint, sizeof error->hint, "%s", hint ? hint : "");
    return false;
}

/* ---- finding it ---------------------------------------------------------------------- */

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static bool find_on_path(const char *name, sim_text *out)
{
    const char *path = getenv("PATH");
    for (const char *at = path ? path : "/usr/bin:/bin"; *at;) {
        size_t len = strcspn(at, ":");
        sim_text folder = {0};
        sim_text_add(&folder, len ? at : ".", len ? len : 1);
        sim_text_clear(out);
        files_join(out, folder.at, name);
        sim_text_free(&folder);
        if (is_program(out->at))
            return true;
        at += len + (at[len] == ':');
    }
    return false;
}

static bool find_java(sim_text *out)
{
    const char *home = getenv("JAVA_HOME");
    if (home && *home) {
        files_join(out, home, "bin/java");
        if (is_program(out->at))
            return true;
    }
    return find_on_path("java", out);
}

static bool find_jar(const char *given, sim_text *out, plantuml_error *error)
{
    static const char *const places[] = {"/usr/share/plantuml/plantuml.jar",
                                         "/usr/share/java/plantuml.jar",
                                         "/usr/local/share/plantuml/plantuml.jar"};
    files_error no_path;
    const char *named = given ? given : getenv("WAVETANK_PLANTUML_JAR");
    if (named && *named) {
        if (files_exists(named) && !files_is_folder(named))
            return files_absolute(named, out, &no_path) || fail(error, NULL, no_path.text, "");
        return fail(error,
                    given ? "it was named by --jar" : "it was named by $WAVETANK_PLANTUML_JAR",
                    "there is no PlantUML jar at ", named);
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (files_exists(places[i])) {
            sim_text_put(out, places[i]);
            return true;
        }
    }
    return fail(error, install_hint,
                "PlantUML's jar is needed for pictures, and it was not found; name it by --jar "
                "FILE or $WAVETANK_PLANTUML_JAR, or install it",
                "");
}

bool plantuml_find(plantuml *tool, const char *jar, plantuml_error *error)
{
    *tool = (plantuml){0};
    if (!find_jar(jar, &tool->jar, error))
        return false;
    return find_java(&tool->java) ||
           fail(error, install_hint, "java is needed for pictures, and it was not found", "");
}

void plantuml_free(plantuml *tool)
{
    sim_text_free(&tool->java);
    sim_text_free(&tool->jar);
}

/* ---- the folder that it works in ----------------------------------------------------- */

typedef struct bench {
    sim_text folder; /* from "/" */
    sim_text path;   /* of whatever file is meant now */
    size_t n;
} bench;

static const char *bench_file(bench *b, size_t i, const char *suffix)
{
    char name[64];
    snprintf(name, sizeof name, "%08zu.%s", i, suffix);
    sim_text_clear(&b->path);
    files_join(&b->path, b->folder.at, name);
    return b->path.at;
}

static const char *bench_log(bench *b)
{
    sim_text_clear(&b->path);
    files_join(&b->path, b->folder.at, "log");
    return b->path.at;
}

static void bench_close(bench *b)
{
    static const char *const suffixes[] = {"puml", "svg", "png"};
    for (size_t i = 0; i < b->n; i++) {
        for (size_t k = 0; k < sizeof suffixes / sizeof *suffixes; k++)
            unlink(bench_file(b, i, suffixes[k]));
    }
    if (b->folder.at) {
        unlink(bench_log(b));
        rmdir(b->folder.at);
    }
    sim_text_free(&b->folder);
    sim_text_free(&b->path);
}

static bool bench_open(bench *b, const char *scratch, plantuml_error *error)
{
    files_error why;
    if (!files_absolute(scratch, &b->folder, &why))
        return fail(error, NULL, why.text, "");
    sim_text_format(&b->folder, "/.drawing-%" PRIdMAX, (intmax_t)getpid());
    if (!files_make_folder(b->folder.at, &why))
        return fail(error, NULL, why.text, "");
    return true;
}

/* The jar takes the names of its files from a pattern, so that there may be any number, and
 * takes stars in names for patterns, so that they get plain names here. */
static bool bench_fill(bench *b, const plantuml_job *jobs, size_t n, plantuml_error *error)
{
    for (size_t i = 0; i < n; i++) {
        files_error why;
        sim_text text = {0};
        b->n = i + 1;
        bool good = files_read(jobs[i].puml, PUML_BYTES_MAX, &text, &why) &&
                    files_write(bench_file(b, i, "puml"), text.at, text.len, &why);
        sim_text_free(&text);
        if (!good)
            return fail(error, NULL, why.text, "");
    }
    return true;
}

/* ---- running it ---------------------------------------------------------------------- */

static void become_jar(const plantuml *tool, plantuml_format format, bench *b)
{
    int log = open(bench_log(b), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int nothing = open("/dev/null", O_RDONLY);
    if (log < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(log, 1) < 0 ||
        dup2(log, 2) < 0 || chdir(b->folder.at) != 0)
        _exit(NO_JAVA);
    unsetenv("JAVA_TOOL_OPTIONS"); /* the JVM would greet with it on standard error */
    /* A short life: no second compiler, no collector beside it.  PNG is cut off at 4096
     * pixels unless told otherwise. */
    execl(tool->java.at, "java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
          "-Djava.awt.headless=true", "-DPLANTUML_LIMIT_SIZE=65536", "-Dfile.encoding=UTF-8",
          "-jar", tool->jar.at, format == PLANTUML_SVG ? "-tsvg" : "-tpng", "-nometadata",
          "-charset", "UTF-8", "*.puml", (char *)NULL);
    _exit(NO_JAVA);
}

/* The exit code of the jar; -1 when it ended otherwise. */
static int run_jar(const plantuml *tool, plantuml_format format, bench *b)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        become_jar(tool, format, b);
    while (pid > 0 && waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* "Error line 12 in file: /…/00000003.puml": the picture of job 3 shows that error. */
static void note_errors(const char *log, const plantuml_job *jobs, size_t n, bool *bad,
                        sim_text *told)
{
    static const char mark[] = " in file: ";
    for (const char *at = log; (at = strstr(at, mark));) {
        at += strlen(mark);
        size_t len = strcspn(at, "\r\n");
        const char *name = at + len;
        while (name > at && name[-1] != '/')
            name--;
        char *end;
        unsigned long long i = strtoull(name, &end, 10);
        if (end == name || i >= n || bad[i])
            continue;
        bad[i] = true;
        sim_text_format(told, "%sPlantUML does not understand %s", told->len ? "\n" : "",
                        jobs[i].puml);
    }
}

static bool take_picture(bench *b, size_t i, plantuml_format format, plantuml_job *job,
                         sim_text *told)
{
    files_error why;
    struct stat st;
    const char *from = bench_file(b, i, plantuml_suffix(format));
    if (stat(from, &st) != 0 || st.st_size == 0) {
        sim_text_format(told, "%sPlantUML drew nothing for %s", told->len ? "\n" : "",
                        job->puml);
        return false;
    }
    if (!files_make_folder_of(job->picture, &why)) {
        sim_text_format(told, "%s%s", told->len ? "\n" : "", why.text);
        return false;
    }
    if (rename(from, job->picture) != 0) {
        sim_text_format(told, "%scannot write %s: %s", told->len ? "\n" : "", job->picture,
                        strerror(errno));
        return false;
    }
    return job->drawn = true;
}

/* The last lines of what the jar said. */
static const char *tail(const sim_text *log)
{
    enum { TAIL_BYTES = 600 };
    size_t from = log->len > TAIL_BYTES ? log->len - TAIL_BYTES : 0;
    while (from && from < log->len && log->at[from - 1] != '\n')
        from++;
    return log->at + from;
}

static bool collect(bench *b, plantuml_format format, plantuml_job *jobs, size_t n, int code,
                    plantuml_error *error)
{
    sim_text log = {0}, told = {0};
    files_error why;
    if (!files_read(bench_log(b), LOG_BYTES_MAX, &log, &why))
        sim_text_put(&log, "");
    if (code != 0 && code != JAR_SAYS_ERRORS) {
        bool no_java = code == NO_JAVA && !log.len;
        fail(error,
             no_java ? install_hint
                     : "fonts missing? apt-get install fontconfig "
                       "fonts-dejavu-core",
             no_java ? "java could not be started" : "PlantUML failed: ", tail(&log));
    } else {
        bool *bad = sim_alloc((n + 1) * sizeof *bad);
        note_errors(log.at, jobs, n, bad, &told);
        for (size_t i = 0; i < n; i++) {
            if (!bad[i])
                take_picture(b, i, format, &jobs[i], &told);
        }
        free(bad);
        if (told.len)
            fail(error, "this is a mistake of wavetank: please report it with the .puml file",
                 told.at, "");
        else if (code == JAR_SAYS_ERRORS)
            fail(error, NULL, "PlantUML failed: ", tail(&log));
    }
    sim_text_free(&log);
    sim_text_free(&told);
    return !error->text[0];
}

int plantuml_draw(const plantuml *tool, plantuml_format format, plantuml_job *jobs, size_t n,
                  const char *scratch, plantuml_error *error)
{
    *error = (plantuml_error){0};
    if (n == 0)
        return CMD_OK;
    bench b = {0};
    bool good = bench_open(&b, scratch, error) && bench_fill(&b, jobs, n, error);
    if (good && !cmd_interrupted) {
        int code = run_jar(tool, format, &b);
        good = cmd_interrupted || collect(&b, format, jobs, n, code, error);
    }
    bench_close(&b);
    return cmd_interrupted ? CMD_INTERRUPTED : good ? CMD_OK : CMD_SYSTEM;
}
