package import Base
internal import Glibc

/// How severe a message is.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, warning, error

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}

/// The log of the process: one JSON object a line on standard error.
///
/// For what an operator wants to know, never a line per request, and never a key in it.
package struct Logger: Sendable {
    /// The least severe messages that are written.
    package let level: LogLevel
    private let write: @Sendable ([UInt8]) -> Void

    /// Writes messages of at least this severity; `write` gets whole lines.
    package init(
        level: LogLevel,
        write: @escaping @Sendable ([UInt8]) -> Void = { line in Logger.writeToStandardError(line) }
    ) {
        self.level = level
        self.write = write
    }

    /// For who looks for a fault in Weir; off unless asked for.
    ///
    /// `fields` writes further members of the line; it runs only if the message is written.
    package func debug(_ message: String, _ fields: (inout JSONWriter) -> Void = { _ in }) {
        log(.debug, message, fields)
    }

    /// What an operator wants to know although nothing is wrong.
    package func info(_ message: String, _ fields: (inout JSONWriter) -> Void = { _ in }) {
        log(.info, message, fields)
    }

    /// What an operator should look at, though the server goes on.
    package func warning(_ message: String, _ fields: (inout JSONWriter) -> Void = { _ in }) {
        log(.warning, message, fields)
    }

    /// What failed, and that an operator must mend.
    package func error(_ message: String, _ fields: (inout JSONWriter) -> Void = { _ in }) {
        log(.error, message, fields)
    }

    private func log(
        _ level: LogLevel, _ message: String, _ fields: (inout JSONWriter) -> Void
    ) {
        guard level >= self.level else { return }
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.field("time", CivilTime(Clock.now()).text)
        writer.field("level", level.rawValue)
        writer.field("message", message)
        fields(&writer)
        writer.endObject()
        write(writer.finish() + [0x0A])
    }

    /// One call a line, so that lines of different threads do not mix.
    private static func writeToStandardError(_ line: [UInt8]) {
        var rest = line[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
            }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return
            }
        }
    }
}
