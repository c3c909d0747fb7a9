#include "kernels.h"

// Runs are written eight values at a time, whatever their length: what is too much is written over
// by the next run. So short runs, whose lengths nobody foresees, cost no wrong guesses.
#define STEP 8

#define FILL_RUNS(name, type)                                                                  \
    bool name(                                                                                 \
        const type *values, const uint32_t *lengths, size_t run_count, type *target,           \
        size_t count) {                                                                        \
        size_t place = 0;                                                                      \
        for (size_t run = 0; run < run_count; run++) {                                         \
            type value = values[run];                                                          \
            size_t length = lengths[run];                                                      \
            if (length == 0 || length > count - place) return false;                           \
            size_t end = place + length;                                                       \
            for (; place < end && count - place >= STEP; place += STEP) {                      \
                for (size_t index = 0; index < STEP; index++) target[place + index] = value;   \
            }                                                                                  \
            for (; place < end; place++) target[place] = value;                                \
            place = end;                                                                       \
        }                                                                                      \
        return place == count;                                                                 \
    }

FILL_RUNS(weir_fill_runs32, uint32_t)
FILL_RUNS(weir_fill_runs64, uint64_t)
