/* promises.c - an application that breaks its own promise inside the tank: money that is made,
 * a message that is lost, a lock with two owners.  Each is a violation, wherever it happens. */
#include "sim/app.h"
#include "sim/apps/apps.h"
#include "sim/test/tank.h"

/* A state that no command leads to, in bytes as the application writes them. */
static void forge_bank(sim_text *out)
{
    const size_t from = sim_pack_begin(out, "bank 1");
    sim_pack_number(out, 10); /* deposited */
    sim_pack_number(out, 3);  /* withdrawn */
    sim_pack_number(out, 1);  /* accounts */
    sim_pack_text(out, "alice", 5);
    sim_pack_number(out, 8);
    sim_pack_end(out, from);
}

static void forge_queue(sim_text *out)
{
    const size_t from = sim_pack_begin(out, "queue 1");
    sim_pack_number(out, 1); /* topics */
    sim_pack_text(out, "news", 4);
    sim_pack_number(out, 5); /* put */
    sim_pack_number(out, 3); /* got */
    sim_pack_number(out, 1); /* held */
    sim_pack_text(out, "four", 4);
    sim_pack_end(out, from);
}

static void forge_lock(sim_text *out)
{
    const size_t from = sim_pack_begin(out, "lock 1");
    sim_pack_number(out, 9); /* tick */
    sim_pack_number(out, 6); /* granted */
    sim_pack_number(out, 4); /* given up */
    sim_pack_number(out, 1); /* locks */
    sim_pack_text(out, "db", 2);
    sim_pack_number(out, 0); /* who wait */
    sim_pack_text(out, "alice", 5);
    sim_pack_number(out, 3); /* since */
    sim_pack_number(out, 0); /* for ever */
    sim_pack_end(out, from);
}

static const struct {
    const char *app;
    void (*forge)(sim_text *out);
    const char *wrong;
} promises[] = {
    {"bank", forge_bank, "money is not conserved: the accounts hold 8"},
    {"queue", forge_queue, "a message was lost or doubled: 5 were put and 3 got"},
    {"lock", forge_lock, "a lock has not one owner: 6 were granted and 4 given up"},
};
enum { PROMISES = sizeof promises / sizeof promises[0] };

/* ---- applications that are broken by a command --------------------------------------------
 */

static int tried; /* which of them */

static void broken_apply(void *self, const uint8_t *command, uint32_t bytes, sim_text *answer)
{
    const sim_app *app = sim_app_find(promises[tried].app);
    if (bytes != 5 || memcmp(command, "break", 5) != 0) {
        app->apply(self, command, bytes, answer);
        return;
    }
    sim_text state = {0};
    promises[tried].forge(&state);
    ck_assert(app->restore(self, (const uint8_t *)state.at, state.len));
    sim_text_free(&state);
}

static sim *broken_tank(sim_app *app, int which)
{
    tried = which;
    *app = *sim_app_find(promises[which].app);
    app->apply = broken_apply;
    sim *t = sim_new(&(sim_config){.nodes = 3, .seed = 1, .app = app}, NULL);
    DO(sim_elect(t, A, e));
    return t;
}

START_TEST(a_command_that_breaks_it_is_a_violation)
{
    sim_app app;
    sim_error error;
    sim *t = broken_tank(&app, _i);
    DO(sim_propose(t, A, "nonsense", 8, NULL, e) && sim_settle(t, 0, NULL, NULL, e));
    ck_assert_ptr_null(sim_violation(t));
    DO(sim_propose(t, A, "break", 5, NULL, e));
    ck_assert(!sim_settle(t, 0, NULL, NULL, &error));
    const sim_violation_info *v = sim_violation(t);
    ck_assert_str_eq(v->invariant, "application");
    ck_assert_str_eq(v->cite, "Raft thesis 2.1, 5.1");
    ck_assert_ptr_nonnull(strstr(v->one, "n1"));
    ck_assert_msg(strstr(v->other, promises[_i].wrong) != NULL, "%s", v->other);
    ck_assert_uint_gt(v->other_seq, 0);
    ck_assert_ptr_nonnull(strstr(error.text, "application is violated"));
    sim_free(t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim promises");
    TCase *tc = tcase_create("promises");
    tcase_add_loop_test(tc, a_command_that_breaks_it_is_a_violation, 0, PROMISES);
    suite_add_tcase(suite, tc);
    return suite_main(suite);
}
