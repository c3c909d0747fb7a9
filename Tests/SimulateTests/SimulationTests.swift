import Base
import Disk
import Foundation
import Store
import TestSupport
import Testing

@testable import weir_simulate

/// The simulator itself, and some thousand of its crash points; `tools/simulate` does any number.
@Suite struct SimulationTests {
    /// As many seeds at once as the machine has room for; each crashes at some of its steps.
    @Test(arguments: 0..<4) func everythingPromisedIsThere(round: Int) {
        let first = UInt64.random(in: 0..<1 << 32)
        print("SimulationTests first seed \(first)")
        var points = 0
        var seed = first
        while points < TestSizes.rounds(100, full: 400) {
            // Steps that lie apart, from another start for each seed.
            let plan = CrashPlan(
                stride: 61, first: Int(seed % 61), hasSnapshots: round % 2 == 0)
            let outcome = Scenario(seed: seed, plan: plan).run()
            points += outcome.crashPoints
            for finding in outcome.findings { Issue.record("\(finding)") }
            seed += 1
        }
    }

    @Test func aSeedRepeatsExactly() {
        let plan = CrashPlan(stride: 97)
        let first = Scenario(seed: 7, plan: plan).run()
        let second = Scenario(seed: 7, plan: plan).run()
        #expect(first.steps > 100 && first.crashPoints > 1)
        #expect(first.digest == second.digest && first.steps == second.steps)
    }

    /// A log without its frames, though they were acknowledged: the simulator must say so.
    @Test func aBrokenPromiseIsFound() throws {
        var random = SeededRandom(seed: 3)
        let settings = Settings(&random)
        var traffic = Traffic(prefix: "event", &random)
        let history = History()
        let disk = FaultingDisk(seed: 3)
        let machine = try Machine(disk, settings, history)
        machine.send([traffic.block(&random), traffic.block(&random)], areDurable: true)
        #expect(history.promises.durableCount == 2)
        for broken in [false, true] {
            if broken {
                for file in disk.files where file.path.hasSuffix(".log") {
                    disk.setContents(of: file.path, to: [])
                }
            }
            var wrong = 0
            for seed in 0..<8 {
                var inspection = Inspection(
                    settings, history.promises, spare: [], seed: UInt64(seed))
                if !inspection.run(disk).findings.isEmpty { wrong += 1 }
            }
            #expect(broken ? wrong > 4 : wrong == 0)
        }
    }

    /// Each of these was found by the simulator; small tests of their own say what they were.
    @Test(arguments: [(102, 11), (102, 539), (151, 671)])
    func whatWasFoundOnceStaysMended(seed: Int, step: Int) {
        let plan = CrashPlan(stride: .max, first: step)
        #expect(Scenario(seed: UInt64(seed), plan: plan).run().findings == [])
    }

    @Test func theCommandLineIsRead() throws {
        let options = try #require(
            SimulateOptions(["--seeds", "3", "--first", "9", "--stride", "2", "--verbose"]))
        #expect(options.seeds == 3 && options.first == 9 && options.isVerbose)
        #expect(options.plan.includes(4) && !options.plan.includes(3))
        #expect(!options.plan.hasSnapshots)
        let one = try #require(SimulateOptions(["--step", "17", "--snapshots"]))
        #expect(one.plan.hasSnapshots)
        #expect(one.plan.includes(17) && !one.plan.includes(16) && !one.plan.includes(18))
        for wrong in [["--seeds"], ["--seeds", "x"], ["--stride", "0"], ["--other", "1"]] {
            #expect(SimulateOptions(wrong) == nil)
        }
    }
}
