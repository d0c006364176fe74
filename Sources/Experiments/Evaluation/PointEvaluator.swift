import Datasets
import Distributed
import Flows
import Foundation
import Tensors

/// Densities, charts and samples of a trained atlas, shared out over the ranks of a group.
///
/// Points are cut into the canonical shards and go through the flow a fixed number at a time, so the
/// numbers do not depend on how many ranks there are.
package struct PointEvaluator {
  private let model: ModelAssembly
  private let group: JobGroup
  private let seed: UInt64
  /// Points at a time; with K charts the flow sees K times as many rows.
  private let pieceRows: Int

  package init(model: ModelAssembly, group: JobGroup, seed: UInt64) {
    self.model = model
    self.group = group
    self.seed = seed
    pieceRows = max(8, 2048 / model.density.chartCount)
  }

  /// log p(x) in nats and in the units of the data, [rows]: summed over all charts or, where each has a
  /// surface of its own, over those that hold the point. Collective.
  package func logProbabilities(of points: any RowSource) throws -> [Double] {
    let atlas = model.density
    let tape = Tape<Float>(shardCount: 1, parameters: model.parameters)
    let x = tape.input(pieceRows, atlas.dimension)
    let density = tape.keep(atlas.logProbability(of: x, on: tape))
    let correction = model.logDensityCorrection
    return try gather(count: points.count, width: 1) { rows, output in
      try fill(x, rows, from: points, on: tape)
      run(tape)
      let values = tape.pointer(to: density, shard: 0)
      for i in 0..<rows.count { output.append(Double(values[i]) + correction) }
    }
  }

  /// Squared distances from the surface in the units of the data, the mean over the charts that hold a
  /// point, [rows]; nil for an atlas without an embedding. Collective.
  package func reconstructionErrors(of points: any RowSource) throws -> [Double]? {
    guard let atlas = model.density as? Atlas else { return nil }
    let tape = Tape<Float>(shardCount: 1, parameters: model.parameters)
    let x = tape.input(pieceRows, atlas.dimension)
    guard let error = atlas.reconstructionError(of: x, over: .holding, on: tape) else { return nil }
    tape.keep(error)
    let scale = model.standardisation.standardDeviation[0]
    return try gather(count: points.count, width: 1) { rows, output in
      try fill(x, rows, from: points, on: tape)
      run(tape)
      let values = tape.pointer(to: error, shard: 0)
      for i in 0..<rows.count { output.append(Double(values[i]) * scale * scale) }
    }
  }

  /// Chart, its probability and base coordinates of each point. Collective.
  package func inferences(of points: any RowSource, mode: Inference) throws -> [InferredPoint] {
    let atlas = model.density
    let tape = Tape<Float>(shardCount: 1, parameters: model.parameters)
    let x = tape.input(pieceRows, atlas.dimension)
    let recording = atlas.recordInference(of: x, on: tape)
    let width = 2 + atlas.chartDimension
    let flat = try gather(count: points.count, width: width) { rows, output in
      try fill(x, rows, from: points, on: tape)
      run(tape)
      for (i, row) in rows.enumerated() {
        var random = SampleRandom(seed: seed, purpose: .chart, sample: UInt64(row))
        let point = atlas.inferred(
          recording, row: i, shard: 0, mode: mode, random: &random, on: tape)
        output += [Double(point.chart), point.probability] + point.base
      }
    }
    return stride(from: 0, to: flat.count, by: width).map {
      InferredPoint(
        chart: Int(flat[$0]), probability: flat[$0 + 1], base: Array(flat[$0 + 2..<$0 + width]))
    }
  }

  /// Draws k ~ p_k, z ~ q, x = f(z; v_k), embedded where there is an embedding; sample i depends on (seed, i) alone, but
  /// for rounding, which `count` decides too. Collective.
  ///
  /// - Returns: points in the units of the data, [count, D], and their charts.
  package func samples(count: Int, seed: UInt64) throws -> (points: [Double], charts: [Int]) {
    let atlas = model.density
    let d = atlas.dimension
    let tape = Tape<Float>(shardCount: 1, parameters: model.parameters)
    let recording = atlas.recordSampling(rows: pieceRows, on: tape)
    let weights = atlas.chartWeights
    let flat = try gather(count: count, width: d + 1) { rows, output in
      var charts: [Int] = []
      for (i, row) in rows.enumerated() {
        var random = SampleRandom(seed: seed, purpose: .sampling, sample: UInt64(row))
        let chart = Self.chart(random.uniform(), weights)
        charts.append(chart)
        let base = atlas.baseSample(ofChart: chart, using: &random)
        let memory = tape.pointer(to: recording.base, shard: 0) + i * base.count
        for j in base.indices { memory[j] = Float(base[j]) }
        recording.setChart(i, chart)
      }
      run(tape)
      let values = tape.pointer(to: recording.points, shard: 0)
      for i in 0..<rows.count {
        var point = (0..<d).map { Double(values[i * d + $0]) }
        point.withUnsafeMutableBufferPointer {
          model.standardisation.invert($0.baseAddress!, rowCount: 1)
        }
        output += point + [Double(charts[i])]
      }
    }
    var points: [Double] = []
    var charts: [Int] = []
    for i in 0..<count {
      points += flat[i * (d + 1)..<i * (d + 1) + d]
      charts.append(Int(flat[i * (d + 1) + d]))
    }
    return (points, charts)
  }

  // MARK: - Helpers

  private static func chart(_ uniform: Double, _ weights: [Double]) -> Int {
    var remaining = uniform
    for (k, weight) in weights.enumerated() where weight > 0 {
      remaining -= weight
      if remaining < 0 { return k }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }

  private func run(_ tape: Tape<Float>) {
    if tape.hasRun { tape.replay() } else { tape.run() }
  }

  private func fill(
    _ x: Value, _ rows: Range<Int>, from points: any RowSource, on tape: Tape<Float>
  ) throws {
    let memory = tape.pointer(to: x, shard: 0)
    let padded = (0..<pieceRows).map { min(rows.lowerBound + $0, rows.upperBound - 1) }
    try StandardisedRows(AnyRows(points), by: model.standardisation).read(
      rows: padded, into: memory)
  }

  /// Calls `body` with pieces of this rank's points and puts all ranks' output together, in order.
  private func gather(
    count: Int, width: Int, _ body: (Range<Int>, inout [Double]) throws -> Void
  ) throws -> [Double] {
    let own = try group.agreed {
      var output: [Double] = []
      for shard in group.ownShards.indices {
        let range = BatchPlan.contiguousRows(
          ofShard: shard, of: group.tree.shards, count: count)
        for start in stride(from: range.lowerBound, to: range.upperBound, by: pieceRows) {
          try body(start..<min(start + pieceRows, range.upperBound), &output)
        }
      }
      return output
    }
    let all = try group.allGather(own.withUnsafeBytes { Array($0) })
    return all.flatMap { bytes in
      bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
    }
  }
}
