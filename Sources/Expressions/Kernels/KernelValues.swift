internal import Base

/// A type of Swift that kernels written for one row take.
protocol KernelInput: Sendable {
    /// An operand made ready for reading rows.
    associatedtype Reader: Sendable
    static func reader(_ operand: Operand) -> Reader
    static func read(_ reader: Reader, _ row: Int) -> Self
}

/// A type of Swift that kernels written for one row return; NULL as nil.
protocol KernelOutput: Sendable {
    /// Takes the results row by row.
    associatedtype Sink: Sendable
    static func sink(_ count: Int) -> Sink
    static func append(_ value: Self?, to sink: inout Sink)
    static func vector(_ sink: Sink) -> Vector.Values
}

/// Numbers by row, or one for all rows.
struct NumberReader<Number: Sendable>: Sendable {
    let numbers: [Number]
    let isConstant: Bool

    @inline(__always)
    subscript(row: Int) -> Number { numbers[isConstant ? 0 : row] }
}

extension Int64: KernelInput, KernelOutput {
    static func reader(_ operand: Operand) -> NumberReader<Int64> {
        switch operand {
        case .constant(let value):
            return NumberReader(numbers: [value.number ?? 0], isConstant: true)
        case .vector(let vector):
            guard case .integers(let numbers) = vector.values else {
                fatalError("\(vector.type) where integers were bound")
            }
            return NumberReader(numbers: numbers, isConstant: false)
        }
    }
    static func read(_ reader: NumberReader<Int64>, _ row: Int) -> Int64 { reader[row] }
    static func sink(_ count: Int) -> [Int64] {
        var numbers: [Int64] = []
        numbers.reserveCapacity(count)
        return numbers
    }
    static func append(_ value: Int64?, to sink: inout [Int64]) { sink.append(value ?? 0) }
    static func vector(_ sink: [Int64]) -> Vector.Values { .integers(sink) }
}

extension Double: KernelInput, KernelOutput {
    static func reader(_ operand: Operand) -> NumberReader<Double> {
        switch operand {
        case .constant(let value):
            guard case .float(let number) = value else {
                return NumberReader(numbers: [0], isConstant: true)
            }
            return NumberReader(numbers: [number], isConstant: true)
        case .vector(let vector):
            guard case .floats(let numbers) = vector.values else {
                fatalError("\(vector.type) where floats were bound")
            }
            return NumberReader(numbers: numbers, isConstant: false)
        }
    }
    static func read(_ reader: NumberReader<Double>, _ row: Int) -> Double { reader[row] }
    static func sink(_ count: Int) -> [Double] {
        var numbers: [Double] = []
        numbers.reserveCapacity(count)
        return numbers
    }
    static func append(_ value: Double?, to sink: inout [Double]) { sink.append(value ?? 0) }
    static func vector(_ sink: [Double]) -> Vector.Values { .floats(sink) }
}

extension Bool: KernelInput, KernelOutput {
    static func reader(_ operand: Operand) -> Bitmap? {
        switch operand {
        case .constant(let value): return value == .boolean(true) ? nil : Bitmap(count: 0)
        case .vector(let vector):
            guard case .booleans(let bits) = vector.values else {
                fatalError("\(vector.type) where booleans were bound")
            }
            return bits
        }
    }
    /// Nil stands for true in all rows, the empty set for false.
    static func read(_ reader: Bitmap?, _ row: Int) -> Bool {
        guard let reader else { return true }
        return reader.count > row && reader[row]
    }
    static func sink(_ count: Int) -> Bitmap { Bitmap(count: 0) }
    static func append(_ value: Bool?, to sink: inout Bitmap) { sink.append(value ?? false) }
    static func vector(_ sink: Bitmap) -> Vector.Values { .booleans(sink) }
}

/// The bytes of a text.
typealias TextSlice = ArraySlice<UInt8>

extension ArraySlice<UInt8>: KernelInput, KernelOutput {
    static func reader(_ operand: Operand) -> TextReader { TextReader(operand) }
    static func read(_ reader: TextReader, _ row: Int) -> TextSlice { reader.slice(row) }
    static func sink(_ count: Int) -> StringTable { StringTable() }
    static func append(_ value: TextSlice?, to sink: inout StringTable) {
        sink.append(value ?? [])
    }
    static func vector(_ sink: StringTable) -> Vector.Values { .strings(sink) }
}

extension String: KernelInput, KernelOutput {
    static func reader(_ operand: Operand) -> TextReader { TextReader(operand) }
    static func read(_ reader: TextReader, _ row: Int) -> String { reader.string(row) }
    static func sink(_ count: Int) -> StringTable { StringTable() }
    static func append(_ value: String?, to sink: inout StringTable) { sink.append(value ?? "") }
    static func vector(_ sink: StringTable) -> Vector.Values { .strings(sink) }
}

/// Kernels from functions of one row. The evaluator gives vectors the type of the call.
extension FunctionKernel {
    /// A kernel of a function that has a value for every row.
    static func map<A: KernelInput, Result: KernelOutput>(
        _ function: @escaping @Sendable (A) -> Result
    ) -> FunctionKernel {
        FunctionKernel(canFail: false) { operands, count in
            let first = A.reader(operands[0])
            var sink = Result.sink(count)
            for row in 0..<count { Result.append(function(A.read(first, row)), to: &sink) }
            return Vector(values: Result.vector(sink))
        }
    }

