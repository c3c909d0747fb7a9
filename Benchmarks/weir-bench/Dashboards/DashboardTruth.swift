internal import Base

/// What the generated events add up to, counted apart from the server in plain arrays.
struct DashboardTruth: Sendable {
    /// Pages up to this rank are counted by time; the others only as one.
    private static let pageCount = 64
    private static let otherPages = "(other pages)"
    /// Countries whose visitors are counted exactly, from the largest to the smallest.
    private static let countryRanks = [0, 9, 29, 59]
    private static let halfHour = CivilTime.millisecondsPerHour / 2

    let range: Range<Milliseconds>
    private(set) var eventCount = 0
    private(set) var viewsByDevice: CountTable
    private(set) var viewsByCountry: CountTable
    private(set) var viewsByPageAndDevice: CountTable
    /// Over the whole range only.
    private(set) var viewsByPage: CountTable
    private(set) var clicksByPage: CountTable
    private(set) var eventsByType: CountTable
    private var visitors: BitSets
    private let countryIndices: [Int?]

    init(_ catalogue: Catalogue, range: Range<Milliseconds>) {
        self.range = range
        let pages = (0..<Self.pageCount).map { catalogue.pages.text($0) }
        let pairs = pages.flatMap { page in Catalogue.devices.map { "\(page)|\($0)" } }
        func table(_ labels: [String], _ slot: Milliseconds = Self.halfHour) -> CountTable {
            CountTable(labels, range: range, slot: slot)
        }
        viewsByDevice = table(Catalogue.devices, CivilTime.millisecondsPerMinute)
        viewsByCountry = table(Catalogue.countries)
        viewsByPageAndDevice = table(pairs + [Self.otherPages])
        viewsByPage = table(
            (0..<Catalogue.pageCount).map { catalogue.pages.text($0) },
            range.upperBound - range.lowerBound)
        clicksByPage = table(pages + [Self.otherPages])
        eventsByType = table(Catalogue.eventTypes)
        countryIndices = Catalogue.countries.indices.map { Self.countryRanks.firstIndex(of: $0) }
        visitors = BitSets(
            count: (Self.day(range.upperBound, range) + 1) * Self.countryRanks.count,
            bits: Catalogue.userCount)
    }

    mutating func add(_ event: RollupEvent) {
        eventCount &+= 1
        eventsByType.add(label: event.type, at: event.time)
        let isKnown = event.page < Self.pageCount
        switch event.type {
        case EventType.pageView.rawValue:
            viewsByDevice.add(label: event.device, at: event.time)
            viewsByCountry.add(label: event.country, at: event.time)
            viewsByPage.add(label: event.page, at: event.time)
            let pair = isKnown ? event.page &* 3 &+ event.device : Self.pageCount &* 3
            viewsByPageAndDevice.add(label: pair, at: event.time)
            if let country = countryIndices[event.country] {
                let set = Self.day(event.time, range) * Self.countryRanks.count + country
                visitors.insert(event.user, into: set)
            }
        case EventType.click.rawValue:
            clicksByPage.add(label: isKnown ? event.page : Self.pageCount, at: event.time)
        default: break
        }
    }

    /// Who viewed a page on the UTC day of `time`; nil for a country that is not counted.
    func visitorCount(country: String, day time: Milliseconds) -> Int? {
        guard let rank = Catalogue.countries.firstIndex(of: country),
            let index = countryIndices[rank]
        else { return nil }
        return visitors.count(Self.day(time, range) * Self.countryRanks.count + index)
    }

    /// The number of the UTC day, the first of the range being 0.
    private static func day(_ time: Milliseconds, _ range: Range<Milliseconds>) -> Int {
        let day = CivilTime.millisecondsPerDay
        return Int(time / day - range.lowerBound / day)
    }
}
