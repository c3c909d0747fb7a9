internal import Base
internal import Glibc

/// Where a command writes: results to standard output, what else there is to say to standard error.
///
/// A progress bar is drawn on standard error, and only where that is a terminal.
final class Console {
    private var buffer: [UInt8] = []
    private let drawsProgress = isatty(STDERR_FILENO) == 1
    private let isSilent: Bool
    private var bar = ""
    private var drawnAt: UInt64 = 0
    private var doneBytes = 0
    /// What the progress counts up to.
    var totalBytes = 0

    /// A silent one is for tests: it writes nothing.
    init(isSilent: Bool = false) { self.isSilent = isSilent }

    /// Writes a line to standard output.
    func print(_ line: String) { print(Array(line.utf8)) }

    /// Writes a line, given as its bytes.
    func print(_ line: [UInt8]) {
        buffer += line
        buffer.append(0x0A)
        if buffer.count >= 64 << 10 { flush() }
    }

    /// Writes a line to standard error, behind all that went to standard output.
    func warn(_ line: String) {
        flush()
        write(Array(line.utf8) + [0x0A], to: STDERR_FILENO)
    }

    /// Tells on standard error what is worth knowing and no damage.
    func note(_ text: String) { warn("note: \(text)") }

    /// Hands what was printed to the system.
    func flush() {
        clearBar()
        guard !buffer.isEmpty else { return }
        write(buffer, to: STDOUT_FILENO)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Counts bytes that were looked at, and draws the bar ten times a second.
    func advance(_ byteCount: Int) {
        doneBytes += byteCount
        guard drawsProgress, totalBytes > 0 else { return }
        let now = Clock.monotonicNanoseconds()
        guard now - drawnAt > 100_000_000 else { return }
        drawnAt = now
        let share = min(1, Double(doneBytes) / Double(totalBytes))
        let filled = Int(share * 40)
        let dots =
            String(repeating: "#", count: filled) + String(repeating: ".", count: 40 - filled)
        bar = "[\(dots)] \(Int(share * 100)) % of \(byteText(totalBytes))"
        write(Array("\r\(bar)\u{1B}[K".utf8), to: STDERR_FILENO)
    }

    private func clearBar() {
        guard !bar.isEmpty else { return }
        bar = ""
        write(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO)
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) {
        if isSilent { return }
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { room in
                unsafe Glibc.write(
                    descriptor, room.baseAddress.map { unsafe $0 + start }, room.count - start)
            }
            if count < 0, errno == EINTR { continue }
            // Where nobody reads, there is nobody to tell.
            guard count > 0 else { return }
            start += count
        }
    }
}

/// A number of bytes for people: `812 B`, `4.1 kB`, `1.2 GB`.
func byteText(_ count: Int) -> String {
    if count < 1_000 { return "\(count) B" }
    var value = Double(count)
    var unit = -1
    let units = ["kB", "MB", "GB", "TB"]
    repeat {
        value /= 1_000
        unit += 1
    } while value >= 999.95 && unit < units.count - 1
    return "\(decimal(value, 1)) \(units[unit])"
}

/// A number with so many digits behind the point.
func decimal(_ value: Double, _ digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((value * Double(scale)).rounded())
    if digits == 0 { return "\(scaled)" }
    let fraction = String(abs(scaled) % scale)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(scaled < 0 ? "-" : "")\(abs(scaled) / scale).\(zeros)\(fraction)"
}

/// A count with commas between thousands.
func grouped(_ count: Int) -> String {
    var digits = Array(String(count))
    var place = digits.count - 3
    while place > 0, digits[place - 1] != "-" {
        digits.insert(",", at: place)
        place -= 3
    }
    return String(digits)
}
