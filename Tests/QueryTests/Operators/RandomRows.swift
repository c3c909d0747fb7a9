import Base
import Expressions
import Query

/// Random rows of all types, as plain values and as batches in every form that vectors have.
struct RandomRows {
    let types: [DataType]
    let rows: [[Value]]

    /// Rows of random columns, with many ties, NULLs and odd values.
    init(_ count: Int, columns: Int, _ random: inout SeededRandom) {
        let all: [DataType] = [
            .boolean, .integer, .float, .string, .timestamp, .date, .json, .state,
        ]
        types = (0..<columns).map { _ in all[random.below(all.count)] }
        rows = Self.values(types, count, &random)
    }

    /// Rows of columns of these types; `isPlain` without odd values, and with floats whose sums are
    /// exact.
    init(
        _ count: Int, types: [DataType], isPlain: Bool = false, _ random: inout SeededRandom
    ) {
        self.types = types
        rows = Self.values(types, count, isPlain: isPlain, &random)
    }

    /// The columns of both; they have as many rows.
    init(_ left: RandomRows, _ right: RandomRows) {
        types = left.types + right.types
        rows = zip(left.rows, right.rows).map { $0 + $1 }
    }

    private static func values(
        _ types: [DataType], _ count: Int, isPlain: Bool = false, _ random: inout SeededRandom
    ) -> [[Value]] {
        let pools = types.map { pool($0, isPlain: isPlain, &random) }
        return (0..<count).map { _ in pools.map { $0[random.below($0.count)] } }
    }

    /// The values that one column has, some of them NULL.
    private static func pool(
        _ type: DataType, isPlain: Bool, _ random: inout SeededRandom
    ) -> [Value] {
        let count = [1, 2, 5, 30, 1_000][random.below(5)]
        let nulls = [0, 0, 0.1, 0.5][random.below(4)]
        let isNarrow = isPlain || random.chance(0.5)
        return (0..<count).map { _ in
            random.chance(nulls) ? .null : value(type, isNarrow: isNarrow, &random)
        }
    }

    private static func value(
        _ type: DataType, isNarrow: Bool, _ random: inout SeededRandom
    ) -> Value {
        switch type {
        case .boolean: return .boolean(random.chance(0.5))
        case .integer: return .integer(integer(isNarrow, &random))
        case .timestamp: return .timestamp(integer(isNarrow, &random))
        case .date: return .date(integer(isNarrow, &random))
        case .float: return .float(float(isNarrow, &random))
        case .null, .interval, .string, .json, .state: return .string(text(isNarrow, &random))
        }
    }

    private static func integer(_ isNarrow: Bool, _ random: inout SeededRandom) -> Int64 {
        if isNarrow { return Int64(random.below(100)) - 50 }
        if random.chance(0.2) { return [Int64.min, .max, 0, -1, 1][random.below(5)] }
        return Int64(bitPattern: random.next())
    }

    private static func float(_ isNarrow: Bool, _ random: inout SeededRandom) -> Double {
        if isNarrow { return Double(random.below(100) - 50) / 8 }
        let odd: [Double] = [
            .nan, -.nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude,
            .greatestFiniteMagnitude, 0.1,
        ]
        if random.chance(0.4) { return odd[random.below(odd.count)] }
        return Double.random(in: -1e6..<1e6, using: &random)
    }

    private static func text(_ isNarrow: Bool, _ random: inout SeededRandom) -> String {
        if isNarrow { return "user_\(random.below(50))" }
        let starts = ["", "", "https://example.org/", "a", "\u{0}", "ä", "abcdefg", "abcdefgh"]
        let letters = ["a", "b", "\u{0}", "é", "\u{10FFFF}"]
        var text = starts[random.below(starts.count)]
        for _ in 0..<random.below(12) { text += letters[random.below(letters.count)] }
        return text
    }

