internal import Base
internal import Expressions

/// A row's keys, with which rows that come later are compared, to see which are before it.
///
/// The first key is compared in a loop for each kind of values, which leaves out most rows; the
/// others only for rows that are equal in all keys before.
struct KeyBound {
    /// A value of one key.
    private enum Value {
        case null
        /// Floats by `orderedBits`.
        case number(Int64)
        case truth(Bool)
        case text([UInt8], word: UInt64)
    }

    /// One key of the bound.
    private struct Key {
        var value: Value
        var direction: KeyDirection
        /// By code of a dictionary, which the last batch had, where its entry stands to the value.
        var known: (dictionary: StringTable, places: [Int8])?
    }

    private var keys: [Key]

    /// The keys of a row.
    init(_ orderKeys: [OrderKey], row: Int) {
        keys = orderKeys.map { Key(value: Self.value($0.vector, row), direction: $0.direction) }
    }

    private static func value(_ vector: Vector, _ row: Int) -> Value {
        if let validity = vector.validity, !validity[row] { return .null }
        switch vector.values {
        case .integers(let numbers): return .number(numbers[row])
        case .floats(let numbers): return .number(orderedBits(numbers[row]))
        case .booleans(let bits): return .truth(bits[row])
        case .strings(let table): return text(table.bytes(at: row))
        case .codes(let codes, let dictionary):
            let code = Int(codes[row])
            return code == 0 ? .null : text(dictionary.bytes(at: code - 1))
        }
    }

    private static func text(_ slice: ArraySlice<UInt8>) -> Value {
        let bytes = Array(slice)
        return .text(bytes, word: TextWord.make(bytes.span, start: 0, end: bytes.count))
    }

    /// The rows of the range that are before the bound, ascending.
    mutating func rowsBefore(_ orderKeys: [OrderKey], _ range: Range<Int>) -> [UInt32] {
        guard !keys.isEmpty else { return [] }
        var before: [UInt32] = []
        var equal = notAfter(orderKeys[0].vector, range)
        var parts = 0
        for index in keys.indices where !equal.isEmpty {
            let count = before.count
            divide(&equal, &before, by: index, orderKeys[index].vector)
            if before.count > count { parts += 1 }
        }
        if parts > 1 { before.sort() }
        return before
    }

    /// Those of some ascending rows that are before the bound or equal to it, ascending.
    mutating func rowsUpTo(_ orderKeys: [OrderKey], _ rows: [UInt32]) -> [UInt32] {
        var before: [UInt32] = []
        var equal = rows
        for index in keys.indices where !equal.isEmpty {
            divide(&equal, &before, by: index, orderKeys[index].vector)
        }
        before += equal
        before.sort()
        return before
    }

    /// Where rows without a value stand to the bound, and where those with a value do if the bound
    /// has none.
    private static func nullPlaces(_ key: Key) -> (null: Int, value: Int) {
        if case .null = key.value { return (0, key.direction.nullsFirst ? 1 : -1) }
        return (key.direction.nullsFirst ? -1 : 1, 0)
    }

    /// The rows of the range whose first key is not after that of the bound, and perhaps others.
    private mutating func notAfter(_ vector: Vector, _ range: Range<Int>) -> [UInt32] {
        let key = keys[0]
        let isDescending = key.direction.isDescending
        switch (vector.values, key.value) {
        case (.integers(let numbers), .number(let bound)) where vector.validity == nil:
            let numbers = numbers.span
            return isDescending
                ? Self.rows(range) { numbers[$0] >= bound }
                : Self.rows(range) { numbers[$0] <= bound }
        case (.floats(let numbers), .number(let bound)) where vector.validity == nil:
            let numbers = numbers.span
            return isDescending
                ? Self.rows(range) { orderedBits(numbers[$0]) >= bound }
                : Self.rows(range) { orderedBits(numbers[$0]) <= bound }
        case (.codes(let codes, let dictionary), _) where dictionary.count <= vector.count:
            let places = places(of: dictionary, key: 0)
            let (codes, table) = (codes.span, places.span)
            return Self.rows(range) { table[Int(codes[$0])] <= 0 }
        case (.strings(let table), .text(_, let bound)) where vector.validity == nil:
            let (bytes, offsets) = (table.bytes.span, table.offsets.span)
            return Self.rows(range) { row in
                let word = TextWord.make(
                    bytes, start: Int(offsets[row]), end: Int(offsets[row + 1]))
                return isDescending ? word >= bound : word <= bound
            }
        default: return [UInt32](UInt32(range.lowerBound)..<UInt32(range.upperBound))
        }
    }

