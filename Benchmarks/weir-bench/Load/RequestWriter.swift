internal import Base

/// How events are put into requests.
struct RequestForm: Sendable {
    enum Body: String, Sendable { case single, ndjson, json }

    var body: Body
    var batchSize: Int
    var isDurable: Bool
    var host: String

    /// Bytes left for the number of Content-Length; spaces before a header's value are allowed.
    static let lengthWidth = 8

    /// The request's head up to the number of Content-Length.
    var head: [UInt8] {
        let path = "/api/v1/events/\(body == .single ? "track" : "batch")"
        let type = body == .ndjson ? "application/x-ndjson" : "application/json"
        return Array(
            ("POST \(path)\(isDurable ? "?ack=durable" : "") HTTP/1.1\r\nHost: \(host)\r\n"
                + "Content-Type: \(type)\r\nContent-Length: ").utf8)
    }
}

/// Renders requests of one form into chunks.
struct RequestWriter {
    private let form: RequestForm
    private let head: [UInt8]

    init(_ form: RequestForm) {
        self.form = form
        head = form.head
    }

    /// Appends one request with `eventCount` events.
    func append(
        eventCount: Int, at now: Milliseconds, from generator: inout EventGenerator,
        to chunk: Chunk
    ) {
        let start = chunk.bytes.count
        chunk.bytes.reserve(head.count + RequestForm.lengthWidth + 8)
        chunk.bytes.append(head)
        let lengthOffset = chunk.bytes.count
        for _ in 0..<RequestForm.lengthWidth { chunk.bytes.append(0x20) }
        chunk.bytes.append("\r\n\r\n")
        let bodyStart = chunk.bytes.count
        for index in 0..<eventCount {
            if form.body == .json {
                chunk.bytes.append(UInt8(ascii: index == 0 ? "[" : ","))
            }
            generator.append(at: now, to: &chunk.bytes)
            chunk.bytes.reserve(8)
            if form.body == .ndjson { chunk.bytes.append(UInt8(ascii: "\n")) }
        }
        if form.body == .json { chunk.bytes.append(UInt8(ascii: "]")) }
        chunk.bytes.overwrite(
            decimal: chunk.bytes.count - bodyStart, at: lengthOffset,
            width: RequestForm.lengthWidth)
        chunk.append(start..<chunk.bytes.count, eventCount: eventCount)
    }
}
