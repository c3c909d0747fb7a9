internal import Base

/// What the distinct events of a run add up to, for the check of the server's answers.
package struct GroundTruth: Sendable {
    /// Lines sent, duplicates included.
    package private(set) var lineCount = 0
    /// Lines that repeat an earlier one.
    package private(set) var duplicateCount = 0
    /// Distinct events more than two minutes behind when they were made.
    package private(set) var lateCount = 0
    /// Distinct events by type, in the order of `Catalogue.eventTypes`.
    package private(set) var countByType = Array(repeating: 0, count: Catalogue.eventTypes.count)
    /// The hours (of the epoch) that have page views.
    package private(set) var hours: [Int64] = []
    /// Page views: of the first hour by page, then of the second, and so on.
    private var views: [UInt32] = []
    /// One bit a user: has viewed a page.
    private var viewers = Array(repeating: UInt64(0), count: Catalogue.userCount / 64 + 1)
    private var lastHour = 0

    package init() {}

    /// Distinct events.
    package var eventCount: Int { countByType.reduce(0, +) }

    /// Users who viewed a page.
    package var viewerCount: Int { viewers.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Page views of one page within the hour at an index of `hours`.
    package func viewCount(page: Int, hourIndex: Int) -> Int {
        Int(views[hourIndex * Catalogue.pageCount + page])
    }

    mutating func addDuplicate() {
        lineCount &+= 1
        duplicateCount &+= 1
    }

    mutating func add(type: Int, page: Int, user: Int, at time: Milliseconds, isLate: Bool) {
        lineCount &+= 1
        countByType[type] &+= 1
        if isLate { lateCount &+= 1 }
        guard type == EventType.pageView.rawValue else { return }
        viewers[user &>> 6] |= 1 &<< UInt64(user & 63)
        let index = hourIndex(time / CivilTime.millisecondsPerHour)
        views[index &* Catalogue.pageCount &+ page] &+= 1
    }

    /// Adds what another generator of the same run has made.
    package mutating func merge(_ other: GroundTruth) {
        lineCount += other.lineCount
        duplicateCount += other.duplicateCount
        lateCount += other.lateCount
        for type in countByType.indices { countByType[type] += other.countByType[type] }
        for word in viewers.indices { viewers[word] |= other.viewers[word] }
        for (index, hour) in other.hours.enumerated() {
            let target = hourIndex(hour) * Catalogue.pageCount
            for page in 0..<Catalogue.pageCount {
                views[target + page] += other.views[index * Catalogue.pageCount + page]
            }
        }
    }

    private mutating func hourIndex(_ hour: Int64) -> Int {
        if lastHour < hours.count, hours[lastHour] == hour { return lastHour }
        if let known = hours.firstIndex(of: hour) {
            lastHour = known
            return known
        }
        hours.append(hour)
        views.append(contentsOf: repeatElement(0, count: Catalogue.pageCount))
        lastHour = hours.count - 1
        return lastHour
    }
}

/// The event types with a part in the rules of a session; the raw value is the index of the name.
enum EventType: Int {
    case pageView, click, scroll, formSubmit, purchase, sessionStart
}
