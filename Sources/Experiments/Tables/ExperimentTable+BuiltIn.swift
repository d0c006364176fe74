extension ExperimentTable {
  /// The tables that `portolan experiment` knows by name.
  package static let builtIn: [ExperimentTable] = [.curvesA, .curvesB]

  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for an unknown name.
  package static func named(_ name: String) throws -> ExperimentTable {
    guard let table = builtIn.first(where: { $0.name == name }) else {
      throw PortolanFailure(
        .usage, "there is no table of the name \(name)",
        hint: "there are \(builtIn.map(\.name).joined(separator: ", "))")
    }
    return table
  }
}
