/// A scalar type with the constants of its elementary functions.
///
/// The functions of ``VectorScalar`` (Elementary.swift, Trigonometry.swift) are written once, without
/// branches and with integer operations of the scalar's own width, so that a loop that calls them
/// becomes vector code. Products are fused only where `addingProduct` says so: each build of this
/// folder gives the same bits.
///
/// Polynomials are near-minimax (Chebyshev) fits over the stated interval; the requirement evaluates
/// them by Horner's rule.
protocol VectorScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  /// A signed integer as wide as the scalar.
  associatedtype Bits: FixedWidthInteger & SignedInteger & Sendable

  /// The bit pattern of a number.
  static func bits(_ x: Self) -> Bits
  /// The number that has a bit pattern.
  static func number(_ bits: Bits) -> Self

  /// The number of stored bits of the significand.
  static var fractionBits: Bits { get }
  static var exponentBias: Bits { get }
  /// 1.5·2^fractionBits: adding it rounds a small number to an integer, which its low bits then hold.
  static var roundingShift: Self { get }

  /// exp is 0 below and ∞ above these arguments.
  static var exponentialRange: (lowest: Self, highest: Self) { get }
  /// tanh(x) rounds to 1 where 2x exceeds this.
  static var hyperbolicLimit: Self { get }
  /// A power of two that lifts every subnormal number into the normal range, and its exponent.
  static var subnormalLift: (factor: Self, exponent: Self) { get }
  /// √½, the lower end of the interval to which `logarithm` reduces.
  static var squareRootOfHalf: Self { get }
  static var log2OfE: Self { get }
  /// log 2 as a sum of two numbers, the first one rounded to nearest.
  static var logOf2: (high: Self, low: Self) { get }
  static var twoOverPi: Self { get }
  /// π/2 as a sum of three numbers, each rounded to nearest.
  static var halfPi: (high: Self, middle: Self, low: Self) { get }

  /// (exp(r) − 1 − r) / r² for |r| ≤ ½ log 2.
  static func exponentialTail(_ r: Self) -> Self
  /// (atanh(√z)/√z − 1) / z for z ≤ 0.0295, where 1 + f lies in [√½, √2).
  static func logarithmTail(_ z: Self) -> Self
  /// The same for z ≤ 1/9, where 1 + f lies in [1, 2].
  static func wideLogarithmTail(_ z: Self) -> Self
  /// (sin(√z)/√z − 1) / z for √z ≤ π/4.
  static func sineTail(_ z: Self) -> Self
  /// (cos(√z) − 1 + z/2) / z² for √z ≤ π/4.
  static func cosineTail(_ z: Self) -> Self

  /// dy where y > 0, else 0. The generic comparison of vectors becomes a call a lane; that of a known
  /// type is one instruction.
  static func rectifiedBackward(_ y: SIMD16<Self>, _ dy: SIMD16<Self>) -> SIMD16<Self>
  /// max(x, 0) lane by lane; NaN stays NaN.
  static func rectified(_ x: SIMD16<Self>) -> SIMD16<Self>

  /// The C library's functions, for arguments whose reduction needs more digits of π.
  static func librarySine(_ x: Self) -> Self
  static func libraryCosine(_ x: Self) -> Self
}

extension VectorScalar {
  /// a·b + c with one rounding.
  @inline(__always)
  static func fused(_ a: Self, _ b: Self, plus c: Self) -> Self { c.addingProduct(a, b) }

  /// 2ⁿ for n in the range of normal exponents.
  @inline(__always)
  static func powerOfTwo(_ n: Bits) -> Self {
    number((n &+ exponentBias) &<< fractionBits)
  }

  /// A small integer as a number, without the conversion instructions that older processors lack.
  @inline(__always)
  static func integer(_ n: Bits) -> Self {
    number(n &+ bits(roundingShift)) - roundingShift
  }
}
