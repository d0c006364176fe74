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

  /// - Parameter changes: other settings in place of some; empty for none.
  static func cell(
    _ folder: String, _ set: String, _ model: String, _ samples: Int, _ seed: Int,
    replacing changes: [String: String] = [:], error: (Int) -> Double
  ) throws {
    let path = "\(folder)/\(set)/\(model)/samples-\(samples)/seed-\(seed)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let grids = [64, 128, 256, 512, 1024]
    let scores = grids.map { #"{"points": \#($0), "relativeError": \#(error($0))}"# }
    let all: [String] =
      [
        "trainingPoints=64", "testPoints=\(grids)", "testPairs=100", "steps=1000", "batch=20",
        "learningRate=0.002", "shards=4", "set=\(set)", "model=\(model)", "samples=\(samples)",
        "pairs=1000", "seed=\(seed)", "data.seed=1",
      ] + lines(of: model, set)
    let settings = all.map { changes[$0] ?? $0 }.filter { !$0.isEmpty }
    let text = """
      {"settings": ["\(settings.joined(separator: "\", \""))"], "seconds": 2.5, "parameterCount": 9,
       "complexParameterCount": 5, "scores": [\(scores.joined(separator: ", "))]}
      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/cell.json"))
  }

  /// What this version writes of a model: its sizes, and how it is applied on other grids.
  private static func lines(of model: String, _ set: String) -> [String] {
    let problem =
      set == "ks-22"
      ? "symbol=kuramotoSivashinsky, length=22.0, time=5.0"
      : "symbol=kortewegDeVries, length=10.0, time=1.0"
    return switch model {
    case "fno":
      [
        "operator: inputs=1, outputs=1, width=32, modes=24, layers=4, projection=64, "
          + "activation=relu, hasCoordinate=true, startsAtZero=false"
      ]
    case "mwt":
      [
        "operator: inputs=1, outputs=1, order=4, multiplier=8, modes=10, cells=2, projection=64, "
          + "coarsestLevel=0, pade=nil, startsAtZero=false", "otherGrids=Fourier series",
      ]
    case "exponential":
      [
        "operator: \(problem), steps=4, sharesSteps=true, width=24, modes=24, layers=2, "
          + "correction=fourier, activation=gelu, projection=64",
        "otherGrids=correction by Fourier series",
      ]
    default: []
    }
  }
}

@Suite("portolan report of a table of partial differential equations")
struct PairReportTests {
  @Test("Charts by resolution and by the number of pairs, a table of each set, Markdown beside it")
  func whole() throws {
    let folder = try PairCells.folder()
    // A control without a seed has one cell; another one is not of the table.
    try PairCells.cell(folder, "ks-22", "persistence", 1000, 2) { _ in 0.1 }
    let path = try EvaluateModel.portolan(["report", folder])
    #expect(path == "\(folder)/report/index.html\n")
    let page = try String(contentsOfFile: "\(folder)/report/index.html", encoding: .utf8)
    #expect(page.components(separatedBy: "<svg").count - 1 == 4)
    for text in [
      "Error against the resolution", "Error against the number of training pairs", "ks-22",
      "exact symbol + correction", "★", "1000 steps", ", 26 cells",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    let table = try String(contentsOfFile: "\(folder)/report/table.md", encoding: .utf8)
    #expect(table.contains("| s = 64 | s = 128 |") && table.contains("| 100 pairs | 1000 pairs |"))
    #expect(table.contains("| persistence | – | 0.700 | 0.700 |"), "\(table)")
    #expect(table.contains("| persistence | – | 0.900 | 0.900 |"), "\(table)")
    #expect(table.contains("26 of 26 cells are finished"))
    #expect(table.contains("Trained on 1000 pairs at s = 64"))
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

  @Test(
    "A cell of other settings, of other data, of another version or of another path is refused",
    arguments: [
      ("batch=20", "batch=12"), ("pairs=1000", "pairs=500"), ("data.seed=1", "data.seed=2"),
      ("otherGrids=Fourier series", ""), ("otherGrids=Fourier series", "otherGrids=its levels"),
      ("set=ks-22", "set=ks-64"), ("model=mwt", "model=pade"), ("samples=1000", "samples=100"),
      ("seed=1", "seed=2"),
    ])
  func mismatch(expected: String, got: String) throws {
    let folder = try PairCells.folder(samples: [1000], seeds: 1)
    try PairCells.cell(folder, "ks-22", "mwt", 1000, 1, replacing: [expected: got]) { _ in 0.1 }
    let outcome = try MPIRun.runAlone("portolan", ["report", folder])
    #expect(outcome.exitCode == 65)
    for text in [
      "\(folder)/ks-22/mwt/samples-1000/seed-1/cell.json is no cell", "ks-22/exponential/",
      "  expected \(expected)\n", "  got \(got.isEmpty ? "no such line" : got)\n",
      "hint: train that cell again, or remove it",
    ] {
      #expect(outcome.errors.contains(text), "\(text): \(outcome.errors)")
    }
  }

  @Test("A cell without a number of pairs and one in the place of another set are refused")
  func lonely() throws {
    let folder = EvaluateModel.newFile("")
    try PairCells.cell(
      folder, "ks-22", "fno", 1000, 1, replacing: ["pairs=1000": ""]
    ) { _ in 0.1 }
    let old = try MPIRun.runAlone("portolan", ["report", folder])
    #expect(old.exitCode == 65)
    #expect(old.errors.contains("expected a setting pairs= with a number, got none"))
    // The sizes of another set.
    try PairCells.cell(folder, "kdv-hard", "exponential", 1000, 1) { _ in 0.1 }
    let path = "/exponential/samples-1000/seed-1"
    try FileManager.default.removeItem(atPath: folder + "/ks-22")
    try FileManager.default.createDirectory(
      atPath: folder + "/ks-22/exponential/samples-1000", withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: folder + "/kdv-hard" + path, toPath: folder + "/ks-22" + path)
    let moved = try MPIRun.runAlone("portolan", ["report", folder])
    #expect(moved.exitCode == 65)
    for text in [
      "expected set=ks-22", "got set=kdv-hard", "expected operator: symbol=kuramotoSivashinsky",
      "got operator: symbol=kortewegDeVries",
    ] {
      #expect(moved.errors.contains(text), "\(text): \(moved.errors)")
    }
  }

  @Test("A table that cannot be written is told by its path")
  func unwritable() throws {
    let folder = try PairCells.folder(samples: [1000], seeds: 1)
    // No file takes the place of a folder.
    try FileManager.default.createDirectory(
      atPath: folder + "/report/table.md/full", withIntermediateDirectories: true)
    let outcome = try MPIRun.runAlone("portolan", ["report", folder])
    #expect(outcome.exitCode == 74)
    #expect(outcome.errors.contains("cannot write \(folder)/report/table.md"))
    #expect(outcome.errors.contains("hint: check that the table's folder"))
  }

  @Test("A folder of anything else is told apart")
  func otherFolders() throws {
    let empty = EvaluateModel.newFile("")
    try FileManager.default.createDirectory(
      atPath: empty + "/ring/plain/seed-1", withIntermediateDirectories: true)
    let nothing = try MPIRun.runAlone("portolan", ["report", empty])
    #expect(nothing.exitCode == 66)
    #expect(nothing.errors.contains("\(empty) holds no run") && nothing.errors.contains("hint: "))
  }
}
