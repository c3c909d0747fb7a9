internal import Base

/// Why a configuration cannot be used: one line that says where and what.
package struct ConfigError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line: which flag, variable or place in the file, and what is wrong with it.
    package var description: String

    init(_ description: String) { self.description = description }
}

/// Joins the sources of configuration: flags win over variables, and those over the file.
package struct ConfigLoader {
    private var config = ServerConfig()
    private let keys: [String: ConfigKey]

    private init() {
        keys = Dictionary(uniqueKeysWithValues: ConfigKey.all.map { ($0.name, $0) })
    }

    /// Reads the flags behind `weir serve`, the variables that start with `WEIR_`, and the file.
    ///
    /// `--config` or `WEIR_CONFIG` names the file, which `readFile` gets (nil if it cannot).
    package static func load(
        flags: [String], environment: [String: String], readFile: (String) -> [UInt8]?
    ) throws(ConfigError) -> ServerConfig {
        var loader = ConfigLoader()
        let given = try parse(flags: flags)
        if let path = given.last(where: { $0.name == "config" })?.value
            ?? environment["WEIR_CONFIG"]
        {
            guard let text = readFile(path) else {
                throw ConfigError("the config file '\(path)' cannot be read")
            }
            try loader.apply(file: text, path: path)
        }
        try loader.apply(environment: environment)
        for flag in given where flag.name != "config" { try loader.apply(flag) }
        if let contradiction = loader.config.contradiction { throw ConfigError(contradiction) }
        return loader.config
    }

    // MARK: The file

    private mutating func apply(file: [UInt8], path: String) throws(ConfigError) {
        let parsed: JSON5
        do {
            parsed = try JSON5.parse(file)
        } catch {
            throw ConfigError("config file \(path), \(error)")
        }
        guard case .object(let members) = parsed.content else {
            throw ConfigError("config file \(path), \(parsed.place): expected an object")
        }
        try apply(members, prefix: "", path: path)
    }

    private mutating func apply(
        _ members: [JSON5.Member], prefix: String, path: String
    ) throws(ConfigError) {
        for member in members {
            let name = prefix + member.name
            if let key = keys[name] {
                try apply(key, member.value, source: "config file \(path), \(member.value.place)")
            } else if case .object(let inner) = member.value.content,
                keys.keys.contains(where: { $0.hasPrefix(name + ".") })
            {
                try apply(inner, prefix: name + ".", path: path)
            } else {
                throw ConfigError(
                    "config file \(path), \(member.place): there is no key '\(name)'"
                        + Self.suggestion(name, keys.keys))
            }
        }
    }

    // MARK: Variables

    private mutating func apply(environment: [String: String]) throws(ConfigError) {
        let variables = Dictionary(uniqueKeysWithValues: ConfigKey.all.map { ($0.variable, $0) })
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard name.hasPrefix("WEIR_"), name != "WEIR_CONFIG", !Self.isForeign(name) else {
                continue
            }
            guard let key = variables[name] else {
                throw ConfigError(
                    "there is no setting for the variable \(name)"
                        + Self.suggestion(name, variables.keys))
            }
            try apply(key, Self.text(value), source: "variable \(name)")
        }
    }

    /// Variables that share our prefix by accident: those that Kubernetes sets for a service called
    /// `weir`, and those of our own tests.
    private static func isForeign(_ name: String) -> Bool {
        name == "WEIR_PORT" || name.hasPrefix("WEIR_PORT_") || name.hasPrefix("WEIR_SERVICE_")
            || name.hasPrefix("WEIR_TEST_")
    }

    // MARK: Flags

    private struct Flag {
        var name: String
        var value: String
        var key: ConfigKey?
    }

    private static func parse(flags: [String]) throws(ConfigError) -> [Flag] {
        let known = Dictionary(uniqueKeysWithValues: ConfigKey.all.map { ($0.flag, $0) })
        var parsed: [Flag] = []
        var rest = flags[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                throw ConfigError("unexpected argument '\(word)'")
            }
            let halves = word.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0])
            let key = known[name]
            guard key != nil || name == "config" else {
                throw ConfigError(
                    "there is no flag --\(name)"
                        + suggestion("--" + name, known.keys.map { "--" + $0 } + ["--config"]))
            }
            if halves.count == 2 {
                parsed.append(Flag(name: name, value: String(halves[1]), key: key))
            } else if key?.isFlag == true {
                parsed.append(Flag(name: name, value: "true", key: key))
            } else if let value = rest.popFirst() {
                parsed.append(Flag(name: name, value: value, key: key))
            } else {
                throw ConfigError("the flag --\(name) needs a value")
            }
        }
        return parsed
    }

    private mutating func apply(_ flag: Flag) throws(ConfigError) {
        guard let key = flag.key else { return }
        try apply(key, Self.text(flag.value), source: "flag --\(flag.name)")
    }

    // MARK: Values

    private mutating func apply(
        _ key: ConfigKey, _ value: JSON5, source: String
    ) throws(ConfigError) {
        guard let problem = key.set(&config, value) else { return }
        throw ConfigError(
            "\(source): \(key.name) is \(problem.expected), not \(value.shortDescription)")
    }

    private static func text(_ value: String) -> JSON5 {
        JSON5(content: .string(value), place: JSON5.Place(line: 1, column: 1))
    }

    private static func suggestion(_ name: String, _ known: some Sequence<String>) -> String {
        guard let nearest = closest(to: name, in: known, limit: 1).first else { return "" }
        return "; did you mean '\(nearest)'?"
    }
}

extension JSON5 {
    /// The value in a message.
    fileprivate var shortDescription: String {
        switch content {
        case .null: "null"
        case .boolean(let truth): "\(truth)"
        case .number(let text): text
        case .string(let text): "'\(text)'"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
