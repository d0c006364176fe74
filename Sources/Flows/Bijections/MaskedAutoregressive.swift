import Layers
import Tensors

/// A masked autoregressive flow: column i is transformed with numbers that a network makes of the columns
/// before it (MAF; Papamakarios, Pavlakou & Murray, 2017, eq. 3–5).
///
///     inverse:  z_i = τ⁻¹(x_i; θ_i),  log|det J| = −Σ log τ′    one pass of the network
///     forward:  x_i = τ(z_i; θ_i),    log|det J| =  Σ log τ′    D steps, one column each
///     θ_i = conditioner(x_1 … x_{i−1}, context)
///
/// Domain: all of R^D, D ≥ 1. The direction that training runs is the fast one. `Inverse` of it is an
/// inverse autoregressive flow, which samples fast (IAF; Kingma et al., 2016). With splines it is an
/// autoregressive neural spline flow (Durkan et al., 2019). The conditioner's last layer starts at zero,
/// so the flow starts as the identity.
package struct MaskedAutoregressive: Bijection {
  package let dimension: Int
  /// C, columns of the context that the conditioner reads; 0 for one that takes no context.
  package let contextDimension: Int
  /// τ.
  package let transform: ColumnTransform
  /// [B, D], [B, C] → [B, D · n], n numbers a column.
  package let conditioner: MaskedPerceptron

  package init(
    dimension: Int, contextDimension: Int = 0, widths: [Int], activation: Activation = .relu,
    transform: ColumnTransform = .affine(), in layout: inout ParameterLayout
  ) {
    self.dimension = dimension
    self.contextDimension = contextDimension
    self.transform = transform
    conditioner = layout.scoped("conditioner") {
      MaskedPerceptron(
        dimension: dimension, contextDimension: contextDimension, widths: widths,
        outputsPerColumn: transform.rawCount, order: transform.order, activation: activation,
        startsAtZero: true, in: &$0)
    }
  }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    let raw = tape.scoped("conditioner") { conditioner(data, context: context, on: tape) }
    return transform(data, raw: raw, first: 0, inverted: true, on: tape)
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    var data: Value?
    var logDet: Value?
    tape.scoped("conditioner") {
      conditioner.sequence(
        rows: tape.shape(of: base).rows, context: context, on: tape
      ) { column, raw in
        let next = transform(
          tape.columns(base, column..<column + 1), raw: raw, first: 0, inverted: false, on: tape)
        data = data.map { tape.concatenateColumns($0, next.value) } ?? next.value
        if let term = next.logAbsDetJacobian {
          logDet = logDet.map { tape.add($0, term) } ?? term
        }
        return next.value
      }
    }
    guard let data else { preconditionFailure("expected at least one column") }
    return Transported(data, logAbsDetJacobian: logDet)
  }
}
