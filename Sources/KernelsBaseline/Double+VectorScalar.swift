import Glibc

extension Double: VectorScalar {
  typealias Bits = Int64

  @inline(__always)
  static func bits(_ x: Self) -> Bits { Bits(bitPattern: x.bitPattern) }
  @inline(__always)
  static func number(_ bits: Bits) -> Self {
    Self(bitPattern: UInt64(bitPattern: bits))
  }

  @inline(__always) static var fractionBits: Bits { 52 }
  @inline(__always) static var exponentBias: Bits { 1023 }
  @inline(__always) static var roundingShift: Self { 0x1.8p52 }
  @inline(__always) static var exponentialRange: (lowest: Self, highest: Self) { (-750, 720) }
  @inline(__always) static var hyperbolicLimit: Self { 40 }
  @inline(__always) static var subnormalLift: (factor: Self, exponent: Self) { (0x1p54, 54) }
  @inline(__always) static var squareRootOfHalf: Self { 0.7071067811865476 }
  @inline(__always) static var log2OfE: Self { 1.4426950408889634 }
  @inline(__always) static var logOf2: (high: Self, low: Self) {
    (0.6931471805599453, 2.3190468138462996e-17)
  }
  @inline(__always) static var twoOverPi: Self { 0.6366197723675814 }
  @inline(__always) static var halfPi: (high: Self, middle: Self, low: Self) {
    (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33)
  }

  /// Error below 2e-18.
  @inline(__always)
  static func exponentialTail(_ r: Self) -> Self {
    var p: Self = 2.09147553258932e-09
    p = fused(p, r, plus: 2.5105312729622103e-08)
    p = fused(p, r, plus: 2.755727347871858e-07)
    p = fused(p, r, plus: 2.755725517000089e-06)
    p = fused(p, r, plus: 2.480158732567746e-05)
    p = fused(p, r, plus: 0.0001984126987500228)
    p = fused(p, r, plus: 0.0013888888888883711)
    p = fused(p, r, plus: 0.008333333333326084)
    p = fused(p, r, plus: 0.04166666666666667)
    p = fused(p, r, plus: 0.1666666666666667)
    p = fused(p, r, plus: 0.5)
    return p
  }

  /// Error below 2e-18.
  @inline(__always)
  static func logarithmTail(_ z: Self) -> Self {
    var p: Self = 0.06544017425463777
    p = fused(p, z, plus: 0.06634319184633412)
    p = fused(p, z, plus: 0.07693122368810833)
    p = fused(p, z, plus: 0.09090897773760569)
    p = fused(p, z, plus: 0.11111111196290523)
    p = fused(p, z, plus: 0.14285714285399892)
    p = fused(p, z, plus: 0.20000000000000442)
    p = fused(p, z, plus: 0.3333333333333333)
    return p
  }

  /// Error below 2e-18.
  @inline(__always)
  static func wideLogarithmTail(_ z: Self) -> Self {
    var p: Self = 0.07820074944803705
    p = fused(p, z, plus: 0.03743548293126407)
    p = fused(p, z, plus: 0.05423153071310009)
    p = fused(p, z, plus: 0.05867070005446695)
    p = fused(p, z, plus: 0.06667594476950635)
    p = fused(p, z, plus: 0.07692271746289105)
    p = fused(p, z, plus: 0.09090909955527261)
    p = fused(p, z, plus: 0.11111111099014737)
    p = fused(p, z, plus: 0.14285714285800877)
    p = fused(p, z, plus: 0.1999999999999976)
    p = fused(p, z, plus: 0.3333333333333333)
    return p
  }

  /// Error below 2e-20.
  @inline(__always)
  static func sineTail(_ z: Self) -> Self {
    var p: Self = -7.586576588171073e-13
    p = fused(p, z, plus: 1.6058529572267877e-10)
    p = fused(p, z, plus: -2.5052106219521895e-08)
    p = fused(p, z, plus: 2.755731921930192e-06)
    p = fused(p, z, plus: -0.00019841269841265017)
    p = fused(p, z, plus: 0.008333333333333331)
    p = fused(p, z, plus: -0.16666666666666666)
    return p
  }

  /// Error below 1e-21.
  @inline(__always)
  static func cosineTail(_ z: Self) -> Self {
    var p: Self = 4.745804889760674e-14
    p = fused(p, z, plus: -1.1470459749675607e-11)
    p = fused(p, z, plus: 2.087675578389404e-09)
    p = fused(p, z, plus: -2.7557319221382114e-07)
    p = fused(p, z, plus: 2.4801587301584618e-05)
    p = fused(p, z, plus: -0.0013888888888888887)
    p = fused(p, z, plus: 0.041666666666666664)
    return p
  }

  @inline(__always)
  static func librarySine(_ x: Self) -> Self { Glibc.sin(x) }
  @inline(__always)
  static func libraryCosine(_ x: Self) -> Self { Glibc.cos(x) }

  @inline(__always)
  static func rectifiedBackward(_ y: SIMD16<Double>, _ dy: SIMD16<Double>) -> SIMD16<Double> {
    SIMD16<Double>(repeating: 0).replacing(with: dy, where: y .> 0)
  }

  @inline(__always)
  static func rectified(_ x: SIMD16<Double>) -> SIMD16<Double> {
    x.replacing(with: 0, where: x .< 0)
  }
}
