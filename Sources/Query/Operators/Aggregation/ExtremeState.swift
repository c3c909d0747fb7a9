internal import Base
internal import Expressions

/// `min`, `max`, `any`, `argMin` and `argMax`.
///
/// Values are held as integers that order as they do: numbers, bits of floats, codes of text. So
/// the loop is the same for all types but text whose codes are in no order.
struct ExtremeState: AggregateState {
    private let wantsGreatest: Bool
    /// Whether another argument than the value decides.
    private let hasOrder: Bool
    private var value: ScalarCoder
    private var order: ScalarCoder

    /// By group what decides: of the value itself, or of the other argument.
    private var best: [Int64] = []
    /// By group the value, where another argument decides.
    private var values: [Int64] = []
    private var isSet: [Bool] = []

    init(_ call: AggregateCall, _ joints: [JointDictionary?]) {
        wantsGreatest = call.function == .max || call.function == .argMax
        hasOrder = call.function == .argMin || call.function == .argMax
        value = ScalarCoder(call.arguments[0].type, joints[0])
        let last = hasOrder ? 1 : 0
        order = ScalarCoder(call.arguments[last].type, joints[last])
    }

    var byteCount: Int {
        best.count * 9 + values.count * 8 + value.byteCount + order.byteCount
    }

    mutating func update(_ rows: AggregateRows) {
        grow(rows.groupCount)
        let last = rows.arguments.count - 1
        let decisive = order.scalars(of: rows.arguments[last], isOfPart: rows.areOfPart[last])
        let carried =
            hasOrder
            ? value.scalars(of: rows.arguments[0], isOfPart: rows.areOfPart[0]) : []
        // Of text NULL is code 0.
        let validity = commonValidity(rows.arguments.filter { !$0.isCoded })
        guard order.isSorted, !hasOrder || value.isSorted else {
            for row in 0..<rows.rowCount where validity?[row] ?? true {
                if order.isText, decisive[row] == 0 { continue }
                if hasOrder, value.isText, carried[row] == 0 { continue }
                take(
                    decisive[row], hasOrder ? carried[row] : 0, group: Int(rows.groups?[row] ?? 0))
            }
            return
        }
        let groups = rows.groups ?? [UInt32](repeating: 0, count: rows.rowCount)
        if hasOrder {
            Self.take(
                decisive, order.isText ? 0 : nil, carried, value.isText ? 0 : nil, groups,
                validity, wantsGreatest, &best, &values, &isSet)
        } else {
            Self.take(
                decisive, order.isText ? 0 : nil, groups, validity, wantsGreatest, &best, &isSet)
        }
    }

    /// Of values that order as integers; `null` is what stands for NULL, if something does.
    private static func take(
        _ numbers: [Int64], _ null: Int64?, _ groups: [UInt32], _ validity: Bitmap?,
        _ wantsGreatest: Bool,
        _ best: inout [Int64], _ isSet: inout [Bool]
    ) {
        let (numbers, groups) = (numbers.span, groups.span)
        invariant(numbers.count == groups.count)
        var best = best.mutableSpan
        var isSet = isSet.mutableSpan
        // The greatest of all is the least of the complements.
        let flip: Int64 = wantsGreatest ? -1 : 0
        if validity == nil, null == nil {
            // Without branches: whether a value is better is hard to guess.
            for row in groups.indices {
                let group = unsafe Int(groups[unchecked: row])
                let number = unsafe numbers[unchecked: row] ^ flip
                best[group] = min(best[group] ^ flip, number) ^ flip
                isSet[group] = true
            }
            return
        }
        for row in groups.indices {
            if let validity, !validity[row] { continue }
            let group = unsafe Int(groups[unchecked: row])
            let number = unsafe numbers[unchecked: row]
            if number ^ flip > best[group] ^ flip { continue }
            if number == null { continue }
            best[group] = number
            isSet[group] = true
        }
    }

    private static func take(
        _ numbers: [Int64], _ null: Int64?, _ carried: [Int64], _ carriedNull: Int64?,
        _ groups: [UInt32], _ validity: Bitmap?, _ wantsGreatest: Bool, _ best: inout [Int64],
        _ values: inout [Int64],
        _ isSet: inout [Bool]
    ) {
        let (numbers, carried, groups) = (numbers.span, carried.span, groups.span)
        invariant(numbers.count == groups.count && carried.count == groups.count)
        var best = best.mutableSpan
        var values = values.mutableSpan
        var isSet = isSet.mutableSpan
        let flip: Int64 = wantsGreatest ? -1 : 0
        for row in groups.indices {
            if let validity, !validity[row] { continue }
            let group = unsafe Int(groups[unchecked: row])
            let number = unsafe numbers[unchecked: row] ^ flip
            let before = best[group] ^ flip
            if number > before { continue }
            let value = unsafe carried[unchecked: row]
            if value == carriedNull || number ^ flip == null { continue }
            if number == before, isSet[group], value >= values[group] { continue }
            best[group] = number ^ flip
            values[group] = value
            isSet[group] = true
        }
    }

