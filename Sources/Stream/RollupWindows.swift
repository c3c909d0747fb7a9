internal import Base
internal import Events
internal import Expressions
internal import PartFormat
internal import Store

/// The one-minute windows of all base rollups, for the events of one coming flush: on time and
/// corrections apart.
///
/// Dimensions are shared by the rollups that have them, so that a block's strings are looked up
/// once, and the published parts share one dictionary.
struct RollupWindows {
    private struct Rollup {
        let definition: RollupDefinition
        /// Indices into `dimensions`.
        let dimensions: [Int]
        var onTime: GroupTable
        var corrections: GroupTable
        /// The events of both, by minute.
        var counter = MinuteCounter()
    }

    private var dimensions: [DimensionColumn] = []
    private var rollups: [Rollup] = []
    private var scratch = Scratch()

    /// Buffers of the block at hand, kept for the next one.
    private struct Scratch {
        var rows: [UInt32] = []
        var keys: [UInt32] = []
        var groups: [UInt32] = []
        var users: [UInt64] = []
        var people = PeopleColumn()
    }

    init(catalog: Catalog) {
        for definition in catalog.rollups {
            var indices: [Int] = []
            for name in definition.dimensions {
                if let index = dimensions.firstIndex(where: { $0.name == name }) {
                    indices.append(index)
                } else {
                    indices.append(dimensions.count)
                    dimensions.append(DimensionColumn(name: name))
                }
            }
            let words = indices.count + 1
            rollups.append(
                Rollup(
                    definition: definition, dimensions: indices,
                    onTime: GroupTable(keyWords: words),
                    corrections: GroupTable(keyWords: words + 1)))
        }
    }

    var groupCount: Int { rollups.reduce(0) { $0 + $1.onTime.count + $1.corrections.count } }

    var byteCount: Int {
        dimensions.reduce(0) { $0 + $1.byteCount }
            + rollups.reduce(0) {
                $0 + $1.onTime.byteCount + $1.corrections.byteCount + $1.counter.byteCount
            }
    }

    /// Counts the accepted rows of a block.
    ///
    /// `minutes` has one entry a row of the block.
    mutating func add(
        _ block: EventBlock, minutes: [Int32], onTime: [UInt32], late: [UInt32],
        receivedHour: Int32
    ) {
        if onTime.isEmpty && late.isEmpty { return }
        for index in dimensions.indices { dimensions[index].read(block) }
        scratch.people.read(block, isNeeded: rollups.contains { $0.definition.countsUsers })
        for index in rollups.indices {
            let hour = receivedHour
            add(block, onTime, minutes, rollup: index, hour: nil)
            if !late.isEmpty { add(block, late, minutes, rollup: index, hour: hour) }
        }
    }

    private mutating func add(
        _ block: EventBlock, _ rows: [UInt32], _ minutes: [Int32], rollup index: Int, hour: Int32?
    ) {
        let definition = rollups[index].definition
        selectRows(rows, of: definition.eventType, in: block, into: &scratch.rows)
        if scratch.rows.isEmpty { return }
        rollups[index].counter.add(minutes: minutes, rows: scratch.rows)
        let words = rollups[index].dimensions.count + (hour == nil ? 1 : 2)
        let padding = repeatElement(UInt32(0), count: scratch.rows.count * words)
        scratch.keys.removeAll(keepingCapacity: true)
        scratch.keys.append(contentsOf: padding)
        for (word, dimension) in rollups[index].dimensions.enumerated() {
            gather(dimensions[dimension].codes, scratch.rows, into: &scratch.keys, word, words)
        }
        let minuteWord = rollups[index].dimensions.count
        gather(minutes, scratch.rows, into: &scratch.keys, minuteWord, words)
        if let hour {
            let bits = UInt32(bitPattern: hour)
            for key in 0..<scratch.rows.count { scratch.keys[key * words + words - 1] = bits }
            rollups[index].corrections.add(scratch.keys, groups: &scratch.groups)
        } else {
            rollups[index].onTime.add(scratch.keys, groups: &scratch.groups)
        }
        guard definition.countsUsers else { return }
        scratch.people.gather(scratch.rows, into: &scratch.users)
        if hour != nil {
            rollups[index].corrections.addUsers(scratch.users, groups: scratch.groups)
        } else {
            rollups[index].onTime.addUsers(scratch.users, groups: scratch.groups)
        }
    }

    /// The windows as parts, one for each table that has rows: copies that later events leave
    /// alone.
    func parts() -> [MemoryPart] {
        var parts: [MemoryPart] = []
        for rollup in rollups {
            for isCorrection in [false, true] {
                let table = isCorrection ? rollup.corrections : rollup.onTime
                if table.count == 0 { continue }
                parts.append(part(rollup, table, isCorrection: isCorrection))
            }
        }
        return parts
    }

    /// How many events there are in each minute of `parts()`.
    func counts() -> EventCounts {
        var tables: [String: MinuteCounts] = [:]
        for rollup in rollups where rollup.onTime.count + rollup.corrections.count > 0 {
            tables[rollup.definition.schema(corrections: false).name] = rollup.counter.counts()
        }
        return EventCounts(tables: tables)
    }

    private func part(_ rollup: Rollup, _ table: GroupTable, isCorrection: Bool) -> MemoryPart {
        var columns: [MemoryPart.Column] = []
        for (word, dimension) in rollup.dimensions.enumerated() {
            let dictionary = dimensions[dimension].dictionary
            columns.append(
                .vector(
                    Vector(
                        type: .string,
                        values: .codes(table.column(word), dictionary: dictionary))))
        }
        let minutes = table.column(rollup.dimensions.count)
        columns.append(times(minutes, unit: CivilTime.millisecondsPerMinute))
        if isCorrection {
            let hours = table.column(rollup.dimensions.count + 1)
            columns.append(times(hours, unit: CivilTime.millisecondsPerHour))
        }
        columns.append(.vector(Vector(type: .integer, values: .integers(table.eventCounts))))
        if rollup.definition.countsUsers { columns.append(.members(table.members)) }
        return MemoryPart(
            schema: rollup.definition.schema(corrections: isCorrection), rowCount: table.count,
            columns: columns)
    }

    private func times(_ words: [UInt32], unit: Milliseconds) -> MemoryPart.Column {
        let times = words.map { Milliseconds(Int32(bitPattern: $0)) * unit }
        return .vector(Vector(type: .timestamp, values: .integers(times)))
    }
}

/// The rows whose event type is `eventType`; all where it is nil.
private func selectRows(
    _ rows: [UInt32], of eventType: String?, in block: EventBlock, into selected: inout [UInt32]
) {
    selected.removeAll(keepingCapacity: true)
    guard let eventType else {
        selected.append(contentsOf: rows)
        return
    }
    let dictionary = block.eventType.dictionary
    let entry = (0..<dictionary.count).first {
        dictionary.bytes(at: $0).elementsEqual(eventType.utf8)
    }
    guard let entry else { return }
    let code = UInt32(entry + 1)
    let codes = block.eventType.codes
    for row in rows where codes[Int(row)] == code { selected.append(row) }
}

/// Sets word `word` of each key to the value of its row.
private func gather<Word: FixedWidthInteger>(
    _ values: [Word], _ rows: [UInt32], into keys: inout [UInt32], _ word: Int, _ words: Int
) {
    var index = word
    for row in rows {
        keys[index] = UInt32(truncatingIfNeeded: values[Int(row)])
        index &+= words
    }
}
