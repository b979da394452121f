/* jobs.c - many scenarios at once, each worker a process of its own.
 *
 * The workers take the next scenario from a counter that they share and send each result
 * through a pipe; the parent tells the results in the order of the list.  A worker that
 * dies (a bug, or no memory) costs the scenario that it was at, and the parent says so. */
#include "sim/base/memory.h"
#include "tools/run.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 64, NOTHING = UINT32_MAX };

/* Shared by all processes of a run. */
typedef struct shared {
    atomic_uint next;
    volatile bool stop;       /* interrupted: what runs ends too */
    volatile bool full;       /* nothing can be written any more: nobody begins another */
    atomic_uint at[JOBS_MAX]; /* what each worker is doing; NOTHING between two */
} shared;

typedef struct worker {
    pid_t pid;
    int from; /* its results come here; -1 when it is done */
    sim_text buffer;
} worker;

/* A result on its way, followed by the bytes of its four texts. */
typedef struct parcel {
    uint32_t index, verdict, fatal;
    int32_t code;
    uint64_t expects, events, us;
    uint64_t len[4];
} parcel;

static sim_text *const *texts_of(run_result *r, sim_text *texts[4])
{
    texts[0] = &r->report;
    texts[1] = &r->mistakes;
    texts[2] = &r->why;
    texts[3] = &r->trace;
    return texts;
}

/* ---- the worker --------------------------------------------------------------------- */

static shared *worker_shared; /* for the signal handler, which gets no pointer */

static void worker_interrupted(int number)
{
    (void)number;
    worker_shared->stop = true;
}

static void send_bytes(int to, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t n = write(to, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            exit(CMD_SYSTEM); /* the parent is gone */
        at += n;
        len -= (size_t)n;
    }
}

static void send_result(int to, uint32_t index, run_result *r)
{
    sim_text *texts[4];
    texts_of(r, texts);
    parcel p = {.index = index,
                .verdict = (uint32_t)r->verdict,
                .fatal = r->fatal,
                .code = r->code,
                .expects = r->expects,
                .events = r->events,
                .us = r->us};
    for (int i = 0; i < 4; i++)
        p.len[i] = texts[i]->len;
    send_bytes(to, &p, sizeof p);
    for (int i = 0; i < 4; i++)
        send_bytes(to, texts[i]->at, texts[i]->len);
}

static void work(const run_settings *s, const load_list *list, shared *all, unsigned me, int to)
{
    worker_shared = all;
    struct sigaction action = {.sa_handler = worker_interrupted};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    while (!all->stop && !all->full) {
        uint32_t i = atomic_fetch_add(&all->next, 1);
        if (i >= list->n)
            break;
        atomic_store(&all->at[me], i);
        run_result r;
        run_one(s, &list->at[i], &all->stop, &r);
        if (r.fatal)
            all->full = true;
        send_result(to, i, &r);
        atomic_store(&all->at[me], NOTHING);
        run_result_free(&r);
    }
}

/* ---- the parent --------------------------------------------------------------------- */

static bool start_worker(const run_settings *s, const load_list *list, shared *all,
                         worker *workers, unsigned me)
{
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    fflush(NULL);
    atomic_store(&all->at[me], NOTHING);
    pid_t pid = fork();
    if (pid == 0) {
        for (unsigned i = 0; i < me; i++)
            close(workers[i].from);
        close(ends[0]);
        work(s, list, all, me, ends[1]);
        exit(CMD_OK);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return false;
    }
    workers[me] = (worker){.pid = pid, .from = ends[0]};
    return true;
}

/* Takes whole parcels out of a worker's buffer. */
static void unpack(worker *w, const load_list *list, run_result *results, bool *have)
{
    for (;;) {
        parcel p;
        if (w->buffer.len < sizeof p)
            return;
        memcpy(&p, w->buffer.at, sizeof p);
        size_t whole = sizeof p;
        for (int i = 0; i < 4; i++)
            whole += (size_t)p.len[i];
        if (w->buffer.len < whole || p.index >= list->n)
            return;
        run_result *r = &results[p.index];
        *r = (run_result){.verdict = (run_verdict)p.verdict,
                          .code = p.code,
                          .fatal = p.fatal != 0,
                          .expects = p.expects,
                          .events = p.events,
                          .us = p.us};
        sim_text *texts[4];
        texts_of(r, texts);
        const char *at = w->buffer.at + sizeof p;
        for (int i = 0; i < 4; i++) {
            if (p.len[i] > 0)
                sim_text_add(texts[i], at, (size_t)p.len[i]);
            at += p.len[i];
        }
        have[p.index] = true;
        memmove(w->buffer.at, w->buffer.at + whole, w->buffer.len - whole);
        w->buffer.len -= whole;
    }
}

