internal import Base

/// How durations and sizes are written in the configuration.
enum Quantities {
    /// The units of time, largest first, in milliseconds.
    private static let durations: [(unit: String, factor: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// The units of size, largest first, in bytes.
    private static let sizes: [(unit: String, factor: Int64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000),
        ("B", 1),
    ]

    /// Reads a duration such as `400d`, `10s` or `250ms`; nil if it is none.
    static func duration(_ text: String) -> Milliseconds? { read(text, durations) }

    /// Reads a size such as `64MiB`, `1GB` or a plain number of bytes; nil if it is none.
    static func bytes(_ text: String) -> Int64? { read(text, sizes) ?? whole(text) }

    /// Reads a whole number, in which `_` may group digits; nil if it is none.
    static func whole(_ text: String) -> Int64? {
        guard let first = text.utf8.first, first != UInt8(ascii: "_") else { return nil }
        return Int64(text.filter { $0 != "_" })
    }

    /// Writes a duration in the largest unit that is exact.
    static func text(duration: Milliseconds) -> String { write(duration, durations) }

    /// Writes a size in the largest unit that is exact.
    static func text(bytes: Int64) -> String { write(bytes, sizes) }

    private static func read(_ text: String, _ units: [(unit: String, factor: Int64)]) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "_" }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = whole(String(digits)),
            let factor = units.first(where: { $0.unit == unit })?.factor
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    private static func write(_ number: Int64, _ units: [(unit: String, factor: Int64)]) -> String {
        for (unit, factor) in units where number >= factor && number % factor == 0 {
            return "\(number / factor)\(unit)"
        }
        return "0" + (units.last?.unit ?? "")
    }
}
