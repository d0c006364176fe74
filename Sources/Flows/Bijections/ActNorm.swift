import Foundation
import Tensors

/// Scale and shift of each column (Glow; Kingma & Dhariwal, 2018, §3.1).
///
///     forward: x = z · exp(s) + b,  log|det J| = Σ s
///
/// Starts as the identity; a data-dependent start sets b to the mean and s to the log of the standard
/// deviation of what reaches it, so that its base side has mean zero and variance one. The statistics
/// are job-wide sums, so the start is the same on any number of ranks.
package struct ActNorm: Bijection {
  package let dimension: Int
  /// s, [D].
  package let logScale: Parameter
  /// b, [D].
  package let shift: Parameter

  package init(dimension: Int, in layout: inout ParameterLayout) {
    self.dimension = dimension
    logScale = layout.add("log-scale", shape: [dimension], .zeros)
    shift = layout.add("shift", shape: [dimension], .zeros)
  }

  package func forward<Scalar>(_ base: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    let s = tape.value(of: logScale)
    let scaled = tape.multiply(base, rowVector: tape.exp(s))
    return Transported(
      tape.add(scaled, rowVector: tape.value(of: shift)),
      logAbsDetJacobian: volume(s, like: base, on: tape))
  }

  package func inverse<Scalar>(_ data: Value, context: Value?, on tape: Tape<Scalar>)
    -> Transported
  {
    let s = tape.negate(tape.value(of: logScale))
    let centred = tape.add(data, rowVector: tape.negate(tape.value(of: shift)))
    return Transported(
      tape.multiply(centred, rowVector: tape.exp(s)),
      logAbsDetJacobian: volume(s, like: data, on: tape))
  }

  private func volume<Scalar>(_ s: Value, like x: Value, on tape: Tape<Scalar>) -> Value {
    tape.broadcastRows(tape.rowSums(s), to: tape.shape(of: x).rows)
  }

  /// Sets the parameters so that data with these moments leaves with mean 0 and variance 1.
  ///
  /// - Parameter variance: [D]; columns that do not vary keep scale one.
  package func initialise<Scalar>(
    mean: [Double], variance: [Double], in parameters: ParameterBuffer<Scalar>
  ) {
    for column in 0..<dimension {
      parameters[shift.offset + column] = Scalar(mean[column])
      let deviation = variance[column].squareRoot()
      parameters[logScale.offset + column] =
        deviation > 1e-6 ? Scalar(Foundation.log(deviation)) : 0
    }
  }
}
