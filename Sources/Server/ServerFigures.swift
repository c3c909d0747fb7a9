internal import Base
internal import EventLog
internal import Events
internal import Glibc
internal import Store
internal import Stream

/// Registers the figures of `/metrics`, which are read from the engine at each scrape.
struct ServerFigures: Sendable {
    let engine: EngineSlot
    /// From the arrival of a query until its answer is made.
    let queryLatency: Histogram

    init(engine: EngineSlot, registry: PrometheusRegistry) {
        self.engine = engine
        queryLatency = registry.histogram(
            "weir_query_seconds", "From the arrival of a query until its answer is made.")
        registerIngest(registry)
        registerStream(registry)
        registerStore(registry)
        registerQueries(registry)
        registerMemory(registry)
        registerProcess(registry)
    }

    /// A figure of the engine; 0 while there is none.
    private func read(_ figure: @escaping @Sendable (Engine) -> Double) -> @Sendable () -> Double {
        { [engine] in
            engine.running.map(figure) ?? 0
        }
    }

    private func registerIngest(_ registry: PrometheusRegistry) {
        registry.counter(
            "weir_events_accepted_total", "Events that were answered 202.",
            read: read { Double($0.ingest.figures.accepted) })
        registry.counter(
            "weir_events_rejected_total", "Events, and whole bodies, that broke a rule.",
            read: read { Double($0.ingest.figures.rejected) })
        registry.counter(
            "weir_events_dropped_total", "Queued events that were lost before the log.",
            read: read { Double($0.ingest.figures.dropped) })
        registry.counter(
            "weir_ingest_blocks_total", "Blocks that were handed to the log.",
            read: read { Double($0.ingest.figures.blocks) })
        registry.counter(
            "weir_ingest_payload_bytes_total", "Bytes of these blocks, encoded.",
            read: read { Double($0.ingest.figures.payloadBytes) })
        registry.counter(
            "weir_stage_seconds_total", "Time by stage of ingest and stream.",
            [.init("stage", "decode")],
            read: read { Double($0.ingest.figures.decodeNanoseconds) / 1e9 })
        registry.counter(
            "weir_stage_seconds_total", "Time by stage of ingest and stream.",
            [.init("stage", "encode")],
            read: read { Double($0.ingest.figures.encodeNanoseconds) / 1e9 })
    }

    private func registerStream(_ registry: PrometheusRegistry) {
        let counters: [(String, String, @Sendable (StreamMetrics) -> UInt64)] = [
            (
                "duplicate", "Events whose id was seen within the dedup window.",
                { $0.duplicateCount }
            ),
            ("late", "Events that came after their minute had closed.", { $0.lateCount }),
            (
                "expired", "Events so old that no table keeps their time any more.",
                { $0.expiredCount }
            ),
            (
                "skewed", "Events whose clock ran ahead and that got their receipt time.",
                { $0.skewedCount }
            ),
        ]
        for (name, help, figure) in counters {
            registry.counter(
                "weir_events_\(name)_total", help, read: read { Double(figure($0.stream.metrics)) })
        }
        let stages: [(String, @Sendable (StageTimes) -> UInt64)] = [
            ("dedup", { $0.dedup }), ("watermark", { $0.watermark }), ("rollups", { $0.rollups }),
            ("publish", { $0.publish }), ("log_read", { $0.logRead }),
            ("raw_build", { $0.rawBuild }),
        ]
        for (name, figure) in stages {
            registry.counter(
                "weir_stage_seconds_total", "Time by stage of ingest and stream.",
                [.init("stage", name)],
                read: read { Double(figure($0.stream.metrics.stages)) / 1e9 })
        }
        registry.gauge(
            "weir_watermark_lag_seconds", "How far the watermark lies behind log time.",
            read: read { Double($0.stream.metrics.watermarkLag) / 1e3 })
        registry.gauge(
            "weir_freshness_seconds", "From receipt until visible in queries, of the newest block.",
            read: read { Double($0.stream.metrics.freshness) / 1e3 })
        registry.gauge(
            "weir_dedup_window_seconds", "The log time that the dedup window covers.",
            read: read { Double($0.stream.metrics.dedupSpan) / 1e3 })
        registry.counter(
            "weir_log_blocks_lost_total", "Blocks of the event log that could not be read.",
            read: read { Double($0.stream.metrics.lostBlockCount) })
        registry.counter(
            "weir_flushes_total", "Commits of the stream.",
            read: read { Double($0.stream.metrics.flushCount) })
        registry.counter(
            "weir_flush_failures_total", "Commits that failed and were tried again.",
            read: read { Double($0.stream.metrics.commitFailureCount) })
        registry.counter(
            "weir_flush_seconds_total", "Time that flushes took.",
            read: read { Double($0.stream.metrics.flushNanoseconds) / 1e9 })
    }

