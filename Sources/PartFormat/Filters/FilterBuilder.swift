internal import Base
internal import Expressions

/// Gathers the values of one column, granule by granule, and makes filters of them.
struct FilterBuilder {
    /// Another seed is taken where equations contradict; after so many turns there is no filter.
    private static let turnsMost = 24

    let column: Int
    private let bits: Int
    /// How many hashes are held at most, by and large.
    private let hashesMost: Int
    /// With a dictionary of the part, the entries that were met; their hashes are made at the end.
    private var entries: Bitmap?
    private var hashes: [UInt64] = []

    /// For a column with so many entries in its dictionary; nil where it has none.
    init(column: Int, entryCount: Int?, bits: Int, hashesMost: Int) {
        self.column = column
        self.bits = bits
        self.hashesMost = entryCount ?? hashesMost
        entries = entryCount.map { Bitmap(count: $0) }
    }

    /// Hashes that are held.
    var pendingCount: Int { hashes.count }

    /// Takes the values of a granule.
    mutating func add(_ vector: Vector) {
        switch vector.values {
        case .codes(let codes, let dictionary):
            if entries != nil {
                for code in codes where code != 0 { entries?[Int(code) &- 1] = true }
            } else {
                var met = Bitmap(count: dictionary.count)
                for code in codes where code != 0 { met[Int(code) &- 1] = true }
                addHashes(of: dictionary, met)
            }
        case .strings(let table): addHashes(of: table, vector.validity)
        case .integers, .floats, .booleans: break
        }
    }

    private mutating func addHashes(of table: StringTable, _ rows: Bitmap?) {
        // Memory that is not touched is not taken.
        if hashes.isEmpty { hashes.reserveCapacity(max(table.count, hashesMost)) }
        unsafe table.bytes.withUnsafeBytes { bytes in
            for row in 0..<table.count where rows?[row] ?? true {
                let value = unsafe UnsafeRawBufferPointer(rebasing: bytes[table.range(row)])
                unsafe hashes.append(hash64(value))
            }
        }
    }

    /// Appends the pages of the values taken so far, which it forgets; nil, and nothing, without
    /// values.
    mutating func finish(
        _ dictionary: StringTable?, into target: inout [UInt8]
    ) -> FilterShape? {
        if let dictionary, let met = entries {
            addHashes(of: dictionary, met)
            entries = Bitmap(count: met.count)
        }
        defer { hashes = [] }
        if hashes.isEmpty { return nil }
        let start = target.count
        for turn in 0..<Self.turnsMost {
            let (shape, counts) = shape(turn)
            if append(shape, counts, into: &target) { return shape }
            target.removeLast(target.count - start)
        }
        return nil
    }

    /// Pages of equal size, with room for the fullest; and how many hashes fall into each.
    ///
    /// Ribbons of 64 slots are solved nearly always with a twentieth to spare; small pages need
    /// more, and so do those that were not.
    private func shape(_ turn: Int) -> (FilterShape, counts: [Int]) {
        let pageCount = (hashes.count + RibbonPage.keysPerPage - 1) / RibbonPage.keysPerPage
        var shape = FilterShape(pageCount: pageCount, slots: 64, bits: bits, seed: UInt64(turn))
        var counts = [Int](repeating: 0, count: pageCount)
        for hash in hashes { counts[RibbonPage.Equation(hash: hash, shape).page] += 1 }
        let fullest = counts.max() ?? 0
        let slots = fullest + fullest * (5 + turn) / 100 + RibbonPage.ribbonWidth
        shape.slots = min(RibbonPage.slotsMax, (slots + 63) / 64 * 64)
        return (shape, counts)
    }

    /// False if the equations of a page contradict each other.
    private mutating func append(
        _ shape: FilterShape, _ counts: [Int], into target: inout [UInt8]
    ) -> Bool {
        // Hashes are sorted by page; equations, four times as long, are made page by page.
        sortByPage(shape, counts)
        var start = 0
        for count in counts {
            defer { start += count }
            let equations = hashes[start..<start + count].map {
                RibbonPage.Equation(hash: $0, shape)
            }
            guard let words = RibbonPage.solve(equations, shape) else { return false }
            var writer = ByteWriter(reserving: shape.pageBytes)
            for word in words { writer.appendFixed(word) }
            writer.appendFixed(crc32c(writer.bytes))
            target += writer.bytes
        }
        return true
    }

    /// Brings the hashes into the order of their pages, in place: each goes to the next place of
    /// its page, and what stood there goes on.
    private mutating func sortByPage(_ shape: FilterShape, _ counts: [Int]) {
        var places: [Int] = []
        var ends: [Int] = []
        var sum = 0
        for count in counts {
            places.append(sum)
            sum += count
            ends.append(sum)
        }
        for page in counts.indices {
            while places[page] < ends[page] {
                let hash = hashes[places[page]]
                let own = RibbonPage.Equation(hash: hash, shape).page
                if own != page { hashes.swapAt(places[page], places[own]) }
                places[own] += 1
            }
        }
    }
}
