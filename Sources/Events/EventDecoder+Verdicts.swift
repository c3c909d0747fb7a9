internal import Base
internal import CSimdjson

extension EventLimits {
    /// The limits that the decoder enforces, in its form.
    var forDecoder: event_decoder_limits {
        func number(_ limit: Int) -> UInt32 { UInt32(clamping: limit) }
        return event_decoder_limits(
            event_count_max: number(eventCountMax), event_bytes_max: number(eventBytesMax),
            property_count_max: number(propertyCountMax), key_bytes_max: number(keyBytesMax),
            value_bytes_max: number(valueBytesMax), nesting_max: number(nestingMax),
            event_type_bytes_max: number(eventTypeBytesMax),
            identifier_bytes_max: number(identifierBytesMax))
    }

    /// How times are judged at a receipt.
    func times(_ receivedAt: Milliseconds) -> event_times {
        let earliest = ageMax.map { receivedAt.subtractingReportingOverflow($0) }
        return unsafe event_times(
            received_at: receivedAt,
            earliest: earliest.map { $0.overflow ? .min : $0.partialValue } ?? .min,
            latest: receivedAt + aheadMax, read: readTime)
    }
}

extension BodyForm {
    /// The form in the decoder's terms.
    var forDecoder: event_form {
        switch self {
        case .single: EVENT_FORM_SINGLE
        case .batch: EVENT_FORM_BATCH
        case .ndjson: EVENT_FORM_NDJSON
        }
    }
}

/// Reads a time for the decoder, which itself reads only what lies in the minute of the last one.
private func readTime(
    _ text: UnsafePointer<UInt8>?, _ length: UInt32, _ instant: UnsafeMutablePointer<Int64>?
) -> Int32 {
    let bytes = unsafe UnsafeRawBufferPointer(start: text, count: Int(length))
    guard case .instant(let time) = unsafe CivilTime.parse(bytes) else { return 0 }
    unsafe instant?.pointee = time
    return 1
}

extension BodyError {
    /// The error of a whole body, or nil where its events were judged one by one.
    init?(_ decoded: event_columns, _ limits: EventLimits) {
        let place = unsafe decoded.offset < 0 ? "" : " at byte \(decoded.offset)"
        switch unsafe decoded.verdict {
        case EVENT_OK: return nil
        case EVENT_INVALID_UTF8:
            self.init(code: "invalid_utf8", message: "the body is not valid UTF-8")
        case EVENT_NESTED_TOO_DEEP:
            self.init(code: "nested_too_deep", message: "the body nests too deep\(place)")
        case EVENT_INVALID_BATCH:
            self.init(
                code: "invalid_batch",
                message: "a batch is an array of events or an object with one named events")
        case EVENT_DUPLICATE_KEY:
            self.init(code: "duplicate_key", message: "the batch names its events twice")
        case EVENT_TOO_MANY_EVENTS:
            self.init(
                code: "too_many_events",
                message: "the body has more than \(limits.eventCountMax) events")
        case EVENT_OUT_OF_MEMORY:
            self.init(
                code: "body_too_large", message: "the body is too large to be parsed", status: 413)
        default:
            self.init(code: "invalid_json", message: "the body is not valid JSON\(place)")
        }
    }
}

/// The refused events of a body, in order.
func rejections(of decoded: event_columns, _ limits: EventLimits) -> [RejectedEvent] {
    let count = Int(unsafe decoded.rejection_count)
    guard count > 0, let rejections = unsafe decoded.rejections else { return [] }
    return (0..<count).map { unsafe RejectedEvent(rejections[$0], limits) }
}

extension RejectedEvent {
    fileprivate init(_ rejection: event_rejection, _ limits: EventLimits) {
        let detail = unsafe String(
            decoding: UnsafeBufferPointer(
                start: rejection.detail, count: Int(rejection.detail_length)), as: UTF8.self)
        let place = unsafe rejection.offset < 0 ? "" : " at byte \(rejection.offset) of the line"
        let (code, message) = unsafe Self.explain(rejection.verdict, detail, place, limits)
        self.init(index: Int(unsafe rejection.index), code: code, message: message)
    }

    private static func explain(
        _ verdict: event_verdict, _ detail: String, _ place: String, _ limits: EventLimits
    ) -> (code: String, message: String) {
        switch verdict {
        case EVENT_INVALID_JSON: ("invalid_json", "the event is not valid JSON\(place)")
        case EVENT_INVALID_UTF8: ("invalid_utf8", "the event is not valid UTF-8")
        case EVENT_INVALID_EVENT: ("invalid_event", "an event is a JSON object")
        case EVENT_TOO_LARGE:
            ("event_too_large", "the event has more than \(limits.eventBytesMax) bytes")
        case EVENT_TOO_MANY_PROPERTIES:
            (
                "too_many_properties",
                "the event has more than \(limits.propertyCountMax) properties"
            )
        case EVENT_KEY_TOO_LONG:
            (
                "key_too_long",
                "a property's name has more than \(limits.keyBytesMax) bytes: \(detail)…"
            )
        case EVENT_VALUE_TOO_LONG:
            (
                "value_too_long",
                "the value of \(detail) has more than \(limits.valueBytesMax) bytes"
            )
        default: explainField(verdict, detail, place, limits)
        }
    }

    private static func explainField(
        _ verdict: event_verdict, _ detail: String, _ place: String, _ limits: EventLimits
    ) -> (code: String, message: String) {
        switch verdict {
        case EVENT_NESTED_TOO_DEEP:
            (
                "nested_too_deep",
                "a property nests more than \(limits.nestingMax) objects and arrays\(place)"
            )
        case EVENT_MISSING_TYPE: ("missing_event_type", "the event has no eventType")
        case EVENT_INVALID_TYPE:
            (
                "invalid_event_type",
                "eventType is a string of 1 to \(limits.eventTypeBytesMax) bytes"
            )
        case EVENT_INVALID_ID:
            (
                "invalid_id",
                "\(detail) is a string of at most \(limits.identifierBytesMax) bytes or a number"
            )
        case EVENT_INVALID_PROPERTIES: ("invalid_properties", "properties is a JSON object")
        case EVENT_TIMESTAMP_OUT_OF_RANGE:
            (
                "timestamp_out_of_range",
                "the timestamp\(detail.isEmpty ? "" : " \(detail)") is too old or cannot be read: "
                    + "RFC 3339 with an offset, or a number of seconds or milliseconds"
            )
        case EVENT_NUMBER_OUT_OF_RANGE:
            ("number_out_of_range", "the value of \(detail) is beyond the range of a double")
        case EVENT_DUPLICATE_KEY: ("duplicate_key", "the event has two values for \(detail)")
        case EVENT_INVALID_UNICODE:
            (
                "invalid_unicode",
                "half of a surrogate pair stands in the name or the value of \(detail)"
            )
        default: ("invalid_event", "the event cannot be read")
        }
    }
}
