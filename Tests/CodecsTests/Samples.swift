import Base

/// Shapes of columns that encodings differ on, as 64-bit integers.
struct Sample: CustomStringConvertible, Sendable {
    let description: String
    let integers: [Int64]

    /// The same as codes: their low 32 bits.
    var codes: [UInt32] { integers.map { UInt32(truncatingIfNeeded: $0) } }

    /// The same as bit patterns of floats.
    var floats: [Double] { integers.map { Double(bitPattern: UInt64(bitPattern: $0)) } }

    static let all: [Sample] = fixed + random

    private static let fixed: [Sample] = [
        Sample(description: "empty", integers: []),
        Sample(description: "one", integers: [-7]),
        Sample(description: "two", integers: [5, 9]),
        Sample(description: "extremes", integers: [.min, .max, 0, -1, 1, .max, .min]),
        Sample(description: "all equal", integers: [Int64](repeating: 42, count: 1_000)),
        Sample(description: "ascending", integers: (0..<1_000).map { $0 }),
        Sample(
            description: "evenly spaced", integers: (0..<777).map { 1_768_000_000_000 + $0 * 60 }),
        Sample(description: "descending", integers: (0..<1_000).map { 500 - $0 }),
        Sample(description: "runs", integers: (0..<1_000).map { $0 / 100 * 1_000_003 }),
        Sample(description: "short runs", integers: (0..<999).map { $0 / 3 % 7 }),
        Sample(
            description: "outliers on both sides",
            integers: (0..<1_000).map { $0 % 97 == 5 ? .min : $0 % 89 == 5 ? .max : $0 % 60 }),
        Sample(
            description: "times of keys",
            integers: (0..<1_000).map { 1_768_000_000_000 + $0 % 50 * 60_000 + $0 * $0 % 777 }),
        Sample(description: "squares", integers: (0..<1_000).map { $0 * $0 - 77 }),
        Sample(
            description: "prices",
            integers: (0..<1_000).map { row in
                let price = row % 41 == 2 ? Double.nan : Double(row * 7_919 % 100_000) / 100
                return Int64(bitPattern: price.bitPattern)
            }),
        Sample(
            description: "special floats",
            integers: [
                0.0, -0.0, Double.infinity, -Double.infinity, .nan, -.nan, .pi,
                .leastNonzeroMagnitude, .greatestFiniteMagnitude,
            ].map { Int64(bitPattern: $0.bitPattern) }),
    ]

    /// For every width of values one random sample of an odd length.
    private static let random: [Sample] = (0...64).map { width in
        var generator = SeededRandom(seed: UInt64(width))
        let mask: UInt64 = width == 64 ? .max : (1 << UInt64(width)) - 1
        let count = 1 + Int(generator.next() % 300)
        let integers = (0..<count).map { _ in Int64(bitPattern: generator.next() & mask) }
        return Sample(description: "random of \(width) bits", integers: integers)
    }
}

/// Shapes of string columns.
struct StringSample: CustomStringConvertible, Sendable {
    let description: String
    let strings: [String]

    static let all: [StringSample] = [
        StringSample(description: "none", strings: []),
        StringSample(description: "one", strings: ["a"]),
        StringSample(description: "empty strings", strings: ["", "", ""]),
        StringSample(description: "all equal", strings: [String](repeating: "mobile", count: 99)),
        StringSample(description: "mixed", strings: ["", "a", "zürich", "b\0c", "", "日本"]),
        StringSample(description: "numbers", strings: (0..<500).map { "user_\($0 * $0)" }),
        StringSample(description: "hexadecimal", strings: hexadecimal(prefix: "evt_", 16)),
        StringSample(
            description: "capitals",
            strings: hexadecimal(prefix: "", 9) { $0.uppercased() + "-X" }),
        StringSample(description: "long ids", strings: hexadecimal(prefix: "x", 37)),
        StringSample(description: "padded", strings: (0..<300).map { "\(10_000_000 + $0 * 977)" }),
        StringSample(
            description: "few", strings: (0..<700).map { "é\($0 * $0 % 13)" + ["", "\0"][$0 % 2] }),
        StringSample(
            description: "sorted paths",
            strings: (0..<900).map { "/shop/item-\($0 * 37 % 1_000)/view" }.sorted()),
        StringSample(description: "every length", strings: (0...16).map { digits($0) }),
        StringSample(description: "beyond 16 digits", strings: (9...25).map { digits($0) }),
        StringSample(
            description: "numbers in the middle", strings: (0..<400).map { "a\($0 * 7)b\($0)" }),
        StringSample(
            description: "one long", strings: ["a", String(repeating: "x", count: 70_000)]),
    ]

    private static func digits(_ count: Int) -> String {
        String("9081726354819273645546372819".prefix(count))
    }

    private static func hexadecimal(
        prefix: String, _ digits: Int, _ change: (String) -> String = { $0 }
    ) -> [String] {
        var generator = SeededRandom(seed: UInt64(digits))
        return (0..<500).map { _ in
            var text = ""
            while text.count < digits { text += String(generator.next(), radix: 16) }
            return change(prefix + text.prefix(digits))
        }
    }
}
