internal import Base

/// Streams of codes or integers: chooses an encoding, and finds the decoder of one.
enum NumberStream {
    /// Which encodings a stream may be of, by where it stands; so streams nest three deep at most.
    enum Level {
        /// The values of a block, or of a stream in the footer.
        case outer
        /// Within `differences`, or the bits of floats.
        case inner
        /// Within any other stream.
        case simple

        func contains(_ encoding: Encoding) -> Bool {
            switch encoding {
            case .plain, .constant, .bitPacked, .delta: true
            case .runLength, .patched: self != .simple
            case .differences: self == .outer
            case .decimal, .dictionary, .digits, .frontCoded, .correlated: false
            }
        }
    }

    /// Appends the numbers in the encoding that is the smallest, and says which.
    static func encode<Number: StreamNumber>(
        _ numbers: [Number], among level: Level = .outer, into target: inout [UInt8]
    ) -> Encoding {
        let statistics = NumberStatistics(numbers)
        var (chosen, size) = smallest(numbers, statistics, among: level)
        var plan: Patched.Plan?
        if level.contains(.patched),
            let found = Patched.plan(numbers, statistics, below: size)
        {
            (chosen, size, plan) = (.patched, found.byteCount, found)
        }
        let start = target.count
        if level.contains(.differences),
            Differences.isPromising(numbers, statistics, below: size)
        {
            Differences.encode(numbers, into: &target)
            // One more pass over the values has to save something.
            if target.count - start < size - size / 32 { return .differences }
            target.removeLast(target.count - start)
        }
        if let plan {
            Patched.encode(numbers, plan, into: &target)
        } else {
            append(chosen, numbers, statistics, into: &target)
        }
        expensiveInvariant(target.count - start <= size, "\(chosen) is larger than estimated")
        return chosen
    }

    /// Appends the id of the encoding that is chosen, and the numbers in it.
    static func append<Number: StreamNumber>(
        _ numbers: [Number], among level: Level, into target: inout [UInt8]
    ) {
        let place = target.count
        target.append(0)
        target[place] = encode(numbers, among: level, into: &target).rawValue
    }

    /// Appends the numbers in one certain encoding; false, and nothing, where it cannot hold them.
    static func encode<Number: StreamNumber>(
        _ numbers: [Number], as encoding: Encoding, into target: inout [UInt8]
    ) -> Bool {
        let statistics = NumberStatistics(numbers)
        switch encoding {
        case .patched:
            guard let plan = Patched.plan(numbers, statistics, below: .max) else { return false }
            Patched.encode(numbers, plan, into: &target)
        case .differences:
            if numbers.isEmpty { return false }
            Differences.encode(numbers, into: &target)
        default:
            guard estimate(encoding, numbers, statistics) != nil else { return false }
            append(encoding, numbers, statistics, into: &target)
        }
        return true
    }

    /// The smallest of those whose size follows from the statistics.
    private static func smallest<Number: StreamNumber>(
        _ numbers: [Number], _ statistics: NumberStatistics, among level: Level
    ) -> (Encoding, byteCount: Int) {
        var chosen = Encoding.plain
        var size = Plain.estimate(statistics)
        for encoding in Encoding.allCases where level.contains(encoding) {
            if let other = estimate(encoding, numbers, statistics), other < size {
                chosen = encoding
                size = other
            }
        }
        return (chosen, size)
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
        case .patched, .differences, .decimal: nil
        case .dictionary, .digits, .frontCoded, .correlated: nil
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
        case .patched, .differences, .decimal, .dictionary, .digits, .frontCoded, .correlated:
            fatalError("\(encoding) has no estimate")
        }
    }

    /// Reads the id of an encoding that may stand here, and decodes `target.count` numbers.
    static func decode<Number: StreamNumber>(
        among level: Level, _ reader: inout ByteReader, into target: inout [Number]
    ) throws(CorruptionError) {
        let start = reader.offset
        let encoding = try reader.readEncoding()
        guard level.contains(encoding) else {
            throw CorruptionError(
                offset: start, expected: "an encoding within another", found: "\(encoding)")
        }
        try decode(encoding, &reader, into: &target)
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
        case .patched: try Patched.decode(&reader, into: &target)
        case .differences: try Differences.decode(&reader, into: &target)
        case .decimal, .dictionary, .digits, .frontCoded, .correlated:
            throw CorruptionError(
                offset: reader.offset, expected: "an encoding of numbers", found: "\(encoding)")
        }
    }
}

extension [UInt8] {
    /// Appends the id of an encoding and the numbers in it.
    mutating func appendStream<Number: StreamNumber>(_ numbers: [Number]) {
        let place = count
        append(0)
        self[place] = NumberStream.encode(numbers, into: &self).rawValue
    }
}
