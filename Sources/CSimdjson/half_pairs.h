#ifndef WEIR_HALF_PAIRS_H
#define WEIR_HALF_PAIRS_H

#include <string>

#include "parser.h"

namespace weir {

// Whether a key or a text of the object at a place of the tape has `JSONScan::half_pair` in it.
//
// Appends the name of the property, with U+FFFD where the half pair stands in the name itself.
// Objects within arrays are looked into as well, objects deeper than `depth_max` are not.
bool find_half_pair(const Tape &tape, size_t at, uint32_t depth_max, std::string &name);

} // namespace weir

#endif
