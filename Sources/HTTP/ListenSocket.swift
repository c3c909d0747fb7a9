internal import Glibc

/// A bound and listening socket.
///
/// Binding is apart from serving, so that a port in use is known before anything else is touched.
package struct ListenSocket: ~Copyable {
    let descriptor: Int32
    /// The address with the real port, also where port 0 was asked for.
    package let address: ListenAddress

    /// Binds the address and starts to listen.
    package init(_ address: ListenAddress) throws(HTTPError) {
        let family = address.isVersion6 ? AF_INET6 : AF_INET
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let created = socket(family, kind, 0)
        if created < 0 { throw Self.failure(address) }
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(created, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        guard Self.bind(created, address) == 0, listen(created, Self.backlog) == 0 else {
            let failure = Self.failure(address)
            close(created)
            throw failure
        }
        descriptor = created
        self.address = address.withPort(Self.port(of: created))
    }

    deinit { close(descriptor) }

    /// How many connections may wait to be accepted.
    private static var backlog: Int32 { 1_024 }

    private static func failure(_ address: ListenAddress) -> HTTPError {
        errno == EADDRINUSE
            ? .portInUse(address.description)
            : .listenFailed(
                address: address.description, reason: unsafe String(cString: strerror(errno)))
    }

    private static func bind(_ descriptor: Int32, _ address: ListenAddress) -> Int32 {
        if address.isVersion6 {
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = address.port.bigEndian
            unsafe inet_pton(AF_INET6, address.host, &name.sin6_addr)
            return unsafe withUnsafeBytes(of: &name) { unsafe bind(descriptor, $0) }
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = address.port.bigEndian
        unsafe inet_pton(AF_INET, address.host, &name.sin_addr)
        return unsafe withUnsafeBytes(of: &name) { unsafe bind(descriptor, $0) }
    }

    private static func bind(_ descriptor: Int32, _ name: UnsafeRawBufferPointer) -> Int32 {
        guard let start = name.baseAddress else { return -1 }
        return unsafe Glibc.bind(
            descriptor, start.assumingMemoryBound(to: sockaddr.self), socklen_t(name.count))
    }

    /// The port that a socket is bound to.
    ///
    /// IPv4 and IPv6 names have it at the same place.
    private static func port(of descriptor: Int32) -> UInt16 {
        var name = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        return unsafe withUnsafeMutableBytes(of: &name) { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            unsafe getsockname(descriptor, start.assumingMemoryBound(to: sockaddr.self), &length)
            return unsafe UInt16(bigEndian: start.load(fromByteOffset: 2, as: UInt16.self))
        }
    }
}