    private mutating func take(_ number: Int64, _ carried: Int64, group: Int) {
        if isSet[group] {
            if order.precedes(number, best[group]) {
                if wantsGreatest { return }
            } else if order.precedes(best[group], number) {
                if !wantsGreatest { return }
            } else if !hasOrder || !value.precedes(carried, values[group]) {
                return
            }
        }
        best[group] = number
        if hasOrder { values[group] = carried }
        isSet[group] = true
    }

    private mutating func grow(_ count: Int) {
        best.grow(to: count, with: wantsGreatest ? .min : .max)
        if hasOrder { values.grow(to: count, with: 0) }
        isSet.grow(to: count, with: false)
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? Self else { fatalError("states of another aggregate") }
        grow(groupCount)
        let decisive = order.scalars(other.best, of: other.order, where: other.isSet)
        let carried =
            hasOrder ? value.scalars(other.values, of: other.value, where: other.isSet) : []
        for group in other.isSet.indices where other.isSet[group] && map[group] != .max {
            take(decisive[group], hasOrder ? carried[group] : 0, group: Int(map[group]))
        }
    }

    mutating func result(_ groups: [UInt32]) -> Vector {
        if let last = groups.max() { grow(Int(last) + 1) }
        let scalars = groups.map { group in
            let group = Int(group)
            return isSet[group] ? hasOrder ? values[group] : best[group] : nil
        }
        return hasOrder ? value.vector(scalars) : order.vector(scalars)
    }
}

/// Values as 64-bit integers, which for all but some texts order as the values do.
struct ScalarCoder: Sendable {
    private let type: DataType
    /// Of text.
    private var coder: KeyCoder
    let isText: Bool

    init(_ type: DataType, _ joint: JointDictionary?) {
        self.type = type
        coder = KeyCoder(type, joint)
        isText = coder.isText
    }

    var byteCount: Int { isText ? coder.byteCount : 0 }

    /// Whether the integers order as the values do.
    var isSorted: Bool { !isText || coder.isSorted }

    mutating func scalars(of vector: Vector, isOfPart: Bool) -> [Int64] {
        switch vector.values {
        case .integers(let numbers): return numbers
        case .floats(let numbers): return numbers.map(sortable)
        case .booleans(let bits): return (0..<bits.count).map { bits[$0] ? 1 : 0 }
        case .codes, .strings:
            var codes: [UInt32] = []
            coder.codes(of: vector, isOfPart: isOfPart, into: &codes)
            return codes.map { Int64($0) }
        }
    }

    /// The integers of another coder as those of this one.
    mutating func scalars(
        _ scalars: [Int64], of other: ScalarCoder, where isSet: [Bool]
    ) -> [Int64] {
        guard isText else { return scalars }
        var used = [Bool](repeating: false, count: other.coder.codeCount)
        for (index, scalar) in scalars.enumerated() where isSet[index] { used[Int(scalar)] = true }
        let codes = coder.codes(of: other.coder, used: used)
        return zip(scalars, isSet).map { scalar, isSet in
            isSet ? Int64(codes[Int(scalar)]) : 0
        }
    }

    func precedes(_ left: Int64, _ right: Int64) -> Bool {
        guard isText, left != right else { return left < right }
        return coder.precedes(UInt32(left), UInt32(right))
    }

    /// The values of integers; nil is NULL.
    func vector(_ scalars: [Int64?]) -> Vector {
        if isText { return coder.vector(scalars.map { $0.map { UInt32($0) } ?? 0 }) }
        var validity: Bitmap?
        if scalars.contains(where: { $0 == nil }) {
            var bits = Bitmap(count: scalars.count)
            for (row, scalar) in scalars.enumerated() where scalar != nil { bits[row] = true }
            validity = bits
        }
        switch type.valueType {
        case .float:
            return Vector(
                type: .float, values: .floats(scalars.map { $0.map { float(sortable: $0) } ?? 0 }),
                validity: validity)
        case .boolean:
            var bits = Bitmap(count: scalars.count)
            for (row, scalar) in scalars.enumerated() where scalar == 1 { bits[row] = true }
            return Vector(type: .boolean, values: .booleans(bits), validity: validity)
        case .integer, .timestamp, .string, .json, .state:
            return Vector(
                type: type.valueType, values: .integers(scalars.map { $0 ?? 0 }),
                validity: validity)
        }
    }
}
