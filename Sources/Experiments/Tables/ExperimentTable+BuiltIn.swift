extension ExperimentTable {
  /// The tables that `portolan experiment` knows by name.
  ///
  /// - Parameter folder: that of the data of ``earth(folder:)``.
  package static func builtIn(dataFolder folder: String) -> [ExperimentTable] {
    [.curvesA, .curvesB, .earth(folder: folder)]
  }

  /// - Throws: ``PortolanFailure`` with ``ExitStatus/usage`` for an unknown name.
  package static func named(_ name: String, dataFolder folder: String) throws -> ExperimentTable {
    let builtIn = builtIn(dataFolder: folder)
    guard let table = builtIn.first(where: { $0.name == name }) else {
      throw PortolanFailure(
        .usage, "there is no table of the name \(name)",
        hint: "there are "
          + (builtIn.map(\.name) + PairTable.builtIn.map(\.name)).joined(separator: ", "))
    }
    return table
  }
}
