/* choose.c - the one place where a decision that the run leaves open is taken. */
#include "sim/tank.h"

#include <assert.h>

uint64_t sim_choose_asked(sim *t, sim_purpose purpose, sim_id who, uint64_t low, uint64_t high)
{
    const uint64_t v = t->chooser.choose(t->chooser.self, purpose, who, low, high);
    assert(low <= v && v <= high);
    return v;
}