    /// A kernel of a function of two arguments that has a value for every row.
    static func map<A: KernelInput, B: KernelInput, Result: KernelOutput>(
        _ function: @escaping @Sendable (A, B) -> Result
    ) -> FunctionKernel {
        FunctionKernel(canFail: false) { operands, count in
            let first = A.reader(operands[0])
            let second = B.reader(operands[1])
            var sink = Result.sink(count)
            for row in 0..<count {
                Result.append(function(A.read(first, row), B.read(second, row)), to: &sink)
            }
            return Vector(values: Result.vector(sink))
        }
    }

    /// A kernel of a function of three arguments that has a value for every row.
    static func map<A: KernelInput, B: KernelInput, C: KernelInput, Result: KernelOutput>(
        _ function: @escaping @Sendable (A, B, C) -> Result
    ) -> FunctionKernel {
        FunctionKernel(canFail: false) { operands, count in
            let first = A.reader(operands[0])
            let second = B.reader(operands[1])
            let third = C.reader(operands[2])
            var sink = Result.sink(count)
            for row in 0..<count {
                Result.append(
                    function(A.read(first, row), B.read(second, row), C.read(third, row)),
                    to: &sink)
            }
            return Vector(values: Result.vector(sink))
        }
    }

    /// A kernel of a function that may fail.
    static func attempt<A: KernelInput, Result: KernelOutput>(
        _ function: @escaping @Sendable (A) throws(EvaluationError) -> Result
    ) -> FunctionKernel {
        FunctionKernel { (operands, count) throws(EvaluationError) -> Vector in
            let first = A.reader(operands[0])
            var sink = Result.sink(count)
            for row in 0..<count { Result.append(try function(A.read(first, row)), to: &sink) }
            return Vector(values: Result.vector(sink))
        }
    }

    /// A kernel of a function of two arguments that may fail.
    static func attempt<A: KernelInput, B: KernelInput, Result: KernelOutput>(
        _ function: @escaping @Sendable (A, B) throws(EvaluationError) -> Result
    ) -> FunctionKernel {
        FunctionKernel { (operands, count) throws(EvaluationError) -> Vector in
            let first = A.reader(operands[0])
            let second = B.reader(operands[1])
            var sink = Result.sink(count)
            for row in 0..<count {
                Result.append(try function(A.read(first, row), B.read(second, row)), to: &sink)
            }
            return Vector(values: Result.vector(sink))
        }
    }

    /// A kernel of a function of three arguments that may fail.
    static func attempt<A: KernelInput, B: KernelInput, C: KernelInput, Result: KernelOutput>(
        _ function: @escaping @Sendable (A, B, C) throws(EvaluationError) -> Result
    ) -> FunctionKernel {
        FunctionKernel { (operands, count) throws(EvaluationError) -> Vector in
            let first = A.reader(operands[0])
            let second = B.reader(operands[1])
            let third = C.reader(operands[2])
            var sink = Result.sink(count)
            for row in 0..<count {
                Result.append(
                    try function(A.read(first, row), B.read(second, row), C.read(third, row)),
                    to: &sink)
            }
            return Vector(values: Result.vector(sink))
        }
    }

    /// A kernel of a function that has no value for some rows: NULL.
    static func optional<A: KernelInput, Result: KernelOutput>(
        _ function: @escaping @Sendable (A) -> Result?
    ) -> FunctionKernel {
        FunctionKernel(canFail: false) { operands, count in
            let first = A.reader(operands[0])
            return optionalVector(count) { function(A.read(first, $0)) }
        }
    }

    /// A kernel of a function of two arguments that has no value for some rows: NULL.
    static func optional<A: KernelInput, B: KernelInput, Result: KernelOutput>(
        _ function: @escaping @Sendable (A, B) -> Result?
    ) -> FunctionKernel {
        FunctionKernel(canFail: false) { operands, count in
            let first = A.reader(operands[0])
            let second = B.reader(operands[1])
            return optionalVector(count) { function(A.read(first, $0), B.read(second, $0)) }
        }
    }

    @inline(__always)
    private static func optionalVector<Result: KernelOutput>(
        _ count: Int, _ value: (Int) -> Result?
    ) -> Vector {
        var sink = Result.sink(count)
        var validity = Bitmap(count: 0)
        for row in 0..<count {
            let result = value(row)
            Result.append(result, to: &sink)
            validity.append(result != nil)
        }
        return Vector(
            values: Result.vector(sink),
            validity: validity.population == count ? nil : validity)
    }
}

extension Vector {
    /// A result whose type the evaluator sets.
    init(values: Values, validity: Bitmap? = nil) {
        let type: ValueType =
            switch values {
            case .codes, .strings: .string
            case .integers: .integer
            case .floats: .float
            case .booleans: .boolean
            }
        self.init(type: type, values: values, validity: validity)
    }
}
