internal import Base
internal import Glibc

/// The command line of weir-simulate.
@main
enum SimulateCommand {
    private static let usage = """
        weir-simulate [--seeds N] [--first S] [--points N] [--stride N] [--step N] [--snapshots]
                      [--verbose]

          --seeds N    how many scenarios to run (default 10)
          --first S    the seed of the first; the others follow it (default: random)
          --points N   as many scenarios as it takes for so many crash points
          --stride N   crash at every Nth step only (default 1: at every one)
          --step N     crash at this step only: repeats one finding
          --snapshots  make and remove snapshots in between, and look at what they hold
          --verbose    say what each seed came to

        Exit status: 0 if all was as promised, 1 if there are findings, 2 for a wrong command line.
        """

    static func main() {
        guard let options = SimulateOptions(Array(CommandLine.arguments.dropFirst())) else {
            print(usage)
            exit(2)
        }
        exit(run(options) ? 0 : 1)
    }

    private static func run(_ options: SimulateOptions) -> Bool {
        let started = Clock.monotonicNanoseconds()
        var total = Outcome()
        var seeds = 0
        print("first seed \(options.first)")
        while options.points.map({ total.crashPoints < $0 }) ?? (seeds < options.seeds) {
            let seed = options.first &+ UInt64(seeds)
            let outcome = Scenario(seed: seed, plan: options.plan).run()
            seeds += 1
            total.add(outcome)
            for finding in outcome.findings { print("FOUND: \(finding)") }
            fflush(nil)
            if options.isVerbose {
                print(
                    "seed \(seed): \(outcome.steps) steps, \(outcome.crashPoints) crash points, "
                        + "digest \(String(outcome.digest, radix: 16))")
            }
        }
        let seconds = Double(Clock.monotonicNanoseconds() - started) / 1e9
        let fates = Inspection.DamageFate.allCases.map {
            "\(total.damageFates[$0] ?? 0) \($0.rawValue)"
        }
        print(
            "\(seeds) seeds from \(options.first): \(total.steps) steps, \(total.crashPoints) "
                + "crash points in \(Int(seconds)) s, flipped bits: "
                + "\(fates.joined(separator: ", ")); digest \(String(total.digest, radix: 16)); "
                + "\(total.findings.count) findings")
        return total.findings.isEmpty
    }
}

/// What the command line asks for.
struct SimulateOptions {
    var seeds = 10
    var first = UInt64.random(in: 0..<1 << 32)
    var points: Int?
    var plan = CrashPlan()
    var isVerbose = false

    /// Nil where the arguments are wrong.
    init?(_ arguments: [String]) {
        var index = 0
        while index < arguments.count {
            let name = arguments[index]
            index += 1
            switch name {
            case "--verbose":
                isVerbose = true
                continue
            case "--snapshots":
                plan.hasSnapshots = true
                continue
            default: break
            }
            guard index < arguments.count, let value = UInt64(arguments[index]),
                value <= Int.max
            else { return nil }
            index += 1
            switch name {
            case "--seeds": seeds = Int(value)
            case "--first": first = value
            case "--points": points = Int(value)
            case "--stride" where value > 0: plan.stride = Int(value)
            case "--step":
                plan.first = Int(value)
                plan.stride = .max
            default: return nil
            }
        }
    }
}

extension Outcome {
    mutating func add(_ other: Outcome) {
        crashPoints += other.crashPoints
        steps += other.steps
        digest = hash64(digest ^ other.digest)
        findings += other.findings
        damageFates.merge(other.damageFates) { $0 + $1 }
    }
}
