#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

#include <stdint.h>

/// Blocks that the calling thread has asked the heap for since it started.
///
/// A `realloc` counts as one: it may have to find a new place.
uint64_t allocation_count(void);

/// Gives what the heap keeps of freed memory back to the system, so that resident memory is memory in use.
void allocation_trim(void);

#endif
