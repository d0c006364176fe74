import KernelInterface
import Kernels
import Testing

/// Every kernel in every build does what its documentation says, and all builds give the same bits.
struct KernelContractTests {
  static let builds = KernelSelection.Build.allCases.filter { KernelSelection.isSupported($0) }
  static let reference = KernelRecording(ReferenceKernels.table).outputs

  private func compare<Scalar: BinaryFloatingPoint & Sendable>(
    _ outputs: [RecordedOutput<Scalar>], tolerance: Double
  ) {
    #expect(outputs.count == Self.reference.count)
    for (output, expected) in zip(outputs, Self.reference) {
      #expect(output.name == expected.name)
      #expect(output.values.count == expected.values.count)
      for (index, pair) in zip(output.values, expected.values).enumerated() {
        let (value, exact) = (Double(pair.0), pair.1)
        // The reference differentiates splines by central differences.
        let isSpline = output.name.hasPrefix("spline")
        let allowed = isSpline ? max(2e-7, 100 * tolerance) : tolerance
        let isClose = value == exact || abs(value - exact) <= allowed * max(1, abs(exact))
        if !isClose {
          Issue.record("\(output.name), element \(index): got \(value), expected \(exact)")
          break
        }
      }
    }
  }

  @Test("every kernel agrees with a plain loop in Double", arguments: builds)
  func agreesWithReference(build: KernelSelection.Build) {
    let kernels = KernelSelection.tables(of: build)
    compare(KernelRecording(kernels.float).outputs, tolerance: 3e-6)
    compare(KernelRecording(kernels.double).outputs, tolerance: 4e-15)
  }

  /// The bits of a number; one pattern for every NaN, whose sign and payload mean nothing.
  private func bits(_ x: Float) -> UInt32 { x.isNaN ? .max : x.bitPattern }
  private func bits(_ x: Double) -> UInt64 { x.isNaN ? .max : x.bitPattern }

  @Test("every build gives the bits of the baseline", arguments: builds)
  func sameBits(build: KernelSelection.Build) {
    let baseline = KernelSelection.tables(of: .baseline)
    let other = KernelSelection.tables(of: build)
    let floats = (KernelRecording(baseline.float).outputs, KernelRecording(other.float).outputs)
    for (first, second) in zip(floats.0, floats.1) {
      #expect(first.values.map(bits) == second.values.map(bits), "\(first.name)")
    }
    let doubles = (
      KernelRecording(baseline.double).outputs, KernelRecording(other.double).outputs
    )
    for (first, second) in zip(doubles.0, doubles.1) {
      #expect(first.values.map(bits) == second.values.map(bits), "\(first.name)")
    }
  }

  @Test("every build gives the bits of the baseline for arbitrary bit patterns", arguments: builds)
  func sameBitsOfPatterns(build: KernelSelection.Build) {
    var generator = TestGenerator(seed: 3)
    let count = 20_000
    let x = Buffer(count) { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
    let wide = Buffer(count) { _ in Double(bitPattern: generator.next()) }
    let baseline = KernelSelection.tables(of: .baseline)
    let tested = KernelSelection.tables(of: build)
    let (first, second) = (Buffer<Float>(count) { _ in 0 }, Buffer<Float>(count) { _ in 0 })
    for (one, other) in zip(unaryKernels(baseline.float), unaryKernels(tested.float)) {
      one(count, x.input, first.output)
      other(count, x.input, second.output)
      #expect(first.values.map(bits) == second.values.map(bits))
    }
    let (third, fourth) = (Buffer<Double>(count) { _ in 0 }, Buffer<Double>(count) { _ in 0 })
    for (one, other) in zip(unaryKernels(baseline.double), unaryKernels(tested.double)) {
      one(count, wide.input, third.output)
      other(count, wide.input, fourth.output)
      #expect(third.values.map(bits) == fourth.values.map(bits))
    }
  }

  private func unaryKernels<Scalar>(_ kernels: KernelTable<Scalar>) -> [KernelTable<Scalar>.Unary] {
    [
      kernels.exp, kernels.log, kernels.tanh, kernels.sigmoid, kernels.softplus, kernels.relu,
      kernels.squareRoot, kernels.reciprocal, kernels.sin, kernels.cos, kernels.isPositive,
    ]
  }

  @Test("an element's bits do not depend on its place or its neighbours", arguments: builds)
  func placeDoesNotMatter(build: KernelSelection.Build) {
    let kernels = KernelSelection.tables(of: build).float
    var generator = TestGenerator(seed: 4)
    let x = Buffer(generator.numbers(75, in: -8...8, as: Float.self))
    for kernel in unaryKernels(kernels) {
      let together = Buffer<Float>(75) { _ in 0 }
      let alone = Buffer<Float>(75) { _ in 0 }
      kernel(75, x.input, together.output)
      for i in 0..<75 { kernel(1, x.input + i, alone.output + i) }
      #expect(together.values.map(bits) == alone.values.map(bits))
    }
  }

  @Test("the selected build is one that the processor supports, and its tables say its name")
  func selection() {
    #expect(KernelSelection.isSupported(KernelSelection.build))
    #expect(Float.kernels.name == KernelSelection.build.rawValue)
    #expect(Double.kernels.name == KernelSelection.build.rawValue)
    for build in Self.builds {
      #expect(KernelSelection.tables(of: build).float.name == build.rawValue)
    }
  }

  @Test("a request for a build is taken, and a wrong one is refused with the names that exist")
  func request() throws {
    #expect(try KernelSelection.resolve(request: "baseline") == .baseline)
    let best = try KernelSelection.resolve(request: nil)
    #expect(best == Self.builds.last)
    #expect(try KernelSelection.resolve(request: "") == best)
    let error = #expect(throws: KernelSelectionError.self) {
      try KernelSelection.resolve(request: "avx9")
    }
    #expect(error?.description.contains("baseline or haswell or avx512") == true)
    #expect(error?.description.contains("avx9") == true)
  }

  @Test("flushing subnormals works on the calling thread and can be taken back")
  func subnormals() {
    let before = FloatingPointMode.isFlushingSubnormals
    defer {
      if before { FloatingPointMode.flushSubnormals() } else { FloatingPointMode.keepSubnormals() }
    }
    let x = Buffer(21) { _ in Float.leastNormalMagnitude }
    let y = Buffer<Float>(21) { _ in 1 }
    FloatingPointMode.keepSubnormals()
    #expect(!FloatingPointMode.isFlushingSubnormals)
    Float.kernels.scale(21, x.input, 0.5, y.output)
    #expect(y.values.allSatisfy { $0 == Float.leastNormalMagnitude / 2 })
    FloatingPointMode.flushSubnormals()
    #expect(FloatingPointMode.isFlushingSubnormals)
    Float.kernels.scale(21, x.input, 0.5, y.output)
    FloatingPointMode.keepSubnormals()
    #expect(y.values.allSatisfy { $0 == 0 })
    // Operands too: a subnormal number counts as zero.
    let subnormal = Buffer(21) { _ in Float.leastNormalMagnitude / 2 }
    FloatingPointMode.flushSubnormals()
    Float.kernels.isPositive(21, subnormal.input, y.output)
    FloatingPointMode.keepSubnormals()
    #expect(y.values.allSatisfy { $0 == 0 })
  }
}
