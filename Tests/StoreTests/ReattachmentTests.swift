import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

/// Manifests that are damaged, cut or gone: parts are taken up again by what they say of
/// themselves.
@Suite struct ReattachmentTests {
    private static let manifest = "/data/manifest"

    /// Flushes into a new store; what it holds and how large the manifest is after each.
    private func fill(
        _ disk: FaultingDisk, flushes: Int, seed: UInt64
    ) throws -> (store: Store, steps: [(byteCount: Int, twin: Twin)]) {
        let store = try Scenario.open(disk)
        var random = SeededRandom(seed: seed)
        var steps = [(store.metrics().manifestBytes, Twin())]
        for flush in 1...flushes {
            let events = Scenario.events(6, from: flush * 6, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
            var twin = steps[flush - 1].1
            twin.add(events)
            steps.append((store.metrics().manifestBytes, twin))
        }
        return (store, steps)
    }

    @Test func theManifestMayBeCutAtAnyByte() throws {
        let disk = FaultingDisk(seed: 5)
        let (store, steps) = try fill(disk, flushes: 3, seed: 5)
        store.close()
        let whole = try #require(disk.contents(of: Self.manifest))
        #expect(whole.count == steps[3].byteCount)
        for byteCount in 0...whole.count {
            let cut = disk.afterKill(seed: UInt64(byteCount))
            cut.setContents(of: Self.manifest, to: Array(whole[..<byteCount]))
            let again = try Scenario.open(cut)
            // A later flush proves that those before it were committed; the log has the last one.
            let known = try #require(
                (0...3).last { steps[$0].byteCount <= byteCount || $0 == 2 })
            #expect(try contents(of: again.view()) == steps[known].twin, "cut at \(byteCount)")
            #expect(again.recovery.lastCommit?.flushNumber == UInt64(known))
            #expect(again.recovery.lastCommit?.position == LogPosition(UInt64(known) * 10))
            #expect(try tableFiles(cut, "/data") == namedFiles(again.view()))
            // Without its first record it is not known what else the manifest said.
            let isUnknown = byteCount < steps[0].byteCount
            #expect(again.view().losses.map(\.table) == (isUnknown ? [""] : []))
            #expect(again.recovery.manifestIsDamaged == (byteCount < steps[2].byteCount))
            again.close()
            let third = try Scenario.open(cut)
            #expect(try contents(of: third.view()) == steps[known].twin)
            #expect(!third.recovery.manifestIsDamaged && third.takeFindings().isEmpty)
            third.close()
        }
    }

    @Test(arguments: 1...3) func aDamagedRecordOfACommitLosesNothing(record: Int) throws {
        let disk = FaultingDisk(seed: 6)
        let (store, steps) = try fill(disk, flushes: 4, seed: 6)
        let files = namedFiles(store.view())
        store.close()
        disk.flip(Self.manifest, offset: steps[record - 1].byteCount + 30)
        let again = try Scenario.open(disk)
        #expect(again.recovery.manifestIsDamaged)
        #expect(again.recovery.lastCommit?.flushNumber == 4)
        #expect(try contents(of: again.view()) == steps[4].twin)
        #expect(namedFiles(again.view()) == files)
        #expect(again.view().losses.isEmpty)
        let findings = again.takeFindings()
        #expect(findings.map(\.kind) == [.manifest, .takenUp, .takenUp])
        let start = steps[record - 1].byteCount
        #expect((start..<start + 20).contains(findings[0].error?.offset ?? 0))
        #expect(again.metrics().partsTakenUp == 2)
        // The manifest as it was, and its report.
        #expect(try disk.list("/data/quarantine") == ["manifest", "manifest.json"])
        again.close()
        let third = try Scenario.open(disk)
        #expect(!third.recovery.manifestIsDamaged && third.view().losses.isEmpty)
        #expect(try contents(of: third.view()) == steps[4].twin)
        third.close()
    }

