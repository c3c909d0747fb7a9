internal import Base
internal import HTTP
internal import Query

/// A request for rows by SQL, as it came: read, not bound yet.
struct SelectRequest: Sendable {
    /// The text of the query.
    var text: [UInt8] = []
    /// Nil where the request does not say.
    var format: ResultFormat?
    /// What `{name:Type}` stands for.
    var parameters: Binder.Parameters = [:]

    private static let parameterPrefix = "param_"

    /// The parameters of a URL; `q` is the query.
    mutating func take(_ parameters: [URLCoding.Parameter]) throws(RequestError) {
        for parameter in parameters {
            switch parameter.name {
            case "q", "query": text = Array(parameter.value.utf8)
            case "format": try setFormat(parameter.value)
            case let name where name.hasPrefix(Self.parameterPrefix):
                self.parameters[String(name.dropFirst(Self.parameterPrefix.count))] =
                    parameter.value
            case let name where name.hasPrefix("_"): break
            default:
                throw .unknownParameter(
                    parameter.name, known: ["q", "format", "param_NAME"])
            }
        }
    }

    /// A body: JSON `{"query","format","parameters"}`, or the text of the query itself.
    mutating func take(body: [UInt8]) throws(RequestError) {
        guard body.first(where: { !Self.isBlank($0) }) == UInt8(ascii: "{") else {
            text = body
            return
        }
        let document: JSONValue
        do throws(JSONValue.ParseError) {
            document = try JSONValue.parse(body)
        } catch {
            throw .badParameter("body", "is neither SQL nor JSON: \(error)")
        }
        guard case .object(let members) = document else {
            throw .badParameter("body", "must be SQL or a JSON object")
        }
        for member in members where !member.name.hasPrefix("_") { try take(member) }
    }

    private mutating func take(_ member: JSONValue.Member) throws(RequestError) {
        switch (member.name, member.value) {
        case ("query", .string(let query)), ("q", .string(let query)): text = Array(query.utf8)
        case ("format", .string(let name)): try setFormat(name)
        case ("parameters", .object(let values)):
            for value in values { parameters[value.name] = try Self.text(value) }
        case ("query", _), ("q", _), ("format", _), ("parameters", _):
            throw .badParameter(member.name, "has a value of the wrong type")
        default:
            throw .unknownParameter(member.name, known: ["query", "format", "parameters"])
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }

    private static func text(_ member: JSONValue.Member) throws(RequestError) -> String {
        switch member.value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .number(let number): return "\(number)"
        case .boolean(let truth): return truth ? "true" : "false"
        case .null, .array, .object:
            throw .badParameter(
                "parameters.\(member.name)", "must be a text, a number or a truth value")
        }
    }

    private mutating func setFormat(_ name: String) throws(RequestError) {
        guard let format = ResultFormat(named: name) else {
            throw .badParameter("format", "must be json, ndjson, csv or tsv")
        }
        self.format = format
    }
}
