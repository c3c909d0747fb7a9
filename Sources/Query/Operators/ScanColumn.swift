internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// A column of a scan in one part: which of the part's columns hold its values.
struct ScanColumn: Sendable {
    let type: DataType
    /// The part's columns, one for each type of a property's values; none where the part has none.
    let sources: [Int]
    /// Whether the only source's vectors are the column's as they are.
    let isPlain: Bool

    init(_ column: TableScan.Column, in schema: TableSchema) {
        type = column.type
        let wanted = column.type.valueType
        let all =
            schema.kind == .raw
            ? RawDimension.columns(of: column.name, in: schema)
            : schema.columns.indices.filter { schema.columns[$0].name == column.name }
        switch wanted {
        case .string: sources = all.filter { schema.columns[$0].type != .state }
        case .float:
            sources = all.filter { [.float, .integer].contains(schema.columns[$0].type) }
        case .integer, .boolean, .json, .timestamp, .state:
            sources = all.filter { schema.columns[$0].type == wanted }
        }
        isPlain = sources.count == 1 && schema.columns[sources[0]].type == wanted
    }

    /// The values of a row group, given the vectors of the sources.
    func vector(_ vectors: [Vector], rowCount: Int) -> Vector {
        if vectors.isEmpty { return .nulls(type: type.valueType, count: rowCount) }
        if isPlain { return vectors[0] }
        if type.valueType == .string { return RawDimension.text(vectors, rowCount: rowCount) }
        // Numbers: a row has an integer, a float, or neither.
        var numbers = [Double](repeating: 0, count: rowCount)
        var validity = Bitmap(count: rowCount)
        for vector in vectors {
            for row in 0..<rowCount where vector.validity?[row] ?? true {
                switch vector.values {
                case .integers(let integers): numbers[row] = Double(integers[row])
                case .floats(let floats): numbers[row] = floats[row]
                case .codes, .strings, .booleans: continue
                }
                validity[row] = true
            }
        }
        return Vector(type: .float, values: .floats(numbers), validity: validity)
    }
}
