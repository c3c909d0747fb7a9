internal import Aggregates
internal import Base
internal import Expressions

/// The union of states of distinct counts.
struct SketchState: AggregateState {
    /// Whether results are states again, and not what they count.
    private let givesStates: Bool
    private var states: [HyperLogLog] = []
    /// The memory of the states, brought up to date with each call.
    private(set) var byteCount = 0

    init(givesStates: Bool) { self.givesStates = givesStates }

    mutating func update(_ rows: AggregateRows) throws(QueryError) {
        states.grow(to: rows.groupCount, with: HyperLogLog())
        let vector = rows.arguments[0]
        for row in 0..<rows.rowCount where vector.validity?[row] ?? true {
            let bytes: [UInt8]
            switch vector.values {
            case .strings(let table): bytes = Array(table.bytes(at: row))
            case .codes(let codes, let dictionary):
                if codes[row] == 0 { continue }
                bytes = Array(dictionary.bytes(at: Int(codes[row]) - 1))
            case .integers, .floats, .booleans: return
            }
            let group = Int(rows.groups?[row] ?? 0)
            let before = states[group].byteCount
            do throws(CorruptionError) {
                try Self.insert(bytes, into: &states[group])
            } catch {
                throw QueryError(
                    status: 422, code: "invalid_state",
                    message: "a state of a distinct count cannot be read: \(error)")
            }
            byteCount += states[group].byteCount - before
        }
    }

    private static func insert(
        _ bytes: [UInt8], into state: inout HyperLogLog
    ) throws(CorruptionError) {
        var reader = ByteReader(bytes.span)
        try state.formUnion(decoding: &reader)
        try reader.requireEnd()
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? Self else { fatalError("states of another aggregate") }
        states.grow(to: groupCount, with: HyperLogLog())
        for group in other.states.indices where map[group] != .max {
            let target = Int(map[group])
            let before = states[target].byteCount
            states[target].formUnion(other.states[group])
            byteCount += states[target].byteCount - before
        }
    }

    mutating func result(_ groups: [UInt32]) -> Vector {
        if let last = groups.max() { states.grow(to: Int(last) + 1, with: HyperLogLog()) }
        if givesStates {
            var table = StringTable()
            for group in groups { table.append(states[Int(group)].serialized()[...]) }
            return Vector(type: .state, values: .strings(table))
        }
        let counts = groups.map { Int64(clamping: states[Int($0)].estimate().value) }
        return Vector(type: .integer, values: .integers(counts))
    }
}
