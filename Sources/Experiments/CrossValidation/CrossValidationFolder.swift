import Foundation

/// The folder of a cross-validation and the names in it.
package struct CrossValidationFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// The fully resolved configuration.
  package var configuration: String { "\(path)/cross-validation.yaml" }

  /// True if a cross-validation was begun here.
  package var holdsRun: Bool { FileManager.default.fileExists(atPath: configuration) }

  func path(of cell: FoldCell) -> String { "\(path)/\(cell.path)" }

  /// Not collective.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/badData`` when there is a run and `resume` is false.
  func requireAdmission(_ resume: Bool) throws {
    guard !holdsRun || resume else {
      throw PortolanFailure(
        .badData, "\(path) already holds a cross-validation",
        hint: "add --resume to go on with it, or give another --output")
    }
  }

  /// Writes the configuration. One that goes on may add models or change those without a finished fold:
  /// each result knows the settings that it was trained with. Not collective.
  func record(_ configuration: CrossValidationConfiguration) throws {
    try writeText(configuration.resolvedYAML, to: self.configuration)
  }

  /// The configuration of the run in this folder. Not collective.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/noInput`` when the folder holds none.
  package func recordedConfiguration() throws -> CrossValidationConfiguration {
    guard holdsRun else {
      throw PortolanFailure(
        .noInput, "\(path) holds no cross-validation",
        hint: "give the folder that `portolan cross-validate --output` made")
    }
    return try CrossValidationConfiguration(contentsOf: configuration)
  }
}
