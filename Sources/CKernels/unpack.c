#include "kernels.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Values of `width` bits side by side, lowest bit first: value i begins at bit i*width.
// Eight values take `width` bytes, so every eighth value begins with a byte. Loops take as many
// values as their loads find whole bytes for; the last ones are put together byte by byte.

// The value that begins at `bit`, by one load of eight bytes, which must be there.
static inline uint64_t value_at(const uint8_t *packed, size_t bit, uint64_t mask) {
    uint64_t word;
    memcpy(&word, packed + (bit >> 3), 8);
    return word >> (bit & 7) & mask;
}

// The same where fewer bytes may be left.
static uint64_t last_value_at(
    const uint8_t *packed, size_t byte_count, size_t bit, uint64_t mask) {
    uint64_t word = 0;
    size_t left = byte_count - (bit >> 3);
    memcpy(&word, packed + (bit >> 3), left < 8 ? left : 8);
    return word >> (bit & 7) & mask;
}

// How many of `count` values can be had by loads of eight bytes.
static size_t whole_loads(size_t byte_count, unsigned width, size_t count) {
    if (byte_count < 8) return 0;
    // Value i is loaded from byte i*width/8, which must be at most byte_count - 8.
    size_t whole = ((byte_count - 8) * 8 + 7) / width + 1;
    return whole < count ? whole : count;
}

static uint64_t mask_of(unsigned width) { return ((uint64_t)1 << width) - 1; }

static void unpack64_from(
    size_t first, const uint8_t *packed, size_t byte_count, unsigned width, uint64_t base,
    uint64_t *target, size_t count) {
    size_t index = first;
    if (width == 0) {
        for (; index < count; index++) target[index] = base;
        return;
    }
    uint64_t mask = mask_of(width);
    size_t whole = whole_loads(byte_count, width, count);
    for (; index < whole; index++) target[index] = value_at(packed, index * width, mask) + base;
    for (; index < count; index++) {
        target[index] = last_value_at(packed, byte_count, index * width, mask) + base;
    }
}

static void unpack32_from(
    size_t first, const uint8_t *packed, size_t byte_count, unsigned width, uint32_t base,
    uint32_t *target, size_t count) {
    size_t index = first;
    if (width == 0) {
        for (; index < count; index++) target[index] = base;
        return;
    }
    uint64_t mask = mask_of(width);
    size_t whole = whole_loads(byte_count, width, count);
    for (; index < whole; index++) {
        target[index] = (uint32_t)value_at(packed, index * width, mask) + base;
    }
    for (; index < count; index++) {
        target[index] = (uint32_t)last_value_at(packed, byte_count, index * width, mask) + base;
    }
}

void weir_unpack64_portable(
    const uint8_t *packed, size_t byte_count, unsigned width, uint64_t base, uint64_t *target,
    size_t count) {
    unpack64_from(0, packed, byte_count, width, base, target, count);
}

