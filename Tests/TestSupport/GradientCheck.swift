import Tensors

/// A function of some matrices, recorded on any tape.
package struct TapeFunction: Sendable {
  package let name: String
  /// Shapes of the inputs.
  package let shapes: [Shape]
  /// Maps a number in (−1, 1) to the domain of an input.
  package let domain: @Sendable (Double) -> Double
  package let body: @Sendable (TapeBody) -> Value

  package init(
    _ name: String, _ shapes: [Shape], domain: @escaping @Sendable (Double) -> Double = { $0 },
    _ body: @escaping @Sendable (TapeBody) -> Value
  ) {
    self.name = name
    self.shapes = shapes
    self.domain = domain
    self.body = body
  }

  /// Inputs at a fixed pseudo-random point.
  package func point(seed: UInt64 = 7) -> [[Double]] {
    shapes.enumerated().map { index, shape in
      var random = SampleRandom(seed: seed, purpose: .noise, sample: UInt64(index))
      return (0..<shape.count).map { _ in domain(2 * random.uniform() - 1) }
    }
  }
}

/// A tape of Doubles and the inputs on it.
package struct TapeBody {
  package let tape: Tape<Double>
  package let inputs: [Value]

  package subscript(index: Int) -> Value { inputs[index] }
}

/// Derivatives of a ``TapeFunction``, on a tape and by central differences.
package enum GradientCheck {
  /// Largest deviation, relative to 1 + the size of the number, of each kind of derivative.
  package struct Deviations: Sendable {
    package var reverse = 0.0
    package var tangent = 0.0
    package var second = 0.0
  }

  /// Compares reverse gradients, tangents and the gradient of a gradient with central differences.
  ///
  /// The scalar that is differentiated is Σ w ∘ f(x) with fixed weights w.
  package static func deviations(of function: TapeFunction, step: Double = 1e-5) -> Deviations {
    let x = function.point()
    let directions = function.point(seed: 11).enumerated().map { index, values in
      values.indices.map { direction(index, $0) }
    }
    var result = Deviations()
    let gradient = self.gradient(of: function, at: x)
    for (index, values) in x.enumerated() {
      for element in values.indices {
        let difference = central(x, index, element, step) { self.value(of: function, at: $0) }
        result.reverse = max(result.reverse, deviation(gradient[index][element], difference))
      }
    }
    let along = tangent(of: function, at: x, along: directions)
    let expected = zip(gradient, directions).map { zip($0, $1).map(*).reduce(0, +) }.reduce(0, +)
    result.tangent = deviation(along, expected)
    let second = hessianProduct(of: function, at: x, along: directions)
    for (index, values) in x.enumerated() {
      for element in values.indices {
        let difference = central(x, index, element, step) { point in
          let gradient = self.gradient(of: function, at: point)
          return zip(gradient, directions).map { zip($0, $1).map(*).reduce(0, +) }.reduce(0, +)
        }
        result.second = max(result.second, deviation(second[index][element], difference))
      }
    }
    return result
  }

  private static func deviation(_ a: Double, _ b: Double) -> Double {
    let difference = abs(a - b) / (1 + abs(b))
    return difference.isNaN ? .infinity : difference
  }

  private static func direction(_ input: Int, _ element: Int) -> Double {
    var random = SampleRandom(
      seed: 23, purpose: .noise, step: UInt32(input), sample: UInt64(element))
    return 2 * random.uniform() - 1
  }

  private static func central(
    _ x: [[Double]], _ index: Int, _ element: Int, _ step: Double, _ f: ([[Double]]) -> Double
  ) -> Double {
    var (up, down) = (x, x)
    up[index][element] += step
    down[index][element] -= step
    return (f(up) - f(down)) / (2 * step)
  }

  /// Σ w ∘ f(x), recorded.
  private static func record(_ function: TapeFunction, _ x: [[Double]], on tape: Tape<Double>) -> (
    inputs: [Value], weighted: Value
  ) {
    let inputs = zip(function.shapes, x).map { tape.input($0, repeating: $1) }
    let y = function.body(TapeBody(tape: tape, inputs: inputs))
    let shape = tape.shape(of: y)
    let weights = (0..<shape.count).map { direction(99, $0) }
    return (
      inputs, tape.sum(tape.multiply(y, tape.constant(shape.rows, shape.columns, weights)))
    )
  }

  private static func value(of function: TapeFunction, at x: [[Double]]) -> Double {
    let tape = Tape<Double>(shardCount: 1)
    let (_, y) = record(function, x, on: tape)
    tape.keep(y)
    tape.run()
    return tape.elements(of: y)[0]
  }

  private static func gradient(of function: TapeFunction, at x: [[Double]]) -> [[Double]] {
    let tape = Tape<Double>(shardCount: 1)
    let (inputs, y) = record(function, x, on: tape)
    let one = tape.constant(1, 1, [1])
    let gradients = tape.gradients(of: [(y, seed: one)], withRespectTo: inputs)
    for gradient in gradients { tape.keep(gradient) }
    tape.run()
    return gradients.map { tape.elements(of: $0) }
  }

  private static func tangent(
    of function: TapeFunction, at x: [[Double]], along directions: [[Double]]
  ) -> Double {
    let tape = Tape<Double>(shardCount: 1)
    let (inputs, y) = record(function, x, on: tape)
    let tangents = zip(function.shapes, directions).map {
      tape.constant($0.rows, $0.columns, $1)
    }
    let moved = tape.tangents(of: [y], along: zip(inputs, tangents).map { ($0, tangent: $1) })
    tape.keep(moved[0])
    tape.run()
    return tape.elements(of: moved[0])[0]
  }

  /// The gradient of (direction · gradient).
  private static func hessianProduct(
    of function: TapeFunction, at x: [[Double]], along directions: [[Double]]
  ) -> [[Double]] {
    let tape = Tape<Double>(shardCount: 1)
    let (inputs, y) = record(function, x, on: tape)
    let one = tape.constant(1, 1, [1])
    let gradients = tape.gradients(of: [(y, seed: one)], withRespectTo: inputs)
    var product: Value?
    for ((gradient, shape), direction) in zip(zip(gradients, function.shapes), directions) {
      let weights = tape.constant(shape.rows, shape.columns, direction)
      let term = tape.sum(tape.multiply(gradient, weights))
      product = product.map { tape.add($0, term) } ?? term
    }
    let second = tape.gradients(of: [(product!, seed: one)], withRespectTo: inputs)
    for value in second { tape.keep(value) }
    tape.run()
    return second.map { tape.elements(of: $0) }
  }
}
