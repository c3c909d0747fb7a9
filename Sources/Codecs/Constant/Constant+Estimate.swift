internal import Base

extension Constant {
    static func estimate(_ statistics: NumberStatistics) -> Int? {
        guard statistics.runCount == 1 else { return nil }
        return zigzagByteCount(statistics.least)
    }

    static func fits(_ floats: [Double]) -> Bool {
        guard let first = floats.first else { return false }
        // By bits: 0 and -0 differ, and a NaN equals itself.
        for float in floats where float.bitPattern != first.bitPattern { return false }
        return true
    }

    static func fits(_ bits: Bitmap) -> Bool {
        guard bits.count > 0 else { return false }
        let population = bits.population
        return population == 0 || population == bits.count
    }

    static func fits(_ strings: StringTable) -> Bool {
        guard strings.count > 0 else { return false }
        let length = Int(strings.offsets[1])
        let first = strings.bytes[..<length]
        for index in 1..<max(1, strings.count) {
            let range = strings.range(index)
            guard range.count == length, strings.bytes[range] == first else { return false }
        }
        return true
    }
}
