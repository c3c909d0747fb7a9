internal import Base
internal import Glibc
internal import Synchronization

/// `weir serve` as a process of its own, for one benchmark.
///
/// Whoever starts it must `stop` it; a signal that ends the benchmark ends it too.
final class ServerProcess {
    /// The one to end with this process; 0 for none.
    private static let latest = Atomic<Int32>(0)

    let processId: pid_t
    let address: Address
    private let output: Int32
    private var isRunning = true

    /// Starts the server on a free port, and waits until it listens; what it says goes to a file.
    init(binary: String, arguments: [String], logPath: String) throws(UsageError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw UsageError(failure: "no pipe: errno \(errno)")
        }
        let command = [binary, "serve", "--listen", "127.0.0.1:0"] + arguments
        let started = Self.spawn(command, output: ends[1], closing: ends[0], logPath: logPath)
        close(ends[1])
        output = ends[0]
        guard let started else {
            close(ends[0])
            throw UsageError(failure: "cannot start \(binary): errno \(errno)")
        }
        processId = started
        let line = Self.readLine(ends[0])
        let url = line.split(separator: " ").last.map(String.init) ?? ""
        guard line.hasPrefix("listening on"), let address = Address(url: url) else {
            kill(started, SIGKILL)
            waitpid(started, nil, 0)
            close(ends[0])
            throw UsageError(failure: "\(binary) does not start; \(logPath) says why")
        }
        self.address = address
        Self.latest.store(started, ordering: .releasing)
    }

    deinit { if isRunning { _ = stop() } }

    /// Ends the server; true if it took everything to disk and exited with 0.
    func stop() -> Bool {
        guard isRunning else { return true }
        isRunning = false
        var status: Int32 = 0
        kill(processId, SIGTERM)
        unsafe waitpid(processId, &status, 0)
        close(output)
        _ = Self.latest.compareExchange(
            expected: processId, desired: 0, ordering: .acquiringAndReleasing)
        return status == 0
    }

    /// From now on a signal that ends this process ends the server first.
    static func endWithThisProcess() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                let server = ServerProcess.latest.load(ordering: .acquiring)
                if server > 0 { kill(server, SIGTERM) }
                _exit(128 + number)
            }
        }
    }

    private static func spawn(
        _ command: [String], output: Int32, closing other: Int32, logPath: String
    ) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_addopen(
            &actions, 2, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        unsafe posix_spawn_file_actions_addclose(&actions, other)
        unsafe posix_spawn_file_actions_addclose(&actions, output)
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        // The server refuses variables named WEIR_ that are no settings of its own.
        let variables = readText("/proc/self/environ").split(separator: "\0")
            .filter { !$0.hasPrefix("WEIR_") }.map(String.init)
        var environment = unsafe variables.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe environment.forEach { unsafe free($0) }
        }
        var processId: pid_t = 0
        let result = unsafe posix_spawn(
            &processId, command[0], &actions, nil, &arguments, &environment)
        return result == 0 ? processId : nil
    }

    private static func readLine(_ descriptor: Int32) -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe read(descriptor, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }
}
