import Checkpoints
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
    ] + frames
  }

  /// - Throws: `CheckpointError` for other shapes.
  func restoreState(from reader: borrowing CheckpointReader) throws {
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
    setWeights(weights)
  }

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
