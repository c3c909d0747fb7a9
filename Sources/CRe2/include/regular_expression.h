#ifndef WEIR_REGULAR_EXPRESSION_H
#define WEIR_REGULAR_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Regular expressions by RE2: time linear in the text, memory bounded. An expression may be used by
// several threads at once.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct regular_expression regular_expression;

// Compiles a pattern in UTF-8. On failure returns null and writes why, with a zero at the end, into
// `message`. `.` matches newlines only if asked to.
regular_expression *regular_expression_compile(
    const uint8_t *pattern, size_t count, bool ignores_case, bool dot_is_newline_too,
    int64_t memory_max, char *message, size_t message_capacity);

void regular_expression_free(regular_expression *expression);

// How many groups in parentheses the pattern has.
size_t regular_expression_group_count(const regular_expression *expression);

// Whether the pattern matches somewhere in the text.
bool regular_expression_matches(
    const regular_expression *expression, const uint8_t *text, size_t count);

// Finds the first match that starts at `start` or later. Writes where it and its first groups lie:
// two offsets each, -1 for a group that is not in the match; `group_count` counts the match itself,
// and is at most 16.
bool regular_expression_find(
    const regular_expression *expression, const uint8_t *text, size_t count, size_t start,
    int64_t *places, size_t group_count);

#ifdef __cplusplus
}
#endif

#endif