    /// Without branches: which rows there are is hard to guess.
    @inline(__always)
    private static func rows(_ range: Range<Int>, _ isIn: (Int) -> Bool) -> [UInt32] {
        var rows = [UInt32](repeating: 0, count: range.count)
        var target = rows.mutableSpan
        var count = 0
        for row in range {
            target[count] = UInt32(truncatingIfNeeded: row)
            count &+= isIn(row) ? 1 : 0
        }
        rows.removeLast(range.count - count)
        return rows
    }

    /// By code of a dictionary where its entry stands to the bound: -1, 0 or 1.
    private mutating func places(of dictionary: StringTable, key index: Int) -> [Int8] {
        if let known = keys[index].known, known.dictionary.sharesMemory(with: dictionary) {
            return known.places
        }
        let key = keys[index]
        let (null, value) = Self.nullPlaces(key)
        var places = [Int8(null)]
        places.reserveCapacity(dictionary.count + 1)
        for entry in 0..<dictionary.count {
            guard case .text(let text, let word) = key.value else {
                places.append(Int8(value))
                continue
            }
            places.append(
                Int8(Self.place(dictionary, entry, text, word, key.direction.isDescending)))
        }
        keys[index].known = (dictionary, places)
        return places
    }

    private static func place(
        _ table: StringTable, _ entry: Int, _ text: [UInt8], _ word: UInt64,
        _ isDescending: Bool
    ) -> Int {
        let range = table.range(entry)
        let bytes = table.bytes.span
        let own = TextWord.make(bytes, start: range.lowerBound, end: range.upperBound)
        var order = own < word ? -1 : own > word ? 1 : 0
        if order == 0, TextWord.goesOn(own) {
            order = TextWord.order(bytes, range, text.span, 0..<text.count)
        }
        return isDescending ? -order : order
    }

    /// Moves the rows that one key puts before the bound; those that it puts behind are dropped.
    private mutating func divide(
        _ equal: inout [UInt32], _ before: inout [UInt32], by index: Int, _ vector: Vector
    ) {
        let key = keys[index]
        let (null, value) = Self.nullPlaces(key)
        let isDescending = key.direction.isDescending
        let validity = vector.validity
        switch (vector.values, key.value) {
        case (.codes(let codes, let dictionary), _) where dictionary.count <= vector.count:
            let places = places(of: dictionary, key: index)
            Self.divide(&equal, &before) { Int(places[Int(codes[$0])]) }
        case (.codes(let codes, let dictionary), .text(let text, let word)):
            Self.divide(&equal, &before) { row in
                let code = Int(codes[row])
                if code == 0 { return null }
                return Self.place(dictionary, code - 1, text, word, isDescending)
            }
        case (.codes(let codes, _), _):
            Self.divide(&equal, &before) { codes[$0] == 0 ? null : value }
        case (.strings(let table), .text(let text, let word)):
            Self.divide(&equal, &before) { row in
                guard validity?[row] ?? true else { return null }
                return Self.place(table, row, text, word, isDescending)
            }
        case (.integers(let numbers), .number(let bound)):
            Self.divide(&equal, &before) { row in
                guard validity?[row] ?? true else { return null }
                return Self.place(numbers[row], bound, isDescending)
            }
        case (.floats(let numbers), .number(let bound)):
            Self.divide(&equal, &before) { row in
                guard validity?[row] ?? true else { return null }
                return Self.place(orderedBits(numbers[row]), bound, isDescending)
            }
        case (.booleans(let bits), .truth(let bound)):
            Self.divide(&equal, &before) { row in
                guard validity?[row] ?? true else { return null }
                return Self.place(bits[row] ? 1 : 0, bound ? 1 : 0, isDescending)
            }
        default:
            Self.divide(&equal, &before) { validity?[$0] ?? true ? value : null }
        }
    }

    @inline(__always)
    private static func place(_ number: Int64, _ bound: Int64, _ isDescending: Bool) -> Int {
        if number == bound { return 0 }
        return (number < bound) != isDescending ? -1 : 1
    }

    @inline(__always)
    private static func divide(
        _ equal: inout [UInt32], _ before: inout [UInt32], _ place: (Int) -> Int
    ) {
        var kept = 0
        for index in equal.indices {
            let row = equal[index]
            let place = place(Int(row))
            if place < 0 { before.append(row) }
            equal[kept] = row
            kept &+= place == 0 ? 1 : 0
        }
        equal.removeLast(equal.count - kept)
    }
}
