import KernelInterface
import Kernels
import Testing

/// Infinities, zeros and NaN, in each build and both scalar types, in vector and in remainder lanes.
struct SpecialValueTests {
  static let builds = KernelSelection.Build.allCases.filter { KernelSelection.isSupported($0) }

  /// f(value) in every one of 19 lanes; the test fails where lanes differ.
  private func apply<Scalar: KernelScalar>(
    _ kernel: KernelTable<Scalar>.Unary, _ value: Scalar
  ) -> Scalar {
    let x = Buffer(19) { _ in value }
    kernel(19, x.input, x.output)
    let first = x.values[0]
    #expect(x.values.allSatisfy { $0 == first || ($0.isNaN && first.isNaN) })
    return first
  }

  private func check<Scalar: KernelScalar>(_ kernels: KernelTable<Scalar>) {
    let infinity = Scalar.infinity
    #expect(apply(kernels.exp, -infinity) == 0)
    #expect(apply(kernels.exp, infinity) == infinity)
    #expect(apply(kernels.exp, 0) == 1)
    #expect(apply(kernels.exp, -Scalar.greatestFiniteMagnitude) == 0)
    #expect(apply(kernels.log, 0) == -infinity)
    #expect(apply(kernels.log, -0.0) == -infinity)
    #expect(apply(kernels.log, 1) == 0)
    #expect(apply(kernels.log, infinity) == infinity)
    #expect(apply(kernels.log, -1).isNaN)
    #expect(apply(kernels.log, -infinity).isNaN)
    #expect(apply(kernels.tanh, infinity) == 1)
    #expect(apply(kernels.tanh, -infinity) == -1)
    #expect(apply(kernels.tanh, -0.0).sign == .minus)
    #expect(apply(kernels.tanh, -0.0) == 0)
    #expect(apply(kernels.sigmoid, infinity) == 1)
    #expect(apply(kernels.sigmoid, -infinity) == 0)
    #expect(apply(kernels.sigmoid, 0) == 0.5)
    #expect(apply(kernels.softplus, infinity) == infinity)
    #expect(apply(kernels.softplus, -infinity) == 0)
    #expect(apply(kernels.softplus, 1000) == 1000)
    #expect(apply(kernels.relu, -infinity) == 0)
    #expect(apply(kernels.relu, infinity) == infinity)
    #expect(apply(kernels.relu, -0.0).sign == .plus)
    #expect(apply(kernels.squareRoot, -1).isNaN)
    #expect(apply(kernels.squareRoot, infinity) == infinity)
    #expect(apply(kernels.reciprocal, 0) == infinity)
    #expect(apply(kernels.reciprocal, -infinity) == 0)
    #expect(apply(kernels.isPositive, 0) == 0)
    #expect(apply(kernels.isPositive, .leastNonzeroMagnitude) == 1)
    #expect(apply(kernels.isPositive, .nan) == 0)
    #expect(apply(kernels.cos, 0) == 1)
    #expect(apply(kernels.sin, 0) == 0)
    for kernel in [
      kernels.exp, kernels.log, kernels.tanh, kernels.sigmoid, kernels.softplus, kernels.relu,
      kernels.squareRoot, kernels.reciprocal, kernels.sin, kernels.cos,
    ] {
      #expect(apply(kernel, .nan).isNaN)
    }
  }

  @Test("functions have the right values at special arguments", arguments: builds)
  func specialValues(build: KernelSelection.Build) {
    let kernels = KernelSelection.tables(of: build)
    check(kernels.float)
    check(kernels.double)
  }

  @Test("log-sum-exp of infinite entries", arguments: builds)
  func logSumExp(build: KernelSelection.Build) {
    let kernels = KernelSelection.tables(of: build).float
    let infinity = Float.infinity
    let x = Buffer<Float>([
      -infinity, -infinity, -infinity, 0, 0, -infinity, 1, infinity, 2, 1, .nan, 0, 1000, 1000,
      -1000,
    ])
    let y = Buffer<Float>(5) { _ in 0 }
    kernels.rowLogSumExp(5, 3, x.input, 3, y.output, false)
    #expect(y.values[0] == -infinity)
    #expect(abs(y.values[1] - 0.6931472) < 1e-6)
    #expect(y.values[2] == infinity)
    #expect(y.values[3].isNaN)
    #expect(abs(y.values[4] - 1000.6931) < 1e-3)
  }
}
