internal import EventLog
internal import Store
internal import Stream

/// The settings of an engine, each layer's own.
struct EngineOptions: Sendable {
    var directory: String
    var log = LogOptions()
    var store = StoreOptions()
    var stream = StreamOptions()
    var ingest = IngestOptions()
    /// Below this much free disk nothing is written.
    var minimumFreeBytes = 512 << 20
    var decompressedLimit = 64 << 20
    var queryThreads = 2
    /// Queries that may wait for a thread; more are answered 429.
    var queryQueue = 256
    /// Memory for finished answers.
    var queryCacheBytes = 32 << 20
    var querySubtotalBytes = 64 << 20
    var selects = SelectOptions()
    /// For `system.settings`.
    var settings: [(key: ConfigKey, value: String)] = []
}
