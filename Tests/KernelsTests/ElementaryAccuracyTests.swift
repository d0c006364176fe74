import Foundation
import KernelInterface
import Kernels
import Testing

/// One elementary function: its kernel, its value in 80-bit arithmetic, and where it is tried.
struct ElementaryCase: Sendable, CustomStringConvertible {
  var description: String
  var float: @Sendable (KernelTable<Float>) -> KernelTable<Float>.Unary
  var double: @Sendable (KernelTable<Double>) -> KernelTable<Double>.Unary
  var reference: @Sendable (Float80) -> Float80
  /// Arguments are spread evenly over these, and by magnitude over [1e-30, 1] of the larger end.
  var range: ClosedRange<Double>
  /// The largest error allowed, in units in the last place.
  var budget: Double
}

struct ElementaryAccuracyTests {
  static let cases: [ElementaryCase] = [
    ElementaryCase(
      description: "exp", float: { $0.exp }, double: { $0.exp }, reference: { exp($0) },
      range: -87...88, budget: 1.2),
    ElementaryCase(
      description: "log", float: { $0.log }, double: { $0.log }, reference: { log($0) },
      range: 1e-30...1e30, budget: 1.5),
    ElementaryCase(
      description: "log near 1", float: { $0.log }, double: { $0.log }, reference: { log($0) },
      range: 0.5...2, budget: 1.5),
    ElementaryCase(
      description: "tanh", float: { $0.tanh }, double: { $0.tanh }, reference: { tanh($0) },
      range: -10...10, budget: 2.5),
    ElementaryCase(
      description: "sigmoid", float: { $0.sigmoid }, double: { $0.sigmoid },
      reference: { 1 / (1 + exp(-$0)) }, range: -80...80, budget: 2.5),
    ElementaryCase(
      description: "softplus", float: { $0.softplus }, double: { $0.softplus },
      reference: { log1p(exp($0)) }, range: -80...80, budget: 2.5),
    ElementaryCase(
      description: "square root", float: { $0.squareRoot }, double: { $0.squareRoot },
      reference: { $0.squareRoot() }, range: 0...1e6, budget: 0.501),
    ElementaryCase(
      description: "reciprocal", float: { $0.reciprocal }, double: { $0.reciprocal },
      reference: { 1 / $0 }, range: 1e-6...1e6, budget: 0.501),
    ElementaryCase(
      description: "sin", float: { $0.sin }, double: { $0.sin }, reference: { sin($0) },
      range: -100_000...100_000, budget: 2),
    ElementaryCase(
      description: "cos", float: { $0.cos }, double: { $0.cos }, reference: { cos($0) },
      range: -100_000...100_000, budget: 2),
    ElementaryCase(
      description: "sin within a turn", float: { $0.sin }, double: { $0.sin },
      reference: { sin($0) }, range: -7...7, budget: 2),
    ElementaryCase(
      description: "cos within a turn", float: { $0.cos }, double: { $0.cos },
      reference: { cos($0) }, range: -7...7, budget: 2),
  ]

  /// Arguments of both spreads, inside the range.
  private func arguments(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    var generator = TestGenerator(seed: 17)
    let greatest = max(abs(range.lowerBound), abs(range.upperBound))
    return (0..<count).map { index in
      if index % 2 == 0 { return generator.uniform(range) }
      let magnitude = greatest * pow(10, generator.uniform(-30...0))
      let value = range.lowerBound < 0 && index % 4 == 1 ? -magnitude : magnitude
      return range.contains(value) ? value : generator.uniform(range)
    }
  }

