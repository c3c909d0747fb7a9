#include <cmath>

#include "event_walk.h"
#include "json_scan.h"

namespace weir {

// The year 0 and the end of the year 9999, which the text form of times can express.
static constexpr int64_t instant_min = -62167219200000;
static constexpr int64_t instant_max = 253402300799999;

event_verdict EventWalk::read_fields(uint32_t index) {
    auto place = [this](Field field) { return field_places[static_cast<size_t>(field)]; };
    const uint8_t *type, *event_id, *user_id, *session_id;
    uint32_t type_length, event_id_length, user_id_length, session_id_length;
    int64_t instant = 0;
    bool is_skewed = false;
    event_verdict verdict = read_type(place(Field::event_type), type, type_length);
    if (verdict != EVENT_OK) return verdict;
    verdict = read_id(Field::event_id, event_id, event_id_length);
    if (verdict != EVENT_OK) return verdict;
    verdict = read_id(Field::user_id, user_id, user_id_length);
    if (verdict != EVENT_OK) return verdict;
    verdict = read_id(Field::session_id, session_id, session_id_length);
    if (verdict != EVENT_OK) return verdict;
    verdict = read_time(place(Field::timestamp), instant, is_skewed);
    if (verdict != EVENT_OK) return verdict;
    event_types.append(type, type_length);
    event_ids.append(event_id, event_id_length);
    user_ids.append(user_id, user_id_length);
    session_ids.append(session_id, session_id_length);
    timestamps.append(instant);
    indexes.append(index);
    skewed_count += is_skewed;
    return EVENT_OK;
}

event_verdict EventWalk::read_type(size_t at, const uint8_t *&start, uint32_t &length) {
    if (at == 0 || tape.type(at) == 'n') return EVENT_MISSING_TYPE;
    if (tape.type(at) != '"') return EVENT_INVALID_TYPE;
    start = tape.text(at, length);
    if (length > 0 && length <= limits.event_type_bytes_max) return EVENT_OK;
    name_detail(start, length);
    return EVENT_INVALID_TYPE;
}

// An empty id is the same as none: otherwise all who send one would share it.
event_verdict EventWalk::read_id(Field field, const uint8_t *&start, uint32_t &length) {
    static const char *const field_names[] = {"", "eventId", "eventType", "userId", "sessionId"};
    size_t at = field_places[static_cast<size_t>(field)];
    start = nullptr;
    length = 0;
    if (at == 0 || tape.type(at) == 'n') return EVENT_OK;
    scratch.clear();
    switch (tape.type(at)) {
    case '"':
        start = tape.text(at, length);
        if (length == 0) start = nullptr;
        if (length <= limits.identifier_bytes_max) return EVENT_OK;
        break;
    case 'l': scratch = std::to_string(static_cast<int64_t>(tape.words[at + 1])); break;
    case 'u': scratch = std::to_string(tape.words[at + 1]); break;
    case 'd': {
        double number;
        if (!read_number(at, number)) return EVENT_NUMBER_OUT_OF_RANGE;
        append_double(number, scratch);
        break;
    }
    default: break;
    }
    if (!scratch.empty()) {
        length = scratch.size();
        start = texts.copy(reinterpret_cast<const uint8_t *>(scratch.data()), length);
        return EVENT_OK;
    }
    const char *name = field_names[static_cast<size_t>(field)];
    name_detail(reinterpret_cast<const uint8_t *>(name), std::strlen(name));
    return EVENT_INVALID_ID;
}

// Reads a float, or says that it stands for a number beyond the doubles.
bool EventWalk::read_number(size_t at, double &number) const {
    std::memcpy(&number, &tape.words[at + 1], 8);
    return !has_sentinels || number != JSONScan::out_of_range;
}

event_verdict EventWalk::read_time(size_t at, int64_t &instant, bool &is_skewed) {
    instant = times.received_at;
    double number = 0;
    uint32_t length = 0;
    const uint8_t *text;
    switch (at == 0 ? 'n' : tape.type(at)) {
    case 'n': return EVENT_OK;
    case '"':
        text = tape.text(at, length);
        if (!read_time_text(text, length, instant)) {
            name_detail(text, length);
            return EVENT_TIMESTAMP_OUT_OF_RANGE;
        }
        break;
    case 'l': {
        int64_t integer = static_cast<int64_t>(tape.words[at + 1]);
        bool is_seconds = integer < 100000000000;
        if (is_seconds && integer < instant_min / 1000) return EVENT_TIMESTAMP_OUT_OF_RANGE;
        instant = is_seconds ? integer * 1000 : integer;
        break;
    }
    case 'd':
        if (!read_number(at, number)) return EVENT_TIMESTAMP_OUT_OF_RANGE;
        if (number < 1e11) number *= 1000;
        number = std::round(number);
        if (!(number >= double(instant_min) && number <= double(instant_max))) {
            return EVENT_TIMESTAMP_OUT_OF_RANGE;
        }
        instant = static_cast<int64_t>(number);
        break;
    default: return EVENT_TIMESTAMP_OUT_OF_RANGE;
    }
    if (instant < times.earliest || instant < instant_min || instant > instant_max) {
        return EVENT_TIMESTAMP_OUT_OF_RANGE;
    }
    is_skewed = instant > times.latest;
    if (is_skewed) instant = times.received_at;
    return EVENT_OK;
}

// Times of one body mostly lie in one minute: `2026-01-10T14:30:` is read once, and only the
// seconds and milliseconds of the usual two forms (`…05Z`, `…05.123Z`) are read here.
bool EventWalk::read_time_text(const uint8_t *text, uint32_t length, int64_t &instant) {
    auto digit = [text](size_t index) { return static_cast<uint32_t>(text[index]) - '0'; };
    int64_t rest = -1;
    if ((length == 20 || (length == 24 && text[19] == '.')) && text[length - 1] == 'Z' &&
        digit(17) < 6 && digit(18) < 10) {
        rest = (digit(17) * 10 + digit(18)) * 1000;
        if (length == 24) {
            bool are_digits = digit(20) < 10 && digit(21) < 10 && digit(22) < 10;
            rest = are_digits ? rest + digit(20) * 100 + digit(21) * 10 + digit(22) : -1;
        }
    }
    if (rest >= 0 && has_minute && std::memcmp(text, minute_text, 17) == 0) {
        instant = minute + rest;
        return true;
    }
    if (!times.read(text, length, &instant)) return false;
    if (rest >= 0 && text[16] == ':') {
        std::memcpy(minute_text, text, 17);
        minute = instant - rest;
        has_minute = true;
    }
    return true;
}

} // namespace weir
