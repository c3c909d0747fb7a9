#include "array_text.h"

#include <charconv>

#include "json_scan.h"

namespace weir {

void append_double(double number, std::string &text) {
    char digits[32];
    auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    text.append(digits, end);
}

static void append_string(const uint8_t *string, uint32_t length, std::string &text) {
    static const char hex[] = "0123456789abcdef";
    text.push_back('"');
    for (uint32_t index = 0; index < length; index++) {
        uint8_t byte = string[index];
        switch (byte) {
        case '"': text.append("\\\""); break;
        case '\\': text.append("\\\\"); break;
        case '\n': text.append("\\n"); break;
        case '\r': text.append("\\r"); break;
        case '\t': text.append("\\t"); break;
        default:
            if (byte < 0x20) {
                text.append("\\u00");
                text.push_back(hex[byte >> 4]);
                text.push_back(hex[byte & 15]);
            } else {
                text.push_back(static_cast<char>(byte));
            }
        }
    }
    text.push_back('"');
}

static event_verdict append_value(const Tape &tape, size_t at, uint32_t depth,
                                  const ArrayTextLimits &limits, std::string &text,
                                  const uint8_t *&strings_end) {
    switch (tape.type(at)) {
    case '{':
    case '[': return append_json(tape, at, depth + 1, limits, text, strings_end);
    case '"': {
        uint32_t length;
        const uint8_t *string = tape.text(at, length);
        strings_end = string + length + 1;
        append_string(string, length, text);
        break;
    }
    case 'l': text.append(std::to_string(static_cast<int64_t>(tape.words[at + 1]))); break;
    case 'u': text.append(std::to_string(tape.words[at + 1])); break;
    case 'd': {
        double number;
        std::memcpy(&number, &tape.words[at + 1], 8);
        if (limits.has_sentinels && number == JSONScan::out_of_range) {
            return EVENT_NUMBER_OUT_OF_RANGE;
        }
        append_double(number, text);
        break;
    }
    case 't': text.append("true"); break;
    case 'f': text.append("false"); break;
    default: text.append("null"); break;
    }
    return text.size() > limits.bytes_max ? EVENT_VALUE_TOO_LONG : EVENT_OK;
}

event_verdict append_json(const Tape &tape, size_t at, uint32_t depth,
                          const ArrayTextLimits &limits, std::string &text,
                          const uint8_t *&strings_end) {
    if (depth > limits.depth_max) return EVENT_NESTED_TOO_DEEP;
    bool is_object = tape.type(at) == '{';
    size_t end = tape.end(at) - 1;
    text.push_back(is_object ? '{' : '[');
    bool is_first = true;
    for (at++; at < end; at = tape.after(at)) {
        if (!is_first) text.push_back(',');
        is_first = false;
        if (is_object) {
            append_value(tape, at, depth, limits, text, strings_end);
            text.push_back(':');
            at++;
        }
        event_verdict verdict = append_value(tape, at, depth, limits, text, strings_end);
        if (verdict != EVENT_OK) return verdict;
    }
    text.push_back(is_object ? '}' : ']');
    return text.size() > limits.bytes_max ? EVENT_VALUE_TOO_LONG : EVENT_OK;
}

} // namespace weir
