import Foundation
import TestSupport
import Testing

/// The folder of a table of partial differential equations, as `portolan experiment` leaves it.
enum PairCells {
  /// Errors that fall with the number of pairs and grow with the resolution, of so many seeds.
  static func folder(samples: [Int] = [100, 1000], seeds: Int = 3) throws -> String {
    let folder = EvaluateModel.newFile("")
    for (place, set) in ["kdv-hard", "ks-22"].enumerated() {
      try cell(folder, set, "persistence", samples.last ?? 1, 1) { _ in 0.7 + 0.2 * Double(place) }
      for (model, size) in [("fno", 0.03), ("exponential", 0.004)] {
        for count in samples {
          for seed in 1...seeds {
            try cell(folder, set, model, count, seed) { points in
              size * (1 + 0.1 * Double(seed)) * (Double(points) / 64).squareRoot()
                * 100 / Double(count) + 0.001
            }
          }
        }
      }
    }
    return folder
  }

  static func cell(
    _ folder: String, _ set: String, _ model: String, _ samples: Int, _ seed: Int,
    batch: Int = 20, error: (Int) -> Double
  ) throws {
    let path = "\(folder)/\(set)/\(model)/samples-\(samples)/seed-\(seed)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let grids = [64, 128, 256, 512, 1024]
    let scores = grids.map { #"{"points": \#($0), "relativeError": \#(error($0))}"# }
    let settings = [
      "trainingPoints=64", "testPoints=\(grids)", "testPairs=100", "steps=1000", "batch=\(batch)",
      "learningRate=0.002", "shards=4", "set=\(set)", "model=\(model)", "samples=\(samples)",
      "pairs=1000", "seed=\(seed)", "data.seed=1",
    ]
    let text = """
      {"settings": ["\(settings.joined(separator: "\", \""))"], "seconds": 2.5, "parameterCount": 9,
       "complexParameterCount": 5, "scores": [\(scores.joined(separator: ", "))]}
      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/cell.json"))
  }
}

@Suite("portolan report of a table of partial differential equations")
struct PairReportTests {
  @Test("Charts by resolution and by the number of pairs, a table of each set, Markdown beside it")
  func whole() throws {
    let folder = try PairCells.folder()
    let path = try EvaluateModel.portolan(["report", folder])
    #expect(path == "\(folder)/report/index.html\n")
    let page = try String(contentsOfFile: "\(folder)/report/index.html", encoding: .utf8)
    #expect(page.components(separatedBy: "<svg").count - 1 == 4)
    for text in [
      "Error against the resolution", "Error against the number of training pairs", "ks-22",
      "exact symbol + correction", "★", "1000 steps",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    let table = try String(contentsOfFile: "\(folder)/report/table.md", encoding: .utf8)
    #expect(table.contains("| s = 64 | s = 128 |") && table.contains("| 100 pairs | 1000 pairs |"))
    #expect(table.contains("| persistence | – | 0.700 | 0.700 |"), "\(table)")
  }

  @Test("With one number of pairs there is no chart of them; two processes draw the same page")
  func resolutionsAlone() throws {
    let folder = try PairCells.folder(samples: [1000], seeds: 1)
    _ = try EvaluateModel.portolan(["report", folder])
    let page = try String(contentsOfFile: "\(folder)/report/index.html", encoding: .utf8)
    #expect(page.components(separatedBy: "<svg").count - 1 == 2)
    #expect(!page.contains("number of training pairs"))
    _ = try EvaluateModel.portolan(["report", folder], ranks: 2)
    #expect(
      try String(contentsOfFile: "\(folder)/report/index.html", encoding: .utf8) == page)
  }

  @Test("Cells of different settings are no table; a folder of anything else is told apart")
  func refusals() throws {
    let folder = try PairCells.folder(samples: [1000], seeds: 1)
    try PairCells.cell(folder, "ks-22", "mwt", 1000, 1, batch: 12) { _ in 0.1 }
    let mixed = try MPIRun.runAlone("portolan", ["report", folder])
    #expect(mixed.exitCode == 65)
    #expect(mixed.errors.contains("batch=12") && mixed.errors.contains("batch=20"))
    let empty = EvaluateModel.newFile("")
    try FileManager.default.createDirectory(
      atPath: empty + "/ring/plain/seed-1", withIntermediateDirectories: true)
    let nothing = try MPIRun.runAlone("portolan", ["report", empty])
    #expect(nothing.exitCode == 66)
    #expect(nothing.errors.contains("\(empty) holds no run") && nothing.errors.contains("hint: "))
  }
}
