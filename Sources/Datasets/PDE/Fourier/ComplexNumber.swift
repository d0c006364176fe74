import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// One complex number in double precision: symbols, coefficients, multipliers.
///
/// Fields are kept as split arrays (``ComplexField``), not as arrays of this.
package struct ComplexNumber: Sendable, Equatable {
  package var real: Double
  package var imaginary: Double

  package init(_ real: Double, _ imaginary: Double = 0) {
    self.real = real
    self.imaginary = imaginary
  }

  package static let zero = ComplexNumber(0)

  package static func + (a: Self, b: Self) -> Self {
    Self(a.real + b.real, a.imaginary + b.imaginary)
  }

  package static func - (a: Self, b: Self) -> Self {
    Self(a.real - b.real, a.imaginary - b.imaginary)
  }

  package static func * (a: Self, b: Self) -> Self {
    Self(
      a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  package static func * (a: Double, b: Self) -> Self { Self(a * b.real, a * b.imaginary) }

  package static func / (a: Self, b: Self) -> Self { (1 / b.squaredMagnitude) * (a * b.conjugate) }

  package static func += (a: inout Self, b: Self) { a = a + b }

  package var conjugate: Self { Self(real, -imaginary) }

  /// |z|².
  package var squaredMagnitude: Double { real * real + imaginary * imaginary }

  package var magnitude: Double { hypot(real, imaginary) }

  /// e^z.
  package static func exp(_ z: Self) -> Self {
    let size = Glibc.exp(z.real)
    return Self(size * cos(z.imaginary), size * sin(z.imaginary))
  }

  /// e^{2πi t}, t turns: the same bits on each processor, exact at quarters.
  package static func unit(turns t: Double) -> Self {
    let (cosine, sine) = PortableMath.cosineAndSine(turns: t - t.rounded(.down))
    return Self(cosine, sine)
  }
}
