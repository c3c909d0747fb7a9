#ifndef WEIR_JSON_SCAN_H
#define WEIR_JSON_SCAN_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir {

// What a slow, careful reading of a JSON text found that simdjson had refused.
//
// simdjson says neither where a text goes wrong nor takes everything that RFC 8259 allows:
// integers beyond 64 bits, numbers beyond the doubles, and half surrogate pairs (which
// `JSON.stringify` writes where a text was cut within an emoji) end the whole document. The scan
// tells the place of a real error, and writes a text that simdjson takes where there is none:
// long integers as floats, half pairs as U+FFFD, and numbers beyond the doubles as
// `out_of_range`, which the walk over the tape then refuses for the one event.
struct JSONScan {
    static constexpr double out_of_range = 1.7976931348623157e308;
    static constexpr size_t depth_max = 1000000;

    // The byte of the error, or -1.
    int64_t error_offset = -1;
    // Whether the error is that the text nests deeper than `depth_max`.
    bool too_deep = false;
    // The greatest depth of nesting.
    size_t depth = 0;
    // The text for simdjson, where there is no error.
    std::string repaired;
};

JSONScan scan_json(const uint8_t *text, size_t length);

} // namespace weir

#endif
