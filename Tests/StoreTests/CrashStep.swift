import Disk
import TestSupport
import Testing

/// A step of a scenario at which its disk crashes, and what is left of it then.
///
/// Eight tests share the steps, so that they run side by side.
struct CrashStep {
    static let shares = 8

    private let number: Int
    private let seed: UInt64

    /// The steps of a share: all of them in the full run, else one in so many, from another start
    /// each time.
    static func steps(
        of count: Int, share: Int, oneIn: Int, seedFactor: UInt64
    ) -> [CrashStep] {
        let part = TestSizes.oneStep(in: oneIn)
        let start = share + shares * Int.random(in: 0..<part)
        return stride(from: start, to: count, by: shares * part).map { number in
            CrashStep(number: number, seed: UInt64(number) * seedFactor + 1)
        }
    }

    /// A disk that crashes at the step.
    func disk() -> FaultingDisk {
        let disk = FaultingDisk(seed: seed)
        disk.crash(atStep: number)
        return disk
    }

    /// What a kill leaves at every fourth step, and a power cut at the others.
    func remains(of disk: FaultingDisk) -> FaultingDisk {
        number % 4 == 0
            ? disk.afterKill(seed: seed)
            : disk.afterPowerCut(seed: seed, keeping: keeping)
    }

    var comment: Comment { "step \(number), keeping \(keeping)" }

    /// The share of what was not synced that a power cut keeps.
    private var keeping: Double { [0.0, 0.5, 1.0][number / Self.shares % 3] }
}
