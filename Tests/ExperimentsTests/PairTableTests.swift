import Datasets
import Experiments
import Foundation
import Operators
import Tensors
import Testing

@Suite("Tables of partial differential equations")
struct PairTableTests {
  private func small(_ name: String) throws -> PairTable {
    try #require(PairTable.named(name))
  }

  @Test("Cells: a control that learns nothing has one, the others one a seed and number of pairs")
  func cells() throws {
    let table = try small("pde").restricted(
      sets: ["ks-22"], models: ["persistence", "multiplier", "fno"], seedCount: 3, overrides: [])
    #expect(table.cells.count { $0.model == .persistence } == 1)
    #expect(table.cells.count { $0.model == .multiplier } == 1)
    #expect(table.cells.count { $0.model == .fno } == 3)
    let samples = try small("pde-samples").restricted(
      sets: ["ks-22"], models: ["propagator", "multiplier", "fno"], seedCount: 2,
      overrides: ["samples=[10, 20]"])
    #expect(samples.cells.count { $0.model == .propagator } == 1)
    #expect(samples.cells.count { $0.model == .multiplier } == 4)
    #expect(samples.cells.count { $0.model == .fno } == 4)
    #expect(Set(samples.cells.map(\.path)).count == samples.cells.count)
  }

  @Test("Subsets are different pairs for each seed, all of the pairs where all are asked for")
  func subsets() {
    func subset(_ samples: Int, seed: Int) -> [Int] {
      PairCell(set: .ks22, model: .fno, samples: samples, seed: seed).subset(of: 100)
    }
    #expect(Set(subset(30, seed: 1)).count == 30)
    #expect(subset(30, seed: 1).allSatisfy { (0..<100).contains($0) })
    #expect(subset(30, seed: 1) != subset(30, seed: 2))
    #expect(subset(100, seed: 2) == Array(0..<100))
  }

