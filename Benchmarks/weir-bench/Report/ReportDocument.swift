internal import Base

/// The reports of one run, with what they were measured on, as one Markdown and one JSON file.
struct ReportDocument {
    private let title: String
    private let settings: Report
    private var sections: [Report] = []

    init(_ title: String, settings: [(name: String, value: String)]) {
        self.title = title
        let machine = Machine()
        var report = Report(section: "settings")
        report.add("machine", machine.text)
        report.add("commit", machine.commit)
        report.add("time", CivilTime(Clock.now() / 1_000 * 1_000).text)
        for (name, value) in settings { report.add(name, value) }
        self.settings = report
    }

    mutating func add(_ section: Report) { sections.append(section) }

    var markdown: String {
        let parts = sections.map { "\n## \($0.title)\n\n\($0.markdown)" }
        return "# \(title)\n\n\(settings.markdown)" + parts.joined()
    }

    var json: JSONValue {
        .object(
            [("title", .string(title)), ("settings", settings.json)]
                + sections.map { ($0.title, $0.json) })
    }

    /// Writes `report.md` and `report.json` into a folder that is there.
    func write(into folder: String) throws(UsageError) {
        try writeFile("\(folder)/report.md", markdown)
        try writeFile("\(folder)/report.json", json.text + "\n")
    }
}
