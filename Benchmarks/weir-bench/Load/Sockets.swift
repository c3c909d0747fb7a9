internal import Base
internal import Glibc

/// Where the server is.
struct Address: Sendable {
    let host: String
    let port: UInt16

    /// Reads `http://HOST:PORT`; the host must be an IPv4 address or `localhost`.
    init?(url: String) {
        let scheme = "http://"
        guard url.hasPrefix(scheme) else { return nil }
        let rest = url.dropFirst(scheme.count).prefix { $0 != "/" }
        let parts = rest.split(separator: ":")
        guard let name = parts.first, parts.count <= 2 else { return nil }
        guard let port = parts.count == 2 ? UInt16(parts[1]) : 80 else { return nil }
        host = name == "localhost" ? "127.0.0.1" : String(name)
        self.port = port
    }

    var text: String { "\(host):\(port)" }

    /// A connected socket, or nil and errno.
    func connect(isBlocking: Bool) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            close(descriptor)
            return nil
        }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var on: Int32 = 1
        unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        guard result == 0, isBlocking || setNonBlocking(descriptor) else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private func setNonBlocking(_ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFL)
        return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0
    }
}

/// The answer that a connection is reading: status, and where it ends.
struct AnswerReader {
    private(set) var bytes: [UInt8] = []
    private var headEnd: Int?
    private var length = 0
    private(set) var status = 0

    /// Takes what was received; true once the answer is complete.
    mutating func take(_ more: UnsafeRawBufferPointer) -> Bool {
        unsafe bytes.append(contentsOf: more)
        if headEnd == nil { findHead() }
        guard let headEnd else { return false }
        return bytes.count >= headEnd + length
    }

    var body: ArraySlice<UInt8> { bytes[(headEnd ?? 0)...] }

    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        headEnd = nil
        length = 0
        status = 0
    }

    private mutating func findHead() {
        guard bytes.count >= 16 else { return }
        var index = 3
        while index < bytes.count {
            if bytes[index] == 0x0A, bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A {
                headEnd = index + 1
                readHead(end: index + 1)
                return
            }
            index += 1
        }
    }

    private mutating func readHead(end: Int) {
        status = bytes[9..<12].reduce(0) { $0 * 10 + Int($1 & 0xF) }
        // These have no body, whatever length they name.
        if status == 304 || status == 204 { return }
        length = value(of: Self.lengthName).reduce(0) { $0 * 10 + Int($1 & 0xF) }
    }

    private static let lengthName = Array("\ncontent-length:".utf8)

    /// The value of a header by its name in lower case; nil where it is not there.
    func header(_ name: String) -> String? {
        let value = value(of: Array("\n\(name):".utf8))
        return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
    }

    /// What follows a line's beginning, without spaces before it; empty where no line begins so.
    private func value(of name: [UInt8]) -> ArraySlice<UInt8> {
        guard let end = headEnd, end > name.count else { return [] }
        for start in 0..<(end - name.count) where bytes[start] == 0x0A {
            let isIt = name.indices.allSatisfy { offset in
                let byte = bytes[start + offset]
                return (byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) == name[offset]
            }
            guard isIt else { continue }
            return bytes[(start + name.count)..<end].prefix { $0 != 0x0D }.drop { $0 == 0x20 }
        }
        return []
    }
}

/// Asks the server something, one connection each time, and waits.
struct Client {
    let address: Address

    /// The answer's status and body; nil where there was none.
    func get(_ path: String) -> (status: Int, body: ArraySlice<UInt8>)? {
        send("GET \(path) HTTP/1.1\r\nHost: \(address.text)\r\nConnection: close\r\n\r\n")
    }

    /// Posts a JSON body.
    func post(_ path: String, _ body: String) -> (status: Int, body: ArraySlice<UInt8>)? {
        send(
            "POST \(path) HTTP/1.1\r\nHost: \(address.text)\r\nConnection: close\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    private func send(_ request: String) -> (status: Int, body: ArraySlice<UInt8>)? {
        guard let descriptor = address.connect(isBlocking: true) else { return nil }
        defer { close(descriptor) }
        var text = request
        text.withUTF8 { unsafe writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
        var reader = AnswerReader()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let isComplete = unsafe buffer.withUnsafeMutableBytes { bytes -> Bool? in
                let count = unsafe receive(from: descriptor, into: bytes)
                guard count > 0 else { return nil }
                return unsafe reader.take(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            guard let isComplete else { return nil }
            if isComplete { return (reader.status, reader.body) }
        }
    }
}

/// What recv(2) says, again where a signal interrupted it.
///
/// io_uring, which fills rollups, also interrupts calls so when a ring is given up.
func receive(from descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer) -> Int {
    while true {
        let count = unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
        if count >= 0 || errno != EINTR { return count }
    }
}
