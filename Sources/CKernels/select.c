#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Sets of rows, 64 rows a word, lowest bit first. Each loop is written once for a row and once for
// whole words with AVX2; the rest, and processors without it, take the first.

#define SELECT_ROWS(first, holds)                                                              \
    for (size_t start = (first); start < count; start += 64) {                                 \
        size_t end = count - start < 64 ? count : start + 64;                                  \
        uint64_t word = 0;                                                                     \
        for (size_t row = start; row < end; row++) {                                           \
            word |= (uint64_t)(holds) << (row - start);                                        \
        }                                                                                      \
        words[start / 64] = word;                                                              \
    }

static void select64_from(
    size_t first, const int64_t *values, size_t count, int64_t lower, int64_t upper,
    uint64_t *words) {
    SELECT_ROWS(first, values[row] >= lower && values[row] <= upper)
}

static void select32_from(
    size_t first, const uint32_t *values, size_t count, uint32_t lower, uint32_t upper,
    uint64_t *words) {
    SELECT_ROWS(first, values[row] >= lower && values[row] <= upper)
}

static void less64_from(
    size_t first, const int64_t *left, const int64_t *right, size_t count, uint64_t *words) {
    SELECT_ROWS(first, left[row] < right[row])
}

static void equal64_from(
    size_t first, const int64_t *left, const int64_t *right, size_t count, uint64_t *words) {
    SELECT_ROWS(first, left[row] == right[row])
}

static void select_floats_from(
    size_t first, const double *values, size_t count, weir_float_order order, double constant,
    uint64_t *words) {
    switch (order) {
    case WEIR_FLOAT_LESS: SELECT_ROWS(first, values[row] < constant) break;
    case WEIR_FLOAT_LESS_OR_EQUAL: SELECT_ROWS(first, values[row] <= constant) break;
    case WEIR_FLOAT_EQUAL: SELECT_ROWS(first, values[row] == constant) break;
    }
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

// One word from sixteen steps of four rows; `mask` gives a step's four bits from its first row.
#define WHOLE_WORDS(mask)                                                                      \
    size_t whole = count / 64 * 64;                                                            \
    for (size_t start = 0; start < whole; start += 64) {                                       \
        uint64_t word = 0;                                                                     \
        for (size_t step = 0; step < 64; step += 4) {                                          \
            size_t row = start + step;                                                         \
            word |= (uint64_t)(unsigned)_mm256_movemask_pd(mask) << step;                      \
        }                                                                                      \
        words[start / 64] = word;                                                              \
    }                                                                                          \
    return whole;

#define LOAD(values) _mm256_loadu_si256((const __m256i *)&values[row])

AVX2 static size_t select64_avx2(
    const int64_t *values, size_t count, int64_t lower, int64_t upper, uint64_t *words) {
    __m256i low = _mm256_set1_epi64x(lower), high = _mm256_set1_epi64x(upper);
    __m256i all = _mm256_set1_epi64x(-1);
    WHOLE_WORDS(_mm256_castsi256_pd(_mm256_andnot_si256(
        _mm256_or_si256(
            _mm256_cmpgt_epi64(low, LOAD(values)), _mm256_cmpgt_epi64(LOAD(values), high)),
        all)))
}

AVX2 static size_t less64_avx2(
    const int64_t *left, const int64_t *right, size_t count, uint64_t *words) {
    WHOLE_WORDS(_mm256_castsi256_pd(_mm256_cmpgt_epi64(LOAD(right), LOAD(left))))
}

AVX2 static size_t equal64_avx2(
    const int64_t *left, const int64_t *right, size_t count, uint64_t *words) {
    WHOLE_WORDS(_mm256_castsi256_pd(_mm256_cmpeq_epi64(LOAD(left), LOAD(right))))
}

AVX2 static size_t less_avx2(
    const double *values, size_t count, double constant, uint64_t *words) {
    __m256d other = _mm256_set1_pd(constant);
    WHOLE_WORDS(_mm256_cmp_pd(_mm256_loadu_pd(&values[row]), other, _CMP_LT_OQ))
}

AVX2 static size_t less_or_equal_avx2(
    const double *values, size_t count, double constant, uint64_t *words) {
    __m256d other = _mm256_set1_pd(constant);
    WHOLE_WORDS(_mm256_cmp_pd(_mm256_loadu_pd(&values[row]), other, _CMP_LE_OQ))
}

AVX2 static size_t equal_avx2(
    const double *values, size_t count, double constant, uint64_t *words) {
    __m256d other = _mm256_set1_pd(constant);
    WHOLE_WORDS(_mm256_cmp_pd(_mm256_loadu_pd(&values[row]), other, _CMP_EQ_OQ))
}

AVX2 static size_t select32_avx2(
    const uint32_t *values, size_t count, uint32_t lower, uint32_t upper, uint64_t *words) {
    size_t whole = count / 64 * 64;
    __m256i low = _mm256_set1_epi32((int)lower), width = _mm256_set1_epi32((int)(upper - lower));
    for (size_t start = 0; start < whole; start += 64) {
        uint64_t word = 0;
        for (size_t step = 0; step < 64; step += 8) {
            size_t row = start + step;
            __m256i place = _mm256_sub_epi32(LOAD(values), low);
            // At most the width, without signs: where the lesser of both is the place itself.
            __m256i is_in = _mm256_cmpeq_epi32(_mm256_min_epu32(place, width), place);
            word |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(is_in)) << step;
        }
        words[start / 64] = word;
    }
    return whole;
}

static bool has_avx2(void) { return __builtin_cpu_supports("avx2"); }
#define TRY_AVX2(call) size_t done = has_avx2() ? (call) : 0
#else
#define TRY_AVX2(call) size_t done = 0
#endif

void weir_select64(
    const int64_t *values, size_t count, int64_t lower, int64_t upper, uint64_t *words) {
    TRY_AVX2(select64_avx2(values, count, lower, upper, words));
    select64_from(done, values, count, lower, upper, words);
}

void weir_select32(
    const uint32_t *values, size_t count, uint32_t lower, uint32_t upper, uint64_t *words) {
    TRY_AVX2(lower > upper ? 0 : select32_avx2(values, count, lower, upper, words));
    select32_from(done, values, count, lower, upper, words);
}

void weir_less64(
    const int64_t *left, const int64_t *right, size_t count, uint64_t *words) {
    TRY_AVX2(less64_avx2(left, right, count, words));
    less64_from(done, left, right, count, words);
}

void weir_equal64(
    const int64_t *left, const int64_t *right, size_t count, uint64_t *words) {
    TRY_AVX2(equal64_avx2(left, right, count, words));
    equal64_from(done, left, right, count, words);
}

void weir_select_floats(
    const double *values, size_t count, weir_float_order order, double constant,
    uint64_t *words) {
    size_t done = 0;
#if defined(__x86_64__)
    if (has_avx2()) {
        switch (order) {
        case WEIR_FLOAT_LESS: done = less_avx2(values, count, constant, words); break;
        case WEIR_FLOAT_LESS_OR_EQUAL:
            done = less_or_equal_avx2(values, count, constant, words);
            break;
        case WEIR_FLOAT_EQUAL: done = equal_avx2(values, count, constant, words); break;
        }
    }
#endif
    select_floats_from(done, values, count, order, constant, words);
}

void weir_select_marked(
    const uint32_t *codes, size_t count, const uint8_t *marks, size_t mark_count,
    uint64_t *words) {
    size_t last = mark_count - 1;
    SELECT_ROWS(0, marks[codes[row] < last ? codes[row] : last])
}
