import Tensors

/// A network whose outputs for column i read the context and the columns before i (MADE; Germain,
/// Gregor, Murray & Larochelle, 2015).
///
///     [context, x], [B, C + D] → [B, D · n],  n outputs for each column
///
/// Context has degree 0, x_i degree i = 1 … D. A hidden unit of degree k reads what has degree ≤ k, an
/// output for x_i what has degree < i. Hidden degrees spread evenly over 1 … D − 1, and over
/// 0 … D − 1 with a context, so that the first column can depend on it (a layer of fewer units than
/// degrees leaves out low ones); units are sorted by degree, so every weight is a ``Staircase``. One dimension without context has no hidden layer: its
/// outputs are constants. The last layer is linear and may start at zero.
package struct MaskedPerceptron: Sendable {
  /// How the outputs lie.
  package enum Order: Sendable {
    /// All columns' first output, then all second ones.
    case byOutput
    /// All outputs of the first column, then those of the second.
    case byColumn
  }

  /// D and C.
  package let dimension: Int
  package let contextDimension: Int
  package let outputsPerColumn: Int
  package let order: Order
  package let layers: [MaskedDense]
  /// Degrees of the units of each hidden layer, ascending.
  package let degrees: [[Int]]

  /// - Parameter widths: hidden widths.
  package init(
    dimension: Int, contextDimension: Int = 0, widths: [Int], outputsPerColumn: Int,
    order: Order = .byOutput, activation: Activation = .relu, startsAtZero: Bool = false,
    in layout: inout ParameterLayout
  ) {
    self.dimension = dimension
    self.contextDimension = contextDimension
    self.outputsPerColumn = outputsPerColumn
    self.order = order
    let lowest = contextDimension > 0 ? 0 : 1
    let hidden = dimension > lowest ? widths : []
    degrees = hidden.map { width in
      (0..<width).map { dimension - 1 - (width - 1 - $0) * (dimension - lowest) / width }
    }
    var inputDegrees = [Int](repeating: 0, count: contextDimension) + Array(1...dimension)
    var layers: [MaskedDense] = []
    for (index, unitDegrees) in degrees.enumerated() {
      let limits = unitDegrees.map { degree in inputDegrees.prefix { $0 <= degree }.count }
      layers.append(
        layout.scoped("\(index)") {
          MaskedDense(inputDegrees.count, limits: limits, activation: activation, in: &$0)
        })
      inputDegrees = unitDegrees
    }
    let columns = (0..<dimension * outputsPerColumn).map {
      order == .byOutput ? $0 % dimension : $0 / outputsPerColumn
    }
    let limits = columns.map { column in inputDegrees.prefix { $0 <= column }.count }
    layers.append(
      layout.scoped("\(degrees.count)") {
        MaskedDense(inputDegrees.count, limits: limits, startsAtZero: startsAtZero, in: &$0)
      })
    self.layers = layers
  }

  /// All outputs at once, [B, D] and context [B, C] → [B, D · n].
  package func callAsFunction<Scalar>(_ x: Value, context: Value?, on tape: Tape<Scalar>) -> Value {
    var value = contextDimension > 0 ? tape.concatenateColumns(checked(context), x) : x
    for (index, layer) in layers.enumerated() {
      value = tape.scoped("\(index)") { layer(value, on: tape) }
    }
    return value
  }

  /// Outputs column by column, each from the columns before it.
  ///
  /// Each hidden unit is computed once, as soon as what it reads is known, so that all D steps together
  /// cost what one call of the network costs.
  /// - Parameter next: takes the outputs for column i, [B, n], and returns column i, [B, 1].
  package func sequence<Scalar>(
    rows: Int, context: Value?, on tape: Tape<Scalar>, _ next: (Int, Value) -> Value
  ) {
    // What is known of the input and of each hidden layer, in order of degree.
    var known: [Value?] = [contextDimension > 0 ? checked(context) : nil] + degrees.map { _ in nil }
    func append(_ columns: Value, to layer: Int) {
      known[layer] = known[layer].map { tape.concatenateColumns($0, columns) } ?? columns
    }
    for column in 0..<dimension {
      for (layer, unitDegrees) in degrees.enumerated() {
        guard let first = unitDegrees.firstIndex(of: column) else { continue }
        let end = unitDegrees.lastIndex(of: column)! + 1
        append(
          tape.scoped("\(layer)") {
            layers[layer].columns([first..<end], of: known[layer], rows: rows, on: tape)
          }, to: layer + 1)
      }
      let outputs = tape.scoped("\(degrees.count)") {
        layers[degrees.count].columns(
          ranges(of: column), of: known[degrees.count], rows: rows, on: tape)
      }
      append(next(column, outputs), to: 0)
    }
  }

  /// Output columns for column i.
  private func ranges(of column: Int) -> [Range<Int>] {
    switch order {
    case .byOutput:
      (0..<outputsPerColumn).map { $0 * dimension + column..<$0 * dimension + column + 1 }
    case .byColumn: [column * outputsPerColumn..<(column + 1) * outputsPerColumn]
    }
  }

  private func checked(_ context: Value?) -> Value {
    guard let context else {
      preconditionFailure("expected a context of \(contextDimension) columns, got none")
    }
    return context
  }
}
