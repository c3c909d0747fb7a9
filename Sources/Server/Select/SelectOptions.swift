/// What queries in SQL may use.
struct SelectOptions: Sendable {
    /// Queries that run at a time; more wait.
    var concurrency = 4
    /// Queries that may wait; more are answered 429.
    var queueLimit = 64
    /// Threads that scan and aggregate, for all queries together.
    var threads = 2
    /// Milliseconds.
    var timeout = 30_000
    /// Memory of one query, in bytes.
    var memoryBytes = 256 << 20
    /// Memory for decoded blocks that queries ask for again, in bytes.
    var blockBytes = 128 << 20
    /// Memory for dictionaries that hold for all parts, in bytes.
    var dictionaryBytes = 64 << 20
    /// Rows of one answer.
    var rows = 1_000_000
}
