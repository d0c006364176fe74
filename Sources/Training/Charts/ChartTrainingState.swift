import Checkpoints

/// Where a training of charts stands: which charts of the round under way are done.
struct ChartTrainingState: Equatable {
  /// ``TrainingState/stage`` is the round under way, ``TrainingState/step`` the steps of all charts.
  var counters = TrainingState()
  /// By chart, in this round, [K]. A chart that is `pending` has not been fitted yet.
  var results: [ChartResult?]
  /// p_k of the atlas with the lowest validation loss, [K]; empty before the first validation. The loss
  /// is in the counters.
  var bestWeights: [Double] = []
  /// Rounds that are over.
  var round: Int {
    get { counters.stage }
    set { counters.stage = newValue }
  }

  init(charts: Int) { results = Array(repeating: nil, count: charts) }

  var pending: [Int] { results.indices.filter { results[$0] == nil } }
  var isMidRound: Bool { results.contains { $0 != nil } }

  private static let folder = "/training/charts"
  private static let bestPath = "/training/charts/best-weights"

  /// Times stay out of it: the state must not depend on them.
  func arrays() -> [ReplicatedArray] {
    func integers(_ name: String, _ value: (ChartResult) -> Int64) -> ReplicatedArray {
      ReplicatedArray(
        path: "\(Self.folder)/\(name)", shape: [results.count],
        elements: results.map { $0.map(value) ?? 0 })
    }
    return counters.arrays() + [
      integers("status") { $0.status.rawValue },
      integers("steps") { Int64($0.steps) },
      integers("rows") { Int64($0.rows) },
      ReplicatedArray(
        path: "\(Self.folder)/loss", shape: [results.count],
        elements: results.map { $0?.loss ?? .nan }),
    ]
      + (bestWeights.isEmpty
        ? []
        : [
          ReplicatedArray(path: Self.bestPath, shape: [bestWeights.count], elements: bestWeights)
        ])
  }

  /// Steps of the charts that are done in the round under way, [K]. Not collective.
  static func stepsOfRound(in reader: borrowing CheckpointReader) throws -> [Int64] {
    try reader.array("\(folder)/steps", as: Int64.self).elements
  }

  /// Not collective.
  init(from reader: borrowing CheckpointReader, charts: Int) throws {
    counters = try TrainingState(from: reader)
    func integers(_ name: String) throws -> [Int64] {
      let stored = try reader.array("\(Self.folder)/\(name)", as: Int64.self).elements
      guard stored.count == charts else {
        throw CheckpointError(
          "\(reader.path): \(Self.folder)/\(name): expected \(charts) charts, got \(stored.count)",
          exitCode: 65)
      }
      return stored
    }
    let (status, steps) = (try integers("status"), try integers("steps"))
    let rows = try integers("rows")
    let losses = try reader.array("\(Self.folder)/loss", as: Double.self).elements
    if reader.contains(Self.bestPath) {
      bestWeights = try reader.array(Self.bestPath, as: Double.self).elements
      guard bestWeights.count == charts else {
        throw CheckpointError(
          "\(reader.path): \(Self.bestPath): expected \(charts) weights, got \(bestWeights.count)",
          exitCode: 65)
      }
    }
    let round = counters.stage
    results = try (0..<charts).map { k in
      guard let known = ChartStatus(rawValue: status[k]) else {
        throw CheckpointError(
          "\(reader.path): \(Self.folder)/status: expected 0 to 5, got \(status[k])", exitCode: 65)
      }
      guard known != .pending else { return nil }
      return ChartResult(
        chart: k, round: round, status: known, steps: Int(steps[k]), rows: Int(rows[k]),
        loss: losses[k].isNaN ? nil : losses[k])
    }
  }
}