    private func registerStore(_ registry: PrometheusRegistry) {
        registry.histogram(
            "weir_log_sync_seconds", "How long the disk takes to sync the log.",
            bounds: LogMetrics.syncSecondsBounds
        ) { [engine] in
            guard let metrics = engine.running?.log.metrics else {
                let bucketCount = LogMetrics.syncSecondsBounds.count + 1
                return Histogram.Snapshot(counts: Array(repeating: 0, count: bucketCount))
            }
            return Histogram.Snapshot(
                counts: metrics.syncBuckets.map(UInt64.init), sum: metrics.syncSeconds)
        }
        registry.gauge(
            "weir_log_bytes", "What the event log takes on the disk.",
            read: read { Double($0.log.metrics.diskBytes) })
        let gauges: [(String, String, @Sendable (StoreMetrics) -> Int)] = [
            (
                "parts", "Parts on the disk, of all tables.",
                { $0.tables.reduce(0) { $0 + $1.partCount } }
            ),
            (
                "part_bytes", "What the parts take on the disk.",
                { $0.tables.reduce(0) { $0 + $1.byteCount } }
            ),
            (
                "merge_backlog_bytes", "What the merges that are due would read.",
                { $0.mergeBacklogBytes }
            ),
            (
                "merge_running_rows", "The rows of the merge that runs; 0 if none does.",
                { $0.runningMerge?.rowCount ?? 0 }
            ),
            (
                "merge_running_rows_read", "How many of them it has read.",
                { $0.runningMerge?.rowsRead ?? 0 }
            ),
            (
                "merges_paused", "1 while merges and derivations wait for free space.",
                { $0.mergesPaused ? 1 : 0 }
            ),
            (
                "derivation_backlog_rows", "What the derivations that are due would read.",
                { $0.derivationBacklogRows }
            ),
            ("rows_lost", "Rows that damage took and that are not made again.", { $0.lostRows }),
            ("repairs_pending", "Damaged parts that may be made again.", { $0.pendingRepairs }),
        ]
        for (name, help, figure) in gauges {
            registry.gauge(
                "weir_\(name)", help, read: read { Double(figure($0.storeFigures.metrics)) })
        }
        registerStoreCounters(registry)
        registry.counter(
            "weir_snapshots_made_total", "Snapshots that were made.",
            read: read { Double($0.snapshots.figures.made.value) })
        registry.counter(
            "weir_snapshot_failures_total", "Requests about snapshots that the disk failed.",
            read: read { Double($0.snapshots.figures.failed.value) })
        registry.gauge(
            "weir_disk_free_bytes", "Free bytes on the disk of the data directory.",
            read: read { Double($0.health.freeBytes ?? 0) })
    }

