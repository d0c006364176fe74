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
  /// - Returns: nil where there is none.
  /// - Throws: ``PortolanFailure`` with ``ExitStatus/badData`` where cells have different settings.
  package init?(_ path: String) throws {
    var results: [PairCell: PairResult] = [:]
    for set in PDESet.allCases {
      for model in PairModel.allCases {
        let folder = "\(path)/\(set.rawValue)/\(model.rawValue)"
        for samples in Self.numbers("samples-", in: folder) {
          for seed in Self.numbers("seed-", in: "\(folder)/samples-\(samples)") {
            let cell = PairCell(set: set, model: model, samples: samples, seed: seed)
            if let result = PairResult.read(in: "\(path)/\(cell.path)") { results[cell] = result }
          }
        }
      }
    }
    guard let first = results.min(by: { $0.key.path < $1.key.path }) else { return nil }
    for (cell, result) in results {
      let (here, there) = (Self.common(first.value), Self.common(result))
      guard here == there else {
        throw PortolanFailure(
          .badData,
          "\(path): \(first.key.path) has the settings \(here.joined(separator: ", ")), but "
            + "\(cell.path) \(there.joined(separator: ", "))",
          hint: "one table has the same settings in all cells; remove those of another")
      }
    }
    let cells = results.keys
    func all<Choice: Hashable>(_ part: (PairCell) -> Choice) -> Set<Choice> { Set(cells.map(part)) }
    let samples = all(\.samples).sorted()
    var table = PairTable(
      name: URL(fileURLWithPath: path).lastPathComponent,
      columns: samples.count > 1 ? .samples : .resolutions,
      sets: PDESet.allCases.filter(all(\.set).contains),
      models: PairModel.allCases.filter(all(\.model).contains), samples: samples,
      seeds: all(\.seed).sorted())
    do { table.settings = try PairSettings(lines: Self.common(first.value)) } catch {
      throw PortolanFailure(
        .badData, "\(path)/\(first.key.path)/\(PairResult.fileName): \(error)",
        hint: "it was written by another version; train the table again")
    }
    (self.path, self.table, self.results) = (path, table, results)
  }

  /// The settings that all cells of a table share, in a fixed order.
  private static func common(_ result: PairResult) -> [String] {
    result.settings.filter { line in PairSettings.keys.contains { line.hasPrefix($0 + "=") } }
      .sorted()
  }

  /// The numbers N of the folders `prefix`N.
  private static func numbers(_ prefix: String, in folder: String) -> [Int] {
    // A folder that is not there holds none.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.compactMap { Int($0.dropFirst(prefix.count)) }
      .filter { $0 > 0 }
  }
}
