internal import Base
internal import Glibc

/// `weir-bench report`: every benchmark one after the other, and one document about them.
struct ReportCommand {
    private let fullRun: FullRun

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        guard let binary = options.optional("binary") else {
            throw UsageError("--binary names the server's program")
        }
        guard let folder = options.optional("out") else {
            throw UsageError("--out names the folder for data and report")
        }
        var run = FullRun(binary: binary, folder: folder, fill: try options.fill())
        run.seconds = Double(max(1, try options.number("seconds", 60)))
        run.eventRate = max(1, try options.number("rate", 100_000))
        run.clientCounts = try options.numbers("clients", [4, 16])
        run.seed = UInt64(try options.number("seed", Int(Clock.now() & 0xFFFF)))
        try options.finish()
        fullRun = run
    }

    /// Runs all; true if all of them were right.
    func run() throws(UsageError) -> Bool {
        var document = fullRun.document
        let isRight = try fullRun.run(Catalogue(), into: &document)
        try document.write(into: fullRun.folder)
        var text = document.markdown
        text.withUTF8 { unsafe writeAll(UnsafeRawBufferPointer($0), to: STDOUT_FILENO) }
        return isRight
    }
}
