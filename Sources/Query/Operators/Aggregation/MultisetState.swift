internal import Base
internal import Expressions

/// Aggregates that need each value and how often it occurs: quantiles, `topK`, joined texts.
struct MultisetState: AggregateState {
    private let call: AggregateCall
    private var coder: KeyCoder
    private var counts = GroupCounts()
    private var groupCount = 0

    init(_ call: AggregateCall, _ joints: [JointDictionary?]) {
        self.call = call
        coder = KeyCoder(call.arguments[0].type, joints[0])
    }

    var byteCount: Int { coder.byteCount + counts.byteCount }

    mutating func update(_ rows: AggregateRows) {
        groupCount = max(groupCount, rows.groupCount)
        var codes: [UInt32] = []
        coder.codes(of: rows.arguments[0], isOfPart: rows.areOfPart[0], into: &codes)
        counts.add(
            codes, groups: rows.groups, groupCount: groupCount, codeCount: coder.codeCount)
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? Self else { fatalError("states of another aggregate") }
        self.groupCount = max(self.groupCount, groupCount)
        var used = [Bool](repeating: false, count: other.coder.codeCount)
        other.counts.forEach { group, code, _ in if map[group] != .max { used[code] = true } }
        let codes = coder.codes(of: other.coder, used: used)
        counts.add(
            other.counts, groups: map, codes: codes, groupCount: self.groupCount,
            codeCount: coder.codeCount)
    }

    /// The values of one group, ascending, each with how often it occurs.
    private struct Entry {
        var code: UInt32
        var rank: UInt32
        var times: Int64
    }

    mutating func result(_ groups: [UInt32]) throws(QueryError) -> Vector {
        if let last = groups.max() { groupCount = max(groupCount, Int(last) + 1) }
        let ranks = coder.ranks()
        var byGroup = [[Entry]](repeating: [], count: groupCount)
        counts.forEach { group, code, times in
            byGroup[group].append(Entry(code: UInt32(code), rank: ranks[code], times: times))
        }
        for group in byGroup.indices { byGroup[group].sort { $0.rank < $1.rank } }
        let entries = groups.map { byGroup[Int($0)] }
        switch call.function {
        case .quantiles(let probabilities, let isContinuous, let isList):
            let numbers = entries.map { entries in
                entries.isEmpty
                    ? nil : probabilities.map { quantile(entries, $0, isContinuous) }
            }
            return isList ? lists(numbers) : singles(numbers.map { $0?.first })
        case .topK(let count):
            return texts(entries.map { top($0, count) }, .json)
        case .joined(let separator):
            return texts(entries.map { joined($0, Array(separator.utf8)) }, .string)
        default: fatalError("no multiset needed")
        }
    }

    /// The number of a code.
    private func number(_ code: UInt32) -> Double {
        let value = coder.values[Int(code) - 1]
        return coder.type == .float ? float(sortable: value) : Double(value)
    }

    private func quantile(
        _ entries: [Entry], _ probability: Double, _ isContinuous: Bool
    ) -> Double {
        let count = entries.reduce(0) { $0 + $1.times }
        let place = min(1, max(0, probability)) * Double(count - 1)
        let lower = isContinuous ? Int64(place) : Self.discrete(probability, count)
        var index = 0
        var passed = entries[0].times
        while passed <= lower {
            index += 1
            passed += entries[index].times
        }
        let value = number(entries[index].code)
        let rest = place - Double(lower)
        guard isContinuous, rest > 0, passed == lower + 1, index + 1 < entries.count else {
            return value
        }
        return value + (number(entries[index + 1].code) - value) * rest
    }

    /// The first place of so many up to which that share of them lies: `ceil(p · n)`, counted from
    /// 1 (SQL's `percentile_disc`), computed so that rounding in the product does not show.
    private static func discrete(_ probability: Double, _ count: Int64) -> Int64 {
        let total = Double(count)
        return max(1, count - Int64((total - probability * total).rounded(.down))) - 1
    }

    private func singles(_ numbers: [Double?]) -> Vector {
        var validity = Bitmap(count: numbers.count)
        for (row, number) in numbers.enumerated() where number != nil { validity[row] = true }
        let type = call.type.valueType
        guard type == .integer || type == .timestamp else {
            return Vector(
                type: .float, values: .floats(numbers.map { $0 ?? 0 }), validity: validity)
        }
        return Vector(
            type: type, values: .integers(numbers.map { Int64($0 ?? 0) }), validity: validity)
    }

    private func lists(_ numbers: [[Double]?]) -> Vector {
        texts(
            numbers.map { numbers in
                numbers.map { numbers in
                    var writer = JSONWriter()
                    writer.beginArray()
                    for number in numbers {
                        if let integer = Int64(exactly: number) {
                            writer.value(integer)
                        } else {
                            writer.value(number)
                        }
                    }
                    writer.endArray()
                    return writer.finish()
                }
            }, .json)
    }

    private func top(_ entries: [Entry], _ count: Int) -> [UInt8]? {
        if entries.isEmpty { return nil }
        let order = entries.sorted { ($1.times, $0.rank) < ($0.times, $1.rank) }
        var writer = JSONWriter()
        writer.beginArray()
        for entry in order.prefix(count) { write(entry.code, to: &writer) }
        writer.endArray()
        return writer.finish()
    }

    private func write(_ code: UInt32, to writer: inout JSONWriter) {
        let index = Int(code) - 1
        switch coder.type {
        case .float: writer.value(float(sortable: coder.values[index]))
        case .timestamp: writer.value(CivilTime(coder.values[index]).text)
        case .integer, .date: writer.value(coder.values[index])
        case .boolean: writer.value(code == 2)
        case .json: writer.raw(Array(coder.strings.bytes(at: index)))
        case .null, .string, .state, .interval:
            writer.value(utf8: coder.strings.bytes(at: index))
        }
    }

    private func joined(_ entries: [Entry], _ separator: [UInt8]) -> [UInt8]? {
        guard coder.type.isText, !entries.isEmpty else { return nil }
        var text: [UInt8] = []
        var isFirst = true
        for entry in entries {
            for _ in 0..<entry.times {
                if !isFirst { text += separator }
                isFirst = false
                text += coder.strings.bytes(at: Int(entry.code) - 1)
            }
        }
        return text
    }

    private func texts(_ texts: [[UInt8]?], _ type: ValueType) -> Vector {
        var table = StringTable()
        var validity = Bitmap(count: texts.count)
        for (row, text) in texts.enumerated() {
            table.append((text ?? [])[...])
            if text != nil { validity[row] = true }
        }
        return Vector(type: type, values: .strings(table), validity: validity)
    }
}
