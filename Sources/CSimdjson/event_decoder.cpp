#include "event_decoder.h"

#include "event_walk.h"
#include "json_scan.h"

namespace weir {

// What is kept for the next body; a larger one gives its memory back.
static constexpr size_t body_bytes_kept = 2 << 20;

static bool is_space(uint8_t byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

class Decoder {
public:
    explicit Decoder(event_decoder_limits limits) : limits(limits), walk(limits) {}

    void decode(const uint8_t *bytes, size_t length, event_form form, event_times times,
                event_columns &result) {
        static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
        size_t skipped = length >= 3 && std::memcmp(bytes, mark, 3) == 0 ? 3 : 0;
        walk.start(times, form == EVENT_FORM_BATCH);
        offset = -1;
        event_verdict verdict = form == EVENT_FORM_NDJSON
                                    ? decode_lines(bytes + skipped, length - skipped)
                                    : decode_document(bytes + skipped, length - skipped, form);
        walk.fill(result);
        result.verdict = verdict;
        result.offset = offset < 0 ? offset : offset + static_cast<int64_t>(skipped);
    }

    void trim() { parser.trim(body_bytes_kept); }
    void forget() { walk.forget(); }

private:
    event_decoder_limits limits;
    Parser parser;
    EventWalk walk;
    static constexpr size_t events_twice = SIZE_MAX;
    // Of the last error in a text, or -1.
    int64_t offset = -1;
    bool has_sentinels = false;

    // Parses a text, mending what is JSON but nothing for simdjson.
    event_verdict parse(const uint8_t *text, size_t length, size_t readable, size_t strings) {
        has_sentinels = false;
        offset = -1;
        simdjson::error_code error = parser.parse(text, length, readable, strings);
        switch (error) {
        case simdjson::SUCCESS: return EVENT_OK;
        case simdjson::MEMALLOC:
        case simdjson::CAPACITY: return EVENT_OUT_OF_MEMORY;
        case simdjson::UTF8_ERROR: return EVENT_INVALID_UTF8;
        default: break;
        }
        JSONScan scan = scan_json(text, length);
        offset = scan.error_offset;
        if (scan.too_deep) return EVENT_NESTED_TOO_DEEP;
        if (offset >= 0) return EVENT_INVALID_JSON;
        has_sentinels = true;
        size_t depth = scan.depth + 1 > Parser::depth_usual ? scan.depth + 1 : Parser::depth_usual;
        const std::string &repaired = scan.repaired;
        error = parser.parse(reinterpret_cast<const uint8_t *>(repaired.data()), repaired.size(),
                             0, strings, depth);
        if (error == simdjson::UTF8_ERROR) return EVENT_INVALID_UTF8;
        if (error == simdjson::MEMALLOC) return EVENT_OUT_OF_MEMORY;
        return error ? EVENT_INVALID_JSON : EVENT_OK;
    }

    event_verdict decode_document(const uint8_t *bytes, size_t length, event_form form) {
        if (form == EVENT_FORM_SINGLE && length > limits.event_bytes_max) {
            walk.reject(0, EVENT_TOO_LARGE);
            return EVENT_OK;
        }
        if (length == 0) {
            offset = 0;
            return EVENT_INVALID_JSON;
        }
        if (!parser.reserve_strings(length)) return EVENT_OUT_OF_MEMORY;
        event_verdict verdict = parse(bytes, length, 0, 0);
        if (verdict != EVENT_OK) return verdict;
        Tape tape = parser.tape();
        if (form == EVENT_FORM_SINGLE) {
            walk.take(tape, 1, 0, has_sentinels);
            return EVENT_OK;
        }
        size_t events = tape.type(1) == '{' ? find_events(tape) : 1;
        if (events == events_twice) return EVENT_DUPLICATE_KEY;
        if (events == 0 || tape.type(events) != '[') return EVENT_INVALID_BATCH;
        if (tape.members(events) > limits.event_count_max) return EVENT_TOO_MANY_EVENTS;
        size_t end = tape.end(events) - 1;
        uint32_t index = 0;
        for (size_t at = events + 1; at < end; at = tape.after(at)) {
            if (index == limits.event_count_max) return EVENT_TOO_MANY_EVENTS;
            walk.take(tape, at, index++, has_sentinels);
        }
        return EVENT_OK;
    }

    // The value of the key "events" of the outermost object, 0, or `events_twice`.
    static size_t find_events(const Tape &tape) {
        size_t end = tape.end(1) - 1;
        size_t found = 0;
        for (size_t at = 2; at < end; at = tape.after(at)) {
            uint32_t length;
            const uint8_t *key = tape.text(at, length);
            at++;
            if (length == 6 && std::memcmp(key, "events", 6) == 0) {
                if (found) return events_twice;
                found = at;
            }
        }
        return found;
    }

    // Each line is a document of its own, so that a bad one cannot harm its neighbours.
    event_verdict decode_lines(const uint8_t *bytes, size_t length) {
        if (!parser.reserve_strings(length + 1)) return EVENT_OUT_OF_MEMORY;
        const uint8_t *end = bytes + length;
        size_t strings = 0;
        uint32_t index = 0;
        for (const uint8_t *line = bytes; line < end;) {
            auto found = static_cast<const uint8_t *>(std::memchr(line, '\n', end - line));
            const uint8_t *next = found ? found : end;
            const uint8_t *start = line;
            const uint8_t *stop = next;
            while (start < stop && is_space(*start)) start++;
            while (stop > start && is_space(stop[-1])) stop--;
            line = next + 1;
            if (start == stop) continue;
            if (index == limits.event_count_max) return EVENT_TOO_MANY_EVENTS;
            event_verdict verdict = decode_line(start, stop - start, end - stop, index++, strings);
            if (verdict != EVENT_OK) return verdict;
        }
        return EVENT_OK;
    }

    event_verdict decode_line(const uint8_t *line, size_t length, size_t readable, uint32_t index,
                              size_t &strings) {
        if (length > limits.event_bytes_max) {
            walk.reject(index, EVENT_TOO_LARGE);
            return EVENT_OK;
        }
        event_verdict verdict = parse(line, length, readable, strings);
        int64_t place = offset;
        offset = -1;
        if (verdict == EVENT_OUT_OF_MEMORY) return verdict;
        if (verdict != EVENT_OK) {
            walk.reject(index, verdict, place);
            return EVENT_OK;
        }
        Tape tape = parser.tape();
        const uint8_t *strings_end = walk.take(tape, 1, index, has_sentinels);
        if (strings_end) strings += strings_end - tape.strings;
        return EVENT_OK;
    }
};

} // namespace weir

struct event_decoder {
    weir::Decoder decoder;
};

event_decoder *event_decoder_create(event_decoder_limits limits) {
    return new event_decoder{weir::Decoder(limits)};
}

void event_decoder_destroy(event_decoder *decoder) { delete decoder; }

void event_decoder_decode(event_decoder *decoder, const uint8_t *bytes, uint64_t length,
                          event_form form, event_times times, event_columns *result) {
    decoder->decoder.decode(bytes, length, form, times, *result);
}

void event_decoder_trim(event_decoder *decoder) { decoder->decoder.trim(); }

void event_decoder_forget(event_decoder *decoder) { decoder->decoder.forget(); }
