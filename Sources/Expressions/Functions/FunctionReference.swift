/// The reference of scalar functions, made from their catalogue.
package enum FunctionReference {
    /// A Markdown table for each family.
    package static func markdown() -> String {
        FunctionFamily.allCases.map { family in
            let functions = FunctionCatalog.documented.filter { $0.family == family }
            return functions.isEmpty ? "" : chapter(family, functions)
        }.joined()
    }

    private static func chapter(
        _ family: FunctionFamily, _ functions: [FunctionDocumentation]
    ) -> String {
        var text = "\n### \(family.title)\n\n"
        text += "| function | what it gives | NULL | example |\n|---|---|---|---|\n"
        for function in functions {
            let signatures = function.signatures.map { "`\(cell($0))`" }.joined(separator: "<br>")
            let aliases =
                function.aliases.isEmpty
                ? "" : "<br>also " + function.aliases.map { "`\($0)`" }.joined(separator: ", ")
            text += "| \(signatures)\(aliases) | \(cell(function.summary)) "
            text += "| \(cell(function.nulls.sentence)) "
            text += "| `\(cell(function.example))` = `\(cell(function.result))` |\n"
        }
        return text
    }

    /// A bar would end the cell.
    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}

extension FunctionFamily {
    /// The heading of the chapter.
    fileprivate var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}
