internal import Base

extension Decimal {
    private static let sampleCount = 64

    /// How many digits a sample of the floats has behind the point; nil where most are no decimal
    /// numbers of few digits.
    ///
    /// The fewest bits count: more digits find more decimals, and make all of them longer.
    static func digits(of floats: [Double]) -> Int? {
        if floats.isEmpty { return nil }
        let count = min(sampleCount, floats.count)
        var best: (digits: Int, bits: Int)?
        for digits in 0...17 {
            let power = power(digits)
            var hits = 0
            var least = Int64.max
            var greatest = Int64.min
            for index in 0..<count {
                guard let integer = integer(floats[index * floats.count / count], power: power)
                else { continue }
                hits += 1
                least = min(least, integer)
                greatest = max(greatest, integer)
            }
            if hits == 0 { continue }
            let width = bitWidth(UInt64(bitPattern: greatest &- least))
            let bits = width * count + (count - hits) * exceptionBits
            if bits < best?.bits ?? .max { best = (digits, bits) }
            if hits == count { break }
        }
        guard let best, best.bits < 60 * count else { return nil }
        return best.digits
    }

    /// What an exception takes beside the integer: its row and its eight bytes.
    private static let exceptionBits = 64 + 12
}
