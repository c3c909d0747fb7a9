internal import Disk
internal import EventLog
internal import Events
internal import HTTP
internal import Store
internal import Stream

extension ServerConfig {
    /// The settings of the engine, each layer's own.
    var engine: EngineOptions {
        var options = EngineOptions(directory: data)
        options.log = log
        options.stream = stream
        options.ingest = ingest
        options.store.granuleRows = Int(storeGranuleRows)
        options.store.derivationRows = Int(storeDerivationRows)
        options.store.derivationWaitFlushes = UInt64(storeDerivationFlushes)
        options.store.derivedTables = Catalog.builtIn.derivedTables
        options.store.retention = retention
        options.store.minimumFreeBytes = Int(diskMinFree)
        options.minimumFreeBytes = Int(diskMinFree)
        options.decompressedLimit = Int(ingestLimits.decompressedBytes)
        options.queryThreads = queryThreadCount
        options.queryCacheBytes = Int(queryCacheBytes)
        options.querySubtotalBytes = Int(querySubtotalBytes)
        options.settings = ConfigKey.all.map { ($0, $0.text(self)) }
        options.selects.concurrency = Int(queryConcurrency)
        options.selects.queueLimit = Int(queryQueue)
        options.selects.threads = queryThreadCount
        options.selects.timeout = Int(queryTimeout)
        options.selects.memoryBytes = Int(queryMemory)
        options.selects.blockBytes = Int(queryBlockBytes)
        options.selects.dictionaryBytes = Int(queryDictionaryBytes)
        options.selects.rows = Int(queryRows)
        return options
    }

    /// How files are read and written.
    var diskMethod: LinuxDisk.BatchMethod {
        switch diskIO {
        case .automatic: .automatic
        case .uring: .uring
        case .threads: .threads
        }
    }

    private var log: LogOptions {
        var options = LogOptions()
        options.segmentBytes = Int(logSegmentBytes)
        options.keepMilliseconds = logKeepTime
        options.keepBytes = Int(logKeepBytes)
        return options
    }

    private var retention: Retention {
        var retention = Retention()
        retention.raw = retentionRaw
        retention.minute = retentionMinute
        retention.quarter = retentionQuarter
        retention.hour = retentionHour
        retention.day = retentionDay
        return retention
    }

    private var stream: StreamOptions {
        var options = StreamOptions()
        options.lateness = streamLateness
        options.retention = retention
        options.dedupWindow = dedupWindow
        options.dedupIdsMax = Int(dedupMaxIds)
        options.liveTailBytesMax = Int(streamFlushBytes)
        options.flushInterval = streamFlushInterval
        options.publishInterval = streamPublishInterval
        return options
    }

    private var ingest: IngestOptions {
        var options = IngestOptions()
        options.loops = http.loops
        options.limits = limits
        options.bufferBytes = Int(ingestBuffer)
        options.overflow = ingestOverflow
        return options
    }

    private var limits: EventLimits {
        var limits = EventLimits()
        limits.bodyBytesMax = Int(ingestLimits.bodyBytes)
        limits.decompressedBytesMax = Int(ingestLimits.decompressedBytes)
        limits.eventCountMax = Int(ingestLimits.batchEvents)
        limits.eventBytesMax = Int(ingestLimits.eventBytes)
        limits.propertyCountMax = Int(ingestLimits.properties)
        limits.keyBytesMax = Int(ingestLimits.keyBytes)
        limits.valueBytesMax = Int(ingestLimits.valueBytes)
        limits.nestingMax = Int(ingestLimits.nesting)
        limits.ageMax = ingestMaxAge
        return limits
    }
}
