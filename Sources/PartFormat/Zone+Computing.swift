internal import Base
package import Expressions

extension Zone {
    /// The zone of a vector: exact bounds, but for strings longer than `boundBytesMax`.
    ///
    /// With `isSorted` the dictionary of its codes ascends, so that codes compare as strings do.
    package init(of vector: Vector, isSorted: Bool) {
        nullCount = vector.nullCount
        guard nullCount < vector.count else {
            bounds = .empty
            return
        }
        bounds =
            switch vector.values {
            case .codes(let codes, let dictionary):
                Zone.bounds(
                    isSorted ? Zone.extremes(codes) : Zone.extremes(codes, dictionary),
                    dictionary)
            case .strings(let table):
                vector.type == .state
                    ? .unknown : Zone.bounds(Zone.extremes(table, vector.validity), table)
            case .integers(let numbers): Zone.bounds(numbers, vector.validity)
            case .floats(let numbers): Zone.bounds(numbers, vector.validity)
            case .booleans: .unknown
            }
    }

    private static func bounds(_ numbers: [Int64], _ validity: Bitmap?) -> Bounds {
        var least = Int64.max
        var greatest = Int64.min
        if let validity {
            for row in numbers.indices where validity[row] {
                least = min(least, numbers[row])
                greatest = max(greatest, numbers[row])
            }
        } else {
            for number in numbers {
                least = min(least, number)
                greatest = max(greatest, number)
            }
        }
        return .integers(least...greatest)
    }

    private static func bounds(_ numbers: [Double], _ validity: Bitmap?) -> Bounds {
        var least = Double.infinity
        var greatest = -Double.infinity
        for row in numbers.indices where validity == nil || validity?[row] == true {
            let number = numbers[row]
            if number.isNaN { return .unknown }
            if number < least { least = number }
            if number > greatest { greatest = number }
        }
        return .floats(least...greatest)
    }

    /// The bounds that these entries are, cut where they are long.
    ///
    /// The least is cut to its first bytes, the greatest to what follows all strings that begin
    /// like it; where nothing follows them, nothing is known.
    private static func bounds(_ entries: (least: Int, greatest: Int), _ table: StringTable)
        -> Bounds
    {
        let limit = PartLimits.boundBytesMax
        let least = Array(table.bytes(at: entries.least).prefix(limit))
        let greatest = table.bytes(at: entries.greatest)
        if greatest.count <= limit {
            return .strings(least: least, greatest: Array(greatest))
        }
        var bound = Array(greatest.prefix(limit))
        while bound.last == 0xFF { bound.removeLast() }
        guard let last = bound.popLast() else { return .unknown }
        bound.append(last + 1)
        return .strings(least: least, greatest: bound)
    }

    /// The least and the greatest entry that codes name, of a dictionary that ascends.
    private static func extremes(_ codes: [UInt32]) -> (least: Int, greatest: Int) {
        var least = UInt32.max
        var greatest: UInt32 = 0
        for code in codes {
            // The null code 0 wraps around and so is never the least.
            least = min(least, code &- 1)
            greatest = max(greatest, code)
        }
        return (Int(least), Int(greatest) - 1)
    }

    /// The least and the greatest entry that codes name; entries may stand in any order.
    private static func extremes(
        _ codes: [UInt32], _ dictionary: StringTable
    ) -> (least: Int, greatest: Int) {
        var extremes = Extremes()
        var previous: UInt32 = 0
        for code in codes where code != 0 && code != previous {
            extremes.take(Int(code) &- 1, of: dictionary)
            previous = code
        }
        return (extremes.least, extremes.greatest)
    }

    /// The least and the greatest entry of the rows that have a value.
    private static func extremes(
        _ table: StringTable, _ validity: Bitmap?
    ) -> (least: Int, greatest: Int) {
        var extremes = Extremes()
        for row in 0..<table.count where validity == nil || validity?[row] == true {
            extremes.take(row, of: table)
        }
        return (extremes.least, extremes.greatest)
    }
}

/// The least and the greatest of the entries taken, compared by their first eight bytes where
/// these differ.
private struct Extremes {
    private(set) var least = -1
    private(set) var greatest = -1
    private var leastKey: UInt64 = 0
    private var greatestKey: UInt64 = 0

    mutating func take(_ entry: Int, of table: StringTable) {
        let key = leadingBytes(table.bytes, table.range(entry))
        guard least >= 0 else {
            least = entry
            greatest = entry
            leastKey = key
            greatestKey = key
            return
        }
        if key < leastKey || key == leastKey && table.precedes(entry, table, least) {
            least = entry
            leastKey = key
        } else if key > greatestKey
            || key == greatestKey && table.precedes(greatest, table, entry)
        {
            greatest = entry
            greatestKey = key
        }
    }
}

/// The first eight bytes of an entry as a number that orders as they do; zeros fill it up.
private func leadingBytes(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
    var key: UInt64 = 0
    if bytes.count - range.lowerBound >= 8 {
        let span = bytes.span
        unsafe key = UInt64(
            bigEndian: span.bytes.unsafeLoadUnaligned(
                fromByteOffset: range.lowerBound, as: UInt64.self))
        guard range.count < 8 else { return key }
        return range.isEmpty ? 0 : key & (UInt64.max &<< UInt64(64 &- 8 &* range.count))
    }
    for (place, index) in range.enumerated() {
        key |= UInt64(bytes[index]) << UInt64(56 - 8 * place)
    }
    return key
}
