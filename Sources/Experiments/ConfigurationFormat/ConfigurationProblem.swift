/// One thing wrong with a configuration.
package struct ConfigurationProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name of the file.
  package var source: String
  /// The place in the file or the `--set` argument; nil when the whole file is meant.
  package var origin: ConfigurationOrigin?
  /// The full path of the key, such as `training.flow.learningRate`; empty when no key is meant.
  package var keyPath: String
  /// What is wrong, what was expected and what was found.
  package var message: String

  package init(
    source: String, origin: ConfigurationOrigin? = nil, keyPath: String = "", message: String
  ) {
    self.source = source
    self.origin = origin
    self.keyPath = keyPath
    self.message = message
  }

  /// `file:line:column: key.path: message`, as editors and compilers print it.
  package var description: String {
    let place =
      switch origin {
      case .file(let line, let column): "\(source):\(line):\(column)"
      case .override(let argument): "--set \(argument)"
      case nil: source
      }
    return keyPath.isEmpty ? "\(place): \(message)" : "\(place): \(keyPath): \(message)"
  }

  /// Problems of the file come in its order, then those of the arguments in theirs.
  fileprivate var position: (Int, Int) {
    switch origin {
    case nil: (0, 0)
    case .file(let line, let column): (line, column)
    case .override: (Int.max, 0)
    }
  }
}

/// All that is wrong with a configuration, thrown at once so that one correction is enough.
package struct ConfigurationProblems: Error, Sendable, Equatable, CustomStringConvertible {
  /// The problems in the order of the file.
  package let problems: [ConfigurationProblem]

  package init(_ problems: [ConfigurationProblem]) {
    // `sort` is not promised to be stable, so the number of the problem decides between equals.
    self.problems = problems.enumerated().sorted {
      let (a, b) = ($0.element.position, $1.element.position)
      return a == b ? $0.offset < $1.offset : a < b
    }.map(\.element)
  }

  /// One line for each problem.
  package var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
