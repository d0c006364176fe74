import Distributed
import Foundation
import MPI
import Tensors

/// One stretch of a round in which teams of ranks fit charts without a word to each other.
///
/// The ranks are split along the chart axis of the mesh; charts are dealt by measured cost, longest
/// first. At the end all ranks hold all numbers.
struct ChartWave {
  struct Task {
    let chart: Int
    let rows: ChartRows
    let settings: StageSettings
  }

  private let parts: ChartTraining.Parts
  private let charts: [Task]
  private let round: Int
  private let fitted: ParameterBuffer<Float>
  private let secondsPerStep: [Double?]
  /// No chart is begun after it.
  private let deadline: ContinuousClock.Instant?
  private let layout: MeshLayout
  private let bell: StopBell
  private var group: JobGroup { parts.group }

  init(
    parts: ChartTraining.Parts, charts: [Task], round: Int, fitted: ParameterBuffer<Float>,
    secondsPerStep: [Double?], deadline: ContinuousClock.Instant?, bell: StopBell
  ) throws {
    self.parts = parts
    self.charts = charts
    self.round = round
    self.fitted = fitted
    self.secondsPerStep = secondsPerStep
    self.deadline = deadline
    self.bell = bell
    layout = try MeshLayout(
      ranks: parts.group.size, folds: 1, charts: max(1, charts.count),
      shards: parts.group.tree.shards)
  }

  private var number: Int { layout.group(ofRank: group.rank) }

  /// Fits the charts and puts what they became into `fitted`, on all ranks. Collective.
  ///
  /// - Parameter onChart: called on a team's ranks after each chart.
  /// - Returns: the results in chart order; charts that were not begun, or stopped, are not among them.
  func run(onChart: (ChartResult) throws -> Void) throws -> [ChartResult] {
    let ranks = try group.communicator.split(by: layout)
    let team = try JobGroup(
      ranks, shards: group.tree.shards, deadlineSeconds: group.deadlineSeconds)
    try team.watchLocalPeers()
    team.isStopRequested = isStopRequested
    let costs = try measuredCosts(team)
    let sizes = (0..<layout.groups).map { layout.ranks(ofGroup: $0).count }
    let lists = ChartSchedule.assign(costs: costs, groupSizes: sizes)
    try bell.open()
    let outcome = Result { try fitCharts(lists[number], team, onChart) }
    // The others need not go on for a job that ends.
    if outcome.failure != nil { bell.ring() }
    bell.finish()
    return try gather(
      outcome, team,
      expectedSeconds: ChartSchedule.makespan(lists, costs: costs, groupSizes: sizes))
  }

  // MARK: - Fitting

  private func fit(_ position: Int, _ team: JobGroup) -> ChartFit {
    let task = charts[position]
    return ChartFit(
      model: parts.model, rows: task.rows, noise: parts.noise, chart: task.chart, round: round,
      settings: task.settings, globalBatchSize: parts.globalBatchSize, parameters: fitted,
      team: team, isStopRequested: isStopRequested)
  }

  /// A signal to one rank is heard by all.
  private func isStopRequested() -> Bool {
    let isWanted = parts.isStopRequested()
    if isWanted { bell.ring() }
    return isWanted || bell.isRung
  }

  private func fitCharts(
    _ positions: [Int], _ team: JobGroup, _ onChart: (ChartResult) throws -> Void
  ) throws -> [ChartResult] {
    var results: [ChartResult] = []
    for position in positions {
      if try isOver(team, isFirst: results.isEmpty) { break }
      guard let result = try fit(position, team).run() else { break }
      results.append(result)
      try onChart(result)
    }
    return results
  }

  /// The clock of the team's root decides; the first chart is begun in any case, so that waves end.
  private func isOver(_ team: JobGroup, isFirst: Bool) throws -> Bool {
    if try team.agreeOnStop(isStopRequested()) { return true }
    guard let deadline, !isFirst else { return false }
    var answer: [UInt8] = [ContinuousClock.now > deadline ? 1 : 0]
    try team.broadcast(&answer)
    return answer[0] == 1
  }

  /// Seconds that each chart takes on one rank: from the round before, else from pilot steps that the
  /// teams share out. Collective.
  private func measuredCosts(_ team: JobGroup) throws -> [Double] {
    let steps = charts.map { Double($0.settings.steps) }
    guard layout.groups < charts.count else { return steps }
    if charts.allSatisfy({ secondsPerStep[$0.chart] != nil }) {
      return charts.indices.map { steps[$0] * secondsPerStep[charts[$0].chart]! }
    }
    let own = layout.trainings(ofGroup: number).map(\.chart)
    let outcome = Result { try own.map { try fit($0, team).pilot() } }
    try group.agree(on: outcome.failure)
    let measured = team.isRoot ? try outcome.get() : []
    let all = try group.allGather(measured.withUnsafeBytes { Array($0) })
    var seconds = [Double](repeating: 0, count: charts.count)
    let teams = (0..<layout.groups).map { layout.ranks(ofGroup: $0) }
    for (team, ranks) in teams.enumerated() {
      let values = all[ranks.lowerBound].withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
      for (place, training) in layout.trainings(ofGroup: team).enumerated() {
        seconds[training.chart] = values[place] * Double(ranks.count)
      }
    }
    return zip(steps, seconds).map { $0 * $1 }
  }

  // MARK: - Gathering

  /// What a team tells the others about one of its charts; the numbers follow it.
  private struct Message: Codable {
    var results: [ChartResult]
  }

  /// All ranks meet, learn of errors, and exchange results and numbers. Collective.
  private func gather(
    _ outcome: Result<[ChartResult], any Error>, _ team: JobGroup, expectedSeconds: Double
  ) throws -> [ChartResult] {
    let usual = group.deadlineSeconds
    // A team that is late by measure is not dead; one whose process ended is noticed at once.
    group.deadlineSeconds = usual + 20 * expectedSeconds
    defer { group.deadlineSeconds = usual }
    try group.agree(on: outcome.failure)
    group.deadlineSeconds = usual
    try bell.close()
    let own = team.isRoot ? try outcome.get() : []
    let all = try group.allGather(try encoded(own))
    var results: [ChartResult] = []
    for bytes in all { results += try decoded(bytes) }
    return results.sorted { $0.chart < $1.chart }
  }

  private func encoded(_ results: [ChartResult]) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let text = try encoder.encode(Message(results: results))
    var bytes = withUnsafeBytes(of: UInt64(text.count)) { Array($0) } + Array(text)
    for result in results {
      let range = parts.model.parameterRange(ofChart: result.chart)
      bytes += UnsafeRawBufferPointer(
        start: fitted.pointer + range.lowerBound, count: range.count * 4)
    }
    return bytes
  }

  private func decoded(_ bytes: [UInt8]) throws -> [ChartResult] {
    let header = 8 + bytes.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self)) }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let results = try decoder.decode(Message.self, from: Data(bytes[8..<header])).results
    var place = header
    for result in results {
      let range = parts.model.parameterRange(ofChart: result.chart)
      bytes.withUnsafeBytes {
        UnsafeMutableRawPointer(fitted.pointer + range.lowerBound).copyMemory(
          from: $0.baseAddress! + place, byteCount: range.count * 4)
      }
      place += range.count * 4
    }
    return results
  }
}

extension Result {
  /// The error, if there is one.
  fileprivate var failure: (any Error)? {
    if case .failure(let error) = self { error } else { nil }
  }
}
