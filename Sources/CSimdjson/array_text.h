#ifndef WEIR_ARRAY_TEXT_H
#define WEIR_ARRAY_TEXT_H

#include <string>

#include "event_decoder.h"
#include "parser.h"

namespace weir {

struct ArrayTextLimits {
    size_t bytes_max;
    uint32_t depth_max;
    // Whether `JSONScan::out_of_range` stands for a number that is.
    bool has_sentinels;
};

// Appends the JSON text of the array (or object) at a place of the tape, without white space.
// `depth` is that of the container itself. Moves `strings_end` past the last string read.
event_verdict append_json(const Tape &tape, size_t at, uint32_t depth,
                          const ArrayTextLimits &limits, std::string &text,
                          const uint8_t *&strings_end);

// The shortest decimal text that reads back as the same double.
void append_double(double number, std::string &text);

} // namespace weir

#endif
