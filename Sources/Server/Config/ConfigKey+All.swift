extension ConfigKey {
    /// Every key there is, in the order of the reference.
    package static let all: [ConfigKey] = process + ingest + stream + storage + service

    private static let day: Int64 = 86_400_000
    private static let hour: Int64 = 3_600_000
    private static let mebibyte: Int64 = 1 << 20
    private static let gibibyte: Int64 = 1 << 30
    private static let tebibyte: Int64 = 1 << 40

    private static let process: [ConfigKey] = [
        .text("data", \.data, "The data directory; made if it is not there."),
        .address("listen", \.listen, "Where to serve HTTP; port 0 takes a free one."),
        .truth(
            "open", \.open,
            "Allows an address that others can reach while no access keys are configured."),
        .choice("log.level", \.logLevel, "The least severe messages on standard error."),
    ]

    private static let ingest: [ConfigKey] = [
        .age(
            "ingest.maxAge", \.ingestMaxAge,
            "Events older than this are rejected; forever is for imports."),
        .bytes(
            "ingest.buffer", \.ingestBuffer, mebibyte...(64 * gibibyte),
            "Memory for events that the log writer has not taken yet."),
        .choice(
            "ingest.overflow", \.ingestOverflow,
            "When the buffer is full: drop the oldest queued events, or answer 503."),
        .choice(
            "ingest.acknowledge", \.ingestAcknowledge,
            "What a 202 means unless the request says ack=: queued in memory, or durable on disk."),
        .bytes(
            "ingest.limits.bodyBytes", \.ingestLimits.bodyBytes, 1_024...gibibyte,
            "The largest body as it is sent."),
        .bytes(
            "ingest.limits.decompressedBytes", \.ingestLimits.decompressedBytes, 1_024...gibibyte,
            "The largest body after decompression."),
        .whole(
            "ingest.limits.batchEvents", \.ingestLimits.batchEvents, 1...1_000_000,
            "The most events in a batch."),
        .bytes(
            "ingest.limits.eventBytes", \.ingestLimits.eventBytes, 256...(64 * mebibyte),
            "The largest event."),
        .whole(
            "ingest.limits.properties", \.ingestLimits.properties, 1...65_536,
            "The most properties of an event."),
        .bytes(
            "ingest.limits.keyBytes", \.ingestLimits.keyBytes, 16...65_536,
            "The longest name of a property."),
        .bytes(
            "ingest.limits.valueBytes", \.ingestLimits.valueBytes, 256...(16 * mebibyte),
            "The longest value of a property."),
        .whole(
            "ingest.limits.nesting", \.ingestLimits.nesting, 1...64,
            "The most levels of objects and arrays in a property's value; `{a: [1]}` has two."),
    ]

    private static let stream: [ConfigKey] = [
        .duration(
            "dedup.window", \.dedupWindow, 1_000...(30 * day),
            "How long an event id is remembered, so that the event counts once."),
        .whole(
            "dedup.maxIds", \.dedupMaxIds, 1_024...1_000_000_000,
            "How many event ids are remembered at most, at up to 10 bytes each."),
        .duration(
            "stream.lateness", \.streamLateness, 0...day,
            "How long after its end a minute still takes events that are not corrections."),
        .duration(
            "stream.flushInterval", \.streamFlushInterval, 10...hour,
            "How often events go from memory and log to parts."),
        .bytes(
            "stream.flushBytes", \.streamFlushBytes, 65_536...(16 * gibibyte),
            "Events in memory beyond this are flushed before their time."),
        .duration(
            "stream.publishInterval", \.streamPublishInterval, 1...60_000,
            "How often new events become visible to queries."),
    ]

    private static let storage: [ConfigKey] = [
        .duration(
            "log.keepTime", \.logKeepTime, 0...(365 * day),
            "How long the log is kept after its events were flushed."),
        .bytes(
            "log.keepBytes", \.logKeepBytes, mebibyte...(64 * tebibyte),
            "How much of the log is kept at most after its events were flushed."),
        .bytes(
            "log.segmentBytes", \.logSegmentBytes, 65_536...gibibyte,
            "The size of one file of the log."),
        .whole(
            "store.granuleRows", \.storeGranuleRows, 2...65_536,
            "How many rows of a part share one entry of its index; fewer of many columns."),
        .whole(
            "store.derivationRows", \.storeDerivationRows, 1...1_000_000_000,
            "So many new rows of a partition go into the derived tables at once."),
        .whole(
            "store.derivationFlushes", \.storeDerivationFlushes, 1...1_000_000,
            "After so many flushes fewer rows do, too."),
        .age("retention.raw", \.retentionRaw, "How long the events themselves are kept."),
        .age(
            "retention.minute", \.retentionMinute,
            "How long rollups of one minute are kept, counted back from the watermark."),
        .age(
            "retention.quarter", \.retentionQuarter, "How long rollups of 15 minutes are kept."),
        .age("retention.hour", \.retentionHour, "How long rollups of an hour are kept."),
        .age("retention.day", \.retentionDay, "How long rollups of a day are kept."),
        .bytes(
            "disk.minFree", \.diskMinFree, 0...tebibyte,
            "With less free space than this, ingest and merges pause."),
        .choice(
            "disk.io", \.diskIO,
            "How files are accessed; automatic is io_uring where the kernel allows it."),
    ]

    private static let service: [ConfigKey] = [
        .list(
            "cors.origins", \.corsOrigins,
            "Web origins whose pages may read answers other than those of ingest; * for all."),
        .whole("http.loops", \.httpLoops, 0...256, "Threads that serve HTTP; 0 is one a core."),
        .whole(
            "http.connections", \.httpConnections, 1...100_000,
            "The most open connections; more are closed at once."),
        .duration(
            "http.idleTimeout", \.httpIdleTimeout, 1_000...hour,
            "A connection without traffic for so long is closed."),
        .whole("query.threads", \.queryThreads, 0...256, "Threads for queries; 0 is one a core."),
        .bytes(
            "query.cacheBytes", \.queryCacheBytes, 0...(64 * gibibyte),
            "Memory for finished answers, for when the same is asked again; 0 keeps none."),
        .bytes(
            "query.subtotalBytes", \.querySubtotalBytes, 0...(64 * gibibyte),
            "Memory for what single parts add to queries that are asked again; 0 keeps none."),
        .whole(
            "query.concurrency", \.queryConcurrency, 1...1_000,
            "Queries in SQL that run at a time."),
        .whole(
            "query.queue", \.queryQueue, 1...100_000,
            "Queries in SQL that may wait for their turn; more are answered 429."),
        .duration(
            "query.timeout", \.queryTimeout, 1...hour * 24,
            "How long a query in SQL may run; it then ends with query_limit."),
        .bytes(
            "query.memory", \.queryMemory, 1_048_576...(64 * gibibyte),
            "Memory that one query in SQL may use; it then ends with query_limit."),
        .bytes(
            "query.blockBytes", \.queryBlockBytes, 0...(64 * gibibyte),
            "Memory for decoded blocks that queries in SQL ask for again; 0 keeps none."),
        .bytes(
            "query.dictionaryBytes", \.queryDictionaryBytes, 0...(64 * gibibyte),
            "Memory for dictionaries that queries in SQL share."),
        .whole(
            "query.rows", \.queryRows, 1...1_000_000_000,
            "Rows of one answer in SQL; a query with more ends with query_limit."),
    ]
}
