/* help.c - what the tables say to people and to shells. */
#include "scenarios/lang/test/lang_test.h"

static bool helps(const char *name, sim_text *out)
{
    sim_text_clear(out);
    return scenario_help(name, out);
}

START_TEST(help_knows_commands_conditions_and_options)
{
    sim_text t = {0};
    ck_assert(helps("partition", &t));
    ck_assert_int_eq(strncmp(t.at,
                             "partition - Cuts every link between the groups.\n\n"
                             "    partition NODES | NODES",
                             60),
                     0);
    ck_assert_ptr_nonnull(strstr(t.at, "For example:\n\n    cluster 5\n"));
    ck_assert(helps("follows", &t));
    ck_assert_ptr_nonnull(strstr(t.at, "    expect NODES follows NODE\n"));
    ck_assert(helps("redirect", &t));
    ck_assert_ptr_nonnull(strstr(t.at, "    expect NAME redirect [NODE]\n"));
    ck_assert(helps("settle_limit", &t));
    ck_assert_ptr_nonnull(strstr(t.at, "option settle_limit 100000"));
    ck_assert(helps("expect", &t));
    ck_assert_ptr_nonnull(strstr(t.at, "Of requests"));
    sim_text_free(&t);
}
END_TEST

START_TEST(help_suggests_the_nearest_name)
{
    sim_text t = {0};
    ck_assert(!helps("partitoin", &t));
    ck_assert_str_eq(t.at, "partition");
    ck_assert(!helps("xyzzy", &t));
    ck_assert_uint_eq(t.len, 0);
    ck_assert(!helps("", &t));
    sim_text_free(&t);
}
END_TEST

START_TEST(help_fits_a_terminal)
{
    sim_text t = {0};
    uint32_t n;
    const scenario_command_info *c = scenario_commands(&n);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert(helps(c[i].name, &t));
        for (const char *line = t.at; *line;) {
            size_t len = strcspn(line, "\n");
            ck_assert_msg(sim_text_columns(line, len) <= 110, "%s: %.*s", c[i].name, (int)len,
                          line);
            line += len + (line[len] == '\n');
        }
        ck_assert_ptr_null(strchr(t.at, '`'));
    }
    sim_text_free(&t);
}
END_TEST

START_TEST(the_reference_names_everything)
{
    sim_text t = {0};
    scenario_reference(&t);
    uint32_t n;
    const scenario_command_info *c = scenario_commands(&n);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_ptr_nonnull(strstr(t.at, c[i].text));
        ck_assert_ptr_nonnull(strstr(t.at, c[i].example));
    }
    c = scenario_conditions(&n);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_ptr_nonnull(strstr(t.at, c[i].example));
    for (const sim_option_info *o = sim_option_table; o->name; o++)
        ck_assert_ptr_nonnull(strstr(t.at, o->name));
    ck_assert_ptr_nonnull(strstr(t.at, "| `AppendEntries` |"));
    ck_assert_ptr_nonnull(strstr(t.at, "| `truncate` |"));
    ck_assert_ptr_nonnull(strstr(t.at, "### `kv`\n"));
    ck_assert_ptr_nonnull(strstr(t.at, "| `cas K OLD NEW` |"));
    ck_assert_ptr_nonnull(strstr(t.at, "| `not_caught_up` |"));
    sim_text_free(&t);
}
END_TEST

typedef struct names {
    uint32_t commands, conditions, options, messages, others;
} names;

static void count(void *self, const char *kind, const char *name)
{
    names *n = self;
    ck_assert_uint_gt(strlen(name), 0);
    if (!strcmp(kind, "command"))
        n->commands++;
    else if (!strcmp(kind, "condition"))
        n->conditions++;
    else if (!strcmp(kind, "option"))
        n->options++;
    else if (!strcmp(kind, "message"))
        n->messages++;
    else
        n->others++;
}

START_TEST(completion_gets_every_word)
{
    names n = {0};
    uint32_t commands, conditions;
    scenario_commands(&commands);
    scenario_conditions(&conditions);
    scenario_names(count, &n);
    ck_assert_uint_eq(n.commands, commands);
    ck_assert_uint_eq(n.conditions, conditions);
    ck_assert_uint_eq(n.messages, sim_engine_native.type_count);
    ck_assert_uint_gt(n.options, 10);
    ck_assert_uint_gt(n.others, SIM_NOTE_COUNT);
}
END_TEST

START_TEST(no_name_stands_in_a_table_twice)
{
    uint32_t n;
    const scenario_command_info *c = scenario_commands(&n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < i; j++)
            ck_assert_str_ne(c[i].name, c[j].name);
    c = scenario_conditions(&n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < i; j++)
            ck_assert_str_ne(c[i].name, c[j].name);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        help_knows_commands_conditions_and_options,
        help_suggests_the_nearest_name,
        help_fits_a_terminal,
        the_reference_names_everything,
        completion_gets_every_word,
        no_name_stands_in_a_table_twice,
        NULL,
    };
    return lang_test_main("help", tests);
}