    @Test func aDamagedRecordOfAMergeIsSeenByItsFiles() throws {
        let disk = FaultingDisk(seed: 9)
        // Few enough that each merge takes all: of rollups whose flushes lie between each other it
        // could not be told which rows they have in common.
        let (store, steps) = try fill(disk, flushes: 3, seed: 9)
        let before = store.metrics().manifestBytes
        while try store.mergeOnce() {}
        let files = namedFiles(store.view())
        #expect(store.metrics().merges > 0)
        store.close()
        // Whichever of the records behind it is damaged.
        let whole = try #require(disk.contents(of: Self.manifest))
        for offset in stride(from: before, to: whole.count, by: 7) {
            let flipped = disk.afterKill(seed: UInt64(offset))
            flipped.flip(Self.manifest, offset: offset)
            let again = try Scenario.open(flipped)
            #expect(try contents(of: again.view()) == steps[3].twin, "offset \(offset)")
            #expect(namedFiles(again.view()) == files, "offset \(offset)")
            #expect(again.view().losses.isEmpty)
            again.close()
        }
    }

    @Test func aManifestThatIsGoneIsMadeFromTheParts() throws {
        let disk = FaultingDisk(seed: 10)
        let (store, steps) = try fill(disk, flushes: 4, seed: 10)
        store.close()
        try disk.unlink(Self.manifest)
        let again = try Scenario.open(disk)
        #expect(try contents(of: again.view()) == steps[3].twin)
        #expect(again.recovery.lastCommit?.flushNumber == 3)
        #expect(again.recovery.lastCommit?.position == LogPosition(30))
        #expect(again.view().losses.map(\.file) == ["manifest"])
        // The last flush may not have been whole: the log has its events.
        #expect(try quarantined(disk).count == 2)
        again.close()
    }

    @Test func foreignFilesAreLeftAloneAndMoveNoCommit() throws {
        let disk = FaultingDisk(seed: 11)
        let (store, steps) = try fill(disk, flushes: 3, seed: 11)
        let part = try #require(store.view().parts(table: "events").first).file
        store.close()
        let folder = "/data/" + part[..<(part.lastIndex(of: "/") ?? part.endIndex)]
        try write("hello", to: "\(folder)/notes.txt", disk)
        try disk.createDirectory("\(folder)/77-7.part/inner")
        try disk.createDirectory("\(folder)/archive")
        // A part of another node, of a flush far ahead.
        let other = FaultingDisk(seed: 12)
        let (far, _) = try fill(other, flushes: 9, seed: 12)
        let foreign = try #require(far.view().parts(table: "events").last).file
        far.close()
        let bytes = try #require(other.contents(of: "/data/\(foreign)"))
        let handle = try disk.open("\(folder)/9-900.part", .create)
        try disk.perform(
            WriteBatch(writes: [WriteBatch.Write(file: handle, offset: 0, bytes: bytes)]))
        disk.close(handle)

        let again = try Scenario.open(disk)
        #expect(try contents(of: again.view()) == steps[3].twin)
        #expect(again.recovery.lastCommit?.flushNumber == 3)
        #expect(again.view().losses.isEmpty)
        let names = try disk.list(folder)
        #expect(names.contains("notes.txt") && names.contains("archive"))
        #expect(!names.contains("77-7.part") && !names.contains("9-900.part"))
        #expect(again.recovery.notes.count == 2)
        #expect(again.takeFindings().map(\.kind) == [.manifest, .setAside, .setAside])
        again.close()
        let third = try Scenario.open(disk)
        #expect(!third.recovery.manifestIsDamaged)
        third.close()
    }

    private func write(_ text: String, to path: String, _ disk: FaultingDisk) throws {
        let handle = try disk.open(path, .create)
        defer { disk.close(handle) }
        try disk.perform(
            WriteBatch(
                writes: [WriteBatch.Write(file: handle, offset: 0, bytes: Array(text.utf8))]))
    }
}
