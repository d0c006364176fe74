import Tensors

/// A density on R^D: a base distribution transported by a bijection; with an injection one on a surface of
/// dimension d, per unit of its d-dimensional volume.
///
///     log p(x) = log q(f⁻¹(u)) + log |det J_{f⁻¹}(u)| − logVolumeElement(u),   u = project(x)
///
/// Without an injection u is x, and the last term is zero.
package struct Flow: Sendable {
  package let baseDistribution: any Distribution
  package let bijection: any Bijection
  /// Chart → data.
  package let injection: (any Injection)?

  /// - Precondition: all have the same dimension d on the side of the chart.
  package init(
    base: any Distribution, bijection: any Bijection, injection: (any Injection)? = nil
  ) {
    precondition(
      base.dimension == bijection.dimension,
      "base of dimension \(base.dimension), bijection of dimension \(bijection.dimension)")
    if let injection {
      precondition(
        injection.chartDimension == bijection.dimension,
        "bijection of dimension \(bijection.dimension), injection of \(injection.chartDimension)")
    }
    baseDistribution = base
    self.bijection = bijection
    self.injection = injection
  }

  /// D, columns of the data.
  package var dimension: Int { injection?.dimension ?? chartDimension }
  /// d, columns of base coordinates.
  package var chartDimension: Int { baseDistribution.dimension }

  /// Log-density of each row, [B, D] → [B, 1], in nats.
  package func logProbability<Scalar>(
    of x: Value, context: Value? = nil, on tape: Tape<Scalar>
  ) -> Value {
    infer(x, context: context, on: tape).logProbability
  }

  /// What a flow says of points.
  package struct Inferred {
    /// f⁻¹(project(x)), [B, d].
    package let base: Value
    /// Log-density in nats, [B, 1].
    package let logProbability: Value
    /// embed(project(x)), [B, D]; x itself without an injection.
    package let reconstruction: Value
  }

  /// Base coordinates, log-density and reconstruction of each row, [B, D].
  package func infer<Scalar>(
    _ x: Value, context: Value? = nil, on tape: Tape<Scalar>
  ) -> Inferred {
    let u = project(x, context: context, on: tape)
    let surface = injection.map { injection in
      tape.scoped("embedding") { injection.embed(u, context: context, on: tape) }
    }
    if surface != nil { tape.endSegment() }
    let base = bijection.inverse(u, context: context, on: tape)
    var density = tape.scoped("base") {
      baseDistribution.logProbability(of: base.value, on: tape)
    }
    if let term = base.logAbsDetJacobian { density = tape.add(density, term) }
    if let term = surface?.logVolumeElement { density = tape.subtract(density, term) }
    return Inferred(
      base: base.value, logProbability: density, reconstruction: surface?.value ?? x)
  }

  /// Base → data, [B, d] → [B, D].
  package func forward<Scalar>(
    _ base: Value, context: Value? = nil, on tape: Tape<Scalar>
  ) -> Value {
    let u = bijection.forward(base, context: context, on: tape).value
    guard let injection else { return u }
    return tape.scoped("embedding") { injection.embed(u, context: context, on: tape).value }
  }

  /// Data → chart, [B, D] → [B, d]; x itself without an injection.
  package func project<Scalar>(
    _ x: Value, context: Value? = nil, on tape: Tape<Scalar>
  ) -> Value {
    guard let injection else { return x }
    return tape.scoped("embedding") { injection.project(x, context: context, on: tape) }
  }
}
