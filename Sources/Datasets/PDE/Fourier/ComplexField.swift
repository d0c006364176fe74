/// Complex numbers [count, lanes], real and imaginary parts apart, lanes running fastest.
///
/// Lanes are independent fields that are transformed and advanced together: the inner loops run over
/// them, and no arithmetic mixes them, so a lane's numbers do not depend on its neighbours.
package struct ComplexField: Sendable, Equatable {
  /// Rows: points or modes.
  package let count: Int
  /// Fields side by side.
  package let lanes: Int
  /// Real parts, [count, lanes].
  package var real: [Double]
  /// Imaginary parts, [count, lanes].
  package var imaginary: [Double]

  /// Zeros.
  package init(count: Int, lanes: Int = 1) {
    self.count = count
    self.lanes = lanes
    real = [Double](repeating: 0, count: count * lanes)
    imaginary = real
  }

  /// One number.
  package subscript(row: Int, lane: Int = 0) -> ComplexNumber {
    get { ComplexNumber(real[row * lanes + lane], imaginary[row * lanes + lane]) }
    set {
      real[row * lanes + lane] = newValue.real
      imaginary[row * lanes + lane] = newValue.imaginary
    }
  }

  /// No number is infinite or NaN.
  package var isFinite: Bool {
    real.allSatisfy(\.isFinite) && imaginary.allSatisfy(\.isFinite)
  }

  /// Runs `body` on pointers to both parts. The pointers must not escape.
  mutating func withPointers<Result>(_ body: (SplitPointer) -> Result) -> Result {
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        // Arrays of no elements have no address; a field has at least one.
        body(SplitPointer(real: real.baseAddress!, imaginary: imaginary.baseAddress!))
      }
    }
  }
}

/// Where both parts of a ``ComplexField`` lie.
struct SplitPointer {
  let real: UnsafeMutablePointer<Double>
  let imaginary: UnsafeMutablePointer<Double>

  /// Real and imaginary parts exchanged: a forward transform of this is an inverse one.
  var swapped: SplitPointer { SplitPointer(real: imaginary, imaginary: real) }

  func advanced(by offset: Int) -> SplitPointer {
    SplitPointer(real: real + offset, imaginary: imaginary + offset)
  }
}
