#include "event_walk.h"

#include "half_pairs.h"

namespace weir {

static constexpr size_t detail_max = 64;
static constexpr uint32_t rank_top = 0;
static constexpr uint32_t rank_properties = 1;

EventWalk::~EventWalk() { forget(); }

void EventWalk::forget() {
    for (event_column &column : columns) {
        std::free(column.rows);
        std::free(column.values);
        std::free(column.lengths);
    }
    columns.clear();
    column_bodies.clear();
    touched.clear();
    names.forget();
}

void EventWalk::start(event_times body_times, bool measures) {
    measures_events = measures;
    times = body_times;
    body++;
    for (size_t index = 0; index < touched.count; index++) columns[touched.items[index]].count = 0;
    touched.clear();
    indexes.clear();
    timestamps.clear();
    for (TextColumn *column : {&event_types, &event_ids, &user_ids, &session_ids}) {
        column->clear();
    }
    rejections.clear();
    skewed_count = 0;
    texts.clear();
}

void EventWalk::fill(event_columns &result) const {
    result.count = indexes.count;
    result.skewed_count = skewed_count;
    result.indexes = indexes.items;
    result.timestamps = timestamps.items;
    result.event_types = event_types.view();
    result.event_ids = event_ids.view();
    result.user_ids = user_ids.view();
    result.session_ids = session_ids.view();
    result.columns = columns.data();
    result.column_count = columns.size();
    result.touched = touched.items;
    result.touched_count = touched.count;
    result.rejections = rejections.items;
    result.rejection_count = rejections.count;
}

void EventWalk::name_detail(const uint8_t *text, uint32_t length) {
    detail_length = length < detail_max ? length : detail_max;
    detail = texts.copy(text, detail_length);
}

void EventWalk::reject(uint32_t index, event_verdict verdict, int64_t offset) {
    rejections.append({index, verdict, offset, detail, detail_length});
    detail = nullptr;
    detail_length = 0;
}

const uint8_t *EventWalk::take(const Tape &event_tape, size_t at, uint32_t index,
                               bool event_sentinels) {
    tape = event_tape;
    has_sentinels = event_sentinels;
    if (tape.type(at) != '{') {
        reject(index, EVENT_INVALID_EVENT);
        return nullptr;
    }
    event++;
    property_count = 0;
    event_names.clear();
    std::memset(field_places, 0, sizeof field_places);
    byte_count = tape.end(at) - at;
    strings_end = tape.strings;
    names.start_event();
    event_verdict verdict = has_sentinels ? refuse_half_pairs(at) : EVENT_OK;
    if (verdict == EVENT_OK) verdict = walk_object(at, Names::root, rank_top, 0);
    if (verdict == EVENT_OK && measures_events && byte_count > limits.event_bytes_max) {
        verdict = EVENT_TOO_LARGE;
    }
    if (verdict == EVENT_OK) verdict = read_fields(index);
    if (verdict == EVENT_OK) return strings_end;
    for (size_t name = 0; name < event_names.count; name++) {
        take_back(names.names[event_names.items[name]]);
    }
    reject(index, verdict);
    return nullptr;
}

// A text that simdjson took as it came has no half pairs: only a mended one is searched.
event_verdict EventWalk::refuse_half_pairs(size_t at) {
    scratch.clear();
    if (!find_half_pair(tape, at, limits.nesting_max + 1, scratch)) return EVENT_OK;
    name_detail(reinterpret_cast<const uint8_t *>(scratch.data()), scratch.size());
    return EVENT_INVALID_UNICODE;
}

event_verdict EventWalk::walk_object(size_t at, uint32_t parent, uint32_t rank, uint32_t depth) {
    size_t end = tape.end(at) - 1;
    for (at++; at < end; at = tape.after(at)) {
        uint32_t length;
        const uint8_t *key = tape.text(at, length);
        byte_count += length + 5;
        strings_end = key + length + 1;
        at++;
        uint32_t node = names.find(parent, key, length, limits.key_bytes_max);
        if (node == Names::too_long) {
            name_detail(key, length);
            return EVENT_KEY_TOO_LONG;
        }
        if (names.nodes[node].event == event) {
            return refuse_repeated(names.nodes[node], key, length);
        }
        names.nodes[node].event = event;
        Field field = names.nodes[node].field;
        event_verdict verdict = field == Field::none ? walk_value(at, node, rank, depth)
                                                     : walk_field(at, field);
        if (verdict == EVENT_OK) continue;
        if (!detail) name_detail(key, length);
        return verdict;
    }
    return EVENT_OK;
}

event_verdict EventWalk::walk_value(size_t at, uint32_t index, uint32_t rank, uint32_t depth) {
    const Node &node = names.nodes[index];
    uint64_t bits = 0;
    switch (tape.type(at)) {
    case '"': {
        uint32_t length;
        const uint8_t *text = tape.text(at, length);
        byte_count += length + 5;
        strings_end = text + length + 1;
        if (length > limits.value_bytes_max) return EVENT_VALUE_TOO_LONG;
        return store(node.name, rank, EVENT_VALUE_STRING, reinterpret_cast<uint64_t>(text), length);
    }
    case 'l': return store(node.name, rank, EVENT_VALUE_INTEGER, tape.words[at + 1], 0);
    case 'u': {
        double number = static_cast<double>(tape.words[at + 1]);
        std::memcpy(&bits, &number, 8);
        return store(node.name, rank, EVENT_VALUE_FLOAT, bits, 0);
    }
    case 'd': {
        double number;
        if (!read_number(at, number)) return EVENT_NUMBER_OUT_OF_RANGE;
        return store(node.name, rank, EVENT_VALUE_FLOAT, tape.words[at + 1], 0);
    }
    case 't': return store(node.name, rank, EVENT_VALUE_BOOLEAN, 1, 0);
    case 'f': return store(node.name, rank, EVENT_VALUE_BOOLEAN, 0, 0);
    case '{':
        if (depth + 1 > limits.nesting_max) return EVENT_NESTED_TOO_DEEP;
        return walk_object(at, index, rank, depth + 1);
    case '[': return walk_array(at, node, rank, depth + 1);
    default: return store_null(node.name, rank);
    }
}

event_verdict EventWalk::walk_array(size_t at, const Node &node, uint32_t rank, uint32_t depth) {
    scratch.clear();
    ArrayTextLimits text_limits = {limits.value_bytes_max, limits.nesting_max, has_sentinels};
    event_verdict verdict = append_json(tape, at, depth, text_limits, scratch, strings_end);
    if (verdict != EVENT_OK) return verdict;
    byte_count += scratch.size();
    const uint8_t *text = texts.copy(reinterpret_cast<const uint8_t *>(scratch.data()),
                                     scratch.size());
    return store(node.name, rank, EVENT_VALUE_JSON, reinterpret_cast<uint64_t>(text),
                 scratch.size());
}

event_verdict EventWalk::walk_field(size_t at, Field field) {
    char type = tape.type(at);
    if (field == Field::properties) {
        if (type == '{') return walk_object(at, Names::properties, rank_properties, 0);
        return type == 'n' ? EVENT_OK : EVENT_INVALID_PROPERTIES;
    }
    if (type == '"') {
        uint32_t length;
        const uint8_t *text = tape.text(at, length);
        byte_count += length + 5;
        strings_end = text + length + 1;
    }
    field_places[static_cast<size_t>(field)] = at;
    return EVENT_OK;
}

event_verdict EventWalk::store(uint32_t name_index, uint32_t rank, uint32_t type, uint64_t value,
                               uint32_t length) {
    Name &name = names.names[name_index];
    switch (claim(name, name_index, rank)) {
    case Claim::granted: break;
    case Claim::outranked: return EVENT_OK;
    case Claim::repeated: name_detail(name.text, name.length); return EVENT_DUPLICATE_KEY;
    }
    if (++property_count > limits.property_count_max) return EVENT_TOO_MANY_PROPERTIES;
    uint32_t index = name.columns[type] < 0 ? new_column(name, type) : name.columns[type];
    event_column &column = columns[index];
    if (column.count == column.capacity) {
        column.capacity = column.capacity ? column.capacity * 2 : 64;
        size_t capacity = column.capacity;
        column.rows = static_cast<uint32_t *>(reallocated(column.rows, capacity * 4));
        column.values = static_cast<uint64_t *>(reallocated(column.values, capacity * 8));
        column.lengths = static_cast<uint32_t *>(reallocated(column.lengths, capacity * 4));
    }
    // A column whose only value was taken back has been noted before.
    if (column.count == 0 && column_bodies[index] != body) {
        column_bodies[index] = body;
        touched.append(index);
    }
    column.rows[column.count] = indexes.count;
    column.values[column.count] = value;
    column.lengths[column.count] = length;
    column.count++;
    name.column = index;
    return EVENT_OK;
}

event_verdict EventWalk::store_null(uint32_t name_index, uint32_t rank) {
    Name &name = names.names[name_index];
    if (claim(name, name_index, rank) != Claim::repeated) return EVENT_OK;
    name_detail(name.text, name.length);
    return EVENT_DUPLICATE_KEY;
}

// Whether a value of a rank may stand for a name in this event; takes one of a lower rank back.
// Two of one rank under one name come of different paths to it (`a.b` and `a` → `b`).
EventWalk::Claim EventWalk::claim(Name &name, uint32_t index, uint32_t rank) {
    uint32_t bit = uint32_t(1) << rank;
    if (name.event == event) {
        if (name.ranks & bit) return Claim::repeated;
        name.ranks |= bit;
        if (name.ranks > 2 * bit - 1) return Claim::outranked;
        if (name.column >= 0) {
            take_back(name);
            property_count--;
        }
    } else {
        name.event = event;
        name.column = -1;
        name.ranks = bit;
        event_names.append(index);
    }
    return Claim::granted;
}

// Names what stands twice by its flattened name, or by its key if it is a field.
event_verdict EventWalk::refuse_repeated(const Node &node, const uint8_t *key, uint32_t length) {
    if (node.field == Field::none) {
        name_detail(names.names[node.name].text, names.names[node.name].length);
    } else {
        name_detail(key, length);
    }
    return EVENT_DUPLICATE_KEY;
}

void EventWalk::take_back(Name &name) {
    if (name.column < 0) return;
    columns[name.column].count--;
    name.column = -1;
}

uint32_t EventWalk::new_column(Name &name, uint32_t type) {
    name.columns[type] = columns.size();
    columns.push_back({name.text, name.length, type, 0, 0, nullptr, nullptr, nullptr});
    column_bodies.push_back(0);
    return columns.size() - 1;
}

} // namespace weir
