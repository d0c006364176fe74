import Foundation

/// `portolan train`
package struct TrainOptions: Sendable, Equatable {
  /// The configuration file; nil takes the run's own when it is resumed, else the built-in one.
  package var configurationPath: String?
  /// Arguments `key.path=value` on top of the file.
  package var overrides: [String]
  package var run: RunFolder
  /// Go on from the newest checkpoint that verifies, or start if there is none.
  package var resume: Bool
  /// Stop as on a signal after so many steps of the whole run.
  package var stopAfter: Int?

  /// - Parameters:
  ///   - output: The run folder; nil takes `runs/` and the name of the configuration file.
  ///   - steps: Plans so many steps in all; the same as overriding `training.totalSteps`.
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for a number below 1.
  package init(
    configurationPath: String?, output: String?, overrides: [String], resume: Bool, steps: Int?,
    stopAfter: Int?
  ) throws {
    for (name, value) in [("--steps", steps), ("--stop-after", stopAfter)] {
      if let value, value < 1 {
        throw PortolanFailure(.usage, "\(name): expected an integer ≥ 1, got \(value)")
      }
    }
    self.configurationPath = configurationPath
    self.overrides = overrides + (steps.map { ["training.totalSteps=\($0)"] } ?? [])
    run = RunFolder(output ?? Self.defaultOutput(for: configurationPath))
    self.resume = resume
    self.stopAfter = stopAfter
  }

  /// Reads the configuration. Not collective: one rank reads, the others get its text.
  ///
  /// - Throws: ``ConfigurationProblems``; ``PortolanFailure`` when the file cannot be opened.
  package func readConfiguration() throws -> Configuration {
    if let configurationPath {
      return try Configuration(contentsOf: configurationPath, overrides: overrides)
    }
    if resume, run.holdsRun {
      return try Configuration(contentsOf: run.configuration, overrides: overrides)
    }
    return try Configuration(overrides: overrides)
  }

  private static func defaultOutput(for configurationPath: String?) -> String {
    guard let configurationPath else { return "runs/interlocked-circles" }
    let name = URL(fileURLWithPath: configurationPath).deletingPathExtension().lastPathComponent
    return "runs/\(name)"
  }
}
