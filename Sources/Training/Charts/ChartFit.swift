import Checkpoints
import Datasets
import Distributed
import Foundation
import Kernels
import Tensors

/// The M-step of one chart on the ranks of one team.
///
/// A chart that fails (a loss, gradient or weight that is not finite) is tried once more, with other
/// random numbers and a tenth of the learning rate; failing again, it keeps what it had before the
/// round. Without noise, so does one that got no better on its own rows, which makes the whole a
/// generalised EM (Dempster, Laird & Rubin, 1977): no round lowers the likelihood of the training rows.
/// With noise the likelihood of the rows as they are is not what is raised.
struct ChartFit {
  let model: any IndependentCharts
  let rows: ChartRows
  /// Moves the rows of training batches; losses are those of the rows as they are.
  let noise: (any RowNoise)?
  let chart: Int
  let round: Int
  let settings: StageSettings
  let globalBatchSize: Int
  /// Where the chart is trained; before the fit its range holds what the chart had before the round.
  let parameters: ParameterBuffer<Float>
  let team: JobGroup
  /// Whether this rank wants to stop.
  let isStopRequested: () -> Bool

  /// Of the first attempt's.
  private static let refitLearningRate = 0.1

  private enum Attempt {
    case done, stopped
    case failed(String)
  }

  private var range: Range<Int> { model.parameterRange(ofChart: chart) }

  /// Fits the chart. Collective on the team.
  ///
  /// - Returns: what became of it; nil on a requested stop, with the range as it was before.
  func run() throws -> ChartResult? {
    var result = ChartResult(
      chart: chart, round: round, status: .empty, steps: settings.steps, rows: rows.count)
    guard rows.count > 0 else { return result }
    let before = savedRange()
    let pass = lossPass()
    let lossBefore = try loss(pass)
    result.status = .kept
    result.loss = lossBefore
    guard settings.steps > 0 else { return result }
    let start = ProcessorClock.seconds
    for attempt in 0..<2 {
      if attempt > 0, round == 0 { copyIn(model.start(ofChart: chart, attempt: attempt)) }
      switch try train(attempt) {
      case .stopped:
        copyIn(before)
        return nil
      case .failed(let reason):
        result.failures.append(reason)
        copyIn(before)
        continue
      case .done: break
      }
      let lossAfter = try loss(pass)
      guard lossAfter.isFinite, isFinite else {
        result.failures.append("its loss after the last step is not finite")
        copyIn(before)
        continue
      }
      if noise != nil || lossAfter < lossBefore || !lossBefore.isFinite {
        result.status = attempt == 0 ? .trained : .refitted
        result.loss = lossAfter
      } else {
        copyIn(before)
      }
      result.secondsPerStep =
        (ProcessorClock.seconds - start) / Double(settings.steps * (attempt + 1))
      return result
    }
    result.status = .failed
    return result
  }

  /// Seconds of a step, measured on a few that are thrown away. Collective on the team.
  func pilot() throws -> Double {
    guard rows.count > 0, settings.steps > 0 else { return 0 }
    let before = savedRange()
    defer { copyIn(before) }
    let steps = min(3, settings.steps)
    var start = ProcessorClock.seconds
    _ = try train(0, steps: steps) { step in
      // The first step plans memory.
      if step == 1 { start = ProcessorClock.seconds }
    }
    return (ProcessorClock.seconds - start) / Double(max(1, steps - 1))
  }

  // MARK: - Training

