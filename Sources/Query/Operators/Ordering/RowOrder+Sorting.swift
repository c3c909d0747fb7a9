internal import Base
internal import Expressions

extension RowOrder {
    /// The numbers of the rows in order.
    func sorted() -> [UInt32] {
        var sorter = RowSorter(self)
        while sorter.step() {}
        return sorter.rows
    }

    /// The numbers of the rows in order, unless the query ends before.
    func sorted(_ control: QueryControl) throws(QueryError) -> [UInt32] {
        let byteCount = RowSorter.byteCount(rowCount)
        try control.reserve(byteCount)
        defer { control.release(byteCount) }
        var sorter = RowSorter(self)
        repeat { try control.check() } while sorter.step(rowsLeast: 1 << 16)
        return sorter.rows
    }
}

/// Sorts rows stage by stage.
///
/// A *run* is a stretch of items that all stages so far left equal. To sort a run:
/// 1. the words of the stage are fetched, for text those behind the bytes that all have in common;
/// 2. the items are sorted by them;
/// 3. each stretch of equal words is a run of the next stage, or of the same where texts go on.
///
/// A short run is sorted by comparing rows in all stages that are left.
private struct RowSorter {
    private struct Run {
        var range: Range<Int>
        var stage: Int
        /// How many bytes of a text are known to be equal.
        var depth = 0
    }

    /// Runs up to this length are sorted by comparing.
    private static let shortMost = 12

    private let order: RowOrder
    private var items: [SortItem]
    private var radix = RadixSort()
    private var runs: [Run] = []

    init(_ order: RowOrder) {
        self.order = order
        items = (0..<UInt32(order.rowCount)).map { SortItem(word: 0, row: $0) }
        if order.rowCount > 1, !order.stages.isEmpty {
            runs = [Run(range: items.indices, stage: 0)]
        }
    }

    /// The memory that sorting takes, in bytes.
    static func byteCount(_ rowCount: Int) -> Int {
        rowCount * MemoryLayout<SortItem>.stride + RadixSort.byteCount(rowCount)
    }

    /// The rows; in order when there is nothing left to do.
    var rows: [UInt32] { items.map(\.row) }

    /// Sorts runs of so many rows together; false when all are sorted.
    mutating func step(rowsLeast: Int = .max) -> Bool {
        var count = 0
        while count < rowsLeast, let run = runs.popLast() {
            count += run.range.count
            if run.range.count <= Self.shortMost { sortShort(run) } else { sort(run) }
        }
        return !runs.isEmpty
    }

    private mutating func sort(_ run: Run) {
        var run = run
        switch order.stages[run.stage] {
        case .words(let words):
            Self.fetch(words, into: &items, run.range)
        case .text(let key):
            run.depth += key.commonCount(items.span.extracting(run.range), depth: run.depth)
            Self.fetch(key, run.depth, into: &items, run.range)
        }
        radix.sort(&items, run.range)
        pushTies(of: run)
    }

    private static func fetch(
        _ words: [UInt64], into items: inout [SortItem], _ range: Range<Int>
    ) {
        var items = items.mutableSpan
        let words = words.span
        for index in range { items[index].word = words[Int(items[index].row)] }
    }

    private static func fetch(
        _ key: TextKey, _ depth: Int, into items: inout [SortItem], _ range: Range<Int>
    ) {
        var items = items.mutableSpan
        for index in range { items[index].word = key.word(items[index].row, depth: depth) }
    }

    private mutating func pushTies(of run: Run) {
        var start = run.range.lowerBound
        while start < run.range.upperBound {
            let end = endOfTies(start, run.range.upperBound)
            if end - start > 1 {
                var next = Run(range: start..<end, stage: run.stage + 1)
                if case .text(let key) = order.stages[run.stage], key.goesOn(items[start].word) {
                    next = Run(
                        range: start..<end, stage: run.stage, depth: run.depth + TextKey.step)
                }
                if next.stage < order.stages.count { runs.append(next) }
            }
            start = end
        }
    }

    /// The first item behind `start` that has another word.
    private func endOfTies(_ start: Int, _ limit: Int) -> Int {
        let items = items.span
        let word = items[start].word
        var end = start + 1
        while end < limit, items[end].word == word { end += 1 }
        return end
    }

    /// Puts each row before those that it precedes, from the second on.
    private mutating func sortShort(_ run: Run) {
        for index in run.range.dropFirst() {
            let item = items[index]
            var place = index
            while place > run.range.lowerBound,
                order.isBefore(item.row, items[place - 1].row, stage: run.stage, depth: run.depth)
            {
                items[place] = items[place - 1]
                place -= 1
            }
            items[place] = item
        }
    }
}