    private func registerQueries(_ registry: PrometheusRegistry) {
        registry.counter(
            "weir_query_not_modified_total", "Queries that were answered 304, without running.",
            read: read { Double($0.queries.figures.notModified.value) })
        registry.counter(
            "weir_query_cache_hits_total", "Queries that were answered from the cache.",
            read: read { Double($0.queries.figures.cacheHits.value) })
        registry.counter(
            "weir_query_cache_misses_total", "Queries that were run.",
            read: read { Double($0.queries.figures.cacheMisses.value) })
        registry.gauge(
            "weir_sql_running", "Queries in SQL that run.",
            read: read { Double($0.selects.log.runningCount) })
        registry.gauge(
            "weir_sql_waiting", "Queries in SQL that wait for their turn.",
            read: read { Double($0.selects.waitingCount) })
    }

    private func registerStoreCounters(_ registry: PrometheusRegistry) {
        let counters: [(String, String, @Sendable (StoreMetrics) -> Double)] = [
            ("flushed_bytes", "What flushes have written.", { Double($0.committedBytes) }),
            ("merged_bytes", "What merges have read.", { Double($0.mergedBytes) }),
            ("merge_written_bytes", "What merges have written.", { Double($0.mergeWrittenBytes) }),
            ("merge_seconds", "Time that merges took.", { Double($0.mergeNanoseconds) / 1e9 }),
            ("derived_rows", "Rows that derivations have read.", { Double($0.derivedRows) }),
            ("derived_bytes", "What derivations have written.", { Double($0.derivedBytes) }),
            ("parts_quarantined", "Damaged parts set aside.", { Double($0.partsQuarantined) }),
            ("parts_rebuilt", "Damaged parts that were made again.", { Double($0.partsMadeAgain) }),
            (
                "parts_reattached", "Parts that only damaged records named, taken up again.",
                { Double($0.partsTakenUp) }
            ),
            (
                "derivation_seconds", "Time that derivations took.",
                { Double($0.derivationNanoseconds) / 1e9 }
            ),
            ("retention_dropped_parts", "Parts not kept any longer.", { Double($0.droppedParts) }),
            ("retention_dropped_rows", "The rows of these parts.", { Double($0.droppedRows) }),
            ("retention_dropped_bytes", "The size of these parts.", { Double($0.droppedBytes) }),
        ]
        for (name, help, figure) in counters {
            registry.counter(
                "weir_\(name)_total", help, read: read { figure($0.storeFigures.metrics) })
        }
    }

    private func registerMemory(_ registry: PrometheusRegistry) {
        let owners: [(String, @Sendable (Engine) -> Int)] = [
            ("rings", { $0.ingest.ringBytes }),
            ("stream_queue", { $0.stream.metrics.queueBytes }),
            ("live_tail", { $0.stream.metrics.liveBytes }),
            ("dedup", { $0.stream.metrics.dedupBytes }),
            ("minute_counts", { $0.store.minuteCountBytes }),
            ("query_cache", { $0.queries.cacheBytes }),
            ("query_subtotals", { $0.queries.subtotalBytes }),
            ("query_blocks", { $0.selects.blockBytes }),
            ("query_dictionaries", { $0.selects.dictionaryBytes }),
        ]
        for (owner, bytes) in owners {
            registry.gauge(
                "weir_memory_bytes", "Memory by who holds it.", [.init("owner", owner)],
                read: read { Double(bytes($0)) })
        }
    }

    private func registerProcess(_ registry: PrometheusRegistry) {
        registry.gauge("process_pid", "The id of the process.", read: { Double(getpid()) })
        registry.counter(
            "process_cpu_seconds_total", "Processor time of the process.",
            read: { ProcessUsage.cpuSeconds })
        registry.gauge(
            "process_resident_memory_bytes", "Memory of the process that is in RAM.",
            read: { Double(ProcessUsage.residentBytes) })
    }
}

/// What the kernel says of this process.
enum ProcessUsage {
    static var cpuSeconds: Double {
        var usage = rusage()
        guard unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(seconds) + Double(microseconds) / 1e6
    }

    /// The second number of `/proc/self/statm`, in pages.
    static var residentBytes: Int {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return 0 }
        let fields = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * Int(getpagesize())
    }
}
