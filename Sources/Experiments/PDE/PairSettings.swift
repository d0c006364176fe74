import Foundation
import Training

/// How every cell of a table of pairs is trained and scored.
///
/// Adam, batches of 20 and a rate that is halved four times on the way, as the papers have it; steps
/// and not epochs, so that every number of samples has the same work.
package struct PairSettings: Sendable, Equatable {
  /// Points of the grid of the training.
  package var trainingPoints = 64
  /// Points of the grids of the test.
  package var testPoints = [64, 128, 256, 512, 1024]
  /// Pairs that test.
  package var testPairs = 100
  package var steps = 1000
  package var batch = 20
  package var learningRate = 2e-3
  /// Canonical shards of a batch.
  package var shards = 4

  package init() {}

  /// The lines that decide a cell's numbers.
  var lines: [String] {
    [
      "trainingPoints=\(trainingPoints)", "testPoints=\(testPoints)", "testPairs=\(testPairs)",
      "steps=\(steps)", "batch=\(batch)", "learningRate=\(learningRate)", "shards=\(shards)",
    ]
  }

  /// Names of the settings of ``lines``.
  static let keys = PairSettings().lines.map { String($0.prefix { $0 != "=" }) }

  /// The settings that lines of ``lines`` tell.
  ///
  /// - Throws: ``PortolanFailure`` for a line that is none.
  init(lines: [String]) throws {
    for line in lines {
      guard line.hasPrefix("testPoints=[") else {
        try apply(line)
        continue
      }
      testPoints = line.split { !$0.isNumber }.compactMap { Int($0) }
    }
  }

  var stage: StageSettings {
    StageSettings(
      steps: steps, optimizer: Optimizer(learningRate: learningRate),
      schedule: Schedule(
        .step(fractions: [0.2, 0.4, 0.6, 0.8], factor: 0.5), warmUpFraction: 0.02),
      gradientClipNorm: 1)
  }

  /// Takes `key=value`.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for an unknown key or a value out of range.
  mutating func apply(_ override: String) throws {
    let parts = override.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      throw PortolanFailure(.usage, "--set \(override): expected key=value")
    }
    func refuse(_ expected: String) -> PortolanFailure {
      PortolanFailure(.usage, "--set \(override): expected \(expected)")
    }
    func number(_ range: ClosedRange<Int>) throws -> Int {
      guard let value = Int(parts[1]), range ~= value else {
        throw refuse("\(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
    switch parts[0] {
    case "trainingPoints": trainingPoints = try number(8...1024)
    case "testPairs": testPairs = try number(1...1_000_000)
    case "steps": steps = try number(1...10_000_000)
    case "batch": batch = try number(1...4096)
    case "shards":
      shards = try number(1...64)
      guard shards & (shards - 1) == 0 else { throw refuse("a power of two") }
    case "learningRate":
      guard let value = Double(parts[1]), value > 0, value < 1 else {
        throw refuse("a number between 0 and 1")
      }
      learningRate = value
    default:
      throw PortolanFailure(
        .usage, "--set \(override): the table has no setting \(parts[0])",
        hint: "it has samples, trainingPoints, testPairs, steps, batch, learningRate, shards")
    }
  }
}
