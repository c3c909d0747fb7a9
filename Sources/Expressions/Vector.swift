package import Base

/// The types of values.
package enum ValueType: UInt8, Sendable, CaseIterable {
    case string = 1
    case integer = 2
    case float = 3
    case boolean = 4
    /// The JSON text of an array.
    case json = 5
    /// Milliseconds since the epoch, UTC.
    case timestamp = 6
    /// A serialised aggregate state, such as a sketch.
    case state = 7
}

/// A column's values for a run of rows: what scans produce and expressions compute on.
///
/// Live windows, decoded blocks and intermediate results all have this one form.
package struct Vector: Sendable {
    /// The values, by how they are held.
    package enum Values: Sendable {
        /// One code a row: 0 is null, `k` is entry `k - 1` of the dictionary. For `string`, `json`.
        case codes([UInt32], dictionary: StringTable)
        /// One entry a row, for `string`, `json` and `state` columns whose values hardly repeat.
        case strings(StringTable)
        /// For `integer` and `timestamp`.
        case integers([Int64])
        case floats([Double])
        case booleans(Bitmap)
    }

    /// The type of all values.
    package var type: ValueType
    /// The values, one a row.
    package var values: Values
    /// Which rows have a value; nil where all have.
    ///
    /// Always nil for `codes`, whose code 0 is null. A row without a value holds 0, false or the
    /// empty string.
    package var validity: Bitmap?

    /// Takes values in this form.
    package init(type: ValueType, values: Values, validity: Bitmap? = nil) {
        self.type = type
        self.values = values
        self.validity = validity
        invariant(validity == nil || validity?.count == count)
    }

    /// How many rows there are.
    package var count: Int {
        switch values {
        case .codes(let codes, _): codes.count
        case .strings(let table): table.count
        case .integers(let numbers): numbers.count
        case .floats(let numbers): numbers.count
        case .booleans(let bits): bits.count
        }
    }
}
