/* cmd.c - options, messages and colour for every subcommand (see cmd.h). */
#include "tools/cmd.h"
#include "sim/base/text.h"
#include "sim/options.h"
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- messages --------------------------------------------------------------------- */

static void __attribute__((format(printf, 2, 0)))
tell(const char *hint, const char *format, va_list args)
{
    fflush(stdout); /* so that both streams in one terminal keep their order */
    fputs("wavetank: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    if (hint)
        fprintf(stderr, "          = %s\n", hint);
}

void cmd_message(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(NULL, format, args);
    va_end(args);
}

void cmd_mistake(const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(hint, format, args);
    va_end(args);
}

bool cmd_colour(FILE *to)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(to)) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

int cmd_worse(int a, int b)
{
    static const int order[] = {CMD_INTERRUPTED, CMD_SYSTEM, CMD_USAGE, CMD_NO_PROGRESS,
                                CMD_FAILED};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return CMD_OK;
}

int cmd_flush(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno == EPIPE) /* the reader had enough */
        return code;
    cmd_message("cannot write to standard output: %s", strerror(errno));
    return cmd_worse(code, CMD_SYSTEM);
}

uint64_t cmd_wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- interruption ----------------------------------------------------------------- */

volatile bool cmd_interrupted;

static struct timespec interrupted_at;

/* Some who start programs signal them once themselves and once with their group: that is
 * one interrupt, not two. */
enum { SAME_INTERRUPT_MS = 300 };

static bool is_another(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t ms = ((int64_t)now.tv_sec - interrupted_at.tv_sec) * 1000 +
                 (now.tv_nsec - interrupted_at.tv_nsec) / 1000000;
    return ms >= SAME_INTERRUPT_MS;
}

static void interrupt(int number)
{
    if (!cmd_interrupted) {
        clock_gettime(CLOCK_MONOTONIC, &interrupted_at);
        cmd_interrupted = true;
    } else if (is_another()) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

void cmd_catch_interrupt(void)
{
    struct sigaction action = {.sa_handler = interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- options ---------------------------------------------------------------------- */

static int find_long(const cmd_option *options, const char *name, size_t len)
{
    for (int i = 0; options[i].name; i++)
        if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0)
            return i;
    return -1;
}

static int find_letter(const cmd_option *options, char letter)
{
    for (int i = 0; options[i].name; i++)
        if (options[i].letter == letter)
            return i;
    return -1;
}

static bool stop(cmd_args *args, int code)
{
    args->exit_code = code;
    return false;
}

static bool unknown_option(const cmd_option *options, const char *command, const char *given,
                           cmd_args *args)
{
    const char *names[CMD_OPTIONS_MAX + 1];
    size_t n = 0;
    for (; options[n].name; n++)
        names[n] = options[n].name;
    names[n++] = "help";
    size_t len = strcspn(given, "=");
    sim_text word = {0}, hint = {0};
    sim_text_add(&word, given, len);
    const char *near =
        strncmp(word.at, "--", 2) == 0 ? sim_text_nearest(word.at + 2, names, n) : NULL;
    if (near)
        sim_text_format(&hint, "did you mean --%s?", near);
    else
        sim_text_format(&hint, "see: wavetank %s --help", command);
    cmd_mistake(hint.at, "%s: there is no option %s", command, word.at);
    sim_text_free(&word);
    sim_text_free(&hint);
    return stop(args, CMD_USAGE);
}

static bool missing_value(const char *command, const cmd_option *o, cmd_args *args)
{
    cmd_mistake(o->help, "%s: --%s wants a value: --%s %s", command, o->name, o->name,
                o->value);
    return stop(args, CMD_USAGE);
}

static bool take(const cmd_option *options, const char *command, int k, const char *value,
                 cmd_args *args)
{
    args->value[k] = value;
    if (args->given_n == CMD_GIVEN_MAX) {
        cmd_message("%s: more than %d options, at --%s", command, CMD_GIVEN_MAX,
                    options[k].name);
        return stop(args, CMD_USAGE);
    }
    args->given[args->given_n++] = (cmd_given){k, value};
    return true;
}

uint32_t cmd_values(const cmd_args *args, int option, const char **out)
{
    uint32_t n = 0;
    for (int i = 0; i < args->given_n; i++)
        if (args->given[i].option == option)
            out[n++] = args->given[i].value;
    return n;
}

/* One argument that begins with "--"; *i moves on when its value is the next one. */
static bool parse_long(const cmd_option *options, int argc, char **argv, int *i, cmd_args *args)
{
    const char *given = argv[*i] + 2;
    size_t len = strcspn(given, "=");
    int k = find_long(options, given, len);
    if (k < 0)
        return unknown_option(options, argv[0], argv[*i], args);
    const cmd_option *o = &options[k];
    bool has_value = given[len] == '=';
    if (!o->value && has_value) {
        cmd_mistake(o->help, "%s: --%s takes no value", argv[0], o->name);
        return stop(args, CMD_USAGE);
    }
    if (!o->value)
        args->value[k] = "";
    else if (has_value)
        return take(options, argv[0], k, given + len + 1, args);
    else if (*i + 1 < argc)
        return take(options, argv[0], k, argv[++*i], args);
    else
        return missing_value(argv[0], o, args);
    return true;
}

/* One argument of letters, "-qo DIR", "-j4"; *i moves on when a value is the next one. */
static bool parse_letters(const cmd_option *options, int argc, char **argv, int *i,
                          cmd_args *args)
{
    for (const char *at = argv[*i] + 1; *at; at++) {
        int k = find_letter(options, *at);
        if (k < 0) {
            char given[] = {'-', *at, '\0'};
            return unknown_option(options, argv[0], given, args);
        }
        if (!options[k].value) {
            args->value[k] = "";
            continue;
        }
        if (at[1])
            return take(options, argv[0], k, at + 1, args);
        if (*i + 1 < argc)
            return take(options, argv[0], k, argv[++*i], args);
        return missing_value(argv[0], &options[k], args);
    }
    return true;
}

static bool wants_help(const char *arg)
{
    return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

bool cmd_parse(const cmd_option *options, int argc, char **argv, cmd_args *args)
{
    *args = (cmd_args){.rest = argv + 1};
    bool literal = false;
    for (int i = 1; i < argc; i++) {
        char *arg = argv[i];
        bool good = true;
        if (!literal && strcmp(arg, "--") == 0) {
            literal = true;
        } else if (!literal && wants_help(arg)) {
            cmd_help_one(cmd_find(argv[0]), stdout);
            return stop(args, cmd_flush(CMD_OK));
        } else if (!literal && strncmp(arg, "--", 2) == 0) {
            good = parse_long(options, argc, argv, &i, args);
        } else if (!literal && arg[0] == '-' && arg[1] != '\0') {
            good = parse_letters(options, argc, argv, &i, args);
        } else {
            args->rest[args->rest_n++] = arg; /* never ahead of i: overwrites what was read */
        }
        if (!good)
            return false;
    }
    return true;
}

bool cmd_number(const char *option, const char *text, uint64_t low, uint64_t high,
                uint64_t *out)
{
    if (sim_parse_u64(text, strlen(text), out) && *out >= low && *out <= high)
        return true;
    cmd_message("--%s wants a whole number from %" PRIu64 " to %" PRIu64 ", not '%s'", option,
                low, high, text);
    return false;
}
