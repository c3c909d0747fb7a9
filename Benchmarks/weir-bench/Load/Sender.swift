internal import Base
internal import CLinux
internal import Glibc

/// What one sender has done.
struct SendResult: Sendable {
    var latencies = Histogram()
    var requestCount = 0
    var eventCount = 0
    /// Answers other than 202, by status; 0 stands for connections that broke.
    var failures: [Int: Int] = [:]
    var failedEventCount = 0
    var byteCount = 0
    /// How late the worst request of an open loop was sent, because no connection was free.
    var waitingMax: UInt64 = 0
    var cpuNanoseconds: UInt64 = 0
}

/// Sends the requests of one queue over several keep-alive connections, one in flight on each.
///
/// With a rate it is an open loop: request k is due k/rate seconds after the start, whatever the
/// server does, and its latency counts from then. Without, a connection sends as soon as it is
/// free, and the latency counts from the first byte sent.
struct Sender {
    private struct Connection {
        var descriptor: Int32
        var chunk: Chunk?
        var range = 0..<0
        var eventCount = 0
        var begun: UInt64 = 0
        var reader = AnswerReader()
    }

    private let queue: ChunkQueue
    private let address: Address
    private let interval: UInt64
    private let poller: Int32
    private var connections: [Connection] = []
    private var idle: [Int] = []
    private var current: Chunk?
    /// Requests of each chunk that are not answered yet, by the chunk's identity.
    private var unanswered: [ObjectIdentifier: Int] = [:]
    private var nextDue: UInt64 = 0
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private(set) var result = SendResult()

    /// `interval` is the time between two requests in nanoseconds, 0 for a closed loop.
    init?(
        _ queue: ChunkQueue, _ address: Address, connectionCount: Int, interval: UInt64
    ) {
        self.queue = queue
        self.address = address
        self.interval = interval
        poller = weir_poller_create()
        guard poller >= 0 else { return nil }
        for index in 0..<connectionCount {
            guard let descriptor = address.connect(isBlocking: false) else { return nil }
            connections.append(Connection(descriptor: descriptor))
            guard weir_poller_add(poller, descriptor, UInt32(index)) == 0 else { return nil }
            idle.append(index)
        }
    }

    /// Sends until the queue is over and everything is answered; the first request is due at
    /// `start`.
    mutating func run(startingAt start: UInt64) -> SendResult {
        nextDue = start
        var numbers = [UInt32](repeating: 0, count: 256)
        var changes = numbers
        while true {
            let timeout = startRequests()
            let busyCount = connections.count - idle.count
            if busyCount == 0, current == nil, queue.isOver { break }
            let count = unsafe weir_poller_wait(poller, &numbers, &changes, 256, timeout)
            invariant(count >= 0, "epoll_pwait2 failed: errno \(errno)")
            for index in 0..<Int(count) {
                handle(Int(numbers[index]), changes[index])
            }
        }
        for connection in connections { close(connection.descriptor) }
        close(poller)
        result.cpuNanoseconds = threadCPU()
        return result
    }

    /// Gives requests that are due to connections that are free; returns how long to sleep.
    private mutating func startRequests() -> Int64 {
        while let index = idle.last {
            let now = Clock.monotonicNanoseconds()
            if interval > 0, nextDue > now { return Int64(nextDue - now) }
            guard let (chunk, request) = nextRequest() else { return 200_000 }
            idle.removeLast()
            connections[index].chunk = chunk
            connections[index].range = request.range
            connections[index].eventCount = request.eventCount
            connections[index].begun = interval > 0 ? nextDue : now
            if interval > 0 {
                result.waitingMax = max(result.waitingMax, now - nextDue)
                nextDue += interval
            }
            result.byteCount += request.range.count
            write(index)
        }
        return 100_000_000
    }

    private mutating func nextRequest() -> (Chunk, (range: Range<Int>, eventCount: Int))? {
        while true {
            if let chunk = current {
                let request = chunk.take()
                // Once its last request is answered the chunk is the generator's again.
                if chunk.isEmpty { current = nil }
                if let request { return (chunk, request) }
            }
            guard let chunk = queue.takeReady() else { return nil }
            unanswered[ObjectIdentifier(chunk)] = chunk.requests.count
            current = chunk
        }
    }

    private mutating func handle(_ index: Int, _ change: UInt32) {
        if change & UInt32(WEIR_WRITABLE) != 0 { write(index) }
        if change & UInt32(WEIR_READABLE) != 0 { read(index) }
    }

    private mutating func write(_ index: Int) {
        guard let chunk = connections[index].chunk else { return }
        let descriptor = connections[index].descriptor
        while !connections[index].range.isEmpty {
            let count = unsafe chunk.bytes.withBytes(connections[index].range) { bytes in
                unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 { return errno == EAGAIN ? () : fail(index) }
            let range = connections[index].range
            connections[index].range = range.lowerBound + count..<range.upperBound
        }
    }

    private mutating func read(_ index: Int) {
        while true {
            let descriptor = connections[index].descriptor
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return fail(index) }
            let isComplete = unsafe buffer.withUnsafeBytes { bytes in
                unsafe connections[index].reader.take(
                    UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            if isComplete { finish(index) }
        }
    }

    private mutating func finish(_ index: Int) {
        let status = connections[index].reader.status
        connections[index].reader.reset()
        guard let chunk = connections[index].chunk else { return }
        result.requestCount += 1
        if status == 202 {
            result.latencies.add(Clock.monotonicNanoseconds() - connections[index].begun)
            result.eventCount += connections[index].eventCount
        } else {
            result.failures[status, default: 0] += 1
            result.failedEventCount += connections[index].eventCount
        }
        release(index, chunk)
    }

    /// Opens a broken connection again; its request is lost.
    private mutating func fail(_ index: Int) {
        close(connections[index].descriptor)
        if let chunk = connections[index].chunk {
            result.failures[0, default: 0] += 1
            result.failedEventCount += connections[index].eventCount
            release(index, chunk)
        }
        connections[index].reader.reset()
        guard let descriptor = address.connect(isBlocking: false),
            weir_poller_add(poller, descriptor, UInt32(index)) == 0
        else { fatalError("the server takes no more connections: errno \(errno)") }
        connections[index].descriptor = descriptor
    }

    private mutating func release(_ index: Int, _ chunk: Chunk) {
        connections[index].chunk = nil
        connections[index].range = 0..<0
        idle.append(index)
        let key = ObjectIdentifier(chunk)
        let left = (unanswered[key] ?? 0) - 1
        invariant(left >= 0, "more answers than requests of a chunk")
        unanswered[key] = left
        if left == 0 {
            unanswered[key] = nil
            queue.giveBack(chunk)
        }
    }
}

/// The processor time of the calling thread, in nanoseconds.
func threadCPU() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
