import Foundation
import Testing

@Suite("Structure")
struct StructureRules {
    private let map: PackageMap
    private let tree = Tree.shared

    /// Modules of the toolchain that every target may import.
    private static let system: Set = ["Glibc", "Synchronization"]
    /// Modules that tests alone may import.
    private static let testing: Set = ["Testing", "Foundation", "RegexBuilder"]

    init() throws {
        let manifest = try #require(tree.files.first { $0.path == "Package.swift" })
        map = PackageMap(manifest.lines.joined(separator: "\n"))
    }

    @Test("the manifest is read in full")
    func manifestIsRead() throws {
        #expect(map.targets.count > 20)
        let base = try #require(map.targets.first { $0.name == "Base" })
        #expect(base.folder == "Sources/Base" && base.dependencies.contains("CLinux"))
        let tests = try #require(map.targets.first { $0.name == "StoreTests" })
        #expect(tests.isTest && tests.dependencies.contains("Store"))
        let bench = try #require(map.targets.first { $0.name == "weir-bench" })
        #expect(bench.folder == "Benchmarks/weir-bench")
        let json = try #require(map.targets.first { $0.name == "CSimdjson" })
        #expect(json.dependencies.isEmpty)
    }

    @Test("a file imports only what Package.swift lets its target import")
    func imports() {
        var violations: [Violation] = []
        for target in map.targets {
            var allowed = Self.system.union(target.dependencies.map(moduleName))
            if target.isTest { allowed.formUnion(Self.testing) }
            for (file, line, module) in importsOf(target) where !allowed.contains(module) {
                violations.append(Violation(file, line, "\(target.name) may not import \(module)"))
            }
        }
        report(violations)
    }

    @Test("a target depends only on what it imports")
    func unusedDependencies() {
        var violations: [Violation] = []
        for target in map.targets where !target.isSystem {
            let imported = Set(importsOf(target).map(\.module))
            for dependency in target.dependencies where !imported.contains(moduleName(dependency)) {
                violations.append(
                    Violation(
                        path: "Package.swift", "\(target.name) never imports \(dependency)"))
            }
        }
        report(violations)
    }

    @Test("targets and folders are the same, and Sources/README.md walks them all")
    func folders() {
        let named = Set(map.targets.map(\.folder))
        let present = Set(
            tree.files.filter { $0.path.split(separator: "/").count > 2 }.map(\.targetFolder)
                .filter { folder in
                    ["Sources/", "Tests/", "Benchmarks/", "tools/"].contains {
                        folder.hasPrefix($0)
                    }
                })
        var violations = named.subtracting(present).sorted().map {
            Violation(path: "Package.swift", "\($0) has no files")
        }
        let data: Set = [
            "Tests/Logic", "Tests/Golden", "Tests/FuzzCorpus", "Tests/Reader", "Benchmarks/peers",
        ]
        violations += present.subtracting(named).subtracting(data).sorted().map {
            Violation(path: $0, "is no target of Package.swift")
        }
        let readme = tree.files.first { $0.path == "Sources/README.md" }?.lines ?? []
        let text = readme.joined(separator: "\n")
        for target in map.targets where target.folder.hasPrefix("Sources/") {
            let word = #/\b(\w+)\b/#
            let words = Set(text.matches(of: word).map { String($0.1) })
            if !words.contains(target.name) {
                violations.append(
                    Violation(path: "Sources/README.md", "does not name \(target.name)"))
            }
        }
        report(violations)
    }

    private func moduleName(_ target: String) -> String {
        target.replacingOccurrences(of: "-", with: "_")
    }

    private func importsOf(
        _ target: PackageMap.Target
    ) -> [(file: SourceFile, line: Int, module: String)] {
        let statement = #/^\s*(?:@\w+\s+)*(?:(?:package|internal|private)\s+)?import\s+(\w+)/#
        return tree.swift(under: target.folder).flatMap { file in
            file.code.enumerated().compactMap { index, line in
                line.firstMatch(of: statement).map { (file, index, String($0.1)) }
            }
        }
    }
}
