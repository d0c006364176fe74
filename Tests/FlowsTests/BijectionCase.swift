import Flows
import Layers
import TestSupport
import Tensors

/// A row of the contract table: a bijection with its parameters moved away from the identity.
struct BijectionCase {
  let name: String
  let contextDimension: Int
  let bijection: any Bijection
  let parameters: [Parameter]
  let buffer: ParameterBuffer<Double>

  var dimension: Int { bijection.dimension }

  init(
    _ name: String, contextDimension: Int = 0,
    _ make: (inout ParameterLayout) -> any Bijection
  ) {
    var layout = ParameterLayout()
    let bijection = make(&layout)
    self.name = "\(name), D = \(bijection.dimension), C = \(contextDimension)"
    self.contextDimension = contextDimension
    self.bijection = bijection
    parameters = ParameterCollection.parameters(in: bijection)
    buffer = ParameterCollection.randomised(layout, deviation: 0.3)
    precondition(parameters.map(\.count).reduce(0, +) == layout.count, "a parameter was missed")
  }

  private init(inverting row: BijectionCase) {
    name = "Inverse of " + row.name
    contextDimension = row.contextDimension
    bijection = Inverse(row.bijection)
    parameters = row.parameters
    buffer = row.buffer
  }

  /// The row with its directions exchanged.
  var inverted: BijectionCase { BijectionCase(inverting: self) }

  /// Points, each [D], of a normal density times a scale.
  func points(_ count: Int, scale: Double = 1, columns: Int? = nil, seed: UInt64 = 2) -> [[Double]]
  {
    (0..<count).map { row in
      var random = SampleRandom(seed: seed, purpose: .test, sample: UInt64(row))
      return (0..<(columns ?? dimension)).map { _ in scale * random.normal() }
    }
  }

  /// Contexts, each [C]; nil for a bijection that takes none.
  func contexts(_ count: Int, seed: UInt64 = 4) -> [[Double]]? {
    contextDimension == 0 ? nil : points(count, columns: contextDimension, seed: seed)
  }

  enum Direction { case forward, inverse }

  /// Values and log-determinants of a batch, computed in a precision.
  func apply<Scalar: TensorScalar>(
    _ direction: Direction, _ rows: [[Double]], _ contexts: [[Double]]?, in type: Scalar.Type
  ) -> (values: [[Double]], logDeterminants: [Double]) {
    let tape = Tape<Scalar>(shardCount: 1, parameters: buffer.converted(to: type))
    let x = tape.matrix(rows)
    let context = contexts.map { tape.matrix($0) }
    let result =
      direction == .forward
      ? bijection.forward(x, context: context, on: tape)
      : bijection.inverse(x, context: context, on: tape)
    tape.keep(result.value)
    if let logDet = result.logAbsDetJacobian { tape.keep(logDet) }
    tape.run()
    let values = tape.elements(of: result.value).map { Double($0) }
    let logDets = result.logAbsDetJacobian.map { tape.elements(of: $0).map { Double($0) } }
    return (
      rows.indices.map { Array(values[$0 * dimension..<($0 + 1) * dimension]) },
      logDets ?? rows.map { _ in 0 }
    )
  }

  /// Log-density of rows under the flow with a standard normal base, in a precision.
  func logProbability<Scalar: TensorScalar>(
    _ rows: [[Double]], _ contexts: [[Double]]?, in type: Scalar.Type
  ) -> [Double] {
    let tape = Tape<Scalar>(shardCount: 1, parameters: buffer.converted(to: type))
    let flow = Flow(base: StandardNormal(dimension: dimension), bijection: bijection)
    let density = tape.keep(
      flow.logProbability(
        of: tape.matrix(rows), context: contexts.map { tape.matrix($0) }, on: tape))
    tape.run()
    return tape.elements(of: density).map { Double($0) }
  }
}

extension Tape {
  /// An input with these rows on each shard.
  func matrix(_ rows: [[Double]]) -> Value {
    input(Shape(rows.count, rows[0].count), repeating: rows.flatMap { $0 }.map { Scalar($0) })
  }
}
