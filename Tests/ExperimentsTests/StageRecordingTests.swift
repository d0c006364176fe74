import Datasets
import Experiments
import Flows
import TestSupport
import Tensors
import Testing
import Training

/// Stages recorded on a tape that holds all shards of a batch, without a job.
@Suite("What stages record")
struct StageRecordingTests {
  private let shards = 4
  private let shardRows = 8

  private func model(_ overrides: [String] = []) throws -> (ModelAssembly, Configuration) {
    let configuration = try Configuration(
      overrides: [
        "shards=4", "model.charts=5", "model.neighbours=2", "model.encoder.hidden=[8]",
        "model.flow.hidden=[8]", "model.flow.couplings=2",
      ] + overrides)
    let model = ModelAssembly(
      configuration, columns: 3, standardisation: Standardisation(identityOf: 3))
    for i in 0..<model.parameters.count {
      var random = SampleRandom(seed: 3, purpose: .test, sample: UInt64(i))
      model.parameters[i] = Float(0.4 * random.normal())
    }
    model.atlas.codebook.start(from: [0, 0, 0.5, 0, -0.5, 0.5, 0, -0.5, 0.25, 0.25])
    return (model, configuration)
  }

  /// A tape and its inputs: row r of the batch is filled from r alone.
  private func batch(_ model: ModelAssembly) -> (tape: Tape<Float>, values: BatchValues) {
    let tape = Tape<Float>(shardCount: shards, parameters: model.parameters)
    let values = BatchValues(
      x: tape.input(shardRows, 3), weight: tape.input(shardRows, 1),
      uniform: tape.input(shardRows, 1))
    return (tape, values)
  }

  /// The shards of a batch of `count` rows; what is missing in a shard repeats row 0.
  private func shardBatches(_ count: Int, step: Int) -> [ShardBatch] {
    (0..<shards).map { shard in
      let range = shard * count / shards..<(shard + 1) * count / shards
      let rows = Array(range) + Array(repeating: 0, count: shardRows - range.count)
      return ShardBatch(
        step: step, shard: shard, shards: shards, rows: rows, realCount: range.count,
        globalCount: count)
    }
  }

  private func fill(_ tape: Tape<Float>, _ values: BatchValues, _ batches: [ShardBatch]) {
    for (shard, batch) in batches.enumerated() {
      for (place, row) in batch.rows.enumerated() {
        var random = SampleRandom(seed: 8, purpose: .test, sample: UInt64(row))
        for j in 0..<3 {
          tape.pointer(to: values.x, shard: shard)[3 * place + j] = Float(random.normal())
        }
        tape.pointer(to: values.uniform, shard: shard)[place] = Float(random.uniform())
        tape.pointer(to: values.weight, shard: shard)[place] =
          place < batch.realCount ? 1 / Float(batch.globalCount) : 0
      }
    }
  }

  @Test("Exactly one shard supplies the candidate of a code, and the row depends on the step")
  func candidates() throws {
    let (model, configuration) = try model()
    let quantizer = try #require(model.atlas.quantizer)
    let stage = AutoencoderStage(
      atlas: model.atlas, quantizer: quantizer, settings: configuration.model.codebook, seed: 6)
    let (tape, values) = batch(model)
    let recording = stage.record(values, on: tape)
    let encoded = tape.keep(quantizer.encoder(values.x, on: tape))
    for value in recording.statistics { tape.keep(value) }
    #expect(
      recording.statistics.map { tape.shape(of: $0).count }.reduce(0, +) == stage.statisticsCount)
    let fillStage = try #require(recording.fill)
    var chosen: [[Float]] = []
    for (step, count) in [(0, 32), (1, 32), (2, 29), (3, 3), (1, 32)] {
      let batches = shardBatches(count, step: step)
      fill(tape, values, batches)
      for shard in 0..<shards { fillStage(shard, batches[shard]) }
      if tape.hasRun { tape.replay() } else { tape.run() }
      let candidates = (0..<shards).map { tape.elements(of: recording.statistics[2], shard: $0) }
      for k in 0..<5 {
        let suppliers = candidates.indices.filter {
          candidates[$0][2 * k] != 0 || candidates[$0][2 * k + 1] != 0
        }
        #expect(suppliers.count == 1)
        let real = batches[suppliers[0]].realCount
        let rows = tape.elements(of: encoded, shard: suppliers[0]).prefix(2 * real)
        let candidate = Array(candidates[suppliers[0]][2 * k..<2 * k + 2])
        #expect((0..<real).contains { Array(rows[2 * $0..<2 * $0 + 2]) == candidate })
      }
      let counts = (0..<shards).flatMap { tape.elements(of: recording.statistics[0], shard: $0) }
      #expect(counts.reduce(0, +) == Float(count))
      chosen.append(candidates.reduce([Float](repeating: 0, count: 10)) { zip($0, $1).map(+) })
    }
    #expect(chosen[0] != chosen[1])
    #expect(chosen[1] == chosen[4])
    // A validation pass, of step −1, draws nothing.
    let batches = shardBatches(32, step: -1)
    for shard in 0..<shards { fillStage(shard, batches[shard]) }
    tape.replay()
    for shard in 0..<shards {
      #expect(tape.elements(of: recording.statistics[2], shard: shard).allSatisfy { $0 == 0 })
    }
  }

  @Test("Revival comes every so many steps, and takes the candidates of that step")
  func revival() throws {
    let (model, configuration) = try model(["model.codebook.revivalEverySteps=3"])
    let stage = AutoencoderStage(
      atlas: model.atlas, quantizer: try #require(model.atlas.quantizer),
      settings: configuration.model.codebook, seed: 6)
    let codebook = model.atlas.codebook
    for k in 0..<5 { codebook.averageCounts[k] = k == 2 ? 0 : 50 }
    for j in 4..<6 { codebook.averageSums[j] = 0 }
    let statistics: [Float] =
      [10, 10, 0, 10, 10] + Array(repeating: 0, count: 10) + (0..<10).map { 90 + Float($0) }
    for step in 0..<2 {
      stage.absorb(statistics: statistics, step: step)
      #expect(codebook.averageCounts[2] == 0)
    }
    stage.absorb(statistics: statistics, step: 2)
    #expect(codebook.codes[4] == 94 && codebook.codes[5] == 95)
    #expect((0..<10).allSatisfy { (4..<6).contains($0) || codebook.codes[$0] < 90 })
  }

  @Test(
    "The loss is the mean negative log-density of the real rows", arguments: ["mixture", "sampled"])
  func loss(objective: String) throws {
    let (model, configuration) = try model(["objective=\(objective)"])
    let stage = FlowStage(atlas: model.atlas, objective: configuration.objective)
    let (tape, values) = batch(model)
    let loss = tape.keep(stage.record(values, on: tape).loss)
    let density = tape.keep(
      model.atlas.logProbability(
        of: values.x, over: objective == "mixture" ? .holding : .sampled, uniform: values.uniform,
        on: tape))
    let batches = shardBatches(29, step: 0)
    fill(tape, values, batches)
    tape.run()
    var (total, expected) = (0.0, 0.0)
    for (shard, batch) in batches.enumerated() {
      total += Double(tape.elements(of: loss, shard: shard)[0])
      let values = tape.elements(of: density, shard: shard).prefix(batch.realCount)
      expected -= values.reduce(0) { $0 + Double($1) } / 29
    }
    #expect(abs(total - expected) < 1e-5 * (1 + abs(expected)))
    #expect(expected > 1)
  }
}
