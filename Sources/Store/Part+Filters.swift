internal import Base
internal import PartFormat

extension Part {
    /// Asks the filters, of which one page for each value is read, and then the dictionary, which
    /// knows for sure and is needed anyway where rows are read.
    package func granules(
        _ granules: [Int], column: Int, holdingAny values: [[UInt8]]
    ) throws(StoreError) -> [Int] {
        guard !granules.isEmpty else { return [] }
        let excluded = try excludedGranules(column: column, values)
        let kept = granules.filter { granule in !excluded.contains { $0.contains(granule) } }
        guard !kept.isEmpty, let dictionary = try dictionary(column: column) else { return kept }
        return values.contains { dictionary.contains($0) } ? kept : []
    }

    /// The granules of those filters that know none of the values.
    private func excludedGranules(
        column: Int, _ values: [[UInt8]]
    ) throws(StoreError) -> [Range<Int>] {
        let filters = footer.filters.filter { $0.column == column }
        if filters.isEmpty { return [] }
        let file = footer.container.file(column: column)
        let ranges = filters.flatMap { filter in
            values.map { FileRange(file: file, bytes: filter.pageRange(of: $0.span)) }
        }
        let pages = try read(ranges)
        var excluded: [Range<Int>] = []
        var next = 0
        for filter in filters {
            var mayContain = false
            for value in values {
                let page = pages[next]
                do throws(CorruptionError) {
                    if try filter.mayContain(value.span, page: page.span) { mayContain = true }
                } catch {
                    let base = ranges[next].bytes.lowerBound
                    throw damaged(error.located(in: error.file, base: base), in: ranges[next])
                }
                next += 1
            }
            if !mayContain { excluded.append(filter.granules) }
        }
        return excluded
    }
}

extension StringTable {
    /// Whether one of the entries, which ascend, is this one; by halving.
    fileprivate func contains(_ value: [UInt8]) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if bytes(at: middle).lexicographicallyPrecedes(value) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < count && bytes(at: low).elementsEqual(value)
    }
}
