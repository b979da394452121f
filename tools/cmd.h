/* cmd.h - what every subcommand of wavetank shares: its row in the table, its options,
 * messages, colour and exit codes.
 *
 * A subcommand is one file, cmd_NAME.c, with a table of its options and one function:
 *
 *     enum { OUT, QUIET };
 *     const cmd_option cmd_frob_options[] = {
 *         [OUT] = {"out", 'o', "DIR", "where to write (default: out)"},
 *         [QUIET] = {"quiet", 'q', NULL, "print nothing but mistakes"},
 *         {0},
 *     };
 *     int cmd_frob(int argc, char **argv)          // argv[0] is "frob"
 *     {
 *         cmd_args args;
 *         if (!cmd_parse(cmd_frob_options, argc, argv, &args))
 *             return args.exit_code;               // --help, or a mistake that was told
 *         const char *out = args.value[OUT] ? args.value[OUT] : "out";
 *         for (int i = 0; i < args.rest_n; i++)
 *             ...args.rest[i]...
 *     }
 *
 * Its row in main.c's table is where --help, `wavetank help`, completion and the manual
 * page find it.  Always true: mistakes and messages go to standard error and begin with
 * "wavetank:"; standard output holds only what was asked for. */
#ifndef TOOLS_CMD_H
#define TOOLS_CMD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum cmd_exit {
    CMD_OK = 0,            /* all passed */
    CMD_FAILED = 1,        /* an expectation failed, an invariant was violated, a run differs */
    CMD_USAGE = 2,         /* usage, or a mistake in a scenario or trace */
    CMD_NO_PROGRESS = 3,   /* a limit was reached */
    CMD_SYSTEM = 4,        /* the system failed us: disk full, file unreadable, no memory */
    CMD_INTERRUPTED = 130, /* SIGINT or SIGTERM: 128 + SIGINT, as shells have it */
};

enum { CMD_OPTIONS_MAX = 24, CMD_GIVEN_MAX = 256 };

typedef struct cmd_option {
    const char *name;  /* "out" for --out; NULL ends the table */
    char letter;       /* 'o' for -o; 0: none */
    const char *value; /* what stands behind it, "DIR"; NULL: a switch */
    const char *help;  /* one line */
} cmd_option;

typedef struct cmd_given { /* an option with a value, as it came */
    int option;
    const char *value;
} cmd_given;

typedef struct cmd_args {
    const char *value[CMD_OPTIONS_MAX]; /* by position in the table: the last one given,
                                           "" for a switch, NULL when it was not given */
    cmd_given given[CMD_GIVEN_MAX];     /* for those that may be given several times */
    int given_n;
    char **rest; /* what is no option, in order; points into argv */
    int rest_n;
    int exit_code; /* when cmd_parse() returned false */
} cmd_args;

/* Takes the options out of argv, wherever they stand: --name VALUE, --name=VALUE, -oVALUE,
 * -o VALUE; everything after -- is no option.  False when there is nothing left to do:
 * --help was printed, or a mistake was told (with the nearest name). */
bool cmd_parse(const cmd_option *options, int argc, char **argv, cmd_args *args);

/* The values of an option that was given several times, in their order; at most
 * CMD_GIVEN_MAX.  Returns how many. */
uint32_t cmd_values(const cmd_args *args, int option, const char **out);

/* A whole number, in [low, high].  False: the mistake was told as one of option NAME. */
bool cmd_number(const char *option, const char *text, uint64_t low, uint64_t high,
                uint64_t *out);

/* A subcommand, as main.c's table has it. */
typedef struct cmd {
    const char *name, *summary;
    const char *usage;    /* behind the name: "[OPTIONS] PATH…" */
    const char *text;     /* paragraphs for --help and the manual page */
    const char *examples; /* lines "command<TAB>what it does"; NULL: none */
    const cmd_option *options;
    int (*run)(int argc, char **argv);
} cmd;

extern const cmd cmd_table[]; /* ends with a NULL name; in the order of `wavetank help` */
const cmd *cmd_find(const char *name);
const char *cmd_nearest(const char *name);

/* Prints `wavetank NAME --help`. */
void cmd_help_one(const cmd *c, FILE *to);

/* "wavetank: …" and a newline on standard error. */
void cmd_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with "wavetank: COMMAND: …" and a second line with a hint when it is not NULL. */
void cmd_mistake(const char *hint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether text to this stream may be coloured: a terminal, no NO_COLOR, TERM not dumb. */
bool cmd_colour(FILE *to);

/* Set once SIGINT or SIGTERM came (after cmd_catch_interrupt()).  The second one ends the
 * program at once. */
extern volatile bool cmd_interrupted;
void cmd_catch_interrupt(void);

/* Flushes standard output; CMD_SYSTEM with a message when that failed (a full disk), else
 * code.  A reader that closed the pipe had enough: that is no failure. */
int cmd_flush(int code);

/* The worse of two exit codes: 130 > 4 > 2 > 3 > 1 > 0. */
int cmd_worse(int a, int b);

/* A clock of the wall that never goes back, for how long something took. */
uint64_t cmd_wall_us(void);

int cmd_run(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_render(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_features(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_new(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_version(int argc, char **argv);

extern const cmd_option cmd_run_options[], cmd_replay_options[], cmd_render_options[],
    cmd_check_options[], cmd_features_options[], cmd_explain_options[], cmd_new_options[],
    cmd_help_options[], cmd_version_options[];

#endif
