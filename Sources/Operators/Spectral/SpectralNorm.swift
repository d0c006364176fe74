import Tensors

extension SpectralConvolution {
  /// ‖K‖ on a grid: the largest singular value of W_k over the kept modes.
  ///
  /// Exact because the transforms are unitary up to scaling and modes do not mix. The weights of the
  /// real modes count by their real part.
  /// - Parameter tolerance: of ``SingularValues/largest(of:columns:tolerance:)``.
  /// - Complexity: O(M·(I + O)²) times its steps.
  package func norm<Scalar>(
    positions: Int, parameters: ParameterBuffer<Scalar>,
    tolerance: Double = SingularValues.finest
  ) -> Double {
    var largest = 0.0
    for mode in 0..<min(modes, positions / 2 + 1) {
      let isReal = FourierMatrices.isReal(mode: mode, positions: positions)
      largest = max(
        largest,
        SingularValues.largest(
          of: realForm(mode: mode, isReal: isReal, parameters: parameters),
          columns: isReal ? outputs : 2 * outputs, tolerance: tolerance))
    }
    return largest
  }

  /// W_k as a real matrix on rows [Re x̂, Im x̂]: [[Re W, Im W], [−Im W, Re W]], or Re W alone.
  package func realForm<Scalar>(
    mode: Int, isReal: Bool, parameters: ParameterBuffer<Scalar>
  ) -> [Double] {
    let start = weight.offset + mode * 2 * inputs * outputs
    let numbers = parameters.doubles(start..<start + 2 * inputs * outputs)
    func row(_ part: Int, _ i: Int) -> ArraySlice<Double> {
      numbers[(part * inputs + i) * outputs..<(part * inputs + i + 1) * outputs]
    }
    var matrix: [Double] = []
    for i in 0..<inputs {
      matrix += row(0, i)
      if !isReal { matrix += row(1, i) }
    }
    if isReal { return matrix }
    for i in 0..<inputs {
      matrix += row(1, i).map { -$0 }
      matrix += row(0, i)
    }
    return matrix
  }
}

extension ParameterBuffer {
  /// Numbers of the buffer in double precision. What is trained are Floats: a loop that knows this calls
  /// nothing.
  func doubles(_ range: Range<Int>) -> [Double] {
    if let floats = self as? ParameterBuffer<Float> { return range.map { Double(floats[$0]) } }
    return range.map { Double(self[$0]) }
  }
}

/// Singular values of small dense matrices.
package enum SingularValues {
  /// Most columns for which rotations are fast enough to log by.
  private static let rotatedColumns = 48

  /// Growth of a length, relative to it, below which an iteration stands still.
  package static let finest = 1e-13

  /// The largest singular value of a row-major matrix: by rotations, to a few units in the last place,
  /// where it has few columns; by iteration, to about 1e-10, where it has many or a coarser tolerance
  /// will do.
  package static func largest(
    of matrix: [Double], columns: Int, tolerance: Double = finest
  ) -> Double {
    columns <= rotatedColumns && tolerance <= finest
      ? rotated(matrix, columns: columns)
      : iterated(matrix, columns: columns, tolerance: tolerance)
  }

  /// v ← AᵀA v until ‖A v‖ stands still.
  ///
  /// From below; where the two largest values are close the vector converges slowly, but not the length.
  /// - Complexity: O(rows · columns) a step, at most 2,000.
  package static func iterated(
    _ matrix: [Double], columns: Int, tolerance: Double = finest
  ) -> Double {
    let rows = matrix.count / columns
    var random = SampleRandom(seed: 1, purpose: .noise, sample: UInt64(columns))
    var v = (0..<columns).map { _ in random.normal() }
    var length = 0.0
    var still = 0
    matrix.withUnsafeBufferPointer { a in
      for _ in 0..<2000 {
        let norm = dot(v, v).squareRoot()
        guard norm > 0 else { break }
        var next = [Double](repeating: 0, count: columns)
        var squares = 0.0
        for row in 0..<rows {
          // Four sums: one would wait for itself at every term.
          var sums = SIMD4<Double>()
          var column = 0
          let line = row * columns
          while column + 4 <= columns {
            let left = SIMD4(
              a[line + column], a[line + column + 1], a[line + column + 2], a[line + column + 3])
            let right = SIMD4(v[column], v[column + 1], v[column + 2], v[column + 3])
            sums += left * right
            column += 4
          }
          while column < columns {
            sums[0] += a[line + column] * v[column]
            column += 1
          }
          let sum = sums.sum() / norm
          squares += sum * sum
          for column in 0..<columns { next[column] += sum * a[row * columns + column] }
        }
        let longer = squares.squareRoot()
        still = longer - length <= tolerance * longer ? still + 1 : 0
        length = longer
        v = next
        if still == 3 { break }
      }
    }
    return length
  }

  /// One-sided Jacobi rotations make the columns orthogonal; their lengths are the singular values.
  ///
  /// - Complexity: about ten sweeps of O(rows · columns²).
  package static func rotated(_ matrix: [Double], columns: Int) -> Double {
    let rows = matrix.count / columns
    var vectors = (0..<columns).map { c in (0..<rows).map { matrix[$0 * columns + c] } }
    for _ in 0..<60 {
      var rotated = false
      for p in 0..<columns {
        for q in p + 1..<max(p + 1, columns) {
          rotated = orthogonalise(&vectors, p, q) || rotated
        }
      }
      if !rotated { break }
    }
    return vectors.map { dot($0, $0) }.max()?.squareRoot() ?? 0
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  /// Rotates two columns until they are orthogonal; false if they were.
  private static func orthogonalise(_ v: inout [[Double]], _ p: Int, _ q: Int) -> Bool {
    let (a, b, c) = (dot(v[p], v[p]), dot(v[q], v[q]), dot(v[p], v[q]))
    if abs(c) <= 1e-15 * (a * b).squareRoot() { return false }
    let zeta = (b - a) / (2 * c)
    let tangent = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = cosine * tangent
    for i in v[p].indices {
      let (x, y) = (v[p][i], v[q][i])
      v[p][i] = cosine * x - sine * y
      v[q][i] = sine * x + cosine * y
    }
    return true
  }
}
