import Glibc
import HTTP
import Testing

/// A client that writes bytes and reads answers, so that tests see what is on the wire.
final class RawClient {
    /// An answer as it came.
    struct Answer {
        var status: Int
        var headers: [(name: String, value: String)]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    private struct NoConnection: Error {}
    /// A body in chunks that ends before its end.
    struct CutBody: Error {}

    let descriptor: Int32
    private var buffer: [UInt8] = []

    init(_ address: ListenAddress, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBufferBytes {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, 4)
        }
        // No measure of speed: a sanitizer on a busy machine takes its time.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = address.port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let descriptor = descriptor
        let result = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw NoConnection() }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    func send(_ text: String) { send([UInt8](text.utf8)) }

    /// Sends a request with a body and reads its answer.
    func ask(
        _ method: String, _ target: String, headers: [String] = [], body: String? = nil
    ) throws -> Answer {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: test\r\n"
        for header in headers { text += header + "\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        send(text + "\r\n" + (body ?? ""))
        return try readAnswer(hasBody: method != "HEAD")
    }

    /// Reads the chunks of a body to its end.
    private func readChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            guard let line = readLine(), let count = Int(line.prefix { $0 != ";" }, radix: 16)
            else { throw CutBody() }
            while buffer.count < count + 2, receive() {}
            guard buffer.count >= count + 2 else { throw CutBody() }
            body += buffer[..<count]
            buffer.removeFirst(count + 2)
            if count == 0 { return body }
        }
    }

    private func readLine() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<max(0, end - 1)], as: UTF8.self)
                buffer.removeFirst(end + 1)
                return line
            }
            if !receive() { return nil }
        }
    }

    /// Reads one answer; `hasBody` is false for HEAD.
    func readAnswer(hasBody: Bool = true) throws -> Answer {
        let end = try #require(readUntilBlankLine(), "no answer")
        let head = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 4)
        var lines = head.split(separator: "\r\n").map(String.init)
        let status = try #require(Int(lines.removeFirst().split(separator: " ")[1]))
        let headers = lines.map { line in
            let halves = line.split(separator: ":", maxSplits: 1)
            let value = halves.count > 1 ? halves[1].drop { $0 == " " } : ""
            return (name: String(halves[0]), value: String(value))
        }
        var answer = Answer(status: status, headers: headers, body: [])
        if hasBody, answer.header("Transfer-Encoding") == "chunked" {
            answer.body = try readChunks()
            return answer
        }
        let length = answer.header("Content-Length").flatMap { Int($0) } ?? 0
        if hasBody, status >= 200, status != 204 {
            while buffer.count < length, receive() {}
            try #require(buffer.count >= length, "the body is cut")
            answer.body = Array(buffer[..<length])
            buffer.removeFirst(length)
        }
        return answer
    }

    /// Whether the server closes the connection without sending more.
    func isClosed() -> Bool { buffer.isEmpty && !receive() && errno != EAGAIN }

    private func readUntilBlankLine() -> Int? {
        var from = 0
        while true {
            while from + 4 <= buffer.count {
                if buffer[from..<from + 4].elementsEqual([13, 10, 13, 10]) { return from }
                from += 1
            }
            guard receive() else { return nil }
        }
    }

    private func receive() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        errno = 0
        let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
        if count > 0 { buffer.append(contentsOf: chunk[..<count]) }
        return count > 0
    }
}

/// Runs a server on a free port for the time of the body.
func withServer(
    _ options: HTTPOptions = HTTPOptions(), _ routes: (inout Router) -> Void,
    _ body: (HTTPServer) throws -> Void
) throws {
    var router = Router()
    routes(&router)
    let address = try #require(ListenAddress("127.0.0.1:0"))
    let server = try HTTPServer(ListenSocket(address), options: options, router: router)
    defer { server.stop(graceSeconds: 1) }
    try body(server)
}
