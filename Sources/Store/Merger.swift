// Merges sorted parts into one, streaming.
//
// Each input has one granule decoded at a time, its codes mapped to the united dictionaries and its
// keys packed into words. A round picks rows in order until an input's granule or the granule to be
// written is at its end, and then copies the picked rows column by column. Rows of a rollup with
// equal keys become one: counts are added, sketches united.
//
// Memory: the inputs' dictionaries, maps and decoded granules are within `mergeInputBytes`
// together, the united dictionaries within `dictionaryBytes`; the rest is the granule to be written
// and what the writer holds. A merge of more takes fewer parts at once, and `mergeBytesMost` is the
// sum. Dictionaries of the inputs go once they are united: from then on codes are enough.

internal import Base
internal import Expressions
internal import PartFormat

/// One merge of parts of a partition.
struct Merger: ~Copyable {
    /// The parts that are merged: as many of those given as fit the budgets.
    let parts: [Part]
    /// Rows written.
    private(set) var rowCount = 0
    private var rowsRead = 0

    private let options: StoreOptions
    private let columns: MergeColumns
    private let layout: KeyLayout
    /// Rows of a granule of this table.
    private let granuleRows: Int
    /// Key columns from the first that is plain strings on: they are compared value by value.
    private let plainKeys: [Int]
    private var cursors: [MergeCursor]
    private var decoder = BlockDecoder()
    /// The granule to be written; rows of a rollup that come next may still go into its last.
    private var output: [RowBuffer]
    private var lastWords: [UInt64] = []

    init(_ parts: [Part], options: StoreOptions) throws(StoreError) {
        self.options = options
        columns = try MergeColumns(parts, options: options)
        granuleRows = options.granuleRows(columns: columns.schema.columns.count)
        self.parts = Array(parts.prefix(columns.inputCount))
        (layout, plainKeys) = MergeCursor.layout(columns, self.parts)
        cursors = []
        for index in self.parts.indices {
            cursors.append(MergeCursor(self.parts[index], input: index, columns: columns))
        }
        output = []
        for (index, column) in columns.schema.columns.enumerated() {
            output.append(RowBuffer(type: column.type, isCoded: columns.isCoded(index)))
        }
    }

    /// How many columns the part has that is written.
    var columnCount: Int { columns.schema.columns.count }

    /// Writes all rows; `progress` is told now and then how many were read.
    mutating func run(
        provenance: PartProvenance, container: Container, into file: MergeOutput,
        progress: (Int) -> Void
    ) throws(StoreError) {
        var writerOptions = options.writerOptions
        writerOptions.container = container
        // Parts of flushes are merged soon, and rollups are read by what they are sorted by.
        writerOptions.hasFilters = columns.schema.kind == .raw
        var writer = PartWriter(
            schema: columns.schema, dictionaries: columns.dictionaries,
            rowCount: isRollup ? 0 : parts.reduce(0) { $0 + $1.rowCount },
            options: writerOptions)
        // Its dictionaries are not kept until there is a granule.
        try file.append(&writer)
        // The inputs that have rows, by their current keys.
        var order: [Int] = []
        for input in cursors.indices where try advance(input) { insert(input, into: &order) }
        var picks: [MergePick] = []
        while let first = order.first {
            if isGranuleFull, !continuesLast(MergePick(input: first, row: cursors[first].row)) {
                writeGranule(&writer)
                try file.append(&writer)
                progress(rowsRead)
            }
            picks.removeAll(keepingCapacity: true)
            let room = room
            while picks.count < room, let next = order.first {
                pickRun(from: next, order, room: room, &picks)
                order.removeFirst()
                if cursors[next].isAtEnd {
                    // The granule's rows are copied before the next takes their place.
                    try emit(picks)
                    picks.removeAll(keepingCapacity: true)
                    if try advance(next) { insert(next, into: &order) }
                    break
                }
                insert(next, into: &order)
            }
            try emit(picks)
        }
        writeGranule(&writer)
        writer.finish(provenance)
        try file.append(&writer)
        rowCount = writer.rowCount
    }

    private var outputCount: Int { output.first?.count ?? 0 }

    private var outputBytes: Int { output.reduce(0) { $0 + $1.stringBytes } }

    private var isGranuleFull: Bool {
        outputCount >= granuleRows || outputBytes >= options.granuleBytes
    }

