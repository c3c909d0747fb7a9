internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// The filters of one column, all pages of which are read, and asked for every value.
struct FilterCheck {
    private var filters: [(filter: PartFilter, pages: [[UInt64]])] = []

    /// Damaged filters are found, and not asked.
    init(_ part: PartFiles, column: Int, _ findings: Findings) throws(StoreError) {
        let file = part.footer.container.file(column: column)
        for filter in part.footer.filters where filter.column == column {
            let bytes = try part.read(file: file, [filter.range])[0]
            do throws(CorruptionError) {
                filters.append((filter, try filter.pages(bytes.span)))
            } catch {
                findings.add(
                    part.name(file: file), error.offset, expected: error.expected,
                    found: error.found)
            }
        }
    }

    /// The first row of a granule whose value a filter of the granule denies; nil if there is none.
    func deniedRow(_ vector: Vector, granule: Int) -> Int? {
        for (filter, pages) in filters where filter.granules.contains(granule) {
            for row in 0..<vector.count {
                guard case .bytes(let value) = vector.cell(row) else { continue }
                if !filter.mayContain(value.span, in: pages) { return row }
            }
        }
        return nil
    }
}
