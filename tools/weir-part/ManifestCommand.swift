internal import Base
internal import Disk
internal import PartFormat
internal import Store

extension Command {
    static let manifest = Command(
        name: "manifest",
        summary: "the records one by one, and the state that they add up to",
        help: """
            Prints what the manifest says, record by record: the offset, the sequence, the kind,
            which parts come (+) and go (-), and where log and stream stand. Then the state: how
            many parts, rows and bytes each table has, up to which flush derived tables contain
            their base, and what was lost.

            usage: weir-part manifest PATH [--state | --records] [--json]

              PATH       a data directory, a snapshot, or a manifest
              --state    only the state
              --records  only the records
              --json     a line of JSON for each record, and one for the state with every part

            examples:
              weir-part manifest data
              weir-part manifest data --state
              weir-part manifest data --json | jq -c 'select(.kind == "merge") | .added[].bytes'

            exit codes: 0 fine · 1 wrong usage · 2 a record is damaged · 3 cannot be read

            """,
        flags: ["json", "state", "records"],
        run: runManifest)
}

private func runManifest(_ arguments: Arguments, _ console: Console) throws(ToolError) -> ExitCode {
    let disk = LinuxDisk()
    var path = arguments.paths[0]
    let given = path
    if try reading(given, { () throws(DiskError) in try disk.isDirectory(given) }) {
        try DataFormat.require(path, disk)
        path += "/\(FileNames.manifest)"
    }
    let bytes = try wholeFile(path, disk)
    let asJSON = arguments.has("json")
    let findings = Findings.asides(console)
    var count = 0
    var tail: (CorruptionError, Range<Int>)?
    ManifestFrames.walk(bytes) { piece in
        switch piece {
        case .record(let record, let sequence, let range):
            count += 1
            if arguments.has("state") { return }
            if asJSON {
                console.print(ManifestText.json(record, sequence, range))
            } else {
                for line in ManifestText.lines(record, sequence, range) { console.print(line) }
            }
        case .damage(let error, _): findings.add(error.located(in: path))
        case .tail(let error, let range): tail = (error, range)
        }
    }
    if let (error, range) = tail {
        console.note(
            "\(path), offset \(range.lowerBound): \(range.count) bytes of a record that was "
                + "never acknowledged: expected \(error.expected), found \(error.found)")
    }
    guard count > 0 else { throw .cannotRead("\(path) holds no record") }
    if !arguments.has("records") {
        let state = ManifestFrames.read(bytes).state
        if asJSON {
            console.print(ManifestText.json(state))
        } else {
            for line in ManifestText.lines(state) { console.print(line) }
        }
    }
    return findings.exitCode
}
