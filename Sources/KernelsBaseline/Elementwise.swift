// Loops over vectors. A loop whose output may overlap an input is not vectorised, and the check that
// the compiler inserts cannot tell "the same array" from "partly overlapping"; so the loop over one
// array in place is written out.

/// y[i] = f(x[i]).
@inline(__always)
func mapElements<Scalar>(
  _ n: Int, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
  _ f: (Scalar) -> Scalar
) {
  if x == UnsafePointer(y) {
    for i in 0..<n { y[i] = f(y[i]) }
  } else {
    for i in 0..<n { y[i] = f(x[i]) }
  }
}

/// y[i] = f(a[i], b[i]).
@inline(__always)
func mapPairs<Scalar>(
  _ n: Int, _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>,
  _ y: UnsafeMutablePointer<Scalar>, _ f: (Scalar, Scalar) -> Scalar
) {
  if a == UnsafePointer(y) {
    if b == a {
      for i in 0..<n { y[i] = f(y[i], y[i]) }
    } else {
      for i in 0..<n { y[i] = f(y[i], b[i]) }
    }
  } else if b == UnsafePointer(y) {
    for i in 0..<n { y[i] = f(a[i], y[i]) }
  } else {
    for i in 0..<n { y[i] = f(a[i], b[i]) }
  }
}

/// y[i] = (a[i] + b[i]) + (c[i] + d[i]).
@inline(__always)
func addFourArrays<Scalar: VectorScalar>(
  _ n: Int, _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ c: UnsafePointer<Scalar>,
  _ d: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>
) {
  if a == UnsafePointer(y) {
    for i in 0..<n { y[i] = (y[i] + b[i]) + (c[i] + d[i]) }
  } else {
    for i in 0..<n { y[i] = (a[i] + b[i]) + (c[i] + d[i]) }
  }
}

// MARK: - Derivatives of activations, from their output

extension VectorScalar {
  @inline(__always)
  static func rectifiedBackward(_ y: Self, _ dy: Self) -> Self { y > 0 ? dy : 0 }

  @inline(__always)
  static func tangentBackward(_ y: SIMD16<Self>, _ dy: SIMD16<Self>) -> SIMD16<Self> {
    dy * SIMD16(repeating: 1).addingProduct(-y, y)
  }

  @inline(__always)
  static func logisticBackward(_ y: SIMD16<Self>, _ dy: SIMD16<Self>) -> SIMD16<Self> {
    (dy * y) * (SIMD16(repeating: 1) - y)
  }

  @inline(__always)
  static func tangentBackward(_ y: Self, _ dy: Self) -> Self { dy * fused(-y, y, plus: 1) }

  @inline(__always)
  static func logisticBackward(_ y: Self, _ dy: Self) -> Self { (dy * y) * (1 - y) }
}

/// A derivative as a type: a closure on vectors is not always inlined, and a call a vector costs more
/// than its work.
protocol BackwardRule {
  static func lanes<Scalar: VectorScalar>(
    _ y: SIMD16<Scalar>, _ dy: SIMD16<Scalar>
  ) -> SIMD16<Scalar>
  static func one<Scalar: VectorScalar>(_ y: Scalar, _ dy: Scalar) -> Scalar
}

enum RectifierBackward: BackwardRule {
  @inline(__always)
  static func lanes<Scalar: VectorScalar>(
    _ y: SIMD16<Scalar>, _ dy: SIMD16<Scalar>
  ) -> SIMD16<Scalar> { Scalar.rectifiedBackward(y, dy) }

  @inline(__always)
  static func one<Scalar: VectorScalar>(_ y: Scalar, _ dy: Scalar) -> Scalar {
    Scalar.rectifiedBackward(y, dy)
  }
}

enum TangentBackward: BackwardRule {
  @inline(__always)
  static func lanes<Scalar: VectorScalar>(
    _ y: SIMD16<Scalar>, _ dy: SIMD16<Scalar>
  ) -> SIMD16<Scalar> { Scalar.tangentBackward(y, dy) }

  @inline(__always)
  static func one<Scalar: VectorScalar>(_ y: Scalar, _ dy: Scalar) -> Scalar {
    Scalar.tangentBackward(y, dy)
  }
}

enum LogisticBackward: BackwardRule {
  @inline(__always)
  static func lanes<Scalar: VectorScalar>(
    _ y: SIMD16<Scalar>, _ dy: SIMD16<Scalar>
  ) -> SIMD16<Scalar> { Scalar.logisticBackward(y, dy) }

  @inline(__always)
  static func one<Scalar: VectorScalar>(_ y: Scalar, _ dy: Scalar) -> Scalar {
    Scalar.logisticBackward(y, dy)
  }
}
