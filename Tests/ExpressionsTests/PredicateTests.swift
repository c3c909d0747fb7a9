import Base
import Expressions
import Testing

/// A row's value as the naive twin sees it.
private enum Cell: Equatable {
    case null
    case text(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)

    var text: String? {
        switch self {
        case .null: nil
        case .text(let text): text
        case .integer(let number): "\(number)"
        case .float(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
        case .boolean(let truth): "\(truth)"
        }
    }
}

/// The condition row by row, in the plainest words.
private func meets(_ predicate: Predicate, _ cell: Cell) -> Bool {
    switch predicate {
    case .isNull: return cell == .null
    case .oneOf(let literals): return literals.contains { $0.text == cell.text }
    case .prefix(let prefix): return cell.text?.hasPrefix(prefix) ?? false
    case .contains(let part):
        guard let text = cell.text else { return false }
        return (0...text.count).contains { text.dropFirst($0).hasPrefix(part) }
    case .range(let range):
        if case .integer(let number) = cell { return range.contains(number) }
        return false
    case .not(let inner): return !meets(inner, cell)
    case .any(let parts): return parts.contains { meets($0, cell) }
    }
}

@Suite struct PredicateTests {
    @Test(arguments: 0..<40) func agreesWithTheNaiveTwin(round: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let (cells, vector) = randomColumn(&random)
        for _ in 0..<20 {
            let predicate = randomPredicate(&random, depth: 2)
            let rows = predicate.selection(of: vector)
            #expect(rows.count == cells.count)
            for (row, cell) in cells.enumerated() where rows[row] != meets(predicate, cell) {
                Issue.record("seed \(seed): \(predicate) of \(cell) is \(rows[row])")
            }
        }
    }

    @Test func evaluatesOncePerDictionaryEntry() {
        let dictionary = StringTable(["/a", "/b", "/ab"])
        #expect(Predicate.prefix("/a").codeMatches(dictionary) == [false, true, false, true])
        #expect(Predicate.isNull.codeMatches(dictionary) == [true, false, false, false])
        #expect(
            Predicate.not(.oneOf([.string("/b")])).codeMatches(dictionary)
                == [true, true, false, true])
    }

    @Test func comparesTimesAsInstants() {
        let vector = Vector(type: .timestamp, values: .integers([0, 1_000, 86_400_000]))
        let day = Predicate.oneOf([.string("1970-01-02"), .string("1970-01-01T01:00:01+01:00")])
        #expect(day.selection(of: vector) == Bitmap(words: [0b110], count: 3))
        #expect(
            vector.castToText().values.texts == [
                "1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z", "1970-01-02T00:00:00Z",
            ])
    }

    @Test func readsNumbersAsText() {
        let numbers = Vector(type: .float, values: .floats([75, 0.5, -1e300, 1e15]))
        #expect(numbers.castToText().values.texts == ["75", "0.5", "-1e+300", "1000000000000000"])
        let text = Predicate.oneOf([.string("75"), .string("5e-1"), .string("075")])
        #expect(text.selection(of: numbers) == Bitmap(words: [0b0001], count: 4))
        let codes = Vector(
            type: .string, values: .codes([0, 1], dictionary: StringTable(["75"])))
        #expect(Predicate.oneOf([.integer(75)]).selection(of: codes)[1])
        #expect(Predicate.oneOf([.float(75)]).selection(of: codes)[1])
    }
}

extension Vector.Values {
    /// The entries of a vector of strings.
    var texts: [String]? {
        guard case .strings(let table) = self else { return nil }
        return (0..<table.count).map { table[$0] }
    }
}

private let words = ["", "75", "/home", "/h", "true", "ä€", "0.5", "-1"]

private func randomColumn(_ random: inout SeededRandom) -> ([Cell], Vector) {
    let count = Int.random(in: 0...200, using: &random)
    let nulls = (0..<count).map { _ in Int.random(in: 0..<4, using: &random) == 0 }
    var validity = Bitmap(count: count)
    for row in 0..<count { validity[row] = !nulls[row] }
    let mask: Bitmap? = nulls.contains(true) || Bool.random(using: &random) ? validity : nil
    switch Int.random(in: 0..<5, using: &random) {
    case 0:
        let codes = nulls.map { $0 ? 0 : UInt32.random(in: 1...8, using: &random) }
        return (
            codes.map { $0 == 0 ? .null : .text(words[Int($0) - 1]) },
            Vector(type: .string, values: .codes(codes, dictionary: StringTable(words)))
        )
    case 1:
        let texts = nulls.map { $0 ? "" : words.randomElement(using: &random) ?? "" }
        return (
            zip(texts, nulls).map { $1 ? .null : .text($0) },
            Vector(type: .string, values: .strings(StringTable(texts)), validity: mask)
        )
    case 2:
        let numbers = nulls.map { $0 ? 0 : Int64.random(in: -80...80, using: &random) }
        return (
            zip(numbers, nulls).map { $1 ? .null : .integer($0) },
            Vector(type: .integer, values: .integers(numbers), validity: mask)
        )
    case 3:
        let numbers = nulls.map { $0 ? 0 : Double(Int.random(in: -9...300, using: &random)) / 4 }
        return (
            zip(numbers, nulls).map { $1 ? .null : .float($0) },
            Vector(type: .float, values: .floats(numbers), validity: mask)
        )
    default:
        let truths = nulls.map { $0 ? false : Bool.random(using: &random) }
        var bits = Bitmap(count: 0)
        for truth in truths { bits.append(truth) }
        return (
            zip(truths, nulls).map { $1 ? .null : .boolean($0) },
            Vector(type: .boolean, values: .booleans(bits), validity: mask)
        )
    }
}

private func randomLiteral(_ random: inout SeededRandom) -> Literal {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: .integer(Int64.random(in: -80...80, using: &random))
    case 1: .float(Double(Int.random(in: -9...300, using: &random)) / 4)
    case 2: .boolean(Bool.random(using: &random))
    default: .string(words.randomElement(using: &random) ?? "")
    }
}

private func randomPredicate(_ random: inout SeededRandom, depth: Int) -> Predicate {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
    case 0: return .isNull
    case 1:
        let count = Int.random(in: 0...3, using: &random)
        return .oneOf((0..<count).map { _ in randomLiteral(&random) })
    case 2: return .prefix(String((words.randomElement(using: &random) ?? "").prefix(1)))
    case 3: return .contains(String((words.randomElement(using: &random) ?? "").suffix(1)))
    case 4:
        let lower = Int64.random(in: -80...80, using: &random)
        return .range(lower...lower + Int64.random(in: 0...40, using: &random))
    case 5: return .not(randomPredicate(&random, depth: depth - 1))
    default:
        let count = Int.random(in: 0...3, using: &random)
        return .any((0..<count).map { _ in randomPredicate(&random, depth: depth - 1) })
    }
}
