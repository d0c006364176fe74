import Foundation
import Tensors

/// How a point's base coordinates are inferred from the charts that hold it (VQ-Flows, §3).
package enum Inference: String, Sendable, CaseIterable {
  /// A chart drawn from p(k | x).
  case stochastic
  /// The mean Σ_k p(k | x) f_k(x).
  case expected
  /// The chart with the largest p(k | x).
  case mostProbable = "most-probable"
}

/// What inference gives for one point.
package struct InferredPoint: Sendable, Equatable {
  /// The chart: the drawn one, else the most probable one; 0 for a plain flow.
  package let chart: Int
  /// p(k | x) of that chart.
  package let probability: Double
  /// Base coordinates, [d].
  package let base: [Double]

  package init(chart: Int, probability: Double, base: [Double]) {
    self.chart = chart
    self.probability = probability
    self.base = base
  }
}

extension Atlas {
  /// Records charts and base coordinates of points, [B, D].
  package func recordInference<Scalar>(of x: Value, on tape: Tape<Scalar>) -> InferenceRecording {
    let chosen = charts(of: x, .holding, on: tape)
    let inferred = flow.infer(chosen?.x ?? x, context: chosen?.context, on: tape)
    var density = inferred.logProbability
    if let chosen {
      let shape = tape.shape(of: chosen.logWeights)
      density = tape.add(
        tape.reshape(density, shape.rows, shape.columns), chosen.logWeights)
      tape.keep(chosen.indices)
    }
    tape.keep(density)
    tape.keep(inferred.base)
    return InferenceRecording(joint: density, charts: chosen?.indices, base: inferred.base)
  }
}

extension AtlasDensity {
  /// Reads one point's inference after a run.
  ///
  /// - Parameter random: keyed by the point, for ``Inference/stochastic``.
  package func inferred<Scalar: TensorScalar>(
    _ recording: InferenceRecording, row: Int, shard: Int, mode: Inference,
    random: inout SampleRandom, on tape: Tape<Scalar>
  ) -> InferredPoint {
    let places = tape.shape(of: recording.joint).columns
    let joint = tape.pointer(to: recording.joint, shard: shard) + row * places
    let width = tape.shape(of: recording.base).columns
    let base = tape.pointer(to: recording.base, shard: shard) + row * places * width
    let largest = (0..<places).map { Double(joint[$0]) }.max() ?? 0
    var weights = (0..<places).map { exp(Double(joint[$0]) - largest) }
    let total = weights.reduce(0, +)
    weights = weights.map { $0 / total }
    var place = weights.indices.max { weights[$0] < weights[$1] } ?? 0
    if mode == .stochastic {
      var remaining = random.uniform()
      for candidate in weights.indices where weights[candidate] > 0 {
        place = candidate
        remaining -= weights[candidate]
        if remaining < 0 { break }
      }
    }
    let coordinates = (0..<width).map { j -> Double in
      guard mode == .expected else { return Double(base[place * width + j]) }
      return weights.indices.reduce(0) {
        weights[$1] > 0 ? $0 + weights[$1] * Double(base[$1 * width + j]) : $0
      }
    }
    let chart = recording.charts.map {
      Int(tape.pointer(to: $0, shard: shard)[row * places + place])
    }
    return InferredPoint(chart: chart ?? 0, probability: weights[place], base: coordinates)
  }
}

extension Atlas {
  package func recordSampling<Scalar>(rows: Int, on tape: Tape<Scalar>) -> SamplingRecording<Scalar>
  {
    let latent = codebook.dimension
    let base = tape.input(rows, chartDimension)
    let context = quantizer == nil ? nil : tape.input(rows, latent)
    let points = flow.forward(base, context: context, on: tape)
    let codes = codebook.codes
    return SamplingRecording(
      base: base, points: tape.keep(points),
      setChart: { row, chart in
        guard let context else { return }
        let memory = tape.pointer(to: context, shard: 0) + row * latent
        for j in 0..<latent { memory[j] = Scalar(codes[chart * latent + j]) }
      })
  }

  package func baseSample(ofChart chart: Int, using random: inout SampleRandom) -> [Double] {
    flow.baseDistribution.sample(using: &random)
  }
}
