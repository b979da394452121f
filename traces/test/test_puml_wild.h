/* test_puml_wild.h - traces that nobody would write: of a tank that is shaken by a small
 * generator of numbers, and of events that make no sense together. */
#ifndef TRACES_TEST_PUML_WILD_H
#define TRACES_TEST_PUML_WILD_H
#include "traces/test/test_puml_story.h"

typedef struct dice {
    uint64_t state;
} dice;
uint32_t dice_below(dice *d, uint32_t n);

/* A real tank, moved by hand and let flow, with crashes, cuts, held disks and losses. */
trace *wild_tank(uint64_t seed);
/* Events of every kind in any order, as far as the reader lets them pass. */
trace *wild_events(uint64_t seed);

#endif
