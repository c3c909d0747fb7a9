internal import Base
internal import Expressions
internal import Store

/// The conditions of a query over the events, apart: the event type, bounds of time, and the rest.
struct ConditionSplit {
    let time: Int?
    let eventType: Int?
    private(set) var bounds: Range<Milliseconds> = .min ..< .max
    private(set) var others: [Expression] = []
    private var hasEventType = false

    init(time: Int?, eventType: Int?) {
        self.time = time
        self.eventType = eventType
    }

    mutating func add(
        _ condition: Expression, _ rollup: RollupDefinition
    ) throws(RollupQuestion.Obstacle) {
        if let time, condition.columns.contains(time) {
            guard let bounds = TimeBounds.bounds(condition, column: time) else {
                throw RollupQuestion.Obstacle(
                    reason: "conditions on time must be bounds by constants")
            }
            self.bounds = self.bounds.clamped(to: bounds)
            return
        }
        if let wanted = rollup.eventType, let eventType, condition.columns.contains(eventType) {
            guard isEventType(condition, wanted) else {
                throw RollupQuestion.Obstacle(reason: "holds only events of type \(wanted)")
            }
            hasEventType = true
            return
        }
        others.append(condition)
    }

    private func isEventType(_ condition: Expression, _ wanted: String) -> Bool {
        switch condition {
        case .oneOf(.column(eventType, _), [.string(wanted)], _): return true
        case .call(let call) where call.name == "equals":
            let operands = Set(call.arguments)
            return operands.count == 2
                && operands.contains(.constant(.string(wanted), .string))
                && operands.contains { if case .column(eventType, _) = $0 { true } else { false } }
        default: return false
        }
    }

    /// The whole minutes within the bounds.
    var wholeMinutes: Range<Milliseconds> {
        let lower =
            bounds.lowerBound == .min
            ? .min : -Self.minuteStart(-bounds.lowerBound)
        let upper = bounds.upperBound == .max ? .max : Self.minuteStart(bounds.upperBound)
        return lower..<max(lower, upper)
    }

    /// What the bounds hold beside whole minutes, at either end.
    var edges: [Range<Milliseconds>] {
        let inner = wholeMinutes
        return [bounds.lowerBound..<inner.lowerBound, inner.upperBound..<bounds.upperBound]
            .filter { !$0.isEmpty }
    }

    private static func minuteStart(_ instant: Milliseconds) -> Milliseconds {
        floorDivide(instant, CivilTime.millisecondsPerMinute) * CivilTime.millisecondsPerMinute
    }

    func finish(_ rollup: RollupDefinition) throws(RollupQuestion.Obstacle) {
        if wholeMinutes.isEmpty {
            throw RollupQuestion.Obstacle(reason: "keeps times no finer than minutes")
        }
        if let wanted = rollup.eventType, !hasEventType {
            throw RollupQuestion.Obstacle(reason: "holds only events of type \(wanted)")
        }
    }
}
