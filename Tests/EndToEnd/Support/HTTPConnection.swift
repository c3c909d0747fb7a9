import Foundation

/// A keep-alive connection to the server under test, on a plain socket.
///
/// Tests send what no well-behaved client library would let them send.
final class HTTPConnection {
    private let socket: Int32
    private var received: [UInt8] = []

    init(port: UInt16, timeoutSeconds: Int = 30) throws {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw HTTPFailure("socket", errno) }
        socket = descriptor
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        unsafe setsockopt(
            socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        unsafe setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0 {
            let code = errno
            close(descriptor)
            throw HTTPFailure("connect", code)
        }
    }

    deinit { close(socket) }

    /// Sends a request and reads its answer.
    func send(_ request: HTTPRequest) throws -> HTTPAnswer {
        try write(request.bytes)
        return try readAnswer(hasBody: request.method != "HEAD")
    }

    /// Sends bytes as they are.
    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(
                    socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw HTTPFailure("send", errno) }
            sent += count
        }
    }

    /// Reads one answer; of HEAD it has no body, whatever its Content-Length says.
    func readAnswer(hasBody: Bool = true) throws -> HTTPAnswer {
        while true {
            let end = try readHead()
            let head = String(decoding: received[..<end], as: UTF8.self)
            received.removeFirst(end + 4)
            var answer = HTTPAnswer(head: head)
            if answer.status == 100 { continue }
            let length = hasBody ? Int(answer.headers["content-length"] ?? "0") ?? 0 : 0
            while received.count < length { try fill() }
            answer.body = Array(received[..<length])
            received.removeFirst(length)
            return answer
        }
    }

    private func readHead() throws -> Int {
        let mark = Array("\r\n\r\n".utf8)
        var searched = 0
        while true {
            if received.count >= mark.count {
                for index in searched...(received.count - mark.count)
                where received[index] == mark[0] && Array(received[index..<index + 4]) == mark {
                    return index
                }
                searched = received.count - mark.count + 1
            }
            try fill()
        }
    }

    private func fill() throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(socket, $0.baseAddress, $0.count, 0)
        }
        guard count > 0 else { throw HTTPFailure("recv", count == 0 ? 0 : errno) }
        received += buffer[..<count]
    }
}

/// A connection that failed, where, and with which errno (0: closed by the server).
struct HTTPFailure: Error, CustomStringConvertible {
    let description: String

    init(_ place: String, _ code: Int32) {
        description = "\(place): errno \(code)"
    }
}

/// A request as it goes over the wire.
struct HTTPRequest {
    var method = "GET"
    var path: String
    var headers: [(String, String)] = []
    var body: [UInt8]?

    static func get(_ path: String, _ headers: [(String, String)] = []) -> Self {
        HTTPRequest(path: path, headers: headers)
    }

    static func post(
        _ path: String, _ body: [UInt8], _ headers: [(String, String)] = []
    ) -> Self {
        HTTPRequest(method: "POST", path: path, headers: headers, body: body)
    }

    var bytes: [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }
}

/// An answer; header names are in lower case.
struct HTTPAnswer {
    let status: Int
    let headers: [String: String]
    var body: [UInt8] = []

    init(head: String) {
        let lines = head.components(separatedBy: "\r\n")
        status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers[line[..<colon].lowercased()] = value
        }
        self.headers = headers
    }

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSON { JSON(body) }
    /// The `code` of an error answer.
    var errorCode: String? { json["error"]["code"].string }
}
