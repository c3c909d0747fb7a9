internal import Base

/// A query of the mix over the ranges of one run, with what every answer to it must begin with.
struct PreparedQuery: Sendable {
    let query: DashboardQuery
    /// As the mix asks it.
    let path: String
    /// The same, but ending where the filled rollups end, so that the answer is known.
    let closedPath: String
    let range: Range<Milliseconds>
    /// What later events cannot change; empty until an answer was checked.
    private(set) var stableBytes: [UInt8] = []

    init(_ query: DashboardQuery, filled: Range<Milliseconds>) {
        self.query = query
        let day = CivilTime.millisecondsPerDay
        let wanted = query.days.map { filled.upperBound - Milliseconds($0) * day }
        range = max(wanted ?? filled.lowerBound, filled.lowerBound)..<filled.upperBound
        let start = "\(query.path)&start=\(CivilTime(range.lowerBound).text)"
        closedPath = "\(start)&end=\(CivilTime(range.upperBound).text)"
        path = query.upToNow ? start : closedPath
    }

    /// Asks over the closed range, and compares the answer with the truth.
    mutating func check(_ connection: QueryConnection, _ truth: DashboardTruth) -> [String] {
        guard let answer = connection.get(closedPath) else { return ["\(query.name): no answer"] }
        guard answer.status == 200 else { return ["\(query.name): status \(answer.status)"] }
        let comparison = AnswerComparison(query, answer.body, range: range, truth)
        if comparison.differences.isEmpty { keepStable(answer.body) }
        return comparison.differences
    }

    /// Whether an answer under load still says what was checked before.
    func agrees(_ body: ArraySlice<UInt8>) -> Bool { body.starts(with: stableBytes) }

    /// Keeps what later events cannot change.
    ///
    /// Rows come by bucket, so those before the last bucket stay as they are; all do where the
    /// range is closed. Which combinations are the greatest may change with every event.
    private mutating func keepStable(_ body: ArraySlice<UInt8>) {
        guard query.upToNow else {
            stableBytes = Self.prefix(of: body, upTo: "],\"meta\":")
            return
        }
        guard query.limit == nil,
            let last = JSONValue(body)["data"].items.last?["timeBucket"].string
        else { return }
        stableBytes = Self.prefix(of: body, upTo: "{\"timeBucket\":\"\(last)\"")
    }

    /// The bytes before the first place where `mark` stands; none where it stands nowhere.
    private static func prefix(of bytes: ArraySlice<UInt8>, upTo mark: String) -> [UInt8] {
        let mark = Array(mark.utf8)
        guard bytes.count >= mark.count else { return [] }
        for start in bytes.startIndex...(bytes.endIndex - mark.count)
        where bytes[start] == mark[0]
            && bytes[start..<start + mark.count].elementsEqual(mark)
        {
            return Array(bytes[..<start])
        }
        return []
    }
}
