/* often.h - what happens many times to an event, and what happens once in a while. */
#ifndef SIM_BASE_OFTEN_H
#define SIM_BASE_OFTEN_H

/* Before a function that is put in line wherever it is called: hardly anything is left of it
 * there, or a compiler has no way to know how often that is. */
#define SIM_OFTEN static inline __attribute__((always_inline))

/* Before a function that is seldom called: what leads to it stands aside, out of the way of
 * what happens all the time. */
#define SIM_SELDOM __attribute__((cold))

/* Before a function that is not put in line, though it is called at one place only: what it
 * needs (registers, room on the stack) is then no burden to those who pass it by. */
#define SIM_APART __attribute__((noinline))

/* Around a condition that nearly always holds. */
#define SIM_MOSTLY(condition) __builtin_expect(!!(condition), 1)

#endif
