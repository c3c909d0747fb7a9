internal import Base
internal import Expressions
internal import PartFormat

/// A row of one input of a merge, by its place in the decoded granule.
struct MergePick {
    var input: UInt32
    var row: UInt32

    init(input: Int, row: Int) {
        self.input = UInt32(truncatingIfNeeded: input)
        self.row = UInt32(truncatingIfNeeded: row)
    }
}

/// Where a merge stands in one input: a decoded granule and a row in it.
///
/// A class, as two of an array are compared for nearly every row: as structures they would be
/// copied for that, buffers and all.
final class MergeCursor {
    let part: Part
    let input: Int
    private var nextGranule = 0
    /// The current row of the granule.
    var row = 0
    private(set) var rowCount = 0
    /// The granule's rows, by column of the merge.
    private(set) var buffers: [RowBuffer] = []
    /// What plain strings and states of one row take at most in this granule.
    private(set) var longestRow = 0
    /// The granule's keys, one array for each word.
    private(set) var words: [[UInt64]] = []
    /// The columns of the part whose codes are enough.
    private let codesOnly: Set<Int>

    init(_ part: Part, input: Int, columns: MergeColumns) {
        self.part = part
        self.input = input
        codesOnly = columns.codedSources(input)
        for (index, column) in columns.schema.columns.enumerated() {
            buffers.append(RowBuffer(type: column.type, isCoded: columns.isCoded(index)))
        }
    }

    var isAtEnd: Bool { row >= rowCount }

    /// Decodes the next granule that has rows; false if there is none.
    func advance(
        _ columns: MergeColumns, _ layout: KeyLayout, _ decoder: inout BlockDecoder
    ) throws(StoreError) -> Bool {
        row = 0
        rowCount = 0
        guard nextGranule < part.granuleCount else { return false }
        let present = columns.sources[input].compactMap { $0 }
        let vectors = try part.read(
            columns: present, granules: [nextGranule], decoder: &decoder, codesOnly: codesOnly)[0]
        rowCount = part.rowCount(granule: nextGranule)
        nextGranule += 1
        var position = 0
        var keys: [Vector] = []
        for (index, column) in columns.schema.columns.enumerated() {
            buffers[index].removeAll()
            if columns.sources[input][index] == nil {
                buffers[index].append(
                    Vector.nulls(type: column.type, count: rowCount), remap: nil)
            } else {
                buffers[index].take(vectors[position], remap: columns.remaps[input][index])
                position += 1
            }
            keys.append(buffers[index].vector(dictionary: StringTable()))
        }
        words = layout.pack(keys, rowCount: rowCount)
        longestRow = buffers.reduce(0) { $0 + $1.longestString }
        return rowCount > 0
    }

    /// The packed form of the sort key, up to the first column that is plain strings; and the key
    /// columns from that one on.
    static func layout(
        _ columns: MergeColumns, _ parts: [Part]
    ) -> (KeyLayout, plainKeys: [Int]) {
        var layout = KeyLayout()
        var plainKeys: [Int] = []
        for name in columns.schema.sortKey {
            guard let index = columns.schema.sortColumnIndex(name) else { continue }
            let type = columns.schema.columns[index].type
            let isText = type == .string || type == .json
            if !plainKeys.isEmpty || (isText && !columns.isCoded(index)) {
                plainKeys.append(index)
                continue
            }
            let bounds = bounds(of: index, columns, parts)
            layout.append(
                column: index, type: type, hasNulls: bounds.hasNulls,
                codeCount: columns.dictionaries[index]?.count ?? 0, integers: bounds.integers)
        }
        return (layout, plainKeys)
    }

    /// What the zone maps say of a column over all parts.
    private static func bounds(
        of column: Int, _ columns: MergeColumns, _ parts: [Part]
    ) -> (integers: ClosedRange<Int64>, hasNulls: Bool) {
        var least = Int64.max
        var greatest = Int64.min
        var hasNulls = false
        for (input, part) in parts.enumerated() {
            guard let source = columns.sources[input][column] else {
                // Null stands as 0 in the row.
                (least, greatest, hasNulls) = (min(least, 0), max(greatest, 0), true)
                continue
            }
            for granule in 0..<part.granuleCount {
                let zone = part.footer.zone(column: source, granule: granule)
                if zone.nullCount > 0 { hasNulls = true }
                switch zone.bounds {
                case .integers(let range):
                    least = min(least, range.lowerBound)
                    greatest = max(greatest, range.upperBound)
                case .empty: break
                case .floats, .strings, .unknown: (least, greatest) = (.min, .max)
                }
            }
        }
        return (least <= greatest ? least...greatest : 0...0, hasNulls)
    }

    /// How two rows compare by the sort key.
    static func compare(
        _ left: MergeCursor, _ leftRow: Int, _ right: MergeCursor, _ rightRow: Int,
        _ plainKeys: [Int]
    ) -> Int {
        for index in left.words.indices {
            let first = left.words[index][leftRow]
            let second = right.words[index][rightRow]
            if first != second { return first < second ? -1 : 1 }
        }
        for column in plainKeys {
            let result = RowBuffer.compare(
                left.buffers[column], leftRow, right.buffers[column], rightRow)
            if result != 0 { return result }
        }
        return 0
    }
}
