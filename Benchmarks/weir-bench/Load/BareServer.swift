internal import Base
internal import Glibc
internal import HTTP

/// libmicrohttpd alone: every event is answered 202, and nothing is done with it.
///
/// What the real server reaches is given as a share of this one, on the same machine and in the
/// same run.
struct BareServer {
    private let server: HTTPServer
    let address: Address

    init() throws(UsageError) {
        var router = Router()
        let body = Array(#"{"status":"queued"}"#.utf8)
        router.add(.post, "/api/v1/events/track", crossOrigin: .any) { _, responder in
            responder.answer(.json(body, status: 202))
        }
        var options = HTTPOptions()
        options.loops = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        guard let anyPort = ListenAddress("127.0.0.1:0") else {
            throw UsageError(failure: "there is no loopback address")
        }
        do throws(HTTPError) {
            server = try HTTPServer(ListenSocket(anyPort), options: options, router: router)
        } catch {
            throw UsageError(failure: "the bare server does not start: \(error)")
        }
        guard let address = Address(url: "http://\(server.address)") else {
            throw UsageError(failure: "the bare server has no address")
        }
        self.address = address
    }

    func stop() { server.stop(graceSeconds: 1) }

    /// Single events against a bare server for a time, nothing else running.
    static func measure(
        seconds: Double, connectionCount: Int, threadCount: Int, seed: UInt64,
        _ catalogue: Catalogue
    ) throws(UsageError) -> LoadRun.Outcome {
        let bare = try BareServer()
        defer { bare.stop() }
        let form = RequestForm(
            body: .single, batchSize: 1, isDurable: false, host: bare.address.text)
        return try LoadRun(
            address: bare.address, form: form, seconds: seconds, eventLimit: .max,
            connectionCount: connectionCount, threadCount: threadCount, rate: 0, seed: seed
        ).run(catalogue)
    }
}
