#ifndef WEIR_EVENT_WALK_H
#define WEIR_EVENT_WALK_H

#include <string>

#include "array_text.h"
#include "buffers.h"
#include "event_decoder.h"
#include "names.h"
#include "parser.h"

namespace weir {

struct TextColumn {
    Buffer<const uint8_t *> starts;
    Buffer<uint32_t> lengths;

    void append(const uint8_t *start, uint32_t length) {
        starts.append(start);
        lengths.append(length);
    }
    void clear() {
        starts.clear();
        lengths.clear();
    }
    event_texts view() const { return {starts.items, lengths.items}; }
};

// Walks the tape of one event after the other and appends what it finds to the columns.
//
// Values go to their columns as they are met; an event that turns out to be invalid has its
// values taken back. Fields are only noted and read at the end of the event. Of equal names only
// one may count, so an event with two values for one name is refused, except that a value of
// `properties` stands above one at the top of the event.
class EventWalk {
public:
    explicit EventWalk(event_decoder_limits limits) : limits(limits) {}
    ~EventWalk();

    // Starts a body. `measures` says that nobody has measured its events by their text.
    void start(event_times body_times, bool measures);

    // Takes the value at a place of the tape as event `index` of the body. Returns the place
    // after the strings that it used, or null where it was refused.
    const uint8_t *take(const Tape &event_tape, size_t at, uint32_t index, bool event_sentinels);

    void reject(uint32_t index, event_verdict verdict, int64_t offset = -1);
    void fill(event_columns &result) const;
    void forget();

private:
    event_decoder_limits limits;
    event_times times = {};
    bool measures_events = false;
    Names names;
    std::vector<event_column> columns;
    // The last body that had values for each column.
    std::vector<uint64_t> column_bodies;

    // The body so far.
    uint64_t body = 0;
    Buffer<uint32_t> indexes;
    Buffer<int64_t> timestamps;
    TextColumn event_types, event_ids, user_ids, session_ids;
    Buffer<uint32_t> touched;
    Buffer<event_rejection> rejections;
    uint32_t skewed_count = 0;
    Arena texts;

    // The event at hand.
    Tape tape = {};
    bool has_sentinels = false;
    uint64_t event = 0;
    uint32_t property_count = 0;
    size_t byte_count = 0;
    const uint8_t *strings_end = nullptr;
    // Where each field stands on the tape, or 0; by `Field`.
    size_t field_places[7] = {};
    Buffer<uint32_t> event_names;
    std::string scratch;
    const uint8_t *detail = nullptr;
    uint32_t detail_length = 0;

    // The minute of the last time that was read, and the text that named it.
    uint8_t minute_text[17] = {};
    int64_t minute = 0;
    bool has_minute = false;

    event_verdict refuse_half_pairs(size_t at);
    event_verdict walk_object(size_t at, uint32_t parent, uint32_t rank, uint32_t depth);
    event_verdict walk_value(size_t at, uint32_t node, uint32_t rank, uint32_t depth);
    event_verdict walk_array(size_t at, const Node &node, uint32_t rank, uint32_t depth);
    event_verdict walk_field(size_t at, Field field);
    event_verdict store(uint32_t name, uint32_t rank, uint32_t type, uint64_t value,
                        uint32_t length);
    event_verdict store_null(uint32_t name, uint32_t rank);
    enum class Claim { granted, outranked, repeated };
    Claim claim(Name &name, uint32_t index, uint32_t rank);
    event_verdict refuse_repeated(const Node &node, const uint8_t *key, uint32_t length);
    void take_back(Name &name);
    uint32_t new_column(Name &name, uint32_t type);
    event_verdict read_fields(uint32_t index);
    event_verdict read_type(size_t at, const uint8_t *&start, uint32_t &length);
    event_verdict read_id(Field field, const uint8_t *&start, uint32_t &length);
    event_verdict read_time(size_t at, int64_t &instant, bool &is_skewed);
    bool read_time_text(const uint8_t *text, uint32_t length, int64_t &instant);
    bool read_number(size_t at, double &number) const;
    void name_detail(const uint8_t *text, uint32_t length);
};

} // namespace weir

#endif
