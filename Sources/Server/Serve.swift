internal import Base
internal import Glibc
package import HTTP

/// Runs a server until SIGTERM or SIGINT, then stops it; returns the exit code of the process.
///
/// The caller has called `StopSignals.block`. What does not start is said in one line on standard
/// error, and the code is 1.
package func serve(_ config: ServerConfig) -> Int32 {
    let logger = Logger(level: config.logLevel)
    let registry = PrometheusRegistry()
    var router = Router()
    router.add(.get, "/healthz") { _, responder in
        responder.answer(.json([UInt8](#"{"status":"alive"}"#.utf8)))
    }
    router.add(.get, "/metrics") { _, responder in
        let text = registry.text()
        responder.answer(.text(text, contentType: PrometheusRegistry.contentType))
    }
    do {
        let socket = try ListenSocket(config.listen)
        let server = try HTTPServer(socket, options: config.http, router: router)
        printLine("listening on http://\(server.address)")
        let signal = StopSignals.wait()
        StopSignals.exitAtNext()
        logger.info("stopping") { $0.field("signal", signal) }
        server.stop()
        return 0
    } catch {
        printError("weir: \(error)")
        return 1
    }
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
