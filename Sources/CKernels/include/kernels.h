// SIMD loops that Swift does not vectorise. Each has a Swift twin as oracle in the tests.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, continuing from `crc`
/// (0 to start). Uses the SSE4.2 instruction where the processor has it.
uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The table-driven form of the same, for processors without SSE4.2 and for the tests.
uint32_t weir_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// Unpacks `count` values of `width` bits, 0 to 56, each plus `base`, modulo 2^64: value i is the
/// bits from bit i*width on, lowest first. `byte_count` must be at least (count*width + 7) / 8, and
/// no byte from there on is read. Uses AVX2 where the processor has it.
void weir_unpack64(
    const uint8_t *packed, size_t byte_count, unsigned width, uint64_t base, uint64_t *target,
    size_t count);

/// The same with the lowest 32 bits of each value.
void weir_unpack32(
    const uint8_t *packed, size_t byte_count, unsigned width, uint32_t base, uint32_t *target,
    size_t count);

/// The forms of both for processors without AVX2, and for the tests.
void weir_unpack64_portable(
    const uint8_t *packed, size_t byte_count, unsigned width, uint64_t base, uint64_t *target,
    size_t count);
void weir_unpack32_portable(
    const uint8_t *packed, size_t byte_count, unsigned width, uint32_t base, uint32_t *target,
    size_t count);

/// Writes `run_count` runs of equal values one behind the other; false if one is empty or they are
/// not `count` values together, of which no more are written.
bool weir_fill_runs32(
    const uint32_t *values, const uint32_t *lengths, size_t run_count, uint32_t *target,
    size_t count);
bool weir_fill_runs64(
    const uint64_t *values, const uint32_t *lengths, size_t run_count, uint64_t *target,
    size_t count);

/// The offset of the first occurrence of `part` in `text`, -1 if there is none; an empty part is
/// at 0. Linear in both.
ptrdiff_t weir_find_bytes(
    const uint8_t *text, size_t count, const uint8_t *part, size_t part_count);

/// Sets the bit of each row whose value is `lower` to `upper`, and clears the others, up to the end
/// of the last word: bit r % 64 of word r / 64 is row r. `words` has (count + 63) / 64.
void weir_select64(
    const int64_t *values, size_t count, int64_t lower, int64_t upper, uint64_t *words);
void weir_select32(
    const uint32_t *values, size_t count, uint32_t lower, uint32_t upper, uint64_t *words);

/// The same for the rows in which the left value is less than, or equal to, the right one.
void weir_less64(const int64_t *left, const int64_t *right, size_t count, uint64_t *words);
void weir_equal64(const int64_t *left, const int64_t *right, size_t count, uint64_t *words);

typedef enum {
    WEIR_FLOAT_LESS,
    WEIR_FLOAT_LESS_OR_EQUAL,
    WEIR_FLOAT_EQUAL,
} weir_float_order;

/// The same for the rows whose value has that order to a constant; never for NaN.
void weir_select_floats(
    const double *values, size_t count, weir_float_order order, double constant,
    uint64_t *words);

/// The same for the rows whose code has a 1 among the marks, which are 0 or 1, one at least; codes
/// past the last mark have that of the last.
void weir_select_marked(
    const uint32_t *codes, size_t count, const uint8_t *marks, size_t mark_count,
    uint64_t *words);

/// The greatest number not above each value that is `origin` plus a multiple of `width`. All values
/// and the origin are below 2^49 in magnitude, and so is the width, which is positive.
void weir_truncate(
    const int64_t *values, size_t count, int64_t width, int64_t origin, int64_t *target);

/// The form of it for processors without AVX2, and for the tests.
void weir_truncate_portable(
    const int64_t *values, size_t count, int64_t width, int64_t origin, int64_t *target);