    /// The rows in batches of random sizes.
    func batches(_ random: inout SeededRandom) -> [Batch] {
        let most = [1, 3, 100, 5_000][random.below(4)]
        var pools = [StringTable?](repeating: nil, count: types.count)
        var batches: [Batch] = []
        var start = 0
        while start < rows.count {
            let count = min(rows.count - start, random.below(most + 1))
            let part = rows[start..<start + count]
            let columns = types.indices.map { column -> Vector in
                let values = part.map { $0[column] }
                if types[column].isText, random.chance(0.7) {
                    // Sometimes of the dictionary that the batch before had.
                    let pool = random.chance(0.5) ? pools[column] : nil
                    let vector = Self.codes(values, types[column], pool, &random)
                    if case .codes(_, let dictionary) = vector.values {
                        pools[column] = dictionary
                    }
                    return vector
                }
                return Vector(values, type: types[column])
            }
            batches.append(Batch(columns: columns, rowCount: count))
            start += count
        }
        return batches
    }

    /// Values as codes of the dictionary, where it has them all, or else of a new one.
    private static func codes(
        _ values: [Value], _ type: DataType, _ given: StringTable?, _ random: inout SeededRandom
    ) -> Vector {
        var texts: [String] = []
        for value in values {
            if case .string(let text) = value { texts.append(text) }
        }
        var dictionary = given ?? StringTable()
        var entries: [String: UInt32] = [:]
        for index in 0..<dictionary.count { entries[dictionary[index]] = UInt32(index + 1) }
        if !texts.allSatisfy({ entries[$0] != nil }) {
            texts.append("no row has it")
            var distinct = Array(Set(texts.map { Array($0.utf8) }))
            distinct.sort { $0.lexicographicallyPrecedes($1) }
            if random.chance(0.5) { distinct.shuffle(using: &random) }
            dictionary = StringTable(distinct.map { String(decoding: $0, as: UTF8.self) })
            entries = [:]
            for index in 0..<dictionary.count { entries[dictionary[index]] = UInt32(index + 1) }
        }
        let codes = values.map { value -> UInt32 in
            if case .string(let text) = value { return entries[text] ?? 0 }
            return 0
        }
        return Vector(type: type.valueType, values: .codes(codes, dictionary: dictionary))
    }
}

/// What SQL says of plain values, as plainly as can be.
enum NaiveOrder {
    /// Where a value stands to another that is of its type and neither NULL: -1, 0 or 1.
    static func order(_ left: Value, _ right: Value) -> Int {
        switch (left, right) {
        case (.boolean(let left), .boolean(let right)):
            left == right ? 0 : left ? 1 : -1
        case (.integer(let left), .integer(let right)),
            (.timestamp(let left), .timestamp(let right)),
            (.date(let left), .date(let right)):
            left == right ? 0 : left < right ? -1 : 1
        case (.float(let left), .float(let right)):
            if left.isNaN || right.isNaN {
                (left.isNaN ? 1 : 0) - (right.isNaN ? 1 : 0)
            } else {
                left == right ? 0 : left < right ? -1 : 1
            }
        case (.string(let left), .string(let right)):
            left.utf8.elementsEqual(right.utf8)
                ? 0 : left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
        default: 0
        }
    }

    /// Where a row stands to another by keys that are columns.
    static func order(_ left: [Value], _ right: [Value], _ keys: [SortKey]) -> Int {
        for key in keys {
            guard case .column(let index, _) = key.expression else { continue }
            let (mine, theirs) = (left[index], right[index])
            if mine == .null && theirs == .null { continue }
            if mine == .null { return key.nullsFirst ? -1 : 1 }
            if theirs == .null { return key.nullsFirst ? 1 : -1 }
            let order = order(mine, theirs)
            if order != 0 { return key.isDescending ? -order : order }
        }
        return 0
    }

    /// The rows in order; equal ones as they came.
    static func sorted(_ rows: [[Value]], _ keys: [SortKey]) -> [[Value]] {
        rows.indices.sorted { left, right in
            let order = order(rows[left], rows[right], keys)
            return order != 0 ? order < 0 : left < right
        }.map { rows[$0] }
    }
}

extension [Batch] {
    /// The rows as texts, which tell all values apart: negative zero, and NaN, which equals itself.
    func texts(_ types: [DataType]) -> [String] {
        flatMap { batch in
            (0..<batch.rowCount).map { row in
                batch.columns.indices.map { column in
                    "\(batch.columns[column].value(row: row, type: types[column]))"
                }.joined(separator: ", ")
            }
        }
    }
}

extension [[Value]] {
    /// The rows as texts.
    var texts: [String] {
        map { row in row.map { "\($0)" }.joined(separator: ", ") }
    }
}
