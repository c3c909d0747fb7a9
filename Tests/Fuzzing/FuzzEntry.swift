internal import Disk
internal import Glibc

/// What libFuzzer calls (`tools/fuzz`); `WEIR_FUZZ_TARGET` names the target.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // SAFETY: libFuzzer's bytes are valid during the call, and copied.
    unsafe chosenTarget.run(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
}

private let chosenTarget: FuzzTarget = {
    guard let name = environment("WEIR_FUZZ_TARGET"), let target = FuzzTarget(rawValue: name)
    else { fatalError("WEIR_FUZZ_TARGET names no target") }
    if let folder = environment("WEIR_FUZZ_SEEDS") { writeSeeds(of: target, to: folder) }
    return target
}()

private func environment(_ name: String) -> String? {
    // SAFETY: getenv returns a terminated string or null; nothing changes the environment.
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(cString: text)
}

/// Writes the target's own seeds, a file each, for libFuzzer to begin with.
private func writeSeeds(of target: FuzzTarget, to folder: String) {
    let disk = LinuxDisk(io: .threads)
    for (index, seed) in target.seeds.enumerated() {
        let path = "\(folder)/seed-\(index)"
        try? disk.unlink(path)
        do {
            let file = try File(disk, path, .create)
            try disk.perform(
                WriteBatch(writes: [.init(file: file.handle, offset: 0, bytes: seed)]))
        } catch { fatalError("\(error)") }
    }
}
