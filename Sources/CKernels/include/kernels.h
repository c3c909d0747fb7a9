// SIMD loops that Swift does not vectorise. Each has a Swift twin as oracle in the tests.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, continuing from `crc`
/// (0 to start). Uses the SSE4.2 instruction where the processor has it.
uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The table-driven form of the same, for processors without SSE4.2 and for the tests.
uint32_t weir_crc32c_portable(uint32_t crc, const void *bytes, size_t count);
