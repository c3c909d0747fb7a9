internal import Base

/// Parts that were found damaged while they were read, until they are set aside.
final class DamageList: Sendable {
    private let found = Locked([(part: Part, error: CorruptionError)]())

    func add(_ part: Part, _ error: CorruptionError) {
        found.withLock { found in
            if !found.contains(where: { $0.part === part }) { found.append((part, error)) }
        }
    }

    /// Gives what was found and forgets it.
    func take() -> [(part: Part, error: CorruptionError)] {
        found.withLock { found in
            defer { found = [] }
            return found
        }
    }
}
