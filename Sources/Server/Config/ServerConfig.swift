package import Base
package import HTTP

/// The whole configuration of a server, each key of `ConfigKey.all` in a typed field.
package struct ServerConfig: Sendable, Equatable {
    /// What happens when the ring of a loop is full.
    package enum Overflow: String, Sendable, CaseIterable {
        case drop, reject
    }

    /// What a 202 means unless the request says it.
    package enum Acknowledgement: String, Sendable, CaseIterable {
        case queued, durable
    }

    /// How files are read and written.
    package enum DiskIO: String, Sendable, CaseIterable {
        case automatic, uring, threads
    }

    /// The bounds of what clients may send.
    package struct Limits: Sendable, Equatable {
        /// The largest body as it is sent, in bytes.
        package var bodyBytes: Int64 = 8 << 20
        /// The largest body after decompression, in bytes.
        package var decompressedBytes: Int64 = 64 << 20
        /// The most events in one body.
        package var batchEvents: Int64 = 10_000
        /// The largest event, in bytes.
        package var eventBytes: Int64 = 256 << 10
        /// The most properties of an event, after flattening.
        package var properties: Int64 = 512
        /// The longest name of a property, in bytes.
        package var keyBytes: Int64 = 256
        /// The longest value of a property, in bytes.
        package var valueBytes: Int64 = 64 << 10
        /// How deep objects and arrays of an event may be nested.
        package var nesting: Int64 = 16
    }

    /// The data directory.
    package var data = "./data"
    /// Where HTTP is served; port 0 takes a free one.
    package var listen = ListenAddress.standard
    /// Whether others may reach the server although no access keys are configured.
    package var open = false
    /// The least severe messages that go to standard error.
    package var logLevel = LogLevel.info
    /// How long the log is kept after its events were flushed.
    package var logKeepTime: Milliseconds = 3_600_000
    /// How much of the log is kept at most after its events were flushed.
    package var logKeepBytes: Int64 = 8 << 30
    /// The size of one file of the log.
    package var logSegmentBytes: Int64 = 64 << 20
    /// Nil is `forever`.
    package var ingestMaxAge: Milliseconds? = 400 * 86_400_000
    /// Bytes of events that may wait for the log, over all loops.
    package var ingestBuffer: Int64 = 64 << 20
    /// What happens to events that find the buffer full.
    package var ingestOverflow = Overflow.drop
    /// What a 202 means for requests without `ack=`.
    package var ingestAcknowledge = Acknowledgement.queued
    /// The bounds of what clients may send.
    package var ingestLimits = Limits()
    /// How long an event id is remembered, in log time.
    package var dedupWindow: Milliseconds = 3_600_000
    /// How many event ids are remembered at most.
    package var dedupMaxIds: Int64 = 16_000_000
    /// How far behind the greatest event time a minute closes.
    package var streamLateness: Milliseconds = 60_000
    /// How often events go from memory and log to parts.
    package var streamFlushInterval: Milliseconds = 10_000
    /// Events in memory beyond so many bytes are flushed before their time.
    package var streamFlushBytes: Int64 = 128 << 20
    /// How often new events become visible to queries under load.
    package var streamPublishInterval: Milliseconds = 250
    /// How many rows of a part share one entry of its index.
    package var storeGranuleRows: Int64 = 8_192
    /// So many new rows of a partition go into the derived tables at once.
    package var storeDerivationRows: Int64 = 50_000
    /// After so many flushes fewer rows do, too.
    package var storeDerivationFlushes: Int64 = 30
    /// How long raw events are kept; nil is `forever`, here and below.
    package var retentionRaw: Milliseconds?
    /// How long rollups of one minute are kept.
    package var retentionMinute: Milliseconds?
    /// How long rollups of 15 minutes are kept.
    package var retentionQuarter: Milliseconds?
    /// How long rollups of an hour are kept.
    package var retentionHour: Milliseconds?
    /// How long rollups of a day are kept.
    package var retentionDay: Milliseconds?
    /// With fewer free bytes than this, ingest and merges pause.
    package var diskMinFree: Int64 = 512 << 20
    /// How files are read and written.
    package var diskIO = DiskIO.automatic
    /// Web origins whose pages may read answers other than those of ingest; `*` is all.
    package var corsOrigins: [String] = []
    /// 0 is one a core.
    package var httpLoops: Int64 = 0
    /// The most open connections, over all loops.
    package var httpConnections: Int64 = 1_024
    /// How long a connection without traffic stays open.
    package var httpIdleTimeout: Milliseconds = 75_000
    /// 0 is one a core.
    package var queryThreads: Int64 = 0
    /// Memory for finished answers of queries; 0 keeps none.
    package var queryCacheBytes: Int64 = 32 << 20
    /// `query.subtotalBytes`.
    package var querySubtotalBytes: Int64 = 64 << 20
    /// Queries in SQL that run at a time.
    package var queryConcurrency: Int64 = 4
    /// Queries in SQL that may wait for their turn.
    package var queryQueue: Int64 = 64
    /// How long a query in SQL may run.
    package var queryTimeout: Milliseconds = 30_000
    /// Memory of one query in SQL.
    package var queryMemory: Int64 = 256 << 20
    /// Memory for decoded blocks that queries in SQL ask for again.
    package var queryBlockBytes: Int64 = 128 << 20
    /// Memory for dictionaries that queries in SQL share.
    package var queryDictionaryBytes: Int64 = 64 << 20
    /// Rows of one answer in SQL.
    package var queryRows: Int64 = 1_000_000

    package init() {}

    /// Why the values do not go together; nil if they do.
    var contradiction: String? {
        if !listen.isLoopback, !open {
            return "listening on \(listen) would let everyone on the network in, as no access keys"
                + " are configured: listen on 127.0.0.1, or say --open if it is meant"
        }
        if logKeepBytes < logSegmentBytes {
            return "log.keepBytes is less than log.segmentBytes"
        }
        return nil
    }
}
