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
    }
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
      write("\r\u{1B}[K\(bar(report)) \(text)\(report.endsStage ? "\n" : "")")
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

  private func bar(_ report: StepReport) -> String {
    let width = 20
    let full = width * report.step / max(1, report.totalSteps)
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
