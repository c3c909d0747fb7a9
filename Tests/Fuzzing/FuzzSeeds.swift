internal import Base
internal import EventLog
internal import Events
internal import Expressions
internal import PartFormat
internal import Store

extension FuzzTarget {
    /// Inputs that are as they should be, to begin with; golden files come beside them.
    package var seeds: [[UInt8]] {
        switch self {
        case .part: [1, 2, 7].map { Self.partSeed(rows: $0 * 5, seed: UInt64($0)) }
        case .manifest: [Self.manifestSeed]
        case .log: [1, 3].map { Self.segment(frames: $0) }
        case .events: Self.bodies.map { Array($0.utf8) }
        case .payload: Self.payloads
        case .sql: Self.queries.map { Array($0.utf8) }
        }
    }

    /// Not compressed, so that a changed byte reaches the decoders of values.
    private static func partSeed(rows: Int, seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        let names = ["type", "id", "time", "count", "load", "late"]
        let types: [ValueType] = [.string, .string, .timestamp, .integer, .float, .boolean]
        let columns = zip(names, types).map { name, type in
            ColumnSchema(name: name, type: type, role: name == "type" ? .key : .value)
        }
        let dictionary = StringTable(["click", "page_view", "scroll"])
        var options = PartWriterOptions()
        options.granuleRows = 8
        options.compressionLevel = nil
        var writer = PartWriter(
            schema: TableSchema(
                name: "events", kind: .raw, partitioning: .day, timeColumn: "time",
                sortKey: ["type", "time"], columns: columns),
            dictionaries: [0: dictionary], options: options)
        for start in stride(from: 0, to: rows, by: options.granuleRows) {
            let count = min(options.granuleRows, rows - start)
            writer.append(vectors(count, dictionary, &random))
        }
        writer.finish(
            PartProvenance(
                positionFrom: LogPosition(1), positionTo: LogPosition(9), flushRange: 1...2))
        return writer.takeBytes()
    }

    private static func vectors(
        _ count: Int, _ dictionary: StringTable, _ random: inout SeededRandom
    ) -> [Vector] {
        var isThere = Bitmap(count: 0)
        for _ in 0..<count { isThere.append(random.chance(0.7)) }
        let codes = (0..<count).map { _ in UInt32(random.below(dictionary.count + 1)) }.sorted()
        let ids = (0..<count).map { "evt_\($0)_\(random.below(1_000))" }
        let times = (0..<count).map { Int64(1_768_055_400_000 + $0 * 250) }
        let counts = (0..<count).map { _ in Int64(random.below(1_000)) }
        let loads = (0..<count).map { _ in Double(random.below(10_000)) / 100 }
        return [
            Vector(type: .string, values: .codes(codes, dictionary: dictionary)),
            Vector(type: .string, values: .strings(StringTable(ids))),
            Vector(type: .timestamp, values: .integers(times)),
            Vector(type: .integer, values: .integers(counts), validity: isThere),
            Vector(type: .float, values: .floats(loads), validity: isThere),
            Vector(type: .boolean, values: .booleans(isThere)),
        ]
    }

    private static var manifestSeed: [UInt8] {
        let parts = (1...3).map { number in
            PartEntry(
                number: UInt64(number), table: "events", partition: Partition(0, .day),
                flushRange: UInt64(number)...UInt64(number), rowCount: 10 * number,
                byteCount: 1_000, timeRange: 0...5_000)
        }
        let point = CommitPoint(
            flushNumber: 3, position: LogPosition(30), replayPosition: LogPosition(10),
            watermark: 4_000, state: [1, 2, 3])
        let mark = DerivedMark(
            table: "events_hour", partition: Partition(0, .day), flushNumber: 2)
        let loss = LostRows(
            table: "events", timeRange: 0...9, rowCount: 3, file: "a.part", reason: "flipped")
        let records: [ManifestRecord] = [
            .snapshot(ManifestState()), .commit(point, added: parts),
            .merge(removed: [1, 2], added: [parts[0]]),
            .derivation(removed: [3], added: [parts[1]], marks: [mark]),
            .loss(removed: [1], lost: [loss]),
        ]
        return records.enumerated().flatMap { index, record in
            ManifestFrames.frame(record, sequence: UInt64(index + 1))
        }
    }

    private static func segment(frames: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var header = SegmentHeader(
            salt: 7, firstSequence: 5, previousEnd: 5, previousLogTime: 1_000)
        header.encode(to: &bytes)
        var previous = header.checksum
        for number in 0..<frames {
            let payload = [UInt8](repeating: UInt8(number), count: 20 + number)
            var frame = FrameHeader(
                sequence: 5 + UInt64(number), logTime: 1_000 + Int64(number), synced: 5,
                payloadBytes: payload.count, payloadChecksum: crc32c(payload),
                previous: previous, salt: 7)
            appendFrame(&frame, payload, to: &bytes)
            previous = frame.checksum
        }
        return bytes + [UInt8](repeating: 0, count: 100)
    }

    private static let bodies = [
        """
        {"eventId":"e1","eventType":"page_view","userId":7,"sessionId":"s",\
        "timestamp":"2026-01-10T14:30:00.123+02:00","properties":{"page":"/","n":1.5e3,\
        "a":{"b":[1,null,true]},"d":false}}
        """,
        #"[{"eventType":"click","element":"x","timestamp":1767571200000},{"eventType":1}]"#,
        #"{"events":[{"eventType":"scroll","depth":75,"big":9223372036854775808}]}"#,
        "{\"eventType\":\"a\"}\n{\"eventType\":\"b\\u00e9\",\"timestamp\":1767571200}\n\n{bad\n",
    ]

    private static var payloads: [[UInt8]] {
        bodies.prefix(3).compactMap { body in
            var builder = EventBlockBuilder(limits: EventLimits())
            let form: BodyForm =
                body.hasPrefix("[") || body.hasPrefix("{\"events\"") ? .batch : .single
            guard
                (try? builder.append(
                    Array(body.utf8), form: form, receivedAt: 1_768_055_400_000)) != nil
            else { return nil }
            return builder.finish(receivedAt: 1_768_055_400_000)?.encode()
        }
    }
}
