internal import Base
package import Disk

/// Makes a log out of one that nobody writes to: that of a snapshot.
package enum LogRestore {
    /// Links or copies the segments, and reads what came of it to its end; returns the bytes that
    /// were copied.
    ///
    /// Fails with the first damage.
    package static func run(
        from source: String, to target: String, disk: any Disk
    ) throws(EventLogError) -> Int {
        let copied: Int
        do { copied = try place(source, target, disk) } catch { throw .disk(error) }
        try verify(target, disk)
        return copied
    }

    private static func place(
        _ source: String, _ target: String, _ disk: any Disk
    ) throws(DiskError) -> Int {
        try disk.createDirectory(target)
        let names = try disk.list(source).filter { segmentSequence($0) != nil }
        var copied = 0
        for name in names {
            let path = "\(target)/\(name)"
            // A server may cut the last one, and the snapshot must stay as it is.
            if name == names.last {
                try disk.copy("\(source)/\(name)", to: path)
            } else if try !disk.linkOrCopy("\(source)/\(name)", to: path) {
                continue
            }
            let file = try File(disk, path, .read)
            copied += try disk.size(of: file.handle)
        }
        try disk.syncDirectory(target)
        return copied
    }

    private static func verify(_ directory: String, _ disk: any Disk) throws(EventLogError) {
        let log = try EmbeddedLog.open(disk: disk, directory: directory)
        defer { log.close() }
        if let damage = log.damages.first {
            throw .corrupt(damage.error)
        }
        var position = log.start
        while true {
            let entries = try log.read(from: position, byteCount: 8 << 20)
            guard let last = entries.last else { return }
            position = LogPosition(last.mark.position.sequence + 1)
        }
    }
}
