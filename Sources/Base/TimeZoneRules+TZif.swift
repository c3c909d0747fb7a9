extension TimeZoneRules {
    /// Reads a TZif file (RFC 8536), of version 1 or later.
    ///
    /// Of later versions the 64-bit data and the footer are used. Files that count leap seconds are
    /// refused, for instants here do not. O(size of the file).
    package init(name: String, tzif bytes: [UInt8]) throws(CorruptionError) {
        var reader = TZifReader(bytes: bytes)
        var header = try reader.header()
        let isLong = header.version >= UInt8(ascii: "2")
        if isLong {
            try reader.skip(header.byteCount(timeSize: 4))
            header = try reader.header()
        }
        let table = try reader.table(header, timeSize: isLong ? 8 : 4)
        let footer = isLong ? try reader.footer() : nil
        self.init(name: name, first: table.first, changes: table.changes, footer: footer)
    }
}

/// The numbers at the start of each of the two parts of a TZif file.
private struct TZifHeader {
    var version: UInt8
    var universalFlagCount: Int
    var standardFlagCount: Int
    var leapCount: Int
    var timeCount: Int
    var typeCount: Int
    var characterCount: Int

    func byteCount(timeSize: Int) -> Int {
        timeCount * (timeSize + 1) + typeCount * 6 + characterCount
            + leapCount * (timeSize + 4) + standardFlagCount + universalFlagCount
    }
}

/// Takes a TZif file apart from front to back; its integers are big-endian.
private struct TZifReader {
    /// The end of the year 9999.
    private static let secondsMax: Int64 = 253_402_300_799

    let bytes: [UInt8]
    private(set) var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func header() throws(CorruptionError) -> TZifHeader {
        guard bytes.count - offset >= 44, bytes[offset..<offset + 4].elementsEqual("TZif".utf8)
        else { throw error("a header of a TZif file", "other bytes") }
        let version = bytes[offset + 4]
        offset += 20
        return TZifHeader(
            version: version, universalFlagCount: try count(), standardFlagCount: try count(),
            leapCount: try count(), timeCount: try count(), typeCount: try count(),
            characterCount: try count())
    }

    mutating func skip(_ count: Int) throws(CorruptionError) {
        guard count <= bytes.count - offset else {
            throw error("\(count) bytes", "the end of the file")
        }
        offset += count
    }

    /// The table of a part; the reader is at the end of the part then.
    mutating func table(
        _ header: TZifHeader, timeSize: Int
    ) throws(CorruptionError) -> (first: Milliseconds, changes: [ZoneChange]) {
        guard header.leapCount == 0 else { throw error("no leap seconds", "some") }
        guard header.typeCount > 0 else { throw error("a type of local time", "none") }
        let end = offset + header.byteCount(timeSize: timeSize)
        guard end <= bytes.count else { throw error("a table", "the end of the file") }
        var times: [Milliseconds] = []
        for _ in 0..<header.timeCount { times.append(try milliseconds(integer(timeSize))) }
        let types = bytes[offset..<offset + header.timeCount].map(Int.init)
        offset += header.timeCount
        var offsets: [Milliseconds] = []
        for _ in 0..<header.typeCount {
            offsets.append(try milliseconds(integer(4)))
            offset += 2
            guard let last = offsets.last, last.magnitude < TimeZoneRules.offsetLimit else {
                throw error("an offset below 26 hours", "more")
            }
        }
        guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }),
            types.allSatisfy({ $0 < offsets.count })
        else { throw error("ascending times of known types", "others") }
        offset = end
        let changes = zip(times, types).map { ZoneChange(start: $0, offset: offsets[$1]) }
        return (offsets[0], changes)
    }

    /// The rule for times past the table; nil if the file has none.
    mutating func footer() throws(CorruptionError) -> ZoneFooter? {
        guard bytes.count - offset >= 2, bytes[offset] == UInt8(ascii: "\n"),
            let end = bytes[(offset + 1)...].firstIndex(of: UInt8(ascii: "\n"))
        else { throw error("a footer between line feeds", "other bytes") }
        let text = bytes[offset + 1..<end]
        if text.isEmpty { return nil }
        guard let footer = ZoneFooter(posix: text) else {
            throw error("a zone in the form of POSIX", String(decoding: text, as: UTF8.self))
        }
        return footer
    }

    private mutating func count() throws(CorruptionError) -> Int {
        let number = integer(4)
        // No count exceeds the file, so sums of them stay small.
        guard number >= 0, number <= bytes.count else { throw error("a count", "\(number)") }
        return Int(number)
    }

    /// The next integer; the caller has seen to it that it is there.
    private mutating func integer(_ size: Int) -> Int64 {
        var number: UInt64 = 0
        for byte in bytes[offset..<offset + size] { number = number &<< 8 | UInt64(byte) }
        offset += size
        return size == 4
            ? Int64(Int32(truncatingIfNeeded: number)) : Int64(truncatingIfNeeded: number)
    }

    private func milliseconds(_ seconds: Int64) throws(CorruptionError) -> Milliseconds {
        guard seconds <= Self.secondsMax else { throw error("a time", "\(seconds)") }
        // Some files begin with the instant of the big bang, which milliseconds cannot tell.
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? .min : product
    }

    private func error(_ expected: String, _ found: String) -> CorruptionError {
        CorruptionError(offset: offset, expected: expected, found: found)
    }
}
