internal import Base
internal import PartFormat
internal import Store

/// Compares the rows of a table on two sides, key by key, as both ascend.
struct TableDiff {
    private let left: DiffTable
    private let right: DiffTable
    private let console: Console
    private let columns: [ColumnSchema]
    private let keyCount: Int
    private let limit: Int
    private var printed = 0
    private var alike = 0
    private var onlyLeft = 0
    private var onlyRight = 0
    private var changed = 0

    init(
        _ left: DiffTable, _ right: DiffTable, _ console: Console, columns names: [String]?,
        limit: Int
    ) {
        self.left = left
        self.right = right
        self.console = console
        self.limit = limit
        let keys = left.schema.sortIndexes.map { left.schema.columns[$0] }
        var others: [ColumnSchema] = []
        for column in left.schema.columns + right.schema.columns
        where !keys.contains(column) && !others.contains(column) {
            if names.map({ $0.contains(column.name) }) ?? true { others.append(column) }
        }
        columns = keys + others
        keyCount = keys.count
    }

    /// Prints the differences; whether there are any.
    mutating func run() throws(ToolError) -> Bool {
        let name = left.schema.name
        let schemaDiffers = compareSchemas()
        guard left.schema.sortKey == right.schema.sortKey, left.schema.kind == right.schema.kind
        else {
            console.print("\(name): rows are not compared, as they are sorted by other columns")
            return true
        }
        do throws(StoreError) {
            try compareRows()
        } catch {
            guard case .corrupt(let damage) = error else { throw .cannotRead("\(error)") }
            left.findings.add(damage)
        }
        let found = onlyLeft + onlyRight + changed
        if found > printed { console.print("  … and \(grouped(found - printed)) more") }
        console.print(
            "\(name): \(grouped(alike)) rows alike, \(grouped(onlyLeft)) only left, "
                + "\(grouped(onlyRight)) only right, \(grouped(changed)) with other values")
        return schemaDiffers || found > 0
    }

    private func compareSchemas() -> Bool {
        let first = left.schema
        let second = right.schema
        var differs = false
        func say(_ text: String) {
            console.print("\(first.name): \(text)")
            differs = true
        }
        if first.kind != second.kind { say("\(first.kind) left, \(second.kind) right") }
        if first.sortKey != second.sortKey {
            say(
                "sorted by \(first.sortKey.joined(separator: ", ")) left, "
                    + "\(second.sortKey.joined(separator: ", ")) right")
        }
        for column in first.columns where !second.columns.contains(column) {
            say("column \(column.name) (\(column.type), \(column.role.name)) only left")
        }
        for column in second.columns where !first.columns.contains(column) {
            say("column \(column.name) (\(column.type), \(column.role.name)) only right")
        }
        return differs
    }

    private mutating func compareRows() throws(StoreError) {
        var first = try RowGroups(left, columns, keyCount: keyCount, console)
        var second = try RowGroups(right, columns, keyCount: keyCount, console)
        var leftRows = try first.next()
        var rightRows = try second.next()
        while let one = leftRows ?? rightRows {
            let order: Int
            if let leftRows, let rightRows {
                order = RowGroups.order(leftRows[0], rightRows[0], keyCount)
            } else {
                order = leftRows == nil ? 1 : -1
            }
            invariant(!one.isEmpty)
            if order < 0 {
                onlyLeft += tell(leftRows ?? [], "-")
                leftRows = try first.next()
            } else if order > 0 {
                onlyRight += tell(rightRows ?? [], "+")
                rightRows = try second.next()
            } else {
                compare(leftRows ?? [], rightRows ?? [])
                leftRows = try first.next()
                rightRows = try second.next()
            }
        }
    }

    /// Rows of one key on both sides.
    private mutating func compare(_ leftRows: [[Cell]], _ rightRows: [[Cell]]) {
        if leftRows == rightRows {
            alike += leftRows.count
            return
        }
        if leftRows.count == 1, rightRows.count == 1 {
            changed += 1
            if printed < limit { printChange(leftRows[0], rightRows[0]) }
            return
        }
        var rest: [[UInt8]: Int] = [:]
        for row in rightRows { rest[text(row), default: 0] += 1 }
        var missing: [[Cell]] = []
        for row in leftRows {
            let text = text(row)
            if let count = rest[text], count > 0 {
                rest[text] = count - 1
                alike += 1
            } else {
                missing.append(row)
            }
        }
        onlyLeft += tell(missing, "-")
        var extra: [[Cell]] = []
        for row in rightRows {
            let text = text(row)
            if let count = rest[text], count > 0 {
                rest[text] = count - 1
                extra.append(row)
            }
        }
        onlyRight += tell(extra, "+")
    }

    /// Prints rows of one side, up to the limit; how many there are.
    private mutating func tell(_ rows: [[Cell]], _ mark: String) -> Int {
        for row in rows where printed < limit {
            printed += 1
            console.print(Array("\(mark) ".utf8) + text(row))
        }
        return rows.count
    }

    private mutating func printChange(_ left: [Cell], _ right: [Cell]) {
        printed += 1
        var line = Array("~ ".utf8) + text(Array(left[..<keyCount]))
        for index in keyCount..<columns.count where left[index] != right[index] {
            line += Array(" \(columns[index].name): ".utf8)
            line += value(left[index], index) + Array(" → ".utf8) + value(right[index], index)
        }
        console.print(line)
    }

    private func value(_ cell: Cell, _ index: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(cell, type: columns[index].type, statesAsHex: false)
        return writer.finish()
    }

    /// The cells of a row, or of its key, as JSON.
    private func text(_ row: [Cell]) -> [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        for (index, cell) in row.enumerated() where cell != .null {
            let column = columns[index]
            let isTwin = columns.contains { $0.name == column.name && $0.type != column.type }
            writer.key(isTwin ? "\(column.name):\(column.type)" : column.name)
            writer.write(cell, type: column.type)
        }
        writer.endObject()
        return writer.finish()
    }
}
