import Experiments
import Foundation

/// What a cross-validation says: on a terminal a picture of all folds that changes in place, elsewhere a
/// plain line now and then.
///
/// Only rank 0 has one.
final class CrossValidationPrinter {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var lastLine = ContinuousClock.now
  /// Lines of the picture that stands below the last note.
  private var pictureHeight = 0

  func tell(_ message: CrossValidationMessage) {
    switch message {
    case .note(let text):
      erase()
      write(text + "\n")
    case .state(let state):
      let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
      guard ContinuousClock.now - lastLine >= interval else { return }
      lastLine = .now
      if isTerminal { draw(state) } else { write(Self.line(state) + "\n") }
    }
  }

  /// One line for all folds.
  static func line(_ state: CrossValidationState) -> String {
    let done = state.count { $0 == .done || $0 == .failed }
    let all = state.count { _ in true }
    var text = "\(done) of \(all) folds done; under way: "
    let positions = state.rows.flatMap { row in
      row.folds.enumerated().compactMap { place, fold -> String? in
        guard case .underWay(let step, let steps, let loss) = fold else { return nil }
        return "\(row.plan) \(row.model) fold \(place + 1) step \(step)/\(steps) loss "
          + String(format: "%.4g", loss)
      }
    }
    text += positions.isEmpty ? "none" : positions.prefix(8).joined(separator: ", ")
    if positions.count > 8 { text += " and \(positions.count - 8) more" }
    return text + left(state)
  }

  /// A row of signs for each model: done #, failed !, waiting ·, under way its tenths.
  static func picture(_ state: CrossValidationState) -> [String] {
    let width = state.rows.map(\.model.count).max() ?? 0
    let rows = state.rows.map { row in
      "\(row.plan) " + row.model.padding(toLength: width, withPad: " ", startingAt: 0) + " "
        + row.folds.map { fold in
          switch fold {
          case .waiting: "·"
          case .underWay(let step, let steps, _): "\(min(9, 10 * step / max(1, steps)))"
          case .done: "#"
          case .failed: "!"
          }
        }.joined()
    }
    return rows + [line(state)]
  }

  private static func left(_ state: CrossValidationState) -> String {
    guard let seconds = state.secondsLeft else { return "" }
    let whole = Int(seconds.rounded())
    return whole < 60
      ? "; \(whole) s left"
      : whole < 3600
        ? "; \(whole / 60) min \(whole % 60) s left"
        : "; \(whole / 3600) h \(whole / 60 % 60) min left"
  }

  private func draw(_ state: CrossValidationState) {
    erase()
    // A line that breaks would be erased in part.
    let lines = Self.picture(state).map { String($0.prefix(79)) }
    write(lines.joined(separator: "\n") + "\n")
    pictureHeight = lines.count
  }

  private func erase() {
    if pictureHeight > 0 { write("\u{1B}[\(pictureHeight)A\u{1B}[J") }
    pictureHeight = 0
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
