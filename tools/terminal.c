/* terminal.c - raw mode, keys and the screen (see terminal.h). */
#include "tools/terminal.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Signal handlers get no pointer, so what they need is here. */
static struct termios before;
static volatile bool is_raw;
static volatile sig_atomic_t closed, resized, suspended;

static const char enter[] = "\033[?1049h\033[?25l";
static const char leave[] = "\033[?25h\033[?1049l";

static void put(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void restore(void)
{
    if (!is_raw)
        return;
    is_raw = false;
    put(leave, sizeof leave - 1);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void make_raw(void)
{
    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    put(enter, sizeof enter - 1);
    is_raw = true;
}

/* ---- signals ---------------------------------------------------------------------- */

static void on_close(int number)
{
    (void)number;
    closed = 1;
}
static void on_resize(int number)
{
    (void)number;
    resized = 1;
}
static void on_suspend(int number)
{
    (void)number;
    suspended = 1;
}
static void on_death(int number) /* a bug: leave a terminal that shows the message */
{
    restore();
    signal(number, SIG_DFL);
    raise(number);
}

static void handle(int number, void (*fn)(int))
{
    struct sigaction action = {.sa_handler = fn}; /* no SA_RESTART: read() must wake up */
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void suspend(void)
{
    suspended = 0;
    restore();
    raise(SIGSTOP);
    make_raw();
    resized = 1;
}

bool terminal_open(void)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
        tcgetattr(STDIN_FILENO, &before) != 0)
        return false;
    static const int closing[] = {SIGINT, SIGTERM, SIGHUP};
    static const int deaths[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
        handle(closing[i], on_close);
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++)
        handle(deaths[i], on_death);
    handle(SIGWINCH, on_resize);
    handle(SIGTSTP, on_suspend);
    make_raw();
    return true;
}

void terminal_close(void)
{
    restore();
}

/* ---- the screen -------------------------------------------------------------------- */

void terminal_size(int *rows, int *columns)
{
    struct winsize size;
    *rows = 24;
    *columns = 80;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        *rows = size.ws_row;
        *columns = size.ws_col;
    }
}

/* The length of the sequence ESC [ … letter at s; 0: there is none. */
static size_t sequence(const char *s, size_t len)
{
    if (len < 2 || s[0] != '\033' || s[1] != '[')
        return 0;
    size_t n = 2;
    while (n < len && !((s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= 'a' && s[n] <= 'z')))
        n++;
    return n < len ? n + 1 : len;
}

size_t terminal_fitting(const char *line, size_t len, int columns)
{
    size_t at = 0;
    while (at < len) {
        size_t skip = sequence(line + at, len - at);
        if (skip > 0) {
            at += skip;
            continue;
        }
        if (columns-- <= 0)
            break;
        at++;
        while (at < len && (line[at] & 0xC0) == 0x80)
            at++;
    }
    return at;
}

void terminal_draw(const sim_text *lines)
{
    int rows, columns;
    terminal_size(&rows, &columns);
    sim_text out = {0};
    sim_text_put(&out, "\033[H");
    const char *at = lines->at;
    for (int row = 0; row < rows; row++) {
        size_t len = at ? strcspn(at, "\n") : 0;
        if (row > 0)
            sim_text_put(&out, "\r\n");
        if (len > 0)
            sim_text_add(&out, at, terminal_fitting(at, len, columns));
        sim_text_put(&out, "\033[0m\033[K");
        if (at)
            at += len + (at[len] == '\n');
    }
    put(out.at, out.len);
    sim_text_free(&out);
}

/* ---- keys -------------------------------------------------------------------------- */

/* The next byte; -1: none came within the time (-1 ms: wait), -2: look at the flags. */
static int next_byte(int timeout_ms)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    int ready = poll(&fd, 1, timeout_ms);
    if (ready < 0)
        return -2;
    if (ready == 0)
        return -1;
    unsigned char c;
    ssize_t n = read(STDIN_FILENO, &c, 1);
    if (n == 1)
        return c;
    if (n == 0 || errno != EINTR)
        closed = 1;
    return -2;
}

static int after_escape(void)
{
    static const struct {
        const char *sequence;
        int key;
    } keys[] = {
        {"[A", KEY_UP},       {"[B", KEY_DOWN},       {"[C", KEY_RIGHT}, {"[D", KEY_LEFT},
        {"OA", KEY_UP},       {"OB", KEY_DOWN},       {"OC", KEY_RIGHT}, {"OD", KEY_LEFT},
        {"[5~", KEY_PAGE_UP}, {"[6~", KEY_PAGE_DOWN}, {"[H", KEY_HOME},  {"[F", KEY_END},
        {"OH", KEY_HOME},     {"OF", KEY_END},        {"[1~", KEY_HOME}, {"[4~", KEY_END},
        {"[7~", KEY_HOME},    {"[8~", KEY_END},
    };
    char got[8] = {0};
    for (size_t n = 0; n + 1 < sizeof got; n++) {
        int c = next_byte(50);
        if (c < 0)
            return KEY_ESCAPE;
        got[n] = (char)c;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (strcmp(got, keys[i].sequence) == 0)
                return keys[i].key;
    }
    return KEY_ESCAPE;
}

int terminal_key(void)
{
    for (;;) {
        if (suspended)
            suspend();
        if (closed)
            return KEY_CLOSED;
        if (resized) {
            resized = 0;
            return KEY_RESIZED;
        }
        int c = next_byte(-1);
        if (c == '\033')
            return after_escape();
        if (c >= 0)
            return c;
    }
}

static void remove_last(sim_text *text)
{
    while (text->len > 0 && (text->at[text->len - 1] & 0xC0) == 0x80)
        text->len--;
    text->len -= text->len > 0;
    text->at[text->len] = '\0';
}

bool terminal_ask(const char *prompt, sim_text *answer)
{
    sim_text_clear(answer);
    sim_text_put(answer, "");
    for (;;) {
        int rows, columns;
        terminal_size(&rows, &columns);
        sim_text line = {0};
        sim_text_format(&line, "\033[%d;1H%s%s\033[K\033[?25h", rows, prompt, answer->at);
        put(line.at, line.len);
        sim_text_free(&line);
        int key = terminal_key();
        if (key == '\r' || key == '\n' || key == KEY_ESCAPE || key == KEY_CLOSED) {
            put("\033[?25l", 6);
            return key == '\r' || key == '\n';
        }
        if (key == 127 || key == 8)
            remove_last(answer);
        else if (key >= ' ' && key < 256)
            sim_text_char(answer, (char)key);
    }
}
