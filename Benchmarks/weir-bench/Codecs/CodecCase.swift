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

    init(
        _ encoding: Encoding, _ fit: Fit, _ values: String,
        _ make: @escaping (inout SeededRandom, Int) -> CodecColumn
    ) {
        self.encoding = encoding
        self.fit = fit
        self.values = values
        self.make = make
    }

    static var all: [CodecCase] {
        plain + constant + bitPacked + delta + runLength + patched + differences + decimal
            + strings
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

    private static var patched: [CodecCase] {
        let shares = [(Fit.best, 5, 1_000), (.typical, 12, 100), (.worst, 12, 10)]
        return shares.map { fit, width, one in
            CodecCase(.patched, fit, "\(width) bits, one in \(one) of 40") { random, count in
                .integers(
                    (0..<count).map { row in
                        Int64(random.bits(row % one == one / 2 ? 40 : width))
                    })
            }
        }
            + shares.map { fit, width, one in
                CodecCase(.patched, fit, "\(width) bits, one in \(one) of 28") { random, count in
                    .codes(
                        (0..<count).map { row in
                            UInt32(
                                truncatingIfNeeded: random.bits(
                                    row % one == one / 2 ? 28 : width))
                        })
                }
            }
    }

    private static var differences: [CodecCase] {
        let squares = CodecCase(.differences, .best, "squares") { random, count in
            let start = Int64(random.bits(20))
            return .integers((0..<count).map { (start + Int64($0)) * (start + Int64($0)) })
        }
        let times = [(Fit.typical, 100), (.worst, 10)].map { fit, length in
            CodecCase(.differences, fit, "times of keys, \(length) of each") { random, count in
                var time: Int64 = 0
                return .integers(
                    (0..<count).map { row in
                        let step = Int64(random.bits(14))
                        time =
                            row % length == 0
                            ? 1_768_003_200_000 + Int64(random.bits(20)) : time + step
                        return time
                    })
            }
        }
        return [squares] + times
    }

    private static var decimal: [CodecCase] {
        [
            CodecCase(.decimal, .best, "whole numbers to 100") { random, count in
                .floats((0..<count).map { _ in Double(random.next() % 100).bitPattern })
            },
            CodecCase(.decimal, .typical, "prices to 1,000.00") { random, count in
                .floats((0..<count).map { _ in (Double(random.next() % 100_000) / 100).bitPattern })
            },
            CodecCase(.decimal, .worst, "one in five no decimal") { random, count in
                .floats(
                    (0..<count).map { row in
                        let float = Double(random.next() % 100_000) / 100
                        return (row % 5 == 2 ? float.squareRoot() : float).bitPattern
                    })
            },
            CodecCase(.bitPacked, .typical, "random from 1 to 2") { random, count in
                .floats(
                    (0..<count).map { _ in Double.random(in: 1..<2, using: &random).bitPattern })
            },
            CodecCase(.runLength, .typical, "runs of about 300") { random, count in
                var bits = Bitmap(count: count)
                var isSet = false
                for row in 0..<count {
                    if random.next() % 300 == 0 { isSet.toggle() }
                    bits[row] = isSet
                }
                return .booleans(bits)
            },
        ]
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
    mutating func bits(_ width: Int) -> UInt64 {
        width == 0 ? 0 : next() >> UInt64(64 - width)
    }
}
