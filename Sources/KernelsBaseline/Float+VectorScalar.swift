import Glibc

extension Float: VectorScalar {
  typealias Bits = Int32

  @inline(__always)
  static func bits(_ x: Self) -> Bits { Bits(bitPattern: x.bitPattern) }
  @inline(__always)
  static func number(_ bits: Bits) -> Self {
    Self(bitPattern: UInt32(bitPattern: bits))
  }

  @inline(__always) static var fractionBits: Bits { 23 }
  @inline(__always) static var exponentBias: Bits { 127 }
  @inline(__always) static var roundingShift: Self { 0x1.8p23 }
  @inline(__always) static var exponentialRange: (lowest: Self, highest: Self) { (-110, 90) }
  @inline(__always) static var hyperbolicLimit: Self { 20 }
  @inline(__always) static var subnormalLift: (factor: Self, exponent: Self) { (0x1p25, 25) }
  @inline(__always) static var squareRootOfHalf: Self { 0.70710677 }
  @inline(__always) static var log2OfE: Self { 1.442695 }
  @inline(__always) static var logOf2: (high: Self, low: Self) { (6.931472e-01, -1.9046542e-09) }
  @inline(__always) static var twoOverPi: Self { 0.63661975 }
  @inline(__always) static var halfPi: (high: Self, middle: Self, low: Self) {
    (1.5707964, -4.371139e-08, -1.7151245e-15)
  }

  /// Error below 7e-8.
  @inline(__always)
  static func exponentialTail(_ r: Self) -> Self {
    var p: Self = 1.392625e-03
    p = fused(p, r, plus: 8.363233e-03)
    p = fused(p, r, plus: 4.1666552e-02)
    p = fused(p, r, plus: 1.6666576e-01)
    p = fused(p, r, plus: 0.5)
    return p
  }

  /// Error below 1e-7.
  @inline(__always)
  static func logarithmTail(_ z: Self) -> Self {
    var p: Self = 1.4790493e-01
    p = fused(p, z, plus: 1.999438e-01)
    p = fused(p, z, plus: 3.3333343e-01)
    return p
  }

  /// Error below 4e-9.
  @inline(__always)
  static func wideLogarithmTail(_ z: Self) -> Self {
    var p: Self = 1.1615128e-01
    p = fused(p, z, plus: 1.0852714e-01)
    p = fused(p, z, plus: 1.4296213e-01)
    p = fused(p, z, plus: 1.9999853e-01)
    p = fused(p, z, plus: 3.3333334e-01)
    return p
  }

  /// Error below 3e-8.
  @inline(__always)
  static func sineTail(_ z: Self) -> Self {
    var p: Self = -1.9587387e-04
    p = fused(p, z, plus: 8.332746e-03)
    p = fused(p, z, plus: -1.6666664e-01)
    return p
  }

  /// Error below 3e-9.
  @inline(__always)
  static func cosineTail(_ z: Self) -> Self {
    var p: Self = 2.4547437e-05
    p = fused(p, z, plus: -1.38883e-03)
    p = fused(p, z, plus: 4.1666664e-02)
    return p
  }

  @inline(__always)
  static func librarySine(_ x: Self) -> Self { Glibc.sin(x) }
  @inline(__always)
  static func libraryCosine(_ x: Self) -> Self { Glibc.cos(x) }

  @inline(__always)
  static func rectifiedBackward(_ y: SIMD16<Float>, _ dy: SIMD16<Float>) -> SIMD16<Float> {
    SIMD16<Float>(repeating: 0).replacing(with: dy, where: y .> 0)
  }

  @inline(__always)
  static func rectified(_ x: SIMD16<Float>) -> SIMD16<Float> { x.replacing(with: 0, where: x .< 0) }
}
