internal import Base
internal import Expressions

/// Sets of codes that mean the same, by group.
struct DistinctCodes: Sendable {
    var coders: [KeyCoder]
    /// Of several arguments.
    var tuples: GroupNumbers
    var sets = GroupSets()

    init(_ call: AggregateCall, _ joints: [JointDictionary?]) {
        coders = zip(call.arguments, joints).map { KeyCoder($0.type, $1) }
        tuples = GroupNumbers(keyCount: coders.count, directCells: 1 << 20)
    }

    /// Codes are below this.
    var codeCount: Int {
        coders.count == 1
            ? coders[0].codeCount : tuples.count(coders.map(\.codeCount)) + 1
    }

    var dictionary: StringTable? { coders.count == 1 ? coders[0].adopted : nil }

    var byteCount: Int {
        sets.byteCount + tuples.byteCount + coders.reduce(0) { $0 + $1.byteCount }
    }

    /// The code of each row; 0 where an argument is NULL.
    mutating func codes(_ vectors: [Vector], _ areOfPart: [Bool]) -> [UInt32] {
        var codes = vectors.map { _ in [UInt32]() }
        for index in vectors.indices {
            coders[index].codes(
                of: vectors[index], isOfPart: areOfPart[index], into: &codes[index])
        }
        return combined(codes)
    }

    private mutating func combined(_ codes: [[UInt32]]) -> [UInt32] {
        guard codes.count > 1 else { return codes[0] }
        var numbers: [UInt32] = []
        tuples.number(codes, codeCounts: coders.map(\.codeCount), into: &numbers)
        for row in numbers.indices {
            let isNull = codes.contains { $0[row] == 0 }
            numbers[row] = isNull ? 0 : numbers[row] + 1
        }
        return numbers
    }

    /// By code of others, for those that are used, the code here.
    mutating func codes(of other: DistinctCodes, used: [Bool]) -> [UInt32] {
        guard coders.count > 1 else {
            return coders[0].codes(of: other.coders[0], used: used)
        }
        let wanted = used.indices.filter { used[$0] && $0 > 0 }
        var parts = other.tuples.codes(of: wanted.map { UInt32($0 - 1) })
        for index in coders.indices {
            var isUsed = [Bool](repeating: false, count: other.coders[index].codeCount)
            for code in parts[index] { isUsed[Int(code)] = true }
            let map = coders[index].codes(of: other.coders[index], used: isUsed)
            parts[index] = parts[index].map { map[Int($0)] }
        }
        var result = [UInt32](repeating: 0, count: used.count)
        if wanted.isEmpty { return result }
        for (code, own) in zip(wanted, combined(parts)) { result[code] = own }
        return result
    }

    /// The values of codes, a vector for each argument.
    func vectors(_ codes: [UInt32]) -> [Vector] {
        if coders.count == 1 { return [coders[0].vector(codes)] }
        let parts = tuples.codes(of: codes.map { $0 - 1 })
        return zip(coders, parts).map { $0.vector($1) }
    }
}
