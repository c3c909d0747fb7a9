package import Base
internal import Glibc

/// A file system in memory that fails, tears and forgets what a real one may: for tests.
///
/// It keeps what was synced apart from what was only written. `afterPowerCut` is the disk that a
/// machine finds after losing power:
/// - Of un-synced bytes, each sector of 512 bytes has taken the writes up to a random one; so
///   writes tear, are lost, and overtake one another. So does the file's size.
/// - Of un-synced changes to folders (a file made, renamed, removed), a random subset has come
///   through, whatever their order. A rename inside a folder happens wholly or not at all.
/// - After a failed sync, what it should have saved is in the file for readers but is never
///   saved: a later sync that succeeds says nothing about it. Linux behaves so.
/// - Where it is asked for, bits of un-synced bytes are flipped.
///
/// `afterKill` is what a new process finds: everything that was written. `flip` and `damage` change
/// what was synced, as a failing disk does.
///
/// Every operation that changes or reads something is a *step* and is counted. `crash(atStep:)`
/// makes that step happen in part, and it and everything after it fail, with an error that
/// `isCrash` knows. `observeSteps` shows what a crash at each step would leave, without crashing.
/// Transfers may be interrupted and come up short (`setInterruptions`); they go on as those of
/// `LinuxDisk` do, and each further attempt is a step of its own. One seed determines all that
/// happens, as long as the calls come in one order.
package final class FaultingDisk: Disk {
    /// The kinds of operation that faults are aimed at.
    package enum Operation: String, Sendable, CaseIterable {
        case open, write, sync, syncDirectory, read, preallocate, truncate
        case createDirectory, rename, link, unlink, list
    }

    /// Operations that are made to fail.
    package struct Fault: Sendable {
        /// What fails.
        package var operation: Operation
        /// The errno to fail with, `ENOSPC` or `EIO` say.
        package var code: Int32
        /// How likely each such operation fails.
        package var probability: Double
        /// Only paths with this in them.
        package var pathPart: String
        /// After so many failures the fault is over.
        package var count: Int

        /// Makes one of its parts.
        package init(
            _ operation: Operation, code: Int32, probability: Double = 1, pathPart: String = "",
            count: Int = .max
        ) {
            self.operation = operation
            self.code = code
            self.probability = probability
            self.pathPart = pathPart
            self.count = count
        }
    }

    /// The unit in which a disk writes or does not.
    package static let sectorBytes = 512

    /// What is told before a step: the operation, its path, and what a crash now leaves.
    package typealias StepObserver = @Sendable (Operation, String, FaultingDisk) -> Void

    private static let crashCode: Int32 = -1

    private let state: Locked<FaultingState>

    /// An empty disk of `capacity` bytes.
    package convenience init(seed: UInt64, capacity: Int = .max) {
        self.init(FaultingState(seed: seed, capacity: capacity))
    }

    private init(_ state: sending FaultingState) { self.state = Locked(state) }

    /// Whether the error is that of a disk that has crashed.
    package static func isCrash(_ error: DiskError) -> Bool { error.code == crashCode }

    // MARK: What tests do to it

    /// How many steps were taken.
    package var steps: Int { state.withLock { $0.steps } }

    /// Whether the crash has come.
    package var hasCrashed: Bool { state.withLock { $0.hasCrashed } }

    /// Crashes at the step of this number, counted from 0 at the birth of the disk.
    package func crash(atStep step: Int) { state.withLock { $0.crashStep = step } }

    /// Crashes at once.
    package func crash() { state.withLock { $0.hasCrashed = true } }

    /// Has the closure called before each step, on the thread of the step, with the disk that a
    /// crash at this step leaves; nil ends that.
    package func observeSteps(_ observer: StepObserver?) {
        state.withLock { $0.observer = observer }
    }

    /// How likely each attempt of a transfer or sync is interrupted by a signal, or moves only a
    /// part of the bytes.
    package func setInterruptions(_ probability: Double) {
        state.withLock { $0.interruptions = probability }
    }

    /// The faults from now on, instead of those before.
    package func setFaults(_ faults: [Fault]) { state.withLock { $0.faults = faults } }

    /// The bytes that fit from now on.
    package func setCapacity(_ capacity: Int) { state.withLock { $0.capacity = capacity } }

    /// The disk after the machine lost power now.
    ///
    /// `keeping` is the share of un-synced changes that have come through: 0 leaves only what was
    /// synced. `flipping` is the probability that a bit of an un-synced write is flipped, for each
    /// sector of it.
    package func afterPowerCut(
        seed: UInt64, keeping: Double = 0.5, flipping: Double = 0
    ) -> FaultingDisk {
        let files = state.withLock { state in
            var random = SeededRandom(seed: seed)
            return state.tree.afterPowerCut(keeping: keeping, flipping: flipping, &random)
        }
        return FaultingDisk(FaultingState(seed: seed, capacity: .max, tree: files))
    }

    /// The bytes of all files.
    package var usedBytes: Int { state.withLock { $0.tree.byteCount } }

    /// The disk as a new process finds it after this one was killed.
    package func afterKill(seed: UInt64) -> FaultingDisk {
        let files = state.withLock { $0.tree.copy() }
        return FaultingDisk(FaultingState(seed: seed, capacity: .max, tree: files))
    }

    /// What a reader of the file finds; nil where there is none.
    package func contents(of path: String) -> [UInt8]? {
        state.withLock { $0.tree.file(path)?.current }
    }

    /// Changes the file behind everyone's back, as a failing disk does, and durably.
    package func setContents(of path: String, to bytes: [UInt8]) {
        state.withLock { state in
            guard let file = state.tree.file(path) else { return }
            state.tree.files[file.number] = FaultingFile(number: file.number, contents: bytes)
        }
    }

    /// The files and what is in them, in byte order of their paths.
    package var files: [(path: String, byteCount: Int)] {
        state.withLock { state in
            sortedByBytes(Array(state.tree.current.keys)).compactMap { path in
                state.tree.file(path).map { (path, $0.current.count) }
            }
        }
    }

    /// Inverts a random bit of a random file whose path the filter takes; says which.
    package func damage(
        _ random: inout SeededRandom, where filter: (String) -> Bool = { _ in true }
    ) -> (path: String, offset: Int)? {
        let candidates = files.filter { $0.byteCount > 0 && filter($0.path) }
        guard let victim = candidates.randomElement(using: &random) else { return nil }
        let offset = random.below(victim.byteCount)
        flip(victim.path, offset: offset, mask: 1 << UInt8(random.below(8)))
        return (victim.path, offset)
    }

    /// Inverts bits of one byte.
    package func flip(_ path: String, offset: Int, mask: UInt8 = 1) {
        guard var bytes = contents(of: path), offset < bytes.count else { return }
        bytes[offset] ^= mask
        setContents(of: path, to: bytes)
    }

    /// Runs the body as a step that may fail.
    func step<Value>(
        _ operation: Operation, _ path: String,
        partially partial: (inout FaultingState) -> Void = { _ in },
        _ body: (inout FaultingState) throws(DiskError) -> Value
    ) throws(DiskError) -> Value {
        if let (observer, crashed) = state.withLock({ $0.crashed(partial) }) {
            observer(operation, path, FaultingDisk(crashed))
        }
        let outcome: Result<Value, DiskError> = state.withLock { state in
            if let error = state.fault(operation, path, crashCode: Self.crashCode) {
                if error.isNow { partial(&state) }
                return .failure(error.error)
            }
            do throws(DiskError) { return .success(try body(&state)) } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Runs the body without counting it.
    func withState<Value>(_ body: (inout FaultingState) -> Value) -> Value {
        state.withLock { body(&$0) }
    }
}

/// Makes the error of a failed operation.
func faultingError(_ operation: String, _ path: String, _ code: Int32) -> DiskError {
    SystemError(code: code).located(operation, path)
}

/// All that a `FaultingDisk` knows.
struct FaultingState: Sendable {
    var steps = 0
    var hasCrashed = false
    var crashStep = Int.max
    var capacity: Int
    var faults: [FaultingDisk.Fault] = []
    var interruptions = 0.0
    var observer: FaultingDisk.StepObserver?
    var random: SeededRandom
    var tree: FaultingTree
    /// The numbers of the files that are open, by handle.
    var handles: [Int32: Int] = [:]
    /// The paths by which they were opened.
    var paths: [Int32: String] = [:]
    var lastHandle: Int32 = 0
    /// Which handle has the lock of a file.
    var locks: [Int: Int32] = [:]

    init(seed: UInt64, capacity: Int, tree: FaultingTree = FaultingTree()) {
        random = SeededRandom(seed: seed)
        self.capacity = capacity
        self.tree = tree
    }

    /// Counts a step; the error if it must fail, and whether it fails now for the first time, so
    /// that a part of it may happen.
    mutating func fault(
        _ operation: FaultingDisk.Operation, _ path: String, crashCode: Int32
    ) -> (error: DiskError, isNow: Bool)? {
        let crash = DiskError(
            operation: operation.rawValue, path: path, code: crashCode, message: "the disk crashed")
        if hasCrashed { return (crash, false) }
        defer { steps += 1 }
        if steps >= crashStep {
            hasCrashed = true
            return (crash, true)
        }
        for index in faults.indices where faults[index].operation == operation {
            let fault = faults[index]
            guard fault.count > 0, fault.pathPart.isEmpty || path.contains(fault.pathPart),
                random.chance(fault.probability)
            else { continue }
            faults[index].count -= 1
            return (faultingError(operation.rawValue, path, fault.code), true)
        }
        return nil
    }

    /// Who wants to see what a crash at the coming step leaves, and that.
    func crashed(
        _ partial: (inout FaultingState) -> Void
    ) -> (observer: FaultingDisk.StepObserver, state: FaultingState)? {
        guard let observer, !hasCrashed else { return nil }
        var copy = self
        copy.observer = nil
        copy.hasCrashed = true
        partial(&copy)
        return (observer, copy)
    }

    /// What one attempt to move so many bytes comes to: how many of them, or a negated errno.
    mutating func attempt(_ byteCount: Int) -> Int {
        guard interruptions > 0, random.chance(interruptions) else { return byteCount }
        if byteCount < 2 || random.chance(0.5) { return -Int(EINTR) }
        return Int.random(in: 1..<byteCount, using: &random)
    }

    /// The file of a handle; a closed one is an error of the program.
    func number(of handle: FileHandle) -> Int {
        guard let number = handles[handle.number] else {
            fatalError("handle \(handle.number) is not open")
        }
        return number
    }

    /// How many more bytes fit.
    var freeSpace: Int { max(0, capacity - tree.byteCount) }
}
