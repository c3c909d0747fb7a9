import Aggregates
import Base
import Events
import PartFormat
import Store

/// The stream, event by event, with dictionaries: the oracle.
///
/// Its dedup window has no end, so tests keep within one window.
struct NaiveStream {
    var tables = Tables()
    var lateCount = 0
    var duplicateCount = 0
    private var seen: Set<String> = []
    private var logTime = Milliseconds.min
    private var eventTimeMax: Milliseconds?
    private var watermark = Milliseconds.min
    let catalog = Catalog.builtIn

    mutating func take(_ block: TestBlock) {
        logTime = max(logTime, block.receivedAt)
        for (row, event) in block.events.enumerated() {
            if let id = event.id, !seen.insert(id).inserted {
                duplicateCount += 1
                continue
            }
            eventTimeMax = max(eventTimeMax ?? event.timestamp, event.timestamp)
            watermark = max(watermark, min(logTime, eventTimeMax ?? 0) - 60_000)
            let minute = floorDivide(event.timestamp, 60_000)
            let isLate = (minute + 1) * 60_000 <= watermark
            lateCount += isLate ? 1 : 0
            addRaw(event, block.block.eventIds[row], block.receivedAt, isLate)
            for rollup in catalog.rollups where [nil, event.type].contains(rollup.eventType) {
                add(event, minute * 60_000, rollup, isLate)
            }
        }
    }

    private mutating func addRaw(
        _ event: TestEvent, _ id: String, _ receivedAt: Milliseconds, _ isLate: Bool
    ) {
        var cells = ["eventId:string=\(id)", "eventType:string=\(event.type)"]
        if let user = event.user { cells.append("userId:string=\(user)") }
        if let session = event.session { cells.append("sessionId:string=\(session)") }
        cells.append("timestamp:timestamp=\(event.timestamp)")
        cells.append("receivedAt:timestamp=\(receivedAt)")
        cells.append("late:boolean=\(isLate)")
        for (name, value) in event.properties.sorted(by: { $0.key < $1.key }) {
            cells.append("properties.\(name):\(value.type)=\(value.text)")
        }
        tables.raw[cells.joined(separator: "|"), default: 0] += 1
    }

    private mutating func add(
        _ event: TestEvent, _ bucket: Milliseconds, _ rollup: RollupDefinition, _ isLate: Bool
    ) {
        var key = rollup.name + (isLate ? "_minute_corrections" : "_minute")
        for name in rollup.dimensions {
            let value = name == "eventType" ? event.type : event.properties[name]?.text
            key += "|\(name)=\(value ?? "null")"
        }
        key += "|bucket=\(bucket)"
        if isLate { key += "|receivedHour=\(floorDivide(logTime, 3_600_000) * 3_600_000)" }
        tables.groups[key, default: Tables.Group()].events += 1
        if rollup.countsUsers, let user = event.user ?? event.session {
            tables.groups[key, default: Tables.Group()].users.insert(hash: hash64(user))
        }
    }
}
