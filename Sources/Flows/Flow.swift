import Tensors

/// A density on R^D: a base distribution transported by a bijection.
///
///     log p(x) = log q(f⁻¹(x)) + log |det J_{f⁻¹}(x)|
package struct Flow: Sendable {
  package let baseDistribution: any Distribution
  package let bijection: any Bijection

  /// - Precondition: both have the same dimension.
  package init(base: any Distribution, bijection: any Bijection) {
    precondition(
      base.dimension == bijection.dimension,
      "base of dimension \(base.dimension), bijection of dimension \(bijection.dimension)")
    baseDistribution = base
    self.bijection = bijection
  }

  package var dimension: Int { baseDistribution.dimension }

  /// Log-density of each row, [B, D] → [B, 1], in nats.
  package func logProbability<Scalar>(
    of x: Value, context: Value? = nil, on tape: Tape<Scalar>
  ) -> Value {
    let base = bijection.inverse(x, context: context, on: tape)
    let density = tape.scoped("base") {
      baseDistribution.logProbability(of: base.value, on: tape)
    }
    return base.logAbsDetJacobian.map { tape.add(density, $0) } ?? density
  }
}
