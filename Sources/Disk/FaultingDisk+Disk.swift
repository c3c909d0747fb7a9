internal import Base
internal import Glibc

extension FaultingDisk {
    /// Opens a file; see `Disk`.
    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> FileHandle {
        try step(.open, path) { state throws(DiskError) in
            let number: Int
            switch (state.tree.node(path), mode) {
            case (.file, .create), (.directory, .create): throw faultingError("open", path, EEXIST)
            case (.file(let existing), _): number = existing
            case (.directory, .readWrite): throw faultingError("open", path, EISDIR)
            case (nil, .create):
                try state.requireParent("open", path)
                number = state.tree.createFile(path)
            default: throw faultingError("open", path, ENOENT)
            }
            state.lastHandle += 1
            state.handles[state.lastHandle] = number
            state.paths[state.lastHandle] = path
            return FileHandle(number: state.lastHandle)
        }
    }

    /// Closes a file; see `Disk`.
    package func close(_ file: FileHandle) {
        withState { state in
            let number = state.number(of: file)
            state.handles[file.number] = nil
            state.paths[file.number] = nil
            if state.locks[number] == file.number { state.locks[number] = nil }
            state.tree.collect(open: state.handles.values)
        }
    }

    /// The size of a file in bytes.
    package func size(of file: FileHandle) throws(DiskError) -> Int {
        withState { $0.tree.files[$0.number(of: file)]?.current.count ?? 0 }
    }

    /// Performs a batch; see `Disk`.
    package func perform(_ batch: WriteBatch) throws(DiskError) {
        for write in batch.writes { try perform(write) }
        for file in batch.syncFiles { try sync(file) }
        for directory in batch.syncDirectories { try syncDirectory(directory) }
    }

    /// Writes as `LinuxDisk` does: an attempt may be interrupted or fall short, and goes on.
    private func perform(_ write: WriteBatch.Write) throws(DiskError) {
        let path = path(of: write.file)
        var job = DiskJob.transfer(.write, write.file, write.bytes.count, write.offset)
        while true {
            let (rest, offset) = (write.bytes.suffix(job.byteCount), job.offset)
            let partially = { (state: inout FaultingState) in
                let part = Int.random(in: 0...rest.count, using: &state.random)
                _ = state.write(Array(rest.prefix(part)), write.file, offset)
            }
            let result = try step(.write, path, partially: partially) {
                state throws(DiskError) in
                let wanted = state.attempt(rest.count)
                if wanted <= 0 { return wanted }
                let written = state.write(Array(rest.prefix(wanted)), write.file, offset)
                if written == 0 { throw faultingError("write", path, ENOSPC) }
                return written
            }
            if try isDone(&job, result, "write", path) { return }
        }
    }

    /// Whether an attempt with this result was the last one.
    private func isDone(
        _ job: inout DiskJob, _ result: Int, _ operation: String, _ path: String
    ) throws(DiskError) -> Bool {
        switch job.complete(result) {
        case .done: return true
        case .again: return false
        case .failed(let error): throw error.located(operation, path)
        }
    }

    private func sync(_ file: FileHandle) throws(DiskError) {
        let partially = { (state: inout FaultingState) in
            let number = state.number(of: file)
            var random = state.random
            // A crash keeps the changes for the power cut to choose from.
            if !state.hasCrashed {
                state.tree.files[number]?.failSync(keeping: 0.5, &random)
            }
            state.random = random
        }
        let path = path(of: file)
        var job = DiskJob.sync(.syncData, file.number)
        while true {
            let result = try step(.sync, path, partially: partially) { state throws(DiskError) in
                if state.attempt(1) < 0 { return -Int(EINTR) }
                state.tree.files[state.number(of: file)]?.sync()
                return 0
            }
            if try isDone(&job, result, "sync", path) { return }
        }
    }

    /// Reads ranges at once; see `Disk`.
    package func read(_ ranges: [ReadRange]) throws(DiskError) -> [[UInt8]] {
        var results: [[UInt8]] = []
        for range in ranges { results.append(try read(range)) }
        return results
    }

    private func read(_ range: ReadRange) throws(DiskError) -> [UInt8] {
        let path = path(of: range.file)
        var job = DiskJob.transfer(.read, range.file, range.byteCount, range.offset)
        var result: [UInt8] = []
        while true {
            let (byteCount, offset) = (job.byteCount, job.offset)
            let moved = try step(.read, path) { state throws(DiskError) -> Int in
                let wanted = state.attempt(byteCount)
                if wanted <= 0 { return wanted }
                let bytes = state.tree.files[state.number(of: range.file)]?.current ?? []
                let end = min(bytes.count, offset + wanted)
                if offset >= end { return 0 }
                result += bytes[offset..<end]
                return end - offset
            }
            if try isDone(&job, moved, "read", path) { return result }
        }
    }

    /// Sets aside space for a file; see `Disk`.
    package func preallocate(_ file: FileHandle, byteCount: Int) throws(DiskError) {
        let path = path(of: file)
        try step(.preallocate, path) { state throws(DiskError) in
            let number = state.number(of: file)
            let missing = byteCount - (state.tree.files[number]?.current.count ?? 0)
            if missing <= 0 { return }
            guard missing <= state.freeSpace else {
                throw faultingError("preallocate", path, ENOSPC)
            }
            state.tree.files[number]?.resize(byteCount)
        }
    }

