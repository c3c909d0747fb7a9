internal import Base

/// Numbers the combinations of codes that rows have, one code for each key.
///
/// Of one key its codes are the numbers; of several, each further key numbers the pairs of its code
/// and the combination so far.
struct GroupNumbers: Sendable {
    private let keyCount: Int
    private var pairs: [PairMap]

    init(keyCount: Int, directCells: Int) {
        self.keyCount = keyCount
        pairs = (0..<max(0, keyCount - 1)).map { _ in PairMap(cellsMax: directCells) }
    }

    /// Numbers are below this where there is more than one key.
    private var pairCount: Int { pairs.last?.count ?? 0 }

    /// Numbers are below this, given how many codes the keys have.
    func count(_ codeCounts: [Int]) -> Int {
        switch keyCount {
        case 0: 1
        case 1: codeCounts[0]
        default: pairCount
        }
    }

    /// The memory of the tables, in bytes.
    var byteCount: Int { pairs.reduce(0) { $0 + $1.byteCount } }

    /// Writes the number of each row; nothing without keys, where all are in group 0.
    mutating func number(_ codes: [[UInt32]], into numbers: inout [UInt32]) {
        guard keyCount > 1 else {
            if let only = codes.first { numbers = only }
            return
        }
        var before = codes[0]
        for index in pairs.indices {
            pairs[index].number(codes[index + 1], before, into: &numbers)
            if index + 1 < pairs.count { swap(&before, &numbers) }
        }
    }

    /// For each key the codes of the groups of these numbers.
    func codes(of numbers: [UInt32]) -> [[UInt32]] {
        if keyCount == 0 { return [] }
        var codes = [[UInt32]](repeating: [], count: keyCount)
        var rest = numbers
        for index in pairs.indices.reversed() {
            codes[index + 1] = pairs[index].majors(of: rest)
            rest = pairs[index].minors(of: rest)
        }
        codes[0] = rest
        return codes
    }
}
