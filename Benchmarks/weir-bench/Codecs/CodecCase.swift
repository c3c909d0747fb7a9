internal import Base
internal import Codecs

/// One shape of values for one encoding, which is the best, a typical or the worst for it.
struct CodecCase {
    /// How the shape suits the encoding.
    enum Fit: String { case best, typical, worst }

    let encoding: Encoding
    let fit: Fit
    /// What the values are, in a few words.
    let values: String
    /// Makes block after block.
    let make: (inout SeededRandom, _ count: Int) -> CodecColumn

    private init(
        _ encoding: Encoding, _ fit: Fit, _ values: String,
        _ make: @escaping (inout SeededRandom, Int) -> CodecColumn
    ) {
        self.encoding = encoding
        self.fit = fit
        self.values = values
        self.make = make
    }

    static var all: [CodecCase] {
        plain + constant + bitPacked + delta + runLength
    }

    private static var plain: [CodecCase] {
        [
            CodecCase(.plain, .typical, "32 random bits") { random, count in
                .codes((0..<count).map { _ in UInt32(truncatingIfNeeded: random.next()) })
            },
            CodecCase(.plain, .typical, "64 random bits") { random, count in
                .integers((0..<count).map { _ in Int64(bitPattern: random.next()) })
            },
            CodecCase(.plain, .typical, "64 random bits") { random, count in
                .floats((0..<count).map { _ in random.next() })
            },
            CodecCase(.plain, .typical, "one in three true") { random, count in
                var bits = Bitmap(count: count)
                for row in 0..<count { bits[row] = random.next() % 3 == 0 }
                return .booleans(bits)
            },
        ]
    }

    private static var constant: [CodecCase] {
        [
            CodecCase(.constant, .best, "one value") { random, count in
                .codes([UInt32](repeating: UInt32(random.next() % 100), count: count))
            },
            CodecCase(.constant, .best, "one value") { random, count in
                .integers([Int64](repeating: Int64(random.next() % 100), count: count))
            },
        ]
    }

    private static var bitPacked: [CodecCase] {
        let codes = [(Fit.best, 1), (.typical, 11), (.worst, 29)]
        let integers = [(Fit.best, 1), (.typical, 21), (.worst, 55)]
        return codes.map { fit, width in
            CodecCase(.bitPacked, fit, "\(width) random bits") { random, count in
                .codes(
                    (0..<count).map { _ in UInt32(truncatingIfNeeded: random.bits(width)) })
            }
        }
            + integers.map { fit, width in
                CodecCase(.bitPacked, fit, "\(width) random bits") { random, count in
                    .integers((0..<count).map { _ in Int64(random.bits(width)) })
                }
            }
    }

    private static var delta: [CodecCase] {
        let steps = [(Fit.best, 0), (.typical, 12), (.worst, 50)]
        return steps.map { fit, width in
            CodecCase(.delta, fit, "ascending by \(width) random bits") { random, count in
                var sum: Int64 = 1_768_003_200_000
                return .integers(
                    (0..<count).map { _ in
                        sum &+= 1_000 + Int64(random.bits(width))
                        return sum
                    })
            }
        }
    }

    private static var runLength: [CodecCase] {
        let lengths = [(Fit.best, 1_000), (.typical, 20), (.worst, 3)]
        return lengths.map { fit, length in
            CodecCase(.runLength, fit, "runs of about \(length), 14 bits") { random, count in
                .codes(
                    runs(&random, count, length).map { UInt32(truncatingIfNeeded: $0) })
            }
        }
            + lengths.map { fit, length in
                CodecCase(.runLength, fit, "runs of about \(length), 14 bits") { random, count in
                    .integers(runs(&random, count, length).map { Int64($0) })
                }
            }
    }

    private static func runs(_ random: inout SeededRandom, _ count: Int, _ length: Int) -> [UInt64]
    {
        var values: [UInt64] = []
        while values.count < count {
            let value = random.bits(14)
            // From half to one and a half times the length, so that their ends are not foreseen.
            let run = length / 2 + 1 + Int(random.next() % UInt64(length))
            values.append(contentsOf: repeatElement(value, count: min(run, count - values.count)))
        }
        return values
    }
}

extension SeededRandom {
    /// A random number of so many bits.
    fileprivate mutating func bits(_ width: Int) -> UInt64 {
        width == 0 ? 0 : next() >> UInt64(64 - width)
    }
}
