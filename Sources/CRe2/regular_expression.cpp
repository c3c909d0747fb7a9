#include "regular_expression.h"

#include <re2/re2.h>

#include <algorithm>
#include <new>

struct regular_expression {
    re2::RE2 compiled;

    regular_expression(re2::StringPiece pattern, const re2::RE2::Options &options)
        : compiled(pattern, options) {}
};

static re2::StringPiece piece(const uint8_t *bytes, size_t count) {
    return re2::StringPiece(reinterpret_cast<const char *>(bytes), count);
}

regular_expression *regular_expression_compile(
    const uint8_t *pattern, size_t count, bool ignores_case, bool dot_is_newline_too,
    int64_t memory_max, char *message, size_t message_capacity) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!ignores_case);
    options.set_dot_nl(dot_is_newline_too);
    options.set_max_mem(memory_max);
    auto *expression =
        new (std::nothrow) regular_expression(piece(pattern, count), options);
    if (expression != nullptr && expression->compiled.ok()) return expression;
    if (message_capacity > 0) {
        size_t length = 0;
        if (expression != nullptr) {
            const std::string &error = expression->compiled.error();
            length = std::min(error.size(), message_capacity - 1);
            std::copy_n(error.data(), length, message);
        }
        message[length] = 0;
    }
    delete expression;
    return nullptr;
}

void regular_expression_free(regular_expression *expression) { delete expression; }

size_t regular_expression_group_count(const regular_expression *expression) {
    return static_cast<size_t>(expression->compiled.NumberOfCapturingGroups());
}

bool regular_expression_matches(
    const regular_expression *expression, const uint8_t *text, size_t count) {
    return expression->compiled.Match(
        piece(text, count), 0, count, re2::RE2::UNANCHORED, nullptr, 0);
}

bool regular_expression_find(
    const regular_expression *expression, const uint8_t *text, size_t count, size_t start,
    int64_t *places, size_t group_count) {
    re2::StringPiece groups[16];
    re2::StringPiece whole = piece(text, count);
    group_count = std::min<size_t>(group_count, 16);
    if (!expression->compiled.Match(
            whole, start, count, re2::RE2::UNANCHORED, groups, static_cast<int>(group_count))) {
        return false;
    }
    for (size_t group = 0; group < group_count; group++) {
        bool is_present = groups[group].data() != nullptr;
        int64_t first = is_present ? groups[group].data() - whole.data() : -1;
        places[2 * group] = first;
        places[2 * group + 1] = is_present ? first + static_cast<int64_t>(groups[group].size()) : -1;
    }
    return true;
}
