/* Every feature that the catalogue asks for has its file, and each says something of its
 * own.  catalogue.txt is the list of names that must stay, so that traces of different
 * versions can be compared. */
#include "features/feature.h"
#include "tests/suite.h"
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1 << 16 };

/* path from the features folder, which the environment names; static buffer. */
static const char *read_whole(const char *path, size_t *len)
{
    static char text[FILE_MAX];
    char full[4096];
    const char *dir = getenv("FEATURES_DIR");
    snprintf(full, sizeof full, "%s/%s", dir ? dir : "features", path);
    FILE *f = fopen(full, "rb");
    if (!f)
        ck_abort_msg("cannot open %s", full);
    *len = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[*len] = '\0';
    return text;
}

static void add_named(feature_registry *r, const char *name)
{
    char path[256];
    size_t n = strlen(name), len;
    ck_assert_uint_lt(n + sizeof ".md", sizeof path);
    for (size_t i = 0; i <= n; i++)
        path[i] = name[i] == '.' ? '/' : name[i];
    memcpy(path + n, ".md", 4);
    const char *text = read_whole(path, &len);
    if (!feature_registry_add(r, path, text, len)) {
        uint32_t problems;
        const feature_problem *p = feature_problems(r, &problems);
        ck_abort_msg("%s:%u: %s", path, p[problems - 1].line, p[problems - 1].text);
    }
}

static feature_registry *catalogue(uint32_t *wanted)
{
    feature_registry *r = feature_registry_new();
    size_t len;
    char *names = strdup(read_whole("test/catalogue.txt", &len)), *rest = names;
    *wanted = 0;
    for (char *name; (name = strsep(&rest, "\n")) && *name; (*wanted)++)
        add_named(r, name);
    free(names);
    feature_registry_seal(r);
    return r;
}

START_TEST(every_feature_of_the_catalogue_has_its_file)
{
    uint32_t wanted, n;
    feature_registry *r = catalogue(&wanted);
    feature_list(r, &n);
    ck_assert_uint_eq(n, wanted);
    ck_assert_uint_ge(n, 151);
    feature_registry_free(r);
}
END_TEST

START_TEST(each_cites_a_source_and_tells_a_story)
{
    uint32_t wanted, n;
    feature_registry *r = catalogue(&wanted);
    const feature *f = feature_list(r, &n);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_msg(f[i].cites_n > 0, "%s cites nothing", f[i].name);
        ck_assert_msg(strlen(f[i].narrative) >= 200, "%s is told too briefly", f[i].name);
        for (uint32_t k = 0; k < f[i].cites_n; k++)
            ck_assert_msg(!strncmp(f[i].cites[k], "Raft ", 5) ||
                              !strncmp(f[i].cites[k], "Ongaro, ", 8) ||
                              !strncmp(f[i].cites[k], "Wavetank design: ", 17),
                          "%s cites '%s'", f[i].name, f[i].cites[k]);
    }
    feature_registry_free(r);
}
END_TEST

START_TEST(no_two_say_the_same)
{
    uint32_t wanted, n;
    feature_registry *r = catalogue(&wanted);
    const feature *f = feature_list(r, &n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = i + 1; k < n; k++) {
            ck_assert_msg(strcmp(f[i].summary, f[k].summary) != 0, "%s and %s", f[i].name,
                          f[k].name);
            ck_assert_msg(strncmp(f[i].narrative, f[k].narrative, 60) != 0, "%s and %s",
                          f[i].name, f[k].name);
        }
    feature_registry_free(r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("features catalogue");
    TCase *c = tcase_create("catalogue");
    tcase_add_test(c, every_feature_of_the_catalogue_has_its_file);
    tcase_add_test(c, each_cites_a_source_and_tells_a_story);
    tcase_add_test(c, no_two_say_the_same);
    suite_add_tcase(s, c);
    return suite_main(s);
}
