internal import Base

extension Patched {
    static func encode<Number: StreamNumber>(
        _ numbers: [Number], _ plan: Plan, into target: inout [UInt8]
    ) {
        var narrow = numbers
        var rows: [UInt32] = []
        var patches: [Number] = []
        rows.reserveCapacity(plan.patchCount)
        patches.reserveCapacity(plan.patchCount)
        let base = Number(truncatingIfNeeded: plan.base)
        for row in numbers.indices {
            let distance = distance(numbers[row], from: plan.base)
            if distance &>> UInt64(plan.width) != 0 {
                rows.append(UInt32(truncatingIfNeeded: row))
                patches.append(numbers[row])
                narrow[row] = base
            }
        }
        invariant(rows.count == plan.patchCount)
        target.appendZigzag(plan.base)
        target.append(UInt8(plan.width))
        target.appendVarint(UInt64(rows.count))
        BitPacked.pack(narrow, base: plan.base, width: plan.width, into: &target)
        NumberStream.append(rows, among: .simple, into: &target)
        NumberStream.append(patches, among: .simple, into: &target)
    }
}
