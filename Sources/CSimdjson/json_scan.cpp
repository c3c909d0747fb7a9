#include "json_scan.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace weir {

namespace {

// Reads one value after the other with an explicit stack, so that depth costs a bit a level.
class Scanner {
public:
    Scanner(const uint8_t *text, size_t length) : text(text), length(length) {}

    JSONScan run() {
        result.repaired.reserve(length + 64);
        if (!document()) {
            result.error_offset = static_cast<int64_t>(at);
            result.repaired.clear();
        }
        return std::move(result);
    }

private:
    const uint8_t *text;
    size_t length;
    size_t at = 0;
    JSONScan result;
    // One entry an open container: whether it is an object.
    std::vector<bool> open;

    bool ended() const { return at >= length; }
    uint8_t peek() const { return at < length ? text[at] : 0; }

    void copy(size_t from) {
        result.repaired.append(reinterpret_cast<const char *>(text) + from, at - from);
    }

    bool take(uint8_t character) {
        if (ended() || text[at] != character) return false;
        result.repaired.push_back(static_cast<char>(character));
        at++;
        return true;
    }

    void skip_space() {
        while (!ended() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' ||
                            text[at] == '\r')) {
            at++;
        }
    }

    bool document() {
        do {
            skip_space();
            if (!value()) return false;
            if (!close_containers()) return false;
        } while (!open.empty());
        skip_space();
        return ended();
    }

    // A scalar, an empty container, or the start of one with its first key.
    bool value() {
        while (peek() == '{' || peek() == '[') {
            bool is_object = peek() == '{';
            if (open.size() >= JSONScan::depth_max) {
                result.too_deep = true;
                return false;
            }
            take(peek());
            open.push_back(is_object);
            if (open.size() > result.depth) result.depth = open.size();
            skip_space();
            if (peek() == (is_object ? '}' : ']')) return true;
            if (is_object && !key()) return false;
            skip_space();
        }
        switch (peek()) {
        case '"': return string();
        case 't': return word("true");
        case 'f': return word("false");
        case 'n': return word("null");
        default: return number();
        }
    }

    // After a value: ends containers until one goes on with a comma.
    bool close_containers() {
        while (!open.empty()) {
            skip_space();
            if (take(open.back() ? '}' : ']')) {
                open.pop_back();
                continue;
            }
            if (!take(',')) return false;
            skip_space();
            return !open.back() || key();
        }
        return true;
    }

    bool key() {
        if (!string()) return false;
        skip_space();
        return take(':');
    }

    bool word(const char *expected) {
        size_t from = at;
        for (const char *next = expected; *next; next++, at++) {
            if (peek() != static_cast<uint8_t>(*next)) return false;
        }
        copy(from);
        return true;
    }

    bool string() {
        if (!take('"')) return false;
        size_t from = at;
        while (!ended() && text[at] != '"') {
            if (text[at] < 0x20) return false;
            if (text[at] != '\\') {
                at++;
                continue;
            }
            copy(from);
            if (!escape()) return false;
            from = at;
        }
        copy(from);
        return take('"');
    }

    bool escape() {
        if (at + 1 < length && text[at + 1] == 'u') return unicode_escape();
        if (at + 1 >= length || !std::strchr("\"\\/bfnrt", text[at + 1]) || !text[at + 1]) {
            return false;
        }
        at += 2;
        copy(at - 2);
        return true;
    }

    bool unicode_escape() {
        uint32_t unit = 0;
        if (!code_unit(at, unit)) return false;
        size_t from = at;
        at += 6;
        bool whole = unit < 0xD800 || unit > 0xDFFF;
        if (!whole && unit < 0xDC00) {
            uint32_t low = 0;
            if (code_unit(at, low) && low >= 0xDC00 && low <= 0xDFFF) {
                at += 6;
                whole = true;
            }
        }
        if (whole) {
            copy(from);
        } else {
            result.repaired.append(JSONScan::half_pair);
        }
        return true;
    }

    // Reads `\uXXXX` at an offset.
    bool code_unit(size_t offset, uint32_t &unit) const {
        if (offset + 6 > length || text[offset] != '\\' || text[offset + 1] != 'u') return false;
        for (size_t index = offset + 2; index < offset + 6; index++) {
            uint8_t digit = text[index];
            if (digit >= '0' && digit <= '9') {
                unit = unit * 16 + (digit - '0');
            } else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f') {
                unit = unit * 16 + ((digit | 0x20) - 'a' + 10);
            } else {
                return false;
            }
        }
        return true;
    }

    bool digits() {
        size_t from = at;
        while (!ended() && text[at] >= '0' && text[at] <= '9') at++;
        return at > from;
    }

    bool number() {
        size_t from = at;
        if (peek() == '-') at++;
        if (peek() == '0') {
            at++;
        } else if (!digits()) {
            return false;
        }
        bool integral = true;
        if (peek() == '.') {
            integral = false;
            at++;
            if (!digits()) return false;
        }
        if (peek() == 'e' || peek() == 'E') {
            integral = false;
            at++;
            if (peek() == '+' || peek() == '-') at++;
            if (!digits()) return false;
        }
        write_number(std::string(reinterpret_cast<const char *>(text) + from, at - from),
                     integral);
        return true;
    }

    void write_number(const std::string &token, bool integral) {
        if (std::isinf(std::strtod(token.c_str(), nullptr))) {
            result.repaired.append("1.7976931348623157e308");
            return;
        }
        result.repaired.append(token);
        errno = 0;
        // Integers beyond 64 bits are floats, as an exponent says.
        if (integral && (std::strtoll(token.c_str(), nullptr, 10), errno == ERANGE)) {
            result.repaired.append("e0");
        }
    }
};

} // namespace

JSONScan scan_json(const uint8_t *text, size_t length) { return Scanner(text, length).run(); }

} // namespace weir
