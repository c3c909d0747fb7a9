import RegexBuilder

/// What Package.swift says, read as text: targets, their folders and what they may import.
struct PackageMap {
    struct Target {
        let name: String
        let folder: String
        let dependencies: [String]
        let isTest: Bool
        let isSystem: Bool
    }

    let targets: [Target]

    init(_ manifest: String) {
        let helper = #/(layer|tool|tests|support|shim|system|\.testTarget)\(\s*(?:name:\s*)?/#
        let call = Regex {
            helper
            #/"([\w-]+)"(?s:(.*?))\)\s*[,\n]/#
        }
        targets = manifest.matches(of: call).map { match in
            Self.target(kind: String(match.1), name: String(match.2), rest: String(match.3))
        }
    }

    private static func target(kind: String, name: String, rest: String) -> Target {
        // The list in square brackets that holds names only is the dependencies; `links:` is not.
        let withoutLinks = rest.replacing(#/links:\s*\[[^\]]*\]/#, with: "")
        var dependencies =
            withoutLinks.firstMatch(of: #/\[([^\]]*)\]/#).map { list in
                list.1.matches(of: #/"([\w-]+)"/#).map { String($0.1) }
            } ?? []
        let path = rest.firstMatch(of: #/path:\s*"([^"]+)"/#).map { String($0.1) }
        var folder = path ?? "Sources/\(name)"
        if kind == "support" { folder = "Tests/\(name)" }
        if kind == "tests" {
            folder = "Tests/\(name)Tests"
            dependencies.append(name)
        }
        return Target(
            name: kind == "tests" ? name + "Tests" : name, folder: folder,
            dependencies: dependencies, isTest: kind == "tests" || kind == ".testTarget",
            isSystem: kind == "system")
    }
}
