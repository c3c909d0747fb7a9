internal import Base

/// What one pass over the numbers of a block tells; every estimate follows from it.
struct NumberStatistics {
    let count: Int
    /// The bytes of a number in its full width.
    let plainWidth: Int
    private(set) var least: Int64 = 0
    private(set) var greatest: Int64 = 0
    /// Runs of equal neighbours.
    private(set) var runCount = 0
    /// Differences of neighbours wrap around at 64 bits, and so does their undoing.
    private(set) var deltaLeast: Int64 = 0
    private(set) var deltaGreatest: Int64 = 0

    init<Number: StreamNumber>(_ numbers: [Number]) {
        count = numbers.count
        plainWidth = Number.bitWidth / 8
        guard let first = numbers.first else { return }
        var least = Int64(truncatingIfNeeded: first)
        var greatest = least
        var previous = least
        var runCount = 1
        var deltaLeast = Int64.max
        var deltaGreatest = Int64.min
        for index in 1..<max(1, numbers.count) {
            let number = Int64(truncatingIfNeeded: numbers[index])
            let delta = number &- previous
            least = min(least, number)
            greatest = max(greatest, number)
            deltaLeast = min(deltaLeast, delta)
            deltaGreatest = max(deltaGreatest, delta)
            runCount &+= delta == 0 ? 0 : 1
            previous = number
        }
        self.least = least
        self.greatest = greatest
        self.runCount = runCount
        self.deltaLeast = numbers.count > 1 ? deltaLeast : 0
        self.deltaGreatest = numbers.count > 1 ? deltaGreatest : 0
    }

    /// The bits that the distances from the least value need.
    var width: Int { bitWidth(UInt64(bitPattern: greatest &- least)) }

    /// The bits that the distances from the least difference need.
    var deltaWidth: Int { bitWidth(UInt64(bitPattern: deltaGreatest &- deltaLeast)) }
}

/// How many bits the number needs; 0 for 0.
func bitWidth(_ number: UInt64) -> Int { 64 - number.leadingZeroBitCount }

/// The bytes of `count` values of `width` bits, side by side.
func packedByteCount(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }

/// The bytes of the varint of a signed number.
func zigzagByteCount(_ number: Int64) -> Int { varintByteCount(zigzag(number)) }

/// The bytes of the varint of a number.
func varintByteCount(_ number: UInt64) -> Int { max(1, (bitWidth(number) + 6) / 7) }
