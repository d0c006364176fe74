#if canImport(Glibc)
  import Glibc
#endif

/// The von Mises–Fisher kernel exp(−c/s²), c = |x − y|²/2 = 1 − x·y, with its exact normalisation on S².
///
/// With κ = 1/s² this is e^{κ (x·y − 1)} κ / (2π (1 − e^{−2κ})). The chord is taken from differences, so
/// that widths of a thousandth of a degree keep their digits, which 1 − x·y would lose.
enum SphericalKernel {
  /// log of the normalisation of concentration κ; 1/4π for κ → 0.
  static func logNormalisation(_ concentration: Double) -> Double {
    guard concentration > 1e-8 else { return -log(4 * Double.pi) }
    return log(concentration / (2 * .pi)) - log(-expm1(-2 * concentration))
  }

  /// |x − y|²/2.
  @inline(__always)
  static func halfChord(_ x: SIMD3<Double>, _ y: SIMD3<Double>) -> Double {
    let offset = x - y
    return 0.5 * (offset * offset).sum()
  }

  /// Concentration of a kernel whose width is so many radians: κ = 1/s².
  static func concentration(width: Double) -> Double { 1 / (width * width) }

  /// Rows of unit vectors, [n, 3], as vectors.
  static func directions(_ rows: [Double]) -> [SIMD3<Double>] {
    precondition(rows.count % 3 == 0, "points of the sphere have 3 coordinates")
    return (0..<rows.count / 3).map { SIMD3(rows[3 * $0], rows[3 * $0 + 1], rows[3 * $0 + 2]) }
  }
}
