internal import Base
internal import PartFormat
internal import Store

/// Records and states of a manifest as text.
enum ManifestText {
    /// A record for people: a line, and one for each part, mark and loss.
    static func lines(
        _ record: ManifestRecord, _ sequence: UInt64, _ bytes: Range<Int>
    ) -> [String] {
        let head = "#\(sequence) at \(bytes.lowerBound), \(grouped(bytes.count)) bytes: "
        switch record {
        case .commit(let point, let added):
            return [head + "commit of \(line(point))"] + added.map(line)
        case .merge(let removed, let added):
            return [head + "merge", gone(removed)] + added.map(line)
        case .loss(let removed, let lost):
            return [head + "loss", gone(removed)] + lost.map(line)
        case .derivation(let removed, let added, let marks):
            return [head + "derivation", gone(removed)] + added.map(line) + marks.map(line)
        case .retention(let removed, let marks, let horizons):
            return [head + "retention", gone(removed)] + marks.map(line) + lines(horizons)
        case .repair(let repair):
            let recovered = repair.recovered.map { "  ! \($0) is no longer lost" }
            return [head + "repair", gone(repair.removed)] + repair.added.map(line)
                + repair.marks.map(line) + recovered + repair.lost.map(line)
        case .snapshot(let state):
            return [head + "snapshot of \(grouped(state.parts.count)) parts"]
        }
    }

    private static func gone(_ numbers: [UInt64]) -> String {
        "  - " + (numbers.isEmpty ? "nothing" : numbers.map { "\($0)" }.joined(separator: " "))
    }

    private static func line(_ point: CommitPoint) -> String {
        "flush \(point.flushNumber): log position \(text(point.position)), replay from "
            + "\(text(point.replayPosition)), watermark \(timeText(point.watermark)), "
            + "\(point.state.count) bytes of state"
    }

    private static func text(_ position: LogPosition) -> String {
        position.partitions.map { "\($0)" }.joined(separator: "/")
    }

    private static func line(_ part: PartEntry) -> String {
        "  + \(part.path)\(part.container == .wide ? "/" : ""): \(grouped(part.rowCount)) rows, "
            + "\(grouped(part.byteCount)) bytes, flushes \(part.flushRange.lowerBound) to "
            + "\(part.flushRange.upperBound), \(timeText(part.timeRange.lowerBound)) to "
            + "\(timeText(part.timeRange.upperBound))"
    }

    private static func line(_ mark: DerivedMark) -> String {
        let flush = mark.flushNumber.map { "up to flush \($0)" } ?? "not at all"
        return "  = \(mark.table) contains \(mark.partition.name) \(flush)"
    }

    private static func lines(_ horizons: [String: Milliseconds]) -> [String] {
        horizons.sorted { $0.key < $1.key }.map { table, time in
            switch time {
            case .min: "  ≥ \(table) holds all its rows"
            case .max: "  ≥ \(table) is gone"
            default: "  ≥ \(table) holds all its rows from \(timeText(time)) on"
            }
        }
    }

    private static func line(_ lost: LostRows) -> String {
        let times = lost.timeRange.map {
            " from \(timeText($0.lowerBound)) to \(timeText($0.upperBound))"
        }
        return
            "  ! \(grouped(lost.rowCount)) rows of \(lost.table.isEmpty ? "any table" : lost.table)"
            + "\(times ?? ""), \(lost.file): \(lost.reason)"
    }

    /// The state for people.
    static func lines(_ state: ManifestState) -> [String] {
        var lines = [
            "state: \(grouped(state.parts.count)) parts, next number \(state.nextPartNumber)"
        ]
        lines.append(state.lastCommit.map { "last commit: \(line($0))" } ?? "no commit yet")
        var table = TextTable([
            .left("table"), .right("parts"), .right("wide"), .right("rows"), .right("bytes"),
            .right("partitions"), .right("marks"), .left("first"), .left("last"),
        ])
        let tables = Dictionary(grouping: state.parts.values) { $0.table }
        for (name, parts) in tables.sorted(by: { $0.key < $1.key }) {
            let first = parts.map(\.timeRange.lowerBound).min() ?? 0
            let last = parts.map(\.timeRange.upperBound).max() ?? 0
            table.append([
                name, grouped(parts.count), grouped(parts.count { $0.container == .wide }),
                grouped(parts.reduce(0) { $0 + $1.rowCount }),
                grouped(parts.reduce(0) { $0 + $1.byteCount }),
                grouped(Set(parts.map(\.partition)).count),
                (state.marks[name]?.count).map(grouped) ?? "", timeText(first), timeText(last),
            ])
        }
        lines += table.lines()
        return lines + ManifestText.lines(state.horizons) + state.losses.map(line)
    }
}

