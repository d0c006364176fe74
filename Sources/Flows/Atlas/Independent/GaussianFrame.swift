import Foundation
import Tensors

/// The frame in which a Gaussian is N(0, I): y = L⁻¹ (x − μ), with Σ = L Lᵀ.
///
///     chart → data:  x = μ + L y
///     data → chart:  y = L⁻¹ (x − μ),  log |det| = −Σ log L_ii, a constant
///
/// Behind it a flow that starts as the identity starts as N(μ, Σ). At fixed addresses, because tapes
/// read it in place.
package final class GaussianFrame: ChartFrame {
  package let dimension: Int
  package var chartDimension: Int { dimension }
  /// μ, [D].
  package private(set) var mean: [Double]
  /// L, lower triangular, [D, D], row after row.
  package private(set) var factor: [Double]
  /// −μ, [D].
  private let shift: ParameterBuffer<Float>
  /// L⁻ᵀ, so that rows are multiplied from the left, [D, D].
  private let whitening: ParameterBuffer<Float>
  /// Lᵀ, [D, D].
  private let colouring: ParameterBuffer<Float>
  /// −Σ log L_ii, [1].
  private let logDeterminant: ParameterBuffer<Float>

  /// The frame that changes nothing.
  package init(dimension: Int) {
    precondition(dimension > 0, "a frame needs a column, got \(dimension)")
    self.dimension = dimension
    mean = Array(repeating: 0, count: dimension)
    factor = (0..<dimension * dimension).map { $0 % (dimension + 1) == 0 ? 1 : 0 }
    shift = ParameterBuffer(count: dimension)
    whitening = ParameterBuffer(count: dimension * dimension)
    colouring = ParameterBuffer(count: dimension * dimension)
    logDeterminant = ParameterBuffer(count: 1)
    fill()
  }

  /// Becomes the frame of N(μ, L Lᵀ).
  ///
  /// - Precondition: L is [D, D], lower triangular, with a positive diagonal.
  package func set(mean: [Double], factor: [Double]) {
    precondition(
      mean.count == dimension && factor.count == dimension * dimension,
      "expected \(dimension) means and a square factor, got \(mean.count) and \(factor.count)")
    precondition(
      (0..<dimension).allSatisfy { factor[$0 * (dimension + 1)] > 0 },
      "a Cholesky factor has a positive diagonal")
    self.mean = mean
    self.factor = factor
    fill()
  }

  package func chartCoordinates<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Transported {
    let centred = tape.add(x, rowVector: value(shift, rows: 1, on: tape))
    let y = tape.matmul(centred, value(whitening, rows: dimension, on: tape))
    return Transported(
      y,
      logAbsDetJacobian: tape.broadcastRows(
        value(logDeterminant, rows: 1, on: tape), to: tape.shape(of: x).rows))
  }

  package func points<Scalar>(at coordinates: Value, on tape: Tape<Scalar>) -> Value {
    let spread = tape.matmul(coordinates, value(colouring, rows: dimension, on: tape))
    return tape.add(spread, rowVector: tape.negate(value(shift, rows: 1, on: tape)))
  }

  package var state: [ChartFrameNumbers] {
    [
      ChartFrameNumbers(name: "mean", shape: [dimension], elements: mean),
      ChartFrameNumbers(name: "factor", shape: [dimension, dimension], elements: factor),
    ]
  }

  package func restore(_ state: [ChartFrameNumbers]) {
    precondition(
      state.map(\.name) == self.state.map(\.name), "expected mean and factor, got \(state)")
    set(mean: state[0].elements, factor: state[1].elements)
  }

  // MARK: -

  private func fill() {
    let d = dimension
    var logDet = 0.0
    for i in 0..<d {
      shift[i] = Float(-mean[i])
      logDet -= log(factor[i * d + i])
      for j in 0..<d { colouring[j * d + i] = Float(factor[i * d + j]) }
    }
    logDeterminant[0] = Float(logDet)
    let inverse = invertedFactor()
    for i in 0..<d {
      for j in 0..<d { whitening[j * d + i] = Float(inverse[i * d + j]) }
    }
  }

  /// L⁻¹ by forward substitution, column after column.
  private func invertedFactor() -> [Double] {
    let d = dimension
    var inverse = [Double](repeating: 0, count: d * d)
    for column in 0..<d {
      for row in column..<d {
        var value = row == column ? 1.0 : 0
        for k in column..<row { value -= factor[row * d + k] * inverse[k * d + column] }
        inverse[row * d + column] = value / factor[row * d + row]
      }
    }
    return inverse
  }

  private func value<Scalar>(
    _ buffer: ParameterBuffer<Float>, rows: Int, on tape: Tape<Scalar>
  ) -> Value {
    let columns = buffer.count / rows
    if let tape = tape as? Tape<Float> { return tape.shared(rows, columns, at: buffer.pointer) }
    return tape.constant(rows, columns, (0..<buffer.count).map { Scalar(buffer[$0]) })
  }
}
