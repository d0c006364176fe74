import Layers
import Tensors

/// A coupling: some columns are transformed one by one, with numbers that a network makes of the others.
///
///     forward:  x_b = τ(z_b; θ),    x_a = z_a,   log|det J| = Σ log τ′
///     inverse:  z_b = τ⁻¹(x_b; θ),  z_a = x_a,   log|det J| = −Σ log τ′
///     θ = conditioner([z_a, context])
///
/// With an affine τ this is the coupling of RealNVP (Dinh, Sohl-Dickstein & Bengio, 2017, eq. 7–8), with
/// splines that of neural spline flows (Durkan et al., 2019). Domain: all of R^D. The conditioner's last
/// layer starts at zero, so the coupling starts as the identity.
package struct Coupling: Bijection {
  package let dimension: Int
  /// Columns that are transformed, a prefix or a suffix.
  package let transformed: Range<Int>
  /// C, columns of the context that the conditioner reads; 0 for one that takes no context.
  package let contextDimension: Int
  /// τ.
  package let transform: ColumnTransform
  /// [B, D − c + C] → [B, c · n], n numbers a column.
  package let conditioner: MultilayerPerceptron

  /// - Precondition: `transformed` is a proper, non-empty prefix or suffix of the columns.
  package init(
    dimension: Int, transformed: Range<Int>, contextDimension: Int = 0, widths: [Int],
    activation: Activation = .relu, transform: ColumnTransform = .affine(),
    in layout: inout ParameterLayout
  ) {
    precondition(
      !transformed.isEmpty && transformed.count < dimension
        && (transformed.lowerBound == 0 || transformed.upperBound == dimension),
      "expected a proper prefix or suffix of \(dimension) columns, got \(transformed)")
    self.dimension = dimension
    self.transformed = transformed
    self.contextDimension = contextDimension
    self.transform = transform
    conditioner = layout.scoped("conditioner") {
      MultilayerPerceptron(
        dimension - transformed.count + contextDimension, widths: widths,
        transform.rawCount * transformed.count, activation: activation, startsAtZero: true, in: &$0)
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
    return transform(
      x, raw: raw, first: transformed.lowerBound, inverted: inverted, on: tape)
  }
}