  /// The largest error of `kernel` in units in the last place of the exact result, and its argument.
  private func worst<Scalar: KernelScalar>(
    _ kernel: KernelTable<Scalar>.Unary, _ reference: (Float80) -> Float80, at x: [Scalar]
  ) -> (error: Double, argument: Scalar) {
    let input = Buffer(x)
    let output = Buffer(x.count) { _ in Scalar(0) }
    kernel(x.count, input.input, output.output)
    var worst = (error: 0.0, argument: Scalar(0))
    for (argument, value) in zip(x, output.values) {
      let exact = reference(Float80(argument))
      let ulp = max(Scalar(exact).ulp, Scalar.leastNormalMagnitude.ulp)
      let error = Double(abs(Float80(value) - exact) / Float80(ulp))
      if !(error <= worst.error) { worst = (error, argument) }
    }
    return worst
  }

  @Test("functions are accurate in Float", arguments: cases)
  func accuracyInFloat(_ test: ElementaryCase) {
    let x = arguments(test.range, count: 40_001).map { Float($0) }
    let worst = worst(test.float(Float.kernels), test.reference, at: x)
    #expect(worst.error <= test.budget, "at \(worst.argument)")
  }

  @Test("functions are accurate in Double", arguments: cases)
  func accuracyInDouble(_ test: ElementaryCase) {
    let x = arguments(test.range, count: 20_001)
    let worst = worst(test.double(Double.kernels), test.reference, at: x)
    #expect(worst.error <= test.budget, "at \(worst.argument)")
  }

  @Test("exp underflows gradually and overflows at the right arguments")
  func exponentialTails() {
    let x: [Float] = [-87.5, -95, -100, -103.2, -103.9, -104, 88.722, 88.7228, 88.7229, 89]
    let input = Buffer(x)
    let output = Buffer<Float>(x.count) { _ in 0 }
    Float.kernels.exp(x.count, input.input, output.output)
    for (argument, value) in zip(x, output.values) {
      let exact = Float(Foundation.exp(Double(argument)))
      #expect(
        value == exact || abs(value - exact) <= max(exact.ulp, .leastNonzeroMagnitude),
        "at \(argument): \(value), expected \(exact)")
    }
    #expect(output.values[9] == .infinity)
    let edges = Buffer<Double>([-745.2, -744, -720, 709.78, 709.79])
    Double.kernels.exp(5, edges.input, edges.output)
    #expect(edges.values[0] == 0)
    #expect(edges.values[1] == Foundation.exp(-744))
    #expect(abs(edges.values[2] / Foundation.exp(-720) - 1) < 1e-4)
    #expect(edges.values[3] < .infinity && edges.values[4] == .infinity)
  }

  @Test("log of subnormal numbers is right")
  func logarithmOfSubnormals() {
    let arguments: [Float] = [0x1p-133, .leastNonzeroMagnitude, .leastNormalMagnitude]
    let x = Buffer(arguments)
    Float.kernels.log(3, x.input, x.output)
    for (value, argument) in zip(x.values, arguments) {
      #expect(abs(value - Float(Foundation.log(Double(argument)))) <= value.ulp)
    }
    let smallest: [Double] = [.leastNonzeroMagnitude, 0x1p-1030]
    let y = Buffer(smallest)
    Double.kernels.log(2, y.input, y.output)
    for (value, argument) in zip(y.values, smallest) {
      #expect(abs(value - Foundation.log(argument)) <= value.ulp)
    }
  }

  @Test("sine and cosine of large and infinite arguments come from the C library")
  func largeAngles() {
    let x: [Float] = [1e5, 1.0001e5, 1e10, -3e38, 0.5, .infinity, .nan, -.infinity]
    for (kernel, reference) in [
      (Float.kernels.sin, { Foundation.sin($0) }), (Float.kernels.cos, { Foundation.cos($0) }),
    ] as [(KernelTable<Float>.Unary, (Double) -> Double)] {
      let values = Buffer(x)
      kernel(x.count, values.input, values.output)
      for (argument, value) in zip(x, values.values) {
        if argument.isFinite {
          #expect(abs(value - Float(reference(Double(argument)))) <= 1.2e-7, "at \(argument)")
        } else {
          #expect(value.isNaN, "at \(argument)")
        }
      }
    }
  }
}