    /// Rows that the granule to be written takes in one go: their strings exceed its limit by no
    /// more than as much again, or by one row.
    private var room: Int {
        let longest = cursors.reduce(1) { max($0, $1.longestRow) }
        let bytesLeft = 2 * options.granuleBytes - outputBytes
        return max(1, min(granuleRows - outputCount, bytesLeft / longest))
    }

    private var isRollup: Bool { columns.schema.kind == .rollup }

    /// Decodes the input's next granule; false if it has none.
    private mutating func advance(_ input: Int) throws(StoreError) -> Bool {
        try cursors[input].advance(columns, layout, &decoder)
    }

    /// Puts an input where its current row belongs; of equal rows, the older input's come first.
    private func insert(_ input: Int, into order: inout [Int]) {
        var position = order.count
        while position > 0, precedes(input, order[position - 1]) { position -= 1 }
        order.insert(input, at: position)
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let result = MergeCursor.compare(
            cursors[left], cursors[left].row, cursors[right], cursors[right].row, plainKeys)
        return result == 0 ? left < right : result < 0
    }

    /// Takes rows of one input as long as they come before the current row of the next.
    private mutating func pickRun(
        from input: Int, _ order: [Int], room: Int, _ picks: inout [MergePick]
    ) {
        let start = cursors[input].row
        let most = min(cursors[input].rowCount, start + room - picks.count)
        var end = most
        if order.count > 1 {
            let next = order[1]
            end = start + 1
            if plainKeys.isEmpty, layout.wordBits.count == 1 {
                let limit = cursors[next].words[0][cursors[next].row]
                end = Merger.run(cursors[input].words[0], end..<most, below: limit, input < next)
            } else {
                cursors[input].row = end
                while end < most, precedes(input, next) {
                    end += 1
                    cursors[input].row = end
                }
            }
        }
        for row in start..<end { picks.append(MergePick(input: input, row: row)) }
        cursors[input].row = end
    }

    /// Where keys in the range begin to exceed the limit, or to reach it.
    private static func run(
        _ keys: [UInt64], _ rows: Range<Int>, below limit: UInt64, _ takesEqual: Bool
    ) -> Int {
        for row in rows where takesEqual ? keys[row] > limit : keys[row] >= limit { return row }
        return rows.upperBound
    }
}

extension Merger {
    /// Copies picked rows into the granule to be written.
    private mutating func emit(_ picks: [MergePick]) throws(StoreError) {
        guard let last = picks.last else { return }
        rowsRead += picks.count
        if !isRollup {
            for column in output.indices {
                output[column].append(sources(column), picks)
            }
            return
        }
        var starts: [Int] = []
        for index in picks.indices {
            let isNew =
                index == 0 ? !continuesLast(picks[0]) : !isEqual(picks[index - 1], picks[index])
            if isNew { starts.append(index) }
        }
        let heads = starts.map { picks[$0] }
        for (column, definition) in columns.schema.columns.enumerated() {
            let buffers = sources(column)
            switch definition.role {
            case .count: output[column].appendSums(buffers, picks, starts: starts)
            case .uniq: try output[column].appendUnions(buffers, picks, starts: starts)
            case .key, .value: output[column].append(buffers, heads)
            }
        }
        lastWords = cursors[Int(last.input)].words.map { $0[Int(last.row)] }
    }

    private func sources(_ column: Int) -> [RowBuffer] { cursors.map { $0.buffers[column] } }

    private func isEqual(_ left: MergePick, _ right: MergePick) -> Bool {
        MergeCursor.compare(
            cursors[Int(left.input)], Int(left.row), cursors[Int(right.input)], Int(right.row),
            plainKeys) == 0
    }

    /// Whether the row has the key of the last row of the granule to be written.
    private func continuesLast(_ pick: MergePick) -> Bool {
        guard isRollup, outputCount > 0 else { return false }
        let cursor = cursors[Int(pick.input)]
        for (index, word) in cursor.words.enumerated()
        where word[Int(pick.row)] != lastWords[index] { return false }
        return plainKeys.allSatisfy { column in
            RowBuffer.compare(
                cursor.buffers[column], Int(pick.row), output[column], outputCount - 1) == 0
        }
    }

    private mutating func writeGranule(_ writer: inout PartWriter) {
        if outputCount == 0 { return }
        var granule: [Vector] = []
        for column in output.indices {
            granule.append(
                output[column].vector(dictionary: columns.dictionaries[column] ?? StringTable()))
            output[column].removeAll()
        }
        writer.append(granule)
    }
}