/* A worker ended: whatever it was doing did not come to an end. */
static void bury(worker *w, unsigned me, shared *all, const load_list *list,
                 run_result *results, bool *have)
{
    int status = 0;
    close(w->from);
    w->from = -1;
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    sim_text_free(&w->buffer);
    uint32_t i = atomic_load(&all->at[me]);
    if (i >= list->n || have[i])
        return;
    run_result *r = &results[i];
    *r = (run_result){.verdict = RUN_SYSTEM, .code = CMD_SYSTEM};
    if (WIFSIGNALED(status))
        sim_text_format(&r->why,
                        "wavetank died of signal %d (%s) while running it: this is a bug in "
                        "wavetank, or the system ended it",
                        WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        sim_text_format(&r->why, "wavetank ended with code %d while running it",
                        WEXITSTATUS(status));
    sim_text_format(&r->mistakes, "wavetank: %s: %s\n", list->at[i].path.at, r->why.at);
    have[i] = true;
}

static bool receive(worker *w)
{
    char piece[1 << 16];
    ssize_t n = read(w->from, piece, sizeof piece);
    if (n > 0)
        sim_text_add(&w->buffer, piece, (size_t)n);
    return n > 0 || (n < 0 && errno == EINTR);
}

static void collect(worker *workers, unsigned n, shared *all, const load_list *list,
                    run_result *results, bool *have, run_done_fn *done, void *self)
{
    size_t told = 0;
    /* An interrupt is let in while it waits and nowhere else: none is missed just before. */
    sigset_t interrupts, before;
    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    sigaddset(&interrupts, SIGTERM);
    sigprocmask(SIG_BLOCK, &interrupts, &before);
    for (unsigned living = n; living > 0;) {
        struct pollfd fds[JOBS_MAX];
        for (unsigned i = 0; i < n; i++)
            fds[i] = (struct pollfd){.fd = workers[i].from, .events = POLLIN};
        int ready = ppoll(fds, n, NULL, &before);
        if (cmd_interrupted)
            all->stop = true;
        if (ready < 0)
            continue;
        for (unsigned i = 0; i < n; i++) {
            if (workers[i].from < 0 || !fds[i].revents)
                continue;
            if (receive(&workers[i])) {
                unpack(&workers[i], list, results, have);
            } else {
                bury(&workers[i], i, all, list, results, have);
                living--;
            }
        }
        for (; told < list->n && have[told]; told++)
            done(self, told, &results[told]);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    for (; told < list->n; told++) /* those that were never run are told too */
        done(self, told, &results[told]);
}

static bool run_forked(const run_settings *s, const load_list *list, unsigned jobs,
                       run_result *results, run_done_fn *done, void *self)
{
    shared *all =
        mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return false;
    worker workers[JOBS_MAX];
    unsigned n = 0;
    while (n < jobs && start_worker(s, list, all, workers, n))
        n++;
    if (n > 0) {
        bool *have = sim_alloc(list->n * sizeof *have);
        collect(workers, n, all, list, results, have, done, self);
        free(have);
    }
    munmap(all, sizeof *all);
    return n > 0;
}

void run_all(const run_settings *s, const load_list *list, unsigned jobs, run_result *results,
             run_done_fn *done, void *self)
{
    if (jobs > list->n)
        jobs = (unsigned)list->n;
    if (jobs > JOBS_MAX)
        jobs = JOBS_MAX;
    if (jobs > 1 && run_forked(s, list, jobs, results, done, self))
        return;
    bool stop = false;
    for (size_t i = 0; i < list->n; i++) {
        if (!stop && !cmd_interrupted)
            run_one(s, &list->at[i], &cmd_interrupted, &results[i]);
        stop = stop || results[i].fatal;
        done(self, i, &results[i]);
    }
}
