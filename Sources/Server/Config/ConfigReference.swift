/// Texts about the configuration, made from the one list of keys.
package enum ConfigReference {
    /// What `weir serve --help` prints about flags.
    package static func flags() -> String {
        var text = "  --config FILE\n      A JSON5 file with the settings below by their names.\n"
        for key in ConfigKey.all {
            let value = key.isFlag ? "" : " VALUE"
            text += "  --\(key.flag)\(value)\n      \(key.meaning)\n"
            if !key.isFlag { text += "      \(capitalised(key.type)). Default: \(key.standard)\n" }
        }
        return text
    }

    /// The reference of all keys as a Markdown table.
    package static func markdown() -> String {
        var text =
            "| key | flag | variable | value | default | meaning |\n|---|---|---|---|---|---|\n"
        for key in ConfigKey.all {
            text += "| `\(key.name)` | `--\(key.flag)` | `\(key.variable)` | \(key.type) "
            text += "| `\(key.standard)` | \(key.meaning) |\n"
        }
        return text
    }

    private static func capitalised(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}
