internal import Base

/// The flags of a command: `--name value`, or `--name` alone where it is a switch.
struct Options {
    private var values: [String: String] = [:]
    private var used: Set<String> = []

    init(_ arguments: some Collection<String>, switches: Set<String>) throws(UsageError) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            guard argument.hasPrefix("--") else {
                throw UsageError("\(argument) is no flag")
            }
            let name = String(argument.dropFirst(2))
            if switches.contains(name) {
                values[name] = "yes"
            } else if let value = rest.next() {
                values[name] = value
            } else {
                throw UsageError("--\(name) needs a value")
            }
        }
    }

    mutating func text(_ name: String, _ fallback: String) -> String {
        used.insert(name)
        return values[name] ?? fallback
    }

    mutating func optional(_ name: String) -> String? {
        used.insert(name)
        return values[name]
    }

    mutating func isOn(_ name: String) -> Bool { optional(name) != nil }

    mutating func number(_ name: String, _ fallback: Int) throws(UsageError) -> Int {
        guard let text = optional(name) else { return fallback }
        guard let number = Int(text), number >= 0 else {
            throw UsageError("--\(name) must be a number from 0, not \(text)")
        }
        return number
    }

    /// A time of RFC 3339; nil where the flag is not given.
    mutating func instant(_ name: String) throws(UsageError) -> Milliseconds? {
        guard let text = optional(name) else { return nil }
        guard case .instant(let instant) = CivilTime.parse(text) else {
            throw UsageError("--\(name) \(text) is no RFC 3339 time")
        }
        return instant
    }

    /// Where the server is that `--url` names.
    mutating func address() throws(UsageError) -> Address {
        let url = text("url", "http://127.0.0.1:8080")
        guard let address = Address(url: url) else {
            throw UsageError("--url must be http://ADDRESS:PORT, not \(url)")
        }
        return address
    }

    /// Fails if a flag was given that nobody asked for.
    func finish() throws(UsageError) {
        if let unknown = values.keys.filter({ !used.contains($0) }).min() {
            throw UsageError("there is no --\(unknown) here")
        }
    }
}

/// Why a command does not do what it was asked for.
struct UsageError: Error {
    let message: String
    /// Whether the command line was at fault, so that the usage helps.
    let isOfCommandLine: Bool

    /// A command line that makes no sense.
    init(_ message: String) {
        self.message = message
        isOfCommandLine = true
    }

    /// Something that went wrong while the command ran.
    init(failure message: String) {
        self.message = message
        isOfCommandLine = false
    }
}
