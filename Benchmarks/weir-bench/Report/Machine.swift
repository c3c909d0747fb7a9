internal import Glibc

/// What a result was measured on.
struct Machine {
    let processor: String
    let coreCount: Int
    let kernel: String
    /// The commit of the working directory, where it is a repository.
    let commit: String

    init() {
        let line = readText("/proc/cpuinfo").split(separator: "\n")
            .first { $0.hasPrefix("model name") }
        processor = String((line?.split(separator: ":").last ?? "unknown").drop { $0 == " " })
        coreCount = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        kernel = String(readText("/proc/sys/kernel/osrelease").prefix { $0 != "\n" })
        let head = readText(".git/HEAD").prefix { $0 != "\n" }
        let reference = head.hasPrefix("ref: ") ? Self.commit(of: head.dropFirst(5)) : String(head)
        commit = reference.isEmpty ? "unknown" : String(reference.prefix(12))
    }

    /// On one line.
    var text: String { "\(processor), \(coreCount) cores, Linux \(kernel)" }

    /// The commit that a branch names, in a file of its own or among the packed ones.
    private static func commit(of branch: Substring) -> String {
        let text = readText(".git/\(branch)")
        if !text.isEmpty { return text }
        let line = readText(".git/packed-refs").split(separator: "\n")
            .first { $0.hasSuffix(" \(branch)") }
        return String(line?.prefix { $0 != " " } ?? "")
    }
}

/// What a process has used, from /proc.
struct ProcessUsage {
    var cpuSeconds: Double
    var residentBytes: Int
    var residentBytesMax: Int

    /// The usage of a process; nil if there is none with this id.
    init?(processId: Int) {
        let stat = readText("/proc/\(processId)/stat")
        // The name in parentheses may hold spaces; the fields after it are numbered from 3.
        guard let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[close...].split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
            return nil
        }
        cpuSeconds = Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        let status = readText("/proc/\(processId)/status").split(separator: "\n")
        residentBytes = Self.kibibytes("VmRSS:", status)
        residentBytesMax = Self.kibibytes("VmHWM:", status)
    }

    /// The usage of this process.
    static var current: ProcessUsage? { ProcessUsage(processId: Int(getpid())) }

    private static func kibibytes(_ name: String, _ status: [Substring]) -> Int {
        let line = status.first { $0.hasPrefix(name) }
        let number = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        return (number.flatMap { Int($0) } ?? 0) << 10
    }
}

/// The text of a small file, empty where there is none.
func readText(_ path: String) -> String {
    guard let file = unsafe fopen(path, "r") else { return "" }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe fread(&buffer, 1, buffer.count, file)
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}

/// The samples of the server's Prometheus page, those of one name added up.
struct ServerMetrics {
    private var values: [String: Double] = [:]

    init?(_ client: Client) {
        guard let (status, body) = client.get("/metrics"), status == 200 else { return nil }
        for line in body.split(separator: 0x0A) where line.first != UInt8(ascii: "#") {
            let text = String(decoding: line, as: UTF8.self)
            let name = text.prefix { $0 != " " && $0 != "{" }
            guard let value = text.split(separator: " ").last.flatMap({ Double($0) }) else {
                continue
            }
            values[String(name), default: 0] += value
        }
    }

    /// What was added to each sample since another look.
    func change(since before: ServerMetrics) -> ServerMetrics {
        var change = self
        for (name, value) in before.values { change.values[name, default: 0] -= value }
        return change
    }

    subscript(name: String) -> Double { values[name] ?? 0 }
    func has(_ name: String) -> Bool { values[name] != nil }
}
