import Tensors

/// R^d as the first coordinates of R^D: zeros are appended, and dropped again. An isometry.
package struct Padding: Injection {
  package let chartDimension: Int
  package let dimension: Int
  package var hasOneSurface: Bool { true }

  /// - Precondition: 1 ≤ d ≤ D.
  package init(from chartDimension: Int, to dimension: Int) {
    precondition(
      chartDimension >= 1 && chartDimension <= dimension,
      "cannot pad \(chartDimension) columns to \(dimension)")
    self.chartDimension = chartDimension
    self.dimension = dimension
  }

  package func embed<Scalar>(_ u: Value, context: Value?, on tape: Tape<Scalar>) -> Embedded {
    guard chartDimension < dimension else { return Embedded(u, logVolumeElement: nil) }
    return Embedded(tape.padColumns(u, first: 0, columns: dimension), logVolumeElement: nil)
  }

  package func project<Scalar>(_ x: Value, context: Value?, on tape: Tape<Scalar>) -> Value {
    tape.columns(x, 0..<chartDimension)
  }
}
