import Aggregates
import Base
import Expressions
import PartFormat
import Store

/// What a set of parts says, as plain values that can be compared.
struct Tables: Equatable {
    struct Group: Equatable {
        var events: Int64 = 0
        var users = HyperLogLog()
    }

    /// Raw rows as text; equal rows stand as often as they occur.
    var raw: [String: Int] = [:]
    /// Rollup rows by table and key, rows with equal keys joined.
    var groups: [String: Group] = [:]

    init() {}

    init(_ parts: some Sequence<MemoryPart>) {
        for part in parts { add(part) }
    }

    /// The events of a table in all groups whose key contains `text`.
    func events(_ table: String, _ text: String = "") -> Int64 {
        groups.reduce(0) {
            $1.key.hasPrefix(table + "|") && $1.key.contains(text) ? $0 + $1.value.events : $0
        }
    }

    mutating func add(_ part: MemoryPart) {
        for row in 0..<part.rowCount {
            if part.schema.kind == .raw {
                let cells = part.schema.columns.indices.compactMap { index in
                    let column = part.schema.columns[index]
                    return cell(part, index, row).map { "\(column.name):\(column.type)=\($0)" }
                }
                raw[cells.joined(separator: "|"), default: 0] += 1
            } else {
                addGroup(part, row)
            }
        }
    }

    private mutating func addGroup(_ part: MemoryPart, _ row: Int) {
        var key = part.schema.name
        var group = Group()
        for (index, column) in part.schema.columns.enumerated() {
            switch column.role {
            case .count: group.events = Int64(cell(part, index, row) ?? "") ?? -1
            case .uniq:
                if case .members(let members) = part.columns[index] {
                    var hashes: [UInt64] = []
                    members.bySet(setCount: part.rowCount).append(set: row, to: &hashes)
                    for hash in hashes { group.users.insert(hash: hash) }
                }
            default: key += "|\(column.name)=\(cell(part, index, row) ?? "null")"
            }
        }
        groups[key, default: Group()].events += group.events
        groups[key, default: Group()].users.formUnion(group.users)
    }

    private func cell(_ part: MemoryPart, _ column: Int, _ row: Int) -> String? {
        guard case .vector(let vector) = part.columns[column] else { return nil }
        if let validity = vector.validity, !validity[row] { return nil }
        switch vector.values {
        case .codes(let codes, let dictionary):
            return codes[row] == 0 ? nil : dictionary[Int(codes[row]) - 1]
        case .strings(let table): return table[row]
        case .integers(let numbers): return String(numbers[row])
        case .floats(let numbers): return "\(numbers[row])"
        case .booleans(let bits): return String(bits[row])
        }
    }
}
