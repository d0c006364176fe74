import Distributed
import Training

/// What all tables of trainings do alike, whatever their cells are.
enum TableFolder {
  /// Refuses a finished cell that was trained with other settings than the table has now.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/badData``, with the settings that differ.
  static func requireSettings(
    _ here: [String], recorded there: [String], in folder: String, of table: String, cell: String
  ) throws {
    let (here, there) = (Set(here), Set(there))
    guard here != there else { return }
    let differing =
      there.subtracting(here).sorted().map { "\n  \($0) there" }
      + here.subtracting(there).sorted().map { "\n  \($0) here" }
    throw PortolanFailure(
      .badData,
      "\(folder) was trained with other settings than \(table):" + differing.joined(),
      hint: "give another --output, or remove that folder to train the \(cell) again")
  }

  /// Writes a table to the folder and to a document, and prints it. Not collective.
  static func publish(_ markdown: String, in folder: String, document: String?) throws {
    try writeText(markdown, to: "\(folder)/table.md")
    if let document { try writeText(markdown, to: document) }
    print(markdown)
  }

  /// Writes the table on root and says how the command ends. Collective.
  ///
  /// - Parameters:
  ///   - write: writes the table; how many cells are not finished.
  ///   - tellStopped: told on root, with that number, where a stop was asked and cells are left.
  static func finish(
    on group: JobGroup, write: () throws -> Int, tellStopped: (_ missing: Int) -> Void
  ) throws -> ExitStatus {
    let isAsked = try group.agreeOnStop(StopSignals.isRequested)
    let missing = try group.onRoot { try write() }
    var bytes: [UInt8] = [isAsked && (missing ?? 0) > 0 ? 1 : 0]
    try group.broadcast(&bytes)
    guard bytes == [1] else { return .success }
    if let missing { tellStopped(missing) }
    return .stopped
  }
}
