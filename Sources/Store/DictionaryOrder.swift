internal import Base

/// Brings the dictionaries of coded columns into the order of their bytes.
///
/// Parts hold their dictionaries sorted and without unused entries, so that codes compare as the
/// strings do: sorting rows, zone maps and merges then work on integers.
enum DictionaryOrder {
    /// An entry with the eight bytes behind the prefix that all entries share, big-endian: most
    /// comparisons end at them.
    private struct Candidate {
        var prefix: UInt64
        var index: UInt32
    }

    /// Sorts the dictionary and drops what no code uses; rewrites the codes.
    static func sort(codes: inout [UInt32], dictionary: StringTable) -> StringTable {
        var isUsed = [Bool](repeating: false, count: dictionary.count + 1)
        for code in codes { isUsed[Int(code)] = true }
        isUsed[0] = false
        // What was read from parts is in order already.
        if isAscending(dictionary) { return compact(codes: &codes, dictionary: dictionary) }
        let (sorted, ranks) = sort(dictionary, isUsed: isUsed)
        for index in codes.indices { codes[index] = ranks[Int(codes[index])] }
        return sorted
    }

    /// Whether each entry is greater than the one before.
    private static func isAscending(_ table: StringTable) -> Bool {
        for index in 1..<max(1, table.count) where !table.precedes(index - 1, table, index) {
            return false
        }
        return true
    }

    /// Drops the entries that no code uses from a dictionary that is in order already.
    static func compact(codes: inout [UInt32], dictionary: StringTable) -> StringTable {
        var ranks = [UInt32](repeating: 0, count: dictionary.count + 1)
        for code in codes { ranks[Int(code)] = 1 }
        ranks[0] = 0
        var used: UInt32 = 0
        for index in ranks.indices where ranks[index] == 1 {
            used += 1
            ranks[index] = used
        }
        if Int(used) == dictionary.count { return dictionary }
        var kept = StringTable()
        for index in 0..<dictionary.count where ranks[index + 1] != 0 {
            kept.append(dictionary.bytes(at: index))
        }
        for index in codes.indices { codes[index] = ranks[Int(codes[index])] }
        return kept
    }

    /// The used entries in order, and for each code (0 for null) its new one.
    static func sort(_ table: StringTable, isUsed: [Bool]) -> (StringTable, ranks: [UInt32]) {
        let shared = sharedPrefix(table)
        var candidates: [Candidate] = []
        candidates.reserveCapacity(table.count)
        for index in 0..<table.count where isUsed[index + 1] {
            candidates.append(
                Candidate(
                    prefix: prefix(table, index, skipping: shared), index: UInt32(index)))
        }
        candidates.sort { left, right in
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            return table.precedes(Int(left.index), table, Int(right.index))
        }
        var ranks = [UInt32](repeating: 0, count: table.count + 1)
        var sorted = StringTable()
        sorted.offsets.reserveCapacity(candidates.count + 1)
        sorted.bytes.reserveCapacity(table.bytes.count)
        for candidate in candidates {
            let entry = table.bytes(at: Int(candidate.index))
            // A dictionary that repeats an entry would break the order of codes.
            if sorted.count == 0 || sorted.bytes(at: sorted.count - 1) != entry {
                sorted.append(entry)
            }
            ranks[Int(candidate.index) + 1] = UInt32(sorted.count)
        }
        return (sorted, ranks)
    }

    /// How many bytes all entries begin with in common.
    private static func sharedPrefix(_ table: StringTable) -> Int {
        guard table.count > 0 else { return 0 }
        let first = table.range(0)
        var shared = first.count
        for index in 1..<max(1, table.count) where shared > 0 {
            let range = table.range(index)
            shared = min(shared, range.count)
            var same = 0
            while same < shared,
                table.bytes[first.lowerBound &+ same] == table.bytes[range.lowerBound &+ same]
            {
                same &+= 1
            }
            shared = same
        }
        return shared
    }

    private static func prefix(_ table: StringTable, _ index: Int, skipping shared: Int) -> UInt64 {
        let range = table.range(index)
        let start = range.lowerBound + shared
        let end = min(range.upperBound, start + 8)
        var word: UInt64 = 0
        for position in start..<end { word = word &<< 8 | UInt64(table.bytes[position]) }
        return end - start == 8 ? word : word &<< UInt64(8 * (8 - (end - start)))
    }
}