extension ManifestText {
    /// A record as one line of JSON.
    static func json(
        _ record: ManifestRecord, _ sequence: UInt64, _ bytes: Range<Int>
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("sequence", sequence)
        writer.field("offset", bytes.lowerBound)
        writer.field("bytes", bytes.count)
        switch record {
        case .commit(let point, let added):
            writer.field("kind", "commit")
            writer.key("commit")
            write(point, &writer)
            write("added", added, &writer, write)
        case .merge(let removed, let added):
            writer.field("kind", "merge")
            write("removed", removed, &writer) { $1.value($0) }
            write("added", added, &writer, write)
        case .loss(let removed, let lost):
            writer.field("kind", "loss")
            write("removed", removed, &writer) { $1.value($0) }
            write("losses", lost, &writer, write)
        case .derivation(let removed, let added, let marks):
            writer.field("kind", "derivation")
            write("removed", removed, &writer) { $1.value($0) }
            write("added", added, &writer, write)
            write("marks", marks, &writer, write)
        case .retention(let removed, let marks, let horizons):
            writer.field("kind", "retention")
            write("removed", removed, &writer) { $1.value($0) }
            write("marks", marks, &writer, write)
            write(horizons, &writer)
        case .repair(let repair):
            writer.field("kind", "repair")
            write("removed", repair.removed, &writer) { $1.value($0) }
            write("added", repair.added, &writer, write)
            write("marks", repair.marks, &writer, write)
            writer.field("recovered", repair.recovered)
            write("losses", repair.lost, &writer, write)
        case .snapshot(let state):
            writer.field("kind", "snapshot")
            write(state, &writer)
        }
        writer.endObject()
        return writer.finish()
    }

    /// The state as one line of JSON.
    static func json(_ state: ManifestState) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("kind", "state")
        write(state, &writer)
        writer.endObject()
        return writer.finish()
    }

    private static func write(_ state: ManifestState, _ writer: inout JSONWriter) {
        writer.field("nextNumber", state.nextPartNumber)
        writer.key("commit")
        if let point = state.lastCommit { write(point, &writer) } else { writer.null() }
        write("added", state.parts.values.sorted { $0.number < $1.number }, &writer, write)
        write("losses", state.losses, &writer, write)
        let marks = state.marks.flatMap { table, partitions in
            partitions.map { DerivedMark(table: table, partition: $0.key, flushNumber: $0.value) }
        }
        write(
            "marks", marks.sorted { ($0.table, $0.partition) < ($1.table, $1.partition) }, &writer,
            write)
        write(state.horizons, &writer)
    }

    private static func write(
        _ horizons: [String: Milliseconds], _ writer: inout JSONWriter
    ) {
        writer.key("horizons")
        writer.beginObject()
        for (table, time) in horizons.sorted(by: { $0.key < $1.key }) { writer.field(table, time) }
        writer.endObject()
    }

    private static func write<Value>(
        _ name: String, _ values: [Value], _ writer: inout JSONWriter,
        _ body: (Value, inout JSONWriter) -> Void
    ) {
        writer.key(name)
        writer.beginArray()
        for value in values { body(value, &writer) }
        writer.endArray()
    }

    private static func write(_ point: CommitPoint, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("flush", point.flushNumber)
        write("position", point.position.partitions, &writer) { $1.value($0) }
        write("replayFrom", point.replayPosition.partitions, &writer) { $1.value($0) }
        writer.field("watermark", point.watermark)
        writer.field("state", hexText(point.state))
        writer.endObject()
    }

    private static func write(_ part: PartEntry, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("number", part.number)
        writer.field("table", part.table)
        writer.field("partition", part.partition.name)
        writer.field("wide", part.container == .wide)
        write(
            "flushes", [part.flushRange.lowerBound, part.flushRange.upperBound], &writer
        ) { $1.value($0) }
        writer.field("rows", part.rowCount)
        writer.field("bytes", part.byteCount)
        write("times", part.timeRange, &writer)
        writer.endObject()
    }

    private static func write(
        _ name: String, _ times: ClosedRange<Milliseconds>?, _ writer: inout JSONWriter
    ) {
        writer.key(name)
        guard let times else { return writer.null() }
        writer.beginArray()
        writer.value(times.lowerBound)
        writer.value(times.upperBound)
        writer.endArray()
    }

    private static func write(_ mark: DerivedMark, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("table", mark.table)
        writer.field("partition", mark.partition.name)
        writer.key("flush")
        if let flush = mark.flushNumber { writer.value(flush) } else { writer.null() }
        writer.endObject()
    }

    private static func write(_ lost: LostRows, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("table", lost.table)
        write("times", lost.timeRange, &writer)
        if let place = lost.place {
            writer.key("place")
            writer.beginObject()
            writer.field("partition", place.partition.name)
            write(
                "flushes", [place.flushRange.lowerBound, place.flushRange.upperBound], &writer
            ) { $1.value($0) }
            writer.endObject()
        }
        writer.field("final", lost.isFinal)
        writer.field("rows", lost.rowCount)
        writer.field("file", lost.file)
        writer.field("reason", lost.reason)
        writer.endObject()
    }
}
