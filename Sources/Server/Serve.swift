internal import Base
internal import Disk
internal import Glibc
package import HTTP

/// Runs a server until SIGTERM or SIGINT, then stops it; returns the exit code of the process.
///
/// The caller has called `StopSignals.block`. What does not start is said in one line on standard
/// error, and the code is 1. The port is bound before the data directory is touched; while the
/// engine recovers, the endpoints answer that it does.
package func serve(_ config: ServerConfig) -> Int32 {
    Allocator.keepFree(byteCount: 64 << 20)
    let logger = Logger(level: config.logLevel)
    let slot = EngineSlot()
    do {
        let socket = try ListenSocket(config.listen)
        let router = endpoints(of: config, slot)
        let server = try HTTPServer(socket, options: config.http, router: router)
        do {
            let disk = LinuxDisk(io: config.diskMethod)
            slot.set(.ready(try Engine(config.engine, disk: disk, logger: logger)))
        } catch {
            server.stop(graceSeconds: 0)
            throw error
        }
        printLine("listening on http://\(server.address)")
        let signal = StopSignals.wait()
        StopSignals.exitAtNext()
        logger.info("stopping") { $0.field("signal", signal) }
        return stop(server, slot, logger)
    } catch {
        printError("weir: \(error)")
        return 1
    }
}

private func endpoints(of config: ServerConfig, _ slot: EngineSlot) -> Router {
    let registry = PrometheusRegistry()
    let figures = ServerFigures(engine: slot, registry: registry)
    var router = Router()
    EventEndpoints(engine: slot, defaultAcknowledgement: config.ingestAcknowledge)
        .register(in: &router)
    MetricEndpoints(engine: slot, latency: figures.queryLatency).register(in: &router)
    SelectEndpoints(engine: slot, latency: figures.queryLatency).register(in: &router)
    SnapshotEndpoints(engine: slot).register(in: &router)
    HealthEndpoints(engine: slot).register(in: &router)
    router.add(.get, "/metrics") { _, responder in
        responder.answer(.text(registry.text(), contentType: PrometheusRegistry.contentType))
    }
    return router
}

/// Drains: requests that run are finished, what was taken is committed.
private func stop(_ server: HTTPServer, _ slot: EngineSlot, _ logger: Logger) -> Int32 {
    let engine = slot.accepting
    slot.set(.draining(engine))
    server.stop()
    guard let engine else { return 0 }
    if !engine.close() {
        logger.warning("not all events are in parts yet; they are in the log for the next start")
    }
    return 0
}

extension ServerConfig {
    /// The options of the HTTP server.
    package var http: HTTPOptions {
        var options = HTTPOptions()
        options.loops = httpLoops > 0 ? Int(httpLoops) : coreCount()
        options.connections = Int(httpConnections)
        options.idleSeconds = Int((httpIdleTimeout + 999) / 1_000)
        options.bodyLimit = Int(ingestLimits.bodyBytes)
        options.origins = corsOrigins
        return options
    }

    /// How many threads run queries.
    package var queryThreadCount: Int { queryThreads > 0 ? Int(queryThreads) : coreCount() }
}

/// How many processors are online.
private func coreCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