    /// Cuts or extends a file to this size.
    package func truncate(_ file: FileHandle, to byteCount: Int) throws(DiskError) {
        try step(.truncate, path(of: file)) { state throws(DiskError) in
            state.tree.files[state.number(of: file)]?.resize(byteCount)
        }
    }

    /// Creates a folder and those above it; see `Disk`.
    package func createDirectory(_ path: String) throws(DiskError) {
        let parent = parentPath(of: normalized(path))
        let isMissing = withState { $0.tree.node(parent) == nil }
        if isMissing { try createDirectory(parent) }
        try step(.createDirectory, path) { state throws(DiskError) in
            switch state.tree.node(path) {
            case .directory: return
            case .file: throw faultingError("create", path, EEXIST)
            case nil:
                try state.requireParent("create", path)
                state.tree.createDirectory(path)
            }
        }
    }

    /// The names in a folder, in byte order.
    package func list(_ path: String) throws(DiskError) -> [String] {
        try step(.list, path) { state throws(DiskError) -> [String] in
            switch state.tree.node(path) {
            case .directory: return state.tree.names(in: path)
            case .file: throw faultingError("list", path, ENOTDIR)
            case nil: throw faultingError("list", path, ENOENT)
            }
        }
    }

    /// Whether the path names anything.
    package func exists(_ path: String) throws(DiskError) -> Bool {
        try step(.list, path) { state throws(DiskError) in state.tree.node(path) != nil }
    }

    /// Whether the path names a folder.
    package func isDirectory(_ path: String) throws(DiskError) -> Bool {
        try step(.list, path) { state throws(DiskError) in state.tree.node(path) == .directory }
    }

    /// Renames, replacing the target; see `Disk`.
    package func rename(_ source: String, to target: String) throws(DiskError) {
        try step(.rename, source) { state throws(DiskError) in
            guard state.tree.node(source) != nil else {
                throw faultingError("rename", source, ENOENT)
            }
            try state.requireParent("rename", target)
            state.tree.rename(source, to: target)
            for (handle, path) in state.paths where path == source { state.paths[handle] = target }
        }
    }

    /// Gives a file another name; see `Disk`.
    package func link(_ source: String, to target: String) throws(DiskError) {
        try step(.link, source) { state throws(DiskError) in
            guard case .file(let number) = state.tree.node(source) else {
                throw faultingError("link", source, ENOENT)
            }
            guard state.tree.node(target) == nil else {
                throw faultingError("link", target, EEXIST)
            }
            try state.requireParent("link", target)
            state.tree.link(file: number, as: target)
        }
    }

    /// Removes the name of a file.
    package func unlink(_ path: String) throws(DiskError) {
        try step(.unlink, path) { state throws(DiskError) in
            switch state.tree.node(path) {
            case .file:
                state.tree.remove(path)
                state.tree.collect(open: state.handles.values)
            case .directory: throw faultingError("unlink", path, EISDIR)
            case nil: throw faultingError("unlink", path, ENOENT)
            }
        }
    }

    /// Removes an empty folder.
    package func removeDirectory(_ path: String) throws(DiskError) {
        try step(.unlink, path) { state throws(DiskError) in
            guard state.tree.node(path) == .directory else {
                throw faultingError("remove", path, ENOENT)
            }
            guard state.tree.names(in: path).isEmpty else {
                throw faultingError("remove", path, ENOTEMPTY)
            }
            state.tree.remove(path)
        }
    }

    /// Makes the names in a folder durable.
    package func syncDirectory(_ path: String) throws(DiskError) {
        try step(.syncDirectory, path) { state throws(DiskError) in
            guard state.tree.node(path) == .directory else {
                throw faultingError("open", path, ENOENT)
            }
            state.tree.syncDirectory(path)
            state.tree.collect(open: Set(state.handles.values))
        }
    }

    /// Bytes that may still be written to the file system of the path.
    package func freeSpace(at path: String) throws(DiskError) -> Int {
        withState { $0.freeSpace }
    }

    /// Takes the exclusive lock of a file; see `Disk`.
    package func lock(_ file: FileHandle) throws(DiskError) -> Bool {
        withState { state in
            let number = state.number(of: file)
            if let holder = state.locks[number] { return holder == file.number }
            state.locks[number] = file.number
            return true
        }
    }

    private func path(of file: FileHandle) -> String {
        withState { $0.paths[file.number] ?? "file \(file.number)" }
    }
}

extension FaultingState {
    /// Writes what there is room for; how much that is.
    mutating func write(_ bytes: [UInt8], _ handle: FileHandle, _ offset: Int) -> Int {
        let number = number(of: handle)
        let missing = offset + bytes.count - (tree.files[number]?.current.count ?? 0)
        let excess = missing > 0 && capacity < .max ? max(0, missing - freeSpace) : 0
        let fitting = max(0, bytes.count - excess)
        let room = fitting == bytes.count ? bytes : Array(bytes.prefix(fitting))
        tree.files[number]?.write(room, at: offset)
        return fitting
    }

    func requireParent(_ operation: String, _ path: String) throws(DiskError) {
        if tree.node(parentPath(of: normalized(path))) != .directory {
            throw faultingError(operation, path, ENOENT)
        }
    }
}
