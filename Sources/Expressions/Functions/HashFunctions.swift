internal import Base

/// Hashes, for sampling: `hash(userId) % 100 < 5` keeps one user in twenty.
enum HashFunctions {
    static let definitions = [
        FunctionDefinition(
            "hash", [], .hashing,
            "A hash of 63 bits, never negative; the same on every machine and in every version. "
                + "Equal values of one type have equal hashes.",
            example: "hash('a') = hash('a')", "true",
            overloads: [
                integers(.integer), integers(.timestamp), integers(.date),
                Overload(
                    [.float], .integer,
                    kernel: .map { (number: Double) in
                        positive(hash64(FloatOrder.key(number)))
                    }),
                Overload(
                    [.boolean], .integer,
                    kernel: .map { (truth: Bool) in positive(hash64(UInt64(truth ? 1 : 0))) }),
                Overload(
                    [.string], .integer,
                    kernel: .map { (text: TextSlice) in
                        positive(unsafe text.withUnsafeBytes { unsafe hash64($0) })
                    }),
            ])
    ]

    private static func integers(_ type: DataType) -> Overload {
        Overload(
            [Parameter(type: type)], .integer,
            kernel: .map { (number: Int64) in
                positive(hash64(UInt64(bitPattern: number)))
            })
    }

    private static func positive(_ hash: UInt64) -> Int64 { Int64(hash >> 1) }
}
