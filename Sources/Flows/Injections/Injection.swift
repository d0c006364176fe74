import Tensors

/// A map of R^d onto a surface of dimension d in R^D with a left inverse and a tractable volume element.
///
///     project(embed(u)) = u,   logVolumeElement(u) = ½ log det J(u)ᵀ J(u)
///
/// A density on R^d becomes one on the surface, per unit of its d-dimensional volume, by the factor
/// exp(−logVolumeElement). A conformal map stretches all directions alike, JᵀJ = λ² I, so its factor is
/// λ^−d (Ross & Cresswell, 2021, §3). An injection is a struct of parameter handles and runs on a tape of
/// any scalar type.
package protocol Injection: Sendable {
  /// d, the number of columns of what is embedded.
  var chartDimension: Int { get }
  /// D, the number of columns of the data; at least d.
  var dimension: Int { get }
  /// Whether every context gives the same surface, so that densities of different contexts add up.
  var hasOneSurface: Bool { get }

  /// Chart → surface.
  ///
  /// - Parameters:
  ///   - u: [B, d].
  ///   - context: conditioning input, [B, C], for injections that take one.
  func embed<Scalar>(_ u: Value, context: Value?, on tape: Tape<Scalar>) -> Embedded

  /// Data → chart, the left inverse of ``embed(_:context:on:)``, [B, D] → [B, d].
  ///
  /// Takes points beside the surface too: they go to the chart point of a near point of the surface, though
  /// not always of the nearest: at the pole of a sphere even a small distance may lead far away.
  func project<Scalar>(_ x: Value, context: Value?, on tape: Tape<Scalar>) -> Value
}

/// A value that was embedded, with the volume element there.
package struct Embedded {
  /// A point of the surface, [B, D].
  package let value: Value
  /// ½ log det JᵀJ, [B, 1]; nil for an isometry.
  package let logVolumeElement: Value?

  package init(_ value: Value, logVolumeElement: Value?) {
    self.value = value
    self.logVolumeElement = logVolumeElement
  }
}

extension Injection {
  /// The point of the surface that stands for a data point, embed(project(x)), [B, D] → [B, D].
  package func reconstruct<Scalar>(_ x: Value, context: Value?, on tape: Tape<Scalar>) -> Value {
    embed(project(x, context: context, on: tape), context: context, on: tape).value
  }
}
