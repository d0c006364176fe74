import Datasets
import Distributed
import Experiments
import Flows
import Foundation
import Tensors
import Training

/// Prepares both stages of a small atlas and evaluates it; root prints one `name value …` a line.
func atlasScenario(_ arguments: [String]) throws {
  try JobStart.pinNumerics()
  let configuration = try Configuration(
    overrides: [
      "data.generator.train=1003", "data.generator.test=300", "training.globalBatchSize=256",
      "model.charts=6", "model.neighbours=1", "model.encoder.hidden=[16]",
      "model.flow.hidden=[16]", "model.flow.couplings=3",
    ] + arguments)
  try Probe.run(shards: configuration.shards) { group, _ in
    var scenario = try AtlasScenario(configuration, group)
    try scenario.prepareCodes()
    try scenario.prepareFlow()
    try scenario.evaluate()
  }
}

private struct AtlasScenario {
  let group: JobGroup
  let data: DataAssembly
  let rows: any RowSource
  let model: ModelAssembly
  let stages: [any Stage]
  let context: StageContext

  init(_ configuration: Configuration, _ group: JobGroup) throws {
    self.group = group
    data = try DataAssembly(configuration)
    let map = try data.fitStandardisation(configuration, on: group)
    rows = try data.standardised(data.train, by: map)
    model = ModelAssembly(configuration, columns: data.columnNames.count, standardisation: map)
    stages = model.stages(configuration, stepsPerEpoch: 4).map(\.stage)
    context = StageContext(
      group: group, parameters: model.parameters, train: rows, seed: 1, shardRows: 32)
    // Couplings start as the identity: move them, so that each ActNorm gets something of its own.
    for i in model.atlas.flowRange {
      var random = SampleRandom(seed: 5, purpose: .test, sample: UInt64(i))
      model.parameters[i] += Float(0.3 * random.normal())
    }
  }

  private func print(_ name: String, _ values: [Any]) {
    guard group.isRoot else { return }
    Swift.print(([name] + values.map { "\($0)" }).joined(separator: " "))
  }

  /// Training rows at each code, counted plainly, [K], and their mean squared distances from the
  /// nearest code and from the nearest of the first K encoded rows.
  private func plainCounts() throws -> (counts: [Int], distances: [Double]) {
    let codes = model.atlas.codebook.codes
    let tape = Tape<Float>(shardCount: 1, parameters: model.parameters)
    let x = tape.input(rows.count, rows.columnCount)
    let z = tape.keep(model.atlas.quantizer!.encoder(x, on: tape))
    try rows.read(rows: Array(0..<rows.count), into: tape.pointer(to: x, shard: 0))
    tape.run()
    let encoded = tape.pointer(to: z, shard: 0)
    var counts = [Int](repeating: 0, count: model.atlas.chartCount)
    var totals = [0.0, 0]
    for row in 0..<rows.count {
      func distances(_ centres: UnsafePointer<Float>) -> [Float] {
        counts.indices.map { k in
          (0..<2).reduce(0) {
            let difference = encoded[2 * row + $1] - centres[2 * k + $1]
            return $0 + difference * difference
          }
        }
      }
      let toCodes = distances(codes.pointer)
      counts[toCodes.indices.min { toCodes[$0] < toCodes[$1] }!] += 1
      totals[0] += Double(toCodes.min()!)
      totals[1] += Double(distances(encoded).min()!)
    }
    return (counts, totals.map { $0 / Double(rows.count) })
  }

  mutating func prepareCodes() throws {
    try stages[0].prepare(context)
    let codes = model.atlas.codebook.codes
    print("codes", [Probe.hash((0..<codes.count).map { codes[$0] })])
    print("code-distances", try plainCounts().distances)
  }

  /// Prints r_k next to the plain counts, and the moments on the base side of each ActNorm.
  mutating func prepareFlow() throws {
    try stages[1].prepare(context)
    let atlas = model.atlas
    print("chart-points", atlas.chartPoints)
    print("nearest-codes", try plainCounts().counts)
    let parameters = model.parameters
    print("parameters", [Probe.hash((0..<parameters.count).map { parameters[$0] })])
    for (index, element) in atlas.chain.elements.enumerated()
    where element.bijection is ActNorm {
      func moments(_ power: Int) throws -> [Double] {
        try context.sums(count: rows.count, length: atlas.dimension) { batch, tape in
          let charts = atlas.charts(of: batch.x, .sampled, uniform: batch.uniform, on: tape)
          var value = atlas.chain.inverseInput(
            of: index - 1, batch.x, context: charts?.context, on: tape)
          if power == 2 { value = tape.square(value) }
          return tape.columnSums(tape.multiply(value, columnVector: batch.weight))
        }.map { $0 / Double(rows.count) }
      }
      print("norm-means", try moments(1))
      print("norm-squares", try moments(2))
    }
  }

  mutating func evaluate() throws {
    let evaluator = PointEvaluator(model: model, group: group, seed: 1)
    let whole = try evaluator.logProbabilities(of: data.test)
    let part = try evaluator.logProbabilities(
      of: GeneratedRows(data.generator!, split: .test, count: 37))
    print("densities", [Probe.hash(whole)])
    print("density-difference", [zip(part, whole).map { abs($0 - $1) }.max()!])
    let modes: [Inference] = [.stochastic, .expected, .mostProbable]
    let inferences = try modes.map { try evaluator.inferences(of: data.test, mode: $0) }
    print(
      "inferences", [Probe.hash(inferences.flatMap { $0 }.flatMap { [$0.probability] + $0.base })])

    let count = 6000
    let (points, charts) = try evaluator.samples(count: count, seed: 3)
    let start = try evaluator.samples(count: 41, seed: 3)
    print("samples", [Probe.hash(points)])
    let difference = zip(start.points, points).map { abs($0 - $1) }.max()!
    print("sample-difference", [difference])
    print("same-charts", [start.charts == Array(charts.prefix(41))])
    print(
      "sampled-charts", model.atlas.chartPoints.indices.map { k in charts.filter { $0 == k }.count }
    )
  }
}
