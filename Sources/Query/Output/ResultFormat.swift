/// How the rows of a query are written.
package enum ResultFormat: String, Sendable, CaseIterable {
    /// One object with columns, rows and statistics.
    case json
    /// An object a row, a row a line.
    case ndjson
    /// RFC 4180, with a header.
    case csv
    /// Tab-separated, with a header; tabs, line ends and backslashes in text are escaped.
    case tsv

    /// The format by the names that queries use, ClickHouse's among them; nil for an unknown one.
    package init?(named name: String) {
        switch name.lowercased() {
        case "json", "jsoncompact": self = .json
        case "ndjson", "jsoneachrow", "jsonl": self = .ndjson
        case "csv", "csvwithnames": self = .csv
        case "tsv", "tsvwithnames", "tabseparated", "tabseparatedwithnames": self = .tsv
        default: return nil
        }
    }

    /// The media type of an answer.
    package var contentType: String {
        switch self {
        case .json: "application/json"
        case .ndjson: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8; header=present"
        case .tsv: "text/tab-separated-values; charset=utf-8"
        }
    }
}
