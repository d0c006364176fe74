import Datasets
import Foundation
import Training

/// What a cross-validation tells on rank 0.
package enum CrossValidationMessage: Sendable {
  /// A line for people.
  case note(String)
  /// Where all folds stand.
  case state(CrossValidationState)
}

/// Where all folds stand.
package struct CrossValidationState: Sendable {
  package enum Fold: Sendable, Equatable {
    case waiting
    /// Step, of so many, and the loss.
    case underWay(step: Int, steps: Int, loss: Double)
    case done
    case failed
  }

  /// The folds of a model under a plan.
  package struct Row: Sendable {
    package var plan: String
    package var model: String
    package var folds: [Fold]
  }

  package var rows: [Row]
  /// Seconds that the folds still to do will take, once one is done.
  package var secondsLeft: Double?

  package func count(_ isCounted: (Fold) -> Bool) -> Int {
    rows.reduce(0) { $0 + $1.folds.count(where: isCounted) }
  }
}

/// Keeps rank 0 informed of all folds, also of those of other teams, through the files that they leave.
final class CrossValidationProgress {
  private let tell: (CrossValidationMessage) -> Void
  private var run: CrossValidationRun?
  private var known: [FoldCell: CrossValidationState.Fold] = [:]
  private var last = ContinuousClock.now
  private var start = ContinuousClock.now
  private var doneAtStart = 0

  init(tell: @escaping (CrossValidationMessage) -> Void) { self.tell = tell }

  func began(_ run: CrossValidationRun, pending: Int) {
    self.run = run
    let epidemic = run.epidemic
    let findings = epidemic.table.findings.description
    tell(
      .note(
        "\(epidemic.table.dayCount) days from \(epidemic.table.firstDay)"
          + (findings.isEmpty ? "" : ":\n" + findings)))
    doneAtStart = run.cells.count - pending
    tell(
      .note(
        "\(run.cells.count) folds"
          + (doneAtStart > 0 ? ", \(doneAtStart) of them finished before" : "")))
    start = .now
  }

  /// A step of this rank's own fold.
  func stepped(_ cell: FoldCell, _ report: StepReport) {
    let now = ContinuousClock.now
    guard now - last > .milliseconds(200) else { return }
    last = now
    tell(
      .state(
        state(
          own: cell,
          at: .underWay(step: report.step, steps: report.totalSteps, loss: report.loss))))
  }

  /// This rank's own fold is over.
  func ended(_ cell: FoldCell, _ result: FoldResult) {
    guard let run else { return }
    let state = state(own: cell, at: result.outcome == nil ? .failed : .done)
    let done = state.count { $0 == .done || $0 == .failed }
    var text = "\(done) of \(run.cells.count) folds done; \(cell.description): "
    if let score = result.outcome?.score {
      text +=
        EpidemicSeries.allCases.compactMap { series in
          score.meanAbsoluteError(series).map {
            series.letter + String(format: $0 < 100 ? " %.1f" : " %.0f", $0)
          }
        }.joined(separator: ", ")
    } else {
      text += "failed: \(result.failure ?? "")"
    }
    tell(.note(text + String(format: ", %.1f s", result.seconds)))
    tell(.state(state))
  }

  func failed(_ cell: FoldCell, _ reason: String) {
    tell(.note("warning: \(cell.description) failed: \(reason)"))
  }

  func stopped(finished: Int) {
    guard let run else { return }
    tell(
      .note(
        "stopped with \(finished) of \(run.cells.count) folds; "
          + "the same command with --resume goes on"))
  }

  // MARK: -

  private func state(
    own: FoldCell, at position: CrossValidationState.Fold
  ) -> CrossValidationState {
    guard let run else { return CrossValidationState(rows: []) }
    let rows = run.configuration.resampling.plans.flatMap { plan in
      run.configuration.models.map { model in
        CrossValidationState.Row(
          plan: plan.rawValue, model: model.name,
          folds: run.cells.filter { $0.plan == plan && $0.model == model.name }.map {
            $0 == own ? position : self.position(of: $0, in: run)
          })
      }
    }
    var state = CrossValidationState(rows: rows)
    let done = state.count { $0 == .done || $0 == .failed }
    if done > doneAtStart {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      state.secondsLeft = seconds / Double(done - doneAtStart) * Double(run.cells.count - done)
    }
    return state
  }

  private func position(
    of cell: FoldCell, in run: CrossValidationRun
  ) -> CrossValidationState.Fold {
    if let known = known[cell] { return known }
    if FileManager.default.fileExists(atPath: "\(run.folder(of: cell))/\(FoldResult.fileName)"),
      let result = FoldResult.read(in: run.folder(of: cell))
    {
      known[cell] = result.outcome == nil ? .failed : .done
      return known[cell]!
    }
    guard let mark = FoldMark.read(run.markPath(of: cell)) else { return .waiting }
    return .underWay(step: mark.step, steps: mark.steps, loss: mark.loss)
  }
}
