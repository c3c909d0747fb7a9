internal import Base
internal import Events

/// Who did it: for the block at hand the hash of each row's `userId`, else of its `sessionId`, else
/// 0.
///
/// Hashes are made once for each distinct value of the block.
struct PeopleColumn {
    private var hashes: [UInt64] = []
    private var userHashes: [UInt64] = []
    private var sessionHashes: [UInt64] = []

    mutating func read(_ block: EventBlock, isNeeded: Bool) {
        hashes.removeAll(keepingCapacity: true)
        if !isNeeded { return }
        Self.hash(block.userId.dictionary, into: &userHashes)
        Self.hash(block.sessionId.dictionary, into: &sessionHashes)
        hashes.reserveCapacity(block.count)
        let users = block.userId.codes
        let sessions = block.sessionId.codes
        for row in 0..<block.count {
            let user = users[row]
            hashes.append(
                user != 0 ? userHashes[Int(user)] : sessionHashes[Int(sessions[row])])
        }
    }

    func gather(_ rows: [UInt32], into users: inout [UInt64]) {
        users.removeAll(keepingCapacity: true)
        users.reserveCapacity(rows.count)
        for row in rows { users.append(hashes[Int(row)]) }
    }

    /// `hashes[k]` becomes the hash of entry `k - 1`, and `hashes[0]` 0, that of nobody.
    private static func hash(_ dictionary: StringTable, into hashes: inout [UInt64]) {
        hashes.removeAll(keepingCapacity: true)
        hashes.append(0)
        unsafe dictionary.bytes.withUnsafeBytes { bytes in
            for entry in 0..<dictionary.count {
                let range = dictionary.range(entry)
                let hash = unsafe hash64(UnsafeRawBufferPointer(rebasing: bytes[range]))
                // A value whose hash is 0 counts as the one whose hash is 1.
                hashes.append(hash == 0 ? 1 : hash)
            }
        }
    }
}