void weir_unpack32_portable(
    const uint8_t *packed, size_t byte_count, unsigned width, uint32_t base, uint32_t *target,
    size_t count) {
    unpack32_from(0, packed, byte_count, width, base, target, count);
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

// How to take the values of one vector out of two loads of 16 bytes, one for each half: by bytes
// `low` and `high` of a group of eight values, each value's bytes shuffled to its lane, then
// shifted by what its first bit lies behind its first byte.
struct lanes {
    size_t low, high;
    __m256i bytes, shifts;
};

// For the 32 / `lane` values from value `first` of a group on, in lanes of `lane` bytes.
AVX2 static struct lanes lanes_of(unsigned width, unsigned first, unsigned lane) {
    uint8_t bytes[32], shifts[32] = {0};
    unsigned half = 16 / lane;
    struct lanes lanes;
    lanes.low = first * width >> 3;
    lanes.high = (first + half) * width >> 3;
    for (unsigned index = 0; index < 2 * half; index++) {
        unsigned bit = (first + index) * width;
        unsigned from = (bit >> 3) - (unsigned)(index < half ? lanes.low : lanes.high);
        for (unsigned byte = 0; byte < lane; byte++) {
            unsigned place = from + byte;
            bytes[index * lane + byte] = place < 16 ? (uint8_t)place : 0x80;
        }
        shifts[index * lane] = bit & 7;
    }
    memcpy(&lanes.bytes, bytes, 32);
    memcpy(&lanes.shifts, shifts, 32);
    return lanes;
}

AVX2 static inline __m256i gather(const uint8_t *group, const struct lanes *lanes) {
    __m128i low = _mm_loadu_si128((const __m128i *)(group + lanes->low));
    __m128i high = _mm_loadu_si128((const __m128i *)(group + lanes->high));
    __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    return _mm256_shuffle_epi8(both, lanes->bytes);
}

// How many groups of eight values can be had by loads that end `reach` bytes behind the group's
// first byte.
static size_t whole_groups(size_t byte_count, unsigned width, size_t count, size_t reach) {
    if (byte_count < reach) return 0;
    size_t groups = (byte_count - reach) / width + 1;
    return groups < count / 8 ? groups : count / 8;
}

AVX2 static size_t unpack64_avx2(
    const uint8_t *packed, size_t byte_count, unsigned width, uint64_t base, uint64_t *target,
    size_t count) {
    struct lanes first = lanes_of(width, 0, 8), second = lanes_of(width, 4, 8);
    __m256i mask = _mm256_set1_epi64x((long long)mask_of(width));
    __m256i bases = _mm256_set1_epi64x((long long)base);
    size_t groups = whole_groups(byte_count, width, count, second.high + 16);
    for (size_t group = 0; group < groups; group++, packed += width, target += 8) {
        __m256i a = _mm256_srlv_epi64(gather(packed, &first), first.shifts);
        __m256i b = _mm256_srlv_epi64(gather(packed, &second), second.shifts);
        a = _mm256_add_epi64(_mm256_and_si256(a, mask), bases);
        b = _mm256_add_epi64(_mm256_and_si256(b, mask), bases);
        _mm256_storeu_si256((__m256i *)target, a);
        _mm256_storeu_si256((__m256i *)(target + 4), b);
    }
    return groups * 8;
}

// Up to 25 bits, which after a shift of up to 7 still lie within a lane of four bytes.
AVX2 static size_t unpack32_narrow_avx2(
    const uint8_t *packed, size_t byte_count, unsigned width, uint32_t base, uint32_t *target,
    size_t count) {
    struct lanes all = lanes_of(width, 0, 4);
    __m256i mask = _mm256_set1_epi32((int)mask_of(width));
    __m256i bases = _mm256_set1_epi32((int)base);
    size_t groups = whole_groups(byte_count, width, count, all.high + 16);
    for (size_t group = 0; group < groups; group++, packed += width, target += 8) {
        __m256i a = _mm256_srlv_epi32(gather(packed, &all), all.shifts);
        a = _mm256_add_epi32(_mm256_and_si256(a, mask), bases);
        _mm256_storeu_si256((__m256i *)target, a);
    }
    return groups * 8;
}

AVX2 static size_t unpack32_wide_avx2(
    const uint8_t *packed, size_t byte_count, unsigned width, uint32_t base, uint32_t *target,
    size_t count) {
    struct lanes first = lanes_of(width, 0, 8), second = lanes_of(width, 4, 8);
    __m256i mask = _mm256_set1_epi64x((long long)mask_of(width));
    __m256i bases = _mm256_set1_epi32((int)base);
    size_t groups = whole_groups(byte_count, width, count, second.high + 16);
    for (size_t group = 0; group < groups; group++, packed += width, target += 8) {
        __m256i a = _mm256_srlv_epi64(gather(packed, &first), first.shifts);
        __m256i b = _mm256_srlv_epi64(gather(packed, &second), second.shifts);
        __m256i narrow = _mm256_castps_si256(_mm256_shuffle_ps(
            _mm256_castsi256_ps(_mm256_and_si256(a, mask)),
            _mm256_castsi256_ps(_mm256_and_si256(b, mask)), _MM_SHUFFLE(2, 0, 2, 0)));
        narrow = _mm256_permute4x64_epi64(narrow, _MM_SHUFFLE(3, 1, 2, 0));
        _mm256_storeu_si256((__m256i *)target, _mm256_add_epi32(narrow, bases));
    }
    return groups * 8;
}
#endif

void weir_unpack64(
    const uint8_t *packed, size_t byte_count, unsigned width, uint64_t base, uint64_t *target,
    size_t count) {
    size_t done = 0;
#if defined(__x86_64__)
    if (width > 0 && __builtin_cpu_supports("avx2")) {
        done = unpack64_avx2(packed, byte_count, width, base, target, count);
    }
#endif
    unpack64_from(done, packed, byte_count, width, base, target, count);
}

void weir_unpack32(
    const uint8_t *packed, size_t byte_count, unsigned width, uint32_t base, uint32_t *target,
    size_t count) {
    size_t done = 0;
#if defined(__x86_64__)
    if (width > 0 && __builtin_cpu_supports("avx2")) {
        done = width <= 25
            ? unpack32_narrow_avx2(packed, byte_count, width, base, target, count)
            : unpack32_wide_avx2(packed, byte_count, width, base, target, count);
    }
#endif
    unpack32_from(done, packed, byte_count, width, base, target, count);
}
