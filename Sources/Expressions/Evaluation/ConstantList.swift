internal import Base

/// The constants of an IN, made ready for looking up many values.
struct ConstantList: Sendable {
    private enum Members: Sendable {
        case none
        /// Few integers, times or dates: compared one by one.
        case fewIntegers([Int64])
        case integers(Set<Int64>)
        /// By `FloatOrder.key`.
        case floats(Set<UInt64>)
        case booleans(hasFalse: Bool, hasTrue: Bool)
        case texts(Set<ArraySlice<UInt8>>)
    }

    private static let fewMax = 4

    private let members: Members

    /// The constants are of the type and not NULL.
    init(_ values: [Value], type: DataType) {
        switch type.valueType {
        case .integer, .timestamp:
            let numbers = values.compactMap(\.number)
            members =
                numbers.count <= Self.fewMax ? .fewIntegers(numbers) : .integers(Set(numbers))
        case .float:
            members = .floats(
                Set(
                    values.compactMap { value in
                        if case .float(let number) = value { FloatOrder.key(number) } else { nil }
                    }))
        case .boolean:
            members = .booleans(
                hasFalse: values.contains(.boolean(false)),
                hasTrue: values.contains(.boolean(true)))
        case .string, .json, .state:
            members =
                type == .null
                ? .none
                : .texts(
                    Set(
                        values.compactMap { value in
                            if case .string(let text) = value { Array(text.utf8)[...] } else { nil }
                        }))
        }
    }

    /// Whether each value is one of the constants; NULL for NULL, and for the others where the
    /// list contained one.
    func contains(_ vector: Vector, listHasNull: Bool) -> Vector {
        var bits = matches(vector)
        var validity = vector.presence
        if let validity { bits.formIntersection(validity) }
        if listHasNull { validity = bits }
        return Vector(type: .boolean, values: .booleans(bits), validity: validity)
    }

    private func matches(_ vector: Vector) -> Bitmap {
        switch (members, vector.values) {
        case (.fewIntegers(let wanted), .integers(let numbers)):
            var bits = Bitmap(count: numbers.count)
            for number in wanted {
                bits.formUnion(NumberKernels.select(numbers, in: number...number))
            }
            return bits
        case (.integers(let wanted), .integers(let numbers)):
            return Bitmap.where(numbers) { wanted.contains($0) }
        case (.floats(let wanted), .floats(let numbers)):
            return Bitmap.where(numbers) { wanted.contains(FloatOrder.key($0)) }
        case (.booleans(let hasFalse, let hasTrue), .booleans(let bits)):
            var result = Bitmap(count: bits.count)
            if hasTrue { result.formUnion(bits) }
            if hasFalse { result.formUnion(bits.complemented) }
            return result
        case (.texts(let wanted), .codes), (.texts(let wanted), .strings):
            let reader = TextReader(vector)
            return Bitmap.make(vector.count) { wanted.contains(reader.slice($0)) }
        default: return Bitmap(count: vector.count)
        }
    }
}
