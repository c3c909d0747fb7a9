internal import Base

/// Numbers the distinct pairs of small numbers that it meets, from 0, in the order of their first
/// appearance.
///
/// A table with a cell for each pair, as long as that is small: a look-up then is one read. Beyond,
/// the pairs are hashed.
struct PairMap: Sendable {
    /// By number.
    private(set) var majors: [UInt32] = []
    /// By number.
    private(set) var minors: [UInt32] = []
    /// Cell `major * stride + minor` is 0, or the number of the pair plus one.
    private var cells: [UInt32] = []
    private var stride = 16
    /// Used instead of cells once there would be too many of them.
    private var hashed: IntegerMap?
    private let cellsMax: Int

    init(cellsMax: Int) { self.cellsMax = cellsMax }

    var count: Int { majors.count }

    /// The memory of the tables, in bytes.
    var byteCount: Int { majors.count * 8 + cells.count * 4 + (hashed?.byteCount ?? 0) }

    func majors(of numbers: [UInt32]) -> [UInt32] { numbers.map { majors[Int($0)] } }

    func minors(of numbers: [UInt32]) -> [UInt32] { numbers.map { minors[Int($0)] } }

    /// The number of a pair, given out now if it is new.
    mutating func number(major: UInt32, minor: UInt32) -> Int {
        var numbers: [UInt32] = []
        number([major], [minor], into: &numbers)
        return Int(numbers[0])
    }

    /// Writes the number of each pair.
    mutating func number(_ major: [UInt32], _ minor: [UInt32], into numbers: inout [UInt32]) {
        invariant(major.count == minor.count)
        resize(&numbers, to: major.count)
        if major.isEmpty { return }
        makeRoom(major: Int(greatest(major)), minor: Int(greatest(minor)))
        if hashed != nil {
            numberHashed(major, minor, into: &numbers)
            return
        }
        Self.number(
            major, minor, stride: stride, cells: &cells, majors: &majors, minors: &minors,
            into: &numbers)
    }

    /// Spans: the compiler makes no checks of ownership in this loop.
    private static func number(
        _ major: [UInt32], _ minor: [UInt32], stride: Int, cells: inout [UInt32],
        majors: inout [UInt32], minors: inout [UInt32], into numbers: inout [UInt32]
    ) {
        let (major, minor) = (major.span, minor.span)
        var cells = cells.mutableSpan
        var target = numbers.mutableSpan
        invariant(minor.count == major.count && target.count == major.count)
        for index in major.indices {
            // SAFETY: all three have as many elements.
            let (high, low) = unsafe (major[unchecked: index], minor[unchecked: index])
            let cell = Int(high) &* stride &+ Int(low)
            var number = cells[cell]
            if number == 0 {
                majors.append(high)
                minors.append(low)
                number = UInt32(majors.count)
                cells[cell] = number
            }
            unsafe target[unchecked: index] = number &- 1
        }
    }

    /// Forgets all pairs but these, given by their numbers, which are given out anew in that
    /// order.
    mutating func keep(_ numbers: [Int]) {
        let kept = (majors: numbers.map { majors[$0] }, minors: numbers.map { minors[$0] })
        self = PairMap(cellsMax: cellsMax)
        var ignored: [UInt32] = []
        number(kept.majors, kept.minors, into: &ignored)
    }

    private mutating func numberHashed(
        _ major: [UInt32], _ minor: [UInt32], into numbers: inout [UInt32]
    ) {
        // Rows of one pair often follow each other.
        var lastKey: UInt64?
        var last: UInt32 = 0
        for index in major.indices {
            let key = Self.key(major[index], minor[index])
            if key != lastKey {
                lastKey = key
                last = UInt32(hashed?.index(of: key) ?? 0)
                if last == majors.count {
                    majors.append(major[index])
                    minors.append(minor[index])
                }
            }
            numbers[index] = last
        }
    }

    private static func key(_ major: UInt32, _ minor: UInt32) -> UInt64 {
        UInt64(major) &<< 32 | UInt64(minor)
    }

    /// Sees that the pair has a cell, or that there are no cells any more.
    private mutating func makeRoom(major: Int, minor: Int) {
        if hashed != nil { return }
        var wider = stride
        while wider <= minor { wider *= 2 }
        guard (major + 1) * wider <= cellsMax else {
            var map = IntegerMap()
            for number in majors.indices {
                _ = map.index(of: Self.key(majors[number], minors[number]))
            }
            hashed = map
            cells = []
            return
        }
        if wider > stride {
            let rows = cells.count / stride
            stride = wider
            cells = [UInt32](repeating: 0, count: rows * wider)
            for number in majors.indices {
                cells[Int(majors[number]) * stride + Int(minors[number])] = UInt32(number + 1)
            }
        }
        let missing = (major + 1) * stride - cells.count
        if missing > 0 { cells.append(contentsOf: repeatElement(0, count: missing)) }
    }
}

/// The greatest of the numbers; 0 where there are none.
private func greatest(_ numbers: [UInt32]) -> UInt32 {
    var greatest: UInt32 = 0
    for number in numbers { greatest = max(greatest, number) }
    return greatest
}

/// Gives a buffer that many elements, whose values do not matter.
func resize(_ buffer: inout [UInt32], to count: Int) {
    if buffer.count > count {
        buffer.removeLast(buffer.count - count)
    } else if buffer.count < count {
        buffer.append(contentsOf: repeatElement(0, count: count - buffer.count))
    }
}
