internal import Base
package import EventLog
package import Store

/// What rebuilding the stream's state found.
package struct StreamRecoveryReport: Sendable, Equatable {
    /// Blocks that were replayed silently into the dedup window.
    package var replayedBlockCount = 0
    /// The ids of these blocks.
    package var replayedIdCount = 0
    /// How long it took.
    package var nanoseconds: UInt64 = 0
    /// Sentences on what could not be read or does not fit, for the server's log.
    package var findings: [String] = []

    package init() {}
}

/// Rebuilds the state that a commit names: watermark and positions from the commit, the ids of the
/// dedup window from the log.
///
/// What is lost is reported and never stops the server: without some ids of the window an event
/// that was sent twice over the loss counts twice.
package struct StreamRecovery {
    private static let findingCountMax = 20
    private static let attemptCountMax = 50

    private let log: any EventLog
    private let decoder: any PayloadDecoder
    private let options: StreamOptions
    /// What was found so far; complete after `restore`.
    package private(set) var report = StreamRecoveryReport()

    package init(log: any EventLog, decoder: any PayloadDecoder, options: StreamOptions) {
        self.log = log
        self.decoder = decoder
        self.options = options
    }

    /// Brings a new state to where the commit left it.
    package mutating func restore(_ state: inout StreamState, to commit: CommitPoint) {
        let started = Clock.monotonicNanoseconds()
        var watermark: Watermark
        var epochs: [DedupLedger.Epoch]?
        do throws(CorruptionError) {
            let checkpoint = try StreamCheckpoint(decoding: commit.state)
            watermark = checkpoint.watermark(lateness: options.lateness)
            epochs = checkpoint.epochs
        } catch {
            find("the stream's state is damaged (\(error)); the watermark is that of the commit")
            let time = commit.watermark + options.lateness
            watermark = Watermark(
                lateness: options.lateness, time: commit.watermark, logTime: time,
                eventTimeMax: time)
        }
        replay(from: commit.replayPosition, to: commit.position, into: &state)
        if let epochs, epochs != state.ledger.epochs, report.findings.isEmpty {
            find("the dedup window was cut otherwise before; its settings have changed")
        }
        state.resume(after: commit, watermark: watermark)
        report.nanoseconds = Clock.monotonicNanoseconds() - started
    }

    private mutating func replay(
        from start: LogPosition, to end: LogPosition, into state: inout StreamState
    ) {
        var reader = LogReader(log, from: start, to: end, byteCount: options.logReadBytes)
        var attempts = 0
        while true {
            switch reader.read() {
            case .end: return
            case .entry(let entry):
                attempts = 0
                do throws(CorruptionError) {
                    let (eventIds, assigned) = try decoder.decodeEventIds(entry.payload)
                    state.replay(eventIds, assigned: assigned, at: entry.mark)
                    report.replayedBlockCount += 1
                    report.replayedIdCount += eventIds.count
                } catch {
                    find("block \(entry.mark.position) is damaged: \(error)")
                }
            case .lost(let position, let reason):
                find("block \(position) is lost to the dedup window: \(reason)")
            case .failed(let error):
                attempts += 1
                guard attempts < Self.attemptCountMax else {
                    find("the log cannot be read, the dedup window stays short: \(error)")
                    return
                }
                Clock.sleep(nanoseconds: UInt64(options.logRetryInterval) * 1_000_000)
            }
        }
    }

    private mutating func find(_ sentence: String) {
        if report.findings.count < Self.findingCountMax { report.findings.append(sentence) }
    }
}
