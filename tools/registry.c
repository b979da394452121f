/* registry.c - finds and reads the folder of features (see load.h). */
#include "sim/base/memory.h"
#include "tools/load.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FEATURE_BYTES_MAX = 1 << 20 };

/* A build folder has a folder of this name too, but no definitions in it. */
static bool has_features(const char *folder)
{
    files_error error;
    files_list found = {0};
    bool good = files_is_folder(folder) && files_walk(folder, ".md", &found, &error) && found.n;
    files_list_free(&found);
    return good;
}

/* "features" in the current folder or one above it. */
static bool find_upward(sim_text *out)
{
    files_error error;
    sim_text folder = {0};
    bool found = false;
    if (files_absolute(".", &folder, &error)) {
        while (!found) {
            sim_text_clear(out);
            files_join(out, folder.at, "features");
            found = has_features(out->at);
            char *slash = strrchr(folder.at, '/');
            if (found || folder.len <= 1)
                break;
            folder.len = slash == folder.at ? 1 : (size_t)(slash - folder.at);
            folder.at[folder.len] = '\0';
        }
    }
    sim_text_free(&folder);
    return found;
}

/* The program stands in the build folder, the features beside that. */
static bool find_beside_program(sim_text *out)
{
    char program[4096];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return false;
    program[n] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(program, '/');
        if (!slash)
            return false;
        *slash = '\0';
        sim_text_clear(out);
        files_join(out, program, "features");
        if (has_features(out->at))
            return true;
    }
    return false;
}

static bool find_folder(const char *folder, sim_text *out, files_error *error)
{
    const char *given = folder ? folder : getenv("WAVETANK_FEATURES");
    if (given && *given) {
        sim_text_put(out, given);
        if (files_is_folder(given))
            return true;
        snprintf(error->text, sizeof error->text, "there is no folder of features %s", given);
        return false;
    }
    if (find_upward(out) || find_beside_program(out))
        return true;
    snprintf(error->text, sizeof error->text,
             "found no folder of features here or above; name it with --features DIR or "
             "WAVETANK_FEATURES");
    return false;
}

static bool add_all(feature_registry *registry, const char *folder, files_error *error)
{
    files_list found = {0};
    bool good = files_walk(folder, ".md", &found, error);
    size_t skip = strlen(folder);
    for (size_t i = 0; good && i < found.n; i++) {
        sim_text text = {0};
        const char *below = found.at[i] + skip;
        while (*below == '/')
            below++;
        good = files_read(found.at[i], FEATURE_BYTES_MAX, &text, error);
        if (good && strchr(below, '/')) /* files beside the primaries are no features */
            feature_registry_add(registry, below, text.at, text.len);
        sim_text_free(&text);
    }
    files_list_free(&found);
    return good;
}

feature_registry *load_registry(const char *folder, sim_text *found, files_error *error)
{
    sim_text path = {0};
    feature_registry *registry = NULL;
    if (find_folder(folder, &path, error)) {
        registry = feature_registry_new();
        if (add_all(registry, path.at, error)) {
            feature_registry_seal(registry);
        } else {
            feature_registry_free(registry);
            registry = NULL;
        }
    }
    if (found && path.at)
        sim_text_put(found, path.at);
    sim_text_free(&path);
    return registry;
}

static bool known(void *self, const char *name)
{
    return feature_find(self, name) != NULL;
}

static const char *nearest(void *self, const char *name)
{
    return feature_nearest(self, name);
}

scenario_features load_features(feature_registry *registry)
{
    if (!registry)
        return (scenario_features){0};
    return (scenario_features){known, nearest, registry};
}
