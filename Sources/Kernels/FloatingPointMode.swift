import Glibc

/// How the calling thread treats subnormal numbers.
///
/// Moments of an optimizer decay towards zero where a unit has no gradient; once they are subnormal,
/// each operation on them takes a hundred times longer. Flushing changes bits, so every thread that
/// computes must do it, and a run must do it from its first step.
package enum FloatingPointMode {
  /// Flush-to-zero (results) and denormals-are-zero (operands), bits 15 and 6 of MXCSR.
  private static let flushBits: UInt32 = 0x8040

  /// Makes the calling thread replace subnormal results and operands by zero.
  ///
  /// New threads of the C library inherit the setting of the thread that creates them.
  package static func flushSubnormals() {
    set(flushing: true)
  }

  /// Gives the calling thread the IEEE treatment of subnormal numbers back.
  package static func keepSubnormals() {
    set(flushing: false)
  }

  /// Whether the calling thread flushes both results and operands.
  package static var isFlushingSubnormals: Bool {
    environment().__mxcsr & flushBits == flushBits
  }

  private static func environment() -> fenv_t {
    var environment = fenv_t()
    let status = fegetenv(&environment)
    precondition(status == 0, "fegetenv failed with \(status)")
    return environment
  }

  private static func set(flushing: Bool) {
    var environment = environment()
    if flushing {
      environment.__mxcsr |= flushBits
    } else {
      environment.__mxcsr &= ~flushBits
    }
    let status = fesetenv(&environment)
    precondition(status == 0, "fesetenv failed with \(status)")
  }
}
