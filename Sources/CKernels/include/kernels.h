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
