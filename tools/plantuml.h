/* plantuml.h - pictures of PlantUML files, drawn by its jar: one JVM for all of them.
 *
 *     plantuml tool;
 *     if (plantuml_find(&tool, NULL, &error))
 *         code = plantuml_draw(&tool, PLANTUML_SVG, jobs, n, "out", &error);
 *     plantuml_free(&tool);
 *
 * The jar is run headless in a folder of its own below the output folder, so that what it
 * leaves behind when it fails is never taken for a picture.  Ownership: jobs and their
 * strings are the caller's. */
#ifndef TOOLS_PLANTUML_H
#define TOOLS_PLANTUML_H
#include "tools/cmd.h"
#include "tools/files.h"

typedef enum plantuml_format { PLANTUML_SVG, PLANTUML_PNG } plantuml_format;

typedef struct plantuml {
    sim_text java, jar; /* paths */
} plantuml;

typedef struct plantuml_job {
    const char *puml, *picture; /* paths: read this, write that */
    bool drawn;                 /* set by plantuml_draw() */
} plantuml_job;

typedef struct plantuml_error {
    char text[2048]; /* may hold several lines */
    char hint[256];
} plantuml_error;

/* Looks for java ($JAVA_HOME, then $PATH) and the jar (`jar` when it is not NULL, then
 * $WAVETANK_PLANTUML_JAR, then where Debian puts it).  False: one is missing, *error says
 * which and how to get it. */
bool plantuml_find(plantuml *tool, const char *jar, plantuml_error *error);
void plantuml_free(plantuml *tool);

/* Draws all jobs; scratch is a folder that exists, on the same disk as the pictures.  What
 * could be drawn is drawn and put in its place, also when others could not.  Returns
 * CMD_OK, CMD_SYSTEM with *error, or CMD_INTERRUPTED. */
int plantuml_draw(const plantuml *tool, plantuml_format format, plantuml_job *jobs, size_t n,
                  const char *scratch, plantuml_error *error);

const char *plantuml_suffix(plantuml_format format); /* "svg" */

#endif
