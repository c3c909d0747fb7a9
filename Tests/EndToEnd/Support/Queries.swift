import Foundation
import TestSupport
import Testing

/// All end-to-end suites: one at a time, since each has the machine's few cores to itself.
@Suite(.serialized)
enum EndToEnd {}

/// Whether the long counts are asked for (`tools/test --full`).
let isFull = TestSizes.isFull

let track = "/api/v1/events/track"
let batch = "/api/v1/events/batch"
let query = "/api/v1/metrics/query"
let ndjson = ("Content-Type", "application/x-ndjson")

/// A day that every query of these tests covers, and its range as parameters.
let day = "start=2026-01-10T00:00:00Z&end=2026-01-11T00:00:00Z"

extension WeirServer {
    /// The sum of a metric's values over a range.
    func total(_ metric: String, _ parameters: String = day) throws -> Int {
        let answer = try get("\(query)?metric=\(metric)&granularity=all&maxAge=0&\(parameters)")
        guard answer.status == 200 else {
            throw UnexpectedAnswer(description: "\(answer.status) \(answer.text)")
        }
        return answer.json["data"].array.reduce(0) { $0 + ($1["value"].int ?? 0) }
    }

    /// Waits until a metric's total is `expected`; returns the last one seen.
    func waitForTotal(
        _ expected: Int, _ metric: String = "events", _ parameters: String = day,
        seconds: Double = 20
    ) throws -> Int {
        let deadline = Date().addingTimeInterval(seconds)
        var seen = try total(metric, parameters)
        while seen != expected, Date() < deadline {
            usleep(20_000)
            seen = try total(metric, parameters)
        }
        return seen
    }

    /// Waits until something was derived and nothing more is due.
    func waitForDerivedTables(seconds: Double = 30) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while try metric("weir_derived_rows_total") == 0
            || metric("weir_derivation_backlog_rows") > 0
        {
            try #require(Date() < deadline, "nothing was derived, or too slowly")
            usleep(50_000)
        }
    }

    /// The value of a Prometheus sample without labels, which must be there.
    func metric(_ name: String) throws -> Double {
        let lines = try get("/metrics").text.split(separator: "\n")
        let line = lines.first { $0.hasPrefix(name + " ") }
        let value = line?.split(separator: " ").last.flatMap { Double($0) }
        return try #require(value, "/metrics does not say \(name)")
    }
}

struct UnexpectedAnswer: Error, CustomStringConvertible { let description: String }

/// Runs a command with bytes on standard input and returns its output.
func output(of command: [String], input: [UInt8]) throws -> [UInt8] {
    let source = FileManager.default.temporaryDirectory
        .appendingPathComponent("weir-test-\(UUID().uuidString)")
    try Data(input).write(to: source)
    defer { try? FileManager.default.removeItem(at: source) }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = try FileHandle(forReadingFrom: source)
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(command) failed")
    return Array(data)
}

func gzipped(_ bytes: [UInt8]) throws -> [UInt8] {
    try output(of: ["gzip", "-c"], input: bytes)
}

/// The zlib form, which is what HTTP calls deflate.
func deflated(_ bytes: [UInt8]) throws -> [UInt8] {
    let script =
        "import sys,zlib;b=sys.stdin.buffer.read();sys.stdout.buffer.write(zlib.compress(b))"
    return try output(of: ["python3", "-c", script], input: bytes)
}

/// Runs the bodies each on a thread of its own, until all have returned.
func inParallel(_ bodies: [@Sendable () -> Void]) {
    let group = DispatchGroup()
    for body in bodies {
        group.enter()
        Thread.detachNewThread {
            body()
            group.leave()
        }
    }
    group.wait()
}
