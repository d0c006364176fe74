/// The fixed numbers of a monotonic rational-quadratic spline (Durkan et al., 2019, §3.1).
///
/// The spline maps [−bound, bound] to itself in K bins and is the identity outside, with derivative one at
/// both ends. Its 3K − 1 raw numbers a column are K for the widths, K for the heights and K − 1 for the
/// derivatives at inner knots; zeros give the identity.
package struct SplineShape<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// K.
  package var bins: Int
  package var bound: Scalar

  package init(bins: Int, bound: Scalar) {
    self.bins = bins
    self.bound = bound
  }

  /// 3K − 1.
  package var rawCount: Int { 3 * bins - 1 }
  /// Smallest share of the interval that a bin takes, in width and in height.
  package static var minimumShare: Scalar { 1e-3 }
  /// Smallest derivative at a knot.
  package static var minimumSlope: Scalar { 1e-3 }
  /// log(exp(1 − minimumSlope) − 1): a raw number of zero gives derivative one.
  package static var slopeShift: Scalar { 0.5397424172369522 }
}
