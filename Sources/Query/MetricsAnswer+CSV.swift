internal import Base

extension MetricsAnswer {
    /// The answer as RFC 4180 has it: a header, then a line a row; the `meta` of JSON is left out.
    ///
    /// Null is nothing between the commas, and empty text is `""`.
    package func csv() -> [UInt8] {
        var writer = CSVWriter(reserving: 64 + rowCount * (40 + dimensions.count * 16))
        writer.field("timeBucket")
        for name in dimensions { writer.field(name) }
        writer.field("value")
        writer.endLine()
        // Rows of one bucket follow each other, so its text is made once.
        var bucket: Milliseconds?
        var bucketText = ""
        for row in 0..<rowCount {
            if buckets[row] != bucket {
                bucket = buckets[row]
                bucketText = text(of: buckets[row])
            }
            writer.field(bucketText)
            for index in dimensions.indices {
                let code = Int(codes[index][row])
                if code == 0 {
                    writer.null()
                } else {
                    writer.field(utf8: dictionaries[index].bytes(at: code - 1))
                }
            }
            writer.field(String(values[row]))
            writer.endLine()
        }
        return writer.bytes
    }
}

/// Writes comma-separated values: commas, line ends and quotes are placed by the writer.
struct CSVWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    init(reserving capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func field(_ text: String) { field(utf8: Array(text.utf8)[...]) }

    mutating func field(utf8 text: ArraySlice<UInt8>) {
        separate()
        guard text.isEmpty || text.contains(where: Self.needsQuotes) else {
            bytes.append(contentsOf: text)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func null() { separate() }

    mutating func endLine() {
        bytes.append(contentsOf: "\r\n".utf8)
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private static func needsQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\n")
    }
}
