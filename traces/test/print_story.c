/* print_story.c - the story of the tests on standard output, for tests in other languages. */
#include "traces/test/story.h"

#include <stdio.h>

int main(void)
{
    sim_text s = story_text();
    bool fine = fwrite(s.at, 1, s.len, stdout) == s.len && fflush(stdout) == 0;
    sim_text_free(&s);
    return fine ? 0 : 1;
}