  private func train(
    _ attempt: Int, steps: Int? = nil, onStep: (Int) -> Void = { _ in }
  ) throws -> Attempt {
    let key = model.key(ofChart: chart, round: round, attempt: attempt)
    var settings = settings
    if attempt > 0 { settings.optimizer.learningRate *= Self.refitLearningRate }
    let run = try StageRun(
      stage: ChartStage(model: model, chart: chart, rows: rows), settings: settings, group: team,
      parameters: parameters, layout: model.layout, source: rows,
      noise: noise.map {
        ChartNoise(base: $0, indices: rows.indices, round: round, attempt: attempt)
      },
      plan: batchPlan(seed: key), seed: key, keepsBest: false)
    let isStopRequested = isStopRequested
    team.isStopRequested = { [weak run] in isStopRequested() || (run?.isInTrouble ?? false) }
    defer { team.isStopRequested = isStopRequested }
    var state = TrainingState()
    for step in 0..<(steps ?? settings.steps) {
      if isStopped { return .stopped }
      do {
        try run.step(state)
      } catch let error as RemoteError {
        guard try isNonFinite(run) else { throw error }
        // The team is whole: all its ranks know the error.
        team.withdrawStop()
        return .failed(Self.firstLine(error.message))
      }
      state.step += 1
      state.stepInStage += 1
      onStep(step + 1)
    }
    if isStopped { return .stopped }
    if let average = run.optimizerState.average, state.stepInStage > 0 {
      try gather(average, of: run.optimizerState)
    }
    return .done
  }

  private var isStopped: Bool {
    team.isStopAgreed || (team.size == 1 && isStopRequested())
  }

  /// Whether the step failed by its numbers, and not by its data's file. Collective on the team.
  private func isNonFinite(_ run: StageRun) throws -> Bool {
    var counts: [Int64] = [run.foundNonFinite ? 1 : 0, run.readFailure == nil ? 0 : 1]
    try team.sumIntegers(&counts)
    return counts[0] > 0 && counts[1] == 0
  }

  /// The averaged weights become the chart's. Collective on the team.
  private func gather(_ slice: ParameterBuffer<Float>, of state: OptimizerState) throws {
    let count = range.count + 1
    let whole = ParameterBuffer<Float>(count: count)
    (whole.pointer + state.owned.lowerBound).update(from: slice.pointer, count: state.owned.count)
    try team.gatherSlices(whole.pointer, count: count)
    (parameters.pointer + range.lowerBound).update(from: whole.pointer, count: range.count)
  }

  /// No larger batches than the chart has rows for.
  private func batchPlan(seed: UInt64) -> BatchPlan {
    Self.batchPlan(
      rows: rows.count, globalBatchSize: globalBatchSize, shards: team.tree.shards, seed: seed)
  }

  static func batchPlan(rows: Int, globalBatchSize: Int, shards: Int, seed: UInt64) -> BatchPlan {
    let whole = (rows + shards - 1) / shards * shards
    return BatchPlan(
      count: rows, globalBatchSize: min(globalBatchSize, whole), shards: shards, seed: seed)
  }

  // MARK: - Losses and weights

  private func lossPass() -> ShardPass {
    let pass = ShardPass(
      source: rows, count: rows.count, shardRows: batchPlan(seed: 0).shardRows, group: team, seed: 0
    )
    pass.record(parameters: parameters, length: 1) { batch, tape in
      let recording = ChartStage(model: model, chart: chart, rows: rows).record(batch, on: tape)
      return (recording.loss, recording.fill)
    }
    return pass
  }

  /// −Σ r log p(x | k) / Σ r. Collective on the team.
  private func loss(_ pass: ShardPass) throws -> Double { try pass.sums()[0] / Double(rows.count) }

  private var isFinite: Bool {
    Float.kernels.squaredNorm(range.count, parameters.pointer + range.lowerBound).isFinite
  }

  private func savedRange() -> ParameterBuffer<Float> {
    let copy = ParameterBuffer<Float>(count: range.count)
    copy.pointer.update(from: parameters.pointer + range.lowerBound, count: range.count)
    return copy
  }

  private func copyIn(_ saved: ParameterBuffer<Float>) {
    (parameters.pointer + range.lowerBound).update(from: saved.pointer, count: range.count)
  }

  private static func firstLine(_ text: String) -> String {
    text.split(separator: "\n").first.map(String.init) ?? text
  }
}

/// What this process has used of its processor: unlike the time of day it does not grow while others
/// have the processor, so that a busy machine does not make a chart look dear.
private enum ProcessorClock {
  static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
