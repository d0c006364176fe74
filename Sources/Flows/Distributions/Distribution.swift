import Tensors

/// A density on R^D that can be evaluated on a tape and drawn from.
package protocol Distribution: Sendable {
  /// D.
  var dimension: Int { get }

  /// Log-density of each row, [B, D] → [B, 1], in nats.
  func logProbability<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Value

  /// One draw, [D]; depends on the generator's key alone.
  func sample(using random: inout SampleRandom) -> [Double]
}

/// N(0, I) on R^D: log q(z) = −½ (|z|² + D log 2π).
package struct StandardNormal: Distribution {
  package let dimension: Int

  package init(dimension: Int) { self.dimension = dimension }

  package func logProbability<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Value {
    let half = tape.scale(tape.rowSquaredSums(x), by: -0.5)
    return tape.add(half, constant: -0.5 * Double(dimension) * 1.837_877_066_409_345_5)
  }

  package func sample(using random: inout SampleRandom) -> [Double] {
    (0..<dimension).map { _ in random.normal() }
  }
}
