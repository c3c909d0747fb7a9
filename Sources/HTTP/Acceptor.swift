internal import Base
internal import CLinux
internal import Glibc

/// The thread that accepts connections and hands them to the loops in turn.
struct Acceptor: ~Copyable, Sendable {
    private let thread: WorkerThread
    private let wake: Int32

    init(_ socket: consuming ListenSocket, loops: [Loop]) {
        wake = weir_eventfd()
        invariant(wake >= 0, "no eventfd")
        let wake = wake
        // A closure cannot own what is not copyable, so the socket travels in a box.
        let box = ListenBox(socket)
        thread = WorkerThread(name: "weir-accept") {
            acceptUntilWoken(box.socket.descriptor, wake: wake, loops: loops)
            withExtendedLifetime(box) {}
        }
    }

    /// Ends the thread and closes the listening socket.
    consuming func stop() {
        var one: UInt64 = 1
        let written = unsafe write(wake, &one, 8)
        invariant(written == 8, "an eventfd took no wake-up")
        let wake = wake
        thread.join()
        close(wake)
    }
}

private final class ListenBox: Sendable {
    let socket: ListenSocket

    init(_ socket: consuming ListenSocket) { self.socket = socket }
}

private func acceptUntilWoken(_ listener: Int32, wake: Int32, loops: [Loop]) {
    var polled = [
        pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
    ]
    var next = 0
    while true {
        let ready = unsafe poll(&polled, 2, -1)
        if polled[1].revents != 0 { return }
        guard ready > 0 else { continue }
        var name = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        unsafe withUnsafeMutableBytes(of: &name) { bytes in
            guard let start = bytes.baseAddress else { return }
            let address = unsafe start.assumingMemoryBound(to: sockaddr.self)
            let connection = unsafe weir_accept(listener, address, &length)
            guard connection >= 0 else {
                // Out of descriptors or memory: waiting gives connections time to end.
                if errno != EAGAIN, errno != ECONNABORTED { Clock.sleep(nanoseconds: 10_000_000) }
                return
            }
            var yes: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            unsafe setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size)
            unsafe loops[next].add(socket: connection, address: address, length: length)
            next = (next + 1) % loops.count
        }
    }
}
