import Foundation
import Training

/// How far a fold has come, in a file of its own: teams do not talk, and rank 0 tells of all folds.
struct FoldMark {
  /// Of a fold under way.
  struct Position {
    var step: Int
    var steps: Int
    var loss: Double
  }

  private let path: String
  private var last = ContinuousClock.now - .seconds(60)

  init(path: String) { self.path = path }

  /// Writes at most once in half a second. Not collective.
  mutating func note(_ report: StepReport) {
    guard ContinuousClock.now - last > .milliseconds(500) else { return }
    last = .now
    let text = "\(report.step) \(report.totalSteps) \(report.loss)\n"
    // What cannot be written costs a line of progress, not the fold.
    _ = Result { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) }
  }

  /// What the file says; nil without one.
  static func read(_ path: String) -> Position? {
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard fields.count == 3, let step = Int(fields[0]), let steps = Int(fields[1]),
      let loss = Double(fields[2])
    else { return nil }
    return Position(step: step, steps: steps, loss: loss)
  }
}
