import Datasets
import Foundation

/// The folder of `portolan experiment pde…` as it lies there: the table of whatever cells are finished.
///
/// The cells say all that their charts need, so a folder is read without the data and whatever part of
/// a table it holds.
package struct PairFolder: Sendable {
  package let path: String
  /// Sets, models, numbers of pairs, seeds and settings of the cells.
  package let table: PairTable
  package let results: [PairCell: PairResult]

  /// Reads every `SET/MODEL/samples-N/seed-N/cell.json`. Not collective.
  ///
  /// Cells that the table of what is there has not are left out, such as a second seed of a control that
  /// has none.
  ///
  /// - Returns: nil where there is none.
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/badData`` for a cell whose settings are not those of
  ///   its path, of this version and of the other cells.
  package init?(_ path: String) throws {
    let found = Self.results(in: path)
    guard !found.isEmpty else { return nil }
    let settings = try Self.settings(of: found, in: path)
    let cells = found.keys
    func all<Choice: Hashable>(_ part: (PairCell) -> Choice) -> Set<Choice> { Set(cells.map(part)) }
    let samples = all(\.samples).sorted()
    var table = PairTable(
      name: URL(fileURLWithPath: path).lastPathComponent,
      columns: samples.count > 1 ? .samples : .resolutions,
      sets: PDESet.allCases.filter(all(\.set).contains),
      models: PairModel.allCases.filter(all(\.model).contains), samples: samples,
      seeds: all(\.seed).sorted())
    table.settings = settings
    let held = Set(table.cells)
    self.path = path
    self.table = table
    results = found.filter { held.contains($0.key) }
  }

  /// All cells that are finished.
  private static func results(in path: String) -> [PairCell: PairResult] {
    var results: [PairCell: PairResult] = [:]
    for set in PDESet.allCases {
      for model in PairModel.allCases {
        let folder = "\(path)/\(set.rawValue)/\(model.rawValue)"
        for samples in numbers("samples-", in: folder) {
          for seed in numbers("seed-", in: "\(folder)/samples-\(samples)") {
            let cell = PairCell(set: set, model: model, samples: samples, seed: seed)
            if let result = PairResult.read(in: "\(path)/\(cell.path)") { results[cell] = result }
          }
        }
      }
    }
    return results
  }

  // MARK: - Settings

  /// The settings that all cells share. Those of the first are the table's, and the data of a set are
  /// those of its first cell.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/badData`` for a cell that has others.
  private static func settings(
    of results: [PairCell: PairResult], in path: String
  ) throws -> PairSettings {
    let cells = results.sorted { $0.key.path < $1.key.path }
    let first = cells[0]
    let settings: PairSettings
    do { settings = try PairSettings(lines: common(first.value)) } catch {
      throw PortolanFailure(
        .badData, "\(file(of: first.key, in: path)): \(error)",
        hint: "it was written by another version; train the table again")
    }
    let pairs: Int = try number("pairs", of: first.value, file(of: first.key, in: path))
    var data: [PDESet: (seed: UInt64, cell: PairCell)] = [:]
    for (cell, result) in cells {
      let file = file(of: cell, in: path)
      let held = try data[cell.set] ?? (seed: number("data.seed", of: result, file), cell: cell)
      let expected = cell.lines(settings, pairs: pairs, dataSeed: held.seed)
      // The cells before this one have passed.
      let other = held.cell == cell ? first.key : held.cell
      let beside = other == cell ? "" : " with \(other.path)"
      try require(
        expected, recorded: result.settings,
        "\(file) is no cell of a table of this version\(beside)")
      data[cell.set] = held
    }
    return settings
  }

  /// - Throws: ``PortolanFailure`` with what is wrong and the lines that differ.
  private static func require(_ here: [String], recorded there: [String], _ wrong: String) throws {
    func lines(_ word: String, _ lines: [String]) -> String {
      (lines.isEmpty ? ["no such line"] : lines).map { "\n  \(word) \($0)" }.joined()
    }
    let (missing, surplus) = (
      here.filter { !there.contains($0) }, there.filter { !here.contains($0) }
    )
    guard missing.isEmpty, surplus.isEmpty else {
      throw PortolanFailure(
        .badData, "\(wrong):" + lines("expected", missing) + lines("got", surplus),
        hint: "train that cell again, or remove it")
    }
  }

  /// The lines of a cell that ``PairSettings`` reads.
  private static func common(_ result: PairResult) -> [String] {
    result.settings.filter { line in PairSettings.keys.contains { line.hasPrefix($0 + "=") } }
  }

  /// The number of the line `key=`.
  ///
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/badData`` where there is none.
  private static func number<Number: FixedWidthInteger>(
    _ key: String, of result: PairResult, _ file: String
  ) throws -> Number {
    let line = result.settings.first { $0.hasPrefix(key + "=") }
    guard let number = line.flatMap({ Number($0.dropFirst(key.count + 1), radix: 10) }) else {
      throw PortolanFailure(
        .badData, "\(file): expected a setting \(key)= with a number, got \(line ?? "none")",
        hint: "train that cell again, or remove it")
    }
    return number
  }

  private static func file(of cell: PairCell, in path: String) -> String {
    "\(path)/\(cell.path)/\(PairResult.fileName)"
  }

  /// The numbers N of the folders `prefix`N.
  private static func numbers(_ prefix: String, in folder: String) -> [Int] {
    // A folder that is not there holds none.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.compactMap { Int($0.dropFirst(prefix.count)) }
      .filter { $0 > 0 }
  }
}
