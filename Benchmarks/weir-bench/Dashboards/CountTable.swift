internal import Base

/// Counts by label and slot of time: what the rows of an answer must add up to.
struct CountTable: Sendable {
    let labels: [String]
    private let start: Milliseconds
    private let slotMilliseconds: Milliseconds
    private let slotCount: Int
    private let indices: [String: Int]
    /// All slots of the first label, then of the second, and so on.
    private var counts: [UInt32]

    /// Zeros for the range, whose length is a multiple of the slot's.
    init(_ labels: [String], range: Range<Milliseconds>, slot: Milliseconds) {
        self.labels = labels
        start = range.lowerBound
        slotMilliseconds = slot
        slotCount = max(1, Int((range.upperBound - range.lowerBound) / slot))
        var indices: [String: Int] = [:]
        for (index, label) in labels.enumerated() { indices[label] = index }
        self.indices = indices
        counts = Array(repeating: 0, count: labels.count * slotCount)
    }

    mutating func add(label: Int, at time: Milliseconds) {
        counts[label &* slotCount &+ Int((time - start) / slotMilliseconds)] &+= 1
    }

    /// The count of a label, or of all whose label begins with `prefix`, within a range.
    ///
    /// Nil where the label is unknown or the range does not lie on borders of slots.
    func sum(_ label: String, _ range: Range<Milliseconds>) -> Int? {
        guard let index = indices[label], let slots = slots(range) else { return nil }
        return sum(index, slots)
    }

    /// The count of all labels that begin so; of all where the prefix is empty.
    func sum(prefix: String, _ range: Range<Milliseconds>) -> Int? {
        guard let slots = slots(range) else { return nil }
        var total = 0
        for (index, label) in labels.enumerated() where label.hasPrefix(prefix) {
            total += sum(index, slots)
        }
        return total
    }

    private func sum(_ index: Int, _ slots: Range<Int>) -> Int {
        slots.reduce(0) { $0 + Int(counts[index * slotCount + $1]) }
    }

    private func slots(_ range: Range<Milliseconds>) -> Range<Int>? {
        let first = range.lowerBound - start
        let end = range.upperBound - start
        guard first >= 0, first % slotMilliseconds == 0, end % slotMilliseconds == 0,
            Int(end / slotMilliseconds) <= slotCount
        else { return nil }
        return Int(first / slotMilliseconds)..<Int(end / slotMilliseconds)
    }
}

/// One bit for each that was seen, in each of several sets.
struct BitSets: Sendable {
    private let wordCount: Int
    private var words: [UInt64]

    init(count: Int, bits: Int) {
        wordCount = (bits + 63) / 64
        words = Array(repeating: 0, count: count * wordCount)
    }

    mutating func insert(_ bit: Int, into set: Int) {
        words[set &* wordCount &+ bit &>> 6] |= 1 &<< UInt64(bit & 63)
    }

    func count(_ set: Int) -> Int {
        words[set * wordCount..<(set + 1) * wordCount].reduce(0) { $0 + $1.nonzeroBitCount }
    }
}
