#include "kernels.h"

#include <string.h>

// A number that floats are added to so that they round to integers, which then stand in their
// lowest bits: 1.5 * 2^52.
#define MAGIC 6755399441055744.0
#define MAGIC_BITS INT64_C(0x4338000000000000)

static inline double float_of(int64_t bits) {
    double number;
    memcpy(&number, &bits, 8);
    return number;
}

static inline int64_t bits_of(double number) {
    int64_t bits;
    memcpy(&bits, &number, 8);
    return bits;
}

// In floats, for there is no division of integers in vectors. The quotient is rounded to the
// nearest integer, so it may be too great by one: then what is left is below zero.
static inline __attribute__((always_inline)) void truncate_rows(
    const int64_t *values, size_t count, int64_t width, int64_t origin, int64_t *target) {
    double divisor = (double)width, inverse = 1 / divisor;
    for (size_t row = 0; row < count; row++) {
        double number = float_of(values[row] - origin + MAGIC_BITS) - MAGIC;
        double quotient = (number * inverse + MAGIC) - MAGIC;
        double rest = number - quotient * divisor;
        double start = number - (rest < 0 ? rest + divisor : rest);
        target[row] = bits_of(start + MAGIC) - MAGIC_BITS + origin;
    }
}

void weir_truncate_portable(
    const int64_t *values, size_t count, int64_t width, int64_t origin, int64_t *target) {
    truncate_rows(values, count, width, origin, target);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void truncate_avx2(
    const int64_t *values, size_t count, int64_t width, int64_t origin, int64_t *target) {
    truncate_rows(values, count, width, origin, target);
}
#endif

void weir_truncate(
    const int64_t *values, size_t count, int64_t width, int64_t origin, int64_t *target) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        truncate_avx2(values, count, width, origin, target);
        return;
    }
#endif
    weir_truncate_portable(values, count, width, origin, target);
}
