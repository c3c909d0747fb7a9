internal import Base
internal import Glibc

/// A keep-alive connection that sends one request after the other and waits for each answer.
final class QueryConnection {
    /// What came back; the body is gone with the next request.
    struct Answer {
        var status: Int
        var body: ArraySlice<UInt8>
        var eTag: String?
    }

    private static let timeoutSeconds = 60
    private let address: Address
    private var descriptor: Int32?
    private var reader = AnswerReader()
    private var buffer = [UInt8](repeating: 0, count: 1 << 17)

    init(_ address: Address) { self.address = address }

    deinit { close() }

    /// The answer to a `GET`, with further headers where they are named; nil where there was none.
    func get(_ path: String, ifNoneMatch eTag: String? = nil) -> Answer? {
        let condition = eTag.map { "If-None-Match: \($0)\r\n" } ?? ""
        return send(
            Array("GET \(path) HTTP/1.1\r\nHost: \(address.text)\r\n\(condition)\r\n".utf8))
    }

    /// The answer to a request as it goes over the wire; nil where there was none.
    func send(_ request: [UInt8]) -> Answer? {
        guard let descriptor = open() else { return nil }
        reader.reset()
        guard write(request, to: descriptor), read(from: descriptor) else {
            close()
            return nil
        }
        let answer = Answer(
            status: reader.status, body: reader.body, eTag: reader.header("etag"))
        if reader.header("connection")?.lowercased() == "close" { close() }
        return answer
    }

    private func open() -> Int32? {
        if let descriptor { return descriptor }
        guard let opened = address.connect(isBlocking: true) else { return nil }
        var timeout = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        unsafe setsockopt(
            opened, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        descriptor = opened
        return opened
    }

    private func close() {
        if let descriptor { Glibc.close(descriptor) }
        descriptor = nil
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        unsafe bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = unsafe Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    private func read(from descriptor: Int32) -> Bool {
        while true {
            let isComplete = unsafe buffer.withUnsafeMutableBytes { bytes -> Bool? in
                let count = unsafe receive(from: descriptor, into: bytes)
                guard count > 0 else { return nil }
                return unsafe reader.take(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            guard let isComplete else { return false }
            if isComplete { return true }
        }
    }
}
