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
// long integers as floats, half pairs as `half_pair`, and numbers beyond the doubles as
// `out_of_range`, both of which the walk over the tape then refuses for the one event.
struct JSONScan {
    static constexpr double out_of_range = 1.7976931348623157e308;
    // U+FDD0 and U+FDEF: no characters, and so not in texts that are sent. Six bytes, as many as
    // the escape has, so that the strings never need more room than the text says.
    static constexpr char half_pair[] = "\uFDD0\uFDEF";
    static constexpr size_t half_pair_bytes = sizeof half_pair - 1;
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
