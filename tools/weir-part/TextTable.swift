/// Lines of cells in columns of equal width.
struct TextTable {
    enum Header {
        case left(String)
        case right(String)

        var text: String {
            switch self {
            case .left(let text), .right(let text): text
            }
        }
    }

    private let headers: [Header]
    private var rows: [[String]] = []

    init(_ headers: [Header]) { self.headers = headers }

    mutating func append(_ cells: [String]) { rows.append(cells) }

    /// The header and the rows, two spaces between cells, none at the end.
    func lines() -> [String] {
        let all = [headers.map(\.text)] + rows
        let widths = headers.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                let gap = column == 0 ? "" : "  "
                if case .right = headers[column] {
                    line += gap + space + cell
                } else {
                    line += gap + cell + space
                }
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
