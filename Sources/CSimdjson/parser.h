#ifndef WEIR_PARSER_H
#define WEIR_PARSER_H

#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include <simdjson.h>

#include "buffers.h"

namespace weir {

// One position on simdjson's tape; the format is described in simdjson's doc/tape.md.
struct Tape {
    const uint64_t *words;
    const uint8_t *strings;

    char type(size_t at) const { return static_cast<char>(words[at] >> 56); }
    uint64_t payload(size_t at) const { return words[at] & 0x00FFFFFFFFFFFFFF; }
    // Of a container: the place after its end.
    size_t end(size_t at) const { return words[at] & 0xFFFFFFFF; }
    // Of a container: how many members it has; 0xFFFFFF stands for that many or more.
    uint32_t members(size_t at) const { return (words[at] >> 32) & 0xFFFFFF; }

    const uint8_t *text(size_t at, uint32_t &length) const {
        const uint8_t *entry = strings + payload(at);
        std::memcpy(&length, entry, 4);
        return entry + 4;
    }

    // The place after a value.
    size_t after(size_t at) const {
        switch (type(at)) {
        case '{':
        case '[': return end(at);
        case 'l':
        case 'u':
        case 'd': return at + 2;
        default: return at + 1;
        }
    }
};

// simdjson's DOM parser over memory of our own, so that many lines of a body can leave their
// strings one behind the other: the parser writes the strings of a text where it is told to.
class Parser {
public:
    static constexpr size_t depth_usual = 1024;

    ~Parser() { document.string_buf.release(); std::free(strings); }

    // Makes room for the strings of texts of so many bytes together.
    bool reserve_strings(size_t length) {
        // The worst is a text of empty strings: three bytes each, five in the buffer; simdjson
        // writes up to 64 bytes past the end of a string.
        size_t needed = 5 * length / 3 + 4 * simdjson::SIMDJSON_PADDING;
        if (needed <= strings_capacity) return true;
        document.string_buf.release();
        std::free(strings);
        strings = static_cast<uint8_t *>(std::malloc(needed));
        strings_capacity = strings ? needed : 0;
        return strings != nullptr;
    }

    // Parses a text; its strings go to `strings_offset` of the string memory. `readable` says
    // how many bytes lie behind the text in the same buffer.
    simdjson::error_code parse(const uint8_t *text, size_t length, size_t readable,
                               size_t strings_offset, size_t depth = depth_usual) {
        if (!reserve(length, depth)) return simdjson::MEMALLOC;
        if (readable < simdjson::SIMDJSON_PADDING && ends_near_page_end(text, length)) {
            padded.resize(length + simdjson::SIMDJSON_PADDING);
            std::memcpy(padded.data(), text, length);
            text = padded.data();
        }
        document.string_buf.release();
        document.string_buf.reset(strings + strings_offset);
        return implementation->parse(text, length, document);
    }

    Tape tape() const { return {document.tape.get(), document.string_buf.get()}; }

    // Frees what a text of more than so many bytes needed.
    void trim(size_t length_max) {
        if (capacity <= length_max && depth == depth_usual &&
            strings_capacity <= 2 * length_max + 1024) {
            return;
        }
        implementation.reset();
        document.tape.reset();
        document.string_buf.release();
        std::free(strings);
        strings = nullptr;
        capacity = strings_capacity = 0;
        padded = {};
    }

private:
    std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation;
    simdjson::dom::document document;
    size_t capacity = 0;
    size_t depth = 0;
    uint8_t *strings = nullptr;
    size_t strings_capacity = 0;
    std::vector<uint8_t> padded;

    bool reserve(size_t length, size_t wanted_depth) {
        if (implementation && length <= capacity && depth >= wanted_depth) return true;
        size_t wanted = capacity < 4096 ? 4096 : capacity;
        while (wanted < length) wanted *= 2;
        capacity = 0;
        implementation.reset();
        document.tape.reset(new (std::nothrow) uint64_t[wanted + 64]);
        auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
            wanted, wanted_depth, implementation);
        if (error || !document.tape) return false;
        capacity = wanted;
        depth = wanted_depth;
        return true;
    }

    // The parser may read up to 64 bytes past the text, which is harmless within a page.
    static bool ends_near_page_end(const uint8_t *text, size_t length) {
        size_t last = reinterpret_cast<uintptr_t>(text + length - 1) & 4095;
        return last + simdjson::SIMDJSON_PADDING >= 4096;
    }
};

} // namespace weir

#endif
