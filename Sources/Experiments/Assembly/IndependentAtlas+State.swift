import Checkpoints
import Datasets
import Flows
import Tensors

extension IndependentAtlas {
  /// Every chart's numbers before training.
  func startParameters(seed: UInt64) -> ParameterBuffer<Float> {
    let all = ParameterBuffer<Float>(count: layout.count)
    for (k, chart) in charts.enumerated() {
      let own = start(ofChart: k, seed: seed, attempt: 0)
      (all.pointer + chart.parameterRange.lowerBound).update(from: own.pointer, count: own.count)
    }
    return all
  }

  /// Weights, [K], and the numbers of all frames, chart after chart.
  var stateArrays: [ReplicatedArray] {
    let states = charts.map(\.frame.state)
    let frames = states[0].indices.map { index in
      ReplicatedArray(
        path: Self.framePath(states[0][index]), shape: [chartCount] + states[0][index].shape,
        elements: states.flatMap { $0[index].elements })
    }
    return [
      ReplicatedArray(path: Self.weightsPath, shape: [chartCount], elements: chartWeights)
    ] + frames + kernelArrays
  }

  /// The places of the kernels, [n, 3], and the weights of their scales, [M].
  private var kernelArrays: [ReplicatedArray] {
    guard let kernels = (givenChart as? KernelChart)?.density else { return [] }
    return [
      ReplicatedArray(
        path: Self.placesPath, shape: [kernels.training.count / 3, 3], elements: kernels.training),
      ReplicatedArray(
        path: Self.memberWeightsPath, shape: [kernels.memberWeights.count],
        elements: kernels.memberWeights),
    ]
  }

  /// - Throws: `CheckpointError` for other shapes.
  func restoreState(
    from reader: borrowing CheckpointReader, kernelFloorDegrees: Double
  ) throws {
    let weights = try elements(Self.weightsPath, shape: [chartCount], from: reader)
    var states = charts.map(\.frame.state)
    for index in states[0].indices {
      let numbers = states[0][index]
      let stored = try elements(
        Self.framePath(numbers), shape: [chartCount] + numbers.shape, from: reader)
      let count = numbers.elements.count
      for k in states.indices {
        states[k][index].elements = Array(stored[k * count..<(k + 1) * count])
      }
    }
    for (chart, state) in zip(charts, states) { chart.frame.restore(state) }
    if hasGivenChart {
      let kernels = try restoredKernels(from: reader, floorDegrees: kernelFloorDegrees)
      setGivenChart(KernelChart(density: kernels), share: weights[chartCount - 1])
    }
    setWeights(weights)
  }

  private func restoredKernels(
    from reader: borrowing CheckpointReader, floorDegrees: Double
  ) throws -> SphericalKernelDensity {
    let places = try reader.array(Self.placesPath, as: Double.self)
    guard places.shape.count == 2, places.shape[0] > 0, places.shape[1] == 3 else {
      throw CheckpointError(
        "\(reader.path): \(Self.placesPath): expected [n, 3], got \(places.shape)", exitCode: 65)
    }
    let equal = SphericalKernelDensity(
      training: places.elements, memberWeights: nil, floorDegrees: floorDegrees)
    return SphericalKernelDensity(
      training: places.elements,
      memberWeights: try elements(
        Self.memberWeightsPath, shape: [equal.memberNames.count], from: reader),
      floorDegrees: floorDegrees)
  }

  private static let placesPath = "/model/kernels/places"
  private static let memberWeightsPath = "/model/kernels/weights"
  private static let weightsPath = "/model/charts/weights"
  private static func framePath(_ numbers: ChartFrameNumbers) -> String {
    "/model/charts/frame-\(numbers.name)"
  }

  private func elements(
    _ path: String, shape: [Int], from reader: borrowing CheckpointReader
  ) throws -> [Double] {
    let stored = try reader.array(path, as: Double.self)
    guard stored.shape == shape else {
      throw CheckpointError(
        "\(reader.path): \(path): expected \(shape), got \(stored.shape)",
        hint: "resume with the configuration that the run was started with", exitCode: 65)
    }
    return stored.elements
  }
}