  @Test("Unknown names and settings are refused")
  func refusals() throws {
    let table = try small("pde")
    for (sets, models, overrides) in [
      (["ks"], [], []), ([], ["cnn"], []), ([], [], ["epochs=3"]), ([], [], ["shards=3"]),
      ([], [], ["samples=[20, 10]"]), ([], [], ["steps=0"]),
    ] as [([String], [String], [String])] {
      #expect(throws: PortolanFailure.self) {
        try table.restricted(sets: sets, models: models, seedCount: nil, overrides: overrides)
      }
    }
    let changed = try table.restricted(
      sets: [], models: [], seedCount: nil, overrides: ["steps=7", "learningRate=0.01"])
    #expect(changed.settings.steps == 7 && changed.settings.learningRate == 0.01)
  }

  @Test("Text: intervals over seeds, the best in bold, controls beside every column")
  func text() throws {
    let table = try small("pde-samples").restricted(
      sets: ["ks-22"], models: ["persistence", "fno"], seedCount: 2,
      overrides: ["samples=[10, 20]"])
    var results: [PairCell: PairResult] = [:]
    for cell in table.cells {
      let error =
        cell.model == .persistence
        ? 0.5 : 0.3 / Double(cell.samples / 10) + 0.01 * Double(cell.seed)
      results[cell] = PairResult(
        settings: [], scores: [.init(points: 64, relativeError: error)], parameterCount: 12,
        complexParameterCount: 9, seconds: 2)
    }
    let text = PairTableText(table: table, results: results, stepHalvingErrors: [.ks22: 1e-8])
      .markdown
    #expect(text.contains("| persistence | – | 0.500 | 0.500 | 2.0 |"))
    // ± 12.7 · 0.00707 / √2.
    #expect(text.contains("| FNO | 12 / 9 | **0.315 ± 0.0635** | **0.165 ± 0.0635** | 2.0 |"))
    #expect(text.contains("1.0e-08"))
  }

  @Test("A table by resolution is of the largest number of pairs alone")
  func resolutions() throws {
    var table = try small("pde").restricted(
      sets: ["ks-22"], models: ["fno"], seedCount: 2, overrides: ["samples=[10, 20]"])
    let results = Dictionary(
      uniqueKeysWithValues: table.cells.map { cell in
        (
          cell,
          PairResult(
            settings: [], scores: [.init(points: 64, relativeError: 1 / Double(cell.samples))],
            seconds: Double(cell.samples))
        )
      })
    let text = PairTableText(table: table, results: results).markdown
    #expect(text.contains("Trained on 20 pairs at s = 64"), "\(text)")
    #expect(text.contains("| **0.0500** | – | – | – | – | 20.0 |"), "\(text)")
    table.columns = .samples
    let bySamples = PairTableText(table: table, results: results).markdown
    #expect(bySamples.contains("| **0.100** | **0.0500** | 15.0 |"), "\(bySamples)")
  }

  @Test("A folder is read as the table that its cells are of, without cells that the table has not")
  func folder() throws {
    let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try PairFolder(path) == nil)
    let table = try small("pde").restricted(
      sets: ["ks-22", "burgers"], models: [], seedCount: 2,
      overrides: ["samples=[10, 20]", "steps=7", "learningRate=0.003"])
    let second = PairCell(set: .ks22, model: .persistence, samples: 20, seed: 2)
    #expect(!table.cells.contains(second))
    for cell in table.cells + [second] {
      let folder = "\(path)/\(cell.path)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let result = PairResult(
        settings: cell.lines(table.settings, pairs: 20, dataSeed: cell.set == .ks22 ? 5 : 6),
        scores: [.init(points: 64, relativeError: 0.1)])
      try JSONEncoder().encode(result).write(to: URL(fileURLWithPath: folder + "/cell.json"))
    }
    let read = try #require(try PairFolder(path))
    #expect(read.table.settings == table.settings)
    #expect(read.table.cells == table.cells)
    #expect(Set(read.results.keys) == Set(table.cells))
  }

  @Test("A control that no seed changes has no interval")
  func sameCells() throws {
    let table = try small("pde-samples").restricted(
      sets: ["ks-22"], models: ["multiplier", "fno"], seedCount: 3,
      overrides: ["samples=[10, 20]"])
    var results: [PairCell: PairResult] = [:]
    for cell in table.cells {
      let error = cell.model == .multiplier ? 0.1 : 0.2 + 0.01 * Double(cell.seed)
      results[cell] = PairResult(
        settings: [], scores: [.init(points: 64, relativeError: error)], seconds: 1)
    }
    let text = PairTableText(table: table, results: results).markdown
    #expect(text.contains("| least-squares multiplier | – | **0.100** | **0.100** |"), "\(text)")
    #expect(text.contains("| 0.220 ± 0.0248 |"), "\(text)")
    // Three times 0.1 do not sum to 0.3: the deviation is not zero.
    #expect(SeedSummary(of: [0.1, 0.1, 0.1]).shownHalfInterval == nil)
    #expect(SeedSummary(of: [0.1, 0.2]).shownHalfInterval != nil)
  }

  /// Pairs of waves with a nonlinear answer.
  private func waves(_ count: Int, points: Int) -> PDEPairs {
    var values: [Double] = []
    for sample in 0..<count {
      func wave(_ n: Int, _ shift: Double) -> Double {
        let x = 2 * Double.pi * Double(n) / Double(points)
        return sin(x + Double(sample)) + 0.4 * cos(3 * x - shift + Double(sample * sample))
      }
      values += (0..<points).map { wave($0, 0) }
      values += (0..<points).map { 0.7 * wave($0, 0.3) + 0.1 * wave($0, 0) * wave($0, 1) }
    }
    return PDEPairs(values: values, points: points)
  }

  @Test("The residual to the multiplier starts as the multiplier, on every grid")
  func residual() throws {
    let pairs = waves(12, points: 64)
    var layout = ParameterLayout()
    let architecture = try #require(PairArchitecture(.padeResidual, for: PDESet.ks22.problem))
    let model = architecture.makeOperator(trainedOn: pairs, in: &layout)
    func errors(_ pairs: PDEPairs) -> [Double] {
      let rows = PairRows(pairs)
      let tape = Tape<Double>(
        shardCount: 1, parameters: ParameterBuffer<Double>(layout: layout, seed: 1))
      let x = tape.input(rows.count, rows.columnCount)
      rows.read(rows: Array(0..<rows.count), into: tape.pointer(to: x, shard: 0))
      let result = tape.keep(RelativeError.ofRows(x, model: model, on: tape))
      tape.run()
      return tape.elements(of: result)
    }
    let multiplier = MultiplierStatistics(of: pairs).multiplier
    let mean = errors(pairs).reduce(0, +) / 12
    #expect(abs(mean - pairs.meanRelativeError(of: multiplier)) < 1e-6)
    #expect(mean > 0.01)
    // The fields are band-limited: finer grids of the same functions have the same error.
    for points in [128, 256] {
      let finer = errors(waves(12, points: points)).reduce(0, +) / 12
      #expect(abs(finer / mean - 1) < 1e-5)
    }
    // The numbers of the multiplier count: 31 complex and two real modes.
    #expect(model.fittedCount == 64)
    #expect(model.complexWeightCount == 3 * 10 * 32 * 32 + 31)
  }

  @Test("Bounds are read from Padé blocks, written, and read again")
  func padéBounds() throws {
    var layout = ParameterLayout()
    let architecture = try #require(PairArchitecture(.pade, for: PDESet.ks22.problem))
    let model = architecture.makeOperator(trainedOn: waves(1, points: 64), in: &layout)
    let parameters = ParameterBuffer<Float>(layout: layout, seed: 3)
    let blocks = model.padeBlocks(positions: 64)
    #expect(blocks.count == 3 && blocks.allSatisfy { $0.positions == 32 })
    let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let log = PadeLog(path: folder + "/bounds.csv", blocks: blocks)
    log.read(parameters, step: 3)
    for index in 0..<layout.count { parameters[index] *= 2 }
    let last = try #require(log.read(parameters, step: 5))
    #expect(log.readings.count == 2)
    // Those of the parameters themselves, to the tolerance of the log.
    let norms = blocks.map { placed in
      (
        bounds: placed.block.bounds(positions: 32, parameters: parameters),
        dense: placed.block.denseNorms(parameters: parameters)
      )
    }
    func largest(_ value: (PadeBounds) -> Double) -> Double {
      norms.map { value($0.bounds) }.max() ?? 0
    }
    func check(_ a: Double, _ b: Double) { #expect(abs(a / b - 1) < 1e-3) }
    check(last.operatorNorm, largest(\.operatorNorm))
    check(last.weightNorm, norms.map(\.dense.weight).max() ?? 0)
    check(last.weightGradientBound, largest { $0.weightGradient(inputNorm: 1) })
    check(last.biasGradientBound, largest(\.biasGradient))
    let sensitivity = blocks[0].block.sensitivity(positions: 32)
    check(
      last.operatorGradientBound,
      norms.map {
        $0.bounds.operatorGradient(
          weightNorm: $0.dense.weight, biasNorm: $0.dense.bias, inputNorm: 1,
          sensitivity: sensitivity)
      }.max() ?? 0)
    check(last.operatorNorm, 2 * log.readings[0].operatorNorm)
    // Going on from a checkpoint at step 4 forgets step 5.
    let again = PadeLog(path: folder + "/bounds.csv", blocks: blocks)
    again.restore(step: 4)
    #expect(again.readings == [log.readings[0]])
    #expect(PadeReading(of: [], parameters: parameters, step: 1) == nil)
  }

  @Test("Every model of the table maps fields of any resolution", arguments: PairModel.allCases)
  func models(model: PairModel) throws {
    guard !model.isControl else {
      let train = PDEPairs(values: (0..<64).map { Double(($0 * 7) % 5) }, points: 16)
      let control = model.makeControl(for: PDESet.ks22.problem, points: 16, train: train)
      #expect(control.predict(Array(train.input(0))).count == 16)
      return
    }
    let pairs = PDEPairs(values: (0..<128).map { Double(($0 * 7) % 5) }, points: 64)
    for set in [PDESet.kdvHard, .ks22, .burgers] {
      var layout = ParameterLayout()
      let architecture = try #require(PairArchitecture(model, for: set.problem))
      let built = architecture.makeOperator(trainedOn: pairs, in: &layout)
      #expect(layout.count < 600_000)
      let tape = Tape<Float>(shardCount: 1, parameters: ParameterBuffer(layout: layout, seed: 1))
      for points in [64, 128] {
        let u = tape.input(points * 2, 1)
        #expect(tape.shape(of: built(u, positions: points, on: tape)) == Shape(points * 2, 1))
      }
    }
  }
}
