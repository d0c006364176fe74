import Experiments
import Foundation
import Training

/// What a training says: on a terminal one line that moves, elsewhere a plain line now and then.
///
/// Only rank 0 has one.
final class TrainProgress {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let start = ContinuousClock.now
  /// Where the stage's rate is counted from: stages differ in speed.
  private var rateStart: (step: Int, time: ContinuousClock.Instant)?
  private var hasStepped = false
  private var lastLine = ContinuousClock.now - .seconds(60)
  private var validation: Double?

  func tell(_ message: TrainMessage) {
    switch message {
    case .note(let text): line(text)
    case .event(.stageBegan(let name, _, let steps)):
      validation = nil
      rateStart = nil
      line("stage \(name): \(steps) steps")
    case .event(.step(let report)): step(report)
    case .event(.saving): break
    case .event(.saved(let step, let path, let seconds)):
      line("checkpoint of step \(step) committed in \(milliseconds(seconds)) ms: \(path)")
    case .event(.stageEnded(let name, let step, let early)):
      line("stage \(name) \(early ? "ended early" : "done") at step \(step)")
    case .event(.chartsProgressed(let progress)): charts(progress)
    case .event(.chartReported(let result)): line(Self.text(of: result))
    case .event(.roundEnded(let round)): line(Self.text(of: round))
    }
  }

  /// Charts that this rank knows to be done; those of other teams it learns of when they meet.
  private func charts(_ progress: ChartsProgress) {
    let now = ContinuousClock.now
    if !hasStepped {
      hasStepped = true
      line("first chart after \(milliseconds((now - start) / .seconds(1))) ms")
    }
    let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
    guard now - lastLine >= interval else { return }
    lastLine = now
    var text = "round \(progress.round)/\(progress.rounds): \(progress.done) of "
    text += "\(progress.charts) charts done"
    if let loss = progress.result.loss { text += String(format: ", loss %.4f", loss) }
    if isTerminal {
      write("\r\u{1B}[K\(bar(progress.done, of: progress.charts)) \(text)")
    } else {
      write(text + "\n")
    }
  }

  private static func text(of result: ChartResult) -> String {
    let name = "chart \(result.chart), round \(result.round + 1)"
    let reasons = result.failures.joined(separator: "; then ")
    switch result.status {
    case .empty: return "\(name): no point belongs to it; its neighbours take its place"
    case .failed:
      return "\(name) failed twice and keeps what it had"
        + (result.round == 0 ? ", the Gaussian that it started from" : "") + ": \(reasons)"
    default: return "\(name) failed, and was fitted again at a smaller learning rate: \(reasons)"
    }
  }

  private static func text(of round: ChartRound) -> String {
    var text =
      round.round == 0 ? "start: " : "round \(round.round)/\(round.rounds) done: "
    text += "\(round.chartsInUse) charts in use"
    text += String(format: ", loss %.4f", -round.trainLogLikelihood)
    if let validation = round.validationLogLikelihood {
      text += String(format: " validation %.4f", -validation)
    }
    return text
  }

  private func step(_ report: StepReport) {
    if let loss = report.validationLoss { validation = loss }
    let now = ContinuousClock.now
    if !hasStepped {
      hasStepped = true
      line("first step after \(milliseconds((now - start) / .seconds(1))) ms")
    }
    if rateStart == nil { rateStart = (report.step, now) }
    let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
    guard now - lastLine >= interval || report.endsStage else { return }
    lastLine = now
    let text = describe(report, now)
    if isTerminal {
      write(
        "\r\u{1B}[K\(bar(report.step, of: report.totalSteps)) \(text)\(report.endsStage ? "\n" : "")"
      )
    } else {
      write(text + "\n")
    }
  }

  private func describe(_ report: StepReport, _ now: ContinuousClock.Instant) -> String {
    var text = "step \(report.step)/\(report.totalSteps) \(report.stage)"
    text += String(format: " loss %.4f", report.loss)
    if let validation { text += String(format: " validation %.4f", validation) }
    if let rateStart, report.step > rateStart.step {
      let seconds = (now - rateStart.time) / .seconds(1)
      let rate = Double(report.step - rateStart.step) / max(seconds, 1e-9)
      let left = Double(report.totalSteps - report.step) / rate
      text += String(format: " %.0f steps/s", rate) + " \(duration(left)) left"
    }
    return text
  }

  private func bar(_ done: Int, of total: Int) -> String {
    let width = 20
    let full = width * done / max(1, total)
    return "[" + String(repeating: "=", count: full)
      + String(repeating: " ", count: width - full) + "]"
  }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole / 60 % 60) min"
  }

  private func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }

  private func line(_ text: String) {
    write((isTerminal ? "\r\u{1B}[K" : "") + text + "\n")
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
