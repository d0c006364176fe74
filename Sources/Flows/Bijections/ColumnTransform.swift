import Layers
import Tensors

/// A monotonic map of one column whose numbers a network makes: what a coupling and an autoregressive
/// flow do to each column. Raw numbers of zero give the identity.
package enum ColumnTransform: Sendable {
  /// x = z · exp(s) + t with s = bound · tanh(raw / bound); |s| ≤ bound in nats, so that one map can
  /// neither overflow nor collapse.
  case affine(logScaleBound: Double = 2)
  /// A rational-quadratic spline on [−bound, bound] and the identity outside (Durkan et al., 2019).
  case spline(SplineSettings)

  /// Raw numbers that a column needs.
  package var rawCount: Int {
    switch self {
    case .affine: 2
    case .spline(let settings): settings.rawCount
    }
  }

  /// How they lie for several columns.
  package var order: MaskedPerceptron.Order {
    switch self {
    case .affine: .byOutput
    case .spline: .byColumn
    }
  }

  /// Transforms the columns from `first` on, as many as `raw` has numbers for.
  ///
  /// - Parameters:
  ///   - x: [B, D].
  ///   - raw: [B, c · n].
  /// - Returns: [B, D] and the log-determinant of the map just applied, [B, 1].
  package func callAsFunction<Scalar>(
    _ x: Value, raw: Value, first: Int, inverted: Bool, on tape: Tape<Scalar>
  ) -> Transported {
    let result =
      switch self {
      case .affine(let bound):
        tape.coupling(x, raw: raw, first: first, bound: bound, inverted: inverted)
      case .spline(let settings):
        tape.spline(x, raw: raw, first: first, settings: settings, inverted: inverted)
      }
    return Transported(result.value, logAbsDetJacobian: result.logDeterminant)
  }
}
