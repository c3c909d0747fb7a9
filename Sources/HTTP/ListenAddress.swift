internal import Glibc

/// `HOST:PORT`, the host being an IPv4 address, an IPv6 address in brackets, or `localhost`.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// The IP address, without brackets; `localhost` has become 127.0.0.1.
    package let host: String
    /// The TCP port; 0 has the kernel choose one.
    package let port: UInt16
    /// Whether the host is an IPv6 address.
    package let isVersion6: Bool
    private let text: String

    /// Reads an address; nil if it is none.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = String(text[..<colon])
        let bracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if bracketed { host = String(host.dropFirst().dropLast()) }
        if host == "localhost" { host = "127.0.0.1" }
        let version4 = Self.isAddress(host, AF_INET, byteCount: 4)
        guard bracketed ? Self.isAddress(host, AF_INET6, byteCount: 16) : version4 else {
            return nil
        }
        self.init(host: host, port: port, isVersion6: bracketed)
    }

    fileprivate init(host: String, port: UInt16, isVersion6: Bool) {
        self.host = host
        self.port = port
        self.isVersion6 = isVersion6
        text = isVersion6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    package var description: String { text }

    /// Whether only processes of this machine can reach the address.
    package var isLoopback: Bool {
        isVersion6 ? host == "::1" : host.hasPrefix("127.")
    }

    /// The same host with another port.
    package func withPort(_ port: UInt16) -> ListenAddress {
        ListenAddress(host: host, port: port, isVersion6: isVersion6)
    }

    private static func isAddress(_ host: String, _ family: Int32, byteCount: Int) -> Bool {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        return unsafe inet_pton(family, host, &bytes) == 1
    }
}

extension ListenAddress {
    /// Where the server listens unless it is told otherwise.
    package static var standard: ListenAddress {
        ListenAddress(host: "127.0.0.1", port: 8_080, isVersion6: false)
    }
}
