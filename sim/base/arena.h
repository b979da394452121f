/* arena.h - memory that lives as long as a run: allocated piece by piece, freed at once.
 *
 *     sim_arena a = {0};
 *     char *s = sim_arena_text(&a, "n1", 2);
 *     sim_arena_free(&a);
 *
 * Zero-initialised is valid and empty.  Pointers stay valid until sim_arena_free() or
 * sim_arena_clear(). */
#ifndef SIM_BASE_ARENA_H
#define SIM_BASE_ARENA_H
#include <stddef.h>

typedef struct sim_arena {
    struct sim_arena_block *head;
    size_t used_bytes; /* handed out, without headers and slack */
} sim_arena;

/* Zeroed memory, aligned for any type.  Never NULL. */
void *sim_arena_take(sim_arena *a, size_t bytes);
/* A copy of len bytes, with a NUL behind. */
char *sim_arena_text(sim_arena *a, const char *s, size_t len);
/* The next pieces, of so many bytes together, come out of one block. */
void sim_arena_reserve(sim_arena *a, size_t bytes);
/* Forgets all pieces and keeps the largest block for the next ones. */
void sim_arena_clear(sim_arena *a);
void sim_arena_free(sim_arena *a);
/* What it holds of the heap, headers and slack too. */
size_t sim_arena_bytes(const sim_arena *a);

#endif
