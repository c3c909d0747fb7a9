internal import Base

extension FrontCoded {
    /// What the encoding keeps of strings.
    struct Parts {
        var shared: [UInt32]
        var rests: StringTable
    }

    /// An upper bound of the bytes, and what is kept; nil where neighbours have little in common.
    static func estimate(_ strings: StringTable) -> (byteCount: Int, parts: Parts)? {
        guard strings.count > 1, sharesEnough(strings) else { return nil }
        var shared = [UInt32](repeating: 0, count: strings.count)
        var rests = StringTable()
        rests.offsets.reserveCapacity(strings.count + 1)
        var (sharedMost, restMost) = (0, 0)
        for index in 0..<strings.count {
            let same = index == 0 ? 0 : sharedBytes(strings, index)
            shared[index] = UInt32(same)
            rests.append(strings.bytes(at: index).dropFirst(same))
            sharedMost = max(sharedMost, same)
            restMost = max(restMost, strings.range(index).count - same)
        }
        let bits = bitWidth(UInt64(sharedMost)) + bitWidth(UInt64(restMost))
        let streams = 2 * 13 + packedByteCount(strings.count, width: bits)
        return (streams + rests.bytes.count, Parts(shared: shared, rests: rests))
    }

    /// Looks at some neighbours only.
    private static func sharesEnough(_ strings: StringTable) -> Bool {
        let step = max(1, strings.count / 64)
        var (same, all) = (0, 0)
        for index in stride(from: 1, to: strings.count, by: step) {
            same += sharedBytes(strings, index)
            all += strings.range(index).count
        }
        return same * 4 >= all
    }

    private static func sharedBytes(_ strings: StringTable, _ index: Int) -> Int {
        let (before, own) = (strings.range(index - 1), strings.range(index))
        let most = min(before.count, own.count)
        let bytes = strings.bytes.span
        var same = 0
        while same < most,
            bytes[before.lowerBound &+ same] == bytes[own.lowerBound &+ same]
        {
            same &+= 1
        }
        return same
    }
}
