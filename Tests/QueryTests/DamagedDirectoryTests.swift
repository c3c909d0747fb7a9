import Base
import Disk
import PartFormat
import Query
import Store
import TestSupport
import Testing

/// Data directories that went the whole way of events, with damage in them: the store opens, and
/// each answer is what a loop over the events finds or says that it lacks rows; once what can be
/// made again is made again, nothing is lacking that still stands somewhere.
@Suite struct DamagedDirectoryTests {

    /// What stands in for the rest of a round.
    private struct Round {
        let seed: UInt64
        var random: SeededRandom
        var events = WholeWayEvents()
        let way: WholeWay

        init() throws {
            seed = UInt64.random(in: 0 ... .max)
            print("DamagedDirectoryTests seed \(seed)")
            random = SeededRandom(seed: seed)
            way = try WholeWay(
                FaultingDisk(seed: seed), MetricsPropertyTests.catalog,
                WholeWayTests.options(&random))
        }

        /// Some days of events, in parts that merges and derivations have been at.
        mutating func fill() throws {
            let days: [Milliseconds] = [1, 1, 2, 40]
            let span =
                (days.randomElement(using: &random) ?? 1) * CivilTime.millisecondsPerDay
            var time = base + 600_000
            while time < base + span {
                time += Milliseconds.random(in: 0..<span / 10, using: &random)
                try way.send(
                    events.request(at: time, span: span, &random), receivedAt: time)
                try WholeWayTests.work(way, &random)
            }
            way.flush()
        }

        /// Damages some part in some way; says which.
        mutating func damageAPart() throws -> String {
            let disk = way.disk
            let files = try tableFiles(disk)
            guard let file = files.randomElement(using: &random),
                let bytes = disk.contents(of: file)
            else { return "nothing" }
            switch Int.random(in: 0..<10, using: &random) {
            case 0: try disk.unlink(file)
            case 1:
                let byteCount = Int.random(in: 0..<max(1, bytes.count), using: &random)
                disk.setContents(of: file, to: Array(bytes.prefix(byteCount)))
            case 2: disk.setContents(of: file, to: bytes + [0])
            default:
                let offset = Int.random(in: 0..<max(1, bytes.count), using: &random)
                disk.flip(file, offset: offset, mask: 1 << UInt8.random(in: 0..<8, using: &random))
            }
            return file
        }

        /// Damages the manifest in some way; says which.
        mutating func damageTheManifest() throws -> String {
            let path = "/data/manifest"
            let disk = way.disk
            guard let bytes = disk.contents(of: path) else { return "nothing" }
            let offset = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                try disk.unlink(path)
                return "no manifest"
            case 1..<5:
                disk.setContents(of: path, to: Array(bytes[..<offset]))
                return "manifest cut at \(offset) of \(bytes.count)"
            default:
                disk.flip(path, offset: offset, mask: 1 << UInt8.random(in: 0..<8, using: &random))
                return "manifest flipped at \(offset) of \(bytes.count)"
            }
        }

