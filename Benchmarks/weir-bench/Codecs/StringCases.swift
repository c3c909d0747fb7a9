internal import Base
internal import Codecs

extension CodecCase {
    /// Encodings of strings, and of codes that follow from those of another column.
    static var strings: [CodecCase] { plainStrings + dictionary + digits + frontCoded + correlated }

    private static let devices = ["mobile", "desktop", "tablet"]

    private static var plainStrings: [CodecCase] {
        [
            CodecCase(.plain, .typical, "paths of 20 to 40 bytes") { random, count in
                strings(count) { _ in path(&random, pages: 1 << 30) }
            },
            CodecCase(.constant, .best, "one string") { _, count in
                strings(count) { _ in "mobile" }
            },
        ]
    }

    private static var dictionary: [CodecCase] {
        [
            CodecCase(.dictionary, .best, "3 words") { random, count in
                strings(count) { _ in devices[Int(random.next() % 3)] }
            },
            CodecCase(.dictionary, .typical, "paths, each 32 times") { random, count in
                strings(count) { _ in path(&random, pages: UInt64(count / 32 + 1)) }
            },
            CodecCase(.dictionary, .worst, "paths, each twice") { _, count in
                strings(count) { "/shop/item-\($0 / 2 * 977)" }
            },
        ]
    }

    private static var digits: [CodecCase] {
        [
            CodecCase(.digits, .best, "numbers behind a prefix, ascending") { random, count in
                var number = random.bits(20)
                return strings(count) { _ in
                    number += 1 + random.bits(3)
                    return "order-\(10_000_000 + number)"
                }
            },
            CodecCase(.digits, .typical, "16 hexadecimal digits") { random, count in
                strings(count) { _ in "evt_" + hexadecimal(&random, 16) }
            },
            CodecCase(.digits, .typical, "UUIDs, version 4") { random, count in
                strings(count) { _ in
                    let groups = [
                        hexadecimal(&random, 8), hexadecimal(&random, 4),
                        "4" + hexadecimal(&random, 3), "a" + hexadecimal(&random, 3),
                        hexadecimal(&random, 12),
                    ]
                    return groups.joined(separator: "-")
                }
            },
            CodecCase(.digits, .worst, "numbers of one to seven digits") { random, count in
                strings(count) { _ in "user_\(random.bits(20) >> random.bits(4))" }
            },
        ]
    }

    private static var frontCoded: [CodecCase] {
        [
            CodecCase(.frontCoded, .best, "ascending paths, little new") { _, count in
                strings(count) { "/catalogue/all/products/\(1_000_000 + $0 / 4)/\($0 % 4)" }
            },
            CodecCase(.frontCoded, .typical, "sorted paths of 10,000 pages") { random, count in
                .strings(
                    StringTable((0..<count).map { _ in path(&random, pages: 10_000) }.sorted()))
            },
        ]
    }

    private static var correlated: [CodecCase] {
        [(Fit.best, 0), (.typical, 10), (.worst, 120)].map { fit, permille in
            CodecCase(.correlated, fit, "17 bits, \(permille) in 1,000 do not follow") {
                random, count in
                let map = (0..<131_072).map { UInt32(truncatingIfNeeded: hash64(UInt64($0)) >> 47) }
                let rows = (0..<count).map { _ in UInt32(random.bits(17)) }
                let codes = rows.map { row in
                    random.next() % 1_000 < permille ? UInt32(random.bits(17)) : map[Int(row)]
                }
                return .following(codes: codes, map: map, rows: rows)
            }
        }
    }

    private static func strings(_ count: Int, _ make: (Int) -> String) -> CodecColumn {
        .strings(StringTable((0..<count).map(make)))
    }

    private static func path(_ random: inout SeededRandom, pages: UInt64) -> String {
        let page = random.next() % pages
        let words = ["shoes", "jackets", "lamps", "cameras", "tents", "novels", "sofas", "desks"]
        let (first, second) = (Int(hash64(page) & 7), Int(hash64(page) >> 3 & 7))
        return "/shop/\(words[first])/\(words[second])-\(page)"
    }

    private static func hexadecimal(_ random: inout SeededRandom, _ digits: Int) -> String {
        let text = String(random.next(), radix: 16)
        let padded = String(repeating: "0", count: 16 - text.count) + text
        return String(padded.suffix(digits))
    }
}
