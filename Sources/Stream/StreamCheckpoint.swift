internal import Base

/// What of the stream's state a commit carries.
///
/// ```
/// version    byte, 1
/// watermark  zigzag: time, log time, greatest event time
/// epochs     varint count, and for each: zigzag start time, zigzag end time, varint id count,
///            position
/// position   varint partition count, and for each partition a varint
/// ```
///
/// The ids themselves are read from the log, from the start of the first epoch; the epochs are here
/// to tell whether that gave the same window.
struct StreamCheckpoint {
    static let version: UInt8 = 1
    private static let epochCountMax = 1 << 10
    private static let partitionCountMax = 1 << 16

    var time: Milliseconds
    var logTime: Milliseconds
    var eventTimeMax: Milliseconds
    var epochs: [DedupLedger.Epoch]

    init(watermark: Watermark, epochs: [DedupLedger.Epoch]) {
        time = watermark.time
        logTime = watermark.logTime
        eventTimeMax = watermark.eventTimeMax
        self.epochs = epochs
    }

    func watermark(lateness: Milliseconds) -> Watermark {
        Watermark(lateness: lateness, time: time, logTime: logTime, eventTimeMax: eventTimeMax)
    }

    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(Self.version)
        writer.appendZigzag(time)
        writer.appendZigzag(logTime)
        writer.appendZigzag(eventTimeMax)
        writer.appendVarint(epochs.count)
        for epoch in epochs {
            writer.appendZigzag(epoch.startTime)
            writer.appendZigzag(epoch.endTime)
            writer.appendVarint(epoch.idCount)
            writer.appendVarint(epoch.start.partitions.count)
            for sequence in epoch.start.partitions { writer.appendVarint(sequence) }
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(CorruptionError) {
        var reader = ByteReader(bytes.span)
        let version = try reader.readByte()
        guard version == Self.version else {
            throw CorruptionError(
                offset: 0, expected: "stream state of version \(Self.version)",
                found: "version \(version)")
        }
        time = try reader.readZigzag()
        logTime = try reader.readZigzag()
        eventTimeMax = try reader.readZigzag()
        let epochCount = try reader.readCount(atMost: Self.epochCountMax, of: "epochs")
        epochs = []
        for _ in 0..<epochCount {
            let startTime = try reader.readZigzag()
            let endTime = try reader.readZigzag()
            let idCount = try reader.readCount(atMost: Int(UInt32.max), of: "ids")
            let partitionCount = try reader.readCount(
                atMost: Self.partitionCountMax, of: "partitions")
            var partitions: [UInt64] = []
            for _ in 0..<partitionCount { partitions.append(try reader.readVarint()) }
            epochs.append(
                DedupLedger.Epoch(
                    start: LogPosition(partitions: partitions), startTime: startTime,
                    endTime: endTime, idCount: idCount))
        }
        try reader.requireEnd()
    }
}