        /// Asks some questions of some tables; how many answers were partial.
        ///
        /// `isWhole`: even answers that say that they may lack something are expected to be whole.
        mutating func ask(
            _ count: Int, _ context: String, isWhole: Bool = false
        ) throws -> Int {
            var partialCount = 0
            let names = MetricsPropertyTests.rollup.derivedTables.filter { !$0.isCorrections }
                .map(\.name)
            for _ in 0..<count {
                let question = randomQuestion(&random)
                let query = try MetricsQuery(
                    parameters: question.parameters, catalog: MetricsPropertyTests.catalog,
                    now: question.now)
                let expected = try naiveAnswer(question, events.rows)
                let forcible: [String?] = ["views_minute"] + names.shuffled(using: &random)
                for forced in [nil] + forcible.prefix(4) {
                    let executor = MetricsExecutor(
                        catalog: MetricsPropertyTests.catalog, forcedTable: forced)
                    let answer = try executor.execute(query, on: way.store.view())
                    if answer.meta.isPartial {
                        partialCount += 1
                        if !isWhole { continue }
                    }
                    let isEqual =
                        lines(answer, question) == Array(expected.lines.prefix(QueryLimits().rows))
                    #expect(
                        isEqual && answer.meta.corrections == expected.corrections,
                        "seed \(seed), \(question.parameters), \(answer.meta.table): \(context)")
                }
            }
            return partialCount
        }

        /// Makes again what can be made again, and does all that is due then.
        func mend() throws {
            var isBusy = true
            while isBusy {
                isBusy = try way.store.repairOnce()
                while try way.store.deriveOnce() { isBusy = true }
                while try way.store.mergeOnce() { isBusy = true }
            }
        }

        /// Reads every byte of every part, so that all damage is found.
        func readAll() {
            let view = way.store.view()
            for part in view.tableNames.flatMap({ view.parts(table: $0) }) {
                let columns = Array(part.schema.columns.indices)
                _ = try? part.read(columns: columns, granules: Array(0..<part.granuleCount))
            }
        }
    }

    @Test(arguments: 0..<TestSizes.rounds(2, full: 100)) func damagedPartsAreMadeAgain(
        index: Int
    ) throws {
        var round = try Round()
        try round.fill()
        var damaged: [String] = []
        for _ in 0..<Int.random(in: 1...3, using: &round.random) {
            damaged.append(try round.damageAPart())
        }
        let context = damaged.joined(separator: ", ")
        // Found while it runs, or at the start.
        if round.random.chance(0.5) { try round.way.restart() }
        _ = try round.ask(4, context)
        round.readAll()
        try round.mend()
        #expect(round.way.store.view().losses.isEmpty, "seed \(round.seed): \(context)")
        #expect(try round.ask(8, context) == 0, "seed \(round.seed): \(context)")
        try round.way.restart()
        #expect(try round.ask(2, context) == 0, "seed \(round.seed): \(context)")
        round.way.close()
    }

    @Test(arguments: 0..<TestSizes.rounds(3, full: 200)) func aDamagedManifestIsMendedOrTold(
        index: Int
    ) throws {
        var round = try Round()
        try round.fill()
        var context = ""
        try round.way.restart { _ in context = try round.damageTheManifest() }
        try round.mend()
        let losses = round.way.store.view().losses
        // Where no rows are known to be lost, the figures are whole, whatever they say.
        let isWhole = losses.allSatisfy { $0.table.isEmpty }
        if !isWhole { print("not mended: \(context)") }
        _ = try round.ask(8, context, isWhole: isWhole)
        try round.way.restart()
        _ = try round.ask(2, context, isWhole: isWhole)
        round.way.close()
    }

    @Test(arguments: 0..<TestSizes.rounds(2, full: 100)) func withoutTheLogAnswersSayWhatTheyLack(
        index: Int
    ) throws {
        var round = try Round()
        try round.fill()
        let disk = round.way.disk
        var damaged: [String] = []
        for _ in 0..<Int.random(in: 1...2, using: &round.random) {
            damaged.append(try round.damageAPart())
        }
        let context = damaged.joined(separator: ", ")
        try round.way.restart { _ in
            for name in try disk.list("/data/log") { try disk.unlink("/data/log/\(name)") }
        }
        _ = try round.ask(4, context)
        round.readAll()
        try round.mend()
        let losses = round.way.store.view().losses
        let touched = damaged.joined(separator: " ")
        #expect(losses.allSatisfy { $0.isFinal }, "seed \(round.seed): \(context)")
        #expect(losses.allSatisfy { touched.contains($0.file) })
        _ = try round.ask(8, context)
        round.way.close()
    }
}

/// The files of all parts.
func tableFiles(_ disk: FaultingDisk) throws -> [String] {
    var files: [String] = []
    func walk(_ path: String) throws {
        for name in try disk.list(path) {
            let inner = "\(path)/\(name)"
            if try disk.isDirectory(inner) { try walk(inner) } else { files.append(inner) }
        }
    }
    try walk("/data/tables")
    return files
}
