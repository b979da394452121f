/* terminal.h - the terminal as a screen that is drawn whole and keys that come one by one.
 *
 * Always true: the terminal is as it was when the program ends, whether by terminal_close(),
 * a signal or a failed assertion, and while it is stopped (ctrl-Z). */
#ifndef TOOLS_TERMINAL_H
#define TOOLS_TERMINAL_H
#include "sim/base/text.h"
#include <stdbool.h>

enum terminal_key { /* other keys are their byte */
                    KEY_UP = 256,
                    KEY_DOWN,
                    KEY_LEFT,
                    KEY_RIGHT,
                    KEY_PAGE_UP,
                    KEY_PAGE_DOWN,
                    KEY_HOME,
                    KEY_END,
                    KEY_ESCAPE,
                    KEY_RESIZED, /* draw again */
                    KEY_CLOSED, /* nothing more will come: end of input, SIGINT, SIGTERM, SIGHUP
                                 */
};

/* False: standard input and output are no terminal. */
bool terminal_open(void);
void terminal_close(void);
void terminal_size(int *rows, int *columns);
/* Replaces the screen by these lines, each cut at the last column; colour sequences take
 * no room. */
void terminal_draw(const sim_text *lines);
int terminal_key(void);
/* A line typed at the bottom behind the prompt; false: escape was pressed. */
bool terminal_ask(const char *prompt, sim_text *answer);

/* The bytes of a line that fit into so many columns; sequences take no room. */
size_t terminal_fitting(const char *line, size_t len, int columns);

#endif
