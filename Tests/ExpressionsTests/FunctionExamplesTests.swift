import Base
import Expressions
import NaiveSQL
import Testing

@Suite struct FunctionExamplesTests {
    @Test("every example has the value that the documentation says")
    func examples() throws {
        for function in FunctionCatalog.documented {
            let expression = try ExampleParser.bind(function.example)
            let value = try #require(expression.constant, "\(function.example)")
            let text =
                value == .null
                ? "NULL"
                : try FunctionCatalog.cast(expression, to: .string, isTry: false, zones: testZones)
                    .constantText
            #expect(text == function.result, "\(function.example)")
        }
    }

    @Test("every function says all that the reference needs")
    func documentation() {
        let documented = FunctionCatalog.documented
        for function in documented {
            #expect(!function.signatures.isEmpty && function.summary.hasSuffix("."))
            #expect(function.signatures.allSatisfy { $0.hasPrefix(function.name + "(") })
        }
        let names = documented.flatMap { [$0.name] + $0.aliases }.map { $0.lowercased() }
        #expect(Set(names).count == names.count)
        #expect(Set(documented.map(\.family)) == Set(FunctionFamily.allCases))
        #expect(FunctionCatalog.names.count == names.count)
    }

    @Test("names are found in any case and by alias")
    func names() throws {
        #expect(FunctionCatalog.contains("DATE_TRUNC") && !FunctionCatalog.contains("date_trun"))
        let value = try ExampleParser.bind("SUBSTR('abc', 2)")
        #expect(value.constant == .string("bc"))
    }
}

extension Expression {
    /// The text of a constant.
    var constantText: String? {
        if case .string(let text)? = constant { return text }
        return nil
    }
}
