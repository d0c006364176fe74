import Foundation

/// A section that a whole file holds.
package protocol RootConfiguration: ConfigurationSection {
  /// What prints a complete one, for hints.
  static var printingCommand: String { get }
}

extension Configuration: RootConfiguration {
  package static var printingCommand: String { "portolan configuration" }
}

extension RootConfiguration {
  /// Reads a configuration from YAML text.
  ///
  /// - Parameters:
  ///   - yaml: The text; keys that it does not give keep their defaults.
  ///   - source: The name of the text in messages.
  ///   - overrides: Arguments `key.path=value` that replace what the text says, later ones first.
  /// - Throws: ``ConfigurationProblems`` with everything that is wrong.
  package init(yaml: String, source: String, overrides: [String] = []) throws {
    try self.init(
      ConfigurationTree(yaml: yaml, source: source), source: source, overrides: overrides)
  }

  /// The defaults with `overrides` on top.
  package init(overrides: [String]) throws {
    let nothing = ConfigurationTree(.mapping([]), origin: .file(line: 1, column: 1))
    try self.init(nothing, source: "the built-in configuration", overrides: overrides)
  }

  /// Reads a configuration file.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/noInput`` when there is no such file, with
  ///   ``ExitStatus/badData`` when it is not text; ``ConfigurationProblems`` as ``init(yaml:source:overrides:)``.
  package init(contentsOf path: String, overrides: [String] = []) throws {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      let reason =
        isFolder.boolValue
        ? "it is a folder" : exists ? "it cannot be read" : "there is no such file"
      throw PortolanFailure(
        .noInput, "cannot open the configuration \(path): \(reason)",
        hint: "`\(Self.printingCommand) > my.yaml` writes a complete one to start from")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PortolanFailure(
        .badData, "\(path): expected a text file in UTF-8, got other bytes",
        hint: "a configuration is YAML text; data files are named by its key data.path")
    }
    try self.init(yaml: text, source: path, overrides: overrides)
  }

  private init(_ tree: ConfigurationTree, source: String, overrides: [String]) throws {
    var tree = tree
    var problems: [ConfigurationProblem] = []
    for argument in overrides {
      do {
        try Self.apply(argument, to: &tree)
      } catch let error as ConfigurationProblems {
        problems += error.problems
      }
    }
    var read: Self?
    do {
      read = try ConfigurationReader.read(Self.self, from: tree, source: source)
    } catch let error as ConfigurationProblems {
      problems += error.problems
    }
    guard problems.isEmpty, let read else { throw ConfigurationProblems(problems) }
    self = read
  }

  private static func apply(_ argument: String, to tree: inout ConfigurationTree) throws {
    func problem(_ message: String) -> ConfigurationProblems {
      ConfigurationProblems([
        ConfigurationProblem(source: "", origin: .override(argument), message: message)
      ])
    }
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !path.contains("") else {
      throw problem("expected key.path=value, such as training.flow.learningRate=0.001")
    }
    let value = try ConfigurationTree(overrideValue: String(parts[1]), argument: argument)
    if let obstacle = tree.set(path[...], to: value) {
      throw problem("\(obstacle) is not a section, so it has no keys")
    }
  }
}
