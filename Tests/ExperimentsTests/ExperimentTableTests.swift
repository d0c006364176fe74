import Experiments
import Foundation
import Testing

@Suite("Tables of experiments")
struct ExperimentTableTests {
  private func table(_ name: String) throws -> ExperimentTable {
    try ExperimentTable.named(name, dataFolder: "data")
  }

  @Test("Every cell of every table is a configuration, and no two are one")
  func cells() throws {
    for table in ExperimentTable.builtIn(dataFolder: "data") {
      var seen: Set<[String]> = []
      for cell in try table.restricted(sets: [], models: [], seedCount: 2).cells {
        let settings = try table.settings(of: cell)
        _ = try Configuration(overrides: settings)
        #expect(seen.insert(settings).inserted, "\(cell.path)")
      }
      #expect(Set(table.cells.map(\.path)).count == table.cells.count)
    }
    #expect(try table("curves-a").cells.count == 5 * (10 * 7 + 2))
    #expect(try table("earth").cells.count == 5 * 12 * 4)
  }

  @Test("A model is left out of sets that have no density for it")
  func leftOut() throws {
    let blobs = try table("curves-b").cells.filter { $0.set == "spherical-blobs" }
    #expect(Set(blobs.map(\.model)) == ["CEF", "VQ-CEF"])
  }

  @Test("A matching width gives at least the parameters, and one less does not")
  func matchingWidth() throws {
    for (hidden, pattern) in [("[64, 64]", "[64, 64]"), ("[7]", "[90]"), ("[64]", "[1]")] {
      let base = ["model.charts=1", "model.neighbours=1", "model.flow.hidden=\(hidden)"]
      let configuration = try Configuration(overrides: base)
      let larger = try Configuration(
        overrides: hidden == "[64]"
          ? base + ["model.flow.hidden=[1]"] : ["model.flow.hidden=\(pattern)"])
      let widths = MatchingWidth.hidden(of: configuration, parametersOf: larger)
      #expect(widths.count == configuration.model.flow.hidden.count && Set(widths).count == 1)
      func count(_ width: Int) -> Int {
        var wide = configuration
        wide.model.flow.hidden = widths.map { _ in width }
        return MatchingWidth.parameterCount(wide)
      }
      let target = MatchingWidth.parameterCount(larger)
      #expect(count(widths[0]) >= target)
      // Width 1 is the smallest there is.
      if widths[0] > 1 { #expect(count(widths[0] - 1) < target) }
      if hidden == "[64]" { #expect(widths == [1]) }
    }
  }

  @Test("Parents have the size of their atlas, whatever columns are shown and settings changed")
  func sizes() throws {
    let whole = try table("curves-a")
    let cell = TableCell(set: "helix", model: "RealNVP", seed: 1)
    let alone = try whole.restricted(sets: [], models: ["RealNVP"], seedCount: nil)
    #expect(try alone.settings(of: cell) == whole.settings(of: cell))
    for overrides in [[], ["model.flow.couplings=2"], ["model.flow.hidden=[9]"]] {
      func count(_ model: String) throws -> Int {
        let cell = TableCell(set: "helix", model: model, seed: 1)
        return MatchingWidth.parameterCount(
          try Configuration(overrides: alone.settings(of: cell, overrides: overrides)))
      }
      let atlas = try MatchingWidth.parameterCount(
        Configuration(
          overrides: whole.settings(
            of: TableCell(set: "helix", model: "VQ-RealNVP", seed: 1), overrides: overrides)))
      #expect(try count("RealNVP") >= atlas)
      #expect(Double(try count("RealNVP")) < 1.1 * Double(atlas), "\(overrides)")
    }
  }

  @Test("Longest first, each to the group that is free first; each cell once, in the table's order")
  func schedule() {
    let seconds = [1.0, 5, 2, 5, 3, 1]
    let lists = TableSchedule.assign(seconds: seconds, groups: 2)
    #expect(lists.flatMap { $0 }.sorted() == Array(0..<6))
    #expect(lists.allSatisfy { $0 == $0.sorted() })
    let loads = lists.map { list -> Double in list.reduce(0.0) { $0 + seconds[$1] } }
    // 5 3 1 | 5 2 1
    #expect(loads.sorted() == [8, 9])
    #expect(TableSchedule.assign(seconds: [1, 1, 1], groups: 3) == [[0], [1], [2]])
    #expect(TableSchedule.assign(seconds: [], groups: 2) == [[], []])
    // Graham's bound for longest first: 4/3 of the best.
    let many = (0..<50).map { Double($0 * 7919 % 17) + 1 }
    let longest =
      TableSchedule.assign(seconds: many, groups: 4)
      .map { $0.reduce(0) { $0 + many[$1] } }.max() ?? 0
    let even = many.reduce(0, +) / 4
    #expect(longest >= even)
    #expect(longest <= even * 4 / 3)
  }

  @Test("A cell is expected to take as long as its model has taken, else as any has")
  func expectedSeconds() {
    let finished = [
      TableCell(set: "a", model: "M", seed: 1): CellResult(settings: [], seconds: 2),
      TableCell(set: "b", model: "M", seed: 1): CellResult(settings: [], seconds: 4),
      TableCell(set: "a", model: "N", seed: 1): CellResult(settings: [], seconds: 9),
    ]
    func seconds(_ model: String) -> Double {
      TableSchedule.expectedSeconds(
        of: TableCell(set: "c", model: model, seed: 2), finished: finished)
    }
    #expect(seconds("M") == 3 && seconds("N") == 9 && seconds("O") == 5)
    #expect(
      TableSchedule.expectedSeconds(
        of: TableCell(set: "c", model: "M", seed: 1), finished: [:]) == 1)
  }
}
