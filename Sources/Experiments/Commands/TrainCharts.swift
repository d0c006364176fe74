import BLAS
import Checkpoints
import Datasets
import Distributed
import Foundation
import Training

/// What `portolan train` has put together before the way parts by the kind of fit.
struct ChartTrainingJob {
  let options: TrainOptions
  let configuration: Configuration
  let group: JobGroup
  let data: DataAssembly
  let model: ModelAssembly
  let train: any RowSource
  let validation: any RowSource
  let noise: (any RowNoise)?
  let folder: CheckpointFolder
  let provenance: Provenance
  let metrics: MetricsSink?
  let start: ContinuousClock.Instant
  let tell: (TrainMessage) -> Void
  let isStopRequested: () -> Bool
}

/// `portolan train` where `model.fit` is independent. Collective.
func trainCharts(
  _ fit: IndependentFit, _ job: ChartTrainingJob, from reader: OpenCheckpoint?
) throws -> ExitStatus {
  let settings = job.configuration.training.charts
  if reader == nil { try fit.start(from: job.train, settings, on: job.group) }
  let training = ChartTraining(try chartParts(fit, job)) { event in
    if case .roundEnded(let round) = event, let metrics = job.metrics {
      for row in round.rows {
        try metrics.append(row, elapsedSeconds: (ContinuousClock.now - job.start) / .seconds(1))
      }
    }
    if case .saving = event { try job.metrics?.synchronise() }
    job.tell(.event(event))
  }
  if let reader { try reader.restore(training, on: job.group) }
  if try training.train() == .stopped {
    job.tell(
      .note(
        "stopped in round \(min(training.round + 1, settings.rounds)) of \(settings.rounds), after "
          + "\(training.step) steps of all charts"
          + (StopSignals.signalName.map { " on \($0)" } ?? "")
          + "; the same command with --resume goes on"))
    return .stopped
  }
  try writeResult(
    job.options.run, job.configuration, job.data, job.model, training.step,
    seconds: ContinuousClock.now - job.start, on: job.group, tell: job.tell)
  return .success
}

/// What the training of the charts is made of.
private func chartParts(
  _ fit: IndependentFit, _ job: ChartTrainingJob
) throws -> ChartTraining.Parts {
  let configuration = job.configuration
  let charts = configuration.training.charts
  var parts = ChartTraining.Parts(
    group: job.group,
    watchdog: Watchdog(
      rank: job.group.rank, size: job.group.size,
      limitSeconds: configuration.distributed.deadlineSeconds + 30, group: job.group),
    model: fit, parameters: job.model.parameters, train: job.train, validation: job.validation,
    rounds: charts.rounds,
    settings: configuration.chartSettings,
    globalBatchSize: configuration.training.globalBatchSize,
    policy: configuration.checkpoints.policy, folder: job.folder,
    texts: { job.provenance.texts(configuration.resolvedYAML) }, blasCore: BLASLibrary.coreName,
    stopAfter: job.options.stopAfter)
  parts.noise = job.noise
  parts.isStopRequested = job.isStopRequested
  return parts
}

extension Configuration {
  /// The settings of a chart in a round: of all its rounds and charts each gets its share of
  /// `training.totalSteps`, if that is given.
  ///
  /// - Parameter stepsPerEpoch: of the chart's own rows.
  package func chartSettings(chart: Int, round: Int, stepsPerEpoch: Int) -> StageSettings {
    let stage = training.charts.stage
    var steps = stage.steps ?? stage.epochs * stepsPerEpoch
    if let total = training.totalSteps {
      let (position, positions) = (
        round * model.charts + chart, training.charts.rounds * model.charts
      )
      steps = (position + 1) * total / positions - position * total / positions
    }
    return stage.settings(steps, every: 1)
  }
}
