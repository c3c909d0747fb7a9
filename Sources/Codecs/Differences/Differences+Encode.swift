extension Differences {
    static func encode<Number: StreamNumber>(_ numbers: [Number], into target: inout [UInt8]) {
        target.appendZigzag(Int64(truncatingIfNeeded: numbers[0]))
        NumberStream.append(differences(of: numbers), among: .inner, into: &target)
    }

    private static func differences<Number: StreamNumber>(of numbers: [Number]) -> [Int64] {
        var differences = [Int64](repeating: 0, count: numbers.count - 1)
        var previous = Int64(truncatingIfNeeded: numbers[0])
        for index in differences.indices {
            let number = Int64(truncatingIfNeeded: numbers[index &+ 1])
            differences[index] = number &- previous
            previous = number
        }
        return differences
    }
}
