import Layers
import Tensors

/// Affine coupling with a bounded log-scale (RealNVP; Dinh, Sohl-Dickstein & Bengio, 2017, eq. 7–8).
///
///     forward:  x_b = z_b · exp(s) + t,   x_a = z_a,   log|det J| =  Σ s
///     inverse:  z_b = (x_b − t) · exp(−s), z_a = x_a,  log|det J| = −Σ s
///     (raw, t) = conditioner([z_a, context]),  s = bound · tanh(raw / bound)
///
/// Domain: all of R^D. |log|det J|| ≤ bound · |b|, so one coupling can neither overflow nor collapse.
/// The conditioner's last layer starts at zero, so the coupling starts as the identity.
package struct AffineCoupling: Bijection {
  package let dimension: Int
  /// Columns that are transformed, a prefix or a suffix.
  package let transformed: Range<Int>
  /// C, columns of the context that the conditioner reads; 0 for one that takes no context.
  package let contextDimension: Int
  /// [B, D − c + C] → [B, 2c].
  package let conditioner: MultilayerPerceptron
  /// Largest |s|, in nats.
  package let logScaleBound: Double

  /// - Precondition: `transformed` is a proper, non-empty prefix or suffix of the columns.
  package init(
    dimension: Int, transformed: Range<Int>, contextDimension: Int = 0, widths: [Int],
    activation: Activation = .relu, logScaleBound: Double = 2, in layout: inout ParameterLayout
  ) {
    precondition(
      !transformed.isEmpty && transformed.count < dimension
        && (transformed.lowerBound == 0 || transformed.upperBound == dimension),
      "expected a proper prefix or suffix of \(dimension) columns, got \(transformed)")
    self.dimension = dimension
    self.transformed = transformed
    self.contextDimension = contextDimension
    self.logScaleBound = logScaleBound
    conditioner = layout.scoped("conditioner") {
      MultilayerPerceptron(
        dimension - transformed.count + contextDimension, widths: widths, 2 * transformed.count,
        activation: activation, startsAtZero: true, in: &$0)
    }
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { transport(base, context, tape, inverted: false) }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  { transport(data, context, tape, inverted: true) }

  private func transport<Scalar>(
    _ x: Value, _ context: Value?, _ tape: Tape<Scalar>, inverted: Bool
  ) -> Transported {
    let kept =
      transformed.lowerBound == 0 ? transformed.upperBound..<dimension : 0..<transformed.lowerBound
    var input = tape.columns(x, kept)
    // In a chain, elements that take no context stand beside elements that do.
    if contextDimension > 0 {
      guard let context else {
        preconditionFailure("expected a context of \(contextDimension) columns, got none")
      }
      input = tape.concatenateColumns(input, context)
    }
    let raw = tape.scoped("conditioner") { conditioner(input, on: tape) }
    let result = tape.coupling(
      x, raw: raw, first: transformed.lowerBound, bound: logScaleBound, inverted: inverted)
    return Transported(result.value, logAbsDetJacobian: result.logDeterminant)
  }
}
