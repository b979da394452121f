/* cmd_new.c - `wavetank new`: a commented scenario to start from. */
#include "tools/cmd.h"
#include "tools/files.h"
#include <errno.h>
#include <string.h>

const cmd_option cmd_new_options[] = {{0}};

static const char scenario[] =
    "# What the scenario shows, in one line: the title of its page and of its diagrams.\n"
    "scenario \"TITLE\"\n"
    "about \"\"\"\n"
    "Why it matters, in a few sentences for the reader of the page.\n"
    "\"\"\"\n"
    "cite \"Raft thesis 3.4\"\n"
    "\n"
    "# Three nodes: n1, n2, n3. Time stands still: nothing moves unless a line says so.\n"
    "cluster 3\n"
    "# option pre_vote on          # wavetank help language: every option and command\n"
    "\n"
    "prepare \"n1 becomes leader\"\n"
    "  uses leader_election.all_yes_votes.without_pre_vote\n"
    "  timeout n1                  # its election timer fires\n"
    "  settle                      # deliver until nothing moves\n"
    "  expect n1 leader term 1 commit 1   # the no-op of its term\n"
    "\n"
    "section \"A follower misses an entry\"\n"
    "  tests network_partition.follower_isolation   # wavetank features: all names\n"
    "  isolate n3\n"
    "  propose n1 \"add 1\" as first\n"
    "  settle\n"
    "  expect first ok             # n1 and n2 are a majority\n"
    "  expect n3 last 1\n"
    "\n"
    "section \"It catches up\"\n"
    "  tests network_partition.post_partition_recovery\n"
    "  heal\n"
    "  heartbeat n1                # a heartbeat shows n1 what n3 lacks\n"
    "  settle\n"
    "  expect all log \"1@1 2@1\" commit 2\n";

/* The name as a title: the last part, with blanks for underscores. */
static void title_of(const char *name, sim_text *out)
{
    const char *slash = strrchr(name, '/');
    const char *at = slash ? slash + 1 : name;
    size_t len = strlen(at);
    if (files_ends_in(at, ".scenario"))
        len -= strlen(".scenario");
    for (size_t i = 0; i < len; i++) {
        char c = at[i];
        if (c == '"' || c == '\\' || (unsigned char)c < ' ')
            continue;
        if (i == 0 && c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        sim_text_char(out, c == '_' || c == '-' ? ' ' : c);
    }
}

static void write_text(const char *name, sim_text *out)
{
    const char *title = strstr(scenario, "TITLE");
    sim_text_add(out, scenario, (size_t)(title - scenario));
    title_of(name, out);
    sim_text_put(out, title + strlen("TITLE"));
}

int cmd_new(int argc, char **argv)
{
    cmd_args args;
    if (!cmd_parse(cmd_new_options, argc, argv, &args))
        return args.exit_code;
    if (args.rest_n != 1 || args.rest[0][0] == '\0') {
        cmd_mistake("for example: wavetank new scenarios/partitions/my_case",
                    "new: give one name");
        return CMD_USAGE;
    }
    sim_text path = {0}, text = {0};
    sim_text_put(&path, args.rest[0]);
    if (!files_ends_in(path.at, ".scenario"))
        sim_text_put(&path, ".scenario");
    int code = CMD_OK;
    files_error error;
    write_text(path.at, &text);
    if (files_exists(path.at)) {
        cmd_mistake("give another name, or remove it first",
                    "new: %s exists and is not overwritten", path.at);
        code = CMD_USAGE;
    } else if (!files_write(path.at, text.at, text.len, &error)) {
        cmd_message("%s", error.text);
        code = CMD_SYSTEM;
    } else {
        printf("wrote %s\nrun it: %s run %s\n", path.at, program_invocation_name, path.at);
    }
    sim_text_free(&path);
    sim_text_free(&text);
    return cmd_flush(code);
}
