internal import Base

/// Streams of codes or integers: chooses an encoding, and finds the decoder of one.
enum NumberStream {
    /// Appends the numbers in the encoding that is estimated the smallest, and says which.
    static func encode<Number: StreamNumber>(
        _ numbers: [Number], nested: Bool = false, into target: inout [UInt8]
    ) -> Encoding {
        let statistics = NumberStatistics(numbers)
        var chosen = Encoding.plain
        var size = Plain.estimate(statistics)
        for encoding in Encoding.allCases where !(nested && encoding == .runLength) {
            if let other = estimate(encoding, numbers, statistics), other < size {
                chosen = encoding
                size = other
            }
        }
        let start = target.count
        append(chosen, numbers, statistics, into: &target)
        expensiveInvariant(target.count - start <= size, "\(chosen) is larger than estimated")
        return chosen
    }

    /// Appends the numbers in one certain encoding; false, and nothing, where it cannot hold them.
    static func encode<Number: StreamNumber>(
        _ numbers: [Number], as encoding: Encoding, into target: inout [UInt8]
    ) -> Bool {
        let statistics = NumberStatistics(numbers)
        guard estimate(encoding, numbers, statistics) != nil else { return false }
        append(encoding, numbers, statistics, into: &target)
        return true
    }

    private static func estimate<Number: StreamNumber>(
        _ encoding: Encoding, _ numbers: [Number], _ statistics: NumberStatistics
    ) -> Int? {
        switch encoding {
        case .plain: Plain.estimate(statistics)
        case .constant: Constant.estimate(statistics)
        case .bitPacked: BitPacked.estimate(statistics)
        case .delta:
            Delta.estimate(statistics, first: Int64(truncatingIfNeeded: numbers.first ?? 0))
        case .runLength: RunLength.estimate(statistics)
        case .digits: nil
        }
    }

    private static func append<Number: StreamNumber>(
        _ encoding: Encoding, _ numbers: [Number], _ statistics: NumberStatistics,
        into target: inout [UInt8]
    ) {
        switch encoding {
        case .plain: Plain.encode(numbers, into: &target)
        case .constant: Constant.encode(statistics, into: &target)
        case .bitPacked: BitPacked.encode(numbers, statistics, into: &target)
        case .delta: Delta.encode(numbers, statistics, into: &target)
        case .runLength: RunLength.encode(numbers, statistics, into: &target)
        case .digits: invariant(false, "numbers as \(encoding)")
        }
    }

    /// Decodes `target.count` numbers, and reads no byte more than they take.
    static func decode<Number: StreamNumber>(
        _ encoding: Encoding, _ reader: inout ByteReader, into target: inout [Number]
    ) throws(CorruptionError) {
        switch encoding {
        case .plain: try Plain.decode(&reader, into: &target)
        case .constant: try Constant.decode(&reader, into: &target)
        case .bitPacked: try BitPacked.decode(&reader, into: &target)
        case .delta: try Delta.decode(&reader, into: &target)
        case .runLength: try RunLength.decode(&reader, into: &target)
        case .digits:
            throw CorruptionError(
                offset: reader.offset, expected: "an encoding of numbers", found: "\(encoding)")
        }
    }
}
