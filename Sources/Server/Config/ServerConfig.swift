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
        package var bodyBytes: Int64 = 8 << 20
        package var decompressedBytes: Int64 = 64 << 20
        package var batchEvents: Int64 = 10_000
        package var eventBytes: Int64 = 256 << 10
        package var properties: Int64 = 512
        package var keyBytes: Int64 = 256
        package var valueBytes: Int64 = 64 << 10
        package var nesting: Int64 = 16
    }

    package var data = "./data"
    package var listen = ListenAddress.standard
    package var open = false
    package var logLevel = LogLevel.info
    package var logKeepTime: Milliseconds = 3_600_000
    package var logKeepBytes: Int64 = 8 << 30
    package var logSegmentBytes: Int64 = 64 << 20
    /// Nil is `forever`.
    package var ingestMaxAge: Milliseconds? = 400 * 86_400_000
    package var ingestBuffer: Int64 = 64 << 20
    package var ingestOverflow = Overflow.drop
    package var ingestAcknowledge = Acknowledgement.queued
    package var ingestLimits = Limits()
    package var dedupWindow: Milliseconds = 3_600_000
    package var dedupMaxIds: Int64 = 16_000_000
    package var streamLateness: Milliseconds = 60_000
    package var streamFlushInterval: Milliseconds = 10_000
    package var streamFlushBytes: Int64 = 128 << 20
    package var streamPublishInterval: Milliseconds = 250
    package var storeGranuleRows: Int64 = 8_192
    package var diskMinFree: Int64 = 512 << 20
    package var diskIO = DiskIO.automatic
    package var corsOrigins: [String] = []
    /// 0 is one a core.
    package var httpLoops: Int64 = 0
    package var httpConnections: Int64 = 1_024
    package var httpIdleTimeout: Milliseconds = 75_000
    /// 0 is one a core.
    package var queryThreads: Int64 = 0

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
