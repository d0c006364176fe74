import BLAS
import Kernels

/// The scalar type of a tape: Float trains, Double checks.
///
/// The engine is written once, generically; its inner loop is reached through a requirement that each
/// scalar type implements itself, so that it is compiled for that type and not for "any scalar".
package protocol TensorScalar: KernelScalar, BLASScalar {
  /// Runs segments of a tape. Only the tape calls this.
  static func execute(_ tape: Tape<Self>, segments: Range<Int>)
}

extension Float: TensorScalar {
  package static func execute(_ tape: Tape<Float>, segments: Range<Int>) {
    tape.executeSegments(segments)
  }
}

extension Double: TensorScalar {
  package static func execute(_ tape: Tape<Double>, segments: Range<Int>) {
    tape.executeSegments(segments)
  }
}
