internal import Base

/// The damage that a command meets: each piece is told at once, and the command goes on.
final class Findings {
    private(set) var count = 0
    private let tell: (CorruptionError) -> Void

    init(_ tell: @escaping (CorruptionError) -> Void) { self.tell = tell }

    /// Findings that are a command's result: lines `FILE, offset N: expected …, found …`, or JSON.
    static func results(_ console: Console, asJSON: Bool) -> Findings {
        Findings { error in
            if asJSON { console.print(json(error)) } else { console.print(error.description) }
        }
    }

    /// Findings beside a result, for standard error.
    static func asides(_ console: Console) -> Findings {
        Findings { console.warn("weir-part: \($0)") }
    }

    func add(_ error: CorruptionError) {
        count += 1
        tell(error)
    }

    func add(_ file: String, _ offset: Int, expected: String, found: String) {
        add(CorruptionError(file: file, offset: offset, expected: expected, found: found))
    }

    var exitCode: ExitCode { count == 0 ? .fine : .damage }

    private static func json(_ error: CorruptionError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("file", error.file)
        writer.field("offset", error.offset)
        writer.field("expected", error.expected)
        writer.field("found", error.found)
        writer.endObject()
        return writer.finish()
    }
}
