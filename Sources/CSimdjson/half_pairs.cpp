#include "half_pairs.h"

#include <string_view>

#include "json_scan.h"

namespace weir {

static bool has_mark(const Tape &tape, size_t at) {
    uint32_t length;
    const uint8_t *text = tape.text(at, length);
    return memmem(text, length, JSONScan::half_pair, JSONScan::half_pair_bytes) != nullptr;
}

static bool array_has_mark(const Tape &tape, size_t at) {
    // All that lies within stands one behind the other on the tape.
    size_t end = tape.end(at);
    while (at < end) {
        char type = tape.type(at);
        if (type == '"' && has_mark(tape, at)) return true;
        at += type == 'l' || type == 'u' || type == 'd' ? 2 : 1;
    }
    return false;
}

static void append_name(const Tape &tape, size_t key, std::string &name) {
    uint32_t length;
    const uint8_t *text = tape.text(key, length);
    std::string_view rest(reinterpret_cast<const char *>(text), length);
    for (;;) {
        size_t mark = rest.find(JSONScan::half_pair);
        name.append(rest.substr(0, mark));
        if (mark == std::string_view::npos) return;
        name.append("\uFFFD");
        rest.remove_prefix(mark + JSONScan::half_pair_bytes);
    }
}

bool find_half_pair(const Tape &tape, size_t at, uint32_t depth_max, std::string &name) {
    size_t end = tape.end(at) - 1;
    for (at++; at < end; at = tape.after(at)) {
        size_t key = at++;
        bool is_found = has_mark(tape, key);
        if (!is_found) {
            switch (tape.type(at)) {
            case '"': is_found = has_mark(tape, at); break;
            case '[': is_found = array_has_mark(tape, at); break;
            case '{':
                if (depth_max > 0 && find_half_pair(tape, at, depth_max - 1, name)) return true;
                break;
            default: break;
            }
        }
        if (is_found) {
            append_name(tape, key, name);
            return true;
        }
    }
    return false;
}

} // namespace weir
