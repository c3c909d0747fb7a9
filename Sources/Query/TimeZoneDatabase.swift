package import Base
internal import Glibc

/// The zones of tzdata, read when they are first asked for and kept while the process
/// runs.
package final class TimeZoneDatabase: Sendable {
    /// The database of the system, or that in the directory that `TZDIR` names.
    package static let shared = TimeZoneDatabase(directory: systemDirectory())

    private static let defaultDirectory = "/usr/share/zoneinfo"
    /// Names of UTC; these need no files.
    private static let namesOfUTC: Set = [
        "UTC", "Z", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu",
    ]
    private static let nameLengthMax = 64
    /// Far more than the longest file of tzdata has.
    private static let fileBytesMax = 1 << 18

    private struct State {
        /// Names that exist only, so that it cannot grow beyond the files that there are.
        var zones: [String: TimeZoneRules] = [:]
        /// Nil until an unknown name is met.
        var names: [String]?
    }

    private let directory: String
    private let state = Locked(State())

    /// The database in a directory laid out as tzdata lays it out.
    package init(directory: String) { self.directory = directory }

    /// The rules of a zone; nil for UTC.
    ///
    /// Unknown names are 422 `unknown_timezone`. Reads a file the first time, then costs a look-up.
    package func rules(named name: String) throws(QueryError) -> TimeZoneRules? {
        if Self.namesOfUTC.contains(name) { return nil }
        if let known = state.withLock({ $0.zones[name] }) { return known }
        guard Self.isName(name), let bytes = read(name),
            let rules = try? TimeZoneRules(name: name, tzif: bytes)
        else { throw unknown(name) }
        state.withLock { $0.zones[name] = rules }
        return rules
    }

    /// Whether the name can be one of tzdata: no way out of the directory.
    private static func isName(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= nameLengthMax else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy(isNameByte)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private func read(_ name: String) -> [UInt8]? {
        let descriptor = unsafe open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= Self.fileBytesMax
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        }
        return count == bytes.count ? bytes : nil
    }

    private func unknown(_ name: String) -> QueryError {
        var error = QueryError.unknown("timezone", String(name.prefix(100)), known: names())
        if error.closest.isEmpty {
            error.message =
                "unknown timezone \"\(name.prefix(100))\"; use a name of the IANA database, such "
                + "as Europe/Vienna"
        }
        return error
    }

    private func names() -> [String] {
        if let names = state.withLock({ $0.names }) { return names }
        var names = Array(Self.namesOfUTC)
        for area in entries("") where area.first?.isUppercase ?? false { collect(area, &names) }
        let sorted = names.sorted()
        state.withLock { $0.names = sorted }
        return sorted
    }

    /// Adds the name if it is one of a file, else those below it.
    private func collect(_ name: String, _ names: inout [String]) {
        guard Self.isName(name) else { return }
        let below = entries(name)
        if below.isEmpty {
            names.append(name)
        } else {
            for entry in below { collect("\(name)/\(entry)", &names) }
        }
    }

    /// What is in a directory; nothing if it is none.
    private func entries(_ name: String) -> [String] {
        guard let stream = unsafe opendir("\(directory)/\(name)") else { return [] }
        defer { unsafe closedir(stream) }
        var entries: [String] = []
        // SAFETY: an entry holds until the next is read, and its name ends with a zero.
        while let entry = unsafe readdir(stream) {
            let text = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { characters in
                    unsafe String(cString: characters)
                }
            }
            if !text.hasPrefix(".") { entries.append(text) }
        }
        return entries
    }

    private static func systemDirectory() -> String {
        guard let value = unsafe getenv("TZDIR") else { return defaultDirectory }
        let directory = unsafe String(cString: value)
        return directory.isEmpty ? defaultDirectory : directory
    }
}
