package import Base

/// What a part says of the log and the flushes that its rows came from.
package struct PartProvenance: Sendable, Equatable {
    /// The position of the first block whose events may be in the part.
    package var positionFrom: LogPosition
    /// The position that follows the last such block.
    package var positionTo: LogPosition
    /// The flushes whose rows are in it.
    package var flushRange: ClosedRange<UInt64>

    /// Makes the provenance of rows between two positions.
    package init(
        positionFrom: LogPosition, positionTo: LogPosition, flushRange: ClosedRange<UInt64>
    ) {
        self.positionFrom = positionFrom
        self.positionTo = positionTo
        self.flushRange = flushRange
    }
}

extension PartProvenance {
    func append(to writer: inout ByteWriter) {
        for position in [positionFrom, positionTo] {
            writer.appendVarint(position.partitions.count)
            for number in position.partitions { writer.appendVarint(number) }
        }
        writer.appendVarint(flushRange.lowerBound)
        writer.appendVarint(flushRange.upperBound)
    }

    init(from reader: inout ByteReader) throws(CorruptionError) {
        let from = try LogPosition(from: &reader)
        let to = try LogPosition(from: &reader)
        let start = reader.offset
        let first = try reader.readVarint()
        let last = try reader.readVarint()
        guard first <= last, last <= PartLimits.flushNumberMax else {
            throw CorruptionError(
                offset: start, expected: "flushes in order, up to \(PartLimits.flushNumberMax)",
                found: "\(first) to \(last)")
        }
        self.init(positionFrom: from, positionTo: to, flushRange: first...last)
    }
}

extension LogPosition {
    fileprivate init(from reader: inout ByteReader) throws(CorruptionError) {
        let count = try reader.readCount(
            atMost: PartLimits.logPartitionsMax, of: "partitions of the log")
        var partitions: [UInt64] = []
        for _ in 0..<count {
            let start = reader.offset
            let place = try reader.readVarint()
            guard place <= PartLimits.flushNumberMax else {
                throw CorruptionError(
                    offset: start, expected: "a position up to \(PartLimits.flushNumberMax)",
                    found: "\(place)")
            }
            partitions.append(place)
        }
        self.init(partitions: partitions)
    }
}
