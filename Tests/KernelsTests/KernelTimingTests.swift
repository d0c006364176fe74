import Foundation
import KernelInterface
import Kernels
import Testing

/// Prints nanoseconds an element where `PORTOLAN_TIME_KERNELS` is set; a measurement, not a check.
@Suite(
  .serialized, .enabled(if: ProcessInfo.processInfo.environment["PORTOLAN_TIME_KERNELS"] != nil))
struct KernelTimingTests {
  /// The best of several runs, in nanoseconds an element.
  private func time(_ name: String, elements: Int, _ body: () -> Void) {
    let clock = ContinuousClock()
    let calls = 200_000 / elements + 1
    var best = Duration.seconds(1)
    for _ in 0..<15 {
      best = min(best, clock.measure { for _ in 0..<calls { body() } })
    }
    let nanoseconds = Double(best.components.attoseconds) * 1e-9
    let formatted = String(format: "%7.3f", nanoseconds / Double(calls * elements))
    print("\(formatted) ns/element  \(name)")
  }

  @Test("time of the main kernels in Float", arguments: [KernelSelection.build])
  func times(build: KernelSelection.Build) {
    FloatingPointMode.flushSubnormals()
    defer { FloatingPointMode.keepSubnormals() }
    let kernels = KernelSelection.tables(of: build).float
    let rows = 256
    let columns = 64
    let n = rows * columns
    let x = Buffer<Float>(n) { _ in Float.random(in: -3...3) }
    let other = Buffer<Float>(n) { _ in Float.random(in: 0.5...3) }
    let y = Buffer<Float>(n) { _ in 0 }
    let z = Buffer<Float>(n) { _ in 0.5 }
    let w = Buffer<Float>(n) { _ in 0.5 }
    for (name, kernel) in [
      ("exp", kernels.exp), ("tanh", kernels.tanh), ("sigmoid", kernels.sigmoid),
      ("softplus", kernels.softplus), ("sin", kernels.sin), ("relu", kernels.relu),
      ("squareRoot", kernels.squareRoot), ("reciprocal", kernels.reciprocal),
      ("isPositive", kernels.isPositive),
    ] { time(name, elements: n) { kernel(n, x.input, y.output) } }
    time("log", elements: n) { kernels.log(n, other.input, y.output) }
    time("exp in place", elements: n) {
      kernels.exp(n, z.input, z.output); z.output[0] = 0
    }
    time("add", elements: n) { kernels.add(n, x.input, other.input, y.output) }
    time("add in place", elements: n) { kernels.add(n, x.input, w.input, w.output) }
    time("addScaled", elements: n) { kernels.addScaled(n, x.input, 1e-9, y.output) }
    time("addFour", elements: n) {
      kernels.addFour(n, x.input, other.input, z.input, w.input, y.output)
    }
    for (name, kernel) in [
      ("biasIdentity", kernels.biasIdentity), ("biasRelu", kernels.biasRelu),
      ("biasTanh", kernels.biasTanh), ("biasSigmoid", kernels.biasSigmoid),
      ("addColumnVector", kernels.addColumnVector),
    ] {
      time(name + " 256x64 in place", elements: n) {
        kernel(rows, columns, y.input, columns, other.input, y.output, columns)
      }
      time(name + " 256x64", elements: n) {
        kernel(rows, columns, x.input, columns, other.input, y.output, columns)
      }
    }
    for (name, kernel) in [
      ("relu", kernels.reluBackwardWithColumnSums), ("tanh", kernels.tanhBackwardWithColumnSums),
    ] {
      time(name + " backward with column sums, in place", elements: n) {
        kernel(
          rows, columns, x.input, columns, y.input, columns, y.output, columns, z.output, false)
      }
      time(name + " backward with column sums", elements: n) {
        kernel(
          rows, columns, x.input, columns, other.input, columns, y.output, columns, z.output, false)
      }
    }
    for (name, kernel) in [
      ("columnSums", kernels.columnSums), ("rowSums", kernels.rowSums),
      ("rowSquaredSums", kernels.rowSquaredSums), ("rowLogSumExp", kernels.rowLogSumExp),
    ] {
      time(name + " 256x64", elements: n) {
        kernel(rows, columns, x.input, columns, y.output, false)
      }
      time(name + " 4096x4", elements: n) { kernel(n / 4, 4, x.input, 4, y.output, false) }
    }
    time("copyMatrix 256x64", elements: n) {
      kernels.copyMatrix(rows, columns, x.input, columns, y.output, columns, false)
    }
    time("copyMatrix 4096x2 of 4", elements: n / 2) {
      kernels.copyMatrix(n / 4, 2, x.input, 4, y.output, 4, false)
    }
    time("transpose 256x64", elements: n) { kernels.transpose(rows, columns, x.input, y.output) }
    time("squaredNorm", elements: n) { y.output[0] = kernels.squaredNorm(n, x.input) }
    let step = AdamStep<Float>(
      learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction1: 1,
      correction2: 1, decay: 0, gradientScale: 1)
    time("adam", elements: n) {
      kernels.adam(
        n, step,
        AdamArrays(
          parameters: y.output, gradient: x.input, firstMoment: z.output, secondMoment: w.output))
    }
    let logDet = Buffer<Float>(n) { _ in 0 }
    let saved = Buffer<Float>(n) { _ in 0 }
    let draw = Buffer<Float>(n) { _ in 0 }
    for (c, dimension) in [(1, 2), (1, 3), (2, 3), (3, 6), (8, 16)] {
      let count = 1024
      time("coupling apply c = \(c), D = \(dimension), a row", elements: count) {
        kernels.couplingApply(
          count, c, 2, x.input, dimension, other.input, y.output, dimension, saved.output,
          w.output, logDet.output)
      }
      time("coupling apply backward c = \(c), D = \(dimension), a row", elements: count) {
        kernels.couplingApplyBackward(
          count, c, 2, x.input, dimension, saved.input, w.input, y.input, dimension, logDet.input,
          y.output, dimension, draw.output)
      }
    }
  }
}
