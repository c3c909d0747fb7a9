internal import Base
internal import Expressions

/// A key by which rows are ordered: its values, one a row.
struct OrderKey: Sendable {
    var vector: Vector
    var direction: KeyDirection

    init(_ vector: Vector, _ direction: KeyDirection = KeyDirection()) {
        self.vector = vector
        self.direction = direction
    }
}

/// The order of rows by keys.
///
/// False is before true, NaN after all numbers, text goes by bytes, and NULL is where its key says;
/// negative zero equals zero. Of equal rows the first stays first.
///
/// Keys become *stages*, each of which decides between the rows that those before it left equal:
/// 1. Numbers, truth values and the ranks of dictionary entries are packed into words.
/// 2. Text that is no code of a dictionary is a stage of its own.
struct RowOrder: Sendable {
    /// What decides between rows.
    enum Stage: Sendable {
        case words([UInt64])
        case text(TextKey)
    }

    private(set) var stages: [Stage] = []
    let rowCount: Int

    /// The order by keys, the first of which decides first.
    init(_ keys: [OrderKey], rowCount: Int) {
        self.rowCount = rowCount
        append(keys)
    }

    /// The order of the entries of a table.
    init(entriesOf table: StringTable) {
        rowCount = table.count
        stages = [.text(TextKey(table))]
    }

    /// The memory of the stages, in bytes.
    var byteCount: Int {
        stages.reduce(0) { sum, stage in
            if case .words(let words) = stage { sum + words.count * 8 } else { sum }
        }
    }

    /// Adds keys that decide after all others, by stages of their own.
    mutating func append(_ keys: [OrderKey]) {
        var packer = KeyPacker(rowCount: rowCount)
        for key in keys {
            invariant(key.vector.count == rowCount)
            let (vector, direction) = (key.vector, key.direction)
            switch vector.values {
            case .integers(let numbers): packer.append(numbers, vector.validity, direction)
            case .floats(let numbers):
                packer.append(numbers.map(orderedBits), vector.validity, direction)
            case .booleans(let bits): packer.append(bits, vector.validity, direction)
            case .codes(let codes, let dictionary) where dictionary.count <= max(64, rowCount):
                packer.append(codes, ranks: dictionary.ranks(), direction)
            case .codes(let codes, let dictionary):
                packer.appendNulls(vector.presence, direction)
                flush(&packer)
                stages.append(
                    .text(
                        TextKey(
                            dictionary, codes: codes, isDescending: direction.isDescending)))
            case .strings(let table):
                packer.appendNulls(vector.validity, direction)
                flush(&packer)
                stages.append(.text(TextKey(table, isDescending: direction.isDescending)))
            }
        }
        flush(&packer)
    }

    private mutating func flush(_ packer: inout KeyPacker) {
        stages += packer.words.map { .words($0) }
        packer = KeyPacker(rowCount: rowCount)
    }

    /// Whether a row is before another by the stages from the given one on; that one's text is
    /// looked at behind `depth` bytes.
    func isBefore(_ left: UInt32, _ right: UInt32, stage first: Int = 0, depth: Int = 0) -> Bool {
        var depth = depth
        for stage in stages[first...] {
            switch stage {
            case .words(let words):
                let (mine, theirs) = (words[Int(left)], words[Int(right)])
                if mine != theirs { return mine < theirs }
            case .text(let key):
                let order = key.order(left, right, depth: depth)
                if order != 0 { return order < 0 }
            }
            depth = 0
        }
        return false
    }

    /// Marks the places at which a row differs by some stages from the one before it; the first is
    /// left as it is.
    func markChanges(_ rows: [UInt32], _ range: Range<Int>, in changes: inout [Bool]) {
        invariant(changes.count == rows.count)
        for stage in stages[range] {
            switch stage {
            case .words(let words):
                Self.markChanges(rows, in: &changes) { words[Int($0)] != words[Int($1)] }
            case .text(let key):
                Self.markChanges(rows, in: &changes) { key.order($0, $1) != 0 }
            }
        }
    }

    @inline(__always)
    private static func markChanges(
        _ rows: [UInt32], in changes: inout [Bool], _ differ: (UInt32, UInt32) -> Bool
    ) {
        let rows = rows.span
        var changes = changes.mutableSpan
        for place in 1..<max(1, rows.count) where !changes[place] {
            changes[place] = differ(rows[place &- 1], rows[place])
        }
    }
}

extension StringTable {
    /// By code the place of its entry in the order of entries, from 1; equal entries share theirs.
    ///
    /// Code 0 has place 0.
    func ranks() -> [UInt32] {
        if ascends { return [UInt32](0...UInt32(count)) }
        let order = RowOrder(entriesOf: self)
        let sorted = order.sorted()
        var isNew = [Bool](repeating: false, count: count)
        order.markChanges(sorted, 0..<1, in: &isNew)
        var ranks = [UInt32](repeating: 0, count: count + 1)
        var rank: UInt32 = 1
        for (place, entry) in sorted.enumerated() {
            if isNew[place] { rank += 1 }
            ranks[Int(entry) + 1] = rank
        }
        return ranks
    }

    /// Whether each entry sorts behind the one before.
    private var ascends: Bool {
        let key = TextKey(self)
        for entry in 1..<max(1, count) where key.order(UInt32(entry - 1), UInt32(entry)) >= 0 {
            return false
        }
        return true
    }
}
