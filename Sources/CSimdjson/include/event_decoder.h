#ifndef WEIR_EVENT_DECODER_H
#define WEIR_EVENT_DECODER_H

#include <stdint.h>

// Reads the events of a request body into columns, one call a body.
//
// The JSON is parsed by simdjson into its tape; one walk over the tape then appends each value to
// the column of its (name, type), so that the caller works column by column. All pointers of a
// result stay valid until the next call on the same decoder. A decoder is used by one thread at a
// time.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct event_decoder event_decoder;

typedef enum {
    EVENT_FORM_SINGLE = 0,
    EVENT_FORM_BATCH = 1,
    EVENT_FORM_NDJSON = 2,
} event_form;

// Why an event, or a whole body, was refused.
typedef enum {
    EVENT_OK = 0,
    EVENT_INVALID_JSON,
    EVENT_INVALID_UTF8,
    EVENT_INVALID_EVENT,
    EVENT_TOO_LARGE,
    EVENT_TOO_MANY_PROPERTIES,
    EVENT_KEY_TOO_LONG,
    EVENT_VALUE_TOO_LONG,
    EVENT_NESTED_TOO_DEEP,
    EVENT_MISSING_TYPE,
    EVENT_INVALID_TYPE,
    EVENT_INVALID_ID,
    EVENT_INVALID_PROPERTIES,
    EVENT_TIMESTAMP_OUT_OF_RANGE,
    EVENT_NUMBER_OUT_OF_RANGE,
    EVENT_INVALID_UNICODE,
    // Of an event, or of a body that names its events twice.
    EVENT_DUPLICATE_KEY,
    // Of bodies only:
    EVENT_INVALID_BATCH,
    EVENT_TOO_MANY_EVENTS,
    EVENT_OUT_OF_MEMORY,
} event_verdict;

// The types of columns; the numbers are those of ValueType.
enum {
    EVENT_VALUE_STRING = 1,
    EVENT_VALUE_INTEGER = 2,
    EVENT_VALUE_FLOAT = 3,
    EVENT_VALUE_BOOLEAN = 4,
    EVENT_VALUE_JSON = 5,
};

typedef struct {
    uint32_t event_count_max;
    uint32_t event_bytes_max;
    uint32_t property_count_max;
    uint32_t key_bytes_max;
    uint32_t value_bytes_max;
    uint32_t nesting_max;
    uint32_t event_type_bytes_max;
    uint32_t identifier_bytes_max;
} event_decoder_limits;

// How the times of a body are judged, in milliseconds since the epoch.
typedef struct {
    int64_t received_at;
    // An event before this is refused.
    int64_t earliest;
    // An event after this gets `received_at`.
    int64_t latest;
    // Reads an RFC 3339 text; returns 0 where it cannot.
    int32_t (*read)(const uint8_t *text, uint32_t length, int64_t *instant);
} event_times;

// One text a row: `starts[row]` is null where the row has none.
typedef struct {
    const uint8_t *const *starts;
    const uint32_t *lengths;
} event_texts;

// The values of one property that have one type.
typedef struct {
    const uint8_t *name;
    uint32_t name_length;
    uint32_t type;
    uint32_t count;
    uint32_t capacity;
    // Ascending rows of this body.
    uint32_t *rows;
    // Integers, the bits of doubles, 0 or 1, or the addresses of texts.
    uint64_t *values;
    // The lengths of texts.
    uint32_t *lengths;
} event_column;

typedef struct {
    // The number of the event in the body.
    uint32_t index;
    event_verdict verdict;
    // For JSON errors: the byte of the body (of the line in NDJSON); else -1.
    int64_t offset;
    // What the message should name: a key or a value, cut to 64 bytes; may be null.
    const uint8_t *detail;
    uint32_t detail_length;
} event_rejection;

typedef struct {
    // The verdict on the body; nothing else counts unless it is EVENT_OK.
    event_verdict verdict;
    int64_t offset;

    // Accepted events, and how many of them had a time too far ahead.
    uint32_t count;
    uint32_t skewed_count;
    // The number in the body, one a row.
    const uint32_t *indexes;
    const int64_t *timestamps;
    event_texts event_types;
    event_texts event_ids;
    event_texts user_ids;
    event_texts session_ids;

    // All columns since the decoder began or forgot, and which of them have values in this body.
    const event_column *columns;
    uint32_t column_count;
    const uint32_t *touched;
    uint32_t touched_count;

    const event_rejection *rejections;
    uint32_t rejection_count;
} event_columns;

event_decoder *event_decoder_create(event_decoder_limits limits);
void event_decoder_destroy(event_decoder *decoder);

// Decodes a body. The bytes must stay unchanged until the results were used.
void event_decoder_decode(event_decoder *decoder, const uint8_t *bytes, uint64_t length,
                          event_form form, event_times times, event_columns *result);

// Frees what an unusually large body needed. The last result becomes invalid.
void event_decoder_trim(event_decoder *decoder);

// Forgets all names and columns, so that their memory is bounded. The last result becomes invalid.
void event_decoder_forget(event_decoder *decoder);

#ifdef __cplusplus
}
#endif

#endif
